/* SPDX-License-Identifier: BSD-2-Clause */
/* A bounded text under construction, and the sink that finished text goes to. */
#include "observe/text.h"

#include <stdarg.h>
#include <stdio.h>

hf_text hf_text_in(char *at, size_t capacity)
{
	at[0] = '\0';
	return (hf_text){ at, capacity, 0 };
}

void hf_text_add(hf_text *t, const char *format, ...)
{
	size_t room = t->capacity - t->len;
	va_list args;
	va_start(args, format);
	int wanted = vsnprintf(t->at + t->len, room, format, args);
	va_end(args);
	if (wanted < 0)
		t->at[t->len] = '\0';
	else
		t->len += (size_t)wanted < room ? (size_t)wanted : room - 1;
}

void hf_text_flush(hf_text *t, const hf_sink *sink)
{
	if (t->len > 0)
		sink->write(sink->ctx, t->at, t->len);
	t->len = 0;
	t->at[0] = '\0';
}
