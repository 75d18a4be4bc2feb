/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP options: every kind that is assigned, to and from a plain struct. */
#ifndef HF_WIRE_TCP_OPTIONS_H
#define HF_WIRE_TCP_OPTIONS_H

#include <handfast/types.h>

#include "base/octets.h"
#include "base/seq.h"

/**
 * The assigned kinds (IANA, "TCP Option Kind Numbers"): X(NAME, kind, shortest, longest whole
 * length, "word"). Length 0, 0: a single octet without length. Kinds outside this list are skipped
 * by their length (MUST-6).
 */
#define HF_TCP_OPTION_KINDS(X)                                                                     \
	X(EOL, 0, 0, 0, "eol")                                                                     \
	X(NOP, 1, 0, 0, "nop")                                                                     \
	X(MSS, 2, 4, 4, "mss")                                                                     \
	X(WSCALE, 3, 3, 3, "wscale")                                                               \
	X(SACK_PERMITTED, 4, 2, 2, "sackOK")                                                       \
	X(SACK, 5, 10, 34, "sack")                                                                 \
	X(ECHO, 6, 6, 6, "echo")                                                                   \
	X(ECHO_REPLY, 7, 6, 6, "echo-reply")                                                       \
	X(TIMESTAMPS, 8, 10, 10, "TS")                                                             \
	X(PARTIAL_ORDER, 9, 2, 2, "partial-order")                                                 \
	X(PARTIAL_ORDER_PROFILE, 10, 3, 3, "partial-order-profile")                                \
	X(CC, 11, 6, 6, "cc")                                                                      \
	X(CC_NEW, 12, 6, 6, "cc-new")                                                              \
	X(CC_ECHO, 13, 6, 6, "cc-echo")                                                            \
	X(ALT_CHECKSUM, 14, 3, 3, "alt-checksum")                                                  \
	X(ALT_CHECKSUM_DATA, 15, 2, 40, "alt-checksum-data")                                       \
	X(SKEETER, 16, 2, 40, "skeeter")                                                           \
	X(BUBBA, 17, 2, 40, "bubba")                                                               \
	X(TRAILER_CHECKSUM, 18, 3, 3, "trailer-checksum")                                          \
	X(MD5, 19, 18, 18, "md5")                                                                  \
	X(SCPS, 20, 4, 40, "scps")                                                                 \
	X(SNACK, 21, 2, 40, "snack")                                                               \
	X(RECORD_BOUNDARIES, 22, 2, 40, "record-boundaries")                                       \
	X(CORRUPTION, 23, 2, 40, "corruption")                                                     \
	X(SNAP, 24, 2, 40, "snap")                                                                 \
	X(COMPRESSION, 26, 2, 40, "compression")                                                   \
	X(QUICK_START, 27, 8, 8, "quick-start")                                                    \
	X(USER_TIMEOUT, 28, 4, 4, "user-timeout")                                                  \
	X(AUTHENTICATION, 29, 4, 40, "ao")                                                         \
	X(MPTCP, 30, 3, 40, "mptcp")                                                               \
	X(FAST_OPEN, 34, 2, 18, "fast-open")                                                       \
	X(ENCRYPTION, 69, 2, 40, "encryption")                                                     \
	X(ACC_ECN_0, 172, 2, 40, "acc-ecn-0")                                                      \
	X(ACC_ECN_1, 174, 2, 40, "acc-ecn-1")                                                      \
	X(EXPERIMENT_1, 253, 4, 40, "experiment-1")                                                \
	X(EXPERIMENT_2, 254, 4, 40, "experiment-2")

enum {
#define X(name, kind, shortest, longest, word) HF_OPT_##name = kind,
	HF_TCP_OPTION_KINDS(X)
#undef X
};

/** A bit for each listed kind, for hf_tcp_options.present. */
typedef enum hf_option_bit {
#define X(name, kind, shortest, longest, word) HF_HAS_BIT_##name,
	HF_TCP_OPTION_KINDS(X)
#undef X
		HF_OPTION_BIT_COUNT
} hf_option_bit;

#define HF_HAS(name) (UINT64_C(1) << HF_HAS_BIT_##name)

#define HF_SACK_BLOCKS 4 /**< as many as 40 octets of options hold */

