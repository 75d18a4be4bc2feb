/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of keys, and how arriving and leaving segments are verified and signed by it. */
#ifndef HF_STACK_KEYS_H
#define HF_STACK_KEYS_H

#include "stack/internal.h"

/*
 * Keys are few and looked up rarely: when a handshake begins, when a half-open record hears or
 * speaks, when a segment belongs to nobody. So the list is walked. A connection remembers its keys
 * and what it derived from them, and costs one MAC a segment.
 */

/** The keys of a signed connection in TIME-WAIT. */
typedef struct hf_signed_end {
	uint32_t slab_link; /**< the slab's, while free */
	hf_auth *auth;
} hf_signed_end;

/** True if keys are set at all. */
static inline bool hf_has_keys(const hf_stack *s)
{
	return s->keys.used > 0;
}

/**
 * The key that a connection of this flow begins with; NULL: it is not signed. Of several for
 * TCP-AO, the preferred one or the oldest; for MD5, the one with the longest prefix.
 */
hf_mkt *hf_keys_first(const hf_stack *s, const hf_flow *f);
/** The TCP-AO key of a flow that signs arriving segments with this KeyID; NULL: none. */
hf_mkt *hf_keys_receiving(const hf_stack *s, const hf_flow *f, uint8_t recv_id);
/** The TCP-AO key of a flow that signs leaving segments with this KeyID; NULL: none. */
hf_mkt *hf_keys_sending(const hf_stack *s, const hf_flow *f, uint8_t send_id);
/** True if the key is for connections like this. */
bool hf_key_is_for(const hf_mkt *k, const hf_flow *f);
/** Wipes them all. */
void hf_keys_release(hf_stack *s);

/* auth_in.c */
/** An arriving segment before anything is believed of it. */
typedef struct hf_auth_claim {
	const hf_flow *flow;
	hf_view octets; /**< header and text */
	uint32_t value; /**< what the flow's 4-tuple names, or HF_SLOT_FREE */
} hf_auth_claim;

/**
 * Verifies an arriving segment, before its numbers are looked at (RFC 5925 7.5). HF_WHY_NONE: it
 * may be believed, and g->key says by which key. Otherwise it is dropped in silence.
 */
hf_reason hf_auth_verify(hf_stack *s, const hf_auth_claim *claim, hf_segment *g);

/* auth_out.c: how a leaving segment is signed. False: not at all. */
bool hf_signer_of_conn(const hf_tcb *c, const hf_sending *out, hf_signer *by);
bool hf_signer_of_half_open(const hf_stack *s, const hf_half_open *h, const hf_sending *out,
			    hf_signer *by);
/** Of a segment of a connection in TIME-WAIT; `a` NULL: not signed. */
bool hf_signer_of_time_wait(hf_auth *a, const hf_flow *f, const hf_sending *out, hf_signer *by);
/** Of a reset in answer to `g`, which was verified and belongs to nobody. */
bool hf_signer_of_answer(const hf_flow *f, const hf_segment *g, hf_signer *by);

/* auth.c: signed connections. */
/** What is left of a signed connection in TIME-WAIT; NULL: it was not signed. */
hf_auth *hf_time_wait_auth(const hf_stack *s, const hf_time_wait *w);
/** Takes `a` (NULL is allowed) over into a record; false: no memory, not taken. */
bool hf_time_wait_take_auth(hf_stack *s, hf_time_wait *w, hf_auth *a);
/** Frees what a record has. */
void hf_time_wait_drop_auth(hf_stack *s, hf_time_wait *w);
/** True if a hard ICMP error about a connection is not believed (RFC 5925 7.8). */
bool hf_auth_ignores(const hf_tcb *c, const hf_icmp *m);
/** What signs a connection that we open, if anything does; false: no memory. */
bool hf_auth_begin(hf_stack *s, hf_tcb *c, hf_seq iss);
/** False: a key that a half-open record's connection would begin with is gone. */
bool hf_auth_has_keys(const hf_stack *s, const hf_half_open *h);
/** What a half-open record's connection begins with, its keys being there; false: no memory. */
bool hf_auth_promote(hf_stack *s, const hf_half_open *h, hf_tcb *c);
/** Notes in a fresh record how its SYN was signed. */
void hf_auth_note(const hf_stack *s, const hf_flow *f, const hf_segment *g, hf_half_open *h);

#endif
