/* SPDX-License-Identifier: BSD-2-Clause */
/* Every state meets every kind of segment, in several scenes; a model of RFC 9293 judges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tests/support/peer.h"
#include "tests/unit/event_model.h"

/*
 * A case is a state, a scene and a segment: any of the 16 combinations of SYN, ACK, FIN and RST;
 * beginning far to the left of the window, over its left edge, at it, in it, at and behind its
 * right edge, and half the numbers away; without text, with some, and with more than the window
 * holds; with an ACK too old, as old as may be, repeated, partial, complete, and of what was never
 * sent; with an older, the same or a newer time stamp, or none. Each case has a host of its own,
 * brought to the state. What it answers, its state, RCV.NXT and SND.UNA must be the model's.
 */

#define WINDOW 1460u    /* the host's: one segment */
#define PEER_WINDOW 900 /* MAX.SND.WND */
#define SPOKEN 1800u    /* octets that the host has sent before, in two windows */
#define LEFT 10u        /* octets of the host's that are outstanding */

/* What has been before the segment arrives. */
typedef struct scene {
	const char *name;
	bool is_v6;
	bool stamps; /* agreed on */
	bool spoken; /* the host has sent and has text outstanding */
	bool full;   /* the host's window is closed */
} scene;

static const scene plain = { "IPv4", false, false, false, false };
static const scene plain_v6 = { "IPv6", true, false, false, false };
static const scene stamped = { "IPv4, time stamps", false, true, false, false };
static const scene stamped_v6 = { "IPv6, time stamps, text outstanding", true, true, true, false };
static const scene spoken = { "IPv4, text outstanding", false, false, true, false };
static const scene full = { "IPv4, window closed", false, false, false, true };

/* A state, and how it came about. */
typedef struct place {
	hf_state state;
	bool passive;
} place;

static unsigned cases;

/* ---- The host, brought to a state ---- */

static peer *make(const scene *s)
{
	hf_config config = peer_config(s->is_v6);
	peer *p;

	config.mtu = s->is_v6 ? WINDOW + 60 : WINDOW + 40;
	config.receive_buffer = WINDOW;
	p = peer_new(&config);
	p->window = PEER_WINDOW;
	if (s->stamps)
		p->offer.present |= HF_HAS(TIMESTAMPS);
	return p;
}

static void half_opens(peer *p, const place *at)
{
	peer_listen(p);
	if (at->state == HF_LISTEN)
		return;
	PEER_SAY(p, .flags = SYN);
	peer_expect(p, SYN | ACK);
}

/* The host sends, two windows of it are acknowledged, and a little is outstanding. */
static void speak(peer *p, hf_conn c)
{
	peer_app_send(p, c, 1, SPOKEN);
	peer_expect(p, ACK);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1 + SPOKEN / 2);
	peer_expect(p, ACK);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1 + SPOKEN);
	peer_app_send(p, c, 1 + SPOKEN, LEFT);
	peer_expect(p, ACK);
	assert_int_equal(peer_info(p, c).in_flight, LEFT);
}

static void fill_window(peer *p)
{
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = WINDOW);
	assert_int_equal(peer_expect(p, ACK)->tcp.window, 0);
}

/* What was said and done besides the closing itself. */
typedef struct past {
	uint32_t acked, sent, received; /* octets of text */
} past;

static past past_of(const scene *s)
{
	return (past){ s->spoken ? SPOKEN : 0, s->spoken ? SPOKEN + LEFT : 0,
		       s->full ? WINDOW : 0 };
}

static void close_step(peer *p, hf_conn c, bool by_host, uint32_t seq, uint32_t ack)
{
	if (by_host) {
		assert_int_equal(hf_conn_shutdown(p->stack, c), HF_OK);
		peer_expect(p, FIN | ACK);
	} else {
		PEER_SAY(p, .flags = FIN | ACK, .seq = seq, .ack = ack);
		peer_expect(p, ACK);
	}
}

