/* SPDX-License-Identifier: BSD-2-Clause */
/* A capture tap: every packet with its verdict, into a file that Wireshark opens. */
#ifndef HF_IO_CAPTURE_H
#define HF_IO_CAPTURE_H

#include "io/error.h"
#include "io/loop.h"

typedef struct hf_capture hf_capture;

/** Settings. */
typedef struct hf_capture_options {
	const char *path;      /**< replaced if it exists; "-": standard output */
	const char *link_name; /**< may be NULL */
	hf_link_kind kind;
	/** From the loop's time to nanoseconds since 1970: hf_clock_wall_offset(). */
	hf_ns wall_offset;
	/** Called once, when writing fails: the capture stops, traffic goes on. May be NULL. */
	void (*on_error)(void *ctx, const hf_io_error *error);
	void *ctx;
} hf_capture_options;

/** Opens the file and writes its head. Copies `options`; borrows nothing but `ctx`. */
bool hf_capture_open(const hf_capture_options *options, hf_capture **out, hf_io_error *error);

/**
 * Records one packet. A partial checksum is completed in the record, so that what is shown is what
 * a wire would have carried; a super-packet is recorded whole. The comment says the verdict: reason
 * or cause, and the state of the connection afterwards.
 */
void hf_capture_packet(hf_capture *c, bool leaving, const hf_packet *packet, hf_time now);

/** Writes out what is still in memory. */
void hf_capture_flush(hf_capture *c);

/** What to give to hf_loop_observe. */
hf_observer hf_capture_observer(hf_capture *c);

/**
 * Flushes, closes and frees. False: the file is not complete (`error` says why). NULL is allowed:
 * true.
 */
bool hf_capture_close(hf_capture *c, hf_io_error *error);

#endif
