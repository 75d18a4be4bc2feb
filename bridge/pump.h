/* SPDX-License-Identifier: BSD-2-Clause */
/* Pumps: each joins a connection with descriptors that programs and libraries use. */
#ifndef HF_BRIDGE_PUMP_H
#define HF_BRIDGE_PUMP_H

#include <handfast/stack.h>

#include "io/error.h"
#include "io/poller.h"

/*
 * A pump moves octets both ways between a connection and one end of a stream socket (the other end
 * goes to libmicrohttpd, libcurl, ...), or a pair of descriptors such as standard input and output:
 *
 *     in  --read-->  send buffer     (read straight into the buffer that hf_conn_reserve lends)
 *     out <--write-- receive buffer  (written straight from what hf_conn_peek lends)
 *
 * Flow control goes through both ways: a full send buffer stops the reading, an `out` that takes no
 * more stops the consuming, and so closes the peer's window. The ends of streams go through as
 * well: end of file on `in` becomes a FIN, the peer's FIN a shutdown of `out` (or its closing,
 * where it is no socket). A reset reaches a socket's other end as ECONNRESET if octets of its own
 * were still on the way (a local socket knows no other way), else as end of file. If the other end
 * is closed as a whole, the connection is closed; with octets it had not read, it is reset, as the
 * kernel's own TCP would do.
 */
typedef struct hf_bridge hf_bridge;
typedef struct hf_pump hf_pump;

/** The pumps of one stack. Borrows both. */
bool hf_bridge_new(hf_stack *stack, hf_poller *poller, hf_bridge **out, hf_io_error *error);
/** Ends all pumps as hf_pump_abort does. NULL is allowed. */
void hf_bridge_free(hf_bridge *b);

/**
 * To be called with every event of the stack: true if it was for a connection that a pump has (the
 * pump has dealt with it).
 */
bool hf_bridge_event(hf_bridge *b, const hf_event *event);

/** How a pump ended. */
typedef struct hf_pump_end {
	/**
	 * How the connection ended; HF_WHY_NONE: the descriptor's owner closed it first, and the
	 * stack finishes the conversation by itself.
	 */
	hf_reason reason;
	int fd_error;            /**< errno of a failed read or write, or 0: EPIPE, ENOSPC, ... */
	bool at_in;              /**< fd_error: it was reading that failed */
	uint64_t sent, received; /**< octets taken from `in` and written to `out` */
} hf_pump_end;

typedef struct hf_pump_options {
	hf_conn conn; /**< taken: the pump closes or aborts it */
	/**
	 * Taken: closed at the end. One socket may be both. Of standard input and output give
	 * duplicates.
	 */
	int in, out;
	/**
	 * Called once, at the end; the pump is gone when it returns. May call anything but
	 * hf_bridge_free. May be NULL.
	 */
	void (*done)(void *ctx, const hf_pump_end *end);
	void *ctx;
} hf_pump_options;

/**
 * Joins a connection (being opened, or open) with descriptors. Copies `options`. On failure neither
 * the connection nor the descriptors are taken. Terminals and pipes need not be non-blocking; what
 * they are to other programs is put back at the end.
 */
bool hf_pump_new(hf_bridge *b, const hf_pump_options *options, hf_pump **out, hf_io_error *error);

/**
 * Makes a pair of connected stream sockets, sets `options->in` and `out` to one end, joins it, and
 * returns the other end (close-on-exec, blocking, the caller's) in `*other`.
 */
bool hf_pump_new_socket(hf_bridge *b, hf_pump_options *options, int *other, hf_io_error *error);

/** Ends it at once: the connection is aborted, the descriptors are closed, `done` is not called. */
void hf_pump_abort(hf_pump *p);

/** Octets moved so far: taken from `in`, written to `out`. */
void hf_pump_progress(const hf_pump *p, uint64_t *sent, uint64_t *received);

/** Pumps that a bridge has. */
size_t hf_bridge_count(const hf_bridge *b);

#endif
