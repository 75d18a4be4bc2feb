/* SPDX-License-Identifier: BSD-2-Clause */
/* When text is acknowledged: delays, gaps, SACK blocks (RFC 9293 3.8.6.3, 5681 4.2, 2018). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/transfer.h"

#define FULL MSS /* octets in a full segment of the peer's */
#define DELAY HF_MS(40)

/* The peer sends full segments, one by one, until the host delays. Returns what follows. */
static uint32_t past_the_quick_acks(peer *p)
{
	uint32_t at = 1;

	for (int i = 0; i < 40; i++) {
		PEER_SAY(p, .flags = ACK, .seq = at, .ack = 1, .len = FULL);
		at += FULL;
		peer_wait(p, HF_MS(1));
	}
	peer_ignore(p);
	return at;
}

static void the_first_segments_are_acknowledged_at_once(void **state)
{
	uint32_t at = 1;
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	for (int i = 0; i < 8; i++) { /* a sender in slow start waits for each of them */
		PEER_SAY(p, .flags = ACK, .seq = at, .ack = 1, .len = FULL);
		at += FULL;
		PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = at);
	}
	peer_free(p);
}

static void a_single_segment_is_acknowledged_within_half_a_second(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	uint32_t at = past_the_quick_acks(p);
	const peer_seen *s;

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = at, .ack = 1, .len = FULL);
	peer_expect_nothing(p);
	ASSERT_LASTED(peer_wait_for_output(p, HF_MS(500)), DELAY); /* MUST-40 */
	s = PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = at + FULL);
	assert_int_equal(s->cause, HF_SENT_DELAYED_ACK);
	peer_wait(p, HF_SEC(1));
	peer_expect_nothing(p);
	peer_free(p);
}

static void the_delay_is_as_configured_and_never_reaches_half_a_second(void **state)
{
	hf_config config = peer_config(false);
	hf_stack *stack = NULL;
	struct heap heap = { 0 };
	uint32_t at;
	hf_conn c;
	peer *p;

	(void)state;
	config.delayed_ack = HF_MS(499);
	p = transfer_with(&config, PLAIN, 0, &c);
	at = past_the_quick_acks(p);
	peer_ignore(p);
	PEER_SAY(p, .flags = ACK, .seq = at, .ack = 1, .len = FULL);
	ASSERT_LASTED(peer_wait_for_output(p, HF_SEC(1)), HF_MS(499));
	peer_free(p);

	config.allocator = (hf_allocator){ heap_alloc, heap_free, &heap };
	config.delayed_ack = HF_MS(500);
	assert_int_equal(hf_stack_new(&config, (hf_time){ 0 }, &stack), HF_ERR_INVALID);
	assert_null(stack);
}

static void every_second_full_segment_is_acknowledged_at_once(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	uint32_t at = past_the_quick_acks(p);

	(void)state;
	for (int i = 0; i < 5; i++) {
		PEER_SAY(p, .flags = ACK, .seq = at, .ack = 1, .len = FULL);
		peer_expect_nothing(p);
		at += 2 * FULL;
		PEER_SAY(p, .flags = ACK, .seq = at - FULL, .ack = 1, .len = FULL);
		PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = at); /* SHLD-19 */
		peer_expect_nothing(p);
	}
	peer_wait(p, HF_SEC(1));
	peer_expect_nothing(p);
	peer_free(p);
}

static void the_delay_runs_from_the_oldest_unacknowledged_text(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	uint32_t at = past_the_quick_acks(p);

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = at, .ack = 1, .len = 10);
	peer_wait(p, HF_MS(20));
	PEER_SAY(p, .flags = ACK, .seq = at + 10, .ack = 1, .len = 10);
	ASSERT_LASTED(peer_wait_for_output(p, HF_MS(500)), HF_MS(20));
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = at + 20);
	peer_free(p);
}

static void text_that_leaves_carries_the_delayed_acknowledgement(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	uint32_t at = past_the_quick_acks(p);

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = at, .ack = 1, .len = 100);
	peer_app_send(p, c, 1, 50);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = at + 100, .len = 50);
	PEER_SAY(p, .flags = ACK, .seq = at + 100, .ack = 51);
	peer_wait(p, HF_SEC(1));
	peer_expect_nothing(p);
	peer_free(p);
}

