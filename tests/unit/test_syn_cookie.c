/* SPDX-License-Identifier: BSD-2-Clause */
/* SYN cookies: the format of docs/cookies.md, what they keep, how long they are good. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tcp/hs/syn_cookie.h"

#define CLOCK UINT32_C(0x89abcdef)
#define PERIOD 1000000u
#define ALL (HF_TCB_SACK | HF_TCB_TIMESTAMPS | HF_TCB_WSCALE)

static const hf_syn_cookie_keys keys = {
	.key = { { UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908) } },
	.count = 1,
};

static hf_flow flow(const char *local, uint16_t local_port, const char *remote, uint16_t port)
{
	hf_flow f = { .local_port = local_port, .remote_port = port };

	assert_true(hf_addr_parse(local, &f.local));
	assert_true(hf_addr_parse(remote, &f.remote));
	return f;
}

static hf_flow some_flow(void)
{
	return flow("192.0.2.1", 80, "198.51.100.7", 40000);
}

static hf_half_open record(uint16_t mss, uint8_t flags, uint8_t wscale)
{
	return (hf_half_open){
		.irs = { 0x12345678 }, .peer_mss = mss, .flags = flags, .wscale = wscale
	};
}

static uint8_t ecn_of(hf_ecn_mode mode, hf_ip_ecn heard)
{
	return (uint8_t)(mode << 4 | heard << 6);
}

/* The last ACK of the handshake, with what it answers. */
struct answer {
	hf_segment segment;
	hf_tcp_options options;
};

static struct answer *answer(struct answer *a, const hf_half_open *h, hf_syn_cookie cookie)
{
	*a = (struct answer){ .segment = { .flags = HF_TCP_ACK,
					   .seq = hf_seq_add(h->irs, 1),
					   .ack = hf_seq_add(cookie.iss, 1) } };
	a->segment.options = &a->options;
	if (h->flags & HF_TCB_TIMESTAMPS) {
		a->options.present = HF_HAS(TIMESTAMPS);
		a->options.tsval = 77;
		a->options.tsecr = cookie.tsval;
	}
	return a;
}

static bool check(const struct answer *a, const hf_flow *f, uint32_t period, uint32_t clock)
{
	hf_half_open h;

	return hf_syn_cookie_check(&keys, f, &a->segment, (hf_syn_cookie_time){ period, clock },
				   &h);
}

/* ---- The format ---- */

/* The vectors of docs/cookies.md, which another program has computed. */
static void the_vectors_come_out(void **state)
{
	hf_flow v4 = some_flow();
	hf_flow v6 = flow("2001:db8::1", 443, "2001:db8:ffff::2", 65535);
	hf_flow other = flow("2001:db8::1", 443, "2001:db8:ffff::2", 1);
	const struct {
		const hf_flow *flow;
		uint32_t irs, period, clock;
		uint16_t mss;
		uint8_t flags, wscale;
		uint32_t iss, tsval;
	} rows[] = {
		{ &v4, 0x12345678, PERIOD, CLOCK, 1460, ALL, 7, 0x6e1b5da7, 0x89abcd70 },
		{ &v4, 0x12345678, PERIOD + 1, CLOCK, 1460, ALL, 7, 0xecd41f36, 0x89abcd70 },
		{ &v4, 0x12345678, PERIOD, CLOCK, 1460, HF_TCB_SACK, 0, 0x6eaa3f91, 0 },
		{ &v4, 0x12345678, PERIOD, CLOCK, 1400,
		  HF_TCB_TIMESTAMPS | ecn_of(HF_ECN_MODE_CLASSIC, HF_IP_NOT_ECT), 0, 0x47905343,
		  0x89abccf1 },
		{ &v6, UINT32_MAX, 0, 0x10, 8960, ALL | ecn_of(HF_ECN_MODE_ACCURATE, HF_IP_CE), 14,
		  0x78b254ab, 0xffffffee },
		{ &other, 0, UINT32_MAX, 0xff, 48, 0, 0, 0x81d01811, 0 },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		hf_half_open h = record(rows[i].mss, rows[i].flags, rows[i].wscale);
		hf_syn_cookie cookie;

		h.irs.v = rows[i].irs;
		cookie = hf_syn_cookie_make(&keys, rows[i].flow, &h,
					    (hf_syn_cookie_time){ rows[i].period, rows[i].clock });
		assert_int_equal(cookie.iss.v, rows[i].iss);
		if (h.flags & HF_TCB_TIMESTAMPS)
			assert_int_equal(cookie.tsval, rows[i].tsval);
	}
}

