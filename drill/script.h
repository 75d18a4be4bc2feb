/* SPDX-License-Identifier: BSD-2-Clause */
/* A script of the packetdrill language, read: events with their packets, calls and expressions. */
#ifndef HF_DRILL_SCRIPT_H
#define HF_DRILL_SCRIPT_H

#include <handfast/types.h>

#include "drill/arena.h"
#include "drill/lexer.h"

/* ---- Times ---- */

typedef enum hf_drill_base {
	HF_DRILL_ABSOLUTE, /**< since the start of the script */
	HF_DRILL_RELATIVE, /**< since the event before was done */
	HF_DRILL_ANY,      /**< `*` */
} hf_drill_base;

typedef struct hf_drill_time {
	hf_drill_base base;
	bool is_window; /**< `from~to` */
	bool blocks;    /**< `from...to`: a call that returns at `to` */
	hf_ns from, to;
} hf_drill_time;

/* ---- Packets ---- */

typedef enum hf_drill_option_kind {
	HF_DRILL_NOP,
	HF_DRILL_EOL,
	HF_DRILL_MSS,    /**< `number` */
	HF_DRILL_WSCALE, /**< `number` */
	HF_DRILL_SACK_OK,
	HF_DRILL_SACK,  /**< `sack` */
	HF_DRILL_STAMP, /**< `number` is the value, `echo` the reply */
	HF_DRILL_OTHER, /**< `code` and `octet` */
	HF_DRILL_RAW,   /**< `octet` as they stand */
} hf_drill_option_kind;

/** Whether the octets of a signature stand in the script. */
typedef enum hf_drill_signature {
	HF_DRILL_AS_WRITTEN,
	HF_DRILL_VALID,   /**< computed */
	HF_DRILL_INVALID, /**< computed, with one bit of it turned round */
} hf_drill_signature;

#define HF_DRILL_OCTETS 40
#define HF_DRILL_BLOCKS 4

/** One TCP option, numbers as the script writes them. */
typedef struct hf_drill_option {
	struct hf_drill_option *next;
	hf_drill_option_kind kind;
	uint8_t code; /**< HF_DRILL_OTHER: its kind on the wire */
	hf_drill_signature signature;
	uint32_t number, echo;
	bool any_number;     /**< a time-stamp whose value does not matter */
	bool echo_as_stands; /**< `ecr N!`: not mapped */
	uint32_t sack[HF_DRILL_BLOCKS][2];
	unsigned blocks;
	uint8_t octet[HF_DRILL_OCTETS];
	size_t octets;
} hf_drill_option;

/** Octets that it takes on the wire. */
size_t hf_drill_option_len(const hf_drill_option *o);

/** What a packet says of ECN; the two bits, or one of these. */
enum { HF_DRILL_ECN_UNSAID = 4, HF_DRILL_ECN_ANY_ECT = 5 };

/** What is said of the IP header. */
typedef struct hf_drill_ip {
	uint8_t ecn; /**< 0 to 3, or HF_DRILL_ECN_* */
	bool has_tos, has_dscp, has_ttl, has_label, has_options, has_to;
	uint8_t tos, dscp, ttl;
	uint32_t label;
	uint8_t options[HF_DRILL_OCTETS]; /**< IPv4's, as they stand */
	size_t options_len;
	hf_addr to; /**< the header's destination, where a source route leads on from it */
} hf_drill_ip;

/** A header around a packet. */
typedef enum hf_drill_wrap_kind {
	HF_DRILL_WRAP_IP,   /**< `ipv4 A > B:`, `ipv6 A > B:` */
	HF_DRILL_WRAP_GRE,  /**< `gre:` (RFC 2784, RFC 2890) */
	HF_DRILL_WRAP_MPLS, /**< `mpls (label N, tc N, [S], ttl N)...:` (RFC 3032, RFC 5462) */
} hf_drill_wrap_kind;

#define HF_DRILL_LABELS 8

typedef struct hf_drill_wrap {
	struct hf_drill_wrap *next; /**< what it is around: the outermost comes first */
	hf_drill_wrap_kind kind;
	hf_addr src, dst; /**< of IP */
	hf_drill_ip ip;
	uint16_t flags, sum, offset; /**< of GRE, as they stand */
	uint32_t key, sequence;
	uint32_t label[HF_DRILL_LABELS]; /**< entries of MPLS's stack */
	unsigned labels;
} hf_drill_wrap;

typedef enum hf_drill_protocol { HF_DRILL_TCP, HF_DRILL_UDP, HF_DRILL_ICMP } hf_drill_protocol;

typedef struct hf_drill_tcp {
	uint16_t flags;     /**< HF_TCP_* */
	bool any_seq;       /**< `...(LEN)` */
	bool seq_as_stands; /**< `FROM:TO(LEN)!` */
	uint32_t seq, ack;
	bool has_ack, has_window, has_urgent;
	uint16_t window, urgent;
	bool any_options;
	hf_drill_option *options;
	bool over_udp; /**< `/udp(SRC > DST)` */
	uint16_t udp_src, udp_dst;
	uint8_t octet[HF_DRILL_OCTETS]; /**< what a reset carries: `[code N, pen N]` */
	size_t octets;
} hf_drill_tcp;

