/* SPDX-License-Identifier: GPL-2.0 */
/* What the programs that test the ioctl ABI share. */
#ifndef ABI_H
#define ABI_H

#include <stdbool.h>
#include <stdint.h>

#include "../uapi/ipi_xcall.h"
#include "machine.h"

#define ABI_DEV		"/dev/ipi_xcall"
#define ABI_ARRAY(a)	(sizeof(a) / sizeof((a)[0]))
#define ABI_PTR(p)	((__u64)(uintptr_t)(p))
/* CPUs that there may be. */
#define ABI_CPUS	CPU_IDS_MAX
/* Words of a mask with room for each of them, and one beyond. */
#define ABI_WORDS	(ABI_CPUS / 64 + 1)

/* All that return int: 0 or a positive value, or -errno. */

int abi_open(void);
int abi_ioctl(int fd, unsigned int cmd, void *arg);

struct ipi_xcall_target to_cpu(unsigned int cpu);
struct ipi_xcall_target to_set(const __u64 *words, unsigned int nr);
/* Words of a mask up to that CPU's, and that CPU in it. */
#define ABI_WORDS_TO(cpu)	((cpu) / 64 + 1)
void mask_add(__u64 *words, unsigned int cpu);
struct ipi_xcall_target to_all(void);
struct ipi_xcall_target to_others(void);

/* How many slots files can have, all together. */
unsigned int abi_slots(int fd);
/* Returns the id. */
int abi_register(int fd, unsigned int kind);
int abi_register_eventfd(int fd, int eventfd);
bool can_eventfd(void);
#define NEEDS_EVENTFD()							\
	do {								\
		if (!can_eventfd())					\
			SKIP(return, "this kernel has no eventfd");	\
	} while (0)
int abi_register_delay(int fd, unsigned int ns);
int abi_unregister(int fd, unsigned int id);
/* Returns the CPUs marked. */
int abi_trigger(int fd, unsigned int id, struct ipi_xcall_target target);
/* Runs so far on all CPUs, or on one. */
long long abi_runs(int fd, unsigned int id);
long long abi_runs_on(int fd, unsigned int id, unsigned int cpu);

/* Returns the CPUs called. */
int abi_call(int fd, struct ipi_xcall_target target, unsigned int delay_ns);
int abi_post(int fd, struct ipi_xcall_target target, unsigned int delay_ns,
	     __u32 *ticket);
int abi_wait(int fd, __u32 ticket, __u64 timeout_ns);
/* Returns the runs prevented. */
int abi_abandon(int fd, __u32 ticket);
/* Posts calls of a millisecond each to @cpu; all in flight for a while. */
int abi_flood(int fd, unsigned int cpu, unsigned int nr, __u32 *tickets);

/* @nr samples, of whatever @target; the answer is in @m. */
int abi_measure(int fd, struct ipi_xcall_measure *m,
		struct ipi_xcall_sample *samples, unsigned int nr);

/* Slots once a caller that was killed while it measured has left none behind. */
int abi_slots_left(void);

__u64 now_ns(void);

/* Nothing of what a test did may remain; waits for what goes away by itself. */
#define EXPECT_CLEAN()							\
	do {								\
		EXPECT_EQ(0, abi_slots_left());				\
		EXPECT_BALANCE();					\
	} while (0)

#endif /* ABI_H */
