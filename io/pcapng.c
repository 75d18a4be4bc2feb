/* SPDX-License-Identifier: BSD-2-Clause */
/* pcapng blocks: section header, interface description, enhanced packet. */
#include <string.h>

#include "io/pcapng.h"

enum {
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 6,
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_MAGIC = 0x1a2b3c4d,
};

enum {
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	OPTION_EPB_FLAGS = 2,
	OPTION_IF_NAME = 2,
	OPTION_SHB_APPLICATION = 4,
	OPTION_IF_RESOLUTION = 9,
};

#define BLOCK_FRAME 12 /* type, length, and the length again at the end */
#define OPTION_HEADER 4
#define SECTION_BODY 16
#define INTERFACE_BODY 8
#define PACKET_BODY 20 /* before the packet's octets */
#define NANOSECONDS 9  /* if_tsresol: 10^-9 */
#define OPTION_LONGEST UINT16_MAX

static size_t padded(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

static uint8_t *put16(uint8_t *to, uint16_t v)
{
	to[0] = (uint8_t)v;
	to[1] = (uint8_t)(v >> 8);
	return to + 2;
}

static uint8_t *put32(uint8_t *to, uint32_t v)
{
	return put16(put16(to, (uint16_t)v), (uint16_t)(v >> 16));
}

/* Octets, and zeros up to a multiple of four. */
static uint8_t *put_padded(uint8_t *to, const void *from, size_t len)
{
	if (len)
		memcpy(to, from, len);
	memset(to + len, 0, padded(len) - len);
	return to + padded(len);
}

static uint8_t *put_option(uint8_t *to, uint16_t code, const void *value, size_t len)
{
	return put_padded(put16(put16(to, code), (uint16_t)len), value, len);
}

static uint8_t *block_begin(uint8_t *to, uint32_t type, size_t len)
{
	return put32(put32(to, type), (uint32_t)len);
}

/* The end of the options and of the block. */
static void block_end(uint8_t *to, size_t len)
{
	(void)put32(put_option(to, OPTION_END, NULL, 0), (uint32_t)len);
}

static size_t text_len(const char *text)
{
	size_t n = text ? strlen(text) : 0;

	return n > OPTION_LONGEST ? OPTION_LONGEST : n;
}

/* Octets of an option with its header; of a text, none if there is no text. */
static size_t option_len(size_t len)
{
	return len ? OPTION_HEADER + padded(len) : 0;
}

size_t hf_pcapng_section(uint8_t *to, size_t room, const char *application)
{
	size_t name = text_len(application);
	size_t len = BLOCK_FRAME + SECTION_BODY + option_len(name) + OPTION_HEADER;
	uint8_t *at;

	if (room < len)
		return 0;
	at = block_begin(to, BLOCK_SECTION, len);
	at = put32(at, BLOCK_MAGIC);
	at = put16(put16(at, 1), 0); /* version 1.0 */
	/* A section of a length not known beforehand: all ones. */
	at = put32(put32(at, UINT32_MAX), UINT32_MAX);
	if (name)
		at = put_option(at, OPTION_SHB_APPLICATION, application, name);
	block_end(at, len);
	return len;
}

size_t hf_pcapng_interface(uint8_t *to, size_t room, uint16_t link_type, const char *name)
{
	const uint8_t resolution = NANOSECONDS;
	size_t named = text_len(name);
	size_t len = BLOCK_FRAME + INTERFACE_BODY + option_len(named) +
		     option_len(sizeof(resolution)) + OPTION_HEADER;
	uint8_t *at;

	if (room < len)
		return 0;
	at = block_begin(to, BLOCK_INTERFACE, len);
	at = put16(put16(at, link_type), 0);
	at = put32(at, 0); /* no limit to the octets of a packet */
	if (named)
		at = put_option(at, OPTION_IF_NAME, name, named);
	at = put_option(at, OPTION_IF_RESOLUTION, &resolution, sizeof(resolution));
	block_end(at, len);
	return len;
}

size_t hf_pcapng_packet_len(const hf_pcapng_packet *p)
{
	return BLOCK_FRAME + PACKET_BODY + padded(p->len) + option_len(sizeof(uint32_t)) +
	       option_len(text_len(p->comment)) + OPTION_HEADER;
}

size_t hf_pcapng_put_packet(uint8_t *to, size_t room, const hf_pcapng_packet *p)
{
	size_t comment = text_len(p->comment), len = hf_pcapng_packet_len(p);
	uint8_t *at, direction[4];

	if (room < len)
		return 0;
	at = block_begin(to, BLOCK_PACKET, len);
	at = put32(at, 0); /* interface */
	at = put32(put32(at, (uint32_t)(p->time >> 32)), (uint32_t)p->time);
	at = put32(put32(at, p->len), p->len);
	at = put_padded(at, p->data, p->len);
	if (comment)
		at = put_option(at, OPTION_COMMENT, p->comment, comment);
	(void)put32(direction, p->leaving ? 2 : 1);
	at = put_option(at, OPTION_EPB_FLAGS, direction, sizeof(direction));
	block_end(at, len);
	return len;
}
