/* SPDX-License-Identifier: BSD-2-Clause */
/* Recoveries and time-outs that were needless, and what proves it (RFC 3708, 2883, 5682). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/flight.h"

/* RFC 3708: once all that was repeated has come twice, the recovery is over, in its midst too. */
static void duplicates_of_all_that_was_repeated_end_a_recovery_at_once(void **state)
{
	hf_conn c;
	peer *p = in_flight(WITH_SACK, 8, &c);

	(void)state;
	sack(p, 1, 2, 5);
	expect_repeated(p, 1, HF_SENT_FAST_RETRANSMIT);
	assert_true(peer_info(p, c).cwnd < IW);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = start(5), .sack = { { start(1), start(2) } });
	assert_int_equal(peer_info(p, c).spurious, 1);
	assert_int_equal(peer_info(p, c).cwnd, IW);
	acknowledge(p, start(9));
	peer_free(p);
}

/* A FIN has a number too: with it the first octet is still one that was sent (RFC 2883). */
static void the_first_octet_may_come_twice_after_a_fin_too(void **state)
{
	hf_conn c;
	peer *p = transfer(WITH_SACK, &c);

	(void)state;
	peer_app_send(p, c, 1, 500);
	hf_conn_shutdown(p->stack, c);
	PEER_EXPECT(p, .flags = FIN | ACK, .seq = 1, .ack = 1, .len = 500);
	peer_wait_for_output(p, HF_SEC(2));
	PEER_EXPECT(p, .flags = FIN | ACK, .seq = 1, .ack = 1, .len = 500);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 502, .sack = { { 1, 502 } });
	assert_int_equal(peer_info(p, c).duplicates, 1);
	peer_free(p);
}

/* Two segments that fill the peer's window time out, and the first of them is repeated. */
static peer *after_a_timeout_in_a_full_window(hf_conn *c)
{
	peer *p = transfer_with(NULL, PLAIN, RTT, c);

	p->window = 2 * MSS;
	acknowledge(p, 1);
	peer_app_send(p, *c, 1, 6 * MSS);
	EXPECT_SEGMENTS(p, 1, 2);
	peer_wait_for_output(p, HF_SEC(2));
	expect_repeated(p, 1, HF_SENT_TIMEOUT_RETRANSMIT);
	return p;
}

/* RFC 5682 2.1: what was sent before the time-out and arrives, to the last, was not lost. */
static void the_last_segment_before_a_timeout_can_prove_it_spurious(void **state)
{
	hf_conn c;
	peer *p = after_a_timeout_in_a_full_window(&c);

	(void)state;
	p->window = 10 * MSS;
	acknowledge(p, start(2));
	EXPECT_SEGMENTS(p, start(3), 2); /* new ones, at most two */
	assert_int_equal(peer_info(p, c).spurious, 0);
	acknowledge(p, start(3));
	assert_int_equal(peer_info(p, c).spurious, 1);
	peer_free(p);
}

/* RFC 5682 2.1 step 2b: if the window has no room for something new, the rest is repeated. */
static void a_full_window_leaves_no_room_to_test_a_timeout(void **state)
{
	hf_conn c;
	peer *p = after_a_timeout_in_a_full_window(&c);

	(void)state;
	p->window = MSS;
	acknowledge(p, start(2));
	expect_repeated(p, 2, HF_SENT_TIMEOUT_RETRANSMIT);
	peer_free(p);
}

/* RFC 8985 7.4.2: what a recovery has answered already is not answered once more for the probe. */
/* RFC 5682 2.1 step 2b sends new text; a window that closes meanwhile is probed all the same. */
static void a_window_that_closes_during_the_test_of_a_timeout_is_probed(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	peer_app_send(p, c, 1, 6 * MSS);
	peer_ignore(p);
	ASSERT_LASTED(peer_wait_for_output(p, HF_SEC(1)), HF_MS(200));
	EXPECT_SEGMENTS(p, 1, 1);
	peer_app_send(p, c, 1 + 6 * MSS, 2 * MSS);
	acknowledge(p, 1 + MSS);
	EXPECT_SEGMENTS(p, 1 + 6 * MSS, 2);
	p->window = 0;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1 + MSS, .window = 0);
	peer_wait_for_output(p, HF_SEC(2));
	PEER_EXPECT(p, .flags = ACK, .seq = 1 + MSS, .ack = 1, .len = MSS);
	assert_int_equal(peer_stats(p).causes[HF_SENT_WINDOW_PROBE], 1);
	peer_free(p);
}

/* RFC 2018 3: our own blocks take room in it, and what does not fit any more is left out. */
static void a_tail_probe_leaves_room_for_the_blocks_in_it(void **state)
{
	hf_conn c;
	peer *p = in_flight(WITH_SACK, 3, &c);
	const peer_seen *s;

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = 101, .ack = 1, .len = 10);
	peer_ignore(p);
	peer_wait_for_output(p, HF_SEC(1));
	s = PEER_EXPECT(p, .flags = ACK, .seq = start(4) - (MSS - 12), .ack = 1, .len = MSS - 12);
	assert_int_equal(s->cause, HF_SENT_TAIL_PROBE);
	peer_check_text(s);
	peer_free(p);
}

