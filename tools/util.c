// SPDX-License-Identifier: GPL-2.0
/* See util.h. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "util.h"

#define READS		100	/* of the clock, and its steps, that are looked at */
#define STEPS		3
#define SHADES		5
#define SHOW_NS		100000000	/* from one progress to the next */

volatile sig_atomic_t interrupted;

static void vsay(const char *fmt, va_list args)
{
	fflush(stdout);
	progress_end();
	fprintf(stderr, "ipixctl: ");
	vfprintf(stderr, fmt, args);
	fprintf(stderr, "\n");
}

void die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsay(fmt, args);
	exit(EXIT_FAILED);
}

void misuse(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsay(fmt, args);
	exit(EXIT_MISUSE);
}

void say(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsay(fmt, args);
	va_end(args);
}

/*
 * A file that is opened later would become the standard output, and what is
 * printed would be written into the device.
 */
void check_files(void)
{
	if (fcntl(STDERR_FILENO, F_GETFD) < 0)
		exit(EXIT_FAILED);
	if (fcntl(STDOUT_FILENO, F_GETFD) < 0)
		die("standard output is closed");
	if (fcntl(STDIN_FILENO, F_GETFD) < 0)
		open("/dev/null", O_RDONLY);
}

void flush_output(void)
{
	if (fflush(stdout) || ferror(stdout))
		die("cannot write the result: %s", strerror(errno));
	if (fflush(stderr) || ferror(stderr))
		exit(EXIT_FAILED);
}

void *xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);

	if (!p)
		die("out of memory");
	return p;
}

void *xrealloc(void *p, size_t n, size_t size)
{
	p = reallocarray(p, n ? n : 1, size);
	if (!p)
		die("out of memory");
	return p;
}

char *xstrdup(const char *text)
{
	return strcpy(xcalloc(strlen(text) + 1, 1), text);
}

uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* Reading the time takes a while, too: clocks that stand still meanwhile step. */
uint64_t clock_step_ns(void)
{
	static uint64_t step;
	uint64_t was = now_ns(), is, least = UINT64_MAX;
	unsigned int i, steps = 0, still = 0;

	for (i = 0; !step && (i < READS || (still && steps < STEPS)); i++, was = is) {
		is = now_ns();
		still += is == was;
		steps += is != was;
		if (is != was && is - was < least)
			least = is - was;
	}
	if (!step)
		step = still > READS / 2 ? least : 1;
	return step;
}

const char *plural(unsigned long long n)
{
	return n == 1 ? "" : "s";
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

void print_wrapped(const char *first, const char *text)
{
	unsigned int width = columns(), at = printf("%s", first);
	bool begun = *first;
	size_t len;

	while (*text) {
		len = strcspn(text, " ");
		if (at + 1 + len > width)
			at = printf("\n ") - 1;
		at += printf("%s%.*s", begun ? " " : "", (int)len, text);
		begun = true;
		text += len + strspn(text + len, " ");
	}
	printf("\n");
}

void wrapped(const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	print_wrapped("", text);
}

unsigned int columns(void)
{
	struct winsize w;
	const char *env = getenv("COLUMNS");

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) && w.ws_col)
		return w.ws_col;
	return env && atoi(env) > 0 ? atoi(env) : 80;
}

const char *shade(double share)
{
	static const char *const blocks[SHADES] = { " ", "░", "▒", "▓", "█" };

	if (isnan(share))
		return "?";
	return blocks[share <= 0 ? 0 : share >= 1 ? SHADES - 1 : (int)(share * SHADES)];
}

static void print_left(double seconds)
{
	if (seconds < 100)
		fprintf(stderr, ", %.0f s left", seconds);
	else if (seconds < 6000)
		fprintf(stderr, ", %.0f min left", seconds / 60);
	else
		fprintf(stderr, ", %.1f h left", seconds / 3600);
}

static struct {
	const char *what;
	unsigned int done, of;
	uint64_t began, last;
} shown;

void progress_part(double share)
{
	double done = shown.done + share;
	uint64_t now = now_ns();

	if (!shown.what || !isatty(STDERR_FILENO) || now - shown.last < SHOW_NS)
		return;
	shown.last = now;
	fprintf(stderr, "\r%s: %u of %u", shown.what, shown.done, shown.of);
	if (done > 0)
		print_left((now - shown.began) / 1e9 / done * (shown.of - done));
	fprintf(stderr, "\033[K");
}

void progress(const char *what, unsigned int done, unsigned int of)
{
	if (!done)
		shown.began = now_ns();
	shown.what = what;
	shown.done = done;
	shown.of = of;
	progress_part(0);
}

void progress_end(void)
{
	if (!shown.what)
		return;
	shown.what = NULL;
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K");
}

const char *file_line(const char *path)
{
	static char line[8192];
	FILE *f = fopen(path, "re");

	line[0] = '\0';
	if (!f)
		return line;
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	fclose(f);
	line[strcspn(line, "\n")] = '\0';
	return line;
}

const char *sys_line(const char *fmt, ...)
{
	const char *root = getenv("IPIXCTL_SYSFS");
	char path[4096];
	va_list args;
	int len;

	len = snprintf(path, sizeof(path) / 2, "%s/", root ? root : "/sys");
	va_start(args, fmt);
	vsnprintf(path + len, sizeof(path) - len, fmt, args);
	va_end(args);
	return file_line(path);
}
