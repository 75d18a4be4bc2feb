/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of the parser share. Not for users of scripts. */
#ifndef HF_DRILL_PARSE_H
#define HF_DRILL_PARSE_H

#include "drill/script.h"

/** The parser looks one token ahead: `now` is the first that is not used up. */
typedef struct hf_parser {
	hf_drill_script *script;
	hf_arena *arena;
	hf_lexer lexer;
	hf_token now;
	const char *used; /**< in the script's text: after the last token that was used up */
} hf_parser;

/** Uses up the token. */
void hf_parse_advance(hf_parser *p);
/** Uses up the token if it is this sign, or this word. */
bool hf_parse_sign(hf_parser *p, char sign);
bool hf_parse_word(hf_parser *p, const char *word);

/** Notes the first error, at the token. Returns false. */
bool hf_parse_fail(hf_parser *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Notes the first error, at a place. Returns false. */
bool hf_parse_fail_at(hf_parser *p, hf_drill_at at, const char *text);
/** Uses up the sign, which must be there. */
bool hf_parse_expect(hf_parser *p, char sign);
/** Reads an integer from 0 to `most`. */
bool hf_parse_number(hf_parser *p, uint64_t most, uint64_t *out);
/** Notes that what begins at the token is not supported. */
void hf_parse_need(hf_parser *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Reads hexadecimal octets, `*len` of at most HF_DRILL_OCTETS; none if no digit stands there. */
bool hf_parse_octets(hf_parser *p, uint8_t *out, size_t *len);

/** Reads a packet, from its direction on. */
bool hf_parse_packet(hf_parser *p, hf_drill_packet *out);
/** Reads `<` options `>`. */
bool hf_parse_options(hf_parser *p, hf_drill_packet *packet);
/** Reads `[items]` or `(items)` about an IP header, if they stand there. */
bool hf_parse_ip_info(hf_parser *p, bool is_inbound, hf_drill_ip *ip);
/** Reads the headers around a packet, if there are any. */
bool hf_parse_wraps(hf_parser *p, hf_drill_packet *packet);
/** Reads ICMP, from its type on. */
bool hf_parse_icmp(hf_parser *p, hf_drill_packet *packet);
/** Reads `(LEN)`, and `FROM:TO(LEN)`. */
bool hf_parse_len(hf_parser *p, uint32_t *out);
bool hf_parse_range(hf_parser *p, uint32_t *from, uint32_t *len);
/** Is the script about IPv6? */
bool hf_parse_is_v6(const hf_parser *p);
/** Skips up to a sign, which is used up; or to the end. */
void hf_parse_skip(hf_parser *p, char sign);
/** Reads a system call, from its name on. */
bool hf_parse_call(hf_parser *p, hf_drill_call *out);

#endif
