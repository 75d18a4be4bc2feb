/* SPDX-License-Identifier: BSD-2-Clause */
/* What an acknowledgement tells the sending side (RFC 9293 3.10.7.4 step 5, RFC 6298, RFC 5681). */
#include "tcp/history.h"
#include "tcp/path.h"
#include "tcp/tx/inform.h"
#include "tcp/tx/news.h"

/* ---- What has arrived ---- */

static void forget_marks(hf_tx *t, const hf_sent *s, uint16_t len)
{
	if (s->flags & HF_SENT_SACKED)
		t->sacked -= len;
	if (s->flags & HF_SENT_LOST)
		t->lost -= len;
	if (s->flags & HF_SENT_RETRANSMITTED)
		t->retransmitted -= len;
}

static void note_time(hf_times *k, const hf_sent *s)
{
	if (!k->any || hf_time_before(s->at, k->first))
		k->first = s->at;
	if (!k->any || hf_time_before(k->last, s->at))
		k->last = s->at;
	k->any = true;
}

void hf_tx_delivered(hf_tcb *c, hf_ack_news *n, const hf_sent *s, hf_times *times)
{
	if (c->history)
		c->history->delivered++;
	hf_rack_delivered(&c->tx->rack, &c->reordering, &n->rack, s);
	if (s->len > c->snd.acked_len)
		c->snd.acked_len = s->len;
	if (s->flags & HF_SENT_TWICE)
		return;
	note_time(times, s);
	if (c->tx->recovery == HF_RECOVERY_LOSS && hf_seq_leq(hf_sent_end(s), c->snd.recover))
		n->covers_original = true;
}

/** What the ACK answers, if it answers at once: it is the oldest segment that was missing. */
static void note_oldest(hf_ack_news *n, const hf_tx *t)
{
	const hf_sent *s = hf_sent_at(&t->sent, 0);

	n->oldest_repeated = (s->flags & HF_SENT_TWICE) != 0;
	n->repeated_at = s->at;
}

/** Takes what lies before `ack`, and in the list, off it. */
static void take_acked(hf_tcb *c, hf_ack_news *n, hf_seq ack)
{
	hf_tx *t = c->tx;

	n->octets = hf_seq_span(c->snd.una, ack);
	note_oldest(n, t);
	while (t->sent.count > 0) {
		hf_sent *s = hf_sent_at(&t->sent, 0);
		uint32_t part;

		if (!hf_seq_lt(s->seq, ack))
			break;
		part = hf_seq_span(s->seq, ack);
		n->covers_repeated |= (s->flags & HF_SENT_TWICE) != 0;
		if (!(s->flags & HF_SENT_SACKED)) {
			hf_rate_delivered(&t->rate, s, part < s->len ? part : s->len);
			hf_tx_delivered(c, n, s, &n->acked_times);
		}
		if (part < s->len) {
			forget_marks(t, s, (uint16_t)part);
			s->seq = ack;
			s->len = (uint16_t)(s->len - part);
			break;
		}
		forget_marks(t, s, s->len);
		t->sacked_segments -= (s->flags & HF_SENT_SACKED) != 0;
		hf_sent_drop_first(&t->sent);
	}
	c->snd.una = ack;
	c->snd.small_end = hf_seq_max(c->snd.small_end, ack); /* kept near: numbers come round */
}

/**
 * No more duplicates than segments after the missing one can be true, and a liar gets no more out
 * by them: what they let out gives no right to others (RFC 5681 3.2, step 4).
 */
static bool counts_as_duplicate(const hf_tx *t, const hf_ack_news *n)
{
	return n->is_duplicate && t->duplicate_acks + 1 < t->answerable;
}

/**
 * Octets newly known to have arrived. Without SACK each duplicate ACK stands for one segment, and
 * the ACK that covers it does not count it again (RFC 6937 2).
 */
static uint32_t delivered(const hf_tcb *c, const hf_ack_news *n, uint32_t sacked_before)
{
	uint32_t told = c->tx->duplicate_acks * c->snd.mss;

	if (hf_tcb_has(c, HF_TCB_SACK))
		return n->octets + c->tx->sacked - sacked_before;
	if (n->octets > 0)
		return n->octets > told ? n->octets - told : 0;
	return counts_as_duplicate(c->tx, n) ? c->snd.mss : 0;
}

