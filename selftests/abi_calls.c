// SPDX-License-Identifier: GPL-2.0
/* The ioctl ABI: what each command does when all is well. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/param.h>
#include <sys/stat.h>
#include <sys/time.h>
#include "kselftest_harness.h"
#include "helpers.h"
#include "abi.h"

#define TRIES	50

FIXTURE(abi) {
	int fd;
	int cpus;
	unsigned int home;	/* two CPUs, if there are two */
	unsigned int other;
};

FIXTURE_SETUP(abi)
{
	machine_restore();
	self->fd = abi_open();
	ASSERT_LE(0, self->fd);
	self->cpus = cpus_online();
	self->home = home_cpu();
	self->other = other_cpu();
	ASSERT_GE(ABI_CPUS, cpu_ids());
}

FIXTURE_TEARDOWN(abi)
{
	params_restore();
	machine_restore();
	close(self->fd);
	EXPECT_CLEAN();
}

TEST_F(abi, device_is_for_its_owner_alone)
{
	struct stat st;

	ASSERT_EQ(0, stat(ABI_DEV, &st));
	EXPECT_TRUE(S_ISCHR(st.st_mode));
	EXPECT_EQ(0600, st.st_mode & 07777);
}

TEST_F(abi, info_tells_versions_and_limits)
{
	struct ipi_xcall_info i = { .size = sizeof(i), .abi = 77 };
	char version[16], text[64];

	ASSERT_EQ(0, abi_ioctl(self->fd, IPI_XCALL_IOC_INFO, &i));
	EXPECT_EQ(sizeof(i), i.size);
	EXPECT_EQ(IPI_XCALL_ABI, i.abi);
	snprintf(version, sizeof(version), "%u.%u.%u\n", i.version >> 16 & 0xff,
		 i.version >> 8 & 0xff, i.version & 0xff);
	if (read_file("/sys/module/ipi_xcall/version", text, sizeof(text)) > 0)
		EXPECT_STREQ(text, version);
	EXPECT_TRUE(i.slots == 32 || i.slots == 16);
	EXPECT_LE(i.slots - 1, i.mailbox);
	EXPECT_EQ(IPI_XCALL_SLOTS_PER_FILE, i.slots_per_file);
	EXPECT_EQ(IPI_XCALL_CALLS_MAX, i.calls);
	EXPECT_EQ(IPI_XCALL_CALLS_PER_FILE, i.calls_per_file);
	EXPECT_EQ(IPI_XCALL_DELAY_MAX_NS, i.delay_max_ns);
	EXPECT_EQ(IPI_XCALL_MASK_WORDS_MAX, i.mask_words_max);
	EXPECT_EQ((unsigned int)cpus_possible(), i.cpus_possible);
	EXPECT_EQ((unsigned int)cpus_online(), i.cpus_online);
	EXPECT_LE((unsigned int)cpu_ids(), i.cpu_ids);
	EXPECT_EQ(i.slots / 4, i.slots_kernel);
	EXPECT_EQ((__u32)MAX(IPI_XCALL_MEASURES_MAX, cpus_possible()), i.measures);
	EXPECT_EQ(IPI_XCALL_MEASURES_PER_FILE, i.measures_per_file);
	EXPECT_EQ(IPI_XCALL_DELAY_BURST_NS, i.delay_burst_ns);
}

TEST_F(abi, trigger_of_self_runs_before_return)
{
	int id = abi_register(self->fd, IPI_XCALL_COUNT);

	ASSERT_LT(0, id);
	pin(self->home);
	EXPECT_EQ(1, abi_trigger(self->fd, id, to_cpu(self->home)));
	EXPECT_EQ(1, abi_runs_on(self->fd, id, self->home));
	EXPECT_EQ(1, abi_runs(self->fd, id));
	EXPECT_EQ(0, abi_unregister(self->fd, id));
}

