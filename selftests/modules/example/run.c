// SPDX-License-Identifier: GPL-2.0
/* What the ports have to show: see main.c. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "../../../core/compat.h"
#include "../../../ipi_xcall.h"
#include "example.h"
#include "heartbeat.h"
#include "owner.h"
#include "xcall.h"

static unsigned int random_cpu(const struct cpumask *mask)
{
	unsigned int n = get_random_u32() % cpumask_weight(mask);
	unsigned int cpu = cpumask_first(mask);

	while (n-- && cpu < nr_cpu_ids)
		cpu = cpumask_next(cpu, mask);
	return cpu < nr_cpu_ids ? cpu : cpumask_first(mask);
}

/* ----- threads ----- */

/**
 * struct crew - threads that do the same
 * @once: what each does again and again, until it returns an error
 * @end: when they stop
 * @threads: of them that are not through
 * @rounds: how often it was done
 * @err: what went wrong
 * @done: all are through
 */
struct crew {
	int (*once)(unsigned int nr);
	ktime_t end;
	atomic_t threads;
	atomic_t rounds;
	int err;
	struct completion done;
};

struct hand {
	struct crew *crew;
	unsigned int nr;
};

static int work(void *data)
{
	struct hand *hand = data;
	struct crew *crew = hand->crew;
	int err = 0;

	while (!err && !READ_ONCE(crew->err) &&
	       ktime_before(ktime_get(), crew->end)) {
		err = crew->once(hand->nr);
		atomic_inc(&crew->rounds);
		cond_resched();
	}
	if (err)
		WRITE_ONCE(crew->err, err);
	kfree(hand);
	/* The last touch, and the last of this module's text. */
	kthread_complete_and_exit(atomic_dec_and_test(&crew->threads) ?
				  &crew->done : NULL, 0);
}

static int start_hand(struct crew *crew, unsigned int nr)
{
	struct hand *hand = kmalloc(sizeof(*hand), GFP_KERNEL);
	struct task_struct *task;

	if (!hand)
		return -ENOMEM;
	*hand = (struct hand){ crew, nr };
	atomic_inc(&crew->threads);
	task = kthread_run(work, hand, "ipi_port/%u", nr);
	if (!IS_ERR(task))
		return 0;
	atomic_dec(&crew->threads);
	kfree(hand);
	return PTR_ERR(task);
}

int run_threads(unsigned int n, int (*once)(unsigned int nr), unsigned int ms)
{
	struct crew crew = {
		.once = once,
		.end = ktime_add_ms(ktime_get(), ms),
		.threads = ATOMIC_INIT(1),
	};
	unsigned int nr;
	int err = 0;

	init_completion(&crew.done);
	for (nr = 0; nr < n && !err; nr++)
		err = start_hand(&crew, nr);
	if (!atomic_dec_and_test(&crew.threads))
		wait_for_completion(&crew.done);
	err = err ?: crew.err;
	pr_info("%d rounds by %u threads\n", atomic_read(&crew.rounds), n);
	return err ?: must(atomic_read(&crew.rounds) >= n, "nobody did anything");
}

/* ----- xcall(9) ----- */

/* CPUs that came or went; while it is the same, so are those online. */
static atomic_t hotplugs;

static int note_hotplug(unsigned int cpu)
{
	atomic_inc(&hotplugs);
	return 0;
}

/**
 * struct errand - a cross-call of the test
 * @flags: XC_HIGHPRI or 0
 * @runs: how often its function ran
 * @wrong: it did so where it must not
 * @stored: set by the function, not atomic
 * @cpu: where it is to run, or -1
 */
struct errand {
	unsigned int flags;
	atomic_t runs;
	bool wrong;
	unsigned long stored;
	int cpu;
};

static void run_errand(void *arg1, void *arg2)
{
	struct errand *e = arg1;
	bool in_irq = irqs_disabled();

	if (arg2 != &e->stored || in_irq != !!(e->flags & XC_HIGHPRI))
		WRITE_ONCE(e->wrong, true);
	if (!in_irq && !is_percpu_thread())
		WRITE_ONCE(e->wrong, true);
	if (e->cpu >= 0 && e->cpu != (int)raw_smp_processor_id())
		WRITE_ONCE(e->wrong, true);
	/* A function of low priority may sleep. */
	if (!in_irq && get_random_u32() % 64 == 0)
		usleep_range(50, 100);
	WRITE_ONCE(e->stored, READ_ONCE(e->stored) + (e->cpu >= 0));
	atomic_inc(&e->runs);
}

