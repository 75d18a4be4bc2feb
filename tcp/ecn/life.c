/* SPDX-License-Identifier: BSD-2-Clause */
/* ECN in the handshake: asking, agreeing, falling back, testing the path (RFC 9768 3.1). */
#include "tcp/ecn/ecn.h"

/** SYNs that ask: RFC 3168 6.1.1.1 lets the second go without, RFC 9768 3.1.4.1 the third. */
static uint8_t tries_of(hf_ecn_mode mode)
{
	return mode == HF_ECN_MODE_ACCURATE ? 2 : 1;
}

bool hf_ecn_gives_up(const hf_config *config, hf_ecn_mode mode, uint8_t tries)
{
	return !config->no_ecn_fallback && tries >= tries_of(mode);
}

hf_ecn *hf_ecn_new(const hf_tcp_env *env)
{
	hf_ecn *e = hf_mem_new(env->mem, sizeof(*e));

	if (!e)
		return NULL;
	e->option = (uint8_t)env->config->ecn_option;
	e->flags = env->config->no_ecn_fallback ? HF_ECN_MANGLING_BELIEVED : 0;
	for (unsigned i = 0; i < HF_ECN_COUNTERS; i++)
		e->octets_out[i] = hf_ecn_initial((hf_ecn_counter)i);
	return e;
}

void hf_ecn_release(hf_tcb *c, const hf_tcp_env *env)
{
	hf_mem_free(env->mem, c->ecn, sizeof(*c->ecn));
	c->ecn = NULL;
}

void hf_ecn_enter(hf_ecn *e, hf_ecn_mode mode, hf_ip_ecn heard)
{
	e->mode = (uint8_t)mode;
	e->heard = (uint8_t)heard;
	e->last = (uint8_t)heard;
}

void hf_ecn_open(hf_tcb *c, const hf_tcp_env *env)
{
	hf_ecn_mode asked = hf_ecn_requests(env->config->ecn);

	if (asked == HF_ECN_MODE_NONE)
		return;
	c->ecn = hf_ecn_new(env);
	if (!c->ecn)
		return;
	c->ecn->asked = (uint8_t)asked;
	c->ecn->until = c->iss;
}

void hf_ecn_put_first_option(hf_tcp_options *o, uint8_t octets[HF_ACC_ECN_MAX])
{
	hf_ecn_report first = { .changed = HF_ECN_ALL,
				.news = HF_ECN_BIT(HF_ECN_ECT0) | HF_ECN_BIT(HF_ECN_CE) };

	for (unsigned i = 0; i < HF_ECN_COUNTERS; i++)
		first.value[i] = hf_ecn_initial((hf_ecn_counter)i);
	hf_ecn_option_put(&first, o, octets);
}

/**
 * RFC 9768 3.2.3.2.2: sent again it has no option, and after that no bits either. We go on as was
 * agreed, but the peer may not: nothing is marked from then on (3.1.5).
 */
static void put_syn_ack(hf_tcb *c, const hf_tcp_env *env, hf_sending *out)
{
	hf_ecn *e = c->ecn;
	hf_ecn_mode mode = (hf_ecn_mode)e->mode;

	if (mode == HF_ECN_MODE_ACCURATE &&
	    hf_ecn_gives_up(env->config, mode, c->syn_retransmits)) {
		e->flags |= HF_ECN_NEVER_ECT | HF_ECN_ACE_UNSENT;
		return;
	}
	out->flags |= hf_ecn_syn_ack_flags(mode, (hf_ip_ecn)e->heard);
	if (mode == HF_ECN_MODE_ACCURATE && c->syn_retransmits == 0 && !e->syn_came_again &&
	    e->option != HF_ECN_OPTION_NEVER)
		hf_ecn_put_first_option(&out->options, out->acc_ecn);
}

void hf_ecn_put_syn(hf_tcb *c, const hf_tcp_env *env, hf_sending *out)
{
	hf_ecn_mode asked;

	if (!c->ecn)
		return;
	asked = (hf_ecn_mode)c->ecn->asked;
	if (c->state == HF_SYN_RECEIVED)
		put_syn_ack(c, env, out);
	else if (!hf_ecn_gives_up(env->config, asked, c->syn_retransmits))
		out->flags |= hf_ecn_syn_flags(asked);
}

void hf_ecn_crossed(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g)
{
	hf_ecn_mode mode;

	if (!c->ecn)
		return;
	mode = hf_ecn_answer((hf_ecn_mode)c->ecn->asked, g->flags, g->ecn);
	if (mode == HF_ECN_MODE_NONE)
		hf_ecn_release(c, env);
	else
		hf_ecn_enter(c->ecn, mode, g->ecn);
}