/* Each way to name the CPUs marks those and no others. */
TEST_F(abi, trigger_reaches_whom_it_is_aimed_at)
{
	unsigned int other = self->other, nr = ABI_WORDS_TO(other);
	int id = abi_register(self->fd, IPI_XCALL_COUNT);
	int set = other == self->home ? 1 : 2;
	__u64 words[ABI_WORDS] = {};

	ASSERT_LT(0, id);
	pin(self->home);
	mask_add(words, self->home);
	mask_add(words, other);
	EXPECT_EQ(1, abi_trigger(self->fd, id, to_cpu(other)));
	EXPECT_EQ(set, abi_trigger(self->fd, id, to_set(words, nr)));
	EXPECT_EQ(set, abi_trigger(self->fd, id, to_set(words, nr + 1)));
	memset(words, 0, sizeof(words));
	EXPECT_EQ(0, abi_trigger(self->fd, id, to_set(words, nr + 1)));
	EXPECT_EQ(self->cpus, abi_trigger(self->fd, id, to_all()));
	EXPECT_EQ(self->cpus - 1, abi_trigger(self->fd, id, to_others()));
	/* Runs what is on its way, and the rest of the test sees the sum. */
	ASSERT_EQ(self->cpus, abi_call(self->fd, to_all(), 0));
	EXPECT_LE(set == 1 ? 4 : 1, abi_runs_on(self->fd, id, self->home));
	EXPECT_LE(1, abi_runs_on(self->fd, id, other));
	EXPECT_EQ(0, abi_unregister(self->fd, id));
}

TEST_F(abi, verdict_adds_up)
{
	struct ipi_xcall_trigger t = { .size = sizeof(t), .target = to_all() };
	int cpu = cpu_to_unplug();
	int id = abi_register(self->fd, IPI_XCALL_STAMP);
	int i;

	ASSERT_LT(0, id);
	pin(self->home);
	t.id = id;
	for (i = 0; i < 100; i++) {
		ASSERT_EQ(0, abi_ioctl(self->fd, IPI_XCALL_IOC_TRIGGER, &t));
		EXPECT_EQ((unsigned int)self->cpus, t.marked);
		EXPECT_LE(t.coalesced + t.kicked, t.marked);
		EXPECT_EQ((unsigned int)(cpus_possible() - self->cpus),
			  t.offline);
	}
	NEEDS_UNPLUG(cpu);
	ASSERT_EQ(0, cpu_set_online(cpu, false));
	ASSERT_EQ(0, abi_ioctl(self->fd, IPI_XCALL_IOC_TRIGGER, &t));
	EXPECT_EQ((unsigned int)(self->cpus - 1), t.marked);
	EXPECT_EQ((unsigned int)(cpus_possible() - self->cpus + 1), t.offline);
	t.target = to_others();
	ASSERT_EQ(0, abi_ioctl(self->fd, IPI_XCALL_IOC_TRIGGER, &t));
	EXPECT_EQ((unsigned int)(self->cpus - 2), t.marked);
	EXPECT_EQ((unsigned int)(cpus_possible() - self->cpus + 1), t.offline);
}

/* A CPU that is busy for a millisecond cannot serve what comes meanwhile. */
TEST_F(abi, second_trigger_of_a_busy_cpu_coalesces)
{
	struct ipi_xcall_trigger t = { .size = sizeof(t) };
	int id = abi_register_delay(self->fd, IPI_XCALL_DELAY_MAX_NS);
	int i;

	ASSERT_LT(0, id);
	if (self->other == self->home)
		SKIP(return, "needs two CPUs");
	pin(self->home);
	t.id = id;
	t.target = to_cpu(self->other);
	for (i = 0; i < 1000 && !t.coalesced; i++)
		ASSERT_EQ(0, abi_ioctl(self->fd, IPI_XCALL_IOC_TRIGGER, &t));
	EXPECT_EQ(1, t.coalesced);
	EXPECT_EQ(0, t.kicked);
	EXPECT_EQ(1, t.marked);
}

/* The record of a CPU among those of a slot, or NULL. */
static struct ipi_xcall_slot_cpu *record_of(struct ipi_xcall_slot_cpu *c,
					    unsigned int nr, unsigned int cpu)
{
	while (nr--)
		if (c[nr].cpu == cpu)
			return &c[nr];
	return NULL;
}

