/* SPDX-License-Identifier: BSD-2-Clause */
/* The loop: one stack on one link, driven by the clock. */
#ifndef HF_IO_LOOP_H
#define HF_IO_LOOP_H

#include "io/error.h"
#include "io/link.h"
#include "io/poller.h"

/*
 * A turn of the loop: wait (for packets, a descriptor, the stack's deadline, an alarm, a signal),
 * read the clock once, take a burst of packets in, hand out the events, send what is due, until
 * nothing is left to do. While the link is full the stack is not asked for more.
 */
typedef struct hf_loop hf_loop;

/** Somebody who looks at every packet once its verdict is known: ladder, capture, trace. */
typedef struct hf_observer {
	/** The packet is borrowed for the call. */
	void (*packet)(void *ctx, bool leaving, const hf_packet *packet, hf_time now);
	void (*idle)(void *ctx); /**< before the loop sleeps; may be NULL */
	void *ctx;
} hf_observer;

#define HF_LOOP_OBSERVERS 8 /**< at most */

typedef struct hf_loop_options {
	hf_stack *stack; /**< borrowed; its hf_config_packet_capacity() is at most link->capacity */
	hf_link *link;   /**< borrowed */
	hf_poller *poller; /**< borrowed; this loop alone waits on it */
	void (*on_event)(void *ctx,
			 const hf_event *event); /**< may call anything but hf_loop_free */
	void *ctx;
} hf_loop_options;

/** Copies `options`. */
bool hf_loop_new(const hf_loop_options *options, hf_loop **out, hf_io_error *error);
/** Stack, link and poller stay. NULL is allowed. */
void hf_loop_free(hf_loop *l);

/** Adds an observer (copied). False: there are HF_LOOP_OBSERVERS already. */
bool hf_loop_observe(hf_loop *l, const hf_observer *observer);

/** Runs until hf_loop_stop or a signal (true), or until the link dies (false). */
bool hf_loop_run(hf_loop *l, hf_io_error *error);
/**
 * One turn, which sleeps no longer than `until` (a time in the past: not at all). False: the link
 * died.
 */
bool hf_loop_turn(hf_loop *l, hf_time until, hf_io_error *error);
/** Makes hf_loop_run return after this turn. */
void hf_loop_stop(hf_loop *l);

#endif
