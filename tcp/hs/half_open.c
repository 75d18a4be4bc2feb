/* SPDX-License-Identifier: BSD-2-Clause */
/* SEGMENT ARRIVES for a half-open record: SYN-RECEIVED after a passive open (RFC 9293 3.10.7.4). */
#include "tcp/hs/half_open.h"

/** Table 6 of RFC 9293 3.4; of a RST or SYN the number itself must lie in the window. */
static bool is_acceptable(const hf_half_open *h, uint16_t window, const hf_segment *g)
{
	hf_seq nxt = hf_seq_add(h->irs, 1);

	if (hf_seq_in(g->seq, nxt, window))
		return true;
	/*
	 * Lengths, not numbers, are compared: of two that are 2^31 apart each is less than the
	 * other.
	 */
	return !(g->flags & (HF_TCP_RST | HF_TCP_SYN)) && hf_seq_lt(g->seq, nxt) &&
	       hf_seq_span(g->seq, nxt) < hf_segment_len(g);
}

/**
 * The ACK of the SYN-ACK, and without a timestamp: somebody took it out of the SYN-ACK, so that the
 * peer does not know of any. Both SYNs must have had one (RFC 7323 3.2): it was never agreed.
 */
static bool shows_no_agreement(const hf_half_open *h, const hf_segment *g)
{
	return (g->flags & (HF_TCP_SYN | HF_TCP_ACK)) == HF_TCP_ACK &&
	       hf_seq_eq(g->ack, hf_seq_add(h->iss, 1));
}

static hf_reason check_timestamp(const hf_half_open *h, const hf_segment *g)
{
	if (!(h->flags & HF_TCB_TIMESTAMPS) || g->flags & HF_TCP_RST)
		return HF_WHY_NONE;
	if (!(g->options->present & HF_HAS(TIMESTAMPS)))
		return shows_no_agreement(h, g) ? HF_WHY_NONE : HF_WHY_TIMESTAMP_MISSING;
	return (int32_t)(g->options->tsval - h->ts_recent) < 0 ? HF_WHY_PAWS : HF_WHY_NONE;
}

static hf_half_open_verdict unacceptable(const hf_half_open *h, const hf_half_open_rules *rules,
					 const hf_segment *g, hf_reason *why)
{
	if (g->flags & HF_TCP_RST) {
		*why = HF_WHY_RST_OUTSIDE;
		return HF_HALF_OPEN_DROP;
	}
	if ((g->flags & (HF_TCP_SYN | HF_TCP_ACK)) == HF_TCP_SYN && hf_seq_eq(g->seq, h->irs)) {
		bool conflicts = hf_ecn_syns_conflict(hf_half_open_mode(h), rules->most_ecn,
						      g->flags);

		*why = conflicts ? HF_WHY_ECN_CONFLICT : HF_WHY_SYN_DUPLICATE;
		return conflicts ? HF_HALF_OPEN_REFUSE : HF_HALF_OPEN_SYN_ACK;
	}
	*why = HF_WHY_SEQ_OUTSIDE;
	return HF_HALF_OPEN_ACK;
}

hf_half_open_verdict hf_half_open_arrives(const hf_half_open *h, const hf_half_open_rules *rules,
					  const hf_segment *g, hf_reason *why)
{
	bool again = (g->flags & HF_TCP_SYN) && hf_seq_eq(g->seq, h->irs);

	*why = again ? HF_WHY_NONE : check_timestamp(h, g);
	if (*why == HF_WHY_TIMESTAMP_MISSING)
		return HF_HALF_OPEN_DROP;
	if (*why == HF_WHY_PAWS)
		return HF_HALF_OPEN_ACK;
	if (!is_acceptable(h, rules->window, g))
		return unacceptable(h, rules, g, why);
	if (g->flags & HF_TCP_RST) { /* RFC 5961 3.2 */
		bool exact = hf_seq_eq(g->seq, hf_seq_add(h->irs, 1));

		*why = exact ? HF_WHY_RESET_BY_PEER : HF_WHY_RST_CHALLENGED;
		return exact ? HF_HALF_OPEN_FORGET : HF_HALF_OPEN_ACK;
	}
	if (g->flags & HF_TCP_SYN) { /* step 4: a passive open returns to LISTEN */
		*why = HF_WHY_SYN_RETURNS;
		return HF_HALF_OPEN_FORGET;
	}
	if (!(g->flags & HF_TCP_ACK)) {
		*why = HF_WHY_ACK_MISSING;
		return HF_HALF_OPEN_DROP;
	}
	if (!hf_seq_eq(g->ack, hf_seq_add(h->iss, 1))) {
		*why = HF_WHY_ACK_UNACCEPTABLE;
		return HF_HALF_OPEN_RESET;
	}
	return HF_HALF_OPEN_PROMOTE;
}

