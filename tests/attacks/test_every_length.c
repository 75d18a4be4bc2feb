/* SPDX-License-Identifier: BSD-2-Clause */
/* What the headers and the captured packet say of lengths, in every combination. */

/*
 * Attacks (catalogue.txt):
 *	Ripple20: length inconsistency in TCP
 *	Ripple20: TCP out-of-bounds read
 *	AMNESIA:33 checksum over-read
 *	AMNESIA:33 TCP length
 *	INFRA:HALT checksum length
 *	NUCLEUS:13 unchecked TCP payload length
 *	Header shorter than 20 bytes
 *
 * Each packet lies in a block of exactly its size. Those with a wrong checksum are read to their
 * end all the same, to see that it is wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/raw.h"

#define SAID_MAX 72 /* octets that a packet may say it has, or have, beyond its IP header */

/* How long each of them says the packet is. */
typedef struct lengths {
	bool is_v4;
	size_t captured; /* octets that are there */
	size_t said;     /* by the IP header: all octets (IPv4), or those after it (IPv6) */
	unsigned ihl;    /* IPv4: words of the IP header */
	unsigned offset; /* words of the TCP header */
} lengths;

/* Octets of text that an honest reader finds; -1: there is no segment in it. */
static long honest(const lengths *l)
{
	size_t before = l->is_v4 ? l->ihl * 4u : 40, whole = l->is_v4 ? l->said : l->said + 40;
	size_t header = l->offset * 4u;

	if (l->captured < (l->is_v4 ? 20u : 40u) || whole > l->captured || before < 20)
		return -1;
	if (before > whole || whole - before < 20 || header < 20 || header > whole - before)
		return -1;
	return (long)(whole - before - header);
}

static void write_packet(const peer *p, const lengths *l, uint8_t *packet)
{
	raw_segment s = { .flags = ACK, .seq = 1, .ack = 1, .len = 2 * SAID_MAX };
	size_t at = l->is_v4 ? 20 : 40;
	uint32_t sum = 0;

	raw_build(p, &s, packet);
	if (!l->is_v4) {
		hf_put16(packet + 4, (uint16_t)l->said);
		packet[at + 12] = (uint8_t)(l->offset << 4);
		return;
	}
	/* What lies behind the fixed header is options, all NOPs, then the segment. */
	at = l->ihl * 4u > 20 ? l->ihl * 4u : 20;
	memmove(packet + at, packet + 20, 20 + 2 * SAID_MAX);
	memset(packet + 20, 1, at - 20);
	packet[0] = (uint8_t)(4 << 4 | l->ihl);
	packet[at + 12] = (uint8_t)(l->offset << 4);
	hf_put16(packet + 2, (uint16_t)l->said);
	hf_put16(packet + 10, 0);
	for (size_t i = 0; i < at; i += 2)
		sum += hf_get16(packet + i);
	hf_put16(packet + 10, (uint16_t) ~(sum + (sum >> 16)));
}

/* Parses it twice: the checksum is computed, and taken for good. Returns the text's length. */
static long parse(const uint8_t *packet, size_t captured, const uint8_t *whole)
{
	hf_ip ip;
	hf_tcp tcp;

	if (hf_ip_parse((hf_view){ packet, captured }, &ip) != HF_WHY_NONE)
		return -1;
	assert_true(ip.payload.at + ip.payload.len <= whole + captured);
	(void)hf_tcp_parse(&ip, false, &tcp);
	hf_reason why = hf_tcp_parse(&ip, true, &tcp);
	if (why == HF_WHY_TCP_SHORT || why == HF_WHY_TCP_DATA_OFFSET)
		return -1;
	assert_true(tcp.payload.at + tcp.payload.len <= whole + captured);
	return (long)tcp.payload.len;
}

static void check(const peer *p, const lengths *l)
{
	uint8_t packet[RAW_MAX] = { 0 };
	uint8_t *exact = malloc(l->captured > 0 ? l->captured : 1);

	assert_non_null(exact);
	write_packet(p, l, packet);
	memcpy(exact, packet, l->captured);
	assert_int_equal(parse(exact, l->captured, exact), honest(l));
	free(exact);
}

