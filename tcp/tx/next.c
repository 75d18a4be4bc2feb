/* SPDX-License-Identifier: BSD-2-Clause */
/* The one question: what is to be sent now? */
#include "tcp/tx/build.h"
#include "tcp/tx/inform.h"

#include "tcp/arrives.h"
#include "tcp/ecn/ecn.h"
#include "tcp/hs/fast_open.h"
#include "tcp/path.h"
#include "tcp/urgent.h"

/*
 * In this order: the SYN; a tail loss probe; what is lost; new text and the FIN (these no faster
 * than the pacing rate); a window probe; an acknowledgement alone. Each step either answers,
 * commits to its answer, and is done, or leaves everything as it was but for the timer that will
 * ask again. Input has decided what is lost and what the windows are; nothing here reconsiders it.
 */

/** Completes a segment that carries text, a FIN, or both: [seq, seq + len) with the FIN counted. */
static void carry(hf_tcb *c, const hf_tcp_env *env, hf_sending *out, uint32_t len)
{
	hf_seq end = hf_seq_add(out->seq, len);
	bool fin = hf_seq_lt(c->snd.end, end);

	out->len = len - fin;
	if (fin)
		out->flags |= HF_TCP_FIN;
	if (out->len > 0 && hf_seq_leq(c->snd.end, end))
		out->flags |= HF_TCP_PSH; /* MUST-61, SHLD-27: the last alone */
	out->mss = hf_build_mss(c);
	hf_pacing_sent(c, env, out->len);
	c->sent_at = env->now;
	hf_ack_spoke(c, env);
	if (c->stuck_since.ns == HF_NEVER.ns)
		c->stuck_since = env->now;
	if (c->retransmit_at.ns == HF_NEVER.ns)
		hf_tx_arm(c, env); /* RFC 6298 (5.1) */
}

/** A link that cuts segments cannot sign the pieces, and repeats one urgent pointer in all. */
static uint32_t most_at_once(const hf_tcb *c, const hf_tcp_env *env, uint16_t mss)
{
	uint32_t whole;

	if (c->auth || hf_ecn_forbids_cutting(c) || hf_urgent_is_sending(c) ||
	    hf_fast_open_is_bounded(c) || !(env->config->offloads & HF_OFFLOAD_TX_TSO))
		return mss;
	whole = env->config->gso_max - env->config->gso_max % mss;
	return whole > mss ? whole : mss;
}

/** What leaves in a recovery goes onto PRR's account. */
static void note_out(hf_tcb *c, uint32_t octets)
{
	if (c->tx->recovery == HF_RECOVERY_FAST)
		hf_prr_sent(&c->tx->prr, octets);
}

/**
 * The oldest segment is always let through: fast retransmit does not wait, and it probes a shrunk
 * window (MAY-7). The others must lie within it (SHLD-16).
 */
static bool may_retransmit(hf_tcb *c, const hf_sent *s)
{
	hf_seq right = hf_seq_add(c->snd.una, c->snd.wnd);

	if (hf_seq_eq(s->seq, c->snd.una))
		return true;
	if (hf_seq_lt(right, hf_sent_end(s)))
		return false;
	if (hf_tx_pipe(c) + s->len <= c->congestion.cwnd)
		return true;
	hf_tcb_put(c, HF_TCB_CWND_LIMITED, true);
	return false;
}

/**
 * Outside of recovery it is the window or the path that has changed: nothing was lost to
 * congestion.
 */
static hf_cause why_again(const hf_tcb *c)
{
	if (c->snd.wnd == 0)
		return HF_SENT_WINDOW_PROBE;
	if (c->tx->recovery == HF_RECOVERY_NONE)
		return HF_SENT_RETRANSMIT;
	return c->tx->recovery == HF_RECOVERY_LOSS ? HF_SENT_TIMEOUT_RETRANSMIT :
						     HF_SENT_FAST_RETRANSMIT;
}

static void mark_sent_again(hf_tcb *c, const hf_tcp_env *env, uint32_t i)
{
	hf_tx *t = c->tx;
	hf_sent *s = hf_sent_at(&t->sent, i);

	hf_rate_sent(&t->rate, s, hf_tx_pipe(c));
	if (!(s->flags & HF_SENT_RETRANSMITTED))
		t->retransmitted += s->len;
	s->at = env->now;
	hf_sent_mark(&t->sent, i, s->flags | HF_SENT_RETRANSMITTED | HF_SENT_TWICE);
	c->count.retransmissions++;
	c->count.octets_retransmitted += s->len;
}

