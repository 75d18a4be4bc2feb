/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames for this station and for others, questions for our addresses, claims not to believe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/station.h"

static hf_reason feed_type(station *t, hf_mac dst, uint16_t type)
{
	uint8_t frame[60] = { 0 };
	const hf_ether e = { .dst = dst, .src = them_mac, .type = type };

	hf_ether_emit(&e, frame);
	return station_feed(t, frame, sizeof(frame));
}

/* THEM asks for us, and is STALE from now on. */
static void let_them_introduce_themselves(station *t)
{
	assert_int_equal(feed_arp_request(t, THEM, them_mac, US), HF_WHY_NONE);
	station_pull_one(t);
	assert_int_equal(feed_nd_query(t, THEM6, US6, 255), HF_WHY_NONE);
	station_pull_one(t);
}

/* Where a packet for `remote` would go now. */
static hf_mac mac_of(station *t, hf_addr remote)
{
	station_open(t, remote);
	assert_true(station_pull_one(t)->is_tcp);
	return t->out[0].frame.dst;
}

static void a_question_for_our_ipv4_address_is_answered_to_the_asker(void **state)
{
	station *t = station_new();
	const seen *f;

	(void)state;
	assert_int_equal(feed_arp_request(t, THEM, them_mac, US), HF_WHY_NONE);
	f = station_pull_one(t);
	assert_true(f->is_arp);
	assert_int_equal(f->cause, HF_SENT_NEIGHBOUR_REPLY);
	assert_int_equal(f->arp.op, HF_ARP_REPLY);
	assert_mac(f->frame.dst, them_mac);
	assert_mac(f->arp.sender_mac, us_mac);
	assert_addr(f->arp.sender, US);
	assert_mac(f->arp.target_mac, them_mac);
	assert_addr(f->arp.target, THEM);
	assert_mac(mac_of(t, THEM), them_mac);
	station_free(t);
}

static void an_arp_probe_is_answered_and_teaches_nothing(void **state)
{
	station *t = station_new();

	(void)state;
	assert_int_equal(feed_arp_request(t, NOBODY, them_mac, US), HF_WHY_NONE);
	assert_addr(station_pull_one(t)->arp.target, NOBODY);
	assert_mac(t->out[0].frame.dst, them_mac);
	station_open(t, THEM);
	assert_true(station_pull_one(t)->is_arp);
	station_free(t);
}

static void a_question_for_another_address_is_not_answered(void **state)
{
	station *t = station_new();

	(void)state;
	assert_int_equal(feed_arp_request(t, THEM, them_mac, GATEWAY), HF_WHY_IP_NOT_OURS);
	assert_int_equal(feed_nd_query(t, THEM6,
				       ((hf_addr){ { 0x20, 0x01, 0x0d, 0xb8, [12] = 7, [13] = 0xaa,
						     0xbb, 0x01 } }),
				       255),
			 HF_WHY_IP_NOT_OURS); /* in the same solicited-node group */
	assert_int_equal(station_pull(t), 0);
	station_open(t, THEM);
	assert_true(station_pull_one(t)->is_arp);
	station_free(t);
}

static void a_question_for_our_ipv6_address_is_answered_to_the_asker(void **state)
{
	station *t = station_new();
	const seen *f;

	(void)state;
	assert_int_equal(feed_nd_query(t, THEM6, US6, 255), HF_WHY_NONE);
	f = station_pull_one(t);
	assert_true(f->is_nd);
	assert_int_equal(f->cause, HF_SENT_NEIGHBOUR_REPLY);
	assert_mac(f->frame.dst, them_mac);
	assert_addr(f->ip.src, US6);
	assert_addr(f->ip.dst, THEM6);
	assert_int_equal(f->ip.ttl, 255);
	assert_int_equal(f->nd.type, HF_ND_ADVERTISE);
	assert_addr(f->nd.target, US6);
	assert_true(f->nd.solicited && f->nd.override && f->nd.has_mac && !f->nd.router);
	assert_mac(f->nd.mac, us_mac);
	assert_mac(mac_of(t, THEM6), them_mac);
	station_free(t);
}

static void every_address_of_ours_has_its_solicited_node_group(void **state)
{
	station *t = station_new();

	(void)state;
	assert_int_equal(feed_nd_query(t, GATEWAY6, US6_LINK, 255), HF_WHY_NONE);
	assert_addr(station_pull_one(t)->nd.target, US6_LINK);
	station_free(t);
}

static void who_detects_duplicates_of_our_address_hears_of_us_with_all_nodes(void **state)
{
	station *t = station_new();

	(void)state;
	assert_int_equal(feed_nd_query(t, (hf_addr){ { 0 } }, US6, 255), HF_WHY_NONE);
	assert_addr(station_pull_one(t)->ip.dst, ALL_NODES);
	assert_mac(t->out[0].frame.dst, ((hf_mac){ { 0x33, 0x33, 0, 0, 0, 1 } }));
	assert_false(t->out[0].nd.solicited);
	station_free(t);
}

