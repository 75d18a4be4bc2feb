/* SPDX-License-Identifier: BSD-2-Clause */
/* What the lab's source files share: events, parcels, nodes, links. Not for users of the lab. */
#ifndef HF_LAB_PARTS_H
#define HF_LAB_PARTS_H

#include "lab/lab.h"

#define HF_LAB_FILTERS 4
#define HF_LAB_TAPS 8
#define HF_LAB_PARCEL_CLASSES 12 /**< capacities 64 << 0 to 64 << 11 */

/** A packet in the lab's hands, with its octets behind it. */
typedef struct hf_lab_parcel hf_lab_parcel;
struct hf_lab_parcel {
	hf_lab_packet packet;
	uint8_t state; /**< hf_state of the connection that sent it */
	uint8_t size_class;
	hf_lab_link *link;   /**< the link it is on */
	int from;            /**< the end that sent it */
	hf_lab_parcel *next; /**< in a queue, or among the free ones */
	hf_lab_parcel *all;  /**< every parcel of the lab */
	uint8_t octets[];
};

/** Something that will happen: `call(ctx)`, or `bring(parcel)` if there is a parcel. */
typedef struct hf_lab_event {
	hf_time at;
	uint64_t number; /**< of insertion: parts events of the same time */
	void (*call)(void *ctx);
	void *ctx;
	hf_lab_parcel *parcel;
} hf_lab_event;

/** A binary heap of events, the earliest on top. */
typedef struct hf_lab_queue {
	hf_lab_event *event;
	size_t count, room;
	uint64_t inserted;
} hf_lab_queue;

/** Adds an event; its number is set here. */
void hf_lab_queue_add(hf_lab_queue *q, hf_lab_event event);
/** Takes the earliest event out of a queue that is not empty. */
hf_lab_event hf_lab_queue_take(hf_lab_queue *q);
/** Removes every event that is `call(ctx)`. */
void hf_lab_queue_forget(hf_lab_queue *q, void (*call)(void *ctx), const void *ctx);

typedef struct hf_lab_watcher {
	const hf_lab_link *link; /**< NULL: all */
	hf_lab_tap tap;
	void *ctx;
} hf_lab_watcher;

struct hf_lab {
	uint64_t seed;
	hf_time now;
	hf_lab_queue queue;
	hf_lab_counts counts;
	hf_lab_node *nodes; /**< the newest first */
	hf_lab_link *links;
	unsigned watchers;
	hf_lab_watcher watcher[HF_LAB_TAPS];
	hf_lab_parcel *parcels, *spare[HF_LAB_PARCEL_CLASSES];
};

/** What a link can end at; each kind embeds it as its first member. */
struct hf_lab_node {
	hf_lab *lab;
	hf_lab_node *next;
	char name[HF_LAB_NAME];
	/** Takes the parcel over. */
	void (*arrive)(hf_lab_node *self, hf_lab_parcel *parcel);
	/** Frees what the kind has; answers the octets that it leaked. */
	size_t (*close)(hf_lab_node *self);
	unsigned links, most_links;
	hf_lab_link *link[HF_LAB_PORTS];
};

/** Memory that ends the process when there is none; zeroed. */
void *hf_lab_grab(size_t octets);
/** As realloc, but ends the process when there is no memory. */
void *hf_lab_regrab(void *at, size_t octets);

/** Enters a node into the lab. */
void hf_lab_node_init(hf_lab *lab, hf_lab_node *node, const char *name, unsigned most_links);

/** A parcel with room for `capacity` octets, its length 0. */
hf_lab_parcel *hf_lab_parcel_new(hf_lab *lab, uint32_t capacity);
/** A copy of `len` octets. */
hf_lab_parcel *hf_lab_parcel_of(hf_lab *lab, const void *octets, size_t len);
void hf_lab_parcel_free(hf_lab *lab, hf_lab_parcel *parcel);

/** Has `parcel` arrive at the far end of its link at `at`. */
void hf_lab_arrange(hf_lab *lab, hf_lab_parcel *parcel, hf_time at);
/** Sends a parcel (taken over) into `link` at the end where `from` is. */
void hf_lab_link_send(hf_lab_link *link, const hf_lab_node *from, hf_lab_parcel *parcel);
/** The parcel has come through its link's wire: filters, then the node there. */
void hf_lab_link_deliver(hf_lab_parcel *parcel);
/** The largest packet, in octets, that `from` can send into `link`; UINT32_MAX: any. */
uint32_t hf_lab_link_mtu(const hf_lab_link *link, const hf_lab_node *from);
void hf_lab_link_free(hf_lab_link *link);

/** Shows a sighting of `parcel` to the taps. */
void hf_lab_show(const hf_lab_parcel *parcel, hf_lab_fate fate, hf_reason reason, hf_state state);

/**
 * The network card's work for a stack with offloads: fills in the checksum or cuts the packet,
 * and sends what comes of it. `packet` as hf_stack_output left it.
 */
void hf_lab_card_send(hf_lab_node *host, const hf_packet *packet);

/** The place in a host where lab/app.c keeps its applications. */
struct hf_lab_app **hf_lab_host_apps(hf_lab_node *host, size_t *buckets);
/** Gives an event to the application that it concerns. */
void hf_lab_app_dispatch(hf_lab_node *host, const hf_event *event);

/**
 * Reads "address/prefix" from `text` up to a space or the end; NULL if it is none, else what
 * follows.
 */
const char *hf_lab_read_prefix(const char *text, hf_host_addr *out);

#endif
