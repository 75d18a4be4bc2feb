/* SPDX-License-Identifier: BSD-2-Clause */
/* ECN's sending side: what the peer tells of marks, and marking (RFC 3168, RFC 9768). */
#include "tcp/ecn/ecn.h"

#include "tcp/tx/inform.h"

#define ROUNDS_ALL_MARKED 4 /* so many are more than chance */
#define ROUNDS_DIFFER UINT8_MAX
#define ACE_CYCLE 8u /* numbers that the ACE field tells apart */

static uint32_t sacked(const hf_tcb *c)
{
	return c->tx ? c->tx->sacked : 0;
}

/**
 * Later than all that came before, for its text or its stamp says so (RFC 9768 A.1). Text that ends
 * before RCV.NXT is not acceptable, and does not come here.
 */
static bool is_fresh(const hf_tcb *c, const hf_segment *g)
{
	if (g->text.len > 0 && hf_seq_leq(g->seq, c->rcv.nxt))
		return true;
	return hf_tcb_has(c, HF_TCB_TIMESTAMPS) && g->options->present & HF_HAS(TIMESTAMPS) &&
	       (int32_t)(g->options->tsval - c->ts_recent) > 0;
}

/** How far ACE has moved, at least: it goes round. */
static uint32_t ace_step(const hf_ecn *e, const hf_segment *g)
{
	return (hf_ecn_ace(g->flags) - (HF_ECN_ACE_FIRST + e->ce_out)) % ACE_CYCLE;
}

static bool tells_of_marks(const hf_tcb *c, const hf_segment *g)
{
	if (c->ecn->mode == HF_ECN_MODE_CLASSIC)
		return g->flags & HF_TCP_ECE;
	return c->state != HF_SYN_RECEIVED && !(c->ecn->flags & HF_ECN_DEAF) &&
	       ace_step(c->ecn, g) > 0;
}

bool hf_ecn_holds_growth(const hf_tcb *c)
{
	return c->ecn && c->ecn->flags & (HF_ECN_MARKED_NOW | HF_ECN_MARKED_ROUND);
}

hf_ecn_before hf_ecn_before_ack(const hf_tcb *c, const hf_segment *g)
{
	if (!c->ecn)
		return (hf_ecn_before){ 0 };
	return (hf_ecn_before){
		.una = c->snd.una,
		.sacked = sacked(c),
		.flight = hf_tx_in_flight(c),
		.is_fresh = is_fresh(c, g),
		.is_opening = c->state == HF_SYN_RECEIVED,
		.has_marks = tells_of_marks(c, g),
	};
}

void hf_ecn_begin_ack(hf_tcb *c, const hf_ecn_before *before)
{
	if (!c->ecn)
		return;
	if (hf_seq_lt(c->ecn->until, before->una))
		c->ecn->flags &= (uint16_t)~HF_ECN_MARKED_ROUND;
	if (before->has_marks)
		c->ecn->flags |= HF_ECN_MARKED_NOW;
}

void hf_ecn_reduced(hf_tcb *c)
{
	if (!c->ecn)
		return;
	c->ecn->until = c->snd.nxt;
	c->ecn->flags &=
		(uint16_t)~HF_ECN_MARKED_ROUND; /* a time-out starts slowly, but it grows */
	if (c->ecn->mode == HF_ECN_MODE_CLASSIC)
		c->ecn->flags |= HF_ECN_CWR_DUE;
}

/** Once a window of data, and not for what loss recovery has answered already. */
static void respond(hf_tcb *c, const hf_ecn_before *before)
{
	bool recovers = c->tx && c->tx->recovery != HF_RECOVERY_NONE;
	uint32_t flight = before->flight;

	if (flight == 0 || recovers || !hf_seq_lt(c->ecn->until, c->snd.una))
		return;
	if (flight > c->congestion.cwnd) /* what was sent beyond it does not count */
		flight = c->congestion.cwnd;
	hf_congestion_marked(&c->congestion, flight);
	hf_tx_inform_marked(c);
	hf_ecn_reduced(c);
	c->ecn->flags |= HF_ECN_MARKED_ROUND;
}

