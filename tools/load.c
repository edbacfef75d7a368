// SPDX-License-Identifier: GPL-2.0
/* In user space. See load.h. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "load.h"
#include "util.h"

#define CPUS_MAX	65536

static pthread_t *threads;
static unsigned int nr_threads;
static atomic_bool stop;
static atomic_uint running;

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
	unsigned int cpu = (uintptr_t)arg;

	if (!pin(cpu))
		die("cannot keep CPU %u busy: it is offline, or a cpuset forbids it", cpu);
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
