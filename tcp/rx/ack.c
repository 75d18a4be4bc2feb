/* SPDX-License-Identifier: BSD-2-Clause */
/* When to acknowledge: at once, or after a short wait (RFC 9293 3.8.6.3, RFC 5681 4.2). */
#include "tcp/tcb.h"

/*
 * As Linux does it. The first segments are acknowledged at once, so that the peer's slow start is
 * not held up; then every second full-sized one, and the others after a delay that
 * follows the gaps between segments: hf_config.delayed_ack at least, and never more than the
 * longest of 200 ms and that. A connection on which we answer what we receive is
 * interactive: there acknowledgements wait for the answer, quick ones as well. After a silence
 * longer than RTO, or when something comes that we have already, they are quick again.
 */

#define CHALLENGE_GAP HF_MS(500)
#define QUICK_MOST 16
#define QUICK_LEAST 2
#define LONGEST HF_MS(200)
#define LONGEST_BULK HF_MS(500)
#define SHORTEST_FULL 536u /* octets: what is shorter and pushed may be the end of a message */

void hf_ack_now(hf_tcb *c, hf_cause cause)
{
	/* Several duplicates are each owed: a sender without SACK counts them (RFC 5681 3.2). */
	if (c->ack.now < UINT8_MAX && (c->ack.now == 0 || cause == HF_SENT_DUPLICATE_ACK))
		c->ack.now++;
	c->ack.cause = (uint8_t)cause;
}

static hf_ns us(uint32_t n)
{
	return (hf_ns)n * HF_US(1);
}

static void set_delay(hf_tcb *c, hf_ns delay)
{
	hf_ns most = us(UINT32_MAX);

	c->ack.delay = (uint32_t)((delay < most ? delay : most) / HF_US(1));
}

static bool is_interactive(const hf_tcb *c)
{
	return c->ack.flags & HF_ACK_INTERACTIVE;
}

/** As many as half the window has segments, within limits. */
static void more_quick(hf_tcb *c)
{
	uint32_t n = c->rcv.mss > 0 ? hf_tcb_rcv_wnd(c) / (2u * c->rcv.mss) : QUICK_MOST;

	if (n == 0)
		n = QUICK_LEAST;
	if (n > QUICK_MOST)
		n = QUICK_MOST;
	if (n > c->ack.quick)
		c->ack.quick = (uint8_t)n;
}

void hf_ack_quicken(hf_tcb *c, const hf_tcp_env *env)
{
	more_quick(c);
	c->ack.flags &= (uint8_t)~HF_ACK_INTERACTIVE;
	set_delay(c, env->config->delayed_ack);
}

void hf_ack_set_quick(hf_tcb *c, bool on)
{
	if (!on) {
		c->ack.flags |= HF_ACK_INTERACTIVE;
		return;
	}
	c->ack.flags &= (uint8_t)~HF_ACK_INTERACTIVE;
	if (c->ack.at.ns != HF_NEVER.ns)
		hf_ack_now(c, HF_SENT_ACK);
}

/**
 * The largest segment of late; and when two others of one size follow each other, that size, unless
 * they are so short that they may be messages.
 */
void hf_ack_size(hf_tcb *c, uint32_t len)
{
	bool is_again = len == c->rcv.last_len;

	if (len >= c->rcv.mss) {
		c->rcv.mss = len > c->snd.mss ? c->snd.mss : (uint16_t)len;
		return;
	}
	c->rcv.last_len = (uint16_t)len;
	if (is_again && len >= SHORTEST_FULL)
		c->rcv.mss = (uint16_t)len;
	else if (c->ack.flags & HF_ACK_PUSHED)
		c->ack.flags |= HF_ACK_PUSHED_TWICE;
	c->ack.flags |= HF_ACK_PUSHED;
}

/** The delay is an average of the gaps between segments, half of it the newest. */
static void follow_gaps(hf_tcb *c, const hf_tcp_env *env)
{
	hf_ns least = env->config->delayed_ack, delay = us(c->ack.delay);
	hf_ns gap = hf_time_diff(env->now, c->ack.received_at);
	hf_ns rto = hf_rtt_wait(&c->rtt, env->config);

	if (delay == 0) {
		more_quick(c);
		delay = least;
	} else if (gap <= least / 2) {
		delay = delay / 2 + least / 2;
	} else if (gap < delay) {
		delay = delay / 2 + gap;
		delay = delay < rto ? delay : rto;
	} else if (gap > rto) {
		more_quick(c);
	}
	set_delay(c, delay);
	c->ack.received_at = env->now;
}

