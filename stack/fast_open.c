/* SPDX-License-Identifier: BSD-2-Clause */
/* Fast Open in the stack (RFC 7413): cookies of peers, pauses, keys, and what listeners allow. */
#include "stack/handshakes.h"

#define RESET_COUNTS_FOR HF_SEC(60) /* RFC 7413 5.1: as long as Linux has it */
#define DOUBLINGS_MAX 6

/* ---- Keys ---- */

void hf_fast_opens_init(hf_stack *s)
{
	static const char first[] = "fast open 1", second[] = "fast open 2";
	hf_fast_opens *o = &s->fast_opens;

	o->key[0] = (hf_sipkey){ s->config.fast_open_key[0], s->config.fast_open_key[1] };
	if (o->key[0].k0 == 0 && o->key[0].k1 == 0) {
		o->key[0].k0 = hf_siphash(&s->isn_key, first, sizeof(first));
		o->key[0].k1 = hf_siphash(&s->table_key, second, sizeof(second));
	}
	o->keys = 1;
}

hf_err hf_stack_fast_open_key(hf_stack *s, const uint64_t key[2])
{
	hf_fast_opens *o = &s->fast_opens;

	if (key[0] == 0 && key[1] == 0)
		return HF_ERR_BAD_SECRET;
	o->key[1] = o->key[0];
	o->key[0] = (hf_sipkey){ key[0], key[1] };
	o->keys = 2;
	return HF_OK;
}

/* ---- The client ---- */

/** Text in SYNs vanished, whoever the peer was: something near us does not like it. */
static bool is_paused(const hf_stack *s)
{
	const hf_fast_opens *o = &s->fast_opens;
	unsigned doublings;

	if (o->pauses == 0 || s->config.fast_open_pause < 0)
		return false;
	doublings = o->pauses - 1 < DOUBLINGS_MAX ? o->pauses - 1 : DOUBLINGS_MAX;
	return hf_time_before(s->now,
			      hf_time_add(o->paused_at, s->config.fast_open_pause << doublings));
}

void hf_fast_open_begin(hf_stack *s, hf_tcb *c, bool no_cookie)
{
	bool needs_cookie = !no_cookie && !(s->config.fast_open & HF_FAST_OPEN_CLIENT_NO_COOKIE);
	const hf_peer *p;
	hf_fast_open *f;

	if (!(s->config.fast_open & HF_FAST_OPEN_CLIENT) || is_paused(s) ||
	    c->auth) /* a signed SYN has no room for a cookie */
		return;
	p = hf_peer_find(s, &c->flow.remote);
	if (p && (hf_peer_is_spared(s, p->text_losses, p->text_lost_at) ||
		  (p->has_refused && needs_cookie)))
		return;
	f = hf_mem_new(&s->mem, sizeof(*f));
	if (!f)
		return; /* it opens in the ordinary way */
	c->fast_open = f;
	f->is_probe = s->fast_opens.pauses > 0;
	f->mss = p ? p->mss : 0;
	f->has_option = needs_cookie;
	f->option = (hf_fast_open_option){ .is_there = true };
	if (p) {
		f->option.cookie = p->cookie;
		f->option.is_experimental = p->is_experimental;
	}
	f->may_send = !needs_cookie || f->option.cookie.len > 0;
	f->is_waiting = f->may_send;
	if (f->may_send)
		hf_tcb_put(c, HF_TCB_SYN_DUE, false);
	else
		f->outcome = HF_FAST_OPEN_NO_COOKIE;
}

/** What the SYN-ACK said, for the next time. `asked`: without showing a cookie. */
static void learn(hf_stack *s, const hf_tcb *c)
{
	const hf_fast_open *f = c->fast_open;
	hf_peer *p = hf_peer_need(s, &c->flow.remote);
	bool asked = f->outcome == HF_FAST_OPEN_NO_COOKIE && c->syn_retransmits == 0;

	if (!p)
		return;
	p->mss = c->snd.peer_mss;
	if (f->has_option && f->option.cookie.len > 0) {
		p->cookie = f->option.cookie;
		p->is_experimental = f->option.is_experimental;
		p->has_refused = false;
	} else if (asked && p->cookie.len == 0) { /* the other kind the next time, then none */
		p->has_refused = p->is_experimental;
		p->is_experimental = true;
	}
	hf_peer_note(s, f->syn_lost, &p->text_losses, &p->text_lost_at);
}

/* ---- The server ---- */

static void drop_old_resets(const hf_stack *s, hf_fast_open_queue *q)
{
	while (q->count > 0 && !hf_time_before(s->now, q->reset[q->first])) {
		q->first = (q->first + 1) % q->size;
		q->count--;
	}
}

