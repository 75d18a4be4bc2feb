/* SPDX-License-Identifier: BSD-2-Clause */
/* The flow tracker: numbers, marks, round trips and the bounded table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/talk_checks.h"

static void the_echoed_timestamp_tells_which_syn_was_answered(void **state)
{
	talk *t = *state;
	SAY(t, A, 0, SYN, .window = 100, .tsval = 10);
	SAY(t, A, 1000000, SYN, .window = 100, .tsval = 1010);
	assert_marks(&t->step, HF_MARK(RETRANSMITTED));
	SAY(t, B, 1000300, SYN | ACK, .ack = 1, .window = 100, .tsval = 5, .tsecr = 10);
	assert_int_equal(t->step.flow->answered_try, 1);
	assert_int_equal(t->step.rtt, HF_US(1000300));
	assert_int_equal(t->step.flow->end[HF_CLIENT].tries, 2);
}

static void the_last_of_three_syns_may_be_the_one_answered(void **state)
{
	talk *t = *state;
	SAY(t, A, 0, SYN, .window = 100, .tsval = 10);
	SAY(t, A, 1000000, SYN, .window = 100, .tsval = 1010);
	SAY(t, A, 3000000, SYN, .window = 100, .tsval = 3010);
	SAY(t, B, 3000300, SYN | ACK, .ack = 1, .window = 100, .tsval = 5, .tsecr = 3010);
	assert_int_equal(t->step.flow->answered_try, 3);
	assert_int_equal(t->step.rtt, HF_US(300));
}

static void without_timestamps_a_repeated_syn_gives_no_round_trip(void **state)
{
	talk *t = *state;
	SAY(t, A, 0, SYN, .window = 100);
	SAY(t, A, 1000000, SYN, .window = 100);
	SAY(t, B, 1000300, SYN | ACK, .ack = 1, .window = 100);
	assert_int_equal(t->step.rtt, -1);
	assert_int_equal(t->step.flow->answered_try, 0);
}

static void windows_are_scaled_only_if_both_offered_it_and_never_on_a_syn(void **state)
{
	talk *t = *state;
	talk_open(t);
	assert_int_equal(t->step.window, 502 << 7);
	assert_int_equal(SAY(t, B, 50000, ACK, 1, 1, .window = 3)->window, 3 << 8);
	SAY(t, B, 50001, SYN | ACK, .ack = 1, .window = 65160, .mss = 1460, .wscale = 8);
	assert_int_equal(t->step.window, 65160);

	t->end[A].port++;
	SAY(t, A, 0, SYN, .window = 64240, .mss = 1460, .wscale = 7);
	assert_int_equal(t->step.window, 64240);
	SAY(t, B, 1, SYN | ACK, .ack = 1, .window = 1000);
	assert_int_equal(SAY(t, A, 2, ACK, 1, 1, .window = 502)->window, 502);
}

static void octets_are_counted_once_in_whatever_order_they_come(void **state)
{
	talk *t = *state;
	talk_open(t);
	assert_marks(SAY(t, A, 50000, ACK, 1, 1, 100, .window = 502), 0);
	assert_marks(SAY(t, A, 50010, ACK, 201, 1, 100, .window = 502), HF_MARK(GAP));
	assert_marks(SAY(t, A, 50020, ACK, 101, 1, 100, .window = 502), HF_MARK(OUT_OF_ORDER));
	assert_marks(SAY(t, A, 50030, ACK, 101, 1, 100, .window = 502), HF_MARK(RETRANSMITTED));
	assert_marks(SAY(t, A, 50040, ACK, 251, 1, 100, .window = 502), 0);
	const hf_flow_end *client = &t->step.flow->end[HF_CLIENT];
	assert_int_equal(client->octets, 350);
	assert_int_equal(client->octets_again, 150);
	assert_int_equal(client->retransmitted, 1);
}

static void a_gap_filled_after_a_round_trip_was_retransmitted(void **state)
{
	talk *t = *state;
	talk_open(t); /* the round trip is 40.1 ms */
	SAY(t, A, 50000, ACK, 101, 1, 100, .window = 502);
	assert_marks(SAY(t, A, 90099, ACK, 1, 1, 50, .window = 502), HF_MARK(OUT_OF_ORDER));
	assert_marks(SAY(t, A, 90100, ACK, 51, 1, 50, .window = 502), HF_MARK(RETRANSMITTED));
}

