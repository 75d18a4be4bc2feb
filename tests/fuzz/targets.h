/* SPDX-License-Identifier: BSD-2-Clause */
/* The fuzz targets by name. */
#ifndef HF_TESTS_FUZZ_TARGETS_H
#define HF_TESTS_FUZZ_TARGETS_H

#include "fuzz.h"

/* Parsers of what comes from the wire. */
extern const fuzz_target fuzz_ether, fuzz_arp, fuzz_ipv4, fuzz_ipv6, fuzz_icmp, fuzz_nd, fuzz_tcp,
	fuzz_syn_cookie;
/* Whole stacks: on an Ethernet link, with a hostile peer, with each other over a bad network. */
extern const fuzz_target fuzz_frames, fuzz_peer, fuzz_ends;
/* What looks on, and what writes it down. */
extern const fuzz_target fuzz_observe, fuzz_pcapng;
/* Text: addresses, scripts, files of keys, command lines, what a web client asks for. */
extern const fuzz_target fuzz_address, fuzz_drill_text, fuzz_drill_code, fuzz_drill_run,
	fuzz_key_file, fuzz_options, fuzz_answer;

#endif
