/* SPDX-License-Identifier: BSD-2-Clause */
/* What congestion control is told: by acknowledgements, and by how sending stopped. */
#ifndef HF_TCP_TX_INFORM_H
#define HF_TCP_TX_INFORM_H

#include "tcp/tcb.h"

/** What was known before loss detection had its turn. */
typedef struct hf_tx_told {
	uint32_t octets;  /**< newly acknowledged, as far as they may make cwnd grow */
	bool in_recovery; /**< fast recovery went on: this ACK may have ended it */
} hf_tx_told;

/** The module that the options or the configuration name. */
hf_congestion_control hf_tx_congestion_module(const hf_tcb *c, const hf_tcp_env *env);
/** The MSS is known: the initial window, and the module that was asked for. */
void hf_tx_begin_congestion_control(hf_tcb *c, const hf_tcp_env *env);
/** An acknowledgement was worked through, loss detection included. */
void hf_tx_inform(hf_tcb *c, const hf_tcp_env *env, const hf_tx_told *told);
/** ECN: the ACK that is being looked at echoes a congestion mark. */
void hf_tx_inform_marked(hf_tcb *c);
/** Something has left: was cwnd full? */
void hf_tx_note_sent(hf_tcb *c, const hf_tcp_env *env);
/** Nothing more leaves now, if only for the pacing rate: how much of cwnd was used? */
void hf_tx_note_held(hf_tcb *c, const hf_tcp_env *env);
/** Nothing more leaves now: is it for cwnd, or for want of text? */
void hf_tx_note_stopped(hf_tcb *c, const hf_tcp_env *env);
/** Something will leave, and nothing is in flight: perhaps after a long silence. */
void hf_tx_note_restart(hf_tcb *c, const hf_tcp_env *env);

#endif
