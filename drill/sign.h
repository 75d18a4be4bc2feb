/* SPDX-License-Identifier: BSD-2-Clause */
/* Signatures that a script asks to be computed: `md5 valid`, `ao keyid N rnext N valid`. */
#ifndef HF_DRILL_SIGN_H
#define HF_DRILL_SIGN_H

#include <handfast/auth.h>

#include "drill/wire.h"

/** True if this build has the algorithms. */
bool hf_drill_can_sign(void);

/**
 * Gives a key to the stack under test, and remembers it for the script's peer. The secret must last
 * as long as the script.
 */
hf_err hf_drill_key_add(hf_world *w, const hf_key_options *options, hf_key *out);

/** What is computed: the option in a segment from one end of a flow. */
typedef struct hf_drill_signed {
	const hf_drill_option *option;
	bool is_inbound;
	hf_view segment; /**< with the option in its place */
} hf_drill_signed;

/**
 * Computes the signature into `mac` (HF_AO_MAC_MAX octets). Returns its octets; 0: there is no such
 * key.
 */
size_t hf_drill_sign(const hf_drill_desk *desk, const hf_drill_signed *what, uint8_t *mac);

/** Where the signature begins in the body of the option. */
size_t hf_drill_sign_at(const hf_drill_option *o);

#endif
