// SPDX-License-Identifier: GPL-2.0
/*
 * The tracepoints: each event comes when it should, on the CPU where it should,
 * says what it should, and comes as often as the statistics say.
 *
 * All tests record in a trace instance of their own, by a clock that puts the
 * events of all CPUs into one order.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include "kselftest_harness.h"
#include "abi.h"
#include "helpers.h"

#define TRACEFS		"/sys/kernel/tracing/"
#define INSTANCE	TRACEFS "instances/ipi_xcall_test"
#define EVENTS		INSTANCE "/events/ipi_xcall/"
/* For all that a test records; that nothing was lost is checked. */
#define BUFFER_KB	"2048"
#define WAIT_MS		20000
/* Senders at once; on fewer CPUs, several on each. */
#define STORM_CPUS	4

/* As in the trace, from the name on: "ipi_kick: cpu=1". */
struct event {
	unsigned int cpu;
	char text[116];
};

/* What the last read_events() found. */
static size_t nr_events, max_events;
static struct event *events;

/* Those that a trigger and a call of another CPU bring, and the others. */
static const char *const usual[] = {
	"ipi_trigger", "ipi_post", "ipi_kick", "ipi_handler_entry",
	"ipi_handler_exit", "ipi_run_entry", "ipi_run_exit", "ipi_ack",
};

static const char *const unusual[] = {
	"ipi_mailbox_full", "ipi_linger", "ipi_stall",
};

/* ----- the instance ----- */

static int set_instance(const char *file, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), INSTANCE "/%s", file);
	return write_file(path, text);
}

static int set_event(const char *event, bool on)
{
	char path[128];

	snprintf(path, sizeof(path), EVENTS "%s%senable", event, *event ? "/" : "");
	return write_file(path, on ? "1" : "0");
}

static int set_all(bool on)
{
	return set_event("", on);
}

static int forget_events(void)
{
	FILE *f = fopen(INSTANCE "/trace", "we");

	return f ? fclose(f) : -1;
}

static bool have_tracefs(void)
{
	struct stat st;

	if (stat(TRACEFS "events", &st))
		mount("tracefs", TRACEFS, "tracefs", 0, NULL);
	return !stat(TRACEFS "events", &st);
}

static size_t nr_directories(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *d;
	size_t n = 0;

	while (dir && (d = readdir(dir)))
		n += d->d_type == DT_DIR && d->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return n;
}

/* ----- reading it ----- */

/* "COMM-PID [CPU] FLAGS TIME: NAME: FIELDS", of which a comm may hold anything. */
static bool parse_event(char *line, struct event *e)
{
	char *name = strstr(line, ": ipi_");
	char *cpu;

	if (!name)
		return false;
	*name = '\0';
	cpu = strrchr(line, '[');
	if (!cpu || sscanf(cpu, "[%u]", &e->cpu) != 1)
		return false;
	name += 2;
	name[strcspn(name, "\n")] = '\0';
	snprintf(e->text, sizeof(e->text), "%s", name);
	return true;
}

/* True if nothing was lost. */
static bool parse_header(const char *line)
{
	unsigned long kept, written;

	return sscanf(line, "# entries-in-buffer/entries-written: %lu/%lu",
		      &kept, &written) != 2 || kept == written;
}

static bool add_line(char *line)
{
	if (line[0] == '#')
		return parse_header(line);
	if (nr_events == max_events) {
		max_events = 2 * max_events + 64;
		events = realloc(events, max_events * sizeof(*events));
		if (!events)
			return false;
	}
	return parse_event(line, &events[nr_events]) && ++nr_events;
}

/* False if events were lost or there is a line that cannot be understood. */
static bool read_events(void)
{
	FILE *f = fopen(INSTANCE "/trace", "re");
	char *line = NULL;
	size_t size = 0;
	bool ok = f;

	nr_events = 0;
	while (ok && getline(&line, &size, f) >= 0)
		ok = add_line(line);
	free(line);
	if (f)
		fclose(f);
	return ok;
}

