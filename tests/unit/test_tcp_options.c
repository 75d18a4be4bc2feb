/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP options: every kind parsed, emitted as Linux lays them out, and read back as written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/tcp_options.h"

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

#define VIEW(...)                                                                                  \
	(hf_view)                                                                                  \
	{                                                                                          \
		(const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ })         \
	}

#define ASSERT_EMITS(options, ...)                                                                 \
	assert_emits(options, (const uint8_t[]){ __VA_ARGS__ },                                    \
		     sizeof((const uint8_t[]){ __VA_ARGS__ }))

static void assert_emits(const hf_tcp_options *o, const uint8_t *expected, size_t len)
{
	uint8_t got[HF_TCP_OPTIONS_MAX];

	assert_int_equal(hf_tcp_options_emit(o, got), len);
	assert_int_equal(hf_tcp_options_len(o), len);
	assert_memory_equal(got, expected, len);
}

/* Parses from a heap block of exactly `len` octets; the views in `*out` are dead afterwards. */
static hf_reason parse_exact(const uint8_t *octets, size_t len, hf_tcp_options *out)
{
	uint8_t *const exact = malloc(len > 0 ? len : 1);
	hf_reason why;

	assert_non_null(exact);
	if (len > 0)
		memcpy(exact, octets, len);
	why = hf_tcp_options_parse((hf_view){ exact, len }, out);
	assert_true(why == HF_WHY_NONE || why == HF_WHY_TCP_OPTION);
	free(exact);
	return why;
}

static hf_reason parse(hf_view raw, hf_tcp_options *out)
{
	return hf_tcp_options_parse(raw, out);
}

static void no_options_are_fine(void **state)
{
	hf_tcp_options o;

	(void)state;
	assert_int_equal(parse((hf_view){ NULL, 0 }, &o), HF_WHY_NONE);
	assert_int_equal(o.present, 0);
}

static void a_syn_of_linux_is_understood(void **state)
{
	hf_tcp_options o;

	(void)state;
	assert_int_equal(
		parse(VIEW(2, 4, 0x05, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 5, 1, 3, 3, 7), &o),
		HF_WHY_NONE);
	assert_true(o.present == (HF_HAS(MSS) | HF_HAS(SACK_PERMITTED) | HF_HAS(TIMESTAMPS) |
				  HF_HAS(NOP) | HF_HAS(WSCALE)));
	assert_int_equal(o.mss, 1460);
	assert_int_equal(o.tsval, 0x01020304);
	assert_int_equal(o.tsecr, 5);
	assert_int_equal(o.wscale, 7);
	assert_int_equal(o.raw.len, 20);
}

static void a_window_scale_above_14_stays_as_it_came(void **state)
{
	hf_tcp_options o;

	(void)state;
	assert_int_equal(parse(VIEW(3, 3, 255, 0), &o), HF_WHY_NONE);
	assert_int_equal(o.wscale, 255);
}

static void one_to_four_sack_blocks_are_read(void **state)
{
	uint8_t raw[34] = { 5, 0 };
	hf_tcp_options o;

	(void)state;
	for (uint8_t i = 2; i < 34; i++)
		raw[i] = i;
	for (uint8_t count = 1; count <= 4; count++) {
		raw[1] = (uint8_t)(2 + count * 8);
		assert_int_equal(parse((hf_view){ raw, raw[1] }, &o), HF_WHY_NONE);
		assert_true(o.present == HF_HAS(SACK));
		assert_int_equal(o.sack_count, count);
		assert_int_equal(o.sack[0].start.v, 0x02030405);
		assert_int_equal(o.sack[count - 1].end.v, hf_get32(raw + raw[1] - 4));
	}
}

