// SPDX-License-Identifier: GPL-2.0
/* See remarks.h. */
#include <stdarg.h>
#include <stdio.h>

#include "json.h"
#include "remarks.h"
#include "util.h"

/* Clocks that are read by counting something fast step by less. */
#define COARSE_NS	1000
/* To wait less for a CPU is common. */
#define WAITED_NS	200000000ULL
#define STARVED_NS	500000000ULL
/* As many of a kind are for people; all are in JSON. */
#define SHOWN_MAX	8

static struct remark {
	bool lacking;
	char text[400];
} *remarks;

static unsigned int nr_remarks, nr_lacking;

static const char *add(bool lacking, const char *fmt, va_list args)
{
	struct remark *r;

	remarks = xrealloc(remarks, nr_remarks + 1, sizeof(*remarks));
	r = &remarks[nr_remarks++];
	r->lacking = lacking;
	vsnprintf(r->text, sizeof(r->text), fmt, args);
	return r->text;
}

void note(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add(false, fmt, args);
	va_end(args);
}

void lacks(const char *fmt, ...)
{
	const char *text;
	va_list args;

	va_start(args, fmt);
	text = add(true, fmt, args);
	va_end(args);
	nr_lacking++;
	if (nr_lacking <= SHOWN_MAX)
		say("%s", text);
}

void starved_note(unsigned int cpu, uint64_t waited_ns, uint64_t ns)
{
	if (waited_ns > STARVED_NS && waited_ns > ns / 2)
		lacks("starved for %s of %s, as others had CPU %u: its times have that in them",
		      text_ns(waited_ns), text_ns(ns), cpu);
	else if (waited_ns > WAITED_NS)
		note("other tasks had CPU %u for %s of %s: the largest times have that in them",
		     cpu, text_ns(waited_ns), text_ns(ns));
}

void clock_note(void)
{
	if (clock_step_ns() > COARSE_NS)
		note("the clock steps by %s: no time is known better, and 0 is less than that",
		     text_ns(clock_step_ns()));
}

static void list(const char *key, bool lacking)
{
	unsigned int i;

	json_open(key, '[');
	for (i = 0; i < nr_remarks; i++)
		if (remarks[i].lacking == lacking)
			json_str(NULL, remarks[i].text);
	json_close();
}

void remarks_json(void)
{
	list("lacking", true);
	list("notes", false);
}

static void text_of(bool lacking)
{
	unsigned int i, n = 0;
	char more[64];

	for (i = 0; i < nr_remarks; i++)
		if (remarks[i].lacking == lacking && n++ < SHOWN_MAX)
			print_wrapped(lacking ? "not whole:" : "note:", remarks[i].text);
	if (n <= SHOWN_MAX)
		return;
	snprintf(more, sizeof(more), "%u more like these; --json has all", n - SHOWN_MAX);
	print_wrapped("and", more);
}

void remarks_text(void)
{
	if (nr_remarks)
		printf("\n");
	text_of(true);
	text_of(false);
}

int exit_status(void)
{
	if (nr_lacking > SHOWN_MAX)
		say("and %u more like these are in the result", nr_lacking - SHOWN_MAX);
	if (interrupted)
		return EXIT_INTERRUPTED;
	return nr_lacking ? EXIT_LACKING : 0;
}
