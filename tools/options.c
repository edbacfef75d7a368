// SPDX-License-Identifier: GPL-2.0
/* One table, of which each command has a part. See options.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../uapi/ipi_xcall.h"
#include "isolation.h"
#include "modes.h"
#include "options.h"
#include "util.h"

#define REPEAT_MAX	1000
#define NUMBER_MAX	10000000
#define SECONDS_MAX	86400
#define INTERVAL_MIN	10
#define INTERVAL_MAX	3600000
#define RATE_MAX	1000000000
#define PERCENT_MAX	1000
#define TEXT_OF(x)	#x
#define TEXT(x)		TEXT_OF(x)
#define UP_TO(min, max)	TEXT(min) " to " TEXT(max)

const char *const of_names[OFS] = { "start", "end", "ack" };

/* A whole number from @min to @max; false if it is anything else. */
static bool whole(const char *text, unsigned long min, unsigned long max,
		  unsigned int *n)
{
	unsigned long value;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	value = strtoul(text, &end, 10);
	*n = value;
	return !errno && !*end && value >= min && value <= max;
}

static bool set_json(struct opts *o, const char *text)
{
	(void)text;
	return o->json = true;
}

static bool set_samples(struct opts *o, const char *text)
{
	return whole(text, 1, NUMBER_MAX, &o->samples);
}

static bool set_count(struct opts *o, const char *text)
{
	return whole(text, 1, NUMBER_MAX, &o->count);
}

static bool set_seconds(struct opts *o, const char *text)
{
	return whole(text, 1, SECONDS_MAX, &o->seconds);
}

static bool set_interval(struct opts *o, const char *text)
{
	return whole(text, INTERVAL_MIN, INTERVAL_MAX, &o->interval_ms);
}

static bool set_period(struct opts *o, const char *text)
{
	return whole(text, 0, IPI_XCALL_PERIOD_MAX_NS, &o->period_ns);
}

static bool set_modes(struct opts *o, const char *text)
{
	size_t len;
	int mode;

	o->modes = 0;
	o->modes_given = true;
	for (;; text += len + 1) {
		len = strcspn(text, ",");
		mode = mode_find(text, len);
		if (mode < 0)
			return false;
		o->modes |= 1U << mode;
		if (!text[len])
			return true;
	}
}

static bool set_cpus(struct opts *o, const char *text)
{
	return cpus_parse(&o->cpus, text);
}

static bool set_source(struct opts *o, const char *text)
{
	return cpus_parse(&o->source, text);
}

static bool set_target(struct opts *o, const char *text)
{
	o->target_given = true;
	return cpus_parse(&o->target, text);
}

static bool set_state(struct opts *o, const char *text)
{
	bool both = !strcmp(text, "both");

	o->idle = both || !strcmp(text, "idle");
	o->busy = both || !strcmp(text, "busy");
	return o->idle || o->busy;
}

static bool set_delay(struct opts *o, const char *text)
{
	char cpu[16];
	size_t len = strcspn(text, ":");

	if (!text[len] || len >= sizeof(cpu))
		return false;
	memcpy(cpu, text, len);
	cpu[len] = '\0';
	return whole(cpu, 0, 65535, &o->delay_cpu) &&
	       whole(text + len + 1, 1, IPI_XCALL_DELAY_MAX_NS, &o->delay_ns);
}

static bool set_of(struct opts *o, const char *text)
{
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(of_names); i++) {
		if (strcmp(text, of_names[i]))
			continue;
		o->of = i;
		o->of_given = true;
		return true;
	}
	return false;
}

static bool set_rates(struct opts *o, const char *text)
{
	char *end;
	double rate;

	for (;; text = end + 1) {
		rate = strtod(text, &end);
		if (end == text || !(rate >= 1 && rate <= RATE_MAX))
			return false;
		o->rates = xrealloc(o->rates, o->nr_rates + 1, sizeof(rate));
		o->rates[o->nr_rates++] = rate;
		if (!*end)
			return true;
		if (*end != ',')
			return false;
	}
}

static bool set_linger(struct opts *o, const char *text)
{
	(void)text;
	return o->linger = true;
}

static bool set_compact(struct opts *o, const char *text)
{
	(void)text;
	return o->compact = true;
}

static bool set_numbers(struct opts *o, const char *text)
{
	(void)text;
	return o->numbers = true;
}

static bool set_force(struct opts *o, const char *text)
{
	(void)text;
	return o->force = true;
}

static bool set_repeat(struct opts *o, const char *text)
{
	return whole(text, 1, REPEAT_MAX, &o->repeat);
}

