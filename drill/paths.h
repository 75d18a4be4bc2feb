/* SPDX-License-Identifier: BSD-2-Clause */
/* Script files: those named, and those below directories. */
#ifndef HF_DRILL_PATHS_H
#define HF_DRILL_PATHS_H

#include "drill/arena.h"

/** A list of files. Starts as all zero but the arena. */
typedef struct hf_paths {
	hf_arena *arena;
	const char **at;
	size_t count, room;
} hf_paths;

/** Adds a file (whether it can be read or not), or all *.pkt below a directory, sorted. */
void hf_paths_add(hf_paths *p, const char *path);
/** All of a file, closed by a zero, from malloc; NULL: it cannot be read, or has a zero octet. */
char *hf_paths_read(const char *path);

#endif
