/* SPDX-License-Identifier: BSD-2-Clause */
/* The inside of a stack: what its files share. */
#ifndef HF_STACK_INTERNAL_H
#define HF_STACK_INTERNAL_H

#include "base/siphash.h"
#include "base/table.h"
#include "stack/fast_open.h"
#include "stack/neighbours.h"
#include "stack/peers.h"
#include "stack/places.h"
#include "stack/routes.h"
#include "stack/slab.h"
#include "stack/syn_table.h"
#include "tcp/arrives.h"
#include "tcp/ecn/ecn.h"
#include "tcp/hs/half_open.h"
#include "tcp/hs/syn_cookie.h"
#include "tcp/time_wait.h"
#include "wire/ether.h"
#include "wire/icmp.h"

/*
 * One table finds everything that a 4-tuple may belong to: a connection, a half-open record or a
 * TIME-WAIT record. Each kind has a slab of its own and a timing wheel of its own. Connections with
 * something to do stand in two queues, linked through the blocks themselves: `ready` (may have
 * something to send) and `events` (has something to tell). Neither can overflow.
 */

/**
 * What a value of the flow table names: the kind in the upper two bits, the record's number below.
 */
typedef enum hf_kind { HF_KIND_CONN, HF_KIND_HALF_OPEN, HF_KIND_TIME_WAIT } hf_kind;

#define HF_KIND_SHIFT 30
#define HF_RECORDS_MAX (UINT32_C(1) << HF_KIND_SHIFT)

static inline uint32_t hf_value(hf_kind kind, uint32_t number)
{
	return (uint32_t)kind << HF_KIND_SHIFT | number;
}

static inline hf_kind hf_value_kind(uint32_t value)
{
	return (hf_kind)(value >> HF_KIND_SHIFT);
}

static inline uint32_t hf_value_number(uint32_t value)
{
	return value & (HF_RECORDS_MAX - 1);
}

/** A listener (LISTEN). */
typedef struct hf_listen {
	uint32_t slab_link; /**< the slab's, while free */
	uint32_t generation;
	bool used;
	bool told; /**< HF_EVENT_ACCEPTABLE waits to be pulled */
	hf_endpoint local;
	uint32_t backlog;
	bool require_auth;
	hf_settings *settings; /**< of the connections to come */
	hf_source_route route; /**< the application's; no hops: none */
	hf_queue accept;       /**< connections, by next_accept */
	uint32_t accept_count;
	uint32_t next_event; /**< slot + 1, or 0 */
	hf_fast_open_queue fast_open;
	hf_time syn_cookie_until; /**< so long may answers to SYN cookies come */
	uint32_t half_opens;      /**< its records in the SYN table */
} hf_listen;

struct hf_stack {
	hf_config config; /**< every default filled in */
	hf_mem mem;
	hf_time now; /**< the latest time seen */
	uint32_t host_addrs;
	hf_sipkey isn_key, table_key;

	hf_places places;
	hf_slab half_opens, time_waits, listeners;
	hf_slab keys;        /**< hf_mkt */
	uint32_t keys_added; /**< ever */
	hf_slab signed_ends; /**< hf_signed_end (keys.h) */
	hf_routes routes;
	hf_table flows, ports; /**< by 4-tuple; listeners by local port */
	hf_wheel conn_wheel, half_open_wheel, time_wait_wheel;
	hf_syn_table syn_table;
	hf_time reset_buckets[HF_RESET_BUCKETS]; /**< when each is full again (refusals.c) */
	hf_queue ready, events, listener_events;
	hf_replies replies;
	hf_neighbours neighbours; /**< HF_LINK_ETHERNET */
	hf_fast_opens fast_opens;
	hf_syn_cookie_keys syn_cookie_keys;
	hf_peers peers;
	hf_settings *settings; /**< what a connection has that sets nothing */
	uint32_t orphans;      /**< connections that nobody holds */
	uint32_t ports_chosen; /**< so far, for connections of any destination */

	uint32_t states[HF_STATE_COUNT];
	uint64_t packets_in, packets_out, octets_in, octets_out;
	uint64_t opened_active, opened_passive, accepted;
	uint64_t reasons[HF_REASON_COUNT], ends[HF_REASON_COUNT], causes[HF_CAUSE_COUNT];
};

static inline hf_place *hf_place_at(const hf_stack *s, uint32_t number)
{
	return hf_places_at(&s->places, number);
}

/** The block of a connection that is awake: one that stands in a queue is. */
static inline hf_tcb *hf_conn_at(const hf_stack *s, uint32_t number)
{
	return hf_place_at(s, number)->block;
}

/** The block of the connection of a place, or NULL: the place is free, or it is at rest. */
static inline hf_tcb *hf_conn_awake(const hf_stack *s, uint32_t number)
{
	const hf_place *p = hf_place_at(s, number);

	return p->use == HF_PLACE_AWAKE ? p->block : NULL;
}

