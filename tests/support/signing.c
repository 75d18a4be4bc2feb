/* SPDX-License-Identifier: BSD-2-Clause */
/* A scripted peer that signs what it says and verifies what it hears. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/signing.h"

const flaw_case ao_flaws[AO_FLAWS] = {
	{ FLAW_UNSIGNED, HF_WHY_AO_MISSING },  { FLAW_MAC, HF_WHY_AO_MAC_WRONG },
	{ FLAW_TEXT, HF_WHY_AO_MAC_WRONG },    { FLAW_LENGTH, HF_WHY_AO_LENGTH },
	{ FLAW_TWICE, HF_WHY_AUTH_TWICE },     { FLAW_SNE, HF_WHY_AO_MAC_WRONG },
	{ FLAW_SYN_KEY, HF_WHY_AO_MAC_WRONG },
};

#define DIGEST 16
#define MESSAGE_MAX 66000

/* ---- The toy ---- */

static void stir(uint64_t lane[2], const uint8_t *at, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		lane[0] = (lane[0] ^ at[i]) * UINT64_C(0x100000001b3);
		lane[1] = (lane[1] + at[i]) * UINT64_C(0x9e3779b97f4a7c15) ^ lane[0] >> 29;
	}
}

static void toy(const hf_auth_mac *mac, const hf_auth_part *key, const hf_auth_part *part,
		size_t parts, uint8_t *digest)
{
	uint64_t lane[2] = { UINT64_C(0xcbf29ce484222325), 7 };

	(void)mac;
	stir(lane, key->at, key->len);
	for (size_t i = 0; i < parts; i++)
		stir(lane, part[i].at, part[i].len);
	stir(lane, key->at, key->len);
	for (unsigned i = 0; i < DIGEST; i++)
		digest[i] = (uint8_t)(lane[i / 8] >> 8 * (i % 8));
}

const hf_auth_mac toy_mac = { "toy", DIGEST, toy, NULL };

/* ---- Messages, from the RFCs ---- */

typedef struct message {
	size_t len;
	uint8_t octet[MESSAGE_MAX];
} message;

static message work; /* too large for the stack of a small machine */

static void add(const void *at, size_t len)
{
	assert_true(work.len + len <= MESSAGE_MAX);
	memcpy(work.octet + work.len, at, len);
	work.len += len;
}

static void add_32(uint32_t v)
{
	uint8_t o[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v };

	add(o, 4);
}

