/* SPDX-License-Identifier: BSD-2-Clause */
/* A command on the wire: a TUN device, a stack behind it, loop and bridge, and who looks on. */
#ifndef HF_CMD_WIRE_H
#define HF_CMD_WIRE_H

#include "bridge/pump.h"
#include "cmd/command.h"
#include "cmd/key_file.h"
#include "cmd/stats.h"
#include "io/loop.h"
#include "io/tun.h"

/** What the options that all commands on the wire share say. */
typedef struct hf_wire_settings {
	const char *tun;       /**< name of the device */
	const char *netns;     /**< path or name of a network namespace; NULL: ours */
	hf_host_addrs address; /**< none: 10.77.0.2/24 and fd77::2/64 */
	uint64_t mtu;
	bool no_offload;
	const char *ecn;         /**< one of hf_wire's words; NULL: as the stack has it */
	const char *mtu_probing; /**< the same */
	bool fast_open;
	const char *syn_cookies; /**< the same; a command that listens may offer these two */
	bool stealth;
	bool ladder, trace;
	const char *pcap, *json; /**< files; NULL: not wanted */
	bool stats;
	bool quiet, verbose;
	hf_key_files keys; /**< of signed connections */
	int ladder_fd;     /**< where the ladder is drawn: STDERR_FILENO by default */
} hf_wire_settings;

/** Their table; at the offset of an hf_wire_settings. */
extern const hf_cmd_option hf_wire_options[];
/** Their defaults. */
void hf_wire_default(hf_wire_settings *s);

typedef struct hf_watchers hf_watchers;

/** Everything that a command on the wire holds. */
typedef struct hf_wire {
	const hf_wire_settings *settings;
	hf_link *link;
	hf_stack *stack;
	hf_poller *poller;
	hf_loop *loop;
	hf_bridge *bridge;
	hf_watchers *watchers;   /**< ladder, trace, JSON, capture */
	hf_stats_teller *teller; /**< --stats; NULL: not wanted */
	hf_host_addrs address;   /**< of the stack */
	/** Set by the command before it runs: all events but those of the bridge's pumps. */
	void (*on_event)(void *ctx, const hf_event *event);
	void *ctx;
} hf_wire;

/**
 * Opens the device and makes stack, loop and watchers. Borrows `settings`. What fails is said on
 * stderr, nothing is left behind, and the exit code tells.
 */
hf_exit hf_wire_open(const hf_wire_settings *settings, hf_wire *out);

/** As hf_wire_open, on a link that exists. Takes `link`, also on failure. */
hf_exit hf_wire_open_link(const hf_wire_settings *settings, hf_link *link, hf_wire *out);

/** How a command on the wire listens. */
hf_listener_options hf_wire_listening(const hf_wire_settings *s);

/** Runs the loop until the command stops it or a signal comes. */
hf_exit hf_wire_run(hf_wire *w);
/** True if SIGINT or SIGTERM came. */
bool hf_wire_is_interrupted(const hf_wire *w);

/** Lets connections that are closing finish, for two seconds at most. */
void hf_wire_drain(hf_wire *w);

/**
 * Closes everything. With HF_EXIT_OK as `code` connections may finish (hf_wire_drain); what is left
 * is aborted. Returns `code`, or the code of what could not be completed (a capture on a full disk)
 * if `code` is HF_EXIT_OK.
 */
hf_exit hf_wire_close(hf_wire *w, hf_exit code);

/**
 * The kernel's address beside ours in the same network: the first host address, or the second if
 * that is ours.
 */
hf_addr hf_wire_neighbour(const hf_host_addr *ours);

/** The addresses that the stack will have: those of the command line, or the defaults. */
void hf_wire_addresses(const hf_wire_settings *s, hf_host_addrs *out);

/** The settings of a TUN device from those of the command line. */
void hf_wire_tun_options(const hf_wire_settings *s, const hf_host_addrs *ours, hf_tun_options *out);

#endif
