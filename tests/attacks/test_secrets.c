/* SPDX-License-Identifier: BSD-2-Clause */
/* What outsiders must neither guess nor learn, over many draws. */
/*
 * The attacks "ISN prediction", "Source-port prediction", "Timestamp uptime leak", "ISN secret
 * silently all zero" and "ISN shared with SYN cookie leak".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tcp/hs/isn.h"
#include "tcp/hs/syn_cookie.h"
#include "tests/attacks/chance.h"
#include "tests/support/peer.h"

static const hf_sipkey key = { 0x0f0e0d0c0b0a0908, 0x0706050403020100 };

static hf_addr attacker(uint8_t n)
{
	return hf_addr_v4(198, 51, 100, n);
}

/* ---- ISN prediction: CVE-1999-0077, NUMBER:JACK, CVE-2020-35685, CVE-2022-43501 ---- */

#define ISNS 1000000u

static uint32_t isn_at(hf_time now, uint32_t flow)
{
	hf_flow f = { hf_addr_v4(192, 0, 2, 1), attacker((uint8_t)(flow >> 16)), 80,
		      (uint16_t)flow };

	return hf_isn(&key, &f, now).v;
}

static void isn_prediction_one_flow_follows_the_clock(void **state)
{
	uint32_t first = isn_at((hf_time){ 0 }, 1000);

	(void)state;
	for (uint32_t i = 0; i < ISNS; i++)
		assert_int_equal(isn_at((hf_time){ HF_US(4) * i }, 1000), first + i);
}

/*
 * An attacker opens a million connections, from port after port and address after address, at the
 * pace of the clock: the high and the low octet of his numbers are even, and so are those of the
 * difference from one to the next, which is what a predictor would use.
 */
static void isn_prediction_numbers_and_their_differences_are_even(void **state)
{
	static chance high, low, step_high, step_low;
	uint32_t before = isn_at((hf_time){ 0 }, 0), repeated = 0, last_step = 0;

	(void)state;
	for (uint32_t i = 1; i <= ISNS; i++) {
		uint32_t isn = isn_at((hf_time){ HF_US(4) * i }, i);
		uint32_t step = isn - before;

		chance_count(&high, isn >> 24);
		chance_count(&low, isn & 0xff);
		chance_count(&step_high, step >> 24);
		chance_count(&step_low, step & 0xff);
		repeated += step == last_step;
		before = isn;
		last_step = step;
	}
	assert_true(chance_is_even(&high, 256) && chance_is_even(&low, 256));
	assert_true(chance_is_even(&step_high, 256) && chance_is_even(&step_low, 256));
	assert_true(repeated <= 3); /* 1 in 4,300 runs has one */
}

/* The same from outside: numbers of SYN-ACKs, as the stack sends them. */
static void isn_prediction_numbers_of_syn_acks_are_even(void **state)
{
	static chance high, step;
	peer *p = peer_new(NULL);
	uint32_t before = 0;

	(void)state;
	peer_listen(p);
	for (unsigned i = 0; i < 20000; i++) {
		const peer_seen *s;

		p->self.port = (uint16_t)(1024 + i);
		PEER_SAY(p, .flags = SYN);
		s = peer_expect(p, SYN | ACK);
		chance_count(&high, s->tcp.seq.v >> 24);
		chance_count(&step, (s->tcp.seq.v - before) >> 24);
		before = s->tcp.seq.v;
		PEER_SAY(p, .flags = RST, .seq = 1);
	}
	assert_int_equal(peer_stats(p).half_open, 0);
	assert_true(chance_is_even(&high, 256) && chance_is_even(&step, 256));
	peer_free(p);
}

/* ---- ISN secret silently all zero: CVE-2026-19735 ---- */

static void isn_secret_silently_all_zero_is_refused(void **state)
{
	struct heap heap = { 0 };

	(void)state;
	for (unsigned kept = 0; kept < 16; kept++) {
		unsigned zeros = 0;
		hf_config config = peer_config(false);
		hf_stack *s = NULL;
		hf_err err;

		config.allocator = (hf_allocator){ heap_alloc, heap_free, &heap };
		for (unsigned word = 0; word < 4; word++) {
			if (kept >> word & 1)
				continue;
			config.secret[word] = 0;
			zeros++;
		}
		err = hf_stack_new(&config, (hf_time){ HF_SEC(1) }, &s);
		assert_int_equal(err, zeros < 2 ? HF_OK : HF_ERR_BAD_SECRET);
		assert_true((s != NULL) == (zeros < 2));
		hf_stack_free(s);
	}
	assert_true(heap.out == 0);
}

