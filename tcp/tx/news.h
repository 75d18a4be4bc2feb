/* SPDX-License-Identifier: BSD-2-Clause */
/* What one acknowledgement tells the sending side. */
#ifndef HF_TCP_TX_NEWS_H
#define HF_TCP_TX_NEWS_H

#include "base/ranges.h"
#include "tcp/tx/rack.h"
#include "tcp/tx/transmit.h"

/** Times of segments that were acknowledged for the first time, and had been sent once. */
typedef struct hf_times {
	bool any;
	hf_time first, last; /**< when the first and the last of them was sent */
} hf_times;

/** Gathered step by step while one ACK is processed, and forgotten with it. Octets. */
typedef struct hf_ack_news {
	const hf_tcp_options *options;
	hf_rack_ack rack;     /**< time, and the timestamp that it echoes */
	hf_seq una;           /**< SND.UNA before */
	hf_recovery before;   /**< where recovery stood before */
	uint32_t unused;      /**< what was queued and the windows had let out before, unsent yet */
	uint32_t octets;      /**< newly acknowledged by number */
	bool has_sacked;      /**< something is newly SACKed */
	uint32_t delivered;   /**< newly known to have arrived, in either way */
	uint32_t lost;        /**< newly taken for lost */
	hf_times acked_times; /**< of what SEG.ACK covers */
	hf_times sacked_times; /**< of what is SACKed */
	hf_ns rtt;             /**< of what was sent last; 0: no sample */
	hf_ns longest_rtt;     /**< of what was sent first */
	hf_range twice;        /**< has_duplicate: what the peer has received twice */
	bool has_duplicate;
	bool is_duplicate;    /**< RFC 5681 2: it acknowledges nothing and carries nothing */
	bool covers_original; /**< of what was in flight at the time-out, something sent once */
	bool covers_repeated; /**< SEG.ACK covers something that was sent several times */
	hf_time repeated_at;  /**< when the oldest segment had been sent last, if several times */
	bool oldest_repeated; /**< it was */
	bool is_lost_again;   /**< a retransmission was taken for lost */
} hf_ack_news;

/** Notes the SACK blocks, and what they say of duplicates (RFC 2018, 2883). */
void hf_tx_note_sack(struct hf_tcb *c, hf_ack_news *n, hf_seq ack);
/** `s`, which was not SACKed so far, has arrived. Called before its marks change. */
void hf_tx_delivered(struct hf_tcb *c, hf_ack_news *n, const hf_sent *s, hf_times *times);
/** Takes for lost what RACK says is; arranges to look again when the next may be. */
void hf_tx_detect(struct hf_tcb *c, hf_ack_news *n);
/** Enters, goes on with, leaves or undoes a recovery. */
void hf_tx_recover(struct hf_tcb *c, const struct hf_tcp_env *env, hf_ack_news *n);
/** Octets that PRR lets leave after this ACK: sets cwnd, in a recovery. */
void hf_tx_reduce(struct hf_tcb *c, const hf_ack_news *n);
/** Restarts or stops the timers after an ACK (RFC 6298 5.2 and 5.3, RFC 8985 7.2). */
void hf_tx_rearm(struct hf_tcb *c, const struct hf_tcp_env *env, const hf_ack_news *n);

#endif
