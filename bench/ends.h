/* SPDX-License-Identifier: BSD-2-Clause */
/* Both ends of a conversation, for the benchmarks: two stacks in memory, two kernel sockets. */
#ifndef HF_BENCH_ENDS_H
#define HF_BENCH_ENDS_H

#include <handfast/stack.h>

#define HF_BENCH_PORT 7

/**
 * Two hosts, joined by nothing but a copy of pointers. Real segments, checksums made and verified.
 */
typedef struct hf_bench_ends {
	hf_stack *client, *server;
	hf_listener listener;
	hf_endpoint at; /**< the server's */
	hf_time now;
	uint64_t packets;
} hf_bench_ends;

hf_bench_ends *hf_bench_ends_new(void);
void hf_bench_ends_free(hf_bench_ends *e);
/** Moves packets until neither side has more to say. Time goes on by a microsecond a turn. */
void hf_bench_settle(hf_bench_ends *e);
/** Moves one burst each way. Returns packets moved. */
size_t hf_bench_turn(hf_bench_ends *e);
/** A whole handshake; both handles. */
void hf_bench_connect(hf_bench_ends *e, hf_conn *client, hf_conn *server);

/** A listening socket on loopback, on a port of the kernel's choice (`*port`, network order). */
int hf_bench_listen(unsigned short *port);
/** A connected pair over loopback, by way of that listener. */
void hf_bench_kernel_pair(int listener, unsigned short port, int fd[2]);

#endif
