/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv4 options of arriving packets, and the routes that follow from them (RFC 9293 3.9.2.1). */
#include "stack/internal.h"
#include "wire/ip_options.h"

hf_reason hf_check_ip_options(const hf_stack *s, const hf_ip *ip)
{
	hf_ip4_options o;
	hf_reason why = hf_ip4_options_parse(ip->options, &o);

	if (why != HF_WHY_NONE || !o.has_route)
		return why;
	if (!s->config.accept_source_route)
		return HF_WHY_IP_SOURCE_ROUTE;
	return o.is_complete ? HF_WHY_NONE : HF_WHY_IP_ROUTE_UNFINISHED;
}

/** The way back; without hops if the packet came without a route. */
static hf_source_route way_back(const hf_ip *ip)
{
	hf_source_route back = { 0 };
	hf_ip4_options o;

	if (ip && ip->options.len > 0 && hf_ip4_options_parse(ip->options, &o) == HF_WHY_NONE &&
	    o.has_route)
		hf_route_reverse(&o.travel, &ip->src, &back);
	return back;
}

/** MUST-53; the latest counts (SHLD-24), but not against one that was given (MUST-52). */
void hf_hear_route(hf_stack *s, uint32_t owner, const hf_ip *ip)
{
	hf_source_route back = way_back(ip);

	if (back.hops > 0)
		hf_routes_set(&s->routes, &s->mem, owner, &back, HF_ROUTE_HEARD);
}

void hf_conn_make_room(hf_stack *s, hf_tcb *c)
{
	const hf_source_route *route = hf_routes_of(&s->routes, hf_value(HF_KIND_CONN, c->slot));
	uint8_t len = route ? (uint8_t)hf_route_len(route) : 0;

	if (len == c->ip_options)
		return;
	c->ip_options = len;
	if (c->snd.peer_mss > 0)
		hf_update_mss(c);
}

void hf_conn_note_ip(hf_stack *s, hf_tcb *c, const hf_ip *ip)
{
	c->rcv_ttl = ip->ttl;
	c->rcv_traffic_class = ip->traffic_class;
	if (ip->options.len > 0 && hf_tcb_has(c, HF_TCB_PASSIVE) && c->state != HF_CLOSED &&
	    c->state != HF_TIME_WAIT)
		hf_hear_route(s, hf_value(HF_KIND_CONN, c->slot), ip);
	hf_conn_make_room(s, c);
}

bool hf_is_route_sound(const hf_source_route *route, const hf_addr *remote)
{
	if (!route || route->hops == 0)
		return true;
	if (route->hops > HF_ROUTE_HOPS || !hf_addr_is_v4(remote))
		return false;
	for (uint8_t i = 0; i < route->hops; i++)
		if (!hf_addr_is_v4(&route->hop[i]) || hf_addr_is_multicast(&route->hop[i]) ||
		    route->hop[i].octet[12] == 0 || route->hop[i].octet[12] == 255)
			return false;
	return true;
}

/** MUST-51. */
bool hf_conn_give_route(hf_stack *s, hf_tcb *c, const hf_source_route *route)
{
	uint32_t owner = hf_value(HF_KIND_CONN, c->slot);

	if (!route || route->hops == 0)
		return true;
	if (!hf_routes_set(&s->routes, &s->mem, owner, route, HF_ROUTE_GIVEN))
		return false;
	hf_conn_make_room(s, c);
	return true;
}
