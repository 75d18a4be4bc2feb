/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of IP's level: kept by the socket, handed to its connection or listener. */
#include "drill/sockets.h"

#define IP_OPTIONS_KEPT 4

/* The i-th option of IP's, and what it is set to; negative: nothing. */
static int64_t ip_option(const hf_sock_options *o, unsigned i, hf_option *option)
{
	static const hf_option names[IP_OPTIONS_KEPT] = { HF_OPTION_TTL, HF_OPTION_TRAFFIC_CLASS,
							  HF_OPTION_MIN_TTL,
							  HF_OPTION_PATH_MTU_DISCOVERY };
	static const int64_t modes[] = { HF_PATH_MTU_OFF, HF_PATH_MTU_WANT, HF_PATH_MTU_WANT,
					 HF_PATH_MTU_PROBE };
	int64_t values[IP_OPTIONS_KEPT] = { o->ttl, o->traffic_class, o->min_ttl,
					    o->discovery < 0 ? -1 : modes[o->discovery] };

	*option = names[i];
	return values[i];
}

void hf_sock_apply_ip(hf_sockets *s, hf_sock *sock)
{
	for (unsigned i = 0; i < IP_OPTIONS_KEPT; i++) {
		hf_option option;
		int64_t value = ip_option(&sock->options, i, &option);

		if (value >= 0)
			hf_conn_set(s->world->stack, sock->conn, option, value);
	}
}

void hf_sock_apply_listener(hf_sockets *s, hf_sock *sock)
{
	hf_stack *stack = s->world->stack;

	hf_listener_set(stack, sock->listener, HF_OPTION_FAST_OPEN, sock->options.fast_open);
	hf_listener_set(stack, sock->listener, HF_OPTION_FAST_OPEN_NO_COOKIE,
			sock->options.no_cookie);
	for (unsigned i = 0; i < IP_OPTIONS_KEPT; i++) {
		hf_option option;
		int64_t value = ip_option(&sock->options, i, &option);

		if (value >= 0)
			hf_listener_set(stack, sock->listener, option, value);
	}
}
