/* SPDX-License-Identifier: BSD-2-Clause */
/* The stack does what the model's list says: every event, in every state of the handshake. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/model/transitions.h"
#include "tests/support/peer.h"

/*
 * Each case of the list is brought about with several numbers of its class. What is asked: the
 * state after; the answer with its numbers, and whether it comes again at once and later; what was
 * received and what was acknowledged.
 */

enum { STATES = S_ESTABLISHED + 1, MESSAGES = M_RST_ACK + 1 };
enum { NUMBERS = N_OUTSIDE + 1, ACKS = K_BAD + 1, ANSWER_COUNT = A_REFUSAL + 1 };
enum { F_ZERO, F_ISS, F_SND_UNA, F_SND_NXT, F_RCV_NXT, F_SEG_ACK, F_SEG_END };

struct row {
	uint8_t state, message, number, ack, to, answer;
};

static const struct row rows[] = {
#define T(s, m, n, k, to, a) { S_##s, M_##m, N_##n, K_##k, S_##to, A_##a },
	TRANSITIONS(T)
#undef T
};

/* What is said: an answer, or what a timer sends. */
struct saying {
	uint8_t message, seq, ack, to;
};

static const struct saying answers[ANSWER_COUNT] = {
#define A(answer, m, seq, ack) [A_##answer] = { M_##m, F_##seq, F_##ack, 0 },
	ANSWERS(A)
#undef A
};

static const struct saying repeats[STATES] = {
#define W(state, m, seq, ack, to) [S_##state] = { M_##m, F_##seq, F_##ack, S_##to },
	TIMEOUTS(W)
#undef W
};

static const struct {
	const char *name;
	hf_state state; /* what the stack calls it */
} states[STATES] = {
	[S_CLOSED] = { "CLOSED", HF_CLOSED },
	[S_LISTEN] = { "LISTEN", HF_LISTEN },
	[S_COOKIE] = { "COOKIE", HF_LISTEN },
	[S_AWAITED] = { "AWAITED", HF_LISTEN },
	[S_SYN_SENT] = { "SYN-SENT", HF_SYN_SENT },
	[S_SYN_RECEIVED] = { "SYN-RECEIVED", HF_SYN_RECEIVED },
	[S_CROSSED] = { "CROSSED", HF_SYN_RECEIVED },
	[S_ESTABLISHED] = { "ESTABLISHED", HF_ESTABLISHED },
};

static const uint16_t flags_of[MESSAGES] = {
	[M_SYN] = SYN,  [M_SYN_ACK] = SYN | ACK, [M_ACK] = ACK,
	[M_TEXT] = ACK, [M_RST] = RST,           [M_RST_ACK] = RST | ACK,
};

/* A case: an event in a state, with numbers that belong to its classes. */
struct event {
	uint8_t state, message, number, ack;
	bool said; /* an octet of text was sent, and is not acknowledged */
	uint32_t seg_seq, seg_ack;
};

static bool has_it(uint8_t column, uint8_t value)
{
	return column == 0 || column == value; /* 0: ANY */
}

/* The one row for a case. */
static const struct row *row_of(const struct event *v)
{
	const struct row *found = NULL;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];

		if (r->state != v->state || r->message != v->message ||
		    !has_it(r->number, v->number) || !has_it(r->ack, v->ack))
			continue;
		assert_null(found);
		found = r;
	}
	assert_non_null(found);
	return found;
}

/* ---- The host, brought to a state ---- */

struct host {
	peer *p;
	hf_conn conn;
};

static struct host bring_to(uint8_t state, bool said)
{
	hf_config config = peer_config(false);
	struct host h = { .conn = { 0 } };

	if (state == S_COOKIE || state == S_AWAITED)
		config.syn_cookies = HF_SYN_COOKIES_ALWAYS;
	h.p = peer_new(&config);
	if (state == S_SYN_SENT || state == S_CROSSED)
		h.conn = peer_reach(h.p, states[state].state);
	else if (state == S_ESTABLISHED)
		h.conn = peer_handshake_passive(h.p);
	else if (state != S_CLOSED)
		peer_listen(h.p);
	if (state == S_AWAITED || state == S_SYN_RECEIVED) {
		PEER_SAY(h.p, .flags = SYN);
		peer_expect(h.p, SYN | ACK);
	}
	if (said) {
		peer_app_send(h.p, h.conn, 1, 1);
		assert_int_equal(peer_expect(h.p, ACK)->len, 1);
	}
	return h;
}

static hf_state state_of(struct host *h)
{
	hf_stats stats = peer_stats(h->p);

	if (stats.half_open > 0)
		return HF_SYN_RECEIVED;
	if (h->conn.generation == 0 && stats.connections > 0)
		h->conn = peer_accept(h->p);
	if (h->conn.generation > 0)
		return peer_state(h->p, h->conn);
	return stats.listeners > 0 ? HF_LISTEN : HF_CLOSED;
}

