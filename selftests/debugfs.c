// SPDX-License-Identifier: GPL-2.0
/* The files for people: what they show, what they do, what they refuse. */
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include "kselftest_harness.h"
#include "helpers.h"

/* A message of the module is rate-limited, ten in five seconds: so long at most. */
#define RATELIMIT_MS	10000

/* More than a page of any architecture. */
#define TOO_LONG	(2 << 20)

FIXTURE(debugfs) {
	int log;
	int id;
};

static int last_id(void)
{
	char text[64];

	return read_file(XCALL_DIR "register", text, sizeof(text)) > 0 ?
	       atoi(text) : -1;
}

static int new_slot(const char *kind)
{
	int ret = write_file(XCALL_DIR "register", kind);

	return ret ? ret : last_id();
}

static int drop_slot(int id)
{
	char text[32];

	snprintf(text, sizeof(text), "%d", id);
	return write_file(XCALL_DIR "unregister", text);
}

FIXTURE_SETUP(debugfs)
{
	ASSERT_EQ(0, client_unload());
	machine_restore();
	self->log = klog_open();
	ASSERT_LE(0, self->log);
	/* One that took too long has left its own. */
	drop_slots();
	ASSERT_EQ(0, slots_used());
	self->id = new_slot("count");
	ASSERT_LT(0, self->id);
}

FIXTURE_TEARDOWN(debugfs)
{
	machine_restore();
	EXPECT_EQ(0, drop_slot(self->id));
	EXPECT_EQ(0, slots_used());
	EXPECT_BALANCE();
	close(self->log);
}

/* The line of the file slots for an id; false if there is none. */
static bool slot_row(int id, char *row, size_t size)
{
	static char text[TABLE_SIZE];
	char *line, *next = text;

	if (read_file(XCALL_DIR "slots", text, sizeof(text)) < 0)
		return false;
	strsep(&next, "\n");
	while ((line = strsep(&next, "\n"))) {
		if (*line && atoi(line) == id) {
			snprintf(row, size, "%s", line);
			return true;
		}
	}
	return false;
}

/* Its runs on a possible CPU, or in all for -1. */
static long slot_runs(int id, int cpu)
{
	static char row[TABLE_SIZE];
	char *next = row, *word;
	int column, i;

	if (!slot_row(id, row, sizeof(row)))
		return -1;
	/* One for each possible CPU, after the id, the state and the sum. */
	column = cpu < 0 ? 2 : 3;
	for (i = cpu < 0 ? -1 : next_possible_cpu(-1); i >= 0 && i != cpu;
	     i = next_possible_cpu(i))
		column++;
	do {
		word = strsep(&next, " ");
	} while (column-- && word);
	return word ? atol(word) : -1;
}

static bool slot_ran(int id, long times)
{
	int64_t end = now_ms() + LATE_MS;

	while (slot_runs(id, -1) < times && now_ms() < end)
		sleep_ms(1);
	return slot_runs(id, -1) == times;
}

TEST_F(debugfs, slots_shows_each_slot_with_state_runs_owner_and_function)
{
	static char text[TABLE_SIZE], want[TABLE_SIZE], row[TABLE_SIZE];
	int cpu, len;

	len = snprintf(want, sizeof(want), "id state runs");
	for_each_possible(cpu)
		len += snprintf(want + len, sizeof(want) - len, " cpu%d", cpu);
	snprintf(want + len, sizeof(want) - len, " owner func\n");
	ASSERT_LT(0, read_file(XCALL_DIR "slots", text, sizeof(text)));
	EXPECT_EQ(0, strncmp(text, want, strlen(want))) {
		TH_LOG("%s", text);
	}
	ASSERT_TRUE(slot_row(self->id, row, sizeof(row)));
	EXPECT_NE(NULL, strstr(row, " live 0 "));
	EXPECT_NE(NULL, strstr(row, "debugfs"));
	/* Of what is built in the kernel tells no module. */
	if (!access("/sys/module/ipi_xcall/initstate", F_OK))
		EXPECT_NE(NULL, strstr(row, "[ipi_xcall]"));
}

