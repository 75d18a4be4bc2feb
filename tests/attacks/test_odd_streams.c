/* SPDX-License-Identifier: BSD-2-Clause */
/* Text that comes twice and differs, is damaged, wraps, or has urgent marks. */
/*
 * The attacks "Overlapping segments with different data", "Out-of-window / wrapped data", "Bad
 * checksum / TTL insertion" and "Splice/urgent loop".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <handfast/urgent.h>

#include "tests/support/peer.h"

/* ---- Overlapping segments with different data: Ptacek and Newsham, CVE-1999-0601 ---- */

#define STREAM 40000u

/* What a reader must get: of each octet, what came first and fitted into the window. */
typedef struct stream {
	peer *p;
	hf_conn c;
	uint32_t read;             /* the next number that the reader wants */
	uint8_t octet[STREAM + 1]; /* by relative number */
	bool is_there[STREAM + 1];
} stream;

/* A segment whose text is all `fill`: taken into the stream where nothing is yet. */
static void say_filled(stream *s, uint32_t from, uint32_t to, uint8_t fill)
{
	uint8_t text[3000];
	peer *p = s->p;
	hf_conn_info info = peer_info(p, s->c);
	uint32_t next = info.rcv_nxt - p->isn.v, right = next + info.rcv_wnd;

	memset(text, fill, to - from);
	PEER_SAY(p, .flags = ACK, .seq = from, .ack = 1, .text = text, .len = to - from);
	for (uint32_t n = from < next ? next : from; n < to && n < right; n++) {
		if (!s->is_there[n])
			s->octet[n] = fill;
		s->is_there[n] = true;
	}
}

static void read_all(stream *s)
{
	uint8_t text[500];
	size_t got;

	while (hf_conn_receive(s->p->stack, s->c, text, sizeof(text), &got) == HF_OK) {
		assert_memory_equal(text, s->octet + s->read, got);
		s->read += (uint32_t)got;
	}
}

static void begin(stream *s)
{
	memset(s, 0, sizeof(*s));
	s->p = peer_new(NULL);
	peer_offer_all(s->p);
	s->c = peer_handshake_passive(s->p);
	s->read = 1;
}

static void overlaps(uint64_t seed, bool reads)
{
	static stream s;

	begin(&s);
	for (unsigned i = 0; i < 400; i++) {
		uint32_t next = peer_info(s.p, s.c).rcv_nxt - s.p->isn.v, at, len;

		len = 1 + draw_below(&seed, 2999);
		at = next + draw_below(&seed, 6000);
		at = at > 1500 ? at - 1500 : 1;
		if (at + len > STREAM + 1)
			break;
		say_filled(&s, at, at + len, (uint8_t)draw(&seed));
		if (reads && draw_below(&seed, 4) == 0)
			read_all(&s);
	}
	for (uint32_t n = 1; n <= STREAM; n++) /* whatever is missing, from the true peer */
		if (!s.is_there[n])
			say_filled(&s, n, n + 1, 0x5a);
	read_all(&s);
	assert_int_equal(s.read, STREAM + 1);
	peer_ignore(s.p);
	peer_free(s.p);
}

static void overlapping_segments_with_different_data_what_came_first_stays(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++)
		overlaps(seed, seed % 2);
}

/* Larger than what is there on both sides, and before what was read already. */
static void overlapping_segments_with_different_data_are_cut_on_both_sides(void **state)
{
	static stream s;

	(void)state;
	begin(&s);
	say_filled(&s, 1001, 1101, 'a');
	say_filled(&s, 901, 1201, 'b');
	say_filled(&s, 801, 1301, 'c');
	say_filled(&s, 1, 901, 'd');
	read_all(&s);
	assert_int_equal(s.read, 1301);
	say_filled(&s, 1, 1401, 'e');
	read_all(&s);
	assert_int_equal(s.read, 1401);
	assert_true(s.octet[1050] == 'a' && s.octet[950] == 'b' && s.octet[1250] == 'c');
	assert_true(s.octet[500] == 'd' && s.octet[850] == 'c' && s.octet[1350] == 'e');
	peer_free(s.p);
}

/* ---- Out-of-window / wrapped data ---- */

