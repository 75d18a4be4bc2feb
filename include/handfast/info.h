/* SPDX-License-Identifier: BSD-2-Clause */
/* What can be known of a connection, and of a stack as a whole. */
#ifndef HANDFAST_INFO_H
#define HANDFAST_INFO_H

#include <handfast/config.h>
#include <handfast/types.h>

/** How congestion marks are fed back on a connection. */
typedef enum hf_ecn_mode {
	HF_ECN_MODE_NONE,
	HF_ECN_MODE_CLASSIC,  /**< RFC 3168 */
	HF_ECN_MODE_ACCURATE, /**< RFC 9768 */
} hf_ecn_mode;

/** What counters of marked packets and octets say in one direction (RFC 9768 3.2). */
typedef struct hf_ecn_counts {
	uint32_t ce; /**< packets that arrived with CE; of classic ECN only those with text */
	/** of text; what became of ours is known by Accurate ECN alone */
	uint32_t ce_octets, ect0_octets, ect1_octets;
} hf_ecn_counts;

/** What has come of Accurate ECN's option: Linux's tcpi_accecn_opt_seen, in its order. */
typedef enum hf_ecn_option_seen {
	HF_ECN_OPTION_UNSEEN,
	HF_ECN_OPTION_SEEN_EMPTY,    /**< without counters */
	HF_ECN_OPTION_SEEN_COUNTERS, /**< with at least one */
	HF_ECN_OPTION_SEEN_ZEROED,   /**< the path wipes its counters: it is ignored */
} hf_ecn_option_seen;

/** Where Accurate ECN fails: bits as Linux's tcpi_accecn_fail_mode has them. */
enum {
	HF_ECN_FAILS_ACE_OUT = 1,    /**< our SYN-ACKs with its bits got no answer */
	HF_ECN_FAILS_ACE_IN = 2,     /**< the peer's feedback cannot be true */
	HF_ECN_FAILS_OPTION_OUT = 4, /**< our segments with the option are lost: none is sent */
	HF_ECN_FAILS_OPTION_IN = 8,  /**< the peer's option is wiped on the way: it is ignored */
};

/** How Fast Open went (RFC 7413); Linux's tcpi_fastopen_client_fail besides. */
typedef enum hf_fast_open_outcome {
	HF_FAST_OPEN_NONE, /**< not tried, or not known yet */
	/** as client: no cookie for this peer, a request went out */
	HF_FAST_OPEN_NO_COOKIE,
	HF_FAST_OPEN_NOT_ACKED,         /**< as client: the peer did not take the SYN's text */
	HF_FAST_OPEN_SYN_RETRANSMITTED, /**< as client: the SYN with text got no answer */
	HF_FAST_OPEN_ACKED,             /**< as client: the peer took the SYN's text */
	HF_FAST_OPEN_ACCEPTED,          /**< as server: the SYN's text was taken */
} hf_fast_open_outcome;

/** Where sending stands: Linux's tcpi_ca_state, in its order. */
typedef enum hf_phase {
	HF_PHASE_OPEN,     /**< all in order */
	HF_PHASE_DISORDER, /**< something arrived out of order, or twice */
	HF_PHASE_CWR,      /**< a congestion mark is being answered (RFC 3168) */
	HF_PHASE_RECOVERY, /**< fast recovery */
	HF_PHASE_LOSS,     /**< recovery after a time-out */
} hf_phase;

