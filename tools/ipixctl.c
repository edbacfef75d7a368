// SPDX-License-Identifier: GPL-2.0
/* ipixctl: send, measure and watch inter-processor calls. See ipixctl(1). */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipixctl.h"

#define ALL_MODES	((1U << MODES) - 1)

static const struct command commands[] = {
	{ "list", "", "Versions, limits and slots of the module.",
	  LIST, 0, cmd_list },
	{ "trigger", "CPULIST", "Trigger a handler that counts on each of the CPUs.",
	  TRIGGER, 0, cmd_trigger },
	{ "call", "CPULIST", "Call each of the CPUs, and tell what it took.",
	  CALL, 0, cmd_call },
	{ "stats", "", "The counters of each CPU.", STATS, 0, cmd_stats },
	{ "watch", "", "What each CPU counts per second, again and again.",
	  WATCH, 0, cmd_watch },
	{ "measure", "", "What calls take from CPU to CPU, and how that is distributed.",
	  MEASURE, ALL_MODES, cmd_measure },
	{ "matrix", "", "What calls take from each CPU to each other, at a glance.",
	  MATRIX, 1U << M_UNICAST, cmd_matrix },
	{ "storm", "", "Send as much as possible, or at a rate, and tell what came of it.",
	  STORM, 1U << M_TRIGGER, cmd_storm },
};

volatile sig_atomic_t interrupted;

static void say(const char *fmt, va_list args)
{
	fflush(stdout);
	progress_end();
	fprintf(stderr, "ipixctl: ");
	vfprintf(stderr, fmt, args);
	fprintf(stderr, "\n");
}

void die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(fmt, args);
	exit(EXIT_FAILED);
}

void misuse(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(fmt, args);
	exit(EXIT_MISUSE);
}

void *xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);

	if (!p)
		die("out of memory");
	return p;
}

static void on_signal(int sig)
{
	(void)sig;
	interrupted = 1;
}

/* System calls return, so that what waits can look. */
static void catch_signals(void)
{
	static const int sigs[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction sa = { .sa_handler = on_signal };
	size_t i;

	for (i = 0; i < ARRAY_LEN(sigs); i++)
		sigaction(sigs[i], &sa, NULL);
}

static void help(void)
{
	const struct command *c;

	printf("usage: ipixctl COMMAND [OPTION]... [CPULIST]\n\n");
	for (c = commands; c < commands + ARRAY_LEN(commands); c++)
		printf("  %-8s %s\n", c->name, c->what);
	printf("\n'ipixctl COMMAND --help' tells more; so does ipixctl(1).\n");
}

static const struct command *find_command(const char *name)
{
	const struct command *c;

	for (c = commands; c < commands + ARRAY_LEN(commands); c++)
		if (!strcmp(c->name, name))
			return c;
	misuse("no such command: '%s' (try 'ipixctl --help')", name);
}

static bool is_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h");
}

int main(int argc, char **argv)
{
	const struct command *c;
	struct opts o;
	int i, status;

	if (argc < 2)
		misuse("which command? (try 'ipixctl --help')");
	if (is_help(argv[1])) {
		help();
		return 0;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("ipixctl %s\n", IPIXCTL_VERSION);
		return 0;
	}
	c = find_command(argv[1]);
	for (i = 2; i < argc; i++) {
		if (!is_help(argv[i]))
			continue;
		options_help(c);
		return 0;
	}
	options_parse(&o, c, argc - 2, argv + 2);
	catch_signals();
	status = c->run(&o);
	if (fflush(stdout) || ferror(stdout))
		die("cannot write the result: %s", strerror(errno));
	return status;
}