static inline hf_half_open *hf_half_open_at(const hf_stack *s, uint32_t number)
{
	return hf_slab_at(&s->half_opens, number);
}

static inline hf_time_wait *hf_time_wait_at(const hf_stack *s, uint32_t number)
{
	return hf_slab_at(&s->time_waits, number);
}

static inline hf_listen *hf_listen_at(const hf_stack *s, uint32_t number)
{
	return hf_slab_at(&s->listeners, number);
}

static inline hf_neighbour *hf_neighbour_at(const hf_stack *s, uint32_t number)
{
	return hf_slab_at(&s->neighbours.slab, number);
}

static inline hf_tcp_env hf_stack_env(hf_stack *s)
{
	return (hf_tcp_env){ .config = &s->config, .mem = &s->mem, .now = s->now };
}

static inline hf_conn hf_conn_handle(const hf_tcb *c)
{
	return (hf_conn){ c->slot, c->generation };
}

/** The handle for a verdict: none while the application does not hold the connection. */
static inline hf_conn hf_conn_shown(const hf_tcb *c)
{
	return hf_tcb_has(c, HF_TCB_ORPHAN) || c->listener ? (hf_conn){ 0 } : hf_conn_handle(c);
}

static inline void hf_count_reason(hf_stack *s, hf_reason why)
{
	s->reasons[why]++;
}

/* flows.c: who a 4-tuple belongs to. */
uint32_t hf_flows_find(const hf_stack *s, const hf_flow *f, uint32_t hash);
/** Which of the host's addresses `a` is, or -1. */
int hf_host_addr_index(const hf_stack *s, const hf_addr *a);
/**
 * Whom a packet for `remote` is handed to on the link: itself or a gateway; NULL: no route leads
 * there.
 */
const hf_addr *hf_route_hop(const hf_stack *s, const hf_addr *remote);
/** The address to speak from to `remote`; NULL: no route leads there. */
const hf_addr *hf_route_source(const hf_stack *s, const hf_addr *remote);
/** True for the limited broadcast and for the broadcast address of a network of ours. */
bool hf_is_broadcast(const hf_stack *s, const hf_addr *a);
hf_flow hf_half_open_flow(const hf_stack *s, const hf_half_open *h);
hf_flow hf_time_wait_flow(const hf_stack *s, const hf_time_wait *w);

/* conns.c: the life of a connection inside the stack. */
/**
 * A fresh block for this flow, in the table, in CLOSED. NULL: a limit or no memory (`*why` says).
 */
hf_tcb *hf_conn_create(hf_stack *s, const hf_flow *f, hf_seq iss, hf_err *why);
/** The same, in the table's place of the half-open record `number`, which is freed. */
hf_tcb *hf_conn_create_from(hf_stack *s, uint32_t number);
/** The same, of a record that stands in no table. */
hf_tcb *hf_conn_create_of(hf_stack *s, const hf_half_open *h);
/** Does what a segment, call or time-out has decided; afterwards `c` may be gone. */
void hf_conn_apply(hf_stack *s, hf_tcb *c, const hf_effects *fx);
/** A segment arrives at `c`: what follows is done, and `p` says where it stands. Its verdict. */
hf_reason hf_conn_arrives(hf_stack *s, hf_tcb *c, const hf_segment *g, hf_packet *p);
/** Arms the timer for the connection's earliest deadline. */
void hf_conn_rearm(hf_stack *s, hf_tcb *c);
/** Puts it into the queue of those that may have something to send. */
void hf_conn_ready(hf_stack *s, hf_tcb *c);
/** Notes events for the application; none for a connection that nobody holds yet. */
void hf_conn_tell(hf_stack *s, hf_tcb *c, uint32_t events);
/** Ended, and nobody holds it: to be freed. */
bool hf_conn_is_over(const hf_tcb *c);
void hf_conn_free(hf_stack *s, hf_tcb *c);
/** Frees one that was just made, and of which nothing was sent or told. */
void hf_conn_discard(hf_stack *s, hf_tcb *c);

/* listeners.c, handshakes.c, time_waits.c */
/**
 * The listener for a local endpoint: the exact address before any address. HF_SLAB_NONE: nobody.
 */
uint32_t hf_listener_find(const hf_stack *s, const hf_endpoint *local);
/** The listener behind a handle, or NULL. */
hf_listen *hf_listener_of(const hf_stack *s, hf_listener handle);
/** For a flow that nothing is known of, or a SYN after TIME-WAIT, where `*used` came next. */
hf_reason hf_arrives_listen(hf_stack *s, const hf_flow *f, const hf_segment *g, const hf_seq *used,
			    hf_packet *p);
