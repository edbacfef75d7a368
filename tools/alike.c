// SPDX-License-Identifier: GPL-2.0
/* See alike.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alike.h"
#include "remarks.h"
#include "util.h"

/* What is about how the numbers came about must be the same on both sides. */
static const struct {
	const char *name;
	bool in_setting, must;
} members[] = {
	{ "kind", false, true },
	{ "of", false, true },
	{ "cpu_model", true, true },
	{ "machine", true, true },
	{ "clocksource", true, true },
	{ "online", true, true },
	{ "lingering", true, true },
	{ "period_ns", false, true },
	{ "kernel", true, false },
	{ "kernel_version", true, false },
	{ "hypervisor", true, false },
	{ "idle_driver", true, false },
	{ "isolated", true, false },
	{ "nohz_full", true, false },
	{ "module", true, false },
	{ "delay_ns", false, false },
	{ "samples", false, false },
};

static const char *value(const struct json *file, unsigned int i)
{
	static char texts[8][256];
	static unsigned int turn;
	char *text = texts[turn++ % 8];
	const struct json *v = json_get(members[i].in_setting ?
					json_get(file, "setting") : file, members[i].name);

	text[0] = '\0';
	if (v && v->type == JSON_STRING)
		snprintf(text, sizeof(texts[0]), "%s", v->text);
	else if (v && v->type == JSON_NUMBER)
		snprintf(text, sizeof(texts[0]), "%.15g", v->number);
	else if (v && v->type == JSON_BOOL)
		snprintf(text, sizeof(texts[0]), "%s", v->number ? "yes" : "no");
	return text;
}

static void check_side(const struct side *s)
{
	unsigned int f, i;

	for (f = 0; f < s->nr_files; f++) {
		for (i = 0; i < ARRAY_LEN(members); i++)
			if (strcmp(value(s->files[0], i), value(s->files[f], i)))
				misuse("%s and %s are no runs of the same: %s is '%s' and '%s'",
				       s->names[0], s->names[f], members[i].name,
				       value(s->files[0], i), value(s->files[f], i));
		if (json_get_length(s->files[f], "lacking"))
			note("%s is not whole: see its member 'lacking'", s->names[f]);
		if (json_get(s->files[f], "interrupted") &&
		    json_get(s->files[f], "interrupted")->number)
			note("%s was interrupted", s->names[f]);
	}
}

unsigned int check_alike(const struct side *before, const struct side *after,
			 bool force, struct differing **list)
{
	unsigned int i, n = 0;
	const char *b, *a;

	check_side(before);
	check_side(after);
	*list = xcalloc(ARRAY_LEN(members), sizeof(**list));
	for (i = 0; i < ARRAY_LEN(members); i++) {
		b = value(before->files[0], i);
		a = value(after->files[0], i);
		if (!strcmp(b, a))
			continue;
		if (members[i].must && !force)
			misuse("cannot compare: %s is '%s' before, '%s' after; see --force",
			       members[i].name, b, a);
		(*list)[n++] = (struct differing){ members[i].name, strdup(b), strdup(a) };
	}
	return n;
}
