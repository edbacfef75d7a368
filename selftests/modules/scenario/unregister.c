// SPDX-License-Identifier: GPL-2.0
/* What ipi_unregister() promises: runs are not dropped, then there are none. */
#include <linux/slab.h>

#include "cases.h"
#include "crowd.h"
#include "hold.h"
#include "poll.h"
#include "report.h"
#include "slot.h"

/*
 * A slot that another thread unregisters, when it is told to. The thread has
 * to exist before a CPU is held: who creates it may be waiting for that CPU.
 */
struct xt_leaving {
	struct xt_slot slot;
	unsigned int id;
	struct completion go;
	struct xt_worker w;
};

static void leave_worker(struct xt_worker *w)
{
	struct xt_leaving *l = w->data;

	wait_for_completion(&l->go);
	ipi_unregister(l->id);
}

static bool leave_prepare(struct xt_leaving *l)
{
	init_completion(&l->go);
	return xt_thread_start(&l->w, leave_worker, l, raw_smp_processor_id());
}

static void leave_start(struct xt_leaving *l)
{
	l->id = l->slot.id;
	complete(&l->go);
	xt_true(xt_within(XT_LIMIT_MS,
			  xt_trigger_multi(l->id, cpu_none_mask) == -ENOENT),
		"triggers of a dying slot never fail");
}

/* A trigger that succeeded is run, on a CPU that is busy all the while. */
static void pending_is_run(const long *arg)
{
	struct xt_leaving l = { };
	struct xt_hold hold = { };
	unsigned int other;

	if (!xt_other_cpu(&other) || !xt_slot_open(&l.slot, NULL, NULL))
		return;
	if (!leave_prepare(&l)) {
		xt_slot_close(&l.slot);
		return;
	}
	xt_hold_cpu(&hold, other);
	xt_eq(xt_trigger(l.slot.id, other), 0, "trigger");
	leave_start(&l);
	xt_eq(xt_trigger(l.id, other), -ENOENT, "trigger of a dying slot");
	xt_eq(xt_trigger_broadcast(l.id, false), -ENOENT,
	      "broadcast of a dying slot");
	xt_pause(50);
	xt_true(!completion_done(&l.w.done),
		"unregister returned with a run pending");
	xt_eq(xt_runs_all(&l.slot), 0, "runs on a held CPU");
	xt_hold_release(&hold);
	xt_thread_join(&l.w);
	xt_eq(xt_runs(&l.slot, other), 1, "runs when unregister returned");
	free_percpu(l.slot.runs);
}

/* A handler that is running is waited for. */
static void running_is_awaited(const long *arg)
{
	struct xt_hold hold = { };
	struct xt_leaving l = { };
	unsigned int other;

	if (!xt_other_cpu(&other) || !leave_prepare(&l))
		return;
	if (!xt_hold_cpu(&hold, other)) {
		complete(&l.go);	/* id 0: nothing to unregister */
		xt_thread_join(&l.w);
		return;
	}
	l.slot = hold.slot;
	leave_start(&l);
	xt_pause(50);
	xt_true(!completion_done(&l.w.done),
		"unregister returned while the handler ran");
	xt_eq(xt_runs_all(&l.slot), 0, "finished runs");
	/* Pairs with the load in the holder. */
	smp_store_release(&hold.release, true);
	xt_thread_join(&l.w);
	xt_eq(xt_runs(&l.slot, other), 1, "runs when unregister returned");
	free_percpu(l.slot.runs);
}

/*
 * Owners come and go with everybody firing at the slot: its arg is poisoned
 * and freed the moment unregister returns, the slot registered again at once.
 */
#define OWNER_ALIVE	0x600d600dUL
#define OWNER_DEAD	0x6b6b6b6bUL

struct xt_target {
	unsigned int id;
	unsigned long hits, refused;
};

struct xt_owner {
	unsigned long magic;
	atomic_long_t runs;
};