TEST_F(debugfs, slots_names_the_client_module_that_owns_a_slot)
{
	static char row[TABLE_SIZE];
	int id = self->id == 1 ? 2 : 1;

	NEEDS_CLIENT();
	NEEDS_EMPTY_TABLE();
	ASSERT_EQ(0, module_load("ipi_xcall_leak", ""));
	EXPECT_TRUE(slot_row(id, row, sizeof(row)));
	EXPECT_NE(NULL, strstr(row, " ipi_xcall_leak "));
	EXPECT_EQ(0, module_unload("ipi_xcall_leak"));
}

TEST_F(debugfs, cpus_shows_each_possible_cpu_and_which_are_online)
{
	static const char header[] =
		"cpu online pending mailbox deferred running\n";
	static char text[TABLE_SIZE];
	char want[64], *p = text;
	int cpu = cpu_to_unplug(), rows = -1;

	if (cpu >= 0)
		ASSERT_EQ(0, cpu_set_online(cpu, false));
	ASSERT_LT(0, read_file(XCALL_DIR "cpus", text, sizeof(text)));
	EXPECT_EQ(0, strncmp(text, header, strlen(header)));
	for (; (p = strchr(p, '\n')); p++)
		rows++;
	EXPECT_EQ(cpus_possible(), rows);
	snprintf(want, sizeof(want), "\n%u 1 0x0 0 0x0 -\n", home_cpu());
	EXPECT_NE(NULL, strstr(text, want));
	if (cpu >= 0) {
		snprintf(want, sizeof(want), "\n%d 0 0x0 0 0x0 -\n", cpu);
		EXPECT_NE(NULL, strstr(text, want));
	}
}

/* As the kernel writes it: one range, unless there are holes. */
static const char *possible_list(void)
{
	static char text[512];

	read_file("/sys/devices/system/cpu/possible", text, sizeof(text));
	return text;
}

/* On each CPU that is online, and on no other, at one look at the file. */
static void check_runs(struct __test_metadata *_metadata, int id, int runs)
{
	static char row[TABLE_SIZE];
	char *next = row;
	int cpu, column;

	ASSERT_TRUE(slot_row(id, row, sizeof(row)));
	for (column = 0; column < 3; column++)
		strsep(&next, " ");
	for_each_possible(cpu)
		EXPECT_EQ(cpu_is_online(cpu) ? runs : 0, strtol(next, &next, 10));
}

TEST_F(debugfs, trigger_runs_the_slot_on_each_cpu_of_the_list)
{
	char line[1024];
	int online = cpus_online(), home = home_cpu();

	snprintf(line, sizeof(line), "%d all\n", self->id);
	EXPECT_EQ(0, write_file(XCALL_DIR "trigger", line));
	EXPECT_TRUE(slot_ran(self->id, online));
	snprintf(line, sizeof(line), "%d %s", self->id, possible_list());
	EXPECT_EQ(0, write_file(XCALL_DIR "trigger", line));
	EXPECT_TRUE(slot_ran(self->id, 2 * online));
	check_runs(_metadata, self->id, 2);
	snprintf(line, sizeof(line), " %d  %d ", self->id, home);
	EXPECT_EQ(0, write_file(XCALL_DIR "trigger", line));
	EXPECT_TRUE(slot_ran(self->id, 2 * online + 1));
	EXPECT_EQ(3, slot_runs(self->id, home));
}

TEST_F(debugfs, trigger_skips_offline_cpus_of_a_list)
{
	char line[64];
	int cpu = cpu_to_unplug();

	NEEDS_UNPLUG(cpu);
	ASSERT_EQ(0, cpu_set_online(cpu, false));
	snprintf(line, sizeof(line), "%d %u,%d", self->id, home_cpu(), cpu);
	EXPECT_EQ(0, write_file(XCALL_DIR "trigger", line));
	EXPECT_TRUE(slot_ran(self->id, 1));
}

