/* SPDX-License-Identifier: BSD-2-Clause */
/* Everything about a connection, for whoever asks. */
#include "stack/internal.h"

#include "tcp/history.h"
#include "tcp/hs/negotiate.h"
#include "tcp/tx/inform.h"

static void put_counts(const hf_tcb *c, hf_conn_info *out)
{
	out->octets_sent = c->count.octets_sent;
	out->octets_acked = c->count.octets_acked;
	out->octets_received = c->count.octets_received;
	out->octets_retransmitted = c->count.octets_retransmitted;
	out->segments_sent = c->count.segments_sent;
	out->segments_received = c->count.segments_received;
	out->retransmissions = c->count.retransmissions;
	out->timeouts = c->count.timeouts;
	out->fast_recoveries = c->count.fast_recoveries;
	out->retransmits = c->retransmits;
}

static void put_path(const hf_tcb *c, const hf_config *config, hf_conn_info *out)
{
	out->snd_mss = c->snd.mss;
	out->peer_mss = c->snd.peer_mss;
	out->pmtu = c->pmtu;
	out->srtt = c->rtt.srtt;
	out->rttvar = c->rtt.rttvar;
	out->rto = hf_rtt_wait(&c->rtt, config);
	out->min_rtt = c->rtt.min;
	out->cwnd = c->congestion.cwnd;
	out->ssthresh = c->congestion.ssthresh;
	out->congestion = c->congestion.module != HF_CONGESTION_DEFAULT ?
				  (hf_congestion_control)c->congestion.module :
				  hf_tx_congestion_module(c, &(hf_tcp_env){ .config = config });
}

static hf_phase phase_of(const hf_tcb *c)
{
	const hf_tx *t = c->tx;

	if (t && t->recovery != HF_RECOVERY_NONE)
		return t->recovery == HF_RECOVERY_LOSS ? HF_PHASE_LOSS : HF_PHASE_RECOVERY;
	if (c->ecn && c->ecn->flags & HF_ECN_MARKED_ROUND)
		return HF_PHASE_CWR;
	return t && (t->sacked > 0 || t->duplicate_acks > 0 || t->lost > 0) ? HF_PHASE_DISORDER :
									      HF_PHASE_OPEN;
}

static void count_marked(const hf_sent_list *sent, hf_conn_info *out)
{
	for (uint32_t i = 0; out->lost + out->sent_again > 0 && i < sent->count; i++) {
		uint8_t flags = hf_sent_at(sent, i)->flags;

		out->lost_segments += (flags & HF_SENT_LOST) != 0;
		out->sent_again_segments += (flags & HF_SENT_RETRANSMITTED) != 0;
	}
}

static void put_recovery(const hf_tcb *c, hf_conn_info *out)
{
	out->phase = phase_of(c);
	out->pipe = hf_tx_pipe(c);
	out->duplicates = c->count.duplicates;
	out->spurious = c->count.spurious;
	out->tail_probes = c->count.probes;
	out->delivered = c->count.delivered;
	out->reorderings = c->reordering.counted;
	out->reordering = c->reordering.degree > HF_DUP_THRESH ? c->reordering.degree :
								 HF_DUP_THRESH;
	if (!c->tx)
		return;
	out->sacked = c->tx->sacked;
	out->lost = c->tx->lost;
	out->sent_again = c->tx->retransmitted;
	out->unacked_segments = c->tx->sent.count;
	out->sacked_segments = c->tx->sacked_segments;
	count_marked(&c->tx->sent, out);
}

static void put_ip(const hf_stack *s, const hf_tcb *c, hf_conn_info *out)
{
	const hf_source_route *route = hf_routes_of(&s->routes, hf_value(HF_KIND_CONN, c->slot));

	out->ttl = c->ttl;
	out->traffic_class = c->traffic_class;
	out->received_ttl = c->rcv_ttl;
	out->received_traffic_class = c->rcv_traffic_class; /* MAY-9 */
	out->flow_label = hf_conn_label(c);
	out->rehashes = c->rehashes;
	if (route)
		out->route = *route;
}

static void put_sequence(const hf_tcb *c, hf_conn_info *out)
{
	out->snd_wnd = c->snd.wnd;
	out->rcv_wnd = hf_tcb_rcv_wnd(c);
	out->iss = c->iss.v;
	out->irs = c->irs.v;
	out->snd_una = c->snd.una.v;
	out->snd_nxt = c->snd.nxt.v;
	out->rcv_nxt = c->rcv.nxt.v;
	out->unsent = hf_tx_unsent(c);
	out->in_flight = hf_tx_in_flight(c);
	out->unread = hf_tcb_unread(c);
	out->pushed = hf_rx_pushed(c);
}

static uint8_t ecn_failures(const hf_ecn *e)
{
	return (uint8_t)((e->flags & HF_ECN_ACE_UNSENT ? HF_ECN_FAILS_ACE_OUT : 0) |
			 (e->flags & HF_ECN_DEAF ? HF_ECN_FAILS_ACE_IN : 0) |
			 (e->flags & HF_ECN_OPTION_OFF ? HF_ECN_FAILS_OPTION_OUT : 0) |
			 (e->flags & HF_ECN_OPTION_FALSE ? HF_ECN_FAILS_OPTION_IN : 0));
}

