/* SPDX-License-Identifier: BSD-2-Clause */
/* IP addresses: what kind they are, and their text form (RFC 4291 2.2 read, RFC 5952 written). */
#include "base/mem.h"
#include "base/octets.h"

#define GROUPS 8
#define V4_AT 12 /* octets before the IPv4 address in ::ffff:a.b.c.d */

bool hf_addr_is_multicast(const hf_addr *a)
{
	return hf_addr_is_v4(a) ? a->octet[V4_AT] >> 4 == 0xe : a->octet[0] == 0xff;
}

bool hf_addr_is_link_local(const hf_addr *a)
{
	return a->octet[0] == 0xfe && (a->octet[1] & 0xc0) == 0x80;
}

bool hf_addr_same_net(const hf_addr *a, const hf_addr *b, unsigned prefix)
{
	unsigned whole, rest;

	if (hf_addr_is_v4(a) != hf_addr_is_v4(b))
		return false;
	if (hf_addr_is_v4(a))
		prefix = prefix < 32 ? prefix + 8 * V4_AT : 128;
	if (prefix > 128)
		prefix = 128;
	whole = prefix / 8;
	rest = prefix % 8;
	if (memcmp(a->octet, b->octet, whole) != 0)
		return false;
	return rest == 0 || (a->octet[whole] ^ b->octet[whole]) >> (8 - rest) == 0;
}

static char *write_decimal(char *to, unsigned octet)
{
	if (octet >= 100)
		*to++ = (char)('0' + octet / 100);
	if (octet >= 10)
		*to++ = (char)('0' + octet / 10 % 10);
	*to++ = (char)('0' + octet % 10);
	return to;
}

static char *write_group(char *to, unsigned group)
{
	int shift = 12;

	while (shift > 0 && group >> shift == 0)
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*to++ = "0123456789abcdef"[group >> shift & 0xf];
	return to;
}

/* The first of the longest runs of two or more zero groups (RFC 5952 4.2); 0: there is none. */
static unsigned zero_run(const hf_addr *a, unsigned *start)
{
	unsigned longest = 0, run = 0;

	for (unsigned i = 0; i < GROUPS; i++) {
		run = hf_get16(a->octet + 2 * i) == 0 ? run + 1 : 0;
		if (run > longest) {
			longest = run;
			*start = i + 1 - run;
		}
	}
	return longest >= 2 ? longest : 0;
}

static char *write_v6(char *to, const hf_addr *a)
{
	unsigned start = GROUPS, len = zero_run(a, &start), i = 0;

	while (i < GROUPS) {
		if (len > 0 && i == start) {
			*to++ = ':';
			i += len;
			if (i == GROUPS)
				*to++ = ':';
			continue;
		}
		if (i > 0)
			*to++ = ':';
		to = write_group(to, hf_get16(a->octet + 2 * i));
		i++;
	}
	return to;
}

char *hf_addr_format(const hf_addr *a, char *text)
{
	char *to = text;

	if (hf_addr_is_v4(a)) {
		for (int i = 0; i < 4; i++) {
			if (i > 0)
				*to++ = '.';
			to = write_decimal(to, a->octet[V4_AT + i]);
		}
	} else {
		to = write_v6(to, a);
	}
	*to = '\0';
	return text;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Reads one octet in decimal. A leading zero is refused: some would read it as octal. */
static const char *read_decimal(const char *text, uint8_t *octet)
{
	const char *p = text;
	int value = 0;

	while (*p >= '0' && *p <= '9' && p - text < 3)
		value = value * 10 + (*p++ - '0');
	if (p == text || value > 255 || (p - text > 1 && text[0] == '0'))
		return NULL;
	*octet = (uint8_t)value;
	return p;
}

/* Reads a dotted quad that ends where the text ends. */
static bool read_quad(const char *p, uint8_t quad[4])
{
	for (int i = 0; i < 4; i++) {
		if (i > 0 && *p++ != '.')
			return false;
		p = read_decimal(p, &quad[i]);
		if (!p)
			return false;
	}
	return *p == '\0';
}

/* Reads a group of one to four hexadecimal digits. */
static const char *read_group(const char *text, uint16_t *group)
{
	const char *p = text;
	unsigned value = 0;

	while (hex_digit(*p) >= 0 && p - text < 4)
		value = value << 4 | (unsigned)hex_digit(*p++);
	*group = (uint16_t)value;
	return p == text ? NULL : p;
}

/* An IPv6 address while it is read. */
struct reading {
	uint8_t octet[16];
	size_t len; /* octets read */
	size_t gap; /* octets read before "::" */
	bool has_gap;
};

/* Steps over the colon or colons after a group. NULL: what stands there is not legal. */
static const char *read_colon(struct reading *r, const char *p)
{
	if (*p == '\0')
		return p;
	if (*p++ != ':')
		return NULL;
	if (*p != ':')
		return *p == '\0' ? NULL : p;
	if (r->has_gap)
		return NULL;
	r->has_gap = true;
	r->gap = r->len;
	return p + 1;
}

static bool read_groups(struct reading *r, const char *p)
{
	while (*p != '\0') {
		uint16_t group;

		if (r->len <= V4_AT && read_quad(p, r->octet + r->len)) {
			r->len += 4;
			return true;
		}
		p = read_group(p, &group);
		if (!p || r->len == sizeof(r->octet))
			return false;
		hf_put16(r->octet + r->len, group);
		r->len += 2;
		p = read_colon(r, p);
		if (!p)
			return false;
	}
	return true;
}

static bool read_v6(const char *text, hf_addr *out)
{
	struct reading r = { .len = 0 };
	hf_addr a = { { 0 } };

	if (text[0] == ':' && text[1] == ':') {
		r.has_gap = true;
		text += 2;
	}
	if (!read_groups(&r, text))
		return false;
	if (!r.has_gap)
		r.gap = r.len;
	/* "::" stands for one group or more. */
	if (r.has_gap ? r.len > sizeof(a.octet) - 2 : r.len != sizeof(a.octet))
		return false;
	memcpy(a.octet, r.octet, r.gap);
	memcpy(a.octet + sizeof(a.octet) - (r.len - r.gap), r.octet + r.gap, r.len - r.gap);
	*out = a;
	return true;
}

bool hf_addr_parse(const char *text, hf_addr *out)
{
	uint8_t quad[4];

	if (!read_quad(text, quad))
		return read_v6(text, out);
	*out = hf_addr_v4(quad[0], quad[1], quad[2], quad[3]);
	return true;
}
