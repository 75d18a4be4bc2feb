/* SPDX-License-Identifier: BSD-2-Clause */
/* SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash that outsiders cannot predict. */
#ifndef HF_BASE_SIPHASH_H
#define HF_BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

/** A 128-bit key. */
typedef struct hf_sipkey {
	uint64_t k0, k1;
} hf_sipkey;

/** The 64-bit hash of `len` octets under `key`. */
uint64_t hf_siphash(const hf_sipkey *key, const void *data, size_t len);

#endif
