/* SPDX-License-Identifier: BSD-2-Clause */
/* Every kind of option with every length and every number of octets behind it, in each walk. */

/*
 * Attacks (catalogue.txt):
 *	AMNESIA:33 TCP MSS option loop
 *	AMNESIA:33 option length 0 loop
 *	Option length 0 loop, again in 2026
 *	Option walkers reading one byte past
 *	Ripple20: TCP out-of-bounds read
 *
 * An area of options lies in a block of exactly its size, so that the sanitizer sees who reads on.
 * A walk that gets on by no octet, or goes back, would show in the number of its steps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/icmp.h"
#include "wire/ip_options.h"
#include "wire/nd.h"
#include "wire/tcp_options.h"

#define AREA_MAX 40 /* octets that a TCP or IPv4 header has for options */

/* What follows the option: another of the same, so that a walk that gets on falls into it again. */
static void fill(uint8_t *area, size_t len, unsigned kind, unsigned length)
{
	for (size_t i = 0; i < len; i++)
		area[i] = (uint8_t)(i % 2 == 0 ? kind : length);
}

/* Is the first option, as the area begins, one that can be walked over? */
static bool is_whole(const uint8_t *area, size_t len)
{
	if (area[0] == HF_OPT_NOP)
		return true;
	return area[0] != HF_OPT_EOL && len >= 2 && area[1] >= 2 && area[1] <= len;
}

/* Walks to the end. Every step gets on, and hands out only what lies inside the area. */
static unsigned walk(const uint8_t *area, size_t len)
{
	hf_view raw = { area, len };
	hf_tcp_option option;
	unsigned steps = 0;
	const uint8_t *before = raw.at;

	while (hf_tcp_option_next(&raw, &option)) {
		steps++;
		assert_true(raw.at > before && raw.at + raw.len == area + len);
		assert_true(option.body.at + option.body.len <= area + len);
		before = raw.at;
	}
	assert_true(raw.at == before); /* where it stopped */
	assert_true(steps <= len);
	return steps;
}

static void check_tcp(const uint8_t *area, size_t len)
{
	hf_tcp_options o;
	unsigned steps = walk(area, len);
	bool stopped_early = area[0] != HF_OPT_EOL && !is_whole(area, len);
	hf_reason why = hf_tcp_options_parse((hf_view){ area, len }, &o);

	assert_int_equal(steps > 0, is_whole(area, len));
	if (stopped_early) { /* MUST-7: said by name, and nothing taken out of it */
		assert_int_equal(why, HF_WHY_TCP_OPTION);
		assert_true(o.present == 0);
	}
	assert_true(o.sack_count <= HF_SACK_BLOCKS);
}

/* Calls `check` with every kind, length and size of area: 2.7 million. */
static void with_every_option(void (*check)(const uint8_t *area, size_t len))
{
	for (size_t len = 1; len <= AREA_MAX; len++) {
		uint8_t *area = malloc(len);

		assert_non_null(area);
		for (unsigned kind = 0; kind < 256; kind++) {
			for (unsigned length = 0; length < 256; length++) {
				fill(area, len, kind, length);
				check(area, len);
			}
		}
		free(area);
	}
}

static void tcp_options_are_walked_over_in_bounded_steps(void **state)
{
	(void)state;
	with_every_option(check_tcp);
}

/* The same behind each number of NOPs, so that the area ends in the middle of it. */
static void check_tcp_at_the_end(const uint8_t *area, size_t len)
{
	uint8_t *moved = malloc(AREA_MAX);
	size_t before = AREA_MAX - len;
	hf_tcp_options o;

	assert_non_null(moved);
	memset(moved, HF_OPT_NOP, before);
	memcpy(moved + before, area, len);
	assert_true(walk(moved, AREA_MAX) >= before);
	hf_tcp_options_parse((hf_view){ moved, AREA_MAX }, &o);
	free(moved);
}

static void with_every_kind_cut_off(void (*check)(const uint8_t *area, size_t len))
{
	uint8_t area[4];

	for (size_t len = 1; len <= sizeof(area); len++) {
		for (unsigned kind = 0; kind < 256; kind++) {
			for (unsigned length = 0; length < 256; length++) {
				fill(area, len, kind, length);
				check(area, len);
			}
		}
	}
}

