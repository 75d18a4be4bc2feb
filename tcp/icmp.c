/* SPDX-License-Identifier: BSD-2-Clause */
/* What routers and hosts report of a connection's segments (RFC 9293 3.9.2.2, 5927, 6069). */
#include "tcp/arrives.h"
#include "tcp/hs/fast_open.h"
#include "tcp/path.h"

/**
 * RFC 1122 4.2.3.9's hard errors, and a firewall's word: final only before the handshake is done
 * (RFC 5927 5.2).
 */
bool hf_icmp_is_hard(hf_reason why)
{
	return why == HF_WHY_ICMP_PROTOCOL || why == HF_WHY_ICMP_PORT || why == HF_WHY_ICMP_ADMIN;
}

/** Only what is in flight can have met a router; with Fast Open the SYN-ACK stands before it. */
static bool quotes_flight(const hf_tcb *c, hf_seq quoted)
{
	if (hf_fast_open_is_early(c) && hf_seq_eq(quoted, c->iss))
		return true;
	return hf_seq_in(quoted, c->snd.una, hf_tx_in_flight(c));
}

/**
 * RFC 6069 (TCP-LCD): a retransmission did not get lost to congestion but found no way. The
 * time-out is not doubled for it, so that the connection goes on soon after the way is back.
 */
static void revert_back_off(hf_tcb *c, const hf_tcp_env *env, const hf_icmp_report *r)
{
	hf_time sent;

	if ((r->reason != HF_WHY_ICMP_NET && r->reason != HF_WHY_ICMP_HOST) ||
	    !hf_tcb_is_synchronised(c) || c->retransmits == 0 || c->rtt.backoff == 0 ||
	    c->snd.wnd == 0 || !hf_seq_eq(r->quoted, c->snd.una) || !c->tx ||
	    c->tx->sent.count == 0)
		return;
	c->rtt.backoff--;
	if (c->retransmits > 1)
		c->retransmits--;
	hf_tcb_put(c, HF_TCB_BACKOFF_REVERTED, true);
	sent = hf_sent_at(&c->tx->sent, 0)->at;
	c->retransmit_at = hf_time_add(sent, hf_rtt_wait(&c->rtt, env->config));
	if (hf_time_before(c->retransmit_at, env->now))
		c->retransmit_at = env->now;
}

/** What ICMP says is told (MUST-47, SHLD-25, U-2) and acted on (MUST-56, SHLD-26). */
void hf_tcp_icmp(hf_tcb *c, const hf_tcp_env *env, const hf_icmp_report *report, hf_effects *fx)
{
	if (c->state == HF_CLOSED || !quotes_flight(c, report->quoted)) {
		fx->reason = HF_WHY_ICMP_QUOTE_SEQ;
		return;
	}
	fx->reason = report->reason;
	c->icmp = (uint8_t)report->reason;
	if (report->reason == HF_WHY_ICMP_TOO_BIG) {
		if (c->settings->discovery == HF_PATH_MTU_WANT)
			hf_path_too_big(c, env, report->quoted, report->mtu, fx);
	} else if (hf_icmp_is_hard(report->reason) && !hf_tcb_is_synchronised(c)) {
		hf_tcb_end(c, env, fx, report->reason);
	} else {
		c->reason = (uint8_t)report->reason;
		revert_back_off(c, env, report);
		if (!hf_settings_has(c->settings, HF_SET_NO_SOFT_ERRORS)) /* SHLD-20 */
			fx->events |= HF_EVENT_TROUBLE;
	}
}
