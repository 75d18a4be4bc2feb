/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzz target: captures as they are written, read back by a reader of its own. */
#include "targets.h"

#include "io/pcapng.h"

/*
 * There is no reader of captures but this one: it walks over the blocks as the draft says, and must
 * find what was written.
 */

#define ROOM 4096

enum { SECTION = 0x0a0d0d0a, INTERFACE = 1, PACKET = 6 };

static uint32_t little(const uint8_t *at)
{
	return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

/* Options up to the end that must be there. Returns the value of `code`; empty: it is not there. */
static hf_view read_options(hf_view options, uint16_t code)
{
	hf_view found = { NULL, 0 };

	for (;;) {
		uint32_t head, kind, len;

		assert_true(options.len >= 4);
		head = little(options.at);
		kind = head & 0xffff;
		len = head >> 16;
		options = hf_view_skip(options, 4);
		if (kind == 0)
			break;
		assert_true(len <= options.len);
		if (kind == code)
			found = hf_view_first(options, len);
		for (; len % 4 != 0; len++)
			assert_int_equal(options.at[len], 0);
		options = hf_view_skip(options, len);
	}
	assert_int_equal(options.len, 0);
	return found;
}

/* One whole block of this type: what it holds. */
static hf_view read_block(const uint8_t *block, size_t len, uint32_t type)
{
	assert_true(len >= 12 && len % 4 == 0);
	assert_int_equal(little(block), type);
	assert_int_equal(little(block + 4), len);
	assert_int_equal(little(block + len - 4), len);
	return (hf_view){ block + 8, len - 12 };
}

static void read_packet(hf_view body, const hf_pcapng_packet *p)
{
	size_t len = p->len;
	hf_view text;

	assert_true(body.len >= 20);
	assert_int_equal(little(body.at), 0);
	assert_int_equal((uint64_t)little(body.at + 4) << 32 | little(body.at + 8), p->time);
	assert_int_equal(little(body.at + 12), len);
	assert_int_equal(little(body.at + 16), len);
	body = hf_view_skip(body, 20);
	assert_true(body.len >= len);
	fuzz_is_same(hf_view_first(body, len), (hf_view){ p->data, len });
	for (; len % 4 != 0; len++)
		assert_int_equal(body.at[len], 0);
	body = hf_view_skip(body, len);
	text = read_options(body, 1);
	if (p->comment != NULL)
		fuzz_is_same(text, (hf_view){ (const uint8_t *)p->comment, strlen(p->comment) });
	text = read_options(body, 2);
	assert_int_equal(text.len, 4);
	assert_int_equal(little(text.at), p->leaving ? 2 : 1);
}

/* Where there is not quite enough room, nothing is written. */
static void one_packet(hf_view *in)
{
	hf_pcapng_packet p = { .time = fuzz_u64(in), .leaving = fuzz_u8(in) & 1 };
	hf_view data = fuzz_take(in, fuzz_u8(in));
	char *comment = fuzz_text(fuzz_take(in, fuzz_u8(in)));
	uint8_t block[ROOM];
	size_t len;

	p.data = data.at;
	p.len = (uint32_t)data.len;
	p.comment = *comment != '\0' ? comment : NULL;
	len = hf_pcapng_packet_len(&p);
	assert_true(len <= sizeof(block));
	assert_int_equal(hf_pcapng_put_packet(block, len - 1, &p), 0);
	assert_int_equal(hf_pcapng_put_packet(block, len, &p), len);
	read_packet(read_block(block, len, PACKET), &p);
	free(comment);
}

static void one_capture(hf_view input)
{
	uint16_t room = fuzz_u16(&input) % ROOM;
	char *name = fuzz_text(fuzz_take(&input, fuzz_u8(&input)));
	uint8_t *block = malloc(room + 1u);
	hf_view body;
	size_t len;

	assert_non_null(block);
	len = hf_pcapng_section(block, room, name);
	assert_true(len <= room);
	if (len > 0)
		fuzz_is_same(read_options(hf_view_skip(read_block(block, len, SECTION), 16), 4),
			     (hf_view){ (uint8_t *)name, strlen(name) });
	len = hf_pcapng_interface(block, room, HF_LINKTYPE_RAW, *name != '\0' ? name : NULL);
	assert_true(len <= room);
	if (len > 0) {
		body = hf_view_skip(read_block(block, len, INTERFACE), 8);
		fuzz_is_same(read_options(body, 2), (hf_view){ (uint8_t *)name, strlen(name) });
		assert_int_equal(read_options(body, 9).at[0], 9);
	}
	free(block);
	free(name);
	while (input.len > 0)
		one_packet(&input);
}

const fuzz_target fuzz_pcapng = { "pcapng", one_capture };
