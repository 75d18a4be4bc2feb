/* SPDX-License-Identifier: BSD-2-Clause */
/* A conversation by script between two hosts of a lab: who says what, every octet checked. */
#ifndef HF_CMD_SCRIPT_H
#define HF_CMD_SCRIPT_H

#include "lab/apps.h"

/** One line of a script. */
typedef struct hf_line {
	bool is_servers;
	const char *text; /**< NULL: the end */
} hf_line;

/** One end of the conversation. All zero but `lines` before it starts. */
typedef struct hf_actor {
	hf_lab_app app;
	const hf_line *lines;
	bool is_server;
	unsigned at; /**< the line that is being said */
	size_t done; /**< octets of it that were sent, or received */
	bool has_shut, got_end;
	bool is_wrong; /**< other octets came than the script says */
	bool is_over;  /**< the connection has ended, for `reason` */
	hf_reason reason;
} hf_actor;

/** A server that waits for one client, and both ends. */
typedef struct hf_script {
	hf_lab_server listener;
	hf_actor client, server;
} hf_script;

/**
 * Has `server` listen at `port`, and `client` connect and start. Errors: as hf_conn_open and
 * hf_listener_open.
 */
hf_err hf_script_start(hf_script *s, const hf_line *lines, hf_lab_node *client, hf_lab_node *server,
		       uint16_t port);
/** True if both said and heard all of it, and both closed. */
bool hf_script_is_played(const hf_script *s);

#endif
