/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening and closing what a command on the wire holds: device, stack, poller, loop, watchers. */
#include <handfast/heap.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/say.h"
#include "cmd/watchers.h"
#include "cmd/wire.h"
#include "io/clock.h"
#include "io/random.h"

#define FAST_OPEN_PENDING 64 /* connections with the SYN's text that wait for the handshake */
#define DRAIN HF_SEC(2)      /* how long connections may take to finish when a command is done */

const hf_cmd_option hf_wire_options[] = {
	{ .name = "tun",
	  .kind = HF_VALUE_STRING,
	  .argument = "NAME",
	  .help = "Name of the TUN device that is made (hf%d: the first free number).",
	  .at = offsetof(hf_wire_settings, tun) },
	{ .name = "address",
	  .letter = 'a',
	  .kind = HF_VALUE_HOST_ADDRS,
	  .argument = "ADDR/PREFIX",
	  .help = "Handfast's own address; may be repeated (10.77.0.2/24 and fd77::2/64). The "
		  "kernel gets the first address of the same network.",
	  .at = offsetof(hf_wire_settings, address) },
	{ .name = "netns",
	  .kind = HF_VALUE_STRING,
	  .argument = "NAME",
	  .help = "Make the device in this network namespace: a name of `ip netns`, or a path.",
	  .at = offsetof(hf_wire_settings, netns) },
	{ .name = "mtu",
	  .kind = HF_VALUE_UNSIGNED,
	  .argument = "OCTETS",
	  .help = "Largest packet on the device (1500).",
	  .at = offsetof(hf_wire_settings, mtu),
	  .min = 1280,
	  .max = 65535 },
	{ .name = "no-offload",
	  .help = "Send and receive plain packets: no checksum and segmentation offload.",
	  .at = offsetof(hf_wire_settings, no_offload) },
	{ .name = "ao-key-file",
	  .kind = HF_VALUE_STRING,
	  .argument = "FILE",
	  .help = "Keys for TCP-AO (RFC 5925), one a line: peer=ADDRESS[/BITS]|any send=KEYID "
		  "receive=KEYID and secret=TEXT or secret-hex=OCTETS; and, as needed, "
		  "algorithm=NAME (hmac-sha-1, aes-128-cmac, hmac-sha-256, hmac-sha-384, "
		  "hmac-sha-512), mac-octets=N, options=omitted, port=N (ours), peer-port=N. "
		  "Only the owner may be able to read FILE. Peers with a key must sign.",
	  .at = offsetof(hf_wire_settings, keys.ao) },
	{ .name = "md5-key-file",
	  .kind = HF_VALUE_STRING,
	  .argument = "FILE",
	  .help = "Keys for the MD5 signature option (RFC 2385), one a line: peer=, secret= or "
		  "secret-hex=, port=, peer-port= as for TCP-AO.",
	  .at = offsetof(hf_wire_settings, keys.md5) },
	{ .name = "ecn",
	  .kind = HF_VALUE_STRING,
	  .argument = "MODE",
	  .help = "Explicit congestion notification: off, accept (the default), request, "
		  "accurate-accept or accurate.",
	  .at = offsetof(hf_wire_settings, ecn) },
	{ .name = "mtu-probing",
	  .kind = HF_VALUE_STRING,
	  .argument = "WHEN",
	  .help = "Look for the path's MTU by probes (RFC 4821): off, always, or black-hole (the "
		  "default): after large segments seem to have vanished.",
	  .at = offsetof(hf_wire_settings, mtu_probing) },
	{ .name = "fast-open",
	  .help = "When listening: take text that comes with a SYN, from clients that have a "
		  "cookie (RFC 7413): only for requests that may come twice.",
	  .at = offsetof(hf_wire_settings, fast_open) },
	{ .name = "ladder",
	  .help = "Draw each connection as a ladder while it happens, on stderr.",
	  .at = offsetof(hf_wire_settings, ladder) },
	{ .name = "trace",
	  .help = "Write a line for each packet with its verdict, on stderr.",
	  .at = offsetof(hf_wire_settings, trace) },
	{ .name = "json",
	  .kind = HF_VALUE_OPTIONAL,
	  .argument = "FILE",
	  .help = "Write one JSON object a line for each event, to FILE or stdout.",
	  .at = offsetof(hf_wire_settings, json) },
	{ .name = "pcap",
	  .kind = HF_VALUE_STRING,
	  .argument = "FILE",
	  .help = "Record all packets with their verdicts as pcapng, for Wireshark.",
	  .at = offsetof(hf_wire_settings, pcap) },
	{ .name = "stats",
	  .help = "Write all counters to stderr at the end, and whenever SIGUSR1 comes.",
	  .at = offsetof(hf_wire_settings, stats) },
	{ .name = "quiet",
	  .letter = 'q',
	  .help = "Say nothing but errors.",
	  .at = offsetof(hf_wire_settings, quiet) },
	{ .name = "verbose",
	  .letter = 'v',
	  .help = "Say more: connections as they open and end.",
	  .at = offsetof(hf_wire_settings, verbose) },
	{ 0 },
};

