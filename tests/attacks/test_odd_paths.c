/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths that swallow, forget and conceal, and who profits from it, in virtual time. */
/*
 * The attacks "Low MSS + PMTU blackhole", "Wi-Fi / NAT off-path hijack", "ECN / AccECN cheating"
 * and "Silly window".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/octets.h"
#include "lab/apps.h"
#include "lab/craft.h"

/* Two hosts, and between them a path on which somebody may stand. */
typedef struct scene {
	hf_lab *lab;
	hf_lab_node *client, *server;
	hf_lab_link *link;
	hf_lab_server listens;
	hf_lab_talk talk[2]; /* the client's, the server's */
	hf_lab_talk_plan plan[2];
	int version;
} scene;

static void accepted(void *ctx, hf_lab_server *server, hf_conn conn)
{
	scene *s = ctx;

	(void)server;
	hf_lab_talk_on(&s->talk[1], s->server, conn, &s->plan[1]);
}

/* The two of them, with `config` each (NULL: the usual one); links are the caller's. */
static scene hosts(uint64_t seed, int version, const hf_config config[2])
{
	static const char *const v4[2] = { "10.0.0.1/24", "10.0.1.1/24" };
	static const char *const v6[2] = { "fd00::1/64", "fd00:0:0:1::1/64" };
	const char *const *at = version == 4 ? v4 : v6;
	scene s = { .lab = hf_lab_new(seed), .version = version };

	assert_int_equal(
		hf_lab_host_add(s.lab, "client", at[0], config ? &config[0] : NULL, &s.client),
		HF_OK);
	assert_int_equal(
		hf_lab_host_add(s.lab, "server", at[1], config ? &config[1] : NULL, &s.server),
		HF_OK);
	return s;
}

/* The client opens, and both talk by their plans. */
static void begin(scene *s, const hf_listener_options *options)
{
	hf_endpoint remote = { hf_lab_address(s->server, s->version), 80 };

	s->listens = (hf_lab_server){ .accepted = accepted, .ctx = s };
	assert_int_equal(
		hf_lab_server_open(&s->listens, s->server, &(hf_endpoint){ .port = 80 }, options),
		HF_OK);
	assert_int_equal(hf_lab_talk_open(&s->talk[0], s->client, &remote, NULL, &s->plan[0]),
			 HF_OK);
}

/* Each sends so much and half-closes; both read to the end. */
static void exchange(scene *s, uint64_t up, uint64_t down)
{
	s->plan[0] = (hf_lab_talk_plan){ .send_key = 1, .send = up, .receive_key = 2 };
	s->plan[1] = (hf_lab_talk_plan){ .send_key = 2, .send = down, .receive_key = 1 };
}

static void assert_whole(const scene *s)
{
	for (int i = 0; i < 2; i++) {
		assert_true(s->talk[i].wrong == 0);
		assert_true(s->talk[i].got_end);
		assert_true(s->talk[i].received == s->plan[!i].send);
		assert_int_equal(s->talk[i].error, HF_OK);
	}
}

/* ---- Low MSS + PMTU blackhole: RFC 2923, RFC 8899 ---- */

#define TEXT 200000u

static void black_hole(int version, uint32_t mtu, int64_t mss)
{
	hf_lab_path path = { .delay = HF_MS(5), .mtu = mtu, .mtu_silent = true };
	scene s = hosts(mtu, version, NULL);

	hf_lab_link_add("wire", s.client, s.server, &path, &s.link);
	exchange(&s, TEXT, TEXT);
	begin(&s, NULL);
	if (mss > 0) {
		assert_int_equal(
			hf_conn_set(hf_lab_stack(s.client), s.talk[0].app.conn, HF_OPTION_MSS, mss),
			HF_OK);
	}
	/*
	 * Below the base of the search, 1024 octets of text, nine time-outs in a row go by first.
	 */
	hf_lab_run_until(s.lab, (hf_time){ HF_SEC(600) });
	assert_whole(&s);
	/* What vanished is a few probes of what the path takes, not the stream time and again. */
	assert_true(hf_lab_counted(s.lab).too_big <= 60);
	assert_true(hf_lab_counted(s.lab).spins + hf_lab_counted(s.lab).overruns == 0);
	hf_lab_free(s.lab);
}

static void low_mss_and_pmtu_blackhole_connections_complete(void **state)
{
	static const uint32_t mtus[] = { 1499, 1492, 1400, 1280, 1100, 1000, 600 };

	(void)state;
	for (unsigned i = 0; i < sizeof(mtus) / sizeof(mtus[0]); i++) {
		black_hole(4, mtus[i], 0);
		black_hole(4, mtus[i], 48);
		black_hole(4, mtus[i], 536);
		if (mtus[i] < 1280)
			continue;
		black_hole(6, mtus[i], 0);
		black_hole(6, mtus[i], 88);
	}
}

/* ---- Wi-Fi / NAT off-path hijack: ReDAN, NDSS 2025 ---- */

