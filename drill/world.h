/* SPDX-License-Identifier: BSD-2-Clause */
/* The stack under test, its clock, and every packet that passed between it and the script. */
#ifndef HF_DRILL_WORLD_H
#define HF_DRILL_WORLD_H

#include <handfast/stack.h>

#include "drill/arena.h"
#include "wire/icmp.h"
#include "wire/tcp.h"

struct hf_drill_flow;

/** A key that a script has set; see drill/sign.h. */
typedef struct hf_drill_key hf_drill_key;

/** A packet on the wire between the script and the stack. */
typedef struct hf_drill_wire {
	struct hf_drill_wire *next;
	hf_time at;
	bool is_inbound;  /**< into the stack */
	bool is_excused;  /**< outbound: another connection was under test already */
	bool is_matched;  /**< outbound: the script expected it */
	hf_packet packet; /**< with the stack's verdict; its octets lie in the arena */
	hf_ip ip;         /**< version 0: it could not be parsed; its dst is whom it is for */
	hf_addr to;       /**< whom the header names: another if a source route leads on */
	hf_tcp tcp;       /**< ip.protocol is TCP; outbound only */
	struct hf_drill_flow *flow; /**< outbound: whose it is; NULL: nobody's */
} hf_drill_wire;

typedef struct hf_world {
	hf_arena *arena;
	hf_config config;
	hf_stack *stack; /**< NULL: not started */
	hf_time start, now;
	uint8_t *room;      /**< for one leaving packet */
	hf_drill_key *keys; /**< the newest first */
	size_t memory;      /**< octets that the stack has from its allocator */
	hf_drill_wire *first, **last;
	/** Told of every packet that leaves, before it is in the list. */
	void (*left)(void *ctx, hf_drill_wire *packet);
	void *ctx;
	const char *trouble; /**< NULL: none; else what the stack did that it never may */
} hf_world;

/** Sets up a world without a stack; `config` gets what every drill has. */
void hf_world_init(hf_world *w, hf_arena *arena);
/** Starts the stack with `w->config`, if it is not running yet. */
hf_err hf_world_start(hf_world *w);
/** Frees the stack. False: it kept memory. */
bool hf_world_stop(hf_world *w);

/** Whom a packet is for: the end of its source route, if it has one that leads on. */
hf_addr hf_world_destination(const hf_ip *ip);

/** Notes a packet (copied) that goes in, or one that has left, at the world's time. */
hf_drill_wire *hf_world_note_in(hf_world *w, const uint8_t *octets, size_t len);
hf_drill_wire *hf_world_note_out(hf_world *w, const hf_packet *packet);

/** Hands a packet (copied) to the stack, now. */
void hf_world_input(hf_world *w, const uint8_t *octets, size_t len);
/** Forgets all that is in TIME-WAIT, as if its time were over. */
void hf_world_drop_time_waits(hf_world *w);
/** Takes out all that the stack wants to send now. */
void hf_world_settle(hf_world *w);
/** When something will happen by itself; HF_NEVER: never. */
hf_time hf_world_due(const hf_world *w);
/** Time since the start. */
hf_ns hf_world_elapsed(const hf_world *w);

#endif
