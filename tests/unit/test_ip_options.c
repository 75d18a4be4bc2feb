/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv4 options: what is skipped, what is refused, source routes there and back (RFC 791 3.1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support.h"
#include "wire/ip_options.h"

#define LSRR 131
#define SSRR 137

static const hf_addr a1 = { { [10] = 0xff, 0xff, 10, 0, 1, 1 } };
static const hf_addr a2 = { { [10] = 0xff, 0xff, 10, 0, 2, 1 } };
static const hf_addr a3 = { { [10] = 0xff, 0xff, 10, 0, 3, 1 } };
static const hf_addr sender = { { [10] = 0xff, 0xff, 192, 0, 2, 9 } };

static hf_reason parse(const uint8_t *octets, size_t len, hf_ip4_options *out)
{
	/* A copy of just this size, so that a sanitizer sees a read outside. */
	uint8_t *copy = malloc(len + !len);
	hf_reason why;

	assert_non_null(copy);
	if (len > 0)
		memcpy(copy, octets, len);
	why = hf_ip4_options_parse((hf_view){ copy, len }, out);
	free(copy);
	return why;
}

#define PARSE(out, ...)                                                                            \
	parse((const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }), out)

static void what_is_not_known_is_skipped(void **state)
{
	hf_ip4_options o;

	(void)state;
	/* Security, stream identifier, router alert, something of tomorrow (MUST-50). */
	assert_int_equal(PARSE(&o, 130, 3, 0, 136, 4, 0, 1, 148, 4, 0, 0, 1, 222, 2, 0),
			 HF_WHY_NONE);
	assert_false(o.has_route);
	/* Record route and timestamps: allowed to be left alone (MAY-10, MAY-11). */
	assert_int_equal(PARSE(&o, 7, 7, 4, 0, 0, 0, 0, 1, 68, 4, 5, 0), HF_WHY_NONE);
	assert_false(o.has_route);
	assert_int_equal(parse(NULL, 0, &o), HF_WHY_NONE);
}

static void nothing_counts_after_the_end_of_the_list(void **state)
{
	hf_ip4_options o;

	(void)state;
	assert_int_equal(PARSE(&o, 0, 7, 255, 131), HF_WHY_NONE);
	assert_false(o.has_route);
}

static void a_length_that_cannot_be_is_refused(void **state)
{
	hf_ip4_options o;

	(void)state;
	assert_int_equal(PARSE(&o, 7), HF_WHY_IP_OPTION);          /* no room for a length */
	assert_int_equal(PARSE(&o, 7, 0, 0, 0), HF_WHY_IP_OPTION); /* would never end */
	assert_int_equal(PARSE(&o, 7, 1, 0, 0), HF_WHY_IP_OPTION);
	assert_int_equal(PARSE(&o, 7, 5, 0, 0), HF_WHY_IP_OPTION); /* past the header */
	assert_int_equal(PARSE(&o, 1, 1, 1, 130), HF_WHY_IP_OPTION);
	assert_int_equal(PARSE(&o, 130, 2, 222, 255), HF_WHY_IP_OPTION);
}

static void a_route_without_sense_is_refused(void **state)
{
	hf_ip4_options o;

	(void)state;
	assert_int_equal(PARSE(&o, LSRR, 2, 1, 1), HF_WHY_IP_OPTION);              /* no pointer */
	assert_int_equal(PARSE(&o, LSRR, 7, 0, 10, 0, 1, 1, 0), HF_WHY_IP_OPTION); /* before all */
	assert_int_equal(PARSE(&o, LSRR, 7, 3, 10, 0, 1, 1, 0), HF_WHY_IP_OPTION);
	assert_int_equal(PARSE(&o, LSRR, 7, 5, 10, 0, 1, 1, 0), HF_WHY_IP_OPTION); /* between */
	assert_int_equal(PARSE(&o, LSRR, 6, 4, 10, 0, 1, 1, 0), HF_WHY_IP_OPTION); /* 3/4 of one */
	/* Neither a group nor nobody forwards (RFC 1122 3.2.1.3). */
	assert_int_equal(PARSE(&o, LSRR, 7, 8, 224, 0, 0, 1, 0), HF_WHY_IP_OPTION);
	assert_int_equal(PARSE(&o, LSRR, 7, 8, 0, 0, 0, 0, 0), HF_WHY_IP_OPTION);
	assert_int_equal(PARSE(&o, LSRR, 7, 8, 255, 255, 255, 255, 0), HF_WHY_IP_OPTION);
	assert_int_equal(PARSE(&o, LSRR, 7, 8, 127, 0, 0, 1, 0), HF_WHY_IP_OPTION);
	/* More than one route in a packet. */
	assert_int_equal(PARSE(&o, LSRR, 3, 4, SSRR, 3, 4, 0, 0), HF_WHY_IP_OPTION);
	assert_int_equal(PARSE(&o, LSRR, 7, 8, 10, 0, 1, 1, LSRR, 7, 8, 10, 0, 1, 1, 0),
			 HF_WHY_IP_OPTION);
}

