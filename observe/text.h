/* SPDX-License-Identifier: BSD-2-Clause */
/* A bounded text under construction, and the sink that finished text goes to. */
#ifndef HF_OBSERVE_TEXT_H
#define HF_OBSERVE_TEXT_H

#include <stddef.h>

/** Where text goes: a terminal, a file, a test. The text is borrowed for the call. */
typedef struct hf_sink {
	void (*write)(void *ctx, const char *text, size_t len);
	void *ctx;
} hf_sink;

/** Text in a buffer of the caller's: always closed by a zero; what does not fit is cut off. */
typedef struct hf_text {
	char *at;
	size_t capacity; /**< octets, the closing zero counted; at least 1 */
	size_t len;      /**< octets so far, without the zero */
} hf_text;

/**
 * Starts an empty text in `capacity` (at least 1) octets at `at`. Borrows them as long as it is
 * used.
 */
hf_text hf_text_in(char *at, size_t capacity);
/** Appends as printf does. */
void hf_text_add(hf_text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Hands the text to the sink and empties it. */
void hf_text_flush(hf_text *t, const hf_sink *sink);

#endif
