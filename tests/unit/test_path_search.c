/* SPDX-License-Identifier: BSD-2-Clause */
/* One probe of the path MTU at a time: when it leaves, and what is made of what is said of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/complaint.h"

#define BASE 1024u  /* octets of text in the segments that the search begins with */
#define PROBE 1242u /* in the first probe: half way from 1064 to 1500 */
#define RTT HF_MS(20)
#define LOSSES 3 /* of one size are an answer */

static const report too_big4 = { 3, 4, 0 };

static peer *begin(uint64_t options, hf_mtu_probing how, hf_conn *c)
{
	hf_config config = peer_config(false);
	peer *p;

	config.mtu_probing = how;
	p = peer_new(&config);
	p->offer.present |= options | HF_HAS(WSCALE);
	p->offer.mss = 8960;
	p->offer.wscale = 7;
	peer_listen(p);
	PEER_SAY(p, .flags = SYN);
	peer_expect(p, SYN | ACK);
	peer_wait(p, RTT);
	p->window = 400; /* scaled: 51,200 octets */
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	*c = peer_accept(p);
	return p;
}

static void acknowledge(peer *p, uint32_t ack)
{
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = ack);
}

/* A connection that has just sent its first probe, and eight segments after it. */
static peer *probing(hf_conn *c, const peer_seen **probe)
{
	peer *p = begin(HF_HAS(SACK_PERMITTED), HF_MTU_PROBING_ALWAYS, c);
	uint32_t next = 1 + 10 * BASE;

	peer_app_send(p, *c, 1, 10 * BASE);
	peer_collect(p);
	assert_int_equal(peer_ignore(p), 10);
	peer_wait(p, RTT);
	acknowledge(p, next);
	peer_app_send(p, *c, next, PROBE + 8 * BASE);
	*probe = PEER_EXPECT(p, .flags = ACK, .seq = next, .ack = 1, .len = PROBE);
	assert_int_equal((*probe)->cause, HF_SENT_MTU_PROBE);
	next += PROBE;
	for (unsigned i = 0; i < 8; i++)
		PEER_EXPECT(p, .flags = ACK, .seq = next + i * BASE, .ack = 1, .len = BASE);
	peer_expect_nothing(p);
	return p;
}

static uint32_t end_of(const peer_seen *s)
{
	return s->seq + s->len;
}

/* The next probe, of all that the host sends from `have` on, which is acknowledged. */
static const peer_seen *next_probe(peer *p, hf_conn c, uint32_t have)
{
	uint32_t queued = have;

	for (unsigned i = 0; i < 100; i++) {
		const peer_seen *s;

		if (peer_info(p, c).unsent < 12000) {
			peer_app_send(p, c, queued, 12000);
			queued += 12000;
		}
		while ((s = peer_next(p)) != NULL) {
			if (s->cause == HF_SENT_MTU_PROBE)
				return s;
			have = end_of(s) > have ? end_of(s) : have;
		}
		peer_wait(p, RTT);
		acknowledge(p, have);
	}
	fail();
	return NULL;
}

/* A router that names the very size that was sent does not speak of it. */
static void a_report_of_the_probe_s_own_size_says_nothing(void **state)
{
	const peer_seen *probe;
	hf_conn c;
	peer *p = probing(&c, &probe);

	(void)state;
	complain(p, too_big4, PROBE + 40, probe);
	peer_wait(p, RTT);
	acknowledge(p, end_of(probe));
	assert_int_equal(peer_info(p, c).pmtu, PROBE + 40);
	peer_free(p);
}

/* RFC 4821 7.6.2: what the router names is tried next, and what is in use stays in use. */
static void a_report_about_the_probe_names_the_next_one(void **state)
{
	static const uint32_t named[] = { PROBE + 39, 1200, 1064 };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		const peer_seen *probe;
		hf_conn c;
		peer *p = probing(&c, &probe);

		complain(p, too_big4, (uint16_t)named[i], probe);
		assert_int_equal(peer_info(p, c).pmtu, 1064);
		assert_int_equal(peer_info(p, c).snd_mss, BASE);
		peer_ignore(p);
		peer_wait(p, RTT);
		acknowledge(p, end_of(probe) + 8 * BASE);
		if (named[i] > 1064)
			assert_int_equal(
				next_probe(p, c, end_of(probe) + 8 * BASE)->ip.payload.len + 20,
				named[i]);
		peer_free(p);
	}
}

