// SPDX-License-Identifier: GPL-2.0
/*
 * The ioctl ABI: records of any size, what control files may take from others,
 * and that a caller who is killed is gone soon, whatever it waits for.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include "kselftest_harness.h"
#include "helpers.h"
#include "abi.h"

#define FILL		0xee
#define ROOM		4096
/* Longer than a caller that is killed has to go. */
#define HOG_MS		LATE_MS

FIXTURE(limits) {
	int fd;
	char *room;
};

FIXTURE_SETUP(limits)
{
	machine_restore();
	self->fd = abi_open();
	ASSERT_LE(0, self->fd);
	self->room = malloc(ABI_CPUS * ROOM);
	ASSERT_NE(NULL, self->room);
}

FIXTURE_TEARDOWN(limits)
{
	machine_restore();
	close(self->fd);
	free(self->room);
	EXPECT_CLEAN();
}

/* ----- sizes of records ----- */

/* Each way to get records: @nr of them, of @size bytes, at @to. */
struct answer {
	const char *name;
	__u32 size;		/* of today */
	int (*get)(int fd, void *to, __u32 nr, __u32 record_size);
};

static int get_stats(int fd, void *to, __u32 nr, __u32 record_size)
{
	struct ipi_xcall_stats s = {
		.size = sizeof(s), .nr_cpus = nr, .cpus = ABI_PTR(to),
		.record_size = record_size,
	};

	return abi_ioctl(fd, IPI_XCALL_IOC_STATS, &s);
}

static int get_slot(int fd, void *to, __u32 nr, __u32 record_size)
{
	struct ipi_xcall_slot s = {
		.size = sizeof(s), .nr_cpus = nr, .cpus = ABI_PTR(to),
		.record_size = record_size,
	};
	int err, id = abi_register(fd, IPI_XCALL_STAMP);

	if (id < 0)
		return id;
	s.id = id;
	err = abi_trigger(fd, id, to_all());
	err = err < 0 ? err : abi_ioctl(fd, IPI_XCALL_IOC_SLOT, &s);
	return abi_unregister(fd, id) ? -EPROTO : err;
}

static int get_call(int fd, void *to, __u32 nr, __u32 record_size)
{
	struct ipi_xcall_call c = {
		.size = sizeof(c), .target = to_all(), .nr_times = nr,
		.times = ABI_PTR(to), .record_size = record_size,
	};

	return abi_ioctl(fd, IPI_XCALL_IOC_CALL, &c);
}

static int get_wait(int fd, void *to, __u32 nr, __u32 record_size)
{
	struct ipi_xcall_wait w = {
		.size = sizeof(w), .nr_times = nr, .times = ABI_PTR(to),
		.record_size = record_size, .timeout_ns = IPI_XCALL_FOREVER,
	};
	int ret = abi_post(fd, to_all(), 0, &w.ticket);

	return ret < 0 ? ret : abi_ioctl(fd, IPI_XCALL_IOC_WAIT, &w);
}

static int get_samples(int fd, void *to, __u32 nr, __u32 record_size)
{
	struct ipi_xcall_measure m = {
		.size = sizeof(m), .mode = IPI_XCALL_MEASURE_BROADCAST,
		.target = to_all(), .nr_samples = nr, .samples = ABI_PTR(to),
		.record_size = record_size,
	};

	return abi_ioctl(fd, IPI_XCALL_IOC_MEASURE, &m);
}

static const struct answer answers[] = {
	{ "STATS", sizeof(struct ipi_xcall_cpu_stats), get_stats },
	{ "SLOT", sizeof(struct ipi_xcall_slot_cpu), get_slot },
	{ "CALL", sizeof(struct ipi_xcall_time), get_call },
	{ "WAIT", sizeof(struct ipi_xcall_time), get_wait },
	{ "MEASURE", sizeof(struct ipi_xcall_sample), get_samples },
};

static bool all_are(const char *at, size_t len, char byte)
{
	while (len && at[len - 1] == byte)
		len--;
	return !len;
}

