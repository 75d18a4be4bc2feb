/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv4 packets of any octets, of any length. */
#include "tests/prove/any.h"
#include "wire/ip_versions.h"

static void prove(hf_view input)
{
	hf_ip ip = { 0 };

	if (input.len == 0)
		return; /* hf_ip_parse does not ask */
	if (hf_ip4_parse(input, &ip) == HF_WHY_NONE) {
		is_inside(ip.options);
		is_inside(ip.payload);
	}
}

int main(void)
{
	each_length(96);
	all_longer(96);
	return 0;
}
