/* SPDX-License-Identifier: BSD-2-Clause */
/* RACK: loss seen by time, with room for reordering (RFC 8985 5 and 6). */
#include "tcp/tx/rack.h"

#define DUP_THRESH 3
#define PERSIST 16 /* recoveries */
#define DEGREE_MAX 300

/** RACK_sent_after: one was sent later than the other, or with it and stands behind. */
static bool sent_after(hf_time at, hf_seq end, hf_time other_at, hf_seq other_end)
{
	return hf_time_before(other_at, at) || (at.ns == other_at.ns && hf_seq_lt(other_end, end));
}

/** The ACK may well be that of an earlier transmission: it tells nothing of this one. */
static bool is_ambiguous(const hf_rack_ack *a, const hf_sent *s)
{
	uint32_t sent_ms = (uint32_t)(s->at.ns / HF_MS(1));

	if (!(s->flags & HF_SENT_TWICE))
		return false;
	if (a->has_echo && (int32_t)(a->echo_ms - sent_ms) < 0)
		return true;
	return hf_time_diff(a->now, s->at) < a->min_rtt;
}

static void note_reordering(hf_rack *r, hf_reordering *o, uint32_t octets, uint16_t mss)
{
	uint32_t degree = (octets + mss - 1) / mss;

	if (degree > DEGREE_MAX)
		degree = DEGREE_MAX;
	if (degree > o->degree)
		o->degree = (uint16_t)degree;
	o->seen = true;
	o->counted += !r->has_late;
	r->has_late = true;
}

void hf_rack_init(hf_rack *r, hf_seq una)
{
	*r = (hf_rack){ .fack = una, .highest = una };
}

void hf_rack_delivered(hf_rack *r, hf_reordering *o, const hf_rack_ack *a, const hf_sent *s)
{
	hf_seq end = hf_sent_end(s);

	r->highest = hf_seq_max(r->highest, end);
	if (hf_seq_lt(end, r->fack) && !(s->flags & HF_SENT_TWICE))
		note_reordering(r, o, hf_seq_span(s->seq, r->fack), a->mss);
	if (is_ambiguous(a, s) ||
	    (r->has_newest && !sent_after(s->at, end, r->newest_at, r->newest_end)))
		return;
	r->has_newest = true;
	r->newest_at = s->at;
	r->newest_end = end;
}

void hf_rack_advance(hf_rack *r, hf_time now)
{
	r->fack = r->highest;
	r->has_late = false;
	if (!r->has_newest)
		return;
	r->has_newest = false;
	r->rtt = hf_time_diff(now, r->newest_at);
	if (r->is_known && !sent_after(r->newest_at, r->newest_end, r->sent_at, r->end))
		return;
	r->is_known = true;
	r->sent_at = r->newest_at;
	r->end = r->newest_end;
}

void hf_rack_duplicate(hf_rack *r, hf_reordering *o, hf_seq nxt)
{
	if (r->in_dsack_round)
		return;
	r->in_dsack_round = true;
	r->dsack_round = nxt;
	if (o->extra < UINT8_MAX)
		o->extra++;
	o->persist = PERSIST;
}

void hf_rack_round(hf_rack *r, hf_seq una)
{
	if (r->in_dsack_round && hf_seq_leq(r->dsack_round, una))
		r->in_dsack_round = false;
}

void hf_rack_recovered(hf_reordering *o)
{
	if (o->persist > 0 && --o->persist == 0)
		o->extra = 0;
}

hf_ns hf_rack_window(const hf_reordering *o, bool in_recovery, uint32_t sacked, hf_ns min_rtt,
		     hf_ns srtt)
{
	hf_ns window = (1 + (hf_ns)o->extra) * (min_rtt / 4);

	if (!o->seen && (in_recovery || sacked >= DUP_THRESH))
		return 0;
	return window < srtt ? window : srtt;
}

hf_time hf_rack_deadline(const hf_rack *r, const hf_sent *s, hf_ns window)
{
	if (!r->is_known || !sent_after(r->sent_at, r->end, s->at, hf_sent_end(s)))
		return HF_NEVER;
	return hf_time_add(s->at, r->rtt + window);
}