/* MUST-58, MUST-59 */
static void a_burst_in_order_is_acknowledged_once(void **state)
{
	hf_conn c;
	peer *p = transfer(WITH_SACK, &c);

	(void)state;
	for (uint32_t i = 0; i < 10; i++)
		PEER_SAY(p, .flags = ACK, .seq = 1 + i * FULL, .ack = 1, .len = FULL);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1 + 10 * FULL);
	peer_expect_nothing(p);
	peer_free(p);
}

static void an_acknowledgement_is_never_acknowledged(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	PEER_SAY(p, .flags = ACK | PSH, .seq = 1, .ack = 1);
	peer_wait(p, HF_SEC(1));
	peer_expect_nothing(p);
	peer_free(p);
}

/* ---- Gaps ---- */

static void each_segment_out_of_order_is_answered_at_once(void **state)
{
	static const uint64_t options[] = { PLAIN, WITH_SACK };

	(void)state;
	for (unsigned k = 0; k < 2; k++) {
		hf_conn c;
		peer *p = transfer(options[k], &c);
		uint32_t at = past_the_quick_acks(p);

		for (uint32_t i = 1; i <= 5; i++) {
			PEER_SAY(p, .flags = ACK, .seq = at + i * FULL, .ack = 1, .len = FULL);
			PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = at); /* RFC 5681 4.2 */
			peer_expect_nothing(p);
		}
		peer_free(p);
	}
}

/* A sender without SACK counts them: each segment is owed its duplicate, even in one burst. */
static void without_sack_a_burst_out_of_order_gets_a_duplicate_for_each(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	for (uint32_t i = 1; i <= 4; i++)
		PEER_SAY(p, .flags = ACK, .seq = 1 + i * FULL, .ack = 1, .len = FULL);
	for (int i = 0; i < 4; i++)
		PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1);
	peer_expect_nothing(p);
	peer_free(p);
}

/* MUST-59 */
/* Three equal numbers would make the peer retransmit what it need not. */
static void a_burst_that_was_only_reordered_gets_no_duplicates(void **state)
{
	static const uint64_t options[] = { PLAIN, WITH_SACK };

	(void)state;
	for (unsigned k = 0; k < 2; k++) {
		hf_conn c;
		peer *p = transfer(options[k], &c);

		for (uint32_t i = 4; i-- > 0;)
			PEER_SAY(p, .flags = ACK, .seq = 1 + i * FULL, .ack = 1, .len = FULL);
		PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1 + 4 * FULL);
		peer_expect_nothing(p);
		peer_free(p);
	}
}

static void text_that_fills_a_gap_is_acknowledged_at_once(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	uint32_t at = past_the_quick_acks(p);

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = at + 100, .ack = 1, .len = 10);
	PEER_SAY(p, .flags = ACK, .seq = at + 200, .ack = 1, .len = 10);
	peer_ignore(p);
	/* In part, in part again, and wholly. */
	PEER_SAY(p, .flags = ACK, .seq = at, .ack = 1, .len = 10);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = at + 10);
	PEER_SAY(p, .flags = ACK, .seq = at + 10, .ack = 1, .len = 90);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = at + 110);
	PEER_SAY(p, .flags = ACK, .seq = at + 110, .ack = 1, .len = 90);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = at + 210);
	peer_free(p);
}

static void duplicates_are_answered_at_once(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	uint32_t at = past_the_quick_acks(p);

	(void)state;
	for (int i = 0; i < 3; i++) {
		PEER_SAY(p, .flags = ACK, .seq = at - FULL, .ack = 1, .len = FULL);
		PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = at);
	}
	peer_free(p);
}

/* ---- SACK ---- */

/* The blocks of the oldest unseen segment are these, in this order. */
static void expect_blocks(peer *p, uint32_t ack, const peer_range *want, unsigned count)
{
	const peer_seen *s = PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = ack);

	if (count == 0) {
		assert_false(s->tcp.options.present & HF_HAS(SACK));
		return;
	}
	assert_true(s->tcp.options.present & HF_HAS(SACK));
	assert_int_equal(s->tcp.options.sack_count, count);
	for (unsigned i = 0; i < count; i++) {
		assert_int_equal(hf_seq_span(p->isn, s->tcp.options.sack[i].start), want[i].from);
		assert_int_equal(hf_seq_span(p->isn, s->tcp.options.sack[i].end), want[i].to);
	}
}

