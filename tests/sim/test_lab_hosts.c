/* SPDX-License-Identifier: BSD-2-Clause */
/* The lab's hosts and applications: stacks that talk over links, and what a trace says of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/octets.h"
#include "lab/apps.h"
#include "lab/craft.h"
#include "lab/parts.h"
#include "lab/trace.h"

#define LONG ((hf_time){ HF_SEC(7200) })

/* Two hosts and a wire; a server on the second that starts a talker on each connection. */
struct bench {
	hf_lab *lab;
	hf_lab_node *client, *server;
	hf_lab_link *link;
	hf_lab_server listener;
	hf_lab_talk_plan client_plan, server_plan;
	hf_lab_talk at_client, at_server;
	hf_lab_echo echo;
	bool echoes;
};

static void accepted(void *ctx, hf_lab_server *server, hf_conn conn)
{
	struct bench *b = ctx;

	if (b->echoes)
		hf_lab_echo_on(&b->echo, server->app.host, conn);
	else
		hf_lab_talk_on(&b->at_server, server->app.host, conn, &b->server_plan);
}

static struct bench *bench_new(const hf_lab_path *path, const hf_config *config)
{
	struct bench *b = calloc(1, sizeof(*b));
	hf_endpoint local = { .port = 80 };

	assert_non_null(b);
	b->lab = hf_lab_new(7);
	assert_int_equal(
		hf_lab_host_add(b->lab, "client", "10.0.0.1/24 fd00::1/64", config, &b->client),
		HF_OK);
	assert_int_equal(
		hf_lab_host_add(b->lab, "server", "10.0.0.2/24 fd00::2/64", config, &b->server),
		HF_OK);
	assert_int_equal(hf_lab_link_add("wire", b->client, b->server, path, &b->link), HF_OK);
	b->listener.accepted = accepted;
	b->listener.ctx = b;
	assert_int_equal(hf_lab_server_open(&b->listener, b->server, &local, NULL), HF_OK);
	b->client_plan = (hf_lab_talk_plan){ .send_key = 1, .receive_key = 2, .send = 20000 };
	b->server_plan = (hf_lab_talk_plan){ .send_key = 2, .receive_key = 1, .send = 30000 };
	return b;
}

static void bench_open(struct bench *b, int version, uint16_t port)
{
	hf_endpoint remote = { hf_lab_address(b->server, version), port };

	assert_int_equal(hf_lab_talk_open(&b->at_client, b->client, &remote, NULL, &b->client_plan),
			 HF_OK);
}

static void bench_finish(struct bench *b)
{
	assert_true(hf_lab_run_idle(b->lab, LONG));
	assert_true(hf_lab_counted(b->lab).spins == 0);
	assert_int_equal(hf_lab_free(b->lab), 0);
	free(b);
}

static void assert_both_have_all(const struct bench *b)
{
	assert_int_equal(b->at_client.reason, HF_WHY_CLOSED_BY_BOTH);
	assert_int_equal(b->at_server.reason, HF_WHY_CLOSED_BY_BOTH);
	assert_true(b->at_client.wrong == 0 && b->at_server.wrong == 0);
	assert_true(b->at_client.received == b->server_plan.send);
	assert_true(b->at_server.received == b->client_plan.send);
	assert_true(b->at_client.is_done && b->at_server.is_done);
}

/* ---- Streams ---- */

static void a_stream_is_the_same_however_it_is_cut(void **state)
{
	uint8_t whole[64], cut[64];

	(void)state;
	hf_lab_stream(5, 3, whole, sizeof(whole));
	for (size_t at = 0; at <= sizeof(cut); at++) {
		hf_lab_stream(5, 3, cut, at);
		hf_lab_stream(5, 3 + at, cut + at, sizeof(cut) - at);
		assert_memory_equal(whole, cut, sizeof(cut));
	}
	assert_int_equal(hf_lab_stream_check(5, 3, whole, sizeof(whole)), sizeof(whole));
	whole[17] ^= 1;
	assert_int_equal(hf_lab_stream_check(5, 3, whole, sizeof(whole)), 17);
	assert_int_equal(hf_lab_stream_check(6, 3, cut, 8) < 8, 1);
}

