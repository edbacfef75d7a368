// SPDX-License-Identifier: GPL-2.0
/*
 * ipixctl storm: load, closed loop or at a rate. See ipixctl(1).
 *
 * One thread for each source. What is waited for is sent and timed in the
 * kernel, by IPI_XCALL_IOC_MEASURE: closed loop is one call after the other;
 * at a rate, each is due at a time, and counts from when it was due, so that
 * what comes late because the one before took long counts as late.
 *
 * Triggers are not waited for. All threads share a slot, so that triggers to a
 * CPU coalesce, and now and then one looks when the handler ran next.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ipixctl.h"

#define KEPT		65536	/* latencies of a thread, a random choice of all */
#define PROBE		64	/* one trigger of so many is timed */
#define PROBE_LIMIT_NS	1000000000ULL
#define KICK_MS		10

struct worker {
	pthread_t thread;
	struct storm *storm;
	unsigned int source, target;
	double rate;			/* 0: closed loop */
	unsigned long long sent, coalesced, seen;
	uint64_t *kept;
	uint64_t random;
	int err;
	bool lingering;
	atomic_bool done;
};

struct storm {
	int fd;
	const struct opts *o;
	unsigned int mode, id, possible;
	atomic_bool stop;
};

struct point {
	double offered, achieved;
	unsigned long long sent, coalesced;
	struct summary of;
};

static bool stopped(const struct worker *w)
{
	return atomic_load_explicit(&w->storm->stop, memory_order_relaxed);
}

/* A random choice of those seen, each as likely as any other. */
static void keep(struct worker *w, uint64_t ns)
{
	unsigned long long at = w->seen++;

	if (at >= KEPT) {
		w->random = w->random * 6364136223846793005ULL + 1442695040888963407ULL;
		at = (w->random >> 16) % w->seen;
	}
	if (at < KEPT)
		w->kept[at] = ns;
}

/* ----- what is waited for ----- */

static struct ipi_xcall_target aim(const struct worker *w)
{
	struct cpus one = { 1, (unsigned int *)&w->target };

	return dev_target(w->storm->mode, w->source, modes[w->storm->mode].pairs ?
			  &one : &w->storm->o->target);
}

static void call(struct worker *w)
{
	struct ipi_xcall_sample *s = xcalloc(KEPT, sizeof(*s));
	struct ipi_xcall_measure m = {
		.size = sizeof(m), .source = w->source,
		.mode = modes[w->storm->mode].number, .target = aim(w),
		.samples = (uintptr_t)s,
		.flags = (w->storm->o->linger ? IPI_XCALL_MEASURE_LINGER : 0) |
			 (w->rate ? IPI_XCALL_MEASURE_FROM_DUE : 0),
	};
	unsigned int i;

	if (w->rate)
		m.period_ns = w->rate <= 1 ? 1000000000 : 1e9 / w->rate;
	while (!stopped(w)) {
		m.nr_samples = KEPT;
		w->err = dev_ioctl(w->storm->fd, IPI_XCALL_IOC_MEASURE, &m);
		if (w->err)
			break;
		w->lingering |= m.lingering;
		w->sent += m.nr_samples;
		for (i = 0; i < m.nr_samples; i++)
			keep(w, s[i].ack_ns);
	}
	/* It was stopped before the first sample. */
	if (w->err == -EINTR)
		w->err = 0;
	free(s);
}

/* ----- triggers ----- */

static uint64_t last_run(struct worker *w, struct ipi_xcall_slot_cpu *recs)
{
	struct ipi_xcall_slot s = {
		.size = sizeof(s), .id = w->storm->id,
		.nr_cpus = w->storm->possible, .cpus = (uintptr_t)recs,
	};
	unsigned int i;

	w->err = dev_ioctl(w->storm->fd, IPI_XCALL_IOC_SLOT, &s);
	for (i = 0; !w->err && i < w->storm->possible; i++)
		if (recs[i].cpu == w->target)
			return recs[i].last_ns;
	return 0;
}

/* How long after it was due a run began: the one of this trigger, or the next. */
static void probe(struct worker *w, uint64_t due, struct ipi_xcall_slot_cpu *recs)
{
	uint64_t ran, limit = now_ns() + PROBE_LIMIT_NS;

	do {
		ran = last_run(w, recs);
	} while (!w->err && ran < due && !stopped(w) && now_ns() < limit);
	if (ran >= due)
		keep(w, ran - due);
}