static void the_round_trip_of_data_is_measured_but_not_of_retransmitted_data(void **state)
{
	talk *t = *state;
	talk_open(t);
	SAY(t, A, 50000, ACK, 1, 1, 100, .window = 502);
	SAY(t, A, 51000, ACK, 101, 1, 100, .window = 502);
	assert_int_equal(SAY(t, B, 80000, ACK, 1, 201, .window = 502)->rtt, HF_MS(30));
	assert_int_equal(t->step.flow->end[HF_CLIENT].min_rtt, HF_MS(30));
	SAY(t, A, 90000, ACK, 201, 1, 100, .window = 502);
	SAY(t, A, 95000, ACK, 201, 1, 100, .window = 502);
	assert_int_equal(SAY(t, B, 99000, ACK, 1, 301, .window = 502)->rtt, -1);
}

static void duplicate_acks_are_counted_in_a_row(void **state)
{
	talk *t = *state;
	talk_open(t);
	assert_marks(SAY(t, B, 49000, ACK, 1, 1, .window = 254), HF_MARK(WINDOW_UPDATE));
	assert_marks(SAY(t, B, 49001, ACK, 1, 1, .window = 254), 0); /* nothing outstanding */
	SAY(t, A, 50000, ACK, 1, 1, 100, .window = 502);
	SAY(t, A, 50001, ACK, 101, 1, 100, .window = 502);
	for (uint32_t i = 1; i <= 3; i++) {
		SAY(t, B, 60000, ACK, 1, 1, .window = 254);
		assert_marks(&t->step, HF_MARK(DUPLICATE_ACK));
		assert_int_equal(t->step.duplicates, i);
	}
	assert_marks(SAY(t, B, 60001, ACK, 1, 1, 10, .window = 254), 0); /* carries data */
	assert_marks(SAY(t, B, 60002, ACK, 11, 1, .window = 255), HF_MARK(WINDOW_UPDATE));
	assert_marks(SAY(t, B, 60003, ACK, 11, 1, .window = 256, .sack = { { 101 }, { 201 } }),
		     HF_MARK(DUPLICATE_ACK));
	assert_marks(SAY(t, B, 60004, ACK, 11, 101, .window = 256), 0);
	SAY(t, B, 60005, ACK, 11, 101, .window = 256);
	assert_int_equal(t->step.duplicates, 1);
}

static void a_closed_window_is_probed_answered_and_opened(void **state)
{
	talk *t = *state;
	talk_open(t);
	SAY(t, A, 50000, ACK, 1, 1, 100, .window = 502);
	assert_marks(SAY(t, B, 60000, ACK, 1, 101, .window = 0), HF_MARK(ZERO_WINDOW));
	assert_marks(SAY(t, A, 70000, ACK, 100, 1, .window = 502), HF_MARK(WINDOW_PROBE));
	assert_marks(SAY(t, B, 80000, ACK, 1, 101, .window = 0),
		     HF_MARK(ZERO_WINDOW) | HF_MARK(PROBE_ANSWER));
	assert_marks(SAY(t, A, 90000, ACK, 101, 1, 1, .window = 502), HF_MARK(WINDOW_PROBE));
	assert_marks(SAY(t, B, 95000, ACK, 1, 101, .window = 9), HF_MARK(PROBE_ANSWER));
	assert_marks(SAY(t, B, 96000, ACK, 1, 102, .window = 9), 0);
	assert_int_equal(t->step.flow->end[HF_CLIENT].octets, 101);
}

static void a_keepalive_repeats_one_acknowledged_number(void **state)
{
	talk *t = *state;
	talk_open(t);
	SAY(t, A, 50000, ACK, 1, 1, 100, .window = 502);
	SAY(t, B, 60000, ACK, 1, 101, .window = 254);
	assert_marks(SAY(t, A, 7000000, ACK, 100, 1, .window = 502), HF_MARK(KEEPALIVE));
	assert_marks(SAY(t, B, 7010000, ACK, 1, 101, .window = 254), HF_MARK(PROBE_ANSWER));
	assert_marks(SAY(t, B, 7010001, ACK, 1, 101, .window = 254), 0);
	assert_marks(SAY(t, A, 8000000, ACK, 100, 1, 1, .window = 502), HF_MARK(KEEPALIVE));
	assert_int_equal(t->step.flow->end[HF_CLIENT].octets, 100);
}

