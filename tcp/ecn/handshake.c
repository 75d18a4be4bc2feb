/* SPDX-License-Identifier: BSD-2-Clause */
/* What SYN and SYN-ACK say of ECN, and what follows: the tables of RFC 3168 6.1.1 and RFC 9768. */
#include "tcp/ecn/handshake.h"

/** ACE on the wire for each IP mark, by its codepoint. */
static const uint8_t encoded[] = {
	[HF_IP_NOT_ECT] = 2,
	[HF_IP_ECT1] = 3,
	[HF_IP_ECT0] = 4,
	[HF_IP_CE] = 6,
};

unsigned hf_ecn_ace(uint16_t flags)
{
	return (flags & HF_TCP_AE ? 4u : 0) | (flags & HF_TCP_CWR ? 2u : 0) |
	       (flags & HF_TCP_ECE ? 1u : 0);
}

uint16_t hf_ecn_ace_flags(unsigned ace)
{
	return (uint16_t)((ace & 4 ? HF_TCP_AE : 0) | (ace & 2 ? HF_TCP_CWR : 0) |
			  (ace & 1 ? HF_TCP_ECE : 0));
}

hf_ecn_mode hf_ecn_requests(hf_ecn_policy policy)
{
	switch (policy) {
	case HF_ECN_REQUEST:
	case HF_ECN_ACCURATE_CLASSIC:
		return HF_ECN_MODE_CLASSIC;
	case HF_ECN_ACCURATE:
		return HF_ECN_MODE_ACCURATE;
	case HF_ECN_DEFAULT:
	case HF_ECN_OFF:
	case HF_ECN_ACCEPT:
	case HF_ECN_ACCURATE_ACCEPT:
		break;
	}
	return HF_ECN_MODE_NONE;
}

hf_ecn_mode hf_ecn_accepts(hf_ecn_policy policy)
{
	switch (policy) {
	case HF_ECN_DEFAULT:
	case HF_ECN_REQUEST:
	case HF_ECN_ACCEPT:
		return HF_ECN_MODE_CLASSIC;
	case HF_ECN_ACCURATE:
	case HF_ECN_ACCURATE_CLASSIC:
	case HF_ECN_ACCURATE_ACCEPT:
		return HF_ECN_MODE_ACCURATE;
	case HF_ECN_OFF:
		break;
	}
	return HF_ECN_MODE_NONE;
}

uint16_t hf_ecn_syn_flags(hf_ecn_mode mode)
{
	if (mode == HF_ECN_MODE_ACCURATE)
		return HF_ECN_SYN_ACCURATE;
	return mode == HF_ECN_MODE_CLASSIC ? HF_ECN_SYN_CLASSIC : 0;
}

hf_ecn_mode hf_ecn_answer(hf_ecn_mode most, uint16_t flags, hf_ip_ecn ecn)
{
	uint16_t asked = flags & HF_TCP_ECN;
	bool is_classic = (asked & HF_ECN_SYN_CLASSIC) == HF_ECN_SYN_CLASSIC;

	if (most == HF_ECN_MODE_ACCURATE && asked != 0 && asked != HF_ECN_SYN_CLASSIC)
		return HF_ECN_MODE_ACCURATE; /* others count as 111 (RFC 9768 3.1.3) */
	if (most == HF_ECN_MODE_NONE || !is_classic)
		return HF_ECN_MODE_NONE;
	/* RFC 3168 6.1.1: a classic SYN never has ECT; RFC 8311 4.3 allows it to newer ones. */
	return ecn == HF_IP_NOT_ECT || asked & HF_TCP_AE ? HF_ECN_MODE_CLASSIC : HF_ECN_MODE_NONE;
}

uint16_t hf_ecn_syn_ack_flags(hf_ecn_mode mode, hf_ip_ecn ecn)
{
	if (mode == HF_ECN_MODE_ACCURATE)
		return hf_ecn_ace_flags(hf_ecn_encode(ecn));
	return mode == HF_ECN_MODE_CLASSIC ? HF_TCP_ECE : 0;
}

hf_ecn_mode hf_ecn_agreed(hf_ecn_mode asked, uint16_t flags)
{
	uint16_t said = flags & HF_TCP_ECN;

	switch (asked) {
	case HF_ECN_MODE_ACCURATE: /* RFC 9768 table 2; 101 counts as a yes (3.1.3) */
		if (said == 0 || said == HF_ECN_SYN_ACCURATE)
			return HF_ECN_MODE_NONE;
		return said == HF_TCP_ECE ? HF_ECN_MODE_CLASSIC : HF_ECN_MODE_ACCURATE;
	case HF_ECN_MODE_CLASSIC: /* RFC 3168 6.1.1: with CWR it only mirrors the SYN */
		return (said & HF_ECN_SYN_CLASSIC) == HF_TCP_ECE ? HF_ECN_MODE_CLASSIC :
								   HF_ECN_MODE_NONE;
	case HF_ECN_MODE_NONE:
		break;
	}
	return HF_ECN_MODE_NONE;
}

bool hf_ecn_syns_conflict(hf_ecn_mode entered, hf_ecn_mode most, uint16_t flags)
{
	uint16_t asked = flags & HF_TCP_ECN;

	if (most != HF_ECN_MODE_ACCURATE || asked == 0)
		return false;
	if (entered == HF_ECN_MODE_ACCURATE)
		return asked == HF_ECN_SYN_CLASSIC;
	return entered == HF_ECN_MODE_CLASSIC && asked != HF_ECN_SYN_CLASSIC;
}

unsigned hf_ecn_encode(hf_ip_ecn ecn)
{
	return encoded[ecn];
}

bool hf_ecn_decode(unsigned ace, hf_ip_ecn *out)
{
	for (unsigned i = 0; i < sizeof(encoded); i++) {
		if (encoded[i] != ace)
			continue;
		*out = (hf_ip_ecn)i;
		return true;
	}
	return false;
}

bool hf_ecn_is_mangled(hf_ip_ecn sent, hf_ip_ecn arrived)
{
	if (sent == HF_IP_NOT_ECT || sent == HF_IP_CE)
		return arrived != sent;
	return arrived == HF_IP_NOT_ECT;
}
