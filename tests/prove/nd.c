/* SPDX-License-Identifier: BSD-2-Clause */
/* Neighbour discovery of any octets: what follows the checksum of an ICMPv6 message. */
#include "wire/nd.h"

#include "tests/prove/any.h"

static void prove(hf_view input)
{
	hf_ip ip = any_ip(6, input);
	hf_icmp message = { .type = any_u8(), .code = any_u8(), .body = input };
	hf_nd nd;

	hf_nd_parse(&ip, &message, &nd);
}

int main(void)
{
	each_length(128);
	return 0;
}
