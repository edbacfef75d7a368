// SPDX-License-Identifier: GPL-2.0
/* ipixctl storm: load, closed loop or at a rate. See ipixctl(1). */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "device.h"
#include "load.h"
#include "modes.h"
#include "remarks.h"
#include "setting.h"
#include "storm.h"
#include "util.h"

#define ROOM		65536	/* latencies of a thread, while there are few */
#define ROOM_OF_ALL	(16 * ROOM)
/* Less than this of a point may be the machine's own. */
#define STARVED_NS	500000000ULL
#define STARVED_SHARE	.1
#define KICK_MS		10
#define KICK_NS		(KICK_MS * 1000000ULL)
#define UNPIN_TRIES	20

/* Set when the program was stopped and goes on. */
static volatile sig_atomic_t continued;

static void wake(int sig)
{
	if (sig == SIGCONT)
		continued = 1;
}

static unsigned int running(struct worker *w, unsigned int nr, bool kick)
{
	unsigned int i, n = 0;

	for (i = 0; i < nr; i++) {
		if (atomic_load(&w[i].done))
			continue;
		if (kick)
			pthread_kill(w[i].thread, SIGUSR1);
		n++;
	}
	return n;
}

/*
 * What sleeps in the kernel is woken; again, for it may not have slept yet. What
 * does not get to run where it is may do so elsewhere.
 */
static void stop_all(struct storm *s, struct worker *w, unsigned int nr)
{
	struct timespec pause = { .tv_nsec = KICK_NS };
	unsigned int i, tries = 0;

	atomic_store(&s->stop, true);
	for (; running(w, nr, true); tries++) {
		nanosleep(&pause, NULL);
		for (i = 0; tries == UNPIN_TRIES && i < nr; i++)
			if (!atomic_load(&w[i].done) && w[i].tid)
				unpin(w[i].tid);
	}
	for (i = 0; i < nr; i++) {
		pthread_join(w[i].thread, NULL);
		if (w[i].fd != s->fd)
			close(w[i].fd);
	}
}

/*
 * Ends early if a thread did, which it does only when something failed.
 *
 * SIGCONT tells that a process was stopped; where it is traced or frozen, epoll_wait()
 * ends early, as few system calls do. So either is told from a machine that is slow.
 * What that took comes on top.
 */
static void let_run(const struct opts *o, struct worker *w, unsigned int nr,
		    struct point *p)
{
	uint64_t last = now_ns(), end = last + o->seconds * 1000000000ULL, now;
	int epoll = epoll_create1(EPOLL_CLOEXEC), ret;
	struct epoll_event event;

	if (epoll < 0)
		die("epoll: %s", strerror(errno));
	while (!interrupted && last < end && running(w, nr, false) == nr) {
		ret = epoll_wait(epoll, &event, 1, KICK_MS);
		now = now_ns();
		if ((ret < 0 || continued) && !interrupted) {
			continued = 0;
			p->stopped += now - last;
			end += now - last;
		} else if (now - last > KICK_NS + HELD_NS) {
			p->starved += now - last - KICK_NS;
		}
		last = now;
		progress_part(o->seconds && last < end ?
			      1 - (end - last) / 1e9 / o->seconds : 1);
	}
	close(epoll);
}

/* One of the targets each, in turn; another CPU if there is one. */
static unsigned int target_of(const struct opts *o, unsigned int i)
{
	const struct cpus *targets = &o->target;
	unsigned int target = targets->cpu[i % targets->nr];

	return target != o->source.cpu[i] ? target : targets->cpu[(i + 1) % targets->nr];
}

/*
 * A file has few measurements under way, so each thread that measures has its own;
 * slots belong to a file, so those that trigger share one.
 */