static void a_probe_before_a_recovery_does_not_reduce_after_it(void **state)
{
	uint32_t ssthresh;
	hf_conn c;
	peer *p = in_flight(WITH_SACK, 8, &c);

	(void)state;
	peer_wait_for_output(p, HF_SEC(1));
	expect_repeated(p, 8, HF_SENT_TAIL_PROBE);
	sack(p, 1, 2, 9);
	if (peer_info(p, c).fast_recoveries == 0)
		peer_wait_for_output(p, HF_SEC(1));
	expect_repeated(p, 1, HF_SENT_FAST_RETRANSMIT);
	ssthresh = peer_info(p, c).ssthresh;
	peer_app_send(p, c, start(9), MSS);
	EXPECT_SEGMENTS(p, start(9), 1);
	acknowledge(p, start(9));
	acknowledge(p, start(10));
	assert_int_equal(peer_info(p, c).ssthresh, ssthresh);
	assert_int_equal(peer_info(p, c).fast_recoveries, 1);
	peer_free(p);
}

/* Segment n is repeated, and what the window has room for follows: new ones from `first` on. */
static void expect_repeated_then_new(peer *p, uint32_t n, uint32_t first)
{
	const peer_seen *s;

	PEER_EXPECT(p, .flags = ACK, .seq = start(n), .ack = 1, .len = MSS);
	s = PEER_EXPECT(p, .flags = ACK, .seq = start(first), .ack = 1, .len = MSS);
	assert_int_equal(s->cause, HF_SENT_DATA);
	peer_ignore(p);
}

/* RFC 5681 4.3: a repetition that is lost too is new congestion; Linux lets the recovery go on. */
static void a_lost_repetition_reduces_once_more_to_the_letter(void **state)
{
	(void)state;
	for (int is_strict = 0; is_strict < 2; is_strict++) {
		hf_config config = peer_config(false);
		uint32_t ssthresh;
		hf_conn c;
		peer *p;

		config.profile = is_strict ? HF_PROFILE_RFC : HF_PROFILE_LINUX;
		p = transfer_with(&config, WITH_SACK, RTT, &c);
		peer_app_send(p, c, 1, 14 * MSS);
		EXPECT_SEGMENTS(p, 1, 10);
		peer_wait(p, RTT);
		sack(p, 1, 2, 11);
		expect_repeated_then_new(p, 1, 11);
		ssthresh = peer_info(p, c).ssthresh;
		peer_wait(p, RTT);
		sack(p, 1, 2, 12);
		peer_wait(p, RTT);
		peer_ignore(p);
		if (is_strict)
			assert_true(peer_info(p, c).ssthresh < ssthresh);
		else
			assert_int_equal(peer_info(p, c).ssthresh, ssthresh);
		peer_free(p);
	}
}

/* RFC 8985 6.2 step 4: in a recovery nothing is waited for if no reordering was ever seen. */
static void a_second_loss_in_a_recovery_is_seen_at_once(void **state)
{
	hf_conn c;
	peer *p = in_flight(WITH_SACK, 10, &c);

	(void)state;
	sack(p, 1, 2, 5);
	expect_repeated(p, 1, HF_SENT_FAST_RETRANSMIT);
	acknowledge(p, start(5));
	peer_expect_nothing(p);
	sack(p, 5, 6, 7); /* one segment: outside of a recovery a quarter of an RTT would pass */
	expect_repeated(p, 5, HF_SENT_FAST_RETRANSMIT);
	peer_free(p);
}

/* RFC 6691: options take their room from the text of what goes again, too, if a link cuts it. */
static void a_link_cuts_a_repetition_with_room_for_the_blocks_in_it(void **state)
{
	hf_config config = peer_config(false);
	const peer_seen *s;
	hf_conn c;
	peer *p;

	(void)state;
	config.offloads = HF_OFFLOAD_TX_TSO;
	p = transfer_with(&config, WITH_SACK, RTT, &c);
	peer_app_send(p, c, 1, 6 * MSS);
	peer_ignore(p);
	peer_wait(p, RTT);
	PEER_SAY(p, .flags = ACK, .seq = 101, .ack = 1, .len = 100, /* behind a gap of 100 */
		 .sack = { { start(3), start(7) } });
	s = peer_expect(p, ACK);
	assert_int_equal(s->seq, 1);
	assert_int_equal(s->cause, HF_SENT_FAST_RETRANSMIT);
	assert_true(s->tcp.options.present & HF_HAS(SACK));
	assert_in_range(s->piece > 0 ? s->piece : s->len, 1, MSS - 12);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(duplicates_of_all_that_was_repeated_end_a_recovery_at_once),
		cmocka_unit_test(the_first_octet_may_come_twice_after_a_fin_too),
		cmocka_unit_test(the_last_segment_before_a_timeout_can_prove_it_spurious),
		cmocka_unit_test(a_full_window_leaves_no_room_to_test_a_timeout),
		cmocka_unit_test(a_window_that_closes_during_the_test_of_a_timeout_is_probed),
		cmocka_unit_test(a_tail_probe_leaves_room_for_the_blocks_in_it),
		cmocka_unit_test(a_probe_before_a_recovery_does_not_reduce_after_it),
		cmocka_unit_test(a_lost_repetition_reduces_once_more_to_the_letter),
		cmocka_unit_test(a_second_loss_in_a_recovery_is_seen_at_once),
		cmocka_unit_test(a_link_cuts_a_repetition_with_room_for_the_blocks_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