static void an_acknowledgement_of_unseen_octets_is_noticed_and_believed(void **state)
{
	talk *t = *state;
	talk_open(t);
	assert_marks(SAY(t, B, 50000, ACK, 1, 501, .window = 254), HF_MARK(ACK_UNSEEN));
	assert_marks(SAY(t, A, 50001, ACK, 501, 1, 10, .window = 502), 0);
	assert_int_equal(t->step.flow->end[HF_CLIENT].octets, 10);
}

static void a_segment_outside_the_window_changes_nothing(void **state)
{
	talk *t = *state;
	talk_open(t);
	assert_marks(SAY(t, A, 50000, ACK, 1 + 65160, 1, 10, .window = 502), HF_MARK(GAP));
	assert_marks(SAY(t, A, 50001, ACK, 2 + 65160, 1, 10, .window = 502), HF_MARK(OUTSIDE));
	assert_int_equal(t->step.flow->end[HF_CLIENT].octets, 10);
}

static void a_forged_acknowledgement_that_the_stack_refused_changes_nothing(void **state)
{
	talk *t = *state;
	talk_open(t);
	SAY(t, B, 50000, ACK, 1, 70000, .window = 254, .way = HF_WAY_ARRIVING,
	    .reason = HF_WHY_ACK_UNSENT);
	assert_marks(&t->step, HF_MARK(ACK_UNSEEN));
	assert_marks(SAY(t, A, 50001, ACK, 1, 1, 10, .window = 502), 0);
}

static void sequence_numbers_wrap(void **state)
{
	talk *t = *state;
	uint32_t isn = UINT32_MAX - 1000 - ISN_A; /* 1001 numbers before the wrap */
	SAY(t, A, 0, SYN, isn, .window = 60000);
	SAY(t, B, 1, SYN | ACK, .ack = isn + 1, .window = 60000);
	SAY(t, A, 2, ACK, isn + 1, 1, 900, .window = 60000);
	SAY(t, A, 3, ACK, isn + 901, 1, 900, .window = 60000);
	assert_marks(&t->step, 0);
	SAY(t, A, 4, ACK, isn + 1801, 1, 900, .window = 60000);
	assert_int_equal(t->step.seq, 1801);
	assert_int_equal(SAY(t, B, 5, ACK, 1, isn + 2701, .window = 60000)->ack, 2701);
	assert_int_equal(t->step.flow->end[HF_CLIENT].octets, 2700);
}

static void relative_numbers_go_on_beyond_four_gib(void **state)
{
	talk *t = *state;
	const uint32_t jump = 0x3ff00000; /* within the largest window */
	uint32_t seq = 1;
	int64_t at = 2;
	SAY(t, A, 0, SYN, .window = 65535, .mss = 1460, .wscale = 14);
	SAY(t, B, 1, SYN | ACK, .ack = 1, .window = 65535, .mss = 1460, .wscale = 14);
	for (int i = 0; i < 5; i++) {
		SAY(t, B, at++, ACK, 1, seq, .window = 65535);
		SAY(t, A, at++, ACK, seq + jump, 1, 1, .window = 65535);
		seq += jump + 1;
	}
	assert_int_equal(t->step.seq, (int64_t)5 * jump + 5);
	assert_true(t->step.seq > UINT32_MAX);
	assert_int_equal(t->step.flow->end[HF_CLIENT].octets, 5);
}

static void a_flow_joined_late_starts_at_one(void **state)
{
	talk *t = *state;
	SAY(t, B, 0, ACK, 5000, 7000, 100, .window = 500);
	assert_marks(&t->step, HF_MARK(JOINED));
	assert_int_equal(t->step.from, HF_SERVER); /* port 80 against 49152 */
	assert_int_equal(t->step.seq, 1);
	assert_int_equal(t->step.ack, 1);
	SAY(t, A, 1, ACK, 7000, 5100, .window = 500);
	assert_marks(&t->step, 0);
	assert_int_equal(t->step.ack, 101);
	assert_states(t, HF_ESTABLISHED, HF_ESTABLISHED);
	assert_false(t->step.flow->established);
}

