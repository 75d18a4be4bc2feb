/* SPDX-License-Identifier: BSD-2-Clause */
/* The few requests to the kernel (rtnetlink) that a device needs: up, address, route. */
#ifndef HF_IO_NETLINK_H
#define HF_IO_NETLINK_H

#include <handfast/stack.h>

#include "io/error.h"

/** A conversation with the kernel in the network namespace where it was opened. */
typedef struct hf_netlink {
	int fd;
	uint32_t seq;
} hf_netlink;

bool hf_netlink_open(hf_netlink *n, hf_io_error *error);
void hf_netlink_close(hf_netlink *n);

/**
 * Brings device `index` up; what of `mtu` and `queue` (packets) is not 0 is set first. A device of
 * ours makes no IPv6 link-local address of its own, so that nothing is on the link but what was
 * asked for.
 */
bool hf_netlink_up(hf_netlink *n, int index, uint32_t mtu, uint32_t queue, hf_io_error *error);
/** Adds an address, without duplicate address detection: nobody else can have it on a TUN. */
bool hf_netlink_add_address(hf_netlink *n, int index, const hf_host_addr *a, hf_io_error *error);
/** Leads the network of `net` (prefix 0: everything) to device `index`. */
bool hf_netlink_add_route(hf_netlink *n, int index, const hf_host_addr *net, hf_io_error *error);

#endif
