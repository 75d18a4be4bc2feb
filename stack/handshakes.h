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
/** Sends the SYN-ACK for a record, in the table or not. */
void hf_syn_ack_send(hf_stack *s, const hf_half_open *h, const hf_syn_ack *what);
/** As long as its SYN-ACK has not gone often enough to make up the time that it was given. */
bool hf_half_open_defers(const hf_stack *s, const hf_half_open *h);
/** Why no connection could be made for the last ACK of a handshake. */
hf_reason hf_conn_why_none(const hf_stack *s);

/* syn_cookies.c */
/** Answers a SYN that no record is kept of, unless a cookie cannot keep it. */
hf_reason hf_syn_cookie_answer(hf_stack *s, uint32_t listener, const hf_flow *f,
			       const hf_segment *g);
/** May answers to cookies of this listener still come? */
bool hf_syn_cookie_is_awaited(const hf_stack *s, uint32_t listener);
/** An ACK that no connection is known for: of a cookie, or of nothing. */
hf_reason hf_syn_cookie_arrives(hf_stack *s, uint32_t listener, const hf_flow *f,
				const hf_segment *g, hf_packet *p);

#endif
