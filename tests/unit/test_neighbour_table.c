/* SPDX-License-Identifier: BSD-2-Clause */
/* What waits for neighbours, and the bounds of the table (RFC 1122 2.3.2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/station.h"

/* Asks for THEM and has the answer: REACHABLE from now on. */
static void get_to_know_them(station *t)
{
	hf_conn c = station_open(t, THEM);

	expect_arp_query(station_pull_one(t), &all_mac, THEM);
	assert_int_equal(feed_arp_answer(t, THEM, them_mac), HF_WHY_NONE);
	expect_syn(station_pull_one(t), &them_mac, THEM);
	assert_int_equal(hf_conn_abort(t->stack, c), HF_OK);
	assert_int_equal(station_pull(t), 0);
}

static void many_connections_wait_for_one_query(void **state)
{
	station *t = station_new();

	(void)state;
	for (int i = 0; i < 100; i++)
		station_open(t, THEM);
	expect_arp_query(station_pull_one(t), &all_mac, THEM);
	feed_arp_answer(t, THEM, them_mac);
	assert_int_equal(station_pull(t), 100);
	for (int i = 0; i < 100; i++)
		expect_syn(&t->out[i], &them_mac, THEM);
	station_free(t);
}

static void a_known_neighbour_is_not_asked_for(void **state)
{
	station *t = station_new();

	(void)state;
	get_to_know_them(t);
	station_open(t, THEM);
	expect_syn(station_pull_one(t), &them_mac, THEM);
	station_free(t);
}

static void a_reply_waits_for_its_neighbour_and_the_latest_is_kept(void **state)
{
	station *t = station_new();

	(void)state;
	assert_int_equal(feed_syn(t, THEM, 1001), HF_WHY_NO_LISTENER);
	expect_arp_query(station_pull_one(t), &all_mac, THEM);
	assert_int_equal(feed_syn(t, THEM, 1002), HF_WHY_NO_LISTENER);
	assert_int_equal(station_pull(t), 0);
	assert_int_equal(station_stats(t).reasons[HF_WHY_NEIGHBOUR], 1);
	feed_arp_answer(t, THEM, them_mac);
	assert_int_equal(station_pull_one(t)->tcp.dst_port, 1002);
	assert_mac(t->out[0].frame.dst, them_mac);
	assert_int_equal(t->out[0].cause, HF_SENT_RST);
	station_free(t);
}

static void a_reply_to_a_silent_neighbour_is_dropped_and_counted(void **state)
{
	station *t = station_new();

	(void)state;
	feed_syn(t, THEM, 1001);
	assert_int_equal(station_wait(t, HF_MS(3500)), 3);
	assert_int_equal(station_stats(t).reasons[HF_WHY_NEIGHBOUR], 1);
	feed_syn(t, THEM, 1002);
	assert_int_equal(station_pull(t), 0); /* asked for a moment ago */
	assert_int_equal(station_stats(t).reasons[HF_WHY_NEIGHBOUR], 2);
	station_wait(t, HF_SEC(1));
	assert_true(hf_stack_deadline(t->stack).ns == HF_NEVER.ns);
	station_free(t);
}

static void spoofed_senders_fill_a_bounded_table_and_evict_each_other(void **state)
{
	station *t = station_new();
	const hf_addr waited_for = hf_addr_v4(10, 1, 0, 8);
	uint64_t asked;
	size_t full = 0;

	(void)state;
	get_to_know_them(t);
	station_open(t, waited_for);
	station_pull_one(t);
	for (int i = 0; i < 8000; i++) {
		feed_syn(t, hf_addr_v4(10, 1, (uint8_t)(16 + i / 250), (uint8_t)(1 + i % 250)), 1);
		station_pull_one(t);
		if (i == 1500)
			full = station_stats(t).memory;
	}
	assert_true(station_stats(t).memory <= full);
	station_open(t, THEM);
	expect_syn(station_pull_one(t), &them_mac, THEM);
	assert_int_equal(feed_arp_answer(t, waited_for, other_mac), HF_WHY_NONE);
	expect_syn(station_pull_one(t), &other_mac, waited_for);

	/* Those that made room left nothing behind: a reply can wait, each entry is asked again. */
	asked = station_stats(t).causes[HF_SENT_NEIGHBOUR_QUERY];
	feed_syn(t, hf_addr_v4(10, 1, 100, 1), 1);
	station_pull_one(t);
	feed_arp_answer(t, hf_addr_v4(10, 1, 100, 1), other_mac);
	assert_int_equal(station_pull_one(t)->cause, HF_SENT_RST);
	station_wait(t, HF_MS(1500));
	assert_int_equal(station_stats(t).causes[HF_SENT_NEIGHBOUR_QUERY], asked + 1 + 1021);
	station_free(t);
}

static void the_neighbour_unused_for_longest_makes_room(void **state)
{
	station *t = station_new();
	const hf_addr second = hf_addr_v4(10, 1, 4, 1);

	(void)state;
	get_to_know_them(t);
	for (int i = 1; i < 1024; i++) {
		feed_arp_request(t, hf_addr_v4(10, 1, (uint8_t)(4 + i / 250), (uint8_t)(i % 250)),
				 other_mac, US);
		station_pull_one(t);
	}
	station_open(t, THEM);
	expect_syn(station_pull_one(t), &them_mac, THEM); /* used: `second` is now the oldest */
	feed_arp_request(t, hf_addr_v4(10, 1, 200, 1), other_mac, US);
	station_pull_one(t);
	station_open(t, THEM);
	expect_syn(station_pull_one(t), &them_mac, THEM);
	station_open(t, second);
	expect_arp_query(station_pull_one(t), &all_mac, second);
	station_free(t);
}

static void more_silent_neighbours_than_the_table_holds_are_trouble_not_a_loop(void **state)
{
	station *t = station_new();
	hf_reason why = HF_WHY_NONE;

	(void)state;
	for (int i = 0; i < 1024; i++)
		station_open(t, hf_addr_v4(10, 1, (uint8_t)(16 + i / 250), (uint8_t)(1 + i % 250)));
	assert_int_equal(station_pull(t), 1024);
	assert_int_equal(station_events(t, &why), 0);
	station_open(t, THEM);
	assert_int_equal(station_pull(t), 0);
	assert_int_equal(station_events(t, &why), HF_EVENT_TROUBLE);
	assert_int_equal(why, HF_WHY_NO_NEIGHBOUR);
	station_free(t);
}

static void what_waits_is_given_back_when_the_stack_is_freed(void **state)
{
	station *t = station_new();

	(void)state;
	station_open(t, THEM);
	assert_int_equal(feed_syn(t, hf_addr_v4(10, 1, 0, 77), 1000), HF_WHY_NO_LISTENER);
	assert_int_equal(station_pull(t), 2);
	station_free(t); /* looks at the account of the memory */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_connections_wait_for_one_query),
		cmocka_unit_test(a_known_neighbour_is_not_asked_for),
		cmocka_unit_test(a_reply_waits_for_its_neighbour_and_the_latest_is_kept),
		cmocka_unit_test(a_reply_to_a_silent_neighbour_is_dropped_and_counted),
		cmocka_unit_test(spoofed_senders_fill_a_bounded_table_and_evict_each_other),
		cmocka_unit_test(the_neighbour_unused_for_longest_makes_room),
		cmocka_unit_test(
			more_silent_neighbours_than_the_table_holds_are_trouble_not_a_loop),
		cmocka_unit_test(what_waits_is_given_back_when_the_stack_is_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
