/* SPDX-License-Identifier: BSD-2-Clause */
/* The sending side as a thing: made when it is needed, measured, and given back when empty. */
#include "tcp/history.h"
#include "tcp/tcb.h"

#define SMALLEST_BUFFER 65536u

bool hf_tx_need(hf_tcb *c, const hf_tcp_env *env)
{
	if (c->tx)
		return true;
	c->tx = hf_mem_new(env->mem, sizeof(*c->tx));
	if (!c->tx)
		return false;
	hf_rack_init(&c->tx->rack, c->snd.una);
	c->tx->probe_at = HF_NEVER;
	c->tx->reorder_at = HF_NEVER;
	c->tx->use_known_to = c->snd.una;
	hf_rate_init(&c->tx->rate, c->snd.una.v);
	return true;
}

void hf_tx_release(hf_tcb *c, const hf_tcp_env *env)
{
	if (!c->tx)
		return;
	hf_history_limit(c, env, HF_LIMIT_NONE);
	hf_ring_release(&c->tx->ring, env->mem);
	hf_sent_release(&c->tx->sent, env->mem);
	hf_mem_free(env->mem, c->tx, sizeof(*c->tx));
	c->tx = NULL;
}

/**
 * Enough for two windows: what is in flight, and what follows it; never more than was configured.
 * In a recovery more may be in flight than cwnd says, for what is SACKed has to be kept too, and
 * still a window must follow: without new segments no ACKs come.
 */
static uint32_t buffer_now(const hf_tcb *c)
{
	uint32_t cwnd = c->congestion.cwnd, flight = hf_tx_in_flight(c);
	uint32_t first = flight > cwnd ? flight : cwnd;
	uint32_t want = first > UINT32_MAX - cwnd ? UINT32_MAX : first + cwnd;

	if (c->settings->send_buffer > 0) /* its size was set */
		return c->snd.buffer;
	if (want < SMALLEST_BUFFER)
		want = SMALLEST_BUFFER;
	return want < c->snd.buffer ? want : c->snd.buffer;
}

/** The most that may wait unsent was set: `room` ends there. */
static uint32_t within_low(const hf_tcb *c, uint32_t room)
{
	uint32_t low = c->settings->unsent_low, unsent = hf_tx_unsent(c);

	if (low == 0)
		return room;
	low -= unsent < low ? unsent : low;
	return room < low ? room : low;
}

uint32_t hf_tx_room(const hf_tcb *c)
{
	uint32_t used = hf_seq_span(c->snd.una, c->snd.end), most = buffer_now(c);

	if (!hf_tcb_is_synchronised(c) && hf_seq_eq(c->snd.una, c->iss))
		used--; /* the SYN's own number */
	return within_low(c, used < most ? most - used : 0);
}

/**
 * No more can come: who closes, or waits to be told of room, adds nothing; and if nothing is in
 * flight, no ACK makes any.
 */
static bool is_final(const hf_tcb *c)
{
	return hf_tx_room(c) == 0 || hf_tcb_has(c, HF_TCB_FIN_QUEUED) ||
	       (hf_tcb_has(c, HF_TCB_WANT_WRITABLE) && hf_tx_in_flight(c) == 0);
}

bool hf_tx_gathers(const hf_tcb *c)
{
	return hf_tcb_has(c, HF_TCB_CORK | HF_TCB_MORE) && !is_final(c);
}

/**
 * Of a buffer, a quarter is free, or half a window; of what may wait unsent, half: fewer, larger
 * calls.
 */
bool hf_tx_is_room_worthwhile(const hf_tcb *c)
{
	uint32_t room = hf_tx_room(c), low = c->settings->unsent_low;
	uint32_t third = hf_seq_span(c->snd.una, c->snd.end) / 3;
	uint32_t window = c->congestion.cwnd < SMALLEST_BUFFER / 2 ? SMALLEST_BUFFER / 2 :
								     c->congestion.cwnd;

	if (low > 0 && low > buffer_now(c)) /* so much never waits */
		low = buffer_now(c);
	if (low > 0)
		return room > 0 && room >= low / 2;
	return room >= (third < window / 2 ? third : window / 2);
}

uint32_t hf_tx_in_flight(const hf_tcb *c)
{
	return hf_seq_span(c->snd.una, c->snd.nxt);
}

hf_seq hf_tx_bare_seq(const hf_tcb *c)
{
	bool probes = hf_tcb_is_synchronised(c) && c->snd.wnd == 0 && hf_tx_in_flight(c) == 1;

	return probes ? c->snd.una : c->snd.nxt;
}

hf_reset hf_tx_reset(const hf_tcb *c)
{
	return (hf_reset){ .seq = hf_tx_bare_seq(c), .ack = c->rcv.nxt, .has_ack = true };
}

uint32_t hf_tx_unsent(const hf_tcb *c)
{
	/* snd.nxt passes snd.end when the FIN is sent. */
	return hf_seq_lt(c->snd.nxt, c->snd.end) ? hf_seq_span(c->snd.nxt, c->snd.end) : 0;
}

/** Without SACK each duplicate ACK says that one more segment has left the network (RFC 6582). */
uint32_t hf_tx_departed(const hf_tcb *c)
{
	uint32_t most = hf_tx_in_flight(c), told;

	if (hf_tcb_has(c, HF_TCB_SACK))
		return c->tx->sacked;
	told = c->tx->duplicate_acks * c->snd.mss;
	most -= c->tx->lost < most ? c->tx->lost : most;
	return told < most ? told : most;
}

uint32_t hf_tx_pipe(const hf_tcb *c)
{
	if (!c->tx)
		return hf_tx_in_flight(c);
	return hf_tx_in_flight(c) + c->tx->retransmitted - hf_tx_departed(c) - c->tx->lost;
}
