// SPDX-License-Identifier: GPL-2.0
/* See topology.h. */
#include <stdlib.h>
#include <string.h>

#include "topology.h"
#include "util.h"

#define CACHES	10

const char *const pair_names[PAIR_CLASSES] = {
	"self", "smt", "llc", "node", "socket", "remote",
};

/* The first CPU of a list in a file, or -1. */
static int first_of(const char *list)
{
	struct cpus set = {};
	int cpu = -1;

	if (cpus_parse(&set, list))
		cpu = set.cpu[0];
	cpus_free(&set);
	return cpu;
}

/* The cache of the highest level, named by the first of its CPUs. */
static int find_llc(unsigned int cpu)
{
	static const char dir[] = "devices/system/cpu/cpu%u/cache/index%d/%s";
	int i, level, best = 1, llc = -1;

	for (i = 0; i < CACHES; i++) {
		level = atoi(sys_line(dir, cpu, i, "level"));
		if (level <= best)
			continue;
		best = level;
		llc = first_of(sys_line(dir, cpu, i, "shared_cpu_list"));
	}
	return llc;
}

static int find_node(unsigned int cpu)
{
	struct cpus nodes = {}, set = {};
	int node = 0;
	unsigned int i;

	if (cpus_parse(&nodes, sys_line("devices/system/node/online"))) {
		for (i = 0; i < nodes.nr; i++)
			if (cpus_parse(&set, sys_line("devices/system/node/node%u/cpulist",
						      nodes.cpu[i])) &&
			    cpus_has(&set, cpu))
				node = nodes.cpu[i];
	}
	cpus_free(&nodes);
	cpus_free(&set);
	return node;
}

/* What is not known is the CPU's own (the nearest), or one for all. */
static struct place find_place(unsigned int cpu)
{
	static const char dir[] = "devices/system/cpu/cpu%u/topology/%s";
	struct place p = { .cpu = cpu };

	p.smt = first_of(sys_line(dir, cpu, "thread_siblings_list"));
	if (p.smt < 0)
		p.smt = cpu;
	p.llc = find_llc(cpu);
	if (p.llc < 0)
		p.llc = p.smt;
	p.node = find_node(cpu);
	p.socket = atoi(sys_line(dir, cpu, "physical_package_id"));
	return p;
}

static int compare(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return x->socket != y->socket ? x->socket - y->socket :
	       x->node != y->node ? x->node - y->node :
	       x->llc != y->llc ? x->llc - y->llc :
	       x->smt != y->smt ? x->smt - y->smt : (int)x->cpu - (int)y->cpu;
}

/* By nodes, else by caches, unless each core has its own, else by sockets. */
static void find_groups(struct place *places, unsigned int nr)
{
	bool nodes = false, llcs = false, shared = false;
	unsigned int i;
	struct place *p;

	for (i = 1; i < nr; i++) {
		nodes |= places[i].node != places[0].node;
		llcs |= places[i].llc != places[0].llc;
		shared |= places[i].llc == places[i - 1].llc &&
			  places[i].smt != places[i - 1].smt;
	}
	llcs &= shared;
	for (p = places; p < places + nr; p++) {
		p->group = nodes ? p->node : llcs ? p->llc : p->socket;
		p->group_kind = nodes ? "node" : llcs ? "llc" : "socket";
	}
}

struct place *topology(const struct cpus *set)
{
	struct place *places = xcalloc(set->nr, sizeof(*places));
	unsigned int i;

	for (i = 0; i < set->nr; i++)
		places[i] = find_place(set->cpu[i]);
	qsort(places, set->nr, sizeof(*places), compare);
	find_groups(places, set->nr);
	return places;
}

enum pair_class pair_class(const struct place *a, const struct place *b)
{
	if (a->cpu == b->cpu)
		return SELF;
	if (a->smt == b->smt)
		return SMT;
	if (a->llc == b->llc)
		return LLC;
	if (a->node == b->node && a->socket == b->socket)
		return NODE;
	return a->socket == b->socket ? SOCKET : REMOTE;
}

enum pair_class pair_class_of(unsigned int a, unsigned int b)
{
	struct place x = find_place(a), y = find_place(b);

	return pair_class(&x, &y);
}
