/* SPDX-License-Identifier: BSD-2-Clause */
/* The largest headers there can be, and packets inside packets: answers copy nothing of them. */

/*
 * Attacks (catalogue.txt):
 *	ICMP error echo overflow
 *	Ripple20: IP-in-IP length
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/raw.h"

#define RESET_LEN 40 /* IPv4 and TCP headers without options */

static void checks_answers(peer *p, size_t most)
{
	const peer_seen *s;

	while ((s = peer_next(p)) != NULL) {
		assert_int_equal(s->ip.protocol, HF_IPPROTO_TCP); /* no ICMP error quotes it */
		assert_int_equal(s->ip.options.len, 0);
		assert_true(s->tcp.options.present == 0 || s->tcp.flags & SYN);
		assert_true(hf_ip_header_len(&s->ip) + hf_tcp_header_len(&s->tcp) + s->len <= most);
	}
}

/* 40 octets of options in IP and 40 in TCP, of each kind, to a closed port and to an open one. */
static void what_answers_large_headers_is_small(void **state)
{
	hf_config config = peer_config(false);
	uint8_t ip_options[40], options[40];
	peer *p;

	(void)state;
	config.reset_rate = UINT32_MAX; /* every one is answered */
	p = peer_new(&config);
	peer_listen(p);
	p->ip_options = (hf_view){ ip_options, sizeof(ip_options) };
	for (unsigned kind = 0; kind < 256; kind++) {
		static const uint16_t flags[] = {
			SYN, ACK, FIN | ACK, 0, SYN | ACK, FIN | PSH | URG
		};

		memset(ip_options, kind % 2, sizeof(ip_options)); /* ends of the list, or NOPs */
		memset(options, HF_OPT_NOP, sizeof(options));
		options[0] = (uint8_t)kind;
		options[1] = kind < 2 ? 1 : 40;
		for (unsigned i = 0; i < 12; i++) {
			p->host.port = i < 6 ? PEER_HOST_PORT : 81;
			p->self.port = (uint16_t)(1000 + kind * 6 + i % 6);
			RAW_SAY(p, .flags = flags[i % 6], .seq = kind, .ack = 5,
				.options = { options, 40 }, .len = kind);
			checks_answers(p, 60); /* a SYN-ACK has options of its own */
		}
	}
	assert_true(peer_stats(p).reasons[HF_WHY_NO_LISTENER] >= 256);
	assert_int_equal(peer_stats(p).causes[HF_SENT_ICMP_ERROR], 0);
	peer_free(p);
}

static void a_reset_is_no_larger_than_what_provoked_it(void **state)
{
	peer *p = peer_new(NULL);

	(void)state;
	for (uint32_t len = 0; len < 1400; len += 100) {
		assert_int_equal(RAW_SAY(p, .flags = SYN, .len = len), HF_WHY_NO_LISTENER);
		checks_answers(p, RESET_LEN);
	}
	peer_free(p);
}

/* A packet of protocol `outer` that holds a whole SYN for us, or what claims to be one. */
static hf_reason give_wrapped(peer *p, uint8_t outer, size_t inner_says)
{
	raw_segment syn = { .flags = SYN };
	uint8_t packet[RAW_MAX] = { 0 };
	size_t len = raw_build(p, &syn, packet + 20);
	hf_ip ip = {
		.src = p->self.addr, .dst = p->host.addr, .version = 4, .protocol = outer, .ttl = 64
	};

	hf_put16(packet + 22, (uint16_t)inner_says);
	hf_ip_emit(&ip, len, packet);
	return peer_give(p, packet, 20 + len);
}

static void no_tunnel_ends_here(void **state)
{
	static const uint8_t tunnels[] = { 4, 41, 47, 50, 51, 94, 97, 98, 137 };
	peer *p = peer_new(NULL);

	(void)state;
	peer_listen(p);
	for (size_t i = 0; i < sizeof(tunnels); i++) {
		for (size_t says = 0; says < 65536; says += says < 64 ? 1 : 8191)
			assert_int_equal(give_wrapped(p, tunnels[i], says), HF_WHY_IP_PROTOCOL);
	}
	assert_int_equal(peer_stats(p).half_open, 0);
	peer_expect_nothing(p);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_answers_large_headers_is_small),
		cmocka_unit_test(a_reset_is_no_larger_than_what_provoked_it),
		cmocka_unit_test(no_tunnel_ends_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
