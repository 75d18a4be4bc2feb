/* SPDX-License-Identifier: BSD-2-Clause */
/* How much a forged packet, or a lying receiver, can make the host send. */
/*
 * The attacks "ACK division", "DupACK spoofing", "Optimistic ACK", "SYN-ACK reflection", "Middlebox
 * reflection", "RST reflection" and "TFO cookie replay / reflection". All bounds are counts of
 * octets, of whole IP packets where packets are reflected.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/complaint.h"

#define MSS 1460u
#define FLIGHT (10 * MSS) /* the initial window */

/* ---- Receivers that lie: Savage 1999 ---- */

static const hf_congestion_control modules[] = { HF_CONGESTION_RENO, HF_CONGESTION_CUBIC,
						 HF_CONGESTION_BBR };
static const hf_profile profiles[] = { HF_PROFILE_LINUX, HF_PROFILE_RFC };

/* A host with its first window in flight, and more to send. `at`: how many octets are in flight. */
static peer *sending(hf_congestion_control module, hf_profile profile, bool sack, hf_conn *c,
		     uint32_t *flight)
{
	hf_config config = peer_config(false);
	peer *p;

	config.congestion = module;
	config.profile = profile;
	p = peer_new(&config);
	p->window = 65535;
	if (sack)
		p->offer.present |= HF_HAS(SACK_PERMITTED);
	*c = peer_handshake_passive(p);
	peer_app_send(p, *c, 1, 60000);
	peer_wait(p, HF_MS(20));
	peer_ignore(p);
	*flight = peer_info(p, *c).in_flight;
	return p;
}

/* cwnd after all in flight was acknowledged by `step` octets at a time, in one moment. */
static uint32_t grown(hf_congestion_control module, hf_profile profile, bool slow, uint32_t step)
{
	hf_conn c;
	uint32_t flight, acked = 0, cwnd;
	peer *p = sending(module, profile, false, &c, &flight);

	if (slow) { /* after a time-out: the threshold is low, avoidance soon begins */
		for (unsigned i = 0; i < 4; i++) {
			peer_wait(p, HF_SEC(2));
			peer_ignore(p);
			acked += MSS;
			PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1 + acked);
			peer_ignore(p);
		}
		flight = acked + peer_info(p, c).in_flight;
	}
	while (acked < flight) {
		acked = flight - acked < step ? flight : acked + step;
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1 + acked);
	}
	cwnd = peer_info(p, c).cwnd;
	peer_free(p);
	return cwnd;
}

static void ack_division_earns_nothing(void **state)
{
	static const uint32_t steps[] = { 730, 146, 10, 1 };

	(void)state;
	for (unsigned i = 0; i < 12; i++) {
		hf_congestion_control module = modules[i % 3];
		hf_profile profile = profiles[i / 3 % 2];
		bool slow = i / 6;
		/*
		 * After a time-out without SACK one segment counts for an ACK; those are small
		 * then.
		 */
		uint32_t honest = grown(module, profile, slow, slow ? 512 : MSS);

		for (unsigned k = 0; k < 4; k++)
			assert_true(grown(module, profile, slow, steps[k]) <= honest + MSS / 2);
	}
}

/*
 * `count` duplicates, and with SACK such as name what is in flight, what was never sent, the rest.
 */
static void duplicates(hf_congestion_control module, hf_profile profile, bool sack, unsigned count)
{
	hf_conn c;
	uint32_t flight, cwnd, octets = 0;
	peer *p = sending(module, profile, sack, &c, &flight);
	const peer_seen *s;

	cwnd = peer_info(p, c).cwnd;
	for (unsigned i = 0; i < count; i++) {
		peer_line l = { .flags = ACK, .seq = 1, .ack = 1 };

		if (sack && i % 3 > 0) {
			uint32_t at = i % 3 == 1 ? 1 + flight + i * MSS : 1 + MSS * (1 + i % 9);

			l.sack[0] = (peer_range){ at, at + MSS };
		}
		peer_say(p, l);
		while ((s = peer_next(p)))
			octets += s->len;
	}
	/* Conservation: for what may have arrived no more leaves, but two by limited transmit. */
	assert_true(octets <= flight + 2 * MSS * sack);
	/* A model of the path may grow by what a liar says has arrived: nine of ten segments. */
	assert_true(peer_info(p, c).cwnd <= cwnd + (module == HF_CONGESTION_BBR ? 9 * MSS : 0));
	assert_true(peer_info(p, c).snd_una - p->host_isn.v == 1);
	peer_free(p);
}

