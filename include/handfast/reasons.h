/* SPDX-License-Identifier: BSD-2-Clause */
/* Why a packet was dropped, why a connection ended, why a segment was sent: one list each. */
#ifndef HANDFAST_REASONS_H
#define HANDFAST_REASONS_H

/**
 * Reasons: X(NAME, "name", "where it is said", "a plain sentence"). Every arriving packet that is
 * not simply taken, and every connection that ends, has exactly one. The same list is spoken by
 * the stack, its counters, the ladder, captures and tests.
 */
#define HF_REASONS_WIRE(X)                                                                         \
	X(NONE, "none", "", "nothing to report")                                                   \
	X(LINK_SHORT, "link-short", "IEEE 802.3", "frame shorter than its link header")            \
	X(LINK_NOT_OURS, "link-not-ours", "IEEE 802.3", "frame for another station")               \
	X(LINK_PROTOCOL, "link-protocol", "IEEE 802.3", "frame carries neither IP nor ARP")        \
	X(ARP_MALFORMED, "arp-malformed", "RFC 826", "ARP packet too short or of another kind")    \
	X(IP_SHORT, "ip-short", "RFC 791 3.1", "packet shorter than an IP header")                 \
	X(IP_VERSION, "ip-version", "RFC 1122 3.2.1.1", "IP version is neither 4 nor 6")           \
	X(IP_HEADER_LENGTH, "ip-header-length", "RFC 791 3.1", "IPv4 header length is impossible") \
	X(IP_LENGTH, "ip-length", "RFC 791 3.1", "IP says more octets than were received")         \
	X(IP_CHECKSUM, "ip-checksum", "RFC 1122 3.2.1.2", "IPv4 header checksum is wrong")         \
	X(IP_FRAGMENT, "ip-fragment", "RFC 791 3.2", "fragment: reassembly is not done")           \
	X(IP_SOURCE, "ip-source", "RFC 1122 3.2.1.3", "source address cannot be a sender")         \
	X(IP_OPTION, "ip-option", "RFC 791 3.1", "IPv4 option with an impossible length")          \
	X(IP_SOURCE_ROUTE, "ip-source-route", "RFC 7126 4.3",                                      \
	  "source-routed packet, which is not accepted here")                                      \
	X(IP_ROUTE_UNFINISHED, "ip-route-unfinished", "RFC 1122 3.3.5",                            \
	  "source route leads on: nothing is forwarded here")                                      \
	X(IP_TTL, "ip-ttl-below-minimum", "RFC 5082 3",                                            \
	  "hop limit below what the connection asks for: from too far away")                       \
	X(IP_NOT_OURS, "ip-not-ours", "RFC 1122 3.2.1.3", "destination is not this host")          \
	X(IP_PROTOCOL, "ip-protocol", "RFC 1122 3.2.2.1", "transport protocol not spoken here")    \
	X(IP6_EXTENSION, "ip6-extension", "RFC 8200 4", "IPv6 extension header is malformed")      \
	X(IP6_EXTENSION_UNKNOWN, "ip6-extension-unknown", "RFC 8200 4.2",                          \
	  "IPv6 extension header or option asks to be dropped")                                    \
	X(IP6_NO_NEXT, "ip6-no-next", "RFC 8200 4.7", "no next header: nothing follows")           \
	X(ICMP_SHORT, "icmp-short", "RFC 792", "ICMP message too short")                           \
	X(ICMP_CHECKSUM, "icmp-checksum", "RFC 792", "ICMP checksum is wrong")                     \
	X(ICMP_TYPE, "icmp-type", "RFC 1122 3.2.2", "ICMP message of a kind not acted on")         \
	X(ICMP_SOURCE_QUENCH, "icmp-source-quench", "RFC 9293 MUST-55", "source quench ignored")   \
	X(ICMP_REDIRECT, "icmp-redirect", "RFC 1122 3.2.2.2",                                      \
	  "redirect ignored: routes are fixed")                                                    \
	X(ICMP_QUOTE, "icmp-quote", "RFC 5927 4", "ICMP error quotes no segment of ours")          \
	X(ICMP_QUOTE_SEQ, "icmp-quote-seq", "RFC 5927 4.1",                                        \
	  "ICMP error quotes a sequence number that is not in flight")                             \
	X(ICMP_MTU, "icmp-mtu", "RFC 8201 4", "told of an MTU that no IPv6 link may have")         \
	X(ICMP_UNCONFIRMED, "icmp-unconfirmed", "RFC 5927 7.2",                                    \
	  "larger segments have arrived: only a time-out can confirm it")                          \
	X(ND_HOP_LIMIT, "nd-hop-limit", "RFC 4861 6.1.1", "neighbour discovery from off the link") \
	X(ND_MALFORMED, "nd-malformed", "RFC 4861 6.1", "neighbour discovery message malformed")   \
	X(TCP_SHORT, "tcp-short", "RFC 9293 3.1", "segment shorter than a TCP header")             \
	X(TCP_DATA_OFFSET, "tcp-data-offset", "RFC 9293 3.1", "data offset is impossible")         \
	X(TCP_CHECKSUM, "tcp-checksum", "RFC 9293 MUST-3", "TCP checksum is wrong")                \
	X(TCP_OPTION, "tcp-option", "RFC 9293 MUST-7", "option length is illegal")                 \
	X(TCP_PORT, "tcp-port", "RFC 6335 6", "port 0 cannot be an endpoint")

