/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of the runner share: one run of one script. */
#ifndef HF_DRILL_SESSION_H
#define HF_DRILL_SESSION_H

#include "drill/code.h"
#include "drill/drill.h"
#include "drill/sockets.h"
#include "drill/target.h"
#include "drill/wire.h"

/** A call that sleeps. */
typedef struct hf_sleeper {
	const hf_drill_event *event; /**< NULL: none sleeps */
	hf_call_state state;
	hf_time end; /**< when it must return */
	hf_ns tolerance;
} hf_sleeper;

typedef struct hf_session {
	const hf_target *target;
	void *target_ctx; /**< what the target keeps */
	hf_drill_script *script;
	const hf_drill_options *options;
	hf_drill_result *result;
	hf_arena *arena; /**< the result's */
	hf_drill_setup setup;
	hf_world world;
	hf_drill_flows flows;
	hf_sockets sockets;
	hf_code_world code;
	hf_time base; /**< when the last event was done */
	hf_sleeper sleeper;
	bool has_failed;
	bool is_lacking; /**< the failure is that the target does not have what the script needs */
} hf_session;

/** Notes a failure at an event's place; only the first counts. Returns false. */
bool hf_session_fail(hf_session *s, const hf_drill_event *e, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/** As hf_session_fail, with what was expected and the packet that came instead; NULL: none came. */
bool hf_session_fail_packet(hf_session *s, const hf_drill_event *e, const hf_drill_wire *actual,
			    const char *why);
/** Adds what has passed on the wire to the report. */
void hf_session_add_ladder(hf_session *s);

/**
 * Lets the next thing happen that is due by `until`. False: nothing is due, or there was a failure.
 */
bool hf_session_step(hf_session *s, hf_time until);
/** When an event is to happen, and how much it may be off. */
hf_time hf_session_time(const hf_session *s, hf_drill_base base, hf_ns at);
hf_ns hf_session_tolerance(const hf_session *s, hf_time at);

/** Sends the packet of an event. */
bool hf_session_inbound(hf_session *s, const hf_drill_event *e);
/** Waits for the packet of an event, and compares it. */
bool hf_session_outbound(hf_session *s, const hf_drill_event *e);
/** Fails if a packet left that no event expected. */
bool hf_session_no_more(hf_session *s);

#endif
