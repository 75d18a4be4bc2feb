/* SPDX-License-Identifier: BSD-2-Clause */
/* What Ethernet adds: frames for this station, and the messages of ARP and neighbour discovery. */
#include "stack/internal.h"

#include "wire/arp.h"
#include "wire/nd.h"

#define ND_HOP_LIMIT 255 /* RFC 4861 7.1: proves that it comes from the link */

static const hf_addr all_nodes = { { 0xff, 0x02, [15] = 1 } };
static const hf_mac broadcast = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };

static hf_mac own_mac(const hf_stack *s)
{
	hf_mac mac;

	memcpy(mac.octet, s->config.mac, sizeof(mac.octet));
	return mac;
}

/**
 * Group `i` of those that we are in, 0 to host_addrs: all nodes, then the solicited-node group of
 * each address.
 */
static hf_addr own_group(const hf_stack *s, uint32_t i)
{
	const hf_addr *addr = i == 0 ? NULL : &s->config.address[i - 1].addr;

	return !addr || hf_addr_is_v4(addr) ? all_nodes : hf_nd_solicited_node(addr);
}

bool hf_is_own_group(const hf_stack *s, const hf_addr *group)
{
	if (s->config.link == HF_LINK_IP)
		return false;
	for (uint32_t i = 0; i <= s->host_addrs; i++) {
		hf_addr own = own_group(s, i);

		if (hf_addr_equal(&own, group))
			return true;
	}
	return false;
}

static bool is_for_us(const hf_stack *s, const hf_mac *dst)
{
	hf_mac mac = own_mac(s);

	if (hf_mac_equal(&mac, dst) || hf_mac_equal(&broadcast, dst))
		return true;
	if (!hf_mac_is_group(dst))
		return false;
	for (uint32_t i = 0; i <= s->host_addrs; i++) {
		hf_addr own = own_group(s, i);

		mac = hf_mac_of_multicast(&own);
		if (hf_mac_equal(&mac, dst))
			return true;
	}
	return false;
}

hf_reason hf_frame_open(const hf_stack *s, hf_view frame, hf_ether *out)
{
	hf_reason why = hf_ether_parse(frame, out);

	if (why != HF_WHY_NONE)
		return why;
	/* IEEE 802.1Q: VLAN 0 is a priority alone; any other is another network. */
	if (out->vlan != 0 || !is_for_us(s, &out->dst))
		return HF_WHY_LINK_NOT_OURS;
	switch (out->type) {
	case HF_ETHERTYPE_ARP:
	case HF_ETHERTYPE_IP4:
	case HF_ETHERTYPE_IP6:
		return HF_WHY_NONE;
	default:
		return HF_WHY_LINK_PROTOCOL;
	}
}

void hf_frame_address(const hf_stack *s, const hf_mac *to, uint8_t *frame)
{
	bool is_v4 = frame[HF_ETHER_HEADER] >> 4 == 4;
	hf_ether e = {
		.dst = *to,
		.src = own_mac(s),
		.type = is_v4 ? HF_ETHERTYPE_IP4 : HF_ETHERTYPE_IP6,
	};

	hf_ether_emit(&e, frame);
}

static void send_arp(hf_stack *s, const hf_arp *a, const hf_mac *to, hf_cause cause)
{
	uint8_t frame[HF_ETHER_HEADER + HF_ARP_LEN];
	hf_ether e = { .dst = *to, .src = a->sender_mac, .type = HF_ETHERTYPE_ARP };
	hf_reply r = { .len = sizeof(frame), .cause = (uint8_t)cause, .framed = true };

	hf_ether_emit(&e, frame);
	hf_arp_emit(a, frame + HF_ETHER_HEADER);
	hf_reply_packet(s, &r, frame);
}

static void send_nd(hf_stack *s, const hf_nd *nd, const hf_addr *src, const hf_addr *dst)
{
	uint8_t octets[HF_IP6_HEADER + HF_ND_LEN];
	hf_ip ip = {
		.src = *src,
		.dst = *dst,
		.version = 6,
		.protocol = HF_IPPROTO_ICMP6,
		.ttl = ND_HOP_LIMIT,
	};
	hf_reply r = {
		.len = sizeof(octets),
		.cause = nd->type == HF_ND_SOLICIT ? HF_SENT_NEIGHBOUR_QUERY :
						     HF_SENT_NEIGHBOUR_REPLY,
		.dst = *dst,
	};

	hf_ip_emit(&ip, HF_ND_LEN, octets);
	hf_nd_emit(&ip, nd, octets + HF_IP6_HEADER);
	hf_reply_packet(s, &r, octets);
}

