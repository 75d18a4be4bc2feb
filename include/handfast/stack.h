/* SPDX-License-Identifier: BSD-2-Clause */
/* The stack: many TCP connections over one link, without I/O, clock or randomness of its own. */
#ifndef HANDFAST_STACK_H
#define HANDFAST_STACK_H

#include <handfast/config.h>
#include <handfast/info.h>
#include <handfast/options.h>
#include <handfast/types.h>

/*
 * How to use it
 * -------------
 * The caller owns the device and the clock. It
 *   1. hands arriving packets to hf_stack_input,
 *   2. pulls events with hf_stack_next_event and acts on them (accept, receive, send, close),
 *   3. fills its own buffers with hf_stack_output until that answers 0, and sends them,
 *   4. waits for packets, but no longer than hf_stack_deadline.
 * Any call on a connection may make output due, and step 3 runs the timers, which may raise events:
 * 2 and 3 are repeated until neither has more. Nothing is called back but the allocator and the
 * MAC functions of keys (auth.h).
 *
 * A stack may be used by one thread at a time; several stacks share nothing. Objects are named by
 * handles: a handle whose object is gone answers HF_ERR_STALE, never another object.
 * A call that fails leaves its arguments and the object as they were, unless it says otherwise. An
 * idle connection is packed: any call that acts on it may answer HF_ERR_NO_MEMORY.
 */

typedef struct hf_stack hf_stack;

/** A connection. Valid until the application closes or aborts it. All zero: none. */
typedef struct hf_conn {
	uint32_t slot, generation;
} hf_conn;

/** A listener. Valid until hf_listener_close. */
typedef struct hf_listener {
	uint32_t slot, generation;
} hf_listener;

static inline bool hf_conn_equal(hf_conn a, hf_conn b)
{
	return a.slot == b.slot && a.generation == b.generation;
}

/* ---- A stack ---- */

/**
 * Makes a stack at time `now`. Copies `config`. Errors: INVALID (a field out of range, no address,
 * unknown size), BAD_SECRET (two or more of its four words are zero), NO_MEMORY. `*out` is set only
 * on success.
 */
hf_err hf_stack_new(const hf_config *config, hf_time now, hf_stack **out);

/** Frees the stack and all that is in it; nothing more is sent. NULL is allowed. */
void hf_stack_free(hf_stack *s);

/**
 * Another key for Fast Open's cookies (RFC 7413 4.1.2). Those made under the one before are still
 * taken, and a fresh one goes out then; older ones are refused. Errors: BAD_SECRET (all zero).
 */
hf_err hf_stack_fast_open_key(hf_stack *s, const uint64_t key[2]);

/**
 * Another key for SYN cookies, to be changed now and then: those made under the one before are
 * still good. Errors: BAD_SECRET (all zero).
 */
hf_err hf_stack_syn_cookie_key(hf_stack *s, const uint64_t key[2]);

/* ---- Packets ---- */

enum {
	/** the TCP checksum field holds only the pseudo-header's sum */
	HF_PACKET_CSUM_PARTIAL = 1,
	HF_PACKET_CSUM_GOOD = 2, /**< arriving: the link has verified the checksum */
};

/**
 * One packet, starting with what config.link says. Arriving: `data`, `len`, `flags` are set by the
 * caller, and the stack fills in the verdict. Leaving: the caller sets `data` and `capacity`, the
 * stack the rest.
 */
typedef struct hf_packet {
	uint8_t *data;
	uint32_t len, capacity; /**< octets */
	/** payload octets of each segment to be cut; 0: whole */
	uint16_t gso_size;
	uint16_t csum_start, csum_offset; /**< HF_PACKET_CSUM_PARTIAL: as virtio's, from `data` */
	uint8_t flags;                    /**< HF_PACKET_* */
	/* The verdict. */
	uint8_t reason; /**< hf_reason: why an arriving packet was not simply taken */
	uint8_t cause;  /**< hf_cause: why a leaving packet is sent */
	uint8_t state;  /**< hf_state of its connection afterwards; HF_CLOSED if it has none */
	/** its connection; none if it has none (yet) or the application let go of it */
	hf_conn conn;
} hf_packet;

/** Octets that `capacity` must have for any packet of a stack with this configuration. */
size_t hf_config_packet_capacity(const hf_config *config);

/**
 * Processes `n` packets that arrived by `now`. Borrows them for the call. `now` never goes back: an
 * earlier time counts as the latest one seen.
 */
void hf_stack_input(hf_stack *s, hf_packet *packets, size_t n, hf_time now);

/**
 * Runs the timers that are due and fills up to `n` packets with what is to be sent now. Returns how
 * many; fewer than `n` means there is no more for now.
 */
size_t hf_stack_output(hf_stack *s, hf_packet *packets, size_t n, hf_time now);

