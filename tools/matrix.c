// SPDX-License-Identifier: GPL-2.0
/* ipixctl matrix: each CPU to each other. See ipixctl(1). */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "device.h"
#include "digest.h"
#include "json.h"
#include "load.h"
#include "matrix.h"
#include "modes.h"
#include "remarks.h"
#include "setting.h"
#include "summary.h"
#include "util.h"

double *matrix_cell(double *table, const struct matrix *m, unsigned int row,
		    unsigned int column)
{
	return &table[row * m->nr + column];
}

static double middle(const struct summary *s, const struct opts *o)
{
	return o->samples == 1 ? s->min : s->p[P50];
}

/* A pair that cannot be measured stays without a number. */
static void measure_pair(struct matrix *m, unsigned int row, unsigned int column,
			 struct ipi_xcall_sample *s)
{
	unsigned int target = m->place[column].cpu;
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
	struct taken t = {};
	struct digest d;

	if (m->o->busy)
		load_start(&set, req.source);
	t = dev_measure(m->fd, &req, s, m->o->samples);
	if (m->o->busy)
		load_stop();
	setting_lingering(req.lingering);
	if (t.err && t.err != -ENXIO)
		die("CPU %u to %u: %s", req.source, target, measure_error(t.err));
	m->held[row] = t.held;
	m->ns[row] += t.ns;
	m->waited_ns[row] += t.waited_ns;
	d = digest_make(s, t.nr, 1, target == req.source);
	/* Half a pair is none: in a matrix it would look like a whole one. */
	if (t.nr < m->o->samples) {
		m->offline += t.err == -ENXIO;
	} else if (m->o->of != OF_ACK && d.clocks_differ) {
		m->differing++;
	} else {
		*matrix_cell(m->p50, m, row, column) = middle(&d.of[m->o->of], m->o);
		*matrix_cell(m->max, m, row, column) = d.of[m->o->of].max;
	}
	digest_free(&d);
}

/* Pairs without a number, and why. */
static void say_what_lacks(const struct matrix *m)
{
	unsigned int row, pairs = m->nr * m->nr;

	if (m->offline)
		lacks("%u of %u pairs have no number: a CPU is offline", m->offline, pairs);
	if (m->differing)
		lacks("%u of %u pairs have no number: the clocks of the CPUs differ (try --of ack)",
		      m->differing, pairs);
	for (row = 0; row < m->nr && !interrupted; row++) {
		if (m->held[row])
			lacks("pairs are missing: %s",
			      taken_why(&(struct taken){ .held = true }, m->place[row].cpu));
		else
			starved_note(m->place[row].cpu, m->waited_ns[row], m->ns[row]);
	}
}

static void measure_all(struct matrix *m)
{
	struct ipi_xcall_sample *s = xcalloc(m->o->samples, sizeof(*s));
	unsigned int row, column, pairs = m->nr * m->nr, i;

	for (i = 0; i < pairs; i++)
		m->p50[i] = NAN;
	memcpy(m->max, m->p50, pairs * sizeof(double));
	m->held = xcalloc(m->nr, sizeof(*m->held));
	m->ns = xcalloc(m->nr, sizeof(*m->ns));
	m->waited_ns = xcalloc(m->nr, sizeof(*m->waited_ns));
	for (row = 0; row < m->nr && !interrupted; row++) {
		for (column = 0; column < m->nr && !interrupted && !m->held[row]; column++) {
			progress("matrix", row * m->nr + column, pairs);
			measure_pair(m, row, column, s);
		}
	}
	progress_end();
	free(s);
	say_what_lacks(m);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

struct class_sum matrix_class(struct matrix *m, enum pair_class class)
{
	struct class_sum c = { .p50 = xcalloc(m->nr * m->nr, sizeof(double)) };
	unsigned int row, column;
	double p50, max;

	for (row = 0; row < m->nr; row++) {
		for (column = 0; column < m->nr; column++) {
			p50 = *matrix_cell(m->p50, m, row, column);
			max = *matrix_cell(m->max, m, row, column);
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

double class_median(const struct class_sum *c)
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
		c = matrix_class(m, class);
		if (c.pairs) {
			json_open(NULL, '{');
			json_str("class", pair_names[class]);
			json_num("pairs", c.pairs);
			json_num("p50", class_median(&c));
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
	char name[32];

	json_open("groups", '[');
	for (first = 0; first < m->nr; first = i) {
		for (i = first + 1; i < m->nr; i++)
			if (m->place[i].group != m->place[first].group)
				break;
		snprintf(name, sizeof(name), "%s %d", m->place[first].group_kind,
			 m->place[first].group);
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
			json_num(NULL, *matrix_cell(m->p50, m, row, column));
		json_close();
	}
	json_close();
	json_classes(m);
	json_groups(m);
	json_close();
}

static void show_class(const char *name, const struct class_sum *c, bool narrow)
{
	printf("%-7s ", name);
	if (!narrow)
		printf("%8u %10s ", c->pairs, text_ns(c->p50[0]));
	printf("%9s %10s %10s\n", text_ns(class_median(c)),
	       text_ns(c->p50[c->pairs - 1]), text_ns(c->max));
}

static void show_classes(struct matrix *m)
{
	bool narrow = columns() < 60;
	struct class_sum c;
	int class;

	printf("%-7s ", "pairs");
	if (!narrow)
		printf("%8s %10s ", "number", "fastest");
	printf("%9s %10s %10s\n", "median", "slowest", "worst");
	for (class = 0; class < PAIR_CLASSES; class++) {
		c = matrix_class(m, class);
		if (c.pairs)
			show_class(pair_names[class], &c, narrow);
		free(c.p50);
	}
}

static void show_text(struct matrix *m)
{
	char what[40] = "a single sample";

	setting_text();
	if (m->o->samples > 1)
		snprintf(what, sizeof(what), "median of %u samples", m->o->samples);
	wrapped("%s, time to %s in us, %s%s", modes[m->mode].name, of_names[m->o->of],
		what, m->o->busy ? ", targets kept busy" : "");
	printf("\n");
	grid_show(m);
	show_classes(m);
	remarks_text();
}

/* Of each pair there is nothing but the median. */
static void note_few(const struct opts *o)
{
	if (o->samples == 1)
		note("one sample of each pair is no median");
	else if (o->samples < 2 * FEW)
		note("medians of %u samples have fewer than %d on each side", o->samples, FEW);
}

int cmd_matrix(struct opts *o)
{
	struct matrix m = { .fd = dev_open(), .o = o, .mode = mode_first(o->modes) };
	struct ipi_xcall_info info;

	if (o->modes & (o->modes - 1))
		misuse("matrix takes one mode");
	if (o->idle && o->busy)
		misuse("matrix takes one state");
	info = dev_info(m.fd);
	setting_begin(&info);
	options_sets(o, info.cpu_ids);
	m.nr = o->cpus.nr;
	m.place = topology(&o->cpus);
	m.p50 = xcalloc(m.nr * m.nr, sizeof(double));
	m.max = xcalloc(m.nr * m.nr, sizeof(double));
	measure_all(&m);
	note_few(o);
	clock_note();
	if (o->json)
		show_json(&m);
	else
		show_text(&m);
	return exit_status();
}