/* ---- What is kept ---- */

static void expect_kept(hf_half_open h)
{
	hf_flow f = some_flow();
	hf_syn_cookie_time now = { PERIOD, CLOCK };
	struct answer a;
	hf_half_open back;

	answer(&a, &h, hf_syn_cookie_make(&keys, &f, &h, now));
	assert_true(hf_syn_cookie_check(&keys, &f, &a.segment, now, &back));
	assert_int_equal(back.irs.v, h.irs.v);
	assert_int_equal(back.iss.v, hf_seq_add(a.segment.ack, UINT32_MAX).v);
	assert_int_equal(back.peer_mss, h.peer_mss);
	assert_int_equal(back.flags, h.flags);
	assert_int_equal(back.wscale, h.wscale);
	assert_int_equal(back.remote_port, f.remote_port);
	assert_true(hf_addr_equal(&back.remote, &f.remote));
	assert_int_equal(back.ts_recent, h.flags & HF_TCB_TIMESTAMPS ? 77 : 0);
}

static void with_timestamps_all_that_was_agreed_is_kept(void **state)
{
	static const uint16_t sizes[] = { 48, 536, 1220, 1360, 1400, 1440, 1460, 8960 };

	(void)state;
	for (unsigned i = 0; i < 8; i++)
		for (unsigned sack = 0; sack < 2; sack++)
			for (uint8_t wscale = 0; wscale < 15; wscale++)
				expect_kept(record(sizes[i],
						   (uint8_t)(HF_TCB_TIMESTAMPS | HF_TCB_WSCALE |
							     (sack ? HF_TCB_SACK : 0u)),
						   wscale));
	expect_kept(record(1460, HF_TCB_TIMESTAMPS, 0));
	for (unsigned mode = 0; mode < 3; mode++)
		for (unsigned heard = 0; heard < 4; heard++)
			expect_kept(record(
				1460, (uint8_t)(ALL | ecn_of((hf_ecn_mode)mode, (hf_ip_ecn)heard)),
				3));
}

static void without_timestamps_size_and_sack_are_kept(void **state)
{
	hf_half_open h = record(1459, HF_TCB_SACK | HF_TCB_WSCALE | 0x50, 9);

	(void)state;
	hf_syn_cookie_reduce(&h);
	assert_int_equal(h.flags, HF_TCB_SACK);
	assert_int_equal(h.wscale, 0);
	expect_kept(h);
	h.flags = 0;
	expect_kept(h);
}

static void sizes_are_rounded_down(void **state)
{
	static const uint16_t from_to[][2] = {
		{ 48, 48 },     { 535, 48 },    { 536, 536 },    { 1219, 536 },  { 1220, 1220 },
		{ 1359, 1220 }, { 1399, 1360 }, { 1439, 1400 },  { 1459, 1440 }, { 1460, 1460 },
		{ 8959, 1460 }, { 8960, 8960 }, { 65535, 8960 },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(from_to) / sizeof(from_to[0]); i++) {
		hf_half_open h = record(from_to[i][0], ALL | 0x50, 7);

		hf_syn_cookie_reduce(&h);
		assert_int_equal(h.peer_mss, from_to[i][1]);
		assert_int_equal(h.flags, ALL | 0x50);
		assert_int_equal(h.wscale, 7);
	}
}

