/* SPDX-License-Identifier: BSD-2-Clause */
/* The way out: answers first, then each connection that may have something to send, in turn. */
#include "stack/internal.h"

#define TURN 8 /**< packets that one connection may send before the next has its turn */

static bool next_reply(hf_stack *s, hf_packet *p)
{
	hf_reply r;

	if (!hf_replies_first(&s->replies, &r))
		return false;
	hf_replies_take(&s->replies, &s->mem, &r, p->data);
	p->len = r.len;
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

/** Fills packets from one connection. Returns how many; fewer than `n`: it has no more. */
static size_t from_conn(hf_stack *s, hf_tcb *c, hf_packet *packets, size_t n)
{
	hf_tcp_env env = hf_stack_env(s);
	hf_sending out;
	size_t done = 0;

	while (done < n && hf_tcp_next(c, &env, &out)) {
		hf_emit_segment(s, c, &out, &packets[done]);
		c->count.segments_sent++;
		count(s, &packets[done++]);
	}
	hf_conn_rearm(s, c);
	return done;
}

static size_t one_turn(hf_stack *s, hf_packet *packets, size_t n)
{
	hf_tcb *c = hf_ready_pop(s);
	size_t most = n < TURN ? n : TURN, done;

	hf_tcb_put(c, HF_TCB_READY, false);
	done = from_conn(s, c, packets, most);
	if (done == most)
		hf_conn_ready(s, c);
	else if (hf_conn_is_over(c))
		hf_conn_free(s, c);
	return done;
}

size_t hf_stack_output(hf_stack *s, hf_packet *packets, size_t n, hf_time now)
{
	size_t done = 0;

	if (hf_time_before(s->now, now))
		s->now = now;
	hf_stack_timers(s, s->now);
	while (done < n && next_reply(s, &packets[done]))
		count(s, &packets[done++]);
	while (done < n && s->ready.first)
		done += one_turn(s, packets + done, n - done);
	return done;
}

hf_time hf_stack_deadline(const hf_stack *s)
{
	hf_time t = hf_time_min(hf_wheel_deadline(&s->conn_wheel),
				hf_wheel_deadline(&s->half_open_wheel));

	if (s->ready.first || s->replies.first != s->replies.end)
		return s->now;
	return hf_time_min(t, hf_wheel_deadline(&s->time_wait_wheel));
}