static void all_lengths(bool is_v4, unsigned ihl)
{
	hf_config config = peer_config(!is_v4);
	peer *p = peer_new(&config);
	size_t fixed = is_v4 ? 20 : 40, more = is_v4 ? 20 : 0;

	for (size_t captured = 0; captured <= fixed + SAID_MAX; captured++) {
		for (size_t said = 0; said <= more + SAID_MAX; said++) {
			for (unsigned offset = 0; offset < 16; offset++) {
				lengths l = { is_v4, captured, said, ihl, offset };

				check(p, &l);
			}
		}
	}
	peer_free(p);
}

static void ipv4_lengths_are_reconciled(void **state)
{
	(void)state;
	for (unsigned ihl = 0; ihl < 16; ihl += ihl == 6 ? 9 : 1) /* 0 to 6, and 15 */
		all_lengths(true, ihl);
}

static void ipv6_lengths_are_reconciled(void **state)
{
	(void)state;
	all_lengths(false, 0);
}

static void the_largest_lengths_are_of_no_packet_that_is_smaller(void **state)
{
	static const size_t large[] = { 255, 256, 1500, 32767, 32768, 65515, 65516, 65535 };
	peer *p = peer_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(large) / sizeof(large[0]); i++) {
		lengths l = { true, 60, large[i], 5, 5 };

		check(p, &l);
	}
	peer_free(p);
}

/* A good segment, cut off at every octet with and without its IP header knowing it. */
static void a_truncated_segment_changes_nothing(bool is_v4, bool said_so)
{
	hf_config config = peer_config(!is_v4);
	peer *p = peer_new(&config);
	hf_conn c = peer_handshake_passive(p);
	raw_segment s = { .flags = ACK | PSH, .seq = 1, .ack = 1, .len = 100 };
	uint8_t packet[RAW_MAX];
	size_t whole = raw_build(p, &s, packet), at = is_v4 ? 20 : 40, got;
	size_t memory = p->heap.out;

	for (size_t len = 0; len < whole; len++) {
		uint32_t sum = 0;

		if (said_so && len >= at) {
			hf_put16(packet + (is_v4 ? 2 : 4), (uint16_t)(is_v4 ? len : len - 40));
			hf_put16(packet + 10, is_v4 ? 0 : hf_get16(packet + 10));
			for (size_t i = 0; i < 20; i += 2)
				sum += hf_get16(packet + i);
			if (is_v4)
				hf_put16(packet + 10, (uint16_t) ~(sum + (sum >> 16)));
		}
		assert_int_not_equal(peer_give(p, packet, len), HF_WHY_NONE);
	}
	assert_int_equal(hf_conn_receive(p->stack, c, packet, 1, &got), HF_ERR_AGAIN);
	assert_int_equal(p->heap.out, memory);
	peer_expect_nothing(p);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 100);
	peer_app_receive(p, c, 1, 100);
	peer_ignore(p);
	peer_free(p);
}

static void truncated_segments_change_nothing(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++)
		a_truncated_segment_changes_nothing(i & 1, i & 2);
}

/* To a listener and to a connection: by name, without memory, without an answer. */
static void headers_shorter_than_20_octets_cost_nothing(void **state)
{
	peer *p = peer_new(NULL);
	uint8_t packet[RAW_MAX];
	hf_conn c = peer_handshake_passive(p);
	size_t memory = p->heap.out;

	(void)state;
	for (unsigned round = 0; round < 1000; round++) {
		lengths l = { true, 60, 60, 5, round % 5 };

		p->self.port = (uint16_t)(round % 3 == 0 ? PEER_PORT : PEER_PORT + round);
		write_packet(p, &l, packet);
		assert_int_equal(peer_give(p, packet, 60), HF_WHY_TCP_DATA_OFFSET);
	}
	assert_int_equal(peer_stats(p).reasons[HF_WHY_TCP_DATA_OFFSET], 1000);
	assert_int_equal(p->heap.out, memory);
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	peer_expect_nothing(p);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_lengths_are_reconciled),
		cmocka_unit_test(ipv6_lengths_are_reconciled),
		cmocka_unit_test(the_largest_lengths_are_of_no_packet_that_is_smaller),
		cmocka_unit_test(truncated_segments_change_nothing),
		cmocka_unit_test(headers_shorter_than_20_octets_cost_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
