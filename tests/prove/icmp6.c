/* SPDX-License-Identifier: BSD-2-Clause */
/* ICMPv6 messages of any octets, of any length, with what they quote. */
#define VERSION 6
#include "tests/prove/icmp.c"
