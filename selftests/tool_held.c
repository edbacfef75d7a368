// SPDX-License-Identifier: GPL-2.0
/* ipixctl that is interrupted, held up, confined or cut off: it says so. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "kselftest_harness.h"
#include "helpers.h"
#include "abi.h"
#include "json.h"
#include "tool_run.h"

#define CGROUP		"/tmp/ipixctl-cgroup"
/* Longer than what takes a program by itself here. */
#define HELD_MS		1500
/* One each millisecond. */
#define UNICASTS	"measure --json --mode unicast --period 1000000"

FIXTURE(held) {
	int cpus;
	unsigned int other;
};

FIXTURE_SETUP(held)
{
	machine_restore();
	unsetenv("IPIXCTL_SYSFS");
	self->cpus = cpus_online();
	self->other = other_cpu();
}

FIXTURE_TEARDOWN(held)
{
	machine_restore();
	EXPECT_CLEAN();
}

TEST_F(held, interrupted_measurement_gives_what_there_is)
{
	long long before = stat_sum("posted");
	struct run r;

	NEEDS_TO_RUN_ON(self->other);
	r = tool_start("measure --json --samples 10000000 --mode unicast --state busy --target %u",
		       self->other);
	EXPECT_TRUE(stat_reaches("posted", before + 200));
	kill(r.pid, SIGINT);
	tool_finish(&r);
	EXPECT_EQ(130, r.status);
	ASSERT_TRUE(json_valid(r.out));
	EXPECT_TRUE(json_is(r.out, "interrupted", "true"));
	EXPECT_LT(0, json_number(r.out, "results.0.samples"));
	EXPECT_EQ(json_number(r.out, "results.0.samples"),
		  json_number(r.out, "results.0.ack.samples"));
}

/* Of a tool that was interrupted and had minutes to go; a busy host has one CPU for it. */
#define SOON_MS	10000

/* It no longer dies of SIGINT. */
static bool catches_signals(pid_t pid)
{
	int64_t end = now_ms() + LATE_MS;
	char path[32], text[4096];
	const char *caught;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	while (now_ms() < end) {
		caught = read_file(path, text, sizeof(text)) > 0 ? strstr(text, "SigCgt:") : NULL;
		if (caught && strtoull(caught + 7, NULL, 16) & 1u << (SIGINT - 1))
			return true;
		sleep_ms(10);
	}
	return false;
}

/* A tool that sends, once it is under way: the counter @sent tells. */
#define TOOL_THAT_SENDS(sent, ...)					\
	({								\
		long long before_ = stat_sum(sent);			\
		struct run r_ = tool_start(__VA_ARGS__);		\
									\
		EXPECT_TRUE(stat_reaches(sent, before_ + 20));		\
		r_;							\
	})

/* Whatever it waits for, and whatever else it was to do. */
TEST_F(held, interrupted_tool_ends_at_once)
{
	static const char *const commands[] = {
		"measure --json --samples 10000000", "matrix --json --samples 1000000",
		"measure --json --period 1000000000", "storm --json --seconds 600 --rates 10",
		"storm --json --mode unicast --seconds 600", "watch --interval 600000",
		"trigger --json --count 10000000 all", "call --json --count 10000000 all",
		"matrix --json --period 1000000000 --samples 1000",
	};
	struct run r;
	int64_t start;
	unsigned int i;

	for (i = 0; i < ABI_ARRAY(commands); i++) {
		r = tool_start("%s", commands[i]);
		EXPECT_TRUE(catches_signals(r.pid));
		sleep_ms(400);
		start = now_ms();
		kill(r.pid, SIGINT);
		tool_finish(&r);
		EXPECT_GT(SOON_MS, now_ms() - start) {
			TH_LOG("%s", commands[i]);
		}
		/* A watch has no other end. */
		EXPECT_EQ(strncmp(commands[i], "watch", 5) ? 130 : 0, r.status);
	}
}

