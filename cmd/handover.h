/* SPDX-License-Identifier: BSD-2-Clause */
/* A connection for a library that insists on calling socket and connect: through a local name. */
#ifndef HF_CMD_HANDOVER_H
#define HF_CMD_HANDOVER_H

#include <sys/socket.h>

#include "cmd/wire.h"

/*
 * A local listener with a name that the kernel chooses waits for one connection of this process; a
 * pump then joins that with the connection. Connections of other processes to the same name are
 * turned away. (libcurl could be given a connected socket, but some of its versions connect it once
 * more.)
 */
typedef struct hf_handover hf_handover;

/** The address of a local socket. */
typedef struct hf_local_name {
	struct sockaddr addr;
	socklen_t len; /**< octets of `addr` that count */
} hf_local_name;

/**
 * Starts waiting. Takes options->conn; `in` and `out` of `options` are set later. `name` gets the
 * address to connect to. On failure nothing is taken.
 */
bool hf_handover_new(hf_wire *w, const hf_pump_options *options, hf_local_name *name,
		     hf_handover **out, hf_io_error *error);
/** Frees it; a connection that nobody came for is aborted. NULL is allowed. */
void hf_handover_free(hf_handover *h);

#endif