static int call_one(unsigned int flags)
{
	struct errand e = {
		.flags = flags,
		.cpu = random_cpu(cpu_possible_mask),
	};
	int before = atomic_read(&hotplugs);
	bool online = cpu_online(e.cpu);
	u64 ticket = xc_unicast(flags, run_errand, &e, &e.stored, e.cpu);
	int runs;

	xc_wait(ticket);
	runs = atomic_read(&e.runs);
	if (before == atomic_read(&hotplugs) && online != !!ticket &&
	    cpu_online(e.cpu) == online && before == atomic_read(&hotplugs))
		return must(false, "CPU %d: online %d, ticket %llu", e.cpu,
			    online, ticket);
	return must(!e.wrong, "unicast, flags %u: wrong place", flags) ?:
	       must(runs == !!ticket, "unicast, flags %u: %d runs", flags, runs) ?:
	       must(e.stored == runs, "unicast, flags %u: stores unseen", flags);
}

static int call_all(unsigned int flags)
{
	struct errand e = { .flags = flags, .cpu = -1 };
	int before = atomic_read(&hotplugs);
	int online = num_online_cpus();
	u64 ticket = xc_broadcast(flags, run_errand, &e, &e.stored);
	int runs;

	xc_wait(ticket);
	runs = atomic_read(&e.runs);
	if (before == atomic_read(&hotplugs) && online == num_online_cpus() &&
	    runs != online)
		return must(false, "broadcast, flags %u: %d runs on %d CPUs",
			    flags, runs, online);
	return must(!e.wrong, "broadcast, flags %u: wrong place", flags) ?:
	       must(runs >= 1 && runs <= nr_cpu_ids, "broadcast: %d runs", runs);
}

/* Three calls of each priority on their way, in any order of waits. */
static int call_many(void)
{
	struct errand e[6] = {};
	u64 ticket[6];
	unsigned int n;
	int err = 0;

	for (n = 0; n < 6; n++) {
		e[n].flags = n & 1 ? XC_HIGHPRI : 0;
		e[n].cpu = -1;
		ticket[n] = xc_broadcast(e[n].flags, run_errand, &e[n],
					 &e[n].stored);
	}
	while (n--) {
		xc_wait(ticket[n]);
		err = err ?: must(!e[n].wrong && atomic_read(&e[n].runs) >= 1,
				  "call %u of many: %d runs", n,
				  atomic_read(&e[n].runs));
	}
	return err;
}

static int call_once(unsigned int nr)
{
	u32 random = get_random_u32();
	unsigned int flags = random & 1 ? XC_HIGHPRI : 0;

	switch (random >> 1 & 7) {
	case 0:
		xc_barrier(flags);
		return 0;
	case 1:
		return call_many();
	case 2:
	case 3:
		return call_all(flags);
	default:
		return call_one(flags);
	}
}

int run_xcall(unsigned int ms)
{
	int state, err;

	state = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "ipi_xcall:port",
					  note_hotplug, note_hotplug);
	if (state < 0)
		return state;
	err = xc_init();
	if (!err) {
		err = run_threads(2 * num_online_cpus(), call_once, ms);
		xc_exit();
	}
	cpuhp_remove_state_nocalls(state);
	return err;
}

/* ----- the heartbeat ----- */

/* What takes longer has not come at all; a host with other work needs some. */
#define PATIENCE_MS	10000

/*
 * Takes no interrupts until it is called dead. The time is that of the others, as
 * long as they beat: the loops of mdelay() may have been counted on a busy host, and
 * end far too soon.
 */
static int stand_still(void *done)
{
	unsigned long limit = PATIENCE_MS / HEARTBEAT_MS;
	unsigned int ms = 10 * PATIENCE_MS;
	struct heartbeat_counts sum;

	local_irq_disable();
	heartbeat_read(&sum);
	limit = sum.beats + limit * num_online_cpus();
	do {
		mdelay(1);
		heartbeat_read(&sum);
	} while (!sum.dead && num_online_cpus() > 1 && sum.beats < limit && --ms);
	local_irq_enable();
	kthread_complete_and_exit(done, 0);
}

static int stop_heart(unsigned int cpu)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct task_struct *task;

	task = kthread_create_on_cpu(stand_still, &done, cpu, "still/%u");
	if (IS_ERR(task))
		return PTR_ERR(task);
	wake_up_process(task);
	wait_for_completion(&done);
	return 0;
}

/* The patient comes round, and the doctor sees it at the next beat. */
static void await_revival(struct heartbeat_counts *sum)
{
	unsigned int ms;

	for (ms = 0; ms < PATIENCE_MS; ms += HEARTBEAT_MS) {
		msleep(HEARTBEAT_MS);
		heartbeat_read(sum);
		if (sum->revived || num_online_cpus() == 1)
			break;
	}
}

