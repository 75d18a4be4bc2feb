/* SPDX-License-Identifier: BSD-2-Clause */
/* Segments that only who has the key can make: TCP-AO (RFC 5925) and the MD5 option (RFC 2385). */
#ifndef HANDFAST_AUTH_H
#define HANDFAST_AUTH_H

#include <handfast/stack.h>

/*
 * A stack has a list of keys. A key says which connections it is for (addresses and ports of both
 * ends, or any), by which algorithm they are signed, and the secret that both ends share. Once a
 * key is for a connection, nothing unsigned is believed there: an arriving segment is verified
 * before anything else is looked at, and one that fails is dropped in silence, with a reason. All
 * that the stack sends there is signed, resets and last ACKs too.
 *
 * Of TCP-AO, a key is RFC 5925's Master Key Tuple. A connection may have several; each end says in
 * every segment which one signed it (KeyID) and which one it wants to hear next (RNextKeyID),
 * so that keys change while the connection goes on. Its endpoints settle which keys a connection
 * may use; its opening settles, for good, whether it is signed at all.
 *
 * The library has no cryptography of its own: whoever adds a key gives the algorithm with it, an
 * hf_auth_mac.
 */

#define HF_AUTH_DIGEST_MAX 64 /**< octets of the longest digest: SHA-512's */
#define HF_KEY_SECRET_MAX 80  /**< octets of the longest secret */
#define HF_AO_MAC_MIN 8       /**< octets of the shortest MAC in a segment */
#define HF_AO_MAC_MAX 16      /**< and of the longest: a SYN has no room for more */
#define HF_AO_MAC_DEFAULT 12  /**< RFC 5926's 96 bits */

/** A stretch of a message. */
typedef struct hf_auth_part {
	const uint8_t *at;
	size_t len;
} hf_auth_part;

/**
 * A message authentication code, supplied by the caller. For TCP-AO it is the MAC and the
 * pseudo-random function of the key derivation too (RFC 5926 3.1, 3.2): HMAC-SHA-1, AES-128-CMAC
 * and the like. For the MD5 option it is plain MD5 over the message followed by the secret.
 */
typedef struct hf_auth_mac {
	const char *name;   /**< for reports: "hmac-sha-1" */
	uint8_t digest_len; /**< octets that `compute` writes; also the length of traffic keys */
	/**
	 * Writes the digest of `parts` stretches in a row under `key` to `digest`. Must take a key
	 * of any length, do nothing else, and not call the stack. Everything is borrowed.
	 */
	void (*compute)(const struct hf_auth_mac *mac, const hf_auth_part *key,
			const hf_auth_part *part, size_t parts, uint8_t *digest);
	void *ctx; /**< for `compute` */
} hf_auth_mac;

/** Which option carries the signature. */
typedef enum hf_key_kind {
	HF_KEY_AO,  /**< TCP-AO (RFC 5925) */
	HF_KEY_MD5, /**< the MD5 signature option (RFC 2385), for peers that have nothing better */
} hf_key_kind;

/** A key in a stack's list. All zero: none. */
typedef struct hf_key {
	uint32_t slot, generation;
} hf_key;

/** What a key is: RFC 5925 3.1. Zero means the default. */
typedef struct hf_key_options {
	size_t size; /**< sizeof(hf_key_options) */
	hf_key_kind kind;
	hf_endpoint local;  /**< address none: any of ours; port 0: any */
	hf_endpoint remote; /**< address none: anybody; port 0: any */
	uint8_t prefix;     /**< bits of `remote.addr` that count; 0: all of them */
	/** HF_KEY_AO: the KeyID of segments signed with it, as sent and as received */
	uint8_t send_id, recv_id;
	uint8_t mac_len;        /**< HF_KEY_AO: octets of MAC in a segment, 8 to 16; 12 */
	bool omit_options;      /**< HF_KEY_AO: the MAC does not cover the other TCP options */
	bool accept_icmp;       /**< HF_KEY_AO: hard ICMP errors count, against RFC 5925 7.8 */
	const hf_auth_mac *mac; /**< borrowed until the key is removed; never NULL */
	const void *secret;     /**< copied */
	size_t secret_len;      /**< octets: 1 to 80 */
} hf_key_options;

/**
 * Adds a key. It holds for connections and handshakes that begin later. Errors: INVALID; IN_USE
 * (RFC 5925 3.1: another key that could be for the same connection has the same send or receive
 * ID; or one of the two is for MD5 and the other for TCP-AO; or an MD5 key has exactly these
 * endpoints); LIMIT (hf_config.max_keys); NO_MEMORY.
 */
hf_err hf_key_add(hf_stack *s, const hf_key_options *options, hf_key *out);

/**
 * Removes a key and wipes it. Errors: STALE; IN_USE while a connection sends with it or asks to be
 * sent to with it (RFC 5925 7.1). A handshake or a TIME-WAIT record that it was for falls silent.
 */
hf_err hf_key_remove(hf_stack *s, hf_key key);

/**
 * New connections that we open begin with this key if it is for them; without a preference, the
 * oldest key that is. Errors: STALE, INVALID (an MD5 key).
 */
hf_err hf_key_prefer(hf_stack *s, hf_key key);

/** How a connection is signed. */
typedef struct hf_conn_auth {
	bool is_signed; /**< otherwise the rest is zero */
	hf_key_kind kind;
	hf_key current;                 /**< current_key: signs what we send */
	hf_key rnext;                   /**< rnext_key: what we ask the peer to sign with */
	uint8_t current_id, rnext_id;   /**< as KeyID and RNextKeyID in what we send */
	uint8_t peer_id, peer_rnext_id; /**< KeyID and RNextKeyID last heard, and believed */
	uint32_t snd_sne, rcv_sne;      /**< sequence number extensions (RFC 5925 6.2) */
} hf_conn_auth;

/** Tells how a connection is signed. Errors: STALE. */
hf_err hf_conn_auth_get(const hf_stack *s, hf_conn c, hf_conn_auth *out);

/**
 * Changes a connection's keys (RFC 5925 7.1): `current` signs from now on, until the peer asks for
 * another; `rnext` is asked for from the next segment on. A key that is none stays as it is.
 * Errors: STALE (the connection or a key is gone), INVALID (a key is not for this connection, or
 * the connection is not signed with TCP-AO).
 */
hf_err hf_conn_auth_set(hf_stack *s, hf_conn c, hf_key current, hf_key rnext);

#endif