static bool is_event(const struct event *e, const char *name, const char *has)
{
	size_t len = strlen(name);

	return !strncmp(e->text, name, len) && e->text[len] == ':' &&
	       strstr(e->text + len, has);
}

/* Of what was read, the events of a name that have a text. */
static long long count_events(const char *name, const char *has)
{
	long long n = 0;
	size_t i;

	for (i = 0; i < nr_events; i++)
		n += is_event(&events[i], name, has);
	return n;
}

/* Reads until there are so many; a pass ends some time after what it ran. */
static bool await_events(const char *name, long long wanted)
{
	int64_t end = now_ms() + WAIT_MS;

	while (read_events()) {
		if (count_events(name, "") >= wanted)
			return true;
		if (now_ms() > end)
			break;
		sleep_ms(10);
	}
	return false;
}

/* What was read, as "CPU TEXT" lines. */
static const char *all_events(void)
{
	static char text[TEXT_SIZE];
	size_t i, len = 0;

	text[0] = '\0';
	for (i = 0; i < nr_events && len < sizeof(text); i++)
		len += snprintf(text + len, sizeof(text) - len, "%u %s\n",
				events[i].cpu, events[i].text);
	return text;
}

/* The word of the first pass of a CPU, or 0. */
static unsigned long first_word(unsigned int cpu)
{
	unsigned long word;
	size_t i;

	for (i = 0; i < nr_events; i++)
		if (events[i].cpu == cpu &&
		    sscanf(events[i].text, "ipi_handler_entry: word=%lx", &word) == 1)
			return word;
	return 0;
}

/* ----- the fixture: a slot, all events on, this task on one CPU ----- */

ALL_NEED_CLIENT()

FIXTURE(trace) {
	unsigned int home;	/* where it is */
	unsigned int remote;
	unsigned int id;
};

static bool trigger(unsigned int id, const char *cpus)
{
	char line[64];

	snprintf(line, sizeof(line), "%u %s", id, cpus);
	return !write_file(XCALL_DIR "trigger", line);
}

static bool call(const char *cpus)
{
	return !write_file(XCALL_DIR "call", cpus);
}

static const char *name_of(unsigned int cpu)
{
	static char text[16];

	snprintf(text, sizeof(text), "%u", cpu);
	return text;
}

FIXTURE_SETUP(trace)
{
	char id[16] = "";

	machine_restore();
	/* What a test that was killed left. */
	rmdir(INSTANCE);
	ASSERT_EQ(0, mkdir(INSTANCE, 0700));
	ASSERT_EQ(0, set_instance("trace_clock", "counter"));
	ASSERT_EQ(0, set_instance("buffer_size_kb", BUFFER_KB));
	ASSERT_EQ(0, client_load());
	ASSERT_EQ(0, write_file(XCALL_DIR "register", "count"));
	ASSERT_LT(0, read_file(XCALL_DIR "register", id, sizeof(id)));
	self->id = atoi(id);
	self->home = home_cpu();
	self->remote = other_cpu();
	pin(self->home);
	ASSERT_EQ(0, set_all(true));
}

FIXTURE_TEARDOWN(trace)
{
	if (!self->id)
		return;
	EXPECT_EQ(0, set_all(false));
	params_restore();
	EXPECT_EQ(0, rmdir(INSTANCE));
	EXPECT_EQ(0, write_file(XCALL_DIR "unregister", name_of(self->id)));
	EXPECT_EQ(0, client_unload());
	EXPECT_CLEAN();
}

#define NEED_REMOTE()							\
	do {								\
		if (self->remote == self->home)				\
			SKIP(return, "needs a second online CPU");	\
	} while (0)

/* ----- each event at its time and place ----- */

TEST_F(trace, there_are_these_events_and_no_others)
{
	size_t i, n = ABI_ARRAY(usual) + ABI_ARRAY(unusual);
	char path[128];

	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), EVENTS "%s/format",
			 i < ABI_ARRAY(usual) ? usual[i] :
						unusual[i - ABI_ARRAY(usual)]);
		EXPECT_EQ(0, access(path, R_OK)) {
			TH_LOG("no %s", path);
		}
	}
	EXPECT_EQ(n, nr_directories(EVENTS));
}