static void a_route_is_complete_when_the_pointer_is_past_its_end(void **state)
{
	hf_ip4_options o;

	(void)state;
	assert_int_equal(PARSE(&o, LSRR, 11, 8, 10, 0, 1, 1, 10, 0, 2, 1, 0), HF_WHY_NONE);
	assert_true(o.has_route);
	assert_false(o.is_complete);
	assert_int_equal(PARSE(&o, 1, SSRR, 11, 12, 10, 0, 1, 1, 10, 0, 2, 1), HF_WHY_NONE);
	assert_true(o.has_route && o.is_complete);
	assert_true(o.travel.is_strict);
	assert_int_equal(o.travel.hops, 2);
	assert_true(hf_addr_equal(&o.travel.hop[0], &a1));
	assert_true(hf_addr_equal(&o.travel.hop[1], &a2));
	assert_int_equal(PARSE(&o, LSRR, 3, 4, 0), HF_WHY_NONE);
	assert_true(o.has_route && o.is_complete);
	assert_int_equal(o.travel.hops, 0);
}

static void the_way_back_is_the_way_here_in_reverse(void **state)
{
	hf_source_route travel = { 3, true, { a1, a2, a3 } }, back;

	(void)state;
	hf_route_reverse(&travel, &sender, &back);
	assert_int_equal(back.hops, 3);
	assert_true(back.is_strict);
	assert_true(hf_addr_equal(&back.hop[0], &a3));
	assert_true(hf_addr_equal(&back.hop[1], &a2));
	assert_true(hf_addr_equal(&back.hop[2], &a1));
}

static void a_sender_that_recorded_itself_is_not_visited_twice(void **state)
{
	hf_source_route travel = { 3, false, { sender, a1, a2 } }, back;

	(void)state;
	hf_route_reverse(&travel, &sender, &back); /* RFC 1122 3.2.1.8 (c), case (B) */
	assert_int_equal(back.hops, 2);
	assert_true(hf_addr_equal(&back.hop[0], &a2));
	assert_true(hf_addr_equal(&back.hop[1], &a1));
	travel = (hf_source_route){ 1, false, { sender } };
	hf_route_reverse(&travel, &sender, &back);
	assert_int_equal(back.hops, 0);
}

static void a_route_is_written_with_its_first_hop_left_out_and_the_end_added(void **state)
{
	hf_source_route r = { 2, false, { a1, a2 } };
	const uint8_t loose[] = { 1, LSRR, 11, 4, 10, 0, 2, 1, 192, 0, 2, 9 };
	uint8_t at[HF_IP4_OPTIONS_MAX];
	hf_ip4_options o;

	(void)state;
	assert_int_equal(hf_route_emit(&r, &sender, at), sizeof(loose));
	assert_int_equal(hf_route_len(&r), sizeof(loose));
	assert_memory_equal(at, loose, sizeof(loose));
	r.is_strict = true;
	hf_route_emit(&r, &sender, at);
	assert_int_equal(at[1], SSRR);
	r.hops = HF_ROUTE_HOPS;
	for (unsigned i = 0; i < HF_ROUTE_HOPS; i++)
		r.hop[i] = a3;
	assert_int_equal(hf_route_emit(&r, &sender, at), HF_IP4_OPTIONS_MAX);
	assert_int_equal(parse(at, HF_IP4_OPTIONS_MAX, &o), HF_WHY_NONE);
	assert_int_equal(o.travel.hops, HF_ROUTE_HOPS);
	assert_false(o.is_complete);
	r.hops = 0;
	assert_int_equal(hf_route_emit(&r, &sender, at), 0);
	assert_int_equal(hf_route_len(&r), 0);
}

static void random_options_never_make_it_read_outside(void **state)
{
	const uint8_t types[] = { 0, 1, 7, 68, LSRR, SSRR, 130, 148 };
	uint64_t seed = 7;
	unsigned routes = 0;

	(void)state;
	for (unsigned n = 0; n < 100000; n++) {
		uint8_t octets[HF_IP4_OPTIONS_MAX];
		size_t len = 4 * (size_t)draw_below(&seed, 11);
		hf_ip4_options o;

		for (size_t i = 0; i < len; i++)
			octets[i] = draw_below(&seed, 3) ? (uint8_t)draw_below(&seed, 14) :
							   types[draw_below(&seed, 8)];
		if (n % 2 && len >= 8) /* likely, but not surely, a route */
			memcpy(octets, (const uint8_t[]){ LSRR, 7, 4, 10 }, 4);
		if (parse(octets, len, &o) == HF_WHY_NONE)
			routes += o.has_route;
		assert_true(o.travel.hops <= HF_ROUTE_HOPS);
	}
	assert_true(routes > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_known_is_skipped),
		cmocka_unit_test(nothing_counts_after_the_end_of_the_list),
		cmocka_unit_test(a_length_that_cannot_be_is_refused),
		cmocka_unit_test(a_route_without_sense_is_refused),
		cmocka_unit_test(a_route_is_complete_when_the_pointer_is_past_its_end),
		cmocka_unit_test(the_way_back_is_the_way_here_in_reverse),
		cmocka_unit_test(a_sender_that_recorded_itself_is_not_visited_twice),
		cmocka_unit_test(a_route_is_written_with_its_first_hop_left_out_and_the_end_added),
		cmocka_unit_test(random_options_never_make_it_read_outside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
