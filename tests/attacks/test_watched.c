/* SPDX-License-Identifier: BSD-2-Clause */
/* What whoever only watches makes of packets that are meant to mislead him: the flow tracker. */
/*
 * The attacks "Simultaneous open evasion", "Split handshake", "Bad checksum / TTL insertion" and
 * "Overlapping segments with different data". The tracker must believe of a segment what the host
 * would, and say what is odd about it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/talk_checks.h"

/* ---- Simultaneous open evasion ---- */

static void simultaneous_open_evasion_is_followed(void **state)
{
	talk *t = *state;

	SAY(t, A, 0, SYN, .window = 100);
	SAY(t, B, 10, SYN, .window = 100);
	assert_true(t->step.flow->simultaneous);
	SAY(t, A, 20, SYN, .window = 100); /* each once more */
	SAY(t, B, 30, SYN, .window = 100);
	SAY(t, A, 40, SYN | ACK, .ack = 1, .window = 100);
	SAY(t, B, 50, ACK, 1, 1, .window = 100);
	assert_states(t, HF_ESTABLISHED, HF_ESTABLISHED);
	/* Both streams are kept apart by their own numbers. */
	SAY(t, A, 60, ACK, 1, 1, 10, .window = 100);
	SAY(t, B, 70, ACK, 1, 11, 20, .window = 100);
	assert_true(t->step.flow->end[HF_CLIENT].octets == 10);
	assert_true(t->step.flow->end[HF_SERVER].octets == 20);
	assert_false(t->step.flow->joined);
}

/* ---- Split handshake ---- */

/* The SYN is answered by an ACK, then by a SYN of the server's: who opened stays the client. */
static void split_handshake_roles_stay_as_they_are(void **state)
{
	talk *t = *state;

	SAY(t, A, 0, SYN, .window = 100);
	SAY(t, B, 10, ACK, 0, 1, .window = 100);
	assert_states(t, HF_SYN_SENT, HF_CLOSED);
	SAY(t, B, 20, SYN, .window = 100);
	assert_int_equal(t->step.from, HF_SERVER);
	assert_true(t->step.flow->simultaneous); /* that is what it is called */
	SAY(t, A, 30, SYN | ACK, .ack = 1, .window = 100);
	SAY(t, B, 40, ACK, 1, 1, .window = 100);
	assert_states(t, HF_ESTABLISHED, HF_ESTABLISHED);
	SAY(t, B, 50, ACK, 1, 1, 30, .window = 100);
	assert_int_equal(t->step.from, HF_SERVER);
	assert_int_equal(t->step.flow->end[HF_SERVER].octets, 30);
}

/* ---- Bad checksum / TTL insertion ---- */

/* A reset, a FIN and text whose checksum is wrong: the host drops them, and so does the tracker. */
static void bad_checksum_insertion_changes_nothing(void **state)
{
	static const uint16_t flags[] = { RST, FIN | ACK, ACK, SYN };
	talk *t = *state;

	talk_open(t);
	for (unsigned i = 0; i < 4; i++) {
		const hf_step *s = SAY(t, A, 50000 + i, flags[i], 1, 1, i == 2 ? 100 : 0,
				       .window = 502, .corrupt = true);

		assert_int_equal(s->kind, HF_STEP_BAD);
		assert_int_equal(s->reason, HF_WHY_TCP_CHECKSUM);
		assert_states(t, HF_ESTABLISHED, HF_ESTABLISHED);
		assert_int_equal(s->flow->end[HF_CLIENT].octets, 0);
		assert_int_equal(s->flow->over, HF_WHY_NONE);
	}
	SAY(t, A, 60000, ACK, 1, 1, 10, .window = 502);
	assert_int_equal(t->step.flow->end[HF_CLIENT].octets, 10);
}

/* Right checksums, and numbers that the host would not take: reported, and not believed. */
static void insertion_outside_of_the_window_changes_nothing(void **state)
{
	talk *t = *state;

	talk_open(t);
	SAY(t, A, 50000, RST, 10000000, .window = 0);
	assert_states(t, HF_ESTABLISHED, HF_ESTABLISHED);
	SAY(t, A, 50001, FIN | ACK, 10000000, 1, .window = 502);
	assert_states(t, HF_ESTABLISHED, HF_ESTABLISHED);
	SAY(t, A, 50002, ACK, 10000000, 1, 100, .window = 502);
	assert_marks(&t->step, t->step.marks | HF_MARK(OUTSIDE));
	assert_int_equal(t->step.flow->end[HF_CLIENT].octets, 0);
	assert_states(t, HF_ESTABLISHED, HF_ESTABLISHED);
}

/* What our own host refuses, for whatever reason (a TTL too small, say), the tracker leaves out. */
static void ttl_insertion_that_the_host_refuses_changes_nothing(void **state)
{
	talk *t = *state;

	talk_open(t);
	SAY(t, A, 50000, RST, 1, .way = HF_WAY_ARRIVING, .reason = HF_WHY_IP_TTL,
	    .state = HF_ESTABLISHED);
	assert_int_equal(t->step.flow->end[HF_SERVER].state, HF_ESTABLISHED);
	assert_int_equal(t->step.flow->over, HF_WHY_NONE);
}

/* ---- Overlapping segments with different data ---- */

/* The second copy is named for what it is, and counted apart: it is not new text. */
static void overlapping_segments_with_different_data_are_marked(void **state)
{
	talk *t = *state;

	talk_open(t);
	SAY(t, A, 50000, ACK, 1, 1, 100, .window = 502);
	SAY(t, A, 51000, ACK, 1, 1, 100, .window = 502);
	assert_marks(&t->step, HF_MARK(RETRANSMITTED));
	SAY(t, A, 52000, ACK, 51, 1, 100, .window = 502);
	assert_int_equal(t->step.flow->end[HF_CLIENT].octets, 150);
	assert_int_equal(t->step.flow->end[HF_CLIENT].octets_again, 150);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)
		T(simultaneous_open_evasion_is_followed),
		T(split_handshake_roles_stay_as_they_are),
		T(bad_checksum_insertion_changes_nothing),
		T(insertion_outside_of_the_window_changes_nothing),
		T(ttl_insertion_that_the_host_refuses_changes_nothing),
		T(overlapping_segments_with_different_data_are_marked),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