static void a_sack_that_is_no_whole_number_of_blocks_is_skipped(void **state)
{
	hf_tcp_options o;

	(void)state;
	assert_int_equal(parse(VIEW(5, 9, 1, 2, 3, 4, 5, 6, 7), &o), HF_WHY_NONE);
	assert_int_equal(o.present, 0);
	assert_int_equal(parse(VIEW(5, 2), &o), HF_WHY_NONE);
	assert_int_equal(o.present, 0);
	assert_int_equal(parse(VIEW(5, 11, 1, 2, 3, 4, 5, 6, 7, 8, 9), &o), HF_WHY_NONE);
	assert_int_equal(o.present, 0);
}

static void an_end_of_list_ends_it_whatever_follows(void **state)
{
	hf_tcp_options o;

	(void)state;
	assert_int_equal(parse(VIEW(0, 2, 4, 5, 180, 2, 0), &o), HF_WHY_NONE);
	assert_true(o.present == HF_HAS(EOL));
	assert_int_equal(parse(VIEW(3, 3, 1, 0, 8, 0), &o), HF_WHY_NONE);
	assert_true(o.present == (HF_HAS(WSCALE) | HF_HAS(EOL)));
}

/* MUST-6 */
static void unknown_kinds_are_skipped_by_their_length(void **state)
{
	hf_tcp_options o;

	(void)state;
	assert_int_equal(parse(VIEW(99, 2, 200, 5, 2, 4, 9, 2, 4, 1, 2), &o), HF_WHY_NONE);
	assert_true(o.present == HF_HAS(MSS));
	assert_int_equal(o.mss, 0x0102);
}

/* MUST-7 */
static void a_length_that_cannot_be_stepped_over_is_illegal(void **state)
{
	hf_tcp_options o;

	(void)state;
	assert_int_equal(parse(VIEW(2, 0, 5, 180), &o), HF_WHY_TCP_OPTION);
	assert_int_equal(parse(VIEW(2, 1, 5, 180), &o), HF_WHY_TCP_OPTION);
	assert_int_equal(parse(VIEW(99, 1, 1, 1), &o), HF_WHY_TCP_OPTION);
	assert_int_equal(parse(VIEW(1, 1, 2, 4, 5), &o), HF_WHY_TCP_OPTION);
	assert_int_equal(parse(VIEW(1, 1, 1, 8), &o), HF_WHY_TCP_OPTION);
	assert_int_equal(parse(VIEW(99, 255, 0, 0), &o), HF_WHY_TCP_OPTION);
	assert_int_equal(parse(VIEW(99, 4, 0, 0), &o), HF_WHY_NONE);
	assert_int_equal(parse(VIEW(99, 5, 0, 0), &o), HF_WHY_TCP_OPTION);
}

static void options_before_an_illegal_one_are_known(void **state)
{
	hf_tcp_options o;

	(void)state;
	assert_int_equal(parse(VIEW(2, 4, 5, 180, 3, 0), &o), HF_WHY_TCP_OPTION);
	assert_true(o.present == HF_HAS(MSS));
}

/* Every kind at every length: present exactly if the list allows it, and nothing else is set. */
static void each_kind_is_taken_at_the_lengths_of_the_list_only(void **state)
{
	static const struct {
		uint8_t kind, shortest, longest;
		uint64_t bit;
	} kinds[] = {
#define X(name, kind, shortest, longest, word) { kind, shortest, longest, HF_HAS(name) },
		HF_TCP_OPTION_KINDS(X)
#undef X
	};

	(void)state;
	for (size_t i = 2; i < HF_OPTION_BIT_COUNT; i++) {
		for (uint8_t len = 2; len <= 40; len++) {
			uint8_t raw[40] = { kinds[i].kind, len };
			bool allowed = len >= kinds[i].shortest && len <= kinds[i].longest;
			hf_tcp_options o;

			if (kinds[i].kind == HF_OPT_SACK)
				allowed = allowed && len % 8 == 2;
			if (kinds[i].kind == HF_OPT_FAST_OPEN)
				allowed = len == 2 || (len >= 6 && len <= 18 && len % 2 == 0);
			assert_int_equal(parse_exact(raw, len, &o), HF_WHY_NONE);
			assert_true(o.present == (allowed ? kinds[i].bit : 0));
		}
	}
}

