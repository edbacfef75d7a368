/* SPDX-License-Identifier: GPL-2.0 */
/* What all of ipixctl stands on: how it ends, memory, time, the terminal. */
#ifndef UTIL_H
#define UTIL_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_LEN(a)	(sizeof(a) / sizeof((a)[0]))

/* What main() returns; see ipixctl(1). */
#define EXIT_FAILED	1
#define EXIT_MISUSE	2
#define EXIT_LACKING	3
#define EXIT_SLOWER	4
#define EXIT_INTERRUPTED 130

/* One line on stderr, and out: something failed, or the user asked wrongly. */
void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
void misuse(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
/* One line on stderr. */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Ends the program unless standard output and error are open. */
void check_files(void);
/* Ends the program if what was printed cannot be written. */
void flush_output(void);

/* These end the program where there is no memory. */
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n, size_t size);
char *xstrdup(const char *text);

/* Set by SIGINT, SIGTERM and SIGHUP: finish with what there is. */
extern volatile sig_atomic_t interrupted;

uint64_t now_ns(void);
/* The step in which the clock advances, 1 if that is shorter than to read it. */
uint64_t clock_step_ns(void);

/* What makes a noun of so many. */
const char *plural(unsigned long long n);
/* A duration with its unit; lives until the eighth call from now. */
const char *text_ns(double ns);
/* Prints words in lines as wide as the terminal, all but the first indented. */
void print_wrapped(const char *first, const char *text);
unsigned int columns(void);
/* Prints one line of printf(), wrapped. */
void wrapped(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* A block as dark as a share from 0 to 1, or "?" for none. */
const char *shade(double share);

/*
 * A line on a terminal that is written over and over, and wiped in the end:
 * how many are done, and how much of the next one.
 */
void progress(const char *what, unsigned int done, unsigned int of);
void progress_part(double share);
void progress_end(void);

/* The first line of a file below /sys, or of any; "" if there is none. */
const char *sys_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
const char *file_line(const char *path);

#endif /* UTIL_H */