static void the_window_of_a_flow_joined_late_may_have_any_scale(void **state)
{
	talk *t = *state;
	const uint32_t largest = 500U << 14;
	SAY(t, A, 0, ACK, 7000, 5000, .window = 500);
	SAY(t, B, 1, ACK, 5000, 7000, .window = 500);
	assert_marks(SAY(t, B, 2, ACK, 5001 + largest, 7000, 1, .window = 500), HF_MARK(OUTSIDE));
	assert_marks(SAY(t, B, 3, ACK, 5000 + largest, 7000, 1, .window = 500), HF_MARK(GAP));
}

static void a_syn_ack_alone_comes_from_the_server(void **state)
{
	talk *t = *state;
	SAY(t, A, 0, SYN | ACK, .ack = 1, .window = 500);
	assert_int_equal(t->step.from, HF_SERVER);
	assert_int_equal(t->step.flow->end[HF_CLIENT].isn.v, ISN_B);
}

static void the_flow_quiet_for_longest_gives_way(void **state)
{
	talk *t = *state; /* four flows */
	for (uint16_t i = 0; i < 4; i++) {
		t->end[A].port = (uint16_t)(1000 + i);
		assert_null(SAY(t, A, i, SYN, .window = 100)->evicted);
	}
	t->end[A].port = 1000;
	SAY(t, A, 10, SYN, .window = 100);
	assert_int_equal(t->step.flow->id, 1);
	t->end[A].port = 1004;
	SAY(t, A, 11, SYN, .window = 100);
	assert_non_null(t->step.evicted);
	assert_int_equal(t->step.evicted->id, 2);
	assert_int_equal(t->step.flow->id, 5);
	t->end[A].port = 1001;
	SAY(t, A, 12, SYN, .window = 100);
	assert_int_equal(t->step.flow->id, 6);
	assert_int_equal(t->step.evicted->id, 3);
	assert_int_equal(hf_tracker_slots(t->tracker), 4);
}

static void ports_used_again_make_a_new_flow(void **state)
{
	talk *t = *state;
	SAY(t, A, 0, SYN, .window = 100);
	SAY(t, B, 1, RST | ACK, .ack = 1);
	assert_int_equal(SAY(t, A, 2, SYN, .window = 100)->flow->id, 1);
	SAY(t, A, 3, SYN, 77777, .window = 100);
	assert_int_equal(t->step.flow->id, 2);
	assert_true(t->step.first);
	assert_int_equal(t->step.evicted->id, 1);
	assert_int_equal(t->step.flow->over, HF_WHY_NONE);
	assert_int_equal(SAY(t, B, 4, SYN | ACK, .ack = 77778, .window = 1)->flow->id, 2);
}

static void a_corrupted_segment_belongs_to_its_flow_but_changes_nothing(void **state)
{
	talk *t = *state;
	assert_int_equal(SAY(t, A, 0, SYN, .window = 100, .corrupt = true)->kind, HF_STEP_OTHER);
	assert_int_equal(t->step.reason, HF_WHY_TCP_CHECKSUM);
	talk_open(t);
	SAY(t, A, 50000, FIN | ACK, 1, 1, 10, .window = 502, .corrupt = true);
	assert_int_equal(t->step.kind, HF_STEP_BAD);
	assert_int_equal(t->step.reason, HF_WHY_TCP_CHECKSUM);
	assert_int_equal(t->step.flow->end[HF_CLIENT].octets, 0);
	assert_states(t, HF_ESTABLISHED, HF_ESTABLISHED);
}

static void checksums_of_our_own_packets_are_left_alone(void **state)
{
	talk *t = *state;
	SAY(t, A, 0, SYN, .window = 100, .corrupt = true, .way = HF_WAY_LEAVING);
	assert_int_equal(t->step.kind, HF_STEP_SEGMENT);
}

static void a_packet_to_be_cut_counts_its_segments(void **state)
{
	talk *t = *state;
	talk_open(t);
	assert_int_equal(SAY(t, A, 50000, ACK, 1, 1, 1000, .gso_size = 500)->segments, 2);
	assert_int_equal(SAY(t, A, 50001, ACK, 1001, 1, 1001, .gso_size = 500)->segments, 3);
}

