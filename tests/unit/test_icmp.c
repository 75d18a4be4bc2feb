/* SPDX-License-Identifier: BSD-2-Clause */
/* ICMP and ICMPv6: what each type and code means, and which quotes are believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/checksum.h"
#include "wire/icmp.h"

enum { ROOM = 256, AT_QUOTE = 8, OTHER = HF_REASON_COUNT };

/* An ICMP message under construction; `version` of the IP that carries it. */
struct message {
	uint8_t octet[ROOM];
	size_t len;
	uint8_t version;
};

static hf_ip carrier(const struct message *m, const uint8_t *octets)
{
	hf_ip ip = { .version = m->version, .payload = { octets, m->len } };

	ip.protocol = m->version == 4 ? HF_IPPROTO_ICMP : HF_IPPROTO_ICMP6;
	ip.src = m->version == 4 ? hf_addr_v4(203, 0, 113, 9) : (hf_addr){ { 0xfd, [15] = 9 } };
	ip.dst = m->version == 4 ? hf_addr_v4(192, 0, 2, 1) : (hf_addr){ { 0xfd, [15] = 1 } };
	return ip;
}

/* A sum of its own: RFC 4443 2.3 adds the pseudo-header, RFC 792 does not. */
static void seal(struct message *m)
{
	const hf_ip ip = carrier(m, m->octet);
	hf_sum sum = 0;

	hf_put16(m->octet + 2, 0);
	if (m->version == 6) {
		uint8_t pseudo[40] = { 0 };

		memcpy(pseudo, ip.src.octet, 16);
		memcpy(pseudo + 16, ip.dst.octet, 16);
		hf_put32(pseudo + 32, (uint32_t)m->len);
		pseudo[39] = 58;
		sum = hf_sum_octets(sum, pseudo, sizeof(pseudo));
	}
	hf_put16(m->octet + 2, hf_sum_finish(hf_sum_octets(sum, m->octet, m->len)));
}

/* Parses from a heap block of exactly the message's length. */
static hf_reason parse(const struct message *m, hf_icmp *out)
{
	uint8_t *const exact = malloc(m->len > 0 ? m->len : 1);
	hf_reason why;
	hf_ip ip;

	assert_non_null(exact);
	memcpy(exact, m->octet, m->len);
	ip = carrier(m, exact);
	why = hf_icmp_parse(&ip, out);
	free(exact);
	return why;
}

static hf_reason parse_sealed(struct message *m, hf_icmp *out)
{
	seal(m);
	return parse(m, out);
}

/*
 * An error with a quote of 192.0.2.1:4096 to 198.51.100.2:80, or fd::1 to fd::2, TCP, sequence
 * 0x01020304.
 */
static struct message error_message(uint8_t version, uint8_t type, uint8_t code)
{
	const uint8_t transport[8] = { 0x10, 0, 0, 80, 1, 2, 3, 4 };
	const uint8_t addresses[8] = { 192, 0, 2, 1, 198, 51, 100, 2 };
	struct message m = { .octet = { type, code }, .version = version };
	uint8_t *const quote = m.octet + AT_QUOTE;
	size_t header = 20;

	if (version == 4) {
		quote[0] = 0x45;
		quote[9] = HF_IPPROTO_TCP;
		memcpy(quote + 12, addresses, 8);
	} else {
		header = 40;
		quote[0] = 0x60;
		quote[6] = HF_IPPROTO_TCP;
		quote[8] = quote[24] = 0xfd;
		quote[23] = 1;
		quote[39] = 2;
	}
	memcpy(quote + header, transport, 8);
	m.len = AT_QUOTE + header + 8;
	return m;
}

static void assert_means(uint8_t version, uint8_t type, uint8_t code, unsigned meaning)
{
	struct message m = error_message(version, type, code);
	hf_icmp got;

	assert_int_equal(parse_sealed(&m, &got), HF_WHY_NONE);
	assert_int_equal(got.type, type);
	assert_int_equal(got.code, code);
	if (meaning == OTHER) {
		assert_int_equal(got.kind,
				 version == 4 && type == 5 ? HF_ICMP_REDIRECT : HF_ICMP_OTHER);
		return;
	}
	assert_int_equal(got.kind, HF_ICMP_ERROR);
	assert_int_equal(got.error, meaning);
	assert_int_equal(got.quote.src_port, 4096);
	assert_int_equal(got.quote.dst_port, 80);
	assert_int_equal(got.quote.seq.v, 0x01020304);
	assert_int_equal(got.quote.protocol, HF_IPPROTO_TCP);
}

