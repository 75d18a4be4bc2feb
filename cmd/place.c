/* SPDX-License-Identifier: BSD-2-Clause */
/* A URL taken apart by libcurl's parser. */
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/transfer.h"

/* A part of the URL in memory of malloc's, or NULL. */
static char *part(CURLU *u, CURLUPart what, unsigned flags)
{
	char *text, *copy;

	if (curl_url_get(u, what, &text, flags) != CURLUE_OK)
		return NULL;
	copy = strdup(text);
	curl_free(text);
	return copy;
}

/* "[fd77::1]" without its brackets. */
static void strip_brackets(char *host)
{
	size_t len = strlen(host);

	if (len < 2 || host[0] != '[' || host[len - 1] != ']')
		return;
	memmove(host, host + 1, len - 2);
	host[len - 2] = 0;
}

/* The path's last part, decoded only after it was cut off: an encoded slash must not become one. */
static char *file_name(CURLU *u)
{
	char *path = part(u, CURLUPART_PATH, 0), *name = NULL;
	const char *last = path ? strrchr(path, '/') : NULL;
	char *decoded = last ? curl_easy_unescape(NULL, last + 1, 0, NULL) : NULL;

	if (decoded && *decoded && !strchr(decoded, '/') && strcmp(decoded, ".") != 0 &&
	    strcmp(decoded, "..") != 0)
		name = strdup(decoded);
	curl_free(decoded);
	free(path);
	return name;
}

bool hf_place_read(const char *url, hf_place *out)
{
	hf_place p = { 0 };
	CURLU *u = curl_url();
	char *scheme = NULL;
	bool is_good = u && curl_url_set(u, CURLUPART_URL, url, CURLU_DEFAULT_SCHEME) == CURLUE_OK;

	/* Without a scheme libcurl would take https. */
	if (is_good && !strstr(url, "://"))
		is_good = curl_url_set(u, CURLUPART_SCHEME, "http", 0) == CURLUE_OK;
	if (is_good) {
		scheme = part(u, CURLUPART_SCHEME, 0);
		p.url = part(u, CURLUPART_URL, 0);
		p.host = part(u, CURLUPART_HOST, 0);
		p.port = part(u, CURLUPART_PORT, CURLU_DEFAULT_PORT);
		p.name = file_name(u);
	}
	is_good = scheme && p.url && p.host && p.port &&
		  (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
	free(scheme);
	curl_url_cleanup(u);
	if (!is_good) {
		hf_place_free(&p);
		return false;
	}
	strip_brackets(p.host);
	*out = p;
	return true;
}

void hf_place_free(hf_place *p)
{
	free(p->url);
	free(p->host);
	free(p->port);
	free(p->name);
	*p = (hf_place){ 0 };
}
