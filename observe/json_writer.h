/* SPDX-License-Identifier: BSD-2-Clause */
/* One JSON object on one line, member by member. */
#ifndef HF_OBSERVE_JSON_WRITER_H
#define HF_OBSERVE_JSON_WRITER_H

#include <handfast/stack.h>

#include "observe/text.h"

/*
 * The records are small and their shape is fixed, so they are written directly. Every string is a
 * word of ours, a number or an address, except how a packet was lost, which the caller supplies:
 * all go through add_string.
 */
typedef struct hf_json_writer {
	hf_text text;
	bool comma; /**< a member stands before the next one */
	char line[4096];
} hf_json_writer;

/** Opens the record with its `event`. */
void hf_json_begin(hf_json_writer *w, const char *event);
/** Closes it and hands it to the sink, as a line. */
void hf_json_end(hf_json_writer *w, const hf_sink *sink);
/** A member's name; its value is to follow. */
void hf_json_key(hf_json_writer *w, const char *key);
/** A member that is an object: what follows is in it, until it is closed. */
void hf_json_open(hf_json_writer *w, const char *key);
void hf_json_close(hf_json_writer *w);
/** Members. */
void hf_json_number(hf_json_writer *w, const char *key, int64_t value);
void hf_json_count(hf_json_writer *w, const char *key, uint64_t value);
void hf_json_truth(hf_json_writer *w, const char *key, bool value);
void hf_json_string(hf_json_writer *w, const char *key, const char *value);
/** Nanoseconds as seconds, exactly. */
void hf_json_seconds(hf_json_writer *w, const char *key, hf_ns ns);
/** The same; what is negative was not measured, and is left out. */
void hf_json_measured(hf_json_writer *w, const char *key, hf_ns ns);
void hf_json_endpoint(hf_json_writer *w, const char *key, const hf_endpoint *e);

#endif
