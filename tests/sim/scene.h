/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of the two-ended simulation share: all that belongs to one seed. */
#ifndef HF_TESTS_SIM_SCENE_H
#define HF_TESTS_SIM_SCENE_H

#include "two_ends.h"

#define LIMIT HF_SEC(2 * 3600) /* of virtual time, for one seed */
#define COMBINATIONS 64        /* of timestamps, SACK and window scaling at either end */
#define SERVER_PORT 80
#define CLOSED_PORT 81
#define CLIENT_PORT 10000 /* + number of the conversation */

enum opening { PASSIVE, SIMULTANEOUS, NOBODY };

/* Nothing; the opener's sequence numbers; its timestamps. */
enum wrap { WRAP_NONE, WRAP_SEQ, WRAP_TIMESTAMP };

/* What someone on the way does to segments; nothing in all fields: he lets them be. */
struct middlebox {
	uint64_t strips[2]; /* HF_HAS bits that segments with SYN lose, by the end that sent them */
	bool strips_sack;   /* ... and all others their SACK blocks */
	bool bleaches;      /* ECN: in the IP header and in TCP's */
	uint16_t clamps_mss; /* 0: not */
	uint8_t scales[2];   /* what SYNs of that end are made to say of window scaling, plus 1 */
	uint32_t
		moves_sack; /* added to the numbers of SACK blocks, as where he renumbers streams */
	hf_lab_ppm closes;  /* windows that he says are closed ... */
	uint8_t shrinks;    /* ... or smaller by so many bits: one time in four */
	hf_time games_end;  /* from then on he lets windows be */
};

struct scene;

#define SETTINGS 4 /* that an end makes, at most */

struct setting {
	struct scene *scene;
	bool is_drawn;
	hf_option option;
	int64_t value;
	hf_ns at; /* after the end has its connection */
	int host;
	hf_conn conn;
};

struct pair {
	struct scene *scene;
	enum opening opening;
	int version;
	int client; /* the host, 0 or 1, that opens it */
	hf_ns start[2];
	hf_lab_talk_plan plan[2];
	hf_lab_talk talk[2]; /* [i]: on host i */
	struct setting set[2][SETTINGS];
	hf_err open_error[2];
	bool accepted;
};

struct scene {
	uint64_t seed;
	hf_lab_random random;
	hf_lab *lab;
	hf_lab_node *host[2];
	hf_lab_link *link;
	hf_lab_path path[2];
	hf_config config[2];
	hf_listener_options listening[2];
	hf_lab_server server[2];
	hf_ns accept_pause[2], coalesce[2];
	hf_ns close_server[2]; /* when it stops listening; 0: never */
	hf_lab_ppm cuts;       /* segments of which someone on the way drops a part */
	hf_ns down_at, up_at;  /* an outage of the link; 0: none, not any more */
	struct middlebox middlebox;
	hf_ns change_at; /* another path, or a smaller MTU, from then on; 0: never */
	hf_lab_path changed[2];
	hf_ns jump_at, jump[2]; /* the hosts' clocks, ahead */
	hf_lab_ppm memory_failures;
	enum wrap wrap;       /* what passes 2^32 in the first conversation ... */
	uint32_t wrap_before; /* ... so many octets or ms after its first SYN */
	bool only_v4;
	bool is_fast;     /* Fast Open is tried */
	bool is_lossy;    /* timeouts may happen */
	bool is_cramped;  /* a table or queue is so small that handshakes may fail */
	bool is_starved;  /* memory may be refused at any time: every end is explained */
	hf_err set_error; /* of a setting that should have been taken */
	hf_option set_wrong;
	unsigned wrapped; /* ends whose sequence numbers were to pass 2^32 */
	struct pair pair[PAIRS];
};

/** Draws everything about the seed s->seed. */
void scene_draw(struct scene *s);
/** Draws the settings of the hosts' connections. */
void scene_options_draw(struct scene *s);
/** An end has its connection: its settings are made, or will be. */
void scene_options_set(struct scene *s, int pair, int host, hf_conn conn);
/** Has the scene's middlebox stand on its link. */
void scene_middlebox_add(struct scene *s);
/** Looks at what has become of it. `is_idle`: nothing is left to happen. */
void scene_judge(struct scene *s, bool is_idle, two_ends_result *out);
/** Notes a problem; false, to be returned. */
bool scene_blame(two_ends_result *out, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
