/* SPDX-License-Identifier: BSD-2-Clause */
/* The application's calls on one connection (RFC 9293 3.10.1 to 3.10.5). */
#include "tcp/arrives.h"
#include "tcp/urgent.h"

void hf_tcp_init(hf_tcb *c, const hf_tcp_env *env, hf_seq iss, uint32_t ts_offset)
{
	const hf_config *config = env->config;

	c->state = HF_CLOSED;
	c->iss = iss;
	c->snd.una = iss;
	c->snd.nxt = hf_seq_add(iss, 1);
	c->snd.end = c->snd.nxt;
	c->snd.small_end = iss;
	c->snd.recover = iss;
	c->ts_offset = ts_offset;
	c->pmtu = config->mtu;
	hf_tcp_adopt(c);
	hf_tcp_adopt_buffers(c, config);
	c->ack = (hf_ack_owed){ .at = HF_NEVER };
	c->retransmit_at = HF_NEVER;
	c->idle_at = HF_NEVER;
	c->stuck_since = HF_NEVER;
	hf_rtt_init(&c->rtt);
}

void hf_tcp_open(hf_tcb *c)
{
	hf_tcb_set_state(c, HF_SYN_SENT);
	hf_tcb_put(c, HF_TCB_SYN_DUE, true);
}

hf_err hf_tcp_error(hf_reason why)
{
	switch (why) {
	case HF_WHY_REFUSED_BY_PEER:
	case HF_WHY_ICMP_PORT:
	case HF_WHY_ICMP_PROTOCOL:
		return HF_ERR_REFUSED;
	case HF_WHY_RESET_BY_PEER:
		return HF_ERR_RESET;
	case HF_WHY_SYN_TIMEOUT:
	case HF_WHY_HALF_OPEN_EXPIRED:
	case HF_WHY_DATA_TIMEOUT:
	case HF_WHY_USER_TIMEOUT:
	case HF_WHY_PROBE_TIMEOUT:
	case HF_WHY_KEEPALIVE_TIMEOUT:
		return HF_ERR_TIMED_OUT;
	case HF_WHY_ICMP_NET:
	case HF_WHY_ICMP_HOST:
	case HF_WHY_ICMP_ADMIN:
	case HF_WHY_ICMP_TTL:
	case HF_WHY_ICMP_PARAMETER:
	case HF_WHY_NO_NEIGHBOUR:
		return HF_ERR_UNREACHABLE;
	case HF_WHY_CLOSED_BY_BOTH:
		return HF_ERR_CLOSING;
	default:
		return HF_ERR_ABORTED;
	}
}

/** May the application add octets, and how many? */
static hf_err may_send(hf_tcb *c, uint32_t *room)
{
	if (hf_tcb_has(c, HF_TCB_FIN_QUEUED))
		return HF_ERR_CLOSING;
	if (c->state == HF_CLOSED)
		return hf_tcp_error((hf_reason)c->reason);
	*room = hf_tx_room(c);
	if (*room == 0) {
		hf_tcb_put(c, HF_TCB_WANT_WRITABLE, true);
		return HF_ERR_AGAIN;
	}
	return HF_OK;
}

/** Octets that the ring holds: from SND.UNA, whose number before the handshake is the SYN's. */
static hf_seq ring_start(const hf_tcb *c)
{
	return hf_tcb_is_synchronised(c) ? c->snd.una : hf_seq_add(c->iss, 1);
}

static bool make_room(hf_tcb *c, const hf_tcp_env *env, uint32_t len)
{
	hf_seq from = ring_start(c);
	uint32_t filled = hf_seq_span(from, c->snd.end);

	if (!hf_tx_need(c, env))
		return false;
	if (hf_ring_reserve(&c->tx->ring, env->mem, filled + len, from.v, filled))
		return true;
	if (c->tx->ring.size == 0)
		hf_tx_release(c, env); /* it was made for this call */
	return false;
}

static void queue(hf_tcb *c, uint32_t len)
{
	c->snd.end = hf_seq_add(c->snd.end, len);
	c->tx->lent = 0;
	if (len > 0)
		hf_tcb_put(c, HF_TCB_WANT_SENT_ALL, true);
}

hf_err hf_tcp_send(hf_tcb *c, const hf_tcp_env *env, const void *data, size_t len, size_t *sent)
{
	uint32_t room = 0, n;
	hf_err err = may_send(c, &room);

	if (err != HF_OK)
		return err;
	n = len < room ? (uint32_t)len : room;
	if (n > 0 && !make_room(c, env, n))
		return HF_ERR_NO_MEMORY;
	*sent = n;
	if (n == 0)
		return HF_OK;
	hf_ring_write(&c->tx->ring, c->snd.end.v, data, n);
	hf_tcb_put(c, HF_TCB_WANT_WRITABLE, n < len);
	queue(c, n);
	return HF_OK;
}

hf_err hf_tcp_reserve(hf_tcb *c, const hf_tcp_env *env, size_t want, hf_span *out)
{
	uint32_t room = 0, n;
	hf_err err = may_send(c, &room);

	if (err != HF_OK)
		return err;
	n = want < room ? (uint32_t)want : room;
	if (n == 0)
		return HF_ERR_INVALID;
	if (!make_room(c, env, n))
		return HF_ERR_NO_MEMORY;
	*out = hf_ring_span(&c->tx->ring, c->snd.end.v, n);
	c->tx->lent = out->len;
	return HF_OK;
}

hf_err hf_tcp_commit(hf_tcb *c, size_t len)
{
	if (hf_tcb_has(c, HF_TCB_FIN_QUEUED))
		return HF_ERR_CLOSING;
	if (!c->tx || len > c->tx->lent)
		return HF_ERR_INVALID;
	queue(c, (uint32_t)len);
	return HF_OK;
}

