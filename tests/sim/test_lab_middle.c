/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands in the middle of a lab: narrow links, firewalls, routers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "lab/craft.h"
#include "raw_ends.h"
#include "wire/icmp.h"

/* ---- MTU and ICMP ---- */

static void what_is_too_big_is_refused_with_the_mtu(void **state)
{
	hf_lab_path path = { .mtu = 1280 };

	(void)state;
	for (int version = 4; version <= 6; version += 2) {
		struct ends p = ends_new(4, &path);
		uint8_t packet[2048];
		size_t overhead = make_packet(version, packet, 0);
		hf_ip ip;
		hf_icmp icmp;

		hf_lab_send(p.a, p.link, packet, make_packet(version, packet, 1280 - overhead));
		hf_lab_send(p.a, p.link, packet, make_packet(version, packet, 1281 - overhead));
		ends_finish(&p);
		assert_int_equal(at_b.count, 1);
		assert_int_equal(at_b.len, 1280);
		assert_int_equal(at_a.count, 1);
		assert_int_equal(at_a.len, version == 4 ? 576 : 1280);
		assert_int_equal(hf_ip_parse((hf_view){ at_a.octets, at_a.len }, &ip), HF_WHY_NONE);
		assert_int_equal(hf_icmp_parse(&ip, &icmp), HF_WHY_NONE);
		assert_int_equal(icmp.kind, HF_ICMP_ERROR);
		assert_int_equal(icmp.error, HF_WHY_ICMP_TOO_BIG);
		assert_int_equal(icmp.mtu, 1280);
		assert_int_equal(icmp.quote.src_port, 1000);
		assert_int_equal(icmp.quote.seq.v, 7000);
	}
}

static void a_black_hole_says_nothing(void **state)
{
	hf_lab_path path = { .mtu = 1000, .mtu_silent = true };
	struct ends p = ends_new(4, &path);
	uint8_t packet[2048];

	(void)state;
	hf_lab_send(p.a, p.link, packet, make_packet(4, packet, 1000));
	assert_true(hf_lab_counted(p.lab).too_big == 1);
	ends_finish(&p);
	assert_int_equal(at_a.count + at_b.count, 0);
}

/* ---- Filters ---- */

static hf_lab_verdict say(void *ctx, int from, hf_lab_packet *packet)
{
	(void)packet;
	return from == 0 ? *(const hf_lab_verdict *)ctx : HF_LAB_PASS;
}

static struct ends filtered(hf_lab_verdict verdict, int version)
{
	hf_lab_path path = { .delay = HF_MS(7) };
	struct ends p = ends_new(4, &path);
	uint8_t packet[2048];

	assert_int_equal(hf_lab_filter_add(p.link, say, &verdict), HF_OK);
	hf_lab_send(p.a, p.link, packet, make_packet(version, packet, 0));
	assert_true(hf_lab_run_idle(p.lab, (hf_time){ HF_SEC(1) }));
	return p;
}

static void a_filter_may_drop_in_silence(void **state)
{
	struct ends p = filtered(HF_LAB_DROP, 4);

	(void)state;
	assert_true(hf_lab_counted(p.lab).filtered == 1);
	ends_finish(&p);
	assert_int_equal(at_a.count + at_b.count, 0);
}

static void a_filter_may_reset_in_the_name_of_the_destination(void **state)
{
	(void)state;
	for (int version = 4; version <= 6; version += 2) {
		struct ends p = filtered(HF_LAB_REJECT_RST, version);
		hf_ip ip;
		hf_tcp tcp;

		ends_finish(&p);
		assert_int_equal(at_b.count, 0);
		assert_int_equal(at_a.count, 1);
		assert_true(at_a.last.ns == HF_MS(14));
		assert_int_equal(hf_ip_parse((hf_view){ at_a.octets, at_a.len }, &ip), HF_WHY_NONE);
		assert_int_equal(hf_tcp_parse(&ip, false, &tcp), HF_WHY_NONE);
		assert_int_equal(tcp.flags, HF_TCP_RST | HF_TCP_ACK);
		assert_int_equal(tcp.ack.v, 7001);
		assert_int_equal(tcp.dst_port, 1000);
	}
}

static void a_filter_may_say_prohibited(void **state)
{
	(void)state;
	for (int version = 4; version <= 6; version += 2) {
		struct ends p = filtered(HF_LAB_REJECT_ICMP, version);
		hf_ip ip;
		hf_icmp icmp;

		ends_finish(&p);
		assert_int_equal(at_a.count, 1);
		assert_int_equal(hf_ip_parse((hf_view){ at_a.octets, at_a.len }, &ip), HF_WHY_NONE);
		assert_int_equal(hf_icmp_parse(&ip, &icmp), HF_WHY_NONE);
		assert_int_equal(icmp.error, HF_WHY_ICMP_ADMIN);
	}
}

