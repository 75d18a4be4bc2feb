/* SPDX-License-Identifier: BSD-2-Clause */
/* How long a connection lives: orphans, lingering, user timeouts and their option, keep-alive. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/transfer.h"

/* ---- Letting go ---- */

static void close_with_no_time_to_linger_is_abort(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	hf_conn_set(p->stack, c, HF_OPTION_LINGER, 0);
	hf_conn_close(p->stack, c);
	PEER_EXPECT(p, .flags = RST | ACK, .seq = 1, .ack = 1);
	assert_int_equal(peer_stats(p).ends[HF_WHY_ABORTED_HERE], 1);
	peer_free(p);
}

static void lingering_ends_in_a_reset_when_the_time_is_over(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	hf_conn_set(p->stack, c, HF_OPTION_LINGER, HF_SEC(2));
	hf_conn_close(p->stack, c);
	peer_expect(p, FIN | ACK);
	peer_wait(p, HF_MS(1990));
	assert_int_equal(peer_stats(p).orphans, 1);
	peer_ignore(p);
	peer_wait(p, HF_MS(20));
	PEER_EXPECT(p, .flags = RST | ACK, .seq = 2, .ack = 1);
	assert_int_equal(peer_stats(p).ends[HF_WHY_LINGER_TIMEOUT], 1);
	assert_int_equal(peer_stats(p).orphans, 0);
	peer_free(p);
}

static void lingering_is_over_when_all_is_acknowledged(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	hf_conn_set(p->stack, c, HF_OPTION_LINGER, HF_SEC(2));
	hf_conn_close(p->stack, c);
	peer_expect(p, FIN | ACK);
	acknowledge(p, 2);
	peer_wait(p, HF_SEC(50));
	peer_expect_nothing(p); /* FIN-WAIT-2 has its own time */
	assert_int_equal(peer_stats(p).states[HF_FIN_WAIT_2], 1);
	peer_free(p);
}

static void fin_wait_2_has_its_own_length(void **state)
{
	hf_conn c;
	peer *p = transfer_with(NULL, PLAIN, HF_MS(10), &c);

	(void)state;
	hf_conn_set(p->stack, c, HF_OPTION_FIN_WAIT_2, HF_SEC(5));
	hf_conn_close(p->stack, c);
	peer_expect(p, FIN | ACK);
	acknowledge(p, 2);
	peer_wait(p, HF_MS(4990));
	assert_int_equal(peer_stats(p).connections, 1);
	peer_wait(p, HF_MS(20));
	assert_int_equal(peer_stats(p).connections, 0);
	assert_int_equal(peer_stats(p).ends[HF_WHY_ORPHAN_TIMEOUT], 1);
	peer_expect_nothing(p);
	peer_free(p);
}

static void fin_wait_2_may_be_left_out(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	hf_conn_set(p->stack, c, HF_OPTION_FIN_WAIT_2, -1);
	hf_conn_close(p->stack, c);
	peer_expect(p, FIN | ACK);
	acknowledge(p, 2);
	peer_wait(p, HF_MS(1));
	PEER_EXPECT(p, .flags = RST | ACK, .seq = 2, .ack = 1);
	assert_int_equal(peer_stats(p).connections, 0);
	peer_free(p);
}

static void too_many_orphans_are_reset(void **state)
{
	hf_config config = peer_config(false);
	hf_conn a, b;
	peer *p;

	(void)state;
	config.max_orphans = 1;
	p = transfer_with(&config, PLAIN, 0, &a);
	p->self.port++;
	b = peer_handshake_passive(p);
	hf_conn_close(p->stack, b);
	peer_expect(p, FIN | ACK);
	assert_int_equal(peer_stats(p).orphans, 1);
	hf_conn_close(p->stack, a);
	peer_collect(p);
	assert_int_equal(peer_stats(p).orphans, 1);
	assert_int_equal(peer_stats(p).ends[HF_WHY_ORPHAN_LIMIT], 1);
	assert_true(peer_next(p)->tcp.flags & RST);
	PEER_SAY(p, .flags = RST, .seq = 1);
	assert_int_equal(peer_stats(p).orphans, 0);
	peer_free(p);
}

