/* SPDX-License-Identifier: BSD-2-Clause */
/* TIME-WAIT: what is left of a connection whose peer may still speak (RFC 9293 3.6.1). */
#ifndef HF_TCP_TIME_WAIT_H
#define HF_TCP_TIME_WAIT_H

#include "base/wheel.h"
#include "tcp/tcb.h"

/** Bits of hf_time_wait.flags. */
enum {
	HF_TIME_WAIT_TIMESTAMPS = 1,
	HF_TIME_WAIT_ACE = 0xe, /**< the ECN bits of its ACKs, as ACE, from bit 1 on */
};

typedef struct hf_time_wait {
	hf_addr remote;
	hf_timer timer;
	hf_seq snd_nxt, rcv_nxt;
	uint32_t ts_recent, ts_offset;
	uint32_t auth; /**< the stack's: where its keys are, plus 1; 0: not signed */
	hf_time due;   /**< 2 MSL after the last FIN */
	uint16_t local_port, remote_port;
	uint16_t window; /**< as in the header of the last ACK */
	uint8_t local;   /**< which of the host's addresses */
	uint8_t flags;   /**< HF_TIME_WAIT_* */
} hf_time_wait;

_Static_assert(sizeof(hf_time_wait) <= 64, "a closed peer must cost at most 64 octets");

/** What an arriving segment does to a TIME-WAIT record. */
typedef enum hf_time_wait_verdict {
	HF_TIME_WAIT_DROP,
	HF_TIME_WAIT_ACK,         /**< answer with the last ACK again */
	HF_TIME_WAIT_ACK_RESTART, /**< the FIN again: ACK, and 2 MSL begin anew */
	/** a SYN that can only be new: the record goes, the listener decides */
	HF_TIME_WAIT_REOPEN,
} hf_time_wait_verdict;

/**
 * SEGMENT ARRIVES in TIME-WAIT (RFC 9293 3.10.7.4, RFC 6191, RFC 1337). `stamps`: a new connection
 * would agree to timestamps. `*why` is always set.
 */
hf_time_wait_verdict hf_time_wait_arrives(const hf_time_wait *w, const hf_segment *g, bool stamps,
					  hf_reason *why);

/**
 * Keeps of a connection in TIME-WAIT what the record needs; address, ports and `due` are the
 * stack's.
 */
void hf_time_wait_keep(hf_time_wait *w, hf_tcb *c);

/** Describes its ACK. */
void hf_time_wait_ack(const hf_time_wait *w, hf_time now, hf_sending *out);

#endif
