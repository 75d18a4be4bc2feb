/* SPDX-License-Identifier: BSD-2-Clause */
/* What acknowledgements tell, and what they do not: samples, blocks, duplicates, counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/flight.h"

/* Without SACK a duplicate stands for a segment, and the ACK after it does not count it again. */
static void octets_are_counted_as_delivered_once(void **state)
{
	hf_conn c;
	peer *p = in_flight(PLAIN, 6, &c);

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = start(3));
	assert_int_equal(peer_info(p, c).delivered, 2 * MSS);
	assert_int_equal(peer_info(p, c).timeout_time, 0);
	duplicate(p, 3);
	duplicate(p, 3);
	assert_int_equal(peer_info(p, c).delivered, 4 * MSS);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = start(6));
	assert_int_equal(peer_info(p, c).delivered, 5 * MSS);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = start(7));
	assert_int_equal(peer_info(p, c).delivered, 6 * MSS);
	peer_free(p);
}

/* RFC 7323 4.1: a sample is taken only from what moves SND.UNA. */
static void an_echo_that_acknowledges_nothing_is_no_sample(void **state)
{
	hf_conn c;
	peer *p = transfer_with(NULL, WITH_STAMPS, RTT, &c);

	(void)state;
	peer_app_send(p, c, 1, MSS);
	peer_expect(p, ACK);
	peer_wait(p, HF_MS(150));
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 10);
	PEER_SAY(p, .flags = ACK, .seq = 11, .ack = 1);
	assert_int_equal(peer_info(p, c).srtt, RTT);
	peer_free(p);
}

/* RFC 3522 3.2 step 5: the first ACK that acknowledges new data decides; RFC 4015 3 likewise. */
static void an_old_echo_that_acknowledges_nothing_proves_nothing(void **state)
{
	hf_conn c;
	peer *p = in_flight(WITH_STAMPS, 4, &c);
	hf_tcp_options old = { .present = HF_HAS(TIMESTAMPS), .tsecr = p->heard_tsval };

	(void)state;
	peer_wait_for_output(p, HF_SEC(2));
	expect_repeated(p, 1, HF_SENT_TIMEOUT_RETRANSMIT);
	old.tsval = p->tsval;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .options = old);
	assert_int_equal(peer_info(p, c).spurious, 0);
	assert_int_equal(peer_info(p, c).phase, HF_PHASE_LOSS);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = start(2), .options = old);
	assert_int_equal(peer_info(p, c).spurious, 1);
	peer_free(p);
}

/* RFC 2018 2: the option may be sent only if it was permitted. */
static void blocks_that_were_not_agreed_on_say_nothing(void **state)
{
	hf_conn c;
	peer *p = in_flight(PLAIN, 10, &c);

	(void)state;
	peer_app_send(p, c, start(11), 10 * MSS);
	sack(p, 1, 3, 11);
	assert_int_equal(peer_info(p, c).sacked, 0);
	EXPECT_SEGMENTS(p, start(11), 1); /* RFC 5681 3.2 step 1: one for one duplicate */
	peer_free(p);
}

static void what_was_sent_again_and_has_arrived_is_no_longer_in_the_network(void **state)
{
	hf_conn c;
	peer *p = in_flight(WITH_SACK, 10, &c);

	(void)state;
	sack(p, 1, 3, 11);
	for (uint32_t n = 1; n <= 2; n++)
		EXPECT_TEXT(p, start(n), MSS);
	assert_int_equal(peer_info(p, c).sent_again, 2 * MSS);
	assert_int_equal(peer_info(p, c).pipe, 2 * MSS);
	peer_wait(p, RTT);
	sack(p, 1, 2, 11); /* and what was sent before it is lost once more */
	assert_int_equal(peer_info(p, c).sent_again, 0);
	assert_int_equal(peer_info(p, c).lost, MSS);
	assert_int_equal(peer_info(p, c).pipe, 0);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = start(11));
	assert_int_equal(peer_info(p, c).pipe, 0);
	peer_free(p);
}

