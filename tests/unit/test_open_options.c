/* SPDX-License-Identifier: BSD-2-Clause */
/* What the two SYNs agree on, in every combination (RFC 9293 3.7.1, RFC 7323, RFC 2018). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/peer.h"

enum { WITH_MSS = 1, WITH_SACK = 2, WITH_STAMPS = 4, WITH_SCALE = 8, COMBINATIONS = 16 };

#define AGREEABLE ((unsigned)(WITH_SACK | WITH_STAMPS | WITH_SCALE))

static hf_tcp_options options(unsigned with)
{
	return (hf_tcp_options){
		.present = (with & WITH_MSS ? HF_HAS(MSS) : 0) |
			   (with & WITH_SACK ? HF_HAS(SACK_PERMITTED) : 0) |
			   (with & WITH_STAMPS ? HF_HAS(TIMESTAMPS) : 0) |
			   (with & WITH_SCALE ? HF_HAS(WSCALE) : 0),
		.mss = 1400,
		.wscale = 7,
	};
}

static hf_config config_with(bool is_v6, unsigned without)
{
	hf_config config = peer_config(is_v6);

	config.no_sack = !!(without & WITH_SACK);
	config.no_timestamps = !!(without & WITH_STAMPS);
	config.no_window_scaling = !!(without & WITH_SCALE);
	return config;
}

static void check_offered(const peer_seen *s, unsigned with, uint16_t mss)
{
	const hf_tcp_options *o = &s->tcp.options;

	assert_true(o->present & HF_HAS(MSS)); /* SHLD-5 */
	assert_int_equal(o->mss, mss);
	assert_int_equal(!!(o->present & HF_HAS(SACK_PERMITTED)), !!(with & WITH_SACK));
	assert_int_equal(!!(o->present & HF_HAS(TIMESTAMPS)), !!(with & WITH_STAMPS));
	assert_int_equal(!!(o->present & HF_HAS(WSCALE)), !!(with & WITH_SCALE));
	if (with & WITH_SCALE)
		assert_true(o->wscale <= 14);
}

/* What must hold once `agreed` is agreed; `said` tells whether the peer's MSS was among it. */
static void check_agreed(const peer *p, hf_conn c, unsigned said, unsigned agreed)
{
	hf_conn_info info = peer_info(p, c);
	uint16_t fallback = p->host.addr.octet[0] ? 1220 : 536; /* MUST-15 */
	uint16_t mss = said & WITH_MSS ? 1400 : fallback;

	assert_int_equal(info.sack, !!(agreed & WITH_SACK));
	assert_int_equal(info.timestamps, !!(agreed & WITH_STAMPS));
	assert_int_equal(info.window_scaling, !!(agreed & WITH_SCALE));
	assert_int_equal(info.snd_wscale, agreed & WITH_SCALE ? 7 : 0);
	assert_int_equal(info.peer_mss, mss);
	assert_int_equal(info.snd_mss, mss - (agreed & WITH_STAMPS ? 12 : 0));
}

static void check_text(peer *p, hf_conn c, unsigned agreed)
{
	const peer_seen *s;
	uint16_t mss = peer_info(p, c).snd_mss;

	peer_app_send(p, c, 1, 3000);
	s = PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1, .len = mss);
	assert_int_equal(!!(s->tcp.options.present & HF_HAS(TIMESTAMPS)), !!(agreed & WITH_STAMPS));
	assert_int_equal(s->tcp.options.present & ~HF_HAS(TIMESTAMPS) & ~HF_HAS(NOP), 0);
}

static void passive(bool is_v6, unsigned said, unsigned without)
{
	hf_config config = config_with(is_v6, without);
	peer *p = peer_new(&config);
	unsigned agreed = said & ~without & AGREEABLE;
	const peer_seen *s;
	hf_conn c;

	peer_listen(p);
	p->offer = options(said);
	PEER_SAY(p, .flags = SYN);
	s = peer_expect(p, SYN | ACK);
	check_offered(s, agreed, is_v6 ? 1440 : 1460);
	if (agreed & WITH_STAMPS)
		assert_int_equal(s->tcp.options.tsecr, p->tsval);
	p->stamps = agreed & WITH_STAMPS;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .window = 1024);
	c = peer_accept(p);
	check_agreed(p, c, said, agreed);
	assert_int_equal(peer_info(p, c).snd_wnd, agreed & WITH_SCALE ? 1024 << 7 : 1024);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	check_text(p, c, agreed);
	peer_free(p);
}

static void a_listener_agrees_to_what_both_sides_want(void **state)
{
	(void)state;
	for (unsigned said = 0; said < COMBINATIONS; said++)
		for (unsigned without = 0; without < COMBINATIONS; without += 2)
			passive(said & 1 ? without & 2 : said & 2, said, without);
}