TEST_F(abi, stamp_lies_between_trigger_and_return)
{
	static struct ipi_xcall_slot_cpu c[ABI_CPUS];
	struct ipi_xcall_slot_cpu *home;
	struct ipi_xcall_slot s = {
		.size = sizeof(s), .nr_cpus = ABI_CPUS, .cpus = ABI_PTR(c),
	};
	int id = abi_register(self->fd, IPI_XCALL_STAMP);
	__u64 before, after;

	ASSERT_LT(0, id);
	s.id = id;
	pin(self->home);
	ASSERT_EQ(0, abi_ioctl(self->fd, IPI_XCALL_IOC_SLOT, &s));
	home = record_of(c, s.nr_cpus, self->home);
	ASSERT_NE(NULL, home);
	EXPECT_EQ(0, home->last_ns);
	EXPECT_EQ(IPI_XCALL_STAMP, s.kind);
	before = now_ns();
	EXPECT_EQ(1, abi_trigger(self->fd, id, to_cpu(self->home)));
	after = now_ns();
	ASSERT_EQ(0, abi_ioctl(self->fd, IPI_XCALL_IOC_SLOT, &s));
	EXPECT_EQ((unsigned int)cpus_possible(), s.nr_cpus);
	EXPECT_EQ(1, s.runs);
	EXPECT_EQ(self->home, home->cpu);
	EXPECT_EQ(1, home->runs);
	EXPECT_LE(before, home->last_ns);
	EXPECT_GE(after, home->last_ns);
}

TEST_F(abi, slot_writes_as_many_records_as_there_is_room_for)
{
	static struct ipi_xcall_slot_cpu c[ABI_CPUS];
	struct ipi_xcall_slot s = { .size = sizeof(s) };
	int id = abi_register(self->fd, IPI_XCALL_COUNT);

	ASSERT_LT(0, id);
	s.id = id;
	ASSERT_EQ(0, abi_ioctl(self->fd, IPI_XCALL_IOC_SLOT, &s));
	EXPECT_EQ((unsigned int)cpus_possible(), s.nr_cpus);
	memset(c, 0xee, sizeof(c));
	s.nr_cpus = 1;
	s.cpus = ABI_PTR(c);
	ASSERT_EQ(0, abi_ioctl(self->fd, IPI_XCALL_IOC_SLOT, &s));
	EXPECT_EQ((unsigned int)next_possible_cpu(-1), c[0].cpu);
	EXPECT_EQ(0xeeeeeeee, c[1].cpu);
	EXPECT_EQ((unsigned int)cpus_possible(), s.nr_cpus);
}

TEST_F(abi, delay_keeps_the_cpu_busy)
{
	int id = abi_register_delay(self->fd, IPI_XCALL_DELAY_MAX_NS);
	__u64 before;

	NEEDS_A_FINE_CLOCK();
	ASSERT_LT(0, id);
	pin(self->home);
	before = now_ns();
	EXPECT_EQ(1, abi_trigger(self->fd, id, to_cpu(self->home)));
	EXPECT_LE(IPI_XCALL_DELAY_MAX_NS, now_ns() - before);
}

/* Or there are none. */
TEST_F(abi, eventfd_counts_every_run)
{
	int efd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	int id = abi_register_eventfd(self->fd, efd);
	uint64_t sum = 0, n;
	long long runs;
	int i;

	if (!can_eventfd()) {
		EXPECT_EQ(-ENOSYS, id);
		return;
	}
	ASSERT_LT(0, id);
	for (i = 0; i < 200; i++)
		ASSERT_EQ(self->cpus, abi_trigger(self->fd, id, to_all()));
	ASSERT_LE(0, abi_call(self->fd, to_all(), 0));
	sleep_ms(100);
	runs = abi_runs(self->fd, id);
	EXPECT_LE(200, runs);
	/* When the slot is gone the last signal has been sent. */
	EXPECT_EQ(0, abi_unregister(self->fd, id));
	while (read(efd, &n, sizeof(n)) == sizeof(n))
		sum += n;
	EXPECT_EQ((uint64_t)runs, sum);
	close(efd);
}

TEST_F(abi, poll_and_epoll_see_a_handler_run)
{
	int efd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	int ep = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event ev = { .events = EPOLLIN };
	struct pollfd p = { .fd = efd, .events = POLLIN };
	int id = abi_register_eventfd(self->fd, efd);
	uint64_t n;

	NEEDS_EVENTFD();
	ASSERT_LT(0, id);
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, efd, &ev));
	EXPECT_EQ(0, poll(&p, 1, 0));
	EXPECT_EQ(0, epoll_wait(ep, &ev, 1, 0));
	EXPECT_EQ(1, abi_trigger(self->fd, id, to_cpu(self->other)));
	EXPECT_EQ(1, poll(&p, 1, LATE_MS));
	EXPECT_EQ(POLLIN, p.revents);
	EXPECT_EQ(1, epoll_wait(ep, &ev, 1, LATE_MS));
	EXPECT_EQ((ssize_t)sizeof(n), read(efd, &n, sizeof(n)));
	EXPECT_EQ(1, n);
	EXPECT_EQ(0, poll(&p, 1, 0));
	close(ep);
	close(efd);
}

