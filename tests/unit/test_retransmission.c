/* SPDX-License-Identifier: BSD-2-Clause */
/* The retransmission timer: samples, Karn, back-off, R1, R2 (RFC 6298, 9293 3.8.1, 3.8.3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/transfer.h"

/* How long until the host sends the text at `seq` again. */
static hf_ns until_repeated(peer *p, uint32_t seq, uint32_t len)
{
	hf_ns waited = peer_wait_for_output(p, HF_SEC(200));

	EXPECT_TEXT(p, seq, len);
	peer_expect_nothing(p);
	return waited;
}

/* The host opens; its SYN is lost `lost` times, and then answered after `rtt`. */
static peer *opened_late(int lost, uint64_t options, hf_ns rtt, hf_conn *c)
{
	peer *p = peer_new(NULL);

	p->offer.present |= options;
	p->offer.mss = MSS + (options & WITH_STAMPS ? 12 : 0);
	*c = peer_open(p);
	peer_expect(p, SYN);
	for (int i = 0; i < lost; i++) {
		peer_wait_for_output(p, HF_SEC(300));
		peer_expect(p, SYN);
	}
	peer_wait(p, rtt);
	PEER_SAY(p, .flags = SYN | ACK, .ack = 1);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1);
	peer_events(p);
	return p;
}

static void the_handshake_is_the_first_sample(void **state)
{
	hf_conn c;
	peer *p = transfer_with(NULL, PLAIN, HF_MS(100), &c);
	hf_conn_info info = peer_info(p, c);

	(void)state;
	assert_int_equal(info.srtt, HF_MS(100));
	assert_int_equal(info.rttvar, HF_MS(50));
	assert_int_equal(info.rto, HF_MS(300)); /* SRTT + 4 * RTTVAR */
	assert_int_equal(info.min_rtt, HF_MS(100));
	peer_app_send(p, c, 1, 100);
	peer_expect(p, ACK);
	ASSERT_LASTED(until_repeated(p, 1, 100), HF_MS(300));
	peer_free(p);
}

static void later_samples_are_smoothed(void **state)
{
	hf_conn c;
	peer *p = transfer_with(NULL, PLAIN, HF_MS(100), &c);

	(void)state;
	peer_app_send(p, c, 1, 100);
	peer_ignore(p);
	peer_wait(p, HF_MS(180));
	acknowledge(p, 101);
	/* RTTVAR = 3/4 * 50 + 1/4 * |100 - 180|; SRTT = 7/8 * 100 + 1/8 * 180 */
	assert_int_equal(peer_info(p, c).rttvar, HF_US(57500));
	assert_int_equal(peer_info(p, c).srtt, HF_MS(110));
	assert_int_equal(peer_info(p, c).rto, HF_MS(340));
	peer_app_send(p, c, 101, 100);
	peer_ignore(p);
	peer_wait(p, HF_MS(30));
	acknowledge(p, 201);
	assert_int_equal(peer_info(p, c).rttvar, HF_US(63125));
	assert_int_equal(peer_info(p, c).srtt, HF_MS(100));
	assert_int_equal(peer_info(p, c).min_rtt, HF_MS(30));
	peer_free(p);
}

static void the_rfc_profile_waits_a_second_at_least(void **state)
{
	hf_config config = peer_config(false);
	hf_conn c;
	peer *p;

	(void)state;
	config.profile = HF_PROFILE_RFC;
	p = transfer_with(&config, PLAIN, HF_MS(10), &c);
	peer_app_send(p, c, 1, 100);
	peer_expect(p, ACK);
	ASSERT_LASTED(until_repeated(p, 1, 100), HF_SEC(1)); /* RFC 6298 2.4 */
	peer_free(p);
}

