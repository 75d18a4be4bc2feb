/* SPDX-License-Identifier: BSD-2-Clause */
/* One stack, its application and a hostile peer: what the parts of that fuzz target share. */
#ifndef HF_TESTS_FUZZ_HOSTILE_PEER_H
#define HF_TESTS_FUZZ_HOSTILE_PEER_H

#include "fuzz.h"

#include "tests/support/complaint.h"
#include "tests/support/raw.h"

#define LINES 4        /* ports of the peer's */
#define FIRST_ACTIVE 2 /* from this line on the host opens, else the peer */
#define PATTERN 1      /* the place of the first octet of each stream */

/* One port of the peer's: the connection on it, and what its application has done. */
struct line {
	uint16_t port;
	hf_endpoint host; /* the stack's end */
	hf_seq host_isn;  /* of its last SYN */
	hf_seq host_ack;  /* its last acknowledgement */
	hf_seq host_next; /* one past all that it has sent */
	const peer_seen *last;
	hf_conn conn;
	bool is_held;    /* the application has its handle */
	bool is_known;   /* there has been one: the numbers below are good */
	hf_seq iss, irs; /* of the host, of the peer */
	uint32_t read, queued;
	bool got_end;
};

struct scene {
	hf_view in;
	peer *p;
	struct line line[LINES];
	unsigned at;    /* the line that is talked on */
	size_t empty;   /* octets that the stack has without connections */
	hf_ns may_wait; /* of virtual time, in all */
};

/* What the host holds of octets to be sent, of all connections that have a handle. */
uint64_t scene_pending(struct scene *s);
/* Takes what has left, and checks it. Returns how many packets without text; `*text`: octets. */
unsigned scene_collect(struct scene *s, uint64_t *text);
/* After anything has happened: what must hold now. */
void scene_check(struct scene *s);

/* The application on the line that is talked on. */
void app_open(struct scene *s, uint8_t how);
void app_accept(struct scene *s);
void app_send(struct scene *s, uint8_t how, size_t len);
void app_receive(struct scene *s, uint8_t how, size_t len);
void app_end(struct scene *s, uint8_t how);
void app_set(struct scene *s);
/* Gives up its handle, if it has one. */
void app_drop(struct scene *s, struct line *l);

#endif
