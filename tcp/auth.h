/* SPDX-License-Identifier: BSD-2-Clause */
/* Signed segments: keys, traffic keys and MACs of TCP-AO (RFC 5925, 5926) and of MD5 (RFC 2385). */
#ifndef HF_TCP_AUTH_H
#define HF_TCP_AUTH_H

#include <handfast/auth.h>

#include "base/mem.h"
#include "tcp/segment.h"

/*
 * A MAC covers a sequence number that is longer than the header's (the SNE and SEG.SEQ), the
 * pseudo-header, the header without checksum and MAC, and the text. Its key is a traffic key,
 * derived from the master key and the connection: both endpoints and both ISNs, so that no two
 * connections share one. A SYN is signed before the other ISN is known, with a traffic key of its
 * own. Who verifies has the same keys with the ends exchanged.
 */

#define HF_MD5_DIGEST 16
#define HF_AUTH_CACHE 4 /**< keys whose traffic keys a connection remembers */

/** A key of the stack's list: a master key tuple (RFC 5925 3.1), or one for MD5. */
typedef struct hf_mkt {
	uint32_t slab_link; /**< the slab's, while free */
	uint32_t generation;
	uint32_t age; /**< how many were added before it */
	bool used, is_md5, omits_options, accepts_icmp, preferred;
	uint8_t send_id, recv_id;
	uint8_t mac_len; /**< octets of MAC in a segment */
	uint8_t prefix, secret_len;
	hf_endpoint local, remote; /**< none and 0: any */
	const hf_auth_mac *mac;
	uint8_t secret[HF_KEY_SECRET_MAX];
} hf_mkt;

/** How a record is signed. */
typedef enum hf_auth_kind { HF_AUTH_NONE, HF_AUTH_AO, HF_AUTH_MD5 } hf_auth_kind;

typedef struct hf_traffic_key {
	uint8_t octet[HF_AUTH_DIGEST_MAX];
} hf_traffic_key;

/** Where one direction stands in a sequence space of 64 bits (RFC 5925 6.2). */
typedef struct hf_sne {
	uint32_t high; /**< the extension at `at` */
	hf_seq at;
} hf_sne;

/** The extension of a number within 2^31 of `s->at`. */
uint32_t hf_sne_of(const hf_sne *s, hf_seq seq);
/** The direction has come to `to`. */
void hf_sne_advance(hf_sne *s, hf_seq to);

/** What a signed connection knows. */
typedef struct hf_auth {
	hf_mkt *current, *rnext; /**< RFC 5925 4; of MD5 the one key; NULL: it was removed */
	hf_seq iss, irs;         /**< `irs`: once the peer's SYN is here */
	hf_sne snd, rcv;
	uint8_t peer_id, peer_rnext_id;
	uint8_t cache_next;
	struct {
		hf_mkt *mkt; /**< NULL: free */
		bool has_send, has_receive;
		hf_traffic_key send, receive; /**< Send_other, Receive_other */
	} cache[HF_AUTH_CACHE];
} hf_auth;

/** NULL: no memory. `irs` may be none yet. */
hf_auth *hf_auth_new(hf_mem *m, hf_mkt *key, hf_seq iss);
/** Wipes and frees it; NULL is allowed. */
void hf_auth_free(hf_mem *m, hf_auth *a);
/** The peer's ISN is known. */
void hf_auth_set_irs(hf_auth *a, hf_seq irs);
/** Forgets what was derived from a key. */
void hf_auth_forget(hf_auth *a, const hf_mkt *key);
/** Send_other_traffic_key, or Receive_other_traffic_key, of one of its keys. */
const hf_traffic_key *hf_auth_send_key(hf_auth *a, const hf_flow *f, hf_mkt *key);
const hf_traffic_key *hf_auth_receive_key(hf_auth *a, const hf_flow *f, hf_mkt *key);

/** The ISNs of a traffic key's context: the sender's, and the receiver's or 0 for a SYN. */
typedef struct hf_isns {
	hf_seq source, destination;
} hf_isns;

/** Derives the traffic key of segments from our end of `f` (RFC 5926 3.1). */
void hf_traffic_key_send(const hf_mkt *key, const hf_flow *f, hf_isns isns, hf_traffic_key *out);
/** Derives that of segments from the other end; `isns.source` is the other end's. */
void hf_traffic_key_receive(const hf_mkt *key, const hf_flow *f, hf_isns isns, hf_traffic_key *out);

/** What one MAC is made of. */
typedef struct hf_auth_input {
	const hf_mkt *key;
	const hf_traffic_key *traffic; /**< TCP-AO */
	uint32_t sne;                  /**< TCP-AO */
	const hf_addr *src, *dst;
	hf_view segment; /**< header with its options, and text; a whole header */
} hf_auth_input;

/** Computes the octets that the option carries: `key->mac_len` of them. */
void hf_auth_compute(const hf_auth_input *in, uint8_t *mac);
/** True if they are what the segment's option, of that length, carries; in constant time. */
bool hf_auth_matches(const hf_auth_input *in, const uint8_t *mac);

/** How a leaving segment is signed. */
typedef struct hf_signer {
	const hf_mkt *key; /**< NULL: its key is gone, the segment must not leave */
	uint8_t rnext_id;
	uint32_t sne;
	hf_traffic_key traffic;
} hf_signer;

/** Room for the body of either option. */
#define HF_AUTH_OPTION_MAX (2 + HF_AO_MAC_MAX)

/** Adds the option, its MAC still zero, to a segment's; `room` must last as long as `o`. */
void hf_sign_reserve(const hf_mkt *key, uint8_t rnext_id, uint8_t *room, hf_tcp_options *o);
/**
 * Fills in the MAC of the segment at `segment`, which has the option. The traffic key is wiped: a
 * signer signs once.
 */
void hf_sign(hf_signer *by, const hf_flow *f, uint8_t *segment, size_t len);

/** True if the segment uses the traffic keys of SYNs: a SYN, and not a SYN-ACK. */
static inline bool hf_is_first_syn(uint16_t flags)
{
	return (flags & (HF_TCP_SYN | HF_TCP_ACK)) == HF_TCP_SYN;
}

/** True if the options carry either signature. */
static inline bool hf_is_signed(const hf_tcp_options *o)
{
	return o->present & (HF_HAS(MD5) | HF_HAS(AUTHENTICATION));
}

/** Overwrites a secret. */
void hf_wipe(void *at, size_t len);

#endif
