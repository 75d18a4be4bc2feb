/* SPDX-License-Identifier: BSD-2-Clause */
/* Signed connections from the SYN to TIME-WAIT. */
#include "stack/keys.h"

/*
 * RFC 5925 7.8: "unreachable" of the kinds that say that the protocol or port is closed to us, or
 * that packets are too large; ICMP is not signed. What it leaves alone (no route, hop limit, IPv6's
 * Packet Too Big) does no lasting harm.
 */
static bool is_hard(const hf_icmp *m)
{
	bool is_v4 = hf_addr_is_v4(&m->quote.dst);

	if (m->error == HF_WHY_ICMP_PROTOCOL || m->error == HF_WHY_ICMP_TOO_BIG)
		return is_v4;
	return m->error == HF_WHY_ICMP_PORT || (m->error == HF_WHY_ICMP_ADMIN && !is_v4);
}

bool hf_auth_ignores(const hf_tcb *c, const hf_icmp *m)
{
	return c->auth && hf_tcb_is_synchronised(c) && !c->auth->current->is_md5 &&
	       !c->auth->current->accepts_icmp && is_hard(m);
}

bool hf_auth_begin(hf_stack *s, hf_tcb *c, hf_seq iss)
{
	hf_mkt *key = hf_has_keys(s) ? hf_keys_first(s, &c->flow) : NULL;

	if (!key)
		return true;
	c->auth = hf_auth_new(&s->mem, key, iss);
	return c->auth != NULL;
}

static hf_signed_end *end_at(const hf_stack *s, uint32_t number)
{
	return hf_slab_at(&s->signed_ends, number);
}

hf_auth *hf_time_wait_auth(const hf_stack *s, const hf_time_wait *w)
{
	return w->auth ? end_at(s, w->auth - 1)->auth : NULL;
}

bool hf_time_wait_take_auth(hf_stack *s, hf_time_wait *w, hf_auth *a)
{
	uint32_t number;

	if (!a)
		return true;
	number = hf_slab_take(&s->signed_ends, &s->mem);
	if (number == HF_SLAB_NONE)
		return false;
	hf_sne_advance(&a->snd, w->snd_nxt);
	hf_sne_advance(&a->rcv, w->rcv_nxt);
	end_at(s, number)->auth = a;
	w->auth = number + 1;
	return true;
}

void hf_time_wait_drop_auth(hf_stack *s, hf_time_wait *w)
{
	if (!w->auth)
		return;
	hf_auth_free(&s->mem, end_at(s, w->auth - 1)->auth);
	end_at(s, w->auth - 1)->auth = NULL;
	hf_slab_give(&s->signed_ends, w->auth - 1);
	w->auth = 0;
}

void hf_auth_note(const hf_stack *s, const hf_flow *f, const hf_segment *g, hf_half_open *h)
{
	uint8_t asked;

	if (!g->key)
		return;
	h->auth = g->key->is_md5 ? HF_AUTH_MD5 : HF_AUTH_AO;
	if (g->key->is_md5)
		return;
	asked = g->options->ao.at[1];
	h->auth_rnext = g->key->recv_id;
	h->auth_current = hf_keys_sending(s, f, asked) ? asked : g->key->send_id;
}

/** What signs the record's SYN-ACK and its connection's segments at first. */
static hf_mkt *current_of(const hf_stack *s, const hf_half_open *h, const hf_flow *f)
{
	hf_mkt *k;

	if (h->auth == HF_AUTH_MD5) {
		k = hf_keys_first(s, f);
		return k && k->is_md5 ? k : NULL;
	}
	return hf_keys_sending(s, f, h->auth_current);
}

/** What it is to be signed with by the peer. */
static hf_mkt *rnext_of(const hf_stack *s, const hf_half_open *h, const hf_flow *f)
{
	return h->auth == HF_AUTH_MD5 ? current_of(s, h, f) :
					hf_keys_receiving(s, f, h->auth_rnext);
}

bool hf_auth_has_keys(const hf_stack *s, const hf_half_open *h)
{
	hf_flow f = hf_half_open_flow(s, h);

	return h->auth == HF_AUTH_NONE || (current_of(s, h, &f) && rnext_of(s, h, &f));
}

bool hf_auth_promote(hf_stack *s, const hf_half_open *h, hf_tcb *c)
{
	if (h->auth == HF_AUTH_NONE)
		return true;
	c->auth = hf_auth_new(&s->mem, current_of(s, h, &c->flow), h->iss);
	if (!c->auth)
		return false;
	c->auth->rnext = rnext_of(s, h, &c->flow);
	hf_auth_set_irs(c->auth, h->irs);
	return true;
}
