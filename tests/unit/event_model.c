/* SPDX-License-Identifier: BSD-2-Clause */
/* The oracle of the event matrix: RFC 9293 3.10.7, step by step. */
#include "tests/unit/event_model.h"

#define SYN HF_TCP_SYN
#define ACK HF_TCP_ACK
#define FIN HF_TCP_FIN
#define RST HF_TCP_RST

/* Where a FIN of the peer leads, and where the ACK of our own; CLOSED: nowhere, it stays. */
static const struct {
	bool takes_text;
	hf_state by_fin, by_ack_of_fin;
} diagram[HF_STATE_COUNT] = {
	[HF_ESTABLISHED] = { true, HF_CLOSE_WAIT, HF_ESTABLISHED },
	[HF_FIN_WAIT_1] = { true, HF_CLOSING, HF_FIN_WAIT_2 },
	[HF_FIN_WAIT_2] = { true, HF_TIME_WAIT, HF_FIN_WAIT_2 },
	[HF_CLOSE_WAIT] = { false, HF_CLOSE_WAIT, HF_CLOSE_WAIT },
	[HF_CLOSING] = { false, HF_CLOSING, HF_TIME_WAIT },
	[HF_LAST_ACK] = { false, HF_LAST_ACK, HF_CLOSED },
};

/* Relative numbers wrap as real ones do. */
static bool before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

uint32_t model_segment_len(const model_segment *g)
{
	return g->len + !!(g->flags & SYN) + !!(g->flags & FIN);
}

static bool is_only_syn(const model_segment *g)
{
	return (g->flags & (SYN | ACK | RST)) == SYN;
}

/* ---- 3.10.7.1 to 3.10.7.3 ---- */

static void in_closed(model *m, const model_segment *g)
{
	if (!(g->flags & RST))
		m->reply = g->flags & ACK ? REPLY_RESET : REPLY_RESET_WITH_ACK;
}

static void begin(model *m, const model_segment *g)
{
	m->state = HF_SYN_RECEIVED;
	m->rcv_nxt = g->seq + 1;
	m->reply = REPLY_SYN_ACK;
}

static void in_listen(model *m, const model_segment *g)
{
	if (g->flags & RST)
		return;
	if (g->flags & ACK)
		m->reply = REPLY_RESET;
	else if ((g->flags & (SYN | FIN)) == SYN)
		begin(m, g);
}

static void in_syn_sent(model *m, const model_segment *g)
{
	bool acks = g->flags & ACK && g->ack == m->nxt;

	if (g->flags & ACK && !acks) {
		m->reply = g->flags & RST ? REPLY_NONE : REPLY_RESET;
		return;
	}
	if (g->flags & RST) {
		m->state = acks ? HF_CLOSED : m->state;
		return;
	}
	if (!(g->flags & SYN))
		return;
	if (!acks) {
		begin(m, g);
		return;
	}
	m->una = g->ack;
	m->rcv_nxt = g->seq + 1 + !!(g->flags & FIN);
	m->state = g->flags & FIN ? HF_CLOSE_WAIT : HF_ESTABLISHED;
	m->reply = REPLY_ACK;
}

/* ---- TIME-WAIT: RFC 1337, RFC 6191 ---- */

static bool is_new_connection(const model *m, const model_segment *g)
{
	bool higher = before(m->rcv_nxt, g->seq);

	if (!m->stamps || g->stamp == STAMP_NONE || g->stamp == STAMP_SAME)
		return higher;
	return g->stamp == STAMP_NEWER;
}

static void in_time_wait(model *m, const model_segment *g)
{
	if (g->flags & RST)
		return;
	if (is_only_syn(g) && is_new_connection(m, g)) {
		if (!(g->flags & FIN)) /* as LISTEN has it */
			begin(m, g);
	} else if (model_segment_len(g) > 0) {
		m->reply = REPLY_ACK;
	}
}

/* ---- 3.10.7.4 ---- */

/* A step: true if the next one follows. */
typedef bool step(model *m, const model_segment *g);

static bool in_window(const model *m, uint32_t n)
{
	return !before(n, m->rcv_nxt) && before(n, m->rcv_right);
}

/* Table 6. Of a SYN or RST its own number counts, whatever follows it. */
static bool is_acceptable(const model *m, const model_segment *g)
{
	uint32_t len = model_segment_len(g);

	if (g->seq == m->rcv_nxt) /* the allowance for a closed window; or else in it */
		return true;
	if (g->flags & (SYN | RST) || len == 0)
		return in_window(m, g->seq);
	return before(m->rcv_nxt, g->seq + len) && before(g->seq, m->rcv_right);
}

/* After a passive open an ACK alone does; after an active one, a SYN-ACK that crosses ours too. */
static bool acks_our_syn(const model *m, const model_segment *g)
{
	return m->state == HF_SYN_RECEIVED && g->flags & ACK && g->ack == m->nxt &&
	       !(m->passive && g->flags & SYN);
}

/* RFC 7323 5.3 R1, and 3.2: without a time stamp a segment is dropped in silence. */
static bool stamp(model *m, const model_segment *g)
{
	bool is_exempt = g->flags & RST || (m->state == HF_SYN_RECEIVED && m->passive &&
					    g->flags & SYN && g->seq + 1 == m->rcv_nxt);

	if (!m->stamps || is_exempt)
		return true;
	if (g->stamp == STAMP_OLDER)
		m->reply = REPLY_ACK;
	if (g->stamp == STAMP_NONE)
		return acks_our_syn(m, g);
	return g->stamp != STAMP_OLDER;
}

