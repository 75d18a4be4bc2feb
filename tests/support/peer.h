/* SPDX-License-Identifier: BSD-2-Clause */
/* A scripted remote peer for one stack, in virtual time: says segments, checks the answers. */
#ifndef HF_TESTS_PEER_H
#define HF_TESTS_PEER_H

#include <handfast/stack.h>

#include "tests/unit/support.h"
#include "wire/tcp.h"

/*
 * A test makes a peer, which makes the stack that it talks to (the host). It says segments with
 * PEER_SAY and looks at the host's with peer_expect, oldest first. All numbers are relative: on
 * both sides the SYN is 0 and the first octet of text is 1. The peer's initial number is so high
 * that its stream soon wraps. Whatever leaves the host is parsed, with its checksums, at once.
 *
 *	peer *p = peer_new(NULL);
 *	hf_conn c = peer_handshake_passive(p);
 *
 *	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 100);
 *	assert_int_equal(peer_expect(p, ACK)->ack, 101);
 *	peer_free(p);
 *
 * Include cmocka.h first. Every function that checks something fails the test in its caller's name.
 */

#define SYN HF_TCP_SYN
#define ACK HF_TCP_ACK
#define FIN HF_TCP_FIN
#define RST HF_TCP_RST
#define PSH HF_TCP_PSH
#define URG HF_TCP_URG

#define PEER_ISN 0xffffff00U /* the peer's initial sequence number */
#define PEER_PORT 50000      /* the peer's port */
#define PEER_HOST_PORT 80    /* the host's, where it listens */

/* Octets [from, to) of a stream, relative. */
typedef struct peer_range {
	uint32_t from, to;
} peer_range;

/* A segment to be said. What is not given is zero, or what the comment says. */
typedef struct peer_line {
	uint16_t flags;
	uint32_t seq, ack;  /* relative; `ack` counts with ACK only */
	uint32_t len;       /* octets of text: those of the pattern, unless `text` is given */
	const void *text;   /* `len` octets */
	uint16_t window;    /* as in the header; 0: the peer's `window` */
	uint16_t urgent;    /* the urgent pointer */
	peer_range sack[4]; /* blocks of the host's stream; the first empty one ends them */
	hf_tcp_options
		options; /* instead of those that the peer adds by itself, if any is present */
	bool bare;       /* no options at all */
} peer_line;

/* A packet that left the host. */
typedef struct peer_seen {
	struct peer_seen *next;
	hf_time at;
	hf_ip ip;
	hf_tcp tcp;        /* if ip.protocol is TCP */
	uint32_t seq, ack; /* relative; without ACK, `ack` is the field as it stands */
	uint32_t len;      /* octets of text */
	uint32_t piece;    /* octets of text in each segment that the link is to cut; 0: one */
	hf_cause cause;    /* what the host says of it */
	hf_state state;
	uint8_t octets[];
} peer_seen;

struct peer;

/* Both are given the segment as it lies in the packet, header first. */
typedef struct peer_signature {
	void (*reserve)(struct peer *p, hf_tcp *t); /* adds the option */
	void (*sign)(struct peer *p, const hf_ip *ip, uint8_t *segment, size_t len);
	void (*check)(struct peer *p, const peer_seen *s); /* what the host sent; or NULL */
} peer_signature;

typedef struct peer {
	hf_stack *stack;
	struct heap heap; /* where all of the stack's memory comes from */
	hf_config config;
	hf_time now;
	hf_endpoint host, self;  /* the stack's end and the peer's; a test may change them */
	hf_seq isn;              /* the peer's number 0 */
	hf_seq host_isn;         /* the host's: that of the last SYN it sent */
	uint16_t window;         /* in every segment that gives none */
	uint8_t ttl;             /* of every packet: 64 */
	uint8_t traffic_class;   /* of every packet: 0 */
	hf_view ip_options;      /* of every IPv4 packet: none; a multiple of 4 octets */
	hf_tcp_options offer;    /* options of the peer's SYN; at first an MSS of 1460 */
	bool stamps;             /* timestamps were offered by both: every segment has them */
	uint32_t tsval;          /* the peer's timestamp clock, now; runs in ms */
	uint32_t heard_tsval;    /* the host's last timestamp: what the peer echoes */
	hf_packet verdict;       /* the stack's, on the last packet said */
	hf_listener listener;    /* of peer_listen */
	hf_event event;          /* the last one pulled by peer_events */
	peer_seen *first, **end; /* everything that left, oldest first */
	peer_seen **unread;      /* the link to the first that was not looked at yet */
	/* What signs the peer's segments and checks the host's; may be NULL. */
	const struct peer_signature *signature;
	void *signer;    /* its own */
	uint8_t *buffer; /* for one burst of leaving packets */
	size_t capacity; /* octets of each of them */
} peer;

