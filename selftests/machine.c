// SPDX-License-Identifier: GPL-2.0
/* See machine.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "helpers.h"

#define CPU_DIR		"/sys/devices/system/cpu/"
#define SETTINGS	32

bool may_disturb(void)
{
	const char *yes = getenv("IPI_XCALL_DISTURB");

	return yes && !strcmp(yes, "yes");
}

/* ----- lists of CPUs ----- */

struct cpu_list {
	bool has[CPU_IDS_MAX];
	int count;
	int first;
	int last;
};

static void add_range(struct cpu_list *list, int first, int last)
{
	int cpu;

	for (cpu = first; cpu <= last && cpu < CPU_IDS_MAX; cpu++) {
		list->has[cpu] = true;
		list->count++;
		if (list->first < 0)
			list->first = cpu;
		list->last = cpu;
	}
}

/* Reads a file of CPU_DIR, which has ascending numbers as in "0-3,7". */
static void read_list(struct cpu_list *list, const char *file)
{
	char path[128], text[8192], *rest = text, *word;
	int first, last, n;

	memset(list, 0, sizeof(*list));
	list->first = -1;
	list->last = -1;
	snprintf(path, sizeof(path), CPU_DIR "%s", file);
	/* Kernels for one CPU may have no such file. */
	if (read_file(path, text, sizeof(text)) < 0)
		strcpy(text, "0");
	while ((word = strsep(&rest, ","))) {
		n = sscanf(word, "%d-%d", &first, &last);
		if (n > 0)
			add_range(list, first, n == 2 ? last : first);
	}
}

int cpus_possible(void)
{
	struct cpu_list list;

	read_list(&list, "possible");
	return list.count;
}

int cpus_online(void)
{
	struct cpu_list list;

	read_list(&list, "online");
	return list.count;
}

int cpu_ids(void)
{
	struct cpu_list list;

	read_list(&list, "possible");
	return list.last + 1;
}

static bool is_listed(int cpu, const char *file)
{
	struct cpu_list list;

	read_list(&list, file);
	return cpu >= 0 && cpu < CPU_IDS_MAX && list.has[cpu];
}

bool cpu_is_possible(int cpu)
{
	return is_listed(cpu, "possible");
}

bool cpu_is_online(int cpu)
{
	return is_listed(cpu, "online");
}

bool cpu_is_isolated(int cpu)
{
	return (!access(CPU_DIR "isolated", F_OK) && is_listed(cpu, "isolated")) ||
	       (!access(CPU_DIR "nohz_full", F_OK) && is_listed(cpu, "nohz_full"));
}

int next_possible_cpu(int cpu)
{
	struct cpu_list list;

	read_list(&list, "possible");
	while (++cpu <= list.last)
		if (list.has[cpu])
			return cpu;
	return -1;
}

int cpu_in_a_hole(void)
{
	struct cpu_list list;
	int cpu = 0;

	read_list(&list, "possible");
	while (cpu <= list.last && list.has[cpu])
		cpu++;
	return cpu;
}

/* ----- where this program runs ----- */

static cpu_set_t at_start;

unsigned int home_cpu(void)
{
	struct cpu_list list;
	int cpu;

	read_list(&list, "online");
	for (cpu = list.first; cpu <= list.last && cpu < CPU_SETSIZE; cpu++)
		if (list.has[cpu] && CPU_ISSET(cpu, &at_start))
			return cpu;
	return list.first;
}

unsigned int other_cpu(void)
{
	struct cpu_list list;

	read_list(&list, "online");
	return list.last;
}

int pin(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

void unpin(void)
{
	sched_setaffinity(0, sizeof(at_start), &at_start);
}

bool clock_is_fine(void)
{
	char name[32];

	return read_file("/sys/devices/system/clocksource/clocksource0/current_clocksource",
			 name, sizeof(name)) <= 0 || strcmp(name, "jiffies\n");
}

bool can_run_on(unsigned int cpu)
{
	cpu_set_t now;
	int ret;

	/* It is not known where there are more CPUs than it has room for. */
	if (sched_getaffinity(0, sizeof(now), &now))
		return true;
	ret = pin(cpu);
	sched_setaffinity(0, sizeof(now), &now);
	return !ret;
}

pid_t hog(unsigned int cpu, int ms)
{
	struct sched_param p = { .sched_priority = 50 };
	int64_t end = now_ms() + ms;
	pid_t pid = fork();

	if (pid)
		return pid;
	/* The C library may refuse to: musl does. */
	if (pin(cpu) || syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &p))
		_exit(1);
	while (now_ms() < end)
		;
	_exit(0);
}

bool can_hog(unsigned int cpu)
{
	return !child_status(hog(cpu, 0));
}

/* ----- changes, and how they are put back ----- */

/*
 * What was changed, by whichever process of this program, and what it was
 * before: in memory that they share with the one that puts it back.
 */
static struct {
	bool is_back;
	bool switched[CPU_IDS_MAX];
	struct {
		char path[128];
		char was[128];
	} setting[SETTINGS];
} *changes;

static struct cpu_list online_at_start;

