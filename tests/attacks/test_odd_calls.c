/* SPDX-License-Identifier: BSD-2-Clause */
/* Every call in every state, at random, and every pair of options; for sanitizers to look on. */
/*
 * The attacks "SYN_RECV cross-open then shutdown", "NOOPT+MD5 crash", "Simultaneous open evasion"
 * and "TFO tracking".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <handfast/urgent.h>

#include "tests/support/signing.h"

/* ---- Calls ---- */

/* What moves octets. */
static void call_for_text(peer *p, hf_conn c, uint64_t *seed)
{
	static uint8_t text[5000];
	size_t n = draw_below(seed, sizeof(text)), done;
	const uint8_t *lent;
	uint8_t *room, octet;

	switch (draw_below(seed, 9)) {
	case 0:
		hf_conn_send(p->stack, c, text, n, &done);
		break;
	case 1:
		hf_conn_send_more(p->stack, c, text, n, &done);
		break;
	case 2:
		hf_conn_send_urgent(p->stack, c, text, n, &done);
		break;
	case 3:
		if (hf_conn_peek(p->stack, c, &lent, &done) == HF_OK)
			hf_conn_consume(p->stack, c, draw_below(seed, (uint32_t)done + 2));
		break;
	case 4:
		if (hf_conn_reserve(p->stack, c, n, &room, &done) == HF_OK)
			hf_conn_commit(p->stack, c, draw_below(seed, (uint32_t)done + 1));
		break;
	case 5:
		hf_conn_flush(p->stack, c, &done);
		break;
	case 6:
		hf_conn_urgent_octet(p->stack, c, n & 1, &octet);
		break;
	default:
		hf_conn_receive(p->stack, c, text, n, &done);
	}
}

/* What asks, and what sets. */
static void call_for_settings(peer *p, hf_conn c, uint64_t *seed)
{
	hf_option option = (hf_option)draw_below(seed, HF_OPTION_COUNT);
	hf_conn_urgent urgent;
	hf_conn_auth auth;
	int64_t value;

	switch (draw_below(seed, 5)) {
	case 0:
		hf_conn_urgent_get(p->stack, c, &urgent);
		hf_conn_auth_get(p->stack, c, &auth);
		break;
	case 1:
		hf_conn_get(p->stack, c, option, &value);
		break;
	case 2:
		hf_conn_set(p->stack, c, option, draw_below(seed, 3));
		break;
	case 3:
		hf_conn_set(p->stack, c, option,
			    (int64_t)((uint64_t)draw(seed) << 32 | draw(seed)));
		break;
	default:
		peer_info(p, c);
	}
}

/* One call out of all. False: the handle was given up. */
static bool call(peer *p, hf_conn c, uint64_t *seed)
{
	unsigned which = draw_below(seed, 180);

	if (which < 90)
		call_for_text(p, c, seed);
	else if (which < 150)
		call_for_settings(p, c, seed);
	else if (which < 178)
		hf_conn_shutdown(p->stack, c);
	else
		assert_int_equal(
			which & 1 ? hf_conn_close(p->stack, c) : hf_conn_abort(p->stack, c), HF_OK);
	return which < 178;
}

/* What a peer says next: mostly what fits, sometimes anything. */
static void answer(peer *p, hf_conn c, uint64_t *seed)
{
	static const uint16_t flags[] = { ACK,       ACK, ACK | PSH, ACK | URG, ACK | FIN,
					  SYN | ACK, SYN, RST,       RST | ACK };
	hf_conn_info info = peer_info(p, c);
	peer_line l = { .flags = flags[draw_below(seed, 9)] };
	bool fits = draw_below(seed, 8) > 0;

	l.len = draw_below(seed, 3) == 0 ? draw_below(seed, 3000) : 0;
	l.urgent = (uint16_t)draw_below(seed, 4000);
	l.window = (uint16_t)draw(seed);
	l.seq = info.irs == 0 && info.rcv_nxt == 0 ? 0 : info.rcv_nxt - p->isn.v;
	l.ack = info.snd_una - p->host_isn.v;
	l.ack += draw_below(seed, info.snd_nxt - info.snd_una + 1);
	if (!fits)
		*(draw_below(seed, 2) ? &l.seq : &l.ack) += draw(seed);
	if (l.flags & (SYN | RST) && draw_below(seed, 4) > 0)
		l.flags = ACK;
	peer_say(p, l);
}

static void walk(peer *p, hf_conn c, uint64_t *seed)
{
	bool is_held = true;

	for (unsigned i = 0; i < 40 && is_held; i++) {
		if (draw_below(seed, 2))
			is_held = call(p, c, seed);
		else
			answer(p, c, seed);
		if (draw_below(seed, 4) == 0)
			peer_wait(p, HF_MS(1) << draw_below(seed, 12));
		else
			peer_collect(p);
		peer_events(p);
	}
	if (is_held)
		assert_int_equal(hf_conn_abort(p->stack, c), HF_OK);
	if (p->listener.generation > 0) /* a SYN may have opened another one by now */
		assert_int_equal(hf_listener_close(p->stack, p->listener), HF_OK);
	peer_ignore(p);
	/* Orphans finish, whatever has been: nothing is there in the end. */
	peer_wait(p, HF_SEC(2000));
	peer_ignore(p);
	assert_int_equal(peer_stats(p).connections, 0);
	assert_int_equal(peer_stats(p).time_wait, 0);
}

