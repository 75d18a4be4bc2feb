/* SPDX-License-Identifier: BSD-2-Clause */
/* Algorithms for signed segments, by nettle (RFC 5926, RFC 4615, RFC 2385). */
#include "io/auth/nettle.h"

#include <string.h>

#ifdef HF_HAVE_AUTH

#include <nettle/cmac.h>
#include <nettle/hmac.h>
#include <nettle/md5.h>

#define HMAC(name, digest, upper)                                                                  \
	static void name(const hf_auth_mac *mac, const hf_auth_part *key,                          \
			 const hf_auth_part *part, size_t parts, uint8_t *out)                     \
	{                                                                                          \
		struct hmac_##digest##_ctx h;                                                      \
                                                                                                   \
		(void)mac;                                                                         \
		hmac_##digest##_set_key(&h, key->len, key->at);                                    \
		for (size_t i = 0; i < parts; i++)                                                 \
			hmac_##digest##_update(&h, part[i].len, part[i].at);                       \
		hmac_##digest##_digest(&h, upper##_DIGEST_SIZE, out);                              \
		explicit_bzero(&h, sizeof(h));                                                     \
	}

HMAC(compute_sha1, sha1, SHA1)
HMAC(compute_sha256, sha256, SHA256)
HMAC(compute_sha384, sha384, SHA384)
HMAC(compute_sha512, sha512, SHA512)

/* RFC 4615 3, step 1: a key of another length is made one of 128 bits by the CMAC itself. */
static void set_cmac_key(struct cmac_aes128_ctx *c, const hf_auth_part *key)
{
	static const uint8_t zero[AES128_KEY_SIZE];
	uint8_t made[AES128_KEY_SIZE];

	if (key->len == AES128_KEY_SIZE) {
		cmac_aes128_set_key(c, key->at);
		return;
	}
	cmac_aes128_set_key(c, zero);
	cmac_aes128_update(c, key->len, key->at);
	cmac_aes128_digest(c, sizeof(made), made);
	cmac_aes128_set_key(c, made);
	explicit_bzero(made, sizeof(made));
}

static void compute_cmac(const hf_auth_mac *mac, const hf_auth_part *key, const hf_auth_part *part,
			 size_t parts, uint8_t *out)
{
	struct cmac_aes128_ctx c;

	(void)mac;
	set_cmac_key(&c, key);
	for (size_t i = 0; i < parts; i++)
		cmac_aes128_update(&c, part[i].len, part[i].at);
	cmac_aes128_digest(&c, CMAC128_DIGEST_SIZE, out);
	explicit_bzero(&c, sizeof(c));
}

/* RFC 2385 2.0: the key comes last. */
static void compute_md5(const hf_auth_mac *mac, const hf_auth_part *key, const hf_auth_part *part,
			size_t parts, uint8_t *out)
{
	struct md5_ctx m;

	(void)mac;
	md5_init(&m);
	for (size_t i = 0; i < parts; i++)
		md5_update(&m, part[i].len, part[i].at);
	md5_update(&m, key->len, key->at);
	md5_digest(&m, MD5_DIGEST_SIZE, out);
	explicit_bzero(&m, sizeof(m));
}

static const hf_auth_mac macs[] = {
	{ "hmac-sha-1", SHA1_DIGEST_SIZE, compute_sha1, NULL },
	{ "aes-128-cmac", CMAC128_DIGEST_SIZE, compute_cmac, NULL },
	{ "hmac-sha-256", SHA256_DIGEST_SIZE, compute_sha256, NULL },
	{ "hmac-sha-384", SHA384_DIGEST_SIZE, compute_sha384, NULL },
	{ "hmac-sha-512", SHA512_DIGEST_SIZE, compute_sha512, NULL },
	{ "md5", MD5_DIGEST_SIZE, compute_md5, NULL },
};

const hf_auth_mac *hf_nettle_mac_at(unsigned n)
{
	return n < sizeof(macs) / sizeof(macs[0]) ? &macs[n] : NULL;
}

#else

const hf_auth_mac *hf_nettle_mac_at(unsigned n)
{
	(void)n;
	return NULL;
}

#endif

const hf_auth_mac *hf_nettle_mac(const char *name)
{
	const hf_auth_mac *m;

	for (unsigned i = 0; (m = hf_nettle_mac_at(i)) != NULL; i++)
		if (strcmp(m->name, name) == 0)
			return m;
	return NULL;
}
