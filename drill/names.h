/* SPDX-License-Identifier: BSD-2-Clause */
/* The symbols that scripts may use, with the values that Linux gives them. */
#ifndef HF_DRILL_NAMES_H
#define HF_DRILL_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <handfast/config.h>

/*
 * The numbers are the drill's own, the same on every machine: scripts may write 0x802 for
 * O_RDWR|O_NONBLOCK.
 */
#define HF_DRILL_SYMBOLS(X)                                                                        \
	X(AF_UNSPEC, 0)                                                                            \
	X(AF_INET, 2)                                                                              \
	X(AF_INET6, 10)                                                                            \
	X(SOCK_STREAM, 1)                                                                          \
	X(SOCK_DGRAM, 2)                                                                           \
	X(SOCK_SEQPACKET, 5)                                                                       \
	X(SOCK_NONBLOCK, 0x800)                                                                    \
	X(SOCK_CLOEXEC, 0x80000)                                                                   \
	X(IPPROTO_IP, 0)                                                                           \
	X(IPPROTO_TCP, 6)                                                                          \
	X(IPPROTO_UDP, 17)                                                                         \
	X(IPPROTO_SCTP, 132)                                                                       \
	X(IPPROTO_IPV6, 41)                                                                        \
	X(SOL_IP, 0)                                                                               \
	X(SOL_SOCKET, 1)                                                                           \
	X(SOL_TCP, 6)                                                                              \
	X(SOL_IPV6, 41)                                                                            \
	X(SO_REUSEADDR, 2)                                                                         \
	X(SO_TYPE, 3)                                                                              \
	X(SO_ERROR, 4)                                                                             \
	X(SO_SNDBUF, 7)                                                                            \
	X(SO_RCVBUF, 8)                                                                            \
	X(SO_KEEPALIVE, 9)                                                                         \
	X(SO_OOBINLINE, 10)                                                                        \
	X(SO_LINGER, 13)                                                                           \
	X(SO_RCVLOWAT, 18)                                                                         \
	X(SO_RCVTIMEO, 20)                                                                         \
	X(SO_SNDTIMEO, 21)                                                                         \
	X(SO_REUSEPORT, 15)                                                                        \
	X(SO_TIMESTAMPING, 37)                                                                     \
	X(SCM_TIMESTAMPING, 37)                                                                    \
	X(SCM_TIMESTAMPING_OPT_STATS, 54)                                                          \
	X(SO_ZEROCOPY, 60)                                                                         \
	X(SOF_TIMESTAMPING_TX_HARDWARE, 1)                                                         \
	X(SOF_TIMESTAMPING_TX_SOFTWARE, 2)                                                         \
	X(SOF_TIMESTAMPING_RX_HARDWARE, 4)                                                         \
	X(SOF_TIMESTAMPING_RX_SOFTWARE, 8)                                                         \
	X(SOF_TIMESTAMPING_SOFTWARE, 0x10)                                                         \
	X(SOF_TIMESTAMPING_SYS_HARDWARE, 0x20)                                                     \
	X(SOF_TIMESTAMPING_RAW_HARDWARE, 0x40)                                                     \
	X(SOF_TIMESTAMPING_OPT_ID, 0x80)                                                           \
	X(SOF_TIMESTAMPING_TX_SCHED, 0x100)                                                        \
	X(SOF_TIMESTAMPING_TX_ACK, 0x200)                                                          \
	X(SOF_TIMESTAMPING_OPT_CMSG, 0x400)                                                        \
	X(SOF_TIMESTAMPING_OPT_TSONLY, 0x800)                                                      \
	X(SOF_TIMESTAMPING_OPT_STATS, 0x1000)                                                      \
	X(SOF_TIMESTAMPING_OPT_ID_TCP, 0x10000)                                                    \
	X(SCM_TSTAMP_SND, 0)                                                                       \
	X(SCM_TSTAMP_SCHED, 1)                                                                     \
	X(SCM_TSTAMP_ACK, 2)                                                                       \
	X(SO_EE_ORIGIN_NONE, 0)                                                                    \
	X(SO_EE_ORIGIN_LOCAL, 1)                                                                   \
	X(SO_EE_ORIGIN_ICMP, 2)                                                                    \
	X(SO_EE_ORIGIN_ICMP6, 3)                                                                   \
	X(SO_EE_ORIGIN_TIMESTAMPING, 4)                                                            \
	X(SO_EE_ORIGIN_ZEROCOPY, 5)                                                                \
	X(SO_EE_CODE_ZEROCOPY_COPIED, 1)                                                           \
	X(SO_ACCEPTCONN, 30)                                                                       \
	X(SO_PROTOCOL, 38)                                                                         \
	X(SO_DOMAIN, 39)                                                                           \
	X(SO_MAX_PACING_RATE, 47)                                                                  \
	X(TCP_NODELAY, 1)                                                                          \
	X(TCP_MAXSEG, 2)                                                                           \
	X(TCP_CORK, 3)                                                                             \
	X(TCP_NOPUSH, 3)                                                                           \
	X(TCP_KEEPIDLE, 4)                                                                         \
	X(TCP_KEEPINTVL, 5)                                                                        \
	X(TCP_KEEPCNT, 6)                                                                          \
	X(TCP_SYNCNT, 7)                                                                           \
	X(TCP_LINGER2, 8)                                                                          \
	X(TCP_DEFER_ACCEPT, 9)                                                                     \
	X(TCP_WINDOW_CLAMP, 10)                                                                    \
	X(TCP_QUICKACK, 12)                                                                        \
	X(TCP_NOTSENT_LOWAT, 25)                                                                   \
	X(TCP_CONGESTION, 13)                                                                      \
	X(TCP_FASTOPEN, 23)                                                                        \
	X(TCP_FASTOPEN_CONNECT, 30)                                                                \
	X(MSG_FASTOPEN, 0x20000000)                                                                \
	X(TCP_ESTABLISHED, 1)                                                                      \
	X(TCP_SYN_SENT, 2)                                                                         \
	X(TCP_SYN_RECV, 3)                                                                         \
	X(TCP_FIN_WAIT1, 4)                                                                        \
	X(TCP_FIN_WAIT2, 5)                                                                        \
	X(TCP_TIME_WAIT, 6)                                                                        \
	X(TCP_CLOSE, 7)                                                                            \
	X(TCP_CLOSE_WAIT, 8)                                                                       \
	X(TCP_LAST_ACK, 9)                                                                         \
	X(TCP_LISTEN, 10)                                                                          \
	X(TCP_CLOSING, 11)                                                                         \
	X(TCP_CA_Open, 0)                                                                          \
	X(TCP_CA_Disorder, 1)                                                                      \
	X(TCP_CA_CWR, 2)                                                                           \
	X(TCP_CA_Recovery, 3)                                                                      \
	X(TCP_CA_Loss, 4)                                                                          \
	X(TCPI_OPT_TIMESTAMPS, 1)                                                                  \
	X(TCPI_OPT_SACK, 2)                                                                        \
	X(TCPI_OPT_WSCALE, 4)                                                                      \
	X(TCPI_OPT_ECN, 8)                                                                         \
	X(TCPI_OPT_ECN_SEEN, 16)                                                                   \
	X(TCPI_OPT_SYN_DATA, 32)                                                                   \
	X(TCPI_OPT_USEC_TS, 64)                                                                    \
	X(TCPI_OPT_TFO_CHILD, 128)                                                                 \
	X(TCP_INFO, 11)                                                                            \
	X(TCP_FASTOPEN_KEY, 33)                                                                    \
	X(TCP_FASTOPEN_NO_COOKIE, 34)                                                              \
	X(TCP_INQ, 36)                                                                             \
	X(TCP_CM_INQ, 36)                                                                          \
	X(TCP_USER_TIMEOUT, 18)                                                                    \
	X(TCP_MD5SIG, 14)                                                                          \
	X(TCP_AO_ADD_KEY, 38)                                                                      \
	X(IPTOS_LOWDELAY, 0x10)                                                                    \
	X(IPTOS_THROUGHPUT, 0x08)                                                                  \
	X(IPTOS_RELIABILITY, 0x04)                                                                 \
	X(IPTOS_ECN_NOTECT, 0x00)                                                                  \
	X(IPTOS_ECN_ECT1, 0x01)                                                                    \
	X(IPTOS_ECN_ECT0, 0x02)                                                                    \
	X(IPTOS_ECN_CE, 0x03)                                                                      \
	X(IPTOS_DSCP_CS0, 0x00)                                                                    \
	X(IPTOS_DSCP_CS1, 0x20)                                                                    \
	X(IPTOS_DSCP_CS2, 0x40)                                                                    \
	X(IPTOS_DSCP_CS3, 0x60)                                                                    \
	X(IPTOS_DSCP_CS4, 0x80)                                                                    \
	X(IPTOS_DSCP_CS5, 0xa0)                                                                    \
	X(IPTOS_DSCP_CS6, 0xc0)                                                                    \
	X(IPTOS_DSCP_CS7, 0xe0)                                                                    \
	X(IPTOS_DSCP_AF11, 0x28)                                                                   \
	X(IPTOS_DSCP_AF12, 0x30)                                                                   \
	X(IPTOS_DSCP_AF13, 0x38)                                                                   \
	X(IPTOS_DSCP_AF21, 0x48)                                                                   \
	X(IPTOS_DSCP_AF22, 0x50)                                                                   \
	X(IPTOS_DSCP_AF23, 0x58)                                                                   \
	X(IPTOS_DSCP_AF31, 0x68)                                                                   \
	X(IPTOS_DSCP_AF32, 0x70)                                                                   \
	X(IPTOS_DSCP_AF33, 0x78)                                                                   \
	X(IPTOS_DSCP_AF41, 0x88)                                                                   \
	X(IPTOS_DSCP_AF42, 0x90)                                                                   \
	X(IPTOS_DSCP_AF43, 0x98)                                                                   \
	X(IPTOS_DSCP_EF, 0xb8)                                                                     \
	X(IPTOS_DSCP_VA, 0xb0)                                                                     \
	X(IP_TOS, 1)                                                                               \
	X(IP_TTL, 2)                                                                               \
	X(IP_OPTIONS, 4)                                                                           \
	X(IP_RECVERR, 11)                                                                          \
	X(IP_MTU_DISCOVER, 10)                                                                     \
	X(IP_MTU, 14)                                                                              \
	X(IP_MINTTL, 21)                                                                           \
	X(IP_PMTUDISC_DONT, 0)                                                                     \
	X(IP_PMTUDISC_WANT, 1)                                                                     \
	X(IP_PMTUDISC_DO, 2)                                                                       \
	X(IP_PMTUDISC_PROBE, 3)                                                                    \
	X(IPV6_UNICAST_HOPS, 16)                                                                   \
	X(IPV6_MTU_DISCOVER, 23)                                                                   \
	X(IPV6_MTU, 24)                                                                            \
	X(IPV6_RECVERR, 25)                                                                        \
	X(IPV6_V6ONLY, 26)                                                                         \
	X(IPV6_TCLASS, 67)                                                                         \
	X(IPV6_MINHOPCOUNT, 73)                                                                    \
	X(IPV6_PMTUDISC_DONT, 0)                                                                   \
	X(IPV6_PMTUDISC_WANT, 1)                                                                   \
	X(IPV6_PMTUDISC_DO, 2)                                                                     \
	X(IPV6_PMTUDISC_PROBE, 3)                                                                  \
	X(O_RDONLY, 0)                                                                             \
	X(O_WRONLY, 1)                                                                             \
	X(O_RDWR, 2)                                                                               \
	X(O_NONBLOCK, 0x800)                                                                       \
	X(O_CLOEXEC, 0x80000)                                                                      \
	X(F_GETFD, 1)                                                                              \
	X(F_SETFD, 2)                                                                              \
	X(F_GETFL, 3)                                                                              \
	X(F_SETFL, 4)                                                                              \
	X(FD_CLOEXEC, 1)                                                                           \
	X(FIONREAD, 0x541b)                                                                        \
	X(SIOCINQ, 0x541b)                                                                         \
	X(SIOCOUTQ, 0x5411)                                                                        \
	X(SIOCOUTQNSD, 0x894b)                                                                     \
	X(SIOCATMARK, 0x8905)                                                                      \
	X(FIONBIO, 0x5421)                                                                         \
	X(SHUT_RD, 0)                                                                              \
	X(SHUT_WR, 1)                                                                              \
	X(SHUT_RDWR, 2)                                                                            \
	X(MSG_OOB, 1)                                                                              \
	X(MSG_PEEK, 2)                                                                             \
	X(MSG_TRUNC, 0x20)                                                                         \
	X(MSG_DONTWAIT, 0x40)                                                                      \
	X(MSG_WAITALL, 0x100)                                                                      \
	X(MSG_ERRQUEUE, 0x2000)                                                                    \
	X(MSG_NOSIGNAL, 0x4000)                                                                    \
	X(MSG_MORE, 0x8000)                                                                        \
	X(MSG_ZEROCOPY, 0x4000000)                                                                 \
	X(SPLICE_F_MOVE, 1)                                                                        \
	X(SPLICE_F_NONBLOCK, 2)                                                                    \
	X(SPLICE_F_MORE, 4)                                                                        \
	X(SPLICE_F_GIFT, 8)                                                                        \
	X(POLLIN, 1)                                                                               \
	X(POLLPRI, 2)                                                                              \
	X(POLLOUT, 4)                                                                              \
	X(POLLERR, 8)                                                                              \
	X(POLLHUP, 0x10)                                                                           \
	X(POLLNVAL, 0x20)                                                                          \
	X(POLLRDNORM, 0x40)                                                                        \
	X(POLLWRNORM, 0x100)                                                                       \
	X(POLLRDHUP, 0x2000)                                                                       \
	X(EPOLLIN, 1)                                                                              \
	X(EPOLLPRI, 2)                                                                             \
	X(EPOLLOUT, 4)                                                                             \
	X(EPOLLERR, 8)                                                                             \
	X(EPOLLHUP, 0x10)                                                                          \
	X(EPOLLRDNORM, 0x40)                                                                       \
	X(EPOLLWRNORM, 0x100)                                                                      \
	X(EPOLLRDHUP, 0x2000)                                                                      \
	X(EPOLLONESHOT, 0x40000000)                                                                \
	X(EPOLLET, 0x80000000)                                                                     \
	X(EPOLL_CTL_ADD, 1)                                                                        \
	X(EPOLL_CTL_DEL, 2)                                                                        \
	X(EPOLL_CTL_MOD, 3)                                                                        \
	X(EPOLL_CLOEXEC, 0x80000)                                                                  \
	X(NULL, 0)

