/* SPDX-License-Identifier: GPL-2.0 */
/* What is static but for tests. It is included by area.h. */
#ifndef __MM_CMA_KUNIT_H__
#define __MM_CMA_KUNIT_H__

#if IS_ENABLED(CONFIG_KUNIT)
struct seq_buf;

/* mm/cma.c */
struct cma_return;

void cma_report_return(struct cma *cma, const struct cma_return *ret);

/* area.c */
void *cma_books_alloc(size_t size);

/* report.c */
void cma_print_available(struct seq_buf *s, struct cma *cma);
void cma_print_failure(struct seq_buf *s, struct cma *cma,
		       const struct cma_request *request,
		       const struct cma_work *work, s64 us);

/* boot_activate.c; __init */
bool cma_is_border(unsigned long pfn);
bool cma_split_ranges(struct cma *cma);
void cma_activate_area(struct cma *cma);

/* demand.c */
void cma_end_demand(struct cma *cma, unsigned int ms);
bool cma_demand_is_due(void);

/* borrow.c */
void cma_recount(void);

/* borrow_param.c; __init */
struct cma_entries;

extern struct cma_entries cma_borrow_entries;
bool cma_borrow_parse(const char *arg, const struct cma *cma, enum cma_borrow *how);
enum cma_borrow cma_borrow_choose(const struct cma_entries *entries, const struct cma *cma);

/* clean.c */
struct zone;

unsigned long cma_lent_to_cache_in(const struct cma *cma, const struct zone *zone);
unsigned long cma_clean_cache(struct zone *zone, unsigned long lent, unsigned long free);
bool cma_zones_spare_little(struct zone *zones);
unsigned long cma_share(unsigned long part, unsigned long nr_pages, unsigned long all);

/* pool.c, pool_param.c, oom.c: what the kernel around calls, for tests */
struct notifier_block;
struct shrink_control;
struct shrinker;

unsigned long cma_shrink_count(struct shrinker *shrinker,
			       struct shrink_control *sc);
unsigned long cma_shrink_scan(struct shrinker *shrinker,
			      struct shrink_control *sc);
bool cma_oom_may_wait(u64 now, u64 last);
int cma_oom_notify(struct notifier_block *nb, unsigned long action, void *data);
int cma_pm_notify(struct notifier_block *nb, unsigned long action, void *data);
bool cma_ready_parse(const char *arg, const struct cma *cma, u64 *least,
		     u64 *most);
const char *cma_ready_choose(char * const *args, unsigned int nr,
			     const struct cma *cma, u64 *least, u64 *most);
#endif /* CONFIG_KUNIT */

#endif /* __MM_CMA_KUNIT_H__ */
