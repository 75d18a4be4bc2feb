/* SPDX-License-Identifier: BSD-2-Clause */
/* All 64 sets of flags in all states, judged by the model of RFC 9293; and floods of them. */
/*
 * The attacks "SYN+FIN, SYN+RST, null, Xmas", "LAND" and "RST loop". The event matrix of tests/unit
 * asks far more of SYN, ACK, FIN and RST; here PSH and URG come with each set of them, which must
 * change nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/peer.h"
#include "tests/unit/event_model.h"

#define FLAGS 64u
#define PEER_WINDOW 65535u

/* A state, how it came about, and where the next number of either side stands. */
typedef struct place {
	hf_state state;
	bool passive;
} place;

static const place places[] = {
	{ HF_CLOSED, false },      { HF_LISTEN, true },        { HF_SYN_SENT, false },
	{ HF_SYN_RECEIVED, true }, { HF_SYN_RECEIVED, false }, { HF_ESTABLISHED, true },
	{ HF_FIN_WAIT_1, true },   { HF_FIN_WAIT_2, true },    { HF_CLOSE_WAIT, true },
	{ HF_CLOSING, true },      { HF_LAST_ACK, true },      { HF_TIME_WAIT, true },
};

static hf_conn bring_to(peer *p, place at)
{
	if (at.state == HF_CLOSED)
		return (hf_conn){ 0 };
	if (at.state == HF_LISTEN || (at.state == HF_SYN_RECEIVED && at.passive)) {
		peer_listen(p);
		if (at.state == HF_SYN_RECEIVED) {
			PEER_SAY(p, .flags = SYN);
			peer_expect(p, SYN | ACK);
		}
		return (hf_conn){ 0 };
	}
	return peer_reach(p, at.state);
}

static model model_of(const peer *p, hf_conn c, place at)
{
	model m = { .state = at.state, .passive = at.passive, .max_wnd = PEER_WINDOW };
	hf_conn_info info;

	m.nxt = m.rcv_nxt = 1;
	m.una = at.state >= HF_ESTABLISHED;
	m.rcv_right = 1 + 64240; /* what the SYN-ACK announced */
	if (c.generation == 0)
		return m;
	info = peer_info(p, c);
	m.una = info.snd_una - p->host_isn.v;
	m.nxt = info.snd_nxt - p->host_isn.v;
	m.rcv_nxt = at.state == HF_SYN_SENT ? 1 : info.rcv_nxt - p->isn.v;
	m.rcv_right = m.rcv_nxt + info.rcv_wnd;
	return m;
}

/* What the host holds, and what the handle says. */
static hf_state observe(peer *p, hf_conn *c)
{
	hf_stats stats = peer_stats(p);

	if (stats.half_open > 0 || stats.time_wait > 0)
		return stats.half_open > 0 ? HF_SYN_RECEIVED : HF_TIME_WAIT;
	if (c->generation == 0 && stats.connections > 0)
		*c = peer_accept(p);
	if (c->generation > 0)
		return peer_state(p, *c);
	return stats.listeners > 0 ? HF_LISTEN : HF_CLOSED;
}

static uint16_t flags_of(model_reply r)
{
	switch (r) {
	case REPLY_NONE:
		break;
	case REPLY_ACK:
		return ACK;
	case REPLY_SYN_ACK:
		return SYN | ACK;
	case REPLY_RESET:
		return RST;
	case REPLY_RESET_WITH_ACK:
		return RST | ACK;
	}
	return 0;
}

static void check(place at, uint16_t flags, uint32_t ahead, uint32_t ack_ahead)
{
	peer *p = peer_new(NULL);
	hf_conn c = bring_to(p, at);
	model m = model_of(p, c, at);
	model_segment g = { .flags = flags & (SYN | ACK | FIN | RST) };
	const peer_seen *s;
	uint16_t answer;
	hf_state now;

	g.seq = m.rcv_nxt + ahead;
	g.ack = flags & ACK ? m.nxt + ack_ahead : 0;
	model_arrives(&m, &g);
	PEER_SAY(p, .flags = flags, .seq = g.seq, .ack = g.ack, .urgent = flags & URG ? 1 : 0);
	s = peer_next(p);
	answer = s ? s->tcp.flags : 0;
	now = observe(p, &c);
	if (now != m.state || answer != flags_of(m.reply) || peer_next(p))
		fail_msg("%s, flags %#x, %u ahead, ack %u ahead: %s, should be %s; answer %#x, "
			 "should be %#x",
			 hf_state_name(at.state), (unsigned)flags, (unsigned)ahead,
			 (unsigned)ack_ahead, hf_state_name(now), hf_state_name(m.state),
			 (unsigned)answer, (unsigned)flags_of(m.reply));
	peer_free(p);
}

