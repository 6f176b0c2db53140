// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: whose the allocated runs are, for those who look for a leak or for
 * what fills an area.
 *
 * Whatever the records say, the books don't depend on them: a run that there was no memory
 * to record is allocated all the same, and is listed by nobody.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <linux/cma.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/kstrtox.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "fault.h"
#include "owner.h"

DEFINE_STATIC_KEY_FALSE(cma_owners_key);

/* Records are switched on and off one after the other. */
static DEFINE_MUTEX(cma_owners_mutex);
static struct kmem_cache *cma_owner_cache;	/* under that mutex; it is made once */
static bool cma_owners_at_boot __initdata;

static struct cma_owner *cma_owner_alloc(void)
{
	if (cma_fault(CMA_FAULT_RECORD))
		return NULL;
	/* Atomic requests have owners as well; nobody waits for this, or needs it badly. */
	return kmem_cache_alloc(cma_owner_cache,
				GFP_NOWAIT | __GFP_NOWARN | __GFP_NOMEMALLOC);
}

static struct cma_owner *cma_owner_in(struct cma_owners *owners,
				      struct cma_extent run)
{
	struct interval_tree_node *node;

	lockdep_assert_held(&owners->lock);
	node = interval_tree_iter_first(&owners->tree, run.start,
					cma_extent_end(run) - 1);
	return node ? container_of(node, struct cma_owner, units) : NULL;
}

static void cma_owner_insert(struct cma_owners *owners, struct cma_owner *owner,
			     unsigned long start, unsigned long end)
{
	lockdep_assert_held(&owners->lock);
	owner->units.start = start;
	owner->units.last = end - 1;
	interval_tree_insert(&owner->units, &owners->tree);
}

/* Take a run out of a record. What is left on both sides of it stays recorded. */
static void cma_owner_cut(struct cma_owners *owners, struct cma_owner *owner,
			  struct cma_extent run)
{
	unsigned long start = owner->units.start, end = owner->units.last + 1;
	struct cma_owner *behind = owner;

	lockdep_assert_held(&owners->lock);
	interval_tree_remove(&owner->units, &owners->tree);
	if (start < run.start && cma_extent_end(run) < end) {
		behind = cma_owner_alloc();
		if (behind)
			*behind = *owner;
		else
			owners->missed++;
	}
	if (start < run.start)
		cma_owner_insert(owners, owner, start, run.start);
	if (behind && cma_extent_end(run) < end)
		cma_owner_insert(owners, behind, cma_extent_end(run), end);
	else if (start >= run.start)
		kmem_cache_free(cma_owner_cache, owner);
}

/* All that is recorded of a run up to a ticket. */
static void cma_owners_erase(struct cma_owners *owners, struct cma_extent run,
			     u64 ticket)
{
	struct cma_extent left = run, piece;
	struct cma_owner *owner;

	lockdep_assert_held(&owners->lock);
	while (left.count && (owner = cma_owner_in(owners, left))) {
		piece = cma_extent_between(max(owner->units.start, left.start),
					   min(owner->units.last + 1, cma_extent_end(run)));
		left = cma_extent_between(cma_extent_end(piece), cma_extent_end(run));
		if (owner->ticket <= ticket)
			cma_owner_cut(owners, owner, piece);
	}
}

void __cma_note_owner(struct cma *cma, const struct cma_request *request,
		      unsigned long pfn)
{
	struct cma_owners *owners = READ_ONCE(cma->owners);
	struct cma_owner *owner;
	struct cma_extent run;
	unsigned long flags;

	if (!owners || !READ_ONCE(owners->is_on))
		return;
	run = cma_pages_to_run(cma, pfn, request->count);
	owner = cma_owner_alloc();
	if (owner) {
		owner->since = ktime_get_coarse_boottime_ns();
		owner->caller = request->caller;
		owner->pid = task_tgid_nr(current);
		strscpy(owner->name, request->owner ?: current->comm);
	}
	spin_lock_irqsave(&owners->lock, flags);
	/* A former owner's, whose release hasn't got so far. */
	cma_owners_erase(owners, run, U64_MAX);
	owners->last_ticket++;
	if (owner && owners->is_on) {
		owner->ticket = owners->last_ticket;
		cma_owner_insert(owners, owner, run.start, cma_extent_end(run));
		owner = NULL;
	} else if (!owner) {
		owners->missed++;
	}
	spin_unlock_irqrestore(&owners->lock, flags);
	if (owner)
		kmem_cache_free(cma_owner_cache, owner);
}

