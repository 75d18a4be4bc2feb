/* SPDX-License-Identifier: BSD-2-Clause */
/* A scripted peer that signs what it says and verifies what it hears: TCP-AO and the MD5 option. */
#ifndef HF_TESTS_SIGNING_H
#define HF_TESTS_SIGNING_H

#include <handfast/auth.h>

#include "tests/support/peer.h"

/*
 * What is signed is put together here from the RFCs, not by the stack's own code: the message by
 * RFC 5925 5.1 and RFC 2385 2.0, the traffic keys by RFC 5926 3.1. The MAC itself is a toy that any
 * machine can compute: it is not secret, but each octet and its place count.
 */

extern const hf_auth_mac toy_mac; /* 16 octets of digest */

/* A key as the peer has it: `id` is what it calls the key in what it sends. */
typedef struct signing_key {
	uint8_t id, host_id; /* KeyID of the peer's segments, and of the host's */
	const char *secret;
	uint8_t mac_len; /* 0: 12 */
	bool omits_options;
} signing_key;

/* What is wrong with the next segments. */
typedef enum flaw {
	FLAW_NONE,
	FLAW_UNSIGNED,
	FLAW_MAC,     /* one bit of it is wrong */
	FLAW_TEXT,    /* one bit of the text, or of the window, changes after signing */
	FLAW_OPTION,  /* one bit of the timestamp does */
	FLAW_LENGTH,  /* the MAC is cut by four octets */
	FLAW_TWICE,   /* a second signature of the other kind */
	FLAW_SNE,     /* as if the sequence numbers had wrapped once more */
	FLAW_SYN_KEY, /* the traffic key of a SYN, or not that of one */
} flaw;

/* What is wrong with a segment that is signed by TCP-AO, and what the host calls it. */
typedef struct flaw_case {
	flaw flaw;
	hf_reason why;
} flaw_case;

#define AO_FLAWS 7
extern const flaw_case ao_flaws[AO_FLAWS];

typedef struct signing {
	peer *p;
	bool is_md5;
	signing_key key[4];
	unsigned keys;
	unsigned uses, asks; /* which key signs the peer's segments, and which it asks for */
	flaw flaw;
	unsigned checked;              /* segments of the host's that were verified */
	uint8_t heard_id, heard_rnext; /* KeyID and RNextKeyID of the last of them */
	uint8_t room[40];
} signing;

/* Makes `p` sign and verify with TCP-AO, or with MD5; frees nothing. */
void signing_begin(signing *s, peer *p, bool is_md5);

/* The key that both have, as the host's: for any connection with the peer. */
hf_key_options signing_options(const signing *s, unsigned n);
/* Adds it to the host's stack. */
hf_key signing_share(signing *s, unsigned n);

/* Ready-made: a peer and a host with one key that both have, "first", KeyIDs 61 and 84. */
peer *signing_peer(signing *s, const hf_config *config, bool is_md5);

#endif
