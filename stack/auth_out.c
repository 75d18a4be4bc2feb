/* SPDX-License-Identifier: BSD-2-Clause */
/* How leaving segments are signed: by which key, traffic key and SNE (RFC 5925 7.4). */
#include "stack/keys.h"

static void sign_first_syn(const hf_flow *f, const hf_sending *out, hf_signer *by)
{
	by->sne = 0;
	hf_traffic_key_send(by->key, f, (hf_isns){ .source = out->seq }, &by->traffic);
}

bool hf_signer_of_conn(const hf_tcb *c, const hf_sending *out, hf_signer *by)
{
	hf_auth *a = c->auth;

	if (!a)
		return false;
	by->key = a->current;
	if (a->current->is_md5)
		return true;
	by->rnext_id = a->rnext->recv_id;
	if (hf_is_first_syn(out->flags)) {
		sign_first_syn(&c->flow, out, by);
		return true;
	}
	hf_sne_advance(&a->snd, c->snd.una);
	by->sne = hf_sne_of(&a->snd, out->seq);
	by->traffic = *hf_auth_send_key(a, &c->flow, a->current);
	return true;
}

bool hf_signer_of_half_open(const hf_stack *s, const hf_half_open *h, const hf_sending *out,
			    hf_signer *by)
{
	hf_flow f = hf_half_open_flow(s, h);
	hf_sne at = { .at = h->iss };

	if (h->auth == HF_AUTH_NONE)
		return false;
	by->key = h->auth == HF_AUTH_MD5 ? hf_keys_first(s, &f) :
					   hf_keys_sending(s, &f, h->auth_current);
	if (!by->key || by->key->is_md5 != (h->auth == HF_AUTH_MD5)) {
		by->key = NULL;
		return true;
	}
	if (by->key->is_md5)
		return true;
	by->rnext_id = h->auth_rnext;
	by->sne = hf_sne_of(&at, out->seq);
	hf_traffic_key_send(by->key, &f, (hf_isns){ h->iss, h->irs }, &by->traffic);
	return true;
}

bool hf_signer_of_time_wait(hf_auth *a, const hf_flow *f, const hf_sending *out, hf_signer *by)
{
	if (!a)
		return false;
	by->key = a->current && a->rnext ? a->current : NULL;
	if (!by->key || by->key->is_md5)
		return true;
	by->rnext_id = a->rnext->recv_id;
	by->sne = hf_sne_of(&a->snd, out->seq);
	by->traffic = *hf_auth_send_key(a, f, a->current);
	return true;
}

bool hf_signer_of_answer(const hf_flow *f, const hf_segment *g, hf_signer *by)
{
	static const hf_seq none = { 0 };

	by->key = g->key;
	if (!g->key || g->key->is_md5)
		return g->key != NULL;
	/*
	 * Only a SYN can have been verified here. Our ISN is what the reset carries as its number:
	 * none.
	 */
	by->rnext_id = g->key->recv_id;
	by->sne = 0;
	hf_traffic_key_send(g->key, f, (hf_isns){ none, g->seq }, &by->traffic);
	return true;
}
