/* SPDX-License-Identifier: BSD-2-Clause */
/* `handfast connect`: joins standard input and output with a connection, opened or waited for. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cmd/dial.h"
#include "cmd/say.h"

typedef struct connect_settings {
	uint16_t listen;
	bool keep, only4, only6;
	hf_ns timeout;
	hf_wire_settings wire;
} connect_settings;

typedef struct talk {
	const connect_settings *settings;
	hf_wire wire;
	hf_dial dial;
	hf_listener listener;
	hf_pump *pump; /* NULL: nobody is talked to */
	hf_alarm next; /* --keep: time for the next one */
	hf_exit code;
} talk;

static void finish(talk *t, hf_exit code)
{
	t->code = code;
	hf_loop_stop(t->wire.loop);
}

static void say_connected(const talk *t, hf_conn conn)
{
	char local[HF_ENDPOINT_TEXT], remote[HF_ENDPOINT_TEXT];
	hf_conn_info info;

	if (!t->settings->wire.verbose || hf_conn_info_get(t->wire.stack, conn, &info) != HF_OK)
		return;
	hf_say("connected: %s to %s, mss %u%s%s%s", hf_endpoint_format(&info.local, local),
	       hf_endpoint_format(&info.remote, remote), info.snd_mss, info.sack ? ", sack" : "",
	       info.timestamps ? ", timestamps" : "",
	       info.window_scaling ? ", window scaling" : "");
}

static hf_exit code_of_end(const hf_pump_end *end)
{
	if (end->fd_error) {
		errno = end->fd_error;
		return hf_say_errno(end->at_in ? "cannot read the standard input" :
						 "cannot write to the standard output");
	}
	if (hf_exit_of_reason(end->reason) != HF_EXIT_OK)
		hf_say("the connection broke: %s", hf_reason_text(end->reason));
	return hf_exit_of_reason(end->reason);
}

static void on_end(void *ctx, const hf_pump_end *end)
{
	talk *t = ctx;
	hf_exit code = code_of_end(end);

	t->pump = NULL;
	if (t->settings->wire.verbose)
		hf_say("ended: %s; %llu octets sent, %llu received", hf_reason_text(end->reason),
		       (unsigned long long)end->sent, (unsigned long long)end->received);
	if (t->settings->keep && !end->fd_error)
		hf_alarm_set(t->wire.poller, &t->next, hf_poller_now(t->wire.poller));
	else
		finish(t, code);
}

/* Takes the connection: joined with the standard streams, or aborted. */
static void talk_on(talk *t, hf_conn conn)
{
	hf_pump_options options = { .conn = conn, .done = on_end, .ctx = t };
	hf_io_error error;

	options.in = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	options.out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	say_connected(t, conn);
	if (options.in >= 0 && options.out >= 0 &&
	    hf_pump_new(t->wire.bridge, &options, &t->pump, &error))
		return;
	if (options.in < 0 || options.out < 0)
		hf_say("standard input and output must be open");
	else
		hf_say("%s", error.text);
	hf_conn_abort(t->wire.stack, conn);
	finish(t, HF_EXIT_LOCAL);
}

static void on_dialled(void *ctx, hf_exit code, hf_conn conn)
{
	talk *t = ctx;

	if (code == HF_EXIT_OK)
		talk_on(t, conn);
	else
		finish(t, code);
}

/* One conversation at a time: with --keep the next one waits in the listener's queue. */
static void accept_one(talk *t)
{
	hf_conn conn;

	if (t->pump || hf_listener_accept(t->wire.stack, t->listener, &conn) != HF_OK)
		return;
	if (!t->settings->keep)
		hf_listener_close(t->wire.stack, t->listener);
	talk_on(t, conn);
}

static void on_next(void *ctx, hf_time now)
{
	(void)now;
	accept_one(ctx);
}

static void on_event(void *ctx, const hf_event *event)
{
	talk *t = ctx;

	if (event->bits & HF_EVENT_ACCEPTABLE)
		accept_one(t);
	else
		hf_dial_event(&t->dial, event);
}

static bool start_listening(talk *t)
{
	hf_listener_options options = hf_wire_listening(&t->settings->wire);
	hf_endpoint local = { .port = t->settings->listen };
	hf_err err = hf_listener_open(t->wire.stack, &local, &options, &t->listener);

	if (err == HF_OK) {
		if (!t->settings->wire.quiet)
			hf_say("listening on port %u", local.port);
		return true;
	}
	hf_say("cannot listen on port %u: %s", local.port, hf_err_text(err));
	return false;
}