/* ---- Accurate ---- */

/** The option's counters move on; returns whether it was there, and octets with CE in `*ce`. */
static bool take_option(hf_ecn *e, const hf_tcp_options *o, uint32_t *ce)
{
	bool had_ce = false;

	*ce = 0;
	if (!(o->present & (HF_HAS(ACC_ECN_0) | HF_HAS(ACC_ECN_1))) ||
	    e->flags & HF_ECN_OPTION_FALSE)
		return false;
	hf_ecn_note_option(e, o);
	for (unsigned i = 0; i < HF_ECN_COUNTERS; i++) {
		uint32_t now, step;

		if (!hf_ecn_option_read(o, (hf_ecn_counter)i, &now))
			continue;
		step = hf_ecn_option_step(e->octets_out[i], now);
		e->octets_out[i] += step;
		if (i == HF_ECN_CE) {
			had_ce = true;
			*ce = step;
		}
	}
	/* The field is left out while no CE has ever come. */
	return had_ce || e->octets_out[HF_ECN_CE] == 0;
}

/**
 * So many packets with CE are new. The field may have gone round more than once if so many packets
 * were acknowledged; without octets that prove otherwise the worst is taken (RFC 9768 A.2).
 */
static uint32_t count_marks(uint32_t step, uint32_t packets, bool has_octets,
			    uint32_t most_by_octets)
{
	uint32_t worst;

	if (packets < ACE_CYCLE)
		return step;
	worst = packets - (packets - step) % ACE_CYCLE;
	while (has_octets && worst > step && worst > most_by_octets)
		worst -= ACE_CYCLE;
	return worst;
}

static void distrust(hf_ecn *e)
{
	e->flags |= HF_ECN_NEVER_ECT | HF_ECN_DEAF;
}

/** Octets rounded up to segments; a small one counts as one as well. */
static uint32_t packets_of(const hf_tcb *c, uint32_t octets)
{
	return (octets + c->snd.mss - 1u) / c->snd.mss;
}

/** Feedback that cannot be: the field does not start at zero (RFC 9768 3.2.2.4). */
static bool is_zeroed(hf_ecn *e, unsigned ace)
{
	bool first = !(e->flags & HF_ECN_ACE_CHECKED);

	e->flags |= HF_ECN_ACE_CHECKED;
	return first && ace == 0;
}

/** Octets that the ACK has newly acknowledged, by number or by SACK block. */
static uint32_t delivered_by(const hf_tcb *c, const hf_ecn_before *before)
{
	return hf_seq_span(before->una, c->snd.una) + sacked(c) - before->sacked;
}

/**
 * If all that we send in the first rounds comes marked, it is not a queue that marks it (RFC 9768
 * 3.2.2.3).
 */
static void check_rounds(hf_tcb *c, uint32_t packets, uint32_t marks)
{
	hf_ecn *e = c->ecn;

	if (e->rounds >= ROUNDS_ALL_MARKED || packets == 0)
		return;
	if (marks < packets) {
		e->rounds = ROUNDS_DIFFER;
		return;
	}
	if (e->rounds > 0 && hf_seq_lt(c->snd.una, e->round_end))
		return;
	e->round_end = c->snd.nxt;
	if (++e->rounds == ROUNDS_ALL_MARKED)
		distrust(e);
}

