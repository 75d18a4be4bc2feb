/* SPDX-License-Identifier: BSD-2-Clause */
/* `handfast get`: a download by libcurl over connections of our own. */
#include "cmd/say.h"
#include "cmd/transfer.h"

#ifdef HF_HAVE_CURL

static hf_exit get_run(const void *settings, hf_operands operands)
{
	return hf_transfer_run(settings, operands.at[0]);
}

#else

static hf_exit get_run(const void *settings, hf_operands operands)
{
	(void)settings;
	(void)operands;
	hf_say("built without libcurl; install libcurl4-openssl-dev and build again");
	return HF_EXIT_LOCAL;
}

#endif

static void set_defaults(void *settings)
{
	hf_wire_default(&((hf_transfer_settings *)settings)->wire);
}

static const hf_cmd_option options[] = {
	{ .name = "output",
	  .letter = 'o',
	  .kind = HF_VALUE_STRING,
	  .argument = "FILE",
	  .help = "Write to FILE, which appears when it is complete (standard output).",
	  .at = offsetof(hf_transfer_settings, output) },
	{ .name = "remote-name",
	  .letter = 'O',
	  .help = "Write to a file in this directory, named as in the URL.",
	  .at = offsetof(hf_transfer_settings, remote_name) },
	{ .name = "location",
	  .letter = 'L',
	  .help = "Follow redirections.",
	  .at = offsetof(hf_transfer_settings, location) },
	{ .name = "cacert",
	  .kind = HF_VALUE_STRING,
	  .argument = "FILE",
	  .help = "Trust the certificates in FILE instead of the system's.",
	  .at = offsetof(hf_transfer_settings, cacert) },
	{ .name = "insecure",
	  .help = "Do not verify the server's certificate.",
	  .at = offsetof(hf_transfer_settings, insecure) },
	{ .name = "timeout",
	  .letter = 'w',
	  .kind = HF_VALUE_DURATION,
	  .argument = "TIME",
	  .help = "Give up on an address whose handshake takes longer (about four minutes).",
	  .at = offsetof(hf_transfer_settings, timeout) },
	{ .name = "ipv4",
	  .letter = '4',
	  .help = "Use only IPv4 addresses of the server.",
	  .at = offsetof(hf_transfer_settings, only4) },
	{ .name = "ipv6",
	  .letter = '6',
	  .help = "Use only IPv6 addresses of the server.",
	  .at = offsetof(hf_transfer_settings, only6) },
	{ 0 },
};

static const hf_cmd_group groups[] = {
	{ .title = "Options", .options = options },
	{ .title = "Options on the wire",
	  .options = hf_wire_options,
	  .at = offsetof(hf_transfer_settings, wire),
	  .is_shared = true },
	{ 0 },
};

static const char *const text[] = {
	"Downloads URL (http or https) over a TCP connection of Handfast's. A file gets its name "
	"when it is complete; what is broken off leaves nothing behind. An answer of 400 or more "
	"is a failure.",
	"The server must be reachable through the TUN device: this machine at the kernel's address "
	"of it, or others by way of routing.",
	NULL,
};

static const hf_cmd_example examples[] = {
	{ "handfast get http://10.77.0.1/ --ladder",
	  "Get a page from a server on this machine and watch the handshake." },
	{ "handfast get -O http://10.77.0.1/big.iso", "Download a file under its own name." },
	{ 0 },
};

const hf_cmd hf_cmd_get = {
	.name = "get",
	.operands = "URL",
	.min_operands = 1,
	.max_operands = 1,
	.missing = "URL is missing: what is to be downloaded?",
	.summary = "download a URL",
	.text = text,
	.groups = groups,
	.examples = examples,
	.settings_size = sizeof(hf_transfer_settings),
	.set_defaults = set_defaults,
	.run = get_run,
};