hf_reason hf_arrives_half_open(hf_stack *s, uint32_t number, const hf_segment *g, hf_packet *p);
hf_reason hf_arrives_time_wait(hf_stack *s, uint32_t number, const hf_segment *g, hf_packet *p);
/** Takes a record out of the table and frees it. */
void hf_half_open_remove(hf_stack *s, uint32_t number);
/** Frees a record that is out of the table. */
void hf_half_open_release(hf_stack *s, uint32_t number);
/** Forgets every half-open record of a listener. */
void hf_half_open_remove_all(hf_stack *s, uint32_t listener);
void hf_half_open_timeout(hf_stack *s, uint32_t number);
/** The connection has reached TIME-WAIT: a record takes its place in the table. */
void hf_time_wait_begin(hf_stack *s, hf_tcb *c);
void hf_time_wait_remove(hf_stack *s, uint32_t number);
/** A connection has come out of its handshake: it waits for the application. */
void hf_listener_queue(hf_stack *s, uint32_t listener, hf_tcb *c);

/* emit.c: from a description to octets. */
/** Builds the packet of a leaving segment; its text comes from the connection's send ring. */
void hf_emit_segment(const hf_stack *s, const hf_tcb *c, const hf_sending *out, hf_packet *to);
/** Octets before the IP header. */
size_t hf_link_header(const hf_stack *s);
/**
 * Queues a segment without text that belongs to no connection, or to one that is going away.
 * Returns the octets of its IP packet; 0: its key is gone, it is not sent.
 */
uint32_t hf_reply_segment(hf_stack *s, const hf_flow *f, const hf_sending *out, hf_state state);
/** Describes a reset. */
hf_sending hf_reset_sending(const hf_reset *r, hf_cause cause);
/** Queues a reset of a connection. */
void hf_reply_reset(hf_stack *s, const hf_tcb *c, const hf_reset *r, hf_cause cause);
/** The connection's flow label; 0 with IPv4. */
uint32_t hf_conn_label(const hf_tcb *c);
/** A flow label for what belongs to no connection, after so many others; 0 with IPv4. */
uint32_t hf_answer_label(const hf_stack *s, const hf_flow *f, unsigned rehashes);
/** Where the connection's packets go first: the peer, or the first router of its source route. */
const hf_addr *hf_conn_hop(const hf_stack *s, const hf_tcb *c);
/** Queues a ready-made IP packet. */
void hf_reply_packet(hf_stack *s, const hf_reply *r, const uint8_t *octets);

/* source_routes.c */
/** May a packet with these options come in (config.accept_source_route)? */
hf_reason hf_check_ip_options(const hf_stack *s, const hf_ip *ip);
/** Keeps the way back of an arrived packet for `owner`, if it has one (MUST-53, SHLD-24). */
void hf_hear_route(hf_stack *s, uint32_t owner, const hf_ip *ip);
/**
 * Notes how a segment that was taken has come: hop limit, class, route. Only then: a forged one
 * must not turn the connection's way.
 */
void hf_conn_note_ip(hf_stack *s, hf_tcb *c, const hf_ip *ip);
/** SND.MSS leaves room for the route that the connection has now (MUST-16). */
void hf_conn_make_room(hf_stack *s, hf_tcb *c);
/** An application's route: NULL or without hops: none. False: an address that cannot be. */
bool hf_is_route_sound(const hf_source_route *route, const hf_addr *remote);
/** Gives the connection the application's route (MUST-51). False: no room. */
bool hf_conn_give_route(hf_stack *s, hf_tcb *c, const hf_source_route *route);

hf_reason hf_arrives_icmp(hf_stack *s, const hf_ip *ip);

/* frames.c: what Ethernet adds. */
/** Takes a frame apart: HF_WHY_NONE if it is for this station and carries IP or ARP. */
hf_reason hf_frame_open(const hf_stack *s, hf_view frame, hf_ether *out);
/** Writes the link header before the IP packet that lies at `frame` + HF_ETHER_HEADER. */
void hf_frame_address(const hf_stack *s, const hf_mac *to, uint8_t *frame);
/** True for the IPv6 groups that every node with our addresses is in (RFC 4861 7.2.1). */
bool hf_is_own_group(const hf_stack *s, const hf_addr *group);
hf_reason hf_arrives_arp(hf_stack *s, const hf_ether *frame);
hf_reason hf_arrives_nd(hf_stack *s, const hf_ip *ip, const hf_icmp *m);
/** Asks on the link who has `e`'s address: all stations, or only the one that had it last. */
void hf_neighbour_query(hf_stack *s, const hf_neighbour *e);

/* timers.c */
void hf_stack_timers(hf_stack *s, hf_time now);
void hf_stack_init_wheels(hf_stack *s);

/**
 * Appends to a queue linked by next_ready; moves a whole one into the queue of those that are
 * ready.
 */
void hf_ready_push(hf_stack *s, hf_queue *q, hf_tcb *c);
void hf_ready_push_all(hf_stack *s, hf_queue *q);
hf_tcb *hf_ready_pop(hf_stack *s);

/* config.c */
hf_err hf_config_fill(const hf_config *in, hf_config *out);

#endif
