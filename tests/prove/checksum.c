/* SPDX-License-Identifier: BSD-2-Clause */
/* The checksum over octets of any value, in any number. */
#include "wire/checksum.h"

#include "tests/prove/any.h"

static void prove(hf_view input)
{
	hf_sum_octets(0, input.at, input.len);
}

int main(void)
{
	each_length(256);
	return 0;
}
