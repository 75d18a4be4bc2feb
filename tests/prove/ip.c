/* SPDX-License-Identifier: BSD-2-Clause */
/* IP packets of any octets: which version they are. */
#include "wire/ip.h"

#include "tests/prove/any.h"

static void prove(hf_view input)
{
	hf_ip ip;

	hf_ip_parse(input, &ip);
}

int main(void)
{
	each_length(40);
	return 0;
}
