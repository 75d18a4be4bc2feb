/* SPDX-License-Identifier: BSD-2-Clause */
/* A stack as a whole: made, freed, asked for events and figures. */
#include "stack/handshakes.h"
#include "stack/keys.h"

#include "tcp/history.h"

#include "tcp/path.h"
#include "tcp/urgent.h"

static bool make_slabs(hf_stack *s)
{
	return hf_slab_init(&s->places.slab, &s->mem, sizeof(hf_place),
			    s->config.max_connections) &&
	       hf_slab_init(&s->half_opens, &s->mem, sizeof(hf_half_open),
			    s->config.max_half_open) &&
	       hf_slab_init(&s->time_waits, &s->mem, sizeof(hf_time_wait),
			    s->config.max_time_wait) &&
	       hf_slab_init(&s->keys, &s->mem, sizeof(hf_mkt), s->config.max_keys) &&
	       hf_slab_init(&s->signed_ends, &s->mem, sizeof(hf_signed_end),
			    s->config.max_time_wait) &&
	       hf_routes_init(&s->routes, &s->mem) &&
	       hf_slab_init(&s->neighbours.slab, &s->mem, sizeof(hf_neighbour), HF_NEIGHBOURS) &&
	       hf_slab_init(&s->listeners, &s->mem, sizeof(hf_listen), s->config.max_listeners);
}

static void release(hf_stack *s)
{
	hf_settings_drop(s->settings, &s->mem);
	hf_replies_release(&s->replies, &s->mem);
	hf_peers_release(s);
	hf_neighbours_release(&s->neighbours, &s->mem);
	hf_routes_release(&s->routes, &s->mem);
	hf_table_release(&s->flows, &s->mem);
	hf_table_release(&s->ports, &s->mem);
	hf_keys_release(s);
	hf_slab_release(&s->signed_ends, &s->mem);
	hf_slab_release(&s->places.slab, &s->mem);
	hf_slab_release(&s->half_opens, &s->mem);
	hf_slab_release(&s->time_waits, &s->mem);
	hf_slab_release(&s->listeners, &s->mem);
	hf_mem_drain(&s->mem);
}

hf_err hf_stack_new(const hf_config *config, hf_time now, hf_stack **out)
{
	hf_config filled;
	hf_err err = hf_config_fill(config, &filled);
	hf_stack *s;

	if (err != HF_OK)
		return err;
	s = filled.allocator.alloc(filled.allocator.ctx, sizeof(*s));
	if (!s)
		return HF_ERR_NO_MEMORY;
	*s = (hf_stack){ .config = filled, .now = now };
	s->mem = (hf_mem){ .from = filled.allocator,
			   .limit = filled.memory_limit,
			   .used = sizeof(*s) };
	s->isn_key = (hf_sipkey){ filled.secret[0], filled.secret[1] };
	s->table_key = (hf_sipkey){ filled.secret[2], filled.secret[3] };
	while (s->host_addrs < HF_HOST_ADDRS &&
	       !hf_addr_is_none(&filled.address[s->host_addrs].addr))
		s->host_addrs++;
	s->settings = hf_mem_new(&s->mem, sizeof(*s->settings));
	if (s->settings)
		hf_settings_init(s->settings, &s->config);
	if (!s->settings || !make_slabs(s)) {
		release(s);
		filled.allocator.free(filled.allocator.ctx, s, sizeof(*s));
		return HF_ERR_NO_MEMORY;
	}
	hf_stack_init_wheels(s);
	hf_fast_opens_init(s);
	hf_syn_cookies_init(s);
	*out = s;
	return HF_OK;
}

