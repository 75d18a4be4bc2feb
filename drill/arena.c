/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that is given back all at once. */
#include "drill/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 16384u
#define ALIGNMENT 16u

struct hf_arena_block {
	hf_arena_block *next;
	size_t used, room; /* octets after this header */
	_Alignas(ALIGNMENT) unsigned char octets[];
};

static hf_arena_block *add_block(hf_arena *a, size_t least)
{
	size_t room = least > BLOCK ? least : BLOCK;
	hf_arena_block *b = calloc(1, sizeof(*b) + room);

	if (b == NULL) {
		fputs("handfast drill: no memory\n", stderr);
		exit(4);
	}
	b->room = room;
	b->next = a->blocks;
	a->blocks = b;
	return b;
}

static size_t aligned(size_t octets)
{
	return (octets + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

void *hf_arena_take(hf_arena *a, size_t octets)
{
	size_t need = aligned(octets);
	hf_arena_block *b = a->blocks;
	void *at;

	if (b == NULL || b->room - b->used < need)
		b = add_block(a, need);
	at = b->octets + b->used;
	b->used += need;
	return at;
}

char *hf_arena_copy(hf_arena *a, const char *text, size_t len)
{
	char *copy = hf_arena_take(a, len + 1);

	memcpy(copy, text, len);
	return copy;
}

char *hf_arena_format(hf_arena *a, const char *format, ...)
{
	hf_arena_block *b = a->blocks != NULL ? a->blocks : add_block(a, 1);
	size_t room = b->room - b->used, need;
	va_list list;
	int len;

	/* It mostly fits where the next octets would be taken from. */
	va_start(list, format);
	len = vsnprintf((char *)b->octets + b->used, room, format, list);
	va_end(list);
	need = len < 0 ? 1 : (size_t)len + 1;
	if (need > room) {
		b = add_block(a, aligned(need));
		va_start(list, format);
		vsnprintf((char *)b->octets, need, format, list);
		va_end(list);
	}
	return hf_arena_take(a, need);
}

void hf_arena_release(hf_arena *a)
{
	hf_arena_block *next;

	for (hf_arena_block *b = a->blocks; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	a->blocks = NULL;
}