void hf_wire_default(hf_wire_settings *s)
{
	s->tun = "hf%d";
	s->mtu = 1500;
	s->ladder_fd = STDERR_FILENO;
}

hf_addr hf_wire_neighbour(const hf_host_addr *ours)
{
	unsigned bits = hf_addr_is_v4(&ours->addr) ? 32 : 128;
	unsigned host_bits = bits - ours->prefix;
	hf_addr a = ours->addr;

	if (host_bits == 0)
		return (hf_addr){ { 0 } };
	for (unsigned i = 0; i < host_bits; i++)
		a.octet[15 - i / 8] &= (uint8_t) ~(1u << i % 8);
	/* With two addresses in the network both are hosts' (RFC 3021, RFC 6164). */
	if (host_bits > 1 || hf_addr_equal(&a, &ours->addr))
		a.octet[15] |= 1;
	if (hf_addr_equal(&a, &ours->addr))
		a.octet[15] ^= 3;
	return a;
}

void hf_wire_tun_options(const hf_wire_settings *s, const hf_host_addrs *ours, hf_tun_options *out)
{
	unsigned addresses = 0, routes = 0;

	*out = (hf_tun_options){ .name = s->tun,
				 .no_offloads = s->no_offload,
				 .mtu = (uint32_t)s->mtu };
	for (unsigned i = 0; i < ours->count; i++) {
		hf_host_addr kernel = { hf_wire_neighbour(&ours->at[i]), ours->at[i].prefix };

		if (!hf_addr_is_none(&kernel.addr))
			out->address[addresses++] = kernel;
		else if (routes < HF_TUN_ROUTES)
			out->route[routes++] = ours->at[i];
	}
}

void hf_wire_addresses(const hf_wire_settings *s, hf_host_addrs *out)
{
	*out = s->address;
	if (out->count > 0)
		return;
	out->count = 2;
	out->at[0] = (hf_host_addr){ hf_addr_v4(10, 77, 0, 2), 24 };
	out->at[1] = (hf_host_addr){ { { 0xfd, 0x77, [15] = 2 } }, 64 };
}

static hf_exit say_io(const hf_io_error *error)
{
	hf_say("%s", error->text);
	return hf_exit_of_errno(error->code);
}

static void on_event(void *ctx, const hf_event *event)
{
	hf_wire *w = ctx;

	if (w->watchers)
		hf_watchers_event(w->watchers, event);
	if ((!w->bridge || !hf_bridge_event(w->bridge, event)) && w->on_event)
		w->on_event(w->ctx, event);
}

static hf_exit load_keys(hf_wire *w)
{
	char complaint[HF_KEY_COMPLAINT];

	if (hf_key_files_load(&w->settings->keys, w->stack, complaint))
		return HF_EXIT_OK;
	hf_say("%s", complaint);
	return HF_EXIT_USAGE;
}

