/* SPDX-License-Identifier: BSD-2-Clause */
/* Accurate ECN's option: the shortest that says it, whatever else needs room (RFC 9768 3.2.3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tcp/ecn/option.h"

static const uint32_t values[HF_ECN_COUNTERS] = { 0x01020304, 0x05060708, 0x090a0b0c };

static hf_ecn_report report(unsigned changed, unsigned news)
{
	hf_ecn_report r = { .changed = changed, .news = news };

	memcpy(r.value, values, sizeof(values));
	return r;
}

/* Writes all of it and reads it again. */
static hf_tcp_options through_the_wire(const hf_tcp_options *o, uint8_t *octets)
{
	hf_tcp_options back;
	size_t len = hf_tcp_options_emit(o, octets);

	assert_true(len <= HF_TCP_OPTIONS_MAX && len == hf_tcp_options_len(o));
	assert_int_equal(hf_tcp_options_parse((hf_view){ octets, len }, &back), HF_WHY_NONE);
	return back;
}

/* Which counters an option must hold so that all of `wanted` stand in it, at the least. */
static unsigned least(unsigned wanted)
{
	if (wanted & HF_ECN_BIT(HF_ECN_ECT0) && wanted & HF_ECN_BIT(HF_ECN_ECT1))
		return 3;
	return wanted & HF_ECN_BIT(HF_ECN_CE) ? 2 : wanted != 0;
}

static void every_set_of_counters_takes_the_shortest_form(void **state)
{
	(void)state;
	for (unsigned changed = 0; changed <= HF_ECN_ALL; changed++) {
		hf_ecn_report r = report(changed, changed);
		uint8_t body[HF_ACC_ECN_MAX], wire[HF_TCP_OPTIONS_MAX];
		hf_tcp_options o = { 0 };

		assert_true(hf_ecn_option_put(&r, &o, body));
		o = through_the_wire(&o, wire);
		assert_int_equal(o.acc_ecn.len, 3 * least(changed));
		for (unsigned i = 0; i < HF_ECN_COUNTERS; i++) {
			uint32_t value;
			bool there = hf_ecn_option_read(&o, (hf_ecn_counter)i, &value);

			assert_true(there || !(changed & HF_ECN_BIT(i)));
			if (there)
				assert_int_equal(value, values[i] & 0xffffff);
		}
	}
}

static void each_kind_has_its_order(void **state)
{
	uint8_t body[HF_ACC_ECN_MAX];
	hf_tcp_options o = { 0 };
	hf_ecn_report r = report(HF_ECN_BIT(HF_ECN_ECT0) | HF_ECN_BIT(HF_ECN_CE), 1);

	(void)state;
	assert_true(hf_ecn_option_put(&r, &o, body));
	assert_true(o.present == HF_HAS(ACC_ECN_0));
	assert_memory_equal(o.acc_ecn.at, "\x02\x03\x04\x06\x07\x08", 6);
	o = (hf_tcp_options){ 0 };
	r = report(HF_ECN_BIT(HF_ECN_ECT1) | HF_ECN_BIT(HF_ECN_CE), 1);
	assert_true(hf_ecn_option_put(&r, &o, body));
	assert_true(o.present == HF_HAS(ACC_ECN_1));
	assert_memory_equal(o.acc_ecn.at, "\x0a\x0b\x0c\x06\x07\x08", 6);
}

static hf_tcp_options crowded(unsigned blocks, bool stamps)
{
	hf_tcp_options o = { .sack_count = (uint8_t)blocks };

	if (stamps)
		o.present |= HF_HAS(TIMESTAMPS);
	if (blocks > 0)
		o.present |= HF_HAS(SACK);
	for (unsigned i = 0; i < blocks; i++)
		o.sack[i] = (hf_sack_block){ { 100 * i }, { 100 * i + 50 } };
	return o;
}