/* RFC 2018 4: first the block with the segment that caused it, then the most recent others. */
static void sack_blocks_tell_the_newest_first(void **state)
{
	hf_conn c;
	peer *p = transfer(WITH_SACK, &c);

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = 101, .ack = 1, .len = 50);
	expect_blocks(p, 1, (peer_range[]){ { 101, 151 } }, 1);
	PEER_SAY(p, .flags = ACK, .seq = 301, .ack = 1, .len = 50);
	expect_blocks(p, 1, (peer_range[]){ { 301, 351 }, { 101, 151 } }, 2);
	PEER_SAY(p, .flags = ACK, .seq = 201, .ack = 1, .len = 50);
	expect_blocks(p, 1, (peer_range[]){ { 201, 251 }, { 301, 351 }, { 101, 151 } }, 3);
	/* An old block that grows is the newest again. */
	PEER_SAY(p, .flags = ACK, .seq = 151, .ack = 1, .len = 10);
	expect_blocks(p, 1, (peer_range[]){ { 101, 161 }, { 201, 251 }, { 301, 351 } }, 3);
	/* Two that become one are told once. */
	PEER_SAY(p, .flags = ACK, .seq = 161, .ack = 1, .len = 40);
	expect_blocks(p, 1, (peer_range[]){ { 101, 251 }, { 301, 351 } }, 2);
	/* Filling the first gap takes the first block away. */
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 100);
	expect_blocks(p, 251, (peer_range[]){ { 301, 351 } }, 1);
	PEER_SAY(p, .flags = ACK, .seq = 251, .ack = 1, .len = 50);
	expect_blocks(p, 351, NULL, 0);
	peer_app_receive(p, c, 1, 350);
	peer_free(p);
}

static void as_many_blocks_are_told_as_the_header_has_room_for(void **state)
{
	(void)state;
	for (unsigned k = 0; k < 2; k++) {
		unsigned most = k ? 3 : 4; /* beside timestamps: three (RFC 2018 3) */
		hf_conn c;
		peer *p = transfer(k ? WITH_SACK | WITH_STAMPS : WITH_SACK, &c);
		const peer_seen *s = NULL;

		for (uint32_t i = 1; i <= 6; i++) {
			PEER_SAY(p, .flags = ACK, .seq = 1 + i * 200, .ack = 1, .len = 100);
			s = PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1);
			assert_int_equal(s->tcp.options.sack_count, i < most ? i : most);
			assert_int_equal(hf_seq_span(p->isn, s->tcp.options.sack[0].start),
					 1 + i * 200);
		}
		for (unsigned i = 0; i < 3; i++) /* by age */
			assert_int_equal(hf_seq_span(p->isn, s->tcp.options.sack[i].start),
					 1 + (6 - i) * 200);
		peer_free(p);
	}
}

static void a_duplicate_beyond_the_gap_is_told_before_its_block(void **state)
{
	hf_conn c;
	peer *p = transfer(WITH_SACK, &c);

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = 101, .ack = 1, .len = 50);
	PEER_SAY(p, .flags = ACK, .seq = 301, .ack = 1, .len = 50);
	peer_ignore(p);
	PEER_SAY(p, .flags = ACK, .seq = 101, .ack = 1, .len = 50);
	expect_blocks(p, 1, (peer_range[]){ { 101, 151 }, { 101, 151 }, { 301, 351 } }, 3);
	peer_free(p);
}

static void blocks_ride_on_text_which_is_shortened_to_make_room(void **state)
{
	hf_conn c;
	peer *p = transfer(WITH_SACK, &c);
	const peer_seen *s;

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = 101, .ack = 1, .len = 50);
	peer_ignore(p);
	peer_app_send(p, c, 1, 2000);
	s = PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1, .len = MSS - 12);
	assert_int_equal(s->tcp.options.sack_count, 1);
	peer_check_text(s);
	peer_free(p);
}

static void without_agreement_no_blocks_are_sent(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = 101, .ack = 1, .len = 50);
	expect_blocks(p, 1, NULL, 0);
	peer_free(p);
}