/* A translator that drops its mapping when a reset passes, whatever its number. */
typedef struct nat {
	bool is_open;
	unsigned dropped, forged;
	scene *scene;
	hf_lab_node *attacker;
	hf_lab_link *way; /* the attacker's */
	uint64_t seed;
} nat;

static hf_lab_verdict translate(void *ctx, int from, hf_lab_packet *packet)
{
	nat *n = ctx;
	hf_ip ip;
	hf_tcp tcp;

	if (hf_ip_parse((hf_view){ packet->data, packet->len }, &ip) != HF_WHY_NONE ||
	    hf_tcp_parse(&ip, false, &tcp) != HF_WHY_NONE)
		return HF_LAB_PASS;
	if (from == 0) {
		n->is_open = true; /* something from inside makes a mapping */
	} else if (!n->is_open) {
		n->dropped++;
		return HF_LAB_DROP;
	} else if (tcp.flags & HF_TCP_RST) {
		n->is_open = false;
	}
	return HF_LAB_PASS;
}

/* A reset in the server's name, of a number that is a guess. */
static void forge(void *ctx)
{
	nat *n = ctx;
	hf_lab_random random = hf_lab_random_of(n->seed++, "attacker");
	hf_conn_info info;
	uint8_t packet[100];
	hf_ip ip = { .src = hf_lab_address(n->scene->server, 4),
		     .dst = hf_lab_address(n->scene->client, 4) };
	hf_tcp tcp = { .src_port = 80,
		       .seq = { (uint32_t)hf_lab_random_next(&random) },
		       .flags = HF_TCP_RST };

	if (hf_conn_info_get(hf_lab_stack(n->scene->client), n->scene->talk[0].app.conn, &info) !=
	    HF_OK)
		return; /* it is over */
	tcp.dst_port = info.local.port;
	if (n->forged++ % 2 == 0) /* in the window, though not exact */
		tcp.seq = (hf_seq){ info.rcv_nxt + 1 + tcp.seq.v % 1000 };
	hf_lab_send(n->attacker, n->way, packet,
		    hf_lab_craft_tcp(&ip, &tcp, packet, sizeof(packet)));
	hf_lab_after(n->scene->lab, HF_MS(400), forge, n);
}

static void hijack(uint64_t up, uint64_t down, hf_ns keepalive)
{
	hf_lab_path path = { .rate = 2000000, .delay = HF_MS(5), .queue_octets = 30000 };
	scene s = hosts(1, 4, NULL);
	nat n = { .scene = &s, .seed = 1 };
	hf_lab_node *router;
	hf_lab_link *home, *far;

	hf_lab_router_add(s.lab, "router", "10.0.0.254", NULL, &router);
	n.attacker = hf_lab_raw_add(s.lab, "attacker", NULL, NULL);
	hf_lab_link_add("home", s.client, router, &path, &home);
	hf_lab_link_add("far", router, s.server, &path, &far);
	hf_lab_link_add("way", n.attacker, router, &path, &n.way);
	hf_lab_route_add(router, "10.0.0.0/24", home);
	hf_lab_route_add(router, "10.0.1.0/24", far);
	hf_lab_filter_add(home, translate, &n);
	exchange(&s, up, down);
	s.plan[0].keepalive = keepalive;
	begin(&s, NULL);
	hf_lab_after(s.lab, HF_MS(100), forge, &n);
	hf_lab_run_until(s.lab, (hf_time){ HF_SEC(300) });
	assert_true(n.forged >= 5);
	assert_whole(&s);
	hf_lab_free(s.lab);
}

/*
 * The mapping is another's, and so is the fault; but no stream is lost by it. Who sends opens it
 * anew, and who only listens does so by keep-alive probes.
 */
static void nat_off_path_hijack_takes_no_stream_away(void **state)
{
	(void)state;
	hijack(500000, 0, 0);
	hijack(500000, 500000, 0);
	hijack(0, 500000, HF_SEC(1));
}

/* ---- ECN / AccECN cheating: RFC 3168, RFC 9768 ---- */

/* The receiver conceals the marks: no ECE, and the counter of Accurate ECN stands still. */
static hf_lab_verdict conceal(void *ctx, int from, hf_lab_packet *packet)
{
	const bool *accurate = ctx;
	hf_ip ip;
	hf_tcp tcp;
	uint8_t whole[2048];

	if (from == 0 || packet->len > sizeof(whole) ||
	    hf_ip_parse((hf_view){ packet->data, packet->len }, &ip) != HF_WHY_NONE ||
	    hf_tcp_parse(&ip, false, &tcp) != HF_WHY_NONE || tcp.flags & HF_TCP_SYN)
		return HF_LAB_PASS;
	if (*accurate) { /* ACE is 5 for ever: no mark since the handshake */
		tcp.flags &= (uint16_t) ~(HF_TCP_AE | HF_TCP_CWR | HF_TCP_ECE);
		tcp.flags |= HF_TCP_AE | HF_TCP_ECE;
		tcp.options.present &= ~(uint32_t)(HF_HAS(ACC_ECN_0) | HF_HAS(ACC_ECN_1));
	} else {
		tcp.flags &= (uint16_t)~HF_TCP_ECE;
	}
	packet->len = (uint32_t)hf_lab_craft_tcp(&ip, &tcp, whole, sizeof(whole));
	assert_true(packet->len > 0 && packet->len <= packet->capacity);
	for (uint32_t i = 0; i < packet->len; i++)
		packet->data[i] = whole[i];
	return HF_LAB_PASS;
}