/* By the RFC's profile: of `segments` the first is acknowledged after 100 ms. */
static peer *acknowledged_late(uint32_t segments, hf_conn *c)
{
	hf_config config = peer_config(false);
	peer *p;

	config.profile = HF_PROFILE_RFC;
	p = transfer_with(&config, PLAIN, HF_MS(100), c);
	peer_app_send(p, *c, 1, segments * MSS);
	peer_ignore(p);
	peer_wait(p, HF_MS(100));
	acknowledge(p, 1 + MSS);
	peer_expect_nothing(p);
	return p;
}

static void with_few_segments_left_the_time_since_the_first_of_them_counts(void **state)
{
	hf_conn c;
	peer *p = acknowledged_late(4, &c);

	(void)state;
	ASSERT_LASTED(until_repeated(p, 1 + MSS, MSS), HF_MS(900)); /* RFC 7765: 1 s - 100 ms */
	peer_free(p);
	p = acknowledged_late(5, &c); /* four are left: three duplicates may come */
	ASSERT_LASTED(until_repeated(p, 1 + MSS, MSS), HF_SEC(1));
	peer_free(p);
}

static void after_a_lost_syn_the_first_timeout_is_three_seconds(void **state)
{
	hf_conn c;
	peer *p = opened_late(1, PLAIN, HF_MS(10), &c);

	(void)state;
	assert_int_equal(peer_info(p, c).srtt, 0); /* Karn: which SYN was answered? */
	peer_app_send(p, c, 1, 100);
	peer_expect(p, ACK);
	ASSERT_LASTED(until_repeated(p, 1, 100), HF_SEC(3)); /* RFC 6298 5.7 */
	peer_free(p);
}

static void the_timer_starts_with_the_first_segment_and_again_with_each_advance(void **state)
{
	hf_conn c;
	peer *p = transfer_with(NULL, PLAIN, HF_MS(100), &c);
	hf_ns rto;

	(void)state;
	peer_app_send(p, c, 1, MSS);
	peer_wait(p, HF_MS(50));
	peer_app_send(p, c, 1001, MSS);
	peer_app_send(p, c, 2001, MSS);
	peer_ignore(p);
	peer_wait(p, HF_MS(50));
	acknowledge(p, 1001); /* (5.3): starts over */
	rto = peer_info(p, c).rto;
	peer_wait(p, HF_MS(100));
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1001); /* no advance: runs on */
	ASSERT_LASTED(until_repeated(p, 1001, MSS), rto - HF_MS(100));
	acknowledge(p, 3001);
	peer_wait(p, HF_SEC(300)); /* (5.2): off */
	peer_expect_nothing(p);
	peer_free(p);
}

static void each_timeout_doubles_the_wait_up_to_the_limit(void **state)
{
	hf_ns wait = HF_MS(300);
	hf_conn c;
	peer *p = transfer_with(NULL, PLAIN, HF_MS(100), &c);
	const peer_seen *s;

	(void)state;
	peer_app_send(p, c, 1, 100);
	peer_expect(p, ACK);
	for (int i = 0; i < 12; i++) {
		ASSERT_LASTED(peer_wait_for_output(p, HF_SEC(200)), wait);
		s = PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1, .len = 100);
		assert_int_equal(s->cause, HF_SENT_TIMEOUT_RETRANSMIT);
		wait = wait * 2 > HF_SEC(120) ? HF_SEC(120) : wait * 2;
	}
	assert_int_equal(peer_info(p, c).retransmits, 12);
	assert_int_equal(peer_info(p, c).timeouts, 12);
	assert_int_equal(peer_info(p, c).octets_retransmitted, 1200);
	peer_free(p);
}

