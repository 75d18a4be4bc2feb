/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a download goes: a file that gets its name when it is complete, or standard output. */
#ifndef HF_CMD_PARTFILE_H
#define HF_CMD_PARTFILE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct hf_partfile {
	int fd;           /**< -1: closed */
	const char *path; /**< the final name, borrowed; NULL: standard output */
	char *part;       /**< the name for now, from malloc; NULL when there is none */
} hf_partfile;

/**
 * Opens FILE.part-XXXXXX beside `path`; a path that exists and is no regular file (a device, a
 * FIFO) is written directly; NULL or "-" is the standard output. On failure returns false with
 * errno.
 */
bool hf_partfile_open(hf_partfile *p, const char *path);
/** Writes all of it, waiting where it must. On failure returns false with errno. */
bool hf_partfile_write(hf_partfile *p, const void *data, size_t len);
/**
 * Closes it and gives it its name, replacing what was there. On failure nothing is left; false with
 * errno.
 */
bool hf_partfile_commit(hf_partfile *p);
/** Closes and removes what is not complete. Harmless after a commit. */
void hf_partfile_discard(hf_partfile *p);

#endif
