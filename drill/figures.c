/* SPDX-License-Identifier: BSD-2-Clause */
/* A connection's figures under the names and in the units of Linux's tcp_info. */
#include "drill/figures.h"

#include <string.h>

#include "drill/names.h"

#define NO_THRESHOLD (UINT32_C(1) << 30) /* as large as the stack's slow-start threshold gets */
#define LINUX_NO_THRESHOLD 0x7fffffff

/* Linux's number for a state. */
static int state_of(hf_state state)
{
	switch (state) {
	case HF_CLOSED:
		return HF_SYM_TCP_CLOSE;
	case HF_LISTEN:
		return HF_SYM_TCP_LISTEN;
	case HF_SYN_SENT:
		return HF_SYM_TCP_SYN_SENT;
	case HF_SYN_RECEIVED:
		return HF_SYM_TCP_SYN_RECV;
	case HF_ESTABLISHED:
		return HF_SYM_TCP_ESTABLISHED;
	case HF_FIN_WAIT_1:
		return HF_SYM_TCP_FIN_WAIT1;
	case HF_FIN_WAIT_2:
		return HF_SYM_TCP_FIN_WAIT2;
	case HF_CLOSE_WAIT:
		return HF_SYM_TCP_CLOSE_WAIT;
	case HF_CLOSING:
		return HF_SYM_TCP_CLOSING;
	case HF_LAST_ACK:
		return HF_SYM_TCP_LAST_ACK;
	case HF_TIME_WAIT:
		return HF_SYM_TCP_TIME_WAIT;
	case HF_STATE_COUNT:
		break;
	}
	return 0;
}

static bool has_syn_data(const hf_conn_info *i)
{
	return i->fast_open == HF_FAST_OPEN_ACKED || i->fast_open == HF_FAST_OPEN_ACCEPTED;
}

static int64_t options_of(const hf_conn_info *i)
{
	return (i->timestamps ? HF_SYM_TCPI_OPT_TIMESTAMPS : 0) |
	       (i->sack ? HF_SYM_TCPI_OPT_SACK : 0) |
	       (i->window_scaling ? HF_SYM_TCPI_OPT_WSCALE : 0) |
	       (i->ecn != HF_ECN_MODE_NONE ? HF_SYM_TCPI_OPT_ECN : 0) |
	       (i->ecn_seen ? HF_SYM_TCPI_OPT_ECN_SEEN : 0) |
	       (has_syn_data(i) ? HF_SYM_TCPI_OPT_SYN_DATA : 0) |
	       (i->fast_open == HF_FAST_OPEN_ACCEPTED ? HF_SYM_TCPI_OPT_TFO_CHILD : 0);
}

/* Linux's number for what became of Fast Open. */
static int64_t fast_open_failure(const hf_conn_info *i)
{
	return i->fast_open <= HF_FAST_OPEN_SYN_RETRANSMITTED ? (int64_t)i->fast_open : 0;
}

static int64_t segments(const hf_conn_info *i, uint32_t octets)
{
	return i->snd_mss > 0 ? octets / i->snd_mss : 0;
}

/* Since something that has never been: no time. */
static int64_t in_ms(hf_ns since)
{
	return since == HF_NEVER.ns ? 0 : since / 1000000;
}

static int64_t threshold(const hf_conn_info *i)
{
	return i->ssthresh >= NO_THRESHOLD ? LINUX_NO_THRESHOLD : segments(i, i->ssthresh);
}

/* Linux's word for no limit is all ones: -1 in a script. */
static int64_t max_rate(const hf_conn_info *i)
{
	return i->max_pacing_rate == 0 ? -1 : (int64_t)i->max_pacing_rate;
}

