// SPDX-License-Identifier: GPL-2.0
/* Keeps CPUs busy in user space. See ipixctl.h. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "ipixctl.h"

static pthread_t *threads;
static unsigned int nr_threads;
static atomic_bool stop;
static atomic_uint running;

void pin(unsigned int cpu)
{
	size_t size = CPU_ALLOC_SIZE(cpu + 1);
	cpu_set_t *set = CPU_ALLOC(cpu + 1);

	if (!set)
		die("out of memory");
	CPU_ZERO_S(size, set);
	CPU_SET_S(cpu, size, set);
	/* Where it cannot run it does no good, and what is measured says so. */
	sched_setaffinity(0, size, set);
	CPU_FREE(set);
}

static void *spin(void *arg)
{
	pin((uintptr_t)arg);
	atomic_fetch_add(&running, 1);
	while (!atomic_load_explicit(&stop, memory_order_relaxed))
		;
	return NULL;
}

void load_start(const struct cpus *set, unsigned int but)
{
	unsigned int i;

	threads = xcalloc(set->nr, sizeof(*threads));
	nr_threads = 0;
	atomic_store(&stop, false);
	atomic_store(&running, 0);
	for (i = 0; i < set->nr; i++) {
		if (set->cpu[i] == but)
			continue;
		if (pthread_create(&threads[nr_threads], NULL, spin,
				   (void *)(uintptr_t)set->cpu[i]))
			die("no thread to keep CPU %u busy", set->cpu[i]);
		nr_threads++;
	}
	while (atomic_load(&running) < nr_threads)
		usleep(1000);
}

void load_stop(void)
{
	atomic_store(&stop, true);
	while (nr_threads)
		pthread_join(threads[--nr_threads], NULL);
	free(threads);
	threads = NULL;
}
