/* SPDX-License-Identifier: BSD-2-Clause */
/* From names to addresses, by the machine's own resolver. */
#ifndef HF_CMD_RESOLVE_H
#define HF_CMD_RESOLVE_H

#include <sys/socket.h>

#include "cmd/command.h"

#define HF_PEERS 8 /**< addresses that are tried for one name, at most */

/** Where a name leads, in the order in which to try. */
typedef struct hf_peers {
	unsigned count;
	hf_endpoint at[HF_PEERS];
} hf_peers;

/**
 * Resolves `host` and `port` (a number or a service's name). `family`: AF_INET, AF_INET6 or
 * AF_UNSPEC. What fails is said on stderr.
 */
hf_exit hf_resolve(const char *host, const char *port, int family, hf_peers *out);

/** The endpoint in a socket address of either family; false for any other. */
bool hf_endpoint_of_sockaddr(const struct sockaddr *from, hf_endpoint *out);

/** Room for an endpoint as text, closing zero counted. */
#define HF_ENDPOINT_TEXT (HF_ADDR_TEXT + 9)
/** Writes "10.0.0.1:80" or "[fd77::1]:80" into `text`; returns `text`. */
char *hf_endpoint_format(const hf_endpoint *e, char *text);

#endif
