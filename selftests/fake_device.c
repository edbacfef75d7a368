// SPDX-License-Identifier: GPL-2.0
/*
 * A device that is made up, for scripts/test/test-tool: ipixctl is linked with
 * --wrap=open,--wrap=ioctl, and all else of it is as it is. Whatever machine that is,
 * numbers are those of one with FAKE_CPUS CPUs, two of which are siblings and half
 * of which are a socket. Other variables of the environment:
 *
 *	FAKE_OPEN	what open() ends with, a number of errno
 *	FAKE_ABI	of a module that is older
 *	FAKE_SKEW	CPU:NS, by how much its clock is ahead of all others
 *	FAKE_OFFLINE	CPU:SAMPLES, after how many it goes offline
 *	FAKE_DOWN	CPU that no call reaches
 *	FAKE_WAIT	CPU:PERCENT, the share of the time in which others have it
 *	FAKE_HELD	CPU that others have all the time
 *	FAKE_MEASURES	how many measurements all files have under way at once
 *	FAKE_US		how long a sample takes, really
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "../uapi/ipi_xcall.h"
#include "fake_device.h"

#define BASE_NS		1000
#define FILES		1024
#define LATE_NS		1000000	/* of what counts from when it was due */

/* Of each file: measurements under way, of which it has few. */
static struct {
	bool device;
	atomic_int measures;
} files[FILES];
static atomic_int all_measures;
static uint64_t noise = 1, triggered;

static long value(const char *name, long otherwise)
{
	const char *text = getenv(name);

	return text ? atol(text) : otherwise;
}

/* The second number of a variable if its first is this CPU. */
static long of_cpu(const char *name, unsigned int cpu, long otherwise)
{
	const char *text = getenv(name), *colon = text ? strchr(text, ':') : NULL;

	return text && (unsigned int)atol(text) == cpu ? atol(colon ? colon + 1 : "1") :
							 otherwise;
}