static void active(bool is_v6, unsigned said, unsigned without)
{
	hf_config config = config_with(is_v6, without);
	peer *p = peer_new(&config);
	hf_conn c = peer_open(p);
	unsigned agreed = said & ~without & AGREEABLE;
	const peer_seen *s = peer_expect(p, SYN);

	check_offered(s, ~without, is_v6 ? 1440 : 1460);
	if (!(without & WITH_STAMPS))
		assert_int_equal(s->tcp.options.tsecr, 0);
	p->offer = options(said);
	PEER_SAY(p, .flags = SYN | ACK, .ack = 1, .window = 1024);
	p->stamps = agreed & WITH_STAMPS;
	check_agreed(p, c, said, agreed);
	/* MUST NOT scale the window of a SYN (RFC 7323 2.2). */
	assert_int_equal(peer_info(p, c).snd_wnd, 1024);
	peer_expect(p, ACK);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	check_text(p, c, agreed);
	peer_free(p);
}

static void an_opener_offers_all_and_uses_what_comes_back(void **state)
{
	(void)state;
	for (unsigned said = 0; said < COMBINATIONS; said++)
		for (unsigned without = 0; without < COMBINATIONS; without += 2)
			active(said & 1 ? without & 2 : said & 2, said, without);
}

static void a_shift_above_14_counts_as_14(void **state)
{
	(void)state;
	for (unsigned shift = 13; shift < 256; shift += shift < 16 ? 1 : 80) {
		peer *p = peer_new(NULL);
		hf_conn c;

		p->offer = options(WITH_SCALE);
		p->offer.wscale = (uint8_t)shift;
		c = peer_handshake_passive(p);
		assert_int_equal(peer_info(p, c).snd_wscale, shift > 14 ? 14 : shift);
		peer_free(p);
	}
}

static void a_tiny_mss_is_raised_so_that_text_still_flows(void **state)
{
	static const uint16_t tiny[] = { 0, 1, 12, 47, 48, 64 };

	(void)state;
	for (unsigned i = 0; i < 2 * sizeof(tiny) / sizeof(tiny[0]); i++) {
		peer *p = peer_new(NULL);
		const peer_seen *s;
		hf_conn c;

		p->offer = options(i & 1 ? WITH_MSS | WITH_STAMPS : WITH_MSS);
		p->offer.mss = tiny[i / 2];
		c = peer_handshake_passive(p);
		assert_true(peer_info(p, c).snd_mss > 0);
		assert_true(peer_info(p, c).snd_mss <= 64);
		peer_app_send(p, c, 1, 200);
		s = peer_expect(p, ACK);
		assert_true(s->len > 0);
		peer_check_text(s);
		peer_free(p);
	}
}

static void a_large_mss_is_bounded_by_the_link(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c;

	(void)state;
	p->offer.mss = 65535;
	c = peer_handshake_passive(p);
	assert_int_equal(peer_info(p, c).snd_mss, 1460);
	peer_app_send(p, c, 1, 2000);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1, .len = 1460);
	peer_free(p);
}

static void the_announced_mss_follows_the_mtu(void **state)
{
	static const uint32_t mtu[] = { 1280, 1500, 9000, 65535 };

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		hf_config config = peer_config(i & 1);
		peer *p;

		config.mtu = mtu[i / 2];
		p = peer_new(&config);
		peer_open(p);
		assert_int_equal(peer_expect(p, SYN)->tcp.options.mss,
				 config.mtu - (i & 1 ? 60 : 40)); /* MUST-67, RFC 6691 */
		peer_free(p);
	}
}

/* The option area of a SYN in Linux's order, which middleboxes know. */
static void the_options_of_a_syn_stand_in_linux_order(void **state)
{
	static const uint8_t order[] = { HF_OPT_MSS, HF_OPT_SACK_PERMITTED, HF_OPT_TIMESTAMPS,
					 HF_OPT_NOP, HF_OPT_WSCALE };
	peer *p = peer_new(NULL);
	hf_tcp_option option;
	hf_view raw;

	(void)state;
	peer_open(p);
	raw = peer_expect(p, SYN)->tcp.options.raw;
	assert_int_equal(raw.len, 20);
	for (unsigned i = 0; i < sizeof(order); i++) {
		assert_true(hf_tcp_option_next(&raw, &option));
		assert_int_equal(option.kind, order[i]);
	}
	assert_int_equal(raw.len, 0);
	peer_free(p);
}

static void window_scale_and_sack_permitted_count_in_a_syn_only(void **state)
{
	hf_tcp_options late = options(WITH_SACK | WITH_SCALE | WITH_MSS);
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	late.mss = 600;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .options = late);
	assert_false(peer_info(p, c).sack);
	assert_int_equal(peer_info(p, c).snd_wscale, 0);
	assert_int_equal(peer_info(p, c).snd_mss, 1460);
	peer_free(p);
}

static void a_syn_ack_that_echoes_a_foreign_timestamp_is_not_believed(void **state)
{
	hf_tcp_options o = options(WITH_MSS | WITH_STAMPS);
	peer *p = peer_new(NULL);
	hf_conn c = peer_open(p);

	(void)state;
	o.tsval = 1;
	o.tsecr = peer_expect(p, SYN)->tcp.options.tsval + 100000; /* never sent */
	PEER_SAY(p, .flags = SYN | ACK, .ack = 1, .options = o);
	assert_int_equal(peer_state(p, c), HF_SYN_SENT);
	peer_free(p);
}

