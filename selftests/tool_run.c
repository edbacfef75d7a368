// SPDX-License-Identifier: GPL-2.0
/* See tool_run.h. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "helpers.h"
#include "json.h"
#include "tool_run.h"

#define OUT_SIZE	(8 << 20)
#define WORDS		24

static char output[OUT_SIZE];

/* The words of a line, split at spaces. */
static void split(char *line, char **argv)
{
	int n = 0;

	argv[n++] = (char *)"ipixctl";
	while (n < WORDS && (argv[n] = strsep(&line, " ")))
		n++;
	argv[WORDS] = NULL;
}

/* The program stands beside this one. */
static void exec_tool(struct run *r, char **argv)
{
	char path[4096], *slash;
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 16);

	path[len < 0 ? 0 : len] = '\0';
	slash = strrchr(path, '/');
	strcpy(slash ? slash + 1 : path, "ipixctl");
	dup2(r->fd[0], STDOUT_FILENO);
	dup2(r->fd[1], STDERR_FILENO);
	execv(path, argv);
	_exit(127);
}

struct run tool_start(const char *fmt, ...)
{
	char line[512], *argv[WORDS + 1];
	struct run r = {};
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	split(line, argv);
	r.fd[0] = open("/tmp", O_TMPFILE | O_RDWR, 0600);
	r.fd[1] = open("/tmp", O_TMPFILE | O_RDWR, 0600);
	r.pid = fork();
	if (!r.pid)
		exec_tool(&r, argv);
	return r;
}

void tool_finish(struct run *r)
{
	ssize_t n;

	r->status = child_status(r->pid);
	r->out = output;
	n = pread(r->fd[0], output, OUT_SIZE - 1, 0);
	output[n < 0 ? 0 : n] = '\0';
	n = pread(r->fd[1], r->err, sizeof(r->err) - 1, 0);
	r->err[n < 0 ? 0 : n] = '\0';
	close(r->fd[0]);
	close(r->fd[1]);
}

double number(const char *text, const char *fmt, ...)
{
	char path[128];
	va_list args;

	va_start(args, fmt);
	vsnprintf(path, sizeof(path), fmt, args);
	va_end(args);
	return json_number(text, path);
}

bool tool_had_no_clock(const struct run *r)
{
	return r->status == 3 && strstr(r->err, "clock") && strstr(r->err, " differ");
}

bool tool_was_starved(const struct run *r)
{
	/* Then it may also have missed some that it was to time. */
	return r->status == 3 && strstr(r->err, "ipixctl: starved for ");
}
