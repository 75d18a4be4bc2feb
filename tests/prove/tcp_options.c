/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP options of any octets: a step over each, and the storing of every kind in every length. */
#include "wire/tcp_options.c"
#include "tcp/ecn/option.h"
#include "tcp/hs/fast_open.h"
#include "tests/prove/any.h"

/*
 * hf_tcp_options_parse is these two, over and over. What a step hands out lies in what it was
 * given, and what is left is the end of that and shorter; so each of its steps is one of those
 * below.
 */
static void prove(hf_view input)
{
	hf_tcp_option option;
	hf_view rest = input;

	if (!hf_tcp_option_next(&rest, &option))
		return;
	is_inside(rest);
	is_inside(option.body);
	/*@ assert shorter: rest.len < input.len; */
	/*@ assert the_end: rest.len == 0 || rest.at + rest.len == input.at + input.len; */
}

static void store(uint8_t kind, hf_view body)
{
	hf_tcp_option option = { .kind = kind, .body = body };
	hf_tcp_options o = { .present = 0 };
	uint32_t counter;

	take_option(&option, &o);
	/*@ assert blocks: o.sack_count <= HF_SACK_BLOCKS; */
	/*@ assert md5: o.md5.len == 0 || o.md5.len == 16; */
	/*@ assert ao: o.ao.len == 0 || o.ao.len >= 2; */
	is_inside(o.md5);
	is_inside(o.ao);
	hf_fast_open_read(&o);
	for (int i = 0; i < HF_ECN_COUNTERS; i++)
		hf_ecn_option_read(&o, (hf_ecn_counter)i, &counter);
}

/** A kind that is not assigned is not stored, however long it is. */
static void each_body(uint8_t kind)
{
	const size_t most = HF_TCP_OPTIONS_MAX - 2;

	if (!hf_tcp_option_name(kind)) {
		is_exact = false;
		store(kind, last_octets(Frama_C_unsigned_long_interval(0, most)));
		return;
	}
	is_exact = true;
	/*@ loop unroll 39; */
	for (size_t len = 0; len <= most; len++)
		store(kind, last_octets(len));
}

int main(void)
{
	each_length(HF_TCP_OPTIONS_MAX);
	/*@ loop unroll 256; */
	for (unsigned kind = 0; kind < 256; kind++)
		each_body((uint8_t)kind);
	return 0;
}