/* PRR (RFC 9937) starts from what the windows had let out; the peer's window counts, too. */
static void what_the_peer_s_window_held_back_is_no_credit_for_a_recovery(void **state)
{
	hf_conn c;
	peer *p = transfer_with(NULL, WITH_SACK, RTT, &c);

	(void)state;
	p->window = 8 * MSS + MSS / 2; /* less than the congestion window */
	acknowledge(p, 1);
	peer_app_send(p, c, 1, 20 * MSS);
	EXPECT_SEGMENTS(p, 1, 8);
	peer_wait(p, RTT);
	sack(p, 1, 6, 9);
	EXPECT_SEGMENTS(p, 1, 3); /* as many as were delivered */
	peer_free(p);
}

/* RFC 5681 2: an ACK of a closed window answers a probe, and is no duplicate. */
static void acknowledgements_of_a_closed_window_are_no_duplicates(void **state)
{
	hf_conn c;
	peer *p = in_flight(PLAIN, 6, &c);

	(void)state;
	p->window = 0;
	for (int i = 0; i < 6; i++)
		duplicate(p, 1);
	peer_expect_nothing(p);
	assert_int_equal(peer_info(p, c).phase, HF_PHASE_OPEN);
	assert_int_equal(peer_info(p, c).delivered, 0);
	peer_free(p);
}

/* MUST-20: only what acknowledges text starts the count of retransmissions anew. */
static void duplicates_do_not_start_the_count_of_retransmissions_anew(void **state)
{
	hf_conn c;
	peer *p = in_flight(PLAIN, 2, &c);

	(void)state;
	for (uint8_t n = 1; n <= 4; n++) {
		peer_wait_for_output(p, HF_SEC(20));
		peer_expect(p, ACK);
		assert_int_equal(peer_info(p, c).retransmits, n);
		duplicate(p, 1);
		assert_int_equal(peer_info(p, c).retransmits, n);
		peer_ignore(p);
	}
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = start(2));
	assert_int_equal(peer_info(p, c).retransmits, 0);
	peer_free(p);
}

/* RFC 8985 6.2: a path that was seen to reorder gets time, even past three SACKed segments. */
static void a_recovery_that_was_needless_teaches_to_wait(void **state)
{
	hf_conn c;
	peer *p = in_flight(WITH_SACK, 6, &c);

	(void)state;
	sack(p, 1, 2, 6);
	expect_repeated(p, 1, HF_SENT_FAST_RETRANSMIT);
	peer_wait(p, RTT);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = start(7), .sack = { { start(1), start(2) } });
	assert_int_equal(peer_info(p, c).spurious, 1);
	peer_app_send(p, c, start(7), 6 * MSS);
	EXPECT_SEGMENTS(p, start(7), 6);
	peer_wait(p, RTT);
	sack(p, 7, 8, 12);
	peer_expect_nothing(p);
	assert_in_range(peer_wait_for_output(p, RTT), 1, RTT);
	expect_repeated(p, 7, HF_SENT_FAST_RETRANSMIT);
	peer_free(p);
}

/* RFC 5681 4.3: what is lost once more after a time-out is new congestion. */
static void a_repetition_lost_after_a_time_out_begins_a_recovery(void **state)
{
	hf_conn c;
	peer *p = in_flight(WITH_SACK, 10, &c);
	hf_cause cause = HF_SENT_DATA;

	(void)state;
	while (cause != HF_SENT_TIMEOUT_RETRANSMIT) { /* a tail loss probe comes first */
		peer_wait_for_output(p, HF_SEC(2));
		cause = peer_next(p)->cause;
	}
	peer_wait(p, RTT);
	acknowledge(p, start(2));
	for (uint32_t n = 2; n <= 3; n++)
		EXPECT_TEXT(p, start(n), MSS);
	assert_int_equal(peer_info(p, c).phase, HF_PHASE_LOSS);
	assert_int_equal(peer_info(p, c).fast_recoveries, 0);
	peer_wait(p, RTT);
	sack(p, 2, 3, 4);
	assert_int_equal(peer_info(p, c).fast_recoveries, 1);
	assert_int_equal(peer_info(p, c).phase, HF_PHASE_RECOVERY);
	assert_int_equal(PEER_EXPECT(p, .flags = ACK, .seq = start(2), .ack = 1, .len = MSS)->cause,
			 HF_SENT_FAST_RETRANSMIT);
	peer_free(p);
}

