/* SPDX-License-Identifier: BSD-2-Clause */
/* F-RTO: was the time-out needed? The answers to the next ACKs tell (RFC 5682). */
#include "tcp/tx/frto.h"

/** Step 2. With SACK, duplicates before the first advance only fill in the scoreboard. */
static hf_frto_verdict first(hf_frto *f, const hf_frto_ack *a)
{
	if (!a->advances && !a->is_duplicate)
		return HF_FRTO_CONVENTIONAL; /* it says nothing */
	if (!a->advances && a->has_sack)
		return HF_FRTO_CONVENTIONAL;
	if (!a->advances || a->is_complete || !a->may_send) {
		*f = HF_FRTO_OFF;
		return HF_FRTO_CONVENTIONAL;
	}
	*f = HF_FRTO_SECOND;
	return HF_FRTO_SEND_NEW;
}

/** Step 3. */
static hf_frto_verdict second(hf_frto *f, const hf_frto_ack *a)
{
	if (a->is_duplicate) {
		*f = HF_FRTO_OFF; /* 3a: what lies below is really missing */
		return HF_FRTO_CONVENTIONAL;
	}
	if (!a->advances)
		return HF_FRTO_WAIT;
	*f = HF_FRTO_OFF;
	return a->covers_original ? HF_FRTO_SPURIOUS : HF_FRTO_CONVENTIONAL;
}

hf_frto_verdict hf_frto_acked(hf_frto *f, const hf_frto_ack *a)
{
	if (*f == HF_FRTO_OFF)
		return HF_FRTO_CONVENTIONAL;
	if (a->has_sack && a->covers_original) {
		*f = HF_FRTO_OFF;
		return HF_FRTO_SPURIOUS;
	}
	return *f == HF_FRTO_FIRST ? first(f, a) : second(f, a);
}