/* ----- held up ----- */

static void cgroup_remove(void)
{
	int64_t end = now_ms() + LATE_MS;

	write_file(CGROUP "/test/cpuset.cpus.partition", "member");
	write_file(CGROUP "/test/cgroup.kill", "1");
	while (rmdir(CGROUP "/test") && errno == EBUSY && now_ms() < end)
		sleep_ms(1);
	umount2(CGROUP, MNT_DETACH);
	rmdir(CGROUP);
}

static pid_t guard;
static int guarded = -1;

/* Removes the cgroup when this test lets go of it, or is no more. */
static bool guard_cgroup(void)
{
	int alive[2];
	char c;

	if (pipe2(alive, O_CLOEXEC))
		return false;
	guard = fork();
	if (!guard) {
		prctl(PR_SET_PDEATHSIG, 0);
		setsid();
		close(alive[1]);
		while (read(alive[0], &c, 1) < 0)
			;
		cgroup_remove();
		_exit(0);
	}
	close(alive[0]);
	guarded = alive[1];
	return guard > 0;
}

/* A cgroup of one's own with a controller, or false. */
static bool cgroup(const char *controller)
{
	char text[64];

	if (guarded < 0 && !guard_cgroup())
		return false;
	mkdir(CGROUP, 0700);
	if (mount("none", CGROUP, "cgroup2", 0, NULL) && errno != EBUSY)
		return false;
	snprintf(text, sizeof(text), "+%s", controller);
	if (*controller && write_file(CGROUP "/cgroup.subtree_control", text) < 0)
		return false;
	return !mkdir(CGROUP "/test", 0700) || errno == EEXIST;
}

/* Whoever is in it comes out. */
static void cgroup_end(void)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", getpid());
	write_file(CGROUP "/cgroup.procs", pid);
	close(guarded);
	guarded = -1;
	child_status(guard);
}

static bool stop(pid_t pid)
{
	kill(pid, SIGSTOP);
	sleep_ms(HELD_MS);
	return !kill(pid, SIGCONT);
}

static bool trace(pid_t pid)
{
	if (ptrace(PTRACE_SEIZE, pid, 0, 0) || ptrace(PTRACE_INTERRUPT, pid, 0, 0))
		return false;
	waitpid(pid, NULL, __WALL);
	sleep_ms(HELD_MS);
	return !ptrace(PTRACE_DETACH, pid, 0, 0);
}

static bool freeze(pid_t pid)
{
	char text[16];
	bool can;

	snprintf(text, sizeof(text), "%d", pid);
	can = cgroup("") && write_file(CGROUP "/test/cgroup.procs", text) >= 0 &&
	      write_file(CGROUP "/test/cgroup.freeze", "1") >= 0;
	sleep_ms(HELD_MS);
	return can && write_file(CGROUP "/test/cgroup.freeze", "0") >= 0;
}

static const struct {
	const char *name;
	bool (*hold)(pid_t pid);
} holds[] = {
	{ "stopped", stop }, { "traced", trace }, { "frozen", freeze },
};

TEST_F(held, measurement_that_is_held_up_is_whole)
{
	long long before;
	unsigned int i;
	struct run r;
	bool held;

	for (i = 0; i < ABI_ARRAY(holds); i++) {
		before = stat_sum("posted");
		r = tool_start("measure --json --mode unicast --target 0 --samples %d --period %d",
			       2500, 1000000);
		EXPECT_TRUE(stat_reaches("posted", before + 50));
		held = holds[i].hold(r.pid);
		tool_finish(&r);
		if (!held)
			TH_LOG("cannot be %s here", holds[i].name);
		EXPECT_JSON(r, "measure");
		EXPECT_EQ(2500, json_number(r.out, "results.0.samples"));
		EXPECT_TRUE(json_is(r.out, "interrupted", "false"));
	}
	cgroup_end();
}

