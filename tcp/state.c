/* SPDX-License-Identifier: BSD-2-Clause */
/* The one place that stores a connection's state, and its diagram (RFC 9293 3.3.2). */
#include "tcp/tcb.h"
#include "tcp/urgent.h"

#define TO(name) (1u << HF_##name)

/* Figure 5, with the resets (3.5.2, 3.10.7) and the calls CLOSE and ABORT (3.10.4, 3.10.5). */
static const uint16_t may_follow[HF_STATE_COUNT] = {
	[HF_CLOSED] = TO(LISTEN) | TO(SYN_SENT),
	[HF_LISTEN] = TO(SYN_RECEIVED) | TO(SYN_SENT) | TO(CLOSED),
	[HF_SYN_SENT] = TO(SYN_RECEIVED) | TO(ESTABLISHED) | TO(CLOSED),
	[HF_SYN_RECEIVED] = TO(ESTABLISHED) | TO(FIN_WAIT_1) | TO(LISTEN) | TO(CLOSED),
	[HF_ESTABLISHED] = TO(FIN_WAIT_1) | TO(CLOSE_WAIT) | TO(CLOSED),
	[HF_FIN_WAIT_1] = TO(FIN_WAIT_2) | TO(CLOSING) | TO(TIME_WAIT) | TO(CLOSED),
	[HF_FIN_WAIT_2] = TO(TIME_WAIT) | TO(CLOSED),
	[HF_CLOSE_WAIT] = TO(LAST_ACK) | TO(CLOSED),
	[HF_CLOSING] = TO(TIME_WAIT) | TO(CLOSED),
	[HF_LAST_ACK] = TO(CLOSED),
	[HF_TIME_WAIT] = TO(CLOSED),
};

bool hf_state_may_follow(hf_state from, hf_state to)
{
	return may_follow[from] >> to & 1u;
}

void hf_tcb_set_state(hf_tcb *c, hf_state to)
{
	if (!hf_state_may_follow((hf_state)c->state, to))
		__builtin_trap(); /* our own mistake: no peer can cause it */
	c->state = (uint8_t)to;
}

void hf_tcb_end(hf_tcb *c, const hf_tcp_env *env, hf_effects *fx, hf_reason why)
{
	if (c->state != HF_CLOSED)
		hf_tcb_set_state(c, HF_CLOSED);
	hf_tx_release(c, env);
	c->snd.end = c->snd.una;
	c->snd.nxt = c->snd.una;
	hf_urgent_flushed(c, env);
	c->reason = (uint8_t)why;
	c->retransmit_at = HF_NEVER;
	c->idle_at = HF_NEVER;
	c->stuck_since = HF_NEVER;
	hf_ack_sent(c, env);
	fx->events |= HF_EVENT_CLOSED;
}
