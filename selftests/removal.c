// SPDX-License-Identifier: GPL-2.0
/*
 * Removing the module under every kind of use: it is refused or it is clean.
 * That nothing worse happens is for the kernel log to show.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "helpers.h"

#define DEVICE		"/dev/ipi_xcall"
#define PARAMETERS	"/sys/module/ipi_xcall/parameters/"
#define EVENTS		"/sys/kernel/tracing/events/ipi_xcall/enable"

FIXTURE(removal) {
	pid_t child;
	char params[32];
};

FIXTURE_SETUP(removal)
{
	/* Each test says so itself: a skip here would not keep it from running. */
	if (why_no_reload())
		return;
	ASSERT_EQ(0, client_unload());
	ASSERT_EQ(0, xcall_reload());
}

FIXTURE_TEARDOWN(removal)
{
	if (why_no_reload() && module_loaded("ipi_xcall"))
		return;
	if (self->child > 0) {
		kill(self->child, SIGKILL);
		waitpid(self->child, NULL, 0);
	}
	machine_restore();
	if (!module_loaded("ipi_xcall"))
		EXPECT_EQ(0, module_load("ipi_xcall", ""));
	EXPECT_EQ(0, xcall_reload());
	EXPECT_EQ(0, slots_used());
	EXPECT_BALANCE();
}

/* Once, without the patience of module_unload(). */
static int remove_now(void)
{
	return syscall(SYS_delete_module, "ipi_xcall", O_NONBLOCK) ? -errno : 0;
}

/* For as long as the file is open, it is refused. */
static void refused_while_open(struct __test_metadata *_metadata,
			       const char *path, int flags)
{
	char text[4096];
	int fd = open(path, flags | O_CLOEXEC);

	ASSERT_LE(0, fd) {
		TH_LOG("%s: %s", path, strerror(errno));
	}
	EXPECT_EQ(-EWOULDBLOCK, remove_now());
	EXPECT_TRUE(module_loaded("ipi_xcall"));
	if ((flags & O_ACCMODE) == O_RDONLY)
		EXPECT_LT(0, read(fd, text, sizeof(text)));
	close(fd);
}

/* After that it is not: no file has kept the module. */
static void not_refused(struct __test_metadata *_metadata)
{
	EXPECT_EQ(0, module_unload("ipi_xcall"));
	EXPECT_EQ(0, module_load("ipi_xcall", ""));
}

static void refused_while_one_is_open(struct __test_metadata *_metadata,
				      const char * const *files, unsigned int n,
				      int flags)
{
	char path[256];

	while (n--) {
		snprintf(path, sizeof(path), XCALL_DIR "%s", files[n]);
		refused_while_open(_metadata, path, flags);
	}
	not_refused(_metadata);
}

TEST_F(removal, refused_while_a_file_of_debugfs_is_open_to_read)
{
	static const char * const files[] = {
		"slots", "cpus", "stats", "stamps", "register", "call",
	};

	NEEDS_RELOAD();
	refused_while_one_is_open(_metadata, files, ARRAY_SIZE(files), O_RDONLY);
}

TEST_F(removal, refused_while_a_file_of_debugfs_is_open_to_write)
{
	static const char * const files[] = {
		"register", "unregister", "trigger", "call",
	};

	NEEDS_RELOAD();
	refused_while_one_is_open(_metadata, files, ARRAY_SIZE(files), O_WRONLY);
}

TEST_F(removal, refused_while_the_device_is_open)
{
	NEEDS_RELOAD();
	if (access(DEVICE, F_OK))
		SKIP(return, "there is no " DEVICE);
	refused_while_open(_metadata, DEVICE, O_RDWR);
	not_refused(_metadata);
}

TEST_F(removal, refused_while_a_client_is_loaded_and_under_load)
{
	int i;

	NEEDS_RELOAD();
	ASSERT_EQ(0, client_load());
	RUN("load_start 60000");
	for (i = 0; i < 100; i++)
		EXPECT_EQ(-EWOULDBLOCK, remove_now());
	EXPECT_EQ(0, client_unload());
	EXPECT_EQ(0, module_unload("ipi_xcall"));
}

TEST_F(removal, of_what_a_client_is_about_to_need_makes_its_load_fail)
{
	NEEDS_RELOAD();
	ASSERT_EQ(0, remove_now());
	EXPECT_EQ(-ENOENT, module_load(CLIENT, ""));
	EXPECT_FALSE(module_loaded(CLIENT));
	EXPECT_EQ(-ENOENT, remove_now());
}

TEST_F(removal, clean_while_a_parameter_is_open)
{
	int fd = open(PARAMETERS "stall_ms", O_RDONLY | O_CLOEXEC);
	char text[64];

	NEEDS_RELOAD();
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, module_unload("ipi_xcall"));
	EXPECT_EQ(-1, read(fd, text, sizeof(text)));
	EXPECT_EQ(ENODEV, errno);
	close(fd);
}

