// SPDX-License-Identifier: GPL-2.0
/* See hold.h. */
#include <linux/smp.h>

#include "hold.h"

void xt_hold_here(struct xt_hold *hold)
{
	unsigned int ms = hold->max_ms ?: XT_HOLD_MS;

	/* Pairs with the load in xt_hold_await(). */
	smp_store_release(&hold->held, true);
	/* Pairs with the store in xt_let_go(). */
	if (!xt_spin_within(ms, smp_load_acquire(&hold->release)) &&
	    !hold->max_ms)
		xt_held_too_long();
	/* Pairs with the load in cancel_waits_for_running(). */
	smp_store_release(&hold->left, true);
}

bool xt_hold_await(struct xt_hold *hold)
{
	/* Pairs with the store in xt_hold_here(). */
	return xt_true(xt_within(XT_LIMIT_MS, smp_load_acquire(&hold->held)),
		       "no CPU was held");
}

void xt_let_go(struct xt_hold *hold)
{
	/* Pairs with the load in xt_hold_here(). */
	smp_store_release(&hold->release, true);
}

static void xt_hold_body(struct xt_slot *slot)
{
	xt_hold_here(slot->data);
}

bool xt_hold_cpu(struct xt_hold *hold, unsigned int cpu)
{
	hold->held = false;
	hold->release = false;
	if (!xt_slot_open(&hold->slot, xt_hold_body, hold))
		return false;
	xt_eq(xt_trigger(hold->slot.id, cpu), 0, "trigger CPU %u", cpu);
	if (xt_hold_await(hold))
		return true;
	xt_hold_release(hold);
	return false;
}

void xt_hold_release(struct xt_hold *hold)
{
	xt_let_go(hold);
	xt_slot_close(&hold->slot);
}

bool xt_other_cpu(unsigned int *cpu)
{
	*cpu = cpumask_any_but(cpu_online_mask, raw_smp_processor_id());
	if (*cpu < nr_cpu_ids)
		return true;
	xt_skip("needs a second online CPU");
	return false;
}