/** Sends `count` segments again, from the i-th on: in one piece, which the link cuts. */
static void send_again(hf_tcb *c, const hf_tcp_env *env, uint32_t i, uint32_t count,
		       hf_sending *out)
{
	hf_cause cause = c->tx->tlp.is_due ? HF_SENT_TAIL_PROBE : why_again(c);
	const hf_sent *last = hf_sent_at(&c->tx->sent, i + count - 1);
	hf_seq first = hf_sent_at(&c->tx->sent, i)->seq;
	uint32_t len = hf_seq_span(first, hf_sent_end(last));

	hf_build_segment(c, env, cause, out);
	out->seq = first;
	for (uint32_t k = 0; k < count; k++)
		mark_sent_again(c, env, i + k);
	hf_undo_repeated(&c->tx->undo, len, (uint32_t)(env->now.ns / HF_MS(1)));
	hf_path_repeated(c, first, len);
	note_out(c, len);
	if (hf_seq_eq(first, c->snd.una) && c->tx->recovery == HF_RECOVERY_FAST)
		hf_tx_arm(c, env);
	carry(c, env, out, len);
	if (out->len > 0 && last->flags & HF_SENT_PUSHED) /* whatever was queued since */
		out->flags |= HF_TCP_PSH;
}

/** Lost segments that follow the i-th leave with it, as far as link, windows and sizes allow. */
static uint32_t stretch(const hf_tcb *c, const hf_tcp_env *env, uint32_t i, uint16_t mss)
{
	const hf_sent_list *l = &c->tx->sent;
	hf_seq first = hf_sent_at(l, i)->seq, right = hf_seq_add(c->snd.una, c->snd.wnd);
	uint32_t most = hf_pacing_packet(c, most_at_once(c, env, mss));
	uint32_t pipe = hf_tx_pipe(c), count = 1;

	while (i + count < l->count && hf_sent_at(l, i + count - 1)->len == mss) {
		const hf_sent *s = hf_sent_at(l, i + count);
		uint32_t len = hf_seq_span(first, hf_sent_end(s));

		if (!hf_sent_is_waiting(s) || s->len > mss || len > most ||
		    hf_seq_lt(right, hf_sent_end(s)) || pipe + len > c->congestion.cwnd)
			break;
		count++;
	}
	return count;
}

static bool next_lost(hf_tcb *c, const hf_tcp_env *env, hf_sending *out)
{
	hf_sent_list *l = &c->tx->sent;
	uint16_t mss = hf_build_mss(c);
	uint32_t i = hf_sent_first_waiting(l);

	if (i == l->count || c->tx->frto == HF_FRTO_SECOND)
		return false;
	if (hf_sent_at(l, i)->len > mss && !hf_sent_split(l, env->mem, i, mss))
		return false;
	if (!may_retransmit(c, hf_sent_at(l, i)))
		return false;
	send_again(c, env, i, stretch(c, env, i, mss), out);
	return true;
}

/** How much new text one answer may carry, and whether it is worth sending. */
typedef struct offer {
	uint32_t text;
	bool fin;
	bool window_bound; /**< the peer's window holds back some of the queue */
} offer;

static bool fin_waits(const hf_tcb *c)
{
	return hf_tcb_has(c, HF_TCB_FIN_QUEUED) && !hf_tcb_has(c, HF_TCB_FIN_SENT) &&
	       hf_tcb_is_synchronised(c);
}

static uint32_t usable_window(const hf_tcb *c)
{
	uint32_t flight = hf_tx_in_flight(c);

	return flight < c->snd.wnd ? c->snd.wnd - flight : 0; /* MUST-34, SHLD-15: shrunk */
}

/** What cwnd leaves, in whole segments unless all of `text` fits. */
static uint32_t within_cwnd(const hf_tcb *c, uint32_t text, uint16_t mss)
{
	uint32_t pipe = hf_tx_pipe(c), room;

	room = pipe < c->congestion.cwnd ? c->congestion.cwnd - pipe : 0;
	if (pipe == 0 && room < mss)
		room = mss;
	return text <= room ? text : room - room % mss;
}