/* The usual settings of a host: 192.0.2.1/24 or 2001:db8::1/64, MTU 1500, no allocator yet. */
hf_config peer_config(bool is_v6);

/* A peer and its host, at time 0 s plus one hour. NULL: the usual settings with IPv4. */
peer *peer_new(const hf_config *config);

/* Frees both. Fails if the stack kept memory. NULL is allowed. */
void peer_free(peer *p);

/* What the peer's SYN offers besides MSS 1460: SACK, timestamps, window scale 7. */
void peer_offer_all(peer *p);

/* ---- Saying ---- */

/* Builds the segment and hands it to the host. Returns the verdict: HF_WHY_NONE, or why not. */
hf_reason peer_say(peer *p, peer_line line);
#define PEER_SAY(p, ...) peer_say(p, (peer_line){ __VA_ARGS__ })

/* Hands any IP packet to the host; returns the verdict. */
hf_reason peer_give(peer *p, const uint8_t *packet, size_t len);

/* The octet at place `n` of every patterned stream, and a stretch of them. */
uint8_t peer_octet(uint32_t n);
void peer_pattern(uint8_t *to, uint32_t from, size_t len);

/* ---- Time ---- */

/* Time passes; what the host sends on the way is collected with the time at which it left. */
void peer_wait(peer *p, hf_ns d);
void peer_wait_until(peer *p, hf_time t);

/* Time passes until something leaves; returns how long. Fails if nothing does within `most`. */
hf_ns peer_wait_for_output(peer *p, hf_ns most);

/* Collects what the host has to send at this moment. The functions below do it by themselves. */
void peer_collect(peer *p);

/* ---- Looking ---- */

/* The oldest packet that was not looked at yet, or NULL. Good until peer_free. */
const peer_seen *peer_next(peer *p);

/* The same, which must be a segment with exactly these flags, PSH left aside. */
const peer_seen *peer_expect_at(peer *p, uint16_t flags, const char *file, int line);
#define peer_expect(p, flags) peer_expect_at(p, flags, __FILE__, __LINE__)

/* The same, which must have these relative numbers besides. */
const peer_seen *peer_expect_numbers_at(peer *p, peer_line want, const char *file, int line);
#define PEER_EXPECT(p, ...)                                                                        \
	peer_expect_numbers_at(p, (peer_line){ __VA_ARGS__ }, __FILE__, __LINE__)

/* Nothing may have left. */
void peer_expect_nothing_at(peer *p, const char *file, int line);
#define peer_expect_nothing(p) peer_expect_nothing_at(p, __FILE__, __LINE__)

/* Forgets what was not looked at; returns how many packets. */
unsigned peer_ignore(peer *p);

/* Fails unless the segment's text is the pattern from its relative number on. */
void peer_check_text(const peer_seen *s);

/* ---- The host's side ---- */

/* Listens on PEER_HOST_PORT. */
void peer_listen(peer *p);

/* Accepts the connection that must be waiting. */
hf_conn peer_accept(peer *p);

/* The host opens a connection to the peer; no SYN is looked at yet. */
hf_conn peer_open(peer *p);

/*
 * A whole handshake, without leaving anything to look at and without events. Passive: the peer
 * opens, the host listens (if it does not yet) and accepts. Active: the host opens.
 */
hf_conn peer_handshake_passive(peer *p);
hf_conn peer_handshake_active(peer *p);

/*
 * A connection in any state but LISTEN: SYN-SENT and SYN-RECEIVED by hf_conn_open and crossing
 * SYNs, the others after a passive handshake; whoever has closed has sent no text, so that its FIN
 * is number 1. Nothing is left to look at.
 */
hf_conn peer_reach(peer *p, hf_state state);

/* All events that wait, their bits together; `event` is the last. */
uint32_t peer_events(peer *p);

hf_conn_info peer_info(const peer *p, hf_conn c);
hf_state peer_state(const peer *p, hf_conn c);
hf_stats peer_stats(const peer *p);

/* The application sends `len` octets of the pattern, from place `from` on. */
void peer_app_send(peer *p, hf_conn c, uint32_t from, uint32_t len);

/* The application receives: exactly `len` octets, of the pattern from place `from` on. */
void peer_app_receive(peer *p, hf_conn c, uint32_t from, uint32_t len);

#endif
