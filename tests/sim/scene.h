/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of the two-ended simulation share: all that belongs to one seed. */
#ifndef HF_TESTS_SIM_SCENE_H
#define HF_TESTS_SIM_SCENE_H

#include "two_ends.h"

#define LIMIT HF_SEC(2 * 3600) /* of virtual time, for one seed */
#define SERVER_PORT 80
#define CLOSED_PORT 81
#define CLIENT_PORT 10000 /* + number of the conversation */

enum opening { PASSIVE, SIMULTANEOUS, NOBODY };

/* Nothing; the opener's sequence numbers; its timestamps. */
enum wrap { WRAP_NONE, WRAP_SEQ, WRAP_TIMESTAMP };

struct scene;

struct pair {
	struct scene *scene;
	enum opening opening;
	int version;
	int client; /* the host, 0 or 1, that opens it */
	hf_ns start[2];
	hf_lab_talk_plan plan[2];
	hf_lab_talk talk[2]; /* [i]: on host i */
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
	hf_lab_ppm memory_failures;
	enum wrap wrap;       /* what passes 2^32 in the first conversation ... */
	uint32_t wrap_before; /* ... so many octets or ms after its first SYN */
	bool only_v4;
	bool is_lossy;    /* timeouts may happen */
	bool is_cramped;  /* a table or queue is so small that handshakes may fail */
	bool is_starved;  /* memory may be refused at any time: every end is explained */
	unsigned wrapped; /* ends whose sequence numbers were to pass 2^32 */
	struct pair pair[PAIRS];
};

/** Draws everything about the seed s->seed. */
void scene_draw(struct scene *s);
/** Looks at what has become of it. `is_idle`: nothing is left to happen. */
void scene_judge(struct scene *s, bool is_idle, two_ends_result *out);
/** Notes a problem; false, to be returned. */
bool scene_blame(two_ends_result *out, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