static bool set_threshold(struct opts *o, const char *text)
{
	char *end;
	double percent = strtod(text, &end);

	o->threshold = percent / 100;
	return end != text && !*end && percent >= 0 && percent <= PERCENT_MAX;
}

static const struct option_row {
	const char *name, *arg;
	unsigned int commands;
	bool (*set)(struct opts *o, const char *text);
	const char *what;
	const char *allowed;	/* of the modes see allowed_of() */
} rows[] = {
	{ "mode", "LIST", MEASURE | MATRIX | STORM, set_modes,
	  "what to measure, see below", NULL },
	{ "cpus", "CPULIST", MEASURE | MATRIX | STORM, set_cpus,
	  "the CPUs to use (default: those not isolated)",
	  CPULIST_FORM },
	{ "source", "CPULIST", MEASURE | STORM, set_source,
	  "those that send",
	  CPULIST_FORM },
	{ "target", "CPULIST", MEASURE | STORM, set_target,
	  "those that are sent to",
	  CPULIST_FORM },
	{ "samples", "N", MEASURE | MATRIX, set_samples,
	  "samples of each (default 1000)",
	  UP_TO(1, NUMBER_MAX) },
	{ "state", "STATE", MEASURE | MATRIX, set_state,
	  "targets are idle (default), busy, or both in turn",
	  "idle, busy or both" },
	{ "period", "NS", MEASURE | MATRIX, set_period,
	  "from one sample to the next (default: at once)",
	  UP_TO(0, IPI_XCALL_PERIOD_MAX_NS) },
	{ "repeat", "N", MEASURE, set_repeat,
	  "runs of all of it, for compare (default 1)",
	  UP_TO(1, REPEAT_MAX) },
	{ "of", "TIME", MATRIX | COMPARE, set_of,
	  "from the post to start, end or ack (default)",
	  "start, end or ack" },
	{ "threshold", "PERCENT", COMPARE, set_threshold,
	  "smaller differences are none (default 5)",
	  UP_TO(0, PERCENT_MAX) },
	{ "force", NULL, COMPARE, set_force,
	  "compare what should not be compared", NULL },
	{ "rate", "LIST", STORM, set_rates,
	  "calls per second, one point each (default: closed loop)",
	  UP_TO(1, RATE_MAX) ", separated by commas" },
	{ "rates", "LIST", STORM, set_rates, "the same",
	  UP_TO(1, RATE_MAX) ", separated by commas" },
	{ "seconds", "N", STORM, set_seconds, "of each point (default 1)",
	  UP_TO(1, SECONDS_MAX) },
	{ "count", "N", TRIGGER | CALL | WATCH, set_count,
	  "how many times (default: once; of watch, for ever)",
	  UP_TO(1, NUMBER_MAX) },
	{ "interval", "MS", WATCH, set_interval, "between tables (default 1000)",
	  UP_TO(INTERVAL_MIN, INTERVAL_MAX) },
	{ "delay", "CPU:NS", MEASURE | MATRIX, set_delay,
	  "let the function take longer on a CPU, for tests",
	  "a CPU, and " UP_TO(1, IPI_XCALL_DELAY_MAX_NS) },
	{ "linger", NULL, MEASURE | MATRIX | STORM, set_linger,
	  "let CPUs linger if the module is told to", NULL },
	{ "compact", NULL, MATRIX | STATS | WATCH, set_compact, "blocks, no numbers", NULL },
	{ "numbers", NULL, MATRIX | STATS | WATCH, set_numbers,
	  "numbers, however wide that is", NULL },
	{ "json", NULL, ~WATCH, set_json, "for machines", NULL },
};

static const struct option_row *row_of(const struct command *c, const char *name,
				       size_t len)
{
	const struct option_row *r;

	for (r = rows; r < rows + ARRAY_LEN(rows); r++)
		if (r->commands & c->bit && strlen(r->name) == len &&
		    !strncmp(r->name, name, len))
			return r;
	return NULL;
}

static const char *allowed_of(const struct command *c, const struct option_row *r)
{
	static char text[128];
	size_t len = 0;
	int i;

	for (i = 0; !r->allowed && i < MODES; i++)
		if (c->takes & 1U << i)
			len += snprintf(text + len, sizeof(text) - len, "%s%s",
					len ? ", " : "", modes[i].name);
	return r->allowed ? r->allowed : text;
}

