/* SPDX-License-Identifier: GPL-2.0 */
/* Many numbers in a few. */
#ifndef SUMMARY_H
#define SUMMARY_H

#include <stdint.h>

enum percentile { P50, P90, P99, P999, PERCENTILES };

extern const char *const percentile_names[PERCENTILES];
/* One that rests on fewer samples is marked. */
#define FEW	10

/* Fewer numbers in a batch have no 99th percentile. */
#define BATCHES	10

/*
 * @behind are the samples beyond a percentile; one without any is NAN. @batches
 * are of the numbers in the order in which they came, and NAN if they are too few.
 */
struct summary {
	unsigned int nr;
	uint64_t *sorted;
	uint64_t min, max;
	double mean;
	double p[PERCENTILES];
	unsigned int behind[PERCENTILES];
	struct {
		double p50, p99, mean;
	} batches[BATCHES];
};

/* Takes the numbers over. */
struct summary summary_make(uint64_t *numbers, unsigned int nr);
uint64_t summary_quantile(const struct summary *s, double fraction);
void summary_json(const char *key, const struct summary *s);
void summary_free(struct summary *s);

/* A percentile as people read it: with its unit, marked if few stand behind it. */
const char *summary_text(const struct summary *s, enum percentile p);
/* Notes what a number of samples cannot say. */
void summary_note(unsigned int samples);

#endif /* SUMMARY_H */
