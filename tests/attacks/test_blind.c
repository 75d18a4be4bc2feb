/* SPDX-License-Identifier: BSD-2-Clause */
/* Who sees nothing of a conversation and only guesses its numbers. */
/*
 * The attacks "Blind RST", "Blind SYN", "Blind data injection", "Blind FIN", "Challenge-ACK side
 * channel" and "Timestamp values crash RTO", in every state that they can meet.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/peer.h"

/* The states of a connection, and a handshake that a peer began: a record of its own. */
static const hf_state states[] = { HF_SYN_RECEIVED, HF_ESTABLISHED, HF_FIN_WAIT_1, HF_FIN_WAIT_2,
				   HF_CLOSE_WAIT,   HF_CLOSING,     HF_LAST_ACK,   HF_TIME_WAIT };
#define STATES (sizeof(states) / sizeof(states[0]))
#define HALF_OPEN STATES /* one more */

/* A conversation in a state, as its victim sees it. */
typedef struct target {
	peer *p;
	hf_conn c;
	bool is_record; /* half open: there is no connection yet */
	hf_state state;
	uint32_t rcv_nxt, snd_nxt, window; /* relative, as the peer counts */
} target;

static target half_open(void)
{
	target t = { .p = peer_new(NULL), .is_record = true, .state = HF_SYN_RECEIVED };

	peer_listen(t.p);
	PEER_SAY(t.p, .flags = SYN);
	t.window = peer_expect(t.p, SYN | ACK)->tcp.window;
	t.rcv_nxt = t.snd_nxt = 1;
	return t;
}

static target reach(size_t i)
{
	target t = { .p = NULL };
	hf_conn_info info;

	if (i == HALF_OPEN)
		return half_open();
	t.p = peer_new(NULL);
	t.state = states[i];
	t.c = peer_reach(t.p, t.state);
	info = peer_info(t.p, t.c);
	t.rcv_nxt = info.rcv_nxt - t.p->isn.v;
	t.snd_nxt = info.snd_nxt - t.p->host_isn.v;
	t.window = info.rcv_wnd;
	peer_events(t.p);
	return t;
}

static bool lives(const target *t)
{
	return t->is_record ? peer_stats(t->p).half_open == 1 : peer_state(t->p, t->c) == t->state;
}

/* ---- Blind RST ---- */

typedef enum where { EXACT, INSIDE, OUTSIDE } where;

static void check_reset(size_t state, uint16_t flags, uint32_t offset, where w)
{
	target t = reach(state);
	bool dies = w == EXACT && t.state != HF_TIME_WAIT;
	unsigned answers;

	PEER_SAY(t.p, .flags = flags, .seq = t.rcv_nxt + offset, .ack = t.snd_nxt);
	assert_int_equal(lives(&t), !dies);
	answers = peer_ignore(t.p);
	assert_int_equal(answers, w == INSIDE && t.state != HF_TIME_WAIT);
	/* A hail of them: a second draws three answers at most. */
	for (unsigned i = 0; i < 100 && !dies; i++) {
		PEER_SAY(t.p, .flags = flags, .seq = t.rcv_nxt + offset, .ack = t.snd_nxt);
		peer_wait(t.p, HF_MS(10));
		assert_true(lives(&t) || t.is_record || t.state == HF_SYN_RECEIVED);
	}
	if (t.state > HF_SYN_RECEIVED) /* those before send their SYN-ACK again meanwhile */
		assert_true(peer_ignore(t.p) <= 3);
	peer_free(t.p);
}

/* RFC 5961 3.2, in all states; RFC 1337 in TIME-WAIT. */
static void blind_rst_ends_nothing_unless_it_is_exact(void **state)
{
	static const uint16_t kinds[] = { RST, RST | ACK, RST | PSH, RST | FIN | ACK };

	(void)state;
	for (size_t i = 0; i <= STATES; i++) {
		target t = reach(i);
		const uint32_t window = t.window;

		assert_in_range(window, 1000, 65535);
		peer_free(t.p);
		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
			check_reset(i, kinds[k], 0, EXACT);
			check_reset(i, kinds[k], 1, INSIDE);
			check_reset(i, kinds[k], window / 2, INSIDE);
			check_reset(i, kinds[k], window - 1, INSIDE);
			check_reset(i, kinds[k], window, OUTSIDE);
			check_reset(i, kinds[k], UINT32_C(1) << 31, OUTSIDE);
			check_reset(i, kinds[k], UINT32_MAX, OUTSIDE);
		}
	}
}