/* PAWS at the peer: no later timestamp of ours may be smaller (RFC 7323 5). */
static void a_timestamp_is_never_ahead_of_the_clock(void **state)
{
	hf_flow f = some_flow();

	(void)state;
	for (uint32_t clock = UINT32_MAX - 600; clock != 600; clock++) {
		hf_half_open h = record(1460, ALL, (uint8_t)(clock % 15));
		hf_syn_cookie c = hf_syn_cookie_make(&keys, &f, &h,
						     (hf_syn_cookie_time){ PERIOD, clock });

		assert_in_range(clock - c.tsval, 0, 255);
	}
}

/* ---- What is taken ---- */

static void a_cookie_is_good_in_its_period_and_the_next(void **state)
{
	hf_half_open h = record(1460, ALL, 7), plain = record(1460, HF_TCB_SACK, 0);
	hf_flow f = some_flow();
	struct answer a;

	(void)state;
	for (uint32_t p = UINT32_MAX - 2; p != 3; p++) {
		hf_syn_cookie_time now = { p, CLOCK };

		answer(&a, &h, hf_syn_cookie_make(&keys, &f, &h, now));
		assert_true(check(&a, &f, p, CLOCK));
		assert_true(check(&a, &f, p + 1, CLOCK + 64000));
		assert_false(check(&a, &f, p - 1, CLOCK));
		assert_false(check(&a, &f, p + 2, CLOCK));
		answer(&a, &plain, hf_syn_cookie_make(&keys, &f, &plain, now));
		assert_true(check(&a, &f, p + 1, CLOCK + 64000));
		for (uint32_t later = 2; later < 200; later++)
			assert_false(check(&a, &f, p + later, CLOCK));
	}
}

static void what_the_peer_echoes_must_be_of_this_time(void **state)
{
	hf_half_open h = record(1460, ALL, 7);
	hf_flow f = some_flow();
	struct answer a;

	(void)state;
	answer(&a, &h, hf_syn_cookie_make(&keys, &f, &h, (hf_syn_cookie_time){ PERIOD, CLOCK }));
	assert_true(check(&a, &f, PERIOD + 1, CLOCK + 128000));
	assert_false(check(&a, &f, PERIOD + 1, CLOCK + 129000));
	a.options.tsecr += 256; /* ahead of the clock */
	assert_false(check(&a, &f, PERIOD, CLOCK));
}

/* Each bit of the cookie, and of what it covers. */
static void nothing_else_is_taken(void **state)
{
	hf_half_open h = record(1460, ALL, 7);
	hf_flow f = some_flow(), other;
	hf_syn_cookie_time now = { PERIOD, CLOCK };
	hf_syn_cookie cookie;
	struct answer a;

	(void)state;
	h.irs.v--; /* no single bit makes a keep-alive probe of the ACK */
	cookie = hf_syn_cookie_make(&keys, &f, &h, now);
	for (unsigned bit = 0; bit < 32; bit++) {
		answer(&a, &h, cookie)->segment.ack.v ^= UINT32_C(1) << bit;
		assert_false(check(&a, &f, PERIOD, CLOCK));
		answer(&a, &h, cookie)->segment.seq.v ^= UINT32_C(1) << bit;
		assert_false(check(&a, &f, PERIOD, CLOCK));
	}
	for (unsigned bit = 0; bit < 8; bit++) {
		answer(&a, &h, cookie)->options.tsecr ^= 1u << bit;
		assert_false(check(&a, &f, PERIOD, CLOCK));
	}
	answer(&a, &h, cookie)->options.present = 0; /* somebody took the timestamps away */
	assert_false(check(&a, &f, PERIOD, CLOCK));
	answer(&a, &h, cookie);
	for (unsigned i = 0; i < 16; i++) {
		other = f;
		other.remote.octet[i] ^= 1;
		assert_false(check(&a, &other, PERIOD, CLOCK));
		other = f;
		other.local.octet[i] ^= 1;
		assert_false(check(&a, &other, PERIOD, CLOCK));
	}
	other = f;
	other.remote_port++;
	assert_false(check(&a, &other, PERIOD, CLOCK));
	other = f;
	other.local_port++;
	assert_false(check(&a, &other, PERIOD, CLOCK));
}