TEST_F(trace, trigger_of_another_cpu)
{
	unsigned int home = self->home, cpu = self->remote, id = self->id;
	char wanted[512];

	NEED_REMOTE();
	ASSERT_TRUE(trigger(id, name_of(cpu)));
	ASSERT_TRUE(await_events("ipi_handler_exit", 1));
	snprintf(wanted, sizeof(wanted),
		 "%u ipi_trigger: id=%u cpu=%u coalesced=0\n"
		 "%u ipi_kick: cpu=%u\n"
		 "%u ipi_handler_entry: word=%#lx\n"
		 "%u ipi_run_entry: func=ipi_count [ipi_xcall]\n"
		 "%u ipi_run_exit: func=ipi_count [ipi_xcall]\n"
		 "%u ipi_handler_exit: word=%#lx\n",
		 home, id, cpu, home, cpu, cpu, 1UL << id, cpu, cpu, cpu,
		 1UL << id);
	EXPECT_STREQ(wanted, all_events());
}

TEST_F(trace, trigger_of_the_own_cpu)
{
	unsigned int home = self->home;
	char wanted[512];

	ASSERT_TRUE(trigger(self->id, name_of(home)));
	ASSERT_TRUE(read_events());
	snprintf(wanted, sizeof(wanted),
		 "%u ipi_trigger: id=%u cpu=%u coalesced=0\n"
		 "%u ipi_run_entry: func=ipi_count [ipi_xcall]\n"
		 "%u ipi_run_exit: func=ipi_count [ipi_xcall]\n",
		 home, self->id, home, home, home);
	EXPECT_STREQ(wanted, all_events());
}

TEST_F(trace, call_of_another_cpu)
{
	unsigned int home = self->home, cpu = self->remote;
	unsigned long word;
	char wanted[512];

	NEED_REMOTE();
	ASSERT_TRUE(call(name_of(cpu)));
	ASSERT_TRUE(await_events("ipi_handler_exit", 1));
	/* One doorbell, which is above all slots. */
	word = first_word(cpu);
	EXPECT_EQ(0, word & (word - 1));
	EXPECT_LT(1UL << (4 * sizeof(word)), word);
	snprintf(wanted, sizeof(wanted),
		 "%u ipi_post: func=line_note_time [ipi_xcall] cpu=%u\n"
		 "%u ipi_kick: cpu=%u\n"
		 "%u ipi_handler_entry: word=%#lx\n"
		 "%u ipi_run_entry: func=line_note_time [ipi_xcall]\n"
		 "%u ipi_run_exit: func=line_note_time [ipi_xcall]\n"
		 "%u ipi_ack: func=line_note_time [ipi_xcall]\n"
		 "%u ipi_handler_exit: word=%#lx\n",
		 home, cpu, home, cpu, cpu, word, cpu, cpu, cpu, cpu, word);
	EXPECT_STREQ(wanted, all_events());
}

TEST_F(trace, call_of_the_own_cpu)
{
	unsigned int home = self->home;
	char wanted[512];

	ASSERT_TRUE(call(name_of(home)));
	ASSERT_TRUE(read_events());
	snprintf(wanted, sizeof(wanted),
		 "%u ipi_post: func=line_note_time [ipi_xcall] cpu=%u\n"
		 "%u ipi_run_entry: func=line_note_time [ipi_xcall]\n"
		 "%u ipi_run_exit: func=line_note_time [ipi_xcall]\n"
		 "%u ipi_ack: func=line_note_time [ipi_xcall]\n",
		 home, home, home, home, home);
	EXPECT_STREQ(wanted, all_events());
}

