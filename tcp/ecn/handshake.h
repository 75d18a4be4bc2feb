/* SPDX-License-Identifier: BSD-2-Clause */
/* What SYN and SYN-ACK say of ECN, and what follows: the tables of RFC 3168 6.1.1 and RFC 9768. */
#ifndef HF_TCP_ECN_HANDSHAKE_H
#define HF_TCP_ECN_HANDSHAKE_H

#include <handfast/config.h>
#include <handfast/info.h>

#include "wire/tcp.h"

/** The three header bits that ECN uses; as a number ACE, with AE the highest (RFC 9768 3.2.2). */
#define HF_TCP_ECN (HF_TCP_AE | HF_TCP_CWR | HF_TCP_ECE)

/** Those of a SYN by which a client asks for each mode. */
#define HF_ECN_SYN_CLASSIC (HF_TCP_CWR | HF_TCP_ECE)
#define HF_ECN_SYN_ACCURATE (HF_TCP_AE | HF_TCP_CWR | HF_TCP_ECE)

/** The ACE field that these header bits hold. */
unsigned hf_ecn_ace(uint16_t flags);
/** The header bits that hold an ACE field; only its lowest three bits count. */
uint16_t hf_ecn_ace_flags(unsigned ace);

/** What a policy asks for when we open. */
hf_ecn_mode hf_ecn_requests(hf_ecn_policy policy);
/** The best that a policy agrees to when a peer opens. */
hf_ecn_mode hf_ecn_accepts(hf_ecn_policy policy);

/** The header bits of a SYN that asks for `mode`. */
uint16_t hf_ecn_syn_flags(hf_ecn_mode mode);
/** The mode that a SYN with these header bits, in a packet marked `ecn`, leads to at its receiver,
 * who is ready for `most` (RFC 3168 6.1.1, RFC 9768 table 2 and 3.1.3). */
hf_ecn_mode hf_ecn_answer(hf_ecn_mode most, uint16_t flags, hf_ip_ecn ecn);
/** The header bits of the SYN-ACK that says so; `ecn`: of the last SYN that came. */
uint16_t hf_ecn_syn_ack_flags(hf_ecn_mode mode, hf_ip_ecn ecn);
/** The mode that a SYN-ACK with these header bits leads to, after a SYN that asked for `asked`. */
hf_ecn_mode hf_ecn_agreed(hf_ecn_mode asked, uint16_t flags);
/** True if a peer asks in one handshake for both classic and Accurate ECN (RFC 9768 3.1.5). */
bool hf_ecn_syns_conflict(hf_ecn_mode entered, hf_ecn_mode most, uint16_t flags);

/** The ACE field by which an IP mark on a SYN or SYN-ACK is fed back (RFC 9768 table 3). */
unsigned hf_ecn_encode(hf_ip_ecn ecn);
/** The IP mark that such an ACE field tells of. False: it tells of none (table 4). */
bool hf_ecn_decode(unsigned ace, hf_ip_ecn *out);
/** True if no router may have made `arrived` of `sent` (RFC 3168 18, RFC 9768 3.2.2.3). */
bool hf_ecn_is_mangled(hf_ip_ecn sent, hf_ip_ecn arrived);

#endif
