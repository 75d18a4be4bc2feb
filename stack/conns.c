/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of a connection inside the stack: made, changed, told of, ended, freed. */
#include "stack/keys.h"

#include "tcp/history.h"

#include "tcp/hs/isn.h"
#include "tcp/path.h"
#include "tcp/urgent.h"

static hf_tcb *take(hf_stack *s, const hf_flow *f)
{
	hf_tcb *c = hf_place_take(s);

	if (!c)
		return NULL;
	c->flow = hf_place_at(s, c->slot)->flow = *f;
	s->states[HF_CLOSED]++;
	return c;
}

static void give(hf_stack *s, hf_tcb *c)
{
	hf_auth_free(&s->mem, c->auth);
	s->states[c->counted]--;
	hf_place_give(s, c);
}

/** What earlier connections have learnt of the path (RFC 1191 5). */
static void recall_path(hf_stack *s, hf_tcb *c, const hf_tcp_env *env)
{
	const hf_peer *p = hf_peer_find(s, &c->flow.remote);

	if (p && p->mtu > 0 && hf_time_before(s->now, p->mtu_until) &&
	    c->settings->discovery == HF_PATH_MTU_WANT)
		hf_path_remembered(c, env, p->mtu, p->mtu_until);
}

static void set_up(hf_stack *s, hf_tcb *c, const hf_flow *f, uint32_t hash, hf_seq iss)
{
	hf_tcp_env env = hf_stack_env(s);

	c->hash = hash;
	hf_tcb_put(c, HF_TCB_ATTACHED, true);
	if (!c->settings)
		c->settings = hf_settings_hold(s->settings);
	hf_tcp_init(c, &env, iss, hf_timestamp_offset(&s->isn_key, f));
	recall_path(s, c, &env);
	if (!hf_addr_is_v4(&f->local))
		c->label_seed = hf_flow_label(&s->isn_key, f);
}

hf_tcb *hf_conn_create(hf_stack *s, const hf_flow *f, hf_seq iss, hf_err *why)
{
	uint32_t hash = hf_flow_hash(&s->table_key, f);
	hf_tcb *c = take(s, f);

	*why = s->places.slab.used == s->config.max_connections ? HF_ERR_LIMIT : HF_ERR_NO_MEMORY;
	if (!c)
		return NULL;
	if (!hf_auth_begin(s, c, iss) ||
	    !hf_table_add(&s->flows, &s->mem, hash, hf_value(HF_KIND_CONN, c->slot))) {
		give(s, c);
		*why = HF_ERR_NO_MEMORY;
		return NULL;
	}
	set_up(s, c, f, hash, iss);
	return c;
}

/** The class of the peer's SYN, if that was kept, is the connection's. */
static void reflect_class(hf_stack *s, uint32_t number, hf_tcb *c)
{
	const hf_routed *r = hf_routes_find(&s->routes, hf_value(HF_KIND_HALF_OPEN, number));

	if (r && r->traffic_class != 0)
		hf_settings_set(&c->settings, &s->mem, HF_OPTION_TRAFFIC_CLASS, r->traffic_class);
}

/** A block with what a handshake has to have agreed already. NULL: a limit or no memory. */
static hf_tcb *take_agreed(hf_stack *s, const hf_half_open *h, const hf_flow *f)
{
	hf_tcp_env env = hf_stack_env(s);
	hf_tcb *c = take(s, f);

	if (!c)
		return NULL;
	if (!hf_auth_promote(s, h, c)) {
		give(s, c);
		return NULL;
	}
	if (hf_half_open_mode(h) == HF_ECN_MODE_NONE)
		return c;
	c->ecn = hf_ecn_new(&env);
	if (!c->ecn) { /* what the SYN-ACK has promised cannot be kept */
		give(s, c);
		return NULL;
	}
	return c;
}

/** The listener's connection, in SYN-RECEIVED. It stands in the table. */
static void set_up_agreed(hf_stack *s, hf_tcb *c, const hf_half_open *h, uint32_t hash)
{
	hf_tcp_env env = hf_stack_env(s);
	hf_flow f = c->flow;

	set_up(s, c, &f, hash, h->iss);
	hf_conn_make_room(s, c);
	c->listener = h->listener + 1;
	hf_tcb_set_state(c, HF_LISTEN);
	hf_half_open_promote(h, c, &env);
}

