/* SPDX-License-Identifier: BSD-2-Clause */
/* Tail loss probe: what asks for an answer when the last segments got none (RFC 8985 7). */
#include "tcp/tx/tlp.h"

#define UNMEASURED HF_SEC(1)

hf_ns hf_tlp_timeout(hf_ns srtt, bool one_in_flight)
{
	if (srtt == 0)
		return UNMEASURED;
	return 2 * srtt + (one_in_flight ? HF_TLP_MAX_ACK_DELAY : 0);
}

void hf_tlp_sent(hf_tlp *t, hf_seq nxt, bool is_retransmission)
{
	*t = (hf_tlp){ .end = nxt, .is_out = true, .is_retransmission = is_retransmission };
}

hf_tlp_verdict hf_tlp_acked(hf_tlp *t, const hf_tlp_ack *a)
{
	hf_tlp_verdict verdict = HF_TLP_ANSWERED;

	if (!t->is_out || hf_seq_lt(a->ack, t->end))
		return HF_TLP_WAITS;
	if (t->is_retransmission && !a->duplicate_told) {
		if (hf_seq_lt(t->end, a->ack))
			verdict = HF_TLP_REPAIRED;
		else if (!a->is_bare)
			return HF_TLP_WAITS; /* the next one will tell */
	}
	*t = (hf_tlp){ 0 };
	return verdict;
}