static void neighbour_discovery_from_off_the_link_is_refused(void **state)
{
	station *t = station_new();

	(void)state;
	assert_int_equal(feed_nd_query(t, THEM6, US6, 254), HF_WHY_ND_HOP_LIMIT);
	assert_int_equal(station_pull(t), 0);
	station_free(t);
}

static void frames_for_other_stations_are_refused(void **state)
{
	static const hf_mac others[] = {
		{ { 2, 0, 0, 0, 0, 2 } },
		{ { 0x33, 0x33, 0xff, 0xaa, 0xbb, 0x02 } }, /* another's solicited-node group */
		{ { 0x01, 0x00, 0x5e, 0, 0, 1 } },
	};
	station *t = station_new();

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(feed_type(t, others[i], HF_ETHERTYPE_ARP), HF_WHY_LINK_NOT_OURS);
	assert_int_equal(feed_type(t, us_mac, HF_ETHERTYPE_ARP), HF_WHY_ARP_MALFORMED);
	assert_int_equal(feed_type(t, all_mac, HF_ETHERTYPE_ARP), HF_WHY_ARP_MALFORMED);
	assert_int_equal(station_stats(t).reasons[HF_WHY_LINK_NOT_OURS], 3);
	station_free(t);
}

static void frames_of_another_vlan_are_refused_and_those_with_a_priority_taken(void **state)
{
	uint8_t frame[64] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9, 0x81, 0x00, 0xe0, 5, 0x08, 0x06 };
	station *t = station_new();

	(void)state;
	assert_int_equal(station_feed(t, frame, sizeof(frame)), HF_WHY_LINK_NOT_OURS);
	frame[15] = 0;
	assert_int_equal(station_feed(t, frame, sizeof(frame)), HF_WHY_ARP_MALFORMED);
	station_free(t);
}

static void frames_that_carry_something_else_are_refused(void **state)
{
	station *t = station_new();
	uint8_t octets[13] = { 2, 0, 0, 0, 0, 1 };

	(void)state;
	assert_int_equal(feed_type(t, us_mac, 0x88cc), HF_WHY_LINK_PROTOCOL);
	assert_int_equal(feed_type(t, us_mac, 46), HF_WHY_LINK_PROTOCOL);
	assert_int_equal(station_feed(t, octets, sizeof(octets)), HF_WHY_LINK_SHORT);
	station_free(t);
}

static void a_segment_in_a_frame_to_all_stations_is_refused(void **state)
{
	const hf_ether e = { all_mac, them_mac, HF_ETHERTYPE_IP4, 0, { 0 } };
	const hf_ip ip = {
		.src = THEM, .dst = US, .version = 4, .protocol = HF_IPPROTO_TCP, .ttl = 64
	};
	const hf_tcp syn = { .src_port = 1, .dst_port = 80, .flags = HF_TCP_SYN };
	station *t = station_new();

	(void)state;
	assert_int_equal(feed_tcp(t, &e, &ip, &syn), HF_WHY_LINK_NOT_OURS);
	assert_int_equal(station_pull(t), 0);
	station_free(t);
}

static void announcements_teach_nothing_new(void **state)
{
	station *t = station_new();

	(void)state;
	assert_int_equal(feed_arp_request(t, THEM, them_mac, THEM), HF_WHY_NEIGHBOUR_UNASKED);
	assert_int_equal(feed_arp_answer(t, THEM, them_mac), HF_WHY_NEIGHBOUR_UNASKED);
	assert_int_equal(feed_nd_answer(t, THEM6, them_mac, "O"), HF_WHY_NEIGHBOUR_UNASKED);
	assert_int_equal(feed_nd_answer(t, THEM6, them_mac, "SO"), HF_WHY_NEIGHBOUR_UNASKED);
	station_open(t, THEM);
	assert_true(station_pull_one(t)->is_arp);
	station_open(t, THEM6);
	assert_true(station_pull_one(t)->is_nd);
	station_free(t);
}

static void announcements_change_what_is_known(void **state)
{
	station *t = station_new();

	(void)state;
	let_them_introduce_themselves(t);
	assert_int_equal(feed_arp_request(t, THEM, other_mac, THEM), HF_WHY_NONE);
	assert_mac(mac_of(t, THEM), other_mac);
	assert_int_equal(feed_nd_answer(t, THEM6, other_mac, ""), HF_WHY_NONE);
	assert_mac(mac_of(t, THEM6), them_mac); /* does not override (RFC 4861 7.2.5) */
	assert_int_equal(feed_nd_answer(t, THEM6, other_mac, "O"), HF_WHY_NONE);
	assert_mac(mac_of(t, THEM6), other_mac);
	station_free(t);
}

