/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP segments of any octets, of any length. */
#include "wire/tcp.h"

#include "tests/prove/any.h"

/* The options have a proof of their own. */
/*@ requires most: raw.len <= HF_TCP_OPTIONS_MAX;
    requires readable: raw.len > 0 ==> \valid_read(raw.at + (0 .. raw.len - 1));
    requires room: \valid(out);
    assigns *out, \result \from raw, raw.at[0 .. raw.len - 1]; */
hf_reason hf_tcp_options_parse(hf_view raw, hf_tcp_options *out);

static void prove(hf_view input)
{
	hf_ip ip = any_ip(any_bool() ? 4 : 6, input);
	hf_tcp segment;

	if (hf_tcp_parse(&ip, any_bool(), &segment) == HF_WHY_NONE)
		is_inside(segment.payload);
}

int main(void)
{
	each_length(80);
	all_longer(80);
	return 0;
}
