/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON Lines: all that our stack knows of a connection; see docs/json.md. */
#include "observe/json.h"
#include "observe/json_writer.h"

#define COUNT(field) hf_json_count(w, #field, i->field)
#define SECONDS(field) hf_json_seconds(w, #field, i->field)
#define TRUTH(field) hf_json_truth(w, #field, i->field)

/** How long ago; left out if never. */
static void add_since(hf_json_writer *w, const char *key, hf_ns since)
{
	if (since != HF_NEVER.ns)
		hf_json_seconds(w, key, since);
}

static void add_reason(hf_json_writer *w, const char *key, hf_reason why)
{
	if (why != HF_WHY_NONE)
		hf_json_string(w, key, hf_reason_name(why));
}

static void add_ends(hf_json_writer *w, const hf_conn_info *i)
{
	hf_json_endpoint(w, "local", &i->local);
	hf_json_endpoint(w, "remote", &i->remote);
	hf_json_string(w, "state", hf_state_name(i->state));
	TRUTH(peer_closed);
	TRUTH(sending_closed);
}

static void add_reasons(hf_json_writer *w, const hf_conn_info *i)
{
	add_reason(w, "reason", i->reason);
	add_reason(w, "refused", i->refused);
	add_since(w, "since_refused", i->since_refused);
	COUNT(refusals);
	if (i->cause != HF_SENT_NONE)
		hf_json_string(w, "cause", hf_cause_name(i->cause));
	add_reason(w, "icmp", i->icmp);
}

static void add_agreed(hf_json_writer *w, const hf_conn_info *i)
{
	TRUTH(sack);
	TRUTH(timestamps);
	TRUTH(window_scaling);
	COUNT(snd_wscale);
	COUNT(rcv_wscale);
	COUNT(snd_mss);
	COUNT(rcv_mss);
	COUNT(peer_mss);
	COUNT(announced_mss);
	COUNT(pmtu);
	COUNT(iss);
	COUNT(irs);
}

static void add_times(hf_json_writer *w, const hf_conn_info *i)
{
	SECONDS(srtt);
	SECONDS(rttvar);
	SECONDS(min_rtt);
	SECONDS(rto);
	COUNT(backoff);
	COUNT(retransmits);
	COUNT(probes);
	SECONDS(ack_delay);
	SECONDS(rcv_rtt);
	add_since(w, "since_sent", i->since_sent);
	add_since(w, "since_received", i->since_received);
	add_since(w, "since_ack", i->since_ack);
}

static void add_window(hf_json_writer *w, const hf_conn_info *i)
{
	static const char *const phases[] = { "open", "disorder", "cwr", "recovery", "loss" };

	hf_json_string(w, "congestion", hf_congestion_name(i->congestion));
	hf_json_string(w, "phase", phases[i->phase]);
	COUNT(cwnd);
	COUNT(ssthresh);
	COUNT(snd_wnd);
	COUNT(rcv_wnd);
	COUNT(rcv_ssthresh);
	COUNT(rcv_space);
	COUNT(rcv_buffer);
	COUNT(pacing_rate);
	COUNT(max_pacing_rate);
	COUNT(delivery_rate);
	TRUTH(delivery_app_limited);
}

static void add_now(hf_json_writer *w, const hf_conn_info *i)
{
	COUNT(snd_una);
	COUNT(snd_nxt);
	COUNT(rcv_nxt);
	COUNT(unsent);
	COUNT(in_flight);
	COUNT(unread);
	COUNT(pushed);
	COUNT(pipe);
	COUNT(sacked);
	COUNT(lost);
	COUNT(sent_again);
	COUNT(unacked_segments);
	COUNT(sacked_segments);
	COUNT(lost_segments);
	COUNT(sent_again_segments);
}

static void add_counted(hf_json_writer *w, const hf_conn_info *i)
{
	COUNT(octets_sent);
	COUNT(octets_acked);
	COUNT(octets_received);
	COUNT(octets_retransmitted);
	COUNT(segments_sent);
	COUNT(segments_received);
	COUNT(text_segments_sent);
	COUNT(text_segments_received);
	COUNT(early_segments);
	COUNT(delivered);
	COUNT(delivered_segments);
}

static void add_troubles(hf_json_writer *w, const hf_conn_info *i)
{
	COUNT(retransmissions);
	COUNT(duplicates);
	COUNT(spurious);
	COUNT(tail_probes);
	COUNT(reorderings);
	COUNT(reordering);
	COUNT(fast_recoveries);
	COUNT(timeouts);
	COUNT(timeouts_all);
	COUNT(timeout_recoveries);
	SECONDS(timeout_time);
	SECONDS(busy);
	SECONDS(window_limited);
	SECONDS(buffer_limited);
	COUNT(rehashes);
}

static void add_marks(hf_json_writer *w, const char *key, const hf_ecn_counts *i)
{
	hf_json_open(w, key);
	COUNT(ce);
	COUNT(ce_octets);
	COUNT(ect0_octets);
	COUNT(ect1_octets);
	hf_json_close(w);
}

static void add_ecn(hf_json_writer *w, const hf_conn_info *i)
{
	static const char *const modes[] = { "none", "classic", "accurate" };
	static const char *const options[] = { "unseen", "empty", "counters", "zeroed" };

	hf_json_string(w, "ecn", modes[i->ecn]);
	if (i->ecn == HF_ECN_MODE_NONE)
		return;
	TRUTH(ecn_seen);
	TRUTH(ecn_not_sending);
	hf_json_string(w, "ecn_option", options[i->ecn_option_seen]);
	COUNT(ecn_failures);
	add_marks(w, "ecn_sent", &i->ecn_sent);
	add_marks(w, "ecn_received", &i->ecn_received);
}

/** IPv4: the routers that packets are told to visit; left out without any. */
static void add_route(hf_json_writer *w, const hf_source_route *r)
{
	char line[HF_ROUTE_HOPS * HF_ADDR_TEXT], address[HF_ADDR_TEXT];
	hf_text hops = hf_text_in(line, sizeof(line));

	if (r->hops == 0)
		return;
	for (unsigned n = 0; n < r->hops; n++)
		hf_text_add(&hops, "%s%s", n > 0 ? " " : "", hf_addr_format(&r->hop[n], address));
	hf_json_open(w, "route");
	hf_json_truth(w, "strict", r->is_strict);
	hf_json_string(w, "hops", line);
	hf_json_close(w);
}

static void add_ip(hf_json_writer *w, const hf_conn_info *i)
{
	static const char *const outcomes[] = { "none",      "no-cookie",
						"not-acked", "syn-retransmitted",
						"acked",     "accepted" };

	hf_json_string(w, "fast_open", outcomes[i->fast_open]);
	if (i->fast_open_room > 0)
		COUNT(fast_open_room);
	COUNT(ttl);
	COUNT(traffic_class);
	COUNT(received_ttl);
	COUNT(received_traffic_class);
	if (!hf_addr_is_v4(&i->local.addr))
		COUNT(flow_label);
	add_route(w, &i->route);
}

void hf_json_connection(const hf_conn_info *info, hf_time now, const hf_sink *sink)
{
	static void (*const parts[])(hf_json_writer *, const hf_conn_info *) = {
		add_ends, add_reasons, add_agreed,   add_times, add_window,
		add_now,  add_counted, add_troubles, add_ecn,   add_ip,
	};
	hf_json_writer w;

	hf_json_begin(&w, "connection");
	hf_json_seconds(&w, "t", now.ns);
	for (size_t n = 0; n < sizeof(parts) / sizeof(parts[0]); n++)
		parts[n](&w, info);
	hf_json_end(&w, sink);
}
