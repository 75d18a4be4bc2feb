/* SPDX-License-Identifier: BSD-2-Clause */
/* What tests of data transfer share: a connection of known segment size, options and RTT. */
#ifndef HF_TESTS_TRANSFER_H
#define HF_TESTS_TRANSFER_H

#include "tests/support/peer.h"

#define MSS 1000U /* octets of text in every full segment that the host sends */
#define IW 10000U /* its initial window (RFC 6928) */

/* Options that the peer may offer besides its MSS. */
#define PLAIN 0
#define WITH_SACK HF_HAS(SACK_PERMITTED)
#define WITH_STAMPS HF_HAS(TIMESTAMPS)
#define WITH_SCALE HF_HAS(WSCALE) /* 7 */

/* A connection that the peer has opened: the handshake has shown a round-trip time of `rtt`. */
static inline peer *transfer_with(const hf_config *config, uint64_t options, hf_ns rtt, hf_conn *c)
{
	peer *p = peer_new(config);

	p->offer.present |= options;
	p->offer.wscale = 7;
	p->offer.mss = MSS + (options & WITH_STAMPS ? 12 : 0);
	peer_listen(p);
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_NONE);
	PEER_EXPECT(p, .flags = SYN | ACK, .ack = 1);
	peer_wait(p, rtt);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_NONE);
	*c = peer_accept(p);
	peer_expect_nothing(p);
	peer_events(p);
	return p;
}

static inline peer *transfer(uint64_t options, hf_conn *c)
{
	return transfer_with(NULL, options, 0, c);
}

/* The peer, which has sent nothing itself, acknowledges everything before `ack`. */
static inline void acknowledge(peer *p, uint32_t ack)
{
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = ack), HF_WHY_NONE);
}

/* The next that leaves is this text, as the peer has sent nothing yet. */
#define EXPECT_TEXT(p, first, octets)                                                              \
	peer_check_text(PEER_EXPECT(p, .flags = ACK, .seq = (first), .ack = 1, .len = (octets)))

/* Full segments from `first` on, and then no more. */
#define EXPECT_SEGMENTS(p, first, count)                                                           \
	do {                                                                                       \
		for (uint32_t i_ = 0; i_ < (count); i_++)                                          \
			EXPECT_TEXT(p, (first) + i_ * MSS, MSS);                                   \
		peer_expect_nothing(p);                                                            \
	} while (0)

/* A timer has run for `want`: never less, and more only by the wheel's tick. */
#define ASSERT_LASTED(got, want)                                                                   \
	do {                                                                                       \
		hf_ns got_ = (got), want_ = (want);                                                \
		if (got_ < want_ || got_ > want_ + HF_MS(1))                                       \
			print_error("%s:%d: %lld us, not %lld us\n", __FILE__, __LINE__,           \
				    (long long)(got_ / 1000), (long long)(want_ / 1000));          \
		assert_true(got_ >= want_ && got_ <= want_ + HF_MS(1));                            \
	} while (0)

#endif
