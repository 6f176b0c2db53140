# SPDX-License-Identifier: GPL-2.0
#
# The door to everything that can be done with this project. The work is done by
# the programs in tools/testing/cma/bin.

RIG := tools/testing/cma
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
	@sed 's/^|//' $(RIG)/lib/help.txt

packages:
	@$(RIG)/bin/packages

linux: packages
	@$(RIG)/bin/unpack
	@$(RIG)/bin/sysroot
	@$(RIG)/bin/dtschema

run: linux
	@$(RIG)/bin/kernel build run
	@$(RIG)/bin/run-job

test: linux
	@$(RIG)/bin/test $(PARTS)

matrix: linux
	@$(RIG)/bin/matrix $(MACHINES)

bare:
	@$(RIG)/bin/packages bare
	@$(RIG)/bin/bare $(RELEASE)

bench: linux
	@rc=0; $(RIG)/bench/run || rc=1; $(RIG)/bench/everybody/run || rc=1; exit $$rc

build: linux
	@$(RIG)/bin/kernel build run
	@$(RIG)/bin/kernel build test

check: linux
	@$(RIG)/bin/packages check
	@$(RIG)/bin/check

lay unlay:
	@$(if $(KDIR),,echo "make $@: name your kernel tree, as in: make $@ KDIR=~/linux" >&2; exit 1)
	@$(RIG)/bin/overlay $@ "$(KDIR)"

clean:
	@rm -rf $(BUILD)/obj-* $(BUILD)/guest* $(BUILD)/logs

distclean:
	@rm -rf $(BUILD)