static void a_changed_link_address_is_doubted_even_if_it_says_it_was_asked_for(void **state)
{
	station *t = station_new();

	(void)state;
	station_open(t, THEM6);
	station_pull_one(t);
	feed_nd_answer(t, THEM6, them_mac, "SO"); /* REACHABLE */
	station_pull_one(t);
	assert_int_equal(feed_nd_answer(t, THEM6, other_mac, "SO"), HF_WHY_NONE);
	assert_mac(mac_of(t, THEM6), other_mac);
	expect_doubt(t, other_mac);
	station_free(t);
}

static void an_answer_to_somebody_else_teaches_but_confirms_nothing(void **state)
{
	const hf_arp a = { HF_ARP_REPLY, them_mac, other_mac, THEM, GATEWAY };
	station *t = station_new();

	(void)state;
	station_open(t, THEM);
	station_pull_one(t);
	assert_int_equal(feed_arp(t, &a, &us_mac), HF_WHY_NONE);
	expect_syn(station_pull_one(t), &them_mac, THEM);
	expect_doubt(t, them_mac);
	station_free(t);
}

static void a_contradiction_makes_a_reachable_neighbour_stale(void **state)
{
	station *t = station_new();

	(void)state;
	station_open(t, THEM6);
	station_pull_one(t);
	feed_nd_answer(t, THEM6, them_mac, "SO");
	station_pull_one(t);
	assert_int_equal(feed_nd_answer(t, THEM6, other_mac, ""), HF_WHY_NONE);
	assert_mac(mac_of(t, THEM6), them_mac);
	expect_doubt(t, them_mac);
	station_free(t);
}

static void a_claim_of_our_own_address_is_named_and_changes_nothing(void **state)
{
	station *t = station_new();

	(void)state;
	assert_int_equal(feed_arp_request(t, US, them_mac, THEM), HF_WHY_DUPLICATE_ADDRESS);
	assert_int_equal(feed_arp_request(t, US, them_mac, US), HF_WHY_DUPLICATE_ADDRESS);
	assert_int_equal(feed_arp_answer(t, US, them_mac), HF_WHY_DUPLICATE_ADDRESS);
	assert_int_equal(station_pull(t), 0);
	assert_int_equal(station_stats(t).reasons[HF_WHY_DUPLICATE_ADDRESS], 3);
	station_free(t);
}

static void an_advertisement_of_our_own_address_is_a_duplicate_unless_it_is_ours(void **state)
{
	const hf_ip ip = { .src = THEM6,
			   .dst = ALL_NODES,
			   .version = 6,
			   .protocol = HF_IPPROTO_ICMP6,
			   .ttl = 255 };
	hf_nd nd = { .type = HF_ND_ADVERTISE,
		     .target = US6,
		     .override = true,
		     .has_mac = true,
		     .mac = them_mac };
	station *t = station_new();

	(void)state;
	assert_int_equal(feed_nd(t, &ip, &nd), HF_WHY_DUPLICATE_ADDRESS);
	nd.mac = us_mac; /* a link that echoes */
	assert_int_equal(feed_nd(t, &ip, &nd), HF_WHY_NEIGHBOUR_UNASKED);
	station_free(t);
}

static void an_asker_from_another_network_is_answered_but_not_noted(void **state)
{
	station *t = station_new();
	const size_t before = station_stats(t).memory;

	(void)state;
	assert_int_equal(feed_arp_request(t, FAR, them_mac, US), HF_WHY_NONE);
	assert_mac(station_pull_one(t)->frame.dst, them_mac);
	assert_int_equal(station_stats(t).memory, before);
	station_open(t, FAR);
	assert_addr(station_pull_one(t)->arp.target, GATEWAY);
	station_free(t);
}

static void a_segment_from_another_link_address_moves_nothing(void **state)
{
	station *t = station_new();

	(void)state;
	open_to_known(t);
	assert_int_equal(feed_answer(t, &t->out[0], other_mac, HF_TCP_SYN | HF_TCP_ACK),
			 HF_WHY_NONE);
	assert_mac(station_pull_one(t)->frame.dst, them_mac);
	expect_doubt(t, them_mac); /* nor does it confirm the address that is known */
	station_free(t);
}

static void a_segment_from_an_unknown_neighbour_teaches_nothing(void **state)
{
	station *t = station_new();

	(void)state;
	assert_int_equal(feed_syn(t, THEM, 1000), HF_WHY_NO_LISTENER);
	assert_true(station_pull_one(t)->is_arp);
	station_free(t);
}

