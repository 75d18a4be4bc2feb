/* SPDX-License-Identifier: BSD-2-Clause */
/* Which deadline holds when: one that is over does not linger, one that runs is not put off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/complaint.h"
#include "tests/unit/flight.h"

#define FIRST_RTO HF_MS(200) /* after a handshake that took no time */

/* The handshake is over: what counted its silence counts no more (RFC 9293 3.9.1.1). */
static void an_idle_connection_has_no_user_timeout(void **state)
{
	(void)state;
	for (int active = 0; active < 2; active++) {
		peer *p = peer_new(NULL);
		hf_conn c = active ? peer_handshake_active(p) : peer_handshake_passive(p);

		assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_USER_TIMEOUT, HF_SEC(5)),
				 HF_OK);
		peer_wait(p, HF_SEC(60));
		assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
		peer_expect_nothing(p);
		peer_free(p);
	}
}

/* A connection that probed a closed window until it backed off to some seconds. */
static peer *after_probes(hf_conn *c)
{
	peer *p = transfer(PLAIN, c);

	p->window = 4 * MSS; /* the largest that is seen */
	acknowledge(p, 1);
	p->window = 0;
	acknowledge(p, 1);
	peer_app_send(p, *c, 1, 10 * MSS);
	for (int i = 0; i < 5; i++) {
		peer_wait_for_output(p, HF_SEC(20));
		PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1, .len = 1);
		acknowledge(p, 1);
	}
	return p;
}

/* SHLD-29, SHLD-30: what the window lets out but silly window avoidance holds waits one RTO. */
static void a_window_that_opens_a_little_ends_the_wait_of_the_closed_one(void **state)
{
	hf_conn c;
	peer *p = after_probes(&c);

	(void)state;
	p->window = MSS / 2;
	acknowledge(p, 2); /* the probe's octet was taken */
	peer_expect_nothing(p);
	ASSERT_LASTED(peer_wait_for_output(p, HF_SEC(20)), FIRST_RTO);
	PEER_EXPECT(p, .flags = ACK, .seq = 2, .ack = 1, .len = MSS / 2);
	peer_free(p);
}

/* MUST-36: probes come, however much the peer has to say. */
static void segments_that_arrive_do_not_put_off_the_probe_of_a_closed_window(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	hf_time closed;
	const peer_seen *s;
	uint32_t at = 1;
	bool is_probed = false;

	(void)state;
	p->window = 0;
	acknowledge(p, 1);
	peer_app_send(p, c, 1, MSS);
	for (closed = p->now; hf_time_diff(p->now, closed) < 2 * FIRST_RTO; at++) {
		peer_wait(p, HF_MS(20));
		PEER_SAY(p, .flags = ACK, .seq = at, .ack = 1, .len = 1);
		while ((s = peer_next(p)) != NULL)
			is_probed |= s->len == 1;
	}
	assert_true(is_probed);
	peer_free(p);
}

/* However many probes fit into it: the user timeout ends a silence (RFC 9293 3.9.1.1, MUST-29). */
static void many_probes_do_not_outlast_the_user_timeout(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	unsigned probes = 0;

	(void)state;
	hf_conn_set(p->stack, c, HF_OPTION_KEEPALIVE, HF_SEC(1));
	hf_conn_set(p->stack, c, HF_OPTION_KEEPALIVE_INTERVAL, HF_SEC(1));
	hf_conn_set(p->stack, c, HF_OPTION_USER_TIMEOUT, HF_SEC(600));
	peer_wait(p, HF_SEC(599));
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	assert_int_equal(peer_info(p, c).probes, UINT8_MAX); /* as far as it can be told */
	peer_wait(p, HF_SEC(2));
	for (const peer_seen *s; (s = peer_next(p)) != NULL;)
		probes += s->cause == HF_SENT_KEEPALIVE;
	assert_int_equal(probes, 599);
	assert_int_equal(peer_state(p, c), HF_CLOSED);
	assert_int_equal(peer_info(p, c).reason, HF_WHY_USER_TIMEOUT);
	peer_free(p);
}

/* RFC 8985 7.2: no probe goes into a closed window, and the time-out is not put off for it. */
static void a_window_that_closes_calls_the_tail_probe_off(void **state)
{
	hf_conn c;
	peer *p = in_flight(WITH_SACK, 2, &c);
	hf_ns rto = peer_info(p, c).rto;

	(void)state;
	p->window = 0;
	acknowledge(p, 1);
	ASSERT_LASTED(peer_wait_for_output(p, HF_SEC(2)), rto - RTT);
	assert_int_equal(PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1, .len = MSS)->cause,
			 HF_SENT_WINDOW_PROBE);
	peer_free(p);
}

