/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets over the stack: descriptors, and what each system call does and answers. */
#ifndef HF_DRILL_SOCKETS_H
#define HF_DRILL_SOCKETS_H

#include <handfast/urgent.h>

#include "drill/script.h"
#include "drill/setup.h"
#include "drill/world.h"

/*
 * Theory of operation
 *
 * A socket is a descriptor of the script's with a listener or a connection behind it. A call looks
 * at the connection, does what Linux's would, and answers with a value or an errno. A call that
 * would have to sleep answers `blocks`, having changed nothing that cannot be asked again; it is
 * asked again whenever something has happened. What goes on from one asking to the next is kept in
 * hf_call_state.
 */

typedef enum hf_sock_phase {
	HF_SOCK_NEW, /**< neither listens nor has a connection */
	HF_SOCK_LISTENING,
	HF_SOCK_CONNECTING, /**< connect() has begun; its end was not told yet */
	HF_SOCK_CONNECTED,  /**< the handshake is done */
	HF_SOCK_ENDED,      /**< the connection is over, but closed it is not */
} hf_sock_phase;

/** What stands behind a descriptor. */
typedef enum hf_sock_kind {
	HF_SOCK_SOCKET,
	HF_SOCK_EPOLL,
	HF_SOCK_FILE,
	HF_SOCK_PIPE_OUT, /**< the end that is read from */
	HF_SOCK_PIPE_IN,  /**< the end that is written to */
} hf_sock_kind;

/* What these are is known where they are used alone: socket_files.c, socket_errors.c. */
typedef struct hf_drill_file hf_drill_file;
typedef struct hf_drill_pipe hf_drill_pipe;
typedef struct hf_sock_mark hf_sock_mark;
typedef struct hf_sock_note hf_sock_note;

#define HF_SOCK_UNSET (-2)

/** What setsockopt sets; a listener's are inherited. */
typedef struct hf_sock_options {
	bool no_delay, cork, keepalive, reuse_address, reuse_port, v6_only;
	bool lingers, oob_inline;
	bool zero_copy, tells_unread;          /**< SO_ZEROCOPY, TCP_INQ */
	const hf_source_route *route;          /**< IP_OPTIONS; NULL: none */
	int64_t stamping;                      /**< SO_TIMESTAMPING: SOF_TIMESTAMPING_* */
	int64_t linger;                        /**< seconds */
	int64_t send_buffer, receive_buffer;   /**< as set; 0: the stack's */
	int64_t keep_idle;                     /**< seconds; 0: two hours */
	int64_t user_timeout;                  /**< ms */
	int64_t ttl, traffic_class;            /**< -1: the stack's */
	int64_t min_ttl, discovery;            /**< the same; Linux's numbers */
	int64_t receive_low;                   /**< octets that a read waits for; 1 */
	int64_t receive_timeout, send_timeout; /**< us that a call may sleep; 0: any time */
	int64_t fast_open;                     /**< of a listener: pending connections, at most */
	bool fast_open_connect, no_cookie;     /**< TCP_FASTOPEN_CONNECT, TCP_FASTOPEN_NO_COOKIE */
	/* Not set: HF_SOCK_UNSET. */
	int64_t keep_interval, keep_probes, syn_retries; /**< seconds; times */
	int64_t defer_accept, linger2;                   /**< seconds */
	int64_t mss, window_clamp, unsent_low;           /**< octets */
	int64_t congestion;                              /**< hf_congestion_control */
	int64_t max_pacing_rate;                         /**< octets a second; -1: any */
} hf_sock_options;

typedef struct hf_sock hf_sock;

/** One descriptor that epoll watches. */
typedef struct hf_watch {
	struct hf_watch *next;
	hf_sock *sock;
	uint32_t events;
	const hf_expr *data; /**< the struct given to epoll_ctl */
	bool is_off;         /**< EPOLLONESHOT, and told */
	uint32_t told;       /**< EPOLLET: what was told and has not ceased since */
	uint64_t received;   /**< EPOLLET: octets that had come when it was told */
} hf_watch;

