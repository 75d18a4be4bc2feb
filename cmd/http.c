/* SPDX-License-Identifier: BSD-2-Clause */
/* libmicrohttpd in our loop, and answers handed to it. */
#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "cmd/http.h"
#include "cmd/resolve.h"
#include "cmd/say.h"
#include "observe/words.h"

#define CONNECTIONS_MAX 16384u
#define IDLE_SECONDS 60u           /* a client that is silent for this long is disconnected */
#define BLOCK ((size_t)128 * 1024) /* octets of a file that are read and handed on at a time */

struct hf_http {
	int root;
	bool is_quiet;
	hf_poller *poller;
	struct MHD_Daemon *daemon;
	hf_watch *watch;
	hf_alarm alarm;
	uint64_t requests;
	const hf_endpoint *arriving; /* whose connection is just being added */
};

/*
 * Lets the library work, and arranges when it is to be called next without a descriptor's asking.
 */
static void run(hf_http *h)
{
	MHD_UNSIGNED_LONG_LONG wait_ms;

	MHD_run(h->daemon);
	if (MHD_get_timeout(h->daemon, &wait_ms) == MHD_YES)
		hf_alarm_set(h->poller, &h->alarm,
			     hf_time_add(hf_poller_now(h->poller), HF_MS(wait_ms)));
	else
		hf_alarm_clear(h->poller, &h->alarm);
}

static void on_ready(void *ctx, uint32_t events)
{
	(void)events;
	run(ctx);
}

static void on_alarm(void *ctx, hf_time now)
{
	(void)now;
	run(ctx);
}

static void log_answer(const hf_http *h, struct MHD_Connection *c, const char *method,
		       const char *url, const hf_answer *a)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	/* Escaped, so that no request can write to the terminal what it likes. */
	char *shown = hf_path_escape(url);
	char buffer[32];
	hf_text size = hf_text_in(buffer, sizeof(buffer));

	if (h->is_quiet) {
		free(shown);
		return;
	}
	hf_words_octets(&size, a->len);
	fprintf(stderr, "%s %s %s %u %s\n",
		info && info->socket_context ? (const char *)info->socket_context : "?", method,
		shown ? shown : "?", a->status, buffer);
	free(shown);
}

static void add_range(struct MHD_Response *response, const hf_answer *a)
{
	char range[80];

	if (a->status == 206)
		snprintf(range, sizeof(range), "bytes %llu-%llu/%llu",
			 (unsigned long long)a->offset,
			 (unsigned long long)(a->offset + a->len - 1), (unsigned long long)a->size);
	else
		snprintf(range, sizeof(range), "bytes */%llu", (unsigned long long)a->size);
	if (a->status == 206 || a->status == 416)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_RANGE, range);
}

/* The part of a file that is being sent. */
typedef struct file_part {
	int fd;
	uint64_t offset;
} file_part;

static ssize_t read_part(void *ctx, uint64_t at, char *to, size_t len)
{
	const file_part *part = ctx;
	ssize_t n = pread(part->fd, to, len, (off_t)(part->offset + at));

	/* Zero: the file has become shorter than was announced. */
	return n > 0 ? n : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void free_part(void *ctx)
{
	file_part *part = ctx;

	close(part->fd);
	free(part);
}

/*
 * A response out of a file; takes its descriptor. The library's own reads only 4 KiB at a time
 * where it cannot use sendfile, which is so on a local socket.
 */
static struct MHD_Response *make_file_response(hf_answer *a)
{
	file_part *part = malloc(sizeof(*part));
	size_t block = a->len < BLOCK ? (size_t)a->len + 1 : BLOCK;
	struct MHD_Response *response = NULL;

	if (part) {
		*part = (file_part){ a->fd, a->offset };
		response = MHD_create_response_from_callback(a->len, block, read_part, part,
							     free_part);
	}
	if (response)
		a->fd = -1;
	else
		free(part);
	return response;
}

/* Makes the library's response out of an answer; takes descriptor and body. */
static struct MHD_Response *make_response(hf_answer *a)
{
	struct MHD_Response *response;

	if (a->fd >= 0) {
		response = make_file_response(a);
	} else {
		response = MHD_create_response_from_buffer(a->len, a->body, MHD_RESPMEM_MUST_FREE);
		if (response)
			a->body = NULL;
	}
	if (!response)
		return NULL;
	MHD_add_response_header(response, MHD_HTTP_HEADER_ACCEPT_RANGES, "bytes");
	if (a->type)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, a->type);
	if (a->modified[0])
		MHD_add_response_header(response, MHD_HTTP_HEADER_LAST_MODIFIED, a->modified);
	if (a->location)
		MHD_add_response_header(response, MHD_HTTP_HEADER_LOCATION, a->location);
	if (a->status == 405)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	add_range(response, a);
	return response;
}