/* Who stops it may be let run when it is over. */
static struct run stopped_storm(struct __test_metadata *_metadata, const char *mode,
				const char *sent)
{
	int tries = 3;
	struct run r;

	do {
		r = TOOL_THAT_SENDS(sent, "storm --json --mode %s --source 0 --target 0 %s",
				    mode, "--rates 200 --seconds 3");
		EXPECT_TRUE(stop(r.pid));
		tool_finish(&r);
	} while (json_number(r.out, "points.0.stopped_ns") < (HELD_MS - 500) * 1e6 &&
		 --tries);
	return r;
}

/* What it did not send it owns up to. */
TEST_F(held, storm_that_is_held_up_says_so)
{
	unsigned int i;
	struct run r;

	for (i = 0; i < 2; i++) {
		r = stopped_storm(_metadata, i ? "trigger" : "unicast",
				  i ? "triggers" : "posted");
		EXPECT_FALSE(!strstr(r.out, "stopped, traced or frozen for"));
		EXPECT_LT((HELD_MS - 500) * 1e6, json_number(r.out, "points.0.stopped_ns"));
		/* Triggers that were due meanwhile are sent late, calls are not. */
		if (i) {
			EXPECT_LT(HELD_MS / 3 * 1e6, json_number(r.out, "points.0.max"));
			continue;
		}
		EXPECT_ENDED(r, "storm", 3);
		EXPECT_FALSE(!strstr(r.err, "sends are missing"));
		EXPECT_LE(1, json_length(r.out, "lacking"));
	}
}

TEST_F(held, starved_measurement_says_so)
{
	struct run r;
	pid_t pid;

	NEEDS_TO_HOG(self->other);
	if (access("/proc/self/schedstat", F_OK))
		SKIP(return, "this kernel does not account for it");
	/* Two seconds, or four where all is slow: less than it is kept from its CPU. */
	r = TOOL_THAT_SENDS("posted", "measure --json --mode unicast --period 5000000 %s %d %s %d",
			    "--samples 400 --source", self->other, "--target", home_cpu());
	pid = hog(self->other, 6000);
	tool_finish(&r);
	EXPECT_EQ(0, child_status(pid));
	EXPECT_TRUE(tool_was_starved(&r)) {
		TH_LOG("%s", r.err);
	}
	EXPECT_ENDED(r, "measure", 3);
	EXPECT_LE(1, json_length(r.out, "lacking"));
	EXPECT_LT(5e8, json_number(r.out, "results.0.waited_ns"));
}

/* Nobody waits for a thread that does not get to run. */
TEST_F(held, interrupted_measurement_that_is_starved_ends)
{
	struct run r;
	int64_t start;
	pid_t pid;

	NEEDS_TO_HOG(self->other);
	if (setting_write("/proc/sys/kernel/sched_rt_runtime_us", "-1"))
		SKIP(return, "real-time tasks are limited");
	r = TOOL_THAT_SENDS("posted", UNICASTS " --source %d --target %d --samples 100000",
			    self->other, home_cpu());
	pid = hog(self->other, 8000);
	sleep_ms(500);
	start = now_ms();
	kill(r.pid, SIGINT);
	tool_finish(&r);
	EXPECT_GT(5000, now_ms() - start);
	EXPECT_ENDED(r, "measure", 130);
	EXPECT_LT(0, json_number(r.out, "results.0.samples"));
	kill(pid, SIGKILL);
	EXPECT_EQ(-SIGKILL, child_status(pid));
}

TEST_F(held, cpu_that_goes_offline_is_told)
{
	int cpu = cpu_to_unplug(), i;
	struct run r;

	NEEDS_UNPLUG(cpu);
	/* The target, then the source. */
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, cpu_set_online(cpu, true));
		r = TOOL_THAT_SENDS("posted", UNICASTS " --source %d --target %d --samples 20000",
				    i ? cpu : (int)home_cpu(), i ? (int)home_cpu() : cpu);
		EXPECT_EQ(0, cpu_set_online(cpu, false));
		tool_finish(&r);
		EXPECT_ENDED(r, "measure", 3);
		EXPECT_FALSE(!strstr(r.err, "samples are missing: a CPU went offline"));
		EXPECT_LT(0, json_number(r.out, "results.0.samples"));
		EXPECT_GT(20000, json_number(r.out, "results.0.samples"));
	}
}