/** A word of an option, and what it stands for. */
typedef struct word {
	const char *name;
	int value;
} word;

/** What --OPTION stands for, 0 if it is not given. -1: it is none of the words; that is said. */
static int read_word(const char *option, const word *words, const char *name)
{
	char list[128] = "";
	size_t len = 0;

	if (!name)
		return 0;
	for (const word *w = words; w->name; w++) {
		if (strcmp(name, w->name) == 0)
			return w->value;
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s",
					w == words ? "" :
					w[1].name  ? ", " :
						     " or ",
					w->name);
	}
	hf_say("--%s: '%s' is not %s", option, name, list);
	return -1;
}

/** The settings that do not depend on the link. False: a word is none; that is said. */
static bool read_config(const hf_wire_settings *s, hf_config *config)
{
	static const word ecn[] = {
		{ "off", HF_ECN_OFF },           { "accept", HF_ECN_ACCEPT },
		{ "request", HF_ECN_REQUEST },   { "accurate-accept", HF_ECN_ACCURATE_ACCEPT },
		{ "accurate", HF_ECN_ACCURATE }, { NULL, 0 },
	};
	static const word mtu_probing[] = {
		{ "off", HF_MTU_PROBING_OFF },
		{ "black-hole", HF_MTU_PROBING_BLACK_HOLE },
		{ "always", HF_MTU_PROBING_ALWAYS },
		{ NULL, 0 },
	};
	static const word syn_cookies[] = {
		{ "off", HF_SYN_COOKIES_OFF },
		{ "full", HF_SYN_COOKIES_WHEN_FULL },
		{ "always", HF_SYN_COOKIES_ALWAYS },
		{ NULL, 0 },
	};
	int ecn_is = read_word("ecn", ecn, s->ecn);
	int probing_is = read_word("mtu-probing", mtu_probing, s->mtu_probing);
	int cookies_are = read_word("syn-cookies", syn_cookies, s->syn_cookies);

	*config = (hf_config){
		.ecn = (hf_ecn_policy)ecn_is,
		.mtu_probing = (hf_mtu_probing)probing_is,
		.syn_cookies = (hf_syn_cookies)cookies_are,
		.scans = s->stealth ? HF_SCANS_STEALTH : HF_SCANS_DEFAULT,
		.fast_open = s->fast_open ? HF_FAST_OPEN_CLIENT | HF_FAST_OPEN_SERVER : 0,
	};
	return ecn_is >= 0 && probing_is >= 0 && cookies_are >= 0;
}

hf_listener_options hf_wire_listening(const hf_wire_settings *s)
{
	return (hf_listener_options){
		.size = sizeof(hf_listener_options),
		.fast_open = s->fast_open ? FAST_OPEN_PENDING : 0,
	};
}

static hf_exit open_stack(hf_wire *w, hf_config config)
{
	hf_io_error error;
	hf_err err;

	config.size = sizeof(config);
	config.allocator = (hf_allocator)hf_heap();
	config.link = w->link->kind;
	config.mtu = w->link->mtu;
	config.offloads = w->link->offloads;
	for (unsigned i = 0; i < w->address.count; i++)
		config.address[i] = w->address.at[i];
	if (!hf_random_secret(config.secret, &error))
		return say_io(&error);
	err = hf_stack_new(&config, hf_clock_now(), &w->stack);
	if (err != HF_OK) {
		hf_say("the stack does not start: %s", hf_err_text(err));
		return HF_EXIT_LOCAL;
	}
	return load_keys(w);
}

