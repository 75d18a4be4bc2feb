/* SPDX-License-Identifier: BSD-2-Clause */
/* A system that has no random octets to give: nothing may be made up instead. */
/* The attack "ISN secret silently all zero" (CVE-2026-19735). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "io/random.h"
#include "tests/unit/support.h"

#include <handfast/stack.h>

/* What the system answers: the octets it gives, or an error. */
static struct {
	ssize_t gives;
	int error;
	unsigned interrupted; /* how often first */
	uint8_t octet;
} system_has;

/* Stands in for the C library's. */
ssize_t getrandom(void *to, size_t len, unsigned flags)
{
	(void)flags;
	if (system_has.interrupted > 0) {
		system_has.interrupted--;
		errno = EINTR;
		return -1;
	}
	if (system_has.gives < 0) {
		errno = system_has.error;
		return -1;
	}
	memset(to, system_has.octet,
	       (size_t)system_has.gives < len ? (size_t)system_has.gives : len);
	return system_has.gives;
}

static void isn_secret_silently_all_zero_cannot_come_of_a_failure(void **state)
{
	static const int errors[] = { ENOSYS, EAGAIN, EIO, EPERM, EFAULT };

	(void)state;
	for (unsigned i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		uint64_t secret[4] = { 1, 2, 3, 4 };
		hf_io_error error;

		system_has.gives = -1;
		system_has.error = errors[i];
		assert_false(hf_random_secret(secret, &error));
		assert_non_null(strstr(error.text, "random"));
		assert_true(secret[0] == 1 && secret[1] == 2 && secret[2] == 3 && secret[3] == 4);
	}
}

/* Fewer octets than were asked for are no secret either; an interrupted call is asked again. */
static void isn_secret_silently_all_zero_cannot_come_of_a_short_answer(void **state)
{
	uint64_t secret[4] = { 1, 2, 3, 4 };
	hf_io_error error;

	(void)state;
	system_has.octet = 0x5a;
	for (ssize_t n = 0; n < 32; n++) {
		system_has.gives = n;
		assert_false(hf_random_secret(secret, &error));
		assert_true(secret[0] == 1 && secret[3] == 4);
	}
	system_has.gives = 32;
	system_has.interrupted = 3;
	assert_true(hf_random_secret(secret, &error));
	assert_true(secret[0] == UINT64_C(0x5a5a5a5a5a5a5a5a) && secret[3] == secret[0]);
}

/* A generator that gives zeros and says that all is well: the stack sees it. */
static void isn_secret_silently_all_zero_makes_no_stack(void **state)
{
	struct heap heap = { 0 };
	hf_config config = { .size = sizeof(config),
			     .mtu = 1500,
			     .address = { { hf_addr_v4(192, 0, 2, 1), 24 } },
			     .allocator = { heap_alloc, heap_free, &heap } };
	hf_io_error error;
	hf_stack *s = NULL;

	(void)state;
	system_has.octet = 0;
	system_has.gives = 32;
	assert_true(hf_random_secret(config.secret, &error));
	assert_int_equal(hf_stack_new(&config, (hf_time){ 0 }, &s), HF_ERR_BAD_SECRET);
	assert_null(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(isn_secret_silently_all_zero_cannot_come_of_a_failure),
		cmocka_unit_test(isn_secret_silently_all_zero_cannot_come_of_a_short_answer),
		cmocka_unit_test(isn_secret_silently_all_zero_makes_no_stack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