u64 __cma_owner_ticket(struct cma *cma)
{
	struct cma_owners *owners = READ_ONCE(cma->owners);
	unsigned long flags;
	u64 ticket;

	if (!owners)
		return 0;
	/* 64 bits aren't read at once everywhere. */
	spin_lock_irqsave(&owners->lock, flags);
	ticket = owners->last_ticket;
	spin_unlock_irqrestore(&owners->lock, flags);
	return ticket;
}

void __cma_forget_owner(struct cma *cma, struct cma_extent run, u64 ticket)
{
	struct cma_owners *owners = READ_ONCE(cma->owners);
	unsigned long flags;

	if (!owners)
		return;
	spin_lock_irqsave(&owners->lock, flags);
	cma_owners_erase(owners, run, ticket);
	spin_unlock_irqrestore(&owners->lock, flags);
}

/**
 * cma_next_owner() - look at the next record of an area
 * @cma: an area
 * @unit: units before this one aren't looked at
 * @owner: out: a copy of the record
 *
 * Context: any; takes the lock of the records.
 * Return: false if there is none.
 */
bool cma_next_owner(struct cma *cma, unsigned long unit, struct cma_owner *owner)
{
	struct cma_extent rest = cma_extent_between(unit, cma_nr_units(cma));
	struct cma_owners *owners = READ_ONCE(cma->owners);
	struct cma_owner *found;
	unsigned long flags;

	if (!owners || !rest.count)
		return false;
	spin_lock_irqsave(&owners->lock, flags);
	found = cma_owner_in(owners, rest);
	if (found)
		*owner = *found;
	spin_unlock_irqrestore(&owners->lock, flags);
	return found;
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
	struct cma_owners *owners = READ_ONCE(cma->owners);

	return owners && READ_ONCE(owners->is_on);
}

/**
 * cma_owners_missed() - how many runs was there no memory to record?
 * @cma: an area
 *
 * Context: any; a hint.
 * Return: runs, and parts of one that were left over, since boot.
 */
unsigned long cma_owners_missed(struct cma *cma)
{
	struct cma_owners *owners = READ_ONCE(cma->owners);

	return owners ? READ_ONCE(owners->missed) : 0;
}

static struct cma_owners *cma_owners_create(struct cma *cma)
{
	struct cma_owners *owners = NULL;

	lockdep_assert_held(&cma_owners_mutex);
	if (!cma_owner_cache)
		cma_owner_cache = KMEM_CACHE(cma_owner, 0);
	if (cma_owner_cache)
		owners = kzalloc(sizeof(*owners), GFP_KERNEL);
	if (!owners)
		return NULL;
	spin_lock_init(&owners->lock);
	owners->tree = RB_ROOT_CACHED;
	/* Whoever sees it sees the cache of the records, too. */
	smp_store_release(&cma->owners, owners);
	return owners;
}

/* In steps, with a chance for others in between. */
static void cma_owners_drop(struct cma_owners *owners)
{
	const struct cma_extent all = cma_extent_at(0, ULONG_MAX);
	struct cma_owner *owner;

	do {
		spin_lock_irq(&owners->lock);
		owner = cma_owner_in(owners, all);
		if (owner)
			interval_tree_remove(&owner->units, &owners->tree);
		spin_unlock_irq(&owners->lock);
		if (owner)
			kmem_cache_free(cma_owner_cache, owner);
		cond_resched();
	} while (owner);
}

/**
 * cma_set_owners() - have it recorded whose the runs of an area are, or not
 * @cma: an area
 * @on: whether that is to be recorded from now on; what has been recorded is dropped else
 *
 * Context: sleeps.
 * Return: 0, or -ENOMEM.
 */
int cma_set_owners(struct cma *cma, bool on)
{
	struct cma_owners *owners;

	guard(mutex)(&cma_owners_mutex);
	owners = cma->owners;
	if (!owners && on)
		owners = cma_owners_create(cma);
	if (!owners)
		return on ? -ENOMEM : 0;
	if (owners->is_on == on)
		return 0;
	if (on)
		static_branch_inc(&cma_owners_key);
	spin_lock_irq(&owners->lock);
	WRITE_ONCE(owners->is_on, on);
	spin_unlock_irq(&owners->lock);
	if (on)
		return 0;
	cma_owners_drop(owners);
	static_branch_dec(&cma_owners_key);
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
