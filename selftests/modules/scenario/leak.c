// SPDX-License-Identifier: GPL-2.0
/*
 * A client that goes away with its slots live and triggered, by exit or by
 * an init that fails: the slots must be gone before its text is.
 */
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/processor.h>
#include <linux/smp.h>

#include "../../../ipi_xcall.h"

static bool fail_init;
module_param(fail_init, bool, 0400);
MODULE_PARM_DESC(fail_init, "fail to load, after having registered");

static unsigned int hold_ms;
module_param(hold_ms, uint, 0400);
MODULE_PARM_DESC(hold_ms, "when it goes, keep a CPU for so long");

static atomic_t leak_runs;
static unsigned int leak_id[2];

static void leak_handler(void *arg)
{
	atomic_inc(arg);
}

/* On the other CPUs, so that there is something to wait for. */
static void leak_hold(void *unused)
{
	ktime_t end = ktime_add_ms(ktime_get(), hold_ms);

	/* A delay is a count of loops, of which an emulated CPU may do more than it said. */
	while (ktime_before(ktime_get(), end))
		cpu_relax();
}

static void leak_trigger(void)
{
	preempt_disable();
	WARN_ON_ONCE(ipi_trigger_broadcast(leak_id[0], true) < 0);
	WARN_ON_ONCE(ipi_trigger_broadcast(leak_id[1], false) < 0);
	preempt_enable();
}

static int __init leak_init(void)
{
	leak_id[0] = ipi_register(hold_ms ? leak_hold : leak_handler, &leak_runs);
	leak_id[1] = ipi_register(leak_handler, &leak_runs);
	if (!fail_init)
		return 0;
	leak_trigger();
	return -ECANCELED;
}

static void __exit leak_exit(void)
{
	leak_trigger();
}

module_init(leak_init);
module_exit(leak_exit);
MODULE_DESCRIPTION("A client of ipi_xcall that forgets to unregister");
MODULE_LICENSE("GPL");