/* The slot holds the eventfd: it may be closed, and outlives it elsewhere. */
TEST_F(abi, closed_eventfd_does_no_harm)
{
	int efd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	int copy = dup(efd);
	int id = abi_register_eventfd(self->fd, efd);
	uint64_t n;

	NEEDS_EVENTFD();
	ASSERT_LT(0, id);
	close(efd);
	EXPECT_EQ(self->cpus, abi_trigger(self->fd, id, to_all()));
	EXPECT_EQ(0, abi_unregister(self->fd, id));
	EXPECT_EQ((ssize_t)sizeof(n), read(copy, &n, sizeof(n)));
	EXPECT_EQ((uint64_t)self->cpus, n);
	id = abi_register_eventfd(self->fd, copy);
	ASSERT_LT(0, id);
	close(copy);
	EXPECT_EQ(self->cpus, abi_trigger(self->fd, id, to_all()));
}

/* The order that the times of a call must have. */
static void check_times(struct __test_metadata *_metadata, __u64 before,
			const struct ipi_xcall_time *t, unsigned int nr)
{
	__u64 after = now_ns();
	unsigned int i;

	for (i = 0; i < nr; i++) {
		EXPECT_LE(before, t[i].posted_ns);
		EXPECT_LE(t[i].posted_ns, t[i].started_ns);
		EXPECT_LE(t[i].started_ns, t[i].ended_ns);
		EXPECT_LE(t[i].ended_ns, t[i].acked_ns);
		EXPECT_LE(t[i].acked_ns, after);
		EXPECT_EQ(0, t[i].reserved);
		if (i)
			EXPECT_LT(t[i - 1].cpu, t[i].cpu);
	}
}

TEST_F(abi, call_tells_the_times_of_each_cpu)
{
	static struct ipi_xcall_time t[ABI_CPUS];
	struct ipi_xcall_call c = {
		.size = sizeof(c), .target = to_all(), .delay_ns = 20000,
		.nr_times = ABI_CPUS, .times = ABI_PTR(t),
	};
	__u64 before = now_ns();

	NEEDS_A_FINE_CLOCK();
	ASSERT_EQ(0, abi_ioctl(self->fd, IPI_XCALL_IOC_CALL, &c));
	EXPECT_EQ((unsigned int)self->cpus, c.called);
	EXPECT_EQ(c.called, c.nr_times);
	EXPECT_EQ((unsigned int)(cpus_possible() - self->cpus), c.offline);
	EXPECT_EQ(0, c.ticket);
	check_times(_metadata, before, t, c.nr_times);
	EXPECT_LE(20000, t[0].ended_ns - t[0].started_ns);
}

TEST_F(abi, call_reaches_whom_it_is_aimed_at)
{
	unsigned int other = self->other, nr = ABI_WORDS_TO(other);
	__u64 words[ABI_WORDS] = {};
	struct ipi_xcall_time t;
	struct ipi_xcall_call c = {
		.size = sizeof(c), .target = to_cpu(other),
		.nr_times = 1, .times = ABI_PTR(&t),
	};

	ASSERT_EQ(0, abi_ioctl(self->fd, IPI_XCALL_IOC_CALL, &c));
	EXPECT_EQ(1, c.called);
	EXPECT_EQ(1, c.nr_times);
	EXPECT_EQ(other, t.cpu);
	mask_add(words, other);
	c.target = to_set(words, nr + 1);
	ASSERT_EQ(0, abi_ioctl(self->fd, IPI_XCALL_IOC_CALL, &c));
	EXPECT_EQ(1, c.called);
	EXPECT_EQ(other, t.cpu);
	EXPECT_EQ(self->cpus - 1, abi_call(self->fd, to_others(), 0));
	memset(words, 0, sizeof(words));
	EXPECT_EQ(0, abi_call(self->fd, to_set(words, nr), 0));
}