static void no_reset_answers_a_reset_and_no_error_an_error(void **state)
{
	uint8_t packet[2048], reset[64], error[HF_LAB_ICMP_MAX], again[HF_LAB_ICMP_MAX];
	hf_lab_error what = { .reason = HF_WHY_ICMP_HOST };

	(void)state;
	for (int version = 4; version <= 6; version += 2) {
		size_t len = make_packet(version, packet, 0);

		len = hf_lab_craft_reset(packet, len, reset);
		assert_int_not_equal(len, 0);
		assert_int_equal(hf_lab_craft_reset(reset, len, again), 0);
		len = hf_lab_craft_error(&what, reset, len, error);
		assert_int_not_equal(len, 0);
		assert_int_equal(hf_lab_craft_error(&what, error, len, again), 0);
	}
}

/* ---- Routers ---- */

struct routed {
	struct ends p; /* `a` and the router */
	hf_lab_node *router, *b;
	hf_lab_link *far;
};

static struct routed routed_new(void)
{
	struct routed r = { .p = { .lab = hf_lab_new(1) } };
	hf_lab *lab = r.p.lab;
	hf_lab_path narrow = { .mtu = 1300 };

	memset(&at_a, 0, sizeof(at_a));
	memset(&at_b, 0, sizeof(at_b));
	r.p.a = hf_lab_raw_add(lab, "a", take, &at_a);
	r.b = hf_lab_raw_add(lab, "b", take, &at_b);
	assert_int_equal(hf_lab_router_add(lab, "r", "10.0.9.9", "fd00::9", &r.router), HF_OK);
	assert_int_equal(hf_lab_link_add("near", r.p.a, r.router, NULL, &r.p.link), HF_OK);
	assert_int_equal(hf_lab_link_add("far", r.router, r.b, &narrow, &r.far), HF_OK);
	assert_int_equal(hf_lab_route_add(r.router, "10.0.0.0/16", r.p.link), HF_OK);
	assert_int_equal(hf_lab_route_add(r.router, "10.0.0.2/32", r.far), HF_OK);
	assert_int_equal(hf_lab_route_add(r.router, "fd00::1/128", r.p.link), HF_OK);
	assert_int_equal(hf_lab_route_add(r.router, "::/0", r.far), HF_OK);
	return r;
}

static void send_with_hops(struct routed *r, int version, uint8_t hops, size_t text)
{
	uint8_t packet[2048];
	size_t len = make_packet(version, packet, text);
	hf_ip ip;

	assert_int_equal(hf_ip_parse((hf_view){ packet, len }, &ip), HF_WHY_NONE);
	ip.ttl = hops;
	hf_ip_emit(&ip, ip.payload.len, packet);
	hf_lab_send(r->p.a, r->p.link, packet, len);
}

static void a_router_forwards_by_the_longest_prefix_and_counts_hops(void **state)
{
	(void)state;
	for (int version = 4; version <= 6; version += 2) {
		for (unsigned hops = 2; hops < 256; hops++) {
			struct routed r = routed_new();
			hf_ip ip;

			send_with_hops(&r, version, (uint8_t)hops, 10);
			ends_finish(&r.p);
			assert_int_equal(at_b.count, 1);
			assert_true(is_whole(&at_b));
			assert_int_equal(hf_ip_parse((hf_view){ at_b.octets, at_b.len }, &ip),
					 HF_WHY_NONE);
			assert_int_equal(ip.ttl, hops - 1);
		}
	}
}

static hf_icmp complaint(struct routed *r)
{
	hf_ip ip;
	hf_icmp icmp;

	ends_finish(&r->p);
	assert_int_equal(at_b.count, 0);
	assert_int_equal(at_a.count, 1);
	assert_int_equal(hf_ip_parse((hf_view){ at_a.octets, at_a.len }, &ip), HF_WHY_NONE);
	assert_int_equal(hf_icmp_parse(&ip, &icmp), HF_WHY_NONE);
	assert_int_equal(ip.src.octet[15], 9);
	return icmp;
}

static void a_router_says_when_the_hops_run_out(void **state)
{
	(void)state;
	for (int version = 4; version <= 6; version += 2) {
		struct routed r = routed_new();

		send_with_hops(&r, version, 1, 10);
		assert_int_equal(complaint(&r).error, HF_WHY_ICMP_TTL);
	}
}

