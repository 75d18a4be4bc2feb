/* SPDX-License-Identifier: BSD-2-Clause */
/* What every proof starts from: octets and numbers that may be anything. */
#ifndef HF_TESTS_PROVE_ANY_H
#define HF_TESTS_PROVE_ANY_H

#include <__fc_builtin.h>
#include <string.h>

#include "wire/checksum.h"
#include "wire/ip.h"

/*
 * Theory of operation
 *
 * Eva runs a proof with sets of values in place of values. An input is some octets at the end of an
 * array, all of them unknown: a read past the end is an alarm. How many they are is one number at a
 * time (each_length), so that what the code has learnt of the length holds of the array too; up to
 * the most each number is a case of its own. One case more (all_longer) stands for all numbers from
 * there to LONGEST: what is read must then lie within as many octets as the most, whatever follows.
 *
 * What a parser hands out is asked for with is_inside; this needs a length that is one number.
 */

/** The longest input: an IPv6 header with all that its length field can say. */
#define LONGEST (40 + 65535)

static uint8_t octets[LONGEST];

/** The number of octets is one number. */
static bool is_exact;

/*
 * The checksum has a proof of its own; elsewhere this stands for it. Whoever calls it must show
 * that the octets are there.
 */
/*@ requires readable: is_exact && len > 0 ==>
      \valid_read((const uint8_t *)at + (0 .. len - 1));
    assigns \result \from sum, len, ((const uint8_t *)at)[0 .. len - 1]; */
hf_sum hf_sum_octets(hf_sum sum, const void *at, size_t len);

/** The last `len` octets of the array. */
static hf_view last_octets(size_t len)
{
	return (hf_view){ octets + LONGEST - len, len };
}

/** Every octet of the view may be read. */
static void is_inside(hf_view v)
{
	if (is_exact && v.len > 0)
		/*@ assert inside: \valid_read(v.at + (0 .. v.len - 1)); */
		;
}

/* Any value at all. */
static uint8_t any_u8(void)
{
	return Frama_C_unsigned_char_interval(0, UINT8_MAX);
}

static uint16_t any_u16(void)
{
	return Frama_C_unsigned_short_interval(0, UINT16_MAX);
}

static uint32_t any_u32(void)
{
	return Frama_C_unsigned_int_interval(0, UINT32_MAX);
}

static bool any_bool(void)
{
	return Frama_C_interval(0, 1) != 0;
}

static hf_addr any_addr(void)
{
	hf_addr a;

	Frama_C_make_unknown((char *)a.octet, sizeof(a.octet));
	return a;
}

/** An IP packet with this payload; all else may be anything. */
static hf_ip any_ip(uint8_t version, hf_view payload)
{
	return (hf_ip){
		.src = any_addr(),
		.dst = any_addr(),
		.version = version,
		.protocol = any_u8(),
		.ttl = any_u8(),
		.traffic_class = any_u8(),
		.payload = payload,
	};
}

/** The proof itself. */
static void prove(hf_view input);

/** Asks for each number of octets up to `most`. */
static void each_length(size_t most)
{
	Frama_C_make_unknown((char *)octets, sizeof(octets));
	is_exact = true;
	/*@ loop unroll LONGEST + 1; */
	for (size_t len = 0; len <= most; len++)
		prove(last_octets(len));
}

/** And for all larger numbers at once: what is read must lie within the first `most` octets. */
static void all_longer(size_t most)
{
	is_exact = false;
	prove(last_octets(Frama_C_unsigned_long_interval(most + 1, LONGEST)));
}

#endif