hf_tcb *hf_conn_create_from(hf_stack *s, uint32_t number)
{
	uint32_t of_record = hf_value(HF_KIND_HALF_OPEN, number), of_conn;
	hf_half_open h = *hf_half_open_at(s, number);
	hf_flow f = hf_half_open_flow(s, &h);
	uint32_t hash = hf_flow_hash(&s->table_key, &f);
	hf_tcb *c = take_agreed(s, &h, &f);

	if (!c)
		return NULL;
	of_conn = hf_value(HF_KIND_CONN, c->slot);
	hf_table_replace(&s->flows, hash, of_record, of_conn);
	c->settings = hf_settings_hold(hf_listen_at(s, h.listener)->settings);
	reflect_class(s, number, c);
	hf_routes_move(&s->routes, &s->mem, of_record, of_conn);
	hf_half_open_release(s, number);
	set_up_agreed(s, c, &h, hash);
	return c;
}

hf_tcb *hf_conn_create_of(hf_stack *s, const hf_half_open *h)
{
	hf_flow f = hf_half_open_flow(s, h);
	uint32_t hash = hf_flow_hash(&s->table_key, &f);
	hf_tcb *c = take_agreed(s, h, &f);

	if (!c)
		return NULL;
	if (!hf_table_add(&s->flows, &s->mem, hash, hf_value(HF_KIND_CONN, c->slot))) {
		give(s, c);
		return NULL;
	}
	c->settings = hf_settings_hold(hf_listen_at(s, h->listener)->settings);
	set_up_agreed(s, c, h, hash);
	return c;
}

void hf_conn_rearm(hf_stack *s, hf_tcb *c)
{
	hf_place *p = hf_place_at(s, c->slot);
	hf_time due = hf_tcp_due(c);

	if (due.ns == p->due.ns)
		return;
	p->due = due;
	hf_wheel_set(&s->conn_wheel, c->slot);
}

void hf_conn_ready(hf_stack *s, hf_tcb *c)
{
	if (hf_tcb_has(c, HF_TCB_READY))
		return;
	hf_tcb_put(c, HF_TCB_READY, true);
	hf_ready_push(s, &s->ready, c);
}

static void append(hf_stack *s, hf_queue *q, const hf_queue *added)
{
	if (q->last)
		hf_conn_at(s, q->last - 1)->next_ready = added->first;
	else
		q->first = added->first;
	q->last = added->last;
}

void hf_ready_push(hf_stack *s, hf_queue *q, hf_tcb *c)
{
	c->next_ready = 0;
	append(s, q, &(hf_queue){ c->slot + 1, c->slot + 1 });
}

void hf_ready_push_all(hf_stack *s, hf_queue *q)
{
	if (q->first)
		append(s, &s->ready, q);
	*q = (hf_queue){ 0 };
}

hf_tcb *hf_ready_pop(hf_stack *s)
{
	hf_tcb *c;

	if (!s->ready.first)
		return NULL;
	c = hf_conn_at(s, s->ready.first - 1);
	s->ready.first = c->next_ready;
	if (!s->ready.first)
		s->ready.last = 0;
	return c;
}

void hf_conn_tell(hf_stack *s, hf_tcb *c, uint32_t events)
{
	if (hf_tcb_has(c, HF_TCB_ORPHAN) || events == 0)
		return;
	c->events |= events;
	if (c->listener || hf_tcb_has(c, HF_TCB_EVENT_QUEUED))
		return;
	hf_tcb_put(c, HF_TCB_EVENT_QUEUED, true);
	c->next_event = 0;
	if (s->events.last)
		hf_conn_at(s, s->events.last - 1)->next_event = c->slot + 1;
	else
		s->events.first = c->slot + 1;
	s->events.last = c->slot + 1;
}

static void count_state(hf_stack *s, hf_tcb *c)
{
	/* In TIME-WAIT the record is counted; what is left of the block is closed. */
	uint8_t state = c->state == HF_TIME_WAIT ? HF_CLOSED : c->state;

	s->states[c->counted]--;
	s->states[state]++;
	c->counted = state;
}