typedef struct hf_sack_block {
	hf_seq start, end; /**< [start, end) */
} hf_sack_block;

/** The options of one segment. A field is good only if its bit is in `present`. */
typedef struct hf_tcp_options {
	uint64_t present; /**< HF_HAS(...) bits; an unlisted kind sets none */
	uint16_t mss;
	uint8_t wscale; /**< as it came; above 14 counts as 14 for use (RFC 7323, 2.3) */
	uint8_t sack_count;
	uint32_t tsval, tsecr;
	hf_sack_block sack[HF_SACK_BLOCKS];
	uint16_t user_timeout; /**< as it stands: granularity bit and 15 bits (RFC 5482) */
	hf_view fast_open;     /**< the cookie; empty: a request (RFC 7413); borrowed */
	hf_view md5;           /**< 16 octets (RFC 2385); borrowed */
	hf_view ao;            /**< KeyID, RNextKeyID and MAC (RFC 5925); borrowed */
	hf_view acc_ecn;       /**< the counters of ACC_ECN_0 or _1 (RFC 9768); borrowed */
	hf_view experiment;    /**< the body of EXPERIMENT_2, from its number on; borrowed */
	hf_view raw;           /**< all the options as they came; borrowed */
} hf_tcp_options;

#define HF_TCP_OPTIONS_MAX 40
#define HF_ACC_ECN_MAX 9 /**< octets of three counters in ACC_ECN_0 or _1 */

/** A user timeout as the option has it: seconds, or minutes above 32767 s; 1 to 32767 of them. */
static inline uint16_t hf_user_timeout_field(hf_ns timeout)
{
	int64_t s = timeout / HF_SEC(1) + (timeout % HF_SEC(1) > 0), minutes = (s + 59) / 60;

	if (s <= 0x7fff)
		return (uint16_t)(s > 0 ? s : 1);
	return (uint16_t)(0x8000 | (minutes < 0x7fff ? minutes : 0x7fff));
}

/** The user timeout that such a field says. */
static inline hf_ns hf_user_timeout_of(uint16_t field)
{
	return HF_SEC(1) * (field & 0x7fff) * (field & 0x8000 ? 60 : 1);
}

/**
 * Parses the options area `raw` (0 to 40 octets, at any alignment, MUST-64). Unknown kinds are
 * skipped (MUST-6); an option whose length is below 2, runs past the area, or is not one its kind
 * allows, is HF_WHY_TCP_OPTION when it cannot be stepped over (length 0, 1 or past the end,
 * MUST-7), and otherwise skipped as if unknown. A repeated option: the last one counts.
 */
hf_reason hf_tcp_options_parse(hf_view raw, hf_tcp_options *out);

/** One option while walking over an area. */
typedef struct hf_tcp_option {
	uint8_t kind;
	hf_view body; /**< after kind and length; borrowed */
} hf_tcp_option;

/**
 * Takes the next option (EOL ends, NOP counts as an option) off `*raw`. False at the end or at an
 * illegal length; `*raw` is then empty, or begins at the EOL, or at the option whose length is
 * illegal.
 */
bool hf_tcp_option_next(hf_view *raw, hf_tcp_option *out);

/** The word for a kind ("mss"), or NULL if it is not assigned. */
const char *hf_tcp_option_name(uint8_t kind);

/** Octets that hf_tcp_options_emit will write: a multiple of 4, 40 at most. */
size_t hf_tcp_options_len(const hf_tcp_options *o);

/**
 * Writes the options whose bits are set, in Linux's order and padding (mss, sackOK, TS, nop,
 * wscale; nop, nop before a TS or SACK that stands alone), EOL-padded with zeros (MUST-69) to a
 * multiple of 4. Of the kinds: MD5, AUTHENTICATION, MSS, SACK_PERMITTED, TIMESTAMPS, WSCALE, SACK
 * (as many blocks as still fit), USER_TIMEOUT, FAST_OPEN, EXPERIMENT_2, ACC_ECN_*; in that order.
 * What does not fit any more, or has a length that its kind does not allow, is left out. `to` has
 * HF_TCP_OPTIONS_MAX octets. Returns the octets written.
 */
size_t hf_tcp_options_emit(const hf_tcp_options *o, uint8_t *to);

#endif
