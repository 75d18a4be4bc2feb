/* SPDX-License-Identifier: BSD-2-Clause */
/* The SYNs of a flood: as Linux's look, each with an address and numbers of its own. */
#include "syns.h"

#include "rounds.h"
#include "wire/tcp.h"

uint64_t hf_bench_draw(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

void hf_bench_syn(const hf_addr *from, const hf_endpoint *to, uint64_t *state, uint8_t *packet)
{
	uint64_t numbers = hf_bench_draw(state);
	hf_ip ip = {
		.src = *from, .dst = to->addr, .version = 4, .protocol = HF_IPPROTO_TCP, .ttl = 64
	};
	hf_tcp tcp = {
		.src_port = (uint16_t)(0x8000 | numbers >> 48),
		.dst_port = to->port,
		.seq = { (uint32_t)numbers },
		.flags = HF_TCP_SYN,
		.window = 64240,
		.options = { .present = HF_HAS(MSS) | HF_HAS(SACK_PERMITTED) | HF_HAS(TIMESTAMPS) |
					HF_HAS(WSCALE),
			     .mss = 1460,
			     .tsval = (uint32_t)(numbers >> 16),
			     .wscale = 7 },
	};
	size_t len = hf_tcp_header_len(&tcp), at = hf_ip_emit(&ip, len, packet);

	if (at + len != HF_BENCH_SYN)
		hf_bench_fail("a SYN has another length than it should");
	hf_tcp_emit(&tcp, packet + at);
	hf_tcp_checksum(&ip, packet + at, len);
}
