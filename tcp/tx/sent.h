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
	HF_SENT_PUSHED = 0x10,      /**< nothing was queued behind it when it first left */
	HF_SENT_APP_LIMITED = 0x80, /**< sent while the application had little to send */
};

/*
 * Theory of operation
 *
 * The segments lie in an array in the order of their sequence numbers. Through them run queues, by
 * neighbours' numbers, so that what asks for another order than that need not search:
 *  - by time: what is in the network as far as is known, in the order of its last transmission.
 *    RFC 8985 looks at its oldest ones only;
 *  - lost: what waits to be sent again for the first time, and
 *  - lost again: what waits for one more time. Both are filled in the order of transmission, which
 *    in each is the order of sequence numbers, or nearly.
 * Where a segment stands follows from its marks (hf_sent_mark); what is SACKed stands in none.
 * A segment keeps its number while it is in the list, however the array grows; only a split gives
 * new numbers to the segments on its shorter side.
 */

/** One segment in flight: at most one MSS of text, even if the link was given more at once. */
typedef struct hf_sent {
	hf_seq seq;
	uint16_t len;           /**< sequence numbers it takes: octets, and a FIN */
	uint16_t skip;          /**< SACKed: so many places on may lie the next that is not */
	uint16_t before, after; /**< numbers of its neighbours in the queue; at an end its own */
	uint8_t flags;
	/* Of the delivery rate, as it was at the last transmission (tcp/tx/rate.h). */
	uint32_t delivered, lost, tx_in_flight; /**< octets */
	uint32_t delivered_at, first_sent_at;   /**< ticks */
	hf_time at;                             /**< last transmission */
} hf_sent;

/** The queues. */
typedef enum hf_sent_order {
	HF_SENT_BY_TIME,
	HF_SENT_WAITING,       /**< lost, and sent once so far */
	HF_SENT_WAITING_AGAIN, /**< lost, and sent several times */
	HF_SENT_QUEUES,
	HF_SENT_NOWHERE = HF_SENT_QUEUES,
} hf_sent_order;

typedef struct hf_sent_queue {
	uint16_t first, last; /**< numbers; meaningless while count is 0 */
	uint32_t count;
} hf_sent_queue;

/** Segments sorted by sequence number, without gaps between them. */
typedef struct hf_sent_list {
	hf_sent *at;
	uint32_t size;  /**< places; a power of two, or 0 */
	uint32_t first; /**< number of the oldest; its place is this modulo size */
	uint32_t count;
	hf_sent_queue queue[HF_SENT_QUEUES];
} hf_sent_list;

/** Lost, and not in the network again. */
static inline bool hf_sent_is_waiting(const hf_sent *s)
{
	return (s->flags & (HF_SENT_LOST | HF_SENT_RETRANSMITTED | HF_SENT_SACKED)) == HF_SENT_LOST;
}

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
/** Appends, in the list and in the queue of its marks; there must be room. */
void hf_sent_append(hf_sent_list *l, hf_sent s);
/** Forgets the oldest. */
void hf_sent_drop_first(hf_sent_list *l);
/** Gives the i-th these marks, and the last place of the queue where it stands then. */
void hf_sent_mark(hf_sent_list *l, uint32_t i, uint8_t flags);
/** Unmarks all that waits as lost: it is the oldest in the network again. Returns octets. */
uint32_t hf_sent_unmark_waiting(hf_sent_list *l);
/** Index of the first in a queue; l->count if it is empty. */
uint32_t hf_sent_first(const hf_sent_list *l, hf_sent_order queue);
/**
 * Index of the one to be sent again next: the oldest in the list, if it waits, for all else waits
 * for it; or of the first ones that wait the lower; or l->count.
 */
uint32_t hf_sent_first_waiting(const hf_sent_list *l);
/** Index of the first that ends after `seq`; l->count if there is none. */
uint32_t hf_sent_find(const hf_sent_list *l, hf_seq seq);
/** Cuts the i-th after `len` of its numbers into two. False: no room. */
bool hf_sent_split(hf_sent_list *l, hf_mem *m, uint32_t i, uint16_t len);
void hf_sent_release(hf_sent_list *l, hf_mem *m);

#endif
