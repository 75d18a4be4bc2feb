/* SPDX-License-Identifier: BSD-2-Clause */
/* What a MAC covers, and the keys that it is made with (RFC 5925 5, RFC 5926, RFC 2385). */
#include "tcp/auth.h"

#define LABEL_LEN 6
#define CONTEXT_MAX (2 * 16 + 2 * 2 + 2 * 4)
#define PSEUDO_MAX 40
#define AO_IDS 2    /* octets of KeyID and RNextKeyID before the MAC */
#define AO_HEAD 4   /* the same with kind and length */
#define NO_OFFSET 0 /* no option can stand there */

void hf_wipe(void *at, size_t len)
{
	volatile uint8_t *p = at; /* so that the stores are not taken for dead ones */

	while (len-- > 0)
		*p++ = 0;
}

/* ---- Sequence number extensions ---- */

uint32_t hf_sne_of(const hf_sne *s, hf_seq seq)
{
	if (hf_seq_lt(seq, s->at))
		return s->high - (seq.v > s->at.v);
	return s->high + (seq.v < s->at.v);
}

void hf_sne_advance(hf_sne *s, hf_seq to)
{
	if (!hf_seq_lt(s->at, to))
		return;
	s->high = hf_sne_of(s, to);
	s->at = to;
}

/* ---- Traffic keys ---- */

/* Addresses as they stand in packets: 4 octets or 16. */
static size_t put_addr(uint8_t *to, const hf_addr *a)
{
	bool is_v4 = hf_addr_is_v4(a);
	size_t len = is_v4 ? 4 : 16;

	memcpy(to, a->octet + (is_v4 ? 12 : 0), len);
	return len;
}

/* RFC 5926 3.1: one block of the counter mode is all that is needed, as the key is as long. */
static void derive(const hf_mkt *key, const hf_flow *from, hf_isns isns, hf_traffic_key *out)
{
	uint8_t input[1 + LABEL_LEN + CONTEXT_MAX + 2] = { 1, 'T', 'C', 'P', '-', 'A', 'O' };
	const hf_auth_part secret = { key->secret, key->secret_len };
	hf_auth_part whole = { input, 1 + LABEL_LEN };

	whole.len += put_addr(input + whole.len, &from->local);
	whole.len += put_addr(input + whole.len, &from->remote);
	hf_put16(input + whole.len, from->local_port);
	hf_put16(input + whole.len + 2, from->remote_port);
	hf_put32(input + whole.len + 4, isns.source.v);
	hf_put32(input + whole.len + 8, isns.destination.v);
	hf_put16(input + whole.len + 12, (uint16_t)(key->mac->digest_len * 8)); /* in bits */
	whole.len += 14;
	key->mac->compute(key->mac, &secret, &whole, 1, out->octet);
}

void hf_traffic_key_send(const hf_mkt *key, const hf_flow *f, hf_isns isns, hf_traffic_key *out)
{
	derive(key, f, isns, out);
}

void hf_traffic_key_receive(const hf_mkt *key, const hf_flow *f, hf_isns isns, hf_traffic_key *out)
{
	hf_flow from_peer = { f->remote, f->local, f->remote_port, f->local_port };

	derive(key, &from_peer, isns, out);
}

/* ---- Connections ---- */

hf_auth *hf_auth_new(hf_mem *m, hf_mkt *key, hf_seq iss)
{
	hf_auth *a = hf_mem_new(m, sizeof(*a));

	if (!a)
		return NULL;
	a->current = key;
	a->rnext = key;
	a->iss = iss;
	a->snd.at = iss;
	return a;
}

void hf_auth_free(hf_mem *m, hf_auth *a)
{
	if (!a)
		return;
	hf_wipe(a, sizeof(*a));
	hf_mem_free(m, a, sizeof(*a));
}

void hf_auth_set_irs(hf_auth *a, hf_seq irs)
{
	if (!hf_seq_eq(a->irs, irs)) /* what was derived, was for another */
		hf_wipe(a->cache, sizeof(a->cache));
	a->irs = irs;
	a->rcv = (hf_sne){ .at = irs };
}

void hf_auth_forget(hf_auth *a, const hf_mkt *key)
{
	for (unsigned i = 0; i < HF_AUTH_CACHE; i++)
		if (a->cache[i].mkt == key)
			hf_wipe(&a->cache[i], sizeof(a->cache[i]));
}

/* The cache's place of a key, which may be empty yet. */
static unsigned place_of(hf_auth *a, hf_mkt *key)
{
	unsigned i = 0;

	while (i < HF_AUTH_CACHE && a->cache[i].mkt != key)
		i++;
	if (i < HF_AUTH_CACHE)
		return i;
	i = a->cache_next;
	a->cache_next = (uint8_t)((i + 1) % HF_AUTH_CACHE);
	hf_wipe(&a->cache[i], sizeof(a->cache[i]));
	a->cache[i].mkt = key;
	return i;
}

const hf_traffic_key *hf_auth_send_key(hf_auth *a, const hf_flow *f, hf_mkt *key)
{
	unsigned i = place_of(a, key);

	if (!a->cache[i].has_send)
		hf_traffic_key_send(key, f, (hf_isns){ a->iss, a->irs }, &a->cache[i].send);
	a->cache[i].has_send = true;
	return &a->cache[i].send;
}

const hf_traffic_key *hf_auth_receive_key(hf_auth *a, const hf_flow *f, hf_mkt *key)
{
	unsigned i = place_of(a, key);

	if (!a->cache[i].has_receive)
		hf_traffic_key_receive(key, f, (hf_isns){ a->irs, a->iss }, &a->cache[i].receive);
	a->cache[i].has_receive = true;
	return &a->cache[i].receive;
}