/**
 * When hf_stack_output must be called even if nothing arrives; in the past: now; HF_NEVER: not at
 * all.
 */
hf_time hf_stack_deadline(const hf_stack *s);

/* ---- Events ---- */

enum {
	HF_EVENT_ACCEPTABLE = 1, /**< listener: a connection waits for hf_listener_accept */
	HF_EVENT_CONNECTED = 2,  /**< the handshake is done */
	HF_EVENT_READABLE = 4,   /**< octets, or the end of the stream, can be received */
	/** room to send again, after hf_conn_send took less than it was given */
	HF_EVENT_WRITABLE = 8,
	/** the peer's FIN arrived: after what is queued, the stream ends */
	HF_EVENT_PEER_CLOSED = 16,
	/** everything sent, and the FIN if there was one, is acknowledged */
	HF_EVENT_SENT_ALL = 32,
	/** R1 reached (`reason` is none), or an ICMP soft error that `reason` names (SHLD-9, 25) */
	HF_EVENT_TROUBLE = 64,
	HF_EVENT_CLOSED = 128, /**< the connection has ended; `reason` says how */
	HF_EVENT_URGENT = 256, /**< the mark of urgent data: see <handfast/urgent.h> */
};

/** Something happened. Bits of one object are gathered until pulled; none is ever lost. */
typedef struct hf_event {
	uint32_t bits; /**< HF_EVENT_* */
	hf_conn conn;
	hf_listener listener; /**< HF_EVENT_ACCEPTABLE; otherwise none */
	hf_reason reason;
} hf_event;

/** Takes the oldest event. False: there is none. */
bool hf_stack_next_event(hf_stack *s, hf_event *out);

/* ---- Listeners ---- */

/** Settings of a listener; zero means the default. */
typedef struct hf_listener_options {
	size_t size;      /**< sizeof(hf_listener_options) */
	uint32_t backlog; /**< connections waiting to be accepted, at most: 4,096 */
	uint32_t send_buffer, receive_buffer; /**< for its connections: the stack's */
	/**
	 * 1: refuses (IN_USE) while a connection or a TIME-WAIT record has this local endpoint, as
	 * sockets do without SO_REUSEADDR
	 */
	uint8_t exclusive;
	uint32_t fast_open; /**< HF_OPTION_FAST_OPEN */
	/** 1: whom no key is for cannot connect (RFC 5925 7.1); see <handfast/auth.h> */
	uint8_t require_auth;
	/**
	 * IPv4 source route to its peers; copied; takes precedence over one that a peer's packets
	 * bring (RFC 9293 MUST-52): NULL, none
	 */
	const hf_source_route *route;
} hf_listener_options;

/**
 * Passive OPEN (RFC 9293 3.10.1). `local.addr` none: every address of the host. `local.port` 0: a
 * free one is chosen (hf_listener_endpoint tells). `options` may be NULL. Errors: INVALID,
 * NO_ADDRESS, IN_USE, LIMIT, NO_MEMORY, NO_PORT.
 */
hf_err hf_listener_open(hf_stack *s, const hf_endpoint *local, const hf_listener_options *options,
			hf_listener *out);

/** Where it listens. Errors: STALE. */
hf_err hf_listener_endpoint(const hf_stack *s, hf_listener l, hf_endpoint *out);

/**
 * Takes the oldest established connection; its first events follow (it may be readable already).
 * Errors: AGAIN (none waits), STALE.
 */
hf_err hf_listener_accept(hf_stack *s, hf_listener l, hf_conn *out);

/**
 * Sets an option for the connections to come, half-open ones too. Errors: INVALID, STALE,
 * NO_MEMORY.
 */
hf_err hf_listener_set(hf_stack *s, hf_listener l, hf_option option, int64_t value);
/** What an option is now. Errors: INVALID, STALE. */
hf_err hf_listener_get(const hf_stack *s, hf_listener l, hf_option option, int64_t *value);

/**
 * Closes it: half-open records are forgotten, connections not yet accepted are reset. Errors:
 * STALE.
 */
hf_err hf_listener_close(hf_stack *s, hf_listener l);

/* ---- Connections ---- */

/** Settings of a connection; zero means the default. */
typedef struct hf_conn_options {
	size_t size;       /**< sizeof(hf_conn_options) */
	hf_endpoint local; /**< address none: chosen by route; port 0: ephemeral (RFC 6056) */
	uint32_t send_buffer, receive_buffer; /**< the stack's */
	/**
	 * Fast Open (RFC 7413): if a cookie of the peer is cached, the SYN waits for the first
	 * hf_conn_send (even of 0 octets) or hf_conn_shutdown, and carries as much of its text as
	 * fits; otherwise it goes at once and asks for a cookie. The peer may get that text twice:
	 * only for requests that may be repeated. 1: so it is. Counts only with
	 * HF_FAST_OPEN_CLIENT.
	 */
	uint8_t fast_open;
	/** 1: NO_KEY rather than a connection that is not signed (RFC 5925 7.1) */
	uint8_t require_auth;
	const hf_source_route *route; /**< IPv4 source route (MUST-51); copied: NULL, none */
	/** 1: with fast_open, the SYN carries text without a cookie, and asks for none */
	uint8_t fast_open_no_cookie;
} hf_conn_options;