static void syn_fin_null_xmas_each_set_of_flags_in_each_state(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		for (uint16_t flags = 0; flags < FLAGS; flags++) {
			check(places[i], flags, 0, 0);
			check(places[i], flags, 0, 1);
			check(places[i], flags, 100, 0);
			check(places[i], flags, 100000, 0);
			check(places[i], flags, 0x80000000, 0x80000000);
		}
	}
}

/* A scan of every port with each set of flags: only a SYN, without FIN and RST, leaves a record. */
static void syn_fin_null_xmas_floods_leave_no_state(void **state)
{
	peer *p = peer_new(NULL);
	size_t before;

	(void)state;
	peer_listen(p);
	before = peer_stats(p).memory;
	for (uint32_t i = 0; i < 65536; i++) {
		uint16_t flags = (uint16_t)(i % FLAGS);

		if ((flags & (SYN | ACK | FIN | RST)) == SYN)
			continue;
		p->self.port = (uint16_t)(i | 1);
		PEER_SAY(p, .flags = flags, .seq = i, .ack = i);
		if (i % 64 == 0)
			peer_ignore(p);
	}
	peer_ignore(p);
	assert_int_equal(peer_stats(p).half_open, 0);
	assert_int_equal(peer_stats(p).connections, 0);
	assert_int_equal(peer_stats(p).memory, before);
	p->self.port = PEER_PORT;
	peer_handshake_passive(p);
	peer_free(p);
}

/* ---- LAND: CVE-1999-0016, CVE-2005-0688 ---- */

/* Each set of flags from each address of ours to each, at one port or two: nothing leaves. */
static void land_is_dropped_with_all_flags_from_all_our_addresses(void **state)
{
	hf_config config = peer_config(false);
	hf_addr own[2];
	peer *p;

	(void)state;
	own[0] = config.address[0].addr;
	own[1] = hf_addr_v4(198, 51, 100, 1);
	config.address[1] = (hf_host_addr){ own[1], 24 };
	p = peer_new(&config);
	peer_listen(p);
	for (unsigned i = 0; i < 8; i++) {
		p->self = (hf_endpoint){ own[i & 1], i & 4 ? PEER_PORT : PEER_HOST_PORT };
		p->host.addr = own[i >> 1 & 1];
		for (uint16_t flags = 0; flags < FLAGS; flags++)
			assert_int_equal(PEER_SAY(p, .flags = flags, .seq = flags, .ack = 1),
					 HF_WHY_IP_SOURCE);
	}
	assert_int_equal(hf_stack_deadline(p->stack).ns, HF_NEVER.ns); /* nothing is to be done */
	peer_expect_nothing(p);
	peer_free(p);
}

/* ---- RST loop ---- */

/*
 * Two hosts that answer each other: whatever the one sends is handed to the other, and what it
 * answers back again, until neither says anything. Few exchanges must do.
 */
static unsigned exchanges(uint16_t flags, bool listens)
{
	peer *p = peer_new(NULL);
	const peer_seen *s;
	unsigned n = 0;

	if (listens)
		peer_listen(p);
	PEER_SAY(p, .flags = flags, .seq = 5, .ack = 9, .bare = true);
	while ((s = peer_next(p))) {
		/* A mirror: the answer comes back, with the ends exchanged. */
		PEER_SAY(p, .flags = s->tcp.flags, .seq = s->seq, .ack = s->ack, .bare = true);
		assert_true(++n < 10);
	}
	peer_free(p);
	return n;
}

static void rst_loop_ends_at_once_whatever_it_begins_with(void **state)
{
	(void)state;
	for (uint16_t flags = 0; flags < FLAGS; flags++) {
		bool is_reset = flags & RST;

		for (unsigned listens = 0; listens < 2; listens++) {
			unsigned n = exchanges(flags, listens);

			assert_true(n <= 2);
			assert_true(!is_reset || n == 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(syn_fin_null_xmas_each_set_of_flags_in_each_state),
		cmocka_unit_test(syn_fin_null_xmas_floods_leave_no_state),
		cmocka_unit_test(land_is_dropped_with_all_flags_from_all_our_addresses),
		cmocka_unit_test(rst_loop_ends_at_once_whatever_it_begins_with),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