TEST_F(abi, posted_call_is_waited_for_once)
{
	static struct ipi_xcall_time t[ABI_CPUS];
	struct ipi_xcall_wait w = {
		.size = sizeof(w), .timeout_ns = IPI_XCALL_FOREVER,
		.nr_times = ABI_CPUS, .times = ABI_PTR(t),
	};
	__u64 before = now_ns();

	ASSERT_EQ(self->cpus, abi_post(self->fd, to_all(), 1000, &w.ticket));
	EXPECT_NE(0, w.ticket);
	ASSERT_EQ(0, abi_ioctl(self->fd, IPI_XCALL_IOC_WAIT, &w));
	EXPECT_EQ((unsigned int)self->cpus, w.called);
	EXPECT_EQ(w.called, w.nr_times);
	check_times(_metadata, before, t, w.nr_times);
	EXPECT_EQ(-ENOENT, abi_wait(self->fd, w.ticket, 0));
	EXPECT_EQ(-ENOENT, abi_abandon(self->fd, w.ticket));
}

TEST_F(abi, call_to_nobody_has_run_at_once)
{
	__u64 none = 0;
	__u32 ticket;

	EXPECT_EQ(0, abi_post(self->fd, to_set(&none, 1), 0, &ticket));
	EXPECT_EQ(0, abi_wait(self->fd, ticket, 0));
}

/* The last of a row of calls is in flight for long enough to be caught. */
TEST_F(abi, wait_times_out_and_leaves_the_ticket)
{
	unsigned int other = self->other;
	__u32 ticket[20];
	__u64 before;
	int i, zero = 0, some = 0;

	if (other == self->home)
		SKIP(return, "needs two CPUs");
	pin(self->home);
	for (i = 0; i < TRIES && (!zero || !some); i++) {
		ASSERT_EQ(0, abi_flood(self->fd, other, 20, ticket));
		zero += abi_wait(self->fd, ticket[19], 0) == -ETIMEDOUT;
		before = now_ns();
		if (abi_wait(self->fd, ticket[19], 1000000) == -ETIMEDOUT) {
			some++;
			EXPECT_LE(1000000, now_ns() - before);
		}
		/* Any ticket that a wait used up is no longer there. */
		for (int j = 0; j < 19; j++)
			EXPECT_EQ(0, abi_wait(self->fd, ticket[j],
					      IPI_XCALL_FOREVER));
		abi_wait(self->fd, ticket[19], 1ULL << 40);
		EXPECT_EQ(-ENOENT, abi_wait(self->fd, ticket[19], 0));
	}
	EXPECT_LT(0, zero);
	EXPECT_LT(0, some);
}

TEST_F(abi, abandoned_call_does_not_run)
{
	unsigned int other = self->other;
	__u32 ticket[20];
	int i, j, ret, prevented = 0;

	if (other == self->home)
		SKIP(return, "needs two CPUs");
	pin(self->home);
	for (i = 0; i < TRIES && !prevented; i++) {
		ASSERT_EQ(0, abi_flood(self->fd, other, 20, ticket));
		for (j = 19; j >= 0; j--) {
			ret = abi_abandon(self->fd, ticket[j]);
			ASSERT_LE(0, ret);
			ASSERT_GE(1, ret);
			prevented += ret;
			EXPECT_EQ(-ENOENT, abi_wait(self->fd, ticket[j], 0));
		}
	}
	EXPECT_LT(0, prevented);
}

TEST_F(abi, file_polls_readable_while_a_ticket_is_ready)
{
	struct pollfd p = { .fd = self->fd, .events = POLLIN };
	__u32 ticket[8];
	int i;

	EXPECT_EQ(0, poll(&p, 1, 0));
	ASSERT_EQ(0, abi_flood(self->fd, self->other, 8, ticket));
	for (i = 0; i < 8; i++) {
		EXPECT_EQ(1, poll(&p, 1, LATE_MS));
		EXPECT_EQ(POLLIN, p.revents);
		EXPECT_EQ(0, abi_wait(self->fd, ticket[i], 1ULL << 40));
	}
	EXPECT_EQ(0, poll(&p, 1, 0));
}

static struct ipi_xcall_cpu_stats sum_of(int fd, unsigned int flags)
{
	static struct ipi_xcall_cpu_stats c[ABI_CPUS];
	struct ipi_xcall_cpu_stats sum = {};
	struct ipi_xcall_stats s = {
		.size = sizeof(s), .flags = flags, .nr_cpus = ABI_CPUS,
		.cpus = ABI_PTR(c),
	};
	unsigned int i;

	if (abi_ioctl(fd, IPI_XCALL_IOC_STATS, &s))
		return (struct ipi_xcall_cpu_stats){ .cpu = ~0U };
	for (i = 0; i < s.nr_cpus; i++) {
		sum.online += c[i].online;
		sum.triggers += c[i].triggers;
		sum.coalesced += c[i].coalesced;
		sum.runs += c[i].runs;
		sum.posted += c[i].posted;
		sum.executed += c[i].executed;
		sum.cancelled += c[i].cancelled;
	}
	return sum;
}

