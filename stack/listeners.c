/* SPDX-License-Identifier: BSD-2-Clause */
/* Listeners: passive OPEN, and the queue of connections that wait to be accepted. */
#include "stack/internal.h"

#include "tcp/hs/isn.h"

#define DEFAULT_BACKLOG 4096u

typedef struct sought {
	const hf_stack *stack;
	const hf_addr *addr;
	uint16_t port;
} sought;

static uint32_t port_hash(uint16_t port)
{
	return port * UINT32_C(2654435761);
}

static bool is_sought(const void *ctx, uint32_t value)
{
	const sought *k = ctx;
	const hf_listen *l = hf_listen_at(k->stack, value);

	return l->local.port == k->port && hf_addr_equal(&l->local.addr, k->addr);
}

static uint32_t find_exact(const hf_stack *s, const hf_addr *addr, uint16_t port)
{
	sought k = { s, addr, port };

	return hf_table_find(&s->ports, port_hash(port), is_sought, &k);
}

uint32_t hf_listener_find(const hf_stack *s, const hf_endpoint *local)
{
	static const hf_addr any = { { 0 } };
	uint32_t number = find_exact(s, &local->addr, local->port);

	return number != HF_SLOT_FREE ? number : find_exact(s, &any, local->port);
}

hf_listen *hf_listener_of(const hf_stack *s, hf_listener handle)
{
	hf_listen *l;

	if (handle.slot >= s->listeners.fresh)
		return NULL;
	l = hf_listen_at(s, handle.slot);
	return l->used && l->generation == handle.generation ? l : NULL;
}

static uint16_t free_port(const hf_stack *s, const hf_addr *addr)
{
	for (uint32_t p = s->config.first_port; p <= s->config.last_port; p++)
		if (find_exact(s, addr, (uint16_t)p) == HF_SLOT_FREE)
			return (uint16_t)p;
	return 0;
}

static bool overlaps(const hf_endpoint *local, const hf_addr *addr, uint16_t port)
{
	return local->port == port &&
	       (hf_addr_is_none(&local->addr) || hf_addr_equal(&local->addr, addr));
}

static void set_up(hf_stack *s, uint32_t number, const hf_endpoint *local,
		   const hf_listener_options *o, hf_settings *settings)
{
	hf_listen *l = hf_listen_at(s, number);
	uint32_t generation = l->generation == UINT32_MAX ? 1 : l->generation + 1;

	*l = (hf_listen){
		.generation = generation,
		.used = true,
		.local = *local,
		.backlog = o->backlog ? o->backlog : DEFAULT_BACKLOG,
		.settings = settings,
		.require_auth = o->require_auth,
	};
	if (o->route)
		hf_listen_at(s, number)->route = *o->route;
	s->states[HF_LISTEN]++;
}

/** Does a connection or its TIME-WAIT record have this local endpoint? */
static bool is_occupied(hf_stack *s, const hf_endpoint *local)
{
	for (uint32_t i = 0; i < s->places.slab.fresh; i++) {
		const hf_place *p = hf_place_at(s, i);
		const hf_tcb *c = hf_conn_awake(s, i);

		if ((p->use == HF_PLACE_AT_REST || (c && hf_tcb_has(c, HF_TCB_ATTACHED))) &&
		    overlaps(local, &p->flow.local, p->flow.local_port))
			return true;
	}
	for (uint32_t i = 0; i < s->time_waits.fresh; i++) {
		hf_flow f = hf_time_wait_flow(s, hf_time_wait_at(s, i));

		/* Free records keep old content: only what the table names is alive. */
		if (overlaps(local, &f.local, f.local_port) &&
		    hf_flows_find(s, &f, hf_flow_hash(&s->table_key, &f)) ==
			    hf_value(HF_KIND_TIME_WAIT, i))
			return true;
	}
	return false;
}

/** The stack's settings, or a copy with what the options ask for; to be held. */
static hf_err settings_for(hf_stack *s, const hf_listener_options *o, hf_settings **out)
{
	hf_settings *settings = hf_settings_hold(s->settings);
	hf_err err = HF_OK;

	if (o->send_buffer > 0)
		err = hf_settings_set(&settings, &s->mem, HF_OPTION_SEND_BUFFER, o->send_buffer);
	if (err == HF_OK && o->receive_buffer > 0)
		err = hf_settings_set(&settings, &s->mem, HF_OPTION_RECEIVE_BUFFER,
				      o->receive_buffer);
	if (err == HF_OK && o->fast_open > 0)
		err = hf_settings_set(&settings, &s->mem, HF_OPTION_FAST_OPEN, o->fast_open);
	if (err == HF_OK)
		*out = settings;
	else
		hf_settings_drop(settings, &s->mem);
	return err;
}

