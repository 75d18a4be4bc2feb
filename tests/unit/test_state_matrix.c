/* SPDX-License-Identifier: BSD-2-Clause */
/* Every state meets every kind of segment; a small model of RFC 9293 3.10.7 says what follows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/peer.h"

/*
 * The model knows nothing of the host but the numbers of the conversation so far. It follows the
 * RFC's text step by step, with the RFCs that amend it (5961, 1337, 6191), and these choices where
 * they leave one, or where the project departs:
 *   - LISTEN drops a SYN with FIN;
 *   - SYN-RECEIVED answers the peer's SYN, come again, by its SYN-ACK and not by an ACK;
 *   - TIME-WAIT answers only what takes sequence numbers, lest two of them talk for ever;
 *   - text or a FIN after the peer's FIN is ignored without an answer.
 * A bare ACK at the very edge of the window is left out: Table 6 says no, and the text after it
 * says that it should be let through.
 */

#define MAX_WINDOW 65535u /* MAX.SND.WND: the peer's window in every segment */

enum reply { NOTHING, AN_ACK, A_SYN_ACK, A_RESET, A_RESET_WITH_ACK };

/* The numbers of a conversation (relative), and what the segment at hand has led to. */
typedef struct model {
	hf_state state;
	bool passive;      /* SYN-RECEIVED came from LISTEN */
	uint32_t una, nxt; /* the host's */
	uint32_t rcv_nxt, rcv_right;
	enum reply reply;
} model;

/* Relative numbers wrap as real ones do. */
static bool before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static uint32_t seg_len(const peer_line *l)
{
	return l->len + !!(l->flags & SYN) + !!(l->flags & FIN);
}

static void answer(model *m, enum reply reply)
{
	m->reply = reply;
}

static void become(model *m, hf_state state)
{
	m->state = state;
}

/* ---- 3.10.7.1 to 3.10.7.3 ---- */

static void model_closed(model *m, const peer_line *l)
{
	if (!(l->flags & RST))
		answer(m, l->flags & ACK ? A_RESET : A_RESET_WITH_ACK);
}

static void model_listen(model *m, const peer_line *l)
{
	if (l->flags & RST)
		return;
	if (l->flags & ACK) {
		answer(m, A_RESET);
		return;
	}
	if ((l->flags & (SYN | FIN)) != SYN)
		return;
	become(m, HF_SYN_RECEIVED);
	m->rcv_nxt = l->seq + 1;
	answer(m, A_SYN_ACK);
}

static void model_syn_sent(model *m, const peer_line *l)
{
	bool acks = l->flags & ACK && l->ack == 1;

	if (l->flags & ACK && !acks) {
		answer(m, l->flags & RST ? NOTHING : A_RESET);
		return;
	}
	if (l->flags & RST) {
		if (acks)
			become(m, HF_CLOSED);
		return;
	}
	if (!(l->flags & SYN))
		return;
	m->rcv_nxt = l->seq + 1;
	answer(m, acks ? AN_ACK : A_SYN_ACK);
	become(m, acks ? HF_ESTABLISHED : HF_SYN_RECEIVED);
	if (acks && l->flags & FIN) {
		m->rcv_nxt++;
		become(m, HF_CLOSE_WAIT);
	}
}

/* ---- TIME-WAIT: RFC 1337, RFC 6191 ---- */

static void model_time_wait(model *m, const peer_line *l)
{
	if (l->flags & RST)
		return;
	if ((l->flags & (SYN | ACK)) == SYN && before(m->rcv_nxt, l->seq)) {
		if (l->flags & FIN)
			return; /* as LISTEN does */
		become(m, HF_SYN_RECEIVED);
		m->rcv_nxt = l->seq + 1;
		answer(m, A_SYN_ACK);
		return;
	}
	if (seg_len(l) > 0)
		answer(m, AN_ACK);
}

/* ---- 3.10.7.4 ---- */

static bool in_window(const model *m, uint32_t n)
{
	return !before(n, m->rcv_nxt) && before(n, m->rcv_right);
}

