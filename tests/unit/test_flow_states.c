/* SPDX-License-Identifier: BSD-2-Clause */
/* The flow tracker: the states of both ends and how flows end, from packets alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/talk_checks.h"

static void the_three_messages_establish_both_ends_in_order(void **state)
{
	talk *t = *state;
	const hf_step *s = SAY(t, A, 0, SYN, .window = 64240, .mss = 1460);
	assert_int_equal(s->kind, HF_STEP_SEGMENT);
	assert_true(s->first);
	assert_int_equal(s->from, HF_CLIENT);
	assert_states(t, HF_SYN_SENT, HF_CLOSED);
	assert_true(s->changed[HF_CLIENT]);
	assert_false(s->changed[HF_SERVER]);

	s = SAY(t, B, 40000, SYN | ACK, .ack = 1, .window = 65160, .mss = 1460);
	assert_false(s->first);
	assert_int_equal(s->from, HF_SERVER);
	assert_int_equal(s->seq, 0);
	assert_int_equal(s->ack, 1);
	assert_int_equal(s->rtt, HF_MS(40));
	assert_false(s->opened);
	assert_states(t, HF_ESTABLISHED, HF_SYN_RECEIVED);

	s = SAY(t, A, 40100, ACK, 1, 1, .window = 502);
	assert_true(s->opened);
	assert_int_equal(s->rtt, HF_US(100));
	assert_states(t, HF_ESTABLISHED, HF_ESTABLISHED);
	assert_int_equal(s->flow->rtt_syn, HF_MS(40));
	assert_int_equal(s->flow->rtt_syn_ack, HF_US(100));
	assert_int_equal(s->flow->answered_try, 1);
	assert_int_equal(s->flow->end[HF_CLIENT].isn.v, ISN_A);
	assert_int_equal(s->flow->end[HF_SERVER].isn.v, ISN_B);
	assert_false(SAY(t, A, 40200, ACK, 1, 1, .window = 502)->opened);
}

static void an_ack_of_another_number_establishes_nobody(void **state)
{
	talk *t = *state;
	SAY(t, A, 0, SYN, .window = 100);
	SAY(t, B, 1, SYN | ACK, .ack = 2, .window = 100);
	assert_int_equal(t->step.flow->end[HF_CLIENT].state, HF_SYN_SENT);
	SAY(t, B, 2, SYN | ACK, .ack = 0, .window = 100);
	assert_int_equal(t->step.flow->end[HF_CLIENT].state, HF_SYN_SENT);
}

static void a_lost_packet_moves_only_its_sender(void **state)
{
	talk *t = *state;
	SAY(t, A, 0, SYN, .window = 100);
	SAY(t, B, 1, SYN | ACK, .ack = 1, .window = 100, .lost = "lost");
	assert_states(t, HF_SYN_SENT, HF_SYN_RECEIVED);
	SAY(t, B, 2, SYN | ACK, .ack = 1, .window = 100);
	assert_marks(&t->step, HF_MARK(RETRANSMITTED));
	assert_states(t, HF_ESTABLISHED, HF_SYN_RECEIVED);
}

static void a_dropped_packet_moves_only_its_sender(void **state)
{
	talk *t = *state;
	talk_open(t);
	SAY(t, A, 50000, FIN | ACK, 1, 1, .way = HF_WAY_ARRIVING, .reason = HF_WHY_NO_BUFFER);
	assert_states(t, HF_FIN_WAIT_1, HF_ESTABLISHED);
}

static void both_ends_may_open_at_once(void **state)
{
	talk *t = *state;
	SAY(t, A, 0, SYN, .window = 100);
	SAY(t, B, 10, SYN, .window = 100);
	assert_true(t->step.flow->simultaneous);
	assert_marks(&t->step, 0);
	assert_states(t, HF_SYN_RECEIVED, HF_SYN_SENT);
	SAY(t, A, 20, SYN | ACK, .ack = 1, .window = 100);
	assert_marks(&t->step, 0);
	assert_states(t, HF_SYN_RECEIVED, HF_ESTABLISHED);
	SAY(t, B, 30, SYN | ACK, .ack = 1, .window = 100);
	assert_marks(&t->step, 0);
	assert_true(t->step.opened);
	assert_states(t, HF_ESTABLISHED, HF_ESTABLISHED);
	SAY(t, B, 40, SYN | ACK, .ack = 1, .window = 100);
	assert_marks(&t->step, HF_MARK(RETRANSMITTED));
}

static void a_half_closed_flow_still_carries_data_and_then_ends(void **state)
{
	talk *t = *state;
	talk_open(t);
	SAY(t, A, 50000, FIN | ACK, 1, 1, .window = 502);
	assert_states(t, HF_FIN_WAIT_1, HF_CLOSE_WAIT);
	SAY(t, B, 60000, ACK, 1, 2, .window = 502);
	assert_states(t, HF_FIN_WAIT_2, HF_CLOSE_WAIT);
	SAY(t, B, 61000, ACK, 1, 2, 100, .window = 502);
	assert_states(t, HF_FIN_WAIT_2, HF_CLOSE_WAIT);
	SAY(t, B, 62000, FIN | ACK, 101, 2, .window = 502);
	assert_states(t, HF_TIME_WAIT, HF_LAST_ACK);
	assert_false(t->step.ended);
	SAY(t, A, 63000, ACK, 2, 102, .window = 502);
	assert_states(t, HF_TIME_WAIT, HF_CLOSED);
	assert_true(t->step.ended);
	assert_int_equal(t->step.flow->over, HF_WHY_CLOSED_BY_BOTH);
	assert_int_equal(t->step.flow->end[HF_SERVER].octets, 100);
	SAY(t, A, 64000, ACK, 2, 102, .window = 502);
	assert_false(t->step.ended);
}

static void fins_that_cross_go_through_closing(void **state)
{
	talk *t = *state;
	talk_open(t);
	SAY(t, A, 50000, FIN | ACK, 1, 1, .window = 502);
	SAY(t, B, 50001, FIN | ACK, 1, 1, .window = 502);
	assert_int_equal(t->step.flow->end[HF_CLIENT].state, HF_CLOSING);
	SAY(t, B, 60000, ACK, 2, 2, .window = 502);
	assert_int_equal(t->step.flow->end[HF_CLIENT].state, HF_TIME_WAIT);
	assert_false(t->step.ended);
	SAY(t, A, 60001, ACK, 2, 2, .window = 502);
	assert_true(t->step.ended);
	assert_int_equal(t->step.flow->over, HF_WHY_CLOSED_BY_BOTH);
}

static void a_fin_counts_only_when_what_precedes_it_is_there(void **state)
{
	talk *t = *state;
	talk_open(t);
	SAY(t, A, 50000, FIN | ACK, 101, 1, .window = 502);
	assert_marks(&t->step, HF_MARK(GAP));
	assert_states(t, HF_FIN_WAIT_1, HF_ESTABLISHED);
	SAY(t, A, 51000, ACK, 1, 1, 100, .window = 502);
	assert_marks(&t->step, HF_MARK(OUT_OF_ORDER));
	assert_states(t, HF_FIN_WAIT_1, HF_CLOSE_WAIT);
}

static void a_reset_that_acknowledges_the_syn_refuses(void **state)
{
	talk *t = *state;
	SAY(t, A, 0, SYN, .window = 100);
	SAY(t, B, 1, RST | ACK, .seq = 0U - ISN_B, .ack = 2);
	assert_false(t->step.ended);
	SAY(t, B, 1, RST | ACK, .seq = 0U - ISN_B, .ack = 1);
	assert_true(t->step.ended);
	assert_int_equal(t->step.flow->over, HF_WHY_REFUSED_BY_PEER);
	assert_int_equal(t->step.flow->over_by, HF_SERVER);
	assert_states(t, HF_CLOSED, HF_CLOSED);
}

static void only_a_reset_inside_the_window_resets(void **state)
{
	talk *t = *state;
	talk_open(t); /* the server takes 65160 octets from 1 on */
	SAY(t, A, 50000, RST, .seq = 1 + 65160);
	assert_false(t->step.ended);
	SAY(t, A, 50000, RST, .seq = 0);
	assert_false(t->step.ended);
	assert_states(t, HF_ESTABLISHED, HF_ESTABLISHED);
	SAY(t, A, 50000, RST, .seq = 65160);
	assert_true(t->step.ended);
	assert_int_equal(t->step.flow->over, HF_WHY_RESET_BY_PEER);
	assert_int_equal(t->step.flow->over_by, HF_CLIENT);
}