static const hf_state states[] = { HF_SYN_SENT,   HF_SYN_RECEIVED, HF_ESTABLISHED, HF_FIN_WAIT_1,
				   HF_FIN_WAIT_2, HF_CLOSE_WAIT,   HF_CLOSING,     HF_LAST_ACK,
				   HF_TIME_WAIT,  HF_CLOSED };
#define STATES (sizeof(states) / sizeof(states[0]))

/* CVE-2024-36905: crossing SYNs, a shutdown before ESTABLISHED, and what comes then. */
static void syn_recv_cross_open_then_shutdown_is_a_half_close(void **state)
{
	static const hf_congestion_control modules[] = { HF_CONGESTION_RENO, HF_CONGESTION_CUBIC,
							 HF_CONGESTION_BBR };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		for (unsigned text = 0; text < 2; text++) {
			hf_config config = peer_config(false);
			peer *p;
			hf_conn c;

			config.congestion = modules[i];
			p = peer_new(&config);
			peer_offer_all(p);
			c = peer_reach(p, HF_SYN_RECEIVED);
			if (text)
				peer_app_send(p, c, 1, 5000);
			assert_int_equal(hf_conn_shutdown(p->stack, c), HF_OK);
			peer_ignore(p);
			/* The peer's text arrives with the ACK that establishes the connection. */
			PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 500);
			assert_int_equal(peer_state(p, c), HF_FIN_WAIT_1);
			peer_app_receive(p, c, 1, 500);
			peer_wait(p, HF_MS(50));
			peer_ignore(p);
			PEER_SAY(p, .flags = ACK | FIN, .seq = 501, .ack = 2 + 5000 * text);
			assert_int_equal(peer_state(p, c), HF_TIME_WAIT);
			peer_free(p);
		}
	}
}

static void syn_recv_cross_open_then_shutdown_and_every_other_call_in_every_state(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (unsigned run = 0; run < 300; run++) {
		for (size_t i = 0; i < STATES; i++) {
			hf_config config = peer_config(run % 2);
			peer *p;

			config.congestion = (hf_congestion_control)(run % 4);
			config.receive_buffer = run % 3 ? 0 : 4000;
			p = peer_new(&config);
			if (run % 5)
				peer_offer_all(p);
			walk(p, peer_reach(p, states[i]), &seed);
			peer_free(p);
		}
	}
}

/* A handshake that crosses, is repeated and goes wrong: it ends, or the stream is whole. */
static void simultaneous_open_evasion_any_order_of_segments(void **state)
{
	static const uint16_t kinds[] = { SYN, SYN | ACK, ACK, ACK | PSH };
	unsigned opened = 0;

	(void)state;
	for (unsigned order = 0; order < 4 * 4 * 4 * 4; order++) {
		peer *p = peer_new(NULL);
		hf_conn c = peer_open(p);
		unsigned rest = order;
		hf_conn_info info;

		peer_expect(p, SYN);
		for (unsigned i = 0; i < 4; i++, rest /= 4) {
			uint16_t flags = kinds[rest % 4];

			PEER_SAY(p, .flags = flags, .seq = flags & SYN ? 0 : 1, .ack = 1,
				 .len = flags & PSH ? 10 : 0);
			assert_true(peer_ignore(p) <= 2);
		}
		info = peer_info(p, c);
		if (info.state == HF_ESTABLISHED && info.unread > 0)
			peer_app_receive(p, c, 1, 10);
		opened += info.state == HF_ESTABLISHED;
		assert_true(info.state == HF_ESTABLISHED || info.unread == 0);
		peer_free(p);
	}
	assert_in_range(opened, 128, 250);
}

/* ---- NOOPT+MD5 crash: CVE-2016-1882 ---- */

/* The most and the least that an option takes, as far as it is known by trying. */
static int64_t extreme(unsigned which)
{
	static const int64_t values[] = { 1, 255, 536, HF_SEC(1), 1000000 };

	return values[which % (sizeof(values) / sizeof(values[0]))];
}

static void try_pair(hf_option one, hf_option other, hf_state at, bool is_signed)
{
	signing s;
	peer *p = is_signed ? signing_peer(&s, NULL, true) : peer_new(NULL);
	uint8_t text[2000];
	hf_conn c;
	size_t n;

	if (!is_signed)
		peer_offer_all(p);
	c = peer_reach(p, at);
	for (unsigned i = 0; i < 5; i++) {
		hf_conn_set(p->stack, c, one, extreme(i));
		hf_conn_set(p->stack, c, other, extreme(i + (unsigned)one));
	}
	hf_conn_send(p->stack, c, text, sizeof(text), &n);
	peer_ignore(p);
	if (at <= HF_SYN_RECEIVED)
		PEER_SAY(p, .flags = SYN | ACK, .ack = 1);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 100);
	hf_conn_receive(p->stack, c, text, sizeof(text), &n);
	peer_wait(p, HF_SEC(1));
	peer_ignore(p);
	hf_conn_abort(p->stack, c);
	peer_ignore(p);
	peer_free(p);
}