static void a_kind_may_be_the_headers_last_octet(void **state)
{
	(void)state;
	with_every_kind_cut_off(check_tcp_at_the_end);
}

static void check_ip(const uint8_t *area, size_t len)
{
	hf_ip4_options o;
	bool is_end = area[0] == 0, is_nop = area[0] == 1;
	hf_reason why = hf_ip4_options_parse((hf_view){ area, len }, &o);

	if (!is_end && !is_nop && (len < 2 || area[1] < 2 || area[1] > len))
		assert_int_equal(why, HF_WHY_IP_OPTION);
	assert_true(o.travel.hops <= HF_ROUTE_HOPS);
}

static void ipv4_options_are_walked_over_in_bounded_steps(void **state)
{
	(void)state;
	with_every_option(check_ip);
}

/* An IPv6 packet whose options for the destination are the area: 2 octets, then it. */
static void check_ip6(const uint8_t *area, size_t len)
{
	size_t header = (len + 2 + 7) / 8 * 8, whole = HF_IP6_HEADER + header;
	uint8_t *packet = calloc(1, whole);
	hf_ip ip = { .version = 6, .protocol = 60, .ttl = 64 };

	assert_non_null(packet);
	ip.src = (hf_addr){ { 0x20, 0x01, 0x0d, 0xb8, [15] = 2 } };
	ip.dst = (hf_addr){ { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } };
	hf_ip_emit(&ip, header, packet);
	packet[HF_IP6_HEADER] = HF_IPPROTO_TCP;
	packet[HF_IP6_HEADER + 1] = (uint8_t)(header / 8 - 1);
	memcpy(packet + HF_IP6_HEADER + 2, area, len);
	if (hf_ip_parse((hf_view){ packet, whole }, &ip) == HF_WHY_NONE)
		assert_true(ip.payload.len == 0);
	free(packet);
}

static void ipv6_options_are_walked_over_in_bounded_steps(void **state)
{
	(void)state;
	with_every_kind_cut_off(check_ip6);
	for (size_t len = 6; len <= AREA_MAX - 2; len += 8) {
		for (unsigned at = 0; at < 256 * 256; at++) {
			uint8_t area[AREA_MAX];

			fill(area, len, at & 255, at >> 8);
			check_ip6(area, len);
		}
	}
}

/* A neighbour's word whose options are the area; their lengths count units of 8 octets. */
static void check_nd(const uint8_t *area, size_t len)
{
	size_t whole = 20 + len;
	uint8_t *body = calloc(1, whole);
	hf_ip ip = { .version = 6, .ttl = 255 };
	hf_icmp icmp = { .kind = HF_ICMP_NEIGHBOUR, .type = HF_ND_ADVERTISE };
	hf_nd nd;
	hf_reason why;

	assert_non_null(body);
	ip.src = ip.dst = (hf_addr){ { 0x20, 0x01, 0x0d, 0xb8, [15] = 2 } };
	memcpy(body + 4, ip.src.octet, sizeof(ip.src.octet));
	memcpy(body + 20, area, len);
	icmp.body = (hf_view){ body, whole };
	why = hf_nd_parse(&ip, &icmp, &nd);
	if (len < 8 || area[1] == 0 || area[1] * 8u > len) /* RFC 4861 4.6 */
		assert_int_equal(why, HF_WHY_ND_MALFORMED);
	free(body);
}

static void options_of_neighbours_are_walked_over_in_bounded_steps(void **state)
{
	uint8_t area[AREA_MAX];

	(void)state;
	for (size_t len = 1; len <= AREA_MAX; len++) {
		for (unsigned at = 0; at < 16 * 256; at++) {
			fill(area, len, at & 15, at >> 4);
			check_nd(area, len);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tcp_options_are_walked_over_in_bounded_steps),
		cmocka_unit_test(a_kind_may_be_the_headers_last_octet),
		cmocka_unit_test(ipv4_options_are_walked_over_in_bounded_steps),
		cmocka_unit_test(ipv6_options_are_walked_over_in_bounded_steps),
		cmocka_unit_test(options_of_neighbours_are_walked_over_in_bounded_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