/* Later keys are no way round it. */
static void isn_secret_silently_all_zero_is_refused_for_cookies_too(void **state)
{
	static const uint64_t zero[2];
	peer *p = peer_new(NULL);

	(void)state;
	assert_int_equal(hf_stack_syn_cookie_key(p->stack, zero), HF_ERR_BAD_SECRET);
	assert_int_equal(hf_stack_fast_open_key(p->stack, zero), HF_ERR_BAD_SECRET);
	peer_free(p);
}

/* ---- ISN shared with SYN cookie leak: RFC 4987 ---- */

static peer *only_cookies(void)
{
	hf_config config = peer_config(false);
	peer *p;

	config.syn_cookies = HF_SYN_COOKIES_ALWAYS;
	p = peer_new(&config);
	peer_listen(p);
	return p;
}

/* How a cookie that is made now is received after `wait` and `changes` of the key. */
static hf_reason cookie_after(hf_ns wait, unsigned changes)
{
	peer *p = only_cookies();
	hf_reason why;

	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_SYN_COOKIE);
	peer_expect(p, SYN | ACK);
	for (uint64_t i = 1; i <= changes; i++)
		assert_int_equal(hf_stack_syn_cookie_key(p->stack, (uint64_t[]){ i, i }), HF_OK);
	peer_wait(p, wait);
	why = PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	assert_int_equal(peer_stats(p).connections, why == HF_WHY_NONE);
	peer_ignore(p);
	peer_free(p);
	return why;
}

static void isn_shared_with_syn_cookie_leak_old_keys_and_periods_die(void **state)
{
	(void)state;
	assert_int_equal(cookie_after(0, 0), HF_WHY_NONE);
	assert_int_equal(cookie_after(0, 1), HF_WHY_NONE);
	assert_int_equal(cookie_after(0, 2), HF_WHY_SYN_COOKIE_WRONG);
	assert_int_equal(cookie_after(HF_SYN_COOKIE_PERIOD, 0), HF_WHY_NONE);
	assert_int_not_equal(cookie_after(2 * HF_SYN_COOKIE_PERIOD, 0), HF_WHY_NONE);
	assert_int_not_equal(cookie_after(2 * HF_SYN_COOKIE_PERIOD, 1), HF_WHY_NONE);
}

/*
 * The attacker collects cookies for flows of his own. Nothing that differs from one to the next
 * tells the next MAC, and what a half-open record has as its number has nothing to do with what a
 * cookie for the same SYN at the same time has.
 */
static void isn_shared_with_syn_cookie_leak_is_none(void **state)
{
	static chance mac, step, against;
	peer *c = only_cookies(), *r = peer_new(NULL);
	uint32_t before = 0, same = 0;

	(void)state;
	peer_listen(r);
	for (unsigned i = 0; i < 20000; i++) {
		uint32_t cookie, number;

		c->self.port = r->self.port = (uint16_t)(1024 + i);
		PEER_SAY(c, .flags = SYN);
		cookie = peer_expect(c, SYN | ACK)->tcp.seq.v;
		PEER_SAY(r, .flags = SYN);
		number = peer_expect(r, SYN | ACK)->tcp.seq.v;
		PEER_SAY(r, .flags = RST, .seq = 1);
		chance_count(&mac, cookie >> 19 & 0xff);
		chance_count(&step, (cookie - before) & 0xff);
		chance_count(&against, (cookie - number) & 0xff);
		same += cookie == number;
		before = cookie;
	}
	assert_true(chance_is_even(&mac, 256) && chance_is_even(&step, 256));
	assert_true(chance_is_even(&against, 256));
	assert_int_equal(same, 0);
	peer_free(c);
	peer_free(r);
}

/* ---- Source-port prediction: RFC 6056, CVE-2022-32296 ---- */

#define FIRST_PORT 32768u
#define PORTS 28232u /* ephemeral ones, by default */

/* The port of a connection to this host, which is given up at once. */
static uint16_t port_to(peer *p, uint8_t host)
{
	hf_conn_info info;
	hf_conn c;

	p->self = (hf_endpoint){ attacker(host), 443 };
	c = peer_open(p);
	info = peer_info(p, c);
	assert_int_equal(hf_conn_abort(p->stack, c), HF_OK);
	return info.local.port;
}

static peer *with_secret(uint64_t n)
{
	hf_config config = peer_config(false);

	config.secret[0] = n * 0x9e3779b97f4a7c15;
	config.secret[2] = ~n;
	return peer_new(&config);
}

/*
 * The attacker's host is opened twice, and `others` times another host in between. With a counter
 * that all destinations share, the second port is `others` + 1 after the first.
 */
static void spread_of_step(chance *spread, unsigned others, unsigned *predicted)
{
	for (uint64_t secret = 1; secret <= 1600; secret++) {
		peer *p = with_secret(secret);
		unsigned first = port_to(p, 1), step;

		for (unsigned i = 0; i < others; i++)
			port_to(p, 2);
		step = (port_to(p, 1) + PORTS - first) % PORTS;
		chance_count(spread, step * 64 / PORTS);
		*predicted += step == others + 1;
		peer_ignore(p);
		peer_free(p);
	}
}

