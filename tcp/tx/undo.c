/* SPDX-License-Identifier: BSD-2-Clause */
/* Was a recovery needed? What proves that it was not (RFC 3522, RFC 4015, RFC 3708). */
#include "tcp/tx/undo.h"

void hf_undo_begin(hf_undo *u, hf_seq una, uint32_t outstanding)
{
	*u = (hf_undo){ .marker = una, .outstanding = outstanding, .is_armed = true };
}

void hf_undo_repeated(hf_undo *u, uint32_t octets, uint32_t now_ms)
{
	if (!u->has_repeated)
		u->first_ms = now_ms;
	u->has_repeated = true;
	u->outstanding += octets;
	u->is_all_duplicate = false;
}

void hf_undo_duplicate(hf_undo *u, hf_range r)
{
	uint32_t octets = hf_seq_span(r.start, r.end);

	if (!u->is_armed || !hf_seq_lt(u->marker, r.end) || u->outstanding == 0)
		return; /* of an earlier recovery */
	u->outstanding -= octets < u->outstanding ? octets : u->outstanding;
	u->is_all_duplicate = u->outstanding == 0 && u->has_repeated;
}

bool hf_undo_is_delayed(const hf_undo *u, bool has_echo, uint32_t echo_ms)
{
	if (!u->is_armed)
		return false;
	if (!u->has_repeated) /* what earlier recoveries repeated may have been the answer */
		return u->outstanding == 0;
	return has_echo && (int32_t)(echo_ms - u->first_ms) < 0;
}

bool hf_undo_is_all_duplicate(const hf_undo *u)
{
	return u->is_armed && u->is_all_duplicate;
}