/* Without timestamps nobody knows which of the two was acknowledged. */
static void a_repeated_segment_is_no_sample_and_keeps_the_back_off(void **state)
{
	hf_conn c;
	peer *p = transfer_with(NULL, PLAIN, HF_MS(100), &c);

	(void)state;
	peer_app_send(p, c, 1, 100);
	peer_expect(p, ACK);
	ASSERT_LASTED(until_repeated(p, 1, 100), HF_MS(300));
	ASSERT_LASTED(until_repeated(p, 1, 100), HF_MS(600));
	peer_wait(p, HF_MS(7));
	acknowledge(p, 101);
	assert_int_equal(peer_info(p, c).srtt, HF_MS(100));
	assert_int_equal(peer_info(p, c).min_rtt, HF_MS(100));
	peer_app_send(p, c, 101, 100);
	peer_expect(p, ACK);
	ASSERT_LASTED(until_repeated(p, 101, 100), HF_MS(1200)); /* still backed off */
	acknowledge(p, 201);
	/* A segment sent once ends it. */
	peer_app_send(p, c, 201, 100);
	peer_expect(p, ACK);
	peer_wait(p, HF_MS(100));
	acknowledge(p, 301);
	peer_app_send(p, c, 301, 100);
	peer_expect(p, ACK);
	assert_true(until_repeated(p, 301, 100) < HF_MS(310));
	peer_free(p);
}

/* An acknowledgement that waited for a gap to be filled tells of the gap, not of the path. */
static void what_a_gap_held_up_is_no_sample(void **state)
{
	hf_conn c;
	peer *p = transfer_with(NULL, PLAIN, HF_MS(100), &c);

	(void)state;
	peer_app_send(p, c, 1, 2 * MSS);
	EXPECT_SEGMENTS(p, 1, 2);
	ASSERT_LASTED(until_repeated(p, 1, MSS), HF_MS(300));
	peer_wait(p, HF_MS(100));
	acknowledge(p, 2001);
	assert_int_equal(peer_info(p, c).srtt, HF_MS(100));
	peer_free(p);
}

static void a_timestamp_tells_the_time_even_of_a_repeated_segment(void **state)
{
	hf_conn c;
	peer *p = transfer_with(NULL, WITH_STAMPS, HF_MS(100), &c);

	(void)state;
	peer_app_send(p, c, 1, 100);
	peer_expect(p, ACK);
	peer_wait_for_output(p, HF_SEC(1));
	EXPECT_TEXT(p, 1, 100);
	peer_wait(p, HF_MS(20));
	acknowledge(p, 101);
	assert_in_range(peer_info(p, c).min_rtt, HF_MS(19), HF_MS(21));
	assert_in_range(peer_info(p, c).srtt, HF_MS(89), HF_MS(91));
	peer_free(p);
}

static void an_echo_that_cannot_be_ours_is_no_sample(void **state)
{
	hf_conn c;
	peer *p = transfer_with(NULL, WITH_STAMPS, HF_MS(100), &c);

	(void)state;
	peer_app_send(p, c, 1, 100);
	peer_ignore(p);
	peer_wait_for_output(p, HF_SEC(1));
	peer_ignore(p);
	p->heard_tsval += 1000; /* from the future */
	acknowledge(p, 101);
	assert_int_equal(peer_info(p, c).srtt, HF_MS(100));
	peer_free(p);
}

/* The host sends 100 octets, and after a time-out once more; the peer echoes what came first. */
static peer *repeated_once(uint64_t options, hf_conn *c)
{
	peer *p = transfer_with(NULL, options, HF_MS(100), c);
	uint32_t first;

	peer_wait(p, HF_MS(50)); /* so that the echo cannot be of the handshake */
	peer_app_send(p, *c, 1, 100);
	peer_expect(p, ACK);
	first = p->heard_tsval;
	peer_wait_for_output(p, HF_SEC(1));
	EXPECT_TEXT(p, 1, 100);
	while (peer_info(p, *c).timeouts == 0) {
		peer_wait_for_output(p, HF_SEC(1));
		EXPECT_TEXT(p, 1, 100);
	}
	assert_true(p->heard_tsval != first);
	p->heard_tsval = first;
	return p;
}

