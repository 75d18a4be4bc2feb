/* SPDX-License-Identifier: BSD-2-Clause */
/* The entry point of `handfast`: finds the command, has its options read, runs it. */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/help.h"
#include "cmd/options.h"
#include "cmd/say.h"

static hf_exit run(const hf_cmd *cmd, char **args)
{
	void *settings = calloc(1, cmd->settings_size + 1);
	hf_cmd_line line;
	hf_exit code;

	hf_say_name(cmd->name);
	if (!settings) {
		hf_say("no memory");
		return HF_EXIT_LOCAL;
	}
	hf_options_default(cmd, settings);
	if (!hf_options_parse(cmd, args, settings, &line)) {
		hf_say("%s (see handfast %s --help)", line.complaint, cmd->name);
		code = HF_EXIT_USAGE;
	} else if (line.wants_help) {
		hf_help_command(stdout, cmd);
		code = HF_EXIT_OK;
	} else {
		code = cmd->run(settings, line.operands);
	}
	free(settings);
	return hf_say_flush(code);
}

static hf_exit unknown(const char *name)
{
	const hf_cmd *guess = hf_cmd_guess(name);
	const char *what = name[0] == '-' ? "option" : "command";

	if (guess && name[0] != '-')
		hf_say("unknown command '%s'; did you mean '%s'? (see handfast help)", name,
		       guess->name);
	else
		hf_say("unknown %s '%s' (see handfast help)", what, name);
	return HF_EXIT_USAGE;
}

/* Standard descriptors that are closed would be given to a device or a file. */
static void fill_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

int main(int count, char **args)
{
	const char *name = count > 1 ? args[1] : NULL;
	const hf_cmd *cmd;

	fill_standard_descriptors();
	setlocale(LC_CTYPE, "");
	/*
	 * A reader that goes away shows as EPIPE where the writing is done, and is reported there.
	 */
	signal(SIGPIPE, SIG_IGN);
	if (!name) {
		hf_help_overview(stderr);
		return HF_EXIT_USAGE;
	}
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		name = hf_cmd_help.name;
	else if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
		name = hf_cmd_version.name;
	cmd = hf_cmd_find(name);
	return cmd ? (int)run(cmd, args + 2) : (int)unknown(name);
}