TEST_F(removal, clean_with_tracepoints_on)
{
	char text[TEXT_SIZE];

	NEEDS_RELOAD();
	if (access(EVENTS, W_OK))
		SKIP(return, "no tracepoints in this kernel");
	ASSERT_EQ(0, setting_write(EVENTS, "1"));
	EXPECT_EQ(0, write_file(XCALL_DIR "call", "all 10"));
	EXPECT_EQ(0, module_unload("ipi_xcall"));
	/* What is in the buffer has lost who can print it. */
	EXPECT_LE(0, read_file("/sys/kernel/tracing/trace", text, sizeof(text)));
	EXPECT_EQ(0, module_load("ipi_xcall", ""));
}

/* Runs fn for ever, in a process of its own. */
static pid_t keep_doing(void (*fn)(void))
{
	pid_t child = fork();

	if (child)
		return child;
	for (;;)
		fn();
}

static void use_files(void)
{
	char text[4096];

	write_file(XCALL_DIR "register", "count");
	write_file(XCALL_DIR "trigger", "1 all");
	write_file(XCALL_DIR "call", "all 2");
	read_file(XCALL_DIR "slots", text, sizeof(text));
	read_file(XCALL_DIR "stats", text, sizeof(text));
}

static void load_it(void)
{
	module_load("ipi_xcall", "");
}

static void load_client(void)
{
	module_load(CLIENT, "");
	syscall(SYS_delete_module, CLIENT, O_NONBLOCK);
}

static void use_device(void)
{
	close(open(DEVICE, O_RDWR | O_CLOEXEC));
}

/* It calls a CPU for that, with bells that are in memory of their own. */
static void measure_lingering(void)
{
	param_set("linger_ns", "auto");
}

static void toggle_cpu(void)
{
	int cpu = cpu_to_unplug();

	if (cpu >= 0) {
		cpu_set_online(cpu, false);
		cpu_set_online(cpu, true);
	}
}

/*
 * Removes and loads for a while, longer on a slow machine; only what is to be
 * expected may happen.
 */
static void remove_beside(struct __test_metadata *_metadata,
			  FIXTURE_DATA(removal) *self, void (*fn)(void))
{
	int removed = 0, refused = 0, ret;
	int64_t start = now_ms();

	self->child = keep_doing(fn);
	ASSERT_LT(0, self->child);
	while (go_on(start, rounds(500, 2000), removed >= rounds(1, 5))) {
		ret = remove_now();
		removed += !ret;
		refused += ret == -EWOULDBLOCK;
		/* -EBUSY: it is coming or going at this moment. */
		EXPECT_TRUE(!ret || ret == -EWOULDBLOCK || ret == -EBUSY ||
			    ret == -ENOENT) {
			TH_LOG("remove: %s", strerror(-ret));
		}
		ret = module_load("ipi_xcall", self->params);
		EXPECT_TRUE(!ret || ret == -EEXIST || ret == -EBUSY) {
			TH_LOG("load: %s", strerror(-ret));
		}
	}
	kill(self->child, SIGKILL);
	waitpid(self->child, NULL, 0);
	self->child = 0;
	client_unload();
	TH_LOG("removed %d times, refused %d times", removed, refused);
	EXPECT_LT(0, removed + refused);
	EXPECT_EQ(0, module_unload("ipi_xcall"));
}

TEST_F(removal, refused_or_clean_while_files_are_used)
{
	NEEDS_RELOAD();
	remove_beside(_metadata, self, use_files);
}

TEST_F(removal, refused_or_clean_while_it_is_being_loaded)
{
	NEEDS_RELOAD();
	remove_beside(_metadata, self, load_it);
}

TEST_F(removal, refused_or_clean_while_a_client_comes_and_goes)
{
	NEEDS_RELOAD();
	remove_beside(_metadata, self, load_client);
}

TEST_F(removal, refused_or_clean_while_the_device_is_opened)
{
	NEEDS_RELOAD();
	if (access(DEVICE, F_OK))
		SKIP(return, "there is no " DEVICE);
	remove_beside(_metadata, self, use_device);
}

TEST_F(removal, clean_while_lingering_is_measured)
{
	NEEDS_RELOAD();
	strcpy(self->params, "mailbox_bits=2");
	remove_beside(_metadata, self, measure_lingering);
}

TEST_F(removal, clean_while_cpus_come_and_go)
{
	NEEDS_RELOAD();
	NEEDS_UNPLUG(cpu_to_unplug());
	remove_beside(_metadata, self, toggle_cpu);
}

TEST_HARNESS_MAIN