static void make_answer(const hf_http *h, struct MHD_Connection *c, const char *method,
			const char *url, hf_answer *a)
{
	hf_request request = {
		.path = url,
		.range = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Range"),
		.if_range = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "If-Range"),
		.if_modified_since = MHD_lookup_connection_value(c, MHD_HEADER_KIND,
								 "If-Modified-Since"),
	};

	if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
		hf_answer_make(h->root, &request, a);
	else
		*a = (hf_answer){ .status = 405, .fd = -1 };
}

/* Called when the head of a request is there, after each piece of its body, and at its end. */
/* Shape: MHD_AccessHandlerCallback. */
static enum MHD_Result on_request(void *ctx, struct MHD_Connection *c, const char *url,
				  const char *method, const char *version, const char *upload,
				  size_t *upload_len, void **state)
{
	hf_http *h = ctx;
	struct MHD_Response *response;
	enum MHD_Result result;
	hf_answer answer;

	(void)version;
	(void)upload;
	if (!*state || *upload_len > 0) {
		*state = h;
		*upload_len = 0;
		return MHD_YES;
	}
	make_answer(h, c, method, url, &answer);
	h->requests++;
	log_answer(h, c, method, url, &answer);
	response = make_response(&answer);
	result = response ? MHD_queue_response(c, answer.status, response) : MHD_NO;
	if (response)
		MHD_destroy_response(response);
	hf_answer_free(&answer);
	return result;
}

/* Keeps the peer's endpoint as text with each connection. */
static void on_connection(void *ctx, struct MHD_Connection *c, void **context,
			  enum MHD_ConnectionNotificationCode what)
{
	const hf_http *h = ctx;

	(void)c;
	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		free(*context);
		*context = NULL;
		return;
	}
	*context = h->arriving ? malloc(HF_ENDPOINT_TEXT) : NULL;
	if (*context)
		hf_endpoint_format(h->arriving, *context);
}

bool hf_http_new(int root, hf_poller *poller, bool is_quiet, hf_http **out, hf_io_error *error)
{
	hf_watch_options watch = { .events = EPOLLIN, .fn = on_ready };
	hf_http *h = calloc(1, sizeof(*h));
	const union MHD_DaemonInfo *info;

	if (!h)
		return hf_io_fail(error, ENOMEM, "no memory for the HTTP server");
	h->root = root;
	h->is_quiet = is_quiet;
	h->poller = poller;
	h->alarm = (hf_alarm){ .fn = on_alarm, .ctx = h };
	watch.ctx = h;
	h->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL,
				     on_request, h, MHD_OPTION_NOTIFY_CONNECTION, on_connection, h,
				     MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,
				     MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS, MHD_OPTION_END);
	info = h->daemon ? MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
	if (!info) {
		hf_http_free(h);
		return hf_io_fail(error, 0, "libmicrohttpd does not start");
	}
	watch.fd = info->epoll_fd;
	if (!hf_watch_new(poller, &watch, &h->watch, error)) {
		hf_http_free(h);
		return false;
	}
	*out = h;
	return true;
}

void hf_http_free(hf_http *h)
{
	if (!h)
		return;
	hf_watch_end(h->watch);
	hf_alarm_clear(h->poller, &h->alarm);
	if (h->daemon)
		MHD_stop_daemon(h->daemon);
	free(h);
}

void hf_http_add(hf_http *h, int fd, const hf_endpoint *peer)
{
	struct sockaddr_un none = { .sun_family = AF_UNIX };

	h->arriving = peer;
	/* On failure the library closes the descriptor, and the pump then closes the connection. */
	(void)MHD_add_connection(h->daemon, fd, (const struct sockaddr *)&none,
				 sizeof(sa_family_t));
	h->arriving = NULL;
	run(h);
}

uint64_t hf_http_requests(const hf_http *h)
{
	return h->requests;
}