struct hf_sock {
	hf_sock *next;
	int64_t fd;
	int live; /**< where a kernel is the target: its descriptor there */
	hf_sock_kind kind;
	bool is_nonblocking, closes_on_exec;
	int64_t domain;
	hf_sock_phase phase;
	bool is_bound;
	uint16_t port; /**< bound to; or listening on */
	hf_listener listener;
	uint32_t backlog;
	hf_conn conn;
	hf_conn *waiting; /**< accepted already, to see whether there is one */
	int error;        /**< pending, for the next call or SO_ERROR */
	bool error_taken; /**< of the connection's end */
	bool read_shut, write_shut;
	bool owes_connect; /**< connect() has not told yet that it succeeded */
	hf_sock_options options;
	hf_watch *watches;      /**< of an epoll */
	int64_t size, position; /**< of a file */
	hf_drill_pipe *pipe;
	uint64_t written;     /**< octets that the connection has taken */
	uint64_t stamps_from; /**< of them, those before times were asked for */
	uint32_t zero_copies;
	hf_sock_mark *marks; /**< the oldest first */
	hf_sock_note *notes; /**< the error queue, the oldest first */
};

typedef struct hf_sockets {
	hf_arena *arena;
	hf_world *world;
	const hf_drill_setup *setup;
	hf_profile profile;
	hf_sock *open;   /**< the newest first */
	hf_sock *tested; /**< made last by socket() or accept(), and still open */
	hf_drill_file *files;
	struct hf_counters *before; /**< what counters were when counting began; NULL: 0 */
	hf_view cookie_key;         /**< TCP_FASTOPEN_KEY, as it was set; empty: it was not */
	/** Told when a socket is made, and when a connection is opened from it. */
	void (*made)(void *ctx);
	void (*connected)(void *ctx, const hf_endpoint *local, const hf_endpoint *remote);
	void *ctx;
} hf_sockets;

/** What a call keeps while it sleeps. Starts as all zero. */
typedef struct hf_call_state {
	uint64_t done; /**< octets */
	bool is_asked_again;
	bool may_sleep; /**< the script says until when */
	hf_time since;  /**< when it was asked first */
	hf_time wake;   /**< when it must be asked again at the latest */
} hf_call_state;

/** How a call was answered. */
typedef struct hf_answer {
	int64_t value; /**< -1 with an errno */
	int error;
	bool blocks;
	hf_sock *made;        /**< a new descriptor, whose number the script chooses */
	const char *mismatch; /**< an argument that the call fills in differs; NULL: none */
	const char *trouble;  /**< the call could not be tried: why */
} hf_answer;

/** A call with all that it needs. */
typedef struct hf_calling {
	hf_sockets *sockets;
	const hf_drill_call *call;
	hf_call_state *state;
	hf_answer *answer;
} hf_calling;

/** Tries a call. */
hf_answer hf_call_try(hf_sockets *s, const hf_drill_call *call, hf_call_state *state);
/** Notes a call that nobody knows, or another number of arguments than it takes. False: it did. */
bool hf_call_check_form(hf_drill_script *script, const hf_drill_call *call);
/** Notes what of a call is not supported, or wrong whatever happens. */
void hf_call_check(hf_drill_script *script, const hf_drill_call *call);
/** Gives a new descriptor its number. False: it is open already. */
bool hf_sock_number(hf_sockets *s, hf_sock *sock, int64_t fd);
/** Makes a file of zeros for `open`, or another of that name; `size` -1 takes it away. */
void hf_sockets_put_file(hf_sockets *s, const char *path, int64_t size);
/** The size of a file; -1: there is none. */
int64_t hf_sockets_file(const hf_sockets *s, const char *path);
/** Looks what has become of octets that error queues are to tell of; after whatever happened. */
void hf_sockets_watch(hf_sockets *s);

/** A number that is not in use. */
int64_t hf_sock_free_number(const hf_sockets *s);
/** Sockets whose connection, if any, is closed. */
unsigned hf_sockets_closed(hf_sockets *s);

/* ---- For the calls themselves ---- */

