// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: whose the allocated runs are, for those who look for a leak or for
 * what fills an area.
 *
 * Whatever the records say, the books don't depend on them.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <linux/bitmap.h>
#include <linux/cma.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/kstrtox.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "fault.h"
#include "owner.h"

DEFINE_STATIC_KEY_FALSE(cma_owners_key);

/* Records are switched on and off one after the other. */
static DEFINE_MUTEX(cma_owners_mutex);
static bool cma_owners_at_boot __initdata;

/* So many units are looked at with the lock held. */
#define CMA_OWNER_LOOK	BIT(15)

void __cma_note_owner(struct cma *cma, const struct cma_request *request,
		      unsigned long pfn)
{
	struct cma_owner *owner;

	rcu_read_lock();
	owner = rcu_dereference(cma->owners);
	if (owner) {
		owner += cma_pfn_to_unit(cma, pfn);
		owner->caller = request->caller;
		owner->pid = task_tgid_nr(current);
		if (request->owner)
			strscpy(owner->name, request->owner);
		else
			memcpy(owner->name, current->comm, TASK_COMM_LEN);
		/* Pairs with cma_look_at_owner(): who sees the last one sees the others. */
		smp_wmb();
		WRITE_ONCE(owner->since, get_jiffies_64());
	}
	rcu_read_unlock();
}

void __cma_end_owner_locked(struct cma *cma, unsigned long start)
{
	struct cma_owner *owners;

	lockdep_assert_held(&cma->lock);
	guard(rcu)();
	owners = rcu_dereference(cma->owners);
	if (owners)
		owners[start].since = 0;
}

/* What lies behind a part is a run of its own, and takes along what is known. */
void __cma_end_owners_locked(struct cma *cma, struct cma_extent run)
{
	unsigned long end = cma_extent_end(run), unit;
	struct cma_owner *owners;

	lockdep_assert_held(&cma->lock);
	guard(rcu)();
	owners = rcu_dereference(cma->owners);
	if (!owners)
		return;
	if (!test_bit(end - 1, cma->last))
		owners[end] = owners[find_last_bit(cma->first, end)];
	for (unit = find_next_bit(cma->first, end, run.start); unit < end;
	     unit = find_next_bit(cma->first, end, unit + 1))
		owners[unit].since = 0;
}

/*
 * Look for a run that begins before @end, from run->start on. Return whether there is one of
 * which anything is known, with a copy of that, and its units, or else where to go on.
 */
static bool cma_look_at_owner(struct cma *cma, unsigned long end, struct cma_extent *run,
			      struct cma_owner *owner)
{
	unsigned long nr = cma_nr_units(cma), start;
	struct cma_owner *owners;
	bool known;

	guard(spinlock_irqsave)(&cma->lock);
	guard(rcu)();
	owners = rcu_dereference(cma->owners);
	start = owners ? find_next_bit(cma->first, end, run->start) : end;
	*run = cma_extent_at(end, 0);
	if (start >= end)
		return false;
	known = READ_ONCE(owners[start].since);
	/* Pairs with __cma_note_owner(). The run can't end as long as the lock is held. */
	smp_rmb();
	*run = cma_extent_between(start, find_next_bit(cma->last, nr, start) + 1);
	if (known)
		*owner = owners[start];
	else
		run->start = cma_extent_end(*run);
	return known;
}

/**
 * cma_next_owner() - look at the next run whose owner is known
 * @cma: active area
 * @unit: units before this one aren't looked at
 * @run: out: the units
 * @owner: out: a copy of what is known
 *
 * Context: sleeps; takes the area's lock.
 * Return: false if there is none.
 */
bool cma_next_owner(struct cma *cma, unsigned long unit, struct cma_extent *run,
		    struct cma_owner *owner)
{
	unsigned long nr = cma_nr_units(cma);

	for (*run = cma_extent_at(unit, 0); run->start < nr; cond_resched())
		if (cma_look_at_owner(cma, min(run->start + CMA_OWNER_LOOK, nr), run, owner))
			return true;
	return false;
}

/**
 * cma_keeps_owners() - is it recorded whose the runs of an area are?
 * @cma: an area
 *
 * Context: any; a hint.
 * Return: whether it is.
 */
bool cma_keeps_owners(struct cma *cma)
{
	return rcu_access_pointer(cma->owners);
}

/* Nobody is to be killed for it. */
static struct cma_owner *cma_owners_alloc(const struct cma *cma)
{
	if (cma_fault(CMA_FAULT_RECORD))
		return NULL;
	return __vmalloc(array_size(cma_nr_units(cma), sizeof(struct cma_owner)),
			 GFP_KERNEL | __GFP_RETRY_MAYFAIL | __GFP_NOWARN | __GFP_ZERO);
}

/**
 * cma_set_owners() - have it recorded whose the runs of an area are, or not
 * @cma: active area
 * @on: whether that is to be recorded from now on; what has been recorded is dropped else
 *
 * Context: sleeps.
 * Return: 0, or -ENOMEM.
 */
int cma_set_owners(struct cma *cma, bool on)
{
	struct cma_owner *owners;

	guard(mutex)(&cma_owners_mutex);
	if (cma_keeps_owners(cma) == on)
		return 0;
	if (on) {
		owners = cma_owners_alloc(cma);
		if (!owners)
			return -ENOMEM;
		/* What is noted from now on is ended as well. */
		static_branch_inc(&cma_owners_key);
		rcu_assign_pointer(cma->owners, owners);
		return 0;
	}
	owners = rcu_replace_pointer(cma->owners, NULL, lockdep_is_held(&cma_owners_mutex));
	static_branch_dec(&cma_owners_key);
	synchronize_rcu();
	vfree(owners);
	return 0;
}

static const char * const cma_owners_words[] = { "off", "on" };

/**
 * cma_owners_name() - the word for whether owners are recorded
 * @value: 0 or 1
 *
 * Context: any.
 * Return: a constant string, NULL for anything else.
 */
const char *cma_owners_name(unsigned int value)
{
	return value < ARRAY_SIZE(cma_owners_words) ? cma_owners_words[value] : NULL;
}

/**
 * cma_choose_owners() - have owners recorded or not, by a word
 * @cma: active area
 * @word: on or off, or what else means that, perhaps with a newline
 *
 * Context: sleeps.
 * Return: 0, -EINVAL if it is no such word, -ENOMEM.
 */
int cma_choose_owners(struct cma *cma, const char *word)
{
	bool on;

	return kstrtobool(word, &on) ?: cma_set_owners(cma, on);
}

static int __init cma_owners_setup(char *arg)
{
	if (!arg || kstrtobool(arg, &cma_owners_at_boot))
		pr_warn("cma_owners=%s ignored: on or off expected\n", arg ?: "");
	return 0;
}
early_param("cma_owners", cma_owners_setup);

/**
 * cma_owners_boot() - have owners recorded from now on, as the command line says
 * @cma: area that has just become active
 *
 * Context: boot.
 */
void __init cma_owners_boot(struct cma *cma)
{
	if (cma_owners_at_boot && cma_set_owners(cma, true))
		pr_err("%s: owners aren't recorded: out of memory\n", cma->name);
}