static void dupack_spoofing_lets_out_no_more_than_arrived(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 12; i++) {
		duplicates(modules[i % 3], profiles[i / 3 % 2], i / 6, 12);
		duplicates(modules[i % 3], profiles[i / 3 % 2], i / 6, 1000);
	}
}

/* ACKs of what was not sent: answered twice a second at most, and as if they had not come. */
static void optimistic_ack_of_what_was_not_sent_is_dropped(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		hf_conn c;
		uint32_t flight;
		peer *p = sending(modules[i % 3], profiles[i / 3], true, &c, &flight);
		hf_conn_info before = peer_info(p, c), after;

		for (unsigned k = 0; k < 5000; k++) {
			uint32_t ahead = 1 + draw_below(&seed, k % 2 ? 100000 : 0x7fffffff);

			PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1 + flight + ahead);
		}
		after = peer_info(p, c);
		assert_int_equal(after.cwnd, before.cwnd);
		assert_int_equal(after.snd_una, before.snd_una);
		assert_int_equal(after.srtt, before.srtt);
		assert_true(peer_ignore(p) <= 1);
		peer_free(p);
	}
}

/*
 * ACKs of what was sent and cannot have arrived yet are believed, as nothing tells them from
 * others; but a window is at most doubled in what takes one, and the peer's window bounds all.
 */
static void optimistic_ack_of_what_was_sent_doubles_at_most(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		hf_conn c;
		uint32_t flight, acked = 0, cwnd;
		peer *p = sending(modules[i % 3], profiles[i / 3], false, &c, &flight);

		for (unsigned k = 0; k < 3; k++) {
			cwnd = peer_info(p, c).cwnd;
			acked += peer_info(p, c).in_flight;
			PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1 + acked);
			assert_true(peer_info(p, c).cwnd <= 2 * cwnd + MSS);
			peer_wait(p, HF_MS(20));
			peer_ignore(p);
			assert_true(peer_info(p, c).in_flight <= 65535);
		}
		peer_free(p);
	}
}

/* ---- Reflection ---- */

typedef struct amount {
	uint32_t packets, octets, text;
} amount;

/* All that leaves within `d`, IP headers counted. */
static amount leaves_within(peer *p, hf_ns d)
{
	amount a = { 0 };
	const peer_seen *s;

	peer_wait(p, d);
	while ((s = peer_next(p))) {
		a.packets++;
		a.octets += (uint32_t)hf_ip_header_len(&s->ip);
		a.octets += (uint32_t)hf_tcp_header_len(&s->tcp) + s->len;
		a.text += s->len;
	}
	return a;
}

/* A SYN with all options that a victim never sent, and never answers for. */
static amount reflected(const hf_config *config, bool all_options)
{
	peer *p = peer_new(config);
	amount a;

	if (all_options)
		peer_offer_all(p);
	peer_listen(p);
	PEER_SAY(p, .flags = SYN);
	a = leaves_within(p, HF_SEC(4000));
	assert_int_equal(peer_stats(p).half_open, 0);
	peer_free(p);
	return a;
}

#define MOST 3u /* octets for each octet of the SYN */
#define REPETITIONS 5u

static void syn_ack_reflection_gives_three_octets_for_one_at_most(void **state)
{
	(void)state;
	for (unsigned v6 = 0; v6 < 2; v6++) {
		uint32_t syn = 20 + 20 * v6 + 20 + 4, all = syn + 16;

		for (uint8_t retries = 1; retries <= 10; retries++) {
			hf_config config = peer_config(v6);
			amount plain, full;

			config.syn_ack_retries = retries;
			plain = reflected(&config, false);
			full = reflected(&config, true);
			assert_true(plain.packets >= 1 && plain.octets <= MOST * syn);
			assert_true(full.packets >= 1 && full.octets <= MOST * all);
			assert_int_equal(plain.text + full.text, 0);
		}
	}
}

/* Where that is switched off there are the repetitions; by cookies there are none. */
static void syn_ack_reflection_is_bounded_by_the_repetitions_too(void **state)
{
	hf_config config = peer_config(false);
	amount a;

	(void)state;
	config.reflection = HF_REFLECTION_UNBOUNDED;
	a = reflected(&config, true);
	assert_true(a.packets == 1 + REPETITIONS && a.octets <= (1 + REPETITIONS) * 60);
	config.syn_cookies = HF_SYN_COOKIES_ALWAYS;
	a = reflected(&config, true);
	assert_true(a.packets == 1 && a.octets <= 60);
}

