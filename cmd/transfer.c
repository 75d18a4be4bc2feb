/* SPDX-License-Identifier: BSD-2-Clause */
/* A download by libcurl over connections of our own. */
/*
 * Theory of operation
 * -------------------
 * The first connection is dialled before libcurl starts: so every address of the server is tried in
 * order, with our own words for what goes wrong. Then libcurl is pinned to the address that
 * answered and asks for a socket; it gets a local one with a local address to connect it to, where
 * a pump joins it with the connection. Further connections (redirections) are opened when libcurl
 * asks for them.
 */
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/curl_drive.h"
#include "cmd/dial.h"
#include "cmd/handover.h"
#include "cmd/partfile.h"
#include "cmd/progress.h"
#include "cmd/say.h"
#include "cmd/transfer.h"
#include "io/clock.h"
#include "observe/words.h"

typedef struct transfer {
	const hf_transfer_settings *settings;
	hf_place place;
	hf_wire wire;
	hf_dial dial;
	hf_handover *handover; /* of the latest connection that libcurl asked for */
	hf_curl_drive drive;
	CURL *easy;
	char trouble[CURL_ERROR_SIZE]; /* in libcurl's words */
	struct curl_slist *pinned;
	hf_conn ready; /* dialled, waiting for libcurl to ask */
	hf_endpoint ready_peer;
	bool is_ready;
	hf_reason why; /* how the latest connection that broke ended */
	hf_partfile file;
	int write_error; /* errno */
	hf_progress progress;
	hf_time start;
	hf_exit code;
} transfer;

static void finish(transfer *t, hf_exit code)
{
	t->code = code;
	hf_loop_stop(t->wire.loop);
}

/* ---- What libcurl calls ---- */

static size_t on_data(char *data, size_t one, size_t len, void *ctx)
{
	transfer *t = ctx;

	if (hf_partfile_write(&t->file, data, one * len))
		return len;
	t->write_error = errno;
	return 0;
}

static int on_progress(void *ctx, curl_off_t total, curl_off_t done, curl_off_t up_total,
		       curl_off_t up_done)
{
	transfer *t = ctx;

	(void)up_total;
	(void)up_done;
	hf_progress_show(&t->progress, (uint64_t)done, total > 0 ? (uint64_t)total : 0,
			 hf_poller_now(t->wire.poller));
	return 0;
}

static void on_pump_end(void *ctx, const hf_pump_end *end)
{
	transfer *t = ctx;

	if (hf_exit_of_reason(end->reason) != HF_EXIT_OK)
		t->why = end->reason;
}

/* The connection that was dialled, if it leads there, or a new one. */
static bool take_connection(transfer *t, const hf_endpoint *peer, hf_conn *out)
{
	if (t->is_ready && hf_addr_equal(&peer->addr, &t->ready_peer.addr) &&
	    peer->port == t->ready_peer.port) {
		*out = t->ready;
		t->is_ready = false;
		return true;
	}
	return hf_conn_open(t->wire.stack, peer, NULL, hf_clock_now(), out) == HF_OK;
}