/** Argument `n`, counted from 0; NULL: there are fewer. */
const hf_expr *hf_call_arg(const hf_calling *c, unsigned n);
/** An integer argument; `otherwise` for `...`. False: it is something else, which is noted. */
bool hf_call_int(const hf_calling *c, unsigned n, int64_t otherwise, int64_t *out);
/** The port of `{sa_family=..., sin_port=htons(N), ...}`; `otherwise` for `...`. */
bool hf_call_port(const hf_calling *c, unsigned n, uint16_t otherwise, uint16_t *out);
/** Is it an address of family AF_UNSPEC, which ends a connection? */
bool hf_call_is_unspecified(const hf_expr *address);
/** The length of `{..., N}` or `{iov_base=..., iov_len=N}`; of a whole list of these. */
bool hf_call_element_len(const hf_calling *c, const hf_expr *e, uint64_t *len);
bool hf_call_vector_len(const hf_calling *c, const hf_expr *list, uint64_t *len);
/** The socket that argument 0 names. NULL: answered (EBADF, ENOTSOCK) or noted. */
hf_sock *hf_call_sock(const hf_calling *c);
hf_sock *hf_sock_find(const hf_sockets *s, int64_t fd);
void hf_call_done(const hf_calling *c, int64_t value);
void hf_call_fail(const hf_calling *c, int error);
void hf_call_sleep(const hf_calling *c);
/** Sleeps, but up to `us` since the call was made; 0: without end. False: that time is over. */
bool hf_call_sleep_up_to(const hf_calling *c, int64_t us);
void hf_call_trouble(const hf_calling *c, const char *text);
void hf_call_mismatch(const hf_calling *c, const char *what, int64_t expected, int64_t actual);

/** setsockopt of SO_TIMESTAMPING, TCP_FASTOPEN_KEY and IP_OPTIONS. */
void hf_call_set_stamping(const hf_calling *c, hf_sock *sock, int64_t flags);
void hf_call_set_cookie_key(const hf_calling *c, const hf_expr *value);
void hf_call_set_ip_options(const hf_calling *c, hf_sock *sock, const hf_expr *value);
/** getsockopt of TCP_INFO, whose fields are figures; of TCP_FASTOPEN_KEY; of IP_OPTIONS. */
void hf_call_get_info(const hf_calling *c, const hf_sock *sock, const hf_expr *value);
void hf_call_get_cookie_key(const hf_calling *c, const hf_expr *value);
void hf_call_get_ip_options(const hf_calling *c, const hf_sock *sock, const hf_expr *value);
/** Notes which of SO_TIMESTAMPING's flags, and of TCP_INFO's fields, are not known. */
void hf_stamping_check(hf_drill_script *script, const hf_expr *value);
void hf_info_check(hf_drill_script *script, const hf_expr *value);
/** The octets of a string, with its escapes (`\x1f`, `\n`, `\0`) read. */
hf_view hf_call_octets_of(hf_arena *arena, const hf_expr *string);

/** setsockopt of a key: a string for MD5, a struct for TCP-AO. */
void hf_call_set_key(const hf_calling *c, hf_sock *sock, const hf_expr *value);
hf_sock *hf_sock_new(hf_sockets *s);
/** Takes a descriptor out of all lists. */
void hf_sock_forget(hf_sockets *s, const hf_sock *gone);
/** Brings phase and error up to date. */
void hf_sock_look(hf_sockets *s, hf_sock *sock);
/** Takes the pending error: 0: none. */
int hf_sock_take_error(hf_sock *sock);
/** What the stack knows of the connection; all zero without one. */
hf_conn_info hf_sock_info(const hf_sockets *s, const hf_sock *sock);
/** How it stands with urgent data; all zero without a connection. */
hf_conn_urgent hf_sock_urgent(const hf_sockets *s, const hf_sock *sock);
/** Octets before the urgent one that is kept apart, if there is one. */
uint32_t hf_sock_before_mark(const hf_sockets *s, const hf_sock *sock);
/** Hands the options to the connection. */
void hf_sock_apply(hf_sockets *s, hf_sock *sock);
/** Of these, what belongs to IP. */
void hf_sock_apply_ip(hf_sockets *s, hf_sock *sock);
/** The same for its listener, and so for the connections to come. */
void hf_sock_apply_listener(hf_sockets *s, hf_sock *sock);
/** The errno for an error of the stack's. */
int hf_errno_of(hf_err e);
/**
 * Octets were written: the error queue is to tell of them what the call's `flags` and the socket's
 * options say. `stamping`: the times that a control message asked for; -1: none did.
 */