static hf_conn synchronise(peer *p, const scene *s, hf_state state)
{
	hf_conn c = peer_handshake_passive(p);
	past done = past_of(s);
	uint32_t mine = 1 + done.received, heard = 1 + done.acked, all = 2 + done.sent;

	if (s->spoken)
		speak(p, c);
	if (s->full)
		fill_window(p);
	if (state == HF_CLOSE_WAIT || state == HF_LAST_ACK)
		close_step(p, c, false, mine, heard);
	if (state > HF_ESTABLISHED && state != HF_CLOSE_WAIT)
		close_step(p, c, true, 0, 0);
	if (state == HF_FIN_WAIT_2)
		PEER_SAY(p, .flags = ACK, .seq = mine, .ack = all);
	if (state == HF_CLOSING || state == HF_TIME_WAIT)
		close_step(p, c, false, mine, state == HF_CLOSING ? heard : all);
	assert_int_equal(peer_state(p, c), state);
	peer_expect_nothing(p);
	return c;
}

/* No handle: LISTEN, SYN-RECEIVED of a passive open, and CLOSED, which is no connection. */
static hf_conn bring_to(peer *p, const scene *s, const place *at)
{
	if (at->state == HF_CLOSED)
		return (hf_conn){ 0 };
	if (at->state >= HF_ESTABLISHED)
		return synchronise(p, s, at->state);
	if (!at->passive)
		return peer_reach(p, at->state);
	half_opens(p, at);
	return (hf_conn){ 0 };
}

static model model_of(const scene *s, const place *at)
{
	hf_state state = at->state;
	past done = past_of(s);
	bool fin_sent = state > HF_ESTABLISHED && state != HF_CLOSE_WAIT;
	bool all_acked = state == HF_FIN_WAIT_2 || state == HF_TIME_WAIT;
	bool peer_closed = state > HF_FIN_WAIT_2;
	uint32_t nxt = 1 + done.sent + fin_sent;

	if (state < HF_ESTABLISHED)
		return (model){ .state = state,
				.passive = at->passive,
				.stamps = s->stamps && state == HF_SYN_RECEIVED,
				.nxt = 1,
				.max_wnd = PEER_WINDOW,
				.rcv_nxt = 1,
				.rcv_right = 1 + WINDOW };
	return (model){ .state = state,
			.passive = true,
			.stamps = s->stamps,
			.una = all_acked ? nxt : 1 + done.acked,
			.nxt = nxt,
			.max_wnd = PEER_WINDOW,
			.rcv_nxt = 1 + done.received + peer_closed,
			.rcv_right = 1 + WINDOW };
}

/* ---- Asking ---- */

/* The state as an outsider finds it: what the host holds, and what the handle says. */
static hf_state observe(peer *p, hf_conn *c)
{
	hf_stats stats = peer_stats(p);

	if (stats.half_open > 0)
		return HF_SYN_RECEIVED;
	if (stats.time_wait > 0)
		return HF_TIME_WAIT;
	if (c->generation == 0 && stats.connections > 0)
		*c = peer_accept(p);
	if (c->generation > 0)
		return peer_state(p, *c);
	return stats.listeners > 0 ? HF_LISTEN : HF_CLOSED;
}

/* The segment that the model's reply is. */
static model_segment wanted(const peer *p, const model *m, const model_segment *g)
{
	switch (m->reply) {
	case REPLY_NONE:
		break;
	case REPLY_ACK:
		return (model_segment){ .flags = ACK, .seq = m->nxt, .ack = m->rcv_nxt };
	case REPLY_SYN_ACK:
		return (model_segment){ .flags = SYN | ACK, .ack = m->rcv_nxt };
	case REPLY_RESET:
		return (model_segment){ .flags = RST, .seq = g->ack };
	case REPLY_RESET_WITH_ACK:
		return (model_segment){ .flags = RST | ACK,
					.seq = 0u - p->host_isn.v,
					.ack = g->seq + model_segment_len(g) };
	}
	return (model_segment){ 0 };
}

/* TS.Recent comes back in every ACK. */
static bool echoes_rightly(const peer *p, const model *m, const peer_seen *s)
{
	if (!m->stamps || m->reply != REPLY_ACK)
		return true;
	return s->tcp.options.present & HF_HAS(TIMESTAMPS) &&
	       s->tcp.options.tsecr == p->tsval + m->stamp_moved;
}