/* libcurl asks for a socket and will connect it: it gets a local one, and a local address. */
static curl_socket_t on_open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *to)
{
	transfer *t = ctx;
	hf_pump_options options = { .done = on_pump_end, .ctx = t };
	hf_handover *handover;
	hf_local_name name;
	hf_endpoint peer;
	hf_io_error error;

	(void)purpose;
	if (!hf_endpoint_of_sockaddr(&to->addr, &peer) || !take_connection(t, &peer, &options.conn))
		return CURL_SOCKET_BAD;
	if (!hf_handover_new(&t->wire, &options, &name, &handover, &error)) {
		hf_say("%s", error.text);
		hf_conn_abort(t->wire.stack, options.conn);
		return CURL_SOCKET_BAD;
	}
	hf_handover_free(t->handover);
	t->handover = handover;
	to->family = AF_UNIX;
	to->protocol = 0;
	to->addr = name.addr;
	to->addrlen = name.len;
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

/* ---- The end ---- */

static hf_exit code_of_result(CURLcode result)
{
	switch (result) {
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
		return HF_EXIT_SILENT;
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_URL_MALFORMAT:
		return HF_EXIT_USAGE;
	case CURLE_OUT_OF_MEMORY:
	case CURLE_SSL_CACERT_BADFILE:
		return HF_EXIT_LOCAL;
	default:
		/* All others are about what the server did. */
		return HF_EXIT_REFUSED;
	}
}

static hf_exit say_result(const transfer *t, CURLcode result)
{
	long status = 0;

	if (result == CURLE_WRITE_ERROR && t->write_error) {
		errno = t->write_error;
		return hf_say_errno("cannot write to %s",
				    t->file.path ? t->file.path : "the standard output");
	}
	if (result == CURLE_HTTP_RETURNED_ERROR) {
		curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
		hf_say("the server answered %ld", status);
		return HF_EXIT_REFUSED;
	}
	if (t->why != HF_WHY_NONE) {
		hf_say("the connection broke: %s", hf_reason_text(t->why));
		return hf_exit_of_reason(t->why);
	}
	hf_say("%s", t->trouble[0] ? t->trouble : curl_easy_strerror(result));
	return code_of_result(result);
}

static void say_success(const transfer *t)
{
	curl_off_t octets = 0;
	hf_ns span = hf_time_diff(hf_clock_now(), t->start);
	char buffer[120];
	hf_text line = hf_text_in(buffer, sizeof(buffer));

	if (t->settings->wire.quiet || !t->file.path)
		return;
	curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &octets);
	hf_words_octets(&line, (uint64_t)octets);
	hf_text_add(&line, " in ");
	hf_words_span(&line, span);
	hf_text_add(&line, ", ");
	hf_words_rate(&line, (uint64_t)octets, span);
	hf_say("%s: %s", t->file.path, buffer);
}

static void on_done(void *ctx, CURLcode result)
{
	transfer *t = ctx;

	hf_progress_clear(&t->progress);
	if (result != CURLE_OK) {
		finish(t, say_result(t, result));
	} else if (!hf_partfile_commit(&t->file)) {
		finish(t, hf_say_errno("cannot write to %s", t->settings->output));
	} else {
		say_success(t);
		finish(t, HF_EXIT_OK);
	}
}

/* ---- The beginning ---- */

/* Leads the name to the address that answered. A numeric address needs no help. */
static bool pin(transfer *t, const hf_endpoint *peer)
{
	bool is_v4 = hf_addr_is_v4(&peer->addr);
	char address[HF_ADDR_TEXT], *line;
	hf_addr ignored;

	if (hf_addr_parse(t->place.host, &ignored))
		return true;
	hf_addr_format(&peer->addr, address);
	if (asprintf(&line, "%s:%s:%s%s%s", t->place.host, t->place.port, is_v4 ? "" : "[", address,
		     is_v4 ? "" : "]") < 0)
		return false;
	t->pinned = curl_slist_append(NULL, line);
	free(line);
	return t->pinned && curl_easy_setopt(t->easy, CURLOPT_RESOLVE, t->pinned) == CURLE_OK;
}

static bool set_numbers(transfer *t)
{
	const hf_transfer_settings *s = t->settings;
	const struct {
		CURLoption option;
		long value;
	} numbers[] = {
		{ CURLOPT_NOSIGNAL, 1 },
		{ CURLOPT_FAILONERROR, 1 },
		{ CURLOPT_IPRESOLVE, s->only4 ? CURL_IPRESOLVE_V4 :
				     s->only6 ? CURL_IPRESOLVE_V6 :
						CURL_IPRESOLVE_WHATEVER },
		{ CURLOPT_FOLLOWLOCATION, s->location },
		{ CURLOPT_MAXREDIRS, 20 },
		{ CURLOPT_SSL_VERIFYPEER, !s->insecure },
		{ CURLOPT_SSL_VERIFYHOST, s->insecure ? 0 : 2 },
		{ CURLOPT_BUFFERSIZE, 512 * 1024 },
		{ CURLOPT_NOPROGRESS, 0 },
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (curl_easy_setopt(t->easy, numbers[i].option, numbers[i].value) != CURLE_OK)
			return false;
	}
	return true;
}

static bool set_strings(transfer *t)
{
	const struct {
		CURLoption option;
		const char *value;
	} strings[] = {
		{ CURLOPT_URL, t->place.url },
		{ CURLOPT_PROTOCOLS_STR, "http,https" },
		{ CURLOPT_REDIR_PROTOCOLS_STR, "http,https" },
		/* A proxy of the environment is reached by another TCP than ours. */
		{ CURLOPT_PROXY, "" },
		{ CURLOPT_USERAGENT, "handfast/" HF_VERSION },
		{ CURLOPT_CAINFO, t->settings->cacert },
	};

	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		if (strings[i].value &&
		    curl_easy_setopt(t->easy, strings[i].option, strings[i].value) != CURLE_OK)
			return false;
	}
	return true;
}

