/* SPDX-License-Identifier: BSD-2-Clause */
/* The stack under test, its clock, and every packet that passed. */
#include "drill/world.h"

#include <stdlib.h>
#include <string.h>

#include "stack/internal.h"
#include "tcp/hs/isn.h"

#define START HF_SEC(1000)
enum { IP_OPTION_END = 0, IP_OPTION_NOP = 1, IP_OPTION_LSRR = 131, IP_OPTION_SSRR = 137 };

#define MOST_AT_ONCE 100000 /* packets in one moment; more can only be a loop */

/* ---- Memory ---- */

static void *world_alloc(void *ctx, size_t octets)
{
	hf_world *w = ctx;
	void *at = malloc(octets);

	if (at != NULL)
		w->memory += octets;
	return at;
}

static void world_free(void *ctx, void *at, size_t octets)
{
	hf_world *w = ctx;

	if (at != NULL)
		w->memory -= octets;
	free(at);
}

/* ---- Making ---- */

void hf_world_init(hf_world *w, hf_arena *arena)
{
	*w = (hf_world){ .arena = arena, .start = { START }, .now = { START } };
	w->last = &w->first;
	w->config = (hf_config){
		.size = sizeof(hf_config),
		/* The same in every run: a drill is a proof, not an attack. */
		.secret = { 0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0,
			    0x082efa98ec4e6c89 },
		.mtu = 1500,
		.max_connections = 256,
		.max_half_open = 256,
		.max_time_wait = 256,
		.max_listeners = 64,
	};
}

hf_err hf_world_start(hf_world *w)
{
	if (w->stack != NULL)
		return HF_OK;
	w->config.allocator = (hf_allocator){ world_alloc, world_free, w };
	w->room = hf_arena_take(w->arena, hf_config_packet_capacity(&w->config));
	return hf_stack_new(&w->config, w->now, &w->stack);
}

bool hf_world_stop(hf_world *w)
{
	hf_stack_free(w->stack);
	w->stack = NULL;
	return w->memory == 0;
}

/* ---- Packets ---- */

static hf_drill_wire *copy(hf_world *w, const uint8_t *octets, size_t len)
{
	hf_drill_wire *p = hf_arena_take(w->arena, sizeof(*p));

	p->at = w->now;
	p->packet.data = (uint8_t *)hf_arena_copy(w->arena, (const char *)octets, len);
	p->packet.len = p->packet.capacity = (uint32_t)len;
	return p;
}

static void add(hf_world *w, hf_drill_wire *p)
{
	*w->last = p;
	w->last = &p->next;
}

hf_drill_wire *hf_world_note_in(hf_world *w, const uint8_t *octets, size_t len)
{
	hf_drill_wire *p = copy(w, octets, len);

	p->is_inbound = true;
	add(w, p);
	return p;
}

void hf_world_input(hf_world *w, const uint8_t *octets, size_t len)
{
	hf_drill_wire *p = hf_world_note_in(w, octets, len);

	hf_stack_input(w->stack, &p->packet, 1, w->now);
}

/* A source route (RFC 791 3.1) that leads on: the octets of its last hop. NULL: there is none. */
static const uint8_t *last_hop(hf_view o)
{
	while (o.len > 1 && o.at[0] != IP_OPTION_END) {
		size_t len = o.at[0] == IP_OPTION_NOP ? 1 : o.at[1];
		bool is_route = o.at[0] == IP_OPTION_LSRR || o.at[0] == IP_OPTION_SSRR;

		if (len == 0 || len > o.len)
			return NULL;
		if (is_route && len >= 7 && o.at[2] < len)
			return o.at + len - 4;
		o = hf_view_skip(o, len);
	}
	return NULL;
}

hf_addr hf_world_destination(const hf_ip *ip)
{
	const uint8_t *hop = ip->version == 4 ? last_hop(ip->options) : NULL;

	return hop != NULL ? hf_addr_v4(hop[0], hop[1], hop[2], hop[3]) : ip->dst;
}

/* What leaves must be sound: the script's expectations are compared with what is parsed here. */
static void parse(hf_world *w, hf_drill_wire *p)
{
	hf_reason why = hf_ip_parse((hf_view){ p->packet.data, p->packet.len }, &p->ip);

	p->to = p->ip.dst;
	p->ip.dst = hf_world_destination(&p->ip); /* whom TCP's checksum counts in */
	if (why == HF_WHY_NONE && p->ip.protocol == HF_IPPROTO_TCP)
		why = hf_tcp_parse(&p->ip, false, &p->tcp);
	if (why != HF_WHY_NONE && w->trouble == NULL)
		w->trouble = hf_arena_format(w->arena, "a packet that is broken has left: %s",
					     hf_reason_text(why));
}

hf_drill_wire *hf_world_note_out(hf_world *w, const hf_packet *packet)
{
	hf_drill_wire *p = copy(w, packet->data, packet->len);
	uint8_t *octets = p->packet.data;

	p->packet = *packet;
	p->packet.data = octets;
	parse(w, p);
	w->left(w->ctx, p);
	add(w, p);
	return p;
}

static bool take_one(hf_world *w)
{
	hf_packet out = {
		.data = w->room,
		.capacity = (uint32_t)hf_config_packet_capacity(&w->config),
	};

	if (hf_stack_output(w->stack, &out, 1, w->now) == 0)
		return false;
	hf_world_note_out(w, &out);
	return true;
}

void hf_world_drop_time_waits(hf_world *w)
{
	hf_stack *s = w->stack;

	for (uint32_t i = 0; i < s->time_waits.fresh; i++) {
		const hf_time_wait *t = hf_time_wait_at(s, i);
		hf_flow f;

		if (t->local >= s->host_addrs)
			continue; /* not in use, and so may others be: the table of flows knows */
		f = hf_time_wait_flow(s, t);
		if (hf_flows_find(s, &f, hf_flow_hash(&s->table_key, &f)) ==
		    hf_value(HF_KIND_TIME_WAIT, i))
			hf_time_wait_remove(s, i);
	}
}

void hf_world_settle(hf_world *w)
{
	hf_event event;
	unsigned n = 0;

	if (w->stack == NULL)
		return;
	while (n < MOST_AT_ONCE && take_one(w))
		n++;
	while (hf_stack_next_event(w->stack, &event))
		; /* calls look at the connections themselves */
	if (w->trouble == NULL && n == MOST_AT_ONCE)
		w->trouble = "the stack sends without end";
	else if (w->trouble == NULL && !hf_time_before(w->now, hf_stack_deadline(w->stack)))
		w->trouble = "the stack says that it is due, but sends nothing";
}

hf_time hf_world_due(const hf_world *w)
{
	return w->stack != NULL && w->trouble == NULL ? hf_stack_deadline(w->stack) : HF_NEVER;
}

hf_ns hf_world_elapsed(const hf_world *w)
{
	return hf_time_diff(w->now, w->start);
}