static void source_port_prediction_ports_do_not_tell_of_others(void **state)
{
	static chance none, five;
	unsigned predicted = 0;

	(void)state;
	spread_of_step(&none, 0, &predicted);
	spread_of_step(&five, 5, &predicted);
	assert_true(chance_is_even(&none, 64) && chance_is_even(&five, 64));
	assert_true(predicted <= 8); /* of 3200; chance alone: 0.1 */
}

/* Nor do two destinations at the same time, or one under two secrets. */
static void source_port_prediction_destinations_are_unrelated(void **state)
{
	static chance across, under, first;

	(void)state;
	for (uint64_t secret = 1; secret <= 1600; secret++) {
		peer *p = with_secret(secret), *q = with_secret(secret + 1000000);
		unsigned a = port_to(p, 1), b = port_to(p, 2), c = port_to(q, 1);

		assert_in_range(a, FIRST_PORT, FIRST_PORT + PORTS - 1);
		chance_count(&first, (a - FIRST_PORT) * 64 / PORTS);
		chance_count(&across, (b + PORTS - a) % PORTS * 64 / PORTS);
		chance_count(&under, (c + PORTS - a) % PORTS * 64 / PORTS);
		peer_ignore(p);
		peer_ignore(q);
		peer_free(p);
		peer_free(q);
	}
	assert_true(chance_is_even(&first, 64) && chance_is_even(&across, 64));
	assert_true(chance_is_even(&under, 64));
}

/* Yet a destination sees none twice before it has seen all: the last ones may wait there still. */
static void source_port_prediction_no_port_comes_again_soon(void **state)
{
	static uint8_t seen[65536];
	peer *p = peer_new(NULL);

	(void)state;
	for (unsigned i = 0; i < PORTS; i++) {
		uint16_t port = port_to(p, 1);

		assert_int_equal(seen[port], 0);
		seen[port] = 1;
		if (i % 64 == 0)
			peer_ignore(p);
	}
	peer_ignore(p);
	peer_free(p);
}

/* ---- Timestamp uptime leak: RFC 7323 5.4, 7.1 ---- */

static uint32_t stamp_for(peer *p, uint8_t host)
{
	const peer_seen *s;

	p->self = (hf_endpoint){ attacker(host), PEER_PORT };
	p->isn.v += 100000;
	PEER_SAY(p, .flags = SYN);
	s = peer_expect(p, SYN | ACK);
	assert_true(s->tcp.options.present & HF_HAS(TIMESTAMPS));
	PEER_SAY(p, .flags = RST, .seq = 1);
	return s->tcp.options.tsval;
}

static void timestamp_uptime_leak_clocks_of_two_peers_are_unrelated(void **state)
{
	static chance high, apart;
	unsigned uptime = 0;

	(void)state;
	for (uint64_t secret = 1; secret <= 2000; secret++) {
		peer *p = with_secret(secret);
		uint32_t now = (uint32_t)(p->now.ns / HF_MS(1)), one, two;

		peer_offer_all(p);
		peer_listen(p);
		one = stamp_for(p, 1);
		two = stamp_for(p, 2);
		chance_count(&high, one >> 24);
		chance_count(&apart, (two - one) >> 24);
		uptime += one == now || two == now;
		/* For one pair of hosts the clock goes on, whatever the port: PAWS needs it. */
		peer_wait(p, HF_MS(700));
		assert_int_equal(stamp_for(p, 1) - one, 700);
		peer_free(p);
	}
	assert_true(chance_is_even(&high, 256) && chance_is_even(&apart, 256));
	assert_int_equal(uptime, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(isn_prediction_one_flow_follows_the_clock),
		cmocka_unit_test(isn_prediction_numbers_and_their_differences_are_even),
		cmocka_unit_test(isn_prediction_numbers_of_syn_acks_are_even),
		cmocka_unit_test(isn_secret_silently_all_zero_is_refused),
		cmocka_unit_test(isn_secret_silently_all_zero_is_refused_for_cookies_too),
		cmocka_unit_test(isn_shared_with_syn_cookie_leak_old_keys_and_periods_die),
		cmocka_unit_test(isn_shared_with_syn_cookie_leak_is_none),
		cmocka_unit_test(source_port_prediction_ports_do_not_tell_of_others),
		cmocka_unit_test(source_port_prediction_destinations_are_unrelated),
		cmocka_unit_test(source_port_prediction_no_port_comes_again_soon),
		cmocka_unit_test(timestamp_uptime_leak_clocks_of_two_peers_are_unrelated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