static void put_ecn(const hf_ecn *e, hf_conn_info *out)
{
	if (!e)
		return;
	out->ecn = (hf_ecn_mode)e->mode;
	out->ecn_seen = e->flags & HF_ECN_SEEN;
	out->ecn_not_sending = e->flags & HF_ECN_NEVER_ECT;
	out->ecn_option_seen = (hf_ecn_option_seen)e->option_seen;
	out->ecn_failures = ecn_failures(e);
	out->ecn_received = (hf_ecn_counts){ e->ce_in, e->octets_in[HF_ECN_CE],
					     e->octets_in[HF_ECN_ECT0], e->octets_in[HF_ECN_ECT1] };
	out->ecn_sent.ce = e->ce_out;
	out->ecn_sent.ce_octets = e->octets_out[HF_ECN_CE] - hf_ecn_initial(HF_ECN_CE);
	out->ecn_sent.ect0_octets = e->octets_out[HF_ECN_ECT0] - hf_ecn_initial(HF_ECN_ECT0);
	out->ecn_sent.ect1_octets = e->octets_out[HF_ECN_ECT1] - hf_ecn_initial(HF_ECN_ECT1);
}

static hf_ns since(hf_time then, hf_time now)
{
	return then.ns == 0 ? HF_NEVER.ns : hf_time_diff(now, then);
}

static void put_receiving(const hf_stack *s, const hf_tcb *c, hf_conn_info *out)
{
	out->announced_mss = hf_announced_text(c, &s->config);
	out->ack_delay = (hf_ns)c->ack.delay * HF_US(1);
	out->rcv_mss = c->rcv.mss;
	out->rcv_ssthresh = c->rcv.ssthresh;
	out->rcv_buffer = c->rcv.buffer;
	out->rcv_rtt = c->tuning.rtt;
	out->rcv_space = c->tuning.space;
	out->since_received = since(c->ack.received_at, s->now);
}

static void put_history(const hf_stack *s, const hf_tcb *c, hf_conn_info *out)
{
	const hf_history *h = c->history;

	out->since_ack = HF_NEVER.ns;
	out->since_refused = HF_NEVER.ns;
	out->delivered_segments = hf_tcb_is_synchronised(c);
	if (!h)
		return;
	out->since_ack = since(h->ack_at, s->now);
	out->text_segments_sent = h->text_out;
	out->text_segments_received = h->text_in;
	out->early_segments = h->early;
	out->delivered_segments += h->delivered;
	out->delivery_rate = h->rate;
	out->delivery_app_limited = h->rate_app_limited;
	out->window_limited = hf_history_spent(h, HF_LIMIT_WINDOW, s->now);
	out->buffer_limited = hf_history_spent(h, HF_LIMIT_BUFFER, s->now);
	out->busy = hf_history_spent(h, HF_LIMIT_BUSY, s->now) + out->window_limited +
		    out->buffer_limited;
	out->timeouts_all = h->timeouts;
	out->timeout_recoveries = h->timeout_recoveries;
	out->timeout_time = hf_history_timeout_time(h, s->now);
	out->refused = (hf_reason)h->refused;
	out->since_refused = since(h->refused_at, s->now);
	out->refusals = h->refusals;
}

static void put_sending(const hf_stack *s, const hf_tcb *c, hf_conn_info *out)
{
	out->backoff = c->rtt.backoff;
	out->probes = c->probes < UINT8_MAX ? (uint8_t)c->probes : UINT8_MAX;
	out->since_sent = since(c->sent_at, s->now);
	out->pacing_rate = hf_pacing_rate(c);
	out->max_pacing_rate = (uint64_t)c->settings->max_pacing_rate;
	out->cause = (hf_cause)c->cause;
	out->icmp = (hf_reason)c->icmp;
}

hf_err hf_conn_info_get(const hf_stack *s, hf_conn handle, hf_conn_info *out)
{
	hf_tcb room;
	const hf_tcb *c = hf_conn_look(s, handle, &room);

	if (!c)
		return HF_ERR_STALE;
	*out = (hf_conn_info){
		.local = { c->flow.local, c->flow.local_port },
		.remote = { c->flow.remote, c->flow.remote_port },
		.state = (hf_state)c->state,
		.reason = (hf_reason)c->reason,
		.sack = hf_tcb_has(c, HF_TCB_SACK),
		.timestamps = hf_tcb_has(c, HF_TCB_TIMESTAMPS),
		.window_scaling = hf_tcb_has(c, HF_TCB_WSCALE),
		.snd_wscale = c->snd.wscale,
		.rcv_wscale = c->rcv.wscale,
		.peer_closed = hf_tcb_peer_closed(c),
		.sending_closed = hf_tcb_has(c, HF_TCB_FIN_QUEUED),
	};
	put_counts(c, out);
	put_ip(s, c, out);
	put_path(c, &s->config, out);
	put_sequence(c, out);
	put_recovery(c, out);
	put_receiving(s, c, out);
	put_sending(s, c, out);
	put_history(s, c, out);
	put_ecn(c->ecn, out);
	if (c->fast_open) {
		out->fast_open = (hf_fast_open_outcome)c->fast_open->outcome;
		out->fast_open_room = c->fast_open->is_waiting ? hf_fast_open_room(c) : 0;
	}
	return HF_OK;
}
