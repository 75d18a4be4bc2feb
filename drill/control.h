/* SPDX-License-Identifier: BSD-2-Clause */
/* Control messages, as they came along with octets, held against what a script says of them. */
#ifndef HF_DRILL_CONTROL_H
#define HF_DRILL_CONTROL_H

#include "drill/sockets.h"

#define HF_CONTROL_FIELDS 32

/** One control message. */
typedef struct hf_control {
	int64_t level, type;
	/** its data: one number without a name, or several with theirs */
	const char *name[HF_CONTROL_FIELDS];
	int64_t value[HF_CONTROL_FIELDS];
	unsigned fields;
	bool has_time; /**< it is a time: `scm_sec` and `scm_nsec` since the script's start */
	hf_ns time;
} hf_control;

void hf_control_add(hf_control *m, const char *name, int64_t value);

/** The fields of a sock_extended_err, whose message `m` becomes. */
typedef struct hf_control_error {
	int64_t error, origin, type, code, info, data;
} hf_control_error;
void hf_control_set_error(hf_control *m, const hf_control_error *e);

/**
 * Compares `count` messages with the list of the call's msg_control, if it has one, and notes the
 * first difference.
 */
void hf_control_compare(const hf_calling *c, const hf_control *messages, size_t count);

/** Which figure (drill/figures.h) an attribute of SCM_TIMESTAMPING_OPT_STATS is; NULL: none. */
const char *hf_control_figure(const char *attribute);
/** The `n`th of these attributes, in the order of their numbers on the wire from 1; NULL: none. */
const char *hf_control_attribute(unsigned n);

/**
 * Reads a control message that a sendmsg has. False: it is something else than a level, a type and
 * a number, which is noted.
 */
bool hf_control_read(const hf_calling *c, const hf_expr *e, hf_control *out);

#endif
