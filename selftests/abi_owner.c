// SPDX-License-Identifier: GPL-2.0
/*
 * The ioctl ABI: who owns what, how much of it, what several threads may do at
 * once, and that nothing is left when the owner is gone.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include "kselftest_harness.h"
#include "helpers.h"
#include "abi.h"

#define ROUNDS	rounds(6, 20)

FIXTURE(owner) {
	int fd;
	int other;
};

FIXTURE_SETUP(owner)
{
	machine_restore();
	self->fd = abi_open();
	self->other = abi_open();
	ASSERT_LE(0, self->fd);
	ASSERT_LE(0, self->other);
}

FIXTURE_TEARDOWN(owner)
{
	machine_restore();
	close(self->fd);
	close(self->other);
	EXPECT_CLEAN();
}

static int post_nobody(int fd, __u32 *ticket)
{
	__u64 none = 0;

	return abi_post(fd, to_set(&none, 1), 0, ticket);
}

/* ----- ownership ----- */

TEST_F(owner, what_another_open_owns_is_ENOENT)
{
	struct ipi_xcall_slot s = { .size = sizeof(s) };
	int id = abi_register(self->fd, IPI_XCALL_COUNT);
	__u32 ticket;

	ASSERT_LT(0, id);
	ASSERT_EQ(0, post_nobody(self->fd, &ticket));
	s.id = id;
	EXPECT_EQ(-ENOENT, abi_trigger(self->other, id, to_all()));
	EXPECT_EQ(-ENOENT, abi_ioctl(self->other, IPI_XCALL_IOC_SLOT, &s));
	EXPECT_EQ(-ENOENT, abi_unregister(self->other, id));
	EXPECT_EQ(-ENOENT, abi_wait(self->other, ticket, 0));
	EXPECT_EQ(-ENOENT, abi_abandon(self->other, ticket));
	EXPECT_EQ(0, abi_runs(self->fd, id));
	EXPECT_EQ(0, abi_wait(self->fd, ticket, 0));
	EXPECT_EQ(0, abi_unregister(self->fd, id));
}

TEST_F(owner, slot_of_a_client_in_the_kernel_is_ENOENT)
{
	char text[64];
	int id;

	ASSERT_EQ(0, write_file(XCALL_DIR "register", "count"));
	ASSERT_LT(0, read_file(XCALL_DIR "register", text, sizeof(text)));
	id = atoi(text);
	EXPECT_EQ(-ENOENT, abi_trigger(self->fd, id, to_all()));
	EXPECT_EQ(-ENOENT, abi_unregister(self->fd, id));
	snprintf(text, sizeof(text), "%d", id);
	ASSERT_EQ(0, write_file(XCALL_DIR "unregister", text));
}

TEST_F(owner, people_cannot_unregister_a_slot_of_a_file)
{
	int id = abi_register(self->fd, IPI_XCALL_COUNT);
	char text[64];

	snprintf(text, sizeof(text), "%d", id);
	EXPECT_EQ(-EACCES, write_file(XCALL_DIR "unregister", text));
	EXPECT_EQ(1, slots_used());
}

TEST_F(owner, dup_shares_and_keeps)
{
	int copy = dup(self->fd);
	int id = abi_register(self->fd, IPI_XCALL_COUNT);
	__u32 ticket;

	ASSERT_LT(0, id);
	ASSERT_EQ(0, post_nobody(self->fd, &ticket));
	close(self->fd);
	EXPECT_EQ(1, slots_used());
	EXPECT_LT(0, abi_trigger(copy, id, to_all()));
	EXPECT_EQ(0, abi_wait(copy, ticket, 0));
	close(copy);
	EXPECT_EQ(0, slots_used());
}

TEST_F(owner, fork_shares)
{
	int id = abi_register(self->fd, IPI_XCALL_COUNT);
	__u32 ticket;
	pid_t pid;

	ASSERT_LT(0, id);
	ASSERT_EQ(0, post_nobody(self->fd, &ticket));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		/* There the handler runs before the trigger returns. */
		pin(home_cpu());
		_exit(abi_trigger(self->fd, id, to_cpu(home_cpu())) != 1 ||
		      abi_wait(self->fd, ticket, 0));
	}
	EXPECT_EQ(0, child_status(pid));
	/* The child went, the file did not. */
	EXPECT_EQ(1, slots_used());
	EXPECT_EQ(1, abi_runs(self->fd, id));
	EXPECT_EQ(-ENOENT, abi_wait(self->fd, ticket, 0));
}

