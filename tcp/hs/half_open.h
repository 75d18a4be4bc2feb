/* SPDX-License-Identifier: BSD-2-Clause */
/* A half-open connection: a listener's SYN-RECEIVED, in 64 octets, until the last ACK. */
#ifndef HF_TCP_HS_HALF_OPEN_H
#define HF_TCP_HS_HALF_OPEN_H

#include "tcp/hs/negotiate.h"

/** What is kept of a SYN. SND.UNA is `iss`, SND.NXT `iss` + 1, RCV.NXT `irs` + 1. */
typedef struct hf_half_open {
	hf_addr remote;
	hf_timer timer;
	hf_seq irs, iss;
	uint32_t ts_recent;
	hf_time due;       /**< when the SYN-ACK goes again */
	uint32_t listener; /**< its slot */
	uint16_t local_port, remote_port;
	uint16_t peer_mss;
	uint8_t local;  /**< which of the host's addresses */
	uint8_t wscale; /**< the peer's */
	uint8_t flags;  /**< HF_TCB_SACK, _TIMESTAMPS, _WSCALE; HF_HALF_OPEN_ACKED */
	uint8_t retransmits;
	uint16_t answered; /**< the half second in which the last ACK went out, modulo 2^16 */
} hf_half_open;

/** Its SYN-ACK was acknowledged, but its listener waits for text. A bit of hf_half_open.flags. */
#define HF_HALF_OPEN_ACKED HF_TCB_PASSIVE

_Static_assert(sizeof(hf_half_open) <= 64, "a half-open peer must cost at most 64 octets");

/** What an arriving segment does to a half-open record. */
typedef enum hf_half_open_verdict {
	HF_HALF_OPEN_DROP,
	HF_HALF_OPEN_SYN_ACK, /**< the SYN again: so goes the SYN-ACK */
	HF_HALF_OPEN_ACK,     /**< answer <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> */
	HF_HALF_OPEN_RESET,   /**< answer with a reset, keep the record */
	HF_HALF_OPEN_FORGET,  /**< the record goes: back to LISTEN */
	HF_HALF_OPEN_PROMOTE, /**< the handshake is done */
} hf_half_open_verdict;

/**
 * SEGMENT ARRIVES in SYN-RECEIVED after a passive open (RFC 9293 3.10.7.4). `window`: what the
 * SYN-ACK announced. `*why` is always set.
 */
hf_half_open_verdict hf_half_open_arrives(const hf_half_open *h, uint16_t window,
					  const hf_segment *g, hf_reason *why);

/** How long to wait after the SYN-ACK was sent: one second, doubled by each retransmission. */
static inline hf_ns hf_half_open_wait(const hf_half_open *h)
{
	return HF_SEC(1) << h->retransmits;
}

/** What the peer's SYN offered, as far as both sides agree. */
static inline hf_syn_offer hf_half_open_offer(const hf_half_open *h)
{
	return (hf_syn_offer){ .mss = h->peer_mss,
			       .wscale = h->wscale,
			       .flags = h->flags & (uint8_t)~HF_HALF_OPEN_ACKED,
			       .tsval = h->ts_recent };
}

/** Makes `c`, in LISTEN, the connection in SYN-RECEIVED that `h` stands for. */
void hf_half_open_promote(const hf_half_open *h, hf_tcb *c, const hf_tcp_env *env);

#endif