/* An ACK may end within a segment: what is left of it is as lost as it was. */
static void a_part_of_a_segment_is_lost_no_more_and_the_rest_is(void **state)
{
	hf_conn c;
	peer *p = in_flight(PLAIN, 4, &c);

	(void)state;
	peer_wait_for_output(p, HF_SEC(2));
	expect_repeated(p, 1, HF_SENT_TIMEOUT_RETRANSMIT);
	assert_int_equal(peer_info(p, c).lost, 4 * MSS);
	assert_int_equal(peer_info(p, c).sent_again, MSS);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1 + 300);
	assert_int_equal(peer_info(p, c).lost, 4 * MSS - 300);
	assert_int_equal(peer_info(p, c).sent_again, MSS - 300);
	assert_int_equal(peer_info(p, c).pipe, MSS - 300);
	peer_free(p);
}

/* RFC 5682 2.1 step 2 waits for an ACK that acknowledges something, or is a duplicate. */
static void a_window_update_decides_nothing_after_a_time_out(void **state)
{
	hf_conn c;
	peer *p = in_flight(PLAIN, 10, &c);

	(void)state;
	peer_app_send(p, c, start(11), 10 * MSS);
	peer_wait_for_output(p, HF_SEC(2));
	expect_repeated(p, 1, HF_SENT_TIMEOUT_RETRANSMIT);
	p->window = 40 * MSS;
	acknowledge(p, 1);
	peer_expect_nothing(p);
	acknowledge(p, start(3)); /* the first that counts; it takes two */
	assert_int_equal(peer_info(p, c).spurious, 0);
	assert_int_equal(peer_info(p, c).phase, HF_PHASE_LOSS);
	peer_free(p);
}

/* RFC 2018 8: what the peer dropped after it was SACKed is in no count any more. */
static void what_was_reneged_on_is_not_counted_as_sacked(void **state)
{
	hf_conn c;
	peer *p = in_flight(WITH_SACK, 6, &c);

	(void)state;
	sack(p, 1, 2, 4);
	assert_int_equal(peer_info(p, c).sacked_segments, 2);
	acknowledge(p, start(2)); /* and yet the second is missing */
	peer_ignore(p);
	while (peer_info(p, c).timeouts == 0)
		peer_wait(p, HF_MS(10));
	assert_int_equal(peer_info(p, c).sacked, 0);
	assert_int_equal(peer_info(p, c).sacked_segments, 0);
	peer_free(p);
}

/* RFC 2883 4: a report takes the place of a block if four are there. */
static void a_report_of_a_duplicate_leaves_room_for_three_blocks(void **state)
{
	hf_conn c;
	peer *p = transfer(WITH_SACK, &c);
	const hf_tcp_options *o;

	(void)state;
	for (uint32_t n = 2; n <= 10; n += 2)
		PEER_SAY(p, .flags = ACK, .seq = start(n), .ack = 1, .len = MSS);
	peer_ignore(p);
	PEER_SAY(p, .flags = ACK, .seq = start(4), .ack = 1, .len = MSS);
	o = &PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1)->tcp.options;
	assert_int_equal(o->sack_count, 4);
	for (unsigned i = 0; i < 2; i++) { /* the report, and the block that it lies in */
		assert_int_equal(o->sack[i].start.v - p->isn.v, start(4));
		assert_int_equal(o->sack[i].end.v - p->isn.v, start(5));
	}
	assert_int_equal(o->sack[2].start.v - p->isn.v, start(10));
	assert_int_equal(o->sack[3].start.v - p->isn.v, start(8));
	peer_free(p);
}

