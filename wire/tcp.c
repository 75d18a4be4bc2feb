/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP headers (RFC 9293, 3.1) and their checksum. */
#include "wire/tcp.h"

#include "base/mem.h"
#include "wire/checksum.h"

enum {
	AT_SRC_PORT = 0,
	AT_DST_PORT = 2,
	AT_SEQ = 4,
	AT_ACK = 8,
	AT_OFFSET = 12,
	AT_WINDOW = 14,
	AT_URGENT = 18,
};

static hf_sum pseudo(const hf_ip *ip, size_t len)
{
	return hf_sum_pseudo(0, &ip->src, &ip->dst, HF_IPPROTO_TCP, (uint32_t)len);
}

static bool is_checksum_right(const hf_ip *ip)
{
	return hf_sum_finish(hf_sum_octets(pseudo(ip, ip->payload.len), ip->payload.at,
					   ip->payload.len)) == 0;
}

static void read_fields(const uint8_t *at, hf_tcp *out)
{
	out->src_port = hf_get16(at + AT_SRC_PORT);
	out->dst_port = hf_get16(at + AT_DST_PORT);
	out->seq.v = hf_get32(at + AT_SEQ);
	out->ack.v = hf_get32(at + AT_ACK);
	out->flags = hf_get16(at + AT_OFFSET) & HF_TCP_FLAGS;
	out->window = hf_get16(at + AT_WINDOW); /* MUST-1 */
	out->urgent = hf_get16(at + AT_URGENT);
}

hf_reason hf_tcp_parse(const hf_ip *ip, bool checksum_is_good, hf_tcp *out)
{
	const hf_view segment = ip->payload;
	size_t header;
	hf_reason why;

	memset(out, 0, sizeof(*out));
	if (segment.len < HF_TCP_HEADER)
		return HF_WHY_TCP_SHORT;
	read_fields(segment.at, out);
	header = (size_t)(segment.at[AT_OFFSET] >> 4) * 4;
	/*@ split header; */
	if (header < HF_TCP_HEADER || header > segment.len)
		return HF_WHY_TCP_DATA_OFFSET;
	out->payload = (hf_view){ segment.at + header, segment.len - header };
	why = hf_tcp_options_parse((hf_view){ segment.at + HF_TCP_HEADER, header - HF_TCP_HEADER },
				   &out->options);

	/* A wrong checksum explains every other fault, so it is named first (MUST-3). */
	if (!checksum_is_good && !is_checksum_right(ip))
		return HF_WHY_TCP_CHECKSUM;
	if (why != HF_WHY_NONE)
		return why;
	if (out->src_port == 0 || out->dst_port == 0)
		return HF_WHY_TCP_PORT;
	return HF_WHY_NONE;
}

size_t hf_tcp_header_len(const hf_tcp *t)
{
	return HF_TCP_HEADER + hf_tcp_options_len(&t->options);
}

size_t hf_tcp_emit(const hf_tcp *t, uint8_t *to)
{
	const size_t len = HF_TCP_HEADER + hf_tcp_options_emit(&t->options, to + HF_TCP_HEADER);

	hf_put16(to + AT_SRC_PORT, t->src_port);
	hf_put16(to + AT_DST_PORT, t->dst_port);
	hf_put32(to + AT_SEQ, t->seq.v);
	hf_put32(to + AT_ACK, t->ack.v);
	hf_put16(to + AT_OFFSET, (uint16_t)(len / 4 << 12 | (t->flags & HF_TCP_FLAGS)));
	hf_put16(to + AT_WINDOW, t->window);
	hf_put16(to + HF_TCP_CHECKSUM_AT, 0);
	hf_put16(to + AT_URGENT, t->urgent);
	return len;
}

void hf_tcp_checksum(const hf_ip *ip, uint8_t *segment, size_t len)
{
	hf_put16(segment + HF_TCP_CHECKSUM_AT, 0);
	hf_put16(segment + HF_TCP_CHECKSUM_AT,
		 hf_sum_finish(hf_sum_octets(pseudo(ip, len), segment, len)));
}

void hf_tcp_checksum_partial(const hf_ip *ip, uint8_t *segment, size_t len)
{
	hf_put16(segment + HF_TCP_CHECKSUM_AT, hf_sum_fold(pseudo(ip, len)));
}