/* ----- confined ----- */

TEST_F(held, storm_sends_from_where_it_says_or_not_at_all)
{
	struct run r;
	char text[16];

	if (!self->other)
		SKIP(return, "needs two CPUs");
	snprintf(text, sizeof(text), "%d", getpid());
	if (!cgroup("cpuset") || write_file(CGROUP "/test/cpuset.cpus", "0") < 0 ||
	    write_file(CGROUP "/test/cgroup.procs", text) < 0) {
		cgroup_end();
		SKIP(return, "no cpuset of cgroup v2");
	}
	r = TOOL("storm --json --source %d --target 0", self->other);
	EXPECT_EQ(1, r.status);
	EXPECT_FALSE(!strstr(r.err, "a cpuset forbids it"));
	/* Of its own accord it sends from where it may. */
	r = TOOL("storm --json");
	EXPECT_EQ(0, r.status & ~3);
	EXPECT_TRUE(json_is(r.out, "sources", "0"));
	/* A busy target has a thread of the program on it. */
	r = TOOL("measure --samples 10 --mode unicast --state busy --target %d", self->other);
	EXPECT_EQ(1, r.status);
	/* The module's threads are not in the cpuset. */
	r = TOOL("storm --json --mode unicast --source %d --target 0", self->other);
	EXPECT_EQ(0, r.status & ~3);
	cgroup_end();
}

TEST_F(held, isolated_partition_is_left_alone)
{
	char text[64];
	struct run r;

	if (self->cpus < 3)
		SKIP(return, "needs three CPUs");
	snprintf(text, sizeof(text), "%d", self->other);
	if (!cgroup("cpuset") || write_file(CGROUP "/test/cpuset.cpus", text) < 0 ||
	    write_file(CGROUP "/test/cpuset.cpus.partition", "isolated") < 0 ||
	    read_file(CGROUP "/test/cpuset.cpus.partition", text, sizeof(text)) < 0 ||
	    strcmp(text, "isolated\n")) {
		cgroup_end();
		SKIP(return, "no isolated partition");
	}
	r = TOOL("matrix --json --samples 10");
	EXPECT_JSON(r, "matrix");
	EXPECT_EQ(self->cpus - 1, json_length(r.out, "cpus"));
	snprintf(text, sizeof(text), "%d", self->other);
	EXPECT_TRUE(json_is(r.out, "setting.isolated", text));
	r = TOOL("matrix --json --samples 10 --cpus 0,%d", self->other);
	EXPECT_EQ(2, json_length(r.out, "cpus"));
	cgroup_end();
}

/* What would keep CPUs from all programs to come. */
TEST_F(held, killed_test_leaves_no_cgroup)
{
	int64_t end = now_ms() + LATE_MS;
	int ready[2];
	pid_t pid;
	char c;

	ASSERT_EQ(0, pipe2(ready, O_CLOEXEC));
	pid = fork();
	if (!pid) {
		c = cgroup("");
		if (write(ready[1], &c, 1) == 1)
			pause();
		_exit(1);
	}
	ASSERT_EQ(1, read(ready[0], &c, 1));
	EXPECT_EQ(0, access(CGROUP, F_OK));
	kill(pid, SIGKILL);
	EXPECT_EQ(-SIGKILL, child_status(pid));
	while (!access(CGROUP, F_OK) && now_ms() < end)
		sleep_ms(1);
	EXPECT_NE(0, access(CGROUP, F_OK));
}

/* ----- another time ----- */

