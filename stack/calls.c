/* SPDX-License-Identifier: BSD-2-Clause */
/* The public calls on connections: a handle becomes a block, and the block acts. */
#include "stack/keys.h"

#include "tcp/hs/isn.h"

/** MUST-46: neither nobody, nor many, nor ourselves. */
static bool is_valid_remote(const hf_stack *s, const hf_endpoint *remote)
{
	const hf_addr nobody_v4 = hf_addr_v4(0, 0, 0, 0);

	return remote->port != 0 && !hf_addr_is_none(&remote->addr) &&
	       !hf_addr_equal(&remote->addr, &nobody_v4) && !hf_addr_is_multicast(&remote->addr) &&
	       !hf_is_broadcast(s, &remote->addr) && hf_host_addr_index(s, &remote->addr) < 0;
}

/** RFC 6056: each destination has its own sequence of ports, which nobody can foresee. */
static uint16_t free_port(hf_stack *s, hf_flow f)
{
	uint32_t first = s->config.first_port, count = s->config.last_port - first + 1u;
	uint32_t from = hf_port_choice(&s->isn_key, &f, s->ports_chosen++, count);

	for (uint32_t i = 0; i < count; i++) {
		f.local_port = (uint16_t)(first + (from + i) % count);
		if (hf_flows_find(s, &f, hf_flow_hash(&s->table_key, &f)) == HF_SLOT_FREE)
			return f.local_port;
	}
	return 0;
}

static hf_err choose_local(hf_stack *s, const hf_conn_options *o, hf_flow *f)
{
	const hf_addr *source;

	f->local = o->local.addr; /* MUST-43 */
	f->local_port = o->local.port;
	if (hf_addr_is_none(&f->local)) { /* MUST-44 */
		source = hf_route_source(s, &f->remote);
		if (!source)
			return HF_ERR_NO_ROUTE;
		f->local = *source;
	} else if (hf_host_addr_index(s, &f->local) < 0) {
		return HF_ERR_NO_ADDRESS;
	}
	if (hf_addr_is_v4(&f->local) != hf_addr_is_v4(&f->remote))
		return HF_ERR_INVALID;
	if (!hf_route_hop(s, &f->remote))
		return HF_ERR_NO_ROUTE;
	if (f->local_port == 0)
		f->local_port = free_port(s, *f);
	else if (hf_flows_find(s, f, hf_flow_hash(&s->table_key, f)) != HF_SLOT_FREE)
		return HF_ERR_IN_USE;
	return f->local_port == 0 ? HF_ERR_NO_PORT : HF_OK;
}

static hf_err limit_buffers(hf_stack *s, hf_tcb *c, const hf_conn_options *o)
{
	hf_tcp_env env = hf_stack_env(s);
	hf_err err = HF_OK;

	if (o->send_buffer > 0)
		err = hf_tcp_set(c, &env, HF_OPTION_SEND_BUFFER, o->send_buffer);
	if (err == HF_OK && o->receive_buffer > 0)
		err = hf_tcp_set(c, &env, HF_OPTION_RECEIVE_BUFFER, o->receive_buffer);
	return err;
}

hf_err hf_conn_open(hf_stack *s, const hf_endpoint *remote, const hf_conn_options *options,
		    hf_time now, hf_conn *out)
{
	static const hf_conn_options none = { .size = sizeof(none) };
	const hf_conn_options *o = options ? options : &none;
	hf_flow f = { .remote = remote->addr, .remote_port = remote->port };
	hf_tcp_env env;
	hf_err err;
	hf_tcb *c;

	if (hf_time_before(s->now, now))
		s->now = now;
	env = hf_stack_env(s);
	if (o->size != sizeof(*o) || !is_valid_remote(s, remote) ||
	    !hf_is_route_sound(o->route, &remote->addr))
		return HF_ERR_INVALID;
	err = choose_local(s, o, &f);
	if (err != HF_OK)
		return err;
	if (o->require_auth && !hf_keys_first(s, &f))
		return HF_ERR_NO_KEY;
	c = hf_conn_create(s, &f, hf_isn(&s->isn_key, &f, s->now), &err);
	if (!c)
		return err;
	err = limit_buffers(s, c, o);
	if (err == HF_OK && !hf_conn_give_route(s, c, o->route))
		err = HF_ERR_NO_MEMORY;
	if (err != HF_OK) {
		hf_conn_discard(s, c);
		return err;
	}
	if (hf_peer_takes_ecn(s, &f.remote))
		hf_ecn_open(c, &env);
	hf_tcp_open(c);
	if (o->fast_open)
		hf_fast_open_begin(s, c, o->fast_open_no_cookie);
	s->opened_active++;
	hf_conn_apply(s, c, &(hf_effects){ 0 });
	*out = hf_conn_handle(c);
	return HF_OK;
}

/** SEND, with PUSH or without (MAY-15), went so: what may leave now? */
static hf_err queued(hf_stack *s, hf_tcb *c, hf_err err, bool push)
{
	if (err == HF_OK) {
		hf_tcb_put(c, HF_TCB_MORE, !push);
		hf_fast_open_go(c);
	}
	hf_conn_ready(s, c);
	return err;
}

