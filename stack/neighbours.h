/* SPDX-License-Identifier: BSD-2-Clause */
/* Who has which link address: the table of neighbours on an Ethernet link, for ARP and ND alike. */
#ifndef HF_STACK_NEIGHBOURS_H
#define HF_STACK_NEIGHBOURS_H

#include "base/table.h"
#include "base/wheel.h"
#include "stack/replies.h"
#include "stack/slab.h"
#include "tcp/tcb.h"
#include "wire/ether.h"

#define HF_NEIGHBOURS 1024 /**< entries at most */

/** The states of RFC 4861 7.3.2, and one for the silence after the last query. */
typedef enum hf_neighbour_state {
	HF_NEIGHBOUR_INCOMPLETE, /**< asked for, not answered */
	HF_NEIGHBOUR_REACHABLE,  /**< confirmed a short while ago */
	HF_NEIGHBOUR_STALE,      /**< known, not confirmed lately, not in use since */
	HF_NEIGHBOUR_DELAY,      /**< in use again: traffic may confirm it */
	HF_NEIGHBOUR_PROBE,      /**< traffic did not: asked for directly */
	HF_NEIGHBOUR_FAILED,     /**< did not answer: not asked again at once */
} hf_neighbour_state;

typedef struct hf_neighbour {
	uint32_t slab_link;  /**< the slab's, while free */
	uint32_t next, prev; /**< number + 1, or 0: neighbours of the same rank, by last use */
	uint32_t number;
	hf_addr addr;
	hf_mac mac; /**< good in the four states between INCOMPLETE and FAILED */
	uint8_t state, rank;
	uint8_t queries;  /**< sent without an answer */
	hf_queue waiting; /**< connections, by next_ready */
	hf_reply kept;    /**< the packet that waits, if there are `octets` */
	uint8_t *octets;
	hf_time due; /**< when the timer fires; REACHABLE: when it becomes STALE */
	hf_timer timer;
} hf_neighbour;

/** Which entries make room for others: the least recently used of the first rank that has any. */
enum {
	HF_RANK_UNPROVEN, /**< nobody has ever answered, and no connection waits for it */
	HF_RANK_PROVEN,   /**< has a link address */
	HF_RANK_WANTED,   /**< connections wait for it: never evicted */
	HF_RANKS,
};

typedef struct hf_neighbours {
	hf_slab slab;
	hf_table table; /**< by address */
	hf_wheel wheel;
	hf_queue rank[HF_RANKS];
	uint32_t kept; /**< octets of packets that wait */
} hf_neighbours;

typedef enum hf_hop_state {
	HF_HOP_KNOWN, /**< send to `mac` */
	HF_HOP_ASKED, /**< wait for `neighbour` */
	HF_HOP_LOST,  /**< does not answer, or cannot be asked: what is sent now gets nowhere */
} hf_hop_state;

/** The station that packets for one destination are handed to. Good until the next call. */
typedef struct hf_hop {
	hf_hop_state state;
	hf_mac mac;
	hf_neighbour *neighbour; /**< NULL: a group, or LOST */
} hf_hop;

/** What an ARP packet or a neighbour discovery message says of one address. */
typedef struct hf_claim {
	hf_addr addr;
	hf_mac mac;
	bool has_mac;
	bool solicited; /**< says that it answers a query of ours */
	bool override;  /**< may replace another link address */
	bool creates;   /**< a neighbour who asks for us will be answered: worth a new entry */
} hf_claim;

/** Finds the next hop for `dst`; begins to ask for it if it is not known. */
hf_hop hf_hop_find(hf_stack *s, const hf_addr *dst);
/** Packets leave for a KNOWN hop: if it is STALE, its reachability is to be confirmed. */
void hf_hop_used(hf_stack *s, const hf_hop *hop);
/** `c`, taken from the queue of those that are ready, waits for an ASKED hop. */
void hf_hop_await(hf_stack *s, const hf_hop *hop, hf_tcb *c);
/**
 * The oldest reply, `r`, cannot leave. It is kept for an ASKED hop in place of the one kept before
 * (RFC 1122 2.3.2.2); otherwise dropped.
 */
void hf_hop_keep(hf_stack *s, const hf_hop *hop, const hf_reply *r);

/** Believes a claim as far as RFC 4861 7.2.5 and Appendix C let it; says why if it is of no use. */
hf_reason hf_neighbour_claim(hf_stack *s, const hf_claim *k);
/** `remote` made progress on a connection, in a frame from `mac` (RFC 4861 7.3.1). */
void hf_neighbour_confirm(hf_stack *s, const hf_addr *remote, const hf_mac *mac);
/**
 * Segments to `remote` go unanswered (RFC 1122 3.3.1.4, RFC 9293 SHLD-9): its next hop is asked
 * directly whether it is still there, and forgotten if it does not answer.
 */
void hf_neighbour_doubt(hf_stack *s, const hf_addr *remote);
void hf_neighbour_timeout(hf_stack *s, uint32_t number);
void hf_neighbours_release(hf_neighbours *t, hf_mem *m);

#endif