/* The file has one row, of a slot that has just run on all CPUs. */
static void check_stamps(struct __test_metadata *_metadata, int id)
{
	static char text[TABLE_SIZE];
	char want[32], *row, *end;
	int cpu;

	snprintf(want, sizeof(want), "id cpu%d", next_possible_cpu(-1));
	ASSERT_LT(0, read_file(XCALL_DIR "stamps", text, sizeof(text)));
	EXPECT_EQ(0, strncmp(text, want, strlen(want)));
	row = strchr(text, '\n') + 1;
	EXPECT_EQ(id, strtol(row, &end, 10));
	for_each_possible(cpu)
		EXPECT_EQ(cpu_is_online(cpu), strtoll(end, &end, 10) > 0);
	EXPECT_STREQ("\n", end);
}

TEST_F(debugfs, stamp_slots_show_when_each_cpu_ran_them)
{
	int id = new_slot("stamp\n");
	char line[64];

	ASSERT_LT(0, id);
	EXPECT_NE(self->id, id);
	EXPECT_EQ(2, slots_used());
	snprintf(line, sizeof(line), "%d all", id);
	EXPECT_EQ(0, write_file(XCALL_DIR "trigger", line));
	EXPECT_TRUE(slot_ran(id, cpus_online()));
	check_stamps(_metadata, id);
	EXPECT_EQ(0, drop_slot(id));
	EXPECT_EQ(1, slots_used());
}

/*
 * Looks at the file, from the last CPU, for as long as a child's call takes. That
 * comes from the first CPU, so that it is the second one that is called.
 */
static bool is_seen_running(const char *line, const char *what)
{
	static char text[TABLE_SIZE];
	bool seen = false;
	pid_t pid = fork();

	if (!pid) {
		pin(home_cpu());
		_exit(scenario(line, text, sizeof(text)) ? 1 : 0);
	}
	pin(other_cpu());
	while (pid > 0 && !seen && !waitpid(pid, NULL, WNOHANG))
		seen = read_file(XCALL_DIR "cpus", text, sizeof(text)) > 0 &&
		       strstr(text, what);
	if (seen)
		child_status(pid);
	unpin();
	return seen;
}

TEST_F(debugfs, cpus_names_the_function_that_runs)
{
	bool seen = false;
	int i;

	if (cpus_online() < 3)
		SKIP(return, "needs three online CPUs");
	NEEDS_TO_RUN_ON(other_cpu());
	NEEDS_CLIENT();
	ASSERT_EQ(0, client_load());
	for (i = 0; i < 20 && !seen; i++)
		seen = is_seen_running("stalled_wait 500",
				       " hang_func [ipi_xcall_test]\n");
	EXPECT_TRUE(seen);
	EXPECT_EQ(0, client_unload());
}

TEST_F(debugfs, call_calls_each_cpu_so_often_and_shows_what_it_took)
{
	static const char header[] = "cpu runs min_ns mean_ns max_ns\n";
	unsigned long long runs, min, mean, max;
	static char text[TABLE_SIZE];
	char want[32], *line, *next = text;
	int cpu, rows = 0;

	NEEDS_A_FINE_CLOCK();
	ASSERT_EQ(0, write_file(XCALL_DIR "call", "all 20\n"));
	ASSERT_LT(0, read_file(XCALL_DIR "call", text, sizeof(text)));
	EXPECT_EQ(0, strncmp(text, header, strlen(header)));
	strsep(&next, "\n");
	while ((line = strsep(&next, "\n")) && *line) {
		rows++;
		ASSERT_EQ(5, sscanf(line, "%d %llu %llu %llu %llu", &cpu, &runs,
				    &min, &mean, &max));
		EXPECT_EQ(20ULL, runs);
		EXPECT_LE(min, mean);
		EXPECT_LE(mean, max);
		EXPECT_LT(0ULL, max);
	}
	EXPECT_EQ(cpus_online(), rows);

	/* Without a count once; and the last call alone is shown. */
	snprintf(want, sizeof(want), "%u", home_cpu());
	ASSERT_EQ(0, write_file(XCALL_DIR "call", want));
	ASSERT_LT(0, read_file(XCALL_DIR "call", text, sizeof(text)));
	snprintf(want, sizeof(want), "%u 1 ", home_cpu());
	EXPECT_EQ(0, strncmp(text + strlen(header), want, strlen(want)));
	EXPECT_EQ(NULL, strchr(strchr(text, '\n') + 1, '\n')[1] ? text : NULL);
}

