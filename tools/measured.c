// SPDX-License-Identifier: GPL-2.0
/* See measured.h. */
#include <math.h>
#include <stdio.h>

#include "json.h"
#include "measured.h"
#include "modes.h"
#include "remarks.h"
#include "setting.h"
#include "util.h"

struct row *measured_add(struct measured *m)
{
	m->rows = xrealloc(m->rows, m->nr + 1, sizeof(*m->rows));
	return &m->rows[m->nr++];
}

bool measured_any(const struct measured *m)
{
	unsigned int i;

	for (i = 0; i < m->nr; i++)
		if (m->rows[i].d.samples)
			return true;
	return false;
}

static void row_json(const struct row *r)
{
	unsigned int i;

	json_open(NULL, '{');
	json_str("mode", modes[r->mode].name);
	json_num("source", r->source);
	json_str("targets", cpus_text(&r->targets));
	json_str("class", r->class);
	json_str("state", r->busy ? "busy" : "idle");
	json_num("run", r->run);
	json_num("partial", r->d.partial);
	json_num("clocks_differ", r->d.clocks_differ);
	json_num("found_idle", r->d.found_idle);
	json_num("waited_ns", r->waited_ns);
	json_num("samples", r->d.samples);
	for (i = 0; i < OFS; i++)
		summary_json(of_names[i], &r->d.of[i]);
	json_close();
}

static void show_json(const struct measured *m)
{
	const struct opts *o = m->o;
	unsigned int i;

	setting_json("measure");
	json_num("overhead_ns", m->overhead_ns);
	json_num("samples", o->samples);
	json_num("runs", o->repeat);
	json_num("period_ns", o->period_ns);
	json_num("delay_ns", o->delay_ns);
	json_open("results", '[');
	for (i = 0; i < m->nr; i++)
		if (m->rows[i].d.samples)
			row_json(&m->rows[i]);
	json_close();
	json_close();
}

#define WIDE		79	/* what a row takes */

static void show_heads(void)
{
	if (columns() >= WIDE)
		printf("  %-6s %9s %9s %9s %9s %9s %9s %9s\n", "", "min", "mean", "50%",
		       "90%", "99%", "99.9%", "max");
	else
		printf("  %-6s %9s %9s %9s\n", "", "50%", "99%", "max");
}

static void show_summary(const char *name, const struct summary *s)
{
	const char *max = s->nr ? text_ns(s->max) : "-";

	if (columns() >= WIDE)
		printf("  %-6s %9s %9s %9s %9s %9s %9s %9s\n", name,
		       s->nr ? text_ns(s->min) : "-", s->nr ? text_ns(s->mean) : "-",
		       summary_text(s, P50), summary_text(s, P90), summary_text(s, P99),
		       summary_text(s, P999), max);
	else
		printf("  %-6s %9s %9s %9s\n", name, summary_text(s, P50),
		       summary_text(s, P99), max);
}

static void show_behind(const struct summary *s)
{
	const unsigned int *n = s->behind;

	if (columns() >= WIDE)
		printf("  %-6s %9s %9s %9u %9u %9u %9u\n", "beyond", "", "", n[P50],
		       n[P90], n[P99], n[P999]);
	else
		printf("  %-6s %9u %9u\n", "beyond", n[P50], n[P99]);
}

/* A bar for each power of two, of what is waited for. */
static void show_histogram(const struct summary *s)
{
	unsigned int i, from, most = 0, pass;
	int width = columns() < WIDE ? 10 : 40;
	uint64_t lower, upper;

	for (pass = 0; pass < 2; pass++) {
		for (i = 0, lower = 0, upper = 1; i < s->nr; lower = upper, upper *= 2) {
			for (from = i; i < s->nr && s->sorted[i] < upper; i++)
				;
			if (!pass && i - from > most)
				most = i - from;
			if (pass && i > from)
				printf("  from %8s %9u %.*s\n", text_ns(lower), i - from,
				       (int)(1. * width * (i - from) / most + .5),
				       "****************************************");
		}
	}
}

static void show_row(const struct measured *m, const struct row *r)
{
	char run[24] = "";
	unsigned int i;

	if (m->o->repeat > 1)
		snprintf(run, sizeof(run), ", run %u", r->run + 1);
	printf("\n");
	wrapped("%s, CPU %u to %s%s%s: %u samples, %llu found idle", modes[r->mode].name,
		r->source, cpus_text(&r->targets), r->busy ? " (kept busy)" : "", run,
		r->d.samples, r->d.found_idle);
	show_heads();
	for (i = 0; i < OFS; i++)
		show_summary(of_names[i], &r->d.of[i]);
	show_behind(&r->d.of[OF_ACK]);
	show_histogram(&r->d.of[OF_ACK]);
}

void measured_show(const struct measured *m)
{
	unsigned int i, least = m->o->samples;

	for (i = 0; i < m->nr; i++)
		if (m->rows[i].d.samples && m->rows[i].d.samples < least)
			least = m->rows[i].d.samples;
	summary_note(least);
	clock_note();
	if (m->o->json) {
		show_json(m);
		return;
	}
	setting_text();
	wrapped("timing itself takes %s of each sample",
		isnan(m->overhead_ns) ? "-" : text_ns(m->overhead_ns));
	for (i = 0; i < m->nr; i++)
		if (m->rows[i].d.samples)
			show_row(m, &m->rows[i]);
	remarks_text();
}
