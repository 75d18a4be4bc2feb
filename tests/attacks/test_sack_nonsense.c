/* SPDX-License-Identifier: BSD-2-Clause */
/* SACK options that no receiver would send: not believed, and nothing is lost. */

/*
 * Attacks (catalogue.txt):
 *	NUCLEUS:13 corrupted SACK option
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/raw.h"
#include "tests/unit/transfer.h"

#define TEXT 10000u

static void put_block(uint8_t *at, const peer *p, uint32_t from, uint32_t to)
{
	hf_put32(at, hf_seq_add(p->host_isn, from).v);
	hf_put32(at + 4, hf_seq_add(p->host_isn, to).v);
}

static peer *sending(hf_conn *c)
{
	peer *p = transfer(WITH_SACK, c);

	peer_app_send(p, *c, 1, TEXT);
	EXPECT_SEGMENTS(p, 1, TEXT / MSS);
	return p;
}

/* After all that, the stream comes complete, and the memory is that of any such connection. */
static void ends_well(peer *p, hf_conn c)
{
	hf_conn_info info = peer_info(p, c);

	assert_int_equal(info.state, HF_ESTABLISHED);
	assert_true(info.in_flight <= TEXT);
	acknowledge(p, TEXT + 1);
	peer_app_send(p, c, TEXT + 1, MSS);
	EXPECT_TEXT(p, TEXT + 1, MSS);
	peer_free(p);
}

/* Lengths that hold no whole blocks are no SACK; 34 is the largest that does. */
static void odd_lengths_say_nothing(void **state)
{
	(void)state;
	for (unsigned length = 0; length < 256; length++) {
		hf_conn c;
		peer *p = sending(&c);
		uint8_t options[40];
		bool whole = length >= 10 && length <= 34 && length % 8 == 2;
		hf_reason why;

		memset(options, HF_OPT_NOP, sizeof(options));
		options[0] = HF_OPT_SACK;
		options[1] = (uint8_t)length;
		for (unsigned i = 0; i < 4; i++)
			put_block(options + 2 + 8 * i, p, 2001 + 2000 * i, 3001 + 2000 * i);
		if (length >= 2 && length < 40)
			memset(options + length, HF_OPT_NOP, 40 - length);
		why = RAW_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .options = { options, 40 });
		assert_int_equal(why, length < 2 || length > 40 ? HF_WHY_TCP_OPTION : HF_WHY_NONE);
		assert_int_equal(peer_info(p, c).sacked > 0, whole);
		peer_ignore(p);
		ends_well(p, c);
	}
}

/* Blocks turned round, of old octets, of octets never sent, half of all numbers long. */
static void impossible_blocks_are_not_believed(void **state)
{
	static const uint32_t edge[] = { 0,          1,          2,          1001,       TEXT,
					 TEXT + 1,   TEXT + 2,   TEXT + MSS, 0x7ffffffe, 0x7fffffff,
					 0x80000000, 0x80000001, 0xffff0000, 0xffffffff };
	size_t n = sizeof(edge) / sizeof(edge[0]);

	(void)state;
	for (size_t i = 0; i < n * n; i++) {
		hf_conn c;
		peer *p = sending(&c);
		uint32_t from = edge[i / n], to = edge[i % n];
		bool can_be = from >= 1 && from < to && to <= TEXT + 1;
		uint8_t options[12] = { 1, 1, HF_OPT_SACK, 10 };

		put_block(options + 4, p, from, to);
		for (unsigned k = 0; k < 20; k++)
			RAW_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .options = { options, 12 });
		if (!can_be)
			assert_int_equal(peer_info(p, c).sacked, 0);
		assert_true(peer_ignore(p) <= 2 * TEXT / MSS);
		ends_well(p, c);
	}
}

/* Drawn at random, four blocks a segment. */
static void random_blocks_neither_leak_nor_lose(void **state)
{
	uint64_t chance = 7;

	(void)state;
	for (unsigned seed = 0; seed < 200; seed++) {
		hf_conn c;
		peer *p = sending(&c);
		size_t most = p->heap.out + 65536;

		for (unsigned k = 0; k < 100; k++) {
			uint8_t options[36] = { 1, 1, HF_OPT_SACK, 34 };

			for (unsigned b = 0; b < 4; b++)
				put_block(options + 4 + 8 * b, p, draw_below(&chance, 2 * TEXT),
					  draw_below(&chance, 2 * TEXT));
			RAW_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .options = { options, 36 });
			assert_true(p->heap.out <= most);
			assert_true(peer_info(p, c).in_flight <= TEXT);
		}
		peer_ignore(p);
		ends_well(p, c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(odd_lengths_say_nothing),
		cmocka_unit_test(impossible_blocks_are_not_believed),
		cmocka_unit_test(random_blocks_neither_leak_nor_lose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
