/* SPDX-License-Identifier: BSD-2-Clause */
/* TIME-WAIT: answers the peer's FIN again, and tells an old duplicate from a new connection. */
#include "tcp/time_wait.h"

#include "tcp/ecn/ecn.h"
#include "tcp/tx/build.h"

/**
 * RFC 6191 2 (SHLD-4): a SYN is surely new if its timestamp is, or if it is the first that has one;
 * without timestamps if its number is (MAY-2).
 */
static bool is_new(const hf_time_wait *w, const hf_segment *g, bool stamps)
{
	if (!stamps || !(g->options->present & HF_HAS(TIMESTAMPS)))
		return hf_seq_lt(w->rcv_nxt, g->seq);
	if (!(w->flags & HF_TIME_WAIT_TIMESTAMPS))
		return true;
	return (int32_t)(g->options->tsval - w->ts_recent) > 0 ||
	       (g->options->tsval == w->ts_recent && hf_seq_lt(w->rcv_nxt, g->seq));
}

hf_time_wait_verdict hf_time_wait_arrives(const hf_time_wait *w, const hf_segment *g, bool stamps,
					  hf_reason *why)
{
	*why = HF_WHY_TIME_WAIT_SEGMENT;
	if (g->flags & HF_TCP_RST) { /* RFC 1337 3: a reset does not cut TIME-WAIT short */
		*why = HF_WHY_TIME_WAIT_RST;
		return HF_TIME_WAIT_DROP;
	}
	if ((g->flags & (HF_TCP_SYN | HF_TCP_ACK)) == HF_TCP_SYN && is_new(w, g, stamps)) {
		*why = HF_WHY_NONE;
		return HF_TIME_WAIT_REOPEN;
	}
	if (g->flags & HF_TCP_FIN && hf_seq_eq(hf_seq_add(g->seq, hf_segment_len(g)), w->rcv_nxt))
		return HF_TIME_WAIT_ACK_RESTART;
	/* Two records must not answer each other's ACKs for ever. */
	return hf_segment_len(g) == 0 ? HF_TIME_WAIT_DROP : HF_TIME_WAIT_ACK;
}

void hf_time_wait_keep(hf_time_wait *w, hf_tcb *c)
{
	w->window = hf_rx_announce(c);
	w->snd_nxt = c->snd.nxt;
	w->rcv_nxt = c->rcv.nxt;
	w->ts_recent = c->ts_recent;
	w->ts_offset = c->ts_offset;
	w->flags = (uint8_t)(hf_ecn_ace(hf_ecn_ack_flags(c)) << 1);
	if (hf_tcb_has(c, HF_TCB_TIMESTAMPS))
		w->flags |= HF_TIME_WAIT_TIMESTAMPS;
}

void hf_time_wait_ack(const hf_time_wait *w, hf_time now, hf_sending *out)
{
	*out = (hf_sending){
		.seq = w->snd_nxt,
		.ack = w->rcv_nxt,
		.flags = (uint16_t)(HF_TCP_ACK | hf_ecn_ace_flags(w->flags >> 1)),
		.window = w->window,
		.cause = HF_SENT_TIME_WAIT_ACK,
	};
	if (w->flags & HF_TIME_WAIT_TIMESTAMPS) {
		out->options.present = HF_HAS(TIMESTAMPS);
		out->options.tsval = hf_tcp_clock(now, w->ts_offset);
		out->options.tsecr = w->ts_recent;
	}
}
