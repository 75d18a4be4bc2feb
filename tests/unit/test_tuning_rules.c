/* SPDX-License-Identifier: BSD-2-Clause */
/* How buffer and window grow, segment by segment, beside the rules in short (tcp/rx/tuning.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tcp/hs/negotiate.h"
#include "tests/unit/support.h"

#define OFFSET 77777u /* of our time stamps */

/* What a receiver knows that watches how fast it is read. */
typedef struct model {
	hf_time now, round_began, turn_began; /* 0: no turn has begun */
	bool stamps, sack, is_echo_known;
	uint32_t echo;
	hf_ns trip, least, srtt, own; /* round trips, 0: not known; own: the shortest of ours */
	uint32_t round_from, turn_end, nxt, read, right,
		gap_end; /* gap_end: 0, or ahead of a gap */
	uint64_t space, buffer, buffer_max, window;
	uint32_t largest, full;
} model;

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint32_t ahead(const model *m)
{
	return m->gap_end ? m->gap_end - m->nxt : 0;
}

static void enlarge(model *m, uint64_t want)
{
	m->buffer = larger(m->buffer, smaller(want, m->buffer_max));
}

/* A stamp of ours that comes back with a full segment; each tells once. */
static void by_stamp(model *m, uint32_t len, uint32_t echo)
{
	int64_t ms = m->now.ns / HF_MS(1) - (int32_t)(echo - OFFSET);
	hf_ns sample = ms == 0 ? HF_MS(1) / 2 : HF_MS(ms);

	if (echo == 0 || echo == m->echo || len < m->full || ms < 0)
		return;
	m->echo = echo;
	m->trip = m->trip == 0 ? sample : m->trip + (sample - m->trip) / 8;
}

/* The time in which a window is filled: from the path's to four times that. */
static void by_turn(model *m)
{
	hf_ns turn = m->now.ns - m->turn_began.ns, least = turn;

	if (m->turn_began.ns != 0) {
		if ((int32_t)(m->nxt - m->turn_end) < 0)
			return;
		if (m->least > 0)
			least = (hf_ns)smaller((uint64_t)least, (uint64_t)m->least);
		if (m->own > 0)
			least = (hf_ns)smaller((uint64_t)least, (uint64_t)m->own);
		m->least = (hf_ns)larger((uint64_t)(least / 1000 * 1000), 1000);
		m->trip = (hf_ns)larger(smaller((uint64_t)turn, 4 * (uint64_t)m->least),
					(uint64_t)m->least);
	}
	m->turn_end = (int32_t)(m->right - m->nxt) > 1 ? m->right : m->nxt + 1;
	m->turn_began = m->now;
}

static void came(model *m, uint32_t len, uint32_t echo, bool in_order)
{
	if (in_order && m->stamps)
		by_stamp(m, len, echo);
	else if (in_order)
		by_turn(m);
	if (!in_order && !m->sack)
		return; /* duplicates must look alike */
	if (!in_order)
		enlarge(m, 2 * m->space + ahead(m));
	if (len >= 128)
		m->window = smaller(m->window + 2 * larger(len, m->largest), m->buffer);
}

/* What was taken in a round trip, if it was more than ever: six times that, or twice. */
static void was_read(model *m)
{
	hf_ns round = m->trip > 0 ? m->trip : m->srtt, trip, spent = m->now.ns - m->round_began.ns;
	uint64_t taken = m->read - m->round_from, left = m->nxt - m->read;

	if (!m->stamps && m->least > 0)
		round = m->least;
	if (round == 0 || spent < round)
		return;
	trip = round;
	if (!m->stamps && m->turn_began.ns != 0)
		trip = (hf_ns)smaller((uint64_t)larger((uint64_t)m->trip,
						       (uint64_t)(m->now.ns - m->turn_began.ns)),
				      4 * (uint64_t)round);
	taken -= smaller(taken, left);
	if (trip > spent)
		taken = taken * (uint64_t)trip / (uint64_t)spent;
	taken = smaller(taken, INT32_MAX);
	if (taken > m->space) {
		enlarge(m, 2 * taken + 2 * (2 * taken * (taken - m->space) / m->space) + ahead(m));
		m->space = taken;
	}
	m->round_from = m->read;
	m->round_began = m->now;
}

/* ---- Beside the connection ---- */

typedef struct pair {
	model m;
	hf_tcb c;
	hf_rx rx;
	hf_settings settings;
	hf_config config;
	uint64_t dice;
} pair;

static uint32_t any(pair *p, uint32_t n)
{
	return draw_below(&p->dice, n);
}

static hf_tcp_env env_of(const pair *p)
{
	return (hf_tcp_env){ .config = &p->config, .now = p->m.now };
}

static void assert_same(const pair *p)
{
	const hf_tuning *t = &p->c.tuning;
	const model *m = &p->m;

	assert_int_equal(t->rtt, m->trip);
	if (!m->stamps)
		assert_int_equal((hf_ns)t->least * 1000, m->least);
	assert_int_equal(t->space, m->space);
	assert_int_equal(p->c.rcv.buffer, m->buffer);
	assert_int_equal(p->c.rcv.ssthresh, m->window);
}

