/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses that collide without a key, and cookies that are guessed: chance is all there is. */

/*
 * Attacks (catalogue.txt):
 *	SYN flood by hash collision
 *	SYN cookie brute force
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/table.h"
#include "tcp/hs/isn.h"
#include "tcp/hs/syn_cookie.h"
#include "tests/unit/support.h"

#define FLOWS 16384u
#define BUCKETS 32768u
#define GUESSES (1u << 20)

/* Flows of IPv6 whose words add up, and whose words XOR, to the same: one bucket without a key. */
static hf_flow colliding(uint32_t n)
{
	hf_flow f = { .local_port = 80, .remote_port = 1024 };
	uint8_t hi = (uint8_t)(n >> 8), lo = (uint8_t)n;

	f.local = (hf_addr){ { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } };
	f.remote = (hf_addr){ { 0x20, 0x01, 0x0d, 0xb8 } };
	f.remote.octet[6] = f.remote.octet[10] = hi;
	f.remote.octet[7] = f.remote.octet[11] = lo;
	f.remote.octet[8] = f.remote.octet[12] = (uint8_t)~hi;
	f.remote.octet[9] = f.remote.octet[13] = (uint8_t)~lo;
	return f;
}

static uint16_t unkeyed(const hf_flow *f)
{
	uint16_t sum = f->remote_port;

	for (unsigned i = 0; i < 16; i += 2)
		sum ^= hf_get16(f->remote.octet + i);
	return sum;
}

/* The fullest bucket of a table that is half full. By chance it has fewer than a dozen. */
static unsigned fullest(const hf_sipkey *key)
{
	static uint16_t load[BUCKETS];
	unsigned most = 0;

	memset(load, 0, sizeof(load));
	for (uint32_t n = 0; n < FLOWS; n++) {
		hf_flow f = colliding(n);
		uint16_t *at = &load[hf_flow_hash(key, &f) % BUCKETS];

		if (++*at > most)
			most = *at;
	}
	return most;
}

static void chosen_addresses_spread_under_every_key(void **state)
{
	hf_flow first = colliding(0);
	uint64_t chance = 5;

	(void)state;
	for (uint32_t n = 0; n < FLOWS; n++) {
		hf_flow f = colliding(n);

		assert_int_equal(unkeyed(&f), unkeyed(&first)); /* they do collide there */
	}
	for (unsigned k = 0; k < 8; k++) {
		hf_sipkey key = { draw(&chance), draw(&chance) };

		assert_in_range(fullest(&key), 2, 11);
	}
}

/* Looking for a value compares it with few others, however the addresses were chosen. */
typedef struct look {
	uint32_t wanted;
	unsigned compared;
} look;

static bool is_wanted(const void *ctx, uint32_t value)
{
	look *l = *(look *const *)ctx;

	l->compared++;
	return value == l->wanted;
}

static void a_look_up_stays_short(void **state)
{
	struct heap heap = { 0 };
	hf_mem mem = heap_mem(&heap);
	hf_sipkey key = { 3, 4 };
	hf_table t = { 0 };
	look l = { 0 }, *ctx = &l;

	(void)state;
	for (uint32_t n = 0; n < FLOWS; n++) {
		hf_flow f = colliding(n);

		assert_true(hf_table_add(&t, &mem, hf_flow_hash(&key, &f), n));
	}
	for (uint32_t n = 0; n < FLOWS; n++) {
		hf_flow f = colliding(n);

		l.wanted = n;
		assert_int_equal(hf_table_find(&t, hf_flow_hash(&key, &f), is_wanted, &ctx), n);
	}
	assert_true(l.compared <= FLOWS + 16); /* almost none but itself */
	hf_table_release(&t, &mem);
	hf_mem_drain(&mem);
	assert_true(heap.out == 0);
}

/* docs/cookies.md: 2^-26 a guess. Of 2^20 one passes with a chance of one in 64; three never do. */
static void guesses_pass_as_seldom_as_reckoned(void **state)
{
	const hf_syn_cookie_keys keys = { .key = { { 1, 2 } }, .count = 1 };
	hf_flow f = { .local_port = 80, .remote_port = 1024 };
	hf_tcp_options options = { 0 };
	hf_segment g = { .flags = HF_TCP_ACK, .seq = { 1 }, .options = &options };
	hf_syn_cookie_time now = { 1000000, 5 };
	unsigned passed = 0;
	uint64_t chance = 3;
	hf_half_open h;

	(void)state;
	f.local = hf_addr_v4(192, 0, 2, 1);
	f.remote = hf_addr_v4(198, 51, 100, 7);
	for (uint32_t n = 0; n < GUESSES; n++) {
		g.ack.v = draw(&chance);
		passed += hf_syn_cookie_check(&keys, &f, &g, now, &h);
	}
	assert_true(passed <= 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chosen_addresses_spread_under_every_key),
		cmocka_unit_test(a_look_up_stays_short),
		cmocka_unit_test(guesses_pass_as_seldom_as_reckoned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
