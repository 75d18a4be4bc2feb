/* SPDX-License-Identifier: BSD-2-Clause */
/* Pacing: rates, bursts, and what is not held back; the congestion control of one connection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tcp/tx/pacing.h"
#include "tests/support/peer.h"

#define MSS 1460u
#define RATE 1460000 /* octets a second: a segment takes 1 ms */
#define SEGMENTS 10u /* the initial window */

static peer *begin(hf_conn *c)
{
	peer *p = peer_new(NULL);

	*c = peer_handshake_passive(p);
	return p;
}

static void a_quantum_is_what_leaves_in_a_millisecond_within_limits(void **state)
{
	(void)state;
	assert_int_equal(hf_pacing_quantum(1, 1460), 2920);
	assert_int_equal(hf_pacing_quantum(2920 * 1024, 1460), 2920);
	assert_int_equal(hf_pacing_quantum(10240000, 1460), 10000);
	assert_int_equal(hf_pacing_quantum(UINT64_C(10000000000), 1460), 65536);
}

static void text_leaves_no_faster_than_the_rate_and_no_slower(void **state)
{
	uint32_t sent = 0, bursts = 0;
	hf_time start, last = { 0 };
	const peer_seen *s;
	hf_conn c;
	peer *p = begin(&c);

	(void)state;
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_MAX_PACING_RATE, RATE), HF_OK);
	start = p->now;
	peer_app_send(p, c, 0, SEGMENTS * MSS);
	peer_wait(p, HF_MS(50));
	while ((s = peer_next(p)) != NULL) {
		bursts += s->at.ns != last.ns;
		last = s->at;
		sent += s->len;
		/* A quantum of two segments, and half of one that time has given already. */
		assert_true(sent <=
			    (uint64_t)hf_time_diff(s->at, start) * RATE / HF_SEC(1) + 3 * MSS);
	}
	assert_int_equal(sent, SEGMENTS * MSS);
	assert_true(hf_time_diff(last, start) <= HF_MS(SEGMENTS));
	assert_true(bursts >= SEGMENTS / 3);
	peer_free(p);
}

static void without_a_rate_the_window_leaves_at_once(void **state)
{
	hf_conn c;
	peer *p = begin(&c);

	(void)state;
	peer_app_send(p, c, 0, SEGMENTS * MSS);
	peer_collect(p);
	assert_int_equal(peer_ignore(p), SEGMENTS);
	peer_free(p);
}

/* A connection that has more to send than its rate lets out. */
static peer *begin_held(hf_conn *c)
{
	peer *p = begin(c);

	hf_conn_set(p->stack, *c, HF_OPTION_MAX_PACING_RATE, 1460);
	peer_app_send(p, *c, 0, SEGMENTS * MSS);
	peer_collect(p);
	assert_true(peer_ignore(p) < SEGMENTS);
	return p;
}

static void a_rate_that_is_lifted_holds_nothing_any_more(void **state)
{
	hf_conn c;
	peer *p = begin_held(&c);

	(void)state;
	hf_conn_set(p->stack, c, HF_OPTION_MAX_PACING_RATE, 0);
	peer_collect(p);
	assert_true(peer_ignore(p) > 0);
	peer_free(p);
}

static void acknowledgements_are_not_held(void **state)
{
	hf_conn c;
	peer *p = begin_held(&c);

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 2 * MSS);
	peer_collect(p);
	assert_int_equal(peer_expect(p, ACK)->ack, 2 * MSS + 1);
	peer_free(p);
}

static void a_fin_waits_for_its_turn_and_comes(void **state)
{
	const peer_seen *s, *last = NULL;
	hf_conn c;
	peer *p = begin(&c);

	(void)state;
	hf_conn_set(p->stack, c, HF_OPTION_MAX_PACING_RATE, RATE);
	peer_app_send(p, c, 0, SEGMENTS * MSS);
	hf_conn_shutdown(p->stack, c);
	peer_wait(p, HF_MS(50));
	while ((s = peer_next(p)) != NULL)
		last = s;
	assert_non_null(last);
	assert_true(last->tcp.flags & FIN);
	peer_free(p);
}

static void modules_are_chosen_a_connection(void **state)
{
	int64_t value;
	hf_conn c;
	peer *p = begin(&c);
	hf_congestion_control first = peer_info(p, c).congestion;

	(void)state;
	for (int m = HF_CONGESTION_RENO; m <= HF_CONGESTION_BBR; m++) {
		assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_CONGESTION, m), HF_OK);
		assert_int_equal(peer_info(p, c).congestion, m);
		assert_int_equal(hf_conn_get(p->stack, c, HF_OPTION_CONGESTION, &value), HF_OK);
		assert_int_equal(value, m);
		assert_int_equal(peer_info(p, c).cwnd, SEGMENTS * MSS);
	}
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_CONGESTION, HF_CONGESTION_DEFAULT),
			 HF_OK);
	assert_int_equal(peer_info(p, c).congestion, first);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_CONGESTION, HF_CONGESTION_BBR + 1),
			 HF_ERR_INVALID);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_CONGESTION, -1), HF_ERR_INVALID);
	peer_free(p);
}

