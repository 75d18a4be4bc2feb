/* SPDX-License-Identifier: BSD-2-Clause */
/* A file server on libmicrohttpd, for connections that somebody else accepts. */
#ifndef HF_CMD_HTTP_H
#define HF_CMD_HTTP_H

#include "bridge/pump.h"
#include "cmd/answer.h"
#include "io/poller.h"

typedef struct hf_http hf_http;

/** Serves the directory `root` (borrowed). Unless `is_quiet`, a line a request goes to stderr. */
bool hf_http_new(int root, hf_poller *poller, bool is_quiet, hf_http **out, hf_io_error *error);
/** Closes all connections. NULL is allowed. */
void hf_http_free(hf_http *h);
/** Speaks HTTP on the stream socket `fd`, which is taken. `peer` is for the log. */
void hf_http_add(hf_http *h, int fd, const hf_endpoint *peer);
/** Requests answered. */
uint64_t hf_http_requests(const hf_http *h);

#endif
