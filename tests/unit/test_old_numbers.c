/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers that were noted gigabytes ago must not come round and seem to lie ahead (RFC 9293). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stack/internal.h"
#include "tcp/ecn/ecn.h"
#include "tests/unit/flight.h"

/*
 * Two gigabytes on a scripted peer would take long: instead what a connection has noted is put
 * back as far as can still be told, and a little more than the rest is sent.
 */
static hf_seq long_ago(const hf_tcb *c)
{
	return hf_seq_add(c->snd.una, 0u - 0x7ffff000U);
}

/* Ten segments go and are acknowledged: all that was noted is older by 10,000 numbers. */
static void send_ten(peer *p, hf_conn c)
{
	uint32_t first = (peer_info(p, c).snd_nxt - p->host_isn.v) / MSS + 1;

	peer_app_send(p, c, start(first), 10 * MSS);
	EXPECT_SEGMENTS(p, start(first), 10);
	for (uint32_t i = 1; i <= 10; i++)
		acknowledge(p, start(first + i));
	peer_ignore(p);
}

/* RFC 6582's recover */
static void a_recovery_long_ago_does_not_hold_the_next_one_back(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	hf_tcb *t = hf_conn_find(p->stack, c);

	(void)state;
	t->snd.recover = long_ago(t);
	send_ten(p, c);
	peer_app_send(p, c, start(11), 10 * MSS);
	EXPECT_SEGMENTS(p, start(11), 10);
	for (int i = 0; i < 3; i++)
		duplicate(p, 11);
	expect_repeated(p, 11, HF_SENT_FAST_RETRANSMIT);
	peer_free(p);
}

/* Minshall's form of Nagle: a short segment waits for the one before alone. */
static void a_short_segment_long_ago_does_not_hold_the_next_one_back(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	hf_tcb *t = hf_conn_find(p->stack, c);

	(void)state;
	t->snd.small_end = long_ago(t);
	send_ten(p, c);
	peer_app_send(p, c, start(11), MSS + 10);
	EXPECT_TEXT(p, start(11), MSS);
	EXPECT_TEXT(p, start(12), 10);
	peer_free(p);
}

/* RFC 3168 6.1.2: once a window; the window that was reduced last is long over. */
static void a_mark_long_ago_does_not_excuse_the_next_one(void **state)
{
	hf_config config = peer_config(false);
	hf_conn c;
	hf_tcb *t;
	peer *p;

	(void)state;
	config.congestion = HF_CONGESTION_RENO;
	p = peer_new(&config);
	p->offer.mss = MSS;
	peer_listen(p);
	PEER_SAY(p, .flags = SYN | HF_TCP_ECE | HF_TCP_CWR);
	peer_expect(p, SYN | ACK | HF_TCP_ECE);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	c = peer_accept(p);
	t = hf_conn_find(p->stack, c);
	t->ecn->until = long_ago(t);
	send_ten(p, c);
	peer_app_send(p, c, start(11), 10 * MSS);
	peer_ignore(p);
	PEER_SAY(p, .flags = ACK | HF_TCP_ECE, .seq = 1, .ack = start(12));
	assert_int_equal(peer_info(p, c).cwnd, 5 * MSS);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_recovery_long_ago_does_not_hold_the_next_one_back),
		cmocka_unit_test(a_short_segment_long_ago_does_not_hold_the_next_one_back),
		cmocka_unit_test(a_mark_long_ago_does_not_excuse_the_next_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
