/* SPDX-License-Identifier: BSD-2-Clause */
/* Initial sequence numbers, timestamp offsets and ephemeral ports that outsiders cannot guess. */
#include "tcp/hs/isn.h"

#include "base/mem.h"

/* Keeps the uses of one key apart. */
enum use { USE_ISN, USE_TIMESTAMP, USE_TABLE, USE_PORT, USE_LABEL };

#define ADDR_LEN sizeof(hf_addr)
#define FLOW_LEN (2 * ADDR_LEN + 5)

/** SipHash of the flow, with the ports that `with_local` and `with_remote` ask for. */
static uint64_t hash(const hf_sipkey *key, const hf_flow *f, enum use use, bool with_local,
		     bool with_remote)
{
	uint8_t octets[FLOW_LEN];

	memcpy(octets, &f->local, ADDR_LEN);
	memcpy(octets + ADDR_LEN, &f->remote, ADDR_LEN);
	hf_put16(octets + 2 * ADDR_LEN, with_local ? f->local_port : 0);
	hf_put16(octets + 2 * ADDR_LEN + 2, with_remote ? f->remote_port : 0);
	octets[2 * ADDR_LEN + 4] = (uint8_t)use;
	return hf_siphash(key, octets, sizeof(octets));
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

uint32_t hf_port_offset(const hf_sipkey *key, const hf_flow *f)
{
	return (uint32_t)hash(key, f, USE_PORT, false, true);
}
