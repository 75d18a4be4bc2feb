/* SPDX-License-Identifier: BSD-2-Clause */
/* What a file server answers: from a directory and the few request headers that matter. */
#ifndef HF_CMD_ANSWER_H
#define HF_CMD_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/*
 * No HTTP is parsed here but the values of three headers: the library that speaks HTTP hands them
 * over and sends the answer. That keeps the rules (RFC 9110, 13 and 14) in one place that a test
 * can ask.
 */

/** A request. Strings are borrowed; a header that is not there is NULL. */
typedef struct hf_request {
	const char *path; /**< as in the URL, percent signs decoded, with the leading slash */
	const char *range, *if_range, *if_modified_since;
} hf_request;

#define HF_HTTP_DATE 32 /**< room for an HTTP date */

/** An answer: octets of a file, or a small body in memory. */
typedef struct hf_answer {
	unsigned status;
	int fd;                      /**< the file, or -1 */
	uint64_t offset, len;        /**< the octets of it that are sent */
	uint64_t size;               /**< the whole file's */
	char *body;                  /**< if fd is -1: of `len` octets, from malloc; may be NULL */
	const char *type;            /**< content type, or NULL */
	char modified[HF_HTTP_DATE]; /**< Last-Modified; empty: none */
	char *location;              /**< 301: where it is, from malloc */
} hf_answer;

/**
 * Opens the directory to be served. Returns its descriptor, or -1 with errno: ENOSYS when the
 * kernel cannot keep a path beneath a directory (openat2, Linux 5.6).
 */
int hf_answer_root(const char *directory);

/**
 * Answers for the file or directory `request->path` beneath `root`; nothing outside it is ever
 * opened, whatever the path and the links in it say. Always fills in an answer; the caller frees
 * it.
 */
void hf_answer_make(int root, const hf_request *request, hf_answer *out);
/**
 * Frees body and location. The descriptor is closed too, unless it was set to -1 by who took it.
 */
void hf_answer_free(hf_answer *a);

/** The content type that goes with a file's name. */
const char *hf_media_type(const char *name);

/** A page that lists the directory `fd` (borrowed), called `title`; from malloc, or NULL. */
char *hf_listing_make(int fd, const char *title, size_t *len);

/**
 * `path` with every octet that a URL's path does not allow written as %XX; from malloc, or NULL.
 */
char *hf_path_escape(const char *path);

#endif
