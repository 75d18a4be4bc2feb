/* SPDX-License-Identifier: BSD-2-Clause */
/* The way in: from a packet to the connection, record or listener that it is for. */
#include "stack/keys.h"

#include "tcp/hs/isn.h"

static hf_reason to_connection(hf_stack *s, uint32_t number, const hf_segment *g, hf_packet *p)
{
	hf_tcb *c = hf_conn_wake(s, number);

	if (!c)
		return HF_WHY_NO_BUFFER;
	return g->ip->ttl < c->settings->min_ttl ? HF_WHY_IP_TTL : hf_conn_arrives(s, c, g, p);
}

static hf_reason dispatch(hf_stack *s, const hf_auth_claim *claim, hf_segment *g, hf_packet *p)
{
	const hf_flow *f = claim->flow;
	uint32_t value = claim->value;
	hf_reason why = hf_auth_verify(s, claim, g);

	if (why != HF_WHY_NONE)
		return why;
	if (value == HF_SLOT_FREE)
		return hf_arrives_listen(s, f, g, NULL, p);
	switch (hf_value_kind(value)) {
	case HF_KIND_CONN:
		return to_connection(s, hf_value_number(value), g, p);
	case HF_KIND_HALF_OPEN:
		return hf_arrives_half_open(s, hf_value_number(value), g, p);
	case HF_KIND_TIME_WAIT:
		return hf_arrives_time_wait(s, hf_value_number(value), g, p);
	}
	return HF_WHY_NO_CONNECTION;
}

static hf_reason arrives_tcp(hf_stack *s, const hf_ip *ip, hf_packet *p)
{
	bool good = p->flags & (HF_PACKET_CSUM_GOOD | HF_PACKET_CSUM_PARTIAL);
	hf_tcp t;
	hf_reason why = hf_tcp_parse(ip, good, &t);
	hf_flow f = { ip->dst, ip->src, t.dst_port, t.src_port };
	hf_segment g = {
		.seq = t.seq,
		.ack = t.ack,
		.flags = t.flags,
		.window = t.window,
		.urgent = t.urgent,
		.text = t.payload,
		.ecn = (hf_ip_ecn)(ip->traffic_class & HF_IP_ECN_MASK),
		.options = &t.options,
		.ip = ip,
	};
	hf_auth_claim claim = { .flow = &f, .octets = ip->payload };

	if (why != HF_WHY_NONE)
		return why;
	claim.value = hf_flows_find(s, &f, hf_flow_hash(&s->table_key, &f));
	return dispatch(s, &claim, &g, p);
}

/** RFC 1122 3.2.1.3 (g), RFC 4291 2.5.3. */
static bool is_loopback(const hf_addr *a)
{
	static const hf_addr loopback = { { [15] = 1 } };

	return hf_addr_is_v4(a) ? a->octet[12] == 127 : hf_addr_equal(a, &loopback);
}

static hf_reason check_addresses(const hf_stack *s, const hf_ip *ip, bool to_stations)
{
	bool to_many = hf_addr_is_multicast(&ip->dst) || hf_is_broadcast(s, &ip->dst);

	/* RFC 1122 3.2.1.3: what claims to come from us, or from everybody, comes from nobody. */
	if (hf_host_addr_index(s, &ip->src) >= 0 || hf_is_broadcast(s, &ip->src) ||
	    is_loopback(&ip->src))
		return HF_WHY_IP_SOURCE;
	if (to_many && ip->protocol == HF_IPPROTO_TCP)
		return HF_WHY_MULTICAST_SEGMENT; /* MUST-57 */
	/* RFC 1122 3.3.6: what many stations get is meant for one of them by mistake, or worse. */
	if (to_stations && !to_many)
		return HF_WHY_LINK_NOT_OURS;
	if (hf_host_addr_index(s, &ip->dst) < 0 && !hf_is_own_group(s, &ip->dst))
		return HF_WHY_IP_NOT_OURS;
	return HF_WHY_NONE;
}

/** `to_stations`: the frame that it came in went to a group of them. */
static hf_reason arrives_ip(hf_stack *s, hf_view packet, bool to_stations, hf_packet *p)
{
	hf_ip ip;
	hf_reason why = hf_ip_parse(packet, &ip);

	if (why == HF_WHY_NONE)
		why = check_addresses(s, &ip, to_stations);
	if (why == HF_WHY_NONE && ip.options.len > 0)
		why = hf_check_ip_options(s, &ip);
	if (why != HF_WHY_NONE)
		return why;
	if (ip.protocol == HF_IPPROTO_TCP)
		return arrives_tcp(s, &ip, p);
	if (ip.protocol == (ip.version == 4 ? HF_IPPROTO_ICMP : HF_IPPROTO_ICMP6))
		return hf_arrives_icmp(s, &ip);
	return HF_WHY_IP_PROTOCOL;
}

static hf_reason arrives_frame(hf_stack *s, hf_packet *p)
{
	hf_ether frame;
	hf_reason why = hf_frame_open(s, (hf_view){ p->data, p->len }, &frame);

	if (why != HF_WHY_NONE)
		return why;
	if (frame.type == HF_ETHERTYPE_ARP)
		return hf_arrives_arp(s, &frame);
	why = arrives_ip(s, frame.payload, hf_mac_is_group(&frame.dst), p);
	if (why == HF_WHY_NONE && p->conn.generation != 0)
		hf_neighbour_confirm(s, &hf_place_at(s, p->conn.slot)->flow.remote, &frame.src);
	return why;
}

static void arrives(hf_stack *s, hf_packet *p)
{
	hf_reason why;

	p->state = HF_CLOSED;
	p->cause = HF_SENT_NONE;
	p->conn = (hf_conn){ 0 };
	s->packets_in++;
	s->octets_in += p->len;
	if (s->config.link == HF_LINK_ETHERNET)
		why = arrives_frame(s, p);
	else
		why = arrives_ip(s, (hf_view){ p->data, p->len }, false, p);
	hf_count_reason(s, why);
	p->reason = (uint8_t)why;
}

/** All is processed before anything is answered: ACKs are owed, not sent (MUST-58, MUST-59). */
void hf_stack_input(hf_stack *s, hf_packet *packets, size_t n, hf_time now)
{
	if (hf_time_before(s->now, now))
		s->now = now;
	for (size_t i = 0; i < n; i++)
		arrives(s, &packets[i]);
}