#define HF_REASONS_DEMUX(X)                                                                        \
	X(NO_LISTENER, "no-listener", "RFC 9293 3.10.7.1", "nobody listens on this port")          \
	X(NO_CONNECTION, "no-connection", "RFC 9293 3.10.7.1", "segment of no known connection")   \
	X(RESET_LIMIT, "reset-limit", "RFC 5961 7",                                                \
	  "nobody waits for it, and no more resets go to its prefix now")                          \
	X(RST_TO_NOBODY, "rst-to-nobody", "RFC 9293 3.10.7.1", "reset for no known connection")    \
	X(LISTEN_ACK, "listen-ack", "RFC 9293 3.10.7.2", "ACK to a listener without a handshake")  \
	X(LISTEN_NO_SYN, "listen-no-syn", "RFC 9293 3.10.7.2", "no SYN: nothing to start with")    \
	X(LISTEN_SYN_FIN, "listen-syn-fin", "RFC 9293 3.10.7.2",                                   \
	  "SYN with FIN or RST is no opening")                                                     \
	X(MULTICAST_SEGMENT, "multicast-segment", "RFC 9293 MUST-57",                              \
	  "TCP to a broadcast or multicast address")                                               \
	X(SYN_COOKIE, "syn-cookie", "RFC 4987 3.6", "answered by a cookie: no record is kept")     \
	X(SYN_COOKIE_WRONG, "syn-cookie-wrong", "RFC 4987 3.6",                                    \
	  "acknowledges neither a connection nor a good cookie")                                   \
	X(SYN_TABLE_FULL, "syn-table-full", "RFC 4987 2", "no room for another half-open record")  \
	X(SYN_LISTENER_SHARE, "syn-listener-share", "RFC 4987 2",                                  \
	  "the listener has its share of the half-open records")                                   \
	X(SYN_PREFIX_SHARE, "syn-prefix-share", "RFC 4987 2",                                      \
	  "the sender's prefix has its share of the half-open records")                            \
	X(ACCEPT_QUEUE_FULL, "accept-queue-full", "RFC 4987 2",                                    \
	  "the application does not accept fast enough")                                           \
	X(CONNECTIONS_FULL, "connections-full", "", "the limit on connections is reached")         \
	X(NO_BUFFER, "no-buffer", "", "no memory for the segment's octets")                        \
	X(ACCEPT_DEFERRED, "accept-deferred", "",                                                  \
	  "the handshake's bare ACK: the listener waits for text")                                 \
	X(LISTENER_CLOSED, "listener-closed", "",                                                  \
	  "the listener went away before the handshake ended")                                     \
	X(HALF_OPEN_EXPIRED, "half-open-expired", "RFC 9293 3.8.3",                                \
	  "SYN-ACK unanswered after all retransmissions")                                          \
	X(HALF_OPEN_REPLACED, "half-open-replaced", "RFC 4987 3.3",                                \
	  "made way for another SYN in the full table")                                            \
	X(REPLY_QUEUE_FULL, "reply-queue-full", "", "too many replies waiting for the link")       \
	X(TIME_WAIT_FULL, "time-wait-full", "", "no room for another TIME-WAIT record")            \
	X(NEIGHBOUR, "neighbour", "RFC 1122 2.3.2", "the next hop's link address is not known")    \
	X(NEIGHBOUR_UNASKED, "neighbour-unasked", "RFC 4861 7.2.5",                                \
	  "word of a neighbour that nobody here asked for")                                        \
	X(DUPLICATE_ADDRESS, "duplicate-address", "RFC 5227 2.4",                                  \
	  "another station claims an address of ours")