/* ---- Talking ---- */

static void two_hosts_exchange_streams(void **state)
{
	hf_lab_path path = { .rate = 10000000, .delay = HF_MS(20) };

	(void)state;
	for (int version = 4; version <= 6; version += 2) {
		struct bench *b = bench_new(&path, NULL);

		bench_open(b, version, 80);
		assert_true(hf_lab_run_idle(b->lab, LONG));
		assert_both_have_all(b);
		bench_finish(b);
	}
}

static void a_request_by_half_close_is_answered(void **state)
{
	hf_lab_path path = { .delay = HF_MS(20) };
	struct bench *b = bench_new(&path, NULL);

	(void)state;
	b->server_plan.ending = HF_LAB_ANSWER;
	bench_open(b, 4, 80);
	assert_true(hf_lab_run_idle(b->lab, LONG));
	assert_both_have_all(b);
	bench_finish(b);
}

static void an_echo_gives_everything_back(void **state)
{
	hf_lab_path path = { .delay = HF_MS(20), .loss = 20000 };
	struct bench *b = bench_new(&path, NULL);

	(void)state;
	b->echoes = true;
	b->client_plan.send = 100000;
	b->client_plan.receive_key = b->client_plan.send_key;
	bench_open(b, 6, 80);
	assert_true(hf_lab_run_idle(b->lab, LONG));
	assert_int_equal(b->at_client.reason, HF_WHY_CLOSED_BY_BOTH);
	assert_true(b->at_client.received == 100000);
	assert_true(b->at_client.wrong == 0);
	assert_true(b->echo.is_done && b->echo.echoed == 100000);
	bench_finish(b);
}

static void a_slow_reader_gets_all_at_its_own_pace(void **state)
{
	hf_config config = { .mtu = 1500, .receive_buffer = 8192 };
	struct bench *b = bench_new(NULL, &config);

	(void)state;
	b->client_plan.send = 100000;
	b->server_plan.read_chunk = 1000;
	b->server_plan.read_pause = HF_MS(100);
	bench_open(b, 4, 80);
	hf_lab_run_until(b->lab, (hf_time){ HF_SEC(5) });
	assert_in_range(b->at_server.received, 49000, 51000);
	assert_true(hf_lab_run_idle(b->lab, LONG));
	assert_both_have_all(b);
	assert_in_range(b->at_server.ended.ns, HF_MS(9900), HF_MS(10100));
	bench_finish(b);
}

static void an_aborter_resets_its_peer(void **state)
{
	struct bench *b = bench_new(NULL, NULL);

	(void)state;
	b->client_plan.abort_at = 25000;
	bench_open(b, 4, 80);
	assert_true(hf_lab_run_idle(b->lab, LONG));
	assert_true(b->at_client.was_aborted);
	assert_int_equal(b->at_server.reason, HF_WHY_RESET_BY_PEER);
	bench_finish(b);
}

static void what_an_application_does_to_a_closed_port_is_refused(void **state)
{
	struct bench *b = bench_new(NULL, NULL);

	(void)state;
	bench_open(b, 4, 81);
	assert_true(hf_lab_run_idle(b->lab, LONG));
	assert_int_equal(b->at_client.reason, HF_WHY_REFUSED_BY_PEER);
	bench_finish(b);
}

static void gathered_packets_make_no_difference_to_the_stream(void **state)
{
	hf_lab_path path = { .rate = 100000000, .delay = HF_MS(5), .loss = 10000 };
	struct bench *b = bench_new(&path, NULL);

	(void)state;
	hf_lab_coalesce(b->client, HF_MS(1));
	hf_lab_coalesce(b->server, HF_MS(1));
	b->client_plan.send = b->server_plan.send = 500000;
	bench_open(b, 4, 80);
	assert_true(hf_lab_run_idle(b->lab, LONG));
	assert_both_have_all(b);
	bench_finish(b);
}

/* ---- In the middle ---- */

static hf_lab_verdict say(void *ctx, int from, hf_lab_packet *packet)
{
	(void)packet;
	return from == 0 ? *(const hf_lab_verdict *)ctx : HF_LAB_PASS;
}

