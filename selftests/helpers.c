// SPDX-License-Identifier: GPL-2.0
/* See helpers.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "helpers.h"

#define SKIP_STATUS	4

int child_status(int pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void sleep_ms(unsigned int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000L };

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

int rounds(int few, int many)
{
	return getenv("IPI_XCALL_LONG") ? many : few;
}

bool go_on(int64_t start, unsigned int ms, bool enough)
{
	return now_ms() < start + (enough ? ms : LATE_MS);
}

int read_file(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = 0;

	if (fd < 0)
		return -errno;
	while (len < size - 1) {
		n = read(fd, buf + len, size - 1 - len);
		if (n <= 0)
			break;
		len += n;
	}
	buf[len] = '\0';
	if (n < 0)
		n = -errno;
	close(fd);
	return n < 0 ? n : (int)len;
}

int write_bytes(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;
	int ret = 0;

	if (fd < 0)
		return -errno;
	n = write(fd, data, len);
	if (n < 0)
		ret = -errno;
	else if ((size_t)n != len)
		ret = -EIO;
	close(fd);
	return ret;
}

int write_file(const char *path, const char *text)
{
	return write_bytes(path, text, strlen(text));
}

/* ----- modules ----- */

/* One that is built into the kernel has parameters, and no state. */
bool module_loaded(const char *name)
{
	char path[PATH_MAX], state[32];

	snprintf(path, sizeof(path), "/sys/module/%s/initstate", name);
	if (read_file(path, state, sizeof(state)) > 0)
		return !strncmp(state, "live", 4);
	snprintf(path, sizeof(path), "/sys/module/%s/parameters", name);
	return !access(path, F_OK);
}

/* Opens NAME.ko: beside the program, where it is built, where it is installed. */
static int module_open(const char *name)
{
	static const char *const place[] = {
		"%s/%s.ko", "%s/modules/%s.ko", "%s/../%s.ko",
	};
	char dir[PATH_MAX], path[PATH_MAX + 64], *slash, *env;
	ssize_t len;
	size_t i;
	int fd;

	env = getenv("IPI_XCALL_KO");
	if (env && !strcmp(name, "ipi_xcall"))
		return open(env, O_RDONLY | O_CLOEXEC);
	len = readlink("/proc/self/exe", dir, sizeof(dir) - 1);
	if (len < 0)
		return -1;
	dir[len] = '\0';
	slash = strrchr(dir, '/');
	*slash = '\0';
	for (i = 0; i < sizeof(place) / sizeof(*place); i++) {
		snprintf(path, sizeof(path), place[i], dir, name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0)
			return fd;
	}
	return -1;
}

int module_load(const char *name, const char *params)
{
	int fd = module_open(name);
	int ret = 0;

	if (fd < 0)
		return -errno;
	if (syscall(SYS_finit_module, fd, params, 0))
		ret = -errno;
	close(fd);
	return ret;
}

/* A reader of a debugfs file may hold the module for a moment. */
int module_unload(const char *name)
{
	int64_t end = now_ms() + LATE_MS;
	int ret;

	do {
		ret = syscall(SYS_delete_module, name, O_NONBLOCK) ? -errno : 0;
		if (ret != -EAGAIN && ret != -EBUSY)
			return ret;
		sleep_ms(10);
	} while (now_ms() < end);
	return ret;
}

/* Is it loaded, by a kernel that counts who uses it? */
static bool can_unload(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/module/%s/refcnt", name);
	return !access(path, F_OK);
}

/* Some module other than the client of these tests uses the one that is tested. */
static bool others_use_xcall(void)
{
	DIR *dir = opendir("/sys/module/ipi_xcall/holders");
	struct dirent *d;
	bool others = false;

	while (dir && (d = readdir(dir)))
		others |= d->d_name[0] != '.' && strcmp(d->d_name, CLIENT);
	if (dir)
		closedir(dir);
	return others;
}

const char *why_no_reload(void)
{
	int fd;

	if (!may_disturb())
		return "removes ipi_xcall; " DISTURB_HINT;
	if (!can_unload("ipi_xcall"))
		return "this kernel does not unload ipi_xcall";
	if (others_use_xcall())
		return "a client of ipi_xcall is loaded";
	if (slots_of_others())
		return "slots of ipi_xcall are in use";
	/* Not out before it is sure that it can come back. */
	fd = module_open("ipi_xcall");
	if (fd < 0)
		return "cannot load a fresh ipi_xcall";
	close(fd);
	return NULL;
}

