/* SPDX-License-Identifier: GPL-2.0 */
/* Results of ipixctl measure, read again: a side of a comparison. */
#ifndef RUNS_H
#define RUNS_H

#include <stdbool.h>

#include "json_tree.h"
#include "options.h"

enum statistic { ST_P50, ST_P99, ST_MEAN, STATISTICS };
extern const char *const statistic_names[STATISTICS];

/* What is compared: a mode between CPUs of a class, in a state. */
struct key {
	const char *mode, *class, *state;
};

/* A run, or, if there are too few of them, a batch of its samples. */
struct unit {
	const struct json *file;
	unsigned int run;
	int batch;		/* -1: all of the run */
};

struct side {
	char **names;		/* of the files */
	const struct json **files;
	unsigned int nr_files, nr_runs, nr_units;
	struct unit *units;
};

/* Reads files; ends the program if one is no result that can be compared. */
struct side side_load(char **names, unsigned int nr);
/* Runs instead of batches of them, or the other way round. */
void side_units(struct side *s, bool batches);

/* Of the first file: the key at a place of its results, or false after the last. */
bool key_at(const struct side *s, unsigned int *at, struct key *k);
/*
 * A statistic in nanoseconds, over all pairs of CPUs (the geometric mean); NAN if
 * there is none.
 */
double unit_statistic(const struct unit *u, const struct key *k, enum of time,
		      enum statistic st);
/* The same of a quantile, over all runs as well. */
double side_quantile(const struct side *s, const struct key *k, enum of time,
		     double fraction);
/* The fewest samples that a run has for a key. */
double side_samples(const struct side *s, const struct key *k, enum of time);

#endif /* RUNS_H */
