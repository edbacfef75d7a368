// SPDX-License-Identifier: GPL-2.0
/*
 * A random program against the ioctl ABI: many threads on a few files, files
 * that are closed under way, children that are killed, and CPUs that come and
 * go. It knows what may come back: each error must be one that the command
 * documents, each answer must make sense, and in the end nothing may be left
 * and the counters must balance.
 *
 * usage: abi_fuzz [SECONDS [SEED]]	(default: $FUZZ_SECONDS or 30, the time)
 *
 * The same seed makes the same calls in each thread; how threads mix differs.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "kselftest.h"
#include "helpers.h"
#include "abi.h"

#define THREADS		12
#define FILES		4
#define TICKETS		64
#define IDS		8
#define WATCHDOG	240
#define EXPEDITED	"/sys/kernel/rcu_expedited"

/* A file is replaced by dup2(): its number always stands for one of ours. */
struct shared_file {
	int fd;
	__u32 ids[IDS];
	__u32 tickets[TICKETS];
};

static struct shared_file files[FILES];
static bool stop;
static unsigned int cpus;	/* possible */
static unsigned int ids;	/* above every one of them */
static size_t page;
static bool is_possible[ABI_CPUS];
static unsigned long children, switches;
static int failed;

struct worker {
	pthread_t thread;
	uint64_t random;
	unsigned long calls, successes;
	bool spoilt;		/* what was sent last is not what was meant */
	int eventfd;
	char *low;		/* two pages that end in no man's land */
	char *high;
	char *read_only;
};

static void complain(const char *what, long a, long b)
{
	if (__sync_fetch_and_add(&failed, 1) < 20)
		ksft_print_msg("%s: %ld, %ld\n", what, a, b);
}

static bool stopped(void)
{
	return __atomic_load_n(&stop, __ATOMIC_ACQUIRE);
}

/* ----- chance ----- */

static uint64_t next(struct worker *w)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return w->random;
}

static unsigned int below(struct worker *w, unsigned int n)
{
	return (next(w) >> 16) % n;
}

static bool chance(struct worker *w, unsigned int percent)
{
	return below(w, 100) < percent;
}

/* Numbers that tend to be wrong. */
static uint64_t odd_number(struct worker *w)
{
	static const uint64_t odd[] = {
		0, 1, 2, 7, 31, 32, 33, 63, 64, 65, 255, 4095, 4096, 4097,
		0x7fffffff, 0x80000000, 0xffffffff, 1ULL << 32, 1ULL << 63,
		~0ULL - 1, ~0ULL,
	};

	return chance(w, 50) ? odd[below(w, ABI_ARRAY(odd))] :
			       next(w) >> below(w, 64);
}

/* Room for @size bytes: good, or none, or not all of it, or not to be written. */
static void *place(struct worker *w, char *map, size_t size)
{
	size = size < 2 * page ? size : 2 * page;
	switch (below(w, 100)) {
	case 0:
		return NULL;
	case 1:
		return map + 2 * page - below(w, size + 1);
	case 2:
		return w->read_only;
	case 3:
		return (void *)(-1L - (long)below(w, page));
	case 4:
		return map + below(w, 64);
	default:
		return map + 2 * page - size;
	}
}

/* ----- the commands ----- */

static const int common[] = { EFAULT, EINVAL, E2BIG, ENOMEM, EINTR };

/* What a command may return beside those in common[]; some of it is above 1000 on MIPS. */
struct errors {
	bool known;
	int err[4];
};

