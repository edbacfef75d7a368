// SPDX-License-Identifier: GPL-2.0
/* See abi.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "abi.h"
#include "helpers.h"

int abi_open(void)
{
	int fd = open(ABI_DEV, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int abi_ioctl(int fd, unsigned int cmd, void *arg)
{
	return ioctl(fd, cmd, arg) ? -errno : 0;
}

struct ipi_xcall_target to_cpu(unsigned int cpu)
{
	return (struct ipi_xcall_target){ .to = IPI_XCALL_TO_CPU, .cpu = cpu };
}

struct ipi_xcall_target to_set(const __u64 *words, unsigned int nr)
{
	return (struct ipi_xcall_target){
		.to = IPI_XCALL_TO_SET, .mask_words = nr, .mask = ABI_PTR(words),
	};
}

void mask_add(__u64 *words, unsigned int cpu)
{
	words[cpu / 64] |= 1ULL << cpu % 64;
}

struct ipi_xcall_target to_all(void)
{
	return (struct ipi_xcall_target){ .to = IPI_XCALL_TO_ALL };
}

struct ipi_xcall_target to_others(void)
{
	return (struct ipi_xcall_target){ .to = IPI_XCALL_TO_OTHERS };
}

static int do_register(int fd, struct ipi_xcall_register *r)
{
	int err;

	r->size = sizeof(*r);
	err = abi_ioctl(fd, IPI_XCALL_IOC_REGISTER, r);
	return err ? err : (int)r->id;
}

unsigned int abi_slots(int fd)
{
	struct ipi_xcall_info info = { .size = sizeof(info) };

	return abi_ioctl(fd, IPI_XCALL_IOC_INFO, &info) ? 0 :
	       info.slots - info.slots_kernel;
}

int abi_register(int fd, unsigned int kind)
{
	return do_register(fd, &(struct ipi_xcall_register){ .kind = kind });
}

bool can_eventfd(void)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

int abi_register_eventfd(int fd, int eventfd)
{
	return do_register(fd, &(struct ipi_xcall_register){
		.kind = IPI_XCALL_EVENTFD, .eventfd = eventfd });
}

int abi_register_delay(int fd, unsigned int ns)
{
	return do_register(fd, &(struct ipi_xcall_register){
		.kind = IPI_XCALL_DELAY, .delay_ns = ns });
}

int abi_unregister(int fd, unsigned int id)
{
	struct ipi_xcall_unregister u = { .size = sizeof(u), .id = id };

	return abi_ioctl(fd, IPI_XCALL_IOC_UNREGISTER, &u);
}

int abi_trigger(int fd, unsigned int id, struct ipi_xcall_target target)
{
	struct ipi_xcall_trigger t = {
		.size = sizeof(t), .id = id, .target = target,
	};
	int err = abi_ioctl(fd, IPI_XCALL_IOC_TRIGGER, &t);

	return err ? err : (int)t.marked;
}

static long long runs(int fd, unsigned int id, int cpu)
{
	struct ipi_xcall_slot_cpu cpus[ABI_CPUS];
	struct ipi_xcall_slot s = {
		.size = sizeof(s), .id = id, .nr_cpus = ABI_CPUS,
		.cpus = ABI_PTR(cpus),
	};
	int err = abi_ioctl(fd, IPI_XCALL_IOC_SLOT, &s);
	unsigned int i;

	if (err)
		return err;
	if (cpu < 0)
		return s.runs;
	for (i = 0; i < s.nr_cpus && i < ABI_CPUS; i++)
		if (cpus[i].cpu == (unsigned int)cpu)
			return cpus[i].runs;
	return -ENXIO;
}

long long abi_runs(int fd, unsigned int id)
{
	return runs(fd, id, -1);
}

long long abi_runs_on(int fd, unsigned int id, unsigned int cpu)
{
	return runs(fd, id, cpu);
}

int abi_call(int fd, struct ipi_xcall_target target, unsigned int delay_ns)
{
	struct ipi_xcall_call c = {
		.size = sizeof(c), .target = target, .delay_ns = delay_ns,
	};
	int err = abi_ioctl(fd, IPI_XCALL_IOC_CALL, &c);

	return err ? err : (int)c.called;
}

int abi_post(int fd, struct ipi_xcall_target target, unsigned int delay_ns,
	     __u32 *ticket)
{
	struct ipi_xcall_call c = {
		.size = sizeof(c), .flags = IPI_XCALL_CALL_POST,
		.target = target, .delay_ns = delay_ns,
	};
	int err = abi_ioctl(fd, IPI_XCALL_IOC_CALL, &c);

	*ticket = c.ticket;
	return err ? err : (int)c.called;
}

int abi_wait(int fd, __u32 ticket, __u64 timeout_ns)
{
	struct ipi_xcall_wait w = {
		.size = sizeof(w), .ticket = ticket, .timeout_ns = timeout_ns,
	};

	return abi_ioctl(fd, IPI_XCALL_IOC_WAIT, &w);
}

int abi_abandon(int fd, __u32 ticket)
{
	struct ipi_xcall_abandon a = { .size = sizeof(a), .ticket = ticket };
	int err = abi_ioctl(fd, IPI_XCALL_IOC_ABANDON, &a);

	return err ? err : (int)a.prevented;
}

int abi_flood(int fd, unsigned int cpu, unsigned int nr, __u32 *tickets)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < nr && ret >= 0; i++)
		ret = abi_post(fd, to_cpu(cpu), IPI_XCALL_DELAY_MAX_NS,
			       &tickets[i]);
	return ret < 0 ? ret : 0;
}

int abi_measure(int fd, struct ipi_xcall_measure *m,
		struct ipi_xcall_sample *samples, unsigned int nr)
{
	m->size = sizeof(*m);
	m->samples = ABI_PTR(samples);
	m->nr_samples = nr;
	return abi_ioctl(fd, IPI_XCALL_IOC_MEASURE, m);
}

int abi_slots_left(void)
{
	int64_t start = now_ms();

	while (slots_used() && now_ms() - start < LATE_MS)
		sleep_ms(10);
	return slots_used();
}

__u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}
