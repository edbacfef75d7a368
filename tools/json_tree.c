// SPDX-License-Identifier: GPL-2.0
/* See json_tree.h. Each parse_*() returns what follows, or NULL. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json_tree.h"
#include "util.h"

#define DEPTH_MAX	32

static const char *parse_value(const char *p, struct json *v, int depth);

static const char *skip_space(const char *p)
{
	return p + strspn(p, " \t\r\n");
}

/* What is not ASCII and comes as a number is of no use here. */
static char unescape(const char **p)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;
	int i;

	if (**p == 'u') {
		for (i = 1; i <= 4; i++)
			if (!isxdigit((unsigned char)(*p)[i]))
				return '\0';
		*p += 4;
		return '?';
	}
	at = **p ? strchr(from, **p) : NULL;
	return at ? to[at - from] : '\0';
}

static const char *parse_string(const char *p, char **text)
{
	size_t n = 0;
	char c;

	if (*p++ != '"')
		return NULL;
	*text = xcalloc(strcspn(p, "\n") + 1, 1);
	for (; *p != '"'; p++) {
		if ((unsigned char)*p < ' ')
			return NULL;
		c = *p;
		if (c == '\\') {
			p++;
			c = unescape(&p);
			if (!c)
				return NULL;
		}
		(*text)[n++] = c;
	}
	*text = xrealloc(*text, n + 1, 1);
	return p + 1;
}

static const char *parse_member(const char *p, struct json *list, int depth)
{
	char *name = NULL;

	list->value = xrealloc(list->value, list->nr + 1, sizeof(*list->value));
	list->value[list->nr] = (struct json){};
	if (list->type == JSON_OBJECT) {
		p = parse_string(p, &name);
		if (!p)
			return NULL;
		p = skip_space(p);
		if (*p++ != ':')
			return NULL;
		list->name = xrealloc(list->name, list->nr + 1, sizeof(*list->name));
		list->name[list->nr] = name;
	}
	return parse_value(skip_space(p), &list->value[list->nr++], depth + 1);
}

static const char *parse_list(const char *p, struct json *v, int depth)
{
	char end = *p == '{' ? '}' : ']';

	v->type = *p == '{' ? JSON_OBJECT : JSON_ARRAY;
	p = skip_space(p + 1);
	if (*p == end)
		return p + 1;
	for (;;) {
		p = parse_member(p, v, depth);
		if (!p)
			return NULL;
		p = skip_space(p);
		if (*p == end)
			return p + 1;
		if (*p++ != ',')
			return NULL;
		p = skip_space(p);
	}
}

static const char *parse_number(const char *p, struct json *v)
{
	char *end;

	if (*p != '-' && !isdigit((unsigned char)*p))
		return NULL;
	v->type = JSON_NUMBER;
	v->number = strtod(p, &end);
	return end > p && isfinite(v->number) ? end : NULL;
}

static const char *parse_word(const char *p, struct json *v)
{
	static const char *const words[] = { "null", "false", "true" };
	int i;

	for (i = 0; i < 3; i++) {
		if (strncmp(p, words[i], strlen(words[i])))
			continue;
		v->type = i ? JSON_BOOL : JSON_NULL;
		v->number = i == 2;
		return p + strlen(words[i]);
	}
	return parse_number(p, v);
}

static const char *parse_value(const char *p, struct json *v, int depth)
{
	if (depth > DEPTH_MAX)
		return NULL;
	if (*p == '{' || *p == '[')
		return parse_list(p, v, depth);
	if (*p != '"')
		return parse_word(p, v);
	v->type = JSON_STRING;
	return parse_string(p, &v->text);
}

struct json *json_parse(const char *text)
{
	struct json *v = xcalloc(1, sizeof(*v));
	const char *p = parse_value(skip_space(text), v, 0);

	return p && !*skip_space(p) ? v : NULL;
}

const struct json *json_get(const struct json *object, const char *name)
{
	unsigned int i;

	if (!object || object->type != JSON_OBJECT)
		return NULL;
	for (i = 0; i < object->nr; i++)
		if (!strcmp(object->name[i], name))
			return &object->value[i];
	return NULL;
}

double json_get_number(const struct json *object, const char *name)
{
	const struct json *v = json_get(object, name);

	return v && v->type == JSON_NUMBER ? v->number : (double)NAN;
}

const char *json_get_text(const struct json *object, const char *name)
{
	const struct json *v = json_get(object, name);

	return v && v->type == JSON_STRING ? v->text : "";
}

unsigned int json_get_length(const struct json *object, const char *name)
{
	const struct json *v = json_get(object, name);

	return v && v->type == JSON_ARRAY ? v->nr : 0;
}