#define MAY(NAME, ...)							\
	[_IOC_NR(IPI_XCALL_IOC_##NAME)] = { .known = true, .err = { __VA_ARGS__ } }

static const struct errors errors[] = {
	MAY(INFO, 0),
	MAY(REGISTER, EBADF, ENOSPC, EDQUOT),
	MAY(UNREGISTER, ENOENT),
	MAY(TRIGGER, ENOENT, ENXIO),
	MAY(CALL, ENXIO, ENOSPC, EDQUOT),
	MAY(WAIT, ENOENT, ETIMEDOUT),
	MAY(ABANDON, ENOENT),
	MAY(SLOT, ENOENT),
	MAY(STATS, 0),
	MAY(RESET, 0),
	MAY(MEASURE, ENXIO, ENOSPC, EDQUOT),
};

static bool is_among(int err, const int *list, unsigned int nr)
{
	while (nr--)
		if (list[nr] == err)
			return true;
	return false;
}

static bool documented(unsigned int cmd, int err)
{
	const struct errors *e = &errors[_IOC_NR(cmd)];

	return e->known && (is_among(err, common, ABI_ARRAY(common)) ||
			    is_among(err, e->err, ABI_ARRAY(e->err)));
}

/*
 * Sends @s, of @size bytes; now and then something is wrong with it. Pointers
 * within it are not touched, lest the kernel writes to where we live.
 */
static int send_it(struct worker *w, int fd, unsigned int cmd, void *s,
		   size_t size, size_t pointer)
{
	char *to = w->low + 2 * page - size;
	size_t at;
	int ret;

	*(__u32 *)s = size;
	w->spoilt = false;
	if (chance(w, 10)) {
		to = place(w, w->low, size);
		at = below(w, size);
		if (chance(w, 50) && (at < pointer || at >= pointer + 8)) {
			((char *)s)[at] = chance(w, 50) ? (char)next(w) :
					  1 << below(w, 8);
			w->spoilt = true;
		}
		if (chance(w, 20))
			*(__u32 *)s = odd_number(w);
	}
	/* What there is of it: one that says it is shorter may end with the page. */
	if (to >= w->low && to < w->low + 2 * page) {
		if (to + size > w->low + 2 * page)
			size = w->low + 2 * page - to;
		memcpy(to, s, size);
	}
	w->calls++;
	ret = ioctl(fd, cmd, to) ? errno : 0;
	if (ret) {
		if (!documented(cmd, ret))
			complain("error that is not documented", _IOC_NR(cmd), ret);
		return -ret;
	}
	memcpy(s, to, size);
	w->successes++;
	return 0;
}

#define SEND(w, fd, NAME, s, member)					\
	send_it(w, fd, IPI_XCALL_IOC_##NAME, s, sizeof(*(s)),		\
		offsetof(typeof(*(s)), member))

static struct ipi_xcall_target target(struct worker *w)
{
	struct ipi_xcall_target t = { .to = below(w, 4) };
	unsigned int words = 1 + below(w, chance(w, 5) ? 1025 : 4);
	unsigned int room = 2 * page / sizeof(__u64), cpu;
	__u64 *mask;

	room = room < 1024 ? room : 1024;

	if (t.to == IPI_XCALL_TO_CPU)
		t.cpu = chance(w, 95) ? below(w, ids) : odd_number(w);
	if (t.to != IPI_XCALL_TO_SET)
		return t;
	mask = (__u64 *)(w->high + 2 * page) - (words < room ? words : room);
	memset(mask, 0, w->high + 2 * page - (char *)mask);
	for (cpu = 0; cpu < ids && cpu / 64 < words; cpu++)
		if (is_possible[cpu] && chance(w, 50))
			mask_add(mask, cpu);
	if (chance(w, 3))
		mask[below(w, 4) % words] = next(w);
	t.mask_words = words;
	t.mask = chance(w, 97) ? ABI_PTR(mask) : ABI_PTR(place(w, w->high, 64));
	return t;
}

static __u32 some_id(struct worker *w, const struct shared_file *f)
{
	return chance(w, 97) ? f->ids[below(w, IDS)] : odd_number(w);
}

static __u32 some_delay(struct worker *w)
{
	return chance(w, 90) ? 0 : chance(w, 90) ? below(w, 20000) :
	       chance(w, 90) ? below(w, IPI_XCALL_DELAY_MAX_NS) : odd_number(w);
}

static void fuzz_info(struct worker *w, struct shared_file *f)
{
	struct ipi_xcall_info i = {};

	if (!SEND(w, f->fd, INFO, &i, slots_kernel) && i.abi != IPI_XCALL_ABI)
		complain("info", i.abi, 0);
}

static void fuzz_register(struct worker *w, struct shared_file *f)
{
	struct ipi_xcall_register r = { .kind = below(w, 4) };

	if (chance(w, 5))
		r.kind = odd_number(w);
	if (r.kind == IPI_XCALL_DELAY)
		r.delay_ns = some_delay(w);
	if (r.kind == IPI_XCALL_EVENTFD)
		r.eventfd = chance(w, 90) ? w->eventfd : (int)odd_number(w);
	if (SEND(w, f->fd, REGISTER, &r, id))
		return;
	if (!r.id || r.id > 32)
		complain("id", r.id, 0);
	f->ids[below(w, IDS)] = r.id;
}

static void fuzz_unregister(struct worker *w, struct shared_file *f)
{
	struct ipi_xcall_unregister u = { .id = some_id(w, f) };

	SEND(w, f->fd, UNREGISTER, &u, reserved);
}

static void fuzz_trigger(struct worker *w, struct shared_file *f)
{
	struct ipi_xcall_trigger t = { .target = target(w), .id = some_id(w, f) };

	if (SEND(w, f->fd, TRIGGER, &t, target.mask))
		return;
	if (t.marked + t.offline > cpus || t.coalesced + t.kicked > t.marked)
		complain("verdict", t.marked, t.offline);
}

static void check_times(struct worker *w, const struct ipi_xcall_time *t,
			unsigned int nr)
{
	unsigned int i;

	(void)w;
	for (i = 0; i < nr; i++)
		if (t[i].cpu >= ids || t[i].posted_ns > t[i].started_ns ||
		    t[i].started_ns > t[i].ended_ns ||
		    t[i].ended_ns > t[i].acked_ns)
			complain("times", t[i].cpu, i);
}

static void fuzz_call(struct worker *w, struct shared_file *f)
{
	struct ipi_xcall_call c = {
		.target = target(w), .delay_ns = some_delay(w),
	};
	struct ipi_xcall_time t[ABI_CPUS];
	unsigned int room = 2 * page / sizeof(*t);
	bool ours;

	room = cpus < room ? cpus : room;

	/* The mask may lie at the end of the same pages. */
	if (chance(w, 30)) {
		c.nr_times = chance(w, 90) ? room : (__u32)odd_number(w);
		c.times = chance(w, 90) ? ABI_PTR(w->high) :
			  ABI_PTR(place(w, w->high, room * sizeof(*t)));
	}
	ours = c.times == ABI_PTR(w->high) && c.nr_times >= room;
	/* What the pointer is changed to is not ours to choose. */
	if (SEND(w, f->fd, CALL, &c, times))
		return;
	if (c.called + c.offline > cpus)
		complain("called", c.called, c.offline);
	if (!ours || w->spoilt || c.flags || c.record_size)
		return;
	if (c.nr_times > c.called)
		complain("ran", c.nr_times, c.called);
	memcpy(t, w->high, room * sizeof(*t));
	check_times(w, t, c.nr_times < room ? c.nr_times : room);
}

static void fuzz_post(struct worker *w, struct shared_file *f)
{
	struct ipi_xcall_call c = {
		.flags = IPI_XCALL_CALL_POST, .target = target(w),
		.delay_ns = some_delay(w),
	};

	if (!SEND(w, f->fd, CALL, &c, times) && c.flags & IPI_XCALL_CALL_POST)
		f->tickets[below(w, TICKETS)] = c.ticket;
}

static void fuzz_wait(struct worker *w, struct shared_file *f)
{
	struct ipi_xcall_wait t = {
		.ticket = chance(w, 97) ? f->tickets[below(w, TICKETS)] :
			  odd_number(w),
		.timeout_ns = chance(w, 50) ? IPI_XCALL_FOREVER : odd_number(w),
	};

	if (chance(w, 50)) {
		t.nr_times = chance(w, 90) ? cpus : (__u32)odd_number(w);
		t.times = ABI_PTR(place(w, w->high, cpus * sizeof(struct ipi_xcall_time)));
	}
	if (!SEND(w, f->fd, WAIT, &t, times) && t.nr_times > t.called)
		complain("waited", t.nr_times, t.called);
}

static void fuzz_abandon(struct worker *w, struct shared_file *f)
{
	struct ipi_xcall_abandon a = {
		.ticket = f->tickets[below(w, TICKETS)],
	};

	if (!SEND(w, f->fd, ABANDON, &a, prevented) && a.prevented > cpus)
		complain("prevented", a.prevented, 0);
}

static void fuzz_slot(struct worker *w, struct shared_file *f)
{
	struct ipi_xcall_slot s = { .id = some_id(w, f), .nr_cpus = cpus };

	s.cpus = ABI_PTR(place(w, w->high, cpus * sizeof(struct ipi_xcall_slot_cpu)));
	if (!SEND(w, f->fd, SLOT, &s, cpus) && s.nr_cpus != cpus)
		complain("slot", s.nr_cpus, cpus);
}

static void fuzz_stats(struct worker *w, struct shared_file *f)
{
	struct ipi_xcall_stats s = { .flags = below(w, 2), .nr_cpus = cpus };

	s.cpus = ABI_PTR(place(w, w->high, cpus * sizeof(struct ipi_xcall_cpu_stats)));
	if (!SEND(w, f->fd, STATS, &s, cpus) && s.nr_cpus != cpus)
		complain("stats", s.nr_cpus, cpus);
}

static void fuzz_reset(struct worker *w, struct shared_file *f)
{
	struct { __u32 size, flags; } r = {};

	send_it(w, f->fd, IPI_XCALL_IOC_RESET, &r, sizeof(r), sizeof(r));
}

static void check_samples(const struct ipi_xcall_sample *s, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (!s[i].cpus || s[i].cpus > cpus || s[i].idle > s[i].cpus ||
		    s[i].start_ns > s[i].end_ns || s[i].end_ns > s[i].ack_ns)
			complain("sample", i, s[i].cpus);
}

static void fuzz_measure(struct worker *w, struct shared_file *f)
{
	struct ipi_xcall_measure m = {
		.flags = below(w, 4), .target = target(w), .mode = below(w, 8),
		.source = chance(w, 97) ? below(w, ids) : odd_number(w),
		.nr_samples = 1 + below(w, 15), .delay_ns = some_delay(w),
		.period_ns = chance(w, 50) ? 0 : below(w, 100000),
	};
	unsigned int room = m.nr_samples;

	if (m.mode == IPI_XCALL_MEASURE_DRY && chance(w, 90))
		m.target = to_cpu(0);
	if (m.delay_ns)
		m.delay_cpu = chance(w, 97) ? below(w, ids) : odd_number(w);
	/* A mask lies at the end of the same pages. */
	m.samples = chance(w, 97) ? ABI_PTR(w->high) :
		    ABI_PTR(place(w, w->high, room * 32));
	if (SEND(w, f->fd, MEASURE, &m, samples))
		return;
	if (!m.nr_samples || m.ended > IPI_XCALL_ENDED_OFFLINE)
		complain("measured", m.nr_samples, m.ended);
	if (!w->spoilt && m.samples == ABI_PTR(w->high) && m.nr_samples <= room &&
	    !m.record_size)
		check_samples((void *)w->high, m.nr_samples);
}

static void fuzz_poll(struct worker *w, struct shared_file *f)
{
	struct pollfd p = { .fd = f->fd, .events = POLLIN };
	uint64_t n;

	w->calls++;
	if (poll(&p, 1, below(w, 3)) < 0)
		complain("poll", errno, 0);
	if (read(w->eventfd, &n, sizeof(n)) < 0 && errno != EAGAIN)
		complain("eventfd", errno, 0);
}

/* Lest all that a new file sees for long is -ENOENT. */
static void populate(struct shared_file *f)
{
	unsigned int i;
	int id;

	for (i = 0; i < IDS; i++) {
		id = i < IDS / 2 ? abi_register(f->fd, i % 2) : -1;
		f->ids[i] = id > 0 ? (__u32)id : f->ids[i / 2];
	}
}

static void fuzz_reopen(struct worker *w, struct shared_file *f)
{
	int fd;

	if (chance(w, 80))
		return;
	w->calls++;
	fd = abi_open();
	if (fd < 0) {
		complain("open", fd, 0);
		return;
	}
	dup2(fd, f->fd);
	close(fd);
	populate(f);
}

/* Percentages. */
static const struct {
	unsigned int weight;
	void (*run)(struct worker *w, struct shared_file *f);
} operations[] = {
	{ 30, fuzz_trigger },	{ 15, fuzz_call },	{ 15, fuzz_post },
	{ 16, fuzz_wait },	{ 5, fuzz_abandon },	{ 4, fuzz_register },
	{ 2, fuzz_unregister },	{ 3, fuzz_slot },	{ 3, fuzz_stats },
	{ 1, fuzz_reset },	{ 2, fuzz_info },	{ 1, fuzz_poll },
	{ 1, fuzz_reopen },	{ 2, fuzz_measure },
};

static void one(struct worker *w)
{
	unsigned int n = below(w, 100), i;

	for (i = 0; n >= operations[i].weight; i++)
		n -= operations[i].weight;
	operations[i].run(w, &files[below(w, FILES)]);
}

/* ----- threads and children ----- */

static char *two_pages(int prot)
{
	char *map = mmap(NULL, 3 * page, prot, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);

	if (map == MAP_FAILED)
		ksft_exit_fail_msg("mmap: %s\n", strerror(errno));
	mprotect(map + 2 * page, page, PROT_NONE);
	return map;
}

static void prepare(struct worker *w, uint64_t seed)
{
	w->random = seed * 0x9e3779b97f4a7c15ULL | 1;
	w->eventfd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	w->low = two_pages(PROT_READ | PROT_WRITE);
	w->high = two_pages(PROT_READ | PROT_WRITE);
	w->read_only = two_pages(PROT_READ);
}

static void *work(void *arg)
{
	struct worker *w = arg;

	while (!stopped())
		one(w);
	return NULL;
}

/* Children have files of their own, and of the parent's, when they are killed. */
static void *sacrifice(void *arg)
{
	struct worker *w = arg;
	pid_t pid;

	while (!stopped()) {
		pid = fork();
		if (!pid) {
			files[0].fd = abi_open();
			files[1].fd = abi_open();
			for (;;)
				one(w);
		}
		if (pid < 0)
			break;
		sleep_ms(1 + below(w, 200));
		kill(pid, SIGKILL);
		if (child_status(pid) != -SIGKILL)
			complain("child", 0, 0);
		children++;
	}
	return NULL;
}

/* Those that were online at the start, but for the home CPU. */
static void *switch_cpus(void *arg)
{
	bool can = cpu_to_unplug() >= 0;
	unsigned int home = home_cpu();
	bool ours[ABI_CPUS];
	struct worker *w = arg;
	unsigned int cpu;
	int ret;

	for (cpu = 0; cpu < ABI_CPUS; cpu++)
		ours[cpu] = cpu < ids && cpu != home && cpu_is_online(cpu);
	while (!stopped() && can) {
		cpu = below(w, ids);
		if (!ours[cpu])
			continue;
		ret = cpu_set_online(cpu, below(w, 2));
		/* It has no switch. */
		if (ret == -EOPNOTSUPP)
			continue;
		if (ret)
			complain("hotplug", cpu, ret);
		switches++;
		sleep_ms(below(w, 50));
	}
	machine_restore();
	return NULL;
}

static void run(struct worker *w, unsigned int seconds)
{
	unsigned int i;

	for (i = 0; i < THREADS; i++)
		pthread_create(&w[i].thread, NULL, work, &w[i]);
	pthread_create(&w[THREADS].thread, NULL, sacrifice, &w[THREADS]);
	pthread_create(&w[THREADS + 1].thread, NULL, switch_cpus,
		       &w[THREADS + 1]);
	sleep_ms(seconds * 1000);
	__atomic_store_n(&stop, true, __ATOMIC_RELEASE);
	/* A thread that does not come back is a failure, not a hang. */
	alarm(WATCHDOG);
	for (i = 0; i < THREADS + 2; i++)
		pthread_join(w[i].thread, NULL);
	alarm(0);
}

static unsigned long number(const char *text, unsigned long other)
{
	return text && *text ? strtoul(text, NULL, 0) : other;
}

int main(int argc, char **argv)
{
	static struct worker w[THREADS + 2];
	unsigned long seconds, seed, calls = 0, successes = 0;
	char why[256];
	unsigned int i;
	bool balance;
	int64_t start;

	seconds = number(argc > 1 ? argv[1] : getenv("FUZZ_SECONDS"), 30);
	seed = number(argc > 2 ? argv[2] : getenv("FUZZ_SEED"), time(NULL));
	ksft_print_header();
	ksft_set_plan(3);
	ksft_print_msg("seed %lu, %lu seconds, %d threads\n", seed, seconds,
		       THREADS);
	page = sysconf(_SC_PAGESIZE);
	cpus = cpus_possible();
	ids = cpu_ids();
	if (ids > ABI_CPUS)
		ksft_exit_skip("for at most %d CPUs\n", ABI_CPUS);
	for (i = 0; i < ids; i++)
		is_possible[i] = cpu_is_possible(i);
	for (i = 0; i < FILES; i++) {
		files[i].fd = abi_open();
		if (files[i].fd < 0)
			ksft_exit_skip("no " ABI_DEV "\n");
		populate(&files[i]);
	}
	for (i = 0; i < THREADS + 2; i++)
		prepare(&w[i], seed + i);
	/* Most of the time would go by in grace periods. */
	setting_write(EXPEDITED, "1");
	start = now_ms();
	run(w, seconds);
	start = now_ms() - start;
	machine_restore();

	for (i = 0; i < THREADS; i++) {
		calls += w[i].calls;
		successes += w[i].successes;
	}
	ksft_print_msg("%lu calls, %lu of them successful, %lu calls/s\n",
		       calls, successes, calls * 1000 / (unsigned long)start);
	ksft_print_msg("%lu children killed, %lu CPU switches\n", children,
		       switches);
	ksft_test_result(!failed, "every answer is one of those documented\n");
	for (i = 0; i < FILES; i++)
		close(files[i].fd);
	ksft_test_result(!abi_slots_left(), "nothing is left\n");
	balance = stats_balance(why, sizeof(why));
	ksft_print_msg("%s\n", why);
	ksft_test_result(balance, "the counters balance\n");
	ksft_finished();
}