/* ---- Round-trip times ---- */

static bool echoes(const hf_tcb *c, const hf_tcp_options *o)
{
	return hf_tcb_has(c, HF_TCB_TIMESTAMPS) && o->present & HF_HAS(TIMESTAMPS) && o->tsecr != 0;
}

/**
 * If an ACK was lost, the answer to the repetition echoes the original's timestamp: what was
 * received already changes no TS.Recent (RFC 7323 4.3). The time since then is that of the
 * time-out, not the path's. DSACK tells of it; without SACK an echo of what is older than the
 * repetition counts only if the repetition cannot have been answered yet.
 */
static bool is_old_echo(const hf_tcb *c, const hf_ack_news *n)
{
	uint32_t sent_ms = (uint32_t)(n->repeated_at.ns / HF_MS(1));

	if (!n->oldest_repeated || (int32_t)(n->rack.echo_ms - sent_ms) >= 0)
		return false;
	if (hf_tcb_has(c, HF_TCB_SACK))
		return n->has_duplicate;
	return hf_time_diff(n->rack.now, n->repeated_at) >= n->rack.min_rtt;
}

/** RFC 7323 4.3: a timestamp tells the RTT even of a retransmission. 0: none of what waited. */
static hf_ns echoed(const hf_tcb *c, const hf_ack_news *n)
{
	uint32_t ms = (uint32_t)(n->rack.now.ns / HF_MS(1)) - n->rack.echo_ms;
	hf_ns oldest = hf_time_diff(n->rack.now, c->stuck_since);

	if (!n->rack.has_echo || HF_MS((hf_ns)ms) > oldest + HF_MS(1) || is_old_echo(c, n))
		return 0;
	return ms == 0 ? HF_MS(1) / 2 : HF_MS((hf_ns)ms);
}

static hf_ns since(hf_time then, hf_time now)
{
	hf_ns d = hf_time_diff(now, then);

	return d > 0 ? d : 1;
}

/**
 * SRTT follows the oldest segment that the ACK covers, so that a delayed ACK counts; the minimum
 * and congestion control want the path alone, and get the youngest.
 */
static void sample_rtt(hf_tcb *c, const hf_tcp_env *env, hf_ack_news *n)
{
	bool is_clear = n->acked_times.any && !n->covers_repeated; /* Karn */
	const hf_times *k = is_clear ? &n->acked_times : &n->sacked_times;

	if (k->any) {
		n->longest_rtt = since(k->first, env->now);
		n->rtt = since(k->last, env->now);
	} else {
		n->longest_rtt = n->rtt = n->octets > 0 ? echoed(c, n) : 0;
	}
	if (n->rtt == 0)
		return;
	hf_rtt_note_min(&c->rtt, n->rtt, env->now);
	hf_rtt_sample(&c->rtt, env->config, n->longest_rtt);
}

/* ---- What follows ---- */

static bool fin_acked(const hf_tcb *c)
{
	return hf_tcb_has(c, HF_TCB_FIN_SENT) && hf_seq_eq(c->snd.una, c->snd.nxt);
}

static void progress(hf_tcb *c, const hf_tcp_env *env, const hf_ack_news *n)
{
	c->retransmits = 0;
	hf_history_progress(c, env);
	c->reason = HF_WHY_NONE; /* whatever was reported, the way is open */
	c->stuck_since = hf_tx_in_flight(c) > 0 ? env->now : HF_NEVER;
	c->count.octets_acked += n->octets - fin_acked(c);
	hf_tcb_put(c, HF_TCB_TROUBLE_TOLD | HF_TCB_BACKOFF_REVERTED, false);
}

/**
 * After a time-out one ACK may cover much that had arrived long before: what was SACKed is known to
 * have, and without SACK one segment counts (RFC 3465 2.3, L = 1).
 */
static uint32_t countable(const hf_tcb *c, const hf_ack_news *n)
{
	uint32_t most = hf_tcb_has(c, HF_TCB_SACK) ? n->delivered : c->snd.mss;

	if (n->before != HF_RECOVERY_LOSS)
		return n->octets;
	return n->octets < most ? n->octets : most;
}

