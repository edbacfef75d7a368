// SPDX-License-Identifier: GPL-2.0
/* See device.h. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "device.h"
#include "modes.h"
#include "util.h"

#define DEVICE		"/dev/ipi_xcall"
/* Samples of one command: so that a signal that just missed it is no loss. */
#define CHUNK		10000
#define CHUNK_FIRST	1000
#define CHUNK_NS	1e9
/*
 * Without a sample for so long, again and again, none is to be expected: a process
 * that is stopped and continued has it only once.
 */
#define HUNG_S		5
#define HUNG_TRIES	2
/* Tries to see how two clocks differ. */
#define CLOCK_TRIES	16

int dev_open(void)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	if (errno == ENOENT)
		die("no " DEVICE ": is the module ipi_xcall loaded?");
	if (errno == EACCES || errno == EPERM)
		die(DEVICE ": needs CAP_SYS_ADMIN");
	die(DEVICE ": %s", strerror(errno));
}

int dev_ioctl(int fd, unsigned int cmd, void *arg)
{
	return ioctl(fd, cmd, arg) ? -errno : 0;
}

struct ipi_xcall_info dev_info(int fd)
{
	struct ipi_xcall_info info = { .size = sizeof(info) };
	int err = dev_ioctl(fd, IPI_XCALL_IOC_INFO, &info);

	if (err)
		die("what the module is: %s", strerror(-err));
	if (info.abi < 2)
		die("the module is older than this program: ABI %u, needs 2", info.abi);
	return info;
}

struct ipi_xcall_cpu_stats *dev_stats(int fd, unsigned int *nr)
{
	struct ipi_xcall_cpu_stats *recs;
	struct ipi_xcall_stats s = {
		.size = sizeof(s), .flags = IPI_XCALL_STATS_SINCE_LOAD,
	};
	int err;

	*nr = dev_info(fd).cpus_possible;
	recs = xcalloc(*nr, sizeof(*recs));
	s.nr_cpus = *nr;
#ifdef IPI_XCALL_COUNTERS
	s.record_size = sizeof(*recs);
#endif
	s.cpus = (uintptr_t)recs;
	err = dev_ioctl(fd, IPI_XCALL_IOC_STATS, &s);
	if (err)
		die("statistics: %s", strerror(-err));
	return recs;
}

unsigned int dev_register(int fd, unsigned int kind)
{
	struct ipi_xcall_register r = { .size = sizeof(r), .kind = kind };
	int err = dev_ioctl(fd, IPI_XCALL_IOC_REGISTER, &r);

	if (err)
		die("no slot: %s", strerror(-err));
	return r.id;
}

struct ipi_xcall_target dev_set(const struct cpus *set)
{
	static __thread __u64 words[IPI_XCALL_MASK_WORDS_MAX];
	unsigned int i, cpu = 0;

	memset(words, 0, sizeof(words));
	for (i = 0; i < set->nr; i++) {
		cpu = set->cpu[i];
		words[cpu / 64] |= 1ULL << cpu % 64;
	}
	return (struct ipi_xcall_target){
		.to = IPI_XCALL_TO_SET,
		.mask_words = cpu / 64 + 1,
		.mask = (uintptr_t)words,
	};
}

struct ipi_xcall_target dev_target(unsigned int mode, unsigned int source,
				   const struct cpus *targets)
{
	struct ipi_xcall_target t = {};

	if (mode == M_BROADCAST)
		t.to = cpus_has(targets, source) ? IPI_XCALL_TO_ALL :
						   IPI_XCALL_TO_OTHERS;
	else if (mode == M_SELF)
		t.cpu = source;
	else if (!modes[mode].pairs)
		return dev_set(targets);
	else if (mode != M_DRY)
		t.cpu = targets->cpu[0];
	return t;
}

/* About a second of them, by what those before took. */
static unsigned int chunk(const struct taken *t, unsigned int left,
			  const struct ipi_xcall_measure *m)
{
	double each = t->nr ? (double)t->ns / t->nr : m->period_ns, most = CHUNK_FIRST;

	if (t->nr || each * most > CHUNK_NS)
		most = CHUNK_NS / fmax(each, 1);
	most = fmin(fmax(most, 1), CHUNK);
	return left < most ? left : most;
}