/* SYN-SENT has no window: only a reset that acknowledges the SYN is believed. */
static void blind_rst_ends_nothing_in_syn_sent(void **state)
{
	uint64_t seed = 1;
	peer *p = peer_new(NULL);
	hf_conn c = peer_reach(p, HF_SYN_SENT);

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		uint32_t ack = draw(&seed);

		PEER_SAY(p, .flags = RST, .seq = draw(&seed));
		PEER_SAY(p, .flags = RST | ACK, .seq = draw(&seed), .ack = ack == 1 ? 2 : ack);
	}
	assert_int_equal(peer_state(p, c), HF_SYN_SENT);
	peer_expect_nothing(p);
	PEER_SAY(p, .flags = RST | ACK, .seq = 0, .ack = 1);
	assert_int_equal(peer_state(p, c), HF_CLOSED);
	peer_free(p);
}

/* ---- Blind SYN ---- */

/* RFC 5961 4.2. A half-open record goes back to LISTEN (RFC 9293 3.10.7.4, fourth). */
static void blind_syn_ends_nothing_in_any_state(void **state)
{
	uint64_t seed = 2;

	(void)state;
	for (size_t i = 0; i < STATES; i++) {
		target t = reach(i);
		unsigned answers;

		if (t.state == HF_TIME_WAIT || t.state == HF_SYN_RECEIVED) {
			peer_free(t.p); /* a SYN may open a connection there, and SYNs cross */
			continue;
		}
		for (unsigned k = 0; k < 5000; k++)
			PEER_SAY(t.p, .flags = k % 2 ? SYN : SYN | ACK,
				 .seq = k % 10 ? draw(&seed) : t.rcv_nxt, .ack = draw(&seed));
		answers = peer_ignore(t.p);
		assert_true(lives(&t));
		assert_int_equal(answers, 1); /* all came in one moment */
		peer_free(t.p);
	}
}

/* ---- Blind data injection, and FINs ---- */

/*
 * The sequence number is known to the attacker here, the ACK is guessed: CVE-2023-52881 let half of
 * all guesses pass. What may pass is SND.UNA - MAX.SND.WND to SND.NXT, and nothing from before the
 * SYN.
 */
static void blind_guesses(uint16_t flags, uint32_t len)
{
	uint64_t seed = 3;

	for (size_t i = 1; i < STATES; i++) { /* from ESTABLISHED on */
		target t = reach(i);
		uint32_t before;

		if (t.state == HF_TIME_WAIT) {
			peer_free(t.p);
			continue;
		}
		before = peer_info(t.p, t.c).rcv_nxt;
		for (unsigned k = 0; k < 5000; k++) {
			uint32_t guess = k < 1000 ? 0 - k : draw(&seed);

			if (guess >= 1 && guess <= t.snd_nxt)
				continue; /* it would be right */
			PEER_SAY(t.p, .flags = flags, .seq = t.rcv_nxt, .ack = guess, .len = len);
		}
		assert_true(lives(&t));
		assert_int_equal(peer_info(t.p, t.c).rcv_nxt, before);
		assert_int_equal(peer_info(t.p, t.c).unread, 0);
		assert_int_equal(peer_ignore(t.p), 1);
		peer_free(t.p);
	}
}

static void blind_data_injection_takes_no_guessed_ack(void **state)
{
	(void)state;
	blind_guesses(ACK | PSH, 100);
}

static void blind_fin_takes_no_guessed_ack(void **state)
{
	(void)state;
	blind_guesses(FIN | ACK, 0);
	blind_guesses(FIN | ACK | PSH, 10);
}

/* Once more than any window has been sent, a guess passes as rarely as the window is small. */
static void blind_data_injection_passes_as_rarely_as_the_window_is_small(void **state)
{
	uint64_t seed = 4;
	unsigned taken = 0, in_range = 0;
	hf_conn_info info;
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	for (uint32_t sent = 0; sent < 200000; sent += 10000) {
		peer_app_send(p, c, 1 + sent, 10000);
		peer_ignore(p);
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1 + sent + 10000);
	}
	peer_events(p);
	info = peer_info(p, c);
	for (unsigned i = 0; i < 100000; i++) {
		/*
		 * Behind RCV.NXT, so that each guess that passes is seen and yet uses nothing up.
		 */
		uint32_t ack = draw(&seed);
		bool good = ack - (info.snd_una - p->host_isn.v - 65535) <= 65535;
		hf_reason why = PEER_SAY(p, .flags = ACK, .seq = 1, .ack = ack);

		in_range += good;
		taken += why == HF_WHY_NONE;
		assert_int_equal(why == HF_WHY_NONE, good);
	}
	assert_int_equal(taken, in_range);
	assert_true(taken <= 9); /* on average 1.5: 2^16 of 2^32 numbers */
	assert_int_equal(peer_info(p, c).snd_una, info.snd_una);
	peer_free(p);
}

/* ---- Challenge-ACK side channel: CVE-2016-5696 ---- */