/* More than a moment on any machine. */
#define LONG_CALL	"all 100000"
/* One that is killed has that long to go. */
#define KILL_MS		5000

static bool is_alive(pid_t pid)
{
	return !waitpid(pid, NULL, WNOHANG);
}

/* In a child; true when CPUs are being called. */
static bool call_long(pid_t *pid)
{
	long long before = stat_sum("posted");
	int64_t start = now_ms();

	*pid = fork();
	if (!*pid)
		_exit(write_file(XCALL_DIR "call", LONG_CALL) ? 1 : 0);
	while (now_ms() - start < LATE_MS)
		if (stat_sum("posted") > before + 20)
			return true;
	return false;
}

/* Readers and writers of all files are through while the call goes on. */
TEST_F(debugfs, long_call_keeps_nobody_waiting)
{
	static const char *const files[] = { "call", "stamps", "register", "slots" };
	char text[TEXT_SIZE], line[64];
	pid_t pid;
	size_t i;
	int id;

	if (cpus_online() < 2)
		SKIP(return, "needs a second online CPU");
	ASSERT_TRUE(call_long(&pid));
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(line, sizeof(line), XCALL_DIR "%s", files[i]);
		EXPECT_LT(0, read_file(line, text, sizeof(text)));
	}
	id = new_slot("stamp");
	EXPECT_LT(0, id);
	snprintf(line, sizeof(line), "%d %u", id, home_cpu());
	EXPECT_EQ(0, write_file(XCALL_DIR "trigger", line));
	EXPECT_EQ(0, write_file(XCALL_DIR "call", "all"));
	EXPECT_TRUE(is_alive(pid)) {
		TH_LOG("they had to wait for the call, or it was short");
	}
	kill(pid, SIGKILL);
	EXPECT_EQ(-SIGKILL, child_status(pid));
	EXPECT_EQ(0, drop_slot(id));
}

/* A call of so many rounds takes longer than that wherever this is run. */
TEST_F(debugfs, long_call_can_be_killed_at_any_round)
{
	int64_t start;
	pid_t pid;
	int i;

	if (cpus_online() < 2)
		SKIP(return, "needs a second online CPU");
	for (i = 0; i < 20; i++) {
		ASSERT_TRUE(call_long(&pid));
		sleep_ms(i);
		start = now_ms();
		kill(pid, SIGKILL);
		EXPECT_EQ(-SIGKILL, child_status(pid));
		EXPECT_GT(KILL_MS, now_ms() - start);
	}
}

static bool shows(const char *file, const char *what)
{
	static char text[TABLE_SIZE];
	char path[256];

	snprintf(path, sizeof(path), XCALL_DIR "%s", file);
	return read_file(path, text, sizeof(text)) > 0 && strstr(text, what);
}

/* Until a file says so. */
static bool shown(const char *file, const char *what)
{
	int64_t end = now_ms() + LATE_MS;

	while (!shows(file, what))
		if (now_ms() > end)
			return false;
	return true;
}

static int hold_a_cpu(int ms)
{
	char text[TEXT_SIZE], line[64];

	pin(home_cpu());
	snprintf(line, sizeof(line), "stalled_unregister %d", ms);
	return scenario(line, text, sizeof(text));
}

static int unregister_meanwhile(int id)
{
	return shown("cpus", " xt_slot_run [ipi_xcall_test]") ? drop_slot(id) : -ETIME;
}