/* Octets that arrive in 20 s over a marking path, as the client sends without end. */
static uint64_t arrived(hf_ecn_policy client, hf_ecn_policy server, bool conceals, uint32_t *marks)
{
	hf_lab_path path = {
		.rate = 10000000, .delay = HF_MS(10), .queue_octets = 40000, .mark_octets = 15000
	};
	hf_config config[2] = { { .mtu = 1500, .ecn = client }, { .mtu = 1500, .ecn = server } };
	bool accurate = client == HF_ECN_ACCURATE;
	scene s = hosts(3, 4, config);
	hf_conn_info info;
	uint64_t octets;

	hf_lab_link_add("wire", s.client, s.server, &path, &s.link);
	if (conceals)
		hf_lab_filter_add(s.link, conceal, &accurate);
	exchange(&s, UINT64_MAX, 0);
	s.plan[1].ending = HF_LAB_LAST;
	begin(&s, NULL);
	hf_lab_run_until(s.lab, (hf_time){ HF_SEC(20) });
	assert_int_equal(hf_conn_info_get(hf_lab_stack(s.client), s.talk[0].app.conn, &info),
			 HF_OK);
	assert_int_equal(info.ecn, client == HF_ECN_OFF ? HF_ECN_MODE_NONE :
				   accurate             ? HF_ECN_MODE_ACCURATE :
							  HF_ECN_MODE_CLASSIC);
	/* Whatever is concealed: no more is on the way than path and queue hold, or it is lost. */
	assert_true(info.pipe <= 25000 + 40000 + 20 * 1500);
	assert_true(s.talk[1].wrong == 0);
	octets = s.talk[1].received;
	*marks = (uint32_t)hf_lab_counted(s.lab).marked;
	hf_lab_free(s.lab);
	return octets;
}

/* What a cheat gets is what he would get without ECN: losses bound him, like everybody. */
static void ecn_cheating_gains_no_more_than_having_no_ecn(void **state)
{
	uint32_t marks, none;
	uint64_t without = arrived(HF_ECN_OFF, HF_ECN_OFF, false, &none);
	uint64_t classic = arrived(HF_ECN_REQUEST, HF_ECN_REQUEST, true, &marks);

	(void)state;
	assert_int_equal(none, 0);
	assert_true(marks > 100);
	assert_true(classic <= without + without / 50);
	assert_true(arrived(HF_ECN_ACCURATE, HF_ECN_ACCURATE, true, &marks) <=
		    without + without / 50);
	assert_true(marks > 100);
	/* An honest receiver has hardly less, and few losses: so there is little to gain. */
	assert_true(arrived(HF_ECN_REQUEST, HF_ECN_REQUEST, false, &marks) >=
		    without - without / 10);
	assert_true(marks > 0);
}

/* ---- Silly window ---- */

/*
 * Both ends are silly: octets are written and read one by one. The path sees segments all the same.
 */
static void silly_window_octets_at_both_ends_travel_together(void **state)
{
	hf_lab_path path = { .rate = 1000000, .delay = HF_MS(20) };
	hf_config config[2] = { { .mtu = 1500 }, { .mtu = 1500, .receive_buffer = 8000 } };
	scene s = hosts(5, 4, config);
	hf_conn_info info;

	(void)state;
	hf_lab_link_add("wire", s.client, s.server, &path, &s.link);
	exchange(&s, 60000, 0);
	s.plan[0].ending = HF_LAB_LAST;
	s.plan[0].write_chunk = 1;
	s.plan[1].read_chunk = 1;
	s.plan[1].read_pause = HF_US(500);
	s.plan[1].ending = HF_LAB_LAST;
	begin(&s, NULL);
	hf_lab_run_until(s.lab, (hf_time){ HF_SEC(60) });
	assert_int_equal(hf_conn_info_get(hf_lab_stack(s.client), s.talk[0].app.conn, &info),
			 HF_OK);
	assert_true(s.talk[1].received == 60000 && s.talk[1].wrong == 0);
	print_message("# 60000 octets in %u segments, %u packets in all\n", info.segments_sent,
		      (unsigned)hf_lab_counted(s.lab).packets);
	assert_true(info.segments_sent <= 150); /* 42 full ones would do */
	assert_true(hf_lab_counted(s.lab).packets <= 350);
	hf_lab_free(s.lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(low_mss_and_pmtu_blackhole_connections_complete),
		cmocka_unit_test(nat_off_path_hijack_takes_no_stream_away),
		cmocka_unit_test(ecn_cheating_gains_no_more_than_having_no_ecn),
		cmocka_unit_test(silly_window_octets_at_both_ends_travel_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
