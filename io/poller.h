/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting: for descriptors, for a time, for a signal; whichever comes first. */
#ifndef HF_IO_POLLER_H
#define HF_IO_POLLER_H

#include <sys/epoll.h>

#include <handfast/types.h>

#include "io/error.h"

/*
 * One thread's epoll set. A watch calls back when its descriptor is ready. Descriptors that epoll
 * does not take because they never block (regular files, /dev/null) are always ready. Callbacks run
 * only inside hf_poller_wait; they may add, change and end any watch and any alarm, their own
 * included.
 */
typedef struct hf_poller hf_poller;
typedef struct hf_watch hf_watch;

/** The clock that a poller reads; HF_NEVER is not a time it may say. */
typedef hf_time (*hf_clock_fn)(void *ctx);

/** `clock` NULL: the machine's (hf_clock_now). */
bool hf_poller_new(hf_clock_fn clock, void *ctx, hf_poller **out, hf_io_error *error);
/** Ends all watches; the descriptors stay open. NULL is allowed. */
void hf_poller_free(hf_poller *p);

/** The time at which the latest wait ended: one reading for all that is done until the next. */
hf_time hf_poller_now(const hf_poller *p);

/** Called with EPOLL* bits. */
typedef void (*hf_watch_fn)(void *ctx, uint32_t events);

typedef struct hf_watch_options {
	int fd;          /**< borrowed until the watch ends */
	uint32_t events; /**< EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLET */
	hf_watch_fn fn;
	void *ctx;
} hf_watch_options;

/** Starts a watch. Copies `options`. */
bool hf_watch_new(hf_poller *p, const hf_watch_options *options, hf_watch **out,
		  hf_io_error *error);
/** Other events from now on. */
void hf_watch_set(hf_watch *w, uint32_t events);
/** True if the descriptor never blocks and epoll would not have it. */
bool hf_watch_is_always_ready(const hf_watch *w);
/**
 * Has `fn` called once more, without sleeping before: there is work left that no event will tell
 * of.
 */
void hf_watch_again(hf_watch *w);
/** No more callbacks. Before the descriptor is closed. NULL is allowed. */
void hf_watch_end(hf_watch *w);

/** Something to do at a time. In the caller's memory; all zero but `fn` and `ctx` at first. */
typedef struct hf_alarm {
	void (*fn)(void *ctx, hf_time now);
	void *ctx;
	hf_time at;            /**< set by hf_alarm_set */
	struct hf_alarm *next; /**< the poller's */
	bool is_set;           /**< the poller's */
} hf_alarm;

/** Calls `a->fn` once, at `at` or soon after. Moves the alarm if it was set. */
void hf_alarm_set(hf_poller *p, hf_alarm *a, hf_time at);
/** Harmless when it is not set. */
void hf_alarm_clear(hf_poller *p, hf_alarm *a);

/**
 * Takes SIGINT and SIGTERM: they no longer end the program but are told by hf_poller_signal, and
 * wake hf_poller_wait. SIGPIPE is ignored. hf_poller_free puts everything back.
 */
bool hf_poller_take_signals(hf_poller *p, hf_io_error *error);
/** The signal that came, or 0. */
int hf_poller_signal(const hf_poller *p);

/** Whether hf_poller_wait with this deadline would sleep if no descriptor is ready. */
bool hf_poller_may_sleep(const hf_poller *p, hf_time until);
/** Sleeps until a descriptor is ready, an alarm is due or `until` has come; then calls back. */
bool hf_poller_wait(hf_poller *p, hf_time until, hf_io_error *error);

#endif
