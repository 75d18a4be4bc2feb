/* SPDX-License-Identifier: BSD-2-Clause */
/* The JSON record of a connection, to the letter: each figure under its own name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "observe/json.h"
#include "tests/support/page.h"

static page out;

static const char *json_of(const hf_conn_info *info)
{
	hf_sink sink = page_sink(&out);

	hf_json_connection(info, (hf_time){ HF_MS(1500) }, &sink);
	return out.text;
}

static const hf_conn_info fresh = {
	.local = { { { [10] = 0xff, [11] = 0xff, [12] = 10, [15] = 1 } }, 40000 },
	.remote = { { { [10] = 0xff, [11] = 0xff, [12] = 10, [15] = 2 } }, 80 },
	.state = HF_SYN_SENT,
	.congestion = HF_CONGESTION_RENO,
	.since_sent = INT64_MAX,
	.since_received = INT64_MAX,
	.since_ack = INT64_MAX,
	.since_refused = INT64_MAX,
};

#define ENDS                                                                                       \
	"{\"event\":\"connection\",\"t\":1.500000000,\"local\":\"10.0.0.1:40000\","                \
	"\"remote\":\"10.0.0.2:80\","

static void what_has_not_been_is_left_out(void **state)
{
	(void)state;
	assert_string_equal(
		json_of(&fresh), ENDS
		"\"state\":\"SYN-SENT\",\"peer_closed\":false,\"sending_closed\":false,"
		"\"refusals\":0,\"sack\":false,\"timestamps\":false,\"window_scaling\":false,"
		"\"snd_wscale\":0,\"rcv_wscale\":0,\"snd_mss\":0,\"rcv_mss\":0,\"peer_mss\":0,"
		"\"announced_mss\":0,\"pmtu\":0,\"iss\":0,\"irs\":0,\"srtt\":0.000000000,"
		"\"rttvar\":0.000000000,\"min_rtt\":0.000000000,\"rto\":0.000000000,\"backoff\":0,"
		"\"retransmits\":0,\"probes\":0,\"ack_delay\":0.000000000,"
		"\"rcv_rtt\":0.000000000,\"congestion\":\"reno\",\"phase\":\"open\",\"cwnd\":0,"
		"\"ssthresh\":0,\"snd_wnd\":0,\"rcv_wnd\":0,\"rcv_ssthresh\":0,\"rcv_space\":0,"
		"\"rcv_buffer\":0,\"pacing_rate\":0,\"max_pacing_rate\":0,\"delivery_rate\":0,"
		"\"delivery_app_limited\":false,\"snd_una\":0,\"snd_nxt\":0,\"rcv_nxt\":0,"
		"\"unsent\":0,\"in_flight\":0,\"unread\":0,\"pushed\":0,\"pipe\":0,\"sacked\":0,\"lost\":0,"
		"\"sent_again\":0,\"unacked_segments\":0,\"sacked_segments\":0,"
		"\"lost_segments\":0,\"sent_again_segments\":0,\"octets_sent\":0,"
		"\"octets_acked\":0,\"octets_received\":0,\"octets_retransmitted\":0,"
		"\"segments_sent\":0,\"segments_received\":0,\"text_segments_sent\":0,"
		"\"text_segments_received\":0,\"early_segments\":0,\"delivered\":0,"
		"\"delivered_segments\":0,\"retransmissions\":0,\"duplicates\":0,\"spurious\":0,"
		"\"tail_probes\":0,\"reorderings\":0,\"reordering\":0,\"fast_recoveries\":0,"
		"\"timeouts\":0,\"timeouts_all\":0,\"timeout_recoveries\":0,"
		"\"timeout_time\":0.000000000,\"busy\":0.000000000,"
		"\"window_limited\":0.000000000,\"buffer_limited\":0.000000000,\"rehashes\":0,"
		"\"ecn\":\"none\",\"fast_open\":\"none\",\"ttl\":0,\"traffic_class\":0,"
		"\"received_ttl\":0,\"received_traffic_class\":0}\n");
}

static void has(const char *member)
{
	if (!strstr(out.text, member))
		fail_msg("%s is not in %s", member, out.text);
}

static void the_last_reasons_have_their_names(void **state)
{
	hf_conn_info i = fresh;

	(void)state;
	i.state = HF_CLOSED;
	i.reason = HF_WHY_RESET_BY_PEER;
	i.refused = HF_WHY_SEQ_DUPLICATE;
	i.since_refused = HF_MS(20);
	i.refusals = 3;
	i.cause = HF_SENT_FAST_RETRANSMIT;
	i.icmp = HF_WHY_ICMP_HOST;
	json_of(&i);
	has("\"reason\":\"reset-by-peer\",\"refused\":\"seq-duplicate\","
	    "\"since_refused\":0.020000000,"
	    "\"refusals\":3,\"cause\":\"fast-retransmit\",\"icmp\":\"icmp-host-unreachable\",");
}

/* Each is given another number: it stands under its own name alone. */
static void figures_do_not_take_each_others_places(void **state)
{
	hf_conn_info i = fresh;

	(void)state;
	i.cwnd = 1;
	i.ssthresh = 2;
	i.snd_wnd = 3;
	i.rcv_wnd = 4;
	i.rcv_ssthresh = 5;
	i.rcv_space = 6;
	i.rcv_buffer = 7;
	i.pacing_rate = 8;
	i.max_pacing_rate = 9;
	i.delivery_rate = 10;
	i.in_flight = 11;
	i.lost_segments = 12;
	i.sent_again_segments = 13;
	i.octets_sent = UINT64_C(1) << 40;
	i.timeout_time = HF_US(5);
	i.since_ack = HF_SEC(2);
	json_of(&i);
	has("\"cwnd\":1,\"ssthresh\":2,\"snd_wnd\":3,\"rcv_wnd\":4,\"rcv_ssthresh\":5,"
	    "\"rcv_space\":6,\"rcv_buffer\":7,\"pacing_rate\":8,\"max_pacing_rate\":9,"
	    "\"delivery_rate\":10,");
	has("\"in_flight\":11,");
	has("\"lost_segments\":12,\"sent_again_segments\":13,");
	has("\"octets_sent\":1099511627776,");
	has("\"timeout_time\":0.000005000,");
	has("\"since_ack\":2.000000000,");
}

