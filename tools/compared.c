// SPDX-License-Identifier: GPL-2.0
/* What a comparison came to, for people and machines. See compare.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "compare.h"
#include "json.h"
#include "remarks.h"
#include "setting.h"
#include "util.h"

static const double fractions[] = {
	.01, .02, .05, .1, .15, .2, .25, .3, .35, .4, .45, .5, .55, .6, .65, .7, .75, .8,
	.85, .9, .95, .97, .98, .99, .995, .999, .9999,
};

static const char *statistic_text(const struct compared *r)
{
	static const char *const names[STATISTICS] = { "median", "99%", "mean" };
	static const char *const marked[STATISTICS] = { "median*", "99%*", "mean" };

	return r->few ? marked[r->st] : names[r->st];
}

static bool same_key(const struct key *a, const struct key *b)
{
	return !strcmp(a->mode, b->mode) && !strcmp(a->class, b->class) &&
	       !strcmp(a->state, b->state);
}

static enum verdict worst(const struct comparison *c)
{
	enum verdict v = SAME;
	unsigned int i;

	for (i = 0; i < c->nr; i++)
		if (c->rows[i].verdict > v)
			v = c->rows[i].verdict;
	return v;
}

/* ----- JSON ----- */

static void side_json(const char *key, const struct side *s)
{
	unsigned int i;

	json_open(key, '{');
	json_open("files", '[');
	for (i = 0; i < s->nr_files; i++)
		json_str(NULL, s->names[i]);
	json_close();
	json_num("runs", s->nr_runs);
	json_str("kernel", json_get_text(json_get(s->files[0], "setting"), "kernel"));
	json_close();
}

static void row_json(const struct compared *r)
{
	json_open(NULL, '{');
	json_str("statistic", statistic_names[r->st]);
	json_num("before", r->before);
	json_num("after", r->after);
	json_num("difference_ns", r->after - r->before);
	json_num("ratio", exp(r->d.mean));
	json_num("ratio_low", exp(r->d.mean - r->d.half));
	json_num("ratio_high", exp(r->d.mean + r->d.half));
	json_num("p", r->d.p);
	json_num("effect", r->effect);
	json_num("samples", r->samples);
	json_bool("few", r->few);
	json_str("verdict", verdicts[r->verdict]);
	json_close();
}

/* Both distributions, for pictures: fraction, before, after. */
static void quantiles_json(const struct comparison *c, const struct key *k)
{
	double n = fmin(side_samples(&c->before, k, c->o->of),
			side_samples(&c->after, k, c->o->of));
	unsigned int i;

	json_open("quantiles", '[');
	for (i = 0; i < ARRAY_LEN(fractions); i++) {
		if ((1 - fractions[i]) * n < 1 ||
		    isnan(side_quantile(&c->before, k, c->o->of, fractions[i])) ||
		    isnan(side_quantile(&c->after, k, c->o->of, fractions[i])))
			break;
		json_open(NULL, '[');
		json_num(NULL, fractions[i]);
		json_num(NULL, side_quantile(&c->before, k, c->o->of, fractions[i]));
		json_num(NULL, side_quantile(&c->after, k, c->o->of, fractions[i]));
		json_close();
	}
	json_close();
}

static void rows_json(const struct comparison *c)
{
	const struct compared *r = c->rows, *first;

	json_open("results", '[');
	while (r < c->rows + c->nr) {
		json_open(NULL, '{');
		json_str("mode", r->key.mode);
		json_str("class", r->key.class);
		json_str("state", r->key.state);
		quantiles_json(c, &r->key);
		json_open("statistics", '[');
		for (first = r; r < c->rows + c->nr && same_key(&r->key, &first->key); r++)
			row_json(r);
		json_close();
		json_close();
	}
	json_close();
}

static void show_json(const struct comparison *c)
{
	unsigned int i;

	json_open(NULL, '{');
	json_str("tool", "ipixctl");
	json_str("version", IPIXCTL_VERSION);
	json_str("kind", "compare");
	json_str("of", of_names[c->o->of]);
	side_json("before", &c->before);
	side_json("after", &c->after);
	json_open("differing", '[');
	for (i = 0; i < c->nr_differing; i++) {
		json_open(NULL, '{');
		json_str("what", c->differing[i].what);
		json_str("before", c->differing[i].before);
		json_str("after", c->differing[i].after);
		json_close();
	}
	json_close();
	remarks_json();
	json_str("unit", c->batches ? "batches" : "runs");
	json_num("confidence", .95);
	json_num("threshold", c->o->threshold);
	rows_json(c);
	json_str("verdict", verdicts[worst(c)]);
	json_close();
}

/* ----- text ----- */

static const char *change(double log_ratio)
{
	static char texts[4][16];
	static unsigned int turn;
	char *text = texts[turn++ % 4];
	double ratio = exp(log_ratio);

	if (ratio < 10)
		snprintf(text, sizeof(texts[0]), "%+.1f%%", 100 * (ratio - 1));
	else
		snprintf(text, sizeof(texts[0]), "x%.3g", ratio);
	return text;
}

#define WIDE	79	/* what a row takes */

static void show_row(const struct compared *r)
{
	char interval[40];

	if (columns() < WIDE) {
		printf("  %-7s %8s  %s\n", statistic_text(r), change(r->d.mean),
		       verdicts[r->verdict]);
		return;
	}
	snprintf(interval, sizeof(interval), "%s to %s", change(r->d.mean - r->d.half),
		 change(r->d.mean + r->d.half));
	printf("  %-7s %9s %9s %8s  %-18s %s\n", statistic_text(r), text_ns(r->before),
	       text_ns(r->after), change(r->d.mean), interval, verdicts[r->verdict]);
}

static void show_text(const struct comparison *c)
{
	unsigned int i;
	const struct compared *r;
	bool few = false;

	printf("time to %s: %u run%s before, %u after\n", of_names[c->o->of],
	       c->before.nr_runs, plural(c->before.nr_runs), c->after.nr_runs);
	for (i = 0; i < c->nr_differing; i++)
		wrapped("%s: '%s' before, '%s' after", c->differing[i].what,
			c->differing[i].before, c->differing[i].after);
	if (columns() >= WIDE)
		printf("\n  %-7s %9s %9s %8s  %s\n", "", "before", "after", "change",
		       "95% interval");
	for (r = c->rows; r < c->rows + c->nr; r++) {
		if (r == c->rows || !same_key(&r->key, &r[-1].key))
			wrapped("%s, %s, %s: %.15g sample%s a run", r->key.mode,
				r->key.class, r->key.state, r->samples,
				plural(r->samples));
		show_row(r);
		few |= r->few;
	}
	printf("\n");
	wrapped("%s: 95%% for all intervals together; below %g%% is no difference",
		verdicts[worst(c)], 100 * c->o->threshold);
	if (few)
		wrapped("* fewer than ten samples of a run lie beyond it");
	remarks_text();
}

void comparison_show(const struct comparison *c)
{
	if (c->o->json)
		show_json(c);
	else
		show_text(c);
}