static void start_one(struct storm *s, struct worker *w, unsigned int i, double rate)
{
	*w = (struct worker){
		.storm = s, .rate = rate, .random = i + 1,
		.source = s->o->source.cpu[i],
		.fd = s->mode == M_TRIGGER ? s->fd : dev_open(),
		.kept = xcalloc(s->room, sizeof(uint64_t)),
	};
	w->target = target_of(s->o, i);
	if (pthread_create(&w->thread, NULL, storm_send, w))
		die("no thread for CPU %u", w->source);
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
	for (i = 0; i < nr; i++)
		start_one(s, &w[i], i, rate / nr);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static struct summary merge(const struct storm *s, struct worker *w, unsigned int nr)
{
	unsigned int i, n, all = 0;
	uint64_t *numbers = xcalloc((size_t)nr * s->room, sizeof(*numbers));

	for (i = 0; i < nr; i++) {
		n = w[i].seen < s->room ? w[i].seen : s->room;
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

static void add_up(const struct storm *s, struct point *p, struct worker *w,
		   unsigned int nr)
{
	unsigned long long partial = 0;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (w[i].err && !p->err)
			p->err = w[i].err;
		if (w[i].err)
			lacks("%s from CPU %u to %u ended after %llu sends: %s",
			      modes[s->mode].name, w[i].source, w[i].target, w[i].sent,
			      w[i].err == -ENXIO ? "a CPU went offline, or a cpuset forbids it" :
			      measure_error(w[i].err));
		setting_lingering(w[i].lingering);
		p->sent += w[i].sent;
		p->coalesced += w[i].coalesced;
		p->untimed += w[i].untimed;
		partial += w[i].partial;
		if (w[i].held > p->starved)
			p->starved = w[i].held;
	}
	if (partial)
		lacks("%llu calls ran on fewer CPUs than are targets: some were offline",
		      partial);
}

/* In a closed loop nothing is due, and at a rate much may be made up for. */
static void say_how_held(const struct point *p, unsigned long long missing, double ns)
{
	if (p->stopped && missing)
		lacks("stopped, traced or frozen for %s: %llu of %llu sends are missing",
		      text_ns(p->stopped), missing, p->due);
	else if (p->stopped)
		note("stopped, traced or frozen for %s, and went on after that",
		     text_ns(p->stopped));
	else if (missing && p->starved > ns * STARVED_SHARE && p->starved > STARVED_NS)
		lacks("starved for %s, as others had the CPUs: %llu sends are missing",
		      text_ns(p->starved), missing);
	else if (p->starved > ns / 2 && p->starved > STARVED_NS)
		lacks("starved for %s of %s, as others had the CPUs: the numbers have that in them",
		      text_ns(p->starved), text_ns(ns));
	else if (p->starved)
		note("had to wait for a CPU, or the machine stood still, for %s",
		     text_ns(p->starved));
}

static void say_what_lacks(const struct point *p, double ns)
{
	unsigned long long missing = p->due > p->sent + 1 ? p->due - p->sent : 0;

	if (p->untimed)
		lacks("%llu of %llu sends to be timed showed no run (or clocks differ)",
		      p->untimed, p->untimed + p->of.nr);
	say_how_held(p, missing, ns);
	if (missing > p->due / 100 + 1)
		note("at %.0f/s %llu of %llu sends were due and not made: no percentile has them",
		     p->offered, missing, p->due);
}

static struct point run_point(struct storm *s, double rate)
{
	unsigned int nr = s->o->source.nr;
	struct worker *w = xcalloc(nr, sizeof(*w));
	struct point p = { .offered = rate };
	uint64_t began = now_ns(), ns;

	if (s->mode == M_UNICAST)
		p.coalesced = -sum_quiet(s->fd);
	start_all(s, w, nr, rate);
	let_run(s->o, w, nr, &p);
	ns = now_ns() - began;
	stop_all(s, w, nr);
	p.due = rate * ns / 1e9;
	add_up(s, &p, w, nr);
	/* Messages that needed no interrupt of their own. */
	if (s->mode == M_UNICAST)
		p.coalesced += sum_quiet(s->fd);
	/* What was due meanwhile is sent later, if it is sent at all. */
	p.achieved = p.sent * 1e9 / (rate ? ns : ns - p.stopped);
	p.of = merge(s, w, nr);
	free(w);
	if (!interrupted)
		say_what_lacks(&p, ns);
	return p;
}

/* ----- what is asked for ----- */

/* Triggers are sent by this program, which a cpuset may keep from a CPU. */
static void check_sources(struct opts *o, unsigned int mode)
{
	struct cpus can = o->source.nr ? o->source : o->cpus;
	unsigned int i;

	if (mode == M_TRIGGER)
		pinnable(&can);
	for (i = 0; i < o->source.nr; i++)
		if (!cpus_has(&can, o->source.cpu[i]))
			die("cannot send from CPU %u: a cpuset forbids it", o->source.cpu[i]);
	if (!can.nr)
		die("cannot send from any of the CPUs to use: a cpuset forbids it");
	o->source = can;
}

/* The module takes a second between two samples, and no more. */
static void check_rates(const struct opts *o, unsigned int mode)
{
	unsigned int i;

	for (i = 0; mode != M_TRIGGER && i < o->nr_rates; i++)
		if (o->rates[i] < o->source.nr)
			misuse("--rate: %g is less than one a second from each of %u CPUs",
			       o->rates[i], o->source.nr);
}

static void prepare(struct storm *s, struct opts *o)
{
	struct ipi_xcall_info info = dev_info(s->fd);
	unsigned int i;

	if (o->modes & (o->modes - 1))
		misuse("storm takes one mode");
	setting_begin(&info);
	options_sets(o, info.cpu_ids);
	options_need_online(o);
	check_sources(o, s->mode);
	check_rates(o, s->mode);
	if (o->modes & 1U << M_BROADCAST && !options_cover_all(o))
		misuse(NOT_ALL);
	for (i = 0; i < o->source.nr; i++)
		cpus_add(&s->targets, target_of(o, i));
	if (!modes[s->mode].pairs)
		s->targets = o->target;
	sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = wake }, NULL);
	sigaction(SIGCONT, &(struct sigaction){ .sa_handler = wake }, NULL);
	s->possible = info.cpus_possible;
	s->room = ROOM_OF_ALL / o->source.nr;
	if (s->room > ROOM)
		s->room = ROOM;
	if (s->mode == M_TRIGGER)
		s->id = dev_register(s->fd, IPI_XCALL_STAMP);
}

int cmd_storm(struct opts *o)
{
	struct storm s = { .fd = dev_open(), .o = o, .mode = mode_first(o->modes) };
	unsigned int nr = o->nr_rates ? o->nr_rates : 1, i;
	struct point *points = xcalloc(nr, sizeof(*points));

	prepare(&s, o);
	for (i = 0; i < nr && !interrupted; i++) {
		progress("storm", i, nr);
		points[i] = run_point(&s, o->nr_rates ? o->rates[i] : 0);
		if (points[i].err && !i && !points[i].sent)
			die("nothing could be sent");
		if (points[i].err) {
			i++;
			break;
		}
	}
	progress_end();
	clock_note();
	storm_show(&s, points, i);
	return exit_status();
}