void hf_sock_mark_write(const hf_calling *c, hf_sock *sock, int64_t flags, int64_t stamping);
/** recvmsg with MSG_ERRQUEUE, and the other reads with it. */
void hf_call_read_errors(const hf_calling *c, hf_sock *sock);
/** Compares msg_control with what comes along with octets of `sock`'s stream. */
void hf_call_compare_control(const hf_calling *c, const hf_sock *sock);
/** Reads msg_control of a sendmsg: as of hf_sock_mark_write. False: answered or noted. */
bool hf_call_take_control(const hf_calling *c, int64_t *stamping);

/** A call whose descriptor is a file or a pipe. False: it is about something else. */
bool hf_call_on_file(const hf_calling *c);
/** What a file or a pipe is ready for. */
uint32_t hf_file_readiness(const hf_sock *sock);
/** Reads or writes up to `len` octets for splice and sendfile, and answers for the call. */
void hf_call_read_octets(const hf_calling *c, hf_sock *sock, uint64_t len, int64_t flags);
void hf_call_write_octets(const hf_calling *c, hf_sock *sock, uint64_t len, int64_t flags);

/** Accepts a connection from a listener, as the stack or an earlier look gave it. */
bool hf_sock_take_waiting(hf_sockets *s, hf_sock *sock, hf_conn *out);
/** The port of an address argument; `otherwise` for `...`. False: it is none, which is noted. */
bool hf_call_port(const hf_calling *c, unsigned n, uint16_t otherwise, uint16_t *out);
/** Begins to connect; with Fast Open if `is_fast`. False: answered, with why it cannot. */
bool hf_sock_open(const hf_calling *c, hf_sock *sock, uint16_t port, bool is_fast);
/** Octets that may wait in the send buffer. */
int64_t hf_sock_send_room(const hf_sock *sock);

/** None of the options of TCP's level is set. */
void hf_sock_unset_tcp(hf_sock_options *o);
/** Hands those that are set to the socket's connection or listener. */
void hf_sock_apply_tcp(hf_sockets *s, const hf_sock *sock);
/** What the stack does by itself, for the option that lies at `at` in hf_sock_options. */
int64_t hf_sock_tcp_default(const hf_sockets *s, size_t at);

/** The flags that reads and writes know. */
#define HF_CALL_READ_FLAGS                                                                         \
	(HF_SYM_MSG_PEEK | HF_SYM_MSG_DONTWAIT | HF_SYM_MSG_NOSIGNAL | HF_SYM_MSG_WAITALL |        \
	 HF_SYM_MSG_TRUNC | HF_SYM_MSG_OOB | HF_SYM_MSG_ERRQUEUE)
#define HF_CALL_WRITE_FLAGS                                                                        \
	(HF_SYM_MSG_MORE | HF_SYM_MSG_DONTWAIT | HF_SYM_MSG_NOSIGNAL | HF_SYM_MSG_OOB |            \
	 HF_SYM_MSG_ZEROCOPY)

typedef void hf_call_function(const hf_calling *c);

hf_call_function hf_call_socket, hf_call_bind, hf_call_listen, hf_call_accept, hf_call_accept4,
	hf_call_connect, hf_call_close, hf_call_shutdown;
hf_call_function hf_call_read, hf_call_recv, hf_call_readv, hf_call_recvmsg;
hf_call_function hf_call_write, hf_call_send, hf_call_writev, hf_call_sendmsg;
hf_call_function hf_call_getsockopt, hf_call_setsockopt, hf_call_fcntl, hf_call_ioctl;
hf_call_function hf_call_open, hf_call_pipe, hf_call_splice, hf_call_sendfile;
hf_call_function hf_call_poll, hf_call_epoll_create, hf_call_epoll_ctl, hf_call_epoll_wait;

/** Notes what of a getsockopt or setsockopt is not supported. */
void hf_sockopt_check(hf_drill_script *script, const hf_drill_call *call, bool is_set);

#endif
