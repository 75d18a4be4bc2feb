/* SPDX-License-Identifier: BSD-2-Clause */
/* Fast Open (RFC 7413): cookies, the option that carries them, and one connection's part in it. */
#include "tcp/hs/fast_open.h"

#include "base/mem.h"
#include "tcp/tx/inform.h"

#define SUSPECT_TIMEOUTS 3
#define OPTIONS_KEPT_FREE 40 /* a middlebox may add some (RFC 7413 4.2.1) */
#define DEFAULT_MSS_V4 536
#define DEFAULT_MSS_V6 1220
#define IP4_AT 12 /* where the IPv4 address stands in a mapped one */

/* ---- Cookies ---- */

static size_t put_address(uint8_t *to, const hf_addr *a)
{
	size_t from = hf_addr_is_v4(a) ? IP4_AT : 0, len = sizeof(a->octet) - from;

	memcpy(to, a->octet + from, len);
	return len;
}

hf_cookie hf_cookie_make(const hf_sipkey *key, const hf_addr *client, const hf_addr *server)
{
	uint8_t addresses[2 * sizeof(hf_addr)];
	size_t len = put_address(addresses, client);
	hf_cookie cookie = { .len = 8 };
	uint64_t hash;

	len += put_address(addresses + len, server);
	hash = hf_siphash(key, addresses, len);
	for (unsigned i = 0; i < cookie.len; i++)
		cookie.octet[i] = (uint8_t)(hash >> (8 * i));
	return cookie;
}

bool hf_cookie_equal(const hf_cookie *a, const hf_cookie *b)
{
	return a->len == b->len && memcmp(a->octet, b->octet, a->len) == 0;
}

/* ---- The option ---- */

/** RFC 7413 4.1.1: 4 to 16 octets, an even number; or none. */
static bool is_length(size_t len)
{
	return len == 0 || (len >= 4 && len <= HF_COOKIE_MAX && len % 2 == 0);
}

static bool is_experiment(hf_view body)
{
	return body.len >= 2 && hf_get16(body.at) == HF_FAST_OPEN_EXPERIMENT;
}

hf_fast_open_option hf_fast_open_read(const hf_tcp_options *o)
{
	hf_fast_open_option option = { .is_there = false };
	hf_view body = o->fast_open;

	if (!(o->present & HF_HAS(FAST_OPEN))) {
		if (!(o->present & HF_HAS(EXPERIMENT_2)) || !is_experiment(o->experiment))
			return option;
		body = hf_view_skip(o->experiment, 2);
		option.is_experimental = true;
	}
	if (!is_length(body.len))
		return (hf_fast_open_option){ .is_there = false };
	option.is_there = true;
	option.cookie.len = (uint8_t)body.len;
	if (body.len > 0)
		memcpy(option.cookie.octet, body.at, body.len);
	return option;
}

void hf_fast_open_put(const hf_fast_open_option *option, hf_tcp_options *o, uint8_t *room)
{
	size_t len = option->cookie.len;

	hf_put16(room, HF_FAST_OPEN_EXPERIMENT);
	memcpy(room + 2, option->cookie.octet, len);
	if (option->is_experimental) {
		o->experiment = (hf_view){ room, len + 2 };
		o->present |= HF_HAS(EXPERIMENT_2);
	} else {
		o->fast_open = (hf_view){ room + 2, len };
		o->present |= HF_HAS(FAST_OPEN);
	}
}

/* ---- The client ---- */

void hf_fast_open_release(hf_tcb *c, const hf_tcp_env *env)
{
	hf_mem_free(env->mem, c->fast_open, sizeof(*c->fast_open));
}

void hf_fast_open_go(hf_tcb *c)
{
	if (!c->fast_open || !c->fast_open->is_waiting || c->state != HF_SYN_SENT)
		return;
	c->fast_open->is_waiting = false;
	hf_tcb_put(c, HF_TCB_SYN_DUE, true);
}

/** What the peer took the last time, and what the path takes, less room for options. */
uint32_t hf_fast_open_room(const hf_tcb *c)
{
	bool is_v4 = hf_addr_is_v4(&c->flow.remote);
	uint32_t headers = (is_v4 ? HF_IP4_HEADER : HF_IP6_HEADER) + HF_TCP_HEADER;
	uint32_t path = c->pmtu - headers, mss = c->fast_open->mss;

	if (mss == 0)
		mss = is_v4 ? DEFAULT_MSS_V4 : DEFAULT_MSS_V6;
	if (mss > path)
		mss = path;
	return mss > OPTIONS_KEPT_FREE ? mss - OPTIONS_KEPT_FREE : 0;
}

