/* SPDX-License-Identifier: BSD-2-Clause */
/* Loss recovery: fast retransmit, NewReno, SACK, rescue (RFC 5681 3.2, 3042, 6582, 6675, 2018). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/flight.h"

/* ---- Entering ---- */

static void the_third_duplicate_repeats_the_oldest_segment(void **state)
{
	(void)state;
	for (int with_sack = 0; with_sack < 2; with_sack++) {
		hf_conn c;
		peer *p = in_flight(with_sack ? WITH_SACK : PLAIN, 8, &c);

		for (uint32_t i = 1; i <= 3; i++) {
			peer_expect_nothing(p);
			if (with_sack)
				sack(p, 1, 2, 2 + i);
			else
				duplicate(p, 1);
		}
		expect_repeated(p, 1, HF_SENT_FAST_RETRANSMIT);
		assert_int_equal(peer_info(p, c).fast_recoveries, 1);
		assert_int_equal(peer_info(p, c).ssthresh, 4 * MSS);
		acknowledge(p, start(9));
		assert_int_equal(peer_info(p, c).cwnd, 4 * MSS);
		assert_int_equal(peer_events(p), HF_EVENT_SENT_ALL);
		peer_free(p);
	}
}

static void duplicates_in_between_an_advance_do_not_add_up(void **state)
{
	hf_conn c;
	peer *p = in_flight(PLAIN, 8, &c);

	(void)state;
	for (uint32_t una = 1; una <= 8; una++) {
		acknowledge(p, start(una));
		duplicate(p, una);
		duplicate(p, una);
		if (una == 1) /* the first of these was one already */
			break;
	}
	expect_repeated(p, 1, HF_SENT_FAST_RETRANSMIT);
	acknowledge(p, start(9));
	peer_app_send(p, c, start(9), 4 * MSS);
	EXPECT_SEGMENTS(p, start(9), 4);
	for (uint32_t una = 9; una <= 12; una++) {
		duplicate(p, una);
		duplicate(p, una);
		peer_expect_nothing(p);
		acknowledge(p, start(una + 1));
	}
	assert_int_equal(peer_info(p, c).fast_recoveries, 1);
	peer_free(p);
}

static void what_only_looks_like_a_duplicate_is_none(void **state)
{
	hf_conn c;
	peer *p = in_flight(PLAIN, 8, &c);

	(void)state;
	for (uint16_t i = 1; i <= 5; i++) /* the window changes */
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .window = (uint16_t)(40000 + i));
	for (uint32_t i = 0; i < 5; i++) { /* text comes with it */
		PEER_SAY(p, .flags = ACK, .seq = 1 + i, .ack = 1, .len = 1, .window = 40005);
		PEER_EXPECT(p, .flags = ACK, .seq = start(9), .ack = 2 + i);
	}
	PEER_SAY(p, .flags = ACK, .seq = 6, .ack = start(9), .window = 40005);
	for (int i = 0; i < 5; i++) /* nothing is outstanding */
		PEER_SAY(p, .flags = ACK, .seq = 6, .ack = start(9), .window = 40005);
	peer_expect_nothing(p);
	assert_int_equal(peer_info(p, c).fast_recoveries, 0);
	peer_free(p);
}

/* RFC 6675 2: with SACK, a duplicate is what reports something new. */
static void with_sack_a_bare_repetition_is_no_duplicate(void **state)
{
	hf_conn c;
	peer *p = in_flight(WITH_SACK, 8, &c);

	(void)state;
	for (int i = 0; i < 5; i++)
		duplicate(p, 1);
	for (int i = 0; i < 5; i++)
		sack(p, 1, 3, 4);
	peer_expect_nothing(p);
	assert_int_equal(peer_info(p, c).fast_recoveries, 0);
	peer_free(p);
}