static bool set_callbacks(transfer *t)
{
	CURL *e = t->easy;

	return !curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_data) &&
	       !curl_easy_setopt(e, CURLOPT_WRITEDATA, t) &&
	       !curl_easy_setopt(e, CURLOPT_XFERINFOFUNCTION, on_progress) &&
	       !curl_easy_setopt(e, CURLOPT_XFERINFODATA, t) &&
	       !curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->trouble) &&
	       !curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, on_open_socket) &&
	       !curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, t);
}

static void on_dialled(void *ctx, hf_exit code, hf_conn conn)
{
	transfer *t = ctx;

	if (code != HF_EXIT_OK) {
		finish(t, code);
		return;
	}
	t->ready = conn;
	t->ready_peer = t->dial.peers.at[t->dial.next - 1];
	t->is_ready = true;
	t->drive.done = on_done;
	t->drive.ctx = t;
	hf_progress_start(&t->progress, t->file.path && !t->settings->wire.quiet, hf_clock_now());
	if (pin(t, &t->ready_peer) && set_numbers(t) && set_strings(t) && set_callbacks(t) &&
	    hf_curl_drive_start(&t->drive, t->wire.poller, t->easy))
		return;
	hf_say("libcurl does not start");
	finish(t, HF_EXIT_LOCAL);
}

static void on_event(void *ctx, const hf_event *event)
{
	transfer *t = ctx;

	hf_dial_event(&t->dial, event);
}

static hf_exit run_on_wire(transfer *t)
{
	hf_exit code;

	t->wire.on_event = on_event;
	t->wire.ctx = t;
	t->start = hf_clock_now();
	t->dial.wire = &t->wire;
	t->dial.timeout = t->settings->timeout;
	t->dial.done = on_dialled;
	t->dial.ctx = t;
	hf_dial_start(&t->dial);
	code = t->code == HF_EXIT_OK ? hf_wire_run(&t->wire) : t->code;
	if (code == HF_EXIT_OK)
		code = t->code;
	hf_progress_clear(&t->progress);
	if (hf_wire_is_interrupted(&t->wire))
		code = HF_EXIT_INTERRUPTED;
	hf_dial_stop(&t->dial);
	hf_curl_drive_stop(&t->drive, t->easy);
	hf_handover_free(t->handover);
	if (t->is_ready)
		hf_conn_abort(t->wire.stack, t->ready);
	return code;
}

static hf_exit open_and_run(transfer *t, const char *output)
{
	/* First the wire, which takes the signals: no file is left behind whenever one comes. */
	hf_exit code = hf_wire_open(&t->settings->wire, &t->wire);

	if (code != HF_EXIT_OK)
		return code;
	if (hf_partfile_open(&t->file, output))
		code = run_on_wire(t);
	else
		code = hf_say_errno("cannot write to %s", output);
	code = hf_wire_close(&t->wire, code);
	hf_partfile_discard(&t->file);
	return code;
}

hf_exit hf_transfer_run(const hf_transfer_settings *settings, const char *url)
{
	transfer t = { .settings = settings, .file = { .fd = -1 } };
	int family = settings->only4 ? AF_INET : settings->only6 ? AF_INET6 : AF_UNSPEC;
	const char *output = settings->output;
	hf_exit code = HF_EXIT_USAGE;

	if (!hf_place_read(url, &t.place)) {
		hf_say("'%s' is not an http or https URL", url);
		return HF_EXIT_USAGE;
	}
	if (!output && settings->remote_name)
		output = t.place.name;
	if (settings->remote_name && !output)
		hf_say("the URL has no file name: use --output");
	else
		code = hf_resolve(t.place.host, t.place.port, family, &t.dial.peers);
	t.easy = code == HF_EXIT_OK ? curl_easy_init() : NULL;
	if (t.easy) {
		code = open_and_run(&t, output);
	} else if (code == HF_EXIT_OK) {
		hf_say("libcurl does not start");
		code = HF_EXIT_LOCAL;
	}
	curl_easy_cleanup(t.easy);
	curl_slist_free_all(t.pinned);
	hf_place_free(&t.place);
	return code;
}
