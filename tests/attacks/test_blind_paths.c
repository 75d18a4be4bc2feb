/* SPDX-License-Identifier: BSD-2-Clause */
/* What can be learned or forged at the IP layer by who is not on the path. */
/*
 * The attacks "IPID side channel", "Forged ICMP hard errors", "Forged ICMP frag-needed /
 * packet-too-big", "ICMP source quench / redirect" and "Off-path reset via PMTUD/fragments".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/attacks/chance.h"
#include "tests/support/complaint.h"
#include "wire/checksum.h"

#define MTU_LEAST 552u /* hf_config.min_pmtu: no report makes IPv4 packets smaller */

static hf_config of_secret(uint64_t n)
{
	hf_config config = peer_config(false);

	config.secret[0] = n * 0x9e3779b97f4a7c15;
	config.secret[2] = ~n;
	return config;
}

/* ---- IPID side channel: CVE-2020-36516, CVE-2019-10638 ---- */

/* By default there is nothing to count: no identification, and no fragments. */
static void ipid_side_channel_identifications_are_constant_by_default(void **state)
{
	peer *p = peer_new(NULL);
	const peer_seen *s;

	(void)state;
	peer_listen(p);
	for (unsigned i = 0; i < 100; i++) {
		p->self.port = (uint16_t)(1024 + i);
		p->host.port = i % 3 == 0 ? 9 : PEER_HOST_PORT; /* nobody listens on 9 */
		PEER_SAY(p, .flags = i % 2 ? SYN : ACK, .ack = 5);
		while ((s = peer_next(p))) {
			assert_true(s->ip.dont_fragment);
			assert_int_equal(s->ip.id, 0);
		}
	}
	peer_free(p);
}

#define HEARD 32u

/*
 * The identifications of the attacker's connection, A, while the host sends `others` packets to
 * somebody else between any two of them.
 */
static void identifications(uint64_t secret, unsigned others, uint16_t id[HEARD])
{
	hf_config config = of_secret(secret);
	hf_conn a, b;
	peer *p;

	config.no_path_mtu_discovery = 1; /* without it there are none */
	p = peer_new(&config);
	b = peer_handshake_passive(p);
	p->self.port++;
	a = peer_handshake_passive(p);
	for (unsigned i = 0; i < HEARD; i++) {
		const peer_seen *s;

		peer_app_send(p, a, 1 + i, 1);
		s = peer_expect(p, ACK);
		assert_false(s->ip.dont_fragment);
		id[i] = s->ip.id;
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 2 + i);
		p->self.port--;
		for (unsigned k = 0; k < others; k++) {
			peer_app_send(p, b, 1 + others * i + k, 1);
			PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 2 + others * i + k);
		}
		peer_ignore(p);
		p->self.port++;
	}
	peer_free(p);
}

static void ipid_side_channel_does_not_count_packets_to_others(void **state)
{
	static chance first;
	uint16_t alone[HEARD], beside[HEARD];

	(void)state;
	for (uint64_t secret = 1; secret <= 400; secret++) {
		identifications(secret, 0, alone);
		if (secret <= 40) {
			identifications(secret, 1 + (unsigned)secret % 3, beside);
			for (unsigned i = 0; i < HEARD; i++)
				assert_int_equal(alone[i], beside[i]);
		}
		chance_count(&first, alone[0] >> 10);
	}
	assert_true(chance_is_even(&first, 64));
}

/* ---- Forged ICMP hard errors: RFC 5927, RFC 5461 ---- */

static const report hard_v4[] = {
	{ 3, 0, HF_WHY_ICMP_NET },      { 3, 1, HF_WHY_ICMP_HOST },
	{ 3, 2, HF_WHY_ICMP_PROTOCOL }, { 3, 3, HF_WHY_ICMP_PORT },
	{ 3, 5, HF_WHY_ICMP_HOST },     { 3, 9, HF_WHY_ICMP_ADMIN },
	{ 3, 10, HF_WHY_ICMP_ADMIN },   { 3, 13, HF_WHY_ICMP_ADMIN },
	{ 11, 0, HF_WHY_ICMP_TTL },     { 12, 0, HF_WHY_ICMP_PARAMETER },
};
static const report hard_v6[] = {
	{ 1, 0, HF_WHY_ICMP_NET },  { 1, 1, HF_WHY_ICMP_ADMIN }, { 1, 3, HF_WHY_ICMP_HOST },
	{ 1, 4, HF_WHY_ICMP_PORT }, { 3, 0, HF_WHY_ICMP_TTL },   { 4, 1, HF_WHY_ICMP_PARAMETER },
};

/* What the host sends in this state that is still in flight: its text, or its FIN. */
static const peer_seen *in_flight(peer *p, hf_conn c, hf_state state)
{
	const peer_seen *last = NULL, *s;

	if (state == HF_ESTABLISHED || state == HF_CLOSE_WAIT) {
		peer_app_send(p, c, 1, 100);
		return peer_expect(p, ACK);
	}
	peer_wait(p, HF_SEC(1)); /* its FIN goes again */
	while ((s = peer_next(p)))
		last = s;
	assert_non_null(last);
	assert_true(last->tcp.flags & FIN);
	return last;
}