static hf_exit run_talk(talk *t)
{
	hf_exit code;

	t->wire.on_event = on_event;
	t->wire.ctx = t;
	t->next = (hf_alarm){ .fn = on_next, .ctx = t };
	t->dial.wire = &t->wire;
	t->dial.done = on_dialled;
	t->dial.ctx = t;
	t->dial.timeout = t->settings->timeout;
	if (t->settings->listen && !start_listening(t))
		return HF_EXIT_LOCAL;
	if (!t->settings->listen)
		hf_dial_start(&t->dial);
	code = t->code == HF_EXIT_OK ? hf_wire_run(&t->wire) : t->code;
	if (code == HF_EXIT_OK)
		code = t->code;
	if (hf_wire_is_interrupted(&t->wire))
		code = HF_EXIT_INTERRUPTED;
	hf_dial_stop(&t->dial);
	hf_alarm_clear(t->wire.poller, &t->next);
	return code;
}

static hf_exit connect_run(const void *settings, hf_operands operands)
{
	const connect_settings *s = settings;
	talk t = { .settings = s };
	int family = s->only4 ? AF_INET : s->only6 ? AF_INET6 : AF_UNSPEC;
	hf_exit code = HF_EXIT_OK;

	if (s->listen && operands.count > 0)
		hf_say("with --listen there is no HOST (see handfast connect --help)");
	else if (!s->listen && operands.count < 2)
		hf_say("HOST and PORT are missing (see handfast connect --help)");
	if (s->listen ? operands.count > 0 : operands.count < 2)
		return HF_EXIT_USAGE;
	if (!s->listen)
		code = hf_resolve(operands.at[0], operands.at[1], family, &t.dial.peers);
	if (code == HF_EXIT_OK)
		code = hf_wire_open(&s->wire, &t.wire);
	if (code != HF_EXIT_OK)
		return code;
	return hf_wire_close(&t.wire, run_talk(&t));
}

static void set_defaults(void *settings)
{
	hf_wire_default(&((connect_settings *)settings)->wire);
}

static const hf_cmd_option options[] = {
	{ .name = "listen",
	  .letter = 'l',
	  .kind = HF_VALUE_PORT,
	  .argument = "PORT",
	  .help = "Wait for a connection on this port instead of opening one.",
	  .at = offsetof(connect_settings, listen) },
	{ .name = "keep",
	  .letter = 'k',
	  .help = "With --listen: when a connection has ended, wait for the next one.",
	  .at = offsetof(connect_settings, keep) },
	{ .name = "timeout",
	  .letter = 'w',
	  .kind = HF_VALUE_DURATION,
	  .argument = "TIME",
	  .help = "Give up on an address whose handshake takes longer (about four minutes).",
	  .at = offsetof(connect_settings, timeout) },
	{ .name = "ipv4",
	  .letter = '4',
	  .help = "Use only IPv4 addresses of HOST.",
	  .at = offsetof(connect_settings, only4) },
	{ .name = "ipv6",
	  .letter = '6',
	  .help = "Use only IPv6 addresses of HOST.",
	  .at = offsetof(connect_settings, only6) },
	{ 0 },
};

static const hf_cmd_group groups[] = {
	{ .title = "Options", .options = options },
	{ .title = "Options on the wire",
	  .options = hf_wire_options,
	  .at = offsetof(connect_settings, wire),
	  .is_shared = true },
	{ 0 },
};

static const char *const text[] = {
	"Opens a TCP connection to HOST and PORT, sends what comes from the standard input and "
	"writes what arrives to the standard output. At the end of the input the sending side is "
	"closed, and the other direction goes on until the other end closes it too.",
	"The addresses of HOST are tried one after the other. HOST must be reachable through the "
	"TUN device: this machine at the kernel's address of it, or others by way of routing.",
	NULL,
};

static const hf_cmd_example examples[] = {
	{ "handfast connect 10.77.0.1 9000 <file", "Send a file to a program on this machine." },
	{ "handfast connect --listen 9000 --ladder >file",
	  "Wait for a connection, keep what it sends, and draw its ladder." },
	{ 0 },
};

const hf_cmd hf_cmd_connect = {
	.name = "connect",
	.operands = "HOST PORT",
	.max_operands = 2,
	.summary = "join standard input and output with a connection, as nc does",
	.text = text,
	.groups = groups,
	.examples = examples,
	.settings_size = sizeof(connect_settings),
	.set_defaults = set_defaults,
	.run = connect_run,
};
