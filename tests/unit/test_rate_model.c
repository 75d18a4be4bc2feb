/* SPDX-License-Identifier: BSD-2-Clause */
/* Random conversations of the delivery rate, beside the draft's own steps (ccwg-bbr-05 4.1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tcp/tx/rate.h"
#include "tests/unit/support.h"

#define PACKETS 64u
#define TICK 1024 /* ns: times are multiples, so that nothing is rounded */

typedef struct packet {
	hf_sent ours;
	bool is_out;
	/* The draft's P. */
	int64_t at, first_sent_at, delivered_at;
	uint64_t delivered, lost, in_flight;
	bool app_limited;
} packet;

/* The draft's C and, of one ACK, its RS. */
typedef struct model {
	packet packets[PACKETS];
	uint32_t sent;
	uint64_t delivered, lost, limited_until; /* 0: not limited */
	int64_t now, delivered_at, first_sent_at;
	uint64_t in_flight;
	const packet *newest, *lost_last;
	uint64_t delivered_before, lost_before;
} model;

/* Long before `from` the counts come round: nothing may depend on their size. */
static void begin(model *m, hf_rate *r, uint32_t from)
{
	*m = (model){ .delivered = from, .delivered_before = from, .limited_until = from };
	hf_rate_init(r, from);
}

static void restart_if_idle(model *m, hf_rate *r)
{
	if (m->in_flight > 0)
		return;
	m->first_sent_at = m->delivered_at = m->now;
	hf_rate_restart(r, (hf_time){ m->now });
}

/* 4.1.2.2 */
static void send(model *m, hf_rate *r, uint16_t len)
{
	packet *p = &m->packets[m->sent % PACKETS];

	restart_if_idle(m, r);
	*p = (packet){
		.is_out = true,
		.at = m->now,
		.first_sent_at = m->first_sent_at,
		.delivered_at = m->delivered_at,
		.delivered = m->delivered,
		.lost = m->lost,
		.in_flight = m->in_flight + len,
		.app_limited = m->limited_until != 0,
		.ours = { .seq = { m->sent++ * 2000u }, .len = len, .at = { m->now } },
	};
	hf_rate_sent(r, &p->ours, (uint32_t)m->in_flight);
	assert_int_equal((p->ours.flags & HF_SENT_APP_LIMITED) != 0, p->app_limited);
	m->in_flight += len;
}

/* 4.1.2.3 IsNewestPacket */
static bool is_newer(const packet *p, const packet *than)
{
	return !than || p->at > than->at || (p->at == than->at && p->ours.seq.v > than->ours.seq.v);
}

static void deliver(model *m, hf_rate *r, packet *p)
{
	p->is_out = false;
	m->in_flight -= p->ours.len;
	m->delivered += p->ours.len;
	if (is_newer(p, m->newest))
		m->newest = p;
	hf_rate_delivered(r, &p->ours, p->ours.len);
}

/* It counts as lost, and is sent again at once. */
static void lose(model *m, hf_rate *r, packet *p)
{
	uint16_t len = p->ours.len;

	m->lost += len;
	hf_rate_lost(r, &p->ours);
	p->is_out = false;
	m->in_flight -= len;
	m->lost_last = p;
}

static void assert_loss(const model *m, const hf_rate_sample *s)
{
	const packet *p = m->lost_last;

	if (!p)
		return;
	assert_int_equal(s->loss.lost, m->lost - p->lost);
	assert_int_equal(s->loss.tx_in_flight, p->in_flight);
	assert_int_equal(s->loss.len, p->ours.len);
	assert_int_equal(s->loss.app_limited, p->app_limited);
}

