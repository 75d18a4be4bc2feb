/* SPDX-License-Identifier: BSD-2-Clause */
/* Repetitions on a link that cuts: in one piece as much as sizes and windows allow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/flight.h"

/* Twelve segments of which the first has been acknowledged after a time-out. */
static peer *after_timeout(uint32_t largest, uint32_t window, hf_conn *c)
{
	hf_config config = peer_config(false);
	peer *p;

	config.offloads = HF_OFFLOAD_TX_TSO;
	config.gso_max = largest; /* octets of text */
	p = transfer_with(&config, PLAIN, RTT, c);
	peer_app_send(p, *c, 1, 10 * MSS);
	peer_collect(p);
	peer_ignore(p);
	peer_wait_for_output(p, HF_SEC(2));
	expect_repeated(p, 1, HF_SENT_TIMEOUT_RETRANSMIT);
	p->window = (uint16_t)window;
	acknowledge(p, start(2));
	return p;
}

static void what_is_lost_leaves_in_one_piece_up_to_the_congestion_window(void **state)
{
	hf_conn c;
	peer *p = after_timeout(65000, 60000, &c);

	(void)state;
	assert_int_equal(peer_info(p, c).cwnd, 2 * MSS);
	EXPECT_TEXT(p, start(2), 2 * MSS);
	peer_expect_nothing(p);
	acknowledge(p, start(4));
	assert_int_equal(peer_info(p, c).cwnd, 3 * MSS);
	EXPECT_TEXT(p, start(4), 3 * MSS);
	peer_expect_nothing(p);
	peer_free(p);
}

static void a_piece_is_as_large_as_the_link_takes(void **state)
{
	static const uint32_t more[] = { 0, 1, MSS - 1 };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		hf_conn c;
		peer *p = after_timeout(2 * MSS + more[i], 60000, &c);

		EXPECT_TEXT(p, start(2), 2 * MSS);
		acknowledge(p, start(4));
		EXPECT_TEXT(p, start(4), 2 * MSS);
		EXPECT_TEXT(p, start(6), MSS);
		peer_expect_nothing(p);
		peer_free(p);
	}
}

/* SHLD-16: inside the window, as it is by now, to its last octet. */
static void a_piece_ends_within_the_peer_s_window(void **state)
{
	hf_conn c;
	peer *p = after_timeout(65000, 2 * MSS, &c);

	(void)state;
	EXPECT_TEXT(p, start(2), 2 * MSS);
	peer_expect_nothing(p);
	p->window = 2 * MSS - 1;
	acknowledge(p, start(4));
	EXPECT_TEXT(p, start(4), MSS);
	peer_expect_nothing(p);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_lost_leaves_in_one_piece_up_to_the_congestion_window),
		cmocka_unit_test(a_piece_is_as_large_as_the_link_takes),
		cmocka_unit_test(a_piece_ends_within_the_peer_s_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
