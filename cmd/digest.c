/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA-256 as text. */
#include <stdint.h>
#include <stdio.h>

#include "cmd/digest.h"

#ifdef HF_HAVE_NETTLE

void hf_digest_start(hf_digest *d)
{
	sha256_init(&d->state);
}

void hf_digest_add(hf_digest *d, const void *octets, size_t len)
{
	sha256_update(&d->state, len, octets);
}

void hf_digest_text(hf_digest *d, char *text)
{
	uint8_t octets[SHA256_DIGEST_SIZE];

	sha256_digest(&d->state, sizeof(octets), octets);
	for (size_t i = 0; i < sizeof(octets); i++)
		snprintf(text + 2 * i, 3, "%02x", octets[i]);
}

#else

void hf_digest_start(hf_digest *d)
{
	d->none = 0;
}

void hf_digest_add(hf_digest *d, const void *octets, size_t len)
{
	(void)d;
	(void)octets;
	(void)len;
}

void hf_digest_text(hf_digest *d, char *text)
{
	(void)d;
	text[0] = 0;
}

#endif