/* Table 6; of a SYN or RST its own number counts, whatever follows it. */
static bool acceptable(const model *m, const peer_line *l)
{
	uint32_t len = seg_len(l);

	if (l->flags & (SYN | RST) || len == 0)
		return in_window(m, l->seq);
	return in_window(m, l->seq) || in_window(m, l->seq + len - 1);
}

/* First, the sequence number. */
static bool first(model *m, const peer_line *l)
{
	bool syn_again = (l->flags & (SYN | ACK)) == SYN && l->seq + 1 == m->rcv_nxt;

	if (acceptable(m, l) && !(syn_again && m->state == HF_SYN_RECEIVED))
		return true;
	if (l->flags & RST)
		return false;
	answer(m, syn_again && m->state == HF_SYN_RECEIVED ? A_SYN_ACK : AN_ACK);
	return false;
}

/* Second, RST (RFC 5961 3.2). */
static bool second(model *m, const peer_line *l)
{
	if (!(l->flags & RST))
		return true;
	if (l->seq != m->rcv_nxt)
		answer(m, AN_ACK);
	else
		become(m, m->passive && m->state == HF_SYN_RECEIVED ? HF_LISTEN : HF_CLOSED);
	return false;
}

/* Fourth, SYN (RFC 5961 4.2). */
static bool fourth(model *m, const peer_line *l)
{
	if (!(l->flags & SYN))
		return true;
	if (m->passive && m->state == HF_SYN_RECEIVED)
		become(m, HF_LISTEN);
	else
		answer(m, AN_ACK);
	return false;
}

static void our_fin_is_acked(model *m)
{
	if (m->state == HF_FIN_WAIT_1)
		become(m, HF_FIN_WAIT_2);
	else if (m->state == HF_CLOSING)
		become(m, HF_TIME_WAIT);
	else if (m->state == HF_LAST_ACK)
		become(m, HF_CLOSED);
}

/* Fifth, ACK (RFC 5961 5.2). */
static bool fifth(model *m, const peer_line *l)
{
	if (!(l->flags & ACK))
		return false;
	if (m->state == HF_SYN_RECEIVED) {
		if (l->ack != m->nxt) {
			answer(m, A_RESET);
			return false;
		}
		become(m, HF_ESTABLISHED);
		return true;
	}
	/* RFC 5961 5.2; and whatever the windows are, nothing before the SYN's own ACK is true. */
	if (before(m->nxt, l->ack) || before(l->ack, m->una - MAX_WINDOW) || before(l->ack, 1)) {
		answer(m, AN_ACK);
		return false;
	}
	if (before(m->una, l->ack)) /* all that can be outstanding here is the FIN */
		our_fin_is_acked(m);
	return m->state != HF_CLOSED;
}

static void peer_fin(model *m)
{
	m->rcv_nxt++;
	if (m->state == HF_ESTABLISHED)
		become(m, HF_CLOSE_WAIT);
	else
		become(m, m->state == HF_FIN_WAIT_1 ? HF_CLOSING : HF_TIME_WAIT);
}

/* Seventh and eighth, text and FIN, in the three states that still take them. */
static void seventh_and_eighth(model *m, const peer_line *l)
{
	uint32_t end = l->seq + l->len;

	if (m->state != HF_ESTABLISHED && m->state != HF_FIN_WAIT_1 && m->state != HF_FIN_WAIT_2)
		return;
	if (seg_len(l) > 0)
		answer(m, AN_ACK);
	if (before(m->rcv_nxt, l->seq))
		return; /* kept for later */
	if (before(m->rcv_nxt, end))
		m->rcv_nxt = end;
	if (l->flags & FIN && end == m->rcv_nxt)
		peer_fin(m);
}

/* Figure 7, line 6: both opened at once, and the peer's SYN-ACK says that it has heard us. */
static bool completes_crossing(const model *m, const peer_line *l)
{
	return m->state == HF_SYN_RECEIVED && !m->passive &&
	       (l->flags & (SYN | ACK | RST)) == (SYN | ACK) && l->seq + 1 == m->rcv_nxt &&
	       l->ack == m->nxt;
}

