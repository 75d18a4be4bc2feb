/* SPDX-License-Identifier: BSD-2-Clause */
/* What the two SYNs agree on: segment size, window scale, timestamps, SACK. */
#include "tcp/hs/negotiate.h"

#include "tcp/path.h"
#include "tcp/tx/build.h"

#define DEFAULT_MSS_V4 536 /* MUST-15 */
#define DEFAULT_MSS_V6 1220
#define SMALLEST_MSS 48u /* a peer that asks for less: 40 of it may be options, as in Linux */
#define WSCALE_MAX 14    /* RFC 7323 2.3 */

/**
 * MD5 takes so much room that timestamps and SACK do not fit beside it; SACK is worth more. (Linux
 * does the same.)
 */
static bool is_md5(const hf_mkt *key)
{
	return key && key->is_md5;
}

static uint32_t headers(bool is_v4)
{
	return (is_v4 ? HF_IP4_HEADER : HF_IP6_HEADER) + HF_TCP_HEADER;
}

/** The link's MTU does not vary, and what paths are found to carry is smaller (SHLD-6). */
uint16_t hf_announced_mss(const hf_config *config, bool is_v4)
{
	return (uint16_t)(config->mtu - headers(is_v4));
}

hf_syn_offer hf_read_syn(const hf_config *config, const hf_segment *g, bool is_v4)
{
	const hf_tcp_options *o = g->options;
	hf_syn_offer s = { .mss = is_v4 ? DEFAULT_MSS_V4 : DEFAULT_MSS_V6 };

	if (o->present & HF_HAS(MSS))
		s.mss = o->mss < SMALLEST_MSS ? SMALLEST_MSS : o->mss;
	if (o->present & HF_HAS(WSCALE) && !config->no_window_scaling) {
		s.wscale = o->wscale > WSCALE_MAX ? WSCALE_MAX : o->wscale;
		s.flags |= HF_TCB_WSCALE;
	}
	if (o->present & HF_HAS(TIMESTAMPS) && !config->no_timestamps && !is_md5(g->key)) {
		s.tsval = o->tsval;
		s.flags |= HF_TCB_TIMESTAMPS;
	}
	if (o->present & HF_HAS(SACK_PERMITTED) && !config->no_sack)
		s.flags |= HF_TCB_SACK;
	return s;
}

/** Of SYNs alone (MUST-65); of each of them, whatever the MSS is (SHLD-5, MAY-3). */
static void put_offer(const hf_config *config, uint32_t flags, bool is_v4, hf_tcp_options *out)
{
	out->present |= HF_HAS(MSS);
	out->mss = hf_announced_mss(config, is_v4);
	if (flags & HF_TCB_WSCALE) {
		out->present |= HF_HAS(WSCALE);
		out->wscale = hf_rx_wscale(config->receive_buffer);
	}
	if (flags & HF_TCB_SACK)
		out->present |= HF_HAS(SACK_PERMITTED);
	if (flags & HF_TCB_TIMESTAMPS)
		out->present |= HF_HAS(TIMESTAMPS);
}

void hf_answer_syn(const hf_config *config, const hf_syn_offer *peer, bool is_v4,
		   hf_tcp_options *out)
{
	put_offer(config, peer->flags, is_v4, out);
	out->tsecr = peer->tsval;
}

static uint32_t wanted(const hf_config *config)
{
	return (config->no_sack ? 0u : HF_TCB_SACK) |
	       (config->no_timestamps ? 0u : HF_TCB_TIMESTAMPS) |
	       (config->no_window_scaling ? 0u : HF_TCB_WSCALE);
}

void hf_offer_syn(const hf_tcb *c, const hf_tcp_env *env, hf_tcp_options *out)
{
	uint32_t flags = c->state == HF_SYN_SENT ? wanted(env->config) : c->flags;

	if (c->auth && is_md5(c->auth->current))
		flags &= ~(uint32_t)HF_TCB_TIMESTAMPS;
	put_offer(env->config, flags, hf_addr_is_v4(&c->flow.local), out);
	if (c->settings->mss > 0 && c->settings->mss < out->mss)
		out->mss = c->settings->mss;
	out->tsval = hf_tcp_clock(env->now, c->ts_offset);
	out->tsecr = c->ts_recent;
}

void hf_agree(hf_tcb *c, const hf_tcp_env *env, const hf_syn_offer *peer)
{
	c->flags |= peer->flags;
	c->snd.peer_mss = peer->mss;
	if (peer->flags & HF_TCB_WSCALE) {
		c->snd.wscale = peer->wscale;
		c->rcv.wscale = hf_rx_wscale(env->config->receive_buffer);
	} else if (c->rcv.buffer > UINT16_MAX) {
		c->rcv.buffer = UINT16_MAX;
		c->rcv.buffer_max = UINT16_MAX;
	}
	if (peer->flags & HF_TCB_TIMESTAMPS) {
		c->ts_recent = peer->tsval;
		c->ts_recent_at = env->now;
	}
	if (c->auth)
		hf_auth_set_irs(c->auth, c->irs);
	hf_path_start(c, env);
}

size_t hf_options_room(const hf_tcb *c, hf_tcp_options *o)
{
	uint8_t room[HF_AUTH_OPTION_MAX];
	size_t len;

	if (hf_tcb_has(c, HF_TCB_TIMESTAMPS))
		o->present |= HF_HAS(TIMESTAMPS);
	if (c->auth)
		hf_sign_reserve(c->auth->current, 0, room, o);
	len = hf_tcp_options_len(o);
	o->md5 = o->ao = (hf_view){ 0 };
	return len;
}

uint16_t hf_announced_text(const hf_tcb *c, const hf_config *config)
{
	uint16_t mss = hf_announced_mss(config, hf_addr_is_v4(&c->flow.local));
	hf_tcp_options fixed = { 0 };

	if (c->settings->mss > 0 && c->settings->mss < mss)
		mss = c->settings->mss;
	return (uint16_t)(mss - hf_options_room(c, &fixed));
}

void hf_auth_use(hf_tcb *c, hf_mkt *key)
{
	c->auth->current = key;
	if (hf_tcb_is_synchronised(c))
		hf_update_mss(c);
}

uint32_t hf_packet_headers(const hf_tcb *c)
{
	return headers(hf_addr_is_v4(&c->flow.local));
}

uint32_t hf_packet_overhead(const hf_tcb *c)
{
	hf_tcp_options fixed = { 0 };

	return hf_packet_headers(c) + (uint32_t)hf_options_room(c, &fixed) + c->ip_options;
}

void hf_update_mss(hf_tcb *c)
{
	uint32_t path = c->pmtu - hf_packet_headers(c);
	uint32_t mss = c->snd.peer_mss < path ? c->snd.peer_mss : path;

	if (c->settings->mss > 0 && c->settings->mss < mss)
		mss = c->settings->mss;
	/* Full of options, TCP's and IP's, a segment has some text still. */
	if (mss < SMALLEST_MSS + c->ip_options)
		mss = SMALLEST_MSS + c->ip_options;
	mss -= hf_packet_overhead(c) - hf_packet_headers(c);
	c->snd.mss = (uint16_t)mss;
	hf_congestion_set_mss(&c->congestion, c->snd.mss);
}
