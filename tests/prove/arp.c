/* SPDX-License-Identifier: BSD-2-Clause */
/* ARP packets of any octets, of any length. */
#include "wire/arp.h"

#include "tests/prove/any.h"

static void prove(hf_view input)
{
	hf_arp packet;

	hf_arp_parse(input, &packet);
}

int main(void)
{
	each_length(64);
	all_longer(64);
	return 0;
}
