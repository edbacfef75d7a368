// SPDX-License-Identifier: GPL-2.0
/* What came of a storm, for people and machines. See storm.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "json.h"
#include "modes.h"
#include "remarks.h"
#include "setting.h"
#include "storm.h"
#include "util.h"

static double coalescing(const struct point *p)
{
	return p->sent ? (double)p->coalesced / p->sent : 0;
}

static void point_json(const struct point *p)
{
	unsigned int i;

	json_open(NULL, '{');
	json_num("offered", p->offered ? p->offered : (double)NAN);
	json_num("achieved", p->achieved);
	json_num("sent", p->sent);
	json_num("due", p->offered ? p->due : (double)NAN);
	json_num("stopped_ns", p->stopped);
	json_num("starved_ns", p->starved);
	json_num("coalesced", p->coalesced);
	json_num("coalescing", coalescing(p));
	json_num("timed", p->of.nr);
	json_num("untimed", p->untimed);
	for (i = 0; i < PERCENTILES; i++)
		json_num(percentile_names[i], p->of.p[i]);
	json_num("max", p->of.nr ? p->of.max : (double)NAN);
	json_open("behind", '{');
	for (i = 0; i < PERCENTILES; i++)
		json_num(percentile_names[i], p->of.behind[i]);
	json_close();
	json_close();
}

static void show_json(const struct storm *s, const struct point *p, unsigned int nr)
{
	setting_json("storm");
	json_str("mode", modes[s->mode].name);
	json_str("sources", cpus_text(&s->o->source));
	json_str("targets", cpus_text(&s->targets));
	json_open("points", '[');
	while (nr--)
		point_json(p++);
	json_close();
	json_close();
}

#define WIDE		74	/* what a row takes */

static void heads_text(void)
{
	if (columns() < WIDE)
		printf("%11s %10s %8s %8s\n", "offered/s", "achieved/s", "50%", "99%");
	else
		printf("%11s %10s %9s %6s %7s %8s %8s %8s\n", "offered/s", "achieved/s",
		       "sent", "coal.", "timed", "50%", "99%", "max");
}

static void point_text(const struct point *p)
{
	if (p->offered)
		printf("%11.0f", p->offered);
	else
		printf("%11s", "closed loop");
	printf(" %10.0f ", p->achieved);
	if (columns() < WIDE)
		printf("%8s %8s\n", summary_text(&p->of, P50), summary_text(&p->of, P99));
	else
		printf("%9llu %5.1f%% %7u %8s %8s %8s\n", p->sent, 100 * coalescing(p),
		       p->of.nr, summary_text(&p->of, P50), summary_text(&p->of, P99),
		       p->of.nr ? text_ns(p->of.max) : "-");
}

static void show_text(const struct storm *s, const struct point *p, unsigned int nr)
{
	char *sources = xstrdup(cpus_text(&s->o->source));

	setting_text();
	wrapped("%s from CPUs %s to %s, time to %s%s", modes[s->mode].name, sources,
		cpus_text(&s->targets), s->mode == M_TRIGGER ? "start" : "ack",
		s->o->nr_rates ? " from when it was due" : "");
	printf("\n");
	free(sources);
	heads_text();
	while (nr--)
		point_text(p++);
	remarks_text();
}

void storm_show(const struct storm *s, const struct point *p, unsigned int nr)
{
	unsigned int i, least = nr ? p[0].of.nr : 0;

	for (i = 1; i < nr; i++)
		if (p[i].of.nr < least)
			least = p[i].of.nr;
	if (least)
		summary_note(least);
	if (s->o->json)
		show_json(s, p, nr);
	else
		show_text(s, p, nr);
}
