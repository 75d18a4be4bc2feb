/* SPDX-License-Identifier: BSD-2-Clause */
/* getrandom(2), and nothing else. */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "io/random.h"

bool hf_random_secret(uint64_t secret[4], hf_io_error *error)
{
	uint64_t fresh[4];
	ssize_t got;

	/* 32 octets are never cut short once the generator is ready (getrandom(2)). */
	do
		got = getrandom(fresh, sizeof(fresh), 0);
	while (got < 0 && errno == EINTR);
	if (got != (ssize_t)sizeof(fresh))
		return hf_io_fail(error, errno, "cannot get random octets: %s", strerror(errno));
	memcpy(secret, fresh, sizeof(fresh));
	explicit_bzero(fresh, sizeof(fresh));
	return true;
}