/* Records n * @stride apart: what is known is there, the rest zero. */
static void check_records(struct __test_metadata *_metadata, const char *at,
			  const struct answer *a, __u32 stride)
{
	int nr = cpus_possible(), cpu = -1, n;
	__u32 known = stride < a->size ? stride : a->size;
	const char *rec;

	for (n = 0; n < nr; n++) {
		cpu = next_possible_cpu(cpu);
		rec = at + n * stride;
		/* Samples count the CPUs; all others begin with the CPU. */
		if (a->get != get_samples)
			EXPECT_EQ(cpu, *(__s32 *)rec);
		if (a->get == get_samples && stride >= a->size)
			EXPECT_EQ((__u32)nr, ((struct ipi_xcall_sample *)rec)->cpus);
		EXPECT_TRUE(all_are(rec + known, stride - known, 0)) {
			TH_LOG("%s: record %d of %u bytes", a->name, n, stride);
		}
	}
	EXPECT_TRUE(all_are(at + nr * stride, 64, (char)FILL)) {
		TH_LOG("%s: written behind %d records of %u bytes", a->name,
		       nr, stride);
	}
}

TEST_F(limits, records_may_be_grown_or_shrunken)
{
	__u32 nr = cpus_possible(), size;
	const struct answer *a;

	if (cpus_online() != cpus_possible())
		SKIP(return, "needs all possible CPUs online");
	for (a = answers; a < answers + ABI_ARRAY(answers); a++) {
		for (size = 8; size <= 2 * a->size; size += 8) {
			memset(self->room, FILL, nr * size + 64);
			EXPECT_EQ(0, a->get(self->fd, self->room, nr, size));
			check_records(_metadata, self->room, a, size);
		}
		memset(self->room, FILL, nr * ROOM + 64);
		EXPECT_EQ(0, a->get(self->fd, self->room, nr, ROOM));
		check_records(_metadata, self->room, a, ROOM);
	}
}

/* A program that does not know of it has records of the first version. */
TEST_F(limits, records_are_those_of_the_first_version_if_nothing_is_said)
{
	static const __u32 first[] = {
		IPI_XCALL_CPU_STATS_SIZE_VER0, IPI_XCALL_SLOT_CPU_SIZE_VER0,
		IPI_XCALL_TIME_SIZE_VER0, IPI_XCALL_TIME_SIZE_VER0,
		IPI_XCALL_SAMPLE_SIZE_VER0,
	};
	__u32 nr = cpus_possible();
	unsigned int i;

	if (cpus_online() != cpus_possible())
		SKIP(return, "needs all possible CPUs online");
	for (i = 0; i < ABI_ARRAY(answers); i++) {
		memset(self->room, FILL, nr * first[i] + 64);
		EXPECT_EQ(0, answers[i].get(self->fd, self->room, nr, 0));
		check_records(_metadata, self->room, &answers[i], first[i]);
	}
}

/* ----- what is under way ----- */

/* In a child: measures until it is killed. */
static pid_t measure_long(int fd, unsigned int source, __u32 mode)
{
	static struct ipi_xcall_sample s[64];
	struct ipi_xcall_measure m = {
		.mode = mode, .source = source, .target = to_cpu(source),
		.period_ns = IPI_XCALL_PERIOD_MAX_NS,
	};
	pid_t pid = fork();
	int ret;

	if (!pid) {
		m.target = mode == IPI_XCALL_MEASURE_TRIGGER ? to_all() :
							       to_cpu(home_cpu());
		/* Who looks whether there is room takes it for a moment. */
		while ((ret = abi_measure(fd, &m, s, ABI_ARRAY(s))) == -EDQUOT ||
		       ret == -ENOSPC)
			sleep_ms(1);
		_exit(-ret);
	}
	return pid;
}

static int end_of(pid_t pid)
{
	kill(pid, SIGKILL);
	return child_status(pid);
}

static int measure_once(int fd)
{
	struct ipi_xcall_measure m = {
		.mode = IPI_XCALL_MEASURE_UNICAST, .source = home_cpu(),
		.target = to_cpu(home_cpu()),
	};
	struct ipi_xcall_sample s;

	return abi_measure(fd, &m, &s, 1);
}

/* Waits until it is refused: the children may not have begun. */
static int measure_until(int fd, int want)
{
	int64_t start = now_ms();
	int ret;

	while ((ret = measure_once(fd)) != want && now_ms() - start < LATE_MS)
		sleep_ms(1);
	return ret;
}