/* 1 or 0, or -1 for a CPU that has no switch or is not there. */
static int cpu_switch(int cpu, char *path, size_t size)
{
	char state[8];

	snprintf(path, size, CPU_DIR "cpu%d/online", cpu);
	if (read_file(path, state, sizeof(state)) <= 0)
		return -1;
	return state[0] == '1';
}

static int flip_switch(int cpu, bool online)
{
	char path[128];
	int state = cpu_switch(cpu, path, sizeof(path));

	if (state < 0)
		return online == cpu_is_online(cpu) ? 0 : -EOPNOTSUPP;
	return state == online ? 0 : write_file(path, online ? "1" : "0");
}

int cpu_set_online(int cpu, bool online)
{
	if (!may_disturb() || cpu < 0 || cpu >= CPU_IDS_MAX)
		return -EPERM;
	changes->switched[cpu] = true;
	return flip_switch(cpu, online);
}

int cpu_to_unplug(void)
{
	struct cpu_list list;
	int cpu, home = home_cpu();
	char path[128];

	if (!may_disturb())
		return -1;
	read_list(&list, "online");
	for (cpu = list.last; cpu >= 0; cpu--)
		if (cpu != home && list.has[cpu] &&
		    cpu_switch(cpu, path, sizeof(path)) == 1)
			return cpu;
	return -1;
}

const char *why_no_unplug(void)
{
	return may_disturb() ? "no CPU can be taken offline" :
			       "takes a CPU offline; " DISTURB_HINT;
}

/* What is in force: the word in brackets, where there are others to choose. */
static void read_setting(const char *path, char *text, size_t size)
{
	char *begin, *end;

	text[0] = '\0';
	if (read_file(path, text, size) <= 0)
		return;
	text[strcspn(text, "\n")] = '\0';
	begin = strchr(text, '[');
	end = begin ? strchr(begin, ']') : NULL;
	if (!end)
		return;
	*end = '\0';
	memmove(text, begin + 1, end - begin);
}

static bool note_setting(const char *path)
{
	int i;

	for (i = 0; i < SETTINGS && changes->setting[i].path[0]; i++)
		if (!strcmp(changes->setting[i].path, path))
			return true;
	if (i == SETTINGS)
		return false;
	read_setting(path, changes->setting[i].was, sizeof(changes->setting[i].was));
	snprintf(changes->setting[i].path, sizeof(changes->setting[i].path),
		 "%s", path);
	return true;
}

int setting_write(const char *path, const char *text)
{
	return note_setting(path) ? write_file(path, text) : -ENOSPC;
}

static void restore_settings(void)
{
	char now[128];
	int i;

	for (i = 0; i < SETTINGS && changes->setting[i].path[0]; i++) {
		read_setting(changes->setting[i].path, now, sizeof(now));
		if (strcmp(now, changes->setting[i].was))
			write_file(changes->setting[i].path,
				   changes->setting[i].was);
	}
}

void machine_restore(void)
{
	int cpu;

	for (cpu = 0; cpu < CPU_IDS_MAX; cpu++)
		if (changes->switched[cpu])
			flip_switch(cpu, online_at_start.has[cpu]);
	restore_settings();
}

/* ----- if this program is killed ----- */

void machine_is_back(void)
{
	changes->is_back = true;
}

/*
 * Waits until all other processes of the program are gone, which then have
 * closed the pipe. Holds on to nothing that the program's output goes to.
 */
static void wait_and_put_back(int *alive, void (*put_back)(void))
{
	int null = open("/dev/null", O_RDWR);
	int fd;
	char c;

	setsid();
	close(alive[1]);
	for (fd = 0; fd < 3; fd++)
		dup2(null, fd);
	while (read(alive[0], &c, 1) < 0 && errno == EINTR)
		;
	if (!changes->is_back)
		put_back();
	_exit(0);
}

/* A test that goes on when its program has been killed would have no end. */
static void die_with_parent(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/*
 * One program at a time, until all of it is gone and the machine is back. The
 * lock goes with the last process that holds the file. A kernel may have no locks.
 */
void wait_for_others(void)
{
	int fd = open("/sys/kernel", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int64_t end = now_ms() + LATE_MS;

	while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK) {
		if (now_ms() > end) {
			printf("Bail out! another test is still running\n");
			exit(1);
		}
		sleep_ms(10);
	}
}

void machine_note(void (*put_back)(void))
{
	int alive[2];
	pid_t pid;

	changes = mmap(NULL, sizeof(*changes), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (changes == MAP_FAILED || pipe2(alive, O_CLOEXEC)) {
		printf("Bail out! %s\n", strerror(errno));
		exit(1);
	}
	read_list(&online_at_start, "online");
	if (sched_getaffinity(0, sizeof(at_start), &at_start))
		memset(&at_start, 0xff, sizeof(at_start));
	fflush(NULL);
	pid = fork();
	if (pid < 0) {
		printf("Bail out! %s\n", strerror(errno));
		exit(1);
	}
	if (!pid)
		wait_and_put_back(alive, put_back);
	close(alive[0]);
	pthread_atfork(NULL, NULL, die_with_parent);
}