static void only_an_acknowledgement_is_looked_at(void **state)
{
	static const uint8_t wrong[] = { 0, HF_TCP_SYN | HF_TCP_ACK, HF_TCP_RST | HF_TCP_ACK,
					 HF_TCP_SYN, HF_TCP_FIN };
	static const uint8_t right[] = { HF_TCP_ACK | HF_TCP_PSH, HF_TCP_ACK | HF_TCP_FIN };
	hf_half_open h = record(1460, ALL, 7);
	hf_flow f = some_flow();
	struct answer a;

	(void)state;
	answer(&a, &h, hf_syn_cookie_make(&keys, &f, &h, (hf_syn_cookie_time){ PERIOD, CLOCK }));
	for (unsigned i = 0; i < sizeof(wrong); i++) {
		a.segment.flags = wrong[i];
		assert_false(check(&a, &f, PERIOD, CLOCK));
	}
	for (unsigned i = 0; i < sizeof(right); i++) {
		a.segment.flags = right[i];
		assert_true(check(&a, &f, PERIOD, CLOCK));
	}
}

/* The last ACK was lost, and the peer has nothing to say: it asks whether we are there. */
static void a_keepalive_probe_is_as_good(void **state)
{
	static const uint8_t garbage[2] = { 0 };
	hf_half_open h = record(1460, ALL, 7);
	hf_flow f = some_flow();
	struct answer a;

	(void)state;
	answer(&a, &h, hf_syn_cookie_make(&keys, &f, &h, (hf_syn_cookie_time){ PERIOD, CLOCK }));
	a.segment.seq = h.irs;
	assert_true(check(&a, &f, PERIOD, CLOCK));
	a.segment.text = (hf_view){ garbage, 1 };
	assert_true(check(&a, &f, PERIOD, CLOCK));
	a.segment.text.len = 2;
	assert_false(check(&a, &f, PERIOD, CLOCK));
	a.segment.text.len = 0;
	a.segment.flags |= HF_TCP_FIN;
	assert_false(check(&a, &f, PERIOD, CLOCK));
	a.segment.flags = HF_TCP_ACK;
	a.segment.seq = hf_seq_add(h.irs, UINT32_MAX);
	assert_false(check(&a, &f, PERIOD, CLOCK));
}

static void the_key_before_is_honoured_and_no_other(void **state)
{
	hf_syn_cookie_keys both = { .key = { { 1, 2 }, keys.key[0] }, .count = 2 }, third = both;
	hf_half_open h = record(1460, ALL, 7), back;
	hf_syn_cookie_time now = { PERIOD, CLOCK };
	hf_flow f = some_flow();
	struct answer a;

	(void)state;
	answer(&a, &h, hf_syn_cookie_make(&keys, &f, &h, now));
	assert_true(hf_syn_cookie_check(&both, &f, &a.segment, now, &back));
	both.count = 1;
	assert_false(hf_syn_cookie_check(&both, &f, &a.segment, now, &back));
	third.key[1] = (hf_sipkey){ 3, 4 };
	assert_false(hf_syn_cookie_check(&third, &f, &a.segment, now, &back));
	answer(&a, &h, hf_syn_cookie_make(&both, &f, &h, now));
	assert_true(hf_syn_cookie_check(&both, &f, &a.segment, now, &back));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_come_out),
		cmocka_unit_test(with_timestamps_all_that_was_agreed_is_kept),
		cmocka_unit_test(without_timestamps_size_and_sack_are_kept),
		cmocka_unit_test(sizes_are_rounded_down),
		cmocka_unit_test(a_timestamp_is_never_ahead_of_the_clock),
		cmocka_unit_test(a_cookie_is_good_in_its_period_and_the_next),
		cmocka_unit_test(what_the_peer_echoes_must_be_of_this_time),
		cmocka_unit_test(nothing_else_is_taken),
		cmocka_unit_test(only_an_acknowledgement_is_looked_at),
		cmocka_unit_test(a_keepalive_probe_is_as_good),
		cmocka_unit_test(the_key_before_is_honoured_and_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