/* The victim's word ends it: a reset, or a port that is unreachable. */
static void syn_ack_reflection_ends_with_the_victim_s_word(void **state)
{
	static const report unreachable = { 3, 3, HF_WHY_ICMP_PORT };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		peer *p = peer_new(NULL);
		const peer_seen *s;

		peer_listen(p);
		PEER_SAY(p, .flags = SYN);
		s = peer_expect(p, SYN | ACK);
		if (i == 0)
			PEER_SAY(p, .flags = RST, .seq = 1);
		else if (i == 1)
			PEER_SAY(p, .flags = RST | ACK, .seq = 1, .ack = 1);
		else
			complain(p, unreachable, 0, s);
		assert_int_equal(peer_stats(p).half_open, 0);
		assert_int_equal(leaves_within(p, HF_SEC(4000)).packets, 0);
		peer_free(p);
	}
}

/* A storm of forged SYNs for one flow draws at most an answer each, and then the repetitions. */
static void syn_ack_reflection_of_a_storm_is_one_to_one(void **state)
{
	peer *p = peer_new(NULL);
	amount a;

	(void)state;
	peer_listen(p);
	for (unsigned i = 0; i < 1000; i++)
		PEER_SAY(p, .flags = SYN);
	a = leaves_within(p, HF_SEC(4000));
	assert_true(a.packets <= 1000 + REPETITIONS);
	peer_free(p);
}

/* What arrives, and what leaves for it, while nobody has shown to be where he says. */
static void no_more_than_came(peer *p, uint16_t flags, uint32_t len, bool options)
{
	uint32_t ip = hf_addr_is_v4(&p->self.addr) ? 20 : 40;
	amount a;

	p->self.port++;
	PEER_SAY(p, .flags = flags, .seq = 1, .ack = 77, .len = len, .bare = !options);
	a = leaves_within(p, 0);
	assert_int_equal(a.text, 0);
	if (flags == SYN || flags == (SYN | PSH))
		return; /* the SYN-ACK's is another attack */
	assert_true(a.packets <= 1);
	assert_true(a.octets <= ip + 20 + 12 * options + len);
}

static void middlebox_reflection_and_rst_reflection(uint16_t port)
{
	for (unsigned v6 = 0; v6 < 2; v6++) {
		hf_config config = peer_config(v6);
		peer *p = peer_new(&config);

		peer_listen(p);
		p->host.port = port;
		for (uint16_t flags = 0; flags < 64; flags++) {
			if (flags & URG || (flags & (SYN | RST | FIN | ACK)) == SYN)
				continue;
			no_more_than_came(p, flags, 0, false);
			no_more_than_came(p, flags, 1, false);
			no_more_than_came(p, flags, 1200, false);
			no_more_than_came(p, flags, 100, true);
		}
		assert_int_equal(leaves_within(p, HF_SEC(1000)).packets, 0); /* nor later */
		peer_free(p);
	}
}

/* A request in one segment without a handshake, as censors' middleboxes answer with a page. */
static void middlebox_reflection_no_text_leaves_before_a_handshake(void **state)
{
	(void)state;
	middlebox_reflection_and_rst_reflection(PEER_HOST_PORT);
}

static void rst_reflection_is_never_larger_than_what_came(void **state)
{
	(void)state;
	middlebox_reflection_and_rst_reflection(9);
}

/* An established connection in a victim's name is none: the ACK must be right, 1 in 2^32. */
static void middlebox_reflection_a_guessed_handshake_opens_nothing(void **state)
{
	uint64_t seed = 1;
	peer *p = peer_new(NULL);

	(void)state;
	peer_listen(p);
	for (unsigned i = 0; i < 20000; i++) {
		uint32_t ack = draw(&seed);

		PEER_SAY(p, .flags = SYN);
		peer_ignore(p);
		PEER_SAY(p, .flags = ACK | PSH, .seq = 1, .ack = ack == 1 ? 2 : ack, .len = 100);
		peer_ignore(p);
	}
	assert_int_equal(peer_stats(p).connections, 0);
	peer_free(p);
}

/* ---- TFO cookie replay / reflection: RFC 7413 5.1, 5.2 ---- */

static peer *fast_open_server(uint32_t limit, const uint64_t key[2])
{
	hf_config config = peer_config(false);
	hf_listener_options o = { .size = sizeof(o), .fast_open = limit };
	hf_endpoint at = { .port = PEER_HOST_PORT };
	peer *p;

	config.fast_open = HF_FAST_OPEN_SERVER;
	p = peer_new(&config);
	assert_int_equal(hf_stack_fast_open_key(p->stack, key), HF_OK);
	assert_int_equal(hf_listener_open(p->stack, &at, &o, &p->listener), HF_OK);
	return p;
}

static hf_tcp_options fast_open_option(const uint8_t *cookie, size_t len)
{
	return (hf_tcp_options){ .present = HF_HAS(MSS) | HF_HAS(FAST_OPEN),
				 .mss = 1460,
				 .fast_open = { cookie, len } };
}

