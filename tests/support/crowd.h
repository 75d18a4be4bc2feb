/* SPDX-License-Identifier: BSD-2-Clause */
/* Many peers who keep no state: each packet is answered by what it says itself. */
#ifndef HF_TESTS_CROWD_H
#define HF_TESTS_CROWD_H

#include "tests/support/peer.h"

/* Speaks in absolute numbers from now on, from this port. */
static inline void crowd_as(peer *p, uint16_t port)
{
	p->isn = p->host_isn = (hf_seq){ 0 };
	p->self.port = port;
}

/* Acknowledges all that `seen` carries, if there is a window; in the name of whom it went to. */
static inline hf_reason crowd_reply(peer *p, const peer_seen *seen, uint16_t flags, uint32_t len)
{
	bool takes = p->window > 0 || seen->tcp.flags & SYN;
	uint32_t taken = takes ? hf_tcp_seg_len(&seen->tcp) : 0;

	crowd_as(p, seen->tcp.dst_port);
	return PEER_SAY(p, .flags = flags, .seq = seen->tcp.ack.v, .ack = seen->tcp.seq.v + taken,
			.len = len);
}

/*
 * Opens from `port`, with the window that the peer has, and sends `len` octets at once. True: a
 * SYN-ACK came, and its last ACK was taken. What left before is forgotten.
 */
static inline bool crowd_open(peer *p, uint16_t port, uint32_t len)
{
	const peer_seen *s;

	crowd_as(p, port);
	PEER_SAY(p, .flags = SYN, .seq = 1000);
	do {
		s = peer_next(p);
	} while (s && (!(s->tcp.flags & SYN) || s->tcp.dst_port != port));
	if (!s)
		return false;
	return crowd_reply(p, s, ACK, len) == HF_WHY_NONE;
}

/* Answers everything that has left, resets excepted, by ACKs. Returns how many there were. */
static inline unsigned crowd_answer(peer *p)
{
	const peer_seen *s;
	unsigned n = 0;

	for (; (s = peer_next(p)) != NULL; n++)
		if (!(s->tcp.flags & RST))
			crowd_reply(p, s, ACK, 0);
	return n;
}

#endif