static void storm_of_errors(bool is_v6, hf_state state)
{
	const report *r = is_v6 ? hard_v6 : hard_v4;
	size_t n = is_v6 ? sizeof(hard_v6) / sizeof(*r) : sizeof(hard_v4) / sizeof(*r);
	hf_config config = peer_config(is_v6);
	peer *p = peer_new(&config);
	hf_conn c = peer_reach(p, state);
	const peer_seen *s = in_flight(p, c, state);
	uint32_t cwnd = peer_info(p, c).cwnd;

	for (unsigned round = 0; round < 100; round++)
		for (size_t i = 0; i < n; i++)
			complain(p, r[i], 0, s);
	assert_int_equal(peer_state(p, c), state);
	assert_int_equal(peer_info(p, c).cwnd, cwnd);
	peer_expect_nothing(p);
	peer_wait(p, HF_SEC(10));
	assert_int_equal(peer_state(p, c), state); /* nor later */
	peer_free(p);
}

static void forged_icmp_hard_errors_end_no_synchronised_connection(void **state)
{
	static const hf_state synchronised[] = { HF_ESTABLISHED, HF_FIN_WAIT_1, HF_CLOSE_WAIT,
						 HF_CLOSING, HF_LAST_ACK };

	(void)state;
	for (size_t i = 0; i < sizeof(synchronised) / sizeof(synchronised[0]); i++) {
		storm_of_errors(false, synchronised[i]);
		storm_of_errors(true, synchronised[i]);
	}
}

/* Before the handshake is done they count, but only with the number of the SYN: 1 in 2^32. */
static void forged_icmp_hard_errors_must_quote_the_syn(void **state)
{
	static const report port = { 3, 3, HF_WHY_ICMP_PORT };
	uint64_t seed = 1;
	peer *p = peer_new(NULL);
	hf_conn c = peer_open(p);
	const peer_seen *syn = peer_expect(p, SYN);
	peer_seen *forged = malloc(sizeof(*syn) + 64);

	(void)state;
	assert_non_null(forged);
	memcpy(forged, syn, sizeof(*syn) + 40);
	for (unsigned i = 0; i < 20000; i++) {
		uint32_t guess = draw(&seed);

		hf_put32(forged->octets + 24, guess == syn->tcp.seq.v ? 0 : guess);
		assert_int_equal(complain(p, port, 0, forged), HF_WHY_ICMP_QUOTE_SEQ);
	}
	free(forged);
	assert_int_equal(peer_state(p, c), HF_SYN_SENT);
	peer_free(p);
}

/* ---- Forged ICMP frag-needed, and what fragments could bring ---- */

static const report too_big = { 3, 4, HF_WHY_ICMP_TOO_BIG };
static const report too_big_v6 = { 2, 0, HF_WHY_ICMP_TOO_BIG };

/*
 * The attacker reports ever smaller MTUs about what is in flight, on a path that has proved
 * nothing. All octets arrive, in packets that are never fragments and never below 552 octets (1280
 * over IPv6) while there is more to send.
 */
static void shrink(bool is_v6)
{
	static const uint32_t mtus[] = { 1499, 1280, 576, 553, 552, 551, 296, 68, 67, 1, 0 };
	hf_config config = peer_config(is_v6);
	uint32_t una = 1, most = 0, least = is_v6 ? 1280 : MTU_LEAST;
	peer *p;
	hf_conn c;

	p = peer_new(&config);
	c = peer_handshake_passive(p);
	peer_app_send(p, c, 1, 30000);
	for (unsigned i = 0; una < 30001; i++) {
		const peer_seen *s, *last = NULL;
		uint32_t end = una;

		while ((s = peer_next(p))) {
			assert_true(s->len + 40 + 20 * is_v6 >= least || s->seq + s->len == 30001 ||
				    s->tcp.flags & PSH || s->seq < most);
			peer_check_text(s);
			end = s->seq + s->len > end ? s->seq + s->len : end;
			last = s;
			most = end > most ? end : most;
		}
		if (last && i < sizeof(mtus) / sizeof(mtus[0]))
			complain(p, is_v6 ? too_big_v6 : too_big, mtus[i], last);
		else
			PEER_SAY(p, .flags = ACK, .seq = 1, .ack = una = end);
		assert_true(peer_info(p, c).pmtu >= least);
		assert_true(i < 200);
	}
	peer_free(p);
}

static void forged_icmp_frag_needed_makes_nothing_tiny(void **state)
{
	(void)state;
	shrink(false);
	shrink(true);
}

/* Feng, NDSS 2022: the report quotes no segment at all, but a ping or a datagram that the attacker
 * made the host send, and so needs no sequence number. */
