/* SPDX-License-Identifier: BSD-2-Clause */
/* What scanners learn, and how many resets they get: the tables of docs/scans.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/peer.h"

#define CLOSED_PORT 81

/* What comes back to a probe. */
enum answer { SILENCE, SYN_ACK, RESET, RESET_ACK };

static hf_config with_policy(hf_scan_policy policy)
{
	hf_config config = peer_config(false);

	config.scans = policy;
	return config;
}

static peer *host(hf_scan_policy policy)
{
	hf_config config = with_policy(policy);
	peer *p = peer_new(&config);

	peer_listen(p);
	return p;
}

/* Fails unless it is all that comes, and looks the same whatever the port. */
static void expect(peer *p, enum answer want)
{
	static const uint16_t flags[] = { 0, SYN | ACK, RST, RST | ACK };
	const peer_seen *s;

	if (want != SILENCE) {
		s = peer_expect(p, flags[want]);
		assert_int_equal(s->ip.id, 0);
		assert_int_equal(s->ip.ttl, 64);
		if (want != SYN_ACK) {
			assert_int_equal(s->tcp.window, 0); /* a window scan sees nothing */
			assert_int_equal(s->tcp.options.present, 0);
		}
	}
	peer_expect_nothing(p);
}

/* A host that nobody has spoken to gets one probe; and it keeps nothing but a SYN. */
static void probe(hf_scan_policy policy, uint16_t port, uint16_t flags, enum answer want)
{
	peer *p = host(policy);

	p->host.port = port;
	PEER_SAY(p, .flags = flags, .seq = 7, .ack = 99);
	expect(p, want);
	assert_int_equal(peer_stats(p).half_open, want == SYN_ACK);
	peer_free(p);
}

static const struct scan {
	const char *name;
	uint16_t flags;
	enum answer listening, closed; /* of the open policy */
	enum answer stealthy;          /* of a listening port; closed ones are silent then */
} scans[] = {
	{ "SYN", SYN, SYN_ACK, RESET_ACK, SYN_ACK },
	{ "connect", SYN, SYN_ACK, RESET_ACK, SYN_ACK },
	{ "ACK, window", ACK, RESET, RESET, RESET },
	{ "FIN", FIN, SILENCE, RESET_ACK, SILENCE },
	{ "NULL", 0, SILENCE, RESET_ACK, SILENCE },
	{ "XMAS", FIN | PSH | URG, SILENCE, RESET_ACK, SILENCE },
	{ "Maimon", FIN | ACK, RESET, RESET, RESET },
	{ "SYN-ACK, idle", SYN | ACK, RESET, RESET, RESET },
	{ "SYN-FIN", SYN | FIN, SILENCE, RESET_ACK, SILENCE },
	{ "RST", RST, SILENCE, SILENCE, SILENCE },
};

static void an_open_host_answers_as_the_rfc_has_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(scans) / sizeof(scans[0]); i++) {
		probe(HF_SCANS_OPEN, PEER_HOST_PORT, scans[i].flags, scans[i].listening);
		probe(HF_SCANS_OPEN, CLOSED_PORT, scans[i].flags, scans[i].closed);
	}
}

static void of_a_stealthy_host_only_listening_ports_are_seen(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(scans) / sizeof(scans[0]); i++) {
		probe(HF_SCANS_STEALTH, PEER_HOST_PORT, scans[i].flags, scans[i].stealthy);
		probe(HF_SCANS_STEALTH, CLOSED_PORT, scans[i].flags, SILENCE);
	}
}

/* Every combination of flags at a closed port of a stealthy host. */
static void no_segment_makes_a_stealthy_hosts_closed_port_speak(void **state)
{
	(void)state;
	for (uint16_t flags = 0; flags < 0x200; flags++)
		probe(HF_SCANS_STEALTH, CLOSED_PORT, flags, SILENCE);
}

static void a_stealthy_host_does_not_answer_pings(void **state)
{
	/* 192.0.2.2 to 192.0.2.1: an echo request of ICMP, without text */
	static const uint8_t ping[] = { 0x45, 0,    0,    28,   0, 0, 0,   0, 64, 1,
					0xf6, 0xdd, 192,  0,    2, 2, 192, 0, 2,  1,
					8,    0,    0xf7, 0xff, 0, 0, 0,   0 };

	(void)state;
	for (int stealthy = 0; stealthy < 2; stealthy++) {
		peer *p = host(stealthy ? HF_SCANS_STEALTH : HF_SCANS_OPEN);

		assert_int_equal(peer_give(p, ping, sizeof(ping)),
				 stealthy ? HF_WHY_ICMP_TYPE : HF_WHY_NONE);
		assert_int_equal(peer_ignore(p), !stealthy);
		peer_free(p);
	}
}

/* ---- How many resets ---- */

static unsigned resets_for(peer *p, unsigned segments)
{
	for (unsigned i = 0; i < segments; i++) {
		hf_reason why = PEER_SAY(p, .flags = SYN, .seq = i);

		assert_true(why == HF_WHY_NO_LISTENER || why == HF_WHY_RESET_LIMIT);
	}
	return peer_ignore(p);
}