static void of_a_repeated_option_the_last_one_counts(void **state)
{
	hf_tcp_options o;

	(void)state;
	assert_int_equal(parse(VIEW(2, 4, 1, 1, 2, 4, 2, 2), &o), HF_WHY_NONE);
	assert_int_equal(o.mss, 0x0202);
	assert_int_equal(parse(VIEW(172, 5, 1, 2, 3, 174, 5, 4, 5, 6), &o), HF_WHY_NONE);
	assert_true(o.present == HF_HAS(ACC_ECN_1));
	assert_int_equal(o.acc_ecn.at[0], 4);
	assert_int_equal(o.acc_ecn.len, 3);
	/* A repetition of illegal length is as if it were not there. */
	assert_int_equal(parse(VIEW(2, 4, 1, 1, 2, 3, 9), &o), HF_WHY_NONE);
	assert_int_equal(o.mss, 0x0101);
}

static void views_lend_the_octets_of_the_segment(void **state)
{
	const uint8_t raw[] = { 34, 10, 1, 2, 3, 4, 5, 6, 7, 8, 29, 6, 9, 8, 7, 6, 28, 4, 0x80, 5 };
	hf_tcp_options o;

	(void)state;
	assert_int_equal(parse((hf_view){ raw, sizeof(raw) }, &o), HF_WHY_NONE);
	assert_ptr_equal(o.fast_open.at, raw + 2);
	assert_int_equal(o.fast_open.len, 8);
	assert_ptr_equal(o.ao.at, raw + 12);
	assert_int_equal(o.ao.len, 4);
	assert_int_equal(o.user_timeout, 0x8005);
}

static void a_walk_hands_out_each_option_and_stops_where_it_must(void **state)
{
	const uint8_t raw[] = { 1, 99, 3, 7, 2, 0 };
	hf_view left = { raw, sizeof(raw) };
	hf_tcp_option option;

	(void)state;
	assert_true(hf_tcp_option_next(&left, &option));
	assert_int_equal(option.kind, HF_OPT_NOP);
	assert_int_equal(option.body.len, 0);
	assert_true(hf_tcp_option_next(&left, &option));
	assert_int_equal(option.kind, 99);
	assert_int_equal(option.body.len, 1);
	assert_int_equal(option.body.at[0], 7);
	assert_false(hf_tcp_option_next(&left, &option));
	assert_ptr_equal(left.at, raw + 4);
}

static void every_assigned_kind_has_its_name(void **state)
{
	(void)state;
#define X(name, kind, shortest, longest, word) assert_string_equal(hf_tcp_option_name(kind), word);
	HF_TCP_OPTION_KINDS(X)
#undef X
	assert_null(hf_tcp_option_name(25));
	assert_null(hf_tcp_option_name(255));
}

static void a_syn_has_the_layout_of_linux(void **state)
{
	hf_tcp_options o = { .mss = 1460, .wscale = 7, .tsval = 0x0a0b0c0d };

	(void)state;
	o.present = HF_HAS(MSS) | HF_HAS(SACK_PERMITTED) | HF_HAS(TIMESTAMPS) | HF_HAS(WSCALE);
	ASSERT_EMITS(&o, 2, 4, 5, 180, 4, 2, 8, 10, 10, 11, 12, 13, 0, 0, 0, 0, 1, 3, 3, 7);
	o.present = HF_HAS(MSS) | HF_HAS(TIMESTAMPS) | HF_HAS(WSCALE);
	ASSERT_EMITS(&o, 2, 4, 5, 180, 1, 1, 8, 10, 10, 11, 12, 13, 0, 0, 0, 0, 1, 3, 3, 7);
	o.present = HF_HAS(MSS) | HF_HAS(SACK_PERMITTED) | HF_HAS(WSCALE);
	ASSERT_EMITS(&o, 2, 4, 5, 180, 1, 1, 4, 2, 1, 3, 3, 7);
	o.present = HF_HAS(MSS);
	ASSERT_EMITS(&o, 2, 4, 5, 180);
	o.present = 0;
	assert_int_equal(hf_tcp_options_len(&o), 0);
}