static void model_rest(model *m, const peer_line *l)
{
	peer_line rest = *l;

	if (completes_crossing(m, l)) {
		answer(m, AN_ACK);
		become(m, HF_ESTABLISHED);
		rest.seq++;
		rest.flags &= (uint16_t)~SYN;
		seventh_and_eighth(m, &rest);
		return;
	}
	if (first(m, l) && second(m, l) && fourth(m, l) && fifth(m, l))
		seventh_and_eighth(m, l);
}

static void model_arrives(model *m, const peer_line *l)
{
	if (m->state == HF_CLOSED)
		model_closed(m, l);
	else if (m->state == HF_LISTEN)
		model_listen(m, l);
	else if (m->state == HF_SYN_SENT)
		model_syn_sent(m, l);
	else if (m->state == HF_TIME_WAIT)
		model_time_wait(m, l);
	else
		model_rest(m, l);
}

/* ---- The host, brought to a state and asked ---- */

/* The right edge that the host has announced: no segment here is scaled. */
static uint32_t announced(const peer *p)
{
	uint32_t right = 0;

	for (const peer_seen *s = p->first; s; s = s->next)
		if (s->tcp.flags & ACK && before(right, s->ack + s->tcp.window))
			right = s->ack + s->tcp.window;
	return right;
}

static model model_of(const peer *p, hf_state state, bool passive)
{
	bool fin_sent = state > HF_ESTABLISHED && state != HF_CLOSE_WAIT;
	bool fin_acked = state == HF_FIN_WAIT_2 || state == HF_TIME_WAIT;
	bool synchronised = state >= HF_ESTABLISHED;

	return (model){
		.state = state,
		.passive = passive,
		.una = (uint32_t)synchronised + fin_acked,
		.nxt = 1u + fin_sent,
		.rcv_nxt = 1u + (state > HF_FIN_WAIT_2),
		.rcv_right = announced(p),
	};
}

/* No handle: LISTEN, SYN-RECEIVED of a `passive` open, and CLOSED, which is no connection. */
static hf_conn bring_to(peer *p, hf_state state, bool passive)
{
	if (state == HF_LISTEN || (state == HF_SYN_RECEIVED && passive)) {
		peer_listen(p);
		if (state == HF_SYN_RECEIVED) {
			PEER_SAY(p, .flags = SYN);
			peer_expect(p, SYN | ACK);
		}
		return (hf_conn){ 0 };
	}
	return state == HF_CLOSED ? (hf_conn){ 0 } : peer_reach(p, state);
}

/* The state as an outsider finds it: what the host holds, and what the handle says. */
static hf_state observe(peer *p, hf_conn c)
{
	hf_stats stats = peer_stats(p);

	if (stats.half_open > 0)
		return HF_SYN_RECEIVED;
	if (stats.time_wait > 0)
		return HF_TIME_WAIT;
	if (c.generation == 0 && stats.connections > 0)
		c = peer_accept(p);
	if (c.generation > 0)
		return peer_state(p, c);
	return stats.listeners > 0 ? HF_LISTEN : HF_CLOSED;
}

/* The segment that the model's answer is. */
static peer_line wanted(const peer *p, const model *m, const peer_line *l)
{
	switch (m->reply) {
	case NOTHING:
		break;
	case AN_ACK:
		return (peer_line){ .flags = ACK, .seq = m->nxt, .ack = m->rcv_nxt };
	case A_SYN_ACK:
		return (peer_line){ .flags = SYN | ACK, .ack = m->rcv_nxt };
	case A_RESET:
		return (peer_line){ .flags = RST, .seq = l->ack };
	case A_RESET_WITH_ACK:
		return (peer_line){ .flags = RST | ACK,
				    .seq = 0u - p->host_isn.v,
				    .ack = l->seq + seg_len(l) };
	}
	return (peer_line){ 0 };
}

static bool is_answered_rightly(peer *p, const model *m, const peer_line *l)
{
	const peer_seen *s = peer_next(p);
	peer_line want = wanted(p, m, l);

	if (!s)
		return m->reply == NOTHING;
	return s->tcp.flags == want.flags && s->seq == want.seq && s->ack == want.ack &&
	       s->len == 0 && !peer_next(p);
}

