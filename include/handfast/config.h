/* SPDX-License-Identifier: BSD-2-Clause */
/* The settings of a stack. */
#ifndef HANDFAST_CONFIG_H
#define HANDFAST_CONFIG_H

#include <handfast/types.h>

/** What the packets on the link start with. */
typedef enum hf_link_kind { HF_LINK_IP, HF_LINK_ETHERNET } hf_link_kind;

/** Where the RFCs leave a choice, whose choice is taken. */
typedef enum hf_profile { HF_PROFILE_LINUX, HF_PROFILE_FREEBSD, HF_PROFILE_RFC } hf_profile;

/** Who decides how much may be in flight. */
typedef enum hf_congestion_control {
	HF_CONGESTION_DEFAULT, /**< CUBIC; Reno in HF_PROFILE_RFC */
	HF_CONGESTION_RENO,    /**< RFC 5681 */
	HF_CONGESTION_CUBIC,   /**< RFC 9438 */
	HF_CONGESTION_BBR,     /**< BBRv3 (draft-ietf-ccwg-bbr-05) */
} hf_congestion_control;

/** "reno", "cubic", "bbr"; "default" for anything else. */
const char *hf_congestion_name(hf_congestion_control module);
/** The module of this name, as hf_congestion_name has it; HF_CONGESTION_DEFAULT: there is none. */
hf_congestion_control hf_congestion_named(const char *name);

/** Something that the profile decides unless it is said. */
typedef enum hf_choice { HF_CHOICE_DEFAULT, HF_CHOICE_ON, HF_CHOICE_OFF } hf_choice;
/**
 * Explicit congestion notification: what is agreed to when a peer asks, and what is asked for. The
 * choices are those of Linux's tcp_ecn. "Accurate" is RFC 9768, "classic" RFC 3168; of what a peer
 * offers the best that is allowed here is taken.
 */
typedef enum hf_ecn_policy {
	HF_ECN_DEFAULT,          /**< HF_ECN_ACCEPT */
	HF_ECN_OFF,              /**< tcp_ecn 0: neither */
	HF_ECN_REQUEST,          /**< 1: classic ECN is agreed to and asked for */
	HF_ECN_ACCEPT,           /**< 2: classic ECN is agreed to, nothing is asked for */
	HF_ECN_ACCURATE,         /**< 3: Accurate ECN is agreed to and asked for */
	HF_ECN_ACCURATE_CLASSIC, /**< 4: Accurate is agreed to, classic ECN asked for */
	HF_ECN_ACCURATE_ACCEPT,  /**< 5: Accurate is agreed to, nothing is asked for */
} hf_ecn_policy;

/** When Accurate ECN's TCP option is sent (RFC 9768 3.2.3.3): Linux's tcp_ecn_option. */
typedef enum hf_ecn_option {
	HF_ECN_OPTION_DEFAULT,   /**< HF_ECN_OPTION_CHANGED */
	HF_ECN_OPTION_NEVER,     /**< 0: not even in the handshake */
	HF_ECN_OPTION_SPARINGLY, /**< 1: when another counter moves than before */
	HF_ECN_OPTION_CHANGED,   /**< 2: whenever a counter has moved */
	HF_ECN_OPTION_PERSIST,   /**< 3: the same, even if it seems not to get through */
} hf_ecn_option;

/**
 * When the path's MTU is looked for by probes of various sizes (RFC 4821, RFC 8899): Linux's
 * tcp_mtu_probing. The default costs nothing as long as large segments arrive, and without it a
 * path that swallows them and the routers' reports is the end of a connection.
 */
typedef enum hf_mtu_probing {
	HF_MTU_PROBING_DEFAULT,    /**< HF_MTU_PROBING_BLACK_HOLE */
	HF_MTU_PROBING_OFF,        /**< 0: never */
	HF_MTU_PROBING_BLACK_HOLE, /**< 1: after large segments seem to have vanished */
	HF_MTU_PROBING_ALWAYS,     /**< 2: from small segments up, on each connection */
} hf_mtu_probing;

/** When SYNs are answered by cookies, without a record of them (RFC 4987 3.6). */
typedef enum hf_syn_cookies {
	HF_SYN_COOKIES_DEFAULT,   /**< HF_SYN_COOKIES_WHEN_FULL */
	HF_SYN_COOKIES_OFF,       /**< never: SYNs beyond the table are dropped */
	HF_SYN_COOKIES_WHEN_FULL, /**< when the table of half-open records is full */
	HF_SYN_COOKIES_ALWAYS,    /**< each SYN, whatever else would be kept of it */
} hf_syn_cookies;

/** Which record makes way when the table of half-open records is full and there is no cookie. */
typedef enum hf_syn_replacement {
	HF_SYN_REPLACEMENT_DEFAULT, /**< HF_SYN_REPLACEMENT_OLDEST */
	HF_SYN_REPLACEMENT_NONE,    /**< none: the SYN is dropped */
	HF_SYN_REPLACEMENT_OLDEST,  /**< one repeated most often, among equals the oldest */
	HF_SYN_REPLACEMENT_RANDOM,  /**< any, by a keyed hash */
} hf_syn_replacement;