static void add_16(unsigned v)
{
	uint8_t o[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	add(o, 2);
}

static void add_addr(const hf_addr *a)
{
	if (hf_addr_is_v4(a))
		add(a->octet + 12, 4);
	else
		add(a->octet, 16);
}

static void digest_of(const void *key, size_t key_len, uint8_t *digest)
{
	hf_auth_part k = { key, key_len }, whole = { work.octet, work.len };

	toy(&toy_mac, &k, &whole, 1, digest);
}

static void add_pseudo(const hf_ip *ip, size_t len)
{
	add_addr(&ip->src);
	add_addr(&ip->dst);
	if (ip->version == 4) {
		add_16(6);
		add_16((unsigned)len);
	} else {
		add_32((uint32_t)len);
		add_32(6);
	}
}

/* RFC 5926 3.1: i || "TCP-AO" || context || length. */
static void traffic_key(const signing_key *k, const hf_ip *ip, const uint8_t *segment,
			const uint32_t isn[2], uint8_t *out)
{
	work.len = 0;
	add("\1TCP-AO", 7);
	add_addr(&ip->src);
	add_addr(&ip->dst);
	add(segment, 4); /* both ports */
	add_32(isn[0]);
	add_32(isn[1]);
	add_16(DIGEST * 8);
	digest_of(k->secret, strlen(k->secret), out);
}

static unsigned mac_len(const signing_key *k)
{
	return k->mac_len ? k->mac_len : 12;
}

static size_t find(const uint8_t *segment, uint8_t kind)
{
	size_t end = (size_t)(segment[12] >> 4) * 4, at = 20;

	while (at < end && segment[at] != kind && segment[at] != 0)
		at += segment[at] == 1 ? 1 : segment[at + 1];
	return at < end && segment[at] == kind ? at : 0;
}

/* The header as it counts, then the text. */
static void add_segment(const signing_key *k, const uint8_t *segment, size_t len)
{
	size_t header = (size_t)(segment[12] >> 4) * 4, option = find(segment, 29);
	uint8_t copy[60];

	memcpy(copy, segment, header);
	memset(copy + 16, 0, 2);
	memset(copy + option + 4, 0, mac_len(k));
	if (k->omits_options) {
		add(copy, 20);
		add(copy + option, 4 + mac_len(k));
	} else {
		add(copy, header);
	}
	add(segment + header, len - header);
}

typedef struct maker {
	const signing_key *key;
	hf_seq from_isn, to_isn;
	bool extra_wrap, other_key;
} maker;

static void ao_mac(const maker *m, const hf_ip *ip, const uint8_t *segment, size_t len,
		   uint8_t *digest)
{
	bool is_syn = (segment[13] & (SYN | ACK)) == SYN;
	hf_seq seq = { (uint32_t)segment[4] << 24 | (uint32_t)segment[5] << 16 |
		       (uint32_t)segment[6] << 8 | segment[7] };
	uint32_t isn[2] = { m->from_isn.v, is_syn != m->other_key ? 0 : m->to_isn.v };
	uint64_t place = (uint64_t)m->from_isn.v + hf_seq_span(m->from_isn, seq);
	uint8_t key[DIGEST];

	traffic_key(m->key, ip, segment, isn, key);
	work.len = 0;
	add_32((uint32_t)(place >> 32) + m->extra_wrap);
	add_pseudo(ip, len);
	add_segment(m->key, segment, len);
	digest_of(key, DIGEST, digest);
}

static void md5_digest(const signing_key *k, const hf_ip *ip, const uint8_t *segment, size_t len,
		       uint8_t *digest)
{
	size_t header = (size_t)(segment[12] >> 4) * 4;
	uint8_t copy[20];

	memcpy(copy, segment, 20);
	memset(copy + 16, 0, 2);
	work.len = 0;
	add_pseudo(ip, len);
	add(copy, 20);
	add(segment + header, len - header);
	digest_of(k->secret, strlen(k->secret), digest);
}

/* ---- The peer's segments ---- */

static void reserve(peer *p, hf_tcp *t)
{
	signing *s = p->signer;
	const signing_key *k = &s->key[s->uses];
	unsigned len = mac_len(k) - (s->flaw == FLAW_LENGTH ? 4 : 0);

	memset(s->room, 0, sizeof(s->room));
	if (s->flaw == FLAW_UNSIGNED)
		return;
	s->room[0] = k->id;
	s->room[1] = s->key[s->asks].host_id;
	if (s->is_md5 || s->flaw == FLAW_TWICE) {
		t->options.present |= HF_HAS(MD5);
		t->options.md5 = (hf_view){ s->room, 16 };
		t->options.present &= ~HF_HAS(TIMESTAMPS);
	}
	if (!s->is_md5 || s->flaw == FLAW_TWICE) {
		t->options.present |= HF_HAS(AUTHENTICATION);
		t->options.ao = (hf_view){ s->room, 2 + len };
	}
}

static void spoil(const signing *s, uint8_t *segment, size_t option)
{
	size_t stamp = find(segment, 8);

	if (s->flaw == FLAW_MAC)
		segment[option + (s->is_md5 ? 2 : 4) + 7] ^= 0x10;
	if (s->flaw == FLAW_TEXT)
		segment[15] ^= 1;
	if (s->flaw == FLAW_OPTION && stamp)
		segment[stamp + 2 + 7] ^= 1;
}

static void sign(peer *p, const hf_ip *ip, uint8_t *segment, size_t len)
{
	signing *s = p->signer;
	const signing_key *k = &s->key[s->uses];
	size_t option = find(segment, s->is_md5 ? 19 : 29);
	hf_seq isn = segment[13] & SYN ?
			     (hf_seq){ (uint32_t)segment[4] << 24 | (uint32_t)segment[5] << 16 |
				       (uint32_t)segment[6] << 8 | segment[7] } :
			     p->isn;
	maker m = { k, isn, p->host_isn, s->flaw == FLAW_SNE, s->flaw == FLAW_SYN_KEY };
	uint8_t digest[DIGEST];

	if (!option)
		return;
	if (s->is_md5) {
		md5_digest(k, ip, segment, len, digest);
		memcpy(segment + option + 2, digest, 16);
	} else {
		ao_mac(&m, ip, segment, len, digest);
		memcpy(segment + option + 4, digest, segment[option + 1] - 4u);
	}
	spoil(s, segment, option);
}

/* ---- The host's ---- */

static const signing_key *key_of(const signing *s, uint8_t host_id)
{
	for (unsigned i = 0; i < s->keys; i++)
		if (s->key[i].host_id == host_id)
			return &s->key[i];
	fail_msg("the host signs with a key that nobody has: %u", host_id);
	return NULL;
}

static void check_ao(signing *s, const peer_seen *seen)
{
	const uint8_t *segment = seen->ip.payload.at;
	size_t option = find(segment, 29);
	const signing_key *k;
	bool is_lone_reset = seen->tcp.seq.v == 0 && seen->tcp.flags & RST;
	maker m = { .from_isn = is_lone_reset ? (hf_seq){ 0 } : s->p->host_isn,
		    .to_isn = s->p->isn };
	uint8_t digest[DIGEST];

	if (!option)
		fail_msg("the host sent an unsigned segment, flags %#x", (unsigned)seen->tcp.flags);
	s->heard_id = segment[option + 2];
	s->heard_rnext = segment[option + 3];
	k = key_of(s, s->heard_id);
	m.key = k;
	assert_int_equal(segment[option + 1], 4 + mac_len(k));
	ao_mac(&m, &seen->ip, segment, seen->ip.payload.len, digest);
	assert_memory_equal(segment + option + 4, digest, mac_len(k));
}

static void check_md5(signing *s, const peer_seen *seen)
{
	const uint8_t *segment = seen->ip.payload.at;
	size_t option = find(segment, 19);
	uint8_t digest[DIGEST];

	if (!option)
		fail_msg("the host sent an unsigned segment, flags %#x", (unsigned)seen->tcp.flags);
	md5_digest(&s->key[0], &seen->ip, segment, seen->ip.payload.len, digest);
	assert_memory_equal(segment + option + 2, digest, 16);
}

static void check(peer *p, const peer_seen *seen)
{
	signing *s = p->signer;

	if (s->is_md5)
		check_md5(s, seen);
	else
		check_ao(s, seen);
	s->checked++;
}

/* ---- Making ---- */

static const peer_signature signature = { reserve, sign, check };

void signing_begin(signing *s, peer *p, bool is_md5)
{
	s->p = p;
	s->is_md5 = is_md5;
	p->signature = &signature;
	p->signer = s;
}

hf_key_options signing_options(const signing *s, unsigned n)
{
	const signing_key *k = &s->key[n];

	return (hf_key_options){
		.size = sizeof(hf_key_options),
		.kind = s->is_md5 ? HF_KEY_MD5 : HF_KEY_AO,
		.remote = { s->p->self.addr, 0 },
		.send_id = k->host_id,
		.recv_id = k->id,
		.mac_len = s->is_md5 ? 0 : k->mac_len,
		.omit_options = k->omits_options,
		.mac = &toy_mac,
		.secret = k->secret,
		.secret_len = strlen(k->secret),
	};
}

hf_key signing_share(signing *s, unsigned n)
{
	hf_key_options o = signing_options(s, n);
	hf_key key = { 0 };

	assert_int_equal(hf_key_add(s->p->stack, &o, &key), HF_OK);
	return key;
}

peer *signing_peer(signing *s, const hf_config *config, bool is_md5)
{
	peer *p = peer_new(config);

	*s = (signing){ .key = { { 61, 84, "first", 0, false } }, .keys = 1 };
	signing_begin(s, p, is_md5);
	signing_share(s, 0);
	return p;
}