static void limited_transmit_sends_one_new_segment_for_each_of_two_duplicates(void **state)
{
	(void)state;
	for (int with_sack = 0; with_sack < 2; with_sack++) {
		hf_conn c;
		peer *p = in_flight(with_sack ? WITH_SACK : PLAIN, 10, &c);

		peer_app_send(p, c, start(11), 8 * MSS);
		peer_expect_nothing(p); /* cwnd is full */
		for (uint32_t i = 1; i <= 2; i++) {
			if (with_sack)
				sack(p, 1, 2, 2 + i);
			else
				duplicate(p, 1);
			EXPECT_SEGMENTS(p, start(10 + i), 1); /* RFC 3042 */
		}
		assert_int_equal(peer_info(p, c).cwnd, IW);
		if (with_sack)
			sack(p, 1, 2, 5);
		else
			duplicate(p, 1);
		expect_repeated(p, 1, HF_SENT_FAST_RETRANSMIT);
		/* Those two are no part of what is halved. */
		assert_int_equal(peer_info(p, c).ssthresh, 5 * MSS);
		peer_free(p);
	}
}

/* ---- Without SACK: NewReno ---- */

static void each_partial_acknowledgement_repeats_the_next_hole(void **state)
{
	hf_conn c;
	peer *p = in_flight(PLAIN, 10, &c); /* 1, 4 and 8 are lost */

	(void)state;
	for (int i = 0; i < 3; i++)
		duplicate(p, 1);
	expect_repeated(p, 1, HF_SENT_FAST_RETRANSMIT);
	for (int i = 0; i < 4; i++)
		duplicate(p, 1);
	peer_expect_nothing(p);
	acknowledge(p, start(4));
	expect_repeated(p, 4, HF_SENT_FAST_RETRANSMIT);
	acknowledge(p, start(8));
	expect_repeated(p, 8, HF_SENT_FAST_RETRANSMIT);
	assert_int_equal(peer_info(p, c).fast_recoveries, 1); /* one window, one reduction */
	assert_int_equal(peer_info(p, c).ssthresh, 5 * MSS);
	acknowledge(p, start(11));
	assert_int_equal(peer_info(p, c).cwnd, 5 * MSS);
	assert_int_equal(peer_info(p, c).timeouts, 0);
	peer_free(p);
}

/* RFC 5681 3.2 steps 3 and 4: the window, inflated by duplicates, lets new segments out. */
static void further_duplicates_let_new_segments_out(void **state)
{
	hf_conn c;
	peer *p = in_flight(PLAIN, 10, &c);

	(void)state;
	duplicate(p, 1);
	duplicate(p, 1);
	duplicate(p, 1);
	expect_repeated(p, 1, HF_SENT_FAST_RETRANSMIT);
	peer_app_send(p, c, start(11), 5 * MSS);
	/* ssthresh 5, inflated to 8, for 10 in flight: the third further one opens it. */
	for (uint32_t i = 4; i <= 5; i++) {
		duplicate(p, 1);
		peer_expect_nothing(p);
	}
	for (uint32_t i = 0; i < 4; i++) {
		duplicate(p, 1);
		EXPECT_SEGMENTS(p, start(11 + i), 1);
	}
	acknowledge(p, start(11)); /* deflated: 4 in flight, room for one more */
	EXPECT_SEGMENTS(p, start(15), 1);
	assert_int_equal(peer_info(p, c).cwnd, 5 * MSS);
	peer_free(p);
}

/* RFC 6582 3.2 step 3: what a partial acknowledgement covers is taken off the inflated window. */
static void a_partial_acknowledgement_deflates_the_window(void **state)
{
	hf_conn c;
	peer *p = in_flight(PLAIN, 10, &c); /* 1 and 5 are lost */
	unsigned fresh = 0;

	(void)state;
	peer_app_send(p, c, start(11), 20 * MSS);
	for (int i = 0; i < 8; i++)
		duplicate(p, 1);
	peer_ignore(p); /* 1, and three new ones: 5 + 8 - 10 */
	assert_int_equal(peer_info(p, c).snd_nxt - p->host_isn.v, start(14));
	acknowledge(p, start(5));
	PEER_EXPECT(p, .flags = ACK, .seq = start(5), .ack = 1, .len = MSS);
	while (peer_next(p))
		fresh++;
	assert_in_range(fresh, 0, 1); /* 13 - 4 + 1 for nine in flight */
	peer_free(p);
}

