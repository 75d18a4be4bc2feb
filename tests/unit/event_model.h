/* SPDX-License-Identifier: BSD-2-Clause */
/* A model of RFC 9293 3.10.7: what an arriving segment makes of a connection, and the answer. */
#ifndef HF_TESTS_EVENT_MODEL_H
#define HF_TESTS_EVENT_MODEL_H

#include <handfast/types.h>

#include "wire/tcp.h"

/*
 * An oracle for tests, written from the text of the RFC and of those that amend it (5961, 7323,
 * 1337, 6191). It shares no code with the stack and knows nothing of it but the numbers of the
 * conversation so far. Where the RFCs leave a choice, or the project departs from their letter, the
 * model has the project's:
 *   - LISTEN drops a SYN with FIN;
 *   - SYN-RECEIVED answers the peer's SYN, come again, by its SYN-ACK and not by an ACK; after a
 *     passive open whatever the time stamp of that SYN is;
 *   - a segment that begins before the window and ends behind it is acceptable, though Table 6
 *     looks at its two ends alone: part of it lies inside;
 *   - the ACK that completes a handshake without a time stamp shows that the peer knows of no
 *     agreement on them, and so there is none;
 *   - TS.Recent is set once the ACK is believed, so that a forged segment cannot;
 *   - TIME-WAIT answers only what takes sequence numbers, lest two of them talk for ever, and
 *     looks at the time stamps of SYNs alone;
 *   - text or a FIN after the peer's FIN is ignored without an answer.
 * Left out are, because the RFC says both yes and no: a bare ACK at the very edge of the window;
 * and text in a SYN, which has tests of its own.
 */

/** The time stamp of an arriving segment, against TS.Recent. */
typedef enum model_stamp { STAMP_NONE, STAMP_OLDER, STAMP_SAME, STAMP_NEWER } model_stamp;

typedef enum model_reply {
	REPLY_NONE,
	REPLY_ACK,
	REPLY_SYN_ACK,
	REPLY_RESET,          /* <SEQ=SEG.ACK><CTL=RST> */
	REPLY_RESET_WITH_ACK, /* <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK> */
} model_reply;

/** An arriving segment. Numbers are relative: each side's SYN is 0. */
typedef struct model_segment {
	uint16_t flags;
	uint32_t seq, ack, len; /* len: octets of text */
	model_stamp stamp;
} model_segment;

/** The host's side of a conversation, in the words of RFC 9293 3.3.1. */
typedef struct model {
	hf_state state;
	bool passive;                /* SYN-RECEIVED came from LISTEN */
	bool stamps;                 /* time stamps are agreed on */
	uint32_t una, nxt, max_wnd;  /* SND.UNA, SND.NXT, MAX.SND.WND */
	uint32_t rcv_nxt, rcv_right; /* RCV.NXT, RCV.NXT + RCV.WND */
	bool stamp_moved;            /* TS.Recent is the segment's now, and newer */
	model_reply reply;
} model;

/** SEG.LEN: text, SYN and FIN. */
uint32_t model_segment_len(const model_segment *g);

/** What becomes of it: state, numbers and reply. */
void model_arrives(model *m, const model_segment *g);

/** True if the model does not say what must happen (see above). */
bool model_leaves_out(const model *m, const model_segment *g);

#endif
