/* SPDX-License-Identifier: BSD-2-Clause */
/* The announced window at every boundary, beside its rules in short (RFC 9293 3.8.6, 7323 2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tcp/tcb.h"
#include "tests/unit/support.h"

#define FIELD_MAX 65535u

static void the_scale_is_the_smallest_that_lets_16_bits_name_the_buffer(void **state)
{
	static const struct {
		uint32_t buffer;
		uint8_t shift;
	} rows[] = {
		{ 0, 0 },
		{ 65535, 0 },
		{ 65536, 1 },
		{ 131071, 1 },
		{ 131072, 2 },
		{ (65535u << 13) + 8191, 13 },
		{ 65536u << 13, 14 },
		{ (65535u << 14) + 16383, 14 },
		{ 65536u << 14, 14 }, /* RFC 7323 2.3: 14 is the largest */
		{ UINT32_MAX, 14 },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(hf_rx_wscale(rows[i].buffer), rows[i].shift);
}

static void the_window_of_a_syn_is_of_whole_segments(void **state)
{
	static const struct {
		uint32_t buffer;
		uint16_t mss, window;
	} rows[] = {
		{ 999, 1000, 999 },      { 1000, 1000, 1000 },    { 1001, 1000, 1000 },
		{ 65534, 1460, 64240 },  { 65535, 1460, 64240 },  { 65536, 1460, 64240 },
		{ 65535, 65535, 65535 }, { 65535, 65534, 65534 }, { 1u << 30, 1, 65535 },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(hf_rx_syn_window(rows[i].buffer, rows[i].mss), rows[i].window);
}

/* ---- Afterwards ---- */

typedef struct situation {
	hf_settings settings;
	hf_tcb c;
} situation;

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* What the field, the limit that grows and the one that was set allow. */
static uint32_t most_of(const hf_tcb *c)
{
	uint32_t most = least(FIELD_MAX << c->rcv.wscale, c->rcv.ssthresh);

	return c->settings->window_clamp > 0 ? least(most, c->settings->window_clamp) : most;
}

/* MUST-39: a segment, or half the buffer, or of what the window may be. */
static uint32_t step_of(const hf_tcb *c)
{
	return least(c->snd.mss, least(c->rcv.buffer, most_of(c)) / 2);
}

/* What may be promised: what is free, within the limits. */
static uint32_t promise_of(const hf_tcb *c)
{
	uint32_t unread = hf_tcb_unread(c), free_octets = 0;

	if (unread < c->rcv.buffer)
		free_octets = c->rcv.buffer - unread;
	if (free_octets < c->rcv.buffer / 16 || free_octets < step_of(c))
		return 0;
	return least(free_octets, most_of(c));
}

/* One of the numbers around `n`, or far from it. */
static uint32_t around(uint64_t *dice, uint32_t n)
{
	uint32_t what = draw_below(dice, 6);

	if (what < 5)
		return n + what < 2 ? 0 : n + what - 2;
	return draw_below(dice, 2 * n + 2);
}

static void begin(situation *s, uint64_t *dice)
{
	static const uint32_t buffers[] = { 100, 2000, 16000, 65535, 65536, 300000, 1u << 22 };
	uint32_t buffer = buffers[draw_below(dice, 7)], unread, window;
	hf_tcb *c = &s->c;

	*s = (situation){ 0 };
	c->settings = &s->settings;
	c->state = HF_ESTABLISHED;
	c->rcv.buffer = buffer;
	c->rcv.wscale = draw_below(dice, 4) == 0 ? (uint8_t)draw_below(dice, 15) :
						   hf_rx_wscale(buffer);
	c->snd.mss = draw_below(dice, 2) ? 536 : 1460;
	c->rcv.mss = c->snd.mss;
	c->rcv.ssthresh = draw_below(dice, 2) ? around(dice, buffer) : UINT32_MAX / 2;
	if (draw_below(dice, 2))
		s->settings.window_clamp = around(dice, least(buffer / 2, FIELD_MAX));
	switch (draw_below(dice, 4)) {
	case 0:
		unread = around(dice, buffer - step_of(c));
		break;
	case 1:
		unread = around(dice, buffer - buffer / 16);
		break;
	case 2:
		unread = around(dice, buffer);
		break;
	default:
		unread = draw_below(dice, buffer);
		break;
	}
	c->rcv.read = (hf_seq){ draw(dice) };
	c->rcv.nxt = hf_seq_add(c->rcv.read, unread);
	switch (draw_below(dice, 4)) {
	case 0:
		window = around(dice, promise_of(c));
		break;
	case 1:
		window = promise_of(c) > step_of(c) ? around(dice, promise_of(c) - step_of(c)) : 0;
		break;
	case 2:
		window = around(dice, promise_of(c) / 2);
		break;
	default:
		window = around(dice, buffer + buffer / 4 - least(unread, buffer));
		break;
	}
	c->rcv.right = hf_seq_add(c->rcv.nxt, window);
}

/* SHLD-14: no cutting off, unless that pushes the edge a quarter past the buffer. */
static uint32_t field_for(const hf_tcb *c, uint32_t window)
{
	uint64_t unit = UINT64_C(1) << c->rcv.wscale, up = (window + unit - 1) / unit;
	uint64_t promised = (uint64_t)hf_tcb_unread(c) + window;

	if (promised > c->rcv.buffer + c->rcv.buffer / 4)
		up = window / unit;
	return up < FIELD_MAX ? (uint32_t)up : FIELD_MAX;
}

static void the_edge_moves_by_a_step_or_not_at_all_and_never_back(void **state)
{
	uint64_t dice = 1;

	(void)state;
	for (int k = 0; k < 200000; k++) {
		situation s;
		uint32_t window, promise, want, right, field;

		begin(&s, &dice);
		window = hf_tcb_rcv_wnd(&s.c);
		promise = promise_of(&s.c);
		want = promise > window && promise - window >= step_of(&s.c) ? promise : window;
		field = field_for(&s.c, want);
		right = s.c.rcv.right.v;
		assert_int_equal(hf_rx_announce(&s.c), field);
		if ((field << s.c.rcv.wscale) > window)
			right = s.c.rcv.nxt.v + (field << s.c.rcv.wscale);
		assert_int_equal(s.c.rcv.right.v, right);
	}
}

static void an_update_is_worth_an_ack_if_the_window_doubles(void **state)
{
	uint64_t dice = 2;

	(void)state;
	for (int k = 0; k < 200000; k++) {
		situation s;
		uint32_t window, promise;
		bool is_worth;

		begin(&s, &dice);
		if (draw_below(&dice, 4) == 0)
			s.c.state = HF_SYN_RECEIVED;
		if (draw_below(&dice, 4) == 0) { /* the peer's FIN is the last number */
			hf_tcb_put(&s.c, HF_TCB_PEER_FIN, true);
			s.c.rcv.fin = hf_seq_add(s.c.rcv.nxt, draw_below(&dice, 2) ? 0 : 5);
			s.c.rcv.nxt = hf_seq_add(s.c.rcv.nxt, draw_below(&dice, 2));
		}
		window = hf_tcb_rcv_wnd(&s.c);
		promise = promise_of(&s.c);
		is_worth = s.c.state == HF_ESTABLISHED && !hf_tcb_peer_closed(&s.c) &&
			   promise > 0 && promise / 2 >= window &&
			   promise - window >= step_of(&s.c);
		hf_rx_opened(&s.c);
		assert_int_equal(s.c.ack.now, is_worth);
		if (is_worth)
			assert_int_equal(s.c.ack.cause, HF_SENT_WINDOW_UPDATE);
	}
}

/* HF_OPTION_RECEIVE_LOW: as much as was asked for, or no more would come. */
static void reading_is_worthwhile_when_enough_is_there_or_the_window_is_full(void **state)
{
	(void)state;
	for (uint32_t unread = 99; unread <= 101; unread++)
		for (uint32_t window = 1459; window <= 1461; window++) {
			hf_settings settings = { .receive_low = 100 };
			hf_tcb c = { .settings = &settings };

			c.rcv.mss = 1460;
			c.rcv.nxt.v = unread;
			c.rcv.right.v = unread + window;
			assert_int_equal(hf_rx_is_worth_reading(&c),
					 unread >= 100 || window <= 1460);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_scale_is_the_smallest_that_lets_16_bits_name_the_buffer),
		cmocka_unit_test(the_window_of_a_syn_is_of_whole_segments),
		cmocka_unit_test(the_edge_moves_by_a_step_or_not_at_all_and_never_back),
		cmocka_unit_test(an_update_is_worth_an_ack_if_the_window_doubles),
		cmocka_unit_test(reading_is_worthwhile_when_enough_is_there_or_the_window_is_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
