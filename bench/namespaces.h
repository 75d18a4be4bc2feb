/* SPDX-License-Identifier: BSD-2-Clause */
/* Network namespaces, as the benchmarks use them: entered, told things, asked what passed. */
#ifndef HF_BENCH_NAMESPACES_H
#define HF_BENCH_NAMESPACES_H

#include <stdint.h>

#include "io/netns.h"

/** Puts the calling thread into the namespace. Returns where it was, for hf_bench_leave. */
int hf_bench_enter(const hf_netns *ns);
/** Puts the calling thread back to where it was. */
void hf_bench_leave(int home);

/** Sets /proc/sys/net/ipv4/`name` in the namespace. */
void hf_kernel_set(const hf_netns *ns, const char *name, const char *value);

/** Runs a line of the shell inside. False: it ended with another status than 0. */
bool hf_bench_shell(const hf_netns *ns, const char *line);

/** What a device has counted, in packets; dropped: given to it, and thrown away by it. */
typedef struct hf_bench_device {
	uint64_t received, sent, dropped;
} hf_bench_device;

/** Of a device in the calling thread's namespace. */
hf_bench_device hf_bench_device_here(const char *name);
/** Of a device in that namespace. */
hf_bench_device hf_bench_device_of(const hf_netns *ns, const char *name);

#endif
