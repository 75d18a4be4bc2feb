/* SPDX-License-Identifier: BSD-2-Clause */
/* Names and socket addresses turned into endpoints. */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/resolve.h"
#include "cmd/say.h"
#include "observe/words.h"

bool hf_endpoint_of_sockaddr(const struct sockaddr *from, hf_endpoint *out)
{
	if (from->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, from, sizeof(in));
		out->addr = hf_addr_v4(0, 0, 0, 0);
		memcpy(out->addr.octet + 12, &in.sin_addr, 4);
		out->port = ntohs(in.sin_port);
		return true;
	}
	if (from->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, from, sizeof(in6));
		memcpy(out->addr.octet, &in6.sin6_addr, 16);
		out->port = ntohs(in6.sin6_port);
		return true;
	}
	return false;
}

/* The C library takes the lower 16 bits of a number that is too large. */
static bool is_too_large(const char *port)
{
	char *end;
	unsigned long n = strtoul(port, &end, 10);

	return *end == '\0' && n > UINT16_MAX;
}

hf_exit hf_resolve(const char *host, const char *port, int family, hf_peers *out)
{
	struct addrinfo hints = { .ai_family = family, .ai_socktype = SOCK_STREAM };
	struct addrinfo *list;
	int why = is_too_large(port) ? EAI_SERVICE : getaddrinfo(host, port, &hints, &list);

	out->count = 0;
	if (why == EAI_SERVICE) {
		hf_say("'%s' is not a port", port);
		return HF_EXIT_USAGE;
	}
	if (why == EAI_SYSTEM)
		return hf_say_errno("cannot resolve '%s'", host);
	if (why != 0) {
		hf_say("cannot resolve '%s': %s", host, gai_strerror(why));
		return HF_EXIT_SILENT;
	}
	for (const struct addrinfo *a = list; a && out->count < HF_PEERS; a = a->ai_next) {
		if (hf_endpoint_of_sockaddr(a->ai_addr, &out->at[out->count]))
			out->count++;
	}
	freeaddrinfo(list);
	if (out->count > 0 && out->at[0].port != 0)
		return HF_EXIT_OK;
	hf_say("'%s' port '%s' is no place to connect to", host, port);
	return HF_EXIT_USAGE;
}

char *hf_endpoint_format(const hf_endpoint *e, char *text)
{
	hf_text t = hf_text_in(text, HF_ENDPOINT_TEXT);

	hf_words_endpoint(&t, e);
	return text;
}