/* RFC 6582 3.2 step 2, 4: duplicates of what was repeated in vain must not look like a new loss. */
static void duplicates_at_the_recovery_point_are_no_new_loss(void **state)
{
	hf_conn c;
	peer *p = in_flight(PLAIN, 6, &c);

	(void)state;
	peer_wait_for_output(p, HF_SEC(1)); /* a time-out, but nothing was lost: ACKs were late */
	expect_repeated(p, 1, HF_SENT_TIMEOUT_RETRANSMIT);
	for (uint32_t una = 2; una <= 5; una++) {
		acknowledge(p, start(una));
		peer_ignore(p);
	}
	acknowledge(p, start(7));
	peer_app_send(p, c, start(7), 4 * MSS);
	EXPECT_SEGMENTS(p, start(7), 4);
	for (int i = 0; i < 4; i++)
		duplicate(p, 7);
	peer_expect_nothing(p);
	assert_int_equal(peer_info(p, c).fast_recoveries, 0);
	/* Later duplicates count again. */
	peer_app_send(p, c, start(11), MSS);
	acknowledge(p, start(8));
	EXPECT_SEGMENTS(p, start(11), 1);
	for (int i = 0; i < 3; i++)
		duplicate(p, 8);
	assert_int_equal(peer_info(p, c).fast_recoveries, 1);
	peer_free(p);
}

/* ---- With SACK ---- */

static void only_the_holes_are_repeated(void **state)
{
	hf_conn c;
	peer *p = in_flight(WITH_SACK, 10, &c); /* 1, 4 and 5 are lost */

	(void)state;
	sack(p, 1, 2, 3);
	sack(p, 1, 2, 4);
	peer_expect_nothing(p);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1,
		 .sack = { { start(6), start(7) }, { start(2), start(4) } });
	expect_repeated(p, 1, HF_SENT_FAST_RETRANSMIT);
	/* RACK takes 4 and 5 for lost as well, and PRR lets one out for each that arrives. */
	sack(p, 1, 6, 8);
	expect_repeated(p, 4, HF_SENT_FAST_RETRANSMIT);
	sack(p, 1, 6, 9);
	expect_repeated(p, 5, HF_SENT_FAST_RETRANSMIT);
	sack(p, 1, 6, 10);
	sack(p, 1, 6, 11);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = start(4), .sack = { { start(6), start(11) } });
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = start(5), .sack = { { start(6), start(11) } });
	peer_expect_nothing(p);
	acknowledge(p, start(11));
	assert_int_equal(peer_info(p, c).retransmissions, 3);
	assert_int_equal(peer_info(p, c).fast_recoveries, 1);
	assert_int_equal(peer_info(p, c).cwnd, 5 * MSS);
	assert_int_equal(peer_events(p), HF_EVENT_SENT_ALL);
	peer_free(p);
}

static void one_block_of_three_segments_is_enough(void **state)
{
	hf_conn c;
	peer *p = in_flight(WITH_SACK, 6, &c);

	(void)state;
	sack(p, 1, 3, 5);
	peer_expect_nothing(p);
	sack(p, 1, 3, 6); /* RFC 8985 6.2: DupThresh segments are SACKed, no reordering was seen */
	expect_repeated(p, 1, HF_SENT_FAST_RETRANSMIT);
	sack(p, 1, 3, 7);
	expect_repeated(p, 2, HF_SENT_FAST_RETRANSMIT);
	peer_free(p);
}