static void wait_until(const struct worker *w, uint64_t due)
{
	struct timespec t;
	uint64_t early = due - 200000;

	if (now_ns() < early) {
		t = (struct timespec){ early / 1000000000, early % 1000000000 };
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
	}
	while (now_ns() < due && !stopped(w))
		;
}

static void trigger(struct worker *w)
{
	struct ipi_xcall_slot_cpu *recs = xcalloc(w->storm->possible, sizeof(*recs));
	struct ipi_xcall_trigger t = {
		.size = sizeof(t), .id = w->storm->id,
		.target = { .to = IPI_XCALL_TO_CPU, .cpu = w->target },
	};
	uint64_t began = now_ns(), due = began;

	pin(w->source);
	while (!stopped(w) && !w->err) {
		due = w->rate ? began + w->sent * (1e9 / w->rate) : now_ns();
		wait_until(w, due);
		if (stopped(w))
			break;
		w->err = dev_ioctl(w->storm->fd, IPI_XCALL_IOC_TRIGGER, &t);
		if (w->err)
			break;
		w->coalesced += t.coalesced;
		if (w->sent++ % PROBE == 0)
			probe(w, due, recs);
	}
	free(recs);
}

/* ----- a point ----- */

static void *work(void *arg)
{
	struct worker *w = arg;

	if (w->storm->mode == M_TRIGGER)
		trigger(w);
	else
		call(w);
	atomic_store(&w->done, true);
	return NULL;
}

static void wake(int sig)
{
	(void)sig;
}

/* What sleeps in the kernel is woken; again, for it may not have slept yet. */
static void stop_all(struct storm *s, struct worker *w, unsigned int nr)
{
	struct timespec pause = { .tv_nsec = KICK_MS * 1000000 };
	unsigned int i;

	atomic_store(&s->stop, true);
	for (i = 0; i < nr; i++) {
		while (!atomic_load(&w[i].done)) {
			pthread_kill(w[i].thread, SIGUSR1);
			nanosleep(&pause, NULL);
		}
		pthread_join(w[i].thread, NULL);
	}
}

/* Ends early if a thread did, which it does only when something failed. */
static void let_run(const struct opts *o, struct worker *w, unsigned int nr)
{
	struct timespec pause = { .tv_nsec = KICK_MS * 1000000 };
	uint64_t end = now_ns() + o->seconds * 1000000000ULL;
	unsigned int i;

	while (!interrupted && now_ns() < end) {
		nanosleep(&pause, NULL);
		for (i = 0; i < nr; i++)
			if (atomic_load(&w[i].done))
				return;
	}
}

