/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv4 options of any octets, of every length that a header can have; routes of any length. */
#include "wire/ip_options.h"

#include "tests/prove/any.h"

static void prove(hf_view input)
{
	hf_ip4_options options;

	hf_ip4_options_parse(input, &options);
}

static void turn_back(uint8_t hops)
{
	hf_source_route travel, back;
	hf_addr sender = any_addr();

	Frama_C_make_unknown((char *)&travel, sizeof(travel));
	travel.is_strict = any_bool();
	travel.hops = hops;
	hf_route_reverse(&travel, &sender, &back);
}

int main(void)
{
	Frama_C_make_unknown((char *)octets, sizeof(octets));
	is_exact = true;
	/*@ loop unroll 11; */
	for (size_t len = 0; len <= HF_IP4_OPTIONS_MAX; len += 4)
		prove(last_octets(len));
	/*@ loop unroll 10; */
	for (uint8_t hops = 0; hops <= HF_ROUTE_HOPS; hops++)
		turn_back(hops);
	return 0;
}
