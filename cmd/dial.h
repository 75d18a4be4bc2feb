/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening a connection to a name: its addresses are tried one after the other. */
#ifndef HF_CMD_DIAL_H
#define HF_CMD_DIAL_H

#include "cmd/resolve.h"
#include "cmd/wire.h"

typedef struct hf_dial hf_dial;

/**
 * Called once: `conn` is open (`code` HF_EXIT_OK), or nothing worked, which has been said on
 * stderr.
 */
typedef void (*hf_dial_done)(void *ctx, hf_exit code, hf_conn conn);

/** What to connect to, and who wants to know. */
struct hf_dial {
	hf_wire *wire;
	hf_peers peers;
	hf_ns timeout; /**< for each address; 0: the stack's, about four minutes */
	hf_dial_done done;
	void *ctx;
	/* The dialler's own. */
	unsigned next;
	hf_conn conn;
	bool is_open; /**< `conn` is being opened */
	hf_exit code; /**< of the latest failure */
	hf_alarm alarm;
};

/** Starts. The first fields are set, the others zero. `done` may be called before it returns. */
void hf_dial_start(hf_dial *d);
/** To be called with every event: true if it was for the connection that is being opened. */
bool hf_dial_event(hf_dial *d, const hf_event *event);
/** Gives up without calling `done`. Harmless when there is nothing to give up. */
void hf_dial_stop(hf_dial *d);

#endif
