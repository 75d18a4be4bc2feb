/* SPDX-License-Identifier: BSD-2-Clause */
/* Windows that shrink, close and open by an octet, and streams as long as the numbers go round. */
/*
 * The attacks "Window shrink", "Zero-window probe abuse", "Silly window" and "Out-of-window /
 * wrapped data".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/octets.h"
#include "tests/support/peer.h"

/* ---- Window shrink: RFC 9293 3.8.6.2.1, smoltcp 489 ---- */

#define ALL_TEXT 60000u

/* The peer's view: what came, what it allowed, and the most that it has ever seen. */
typedef struct view {
	uint32_t edge;  /* the right edge it announced last */
	uint32_t high;  /* one past the highest number that came */
	uint32_t whole; /* all before it came; a peer that loses nothing */
	unsigned probes;
} view;

/* Nothing new beyond the edge, but for one octet that probes it. */
static void look(peer *p, view *v)
{
	const peer_seen *s;

	while ((s = peer_next(p))) {
		uint32_t end = s->seq + s->len;
		bool is_new = end > v->high;

		peer_check_text(s);
		assert_true(!is_new || end <= v->edge || (s->len == 1 && end <= v->edge + 1) ||
			    (s->len == 1 && s->seq == v->high));
		v->probes += s->len == 1;
		if (is_new)
			v->high = end;
		if (s->seq <= v->whole && end > v->whole)
			v->whole = end;
	}
}

static void shrinks(uint64_t seed)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);
	view v = { .edge = 1 + 65535, .high = 1, .whole = 1 };
	uint32_t una = 1;

	peer_app_send(p, c, 1, ALL_TEXT);
	for (unsigned i = 0; i < 300 && v.whole < 1 + ALL_TEXT; i++) {
		uint32_t wnd = draw_below(&seed, 3) == 0 ? 0 : draw_below(&seed, 6000);

		look(p, &v);
		una = una + draw_below(&seed, v.whole - una + 1);
		v.edge = una + wnd;
		if (wnd == 0) /* `window` 0 stands for the usual one */
			p->window = 0;
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = una, .window = (uint16_t)wnd);
		p->window = 65535;
		look(p, &v);
		peer_wait(p, HF_MS((hf_ns)draw_below(&seed, 900)));
		look(p, &v);
		assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	}
	for (unsigned i = 0; i < 100 && v.whole < 1 + ALL_TEXT; i++) {
		v.edge = v.whole + 65535;
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = v.whole);
		look(p, &v);
		peer_wait(p, HF_SEC(1));
		look(p, &v);
	}
	assert_int_equal(v.whole, 1 + ALL_TEXT);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = v.whole);
	assert_int_equal(peer_info(p, c).in_flight, 0);
	peer_free(p);
}

static void window_shrink_nothing_new_leaves_beyond_the_edge(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 100; seed++)
		shrinks(seed);
}

/* ---- Zero-window probe abuse ---- */

/* A peer that never opens its window and always answers: an hour costs few packets. */
static void zero_window_probe_abuse_costs_little_for_an_hour(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);
	hf_time end = hf_time_add(p->now, HF_SEC(3600));
	unsigned probes = 0;
	size_t memory = SIZE_MAX;

	(void)state;
	p->window = 0;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	peer_app_send(p, c, 1, 10000);
	while (hf_time_before(p->now, end)) {
		const peer_seen *s;

		peer_wait_for_output(p, HF_SEC(200));
		s = peer_expect(p, ACK);
		assert_int_equal(s->len, 1);
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
		if (++probes == 1)
			memory = peer_stats(p).memory;
	}
	assert_in_range(probes, 30, 45); /* doubling from 200 ms to 120 s */
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	assert_true(peer_stats(p).memory <= memory);
	peer_free(p);
}

/* Probes of our own closed window: each is answered once, and nothing is kept of them. */
static void zero_window_probe_abuse_is_answered_one_to_one(void **state)
{
	hf_config config = peer_config(false);
	size_t memory;
	hf_conn c;
	peer *p;

	(void)state;
	config.receive_buffer = 2920;
	p = peer_new(&config);
	c = peer_handshake_passive(p);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 2920);
	assert_int_equal(peer_expect(p, ACK)->tcp.window, 0);
	memory = peer_stats(p).memory;
	for (unsigned i = 0; i < 1000; i++) {
		PEER_SAY(p, .flags = ACK, .seq = 2921, .ack = 1, .len = 1 + i);
		assert_int_equal(PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 2921)->tcp.window,
				 0);
		peer_expect_nothing(p);
	}
	assert_int_equal(peer_stats(p).memory, memory);
	peer_app_receive(p, c, 1, 2920);
	peer_free(p);
}