static void set_spare(hf_half_open *h, uint32_t spare)
{
	h->place = (uint8_t)(hf_half_open_local(h) | spare << HF_HALF_OPEN_SPARE);
}

void hf_half_open_earn(hf_half_open *h, uint32_t received, uint32_t sent)
{
	uint32_t spare = h->place >> HF_HALF_OPEN_SPARE, most = HF_HALF_OPEN_PROVEN - 1;

	if (sent == 0 || hf_half_open_is_proven(h) || HF_REFLECTION_MOST * received < sent)
		return;
	spare += (HF_REFLECTION_MOST * received - sent) / sent;
	set_spare(h, spare < most ? spare : most);
}

bool hf_half_open_spend(hf_half_open *h)
{
	uint32_t spare = h->place >> HF_HALF_OPEN_SPARE;

	if (spare > 0 && spare != HF_HALF_OPEN_PROVEN)
		set_spare(h, spare - 1);
	return spare > 0;
}

/** RFC 9768 3.2.3.2.2: the second SYN-ACK has no option, the third no bits either. */
static bool has_given_up(const hf_half_open *h, const hf_config *config)
{
	hf_ecn_mode mode = hf_half_open_mode(h);

	return mode == HF_ECN_MODE_ACCURATE && hf_ecn_gives_up(config, mode, h->retransmits);
}

void hf_half_open_promote(const hf_half_open *h, hf_tcb *c, const hf_tcp_env *env)
{
	hf_syn_offer offer = hf_half_open_offer(h);
	uint16_t mss = hf_announced_mss(env->config, hf_addr_is_v4(&h->remote));

	hf_tcb_set_state(c, HF_SYN_RECEIVED);
	hf_tcb_put(c, HF_TCB_PASSIVE, true);
	c->irs = h->irs;
	c->rcv.nxt = hf_seq_add(h->irs, 1);
	c->rcv.read = c->rcv.nxt;
	c->rcv.last_ack = c->rcv.nxt;
	hf_agree(c, env, &offer);
	if (c->settings->mss > 0 && c->settings->mss < mss)
		mss = c->settings->mss;
	hf_rx_announce_syn(c, mss);
	hf_rx_tuning_begin(c, env); /* a SYN's text may be read at once */
	if (c->ecn) {
		hf_ecn_enter(c->ecn, hf_half_open_mode(h), hf_half_open_heard(h));
		c->ecn->until = c->iss;
		/* RFC 3168 6.1.1, RFC 9768 3.1.5: one of the two may be without ECN. */
		if (h->wscale & HF_HALF_OPEN_MIXED)
			c->ecn->flags |= HF_ECN_NEVER_ECT;
		if (has_given_up(h, env->config))
			c->ecn->flags |= HF_ECN_NEVER_ECT | HF_ECN_ACE_UNSENT;
	}
	c->syn_retransmits = h->retransmits;
	c->count.segments_received = 1; /* its SYN */
	c->sent_at = h->due.ns == HF_NEVER.ns ? HF_NEVER :
						hf_time_add(h->due, -hf_half_open_wait(h));
}

void hf_half_open_enter(hf_half_open *h, const hf_config *config, const hf_segment *g)
{
	hf_ecn_mode mode = hf_ecn_answer(hf_ecn_accepts(config->ecn), g->flags, g->ecn);

	h->flags = (uint8_t)((h->flags & HF_HALF_OPEN_OPTIONS) | mode << 4 | g->ecn << 6);
}

void hf_half_open_again(hf_half_open *h, const hf_segment *g)
{
	h->flags &= (uint8_t)~HF_HALF_OPEN_HEARD;
	h->flags |= (uint8_t)(g->ecn << 6);
	if ((g->flags & HF_TCP_ECN) == 0)
		h->wscale |= HF_HALF_OPEN_MIXED;
}

void hf_half_open_put_ecn(const hf_half_open *h, const hf_config *config, hf_sending *out)
{
	hf_ecn_mode mode = hf_half_open_mode(h);

	if (has_given_up(h, config))
		return;
	out->flags |= hf_ecn_syn_ack_flags(mode, hf_half_open_heard(h));
	if (mode == HF_ECN_MODE_ACCURATE && h->retransmits == 0 &&
	    config->ecn_option != HF_ECN_OPTION_NEVER)
		hf_ecn_put_first_option(&out->options, out->acc_ecn);
}
