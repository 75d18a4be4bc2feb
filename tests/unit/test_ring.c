/* SPDX-License-Identifier: BSD-2-Clause */
/* The ring of octets: positions keep their content through growth and across 2^32. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/ring.h"
#include "tests/unit/support.h"

/* The octet that belongs at a position: no two positions near each other share a pattern. */
static uint8_t octet_of(uint32_t pos)
{
	return (uint8_t)(pos ^ pos >> 8 ^ pos >> 16 ^ pos >> 24);
}

static void write_positions(hf_ring *r, uint32_t pos, uint32_t len)
{
	uint8_t octets[256];

	for (uint32_t i = 0; i < len; i++)
		octets[i] = octet_of(pos + i);
	hf_ring_write(r, pos, octets, len);
}

static void check_positions(const hf_ring *r, uint32_t pos, uint32_t len)
{
	uint8_t octets[256];

	hf_ring_read(r, pos, octets, len);
	for (uint32_t i = 0; i < len; i++)
		assert_int_equal(octets[i], octet_of(pos + i));
}

static void a_ring_takes_the_next_power_of_two(void **state)
{
	struct heap h = { 0 };
	hf_mem m = heap_mem(&h);
	hf_ring r = { 0 };

	(void)state;
	assert_true(hf_ring_reserve(&r, &m, 5, 0, 0));
	assert_int_equal(r.size, 8);
	assert_true(hf_ring_reserve(&r, &m, 8, 0, 0));
	assert_int_equal(r.size, 8);
	assert_true(hf_ring_reserve(&r, &m, 9, 0, 0));
	assert_int_equal(r.size, 16);
	assert_true(hf_ring_reserve(&r, &m, 1, 0, 0));
	assert_int_equal(r.size, 16);
	assert_int_equal(h.out, 16);
	hf_ring_release(&r, &m);
	assert_int_equal(r.size, 0);
	assert_int_equal(h.out, 0);
}

static void growth_keeps_positions_across_the_end_of_the_ring(void **state)
{
	struct heap h = { 0 };
	hf_mem m = heap_mem(&h);
	hf_ring r = { 0 };

	(void)state;
	assert_true(hf_ring_reserve(&r, &m, 16, 0, 0));
	/* Begins in the middle of the ring, and runs through position 0 on the way. */
	write_positions(&r, UINT32_MAX - 4, 16);
	assert_true(hf_ring_reserve(&r, &m, 100, UINT32_MAX - 4, 16));
	assert_int_equal(r.size, 128);
	check_positions(&r, UINT32_MAX - 4, 16);
	hf_ring_release(&r, &m);
}

static void without_memory_the_ring_stays_as_it_was(void **state)
{
	struct heap h = { 0 };
	hf_mem m = heap_mem(&h);
	hf_ring r = { 0 };

	(void)state;
	h.refuses = true;
	assert_false(hf_ring_reserve(&r, &m, 1, 0, 0));
	assert_int_equal(r.size, 0);
	h.refuses = false;
	assert_true(hf_ring_reserve(&r, &m, 8, 0, 0));
	write_positions(&r, 3, 8);
	h.refuses = true;
	assert_true(hf_ring_reserve(&r, &m, 8, 3, 8));
	assert_false(hf_ring_reserve(&r, &m, 9, 3, 8));
	assert_int_equal(r.size, 8);
	check_positions(&r, 3, 8);
	hf_ring_release(&r, &m);
}

static void more_than_half_the_sequence_space_is_refused(void **state)
{
	struct heap h = { 0 };
	hf_mem m = heap_mem(&h);
	hf_ring r = { 0 };

	(void)state;
	assert_false(hf_ring_reserve(&r, &m, (UINT32_C(1) << 31) + 1, 0, 0));
	assert_int_equal(r.size, 0);
	assert_int_equal(h.out, 0);
}

static void a_span_ends_at_the_end_of_the_ring(void **state)
{
	struct heap h = { 0 };
	hf_mem m = heap_mem(&h);
	hf_ring r = { 0 };
	hf_span s;

	(void)state;
	assert_int_equal(hf_ring_span(&r, 3, 5).len, 0);
	assert_true(hf_ring_reserve(&r, &m, 8, 0, 0));
	s = hf_ring_span(&r, 8 + 3, 5);
	assert_ptr_equal(s.at, r.at + 3);
	assert_int_equal(s.len, 5);
	assert_int_equal(hf_ring_span(&r, 3, 6).len, 5);
	assert_int_equal(hf_ring_span(&r, 3, 4).len, 4);
	assert_int_equal(hf_ring_span(&r, 8, 8).len, 8);
	hf_ring_release(&r, &m);
}

/* A stream of octets passes through: written out of order, read in order, growing now and then. */
static void a_stream_passes_unharmed(void **state)
{
	uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);
	struct heap h = { 0 };
	hf_mem m = heap_mem(&h);
	hf_ring r = { 0 };
	uint32_t head = UINT32_MAX - 1000, filled = 0;

	(void)state;
	assert_true(hf_ring_reserve(&r, &m, 1, head, 0));
	for (int round = 0; round < 20000; round++) {
		uint32_t n, cut;

		if (draw_below(&seed, 2000) == 0)
			assert_true(hf_ring_reserve(&r, &m, filled + draw_below(&seed, 200) + 1,
						    head, filled));
		n = draw_below(&seed, r.size - filled + 1);
		n = n < 256 ? n : 255;
		cut = draw_below(&seed, n + 1);
		write_positions(&r, head + filled + cut, n - cut);
		write_positions(&r, head + filled, cut);
		filled += n;
		n = draw_below(&seed, filled + 1);
		n = n < 256 ? n : 255;
		check_positions(&r, head, n);
		head += n;
		filled -= n;
	}
	hf_ring_release(&r, &m);
	assert_int_equal(h.out, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ring_takes_the_next_power_of_two),
		cmocka_unit_test(growth_keeps_positions_across_the_end_of_the_ring),
		cmocka_unit_test(without_memory_the_ring_stays_as_it_was),
		cmocka_unit_test(more_than_half_the_sequence_space_is_refused),
		cmocka_unit_test(a_span_ends_at_the_end_of_the_ring),
		cmocka_unit_test(a_stream_passes_unharmed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
