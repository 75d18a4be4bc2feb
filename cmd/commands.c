/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of subcommands, and how a name finds its command. */
#include <string.h>

#include "cmd/options.h"

const hf_cmd *const hf_commands[] = { &hf_cmd_demo,    &hf_cmd_serve, &hf_cmd_get,
				      &hf_cmd_connect, &hf_cmd_drill, &hf_cmd_help,
				      &hf_cmd_version, NULL };

const hf_cmd *hf_cmd_find(const char *name)
{
	for (size_t i = 0; hf_commands[i]; i++) {
		if (strcmp(hf_commands[i]->name, name) == 0)
			return hf_commands[i];
	}
	return NULL;
}

const hf_cmd *hf_cmd_guess(const char *name)
{
	const hf_cmd *best = NULL;
	unsigned least = 3;

	for (size_t i = 0; hf_commands[i]; i++) {
		unsigned distance = hf_word_distance(name, hf_commands[i]->name);

		if (distance < least && distance < strlen(hf_commands[i]->name)) {
			least = distance;
			best = hf_commands[i];
		}
	}
	return best;
}
