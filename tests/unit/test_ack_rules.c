/* SPDX-License-Identifier: BSD-2-Clause */
/* When an ACK is owed, at every boundary, beside the rules in short (RFC 9293 3.8.6.3, 5681). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tcp/tcb.h"
#include "tests/unit/support.h"

#define LEAST HF_MS(40) /* hf_config.delayed_ack */
#define RTO HF_MS(300)

static const hf_config config = {
	.profile = HF_PROFILE_LINUX,
	.delayed_ack = LEAST,
	.min_rto = HF_MS(200),
	.max_rto = HF_SEC(120),
};

/* What a receiver knows that decides on its own when to acknowledge. */
typedef struct model {
	hf_time now, at, received_at; /* at: a delayed ACK is due; HF_NEVER: none waits */
	hf_ns delay, srtt;            /* delay: whole us; 0: no text has come */
	uint32_t mss, largest, last_len, unacknowledged, window;
	unsigned owed, quick;
	hf_cause cause;
	bool is_interactive, is_pushed, is_pushed_twice;
} model;

static hf_ns smaller(hf_ns a, hf_ns b)
{
	return a < b ? a : b;
}

/* Several duplicates are owed each, anything else once. */
static void owe(model *m, hf_cause cause)
{
	m->cause = cause;
	if (m->owed == 0)
		m->owed = 1;
	else if (cause == HF_SENT_DUPLICATE_ACK && m->owed < 255)
		m->owed++;
}

static void set_delay(model *m, hf_ns delay)
{
	m->delay = delay / HF_US(1) * HF_US(1);
}

/* As many as half the window has segments: from two (if it has none) to sixteen. */
static void be_quick(model *m)
{
	uint32_t n = m->window / 2 / m->mss;

	n = n == 0 ? 2 : n;
	n = n > 16 ? 16 : n;
	m->quick = n > m->quick ? n : m->quick;
}

/* A segment is full that is as long as the longest, or twice as long as each other of late. */
static void note_size(model *m, uint32_t len)
{
	bool is_again = len == m->last_len && len >= 536;

	if (len >= m->mss) {
		m->mss = len < m->largest ? len : m->largest;
		return;
	}
	m->last_len = len;
	if (is_again)
		m->mss = len;
	else
		m->is_pushed_twice |= m->is_pushed;
	m->is_pushed = true;
}

/* The delay is half the newest gap, half what it was; what is too far apart is no gap. */
static void note_gap(model *m)
{
	hf_ns gap = hf_time_diff(m->now, m->received_at);

	m->received_at = m->now;
	if (m->delay == 0) {
		be_quick(m);
		set_delay(m, LEAST);
	} else if (gap <= LEAST / 2) {
		set_delay(m, m->delay / 2 + LEAST / 2);
	} else if (gap < m->delay) {
		set_delay(m, smaller(m->delay / 2 + gap, RTO));
	} else if (gap > RTO) {
		be_quick(m);
	}
}

/* No longer than a round trip, 200 ms for what may be a message, and half a second (MUST-40). */
static void wait(model *m)
{
	hf_ns most = m->is_interactive || m->is_pushed ? HF_MS(200) : HF_MS(500), wait;

	if (m->srtt > 0)
		most = smaller(most, m->srtt);
	wait = smaller(m->delay, most);
	wait = wait > LEAST ? wait : LEAST;
	if (m->at.ns <= m->now.ns + wait / 4)
		owe(m, HF_SENT_DELAYED_ACK);
	else if (m->at.ns > m->now.ns + wait)
		m->at.ns = m->now.ns + wait;
}

static void text(model *m, uint32_t len)
{
	m->unacknowledged += len;
	note_size(m, len);
	note_gap(m);
	if (m->unacknowledged > m->mss || (m->quick > 0 && !m->is_interactive))
		owe(m, HF_SENT_ACK); /* SHLD-19 */
	else
		wait(m);
}

static void run_out(model *m)
{
	m->at = HF_NEVER;
	set_delay(m, m->is_interactive ? LEAST : smaller(2 * m->delay, RTO));
	m->is_interactive = false;
	owe(m, HF_SENT_DELAYED_ACK);
}

static void leave(model *m)
{
	if (m->unacknowledged > 0 && m->quick > 0 && --m->quick == 0)
		set_delay(m, LEAST);
	m->unacknowledged = 0;
	m->owed = 0;
	m->is_pushed = m->is_pushed_twice = false;
	m->at = HF_NEVER;
}

static void read_all(model *m)
{
	if (m->at.ns != HF_NEVER.ns && (m->is_interactive ? m->is_pushed_twice : m->is_pushed))
		owe(m, HF_SENT_ACK);
}

/* ---- Beside the connection ---- */

static void assert_same(const hf_tcb *c, const model *m)
{
	assert_int_equal(c->ack.now, m->owed);
	if (m->owed > 0)
		assert_int_equal(c->ack.cause, m->cause);
	assert_int_equal(c->ack.quick, m->quick);
	assert_int_equal(c->ack.delay, m->delay / HF_US(1));
	assert_int_equal(c->ack.at.ns, m->at.ns);
	assert_int_equal(c->rcv.mss, m->mss);
	assert_int_equal((c->ack.flags & HF_ACK_INTERACTIVE) != 0, m->is_interactive);
}

static void begin(hf_tcb *c, model *m, uint64_t *dice)
{
	static const hf_ns trips[] = { 0, HF_MS(10), HF_MS(60), HF_MS(250), HF_SEC(2) };

	*m = (model){ .now = { HF_SEC(100) }, .at = HF_NEVER, .mss = 536, .largest = 1460 };
	m->srtt = trips[draw_below(dice, 5)];
	*c = (hf_tcb){ .state = HF_ESTABLISHED };
	c->rcv.mss = 536;
	c->snd.mss = 1460;
	c->rtt = (hf_rtt){ .srtt = m->srtt, .rto = RTO };
	c->ack.at = HF_NEVER;
}

