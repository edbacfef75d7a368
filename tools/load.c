// SPDX-License-Identifier: GPL-2.0
/* In user space. See load.h. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load.h"
#include "util.h"

#define CPUS_MAX	65536

/* Until a thread has got to run, or to end: it may not, beside a real-time task. */
#define START_MS	1000
#define STOP_MS		200

static struct loader {
	pthread_t thread;
	pid_t tid;
	unsigned int cpu;
	bool can;
	atomic_bool running, done;
} *loaders;

static unsigned int nr_loaders;
static atomic_bool stop;

bool runs_on(unsigned int cpu)
{
	return sched_getcpu() == (int)cpu;
}

bool pin(unsigned int cpu)
{
	size_t size = CPU_ALLOC_SIZE(cpu + 1);
	cpu_set_t *set = CPU_ALLOC(cpu + 1);
	bool can;

	if (!set)
		die("out of memory");
	CPU_ZERO_S(size, set);
	CPU_SET_S(cpu, size, set);
	can = !sched_setaffinity(0, size, set);
	CPU_FREE(set);
	return can && runs_on(cpu);
}

void unpin(pid_t thread)
{
	size_t size = CPU_ALLOC_SIZE(CPUS_MAX);
	cpu_set_t *set = CPU_ALLOC(CPUS_MAX);

	if (!set)
		return;
	memset(set, 0xff, size);
	sched_setaffinity(thread, size, set);
	CPU_FREE(set);
}

void pinnable(struct cpus *set)
{
	size_t size = CPU_ALLOC_SIZE(CPUS_MAX);
	cpu_set_t *before = CPU_ALLOC(CPUS_MAX);
	struct cpus can = {};
	unsigned int i;

	if (!before || sched_getaffinity(0, size, before))
		die("cannot tell on which CPUs this program may run");
	for (i = 0; i < set->nr; i++)
		if (pin(set->cpu[i]))
			cpus_add(&can, set->cpu[i]);
	sched_setaffinity(0, size, before);
	CPU_FREE(before);
	*set = can;
}

static void *spin(void *arg)
{
	struct loader *l = arg;

	l->tid = gettid();
	l->can = pin(l->cpu);
	atomic_store(&l->running, true);
	while (l->can && !atomic_load_explicit(&stop, memory_order_relaxed))
		;
	atomic_store(&l->done, true);
	return NULL;
}

static bool wait_for(atomic_bool *what, unsigned int ms)
{
	for (; !atomic_load(what); ms -= ms > 0) {
		if (!ms)
			return false;
		usleep(1000);
	}
	return true;
}

/* Signals are for the main thread, whose system calls they end. */
static void start_one(struct loader *l)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	err = pthread_create(&l->thread, NULL, spin, l);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err)
		die("no thread to keep CPU %u busy", l->cpu);
}

/* One that does not get to run is no loss: then others keep its CPU busy. */
void load_start(const struct cpus *set, unsigned int but)
{
	unsigned int i;

	loaders = xcalloc(set->nr, sizeof(*loaders));
	nr_loaders = 0;
	atomic_store(&stop, false);
	for (i = 0; i < set->nr; i++) {
		if (set->cpu[i] == but)
			continue;
		loaders[nr_loaders].cpu = set->cpu[i];
		start_one(&loaders[nr_loaders++]);
	}
	for (i = 0; i < nr_loaders && !interrupted; i++)
		if (wait_for(&loaders[i].running, START_MS) && !loaders[i].can)
			die("cannot keep CPU %u busy: it is offline, or a cpuset forbids it",
			    loaders[i].cpu);
}

void load_stop(void)
{
	struct loader *l;

	atomic_store(&stop, true);
	while (nr_loaders) {
		l = &loaders[--nr_loaders];
		if (!wait_for(&l->done, STOP_MS) && l->tid)
			unpin(l->tid);
		pthread_join(l->thread, NULL);
	}
	free(loaders);
	loaders = NULL;
}
