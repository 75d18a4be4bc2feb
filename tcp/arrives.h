/* SPDX-License-Identifier: BSD-2-Clause */
/* What happens to a connection: segments, calls, time-outs (RFC 9293 3.10). */
#ifndef HF_TCP_ARRIVES_H
#define HF_TCP_ARRIVES_H

#include "tcp/tcb.h"

/**
 * SEGMENT ARRIVES (3.10.7) in every state but LISTEN and TIME-WAIT, which have records of their
 * own.
 */
void hf_tcp_arrives(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g, hf_effects *fx);

/**
 * Both SYNs are acknowledged: ESTABLISHED, or straight on to FIN-WAIT-1 if the application closed
 * meanwhile.
 */
void hf_tcp_established(hf_tcb *c, const hf_tcp_env *env, hf_effects *fx);

/** Steps 7 and 8 of 3.10.7.4: the segment's text and its FIN. */
void hf_tcp_text_and_fin(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g, hf_effects *fx);

/** An ICMP error that quotes a segment of ours. */
typedef struct hf_icmp_report {
	hf_reason reason; /**< HF_WHY_ICMP_* */
	hf_seq quoted;    /**< where the quoted segment began */
	uint32_t mtu;     /**< HF_WHY_ICMP_TOO_BIG: the next hop's, or 0 */
} hf_icmp_report;

/**
 * A router or the peer's host complains; believed only if it quotes what is in flight (RFC 5927
 * 4.1).
 */
void hf_tcp_icmp(hf_tcb *c, const hf_tcp_env *env, const hf_icmp_report *report, hf_effects *fx);

/** Does an error end a connection whose handshake is not done (RFC 5927 5.2)? */
bool hf_icmp_is_hard(hf_reason why);

/** Silence begins anew: the keep-alive timer, if it is wanted, starts over. */
void hf_tcp_rearm_keepalive(hf_tcb *c, const hf_tcp_env *env);
/** Our user timeout is to be told to the peer, if that is wanted (RFC 5482 3.2). */
void hf_tcp_advise(hf_tcb *c);
/** A segment that was found acceptable may tell the peer's. */
void hf_tcp_note_advice(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g);
/** An orphan is in FIN-WAIT-2: it waits for the peer's FIN, but not for ever. */
void hf_tcp_orphan_waits(hf_tcb *c, const hf_tcp_env *env);
/** Sets the deadline that a call asked for (HF_TCB_SILENCE_BEGINS). */
void hf_tcp_begin_silence(hf_tcb *c, const hf_tcp_env *env);
/** When hf_tcp_timeouts must be called; HF_NEVER: nothing is pending. */
hf_time hf_tcp_due(const hf_tcb *c);
/** USER TIMEOUT, RETRANSMISSION TIMEOUT (3.10.8) and the other deadlines that have come. */
void hf_tcp_timeouts(hf_tcb *c, const hf_tcp_env *env, hf_effects *fx);

/** Makes `c` (all zero but flow, settings and the stack's fields) a fresh block in CLOSED. */
void hf_tcp_init(hf_tcb *c, const hf_tcp_env *env, hf_seq iss, uint32_t ts_offset);
/** OPEN, active (3.10.1): SYN-SENT, a SYN is due. */
void hf_tcp_open(hf_tcb *c);
/** SEND (3.10.2): copies what fits. */
hf_err hf_tcp_send(hf_tcb *c, const hf_tcp_env *env, const void *data, size_t len, size_t *sent);
/** SEND in two steps: lends up to `want` octets of room in one piece; then takes `len` of it. */
hf_err hf_tcp_reserve(hf_tcb *c, const hf_tcp_env *env, size_t want, hf_span *room);
hf_err hf_tcp_commit(hf_tcb *c, size_t len);
/** RECEIVE (3.10.3). */
hf_err hf_tcp_receive(hf_tcb *c, const hf_tcp_env *env, void *data, size_t len, size_t *got);
/** RECEIVE in two steps: lends the first stretch, then releases `len` octets of it. */
hf_err hf_tcp_peek(hf_tcb *c, const hf_tcp_env *env, hf_span *out);
hf_err hf_tcp_consume(hf_tcb *c, const hf_tcp_env *env, size_t len);
/** FLUSH (3.9.1.7): what was never sent is dropped; `*dropped` octets. */
hf_err hf_tcp_flush(hf_tcb *c, const hf_tcp_env *env, uint32_t *dropped, hf_effects *fx);
/** CLOSE of the sending side (3.10.4). */
hf_err hf_tcp_shutdown(hf_tcb *c, const hf_tcp_env *env);
/** The application lets go. True: the connection has ended with a reset, which was filled in. */
bool hf_tcp_close(hf_tcb *c, const hf_tcp_env *env, hf_effects *fx);
/** ABORT (3.10.5). True: a reset is to be sent; it was filled in. */
bool hf_tcp_abort(hf_tcb *c, const hf_tcp_env *env, hf_reason why, hf_effects *fx);
/** Sets an option of this connection. */
hf_err hf_tcp_set(hf_tcb *c, const hf_tcp_env *env, hf_option option, int64_t value);
/** Takes over what its settings say; they were handed to it, or have changed. */
void hf_tcp_adopt(hf_tcb *c);
/** The same for the sizes of its buffers. */
void hf_tcp_adopt_buffers(hf_tcb *c, const hf_config *config);
/** How a call on an ended connection answers: the error that stands for a reason. */
hf_err hf_tcp_error(hf_reason why);

#endif