static bool is_answered_rightly(peer *p, const model *m, const model_segment *g)
{
	const peer_seen *s = peer_next(p);
	model_segment want = wanted(p, m, g);

	if (!s)
		return m->reply == REPLY_NONE;
	return s->tcp.flags == want.flags && s->seq == want.seq && s->ack == want.ack &&
	       s->len == 0 && echoes_rightly(p, m, s) && !peer_next(p);
}

static bool counts_rightly(const peer *p, hf_conn c, const model *m)
{
	hf_conn_info info;

	if (c.generation == 0 || m->state < HF_ESTABLISHED || m->state == HF_TIME_WAIT)
		return true;
	info = peer_info(p, c);
	return info.rcv_nxt - p->isn.v == m->rcv_nxt && info.snd_una - p->host_isn.v == m->una;
}

static void say(peer *p, const model_segment *g)
{
	static const int32_t offset[] = { [STAMP_OLDER] = -1, [STAMP_SAME] = 0, [STAMP_NEWER] = 1 };
	peer_line l = { .flags = g->flags, .seq = g->seq, .ack = g->ack, .len = g->len };

	if (g->stamp == STAMP_NONE) {
		l.bare = true;
	} else {
		l.options.present = HF_HAS(TIMESTAMPS);
		l.options.tsval = p->tsval + (uint32_t)offset[g->stamp];
		l.options.tsecr = g->flags & ACK ? p->heard_tsval : 0;
	}
	peer_say(p, l);
}

static void check(const scene *s, const place *at, const model_segment *g)
{
	peer *p = make(s);
	hf_conn c = bring_to(p, s, at);
	model m = model_of(s, at);
	bool answers, counts;
	hf_state now;

	cases++;
	model_arrives(&m, g);
	say(p, g);
	answers = is_answered_rightly(p, &m, g);
	now = observe(p, &c);
	counts = now != m.state || counts_rightly(p, c, &m);
	if (now != m.state || !answers || !counts)
		fail_msg("%s, %s: flags %#x seq %d ack %d len %u stamp %d: %s, should be %s; "
			 "answer %s, numbers %s",
			 hf_state_name(at->state), s->name, (unsigned)g->flags, (int)g->seq,
			 (int)g->ack, (unsigned)g->len, (int)g->stamp, hf_state_name(now),
			 hf_state_name(m.state), answers ? "right" : "wrong",
			 counts ? "right" : "wrong");
	peer_free(p);
}

/* ---- All of them ---- */

static void each_stamp(const scene *s, const place *at, model_segment g)
{
	for (int stamp = STAMP_NONE; stamp <= STAMP_NEWER; stamp++) {
		g.stamp = (model_stamp)stamp;
		if (stamp == STAMP_NONE || s->stamps)
			check(s, at, &g);
	}
}

static void each_ack(const scene *s, const place *at, model_segment g)
{
	model m = model_of(s, at);
	const uint32_t acks[] = { m.una - PEER_WINDOW - 1,
				  m.una - PEER_WINDOW,
				  m.una - 1,
				  m.una,
				  m.nxt - 1,
				  m.nxt,
				  m.nxt + 1 };

	if (model_leaves_out(&m, &g))
		return;
	for (unsigned i = 0; i < sizeof(acks) / sizeof(acks[0]); i++) {
		if (i > 0 && (acks[i] == acks[i - 1] || acks[i] == m.una - 1) && i != 2)
			continue; /* with nothing outstanding some are the same */
		g.ack = g.flags & ACK ? acks[i] : 0;
		each_stamp(s, at, g);
		if (!(g.flags & ACK))
			return;
	}
}

static void each_place(const scene *s, const place *at, uint16_t flags, uint32_t len)
{
	model m = model_of(s, at);
	const uint32_t seqs[] = { m.rcv_nxt - 2000,   m.rcv_nxt - 10,  m.rcv_nxt - 1,
				  m.rcv_nxt,          m.rcv_nxt + 1,   m.rcv_right - 1,
				  m.rcv_right,        m.rcv_right + 9, m.rcv_nxt + 0x7fffff00,
				  m.rcv_nxt - 1 - len };

	for (unsigned i = 0; i < sizeof(seqs) / sizeof(seqs[0]); i++)
		each_ack(s, at, (model_segment){ .flags = flags, .seq = seqs[i], .len = len });
}

