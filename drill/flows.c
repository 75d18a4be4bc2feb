/* SPDX-License-Identifier: BSD-2-Clause */
/* The connections of a script, and how its numbers become those on the wire and back. */
#include "drill/flows.h"

static hf_drill_flow *add(hf_drill_flows *f, const hf_endpoint *local, const hf_endpoint *remote)
{
	hf_drill_flow *flow = hf_arena_take(f->arena, sizeof(*flow));

	flow->local_addr = local->addr;
	flow->local = local->port;
	flow->remote_addr = remote->addr;
	flow->remote = remote->port;
	flow->next = f->first;
	f->first = flow;
	return flow;
}

void hf_drill_flow_leave(hf_drill_flows *f)
{
	if (f->tested != NULL)
		f->tested->is_over = true;
	f->tested = NULL;
}

hf_drill_flow *hf_drill_flow_begin(hf_drill_flows *f, const hf_endpoint *local,
				   const hf_endpoint *remote)
{
	hf_drill_flow_leave(f);
	f->tested = add(f, local, remote);
	return f->tested;
}

hf_drill_flow *hf_drill_flow_named(hf_drill_flows *f, const hf_endpoint *local,
				   const hf_endpoint *remote)
{
	for (hf_drill_flow *flow = f->first; flow != NULL; flow = flow->next) {
		if (flow->local == local->port && flow->remote == remote->port)
			return flow;
	}
	return add(f, local, remote);
}

static bool belongs(const hf_drill_flow *f, const hf_drill_wire *p)
{
	return (f->local == p->tcp.src_port || f->local == 0) && f->remote == p->tcp.dst_port &&
	       hf_addr_equal(&f->local_addr, &p->ip.src) &&
	       hf_addr_equal(&f->remote_addr, &p->ip.dst);
}

/* TIME-WAIT may let a new connection begin on the same ports: its SYN-ACK says so. */
static bool is_reborn(const hf_drill_flow *f, const hf_tcp *t)
{
	return f->knows_remote && t->flags & HF_TCP_ACK && f->last_syn != f->remote_isn &&
	       t->ack.v == f->last_syn + 1 && t->seq.v != f->local_isn;
}

static void learn(hf_drill_flow *f, const hf_tcp *t)
{
	f->local = t->src_port;
	if (!(t->flags & HF_TCP_SYN) || (f->knows_local && !is_reborn(f, t)))
		return;
	if (f->knows_local)
		f->remote_isn = f->last_syn;
	f->knows_local = true;
	f->local_isn = t->seq.v;
}

void hf_drill_flow_left(hf_drill_flows *f, hf_drill_wire *p)
{
	if (p->ip.protocol != HF_IPPROTO_TCP) {
		p->flow = NULL;
		return;
	}
	for (hf_drill_flow *flow = f->first; flow != NULL && p->flow == NULL; flow = flow->next) {
		if (belongs(flow, p))
			p->flow = flow;
	}
	if (p->flow == NULL)
		return;
	p->is_excused = p->flow->is_over;
	learn(p->flow, &p->tcp);
}

void hf_drill_flow_syn(hf_drill_flow *f, uint32_t seq)
{
	f->last_syn = seq;
	if (f->knows_remote)
		return;
	f->knows_remote = true;
	f->remote_isn = seq;
}

uint32_t hf_drill_local_out(const hf_drill_flow *f, bool is_syn, uint32_t script)
{
	return script + f->local_isn - (is_syn ? f->local_script_isn : 0);
}

uint32_t hf_drill_local_in(const hf_drill_flow *f, bool is_syn, uint32_t live)
{
	return live - f->local_isn + (is_syn ? f->local_script_isn : 0);
}

uint32_t hf_drill_remote_out(const hf_drill_flow *f, bool is_syn, uint32_t script)
{
	return is_syn ? script : script + f->remote_isn;
}

uint32_t hf_drill_remote_in(const hf_drill_flow *f, bool is_syn, uint32_t live)
{
	return is_syn ? live : live - f->remote_isn;
}

void hf_drill_stamp_note(hf_drill_flows *flows, hf_drill_flow *f, uint32_t script, uint32_t live)
{
	hf_drill_stamp *s = hf_arena_take(flows->arena, sizeof(*s));

	*s = (hf_drill_stamp){ .next = f->stamps, .script = script, .live = live };
	f->stamps = s;
	if (f->has_stamps)
		return;
	f->has_stamps = true;
	f->stamp_offset = live - script;
}

bool hf_drill_stamp_find(const hf_drill_flow *f, uint32_t script, uint32_t *live)
{
	for (const hf_drill_stamp *s = f->stamps; s != NULL; s = s->next) {
		if (s->script == script) {
			*live = s->live;
			return true;
		}
	}
	return false;
}