/* RFC 8985 6.2: in a recovery one that was sent later is enough. */
static void a_hole_near_the_top_is_repeated_without_a_timeout(void **state)
{
	hf_conn c;
	peer *p = in_flight(WITH_SACK, 7, &c); /* 1 and 6 are lost */

	(void)state;
	sack(p, 1, 2, 3);
	sack(p, 1, 2, 4);
	sack(p, 1, 2, 5);
	expect_repeated(p, 1, HF_SENT_FAST_RETRANSMIT);
	sack(p, 1, 2, 6);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1,
		 .sack = { { start(7), start(8) }, { start(2), start(6) } });
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = start(6), .sack = { { start(7), start(8) } });
	expect_repeated(p, 6, HF_SENT_FAST_RETRANSMIT);
	acknowledge(p, start(8));
	assert_int_equal(peer_info(p, c).timeouts, 0);
	peer_free(p);
}

/* What was sent last of all, a repetition, has arrived: the tail, sent before it, is lost. */
static void the_last_segment_is_found_lost_when_a_repetition_arrives(void **state)
{
	hf_conn c;
	peer *p = in_flight(WITH_SACK, 6, &c); /* 1 and 6 are lost */

	(void)state;
	sack(p, 1, 2, 3);
	sack(p, 1, 2, 4);
	sack(p, 1, 2, 5);
	expect_repeated(p, 1, HF_SENT_FAST_RETRANSMIT);
	sack(p, 1, 2, 6);
	peer_expect_nothing(p);
	peer_wait(p, RTT);
	acknowledge(p, start(6));
	expect_repeated(p, 6, HF_SENT_FAST_RETRANSMIT);
	acknowledge(p, start(7));
	assert_int_equal(peer_info(p, c).timeouts, 0);
	assert_int_equal(peer_info(p, c).retransmissions, 2);
	peer_free(p);
}

static void new_text_leaves_in_recovery_as_the_pipe_empties(void **state)
{
	uint32_t next = 11;
	hf_conn c;
	peer *p = in_flight(WITH_SACK, 10, &c);

	(void)state;
	sack(p, 1, 2, 3);
	sack(p, 1, 2, 4);
	sack(p, 1, 2, 5);
	expect_repeated(p, 1, HF_SENT_FAST_RETRANSMIT);
	peer_app_send(p, c, start(11), 10 * MSS);
	peer_expect_nothing(p); /* pipe: 10 + 1 - 3 - 1 = 7, cwnd: 5 */
	sack(p, 1, 2, 6);
	sack(p, 1, 2, 7);
	peer_expect_nothing(p);
	for (uint32_t i = 8; i <= 11; i++, next++) {
		sack(p, 1, 2, i);
		EXPECT_SEGMENTS(p, start(next), 1);
	}
	peer_free(p);
}

/* A second loss in the same window does not halve again; one in a later window does. */
static void each_window_is_halved_once(void **state)
{
	hf_conn c;
	peer *p = in_flight(WITH_SACK, 10, &c);

	(void)state;
	sack(p, 1, 2, 5);
	sack(p, 1, 6, 9);
	peer_ignore(p);
	assert_int_equal(peer_info(p, c).ssthresh, 5 * MSS);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = start(5), .sack = { { start(6), start(11) } });
	peer_ignore(p);
	assert_int_equal(peer_info(p, c).ssthresh, 5 * MSS);
	assert_int_equal(peer_info(p, c).fast_recoveries, 1);
	acknowledge(p, start(11));
	peer_app_send(p, c, start(11), 5 * MSS);
	EXPECT_SEGMENTS(p, start(11), 5);
	sack(p, 11, 12, 15);
	expect_repeated(p, 11, HF_SENT_FAST_RETRANSMIT);
	assert_int_equal(peer_info(p, c).ssthresh, 5 * MSS / 2);
	assert_int_equal(peer_info(p, c).fast_recoveries, 2);
	peer_free(p);
}

