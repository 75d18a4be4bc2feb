/* SPDX-License-Identifier: BSD-2-Clause */
/* A router: longest prefix, TTL, and the ICMP errors that go with them (RFC 1812, 4443). */
#include "lab/parts.h"

#include <string.h>

#include "base/octets.h"
#include "lab/craft.h"
#include "wire/checksum.h"

#define ROUTES 64

struct route {
	hf_host_addr net;
	hf_lab_link *link;
};

struct router {
	hf_lab_node node;
	hf_addr address, address6; /* none: silent */
	unsigned routes;
	struct route route[ROUTES];
};

hf_err hf_lab_route_add(hf_lab_node *router, const char *prefix, hf_lab_link *link)
{
	struct router *r = (struct router *)router;
	hf_host_addr net;
	const char *end = hf_lab_read_prefix(prefix, &net);

	if (end == NULL || *end != '\0' ||
	    (hf_lab_link_end(link, 0) != router && hf_lab_link_end(link, 1) != router))
		return HF_ERR_INVALID;
	if (r->routes == ROUTES)
		return HF_ERR_LIMIT;
	r->route[r->routes++] = (struct route){ net, link };
	return HF_OK;
}

static hf_lab_link *route_to(const struct router *r, const hf_addr *dst)
{
	const struct route *best = NULL;

	for (unsigned i = 0; i < r->routes; i++) {
		const hf_host_addr *net = &r->route[i].net;

		if (hf_addr_same_net(&net->addr, dst, net->prefix) &&
		    (best == NULL || net->prefix > best->net.prefix))
			best = &r->route[i];
	}
	return best != NULL ? best->link : NULL;
}

static void complain(struct router *r, const hf_lab_parcel *parcel, hf_reason reason, uint32_t mtu)
{
	const hf_lab_packet *packet = &parcel->packet;
	hf_lab_error what = { .reason = reason, .mtu = mtu };
	uint8_t room[HF_LAB_ICMP_MAX];
	size_t len;

	what.from = packet->data[0] >> 4 == 4 ? r->address : r->address6;
	if (hf_addr_is_none(&what.from))
		return;
	len = hf_lab_craft_error(&what, packet->data, packet->len, room);
	if (len != 0)
		hf_lab_send(&r->node, parcel->link, room, len);
}

/*
 * Finds the destination and counts the hops down. The IPv4 checksum is changed by the same
 * difference (RFC 1624), so that a header that was damaged elsewhere stays recognisably so.
 * False: the packet cannot be forwarded; `*why` is what to tell its sender, if anything.
 */
static bool pass_hop(hf_lab_packet *packet, hf_addr *dst, hf_reason *why)
{
	uint8_t *p = packet->data;
	bool is_v4 = packet->len >= HF_IP4_HEADER && p[0] >> 4 == 4;
	uint8_t *hops = is_v4 ? p + 8 : p + 7;

	*why = HF_WHY_NONE;
	if (is_v4) {
		if ((p[0] & 15) < 5 || (p[0] & 15) * 4u > packet->len ||
		    hf_sum_finish(hf_sum_octets(0, p, (p[0] & 15) * 4u)) != 0)
			return false;
		*dst = hf_addr_v4(p[16], p[17], p[18], p[19]);
	} else {
		if (packet->len < HF_IP6_HEADER || p[0] >> 4 != 6)
			return false;
		memcpy(dst->octet, p + 24, sizeof(dst->octet));
	}
	if (*hops <= 1) {
		*why = HF_WHY_ICMP_TTL;
		return false;
	}
	if (is_v4) {
		hf_sum sum = (uint16_t)~hf_get16(p + 10) + 0xfeffu; /* less 0x0100 */

		hf_put16(p + 10, hf_sum_finish(sum));
	}
	--*hops;
	return true;
}

static void drop(struct router *r, hf_lab_parcel *parcel, hf_reason reason, uint32_t mtu)
{
	r->node.lab->counts.unrouted++;
	if (reason != HF_WHY_NONE)
		complain(r, parcel, reason, mtu);
	hf_lab_parcel_free(r->node.lab, parcel);
}

static void router_arrive(hf_lab_node *self, hf_lab_parcel *parcel)
{
	struct router *r = (struct router *)self;
	hf_addr dst;
	hf_reason why;
	hf_lab_link *link;

	hf_lab_show(parcel, HF_LAB_ARRIVED, HF_WHY_NONE, HF_CLOSED);
	if (!pass_hop(&parcel->packet, &dst, &why)) {
		drop(r, parcel, why, 0);
		return;
	}
	link = route_to(r, &dst);
	if (link == NULL)
		drop(r, parcel, HF_WHY_ICMP_NET, 0);
	else if (parcel->packet.len > hf_lab_link_mtu(link, self))
		drop(r, parcel, HF_WHY_ICMP_TOO_BIG, hf_lab_link_mtu(link, self));
	else
		hf_lab_link_send(link, self, parcel);
}

static size_t router_close(hf_lab_node *self)
{
	(void)self;
	return 0;
}

hf_err hf_lab_router_add(hf_lab *lab, const char *name, const char *address, const char *address6,
			 hf_lab_node **out)
{
	hf_addr own = { { 0 } }, own6 = { { 0 } };
	struct router *r;

	if ((address != NULL && !(hf_addr_parse(address, &own) && hf_addr_is_v4(&own))) ||
	    (address6 != NULL && !(hf_addr_parse(address6, &own6) && !hf_addr_is_v4(&own6))))
		return HF_ERR_INVALID;
	r = hf_lab_grab(sizeof(*r));
	r->address = own;
	r->address6 = own6;
	r->node.arrive = router_arrive;
	r->node.close = router_close;
	hf_lab_node_init(lab, &r->node, name, HF_LAB_PORTS);
	*out = &r->node;
	return HF_OK;
}