/* ----- the end of an owner ----- */

/* All kinds of slots, triggers and calls on their way. */
static int make_a_mess(int fd)
{
	unsigned int cpu = other_cpu();
	int efd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	int id[4], i, err;
	__u32 ticket[20];

	id[0] = abi_register(fd, IPI_XCALL_COUNT);
	id[1] = abi_register(fd, IPI_XCALL_STAMP);
	id[2] = can_eventfd() ? abi_register_eventfd(fd, efd) :
					abi_register(fd, IPI_XCALL_COUNT);
	id[3] = abi_register_delay(fd, 100000);
	close(efd);
	err = abi_flood(fd, cpu, 20, ticket);
	for (i = 0; i < 4 && !err; i++)
		err = abi_trigger(fd, id[i], to_all()) < 0;
	return err;
}

TEST_F(owner, close_releases_everything_in_flight)
{
	int i, fd;

	for (i = 0; i < ROUNDS; i++) {
		fd = abi_open();
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, make_a_mess(fd));
		EXPECT_EQ(4, slots_used());
		close(fd);
		/* close() itself has done it. */
		EXPECT_EQ(0, slots_used());
	}
}

TEST_F(owner, close_while_an_eventfd_is_about_to_be_signalled)
{
	struct pollfd p = { .events = POLLIN };
	int i, fd, id;

	NEEDS_EVENTFD();
	for (i = 0; i < 5 * ROUNDS; i++) {
		fd = abi_open();
		ASSERT_LE(0, fd);
		p.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		id = abi_register_eventfd(fd, p.fd);
		ASSERT_LT(0, id);
		ASSERT_LT(0, abi_trigger(fd, id, to_cpu(other_cpu())));
		if (i & 1)
			close(p.fd);
		close(fd);
		if (~i & 1) {
			EXPECT_EQ(1, poll(&p, 1, 0));
			close(p.fd);
		}
	}
}

enum end { END_EXIT, END_KILL, END_EXEC };

static void end_it(enum end how)
{
	switch (how) {
	case END_EXIT:
		_exit(0);
	case END_KILL:
		kill(getpid(), SIGKILL);
		pause();
		break;
	case END_EXEC:
		execl("/bin/true", "true", NULL);
		_exit(127);
	}
}

static void check_end(struct __test_metadata *_metadata, enum end how)
{
	pid_t pid;
	int i, fd;

	for (i = 0; i < ROUNDS; i++) {
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid) {
			fd = abi_open();
			if (fd < 0 || make_a_mess(fd))
				_exit(126);
			end_it(how);
		}
		EXPECT_EQ(how == END_KILL ? -SIGKILL : 0, child_status(pid));
		EXPECT_EQ(0, slots_used());
	}
}

TEST_F(owner, exit_releases_everything_in_flight)
{
	check_end(_metadata, END_EXIT);
}

TEST_F(owner, SIGKILL_releases_everything_in_flight)
{
	check_end(_metadata, END_KILL);
}

TEST_F(owner, execve_releases_everything_in_flight)
{
	check_end(_metadata, END_EXEC);
}

/* Keeps all commands that take time going. */
static void *labour(void *arg)
{
	int fd = (long)arg, id;
	__u32 ticket[16];
	int i;

	for (;;) {
		id = abi_register_delay(fd, 500000);
		abi_trigger(fd, id, to_all());
		abi_flood(fd, other_cpu(), 16, ticket);
		for (i = 15; i >= 0; i--)
			abi_wait(fd, ticket[i], IPI_XCALL_FOREVER);
		abi_call(fd, to_all(), IPI_XCALL_DELAY_MAX_NS);
		abi_unregister(fd, id);
	}
	return NULL;
}

