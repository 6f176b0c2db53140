# SPDX-License-Identifier: GPL-2.0
#
# The door to everything that can be done with this project. The work is done by
# the scripts in tools/testing/cma.

CMA_SCRIPTS := tools/testing/cma
BUILD := $(CURDIR)/build

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test matrix bare bench build check lay unlay clean distclean packages linux

# Variables on make's command line reach the scripts through the environment;
# the empty ones of this list would hide their defaults.
VARIABLES := KSRC NO_INSTALL ACCEL MEM CPUS CMA ICOUNT JOBS QUICK ARCH PAGESIZE
VARIABLES += CONFIG RELEASE BARE_PARTS
export $(VARIABLES)
unexport MAKEFLAGS MFLAGS
unexport $(foreach v,$(VARIABLES),$(if $($(v)),,$(v)))

help:
	@sed 's/^|//' $(CMA_SCRIPTS)/help.txt

packages:
	@$(CMA_SCRIPTS)/packages

linux: packages
	@$(CMA_SCRIPTS)/unpack
	@$(CMA_SCRIPTS)/sysroot
	@$(CMA_SCRIPTS)/dtschema

run: linux
	@$(CMA_SCRIPTS)/kernel build run
	@$(CMA_SCRIPTS)/run-job

test: linux
	@$(CMA_SCRIPTS)/test $(PARTS)

matrix: linux
	@$(CMA_SCRIPTS)/matrix $(MACHINES)

bare:
	@$(CMA_SCRIPTS)/packages bare
	@$(CMA_SCRIPTS)/bare $(RELEASE)

bench: linux
	@$(CMA_SCRIPTS)/bench/run

build: linux
	@$(CMA_SCRIPTS)/kernel build run
	@$(CMA_SCRIPTS)/kernel build test

check: linux
	@$(CMA_SCRIPTS)/packages check
	@$(CMA_SCRIPTS)/check

lay unlay:
	@$(if $(KDIR),,echo "make $@: name your kernel tree, as in: make $@ KDIR=~/linux" >&2; exit 1)
	@$(CMA_SCRIPTS)/overlay $@ "$(KDIR)"

clean:
	@rm -rf $(BUILD)/obj-* $(BUILD)/guest* $(BUILD)/logs

distclean:
	@rm -rf $(BUILD)