static void tell_congestion(hf_tcb *c, const hf_tcp_env *env, const hf_ack_news *n)
{
	hf_tx_inform(c, env, &(hf_tx_told){ countable(c, n), n->before == HF_RECOVERY_FAST });
}

/** Everything sent is acknowledged and nothing waits: the buffers are given back. */
static void settle(hf_tcb *c, const hf_tcp_env *env, hf_effects *fx)
{
	if (hf_tx_in_flight(c) > 0 || hf_tx_unsent(c) > 0)
		return;
	if (hf_tcb_has(c, HF_TCB_WANT_SENT_ALL)) {
		hf_tcb_put(c, HF_TCB_WANT_SENT_ALL, false);
		fx->events |= HF_EVENT_SENT_ALL;
	}
	if (!hf_tcb_has(c, HF_TCB_FIN_QUEUED) || hf_tcb_has(c, HF_TCB_FIN_SENT))
		hf_tx_release(c, env);
}

/**
 * RFC 5681 2: nothing new, nothing else, while something is outstanding; an answer to a probe is
 * none.
 */
static bool is_duplicate(const hf_tcb *c, const hf_segment *g, bool window_changed)
{
	return hf_seq_eq(g->ack, c->snd.una) && hf_segment_len(g) == 0 && !window_changed &&
	       hf_tx_in_flight(c) > 0 && c->snd.wnd > 0;
}

/** What would have left by now if this ACK had come alone, after those before it. */
static uint32_t unused_window(const hf_tcb *c)
{
	uint32_t most = hf_tx_unsent(c), pipe = hf_tx_pipe(c), flight = hf_tx_in_flight(c);
	uint32_t cwnd = c->congestion.cwnd > pipe ? c->congestion.cwnd - pipe : 0;
	uint32_t wnd = c->snd.wnd > flight ? c->snd.wnd - flight : 0;

	most = cwnd < most ? cwnd : most;
	return wnd < most ? wnd : most;
}

static hf_ack_news begin(const hf_tcb *c, const hf_tcp_env *env, const hf_segment *g)
{
	return (hf_ack_news){
		.options = g->options,
		.rack = {
			.now = env->now,
			.min_rtt = c->rtt.min,
			.mss = c->snd.mss,
			.has_echo = echoes(c, g->options),
			.echo_ms = g->options->tsecr - c->ts_offset,
		},
		.una = c->snd.una,
		.before = c->tx->recovery,
		.unused = unused_window(c),
	};
}

/** Notes all that the ACK says, and judges nothing yet. */
static void gather(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g, hf_ack_news *n)
{
	uint32_t sacked_before = c->tx->sacked;

	hf_tx_note_sack(c, n, g->ack);
	if (hf_seq_lt(c->snd.una, g->ack))
		take_acked(c, n, g->ack);
	if (n->octets > 0 || c->tx->duplicate_acks == 0)
		c->tx->answerable = c->tx->sent.count;
	n->delivered = delivered(c, n, sacked_before);
	c->count.delivered += n->delivered;
	hf_rack_advance(&c->tx->rack, env->now);
	sample_rtt(c, env, n);
	if (n->octets > 0)
		progress(c, env, n);
	else if (counts_as_duplicate(c->tx, n) && !hf_tcb_has(c, HF_TCB_SACK))
		c->tx->duplicate_acks++;
}

void hf_tx_acked(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g, bool window_changed,
		 hf_effects *fx)
{
	hf_ack_news n;

	if (!c->tx)
		return;
	n = begin(c, env, g);
	n.is_duplicate = is_duplicate(c, g, window_changed);
	gather(c, env, g, &n);
	if (c->path)
		hf_path_acked(c, env, fx);
	hf_tx_recover(c, env, &n);
	tell_congestion(c, env, &n);
	hf_tx_reduce(c, &n);
	hf_tx_rearm(c, env, &n);
	if (hf_tcb_has(c, HF_TCB_WANT_WRITABLE) && hf_tx_is_room_worthwhile(c)) {
		hf_tcb_put(c, HF_TCB_WANT_WRITABLE, false);
		fx->events |= HF_EVENT_WRITABLE;
	}
	settle(c, env, fx);
}
