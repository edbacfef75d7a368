// SPDX-License-Identifier: GPL-2.0
/* What ipixctl asks of the module. See ipixctl.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "ipixctl.h"

#define DEVICE		"/dev/ipi_xcall"
/* Samples of one command: so that a signal that just missed it is no loss. */
#define CHUNK		10000
#define CHUNK_NS	1000000000

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

const char *dev_version(const struct ipi_xcall_info *info)
{
	static char text[32];

	snprintf(text, sizeof(text), "%u.%u.%u", info->version >> 16 & 0xff,
		 info->version >> 8 & 0xff, info->version & 0xff);
	return text;
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
		return cpus_target(targets);
	else if (mode != M_DRY)
		t.cpu = targets->cpu[0];
	return t;
}

static unsigned int chunk(unsigned int left, unsigned int period_ns)
{
	unsigned int most = period_ns ? CHUNK_NS / period_ns : CHUNK;

	if (most > CHUNK)
		most = CHUNK;
	if (most < 1)
		most = 1;
	return left < most ? left : most;
}

unsigned int dev_measure(int fd, struct ipi_xcall_measure *m,
			 struct ipi_xcall_sample *samples, unsigned int nr, int *err)
{
	unsigned int taken = 0;

	m->size = sizeof(*m);
	*err = 0;
	while (taken < nr && !interrupted) {
		m->nr_samples = chunk(nr - taken, m->period_ns);
		m->samples = (uintptr_t)(samples + taken);
		*err = dev_ioctl(fd, IPI_XCALL_IOC_MEASURE, m);
		if (*err)
			break;
		taken += m->nr_samples;
		if (m->ended == IPI_XCALL_ENDED_OFFLINE)
			*err = -ENXIO;
		if (m->ended != IPI_XCALL_ENDED_FULL)
			break;
	}
	return taken;
}
