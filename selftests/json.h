/* SPDX-License-Identifier: GPL-2.0 */
/* A strict reader of JSON, for tests: RFC 8259 and nothing beyond it. */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>

/* One value and nothing after it but white space. */
bool json_valid(const char *text);

/*
 * Where a value begins: members by name, elements by number, as in
 * "results.0.start"; NULL if there is none. The text is valid.
 */
const char *json_at(const char *text, const char *path);

/* The number there; NAN if it is none. */
double json_number(const char *text, const char *path);
/* Is there this text, or true, false or null? */
bool json_is(const char *text, const char *path, const char *value);
/* Elements of the array there; -1 if it is none. */
int json_length(const char *text, const char *path);

#endif /* JSON_H */