static hf_reason behind_firewall(hf_lab_verdict verdict, int version)
{
	struct bench *b = bench_new(NULL, NULL);
	hf_reason reason;

	assert_int_equal(hf_lab_filter_add(b->link, say, &verdict), HF_OK);
	bench_open(b, version, 80);
	assert_true(hf_lab_run_idle(b->lab, LONG));
	reason = b->at_client.reason;
	bench_finish(b);
	return reason;
}

static void a_client_learns_what_a_firewall_says(void **state)
{
	(void)state;
	for (int version = 4; version <= 6; version += 2) {
		assert_int_equal(behind_firewall(HF_LAB_PASS, version), HF_WHY_CLOSED_BY_BOTH);
		assert_int_equal(behind_firewall(HF_LAB_DROP, version), HF_WHY_SYN_TIMEOUT);
		assert_int_equal(behind_firewall(HF_LAB_REJECT_RST, version),
				 HF_WHY_REFUSED_BY_PEER);
		assert_int_equal(behind_firewall(HF_LAB_REJECT_ICMP, version), HF_WHY_ICMP_ADMIN);
	}
}

static void a_narrow_link_behind_a_router_is_found_out(void **state)
{
	(void)state;
	for (int version = 4; version <= 6; version += 2) {
		struct bench *b = calloc(1, sizeof(*b));
		hf_endpoint local = { .port = 80 };
		hf_lab_path narrow = { .mtu = 1300, .delay = HF_MS(3) };
		hf_lab_node *router;
		hf_lab_link *far;

		assert_non_null(b);
		b->lab = hf_lab_new(7);
		b->client_plan = (hf_lab_talk_plan){ .send_key = 1,
						     .receive_key = 2,
						     .send = 50000 };
		b->server_plan = (hf_lab_talk_plan){ .send_key = 2,
						     .receive_key = 1,
						     .send = 50000 };
		hf_lab_host_add(b->lab, "client", "10.0.0.1/24 fd00::1/64", NULL, &b->client);
		hf_lab_host_add(b->lab, "server", "10.0.1.2/24 fd01::2/64", NULL, &b->server);
		hf_lab_router_add(b->lab, "router", "10.0.0.254", "fd00::fe", &router);
		hf_lab_link_add("near", b->client, router, NULL, &b->link);
		hf_lab_link_add("far", router, b->server, &narrow, &far);
		hf_lab_route_add(router, "10.0.0.0/24", b->link);
		hf_lab_route_add(router, "fd00::/64", b->link);
		hf_lab_route_add(router, "10.0.1.0/24", far);
		hf_lab_route_add(router, "fd01::/64", far);
		b->listener.accepted = accepted;
		b->listener.ctx = b;
		assert_int_equal(hf_lab_server_open(&b->listener, b->server, &local, NULL), HF_OK);
		bench_open(b, version, 80);
		assert_true(hf_lab_run_idle(b->lab, LONG));
		assert_both_have_all(b);
		assert_in_range(hf_lab_counted(b->lab).too_big + hf_lab_counted(b->lab).unrouted, 1,
				40);
		bench_finish(b);
	}
}

static void a_host_answers_a_hand_written_segment(void **state)
{
	hf_lab *lab = hf_lab_new(1);
	hf_lab_node *host, *raw = hf_lab_raw_add(lab, "raw", NULL, NULL);
	hf_lab_link *link;
	hf_ip ip = { .src = hf_addr_v4(10, 0, 0, 9), .dst = hf_addr_v4(10, 0, 0, 1) };
	hf_tcp tcp = { .src_port = 9, .dst_port = 9, .flags = HF_TCP_SYN };
	hf_stats stats;
	uint8_t packet[100];

	(void)state;
	assert_int_equal(hf_lab_host_add(lab, "host", "10.0.0.1/24", NULL, &host), HF_OK);
	assert_int_equal(hf_lab_link_add("wire", raw, host, NULL, &link), HF_OK);
	hf_lab_send(raw, link, packet, hf_lab_craft_tcp(&ip, &tcp, packet, sizeof(packet)));
	hf_lab_run_until(lab, (hf_time){ 1 });
	hf_stack_stats(hf_lab_stack(host), &stats);
	assert_true(stats.reasons[HF_WHY_NO_LISTENER] == 1);
	assert_true(stats.causes[HF_SENT_RST] == 1);
	hf_lab_free(lab);
}