/* It sleeps, and looks at times. */
TEST_F(abi, call_that_waits_for_too_long_is_reported)
{
	unsigned int cpu = other_cpu(), ticket[40];
	long long stalls = stat_sum("stalls");
	unsigned int i, tries;

	if (cpu == home_cpu())
		SKIP(return, "needs two CPUs");
	ASSERT_EQ(0, param_set("stall_ms", "5"));
	pin(home_cpu());
	/* A slow machine, or posts that wait for their time, leave it nothing to wait for. */
	for (tries = 0; tries < 4 && stat_sum("stalls") == stalls; tries++) {
		for (i = 0; i < ABI_ARRAY(ticket); i++)
			ASSERT_EQ(1, abi_post(self->fd, to_cpu(cpu), IPI_XCALL_DELAY_MAX_NS,
					      &ticket[i]));
		EXPECT_EQ(1, abi_call(self->fd, to_cpu(cpu), 0));
		for (i = 0; i < ABI_ARRAY(ticket); i++)
			EXPECT_EQ(0, abi_wait(self->fd, ticket[i], IPI_XCALL_FOREVER));
		sleep_ms(200);
	}
	unpin();
	EXPECT_LT(stalls, stat_sum("stalls"));
}

TEST_F(abi, statistics_count_from_the_last_reset_of_the_file)
{
	struct ipi_xcall_reset r = { .size = sizeof(r) };
	struct ipi_xcall_cpu_stats s;
	int other = abi_open();
	long long posted;

	ASSERT_LE(0, other);
	ASSERT_EQ(self->cpus, abi_call(self->fd, to_all(), 0));
	posted = stat_sum("posted");
	ASSERT_LT(0, posted);
	ASSERT_EQ(0, abi_ioctl(self->fd, IPI_XCALL_IOC_RESET, &r));
	s = sum_of(self->fd, 0);
	EXPECT_EQ(0, s.posted);
	EXPECT_EQ(0, s.executed);
	EXPECT_EQ((unsigned int)self->cpus, s.online);
	ASSERT_EQ(self->cpus, abi_call(self->fd, to_all(), 0));
	s = sum_of(self->fd, 0);
	EXPECT_EQ((__u64)self->cpus, s.posted);
	EXPECT_EQ((__u64)self->cpus, s.executed);
	s = sum_of(self->fd, IPI_XCALL_STATS_SINCE_LOAD);
	EXPECT_EQ((__u64)(posted + self->cpus), s.posted);
	s = sum_of(other, 0);
	EXPECT_EQ((__u64)(posted + self->cpus), s.posted);
	EXPECT_EQ(posted + self->cpus, stat_sum("posted"));
	close(other);
}

/* ----- measuring ----- */

#define SAMPLES		100

static struct ipi_xcall_sample samples[IPI_XCALL_SAMPLES_MAX];

static void check_samples(struct __test_metadata *_metadata,
			  const struct ipi_xcall_measure *m, unsigned int cpus)
{
	unsigned int i;

	EXPECT_EQ(IPI_XCALL_ENDED_FULL, m->ended);
	EXPECT_EQ(0, m->lingering);
	for (i = 0; i < m->nr_samples; i++) {
		EXPECT_LT(0, samples[i].ack_ns);
		EXPECT_LE(samples[i].start_ns, samples[i].end_ns);
		EXPECT_LE(samples[i].end_ns, samples[i].ack_ns);
		EXPECT_EQ(cpus, samples[i].cpus) {
			TH_LOG("mode %u", m->mode);
		}
		EXPECT_GE(cpus, samples[i].idle);
	}
}

