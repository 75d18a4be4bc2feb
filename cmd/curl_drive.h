/* SPDX-License-Identifier: BSD-2-Clause */
/* libcurl's multi interface, driven by our poller. */
#ifndef HF_CMD_CURL_DRIVE_H
#define HF_CMD_CURL_DRIVE_H

#include <curl/curl.h>

#include "io/poller.h"

typedef struct hf_curl_drive {
	CURLM *multi;
	hf_poller *poller;
	hf_alarm alarm;
	void (*done)(void *ctx, CURLcode result); /**< the one transfer has ended */
	void *ctx;
} hf_curl_drive;

/** Starts driving `easy` (borrowed). `d` stays where it is until the stop. False: no memory. */
bool hf_curl_drive_start(hf_curl_drive *d, hf_poller *poller, CURL *easy);
/**
 * Ends the transfer, if it has not ended, and all connections. Harmless if it was never started.
 */
void hf_curl_drive_stop(hf_curl_drive *d, CURL *easy);

#endif