static void an_orphan_is_given_up_sooner(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	unsigned again = 0;

	(void)state;
	hf_conn_close(p->stack, c);
	peer_expect(p, FIN | ACK);
	while (peer_stats(p).connections > 0) {
		peer_wait(p, HF_SEC(10));
		again += peer_ignore(p);
	}
	assert_int_equal(again, 8);
	assert_int_equal(peer_stats(p).ends[HF_WHY_DATA_TIMEOUT], 1);
	peer_free(p);
}

/* ---- The user timeout option (RFC 5482) ---- */

static hf_tcp_options advice(uint16_t field)
{
	return (hf_tcp_options){ .present = HF_HAS(USER_TIMEOUT), .user_timeout = field };
}

static peer *advising(hf_conn *c)
{
	peer *p = peer_new(NULL);

	*c = peer_open(p);
	assert_int_equal(hf_conn_set(p->stack, *c, HF_OPTION_USER_TIMEOUT_OPTION, 1), HF_OK);
	return p;
}

static void our_advice_stands_in_the_syn_and_the_next_segment(void **state)
{
	hf_conn c;
	peer *p = advising(&c);

	(void)state;
	hf_conn_set(p->stack, c, HF_OPTION_USER_TIMEOUT, HF_SEC(200));
	assert_int_equal(peer_expect(p, SYN)->tcp.options.user_timeout, 200);
	PEER_SAY(p, .flags = SYN | ACK, .seq = 0, .ack = 1);
	assert_int_equal(PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1)->tcp.options.user_timeout,
			 200);
	/* A change is told again. */
	hf_conn_set(p->stack, c, HF_OPTION_USER_TIMEOUT, HF_SEC(40000));
	assert_int_equal(PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1)->tcp.options.user_timeout,
			 0x8000 | 667); /* minutes */
	peer_app_send(p, c, 1, 10);
	assert_false(peer_expect(p, ACK)->tcp.options.present & HF_HAS(USER_TIMEOUT));
	peer_free(p);
}

static hf_ns time_until_closed(peer *p)
{
	hf_time from = p->now;

	while (!(peer_events(p) & HF_EVENT_CLOSED)) {
		peer_wait(p, HF_SEC(1));
		assert_true(hf_time_diff(p->now, from) < HF_SEC(5000));
	}
	assert_int_equal(p->event.reason, HF_WHY_USER_TIMEOUT);
	peer_ignore(p);
	return hf_time_diff(p->now, from);
}

/* What the peer advises, and how long sent text then lives. */
static void check_adopted(uint16_t field, hf_ns want)
{
	hf_conn c;
	peer *p = advising(&c);

	peer_expect(p, SYN);
	PEER_SAY(p, .flags = SYN | ACK, .seq = 0, .ack = 1, .options = advice(field));
	peer_ignore(p);
	hf_conn_set(p->stack, c, HF_OPTION_RETRIES, 255);
	peer_app_send(p, c, 1, 10);
	peer_collect(p);
	assert_in_range(time_until_closed(p), want - HF_SEC(1), want + HF_SEC(1));
	peer_free(p);
}

static void the_peers_advice_is_adopted_within_limits(void **state)
{
	(void)state;
	check_adopted(1000, HF_SEC(1000));
	check_adopted(1, HF_SEC(300));               /* not below what we advise ourselves */
	check_adopted(0x8000 | 32767, HF_SEC(3600)); /* not above the stack's limit */
}

static void advice_is_of_no_effect_unless_it_is_wanted(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .options = advice(150));
	hf_conn_set(p->stack, c, HF_OPTION_RETRIES, 9);
	peer_app_send(p, c, 1, 10);
	peer_wait(p, HF_SEC(160));
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	peer_free(p);
}

/* RFC 5482 3: a value of zero is reserved. */
static void advice_of_nothing_is_none(void **state)
{
	hf_conn c;
	peer *p = advising(&c);

	(void)state;
	peer_expect(p, SYN);
	PEER_SAY(p, .flags = SYN | ACK, .seq = 0, .ack = 1, .options = advice(0));
	peer_ignore(p);
	hf_conn_set(p->stack, c, HF_OPTION_RETRIES, 9);
	peer_app_send(p, c, 1, 10);
	while (!(peer_events(p) & HF_EVENT_CLOSED))
		peer_wait(p, HF_SEC(1));
	assert_int_equal(p->event.reason, HF_WHY_DATA_TIMEOUT);
	peer_free(p);
}

