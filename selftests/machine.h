/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The machine that tests run on: its CPUs, by their numbers, and what may be
 * changed about it and is put back.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Tests that disturb the machine, by suspending it, taking CPUs offline or
 * removing the module, run only if the environment says IPI_XCALL_DISTURB=yes.
 */
bool may_disturb(void);
#define DISTURB_HINT	"to run it, set IPI_XCALL_DISTURB=yes"
#define DISTURBS(what)							\
	do {								\
		if (!may_disturb())					\
			SKIP(return, "%s; " DISTURB_HINT, what);	\
	} while (0)

/* Writes a setting of the system and remembers what it was. */
int setting_write(const char *path, const char *text);
/* Makes settings and CPUs what they were when the program began. */
void machine_restore(void);

/*
 * Numbers of CPUs. There may be possible CPUs that are not present, numbers
 * between them that are not possible, and CPU 0 may be offline.
 */
#define CPU_IDS_MAX	8192

int cpus_possible(void);
int cpus_online(void);
/* Above every possible CPU. */
int cpu_ids(void);
bool cpu_is_possible(int cpu);
bool cpu_is_online(int cpu);
/* By the boot arguments: isolcpus=, nohz_full=. */
bool cpu_is_isolated(int cpu);
/* The next possible CPU above @cpu, or -1; the first one above -1. */
int next_possible_cpu(int cpu);
#define for_each_possible(cpu)						\
	for ((cpu) = next_possible_cpu(-1); (cpu) >= 0;			\
	     (cpu) = next_possible_cpu(cpu))
/* A number below cpu_ids() of no possible CPU, or cpu_ids() if there is none. */
int cpu_in_a_hole(void);

/* The first CPU that is online and that this program may run on. */
unsigned int home_cpu(void);
/* The last CPU that is online; home_cpu() if there is no other. */
unsigned int other_cpu(void);

int cpu_set_online(int cpu, bool online);
/* The last CPU that is online and can be taken offline, never home_cpu(), or -1. */
int cpu_to_unplug(void);
/* Why there is none. */
const char *why_no_unplug(void);
#define NEEDS_UNPLUG(cpu)						\
	do {								\
		if ((cpu) < 0)						\
			SKIP(return, "%s", why_no_unplug());		\
	} while (0)

/* To run on one CPU, and on those where the program began. */
int pin(unsigned int cpu);
void unpin(void);

/* Of a clock that counts ticks no time can be told that is shorter than one. */
bool clock_is_fine(void);
#define NEEDS_A_FINE_CLOCK()						\
	do {								\
		if (!clock_is_fine())					\
			SKIP(return, "the clock counts ticks");		\
	} while (0)

/* Not if a cpuset, as that of a container, keeps this program from @cpu. */
bool can_run_on(unsigned int cpu);
#define NEEDS_TO_RUN_ON(cpu)						\
	do {								\
		if (!can_run_on(cpu))					\
			SKIP(return, "not allowed to run on CPU %u", cpu); \
	} while (0)

/*
 * A child that keeps all else from @cpu, by a real-time priority, for @ms. It fails
 * at once where that is not allowed.
 */
pid_t hog(unsigned int cpu, int ms);
bool can_hog(unsigned int cpu);
#define NEEDS_TO_HOG(cpu)						\
	do {								\
		DISTURBS("keeps a CPU from everybody");			\
		if (home_cpu() == (cpu))				\
			SKIP(return, "needs two CPUs");			\
		if (!can_hog(cpu))					\
			SKIP(return, "not allowed to hold CPU %u", cpu); \
	} while (0)

/*
 * One program at a time: waits until all processes of the one before are gone and
 * the machine is back.
 */
void wait_for_others(void);
/*
 * For the start of a program: notes how the machine is, and has a process of
 * its own put it back if this one is killed. @put_back does so for modules.
 */
void machine_note(void (*put_back)(void));
/* Nothing else needs to be put back. */
void machine_is_back(void);

#endif /* MACHINE_H */