/* X(name, value): `i` is the hf_conn_info. Times in us, as Linux has them. */
#define FIGURES(X)                                                                                 \
	X(tcpi_state, state_of(i->state))                                                          \
	X(tcpi_retransmits, i->retransmits)                                                        \
	X(tcpi_options, options_of(i))                                                             \
	X(tcpi_snd_wscale, i->snd_wscale)                                                          \
	X(tcpi_rcv_wscale, i->rcv_wscale)                                                          \
	X(tcpi_rto, i->rto / 1000)                                                                 \
	X(tcpi_snd_mss, i->snd_mss)                                                                \
	X(tcpi_pmtu, i->pmtu)                                                                      \
	X(tcpi_rtt, i->srtt / 1000)                                                                \
	X(tcpi_rttvar, i->rttvar / 1000)                                                           \
	X(tcpi_min_rtt, i->min_rtt / 1000)                                                         \
	X(tcpi_snd_ssthresh, threshold(i))                                                         \
	X(tcpi_snd_cwnd, segments(i, i->cwnd))                                                     \
	X(tcpi_total_retrans, i->retransmissions)                                                  \
	X(tcpi_ca_state, i->phase)                                                                 \
	X(tcpi_sacked, i->sacked_segments)                                                         \
	X(tcpi_lost, i->lost_segments)                                                             \
	X(tcpi_retrans, i->sent_again_segments)                                                    \
	X(tcpi_dsack_dups, i->duplicates)                                                          \
	X(tcpi_reordering, i->reordering)                                                          \
	X(tcpi_reord_seen, i->reorderings)                                                         \
	X(hf_pipe, i->pipe)                                                                        \
	X(hf_spurious, i->spurious)                                                                \
	X(hf_tail_probes, i->tail_probes)                                                          \
	X(hf_delivered, (int64_t)i->delivered)                                                     \
	X(tcpi_backoff, i->backoff)                                                                \
	X(tcpi_probes, i->probes)                                                                  \
	X(tcpi_ato, i->ack_delay / 1000)                                                           \
	X(tcpi_rcv_mss, i->rcv_mss)                                                                \
	X(tcpi_advmss, i->announced_mss)                                                           \
	X(tcpi_unacked, i->unacked_segments)                                                       \
	X(tcpi_fackets, 0)                                                                         \
	X(tcpi_last_data_sent, in_ms(i->since_sent))                                               \
	X(tcpi_last_ack_sent, 0)                                                                   \
	X(tcpi_last_data_recv, in_ms(i->since_received))                                           \
	X(tcpi_last_ack_recv, in_ms(i->since_ack))                                                 \
	X(tcpi_rcv_ssthresh, i->rcv_ssthresh)                                                      \
	X(tcpi_rcv_rtt, i->rcv_rtt / 1000)                                                         \
	X(tcpi_rcv_space, i->rcv_space)                                                            \
	X(tcpi_data_segs_out, i->text_segments_sent)                                               \
	X(tcpi_data_segs_in, i->text_segments_received)                                            \
	X(tcpi_rcv_ooopack, i->early_segments)                                                     \
	X(tcpi_delivered, i->delivered_segments)                                                   \
	X(tcpi_delivery_rate, (int64_t)i->delivery_rate)                                           \
	X(tcpi_delivery_rate_app_limited, i->delivery_app_limited)                                 \
	X(tcpi_pacing_rate, (int64_t)i->pacing_rate)                                               \
	X(tcpi_max_pacing_rate, max_rate(i))                                                       \
	X(tcpi_busy_time, i->busy / 1000)                                                          \
	X(tcpi_rwnd_limited, i->window_limited / 1000)                                             \
	X(tcpi_sndbuf_limited, i->buffer_limited / 1000)                                           \
	X(tcpi_total_rto, i->timeouts_all)                                                         \
	X(tcpi_total_rto_recoveries, i->timeout_recoveries)                                        \
	X(tcpi_total_rto_time, i->timeout_time / 1000000)                                          \
	X(tcpi_rehash, i->rehashes)                                                                \
	X(tcpi_bytes_sent, (int64_t)(i->octets_sent + i->octets_retransmitted))                    \
	X(tcpi_bytes_acked, (int64_t)i->octets_acked)                                              \
	X(tcpi_bytes_received, (int64_t)i->octets_received)                                        \
	X(tcpi_bytes_retrans, (int64_t)i->octets_retransmitted)                                    \
	X(tcpi_segs_out, i->segments_sent)                                                         \
	X(tcpi_segs_in, i->segments_received)                                                      \
	X(tcpi_notsent_bytes, i->unsent)                                                           \
	X(tcpi_snd_wnd, i->snd_wnd)                                                                \
	X(tcpi_rcv_wnd, i->rcv_wnd)                                                                \
	X(tcpi_delivered_ce, i->ecn_sent.ce)                                                       \
	X(tcpi_received_ce, i->ecn_received.ce)                                                    \
	X(tcpi_delivered_ce_bytes, i->ecn_sent.ce_octets)                                          \
	X(tcpi_delivered_e0_bytes, i->ecn_sent.ect0_octets)                                        \
	X(tcpi_delivered_e1_bytes, i->ecn_sent.ect1_octets)                                        \
	X(tcpi_received_ce_bytes, i->ecn_received.ce_octets)                                       \
	X(tcpi_received_e0_bytes, i->ecn_received.ect0_octets)                                     \
	X(tcpi_received_e1_bytes, i->ecn_received.ect1_octets)                                     \
	X(tcpi_accecn_opt_seen, i->ecn_option_seen)                                                \
	X(tcpi_accecn_fail_mode, i->ecn_failures)                                                  \
	X(tcpi_fastopen_client_fail, fast_open_failure(i))                                         \
	X(hf_ecn_mode, i->ecn)                                                                     \
	X(hf_ecn_not_sending, i->ecn_not_sending)                                                  \
	X(hf_in_flight, i->in_flight)                                                              \
	X(hf_unread, i->unread)                                                                    \
	X(hf_cwnd, i->cwnd)                                                                        \
	X(hf_ssthresh, i->ssthresh)                                                                \
	X(hf_timeouts, i->timeouts)                                                                \
	X(hf_fast_recoveries, i->fast_recoveries)

enum {
#define X(name, value) FIGURE_##name,
	FIGURES(X)
#undef X
		FIGURE_COUNT
};

static const char *const names[] = {
#define X(name, value) #name,
	FIGURES(X)
#undef X
};

static void fill(const hf_conn_info *i, int64_t *figure)
{
#define X(name, value) figure[FIGURE_##name] = (value);
	FIGURES(X)
#undef X
}

bool hf_figure_find(const hf_conn_info *info, const char *name, hf_datum *out)
{
	static const hf_conn_info nothing = { .state = HF_CLOSED };
	int64_t figure[FIGURE_COUNT];

	for (size_t n = 0; n < FIGURE_COUNT; n++) {
		if (strcmp(names[n], name) != 0)
			continue;
		fill(info != NULL ? info : &nothing, figure);
		*out = (hf_datum){ .type = HF_DATUM_INTEGER, .integer = figure[n], .text = "" };
		return true;
	}
	*out = (hf_datum){ .type = HF_DATUM_INTEGER, .text = "" };
	return hf_drill_symbol(name, strlen(name), &out->integer);
}
