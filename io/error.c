/* SPDX-License-Identifier: BSD-2-Clause */
/* One line on what went wrong. */
#include <stdarg.h>
#include <stdio.h>

#include "io/error.h"

bool hf_io_fail(hf_io_error *error, int code, const char *format, ...)
{
	va_list arguments;

	if (!error)
		return false;
	error->code = code;
	va_start(arguments, format);
	(void)vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
	return false;
}
