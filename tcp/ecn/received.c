/* SPDX-License-Identifier: BSD-2-Clause */
/* ECN's receiving side: marks of arriving packets go back to the peer (RFC 3168, RFC 9768). */
#include "tcp/ecn/ecn.h"

/** So many CE marks are not kept waiting: with text to acknowledge; without (3.2.2.5.1). */
#define CE_WAITING_WITH_TEXT 2
#define CE_WAITING_WITHOUT 3

#define VAIN_OPTIONS 2 /* after so many no more are sent, as in Linux */

/** Which counter the text of a packet with this mark goes to; HF_ECN_COUNTERS: none. */
static hf_ecn_counter counter_of(hf_ip_ecn ecn)
{
	switch (ecn) {
	case HF_IP_ECT0:
		return HF_ECN_ECT0;
	case HF_IP_ECT1:
		return HF_ECN_ECT1;
	case HF_IP_CE:
		return HF_ECN_CE;
	case HF_IP_NOT_ECT:
		break;
	}
	return HF_ECN_COUNTERS;
}

static void count_octets(hf_ecn *e, const hf_segment *g)
{
	hf_ecn_counter counter = counter_of(g->ecn);
	unsigned bit = HF_ECN_BIT(counter);

	if (counter == HF_ECN_COUNTERS || g->text.len == 0)
		return;
	/* Sparingly: what goes on as before is no news, unless it is congestion. */
	if (e->option != HF_ECN_OPTION_SPARINGLY || e->last != g->ecn || counter == HF_ECN_CE)
		e->news = (uint8_t)(e->news | bit);
	e->changed = (uint8_t)(e->changed | bit);
	e->octets_in[counter] += (uint32_t)g->text.len;
}

/** CWR ends the echo, and CE begins it; the sender may have a window of one segment: it waits. */
static bool received_classic(hf_ecn *e, const hf_segment *g)
{
	bool had_echo = e->flags & HF_ECN_ECHO, at_once = false;

	if (g->text.len == 0)
		return false; /* neither mark nor CWR means anything without text */
	count_octets(e, g);
	if (g->flags & HF_TCP_CWR) {
		e->flags &= (uint16_t)~HF_ECN_ECHO;
		at_once = true;
	}
	if (g->ecn == HF_IP_CE) {
		e->ce_in++;
		e->flags |= HF_ECN_ECHO;
		at_once |= !had_echo;
	}
	return at_once;
}

static bool received_accurate(const hf_tcb *c, hf_ecn *e, const hf_segment *g)
{
	bool has_text = g->text.len > 0;
	bool text_waits = has_text || hf_seq_lt(c->rcv.last_ack, c->rcv.nxt);
	bool begins = g->ecn == HF_IP_CE && e->last != HF_IP_CE && has_text;

	if (has_text && hf_seq_leq(g->seq, c->rcv.nxt))
		e->flags &= (uint16_t)~HF_ECN_OPTION_TOLD; /* the peer has gone on */
	count_octets(e, g);
	e->last = (uint8_t)g->ecn;
	if (g->ecn != HF_IP_CE)
		return false;
	e->ce_in++;
	if (e->waiting < UINT8_MAX)
		e->waiting++;
	return begins || e->waiting >= (text_waits ? CE_WAITING_WITH_TEXT : CE_WAITING_WITHOUT);
}

bool hf_ecn_received(hf_tcb *c, const hf_segment *g)
{
	hf_ecn *e = c->ecn;

	if (!e)
		return false;
	if (g->ecn != HF_IP_NOT_ECT)
		e->flags |= HF_ECN_SEEN;
	return e->mode == HF_ECN_MODE_ACCURATE ? received_accurate(c, e, g) :
						 received_classic(e, g);
}

uint16_t hf_ecn_ack_flags(const hf_tcb *c)
{
	const hf_ecn *e = c->ecn;

	if (!e)
		return 0;
	if (e->mode == HF_ECN_MODE_ACCURATE)
		return hf_ecn_ace_flags(HF_ECN_ACE_FIRST + e->ce_in);
	return e->flags & HF_ECN_ECHO ? HF_TCP_ECE : 0;
}

bool hf_ecn_owes_pure_ack(const hf_tcb *c)
{
	return c->ecn && c->ecn->flags & HF_ECN_SYN_ACK_ECHO && c->ack.now > 0;
}

/** The flag that asks for the option whatever the counters say. */
static uint16_t test_flag(bool has_text)
{
	return has_text ? HF_ECN_OPTION_TEST_TEXT : HF_ECN_OPTION_TEST;
}

bool hf_ecn_put_option(const hf_tcb *c, bool has_text, hf_tcp_options *o,
		       uint8_t octets[HF_ACC_ECN_MAX])
{
	const hf_ecn *e = c->ecn;
	hf_ecn_report report;

	if (!e || e->mode != HF_ECN_MODE_ACCURATE || e->option == HF_ECN_OPTION_NEVER ||
	    e->flags & HF_ECN_OPTION_OFF)
		return false;
	report = (hf_ecn_report){ .changed = e->changed, .news = e->news };
	if (e->flags & test_flag(has_text))
		report.changed = HF_ECN_ALL;
	else if (e->news == 0)
		return false;
	for (unsigned i = 0; i < HF_ECN_COUNTERS; i++)
		report.value[i] = hf_ecn_initial((hf_ecn_counter)i) + e->octets_in[i];
	return hf_ecn_option_put(&report, o, octets);
}

void hf_ecn_tell(hf_tcb *c, bool has_text, hf_sending *out)
{
	if (!hf_ecn_put_option(c, has_text, &out->options, out->acc_ecn))
		return;
	c->ecn->news = 0;
	c->ecn->flags |= HF_ECN_OPTION_TOLD;
	c->ecn->flags &= (uint16_t) ~(HF_ECN_OPTION_TEST | test_flag(has_text));
}

void hf_ecn_put(hf_tcb *c, hf_sending *out)
{
	hf_ecn *e = c->ecn;

	if (!e)
		return;
	if (e->flags & HF_ECN_SYN_ACK_ECHO && !(out->options.present & HF_HAS(SACK)))
		out->flags |= hf_ecn_ace_flags(hf_ecn_encode((hf_ip_ecn)e->heard));
	else
		out->flags |= hf_ecn_ack_flags(c);
	e->flags &= (uint16_t)~HF_ECN_SYN_ACK_ECHO;
	e->waiting = 0;
}

void hf_ecn_came_again(hf_tcb *c)
{
	hf_ecn *e = c->ecn;

	if (!e || !(e->flags & HF_ECN_OPTION_TOLD) || e->option == HF_ECN_OPTION_PERSIST)
		return;
	e->flags &= (uint16_t)~HF_ECN_OPTION_TOLD;
	if (++e->vain == VAIN_OPTIONS)
		e->flags |= HF_ECN_OPTION_OFF;
}
