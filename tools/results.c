// SPDX-License-Identifier: GPL-2.0
/*
 * See results.h. A class of pairs of a matrix is a result, and so is a point of a
 * storm: then the class is its rate, and the state says who sent to whom.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "results.h"
#include "util.h"

static bool is_kind(const struct json *file, const char *kind)
{
	return !strcmp(json_get_text(file, "kind"), kind);
}

bool results_can(const struct json *file)
{
	return is_kind(file, "measure") || is_kind(file, "matrix") ||
	       is_kind(file, "storm");
}

static bool is_of_triggers(const struct json *storm)
{
	return !strcmp(json_get_text(storm, "mode"), "trigger");
}

enum of results_time(const struct json *file)
{
	unsigned int of;

	if (is_kind(file, "storm"))
		return is_of_triggers(file) ? OF_START : OF_ACK;
	for (of = 0; is_kind(file, "matrix") && of < OFS; of++)
		if (!strcmp(json_get_text(file, "of"), of_names[of]))
			return of;
	return OFS;
}

/* ----- JSON that is made ----- */

static void add(struct json *list, const char *name, struct json value)
{
	list->value = xrealloc(list->value, list->nr + 1, sizeof(*list->value));
	list->value[list->nr] = value;
	if (list->type == JSON_OBJECT) {
		list->name = xrealloc(list->name, list->nr + 1, sizeof(*list->name));
		list->name[list->nr] = xstrdup(name);
	}
	list->nr++;
}

/* What is not there is left out. */
static void add_number(struct json *o, const char *name, double number)
{
	if (!isnan(number))
		add(o, name, (struct json){ .type = JSON_NUMBER, .number = number });
}

static void add_text(struct json *o, const char *name, const char *text)
{
	add(o, name, (struct json){ .type = JSON_STRING, .text = xstrdup(text) });
}

static struct json result(const struct json *file, const char *class, const char *state,
			  struct json times)
{
	struct json r = { .type = JSON_OBJECT };

	add_text(&r, "mode", json_get_text(file, "mode"));
	add_text(&r, "class", class);
	add_text(&r, "state", state);
	add_number(&r, "run", 0);
	add(&r, of_names[results_time(file)], times);
	return r;
}

static struct json of_class(const struct json *file, const struct json *class)
{
	struct json times = { .type = JSON_OBJECT };

	add_number(&times, "samples", json_get_number(file, "samples"));
	add_number(&times, "p50", json_get_number(class, "p50"));
	return result(file, json_get_text(class, "class"), json_get_text(file, "state"),
		      times);
}

/* Where nothing is due at a time, the mean is that from one send to the next. */
static struct json of_point(const struct json *file, const struct json *point)
{
	double offered = json_get_number(point, "offered");
	struct json times = { .type = JSON_OBJECT };
	char rate[32] = "closed loop", who[256];

	add_number(&times, "samples", json_get_number(point, "timed"));
	add_number(&times, "p50", json_get_number(point, "p50"));
	add_number(&times, "p99", json_get_number(point, "p99"));
	if (isnan(offered) && json_get_number(point, "achieved") > 0)
		add_number(&times, "mean", 1e9 / json_get_number(point, "achieved"));
	if (!isnan(offered))
		snprintf(rate, sizeof(rate), "%.9g/s", offered);
	snprintf(who, sizeof(who), "%s to %s", json_get_text(file, "sources"),
		 json_get_text(file, "targets"));
	return result(file, rate, who, times);
}

void results_unify(struct json *file)
{
	bool matrix = is_kind(file, "matrix");
	const struct json *from = json_get(file, matrix ? "classes" : "points");
	struct json list = { .type = JSON_ARRAY };
	unsigned int i;

	if (is_kind(file, "measure") || results_time(file) == OFS || !from)
		return;
	for (i = 0; i < from->nr; i++)
		add(&list, NULL, matrix ? of_class(file, &from->value[i]) :
					  of_point(file, &from->value[i]));
	add(file, "results", list);
}
