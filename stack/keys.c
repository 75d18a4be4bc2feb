/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of keys: added, preferred, removed, and found for a connection (RFC 5925 3.1). */
#include "stack/keys.h"

static hf_mkt *key_at(const hf_stack *s, uint32_t number)
{
	return hf_slab_at(&s->keys, number);
}

static hf_mkt *find_handle(const hf_stack *s, hf_key handle)
{
	hf_mkt *k;

	if (handle.slot >= s->keys.fresh)
		return NULL;
	k = key_at(s, handle.slot);
	return k->used && k->generation == handle.generation ? k : NULL;
}

/* ---- Matching ---- */

static bool addr_matches(const hf_addr *pattern, unsigned prefix, const hf_addr *a)
{
	return hf_addr_is_none(pattern) || hf_addr_same_net(pattern, a, prefix);
}

static bool port_matches(uint16_t pattern, uint16_t port)
{
	return pattern == 0 || pattern == port;
}

static unsigned bits_of(const hf_addr *a)
{
	return hf_addr_is_v4(a) ? 32 : 128;
}

bool hf_key_is_for(const hf_mkt *k, const hf_flow *f)
{
	return k->used && port_matches(k->local.port, f->local_port) &&
	       port_matches(k->remote.port, f->remote_port) &&
	       addr_matches(&k->local.addr, bits_of(&k->local.addr), &f->local) &&
	       addr_matches(&k->remote.addr, k->prefix, &f->remote);
}

/* Is `a` the better key to begin with? */
static bool is_better(const hf_mkt *a, const hf_mkt *b)
{
	if (a->is_md5)
		return a->prefix > b->prefix;
	return a->preferred != b->preferred ? a->preferred : a->age < b->age;
}

hf_mkt *hf_keys_first(const hf_stack *s, const hf_flow *f)
{
	hf_mkt *best = NULL;

	for (uint32_t i = 0; i < s->keys.fresh; i++) {
		hf_mkt *k = key_at(s, i);

		if (hf_key_is_for(k, f) && (!best || is_better(k, best)))
			best = k;
	}
	return best;
}

hf_mkt *hf_keys_receiving(const hf_stack *s, const hf_flow *f, uint8_t recv_id)
{
	for (uint32_t i = 0; i < s->keys.fresh; i++) {
		hf_mkt *k = key_at(s, i);

		if (k->recv_id == recv_id && !k->is_md5 && hf_key_is_for(k, f))
			return k;
	}
	return NULL;
}

hf_mkt *hf_keys_sending(const hf_stack *s, const hf_flow *f, uint8_t send_id)
{
	for (uint32_t i = 0; i < s->keys.fresh; i++) {
		hf_mkt *k = key_at(s, i);

		if (k->send_id == send_id && !k->is_md5 && hf_key_is_for(k, f))
			return k;
	}
	return NULL;
}

/* ---- Adding ---- */

static bool is_addr_sound(const hf_addr *a)
{
	return hf_addr_is_none(a) || !hf_addr_is_multicast(a);
}

static bool are_ends_sound(const hf_key_options *o)
{
	const hf_addr *local = &o->local.addr, *remote = &o->remote.addr;

	if (!is_addr_sound(local) || !is_addr_sound(remote))
		return false;
	if (o->prefix > (hf_addr_is_none(remote) ? 0 : bits_of(remote)))
		return false;
	return hf_addr_is_none(local) || hf_addr_is_none(remote) ||
	       hf_addr_is_v4(local) == hf_addr_is_v4(remote);
}

static uint8_t mac_len_of(const hf_key_options *o)
{
	if (o->kind == HF_KEY_MD5)
		return HF_MD5_DIGEST;
	return o->mac_len ? o->mac_len : HF_AO_MAC_DEFAULT;
}

static bool is_algorithm_sound(const hf_key_options *o)
{
	uint8_t len = mac_len_of(o);

	if (!o->mac || !o->mac->compute || o->mac->digest_len > HF_AUTH_DIGEST_MAX)
		return false;
	if (o->kind == HF_KEY_MD5)
		return o->mac->digest_len == HF_MD5_DIGEST && o->mac_len == 0;
	return len >= HF_AO_MAC_MIN && len <= HF_AO_MAC_MAX && len <= o->mac->digest_len;
}