/**
 * Active OPEN (RFC 9293 3.10.1): a SYN becomes due. `options` may be NULL. HF_EVENT_CONNECTED or
 * HF_EVENT_CLOSED tells how it went. Errors: INVALID (multicast, port 0), NO_ADDRESS, NO_ROUTE,
 * IN_USE, NO_PORT, LIMIT, NO_MEMORY, NO_KEY.
 */
hf_err hf_conn_open(hf_stack *s, const hf_endpoint *remote, const hf_conn_options *options,
		    hf_time now, hf_conn *out);

/**
 * SEND: copies up to `len` octets into the send buffer; `*sent` (never NULL) says how many. Before
 * the handshake is done they wait. Errors: AGAIN (buffer full: WRITABLE follows), CLOSING (after
 * hf_conn_shutdown), STALE, NO_MEMORY, or how the connection ended (REFUSED, RESET, TIMED_OUT,
 * UNREACHABLE, ABORTED).
 */
hf_err hf_conn_send(hf_stack *s, hf_conn c, const void *data, size_t len, size_t *sent);

/**
 * SEND without PUSH (RFC 9293 MAY-15; MSG_MORE): as hf_conn_send, but more will follow, and what is
 * short of a full segment waits for it, as long as the send buffer has room, but no longer than
 * behind HF_OPTION_CORK. hf_conn_send (even of 0 octets), hf_conn_commit or hf_conn_shutdown lets
 * it go. Errors as hf_conn_send.
 */
hf_err hf_conn_send_more(hf_stack *s, hf_conn c, const void *data, size_t len, size_t *sent);

/**
 * RECEIVE: copies up to `len` octets in order; `*got` says how many. HF_OK with 0 octets: the peer
 * closed, the stream has ended. Errors: AGAIN, STALE, or how the connection ended once all octets
 * are received.
 */
hf_err hf_conn_receive(hf_stack *s, hf_conn c, void *data, size_t len, size_t *got);

/**
 * Lends the first stretch of received octets (`*len` of them at `*data`), good until the next call
 * on the stack; hf_conn_consume then releases what was used. Errors and end of stream as
 * hf_conn_receive.
 */
hf_err hf_conn_peek(hf_stack *s, hf_conn c, const uint8_t **data, size_t *len);
/** Releases the first `len` octets (no more than peek lent). Errors: INVALID, STALE. */
hf_err hf_conn_consume(hf_stack *s, hf_conn c, size_t len);

/**
 * Lends room for up to `want` octets to send, good until the next call on the stack; hf_conn_commit
 * then sends what was filled in. Errors as hf_conn_send; INVALID if `want` is 0.
 */
hf_err hf_conn_reserve(hf_stack *s, hf_conn c, size_t want, uint8_t **room, size_t *len);
/** Sends the first `len` octets of the room that was lent. Errors: INVALID, STALE, CLOSING. */
hf_err hf_conn_commit(hf_stack *s, hf_conn c, size_t len);

/**
 * Half-close: no more sending; a FIN follows what is queued. Receiving goes on. Errors: STALE,
 * NO_MEMORY, or how the connection ended.
 */
hf_err hf_conn_shutdown(hf_stack *s, hf_conn c);

/**
 * CLOSE, and the handle is given up: the stack finishes the conversation by itself. With received
 * octets unread, or if more arrive, the peer gets a reset (SHLD-3). Errors: STALE.
 */
hf_err hf_conn_close(hf_stack *s, hf_conn c);

/** ABORT: a reset is sent, everything is dropped, the handle is given up. Errors: STALE. */
hf_err hf_conn_abort(hf_stack *s, hf_conn c);

/** Sets an option of a connection (options.h has them). Errors: INVALID, STALE, NO_MEMORY. */
hf_err hf_conn_set(hf_stack *s, hf_conn c, hf_option option, int64_t value);
/** What an option is now. Errors: INVALID (no such option), STALE. */
hf_err hf_conn_get(const hf_stack *s, hf_conn c, hf_option option, int64_t *value);

/** As of the latest time that the stack was told. Errors: STALE. */
hf_err hf_conn_info_get(const hf_stack *s, hf_conn c, hf_conn_info *out);

/* ---- Statistics ---- */

void hf_stack_stats(const hf_stack *s, hf_stats *out);

#endif
