/* SPDX-License-Identifier: BSD-2-Clause */
/* The JSON Lines and the trace lines, to the letter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "observe/json.h"
#include "observe/trace.h"
#include "tests/support/page.h"
#include "tests/support/talk.h"

static page out;

static int start(void **state)
{
	static talk t;
	t = talk_start(1);
	*state = &t;
	return t.tracker ? 0 : -1;
}

static int stop(void **state)
{
	talk *t = *state;
	hf_tracker_free(t->tracker);
	return 0;
}

static const char *json_of(const hf_step *s)
{
	hf_sink sink = page_sink(&out);
	hf_json_step(s, &sink);
	return out.text;
}

static const char *trace_of(const hf_step *s)
{
	hf_sink sink = page_sink(&out);
	hf_trace_step(s, (hf_time){ HF_MS(5) }, &sink);
	return out.text;
}

static void a_syn_has_its_numbers_and_options(void **state)
{
	talk *t = *state;
	SAY(t, A, 1000001, SYN, .window = 64240, .mss = 1460, .wscale = 7, .tsval = 9,
	    .way = HF_WAY_LEAVING, .cause = HF_SENT_SYN, .state = HF_SYN_SENT);
	assert_string_equal(
		json_of(&t->step),
		"{\"event\":\"packet\",\"t\":1.000001000,\"flow\":1,\"way\":\"out\","
		"\"dir\":\"to-server\",\"src\":\"10.0.0.1:49152\",\"dst\":\"10.0.0.2:80\",\"ttl\":64,"
		"\"flags\":\"SYN\",\"seq\":1000000,\"seq_rel\":0,\"len\":0,\"segments\":1,\"win\":64240,"
		"\"options\":{\"mss\":1460,\"sack_permitted\":true,\"tsval\":9,\"tsecr\":0,\"wscale\":7,"
		"\"text\":\"mss 1460 sackOK ts 9 ecr 0 wscale 7\"},\"marks\":[],\"cause\":\"syn\","
		"\"state\":{\"client\":\"SYN-SENT\",\"server\":\"CLOSED\"}}\n");
}

static void sack_blocks_marks_and_drops_are_told(void **state)
{
	talk *t = *state;
	talk_open(t);
	SAY(t, A, 50000, ACK, 1, 1, 100, .window = 502);
	SAY(t, B, 60000, ACK, 1, 1, .window = 254, .sack = { { 11 }, { 101 } });
	json_of(&t->step);
	assert_non_null(strstr(out.text, "\"sack\":[[1000011,1000101]]"));
	assert_non_null(strstr(out.text, "\"marks\":[\"duplicate-ack\"]"));
	assert_null(strstr(out.text, "reason"));
	json_of(SAY(t, A, 60001, ACK, 1, 1, 100, .window = 0, .way = HF_WAY_ARRIVING,
		    .reason = HF_WHY_SEQ_DUPLICATE));
	assert_non_null(strstr(out.text, "\"marks\":[\"retransmitted\",\"zero-window\"]"));
	assert_non_null(strstr(out.text, "\"reason\":\"seq-duplicate\""));
}

static void a_flow_record_follows_the_packet_that_ends_it(void **state)
{
	talk *t = *state;
	SAY(t, A, 0, SYN, .window = 100);
	SAY(t, B, 40000, RST | ACK, .seq = 0U - ISN_B, .ack = 1);
	json_of(&t->step);
	const char *second = strchr(out.text, '\n') + 1;
	assert_string_equal(
		second,
		"{\"event\":\"flow\",\"t\":0.040000000,\"flow\":1,\"start\":0.000000000,"
		"\"established\":false,\"joined_late\":false,\"simultaneous\":false,"
		"\"end\":\"refused-by-peer\",\"end_by\":\"server\","
		"\"client\":{\"addr\":\"10.0.0.1:49152\",\"state\":\"CLOSED\",\"isn\":1000000,\"tries\":1,"
		"\"octets\":0,\"octets_again\":0,\"segments\":1,\"retransmitted\":0},"
		"\"server\":{\"addr\":\"10.0.0.2:80\",\"state\":\"CLOSED\",\"tries\":0,"
		"\"octets\":0,\"octets_again\":0,\"segments\":1,\"retransmitted\":0}}\n");
}

static void a_flow_that_gives_way_is_recorded_before_the_new_one(void **state)
{
	talk *t = *state; /* room for one flow */
	SAY(t, A, 0, SYN, .window = 100);
	t->end[A].port++;
	SAY(t, A, 1, SYN, .window = 100);
	json_of(&t->step);
	assert_int_equal(strncmp(out.text, "{\"event\":\"flow\"", 15), 0);
	assert_non_null(strstr(out.text, "\"end\":\"none\""));
	assert_non_null(strstr(out.text, "\"flow\":2"));
}

