// SPDX-License-Identifier: GPL-2.0
/* ipixctl: send, measure and watch inter-processor calls. See ipixctl(1). */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "modes.h"
#include "setting.h"
#include "util.h"

#define ALL_MODES	((1U << MODES) - 1)
#define STORM_MODES	(ALL_MODES & ~(1U << M_DRY))
/* Those between two CPUs. */
#define MATRIX_MODES	(ALL_MODES & (1U << M_SINGLE | 1U << M_TRIGGER | 1U << M_UNICAST))
#define FILES_MAX	10000

static const struct command commands[] = {
	{ "list", "", "Versions, limits and slots of the module.",
	  0, 0, LIST, 0, 0, cmd_list },
	{ "trigger", "CPULIST", "Trigger a handler that counts on each of the CPUs.",
	  1, 1, TRIGGER, 0, 0, cmd_trigger },
	{ "call", "CPULIST", "Call each of the CPUs, and tell what it took.",
	  1, 1, CALL, 0, 0, cmd_call },
	{ "stats", "", "The counters of each CPU.", 0, 0, STATS, 0, 0, cmd_stats },
	{ "watch", "", "What each CPU counts per second, again and again.",
	  0, 0, WATCH, 0, 0, cmd_watch },
	{ "measure", "", "What calls take from CPU to CPU, and how that is distributed.",
	  0, 0, MEASURE, ALL_MODES, ALL_MODES, cmd_measure },
	{ "matrix", "", "What calls take from each CPU to each other, at a glance.",
	  0, 0, MATRIX, MATRIX_MODES, 1U << M_UNICAST, cmd_matrix },
	{ "storm", "", "Send as much as possible, or at a rate, and tell what came of it.",
	  0, 0, STORM, STORM_MODES, 1U << M_TRIGGER, cmd_storm },
	{ "compare", "BEFORE.json... [vs] AFTER.json...",
	  "Is what was measured after slower than before?",
	  2, FILES_MAX, COMPARE, 0, 0, cmd_compare },
};

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

static int run(int argc, char **argv)
{
	const struct command *c;
	struct opts o;
	int i;

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
	return c->run(&o);
}

int main(int argc, char **argv)
{
	int status;

	check_files();
	status = run(argc, argv);
	flush_output();
	return status;
}
