/* SPDX-License-Identifier: BSD-2-Clause */
/* Where connections stand, awake and at rest. */
#ifndef HF_STACK_PLACES_H
#define HF_STACK_PLACES_H

#include "base/wheel.h"
#include "stack/slab.h"
#include "tcp/rest.h"

struct hf_stack;

/** What holds a place. */
typedef enum hf_place_use { HF_PLACE_FREE, HF_PLACE_AWAKE, HF_PLACE_AT_REST } hf_place_use;

#define HF_PLACE_OCTETS 224

/** What finds a connection, and its block, which while it rests is packed here. */
typedef struct hf_place {
	uint32_t slab_link; /**< the slab's, while free */
	uint32_t generation;
	hf_flow flow;
	hf_timer timer;
	hf_time due; /**< what the timer is armed for */
	uint8_t use; /**< hf_place_use */
	uint8_t packed_len;
	union {
		hf_tcb *block;       /**< HF_PLACE_AWAKE */
		uint8_t packed[152]; /**< HF_PLACE_AT_REST */
	};
} hf_place;

_Static_assert(sizeof(hf_place) <= HF_PLACE_OCTETS, "an idle connection takes few octets");

typedef struct hf_places {
	hf_slab slab;
	hf_queue awake; /**< connections that are not at rest, by next_awake */
	uint32_t awake_count;
} hf_places;

static inline hf_place *hf_places_at(const hf_places *p, uint32_t number)
{
	return hf_slab_at(&p->slab, number);
}

/** A place with an empty block, in CLOSED. NULL: a limit or no memory. */
hf_tcb *hf_place_take(struct hf_stack *s);
/** Gives block and place back. */
void hf_place_give(struct hf_stack *s, hf_tcb *c);
/** The connection of a place to look at, or to take apart for good. NULL: the place is free. */
hf_tcb *hf_place_unpack(const struct hf_stack *s, uint32_t number, hf_tcb *room);
/** The connection of a place that is not free, to do something. NULL: no memory to wake it. */
hf_tcb *hf_conn_wake(struct hf_stack *s, uint32_t number);
/** The connection behind a handle, to do something; NULL: hf_conn_missing says why. */
hf_tcb *hf_conn_find(struct hf_stack *s, hf_conn handle);
/** HF_ERR_STALE, or HF_ERR_NO_MEMORY: it cannot be woken. */
hf_err hf_conn_missing(const struct hf_stack *s, hf_conn handle);
/** The same connection to look at, which does not wake it: unpacked into `room`. NULL: stale. */
const hf_tcb *hf_conn_look(const struct hf_stack *s, hf_conn handle, hf_tcb *room);

#endif
