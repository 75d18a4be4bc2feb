/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv6 packets of any octets: the header, and less than an extension header after it. */
#include "tests/prove/any.h"
#include "wire/ip_versions.h"

static void prove(hf_view input)
{
	hf_ip ip = { 0 };

	if (input.len == 0)
		return; /* hf_ip_parse does not ask */
	hf_ip6_parse(input, &ip);
}

int main(void)
{
	each_length(40 + 7);
	return 0;
}
