/* SPDX-License-Identifier: BSD-2-Clause */
/* Source routes (RFC 791 3.1, RFC 9293 3.9.2.1): kept apart, because few records have one. */
#include "stack/routes.h"

typedef struct sought {
	const hf_routes *routes;
	uint32_t owner;
} sought;

static hf_routed *at(const hf_routes *r, uint32_t number)
{
	return hf_slab_at(&r->slab, number);
}

static bool is_sought(const void *ctx, uint32_t value)
{
	const sought *k = ctx;

	return at(k->routes, value)->owner == k->owner;
}

static uint32_t hash(uint32_t owner)
{
	return owner * UINT32_C(2654435761);
}

static uint32_t find(const hf_routes *r, uint32_t owner)
{
	sought k = { r, owner };

	if (r->slab.used == 0)
		return HF_SLOT_FREE;
	return hf_table_find(&r->table, hash(owner), is_sought, &k);
}

bool hf_routes_init(hf_routes *r, hf_mem *m)
{
	return hf_slab_init(&r->slab, m, sizeof(hf_routed), HF_ROUTES);
}

void hf_routes_release(hf_routes *r, hf_mem *m)
{
	hf_table_release(&r->table, m);
	hf_slab_release(&r->slab, m);
}

const hf_source_route *hf_routes_of(const hf_routes *r, uint32_t owner)
{
	uint32_t number = find(r, owner);

	return number == HF_SLOT_FREE ? NULL : &at(r, number)->route;
}

static uint32_t add(hf_routes *r, hf_mem *m, uint32_t owner)
{
	uint32_t number = hf_slab_take(&r->slab, m);

	if (number == HF_SLAB_NONE)
		return HF_SLAB_NONE;
	if (!hf_table_add(&r->table, m, hash(owner), number)) {
		hf_slab_give(&r->slab, number);
		return HF_SLAB_NONE;
	}
	at(r, number)->owner = owner;
	at(r, number)->origin = HF_ROUTE_HEARD;
	at(r, number)->route.hops = 0;
	at(r, number)->ttl = at(r, number)->traffic_class = 0;
	return number;
}

bool hf_routes_set(hf_routes *r, hf_mem *m, uint32_t owner, const hf_source_route *route,
		   hf_route_origin origin)
{
	uint32_t number = find(r, owner);

	if (number == HF_SLOT_FREE)
		number = add(r, m, owner);
	if (number == HF_SLAB_NONE)
		return false;
	if (origin == HF_ROUTE_HEARD && at(r, number)->origin == HF_ROUTE_GIVEN)
		return true;
	at(r, number)->origin = origin;
	at(r, number)->route = *route;
	return true;
}

void hf_routes_set_header(hf_routes *r, hf_mem *m, uint32_t owner, uint8_t ttl,
			  uint8_t traffic_class)
{
	uint32_t number = find(r, owner);

	if (number == HF_SLOT_FREE)
		number = add(r, m, owner);
	if (number == HF_SLAB_NONE)
		return;
	at(r, number)->ttl = ttl;
	at(r, number)->traffic_class = traffic_class;
}

const hf_routed *hf_routes_find(const hf_routes *r, uint32_t owner)
{
	uint32_t number = find(r, owner);

	return number == HF_SLOT_FREE ? NULL : at(r, number);
}

void hf_routes_forget(hf_routes *r, uint32_t owner)
{
	uint32_t number = find(r, owner);

	if (number == HF_SLOT_FREE)
		return;
	hf_table_remove(&r->table, hash(owner), number);
	hf_slab_give(&r->slab, number);
}

void hf_routes_move(hf_routes *r, hf_mem *m, uint32_t from, uint32_t to)
{
	uint32_t number = find(r, from);
	hf_routed kept;

	if (number == HF_SLOT_FREE)
		return;
	kept = *at(r, number);
	hf_routes_forget(r, from);
	if (kept.route.hops > 0)
		hf_routes_set(r, m, to, &kept.route, kept.origin);
}
