/* SPDX-License-Identifier: BSD-2-Clause */
/* What tests of losses share: full segments in flight, what the peer says of them, repetitions. */
#ifndef HF_TESTS_FLIGHT_H
#define HF_TESTS_FLIGHT_H

#include "tests/unit/transfer.h"

#define RTT HF_MS(100)

/* The number at which the n-th segment begins, counting from 1. */
static inline uint32_t start(uint32_t n)
{
	return 1 + (n - 1) * MSS;
}

/* A connection with `count` full segments in flight, the first of them unacknowledged. */
static inline peer *in_flight(uint64_t options, uint32_t count, hf_conn *c)
{
	peer *p = transfer_with(NULL, options, RTT, c);

	peer_app_send(p, *c, 1, count * MSS);
	for (uint32_t i = 1; i <= count; i++)
		EXPECT_TEXT(p, start(i), MSS);
	peer_expect_nothing(p);
	peer_wait(p, RTT);
	return p;
}

/* A duplicate that says that segments [from, to) have arrived. */
static inline void sack(peer *p, uint32_t una, uint32_t from, uint32_t to)
{
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = start(una),
		 .sack = { { start(from), start(to) } });
}

static inline void duplicate(peer *p, uint32_t una)
{
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = start(una));
}

/* The host repeats segment n, alone. */
static inline void expect_repeated(peer *p, uint32_t n, hf_cause cause)
{
	const peer_seen *s = PEER_EXPECT(p, .flags = ACK, .seq = start(n), .ack = 1, .len = MSS);

	peer_check_text(s);
	assert_int_equal(s->cause, cause);
	peer_expect_nothing(p);
}

#endif