/* A sample that the application limited says nothing about the path (ccwg-bbr-05 4.1). */
static void while_the_application_has_little_to_send_rates_are_marked(void **state)
{
	hf_conn c;
	peer *p = transfer_with(NULL, PLAIN, RTT, &c);

	(void)state;
	for (uint32_t n = 1; n <= 10; n++) { /* something is always in flight */
		peer_app_send(p, c, start(n), MSS);
		EXPECT_TEXT(p, start(n), MSS);
		peer_wait(p, RTT / 2);
		if (n == 1)
			continue;
		acknowledge(p, start(n));
		assert_true(peer_info(p, c).delivery_app_limited);
	}
	peer_free(p);
}

/* How long the reordering timer runs after the second of two segments was SACKed. */
static hf_ns one_recovery(peer *p, hf_conn c, uint32_t first)
{
	hf_ns waited;

	peer_app_send(p, c, start(first), 2 * MSS);
	EXPECT_SEGMENTS(p, start(first), 2);
	peer_wait(p, RTT);
	sack(p, first, first + 1, first + 2);
	waited = peer_wait_for_output(p, RTT);
	expect_repeated(p, first, HF_SENT_FAST_RETRANSMIT);
	peer_wait(p, RTT);
	acknowledge(p, start(first + 2));
	return waited;
}

/* RFC 8985 6.2 step 4: a duplicate widens the window, for sixteen recoveries. */
static void what_a_duplicate_has_taught_lasts_for_sixteen_recoveries(void **state)
{
	hf_conn c;
	peer *p = in_flight(WITH_SACK, 5, &c);

	(void)state;
	sack(p, 1, 2, 6);
	expect_repeated(p, 1, HF_SENT_FAST_RETRANSMIT);
	peer_wait(p, RTT);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = start(6), .sack = { { start(1), start(2) } });
	for (uint32_t i = 1; i <= 18; i++) {
		hf_ns waited = one_recovery(p, c, 4 + 2 * i);

		/* The first one counts, in which the duplicate came. */
		ASSERT_LASTED(waited, i < 16 ? RTT / 2 : RTT / 4);
	}
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(octets_are_counted_as_delivered_once),
		cmocka_unit_test(an_echo_that_acknowledges_nothing_is_no_sample),
		cmocka_unit_test(an_old_echo_that_acknowledges_nothing_proves_nothing),
		cmocka_unit_test(blocks_that_were_not_agreed_on_say_nothing),
		cmocka_unit_test(what_was_sent_again_and_has_arrived_is_no_longer_in_the_network),
		cmocka_unit_test(what_the_peer_s_window_held_back_is_no_credit_for_a_recovery),
		cmocka_unit_test(acknowledgements_of_a_closed_window_are_no_duplicates),
		cmocka_unit_test(duplicates_do_not_start_the_count_of_retransmissions_anew),
		cmocka_unit_test(a_recovery_that_was_needless_teaches_to_wait),
		cmocka_unit_test(a_repetition_lost_after_a_time_out_begins_a_recovery),
		cmocka_unit_test(a_part_of_a_segment_is_lost_no_more_and_the_rest_is),
		cmocka_unit_test(a_window_update_decides_nothing_after_a_time_out),
		cmocka_unit_test(what_was_reneged_on_is_not_counted_as_sacked),
		cmocka_unit_test(a_report_of_a_duplicate_leaves_room_for_three_blocks),
		cmocka_unit_test(while_the_application_has_little_to_send_rates_are_marked),
		cmocka_unit_test(what_a_duplicate_has_taught_lasts_for_sixteen_recoveries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
