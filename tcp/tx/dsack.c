/* SPDX-License-Identifier: BSD-2-Clause */
/* Duplicate SACK: the peer says that it received something twice (RFC 2883). */
#include "tcp/tx/dsack.h"

bool hf_dsack_find(const hf_tcp_options *o, hf_seq ack, hf_range *out)
{
	hf_sack_block first, second = { ack, ack };

	if (!(o->present & HF_HAS(SACK)) || o->sack_count == 0)
		return false;
	first = o->sack[0];
	if (o->sack_count > 1)
		second = o->sack[1];
	if (!hf_seq_lt(first.start, first.end))
		return false;
	if (!hf_seq_leq(first.end, ack) &&
	    (hf_seq_lt(first.start, second.start) || hf_seq_lt(second.end, first.end)))
		return false;
	*out = (hf_range){ first.start, first.end };
	return true;
}
