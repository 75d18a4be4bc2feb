/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzz target: a stack on an Ethernet link, given any frames, with checksums that are right. */
#include "targets.h"

#include "tests/support/station.h"
#include "wire/checksum.h"

/*
 * The input is a list of frames: a kind, a length, octets. The link and IP headers of most are made
 * here, and may be changed by the input; lengths and checksums fit what there is. What stands in
 * them is the input's: ARP, ICMP, neighbour discovery, extension headers, segments.
 */

#define FRAME_MAX 1514
#define CONNECTIONS 6
#define HALF_OPEN 4
/* A neighbour who is found at last lets all go that waits for him. */
#define ANSWERS_MOST (4 + CONNECTIONS + HALF_OPEN)
#define MEMORY_LIMIT (1u << 20)

enum kind { RAW, ARP, IP4, IP6, KINDS };

/* ---- Frames ---- */

static void put_mac(uint8_t *to, const hf_mac *mac)
{
	memcpy(to, mac->octet, sizeof(mac->octet));
}

static void put_header(uint8_t *frame, uint8_t how, uint16_t type)
{
	put_mac(frame, how & 1 ? &all_mac : &us_mac);
	put_mac(frame + 6, how & 2 ? &other_mac : &them_mac);
	hf_put16(frame + 12, type);
}

/* Fills in the checksum that a payload of this protocol has, if there is room for one. */
static void mend_payload(const hf_ip *ip, uint8_t *payload, size_t len)
{
	hf_sum sum = 0;

	if (ip->protocol == HF_IPPROTO_TCP && len >= HF_TCP_HEADER) {
		hf_put16(payload + HF_TCP_CHECKSUM_AT, 0);
		hf_tcp_checksum(ip, payload, len);
	}
	if ((ip->protocol == HF_IPPROTO_ICMP || ip->protocol == HF_IPPROTO_ICMP6) && len >= 4) {
		hf_put16(payload + 2, 0);
		if (ip->protocol == HF_IPPROTO_ICMP6)
			sum = hf_sum_pseudo(0, &ip->src, &ip->dst, ip->protocol, (uint32_t)len);
		hf_put16(payload + 2, hf_sum_finish(hf_sum_octets(sum, payload, len)));
	}
}

/* The body behind `header` octets of IP, with its checksum, and the frame's header. */
static size_t finish_ip(uint8_t *frame, uint8_t how, const hf_ip *ip, size_t header, hf_view body)
{
	uint8_t *packet = frame + HF_ETHER_HEADER;

	if (body.len > 0)
		memcpy(packet + header, body.at, body.len);
	mend_payload(ip, packet + header, body.len);
	put_header(frame, how, ip->version == 4 ? HF_ETHERTYPE_IP4 : HF_ETHERTYPE_IP6);
	return HF_ETHER_HEADER + header + body.len;
}

static size_t make_ip4(uint8_t *frame, uint8_t how, hf_view body)
{
	static const uint8_t protocols[] = { HF_IPPROTO_TCP, HF_IPPROTO_ICMP, HF_IPPROTO_TCP, 17 };
	uint8_t *packet = frame + HF_ETHER_HEADER;
	hf_ip ip = { .version = 4, .ttl = 64, .dst = US, .dont_fragment = true };
	size_t header, options = how & 0x10 ? (size_t)(fuzz_u8(&body) % 11) * 4 : 0;

	ip.src = how & 4 ? FAR : THEM;
	ip.options = fuzz_take(&body, options);
	ip.options.len -= ip.options.len % 4;
	ip.protocol = protocols[how >> 5 & 3];
	header = hf_ip_emit(&ip, body.len, packet);
	return finish_ip(frame, how, &ip, header, body);
}

/* With extension headers the input begins by their length, in eights, and what follows them. */
static size_t make_ip6(uint8_t *frame, uint8_t how, hf_view body)
{
	static const uint8_t protocols[] = { HF_IPPROTO_TCP, HF_IPPROTO_ICMP6, 0, 60 };
	uint8_t *packet = frame + HF_ETHER_HEADER;
	hf_ip ip = { .version = 6, .ttl = how & 0x10 ? 64 : 255, .dst = US6 }, inner;
	hf_view extensions = { NULL, 0 };
	size_t header;

	ip.src = how & 4 ? FAR6 : THEM6;
	if (how & 8)
		ip.dst = ALL_NODES;
	ip.protocol = protocols[how >> 5 & 3];
	inner = ip;
	if (how >> 5 & 2) {
		inner.protocol = how & 0x20 ? HF_IPPROTO_TCP : HF_IPPROTO_ICMP6;
		extensions = fuzz_take(&body, (size_t)(fuzz_u8(&body) % 9) * 8);
	}
	header = hf_ip_emit(&ip, extensions.len + body.len, packet);
	if (extensions.len > 0)
		memcpy(packet + header, extensions.at, extensions.len);
	header += extensions.len;
	return finish_ip(frame, how, &inner, header, body);
}