/* A probe that was tried again at a smaller size has not been lost: its silence says nothing. */
static void time_outs_after_a_report_are_not_of_the_probe(void **state)
{
	const peer_seen *probe;
	hf_conn c;
	peer *p = probing(&c, &probe);

	(void)state;
	complain(p, too_big4, 1200, probe);
	peer_wait(p, HF_SEC(2)); /* some time-outs, and none that makes a black hole of it */
	peer_ignore(p);
	assert_true(peer_info(p, c).retransmits >= LOSSES);
	assert_int_equal(peer_info(p, c).pmtu, 1064);
	acknowledge(p, end_of(probe) + 8 * BASE);
	assert_int_equal(next_probe(p, c, end_of(probe) + 8 * BASE)->ip.payload.len + 20, 1200);
	peer_free(p);
}

/* RFC 8985 with two segments SACKed: the timer finds the loss. It is none of congestion. */
static void a_probe_that_is_found_lost_by_the_clock_is_no_congestion(void **state)
{
	const peer_seen *probe, *s;
	uint32_t cwnd;
	hf_conn c;
	peer *p = probing(&c, &probe);

	(void)state;
	cwnd = peer_info(p, c).cwnd;
	peer_wait(p, RTT);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = probe->seq,
		 .sack = { { end_of(probe), end_of(probe) + 2 * BASE } });
	peer_expect_nothing(p);
	assert_in_range(peer_wait_for_output(p, RTT), 1, RTT);
	s = peer_expect(p, ACK);
	assert_int_equal(s->seq, probe->seq);
	assert_int_equal(s->len, BASE); /* what was tried is not tried again */
	assert_int_equal(peer_info(p, c).fast_recoveries, 0);
	assert_int_equal(peer_info(p, c).phase, HF_PHASE_DISORDER);
	assert_true(peer_info(p, c).cwnd >= cwnd);
	peer_free(p);
}

/* A sender that fills the peer's window waits for room, and stays inside it (MUST-34). */
static void a_probe_waits_for_room_in_the_window(void **state)
{
	hf_conn c;
	peer *p = begin(HF_HAS(SACK_PERMITTED), HF_MTU_PROBING_ALWAYS, &c);
	uint32_t have = 1, queued = 1, window = 20u << 10, sent = 1;

	(void)state;
	p->window = (uint16_t)(window >> 7);
	acknowledge(p, 1);
	for (unsigned i = 0; i < 400 && peer_info(p, c).pmtu < 1500; i++) {
		const peer_seen *s;

		if (peer_info(p, c).unsent < window) {
			peer_app_send(p, c, queued, 20000);
			queued += 20000;
		}
		while ((s = peer_next(p)) != NULL) {
			sent = end_of(s);
			assert_true(sent <= have + window);
			assert_true(sent <= have + peer_info(p, c).cwnd);
		}
		peer_wait(p, HF_MS(1));
		have = have + BASE < sent ? have + BASE : sent; /* one segment at a time */
		acknowledge(p, have);
	}
	assert_int_equal(peer_info(p, c).pmtu, 1500);
	peer_free(p);
}

/* RFC 1191 6.3: when a report has grown old the search goes on from where it put segments. */
static void after_a_report_has_grown_old_the_search_goes_on_from_it(void **state)
{
	hf_conn c;
	peer *p = begin(HF_HAS(SACK_PERMITTED), HF_MTU_PROBING_ALWAYS, &c);

	(void)state;
	peer_app_send(p, c, 1, BASE);
	complain(p, too_big4, 800, peer_expect(p, ACK));
	assert_int_equal(peer_info(p, c).pmtu, 800);
	peer_ignore(p);
	acknowledge(p, 1 + BASE);
	peer_wait(p, HF_SEC(601));
	peer_app_send(p, c, 1 + BASE, BASE);
	PEER_EXPECT(p, .flags = ACK, .seq = 1 + BASE, .ack = 1, .len = 760);
	assert_int_equal(peer_info(p, c).pmtu, 800);
	peer_ignore(p);
	acknowledge(p, 1 + 2 * BASE);
	assert_int_equal(next_probe(p, c, 1 + 2 * BASE)->ip.payload.len + 20,
			 800 + (1500 - 800) / 2);
	peer_free(p);
}

/* `mtu` is reported twice, and makes it `used` once. */
static void repeat_report(uint16_t mtu, uint32_t used)
{
	hf_conn c;
	peer *p = begin(0, HF_MTU_PROBING_OFF, &c);

	for (uint32_t at = 1; at <= 101; at += 100) {
		peer_app_send(p, c, at, 100);
		complain(p, too_big4, mtu,
			 PEER_EXPECT(p, .flags = ACK, .seq = at, .ack = 1, .len = 100));
		assert_int_equal(peer_info(p, c).pmtu, used);
		peer_ignore(p);
		acknowledge(p, at + 100);
		peer_wait(p, HF_SEC(301));
	}
	peer_app_send(p, c, 201, 1460);
	PEER_EXPECT(p, .flags = ACK, .seq = 201, .ack = 1, .len = 1460);
	peer_free(p);
}