static unsigned int cpus(void)
{
	return value("FAKE_CPUS", 4);
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* A signal ends it, as it ends a wait in the kernel. */
static int pass(uint64_t ns)
{
	struct timespec ts = { ns / 1000000000, ns % 1000000000 };

	return ns ? nanosleep(&ts, NULL) : 0;
}

static uint64_t latency(unsigned int a, unsigned int b)
{
	noise = noise * 6364136223846793005ULL + 1442695040888963407ULL;
	return (a == b ? BASE_NS / 4 : a / 2 == b / 2 ? BASE_NS :
		a / (cpus() / 2 + 1) == b / (cpus() / 2 + 1) ? 2 * BASE_NS : 5 * BASE_NS) +
	       (noise >> 56);
}

static uint64_t since(uint64_t from, uint64_t to)
{
	return to > from ? to - from : 0;
}

static unsigned int cpus_of(const struct ipi_xcall_measure *m)
{
	const uint64_t *words = (void *)(uintptr_t)m->target.mask;
	unsigned int i, n = 0;

	for (i = 0; m->target.to == IPI_XCALL_TO_SET && i < m->target.mask_words; i++)
		n += __builtin_popcountll(words[i]);
	return m->target.to == IPI_XCALL_TO_SET ? n :
	       m->target.to == IPI_XCALL_TO_CPU ? 1 : cpus();
}

/* Of the kernel's clock, or the target's, which may be ahead. */
static void sample(const struct ipi_xcall_measure *m, unsigned int target,
		   struct ipi_xcall_sample *s)
{
	uint64_t ns = latency(m->source, target), from = 1ULL << 60;
	long ahead = of_cpu("FAKE_SKEW", target, 0) - of_cpu("FAKE_SKEW", m->source, 0);

	*s = (struct ipi_xcall_sample){
		.start_ns = since(from, from + ns / 2 + ahead),
		.end_ns = since(from, from + ns / 2 + 100 + ahead),
		.ack_ns = ns / 2 + 300 + (m->flags & IPI_XCALL_MEASURE_FROM_DUE ? LATE_NS : 0),
		.cpus = cpus_of(m), .idle = cpus_of(m),
	};
}

static int measure(struct ipi_xcall_measure *m)
{
	struct ipi_xcall_sample *s = (void *)(uintptr_t)m->samples;
	unsigned int target = m->target.to == IPI_XCALL_TO_CPU ? m->target.cpu : 0, i;
	uint64_t each = 1000 * value("FAKE_US", 0) + m->period_ns, began = now();
	static unsigned int taken;
	long most = of_cpu("FAKE_OFFLINE", target, -1);

	if (m->mode == IPI_XCALL_MEASURE_DRY)
		target = m->source;
	m->ended = IPI_XCALL_ENDED_FULL;
	if (of_cpu("FAKE_HELD", m->source, 0) && pause())
		return -EINTR;
	for (i = 0; i < m->nr_samples; i++, taken++) {
		if (most >= 0 && taken >= most)
			m->ended = IPI_XCALL_ENDED_OFFLINE;
		else if (pass(each))
			m->ended = IPI_XCALL_ENDED_SIGNAL;
		if (m->ended != IPI_XCALL_ENDED_FULL)
			break;
		sample(m, target, &s[i]);
	}
	m->nr_samples = i;
	m->waited_ns = (now() - began) * of_cpu("FAKE_WAIT", m->source, 0) / 100;
	return i ? 0 : m->ended == IPI_XCALL_ENDED_SIGNAL ? -EINTR : -ENXIO;
}

static int limited_measure(int fd, struct ipi_xcall_measure *m)
{
	int err = -EDQUOT;

	if (files[fd].measures++ < IPI_XCALL_MEASURES_PER_FILE)
		err = all_measures++ < value("FAKE_MEASURES", cpus()) ? measure(m) : -ENOSPC;
	if (err != -EDQUOT)
		all_measures--;
	files[fd].measures--;
	return err;
}

static int call(struct ipi_xcall_call *c)
{
	struct ipi_xcall_time *t = (void *)(uintptr_t)c->times;
	const uint64_t *words = (void *)(uintptr_t)c->target.mask;
	unsigned int cpu, n = 0;
	long ahead;

	c->called = 0;
	c->offline = 0;
	for (cpu = 0; cpu < cpus(); cpu++) {
		if (c->target.to == IPI_XCALL_TO_SET ? cpu / 64 >= c->target.mask_words ||
		    !(words[cpu / 64] >> cpu % 64 & 1) : cpu != c->target.cpu)
			continue;
		if (of_cpu("FAKE_DOWN", cpu, 0)) {
			c->offline++;
			continue;
		}
		ahead = of_cpu("FAKE_SKEW", cpu, 0);
		if (n < c->nr_times)
			t[n++] = (struct ipi_xcall_time){
				.cpu = cpu, .posted_ns = now(), .started_ns = now() + 1000 + ahead,
				.ended_ns = now() + 1500 + ahead, .acked_ns = now() + 3000,
			};
		c->called++;
	}
	c->nr_times = n;
	pass(1000 * value("FAKE_US", 0));
	return 0;
}

static int stats(struct ipi_xcall_stats *st)
{
	struct ipi_xcall_cpu_stats *s = (void *)(uintptr_t)st->cpus;
	unsigned int cpu;

	for (cpu = 0; cpu < cpus(); cpu++)
		s[cpu] = (struct ipi_xcall_cpu_stats){
			.cpu = cpu, .online = 1, .triggers = 1000 * cpu, .runs = 1000 * cpu,
			.posted = cpu % 7 ? 0 : 123456789, .executed = 30000000,
			.passes = 12345678, .lingered_ns = cpu == 3 ? 4500000000000 : 0,
		};
	return 0;
}

static int slot(struct ipi_xcall_slot *s)
{
	struct ipi_xcall_slot_cpu *rec = (void *)(uintptr_t)s->cpus;
	unsigned int cpu;

	s->runs = UINT32_MAX;
	for (cpu = 0; rec && cpu < s->nr_cpus; cpu++)
		rec[cpu] = (struct ipi_xcall_slot_cpu){
			.cpu = cpu, .runs = 1,
			.last_ns = triggered + BASE_NS + of_cpu("FAKE_SKEW", cpu, 0),
		};
	return 0;
}

static int trigger(struct ipi_xcall_trigger *t)
{
	t->marked = t->target.to == IPI_XCALL_TO_CPU ? 1 : cpus();
	triggered = now();
	pass(1000 * value("FAKE_US", 0));
	return 0;
}

static int command(int fd, unsigned long cmd, void *arg)
{
	struct ipi_xcall_info *info = arg;

	switch (cmd) {
	case IPI_XCALL_IOC_INFO:
		info->abi = value("FAKE_ABI", IPI_XCALL_ABI);
		info->version = 0x10000;
		info->slots = 30;
		info->cpu_ids = cpus();
		info->cpus_possible = cpus();
		info->cpus_online = cpus();
		return 0;
	case IPI_XCALL_IOC_REGISTER:
		((struct ipi_xcall_register *)arg)->id = 1;
		return 0;
	case IPI_XCALL_IOC_MEASURE:
		return limited_measure(fd, arg);
	case IPI_XCALL_IOC_CALL:
		return call(arg);
	case IPI_XCALL_IOC_STATS:
		return stats(arg);
	case IPI_XCALL_IOC_SLOT:
		return slot(arg);
	case IPI_XCALL_IOC_TRIGGER:
		return trigger(arg);
	}
	return -ENOTTY;
}

int __wrap_open(const char *path, int flags, ...)
{
	int fd;

	if (strcmp(path, "/dev/ipi_xcall"))
		return __real_open(path, flags);
	errno = value("FAKE_OPEN", 0);
	if (errno)
		return -1;
	fd = __real_open("/dev/null", O_RDWR | O_CLOEXEC);
	if (fd >= FILES)
		abort();
	files[fd].device = true;
	return fd;
}

int __wrap_ioctl(int fd, unsigned long cmd, ...)
{
	va_list args;
	void *arg;
	int err;

	va_start(args, cmd);
	arg = va_arg(args, void *);
	va_end(args);
	if (fd < 0 || fd >= FILES || !files[fd].device)
		return __real_ioctl(fd, cmd, arg);
	err = command(fd, cmd, arg);
	errno = -err;
	return err ? -1 : 0;
}