static bool are_options_sound(const hf_key_options *o)
{
	return o->size == sizeof(*o) && (o->kind == HF_KEY_AO || o->kind == HF_KEY_MD5) &&
	       o->secret && o->secret_len > 0 && o->secret_len <= HF_KEY_SECRET_MAX &&
	       are_ends_sound(o) && is_algorithm_sound(o);
}

static hf_mkt key_of(const hf_key_options *o)
{
	hf_mkt k = {
		.used = true,
		.is_md5 = o->kind == HF_KEY_MD5,
		.omits_options = o->omit_options,
		.accepts_icmp = o->accept_icmp,
		.send_id = o->send_id,
		.recv_id = o->recv_id,
		.mac_len = mac_len_of(o),
		.prefix = o->prefix,
		.secret_len = (uint8_t)o->secret_len,
		.local = o->local,
		.remote = o->remote,
		.mac = o->mac,
	};

	if (k.prefix == 0 && !hf_addr_is_none(&k.remote.addr))
		k.prefix = (uint8_t)bits_of(&k.remote.addr);
	memcpy(k.secret, o->secret, o->secret_len);
	return k;
}

static bool nets_overlap(const hf_addr *a, unsigned a_prefix, const hf_addr *b, unsigned b_prefix)
{
	return hf_addr_is_none(a) || hf_addr_is_none(b) ||
	       hf_addr_same_net(a, b, a_prefix < b_prefix ? a_prefix : b_prefix);
}

static bool ports_overlap(uint16_t a, uint16_t b)
{
	return a == 0 || b == 0 || a == b;
}

/* Is there a connection that both could be for? */
static bool overlap(const hf_mkt *a, const hf_mkt *b)
{
	return ports_overlap(a->local.port, b->local.port) &&
	       ports_overlap(a->remote.port, b->remote.port) &&
	       nets_overlap(&a->local.addr, bits_of(&a->local.addr), &b->local.addr,
			    bits_of(&b->local.addr)) &&
	       nets_overlap(&a->remote.addr, a->prefix, &b->remote.addr, b->prefix);
}

static bool have_same_ends(const hf_mkt *a, const hf_mkt *b)
{
	return a->prefix == b->prefix && a->local.port == b->local.port &&
	       a->remote.port == b->remote.port && hf_addr_equal(&a->local.addr, &b->local.addr) &&
	       hf_addr_is_none(&a->remote.addr) == hf_addr_is_none(&b->remote.addr);
}

/* RFC 5925 3.1: what a segment says must name one key; and 2.2: one option or the other. */
static bool collide(const hf_mkt *a, const hf_mkt *b)
{
	if (!overlap(a, b))
		return false;
	if (a->is_md5 && b->is_md5)
		return have_same_ends(a, b);
	return a->is_md5 || b->is_md5 || a->send_id == b->send_id || a->recv_id == b->recv_id;
}

static bool is_free_of_others(const hf_stack *s, const hf_mkt *k)
{
	for (uint32_t i = 0; i < s->keys.fresh; i++)
		if (key_at(s, i)->used && collide(key_at(s, i), k))
			return false;
	return true;
}

static hf_err store(hf_stack *s, const hf_mkt *k, hf_key *out)
{
	uint32_t number, generation;
	hf_mkt *at;

	if (!is_free_of_others(s, k))
		return HF_ERR_IN_USE;
	number = hf_slab_take(&s->keys, &s->mem);
	if (number == HF_SLAB_NONE)
		return s->keys.used == s->config.max_keys ? HF_ERR_LIMIT : HF_ERR_NO_MEMORY;
	at = key_at(s, number);
	generation = at->generation == UINT32_MAX ? 1 : at->generation + 1;
	*at = *k;
	at->generation = generation;
	at->age = s->keys_added++;
	*out = (hf_key){ number, generation };
	return HF_OK;
}

hf_err hf_key_add(hf_stack *s, const hf_key_options *options, hf_key *out)
{
	hf_mkt k;
	hf_err err;

	if (!are_options_sound(options))
		return HF_ERR_INVALID;
	k = key_of(options);
	err = store(s, &k, out);
	hf_wipe(&k, sizeof(k));
	return err;
}

hf_err hf_key_prefer(hf_stack *s, hf_key key)
{
	hf_mkt *k = find_handle(s, key);

	if (!k)
		return HF_ERR_STALE;
	if (k->is_md5)
		return HF_ERR_INVALID;
	for (uint32_t i = 0; i < s->keys.fresh; i++)
		if (key_at(s, i)->used && overlap(key_at(s, i), k))
			key_at(s, i)->preferred = false;
	k->preferred = true;
	return HF_OK;
}

