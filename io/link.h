/* SPDX-License-Identifier: BSD-2-Clause */
/* A link: where a stack's packets come from and go to. */
#ifndef HF_IO_LINK_H
#define HF_IO_LINK_H

#include <handfast/stack.h>

/*
 * A device is a struct that begins with an hf_link and fills in its operations. A device may stand
 * on another one: it keeps the lower link, passes the calls on, and changes what it is there to
 * change. Nothing here blocks.
 */
typedef struct hf_link hf_link;

typedef struct hf_link_ops {
	int (*receive)(hf_link *link, hf_packet *packets, size_t n);
	int (*send)(hf_link *link, const hf_packet *packets, size_t n);
	void (*close)(hf_link *link);
} hf_link_ops;

#define HF_LINK_NAME 16 /**< room for a device's name, with the closing zero */

struct hf_link {
	const hf_link_ops *ops;
	char name[HF_LINK_NAME];
	hf_link_kind kind;
	uint32_t mtu;      /**< octets of the largest IP packet, before offloads */
	uint32_t offloads; /**< HF_OFFLOAD_*: what hf_config.offloads may ask for */
	uint32_t capacity; /**< octets of buffer that any packet of this link fits into */
	int fd;            /**< to poll: readable when packets wait, writable when it takes some */
	uint64_t lost;     /**< packets that the device refused to take: down, out of memory */
};

/**
 * Fills up to `n` of the caller's packets (`data` and `capacity` are set, capacity >=
 * link->capacity) with what has arrived: `len`, `flags`, `gso_size`, `csum_start`, `csum_offset`;
 * the verdict is cleared. Returns how many; fewer than `n` means that no more wait. Negative:
 * -errno, the device is gone for good.
 */
static inline int hf_link_receive(hf_link *link, hf_packet *packets, size_t n)
{
	return link->ops->receive(link, packets, n);
}

/**
 * Sends packets in order; borrows them for the call. Returns how many were taken; fewer than `n`
 * means that the link is full and `fd` becomes writable later. Negative: -errno, the device is gone
 * for good.
 */
static inline int hf_link_send(hf_link *link, const hf_packet *packets, size_t n)
{
	return link->ops->send(link, packets, n);
}

/** Closes the device and frees it, and the links below it. NULL is allowed. */
static inline void hf_link_close(hf_link *link)
{
	if (link)
		link->ops->close(link);
}

#endif
