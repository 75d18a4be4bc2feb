/* SPDX-License-Identifier: BSD-2-Clause */
/* Delivery rate samples (draft-ietf-ccwg-bbr-05, 4.1). */
#include "tcp/tx/rate.h"

#define TICK_SHIFT 10

static uint32_t ticks(hf_time t)
{
	return (uint32_t)((uint64_t)t.ns >> TICK_SHIFT);
}

/** What was added to a count of losses; some may have been taken back since. */
static uint32_t since(uint32_t count, uint32_t before)
{
	return (int32_t)(count - before) > 0 ? count - before : 0;
}

void hf_rate_init(hf_rate *r, uint32_t delivered)
{
	*r = (hf_rate){
		.delivered = delivered,
		.delivered_before = delivered,
		.limited_until = delivered,
		.is_limited = true,
	};
}

void hf_rate_restart(hf_rate *r, hf_time now)
{
	r->first_sent_at = r->delivered_at = ticks(now);
}

void hf_rate_sent(hf_rate *r, hf_sent *s, uint32_t in_flight)
{
	s->first_sent_at = r->first_sent_at;
	s->delivered_at = r->delivered_at;
	s->delivered = r->delivered;
	s->lost = r->lost;
	s->tx_in_flight = in_flight + s->len;
	s->flags = (uint8_t)(r->is_limited ? s->flags | HF_SENT_APP_LIMITED :
					     s->flags & ~HF_SENT_APP_LIMITED);
}

void hf_rate_app_limited(hf_rate *r, uint32_t in_flight)
{
	r->is_limited = true;
	r->limited_until = r->delivered + in_flight;
}

static bool is_newer(const hf_sent *s, const hf_sent *than)
{
	return hf_time_before(than->at, s->at) ||
	       (s->at.ns == than->at.ns && hf_seq_lt(than->seq, s->seq));
}

void hf_rate_delivered(hf_rate *r, const hf_sent *s, uint32_t len)
{
	r->delivered += len;
	if (r->is_newest_known && !is_newer(s, &r->newest))
		return;
	r->newest = *s;
	r->is_newest_known = true;
}

void hf_rate_lost(hf_rate *r, const hf_sent *s)
{
	r->lost += s->len;
	r->lost_last.lost = s->lost;
	r->lost_last.tx_in_flight = s->tx_in_flight;
	r->lost_last.len = s->len;
	r->lost_last.app_limited = s->flags & HF_SENT_APP_LIMITED;
}

void hf_rate_not_lost(hf_rate *r, uint32_t len)
{
	r->lost -= len;
}

uint32_t hf_rate_newly_delivered(const hf_rate *r)
{
	return r->delivered - r->delivered_before;
}

uint32_t hf_rate_newly_lost(const hf_rate *r)
{
	return since(r->lost, r->lost_before);
}

static hf_ns in_ns(uint32_t interval)
{
	return (hf_ns)((uint64_t)interval << TICK_SHIFT);
}

static void compute(hf_rate_sample *out, const hf_rate *r, hf_time now, hf_ns min_rtt)
{
	const hf_sent *s = &r->newest;
	uint32_t sending = ticks(s->at) - s->first_sent_at;
	uint32_t acking = ticks(now) - s->delivered_at;

	out->is_valid = true;
	out->prior_delivered = s->delivered;
	out->delivered = r->delivered - s->delivered;
	out->lost = since(r->lost, s->lost);
	out->tx_in_flight = s->tx_in_flight;
	out->app_limited = s->flags & HF_SENT_APP_LIMITED;
	out->interval = in_ns(sending > acking ? sending : acking);
	if (out->interval > 0 && out->interval + (1 << TICK_SHIFT) >= min_rtt)
		out->rate = (uint64_t)out->delivered * HF_SEC(1) / (uint64_t)out->interval;
}

hf_rate_sample hf_rate_take(hf_rate *r, hf_time now, hf_ns min_rtt)
{
	hf_rate_sample out = {
		.total = r->delivered,
		.loss = { .lost = since(r->lost, r->lost_last.lost),
			  .tx_in_flight = r->lost_last.tx_in_flight,
			  .len = r->lost_last.len,
			  .app_limited = r->lost_last.app_limited },
	};

	if (r->is_limited && (int32_t)(r->delivered - r->limited_until) > 0)
		r->is_limited = false;
	if (r->is_newest_known) {
		r->first_sent_at = ticks(r->newest.at);
		r->delivered_at = ticks(now);
		compute(&out, r, now, min_rtt);
	}
	r->is_newest_known = false;
	r->delivered_before = r->delivered;
	r->lost_before = r->lost;
	return out;
}
