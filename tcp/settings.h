/* SPDX-License-Identifier: BSD-2-Clause */
/* What options set: one block shared by all that have the same, copied by whoever changes it. */
#ifndef HF_TCP_SETTINGS_H
#define HF_TCP_SETTINGS_H

#include <handfast/config.h>
#include <handfast/options.h>

#include "base/mem.h"

/** Bits of hf_settings.flags. */
enum {
	HF_SET_NO_DELAY = 1,
	HF_SET_CORK = 2,
	HF_SET_KEEPALIVE_OCTET = 4,
	HF_SET_USER_TIMEOUT_OPTION = 8,
	HF_SET_NO_SOFT_ERRORS = 16,
	HF_SET_URGENT_APART = 32,
	HF_SET_USER_TIMEOUT_FIXED = 64, /**< set by the application: the peer cannot change it */
	HF_SET_PACING = 128,
	HF_SET_FAST_OPEN_NO_COOKIE = 256,
};

/**
 * A connection that sets nothing holds the stack's block, one that was accepted its listener's: ten
 * thousand connections with the same options cost one of these. Zero in `fin_wait_2`, buffers and
 * limits means the stack's.
 */
typedef struct hf_settings {
	uint32_t holders;
	uint32_t flags; /**< HF_SET_* */
	hf_ns keepalive, keepalive_interval;
	hf_ns user_timeout;     /**< as set: what we advise the peer, if anything was set */
	hf_ns user_timeout_now; /**< in force; 0: none */
	hf_ns fin_wait_2, linger, defer_accept;
	uint32_t window_clamp, receive_low, unsent_low;
	uint32_t send_buffer, receive_buffer;
	uint32_t fast_open; /**< as listener: pending connections, at most */
	uint16_t mss;
	uint8_t keepalive_probes, syn_retries, retries, trouble_retries;
	uint8_t ttl, traffic_class, min_ttl;
	uint8_t discovery;       /**< hf_path_mtu_discovery */
	uint8_t congestion;      /**< hf_congestion_control */
	int64_t flow_label;      /**< -1: by hash */
	int64_t max_pacing_rate; /**< octets a second; 0: any */
} hf_settings;

/** The stack's own. */
void hf_settings_init(hf_settings *s, const hf_config *config);
/** One holder more. */
hf_settings *hf_settings_hold(hf_settings *s);
/** One holder less; the last one frees it. NULL is allowed. */
void hf_settings_drop(hf_settings *s, hf_mem *m);
/** Sets an option in `*s`, which becomes a block of its own if others hold it too. */
hf_err hf_settings_set(hf_settings **s, hf_mem *m, hf_option option, int64_t value);
/** What an option is now. False: it is not one that is kept here. */
bool hf_settings_get(const hf_settings *s, hf_option option, int64_t *value);

/** Adopts the user timeout that the peer advises, if there is memory to. */
void hf_settings_advised(hf_settings **s, hf_mem *m, const hf_config *config, hf_ns advised);
/** What we advise the peer: the user timeout, or RFC 5482's five minutes. */
hf_ns hf_settings_advice(const hf_settings *s);

static inline bool hf_settings_has(const hf_settings *s, uint32_t flag)
{
	return s->flags & flag;
}

#endif
