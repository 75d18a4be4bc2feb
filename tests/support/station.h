/* SPDX-License-Identifier: BSD-2-Clause */
/* A stack on an Ethernet link, in virtual time: its frames are parsed, its neighbours made up. */
#ifndef HF_TESTS_STATION_H
#define HF_TESTS_STATION_H

#include <handfast/stack.h>

#include "tests/unit/support.h"
#include "wire/arp.h"
#include "wire/nd.h"
#include "wire/tcp.h"

#define STATION_FRAMES 2048 /* frames that one call looks at, at most */

/* A frame that left. Only the part that fits its type is filled in. */
typedef struct seen {
	hf_ether frame;
	hf_arp arp;
	hf_ip ip;
	hf_nd nd;
	hf_tcp tcp;
	bool is_arp, is_nd, is_tcp;
	hf_cause cause;
	hf_packet packet;
} seen;

typedef struct station {
	hf_stack *stack;
	hf_config config;
	struct heap heap;
	hf_time now;
	uint32_t batch; /* packets that one call of hf_stack_output may fill */
	uint8_t octets[STATION_FRAMES][2048];
	seen out[STATION_FRAMES];
	uint32_t count;
} station;

static const hf_mac us_mac = { { 2, 0, 0, 0, 0, 1 } };
static const hf_mac them_mac = { { 2, 0, 0, 0, 0, 9 } };
static const hf_mac other_mac = { { 2, 0, 0, 0, 0, 8 } };
static const hf_mac all_mac = { { 255, 255, 255, 255, 255, 255 } };

#define US hf_addr_v4(10, 1, 0, 1)
#define THEM hf_addr_v4(10, 1, 0, 9)
#define GATEWAY hf_addr_v4(10, 1, 255, 254)
#define FAR hf_addr_v4(192, 0, 2, 1)
#define US6 ((hf_addr){ { 0x20, 0x01, 0x0d, 0xb8, [13] = 0xaa, 0xbb, 0x01 } })
#define US6_LINK ((hf_addr){ { 0xfe, 0x80, [13] = 0xaa, 0xcc, 0x01 } })
#define THEM6 ((hf_addr){ { 0x20, 0x01, 0x0d, 0xb8, [13] = 0x11, 0x22, 0x09 } })
#define GATEWAY6 ((hf_addr){ { 0xfe, 0x80, [15] = 0xfe } })
#define FAR6 ((hf_addr){ { 0x20, 0x01, 0x0d, 0xb9, [15] = 1 } })
#define ALL_NODES ((hf_addr){ { 0xff, 0x02, [15] = 1 } })
#define NOBODY hf_addr_v4(0, 0, 0, 0)

/* With another configuration than station_config's: set `config` in between. */
station *station_alloc(void);
void station_start(station *t);
station *station_new(void);
void station_free(station *t);
/* Takes all that leaves now. Returns how many frames; they are in `out`. */
uint32_t station_pull(station *t);
/* The one frame that leaves now. */
const seen *station_pull_one(station *t);
/* Goes to the next deadline and takes what leaves then. */
uint32_t station_step(station *t);
/* Goes on until something leaves. */
uint32_t station_next(station *t);
/* Lets `wait` pass. Returns how many frames left meanwhile; the last ones are in `out`. */
uint32_t station_wait(station *t, hf_ns wait);
/* One frame arrives. Returns the verdict. */
hf_reason station_feed(station *t, uint8_t *frame, size_t len);
hf_reason feed_arp(station *t, const hf_arp *a, const hf_mac *dst);
/* `sender` answers a query of ours. */
hf_reason feed_arp_answer(station *t, hf_addr sender, hf_mac mac);
/* `sender` asks all stations for `target`. */
hf_reason feed_arp_request(station *t, hf_addr sender, hf_mac mac, hf_addr target);
hf_reason feed_nd(station *t, const hf_ip *ip, const hf_nd *nd);
/* What `target` says of itself. `flags`: letters out of "SO". */
hf_reason feed_nd_answer(station *t, hf_addr target, hf_mac mac, const char *flags);
/* `src` asks who has `target`. */
hf_reason feed_nd_query(station *t, hf_addr src, hf_addr target, uint8_t hop_limit);
/* A segment without text, in a frame with these addresses. */
hf_reason feed_tcp(station *t, const hf_ether *e, const hf_ip *ip, const hf_tcp *tcp);
/* A SYN from port `port` of `src`. */
hf_reason feed_syn(station *t, hf_addr src, uint16_t port);
/* Answers the segment `to` that we sent: its addresses turned round, from the station `mac`. */
hf_reason feed_answer(station *t, const seen *to, hf_mac mac, uint16_t flags);
hf_conn station_open(station *t, hf_addr remote);
/* The same to THEM, whose own question has told its link address: the SYN is out[0]. */
hf_conn open_to_known(station *t);
hf_stats station_stats(const station *t);
/* Bits of all events that wait; the reason of the last one in `*why`. */
uint32_t station_events(station *t, hf_reason *why);
/* `f` asks `to` for `target`. */
void expect_arp_query(const seen *f, const hf_mac *to, hf_addr target);
/* Before six seconds have passed, the station that the address is thought to be at is asked. */
void expect_doubt(station *t, hf_mac mac);
/* `f` is a SYN for `remote`, handed to `to`. */
void expect_syn(const seen *f, const hf_mac *to, hf_addr remote);

#define assert_addr(got, want)                                                                     \
	do {                                                                                       \
		const hf_addr got_ = (got), want_ = (want);                                        \
		assert_memory_equal(got_.octet, want_.octet, 16);                                  \
	} while (0)

#define assert_mac(got, want) assert_memory_equal((got).octet, (want).octet, 6)

#endif