/* ---- What must be ---- */

static bool is_text_taken(const struct event *v, const struct row *r)
{
	return v->message == M_TEXT && r->to == S_ESTABLISHED && v->ack == K_GOOD &&
	       v->number == N_NEXT;
}

static uint32_t rcv_nxt_after(const struct event *v, const struct row *r)
{
	bool brings_number = v->message == M_SYN || v->message == M_SYN_ACK;

	if (v->state < S_SYN_RECEIVED && brings_number)
		return v->seg_seq + 1;
	return is_text_taken(v, r) ? 2 : 1;
}

static uint32_t snd_una_after(const struct event *v)
{
	bool counts = (v->message == M_ACK || v->message == M_TEXT) && v->ack == K_GOOD &&
		      (v->number == N_NEXT || v->number == N_INSIDE);

	return v->said && counts ? v->seg_ack : 1;
}

/* A number of an answer, relative as the peer sees it. */
static uint32_t number_of(uint8_t field, const struct event *v, const struct row *r)
{
	const uint32_t numbers[] = {
		[F_ZERO] = 0,
		[F_ISS] = 0,
		[F_SND_UNA] = 1,
		[F_SND_NXT] = 1u + v->said,
		[F_RCV_NXT] = rcv_nxt_after(v, r),
		[F_SEG_ACK] = v->seg_ack,
		[F_SEG_END] = v->seg_seq + 1,
	};

	return numbers[field];
}

static bool is_it(const peer_seen *s, const struct saying *a, const struct event *v,
		  const struct row *r)
{
	return (s->tcp.flags & ~PSH) == flags_of[a->message] &&
	       s->len == (a->message == M_TEXT ? 1u : 0u) && s->seq == number_of(a->seq, v, r) &&
	       s->ack == number_of(a->ack, v, r);
}

/* ---- One case ---- */

static peer_line line_of(const struct event *v)
{
	return (peer_line){ .flags = flags_of[v->message],
			    .seq = v->seg_seq,
			    .ack = v->seg_ack,
			    .len = v->message == M_TEXT };
}

static bool answers_so(struct host *h, const struct event *v, const struct row *r, uint8_t answer)
{
	uint32_t isn = h->p->host_isn.v;
	bool has_isn = v->state >= S_SYN_SENT;
	const peer_seen *s;

	peer_say(h->p, line_of(v));
	s = peer_next(h->p);
	if (!s || answer == A_NOTHING)
		return !s && answer == A_NOTHING;
	return is_it(s, &answers[answer], v, r) && !peer_next(h->p) &&
	       (!has_isn || h->p->host_isn.v == isn);
}

/*
 * A limited answer comes not twice at once, but half a second later, unless a timer is at work
 * then. Another ACK comes each time, if it leads nowhere else.
 */
static bool answers_again(struct host *h, const struct event *v, const struct row *r)
{
	if (r->answer == A_ACK && r->to == v->state)
		return answers_so(h, v, r, A_ACK);
	if (r->answer != A_LIMITED)
		return true;
	if (!answers_so(h, v, r, A_NOTHING))
		return false;
	if (v->said)
		return true;
	peer_wait(h->p, HF_SEC(1) / 2);
	return answers_so(h, v, r, A_LIMITED);
}

static bool counts_rightly(struct host *h, const struct event *v, const struct row *r)
{
	hf_conn_info info;

	if (r->to != S_ESTABLISHED)
		return true;
	info = peer_info(h->p, h->conn);
	return info.rcv_nxt - h->p->isn.v == rcv_nxt_after(v, r) &&
	       info.snd_una - h->p->host_isn.v == snd_una_after(v);
}

static unsigned cases;

static void check(const struct event *v)
{
	const struct row *r = row_of(v);
	struct host h = bring_to(v->state, v->said);
	bool answers_rightly = answers_so(&h, v, r, r->answer);
	hf_state now = state_of(&h);

	cases++;
	if (!answers_rightly || now != states[r->to].state || !counts_rightly(&h, v, r) ||
	    !answers_again(&h, v, r))
		fail_msg("%s%s, message %d, number %d (%d), ack %d (%d): %s, answer %s; "
			 "listed are %s and answer %d",
			 states[v->state].name, v->said ? " with text" : "", v->message, v->number,
			 (int)v->seg_seq, v->ack, (int)v->seg_ack, hf_state_name(now),
			 answers_rightly ? "right" : "wrong", states[r->to].name, r->answer);
	peer_free(h.p);
}