/* ---- Silly window: RFC 1122 4.2.3.4 ---- */

/* The peer opens its window octet by octet: what leaves are few segments that are not silly. */
static void silly_window_a_sender_waits_for_more_than_crumbs(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);
	unsigned segments = 0, silly = 0;
	uint32_t whole = 1, room = 1;

	(void)state;
	peer_app_send(p, c, 1, ALL_TEXT);
	for (unsigned i = 0; i < 60000 && whole < 20001; i++) {
		const peer_seen *s;

		while ((s = peer_next(p))) {
			if (s->seq + s->len <= whole)
				continue;
			whole = s->seq + s->len;
			segments++;
			silly += s->len < 536;
			room = 1;
		}
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = whole, .window = (uint16_t)room);
		room += room < 1460; /* one octet more a millisecond */
		peer_wait(p, HF_MS(1));
	}
	/* RFC 1122 4.2.3.4 lets a crumb go after the override's time, 200 ms here and longer. */
	print_message("# %u octets in %u segments, %u of them below 536\n", whole - 1, segments,
		      silly);
	assert_true(segments * 300 <= whole);
	peer_free(p);
}

/* Our reader takes octet by octet: the peer is told of the window by segments, not by octets. */
static void silly_window_a_receiver_tells_of_no_crumbs(void **state)
{
	hf_config config = peer_config(false);
	unsigned updates = 0;
	uint8_t octet;
	size_t got;
	hf_conn c;
	peer *p;

	(void)state;
	config.receive_buffer = 14600;
	p = peer_new(&config);
	c = peer_handshake_passive(p);
	for (unsigned i = 0; i < 10; i++)
		PEER_SAY(p, .flags = ACK | PSH, .seq = 1 + 1460 * i, .ack = 1, .len = 1460);
	peer_wait(p, HF_SEC(1));
	peer_ignore(p);
	assert_int_equal(peer_info(p, c).unread, 14600);
	for (unsigned i = 0; i < 14600; i++) {
		assert_int_equal(hf_conn_receive(p->stack, c, &octet, 1, &got), HF_OK);
		peer_wait(p, HF_US(100));
		updates += peer_ignore(p);
	}
	assert_in_range(updates, 1, 10);
	peer_free(p);
}

/* ---- Out-of-window / wrapped data ---- */

#define BLOCK 65000u

/* Octets of a packet whose checksums the link has looked at, or will make. */
typedef struct packet {
	uint8_t octet[70000];
} packet;

/* A block of text that tells its number at both ends. */
static const uint8_t *block(uint32_t n)
{
	static uint8_t text[BLOCK];

	hf_put32(text, n);
	hf_put32(text + BLOCK - 4, ~n);
	return text;
}

/* The header of a segment from the peer, with time stamps: PAWS is what wraps are safe by. */
static uint32_t put_header(const peer *p, packet *to, hf_seq seq, hf_seq ack, uint32_t len)
{
	hf_ip ip = { .src = p->self.addr,
		     .dst = p->host.addr,
		     .version = 4,
		     .protocol = HF_IPPROTO_TCP,
		     .ttl = 64 };
	hf_tcp tcp = { .src_port = p->self.port,
		       .dst_port = p->host.port,
		       .seq = seq,
		       .ack = ack,
		       .flags = ACK,
		       .window = 65535 };
	size_t header;

	tcp.options.present = HF_HAS(TIMESTAMPS);
	tcp.options.tsval = p->tsval;
	tcp.options.tsecr = p->heard_tsval;
	header = hf_tcp_header_len(&tcp);
	hf_ip_emit(&ip, header + len, to->octet);
	hf_tcp_emit(&tcp, to->octet + HF_IP4_HEADER);
	return (uint32_t)(HF_IP4_HEADER + header);
}

static void give(peer *p, packet *k, uint32_t len)
{
	hf_packet in = { .data = k->octet,
			 .len = len,
			 .capacity = sizeof(k->octet),
			 .flags = HF_PACKET_CSUM_GOOD };

	hf_stack_input(p->stack, &in, 1, p->now);
	assert_int_equal(in.reason, HF_WHY_NONE);
}

