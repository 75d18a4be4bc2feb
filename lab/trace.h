/* SPDX-License-Identifier: BSD-2-Clause */
/* A lab as text: one line a sighting, and a hash over all of them. */
#ifndef HF_LAB_TRACE_H
#define HF_LAB_TRACE_H

#include "lab/lab.h"

/*
 *	0.020000000 wire arrived 10.0.0.1:40000 > 10.0.0.2:80 [S] seq 0 win 64240 len 0
 *		<mss 1460,sackOK,TS 1 0,nop,wscale 7> none SYN-RECEIVED
 * is one line: seconds, link, fate, from, to, flags, sequence number and acknowledgement relative
 * to the first seen of their direction, window as it stands in the header, octets of text,
 * options; then the cause of sending, or the receiving stack's reason, and the connection's
 * state. Damaged packets are marked "damaged".
 */
typedef struct hf_lab_trace hf_lab_trace;

#define HF_LAB_LINE 320 /**< octets of the longest line, closing zero counted */

/** Where lines go; `line` has no line feed and is borrowed. */
typedef void (*hf_lab_line)(void *ctx, const char *line);

/**
 * Traces all links of `lab` into `sink` (NULL: only the hash). NULL: the lab has no room for
 * another tap.
 */
hf_lab_trace *hf_lab_trace_new(hf_lab *lab, hf_lab_line sink, void *ctx);
/** The hash (FNV-1a, 64 bits) of every line so far, each with a line feed. */
uint64_t hf_lab_trace_hash(const hf_lab_trace *trace);
/** Frees it; only after the lab is freed, or when it no longer runs. NULL is allowed. */
void hf_lab_trace_free(hf_lab_trace *trace);

#endif