static const char *dying_row(int id)
{
	static char row[32];

	snprintf(row, sizeof(row), "\n%d dying ", id);
	return row;
}

static int read_meanwhile(int id)
{
	static char text[TABLE_SIZE];

	return shown("slots", dying_row(id)) ?
	       read_file(XCALL_DIR "stamps", text, sizeof(text)) : -ETIME;
}

static pid_t in_child(int (*fn)(int), int arg)
{
	pid_t pid = fork();

	if (!pid)
		_exit(fn(arg) < 0);
	return pid;
}

/*
 * Who unregisters has to wait for a function that runs, and who reads the stamps
 * for him. All exist, and are elsewhere, before a CPU is held.
 */
TEST_F(debugfs, reader_that_waits_for_a_writer_can_be_killed)
{
	pid_t holder, writer, reader;
	int id, tries, ret;
	bool dying;

	if (cpus_online() < 3)
		SKIP(return, "needs three online CPUs");
	NEEDS_TO_RUN_ON(other_cpu());
	NEEDS_CLIENT();
	ASSERT_EQ(0, client_load());
	pin(other_cpu());
	for (tries = 5; tries; tries--) {
		id = new_slot("stamp");
		ASSERT_LT(0, id);
		writer = in_child(unregister_meanwhile, id);
		reader = in_child(read_meanwhile, id);
		holder = in_child(hold_a_cpu, rounds(4000, 8000));
		dying = false;
		while (!dying && is_alive(holder))
			dying = shows("slots", dying_row(id));
		sleep_ms(500);
		if (dying && is_alive(holder))
			break;
		/* One of them came too late, or this program did. */
		kill(reader, SIGKILL);
		kill(writer, SIGKILL);
		child_status(reader);
		child_status(writer);
		child_status(holder);
		drop_slot(id);
	}
	ASSERT_LT(0, tries);
	EXPECT_TRUE(is_alive(reader));
	kill(reader, SIGKILL);
	EXPECT_EQ(-SIGKILL, child_status(reader));
	EXPECT_TRUE(is_alive(holder)) {
		TH_LOG("the reader went when the CPU was let go");
	}
	ret = child_status(writer);
	EXPECT_EQ(0, ret);
	EXPECT_EQ(0, child_status(holder));
	/* The tests to come are not to pay for it. */
	if (ret)
		drop_slot(id);
	unpin();
	EXPECT_EQ(0, client_unload());
}

TEST_F(debugfs, slot_that_was_unregistered_is_gone)
{
	static char row[TABLE_SIZE];
	int id = new_slot("count");

	ASSERT_LT(0, id);
	EXPECT_TRUE(slot_row(id, row, sizeof(row)));
	EXPECT_EQ(0, drop_slot(id));
	EXPECT_FALSE(slot_row(id, row, sizeof(row)));
}

/* ----- bad input: its errno, one line in the log, nothing changed ----- */

static void snapshot(char *text, size_t size)
{
	int len = read_file(XCALL_DIR "slots", text, size);

	if (len < 0)
		len = 0;
	read_file(XCALL_DIR "stats", text + len, size - len);
}

static void refuse_bytes(struct __test_metadata *_metadata,
			 struct _test_data_debugfs *self, const char *file,
			 const void *data, size_t len, int want)
{
	static char text[TABLE_SIZE], before[TABLE_SIZE], after[TABLE_SIZE];
	char path[256];
	int limited = 0, lines = 0;
	int64_t start;

	snprintf(path, sizeof(path), XCALL_DIR "%s", file);
	snapshot(before, sizeof(before));
	/* If the limit of the log was reached, go on until it has gone. */
	for (start = now_ms(); !lines && now_ms() - start < RATELIMIT_MS;) {
		if (limited++)
			sleep_ms(100);
		EXPECT_EQ(-want, write_bytes(path, data, len)) {
			TH_LOG("%s: %zu bytes: '%.32s'", file, len,
			       len ? (const char *)data : "");
		}
		lines = klog_count(self->log, text, sizeof(text), "ipi_xcall: ");
	}
	EXPECT_EQ(1, lines) {
		TH_LOG("%s: %zu bytes: '%.32s': log: %s", file, len,
		       len ? (const char *)data : "", text);
	}
	snapshot(after, sizeof(after));
	EXPECT_STREQ(before, after);
}