/* Beyond SND.NXT, reversed, empty, below SND.UNA, half outside. */
static void nonsense_in_sack_blocks_changes_nothing(void **state)
{
	hf_conn c;
	peer *p = in_flight(WITH_SACK, 8, &c);
	static const peer_range nonsense[] = {
		{ 8001, 9001 },       { 7001, 8002 },
		{ 5001, 4001 },       { 0x7fff0000, 0x80000000 },
		{ 0x90000001, 4001 }, { 1, 0xf0000000 },
		{ 1, 501 },           { 1, 1001 },
		{ 1001, 1002 },       { 0xfffff000, 1001 },
		{ 2001, 0 },          { 1001, 2001 },
		{ 1001, 6001 },       { 1, 6001 },
		{ 7001, 8002 },       { 6001, 8002 },
		{ 5001, 8002 },       { 4001, 9001 },
	};
	uint32_t before;

	(void)state;
	acknowledge(p, start(2));
	before = peer_info(p, c).cwnd;
	for (int round = 0; round < 4; round++)
		for (unsigned i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++)
			PEER_SAY(p, .flags = ACK, .seq = 1, .ack = start(2),
				 .sack = { nonsense[i] });
	peer_expect_nothing(p);
	assert_int_equal(peer_info(p, c).fast_recoveries, 0);
	assert_int_equal(peer_info(p, c).cwnd, before);
	/* The true ones still count. */
	sack(p, 2, 3, 6);
	expect_repeated(p, 2, HF_SENT_FAST_RETRANSMIT);
	acknowledge(p, start(9));
	assert_int_equal(peer_events(p), HF_EVENT_SENT_ALL);
	peer_free(p);
}

/* A block may end or begin inside a segment; that one has not arrived. */
static void a_segment_that_is_sacked_in_part_is_sent_again(void **state)
{
	hf_conn c;
	peer *p = in_flight(WITH_SACK, 8, &c);

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .sack = { { start(2) + 1, start(5) - 1 } });
	peer_expect_nothing(p); /* 3 alone counts */
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .sack = { { start(2) + 1, start(6) - 1 } });
	peer_expect_nothing(p); /* 3 and 4 */
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .sack = { { start(2) + 1, start(6) } });
	expect_repeated(p, 1, HF_SENT_FAST_RETRANSMIT);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .sack = { { start(2) + 1, start(7) } });
	expect_repeated(p, 2, HF_SENT_FAST_RETRANSMIT);
	peer_free(p);
}

static void blocks_without_agreement_are_ignored(void **state)
{
	hf_conn c;
	peer *p = in_flight(PLAIN, 8, &c);

	(void)state;
	sack(p, 1, 2, 8);
	sack(p, 1, 2, 9);
	peer_expect_nothing(p);
	duplicate(p, 1);
	expect_repeated(p, 1, HF_SENT_FAST_RETRANSMIT);
	acknowledge(p, start(2)); /* whatever was said, it is missing */
	expect_repeated(p, 2, HF_SENT_FAST_RETRANSMIT);
	peer_free(p);
}

/* ---- Time-outs ---- */

static void a_repetition_that_is_lost_too_waits_for_the_timer(void **state)
{
	(void)state;
	for (int with_sack = 0; with_sack < 2; with_sack++) {
		hf_conn c;
		peer *p = in_flight(with_sack ? WITH_SACK : PLAIN, 8, &c);
		unsigned again = with_sack ? 1 : 7; /* what the peer never said it had */

		for (uint32_t i = 1; i <= 7; i++) {
			if (with_sack)
				sack(p, 1, 2, 2 + i);
			else
				duplicate(p, 1);
		}
		expect_repeated(p, 1, HF_SENT_FAST_RETRANSMIT);
		peer_wait_for_output(p, HF_SEC(2));
		expect_repeated(p, 1, HF_SENT_TIMEOUT_RETRANSMIT);
		assert_int_equal(peer_info(p, c).cwnd, MSS);
		assert_int_equal(peer_info(p, c).timeouts, 1);
		if (!with_sack) {
			acknowledge(p, start(2));
			assert_int_equal(peer_ignore(p), 2);
			again = 3;
		}
		acknowledge(p, start(9));
		assert_int_equal(peer_info(p, c).retransmissions, again + 1);
		assert_int_equal(peer_events(p), HF_EVENT_SENT_ALL);
		peer_free(p);
	}
}

