/* SPDX-License-Identifier: GPL-2.0 */
/* What the user wants. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>

#include "cpus.h"

/* The times of a sample. */
enum of { OF_START, OF_END, OF_ACK, OFS };
extern const char *const of_names[OFS];

struct opts {
	bool json, linger, compact, numbers, force;
	unsigned int samples, count, seconds, repeat;
	unsigned int modes;		/* bits, by index in modes[] */
	bool modes_given, target_given, of_given;
	struct cpus cpus, source, target;
	bool idle, busy;
	unsigned int period_ns, delay_cpu, delay_ns;
	enum of of;
	double *rates;
	unsigned int nr_rates;
	unsigned int interval_ms;
	double threshold;		/* a fraction */
	int argc;			/* what is left */
	char **argv;
};

/* Bits of the commands that take an option. */
enum command_bit {
	LIST = 1, TRIGGER = 2, CALL = 4, STATS = 8, WATCH = 16, MEASURE = 32,
	MATRIX = 64, STORM = 128, COMPARE = 256,
};

struct command {
	const char *name, *args, *what;
	int min_args, max_args;
	unsigned int bit;
	unsigned int takes, modes;	/* those it knows, and default ones */
	int (*run)(struct opts *o);
};

/* What a CPULIST looks like, for who wrote another. */
#define CPULIST_FORM	"as 0-3,7, or all"

/* Options may stand before and after what is none; "--" ends them. */
void options_parse(struct opts *o, const struct command *c, int argc, char **argv);
void options_help(const struct command *c);
/* Ends the program if one that is named cannot be: CPUs are numbered below @ids. */
void options_possible(const struct opts *o, unsigned int ids);
/*
 * Fills in the CPUs to use, and those to send to, where none are named, and
 * ends the program if there are none, or as above.
 */
void options_sets(struct opts *o, unsigned int ids);
/* Ends the program if a source or target is offline. */
void options_need_online(const struct opts *o);
/* Are all CPUs targets, as those of a broadcast have to be? */
bool options_cover_all(const struct opts *o);
#define NOT_ALL	"a broadcast interrupts all CPUs, and not all of them are targets"

#endif /* OPTIONS_H */
