/* SPDX-License-Identifier: BSD-2-Clause */
/* Keep-alives: off unless asked for, sent only into silence, patient (RFC 9293 3.8.4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/transfer.h"

#define IDLE HF_SEC(60)

static peer *with_keepalive(hf_conn *c)
{
	peer *p = transfer(PLAIN, c);

	assert_int_equal(hf_conn_set(p->stack, *c, HF_OPTION_KEEPALIVE, IDLE), HF_OK);
	return p;
}

/* SHLD-12: SEG.SEQ = SND.NXT - 1, and no octet. */
static void expect_probe(peer *p, uint32_t nxt)
{
	const peer_seen *s = PEER_EXPECT(p, .flags = ACK, .seq = nxt - 1, .ack = 1);

	assert_int_equal(s->cause, HF_SENT_KEEPALIVE);
	peer_expect_nothing(p);
}

static void without_being_asked_a_silent_connection_stays_silent(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	peer_wait(p, HF_SEC(30 * 86400)); /* MUST-25 */
	peer_expect_nothing(p);
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	peer_free(p);
}

static void a_probe_goes_out_after_the_silence_that_was_set(void **state)
{
	hf_conn c;
	peer *p = with_keepalive(&c);

	(void)state;
	ASSERT_LASTED(peer_wait_for_output(p, HF_SEC(100)), IDLE);
	expect_probe(p, 1);
	/* Its answer begins a new silence. */
	peer_wait(p, HF_MS(50));
	acknowledge(p, 1);
	ASSERT_LASTED(peer_wait_for_output(p, HF_SEC(100)), IDLE);
	expect_probe(p, 1);
	peer_free(p);
}

static void whatever_arrives_puts_the_probe_off(void **state)
{
	hf_conn c;
	peer *p = with_keepalive(&c);

	(void)state;
	for (uint32_t i = 0; i < 5; i++) {
		peer_wait(p, IDLE - HF_MS(1));
		PEER_SAY(p, .flags = ACK, .seq = 1 + i, .ack = 1, .len = i % 2);
		PEER_SAY(p, .flags = ACK, .seq = 1 + i, .ack = 1, .len = 1);
		for (const peer_seen *s; (s = peer_next(p)) != NULL;)
			assert_int_not_equal(s->cause, HF_SENT_KEEPALIVE);
	}
	peer_free(p);
}

/* MUST-26: only while nothing sent is outstanding; the retransmission timer sees to the rest. */
static void while_text_is_outstanding_no_probe_is_sent(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_KEEPALIVE, HF_SEC(1)), HF_OK);
	peer_app_send(p, c, 1, 100);
	peer_wait(p, HF_SEC(120));
	for (const peer_seen *s; (s = peer_next(p)) != NULL;)
		assert_int_not_equal(s->cause, HF_SENT_KEEPALIVE);
	acknowledge(p, 101);
	ASSERT_LASTED(peer_wait_for_output(p, HF_SEC(10)), HF_SEC(1));
	expect_probe(p, 101);
	peer_free(p);
}

static void one_unanswered_probe_proves_nothing_but_many_do(void **state)
{
	unsigned probes = 0;
	hf_time last;
	hf_conn c;
	peer *p = with_keepalive(&c);

	(void)state;
	peer_wait_for_output(p, HF_SEC(100));
	last = p->now;
	while (peer_state(p, c) != HF_CLOSED) {
		const peer_seen *s = peer_next(p);

		if (!s) {
			assert_true(hf_time_diff(p->now, last) < HF_SEC(600));
			peer_wait(p, HF_SEC(1));
			continue;
		}
		assert_int_equal(s->seq, 0);
		if (probes++ > 0)
			ASSERT_LASTED(hf_time_diff(s->at, last), HF_SEC(75));
		last = s->at;
	}
	assert_in_range(probes, 4, 20); /* MUST-29 */
	assert_true(peer_events(p) & HF_EVENT_CLOSED);
	assert_int_equal(p->event.reason, HF_WHY_KEEPALIVE_TIMEOUT);
	peer_free(p);
}

static void an_answer_late_in_the_row_starts_it_anew(void **state)
{
	hf_conn c;
	peer *p = with_keepalive(&c);

	(void)state;
	for (int i = 0; i < 40; i++) {
		peer_wait_for_output(p, HF_SEC(100));
		expect_probe(p, 1);
		if (i % 8 == 7)
			acknowledge(p, 1);
	}
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	peer_free(p);
}

static void it_can_be_switched_off_again(void **state)
{
	hf_conn c;
	peer *p = with_keepalive(&c);

	(void)state;
	peer_wait_for_output(p, HF_SEC(100));
	expect_probe(p, 1);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_KEEPALIVE, 0), HF_OK);
	peer_wait(p, HF_SEC(86400));
	peer_expect_nothing(p);
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_KEEPALIVE, -1), HF_ERR_INVALID);
	peer_free(p);
}

static void a_reset_in_answer_to_a_probe_ends_the_connection(void **state)
{
	hf_conn c;
	peer *p = with_keepalive(&c);

	(void)state;
	peer_wait_for_output(p, HF_SEC(100));
	expect_probe(p, 1);
	PEER_SAY(p, .flags = RST, .seq = 1);
	assert_int_equal(peer_state(p, c), HF_CLOSED);
	peer_wait(p, HF_SEC(1000));
	peer_expect_nothing(p);
	peer_free(p);
}

/* The other side's probes: without text, or with one octet that came before. */
static void the_peers_probes_are_answered(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 10);
	peer_ignore(p);
	for (uint32_t len = 0; len < 2; len++) {
		peer_wait(p, HF_SEC(75));
		assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 10, .ack = 1, .len = len),
				 HF_WHY_KEEPALIVE_PROBE);
		PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 11);
	}
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_being_asked_a_silent_connection_stays_silent),
		cmocka_unit_test(a_probe_goes_out_after_the_silence_that_was_set),
		cmocka_unit_test(whatever_arrives_puts_the_probe_off),
		cmocka_unit_test(while_text_is_outstanding_no_probe_is_sent),
		cmocka_unit_test(one_unanswered_probe_proves_nothing_but_many_do),
		cmocka_unit_test(an_answer_late_in_the_row_starts_it_anew),
		cmocka_unit_test(it_can_be_switched_off_again),
		cmocka_unit_test(a_reset_in_answer_to_a_probe_ends_the_connection),
		cmocka_unit_test(the_peers_probes_are_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
