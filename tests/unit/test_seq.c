/* SPDX-License-Identifier: BSD-2-Clause */
/* Sequence numbers: RFC 9293, 3.4 asks for arithmetic modulo 2^32. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/seq.h"

static hf_seq at(uint32_t v)
{
	return (hf_seq){ v };
}

static void order_holds_across_zero(void **state)
{
	(void)state;
	assert_true(hf_seq_lt(at(0xffffffff), at(0)));
	assert_false(hf_seq_lt(at(0), at(0xffffffff)));
	assert_true(hf_seq_leq(at(0xfffffff0), at(0x10)));
	assert_false(hf_seq_leq(at(0x10), at(0xfffffff0)));
	assert_true(hf_seq_lt(at(0x7fffffff), at(0x80000000)));
}

static void a_number_is_not_before_itself(void **state)
{
	(void)state;
	assert_false(hf_seq_lt(at(7), at(7)));
	assert_true(hf_seq_leq(at(7), at(7)));
	assert_true(hf_seq_eq(at(7), at(7)));
	assert_false(hf_seq_eq(at(7), at(8)));
}

static void order_holds_up_to_half_the_space(void **state)
{
	(void)state;
	assert_true(hf_seq_lt(at(100), at(100 + 0x7fffffffu)));
	assert_false(hf_seq_lt(at(100 + 0x7fffffffu), at(100)));
}

static void sums_and_differences_wrap(void **state)
{
	(void)state;
	assert_int_equal(hf_seq_add(at(0xfffffffe), 5).v, 3);
	assert_int_equal(hf_seq_diff(at(3), at(0xfffffffe)), 5);
	assert_int_equal(hf_seq_diff(at(0xfffffffe), at(3)), -5);
	assert_int_equal(hf_seq_span(at(0xfffffffe), at(3)), 5);
	assert_int_equal(hf_seq_span(at(9), at(9)), 0);
}

static void a_window_includes_its_start_and_excludes_its_end(void **state)
{
	(void)state;
	assert_true(hf_seq_in(at(0xfffffff0), at(0xfffffff0), 0x20));
	assert_true(hf_seq_in(at(0xf), at(0xfffffff0), 0x20));
	assert_false(hf_seq_in(at(0x10), at(0xfffffff0), 0x20));
	assert_false(hf_seq_in(at(0xffffffef), at(0xfffffff0), 0x20));
	assert_false(hf_seq_in(at(5), at(5), 0));
}

static void the_later_and_the_earlier_are_found_across_zero(void **state)
{
	(void)state;
	assert_int_equal(hf_seq_max(at(0xffffffff), at(1)).v, 1);
	assert_int_equal(hf_seq_max(at(1), at(0xffffffff)).v, 1);
	assert_int_equal(hf_seq_min(at(0xffffffff), at(1)).v, 0xffffffff);
	assert_int_equal(hf_seq_min(at(1), at(0xffffffff)).v, 0xffffffff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_holds_across_zero),
		cmocka_unit_test(a_number_is_not_before_itself),
		cmocka_unit_test(order_holds_up_to_half_the_space),
		cmocka_unit_test(sums_and_differences_wrap),
		cmocka_unit_test(a_window_includes_its_start_and_excludes_its_end),
		cmocka_unit_test(the_later_and_the_earlier_are_found_across_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
