/* SPDX-License-Identifier: BSD-2-Clause */
/* A network in one process, in virtual time, from one seed. */
#ifndef HF_LAB_LAB_H
#define HF_LAB_LAB_H

#include <handfast/stack.h>

/*
 * How to use it
 * -------------
 *	hf_lab *lab = hf_lab_new(seed);
 *	hf_lab_node *a, *b;
 *	hf_lab_host_add(lab, "client", "10.0.0.1/24", NULL, &a);
 *	hf_lab_host_add(lab, "server", "10.0.0.2/24", NULL, &b);
 *	hf_lab_path path = { .rate = 10000000, .delay = HF_MS(20), .loss = 20000 };
 *	hf_lab_link_add("wire", a, b, &path, NULL);
 *	... start applications (lab/apps.h), look on (hf_lab_tap_add, lab/trace.h) ...
 *	hf_lab_run_until(lab, (hf_time){ HF_SEC(60) });
 *	hf_lab_free(lab);
 *
 * Theory of operation
 * -------------------
 * The lab owns a clock that only its event queue moves: the earliest event is next, and of two at
 * the same time the one that was put in first. Nothing takes time but links and waiting, so an
 * hour of network takes as long as its packets take to compute. A *node* is what a link can end
 * at: a host (one hf_stack), a router, or a raw end (a callback: an attacker, a middlebox, a
 * hand-written peer). A packet that a node sends goes through the link's direction: MTU, queue,
 * rate, loss, delay, reordering, duplication, corruption; at the far end through the link's
 * filters, and into the node there.
 *
 * All chance comes from the seed, by way of a stream of its own for each direction of a link and
 * each host, made from the seed and the *name*: adding or changing one part does not shift the
 * chances of another, and the same seed gives the same run to the octet, on every machine: no
 * floating point is used.
 *
 * Chances are given in parts per million (hf_lab_ppm): 300000 is 30 %.
 *
 * A lab that gets no memory ends the process: what it did next would not be the run of its seed.
 * (The stacks in it can be refused memory on purpose: hf_lab_memory_failures.)
 */

typedef struct hf_lab hf_lab;
typedef struct hf_lab_node hf_lab_node;
typedef struct hf_lab_link hf_lab_link;

/** A chance in parts per million: 0 never, 1000000 always. */
typedef uint32_t hf_lab_ppm;

#define HF_LAB_NAME 16  /**< octets of a name, closing zero counted; longer ones are cut */
#define HF_LAB_PORTS 16 /**< links that one router or raw end may have */

/* ---- Chance ---- */

/** A stream of pseudo-random numbers (xoshiro256**, Blackman and Vigna, 2018). */
typedef struct hf_lab_random {
	uint64_t s[4];
} hf_lab_random;

/** The stream that belongs to `name` under `seed`; different names give independent streams. */
hf_lab_random hf_lab_random_of(uint64_t seed, const char *name);
uint64_t hf_lab_random_next(hf_lab_random *r);
/** A number from 0 to n - 1; 0 if n is 0. */
uint64_t hf_lab_random_below(hf_lab_random *r, uint64_t n);
/** True with the given chance. Draws nothing when the chance is 0. */
bool hf_lab_random_chance(hf_lab_random *r, hf_lab_ppm chance);

/* ---- The lab and its clock ---- */

/** A lab without nodes, its clock at 0. Never NULL. */
hf_lab *hf_lab_new(uint64_t seed);
/**
 * Frees the lab with all that is in it. Returns the octets that its stacks have not given back to
 * their allocators: anything but 0 is a leak in a stack. NULL is allowed.
 */
size_t hf_lab_free(hf_lab *lab);

hf_time hf_lab_now(const hf_lab *lab);
uint64_t hf_lab_seed(const hf_lab *lab);
/** When the next event is; HF_NEVER: nothing will ever happen again. */
hf_time hf_lab_next(const hf_lab *lab);
/** Runs the next event. False: there was none. */
bool hf_lab_step(hf_lab *lab);
/** Runs every event up to and at `until`, then sets the clock to it. */
void hf_lab_run_until(hf_lab *lab, hf_time until);
/**
 * Runs until nothing is left to happen (true), or the next event would come after `limit`
 * (false).
 */
bool hf_lab_run_idle(hf_lab *lab, hf_time limit);

/** Calls `call(ctx)` after `wait` (0: later in this same moment). */
void hf_lab_after(hf_lab *lab, hf_ns wait, void (*call)(void *ctx), void *ctx);
/** Forgets every arranged `call(ctx)`. */
void hf_lab_cancel(hf_lab *lab, void (*call)(void *ctx), const void *ctx);

