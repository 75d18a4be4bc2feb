/* SPDX-License-Identifier: BSD-2-Clause */
/* A day among enemies: a server, its allies, and somebody who sends whatever he likes. */
#ifndef HF_TESTS_SIM_HOSTILE_DAY_H
#define HF_TESTS_SIM_HOSTILE_DAY_H

#include "lab/apps.h"

/*
 *	allies  10.0.1.1 ---- losses, delay ----+
 *	allies  10.0.2.1 ---- losses, delay ----+---- router ---- server 10.0.0.1
 *	enemy    198.51.100.0/24 ----------------+
 *	nowhere  all else -----------------------+
 *
 * The allies' flows last for minutes to hours each; the second host of theirs has no timestamps.
 * The enemy sees none of their packets, but knows who talks to whom. He sends in anybody's name,
 * and opens connections of his own. Where luck would have to be on his side for a very long time,
 * he is told how near to the window he may come.
 */
#define ALLIES 1000
#define ALLY_HOSTS 2
#define GUESTS 4096 /* connections of the enemy's that the server has accepted, at most */
#define SERVER_PORT 80
#define ENEMY_NET "198.51.100.0/24"

/* A flow between an ally and the server. */
struct ally {
	hf_lab_talk out, in;
	hf_lab_talk_plan sends, answers;
	struct day *day;
	unsigned number;
	bool has_begun;
};

/* What the enemy has sent, by kind, and what came of it. */
struct enemy {
	hf_lab_random chance;
	hf_lab_node *node;
	hf_lab_link *link;
	uint64_t attacks, packets, octets;
	uint64_t spoofed_octets; /* in the name of addresses that nobody has */
	uint16_t next_port;      /* of a connection of his own */
	uint8_t manner[65536];   /* how he behaves on it, by his port */
};

struct day {
	hf_lab *lab;
	hf_ns length;
	hf_lab_node *router, *server, *host[ALLY_HOSTS];
	hf_lab_server listener;
	struct ally ally[ALLIES];
	hf_lab_talk guest[GUESTS];
	unsigned next_guest; /* the place after the last that was given away */
	unsigned guests;     /* that there have been */
	struct enemy enemy;
	uint64_t nowhere_octets; /* that the server sent to addresses that nobody has */
	size_t memory_most;
	uint32_t half_open_most, connections_most;
};

/** Makes the enemy, on a link of the router's. */
void enemy_new(struct day *d, uint64_t seed);
/** One attack of a kind drawn from the catalogue. */
void enemy_attacks(struct day *d);

#endif
