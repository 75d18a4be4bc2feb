/* SPDX-License-Identifier: BSD-2-Clause */
/* Flags, options, endpoints, times, sizes and rates in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "observe/words.h"

static char words[256];

static hf_text fresh(void)
{
	return hf_text_in(words, sizeof(words));
}

static const char *flags(uint16_t f)
{
	hf_text t = fresh();
	hf_words_flags(&t, f);
	return words;
}

static const char *span(hf_ns ns)
{
	hf_text t = fresh();
	hf_words_span(&t, ns);
	return words;
}

static const char *since(hf_ns ns)
{
	hf_text t = fresh();
	hf_words_since(&t, ns);
	return words;
}

static const char *octets(uint64_t n)
{
	hf_text t = fresh();
	hf_words_octets(&t, n);
	return words;
}

static const char *rate(uint64_t n, hf_ns ns)
{
	hf_text t = fresh();
	hf_words_rate(&t, n, ns);
	return words;
}

static const char *options(const uint8_t *raw, size_t len, uint32_t base)
{
	hf_tcp_options o;
	hf_text t = fresh();
	assert_int_equal(hf_tcp_options_parse((hf_view){ raw, len }, &o), HF_WHY_NONE);
	hf_words_options(&t, &o, (hf_seq){ base });
	return words;
}

static void flags_are_named_with_ack_last(void **state)
{
	(void)state;
	assert_string_equal(flags(0), "none");
	assert_string_equal(flags(HF_TCP_SYN), "SYN");
	assert_string_equal(flags(HF_TCP_ACK | HF_TCP_SYN), "SYN-ACK");
	assert_string_equal(flags(HF_TCP_FIN | HF_TCP_PSH | HF_TCP_ACK), "FIN-PSH-ACK");
	assert_string_equal(flags(0x1ff), "SYN-FIN-RST-PSH-URG-ECE-CWR-AE-ACK");
	assert_string_equal(flags(HF_TCP_RST | 0x200), "RST-0x200");
	assert_string_equal(flags(0x800), "0x800");
}

static void options_are_named_in_the_order_in_which_they_came(void **state)
{
	(void)state;
	static const uint8_t syn[] = { 2, 4,   5, 180, 4, 2, 8, 10, 0, 0,
				       4, 210, 0, 0,   0, 0, 1, 3,  3, 7 };
	static const uint8_t turned[] = { 3, 3, 14, 2, 4, 0, 1, 0, 9, 9 };
	assert_string_equal(options(syn, sizeof(syn), 0), "mss 1460 sackOK ts 1234 ecr 0 wscale 7");
	assert_string_equal(options(turned, sizeof(turned), 0), "wscale 14 mss 1");
	assert_string_equal(options(NULL, 0, 0), "");
}

static void sack_blocks_are_relative_to_the_base(void **state)
{
	(void)state;
	static const uint8_t two[] = {
		1, 1, 5, 18, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0
	};
	assert_string_equal(options(two, sizeof(two), 0), "sack 256-512 768-1024");
	assert_string_equal(options(two, sizeof(two), 256), "sack 0-256 512-768");
}

static void rare_options_are_named_and_unknown_ones_numbered(void **state)
{
	(void)state;
	static const uint8_t request[] = { 34, 2 }, cookie[] = { 34, 6, 1, 2, 3, 4 };
	static const uint8_t timeout[] = { 28, 4, 0x80, 5 }, seconds[] = { 28, 4, 0, 30 };
	static const uint8_t unknown[] = { 77, 3, 0 }, echo[] = { 6, 6, 0, 0, 0, 0 };
	assert_string_equal(options(request, sizeof(request), 0), "fast-open request");
	assert_string_equal(options(cookie, sizeof(cookie), 0), "fast-open (4 octets)");
	assert_string_equal(options(timeout, sizeof(timeout), 0), "user-timeout 5 min");
	assert_string_equal(options(seconds, sizeof(seconds), 0), "user-timeout 30 s");
	assert_string_equal(options(unknown, sizeof(unknown), 0), "option 77 (1 octet)");
	assert_string_equal(options(echo, sizeof(echo), 0), "echo (4 octets)");
}

static void endpoints_of_ipv6_stand_in_brackets(void **state)
{
	(void)state;
	hf_endpoint e = { hf_addr_v4(10, 0, 0, 2), 80 };
	hf_text t = fresh();
	hf_words_endpoint(&t, &e);
	assert_string_equal(words, "10.0.0.2:80");
	assert_true(hf_addr_parse("fd00::2", &e.addr));
	t = fresh();
	hf_words_endpoint(&t, &e);
	assert_string_equal(words, "[fd00::2]:80");
}

static void spans_have_three_digits_and_a_unit(void **state)
{
	(void)state;
	assert_string_equal(span(0), "0 ns");
	assert_string_equal(span(999), "999 ns");
	assert_string_equal(span(1000), "1.00 us");
	assert_string_equal(span(9994), "9.99 us");
	assert_string_equal(span(9995), "10.0 us");
	assert_string_equal(span(99950), "100 us");
	assert_string_equal(span(HF_US(312)), "312 us");
	assert_string_equal(span(999499), "999 us");
	assert_string_equal(span(999500), "1.00 ms");
	assert_string_equal(span(HF_MS(40)), "40.0 ms");
	assert_string_equal(span(HF_MS(1023)), "1.02 s");
	assert_string_equal(span(HF_SEC(125)), "2 min 5 s");
	assert_string_equal(span(HF_MS(59950)), "1 min 0 s");
	assert_string_equal(span(HF_SEC(3599)), "59 min 59 s");
	assert_string_equal(span(HF_SEC(3660)), "1 h 1 min");
	assert_string_equal(span(-HF_MS(40)), "-40.0 ms");
	assert_string_equal(span(INT64_MIN), "-2562047 h 47 min");
}

static void times_since_a_start_have_a_sign(void **state)
{
	(void)state;
	assert_string_equal(since(0), "+0.000 ms");
	assert_string_equal(since(HF_US(40123)), "+40.123 ms");
	assert_string_equal(since(HF_MS(1023)), "+1.023 s");
	assert_string_equal(since(-HF_MS(2)), "-2.000 ms");
}

static void sizes_are_binary_and_rates_decimal(void **state)
{
	(void)state;
	assert_string_equal(octets(0), "0 octets");
	assert_string_equal(octets(1), "1 octet");
	assert_string_equal(octets(1023), "1023 octets");
	assert_string_equal(octets(1024), "1.0 KiB");
	assert_string_equal(octets(580 * 1024), "580 KiB");
	assert_string_equal(octets(1258291), "1.2 MiB");
	assert_string_equal(octets((1 << 20) - 1), "1.0 MiB");
	assert_string_equal(octets(UINT64_MAX), "16.0 EiB");
	assert_string_equal(rate(122500000, HF_SEC(1)), "980 Mbit/s");
	assert_string_equal(rate(1, HF_SEC(8)), "1.00 bit/s");
	assert_string_equal(rate(125, HF_MS(1)), "1.00 Mbit/s");
	assert_string_equal(rate(125000, HF_US(1)), "1.00 Tbit/s");
	assert_string_equal(rate(5, 0), "-");
}

static void what_does_not_fit_is_cut_off_and_closed(void **state)
{
	(void)state;
	char small[6] = "xxxxx";
	hf_text t = hf_text_in(small, sizeof(small));
	hf_text_add(&t, "abc");
	hf_text_add(&t, "defg");
	assert_string_equal(small, "abcde");
	assert_int_equal(t.len, 5);
	hf_text_add(&t, "h");
	assert_string_equal(small, "abcde");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_are_named_with_ack_last),
		cmocka_unit_test(options_are_named_in_the_order_in_which_they_came),
		cmocka_unit_test(sack_blocks_are_relative_to_the_base),
		cmocka_unit_test(rare_options_are_named_and_unknown_ones_numbered),
		cmocka_unit_test(endpoints_of_ipv6_stand_in_brackets),
		cmocka_unit_test(spans_have_three_digits_and_a_unit),
		cmocka_unit_test(times_since_a_start_have_a_sign),
		cmocka_unit_test(sizes_are_binary_and_rates_decimal),
		cmocka_unit_test(what_does_not_fit_is_cut_off_and_closed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
