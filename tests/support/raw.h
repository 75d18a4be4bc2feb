/* SPDX-License-Identifier: BSD-2-Clause */
/* Segments that no stack would make, said by the scripted peer: options as octets, any lengths. */
#ifndef HF_TESTS_RAW_H
#define HF_TESTS_RAW_H

#include "tests/support/peer.h"

#define RAW_MAX 4096 /* octets of such a packet */

/* As peer_line; the options stand as they are, a multiple of 4 octets, at most 40. */
typedef struct raw_segment {
	uint16_t flags;
	uint32_t seq, ack;
	hf_view options;
	uint32_t len;
	uint16_t urgent;
} raw_segment;

/* Builds it into `packet`, which has RAW_MAX octets; returns how many. */
static inline size_t raw_build(const peer *p, const raw_segment *s, uint8_t *packet)
{
	hf_ip ip = { .src = p->self.addr,
		     .dst = p->host.addr,
		     .version = hf_addr_is_v4(&p->self.addr) ? 4 : 6,
		     .protocol = HF_IPPROTO_TCP,
		     .ttl = p->ttl,
		     .options = p->ip_options };
	hf_tcp tcp = { .src_port = p->self.port,
		       .dst_port = p->host.port,
		       .seq = hf_seq_add(p->isn, s->seq),
		       .ack = s->flags & ACK ? hf_seq_add(p->host_isn, s->ack) : (hf_seq){ 0 },
		       .flags = s->flags,
		       .window = p->window,
		       .urgent = s->urgent };
	size_t header = HF_TCP_HEADER + s->options.len;
	size_t at = hf_ip_emit(&ip, header + s->len, packet);

	hf_tcp_emit(&tcp, packet + at);
	packet[at + 12] = (uint8_t)(header / 4 << 4 | (packet[at + 12] & 0x0f));
	if (s->options.len > 0)
		memcpy(packet + at + HF_TCP_HEADER, s->options.at, s->options.len);
	peer_pattern(packet + at + header, s->seq + !!(s->flags & SYN), s->len);
	hf_tcp_checksum(&ip, packet + at, header + s->len);
	return at + header + s->len;
}

static inline hf_reason raw_say(peer *p, raw_segment s)
{
	uint8_t packet[RAW_MAX];

	return peer_give(p, packet, raw_build(p, &s, packet));
}
#define RAW_SAY(p, ...) raw_say(p, (raw_segment){ __VA_ARGS__ })

#endif
