/* SPDX-License-Identifier: BSD-2-Clause */
/* Readers of option values: numbers, sizes, durations, addresses, ports and endpoints. */
#include <ctype.h>
#include <string.h>

#include "base/octets.h"
#include "cmd/options.h"

/* Reads decimal digits; false when there is none or the number leaves 64 bits. */
static bool read_digits(const char **text, uint64_t *out)
{
	const char *p = *text;
	uint64_t value = 0;

	if (!isdigit((unsigned char)*p))
		return false;
	for (; isdigit((unsigned char)*p); p++) {
		uint64_t digit = (uint64_t)(*p - '0');

		if (value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*text = p;
	*out = value;
	return true;
}

static const char *read_string(const hf_cmd_option *o, const char *text, void *to)
{
	(void)o;
	memcpy(to, &text, sizeof(text));
	return NULL;
}

static const char *read_strings(const hf_cmd_option *o, const char *text, void *to)
{
	hf_strings *list = to;

	(void)o;
	if (list->count == HF_STRINGS)
		return "is one value too many";
	list->at[list->count++] = text;
	return NULL;
}

static const char *store_number(const hf_cmd_option *o, uint64_t value, void *to)
{
	if (o->max != 0 && value < o->min)
		return "is too small";
	if (o->max != 0 && value > o->max)
		return "is too large";
	memcpy(to, &value, sizeof(value));
	return NULL;
}

static const char *read_unsigned(const hf_cmd_option *o, const char *text, void *to)
{
	uint64_t value;

	if (!read_digits(&text, &value) || *text != 0)
		return "is not a number";
	return store_number(o, value, to);
}

static const char *read_size(const hf_cmd_option *o, const char *text, void *to)
{
	static const char units[] = "KMG";
	const char *unit;
	unsigned shift = 0;
	uint64_t value;

	if (!read_digits(&text, &value))
		return "is not a size like 512K, 16M or 1G";
	unit = *text ? strchr(units, toupper((unsigned char)*text)) : NULL;
	if (unit) {
		shift = 10 * (unsigned)(unit - units + 1);
		text++;
	}
	if (*text != 0)
		return "is not a size like 512K, 16M or 1G";
	if (value > UINT64_MAX >> shift)
		return "is too large";
	return store_number(o, value << shift, to);
}

/* Reads digits and a fraction of up to nine places as billionths. */
static bool read_decimal(const char **text, uint64_t *whole, uint64_t *billionths)
{
	uint64_t place = 100000000;
	const char *p;

	if (!read_digits(text, whole))
		return false;
	*billionths = 0;
	p = *text;
	if (*p != '.')
		return true;
	if (!isdigit((unsigned char)p[1]))
		return false;
	for (p++; isdigit((unsigned char)*p); p++) {
		*billionths += place * (uint64_t)(*p - '0');
		place /= 10;
	}
	*text = p;
	return true;
}

static const char *read_duration(const hf_cmd_option *o, const char *text, void *to)
{
	static const struct {
		const char *word;
		hf_ns ns;
	} units[] = { { "", HF_SEC(1) },    { "ns", 1 },        { "us", HF_US(1) },
		      { "ms", HF_MS(1) },   { "s", HF_SEC(1) }, { "m", HF_SEC(60) },
		      { "h", HF_SEC(3600) } };
	uint64_t whole, billionths;

	(void)o;
	if (!read_decimal(&text, &whole, &billionths))
		return "is not a time like 300ms, 5s or 2m";
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		uint64_t unit = (uint64_t)units[i].ns;
		hf_ns value;

		if (strcmp(text, units[i].word) != 0)
			continue;
		if (whole > (uint64_t)INT64_MAX / unit - 1)
			return "is too large";
		value = (hf_ns)(whole * unit);
		value += unit >= 1000000000 ? (hf_ns)(billionths * (unit / 1000000000)) :
					      (hf_ns)(billionths * unit / 1000000000);
		memcpy(to, &value, sizeof(value));
		return NULL;
	}
	return "is not a time like 300ms, 5s or 2m";
}

static const char *read_address(const hf_cmd_option *o, const char *text, void *to)
{
	hf_addr addr;

	(void)o;
	if (!hf_addr_parse(text, &addr))
		return "is not an IP address";
	memcpy(to, &addr, sizeof(addr));
	return NULL;
}

/*
 * RFC 1122 3.2.1.3, RFC 4291 2.5: "this network", loopback, many stations and a whole network are
 * no hosts.
 */
static bool is_host(const hf_addr *a, unsigned prefix)
{
	static const hf_addr loopback = { { [15] = 1 } };
	const uint8_t *ip4 = a->octet + 12;
	uint32_t host;

	if (hf_addr_is_none(a) || hf_addr_is_multicast(a) || hf_addr_equal(a, &loopback))
		return false;
	if (!hf_addr_is_v4(a))
		return true;
	if (ip4[0] == 0 || ip4[0] == 127 || ip4[0] >= 240)
		return false;
	/* With one or two addresses in the network all are hosts' (RFC 3021). */
	if (prefix > 30)
		return true;
	host = hf_get32(ip4) & UINT32_MAX >> prefix;
	return host != 0 && host != UINT32_MAX >> prefix;
}

static const char *read_host_addr(const hf_cmd_option *o, const char *text, void *to)
{
	static const char wrong[] = "is not an address and prefix like 10.77.0.2/24";
	const char *slash = strchr(text, '/');
	hf_host_addrs *list = to;
	char name[HF_ADDR_TEXT];
	uint64_t prefix;
	hf_addr addr;

	(void)o;
	if (!slash || (size_t)(slash - text) >= sizeof(name))
		return wrong;
	memcpy(name, text, (size_t)(slash - text));
	name[slash - text] = 0;
	slash++;
	if (!hf_addr_parse(name, &addr) || !read_digits(&slash, &prefix) || *slash != 0)
		return wrong;
	if (prefix > (hf_addr_is_v4(&addr) ? 32 : 128))
		return "has a prefix that is too long";
	if (!is_host(&addr, (unsigned)prefix))
		return "cannot be the address of a host";
	if (list->count == HF_HOST_ADDRS)
		return "is one address too many";
	list->at[list->count++] = (hf_host_addr){ addr, (uint8_t)prefix };
	return NULL;
}

static const char *read_port(const hf_cmd_option *o, const char *text, void *to)
{
	uint64_t value;
	uint16_t port;

	(void)o;
	if (!read_digits(&text, &value) || *text != 0 || value == 0 || value > UINT16_MAX)
		return "is not a port from 1 to 65535";
	port = (uint16_t)value;
	memcpy(to, &port, sizeof(port));
	return NULL;
}

static const char *read_endpoint(const hf_cmd_option *o, const char *text, void *to)
{
	static const char wrong[] = "is not an endpoint like 10.77.0.1:80 or [fd77::1]:80";
	const char *colon = strrchr(text, ':');
	bool bracketed = text[0] == '[';
	hf_endpoint e;
	char name[HF_ADDR_TEXT + 2];
	size_t len;

	if (!colon || (size_t)(colon - text) >= sizeof(name))
		return wrong;
	len = (size_t)(colon - text);
	if (bracketed) {
		if (len < 2 || text[len - 1] != ']')
			return wrong;
		text++;
		len -= 2;
	}
	memcpy(name, text, len);
	name[len] = 0;
	if (!hf_addr_parse(name, &e.addr) || bracketed == hf_addr_is_v4(&e.addr) ||
	    read_port(o, colon + 1, &e.port))
		return wrong;
	memcpy(to, &e, sizeof(e));
	return NULL;
}

bool hf_value_read(const hf_cmd_option *option, const char *text, void *to, const char **why)
{
	static const char *(*const readers[HF_VALUE_KINDS])(const hf_cmd_option *, const char *,
							    void *) = {
		[HF_VALUE_STRING] = read_string,     [HF_VALUE_OPTIONAL] = read_string,
		[HF_VALUE_UNSIGNED] = read_unsigned, [HF_VALUE_SIZE] = read_size,
		[HF_VALUE_DURATION] = read_duration, [HF_VALUE_ADDRESS] = read_address,
		[HF_VALUE_PORT] = read_port,         [HF_VALUE_HOST_ADDRS] = read_host_addr,
		[HF_VALUE_ENDPOINT] = read_endpoint, [HF_VALUE_STRINGS] = read_strings,
	};
	const char *wrong = readers[option->kind](option, text, to);

	if (wrong)
		*why = wrong;
	return !wrong;
}