/** What a lab has counted. */
typedef struct hf_lab_counts {
	uint64_t events;  /**< run so far */
	uint64_t packets; /**< handed to links */
	uint64_t arrived, lost, queue_full, too_big, filtered, duplicated, corrupted, reordered;
	uint64_t policed;  /**< lost to policers */
	uint64_t marked;   /**< with CE, by links */
	uint64_t unrouted; /**< dropped by routers: no route, TTL, bad header */
	uint64_t spins;    /**< a deadline was due, yet nothing to send: a fault */
	uint64_t overruns; /**< packets without end in one moment: a fault */
} hf_lab_counts;

hf_lab_counts hf_lab_counted(const hf_lab *lab);

/* ---- Hosts ---- */

/**
 * A host: a stack on an IP link. `addresses`: one or more "address/prefix" parted by spaces.
 * `config`: the stack's settings, or NULL for MTU 1500 and the defaults; the lab sets size,
 * allocator, secret, link and addresses. Offloads are honoured: the lab does the network card's
 * work. Errors: INVALID, and those of hf_stack_new.
 */
hf_err hf_lab_host_add(hf_lab *lab, const char *name, const char *addresses,
		       const hf_config *config, hf_lab_node **out);

/** The host's stack. After calls on it from outside an application's callback: hf_lab_touch. */
hf_stack *hf_lab_stack(hf_lab_node *host);
/** Has the host act, in this same moment, on what was done to its stack. */
void hf_lab_touch(hf_lab_node *host);
/** Its first address of IP version 4 or 6; none if it has none. */
hf_addr hf_lab_address(const hf_lab_node *host, int version);
/**
 * Hands packets over only this long after the first one came, together, as interrupt moderation
 * does.
 */
void hf_lab_coalesce(hf_lab_node *host, hf_ns wait);
/**
 * The clock that the host's stack is told jumps ahead, as after a sleep of the machine: whatever it
 * waits for in the meantime is due at once.
 */
void hf_lab_clock_jump(hf_lab_node *host, hf_ns ahead);
/** Refuses the host's stack memory with this chance, from now on. */
void hf_lab_memory_failures(hf_lab_node *host, hf_lab_ppm chance);
/** Octets that the host's stack has from its allocator now. */
size_t hf_lab_memory(const hf_lab_node *host);

const char *hf_lab_name(const hf_lab_node *node);
hf_lab *hf_lab_of(const hf_lab_node *node);

/* ---- Packets ---- */

/** An IP packet on its way. */
typedef struct hf_lab_packet {
	uint8_t *data;
	uint32_t len, capacity; /**< octets */
	uint64_t number;        /**< from 1, in order of first sending; copies keep it */
	uint8_t cause;          /**< hf_cause: why a stack sent it; 0 if no stack did */
	bool corrupted;         /**< a link has damaged it */
} hf_lab_packet;

/* ---- Links ---- */

/** One direction of a link. Zero in every field: a perfect wire without delay. */
typedef struct hf_lab_path {
	uint64_t rate; /**< bit/s of IP packets; 0: no limit */
	hf_ns delay;
	hf_ns jitter;    /**< up to this much more; order is kept */
	hf_lab_ppm loss; /**< of each packet (in the good state, if there are bursts) */
	hf_lab_ppm burst_start,
		burst_end; /**< Gilbert-Elliott: chance a packet to enter, to leave the bad state */
	hf_lab_ppm burst_loss; /**< loss in the bad state */
	hf_lab_ppm reorder;    /**< held back, so that later ones overtake it */
	hf_ns reorder_delay;   /**< by 1 ns to this long */
	hf_lab_ppm duplicate;  /**< arrives twice */
	hf_lab_ppm corrupt;    /**< one octet changed, where a checksum must notice it */
	uint32_t queue_octets,
		queue_packets; /**< waiting for the rate, the one being sent counted; 0: no limit */
	/**
	 * A queue that marks early (RFC 3168 5): a packet that finds this many octets waiting, its
	 * own counted, or by this chance, gets CE if it is ECN-capable; others pass the former
	 * and are lost by the latter. 0: no marks.
	 */
	uint32_t mark_octets;
	hf_lab_ppm mark;
	/**
	 * A policer before the queue: a bucket of this many octets that fills at this rate (bit/s
	 * of IP packets); what finds it too empty is lost. 0: none.
	 */
	uint64_t police_rate;
	uint32_t police_burst;
	uint32_t mtu;    /**< octets of the largest packet; 0: any */
	bool mtu_silent; /**< what is too big vanishes; else ICMP tells the sender */
} hf_lab_path;

/**
 * Joins two nodes with the same path both ways (hf_lab_path_set for others); NULL: a perfect
 * wire. A host has one link. Errors: LIMIT (a host has one already, or all ports are taken),
 * INVALID (two ends at one node).
 */
hf_err hf_lab_link_add(const char *name, hf_lab_node *a, hf_lab_node *b, const hf_lab_path *path,
		       hf_lab_link **out);