int xcall_reload(void)
{
	int ret;

	if (why_no_reload())
		return -EPERM;
	ret = module_unload("ipi_xcall");
	return ret ? ret : module_load("ipi_xcall", "");
}

int client_load(void)
{
	int ret = client_unload();

	return ret || module_loaded(CLIENT) ? ret : module_load(CLIENT, "");
}

/* It stays where no module can be unloaded, which is as well. */
int client_unload(void)
{
	return can_unload(CLIENT) ? module_unload(CLIENT) : 0;
}

int scenario(const char *line, char *log, size_t size)
{
	int ret = write_file("/sys/kernel/debug/" CLIENT "/run", line);
	int len = read_file("/sys/kernel/debug/" CLIENT "/log", log, size);

	if (len < 0)
		log[0] = '\0';
	else if (len && log[len - 1] == '\n')
		log[len - 1] = '\0';
	return ret;
}

bool scenario_ran_again(void)
{
	char log[TEXT_SIZE];

	return read_file("/sys/kernel/debug/" CLIENT "/log", log, sizeof(log)) > 0 &&
	       strstr(log, "try 2");
}

/* ----- parameters ----- */

static struct {
	const char *name;
	char at_start[32];
} params[] = { { .name = "linger_ns" }, { .name = "mask_min" }, { .name = "stall_ms" } };

static void param_path(const char *name, char *path, size_t size)
{
	snprintf(path, size, PARAM_DIR "%s", name);
}

int param_set(const char *name, const char *value)
{
	char path[128];

	param_path(name, path, sizeof(path));
	return write_file(path, value);
}

/* Before the harness forks, so that each of its processes knows. */
static void params_note(void)
{
	char path[128];
	size_t i;

	for (i = 0; i < sizeof(params) / sizeof(*params); i++) {
		param_path(params[i].name, path, sizeof(path));
		read_file(path, params[i].at_start, sizeof(params[i].at_start));
	}
}

void params_restore(void)
{
	size_t i;

	for (i = 0; i < sizeof(params) / sizeof(*params); i++)
		param_set(params[i].name, params[i].at_start);
}

/* ----- debugfs ----- */

/* The number in the given column of a line, or -1. */
static long long field(const char *line, int column)
{
	char *end;

	while (column--) {
		line += strcspn(line, "\n ");
		line += *line == ' ';
	}
	errno = 0;
	return *line && *line != '\n' ? strtoll(line, &end, 0) : -1;
}

static int find_column(const char *header, const char *name)
{
	char copy[512], *rest = copy, *word;
	int i;

	snprintf(copy, sizeof(copy), "%s", header);
	copy[strcspn(copy, "\n")] = '\0';
	for (i = 0; (word = strsep(&rest, " ")); i++)
		if (!strcmp(word, name))
			return i;
	return -1;
}

/* Of the CPUs of which @counts says so, or of all. */
static long long sum_of_some(const char *text, const char *column, bool (*counts)(int cpu))
{
	int i = find_column(text, column);
	long long sum = 0;

	if (i < 0)
		return -1;
	while ((text = strchr(text, '\n')) && *++text)
		if (!counts || counts(atoi(text)))
			sum += field(text, i);
	return sum;
}

static long long sum_of(const char *text, const char *column)
{
	return sum_of_some(text, column, NULL);
}

static long long stat_sum_some(const char *column, bool (*counts)(int cpu))
{
	static char text[TABLE_SIZE];

	if (read_file(XCALL_DIR "stats", text, sizeof(text)) < 0)
		return -1;
	return sum_of_some(text, column, counts);
}

long long stat_sum(const char *column)
{
	return stat_sum_some(column, NULL);
}

long long stat_sum_isolated(const char *column)
{
	return stat_sum_some(column, cpu_is_isolated);
}

bool stat_reaches(const char *column, long long sum)
{
	int64_t end = now_ms() + 30000;

	while (stat_sum(column) < sum) {
		if (now_ms() > end)
			return false;
		sleep_ms(10);
	}
	return true;
}

static bool law_holds(char *why, size_t size)
{
	static char text[TABLE_SIZE];
	long long triggers, runs, coalesced, posted, executed, cancelled;

	if (read_file(XCALL_DIR "stats", text, sizeof(text)) < 0) {
		snprintf(why, size, "no stats");
		return false;
	}
	triggers = sum_of(text, "triggers");
	runs = sum_of(text, "runs");
	coalesced = sum_of(text, "coalesced");
	posted = sum_of(text, "posted");
	executed = sum_of(text, "executed");
	cancelled = sum_of(text, "cancelled");
	snprintf(why, size,
		 "%lld triggers, %lld runs, %lld coalesced; %lld posted, %lld executed, %lld cancelled",
		 triggers, runs, coalesced, posted, executed, cancelled);
	return triggers >= 0 && runs >= 0 && coalesced >= 0 && posted >= 0 &&
	       executed >= 0 && cancelled >= 0 &&
	       triggers == runs + coalesced && posted == executed + cancelled;
}

