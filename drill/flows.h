/* SPDX-License-Identifier: BSD-2-Clause */
/* The connections of a script, and how its numbers become those on the wire and back. */
#ifndef HF_DRILL_FLOWS_H
#define HF_DRILL_FLOWS_H

#include "drill/world.h"

/*
 * Theory of operation
 *
 * A script writes sequence numbers relative to the initial ones, except in segments with SYN,
 * where they stand as they are: the peer's are the script's own, the stack's are counted from the
 * number that its first SYN turned out to have. Ports are learnt the same way. Time stamps of the
 * stack are counted from the first pair of a written and a seen one; all pairs are remembered, so
 * that the peer can echo them.
 *
 * One flow is under test at a time. It is made by connect(), or by the first inbound packet while
 * there is none. Segments that name their ports belong to flows of their own.
 */

/** A time stamp of the stack's: as the script writes it, and as it was sent. */
typedef struct hf_drill_stamp {
	struct hf_drill_stamp *next;
	uint32_t script, live;
} hf_drill_stamp;

typedef struct hf_drill_flow {
	struct hf_drill_flow *next;
	hf_addr local_addr, remote_addr;
	uint16_t local, remote; /**< ports; local 0: not learnt yet */
	bool is_over;           /**< another one is under test now: what it sends is left alone */
	bool knows_local, knows_remote, knows_script; /**< the numbers below */
	uint32_t local_isn, local_script_isn;         /**< on the wire; as the script writes it */
	uint32_t remote_isn, last_syn;                /**< the peer's first and last SYN's number */
	bool has_stamps;
	uint32_t stamp_offset;
	hf_drill_stamp *stamps; /**< the newest first */
	bool has_label;
	uint32_t script_label, live_label;
} hf_drill_flow;

/** All flows of a script. */
typedef struct hf_drill_flows {
	hf_arena *arena;
	hf_drill_flow *first;
	hf_drill_flow *tested; /**< NULL: none yet */
	uint16_t next_port;    /**< the peer's next ephemeral one */
} hf_drill_flows;

/** A new flow under test; the one before is over. */
hf_drill_flow *hf_drill_flow_begin(hf_drill_flows *f, const hf_endpoint *local,
				   const hf_endpoint *remote);
/** The flow with these ports, made if there is none. The one under test stays. */
hf_drill_flow *hf_drill_flow_named(hf_drill_flows *f, const hf_endpoint *local,
				   const hf_endpoint *remote);
/** Nothing is under test any more. */
void hf_drill_flow_leave(hf_drill_flows *f);
/** Finds whose packet it is, and learns from it. */
void hf_drill_flow_left(hf_drill_flows *f, hf_drill_wire *p);
/** Learns from a SYN that the script is about to send. */
void hf_drill_flow_syn(hf_drill_flow *f, uint32_t seq);

/** The stack's and the peer's numbers: from the script's to the wire's and back. */
uint32_t hf_drill_local_out(const hf_drill_flow *f, bool is_syn, uint32_t script);
uint32_t hf_drill_local_in(const hf_drill_flow *f, bool is_syn, uint32_t live);
uint32_t hf_drill_remote_out(const hf_drill_flow *f, bool is_syn, uint32_t script);
uint32_t hf_drill_remote_in(const hf_drill_flow *f, bool is_syn, uint32_t live);

/** Remembers a pair of time stamps. */
void hf_drill_stamp_note(hf_drill_flows *flows, hf_drill_flow *f, uint32_t script, uint32_t live);
/** What the stack sent for a time stamp of the script's. False: never seen. */
bool hf_drill_stamp_find(const hf_drill_flow *f, uint32_t script, uint32_t *live);

#endif
