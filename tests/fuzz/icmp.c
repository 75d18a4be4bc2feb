/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzz targets: ICMP and ICMPv6 messages, and neighbour discovery. */
#include "targets.h"
#include "wire/checksum.h"
#include "wire/nd.h"

/* The packet that carries the message: its first octets say which. */
static hf_ip carrier(hf_view *in)
{
	uint8_t kind = fuzz_u8(in);
	bool is_v4 = kind & 1;
	hf_ip ip = { .version = is_v4 ? 4 : 6,
		     .protocol = is_v4 ? HF_IPPROTO_ICMP : HF_IPPROTO_ICMP6,
		     .ttl = kind & 2 ? 255 : 64 };

	ip.src = is_v4 ? hf_addr_v4(192, 0, 2, 2) : (hf_addr){ { 0xfe, 0x80, [15] = 2 } };
	ip.dst = is_v4 ? hf_addr_v4(192, 0, 2, 1) : (hf_addr){ { 0xfe, 0x80, [15] = 1 } };
	if (!is_v4 && kind & 4)
		ip.dst = hf_nd_solicited_node(&ip.dst);
	if (!is_v4 && kind & 8)
		ip.src = (hf_addr){ { 0 } };
	return ip;
}

static void mend_checksum(const hf_ip *ip, uint8_t *message, size_t len)
{
	hf_sum sum = 0;

	if (len < 4)
		return;
	hf_put16(message + 2, 0);
	if (ip->version == 6)
		sum = hf_sum_pseudo(0, &ip->src, &ip->dst, HF_IPPROTO_ICMP6, (uint32_t)len);
	hf_put16(message + 2, hf_sum_finish(hf_sum_octets(sum, message, len)));
}

/* The answer to a question has its octets. */
static void answer_echo(const hf_ip *ip, hf_view body)
{
	size_t len = hf_icmp_echo_len(body.len);
	uint8_t *reply = malloc(len);
	hf_ip back = *ip;
	hf_icmp again;

	assert_non_null(reply);
	assert_int_equal(hf_icmp_emit_echo_reply(ip, body, reply), len);
	back.payload = (hf_view){ reply, len };
	assert_int_equal(hf_icmp_parse(&back, &again), HF_WHY_NONE);
	assert_int_equal(again.kind, HF_ICMP_ECHO_REPLY);
	fuzz_is_same(again.body, body);
	free(reply);
}

static void look_at_icmp(const hf_ip *ip)
{
	hf_icmp message;

	if (hf_icmp_parse(ip, &message) != HF_WHY_NONE)
		return;
	fuzz_is_inside(message.body, ip->payload);
	if (message.kind == HF_ICMP_ECHO_REQUEST)
		answer_echo(ip, message.body);
	if (message.kind == HF_ICMP_ERROR)
		assert_true(message.error != HF_WHY_NONE && message.error < HF_REASON_COUNT);
}

static void look_at_nd(const hf_ip *ip)
{
	uint8_t octets[HF_ND_LEN];
	hf_icmp message;
	hf_nd nd, again;
	hf_ip other = *ip;

	if (hf_icmp_parse(ip, &message) != HF_WHY_NONE || message.kind != HF_ICMP_NEIGHBOUR ||
	    hf_nd_parse(ip, &message, &nd) != HF_WHY_NONE)
		return;
	other.payload = (hf_view){ octets, hf_nd_emit(ip, &nd, octets) };
	assert_int_equal(hf_icmp_parse(&other, &message), HF_WHY_NONE);
	assert_int_equal(hf_nd_parse(&other, &message, &again), HF_WHY_NONE);
	assert_int_equal(again.type, nd.type);
	assert_true(hf_addr_equal(&again.target, &nd.target));
	assert_int_equal(again.has_mac, nd.has_mac);
	assert_true(hf_mac_equal(&again.mac, &nd.mac));
	assert_int_equal(again.solicited, nd.solicited);
	assert_int_equal(again.override, nd.override);
	assert_int_equal(again.router, nd.router);
}

/* As it is, and with the checksum that it should have. */
static void look_twice(hf_ip *ip, hf_view input, void (*look)(const hf_ip *ip))
{
	uint8_t *message = fuzz_copy(input);

	ip->payload = input;
	look(ip);
	mend_checksum(ip, message, input.len);
	ip->payload = (hf_view){ message, input.len };
	look(ip);
	free(message);
}

static void one_icmp(hf_view input)
{
	hf_ip ip = carrier(&input);

	look_twice(&ip, input, look_at_icmp);
}

const fuzz_target fuzz_icmp = { "icmp", one_icmp };

static void one_nd(hf_view input)
{
	hf_ip ip;

	ip = carrier(&input);
	if (ip.version == 6)
		look_twice(&ip, input, look_at_nd);
}

const fuzz_target fuzz_nd = { "nd", one_nd };