static void begin(pair *p, uint64_t seed)
{
	static const uint16_t sizes[] = { 100, 536, 1000, 1460 };
	static const uint32_t windows[] = { 100, 900, 5000, 64240, 200000 };
	hf_tcb *c = &p->c;
	model *m = &p->m;
	hf_tcp_env env;

	memset(p, 0, sizeof(*p));
	p->dice = seed * 2654435761u;
	p->config.mtu = 1500;
	c->settings = &p->settings;
	c->flags = 0;
	*m = (model){ .now = { HF_SEC(100) + any(p, 1000000) },
		      .read = any(p, 2) ? 1 : 0u - 70000 };
	m->stamps = any(p, 2);
	m->sack = any(p, 2);
	hf_tcb_put(c, HF_TCB_TIMESTAMPS, m->stamps);
	hf_tcb_put(c, HF_TCB_SACK, m->sack);
	m->largest = sizes[any(p, 4)];
	m->window = windows[any(p, 5)];
	m->nxt = m->read;
	m->right = m->nxt + (uint32_t)m->window;
	m->buffer = m->window * (1 + any(p, 3));
	m->buffer_max = m->buffer * (1 + 20 * any(p, 3));
	m->srtt = any(p, 2) ? HF_MS(30) : 0;
	m->own = any(p, 2) ? HF_US(20000) : 0;
	m->full = (uint32_t)larger(smaller(smaller(m->largest, m->window / 2), 536), 88);
	m->round_from = m->read;
	m->round_began = m->now;
	c->snd.mss = (uint16_t)m->largest;
	c->ts_offset = OFFSET;
	c->rcv.nxt.v = c->rcv.read.v = m->nxt;
	c->rcv.right.v = m->right;
	c->rcv.buffer = (uint32_t)m->buffer;
	c->rcv.buffer_max = (uint32_t)m->buffer_max;
	c->rtt.srtt = m->srtt;
	c->rtt.min = m->own;
	env = env_of(p);
	m->space = smaller(m->window, 10 * hf_announced_text(c, &p->config));
	hf_rx_tuning_begin(c, &env);
	assert_int_equal(c->rcv.mss, m->full);
	assert_same(p);
}

/* In order, or behind a gap that some earlier one has left. */
static void some_segment(pair *p)
{
	const uint32_t lengths[] = { 127, 128, p->m.full - 1, p->m.full, p->m.largest, 2000 };
	uint32_t len = lengths[any(p, 6)], ago = any(p, 4) ? any(p, 80) : 0, echo;
	bool in_order = any(p, 5) > 0;
	hf_tcp_options o = { 0 };
	hf_segment g = { .text = { .len = len }, .options = &o };
	hf_tcp_env env;

	echo = (uint32_t)(p->m.now.ns / HF_MS(1)) - ago + OFFSET;
	if (any(p, 10) == 0)
		echo = any(p, 2) ? 0 : echo + ago + 1 + any(p, 9); /* none; not sent yet */
	if (any(p, 10) > 0) {
		o.present = HF_HAS(TIMESTAMPS);
		o.tsecr = echo;
	} else {
		echo = 0;
	}
	if (in_order)
		p->m.nxt += len;
	p->m.gap_end = in_order ? 0 : p->m.nxt + 1000 + len;
	p->c.rcv.nxt.v = p->m.nxt;
	hf_ranges_release(&p->rx.early);
	if (!in_order)
		assert_int_equal(hf_ranges_add(&p->rx.early,
					       (hf_range){ { p->m.nxt + 1000 }, { p->m.gap_end } }),
				 0);
	p->c.rx = any(p, 2) || !in_order ? &p->rx : NULL;
	if (any(p, 3) == 0)
		p->c.rcv.right.v = p->m.right = p->m.nxt + any(p, 3) * (uint32_t)p->m.window / 2;
	env = env_of(p);
	came(&p->m, len, echo, in_order);
	hf_rx_tuning_came(&p->c, &env, &g, in_order);
}

static void some_reading(pair *p)
{
	uint32_t unread = p->m.nxt - p->m.read;
	hf_tcp_env env = env_of(p);

	p->m.read += any(p, 3) ? unread : any(p, unread + 1);
	p->c.rcv.read.v = p->m.read;
	was_read(&p->m);
	hf_rx_tuning_read(&p->c, &env);
}

static void pass_time(pair *p)
{
	const model *m = &p->m;
	const hf_ns times[] = { 0,
				1,
				700,
				HF_US(1),
				HF_MS(1),
				HF_MS(20),
				HF_MS(300),
				m->trip > 0 ? m->round_began.ns + m->trip - m->now.ns : 0,
				m->least > 0 ? m->round_began.ns + m->least - m->now.ns : 0,
				m->srtt > 0 ? m->round_began.ns + m->srtt - m->now.ns : 0 };
	hf_ns t = times[any(p, 10)] - (any(p, 4) == 0);

	p->m.now = hf_time_add(m->now, t > 0 ? t : 0);
}

static void buffer_and_window_grow_as_the_rules_say(void **state)
{
	struct heap heap = { 0 };
	hf_mem mem = heap_mem(&heap);
	static pair p;

	(void)state;
	for (uint64_t seed = 1; seed <= 3000; seed++) {
		begin(&p, seed);
		p.rx.early = hf_ranges_of(&mem, 4);
		for (int i = 0; i < 150; i++) {
			pass_time(&p);
			if (any(&p, 3) > 0)
				some_segment(&p);
			else
				some_reading(&p);
			assert_same(&p);
		}
		hf_ranges_release(&p.rx.early);
	}
	hf_mem_drain(&mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buffer_and_window_grow_as_the_rules_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