static void a_listener_s_connections_have_its_module_and_rate(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c;

	(void)state;
	peer_listen(p);
	assert_int_equal(
		hf_listener_set(p->stack, p->listener, HF_OPTION_CONGESTION, HF_CONGESTION_BBR),
		HF_OK);
	assert_int_equal(hf_listener_set(p->stack, p->listener, HF_OPTION_MAX_PACING_RATE, 99999),
			 HF_OK);
	c = peer_handshake_passive(p);
	assert_int_equal(peer_info(p, c).congestion, HF_CONGESTION_BBR);
	assert_int_equal(peer_info(p, c).pacing_rate, 99999);
	peer_free(p);
}

static void names_of_modules_go_both_ways(void **state)
{
	(void)state;
	for (int m = HF_CONGESTION_RENO; m <= HF_CONGESTION_BBR; m++)
		assert_int_equal(hf_congestion_named(hf_congestion_name((hf_congestion_control)m)),
				 m);
	assert_int_equal(hf_congestion_named("vegas"), HF_CONGESTION_DEFAULT);
	assert_int_equal(hf_congestion_named("bb"), HF_CONGESTION_DEFAULT);
	assert_int_equal(hf_congestion_named("bbrr"), HF_CONGESTION_DEFAULT);
	assert_string_equal(hf_congestion_name((hf_congestion_control)77), "default");
}

/* A stack may pace all its connections: then a window does not leave at once. */
static void a_stack_may_pace_every_connection(void **state)
{
	(void)state;
	for (int on = 0; on < 2; on++) {
		hf_config config = peer_config(false);
		hf_conn c;
		peer *p;

		config.pacing = on ? HF_CHOICE_ON : HF_CHOICE_OFF;
		p = peer_new(&config);
		peer_listen(p);
		PEER_SAY(p, .flags = SYN);
		peer_expect(p, SYN | ACK);
		peer_wait(p, HF_MS(100));
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
		c = peer_accept(p);
		peer_app_send(p, c, 1, MSS);
		peer_expect(p, ACK);
		peer_wait(p, HF_MS(100));
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1 + MSS);
		peer_app_send(p, c, 1 + MSS, 10 * MSS);
		peer_collect(p);
		if (on)
			assert_in_range(peer_ignore(p), 1, 9);
		else
			assert_int_equal(peer_ignore(p), 10);
		peer_free(p);
	}
}

/* How many of the ten segments of a window leave at once. */
static unsigned leave_at_once(peer *p, hf_conn c, uint32_t from)
{
	unsigned n;

	peer_app_send(p, c, from, 10 * MSS);
	peer_collect(p);
	n = peer_ignore(p);
	peer_wait(p, HF_MS(100));
	peer_ignore(p);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = from + 10 * MSS);
	return n;
}

static void pacing_can_be_switched_on_and_off_again(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c;

	(void)state;
	peer_listen(p);
	PEER_SAY(p, .flags = SYN);
	peer_expect(p, SYN | ACK);
	peer_wait(p, HF_MS(100));
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	c = peer_accept(p);
	assert_int_equal(leave_at_once(p, c, 1), 10);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_PACING, 1), HF_OK);
	leave_at_once(p, c, 1 + 10 * MSS); /* its ACKs tell the rate */
	assert_in_range(leave_at_once(p, c, 1 + 20 * MSS), 1, 9);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_PACING, 0), HF_OK);
	assert_int_equal(leave_at_once(p, c, 1 + 30 * MSS), 10);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_quantum_is_what_leaves_in_a_millisecond_within_limits),
		cmocka_unit_test(text_leaves_no_faster_than_the_rate_and_no_slower),
		cmocka_unit_test(without_a_rate_the_window_leaves_at_once),
		cmocka_unit_test(a_rate_that_is_lifted_holds_nothing_any_more),
		cmocka_unit_test(acknowledgements_are_not_held),
		cmocka_unit_test(a_fin_waits_for_its_turn_and_comes),
		cmocka_unit_test(modules_are_chosen_a_connection),
		cmocka_unit_test(a_listener_s_connections_have_its_module_and_rate),
		cmocka_unit_test(names_of_modules_go_both_ways),
		cmocka_unit_test(a_stack_may_pace_every_connection),
		cmocka_unit_test(pacing_can_be_switched_on_and_off_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
