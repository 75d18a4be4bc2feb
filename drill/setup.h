/* SPDX-License-Identifier: BSD-2-Clause */
/* The options of a script: `--name=value` at its head or on the command line. */
#ifndef HF_DRILL_SETUP_H
#define HF_DRILL_SETUP_H

#include <handfast/config.h>

#include "drill/script.h"

typedef struct hf_drill_setup {
	bool is_v6;            /**< packets are IPv6 */
	bool is_mapped;        /**< sockets are IPv6, packets IPv4 */
	hf_addr local, remote; /**< of the stack, of the script */
	uint16_t bind_port, connect_port;
	uint32_t mtu;
	hf_ns tolerance;          /**< a time may be off by this */
	double tolerance_percent; /**< or by this part of the time since the event before */
	uint32_t stamp_tick;      /**< us a tick; 0: time stamps are not compared */
	bool stamp_echo_is_scaled;
	bool is_dry;            /**< the script is only read and checked */
	const char *md5_secret; /**< the peer's; NULL: the one that the script gives to the stack */
	bool strict_segments;   /**< segments are not put together before they are compared */
	bool forgives_packets, forgives_calls; /**< a difference is told, and the script goes on */
	uint32_t mss;             /**< octets of the largest segment; 0: as the MTU has it */
	const char *init_scripts; /**< parted by commas; NULL: none */
	hf_drill_at init_scripts_at;
} hf_drill_setup;

/** The setup of a script without options. */
void hf_drill_setup_init(hf_drill_setup *out);
/**
 * Applies a list of options in its order. Options that are known but not supported are noted as
 * needs of `script`. False: an option is unknown or its value is wrong: `*why` (in the script's
 * arena) and `*at` say so.
 */
bool hf_drill_setup_apply(hf_drill_setup *s, hf_drill_script *script, const hf_drill_setting *list,
			  hf_drill_note *why);
/** Chooses addresses that were not given, for the script's IP version. False: they do not fit. */
bool hf_drill_setup_finish(hf_drill_setup *s);

#endif
