/* SPDX-License-Identifier: GPL-2.0 */
/* What a storm is made of: threads that send, and points that they come to. */
#ifndef STORM_H
#define STORM_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "options.h"
#include "summary.h"

/* A gap in what a thread does is the machine's own up to here. */
#define HELD_NS		200000000ULL

struct storm {
	int fd;
	const struct opts *o;
	struct cpus targets;		/* that are sent to */
	unsigned int mode, id, possible;
	unsigned int room;		/* latencies that a thread keeps */
	atomic_bool stop;
};

struct worker {
	pthread_t thread;
	struct storm *storm;
	pid_t tid;
	int fd;				/* see start_one() */
	unsigned int source, target;
	double rate;			/* 0: closed loop */
	unsigned long long sent, coalesced, seen, untimed, partial;
	uint64_t held;			/* how long it was kept from sending */
	uint64_t *kept;			/* latencies, a random choice of all */
	uint64_t random;
	int err;
	bool lingering;
	atomic_bool done;
};

struct point {
	double offered, achieved;
	unsigned long long sent, due, coalesced, untimed;
	uint64_t stopped, starved;	/* for how long this program did not run */
	int err;
	struct summary of;
};

/* ----- sender.c: sends until the storm is stopped or something fails ----- */

void *storm_send(void *worker);

/* ----- stormed.c ----- */

void storm_show(const struct storm *s, const struct point *p, unsigned int nr);

#endif /* STORM_H */