/** Whole segments as far as windows allow (SHLD-28). */
static offer consider(hf_tcb *c, const hf_tcp_env *env, uint16_t mss)
{
	uint32_t unsent = hf_tx_unsent(c), window = usable_window(c);
	uint32_t most = hf_pacing_packet(c, most_at_once(c, env, mss));
	offer o = { .text = unsent };

	if (o.text > window) {
		o.text = window;
		o.window_bound = true;
	}
	if (o.text > most)
		o.text = most;
	o.text = within_cwnd(c, o.text, mss);
	if (o.text > mss)
		o.text -= o.text % mss;
	o.fin = o.text == unsent && fin_waits(c);
	if (window == o.text)
		o.fin = false; /* its number lies beyond the window */
	return o;
}

/**
 * RFC 9293 3.8.6.2.1 (silly window, MUST-38), 3.7.4 (Nagle, SHLD-7, MUST-17; on Linux's profile
 * Minshall's form of it). What is held back waits for more, for an ACK or the timer (MAY-16,
 * MUST-60).
 */
static bool is_worth_sending(const hf_tcb *c, const hf_tcp_env *env, const offer *o, uint16_t mss)
{
	bool small_in_flight = env->config->profile == HF_PROFILE_LINUX ?
				       hf_seq_lt(c->snd.una, c->snd.small_end) :
				       hf_tx_in_flight(c) > 0;

	if (o->fin || (o->text >= mss && mss > 0))
		return true;
	if (o->text == 0)
		return false;
	if (o->window_bound)
		return o->text >= c->snd.max_wnd / 2;
	if (hf_urgent_is_sending(c))
		return true;
	if (hf_tx_gathers(c))
		return false;
	return hf_tcb_has(c, HF_TCB_NO_DELAY) || hf_tcb_has(c, HF_TCB_FIN_QUEUED) ||
	       !small_in_flight;
}

/**
 * Notes what is about to be sent, one record a segment. Returns how many numbers could be noted.
 */
static uint32_t note_sent(hf_tcb *c, const hf_tcp_env *env, uint32_t len, uint16_t mss)
{
	uint32_t done = 0, pipe = hf_tx_pipe(c);

	if (hf_tx_in_flight(c) == 0)
		hf_rate_restart(&c->tx->rate, env->now);
	while (done < len && hf_sent_reserve(&c->tx->sent, env->mem)) {
		uint32_t part = len - done < mss ? len - done : mss;
		hf_sent s = { .seq = hf_seq_add(c->snd.nxt, done),
			      .len = (uint16_t)part,
			      .at = env->now };

		if (hf_seq_leq(c->snd.end, hf_sent_end(&s)))
			s.flags |= HF_SENT_PUSHED;
		hf_rate_sent(&c->tx->rate, &s, pipe + done);
		hf_sent_append(&c->tx->sent, s);
		done += part;
	}
	return done;
}

/** RFC 7413 4.2.1: Fast Open's text, in one segment. */
static void commit_syn_text(hf_tcb *c, const hf_tcp_env *env, hf_sending *out)
{
	out->len = note_sent(c, env, out->len, (uint16_t)out->len);
	out->mss = (uint16_t)out->len;
	c->snd.nxt = hf_seq_add(c->snd.nxt, out->len);
	c->count.octets_sent += out->len;
}

static bool next_syn(hf_tcb *c, const hf_tcp_env *env, hf_sending *out)
{
	if (!hf_tcb_has(c, HF_TCB_SYN_DUE))
		return false;
	hf_tcb_put(c, HF_TCB_SYN_DUE, false);
	hf_build_syn(c, env, out);
	if (out->len > 0)
		commit_syn_text(c, env, out);
	if (c->fast_open)
		c->fast_open->syn_at = env->now;
	c->sent_at = env->now;
	if (c->stuck_since.ns == HF_NEVER.ns)
		c->stuck_since = env->now;
	if (c->retransmit_at.ns == HF_NEVER.ns) /* a SYN that comes again does not put it off */
		c->retransmit_at = hf_time_add(env->now, hf_rtt_wait(&c->rtt, env->config));
	return true;
}