static void off_path_reset_via_pmtud_other_quotes_change_nothing(void **state)
{
	static const uint8_t protocols[] = { HF_IPPROTO_ICMP, 17, 2, 4, 41, 50, 255 };
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p), d;
	const peer_seen *s;
	peer_seen *forged;

	(void)state;
	peer_app_send(p, c, 1, 1460);
	s = peer_expect(p, ACK);
	forged = malloc(sizeof(*s) + 64);
	assert_non_null(forged);
	memcpy(forged, s, sizeof(*s) + 40);
	for (size_t i = 0; i < sizeof(protocols); i++) {
		forged->octets[9] = protocols[i];
		assert_int_equal(complain(p, too_big, 68, forged), HF_WHY_ICMP_QUOTE);
	}
	free(forged);
	assert_int_equal(peer_info(p, c).pmtu, 1500);
	p->self.port++; /* and nothing is kept of it for the next connection */
	d = peer_handshake_passive(p);
	assert_int_equal(peer_info(p, d).pmtu, 1500);
	peer_free(p);
}

/*
 * Even with a number in flight: nothing leaves as a fragment, and the identifications that a router
 * would need to fragment by, where Don't Fragment is gone, cannot be told from outside.
 */
static void off_path_reset_via_pmtud_leaves_no_fragments_to_inject_into(void **state)
{
	static chance id;

	(void)state;
	for (uint64_t secret = 1; secret <= 400; secret++) {
		hf_config config = of_secret(secret);
		peer *p = peer_new(&config);
		hf_conn c = peer_handshake_passive(p);
		const peer_seen *s;

		peer_app_send(p, c, 1, 1460);
		assert_int_equal(complain(p, too_big, 68, peer_expect(p, ACK)), too_big.reason);
		s = peer_expect(p, ACK);
		chance_count(&id, s->ip.id >> 10);
		for (; s; s = peer_next(p)) {
			/*
			 * The parser of the test takes no fragment: here are the bits themselves.
			 */
			assert_int_equal(hf_get16(s->octets + 6) & 0x3fff, 0);
			assert_true(s->len + 40 <= MTU_LEAST);
		}
		peer_free(p);
	}
	assert_true(chance_is_even(&id, 64));
}

/* The other direction: what an attacker would have put together with the peer's segment. */
static void off_path_reset_via_pmtud_fragments_are_not_put_together(void **state)
{
	static uint8_t packet[1500];
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);
	hf_ip ip = { .src = p->self.addr,
		     .dst = p->host.addr,
		     .version = 4,
		     .protocol = HF_IPPROTO_TCP,
		     .ttl = 64 };
	hf_conn_info before = peer_info(p, c), after;

	(void)state;
	for (unsigned field = 1; field < 0x4000; field += 7) { /* MF and all offsets */
		size_t at = hf_ip_emit(&ip, 600, packet);

		hf_put16(packet + 6, (uint16_t)field);
		hf_put16(packet + 10, 0);
		hf_put16(packet + 10, hf_sum_finish(hf_sum_octets(0, packet, at)));
		assert_int_equal(peer_give(p, packet, at + 600), HF_WHY_IP_FRAGMENT);
	}
	after = peer_info(p, c);
	assert_int_equal(after.rcv_nxt, before.rcv_nxt);
	assert_int_equal(after.segments_received, before.segments_received);
	peer_expect_nothing(p);
	peer_free(p);
}

/* ---- ICMP source quench / redirect: RFC 6633 ---- */

static void icmp_source_quench_and_redirect_are_nothing(void **state)
{
	static const report quench = { 4, 0, HF_WHY_ICMP_SOURCE_QUENCH };
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);
	uint32_t gateway = UINT32_C(0xc0000263); /* the router that complains */
	hf_conn_info before;
	const peer_seen *s;

	(void)state;
	peer_app_send(p, c, 1, 1460);
	s = peer_expect(p, ACK);
	before = peer_info(p, c);
	for (unsigned i = 0; i < 1000; i++) {
		report redirect = { 5, (uint8_t)(i % 4), HF_WHY_ICMP_REDIRECT };

		assert_int_equal(complain(p, quench, 0, s), HF_WHY_ICMP_SOURCE_QUENCH);
		assert_int_equal(complain(p, redirect, gateway, s), HF_WHY_ICMP_REDIRECT);
	}
	assert_int_equal(peer_info(p, c).cwnd, before.cwnd);
	assert_int_equal(peer_info(p, c).ssthresh, before.ssthresh);
	peer_expect_nothing(p);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1461);
	peer_app_send(p, c, 1461, 10);
	assert_memory_equal(peer_expect(p, ACK)->ip.dst.octet, p->self.addr.octet, 16);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipid_side_channel_identifications_are_constant_by_default),
		cmocka_unit_test(ipid_side_channel_does_not_count_packets_to_others),
		cmocka_unit_test(forged_icmp_hard_errors_end_no_synchronised_connection),
		cmocka_unit_test(forged_icmp_hard_errors_must_quote_the_syn),
		cmocka_unit_test(forged_icmp_frag_needed_makes_nothing_tiny),
		cmocka_unit_test(off_path_reset_via_pmtud_other_quotes_change_nothing),
		cmocka_unit_test(off_path_reset_via_pmtud_leaves_no_fragments_to_inject_into),
		cmocka_unit_test(off_path_reset_via_pmtud_fragments_are_not_put_together),
		cmocka_unit_test(icmp_source_quench_and_redirect_are_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