void hf_stack_free(hf_stack *s)
{
	hf_allocator allocator;
	hf_tcp_env env;

	if (!s)
		return;
	env = hf_stack_env(s);
	for (uint32_t i = 0; i < s->places.slab.fresh; i++) {
		hf_tcb room, *c = hf_place_unpack(s, i, &room);

		if (!c)
			continue;
		hf_tx_release(c, &env);
		hf_rx_release(c, &env);
		hf_settings_drop(c->settings, &s->mem);
		hf_ecn_release(c, &env);
		hf_path_release(c, &env);
		hf_history_release(c, &env);
		hf_fast_open_release(c, &env);
		hf_urgent_release(c, &env);
		hf_congestion_release(&c->congestion, &s->mem);
		hf_auth_free(&s->mem, c->auth);
		if (c != &room)
			hf_mem_free(&s->mem, c, sizeof(*c));
	}
	for (uint32_t i = 0; i < s->listeners.fresh; i++) {
		hf_listen *l = hf_listen_at(s, i);

		if (!l->used)
			continue;
		hf_settings_drop(l->settings, &s->mem);
		hf_fast_open_queue_release(s, &l->fast_open);
	}
	for (uint32_t i = 0; i < s->time_waits.fresh; i++)
		hf_time_wait_drop_auth(s, hf_time_wait_at(s, i));
	release(s);
	allocator = s->config.allocator;
	allocator.free(allocator.ctx, s, sizeof(*s));
}

static bool next_listener_event(hf_stack *s, hf_event *out)
{
	uint32_t number;
	hf_listen *l;

	if (!s->listener_events.first)
		return false;
	number = s->listener_events.first - 1;
	l = hf_listen_at(s, number);
	s->listener_events.first = l->next_event;
	if (!l->next_event)
		s->listener_events.last = 0;
	l->told = false;
	*out = (hf_event){ .bits = HF_EVENT_ACCEPTABLE, .listener = { number, l->generation } };
	return true;
}

static hf_tcb *pop_event(hf_stack *s)
{
	hf_tcb *c;

	if (!s->events.first)
		return NULL;
	c = hf_conn_at(s, s->events.first - 1);
	s->events.first = c->next_event;
	if (!c->next_event)
		s->events.last = 0;
	hf_tcb_put(c, HF_TCB_EVENT_QUEUED, false);
	return c;
}

bool hf_stack_next_event(hf_stack *s, hf_event *out)
{
	hf_tcb *c;

	if (next_listener_event(s, out))
		return true;
	while ((c = pop_event(s)) != NULL) {
		if (hf_tcb_has(c, HF_TCB_ORPHAN)) { /* the application let go meanwhile */
			hf_conn_ready(s, c);
			continue;
		}
		*out = (hf_event){ .bits = c->events,
				   .conn = hf_conn_handle(c),
				   .reason = (hf_reason)c->reason };
		c->events = 0;
		return true;
	}
	return false;
}

static size_t buffers(const hf_stack *s)
{
	size_t octets = 0;

	for (uint32_t i = 0; i < s->places.slab.fresh; i++) {
		const hf_tcb *c = hf_conn_awake(s, i);

		if (!c)
			continue;
		octets += (c->tx ? c->tx->ring.size : 0) + (c->rx ? c->rx->ring.size : 0);
	}
	return octets;
}

void hf_stack_stats(const hf_stack *s, hf_stats *out)
{
	*out = (hf_stats){
		.connections = s->places.slab.used,
		.half_open = s->half_opens.used,
		.time_wait = s->time_waits.used,
		.listeners = s->listeners.used,
		.orphans = s->orphans,
		.memory = s->mem.used,
		.buffers = buffers(s),
		.packets_in = s->packets_in,
		.packets_out = s->packets_out,
		.octets_in = s->octets_in,
		.octets_out = s->octets_out,
		.opened_active = s->opened_active,
		.opened_passive = s->opened_passive,
		.accepted = s->accepted,
	};
	memcpy(out->states, s->states, sizeof(out->states));
	memcpy(out->reasons, s->reasons, sizeof(out->reasons));
	memcpy(out->ends, s->ends, sizeof(out->ends));
	memcpy(out->causes, s->causes, sizeof(out->causes));
}