static volatile sig_atomic_t alarmed;

static void on_alarm(int sig)
{
	(void)sig;
	alarmed = 1;
}

/* One command, which ends after HUNG_S seconds at the latest. */
static int measure_some(int fd, struct ipi_xcall_measure *m)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	int err;

	sigaction(SIGALRM, &sa, NULL);
	alarmed = 0;
	alarm(HUNG_S);
	err = dev_ioctl(fd, IPI_XCALL_IOC_MEASURE, m);
	alarm(0);
	return err;
}

/*
 * A process that is stopped and continued, traced or frozen has its system call
 * end early without a signal of its own: then there is more to do.
 */
struct taken dev_measure(int fd, struct ipi_xcall_measure *m,
			 struct ipi_xcall_sample *samples, unsigned int nr)
{
	struct taken t = {};
	unsigned int misses = 0;
	uint64_t began;

	m->size = sizeof(*m);
	while (t.nr < nr && !t.err && !t.held && !interrupted) {
		m->nr_samples = chunk(&t, nr - t.nr, m);
		m->samples = (uintptr_t)(samples + t.nr);
		m->waited_ns = 0;
		began = now_ns();
		t.err = measure_some(fd, m);
		t.ns += now_ns() - began;
		if (t.err == -EINTR) {
			misses += alarmed;
			t.held = misses == HUNG_TRIES;
			t.err = 0;
			continue;
		}
		if (t.err)
			break;
		misses = 0;
		t.nr += m->nr_samples;
		t.waited_ns += m->waited_ns;
		if (m->ended == IPI_XCALL_ENDED_OFFLINE)
			t.err = -ENXIO;
		progress_part((double)t.nr / nr);
	}
	return t;
}

const char *measure_error(int err)
{
	return err == -ENOSPC || err == -EDQUOT ?
	       "too many measurements are under way, or no slot is free" : strerror(-err);
}

const char *taken_why(const struct taken *t, unsigned int source)
{
	static char text[80];

	if (t->err == -ENXIO)
		return "a CPU went offline";
	if (!t->held)
		return measure_error(t->err);
	snprintf(text, sizeof(text), "a task of higher priority keeps CPU %u, for %d s by now",
		 source, HUNG_S * HUNG_TRIES);
	return text;
}

/* When the module posted a call to the CPU that it runs on, between two looks. */
static void bracket(int fd, unsigned int cpu, int64_t *low, int64_t *high)
{
	struct ipi_xcall_time t = {};
	struct ipi_xcall_call c = {
		.size = sizeof(c), .target = { .cpu = cpu },
		.nr_times = 1, .times = (uintptr_t)&t,
	};
	int64_t before, after;
	int err;

	/* Other threads may have as many calls under way as there can be. */
	do {
		before = now_ns();
		err = dev_ioctl(fd, IPI_XCALL_IOC_CALL, &c);
		after = now_ns();
	} while (err == -EDQUOT || err == -ENOSPC);
	if (err || c.nr_times != 1)
		die("a call to the own CPU, %u: %s", cpu, strerror(-err));
	if ((int64_t)t.posted_ns - after > *low)
		*low = (int64_t)t.posted_ns - after;
	if ((int64_t)t.posted_ns - before < *high)
		*high = (int64_t)t.posted_ns - before;
}

/* What this program's time namespace is ahead, as the kernel tells it. */
static int64_t namespace_ahead(void)
{
	long long s, ns;

	return sscanf(file_line("/proc/self/timens_offsets"), "monotonic %lld %lld",
		      &s, &ns) == 2 ? s * 1000000000 + ns : 0;
}

int64_t dev_clock_offset(int fd, unsigned int cpu)
{
	int64_t low = INT64_MIN, high = INT64_MAX, told = -namespace_ahead();
	int i;

	for (i = 0; i < CLOCK_TRIES; i++)
		bracket(fd, cpu, &low, &high);
	if (low <= 0 && high >= 0)
		return 0;
	return low <= told && told <= high ? told : low + (high - low) / 2;
}
