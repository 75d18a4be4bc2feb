/* SPDX-License-Identifier: BSD-2-Clause */
/* What a script is held against: the stack in virtual time, or a kernel in real time. */
#ifndef HF_DRILL_TARGET_H
#define HF_DRILL_TARGET_H

#include "drill/code.h"
#include "drill/sockets.h"

/*
 * Theory of operation
 *
 * The runner reads events, waits, compares and reports; it does not know what answers. All that
 * differs between targets is here: how time passes, where packets go to and come from, what a call,
 * a command and a figure mean. A target notes every packet that leaves in the session's world
 * (hf_world_note_out); from there on there is one way only.
 */

struct hf_session;

typedef struct hf_target {
	const char *name; /**< "Linux" */
	const char *key;  /**< the same in JSON: "linux" */
	bool is_real;     /**< its time is the machine's: nothing jumps, everything costs time */
	hf_ns slack;      /**< times may be off by this, whatever the script says */
	hf_ns patience;   /**< the longest wait for a packet that may come at any time */

	/* What the target does not have is noted as a need of the script. */
	void (*check_call)(hf_drill_script *script, const hf_drill_call *call);
	void (*check_command)(hf_drill_script *script, const char *text, hf_drill_at at);
	bool (*knows_figure)(const char *name);

	/** Makes it; commands can be run then. NULL: done; else why not. */
	const char *(*open)(struct hf_session *s);
	/** Called before each packet, call and piece of code. NULL: done; else why not. */
	const char *(*start)(struct hf_session *s);
	/** Ends it, whatever it is doing. NULL: done; else what was wrong with it. */
	const char *(*close)(struct hf_session *s);

	/** What its clock shows. */
	hf_time (*now)(const struct hf_session *s);
	/** Hands a packet over, now. */
	void (*input)(struct hf_session *s, const uint8_t *octets, size_t len);
	/** Takes out all that has left by now. */
	void (*settle)(struct hf_session *s);
	/**
	 * Lets time pass until something may have happened. False: nothing does up to `until`.
	 */
	bool (*pass)(struct hf_session *s, hf_time until);

	/** Tries a call, or asks the one that sleeps again (`state` says which). */
	hf_answer (*try_call)(struct hf_session *s, const hf_drill_call *call,
			      hf_call_state *state);
	/** The value of a name in code. False: it is not known. */
	bool (*figure)(struct hf_session *s, const char *name, hf_datum *out);
	/** Does what a command means. NULL: done; else why it failed. */
	const char *(*command)(struct hf_session *s, const char *text);
} hf_target;

/** The stack, in this process and in virtual time. */
extern const hf_target hf_target_stack;

#endif
