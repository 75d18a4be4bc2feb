/* SPDX-License-Identifier: BSD-2-Clause */
/* ICMP messages of any octets, of any length, with what they quote. */
#include "wire/icmp.h"

#include "tests/prove/any.h"

#ifndef VERSION
#define VERSION 4
#endif

static void prove(hf_view input)
{
	hf_ip ip = any_ip(VERSION, input);
	hf_icmp message;

	if (hf_icmp_parse(&ip, &message) == HF_WHY_NONE)
		is_inside(message.body);
}

int main(void)
{
	each_length(96);
	all_longer(96);
	return 0;
}
