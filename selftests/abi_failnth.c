// SPDX-License-Identifier: GPL-2.0
/*
 * Lets every allocation of every command fail in turn, and every copy to and
 * from user memory. Needs a kernel with CONFIG_FAULT_INJECTION, FAILSLAB,
 * FAIL_PAGE_ALLOC and FAULT_INJECTION_DEBUG_FS: /proc/self/fail-nth.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/eventfd.h>
#include "kselftest_harness.h"
#include "helpers.h"
#include "abi.h"

#define FAIL_NTH	"/proc/thread-self/fail-nth"
#define DEBUG		"/sys/kernel/debug/"
#define NTH_MAX		200

FIXTURE(failnth) {
	int fd;
	int nth;
	int eventfd;
};

/* Sleeping allocations and single pages count, and the log is left alone. */
static void set_up_faults(void)
{
	static const char *const kind[] = {
		"failslab", "fail_page_alloc", "fail_usercopy",
	};
	char path[128];
	unsigned int i;

	for (i = 0; i < ABI_ARRAY(kind); i++) {
		snprintf(path, sizeof(path), DEBUG "%s/verbose", kind[i]);
		setting_write(path, "0");
		snprintf(path, sizeof(path), DEBUG "%s/ignore-gfp-wait", kind[i]);
		setting_write(path, "N");
		snprintf(path, sizeof(path), DEBUG "%s/min-order", kind[i]);
		setting_write(path, "0");
	}
}

