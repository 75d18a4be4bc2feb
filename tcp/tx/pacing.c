/* SPDX-License-Identifier: BSD-2-Clause */
/* Pacing: a window leaves over a round trip, in small bursts, not at once. */
#include "tcp/tcb.h"

#define QUANTUM_SHIFT 10
#define QUANTUM_MAX 65536u

uint32_t hf_pacing_quantum(uint64_t rate, uint16_t mss)
{
	uint64_t quantum = rate >> QUANTUM_SHIFT;
	uint32_t least = 2u * mss;

	if (quantum > QUANTUM_MAX)
		quantum = QUANTUM_MAX;
	return quantum < least ? least : (uint32_t)quantum;
}

uint64_t hf_pacing_rate(const hf_tcb *c)
{
	uint64_t rate = c->congestion.pacing_rate, most = (uint64_t)c->settings->max_pacing_rate;

	return most > 0 && (rate == 0 || most < rate) ? most : rate;
}

static hf_ns time_of(uint32_t octets, uint64_t rate)
{
	return (hf_ns)((uint64_t)octets * HF_SEC(1) / rate);
}

bool hf_pacing_holds(hf_tcb *c, const hf_tcp_env *env)
{
	if (!hf_tcb_has(c, HF_TCB_PACED_OUT))
		return false;
	if (hf_time_before(env->now, c->pacing.next) && hf_pacing_rate(c) > 0)
		return true;
	hf_tcb_put(c, HF_TCB_PACED_OUT, false);
	return false;
}

static bool has_something(const hf_tcb *c)
{
	return hf_tx_unsent(c) > 0 || c->tx->lost > c->tx->retransmitted ||
	       (hf_tcb_has(c, HF_TCB_FIN_QUEUED) && !hf_tcb_has(c, HF_TCB_FIN_SENT));
}

hf_time hf_pacing_due(const hf_tcb *c)
{
	return c->tx && hf_tcb_has(c, HF_TCB_PACED_OUT) && has_something(c) ? c->pacing.next :
									      HF_NEVER;
}

uint32_t hf_pacing_packet(const hf_tcb *c, uint32_t most)
{
	uint64_t rate = hf_pacing_rate(c);
	uint32_t quantum;

	if (rate == 0)
		return most;
	quantum = hf_pacing_quantum(rate, c->snd.mss);
	quantum -= quantum % c->snd.mss;
	return quantum < most ? quantum : most;
}

void hf_pacing_sent(hf_tcb *c, const hf_tcp_env *env, uint32_t len)
{
	uint64_t rate = hf_pacing_rate(c);
	hf_ns whole;
	hf_time from;

	if (rate == 0 || len == 0)
		return;
	whole = time_of(hf_pacing_quantum(rate, c->snd.mss), rate);
	from = hf_time_add(env->now, -whole / 2);
	if (hf_time_before(c->pacing.next, from))
		c->pacing.next = from;
	c->pacing.next = hf_time_add(c->pacing.next, time_of(len, rate));
	if (hf_time_diff(c->pacing.next, env->now) + time_of(c->snd.mss, rate) > whole)
		hf_tcb_put(c, HF_TCB_PACED_OUT, true);
}