/* Some numbers of each class; the list ends with its first zero after the first. */
static const uint32_t seqs[NUMBERS][6] = {
	[N_AGAIN] = { 0 },
	[N_NEXT] = { 1 },
	[N_INSIDE] = { 2, 100, 60000 },
	[N_OUTSIDE] = { 0xffffffff, 0xfffff000, 0xc0000000, 0x80000002, 0x40000000 },
};
static const uint32_t acks[ACKS][6] = {
	[K_GOOD] = { 1 },
	[K_BAD] = { 0, 3, 0x50000000, 0x80000001, 0xd0000000 },
};

static void each_ack(struct event v)
{
	for (v.ack = K_GOOD; v.ack < ACKS; v.ack++) {
		for (unsigned i = 0; i == 0 || acks[v.ack][i] != 0; i++) {
			v.seg_ack = acks[v.ack][i];
			check(&v);
		}
	}
	v.ack = v.said ? K_GOOD : K_BAD;
	v.seg_ack = 2;
	check(&v);
}

static void each_number(struct event v)
{
	for (v.number = N_AGAIN; v.number < NUMBERS; v.number++) {
		for (unsigned i = 0; i == 0 || seqs[v.number][i] != 0; i++) {
			v.seg_seq = seqs[v.number][i];
			each_ack(v);
		}
	}
}

static void check_state(uint8_t state, bool said)
{
	cases = 0;
	for (uint8_t message = M_SYN; message < MESSAGES; message++)
		each_number((struct event){ .state = state, .message = message, .said = said });
	assert_int_equal(cases, 6 * 10 * 7);
}

#define STATE(name, state, said)                                                                   \
	static void the_stack_does_what_the_model_does_in_##name(void **unused)                    \
	{                                                                                          \
		(void)unused;                                                                      \
		check_state(state, said);                                                          \
	}
STATE(closed, S_CLOSED, false)
STATE(listen, S_LISTEN, false)
STATE(listen_with_cookies, S_COOKIE, false)
STATE(listen_awaiting_a_cookie, S_AWAITED, false)
STATE(syn_sent, S_SYN_SENT, false)
STATE(syn_received, S_SYN_RECEIVED, false)
STATE(syn_received_of_an_active_open, S_CROSSED, false)
STATE(established, S_ESTABLISHED, false)
STATE(established_with_text_under_way, S_ESTABLISHED, true)

/* ---- When no message comes ---- */

static void an_end_says_it_again_and_gives_up(void **unused)
{
	unsigned tried = 0;

	(void)unused;
	for (uint8_t state = 1; state < STATES; state++) {
		const struct saying *w = &repeats[state];
		struct event v = { .state = state, .said = state == S_ESTABLISHED };
		struct row r = { .to = state };
		struct host h;

		if (w->message == 0)
			continue;
		h = bring_to(state, v.said);
		peer_wait_for_output(h.p, HF_SEC(2));
		assert_true(is_it(peer_next(h.p), w, &v, &r));
		peer_wait(h.p, HF_SEC(7200));
		peer_ignore(h.p);
		assert_int_equal(state_of(&h), states[w->to].state);
		peer_free(h.p);
		tried++;
	}
	assert_int_equal(tried, 4);
}

static void an_end_that_opens_says_a_syn(void **unused)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_open(p);

	(void)unused;
	PEER_EXPECT(p, .flags = SYN);
	assert_int_equal(peer_state(p, c), HF_SYN_SENT);
	peer_free(p);
}

static void a_cookie_is_not_awaited_for_ever(void **unused)
{
	struct event v = {
		.state = S_COOKIE,
		.message = M_ACK,
		.number = N_NEXT,
		.ack = K_GOOD,
	};
	struct host h = bring_to(S_AWAITED, false);

	(void)unused;
	v.seg_seq = 1;
	v.seg_ack = 1;
	peer_wait(h.p, HF_SEC(3600));
	assert_true(answers_so(&h, &v, row_of(&v), A_RESET));
	peer_free(h.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_stack_does_what_the_model_does_in_closed),
		cmocka_unit_test(the_stack_does_what_the_model_does_in_listen),
		cmocka_unit_test(the_stack_does_what_the_model_does_in_listen_with_cookies),
		cmocka_unit_test(the_stack_does_what_the_model_does_in_listen_awaiting_a_cookie),
		cmocka_unit_test(the_stack_does_what_the_model_does_in_syn_sent),
		cmocka_unit_test(the_stack_does_what_the_model_does_in_syn_received),
		cmocka_unit_test(
			the_stack_does_what_the_model_does_in_syn_received_of_an_active_open),
		cmocka_unit_test(the_stack_does_what_the_model_does_in_established),
		cmocka_unit_test(
			the_stack_does_what_the_model_does_in_established_with_text_under_way),
		cmocka_unit_test(an_end_says_it_again_and_gives_up),
		cmocka_unit_test(an_end_that_opens_says_a_syn),
		cmocka_unit_test(a_cookie_is_not_awaited_for_ever),
	};

	return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