/** When an address that has proven nothing gets no more than three times what it sent. */
typedef enum hf_reflection {
	HF_REFLECTION_DEFAULT, /**< HF_REFLECTION_ALWAYS */
	HF_REFLECTION_ALWAYS,
	/** while more than half of the table of half-open records is in use */
	HF_REFLECTION_PRESSED,
	HF_REFLECTION_UNBOUNDED, /**< never: SYN-ACKs go as often as syn_ack_retries says */
} hf_reflection;

/** What scanners learn (docs/scans.md). */
typedef enum hf_scan_policy {
	HF_SCANS_DEFAULT, /**< HF_SCANS_OPEN */
	HF_SCANS_OPEN,    /**< what the RFCs ask for, resets no more often than reset_rate */
	/** only listening ports answer: silent_to_closed_ports and no_echo_reply */
	HF_SCANS_STEALTH,
} hf_scan_policy;

/** Bits of hf_config.fast_open. */
enum {
	HF_FAST_OPEN_CLIENT = 1, /**< hf_conn_options.fast_open counts */
	HF_FAST_OPEN_SERVER = 2, /**< hf_listener_options.fast_open counts */
	/** data in the SYN though no cookie is cached */
	HF_FAST_OPEN_CLIENT_NO_COOKIE = 4,
	HF_FAST_OPEN_OFF = 8, /**< neither: for 0 means the default */
	/** data in a SYN is taken without a cookie */
	HF_FAST_OPEN_SERVER_NO_COOKIE = 0x200,
};

/** An address of this host and the length of its network's prefix in bits. */
typedef struct hf_host_addr {
	hf_addr addr;
	uint8_t prefix;
} hf_host_addr;

#define HF_HOST_ADDRS 8 /**< addresses that one stack may have */

/** What the link does for us. Bits of hf_config.offloads. */
enum {
	HF_OFFLOAD_TX_CHECKSUM = 1, /**< fills in checksums of HF_PACKET_CSUM_PARTIAL packets */
	/** cuts packets with a gso_size; needs HF_OFFLOAD_TX_CHECKSUM */
	HF_OFFLOAD_TX_TSO = 2,
};

/**
 * All of a stack's settings. Zero in any field but secret, mtu and addresses means "the default".
 */