static void resets_are_limited_to_200_a_second(void **state)
{
	peer *p = host(HF_SCANS_OPEN);

	(void)state;
	p->host.port = CLOSED_PORT;
	assert_int_equal(resets_for(p, 1000), 200);
	assert_int_equal(peer_stats(p).reasons[HF_WHY_RESET_LIMIT], 800);
	peer_wait(p, HF_MS(4));
	assert_int_equal(resets_for(p, 1000), 0);
	peer_wait(p, HF_MS(1)); /* one in 5 ms */
	assert_int_equal(resets_for(p, 1000), 1);
	peer_wait(p, HF_MS(500));
	assert_int_equal(resets_for(p, 1000), 100);
	peer_wait(p, HF_SEC(100)); /* no more are saved up than those of one second */
	assert_int_equal(resets_for(p, 1000), 200);
	peer_free(p);
}

static void the_limit_is_a_setting_and_counts_every_refusal(void **state)
{
	hf_config config = with_policy(HF_SCANS_OPEN);
	peer *p;

	(void)state;
	config.reset_rate = 3;
	p = peer_new(&config);
	peer_listen(p);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .ack = 5), HF_WHY_LISTEN_ACK);
	p->host.port = CLOSED_PORT;
	assert_int_equal(PEER_SAY(p, .flags = ACK, .ack = 5), HF_WHY_NO_CONNECTION);
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_NO_LISTENER);
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_RESET_LIMIT);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .ack = 5), HF_WHY_RESET_LIMIT);
	p->host.port = PEER_HOST_PORT;
	assert_int_equal(PEER_SAY(p, .flags = ACK, .ack = 5), HF_WHY_RESET_LIMIT);
	assert_int_equal(peer_ignore(p), 3);
	peer_free(p);
}

static void any_number_of_resets_may_be_asked_for(void **state)
{
	hf_config config = with_policy(HF_SCANS_OPEN);
	peer *p;

	(void)state;
	config.reset_rate = UINT32_MAX;
	p = peer_new(&config);
	p->host.port = CLOSED_PORT;
	assert_int_equal(resets_for(p, 3000), 3000);
	peer_free(p);
}

/* A connection that exists is not limited: it gets the challenge ACKs that it is owed. */
static void what_is_spent_on_strangers_costs_no_connection(void **state)
{
	hf_config config = with_policy(HF_SCANS_OPEN);
	hf_conn c;
	peer *p;

	(void)state;
	config.reset_rate = 1;
	p = peer_new(&config);
	c = peer_handshake_passive(p);
	p->host.port = CLOSED_PORT;
	resets_for(p, 10);
	p->host.port = PEER_HOST_PORT;
	PEER_SAY(p, .flags = RST, .seq = 2);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1);
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	assert_int_equal(hf_conn_abort(p->stack, c), HF_OK);
	peer_expect(p, RST | ACK);
	peer_free(p);
}

/*
 * Off-path: segments in another's name spend his resets, not the scanner's. Of 50 others one or two
 * may share the scanner's bucket, one of 64; the scanner cannot know which.
 */
static void a_scanner_does_not_see_what_others_are_sent(void **state)
{
	unsigned seen = 0;

	(void)state;
	for (uint8_t other = 0; other < 50; other++) {
		hf_config config = with_policy(HF_SCANS_OPEN);
		peer *p;

		config.reset_rate = 10;
		p = peer_new(&config);
		p->host.port = CLOSED_PORT;
		p->self.addr = hf_addr_v4(203, 0, other, 1);
		assert_int_equal(resets_for(p, 100), 10);
		p->self.addr = hf_addr_v4(198, 51, 100, 1);
		seen += resets_for(p, 10) < 10;
		peer_free(p);
	}
	assert_true(seen <= 4);
}

/* As a "zombie" of an idle scan: nothing that it sends counts anything up. */
static void an_idle_host_counts_nothing_that_can_be_seen(void **state)
{
	peer *p = host(HF_SCANS_OPEN);

	(void)state;
	for (uint8_t i = 0; i < 20; i++) {
		p->self.addr = hf_addr_v4(203, 0, 113, (uint8_t)(i + 1));
		PEER_SAY(p, .flags = SYN | ACK, .seq = 1, .ack = 99);
		expect(p, RESET);
	}
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_open_host_answers_as_the_rfc_has_it),
		cmocka_unit_test(of_a_stealthy_host_only_listening_ports_are_seen),
		cmocka_unit_test(no_segment_makes_a_stealthy_hosts_closed_port_speak),
		cmocka_unit_test(a_stealthy_host_does_not_answer_pings),
		cmocka_unit_test(resets_are_limited_to_200_a_second),
		cmocka_unit_test(the_limit_is_a_setting_and_counts_every_refusal),
		cmocka_unit_test(any_number_of_resets_may_be_asked_for),
		cmocka_unit_test(what_is_spent_on_strangers_costs_no_connection),
		cmocka_unit_test(a_scanner_does_not_see_what_others_are_sent),
		cmocka_unit_test(an_idle_host_counts_nothing_that_can_be_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