/* What a smaller window kept back is not made up for when it opens. */
static void a_tail_probe_that_had_no_room_is_over(void **state)
{
	hf_conn c;
	peer *p = in_flight(WITH_SACK, 3, &c);
	hf_ns rto = peer_info(p, c).rto;

	(void)state;
	p->window = MSS;
	acknowledge(p, 1);
	peer_wait(p, rto - RTT - HF_MS(50)); /* past the probe's time */
	peer_expect_nothing(p);
	p->window = 10 * MSS;
	acknowledge(p, 1);
	peer_expect_nothing(p);
	peer_free(p);
}

/* RFC 6069 4.1: a report takes back what a time-out doubled, and only of what was sent again. */
static void a_report_about_what_was_sent_once_takes_nothing_back(void **state)
{
	static const report no_host = { 3, 1, HF_WHY_ICMP_HOST };
	hf_conn c;
	peer *p = in_flight(PLAIN, 1, &c);

	(void)state;
	peer_wait_for_output(p, HF_SEC(2));
	peer_expect(p, ACK);
	acknowledge(p, start(2)); /* of which of the two nobody knows: the time stays doubled */
	assert_int_equal(peer_info(p, c).backoff, 1);
	peer_app_send(p, c, start(2), MSS);
	complain(p, no_host, 0, peer_expect(p, ACK));
	assert_int_equal(peer_info(p, c).backoff, 1);
	peer_wait_for_output(p, HF_SEC(2));
	complain(p, no_host, 0, peer_expect(p, ACK));
	assert_int_equal(peer_info(p, c).backoff, 1); /* doubled, and taken back */
	peer_free(p);
}

/* MUST-40, SHLD-18: the delay of ACKs follows the gaps between segments, down and up. */
static void the_delay_of_acknowledgements_follows_the_gaps(void **state)
{
	static const struct {
		int gap, delay; /* ms */
	} steps[] = { { 30, 50 }, { 30, 55 }, { 10, 47 }, { 5, 43 }, { 44, 43 } };
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	uint32_t at = 1;

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = at++, .ack = 1, .len = 1);
	assert_int_equal(peer_info(p, c).ack_delay, HF_MS(40));
	for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		peer_wait(p, HF_MS(steps[i].gap));
		PEER_SAY(p, .flags = ACK, .seq = at++, .ack = 1, .len = 1);
		assert_in_range(peer_info(p, c).ack_delay, HF_MS(steps[i].delay),
				HF_MS(steps[i].delay + 1));
	}
	peer_free(p);
}

/* U-2: once, until there is progress, though reports take retransmissions back (RFC 6069). */
static void trouble_is_told_once_until_there_is_progress(void **state)
{
	static const report no_host = { 3, 1, HF_WHY_ICMP_HOST };
	hf_conn c;
	peer *p = in_flight(PLAIN, 1, &c);
	const peer_seen *s;
	unsigned told = 0;

	(void)state;
	for (int i = 0; i < 8; i++) {
		peer_wait_for_output(p, HF_SEC(100));
		s = peer_expect(p, ACK);
		told += (peer_events(p) & HF_EVENT_TROUBLE) != 0;
		if (i >= 2)
			complain(p, no_host, 0, s);
		peer_events(p); /* the report itself is told, too */
		peer_ignore(p);
	}
	assert_int_equal(told, 1);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_idle_connection_has_no_user_timeout),
		cmocka_unit_test(a_window_that_opens_a_little_ends_the_wait_of_the_closed_one),
		cmocka_unit_test(segments_that_arrive_do_not_put_off_the_probe_of_a_closed_window),
		cmocka_unit_test(many_probes_do_not_outlast_the_user_timeout),
		cmocka_unit_test(a_window_that_closes_calls_the_tail_probe_off),
		cmocka_unit_test(a_tail_probe_that_had_no_room_is_over),
		cmocka_unit_test(a_report_about_what_was_sent_once_takes_nothing_back),
		cmocka_unit_test(the_delay_of_acknowledgements_follows_the_gaps),
		cmocka_unit_test(trouble_is_told_once_until_there_is_progress),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