/* Of one call of all CPUs, what concerns one CPU: its own chain, in order. */
static void expect_chain(struct __test_metadata *_metadata, unsigned int cpu)
{
	static const char *const chain[] = {
		"ipi_post", "ipi_kick", "ipi_handler_entry", "ipi_run_entry",
		"ipi_run_exit", "ipi_ack", "ipi_handler_exit",
	};
	unsigned int home = home_cpu();
	char target[16];
	size_t i, link = 0;

	snprintf(target, sizeof(target), "cpu=%u", cpu);
	for (i = 0; i < nr_events && link < ABI_ARRAY(chain); i++) {
		const struct event *e = &events[i];

		if (link < 2 ? e->cpu == home && is_event(e, chain[link], target) :
			       e->cpu == cpu && is_event(e, chain[link], ""))
			link++;
	}
	EXPECT_EQ(ABI_ARRAY(chain), link) {
		TH_LOG("CPU %u: no %s in its place", cpu, chain[link]);
	}
}

static void expect_call_of_all(struct __test_metadata *_metadata)
{
	int cpu, home = home_cpu(), online = cpus_online();

	ASSERT_TRUE(call("all"));
	ASSERT_TRUE(await_events("ipi_handler_exit", online - 1));
	for_each_possible(cpu)
		if (cpu != home && cpu_is_online(cpu))
			expect_chain(_metadata, cpu);
	/* A chain for each of the others, four events of the own CPU. */
	EXPECT_EQ(7 * (online - 1) + 4, (int)nr_events) {
		TH_LOG("%s", all_events());
	}
}

TEST_F(trace, call_of_all_cpus)
{
	expect_call_of_all(_metadata);
}

TEST_F(trace, call_of_all_cpus_by_one_mask_ipi)
{
	ASSERT_EQ(0, param_set("mask_min", "1"));
	expect_call_of_all(_metadata);
}

TEST_F(trace, full_mailbox)
{
	long long full = stat_sum("full");
	char home[16];

	NEED_REMOTE();
	RUN("full_mailbox_spins");
	ASSERT_TRUE(read_events());
	EXPECT_LT(full, stat_sum("full"));
	EXPECT_EQ(stat_sum("full") - full,
		  count_events("ipi_mailbox_full", "func=tally_func [ipi_xcall_test] cpu="));
	snprintf(home, sizeof(home), " cpu=%u", self->home);
	EXPECT_EQ(0, count_events("ipi_mailbox_full", home));
}

TEST_F(trace, stalled_wait)
{
	long long stalls = stat_sum("stalls");
	size_t i;

	NEED_REMOTE();
	ASSERT_EQ(0, param_set("stall_ms", "50"));
	RUN_STALL(stat_sum("stalls") > stalls, "stalled_wait 1000");
	ASSERT_TRUE(read_events());
	EXPECT_EQ(stalls + 1, stat_sum("stalls"));
	EXPECT_EQ(1, count_events("ipi_stall", "func=hang_func [ipi_xcall_test]"));
	for (i = 0; i < nr_events; i++)
		if (is_event(&events[i], "ipi_stall", ""))
			EXPECT_EQ(self->home, events[i].cpu);
}

/* Nanoseconds of all ipi_linger events, each of them on @cpu; else -1. */
static long long lingered(unsigned int cpu)
{
	long long ns, sum = 0;
	size_t i;

	for (i = 0; i < nr_events; i++) {
		if (sscanf(events[i].text, "ipi_linger: ns=%lld", &ns) != 1)
			continue;
		if (events[i].cpu != cpu)
			return -1;
		sum += ns;
	}
	return sum;
}

/* It is counted a moment before it is traced. */
static bool all_is_traced(unsigned int cpu, long long before)
{
	int64_t end = now_ms() + WAIT_MS;

	while (read_events()) {
		if (stat_sum("lingered_ns") - before == lingered(cpu))
			return true;
		if (now_ms() > end)
			break;
		sleep_ms(10);
	}
	return false;
}