/** Into the table of ports, with settings of its own. LIMIT, NO_MEMORY, INVALID: not made. */
static hf_err make(hf_stack *s, const hf_endpoint *at, const hf_listener_options *o,
		   uint32_t *number)
{
	hf_settings *settings;
	hf_err err;

	*number = hf_slab_take(&s->listeners, &s->mem);
	if (*number == HF_SLAB_NONE)
		return s->listeners.used == s->config.max_listeners ? HF_ERR_LIMIT :
								      HF_ERR_NO_MEMORY;
	err = settings_for(s, o, &settings);
	if (err == HF_OK && !hf_table_add(&s->ports, &s->mem, port_hash(at->port), *number)) {
		hf_settings_drop(settings, &s->mem);
		err = HF_ERR_NO_MEMORY;
	}
	if (err == HF_OK)
		set_up(s, *number, at, o, settings);
	else
		hf_slab_give(&s->listeners, *number);
	return err;
}

/** Beside whatever connections the port has, in any state (MUST-41, MUST-42). */
hf_err hf_listener_open(hf_stack *s, const hf_endpoint *local, const hf_listener_options *options,
			hf_listener *out)
{
	static const hf_listener_options none = { .size = sizeof(none) };
	const hf_addr any_v4 = hf_addr_v4(0, 0, 0, 0);
	const hf_listener_options *o = options ? options : &none;
	hf_endpoint at = *local;
	uint32_t number;
	hf_err err;

	if (o->size != sizeof(*o) || !hf_is_route_sound(o->route, &any_v4))
		return HF_ERR_INVALID;
	if (!hf_addr_is_none(&at.addr) && hf_host_addr_index(s, &at.addr) < 0)
		return HF_ERR_NO_ADDRESS;
	if (at.port == 0)
		at.port = free_port(s, &at.addr);
	if (at.port == 0)
		return HF_ERR_NO_PORT;
	if (find_exact(s, &at.addr, at.port) != HF_SLOT_FREE ||
	    (o->exclusive && is_occupied(s, &at)))
		return HF_ERR_IN_USE;
	err = make(s, &at, o, &number);
	if (err == HF_OK)
		*out = (hf_listener){ number, hf_listen_at(s, number)->generation };
	return err;
}

hf_err hf_listener_endpoint(const hf_stack *s, hf_listener handle, hf_endpoint *out)
{
	const hf_listen *l = hf_listener_of(s, handle);

	if (!l)
		return HF_ERR_STALE;
	*out = l->local;
	return HF_OK;
}

static void tell(hf_stack *s, uint32_t number)
{
	hf_listen *l = hf_listen_at(s, number);

	if (l->told)
		return;
	l->told = true;
	l->next_event = 0;
	if (s->listener_events.last)
		hf_listen_at(s, s->listener_events.last - 1)->next_event = number + 1;
	else
		s->listener_events.first = number + 1;
	s->listener_events.last = number + 1;
}

void hf_listener_queue(hf_stack *s, uint32_t number, hf_tcb *c)
{
	hf_listen *l = hf_listen_at(s, number);

	c->next_accept = 0;
	if (l->accept.last)
		hf_conn_at(s, l->accept.last - 1)->next_accept = c->slot + 1;
	else
		l->accept.first = c->slot + 1;
	l->accept.last = c->slot + 1;
	l->accept_count++;
	s->opened_passive++;
	tell(s, number);
}

static hf_tcb *take_accepted(hf_stack *s, hf_listen *l)
{
	hf_tcb *c;

	if (!l->accept.first)
		return NULL;
	c = hf_conn_at(s, l->accept.first - 1);
	l->accept.first = c->next_accept;
	if (!l->accept.first)
		l->accept.last = 0;
	l->accept_count--;
	c->listener = 0;
	return c;
}

hf_err hf_listener_accept(hf_stack *s, hf_listener handle, hf_conn *out)
{
	hf_listen *l = hf_listener_of(s, handle);
	uint32_t events;
	hf_tcb *c;

	if (!l)
		return HF_ERR_STALE;
	c = take_accepted(s, l);
	if (!c)
		return HF_ERR_AGAIN;
	s->accepted++;
	events = c->events;
	c->events = 0;
	hf_conn_tell(s, c, events);
	*out = hf_conn_handle(c);
	return HF_OK;
}

/** Takes a closed listener out of the queue of those with something to tell. */
static void untell(hf_stack *s, uint32_t number)
{
	uint32_t *link = &s->listener_events.first, before = 0;

	while (*link && *link != number + 1) {
		before = *link;
		link = &hf_listen_at(s, *link - 1)->next_event;
	}
	if (!*link)
		return;
	*link = hf_listen_at(s, number)->next_event;
	if (s->listener_events.last == number + 1)
		s->listener_events.last = before;
}

hf_err hf_listener_close(hf_stack *s, hf_listener handle)
{
	hf_listen *l = hf_listener_of(s, handle);
	hf_tcb *c;

	if (!l)
		return HF_ERR_STALE;
	while ((c = take_accepted(s, l)) != NULL)
		hf_conn_abort(s, hf_conn_handle(c));
	hf_half_open_remove_all(s, handle.slot);
	untell(s, handle.slot);
	hf_table_remove(&s->ports, port_hash(l->local.port), handle.slot);
	hf_settings_drop(l->settings, &s->mem);
	hf_fast_open_queue_release(s, &l->fast_open);
	l->used = false;
	s->states[HF_LISTEN]--;
	hf_slab_give(&s->listeners, handle.slot);
	return HF_OK;
}