typedef enum hf_drill_quote {
	HF_DRILL_QUOTE_NONE,
	HF_DRILL_QUOTE_TCP,
	HF_DRILL_QUOTE_UDP,
	HF_DRILL_QUOTE_RAW,
} hf_drill_quote;

typedef struct hf_drill_icmp {
	const char *word; /**< "unreachable" */
	uint8_t type, code;
	bool has_mtu, has_id;
	uint32_t mtu;
	uint16_t id;
	hf_drill_quote quote;
	uint32_t seq, len; /**< of what is quoted */
} hf_drill_icmp;

typedef struct hf_drill_packet {
	bool is_inbound;
	hf_drill_protocol protocol;
	hf_drill_wrap *wraps; /**< NULL: none */
	hf_drill_ip ip;
	bool has_ports;
	uint16_t src_port, dst_port;
	uint32_t len; /**< octets of payload */
	hf_drill_tcp tcp;
	hf_drill_icmp icmp;
} hf_drill_packet;

/* ---- Expressions ---- */

typedef enum hf_expr_kind {
	HF_EXPR_INTEGER,  /**< also symbols and `A|B`: `value` */
	HF_EXPR_STRING,   /**< `text`, `len` */
	HF_EXPR_ELLIPSIS, /**< `...` */
	HF_EXPR_LIST,     /**< `[a, b]`: `first` */
	HF_EXPR_STRUCT,   /**< `{a, b}`: `first` */
	HF_EXPR_FIELD,    /**< inside a struct, `text=first` or `text(second)=first` */
	HF_EXPR_CALL,     /**< `text(first, ...)` */
} hf_expr_kind;

typedef struct hf_expr {
	hf_expr_kind kind;
	hf_drill_at at;
	int64_t value;
	const char *text;
	size_t len;
	struct hf_expr *first, *second;
	struct hf_expr *next; /**< in the list that it is part of */
} hf_expr;

/** The `n`th of a list that begins at `e`; NULL: it is shorter. */
const hf_expr *hf_expr_nth(const hf_expr *e, unsigned n);
unsigned hf_expr_count(const hf_expr *e);
/** The value of field `name` of a struct; NULL: it has none, or `e` is no struct. */
const hf_expr *hf_expr_field(const hf_expr *e, const char *name);

typedef struct hf_drill_call {
	const char *name;
	hf_drill_at name_at;
	hf_expr *arguments;
	hf_expr *result;   /**< HF_EXPR_INTEGER, or HF_EXPR_ELLIPSIS: anything */
	const char *error; /**< "EAGAIN", or NULL */
	int error_number;
} hf_drill_call;

/* ---- Scripts ---- */

typedef enum hf_drill_event_kind {
	HF_DRILL_PACKET,
	HF_DRILL_CALL,
	HF_DRILL_COMMAND,
	HF_DRILL_CODE,
} hf_drill_event_kind;

typedef struct hf_drill_event {
	struct hf_drill_event *next;
	hf_drill_event_kind kind;
	hf_drill_at at;     /**< of its time */
	const char *source; /**< its text in the script, on one line */
	hf_drill_time time;
	hf_drill_packet packet;
	hf_drill_call call;
	const char *text; /**< of a command or of code */
	hf_drill_at text_at;
	bool is_left_out; /**< a mutation forgot the packet; its time passes all the same */
	unsigned negated; /**< an assertion of the code that a mutation turned round; 0: none */
} hf_drill_event;

/** `--name=value` at the head of a script. */
typedef struct hf_drill_setting {
	struct hf_drill_setting *next;
	hf_drill_at at;
	const char *name;
	const char *value; /**< NULL: none */
} hf_drill_setting;

/** Something about a place in a script: an error, or what it would need. */
typedef struct hf_drill_note {
	struct hf_drill_note *next;
	hf_drill_at at;
	const char *text;
} hf_drill_note;

typedef struct hf_drill_script {
	hf_arena arena; /**< everything below lies here */
	const char *name;
	hf_drill_setting *settings;
	const char *init, *cleanup; /**< commands without a time; NULL: none */
	hf_drill_at init_at, cleanup_at;
	hf_drill_event *events;
	hf_drill_note *needs; /**< what is legal but not supported, in the script's order */
	hf_drill_note error;  /**< `text` is NULL if the script could be read */
} hf_drill_script;

/**
 * Reads a script. Copies `name` and `text`; borrows `defines` for the call. Never NULL; look at
 * `error` and `needs` before using it. hf_drill_script_free gives it back.
 */
hf_drill_script *hf_drill_script_read(const char *name, const char *text,
				      const hf_drill_define *defines);
/** Frees it. NULL is allowed. */
void hf_drill_script_free(hf_drill_script *s);

/** Notes that the script needs something that is not supported; said once for each place. */
void hf_drill_need(hf_drill_script *s, hf_drill_at at, const char *text);

#endif