/* Runs in a child, whose own children have another clock. Returns what is wrong. */
static int storm_ahead(void)
{
	struct run r;
	double ns;

	if (unshare(CLONE_NEWTIME) ||
	    write_file("/proc/self/timens_offsets", "monotonic 100000 0\n") < 0)
		return 1;
	r = TOOL("storm --json --source 0 --target 0 --rates 200 --seconds 2");
	/* What the machine makes late is not the clock's fault. */
	if (r.status & ~3 || !json_valid(r.out))
		return 2;
	if (number(r.out, "points.0.sent") < 100)
		return 3;
	ns = number(r.out, "points.0.p50");
	return ns > 0 && ns < 1e9 ? 0 : 4;
}

TEST_F(held, time_namespace_makes_no_difference)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(storm_ahead());
	status = child_status(pid);
	if (status == 1)
		SKIP(return, "no time namespaces");
	EXPECT_EQ(0, status);
}

/* ----- cut off ----- */

TEST_F(held, output_that_cannot_be_written_is_an_error)
{
	static const char *const ends[] = {
		">/dev/full", ">&-", "2>&-", ">&- 2>&-", "--json >/dev/full",
	};
	char line[4200], path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	unsigned int i;

	ASSERT_LT(0, len);
	path[len] = '\0';
	*strrchr(path, '/') = '\0';
	for (i = 0; i < ABI_ARRAY(ends); i++) {
		snprintf(line, sizeof(line), "%s/ipixctl list %s", path, ends[i]);
		EXPECT_EQ(1, WEXITSTATUS(system(line))) {
			TH_LOG("%s", ends[i]);
		}
	}
	snprintf(line, sizeof(line), "%s/ipixctl --help >/dev/full", path);
	EXPECT_EQ(1, WEXITSTATUS(system(line)));
	snprintf(line, sizeof(line), "%s/ipixctl watch --interval 10 >/dev/full", path);
	EXPECT_EQ(1, WEXITSTATUS(system(line)));
}

FIXTURE(storm) {
	int unused;
};

FIXTURE_VARIANT(storm) {
	const char *args, *counter;
	int signal;
};

FIXTURE_VARIANT_ADD(storm, triggers_interrupted) {
	.args = "--mode trigger", .counter = "triggers", .signal = SIGINT,
};

FIXTURE_VARIANT_ADD(storm, triggers_killed) {
	.args = "--mode trigger", .counter = "triggers", .signal = SIGKILL,
};

FIXTURE_VARIANT_ADD(storm, calls_interrupted) {
	.args = "--mode unicast --rates 2000,4000", .counter = "posted",
	.signal = SIGTERM,
};

FIXTURE_VARIANT_ADD(storm, calls_killed) {
	.args = "--mode unicast --rates 2000,4000", .counter = "posted",
	.signal = SIGKILL,
};

FIXTURE_SETUP(storm)
{
	machine_restore();
	unsetenv("IPIXCTL_SYSFS");
}

/* No slot is left, and whatever was sent has run. */
FIXTURE_TEARDOWN(storm)
{
	EXPECT_CLEAN();
}

TEST_F(storm, leaves_nothing_behind)
{
	long long before = stat_sum(variant->counter);
	struct run r = tool_start("storm --json --seconds 600 %s", variant->args);

	EXPECT_TRUE(stat_reaches(variant->counter, before + 200));
	kill(r.pid, variant->signal);
	tool_finish(&r);
	if (variant->signal == SIGKILL) {
		EXPECT_EQ(-SIGKILL, r.status);
		return;
	}
	EXPECT_EQ(130, r.status);
	ASSERT_TRUE(json_valid(r.out));
	EXPECT_TRUE(json_is(r.out, "interrupted", "true"));
	ASSERT_EQ(1, json_length(r.out, "points"));
	EXPECT_LE(200, json_number(r.out, "points.0.sent"));
	EXPECT_FALSE(json_number(r.out, "points.0.p50") > json_number(r.out, "points.0.max"));
}

TEST_HARNESS_MAIN