/* 4.1.2.3 GenerateRateSample */
static void take(model *m, hf_rate *r, hf_ns min_rtt)
{
	const packet *p = m->newest;
	int64_t sending = 0, acking = 0, interval = 0;
	hf_rate_sample s;

	assert_int_equal(hf_rate_newly_delivered(r),
			 (uint32_t)(m->delivered - m->delivered_before));
	assert_int_equal(hf_rate_newly_lost(r), m->lost - m->lost_before);
	s = hf_rate_take(r, (hf_time){ m->now }, min_rtt);
	if (m->limited_until != 0 && m->delivered > m->limited_until)
		m->limited_until = 0;
	assert_int_equal(s.is_valid, p != NULL);
	assert_int_equal(s.total, (uint32_t)m->delivered);
	assert_loss(m, &s);
	if (p) {
		sending = p->at - p->first_sent_at;
		acking = m->now - p->delivered_at;
		interval = sending > acking ? sending : acking;
		m->first_sent_at = p->at;
		m->delivered_at = m->now;
		assert_int_equal(s.prior_delivered, (uint32_t)p->delivered);
		assert_int_equal(s.delivered, m->delivered - p->delivered);
		assert_int_equal(s.lost, m->lost - p->lost);
		assert_int_equal(s.tx_in_flight, p->in_flight);
		assert_int_equal(s.app_limited, p->app_limited);
		assert_int_equal(s.interval, interval);
	}
	if (interval > 0 && interval + TICK >= min_rtt) /* a tick is lost by rounding */
		assert_int_equal(s.rate, s.delivered * (uint64_t)HF_SEC(1) / (uint64_t)interval);
	else
		assert_int_equal(s.rate, 0);
	m->newest = m->lost_last = NULL;
	m->delivered_before = m->delivered;
	m->lost_before = m->lost;
}

/* An ACK that covers some of what is out, in any order, and shows that some of it was lost. */
static void acknowledge(model *m, hf_rate *r, uint64_t *dice)
{
	uint32_t from = draw_below(dice, PACKETS), step = 2 * draw_below(dice, PACKETS / 2) + 1;

	for (uint32_t i = 0; i < PACKETS; i++) {
		packet *p = &m->packets[(from + i * step) % PACKETS];
		uint32_t what = draw_below(dice, 16);

		if (p->is_out && what < 3)
			deliver(m, r, p);
		else if (p->is_out && what == 3)
			lose(m, r, p);
	}
	take(m, r, draw_below(dice, 40) * TICK);
}

static void samples_are_what_the_draft_s_steps_make_them(void **state)
{
	static const uint32_t from[] = { 1, 0x7ffff000, 0xfffff000 };
	static model m;

	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		uint64_t dice = seed;
		hf_rate r;

		begin(&m, &r, from[seed % 3]);
		for (int k = 0; k < 400; k++) {
			uint32_t what = draw_below(&dice, 8);

			m.now += draw_below(&dice, 4) * TICK;
			if (what < 5 && !m.packets[m.sent % PACKETS].is_out)
				send(&m, &r, (uint16_t)(1 + draw_below(&dice, 1460)));
			else if (what < 7)
				acknowledge(&m, &r, &dice);
			else if (m.delivered + m.in_flight > 0) {
				m.limited_until = m.delivered + m.in_flight;
				hf_rate_app_limited(&r, (uint32_t)m.in_flight);
			}
		}
	}
}

/* IsNewestPacket: of two that left at one time the one with the higher number, or the first. */
static void the_time_of_sending_decides_and_then_the_number(void **state)
{
	static const struct {
		int64_t at[2];
		uint32_t seq[2];
		unsigned newest;
	} rows[] = {
		{ { 2, 1 }, { 1000, 2000 }, 0 },    { { 1, 2 }, { 2000, 1000 }, 1 },
		{ { 2, 2 }, { 1000, 2000 }, 1 },    { { 2, 2 }, { 2000, 1000 }, 0 },
		{ { 2, 2 }, { 1000, 1000 }, 0 },    { { 2, 2 }, { UINT32_MAX, 1 }, 1 },
		{ { 2, 2 }, { 1, UINT32_MAX }, 0 },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		hf_rate r;

		hf_rate_init(&r, 0);
		for (uint32_t k = 0; k < 2; k++) {
			hf_sent s = { .seq = { rows[i].seq[k] },
				      .len = 100,
				      .at = { rows[i].at[k] * TICK } };

			hf_rate_sent(&r, &s, k * 5000);
			hf_rate_delivered(&r, &s, 100);
		}
		assert_int_equal(hf_rate_take(&r, (hf_time){ 9 * TICK }, 0).tx_in_flight,
				 rows[i].newest * 5000 + 100);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_are_what_the_draft_s_steps_make_them),
		cmocka_unit_test(the_time_of_sending_decides_and_then_the_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
