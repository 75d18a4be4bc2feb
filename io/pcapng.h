/* SPDX-License-Identifier: BSD-2-Clause */
/* The blocks of a pcapng file (draft-ietf-opsawg-pcapng), written octet by octet. */
#ifndef HF_IO_PCAPNG_H
#define HF_IO_PCAPNG_H

#include <handfast/types.h>

/*
 * A file is a section header, an interface description, and an enhanced packet block for each
 * packet. Everything is written little-endian, so that the same traffic gives the same file on
 * every machine. Every function writes nothing and returns 0 when `room` is too small.
 */

enum { HF_LINKTYPE_ETHERNET = 1, HF_LINKTYPE_RAW = 101 };

/** Writes the section header block with the name of the application. Returns its octets. */
size_t hf_pcapng_section(uint8_t *to, size_t room, const char *application);

/** Writes an interface description: link type, name (may be NULL), time stamps in nanoseconds. */
size_t hf_pcapng_interface(uint8_t *to, size_t room, uint16_t link_type, const char *name);

/** One packet to be written. */
typedef struct hf_pcapng_packet {
	const uint8_t *data; /**< borrowed */
	uint32_t len;        /**< octets: all of them are written */
	uint64_t time;       /**< nanoseconds since 1970, UTC */
	bool leaving;        /**< else arriving */
	const char *comment; /**< UTF-8, up to 65,535 octets; NULL: none */
} hf_pcapng_packet;

/** Octets that hf_pcapng_put_packet writes for `p`. */
size_t hf_pcapng_packet_len(const hf_pcapng_packet *p);

/** Writes an enhanced packet block for interface 0. Returns its octets. */
size_t hf_pcapng_put_packet(uint8_t *to, size_t room, const hf_pcapng_packet *p);

#endif