TEST_F(owner, killed_in_the_middle_of_anything)
{
	pthread_t thread;
	int64_t start;
	pid_t pid;
	int i, j;

	for (i = 0; i < ROUNDS; i++) {
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid) {
			long fd = abi_open();

			for (j = 0; j < 3; j++)
				pthread_create(&thread, NULL, labour, (void *)fd);
			labour((void *)fd);
		}
		sleep_ms(i * 140 / ROUNDS);
		start = now_ms();
		kill(pid, SIGKILL);
		EXPECT_EQ(-SIGKILL, child_status(pid));
		EXPECT_GT(LATE_MS, now_ms() - start);
		EXPECT_EQ(0, slots_used());
	}
}

TEST_F(owner, module_stays_while_open_and_goes_right_after)
{
	int i;

	NEEDS_RELOAD();
	close(self->other);
	for (i = 0; i < 3; i++) {
		EXPECT_NE(0, syscall(SYS_delete_module, "ipi_xcall", O_NONBLOCK));
		EXPECT_TRUE(errno == EWOULDBLOCK || errno == EBUSY);
		ASSERT_EQ(0, make_a_mess(self->fd));
		close(self->fd);
		EXPECT_EQ(0, syscall(SYS_delete_module, "ipi_xcall", O_NONBLOCK));
		EXPECT_EQ(-ENOENT, abi_open());
		ASSERT_EQ(0, module_load("ipi_xcall", ""));
		self->fd = abi_open();
		ASSERT_LE(0, self->fd);
	}
	self->other = -1;
}

/* ----- limits ----- */

TEST_F(owner, slots_of_a_file_end_with_EDQUOT)
{
	int id[IPI_XCALL_SLOTS_PER_FILE], i, n = IPI_XCALL_SLOTS_PER_FILE, no_more = -EDQUOT;

	/* A kernel of 32 bits has fewer for all. */
	if (abi_slots(self->fd) < IPI_XCALL_SLOTS_PER_FILE) {
		NEEDS_EMPTY_TABLE();
		n = abi_slots(self->fd);
		no_more = -ENOSPC;
	}
	for (i = 0; i < n; i++) {
		id[i] = abi_register(self->fd, i % 2);
		EXPECT_LT(0, id[i]);
	}
	for (i = 0; i < 4; i++)
		EXPECT_EQ(no_more, abi_register(self->fd, IPI_XCALL_STAMP));
	EXPECT_EQ(0, abi_unregister(self->fd, id[7]));
	EXPECT_LT(0, abi_register(self->fd, IPI_XCALL_COUNT));
	EXPECT_EQ(no_more, abi_register(self->fd, IPI_XCALL_COUNT));
}

TEST_F(owner, slots_of_the_module_end_with_ENOSPC)
{
	unsigned int i, id = 0, slots = abi_slots(self->fd);
	char text[64];
	int fd[2];

	NEEDS_EMPTY_TABLE();
	ASSERT_LT(0U, slots);
	fd[0] = self->fd;
	fd[1] = abi_open();
	for (i = 0; i < slots; i++) {
		id = abi_register(fd[i / IPI_XCALL_SLOTS_PER_FILE], i % 2);
		EXPECT_EQ(i + 1, id);
	}
	EXPECT_EQ(-ENOSPC, abi_register(self->other, IPI_XCALL_COUNT));
	EXPECT_EQ(-ENOSPC, abi_register(self->other, IPI_XCALL_STAMP));
	EXPECT_EQ(-ENOSPC, abi_register_delay(self->other, 1));
	/* People come last, too. Clients in the kernel do not. */
	EXPECT_EQ(-ENOSPC, write_file(XCALL_DIR "register", "count"));
	ASSERT_EQ(0, module_load("ipi_xcall_leak", ""));
	snprintf(text, sizeof(text), "%u", i + 1);
	EXPECT_EQ(-EACCES, write_file(XCALL_DIR "unregister", text));
	EXPECT_EQ(0, module_unload("ipi_xcall_leak"));
	close(fd[1]);
	EXPECT_EQ(0, abi_unregister(self->fd, 1));
	EXPECT_EQ(1, abi_register(self->other, IPI_XCALL_COUNT));
}

