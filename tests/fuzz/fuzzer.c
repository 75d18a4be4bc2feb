/* SPDX-License-Identifier: BSD-2-Clause */
/* What libFuzzer asks for; HF_FUZZ_TARGET in the environment names the target. */
#include "fuzz.h"

#include <stdio.h>

int LLVMFuzzerInitialize(int *count, char ***args);
int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len);

static const fuzz_target *target;

int LLVMFuzzerInitialize(int *count, char ***args)
{
	const char *name = getenv("HF_FUZZ_TARGET");

	(void)count;
	(void)args;
	target = name != NULL ? fuzz_find(name) : NULL;
	if (target == NULL) {
		fputs("HF_FUZZ_TARGET must name one of:", stderr);
		for (unsigned i = 0; fuzz_targets[i] != NULL; i++)
			fprintf(stderr, " %s", fuzz_targets[i]->name);
		fputs("\n", stderr);
		exit(2);
	}
	setenv("CMOCKA_TEST_ABORT", "1", 1); /* an assertion that fails is a crash */
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
	target->one((hf_view){ octets, len });
	return 0;
}