/** The errors that calls may end with: X(NAME, number, "words"). */
#define HF_DRILL_ERRNOS(X)                                                                         \
	X(ENOENT, 2)                                                                               \
	X(EINTR, 4)                                                                                \
	X(EBADF, 9)                                                                                \
	X(EAGAIN, 11)                                                                              \
	X(EWOULDBLOCK, 11)                                                                         \
	X(ENOMEM, 12)                                                                              \
	X(EFAULT, 14)                                                                              \
	X(EEXIST, 17)                                                                              \
	X(EINVAL, 22)                                                                              \
	X(EPIPE, 32)                                                                               \
	X(ENOMSG, 42)                                                                              \
	X(ENOTSOCK, 88)                                                                            \
	X(EDESTADDRREQ, 89)                                                                        \
	X(EMSGSIZE, 90)                                                                            \
	X(ENOPROTOOPT, 92)                                                                         \
	X(EPROTO, 71)                                                                              \
	X(EPROTONOSUPPORT, 93)                                                                     \
	X(ESOCKTNOSUPPORT, 94)                                                                     \
	X(EOPNOTSUPP, 95)                                                                          \
	X(EAFNOSUPPORT, 97)                                                                        \
	X(EADDRINUSE, 98)                                                                          \
	X(EADDRNOTAVAIL, 99)                                                                       \
	X(ENETUNREACH, 101)                                                                        \
	X(ECONNABORTED, 103)                                                                       \
	X(ECONNRESET, 104)                                                                         \
	X(ENOBUFS, 105)                                                                            \
	X(EISCONN, 106)                                                                            \
	X(ENOTCONN, 107)                                                                           \
	X(ETIMEDOUT, 110)                                                                          \
	X(ECONNREFUSED, 111)                                                                       \
	X(EHOSTUNREACH, 113)                                                                       \
	X(EALREADY, 114)                                                                           \
	X(EINPROGRESS, 115)

/* Named so that they cannot meet the macros of a system header. */
enum {
#define X(name, number) HF_SYM_##name = (int)(number),
	HF_DRILL_SYMBOLS(X)
#undef X
#define X(name, number) HF_##name = (number),
		HF_DRILL_ERRNOS(X)
#undef X
};

/** The value of a symbol (an errno counts as one too). False: it is not known. */
bool hf_drill_symbol(const char *name, size_t len, int64_t *out);
/** The number of an errno's name; 0: it is not known. */
int hf_drill_errno(const char *name, size_t len);
/** The name of an errno ("EAGAIN"). */
const char *hf_drill_errno_name(int number);

/** The congestion control of this name, in scripts; HF_CONGESTION_DEFAULT: there is none. */
hf_congestion_control hf_drill_congestion_named(const char *name);
/** The congestion control that a stack with this configuration has. */
hf_congestion_control hf_congestion_chosen(const hf_config *config);

#endif