TEST_F(trace, lingering)
{
	long long ns = stat_sum("lingered_ns");
	unsigned int n;

	NEED_REMOTE();
	ASSERT_EQ(0, param_set("linger_ns", "100000"));
	/* Not if a task waits for the CPU, nor if it was idle and took no interrupt. */
	for (n = 0; n < 100 && stat_sum("lingered_ns") == ns; n++) {
		EXPECT_TRUE(call(name_of(self->remote)));
		sleep_ms(10);
	}
	EXPECT_EQ(0, param_set("linger_ns", "0"));
	EXPECT_LT(ns, stat_sum("lingered_ns"));
	EXPECT_TRUE(all_is_traced(self->remote, ns)) {
		TH_LOG("%s", all_events());
	}
}

/* The longest of all ipi_linger events. */
static long long longest_linger(void)
{
	long long ns, most = 0;
	size_t i;

	for (i = 0; i < nr_events; i++)
		if (sscanf(events[i].text, "ipi_linger: ns=%lld", &ns) == 1 && ns > most)
			most = ns;
	return most;
}

#define LINGER_NS	5000LL
#define SLOW_NS		1000000LL
#define SLOW_MS		1000LL

/*
 * A look may run a function for each caller, and the last swap once more; else a
 * pass ends 16 times linger_ns after it began. All of it is a quarter of the time.
 * Only where time is instructions: else a function takes what the host lets it.
 */
TEST_F(trace, lingering_is_bounded)
{
	long long functions = 2 * (cpus_online() - 1) * SLOW_NS;
	long long longest, share = SLOW_MS * 1000000 / 4;
	char name[16];

	NEED_REMOTE();
	if (!getenv("IPI_XCALL_ICOUNT"))
		SKIP(return, "needs a guest whose clock is instructions (IPI_XCALL_ICOUNT)");
	ASSERT_EQ(0, set_all(false));
	ASSERT_TRUE(set_event("ipi_linger", true) >= 0);
	snprintf(name, sizeof(name), "%lld", LINGER_NS);
	ASSERT_EQ(0, param_set("linger_ns", name));
	ASSERT_EQ(0, forget_events());
	RUN("slow_load %lld %lld", SLOW_NS, SLOW_MS);
	EXPECT_EQ(0, param_set("linger_ns", "0"));
	ASSERT_TRUE(read_events());
	longest = longest_linger();
	TH_LOG("longest %lld ns, all %lld ns in %lld ms", longest,
	       lingered(events[0].cpu), SLOW_MS);
	EXPECT_LT(0, longest);
	EXPECT_GE(16 * LINGER_NS + functions + SLOW_NS, longest);
	EXPECT_GE(share + 1000000 + longest, lingered(events[0].cpu));
}

/* ----- as many as were counted ----- */

/* Events of a name, with a text; columns of the file stats that sum up to them. */
static const struct {
	const char *event;
	const char *has;
	const char *stat;
	const char *and_stat;
} counted[] = {
	{ "ipi_trigger", "", "triggers", NULL },
	{ "ipi_trigger", "coalesced=1", "coalesced", NULL },
	{ "ipi_post", "", "posted", NULL },
	{ "ipi_kick", "", "kicks", NULL },
	{ "ipi_handler_entry", "", "passes", NULL },
	{ "ipi_handler_exit", "", "passes", NULL },
	{ "ipi_run_entry", "", "runs", "executed" },
	{ "ipi_run_exit", "", "runs", "executed" },
	{ "ipi_ack", "", "executed", NULL },
	{ "ipi_mailbox_full", "", "full", NULL },
	{ "ipi_stall", "", "stalls", NULL },
};

static long long stats_of(size_t i)
{
	return stat_sum(counted[i].stat) +
	       (counted[i].and_stat ? stat_sum(counted[i].and_stat) : 0);
}

/* From one CPU: so many calls and triggers of all, however fast they are. */
static void call_and_trigger(unsigned int cpu, unsigned int id)
{
	int i;

	pin(cpu);
	for (i = 0; i < 20; i++)
		if (!call("all 5") || !trigger(id, "all"))
			_exit(1);
	_exit(0);
}

/* Round and round. */
static int next_online_cpu(int cpu)
{
	do {
		cpu = next_possible_cpu(cpu);
	} while (cpu < 0 || !cpu_is_online(cpu));
	return cpu;
}

