/* SPDX-License-Identifier: BSD-2-Clause */
/* Segments as small as can be asked for: nothing is divided by, and headers stay within bounds. */

/*
 * Attacks (catalogue.txt):
 *	FreeRTOS+TCP option bugs
 *	Divide by zero via MSS socket option / option 0
 *	Tiny MSS amplification
 *	SACK Panic
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/complaint.h"

#define LEAST 48    /* octets that a segment has with its options, at least */
#define QUEUE 32768 /* segments in flight, at most */

static peer *small(uint16_t mss, hf_conn *c)
{
	peer *p = peer_new(NULL);

	peer_offer_all(p);
	p->offer.mss = mss;
	p->window = 8192; /* 1 MiB */
	*c = peer_handshake_passive(p);
	return p;
}

/* Sends all of `text` and takes each segment; returns how many there were. */
static unsigned take_all(peer *p, hf_conn c, uint32_t text)
{
	uint32_t got = 1;
	unsigned segments = 0;

	peer_app_send(p, c, 1, text);
	for (unsigned round = 0; got <= text; round++) {
		const peer_seen *s;

		assert_true(round < text);
		while ((s = peer_next(p)) != NULL) {
			peer_check_text(s);
			got = s->seq == got ? got + s->len : got;
			segments++;
		}
		peer_wait(p, HF_MS(10));
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = got);
	}
	return segments;
}

static void any_mss_of_a_peer_leaves_room_for_text(void **state)
{
	(void)state;
	for (unsigned mss = 0; mss <= 100; mss++) {
		hf_conn c;
		peer *p = small((uint16_t)mss, &c);
		uint32_t least = (mss > LEAST ? mss : LEAST) - 12; /* time stamps take 12 */

		assert_int_equal(peer_info(p, c).snd_mss, least);
		assert_in_range(take_all(p, c, 3600), 3600 / least, 3600 / least + 30);
		peer_free(p);
	}
}

static void any_mss_of_the_application_does_too(void **state)
{
	static const int64_t refused[] = { INT64_MIN, -1, 1, 2, 47, 65496, INT64_MAX };
	hf_conn c;
	peer *p = small(1460, &c);

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_MSS, refused[i]),
				 HF_ERR_INVALID);
	for (int64_t mss = 48; mss <= 88; mss++) {
		assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_MSS, mss), HF_OK);
		assert_in_range(peer_info(p, c).snd_mss, 1, 88);
	}
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_MSS, 0), HF_OK);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_MSS, 48), HF_OK);
	take_all(p, c, 1000);
	peer_free(p);
}

/* CVE-2019-11479: of what leaves, headers are at most 72 in 108 octets, whatever the peer asks. */
static void an_mss_of_1_makes_no_packet_an_octet(void **state)
{
	hf_conn c;
	peer *p = small(1, &c);
	hf_stats before = peer_stats(p), after;

	(void)state;
	take_all(p, c, 36000);
	after = peer_stats(p);
	assert_true(after.packets_out - before.packets_out <= 36000 / 36 + 1);
	assert_true(after.octets_out - before.octets_out <= 36000 * 3);
	peer_free(p);
}

/* Nor does a router's word (RFC 1191): the link's own least MTU for IPv4 here is 552. */
static void an_mtu_of_68_makes_no_segment_small(void **state)
{
	hf_conn c;
	peer *p = small(1460, &c);
	const peer_seen *s;

	(void)state;
	peer_app_send(p, c, 1, 1000);
	s = peer_expect(p, ACK);
	complain(p, (report){ 3, 4, HF_WHY_ICMP_TOO_BIG }, 68, s);
	peer_ignore(p);
	assert_true(peer_info(p, c).snd_mss >= 500);
	peer_free(p);
}

/* Sends until no more is let out than was before; returns the first number that is in flight. */
static uint32_t fill_the_queue(peer *p, hf_conn c)
{
	static const uint8_t text[65536];
	uint32_t una = 1, before = 0, now = 0;

	do {
		size_t sent;

		before = now;
		una += before;
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = una);
		while (hf_conn_send(p->stack, c, text, sizeof(text), &sent) == HF_OK)
			;
		peer_ignore(p);
		now = peer_info(p, c).in_flight;
	} while (now > before);
	return una;
}

/*
 * CVE-2019-11477: there, a count of 16 bits ran over. Here it is bounded, whatever the windows;
 * what is in flight can be SACKed in a stretch that grows together.
 */
static void the_longest_queue_of_segments_can_be_sacked(void **state)
{
	hf_config config = peer_config(false);
	uint32_t una, all;
	hf_conn c;
	peer *p;

	(void)state;
	config.send_buffer = 16 << 20;
	config.no_timestamps = 1;
	config.hystart = HF_CHOICE_OFF;
	p = peer_new(&config);
	peer_offer_all(p);
	p->offer.mss = 36;
	p->window = 65535;
	c = peer_handshake_passive(p);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_MSS, LEAST), HF_OK);
	una = fill_the_queue(p, c);
	all = peer_info(p, c).in_flight;
	assert_int_equal(peer_info(p, c).unacked_segments, QUEUE);
	for (uint32_t len = 48; len < all - 96; len *= 2) {
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = una,
			 .sack = { { una + 48, una + 48 + len } });
		assert_int_equal(peer_info(p, c).sacked, len);
	}
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = una, .sack = { { una + 48, una + all } });
	assert_int_equal(peer_info(p, c).sacked, all - 48);
	assert_int_equal(peer_info(p, c).sacked_segments + 1, peer_info(p, c).unacked_segments);
	peer_ignore(p);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = una + all);
	assert_int_equal(peer_info(p, c).sacked, 0);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_mss_of_a_peer_leaves_room_for_text),
		cmocka_unit_test(any_mss_of_the_application_does_too),
		cmocka_unit_test(an_mss_of_1_makes_no_packet_an_octet),
		cmocka_unit_test(an_mtu_of_68_makes_no_segment_small),
		cmocka_unit_test(the_longest_queue_of_segments_can_be_sacked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