/* Takes --NAME, --NAME=VALUE or --NAME VALUE; returns how many words it was. */
static int take_option(struct opts *o, const struct command *c, int argc, char **argv)
{
	const char *name = argv[0] + 2;
	size_t len = strcspn(name, "=");
	const struct option_row *r = row_of(c, name, len);
	const char *value = name[len] ? name + len + 1 : NULL;
	int words = 1;

	if (!r)
		misuse("%s has no option %s", c->name, argv[0]);
	if (!r->arg && value)
		misuse("--%s takes no value", r->name);
	if (r->arg && !value) {
		if (argc < 2)
			misuse("--%s takes a value: %s", r->name, r->arg);
		value = argv[1];
		words = 2;
	}
	if (!r->set(o, value))
		misuse("--%s: not a good %s: '%s' (%s)", r->name, r->arg, value,
		       allowed_of(c, r));
	return words;
}

/* Takes what is an option; leaves the rest, in its order, in @o->argv. */
static void parse_words(struct opts *o, const struct command *c, int argc, char **argv)
{
	bool ended = false;
	int i = 0;

	o->argv = xcalloc(argc, sizeof(*argv));
	while (i < argc) {
		if (ended || argv[i][0] != '-')
			o->argv[o->argc++] = argv[i++];
		else if (!strcmp(argv[i], "--"))
			ended = i++ || true;
		else if (!strncmp(argv[i], "--", 2))
			i += take_option(o, c, argc - i, argv + i);
		else
			misuse("%s has no option %s", c->name, argv[i]);
	}
}

void options_parse(struct opts *o, const struct command *c, int argc, char **argv)
{
	*o = (struct opts){
		.samples = 1000, .seconds = 1, .repeat = 1, .idle = true,
		.of = OF_ACK, .modes = c->modes, .interval_ms = 1000,
		.threshold = .05,
	};
	parse_words(o, c, argc, argv);
	if (o->modes & ~c->takes)
		misuse("%s does not take the mode %s", c->name,
		       modes[mode_first(o->modes & ~c->takes)].name);
	if (o->argc && !c->max_args)
		misuse("%s takes no argument: '%s'", c->name, o->argv[0]);
	if (o->argc < c->min_args)
		misuse("%s takes %s: %s", c->name,
		       c->min_args > 1 ? "arguments" : "an argument", c->args);
	if (o->argc > c->max_args)
		misuse("%s: one argument too many: '%s'", c->name, o->argv[c->max_args]);
}

static void check_possible(const struct cpus *set, unsigned int ids)
{
	if (set->nr && set->cpu[set->nr - 1] >= ids)
		misuse("no such CPU: %u", set->cpu[set->nr - 1]);
}

void options_possible(const struct opts *o, unsigned int ids)
{
	check_possible(&o->cpus, ids);
	check_possible(&o->source, ids);
	check_possible(&o->target, ids);
	check_possible(&(struct cpus){ 1, (unsigned int *)&o->delay_cpu }, ids);
}

void options_sets(struct opts *o, unsigned int ids)
{
	options_possible(o, ids);
	if (o->cpus.nr && o->target.nr)
		return;
	if (!o->cpus.nr)
		cpus_housekeeping(&o->cpus);
	if (!o->cpus.nr && (!o->target.nr || !o->source.nr))
		misuse("all CPUs are isolated: name those to use");
	if (!o->target.nr)
		o->target = o->cpus;
}

static void need_online(const struct cpus *set)
{
	unsigned int i;

	for (i = 0; i < set->nr; i++)
		if (!cpu_online(set->cpu[i]))
			die("CPU %u is offline", set->cpu[i]);
}

void options_need_online(const struct opts *o)
{
	need_online(&o->source);
	need_online(&o->target);
}

/* A lone source need not be among its targets. */
bool options_cover_all(const struct opts *o)
{
	struct cpus online = {};
	unsigned int i, missing = 0;

	cpus_online(&online);
	for (i = 0; i < online.nr; i++)
		missing += !cpus_has(&o->target, online.cpu[i]) &&
			   (o->source.nr != 1 || online.cpu[i] != o->source.cpu[0]);
	cpus_free(&online);
	return !missing;
}

void options_help(const struct command *c)
{
	const struct option_row *r;
	char left[64];
	int i;

	printf("usage: ipixctl %s [OPTION]...%s%s\n\n%s\n\n", c->name, *c->args ? " " : "",
	       c->args, c->what);
	for (r = rows; r < rows + ARRAY_LEN(rows); r++) {
		if (!(r->commands & c->bit))
			continue;
		snprintf(left, sizeof(left), "--%s %s", r->name, r->arg ? r->arg : "");
		printf("  %-19s %s\n", left, r->what);
	}
	if (!c->modes)
		return;
	printf("\nModes:\n");
	for (i = 0; i < MODES; i++)
		if (c->takes & 1U << i)
			printf("  %-10s %s%s\n", modes[i].name, modes[i].what,
			       c->modes & 1U << i ? " (default)" : "");
}
