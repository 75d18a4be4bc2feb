/* SPDX-License-Identifier: BSD-2-Clause */
/* Who a 4-tuple belongs to, and which of the host's addresses speaks to whom. */
#include "stack/internal.h"

#include "tcp/hs/isn.h"

typedef struct sought {
	const hf_stack *stack;
	const hf_flow *flow;
} sought;

hf_flow hf_half_open_flow(const hf_stack *s, const hf_half_open *h)
{
	return (hf_flow){ s->config.address[hf_half_open_local(h)].addr, h->remote,
			  hf_listen_at(s, h->listener)->local.port, h->remote_port };
}

hf_flow hf_time_wait_flow(const hf_stack *s, const hf_time_wait *w)
{
	return (hf_flow){ s->config.address[w->local].addr, w->remote, w->local_port,
			  w->remote_port };
}

static bool same_flow(const hf_flow *a, const hf_flow *b)
{
	return a->local_port == b->local_port && a->remote_port == b->remote_port &&
	       hf_addr_equal(&a->remote, &b->remote) && hf_addr_equal(&a->local, &b->local);
}

static bool is_sought(const void *ctx, uint32_t value)
{
	const sought *k = ctx;
	const hf_stack *s = k->stack;
	uint32_t number = hf_value_number(value);
	hf_flow f;

	switch (hf_value_kind(value)) {
	case HF_KIND_CONN:
		return same_flow(&hf_place_at(s, number)->flow, k->flow);
	case HF_KIND_HALF_OPEN:
		f = hf_half_open_flow(s, hf_half_open_at(s, number));
		return same_flow(&f, k->flow);
	case HF_KIND_TIME_WAIT:
		f = hf_time_wait_flow(s, hf_time_wait_at(s, number));
		return same_flow(&f, k->flow);
	}
	return false;
}

uint32_t hf_flows_find(const hf_stack *s, const hf_flow *f, uint32_t hash)
{
	sought k = { s, f };

	return hf_table_find(&s->flows, hash, is_sought, &k);
}

int hf_host_addr_index(const hf_stack *s, const hf_addr *a)
{
	for (uint32_t i = 0; i < s->host_addrs; i++)
		if (hf_addr_equal(&s->config.address[i].addr, a))
			return (int)i;
	return -1;
}

static bool is_on_link(const hf_host_addr *h, const hf_addr *remote)
{
	return hf_addr_is_v4(&h->addr) == hf_addr_is_v4(remote) &&
	       hf_addr_same_net(&h->addr, remote, h->prefix);
}

const hf_addr *hf_route_hop(const hf_stack *s, const hf_addr *remote)
{
	const hf_addr *gateway = hf_addr_is_v4(remote) ? &s->config.gateway4 : &s->config.gateway6;

	/* On a link without stations everything goes out. */
	if (s->config.link == HF_LINK_IP || hf_addr_is_link_local(remote) ||
	    hf_addr_is_multicast(remote))
		return remote;
	for (uint32_t i = 0; i < s->host_addrs; i++)
		if (is_on_link(&s->config.address[i], remote))
			return remote;
	return hf_addr_is_none(gateway) ? NULL : gateway;
}

const hf_addr *hf_route_source(const hf_stack *s, const hf_addr *remote)
{
	const hf_host_addr *other = NULL;

	for (uint32_t i = 0; i < s->host_addrs; i++) {
		const hf_host_addr *h = &s->config.address[i];

		if (is_on_link(h, remote))
			return &h->addr;
		if (!other && hf_addr_is_v4(&h->addr) == hf_addr_is_v4(remote) &&
		    !hf_addr_is_link_local(&h->addr))
			other = h;
	}
	return other && hf_route_hop(s, remote) ? &other->addr : NULL;
}

/** The last address of its network: everybody there. With 31 bits there is none. */
static bool is_directed_broadcast(const hf_host_addr *h, uint32_t v4)
{
	return h->prefix < 31 && hf_addr_is_v4(&h->addr) &&
	       v4 == (hf_get32(h->addr.octet + 12) | UINT32_MAX >> h->prefix);
}

bool hf_is_broadcast(const hf_stack *s, const hf_addr *a)
{
	uint32_t v4 = hf_get32(a->octet + 12);

	if (!(v4 & 1) || !hf_addr_is_v4(a)) /* they end in ones */
		return false;
	for (uint32_t i = 0; i < s->host_addrs; i++)
		if (is_directed_broadcast(&s->config.address[i], v4))
			return true;
	return v4 == UINT32_MAX;
}
