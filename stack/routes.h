/* SPDX-License-Identifier: BSD-2-Clause */
/* Source routes and the like of connections and records: few have one, so they lie apart. */
#ifndef HF_STACK_ROUTES_H
#define HF_STACK_ROUTES_H

#include "base/table.h"
#include "stack/slab.h"
#include "wire/ip.h"

#define HF_ROUTES 1024 /**< source routes that one stack keeps, at most */

/** Where a route comes from. */
typedef enum hf_route_origin {
	HF_ROUTE_GIVEN, /**< by the application: takes precedence (RFC 9293 MUST-52) */
	HF_ROUTE_HEARD, /**< of the peer's: the last one counts (SHLD-24) */
} hf_route_origin;

/** One route and its owner: a value of the stack's flow table. */
typedef struct hf_routed {
	uint32_t slab_link; /**< the slab's, while free */
	uint32_t owner;
	hf_route_origin origin;
	hf_source_route route;
	/** of its answers; both zero: not said */
	uint8_t ttl, traffic_class;
} hf_routed;

/** By owner. Empty until the first route is set. */
typedef struct hf_routes {
	hf_slab slab;
	hf_table table;
} hf_routes;

bool hf_routes_init(hf_routes *r, hf_mem *m);
void hf_routes_release(hf_routes *r, hf_mem *m);
/** The owner's route; NULL: it has none. Good until the next change. */
const hf_source_route *hf_routes_of(const hf_routes *r, uint32_t owner);
/**
 * Sets the owner's route, but none that was heard over one that was given. Copies it. False: no
 * room.
 */
bool hf_routes_set(hf_routes *r, hf_mem *m, uint32_t owner, const hf_source_route *route,
		   hf_route_origin origin);
/** Keeps TTL and class of the owner's answers. Without room they are forgotten. */
void hf_routes_set_header(hf_routes *r, hf_mem *m, uint32_t owner, uint8_t ttl,
			  uint8_t traffic_class);
/** What is kept for the owner; NULL: nothing. Good until the next change. */
const hf_routed *hf_routes_find(const hf_routes *r, uint32_t owner);
/** The route, if there is one, goes from one owner to another; TTL and class do not. */
void hf_routes_move(hf_routes *r, hf_mem *m, uint32_t from, uint32_t to);
void hf_routes_forget(hf_routes *r, uint32_t owner);

#endif
