// SPDX-License-Identifier: GPL-2.0
/* Ports of NetBSD's clients of ipi(9) run here: see modules/example/main.c. */
#include <unistd.h>

#include "kselftest_harness.h"
#include "helpers.h"

#define PORT	"ipi_xcall_port"

FIXTURE(porting) {
	int log;
	char text[TEXT_SIZE];
};

FIXTURE_SETUP(porting)
{
	self->log = klog_open();
	ASSERT_LE(0, self->log);
}

FIXTURE_TEARDOWN(porting)
{
	close(self->log);
	machine_restore();
	EXPECT_EQ(0, slots_used());
	EXPECT_BALANCE();
}

static int load_port(const char *run, int ms)
{
	char params[64];

	snprintf(params, sizeof(params), "run=%s ms=%d", run, ms);
	return module_load(PORT, params);
}

/* It loads if all went well. What it has to say is shown. */
static void check_port(struct __test_metadata *_metadata, int log, char *text,
		       int loaded)
{
	char *line, *next = text;

	klog_count(log, text, TEXT_SIZE, PORT ": ");
	while ((line = strsep(&next, "\n")))
		if (strstr(line, PORT ": "))
			TH_LOG("%s", strstr(line, PORT ": "));
	EXPECT_EQ(0, loaded);
	if (!loaded)
		EXPECT_EQ(0, module_unload(PORT));
}

TEST_F(porting, xcall9_works)
{
	check_port(_metadata, self->log, self->text, load_port("xcall", rounds(600, 3000)));
}

/* Until the child is through, and once at least. Returns how often. */
static int flip_until(int cpu, int child, int *status)
{
	int flips = 0;

	while (waitpid(child, status, WNOHANG) == 0) {
		if (cpu_set_online(cpu, false) || cpu_set_online(cpu, true))
			break;
		flips++;
	}
	return flips;
}

TEST_F(porting, xcall9_works_while_a_cpu_comes_and_goes)
{
	int cpu = cpu_to_unplug();
	int child, status, flips;

	NEEDS_UNPLUG(cpu);
	child = fork();
	ASSERT_LE(0, child);
	if (!child)
		_exit(-load_port("xcall", rounds(2000, 8000)));
	status = -1;
	flips = flip_until(cpu, child, &status);
	if (status < 0)
		waitpid(child, &status, 0);
	TH_LOG("CPU %d went and came %d times", cpu, flips);
	EXPECT_LT(0, flips);
	check_port(_metadata, self->log, self->text,
		   WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

TEST_F(porting, hard_timers_send_to_a_cpu_that_stands_still)
{
	check_port(_metadata, self->log, self->text,
		   module_load(PORT, "run=heartbeat"));
}

TEST_F(porting, owner_of_a_unit_is_asked_with_interrupts_off)
{
	check_port(_metadata, self->log, self->text, load_port("owner", rounds(600, 3000)));
}

TEST_F(porting, client_in_the_words_of_netbsd_works)
{
	check_port(_metadata, self->log, self->text,
		   module_load(PORT, "run=netbsd"));
}

TEST_HARNESS_MAIN
