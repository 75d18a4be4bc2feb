/* SPDX-License-Identifier: BSD-2-Clause */
/* `handfast serve`: the files of a directory by HTTP/1.1. */
#include <sys/resource.h>
#include <unistd.h>

#include "cmd/say.h"
#include "cmd/wire.h"

typedef struct serve_settings {
	uint16_t port;
	hf_wire_settings wire;
} serve_settings;

#ifdef HF_HAVE_MICROHTTPD

#include "cmd/answer.h"
#include "cmd/resolve.h"
#include "cmd/site.h"

/* Every client takes two descriptors of the socket pair and one of the file. */
static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static void say_where(const hf_wire *w, const char *directory, uint16_t port)
{
	char text[HF_ENDPOINT_TEXT];

	for (unsigned i = 0; i < w->address.count && !w->settings->quiet; i++) {
		hf_endpoint e = { w->address.at[i].addr, port };

		hf_say("%s is at http://%s/", directory, hf_endpoint_format(&e, text));
	}
}

static hf_exit serve_on_wire(const serve_settings *s, const char *directory, int root)
{
	hf_site *site = NULL;
	hf_wire wire;
	hf_exit code = hf_wire_open(&s->wire, &wire);

	if (code != HF_EXIT_OK)
		return code;
	code = hf_site_new(&wire, root, s->port, &site);
	if (code == HF_EXIT_OK) {
		say_where(&wire, directory, s->port);
		code = hf_wire_run(&wire);
		if (s->wire.verbose)
			hf_say("stopped after %llu requests",
			       (unsigned long long)hf_site_requests(site));
	}
	hf_site_free(site);
	return hf_wire_close(&wire, code);
}

static hf_exit serve_run(const void *settings, hf_operands operands)
{
	int root = hf_answer_root(operands.at[0]);
	hf_exit code;

	if (root < 0)
		return hf_say_errno("cannot serve '%s'", operands.at[0]);
	raise_file_limit();
	code = serve_on_wire(settings, operands.at[0], root);
	close(root);
	return code;
}

#else

static hf_exit serve_run(const void *settings, hf_operands operands)
{
	(void)settings;
	(void)operands;
	hf_say("built without libmicrohttpd; install libmicrohttpd-dev and build again");
	return HF_EXIT_LOCAL;
}

#endif

static void set_defaults(void *settings)
{
	serve_settings *s = settings;

	s->port = 80;
	hf_wire_default(&s->wire);
}

static const hf_cmd_option options[] = {
	{ .name = "port",
	  .letter = 'p',
	  .kind = HF_VALUE_PORT,
	  .argument = "PORT",
	  .help = "Listen on this port (80).",
	  .at = offsetof(serve_settings, port) },
	{ .name = "syn-cookies",
	  .kind = HF_VALUE_STRING,
	  .argument = "WHEN",
	  .help = "Answer SYNs by cookies, without a record: off, always, or full (the default): "
		  "when the table of half-open connections is full.",
	  .at = offsetof(serve_settings, wire.syn_cookies) },
	{ .name = "stealth",
	  .help = "Answer nothing but what is for the port: no resets from other ports, no pings.",
	  .at = offsetof(serve_settings, wire.stealth) },
	{ 0 },
};

static const hf_cmd_group groups[] = {
	{ .title = "Options", .options = options },
	{ .title = "Options on the wire",
	  .options = hf_wire_options,
	  .at = offsetof(serve_settings, wire),
	  .is_shared = true },
	{ 0 },
};

static const char *const text[] = {
	"Serves the files beneath DIR by HTTP/1.1 until it is stopped: GET and HEAD, ranges, "
	"If-Modified-Since, index.html or a list for directories. Nothing outside DIR is ever "
	"opened, whatever links or paths say.",
	"Handfast is a host of its own: no port of this machine is taken, and clients reach it at "
	"the addresses that it prints.",
	NULL,
};

static const hf_cmd_example examples[] = {
	{ "handfast serve /srv/www --ladder",
	  "Serve a directory and watch the handshakes; then, elsewhere: curl http://10.77.0.2/" },
	{ "handfast serve . --address 10.9.0.2/24 --pcap web.pcapng",
	  "Serve at another address and record everything for Wireshark." },
	{ 0 },
};

const hf_cmd hf_cmd_serve = {
	.name = "serve",
	.operands = "DIR",
	.min_operands = 1,
	.max_operands = 1,
	.missing = "DIR is missing: which directory is to be served?",
	.summary = "serve the files of a directory by HTTP",
	.text = text,
	.groups = groups,
	.examples = examples,
	.settings_size = sizeof(serve_settings),
	.set_defaults = set_defaults,
	.run = serve_run,
};