/* From each end of the machine, with what the mode is made for. */
TEST_F(abi, each_mode_is_measured)
{
	unsigned int end[2] = { self->home, self->other };
	unsigned int set = end[0] == end[1] ? 1 : 2, mode, i;
	__u64 words[ABI_WORDS] = {};

	NEEDS_A_FINE_CLOCK();
	mask_add(words, end[0]);
	mask_add(words, end[1]);
	for (mode = 0; mode <= IPI_XCALL_MEASURE_BROADCAST; mode++) {
		for (i = 0; i < set; i++) {
			struct ipi_xcall_measure m = {
				.mode = mode, .source = end[i],
				.target = to_set(words, ABI_WORDS),
			};

			if (mode == IPI_XCALL_MEASURE_DRY)
				m.target = to_cpu(0);
			if (mode == IPI_XCALL_MEASURE_SINGLE ||
			    mode == IPI_XCALL_MEASURE_UNICAST)
				m.target = to_cpu(self->home);
			if (mode == IPI_XCALL_MEASURE_BROADCAST)
				m.target = to_all();
			ASSERT_EQ(0, abi_measure(self->fd, &m, samples, SAMPLES));
			EXPECT_EQ(SAMPLES, m.nr_samples);
			check_samples(_metadata, &m,
				      m.target.to == IPI_XCALL_TO_CPU ? 1 :
				      m.target.to == IPI_XCALL_TO_SET ? set :
				      (unsigned int)self->cpus);
		}
	}
}

TEST_F(abi, measured_function_takes_as_long_as_it_is_told)
{
	unsigned int other = self->other, i;
	struct ipi_xcall_measure m = {
		.mode = IPI_XCALL_MEASURE_UNICAST, .source = self->home,
		.target = to_cpu(other), .delay_ns = 300000, .delay_cpu = other,
	};

	NEEDS_A_FINE_CLOCK();
	ASSERT_EQ(0, abi_measure(self->fd, &m, samples, SAMPLES));
	for (i = 0; i < SAMPLES; i++)
		EXPECT_LE(300000, samples[i].end_ns - samples[i].start_ns);
	if (other == self->home)
		return;
	m.delay_cpu = self->home;
	ASSERT_EQ(0, abi_measure(self->fd, &m, samples, SAMPLES));
	for (i = 0; i < SAMPLES; i++)
		if (samples[i].end_ns - samples[i].start_ns < 300000)
			return;
	EXPECT_TRUE(false);
}

/* A sample is due a period after the one before, however long that took. */
TEST_F(abi, samples_keep_to_their_period)
{
	struct ipi_xcall_measure m = {
		.mode = IPI_XCALL_MEASURE_UNICAST, .target = to_cpu(self->home),
		.source = self->home,
		.flags = IPI_XCALL_MEASURE_FROM_DUE, .period_ns = 1000000,
	};
	__u64 before = now_ns();

	NEEDS_A_FINE_CLOCK();
	ASSERT_EQ(0, abi_measure(self->fd, &m, samples, 50));
	EXPECT_LE(49 * 1000000ULL, now_ns() - before);
	/* Twice as long as there is time for: each is later than the last. */
	m.period_ns = 100000;
	m.delay_ns = 200000;
	m.delay_cpu = self->home;
	ASSERT_EQ(0, abi_measure(self->fd, &m, samples, 50));
	EXPECT_LE(50 * 100000ULL, samples[49].ack_ns);
	m.flags = 0;
	ASSERT_EQ(0, abi_measure(self->fd, &m, samples, 50));
	EXPECT_LE(200000, samples[49].ack_ns);
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* A signal leaves what there is; more than nothing, or it is an error. */
TEST_F(abi, signal_ends_a_measurement_with_the_samples_so_far)
{
	struct sigaction sa = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	struct itimerval soon = { .it_value.tv_usec = 300000 };
	struct ipi_xcall_measure m = {
		.mode = IPI_XCALL_MEASURE_TRIGGER, .target = to_all(),
		.source = self->home, .period_ns = IPI_XCALL_PERIOD_MAX_NS,
	};
	int ret;

	ASSERT_EQ(0, sigaction(SIGALRM, &sa, NULL));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &soon, NULL));
	ret = abi_measure(self->fd, &m, samples, 1000);
	if (ret == -EINTR)
		SKIP(return, "the first sample took longer than the signal");
	ASSERT_EQ(0, ret);
	EXPECT_EQ(IPI_XCALL_ENDED_SIGNAL, m.ended);
	EXPECT_LE(1, m.nr_samples);
	EXPECT_GT(1000, m.nr_samples);
}

/* It has to come at the right time: later and later, until it does. */
TEST_F(abi, signal_before_the_first_sample_is_EINTR)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	struct itimerval soon = { .it_value.tv_usec = 1 };
	struct ipi_xcall_measure m = {
		.mode = IPI_XCALL_MEASURE_UNICAST, .source = self->home,
		.target = to_cpu(self->home),
		.period_ns = IPI_XCALL_PERIOD_MAX_NS / 100,
	};
	int64_t start = now_ms();
	int ret = 0;

	ASSERT_EQ(0, sigaction(SIGALRM, &sa, NULL));
	while (ret != -EINTR && now_ms() < start + LATE_MS) {
		soon.it_value.tv_usec = soon.it_value.tv_usec % 20000 + 7;
		ASSERT_EQ(0, setitimer(ITIMER_REAL, &soon, NULL));
		ret = abi_measure(self->fd, &m, samples, 10);
		EXPECT_TRUE(!ret || ret == -EINTR);
	}
	EXPECT_EQ(-EINTR, ret);
}