static void the_echo_of_what_had_arrived_before_is_no_sample(void **state)
{
	hf_conn c;
	peer *p = repeated_once(WITH_STAMPS | WITH_SACK, &c);

	(void)state;
	/* The first ACK was lost: this one answers the repetition, and says so. */
	peer_wait(p, HF_MS(150));
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 101, .sack = { { 1, 101 } });
	assert_int_equal(peer_info(p, c).srtt, HF_MS(100));
	peer_free(p);
	/* Without SACK nothing says so: it might be that, after a round trip. */
	p = repeated_once(WITH_STAMPS, &c);
	peer_wait(p, HF_MS(150));
	acknowledge(p, 101);
	assert_int_equal(peer_info(p, c).srtt, HF_MS(100));
	peer_free(p);
}

static void the_echo_of_an_original_that_was_late_is_a_sample(void **state)
{
	hf_conn c;
	peer *p = repeated_once(WITH_STAMPS, &c);
	hf_conn_info info;

	(void)state;
	/* The repetition cannot have been answered yet: the path is as slow as that (RFC 4015). */
	peer_wait(p, HF_MS(20));
	acknowledge(p, 101);
	info = peer_info(p, c);
	assert_int_equal(info.spurious, 1);
	assert_in_range(info.srtt, HF_MS(315), HF_MS(325));
	assert_in_range(info.rttvar, HF_MS(157), HF_MS(163));
	assert_in_range(info.rto, HF_MS(945), HF_MS(975));
	peer_free(p);
	/* With SACK that is so at any time, for a repetition that had arrived would be reported. */
	p = repeated_once(WITH_STAMPS | WITH_SACK, &c);
	peer_wait(p, HF_MS(150));
	acknowledge(p, 101);
	assert_int_equal(peer_info(p, c).spurious, 1);
	assert_true(peer_info(p, c).srtt > HF_MS(400));
	peer_free(p);
}

static void without_a_sample_what_is_undone_keeps_the_back_off(void **state)
{
	hf_conn c;
	peer *p = repeated_once(WITH_STAMPS, &c);

	(void)state;
	peer_wait(p, HF_MS(150));
	acknowledge(p, 101);
	assert_int_equal(peer_info(p, c).spurious, 1);
	peer_app_send(p, c, 101, 100);
	peer_expect(p, ACK);
	ASSERT_LASTED(until_repeated(p, 101, 100), HF_MS(600));
	peer_free(p);
}

/* ---- R1 and R2 ---- */

static void after_three_timeouts_the_application_hears_of_trouble_once(void **state)
{
	hf_conn c;
	peer *p = transfer_with(NULL, PLAIN, HF_MS(100), &c);

	(void)state;
	peer_app_send(p, c, 1, 100);
	peer_expect(p, ACK);
	for (int i = 1; i <= 6; i++) {
		peer_wait_for_output(p, HF_SEC(100));
		peer_ignore(p);
		assert_int_equal(peer_events(p),
				 i == 3 ? HF_EVENT_TROUBLE : 0); /* SHLD-9, SHLD-10 */
	}
	acknowledge(p, 101);
	assert_int_equal(peer_events(p), HF_EVENT_SENT_ALL);
	/* A new silence is news again. */
	peer_app_send(p, c, 101, 100);
	peer_wait(p, HF_SEC(300));
	assert_int_equal(peer_events(p), HF_EVENT_TROUBLE);
	peer_free(p);
}

