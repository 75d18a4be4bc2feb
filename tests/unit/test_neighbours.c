/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of a neighbour: asked for, waited for, confirmed, doubted, given up (RFC 4861 7.3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/station.h"

/* A deadline is met within one tick of the wheel. */
#define TICK 65536

#define assert_about(got, want)                                                                    \
	do {                                                                                       \
		const hf_ns got_ = (got), want_ = (want);                                          \
		assert_true(got_ >= want_ && got_ <= want_ + 2 * TICK);                            \
	} while (0)

static void expect_nd_query(const seen *f, hf_addr dst, hf_addr target)
{
	const hf_mac mac = hf_addr_is_multicast(&dst) ? hf_mac_of_multicast(&dst) : them_mac;

	assert_true(f->is_nd);
	assert_int_equal(f->cause, HF_SENT_NEIGHBOUR_QUERY);
	assert_mac(f->frame.dst, mac);
	assert_addr(f->ip.dst, dst);
	assert_int_equal(f->ip.ttl, 255);
	assert_int_equal(f->nd.type, HF_ND_SOLICIT);
	assert_addr(f->nd.target, target);
	assert_true(f->nd.has_mac);
	assert_mac(f->nd.mac, us_mac);
}

static void a_syn_waits_for_an_arp_answer_and_leaves_right_after_it(void **state)
{
	station *t = station_new();
	hf_conn_info info;
	hf_conn c = station_open(t, THEM);

	(void)state;
	expect_arp_query(station_pull_one(t), &all_mac, THEM);
	t->now = hf_time_add(t->now, HF_MS(700));
	assert_int_equal(feed_arp_answer(t, THEM, them_mac), HF_WHY_NONE);
	assert_true(hf_stack_deadline(t->stack).ns <= t->now.ns);
	expect_syn(station_pull_one(t), &them_mac, THEM);
	assert_int_equal(t->out[0].cause, HF_SENT_SYN);
	assert_int_equal(feed_answer(t, &t->out[0], them_mac, HF_TCP_SYN | HF_TCP_ACK),
			 HF_WHY_NONE);
	assert_int_equal(hf_conn_info_get(t->stack, c, &info), HF_OK);
	assert_int_equal(info.state, HF_ESTABLISHED);
	assert_int_equal(info.reason, HF_WHY_NONE);
	station_free(t);
}

static void a_syn_waits_for_a_neighbour_advertisement(void **state)
{
	station *t = station_new();
	const hf_addr them = THEM6;

	(void)state;
	station_open(t, THEM6);
	expect_nd_query(station_pull_one(t), hf_nd_solicited_node(&them), THEM6);
	assert_addr(t->out[0].ip.src, US6);
	assert_int_equal(feed_nd_answer(t, THEM6, them_mac, "SO"), HF_WHY_NONE);
	expect_syn(station_pull_one(t), &them_mac, THEM6);
	station_free(t);
}

static void an_advertisement_without_a_link_address_ends_no_waiting(void **state)
{
	station *t = station_new();
	const hf_ip ip = {
		.src = THEM6, .dst = US6, .version = 6, .protocol = HF_IPPROTO_ICMP6, .ttl = 255
	};
	const hf_nd nd = { .type = HF_ND_ADVERTISE, .target = THEM6, .solicited = true };

	(void)state;
	station_open(t, THEM6);
	station_pull_one(t);
	assert_int_equal(feed_nd(t, &ip, &nd), HF_WHY_ND_MALFORMED);
	assert_int_equal(station_pull(t), 0);
	station_free(t);
}

static void a_silent_neighbour_is_asked_three_times_a_second_apart(void **state)
{
	station *t = station_new();
	const hf_ns start = t->now.ns;
	hf_conn c = station_open(t, THEM);
	hf_reason why = HF_WHY_NONE;
	hf_conn_info info;

	(void)state;
	expect_arp_query(station_pull_one(t), &all_mac, THEM);
	for (int i = 1; i < 3; i++) {
		assert_int_equal(station_next(t), 1);
		expect_arp_query(&t->out[0], &all_mac, THEM);
		assert_about(t->now.ns, start + HF_SEC(i));
		assert_int_equal(station_events(t, &why), 0);
	}
	while (station_events(t, &why) == 0)
		assert_int_equal(station_step(t), 0);
	assert_about(t->now.ns, start + HF_SEC(3));
	assert_int_equal(why, HF_WHY_NO_NEIGHBOUR);
	assert_int_equal(hf_conn_info_get(t->stack, c, &info), HF_OK);
	assert_int_equal(info.state, HF_SYN_SENT);
	station_free(t);
}

static void after_a_failure_the_next_syn_asks_again_and_may_succeed(void **state)
{
	station *t = station_new();

	(void)state;
	station_open(t, THEM);
	assert_int_equal(station_wait(t, HF_MS(3900)), 3);
	assert_int_equal(station_next(t), 1);
	expect_arp_query(&t->out[0], &all_mac, THEM);
	assert_int_equal(feed_arp_answer(t, THEM, them_mac), HF_WHY_NONE);
	expect_syn(station_pull_one(t), &them_mac, THEM);
	assert_int_equal(t->out[0].cause, HF_SENT_SYN_AGAIN);
	station_free(t);
}

static void a_connection_to_a_silent_neighbour_ends_with_that_reason(void **state)
{
	station *t = station_alloc();
	hf_reason why = HF_WHY_NONE;
	uint32_t bits = 0;
	size_t sent;
	hf_conn c;

	(void)state;
	t->config.syn_retries = 2;
	station_start(t);
	c = station_open(t, THEM);
	station_pull(t);
	while (!(bits & HF_EVENT_CLOSED)) {
		station_step(t);
		bits |= station_events(t, &why);
	}
	assert_int_equal(why, HF_WHY_NO_NEIGHBOUR);
	assert_int_equal(station_stats(t).causes[HF_SENT_NEIGHBOUR_QUERY], 9);
	assert_int_equal(station_stats(t).causes[HF_SENT_SYN], 0);
	assert_int_equal(station_stats(t).reasons[HF_WHY_NEIGHBOUR], 3);
	assert_int_equal(hf_conn_send(t->stack, c, "x", 1, &sent), HF_ERR_UNREACHABLE);
	station_wait(t, HF_SEC(10));
	assert_true(hf_stack_deadline(t->stack).ns == HF_NEVER.ns);
	station_free(t);
}

static void packets_come_one_by_one_without_being_missed(void **state)
{
	station *t = station_new();

	(void)state;
	t->batch = 1;
	station_open(t, THEM);
	station_open(t, THEM6);
	assert_int_equal(station_pull(t), 2);
	feed_arp_answer(t, THEM, them_mac);
	feed_nd_answer(t, THEM6, them_mac, "SO");
	assert_int_equal(station_pull(t), 2);
	station_free(t);
}

static void a_connection_aborted_while_it_waits_is_gone_when_the_waiting_ends(void **state)
{
	station *t = station_new();
	hf_conn c = station_open(t, THEM);

	(void)state;
	station_pull_one(t);
	assert_int_equal(hf_conn_abort(t->stack, c), HF_OK);
	assert_int_equal(station_pull(t), 0);
	feed_arp_answer(t, THEM, them_mac);
	assert_int_equal(station_pull(t), 0);
	assert_int_equal(station_stats(t).connections, 0);
	station_free(t);
}

static void other_networks_are_reached_through_the_gateway(void **state)
{
	station *t = station_new();
	const hf_addr gateway = GATEWAY6;

	(void)state;
	station_open(t, FAR);
	expect_arp_query(station_pull_one(t), &all_mac, GATEWAY);
	feed_arp_answer(t, GATEWAY, other_mac);
	expect_syn(station_pull_one(t), &other_mac, FAR);

	station_open(t, FAR6);
	expect_nd_query(station_pull_one(t), hf_nd_solicited_node(&gateway), GATEWAY6);
	assert_addr(t->out[0].ip.src, US6_LINK);
	feed_nd_answer(t, GATEWAY6, other_mac, "SO");
	expect_syn(station_pull_one(t), &other_mac, FAR6);
	assert_addr(t->out[0].ip.src, US6);
	station_free(t);
}

static void the_prefix_decides_who_is_on_the_link(void **state)
{
	station *t = station_alloc();

	(void)state;
	t->config.address[0].prefix = 29; /* 10.1.0.0 to 10.1.0.7 */
	station_start(t);
	station_open(t, hf_addr_v4(10, 1, 0, 6));
	expect_arp_query(station_pull_one(t), &all_mac, hf_addr_v4(10, 1, 0, 6));
	station_open(t, hf_addr_v4(10, 1, 0, 8));
	expect_arp_query(station_pull_one(t), &all_mac, GATEWAY);
	station_free(t);
}

static void a_link_local_address_is_on_the_link_whatever_the_prefix(void **state)
{
	station *t = station_alloc();
	const hf_addr them = { { 0xfe, 0x80, [7] = 1, [15] = 5 } };

	(void)state;
	t->config.address[2] = (hf_host_addr){ 0 };
	station_start(t);
	station_open(t, them);
	expect_nd_query(station_pull_one(t), hf_nd_solicited_node(&them), them);
	station_free(t);
}

static void without_a_gateway_there_is_no_route_to_other_networks(void **state)
{
	station *t = station_alloc();
	const hf_endpoint far = { FAR, 80 };
	const hf_conn_options from_us = { .size = sizeof(from_us), .local = { US, 0 } };
	hf_conn c;

	(void)state;
	t->config.gateway4 = (hf_addr){ 0 };
	station_start(t);
	assert_int_equal(hf_conn_open(t->stack, &far, NULL, t->now, &c), HF_ERR_NO_ROUTE);
	assert_int_equal(hf_conn_open(t->stack, &far, &from_us, t->now, &c), HF_ERR_NO_ROUTE);
	assert_int_equal(feed_syn(t, FAR, 1000), HF_WHY_NO_LISTENER);
	assert_int_equal(station_pull(t), 0);
	assert_int_equal(station_stats(t).reasons[HF_WHY_NEIGHBOUR], 1);
	station_free(t);
}

static void a_neighbour_in_use_is_probed_after_five_seconds_without_confirmation(void **state)
{
	station *t = station_new();
	hf_ns used;

	(void)state;
	feed_arp_request(t, THEM, them_mac, US); /* known from its question alone: STALE */
	station_pull_one(t);
	station_wait(t, HF_SEC(100));
	station_open(t, THEM);
	expect_syn(station_pull_one(t), &them_mac, THEM);
	used = t->now.ns;
	for (int i = 0; i < 3;) {
		assert_int_equal(station_next(t), 1);
		if (t->out[0].is_tcp)
			continue;
		expect_arp_query(&t->out[0], &them_mac, THEM);
		assert_about(t->now.ns, used + HF_SEC(5 + i));
		i++;
	}
	/* Three probes unanswered: all stations are asked for the next SYN. */
	station_wait(t, HF_SEC(1));
	station_next(t);
	expect_arp_query(&t->out[0], &all_mac, THEM);
	station_free(t);
}

static void probes_of_neighbour_discovery_go_to_the_neighbour_alone(void **state)
{
	station *t = station_new();

	(void)state;
	assert_int_equal(feed_nd_query(t, THEM6, US6, 255), HF_WHY_NONE);
	station_pull_one(t);
	station_open(t, THEM6);
	expect_syn(station_pull_one(t), &them_mac, THEM6);
	do
		station_next(t);
	while (t->out[0].is_tcp);
	expect_nd_query(&t->out[0], THEM6, THEM6);
	station_free(t);
}

static void an_answer_to_a_probe_makes_the_neighbour_reachable_for_thirty_seconds(void **state)
{
	station *t = station_new();
	hf_ns answered;
	hf_conn c;

	(void)state;
	c = open_to_known(t);
	do
		station_next(t);
	while (t->out[0].is_tcp);
	feed_arp_answer(t, THEM, them_mac);
	answered = t->now.ns;
	hf_conn_abort(t->stack, c);
	station_pull(t);
	assert_true(hf_stack_deadline(t->stack).ns == HF_NEVER.ns);

	t->now.ns = answered + HF_SEC(30) - 1;
	hf_conn_abort(t->stack, station_open(t, THEM));
	station_pull(t);
	assert_true(hf_stack_deadline(t->stack).ns == HF_NEVER.ns);
	c = station_open(t, THEM);
	expect_syn(station_pull_one(t), &them_mac, THEM);
	hf_conn_abort(t->stack, c);
	station_pull(t);
	assert_true(hf_stack_deadline(t->stack).ns == HF_NEVER.ns);

	t->now.ns = answered + HF_SEC(30);
	c = station_open(t, THEM);
	expect_syn(station_pull_one(t), &them_mac, THEM);
	hf_conn_abort(t->stack, c);
	station_pull(t);
	station_next(t);
	expect_arp_query(&t->out[0], &them_mac, THEM);
	assert_about(t->now.ns, answered + HF_SEC(35));
	station_free(t);
}

static void every_doubt_has_three_probes_however_long_the_first_answer_took(void **state)
{
	station *t = station_new();
	hf_conn c = station_open(t, THEM);

	(void)state;
	station_pull_one(t);
	station_next(t);
	station_next(t);
	feed_arp_answer(t, THEM, them_mac); /* to the third query */
	station_pull_one(t);
	hf_conn_abort(t->stack, c);
	station_pull(t);
	station_wait(t, HF_SEC(31));
	hf_conn_abort(t->stack, station_open(t, THEM));
	station_pull(t);
	c = station_open(t, THEM);
	station_pull_one(t);
	hf_conn_abort(t->stack, c);
	assert_int_equal(station_wait(t, HF_SEC(20)), 3);
	station_free(t);
}

static void a_segment_from_link_address_zero_ends_no_waiting(void **state)
{
	const hf_mac zero = { { 0 } };
	station *t = station_new();
	seen syn;

	(void)state;
	feed_arp_request(t, THEM, them_mac, US);
	station_pull_one(t);
	station_open(t, THEM);
	syn = *station_pull_one(t);
	do /* until the probes have failed, and the next SYN waits */
		station_next(t);
	while (!hf_mac_equal(&t->out[0].frame.dst, &all_mac));
	assert_int_equal(feed_answer(t, &syn, zero, HF_TCP_SYN | HF_TCP_ACK), HF_WHY_NONE);
	assert_int_equal(station_pull(t), 0);
	feed_arp_answer(t, THEM, them_mac);
	assert_mac(station_pull_one(t)->frame.dst, them_mac);
	station_free(t);
}

static void progress_on_a_connection_confirms_its_neighbour(void **state)
{
	station *t = station_new();

	(void)state;
	open_to_known(t);
	assert_int_equal(feed_answer(t, &t->out[0], them_mac, HF_TCP_SYN | HF_TCP_ACK),
			 HF_WHY_NONE);
	assert_int_equal(station_wait(t, HF_SEC(60)), 1); /* the ACK */
	assert_int_equal(station_stats(t).causes[HF_SENT_NEIGHBOUR_QUERY], 0);
	station_free(t);
}

static void a_segment_that_is_not_taken_confirms_nothing(void **state)
{
	station *t = station_new();

	(void)state;
	open_to_known(t);
	assert_int_equal(feed_answer(t, &t->out[0], them_mac, HF_TCP_ACK), HF_WHY_SYN_SENT_NEITHER);
	station_wait(t, HF_MS(5500));
	assert_int_equal(station_stats(t).causes[HF_SENT_NEIGHBOUR_QUERY], 1);
	station_free(t);
}

static void answers_that_nobody_asked_for_confirm_nothing(void **state)
{
	station *t = station_new();
	hf_conn c;

	(void)state;
	feed_nd_query(t, THEM6, US6, 255);
	station_pull_one(t);
	feed_nd_answer(t, THEM6, them_mac, "SO");
	c = station_open(t, THEM6);
	station_pull_one(t);
	hf_conn_abort(t->stack, c);
	station_pull(t);
	station_next(t);
	expect_nd_query(&t->out[0], THEM6, THEM6);
	station_free(t);
}

static void an_established_connection_whose_neighbour_vanishes_waits_and_goes_on(void **state)
{
	station *t = station_new();
	hf_conn_info info;
	hf_conn c;
	size_t sent;

	(void)state;
	c = open_to_known(t);
	feed_answer(t, &t->out[0], them_mac, HF_TCP_SYN | HF_TCP_ACK);
	station_pull_one(t);
	station_wait(t, HF_SEC(40));
	assert_int_equal(hf_conn_send(t->stack, c, "hello", 5, &sent), HF_OK);
	assert_mac(station_pull_one(t)->frame.dst, them_mac);
	/* No acknowledgement, no answer to three probes, none to three queries. */
	station_wait(t, HF_SEC(20));
	assert_int_equal(hf_conn_info_get(t->stack, c, &info), HF_OK);
	assert_int_equal(info.state, HF_ESTABLISHED);
	assert_int_equal(info.reason, HF_WHY_NO_NEIGHBOUR);
	do
		station_next(t);
	while (!t->out[0].is_arp);
	feed_arp_answer(t, THEM, other_mac);
	assert_mac(station_pull_one(t)->frame.dst, other_mac);
	assert_int_equal(t->out[0].tcp.payload.len, 5);
	station_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_syn_waits_for_an_arp_answer_and_leaves_right_after_it),
		cmocka_unit_test(a_syn_waits_for_a_neighbour_advertisement),
		cmocka_unit_test(an_advertisement_without_a_link_address_ends_no_waiting),
		cmocka_unit_test(a_silent_neighbour_is_asked_three_times_a_second_apart),
		cmocka_unit_test(after_a_failure_the_next_syn_asks_again_and_may_succeed),
		cmocka_unit_test(a_connection_to_a_silent_neighbour_ends_with_that_reason),
		cmocka_unit_test(packets_come_one_by_one_without_being_missed),
		cmocka_unit_test(a_connection_aborted_while_it_waits_is_gone_when_the_waiting_ends),
		cmocka_unit_test(other_networks_are_reached_through_the_gateway),
		cmocka_unit_test(the_prefix_decides_who_is_on_the_link),
		cmocka_unit_test(a_link_local_address_is_on_the_link_whatever_the_prefix),
		cmocka_unit_test(without_a_gateway_there_is_no_route_to_other_networks),
		cmocka_unit_test(
			a_neighbour_in_use_is_probed_after_five_seconds_without_confirmation),
		cmocka_unit_test(probes_of_neighbour_discovery_go_to_the_neighbour_alone),
		cmocka_unit_test(
			an_answer_to_a_probe_makes_the_neighbour_reachable_for_thirty_seconds),
		cmocka_unit_test(every_doubt_has_three_probes_however_long_the_first_answer_took),
		cmocka_unit_test(a_segment_from_link_address_zero_ends_no_waiting),
		cmocka_unit_test(progress_on_a_connection_confirms_its_neighbour),
		cmocka_unit_test(a_segment_that_is_not_taken_confirms_nothing),
		cmocka_unit_test(answers_that_nobody_asked_for_confirm_nothing),
		cmocka_unit_test(
			an_established_connection_whose_neighbour_vanishes_waits_and_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