/* 40 octets: what fits goes, two SACK blocks go first, a third does not (3.2.3.3). */
static void room_is_shared_as_the_rfc_says(void **state)
{
	(void)state;
	for (unsigned blocks = 0; blocks <= 4; blocks++)
		for (unsigned news = 1; news <= HF_ECN_ALL; news++)
			for (int stamps = 0; stamps < 2; stamps++) {
				unsigned before = blocks - (stamps && blocks == 4);
				hf_tcp_options o = crowded(before, stamps);
				hf_ecn_report r = report(HF_ECN_ALL, news);
				uint8_t body[HF_ACC_ECN_MAX], wire[HF_TCP_OPTIONS_MAX];
				bool put = hf_ecn_option_put(&r, &o, body);
				hf_tcp_options back = through_the_wire(&o, wire);

				assert_true(back.sack_count >= (before < 2 ? before : 2));
				if (!put)
					assert_int_equal(back.sack_count, before);
				for (unsigned i = 0; put && i < HF_ECN_COUNTERS; i++) {
					uint32_t value;

					if (news & HF_ECN_BIT(i))
						assert_true(hf_ecn_option_read(
							&back, (hf_ecn_counter)i, &value));
				}
				/* Beside a stamp and two blocks 8 octets are left: two counters. */
				if (before >= 2 && stamps)
					assert_int_equal(put, least(news) < 3);
				else
					assert_true(put);
			}
}

static void whole_counters_of_any_length_are_read(void **state)
{
	(void)state;
	for (uint8_t len = 0; len <= 20; len++) {
		uint8_t wire[40] = {
			HF_OPT_ACC_ECN_0, (uint8_t)(2 + len), 0, 0, 7, 0, 0, 8, 0, 0, 9
		};
		hf_tcp_options o;
		uint32_t value;

		assert_int_equal(hf_tcp_options_parse((hf_view){ wire, 2 + len }, &o), HF_WHY_NONE);
		assert_int_equal(hf_ecn_option_read(&o, HF_ECN_ECT0, &value), len >= 3);
		if (len >= 3)
			assert_int_equal(value, 7);
		assert_int_equal(hf_ecn_option_read(&o, HF_ECN_CE, &value), len >= 6);
		if (len >= 6)
			assert_int_equal(value, 8);
		assert_int_equal(hf_ecn_option_read(&o, HF_ECN_ECT1, &value), len >= 9);
		if (len >= 9)
			assert_int_equal(value, 9);
	}
}

static void without_the_option_nothing_is_read(void **state)
{
	hf_tcp_options o = { 0 };
	uint32_t value;

	(void)state;
	for (unsigned i = 0; i < HF_ECN_COUNTERS; i++)
		assert_false(hf_ecn_option_read(&o, (hf_ecn_counter)i, &value));
	o.acc_ecn = (hf_view){ (const uint8_t *)"123456789", 9 }; /* of an option before */
	for (unsigned i = 0; i < HF_ECN_COUNTERS; i++)
		assert_false(hf_ecn_option_read(&o, (hf_ecn_counter)i, &value));
}

static void octets_beyond_the_option_are_not_written(void **state)
{
	(void)state;
	for (unsigned changed = 0; changed <= HF_ECN_ALL; changed++) {
		hf_ecn_report r = report(changed, changed);
		uint8_t body[2 * HF_ACC_ECN_MAX];
		hf_tcp_options o = { 0 };

		memset(body, 0xa5, sizeof(body));
		assert_true(hf_ecn_option_put(&r, &o, body));
		for (size_t i = 3 * least(changed); i < sizeof(body); i++)
			assert_int_equal(body[i], 0xa5);
	}
}

static void counters_go_round_and_never_back(void **state)
{
	(void)state;
	assert_int_equal(hf_ecn_option_step(5, 5), 0);
	assert_int_equal(hf_ecn_option_step(5, 6), 1);
	assert_int_equal(hf_ecn_option_step(0xffffff, 0), 1);
	assert_int_equal(hf_ecn_option_step(0x01ffffff, 4), 5);
	assert_int_equal(hf_ecn_option_step(0, 0x7fffff), 0x7fffff);
	assert_int_equal(hf_ecn_option_step(6, 5), 0); /* an ACK from before */
	assert_int_equal(hf_ecn_option_step(0, 0x800000), 0);
	for (unsigned i = 0; i < HF_ECN_COUNTERS; i++)
		assert_int_equal(hf_ecn_initial((hf_ecn_counter)i), i != HF_ECN_CE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_set_of_counters_takes_the_shortest_form),
		cmocka_unit_test(each_kind_has_its_order),
		cmocka_unit_test(room_is_shared_as_the_rfc_says),
		cmocka_unit_test(whole_counters_of_any_length_are_read),
		cmocka_unit_test(without_the_option_nothing_is_read),
		cmocka_unit_test(octets_beyond_the_option_are_not_written),
		cmocka_unit_test(counters_go_round_and_never_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