static void without_any_answer_the_connection_ends_after_many_tries(void **state)
{
	unsigned tries = 0;
	hf_time began;
	hf_conn c;
	peer *p = transfer_with(NULL, PLAIN, HF_MS(1), &c);
	uint8_t octet = 0;
	size_t n;

	(void)state;
	peer_app_send(p, c, 1, 100);
	peer_expect(p, ACK);
	began = p->now;
	while (peer_state(p, c) != HF_CLOSED) {
		peer_wait(p, HF_SEC(1));
		tries += peer_ignore(p);
		assert_true(hf_time_diff(p->now, began) < HF_SEC(3600));
	}
	assert_int_equal(tries, 15);
	assert_true(hf_time_diff(p->now, began) >= HF_SEC(100)); /* MUST-20, SHLD-11 */
	assert_true(peer_events(p) & HF_EVENT_CLOSED);
	assert_int_equal(p->event.reason, HF_WHY_DATA_TIMEOUT);
	assert_int_equal(hf_conn_send(p->stack, c, &octet, 1, &n), HF_ERR_TIMED_OUT);
	assert_int_equal(hf_conn_receive(p->stack, c, &octet, 1, &n), HF_ERR_TIMED_OUT);
	assert_int_equal(peer_stats(p).buffers, 0);
	peer_free(p);
}

static void each_advance_of_the_peer_starts_the_count_anew(void **state)
{
	hf_config config = peer_config(false);
	hf_conn c;
	peer *p;

	(void)state;
	config.data_retries = 4;
	p = transfer_with(&config, PLAIN, HF_MS(1), &c);
	peer_app_send(p, c, 1, 100);
	peer_expect(p, ACK);
	for (uint32_t done = 1; done <= 50; done++) {
		for (int i = 0; i < 4; i++) {
			peer_wait_for_output(p, HF_SEC(130));
			peer_ignore(p);
		}
		acknowledge(p, 1 + done);
		peer_ignore(p);
	}
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	peer_free(p);
}

/* MAY-4 */
static void a_repeated_packet_has_the_identification_of_the_first(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	const peer_seen *first, *again;

	(void)state;
	peer_app_send(p, c, 1, 100);
	first = peer_expect(p, ACK);
	peer_wait_for_output(p, HF_SEC(10));
	again = peer_expect(p, ACK);
	assert_int_equal(again->ip.id, first->ip.id);
	assert_true(first->ip.dont_fragment && again->ip.dont_fragment); /* RFC 6864 4.1 */
	peer_free(p);
}

static void the_user_timeout_ends_the_connection_when_it_was_asked_to(void **state)
{
	hf_conn c;
	peer *p = transfer_with(NULL, PLAIN, HF_MS(1), &c);

	(void)state;
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_USER_TIMEOUT, HF_SEC(10)), HF_OK);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_USER_TIMEOUT, -1), HF_ERR_INVALID);
	peer_wait(p, HF_SEC(100)); /* silence alone is no reason */
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	peer_app_send(p, c, 1, 200);
	peer_wait(p, HF_SEC(9));
	peer_ignore(p);
	acknowledge(p, 101); /* an advance starts it over */
	peer_wait(p, HF_MS(9990));
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	peer_wait(p, HF_MS(11));
	assert_int_equal(peer_state(p, c), HF_CLOSED);
	assert_true(peer_events(p) & HF_EVENT_CLOSED);
	assert_int_equal(p->event.reason, HF_WHY_USER_TIMEOUT);
	peer_free(p);
}

static void a_timeout_repeats_one_segment_and_then_slow_start_repeats_the_rest(void **state)
{
	static const uint64_t options[] = { PLAIN, WITH_SACK };

	(void)state;
	for (unsigned k = 0; k < 2; k++) {
		hf_conn c;
		peer *p = transfer_with(NULL, options[k], HF_MS(100), &c);

		peer_app_send(p, c, 1, 6 * MSS); /* all of them are lost */
		EXPECT_SEGMENTS(p, 1, 6);
		if (options[k] == WITH_SACK) /* first a tail loss probe, after two round trips */
			ASSERT_LASTED(until_repeated(p, 5001, MSS), HF_MS(200));
		ASSERT_LASTED(until_repeated(p, 1, MSS), HF_MS(300));
		assert_int_equal(peer_info(p, c).cwnd, MSS);
		assert_int_equal(peer_info(p, c).ssthresh, 3 * MSS); /* half the flight */
		acknowledge(p, 1001);
		EXPECT_SEGMENTS(p, 1001, 2);
		acknowledge(p, 2001);
		EXPECT_SEGMENTS(p, 3001, 2);
		acknowledge(p, 3001);
		EXPECT_SEGMENTS(p, 5001, 1);
		acknowledge(p, 6001);
		assert_int_equal(peer_events(p), HF_EVENT_SENT_ALL);
		peer_free(p);
	}
}

