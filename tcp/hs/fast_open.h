/* SPDX-License-Identifier: BSD-2-Clause */
/* Fast Open (RFC 7413): cookies, the option that carries them, and what one connection knows. */
#ifndef HF_TCP_HS_FAST_OPEN_H
#define HF_TCP_HS_FAST_OPEN_H

#include "base/siphash.h"
#include "tcp/tcb.h"

/*
 * Theory of operation
 *
 * A server proves by a cookie that a client owns its address: the hash of both addresses under a
 * key. Who shows it may put text into its SYN; the connection is then made at once, in
 * SYN-RECEIVED, accepted at once, and may answer before the handshake is done. SND.UNA is ISS + 1
 * from the start there, so that what is in flight is text alone; the timer is the SYN-ACK's. Where
 * text is taken without a cookie, the address has proven nothing, and gets no more than three times
 * the octets of its SYN until it does.
 *
 * A client's text in the SYN stands in its list of sent segments like any other. What the SYN-ACK
 * does not acknowledge of it is taken for lost, though not to congestion, and goes again at once.
 *
 * The connection only notes what happened (HF_FAST_OPEN_TELL_*); stack/fast_open.c, which has the
 * cache of cookies and the listeners' counts, acts on it in hf_conn_apply.
 */

#define HF_COOKIE_MAX 16
#define HF_FAST_OPEN_EXPERIMENT 0xf989u /**< RFC 7413 4.1.1's number in kind 254 */

/** A cookie; no octets: a request for one. */
typedef struct hf_cookie {
	uint8_t len;
	uint8_t octet[HF_COOKIE_MAX];
} hf_cookie;

/** The cookie of a pair of hosts under a key, as Linux makes it: eight octets. */
hf_cookie hf_cookie_make(const hf_sipkey *key, const hf_addr *client, const hf_addr *server);
bool hf_cookie_equal(const hf_cookie *a, const hf_cookie *b);

/** Fast Open's option. */
typedef struct hf_fast_open_option {
	bool is_there;
	bool is_experimental; /**< kind 254, as before RFC 7413 */
	hf_cookie cookie;
} hf_fast_open_option;

hf_fast_open_option hf_fast_open_read(const hf_tcp_options *o);
/** Adds it; `room` has HF_COOKIE_MAX + 2 octets and holds it. */
void hf_fast_open_put(const hf_fast_open_option *option, hf_tcp_options *o, uint8_t *room);

/** What the stack is to be told of a connection's Fast Open. */
enum {
	HF_FAST_OPEN_TELL_ANSWER = 1,  /**< the SYN-ACK has come: `answer`, `syn_lost` */
	HF_FAST_OPEN_TELL_SUSPECT = 2, /**< text in SYNs seems to vanish on the way */
};

#define HF_CREDIT_ANY UINT32_MAX

/** One connection's Fast Open; there is none for most. */
typedef struct hf_fast_open {
	uint8_t outcome; /**< hf_fast_open_outcome */
	uint8_t tell;    /**< HF_FAST_OPEN_TELL_* */
	bool is_server;
	bool is_settled; /**< as server: the handshake is over, well or not */
	bool is_waiting; /**< as client: the SYN waits for text */
	bool has_option; /**< as client: the first SYN has `option` */
	bool may_send;   /**< as client: and text */
	bool syn_lost;   /**< as client: text went, but only a later SYN was answered */
	bool is_suspect; /**< as client: HF_FAST_OPEN_TELL_SUSPECT was told */
	bool is_probe;   /**< as client: after a pause, to see whether the way is open again */
	uint16_t mss;    /**< as client: of the peer, when it was last heard; 0: not known */
	hf_fast_open_option option;    /**< what goes; as client, in the end what came */
	hf_time syn_at;                /**< as server: when the SYN-ACK went */
	uint32_t listener, generation; /**< as server: where it counts as pending */
	/** as server, before the handshake is done: octets that may leave; HF_CREDIT_ANY: any */
	uint32_t credit;
} hf_fast_open;

void hf_fast_open_release(hf_tcb *c, const hf_tcp_env *env);

/** As client: the SYN may go now. */
void hf_fast_open_go(hf_tcb *c);
/** Completes the first SYN with the option. Returns octets of text that it may carry. */
uint32_t hf_fast_open_put_syn(hf_tcb *c, hf_sending *out);
/** As client: the SYN-ACK has come, and the connection is established. */
void hf_fast_open_answered(hf_tcb *c, const hf_segment *g);
/** As client: the SYN with its text was too big for the path; it goes again without, at once. */
void hf_fast_open_too_big(hf_tcb *c);
/** As client: octets of text that the SYN can carry. */
uint32_t hf_fast_open_room(const hf_tcb *c);
/** The handshake is over: what of the SYN's text is not acknowledged goes again. */
void hf_fast_open_opened(hf_tcb *c, const hf_tcp_env *env);
/** As client: a segment out of order though nothing has come yet, or too many time-outs. */
void hf_fast_open_suspect(hf_tcb *c);
/** The retransmission timer has run out `times` times in a row, this one included. */
void hf_fast_open_timed_out(hf_tcb *c, unsigned times);
/** Text may leave before the handshake is done. */
static inline bool hf_fast_open_is_early(const hf_tcb *c)
{
	return c->fast_open && c->fast_open->is_server && c->state == HF_SYN_RECEIVED;
}
/** As server: may it send no more than three times what came, for its peer has proven nothing? */
bool hf_fast_open_is_bounded(const hf_tcb *c);
/** The peer's SYN has come again. */
void hf_fast_open_earn(hf_tcb *c, const hf_segment *g);
/** As server: it may cost the peer's address `text` octets more before it has proven itself. */
bool hf_fast_open_affords(const hf_tcb *c, uint32_t text);
/** A packet of so many octets has left. */
void hf_fast_open_spend(hf_tcb *c, uint32_t octets);
/** As server: the connection is in SYN-RECEIVED, and the SYN's text is taken. */
void hf_fast_open_accept(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g, hf_effects *fx);

#endif
