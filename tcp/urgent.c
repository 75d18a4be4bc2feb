/* SPDX-License-Identifier: BSD-2-Clause */
/* Urgent data: the pointers of both directions, and the mark in the stream (RFC 9293 3.8.5). */
#include "tcp/urgent.h"

#include "tcp/arrives.h"

/*
 * Theory of operation
 *
 * Sending: the pointer is where the queue ended when the last urgent octets were added. As long as
 * any octet before it is unacknowledged, each segment that begins before it has URG and the
 * distance, retransmissions, probes and plain ACKs too. A distance that 16 bits do not hold is told
 * as 65535, and becomes true as the stream goes on. A link that cuts segments would repeat one
 * distance in all of them: urgent text leaves segment by segment. If no text may leave, an ACK
 * alone tells the peer at once (the purpose of MUST-66).
 *
 * Receiving: the pointer only ever moves on, the application is told, and reading stops once before
 * the last urgent octet. By default that octet is then read like any other (RFC 6093 3.3); with
 * HF_OPTION_URGENT_APART it is taken out of the stream and waits on the side.
 */

static bool need(hf_tcb *c, const hf_tcp_env *env)
{
	if (!c->urgent)
		c->urgent = hf_mem_new(env->mem, sizeof(*c->urgent));
	return c->urgent;
}

void hf_urgent_release(hf_tcb *c, const hf_tcp_env *env)
{
	hf_mem_free(env->mem, c->urgent, sizeof(*c->urgent));
	c->urgent = NULL;
}

static void release_if_over(hf_tcb *c, const hf_tcp_env *env)
{
	if (c->urgent && !c->urgent->sends && c->urgent->state == HF_URGENT_NONE)
		hf_urgent_release(c, env);
}

/* ---- Sending ---- */

/** MUST-30; of any length (MUST-31). */
hf_err hf_urgent_send(hf_tcb *c, const hf_tcp_env *env, const void *data, size_t len, size_t *sent)
{
	hf_err err;

	if (!need(c, env))
		return HF_ERR_NO_MEMORY;
	err = hf_tcp_send(c, env, data, len, sent);
	if (err == HF_OK && *sent > 0) {
		c->urgent->snd_up = c->snd.end; /* MUST-62 */
		c->urgent->sends = true;
		c->urgent->owed = true;
	}
	release_if_over(c, env);
	return err;
}

bool hf_urgent_is_sending(const hf_tcb *c)
{
	return c->urgent && c->urgent->sends;
}

bool hf_urgent_is_owed(const hf_tcb *c)
{
	return hf_urgent_is_sending(c) && c->urgent->owed &&
	       hf_seq_lt(c->snd.nxt, c->urgent->snd_up);
}

void hf_urgent_mark(hf_tcb *c, hf_sending *out)
{
	uint32_t distance;

	if (!hf_urgent_is_sending(c) || out->flags & HF_TCP_SYN ||
	    !hf_seq_lt(out->seq, c->urgent->snd_up))
		return;
	distance = hf_seq_span(out->seq, c->urgent->snd_up);
	out->flags |= HF_TCP_URG;
	out->urgent = distance < UINT16_MAX ? (uint16_t)distance : UINT16_MAX;
	c->urgent->owed = false;
}

void hf_urgent_acked(hf_tcb *c, const hf_tcp_env *env)
{
	if (!hf_urgent_is_sending(c) || hf_seq_lt(c->snd.una, c->urgent->snd_up))
		return;
	c->urgent->sends = false;
	release_if_over(c, env);
}

void hf_urgent_flushed(hf_tcb *c, const hf_tcp_env *env)
{
	if (!hf_urgent_is_sending(c))
		return;
	c->urgent->snd_up = hf_seq_min(c->urgent->snd_up, c->snd.end);
	hf_urgent_acked(c, env);
}

/* ---- Receiving ---- */

static hf_urgent_state state_of(const hf_tcb *c)
{
	return c->urgent ? (hf_urgent_state)c->urgent->state : HF_URGENT_NONE;
}

/** The last urgent octet. */
static hf_seq mark(const hf_tcb *c)
{
	return hf_seq_add(c->urgent->rcv_up, UINT32_MAX);
}

static bool is_apart(const hf_tcb *c)
{
	return hf_settings_has(c->settings, HF_SET_URGENT_APART);
}

/** Its place in the stream was not read yet. */
static bool is_in_stream(const hf_tcb *c)
{
	hf_urgent_state s = state_of(c);

	return s == HF_URGENT_AHEAD || s == HF_URGENT_HERE || s == HF_URGENT_TAKEN;
}

static bool is_at_mark(const hf_tcb *c)
{
	return is_in_stream(c) && hf_seq_eq(c->rcv.read, mark(c));
}

/** The states in which the peer may have something to say. */
static bool listens(const hf_tcb *c)
{
	return (c->state == HF_ESTABLISHED || c->state == HF_FIN_WAIT_1 ||
		c->state == HF_FIN_WAIT_2) &&
	       !hf_tcb_has(c, HF_TCB_ORPHAN);
}