static size_t make_arp(uint8_t *frame, uint8_t how, hf_view body)
{
	hf_arp a = { .op = how & 4 ? HF_ARP_REPLY : HF_ARP_REQUEST,
		     .sender_mac = how & 2 ? other_mac : them_mac,
		     .target_mac = us_mac,
		     .sender = how & 8 ? GATEWAY : THEM,
		     .target = US };

	put_header(frame, how, HF_ETHERTYPE_ARP);
	hf_arp_emit(&a, frame + HF_ETHER_HEADER);
	body = hf_view_first(body, HF_ARP_LEN);
	if (body.len > 0)
		memcpy(frame + HF_ETHER_HEADER, body.at, body.len);
	return HF_ETHER_HEADER + HF_ARP_LEN;
}

static size_t make_frame(hf_view *in, uint8_t frame[FRAME_MAX])
{
	enum kind kind = (enum kind)(fuzz_u8(in) % KINDS);
	uint8_t how = fuzz_u8(in);
	hf_view body = fuzz_take(in, fuzz_u8(in));

	switch (kind) {
	case ARP:
		return make_arp(frame, how, body);
	case IP4:
		return make_ip4(frame, how, body);
	case IP6:
		return make_ip6(frame, how, body);
	case RAW:
	case KINDS:
		break;
	}
	if (body.len > 0)
		memcpy(frame, body.at, body.len);
	return body.len;
}

/* ---- The station ---- */

static void check(station *t)
{
	hf_stats stats = station_stats(t);
	hf_reason why;

	station_events(t, &why);
	assert_true(t->heap.out <= MEMORY_LIMIT);
	assert_true(stats.half_open <= t->config.max_half_open);
	assert_true(stats.connections <= t->config.max_connections);
	assert_true(stats.time_wait <= t->config.max_time_wait);
	if (stats.half_open + stats.time_wait > 0)
		assert_true(hf_stack_deadline(t->stack).ns != HF_NEVER.ns);
}

static void feed(station *t, hf_view *in)
{
	uint8_t frame[FRAME_MAX] = { 0 };
	size_t len = make_frame(in, frame);
	uint8_t *exact = fuzz_copy((hf_view){ frame, len });

	station_feed(t, exact, len);
	free(exact);
	assert_true(station_pull(t) <= ANSWERS_MOST);
	check(t);
}

/* Opens a connection: whom it goes to must be found first. */
static void open_one(station *t, uint8_t how)
{
	const hf_addr to[] = { THEM, FAR, THEM6, FAR6 };
	hf_endpoint remote = { to[how % 4], 80 };
	hf_conn c;

	if (hf_conn_open(t->stack, &remote, NULL, t->now, &c) == HF_OK && how & 4)
		hf_conn_close(t->stack, c);
	assert_true(station_pull(t) <= ANSWERS_MOST);
	check(t);
}

static void finish(station *t, hf_listener l)
{
	hf_conn c;
	hf_stats stats;

	while (hf_listener_accept(t->stack, l, &c) == HF_OK)
		assert_int_equal(hf_conn_abort(t->stack, c), HF_OK);
	hf_listener_close(t->stack, l);
	station_pull(t);
	station_wait(t, HF_SEC(3600));
	stats = station_stats(t);
	assert_int_equal(stats.half_open + stats.time_wait, 0);
	hf_stack_free(t->stack);
	assert_int_equal(t->heap.out, 0);
}

/* Its room for frames is large: it is made once. */
static station *make_station(void)
{
	static station *made;

	if (made == NULL)
		made = station_alloc();
	made->now.ns = HF_SEC(1000);
	made->heap = (struct heap){ 0 };
	return made;
}

static void one_link(hf_view input)
{
	station *t = make_station();
	hf_endpoint at = { .port = 80 };
	hf_listener l;

	t->config.max_half_open = HALF_OPEN;
	t->config.max_connections = CONNECTIONS;
	t->config.max_time_wait = 2;
	t->config.memory_limit = MEMORY_LIMIT;
	t->config.accept_source_route = fuzz_u8(&input) & 1;
	station_start(t);
	assert_int_equal(hf_listener_open(t->stack, &at, NULL, &l), HF_OK);
	while (input.len > 0) {
		uint8_t what = fuzz_u8(&input);

		if (what < 0xd0)
			feed(t, &input);
		else if (what < 0xe0)
			open_one(t, what);
		else
			station_wait(t, HF_MS(1) << (what & 15));
		check(t);
	}
	finish(t, l);
}

const fuzz_target fuzz_frames = { "frames", one_link };