static hf_ns some_gap(const model *m, uint64_t *dice)
{
	hf_ns near[] = { 0, LEAST / 2, m->delay, RTO, LEAST, HF_MS(10), m->delay / 4 };

	return near[draw_below(dice, 7)] + HF_US(1) * ((hf_ns)draw_below(dice, 5) - 2);
}

static uint32_t some_length(const model *m, uint64_t *dice)
{
	const uint32_t near[] = { 2, 536, m->mss, 1460, m->last_len + 1, 1000 };

	return near[draw_below(dice, 6)] + draw_below(dice, 3) - 1;
}

/* The application leaves unread what it has not read yet, and `read` is where it stands. */
static void happen(hf_tcb *c, model *m, uint64_t *dice)
{
	hf_tcp_env env = { .config = &config, .now = m->now };
	uint32_t len;

	switch (draw_below(dice, 12)) {
	case 0:
		hf_ack_timed_out(c, &env);
		run_out(m);
		break;
	case 1:
		hf_ack_spoke(c, &env);
		m->is_interactive |= hf_time_diff(m->now, m->received_at) < m->delay;
		break;
	case 2:
	case 3:
		hf_ack_sent(c, &env);
		leave(m);
		break;
	case 4:
		c->rcv.read = c->rcv.nxt;
		hf_ack_read(c);
		read_all(m);
		break;
	case 5:
		if (c->rcv.nxt.v == c->rcv.read.v)
			c->rcv.read.v--; /* something is left */
		hf_ack_read(c);
		break;
	case 6:
		m->is_interactive = draw_below(dice, 2) == 0;
		hf_ack_set_quick(c, !m->is_interactive);
		if (!m->is_interactive && m->at.ns != HF_NEVER.ns)
			owe(m, HF_SENT_ACK);
		break;
	case 7:
		hf_ack_quicken(c, &env);
		be_quick(m);
		m->is_interactive = false;
		set_delay(m, LEAST);
		break;
	case 8:
		hf_ack_now(c, HF_SENT_DUPLICATE_ACK);
		owe(m, HF_SENT_DUPLICATE_ACK);
		break;
	default:
		len = some_length(m, dice);
		c->rcv.nxt = hf_seq_add(c->rcv.nxt, len);
		c->rcv.right = hf_seq_add(c->rcv.nxt, m->window);
		hf_ack_text(c, &env, len);
		text(m, len);
		break;
	}
}

static void acknowledgements_are_owed_as_the_rules_say(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 400; seed++) {
		uint64_t dice = seed;
		hf_tcb c;
		model m;

		begin(&c, &m, &dice);
		for (int k = 0; k < 300; k++) {
			hf_ns gap = some_gap(&m, &dice);

			m.now = hf_time_add(m.now, gap > 0 ? gap : 0);
			m.window = (1 + draw_below(&dice, 40)) * m.mss + draw_below(&dice, 3) - 1;
			c.rcv.right = hf_seq_add(c.rcv.nxt, m.window);
			happen(&c, &m, &dice);
			assert_same(&c, &m);
		}
	}
}

/* ---- What is asked for ---- */

static void asked_to_be_quick_it_sends_what_waits_and_asked_not_to_it_waits(void **state)
{
	hf_tcp_env env = { .config = &config, .now = { HF_SEC(9) } };
	uint64_t dice = 1;
	hf_tcb c;
	model m;

	(void)state;
	begin(&c, &m, &dice);
	c.rcv.right.v = 100000;
	hf_ack_set_quick(&c, false);
	c.rcv.nxt.v = 1;
	hf_ack_text(&c, &env, 1);
	assert_int_equal(c.ack.now, 0);
	assert_true(c.ack.at.ns != HF_NEVER.ns);
	hf_ack_set_quick(&c, true);
	assert_int_equal(c.ack.now, 1);
	assert_int_equal(c.ack.cause, HF_SENT_ACK);
	hf_ack_sent(&c, &env);
	hf_ack_set_quick(&c, true); /* nothing waits */
	assert_int_equal(c.ack.now, 0);
	c.rcv.nxt.v = 2;
	hf_ack_text(&c, &env, 1);
	assert_int_equal(c.ack.now, 1);
}

/* RFC 5961 7: one in half a second, to the nanosecond. */
static void challenges_are_half_a_second_apart(void **state)
{
	hf_tcp_env env = { .config = &config, .now = { HF_SEC(9) } };
	uint64_t dice = 1;
	hf_tcb c;
	model m;

	(void)state;
	begin(&c, &m, &dice);
	hf_ack_challenge(&c, &env);
	assert_int_equal(c.ack.now, 1);
	assert_int_equal(c.ack.cause, HF_SENT_CHALLENGE_ACK);
	c.ack.now = 0;
	env.now.ns += HF_MS(500) - 1;
	hf_ack_challenge(&c, &env);
	assert_int_equal(c.ack.now, 0);
	env.now.ns++;
	hf_ack_challenge(&c, &env);
	assert_int_equal(c.ack.now, 1);
	/* Duplicates are owed each, but no more than can be counted. */
	for (int i = 0; i < 300; i++)
		hf_ack_now(&c, HF_SENT_DUPLICATE_ACK);
	assert_int_equal(c.ack.now, UINT8_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(acknowledgements_are_owed_as_the_rules_say),
		cmocka_unit_test(asked_to_be_quick_it_sends_what_waits_and_asked_not_to_it_waits),
		cmocka_unit_test(challenges_are_half_a_second_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
