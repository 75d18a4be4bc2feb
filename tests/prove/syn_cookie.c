/* SPDX-License-Identifier: BSD-2-Clause */
/* SYN cookies: any segment, under any keys and at any time. */
#include "tcp/hs/syn_cookie.h"

#include "tests/prove/any.h"

static uint64_t any_u64(void)
{
	return (uint64_t)any_u32() << 32 | any_u32();
}

static void prove(hf_view input)
{
	hf_syn_cookie_keys keys = { .key = { { any_u64(), any_u64() }, { any_u64(), any_u64() } },
				    .count = any_bool() ? 1 : 2 };
	hf_flow f = { any_addr(), any_addr(), any_u16(), any_u16() };
	hf_syn_cookie_time now = { any_u32(), any_u32() };
	hf_tcp_options options = { .present = any_u64(), .tsval = any_u32(), .tsecr = any_u32() };
	hf_segment g = { .seq = { any_u32() },
			 .ack = { any_u32() },
			 .flags = any_u16(),
			 .text = input,
			 .options = &options };
	hf_half_open h;

	if (!hf_syn_cookie_check(&keys, &f, &g, now, &h))
		return;
	/*@ assert wscale: h.wscale <= 14; */
	/*@ assert mss: 48 <= h.peer_mss <= 8960; */
	hf_syn_cookie_reduce(&h);
	hf_syn_cookie_make(&keys, &f, &h, now);
}

int main(void)
{
	each_length(2);
	return 0;
}