static void a_later_segment_has_the_layout_of_linux(void **state)
{
	hf_tcp_options o = { .tsval = 1, .tsecr = 2, .sack_count = 1 };

	(void)state;
	o.sack[0].start.v = 3;
	o.sack[0].end.v = 4;
	o.present = HF_HAS(TIMESTAMPS);
	ASSERT_EMITS(&o, 1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2);
	o.present = HF_HAS(TIMESTAMPS) | HF_HAS(SACK);
	ASSERT_EMITS(&o, 1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 1, 5, 10, 0, 0, 0, 3, 0, 0, 0, 4);
	o.present = HF_HAS(SACK);
	ASSERT_EMITS(&o, 1, 1, 5, 10, 0, 0, 0, 3, 0, 0, 0, 4);
	o.sack_count = 0;
	assert_int_equal(hf_tcp_options_len(&o), 0);
}

static void as_many_sack_blocks_are_written_as_fit(void **state)
{
	uint8_t raw[HF_TCP_OPTIONS_MAX];
	hf_tcp_options o = { .sack_count = 4 }, got;

	(void)state;
	o.present = HF_HAS(SACK);
	assert_int_equal(hf_tcp_options_emit(&o, raw), 36);
	assert_int_equal(raw[3], 34);
	o.present = HF_HAS(SACK) | HF_HAS(TIMESTAMPS);
	assert_int_equal(hf_tcp_options_emit(&o, raw), 40);
	assert_int_equal(parse((hf_view){ raw, 40 }, &got), HF_WHY_NONE);
	assert_int_equal(got.sack_count, 3);
	/* More blocks than there are is our own mistake, but never a write past the area. */
	o.sack_count = 200;
	o.present = HF_HAS(SACK);
	assert_int_equal(hf_tcp_options_emit(&o, raw), 36);
}

static void authentication_is_never_what_gives_way(void **state)
{
	uint8_t raw[HF_TCP_OPTIONS_MAX];
	const uint8_t digest[16] = { 1, 2, 3 };
	hf_tcp_options o = { .sack_count = 4, .md5 = { digest, sizeof(digest) } }, got;

	(void)state;
	o.present = HF_HAS(SACK) | HF_HAS(TIMESTAMPS) | HF_HAS(MD5);
	assert_int_equal(hf_tcp_options_emit(&o, raw), 32);
	assert_int_equal(parse((hf_view){ raw, 32 }, &got), HF_WHY_NONE);
	assert_true((got.present & ~HF_HAS(NOP)) == (HF_HAS(TIMESTAMPS) | HF_HAS(MD5)));
	assert_memory_equal(got.md5.at, digest, sizeof(digest));
}

/* MUST-69 */
static void what_is_left_of_the_last_word_is_zero(void **state)
{
	const uint8_t cookie[] = { 1, 2, 3, 4 };
	hf_tcp_options o = { .present = HF_HAS(FAST_OPEN), .fast_open = { cookie, 4 } };

	(void)state;
	ASSERT_EMITS(&o, 34, 6, 1, 2, 3, 4, 0, 0);
	o.fast_open.len = 0;
	ASSERT_EMITS(&o, 34, 2, 0, 0);
	o.fast_open.len = 3;
	assert_int_equal(hf_tcp_options_len(&o), 0);
}

static hf_view random_view(uint8_t *room, size_t len, uint32_t *seed)
{
	for (size_t i = 0; i < len; i++)
		room[i] = (uint8_t)next_random(seed);
	return (hf_view){ room, len };
}

static void assert_views_equal(hf_view a, hf_view b)
{
	assert_int_equal(a.len, b.len);
	if (a.len > 0)
		assert_memory_equal(a.at, b.at, a.len);
}

