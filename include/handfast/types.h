/* SPDX-License-Identifier: BSD-2-Clause */
/* The words that every part of Handfast shares: time, addresses, errors, reasons and causes. */
#ifndef HANDFAST_TYPES_H
#define HANDFAST_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <handfast/reasons.h>

/** A length of time in nanoseconds. Signed, so that a difference may be negative. */
typedef int64_t hf_ns;

#define HF_US(n) ((hf_ns)(n)*1000)
#define HF_MS(n) ((hf_ns)(n)*1000000)
#define HF_SEC(n) ((hf_ns)(n)*1000000000)

/**
 * A point in time: nanoseconds since an origin that the caller chooses and keeps. The library
 * never reads a clock. One-member struct, so that a time and a length of time do not mix.
 */
typedef struct hf_time {
	int64_t ns;
} hf_time;

/** Later than every other time: "no deadline". */
#define HF_NEVER ((hf_time){ INT64_MAX })

static inline hf_time hf_time_add(hf_time t, hf_ns d)
{
	return d > 0 && t.ns > INT64_MAX - d ? HF_NEVER : (hf_time){ t.ns + d };
}

static inline hf_ns hf_time_diff(hf_time later, hf_time earlier)
{
	return later.ns - earlier.ns;
}

static inline bool hf_time_before(hf_time a, hf_time b)
{
	return a.ns < b.ns;
}

static inline hf_time hf_time_min(hf_time a, hf_time b)
{
	return a.ns < b.ns ? a : b;
}

/**
 * An IP address, IPv4 or IPv6, in network order. IPv4 stands IPv4-mapped (RFC 4291, 2.5.5.2: 80
 * zero bits, 16 one bits, the address), so that everything above the wire layer is one code. All
 * zero octets: "no address".
 */
typedef struct hf_addr {
	uint8_t octet[16];
} hf_addr;

/** An address and a TCP port (host order). */
typedef struct hf_endpoint {
	hf_addr addr;
	uint16_t port;
} hf_endpoint;

/** An IPv4 address from its four octets. */
static inline hf_addr hf_addr_v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	return (hf_addr){ { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d } };
}

/** True for an IPv4 address. */
static inline bool hf_addr_is_v4(const hf_addr *a)
{
	static const uint8_t prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

	return __builtin_memcmp(a->octet, prefix, sizeof(prefix)) == 0;
}

/** True if both are the same, family and all. */
static inline bool hf_addr_equal(const hf_addr *a, const hf_addr *b)
{
	return __builtin_memcmp(a->octet, b->octet, sizeof(a->octet)) == 0;
}

/** True for "no address". */
static inline bool hf_addr_is_none(const hf_addr *a)
{
	static const hf_addr none = { { 0 } };

	return hf_addr_equal(a, &none);
}

/** True for 224.0.0.0/4 and ff00::/8. */
bool hf_addr_is_multicast(const hf_addr *a);
/** True for fe80::/10. */
bool hf_addr_is_link_local(const hf_addr *a);
/**
 * True if both are of one family and share the first `prefix` bits (0 to 32 for IPv4, 0 to 128 for
 * IPv6).
 */
bool hf_addr_same_net(const hf_addr *a, const hf_addr *b, unsigned prefix);

/** Room for any address as text, with the closing zero. */
#define HF_ADDR_TEXT 46

/**
 * Writes `a` as text (dotted quad, or RFC 5952 for IPv6) into `text`, which has HF_ADDR_TEXT
 * octets. Returns `text`.
 */
char *hf_addr_format(const hf_addr *a, char *text);

/**
 * Reads a numeric IPv4 or IPv6 address from the whole of `text` (RFC 4291 2.2, RFC 5952 and every
 * other legal form; no zone). On failure returns false and leaves `*out` as it was.
 */
bool hf_addr_parse(const char *text, hf_addr *out);

#define HF_ROUTE_HOPS 9 /**< routers that one IPv4 header has room for (RFC 791 3.1) */

/**
 * An IPv4 source route (RFC 791 3.1): the routers that a packet visits on its way, in their order.
 * The packet is sent to the first; the destination follows the last and is not among them.
 */
typedef struct hf_source_route {
	uint8_t hops;               /**< 0: no route */
	bool is_strict;             /**< SSRR: no other router may lie between; else LSRR */
	hf_addr hop[HF_ROUTE_HOPS]; /**< IPv4 addresses of hosts */
} hf_source_route;

/** The caller's allocator: where all of the library's memory comes from (malloc: heap.h). */
typedef struct hf_allocator {
	void *(*alloc)(void *ctx, size_t octets);         /**< NULL on failure */
	void (*free)(void *ctx, void *at, size_t octets); /**< the size that was asked for */
	void *ctx;
} hf_allocator;

/** What a call answers. HF_OK is zero. */
#define HF_ERRORS(X)                                                                               \
	X(OK, "ok", "done")                                                                        \
	X(INVALID, "invalid", "an argument is outside what the call accepts")                      \
	X(NO_MEMORY, "no-memory", "the allocator gave no memory")                                  \
	X(LIMIT, "limit", "a configured limit is reached")                                         \
	X(AGAIN, "again", "nothing can be done now; an event says when")                           \
	X(STALE, "stale", "the handle's object is gone")                                           \
	X(IN_USE, "in-use", "the local address and port are in use")                               \
	X(NO_ADDRESS, "no-address", "the local address does not belong to this host")              \
	X(NO_ROUTE, "no-route", "no route leads to the remote address")                            \
	X(NO_PORT, "no-port", "no local port is free for this remote endpoint")                    \
	X(NOT_CONNECTED, "not-connected", "the connection is not established yet")                 \
	X(CLOSING, "closing", "the sending side is closed")                                        \
	X(REFUSED, "refused", "the peer refused the connection")                                   \
	X(RESET, "reset", "the peer reset the connection")                                         \
	X(TIMED_OUT, "timed-out", "the peer did not answer in time")                               \
	X(UNREACHABLE, "unreachable", "the network reported that the peer cannot be reached")      \
	X(ABORTED, "aborted", "the connection was aborted on this side")                           \
	X(BAD_SECRET, "bad-secret", "the secret is missing or zero")                               \
	X(NO_KEY, "no-key", "the connection must be signed, and no key is for it")

typedef enum hf_err {
#define X(name, word, text) HF_ERR_##name,
	HF_ERRORS(X)
#undef X
		HF_ERR_COUNT
} hf_err;

#define HF_OK HF_ERR_OK

/** The short name of an error ("no-route"), for logs and JSON. */
const char *hf_err_name(hf_err e);
/** One plain sentence on an error. */
const char *hf_err_text(hf_err e);

#endif