static void check(hf_state state, bool passive, const peer_line *l)
{
	peer *p = peer_new(NULL);
	hf_conn c = bring_to(p, state, passive);
	model m = model_of(p, state, passive);
	hf_state now;
	bool is_right;

	model_arrives(&m, l);
	peer_say(p, *l);
	is_right = is_answered_rightly(p, &m, l);
	now = observe(p, c);
	if (now != m.state || !is_right)
		fail_msg("%s, flags %#x seq %d ack %d len %u: %s, should be %s; answer %s",
			 hf_state_name(state), (unsigned)l->flags, (int)l->seq, (int)l->ack,
			 (unsigned)l->len, hf_state_name(now), hf_state_name(m.state),
			 is_right ? "right" : "wrong");
	peer_free(p);
}

/* Where the choices of the model's heading do not tell. */
static bool is_left_out(const model *m, const peer_line *l)
{
	bool at_edge = l->seq == m->rcv_right && seg_len(l) == 0 && !(l->flags & RST);

	/* Text with a SYN has tests of its own. */
	return at_edge || (l->flags & SYN && l->len > 0);
}

static void check_all_acks(hf_state state, bool passive, const model *m, peer_line l)
{
	const uint32_t acks[] = {
		m->una - MAX_WINDOW - 1, m->una - MAX_WINDOW, m->una - 1, m->una, m->nxt, m->nxt + 1
	};

	if (is_left_out(m, &l))
		return;
	if (!(l.flags & ACK)) {
		check(state, passive, &l);
		return;
	}
	for (unsigned i = 0; i < sizeof(acks) / sizeof(acks[0]); i++) {
		l.ack = acks[i];
		check(state, passive, &l);
	}
}

static void check_state(hf_state state, bool passive)
{
	peer *p = peer_new(NULL);
	model m;

	bring_to(p, state, passive);
	m = model_of(p, state, passive);
	peer_free(p);
	for (uint16_t bits = 0; bits < 16; bits++) {
		const uint32_t seqs[] = { m.rcv_nxt - 20, m.rcv_nxt - 10,    m.rcv_nxt - 1,
					  m.rcv_nxt,      m.rcv_nxt + 10,    m.rcv_right - 1,
					  m.rcv_right,    m.rcv_right + 1000 };
		uint16_t flags = (uint16_t)((bits & 1 ? SYN : 0) | (bits & 2 ? ACK : 0) |
					    (bits & 4 ? FIN : 0) | (bits & 8 ? RST : 0));

		for (unsigned i = 0; i < sizeof(seqs) / sizeof(seqs[0]); i++)
			for (uint32_t len = 0; len <= 10; len += 10)
				check_all_acks(
					state, passive, &m,
					(peer_line){ .flags = flags, .seq = seqs[i], .len = len });
	}
}

#define EACH_STATE(X)                                                                              \
	X(closed, HF_CLOSED, false)                                                                \
	X(listen, HF_LISTEN, true)                                                                 \
	X(syn_sent, HF_SYN_SENT, false)                                                            \
	X(syn_received_of_a_passive_open, HF_SYN_RECEIVED, true)                                   \
	X(syn_received_of_an_active_open, HF_SYN_RECEIVED, false)                                  \
	X(established, HF_ESTABLISHED, false)                                                      \
	X(fin_wait_1, HF_FIN_WAIT_1, false)                                                        \
	X(fin_wait_2, HF_FIN_WAIT_2, false)                                                        \
	X(close_wait, HF_CLOSE_WAIT, false)                                                        \
	X(closing, HF_CLOSING, false)                                                              \
	X(last_ack, HF_LAST_ACK, false)                                                            \
	X(time_wait, HF_TIME_WAIT, false)

#define X(name, state, passive)                                                                    \
	static void any_segment_is_treated_by_the_rfc_in_##name(void **unused)                     \
	{                                                                                          \
		(void)unused;                                                                      \
		check_state(state, passive);                                                       \
	}
EACH_STATE(X)
#undef X

int main(void)
{
	const struct CMUnitTest tests[] = {
#define X(name, state, passive) cmocka_unit_test(any_segment_is_treated_by_the_rfc_in_##name),
		EACH_STATE(X)
#undef X
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