static void storm(struct __test_metadata *_metadata, unsigned int id)
{
	int pid[STORM_CPUS], i, cpu = -1;

	for (i = 0; i < STORM_CPUS; i++) {
		cpu = next_online_cpu(cpu);
		pid[i] = fork();
		if (!pid[i])
			call_and_trigger(cpu, id);
		ASSERT_LT(0, pid[i]);
	}
	for (i = 0; i < STORM_CPUS; i++)
		EXPECT_EQ(0, child_status(pid[i]));
}

TEST_F(trace, as_many_events_as_the_statistics_count)
{
	long long before[ABI_ARRAY(counted)], kicks = stat_sum("kicks");
	size_t i;

	for (i = 0; i < ABI_ARRAY(counted); i++)
		before[i] = stats_of(i);
	storm(_metadata, self->id);
	RUN("message_triggers_own_cpu 0");
	RUN("handlers_trigger_each_other 10");
	RUN("self_trigger_bounded 20");
	if (self->remote != self->home) {
		RUN("coalesced_counts");
		RUN("cancel_unstarted");
		RUN("full_mailbox_spins");
	}
	ASSERT_TRUE(await_events("ipi_handler_exit", stat_sum("kicks") - kicks));
	for (i = 0; i < ABI_ARRAY(counted); i++)
		EXPECT_EQ(stats_of(i) - before[i],
			  count_events(counted[i].event, counted[i].has)) {
			TH_LOG("%s %s", counted[i].event, counted[i].has);
		}
	TH_LOG("%zu events", nr_events);
}

/* ----- on and off ----- */

TEST_F(trace, an_event_can_be_on_alone)
{
	size_t i;

	NEED_REMOTE();
	ASSERT_EQ(0, set_all(false));
	for (i = 0; i < ABI_ARRAY(usual); i++) {
		ASSERT_EQ(0, forget_events());
		ASSERT_EQ(0, set_event(usual[i], true));
		EXPECT_TRUE(call("all"));
		EXPECT_TRUE(trigger(self->id, "all"));
		EXPECT_TRUE(await_events(usual[i], cpus_online() - 1));
		ASSERT_EQ(0, set_event(usual[i], false));
		ASSERT_TRUE(read_events());
		EXPECT_EQ((long long)nr_events, count_events(usual[i], "")) {
			TH_LOG("only %s is on:\n%s", usual[i], all_events());
		}
	}
}

/* Calls all CPUs and triggers them until it is killed; dies of an error. */
static void call_on_and_on(unsigned int id)
{
	unpin();
	while (call("all 50") && trigger(id, "all"))
		;
	_exit(1);
}

TEST_F(trace, events_go_on_and_off_while_calls_run)
{
	int i, pid;

	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		call_on_and_on(self->id);
	/* Each time, eleven events are patched in and out, one by one. */
	for (i = 0; i < 6; i++) {
		EXPECT_EQ(0, set_all(i % 2));
		/* Long enough to be seen, or not. */
		sleep_ms(20);
	}
	/* Off before it is read: the reader would not keep up. */
	EXPECT_EQ(0, set_all(false));
	ASSERT_TRUE(read_events());
	EXPECT_LT(0, nr_events);
	EXPECT_EQ(0, kill(pid, SIGKILL));
	EXPECT_EQ(-SIGKILL, child_status(pid));
	EXPECT_BALANCE();
	EXPECT_EQ(0, forget_events());
	EXPECT_TRUE(call("all"));
	EXPECT_TRUE(trigger(self->id, "all"));
	ASSERT_TRUE(read_events());
	EXPECT_STREQ("", all_events());
}

/* A kernel without skips them all. */
#define main harness_main
TEST_HARNESS_MAIN
#undef main

int main(int argc, char **argv)
{
	if (have_tracefs())
		return harness_main(argc, argv);
	printf("TAP version 13\n1..0 # SKIP no tracefs\n");
	return KSFT_SKIP;
}