static void a_lost_reset_ends_nothing(void **state)
{
	talk *t = *state;
	SAY(t, A, 0, RST, 1, .lost = "lost");
	assert_false(t->step.ended);
	t->end[A].port++;
	talk_open(t);
	SAY(t, A, 50000, RST, 1, .lost = "lost");
	assert_false(t->step.ended);
	assert_states(t, HF_CLOSED, HF_ESTABLISHED);
}

static void our_stack_knows_better_what_state_its_end_is_in(void **state)
{
	talk *t = *state;
	SAY(t, A, 0, SYN, .window = 100, .way = HF_WAY_ARRIVING, .state = HF_SYN_RECEIVED);
	assert_states(t, HF_SYN_SENT, HF_SYN_RECEIVED);
	SAY(t, B, 1, SYN | ACK, .ack = 1, .window = 100, .way = HF_WAY_LEAVING,
	    .state = HF_SYN_RECEIVED, .cause = HF_SENT_SYN_ACK);
	SAY(t, A, 2, RST, 1, .way = HF_WAY_ARRIVING, .reason = HF_WHY_RST_CHALLENGED,
	    .state = HF_SYN_RECEIVED);
	assert_states(t, HF_ESTABLISHED, HF_SYN_RECEIVED);
	assert_false(t->step.ended);
}

