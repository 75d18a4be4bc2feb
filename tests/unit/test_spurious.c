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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(duplicates_of_all_that_was_repeated_end_a_recovery_at_once),
		cmocka_unit_test(the_first_octet_may_come_twice_after_a_fin_too),
		cmocka_unit_test(the_last_segment_before_a_timeout_can_prove_it_spurious),
		cmocka_unit_test(a_full_window_leaves_no_room_to_test_a_timeout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