/** How a call to receive answers when there is nothing to give: closed or aborted (MUST-12). */
static hf_err nothing_unread(const hf_tcb *c)
{
	if (hf_tcb_peer_closed(c))
		return HF_OK;
	return c->state == HF_CLOSED ? hf_tcp_error((hf_reason)c->reason) : HF_ERR_AGAIN;
}

hf_err hf_tcp_receive(hf_tcb *c, const hf_tcp_env *env, void *data, size_t len, size_t *got)
{
	hf_err err;

	hf_urgent_step_over(c, env);
	err = hf_tcb_unread(c) > 0 ? HF_OK : nothing_unread(c);
	if (err == HF_OK) {
		*got = hf_rx_read(c, env, data, hf_urgent_before_mark(c, len));
		hf_urgent_read(c, env);
	}
	return err;
}

hf_err hf_tcp_peek(hf_tcb *c, const hf_tcp_env *env, hf_span *out)
{
	uint32_t unread;

	hf_urgent_step_over(c, env);
	unread = hf_tcb_unread(c);
	if (unread > 0) {
		unread = (uint32_t)hf_urgent_before_mark(c, unread);
		*out = hf_ring_span(&c->rx->ring, c->rcv.read.v, unread);
		return HF_OK;
	}
	*out = (hf_span){ 0 };
	return nothing_unread(c);
}

hf_err hf_tcp_consume(hf_tcb *c, const hf_tcp_env *env, size_t len)
{
	if (len > hf_tcb_unread(c))
		return HF_ERR_INVALID;
	hf_rx_read(c, env, NULL, len);
	hf_urgent_read(c, env);
	return HF_OK;
}

/** Nothing is queued, in flight or lent any more. */
static void release_if_empty(hf_tcb *c, const hf_tcp_env *env)
{
	if (c->tx && c->tx->lent == 0 && !hf_tcb_has(c, HF_TCB_FIN_QUEUED) &&
	    hf_tx_in_flight(c) == 0)
		hf_tx_release(c, env);
}

hf_err hf_tcp_flush(hf_tcb *c, const hf_tcp_env *env, uint32_t *dropped, hf_effects *fx)
{
	if (c->state == HF_CLOSED)
		return hf_tcp_error((hf_reason)c->reason);
	*dropped = hf_tx_unsent(c);
	if (*dropped == 0)
		return HF_OK;
	c->snd.end = c->snd.nxt;
	hf_urgent_flushed(c, env);
	release_if_empty(c, env);
	if (hf_tcb_has(c, HF_TCB_WANT_WRITABLE)) {
		hf_tcb_put(c, HF_TCB_WANT_WRITABLE, false);
		fx->events |= HF_EVENT_WRITABLE;
	}
	return HF_OK;
}

hf_err hf_tcp_shutdown(hf_tcb *c, const hf_tcp_env *env)
{
	if (hf_tcb_has(c, HF_TCB_FIN_QUEUED))
		return HF_OK;
	if (c->state == HF_CLOSED)
		return hf_tcp_error((hf_reason)c->reason);
	if (!hf_tx_need(c, env))
		return HF_ERR_NO_MEMORY;
	hf_tcb_put(c, HF_TCB_FIN_QUEUED, true);
	hf_tcb_put(c, HF_TCB_WANT_SENT_ALL, true);
	if (c->state == HF_ESTABLISHED)
		hf_tcb_set_state(c, HF_FIN_WAIT_1);
	else if (c->state == HF_CLOSE_WAIT)
		hf_tcb_set_state(c, HF_LAST_ACK);
	return HF_OK;
}

/** Gives up both directions (MAY-1). */
bool hf_tcp_close(hf_tcb *c, const hf_tcp_env *env, hf_effects *fx)
{
	hf_tcb_put(c, HF_TCB_ORPHAN, true);
	if (c->state == HF_CLOSED || c->state == HF_TIME_WAIT)
		return false;
	if (c->state == HF_SYN_SENT)
		return hf_tcp_abort(c, env, HF_WHY_CLOSED_UNOPENED, fx);
	if (c->settings->linger == 0)
		return hf_tcp_abort(c, env, HF_WHY_ABORTED_HERE, fx);
	hf_urgent_forget_taken(c, env);
	if (hf_tcb_unread(c) > 0) /* SHLD-3 */
		return hf_tcp_abort(c, env, HF_WHY_ABORTED_UNREAD, fx);
	if (hf_tcp_shutdown(c, env) != HF_OK)
		return hf_tcp_abort(c, env, HF_WHY_NO_BUFFER, fx);
	c->idle_at = HF_NEVER; /* no keep-alives any more */
	hf_tcb_put(c, HF_TCB_SILENCE_BEGINS, true);
	return false;
}

/** 3.10.5; but CLOSING and LAST-ACK begin here when the FIN is queued, with text before it. */
static bool peer_waits(const hf_tcb *c)
{
	if (c->state == HF_CLOSING || c->state == HF_LAST_ACK)
		return !hf_tcb_has(c, HF_TCB_FIN_SENT) || hf_tx_in_flight(c) > 1;
	return c->state == HF_SYN_RECEIVED || c->state == HF_ESTABLISHED ||
	       c->state == HF_FIN_WAIT_1 || c->state == HF_FIN_WAIT_2 || c->state == HF_CLOSE_WAIT;
}

bool hf_tcp_abort(hf_tcb *c, const hf_tcp_env *env, hf_reason why, hf_effects *fx)
{
	bool tells_peer = peer_waits(c);

	fx->reply_reset = tells_peer;
	fx->reset = hf_tx_reset(c);
	hf_tcb_end(c, env, fx, why);
	return tells_peer;
}
