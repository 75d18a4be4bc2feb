/* SPDX-License-Identifier: BSD-2-Clause */
/* Ethernet frames of any octets, of any length. */
#include "wire/ether.h"

#include "tests/prove/any.h"

static void prove(hf_view input)
{
	hf_ether frame;

	if (hf_ether_parse(input, &frame) == HF_WHY_NONE)
		is_inside(frame.payload);
}

int main(void)
{
	each_length(64);
	all_longer(64);
	return 0;
}
