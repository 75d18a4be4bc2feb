/* SPDX-License-Identifier: BSD-2-Clause */
/* The network card of a host: checksums and segmentation that a stack leaves to it. */
#include "lab/parts.h"

#include <string.h>

#include "base/octets.h"
#include "wire/checksum.h"
#include "wire/tcp.h"

static void finish_checksum(uint8_t *octets, const hf_packet *packet)
{
	size_t start = packet->csum_start;

	hf_put16(octets + start + packet->csum_offset,
		 hf_sum_finish(hf_sum_octets(0, octets + start, packet->len - start)));
}

static void send_octets(hf_lab_node *host, hf_lab_parcel *parcel, const hf_packet *packet)
{
	if (host->links == 0) {
		hf_lab_parcel_free(host->lab, parcel);
		return;
	}
	parcel->packet.cause = packet->cause;
	parcel->state = packet->state;
	hf_lab_link_send(host->link[0], host, parcel);
}

/* The IP header of piece `i`: its length, IPv4 identification and checksum. */
static void fix_ip(uint8_t *octets, size_t len, size_t header, unsigned i)
{
	if (octets[0] >> 4 == 6) {
		hf_put16(octets + 4, (uint16_t)(len - HF_IP6_HEADER));
		return;
	}
	hf_put16(octets + 2, (uint16_t)len);
	hf_put16(octets + 4, (uint16_t)(hf_get16(octets + 4) + i));
	hf_put16(octets + 10, 0);
	hf_put16(octets + 10, hf_sum_finish(hf_sum_octets(0, octets, header)));
}

/* What the pieces of a large packet share. */
struct cut {
	hf_ip ip;
	size_t ip_len, head_len; /* octets: IP header; with the TCP header */
};

static hf_lab_parcel *piece(hf_lab *lab, const hf_packet *packet, const struct cut *cut, size_t at)
{
	size_t rest = packet->len - cut->head_len - at;
	size_t text = rest < packet->gso_size ? rest : packet->gso_size;
	hf_lab_parcel *parcel = hf_lab_parcel_new(lab, (uint32_t)(cut->head_len + text));
	uint8_t *tcp = parcel->octets + cut->ip_len;

	parcel->packet.len = (uint32_t)(cut->head_len + text);
	memcpy(parcel->octets, packet->data, cut->head_len);
	memcpy(parcel->octets + cut->head_len, packet->data + cut->head_len + at, text);
	fix_ip(parcel->octets, parcel->packet.len, cut->ip_len, (unsigned)(at / packet->gso_size));
	hf_put32(tcp + 4, hf_get32(tcp + 4) + (uint32_t)at);
	if (text < rest)
		tcp[13] &= (uint8_t) ~(HF_TCP_FIN | HF_TCP_PSH);
	if (at > 0)
		tcp[13] &= (uint8_t)~HF_TCP_CWR;
	hf_tcp_checksum(&cut->ip, tcp, parcel->packet.len - cut->ip_len);
	return parcel;
}

void hf_lab_card_send(hf_lab_node *host, const hf_packet *packet)
{
	struct cut cut;
	hf_lab_parcel *parcel;

	if (packet->gso_size == 0) {
		parcel = hf_lab_parcel_of(host->lab, packet->data, packet->len);
		if ((packet->flags & HF_PACKET_CSUM_PARTIAL) != 0)
			finish_checksum(parcel->octets, packet);
		send_octets(host, parcel, packet);
		return;
	}
	if (hf_ip_parse((hf_view){ packet->data, packet->len }, &cut.ip) != HF_WHY_NONE)
		return;
	cut.ip_len = (size_t)(cut.ip.payload.at - packet->data);
	cut.head_len = cut.ip_len + (cut.ip.payload.at[12] >> 4) * 4u;
	for (size_t at = 0; at < packet->len - cut.head_len; at += packet->gso_size)
		send_octets(host, piece(host->lab, packet, &cut, at), packet);
}
