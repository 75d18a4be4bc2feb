/* SPDX-License-Identifier: BSD-2-Clause */
/* IP of either version: the first four bits decide. */
#include "wire/ip.h"

#include "base/mem.h"
#include "wire/ip_versions.h"

hf_reason hf_ip_parse(hf_view packet, hf_ip *out)
{
	memset(out, 0, sizeof(*out));
	if (packet.len == 0)
		return HF_WHY_IP_SHORT;
	out->version = packet.at[0] >> 4;
	if (out->version == 4)
		return hf_ip4_parse(packet, out);
	if (out->version == 6)
		return hf_ip6_parse(packet, out);
	return HF_WHY_IP_VERSION;
}

size_t hf_ip_header_len(const hf_ip *ip)
{
	return ip->version == 4 ? HF_IP4_HEADER + ip->options.len : HF_IP6_HEADER;
}

size_t hf_ip_emit(const hf_ip *ip, size_t payload_len, uint8_t *to)
{
	if (ip->version == 4)
		return hf_ip4_emit(ip, payload_len, to);
	return hf_ip6_emit(ip, payload_len, to);
}