uint32_t hf_fast_open_put_syn(hf_tcb *c, hf_sending *out)
{
	hf_fast_open *f = c->fast_open;
	uint32_t text = hf_tx_unsent(c), room;

	if (!f || c->syn_retransmits > 0)
		return 0; /* sent again it has neither option nor text (RFC 7413 4.2.1) */
	if (f->is_server ? f->option.is_there : f->has_option && c->state == HF_SYN_SENT)
		hf_fast_open_put(&f->option, &out->options, out->cookie);
	if (f->is_server || !f->may_send || !c->tx || c->state != HF_SYN_SENT)
		return 0;
	room = hf_fast_open_room(c);
	return text < room ? text : room;
}

void hf_fast_open_answered(hf_tcb *c, const hf_segment *g)
{
	hf_fast_open *f = c->fast_open;
	bool had_text, is_acked;

	if (!f || f->is_server)
		return;
	had_text = hf_tx_in_flight(c) > 0;
	is_acked = had_text && hf_seq_eq(c->snd.nxt, g->ack);
	f->option = hf_fast_open_read(g->options);
	f->syn_lost = had_text && !is_acked && c->syn_retransmits > 0 && !f->option.is_there;
	f->tell |= HF_FAST_OPEN_TELL_ANSWER;
	if (!had_text)
		return;
	f->outcome = is_acked               ? HF_FAST_OPEN_ACKED :
		     c->syn_retransmits > 0 ? HF_FAST_OPEN_SYN_RETRANSMITTED :
					      HF_FAST_OPEN_NOT_ACKED;
}

void hf_fast_open_too_big(hf_tcb *c)
{
	if (c->state != HF_SYN_SENT || !c->fast_open || hf_tx_in_flight(c) <= 1)
		return;
	if (c->syn_retransmits == 0)
		c->syn_retransmits = 1;
	hf_tcb_put(c, HF_TCB_SYN_DUE, true);
	c->retransmit_at = HF_NEVER;
}

void hf_fast_open_opened(hf_tcb *c, const hf_tcp_env *env)
{
	hf_tx *t = c->tx;

	if (!c->fast_open || !t || t->sent.count == 0)
		return;
	if (!c->fast_open->is_server)
		for (uint32_t i = 0; i < t->sent.count; i++)
			hf_tx_mark_lost(t, i);
	c->stuck_since = env->now;
	hf_tx_arm(c, env);
}

void hf_fast_open_suspect(hf_tcb *c)
{
	hf_fast_open *f = c->fast_open;

	if (!f || f->is_server || !f->has_option || f->is_suspect || c->count.octets_received > 0)
		return;
	f->is_suspect = true; /* one connection counts once */
	f->tell |= HF_FAST_OPEN_TELL_SUSPECT;
}

void hf_fast_open_timed_out(hf_tcb *c, unsigned times)
{
	if (times == SUSPECT_TIMEOUTS)
		hf_fast_open_suspect(c);
}

/* ---- The server ---- */

/** Headers of one more segment, and a reset that may still follow. */
#define KEPT_BACK (HF_IP6_HEADER + HF_TCP_HEADER_MAX + HF_IP6_HEADER + HF_TCP_HEADER)

bool hf_fast_open_is_bounded(const hf_tcb *c)
{
	return hf_fast_open_is_early(c) && c->fast_open->credit != HF_CREDIT_ANY;
}

bool hf_fast_open_affords(const hf_tcb *c, uint32_t text)
{
	return !hf_fast_open_is_bounded(c) || c->fast_open->credit >= text + KEPT_BACK;
}

void hf_fast_open_earn(hf_tcb *c, const hf_segment *g)
{
	if (hf_fast_open_is_bounded(c))
		c->fast_open->credit += HF_REFLECTION_MOST * hf_ip_octets(g->ip);
}

void hf_fast_open_spend(hf_tcb *c, uint32_t octets)
{
	if (hf_fast_open_is_bounded(c))
		c->fast_open->credit -= octets < c->fast_open->credit ? octets :
									c->fast_open->credit;
}

void hf_fast_open_accept(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g, hf_effects *fx)
{
	hf_segment rest = *g; /* without its SYN: the text begins one number later */

	rest.seq = hf_seq_add(g->seq, 1);
	rest.flags &= (uint16_t)~HF_TCP_SYN;
	c->snd.una = hf_seq_add(c->iss, 1);
	c->snd.wnd = g->window;
	c->snd.max_wnd = g->window;
	hf_tx_begin_congestion_control(c, env);
	hf_rx_take(c, env, &rest, fx);
	hf_tcb_put(c, HF_TCB_SYN_DUE, true);
	c->fast_open->outcome = HF_FAST_OPEN_ACCEPTED;
}