static void words_from_outside_are_escaped(void **state)
{
	talk *t = *state;
	SAY(t, A, 0, SYN, .window = 100,
	    .lost = "a\"b\\c\n\x1f"
		    "d");
	json_of(&t->step);
	assert_non_null(strstr(out.text, "\"lost\":\"a\\\"b\\\\c\\u000a\\u001fd\""));
}

static void times_before_the_origin_are_negative(void **state)
{
	talk *t = *state;
	SAY(t, A, -1500000, SYN, .window = 100);
	assert_non_null(strstr(json_of(&t->step), "\"t\":-1.500000000,"));
}

static void what_is_not_tcp_is_other(void **state)
{
	talk *t = *state;
	uint8_t arp[42] = { [12] = 8, [13] = 6 };
	hf_seen seen = { .data = { arp, sizeof(arp) }, .link = HF_LINK_ETHERNET };
	hf_tracker_see(t->tracker, &seen, &t->step);
	assert_string_equal(json_of(&t->step),
			    "{\"event\":\"other\",\"t\":0.000000000,\"way\":\"passing\"}\n");
	assert_string_equal(trace_of(&t->step), "-0.005000 not IP\n");
}

static void a_trace_line_gives_the_numbers_of_the_wire(void **state)
{
	talk *t = *state;
	SAY(t, A, 5000, SYN, .window = 64240, .mss = 1460, .wscale = 7, .tsval = 9,
	    .way = HF_WAY_LEAVING, .cause = HF_SENT_SYN, .state = HF_SYN_SENT);
	assert_string_equal(
		trace_of(&t->step),
		"0.000000 out 10.0.0.1:49152 > 10.0.0.2:80 SYN seq 1000000 win 64240 len 0 "
		"<mss 1460 sackOK ts 9 ecr 0 wscale 7> cause syn state SYN-SENT\n");
	SAY(t, B, 45000, RST | ACK, .seq = 0U - ISN_B, .ack = 1, .lost = "filtered");
	assert_string_equal(trace_of(&t->step),
			    "0.040000 10.0.0.2:80 > 10.0.0.1:49152 RST-ACK seq 0 ack 1000001 win 0 "
			    "len 0 lost filtered\n");
}

static void the_stacks_last_word_on_a_flow_is_an_event(void **state)
{
	talk *t = *state;
	SAY(t, A, 0, SYN, .window = 100);
	assert_true(hf_tracker_verdict(t->tracker, t->end, HF_WHY_SYN_TIMEOUT,
				       (hf_time){ HF_SEC(3) }, &t->step));
	assert_string_equal(trace_of(&t->step),
			    "2.995000 10.0.0.1:49152 > 10.0.0.2:80 ended reason syn-timeout\n");
	static const char begin[] = "{\"event\":\"verdict\",\"t\":3.000000000,\"flow\":1,"
				    "\"reason\":\"syn-timeout\",";
	json_of(&t->step);
	assert_int_equal(strncmp(out.text, begin, strlen(begin)), 0);
	assert_non_null(strstr(out.text, "\"end\":\"syn-timeout\""));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_syn_has_its_numbers_and_options),
		TEST(sack_blocks_marks_and_drops_are_told),
		TEST(a_flow_record_follows_the_packet_that_ends_it),
		TEST(a_flow_that_gives_way_is_recorded_before_the_new_one),
		TEST(words_from_outside_are_escaped),
		TEST(times_before_the_origin_are_negative),
		TEST(what_is_not_tcp_is_other),
		TEST(a_trace_line_gives_the_numbers_of_the_wire),
		TEST(the_stacks_last_word_on_a_flow_is_an_event),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
