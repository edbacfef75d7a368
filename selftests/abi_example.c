// SPDX-License-Identifier: GPL-2.0
/*
 * Sees an IPI handler run through an eventfd, then measures how long each CPU
 * takes to answer a cross-call. Needs root; prints a line for each CPU.
 */
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>

#include "../uapi/ipi_xcall.h"

static void ask(int fd, unsigned long cmd, void *arg, const char *what)
{
	if (ioctl(fd, cmd, arg))
		err(1, "%s", what);
}

/* Every other CPU runs a handler; poll(2) tells of it. */
static void ring(int fd)
{
	struct ipi_xcall_register reg = { .size = sizeof(reg) };
	struct ipi_xcall_trigger trigger = { .size = sizeof(trigger) };
	struct ipi_xcall_unregister unreg = { .size = sizeof(unreg) };
	struct pollfd p = { .events = POLLIN };
	eventfd_t runs;

	p.fd = eventfd(0, EFD_CLOEXEC);
	if (p.fd < 0)
		err(1, "eventfd");
	reg.kind = IPI_XCALL_EVENTFD;
	reg.eventfd = p.fd;
	ask(fd, IPI_XCALL_IOC_REGISTER, &reg, "register");

	trigger.id = reg.id;
	trigger.target.to = IPI_XCALL_TO_ALL;
	ask(fd, IPI_XCALL_IOC_TRIGGER, &trigger, "trigger");
	if (poll(&p, 1, 10000) != 1)
		errx(1, "no handler ran");

	unreg.id = reg.id;
	ask(fd, IPI_XCALL_IOC_UNREGISTER, &unreg, "unregister");
	eventfd_read(p.fd, &runs);
	printf("slot %u: %u CPUs marked, %u kicked, %u offline; %llu runs\n",
	       reg.id, trigger.marked, trigger.kicked, trigger.offline,
	       (unsigned long long)runs);
}

/* Posts a call to all CPUs, does something else, and waits for it. */
static void measure(int fd, unsigned int cpus)
{
	struct ipi_xcall_call call = { .size = sizeof(call) };
	struct ipi_xcall_wait wait = { .size = sizeof(wait) };
	struct ipi_xcall_time *t = calloc(cpus, sizeof(*t));
	unsigned int i;

	if (!t)
		err(1, "calloc");
	call.flags = IPI_XCALL_CALL_POST;
	call.target.to = IPI_XCALL_TO_ALL;
	ask(fd, IPI_XCALL_IOC_CALL, &call, "call");

	wait.ticket = call.ticket;
	wait.timeout_ns = 10000000000ULL;
	wait.nr_times = cpus;
	wait.times = (__u64)(unsigned long)t;
	ask(fd, IPI_XCALL_IOC_WAIT, &wait, "wait");
	for (i = 0; i < wait.nr_times; i++)
		printf("CPU %u: began after %llu ns, ran for %llu ns\n", t[i].cpu,
		       (unsigned long long)(t[i].started_ns - t[i].posted_ns),
		       (unsigned long long)(t[i].ended_ns - t[i].started_ns));
	free(t);
}

int main(void)
{
	struct ipi_xcall_info info = { .size = sizeof(info) };
	int fd = open("/dev/ipi_xcall", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		err(1, "/dev/ipi_xcall");
	ask(fd, IPI_XCALL_IOC_INFO, &info, "info");
	printf("ipi_xcall %u.%u.%u, ABI %u, %u slots, %u CPUs\n",
	       info.version >> 16, info.version >> 8 & 0xff, info.version & 0xff,
	       info.abi, info.slots, info.cpus_online);
	ring(fd);
	measure(fd, info.cpus_possible);
	return 0;
}