/** The flow is free for others; the block lives on while somebody holds it. */
static void detach(hf_stack *s, hf_tcb *c)
{
	if (!hf_tcb_has(c, HF_TCB_ATTACHED))
		return;
	hf_tcb_put(c, HF_TCB_ATTACHED, false);
	if (c->orphan_counted)
		s->orphans--;
	c->orphan_counted = false;
	hf_table_remove(&s->flows, c->hash, hf_value(HF_KIND_CONN, c->slot));
	s->ends[c->reason]++;
	hf_auth_free(&s->mem, c->auth);
	c->auth = NULL;
}

void hf_conn_free(hf_stack *s, hf_tcb *c)
{
	hf_tcp_env env = hf_stack_env(s);

	hf_tx_release(c, &env);
	hf_rx_release(c, &env);
	hf_settings_drop(c->settings, &s->mem);
	c->settings = NULL;
	hf_ecn_release(c, &env);
	hf_history_release(c, &env);
	hf_path_release(c, &env);
	hf_urgent_release(c, &env);
	hf_fast_open_release(c, &env);
	hf_congestion_release(&c->congestion, &s->mem);
	hf_routes_forget(&s->routes, hf_value(HF_KIND_CONN, c->slot));
	hf_wheel_clear(&s->conn_wheel, c->slot);
	give(s, c);
}

void hf_conn_discard(hf_stack *s, hf_tcb *c)
{
	hf_table_remove(&s->flows, c->hash, hf_value(HF_KIND_CONN, c->slot));
	hf_conn_free(s, c);
}

bool hf_conn_is_over(const hf_tcb *c)
{
	return hf_tcb_has(c, HF_TCB_ORPHAN) &&
	       !hf_tcb_has(c, HF_TCB_ATTACHED | HF_TCB_READY | HF_TCB_EVENT_QUEUED);
}

/** Fast Open has it wait to be accepted since its SYN came. */
static bool waits_already(const hf_tcb *c)
{
	return c->fast_open && c->fast_open->is_server;
}

void hf_conn_apply(hf_stack *s, hf_tcb *c, const hf_effects *fx)
{
	uint32_t events = fx->events;

	if (fx->reply_reset) {
		bool ended_here = c->state == HF_CLOSED && c->reason != HF_WHY_NONE;

		hf_reply_reset(s, c, &fx->reset, ended_here ? HF_SENT_ABORT : HF_SENT_RST);
	}
	if (fx->doubts_path && s->config.link == HF_LINK_ETHERNET)
		hf_neighbour_doubt(s, &c->flow.remote);
	if (c->state == HF_TIME_WAIT && hf_tcb_has(c, HF_TCB_ATTACHED)) {
		c->reason = HF_WHY_CLOSED_BY_BOTH;
		hf_time_wait_begin(s, c);
		events |= HF_EVENT_CLOSED;
	}
	if (c->state == HF_CLOSED || c->state == HF_TIME_WAIT)
		detach(s, c);
	count_state(s, c);
	hf_fast_open_apply(s, c);
	if (fx->ecn != HF_ECN_OUTCOME_NONE)
		hf_peer_note_ecn(s, &c->flow.remote, fx->ecn == HF_ECN_OUTCOME_LOST);
	if (fx->path_mtu > 0)
		hf_peer_note_mtu(s, &c->flow.remote, fx->path_mtu);
	if (events & HF_EVENT_CONNECTED && c->listener && !waits_already(c))
		hf_listener_queue(s, c->listener - 1, c);
	hf_conn_tell(s, c, events);
	hf_conn_rearm(s, c);
	hf_conn_ready(s, c);
}

hf_reason hf_conn_arrives(hf_stack *s, hf_tcb *c, const hf_segment *g, hf_packet *p)
{
	hf_tcp_env env = hf_stack_env(s);
	hf_effects fx = { 0 };

	hf_tcp_arrives(c, &env, g, &fx);
	if (fx.reason == HF_WHY_NONE)
		hf_conn_note_ip(s, c, g->ip);
	else
		hf_history_refused(c, &env, fx.reason);
	hf_conn_apply(s, c, &fx);
	p->state = c->state;
	p->conn = hf_conn_shown(c);
	return fx.reason;
}