static void every_icmp_error_has_its_meaning(void **state)
{
	const unsigned unreachable[] = {
		HF_WHY_ICMP_NET,     HF_WHY_ICMP_HOST,  HF_WHY_ICMP_PROTOCOL, HF_WHY_ICMP_PORT,
		HF_WHY_ICMP_TOO_BIG, HF_WHY_ICMP_HOST,  HF_WHY_ICMP_NET,      HF_WHY_ICMP_HOST,
		HF_WHY_ICMP_HOST,    HF_WHY_ICMP_ADMIN, HF_WHY_ICMP_ADMIN,    HF_WHY_ICMP_NET,
		HF_WHY_ICMP_HOST,    HF_WHY_ICMP_ADMIN, HF_WHY_ICMP_ADMIN,    HF_WHY_ICMP_ADMIN,
	};

	(void)state;
	for (uint8_t code = 0; code < 16; code++)
		assert_means(4, 3, code, unreachable[code]);
	assert_means(4, 3, 16, OTHER);
	assert_means(4, 3, 255, OTHER);
	assert_means(4, 4, 0, HF_WHY_ICMP_SOURCE_QUENCH);
	assert_means(4, 11, 0, HF_WHY_ICMP_TTL);
	assert_means(4, 12, 0, HF_WHY_ICMP_PARAMETER);
	assert_means(4, 5, 0, OTHER);
	assert_means(4, 13, 0, OTHER);
}

static void every_icmpv6_error_has_its_meaning(void **state)
{
	const unsigned unreachable[] = {
		HF_WHY_ICMP_NET,  HF_WHY_ICMP_ADMIN, HF_WHY_ICMP_HOST,  HF_WHY_ICMP_HOST,
		HF_WHY_ICMP_PORT, HF_WHY_ICMP_ADMIN, HF_WHY_ICMP_ADMIN,
	};

	(void)state;
	for (uint8_t code = 0; code < 7; code++)
		assert_means(6, 1, code, unreachable[code]);
	assert_means(6, 1, 7, OTHER);
	assert_means(6, 2, 0, HF_WHY_ICMP_TOO_BIG);
	assert_means(6, 3, 0, HF_WHY_ICMP_TTL);
	assert_means(6, 4, 0, HF_WHY_ICMP_PARAMETER);
	assert_means(6, 4, 1, HF_WHY_ICMP_PROTOCOL);
	assert_means(6, 4, 2, HF_WHY_ICMP_PARAMETER);
	assert_means(6, 134, 0, OTHER);
	assert_means(6, 8, 0, OTHER);
}

static void addresses_of_the_quote_are_those_of_the_quoted_packet(void **state)
{
	const hf_addr src4 = hf_addr_v4(192, 0, 2, 1), dst4 = hf_addr_v4(198, 51, 100, 2);
	const hf_addr src6 = { { 0xfd, [15] = 1 } }, dst6 = { { 0xfd, [15] = 2 } };
	struct message m = error_message(4, 3, 1);
	hf_icmp got;

	(void)state;
	assert_int_equal(parse_sealed(&m, &got), HF_WHY_NONE);
	assert_memory_equal(&got.quote.src, &src4, sizeof(src4));
	assert_memory_equal(&got.quote.dst, &dst4, sizeof(dst4));
	m = error_message(6, 1, 3);
	assert_int_equal(parse_sealed(&m, &got), HF_WHY_NONE);
	assert_memory_equal(&got.quote.src, &src6, sizeof(src6));
	assert_memory_equal(&got.quote.dst, &dst6, sizeof(dst6));
}

static void the_next_hop_mtu_is_read_where_each_version_puts_it(void **state)
{
	struct message m = error_message(4, 3, 4);
	hf_icmp got;

	(void)state;
	hf_put32(m.octet + 4, 0xffff0578);
	assert_int_equal(parse_sealed(&m, &got), HF_WHY_NONE);
	assert_int_equal(got.mtu, 1400);
	m.octet[1] = 3;
	assert_int_equal(parse_sealed(&m, &got), HF_WHY_NONE);
	assert_int_equal(got.mtu, 0);
	m = error_message(6, 2, 0);
	hf_put32(m.octet + 4, 0x00010500);
	assert_int_equal(parse_sealed(&m, &got), HF_WHY_NONE);
	assert_int_equal(got.mtu, 0x10500);
}