void hf_ecn_note_option(hf_ecn *e, const hf_tcp_options *o)
{
	uint32_t value;

	for (unsigned i = 0; i < HF_ECN_COUNTERS; i++)
		if (hf_ecn_option_read(o, (hf_ecn_counter)i, &value))
			e->option_seen = HF_ECN_OPTION_SEEN_COUNTERS;
	if (e->option_seen == HF_ECN_OPTION_UNSEEN)
		e->option_seen = HF_ECN_OPTION_SEEN_EMPTY;
}

void hf_ecn_test_option(hf_ecn *e, const hf_tcp_options *o)
{
	uint32_t value;

	if (!(o->present & (HF_HAS(ACC_ECN_0) | HF_HAS(ACC_ECN_1))))
		return;
	hf_ecn_note_option(e, o);
	if ((hf_ecn_option_read(o, HF_ECN_ECT0, &value) && value == 0) ||
	    (hf_ecn_option_read(o, HF_ECN_ECT1, &value) && value == 0)) {
		e->flags |= HF_ECN_OPTION_FALSE;
		e->option_seen = HF_ECN_OPTION_SEEN_ZEROED;
	}
}

/** What the SYN-ACK says of our SYN, which was not marked. */
static void test_syn(hf_tcb *c, const hf_segment *g)
{
	hf_ip_ecn arrived;

	if (!hf_ecn_decode(hf_ecn_ace(g->flags), &arrived))
		return; /* reserved: it counts as unchanged (3.1.3) */
	if (!(c->ecn->flags & HF_ECN_MANGLING_BELIEVED) &&
	    hf_ecn_is_mangled(HF_IP_NOT_ECT, arrived))
		c->ecn->flags |= HF_ECN_NEVER_ECT;
	if (arrived == HF_IP_CE) /* nothing else was sent that could be marked in its round */
		hf_congestion_marked(&c->congestion, c->congestion.cwnd);
}

void hf_ecn_answered(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g, hf_effects *fx)
{
	hf_ecn_mode asked, mode;
	hf_ecn *e = c->ecn;
	bool gave_up;

	if (!e)
		return;
	asked = (hf_ecn_mode)e->asked;
	mode = hf_ecn_agreed(asked, g->flags);
	gave_up = hf_ecn_gives_up(env->config, asked, c->syn_retransmits);
	fx->ecn = gave_up && mode == HF_ECN_MODE_NONE ? HF_ECN_OUTCOME_LOST :
							HF_ECN_OUTCOME_ANSWERED;
	if (mode == HF_ECN_MODE_NONE) {
		hf_ecn_release(c, env);
		return;
	}
	hf_ecn_enter(e, mode, g->ecn);
	/* RFC 3168 6.1.1: who has sent a SYN without the bits marks nothing. */
	if (mode == HF_ECN_MODE_CLASSIC && gave_up)
		e->flags |= HF_ECN_NEVER_ECT;
	if (mode == HF_ECN_MODE_CLASSIC)
		return;
	e->flags |= HF_ECN_SYN_ACK_ECHO | HF_ECN_OPTION_TEST | HF_ECN_OPTION_TEST_TEXT;
	e->ce_in = g->ecn == HF_IP_CE;
	hf_ecn_test_option(e, g->options);
	test_syn(c, g);
}

void hf_ecn_answered_again(hf_tcb *c, const hf_segment *g)
{
	if (!hf_ecn_is(c, HF_ECN_MODE_ACCURATE) || c->ecn->asked != HF_ECN_MODE_ACCURATE ||
	    c->ack.now == 0)
		return;
	c->ecn->heard = (uint8_t)g->ecn;
	c->ecn->flags |= HF_ECN_SYN_ACK_ECHO;
}

bool hf_ecn_syn_again(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g)
{
	hf_ecn *e = c->ecn;
	hf_ecn_mode most;

	if (!e)
		return false;
	most = e->asked != HF_ECN_MODE_NONE ? (hf_ecn_mode)e->asked :
					      hf_ecn_accepts(env->config->ecn);
	if (hf_ecn_syns_conflict((hf_ecn_mode)e->mode, most, g->flags))
		return true;
	e->heard = (uint8_t)g->ecn;
	e->syn_came_again = true;
	if ((g->flags & HF_TCP_ECN) == 0)
		e->flags |= HF_ECN_NEVER_ECT;
	return false;
}