bool stats_balance(char *why, size_t size)
{
	int64_t end = now_ms() + LATE_MS;

	while (!law_holds(why, size)) {
		if (now_ms() > end)
			return false;
		sleep_ms(10);
	}
	return true;
}

/* The ids of all slots, as bits; returns how many, or -errno. */
static int read_ids(uint64_t *ids)
{
	static char text[TABLE_SIZE];
	char *p = text;
	int rows = 0;
	int ret = read_file(XCALL_DIR "slots", text, sizeof(text));

	*ids = 0;
	if (ret < 0)
		return ret;
	for (; (p = strchr(p, '\n')) && *++p; rows++)
		*ids |= 1ULL << strtoul(p, NULL, 10) % 64;
	return rows;
}

static uint64_t ids_at_start;

int slots_of_others(void)
{
	return __builtin_popcountll(ids_at_start);
}

int slots_used(void)
{
	uint64_t ids;
	int ret = read_ids(&ids);

	return ret < 0 ? ret : ret - slots_of_others();
}

void drop_slots(void)
{
	char text[16];
	uint64_t ids;
	int id;

	if (read_ids(&ids) < 0)
		return;
	for (id = 1; id < 64; id++) {
		if (~ids_at_start & ids & 1ULL << id) {
			snprintf(text, sizeof(text), "%d", id);
			write_file(XCALL_DIR "unregister", text);
		}
	}
}

/* ----- the kernel log ----- */

int klog_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	lseek(fd, 0, SEEK_END);
	return fd;
}

int klog_count(int fd, char *text, size_t size, const char *prefix)
{
	char record[8192], *line;
	size_t len = 0;
	int count = 0;
	ssize_t n;

	text[0] = '\0';
	for (;;) {
		n = read(fd, record, sizeof(record) - 1);
		if (n < 0 && errno == EPIPE)
			continue;	/* overwritten: the next one is there */
		if (n <= 0)
			return count;
		record[n] = '\0';
		line = strchr(record, ';');
		if (!line)
			continue;
		line++;
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, prefix, strlen(prefix)))
			continue;
		count++;
		len += snprintf(text + len, size - len, "%s\n", line);
		if (len >= size)
			len = size - 1;
	}
}

void klog_forget(int fd)
{
	lseek(fd, 0, SEEK_END);
}

/* ----- before main() and after it ----- */

static void skip_all(const char *why)
{
	printf("TAP version 13\n1..0 # SKIP %s\n", why);
	fflush(stdout);
	exit(SKIP_STATUS);
}

bool can_load_modules(void)
{
	return !access("/proc/modules", F_OK);
}

void skip_without_modules(void)
{
	if (!can_load_modules())
		skip_all("this kernel loads no modules");
}

static bool was_loaded, mounted_here;
static pid_t main_pid;

/* What a test has left, be it because it was killed. */
static void put_back(void)
{
	client_unload();
	machine_restore();
	if (was_loaded && !module_loaded("ipi_xcall"))
		module_load("ipi_xcall", "");
	params_restore();
	drop_slots();
	if (!was_loaded && module_loaded("ipi_xcall"))
		module_unload("ipi_xcall");
	if (mounted_here)
		umount("/sys/kernel/debug");
}

/* Every program needs root, debugfs and the module. */
__attribute__((constructor)) static void need_module(void)
{
	struct stat st;

	if (geteuid())
		skip_all("needs root");
	wait_for_others();
	was_loaded = module_loaded("ipi_xcall");
	if (!was_loaded && module_load("ipi_xcall", ""))
		skip_all("ipi_xcall is not loaded and cannot be");
	if (stat(XCALL_DIR "stats", &st))
		mounted_here = !mount("debugfs", "/sys/kernel/debug", "debugfs", 0,
				      NULL);
	if (stat(XCALL_DIR "stats", &st))
		skip_all("no debugfs");
	params_note();
	read_ids(&ids_at_start);
	machine_note(put_back);
	main_pid = getpid();
}

__attribute__((destructor)) static void leave_as_found(void)
{
	if (!main_pid || getpid() != main_pid)
		return;
	put_back();
	machine_is_back();
}