/* ---- Memory ---- */

static void a_stack_that_is_refused_memory_fails_cleanly(void **state)
{
	hf_lab_path path = { .delay = HF_MS(1), .loss = 10000 };

	(void)state;
	for (hf_lab_ppm chance = 50000; chance <= 1000000; chance += 50000) {
		struct bench *b = bench_new(&path, NULL);
		hf_endpoint remote = { hf_lab_address(b->server, 4), 80 };

		b->client_plan.keepalive = b->server_plan.keepalive = HF_SEC(10);
		hf_lab_memory_failures(b->server, chance);
		hf_lab_memory_failures(b->client, chance);
		(void)hf_lab_talk_open(&b->at_client, b->client, &remote, NULL, &b->client_plan);
		hf_lab_run_until(b->lab, (hf_time){ HF_SEC(3600) });
		assert_true(b->at_client.wrong == 0 && b->at_server.wrong == 0);
		assert_int_equal(hf_lab_free(b->lab), 0);
		free(b);
	}
}

/* ---- The card ---- */

static struct {
	unsigned count;
	uint32_t at;
	uint16_t flags;
} pieces;

static void take_piece(void *ctx, hf_lab_node *self, hf_lab_link *link, const hf_lab_packet *packet)
{
	hf_ip ip;
	hf_tcp tcp;

	(void)ctx, (void)self, (void)link;
	assert_int_equal(hf_ip_parse((hf_view){ packet->data, packet->len }, &ip), HF_WHY_NONE);
	assert_int_equal(hf_tcp_parse(&ip, false, &tcp), HF_WHY_NONE);
	if (ip.version == 4)
		assert_int_equal(ip.id, (uint16_t)(65535 + pieces.count));
	assert_int_equal(tcp.seq.v, (uint32_t)(0xfffffff0 + pieces.at));
	assert_int_equal(hf_lab_stream_check(3, pieces.at, tcp.payload.at, tcp.payload.len),
			 tcp.payload.len);
	assert_int_equal(tcp.flags & HF_TCP_CWR, pieces.count == 0 ? HF_TCP_CWR : 0);
	pieces.count++;
	pieces.at += (uint32_t)tcp.payload.len;
	pieces.flags = tcp.flags;
	if (pieces.at < 2500)
		assert_int_equal(tcp.flags & (HF_TCP_PSH | HF_TCP_FIN), 0);
}

static void the_card_cuts_a_large_segment_into_right_ones(void **state)
{
	(void)state;
	for (int version = 4; version <= 6; version += 2) {
		hf_lab *lab = hf_lab_new(1);
		hf_lab_node *a = hf_lab_raw_add(lab, "a", NULL, NULL);
		hf_lab_node *b = hf_lab_raw_add(lab, "b", take_piece, NULL);
		hf_ip ip = { .src = hf_addr_v4(10, 0, 0, 1), .dst = hf_addr_v4(10, 0, 0, 2) };
		hf_tcp tcp = { .src_port = 1, .dst_port = 2, .seq = { 0xfffffff0 } };
		uint8_t text[2500], room[3000];
		hf_packet packet = { .data = room, .gso_size = 1000 };

		memset(&pieces, 0, sizeof(pieces));
		ip.id = 65535;
		tcp.flags = HF_TCP_ACK | HF_TCP_PSH | HF_TCP_FIN | HF_TCP_CWR;
		tcp.options = (hf_tcp_options){ .present = HF_HAS(TIMESTAMPS), .tsval = 7 };
		tcp.payload = (hf_view){ text, sizeof(text) };
		if (version == 6) {
			hf_addr_parse("fd00::1", &ip.src);
			hf_addr_parse("fd00::2", &ip.dst);
		}
		hf_lab_stream(3, 0, text, sizeof(text));
		hf_lab_link_add("wire", a, b, NULL, NULL);
		packet.len = (uint32_t)hf_lab_craft_tcp(&ip, &tcp, room, sizeof(room));
		hf_lab_card_send(a, &packet);
		assert_true(hf_lab_run_idle(lab, (hf_time){ 0 }));
		assert_int_equal(pieces.count, 3);
		assert_int_equal(pieces.at, 2500);
		assert_int_equal(pieces.flags, HF_TCP_ACK | HF_TCP_PSH | HF_TCP_FIN);
		hf_lab_free(lab);
	}
}

