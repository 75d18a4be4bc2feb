/* SPDX-License-Identifier: BSD-2-Clause */
/* The names that code in a script can ask for, answered from the kernel's tcp_info. */
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "drill/figures.h"
#include "drill/kernel_parts.h"

/*
 * Where each figure stands in what TCP_INFO returns. The kernel only ever adds at the end, so that
 * these places count for every kernel; the headers of a machine may know fewer.
 */
typedef struct field {
	const char *name;
	uint16_t at, octets;
} field;

static const field fields[] = {
	{ "tcpi_state", 0, 1 },
	{ "tcpi_ca_state", 1, 1 },
	{ "tcpi_retransmits", 2, 1 },
	{ "tcpi_probes", 3, 1 },
	{ "tcpi_backoff", 4, 1 },
	{ "tcpi_options", 5, 1 },
	{ "tcpi_rto", 8, 4 },
	{ "tcpi_ato", 12, 4 },
	{ "tcpi_snd_mss", 16, 4 },
	{ "tcpi_rcv_mss", 20, 4 },
	{ "tcpi_unacked", 24, 4 },
	{ "tcpi_sacked", 28, 4 },
	{ "tcpi_lost", 32, 4 },
	{ "tcpi_retrans", 36, 4 },
	{ "tcpi_fackets", 40, 4 },
	{ "tcpi_last_data_sent", 44, 4 },
	{ "tcpi_last_ack_sent", 48, 4 },
	{ "tcpi_last_data_recv", 52, 4 },
	{ "tcpi_last_ack_recv", 56, 4 },
	{ "tcpi_pmtu", 60, 4 },
	{ "tcpi_rcv_ssthresh", 64, 4 },
	{ "tcpi_rtt", 68, 4 },
	{ "tcpi_rttvar", 72, 4 },
	{ "tcpi_snd_ssthresh", 76, 4 },
	{ "tcpi_snd_cwnd", 80, 4 },
	{ "tcpi_advmss", 84, 4 },
	{ "tcpi_reordering", 88, 4 },
	{ "tcpi_rcv_rtt", 92, 4 },
	{ "tcpi_rcv_space", 96, 4 },
	{ "tcpi_total_retrans", 100, 4 },
	{ "tcpi_pacing_rate", 104, 8 },
	{ "tcpi_max_pacing_rate", 112, 8 },
	{ "tcpi_bytes_acked", 120, 8 },
	{ "tcpi_bytes_received", 128, 8 },
	{ "tcpi_segs_out", 136, 4 },
	{ "tcpi_segs_in", 140, 4 },
	{ "tcpi_notsent_bytes", 144, 4 },
	{ "tcpi_min_rtt", 148, 4 },
	{ "tcpi_data_segs_in", 152, 4 },
	{ "tcpi_data_segs_out", 156, 4 },
	{ "tcpi_delivery_rate", 160, 8 },
	{ "tcpi_busy_time", 168, 8 },
	{ "tcpi_rwnd_limited", 176, 8 },
	{ "tcpi_sndbuf_limited", 184, 8 },
	{ "tcpi_delivered", 192, 4 },
	{ "tcpi_delivered_ce", 196, 4 },
	{ "tcpi_bytes_sent", 200, 8 },
	{ "tcpi_bytes_retrans", 208, 8 },
	{ "tcpi_dsack_dups", 216, 4 },
	{ "tcpi_reord_seen", 220, 4 },
	{ "tcpi_rcv_ooopack", 224, 4 },
	{ "tcpi_snd_wnd", 228, 4 },
	{ "tcpi_rcv_wnd", 232, 4 },
	{ "tcpi_rehash", 236, 4 },
	{ "tcpi_total_rto", 240, 2 },
	{ "hf_timeouts", 240, 2 },
	{ "tcpi_total_rto_recoveries", 242, 2 },
	{ "tcpi_total_rto_time", 244, 4 },
	{ "tcpi_received_ce", 248, 4 },
	{ "tcpi_delivered_e1_bytes", 252, 4 },
	{ "tcpi_delivered_e0_bytes", 256, 4 },
	{ "tcpi_delivered_ce_bytes", 260, 4 },
	{ "tcpi_received_e1_bytes", 264, 4 },
	{ "tcpi_received_e0_bytes", 268, 4 },
	{ "tcpi_received_ce_bytes", 272, 4 },
	{ "tcpi_accecn_fail_mode", 276, 2 },
	{ "tcpi_accecn_opt_seen", 278, 2 },
};

#define INFO_ROOM 512
#define BITS 7 /* the octet of tcpi_delivery_rate_app_limited and tcpi_fastopen_client_fail */