static void a_syn_into_an_open_flow_opens_nothing(void **state)
{
	talk *t = *state;
	talk_open(t);
	SAY(t, A, 50000, SYN, 999, .window = 100, .way = HF_WAY_ARRIVING,
	    .reason = HF_WHY_SYN_CHALLENGED, .state = HF_ESTABLISHED);
	assert_int_equal(t->step.flow->id, 1);
	assert_states(t, HF_ESTABLISHED, HF_ESTABLISHED);
	assert_int_equal(t->step.flow->end[HF_CLIENT].isn.v, ISN_A);
}

static void the_stack_may_end_a_flow_without_a_packet(void **state)
{
	talk *t = *state;
	hf_endpoint turned[2] = { t->end[B], t->end[A] };
	hf_time now = { 9 };
	SAY(t, A, 0, SYN, .window = 100);
	assert_true(hf_tracker_verdict(t->tracker, turned, HF_WHY_SYN_TIMEOUT, now, &t->step));
	assert_true(t->step.ended);
	assert_int_equal(t->step.flow->over, HF_WHY_SYN_TIMEOUT);
	assert_false(hf_tracker_verdict(t->tracker, turned, HF_WHY_SYN_TIMEOUT, now, &t->step));
	turned[0].port = 1;
	assert_false(hf_tracker_verdict(t->tracker, turned, HF_WHY_SYN_TIMEOUT, now, &t->step));
}

static void only_reasons_that_drop_are_drops(void **state)
{
	(void)state;
	assert_false(hf_reason_is_drop(HF_WHY_NONE));
	assert_true(hf_reason_is_drop(HF_WHY_LINK_SHORT));
	assert_true(hf_reason_is_drop(HF_WHY_CLOSED_STATE));
	assert_false(hf_reason_is_drop(HF_WHY_CLOSED_BY_BOTH));
	assert_false(hf_reason_is_drop(HF_WHY_STACK_FREED));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_three_messages_establish_both_ends_in_order),
		TEST(an_ack_of_another_number_establishes_nobody),
		TEST(a_lost_packet_moves_only_its_sender),
		TEST(a_dropped_packet_moves_only_its_sender),
		TEST(both_ends_may_open_at_once),
		TEST(a_half_closed_flow_still_carries_data_and_then_ends),
		TEST(fins_that_cross_go_through_closing),
		TEST(a_fin_counts_only_when_what_precedes_it_is_there),
		TEST(a_reset_that_acknowledges_the_syn_refuses),
		TEST(only_a_reset_inside_the_window_resets),
		TEST(a_lost_reset_ends_nothing),
		TEST(our_stack_knows_better_what_state_its_end_is_in),
		TEST(a_syn_into_an_open_flow_opens_nothing),
		TEST(the_stack_may_end_a_flow_without_a_packet),
		cmocka_unit_test(only_reasons_that_drop_are_drops),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