#define HF_REASONS_TCP(X)                                                                          \
	X(SEQ_DUPLICATE, "seq-duplicate", "RFC 9293 3.10.7.4", "all of it was received before")    \
	X(SEQ_OUTSIDE, "seq-outside", "RFC 9293 3.10.7.4", "outside the receive window")           \
	X(SEQ_ZERO_WINDOW, "seq-zero-window", "RFC 9293 3.8.6.1", "probe of a closed window")      \
	X(KEEPALIVE_PROBE, "keepalive-probe", "RFC 9293 3.8.4", "keep-alive probe")                \
	X(PAWS, "paws", "RFC 7323 5", "timestamp older than the last one")                         \
	X(TIMESTAMP_MISSING, "timestamp-missing", "RFC 7323 3.2",                                  \
	  "timestamp missing though it was agreed")                                                \
	X(RST_OUTSIDE, "rst-outside", "RFC 5961 3.2", "reset outside the window")                  \
	X(RST_CHALLENGED, "rst-challenged", "RFC 5961 3.2", "reset not at RCV.NXT: challenged")    \
	X(SYN_CHALLENGED, "syn-challenged", "RFC 5961 4.2",                                        \
	  "SYN in a synchronised state: challenged")                                               \
	X(SYN_DUPLICATE, "syn-duplicate", "RFC 9293 3.10.7.4", "the peer's SYN once more")         \
	X(SYN_RETURNS, "syn-returns-to-listen", "RFC 9293 3.10.7.4",                               \
	  "SYN in the window of a half-open record: it is forgotten")                              \
	X(ACK_MISSING, "ack-missing", "RFC 9293 3.10.7.4", "segment without ACK")                  \
	X(ACK_UNSENT, "ack-unsent", "RFC 9293 3.10.7.4", "acknowledges what was never sent")       \
	X(ACK_TOO_OLD, "ack-too-old", "RFC 5961 5.2", "acknowledgement older than any window")     \
	X(ACK_UNACCEPTABLE, "ack-unacceptable", "RFC 9293 3.10.7.3",                               \
	  "acknowledges a SYN that was not ours")                                                  \
	X(RST_UNACCEPTABLE, "rst-unacceptable", "RFC 9293 3.10.7.3",                               \
	  "reset without our SYN's ACK")                                                           \
	X(SYN_SENT_NEITHER, "syn-sent-neither", "RFC 9293 3.10.7.3", "neither SYN nor reset")      \
	X(DATA_AFTER_CLOSE, "data-after-close", "RFC 9293 3.6.1",                                  \
	  "data after the application closed")                                                     \
	X(OUT_OF_ORDER_LIMIT, "out-of-order-limit", "RFC 9293 SHLD-31",                            \
	  "too many gaps: the segment is not kept")                                                \
	X(TIME_WAIT_SEGMENT, "time-wait-segment", "RFC 9293 3.10.7.4",                             \
	  "late segment in TIME-WAIT")                                                             \
	X(TIME_WAIT_RST, "time-wait-rst", "RFC 1337", "reset in TIME-WAIT ignored")                \
	X(ECN_CONFLICT, "ecn-conflict", "RFC 9768 3.1.5",                                          \
	  "the SYN came again and asks for another kind of ECN")                                   \
	X(CLOSED_STATE, "closed-state", "RFC 9293 3.10.7.1", "the connection is closed already")

