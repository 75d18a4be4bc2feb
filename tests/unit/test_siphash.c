/* SPDX-License-Identifier: BSD-2-Clause */
/* SipHash-2-4 against the vectors of its authors: key 00..0f, input 00, 01, 02, ... */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/siphash.h"

static const hf_sipkey key = { UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908) };

static uint64_t hash_of_counting(size_t len)
{
	uint8_t input[64];

	for (size_t i = 0; i < sizeof(input); i++)
		input[i] = (uint8_t)i;
	return hf_siphash(&key, input, len);
}

static void the_example_of_the_paper_comes_out(void **state)
{
	(void)state;
	assert_true(hash_of_counting(15) == UINT64_C(0xa129ca6149be45e5));
}

static void the_authors_vectors_come_out(void **state)
{
	static const uint64_t expected[] = {
		UINT64_C(0x726fdb47dd0e0e31), UINT64_C(0x74f839c593dc67fd),
		UINT64_C(0x0d6c8009d9a94f5a), UINT64_C(0x85676696d7fb7e2d),
		UINT64_C(0xcf2794e0277187b7), UINT64_C(0x18765564cd99a68d),
		UINT64_C(0xcbc9466e58fee3ce), UINT64_C(0xab0200f58b01d137),
		UINT64_C(0x93f5f5799a932462),
	};

	(void)state;
	for (size_t len = 0; len < sizeof(expected) / sizeof(expected[0]); len++)
		assert_true(hash_of_counting(len) == expected[len]);
	assert_true(hash_of_counting(63) == UINT64_C(0x958a324ceb064572));
}

static void the_place_of_the_input_in_memory_is_of_no_matter(void **state)
{
	uint8_t room[8 + 15];

	(void)state;
	for (size_t offset = 0; offset < 8; offset++) {
		for (size_t i = 0; i < 15; i++)
			room[offset + i] = (uint8_t)i;
		assert_true(hf_siphash(&key, room + offset, 15) == UINT64_C(0xa129ca6149be45e5));
	}
}

static void both_halves_of_the_key_count(void **state)
{
	hf_sipkey first = key, second = key;
	uint64_t h = hf_siphash(&key, "x", 1);

	(void)state;
	first.k0 ^= 1;
	second.k1 ^= 1;
	assert_true(hf_siphash(&first, "x", 1) != h);
	assert_true(hf_siphash(&second, "x", 1) != h);
	assert_true(hf_siphash(&first, "x", 1) != hf_siphash(&second, "x", 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_the_paper_comes_out),
		cmocka_unit_test(the_authors_vectors_come_out),
		cmocka_unit_test(the_place_of_the_input_in_memory_is_of_no_matter),
		cmocka_unit_test(both_halves_of_the_key_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
