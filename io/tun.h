/* SPDX-License-Identifier: BSD-2-Clause */
/* A TUN device: the machine's kernel is the neighbour at the other end of the link. */
#ifndef HF_IO_TUN_H
#define HF_IO_TUN_H

#include "io/error.h"
#include "io/link.h"

#define HF_TUN_ROUTES 4 /**< networks that may be led to the device */

/** Settings; zero means the default. */
typedef struct hf_tun_options {
	const char *name;  /**< of the device, or a pattern with one "%d": "hf%d" */
	const char *netns; /**< path of a network namespace ("/run/netns/x"): the caller's */
	bool attach;       /**< the device exists already (a persistent one); else it must be new */
	bool no_offloads;  /**< plain packets: whole checksums, nothing larger than the MTU */
	uint32_t mtu;      /**< 1500; with `attach`: what the device has */
	uint32_t queue;    /**< packets that wait to be received, at most: the kernel's default */
	hf_host_addr address[HF_HOST_ADDRS]; /**< the kernel's side, up to the first that is none */
	hf_host_addr route[HF_TUN_ROUTES];   /**< further networks behind the device, likewise */
} hf_tun_options;

/**
 * Makes (or attaches to) a TUN device, gives the kernel's side its addresses and routes, and brings
 * it up. Copies `options`. A new device goes away when the link is closed, however the program
 * ends. On failure nothing is left behind, and `error` says what and where.
 */
bool hf_tun_open(const hf_tun_options *options, hf_link **out, hf_io_error *error);

/** What passes a TUN device from one process to another: all of it but the descriptor. */
typedef struct hf_tun_traits {
	char name[HF_LINK_NAME];
	uint32_t mtu;
	bool offloads;
} hf_tun_traits;

/**
 * The first half of hf_tun_open, for a process that gives the device away: returns its descriptor
 * (non-blocking, close-on-exec, the caller's to close) or -1.
 */
int hf_tun_make(const hf_tun_options *options, hf_tun_traits *traits, hf_io_error *error);

/** The second half: a link on a descriptor that hf_tun_make returned. Takes `fd`. */
bool hf_tun_adopt(int fd, const hf_tun_traits *traits, hf_link **out, hf_io_error *error);

#endif