static void an_icmp_error_is_about_the_flow_it_quotes(void **state)
{
	talk *t = *state;
	uint8_t quoted[28], packet[HF_IP4_HEADER + 36] = { 0 };
	SAY(t, A, 0, SYN, .window = 100);
	memcpy(quoted, t->packet, sizeof(quoted));
	hf_ip ip = { .src = hf_addr_v4(10, 0, 0, 9),
		     .dst = t->end[A].addr,
		     .version = 4,
		     .protocol = HF_IPPROTO_ICMP,
		     .ttl = 64 };
	size_t header = hf_ip_emit(&ip, 36, packet);
	packet[header] = 3; /* destination unreachable: host */
	packet[header + 1] = 1;
	memcpy(packet + header + 8, quoted, sizeof(quoted));
	uint32_t sum = 0;
	for (size_t i = 0; i < 36; i += 2)
		sum += hf_get16(packet + header + i);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	hf_put16(packet + header + 2, (uint16_t)~sum);
	hf_seen seen = { .at = { 5 }, .data = { packet, sizeof(packet) } };
	hf_tracker_see(t->tracker, &seen, &t->step);
	assert_int_equal(t->step.kind, HF_STEP_ICMP);
	assert_int_equal(t->step.icmp.error, HF_WHY_ICMP_HOST);
	assert_int_equal(t->step.flow->id, 1);
	assert_int_equal(t->step.from, HF_CLIENT);
}

static void ipv6_flows_are_followed_alike(void **state)
{
	talk *t = *state;
	assert_true(hf_addr_parse("fd00::1", &t->end[A].addr));
	assert_true(hf_addr_parse("fd00::2", &t->end[B].addr));
	talk_open(t);
	assert_true(t->step.opened);
}

static void rubbish_belongs_to_no_flow(void **state)
{
	talk *t = *state;
	uint8_t octets[64] = { 0 };
	for (size_t len = 0; len <= sizeof(octets); len++) {
		octets[0] = (uint8_t)(len * 37);
		hf_seen seen = { .data = { octets, len } };
		hf_tracker_see(t->tracker, &seen, &t->step);
		assert_int_equal(t->step.kind, HF_STEP_OTHER);
		assert_null(t->step.flow);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_echoed_timestamp_tells_which_syn_was_answered),
		TEST(the_last_of_three_syns_may_be_the_one_answered),
		TEST(without_timestamps_a_repeated_syn_gives_no_round_trip),
		TEST(windows_are_scaled_only_if_both_offered_it_and_never_on_a_syn),
		TEST(octets_are_counted_once_in_whatever_order_they_come),
		TEST(a_gap_filled_after_a_round_trip_was_retransmitted),
		TEST(the_round_trip_of_data_is_measured_but_not_of_retransmitted_data),
		TEST(duplicate_acks_are_counted_in_a_row),
		TEST(a_closed_window_is_probed_answered_and_opened),
		TEST(a_keepalive_repeats_one_acknowledged_number),
		TEST(an_acknowledgement_of_unseen_octets_is_noticed_and_believed),
		TEST(a_segment_outside_the_window_changes_nothing),
		TEST(a_forged_acknowledgement_that_the_stack_refused_changes_nothing),
		TEST(sequence_numbers_wrap),
		TEST(relative_numbers_go_on_beyond_four_gib),
		TEST(a_flow_joined_late_starts_at_one),
		TEST(the_window_of_a_flow_joined_late_may_have_any_scale),
		TEST(a_syn_ack_alone_comes_from_the_server),
		TEST(the_flow_quiet_for_longest_gives_way),
		TEST(ports_used_again_make_a_new_flow),
		TEST(a_corrupted_segment_belongs_to_its_flow_but_changes_nothing),
		TEST(checksums_of_our_own_packets_are_left_alone),
		TEST(a_packet_to_be_cut_counts_its_segments),
		TEST(an_icmp_error_is_about_the_flow_it_quotes),
		TEST(ipv6_flows_are_followed_alike),
		TEST(rubbish_belongs_to_no_flow),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