typedef struct hf_config {
	size_t size; /**< sizeof(hf_config) */
	hf_allocator allocator;
	/** random, from outside; ISN, hash and timestamp keys come from it */
	uint64_t secret[4];
	hf_link_kind link;
	uint8_t mac[6]; /**< HF_LINK_ETHERNET: our address */
	hf_profile profile;
	hf_congestion_control congestion;
	/** octets of the largest IP packet: 576 (1280 with IPv6) to 65535 */
	uint32_t mtu;
	uint32_t offloads; /**< HF_OFFLOAD_* */
	uint32_t gso_max;  /**< HF_OFFLOAD_TX_TSO: octets of payload in one packet (65000) */
	hf_host_addr address[HF_HOST_ADDRS]; /**< up to the first that is none; at least one */
	/** next hop of other networks; none on HF_LINK_IP: all go out */
	hf_addr gateway4, gateway6;
	size_t memory_limit;      /**< octets, everything counted; no limit */
	uint32_t max_connections; /**< 65,536 */
	uint32_t max_half_open;   /**< 4,096 */
	uint32_t max_time_wait;   /**< 65,536 */
	uint32_t max_listeners;   /**< 1,024 */
	uint32_t send_buffer;     /**< octets a connection, at most: 4 MiB */
	/** octets a connection, at most, and the largest window: 6 MiB */
	uint32_t receive_buffer;
	uint8_t ttl;             /**< 64 */
	uint8_t syn_retries;     /**< 7: gives up after 247 s, past the 180 s of MUST-23 */
	uint8_t syn_ack_retries; /**< 5: gives up after 63 s */
	uint8_t data_retries;    /**< 15: R2, about 15 minutes */
	uint8_t no_timestamps, no_sack, no_window_scaling; /**< 1: neither offered nor agreed to */
	uint8_t silent_to_closed_ports; /**< 1: no reset for a segment that nobody waits for */
	uint8_t no_echo_reply;          /**< 1: pings go unanswered */
	/** TIME-WAIT lasts twice this: 30 s; at most 2^24 s, as max_rto and fast_open_pause */
	hf_ns msl;
	hf_ns min_rto, max_rto;         /**< 200 ms, 120 s */
	hf_ns delayed_ack;              /**< 40 ms; under 500 ms (MUST-40) */
	hf_ns fin_wait_2_timeout;       /**< how long an orphan waits for the peer's FIN: 60 s */
	uint16_t first_port, last_port; /**< ephemeral ports: 32768 to 60999 */
	/** HyStart++ in slow start, for Reno and CUBIC (RFC 9406): on; off in HF_PROFILE_RFC */
	hf_choice hystart;
	/** Reno and CUBIC spread each window over the round trip: off. BBR always does. */
	hf_choice pacing;
	/** 1: cwnd survives silence, and a time of little use (RFC 2861, RFC 5681 4.1) */
	uint8_t no_idle_restart;
	/** 3: R1, after how many retransmissions HF_EVENT_TROUBLE is told (SHLD-9, 10) */
	uint8_t trouble_retries;
	/** 8: as data_retries, for a connection that nobody holds; about 100 s */
	uint8_t orphan_retries;
	uint32_t max_orphans; /**< connections that nobody holds: 65,536; more are reset */
	/** what a peer may advise as user timeout (RFC 5482 3.1): 100 s to 1 hour */
	hf_ns least_user_timeout, most_user_timeout;
	hf_ecn_policy ecn;        /**< HF_ECN_ACCEPT */
	hf_ecn_option ecn_option; /**< HF_ECN_OPTION_CHANGED */
	/**
	 * 1: SYNs and SYN-ACKs that go unanswered are sent again with the same ECN bits (RFC 3168
	 * 6.1.1.1), and mangled ones are believed (RFC 9768 3.2.2.3)
	 */
	uint8_t no_ecn_fallback;
	uint32_t fast_open; /**< HF_FAST_OPEN_*: HF_FAST_OPEN_CLIENT (RFC 7413) */
	/**
	 * for how long no data goes into SYNs after it seems to have vanished on the way, twice as
	 * long each time up to 64 times (RFC 7413 4.1.3.1): one hour; negative: never
	 */
	hf_ns fast_open_pause;
	/** of Fast Open's cookies, random; both zero: from `secret` (hf_stack_fast_open_key) */
	uint64_t fast_open_key[2];
	hf_syn_cookies syn_cookies; /**< HF_SYN_COOKIES_WHEN_FULL */
	/**
	 * of SYN cookies, random; both zero: from `secret` (hf_stack_syn_cookie_key). Stacks that
	 * share secret, key and time take each other's cookies.
	 */
	uint64_t syn_cookie_key[2];
	uint32_t max_keys; /**< keys for TCP-AO and MD5, at most 65,535: 256 */
	/**
	 * 1: signed segments of connections that no key is for are dropped; otherwise the signature
	 * is ignored (RFC 5925 7.3)
	 */
	uint8_t drop_unexpected_auth;
	/**
	 * 1: source-routed packets are taken, and passive opens answer on the way back (RFC 9293
	 * MUST-53); 0: they are dropped, as RFC 7126 4.3 advises
	 */
	uint8_t accept_source_route;
	uint8_t no_flow_labels; /**< 1: IPv6 flow labels are zero unless an application sets them */
	/** 1: SYN-ACKs, and what follows, have the DSCP of the peer's SYN */
	uint8_t reflect_traffic_class;
	uint8_t no_path_mtu_discovery; /**< 1: IPv4 packets may be fragmented on their way */
	hf_mtu_probing mtu_probing;    /**< HF_MTU_PROBING_BLACK_HOLE (RFC 4821) */
	uint32_t base_mss;             /**< octets of text that probing starts from: 1024 */
	/** a black hole makes segments no smaller, octets of text: 512, as min_pmtu; Linux: 48 */
	uint32_t mtu_probe_floor;
	/** a probe is worth while for so many octets of MTU: 8 */
	uint32_t mtu_probe_threshold;
	/** when the search begins anew: 600 s (PMTU_RAISE_TIMER of RFC 8899 5.1.1) */
	hf_ns mtu_probe_interval;
	/**
	 * no report makes IPv4 packets smaller, octets: 552. For paths of less, routers may then
	 * fragment.
	 */
	uint32_t min_pmtu;
	hf_ns mtu_expires; /**< how long a report, or what was found, is remembered: 600 s */
	/**
	 * 1: arriving urgent pointers are taken to name the last urgent octet itself, as RFC 1122
	 * had it, against RFC 6093 4 (Linux's tcp_stdurg)
	 */
	uint8_t urgent_names_last;
	hf_syn_replacement syn_replacement; /**< HF_SYN_REPLACEMENT_OLDEST */
	/**
	 * percent of max_half_open that the SYNs of one prefix (IPv4 /24, IPv6 /64) may take: 25;
	 * and those to one listener, while there are others: 75. 100: all. Signed SYNs: all.
	 */
	uint8_t prefix_share, listener_share;
	hf_reflection reflection; /**< HF_REFLECTION_ALWAYS */
	hf_scan_policy scans;     /**< HF_SCANS_OPEN */
	/**
	 * resets a second for segments that nobody waits for, to the prefixes (IPv4 /24, IPv6 /64)
	 * that share one of 64 buckets: 200
	 */
	uint32_t reset_rate;
} hf_config;

#endif