#define HF_REASONS_AUTH(X)                                                                         \
	X(AUTH_TWICE, "auth-twice", "RFC 5925 2.2", "two signatures in one segment")               \
	X(AO_MISSING, "ao-missing", "RFC 5925 7.3", "not signed with TCP-AO, and a key is set")    \
	X(AO_KEY_UNKNOWN, "ao-key-unknown", "RFC 5925 7.5", "signed with a key that is not set")   \
	X(AO_LENGTH, "ao-length", "RFC 5925 7.5", "the MAC has not the length of its key's")       \
	X(AO_MAC_WRONG, "ao-mac-wrong", "RFC 5925 7.5", "the MAC is wrong")                        \
	X(AO_KEY_REMOVED, "ao-key-removed", "RFC 5925 3.1",                                        \
	  "a key that the handshake agreed on was removed since")                                  \
	X(AO_NO_CONNECTION, "ao-no-connection", "RFC 5925 7.7",                                    \
	  "signed, of no known connection: not to be verified")                                    \
	X(AO_UNEXPECTED, "ao-unexpected", "RFC 5925 7.3", "signed with TCP-AO, and no key is set") \
	X(MD5_MISSING, "md5-missing", "RFC 2385 2.0", "no MD5 signature, and a key is set")        \
	X(MD5_WRONG, "md5-wrong", "RFC 2385 2.0", "the MD5 signature is wrong")                    \
	X(MD5_UNEXPECTED, "md5-unexpected", "RFC 2385 2.0", "an MD5 signature, and no key is set") \
	X(AUTH_REQUIRED, "auth-required", "RFC 5925 7.1",                                          \
	  "the listener takes signed connections only")                                            \
	X(ICMP_SIGNED, "icmp-signed", "RFC 5925 7.8",                                              \
	  "unsigned ICMP about a signed connection: not believed")

#define HF_REASONS_END(X)                                                                          \
	X(CLOSED_BY_BOTH, "closed-by-both", "RFC 9293 3.6",                                        \
	  "both sides closed, all octets delivered")                                               \
	X(CLOSED_UNOPENED, "closed-unopened", "RFC 9293 3.10.4",                                   \
	  "closed before it was established")                                                      \
	X(RESET_BY_PEER, "reset-by-peer", "RFC 9293 3.10.7.4", "the peer reset the connection")    \
	X(REFUSED_BY_PEER, "refused-by-peer", "RFC 9293 3.10.7.3",                                 \
	  "the peer answered the SYN with a reset")                                                \
	X(ABORTED_HERE, "aborted-here", "RFC 9293 3.10.5", "the application aborted it")           \
	X(ABORTED_UNREAD, "aborted-unread", "RFC 9293 SHLD-3",                                     \
	  "closed with unread data: reset sent")                                                   \
	X(SYN_TIMEOUT, "syn-timeout", "RFC 9293 MUST-23", "no answer to any SYN")                  \
	X(DATA_TIMEOUT, "data-timeout", "RFC 9293 3.8.3",                                          \
	  "no acknowledgement after all retransmissions")                                          \
	X(USER_TIMEOUT, "user-timeout", "RFC 9293 3.10.8", "the user timeout ran out")             \
	X(PROBE_TIMEOUT, "probe-timeout", "RFC 9293 3.8.6.1", "zero-window probes unanswered")     \
	X(KEEPALIVE_TIMEOUT, "keepalive-timeout", "RFC 9293 3.8.4",                                \
	  "keep-alive probes unanswered")                                                          \
	X(ORPHAN_TIMEOUT, "orphan-timeout", "",                                                    \
	  "the peer did not finish after the application closed")                                  \
	X(ORPHAN_LIMIT, "orphan-limit", "", "too many connections that nobody holds: reset sent")  \
	X(LINGER_TIMEOUT, "linger-timeout", "RFC 9293 3.10.4",                                     \
	  "not all was acknowledged in the time that close gave: reset sent")                      \
	X(ICMP_NET, "icmp-net-unreachable", "RFC 1122 4.2.3.9",                                    \
	  "a router says: no route to the network")                                                \
	X(ICMP_HOST, "icmp-host-unreachable", "RFC 1122 4.2.3.9",                                  \
	  "a router says: host unreachable")                                                       \
	X(ICMP_PROTOCOL, "icmp-protocol-unreachable", "RFC 1122 4.2.3.9",                          \
	  "the host does not speak TCP")                                                           \
	X(ICMP_PORT, "icmp-port-unreachable", "RFC 1122 4.2.3.9",                                  \
	  "the port is reported unreachable")                                                      \
	X(ICMP_ADMIN, "icmp-prohibited", "RFC 1812 5.2.7.1",                                       \
	  "a firewall says: administratively prohibited")                                          \
	X(ICMP_TTL, "icmp-ttl-exceeded", "RFC 792", "the hop limit ran out on the way")            \
	X(ICMP_PARAMETER, "icmp-parameter-problem", "RFC 792",                                     \
	  "a router objects to the IP header")                                                     \
	X(ICMP_TOO_BIG, "icmp-too-big", "RFC 1191", "the path carries only smaller packets")       \
	X(NO_NEIGHBOUR, "no-neighbour", "RFC 1122 2.3.2",                                          \
	  "the next hop does not answer on the link")                                              \
	X(STACK_FREED, "stack-freed", "", "the stack was shut down")