/** Sends `len` numbers from SND.NXT on. False: no memory to remember them. */
static bool send_new(hf_tcb *c, const hf_tcp_env *env, uint32_t len, hf_cause cause,
		     hf_sending *out)
{
	uint16_t mss = cause == HF_SENT_MTU_PROBE ? (uint16_t)len : hf_build_new_mss(c);
	bool first = hf_tx_in_flight(c) == 0 && hf_tcb_is_synchronised(c);

	len = note_sent(c, env, len, mss);
	if (len == 0)
		return false;
	hf_build_segment(c, env, cause, out);
	hf_ecn_tell(c, true, out);
	c->snd.nxt = hf_seq_add(c->snd.nxt, len);
	c->count.octets_sent += len;
	note_out(c, len);
	if (first)
		hf_tx_arm(c, env); /* it may have been the persist timer so far */
	carry(c, env, out, len);
	out->mss = mss; /* what was told needs no more room in what follows, but in this it does */
	if (cause != HF_SENT_WINDOW_PROBE)
		hf_ecn_mark_new(c, out);
	if (out->flags & HF_TCP_FIN) {
		hf_tcb_put(c, HF_TCB_FIN_SENT, true);
		c->count.octets_sent--;
		out->cause = out->len > 0 ? HF_SENT_DATA : HF_SENT_FIN;
	}
	if (out->len % mss != 0)
		c->snd.small_end = hf_seq_add(out->seq, out->len);
	return true;
}

/**
 * Nothing else will wake this connection: ask again after one RTO (persist timer, SHLD-29). Nor is
 * text that waits for more kept for longer (MUST-60).
 */
static void wait_for_window(hf_tcb *c, const hf_tcp_env *env)
{
	if (hf_tx_in_flight(c) == 0 && c->retransmit_at.ns == HF_NEVER.ns)
		c->retransmit_at = hf_time_add(env->now, hf_rtt_wait(&c->rtt, env->config));
}

/** False: it is not the time for one, or it must wait for room, and `*waits`. */
static bool next_mtu_probe(hf_tcb *c, const hf_tcp_env *env, hf_sending *out, bool *waits)
{
	uint32_t len;
	hf_path_probe probe = hf_path_wants_probe(c, env, &len);

	*waits = probe == HF_PATH_PROBE_WAITS;
	if (probe != HF_PATH_PROBE_NOW || !send_new(c, env, len, HF_SENT_MTU_PROBE, out))
		return false;
	hf_path_probe_sent(c, out);
	return true;
}

static bool next_new(hf_tcb *c, const hf_tcp_env *env, hf_sending *out)
{
	bool waits, is_sent;
	uint16_t mss;
	offer o;

	if (hf_tx_unsent(c) == 0 && !fin_waits(c)) {
		hf_tx_note_stopped(c, env);
		return false;
	}
	hf_tx_note_restart(c, env);
	hf_path_age(c, env);
	mss = hf_build_new_mss(c);
	is_sent = next_mtu_probe(c, env, out, &waits);
	if (waits)
		return false;
	if (!is_sent) {
		o = consider(c, env, mss);
		is_sent = is_worth_sending(c, env, &o, mss) &&
			  send_new(c, env, o.text + o.fin, HF_SENT_DATA, out);
	}
	if (is_sent) {
		hf_tx_note_sent(c, env);
		hf_tx_arm_probe(c, env);
		return true;
	}
	hf_tx_note_stopped(c, env);
	wait_for_window(c, env);
	return false;
}

/** RFC 8985 7.3: something new beyond cwnd, or the last segment once more. */
static bool next_tail_probe(hf_tcb *c, const hf_tcp_env *env, hf_sending *out)
{
	hf_tx *t = c->tx;
	uint16_t mss = hf_build_mss(c), new_mss = hf_build_new_mss(c);
	uint32_t text = hf_tx_unsent(c), window = usable_window(c), last = t->sent.count - 1;
	bool is_new, is_sent = false;

	if (!t->tlp.is_due || t->sent.count == 0)
		return false;
	text = text < window ? text : window;
	is_new = text > 0;
	if (is_new) {
		is_sent = send_new(c, env, text < new_mss ? text : new_mss, HF_SENT_TAIL_PROBE,
				   out);
	} else if (hf_seq_leq(hf_sent_end(hf_sent_at(&t->sent, last)),
			      hf_seq_add(c->snd.una, c->snd.wnd))) {
		uint16_t over = hf_sent_at(&t->sent, last)->len;

		if (over > mss && hf_sent_split(&t->sent, env->mem, last, (uint16_t)(over - mss)))
			last++;
		send_again(c, env, last, 1, out);
		is_sent = true;
	}
	t->tlp.is_due = false;
	if (is_sent) {
		hf_tlp_sent(&t->tlp, c->snd.nxt, !is_new);
		c->count.probes++;
	}
	return is_sent;
}

