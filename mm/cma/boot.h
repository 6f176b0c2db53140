/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the declaration of areas shares with their slots and with its messages.
 */
#ifndef __MM_CMA_BOOT_H__
#define __MM_CMA_BOOT_H__

#include "boot_plan.h"

struct cma;
struct seq_buf;

/* No message about the declaration of an area is longer. */
#define CMA_BOOT_TEXT	640

/* Which ranges of memblock an area has to be inside of */
enum cma_boot_source {
	CMA_BOOT_FREE,		/* about to be reserved */
	CMA_BOOT_RESERVED,		/* the caller did that */
	CMA_BOOT_MEMORY,
};

/* What keeps an area from being declared, besides its plan */
enum cma_boot_obstacle {
	CMA_BOOT_NONE,
	CMA_BOOT_TOO_LATE,		/* memblock has handed over */
	CMA_BOOT_NO_SLOT,
	CMA_BOOT_NOT_ROUND,		/* a reserved range can't be rounded up */
	CMA_BOOT_PLAN,		/* see the verdict */
	CMA_BOOT_ON_NODES,		/* on more than one node, see next_node */
	CMA_BOOT_IN_AREA,		/* reserved for another area already */
	CMA_BOOT_MEMBLOCK,		/* memblock couldn't note the reservation */
};

/**
 * struct cma_boot - an area on its way into a slot
 * @request: size and place
 * @plan: what becomes of it
 * @name: asked for, or NULL
 * @res_cma: where the caller wants the area
 * @is_default: it may take the slot that is kept for the default area
 * @order_per_bit: pages per unit, log 2
 * @nid: node that the memory must be on, or NUMA_NO_NODE
 * @origin: what describes it, or NULL
 * @caller: address in the function that asked
 * @source: what kind of memory is looked at
 * @next_node: where memory of another node begins inside of the area, 0 if none does
 */
struct cma_boot {
	struct cma_plan_request request;
	struct cma_plan plan;
	const char *name;
	struct cma **res_cma;
	bool is_default;
	unsigned int order_per_bit;
	int nid;
	const char *origin;
	unsigned long caller;
	enum cma_boot_source source;
	phys_addr_t next_node;
};

/* boot_slot.c */
bool cma_boot_has_slot(const struct cma_boot *boot);
void cma_boot_fill_slot(const struct cma_boot *boot);

/* boot_zones.c */
phys_addr_t cma_boot_highmem_start(void);
void cma_boot_add_boundaries(struct cma_plan_request *request);
const char *cma_boot_zone_name(phys_addr_t addr);

/* boot_report.c */
void cma_boot_refuse(const struct cma_boot *boot,
		     enum cma_boot_obstacle obstacle);
void cma_boot_announce(const struct cma_boot *boot, const struct cma *cma);

#if IS_ENABLED(CONFIG_KUNIT)
bool cma_boot_slot_is_left(unsigned int nr_areas, bool is_default,
			   bool has_default);
int cma_memblock_reserve(phys_addr_t base, phys_addr_t size);
void cma_memblock_free(phys_addr_t base, phys_addr_t size);
enum cma_boot_obstacle cma_boot_reserve(const struct cma_plan *plan);
void cma_boot_print_refusal(struct seq_buf *s, const struct cma_boot *boot,
			    enum cma_boot_obstacle obstacle);
void cma_boot_print_origin(struct seq_buf *s, const struct cma_boot *boot);
#endif

#endif /* __MM_CMA_BOOT_H__ */
