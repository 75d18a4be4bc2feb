/* SPDX-License-Identifier: BSD-2-Clause */
/* Bulk transfers over one bottleneck, each from a host of its own. */
#ifndef HF_LAB_BULK_H
#define HF_LAB_BULK_H

#include "lab/apps.h"

/*
 *	host "from 0" ---- delay ----+
 *	host "from 1" ---- delay ----+---- router ==== bottleneck ==== host "to"
 *
 * Every flow sends without end, and every octet is checked as it arrives. A packet of 1500 octets
 * carries 1448 of text: 965 permille of the bottleneck's rate is all that can arrive.
 */
#define HF_LAB_BULK_FLOWS 4

/** One flow. */
typedef struct hf_lab_bulk_plan {
	hf_congestion_control module;
	hf_ns begins;
	hf_ns delay;             /**< of its own link, one way: on top of the bottleneck's */
	int64_t max_pacing_rate; /**< as HF_OPTION_MAX_PACING_RATE; 0: any */
	hf_config config;        /**< of the sender's stack; MTU, buffer and module are set here */
} hf_lab_bulk_plan;

typedef struct hf_lab_bulk_flow {
	hf_lab_bulk_plan plan;
	hf_lab_node *from;
	hf_lab_talk out, in;
	bool has_begun;
} hf_lab_bulk_flow;

/** Read its fields at any time. */
typedef struct hf_lab_bulk {
	hf_lab *lab;
	hf_lab_node *router, *to;
	hf_lab_link *bottleneck;
	hf_lab_server server;
	unsigned count;
	hf_lab_bulk_flow flow[HF_LAB_BULK_FLOWS];
} hf_lab_bulk;

/** Builds the network; `path` is the bottleneck's, the same both ways. */
void hf_lab_bulk_new(hf_lab_bulk *b, uint64_t seed, const hf_lab_path *path);
/** One flow more, before its time to begin. Errors: LIMIT (HF_LAB_BULK_FLOWS are there). */
hf_err hf_lab_bulk_add(hf_lab_bulk *b, const hf_lab_bulk_plan *plan);
/** Runs to this time. */
void hf_lab_bulk_run(hf_lab_bulk *b, hf_ns until);
/** What a flow's sender knows; all zero before it has begun. */
hf_conn_info hf_lab_bulk_info(const hf_lab_bulk *b, unsigned flow);
/**
 * Octets of a flow that its sender knows to have arrived, in whatever order; 0 if a wrong one has
 * been read.
 */
uint64_t hf_lab_bulk_delivered(const hf_lab_bulk *b, unsigned flow);
void hf_lab_bulk_free(hf_lab_bulk *b);

#endif
