/* SPDX-License-Identifier: BSD-2-Clause */
/* What is known of a path's MTU beyond the link's, and how it is found out (RFC 1191, 4821). */
#ifndef HF_TCP_PATH_H
#define HF_TCP_PATH_H

#include "tcp/tcb.h"
#include "tcp/tx/news.h"
#include "tcp/tx/plpmtu.h"

/*
 * Theory of operation
 *
 * hf_tcb.pmtu is what segments are cut for. It starts as the link's MTU, or as what the stack
 * remembers of the destination, and two things change it:
 *
 *  - Reports of routers (RFC 1191, RFC 8201). One that contradicts what the peer has acknowledged
 *    on this connection is kept until a time-out confirms it (RFC 5927 7.2): whoever forges it
 *    gains nothing as long as the path works. What a report has taught is forgotten after ten
 *    minutes, by the first segment that is sent then.
 *  - Silence: three transmissions of one large segment without an answer may be a black hole that
 *    swallows reports too. Segments get smaller, and probes look for what gets through: single
 *    segments of new text, larger than the others, whose loss says nothing of congestion.
 *
 * Only a path that is not what its link is costs memory.
 */

typedef struct hf_path {
	hf_plpmtu search;
	bool is_probing;    /**< `search` decides */
	bool is_told;       /**< what it has found, to the stack */
	bool may_fragment;  /**< the path carries less than any packet of ours: no Don't Fragment */
	uint16_t probe_len; /**< of the segment that is a probe, if search.probed is not 0 */
	hf_seq probe_seq;
	uint32_t told; /**< what a report, or an earlier connection, says of the path; 0: nothing */
	hf_time told_until;
	uint32_t pending; /**< a report that is not believed yet; 0: none */
	hf_seq pending_seq;
} hf_path;

void hf_path_release(hf_tcb *c, const hf_tcp_env *env);

/** The stack remembers this of the destination, until then. Before the handshake. */
void hf_path_remembered(hf_tcb *c, const hf_tcp_env *env, uint32_t mtu, hf_time until);
/** The peer's SYN has arrived: if sizes are always probed, starts small. */
void hf_path_start(hf_tcb *c, const hf_tcp_env *env);

/** A router reports: `quoted` is in flight and did not fit; `mtu` 0: it does not say. */
void hf_path_too_big(hf_tcb *c, const hf_tcp_env *env, hf_seq quoted, uint32_t mtu, hf_effects *fx);

/** New text may be sent: what has been known for too long is forgotten first. */
void hf_path_age(hf_tcb *c, const hf_tcp_env *env);

/** Whether the next new segment is to be a probe. */
typedef enum hf_path_probe {
	HF_PATH_NO_PROBE,
	HF_PATH_PROBE_NOW,
	HF_PATH_PROBE_WAITS, /**< the next ACKs will make room: nothing new until then */
} hf_path_probe;

/** `*len`: the octets of text that it would carry. */
hf_path_probe hf_path_wants_probe(hf_tcb *c, const hf_tcp_env *env, uint32_t *len);
/** It has left as described. */
void hf_path_probe_sent(hf_tcb *c, const hf_sending *out);
/** [seq, seq + len) goes out again: if the probe is part of it, it proves nothing any more. */
void hf_path_repeated(hf_tcb *c, hf_seq seq, uint32_t len);
/** An ACK was noted: the probe may have arrived, a report may be refuted. */
void hf_path_acked(hf_tcb *c, const hf_tcp_env *env, hf_effects *fx);
/**
 * Segments were found lost, outside of a recovery. True: it was the probe, and nothing else; it
 * goes out again in parts, and cwnd is not reduced (RFC 4821 7.6.2).
 */
bool hf_path_probe_lost(hf_tcb *c, const hf_ack_news *n);
/** The retransmission timer ran out, once more than c->retransmits says. */
void hf_path_timed_out(hf_tcb *c, const hf_tcp_env *env, hf_effects *fx);

#endif
