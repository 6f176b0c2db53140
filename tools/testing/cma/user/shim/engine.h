/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the books and the policy of the allocator use of the kernel beyond what the
 * pure files do, for one thread: a lock is only a flag, a wait and a pause end at
 * once, and the clock goes by them.
 */
#ifndef CMA_USER_SHIM_ENGINE_H
#define CMA_USER_SHIM_ENGINE_H

#include "bits.h"

#define CONFIG_CMA		1
#define CONFIG_CMA_AREAS	1
#define IS_ENABLED(option)	0

#define PAGE_SHIFT		12
#define PAGE_SIZE		BIT(PAGE_SHIFT)
#define PFN_PHYS(pfn)		((phys_addr_t)(pfn) << PAGE_SHIFT)
#define pageblock_nr_pages	512UL
#define NUMA_NO_NODE		(-1)

#define READ_ONCE(x)		(x)
#define WRITE_ONCE(x, value)	((x) = (value))
/* With one thread there is none. */
#define data_race(expr)		(expr)
/* With one thread there is no order to keep. */
#define smp_load_acquire(p)	(*(p))
#define smp_mb()		do { } while (0) /* likewise */
#define smp_rmb()		do { } while (0) /* likewise */
/* Likewise. */
#define smp_store_release(p, v)	(*(p) = (v))
#define clamp(x, low, high)	min(max(x, low), high)
#define swap(a, b) \
	do { __auto_type a_ = (a); (a) = (b); (b) = a_; } while (0)
#define BITS_PER_TYPE(type)	(sizeof(type) * 8)
#define WARN_ONCE(cond, ...)	WARN_ON(cond)

#define VISIBLE_IF_KUNIT	static
#define KUNIT_STATIC_STUB_REDIRECT(...)	((void)0)
#define BUILD_BUG_ON(cond)	((void)sizeof(char[1 - 2 * !!(cond)]))

#define __set_bit(nr, map)	shim_paint(map, nr, 1, true)
#define __clear_bit(nr, map)	shim_paint(map, nr, 1, false)

/* ---- Memory ---- */

#define gfp_t			unsigned int

#define __GFP_HIGHMEM		BIT(0)
#define __GFP_IO		BIT(1)
#define __GFP_FS		BIT(2)
#define __GFP_DIRECT_RECLAIM	BIT(3)
#define __GFP_NORETRY		BIT(4)
#define __GFP_RETRY_MAYFAIL	BIT(5)
#define __GFP_NOWARN		BIT(6)
#define __GFP_COMP		BIT(7)
#define GFP_KERNEL		(__GFP_IO | __GFP_FS | __GFP_DIRECT_RECLAIM)
#define GFP_NOWAIT		0U

static inline bool gfpflags_allow_blocking(gfp_t gfp)
{
	return gfp & __GFP_DIRECT_RECLAIM;
}

#define current_gfp_context(gfp)	(gfp)
#define gfp_allowed_mask		(~0U)
#define alloc_hooks(call)		(call)
#define kvfree				free
#define struct_size(ptr, member, n) \
	(sizeof(*(ptr)) + (n) * sizeof(*(ptr)->member))

static inline void *kvzalloc(size_t size, gfp_t gfp)
{
	return calloc(1, size);
}

/* ---- Time, tasks, locks ---- */

extern unsigned long jiffies;

#define HZ			1000
#define msecs_to_jiffies(ms)	((unsigned long)(ms))
#define time_before(a, b)	((long)((a) - (b)) < 0)
#define time_after_eq(a, b)	((long)((a) - (b)) >= 0)
#define MAX_SCHEDULE_TIMEOUT	LONG_MAX

struct task_struct {
	unsigned int flags;
};

extern struct task_struct *current;

#define PF_MEMALLOC		1

static inline bool fatal_signal_pending(const struct task_struct *task)
{
	return false;
}

static inline long schedule_timeout_killable(long timeout)
{
	jiffies += timeout;
	return 0;
}

struct shim_spinlock {
	bool held;
};

#define spinlock_t		struct shim_spinlock

void shim_lock(spinlock_t *lock);
void shim_unlock(spinlock_t *lock);

#define spin_lock_init(lock)			((lock)->held = false)
#define spin_lock_irqsave(lock, flags)		((flags) = 0, shim_lock(lock))
#define spin_unlock_irqrestore(lock, flags)	((void)(flags), shim_unlock(lock))
#define lockdep_assert_held(lock)	((void)WARN_ON(!(lock)->held))

struct wait_queue_entry {
	int (*func)(struct wait_queue_entry *entry, unsigned int mode,
		    int flags, void *key);
};

/* There is one thread to wait. */
struct shim_wait_queue_head {
	struct wait_queue_entry *entry;
};

#define wait_queue_head_t	struct shim_wait_queue_head
#define TASK_KILLABLE		0
#define TASK_NORMAL		0

#define init_waitqueue_head(queue)	((queue)->entry = NULL)
#define wq_has_sleeper(queue)		((queue)->entry)
#define init_wait(wait)			((wait)->func = NULL)
#define prepare_to_wait(queue, wait, state)	((queue)->entry = (wait))
#define finish_wait(queue, wait)	((queue)->entry = NULL)
#define __wake_up(queue, mode, nr, key) \
	((queue)->entry ? (queue)->entry->func((queue)->entry, mode, 0, key) : 0)

extern bool shim_woken;

static inline int autoremove_wake_function(struct wait_queue_entry *entry,
					   unsigned int mode, int flags,
					   void *key)
{
	shim_woken = true;
	return 1;
}

/* What others do meanwhile, who alone could wake it; NULL for nothing. */
extern void (*shim_meanwhile)(void);

static inline long schedule_timeout(long timeout)
{
	shim_woken = false;
	if (shim_meanwhile)
		shim_meanwhile();
	if (shim_woken)
		return timeout;
	jiffies += timeout;
	return 0;
}

struct shim_atomic64 {
	s64 counter;
};

#define atomic64_t		struct shim_atomic64

#define atomic64_inc(v)			((void)(v)->counter++)

struct delayed_work {
	int unused;
};

struct work_struct {
	int unused;
};

struct kobject;
extern int system_unbound_wq;

#define cancel_delayed_work_sync(work)		((work)->unused = 0)
#define delayed_work_pending(work)		(false)
#define queue_delayed_work			mod_delayed_work
#define mod_delayed_work(queue, work, delay) \
	((work)->unused = (queue) + (delay))

struct ratelimit_state {
	int unused;
};

#define DEFAULT_RATELIMIT_INTERVAL		0
#define DEFAULT_RATELIMIT_BURST			0
#define ratelimit_state_init(limit, interval, burst) \
	((limit)->unused = (interval) + (burst))

/* ---- Lists ---- */

struct list_head {
	struct list_head *prev, *next;
};

static inline void INIT_LIST_HEAD(struct list_head *head)
{
	head->prev = head;
	head->next = head;
}

static inline bool list_empty(const struct list_head *head)
{
	return head->next == head;
}

static inline void list_add_tail(struct list_head *node, struct list_head *head)
{
	node->prev = head->prev;
	node->next = head;
	head->prev->next = node;
	head->prev = node;
}

static inline void list_add(struct list_head *node, struct list_head *head)
{
	list_add_tail(node, head->next);
}

static inline void list_del(struct list_head *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
}

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))
#define list_for_each_entry(pos, head, member)				\
	for (pos = container_of((head)->next, __typeof__(*pos), member); \
	     &pos->member != (head);					\
	     pos = container_of(pos->member.next, __typeof__(*pos), member))

#endif
