/* SPDX-License-Identifier: BSD-2-Clause */
/* The way out: answers first, then each connection that may have something to send, in turn. */
#include "stack/internal.h"

#include "tcp/history.h"

#define TURN 8 /**< packets that one connection may send before the next has its turn */

/** Finds an answer that can leave, and where to; those before it are set aside or dropped. */
static bool find_reply(hf_stack *s, hf_reply *r, hf_hop *hop)
{
	while (hf_replies_first(&s->replies, r)) {
		if (s->config.link == HF_LINK_IP || r->framed)
			return true;
		*hop = hf_hop_find(s, &r->dst);
		if (hop->state == HF_HOP_KNOWN)
			return true;
		hf_hop_keep(s, hop, r);
	}
	return false;
}

static bool next_reply(hf_stack *s, hf_packet *p)
{
	hf_hop hop;
	hf_reply r;
	size_t header;

	if (!find_reply(s, &r, &hop))
		return false;
	header = r.framed ? 0 : hf_link_header(s);
	hf_replies_take(&s->replies, &s->mem, &r, p->data + header);
	if (header > 0) {
		hf_frame_address(s, &hop.mac, p->data);
		hf_hop_used(s, &hop);
	}
	p->len = (uint32_t)(header + r.len);
	p->gso_size = 0;
	p->flags = 0;
	p->reason = HF_WHY_NONE;
	p->cause = r.cause;
	p->state = r.state;
	p->conn = r.conn;
	return true;
}

static void count(hf_stack *s, const hf_packet *p)
{
	s->packets_out++;
	s->octets_out += p->len;
	s->causes[p->cause]++;
}

/** On the wire: a packet that the link cuts is several. */
static uint32_t segments(const hf_sending *out)
{
	return out->len > out->mss ? (out->len + out->mss - 1) / out->mss : 1;
}

/** What has left made room in a send buffer whose unsent octets are limited. */
static void tell_room(hf_stack *s, hf_tcb *c)
{
	if (c->settings->unsent_low == 0 || !hf_tcb_has(c, HF_TCB_WANT_WRITABLE) ||
	    !hf_tx_is_room_worthwhile(c))
		return;
	hf_tcb_put(c, HF_TCB_WANT_WRITABLE, false);
	hf_conn_tell(s, c, HF_EVENT_WRITABLE);
}

/** Fills packets from one connection. Returns how many; fewer than `n`: it has no more. */
static size_t from_conn(hf_stack *s, hf_tcb *c, hf_packet *packets, size_t n)
{
	hf_tcp_env env = hf_stack_env(s);
	hf_sending out;
	size_t done = 0;

	while (done < n && hf_tcp_next(c, &env, &out)) {
		hf_emit_segment(s, c, &out, &packets[done]);
		c->count.segments_sent += segments(&out);
		c->cause = (uint8_t)out.cause;
		hf_fast_open_spend(c, packets[done].len);
		if (out.len > 0)
			hf_history_left(c, &env, segments(&out));
		count(s, &packets[done++]);
	}
	tell_room(s, c);
	hf_conn_rearm(s, c);
	return done;
}

/** The next hop does not answer: what leaves now is lost, and the application may want to know. */
static size_t lose(hf_stack *s, hf_tcb *c, size_t n)
{
	hf_tcp_env env = hf_stack_env(s);
	hf_sending out;
	size_t lost = 0;

	while (lost < n && hf_tcp_next(c, &env, &out)) {
		hf_count_reason(s, HF_WHY_NEIGHBOUR);
		lost++;
	}
	if (lost > 0) {
		c->reason = HF_WHY_NO_NEIGHBOUR;
		hf_conn_tell(s, c, HF_EVENT_TROUBLE);
	}
	hf_conn_rearm(s, c);
	return lost;
}

static void address(hf_stack *s, const hf_hop *hop, hf_packet *packets, size_t n)
{
	for (size_t i = 0; i < n; i++)
		hf_frame_address(s, &hop->mac, packets[i].data);
	if (n > 0)
		hf_hop_used(s, hop);
}

static hf_hop hop_of(hf_stack *s, const hf_tcb *c)
{
	if (s->config.link == HF_LINK_IP || c->state == HF_CLOSED || c->state == HF_TIME_WAIT)
		return (hf_hop){ .state = HF_HOP_KNOWN };
	return hf_hop_find(s, hf_conn_hop(s, c));
}

static size_t one_turn(hf_stack *s, hf_packet *packets, size_t n)
{
	hf_tcb *c = hf_ready_pop(s);
	size_t most = n < TURN ? n : TURN, done;
	hf_hop hop = hop_of(s, c);

	if (hop.state == HF_HOP_ASKED) {
		hf_hop_await(s, &hop, c);
		return 0;
	}
	hf_tcb_put(c, HF_TCB_READY, false);
	done = hop.state == HF_HOP_LOST ? lose(s, c, most) : from_conn(s, c, packets, most);
	if (done == most)
		hf_conn_ready(s, c);
	else if (hf_conn_is_over(c))
		hf_conn_free(s, c);
	if (hop.state == HF_HOP_LOST)
		return 0;
	if (s->config.link == HF_LINK_ETHERNET)
		address(s, &hop, packets, done);
	return done;
}

size_t hf_stack_output(hf_stack *s, hf_packet *packets, size_t n, hf_time now)
{
	size_t done = 0;

	if (hf_time_before(s->now, now))
		s->now = now;
	hf_stack_timers(s, s->now);
	while (done < n) {
		if (next_reply(s, &packets[done]))
			count(s, &packets[done++]);
		else if (s->ready.first)
			done += one_turn(s, packets + done, n - done);
		else
			break;
	}
	return done;
}

hf_time hf_stack_deadline(const hf_stack *s)
{
	hf_time t = hf_time_min(hf_wheel_deadline(&s->conn_wheel),
				hf_wheel_deadline(&s->half_open_wheel));

	if (s->ready.first || s->replies.first != s->replies.end)
		return s->now;
	t = hf_time_min(t, hf_wheel_deadline(&s->time_wait_wheel));
	if (s->config.link == HF_LINK_ETHERNET)
		t = hf_time_min(t, hf_wheel_deadline(&s->neighbours.wheel));
	return t;
}