/* The signals of the user are for the main thread. */
static void start_all(struct storm *s, struct worker *w, unsigned int nr, double rate)
{
	sigset_t ours, before;
	unsigned int i;

	sigemptyset(&ours);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &ours, &before);
	atomic_store(&s->stop, false);
	for (i = 0; i < nr; i++) {
		w[i] = (struct worker){
			.storm = s, .rate = rate / nr, .random = i + 1,
			.source = s->o->source.cpu[i],
			.kept = xcalloc(KEPT, sizeof(uint64_t)),
		};
		w[i].target = s->o->target.cpu[i % s->o->target.nr];
		if (w[i].target == w[i].source)
			w[i].target = s->o->target.cpu[(i + 1) % s->o->target.nr];
		if (pthread_create(&w[i].thread, NULL, work, &w[i]))
			die("no thread for CPU %u", w[i].source);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static struct summary merge(struct worker *w, unsigned int nr)
{
	unsigned int i, n, all = 0;
	uint64_t *numbers = xcalloc((size_t)nr * KEPT, sizeof(*numbers));

	for (i = 0; i < nr; i++) {
		n = w[i].seen < KEPT ? w[i].seen : KEPT;
		memcpy(numbers + all, w[i].kept, n * sizeof(*numbers));
		all += n;
		free(w[i].kept);
	}
	return summary_make(numbers, all);
}

static unsigned long long sum_quiet(int fd)
{
	struct ipi_xcall_cpu_stats *recs;
	unsigned long long quiet = 0;
	unsigned int nr, i;

	recs = dev_stats(fd, &nr);
	for (i = 0; i < nr; i++)
		quiet += recs[i].posted - recs[i].kicks;
	free(recs);
	return quiet;
}

static struct point run_point(struct storm *s, double rate)
{
	unsigned int nr = s->o->source.nr, i;
	struct worker *w = xcalloc(nr, sizeof(*w));
	struct point p = { .offered = rate };
	uint64_t began = now_ns();
	double seconds;

	if (s->mode == M_UNICAST)
		p.coalesced = -sum_quiet(s->fd);
	start_all(s, w, nr, rate);
	let_run(s->o, w, nr);
	seconds = (now_ns() - began) / 1e9;
	stop_all(s, w, nr);
	for (i = 0; i < nr; i++) {
		if (w[i].err)
			die("%s from CPU %u to %u: %s", modes[s->mode].name,
			    w[i].source, w[i].target, w[i].err == -ENXIO ?
			    "a CPU is offline" : strerror(-w[i].err));
		setting_lingering(w[i].lingering);
		p.sent += w[i].sent;
		p.coalesced += w[i].coalesced;
	}
	/* Messages that needed no interrupt of their own. */
	if (s->mode == M_UNICAST)
		p.coalesced += sum_quiet(s->fd);
	p.achieved = p.sent / seconds;
	p.of = merge(w, nr);
	free(w);
	return p;
}

/* ----- the result ----- */

static double coalescing(const struct point *p)
{
	return p->sent ? (double)p->coalesced / p->sent : 0;
}

static void show_json(const struct storm *s, const struct point *p, unsigned int nr)
{
	setting_json("storm");
	json_str("mode", modes[s->mode].name);
	json_str("sources", cpus_text(&s->o->source));
	json_str("targets", cpus_text(&s->o->target));
	json_open("points", '[');
	for (; nr--; p++) {
		json_open(NULL, '{');
		if (p->offered)
			json_num("offered", p->offered);
		else
			json_null("offered");
		json_num("achieved", p->achieved);
		json_num("sent", p->sent);
		json_num("coalesced", p->coalesced);
		json_num("coalescing", coalescing(p));
		json_num("p50", p->of.p50);
		json_num("p99", p->of.p99);
		json_num("max", p->of.max);
		json_close();
	}
	json_close();
	json_close();
}

static void show_text(const struct storm *s, const struct point *p, unsigned int nr)
{
	setting_text();
	printf("%s from CPUs %s", modes[s->mode].name, cpus_text(&s->o->source));
	printf(" to %s, time to %s\n\n", cpus_text(&s->o->target),
	       s->mode == M_TRIGGER ? "start" : "ack");
	printf("%12s %12s %12s %10s %10s %10s %10s\n", "offered/s", "achieved/s",
	       "sent", "coalesced", "50%", "99%", "max");
	for (; nr--; p++) {
		if (p->offered)
			printf("%12.0f", p->offered);
		else
			printf("%12s", "closed loop");
		printf(" %12.0f %12llu %9.1f%% %10s %10s %10s\n", p->achieved, p->sent,
		       100 * coalescing(p), text_ns(p->of.p50), text_ns(p->of.p99),
		       text_ns(p->of.max));
	}
}

int cmd_storm(struct opts *o)
{
	struct storm s = { .fd = dev_open(), .o = o, .mode = mode_first(o->modes) };
	unsigned int nr = o->nr_rates ? o->nr_rates : 1, i;
	struct point *points = xcalloc(nr, sizeof(*points));

	if (o->modes & (o->modes - 1))
		misuse("storm takes one mode");
	if (s.mode == M_DRY)
		misuse("a dry run is no storm");
	setting_begin(s.fd);
	options_sets(o, s.fd);
	if (!o->source.nr)
		o->source = o->cpus;
	if (o->modes & 1U << M_BROADCAST && !options_cover_all(o))
		misuse(NOT_ALL);
	sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = wake }, NULL);
	s.possible = dev_info(s.fd).cpus_possible;
	if (s.mode == M_TRIGGER)
		s.id = dev_register(s.fd, IPI_XCALL_STAMP);
	for (i = 0; i < nr && !interrupted; i++) {
		progress("storm", i, nr);
		points[i] = run_point(&s, o->nr_rates ? o->rates[i] : 0);
	}
	progress_end();
	if (o->json)
		show_json(&s, points, i);
	else
		show_text(&s, points, i);
	return exit_status();
}
