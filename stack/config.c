/* SPDX-License-Identifier: BSD-2-Clause */
/* Checking a configuration and filling in its defaults. */
#include "stack/internal.h"

#define MTU_MIN_V4 576u
#define MTU_MIN_V6 1280u
#define MTU_MAX 65535u
#define MTU_LEAST 68u   /* RFC 791: what every IPv4 link carries */
#define LEAST_FLOOR 28u /* text in a packet of this size, without options */
#define GSO_DEFAULT 65000u

#define DEFAULT(field, value)                                                                      \
	do {                                                                                       \
		if (c->field == 0)                                                                 \
			c->field = (value);                                                        \
	} while (0)

static void fill_limits(hf_config *c)
{
	DEFAULT(max_connections, 65536);
	DEFAULT(max_half_open, 4096);
	DEFAULT(max_time_wait, 65536);
	DEFAULT(max_listeners, 1024);
	DEFAULT(max_orphans, 65536);
	DEFAULT(max_keys, 256);
	DEFAULT(send_buffer, 4u << 20);
	DEFAULT(receive_buffer, 6u << 20);
	DEFAULT(gso_max, GSO_DEFAULT);
	DEFAULT(first_port, 32768);
	DEFAULT(last_port, 60999);
}

static void fill_protocol(hf_config *c)
{
	DEFAULT(congestion,
		c->profile == HF_PROFILE_RFC ? HF_CONGESTION_RENO : HF_CONGESTION_CUBIC);
	DEFAULT(ttl, 64);
	DEFAULT(syn_retries, 7);
	DEFAULT(syn_ack_retries, 5);
	DEFAULT(data_retries, 15);
	DEFAULT(trouble_retries, 3);
	DEFAULT(orphan_retries, 8);
	DEFAULT(least_user_timeout, HF_SEC(100));
	DEFAULT(most_user_timeout, HF_SEC(3600));
	DEFAULT(msl, HF_SEC(30));
	DEFAULT(min_rto, HF_MS(200));
	DEFAULT(max_rto, HF_SEC(120));
	DEFAULT(delayed_ack, HF_MS(40));
	DEFAULT(fin_wait_2_timeout, HF_SEC(60));
}

static void fill_extensions(hf_config *c)
{
	DEFAULT(ecn, HF_ECN_ACCEPT);
	DEFAULT(ecn_option, HF_ECN_OPTION_CHANGED);
	DEFAULT(fast_open, HF_FAST_OPEN_CLIENT);
	DEFAULT(fast_open_pause, HF_SEC(3600));
	DEFAULT(syn_cookies, HF_SYN_COOKIES_WHEN_FULL);
	DEFAULT(syn_replacement, HF_SYN_REPLACEMENT_OLDEST);
	DEFAULT(prefix_share, 25);
	DEFAULT(listener_share, 75);
	DEFAULT(reflection, HF_REFLECTION_ALWAYS);
	DEFAULT(scans, HF_SCANS_OPEN);
	DEFAULT(reset_rate, 200);
	if (c->scans == HF_SCANS_STEALTH)
		c->silent_to_closed_ports = c->no_echo_reply = 1;
	DEFAULT(mtu_probing, HF_MTU_PROBING_BLACK_HOLE);
	DEFAULT(base_mss, 1024);
	DEFAULT(mtu_probe_floor, c->base_mss < 512 ? c->base_mss : 512);
	DEFAULT(mtu_probe_threshold, 8);
	DEFAULT(mtu_probe_interval, HF_SEC(600));
	DEFAULT(min_pmtu, 552);
	DEFAULT(mtu_expires, HF_SEC(600));
}

static bool secret_is_sound(const hf_config *c)
{
	unsigned zeros = 0;

	for (unsigned i = 0; i < 4; i++)
		zeros += c->secret[i] == 0;
	return zeros < 2;
}

static unsigned prefix_max(const hf_addr *a)
{
	return hf_addr_is_v4(a) ? 32 : 128;
}

static bool addresses_are_sound(const hf_config *c)
{
	unsigned n = 0;
	uint32_t smallest = MTU_MIN_V4;

	while (n < HF_HOST_ADDRS && !hf_addr_is_none(&c->address[n].addr)) {
		const hf_host_addr *a = &c->address[n++];

		if (hf_addr_is_multicast(&a->addr) || a->prefix > prefix_max(&a->addr))
			return false;
		if (!hf_addr_is_v4(&a->addr))
			smallest = MTU_MIN_V6;
	}
	return n > 0 && c->mtu >= smallest && c->mtu <= MTU_MAX;
}

static bool is_gateway_sound(const hf_addr *a, bool is_v4)
{
	return hf_addr_is_none(a) || (hf_addr_is_v4(a) == is_v4 && !hf_addr_is_multicast(a));
}