/* ---- Removing ---- */

static bool is_in_use(const hf_stack *s, const hf_mkt *k)
{
	for (uint32_t i = 0; i < s->places.slab.fresh; i++) {
		const hf_tcb *c = hf_conn_awake(s, i); /* what is signed does not rest */
		const hf_auth *a = c ? c->auth : NULL;

		if (a && (a->current == k || a->rnext == k))
			return true;
	}
	return false;
}

/* What is derived from a key goes with it. */
static void forget(hf_stack *s, const hf_mkt *k)
{
	for (uint32_t i = 0; i < s->places.slab.fresh; i++) {
		hf_tcb *c = hf_conn_awake(s, i);

		if (c && c->auth)
			hf_auth_forget(c->auth, k);
	}
	for (uint32_t i = 0; i < s->time_waits.fresh; i++) {
		hf_auth *a = hf_time_wait_auth(s, hf_time_wait_at(s, i));

		if (!a)
			continue;
		hf_auth_forget(a, k);
		if (a->current == k)
			a->current = NULL;
		if (a->rnext == k)
			a->rnext = NULL;
	}
}

hf_err hf_key_remove(hf_stack *s, hf_key key)
{
	hf_mkt *k = find_handle(s, key);

	if (!k)
		return HF_ERR_STALE;
	if (is_in_use(s, k))
		return HF_ERR_IN_USE;
	forget(s, k);
	hf_wipe(k, sizeof(*k));
	k->generation = key.generation;
	hf_slab_give(&s->keys, key.slot);
	return HF_OK;
}

void hf_keys_release(hf_stack *s)
{
	for (uint32_t i = 0; i < s->keys.fresh; i++)
		hf_wipe(key_at(s, i), sizeof(hf_mkt));
	hf_slab_release(&s->keys, &s->mem);
}

/* ---- Of connections ---- */

static hf_key handle_of(const hf_stack *s, const hf_mkt *k)
{
	for (uint32_t i = 0; i < s->keys.fresh; i++)
		if (key_at(s, i) == k)
			return (hf_key){ i, k->generation };
	return (hf_key){ 0 };
}

hf_err hf_conn_auth_get(const hf_stack *s, hf_conn handle, hf_conn_auth *out)
{
	hf_tcb room;
	const hf_tcb *c = hf_conn_look(s, handle, &room);
	const hf_auth *a;

	if (!c)
		return HF_ERR_STALE;
	*out = (hf_conn_auth){ .is_signed = c->auth != NULL };
	a = c->auth;
	if (!a)
		return HF_OK;
	out->kind = a->current->is_md5 ? HF_KEY_MD5 : HF_KEY_AO;
	out->current = handle_of(s, a->current);
	out->rnext = handle_of(s, a->rnext);
	if (a->current->is_md5)
		return HF_OK;
	out->current_id = a->current->send_id;
	out->rnext_id = a->rnext->recv_id;
	out->peer_id = a->peer_id;
	out->peer_rnext_id = a->peer_rnext_id;
	out->snd_sne = hf_sne_of(&a->snd, c->snd.nxt);
	out->rcv_sne = hf_sne_of(&a->rcv, c->rcv.nxt);
	return HF_OK;
}

/* `*k` stays as it is for a handle that is none. */
static hf_err read_key(const hf_stack *s, const hf_flow *f, hf_key handle, hf_mkt **k)
{
	hf_mkt *named;

	if (handle.generation == 0)
		return HF_OK;
	named = find_handle(s, handle);
	if (!named)
		return HF_ERR_STALE;
	if (named->is_md5 || !hf_key_is_for(named, f))
		return HF_ERR_INVALID;
	*k = named;
	return HF_OK;
}

hf_err hf_conn_auth_set(hf_stack *s, hf_conn handle, hf_key current, hf_key rnext)
{
	hf_tcb *c = hf_conn_find(s, handle);
	hf_mkt *sends, *asks;
	hf_err err;

	if (!c)
		return hf_conn_missing(s, handle);
	if (!c->auth || c->auth->current->is_md5)
		return HF_ERR_INVALID;
	sends = c->auth->current;
	asks = c->auth->rnext;
	err = read_key(s, &c->flow, current, &sends);
	if (err == HF_OK)
		err = read_key(s, &c->flow, rnext, &asks);
	if (err != HF_OK)
		return err;
	c->auth->rnext = asks;
	hf_auth_use(c, sends);
	return HF_OK;
}