static void take_ace(hf_tcb *c, const hf_segment *g, const hf_ecn_before *before)
{
	hf_ecn *e = c->ecn;
	uint32_t delivered = delivered_by(c, before);
	uint32_t packets = packets_of(c, delivered), ce_octets, marks, step;
	unsigned ace = hf_ecn_ace(g->flags);
	bool has_octets;

	if (is_zeroed(e, ace))
		distrust(e);
	if (delivered == 0 && !before->is_fresh)
		return; /* an older ACK that came later (RFC 9768 A.1) */
	has_octets = take_option(e, g->options, &ce_octets);
	step = ace_step(e, g);
	marks = count_marks(step, packets, has_octets, packets_of(c, ce_octets));
	e->ce_out += marks;
	check_rounds(c, packets, marks);
	if (ce_octets > 0 && marks == 0 && packets < ACE_CYCLE)
		e->flags |= HF_ECN_NEVER_ECT; /* the two contradict each other (3.2.3.2.5) */
	if (marks > 0 && !(e->flags & HF_ECN_DEAF))
		respond(c, before);
}

/** Table 4: the ACK that ends the handshake tells of the SYN-ACK's mark, which was none. */
static void take_opening(hf_tcb *c, const hf_segment *g)
{
	hf_ecn *e = c->ecn;
	unsigned ace = hf_ecn_ace(g->flags);
	hf_ip_ecn arrived;

	if (ace == 0) {
		distrust(e);
		return;
	}
	if (!hf_ecn_decode(ace, &arrived))
		return;
	if (hf_ecn_is_mangled(HF_IP_NOT_ECT, arrived) && !(e->flags & HF_ECN_MANGLING_BELIEVED))
		e->flags |= HF_ECN_NEVER_ECT;
	if (arrived != HF_IP_CE)
		return;
	e->ce_out++;
	hf_congestion_marked(&c->congestion, c->congestion.cwnd);
	hf_ecn_reduced(c);
}

static bool is_pure_ack(const hf_segment *g)
{
	return hf_segment_len(g) == 0 && !(g->options->present & HF_HAS(SACK));
}

/**
 * To a server's SYN-ACK that went twice there are two answers: the second tells of the SYN-ACK's
 * mark as well, and is no counter (RFC 9768 3.2.2.2, the end).
 */
static bool is_opening_again(const hf_tcb *c, const hf_segment *g)
{
	hf_ip_ecn arrived;

	return c->ecn->asked == HF_ECN_MODE_NONE && is_pure_ack(g) &&
	       hf_seq_eq(g->ack, hf_seq_add(c->iss, 1)) &&
	       hf_ecn_decode(hf_ecn_ace(g->flags), &arrived);
}

static void acked_accurate(hf_tcb *c, const hf_segment *g, const hf_ecn_before *before)
{
	if (before->is_opening)
		hf_ecn_test_option(c->ecn, g->options);
	if (before->is_opening && is_pure_ack(g))
		take_opening(c, g);
	else if (!is_opening_again(c, g))
		take_ace(c, g, before);
}

void hf_ecn_acked(hf_tcb *c, const hf_segment *g, const hf_ecn_before *before)
{
	hf_ecn *e = c->ecn;

	if (!e || c->state == HF_CLOSED)
		return;
	e->flags &= (uint16_t)~HF_ECN_MARKED_NOW;
	/* Kept near, so that it never seems to lie ahead. */
	e->until = hf_seq_max(e->until, hf_seq_add(c->snd.una, UINT32_MAX));
	if (e->mode == HF_ECN_MODE_ACCURATE) {
		acked_accurate(c, g, before);
	} else if (g->flags & HF_TCP_ECE) {
		e->ce_out += packets_of(c, delivered_by(c, before));
		respond(c, before);
	}
}

/* ---- Marking ---- */

void hf_ecn_mark_new(hf_tcb *c, hf_sending *out)
{
	hf_ecn *e = c->ecn;

	if (!e || out->len == 0)
		return;
	if (!(e->flags & HF_ECN_NEVER_ECT))
		out->ecn = HF_IP_ECT0;
	if (e->flags & HF_ECN_CWR_DUE)
		out->flags |= HF_TCP_CWR;
	e->flags &= (uint16_t)~HF_ECN_CWR_DUE;
}

bool hf_ecn_forbids_cutting(const hf_tcb *c)
{
	return hf_ecn_is(c, HF_ECN_MODE_ACCURATE) && hf_ecn_ack_flags(c) & HF_TCP_CWR;
}
