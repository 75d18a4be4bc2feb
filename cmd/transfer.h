/* SPDX-License-Identifier: BSD-2-Clause */
/* One download: a URL, a dialled connection, libcurl, a file. */
#ifndef HF_CMD_TRANSFER_H
#define HF_CMD_TRANSFER_H

#include "cmd/wire.h"

/** What `handfast get` is told. */
typedef struct hf_transfer_settings {
	const char *output; /**< NULL or "-": standard output */
	bool remote_name, location, insecure, only4, only6;
	const char *cacert;
	hf_ns timeout;
	hf_wire_settings wire;
} hf_transfer_settings;

/** Downloads `url`; says what goes wrong. */
hf_exit hf_transfer_run(const hf_transfer_settings *settings, const char *url);

/** Where a URL leads. Strings are from malloc. */
typedef struct hf_place {
	char *url; /**< with a scheme */
	char *host, *port;
	char *name; /**< the last part of its path, decoded; NULL: no file could be called so */
} hf_place;

/** Takes a URL apart; "http://" may be left out. False if it is no http or https URL. */
bool hf_place_read(const char *url, hf_place *out);
void hf_place_free(hf_place *p);

#endif