TEST_F(owner, calls_of_a_file_end_with_EDQUOT)
{
	__u32 ticket[IPI_XCALL_CALLS_PER_FILE], extra;
	int i;

	for (i = 0; i < IPI_XCALL_CALLS_PER_FILE; i++)
		EXPECT_LE(0, abi_post(self->fd, to_cpu(i % 2 ? other_cpu() :
								home_cpu()),
				      0, &ticket[i]));
	for (; i < 1000; i++)
		EXPECT_EQ(-EDQUOT, abi_post(self->fd, to_all(), 0, &extra));
	EXPECT_EQ(-EDQUOT, abi_call(self->fd, to_all(), 0));
	EXPECT_LT(0, abi_call(self->other, to_all(), 0));
	EXPECT_EQ(0, abi_wait(self->fd, ticket[3], IPI_XCALL_FOREVER));
	EXPECT_LT(0, abi_call(self->fd, to_all(), 0));
	EXPECT_EQ(0, post_nobody(self->fd, &extra));
	EXPECT_EQ(-EDQUOT, abi_call(self->fd, to_all(), 0));
	EXPECT_LE(0, abi_abandon(self->fd, ticket[5]));
	EXPECT_LT(0, abi_call(self->fd, to_all(), 0));
	/* A number is not given out again while others are left. */
	for (i = 0; i < IPI_XCALL_CALLS_PER_FILE; i++)
		EXPECT_NE(extra, ticket[i]);
}

TEST_F(owner, calls_of_all_files_end_with_ENOSPC)
{
	int nr = IPI_XCALL_CALLS_MAX / IPI_XCALL_CALLS_PER_FILE;
	int fd[nr], i;
	__u32 ticket;

	for (i = 0; i < nr; i++)
		fd[i] = abi_open();
	for (i = 0; i < IPI_XCALL_CALLS_MAX; i++)
		EXPECT_EQ(0, post_nobody(fd[i % nr], &ticket));
	EXPECT_EQ(-ENOSPC, post_nobody(self->fd, &ticket));
	EXPECT_EQ(-ENOSPC, abi_call(self->fd, to_all(), 0));
	EXPECT_EQ(-EDQUOT, post_nobody(fd[0], &ticket));
	for (i = 0; i < nr; i++)
		close(fd[i]);
	EXPECT_EQ(0, post_nobody(self->fd, &ticket));
}

/* ----- several threads ----- */

struct job {
	pthread_t thread;
	int fd;
	__u32 what;
	int result;
	bool stop;
};

static bool is_set(const bool *flag)
{
	return __atomic_load_n(flag, __ATOMIC_ACQUIRE);
}

static void set(bool *flag)
{
	__atomic_store_n(flag, true, __ATOMIC_RELEASE);
}

static void *do_wait(void *arg)
{
	struct job *j = arg;

	j->result = abi_wait(j->fd, j->what, IPI_XCALL_FOREVER);
	return NULL;
}

static void *do_abandon(void *arg)
{
	struct job *j = arg;
	int ret = abi_abandon(j->fd, j->what);

	j->result = ret > 0 ? 0 : ret;
	return NULL;
}

static void *do_unregister(void *arg)
{
	struct job *j = arg;

	j->result = abi_unregister(j->fd, j->what);
	return NULL;
}

/* Runs both at once; exactly one of them must have got it. */
static void check_pair(struct __test_metadata *_metadata, int fd, __u32 what,
		       void *(*a)(void *), void *(*b)(void *))
{
	struct job j[2] = { { .fd = fd, .what = what },
			    { .fd = fd, .what = what } };

	ASSERT_EQ(0, pthread_create(&j[0].thread, NULL, a, &j[0]));
	ASSERT_EQ(0, pthread_create(&j[1].thread, NULL, b, &j[1]));
	pthread_join(j[0].thread, NULL);
	pthread_join(j[1].thread, NULL);
	EXPECT_TRUE((!j[0].result && j[1].result == -ENOENT) ||
		    (!j[1].result && j[0].result == -ENOENT)) {
		TH_LOG("%d and %d", j[0].result, j[1].result);
	}
}

