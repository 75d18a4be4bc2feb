/* SPDX-License-Identifier: BSD-2-Clause */
/* Two raw ends and a link between them, for tests of the network itself. */
#ifndef HF_TESTS_SIM_RAW_ENDS_H
#define HF_TESTS_SIM_RAW_ENDS_H

#include "lab/craft.h"
#include "lab/lab.h"

#define GOT_MOST 70000

/** What a raw end has received. */
struct got {
	unsigned count;
	hf_time last;
	uint64_t number[GOT_MOST]; /**< the 32-bit number in each packet */
	uint8_t octets[2048];      /**< the last one */
	uint32_t len;
};

/** Where the ends `a` and `b` keep what they get; cleared by ends_new. */
extern struct got at_a, at_b;

/** Two raw ends and a link between. */
struct ends {
	hf_lab *lab;
	hf_lab_node *a, *b;
	hf_lab_link *link;
};

struct ends ends_new(uint64_t seed, const hf_lab_path *path);
/** Sends a packet of `len` octets that starts with `number` from `a`. */
void ends_send(struct ends *p, uint32_t number, size_t len);
/** Runs until nothing is left to happen, and frees the lab. */
void ends_finish(struct ends *p);
/** A raw end's callback: notes the packet in the struct got that is `ctx`. */
void take(void *ctx, hf_lab_node *self, hf_lab_link *link, const hf_lab_packet *packet);

/** Writes a whole SYN with `text` octets of zeros, port 1000 to 80, to a room of 2048 octets. */
size_t make_packet(int version, uint8_t *to, size_t text);
/** Is the last packet a TCP segment without a fault? */
bool is_whole(const struct got *got);

#endif
