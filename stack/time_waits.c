/* SPDX-License-Identifier: BSD-2-Clause */
/* The TIME-WAIT table: closed connections in 64 octets each, for 2 MSL. */
#include "stack/keys.h"

#include "tcp/hs/isn.h"

static void arm(hf_stack *s, uint32_t number)
{
	hf_time_wait *w = hf_time_wait_at(s, number);

	w->due = hf_time_add(s->now, 2 * s->config.msl); /* MUST-13 */
	hf_wheel_set(&s->time_wait_wheel, number);
}

/** `a`: how it is signed; NULL: not at all. `kept`: what its IP header has; NULL: the usual. */
static void send_ack(hf_stack *s, const hf_time_wait *w, hf_auth *a, const hf_routed *kept)
{
	hf_flow f = hf_time_wait_flow(s, w);
	hf_sending out;
	hf_signer by;

	hf_time_wait_ack(w, s->now, &out);
	out.flow_label = hf_answer_label(s, &f, 0);
	if (kept) {
		out.ttl = kept->ttl;
		out.traffic_class = kept->traffic_class;
		out.route = &kept->route;
	}
	if (hf_signer_of_time_wait(a, &f, &out, &by))
		out.signer = &by;
	hf_reply_segment(s, &f, &out, HF_TIME_WAIT);
}

/** A record for `w`, with what signs it; HF_SLAB_NONE: no room. */
static uint32_t keep(hf_stack *s, hf_tcb *c, hf_time_wait *w)
{
	uint32_t number = hf_slab_take(&s->time_waits, &s->mem);

	if (number == HF_SLAB_NONE)
		return HF_SLAB_NONE;
	if (!hf_time_wait_take_auth(s, w, c->auth)) {
		hf_slab_give(&s->time_waits, number);
		return HF_SLAB_NONE;
	}
	c->auth = NULL;
	*hf_time_wait_at(s, number) = *w;
	return number;
}

/** Its TTL and class, if they are not the usual ones; few are, so that they lie apart. */
static const hf_routed *keep_header(hf_stack *s, const hf_tcb *c, uint32_t owner)
{
	if (c->ttl != s->config.ttl || c->traffic_class != 0)
		hf_routes_set_header(&s->routes, &s->mem, owner, c->ttl, c->traffic_class);
	return hf_routes_find(&s->routes, owner);
}

void hf_time_wait_begin(hf_stack *s, hf_tcb *c)
{
	hf_tcp_env env = hf_stack_env(s);
	bool owes_ack = c->ack.now > 0 || c->ack.at.ns != HF_NEVER.ns;
	hf_time_wait w = {
		.remote = c->flow.remote,
		.local_port = c->flow.local_port,
		.remote_port = c->flow.remote_port,
		.local = (uint8_t)hf_host_addr_index(s, &c->flow.local),
	};
	uint32_t number;

	hf_time_wait_keep(&w, c);
	if (owes_ack)
		send_ack(s, &w, c->auth, keep_header(s, c, hf_value(HF_KIND_CONN, c->slot)));
	hf_ack_sent(c, &env);
	number = keep(s, c, &w);
	if (number == HF_SLAB_NONE) {
		hf_count_reason(s, HF_WHY_TIME_WAIT_FULL);
		return;
	}
	hf_table_replace(&s->flows, c->hash, hf_value(HF_KIND_CONN, c->slot),
			 hf_value(HF_KIND_TIME_WAIT, number));
	hf_routes_move(&s->routes, &s->mem, hf_value(HF_KIND_CONN, c->slot),
		       hf_value(HF_KIND_TIME_WAIT, number));
	keep_header(s, c, hf_value(HF_KIND_TIME_WAIT, number));
	s->states[HF_TIME_WAIT]++;
	arm(s, number);
}

void hf_time_wait_remove(hf_stack *s, uint32_t number)
{
	hf_time_wait *w = hf_time_wait_at(s, number);
	hf_flow f = hf_time_wait_flow(s, w);

	hf_time_wait_drop_auth(s, w);
	hf_table_remove(&s->flows, hf_flow_hash(&s->table_key, &f),
			hf_value(HF_KIND_TIME_WAIT, number));
	hf_wheel_clear(&s->time_wait_wheel, number);
	hf_routes_forget(&s->routes, hf_value(HF_KIND_TIME_WAIT, number));
	hf_slab_give(&s->time_waits, number);
	s->states[HF_TIME_WAIT]--;
}

hf_reason hf_arrives_time_wait(hf_stack *s, uint32_t number, const hf_segment *g, hf_packet *p)
{
	hf_time_wait *w = hf_time_wait_at(s, number);
	hf_flow f = hf_time_wait_flow(s, w);
	const hf_routed *kept = hf_routes_find(&s->routes, hf_value(HF_KIND_TIME_WAIT, number));
	hf_reason why;

	p->state = HF_TIME_WAIT;
	switch (hf_time_wait_arrives(w, g, !s->config.no_timestamps, &why)) {
	case HF_TIME_WAIT_DROP:
		break;
	case HF_TIME_WAIT_ACK_RESTART:
		arm(s, number);
		send_ack(s, w, hf_time_wait_auth(s, w), kept);
		break;
	case HF_TIME_WAIT_ACK:
		send_ack(s, w, hf_time_wait_auth(s, w), kept);
		break;
	case HF_TIME_WAIT_REOPEN:
		why = hf_arrives_listen(s, &f, g, &w->snd_nxt, p);
		if (why == HF_WHY_NONE)
			hf_time_wait_remove(s, number);
		break;
	}
	return why;
}