/* ---- MACs ---- */

static size_t put_pseudo(uint8_t *to, const hf_auth_input *in)
{
	bool is_v4 = hf_addr_is_v4(in->src);
	size_t len = put_addr(to, in->src);

	len += put_addr(to + len, in->dst);
	if (is_v4) {
		hf_put16(to + len, HF_IPPROTO_TCP);
		hf_put16(to + len + 2, (uint16_t)in->segment.len);
		return len + 4;
	}
	hf_put32(to + len, (uint32_t)in->segment.len);
	hf_put32(to + len + 4, HF_IPPROTO_TCP);
	return len + 8;
}

static size_t header_len(const uint8_t *segment)
{
	return (size_t)(segment[12] >> 4) * 4;
}

/* Where an option's body begins in a header; NO_OFFSET: it has none. */
static size_t find_body(const uint8_t *header, uint8_t kind)
{
	hf_view raw = { header + HF_TCP_HEADER, header_len(header) - HF_TCP_HEADER };
	hf_tcp_option option;
	size_t at = NO_OFFSET;

	while (hf_tcp_option_next(&raw, &option))
		if (option.kind == kind)
			at = (size_t)(option.body.at - header);
	return at;
}

/*
 * RFC 5925 5.1: checksum and MAC count as zero; without the other options, TCP-AO's own follows the
 * fixed header.
 */
static size_t put_ao_header(uint8_t *to, const hf_auth_input *in)
{
	size_t len = header_len(in->segment.at), body, option = AO_HEAD + (size_t)in->key->mac_len;

	memcpy(to, in->segment.at, len);
	hf_put16(to + HF_TCP_CHECKSUM_AT, 0);
	body = find_body(to, HF_OPT_AUTHENTICATION);
	if (body == NO_OFFSET)
		return len;
	memset(to + body + AO_IDS, 0, in->key->mac_len);
	if (!in->key->omits_options)
		return len;
	memmove(to + HF_TCP_HEADER, to + body - 2, option);
	return HF_TCP_HEADER + option;
}

static void compute_ao(const hf_auth_input *in, uint8_t *digest)
{
	uint8_t head[4 + PSEUDO_MAX + HF_TCP_HEADER_MAX];
	const hf_auth_part key = { in->traffic->octet, in->key->mac->digest_len };
	hf_view text = hf_view_skip(in->segment, header_len(in->segment.at));
	hf_auth_part part[] = { { head, 4 }, { text.at, text.len } };

	hf_put32(head, in->sne);
	part[0].len += put_pseudo(head + part[0].len, in);
	part[0].len += put_ao_header(head + part[0].len, in);
	in->key->mac->compute(in->key->mac, &key, part, 2, digest);
}

/* RFC 2385 2.0: no option counts, and the secret comes last. */
static void compute_md5(const hf_auth_input *in, uint8_t *digest)
{
	uint8_t head[PSEUDO_MAX + HF_TCP_HEADER];
	const hf_auth_part key = { in->key->secret, in->key->secret_len };
	hf_view text = hf_view_skip(in->segment, header_len(in->segment.at));
	hf_auth_part part[] = { { head, 0 }, { text.at, text.len } };
	size_t at = put_pseudo(head, in);

	memcpy(head + at, in->segment.at, HF_TCP_HEADER);
	hf_put16(head + at + HF_TCP_CHECKSUM_AT, 0);
	part[0].len = at + HF_TCP_HEADER;
	in->key->mac->compute(in->key->mac, &key, part, 2, digest);
}

void hf_auth_compute(const hf_auth_input *in, uint8_t *mac)
{
	uint8_t digest[HF_AUTH_DIGEST_MAX];

	if (in->key->is_md5)
		compute_md5(in, digest);
	else
		compute_ao(in, digest);
	memcpy(mac, digest, in->key->mac_len);
}

bool hf_auth_matches(const hf_auth_input *in, const uint8_t *mac)
{
	uint8_t right[HF_AO_MAC_MAX], differs = 0;

	hf_auth_compute(in, right);
	for (unsigned i = 0; i < in->key->mac_len; i++)
		differs |= right[i] ^ mac[i];
	return differs == 0;
}

/* ---- Signing ---- */

void hf_sign_reserve(const hf_mkt *key, uint8_t rnext_id, uint8_t *room, hf_tcp_options *o)
{
	memset(room, 0, HF_AUTH_OPTION_MAX);
	if (key->is_md5) {
		o->present |= HF_HAS(MD5);
		o->md5 = (hf_view){ room, HF_MD5_DIGEST };
		return;
	}
	room[0] = key->send_id;
	room[1] = rnext_id;
	o->present |= HF_HAS(AUTHENTICATION);
	o->ao = (hf_view){ room, AO_IDS + (size_t)key->mac_len };
}

void hf_sign(hf_signer *by, const hf_flow *f, uint8_t *segment, size_t len)
{
	hf_auth_input in = {
		.key = by->key,
		.traffic = &by->traffic,
		.sne = by->sne,
		.src = &f->local,
		.dst = &f->remote,
		.segment = { segment, len },
	};
	uint8_t kind = by->key->is_md5 ? HF_OPT_MD5 : HF_OPT_AUTHENTICATION;
	size_t at = find_body(segment, kind);

	if (at != NO_OFFSET)
		hf_auth_compute(&in, segment + at + (by->key->is_md5 ? 0 : AO_IDS));
	hf_wipe(&by->traffic, sizeof(by->traffic));
}