/** MUST-32 */
void hf_urgent_arrives(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g, hf_effects *fx)
{
	hf_seq up = hf_seq_add(g->seq, (uint32_t)g->urgent + env->config->urgent_names_last);

	if (!(g->flags & HF_TCP_URG) || !listens(c))
		return;
	if (!hf_seq_lt(c->rcv.read, up) ||
	    (state_of(c) != HF_URGENT_NONE && hf_seq_leq(up, c->urgent->rcv_up)))
		return; /* names what was read already, or tells nothing new */
	if (!need(c, env))
		return; /* the text comes all the same, without its mark */
	hf_urgent_forget_taken(c, env);
	c->urgent->rcv_up = up;
	c->urgent->state = HF_URGENT_AHEAD;
	fx->events |= HF_EVENT_URGENT;
}

/** Has the octet at the mark arrived, in order or ahead of a gap? */
static bool is_here(const hf_tcb *c)
{
	hf_seq at = mark(c);
	uint32_t i;

	if (hf_seq_lt(at, c->rcv.nxt))
		return !(hf_tcb_peer_closed(c) && hf_seq_eq(at, c->rcv.fin));
	if (!c->rx)
		return false;
	i = hf_ranges_find(&c->rx->early, at);
	return i < c->rx->early.count && hf_seq_leq(hf_ranges_at(&c->rx->early, i)->start, at);
}

void hf_urgent_look(hf_tcb *c, hf_effects *fx)
{
	if (state_of(c) != HF_URGENT_AHEAD || !is_here(c))
		return;
	c->urgent->state = HF_URGENT_HERE;
	if (is_apart(c))
		fx->events |= HF_EVENT_URGENT;
}

size_t hf_urgent_before_mark(const hf_tcb *c, size_t len)
{
	uint32_t before;

	if (!is_in_stream(c))
		return len;
	before = hf_seq_span(c->rcv.read, mark(c));
	return before > 0 && before < len ? before : len;
}

void hf_urgent_step_over(hf_tcb *c, const hf_tcp_env *env)
{
	if (!is_at_mark(c) || !is_apart(c) || hf_tcb_unread(c) == 0)
		return;
	if (c->urgent->state == HF_URGENT_TAKEN) {
		hf_rx_read(c, env, NULL, 1);
		c->urgent->state = HF_URGENT_NONE;
		release_if_over(c, env);
	} else {
		hf_rx_read(c, env, &c->urgent->octet, 1);
		c->urgent->state = HF_URGENT_KEPT;
	}
}

void hf_urgent_forget_taken(hf_tcb *c, const hf_tcp_env *env)
{
	if (state_of(c) == HF_URGENT_TAKEN && is_at_mark(c) && hf_tcb_unread(c) > 0) {
		hf_rx_read(c, env, NULL, 1);
		c->urgent->state = HF_URGENT_NONE;
	}
}

void hf_urgent_read(hf_tcb *c, const hf_tcp_env *env)
{
	if (!is_in_stream(c) || hf_seq_lt(c->rcv.read, c->urgent->rcv_up))
		return;
	c->urgent->state = HF_URGENT_NONE;
	release_if_over(c, env);
}

static hf_err peek_here(const hf_tcb *c, uint8_t *octet)
{
	if (state_of(c) == HF_URGENT_AHEAD)
		return c->state == HF_CLOSED || hf_tcb_peer_closed(c) ? HF_ERR_CLOSING :
									HF_ERR_AGAIN;
	if (state_of(c) == HF_URGENT_HERE)
		hf_ring_read(&c->rx->ring, mark(c).v, octet, 1);
	else
		*octet = c->urgent->octet;
	return HF_OK;
}

hf_err hf_urgent_take(hf_tcb *c, const hf_tcp_env *env, bool consume, uint8_t *octet)
{
	hf_urgent_state s = state_of(c);
	hf_err err;

	if (s == HF_URGENT_NONE || s == HF_URGENT_TAKEN || !is_apart(c))
		return HF_ERR_INVALID;
	err = peek_here(c, octet);
	if (err != HF_OK || !consume)
		return err;
	c->urgent->state = s == HF_URGENT_KEPT ? HF_URGENT_NONE : HF_URGENT_TAKEN;
	release_if_over(c, env);
	return HF_OK;
}

/** Before the handshake SND.UNA is the SYN's own number. */
static hf_seq first_unacked(const hf_tcb *c)
{
	return hf_tcb_is_synchronised(c) ? c->snd.una : hf_seq_add(c->iss, 1);
}

hf_conn_urgent hf_urgent_tell(const hf_tcb *c)
{
	hf_urgent_state s = state_of(c);

	return (hf_conn_urgent){
		.unacknowledged = hf_urgent_is_sending(c) ?
					  hf_seq_span(first_unacked(c), c->urgent->snd_up) :
					  0,
		/* MUST-33 */
		.ahead = is_in_stream(c) ? hf_seq_span(c->rcv.read, c->urgent->rcv_up) : 0,
		.at_mark = is_at_mark(c),
		.octet_waits = is_apart(c) && (s == HF_URGENT_HERE || s == HF_URGENT_KEPT),
	};
}
