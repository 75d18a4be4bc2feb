/* SPDX-License-Identifier: BSD-2-Clause */
/* Describing a leaving segment: acknowledgement, window and options of the moment. */
#include "tcp/tx/build.h"

#include "tcp/ecn/ecn.h"
#include "tcp/hs/fast_open.h"
#include "tcp/hs/negotiate.h"

static void put_timestamps(const hf_tcb *c, const hf_tcp_env *env, hf_tcp_options *o)
{
	o->present |= HF_HAS(TIMESTAMPS);
	o->tsval = hf_tcp_clock(env->now, c->ts_offset);
	o->tsecr = c->ts_recent;
}

void hf_build_segment(hf_tcb *c, const hf_tcp_env *env, hf_cause cause, hf_sending *out)
{
	*out = (hf_sending){ .seq = c->snd.nxt, .flags = HF_TCP_ACK, .cause = cause };
	if (hf_tcb_has(c, HF_TCB_TIMESTAMPS))
		put_timestamps(c, env, &out->options);
	hf_rx_sack(c, &out->options);
	out->window = hf_rx_announce(c);
	out->ack = c->rcv.nxt;
	out->mss = c->snd.mss;
	hf_ecn_put(c, out);
	hf_ack_sent(c, env);
}

void hf_build_syn(hf_tcb *c, const hf_tcp_env *env, hf_sending *out)
{
	bool answers = c->state == HF_SYN_RECEIVED;
	hf_cause first = answers ? HF_SENT_SYN_ACK : HF_SENT_SYN;
	hf_cause again = answers ? HF_SENT_SYN_ACK_AGAIN : HF_SENT_SYN_AGAIN;

	*out = (hf_sending){
		.seq = c->iss,
		.flags = HF_TCP_SYN,
		.cause = c->syn_retransmits > 0 ? again : first,
	};
	hf_offer_syn(c, env, &out->options);
	if (hf_settings_has(c->settings, HF_SET_USER_TIMEOUT_OPTION))
		hf_build_advice(c, &out->options);
	out->len = hf_fast_open_put_syn(c, out);
	hf_ecn_put_syn(c, env, out);
	if (answers) {
		out->flags |= HF_TCP_ACK;
		out->ack = c->rcv.nxt;
		hf_ack_sent(c, env);
	}
	out->window = hf_rx_announce_syn(c, out->options.mss);
}

void hf_build_advice(hf_tcb *c, hf_tcp_options *o)
{
	hf_tcb_put(c, HF_TCB_ADVICE_DUE, false);
	o->present |= HF_HAS(USER_TIMEOUT);
	o->user_timeout = hf_user_timeout_field(hf_settings_advice(c->settings));
}

/**
 * Octets that SACK blocks take beside timestamps and a signature, with what ECN has to tell if
 * `has_news`.
 */
static size_t varying_room(const hf_tcb *c, bool has_news)
{
	uint8_t octets[HF_ACC_ECN_MAX];
	hf_tcp_options fixed = { 0 }, all = { 0 };

	hf_rx_sack(c, &all);
	if (has_news)
		hf_ecn_put_option(c, true, &all, octets);
	return hf_options_room(c, &all) - hf_options_room(c, &fixed);
}

uint16_t hf_build_mss(const hf_tcb *c)
{
	if (!c->rx || c->rx->early.count == 0)
		return c->snd.mss;
	return (uint16_t)(c->snd.mss - varying_room(c, false));
}

uint16_t hf_build_new_mss(const hf_tcb *c)
{
	if (!hf_ecn_is(c, HF_ECN_MODE_ACCURATE))
		return hf_build_mss(c);
	return (uint16_t)(c->snd.mss - varying_room(c, true));
}