static void too_many_gaps_drop_the_segment_and_are_survived(void **state)
{
	hf_reason why = HF_WHY_NONE;
	uint32_t gaps = 0;
	hf_conn c;
	peer *p = transfer(WITH_SACK, &c);

	(void)state;
	for (; gaps < 20000 && why == HF_WHY_NONE; gaps++)
		why = PEER_SAY(p, .flags = ACK, .seq = 3 + 2 * gaps, .ack = 1, .len = 1);
	assert_int_equal(why, HF_WHY_OUT_OF_ORDER_LIMIT);
	assert_in_range(gaps, 8000, 19999);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 1400);
	peer_app_receive(p, c, 1, 1401); /* the octet after it was there */
	peer_free(p);
}

/* TCP_QUICKACK: what waits goes at once, and where nothing waits nothing is said. */
static void asked_to_be_quick_it_says_what_it_owes_and_no_more(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	uint32_t at = past_the_quick_acks(p);

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = at, .ack = 1, .len = FULL);
	peer_expect_nothing(p);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_QUICK_ACK, 1), HF_OK);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = at + FULL);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_QUICK_ACK, 1), HF_OK);
	peer_expect_nothing(p);
	peer_free(p);
}

/* Old text says that our ACK was late or lost, and the next go at once; an old ACK says nothing. */
static void old_text_makes_acknowledgements_quick_and_an_old_ack_does_not(void **state)
{
	(void)state;
	for (uint32_t old = 0; old < 2; old++) {
		hf_conn c;
		peer *p = transfer(PLAIN, &c);
		uint32_t at = past_the_quick_acks(p);

		PEER_SAY(p, .flags = ACK, .seq = at - 1, .ack = 1, .len = old);
		PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = at);
		PEER_SAY(p, .flags = ACK, .seq = at, .ack = 1, .len = FULL);
		if (old > 0)
			PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = at + FULL);
		peer_expect_nothing(p);
		peer_free(p);
	}
}

/* A message that was read to its end, and got no answer, is acknowledged then (SHLD-18). */
static void a_message_is_acknowledged_once_it_is_read(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	uint32_t at = past_the_quick_acks(p);

	(void)state;
	peer_app_receive(p, c, 1, at - 1);
	peer_ignore(p);
	PEER_SAY(p, .flags = ACK, .seq = at, .ack = 1, .len = 100);
	assert_int_equal(hf_conn_consume(p->stack, c, 99), HF_OK);
	peer_expect_nothing(p);
	peer_app_receive(p, c, at + 99, 1);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = at + 100);
	/* Of a full segment the next may follow: its ACK waits. */
	PEER_SAY(p, .flags = ACK, .seq = at + 100, .ack = 1, .len = FULL);
	peer_app_receive(p, c, at + 100, FULL);
	peer_expect_nothing(p);
	peer_free(p);
}

/* Where we answer what comes, the answer takes the ACK along, unless two messages wait for it. */
static void between_question_and_answer_only_a_second_message_is_acknowledged(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	uint32_t at = past_the_quick_acks(p);

	(void)state;
	peer_app_receive(p, c, 1, at - 1);
	peer_ignore(p);
	PEER_SAY(p, .flags = ACK, .seq = at, .ack = 1, .len = 100);
	peer_app_send(p, c, 1, 10);
	peer_check_text(PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = at + 100, .len = 10));
	peer_app_receive(p, c, at, 100);
	at += 100;
	PEER_SAY(p, .flags = ACK, .seq = at, .ack = 11, .len = 101);
	peer_app_receive(p, c, at, 101);
	peer_expect_nothing(p);
	PEER_SAY(p, .flags = ACK, .seq = at + 101, .ack = 11, .len = 102);
	peer_app_receive(p, c, at + 101, 102);
	PEER_EXPECT(p, .flags = ACK, .seq = 11, .ack = at + 203);
	peer_free(p);
}

/* After a silence longer than RTO a new burst may begin, whose sender starts slowly. */
static void after_a_silence_acknowledgements_are_quick_again(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	uint32_t at = past_the_quick_acks(p);

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = at, .ack = 1, .len = FULL);
	peer_expect_nothing(p);
	peer_wait(p, HF_SEC(3));
	peer_ignore(p);
	PEER_SAY(p, .flags = ACK, .seq = at + FULL, .ack = 1, .len = FULL);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = at + 2 * FULL);
	peer_free(p);
}

