/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets of a script on the wire: making inbound ones, comparing and showing outbound ones. */
#ifndef HF_DRILL_WIRE_H
#define HF_DRILL_WIRE_H

#include "drill/flows.h"
#include "drill/script.h"
#include "drill/setup.h"

/** What a packet is made or compared with. */
typedef struct hf_drill_desk {
	hf_arena *arena;
	const hf_drill_setup *setup;
	hf_drill_flows *flows;
	hf_drill_flow *flow; /**< NULL for what belongs to none */
	const hf_drill_key *keys;
} hf_drill_desk;

/**
 * Writes an inbound packet. Returns its octets in the arena, `*len` of them; NULL: the script says
 * something impossible: `*why`.
 */
const uint8_t *hf_drill_make(const hf_drill_desk *desk, const hf_drill_packet *packet, size_t *len,
			     const char **why);

/** Puts headers around a packet; what is returned is as of hf_drill_make. */
const uint8_t *hf_drill_wrap_up(const hf_drill_desk *desk, const hf_drill_wrap *wraps,
				hf_view inside, size_t *len, const char **why);

/**
 * Takes off what the script says is around the packet. Returns the packet inside; NULL: something
 * else is there: `*difference`.
 */
hf_drill_wire *hf_drill_unwrap(const hf_drill_desk *desk, const hf_drill_packet *expected,
			       const hf_drill_wire *actual, const char **difference);

/** Compares an IP header with what the script says of it. NULL: they agree. */
const char *hf_drill_compare_ip(hf_arena *arena, const hf_drill_ip *expected, const hf_ip *actual);

#define HF_DRILL_PARTS 64 /**< segments that are put together, at most */

/** What came of comparing a packet with what the script says. */
typedef struct hf_drill_verdict {
	const char *difference;              /**< the first one; NULL: they agree */
	bool more;                           /**< no answer yet: the segments after it are needed */
	hf_drill_wire *part[HF_DRILL_PARTS]; /**< what was put together */
	size_t parts;
	const hf_drill_wire *inside; /**< the first of them, without what is around it */
} hf_drill_verdict;

/**
 * Compares an outbound packet with what the script says. Segments of its flow that follow are put
 * together with it while the script's is larger, if they are alike (`--strict_segments` forbids
 * it).
 */
hf_drill_verdict hf_drill_compare(const hf_drill_desk *desk, const hf_drill_packet *expected,
				  hf_drill_wire *actual);
/** Learns from a packet that agrees: initial number, time stamps, flow label. */
void hf_drill_learn(const hf_drill_desk *desk, const hf_drill_packet *expected,
		    const hf_drill_wire *actual);

/** An outbound packet in the script's words, in the arena. */
const char *hf_drill_show(const hf_drill_desk *desk, const hf_drill_wire *packet);
/** The flags in the script's letters, in the arena. */
const char *hf_drill_show_flags(hf_arena *arena, uint16_t flags);
/** One option in the script's words, in the arena. */
const char *hf_drill_show_option(hf_arena *arena, const hf_drill_option *o);
/**
 * Takes the first option off `*raw`, its numbers as the script writes them. False: the area has
 * ended.
 */
bool hf_drill_read_option(const hf_drill_desk *desk, hf_view *raw, hf_drill_option *out);

#endif