static void a_router_says_what_fits(void **state)
{
	(void)state;
	for (int version = 4; version <= 6; version += 2) {
		uint8_t packet[2048];
		size_t most = 1300 - make_packet(version, packet, 0);
		struct routed r = routed_new();
		hf_icmp icmp;

		send_with_hops(&r, version, 64, most);
		ends_finish(&r.p);
		assert_int_equal(at_b.len, 1300);
		assert_int_equal(at_a.count, 0);
		r = routed_new();
		send_with_hops(&r, version, 64, most + 1);
		icmp = complaint(&r);
		assert_int_equal(icmp.error, HF_WHY_ICMP_TOO_BIG);
		assert_int_equal(icmp.mtu, 1300);
	}
}

static void an_error_quotes_all_that_fits_and_no_more(void **state)
{
	uint8_t packet[2048], error[HF_LAB_ICMP_MAX];
	hf_lab_error what = { .reason = HF_WHY_ICMP_HOST };

	(void)state;
	for (int version = 4; version <= 6; version += 2) {
		size_t header = version == 4 ? 20 : 40, limit = version == 4 ? 576 : 1280;

		for (size_t text = 400; text < 1400; text++) {
			size_t len = make_packet(version, packet, text), whole = header + 8 + len;

			assert_int_equal(hf_lab_craft_error(&what, packet, len, error),
					 whole < limit ? whole : limit);
		}
	}
}

static void a_router_says_when_there_is_no_route(void **state)
{
	struct routed r = routed_new();
	uint8_t packet[2048];
	hf_ip ip = { .src = hf_addr_v4(10, 0, 0, 1), .dst = hf_addr_v4(10, 1, 0, 2) };
	hf_tcp tcp = { .src_port = 5, .dst_port = 6, .flags = HF_TCP_SYN };

	(void)state;
	hf_lab_send(r.p.a, r.p.link, packet, hf_lab_craft_tcp(&ip, &tcp, packet, sizeof(packet)));
	assert_int_equal(complaint(&r).error, HF_WHY_ICMP_NET);
}

static void a_router_does_not_mend_a_damaged_header(void **state)
{
	struct routed r = routed_new();
	uint8_t packet[2048];
	size_t len = make_packet(4, packet, 10);

	(void)state;
	packet[10] ^= 1;
	hf_lab_send(r.p.a, r.p.link, packet, len);
	assert_true(hf_lab_run_idle(r.p.lab, (hf_time){ 0 }));
	assert_true(hf_lab_counted(r.p.lab).unrouted == 1);
	ends_finish(&r.p);
	assert_int_equal(at_a.count + at_b.count, 0);
}

/* ---- Mistakes of the user ---- */

static void wrong_settings_are_refused(void **state)
{
	struct routed r = routed_new();
	hf_lab_node *node = NULL;

	(void)state;
	assert_int_equal(hf_lab_link_add("x", r.b, r.b, NULL, NULL), HF_ERR_INVALID);
	assert_int_equal(hf_lab_route_add(r.router, "10.0.0.0", r.far), HF_ERR_INVALID);
	assert_int_equal(hf_lab_route_add(r.router, "10.0.0.0/33", r.far), HF_ERR_INVALID);
	assert_int_equal(hf_lab_route_add(r.router, "10.0.0.0/8 ", r.far), HF_ERR_INVALID);
	assert_int_equal(hf_lab_router_add(r.p.lab, "q", "fd00::1", NULL, &node), HF_ERR_INVALID);
	assert_null(node);
	for (int i = 0; i < 4; i++)
		assert_int_equal(hf_lab_filter_add(r.far, say, NULL), HF_OK);
	assert_int_equal(hf_lab_filter_add(r.far, say, NULL), HF_ERR_LIMIT);
	hf_lab_free(r.p.lab);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_too_big_is_refused_with_the_mtu),
		cmocka_unit_test(a_black_hole_says_nothing),
		cmocka_unit_test(a_filter_may_drop_in_silence),
		cmocka_unit_test(a_filter_may_reset_in_the_name_of_the_destination),
		cmocka_unit_test(a_filter_may_say_prohibited),
		cmocka_unit_test(no_reset_answers_a_reset_and_no_error_an_error),
		cmocka_unit_test(a_router_forwards_by_the_longest_prefix_and_counts_hops),
		cmocka_unit_test(a_router_says_when_the_hops_run_out),
		cmocka_unit_test(a_router_says_what_fits),
		cmocka_unit_test(an_error_quotes_all_that_fits_and_no_more),
		cmocka_unit_test(a_router_says_when_there_is_no_route),
		cmocka_unit_test(a_router_does_not_mend_a_damaged_header),
		cmocka_unit_test(wrong_settings_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