static void after_a_reset_nothing_is_acknowledged_any_more(void **state)
{
	hf_conn c;
	peer *p = transfer(WITH_SACK, &c);

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 100);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 101);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 100); /* the ACK of it is owed ... */
	PEER_SAY(p, .flags = RST, .seq = 101);                     /* ... to nobody */
	peer_wait(p, HF_SEC(1));
	peer_expect_nothing(p);
	peer_free(p);
}

/* The delay follows the gaps between segments: long ones double it, short ones bring it down. */
static void the_delay_grows_with_silence_and_falls_with_bursts(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	uint32_t at = past_the_quick_acks(p);

	(void)state;
	assert_int_equal(peer_info(p, c).ack_delay, DELAY);
	PEER_SAY(p, .flags = ACK, .seq = at, .ack = 1, .len = FULL);
	peer_wait(p, DELAY + HF_MS(1)); /* nobody has asked for the ACK earlier: it was no use */
	assert_int_equal(peer_info(p, c).ack_delay, 2 * DELAY);
	peer_wait(p, HF_MS(60));
	PEER_SAY(p, .flags = ACK, .seq = at + FULL, .ack = 1, .len = FULL);
	PEER_SAY(p, .flags = ACK, .seq = at + 2 * FULL, .ack = 1, .len = FULL);
	assert_int_equal(peer_info(p, c).ack_delay, DELAY + DELAY / 2); /* no gap: half the way */
	peer_wait(p, HF_MS(30));
	PEER_SAY(p, .flags = ACK, .seq = at + 3 * FULL, .ack = 1, .len = FULL);
	assert_int_equal(peer_info(p, c).ack_delay, (DELAY + DELAY / 2) / 2 + HF_MS(30));
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_segments_are_acknowledged_at_once),
		cmocka_unit_test(a_single_segment_is_acknowledged_within_half_a_second),
		cmocka_unit_test(the_delay_is_as_configured_and_never_reaches_half_a_second),
		cmocka_unit_test(every_second_full_segment_is_acknowledged_at_once),
		cmocka_unit_test(the_delay_runs_from_the_oldest_unacknowledged_text),
		cmocka_unit_test(text_that_leaves_carries_the_delayed_acknowledgement),
		cmocka_unit_test(a_burst_in_order_is_acknowledged_once),
		cmocka_unit_test(an_acknowledgement_is_never_acknowledged),
		cmocka_unit_test(each_segment_out_of_order_is_answered_at_once),
		cmocka_unit_test(without_sack_a_burst_out_of_order_gets_a_duplicate_for_each),
		cmocka_unit_test(a_burst_that_was_only_reordered_gets_no_duplicates),
		cmocka_unit_test(text_that_fills_a_gap_is_acknowledged_at_once),
		cmocka_unit_test(duplicates_are_answered_at_once),
		cmocka_unit_test(sack_blocks_tell_the_newest_first),
		cmocka_unit_test(as_many_blocks_are_told_as_the_header_has_room_for),
		cmocka_unit_test(a_duplicate_beyond_the_gap_is_told_before_its_block),
		cmocka_unit_test(blocks_ride_on_text_which_is_shortened_to_make_room),
		cmocka_unit_test(without_agreement_no_blocks_are_sent),
		cmocka_unit_test(asked_to_be_quick_it_says_what_it_owes_and_no_more),
		cmocka_unit_test(too_many_gaps_drop_the_segment_and_are_survived),
		cmocka_unit_test(old_text_makes_acknowledgements_quick_and_an_old_ack_does_not),
		cmocka_unit_test(a_message_is_acknowledged_once_it_is_read),
		cmocka_unit_test(between_question_and_answer_only_a_second_message_is_acknowledged),
		cmocka_unit_test(after_a_silence_acknowledgements_are_quick_again),
		cmocka_unit_test(after_a_reset_nothing_is_acknowledged_any_more),
		cmocka_unit_test(the_delay_grows_with_silence_and_falls_with_bursts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
