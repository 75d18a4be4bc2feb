/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory account: what is out is counted, and the limit holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support.h"

static void what_is_out_is_counted(void **state)
{
	struct heap h = { 0 };
	hf_mem m = heap_mem(&h);
	void *a = hf_mem_raw(&m, 100), *b = hf_mem_new(&m, 23);

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	assert_int_equal(m.used, 123);
	hf_mem_free(&m, a, 100);
	assert_int_equal(m.used, 23);
	hf_mem_free(&m, b, 23);
	assert_int_equal(m.used, 0);
	assert_int_equal(h.out, 0);
}

static void new_octets_are_zero(void **state)
{
	static const uint8_t zero[64];
	struct heap h = { 0 };
	hf_mem m = heap_mem(&h);
	void *at = hf_mem_new(&m, sizeof(zero));

	(void)state;
	assert_memory_equal(at, zero, sizeof(zero));
	hf_mem_free(&m, at, sizeof(zero));
}

static void the_limit_may_be_reached_and_not_passed(void **state)
{
	struct heap h = { 0 };
	hf_mem m = heap_mem(&h);
	void *a, *b;

	(void)state;
	m.limit = 100;
	assert_null(hf_mem_raw(&m, 101));
	a = hf_mem_raw(&m, 60);
	assert_non_null(a);
	assert_null(hf_mem_raw(&m, 41));
	assert_int_equal(m.used, 60);
	b = hf_mem_raw(&m, 40);
	assert_non_null(b);
	assert_null(hf_mem_raw(&m, 1));
	hf_mem_free(&m, a, 60);
	hf_mem_free(&m, b, 40);
}

static void a_limit_below_what_is_out_gives_nothing(void **state)
{
	struct heap h = { 0 };
	hf_mem m = heap_mem(&h);
	void *a = hf_mem_raw(&m, 60);

	(void)state;
	m.limit = 50;
	assert_null(hf_mem_raw(&m, 1));
	hf_mem_free(&m, a, 60);
}

static void a_sum_that_would_overflow_is_refused(void **state)
{
	struct heap h = { 0 };
	hf_mem m = heap_mem(&h);
	void *a = hf_mem_raw(&m, 16);

	(void)state;
	assert_null(hf_mem_raw(&m, SIZE_MAX - 8));
	assert_int_equal(m.used, 16);
	hf_mem_free(&m, a, 16);
}

static void a_refusal_is_not_counted(void **state)
{
	struct heap h = { .refuses = true };
	hf_mem m = heap_mem(&h);

	(void)state;
	assert_null(hf_mem_raw(&m, 10));
	assert_null(hf_mem_new(&m, 10));
	assert_int_equal(m.used, 0);
}

static void giving_back_nothing_is_harmless(void **state)
{
	struct heap h = { 0 };
	hf_mem m = heap_mem(&h);

	(void)state;
	hf_mem_free(&m, NULL, 10);
	assert_int_equal(m.used, 0);
	assert_int_equal(h.out, 0);
}

static void a_buffer_given_back_is_kept_and_given_out_again(void **state)
{
	struct heap h = { 0 };
	hf_mem m = heap_mem(&h);
	void *a = hf_mem_raw(&m, 65536), *b;

	(void)state;
	hf_mem_free(&m, a, 65536);
	assert_int_equal(m.used, 0);
	assert_int_equal(m.cached, 65536);
	b = hf_mem_raw(&m, 65536);
	assert_ptr_equal(a, b);
	assert_int_equal(m.cached, 0);
	assert_int_equal(m.used, 65536);
	hf_mem_free(&m, b, 65536);
	hf_mem_drain(&m);
	assert_int_equal(m.cached, 0);
	assert_int_equal(h.out, 0);
}

static void what_is_kept_counts_towards_the_limit_but_yields_to_need(void **state)
{
	struct heap h = { 0 };
	hf_mem m = heap_mem(&h);
	void *a;

	(void)state;
	m.limit = 8192;
	hf_mem_free(&m, hf_mem_raw(&m, 8192), 8192);
	assert_int_equal(m.cached, 8192);
	a = hf_mem_raw(&m, 100);
	assert_non_null(a);
	assert_int_equal(m.cached, 0);
	hf_mem_free(&m, a, 100);
	assert_int_equal(h.out, 0);
}

static void no_more_is_kept_than_was_promised(void **state)
{
	struct heap h = { 0 };
	hf_mem m = heap_mem(&h);
	void *at[9];

	(void)state;
	for (unsigned i = 0; i < 9; i++)
		at[i] = hf_mem_raw(&m, 1u << 20);
	for (unsigned i = 0; i < 9; i++)
		hf_mem_free(&m, at[i], 1u << 20);
	assert_int_equal(m.cached, HF_MEM_CACHE);
	hf_mem_drain(&m);
	assert_int_equal(h.out, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_out_is_counted),
		cmocka_unit_test(new_octets_are_zero),
		cmocka_unit_test(the_limit_may_be_reached_and_not_passed),
		cmocka_unit_test(a_limit_below_what_is_out_gives_nothing),
		cmocka_unit_test(a_sum_that_would_overflow_is_refused),
		cmocka_unit_test(a_refusal_is_not_counted),
		cmocka_unit_test(giving_back_nothing_is_harmless),
		cmocka_unit_test(a_buffer_given_back_is_kept_and_given_out_again),
		cmocka_unit_test(what_is_kept_counts_towards_the_limit_but_yields_to_need),
		cmocka_unit_test(no_more_is_kept_than_was_promised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