TEST_F(owner, one_of_two_waits_for_a_ticket_gets_it)
{
	__u32 ticket[8];
	int i;

	for (i = 0; i < ROUNDS; i++) {
		ASSERT_EQ(0, abi_flood(self->fd, other_cpu(), 8, ticket));
		check_pair(_metadata, self->fd, ticket[7], do_wait, do_wait);
		for (int j = 0; j < 7; j++)
			EXPECT_EQ(0, abi_wait(self->fd, ticket[j], ~0ULL));
	}
}

TEST_F(owner, either_wait_or_abandon_gets_a_ticket)
{
	__u32 ticket[8];
	int i, j;

	for (i = 0; i < ROUNDS; i++) {
		ASSERT_EQ(0, abi_flood(self->fd, other_cpu(), 8, ticket));
		for (j = 7; j >= 0; j--)
			check_pair(_metadata, self->fd, ticket[j], do_wait,
				   do_abandon);
	}
}

TEST_F(owner, one_of_two_unregisters_gets_the_slot)
{
	int i, id;

	for (i = 0; i < ROUNDS; i++) {
		id = abi_register(self->fd, IPI_XCALL_STAMP);
		ASSERT_LT(0, id);
		ASSERT_LT(0, abi_trigger(self->fd, id, to_all()));
		check_pair(_metadata, self->fd, id, do_unregister,
			   do_unregister);
	}
}

static void *do_triggers(void *arg)
{
	struct job *j = arg;
	int ret;

	while (!is_set(&j->stop)) {
		ret = abi_trigger(j->fd, j->what, to_all());
		if (ret < 0 && ret != -ENOENT)
			j->result = ret;
	}
	return NULL;
}

/* The same id changes hands all the time; triggers must not follow it. */
TEST_F(owner, trigger_never_reaches_the_next_owner_of_an_id)
{
	struct job j = { .fd = self->fd, .what = 1 };
	int64_t start = now_ms();
	int mine, theirs, reused = 0;

	NEEDS_EMPTY_TABLE();
	ASSERT_EQ(0, pthread_create(&j.thread, NULL, do_triggers, &j));
	while (go_on(start, rounds(1000, 3000), reused > 3)) {
		mine = abi_register(self->fd, IPI_XCALL_COUNT);
		EXPECT_EQ(1, mine);
		EXPECT_EQ(0, abi_unregister(self->fd, mine));
		theirs = abi_register(self->other, IPI_XCALL_COUNT);
		EXPECT_EQ(1, theirs);
		sleep_ms(1);
		EXPECT_EQ(0, abi_runs(self->other, theirs));
		EXPECT_EQ(0, abi_unregister(self->other, theirs));
		reused++;
	}
	set(&j.stop);
	pthread_join(j.thread, NULL);
	EXPECT_EQ(0, j.result);
	EXPECT_LT(3, reused);
}

static void *do_calls(void *arg)
{
	struct job *j = arg;
	__u32 ticket;
	int ret;

	while (!is_set(&j->stop)) {
		ret = abi_post(j->fd, to_all(), 0, &ticket);
		if (ret < 0 || abi_wait(j->fd, ticket, ~0ULL) ||
		    abi_call(j->fd, to_others(), 0) < 0)
			j->result++;
	}
	return NULL;
}

TEST_F(owner, threads_share_a_file_while_cpus_come_and_go)
{
	int64_t end = now_ms() + rounds(1000, 3000);
	int cpu = cpu_to_unplug();
	struct job j[4] = {};
	int i;

	NEEDS_UNPLUG(cpu);
	for (i = 0; i < 4; i++) {
		j[i].fd = self->fd;
		ASSERT_EQ(0, pthread_create(&j[i].thread, NULL, do_calls, &j[i]));
	}
	while (now_ms() < end) {
		EXPECT_EQ(0, cpu_set_online(cpu, false));
		EXPECT_EQ(0, cpu_set_online(cpu, true));
	}
	for (i = 0; i < 4; i++)
		set(&j[i].stop);
	for (i = 0; i < 4; i++) {
		pthread_join(j[i].thread, NULL);
		EXPECT_EQ(0, j[i].result);
	}
}

TEST_HARNESS_MAIN