/** Changes the direction that leads away from `from`, for packets sent from now on. */
void hf_lab_path_set(hf_lab_link *link, const hf_lab_node *from, const hf_lab_path *path);
/** Pulls the plug (false) or puts it back: packets sent meanwhile are lost. */
void hf_lab_link_up(hf_lab_link *link, bool up);
const char *hf_lab_link_name(const hf_lab_link *link);
/** The node at end 0 or 1: the first and the second that hf_lab_link_add was given. */
hf_lab_node *hf_lab_link_end(const hf_lab_link *link, int end);

/* ---- Filters: firewalls and other people in the middle ---- */

/** What becomes of a packet. */
typedef enum hf_lab_verdict {
	HF_LAB_PASS,
	HF_LAB_DROP,        /**< without a word */
	HF_LAB_REJECT_RST,  /**< TCP: a reset as if from the destination; others are dropped */
	HF_LAB_REJECT_ICMP, /**< "administratively prohibited" */
} hf_lab_verdict;

/**
 * Sees each packet at the far end of the link, before the node there; `from` is the end (0, 1)
 * that sent it. May change the octets and, within its capacity, the length. What it answers goes
 * back over the link.
 */
typedef hf_lab_verdict (*hf_lab_filter)(void *ctx, int from, hf_lab_packet *packet);

/** Adds a filter to a link, after those that it has. Errors: LIMIT (4 are there). */
hf_err hf_lab_filter_add(hf_lab_link *link, hf_lab_filter filter, void *ctx);

/* ---- Routers ---- */

/**
 * A router: forwards between its links by the longest prefix, counts TTL down, answers with ICMP
 * (time exceeded, no route, too big) from `address` (of IPv4), `address6`; either may be NULL:
 * then it stays silent in that family.
 */
hf_err hf_lab_router_add(hf_lab *lab, const char *name, const char *address, const char *address6,
			 hf_lab_node **out);
/**
 * Packets to `prefix` ("10.0.1.0/24", "::/0") leave by `link`. Errors: INVALID, LIMIT (64 are
 * there).
 */
hf_err hf_lab_route_add(hf_lab_node *router, const char *prefix, hf_lab_link *link);

/* ---- Raw ends: attackers, scanners, middleboxes, peers of one's own ---- */

/** A packet arrived by `link`; borrowed for the call. */
typedef void (*hf_lab_input)(void *ctx, hf_lab_node *self, hf_lab_link *link,
			     const hf_lab_packet *packet);

/** A node that is a callback (NULL: swallows everything). It may have many links: a NAT is one. */
hf_lab_node *hf_lab_raw_add(hf_lab *lab, const char *name, hf_lab_input input, void *ctx);
/** Sends octets of any kind (copied) from `from` into `link`, now. */
void hf_lab_send(hf_lab_node *from, hf_lab_link *link, const void *octets, size_t len);

/* ---- Taps: seeing what happens ---- */

/** What happened to a packet on a link. X(NAME, "word") */
#define HF_LAB_FATES(X)                                                                            \
	X(SENT, "sent")                                                                            \
	X(ARRIVED, "arrived")                                                                      \
	X(LOST, "lost")                                                                            \
	X(QUEUE_FULL, "queue-full")                                                                \
	X(POLICED, "policed")                                                                      \
	X(TOO_BIG, "too-big")                                                                      \
	X(FILTERED, "filtered")                                                                    \
	X(REJECTED, "rejected")                                                                    \
	X(DUPLICATED, "duplicated")

/**
 * SENT, LOST, QUEUE_FULL, POLICED, TOO_BIG, DUPLICATED: at the near end; ARRIVED, FILTERED,
 * REJECTED: at the far end.
 */
typedef enum hf_lab_fate {
#define X(name, word) HF_LAB_##name,
	HF_LAB_FATES(X)
#undef X
		HF_LAB_FATE_COUNT
} hf_lab_fate;

const char *hf_lab_fate_name(hf_lab_fate fate);

/** One sighting. All that it points to is borrowed for the call. */
typedef struct hf_lab_sight {
	hf_time time;
	const hf_lab_link *link;
	int from; /**< the end of the link, 0 or 1, that sent it */
	hf_lab_fate fate;
	const hf_lab_packet *packet;
	hf_reason reason; /**< ARRIVED at a host: its stack's verdict */
	hf_state state;   /**< of the connection: at the sender; ARRIVED: at the receiver */
} hf_lab_sight;

typedef void (*hf_lab_tap)(void *ctx, const hf_lab_sight *sight);

/** Shows `tap` every sighting on `link`, or on all links if NULL. Errors: LIMIT (8 are there). */
hf_err hf_lab_tap_add(hf_lab *lab, const hf_lab_link *link, hf_lab_tap tap, void *ctx);

#endif
