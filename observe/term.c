/* SPDX-License-Identifier: BSD-2-Clause */
/* What the terminal can show: colour, Unicode, how wide. */
#include "observe/term.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEFAULT_WIDTH 100

static bool is_set(const char *name)
{
	const char *value = getenv(name);
	return value && *value;
}

/* POSIX, 8.2: the first of the three that is set and not empty decides. */
static bool locale_is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!is_set(names[i]))
			continue;
		const char *charset = strchr(getenv(names[i]), '.');
		return charset && (strncasecmp(charset, ".UTF-8", 6) == 0 ||
				   strncasecmp(charset, ".utf8", 5) == 0);
	}
	return false;
}

static unsigned width_of(int fd)
{
	struct winsize size;
	if (is_set("COLUMNS")) {
		long columns = strtol(getenv("COLUMNS"), NULL, 10);
		if (columns > 0 && columns < 10000)
			return (unsigned)columns;
	}
	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return DEFAULT_WIDTH;
}

hf_term hf_term_detect(int fd)
{
	bool is_terminal = isatty(fd);
	bool dumb = !is_set("TERM") || strcmp(getenv("TERM"), "dumb") == 0;
	return (hf_term){
		.is_terminal = is_terminal,
		.unicode = locale_is_utf8(),
		.colour = is_terminal && !dumb && !is_set("NO_COLOR"),
		.width = width_of(fd),
	};
}
