/* SPDX-License-Identifier: BSD-2-Clause */
/* Round-trip times and the retransmission time-out (RFC 6298). */
#include "tcp/tx/rtt.h"

#define FIRST_RTO HF_SEC(1)
#define RTO_AFTER_LOST_SYN HF_SEC(3)
#define RFC_MIN_RTO HF_SEC(1)
#define MIN_LASTS HF_SEC(300) /* as long as Linux remembers the smallest RTT of a path */

static hf_ns clamp(hf_ns rto, const hf_config *config)
{
	return rto > config->max_rto ? config->max_rto : rto;
}

/*
 * RFC 6298 (2.4) asks for at least one second. Linux and FreeBSD instead never let the margin over
 * SRTT fall below their minimum; a delayed ACK then cannot run into the time-out.
 */
static hf_ns time_out(const hf_rtt *r, const hf_config *config)
{
	hf_ns margin = 4 * r->rttvar;

	if (config->profile == HF_PROFILE_RFC) {
		hf_ns rto = r->srtt + margin;

		return clamp(rto < RFC_MIN_RTO ? RFC_MIN_RTO : rto, config);
	}
	return clamp(r->srtt + (margin < config->min_rto ? config->min_rto : margin), config);
}

void hf_rtt_init(hf_rtt *r)
{
	*r = (hf_rtt){ .rto = FIRST_RTO };
}

/** RFC 6298 2.2 and 2.3 (MUST-18). */
void hf_rtt_sample(hf_rtt *r, const hf_config *config, hf_ns sample)
{
	if (r->srtt == 0) {
		r->srtt = sample;
		r->rttvar = sample / 2;
	} else {
		hf_ns off = r->srtt > sample ? r->srtt - sample : sample - r->srtt;

		r->rttvar += (off - r->rttvar) / 4;
		r->srtt += (sample - r->srtt) / 8;
	}
	r->rto = time_out(r, config);
	r->backoff = 0;
}

void hf_rtt_adapt(hf_rtt *r, const hf_config *config, hf_ns sample)
{
	if (r->srtt < sample)
		r->srtt = sample;
	if (r->rttvar < sample / 2)
		r->rttvar = sample / 2;
	r->rto = time_out(r, config);
}

void hf_rtt_sample_since(hf_rtt *r, const hf_config *config, hf_time since, hf_time now)
{
	hf_ns sample = hf_time_diff(now, since);

	if (sample <= 0)
		sample = 1;
	hf_rtt_note_min(r, sample, now);
	hf_rtt_sample(r, config, sample);
}

void hf_rtt_note_min(hf_rtt *r, hf_ns sample, hf_time now)
{
	if (r->min != 0 && sample > r->min && hf_time_diff(now, r->min_at) <= MIN_LASTS)
		return;
	r->min = sample;
	r->min_at = now;
}

void hf_rtt_after_lost_syn(hf_rtt *r)
{
	r->rto = RTO_AFTER_LOST_SYN;
	r->backoff = 0;
}

hf_ns hf_rtt_wait(const hf_rtt *r, const hf_config *config)
{
	hf_ns wait = r->rto;

	for (uint8_t i = 0; i < r->backoff && wait < config->max_rto; i++)
		wait *= 2;
	return clamp(wait, config);
}

/** RFC 6298 5.5 (MUST-19). */
void hf_rtt_back_off(hf_rtt *r)
{
	if (r->backoff < UINT8_MAX)
		r->backoff++;
}
