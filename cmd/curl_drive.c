/* SPDX-License-Identifier: BSD-2-Clause */
/* Watches and one alarm for libcurl: it says which descriptors and what time it waits for. */
#include <stdlib.h>

#include "cmd/curl_drive.h"

/* One descriptor that libcurl waits for. */
typedef struct curl_fd {
	hf_curl_drive *drive;
	int fd;
	hf_watch *watch;
} curl_fd;

static void tell_done(hf_curl_drive *d)
{
	CURLMsg *message;
	int left;

	while (d->multi && (message = curl_multi_info_read(d->multi, &left))) {
		if (message->msg == CURLMSG_DONE)
			d->done(d->ctx, message->data.result);
	}
}

static void act(hf_curl_drive *d, curl_socket_t fd, int what)
{
	int running;

	curl_multi_socket_action(d->multi, fd, what, &running);
	tell_done(d);
}

static void on_ready(void *ctx, uint32_t events)
{
	/* libcurl may free `f` in the call. */
	const curl_fd *f = ctx;
	int what = (events & (EPOLLIN | EPOLLHUP | EPOLLRDHUP) ? CURL_CSELECT_IN : 0) |
		   (events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
		   (events & EPOLLERR ? CURL_CSELECT_ERR : 0);

	act(f->drive, f->fd, what);
}

static void on_alarm(void *ctx, hf_time now)
{
	(void)now;
	act(ctx, CURL_SOCKET_TIMEOUT, 0);
}

static int on_timer(CURLM *multi, long wait_ms, void *ctx)
{
	hf_curl_drive *d = ctx;

	(void)multi;
	if (wait_ms < 0)
		hf_alarm_clear(d->poller, &d->alarm);
	else
		hf_alarm_set(d->poller, &d->alarm,
			     hf_time_add(hf_poller_now(d->poller), HF_MS(wait_ms)));
	return 0;
}

static void forget(hf_curl_drive *d, curl_fd *f)
{
	curl_multi_assign(d->multi, f->fd, NULL);
	hf_watch_end(f->watch);
	free(f);
}

static curl_fd *remember(hf_curl_drive *d, curl_socket_t fd, uint32_t events)
{
	hf_watch_options options = { .fd = fd, .events = events, .fn = on_ready };
	curl_fd *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	*f = (curl_fd){ .drive = d, .fd = fd };
	options.ctx = f;
	if (hf_watch_new(d->poller, &options, &f->watch, NULL) &&
	    curl_multi_assign(d->multi, fd, f) == CURLM_OK)
		return f;
	hf_watch_end(f->watch);
	free(f);
	return NULL;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *fd_ctx)
{
	uint32_t events = (what & CURL_POLL_IN ? EPOLLIN : 0u) |
			  (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
	hf_curl_drive *d = ctx;
	curl_fd *f = fd_ctx;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (f)
			forget(d, f);
		return 0;
	}
	if (f) {
		hf_watch_set(f->watch, events);
		return 0;
	}
	return remember(d, fd, events) ? 0 : -1;
}

bool hf_curl_drive_start(hf_curl_drive *d, hf_poller *poller, CURL *easy)
{
	d->poller = poller;
	d->alarm = (hf_alarm){ .fn = on_alarm, .ctx = d };
	d->multi = curl_multi_init();
	return d->multi && curl_multi_setopt(d->multi, CURLMOPT_SOCKETFUNCTION, on_socket) == 0 &&
	       curl_multi_setopt(d->multi, CURLMOPT_SOCKETDATA, d) == 0 &&
	       curl_multi_setopt(d->multi, CURLMOPT_TIMERFUNCTION, on_timer) == 0 &&
	       curl_multi_setopt(d->multi, CURLMOPT_TIMERDATA, d) == 0 &&
	       curl_multi_add_handle(d->multi, easy) == 0;
}

void hf_curl_drive_stop(hf_curl_drive *d, CURL *easy)
{
	CURLM *multi = d->multi;

	if (!multi)
		return;
	curl_multi_remove_handle(multi, easy);
	curl_multi_cleanup(multi);
	hf_alarm_clear(d->poller, &d->alarm);
	d->multi = NULL;
}