hf_err hf_conn_send(hf_stack *s, hf_conn handle, const void *data, size_t len, size_t *sent)
{
	hf_tcb *c = hf_conn_find(s, handle);
	hf_tcp_env env = hf_stack_env(s);

	return c ? queued(s, c, hf_tcp_send(c, &env, data, len, sent), true) :
		   hf_conn_missing(s, handle);
}

hf_err hf_conn_send_more(hf_stack *s, hf_conn handle, const void *data, size_t len, size_t *sent)
{
	hf_tcb *c = hf_conn_find(s, handle);
	hf_tcp_env env = hf_stack_env(s);

	return c ? queued(s, c, hf_tcp_send(c, &env, data, len, sent), false) :
		   hf_conn_missing(s, handle);
}

hf_err hf_conn_reserve(hf_stack *s, hf_conn handle, size_t want, uint8_t **room, size_t *len)
{
	hf_tcb *c = hf_conn_find(s, handle);
	hf_tcp_env env = hf_stack_env(s);
	hf_span span;
	hf_err err;

	if (!c)
		return hf_conn_missing(s, handle);
	err = hf_tcp_reserve(c, &env, want, &span);
	if (err != HF_OK)
		return err;
	*room = span.at;
	*len = span.len;
	return HF_OK;
}

hf_err hf_conn_commit(hf_stack *s, hf_conn handle, size_t len)
{
	hf_tcb *c = hf_conn_find(s, handle);

	return c ? queued(s, c, hf_tcp_commit(c, len), true) : hf_conn_missing(s, handle);
}

hf_err hf_conn_receive(hf_stack *s, hf_conn handle, void *data, size_t len, size_t *got)
{
	hf_tcb *c = hf_conn_find(s, handle);
	hf_tcp_env env = hf_stack_env(s);
	hf_err err;

	if (!c)
		return hf_conn_missing(s, handle);
	err = hf_tcp_receive(c, &env, data, len, got);
	hf_conn_ready(s, c);
	return err;
}

hf_err hf_conn_peek(hf_stack *s, hf_conn handle, const uint8_t **data, size_t *len)
{
	hf_tcb *c = hf_conn_find(s, handle);
	hf_tcp_env env = hf_stack_env(s);
	hf_span span;
	hf_err err;

	if (!c)
		return hf_conn_missing(s, handle);
	err = hf_tcp_peek(c, &env, &span);
	if (err != HF_OK)
		return err;
	*data = span.at;
	*len = span.len;
	return HF_OK;
}

hf_err hf_conn_consume(hf_stack *s, hf_conn handle, size_t len)
{
	hf_tcb *c = hf_conn_find(s, handle);
	hf_tcp_env env = hf_stack_env(s);

	hf_err err;

	if (!c)
		return hf_conn_missing(s, handle);
	err = hf_tcp_consume(c, &env, len);
	hf_conn_ready(s, c);
	return err;
}

hf_err hf_conn_shutdown(hf_stack *s, hf_conn handle)
{
	hf_tcb *c = hf_conn_find(s, handle);
	hf_tcp_env env = hf_stack_env(s);
	hf_err err;

	if (!c)
		return hf_conn_missing(s, handle);
	err = hf_tcp_shutdown(c, &env);
	if (err == HF_OK)
		hf_fast_open_go(c);
	hf_conn_apply(s, c, &(hf_effects){ 0 });
	return err;
}

/** Let go of, but not over: the stack has to see to its end. */
static bool finishes_alone(const hf_tcb *c)
{
	return c->state != HF_CLOSED && c->state != HF_TIME_WAIT;
}

hf_err hf_conn_close(hf_stack *s, hf_conn handle)
{
	hf_tcb *c = hf_conn_find(s, handle);
	hf_tcp_env env = hf_stack_env(s);
	hf_effects fx = { 0 };

	if (!c)
		return hf_conn_missing(s, handle);
	hf_tcp_close(c, &env, &fx);
	if (finishes_alone(c)) {
		if (s->orphans < s->config.max_orphans)
			c->orphan_counted = true;
		else
			hf_tcp_abort(c, &env, HF_WHY_ORPHAN_LIMIT, &fx);
	}
	s->orphans += c->orphan_counted;
	hf_rx_release(c, &env);
	hf_conn_apply(s, c, &fx);
	return HF_OK;
}

hf_err hf_conn_abort(hf_stack *s, hf_conn handle)
{
	hf_tcb *c = hf_conn_find(s, handle);
	hf_tcp_env env = hf_stack_env(s);
	hf_effects fx = { 0 };

	if (!c)
		return hf_conn_missing(s, handle);
	hf_tcb_put(c, HF_TCB_ORPHAN, true);
	hf_tcp_abort(c, &env, HF_WHY_ABORTED_HERE, &fx);
	hf_rx_release(c, &env);
	hf_conn_apply(s, c, &fx);
	return HF_OK;
}
