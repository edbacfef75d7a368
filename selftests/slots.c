// SPDX-License-Identifier: GPL-2.0
/* The slot table: ids, limits, and each error in the order of checking. */
#include "kselftest_harness.h"
#include "helpers.h"

CLIENT_FIXTURE(slots)

TEST_F(slots, ids_are_contiguous_and_a_full_table_gives_0_and_one_warning)
{
	char text[TEXT_SIZE];
	int fd = klog_open();

	NEEDS_EMPTY_TABLE();
	ASSERT_LE(0, fd);
	RUN("ids_and_full_table");
	EXPECT_EQ(1, klog_count(fd, text, sizeof(text), "ipi_xcall: ")) {
		TH_LOG("log: %s", text);
	}
	close(fd);
}

TEST_F(slots, trigger_errors_come_in_their_order_and_run_nothing)
{
	RUN("trigger_errors -1");
}

TEST_F(slots, register_needs_a_function)
{
	RUN("register_without_func");
}

/* A fresh module each time: what it says once it must be able to say. */
static void check_bad_id(struct __test_metadata *_metadata, const char *id)
{
	char text[TEXT_SIZE];
	int i, fd;

	ASSERT_EQ(0, client_unload());
	NEEDS_RELOAD();
	ASSERT_EQ(0, xcall_reload());
	ASSERT_EQ(0, client_load());
	fd = klog_open();
	ASSERT_LE(0, fd);
	for (i = 0; i < 3; i++)
		RUN("unregister_bad %s", id);
	EXPECT_EQ(1, klog_count(fd, text, sizeof(text), "ipi_xcall: ")) {
		TH_LOG("log: %s", text);
	}
	close(fd);
}

TEST_F(slots, unregister_of_id_0_does_nothing_and_says_so_once)
{
	check_bad_id(_metadata, "0");
}

TEST_F(slots, unregister_of_a_free_id_does_nothing_and_says_so_once)
{
	check_bad_id(_metadata, "7");
}

TEST_F(slots, unregister_of_an_id_out_of_range_does_nothing_and_says_so_once)
{
	check_bad_id(_metadata, "1000000");
}

TEST_F(slots, id_has_one_owner_at_a_time)
{
	RUN("owners_race %d", rounds(700, 2000));
}

TEST_HARNESS_MAIN
