/* SPDX-License-Identifier: BSD-2-Clause */
/* A conversation made up packet by packet, shown to a flow tracker: for the tests of observe/. */
#ifndef HF_TESTS_TALK_H
#define HF_TESTS_TALK_H

#include <string.h>

#include "observe/flow.h"

/* Who speaks. */
enum { A, B };

/* The initial numbers of both sides. */
#define ISN_A 1000000U
#define ISN_B 5000000U

/* Two hosts and a tracker between them. */
typedef struct talk {
	hf_tracker *tracker;
	hf_endpoint end[2];
	uint8_t packet[2048];
	hf_step step;                                  /* the last one */
	void (*shown)(void *ctx, const hf_step *step); /* called with every step; NULL: not */
	void *ctx;
} talk;

/* One segment. The numbers are relative to the initial ones; times are in us. */
typedef struct line {
	int from;
	int64_t at;
	uint16_t flags;
	uint32_t seq, ack;
	uint32_t len;
	uint16_t window;
	uint32_t tsval, tsecr; /* not both 0: a timestamps option */
	uint16_t mss;          /* not 0: the options of a SYN */
	uint8_t wscale;
	hf_sack_block sack; /* relative to the receiver's number; not empty: a SACK option */
	bool corrupt;       /* the checksum is wrong */
	hf_way way;
	hf_reason reason;
	hf_cause cause;
	hf_state state;
	const char *lost;
	uint16_t gso_size;
} line;

static inline talk talk_start(uint32_t max_flows)
{
	static const hf_sipkey key = { 1, 2 };
	return (talk){
		.tracker = hf_tracker_new(max_flows, &key),
		.end = { { hf_addr_v4(10, 0, 0, 1), 49152 }, { hf_addr_v4(10, 0, 0, 2), 80 } },
	};
}

static inline hf_tcp talk_segment(const talk *t, const line *l)
{
	static const uint8_t text[1500];
	static const uint32_t isn[2] = { ISN_A, ISN_B };
	hf_tcp tcp = {
		.src_port = t->end[l->from].port,
		.dst_port = t->end[!l->from].port,
		.seq = { isn[l->from] + l->seq },
		.ack = { l->flags & HF_TCP_ACK ? isn[!l->from] + l->ack : 0 },
		.flags = l->flags,
		.window = l->window,
		.payload = { text, l->len },
	};
	if (l->mss) {
		tcp.options.present |= HF_HAS(MSS) | HF_HAS(SACK_PERMITTED) | HF_HAS(WSCALE);
		tcp.options.mss = l->mss;
		tcp.options.wscale = l->wscale;
	}
	if (l->tsval || l->tsecr) {
		tcp.options.present |= HF_HAS(TIMESTAMPS);
		tcp.options.tsval = l->tsval;
		tcp.options.tsecr = l->tsecr;
	}
	if (l->sack.start.v != l->sack.end.v) {
		tcp.options.present |= HF_HAS(SACK);
		tcp.options.sack_count = 1;
		tcp.options.sack[0].start.v = isn[!l->from] + l->sack.start.v;
		tcp.options.sack[0].end.v = isn[!l->from] + l->sack.end.v;
	}
	return tcp;
}

/* Shows a segment of any numbers: `l` gives the rest. */
static inline const hf_step *talk_show(talk *t, const hf_tcp *tcp, const line *l)
{
	bool is_v4 = hf_addr_is_v4(&t->end[l->from].addr);
	hf_ip ip = { .src = t->end[l->from].addr,
		     .dst = t->end[!l->from].addr,
		     .version = is_v4 ? 4 : 6,
		     .protocol = HF_IPPROTO_TCP,
		     .ttl = 64 };
	size_t segment_len = hf_tcp_header_len(tcp) + tcp->payload.len;
	size_t header = hf_ip_emit(&ip, segment_len, t->packet);
	uint8_t *segment = t->packet + header;
	size_t tcp_header = hf_tcp_emit(tcp, segment);
	memcpy(segment + tcp_header, tcp->payload.at, tcp->payload.len);
	hf_tcp_checksum(&ip, segment, segment_len);
	segment[HF_TCP_CHECKSUM_AT] ^= l->corrupt;

	hf_seen seen = { .at = { HF_US(l->at) },
			 .data = { t->packet, header + segment_len },
			 .link = HF_LINK_IP,
			 .way = l->way,
			 .gso_size = l->gso_size,
			 .reason = l->reason,
			 .cause = l->cause,
			 .state = l->state,
			 .lost = l->lost };
	hf_tracker_see(t->tracker, &seen, &t->step);
	if (t->shown)
		t->shown(t->ctx, &t->step);
	return &t->step;
}

static inline const hf_step *talk_say(talk *t, line l)
{
	hf_tcp tcp = talk_segment(t, &l);
	return talk_show(t, &tcp, &l);
}

#define SAY(t, ...) talk_say(t, (line){ __VA_ARGS__ })

#define SYN HF_TCP_SYN
#define ACK HF_TCP_ACK
#define FIN HF_TCP_FIN
#define RST HF_TCP_RST
#define PSH HF_TCP_PSH

/* The three messages of the handshake, from time 0: 40 ms there and back. Window scales 7 and 8. */
static inline void talk_open(talk *t)
{
	SAY(t, A, 0, SYN, .window = 64240, .mss = 1460, .wscale = 7, .tsval = 1);
	SAY(t, B, 40000, SYN | ACK, .ack = 1, .window = 65160, .mss = 1460, .wscale = 8,
	    .tsval = 77, .tsecr = 1);
	SAY(t, A, 40100, ACK, 1, 1, .window = 502, .tsval = 41, .tsecr = 77);
}

#endif
