/* SPDX-License-Identifier: BSD-2-Clause */
/* A stack on an Ethernet link, and the frames of its neighbours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/station.h"

static hf_config station_config(station *t)
{
	hf_config c = {
		.size = sizeof(c),
		.allocator = { heap_alloc, heap_free, &t->heap },
		.secret = { 1, 2, 3, 4 },
		.link = HF_LINK_ETHERNET,
		.mtu = 1500,
		.address = { { US, 16 }, { US6, 64 }, { US6_LINK, 64 } },
		.gateway4 = GATEWAY,
		.gateway6 = GATEWAY6,
		.reset_rate = UINT32_MAX, /* many of its replies are resets */
	};

	memcpy(c.mac, us_mac.octet, sizeof(c.mac));
	return c;
}

station *station_alloc(void)
{
	station *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	t->now.ns = HF_SEC(1000);
	t->batch = 16;
	t->config = station_config(t);
	return t;
}

void station_start(station *t)
{
	assert_int_equal(hf_stack_new(&t->config, t->now, &t->stack), HF_OK);
}

station *station_new(void)
{
	station *t = station_alloc();

	station_start(t);
	return t;
}

void station_free(station *t)
{
	hf_stack_free(t->stack);
	assert_int_equal(t->heap.out, 0);
	free(t);
}

static void parse_seen(const hf_packet *p, seen *out)
{
	hf_icmp icmp;

	*out = (seen){ .cause = (hf_cause)p->cause, .packet = *p };
	assert_int_equal(hf_ether_parse((hf_view){ p->data, p->len }, &out->frame), HF_WHY_NONE);
	assert_true(hf_mac_equal(&out->frame.src, &us_mac));
	out->is_arp = out->frame.type == HF_ETHERTYPE_ARP;
	if (out->is_arp) {
		assert_int_equal(hf_arp_parse(out->frame.payload, &out->arp), HF_WHY_NONE);
		return;
	}
	assert_int_equal(hf_ip_parse(out->frame.payload, &out->ip), HF_WHY_NONE);
	assert_int_equal(out->frame.type,
			 out->ip.version == 4 ? HF_ETHERTYPE_IP4 : HF_ETHERTYPE_IP6);
	out->is_tcp = out->ip.protocol == HF_IPPROTO_TCP;
	if (out->is_tcp) {
		bool good = p->flags & HF_PACKET_CSUM_PARTIAL;

		assert_int_equal(hf_tcp_parse(&out->ip, good, &out->tcp), HF_WHY_NONE);
		return;
	}
	assert_int_equal(hf_icmp_parse(&out->ip, &icmp), HF_WHY_NONE);
	out->is_nd = icmp.kind == HF_ICMP_NEIGHBOUR;
	if (out->is_nd)
		assert_int_equal(hf_nd_parse(&out->ip, &icmp, &out->nd), HF_WHY_NONE);
}

uint32_t station_pull(station *t)
{
	t->count = 0;
	for (;;) {
		hf_packet packets[16];
		uint32_t got;

		assert_true(t->count + t->batch <= STATION_FRAMES);
		for (uint32_t i = 0; i < t->batch; i++)
			packets[i] = (hf_packet){ .data = t->octets[t->count + i],
						  .capacity = 2048 };
		got = (uint32_t)hf_stack_output(t->stack, packets, t->batch, t->now);
		for (uint32_t i = 0; i < got; i++)
			parse_seen(&packets[i], &t->out[t->count++]);
		if (got < t->batch)
			break;
	}
	/* Nothing may be due now: whoever waits does so without turning in circles. */
	assert_true(hf_time_before(t->now, hf_stack_deadline(t->stack)));
	return t->count;
}

const seen *station_pull_one(station *t)
{
	assert_int_equal(station_pull(t), 1);
	return &t->out[0];
}

uint32_t station_step(station *t)
{
	hf_time due = hf_stack_deadline(t->stack);

	assert_true(due.ns != HF_NEVER.ns);
	t->now = due;
	return station_pull(t);
}