static void a_stack_with_offloads_talks_as_well(void **state)
{
	hf_lab_path path = { .rate = 100000000, .delay = HF_MS(5), .loss = 10000 };
	hf_config config = { .mtu = 1500, .offloads = HF_OFFLOAD_TX_CHECKSUM | HF_OFFLOAD_TX_TSO };

	(void)state;
	for (int version = 4; version <= 6; version += 2) {
		struct bench *b = bench_new(&path, &config);

		b->client_plan.send = b->server_plan.send = 1000000;
		bench_open(b, version, 80);
		assert_true(hf_lab_run_idle(b->lab, LONG));
		assert_both_have_all(b);
		bench_finish(b);
	}
}

/* ---- Traces ---- */

static char lines[16][HF_LAB_LINE];
static unsigned line_count;

static void keep(void *ctx, const char *line)
{
	(void)ctx;
	if (line_count < 16)
		snprintf(lines[line_count], HF_LAB_LINE, "%s", line);
	line_count++;
}

static void a_trace_shows_the_handshake(void **state)
{
	static const char *const expected[] = {
		"0.000000000 wire>server sent #1 10.0.0.1:",
		" [S] seq 0 win ",
		" syn SYN-SENT",
		"0.020000000 wire>server arrived #1 ",
		" [S] seq 0 ",
		" none ",
		"0.020000000 wire>client sent #2 10.0.0.2:",
		" [SA] seq 0 ack 1 win ",
		" syn-ack ",
		"0.040000000 wire>client arrived #2 ",
		" [SA] seq 0 ack 1 ",
		" none ESTABLISHED",
	};
	hf_lab_path path = { .delay = HF_MS(20) };
	struct bench *b = bench_new(&path, NULL);
	hf_lab_trace *trace = hf_lab_trace_new(b->lab, keep, NULL);
	uint64_t hash;

	(void)state;
	line_count = 0;
	bench_open(b, 4, 80);
	hash = hf_lab_trace_hash(trace);
	assert_true(hf_lab_run_idle(b->lab, LONG));
	assert_true(hf_lab_trace_hash(trace) != hash);
	for (unsigned i = 0; i < 12; i++) {
		if (strstr(lines[i / 3], expected[i]) == NULL)
			fail_msg("\"%s\" lacks \"%s\"", lines[i / 3], expected[i]);
	}
	bench_finish(b);
	hf_lab_trace_free(trace);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stream_is_the_same_however_it_is_cut),
		cmocka_unit_test(two_hosts_exchange_streams),
		cmocka_unit_test(a_request_by_half_close_is_answered),
		cmocka_unit_test(an_echo_gives_everything_back),
		cmocka_unit_test(a_slow_reader_gets_all_at_its_own_pace),
		cmocka_unit_test(an_aborter_resets_its_peer),
		cmocka_unit_test(what_an_application_does_to_a_closed_port_is_refused),
		cmocka_unit_test(gathered_packets_make_no_difference_to_the_stream),
		cmocka_unit_test(a_client_learns_what_a_firewall_says),
		cmocka_unit_test(a_narrow_link_behind_a_router_is_found_out),
		cmocka_unit_test(a_host_answers_a_hand_written_segment),
		cmocka_unit_test(a_stack_that_is_refused_memory_fails_cleanly),
		cmocka_unit_test(the_card_cuts_a_large_segment_into_right_ones),
		cmocka_unit_test(a_stack_with_offloads_talks_as_well),
		cmocka_unit_test(a_trace_shows_the_handshake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
