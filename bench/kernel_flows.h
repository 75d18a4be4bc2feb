/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's ends of flows over emulated paths: sockets in namespaces, served by one thread. */
#ifndef HF_BENCH_KERNEL_FLOWS_H
#define HF_BENCH_KERNEL_FLOWS_H

#include <stdint.h>

#include "namespaces.h"

#define HF_BENCH_STREAM 7 /**< key of the stream that every flow carries */

typedef struct hf_kernel_flows hf_kernel_flows;

/** Sets the namespace's TCP up: large buffers, no memory of former connections. */
void hf_kernel_prepare(const hf_netns *ns);

/** A listening socket in the namespace, the caller's to close. */
int hf_kernel_listen(const hf_netns *ns, uint16_t port, int backlog);

/** An empty set. */
hf_kernel_flows *hf_kernel_flows_new(void);
/** A server in `ns` for flow number `flow`. */
void hf_kernel_flows_serve(hf_kernel_flows *k, const hf_netns *ns, unsigned flow, uint16_t port);
/** A client in `ns`, which connects to `host`:`port` once the set is started. */
void hf_kernel_flows_call(hf_kernel_flows *k, const hf_netns *ns, const char *host, uint16_t port);
/** Starts the thread that sends and receives. */
void hf_kernel_flows_start(hf_kernel_flows *k);
/** Octets that the server of `flow` has received so far. */
uint64_t hf_kernel_flows_received(const hf_kernel_flows *k, unsigned flow);
/** What the kernel counted at the client of `port`. */
void hf_kernel_flows_figures(const hf_kernel_flows *k, uint16_t port, uint64_t *retransmits,
			     uint64_t *timeouts);
/** Ends the thread, closes everything with a reset and frees the set. */
void hf_kernel_flows_free(hf_kernel_flows *k);

#endif