FIXTURE_SETUP(failnth)
{
	self->nth = open(FAIL_NTH, O_RDWR | O_CLOEXEC);
	if (self->nth < 0)
		return;
	set_up_faults();
	self->fd = abi_open();
	ASSERT_LE(0, self->fd);
	self->eventfd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

FIXTURE_TEARDOWN(failnth)
{
	if (self->nth < 0)
		return;
	close(self->fd);
	close(self->nth);
	machine_restore();
	EXPECT_CLEAN();
}

/* What is armed may hit the copies that the file itself makes, once. */
static void arm(int fd, int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", nth);

	while (pwrite(fd, text, len, 0) != len)
		if (errno != EFAULT)
			abort();
}

/* True if the fault has happened before this; none is armed after it. */
static bool disarm(int fd)
{
	char text[16] = {};
	ssize_t len = pread(fd, text, sizeof(text) - 1, 0);

	if (len <= 0 && errno != EFAULT)
		abort();
	arm(fd, 0);
	return len > 0 && atoi(text) == 0;
}

/*
 * One command under test: run() gives 0 or -errno; when it is over, undo()
 * takes back what a success has done.
 */
struct step {
	const char *name;
	int (*run)(int fd, int eventfd);
	void (*undo)(int fd, int result);
	/* Its last copy is made, and can fail, when it has been done. */
	bool copies_last;
};

static int run_open(int fd, int efd)
{
	(void)fd;
	(void)efd;
	return abi_open();
}

static void undo_open(int fd, int result)
{
	(void)fd;
	close(result);
}

static int run_info(int fd, int efd)
{
	struct ipi_xcall_info i = { .size = sizeof(i) };

	(void)efd;
	return abi_ioctl(fd, IPI_XCALL_IOC_INFO, &i);
}

static int run_count(int fd, int efd)
{
	(void)efd;
	return abi_register(fd, IPI_XCALL_COUNT);
}

static int run_stamp(int fd, int efd)
{
	(void)efd;
	return abi_register(fd, IPI_XCALL_STAMP);
}

static int run_eventfd(int fd, int efd)
{
	return abi_register_eventfd(fd, efd);
}

static int run_delay(int fd, int efd)
{
	(void)efd;
	return abi_register_delay(fd, 1);
}

static void undo_register(int fd, int result)
{
	abi_unregister(fd, result);
}

/* Of the first CPU that is online. */
static __u64 mask[ABI_WORDS];
/* Records on the stack, which must not need to grow when an allocation is to fail. */
#define ROOM	64
/* Prepared for the commands that need one. */
static int the_id;
static __u32 the_ticket;

static int run_trigger(int fd, int efd)
{
	(void)efd;
	return abi_trigger(fd, the_id, to_set(mask, ABI_WORDS));
}

static int run_slot(int fd, int efd)
{
	struct ipi_xcall_slot_cpu c[ROOM];
	struct ipi_xcall_slot s = {
		.size = sizeof(s), .id = the_id, .nr_cpus = ROOM, .cpus = ABI_PTR(c),
	};

	(void)efd;
	return abi_ioctl(fd, IPI_XCALL_IOC_SLOT, &s);
}

static int run_call(int fd, int efd)
{
	(void)efd;
	return abi_call(fd, to_set(mask, ABI_WORDS), 0);
}

static int run_post(int fd, int efd)
{
	__u32 ticket;
	int ret = abi_post(fd, to_set(mask, ABI_WORDS), 0, &ticket);

	(void)efd;
	return ret < 0 ? ret : (int)ticket;
}

static void undo_post(int fd, int result)
{
	abi_wait(fd, result, IPI_XCALL_FOREVER);
}

static int run_wait(int fd, int efd)
{
	struct ipi_xcall_time t[ROOM];
	struct ipi_xcall_wait w = {
		.size = sizeof(w), .ticket = the_ticket, .nr_times = ROOM,
		.times = ABI_PTR(t), .timeout_ns = IPI_XCALL_FOREVER,
	};

	(void)efd;
	return abi_ioctl(fd, IPI_XCALL_IOC_WAIT, &w);
}

static int run_abandon(int fd, int efd)
{
	(void)efd;
	return abi_abandon(fd, the_ticket);
}

static void undo_ticket(int fd, int result)
{
	(void)result;
	abi_post(fd, to_cpu(home_cpu()), 0, &the_ticket);
}

static int run_unregister(int fd, int efd)
{
	(void)efd;
	return abi_unregister(fd, the_id);
}

static void undo_unregister(int fd, int result)
{
	(void)result;
	the_id = abi_register(fd, IPI_XCALL_STAMP);
}

static int run_stats(int fd, int efd)
{
	struct ipi_xcall_cpu_stats c[ROOM];
	struct ipi_xcall_stats s = {
		.size = sizeof(s), .nr_cpus = ROOM, .cpus = ABI_PTR(c),
	};

	(void)efd;
	return abi_ioctl(fd, IPI_XCALL_IOC_STATS, &s);
}

static int run_reset(int fd, int efd)
{
	struct ipi_xcall_reset r = { .size = sizeof(r) };

	(void)efd;
	return abi_ioctl(fd, IPI_XCALL_IOC_RESET, &r);
}

static int run_measure(int fd, int efd)
{
	struct ipi_xcall_measure m = {
		.mode = IPI_XCALL_MEASURE_TRIGGER, .target = to_set(mask, ABI_WORDS),
		.source = home_cpu(),
	};
	struct ipi_xcall_sample s[4];

	(void)efd;
	return abi_measure(fd, &m, s, ABI_ARRAY(s));
}

static const struct step steps[] = {
	{ "open", run_open, undo_open, false },
	{ "info", run_info, NULL, false },
	{ "register count", run_count, undo_register, false },
	{ "register stamp", run_stamp, undo_register, false },
	{ "register eventfd", run_eventfd, undo_register, false },
	{ "register delay", run_delay, undo_register, false },
	{ "trigger", run_trigger, NULL, false },
	{ "slot", run_slot, NULL, false },
	{ "call", run_call, NULL, false },
	{ "post", run_post, undo_post, false },
	{ "wait", run_wait, undo_ticket, false },
	{ "abandon", run_abandon, undo_ticket, true },
	{ "stats", run_stats, NULL, false },
	{ "reset", run_reset, NULL, false },
	{ "measure", run_measure, NULL, false },
	{ "unregister", run_unregister, undo_unregister, false },
};

TEST_F(failnth, each_failure_is_reported_and_changes_nothing)
{
	const struct step *s;
	int n, ret, slots, failures;
	bool hit;

	if (self->nth < 0)
		SKIP(return, "no " FAIL_NTH ": needs a kernel with fault injection");
	mask_add(mask, home_cpu());
	the_id = abi_register(self->fd, IPI_XCALL_STAMP);
	ASSERT_LT(0, the_id);
	ASSERT_LE(0, abi_post(self->fd, to_cpu(home_cpu()), 0, &the_ticket));
	slots = slots_used();
	for (s = steps; s < steps + ABI_ARRAY(steps); s++) {
		failures = 0;
		for (n = 1; n < NTH_MAX; n++) {
			arm(self->nth, n);
			ret = s->run(self->fd, self->eventfd);
			hit = disarm(self->nth);
			EXPECT_TRUE(ret >= 0 || ret == -ENOMEM ||
				    ret == -EFAULT) {
				TH_LOG("%s, failure %d: %d", s->name, n, ret);
			}
			EXPECT_TRUE(hit || ret >= 0);
			failures += ret < 0;
			if (s->undo && (ret >= 0 || s->copies_last))
				s->undo(self->fd, ret);
			EXPECT_EQ(slots, slots_used());
			if (!hit)
				break;
		}
		TH_LOG("%s: %d allocations and copies, %d of them needed",
		       s->name, n - 1, failures);
		EXPECT_GT(NTH_MAX, n);
	}
}

TEST_HARNESS_MAIN
