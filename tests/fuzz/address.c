/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzz target: addresses as text, and text as addresses. */
#include "targets.h"

static void write_and_read(const hf_addr *a)
{
	char text[HF_ADDR_TEXT];
	hf_addr again;

	assert_ptr_equal(hf_addr_format(a, text), text);
	assert_true(strlen(text) < sizeof(text));
	assert_true(hf_addr_parse(text, &again));
	assert_true(hf_addr_equal(a, &again));
}

static void one_address(hf_view input)
{
	char *text = fuzz_text(input);
	hf_addr a = { { 0 } };

	if (input.len > 0)
		memcpy(a.octet, input.at, input.len < sizeof(a) ? input.len : sizeof(a));
	write_and_read(&a);
	if (hf_addr_parse(text, &a))
		write_and_read(&a);
	free(text);
}

const fuzz_target fuzz_address = { "address", one_address };
