/* SPDX-License-Identifier: BSD-2-Clause */
/* The Internet checksum, eight octets at a time. */

/*
 * Theory of operation. The one's complement sum of 16-bit words does not care in which order or in
 * how wide words the octets are added, as long as each carry comes back in at the bottom (RFC 1071,
 * 2 (B) and (C)). So the octets are added as 64-bit words in the machine's own order, in four lanes
 * that do not wait for one another, and the total is folded to 16 bits. On a little-endian machine
 * that total has its two octets swapped; storing it to memory and reading it back in network order
 * puts this right on every machine without asking which one it is.
 */
#include "wire/checksum.h"

#include "base/mem.h"
#include "base/octets.h"

enum { WORD = 8, LANES = 4, BLOCK = WORD * LANES };

static inline uint64_t add_carry(uint64_t a, uint64_t b)
{
	const uint64_t sum = a + b;

	return sum + (sum < b);
}

static inline uint64_t load_word(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

/*
 * The sum of the fewer than 8 octets after the last whole word. An odd octet at the end is padded
 * with a zero on the right (RFC 1071, 1).
 */
static uint64_t sum_tail(const uint8_t *at, size_t len)
{
	uint64_t sum = 0;
	uint32_t half;
	uint16_t quarter;
	size_t i = 0;

	if (len - i >= sizeof(half)) {
		memcpy(&half, at, sizeof(half));
		sum += half;
		i += sizeof(half);
	}
	if (len - i >= sizeof(quarter)) {
		memcpy(&quarter, at + i, sizeof(quarter));
		sum += quarter;
		i += sizeof(quarter);
	}
	if (i < len) {
		const uint8_t padded[2] = { at[i], 0 };

		memcpy(&quarter, padded, sizeof(quarter));
		sum += quarter;
	}
	return sum;
}

static uint16_t fold(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* Adds a total of words in the machine's order. */
static hf_sum add_words(hf_sum sum, uint64_t words)
{
	const uint16_t folded = fold(words);
	uint8_t stored[2];

	memcpy(stored, &folded, sizeof(stored));
	return add_carry(sum, hf_get16(stored));
}

hf_sum hf_sum_octets(hf_sum sum, const void *octets, size_t len)
{
	const uint8_t *const at = octets;
	uint64_t a = 0, b = 0, c = 0, d = 0;
	size_t i = 0;

	for (; len - i >= BLOCK; i += BLOCK) {
		a = add_carry(a, load_word(at + i));
		b = add_carry(b, load_word(at + i + WORD));
		c = add_carry(c, load_word(at + i + 2 * WORD));
		d = add_carry(d, load_word(at + i + 3 * WORD));
	}
	for (; len - i >= WORD; i += WORD)
		a = add_carry(a, load_word(at + i));
	b = add_carry(b, sum_tail(at + i, len - i));
	return add_words(sum, add_carry(add_carry(a, b), add_carry(c, d)));
}

hf_sum hf_sum_pseudo(hf_sum sum, const hf_addr *src, const hf_addr *dst, uint8_t protocol,
		     uint32_t len)
{
	/*
	 * The ::ffff of an IPv4 address adds 0xffff, which is zero in one's complement; the wider
	 * fields of the IPv6 pseudo-header add the same as the narrow ones of IPv4. One code is
	 * right for both.
	 */
	const uint64_t s = add_carry(load_word(src->octet), load_word(src->octet + WORD));
	const uint64_t d = add_carry(load_word(dst->octet), load_word(dst->octet + WORD));

	return add_carry(add_words(sum, add_carry(s, d)), (uint64_t)len + protocol);
}

uint16_t hf_sum_fold(hf_sum sum)
{
	return fold(sum);
}
