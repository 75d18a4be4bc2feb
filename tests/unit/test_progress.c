/* SPDX-License-Identifier: BSD-2-Clause */
/* The line of the progress bar. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cmd/progress.h"

static char buffer[128];

static const char *line(uint64_t done, uint64_t total, hf_ns elapsed, unsigned width)
{
	hf_text t = hf_text_in(buffer, sizeof(buffer));

	hf_progress_line(&t, done, total, elapsed, width);
	return buffer;
}

static void it_tells_share_amount_rate_and_time_left(void **state)
{
	(void)state;
	assert_string_equal(line(1048576, 4194304, HF_SEC(1), 80),
			    " 25 % [##........]  1.0 MiB of 4.0 MiB  8.39 Mbit/s  0:03 left");
	assert_string_equal(line(1048576, 4194304, HF_SEC(30), 60),
			    " 25 %  1.0 MiB of 4.0 MiB  280 kbit/s  1:30 left");
}

static void it_tells_no_time_left_at_the_end(void **state)
{
	(void)state;
	assert_null(strstr(line(4194304, 4194304, HF_SEC(1), 80), "left"));
	assert_non_null(strstr(buffer, "100 % [##########]"));
}

static void hours_are_told_as_such(void **state)
{
	(void)state;
	assert_non_null(strstr(line(1, 3726, HF_SEC(1), 80), "  1:02:05 left"));
	assert_non_null(strstr(line(1, UINT64_MAX, HF_SEC(1), 80), "  99:59:59 left"));
}

static void an_unknown_or_wrong_total_is_left_out(void **state)
{
	(void)state;
	assert_string_equal(line(1048576, 0, HF_SEC(1), 80), "1.0 MiB  8.39 Mbit/s");
	assert_string_equal(line(1048576, 1000, HF_SEC(1), 80), "1.0 MiB  8.39 Mbit/s");
}

static void a_huge_total_does_not_wrap(void **state)
{
	(void)state;
	assert_non_null(strstr(line(UINT64_C(1) << 62, UINT64_C(1) << 63, HF_SEC(1), 80),
			       " 50 % [#####.....]"));
}

static void the_line_fits_the_width_that_it_is_made_for(void **state)
{
	(void)state;
	assert_true(strlen(line(1072693248, 1073741824, HF_SEC(3000), 96)) < 96);
	assert_true(strlen(line(1072693248, 1073741824, HF_SEC(3000), 76)) < 76);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_tells_share_amount_rate_and_time_left),
		cmocka_unit_test(it_tells_no_time_left_at_the_end),
		cmocka_unit_test(hours_are_told_as_such),
		cmocka_unit_test(an_unknown_or_wrong_total_is_left_out),
		cmocka_unit_test(a_huge_total_does_not_wrap),
		cmocka_unit_test(the_line_fits_the_width_that_it_is_made_for),
	};

	return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
