/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines for the user on stderr, and which exit code belongs to which trouble. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cmd/say.h"

static const char *command_name;

void hf_say_name(const char *name)
{
	command_name = name;
}

static void say_list(const char *end, const char *format, va_list list)
{
	char line[1024];
	int len = snprintf(line, sizeof(line), "handfast%s%s: ", command_name ? " " : "",
			   command_name ? command_name : "");

	vsnprintf(line + len, sizeof(line) - (size_t)len, format, list);
	fprintf(stderr, "%s%s\n", line, end);
}

void hf_say(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	say_list("", format, list);
	va_end(list);
}

hf_exit hf_say_errno(const char *format, ...)
{
	int number = errno;
	char end[128];
	va_list list;

	snprintf(end, sizeof(end), ": %s", strerror(number));
	va_start(list, format);
	say_list(end, format, list);
	va_end(list);
	return hf_exit_of_errno(number);
}

hf_exit hf_exit_of_errno(int number)
{
	switch (number) {
	case EPERM:
	case EACCES:
		return HF_EXIT_PERMISSION;
	case EINTR:
		return HF_EXIT_INTERRUPTED;
	case ECONNREFUSED:
	case ECONNRESET:
	case ECONNABORTED:
		return HF_EXIT_REFUSED;
	case ETIMEDOUT:
	case EHOSTUNREACH:
	case ENETUNREACH:
		return HF_EXIT_SILENT;
	default:
		return HF_EXIT_LOCAL;
	}
}

hf_exit hf_exit_of_err(hf_err err)
{
	switch (err) {
	case HF_ERR_OK:
		return HF_EXIT_OK;
	case HF_ERR_REFUSED:
	case HF_ERR_RESET:
		return HF_EXIT_REFUSED;
	case HF_ERR_TIMED_OUT:
	case HF_ERR_UNREACHABLE:
	case HF_ERR_NO_ROUTE:
		return HF_EXIT_SILENT;
	case HF_ERR_INVALID:
	case HF_ERR_NO_MEMORY:
	case HF_ERR_LIMIT:
	case HF_ERR_AGAIN:
	case HF_ERR_STALE:
	case HF_ERR_IN_USE:
	case HF_ERR_NO_ADDRESS:
	case HF_ERR_NO_PORT:
	case HF_ERR_NOT_CONNECTED:
	case HF_ERR_CLOSING:
	case HF_ERR_ABORTED:
	case HF_ERR_BAD_SECRET:
	case HF_ERR_NO_KEY:
	case HF_ERR_COUNT:
		break;
	}
	return HF_EXIT_LOCAL;
}

hf_exit hf_exit_of_reason(hf_reason reason)
{
	switch (reason) {
	case HF_WHY_NONE:
	case HF_WHY_CLOSED_BY_BOTH:
		return HF_EXIT_OK;
	case HF_WHY_REFUSED_BY_PEER:
	case HF_WHY_RESET_BY_PEER:
		return HF_EXIT_REFUSED;
	case HF_WHY_NO_BUFFER:
	case HF_WHY_CONNECTIONS_FULL:
	case HF_WHY_STACK_FREED:
	case HF_WHY_ABORTED_HERE:
		return HF_EXIT_LOCAL;
	default:
		/* All other ends are time-outs and reports of routers. */
		return HF_EXIT_SILENT;
	}
}

hf_exit hf_say_flush(hf_exit code)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	if (errno == 0)
		errno = EIO;
	/* Another code means that something was said already, most likely this. */
	if (code != HF_EXIT_OK)
		return code;
	hf_say_errno("cannot write to the standard output");
	return HF_EXIT_LOCAL;
}