static hf_ns least_of(hf_ns a, hf_ns b)
{
	return a < b ? a : b;
}

static hf_ns most_of(hf_ns a, hf_ns b)
{
	return a > b ? a : b;
}

/** An ACK waits for company (SHLD-18), but less than half a second (MUST-40). */
static hf_ns wait_of(const hf_tcb *c, const hf_config *config)
{
	bool is_message = c->ack.flags & (HF_ACK_INTERACTIVE | HF_ACK_PUSHED);
	hf_ns most = is_message ? LONGEST : LONGEST_BULK;

	if (c->rtt.srtt > 0)
		most = least_of(most, c->rtt.srtt);
	return most_of(config->delayed_ack, least_of(us(c->ack.delay), most));
}

static void delay(hf_tcb *c, const hf_tcp_env *env)
{
	hf_ns wait = wait_of(c, env->config);

	if (!hf_time_before(hf_time_add(env->now, wait / 4), c->ack.at))
		hf_ack_now(c, HF_SENT_DELAYED_ACK); /* it is due soon anyway */
	else
		c->ack.at = hf_time_min(c->ack.at, hf_time_add(env->now, wait));
}

void hf_ack_came(hf_tcb *c, const hf_tcp_env *env, uint32_t len)
{
	hf_ack_size(c, len);
	follow_gaps(c, env);
}

void hf_ack_text(hf_tcb *c, const hf_tcp_env *env, uint32_t len)
{
	hf_ack_came(c, env, len);
	if (hf_seq_span(c->rcv.last_ack, c->rcv.nxt) > c->rcv.mss || /* SHLD-19 */
	    (c->ack.quick > 0 && !is_interactive(c)))
		hf_ack_now(c, HF_SENT_ACK);
	else
		delay(c, env);
}

void hf_ack_read(hf_tcb *c)
{
	uint8_t which = is_interactive(c) ? HF_ACK_PUSHED_TWICE : HF_ACK_PUSHED;

	if (c->ack.at.ns != HF_NEVER.ns && hf_tcb_unread(c) == 0 && c->ack.flags & which)
		hf_ack_now(c, HF_SENT_ACK);
}

void hf_ack_timed_out(hf_tcb *c, const hf_tcp_env *env)
{
	c->ack.at = HF_NEVER;
	if (is_interactive(c)) { /* no answer came */
		c->ack.flags &= (uint8_t)~HF_ACK_INTERACTIVE;
		set_delay(c, env->config->delayed_ack);
	} else {
		set_delay(c, least_of(2 * us(c->ack.delay), hf_rtt_wait(&c->rtt, env->config)));
	}
	hf_ack_now(c, HF_SENT_DELAYED_ACK);
}

void hf_ack_spoke(hf_tcb *c, const hf_tcp_env *env)
{
	if (hf_time_diff(env->now, c->ack.received_at) < us(c->ack.delay))
		c->ack.flags |= HF_ACK_INTERACTIVE;
}

void hf_ack_sent(hf_tcb *c, const hf_tcp_env *env)
{
	if (!hf_seq_eq(c->rcv.last_ack, c->rcv.nxt) && c->ack.quick > 0 && --c->ack.quick == 0)
		set_delay(c, env->config->delayed_ack);
	/* What came twice is reported by an ACK of its own, never by what the link may cut. */
	c->ack.now = c->rx && c->rx->duplicates.count > 0;
	c->ack.flags &= HF_ACK_INTERACTIVE;
	c->ack.at = HF_NEVER;
	c->rcv.last_ack = c->rcv.nxt;
}

void hf_ack_challenge(hf_tcb *c, const hf_tcp_env *env)
{
	if (hf_time_before(env->now, c->challenge_at))
		return;
	c->challenge_at = hf_time_add(env->now, CHALLENGE_GAP);
	hf_ack_now(c, HF_SENT_CHALLENGE_ACK);
}