static void a_quote_needs_its_header_and_eight_octets_more(void **state)
{
	for (uint8_t version = 4; version <= 6; version += 2) {
		struct message m = error_message(version, version == 4 ? 3 : 1, 0);
		const size_t whole = m.len;
		hf_icmp got;

		(void)state;
		assert_int_equal(parse_sealed(&m, &got), HF_WHY_NONE);
		for (m.len = 0; m.len < whole; m.len++) {
			if (m.len >= 8)
				seal(&m);
			assert_int_equal(parse(&m, &got), HF_WHY_ICMP_SHORT);
		}
	}
}

static void a_quoted_header_length_is_not_trusted(void **state)
{
	struct message m = error_message(4, 3, 1);
	hf_icmp got;

	(void)state;
	for (uint8_t words = 0; words < 5; words++) {
		m.octet[AT_QUOTE] = 0x40 | words;
		assert_int_equal(parse_sealed(&m, &got), HF_WHY_ICMP_QUOTE);
	}
	for (uint8_t words = 6; words < 16; words++) {
		m.octet[AT_QUOTE] = 0x40 | words;
		assert_int_equal(parse_sealed(&m, &got), HF_WHY_ICMP_SHORT);
	}
	/* With options quoted, the ports come after them. */
	m.octet[AT_QUOTE] = 0x46;
	m.len += 4;
	hf_put32(m.octet + AT_QUOTE + 24, 0x00070008);
	assert_int_equal(parse_sealed(&m, &got), HF_WHY_NONE);
	assert_int_equal(got.quote.src_port, 7);
	assert_int_equal(got.quote.dst_port, 8);
}

static void a_quote_of_the_other_version_is_refused(void **state)
{
	struct message m = error_message(4, 3, 1);
	hf_icmp got;

	(void)state;
	m.octet[AT_QUOTE] = 0x65;
	assert_int_equal(parse_sealed(&m, &got), HF_WHY_ICMP_QUOTE);
	m = error_message(6, 1, 0);
	m.octet[AT_QUOTE] = 0x45;
	assert_int_equal(parse_sealed(&m, &got), HF_WHY_ICMP_QUOTE);
}

static void a_quote_of_a_later_fragment_has_no_ports(void **state)
{
	struct message m = error_message(4, 3, 1);
	hf_icmp got;

	(void)state;
	hf_put16(m.octet + AT_QUOTE + 6, 0x0001);
	assert_int_equal(parse_sealed(&m, &got), HF_WHY_ICMP_QUOTE);
	hf_put16(m.octet + AT_QUOTE + 6, 0x6000);
	assert_int_equal(parse_sealed(&m, &got), HF_WHY_NONE);
}

static void icmpv6_does_not_reach_an_ipv4_connection(void **state)
{
	const hf_addr four = hf_addr_v4(192, 0, 2, 1);
	struct message m = error_message(6, 1, 0);
	hf_icmp got;

	(void)state;
	memcpy(m.octet + AT_QUOTE + 8, four.octet, 16);
	assert_int_equal(parse_sealed(&m, &got), HF_WHY_ICMP_QUOTE);
	m = error_message(6, 1, 0);
	memcpy(m.octet + AT_QUOTE + 24, four.octet, 16);
	assert_int_equal(parse_sealed(&m, &got), HF_WHY_ICMP_QUOTE);
}