static void after_a_timeout_what_is_sacked_is_not_sent_again(void **state)
{
	hf_conn c;
	peer *p = in_flight(WITH_SACK, 8, &c);

	(void)state;
	sack(p, 1, 4, 6);
	ASSERT_LASTED(peer_wait_for_output(p, HF_SEC(2)), RTT / 4); /* RACK's window */
	expect_repeated(p, 1, HF_SENT_FAST_RETRANSMIT);
	peer_wait_for_output(p, HF_SEC(2));
	expect_repeated(p, 1, HF_SENT_TIMEOUT_RETRANSMIT);
	acknowledge(p, start(2));
	EXPECT_SEGMENTS(p, start(2), 2);
	acknowledge(p, start(6));
	EXPECT_SEGMENTS(p, start(6), 3);
	acknowledge(p, start(9));
	assert_int_equal(peer_events(p), HF_EVENT_SENT_ALL);
	peer_free(p);
}

/* RFC 2018 8: a peer may drop what it had SACKed; all is kept until it is acknowledged. */
static void a_peer_that_reneges_gets_everything_again(void **state)
{
	hf_conn c;
	peer *p = in_flight(WITH_SACK, 5, &c);
	uint32_t una = 1;

	(void)state;
	sack(p, 1, 2, 6);
	peer_ignore(p);
	/* Segment 1 arrives, but the rest was thrown away. From now on only segment by segment. */
	for (int tries = 0; una < 6; tries++) {
		const peer_seen *s;

		assert_in_range(tries, 0, 8);
		acknowledge(p, start(++una));
		if (una == 6)
			break;
		for (bool came = false; !came;) {
			peer_wait_for_output(p, HF_SEC(10));
			while ((s = peer_next(p)) != NULL)
				came = came || s->seq == start(una);
		}
	}
	assert_int_equal(peer_events(p), HF_EVENT_SENT_ALL);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_third_duplicate_repeats_the_oldest_segment),
		cmocka_unit_test(duplicates_in_between_an_advance_do_not_add_up),
		cmocka_unit_test(what_only_looks_like_a_duplicate_is_none),
		cmocka_unit_test(with_sack_a_bare_repetition_is_no_duplicate),
		cmocka_unit_test(limited_transmit_sends_one_new_segment_for_each_of_two_duplicates),
		cmocka_unit_test(each_partial_acknowledgement_repeats_the_next_hole),
		cmocka_unit_test(further_duplicates_let_new_segments_out),
		cmocka_unit_test(a_partial_acknowledgement_deflates_the_window),
		cmocka_unit_test(duplicates_at_the_recovery_point_are_no_new_loss),
		cmocka_unit_test(only_the_holes_are_repeated),
		cmocka_unit_test(one_block_of_three_segments_is_enough),
		cmocka_unit_test(a_hole_near_the_top_is_repeated_without_a_timeout),
		cmocka_unit_test(the_last_segment_is_found_lost_when_a_repetition_arrives),
		cmocka_unit_test(new_text_leaves_in_recovery_as_the_pipe_empties),
		cmocka_unit_test(each_window_is_halved_once),
		cmocka_unit_test(nonsense_in_sack_blocks_changes_nothing),
		cmocka_unit_test(a_segment_that_is_sacked_in_part_is_sent_again),
		cmocka_unit_test(blocks_without_agreement_are_ignored),
		cmocka_unit_test(a_repetition_that_is_lost_too_waits_for_the_timer),
		cmocka_unit_test(after_a_timeout_what_is_sacked_is_not_sent_again),
		cmocka_unit_test(a_peer_that_reneges_gets_everything_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