static void a_timestamp_that_was_not_offered_is_ignored_on_the_syn_ack(void **state)
{
	hf_tcp_options o = options(WITH_MSS | WITH_STAMPS);
	hf_config config = config_with(false, WITH_STAMPS);

	(void)state;
	for (uint32_t echo = 1; echo != 0; echo <<= 1) {
		peer *p = peer_new(&config);
		hf_conn c = peer_open(p);

		peer_expect(p, SYN);
		o.tsecr = echo;
		PEER_SAY(p, .flags = SYN | ACK, .ack = 1, .options = o);
		assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
		assert_false(peer_info(p, c).timestamps);
		peer_free(p);
	}
}

static void unknown_options_are_skipped_and_illegal_lengths_drop_the_segment(void **state)
{
	/* IPv4 and TCP headers by hand: 4 octets of options. */
	static const uint8_t good[4] = { 76, 4, 1, 2 }, bad[4] = { 76, 0, 1, 2 };
	hf_ip ip = { .version = 4, .protocol = HF_IPPROTO_TCP, .ttl = 64 };
	peer *p = peer_new(NULL);

	(void)state;
	peer_listen(p);
	ip.src = p->self.addr;
	ip.dst = p->host.addr;
	for (int i = 0; i < 2; i++) {
		hf_tcp tcp = { .src_port = p->self.port, .dst_port = 80, .seq = p->isn };
		uint8_t packet[64];
		size_t at = hf_ip_emit(&ip, 24, packet);

		tcp.flags = SYN;
		hf_tcp_emit(&tcp, packet + at);
		packet[at + 12] = 6 << 4;
		memcpy(packet + at + 20, i ? good : bad, 4);
		hf_tcp_checksum(&ip, packet + at, 24);
		assert_int_equal(peer_give(p, packet, at + 24),
				 i ? HF_WHY_NONE : HF_WHY_TCP_OPTION);
		if (i)
			assert_int_equal(peer_expect(p, SYN | ACK)->ack, 1); /* MUST-6 */
		else
			peer_expect_nothing(p); /* MUST-7 */
	}
	peer_free(p);
}

/* The window of a SYN-ACK is not scaled; the one on the next segment is: both say the same. */
static void the_window_does_not_shrink_after_the_handshake(void **state)
{
	static const uint32_t buffer[] = { 4096, 60000, 65535, 65536, 1 << 20, 6 << 20 };

	(void)state;
	for (unsigned i = 0; i < 2 * sizeof(buffer) / sizeof(buffer[0]); i++) {
		hf_config config = peer_config(false);
		uint32_t announced, shift;
		const peer_seen *s;
		peer *p;

		config.receive_buffer = buffer[i / 2];
		p = peer_new(&config);
		p->offer = options(WITH_MSS | (i & 1 ? WITH_SCALE : 0));
		peer_listen(p);
		PEER_SAY(p, .flags = SYN);
		s = peer_expect(p, SYN | ACK);
		shift = i & 1 ? s->tcp.options.wscale : 0;
		announced = s->tcp.window;
		assert_true(announced <= buffer[i / 2]);
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 1);
		s = peer_expect(p, ACK);
		assert_true(1 + ((uint32_t)s->tcp.window << shift) >= announced);
		peer_free(p);
	}
}

static void a_listener_with_a_small_buffer_announces_a_small_window(void **state)
{
	hf_listener_options o = { .size = sizeof(o), .receive_buffer = 5000 };
	hf_endpoint at = { .port = PEER_HOST_PORT };
	peer *p = peer_new(NULL);
	const peer_seen *s;
	uint32_t announced;

	(void)state;
	assert_int_equal(hf_listener_open(p->stack, &at, &o, &p->listener), HF_OK);
	PEER_SAY(p, .flags = SYN);
	announced = peer_expect(p, SYN | ACK)->tcp.window;
	assert_in_range(announced, 1, 5000);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 1);
	s = peer_expect(p, ACK);
	assert_true(1u + s->tcp.window >= announced); /* SHLD-14 */
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_listener_agrees_to_what_both_sides_want),
		cmocka_unit_test(an_opener_offers_all_and_uses_what_comes_back),
		cmocka_unit_test(a_shift_above_14_counts_as_14),
		cmocka_unit_test(a_tiny_mss_is_raised_so_that_text_still_flows),
		cmocka_unit_test(a_large_mss_is_bounded_by_the_link),
		cmocka_unit_test(the_announced_mss_follows_the_mtu),
		cmocka_unit_test(the_options_of_a_syn_stand_in_linux_order),
		cmocka_unit_test(window_scale_and_sack_permitted_count_in_a_syn_only),
		cmocka_unit_test(a_syn_ack_that_echoes_a_foreign_timestamp_is_not_believed),
		cmocka_unit_test(a_timestamp_that_was_not_offered_is_ignored_on_the_syn_ack),
		cmocka_unit_test(unknown_options_are_skipped_and_illegal_lengths_drop_the_segment),
		cmocka_unit_test(the_window_does_not_shrink_after_the_handshake),
		cmocka_unit_test(a_listener_with_a_small_buffer_announces_a_small_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