struct rooms {
	uint8_t cookie[16], ao[16], ecn[9];
};

static hf_tcp_options random_options(struct rooms *rooms, uint32_t *seed)
{
	hf_tcp_options o = { 0 };

	o.present = HF_HAS(MSS) | HF_HAS(WSCALE) | HF_HAS(SACK_PERMITTED) | HF_HAS(TIMESTAMPS) |
		    HF_HAS(SACK) | HF_HAS(USER_TIMEOUT) | HF_HAS(FAST_OPEN) |
		    HF_HAS(AUTHENTICATION) | HF_HAS(ACC_ECN_0);
	o.present &= (uint64_t)next_random(seed) << 32 | (uint64_t)next_random(seed) << 16 |
		     next_random(seed);
	o.mss = (uint16_t)next_random(seed);
	o.wscale = (uint8_t)next_random(seed);
	o.tsval = next_random(seed) << 8;
	o.tsecr = next_random(seed);
	o.user_timeout = (uint16_t)next_random(seed);
	o.sack_count = (uint8_t)(1 + next_random(seed) % HF_SACK_BLOCKS);
	for (size_t i = 0; i < HF_SACK_BLOCKS; i++) {
		o.sack[i].start.v = next_random(seed) << 8;
		o.sack[i].end.v = next_random(seed);
	}
	o.fast_open = random_view(rooms->cookie, 4 + 2 * (next_random(seed) % 7), seed);
	o.ao = random_view(rooms->ao, 2 + next_random(seed) % 15, seed);
	o.acc_ecn = random_view(rooms->ecn, 3 * (next_random(seed) % 4), seed);
	return o;
}

static void assert_sack_is_a_prefix(const hf_tcp_options *got, const hf_tcp_options *sent)
{
	assert_in_range(got->sack_count, 1, sent->sack_count);
	for (size_t i = 0; i < got->sack_count; i++) {
		assert_int_equal(got->sack[i].start.v, sent->sack[i].start.v);
		assert_int_equal(got->sack[i].end.v, sent->sack[i].end.v);
	}
}

/* Whatever was written is what was asked for; whatever is missing did not fit. */
static void assert_same(const hf_tcp_options *got, const hf_tcp_options *sent)
{
	const uint64_t present = got->present & ~(HF_HAS(NOP) | HF_HAS(EOL));

	assert_true((present & ~sent->present) == 0);
	if (present & HF_HAS(MSS))
		assert_int_equal(got->mss, sent->mss);
	if (present & HF_HAS(WSCALE))
		assert_int_equal(got->wscale, sent->wscale);
	if (present & HF_HAS(TIMESTAMPS)) {
		assert_int_equal(got->tsval, sent->tsval);
		assert_int_equal(got->tsecr, sent->tsecr);
	}
	if (present & HF_HAS(SACK))
		assert_sack_is_a_prefix(got, sent);
	if (present & HF_HAS(USER_TIMEOUT))
		assert_int_equal(got->user_timeout, sent->user_timeout);
	if (present & HF_HAS(FAST_OPEN))
		assert_views_equal(got->fast_open, sent->fast_open);
	if (present & HF_HAS(AUTHENTICATION))
		assert_views_equal(got->ao, sent->ao);
	if (present & HF_HAS(ACC_ECN_0))
		assert_views_equal(got->acc_ecn, sent->acc_ecn);
}

static void reading_undoes_writing(void **state)
{
	uint32_t seed = 6;
	unsigned complete = 0;

	(void)state;
	for (unsigned round = 0; round < 50000; round++) {
		uint8_t raw[HF_TCP_OPTIONS_MAX];
		struct rooms rooms;
		const hf_tcp_options sent = random_options(&rooms, &seed);
		hf_tcp_options got;
		const size_t len = hf_tcp_options_emit(&sent, raw);

		assert_true(len <= sizeof(raw) && len % 4 == 0);
		assert_int_equal(hf_tcp_options_len(&sent), len);
		assert_int_equal(parse((hf_view){ raw, len }, &got), HF_WHY_NONE);
		assert_same(&got, &sent);
		if ((got.present & ~(HF_HAS(NOP) | HF_HAS(EOL))) == sent.present)
			complete++;
		else
			assert_true(len > 40 - 18 - 4);
	}
	assert_true(complete > 10000);
}

