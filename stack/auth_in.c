/* SPDX-License-Identifier: BSD-2-Clause */
/* Arriving segments are verified before anything is believed of them (RFC 5925 7.5, RFC 2385). */
#include "stack/keys.h"

/*
 * Whether a segment must be signed is settled by what its 4-tuple names: a connection, a half-open
 * record or a TIME-WAIT record knows how it began; for a 4-tuple that names nothing, and for a SYN
 * in TIME-WAIT, which may begin something new, the list of keys decides. Each segment costs one MAC
 * at most, and what is not remembered one derivation more. Nothing is written until the MAC has
 * proved right.
 */

/** What is needed to verify one segment. */
typedef struct trial {
	hf_stack *stack;
	const hf_auth_claim *claim;
	hf_segment *g;
	uint8_t key_id, rnext_id; /**< KeyID and RNextKeyID */
} trial;

static hf_auth_input input_of(const trial *t, const hf_mkt *key)
{
	return (hf_auth_input){
		.key = key,
		.src = &t->claim->flow->remote,
		.dst = &t->claim->flow->local,
		.segment = t->claim->octets,
	};
}

/** RFC 5925 2.2: more than one signature in a segment is none. */
static bool is_signed_twice(const hf_tcp_options *o)
{
	hf_view raw = o->raw;
	hf_tcp_option option;
	unsigned n = 0;

	while (hf_tcp_option_next(&raw, &option))
		n += option.kind == HF_OPT_MD5 || option.kind == HF_OPT_AUTHENTICATION;
	return n > 1;
}

/* ---- MD5 ---- */

static hf_reason verify_md5(const trial *t, const hf_mkt *key)
{
	hf_auth_input in = input_of(t, key);

	if (!(t->g->options->present & HF_HAS(MD5)))
		return HF_WHY_MD5_MISSING;
	if (!hf_auth_matches(&in, t->g->options->md5.at))
		return HF_WHY_MD5_WRONG;
	t->g->key = key;
	return HF_WHY_NONE;
}

/* ---- TCP-AO ---- */

/** RFC 5925 7.5 2a and 2d. */
static hf_reason check_mac(const trial *t, const hf_mkt *key, const hf_traffic_key *traffic,
			   uint32_t sne)
{
	hf_auth_input in = input_of(t, key);

	in.traffic = traffic;
	in.sne = sne;
	if (!hf_auth_matches(&in, t->g->options->ao.at + 2))
		return HF_WHY_AO_MAC_WRONG;
	t->g->key = key;
	return HF_WHY_NONE;
}

/** As check_mac, with a traffic key that is derived for this segment alone. */
static hf_reason check_derived(const trial *t, const hf_mkt *key, hf_seq our_isn, hf_seq its_isn)
{
	hf_sne at = { .at = its_isn };
	hf_traffic_key traffic;
	hf_reason why;

	hf_traffic_key_receive(key, t->claim->flow, (hf_isns){ its_isn, our_isn }, &traffic);
	why = check_mac(t, key, &traffic, hf_sne_of(&at, t->g->seq));
	hf_wipe(&traffic, sizeof(traffic));
	return why;
}

/** Finds the key that a segment names, and reads its KeyIDs. */
static hf_reason find_key(trial *t, hf_mkt **key)
{
	const hf_tcp_options *o = t->g->options;

	if (!(o->present & HF_HAS(AUTHENTICATION)))
		return HF_WHY_AO_MISSING;
	t->key_id = o->ao.at[0];
	t->rnext_id = o->ao.at[1];
	*key = hf_keys_receiving(t->stack, t->claim->flow, t->key_id);
	if (!*key)
		return HF_WHY_AO_KEY_UNKNOWN;
	return o->ao.len == 2 + (size_t)(*key)->mac_len ? HF_WHY_NONE : HF_WHY_AO_LENGTH;
}

/** As find_key; the connection's own keys come first. */
static hf_reason find_own_key(trial *t, const hf_auth *a, hf_mkt **key)
{
	const hf_tcp_options *o = t->g->options;

	if (!(o->present & HF_HAS(AUTHENTICATION)) || !a->rnext || a->rnext->recv_id != o->ao.at[0])
		return find_key(t, key);
	t->key_id = o->ao.at[0];
	t->rnext_id = o->ao.at[1];
	*key = a->rnext;
	return o->ao.len == 2 + (size_t)a->rnext->mac_len ? HF_WHY_NONE : HF_WHY_AO_LENGTH;
}

static const hf_seq no_isn = { 0 };

/** A SYN says its sender's ISN itself, and is signed before there is another. */
static hf_reason verify_first_syn(const trial *t, const hf_mkt *key)
{
	return check_derived(t, key, no_isn, t->g->seq);
}

/** RFC 5925 7.5 2e: the peer asks for another key. */
static void follow_rnext(const trial *t, hf_tcb *c)
{
	hf_mkt *asked;

	c->auth->peer_id = t->key_id;
	c->auth->peer_rnext_id = t->rnext_id;
	if (c->auth->current->send_id == t->rnext_id)
		return;
	asked = hf_keys_sending(t->stack, t->claim->flow, t->rnext_id);
	if (asked)
		hf_auth_use(c, asked);
}

