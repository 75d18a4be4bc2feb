/* SPDX-License-Identifier: BSD-2-Clause */
/* A sink that keeps what is written, for tests that compare it. */
#ifndef HF_TESTS_PAGE_H
#define HF_TESTS_PAGE_H

#include <string.h>

#include "observe/text.h"

typedef struct page {
	char text[65536];
	size_t len;
} page;

static inline void page_write(void *ctx, const char *text, size_t len)
{
	page *p = ctx;
	size_t room = sizeof(p->text) - 1 - p->len;
	memcpy(p->text + p->len, text, len < room ? len : room);
	p->len += len < room ? len : room;
	p->text[p->len] = '\0';
}

/* The sink; what the page held is forgotten. */
static inline hf_sink page_sink(page *p)
{
	p->len = 0;
	p->text[0] = '\0';
	return (hf_sink){ page_write, p };
}

#endif