static void every_two_octets_at_the_end_are_read_inside_the_area(void **state)
{
	(void)state;
	for (unsigned first = 0; first < 256; first++)
		for (unsigned second = 0; second < 256; second++) {
			const uint8_t raw[] = { (uint8_t)first, (uint8_t)second, 1, 1 };
			hf_tcp_options o;

			parse_exact(raw, 2, &o);
			parse_exact(raw, 4, &o);
		}
}

static void random_areas_are_read_inside(void **state)
{
	uint32_t seed = 7;

	(void)state;
	for (unsigned round = 0; round < 50000; round++) {
		uint8_t raw[HF_TCP_OPTIONS_MAX];
		const size_t len = next_random(&seed) % (sizeof(raw) + 1);
		hf_tcp_options o;

		for (size_t i = 0; i < len; i++)
			raw[i] = (uint8_t)(next_random(&seed) % (round % 2 ? 256 : 12));
		parse_exact(raw, len, &o);
	}
}

/* RFC 5482 2: seconds while they fit into 15 bits, then minutes; never less than was asked for. */
static void a_user_timeout_of_any_length_has_a_field(void **state)
{
	(void)state;
	assert_int_equal(hf_user_timeout_field(1), 1);
	assert_int_equal(hf_user_timeout_field(HF_SEC(1)), 1);
	assert_int_equal(hf_user_timeout_field(HF_SEC(1) + 1), 2);
	assert_int_equal(hf_user_timeout_field(HF_SEC(0x7fff)), 0x7fff);
	assert_int_equal(hf_user_timeout_field(HF_SEC(0x7fff) + 1), 0x8000 | 547);
	assert_int_equal(hf_user_timeout_field(HF_SEC(60) * 0x7fff), 0xffff);
	assert_int_equal(hf_user_timeout_field(INT64_MAX), 0xffff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_options_are_fine),
		cmocka_unit_test(a_syn_of_linux_is_understood),
		cmocka_unit_test(a_window_scale_above_14_stays_as_it_came),
		cmocka_unit_test(one_to_four_sack_blocks_are_read),
		cmocka_unit_test(a_sack_that_is_no_whole_number_of_blocks_is_skipped),
		cmocka_unit_test(an_end_of_list_ends_it_whatever_follows),
		cmocka_unit_test(unknown_kinds_are_skipped_by_their_length),
		cmocka_unit_test(a_length_that_cannot_be_stepped_over_is_illegal),
		cmocka_unit_test(options_before_an_illegal_one_are_known),
		cmocka_unit_test(each_kind_is_taken_at_the_lengths_of_the_list_only),
		cmocka_unit_test(of_a_repeated_option_the_last_one_counts),
		cmocka_unit_test(views_lend_the_octets_of_the_segment),
		cmocka_unit_test(a_walk_hands_out_each_option_and_stops_where_it_must),
		cmocka_unit_test(every_assigned_kind_has_its_name),
		cmocka_unit_test(a_syn_has_the_layout_of_linux),
		cmocka_unit_test(a_later_segment_has_the_layout_of_linux),
		cmocka_unit_test(as_many_sack_blocks_are_written_as_fit),
		cmocka_unit_test(authentication_is_never_what_gives_way),
		cmocka_unit_test(what_is_left_of_the_last_word_is_zero),
		cmocka_unit_test(reading_undoes_writing),
		cmocka_unit_test(every_two_octets_at_the_end_are_read_inside_the_area),
		cmocka_unit_test(a_user_timeout_of_any_length_has_a_field),
		cmocka_unit_test(random_areas_are_read_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