void hf_neighbour_query(hf_stack *s, const hf_neighbour *e)
{
	const hf_addr *source = hf_route_source(s, &e->addr);
	bool is_probe = e->state == HF_NEIGHBOUR_PROBE;
	hf_mac mac = own_mac(s);

	if (!source)
		return; /* a gateway of a family that we have no address to ask from */
	if (hf_addr_is_v4(&e->addr)) {
		hf_arp a = { HF_ARP_REQUEST, mac, { { 0 } }, *source, e->addr };

		send_arp(s, &a, is_probe ? &e->mac : &broadcast, HF_SENT_NEIGHBOUR_QUERY);
	} else {
		hf_nd nd = {
			.type = HF_ND_SOLICIT, .target = e->addr, .has_mac = true, .mac = mac
		};
		hf_addr group = hf_nd_solicited_node(&e->addr);

		send_nd(s, &nd, source, is_probe ? &e->addr : &group);
	}
}

static void answer_arp(hf_stack *s, const hf_arp *asked)
{
	hf_arp a = { HF_ARP_REPLY, own_mac(s), asked->sender_mac, asked->target, asked->sender };

	send_arp(s, &a, &asked->sender_mac, HF_SENT_NEIGHBOUR_REPLY);
}

hf_reason hf_arrives_arp(hf_stack *s, const hf_ether *frame)
{
	hf_arp a;
	hf_reason why = hf_arp_parse(frame->payload, &a);
	bool is_to_us = hf_host_addr_index(s, &a.target) >= 0;
	bool is_request = a.op == HF_ARP_REQUEST;
	hf_claim k = {
		.addr = a.sender,
		.mac = a.sender_mac,
		.has_mac = true,
		.solicited = !is_request && is_to_us && !hf_mac_is_group(&frame->dst),
		.override = true,
		.creates = is_request && is_to_us,
	};

	if (why != HF_WHY_NONE)
		return why;
	/*
	 * RFC 5227 2.1.1: a probe comes from 0.0.0.0, which is nobody's neighbour, and is answered
	 * too.
	 */
	why = hf_neighbour_claim(s, &k);
	if (why == HF_WHY_DUPLICATE_ADDRESS || !is_request)
		return why;
	if (is_to_us) {
		answer_arp(s, &a);
		return HF_WHY_NONE;
	}
	/* RFC 5227 3: who asks for itself announces itself. */
	return hf_addr_equal(&a.sender, &a.target) ? why : HF_WHY_IP_NOT_OURS;
}

static hf_reason arrives_solicitation(hf_stack *s, const hf_ip *ip, const hf_nd *asked)
{
	bool is_probe = hf_addr_is_none(&ip->src); /* duplicate address detection (RFC 4862 5.4) */
	hf_claim k = {
		.addr = ip->src,
		.mac = asked->mac,
		.has_mac = true,
		.override = true,
		.creates = true,
	};
	hf_nd nd = {
		.type = HF_ND_ADVERTISE,
		.target = asked->target,
		.solicited = !is_probe,
		.override = true,
		.has_mac = true,
		.mac = own_mac(s),
	};

	if (hf_host_addr_index(s, &asked->target) < 0)
		return HF_WHY_IP_NOT_OURS;
	if (asked->has_mac)
		hf_neighbour_claim(s, &k);
	send_nd(s, &nd, &asked->target, is_probe ? &all_nodes : &ip->src); /* RFC 4861 7.2.4 */
	return HF_WHY_NONE;
}

hf_reason hf_arrives_nd(hf_stack *s, const hf_ip *ip, const hf_icmp *m)
{
	hf_nd nd;
	hf_claim k;
	hf_reason why;

	if (s->config.link == HF_LINK_IP)
		return HF_WHY_ICMP_TYPE;
	why = hf_nd_parse(ip, m, &nd);
	if (why != HF_WHY_NONE)
		return why;
	if (nd.type == HF_ND_SOLICIT)
		return arrives_solicitation(s, ip, &nd);
	k = (hf_claim){
		.addr = nd.target,
		.mac = nd.mac,
		.has_mac = nd.has_mac,
		.solicited = nd.solicited,
		.override = nd.override,
	};
	return hf_neighbour_claim(s, &k);
}