/** Everything about a connection. */
typedef struct hf_conn_info {
	hf_endpoint local, remote;
	hf_state state;
	/** HF_CLOSED and TIME-WAIT: how it ended; else the last soft error */
	hf_reason reason;
	bool sack, timestamps, window_scaling; /**< agreed */
	uint8_t snd_wscale, rcv_wscale;
	uint8_t retransmits;        /**< timeouts in a row */
	uint16_t snd_mss, peer_mss; /**< octets of text a segment; what the peer's option said */
	uint32_t pmtu;
	hf_ns srtt, rttvar, rto, min_rtt;
	uint32_t cwnd, ssthresh; /**< octets */
	hf_congestion_control congestion;
	uint32_t snd_wnd, rcv_wnd; /**< octets: the peer's window, ours */
	uint32_t iss, irs, snd_una, snd_nxt, rcv_nxt;
	uint32_t unsent, in_flight, unread; /**< octets */
	uint32_t pushed; /**< of those unread, up to the last that came with PSH (MAY-17) */
	uint64_t octets_sent, octets_acked, octets_received, octets_retransmitted;
	uint32_t segments_sent, segments_received, retransmissions, timeouts, fast_recoveries;
	bool peer_closed, sending_closed;
	hf_ecn_mode ecn;
	bool ecn_seen;        /**< a packet with ECT or CE has arrived */
	bool ecn_not_sending; /**< agreed, but our packets are not marked: the path mangles */
	hf_ecn_option_seen ecn_option_seen;
	uint8_t ecn_failures;       /**< HF_ECN_FAILS_*: what the path does not let through */
	hf_ecn_counts ecn_sent;     /**< what became of our packets, as the peer tells */
	hf_ecn_counts ecn_received; /**< what arrived here */
	hf_fast_open_outcome fast_open;
	hf_phase phase;
	uint32_t pipe; /**< octets taken to be in the network (RFC 6675) */
	/** octets in flight that are SACKed; lost; sent again and not answered yet */
	uint32_t sacked, lost, sent_again;
	uint32_t duplicates;     /**< segments that the peer reports as received twice (RFC 2883) */
	uint32_t spurious;       /**< recoveries that were needless and undone */
	uint32_t tail_probes;    /**< sent (RFC 8985 7) */
	uint32_t reorderings;    /**< how often segments came late by reordering, not loss */
	uint16_t reordering;     /**< by how many segments at most; 3 if none did: Linux's metric */
	uint64_t delivered;      /**< octets known to have arrived, in whatever order */
	uint32_t fast_open_room; /**< octets of text that the SYN, which waits for it, can carry */
	uint8_t ttl, traffic_class; /**< of what we send; the class without ECN's marks */
	/** of the last segment that was taken (RFC 9293 MUST-48, MAY-9) */
	uint8_t received_ttl, received_traffic_class;
	uint32_t flow_label;   /**< IPv6 */
	uint32_t rehashes;     /**< how often another flow label was tried, after time-outs */
	hf_source_route route; /**< IPv4: in use; no hops: none */
	/*
	 * The rest of what Linux's tcp_info has (docs/info.md says which is which). Times since
	 * something are HF_NEVER.ns if it has never been.
	 */
	uint8_t backoff;           /**< how often RTO is doubled at present */
	uint8_t probes;            /**< keep-alive probes unanswered */
	hf_ns ack_delay;           /**< how long an ACK waits; 0: no text has come yet */
	uint16_t rcv_mss;          /**< estimate of the peer's segments, octets of text */
	uint16_t announced_mss;    /**< octets of text that we let the peer send a segment */
	uint32_t unacked_segments; /**< in flight; the FIN counts if it is alone */
	/** of them: SACKed; taken for lost; sent again and not answered yet */
	uint32_t sacked_segments, lost_segments, sent_again_segments;
	/** text: sent, and before any is, the SYN-ACK; in order, as the delay of ACKs counts it */
	hf_ns since_sent, since_received;
	hf_ns since_ack;          /**< any ACK */
	uint32_t rcv_ssthresh;    /**< octets: no larger window is announced for now */
	hf_ns rcv_rtt;            /**< as the receiver measures it; 0: not known */
	uint32_t rcv_space;       /**< octets: the most that was read in a round trip */
	uint32_t rcv_buffer;      /**< octets: the receive buffer, as it has grown */
	uint64_t pacing_rate;     /**< octets a second, at most; 0: not paced */
	uint64_t max_pacing_rate; /**< HF_OPTION_MAX_PACING_RATE; 0: any */
	uint32_t text_segments_sent, text_segments_received;
	uint32_t early_segments;     /**< that arrived ahead of a gap */
	uint32_t delivered_segments; /**< known to have arrived; the SYN counts */
	uint64_t delivery_rate;      /**< octets a second; 0: not known */
	bool delivery_app_limited;   /**< the application was the limit of that rate */
	hf_ns busy;                  /**< time in which something was queued or in flight */
	hf_ns window_limited,
		buffer_limited; /**< of it, held back by the peer's window; our buffer */
	uint32_t timeouts_all, timeout_recoveries; /**< of SYNs too; unbroken rows of them */
	hf_ns timeout_time;                        /**< spent in them, the present one too */
	/*
	 * The last reasons, besides `reason`.
	 */
	hf_reason refused;   /**< why the last segment that was not taken was not */
	hf_ns since_refused; /**< HF_NEVER.ns: all were taken */
	uint32_t refusals;   /**< segments that were not taken */
	hf_cause cause;      /**< why the last packet was sent */
	hf_reason icmp;      /**< what ICMP reported last */
} hf_conn_info;

/** What a stack holds and has done. */
typedef struct hf_stats {
	/** those in the application's hands and those finishing by themselves */
	uint32_t connections;
	uint32_t half_open; /**< handshakes that peers began and have not completed */
	uint32_t time_wait; /**< closed connections that are remembered for 2 MSL */
	uint32_t listeners;
	uint32_t orphans; /**< connections that finish by themselves; nobody holds them */
	/** connections, half-open and TIME-WAIT records by state */
	uint32_t states[HF_STATE_COUNT];
	size_t memory;  /**< octets allocated now */
	size_t buffers; /**< of them, octets of send and receive buffers */
	/** all that came from the link, dropped or not, and went to it, its headers counted */
	uint64_t packets_in, packets_out, octets_in, octets_out;
	uint64_t opened_active;  /**< connections that hf_conn_open made, whatever became of them */
	uint64_t opened_passive; /**< connections that peers opened, ready to be accepted */
	uint64_t accepted;       /**< connections that hf_listener_accept handed out */
	uint64_t reasons[HF_REASON_COUNT]; /**< arriving packets by reason */
	uint64_t ends[HF_REASON_COUNT];    /**< ended connections and half-open records by reason */
	uint64_t causes[HF_CAUSE_COUNT];   /**< leaving packets by cause */
} hf_stats;

#endif
