// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: READY pages that the hardware has failed, or is about to. Those that
 * are lent are the page allocator's to give up, allocated ones are of their owner.
 */
#include <linux/mm.h>

#include "area.h"

/* Whether any area has failures; it is never taken back. */
bool cma_any_hwpoison;

/**
 * cma_note_hwpoison() - the hardware has failed in a page
 * @pfn: the page, of an area or not; it is marked
 *
 * From now on what is READY of its area is looked at before it is handed out, and what is
 * free before it is written to.
 *
 * Context: any.
 */
void cma_note_hwpoison(unsigned long pfn)
{
	struct cma *cma = cma_area_of(pfn);

	if (!cma)
		return;
	WRITE_ONCE(cma->has_hwpoison, true);
	WRITE_ONCE(cma_any_hwpoison, true);
}

/* Whether a failure was no simulation; it is never taken back. */
static bool cma_any_real_failure;

/**
 * cma_note_real_failure() - from now on a page that is marked isn't taken back
 *
 * Context: any, before such a page is marked.
 */
void cma_note_real_failure(void)
{
	WRITE_ONCE(cma_any_real_failure, true);
}

/**
 * cma_has_page() - has an area a page, or somebody who got it from there?
 * @pfn: any page
 *
 * The reference that such a page has is the area's or its owner's: nobody else is to drop it,
 * and one more would be taken for a mistake of the owner.
 *
 * Context: any; takes the area's lock.
 * Return: whether it is claimed, READY or allocated.
 */
bool cma_has_page(unsigned long pfn)
{
	struct cma *cma = cma_area_of(pfn);
	unsigned long flags;
	bool has;

	if (!cma || !cma_is_active(cma))
		return false;
	spin_lock_irqsave(&cma->lock, flags);
	has = !runmap_is_free(&cma->map, cma_pfn_to_unit(cma, pfn), 1);
	spin_unlock_irqrestore(&cma->lock, flags);
	return has;
}

/* A piece of what is READY that has this page, out of its extent; false if none is. */
static bool cma_withdraw_page(unsigned long pfn, struct cma **cma, struct cma_claim *claim)
{
	*cma = cma_area_of(pfn);
	return *cma && cma_is_active(*cma) &&
	       cma_withdraw(*cma, cma_pages_to_run(*cma, pfn, 1), 1, claim);
}

/**
 * cma_lend_page() - lend a page that is READY, so that the page allocator can give it up
 * @pfn: any page
 *
 * The page allocator takes a free page out of use where the hardware is about to fail, and
 * can undo that. It knows nothing of what is READY.
 *
 * Context: any.
 */
void cma_lend_page(unsigned long pfn)
{
	struct cma_claim claim;
	struct cma *cma;

	if (!cma_withdraw_page(pfn, &cma, &claim))
		return;
	cma->evacuator->lend(cma, cma_run_to_pfn(cma, claim.run),
			     cma_run_to_pages(cma, claim.run));
	cma_abort(cma, &claim);
	/* There may be less than the floor, and this page isn't to be the next one. */
	cma_pool_decay_later(cma);
}

/**
 * cma_give_up_page() - give up a page that is READY, where the hardware has failed
 * @pfn: any page, marked as failed
 * @simulated: the memory is good, and it may be taken back
 *
 * It isn't lent: nobody is to get it, or to write to it, for a moment. It is left as the
 * page allocator leaves a free page that it gives up, so that it can take it back.
 *
 * Context: any.
 * Return: whether it was READY, and is given up; not if it is somebody else's by now.
 */
bool cma_give_up_page(unsigned long pfn, bool simulated)
{
	unsigned long start, end;
	struct cma_claim claim;
	struct cma *cma;
	bool ours;

	if (!cma_withdraw_page(pfn, &cma, &claim))
		return false;
	start = cma_run_to_pfn(cma, claim.run);
	end = start + cma_run_to_pages(cma, claim.run);
	cma->evacuator->lend(cma, start, pfn - start);
	cma->evacuator->lend(cma, pfn + 1, end - pfn - 1);
	ours = cma->evacuator->give_up(cma, pfn, simulated);
	cma_abort(cma, &claim);
	if (cma_lack(cma))
		mod_delayed_work(system_unbound_wq, &cma->ready_work, 0);
	return ours;
}

/**
 * cma_give_up_failed() - give up what has failed of pages on their way to be READY
 * @cma: active area
 * @run: units that have just become READY
 *
 * A page may fail when it has been looked at, and isn't READY yet. A failure is marked first
 * and then looks for a READY page, and here it is the other way round: so one of the two
 * finds the page.
 *
 * If no failure has been real up to then the page can be taken back, and it is good.
 *
 * Context: any; looks at each page if one of the area has ever failed.
 */
void cma_give_up_failed(struct cma *cma, struct cma_extent run)
{
	unsigned long pfn = cma_run_to_pfn(cma, run);
	unsigned long end = pfn + cma_run_to_pages(cma, run);

	if (!READ_ONCE(cma->has_hwpoison))
		return;
	for (; (pfn = cma->evacuator->next_failed(pfn, end)) < end; pfn++) {
		/* A page is marked after that is noted. */
		smp_rmb();
		cma_give_up_page(pfn, !READ_ONCE(cma_any_real_failure));
	}
}
