/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of TCP that a socket keeps, and hands to its listener or its connection. */
#include <stddef.h>

#include "drill/sockets.h"

/* Linux's word for no limit: all ones, of which an int in a script has 32 or makes -1. */
#define NO_MAX_RATE (-1)
#define NO_MAX_RATE_UNSIGNED INT64_C(0xffffffff)

typedef struct row {
	size_t at; /* int64_t of hf_sock_options */
	hf_option option;
	bool is_time;  /* in seconds; the stack has ns */
	int64_t unset; /* what getsockopt tells before it is set */
} row;

#define ROW(field, option, is_time, unset)                                                         \
	{                                                                                          \
		offsetof(hf_sock_options, field), HF_OPTION_##option, is_time, unset               \
	}

static const row rows[] = {
	ROW(keep_interval, KEEPALIVE_INTERVAL, true, 75),
	ROW(keep_probes, KEEPALIVE_PROBES, false, 9),
	ROW(syn_retries, SYN_RETRIES, false, 6),
	ROW(defer_accept, DEFER_ACCEPT, true, 0),
	ROW(linger2, FIN_WAIT_2, true, 60),
	ROW(mss, MSS, false, 536),
	ROW(window_clamp, WINDOW_CLAMP, false, 0),
	ROW(unsent_low, UNSENT_LOW, false, 0),
	ROW(congestion, CONGESTION, false, HF_CONGESTION_DEFAULT),
	ROW(max_pacing_rate, MAX_PACING_RATE, false, NO_MAX_RATE),
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static int64_t *field(hf_sock_options *o, const row *r)
{
	return (int64_t *)((char *)o + r->at);
}

void hf_sock_unset_tcp(hf_sock_options *o)
{
	for (size_t i = 0; i < ROWS; i++)
		*field(o, &rows[i]) = HF_SOCK_UNSET;
}

static int64_t for_stack(const row *r, int64_t n)
{
	if (r->option == HF_OPTION_MAX_PACING_RATE)
		return n == NO_MAX_RATE || n == NO_MAX_RATE_UNSIGNED ? 0 : n;
	return r->is_time && n > 0 ? HF_SEC(n) : n;
}

void hf_sock_apply_tcp(hf_sockets *s, const hf_sock *sock)
{
	hf_sock_options o = sock->options;

	for (size_t i = 0; i < ROWS; i++) {
		int64_t n = *field(&o, &rows[i]), value = for_stack(&rows[i], n);

		if (n == HF_SOCK_UNSET)
			continue;
		if (sock->phase == HF_SOCK_LISTENING)
			hf_listener_set(s->world->stack, sock->listener, rows[i].option, value);
		else if (sock->phase >= HF_SOCK_CONNECTING)
			hf_conn_set(s->world->stack, sock->conn, rows[i].option, value);
	}
}

int64_t hf_sock_tcp_default(const hf_sockets *s, size_t at)
{
	const hf_config *config = &s->world->config;

	if (at == offsetof(hf_sock_options, syn_retries) && config->syn_retries != 0)
		return config->syn_retries;
	if (at == offsetof(hf_sock_options, linger2) && config->fin_wait_2_timeout > 0)
		return config->fin_wait_2_timeout / HF_SEC(1);
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].at == at)
			return rows[i].unset;
	}
	return 0;
}
