/* SPDX-License-Identifier: BSD-2-Clause */
/* One stack among many peers of one kind, in memory and in virtual time. */
#ifndef HF_BENCH_HOSTILE_H
#define HF_BENCH_HOSTILE_H

#include <handfast/stack.h>

/*
 * The stack has a listener, and an application that keeps HF_HOSTILE_WAITING octets waiting to be
 * sent to whoever has asked for something. Packets are real, with checksums. Time goes in steps; a
 * peer keeps a few numbers, and answers each segment half a second later. Clients are among them:
 * they fetch HF_HOSTILE_ANSWER octets and check each.
 */

#define HF_HOSTILE_STEPS 10u    /* in a second */
#define HF_HOSTILE_DELAY 5u     /* steps */
#define HF_HOSTILE_AT_ONCE 640u /* handshakes that begin in a step */
#define HF_HOSTILE_MOST 10000u
#define HF_HOSTILE_CLIENTS 20u
#define HF_HOSTILE_ANSWER 65536u
#define HF_HOSTILE_WAITING 16384u
#define HF_HOSTILE_BURST 64u
#define HF_HOSTILE_PACKET 1600u
#define HF_HOSTILE_LATER (1u << 23) /* replies that may be under way */

/** A kind of peer. */
typedef struct hf_hostile_kind {
	const char *name;
	bool asks;        /* for text; otherwise it connects and says nothing */
	uint16_t mss;     /* of its SYN */
	uint16_t window;  /* octets that it lets come */
	uint32_t takes;   /* octets, then its window is closed; 0: all */
	unsigned storm;   /* ACKs a step with SACK blocks anywhere in what is in flight */
	unsigned seconds; /* that are counted */
	unsigned beside;  /* the well-behaved kind that it is compared with */
	bool (*is_there)(const hf_conn_info *i);
} hf_hostile_kind;

/** One of a kind: the host's next octet, what was acknowledged of it, ours, the host's clock. */
typedef struct hf_hostile_peer {
	uint32_t next, acked, ours, stamp;
	uint32_t got; /* octets */
	bool is_client, has_asked, has_end, has_closed;
} hf_hostile_peer;

typedef struct hf_hostile_reply {
	uint32_t who, due, ack;
} hf_hostile_reply;

typedef struct hf_hostile {
	const hf_hostile_kind *kind;
	unsigned count; /* of that kind; clients follow */
	hf_stack *stack;
	hf_listener listener;
	hf_time now;
	uint32_t step;
	uint64_t chance;
	double took; /**< seconds of the stack and the application */
	uint64_t packets;
	size_t waiting;      /* in `in` */
	uint32_t first, end; /* of `later` */
	hf_hostile_peer peer[HF_HOSTILE_MOST + HF_HOSTILE_CLIENTS];
	hf_conn conn[HF_HOSTILE_MOST + HF_HOSTILE_CLIENTS];
	uint32_t unsent[HF_HOSTILE_MOST + HF_HOSTILE_CLIENTS]; /* of a client's answer; by slot */
	hf_hostile_reply later[HF_HOSTILE_LATER];
	hf_packet in[HF_HOSTILE_BURST], out[HF_HOSTILE_BURST];
	uint8_t in_room[HF_HOSTILE_BURST][HF_HOSTILE_PACKET];
	uint8_t out_room[HF_HOSTILE_BURST][HF_HOSTILE_PACKET];
} hf_hostile;

/** Makes the stack; nobody is connected yet. */
hf_hostile *hf_hostile_new(const hf_hostile_kind *kind, unsigned count);
void hf_hostile_free(hf_hostile *f);
/** Connects peers [from, to). Clients have the numbers from `count` on. */
void hf_hostile_connect(hf_hostile *f, uint32_t from, uint32_t to);
/** Have all clients their answers? They were right, or the program has ended. */
bool hf_hostile_clients_are_done(const hf_hostile *f);
/** Lets time pass. */
void hf_hostile_steps(hf_hostile *f, unsigned n);

#endif
