/* SPDX-License-Identifier: GPL-2.0 */
/* Reads JSON. */
#ifndef JSON_TREE_H
#define JSON_TREE_H

#include <stddef.h>

struct json {
	enum { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } type;
	double number;		/* of a bool 0 or 1 */
	char *text;
	unsigned int nr;	/* elements or members */
	struct json *value;
	char **name;		/* of members */
};

/* All of a text; NULL if it is not JSON. */
struct json *json_parse(const char *text);
/* A member, or NULL. */
const struct json *json_get(const struct json *object, const char *name);
/* Of a member: NAN, "" or 0 elements if it is none of that type. */
double json_get_number(const struct json *object, const char *name);
const char *json_get_text(const struct json *object, const char *name);
unsigned int json_get_length(const struct json *object, const char *name);

#endif /* JSON_TREE_H */
