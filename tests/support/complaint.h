/* SPDX-License-Identifier: BSD-2-Clause */
/* ICMP errors, said to a host by a router on the way to the scripted peer. */
#ifndef HF_TESTS_COMPLAINT_H
#define HF_TESTS_COMPLAINT_H

#include <string.h>

#include "tests/support/peer.h"
#include "wire/icmp.h"

/* An error as the RFCs number it. */
typedef struct report {
	uint8_t type, code;
	hf_reason reason;
} report;

static inline hf_addr router(const peer *p)
{
	hf_addr a = p->self.addr;

	a.octet[15] = 99;
	return a;
}

/* Wraps an ICMP message, whose checksum is not filled in yet, and hands it over. */
static inline hf_reason give_message(peer *p, hf_addr from, uint8_t *message, size_t len)
{
	bool is_v4 = hf_addr_is_v4(&p->host.addr);
	hf_ip ip = { .src = from, .dst = p->host.addr, .version = is_v4 ? 4 : 6, .ttl = 64 };
	uint8_t packet[2000];
	size_t at;
	uint32_t sum = 0;

	ip.protocol = is_v4 ? HF_IPPROTO_ICMP : HF_IPPROTO_ICMP6;
	at = hf_ip_emit(&ip, len, packet);
	if (!is_v4) { /* RFC 8200 8.1 */
		sum = (uint32_t)len + HF_IPPROTO_ICMP6;
		for (size_t i = 8; i < HF_IP6_HEADER; i += 2)
			sum += hf_get16(packet + i);
	}
	hf_put16(message + 2, 0);
	for (size_t i = 0; i < len; i += 2)
		sum += i + 1 < len ? hf_get16(message + i) : (uint32_t)message[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	hf_put16(message + 2, (uint16_t)~sum);
	memcpy(packet + at, message, len);
	return peer_give(p, packet, at + len);
}

/* The error about `quoted`, whose IP header and 8 octets it carries. `rest`: octets 4 to 7. */
static inline hf_reason complain(peer *p, report r, uint32_t rest, const peer_seen *quoted)
{
	size_t len = hf_ip_header_len(&quoted->ip) + 8;
	uint8_t message[8 + HF_IP_HEADER_MAX + 8] = { r.type, r.code };

	hf_put32(message + 4, rest);
	memcpy(message + 8, quoted->octets, len);
	return give_message(p, router(p), message, 8 + len);
}

#endif
