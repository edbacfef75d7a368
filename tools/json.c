// SPDX-License-Identifier: GPL-2.0
/* See json.h. */
#include <math.h>
#include <stdio.h>

#include "json.h"

#define DEPTH	16

static char closing[DEPTH];
static bool first[DEPTH];
static unsigned int depth;

static void quoted(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		unsigned char c = *text;

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < ' ' || c == 0x7f)
			printf("\\u%04x", c);
		else
			putchar(c);
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