/* The thief asks for a cookie in his own name: it is his address's, which he shares or forges. */
static void steal(peer *p, uint8_t cookie[8])
{
	const peer_seen *s;

	PEER_SAY(p, .flags = SYN, .options = fast_open_option(NULL, 0));
	s = peer_expect(p, SYN | ACK);
	assert_int_equal(s->tcp.options.fast_open.len, 8);
	memcpy(cookie, s->tcp.options.fast_open.at, 8);
	PEER_SAY(p, .flags = RST, .seq = 1);
	p->self.port++;
}

static void tfo_cookie_replay_is_answered_by_one_window_and_few_connections(void **state)
{
	static const uint64_t key[2] = { 7, 8 };
	peer *p = fast_open_server(4, key);
	uint8_t cookie[8];
	unsigned taken = 0;
	amount a;

	(void)state;
	steal(p, cookie);
	for (unsigned i = 0; i < 100; i++) {
		hf_conn c;

		p->self.port++;
		PEER_SAY(p, .flags = SYN, .len = 100, .options = fast_open_option(cookie, 8));
		if (hf_listener_accept(p->stack, p->listener, &c) != HF_OK)
			continue;
		taken++;
		peer_app_receive(p, c, 1, 100);
		peer_app_send(p, c, 1, 60000);
	}
	assert_int_equal(taken, 4);
	a = leaves_within(p, HF_SEC(4000));
	print_message("# 100 SYNs of 160 octets: %u octets of text, %u packets\n", a.text,
		      a.packets);
	/* The initial window, and what is left out once a silent victim does not answer. */
	assert_true(a.text <= 4 * FLIGHT);
	assert_true(a.packets <= 4 * 10 + 100 * (1 + REPETITIONS));
	assert_int_equal(peer_stats(p).connections, 4); /* told, and the application's to close */
	peer_free(p);
}

/* Another's address, another key or another server: no text is taken, no text leaves. */
static void tfo_cookie_replay_elsewhere_is_refused(void **state)
{
	static const uint64_t key[2] = { 7, 8 }, next[2] = { 9, 10 }, last[2] = { 11, 12 };
	peer *p = fast_open_server(4, key);
	uint8_t cookie[8];
	hf_conn c;

	(void)state;
	steal(p, cookie);
	for (unsigned i = 0; i < 250; i++) { /* forged in the name of others */
		p->self.addr.octet[14] ^= 1;
		p->self.addr.octet[15] = (uint8_t)(3 + i);
		PEER_SAY(p, .flags = SYN, .len = 100, .options = fast_open_option(cookie, 8));
		assert_int_equal(hf_listener_accept(p->stack, p->listener, &c), HF_ERR_AGAIN);
		PEER_SAY(p, .flags = RST, .seq = 1);
		p->self.addr.octet[14] ^= 1;
	}
	peer_ignore(p);
	p->self.addr = hf_addr_v4(192, 0, 2, 2);
	assert_int_equal(hf_stack_fast_open_key(p->stack, next), HF_OK);
	assert_int_equal(hf_stack_fast_open_key(p->stack, last), HF_OK);
	PEER_SAY(p, .flags = SYN, .len = 100, .options = fast_open_option(cookie, 8));
	assert_int_equal(hf_listener_accept(p->stack, p->listener, &c), HF_ERR_AGAIN);
	assert_int_equal(leaves_within(p, HF_SEC(4000)).text, 0);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ack_division_earns_nothing),
		cmocka_unit_test(dupack_spoofing_lets_out_no_more_than_arrived),
		cmocka_unit_test(optimistic_ack_of_what_was_not_sent_is_dropped),
		cmocka_unit_test(optimistic_ack_of_what_was_sent_doubles_at_most),
		cmocka_unit_test(syn_ack_reflection_gives_three_octets_for_one_at_most),
		cmocka_unit_test(syn_ack_reflection_is_bounded_by_the_repetitions_too),
		cmocka_unit_test(syn_ack_reflection_ends_with_the_victim_s_word),
		cmocka_unit_test(syn_ack_reflection_of_a_storm_is_one_to_one),
		cmocka_unit_test(middlebox_reflection_no_text_leaves_before_a_handshake),
		cmocka_unit_test(middlebox_reflection_a_guessed_handshake_opens_nothing),
		cmocka_unit_test(rst_reflection_is_never_larger_than_what_came),
		cmocka_unit_test(tfo_cookie_replay_is_answered_by_one_window_and_few_connections),
		cmocka_unit_test(tfo_cookie_replay_elsewhere_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