/*
 * Reports of what is used already, or of less than is ever used, change nothing any more, nor for
 * how long.
 */
static void a_report_repeated_does_not_last_longer(void **state)
{
	(void)state;
	repeat_report(300, 552);
	repeat_report(1000, 1000);
}

/* RFC 1191 7.1: of a router that does not say its MTU the next lower likely one is believed. */
static void a_report_without_a_size_names_the_next_lower_likely_one(void **state)
{
	static const uint32_t likely[] = { 1492, 1006, 552 };
	hf_conn c;
	peer *p = begin(0, HF_MTU_PROBING_OFF, &c);

	(void)state;
	for (unsigned i = 0; i < 3; i++) { /* the last is 508, which is less than is ever used */
		uint32_t at = 1 + 10 * i;

		peer_app_send(p, c, at, 10);
		complain(p, too_big4, 0,
			 PEER_EXPECT(p, .flags = ACK, .seq = at, .ack = 1, .len = 10));
		assert_int_equal(peer_info(p, c).pmtu, likely[i]);
		peer_ignore(p);
		acknowledge(p, at + 10);
	}
	peer_free(p);
}

/* No larger than segments may be: HF_OPTION_MSS bounds the search, too. */
static void a_search_ends_at_the_segment_size_that_was_set(void **state)
{
	const peer_seen *probe;
	hf_conn c;
	peer *p = probing(&c, &probe);
	uint32_t have = end_of(probe) + 8 * BASE;

	(void)state;
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_MSS, 1300), HF_OK);
	acknowledge(p, have);
	assert_int_equal(peer_info(p, c).pmtu, 1282);
	assert_int_equal(next_probe(p, c, have)->ip.payload.len + 20, (1282 + 1340) / 2);
	peer_free(p);
}

/* RFC 5681 3.1: a window is never less than a segment, of whatever size segments are by now. */
static void a_window_of_smaller_segments_lets_out_a_larger_one(void **state)
{
	hf_conn c;
	peer *p = begin(0, HF_MTU_PROBING_OFF, &c);

	(void)state;
	peer_app_send(p, c, 1, 1460);
	complain(p, too_big4, 552, peer_expect(p, ACK));
	peer_ignore(p);
	peer_wait_for_output(p, HF_SEC(2));
	peer_ignore(p);
	assert_int_equal(peer_info(p, c).cwnd, 512);
	acknowledge(p, 1461);
	assert_in_range(peer_info(p, c).cwnd, 512, 1459);
	peer_wait(p, HF_SEC(601));
	peer_app_send(p, c, 1461, 1460);
	PEER_EXPECT(p, .flags = ACK, .seq = 1461, .ack = 1, .len = 1460);
	peer_free(p);
}

/* RFC 4821 7.7: whatever an outage made of it, what got through before is tried first. */
static void after_a_long_outage_the_size_from_before_is_tried_first(void **state)
{
	hf_conn c;
	peer *p = begin(HF_HAS(SACK_PERMITTED), HF_MTU_PROBING_DEFAULT, &c);

	(void)state;
	peer_app_send(p, c, 1, 10 * 1460);
	peer_ignore(p);
	peer_wait(p, RTT);
	acknowledge(p, 1 + 10 * 1460);
	peer_app_send(p, c, 1 + 10 * 1460, 1460);
	peer_wait(p, HF_SEC(60));
	assert_true(peer_info(p, c).pmtu < 1000); /* it was halved again and again */
	peer_ignore(p);
	acknowledge(p, 1 + 11 * 1460);
	assert_int_equal(next_probe(p, c, 1 + 11 * 1460)->ip.payload.len + 20, 1500);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_of_the_probe_s_own_size_says_nothing),
		cmocka_unit_test(a_report_about_the_probe_names_the_next_one),
		cmocka_unit_test(time_outs_after_a_report_are_not_of_the_probe),
		cmocka_unit_test(a_probe_that_is_found_lost_by_the_clock_is_no_congestion),
		cmocka_unit_test(a_probe_waits_for_room_in_the_window),
		cmocka_unit_test(after_a_report_has_grown_old_the_search_goes_on_from_it),
		cmocka_unit_test(a_report_repeated_does_not_last_longer),
		cmocka_unit_test(a_report_without_a_size_names_the_next_lower_likely_one),
		cmocka_unit_test(a_search_ends_at_the_segment_size_that_was_set),
		cmocka_unit_test(a_window_of_smaller_segments_lets_out_a_larger_one),
		cmocka_unit_test(after_a_long_outage_the_size_from_before_is_tried_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