TEST_F(limits, measurements_of_a_file_end_with_EDQUOT)
{
	pid_t pid[IPI_XCALL_MEASURES_PER_FILE];
	int i, other = abi_open();

	for (i = 0; i < IPI_XCALL_MEASURES_PER_FILE; i++)
		pid[i] = measure_long(self->fd, home_cpu(), IPI_XCALL_MEASURE_UNICAST);
	EXPECT_EQ(-EDQUOT, measure_until(self->fd, -EDQUOT));
	EXPECT_EQ(0, measure_once(other));
	for (i = 0; i < IPI_XCALL_MEASURES_PER_FILE; i++)
		EXPECT_EQ(-SIGKILL, end_of(pid[i]));
	EXPECT_EQ(0, measure_until(self->fd, 0));
	close(other);
}

TEST_F(limits, measurements_of_all_files_end_with_ENOSPC)
{
	int per_file = IPI_XCALL_MEASURES_PER_FILE, max = IPI_XCALL_MEASURES_MAX;
	int fd[ABI_CPUS], i, n = cpus_possible() > max ? cpus_possible() : max;
	/* A kernel of 32 bits has fewer slots than measurements. */
	int triggers = max < (int)abi_slots(self->fd) ? max : (int)abi_slots(self->fd) - 1;
	pid_t pid[ABI_CPUS];

	/* A megabyte each. */
	if (n > 512)
		SKIP(return, "takes %d processes", n);
	for (i = 0; i < n; i++) {
		fd[i] = i % per_file ? -1 : abi_open();
		pid[i] = measure_long(fd[i - i % per_file], home_cpu(),
				      i < triggers ? IPI_XCALL_MEASURE_TRIGGER :
						     IPI_XCALL_MEASURE_UNICAST);
	}
	EXPECT_EQ(-ENOSPC, measure_until(self->fd, -ENOSPC));
	/* They hold slots, but not all. */
	EXPECT_GE(triggers, slots_used());
	EXPECT_LT(0, abi_register(self->fd, IPI_XCALL_COUNT));
	for (i = 0; i < n; i++)
		EXPECT_EQ(-SIGKILL, end_of(pid[i]));
	for (i = 0; i < n; i++)
		if (fd[i] >= 0)
			close(fd[i]);
	EXPECT_EQ(0, measure_until(self->fd, 0));
}

static unsigned int threads_left(void)
{
	DIR *dir = opendir("/proc");
	char path[64], name[64];
	unsigned int n = 0;
	struct dirent *d;

	while (dir && (d = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/%.32s/comm", d->d_name);
		n += read_file(path, name, sizeof(name)) > 0 &&
		     !strncmp(name, "ipi_measure/", strlen("ipi_measure/"));
	}
	if (dir)
		closedir(dir);
	return n;
}

TEST_F(limits, measurement_is_killed_at_once_beside_a_real_time_task)
{
	unsigned int cpu = other_cpu(), i, n = IPI_XCALL_MEASURES_PER_FILE;
	pid_t hogged, pid[IPI_XCALL_MEASURES_PER_FILE];
	int ret;

	NEEDS_TO_HOG(cpu);
	if (setting_write("/proc/sys/kernel/sched_rt_runtime_us", "-1"))
		SKIP(return, "real-time tasks are limited");
	pin(home_cpu());
	for (i = 0; i < n; i++)
		pid[i] = measure_long(self->fd, cpu, i ? IPI_XCALL_MEASURE_UNICAST :
							 IPI_XCALL_MEASURE_TRIGGER);
	sleep_ms(500);
	hogged = hog(cpu, HOG_MS);
	sleep_ms(1000);
	for (i = 0; i < n; i++)
		EXPECT_EQ(-SIGKILL, end_of(pid[i]));
	/* Their threads count while they are there; since 6.12 a hog leaves them some time. */
	ret = measure_once(self->fd);
	if (threads_left() >= n)
		EXPECT_EQ(-EDQUOT, ret);
	/* They did not wait for it to end. */
	EXPECT_EQ(0, waitpid(hogged, NULL, WNOHANG));
	EXPECT_EQ(-SIGKILL, end_of(hogged));
	unpin();
	/* What they left behind goes when the threads have run. */
	EXPECT_EQ(0, abi_slots_left());
	EXPECT_EQ(0, measure_until(self->fd, 0));
}

/* Its status, or -ETIME if it has none after 20 s. */
static int status_soon(pid_t pid)
{
	int64_t start = now_ms();
	int status;

	while (now_ms() - start < 20000) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
		sleep_ms(10);
	}
	return -ETIME;
}