static void owner_func(void *arg)
{
	struct xt_owner *o = arg;

	xt_enter();
	if (READ_ONCE(o->magic) != OWNER_ALIVE)
		xt_fail("CPU %u: ran with a dead arg, magic %lx",
			smp_processor_id(), o->magic);
	atomic_long_inc(&o->runs);
	xt_leave();
}

static void shoot_worker(struct xt_worker *w)
{
	struct xt_target *t = w->data;
	unsigned long hits = 0;
	int ret;

	while (!xt_over(w) && !xt_failed()) {
		switch (w->ops++ % 3) {
		case 0:
			ret = xt_trigger(READ_ONCE(t->id),
					 cpumask_any(cpu_online_mask));
			break;
		case 1:
			ret = xt_trigger_multi(READ_ONCE(t->id),
					       cpu_online_mask);
			break;
		default:
			ret = xt_trigger_broadcast(READ_ONCE(t->id), true);
			break;
		}
		if (ret < 0 && ret != -ENOENT)
			xt_fail("trigger of slot %u: %d", READ_ONCE(t->id),
				ret);
		hits += ret >= 0;
		if (w->ops % 32 == 0)
			usleep_range(100, 200);
		cond_resched();
	}
	w->ops = hits;
}

static long own_once(struct xt_target *t, unsigned int us)
{
	struct xt_owner *o = kzalloc(sizeof(*o), GFP_KERNEL);
	unsigned int id;
	long runs;

	if (!xt_true(o, "no memory"))
		return 0;
	o->magic = OWNER_ALIVE;
	id = ipi_register(owner_func, o);
	if (!xt_true(id, "no slot"))
		goto out_free;
	WRITE_ONCE(t->id, id);
	usleep_range(us, us + 100);
	ipi_unregister(id);
	runs = atomic_long_read(&o->runs);
	WRITE_ONCE(o->magic, OWNER_DEAD);
	usleep_range(50, 100);
	xt_eq(atomic_long_read(&o->runs), runs, "runs after unregister");
	kfree(o);
	return runs;
out_free:
	kfree(o);
	return 0;
}

static void unregister_under_fire(const long *arg)
{
	ktime_t end = ktime_add_ms(ktime_get(), arg[0]);
	unsigned long owners = 0, hits;
	struct xt_target t = { .id = 1 };
	struct xt_crowd crowd;
	long runs = 0;

	if (!xt_crowd_start(&crowd, shoot_worker, &t, XT_LIMIT_MS, true))
		return;
	while ((owners < 5 || ktime_before(ktime_get(), end)) && !xt_failed() &&
	       ktime_before(ktime_get(), crowd.end))
		runs += own_once(&t, 200 * (owners++ % 8));
	hits = xt_crowd_stop(&crowd);
	xt_true(owners >= 5, "only %lu owners", owners);
	xt_true(hits && runs, "%lu triggers hit, %ld runs", hits, runs);
	xt_note("%lu owners, %lu triggers hit, %ld runs", owners, hits, runs);
}

/* The slot table after many owners is as empty as before. */
static void reuse_gets_no_stale_run(const long *arg)
{
	unsigned int me = raw_smp_processor_id();
	struct xt_slot slot;
	int i;

	for (i = 0; i < arg[0] && !xt_failed(); i++) {
		if (!xt_slot_open(&slot, NULL, NULL))
			return;
		xt_eq(xt_runs_all(&slot), 0, "runs before the first trigger");
		xt_eq(xt_trigger_broadcast(slot.id, false), num_online_cpus(),
		      "CPUs counted");
		xt_eq(xt_runs(&slot, me), 1, "runs of self");
		/* Unregistered at once: the others' runs are still to come. */
		ipi_unregister(slot.id);
		xt_eq(xt_runs_all(&slot), num_online_cpus(),
		      "runs when unregister returned");
		free_percpu(slot.runs);
	}
}

const struct xt_case xt_unregister_cases[] = {
	{ "pending_is_run", pending_is_run },
	{ "running_is_awaited", running_is_awaited },
	{ "unregister_under_fire", unregister_under_fire },
	{ "reuse_gets_no_stale_run", reuse_gets_no_stale_run },
	{ }
};
