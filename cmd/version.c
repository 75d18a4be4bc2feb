/* SPDX-License-Identifier: BSD-2-Clause */
/* `handfast version`: what this program is and what it was built with. */
#include <stdio.h>

#include "cmd/command.h"

#ifdef HF_HAVE_MICROHTTPD
#include <microhttpd.h>
#endif
#ifdef HF_HAVE_CURL
#include <curl/curl.h>
#endif
#ifdef HF_HAVE_NETTLE
#include <nettle/version.h>
#endif

static hf_exit version_run(const void *settings, hf_operands operands)
{
	(void)settings;
	(void)operands;
	puts("handfast " HF_VERSION);
#ifdef HF_HAVE_MICROHTTPD
	printf("  serve: libmicrohttpd %s\n", MHD_get_version());
#else
	puts("  serve: built without libmicrohttpd");
#endif
#ifdef HF_HAVE_CURL
	printf("  get: %s\n", curl_version());
#else
	puts("  get: built without libcurl");
#endif
#ifdef HF_HAVE_NETTLE
	printf("  SHA-256 in demo: nettle %d.%d\n", NETTLE_VERSION_MAJOR, NETTLE_VERSION_MINOR);
#else
	puts("  SHA-256 in demo: built without nettle");
#endif
	return HF_EXIT_OK;
}

static const char *const text[] = {
	"Prints the version, and the libraries that the commands were built with.",
	NULL,
};

const hf_cmd hf_cmd_version = {
	.name = "version",
	.operands = "",
	.summary = "print the version and what it was built with",
	.text = text,
	.run = version_run,
};
