/* SPDX-License-Identifier: GPL-2.0 */
/* What a reader has to know about a result besides its numbers. */
#ifndef REMARKS_H
#define REMARKS_H

#include <stdint.h>

/* It is whole, but not all that it might be taken for. */
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* It is not whole: a line on stderr, and the exit status says so, too. */
void lacks(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Of a CPU that sent for so long, and was others' for a part of it: notes it, and
 * counts it as lacking if that was the larger one.
 */
void starved_note(unsigned int cpu, uint64_t waited_ns, uint64_t ns);

/* Notes a clock in whose steps what is measured may vanish. */
void clock_note(void);

/* The members "lacking" and "notes". */
void remarks_json(void);
void remarks_text(void);
int exit_status(void);

#endif /* REMARKS_H */