int run_heartbeat(unsigned int ms)
{
	struct heartbeat_counts sum;
	int err = heartbeat_start();

	if (err)
		return err;
	msleep(10 * HEARTBEAT_MS);
	err = stop_heart(cpumask_last(cpu_online_mask));
	await_revival(&sum);
	heartbeat_stop();
	pr_info("heartbeat: %lu beats, %lu shocks, %lu revived, %lu dead, %lu busy\n",
		sum.beats, sum.shocks, sum.revived, sum.dead, sum.busy);
	if (err || num_online_cpus() == 1)
		return err;
	return must(sum.shocks, "no CPU was sent a message") ?:
	       must(sum.revived, "no message has been run") ?:
	       must(sum.dead, "no CPU was given up");
}

/* ----- the owner of a unit ----- */

#define OWNERS	16
static struct owner owners[OWNERS];
static unsigned long owned[OWNERS];

static int use_unit(unsigned int nr)
{
	unsigned long n = get_random_u32() % 100;
	unsigned long state;
	int err;

	if (nr >= OWNERS)
		return -EINVAL;
	/* Elsewhere, now and then, as the scheduler would have it. */
	set_cpus_allowed_ptr(current, cpumask_of(random_cpu(cpu_online_mask)));
	owned[nr] += n;
	err = owner_add(&owners[nr], n);
	if (err || n)
		return err;
	err = owner_fetch(&owners[nr], &state);
	return err ?: must(state == owned[nr], "owner %u: %lu is not %lu", nr,
			   state, owned[nr]);
}

int run_owner(unsigned int ms)
{
	unsigned int threads = min(2 * num_online_cpus(), OWNERS + 0U);
	unsigned long state, moves = 0, busy = 0;
	unsigned int nr;
	int err;

	for (nr = 0; nr < OWNERS; nr++) {
		owner_init(&owners[nr]);
		owned[nr] = 0;
	}
	cpus_read_lock();
	err = run_threads(threads, use_unit, ms);
	for (nr = 0; nr < OWNERS && !err; nr++) {
		moves += owners[nr].moves;
		busy += owners[nr].busy;
		err = owner_fetch(&owners[nr], &state) ?:
		      must(state == owned[nr], "owner %u: %lu is not %lu", nr,
			   state, owned[nr]);
	}
	cpus_read_unlock();
	pr_info("owner: %lu handed over, %lu full mailboxes\n", moves, busy);
	return err ?: must(moves || num_online_cpus() == 1, "nothing was handed over");
}

/* ----- as it is written in NetBSD ----- */

static void count_run(void *arg)
{
	atomic_inc(arg);
}

/**
 * struct naive - the sends of NetBSD's clients, without any change
 * @timer: the clock interrupt
 * @msg: what they send
 * @runs: how often that ran
 * @err: what the send returned, which NetBSD does not look at
 * @done: the timer has fired
 */
struct naive {
	struct hrtimer timer;
	struct ipi_msg msg;
	atomic_t runs;
	int err;
	struct completion done;
};

static enum hrtimer_restart send_naively(struct hrtimer *timer)
{
	struct naive *n = container_of(timer, struct naive, timer);

	n->err = ipi_unicast(&n->msg, raw_smp_processor_id());
	complete(&n->done);
	return HRTIMER_NORESTART;
}

/* Refused, and nothing has run; the same by the way it is meant to be done. */
static int check_refused(struct naive *n, const char *where)
{
	int runs = atomic_read(&n->runs);

	return must(n->err == -EDEADLK, "%s: %d", where, n->err) ?:
	       must(!runs, "%s: a message that was refused has run", where);
}

int run_naive(unsigned int ms)
{
	struct naive *n = kzalloc(sizeof(*n), GFP_KERNEL);
	int err;

	if (!n)
		return -ENOMEM;
	n->msg = (struct ipi_msg){ .func = count_run, .arg = &n->runs };
	init_completion(&n->done);

	/* At splhigh(), as subr_pcu.c. */
	local_irq_disable();
	n->err = ipi_unicast(&n->msg, raw_smp_processor_id());
	local_irq_enable();
	err = check_refused(n, "interrupts off");

	/* In the clock interrupt, as kern_heartbeat.c. */
	hrtimer_setup(&n->timer, send_naively, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_HARD);
	hrtimer_start(&n->timer, ms_to_ktime(1), HRTIMER_MODE_REL_HARD);
	wait_for_completion(&n->done);
	hrtimer_cancel(&n->timer);
	err = err ?: check_refused(n, "hard timer");
	kfree(n);
	return err;
}