static hf_reason verify_ao_of_conn(trial *t, hf_tcb *c)
{
	hf_auth *a = c->auth;
	hf_mkt *key;
	hf_reason why = find_own_key(t, a, &key);

	if (why != HF_WHY_NONE)
		return why;
	if (hf_is_first_syn(t->g->flags)) {
		why = verify_first_syn(t, key);
	} else if (c->state == HF_SYN_SENT) { /* its ISN is what this segment says */
		why = check_derived(t, key, a->iss, t->g->seq);
		if (why == HF_WHY_NONE)
			hf_auth_set_irs(a, t->g->seq); /* a reset in answer needs it */
	} else {
		hf_sne_advance(&a->rcv, c->rcv.nxt);
		why = check_mac(t, key, hf_auth_receive_key(a, t->claim->flow, key),
				hf_sne_of(&a->rcv, t->g->seq));
	}
	if (why == HF_WHY_NONE)
		follow_rnext(t, c);
	return why;
}

static hf_reason verify_ao_of_half_open(trial *t, hf_half_open *h)
{
	hf_mkt *key;
	hf_reason why = find_key(t, &key);

	if (why != HF_WHY_NONE)
		return why;
	if (hf_is_first_syn(t->g->flags))
		return verify_first_syn(t, key);
	why = check_derived(t, key, h->iss, h->irs);
	if (why == HF_WHY_NONE && hf_keys_sending(t->stack, t->claim->flow, t->rnext_id))
		h->auth_current = t->rnext_id;
	return why;
}

static hf_reason verify_ao_of_time_wait(trial *t, hf_auth *a)
{
	hf_mkt *key;
	hf_reason why = find_own_key(t, a, &key);

	if (why != HF_WHY_NONE)
		return why;
	return check_mac(t, key, hf_auth_receive_key(a, t->claim->flow, key),
			 hf_sne_of(&a->rcv, t->g->seq));
}

/* ---- Who is it for? ---- */

/** No key is for it: a signature is one more option that is not known (RFC 5925 7.3). */
static hf_reason verify_unsigned(const trial *t)
{
	if (!t->stack->config.drop_unexpected_auth || !hf_is_signed(t->g->options))
		return HF_WHY_NONE;
	return t->g->options->present & HF_HAS(MD5) ? HF_WHY_MD5_UNEXPECTED : HF_WHY_AO_UNEXPECTED;
}

static hf_reason verify_stranger(trial *t)
{
	hf_mkt *key = hf_has_keys(t->stack) ? hf_keys_first(t->stack, t->claim->flow) : NULL;
	hf_reason why;

	if (!key)
		return verify_unsigned(t);
	if (key->is_md5)
		return verify_md5(t, key);
	why = find_key(t, &key);
	if (why != HF_WHY_NONE)
		return why;
	/* RFC 5925 7.7: the ISNs, and with them the traffic keys, are gone. */
	if (!hf_is_first_syn(t->g->flags))
		return HF_WHY_AO_NO_CONNECTION;
	return verify_first_syn(t, key);
}

static hf_reason verify_conn(trial *t, hf_tcb *c)
{
	if (!c || !c->auth) /* what is signed does not rest */
		return verify_unsigned(t);
	return c->auth->current->is_md5 ? verify_md5(t, c->auth->current) : verify_ao_of_conn(t, c);
}

static hf_reason verify_half_open(trial *t, hf_half_open *h)
{
	const hf_mkt *key;

	switch ((hf_auth_kind)h->auth) {
	case HF_AUTH_NONE:
		return verify_unsigned(t);
	case HF_AUTH_AO:
		return verify_ao_of_half_open(t, h);
	case HF_AUTH_MD5:
		break;
	}
	key = hf_keys_first(t->stack, t->claim->flow);
	return key && key->is_md5 ? verify_md5(t, key) : HF_WHY_MD5_MISSING;
}

static hf_reason verify_time_wait(trial *t, hf_auth *a)
{
	if (hf_is_first_syn(t->g->flags)) /* it may begin a new connection */
		return verify_stranger(t);
	if (!a)
		return verify_unsigned(t);
	if (!a->current)
		return HF_WHY_AO_KEY_UNKNOWN;
	return a->current->is_md5 ? verify_md5(t, a->current) : verify_ao_of_time_wait(t, a);
}

hf_reason hf_auth_verify(hf_stack *s, const hf_auth_claim *claim, hf_segment *g)
{
	trial t = { .stack = s, .claim = claim, .g = g };
	uint32_t number = hf_value_number(claim->value);

	if (hf_is_signed(g->options) && is_signed_twice(g->options))
		return HF_WHY_AUTH_TWICE;
	if (claim->value == HF_SLOT_FREE)
		return verify_stranger(&t);
	switch (hf_value_kind(claim->value)) {
	case HF_KIND_CONN:
		return verify_conn(&t, hf_conn_awake(s, number));
	case HF_KIND_HALF_OPEN:
		return verify_half_open(&t, hf_half_open_at(s, number));
	case HF_KIND_TIME_WAIT:
		return verify_time_wait(&t, hf_time_wait_auth(s, hf_time_wait_at(s, number)));
	}
	return HF_WHY_NO_CONNECTION;
}