/** The persist timer ran out: what fits leaves, or one octet past the closed window (MUST-36). */
static bool next_probe(hf_tcb *c, const hf_tcp_env *env, hf_sending *out)
{
	uint32_t text = hf_tx_unsent(c), window = usable_window(c), mss = hf_build_new_mss(c);

	if (!hf_tcb_has(c, HF_TCB_PROBE_DUE))
		return false;
	hf_tcb_put(c, HF_TCB_PROBE_DUE, false);
	if (hf_tx_in_flight(c) > 0 || (text == 0 && !fin_waits(c)))
		return false; /* what it was for has left meanwhile */
	text = text < window ? text : window;
	text = text < mss ? text : mss;
	if (text == 0)
		return send_new(c, env, 1, HF_SENT_WINDOW_PROBE, out);
	if (!send_new(c, env, text, HF_SENT_DATA, out))
		return false;
	hf_tx_note_sent(c, env);
	hf_tx_arm_probe(c, env);
	return true;
}

/** MAY-5. */
static bool next_keepalive(hf_tcb *c, const hf_tcp_env *env, hf_sending *out)
{
	if (!hf_tcb_has(c, HF_TCB_KEEPALIVE_DUE))
		return false;
	hf_tcb_put(c, HF_TCB_KEEPALIVE_DUE, false);
	hf_build_segment(c, env, HF_SENT_KEEPALIVE, out);
	out->seq = hf_seq_add(c->snd.una, UINT32_MAX); /* SHLD-12: SEG.SEQ = SND.UNA - 1 */
	out->garbage = hf_settings_has(c->settings, HF_SET_KEEPALIVE_OCTET);
	return true;
}

static bool next_ack(hf_tcb *c, const hf_tcp_env *env, hf_sending *out)
{
	uint8_t more = hf_tcb_has(c, HF_TCB_SACK) || c->ack.now == 0 ? 0 :
								       (uint8_t)(c->ack.now - 1);

	if (c->ack.now == 0)
		return false;
	hf_build_segment(c, env, (hf_cause)c->ack.cause, out);
	out->seq = hf_tx_bare_seq(c);
	if (hf_rx_report_duplicate(c, env, &out->options))
		more = 1;
	if (hf_tcb_has(c, HF_TCB_ADVICE_DUE))
		hf_build_advice(c, &out->options);
	hf_ecn_tell(c, false, out);
	c->ack.now = more;
	return true;
}

/** What the pacing rate may hold back. */
static bool next_paced(hf_tcb *c, const hf_tcp_env *env, hf_sending *out)
{
	if (!hf_pacing_holds(c, env))
		return next_lost(c, env, out) || next_new(c, env, out);
	if (hf_tx_unsent(c) == 0)
		hf_tx_note_stopped(c, env);
	else
		hf_tx_note_held(c, env);
	return false;
}

static bool next_queued(hf_tcb *c, const hf_tcp_env *env, hf_sending *out)
{
	return c->tx &&
	       (next_tail_probe(c, env, out) || next_paced(c, env, out) || next_probe(c, env, out));
}

/** Fast Open's server need not wait for the end of the handshake (RFC 7413 4.2.2). */
static bool next_early(hf_tcb *c, const hf_tcp_env *env, hf_sending *out)
{
	return hf_fast_open_is_early(c) && c->tx && !hf_pacing_holds(c, env) &&
	       hf_fast_open_affords(c, hf_build_new_mss(c)) && next_new(c, env, out);
}

/** The mark of urgent data goes ahead of text that may not leave (RFC 9293 3.8.5). */
static bool next_urgent(hf_tcb *c, const hf_tcp_env *env, hf_sending *out)
{
	if (!hf_urgent_is_owed(c))
		return false;
	hf_build_segment(c, env, HF_SENT_URGENT, out);
	return true;
}

static bool next(hf_tcb *c, const hf_tcp_env *env, hf_sending *out)
{
	if (c->state == HF_SYN_SENT)
		return next_syn(c, env, out);
	if (c->state == HF_SYN_RECEIVED)
		return next_syn(c, env, out) || next_early(c, env, out) || next_ack(c, env, out);
	if (!hf_tcb_is_synchronised(c) || c->state == HF_TIME_WAIT)
		return false;
	if (hf_ecn_owes_pure_ack(c) && next_ack(c, env, out))
		return true;
	if (next_queued(c, env, out))
		return true;
	return next_urgent(c, env, out) || next_keepalive(c, env, out) || next_ack(c, env, out);
}

bool hf_tcp_next(hf_tcb *c, const hf_tcp_env *env, hf_sending *out)
{
	hf_tcp_begin_silence(c, env);
	if (!next(c, env, out))
		return false;
	hf_urgent_mark(c, out);
	return true;
}