#define REFUSE(file, want, ...)						\
	do {								\
		char text_[128];					\
									\
		snprintf(text_, sizeof(text_), __VA_ARGS__);		\
		refuse_bytes(_metadata, self, file, text_, strlen(text_), want); \
	} while (0)

static const char *const writable[] = {
	"register", "unregister", "trigger", "call",
};

TEST_F(debugfs, empty_input_is_einval)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(writable); i++) {
		REFUSE(writable[i], EINVAL, "\n");
		REFUSE(writable[i], EINVAL, "  ");
	}
}

TEST_F(debugfs, nothing_at_all_is_einval)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(writable); i++)
		refuse_bytes(_metadata, self, writable[i], "", 0, EINVAL);
}

TEST_F(debugfs, register_of_an_unknown_kind_is_einval)
{
	REFUSE("register", EINVAL, "bogus");
	REFUSE("register", EINVAL, "counter");
	REFUSE("register", EINVAL, "count stamp");
}

TEST_F(debugfs, not_a_number_is_einval)
{
	REFUSE("unregister", EINVAL, "x");
	REFUSE("unregister", EINVAL, "-1");
	REFUSE("unregister", EINVAL, "99999999999999999999");
	REFUSE("unregister", EINVAL, "%d %d", self->id, self->id);
	REFUSE("trigger", EINVAL, "x 0");
	REFUSE("trigger", EINVAL, "%dx 0", self->id);
}

TEST_F(debugfs, id_0_is_einval)
{
	REFUSE("unregister", EINVAL, "0");
	REFUSE("trigger", EINVAL, "0 0");
}

TEST_F(debugfs, id_out_of_range_is_einval)
{
	REFUSE("unregister", EINVAL, "65");
	REFUSE("unregister", EINVAL, "4294967297");
	REFUSE("trigger", EINVAL, "65 0");
}

TEST_F(debugfs, free_id_is_enoent)
{
	NEEDS_EMPTY_TABLE();
	REFUSE("unregister", ENOENT, "%d", self->id + 1);
	REFUSE("trigger", ENOENT, "%d 0", self->id + 1);
}

TEST_F(debugfs, cpu_out_of_range_is_einval)
{
	int ids = cpu_ids(), hole = cpu_in_a_hole();

	REFUSE("trigger", EINVAL, "%d %d", self->id, ids);
	REFUSE("trigger", EINVAL, "%d %d", self->id, hole);
	REFUSE("trigger", EINVAL, "%d 0-%d", self->id, ids);
	REFUSE("trigger", EINVAL, "%d 4294967296", self->id);
	REFUSE("call", EINVAL, "%d", ids);
	REFUSE("call", EINVAL, "%d", hole);
	REFUSE("call", EINVAL, "0,99999");
}

TEST_F(debugfs, malformed_list_is_einval)
{
	REFUSE("trigger", EINVAL, "%d", self->id);
	REFUSE("trigger", EINVAL, "%d x", self->id);
	REFUSE("trigger", EINVAL, "%d 0-", self->id);
	REFUSE("trigger", EINVAL, "%d ,", self->id);
	REFUSE("trigger", EINVAL, "%d 1-0", self->id);
	REFUSE("trigger", EINVAL, "%d 0 0", self->id);
	REFUSE("call", EINVAL, "zero");
	REFUSE("call", EINVAL, "-1");
	REFUSE("call", EINVAL, ",");
}

TEST_F(debugfs, bad_count_is_einval)
{
	REFUSE("call", EINVAL, "0 0");
	REFUSE("call", EINVAL, "0 -1");
	REFUSE("call", EINVAL, "0 x");
	REFUSE("call", EINVAL, "0 99999999999999999999");
	REFUSE("call", EINVAL, "0 1 1");
}