/* Text at these distances from RCV.NXT is none of ours, whatever its length. */
static void out_of_window_data_is_not_taken_at_any_distance(void **state)
{
	static const uint32_t isns[] = { 0, 1, 0x7fffff00, 0x80000000, 0xffffff00, 0xffffffff };
	static const uint32_t lens[] = { 1, 100, 1460 };

	(void)state;
	for (size_t i = 0; i < sizeof(isns) / sizeof(isns[0]); i++) {
		peer *p = peer_new(NULL);
		uint32_t window, taken = 1;
		hf_conn c;

		p->isn.v = isns[i];
		c = peer_handshake_passive(p);
		window = peer_info(p, c).rcv_wnd;
		for (unsigned k = 0; k < 3 * 33; k++) {
			uint32_t len = lens[k % 3];
			uint32_t away = k / 3 == 32 ? window : (uint32_t)(UINT64_C(1) << (k / 3));

			if (away < window) /* inside, on the right; 2^n before it on the left */
				away = 0u - away - len;
			PEER_SAY(p, .flags = ACK, .seq = taken + away, .ack = 1, .len = len);
			assert_int_equal(peer_info(p, c).unread, 0);
			assert_int_equal(peer_info(p, c).rcv_nxt, p->isn.v + taken);
		}
		peer_ignore(p);
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 1000); /* over the wrap */
		peer_app_receive(p, c, 1, 1000);
		peer_free(p);
	}
}

/* The half-open record has a window too: half the numbers away nothing completes a handshake. */
static void out_of_window_data_completes_no_handshake(void **state)
{
	(void)state;
	for (unsigned bit = 16; bit < 32; bit++) {
		for (uint32_t len = 0; len < 3; len++) {
			peer *p = peer_new(NULL);

			peer_listen(p);
			PEER_SAY(p, .flags = SYN);
			peer_expect(p, SYN | ACK);
			PEER_SAY(p, .flags = ACK, .seq = 1 + (UINT32_C(1) << bit), .ack = 1,
				 .len = len);
			assert_int_equal(peer_stats(p).half_open, 1);
			peer_ignore(p);
			PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
			peer_accept(p);
			peer_free(p);
		}
	}
}

/* ---- Bad checksum / TTL insertion ---- */

/* A packet of the peer's, to be damaged. */
static size_t make_packet(const peer *p, uint16_t flags, uint8_t *to)
{
	bool is_v4 = hf_addr_is_v4(&p->self.addr);
	hf_ip ip = { .src = p->self.addr,
		     .dst = p->host.addr,
		     .version = is_v4 ? 4 : 6,
		     .protocol = HF_IPPROTO_TCP,
		     .ttl = 64 };
	hf_tcp tcp = { .src_port = p->self.port,
		       .dst_port = p->host.port,
		       .seq = hf_seq_add(p->isn, 1),
		       .ack = hf_seq_add(p->host_isn, 1),
		       .flags = flags,
		       .window = 1000 };
	size_t len = flags & RST ? 0 : 20, at = hf_ip_emit(&ip, HF_TCP_HEADER + len, to);

	hf_tcp_emit(&tcp, to + at);
	peer_pattern(to + at + HF_TCP_HEADER, 1, len);
	hf_tcp_checksum(&ip, to + at, HF_TCP_HEADER + len);
	return at + HF_TCP_HEADER + len;
}

static void damage(bool is_v6, uint16_t flags)
{
	hf_config config = peer_config(is_v6);
	peer *p = peer_new(&config);
	hf_conn c = peer_handshake_passive(p);
	uint8_t packet[100];
	size_t len = make_packet(p, flags, packet);
	/* IPv6's own header has no checksum, and what it says of class and label does not matter */
	size_t from = is_v6 ? 8 * 4 : 0;
	hf_conn_info before = peer_info(p, c), after;

	for (size_t bit = from; bit < 8 * len; bit++) {
		if (is_v6 && bit / 8 == 7)
			continue; /* hop limit */
		packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_not_equal(peer_give(p, packet, len), HF_WHY_NONE);
		packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	after = peer_info(p, c);
	assert_memory_equal(&before, &after, sizeof(before));
	peer_expect_nothing(p);
	peer_give(p, packet, len); /* undamaged, it does what it says */
	assert_int_equal(peer_state(p, c), flags & RST ? HF_CLOSED :
					   flags & FIN ? HF_CLOSE_WAIT :
							 HF_ESTABLISHED);
	peer_free(p);
}

static void bad_checksum_insertion_each_bit_of_a_packet_counts(void **state)
{
	static const uint16_t kinds[] = { ACK | PSH, FIN | ACK, RST };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		damage(false, kinds[i]);
		damage(true, kinds[i]);
	}
}

