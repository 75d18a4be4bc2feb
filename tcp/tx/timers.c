/* SPDX-License-Identifier: BSD-2-Clause */
/* The sending side's timers: retransmission (RFC 6298), tail loss probe and RACK's (RFC 8985). */
#include "tcp/tcb.h"
#include "tcp/tx/news.h"

/*
 * Three deadlines, each for itself:
 *  - retransmit_at starts anew with every ACK that shows progress (RFC 6298 5.3): by number, or by
 *    SACK if it covers something older than the oldest segment's last transmission. Without the
 *    latter a fast retransmission on a long path would run into the time-out while all goes well.
 *    A fast retransmission of the oldest segment and a probe start it anew too, as Linux does.
 *  - probe_at, the PTO, starts anew with ACKs of new data and with new segments, and is never
 *    later than retransmit_at.
 *  - reorder_at is RACK's (hf_tx_detect).
 */

#define LEAST_WAIT HF_MS(10)
#define RESTART_BELOW 4 /* segments: rrthresh of RFC 7765 */

void hf_tx_arm(hf_tcb *c, const hf_tcp_env *env)
{
	c->retransmit_at = hf_tx_in_flight(c) > 0 ?
				   hf_time_add(env->now, hf_rtt_wait(&c->rtt, env->config)) :
				   HF_NEVER;
}

/** RFC 8985 7.2: SACK is in use, nothing is SACKed, nothing is being recovered. */
static bool wants_probe(const hf_tcb *c)
{
	const hf_tx *t = c->tx;

	return hf_tcb_has(c, HF_TCB_SACK) && hf_tcb_is_synchronised(c) && t->sacked_segments == 0 &&
	       !t->tlp.is_out && t->recovery == HF_RECOVERY_NONE && t->sent.count > 0 &&
	       t->lost == 0 && c->snd.wnd > 0;
}

void hf_tx_arm_probe(hf_tcb *c, const hf_tcp_env *env)
{
	hf_ns wait = hf_tlp_timeout(c->rtt.srtt, c->tx->sent.count == 1);

	c->tx->probe_at = wants_probe(c) ?
				  hf_time_min(hf_time_add(env->now, wait), c->retransmit_at) :
				  HF_NEVER;
}

void hf_tx_probe_due(hf_tcb *c, const hf_tcp_env *env)
{
	c->tx->probe_at = HF_NEVER;
	if (!wants_probe(c))
		return;
	c->tx->tlp.is_due = true;
	hf_tx_arm(c, env);
}

/**
 * The ACK, which takes nothing off the list, covers by SACK something that was sent before the
 * oldest segment was last.
 */
static bool sacks_older(const hf_tcb *c, const hf_ack_news *n)
{
	return n->sacked_times.any && /* and so something is in the list */
	       hf_time_before(n->sacked_times.first, hf_sent_at(&c->tx->sent, 0)->at);
}

/**
 * RFC 7765: so few segments cannot show a loss by duplicates, and the timer that shall find it must
 * not start anew with each ACK: what has passed since the oldest was sent is part of its time.
 * Where the tail loss probe does that, as in Linux, it does not.
 */
static hf_ns passed_already(const hf_tcb *c, const hf_tcp_env *env)
{
	uint32_t waiting = (hf_tx_unsent(c) + c->snd.mss - 1) / c->snd.mss;
	hf_ns passed;

	if (env->config->profile != HF_PROFILE_RFC || c->tx->sent.count == 0 ||
	    c->tx->sent.count + waiting >= RESTART_BELOW)
		return 0;
	passed = hf_time_diff(env->now, hf_sent_at(&c->tx->sent, 0)->at);
	return passed < hf_rtt_wait(&c->rtt, env->config) ? passed : 0;
}

void hf_tx_rearm(hf_tcb *c, const hf_tcp_env *env, const hf_ack_news *n)
{
	if (n->octets == 0 && !sacks_older(c, n)) {
		if (n->has_sacked)
			c->tx->probe_at = HF_NEVER;
		return;
	}
	hf_tx_arm(c, env);
	if (c->retransmit_at.ns != HF_NEVER.ns)
		c->retransmit_at = hf_time_add(c->retransmit_at, -passed_already(c, env));
	/* The peer has dropped what it had SACKed (RFC 2018 8): why wait long for what it wants. */
	if (hf_tx_reneged(c->tx)) {
		hf_ns wait = c->rtt.srtt / 2 > LEAST_WAIT ? c->rtt.srtt / 2 : LEAST_WAIT;

		c->retransmit_at = hf_time_min(c->retransmit_at, hf_time_add(env->now, wait));
	}
	hf_tx_arm_probe(c, env);
}