uint32_t station_next(station *t)
{
	while (station_step(t) == 0)
		;
	return t->count;
}

uint32_t station_wait(station *t, hf_ns wait)
{
	hf_time end = hf_time_add(t->now, wait);
	uint32_t sum = 0;

	while (!hf_time_before(end, hf_stack_deadline(t->stack)))
		sum += station_step(t);
	t->now = end;
	return sum;
}

hf_reason station_feed(station *t, uint8_t *frame, size_t len)
{
	hf_packet p = { .data = frame, .len = (uint32_t)len };

	hf_stack_input(t->stack, &p, 1, t->now);
	return (hf_reason)p.reason;
}

hf_reason feed_arp(station *t, const hf_arp *a, const hf_mac *dst)
{
	uint8_t frame[60] = { 0 };
	hf_ether e = { .dst = *dst, .src = a->sender_mac, .type = HF_ETHERTYPE_ARP };

	hf_arp_emit(a, frame + hf_ether_emit(&e, frame));
	return station_feed(t, frame, sizeof(frame));
}

hf_reason feed_arp_answer(station *t, hf_addr sender, hf_mac mac)
{
	hf_arp a = { HF_ARP_REPLY, mac, us_mac, sender, US };

	return feed_arp(t, &a, &us_mac);
}

hf_reason feed_arp_request(station *t, hf_addr sender, hf_mac mac, hf_addr target)
{
	hf_arp a = { HF_ARP_REQUEST, mac, { { 0 } }, sender, target };

	return feed_arp(t, &a, &all_mac);
}

/* An IP packet, completed: the payload lies at `frame` + 14 + header. */
static hf_reason feed_ip(station *t, const hf_ip *ip, uint8_t *frame, size_t payload)
{
	size_t header = hf_ip_emit(ip, payload, frame + HF_ETHER_HEADER);

	return station_feed(t, frame, HF_ETHER_HEADER + header + payload);
}

hf_reason feed_nd(station *t, const hf_ip *ip, const hf_nd *nd)
{
	bool is_group = hf_addr_is_multicast(&ip->dst);
	hf_mac dst = is_group ? hf_mac_of_multicast(&ip->dst) : us_mac;
	uint8_t frame[HF_ETHER_HEADER + HF_IP6_HEADER + HF_ND_LEN];
	hf_ether e = { .dst = dst, .src = them_mac, .type = HF_ETHERTYPE_IP6 };

	hf_ether_emit(&e, frame);
	return feed_ip(t, ip, frame, hf_nd_emit(ip, nd, frame + HF_ETHER_HEADER + HF_IP6_HEADER));
}

hf_reason feed_nd_answer(station *t, hf_addr target, hf_mac mac, const char *flags)
{
	bool solicited = strchr(flags, 'S');
	hf_ip ip = { .src = target,
		     .dst = solicited ? US6 : ALL_NODES,
		     .version = 6,
		     .protocol = HF_IPPROTO_ICMP6,
		     .ttl = 255 };
	hf_nd nd = { .type = HF_ND_ADVERTISE,
		     .target = target,
		     .solicited = solicited,
		     .override = strchr(flags, 'O'),
		     .has_mac = true,
		     .mac = mac };

	return feed_nd(t, &ip, &nd);
}

hf_reason feed_nd_query(station *t, hf_addr src, hf_addr target, uint8_t hop_limit)
{
	hf_ip ip = { .src = src,
		     .dst = hf_nd_solicited_node(&target),
		     .version = 6,
		     .protocol = HF_IPPROTO_ICMP6,
		     .ttl = hop_limit };
	hf_nd nd = { .type = HF_ND_SOLICIT,
		     .target = target,
		     .has_mac = !hf_addr_is_none(&src),
		     .mac = them_mac };

	return feed_nd(t, &ip, &nd);
}

