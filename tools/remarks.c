// SPDX-License-Identifier: GPL-2.0
/* See remarks.h. */
#include <stdarg.h>
#include <stdio.h>

#include "json.h"
#include "remarks.h"
#include "util.h"

/* Clocks that are read by counting something fast step by less. */
#define COARSE_NS	1000

static struct remark {
	bool lacking;
	char text[400];
} *remarks;

static unsigned int nr_remarks;

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
	va_list args;

	va_start(args, fmt);
	say("%s", add(true, fmt, args));
	va_end(args);
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

void remarks_text(void)
{
	unsigned int i;

	if (nr_remarks)
		printf("\n");
	for (i = 0; i < nr_remarks; i++)
		print_wrapped(remarks[i].lacking ? "not whole:" : "note:",
			      remarks[i].text);
}

int exit_status(void)
{
	unsigned int i;

	if (interrupted)
		return EXIT_INTERRUPTED;
	for (i = 0; i < nr_remarks; i++)
		if (remarks[i].lacking)
			return EXIT_LACKING;
	return 0;
}
