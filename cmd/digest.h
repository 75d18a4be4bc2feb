/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA-256 of a stream, by nettle; without it streams are only compared octet by octet. */
#ifndef HF_CMD_DIGEST_H
#define HF_CMD_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#ifdef HF_HAVE_NETTLE
#include <nettle/sha2.h>
#endif

typedef struct hf_digest {
#ifdef HF_HAVE_NETTLE
	struct sha256_ctx state;
#else
	char none;
#endif
} hf_digest;

#define HF_DIGEST_TEXT 65 /**< 64 hexadecimal digits and the closing zero */

void hf_digest_start(hf_digest *d);
void hf_digest_add(hf_digest *d, const void *octets, size_t len);
/** Writes the digest in hexadecimal; an empty text if this program was built without nettle. */
void hf_digest_text(hf_digest *d, char *text);

#endif