static void noopt_md5_crash_all_pairs_of_options(void **state)
{
	static const hf_state at[] = { HF_SYN_SENT, HF_SYN_RECEIVED, HF_ESTABLISHED };

	(void)state;
	for (int one = 0; one < HF_OPTION_COUNT; one++)
		for (int other = one; other < HF_OPTION_COUNT; other++)
			for (unsigned i = 0; i < 3; i++) {
				try_pair((hf_option)one, (hf_option)other, at[i], true);
				if (i == (unsigned)(one + other) % 3)
					try_pair((hf_option)one, (hf_option)other, at[i], false);
			}
}

/* The same of a listener, whose handshake the options are for; with and without any TCP option. */
static void noopt_md5_crash_handshakes_with_and_without_options(void **state)
{
	(void)state;
	for (unsigned bare = 0; bare < 2; bare++) {
		for (int one = 0; one < HF_OPTION_COUNT; one++) {
			for (unsigned i = 0; i < 5; i++) {
				signing s;
				peer *p = signing_peer(&s, NULL, true);

				p->offer.present = bare ? 0 : p->offer.present;
				peer_listen(p);
				hf_listener_set(p->stack, p->listener, (hf_option)one, extreme(i));
				PEER_SAY(p, .flags = SYN);
				peer_ignore(p);
				PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 10);
				peer_wait(p, HF_SEC(3));
				peer_ignore(p);
				peer_free(p);
			}
		}
	}
}

/* ---- TFO tracking: RFC 7413 6.3 ---- */

#define FAST_OPEN_OPTION HF_HAS(FAST_OPEN)

/* Opens to the peer, with Fast Open asked for or not; the SYN. */
static const peer_seen *syn_to(peer *p, uint8_t host, bool fast)
{
	hf_conn_options o = { .size = sizeof(o), .fast_open = fast };
	hf_conn_info info;
	size_t n;
	hf_conn c;

	p->self.addr.octet[15] = host;
	assert_int_equal(hf_conn_open(p->stack, &p->self, &o, p->now, &c), HF_OK);
	info = peer_info(p, c);
	p->host = info.local;
	hf_conn_send(p->stack, c, "x", 1, &n);
	return peer_expect(p, SYN);
}

static void give_cookie(peer *p)
{
	static const uint8_t cookie[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	hf_tcp_options o = { .present = HF_HAS(MSS) | FAST_OPEN_OPTION,
			     .mss = 1460,
			     .fast_open = { cookie, sizeof(cookie) } };

	PEER_SAY(p, .flags = SYN | ACK, .ack = 1, .options = o);
	peer_ignore(p);
}

static size_t cookie_shown(const peer_seen *s)
{
	return s->tcp.options.present & FAST_OPEN_OPTION ? s->tcp.options.fast_open.len : 0;
}

static void tfo_tracking_is_possible_only_for_who_asks_for_it(void **state)
{
	peer *p = peer_new(NULL), *elsewhere;
	const peer_seen *s;

	(void)state;
	/* By default nothing is asked for, and a cookie that is given all the same is not kept. */
	s = syn_to(p, 2, false);
	assert_false(s->tcp.options.present & FAST_OPEN_OPTION);
	give_cookie(p);
	s = syn_to(p, 2, true);
	assert_true(s->tcp.options.present & FAST_OPEN_OPTION);
	assert_int_equal(cookie_shown(s), 0);
	give_cookie(p);
	/* Now it is known: shown to who gave it, if asked for, and to nobody else. */
	assert_int_equal(cookie_shown(syn_to(p, 2, true)), 8);
	assert_int_equal(cookie_shown(syn_to(p, 2, false)), 0);
	assert_int_equal(cookie_shown(syn_to(p, 3, true)), 0);
	/* Another network is another stack, which knows of none. */
	elsewhere = peer_new(NULL);
	assert_int_equal(cookie_shown(syn_to(elsewhere, 2, true)), 0);
	peer_ignore(p);
	peer_ignore(elsewhere);
	peer_free(p);
	peer_free(elsewhere);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(syn_recv_cross_open_then_shutdown_is_a_half_close),
		cmocka_unit_test(
			syn_recv_cross_open_then_shutdown_and_every_other_call_in_every_state),
		cmocka_unit_test(simultaneous_open_evasion_any_order_of_segments),
		cmocka_unit_test(noopt_md5_crash_all_pairs_of_options),
		cmocka_unit_test(noopt_md5_crash_handshakes_with_and_without_options),
		cmocka_unit_test(tfo_tracking_is_possible_only_for_who_asks_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
