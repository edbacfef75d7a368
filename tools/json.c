// SPDX-License-Identifier: GPL-2.0
/* See json.h. */
#include <math.h>
#include <stdio.h>

#include "json.h"
#include "util.h"

#define DEPTH	16

static char closing[DEPTH];
static bool first[DEPTH];
static unsigned int depth;

/* Bytes of the UTF-8 character, shortest form; 0 if there is none. */
static size_t utf8_length(const unsigned char *p)
{
	static const struct {
		unsigned char first, last, second_least, second_most;
		size_t length;
	} forms[] = {
		{ 0x00, 0x7f, 0, 0, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		/* Without halves of UTF-16. */
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};
	size_t i = 0, n;

	while (*p < forms[i].first || *p > forms[i].last)
		if (++i == ARRAY_LEN(forms))
			return 0;
	if (forms[i].length > 1 &&
	    (p[1] < forms[i].second_least || p[1] > forms[i].second_most))
		return 0;
	for (n = 2; n < forms[i].length; n++)
		if ((p[n] & 0xc0) != 0x80)
			return 0;
	return forms[i].length;
}

/* File names may have any bytes, JSON may not. */
static void quoted(const char *text)
{
	size_t length;

	putchar('"');
	for (; *text; text += length ? length : 1) {
		unsigned char c = *text;

		length = utf8_length((const unsigned char *)text);
		if (!length)
			printf("\\ufffd");
		else if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < ' ' || c == 0x7f)
			printf("\\u%04x", c);
		else
			fwrite(text, length, 1, stdout);
	}
	putchar('"');
}

static void before(const char *key)
{
	if (depth && !first[depth - 1])
		putchar(',');
	if (depth)
		first[depth - 1] = false;
	if (!key)
		return;
	quoted(key);
	putchar(':');
}

void json_open(const char *key, char bracket)
{
	before(key);
	putchar(bracket);
	closing[depth] = bracket == '{' ? '}' : ']';
	first[depth++] = true;
}

void json_close(void)
{
	putchar(closing[--depth]);
	if (!depth)
		putchar('\n');
}

void json_str(const char *key, const char *text)
{
	before(key);
	quoted(text);
}

/* Numbers here are counts, nanoseconds, rates and fractions. */
void json_num(const char *key, double number)
{
	before(key);
	if (!isfinite(number))
		printf("null");
	else if (number == floor(number) && fabs(number) < 1e15)
		printf("%.0f", number);
	else
		printf("%.6g", number);
}

void json_bool(const char *key, bool value)
{
	before(key);
	printf("%s", value ? "true" : "false");
}
