/* SPDX-License-Identifier: BSD-2-Clause */
/* Signatures that a script asks to be computed. */
#include "drill/sign.h"

#include <string.h>

#include "io/auth/nettle.h"
#include "tcp/auth.h"

struct hf_drill_key {
	struct hf_drill_key *next;
	hf_mkt mkt;
};

bool hf_drill_can_sign(void)
{
	return hf_nettle_mac_at(0) != NULL;
}

static hf_mkt mkt_of(const hf_key_options *o)
{
	hf_mkt k = {
		.used = true,
		.is_md5 = o->kind == HF_KEY_MD5,
		.omits_options = o->omit_options,
		.send_id = o->send_id,
		.recv_id = o->recv_id,
		.mac_len = o->mac_len ? o->mac_len : HF_AO_MAC_DEFAULT,
		.secret_len = (uint8_t)o->secret_len,
		.mac = o->mac,
	};

	if (k.is_md5)
		k.mac_len = HF_MD5_DIGEST;
	memcpy(k.secret, o->secret, o->secret_len);
	return k;
}

hf_err hf_drill_key_add(hf_world *w, const hf_key_options *options, hf_key *out)
{
	hf_err err = hf_key_add(w->stack, options, out);
	hf_drill_key *k;

	if (err != HF_OK)
		return err;
	k = hf_arena_take(w->arena, sizeof(*k));
	k->mkt = mkt_of(options);
	k->next = w->keys;
	w->keys = k;
	return HF_OK;
}

static const hf_mkt *find(const hf_drill_desk *desk, const hf_drill_signed *what)
{
	bool is_md5 = what->option->code == HF_OPT_MD5;

	for (const hf_drill_key *k = desk->keys; k != NULL; k = k->next) {
		uint8_t id = what->is_inbound ? k->mkt.recv_id : k->mkt.send_id;

		if (k->mkt.is_md5 == is_md5 && (is_md5 || id == what->option->octet[0]))
			return &k->mkt;
	}
	return NULL;
}

/* As whoever sends it sees it. */
static hf_flow sender(const hf_drill_flow *f, bool is_inbound)
{
	if (is_inbound)
		return (hf_flow){ f->remote_addr, f->local_addr, f->remote, f->local };
	return (hf_flow){ f->local_addr, f->remote_addr, f->local, f->remote };
}

/* The script's peer may sign with another secret than it has told the stack. */
static void use_peers_secret(const hf_drill_desk *desk, const hf_drill_signed *what, hf_mkt *k)
{
	const char *secret = desk->setup->md5_secret;

	if (!what->is_inbound || !k->is_md5 || secret == NULL)
		return;
	k->secret_len = (uint8_t)strlen(secret);
	memcpy(k->secret, secret, k->secret_len);
}

static hf_isns isns_of(const hf_drill_flow *f, const hf_drill_signed *what)
{
	hf_seq seq = { hf_get32(what->segment.at + 4) };
	hf_seq local = { f->local_isn }, remote = { f->remote_isn };

	if (hf_is_first_syn(what->segment.at[13]))
		return (hf_isns){ .source = seq };
	return what->is_inbound ? (hf_isns){ remote, local } : (hf_isns){ local, remote };
}

size_t hf_drill_sign_at(const hf_drill_option *o)
{
	return o->code == HF_OPT_MD5 ? 0 : 2;
}

size_t hf_drill_sign(const hf_drill_desk *desk, const hf_drill_signed *what, uint8_t *mac)
{
	const hf_mkt *key = find(desk, what);
	hf_flow from = sender(desk->flow, what->is_inbound);
	hf_isns isns = isns_of(desk->flow, what);
	hf_traffic_key traffic;
	hf_auth_input in = {
		.traffic = &traffic,
		.src = &from.local,
		.dst = &from.remote,
		.segment = what->segment,
	};
	hf_mkt used;

	if (key == NULL)
		return 0;
	used = *key;
	use_peers_secret(desk, what, &used);
	in.key = &used;
	/* The script's numbers are relative: it wraps once, and at most once. */
	in.sne = hf_get32(what->segment.at + 4) < isns.source.v;
	hf_traffic_key_send(&used, &from, isns, &traffic);
	hf_auth_compute(&in, mac);
	return used.mac_len;
}
