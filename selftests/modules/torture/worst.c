// SPDX-License-Identifier: GPL-2.0
/*
 * The worst position, on all CPUs at once: each posts to all others, far more
 * than their mailboxes hold and faster than they can serve, with preemption
 * off; so each comes to spin on a full mailbox while its own is full, and then
 * all wait for all. Nobody may wait for ever, whatever the order.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "../../../ipi_xcall.h"
#include "fail.h"
#include "thread.h"
#include "worst.h"

#define ROUNDS		(3 * ipi_mbox_size())
/* How long a function holds its CPU. */
#define SLOW_US		20

struct player {
	struct task_struct *task;
	struct ipi_msg *msgs;
	unsigned int used;
	unsigned int sent;
	bool finished;
};

static struct player __percpu *players;
static atomic_t ready, ran;
static unsigned int expected;

static void run_slow(void *unused)
{
	atomic_inc(&ran);
	udelay(SLOW_US);
}

/* Every eighth round goes to all at once, the others to one after the other. */
static void post_all(struct player *me, unsigned int this_cpu)
{
	unsigned int round, cpu;
	struct ipi_msg *msg;
	int ret;

	for (round = 0; round < ROUNDS; round++) {
		for_each_online_cpu(cpu) {
			if (cpu == this_cpu)
				continue;
			msg = &me->msgs[me->used++];
			msg->func = run_slow;
			ret = round % 8 ? ipi_unicast(msg, cpu) ?: 1 :
					  ipi_broadcast(msg, true);
			if (ret < 0)
				tt_fail(TT_ERRNO, "worst: a send returned %d", ret);
			else
				me->sent += ret;
			if (round % 8 == 0)
				break;
		}
	}
}

static void wait_all(struct player *me)
{
	unsigned int i;

	for (i = 0; i < me->used; i++) {
		if (!ipi_wait_timeout(&me->msgs[i],
				      tt_bound_ms * (u64)NSEC_PER_MSEC, NULL))
			continue;
		tt_fail(TT_HUNG, "worst: a message was not run within %u ms",
			tt_bound_ms);
		ipi_cancel(&me->msgs[i]);
	}
}

static int play(void *data)
{
	struct player *me = data;

	atomic_inc(&ready);
	while (atomic_read(&ready) < expected && !kthread_should_stop())
		cond_resched();
	preempt_disable();
	post_all(me, smp_processor_id());
	preempt_enable();
	wait_all(me);
	/* Pairs with all_finished(). */
	smp_store_release(&me->finished, true);
	while (!kthread_should_stop())
		schedule_timeout_idle(1);
	return 0;
}

static bool start_player(unsigned int cpu)
{
	struct player *me = per_cpu_ptr(players, cpu);
	struct task_struct *task;

	me->msgs = kcalloc(ROUNDS * num_possible_cpus(), sizeof(*me->msgs),
			   GFP_KERNEL);
	if (!me->msgs)
		return false;
	task = kthread_create(play, me, "tt_worst/%u", cpu);
	if (IS_ERR(task))
		return false;
	kthread_bind(task, cpu);
	me->task = task;
	wake_up_process(task);
	return true;
}

static bool all_finished(void)
{
	struct player *player;
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		player = per_cpu_ptr(players, cpu);
		/* Pairs with play(). */
		if (player->task && !smp_load_acquire(&player->finished))
			return false;
	}
	return true;
}

/* Returns false if someone hangs: then its memory must stay. */
static bool await_all(void)
{
	unsigned long limit = jiffies + 4 * msecs_to_jiffies(tt_bound_ms);

	while (!all_finished()) {
		if (time_after(jiffies, limit))
			return false;
		schedule_timeout_idle(1);
	}
	return true;
}

static unsigned int stop_all(void)
{
	unsigned int cpu, sent = 0;
	struct player *me;

	for_each_possible_cpu(cpu) {
		me = per_cpu_ptr(players, cpu);
		if (me->task)
			kthread_stop(me->task);
		sent += me->sent;
		kfree(me->msgs);
	}
	free_percpu(players);
	return sent;
}

static void start_all(void)
{
	unsigned int cpu;

	for_each_online_cpu(cpu)
		if (!start_player(cpu))
			tt_fail(TT_ERRNO, "worst: a thread could not be started");
}

/* Before anything else runs: no CPU comes or goes. */
void tt_worst_position(void)
{
	unsigned long began = jiffies;
	unsigned int sent;

	expected = num_online_cpus();
	if (expected == 1) {
		pr_info("worst position: skipped, there is one CPU\n");
		return;
	}
	players = alloc_percpu(struct player);
	if (!players)
		return;
	start_all();
	if (!await_all()) {
		tt_fail(TT_HUNG, "worst: %u CPUs in the worst position do not get out of it",
			expected);
		/* They run our text for ever. */
		__module_get(THIS_MODULE);
		return;
	}
	sent = stop_all();
	if (sent != atomic_read(&ran))
		tt_fail(TT_LAW, "worst: %u runs sent, %d done", sent,
			atomic_read(&ran));
	pr_info("worst position: %u CPUs got out of it, %u messages in %u ms\n",
		expected, sent, jiffies_to_msecs(jiffies - began));
}
