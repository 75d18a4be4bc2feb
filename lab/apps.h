/* SPDX-License-Identifier: BSD-2-Clause */
/* Ready applications: a talker that sends and checks to a plan, a server that accepts, an echo. */
#ifndef HF_LAB_APPS_H
#define HF_LAB_APPS_H

#include "lab/app.h"

/* ---- Streams whose every octet can be checked ---- */

/** Writes octets [at, at + len) of the endless pseudo-random stream `key`. */
void hf_lab_stream(uint64_t key, uint64_t at, uint8_t *to, size_t len);
/**
 * The first of `len` octets that is not as in the stream `key` from `at` on; `len`: all are
 * right.
 */
size_t hf_lab_stream_check(uint64_t key, uint64_t at, const uint8_t *octets, size_t len);

/* ---- The talker: one end of a conversation ---- */

/** How a talker ends its side. */
typedef enum hf_lab_ending {
	HF_LAB_SHUTDOWN, /**< half-close when all is queued; read to the peer's end */
	HF_LAB_ANSWER,   /**< send only after the peer's end: request and response */
	HF_LAB_LAST,     /**< send at once, half-close only after the peer's end */
	HF_LAB_CLOSE, /**< half-close; when `expect` octets are read, leave the rest to the stack */
} hf_lab_ending;

/** What a talker is to do. Zero in every field: say nothing, half-close, read to the end. */
typedef struct hf_lab_talk_plan {
	uint64_t send_key, send; /**< the stream to send and how many octets of it */
	uint64_t receive_key;    /**< the stream that should come */
	uint64_t expect;         /**< for HF_LAB_CLOSE: how many octets of it */
	hf_lab_ending ending;
	uint32_t write_chunk;          /**< octets offered at a time; 0: 16384 */
	uint32_t read_chunk;           /**< octets read at a time; 0: 16384 */
	hf_ns write_pause, read_pause; /**< between two chunks: a slow writer, a slow reader */
	uint64_t abort_at; /**< aborts when this many octets were queued and received; 0: never */
	hf_ns abort_after; /**< aborts this long after it was started; 0: never */
	hf_ns keepalive;   /**< as HF_OPTION_KEEPALIVE; 0: off */
	bool borrow; /**< uses peek, consume, reserve and commit instead of send and receive */
} hf_lab_talk_plan;

/** A talker; read its fields at any time. All zero before it is started. */
typedef struct hf_lab_talk {
	hf_lab_app app;
	hf_lab_talk_plan plan;
	uint64_t queued, received; /**< octets that the stack took, and gave */
	uint64_t wrong;            /**< 1 + position of the first wrong octet; 0: all were right */
	hf_time started, ended, next_read, next_write;
	bool connected;
	bool is_readable, is_writable; /* as the events said, until a call said otherwise */
	bool has_shut;                 /**< hf_conn_shutdown was called */
	bool got_end;                  /**< the peer's stream was read to its end */
	bool sent_all;                 /**< all octets and the FIN are acknowledged */
	bool is_over;                  /**< the connection has ended, for `reason` */
	bool is_done;                  /**< the handle is given up: nothing more happens */
	bool was_aborted, was_closed;  /**< ... by hf_conn_abort; by hf_conn_close before the end */
	hf_reason reason;
	hf_err error; /**< the first error but AGAIN that a call gave */
} hf_lab_talk;

/** Opens a connection to `remote` and talks; `options` may be NULL. Errors: as hf_conn_open. */
hf_err hf_lab_talk_open(hf_lab_talk *talk, hf_lab_node *host, const hf_endpoint *remote,
			const hf_conn_options *options, const hf_lab_talk_plan *plan);
/** Talks on a connection that was accepted. */
void hf_lab_talk_on(hf_lab_talk *talk, hf_lab_node *host, hf_conn conn,
		    const hf_lab_talk_plan *plan);

/* ---- The server ---- */

typedef struct hf_lab_server hf_lab_server;

/** Accepts what comes. All zero but `accepted` and `ctx` (and `pause`) before it is started. */
struct hf_lab_server {
	hf_lab_app app;
	/** A connection was accepted; it belongs to the callee. */
	void (*accepted)(void *ctx, hf_lab_server *server, hf_conn conn);
	void *ctx;
	hf_ns pause; /**< between two accepts: a slow application */
	uint64_t count;
	bool is_open;
};

/** Listens at `local` (address none: all); `options` may be NULL. Errors: as hf_listener_open. */
hf_err hf_lab_server_open(hf_lab_server *server, hf_lab_node *host, const hf_endpoint *local,
			  const hf_listener_options *options);
/** Stops listening. */
void hf_lab_server_close(hf_lab_server *server);

/* ---- Echo ---- */

/** Sends back what it gets, and closes when the peer has. All zero before it is started. */
typedef struct hf_lab_echo {
	hf_lab_app app;
	uint64_t echoed;
	uint32_t held_from, held_to; /**< of `held`: received, not taken for sending yet */
	bool got_end, is_done;
	hf_reason reason;
	uint8_t held[4096];
} hf_lab_echo;

void hf_lab_echo_on(hf_lab_echo *echo, hf_lab_node *host, hf_conn conn);

#endif