static void marks_stand_where_they_were_agreed_on(void **state)
{
	hf_conn_info i = fresh;

	(void)state;
	i.ecn = HF_ECN_MODE_ACCURATE;
	i.ecn_seen = true;
	i.ecn_option_seen = HF_ECN_OPTION_SEEN_COUNTERS;
	i.ecn_failures = HF_ECN_FAILS_OPTION_OUT;
	i.ecn_sent = (hf_ecn_counts){ 1, 2, 3, 4 };
	i.ecn_received = (hf_ecn_counts){ 5, 6, 7, 8 };
	json_of(&i);
	has("\"ecn\":\"accurate\",\"ecn_seen\":true,\"ecn_not_sending\":false,"
	    "\"ecn_option\":\"counters\",\"ecn_failures\":4,"
	    "\"ecn_sent\":{\"ce\":1,\"ce_octets\":2,\"ect0_octets\":3,\"ect1_octets\":4},"
	    "\"ecn_received\":{\"ce\":5,\"ce_octets\":6,\"ect0_octets\":7,\"ect1_octets\":8},");
}

static void the_flow_label_is_ipv6s(void **state)
{
	hf_conn_info i = fresh;

	(void)state;
	i.local.addr = (hf_addr){ { 0x20, 1 } };
	i.flow_label = 99;
	json_of(&i);
	has("\"flow_label\":99}");
}

static void a_source_route_names_its_routers(void **state)
{
	hf_conn_info i = fresh;

	(void)state;
	i.fast_open_room = 1400;
	i.route = (hf_source_route){ .hops = 2,
				     .is_strict = true,
				     .hop = { hf_addr_v4(10, 0, 1, 1), hf_addr_v4(10, 0, 2, 1) } };
	json_of(&i);
	has("\"fast_open\":\"none\",\"fast_open_room\":1400,");
	has("\"route\":{\"strict\":true,\"hops\":\"10.0.1.1 10.0.2.1\"}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_has_not_been_is_left_out),
		cmocka_unit_test(the_last_reasons_have_their_names),
		cmocka_unit_test(figures_do_not_take_each_others_places),
		cmocka_unit_test(marks_stand_where_they_were_agreed_on),
		cmocka_unit_test(the_flow_label_is_ipv6s),
		cmocka_unit_test(a_source_route_names_its_routers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