/* First, the sequence number. */
static bool first(model *m, const model_segment *g)
{
	bool syn_again = m->state == HF_SYN_RECEIVED && is_only_syn(g) && g->seq + 1 == m->rcv_nxt;

	if (is_acceptable(m, g) && !syn_again)
		return true;
	if (!(g->flags & RST))
		m->reply = syn_again ? REPLY_SYN_ACK : REPLY_ACK;
	return false;
}

/* Second, RST (RFC 5961 3.2). */
static bool second(model *m, const model_segment *g)
{
	if (!(g->flags & RST))
		return true;
	if (g->seq != m->rcv_nxt)
		m->reply = REPLY_ACK;
	else
		m->state = m->passive && m->state == HF_SYN_RECEIVED ? HF_LISTEN : HF_CLOSED;
	return false;
}

/* Third was security. Fourth, SYN (RFC 5961 4.2). */
static bool fourth(model *m, const model_segment *g)
{
	if (!(g->flags & SYN))
		return true;
	if (m->passive && m->state == HF_SYN_RECEIVED)
		m->state = HF_LISTEN;
	else
		m->reply = REPLY_ACK;
	return false;
}

static bool fifth_in_syn_received(model *m, const model_segment *g)
{
	if (g->ack != m->nxt) {
		m->reply = REPLY_RESET;
		return false;
	}
	m->state = HF_ESTABLISHED;
	m->stamps &= g->stamp != STAMP_NONE;
	return true;
}

/* RFC 5961 5.2; and whatever the windows are, nothing before the SYN's own ACK is true. */
static bool is_believable(const model *m, uint32_t ack)
{
	return !before(m->nxt, ack) && !before(ack, m->una - m->max_wnd) && !before(ack, 1);
}

static bool has_sent_fin(const model *m)
{
	return diagram[m->state].by_ack_of_fin != m->state || m->state == HF_FIN_WAIT_2;
}

/* Fifth, ACK. */
static bool fifth(model *m, const model_segment *g)
{
	if (!(g->flags & ACK))
		return false;
	if (m->state == HF_SYN_RECEIVED && !fifth_in_syn_received(m, g))
		return false;
	if (!is_believable(m, g->ack)) {
		m->reply = REPLY_ACK;
		return false;
	}
	m->stamp_moved = m->stamps && g->stamp == STAMP_NEWER && !before(m->rcv_nxt, g->seq);
	if (before(m->una, g->ack)) {
		m->una = g->ack;
		if (has_sent_fin(m) && m->una == m->nxt)
			m->state = diagram[m->state].by_ack_of_fin;
	}
	return m->state != HF_CLOSED;
}

/* Sixth is the urgent pointer. Seventh and eighth, text and FIN. */
static bool seventh_and_eighth(model *m, const model_segment *g)
{
	uint32_t end = g->seq + g->len, stop = before(m->rcv_right, end) ? m->rcv_right : end;

	if (!diagram[m->state].takes_text)
		return false;
	if (model_segment_len(g) > 0)
		m->reply = REPLY_ACK;
	if (before(m->rcv_nxt, g->seq))
		return false; /* kept for later */
	if (before(m->rcv_nxt, stop))
		m->rcv_nxt = stop;
	if (g->flags & FIN && end == m->rcv_nxt && before(end, m->rcv_right)) {
		m->rcv_nxt++;
		m->state = diagram[m->state].by_fin;
	}
	return false;
}

/* Figure 7, line 6: both opened at once, and the peer's SYN-ACK says that it has heard us. */
static bool completes_crossing(const model *m, const model_segment *g)
{
	return m->state == HF_SYN_RECEIVED && !m->passive &&
	       (g->flags & (SYN | ACK | RST)) == (SYN | ACK) && g->seq + 1 == m->rcv_nxt &&
	       g->ack == m->nxt;
}

static void complete_crossing(model *m, const model_segment *g)
{
	model_segment rest = *g;

	m->stamp_moved = m->stamps && g->stamp == STAMP_NEWER;
	m->reply = REPLY_ACK;
	m->state = HF_ESTABLISHED;
	m->stamps &= g->stamp != STAMP_NONE;
	m->una = g->ack;
	rest.seq++;
	rest.flags &= (uint16_t)~SYN;
	seventh_and_eighth(m, &rest);
}

static void in_the_others(model *m, const model_segment *g)
{
	static step *const steps[] = { first, second, fourth, fifth, seventh_and_eighth };

	if (!stamp(m, g))
		return;
	if (completes_crossing(m, g)) {
		complete_crossing(m, g);
		return;
	}
	for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (!steps[i](m, g))
			return;
}

void model_arrives(model *m, const model_segment *g)
{
	if (m->state == HF_CLOSED)
		in_closed(m, g);
	else if (m->state == HF_LISTEN)
		in_listen(m, g);
	else if (m->state == HF_SYN_SENT)
		in_syn_sent(m, g);
	else if (m->state == HF_TIME_WAIT)
		in_time_wait(m, g);
	else
		in_the_others(m, g);
}

bool model_leaves_out(const model *m, const model_segment *g)
{
	bool at_edge = g->seq == m->rcv_right && g->seq != m->rcv_nxt &&
		       model_segment_len(g) == 0 && !(g->flags & RST);

	return at_edge || (g->flags & SYN && g->len > 0);
}
