// SPDX-License-Identifier: GPL-2.0
/*
 * A thread of a storm. See storm.h.
 *
 * What is waited for is sent and timed in the kernel, by IPI_XCALL_IOC_MEASURE:
 * closed loop is one call after the other; at a rate, each is due at a time, and
 * counts from when it was due, so that what comes late because the one before
 * took long counts as late.
 *
 * Triggers are not waited for. All threads share a slot, so that triggers to a
 * CPU coalesce, and now and then one looks when the handler ran next. That is a
 * time of the kernel's clock, and so is made of what it is compared with.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "device.h"
#include "load.h"
#include "modes.h"
#include "storm.h"
#include "util.h"

#define PROBE		64	/* one trigger of so many is timed */
#define PROBE_LIMIT_NS	1000000000ULL
#define EARLY_NS	200000

static bool stopped(const struct worker *w)
{
	return atomic_load_explicit(&w->storm->stop, memory_order_relaxed);
}

/* A random choice of those seen, each as likely as any other. */
static void keep(struct worker *w, uint64_t ns)
{
	unsigned long long at = w->seen++;

	if (at >= w->storm->room) {
		w->random = w->random * 6364136223846793005ULL + 1442695040888963407ULL;
		at = (w->random >> 16) % w->seen;
	}
	if (at < w->storm->room)
		w->kept[at] = ns;
}

/* ----- what is waited for ----- */

static struct ipi_xcall_target aim(const struct worker *w)
{
	struct cpus one = { 1, (unsigned int *)&w->target };

	return dev_target(w->storm->mode, w->source, modes[w->storm->mode].pairs ?
			  &one : &w->storm->o->target);
}

static unsigned int called(const struct worker *w)
{
	return modes[w->storm->mode].pairs ? 1 : w->storm->o->target.nr;
}

static void call(struct worker *w)
{
	struct ipi_xcall_sample *s = xcalloc(w->storm->room, sizeof(*s));
	struct ipi_xcall_measure m = {
		.size = sizeof(m), .source = w->source,
		.mode = modes[w->storm->mode].number, .target = aim(w),
		.samples = (uintptr_t)s,
		.flags = (w->storm->o->linger ? IPI_XCALL_MEASURE_LINGER : 0) |
			 (w->rate ? IPI_XCALL_MEASURE_FROM_DUE : 0),
	};
	unsigned int i, all = called(w);

	if (w->rate)
		m.period_ns = 1e9 / w->rate;
	while (!stopped(w)) {
		m.nr_samples = w->storm->room;
		m.waited_ns = 0;
		w->err = dev_ioctl(w->fd, IPI_XCALL_IOC_MEASURE, &m);
		/* Stopped before the first sample, or stopped and continued. */
		if (w->err == -EINTR) {
			w->err = 0;
			continue;
		}
		if (w->err)
			break;
		w->lingering |= m.lingering;
		w->held += m.waited_ns;
		w->sent += m.nr_samples;
		for (i = 0; i < m.nr_samples; i++) {
			w->partial += s[i].cpus < all;
			keep(w, s[i].ack_ns);
		}
	}
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

/*
 * How long after it was due, by the kernel's clock, a run began: the one of this
 * trigger, or the next.
 */
static void probe(struct worker *w, uint64_t when, int64_t offset,
		  struct ipi_xcall_slot_cpu *recs)
{
	uint64_t due = when + offset;
	uint64_t ran, limit = now_ns() + PROBE_LIMIT_NS;

	do {
		ran = last_run(w, recs);
	} while (!w->err && ran < due && !stopped(w) && now_ns() < limit);
	/* What is yet to come is so by another clock. */
	if (ran >= due && ran <= due - when + now_ns())
		keep(w, ran - due);
	else if (!stopped(w) || now_ns() > when + HELD_NS)
		w->untimed++;
}

static void wait_until(const struct worker *w, uint64_t due)
{
	struct timespec t;
	uint64_t early = due - EARLY_NS;

	if (now_ns() < early) {
		t = (struct timespec){ early / 1000000000, early % 1000000000 };
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
	}
	while (now_ns() < due && !stopped(w))
		;
}

/* Nothing here takes long, but waiting for what is due, and a probe. */
static void watch_out(struct worker *w, uint64_t since)
{
	uint64_t now = now_ns();

	if (now > since && now - since > HELD_NS)
		w->held += now - since;
}

static void send_one(struct worker *w, struct ipi_xcall_trigger *t)
{
	w->err = runs_on(w->source) ? dev_ioctl(w->storm->fd, IPI_XCALL_IOC_TRIGGER, t) :
				      -ENXIO;
	if (w->err)
		return;
	w->coalesced += t->coalesced;
	w->sent++;
}

static void trigger(struct worker *w)
{
	struct ipi_xcall_slot_cpu *recs = xcalloc(w->storm->possible, sizeof(*recs));
	struct ipi_xcall_trigger t = {
		.size = sizeof(t), .id = w->storm->id,
		.target = { .to = IPI_XCALL_TO_CPU, .cpu = w->target },
	};
	uint64_t began = now_ns(), due = began, free_since = began;
	int64_t offset;

	if (!pin(w->source)) {
		w->err = -ENXIO;
		goto out;
	}
	offset = dev_clock_offset(w->storm->fd, w->source);
	while (!stopped(w) && !w->err) {
		due = w->rate ? began + w->sent * (1e9 / w->rate) : now_ns();
		wait_until(w, due);
		if (stopped(w))
			break;
		watch_out(w, due > free_since ? due : free_since);
		send_one(w, &t);
		if (!w->err && w->sent % PROBE == 1)
			probe(w, due, offset, recs);
		free_since = now_ns();
	}
out:
	free(recs);
}

void *storm_send(void *worker)
{
	struct worker *w = worker;

	w->tid = gettid();
	if (w->storm->mode == M_TRIGGER)
		trigger(w);
	else
		call(w);
	atomic_store(&w->done, true);
	return NULL;
}
