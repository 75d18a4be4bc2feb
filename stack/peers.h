/* SPDX-License-Identifier: BSD-2-Clause */
/* What is remembered of peers from one connection to the next. Bounded. */
#ifndef HF_STACK_PEERS_H
#define HF_STACK_PEERS_H

#include "tcp/hs/fast_open.h"

struct hf_stack;

/** What opening connections to a peer has taught. */
typedef struct hf_peer {
	hf_addr remote; /**< none: the place is free */
	uint64_t used;  /**< the larger, the later */
	/* Fast Open, as client (RFC 7413 4.1.3). */
	hf_cookie cookie;
	bool is_experimental; /**< the cookie's kind, or the kind to ask in the next time */
	bool has_refused;     /**< asked in both kinds, it gave no cookie */
	uint16_t mss;
	uint8_t text_losses; /**< in a row: SYNs with text that got no answer */
	uint8_t ecn_losses;  /**< in a row: SYNs with ECN's bits that got no answer, others did */
	hf_time text_lost_at, ecn_lost_at;
	uint32_t mtu; /**< what the path carries, if less than the link; 0: not known */
	hf_time mtu_until;
} hf_peer;

#define HF_PEERS 256
#define HF_PEER_WAYS 4 /**< a peer has so many places to choose from */

typedef struct hf_peers {
	hf_peer *at; /**< HF_PEERS, once there is one */
	uint64_t uses;
} hf_peers;

/** NULL: nothing is remembered. */
hf_peer *hf_peer_find(struct hf_stack *s, const hf_addr *remote);
/** Its place, which may be that of the peer that was not needed for longest. NULL: no memory. */
hf_peer *hf_peer_need(struct hf_stack *s, const hf_addr *remote);
void hf_peers_release(struct hf_stack *s);

/** Counts one loss more, or none any more. */
void hf_peer_note(const struct hf_stack *s, bool lost, uint8_t *losses, hf_time *at);
/**
 * `losses` in a row, the last at `at`: is it left alone still? One is borne; then it is for four
 * minutes, and twice as long with each loss more.
 */
bool hf_peer_is_spared(const struct hf_stack *s, uint8_t losses, hf_time at);

/** Are SYNs to this peer to ask for ECN? (RFC 9768 3.1.4.1) */
bool hf_peer_takes_ecn(struct hf_stack *s, const hf_addr *remote);
/** What the path to the peer was found to carry; remembered for a while. */
void hf_peer_note_mtu(struct hf_stack *s, const hf_addr *remote, uint32_t mtu);
/** How a SYN with ECN's bits went. */
void hf_peer_note_ecn(struct hf_stack *s, const hf_addr *remote, bool lost);

#endif
