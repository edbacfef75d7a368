// SPDX-License-Identifier: GPL-2.0
/*
 * ipi_xcall: inter-processor calls in the manner of NetBSD's ipi(9)
 *
 * A client registers a handler and gets a slot. A trigger sets the slot's bit
 * in the pending word of a CPU, and that CPU runs the handler. A cross-call
 * puts a message into an entry of the CPU's mailbox and rings that entry's
 * doorbell, a bit of the same word: messages and triggers are one mechanism. With
 * more CPUs than doorbells, entries share one that counts: each ring is answered
 * by one message (core/mbox.h).
 *
 * The invariant: a CPU's word is drained only by xchg(word, 0) in a pass that
 * a kick started, and whoever moves the word from zero to non-zero, and nobody
 * else, kicks that CPU. So one kick per CPU is on its way at most, and the one
 * csd per CPU needs no lock, for the core unlocks an async csd before it calls
 * its function:
 *
 *	CPU 0 (sender)			CPU 1 (its csd is in use)
 *
 *					core: unlock the csd
 *					pass_handler():
 *	fetch_or(word): not zero	...
 *	  owes nothing, the bit is	...
 *	  taken by this xchg	     ->	xchg(word, 0)
 *	fetch_or(word): zero		...
 *	  owes the kick, finds the
 *	  csd free
 *	smp_call_function_single_async()
 *
 * Where to look:
 *
 *	core/cpu.h	a CPU's memory and word; ring and kick
 *	core/mbox.h	a mailbox entry's life: put, take, cancel
 *	core/run.h	what a word stands for is run
 *	core/pass.c	the drain; what runs on the local CPU; lingering
 *	core/slot.c	the slot table and its grace periods
 *	core/trigger.c	asynchronous calls		core/target.h	sets
 *	core/send.c	synchronous calls		core/context.h	from where
 *	core/wait.c	wait, time-out, cancel		core/stall.c	too long
 *	core/try.c	synchronous calls that never wait
 *	core/hotplug.c	CPUs come and go		core/linger.c	how long
 *	core/stats.h	the one list of counters	core/trace.h	tracepoints
 *	ctl/		device and debugfs: clients of ipi_xcall.h and core/info.h
 *
 * No file includes or calls one that stands above it in this order: stats,
 * trace, fault, linger, cpu, stall, mbox, slot, run, pass, trigger, wait,
 * send, try, hotplug, ctl, this file.
 *
 * What may run beside what (on any CPUs; "-": the caller's business):
 *
 *			trigger	send	wait	cancel	register unregister
 *	trigger		yes	yes	yes	yes	yes	 yes, -ENOENT after
 *	same message	yes	-	-	-	yes	 yes
 *	other message	yes	yes	yes	yes	yes	 yes
 *	same id		yes	yes	yes	yes	yes	 - (second one warns)
 *
 * A function must not wait for another CPU to run anything. A CPU whose word was
 * not zero is not kicked by the second sender, and the task that owes the kick
 * may be the one that the function has interrupted. For the same reason a trigger
 * that succeeded may have to wait for the kick of another sender that was
 * interrupted, or whose virtual CPU was not running, between ring and kick; and,
 * where bells are shared, a message for one between put and ring. The report of a
 * stall tells that by a word that is not zero while the csd is free and nothing
 * runs: the kick is owed. By whom is written down nowhere, since each ring would
 * have to say so.
 *
 * Barrier pairs, with the test in litmus/ that shows what breaks without:
 *
 *	A  cpu_ring_*() / pass_handler(): RMWs on the word, both fully ordered.
 *	   The next winner of the transition sees the csd free.	kick-*
 *	B  cpu_ring_*() / pass_handler(): the same two. What was stored before a
 *	   trigger is seen by the handler even if the bit was set already.
 *								trigger-*
 *	C  mbox_put() / mbox_take(): the message is written, put and rung; the
 *	   pass that has the bell sees it. Emptied by a release, put by an RMW
 *	   on the same entry, so that no pass sees the former one. A message
 *	   that is found before it is rung for is ordered by the RMWs on its
 *	   entry.						mailbox-*
 *	D  run_ack() / wait_is_over(): release, acquire on the count. Stores of
 *	   the function are seen by the waiter, and nothing of ours follows.
 *								ack-*
 *	E  ipi_register() / slot_is_live(), and slot_disable() / trigger:
 *	   release, acquire on ipi_slots_live; then a grace period against the
 *	   trigger's preemption-off section.		register-*, unregister-*
 *	F  slot_is_drained() / pass_handler(): the grace period after the word
 *	   was seen clear against the pass's interrupts-off section.
 *								unregister-*
 *	G  mbox_empty() / mbox_holds(): ack, then empty the entry (release); look
 *	   at the entry (acquire), then at the count.		late-*
 *	H  ipi_trigger() / pass_handler(): a full barrier before the look at the
 *	   bit, if it is looked at before the RMW at all.	trigger-*
 *	I  pass_linger() / cpu_ring_*(): the bit is removed by an RMW on the
 *	   word, which fails for whoever rang and did not kick.	linger-*
 *	J  ipi_linger_ns() / ipi_linger_hold(): full barriers, each between its
 *	   own store or load and the look at the other's.	linger-*
 *
 * Departures from the NetBSD source of 2017: the local CPU of a set is run, not
 * skipped; unregister drains instead of clearing the function under a pending
 * bit, and does not trust a no-op to have flushed anything; no unordered test of
 * the bit before the atomic; take, ack and wait are ordered; the function and its
 * argument are published together; the count is that of the CPUs called; local
 * functions run with interrupts off like remote ones; counters are per CPU; a
 * doorbell per entry replaces one bit and a scan; errors are returned.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/module.h>
#include <linux/printk.h>

#include "core/hotplug.h"
#include "core/slot.h"
#include "ctl/ctl.h"
#include "ipi_xcall.h"

static int __init ipi_xcall_init(void)
{
	int err;

	err = ipi_hotplug_init();
	if (err)
		return err;
	err = ipi_slot_init();
	if (err)
		goto out_hotplug;
	ipi_linger_param_init();
	err = ipi_ctl_init();
	if (err)
		goto out_slot;
	ipi_debugfs_init();
	pr_info("version " IPI_XCALL_VERSION_STR ", %u slots, %u mailbox entries, %u CPUs\n",
		IPI_MAX, ipi_mbox_size(), num_possible_cpus());
	return 0;

out_slot:
	ipi_linger_param_exit();
	ipi_slot_exit();
out_hotplug:
	ipi_hotplug_exit();
	return err;
}

/* Clients hold references to the module, so none is left. */
static void __exit ipi_xcall_exit(void)
{
	ipi_debugfs_exit();
	ipi_ctl_exit();
	ipi_linger_param_exit();
	ipi_slot_exit();
	ipi_hotplug_exit();
}

module_init(ipi_xcall_init);
module_exit(ipi_xcall_exit);

MODULE_AUTHOR("The ipi_xcall maintainers");
MODULE_DESCRIPTION("Inter-processor calls in the manner of NetBSD's ipi(9)");
MODULE_LICENSE("GPL");
MODULE_VERSION(IPI_XCALL_VERSION_STR);
