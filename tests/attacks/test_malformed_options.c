/* SPDX-License-Identifier: BSD-2-Clause */
/* Malformed options to hosts in every state, in the window and out of it: nothing but a count. */

/*
 * Attacks (catalogue.txt):
 *	URGENT/11: reset by malformed options
 *	URGENT/11: urgent state confusion (AO option)
 *	AMNESIA:33 option length 0 loop
 *	Option length 0 loop, again in 2026
 *	FreeRTOS+TCP option bugs
 *	SYN while listening frees twice
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/raw.h"

/* Eight octets: NOPs, then the option, whose length is wrong, or which ends behind the header. */
static void malform(uint8_t options[8], unsigned kind, unsigned length)
{
	memset(options, HF_OPT_NOP, 8);
	options[4] = (uint8_t)kind;
	options[5] = (uint8_t)length;
	if (length > 4 || length < 2)
		return;
	options[4] = options[5] = HF_OPT_NOP; /* such a length fits in 4 octets, but not in 2 */
	options[6] = (uint8_t)kind;
	options[7] = (uint8_t)(length == 2 ? 3 : length);
}

static void check_state(hf_state s, uint32_t seq, unsigned kind)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_reach(p, s);
	size_t memory = p->heap.out;
	uint8_t options[8];

	for (unsigned length = 0; length < 256; length++) {
		static const uint16_t flags[] = { ACK,       SYN,       SYN | ACK, RST,
						  RST | ACK, FIN | ACK, ACK | URG };

		malform(options, kind, length);
		assert_int_equal(RAW_SAY(p, .flags = flags[length % 7], .seq = seq, .ack = 1,
					 .len = 4, .options = { options, 8 }, .urgent = 3),
				 HF_WHY_TCP_OPTION);
	}
	assert_int_equal(peer_state(p, c), s);
	assert_int_equal(p->heap.out, memory);
	peer_expect_nothing(p); /* above all no reset */
	peer_free(p);
}

/* CVE-2019-12258: the numbers are not looked at, and it ends the connection. Here it does not. */
static void no_state_is_left_for_a_malformed_option(void **state)
{
	static const uint32_t seqs[] = { 1, 1000, 0x80000000 };

	(void)state;
	for (unsigned s = HF_SYN_SENT; s < HF_STATE_COUNT; s++) {
		for (unsigned kind = 2; kind < 256; kind += kind < 40 ? 1 : 43)
			check_state((hf_state)s, seqs[kind % 3], kind);
	}
}

/* CVE-2010-1188, CVE-2018-16523: SYNs of all kinds to a listener; what is broken leaves nothing. */
static void a_listener_keeps_nothing_of_a_malformed_syn(void **state)
{
	peer *p = peer_new(NULL);
	size_t memory;

	(void)state;
	peer_listen(p);
	memory = p->heap.out;
	for (unsigned at = 0; at < 254 * 256; at++) {
		uint8_t options[8];

		malform(options, 2 + at / 256, at % 256);
		p->self.port = (uint16_t)(1 + at);
		assert_int_equal(RAW_SAY(p, .flags = SYN, .options = { options, 8 }),
				 HF_WHY_TCP_OPTION);
	}
	assert_int_equal(p->heap.out, memory);
	assert_int_equal(peer_stats(p).half_open, 0);
	peer_expect_nothing(p);
	peer_free(p);
}

/* Well-formed, and of no use: each is answered once, and the handshake can be completed. */
static void odd_options_of_a_syn_leave_a_listener_sound(void **state)
{
	(void)state;
	for (unsigned kind = 2; kind < 256; kind++) {
		if (kind == HF_OPT_MD5 || kind == HF_OPT_AUTHENTICATION)
			continue; /* signed twice, and that by nobody: dropped */
		peer *p = peer_new(NULL);
		uint8_t options[12] = { (uint8_t)kind, 4, 0, 0, (uint8_t)kind, 2, 1, 1, 0 };

		peer_listen(p);
		assert_int_equal(RAW_SAY(p, .flags = SYN, .options = { options, 12 }), HF_WHY_NONE);
		PEER_EXPECT(p, .flags = SYN | ACK, .ack = 1);
		assert_int_equal(RAW_SAY(p, .flags = SYN, .options = { options, 12 }),
				 HF_WHY_SYN_DUPLICATE);
		peer_ignore(p);
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .bare = true);
		peer_app_send(p, peer_accept(p), 1, 100);
		assert_in_range(peer_expect(p, ACK)->len, 1, 100);
		peer_free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_state_is_left_for_a_malformed_option),
		cmocka_unit_test(a_listener_keeps_nothing_of_a_malformed_syn),
		cmocka_unit_test(odd_options_of_a_syn_leave_a_listener_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