static void the_applications_own_timeout_stands_against_advice(void **state)
{
	hf_conn c;
	peer *p = advising(&c);

	(void)state;
	hf_conn_set(p->stack, c, HF_OPTION_USER_TIMEOUT, HF_SEC(20));
	peer_expect(p, SYN);
	PEER_SAY(p, .flags = SYN | ACK, .seq = 0, .ack = 1, .options = advice(1000));
	peer_app_send(p, c, 1, 10);
	peer_collect(p);
	assert_in_range(time_until_closed(p), HF_SEC(20), HF_SEC(21));
	peer_free(p);
}

/* ---- Keep-alive ---- */

static void keep_alive_has_its_own_pace_and_patience(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	hf_conn_set(p->stack, c, HF_OPTION_KEEPALIVE, HF_SEC(10));
	hf_conn_set(p->stack, c, HF_OPTION_KEEPALIVE_INTERVAL, HF_SEC(3));
	hf_conn_set(p->stack, c, HF_OPTION_KEEPALIVE_PROBES, 2);
	ASSERT_LASTED(peer_wait_for_output(p, HF_SEC(99)), HF_SEC(10));
	peer_ignore(p);
	ASSERT_LASTED(peer_wait_for_output(p, HF_SEC(99)), HF_SEC(3));
	peer_ignore(p);
	ASSERT_LASTED(peer_wait_for_output(p, HF_SEC(99)), HF_SEC(3));
	PEER_EXPECT(p, .flags = RST | ACK, .seq = 1, .ack = 1);
	assert_int_equal(peer_events(p), HF_EVENT_CLOSED);
	assert_int_equal(p->event.reason, HF_WHY_KEEPALIVE_TIMEOUT);
	peer_free(p);
}

/* MAY-6 */
static void a_probe_may_carry_an_octet(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	const peer_seen *s;

	(void)state;
	hf_conn_set(p->stack, c, HF_OPTION_KEEPALIVE, HF_SEC(10));
	hf_conn_set(p->stack, c, HF_OPTION_KEEPALIVE_OCTET, 1);
	peer_wait_for_output(p, HF_SEC(99));
	s = PEER_EXPECT(p, .flags = ACK, .seq = 0, .ack = 1, .len = 1);
	assert_int_equal(s->cause, HF_SENT_KEEPALIVE);
	peer_free(p);
}

static void a_user_timeout_takes_the_place_of_the_number_of_probes(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	hf_conn_set(p->stack, c, HF_OPTION_KEEPALIVE, HF_SEC(10));
	hf_conn_set(p->stack, c, HF_OPTION_KEEPALIVE_INTERVAL, HF_SEC(10));
	hf_conn_set(p->stack, c, HF_OPTION_KEEPALIVE_PROBES, 1);
	hf_conn_set(p->stack, c, HF_OPTION_USER_TIMEOUT, HF_SEC(40));
	peer_wait(p, HF_SEC(39));
	assert_int_equal(peer_ignore(p), 3);
	assert_int_equal(peer_events(p), 0);
	peer_wait(p, HF_SEC(2));
	PEER_EXPECT(p, .flags = RST | ACK, .seq = 1, .ack = 1);
	peer_expect_nothing(p);
	assert_int_equal(peer_events(p), HF_EVENT_CLOSED);
	assert_int_equal(p->event.reason, HF_WHY_USER_TIMEOUT);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(close_with_no_time_to_linger_is_abort),
		cmocka_unit_test(lingering_ends_in_a_reset_when_the_time_is_over),
		cmocka_unit_test(lingering_is_over_when_all_is_acknowledged),
		cmocka_unit_test(fin_wait_2_has_its_own_length),
		cmocka_unit_test(fin_wait_2_may_be_left_out),
		cmocka_unit_test(too_many_orphans_are_reset),
		cmocka_unit_test(an_orphan_is_given_up_sooner),
		cmocka_unit_test(our_advice_stands_in_the_syn_and_the_next_segment),
		cmocka_unit_test(the_peers_advice_is_adopted_within_limits),
		cmocka_unit_test(advice_is_of_no_effect_unless_it_is_wanted),
		cmocka_unit_test(advice_of_nothing_is_none),
		cmocka_unit_test(the_applications_own_timeout_stands_against_advice),
		cmocka_unit_test(keep_alive_has_its_own_pace_and_patience),
		cmocka_unit_test(a_probe_may_carry_an_octet),
		cmocka_unit_test(a_user_timeout_takes_the_place_of_the_number_of_probes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