TEST_F(abi, killed_measurement_leaves_nothing)
{
	struct ipi_xcall_measure m = {
		.mode = IPI_XCALL_MEASURE_TRIGGER, .target = to_all(),
		.source = self->other,
	};
	__u64 end = now_ns() + 10000000000ULL;
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid)
		for (;;)
			abi_measure(self->fd, &m, samples, IPI_XCALL_SAMPLES_MAX);
	while (!slots_used() && now_ns() < end)
		sleep_ms(1);
	EXPECT_EQ(1, slots_used());
	kill(pid, SIGKILL);
	EXPECT_EQ(-SIGKILL, child_status(pid));
	/* The thread that took the samples may have to be let run first. */
	end = now_ns() + LATE_MS * 1000000ULL;
	while (slots_used() && now_ns() < end)
		sleep_ms(1);
	EXPECT_EQ(0, slots_used());
}

/* Target first, then source. */
TEST_F(abi, measurement_ends_when_a_cpu_goes_offline)
{
	struct ipi_xcall_measure m = {
		.mode = IPI_XCALL_MEASURE_UNICAST, .period_ns = 1000000,
	};
	int cpu = cpu_to_unplug(), i;
	long long posted;
	pid_t pid;

	NEEDS_UNPLUG(cpu);
	for (i = 0; i < 2; i++) {
		m.target = to_cpu(i ? (int)self->home : cpu);
		m.source = i ? cpu : (int)self->home;
		ASSERT_EQ(0, cpu_set_online(cpu, true));
		posted = stat_sum("posted");
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid)
			_exit(!stat_reaches("posted", posted + 10) ||
			      cpu_set_online(cpu, false));
		ASSERT_EQ(0, abi_measure(self->fd, &m, samples,
					 IPI_XCALL_SAMPLES_MAX));
		EXPECT_EQ(IPI_XCALL_ENDED_OFFLINE, m.ended);
		EXPECT_LE(1, m.nr_samples);
		EXPECT_EQ(0, child_status(pid));
	}
}

/* Nobody lingers while it is measured, unless it is asked for. */
TEST_F(abi, measurement_says_whether_cpus_linger)
{
	struct ipi_xcall_measure m = {
		.mode = IPI_XCALL_MEASURE_UNICAST, .source = self->home,
		.target = to_cpu(self->other),
	};
	char text[32];
	long long lingered;

	ASSERT_EQ(0, param_set("linger_ns", "20000"));
	lingered = stat_sum("lingered_ns");
	ASSERT_EQ(0, abi_measure(self->fd, &m, samples, SAMPLES));
	EXPECT_EQ(0, m.lingering);
	EXPECT_EQ(lingered, stat_sum("lingered_ns"));
	m.flags = IPI_XCALL_MEASURE_LINGER;
	ASSERT_EQ(0, abi_measure(self->fd, &m, samples, SAMPLES));
	EXPECT_EQ(1, m.lingering);
	EXPECT_LT(0, read_file(PARAM_DIR "linger_ns", text, sizeof(text)));
	EXPECT_STREQ("20000\n", text);
	ASSERT_EQ(0, param_set("linger_ns", "0"));
	ASSERT_EQ(0, abi_measure(self->fd, &m, samples, SAMPLES));
	EXPECT_EQ(0, m.lingering);
}

/* The program from the documentation stands beside this one. */
TEST_F(abi, example_runs)
{
	char path[4096], *slash;
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 32);
	pid_t pid;

	NEEDS_EVENTFD();
	ASSERT_LT(0, len);
	path[len] = '\0';
	slash = strrchr(path, '/');
	/* The one that was built as this program was. */
	strcpy(slash + 1, strstr(slash, "_32") ? "abi_example_32" : "abi_example");
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		execl(path, path, NULL);
		_exit(127);
	}
	EXPECT_EQ(0, child_status(pid));
	EXPECT_CLEAN();
}

TEST_HARNESS_MAIN
