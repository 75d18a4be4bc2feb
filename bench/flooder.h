/* SPDX-License-Identifier: BSD-2-Clause */
/* A flood of SYNs through a device, by a thread of its own. */
#ifndef HF_BENCH_FLOODER_H
#define HF_BENCH_FLOODER_H

#include <handfast/types.h>

#include "namespaces.h"

/*
 * The SYNs come from random addresses of 198.18.0.0/15 (RFC 2544: for benchmarks), where nobody
 * answers. They are made beforehand, and sent over and over, 64 with one call (sendmmsg on a packet
 * socket), as fast as the device takes them or as often as the rate says.
 */

#define HF_FLOOD_SOURCES "198.18.0.0/15"

typedef struct hf_flood_plan {
	const hf_netns *ns; /**< NULL: where the caller is */
	const char *device;
	uint8_t to_mac[6]; /**< on Ethernet: whom the frames are for */
	hf_endpoint to;
	double rate; /**< SYNs a second; 0: as fast as it goes */
} hf_flood_plan;

typedef struct hf_flooder hf_flooder;

/** Makes the SYNs and the socket. Copies `plan`. */
hf_flooder *hf_flooder_new(const hf_flood_plan *plan);
void hf_flooder_start(hf_flooder *f);

/** What has been sent, in which time, and how much of it the thread was at work. */
typedef struct hf_flooded {
	uint64_t syns;
	double seconds, cpu;
} hf_flooded;

/** Ends the flood and frees it. */
hf_flooded hf_flooder_stop(hf_flooder *f);

#endif