static void check_state(const scene *s, place at)
{
	static const uint32_t lens[] = { 0, 10, WINDOW + 1 };
	unsigned before = cases;

	for (uint16_t bits = 0; bits < 16; bits++) {
		uint16_t flags = (uint16_t)((bits & 1 ? SYN : 0) | (bits & 2 ? ACK : 0) |
					    (bits & 4 ? FIN : 0) | (bits & 8 ? RST : 0));

		for (unsigned i = 0; i < sizeof(lens) / sizeof(lens[0]); i++)
			each_place(s, &at, flags, lens[i]);
	}
	print_message("# %s, %s: %u cases\n", hf_state_name(at.state), s->name, cases - before);
}

/* X(scene, name, state, passive) */
#define OPENING(X, s)                                                                              \
	X(s, closed, HF_CLOSED, false)                                                             \
	X(s, listen, HF_LISTEN, true)                                                              \
	X(s, syn_sent, HF_SYN_SENT, false)                                                         \
	X(s, syn_received_of_a_passive_open, HF_SYN_RECEIVED, true)                                \
	X(s, syn_received_of_an_active_open, HF_SYN_RECEIVED, false)
/* The peer's FIN does not fit into a closed window. */
#define FULL(X, s)                                                                                 \
	X(s, established, HF_ESTABLISHED, true)                                                    \
	X(s, fin_wait_1, HF_FIN_WAIT_1, true)                                                      \
	X(s, fin_wait_2, HF_FIN_WAIT_2, true)
#define SYNCHRONISED(X, s)                                                                         \
	FULL(X, s)                                                                                 \
	X(s, close_wait, HF_CLOSE_WAIT, true)                                                      \
	X(s, closing, HF_CLOSING, true)                                                            \
	X(s, last_ack, HF_LAST_ACK, true)                                                          \
	X(s, time_wait, HF_TIME_WAIT, true)
#define ALL(X, s)                                                                                  \
	OPENING(X, s)                                                                              \
	SYNCHRONISED(X, s)

/* Y(scene, states, cases): how many they are is said, so that none gets lost unseen. */
#define EACH(Y)                                                                                    \
	Y(plain, ALL, 13356)                                                                       \
	Y(plain_v6, ALL, 13356)                                                                    \
	Y(stamped, ALL, 53424)                                                                     \
	Y(stamped_v6, ALL, 56604)                                                                  \
	Y(spoken, SYNCHRONISED, 8586)                                                              \
	Y(full, FULL, 3360)

#define X(s, name, state, passive)                                                                 \
	static void any_segment_is_treated_by_the_rfc_in_##name##_##s(void **unused)               \
	{                                                                                          \
		(void)unused;                                                                      \
		check_state(&s, (place){ state, passive });                                        \
	}
#define Y(s, states, cases) states(X, s)
EACH(Y)
#undef X
#undef Y

#define X(s, name, state, passive)                                                                 \
	cmocka_unit_test(any_segment_is_treated_by_the_rfc_in_##name##_##s),
#define Y(s, states, cases)                                                                        \
	static int ask_##s(void)                                                                   \
	{                                                                                          \
		const struct CMUnitTest tests[] = { states(X, s) };                                \
                                                                                                   \
		return cmocka_run_group_tests_name(#s, tests, NULL, NULL);                         \
	}
EACH(Y)
#undef X
#undef Y

/* A scene: 0 if all its cases were there and went well. */
static const struct {
	const char *name;
	int (*ask)(void);
	unsigned cases;
} scenes[] = {
#define Y(s, states, cases) { #s, ask_##s, cases },
	EACH(Y)
#undef Y
};

/** The scene that is named, or all of them. */
int main(int argc, char **argv)
{
	unsigned asked = 0;
	int bad = 0;

	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
		if (argc > 1 && strcmp(argv[1], scenes[i].name) != 0)
			continue;
		asked++;
		cases = 0;
		bad += scenes[i].ask();
		if (cases != scenes[i].cases)
			bad++;
		print_message("# %s: %u cases of %u\n", scenes[i].name, cases, scenes[i].cases);
	}
	return bad == 0 && asked > 0 ? 0 : 1;
}