static int64_t read_field(const uint8_t *info, const field *f)
{
	uint16_t two;
	uint32_t four;
	uint64_t eight;

	switch (f->octets) {
	case sizeof(two):
		memcpy(&two, info + f->at, sizeof(two));
		return two;
	case sizeof(four):
		memcpy(&four, info + f->at, sizeof(four));
		return four;
	case sizeof(eight):
		memcpy(&eight, info + f->at, sizeof(eight));
		return (int64_t)eight;
	default:
		return info[f->at];
	}
}

static int64_t window_scale(const uint8_t *info, bool is_first)
{
	struct tcp_info scales;

	memcpy(&scales, info, sizeof(scales));
	return is_first ? scales.tcpi_snd_wscale : scales.tcpi_rcv_wscale;
}

/* `len` octets were returned: what lies behind them is not known to this kernel. */
static bool find(const uint8_t *info, size_t len, const char *name, int64_t *out)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (strcmp(fields[i].name, name) != 0)
			continue;
		*out = read_field(info, &fields[i]);
		return (size_t)fields[i].at + fields[i].octets <= len;
	}
	if (strcmp(name, "tcpi_delivery_rate_app_limited") == 0) {
		*out = info[BITS] & 1;
		return true;
	}
	if (strcmp(name, "tcpi_fastopen_client_fail") == 0) {
		*out = info[BITS] >> 1 & 3;
		return true;
	}
	if (strcmp(name, "tcpi_snd_wscale") != 0 && strcmp(name, "tcpi_rcv_wscale") != 0)
		return false;
	*out = window_scale(info, strcmp(name, "tcpi_snd_wscale") == 0);
	return true;
}

bool hf_kernel_info_find(const uint8_t *info, size_t len, const char *name, int64_t *out)
{
	return find(info, len, name, out);
}

/* What is no figure of a connection's is a constant, the same everywhere. */
static bool is_constant(const char *name)
{
	return strncmp(name, "tcpi_", 5) != 0 && strncmp(name, "hf_", 3) != 0;
}

/* ---- Figures that Linux has elsewhere ---- */

static int64_t queue(int fd, unsigned long what)
{
	int n = 0;

	return ioctl(fd, what, &n) == 0 ? n : 0;
}

/* Octets, from what Linux counts in segments. */
static int64_t octets(int64_t segments, const uint8_t *info)
{
	int64_t mss = 0;

	(void)find(info, INFO_ROOM, "tcpi_snd_mss", &mss);
	return segments >= INT32_MAX ? UINT32_MAX : segments * mss;
}

/* `fd` is -1 while a name is only checked. */
static bool find_own(int fd, const uint8_t *info, const char *name, int64_t *out)
{
	int64_t n = 0;

	if (strcmp(name, "hf_unread") == 0) {
		*out = queue(fd, SIOCINQ);
	} else if (strcmp(name, "hf_in_flight") == 0) {
		*out = queue(fd, SIOCOUTQ) - queue(fd, SIOCOUTQNSD);
	} else if (strcmp(name, "hf_cwnd") == 0) {
		(void)find(info, INFO_ROOM, "tcpi_snd_cwnd", &n);
		*out = octets(n, info);
	} else if (strcmp(name, "hf_ssthresh") == 0) {
		(void)find(info, INFO_ROOM, "tcpi_snd_ssthresh", &n);
		*out = octets(n, info);
	} else {
		return false;
	}
	return true;
}

/** What TCP_INFO returned. */
typedef struct answer {
	int fd;
	uint8_t info[INFO_ROOM];
	socklen_t len;
} answer;

static bool look_up(const answer *a, const char *name, hf_datum *out)
{
	if (is_constant(name))
		return hf_figure_find(NULL, name, out);
	*out = (hf_datum){ .type = HF_DATUM_INTEGER, .text = "" };
	return find(a->info, a->len, name, &out->integer) ||
	       find_own(a->fd, a->info, name, &out->integer);
}

bool hf_kernel_figure(hf_session *s, const char *name, hf_datum *out)
{
	answer a = { .fd = s->sockets.tested->live, .len = sizeof(a.info) };

	if (getsockopt(a.fd, IPPROTO_TCP, TCP_INFO, a.info, &a.len) != 0)
		return false;
	return look_up(&a, name, out);
}

bool hf_kernel_knows_figure(const char *name)
{
	static const answer nothing = { .fd = -1, .len = sizeof(nothing.info) };
	hf_datum value;

	return look_up(&nothing, name, &value);
}