/* What the attacker counts on a connection of his own, A, while he guesses at the victim's, B. */
typedef struct channel {
	uint32_t on_a, on_b;
} channel;

#define PROBES 200 /* of A in a second: the kernel's limit was 100 for all connections together */

/* `hits`: his guesses at B lie in the window, so that B's host answers them. */
static channel listen_in(uint64_t seed, bool hits, bool record)
{
	channel n = { 0 };
	peer *p = peer_new(NULL);
	uint16_t a = PEER_PORT + 1;

	peer_listen(p);
	if (record) {
		PEER_SAY(p, .flags = SYN);
		peer_expect(p, SYN | ACK);
	} else {
		peer_handshake_passive(p);
	}
	p->self.port = a;
	peer_handshake_passive(p);
	for (unsigned i = 0; i < PROBES; i++) {
		const peer_seen *s;
		bool on_b = draw_below(&seed, 2);

		p->self.port = on_b ? PEER_PORT : a;
		PEER_SAY(p, .flags = RST, .seq = on_b && !hits ? 0x80000000 : 100);
		p->self.port = a;
		PEER_SAY(p, .flags = RST, .seq = 100);
		while ((s = peer_next(p))) {
			n.on_a += s->tcp.dst_port == a;
			n.on_b += s->tcp.dst_port == PEER_PORT && s->cause == HF_SENT_CHALLENGE_ACK;
		}
		peer_wait(p, HF_MS(1 + (hf_ns)draw_below(&seed, 9)));
	}
	peer_free(p);
	return n;
}

static void challenge_ack_side_channel_tells_nothing_of_others(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 50; seed++) {
		for (unsigned record = 0; record < 2; record++) {
			channel hit = listen_in(seed, true, record);
			channel miss = listen_in(seed, false, record);

			assert_true(hit.on_b >= 1 && miss.on_b == 0);
			assert_int_equal(hit.on_a, miss.on_a);
			assert_in_range(hit.on_a, 1, 5); /* twice in a second, of up to 2 s */
		}
	}
}

/* ---- Timestamp values crash RTO: CVE-2005-0740 ---- */

static uint32_t crafted_echo(uint64_t *seed, uint32_t now)
{
	switch (draw_below(seed, 6)) {
	case 0:
		return 0;
	case 1:
		return now + 1 + draw_below(seed, 1000);
	case 2:
		return now + 0x80000000 - 2 + draw_below(seed, 4);
	case 3:
		return now - draw_below(seed, 1000000);
	case 4:
		return UINT32_MAX - draw_below(seed, 3);
	default:
		return draw(seed);
	}
}

/* Each ACK echoes what was never sent, or long ago; all was sent twice, so that echoes count. */
static void timestamp_values_crash_rto_leaves_it_within_its_bounds(void **state)
{
	uint64_t seed = 5;

	(void)state;
	for (unsigned run = 0; run < 50; run++) {
		peer *p = peer_new(NULL);
		uint32_t una = 1;
		hf_conn c;

		peer_offer_all(p);
		c = peer_handshake_passive(p);
		for (unsigned i = 0; i < 100; i++) {
			hf_tcp_options o = { .present = HF_HAS(TIMESTAMPS), .tsval = p->tsval };
			hf_conn_info info;

			peer_app_send(p, c, una, 100);
			peer_wait(p, HF_MS(10 + (hf_ns)draw_below(&seed, 400)));
			peer_ignore(p);
			o.tsecr = crafted_echo(&seed, p->heard_tsval);
			una += 1 + draw_below(&seed, 100);
			PEER_SAY(p, .flags = ACK, .seq = 1, .ack = una, .options = o);
			info = peer_info(p, c);
			assert_true(info.rto >= HF_MS(200) && info.rto <= HF_SEC(120));
			assert_true(info.srtt >= 0 && info.srtt <= HF_SEC(41));
			assert_true(info.rttvar >= 0 && info.min_rtt >= 0);
			PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1 + 100 * (i + 1));
			una = 1 + 100 * (i + 1);
		}
		assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
		peer_free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blind_rst_ends_nothing_unless_it_is_exact),
		cmocka_unit_test(blind_rst_ends_nothing_in_syn_sent),
		cmocka_unit_test(blind_syn_ends_nothing_in_any_state),
		cmocka_unit_test(blind_data_injection_takes_no_guessed_ack),
		cmocka_unit_test(blind_fin_takes_no_guessed_ack),
		cmocka_unit_test(blind_data_injection_passes_as_rarely_as_the_window_is_small),
		cmocka_unit_test(challenge_ack_side_channel_tells_nothing_of_others),
		cmocka_unit_test(timestamp_values_crash_rto_leaves_it_within_its_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