/* The slot that a measurement has, or 0. */
static int measured_slot(void)
{
	static char text[TABLE_SIZE];
	char *line, *next = text;

	if (read_file(XCALL_DIR "slots", text, sizeof(text)) < 0)
		return 0;
	while ((line = strsep(&next, "\n")))
		if (strstr(line, " measure "))
			return atoi(line);
	return 0;
}

static int measured_slot_soon(void)
{
	int64_t start = now_ms();
	int id;

	do
		id = measured_slot();
	while (!id && now_ms() - start < LATE_MS);
	return id;
}

/* People cannot trigger it; a client in the kernel that guesses its id can. */
TEST_F(limits, measurement_that_others_run_ends_with_EIO)
{
	char line[32], text[TEXT_SIZE];
	pid_t pid;
	int id;

	NEEDS_CLIENT();
	ASSERT_EQ(0, client_load());
	pid = measure_long(self->fd, home_cpu(), IPI_XCALL_MEASURE_TRIGGER);
	id = measured_slot_soon();
	EXPECT_LT(0, id);
	snprintf(line, sizeof(line), "%d all", id);
	EXPECT_EQ(-EACCES, write_file(XCALL_DIR "trigger", line));
	snprintf(line, sizeof(line), "trigger_stranger %d 2000", id);
	EXPECT_EQ(0, scenario(line, text, sizeof(text))) {
		TH_LOG("%s", text);
	}
	EXPECT_EQ(EIO, status_soon(pid));
	kill(pid, SIGKILL);
	EXPECT_EQ(0, client_unload());
}

/* ----- posts, polls and waits ----- */

struct poster {
	pthread_t thread;
	int fd, to;
	unsigned int rounds;
	int result;
};

/* A pipe takes tickets to the one who polls. */
static void *post_tickets(void *arg)
{
	struct poster *p = arg;
	__u32 ticket;
	int ret;

	while (p->rounds--) {
		do
			ret = abi_post(p->fd, p->rounds % 2 ? to_others() : to_cpu(home_cpu()),
				       0, &ticket);
		while (ret == -EDQUOT && !sched_yield());
		if (ret < 0 || write(p->to, &ticket, sizeof(ticket)) != sizeof(ticket)) {
			p->result = ret < 0 ? ret : -EPIPE;
			break;
		}
	}
	ticket = 0;
	return write(p->to, &ticket, sizeof(ticket)) < 0 ? p : NULL;
}

/*
 * No wake-up is lost: a ticket that is there makes the file readable in the end,
 * without a time limit to look again at.
 */
static int poll_and_wait(int fd, int from)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	__u32 ticket;
	int ret;

	for (;;) {
		if (read(from, &ticket, sizeof(ticket)) != sizeof(ticket))
			return -EPIPE;
		if (!ticket)
			return 0;
		if (poll(&p, 1, LATE_MS) != 1 || p.revents != POLLIN)
			return -ETIMEDOUT;
		ret = abi_wait(fd, ticket, IPI_XCALL_FOREVER);
		if (ret)
			return ret;
	}
}

#define POSTERS	4

TEST_F(limits, poll_sees_every_call_that_has_run)
{
	struct poster p[POSTERS] = {};
	int cpu = cpu_to_unplug(), pipe_fd[POSTERS][2], fd[POSTERS], i;
	pid_t pid[POSTERS], plugger = -1;

	for (i = 0; i < POSTERS; i++) {
		fd[i] = abi_open();
		ASSERT_LE(0, fd[i]);
		ASSERT_EQ(0, pipe(pipe_fd[i]));
		pid[i] = fork();
		if (!pid[i])
			_exit(-poll_and_wait(fd[i], pipe_fd[i][0]));
		p[i].fd = fd[i];
		p[i].to = pipe_fd[i][1];
		p[i].rounds = rounds(300, 1000);
	}
	if (cpu >= 0 && may_disturb())
		plugger = fork();
	if (!plugger)
		for (i = 0;; i++)
			cpu_set_online(cpu, i % 2);
	for (i = 0; i < POSTERS; i++)
		ASSERT_EQ(0, pthread_create(&p[i].thread, NULL, post_tickets, &p[i]));
	for (i = 0; i < POSTERS; i++) {
		pthread_join(p[i].thread, NULL);
		EXPECT_EQ(0, p[i].result);
		EXPECT_EQ(0, child_status(pid[i]));
		close(fd[i]);
	}
	if (plugger > 0)
		end_of(plugger);
}