static hf_exit open_loop(hf_wire *w)
{
	hf_loop_options options = { .on_event = on_event, .ctx = w };
	hf_io_error error;

	if (!hf_poller_new(NULL, NULL, &w->poller, &error) ||
	    !hf_poller_take_signals(w->poller, &error))
		return say_io(&error);
	options.stack = w->stack;
	options.link = w->link;
	options.poller = w->poller;
	if (!hf_loop_new(&options, &w->loop, &error) ||
	    !hf_bridge_new(w->stack, w->poller, &w->bridge, &error))
		return say_io(&error);
	if (w->settings->stats && !hf_stats_teller_new(w->stack, w->poller, &w->teller, &error))
		return say_io(&error);
	return HF_EXIT_OK;
}

static void free_all(hf_wire *w)
{
	hf_stats_teller_free(w->teller);
	hf_bridge_free(w->bridge);
	hf_loop_free(w->loop);
	hf_poller_free(w->poller);
	hf_stack_free(w->stack);
	hf_link_close(w->link);
	*w = (hf_wire){ .settings = w->settings };
}

/** Takes the link of `out`, also on failure. */
static hf_exit open_on_link(hf_wire *out, const hf_config *config)
{
	hf_exit code;

	hf_wire_addresses(out->settings, &out->address);
	code = open_stack(out, *config);
	if (code == HF_EXIT_OK)
		code = open_loop(out);
	if (code == HF_EXIT_OK)
		code = hf_watchers_new(out, &out->watchers);
	if (code != HF_EXIT_OK)
		free_all(out);
	return code;
}

hf_exit hf_wire_open_link(const hf_wire_settings *settings, hf_link *link, hf_wire *out)
{
	hf_config config;

	*out = (hf_wire){ .settings = settings, .link = link };
	if (read_config(settings, &config))
		return open_on_link(out, &config);
	free_all(out);
	return HF_EXIT_USAGE;
}

hf_exit hf_wire_open(const hf_wire_settings *settings, hf_wire *out)
{
	hf_config config;
	hf_host_addrs ours;
	hf_tun_options options;
	char path[256];
	hf_io_error error;
	hf_link *link;

	if (!read_config(settings, &config))
		return HF_EXIT_USAGE; /* before there is a device */
	hf_wire_addresses(settings, &ours);
	hf_wire_tun_options(settings, &ours, &options);
	if (settings->netns) {
		bool is_path = strchr(settings->netns, '/');

		snprintf(path, sizeof(path), "%s%s", is_path ? "" : "/run/netns/", settings->netns);
		options.netns = path;
	}
	if (!hf_tun_open(&options, &link, &error))
		return say_io(&error);
	*out = (hf_wire){ .settings = settings, .link = link };
	return open_on_link(out, &config);
}

hf_exit hf_wire_run(hf_wire *w)
{
	hf_io_error error;

	return hf_loop_run(w->loop, &error) ? HF_EXIT_OK : say_io(&error);
}

bool hf_wire_is_interrupted(const hf_wire *w)
{
	return hf_poller_signal(w->poller) != 0;
}

static bool has_connections(const hf_wire *w)
{
	hf_stats stats;

	hf_stack_stats(w->stack, &stats);
	return stats.connections > 0;
}

void hf_wire_drain(hf_wire *w)
{
	hf_time now = hf_clock_now(), limit = hf_time_add(now, DRAIN);

	while (hf_time_before(now, limit) && !hf_wire_is_interrupted(w) &&
	       hf_loop_turn(w->loop, hf_time_min(limit, hf_time_add(now, HF_MS(20))), NULL) &&
	       has_connections(w))
		now = hf_clock_now();
}

hf_exit hf_wire_close(hf_wire *w, hf_exit code)
{
	hf_exit watching;

	w->on_event = NULL;
	if (code == HF_EXIT_OK)
		hf_wire_drain(w);
	hf_bridge_free(w->bridge);
	w->bridge = NULL;
	/* A last turn: the resets of what was aborted leave. */
	hf_loop_turn(w->loop, hf_clock_now(), NULL);
	watching = hf_watchers_free(w->watchers);
	w->watchers = NULL;
	hf_stats_teller_tell(w->teller);
	free_all(w);
	return code == HF_EXIT_OK ? watching : code;
}
