/* SPDX-License-Identifier: BSD-2-Clause */
/* A half-open connection: a listener's SYN-RECEIVED, in 64 octets, until the last ACK. */
#ifndef HF_TCP_HS_HALF_OPEN_H
#define HF_TCP_HS_HALF_OPEN_H

#include "base/wheel.h"
#include "tcp/ecn/ecn.h"
#include "tcp/hs/negotiate.h"

/** Bits of hf_half_open.flags. */
enum {
	/** its SYN-ACK was acknowledged, but its listener waits for text */
	HF_HALF_OPEN_ACKED = 0x1,
	HF_HALF_OPEN_OPTIONS = HF_TCB_SACK | HF_TCB_TIMESTAMPS | HF_TCB_WSCALE, /**< agreed */
	HF_HALF_OPEN_MODE = 0x30,  /**< hf_ecn_mode, from bit 4 on */
	HF_HALF_OPEN_HEARD = 0xc0, /**< hf_ip_ecn of the last SYN, from bit 6 on */
};

/** Which of the host's addresses. Bits of hf_half_open.place. */
#define HF_HALF_OPEN_LOCAL 0x7u
#define HF_HALF_OPEN_SPARE 3    /**< from this bit on: SYN-ACKs that the timer may still send */
#define HF_HALF_OPEN_PROVEN 31u /**< of them: any number, for the SYN-ACK was acknowledged */

_Static_assert(HF_HOST_ADDRS <= HF_HALF_OPEN_LOCAL + 1, "an address must fit into its bits");

/** A SYN without ECN's bits came after one with them. A bit of hf_half_open.wscale. */
#define HF_HALF_OPEN_MIXED 0x80u

/** What is kept of a SYN. SND.UNA is `iss`, SND.NXT `iss` + 1, RCV.NXT `irs` + 1. */
typedef struct hf_half_open {
	hf_addr remote;
	hf_timer timer;
	hf_seq irs, iss;
	uint32_t ts_recent;
	hf_time due; /**< when the SYN-ACK goes again; HF_NEVER: a cookie's went some time ago */
	uint32_t listener; /**< its slot; the local port is the listener's */
	uint16_t remote_port;
	uint16_t peer_mss;
	uint8_t place;  /**< HF_HALF_OPEN_LOCAL, and above it the spare SYN-ACKs */
	uint8_t wscale; /**< the peer's, and HF_HALF_OPEN_MIXED */
	uint8_t flags;  /**< HF_HALF_OPEN_* */
	uint8_t retransmits;
	uint8_t answered; /**< the half second in which the last ACK went out, modulo 2^8 */
	uint8_t auth;     /**< hf_auth_kind */
	/** TCP-AO: as KeyID and as RNextKeyID in what leaves */
	uint8_t auth_current, auth_rnext;
} hf_half_open;

_Static_assert(sizeof(hf_half_open) <= 64, "a half-open peer must cost at most 64 octets");

/** What an arriving segment does to a half-open record. */
typedef enum hf_half_open_verdict {
	HF_HALF_OPEN_DROP,
	HF_HALF_OPEN_SYN_ACK, /**< the SYN again: so goes the SYN-ACK */
	HF_HALF_OPEN_ACK,     /**< answer <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> */
	HF_HALF_OPEN_RESET,   /**< answer with a reset, keep the record */
	HF_HALF_OPEN_FORGET,  /**< the record goes: back to LISTEN */
	HF_HALF_OPEN_REFUSE,  /**< the same, and a reset goes out */
	HF_HALF_OPEN_PROMOTE, /**< the handshake is done */
} hf_half_open_verdict;

/** What does not stand in the record. */
typedef struct hf_half_open_rules {
	uint16_t window;      /**< what the SYN-ACK announced */
	hf_ecn_mode most_ecn; /**< what the settings agree to */
} hf_half_open_rules;

/**
 * SEGMENT ARRIVES in SYN-RECEIVED after a passive open (RFC 9293 3.10.7.4). `*why` is always set.
 */
hf_half_open_verdict hf_half_open_arrives(const hf_half_open *h, const hf_half_open_rules *rules,
					  const hf_segment *g, hf_reason *why);

/** How long to wait after the SYN-ACK was sent: one second, doubled by each retransmission. */
static inline hf_ns hf_half_open_wait(const hf_half_open *h)
{
	return HF_SEC(1) << h->retransmits;
}

static inline uint8_t hf_half_open_local(const hf_half_open *h)
{
	return h->place & HF_HALF_OPEN_LOCAL;
}

/*
 * An address that has proven nothing gets no more than three times the octets that came from it.
 * What a SYN pays for beyond its own answer is kept as whole SYN-ACKs, which the timer may send.
 */
/** Any answer to any segment is within the bound by itself: the timer alone has to ask. */
_Static_assert(HF_IP_HEADER_MAX + HF_TCP_HEADER_MAX <=
		       HF_REFLECTION_MOST * (HF_IP4_HEADER + HF_TCP_HEADER),
	       "no answer without text may be larger than three times the smallest segment");

/** A SYN of `received` octets was answered by `sent`; 0: it was not. */
void hf_half_open_earn(hf_half_open *h, uint32_t received, uint32_t sent);
/** Takes one of the spare SYN-ACKs. False: there is none. */
bool hf_half_open_spend(hf_half_open *h);
/** The SYN-ACK was acknowledged: the address is the peer's. */
static inline void hf_half_open_prove(hf_half_open *h)
{
	h->place |= HF_HALF_OPEN_PROVEN << HF_HALF_OPEN_SPARE;
}

static inline bool hf_half_open_is_proven(const hf_half_open *h)
{
	return h->place >> HF_HALF_OPEN_SPARE == HF_HALF_OPEN_PROVEN;
}

/** What the peer's SYN offered, as far as both sides agree. */
static inline hf_syn_offer hf_half_open_offer(const hf_half_open *h)
{
	return (hf_syn_offer){
		.mss = h->peer_mss,
		.wscale = h->wscale & (uint8_t)~HF_HALF_OPEN_MIXED,
		.flags = h->flags & HF_HALF_OPEN_OPTIONS,
		.tsval = h->ts_recent,
	};
}

static inline hf_ecn_mode hf_half_open_mode(const hf_half_open *h)
{
	return (hf_ecn_mode)((h->flags & HF_HALF_OPEN_MODE) >> 4);
}

static inline hf_ip_ecn hf_half_open_heard(const hf_half_open *h)
{
	return (hf_ip_ecn)(h->flags >> 6);
}

/** The first SYN: enters the mode that it leads to. */
void hf_half_open_enter(hf_half_open *h, const hf_config *config, const hf_segment *g);
/** The SYN has come again: notes its mark, and whether it asks for ECN still. */
void hf_half_open_again(hf_half_open *h, const hf_segment *g);
/** Completes its SYN-ACK with what it says of ECN. */
void hf_half_open_put_ecn(const hf_half_open *h, const hf_config *config, hf_sending *out);

/** Makes `c`, in LISTEN, the connection in SYN-RECEIVED that `h` stands for. */
void hf_half_open_promote(const hf_half_open *h, hf_tcb *c, const hf_tcp_env *env);

#endif