/* ----- CPUs that go offline ----- */

struct flood {
	pthread_t thread;
	int fd, id;
	bool stop;
};

static void *flood_triggers(void *arg)
{
	struct flood *f = arg;

	while (!__atomic_load_n(&f->stop, __ATOMIC_ACQUIRE))
		abi_trigger(f->fd, f->id, to_all());
	return NULL;
}

static __u64 count_of(int efd)
{
	__u64 n = 0;

	return read(efd, &n, sizeof(n)) == sizeof(n) ? n : 0;
}

/* 0 if the eventfd knows of all runs when the slot is gone. */
static int unregister_all_told(int fd, int id, int efd)
{
	long long runs;
	char why[256];

	/* The flood is over, but for what is pending. */
	if (!stats_balance(why, sizeof(why)))
		return 3;
	runs = abi_runs(fd, id);
	return abi_unregister(fd, id) ? 2 : count_of(efd) != (__u64)runs;
}

/*
 * The CPU stays offline: on PREEMPT_RT an irq_work that is not a hard one would
 * wait there, and unregister and close for it, for as long.
 */
TEST_F(limits, nothing_is_left_on_a_cpu_that_goes_offline)
{
	int cpu = cpu_to_unplug(), i, efd, fd, id;
	struct flood f = {};
	pid_t pid;

	DISTURBS("takes CPUs offline");
	NEEDS_UNPLUG(cpu);
	NEEDS_EVENTFD();
	for (i = 0; i < rounds(3, 6); i++) {
		fd = abi_open();
		efd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		id = abi_register_eventfd(fd, efd);
		ASSERT_LT(0, id);
		f = (struct flood){ .fd = fd, .id = id };
		ASSERT_EQ(0, pthread_create(&f.thread, NULL, flood_triggers, &f));
		sleep_ms(50);
		ASSERT_EQ(0, cpu_set_online(cpu, false));
		__atomic_store_n(&f.stop, true, __ATOMIC_RELEASE);
		pthread_join(f.thread, NULL);
		/* In a child, lest it never ends. */
		pid = fork();
		if (!pid)
			_exit(unregister_all_told(fd, id, efd));
		EXPECT_EQ(0, status_soon(pid)) {
			TH_LOG("1: runs without a signal; else no end");
		}
		ASSERT_EQ(0, cpu_set_online(cpu, true));
		close(fd);
		close(efd);
	}
}

/* Posts to a CPU and sleeps until it has run, until the CPU is gone. */
static int post_until_gone(unsigned int cpu)
{
	struct pollfd p = { .fd = abi_open(), .events = POLLIN };
	__u32 ticket;
	int ret;

	for (;;) {
		ret = abi_post(p.fd, to_cpu(cpu), 100000, &ticket);
		if (ret < 0)
			return ret == -ENXIO ? 0 : ret;
		if (poll(&p, 1, 10000) != 1)
			return -ETIMEDOUT;
		ret = abi_wait(p.fd, ticket, IPI_XCALL_FOREVER);
		if (ret)
			return ret;
	}
}

/* So would who polls, or waits for a ticket. */
TEST_F(limits, nobody_waits_for_a_cpu_that_goes_offline)
{
	int cpu = cpu_to_unplug(), i, k;
	pid_t pid[POSTERS];

	DISTURBS("takes CPUs offline");
	NEEDS_UNPLUG(cpu);
	for (i = 0; i < 10; i++) {
		for (k = 0; k < POSTERS; k++) {
			pid[k] = fork();
			if (!pid[k])
				_exit(-post_until_gone(cpu));
		}
		sleep_ms(50);
		ASSERT_EQ(0, cpu_set_online(cpu, false));
		for (k = 0; k < POSTERS; k++)
			EXPECT_EQ(0, status_soon(pid[k]));
		ASSERT_EQ(0, cpu_set_online(cpu, true));
	}
}

TEST_HARNESS_MAIN
