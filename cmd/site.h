/* SPDX-License-Identifier: BSD-2-Clause */
/* A web site on the wire: a listener, and an HTTP server for the connections that it accepts. */
#ifndef HF_CMD_SITE_H
#define HF_CMD_SITE_H

#include "cmd/wire.h"

typedef struct hf_site hf_site;

/**
 * Serves the directory `root` (borrowed) at `port`. Takes the wire's events. What fails is said on
 * stderr.
 */
hf_exit hf_site_new(hf_wire *wire, int root, uint16_t port, hf_site **out);
/** Closes the connections to the HTTP server; the listener goes with the stack. NULL is allowed. */
void hf_site_free(hf_site *s);
/** Requests answered. */
uint64_t hf_site_requests(const hf_site *s);

#endif
