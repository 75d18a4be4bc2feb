/* SPDX-License-Identifier: BSD-2-Clause */
/* Initial sequence numbers, timestamp offsets and ephemeral ports that outsiders cannot guess. */
#include "tcp/hs/isn.h"

#include "base/mem.h"

/* Keeps the uses of one key apart. */
enum use { USE_ISN, USE_TIMESTAMP, USE_TABLE, USE_PORT, USE_LABEL };

#define ADDR_LEN sizeof(hf_addr)
#define FLOW_LEN (HF_FLOW_ADDRESSES + 5)

size_t hf_flow_addresses(const hf_flow *f, uint8_t *to)
{
	if (hf_addr_is_v4(&f->local) && hf_addr_is_v4(&f->remote)) {
		memcpy(to, f->local.octet + 12, 4);
		memcpy(to + 4, f->remote.octet + 12, 4);
		return 8;
	}
	memcpy(to, &f->local, ADDR_LEN);
	memcpy(to + ADDR_LEN, &f->remote, ADDR_LEN);
	return 2 * ADDR_LEN;
}

/** SipHash of the flow, with the ports that `with_local` and `with_remote` ask for. */
static uint64_t hash(const hf_sipkey *key, const hf_flow *f, enum use use, bool with_local,
		     bool with_remote)
{
	uint8_t octets[FLOW_LEN], *at = octets + hf_flow_addresses(f, octets);

	hf_put16(at, with_local ? f->local_port : 0);
	hf_put16(at + 2, with_remote ? f->remote_port : 0);
	at[4] = (uint8_t)use;
	return hf_siphash(key, octets, (size_t)(at + 5 - octets));
}

hf_seq hf_isn(const hf_sipkey *key, const hf_flow *f, hf_time now)
{
	uint32_t m = (uint32_t)(now.ns / HF_US(4));

	return (hf_seq){ m + (uint32_t)hash(key, f, USE_ISN, true, true) };
}

uint32_t hf_timestamp_offset(const hf_sipkey *key, const hf_flow *f)
{
	return (uint32_t)hash(key, f, USE_TIMESTAMP, false, false);
}

uint32_t hf_flow_hash(const hf_sipkey *key, const hf_flow *f)
{
	return (uint32_t)hash(key, f, USE_TABLE, true, true);
}

uint32_t hf_flow_label(const hf_sipkey *key, const hf_flow *f)
{
	return (uint32_t)hash(key, f, USE_LABEL, true, true);
}

/**
 * A permutation of [0, 4^half), half <= 8: four rounds of a Feistel network (Luby and Rackoff,
 * 1988).
 */
static uint32_t permute(const hf_sipkey *key, uint32_t x, unsigned half)
{
	uint32_t mask = (UINT32_C(1) << half) - 1, left = x >> half, right = x & mask;

	for (uint8_t round = 0; round < 4; round++) {
		uint8_t octets[2] = { round, (uint8_t)right };
		uint32_t next = left ^ ((uint32_t)hf_siphash(key, octets, sizeof(octets)) & mask);

		left = right;
		right = next;
	}
	return left << half | right;
}

uint32_t hf_port_choice(const hf_sipkey *key, const hf_flow *f, uint32_t n, uint32_t count)
{
	hf_sipkey turn = { hash(key, f, USE_PORT, false, true), n / count };
	uint32_t x = n % count;
	unsigned half = 0;

	while (UINT32_C(1) << 2 * half < count)
		half++;
	do
		x = permute(&turn, x, half);
	while (x >= count); /* on along its cycle, until it is among the `count` */
	return x;
}
