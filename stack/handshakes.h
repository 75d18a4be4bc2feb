/* SPDX-License-Identifier: BSD-2-Clause */
/* Handshakes with a record in the table, or with none, by a cookie: what the two share. */
#ifndef HF_STACK_HANDSHAKES_H
#define HF_STACK_HANDSHAKES_H

#include "stack/keys.h"

/* handshakes.c */
/** What timestamps to this peer say now. */
uint32_t hf_pair_clock(const hf_stack *s, const hf_flow *f);
/** What a record keeps of a SYN, all but its ISS and its keys. */
hf_half_open hf_half_open_of(const hf_stack *s, const hf_flow *f, const hf_segment *g,
			     uint32_t listener);
/** What a SYN-ACK has that does not stand in the record. */
typedef struct hf_syn_ack {
	hf_cause cause;
	uint32_t tsval;
	const hf_routed *kept;                /**< of the SYN's IP header; NULL: nothing */
	const hf_fast_open_option *fast_open; /**< NULL, or not there: without */
} hf_syn_ack;
/** Sends the SYN-ACK for a record, in the table or not. Returns the octets of its IP packet. */
uint32_t hf_syn_ack_send(hf_stack *s, const hf_half_open *h, const hf_syn_ack *what);
/** As long as its SYN-ACK has not gone often enough to make up the time that it was given. */
bool hf_half_open_defers(const hf_stack *s, const hf_half_open *h);
/** Why no connection could be made for the last ACK of a handshake. */
hf_reason hf_conn_why_none(const hf_stack *s);

/* refusals.c */
/** The keyed hash of an address's prefix: IPv4 /24, IPv6 /64. */
uint64_t hf_prefix_hash(const hf_stack *s, const hf_addr *remote);
/** 3.10.7.1: nobody waits for this segment. A reset goes, if settings and limit allow. */
hf_reason hf_refuse(hf_stack *s, const hf_flow *f, const hf_segment *g, hf_reason why);

/* syn_table.c */
/** Is an address that has proven nothing to get no more than three times what it sent? */
bool hf_reflection_is_bounded(const hf_stack *s);
/** A SYN to a listener. */
typedef struct hf_syn {
	uint32_t listener;
	const hf_flow *flow;
	const hf_segment *segment; /**< with a key: its signature is good */
	const hf_seq *used;        /**< what came next on the connection before it; NULL: none */
} hf_syn;
/** HF_WHY_NONE: there is room for its record now, if memory allows. */
hf_reason hf_syn_table_admit(hf_stack *s, const hf_syn *syn);
/** A record now stands in the table; it is about to leave it. */
void hf_syn_table_entered(hf_stack *s, const hf_half_open *h);
void hf_syn_table_left(hf_stack *s, const hf_half_open *h);
/** Of so many retransmissions of a SYN-ACK, those that are left under the table's pressure. */
uint8_t hf_syn_table_retries(const hf_stack *s, const hf_half_open *h, uint8_t retries);

/* syn_cookies.c */
void hf_syn_cookies_init(hf_stack *s);
/** Can a cookie keep what this SYN says, and is it allowed to? */
bool hf_syn_cookie_can_keep(const hf_stack *s, const hf_segment *g);
/** Answers a SYN that no record is kept of; a cookie can keep it. */
hf_reason hf_syn_cookie_answer(hf_stack *s, uint32_t listener, const hf_flow *f,
			       const hf_segment *g);
/** May answers to cookies of this listener still come? */
bool hf_syn_cookie_is_awaited(const hf_stack *s, uint32_t listener);
/** An ACK that no connection is known for: of a cookie, or of nothing. */
hf_reason hf_syn_cookie_arrives(hf_stack *s, uint32_t listener, const hf_flow *f,
				const hf_segment *g, hf_packet *p);

#endif
