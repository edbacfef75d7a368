// SPDX-License-Identifier: GPL-2.0
/*
 * What `ipixctl measure --json` would have written, of runs that are made up: for
 * scripts/test/test-compare.
 *
 * usage: synthetic_runs SEED RUNS SAMPLES PERCENT [MEMBER=VALUE]
 *
 * Calls take 10 us, or PERCENT more, by a logarithmic normal distribution with one
 * in fifty that takes ten times as long. Runs differ from each other by a factor of
 * their own, which is skewed. A member of the setting may have another value.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCHES		10
#define BASE_NS		10000
#define SPREAD		.2	/* of samples */
#define RUN_SPREAD	.04

static uint64_t state;

static double uniform(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return ((z ^ z >> 31) >> 11) / 9007199254740992.0 + 1e-17;
}

static double normal(void)
{
	return sqrt(-2 * log(uniform())) * cos(2 * M_PI * uniform());
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Of numbers that ascend. */
static double quantile(const double *x, int n, double fraction)
{
	int rank = ceil(fraction * n - 1e-9);

	return x[rank > 0 ? rank - 1 : 0];
}

static double mean(const double *x, int n)
{
	double sum = 0;
	int i;

	for (i = 0; i < n; i++)
		sum += x[i];
	return sum / n;
}

static void print_batches(const double *x, int n)
{
	double of[3][BATCHES], part[n / BATCHES];
	static const char *const names[] = { "p50", "p99", "mean" };
	int i, b;

	for (b = 0; b < BATCHES; b++) {
		memcpy(part, x + b * (n / BATCHES), sizeof(part));
		qsort(part, n / BATCHES, sizeof(*part), compare);
		of[0][b] = quantile(part, n / BATCHES, .5);
		of[1][b] = quantile(part, n / BATCHES, .99);
		of[2][b] = mean(part, n / BATCHES);
	}
	for (i = 0; i < 3; i++) {
		printf("%s\"%s\":[", i ? "," : "", names[i]);
		for (b = 0; b < BATCHES; b++)
			printf("%s%.6g", b ? "," : "", of[i][b]);
		printf("]");
	}
}

/* Buckets of powers of two, as in the quantiles. */
static void print_histogram(const double *x, int n)
{
	double lower = 1;
	int i = 0, from, first = 1;

	printf("\"histogram\":[");
	for (; i < n; lower *= 2) {
		for (from = i; i < n && x[i] < 2 * lower; i++)
			;
		if (i > from)
			printf("%s[%.0f,%d]", first ? "" : ",", lower, i - from);
		first &= i == from;
	}
	printf("],");
}

/* Of numbers as they came; sorts them. */
static void print_summary(const char *name, double *x, int n)
{
	static const char *const names[] = { "p50", "p90", "p99", "p999" };
	static const double fractions[] = { .5, .9, .99, .999 };
	int i;

	printf(",\"%s\":{\"samples\":%d,\"batches\":{", name, n);
	print_batches(x, n);
	qsort(x, n, sizeof(*x), compare);
	printf("},\"min\":%.6g,\"mean\":%.6g,", x[0], mean(x, n));
	for (i = 0; i < 4; i++)
		printf("\"%s\":%.6g,", names[i], quantile(x, n, fractions[i]));
	printf("\"max\":%.6g,\"behind\":{", x[n - 1]);
	for (i = 0; i < 4; i++)
		printf("%s\"%s\":%d", i ? "," : "", names[i],
		       n - (int)ceil(fractions[i] * n - 1e-9));
	printf("},");
	print_histogram(x, n);
	printf("\"quantiles\":[");
	for (i = 0; i < 100; i++)
		printf("[%.2f,%.6g],", i / 100., quantile(x, n, i / 100.));
	printf("[1,%.6g]]}", quantile(x, n, 1));
}

static void print_run(const char *mode, int run, int n, double factor)
{
	double x[n], start[n];
	int i;

	for (i = 0; i < n; i++) {
		x[i] = BASE_NS * factor * exp(SPREAD * normal()) *
		       (uniform() < .02 ? 10 : 1);
		start[i] = x[i] / 2;
	}
	printf("{\"mode\":\"%s\",\"source\":0,\"targets\":\"1\",\"class\":\"llc\",", mode);
	printf("\"state\":\"idle\",\"run\":%d,\"samples\":%d", run, n);
	print_summary("start", start, n);
	print_summary("ack", x, n);
	printf("}");
}

static void print_setting(const char *other)
{
	static const char *const members[][2] = {
		{ "kernel", "6.1.0-test" }, { "machine", "x86_64" },
		{ "cpu_model", "test" }, { "hypervisor", "none" },
		{ "clocksource", "tsc" }, { "online", "0-3" }, { "module", "2.0.0" },
	};
	size_t i, len;

	printf("\"setting\":{");
	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		len = strlen(members[i][0]);
		printf("\"%s\":\"%s\",", members[i][0],
		       !strncmp(other, members[i][0], len) && other[len] == '=' ?
		       other + len + 1 : members[i][1]);
	}
	printf("\"clock_step_ns\":20,\"steal_ms\":0,\"lingering\":false}");
}

int main(int argc, char **argv)
{
	int runs, n, run;
	double factor;

	if (argc < 5)
		return 2;
	state = strtoull(argv[1], NULL, 10) * 1000003;
	runs = atoi(argv[2]);
	n = atoi(argv[3]);
	printf("{\"tool\":\"ipixctl\",\"version\":\"test\",\"kind\":\"measure\",");
	print_setting(argc > 5 ? argv[5] : "");
	printf(",\"interrupted\":false,\"lacking\":[],\"notes\":[],\"samples\":%d,", n);
	printf("\"runs\":%d,\"period_ns\":0,\"delay_ns\":0,\"results\":[", runs);
	for (run = 0; run < runs; run++) {
		factor = (1 + atof(argv[4]) / 100) * exp(RUN_SPREAD * -log(uniform()));
		if (run)
			printf(",");
		print_run("single", run, n, factor);
		printf(",");
		print_run("unicast", run, n, factor * exp(RUN_SPREAD * normal()));
	}
	printf("]}\n");
	return 0;
}
