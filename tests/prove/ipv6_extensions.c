/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv6 extension headers of any octets: the step over each. */
#include "tests/prove/any.h"
#include "wire/ipv6.c"

/*
 * The walk is this step, eight times at most. What it leaves is the end of what it was given, so
 * that each of its steps is one of those below.
 */
static void prove(hf_view input)
{
	hf_ip ip = { .protocol = any_u8(), .payload = input };

	if (take_extension(&ip, Frama_C_unsigned_int_interval(0, EXTENSIONS_MAX)) != HF_WHY_NONE)
		return;
	is_inside(ip.payload);
	/*@ assert the_end: is_exact ==> ip.payload.at + ip.payload.len == input.at + input.len; */
}

int main(void)
{
	each_length(64);
	return 0;
}
