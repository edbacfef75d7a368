// SPDX-License-Identifier: GPL-2.0
/* See json.h. Each skip_*() returns what follows, or NULL. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

#define DEPTH_MAX	32

static const char *skip_value(const char *p, int depth);

static const char *skip_space(const char *p)
{
	return p + strspn(p, " \t\r\n");
}

static const char *skip_string(const char *p)
{
	int i;

	if (*p++ != '"')
		return NULL;
	for (; *p != '"'; p++) {
		if ((unsigned char)*p < ' ')
			return NULL;
		if (*p != '\\')
			continue;
		p++;
		if (!*p || !strchr("\"\\/bfnrtu", *p))
			return NULL;
		for (i = 0; *p == 'u' && i < 4; i++)
			if (!isxdigit((unsigned char)p[1 + i]))
				return NULL;
	}
	return p + 1;
}

static const char *skip_digits(const char *p)
{
	size_t n = strspn(p, "0123456789");

	return n ? p + n : NULL;
}

static const char *skip_number(const char *p)
{
	p += *p == '-';
	if (*p == '0' && isdigit((unsigned char)p[1]))
		return NULL;
	p = skip_digits(p);
	if (p && *p == '.')
		p = skip_digits(p + 1);
	if (p && (*p == 'e' || *p == 'E')) {
		p++;
		p = skip_digits(p + (*p == '+' || *p == '-'));
	}
	return p;
}

static const char *skip_word(const char *p)
{
	static const char *const words[] = { "true", "false", "null" };
	size_t i;

	for (i = 0; i < 3; i++)
		if (!strncmp(p, words[i], strlen(words[i])))
			return p + strlen(words[i]);
	return NULL;
}

/* A name and its colon. */
static const char *skip_name(const char *p)
{
	p = skip_string(p);
	if (!p)
		return NULL;
	p = skip_space(p);
	return *p == ':' ? skip_space(p + 1) : NULL;
}

static const char *skip_list(const char *p, int depth)
{
	char end = *p == '{' ? '}' : ']';

	p = skip_space(p + 1);
	if (*p == end)
		return p + 1;
	for (;;) {
		if (end == '}')
			p = skip_name(p);
		if (p)
			p = skip_value(p, depth + 1);
		if (!p)
			return NULL;
		p = skip_space(p);
		if (*p == end)
			return p + 1;
		if (*p != ',')
			return NULL;
		p = skip_space(p + 1);
	}
}

static const char *skip_value(const char *p, int depth)
{
	if (depth > DEPTH_MAX)
		return NULL;
	if (*p == '{' || *p == '[')
		return skip_list(p, depth);
	if (*p == '"')
		return skip_string(p);
	if (*p == '-' || isdigit((unsigned char)*p))
		return skip_number(p);
	return skip_word(p);
}

bool json_valid(const char *text)
{
	const char *p = skip_value(skip_space(text), 0);

	return p && !*skip_space(p);
}

/* The value of a member or element. */
static const char *enter(const char *p, const char *name, size_t len)
{
	char end = *p == '{' ? '}' : ']';
	long index = end == ']' ? strtol(name, NULL, 10) : -1;
	bool hit;

	if (*p != '{' && *p != '[')
		return NULL;
	for (p = skip_space(p + 1); *p != end; p = skip_space(p + (*p == ','))) {
		hit = !index--;
		if (end == '}') {
			hit = !strncmp(p + 1, name, len) && p[1 + len] == '"';
			p = skip_name(p);
		}
		if (hit)
			return p;
		p = skip_space(skip_value(p, 0));
	}
	return NULL;
}

const char *json_at(const char *text, const char *path)
{
	const char *p = skip_space(text);
	size_t len;

	for (; p && *path; path += len + !!path[len]) {
		len = strcspn(path, ".");
		p = enter(p, path, len);
	}
	return p;
}

double json_number(const char *text, const char *path)
{
	const char *p = json_at(text, path);

	return p && skip_number(p) ? strtod(p, NULL) : NAN;
}

bool json_is(const char *text, const char *path, const char *value)
{
	const char *p = json_at(text, path);
	size_t len = strlen(value);

	if (!p)
		return false;
	if (*p == '"')
		return !strncmp(p + 1, value, len) && p[1 + len] == '"';
	return !strncmp(p, value, len);
}

int json_length(const char *text, const char *path)
{
	const char *p = json_at(text, path);
	int n = 0;

	if (!p || *p != '[')
		return -1;
	for (p = skip_space(p + 1); *p != ']'; n++) {
		p = skip_space(skip_value(p, 0));
		p = skip_space(p + (*p == ','));
	}
	return n;
}
