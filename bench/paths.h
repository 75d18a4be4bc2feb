/* SPDX-License-Identifier: BSD-2-Clause */
/* Emulated paths in real time: the lab's links between kernels in namespaces and hosts of ours. */
#ifndef HF_BENCH_PATHS_H
#define HF_BENCH_PATHS_H

#include "lab/lab.h"

/*
 * A lab whose clock is the machine's. Two namespaces have a TUN each; what the kernel in one sends
 * goes through a link of the lab, with its rate, delay, queue and losses, to the kernel in the
 * other, or to a host of the lab that stands in its place. Many flows run at once, each on a link
 * of its own, told apart by the port of the server. The client sends for as long as the run lasts;
 * what counts is what the server's application has received, and every octet of it is checked.
 */

/** Who is at the client's and at the server's end. */
typedef enum hf_bench_pair {
	HF_BENCH_KERNEL_TO_KERNEL,
	HF_BENCH_HANDFAST_TO_KERNEL,
	HF_BENCH_KERNEL_TO_HANDFAST,
	HF_BENCH_PAIRS,
} hf_bench_pair;

/** One transfer over one path. */
typedef struct hf_bench_flow {
	hf_bench_pair pair;
	hf_lab_path path;       /**< both ways */
	hf_choice pacing;       /**< of an end of ours */
	char name[HF_LAB_NAME]; /**< of the link; equal names meet the same chances */
	uint64_t received;      /**< result: octets that the server's application got */
	uint64_t retransmits;   /**< result: segments that the sender sent again */
	uint64_t timeouts;      /**< result: how often its timer ran out */
	hf_ns late; /**< result: how far the emulation fell behind the machine's time, at most */
} hf_bench_flow;

#define HF_BENCH_FLOWS 120 /**< at the same time, at most */

/**
 * Runs `n` flows at once for `length`, and fills in their results. Ends the program if an octet is
 * wrong, or if the machine does not allow what is needed.
 */
void hf_bench_paths_run(hf_bench_flow *flows, size_t n, hf_ns length);

/** False: no namespaces or TUN devices can be made here; `why` says what is missing. */
bool hf_bench_paths_possible(char *why, size_t len);

#endif
