/* SPDX-License-Identifier: BSD-2-Clause */
/* The runner's packets: which connection they belong to, when they come, whether they agree. */
#include "drill/session.h"

static hf_drill_desk desk_for(hf_session *s, hf_drill_flow *flow)
{
	return (hf_drill_desk){
		.arena = s->arena,
		.setup = &s->setup,
		.flows = &s->flows,
		.flow = flow,
		.keys = s->world.keys,
	};
}

static hf_drill_flow *named(hf_session *s, uint16_t local, uint16_t remote)
{
	hf_endpoint l = { s->setup.local, local }, r = { s->setup.remote, remote };

	return hf_drill_flow_named(&s->flows, &l, &r);
}

/* The peer opens a connection, or speaks to nobody. */
static hf_drill_flow *begin_passive(hf_session *s)
{
	const hf_sock *sock = s->sockets.tested;
	uint16_t port = sock != NULL && sock->is_bound ? sock->port : s->setup.bind_port;
	hf_endpoint local = { s->setup.local, port };
	hf_endpoint remote = { s->setup.remote, s->flows.next_port++ };

	return hf_drill_flow_begin(&s->flows, &local, &remote);
}

static hf_drill_flow *inbound_flow(hf_session *s, const hf_drill_packet *p)
{
	if (p->protocol == HF_DRILL_UDP)
		return NULL;
	if (p->has_ports)
		return named(s, p->dst_port, p->src_port);
	if (s->flows.tested == NULL && p->protocol == HF_DRILL_TCP)
		return begin_passive(s);
	return s->flows.tested;
}

bool hf_session_inbound(hf_session *s, const hf_drill_event *e)
{
	const hf_drill_packet *p = &e->packet;
	hf_drill_desk desk = desk_for(s, inbound_flow(s, p));
	const char *why = NULL;
	const uint8_t *octets;
	size_t len;

	if (p->protocol == HF_DRILL_TCP && p->tcp.flags & HF_TCP_SYN)
		hf_drill_flow_syn(desk.flow, p->tcp.seq);
	octets = hf_drill_make(&desk, p, &len, &why);
	if (octets == NULL)
		return hf_session_fail(s, e, "%s", why);
	s->target->input(s, octets, len);
	return true;
}

/* ---- Outbound ---- */

/** What an event waits for. */
typedef struct wanted {
	const hf_drill_event *event;
	hf_drill_flow *flow; /* NULL: no TCP segment */
	hf_time from, to;    /* within which it must leave, tolerance counted */
} wanted;

static bool is_wrapped(const hf_drill_packet *p)
{
	return p->wraps != NULL || p->tcp.over_udp;
}

/* What is inside something else belongs to no flow before it is unwrapped. */
static bool is_candidate(const wanted *w, const hf_drill_wire *p)
{
	if (p->is_inbound || p->is_matched)
		return false;
	if (is_wrapped(&w->event->packet))
		return p->flow == NULL;
	return w->flow != NULL ? p->flow == w->flow : p->ip.protocol != HF_IPPROTO_TCP;
}

static hf_drill_wire *find(const hf_session *s, const wanted *w)
{
	for (hf_drill_wire *p = s->world.first; p != NULL; p = p->next) {
		if (is_candidate(w, p))
			return p;
	}
	return NULL;
}

static bool set_times(hf_session *s, wanted *w)
{
	const hf_drill_time *t = &w->event->time;
	hf_time from, to;

	if (t->base == HF_DRILL_ANY) {
		w->from = s->world.start;
		w->to = hf_time_add(s->world.now, s->target->patience);
		return true;
	}
	from = hf_session_time(s, t->base, t->from);
	to = hf_session_time(s, t->base, t->to);
	w->from = hf_time_add(from, -hf_session_tolerance(s, from));
	w->to = hf_time_add(to, hf_session_tolerance(s, to));
	return true;
}

static bool in_time(const wanted *w, const hf_drill_wire *p)
{
	return !hf_time_before(p->at, w->from) && !hf_time_before(w->to, p->at);
}

static const char *name_time(hf_session *s, const wanted *w, const hf_drill_wire *p)
{
	hf_time start = s->world.start;
	hf_ns margin = hf_session_tolerance(
		s, hf_session_time(s, w->event->time.base, w->event->time.from));

	return hf_arena_format(s->arena,
			       "time: expected at %.6f s (give or take %.6f s), got %.6f s",
			       (double)(hf_time_diff(w->from, start) + margin) / 1e9,
			       (double)margin / 1e9, (double)hf_time_diff(p->at, start) / 1e9);
}

static void accept(hf_session *s, const wanted *w, const hf_drill_verdict *v)
{
	hf_drill_desk desk = desk_for(s, w->flow);

	for (size_t i = 0; i < v->parts; i++)
		v->part[i]->is_matched = true;
	hf_drill_learn(&desk, &w->event->packet, v->inside);
}

/* Waits for a packet, and for all its parts, and judges it. */
static bool await(hf_session *s, const wanted *w)
{
	hf_drill_desk desk = desk_for(s, w->flow);
	hf_drill_wire *p = find(s, w);
	hf_drill_verdict v = { .difference = NULL };

	for (;;) {
		if (p != NULL) {
			v = hf_drill_compare(&desk, &w->event->packet, p);
			if (v.difference == NULL || !v.more)
				break;
		}
		if (!hf_session_step(s, w->to))
			break;
		p = find(s, w);
	}
	if (s->has_failed)
		return false;
	if (p == NULL)
		return hf_session_fail_packet(s, w->event, NULL, "the packet did not come");
	if (v.difference != NULL) {
		p->is_matched = true; /* should it be forgiven, the next line is about the next */
		return hf_session_fail_packet(s, w->event, p, v.difference);
	}
	accept(s, w, &v);
	return in_time(w, p) || hf_session_fail_packet(s, w->event, p, name_time(s, w, p));
}

bool hf_session_outbound(hf_session *s, const hf_drill_event *e)
{
	const hf_drill_packet *p = &e->packet;
	wanted w = { .event = e };

	if (p->protocol == HF_DRILL_TCP) {
		w.flow = p->has_ports ? named(s, p->src_port, p->dst_port) : s->flows.tested;
		if (w.flow == NULL)
			return hf_session_fail_packet(s, e, NULL, "there is no connection yet");
	}
	s->target->settle(s);
	return set_times(s, &w) && await(s, &w);
}

/*
 * What a connection sends after another one has replaced it is left alone: the script cannot speak
 * of it any more.
 */
bool hf_session_no_more(hf_session *s)
{
	for (const hf_drill_wire *p = s->world.first; p != NULL; p = p->next) {
		if (p->is_inbound || p->is_matched || p->is_excused)
			continue;
		hf_session_fail_packet(s, NULL, p, "a packet too many");
		if (s->has_failed)
			return false;
	}
	return true;
}