static void a_ping_to_all_nodes_is_not_answered(void **state)
{
	const hf_ip ip = { .src = THEM6,
			   .dst = ALL_NODES,
			   .version = 6,
			   .protocol = HF_IPPROTO_ICMP6,
			   .ttl = 64 };
	const hf_ether e = { hf_mac_of_multicast(&ip.dst), them_mac, HF_ETHERTYPE_IP6, 0, { 0 } };
	static const uint8_t body[4] = { 0, 1, 0, 1 };
	uint8_t frame[HF_ETHER_HEADER + HF_IP6_HEADER + 8];
	uint8_t *ping = frame + HF_ETHER_HEADER + HF_IP6_HEADER;
	station *t = station_new();

	(void)state;
	hf_ether_emit(&e, frame);
	hf_ip_emit(&ip, 8, frame + HF_ETHER_HEADER);
	hf_icmp_emit_echo_reply(&ip, (hf_view){ body, 4 }, ping);
	ping[0] = 128;
	hf_put16(ping + 2, (uint16_t)(hf_get16(ping + 2) + 0x0100)); /* 129 became 128 */
	assert_int_equal(station_feed(t, frame, sizeof(frame)), HF_WHY_ICMP_TYPE);
	assert_int_equal(station_pull(t), 0);
	station_free(t);
}

static void a_partial_checksum_starts_after_the_link_header(void **state)
{
	station *t = station_alloc();
	const hf_packet *p;

	(void)state;
	t->config.offloads = HF_OFFLOAD_TX_CHECKSUM;
	station_start(t);
	let_them_introduce_themselves(t);
	station_open(t, THEM);
	p = &station_pull_one(t)->packet;
	assert_int_equal(p->flags, HF_PACKET_CSUM_PARTIAL);
	assert_int_equal(p->csum_start, HF_ETHER_HEADER + HF_IP4_HEADER);
	assert_int_equal(p->csum_offset, 16);
	station_free(t);
}

static void a_link_address_that_is_none_or_a_group_is_refused(void **state)
{
	station *t = station_alloc();
	hf_stack *s;

	(void)state;
	t->config.mac[0] = 3;
	assert_int_equal(hf_stack_new(&t->config, t->now, &s), HF_ERR_INVALID);
	memset(t->config.mac, 0, 6);
	assert_int_equal(hf_stack_new(&t->config, t->now, &s), HF_ERR_INVALID);
	memcpy(t->config.mac, us_mac.octet, 6);
	t->config.gateway4 = GATEWAY6;
	assert_int_equal(hf_stack_new(&t->config, t->now, &s), HF_ERR_INVALID);
	t->config.gateway4 = (hf_addr){ 0 };
	t->config.gateway6 = GATEWAY;
	assert_int_equal(hf_stack_new(&t->config, t->now, &s), HF_ERR_INVALID);
	t->config.gateway6 = GATEWAY6;
	station_start(t);
	station_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_for_our_ipv4_address_is_answered_to_the_asker),
		cmocka_unit_test(an_arp_probe_is_answered_and_teaches_nothing),
		cmocka_unit_test(a_question_for_another_address_is_not_answered),
		cmocka_unit_test(a_question_for_our_ipv6_address_is_answered_to_the_asker),
		cmocka_unit_test(every_address_of_ours_has_its_solicited_node_group),
		cmocka_unit_test(who_detects_duplicates_of_our_address_hears_of_us_with_all_nodes),
		cmocka_unit_test(neighbour_discovery_from_off_the_link_is_refused),
		cmocka_unit_test(frames_for_other_stations_are_refused),
		cmocka_unit_test(
			frames_of_another_vlan_are_refused_and_those_with_a_priority_taken),
		cmocka_unit_test(frames_that_carry_something_else_are_refused),
		cmocka_unit_test(a_segment_in_a_frame_to_all_stations_is_refused),
		cmocka_unit_test(announcements_teach_nothing_new),
		cmocka_unit_test(announcements_change_what_is_known),
		cmocka_unit_test(
			a_changed_link_address_is_doubted_even_if_it_says_it_was_asked_for),
		cmocka_unit_test(an_answer_to_somebody_else_teaches_but_confirms_nothing),
		cmocka_unit_test(a_contradiction_makes_a_reachable_neighbour_stale),
		cmocka_unit_test(a_claim_of_our_own_address_is_named_and_changes_nothing),
		cmocka_unit_test(
			an_advertisement_of_our_own_address_is_a_duplicate_unless_it_is_ours),
		cmocka_unit_test(an_asker_from_another_network_is_answered_but_not_noted),
		cmocka_unit_test(a_segment_from_another_link_address_moves_nothing),
		cmocka_unit_test(a_segment_from_an_unknown_neighbour_teaches_nothing),
		cmocka_unit_test(a_ping_to_all_nodes_is_not_answered),
		cmocka_unit_test(a_partial_checksum_starts_after_the_link_header),
		cmocka_unit_test(a_link_address_that_is_none_or_a_group_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
