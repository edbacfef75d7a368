// SPDX-License-Identifier: GPL-2.0
/* For people. See ipixctl.h. */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "ipixctl.h"

uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

const char *text_ns(double ns)
{
	static const char *const unit[] = { "ns", "us", "ms", "s" };
	static char texts[8][32];
	static unsigned int turn;
	char *text = texts[turn++ % 8];
	int i = 0;

	for (; ns >= 999.5 && i < 3; i++)
		ns /= 1000;
	snprintf(text, sizeof(texts[0]), "%.*f %s",
		 !i || ns >= 99.95 ? 0 : ns >= 9.995 ? 1 : 2, ns, unit[i]);
	return text;
}

/* The line is written over and over, and wiped in the end. */
void progress(const char *what, unsigned int done, unsigned int of)
{
	static uint64_t last;
	uint64_t now = now_ns();

	if (!isatty(STDERR_FILENO) || now - last < 100000000)
		return;
	last = now;
	fprintf(stderr, "\r%s: %u of %u\033[K", what, done, of);
}

void progress_end(void)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K");
}
