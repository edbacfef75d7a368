// SPDX-License-Identifier: GPL-2.0
/* ipixctl matrix: each CPU to each other. See ipixctl(1). */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ipixctl.h"

#define CELL		8	/* a block and a number */
#define LABEL		5

struct matrix {
	int fd;
	const struct opts *o;
	unsigned int mode, nr;
	struct place *place;
	double *p50, *max;	/* by row and column; NAN where there is none */
};

struct class_sum {
	unsigned int pairs;
	double *p50, max;
};

static double *cell(double *table, const struct matrix *m, unsigned int row,
		    unsigned int column)
{
	return &table[row * m->nr + column];
}

/* A pair that cannot be measured stays without a number. */
static void measure_pair(struct matrix *m, unsigned int row, unsigned int column,
			 struct ipi_xcall_sample *s)
{
	unsigned int target = m->place[column].cpu, n;
	struct cpus set = { 1, &target };
	struct ipi_xcall_measure req = {
		.flags = m->o->linger ? IPI_XCALL_MEASURE_LINGER : 0,
		.mode = modes[m->mode].number,
		.source = m->place[row].cpu,
		.target = { .to = IPI_XCALL_TO_CPU, .cpu = target },
		.period_ns = m->o->period_ns,
		.delay_ns = m->o->delay_ns,
		.delay_cpu = m->o->delay_cpu,
	};
	struct summary sum;
	int err;

	if (m->o->busy)
		load_start(&set, req.source);
	n = dev_measure(m->fd, &req, s, m->o->samples, &err);
	if (m->o->busy)
		load_stop();
	setting_lingering(req.lingering);
	if (err && err != -ENXIO && err != -EINTR)
		die("CPU %u to %u: %s", req.source, target, strerror(-err));
	/* Half a pair is none: in a matrix it would look like a whole one. */
	if (n < m->o->samples)
		return;
	sum = summary_of(s, n, m->o->of);
	*cell(m->p50, m, row, column) = sum.p50;
	*cell(m->max, m, row, column) = sum.max;
	summary_free(&sum);
}

static void measure_all(struct matrix *m)
{
	struct ipi_xcall_sample *s = xcalloc(m->o->samples, sizeof(*s));
	unsigned int row, column, pairs = m->nr * m->nr, i;

	for (i = 0; i < pairs; i++)
		m->p50[i] = NAN;
	memcpy(m->max, m->p50, pairs * sizeof(double));
	for (row = 0; row < m->nr; row++) {
		for (column = 0; column < m->nr && !interrupted; column++) {
			progress("matrix", row * m->nr + column, pairs);
			measure_pair(m, row, column, s);
		}
	}
	progress_end();
	free(s);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static struct class_sum sum_class(struct matrix *m, enum pair_class class)
{
	struct class_sum c = { .p50 = xcalloc(m->nr * m->nr, sizeof(double)) };
	unsigned int row, column;
	double p50, max;

	for (row = 0; row < m->nr; row++) {
		for (column = 0; column < m->nr; column++) {
			p50 = *cell(m->p50, m, row, column);
			max = *cell(m->max, m, row, column);
			if (isnan(p50) ||
			    pair_class(&m->place[row], &m->place[column]) != class)
				continue;
			c.p50[c.pairs++] = p50;
			c.max = fmax(c.max, max);
		}
	}
	qsort(c.p50, c.pairs, sizeof(*c.p50), compare);
	return c;
}

static double median(const struct class_sum *c)
{
	return c->p50[(c->pairs - 1) / 2];
}

/* ----- JSON ----- */

static void json_classes(struct matrix *m)
{
	struct class_sum c;
	int class;

	json_open("classes", '[');
	for (class = 0; class < PAIR_CLASSES; class++) {
		c = sum_class(m, class);
		if (c.pairs) {
			json_open(NULL, '{');
			json_str("class", pair_names[class]);
			json_num("pairs", c.pairs);
			json_num("p50", median(&c));
			json_num("max", c.max);
			json_close();
		}
		free(c.p50);
	}
	json_close();
}

static void json_groups(struct matrix *m)
{
	unsigned int i, first;
	char name[32], other[32];
	int id;

	json_open("groups", '[');
	for (first = 0; first < m->nr; first = i) {
		id = group_of(m->place, m->nr, first, name, sizeof(name));
		for (i = first + 1; i < m->nr; i++)
			if (group_of(m->place, m->nr, i, other, sizeof(other)) != id)
				break;
		json_open(NULL, '{');
		json_num("first", first);
		json_num("size", i - first);
		json_str("name", name);
		json_close();
	}
	json_close();
}

static void show_json(struct matrix *m)
{
	unsigned int row, column;

	setting_json("matrix");
	json_str("mode", modes[m->mode].name);
	json_str("of", of_names[m->o->of]);
	json_str("state", m->o->busy ? "busy" : "idle");
	json_num("samples", m->o->samples);
	json_open("cpus", '[');
	for (row = 0; row < m->nr; row++)
		json_num(NULL, m->place[row].cpu);
	json_close();
	json_open("p50", '[');
	for (row = 0; row < m->nr; row++) {
		json_open(NULL, '[');
		for (column = 0; column < m->nr; column++)
			json_num(NULL, *cell(m->p50, m, row, column));
		json_close();
	}
	json_close();
	json_classes(m);
	json_groups(m);
	json_close();
}

/* ----- blocks ----- */

/*
 * From the fastest pair of two CPUs to the slowest, on a logarithmic scale; at
 * least over a factor of two, lest noise looks like a structure.
 */
static void range(struct matrix *m, double *low, double *high)
{
	unsigned int row, column;
	double ns;

	*low = INFINITY;
	*high = 0;
	for (row = 0; row < m->nr; row++) {
		for (column = 0; column < m->nr; column++) {
			ns = *cell(m->p50, m, row, column);
			if (isnan(ns) || (row == column && m->nr > 1))
				continue;
			*low = fmin(*low, fmax(ns, 1));
			*high = fmax(*high, fmax(ns, 1));
		}
	}
	if (*high)
		*high = fmax(*high, 2 * *low);
}

static const char *block(double ns, double low, double high)
{
	static const char *const blocks[] = { " ", "░", "▒", "▓", "█" };
	double share;

	if (isnan(ns))
		return "?";
	share = high > low ? log(fmax(ns, 1) / low) / log(high / low) : 0;
	return blocks[share <= 0 ? 0 : share >= 1 ? 4 : (int)(share * 5)];
}

static bool boundary(const struct matrix *m, unsigned int i)
{
	char name[32];

	return i && group_of(m->place, m->nr, i, name, sizeof(name)) !=
		    group_of(m->place, m->nr, i - 1, name, sizeof(name));
}

static unsigned int columns(void)
{
	struct winsize w;
	const char *env = getenv("COLUMNS");

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) && w.ws_col)
		return w.ws_col;
	return env && atoi(env) > 0 ? atoi(env) : 80;
}

