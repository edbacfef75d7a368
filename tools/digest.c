// SPDX-License-Identifier: GPL-2.0
/* See digest.h. */
#include "digest.h"
#include "util.h"

/* Coarser clocks may stand still from a post to the start. */
#define FINE_NS		1000

/* No CPU begins before it is asked, or ends after that is known. */
static bool clocks_differ(const struct ipi_xcall_sample *s, bool local)
{
	return s->start_ns > s->end_ns || s->end_ns > s->ack_ns ||
	       (!local && !s->start_ns && s->ack_ns && clock_step_ns() <= FINE_NS);
}

/* Start and end are from two clocks, and of no use where these differ. */
struct digest digest_make(const struct ipi_xcall_sample *s, unsigned int nr,
			  unsigned int targets, bool local)
{
	struct digest d = { .samples = nr };
	uint64_t *numbers[OFS];
	unsigned int i, n = 0;

	for (i = 0; i < OFS; i++)
		numbers[i] = xcalloc(nr, sizeof(uint64_t));
	for (i = 0; i < nr; i++) {
		d.found_idle += s[i].idle == s[i].cpus;
		d.partial += s[i].cpus < targets;
		numbers[OF_ACK][i] = s[i].ack_ns;
		if (clocks_differ(&s[i], local))
			continue;
		numbers[OF_START][n] = s[i].start_ns;
		numbers[OF_END][n++] = s[i].end_ns;
	}
	d.clocks_differ = nr - n;
	for (i = 0; i < OFS; i++)
		d.of[i] = summary_make(numbers[i], i == OF_ACK ? nr : n);
	return d;
}

void digest_free(struct digest *d)
{
	unsigned int i;

	for (i = 0; i < OFS; i++)
		summary_free(&d->of[i]);
}