static void every_single_wrong_bit_breaks_the_checksum(void **state)
{
	for (uint8_t version = 4; version <= 6; version += 2) {
		struct message m = error_message(version, version == 4 ? 3 : 1, 0);
		hf_icmp got;

		(void)state;
		seal(&m);
		for (size_t bit = 0; bit < m.len * 8; bit++) {
			m.octet[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_int_equal(parse(&m, &got), HF_WHY_ICMP_CHECKSUM);
			m.octet[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
}

static void each_version_has_its_own_protocol_number(void **state)
{
	struct message m = error_message(4, 3, 1);
	hf_icmp got;
	hf_ip ip;

	(void)state;
	seal(&m);
	ip = carrier(&m, m.octet);
	ip.protocol = HF_IPPROTO_ICMP6;
	assert_int_equal(hf_icmp_parse(&ip, &got), HF_WHY_IP_PROTOCOL);
	ip.version = 6;
	ip.protocol = HF_IPPROTO_ICMP;
	assert_int_equal(hf_icmp_parse(&ip, &got), HF_WHY_IP_PROTOCOL);
}

static void an_echo_request_is_answered_with_its_own_octets(void **state)
{
	for (uint8_t version = 4; version <= 6; version += 2) {
		struct message m = { .octet = { version == 4 ? 8 : 128 }, .version = version };
		struct message reply = { .version = version };
		hf_icmp got;
		hf_ip ip;

		(void)state;
		for (m.len = 4; m.len < 21; m.len++)
			m.octet[m.len] = (uint8_t)(m.len * 11);
		seal(&m);
		ip = carrier(&m, m.octet);
		assert_int_equal(hf_icmp_parse(&ip, &got), HF_WHY_NONE);
		assert_int_equal(got.kind, HF_ICMP_ECHO_REQUEST);
		assert_ptr_equal(got.body.at, m.octet + 4);
		assert_int_equal(got.body.len, 17);

		reply.len = hf_icmp_emit_echo_reply(&ip, got.body, reply.octet);
		assert_int_equal(reply.len, hf_icmp_echo_len(17));
		assert_memory_equal(reply.octet + 4, m.octet + 4, 17);
		assert_int_equal(reply.octet[0], version == 4 ? 0 : 129);
		assert_int_equal(parse(&reply, &got), HF_WHY_NONE);
		assert_int_equal(got.kind, HF_ICMP_ECHO_REPLY);
	}
}

static void solicitations_and_advertisements_are_of_the_neighbour_kind(void **state)
{
	for (uint8_t type = 135; type <= 136; type++) {
		struct message m = { .octet = { type }, .len = 24, .version = 6 };
		hf_icmp got;

		(void)state;
		assert_int_equal(parse_sealed(&m, &got), HF_WHY_NONE);
		assert_int_equal(got.kind, HF_ICMP_NEIGHBOUR);
		assert_int_equal(got.body.len, 20);
		m.version = 4;
		assert_int_equal(parse_sealed(&m, &got), HF_WHY_NONE);
		assert_int_equal(got.kind, HF_ICMP_OTHER);
	}
}

static void a_redirect_of_either_version_is_known_as_one(void **state)
{
	struct message m = { .octet = { 5 }, .len = 36, .version = 4 };
	hf_icmp got;

	(void)state;
	assert_int_equal(parse_sealed(&m, &got), HF_WHY_NONE);
	assert_int_equal(got.kind, HF_ICMP_REDIRECT);
	m = (struct message){ .octet = { 137 }, .len = 40, .version = 6 };
	assert_int_equal(parse_sealed(&m, &got), HF_WHY_NONE);
	assert_int_equal(got.kind, HF_ICMP_REDIRECT);
}

static void random_messages_never_make_it_read_outside(void **state)
{
	const uint8_t types[] = { 3, 4, 11, 12, 1, 2, 128, 8 };
	uint32_t seed = 9;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		struct message m = { .version = round & 1 ? 4 : 6 };
		hf_icmp got;

		for (size_t i = 0; i < 80; i++) {
			seed = seed * 1664525 + 1013904223;
			m.octet[i] = (uint8_t)(seed >> 24);
		}
		m.len = 8 + m.octet[4] % 72;
		m.octet[0] = types[m.octet[0] % 8];
		m.octet[AT_QUOTE] = (uint8_t)(m.version << 4 | (m.octet[AT_QUOTE] & 15));
		parse_sealed(&m, &got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_icmp_error_has_its_meaning),
		cmocka_unit_test(every_icmpv6_error_has_its_meaning),
		cmocka_unit_test(addresses_of_the_quote_are_those_of_the_quoted_packet),
		cmocka_unit_test(the_next_hop_mtu_is_read_where_each_version_puts_it),
		cmocka_unit_test(a_quote_needs_its_header_and_eight_octets_more),
		cmocka_unit_test(a_quoted_header_length_is_not_trusted),
		cmocka_unit_test(a_quote_of_the_other_version_is_refused),
		cmocka_unit_test(a_quote_of_a_later_fragment_has_no_ports),
		cmocka_unit_test(icmpv6_does_not_reach_an_ipv4_connection),
		cmocka_unit_test(every_single_wrong_bit_breaks_the_checksum),
		cmocka_unit_test(each_version_has_its_own_protocol_number),
		cmocka_unit_test(an_echo_request_is_answered_with_its_own_octets),
		cmocka_unit_test(a_redirect_of_either_version_is_known_as_one),
		cmocka_unit_test(solicitations_and_advertisements_are_of_the_neighbour_kind),
		cmocka_unit_test(random_messages_never_make_it_read_outside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