TEST_F(debugfs, offline_cpu_alone_is_enxio)
{
	int cpu = cpu_to_unplug();

	NEEDS_UNPLUG(cpu);
	ASSERT_EQ(0, cpu_set_online(cpu, false));
	klog_forget(self->log);
	REFUSE("trigger", ENXIO, "%d %d", self->id, cpu);
	REFUSE("call", ENXIO, "%d", cpu);
}

TEST_F(debugfs, more_than_a_page_of_garbage_is_e2big)
{
	static char garbage[TOO_LONG];
	size_t i;

	ASSERT_LT(sysconf(_SC_PAGESIZE), TOO_LONG);
	for (i = 0; i < sizeof(garbage); i++)
		garbage[i] = '!' + i % 90;
	for (i = 0; i < ARRAY_SIZE(writable); i++)
		refuse_bytes(_metadata, self, writable[i], garbage,
			     sizeof(garbage), E2BIG);
}

TEST_F(debugfs, zero_bytes_are_einval)
{
	char line[16];
	int len = snprintf(line, sizeof(line), "%d", self->id) + 1;

	refuse_bytes(_metadata, self, "unregister", line, len, EINVAL);
}

static int drop_sys_admin(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return -errno;
	data[CAP_TO_INDEX(CAP_SYS_ADMIN)].effective &=
		~CAP_TO_MASK(CAP_SYS_ADMIN);
	return syscall(SYS_capset, &header, data) ? -errno : 0;
}

/* In a child, since the fixture needs the capability at its end. */
TEST_F(debugfs, write_without_cap_sys_admin_is_eperm)
{
	static const char *const line[] = { "count", "1", "1 0", "0" };
	char text[TEXT_SIZE];
	int status;
	pid_t pid;

	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		char path[256];
		size_t i;

		if (drop_sys_admin())
			_exit(100);
		for (i = 0; i < ARRAY_SIZE(writable); i++) {
			snprintf(path, sizeof(path), XCALL_DIR "%s",
				 writable[i]);
			if (write_file(path, line[i]) != -EPERM)
				_exit(1 + i);
		}
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_TRUE(WIFEXITED(status));
	EXPECT_EQ(0, WEXITSTATUS(status)) {
		TH_LOG("100: no capset; else the file, counted from 1");
	}
	EXPECT_EQ(4, klog_count(self->log, text, sizeof(text), "ipi_xcall: ")) {
		TH_LOG("%s", text);
	}
	EXPECT_EQ(1, slots_used());
	EXPECT_EQ(0, slot_runs(self->id, -1));
}

/* A client's slot is neither for the file to run nor to give back. */
TEST_F(debugfs, slot_of_a_client_is_eacces)
{
	NEEDS_CLIENT();
	NEEDS_EMPTY_TABLE();
	ASSERT_EQ(0, module_load("ipi_xcall_leak", ""));
	EXPECT_EQ(3, slots_used());
	REFUSE("unregister", EACCES, "%d", self->id == 1 ? 2 : 1);
	REFUSE("trigger", EACCES, "%d all", self->id == 1 ? 2 : 1);
	EXPECT_EQ(0, module_unload("ipi_xcall_leak"));
}

/* One more than there is room for is an error and a line in the log. */
TEST_F(debugfs, register_in_a_full_table_is_enospc)
{
	int id, ids[65], n = 0;

	NEEDS_EMPTY_TABLE();
	while (n < 64 && (id = new_slot("count")) > 0)
		ids[n++] = id;
	/* With ours a quarter is left, of 16 or 32. */
	EXPECT_TRUE(n == 23 || n == 11);
	klog_forget(self->log);
	REFUSE("register", ENOSPC, "count");
	REFUSE("register", ENOSPC, "stamp");
	while (n--)
		EXPECT_EQ(0, drop_slot(ids[n]));
}

TEST_HARNESS_MAIN
