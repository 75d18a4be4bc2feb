/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of segments in flight, oldest first: what was sent when, and what became of it. */
#ifndef HF_TCP_TX_SENT_H
#define HF_TCP_TX_SENT_H

#include "base/mem.h"
#include "base/seq.h"

/** Bits of hf_sent.flags. */
enum {
	HF_SENT_SACKED = 1,         /**< the peer has it, out of order */
	HF_SENT_LOST = 2,           /**< taken for lost */
	HF_SENT_RETRANSMITTED = 4,  /**< in flight again */
	HF_SENT_TWICE = 8,          /**< ever retransmitted: no RTT sample (Karn) */
	HF_SENT_APP_LIMITED = 0x80, /**< sent while the application had little to send */
};

/** One segment in flight: at most one MSS of text, even if the link was given more at once. */
typedef struct hf_sent {
	hf_seq seq;
	uint16_t len;  /**< sequence numbers it takes: octets, and a FIN */
	uint16_t skip; /**< SACKed: so many places on may lie the next that is not */
	uint8_t flags;
	/* Of the delivery rate, as it was at the last transmission (tcp/tx/rate.h). */
	uint32_t delivered, lost, tx_in_flight; /**< octets */
	uint32_t delivered_at, first_sent_at;   /**< ticks */
	hf_time at;                             /**< last transmission */
} hf_sent;

/** Segments sorted by sequence number, without gaps between them. */
typedef struct hf_sent_list {
	hf_sent *at;
	uint32_t size;  /**< places; a power of two, or 0 */
	uint32_t first; /**< place of the oldest */
	uint32_t count;
} hf_sent_list;

/** Most segments that may be in flight on one connection: bounds memory and work. */
#define HF_SENT_MAX 32768

/** The i-th oldest. */
static inline hf_sent *hf_sent_at(const hf_sent_list *l, uint32_t i)
{
	return &l->at[(l->first + i) & (l->size - 1)];
}

static inline hf_seq hf_sent_end(const hf_sent *s)
{
	return hf_seq_add(s->seq, s->len);
}

/** Makes room for one more. False: no memory, or HF_SENT_MAX reached. */
bool hf_sent_reserve(hf_sent_list *l, hf_mem *m);
/** Appends; there must be room. */
void hf_sent_append(hf_sent_list *l, hf_sent s);
/** Forgets the oldest. */
void hf_sent_drop_first(hf_sent_list *l);
/** Index of the first that ends after `seq`; l->count if there is none. */
uint32_t hf_sent_find(const hf_sent_list *l, hf_seq seq);
/** Cuts the i-th after `len` of its numbers into two. False: no room. */
bool hf_sent_split(hf_sent_list *l, hf_mem *m, uint32_t i, uint16_t len);
void hf_sent_release(hf_sent_list *l, hf_mem *m);

#endif