#define HF_REASONS(X)                                                                              \
	HF_REASONS_WIRE(X)                                                                         \
	HF_REASONS_DEMUX(X)                                                                        \
	HF_REASONS_AUTH(X)                                                                         \
	HF_REASONS_TCP(X)                                                                          \
	HF_REASONS_END(X)

typedef enum hf_reason {
#define X(name, word, section, text) HF_WHY_##name,
	HF_REASONS(X)
#undef X
		HF_REASON_COUNT
} hf_reason;

/** The short name of a reason ("seq-outside"). */
const char *hf_reason_name(hf_reason r);
/** Where the reason is laid down ("RFC 5961 3.2"); may be empty. */
const char *hf_reason_section(hf_reason r);
/** One plain sentence. */
const char *hf_reason_text(hf_reason r);

/** Causes: why a packet was sent. X(NAME, "name"). */
#define HF_CAUSES(X)                                                                               \
	X(NONE, "")                                                                                \
	X(SYN, "syn")                                                                              \
	X(SYN_AGAIN, "syn-again")                                                                  \
	X(SYN_ACK, "syn-ack")                                                                      \
	X(SYN_ACK_AGAIN, "syn-ack-again")                                                          \
	X(DATA, "data")                                                                            \
	X(FIN, "fin")                                                                              \
	X(ACK, "ack")                                                                              \
	X(DUPLICATE_ACK, "duplicate-ack")                                                          \
	X(DELAYED_ACK, "delayed-ack")                                                              \
	X(WINDOW_UPDATE, "window-update")                                                          \
	X(FAST_RETRANSMIT, "fast-retransmit")                                                      \
	X(TIMEOUT_RETRANSMIT, "timeout-retransmit")                                                \
	X(RETRANSMIT, "retransmit")                                                                \
	X(TAIL_PROBE, "tail-loss-probe")                                                           \
	X(MTU_PROBE, "mtu-probe")                                                                  \
	X(WINDOW_PROBE, "window-probe")                                                            \
	X(KEEPALIVE, "keepalive")                                                                  \
	X(URGENT, "urgent")                                                                        \
	X(CHALLENGE_ACK, "challenge-ack")                                                          \
	X(RST, "rst")                                                                              \
	X(ABORT, "abort")                                                                          \
	X(TIME_WAIT_ACK, "time-wait-ack")                                                          \
	X(ECHO_REPLY, "echo-reply")                                                                \
	X(ICMP_ERROR, "icmp-error")                                                                \
	X(NEIGHBOUR_QUERY, "neighbour-query")                                                      \
	X(NEIGHBOUR_REPLY, "neighbour-reply")

typedef enum hf_cause {
#define X(name, word) HF_SENT_##name,
	HF_CAUSES(X)
#undef X
		HF_CAUSE_COUNT
} hf_cause;

/** The short name of a cause ("fast-retransmit"). */
const char *hf_cause_name(hf_cause c);

/** The eleven states of RFC 9293, 3.3.2. */
#define HF_STATES(X)                                                                               \
	X(CLOSED, "CLOSED")                                                                        \
	X(LISTEN, "LISTEN")                                                                        \
	X(SYN_SENT, "SYN-SENT")                                                                    \
	X(SYN_RECEIVED, "SYN-RECEIVED")                                                            \
	X(ESTABLISHED, "ESTABLISHED")                                                              \
	X(FIN_WAIT_1, "FIN-WAIT-1")                                                                \
	X(FIN_WAIT_2, "FIN-WAIT-2")                                                                \
	X(CLOSE_WAIT, "CLOSE-WAIT")                                                                \
	X(CLOSING, "CLOSING")                                                                      \
	X(LAST_ACK, "LAST-ACK")                                                                    \
	X(TIME_WAIT, "TIME-WAIT")

typedef enum hf_state {
#define X(name, word) HF_##name,
	HF_STATES(X)
#undef X
		HF_STATE_COUNT
} hf_state;

/** The RFC's name of a state ("SYN-RECEIVED"). */
const char *hf_state_name(hf_state s);

#endif