static void show_cell(double ns, const char *shade, bool compact)
{
	if (compact)
		printf("%s", shade);
	else if (isnan(ns))
		printf(" %s %4s ", shade, "-");
	else
		printf(" %s%6.*f", shade, ns < 9950 ? 2 : ns < 999500 ? 1 : 0, ns / 1000);
}

static void show_head(const struct matrix *m, bool compact)
{
	unsigned int i;

	if (compact)
		return;
	printf("%*s", LABEL, "");
	for (i = 0; i < m->nr; i++)
		printf("%s%*u", boundary(m, i) ? " |" : "", CELL, m->place[i].cpu);
	printf("\n");
}

static void show_matrix(struct matrix *m)
{
	bool compact = m->o->compact || m->nr * CELL + LABEL > columns();
	unsigned int row, column;
	double low, high, ns;

	range(m, &low, &high);
	show_head(m, compact);
	for (row = 0; row < m->nr; row++) {
		if (boundary(m, row))
			printf("\n");
		printf("%*u%s", LABEL - 1, m->place[row].cpu, compact ? " " : "");
		printf("%s", compact ? "" : " ");
		for (column = 0; column < m->nr; column++) {
			if (boundary(m, column))
				printf("%s", compact ? "|" : " |");
			ns = *cell(m->p50, m, row, column);
			show_cell(ns, block(ns, low, high), compact);
		}
		printf("\n");
	}
	if (high)
		printf("\n'%s' is %s and less, '%s' is %s; ", block(low, low, high),
		       text_ns(low), block(high, low, high + 1e-9), text_ns(high));
	printf("rows send, columns are sent to\n\n");
}

static void show_classes(struct matrix *m)
{
	struct class_sum c;
	int class;

	printf("%-8s %8s %10s %10s %10s %10s\n", "pairs", "number", "fastest",
	       "median", "slowest", "worst");
	for (class = 0; class < PAIR_CLASSES; class++) {
		c = sum_class(m, class);
		if (c.pairs)
			printf("%-8s %8u %10s %10s %10s %10s\n", pair_names[class],
			       c.pairs, text_ns(c.p50[0]), text_ns(median(&c)),
			       text_ns(c.p50[c.pairs - 1]), text_ns(c.max));
		free(c.p50);
	}
}

static void show_text(struct matrix *m)
{
	setting_text();
	printf("%s, time to %s in us, median of %u samples%s\n\n",
	       modes[m->mode].name, of_names[m->o->of], m->o->samples,
	       m->o->busy ? ", targets kept busy" : "");
	show_matrix(m);
	show_classes(m);
}

int cmd_matrix(struct opts *o)
{
	struct matrix m = { .fd = dev_open(), .o = o, .mode = mode_first(o->modes) };

	if (o->modes & (o->modes - 1))
		misuse("matrix takes one mode");
	if (!modes[m.mode].pairs || m.mode == M_DRY || m.mode == M_SELF)
		misuse("%s is not between two CPUs", modes[m.mode].name);
	if (o->idle && o->busy)
		misuse("matrix takes one state");
	setting_begin(m.fd);
	options_sets(o, m.fd);
	m.nr = o->cpus.nr;
	m.place = topology(&o->cpus);
	m.p50 = xcalloc(m.nr * m.nr, sizeof(double));
	m.max = xcalloc(m.nr * m.nr, sizeof(double));
	measure_all(&m);
	if (o->json)
		show_json(&m);
	else
		show_text(&m);
	return exit_status();
}