/** Without memory to remember it, it goes on counting as pending: the safe side. */
static bool note_reset(hf_stack *s, hf_fast_open_queue *q, uint32_t limit)
{
	if (!q->reset) {
		q->size = limit > 0 ? limit : 1; /* it may have been changed meanwhile */
		q->reset = hf_mem_new(&s->mem, q->size * sizeof(*q->reset));
	}
	if (!q->reset || q->count == q->size)
		return q->reset;
	q->reset[(q->first + q->count++) % q->size] = hf_time_add(s->now, RESET_COUNTS_FOR);
	return true;
}

void hf_fast_open_queue_release(hf_stack *s, hf_fast_open_queue *q)
{
	hf_mem_free(&s->mem, q->reset, q->size * sizeof(*q->reset));
	*q = (hf_fast_open_queue){ 0 };
}

static bool has_room(hf_stack *s, hf_listen *l)
{
	drop_old_resets(s, &l->fast_open);
	return l->fast_open.pending + l->fast_open.count < l->settings->fast_open;
}

/** Which key made it: 0, 1; -1: none of ours. */
static int made_by(const hf_stack *s, const hf_flow *f, const hf_cookie *cookie)
{
	for (unsigned i = 0; i < s->fast_opens.keys; i++) {
		hf_cookie ours = hf_cookie_make(&s->fast_opens.key[i], &f->remote, &f->local);

		if (hf_cookie_equal(&ours, cookie))
			return (int)i;
	}
	return -1;
}

hf_fast_open_verdict hf_fast_open_judge(hf_stack *s, uint32_t listener, const hf_flow *f,
					const hf_segment *g)
{
	hf_fast_open_option said = hf_fast_open_read(g->options);
	hf_fast_open_verdict v = { .credit = HF_CREDIT_ANY };
	hf_listen *l = hf_listen_at(s, listener);
	int maker;

	if (g->key || !(s->config.fast_open & HF_FAST_OPEN_SERVER) ||
	    (g->text.len == 0 && !said.is_there) || !has_room(s, l))
		return v;
	if (s->config.fast_open & HF_FAST_OPEN_SERVER_NO_COOKIE ||
	    hf_settings_has(l->settings, HF_SET_FAST_OPEN_NO_COOKIE)) {
		v.accepts = true;
		v.credit = hf_reflection_is_bounded(s) ? HF_REFLECTION_MOST * hf_ip_octets(g->ip) :
							 HF_CREDIT_ANY;
		return v;
	}
	if (!said.is_there)
		return v;
	maker = made_by(s, f, &said.cookie);
	v.accepts = maker >= 0;
	v.answer = said;
	v.answer.is_there = maker != 0; /* asked for, not ours, or of an older key */
	v.answer.cookie = hf_cookie_make(&s->fast_opens.key[0], &f->remote, &f->local);
	return v;
}

hf_tcb *hf_fast_open_promote(hf_stack *s, uint32_t number, const hf_fast_open_verdict *v,
			     const hf_segment *g)
{
	uint32_t listener = hf_half_open_at(s, number)->listener;
	hf_listen *l = hf_listen_at(s, listener);
	hf_fast_open *f = hf_mem_new(&s->mem, sizeof(*f));
	hf_tcp_env env = hf_stack_env(s);
	hf_effects fx = { 0 };
	hf_tcb *c = f ? hf_conn_create_from(s, number) : NULL;

	if (!c) {
		hf_mem_free(&s->mem, f, sizeof(*f));
		return NULL;
	}
	*f = (hf_fast_open){ .is_server = true,
			     .option = v->answer,
			     .credit = v->credit,
			     .listener = listener,
			     .generation = l->generation };
	c->fast_open = f;
	l->fast_open.pending++;
	hf_fast_open_accept(c, &env, g, &fx);
	hf_listener_queue(s, listener, c);
	hf_conn_apply(s, c, &fx);
	return c;
}

/** Its handshake is over: it does not count as pending any more. */
static void settle(hf_stack *s, hf_tcb *c)
{
	hf_fast_open *f = c->fast_open;
	hf_listen *l = hf_listen_at(s, f->listener);
	bool was_reset = c->state == HF_CLOSED && c->reason == HF_WHY_RESET_BY_PEER;

	f->is_settled = true;
	if (!l->used || l->generation != f->generation)
		return;
	if (!was_reset || note_reset(s, &l->fast_open, l->settings->fast_open))
		l->fast_open.pending--;
}

/* ---- Both ---- */

void hf_fast_open_apply(hf_stack *s, hf_tcb *c)
{
	hf_fast_open *f = c->fast_open;

	if (!f)
		return;
	if (f->is_server && !f->is_settled && c->state != HF_SYN_RECEIVED)
		settle(s, c);
	if (f->tell & HF_FAST_OPEN_TELL_ANSWER)
		learn(s, c);
	if (f->tell & HF_FAST_OPEN_TELL_SUSPECT) {
		s->fast_opens.pauses++;
		s->fast_opens.paused_at = s->now;
	} else if (f->is_probe && c->count.octets_received > 0) {
		s->fast_opens.pauses = 0; /* the way is open again */
		f->is_probe = false;
	}
	f->tell = 0;
}