/* With a least TTL set, what an attacker sends from farther away is not taken (RFC 5082). */
static void ttl_insertion_from_farther_away_is_not_taken(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_MIN_TTL, 60), HF_OK);
	for (unsigned ttl = 1; ttl < 60; ttl++) {
		p->ttl = (uint8_t)ttl;
		assert_int_equal(
			PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .text = "x", .len = 1),
			HF_WHY_IP_TTL);
		assert_int_equal(PEER_SAY(p, .flags = RST, .seq = 1), HF_WHY_IP_TTL);
	}
	p->ttl = 60;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 100);
	peer_app_receive(p, c, 1, 100);
	peer_free(p);
}

/* ---- Splice/urgent loop: CVE-2017-6214 ---- */

#define URGENT_TEXT 64u

/* Reads up to `chunk` octets at a time. Each call must get on, but for one stop before a mark. */
static uint32_t read_by(peer *p, hf_conn c, size_t chunk, unsigned *calls)
{
	uint8_t text[URGENT_TEXT];
	uint32_t read = 0;
	size_t got;

	while (hf_conn_receive(p->stack, c, text, chunk, &got) == HF_OK) {
		assert_true(got > 0);
		read += (uint32_t)got;
		++*calls;
		assert_true(*calls <= 2 * URGENT_TEXT);
	}
	return read;
}

static void one_mark(uint16_t pointer, size_t chunk, bool apart)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);
	unsigned calls = 0;
	uint32_t read;

	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_URGENT_APART, apart), HF_OK);
	PEER_SAY(p, .flags = ACK | URG, .seq = 1, .ack = 1, .urgent = pointer, .len = URGENT_TEXT);
	read = read_by(p, c, chunk, &calls);
	assert_in_range(read, URGENT_TEXT - apart, URGENT_TEXT);
	assert_true(calls <= URGENT_TEXT / chunk + 2);
	/* Nothing keeps the reader awake: there is no event and no octet left. */
	peer_events(p);
	assert_int_equal(peer_events(p), 0);
	assert_int_equal(peer_info(p, c).unread, 0);
	peer_free(p);
}

static void urgent_loop_a_reader_gets_on_with_a_mark_anywhere(void **state)
{
	(void)state;
	for (uint16_t pointer = 0; pointer <= URGENT_TEXT + 2; pointer++) {
		for (size_t chunk = 1; chunk <= URGENT_TEXT; chunk *= 2) {
			one_mark(pointer, chunk, false);
			one_mark(pointer, chunk, true);
		}
	}
	one_mark(65535, 1, false);
	one_mark(65535, 64, true);
}

/* A new mark after each octet that is read, one ahead of the reader. */
static void urgent_loop_marks_that_run_ahead_hold_nobody_up(void **state)
{
	(void)state;
	for (unsigned apart = 0; apart < 2; apart++) {
		peer *p = peer_new(NULL);
		hf_conn c = peer_handshake_passive(p);
		unsigned calls = 0;
		uint32_t read = 0;

		assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_URGENT_APART, apart), HF_OK);
		for (uint32_t i = 0; i < 1000; i++) {
			PEER_SAY(p, .flags = ACK | URG, .seq = 1 + i, .ack = 1, .urgent = 2,
				 .len = 1);
			calls = 0;
			read += read_by(p, c, 1, &calls);
			assert_true(calls <= 2);
			peer_ignore(p);
		}
		assert_true(read >= (apart ? 499 : 1000));
		peer_free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(overlapping_segments_with_different_data_what_came_first_stays),
		cmocka_unit_test(overlapping_segments_with_different_data_are_cut_on_both_sides),
		cmocka_unit_test(out_of_window_data_is_not_taken_at_any_distance),
		cmocka_unit_test(out_of_window_data_completes_no_handshake),
		cmocka_unit_test(bad_checksum_insertion_each_bit_of_a_packet_counts),
		cmocka_unit_test(ttl_insertion_from_farther_away_is_not_taken),
		cmocka_unit_test(urgent_loop_a_reader_gets_on_with_a_mark_anywhere),
		cmocka_unit_test(urgent_loop_marks_that_run_ahead_hold_nobody_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
