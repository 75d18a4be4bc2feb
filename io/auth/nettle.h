/* SPDX-License-Identifier: BSD-2-Clause */
/* Algorithms for signed segments, by nettle. */
#ifndef HF_IO_AUTH_NETTLE_H
#define HF_IO_AUTH_NETTLE_H

#include <handfast/auth.h>

/**
 * The algorithm of this name: "hmac-sha-1" and "aes-128-cmac" (RFC 5926), "hmac-sha-256",
 * "hmac-sha-384", "hmac-sha-512" for TCP-AO, "md5" for the MD5 option. NULL: unknown, or built
 * without nettle.
 */
const hf_auth_mac *hf_nettle_mac(const char *name);

/** The `n`th of them; NULL: there are fewer. */
const hf_auth_mac *hf_nettle_mac_at(unsigned n);

#endif