hf_reason feed_tcp(station *t, const hf_ether *e, const hf_ip *ip, const hf_tcp *tcp)
{
	uint8_t frame[HF_ETHER_HEADER + HF_IP_HEADER_MAX + HF_TCP_HEADER_MAX];
	uint8_t *segment = frame + HF_ETHER_HEADER + hf_ip_header_len(ip);
	size_t len = hf_tcp_emit(tcp, segment);

	hf_ether_emit(e, frame);
	hf_tcp_checksum(ip, segment, len);
	return feed_ip(t, ip, frame, len);
}

hf_reason feed_syn(station *t, hf_addr src, uint16_t port)
{
	bool is_v4 = hf_addr_is_v4(&src);
	hf_ether e = { us_mac, them_mac, is_v4 ? HF_ETHERTYPE_IP4 : HF_ETHERTYPE_IP6, 0, { 0 } };
	hf_ip ip = { .src = src,
		     .dst = is_v4 ? US : US6,
		     .version = is_v4 ? 4 : 6,
		     .protocol = HF_IPPROTO_TCP,
		     .ttl = 64 };
	hf_tcp tcp = {
		.src_port = port, .dst_port = 80, .seq = { 7 }, .flags = HF_TCP_SYN, .window = 1000
	};

	return feed_tcp(t, &e, &ip, &tcp);
}

hf_reason feed_answer(station *t, const seen *to, hf_mac mac, uint16_t flags)
{
	hf_ether e = { us_mac, mac, to->frame.type, 0, { 0 } };
	hf_ip ip = { .src = to->ip.dst,
		     .dst = to->ip.src,
		     .version = to->ip.version,
		     .protocol = HF_IPPROTO_TCP,
		     .ttl = 64 };
	hf_tcp tcp = { .src_port = to->tcp.dst_port,
		       .dst_port = to->tcp.src_port,
		       .seq = { 5000 },
		       .ack = hf_seq_add(to->tcp.seq, 1),
		       .flags = flags,
		       .window = 30000 };

	return feed_tcp(t, &e, &ip, &tcp);
}

hf_conn station_open(station *t, hf_addr remote)
{
	hf_endpoint to = { remote, 80 };
	hf_conn c;

	assert_int_equal(hf_conn_open(t->stack, &to, NULL, t->now, &c), HF_OK);
	return c;
}

hf_conn open_to_known(station *t)
{
	hf_conn c;

	feed_arp_request(t, THEM, them_mac, US);
	station_pull_one(t);
	c = station_open(t, THEM);
	station_pull_one(t);
	return c;
}

hf_stats station_stats(const station *t)
{
	hf_stats stats;

	hf_stack_stats(t->stack, &stats);
	return stats;
}

uint32_t station_events(station *t, hf_reason *why)
{
	uint32_t bits = 0;
	hf_event e;

	while (hf_stack_next_event(t->stack, &e)) {
		bits |= e.bits;
		*why = e.reason;
	}
	return bits;
}

void expect_arp_query(const seen *f, const hf_mac *to, hf_addr target)
{
	const hf_mac none = { { 0 } };

	assert_true(f->is_arp);
	assert_int_equal(f->cause, HF_SENT_NEIGHBOUR_QUERY);
	assert_mac(f->frame.dst, *to);
	assert_int_equal(f->arp.op, HF_ARP_REQUEST);
	assert_mac(f->arp.sender_mac, us_mac);
	assert_addr(f->arp.sender, US);
	assert_mac(f->arp.target_mac, none);
	assert_addr(f->arp.target, target);
}

void expect_syn(const seen *f, const hf_mac *to, hf_addr remote)
{
	assert_true(f->is_tcp);
	assert_int_equal(f->tcp.flags & (HF_TCP_SYN | HF_TCP_ACK), HF_TCP_SYN);
	assert_mac(f->frame.dst, *to);
	assert_addr(f->ip.dst, remote);
}

void expect_doubt(station *t, hf_mac mac)
{
	hf_time end = hf_time_add(t->now, HF_SEC(6));

	do
		station_next(t);
	while (t->out[0].is_tcp);
	assert_true(hf_time_before(t->now, end));
	assert_int_equal(t->out[0].cause, HF_SENT_NEIGHBOUR_QUERY);
	assert_mac(t->out[0].frame.dst, mac);
}