/* RFC 6298 (5.1): the timer is started when text leaves; the persist timer was another. */
static void text_that_an_opened_window_lets_out_has_a_whole_rto(void **state)
{
	hf_ns rto = 0;

	(void)state;
	for (int round = 0; round < 2; round++) {
		peer *p = peer_new(NULL);
		hf_conn c = peer_handshake_passive(p);

		p->window = 0;
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
		peer_app_send(p, c, 1, 100);
		peer_expect_nothing(p);
		if (round == 0) {
			rto = peer_wait_for_output(p, HF_SEC(10));
		} else {
			peer_wait(p, rto - HF_MS(1));
			p->window = 65535;
			PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
			assert_int_equal(peer_expect(p, ACK)->len, 100);
			peer_wait(p, HF_MS(10));
			peer_expect_nothing(p);
		}
		peer_free(p);
	}
}

/* A connection that begins with a closed window has the whole RTO before it is probed (SHLD-29). */
static void a_window_that_is_closed_from_the_start_is_probed_after_one_rto(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_open(p);

	(void)state;
	peer_expect(p, SYN);
	peer_wait(p, HF_MS(900)); /* the SYN's own timer would run out 100 ms later */
	p->window = 0;
	PEER_SAY(p, .flags = SYN | ACK, .ack = 1);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1);
	peer_app_send(p, c, 1, 100);
	peer_expect_nothing(p);
	ASSERT_LASTED(peer_wait_for_output(p, HF_SEC(9)), 3 * HF_MS(900)); /* RFC 6298 (2.2) */
	EXPECT_TEXT(p, 1, 1);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_handshake_is_the_first_sample),
		cmocka_unit_test(later_samples_are_smoothed),
		cmocka_unit_test(the_rfc_profile_waits_a_second_at_least),
		cmocka_unit_test(with_few_segments_left_the_time_since_the_first_of_them_counts),
		cmocka_unit_test(after_a_lost_syn_the_first_timeout_is_three_seconds),
		cmocka_unit_test(
			the_timer_starts_with_the_first_segment_and_again_with_each_advance),
		cmocka_unit_test(each_timeout_doubles_the_wait_up_to_the_limit),
		cmocka_unit_test(a_repeated_segment_is_no_sample_and_keeps_the_back_off),
		cmocka_unit_test(what_a_gap_held_up_is_no_sample),
		cmocka_unit_test(a_timestamp_tells_the_time_even_of_a_repeated_segment),
		cmocka_unit_test(an_echo_that_cannot_be_ours_is_no_sample),
		cmocka_unit_test(the_echo_of_what_had_arrived_before_is_no_sample),
		cmocka_unit_test(the_echo_of_an_original_that_was_late_is_a_sample),
		cmocka_unit_test(without_a_sample_what_is_undone_keeps_the_back_off),
		cmocka_unit_test(after_three_timeouts_the_application_hears_of_trouble_once),
		cmocka_unit_test(without_any_answer_the_connection_ends_after_many_tries),
		cmocka_unit_test(each_advance_of_the_peer_starts_the_count_anew),
		cmocka_unit_test(a_repeated_packet_has_the_identification_of_the_first),
		cmocka_unit_test(the_user_timeout_ends_the_connection_when_it_was_asked_to),
		cmocka_unit_test(
			a_timeout_repeats_one_segment_and_then_slow_start_repeats_the_rest),
		cmocka_unit_test(text_that_an_opened_window_lets_out_has_a_whole_rto),
		cmocka_unit_test(a_window_that_is_closed_from_the_start_is_probed_after_one_rto),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