static bool link_is_sound(const hf_config *c)
{
	static const hf_mac none = { { 0 } };
	hf_mac mac;

	memcpy(mac.octet, c->mac, sizeof(mac.octet));
	if (c->link == HF_LINK_ETHERNET && (hf_mac_is_group(&mac) || hf_mac_equal(&mac, &none)))
		return false;
	return is_gateway_sound(&c->gateway4, true) && is_gateway_sound(&c->gateway6, false);
}

static bool limits_are_sound(const hf_config *c)
{
	return c->max_connections < HF_RECORDS_MAX && c->max_half_open < HF_RECORDS_MAX &&
	       c->max_time_wait < HF_RECORDS_MAX && c->max_keys <= UINT16_MAX &&
	       c->receive_buffer <= UINT32_C(1) << 30 && c->send_buffer <= UINT32_C(1) << 30 &&
	       c->gso_max <= GSO_DEFAULT && c->first_port <= c->last_port &&
	       c->congestion <= HF_CONGESTION_BBR;
}

/** What is doubled, some of it six times, must stay a time: half a year does. */
static bool can_be_doubled(hf_ns d)
{
	return d <= HF_SEC(INT64_C(1) << 24);
}

static bool times_are_sound(const hf_config *c)
{
	return c->delayed_ack > 0 && c->delayed_ack < HF_MS(500) && c->min_rto > 0 &&
	       c->max_rto >= c->min_rto && can_be_doubled(c->max_rto) && c->msl > 0 &&
	       can_be_doubled(c->msl) && can_be_doubled(c->fast_open_pause) &&
	       c->fin_wait_2_timeout > 0 && c->least_user_timeout > 0 &&
	       c->most_user_timeout >= c->least_user_timeout && c->syn_ack_retries <= 20;
}

static bool paths_are_sound(const hf_config *c)
{
	return c->mtu_probing >= HF_MTU_PROBING_OFF && c->mtu_probing <= HF_MTU_PROBING_ALWAYS &&
	       c->mtu_probe_floor >= LEAST_FLOOR && c->base_mss >= c->mtu_probe_floor &&
	       c->mtu_probe_threshold <= MTU_MAX && c->min_pmtu >= MTU_LEAST &&
	       c->mtu_probe_interval > 0 && c->mtu_expires > 0;
}

static bool defence_is_sound(const hf_config *c)
{
	return c->syn_cookies >= HF_SYN_COOKIES_OFF && c->syn_cookies <= HF_SYN_COOKIES_ALWAYS &&
	       c->syn_replacement >= HF_SYN_REPLACEMENT_NONE &&
	       c->syn_replacement <= HF_SYN_REPLACEMENT_RANDOM && c->prefix_share <= 100 &&
	       c->listener_share <= 100 && c->reflection >= HF_REFLECTION_ALWAYS &&
	       c->reflection <= HF_REFLECTION_UNBOUNDED && c->scans >= HF_SCANS_OPEN &&
	       c->scans <= HF_SCANS_STEALTH;
}

static bool extensions_are_sound(const hf_config *c)
{
	uint32_t known = HF_FAST_OPEN_CLIENT | HF_FAST_OPEN_SERVER | HF_FAST_OPEN_CLIENT_NO_COOKIE |
			 HF_FAST_OPEN_OFF | HF_FAST_OPEN_SERVER_NO_COOKIE;

	return paths_are_sound(c) && c->ecn >= HF_ECN_OFF && c->ecn <= HF_ECN_ACCURATE_ACCEPT &&
	       defence_is_sound(c) && c->ecn_option >= HF_ECN_OPTION_NEVER &&
	       c->ecn_option <= HF_ECN_OPTION_PERSIST && (c->fast_open & ~known) == 0;
}

hf_err hf_config_fill(const hf_config *in, hf_config *c)
{
	if (in->size != sizeof(*in) || !in->allocator.alloc || !in->allocator.free)
		return HF_ERR_INVALID;
	if (!secret_is_sound(in))
		return HF_ERR_BAD_SECRET;
	*c = *in;
	fill_limits(c);
	fill_protocol(c);
	fill_extensions(c);
	if (!addresses_are_sound(c) || !link_is_sound(c) || !limits_are_sound(c) ||
	    !times_are_sound(c) || !extensions_are_sound(c))
		return HF_ERR_INVALID;
	return HF_OK;
}

size_t hf_config_packet_capacity(const hf_config *config)
{
	size_t link = config->link == HF_LINK_ETHERNET ? HF_ETHER_HEADER : 0;
	size_t gso = config->gso_max ? config->gso_max : GSO_DEFAULT;
	size_t large = HF_IP_HEADER_MAX + HF_TCP_HEADER_MAX + gso;

	if (!(config->offloads & HF_OFFLOAD_TX_TSO) || large < config->mtu)
		large = config->mtu;
	return link + large;
}