/* Time passes; the host's acknowledgements are not kept, there are too many. */
static void pass(peer *p)
{
	static packet out;
	hf_packet k = { .data = out.octet, .capacity = sizeof(out.octet) };

	p->now = hf_time_add(p->now, HF_MS(50));
	p->tsval += 50;
	while (hf_stack_output(p->stack, &k, 1, p->now) == 1)
		assert_true(k.len < 100);
}

static peer *jumbo(hf_conn *c)
{
	hf_config config = peer_config(false);
	peer *p;

	config.mtu = 65535;
	config.offloads = HF_OFFLOAD_TX_CHECKSUM;
	p = peer_new(&config);
	peer_offer_all(p);
	p->offer.mss = 65495;
	*c = peer_handshake_passive(p);
	return p;
}

/* 4 GiB and 65,000 octets more: each number is used, and the first ones twice. */
static void wrapped_data_arrives_all_the_way_round(void **state)
{
	static packet k;
	hf_conn c;
	peer *p = jumbo(&c);
	hf_seq seq = hf_seq_add(p->isn, 1), ack = hf_seq_add(p->host_isn, 1);
	uint32_t blocks = (uint32_t)((UINT64_C(1) << 32) / BLOCK + 2);

	(void)state;
	for (uint32_t n = 0; n < blocks; n++) {
		static uint8_t text[BLOCK];
		uint32_t header = put_header(p, &k, seq, ack, BLOCK);
		size_t got;

		memcpy(k.octet + header, block(n), BLOCK);
		give(p, &k, header + BLOCK);
		assert_int_equal(hf_conn_receive(p->stack, c, text, BLOCK, &got), HF_OK);
		assert_int_equal(got, BLOCK);
		assert_true(memcmp(text, block(n), BLOCK) == 0);
		seq = hf_seq_add(seq, BLOCK);
		pass(p);
	}
	assert_true(peer_info(p, c).octets_received > UINT64_C(1) << 32);
	peer_free(p);
}

/* The other direction. */
static void wrapped_data_leaves_all_the_way_round(void **state)
{
	static packet k, out;
	hf_conn c;
	peer *p = jumbo(&c);
	hf_seq seq = hf_seq_add(p->isn, 1), next = hf_seq_add(p->host_isn, 1);
	uint32_t blocks = (uint32_t)((UINT64_C(1) << 32) / BLOCK + 2);

	(void)state;
	for (uint32_t n = 0; n < blocks; n++) {
		hf_packet leaving = { .data = out.octet, .capacity = sizeof(out.octet) };
		size_t sent;

		assert_int_equal(hf_conn_send(p->stack, c, block(n), BLOCK, &sent), HF_OK);
		assert_int_equal(sent, BLOCK);
		assert_int_equal(hf_stack_output(p->stack, &leaving, 1, p->now), 1);
		assert_int_equal(leaving.len, HF_IP4_HEADER + HF_TCP_HEADER + 12 + BLOCK);
		assert_int_equal(hf_get32(out.octet + HF_IP4_HEADER + 4), next.v);
		assert_true(memcmp(out.octet + leaving.len - BLOCK, block(n), BLOCK) == 0);
		next = hf_seq_add(next, BLOCK);
		p->heard_tsval = hf_get32(out.octet + HF_IP4_HEADER + HF_TCP_HEADER + 4);
		p->now = hf_time_add(p->now, HF_MS(50));
		p->tsval += 50;
		give(p, &k, put_header(p, &k, seq, next, 0));
	}
	assert_true(peer_info(p, c).octets_acked > UINT64_C(1) << 32);
	assert_int_equal(peer_info(p, c).retransmissions, 0);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(window_shrink_nothing_new_leaves_beyond_the_edge),
		cmocka_unit_test(zero_window_probe_abuse_costs_little_for_an_hour),
		cmocka_unit_test(zero_window_probe_abuse_is_answered_one_to_one),
		cmocka_unit_test(silly_window_a_sender_waits_for_more_than_crumbs),
		cmocka_unit_test(silly_window_a_receiver_tells_of_no_crumbs),
		cmocka_unit_test(wrapped_data_arrives_all_the_way_round),
		cmocka_unit_test(wrapped_data_leaves_all_the_way_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
