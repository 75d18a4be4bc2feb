/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of keys for signed connections. */
#ifndef HF_CMD_KEY_FILE_H
#define HF_CMD_KEY_FILE_H

#include <handfast/auth.h>

/* What the options --ao-key-file and --md5-key-file say; NULL: not given. */
typedef struct hf_key_files {
	const char *ao, *md5;
} hf_key_files;

#define HF_KEY_COMPLAINT 320 /**< room for what is wrong with a file */

/**
 * Adds the keys of the files to a stack. False: what is wrong stands in `complaint`, with file and
 * line.
 */
bool hf_key_files_load(const hf_key_files *files, hf_stack *s, char *complaint);

/**
 * Reads one line into `out` and `secret` (HF_KEY_SECRET_MAX octets, which `out` points to). NULL:
 * it was read, or is empty (`out->size` is 0 then); else what is wrong with it.
 */
const char *hf_key_line_read(char *line, hf_key_kind kind, hf_key_options *out, uint8_t *secret);

#endif
