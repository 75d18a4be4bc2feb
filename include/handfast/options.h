/* SPDX-License-Identifier: BSD-2-Clause */
/* The options of connections and listeners: what hf_conn_set and hf_listener_set set. */
#ifndef HANDFAST_OPTIONS_H
#define HANDFAST_OPTIONS_H

#include <handfast/types.h>

/** What is made of the path's MTU: values of HF_OPTION_PATH_MTU_DISCOVERY. */
typedef enum hf_path_mtu_discovery {
	HF_PATH_MTU_WANT,  /**< Don't Fragment is set, reports are heeded (RFC 1191, RFC 8201) */
	HF_PATH_MTU_OFF,   /**< IPv4: routers may fragment; reports change nothing */
	HF_PATH_MTU_PROBE, /**< Don't Fragment is set, reports change nothing: the link's MTU */
} hf_path_mtu_discovery;

/*
 * Every value is an int64_t; lengths of time are in ns. Zero is the default unless something else
 * is said. A value out of the range that is given is HF_ERR_INVALID and changes nothing.
 *
 * What is set on a listener holds for the connections that come from it afterwards, from their
 * SYN-ACK on. What is set on a connection directly after hf_conn_open holds for its SYN.
 */
typedef enum hf_option {
	/** 0 or 1: Nagle's algorithm is off (RFC 9293 MUST-17; TCP_NODELAY). */
	HF_OPTION_NO_DELAY,
	/**
	 * Silence before the first keep-alive probe, 1 s or more; 0: off (MUST-24, 25, 27;
	 * SO_KEEPALIVE with TCP_KEEPIDLE).
	 */
	HF_OPTION_KEEPALIVE,
	/**
	 * How long sent octets, or a peer's closed window, may go without progress before the
	 * connection ends with HF_WHY_USER_TIMEOUT, however often it was retransmitted; 0: R2 alone
	 * decides (3.9.1.1, MUST-21; TCP_USER_TIMEOUT). An orphan is given up after R2 at the
	 * latest. With keep-alive it also bounds how long probes go unanswered. Setting
	 * it makes what the peer advises of no effect (RFC 5482 3.1's CHANGEABLE).
	 */
	HF_OPTION_USER_TIMEOUT,
	/**
	 * 0 to 255: Traffic Class or TOS octet of all that is sent (MUST-48; IP_TOS). The lower
	 * two bits, ECN's, are the stack's whatever is said here.
	 */
	HF_OPTION_TRAFFIC_CLASS,
	/** 1 to 255: TTL or hop limit (MUST-49; IP_TTL); the default is the stack's. */
	HF_OPTION_TTL,
	/**
	 * 0 or 1: only full segments leave until it is 0 again; what is shorter leaves after one
	 * retransmission time-out, 200 ms at least (TCP_CORK).
	 */
	HF_OPTION_CORK,
	/** Between unanswered probes, 1 s or more; 75 s (TCP_KEEPINTVL). */
	HF_OPTION_KEEPALIVE_INTERVAL,
	/** 1 to 127: probes that may go unanswered before a reset; 9 (MUST-29; TCP_KEEPCNT). */
	HF_OPTION_KEEPALIVE_PROBES,
	/**
	 * 0 or 1: a probe carries one octet of garbage, which the peer has acknowledged long ago;
	 * some old peers answer nothing else (MAY-6).
	 */
	HF_OPTION_KEEPALIVE_OCTET,
	/**
	 * 1 to 127: how often a SYN goes again (on a listener: its SYN-ACKs, at most 20) before the
	 * attempt ends; the stack's (R2 of MUST-23; TCP_SYNCNT).
	 */
	HF_OPTION_SYN_RETRIES,
	/** 1 to 255: R2, how often text goes again before the connection ends; the stack's. */
	HF_OPTION_RETRIES,
	/**
	 * 1 to 255: R1, after how many retransmissions HF_EVENT_TROUBLE is told and the next hop is
	 * asked whether it is still there; the stack's (SHLD-9, 10).
	 */
	HF_OPTION_TROUBLE_RETRIES,
	/**
	 * 48 to 65495 octets: no larger segment is announced by the SYN (before it is sent) or
	 * sent; 0: what link and path allow (TCP_MAXSEG).
	 */
	HF_OPTION_MSS,
	/**
	 * How long a listener's connections may wait for their first text before they can be
	 * accepted without: the bare ACK of the handshake is not believed before
	 * (TCP_DEFER_ACCEPT). Listeners only.
	 */
	HF_OPTION_DEFER_ACCEPT,
	/**
	 * How long a connection that nobody holds waits in FIN-WAIT-2 for the peer's FIN; 0: the
	 * stack's; -1: not at all (TCP_LINGER2).
	 */
	HF_OPTION_FIN_WAIT_2,
	/**
	 * What hf_conn_close does with octets that are not acknowledged yet: -1, the default: sends
	 * them without a limit but R2's; 0: a reset at once; else a reset after this time
	 * (SO_LINGER).
	 */
	HF_OPTION_LINGER,
	/** The window is never larger, octets; 0: no limit but the buffer (TCP_WINDOW_CLAMP). */
	HF_OPTION_WINDOW_CLAMP,
	/**
	 * 1 (also 0) to 2^30 octets: HF_EVENT_READABLE comes when so many can be received, or the
	 * stream ends, or no more would fit (SO_RCVLOWAT).
	 */
	HF_OPTION_RECEIVE_LOW,
	/**
	 * Most octets that wait unsent in the send buffer: hf_conn_send takes no more, and
	 * HF_EVENT_WRITABLE comes when half of it is free; 0: no limit but the buffer
	 * (TCP_NOTSENT_LOWAT).
	 */
	HF_OPTION_UNSENT_LOW,
	/**
	 * 1 to 2^30 octets: a send buffer of this size, and no other; 0: grows with the congestion
	 * window up to the stack's (SO_SNDBUF).
	 */
	HF_OPTION_SEND_BUFFER,
	/**
	 * The same for receiving; 0: grows with the reader up to the stack's (SO_RCVBUF). A window
	 * that was announced is not taken back.
	 */
	HF_OPTION_RECEIVE_BUFFER,
	/**
	 * 0 or 1: the SYN and the first segment after it tell the peer our user timeout, and what
	 * the peer tells is adopted within the stack's limits (RFC 5482).
	 */
	HF_OPTION_USER_TIMEOUT_OPTION,
	/** 0 or 1: ICMP's soft errors are not told by HF_EVENT_TROUBLE (RFC 9293 SHLD-20). */
	HF_OPTION_NO_SOFT_ERRORS,
	/**
	 * 0 or 1: the last octet of urgent data is taken out of the stream, for
	 * hf_conn_urgent_octet, as Linux does without SO_OOBINLINE. RFC 6093 5 advises against it.
	 */
	HF_OPTION_URGENT_APART,
	/**
	 * 1: acknowledges at once, from what is owed now on, until traffic both ways suggests
	 * otherwise; 0: lets acknowledgements wait for text to ride on (TCP_QUICKACK). Connections
	 * only, and not kept: it says where to go on from.
	 */
	HF_OPTION_QUICK_ACK,
	/**
	 * 0 to 4096: Fast Open (RFC 7413): so many connections, at most, may be waiting for the
	 * end of their handshake with the SYN's text already delivered; they are accepted at once.
	 * 0: none. Counts only with HF_FAST_OPEN_SERVER (TCP_FASTOPEN). Listeners only.
	 */
	HF_OPTION_FAST_OPEN,
	/**
	 * 0 to 255: what arrives with a smaller TTL or hop limit is dropped, ICMP errors too (GTSM,
	 * RFC 5082 3; IP_MINTTL, IPV6_MINHOPCOUNT).
	 */
	HF_OPTION_MIN_TTL,
	/**
	 * 0 to 0xfffff: the IPv6 flow label; -1, the default: a keyed hash of the flow, and another
	 * one after each time-out (RFC 6437; IPV6_FLOWINFO, IPV6_AUTOFLOWLABEL).
	 */
	HF_OPTION_FLOW_LABEL,
	/** An hf_path_mtu_discovery; HF_PATH_MTU_WANT, or HF_PATH_MTU_OFF as the stack is set. */
	HF_OPTION_PATH_MTU_DISCOVERY,
	/**
	 * An hf_congestion_control; HF_CONGESTION_DEFAULT: the stack's. At any time: cwnd and
	 * ssthresh stay, what else was learnt is lost (TCP_CONGESTION). NO_MEMORY, and the module
	 * stays.
	 */
	HF_OPTION_CONGESTION,
	/**
	 * Octets a second that text leaves at, at most, in small bursts; 0: any
	 * (SO_MAX_PACING_RATE).
	 */
	HF_OPTION_MAX_PACING_RATE,
	/**
	 * 0 or 1: Reno and CUBIC spread each window over the round trip; the default is the
	 * stack's. BBR does always.
	 */
	HF_OPTION_PACING,
	/**
	 * 0 or 1: Fast Open does without cookies, whatever the stack's setting: text in a SYN is
	 * taken from anybody (TCP_FASTOPEN_NO_COOKIE). Listeners only; a connection that is opened
	 * has hf_conn_options.fast_open_no_cookie.
	 */
	HF_OPTION_FAST_OPEN_NO_COOKIE,
	HF_OPTION_COUNT
} hf_option;

#endif
