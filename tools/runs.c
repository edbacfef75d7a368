// SPDX-License-Identifier: GPL-2.0
/* See runs.h. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results.h"
#include "runs.h"
#include "summary.h"
#include "util.h"

#define FILE_MAX	(256 << 20)
/* What is 0 by a coarse clock has a logarithm, too. */
#define LEAST_NS	.5

const char *const statistic_names[STATISTICS] = { "p50", "p99", "mean" };

static char *read_all(const char *name)
{
	FILE *f = fopen(name, "re");
	size_t size = 0, n = 1;
	char *text = NULL;

	if (!f)
		die("%s: %s", name, strerror(errno));
	while (n && size < FILE_MAX) {
		text = xrealloc(text, size + 65537, 1);
		n = fread(text + size, 1, 65536, f);
		size += n;
	}
	if (ferror(f) || n)
		die("%s: %s", name, n ? "too large" : strerror(errno));
	text[size] = '\0';
	fclose(f);
	return text;
}

static const struct json *load(const char *name)
{
	char *text = read_all(name);
	struct json *file = json_parse(text);

	free(text);
	if (!file)
		die("%s: not JSON", name);
	if (strcmp(json_get_text(file, "tool"), "ipixctl"))
		die("%s: not a result of ipixctl", name);
	if (!results_can(file))
		die("%s: of '%s': only results of " RESULTS_KINDS " can be compared", name,
		    json_get_text(file, "kind"));
	results_unify(file);
	if (!json_get_length(file, "results"))
		die("%s: no results in it", name);
	if (results_time(file) == OFS && isnan(json_get_number(file, "runs")))
		die("%s: made by an ipixctl that is too old", name);
	return file;
}

static unsigned int runs_of(const struct json *file)
{
	double n = json_get_number(file, "runs");

	return n >= 1 && n < 1e6 ? n : 1;
}

struct side side_load(char **names, unsigned int nr)
{
	struct side s = { .names = names, .nr_files = nr };
	unsigned int i;

	s.files = xcalloc(nr, sizeof(*s.files));
	for (i = 0; i < nr; i++) {
		s.files[i] = load(names[i]);
		s.nr_runs += runs_of(s.files[i]);
	}
	side_units(&s, false);
	return s;
}

void side_units(struct side *s, bool batches)
{
	unsigned int i, run;
	int batch;

	free(s->units);
	s->units = xcalloc(s->nr_runs * (batches ? BATCHES : 1), sizeof(*s->units));
	s->nr_units = 0;
	for (i = 0; i < s->nr_files; i++)
		for (run = 0; run < runs_of(s->files[i]); run++)
			for (batch = batches ? 0 : -1; batch < (batches ? BATCHES : 0); batch++)
				s->units[s->nr_units++] = (struct unit){
					s->files[i], run, batch,
				};
}

static const struct json *result(const struct json *file, unsigned int i)
{
	return i < json_get_length(file, "results") ?
	       &json_get(file, "results")->value[i] : NULL;
}

static bool is_of(const struct json *r, const struct key *k)
{
	return !strcmp(json_get_text(r, "mode"), k->mode) &&
	       !strcmp(json_get_text(r, "class"), k->class) &&
	       !strcmp(json_get_text(r, "state"), k->state);
}

/* The results of an earlier place have not been of the same key. */
static bool is_first(const struct json *file, unsigned int i, const struct key *k)
{
	unsigned int j;

	for (j = 0; j < i; j++)
		if (is_of(result(file, j), k))
			return false;
	return true;
}

bool key_at(const struct side *s, unsigned int *at, struct key *k)
{
	const struct json *r;

	while ((r = result(s->files[0], *at))) {
		*k = (struct key){
			json_get_text(r, "mode"), json_get_text(r, "class"),
			json_get_text(r, "state"),
		};
		if (is_first(s->files[0], (*at)++, k))
			return true;
	}
	return false;
}

static double statistic(const struct json *of, int batch, const char *name)
{
	const struct json *list;

	if (batch < 0)
		return json_get_number(of, name);
	list = json_get(json_get(of, "batches"), name);
	if (!list || list->type != JSON_ARRAY || batch >= (int)list->nr ||
	    list->value[batch].type != JSON_NUMBER)
		return NAN;
	return list->value[batch].number;
}

double unit_statistic(const struct unit *u, const struct key *k, enum of time,
		      enum statistic st)
{
	const struct json *r;
	double sum = 0, ns;
	unsigned int i, n = 0;

	for (i = 0; (r = result(u->file, i)); i++) {
		if (!is_of(r, k) || json_get_number(r, "run") != u->run)
			continue;
		ns = statistic(json_get(r, of_names[time]), u->batch, statistic_names[st]);
		sum += log(fmax(ns, LEAST_NS));
		if (isnan(ns))
			return NAN;
		n++;
	}
	return n ? exp(sum / n) : (double)NAN;
}

/* The first that is at least as high as the fraction. */
static double quantile(const struct json *of, double fraction)
{
	const struct json *q = json_get(of, "quantiles"), *pair;
	unsigned int i;

	for (i = 0; q && q->type == JSON_ARRAY && i < q->nr; i++) {
		pair = &q->value[i];
		if (pair->type == JSON_ARRAY && pair->nr == 2 &&
		    pair->value[0].number >= fraction - 1e-6)
			return pair->value[1].number;
	}
	return NAN;
}

double side_quantile(const struct side *s, const struct key *k, enum of time,
		     double fraction)
{
	const struct json *r;
	double sum = 0, ns;
	unsigned int f, i, n = 0;

	for (f = 0; f < s->nr_files; f++) {
		for (i = 0; (r = result(s->files[f], i)); i++) {
			if (!is_of(r, k))
				continue;
			ns = quantile(json_get(r, of_names[time]), fraction);
			if (isnan(ns))
				return NAN;
			sum += log(fmax(ns, LEAST_NS));
			n++;
		}
	}
	return n ? exp(sum / n) : (double)NAN;
}

double side_samples(const struct side *s, const struct key *k, enum of time)
{
	const struct json *r;
	double least = INFINITY;
	unsigned int f, i;

	for (f = 0; f < s->nr_files; f++)
		for (i = 0; (r = result(s->files[f], i)); i++)
			if (is_of(r, k))
				least = fmin(least, json_get_number(json_get(r, of_names[time]),
								    "samples"));
	return isinf(least) ? 0 : least;
}
