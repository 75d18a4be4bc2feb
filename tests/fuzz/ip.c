/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzz targets: IPv4 packets with their options, and IPv6 packets with extension headers. */
#include "wire/ip.h"
#include "targets.h"
#include "wire/checksum.h"
#include "wire/ip_options.h"

/* A route that is written can be read, and leads where it led. */
static void write_route(const hf_source_route *route, const hf_addr *dst)
{
	uint8_t octets[HF_IP4_OPTIONS_MAX];
	size_t len = hf_route_len(route);
	hf_ip4_options again;

	assert_true(len % 4 == 0 && len <= sizeof(octets));
	if (len == 0)
		return;
	assert_int_equal(hf_route_emit(route, dst, octets), len);
	assert_int_equal(hf_ip4_options_parse((hf_view){ octets, len }, &again), HF_WHY_NONE);
	assert_true(again.has_route);
}

static void look_at_options(const hf_ip *ip)
{
	hf_ip4_options options;
	const hf_addr dst = hf_addr_v4(192, 0, 2, 9);
	hf_source_route back;

	if (hf_ip4_options_parse(ip->options, &options) != HF_WHY_NONE || !options.has_route)
		return;
	assert_true(options.travel.hops <= HF_ROUTE_HOPS);
	hf_route_reverse(&options.travel, &ip->src, &back);
	assert_true(back.hops <= options.travel.hops);
	write_route(&back, &dst);
}

/* What was understood, written again, is understood as the same. */
static void write_again(const hf_ip *ip)
{
	size_t header = hf_ip_header_len(ip), len = header + ip->payload.len;
	uint8_t *packet = malloc(HF_IP_HEADER_MAX + ip->payload.len);
	hf_ip again;

	assert_non_null(packet);
	assert_int_equal(hf_ip_emit(ip, ip->payload.len, packet), header);
	if (ip->payload.len > 0)
		memcpy(packet + header, ip->payload.at, ip->payload.len);
	assert_int_equal(hf_ip_parse((hf_view){ packet, len }, &again), HF_WHY_NONE);
	assert_true(hf_addr_equal(&again.src, &ip->src) && hf_addr_equal(&again.dst, &ip->dst));
	assert_int_equal(again.protocol, ip->protocol);
	assert_int_equal(again.ttl, ip->ttl);
	assert_int_equal(again.traffic_class, ip->traffic_class);
	assert_int_equal(again.dont_fragment, ip->dont_fragment);
	assert_int_equal(again.id, ip->id);
	assert_int_equal(again.flow_label, ip->flow_label);
	fuzz_is_same(again.options, ip->options);
	fuzz_is_same(again.payload, ip->payload);
	free(packet);
}

static void look(hf_view packet)
{
	hf_ip ip;

	if (hf_ip_parse(packet, &ip) != HF_WHY_NONE)
		return;
	fuzz_is_inside(ip.options, packet);
	fuzz_is_inside(ip.payload, packet);
	look_at_options(&ip);
	write_again(&ip);
}

/* As it is, and with the length and checksum that it should have. */
static void one_ipv4(hf_view input)
{
	uint8_t *packet = fuzz_copy(input);
	size_t header;

	look(input);
	if (input.len >= HF_IP4_HEADER && input.len <= UINT16_MAX) {
		packet[0] = (uint8_t)(4 << 4 | (packet[0] & 0x0f));
		header = (size_t)(packet[0] & 0x0f) * 4;
		hf_put16(packet + 2, (uint16_t)input.len);
		hf_put16(packet + 10, 0);
		if (header <= input.len)
			hf_put16(packet + 10, hf_sum_finish(hf_sum_octets(0, packet, header)));
		look((hf_view){ packet, input.len });
	}
	free(packet);
}

const fuzz_target fuzz_ipv4 = { "ipv4", one_ipv4 };

static void one_ipv6(hf_view input)
{
	uint8_t *packet = fuzz_copy(input);

	look(input);
	if (input.len >= HF_IP6_HEADER && input.len <= UINT16_MAX) {
		packet[0] = (uint8_t)(6 << 4 | (packet[0] & 0x0f));
		hf_put16(packet + 4, (uint16_t)(input.len - HF_IP6_HEADER));
		look((hf_view){ packet, input.len });
	}
	free(packet);
}

const fuzz_target fuzz_ipv6 = { "ipv6", one_ipv6 };
