/* SPDX-License-Identifier: BSD-2-Clause */
/* The ladder, to the letter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "observe/ladder.h"
#include "tests/support/page.h"
#include "tests/support/talk.h"

#define MAX_FLOWS 4

static page out;
static hf_ladder *ladder;

static void draw(void *ctx, const hf_step *step)
{
	hf_ladder_step(ctx, step);
}

/* A conversation that is drawn as it goes on. */
static talk drawn(bool unicode, bool colour, unsigned width)
{
	hf_sink sink = page_sink(&out);
	hf_ladder_style style = { unicode, colour, width };
	talk t = talk_start(MAX_FLOWS);
	ladder = hf_ladder_new(MAX_FLOWS, &style, &sink);
	assert_non_null(t.tracker);
	assert_non_null(ladder);
	t.shown = draw;
	t.ctx = ladder;
	return t;
}

static void done(talk *t)
{
	hf_ladder_flush(ladder);
	hf_ladder_free(ladder);
	hf_tracker_free(t->tracker);
}

static void talk_request_and_close(talk *t)
{
	talk_open(t);
	SAY(t, A, 41000, PSH | ACK, 1, 1, 78, .window = 502);
	SAY(t, B, 81000, PSH | ACK, 1, 79, 1000, .window = 300);
	SAY(t, A, 81050, ACK, 79, 1001, .window = 502);
	SAY(t, A, 82000, FIN | ACK, 79, 1001, .window = 502);
	SAY(t, B, 122000, FIN | ACK, 1001, 80, .window = 300);
	SAY(t, A, 122100, ACK, 80, 1002, .window = 502);
}

static void a_whole_connection_in_unicode(void **state)
{
	(void)state;
	talk t = drawn(true, false, 0);
	talk_request_and_close(&t);
	done(&t);
	assert_string_equal(
		out.text,
		" 1 client 10.0.0.1:49152 ──────────────────────────────────────────────────────── server 10.0.0.2:80\n"
		" 1    0.000 ms     SYN-SENT ├── SYN  seq 0 = 1000000  win 64240 ─────────────────────▶│\n"
		" 1                          │   mss 1460 sackOK ts 1 ecr 0 wscale 7                   │\n"
		" 1   40.000 ms  ESTABLISHED │◀─────────── SYN-ACK  seq 0 = 5000000  ack 1 = 1000001 ──┤ SYN-RECEIVED\n"
		" 1                          │       win 65160  mss 1460 sackOK ts 77 ecr 1 wscale 8   │\n"
		" 1                          │                                           rtt 40.0 ms   │\n"
		" 1   40.100 ms              ├── ACK  seq 1  ack 1 = 5000001  win 64256  rtt 100 us ──▶│ ESTABLISHED\n"
		" 1   41.000 ms              ├── PSH-ACK  seq 1  ack 1  len 78  win 64256 ────────────▶│\n"
		" 1   81.000 ms              │◀───────── PSH-ACK  seq 1  ack 79  len 1000  win 76800 ──┤\n"
		" 1                          │                                           rtt 40.0 ms   │\n"
		" 1   81.050 ms              ├── ACK  seq 79  ack 1001  win 64256  rtt 50.0 us ───────▶│\n"
		" 1   82.000 ms   FIN-WAIT-1 ├── FIN-ACK  seq 79  ack 1001  win 64256 ────────────────▶│ CLOSE-WAIT\n"
		" 1  122.000 ms    TIME-WAIT │◀─── FIN-ACK  seq 1001  ack 80  win 76800  rtt 40.0 ms ──┤ LAST-ACK\n"
		" 1  122.100 ms              ├── ACK  seq 80  ack 1002  win 64256  rtt 100 us ────────▶│ CLOSED\n"
		" 1  122.100 ms closed-by-both: both sides closed, all octets delivered  after 122 ms\n"
		" 1             client sent 78 octets  server sent 1000 octets  rtt 40.0 ms\n");
}

static void the_same_in_ascii_on_a_narrow_terminal(void **state)
{
	(void)state;
	talk t = drawn(false, false, 72);
	talk_request_and_close(&t);
	done(&t);
	assert_string_equal(
		out.text,
		" 1 client 10.0.0.1:49152 ---------------------------- server 10.0.0.2:80\n"
		" 1    0.000 ms     SYN-SENT |-- SYN  seq 0 = 1000000 ---->|\n"
		" 1                          |   win 64240                 |\n"
		" 1                          |   mss 1460 sackOK ts 1      |\n"
		" 1                          |   ecr 0 wscale 7            |\n"
		" 1   40.000 ms  ESTABLISHED |<----------------- SYN-ACK --| SYN-RECEIVED\n"
		" 1                          |           seq 0 = 5000000   |\n"
		" 1                          |           ack 1 = 1000001   |\n"
		" 1                          |                 win 65160   |\n"
		" 1                          |     mss 1460 sackOK ts 77   |\n"
		" 1                          |            ecr 1 wscale 8   |\n"
		" 1                          |               rtt 40.0 ms   |\n"
		" 1   40.100 ms              |-- ACK  seq 1 -------------->| ESTABLISHED\n"
		" 1                          |   ack 1 = 5000001           |\n"
		" 1                          |   win 64256  rtt 100 us     |\n"
		" 1   41.000 ms              |-- PSH-ACK  seq 1  ack 1 --->|\n"
		" 1                          |   len 78  win 64256         |\n"
		" 1   81.000 ms              |<-- PSH-ACK  seq 1  ack 79 --|\n"
		" 1                          |       len 1000  win 76800   |\n"
		" 1                          |               rtt 40.0 ms   |\n"
		" 1   81.050 ms              |-- ACK  seq 79  ack 1001 --->|\n"
		" 1                          |   win 64256  rtt 50.0 us    |\n"
		" 1   82.000 ms   FIN-WAIT-1 |-- FIN-ACK  seq 79 --------->| CLOSE-WAIT\n"
		" 1                          |   ack 1001  win 64256       |\n"
		" 1  122.000 ms    TIME-WAIT |<------- FIN-ACK  seq 1001 --| LAST-ACK\n"
		" 1                          |         ack 80  win 76800   |\n"
		" 1                          |               rtt 40.0 ms   |\n"
		" 1  122.100 ms              |-- ACK  seq 80  ack 1002 --->| CLOSED\n"
		" 1                          |   win 64256  rtt 100 us     |\n"
		" 1  122.100 ms closed-by-both: both sides closed, all octets delivered\n"
		" 1             after 122 ms  client sent 78 octets\n"
		" 1             server sent 1000 octets  rtt 40.0 ms\n");
}

static void the_same_on_a_wide_terminal_has_everything_on_the_arrow(void **state)
{
	(void)state;
	talk t = drawn(false, false, 120);
	talk_request_and_close(&t);
	done(&t);
	assert_string_equal(
		out.text,
		" 1 client 10.0.0.1:49152 ---------------------------------------------------------------------------- server 10.0.0.2:80\n"
		" 1    0.000 ms     SYN-SENT |-- SYN  seq 0 = 1000000  win 64240  mss 1460 sackOK ts 1 ecr 0 wscale 7 ---->|\n"
		" 1   40.000 ms  ESTABLISHED |<-------------------- SYN-ACK  seq 0 = 5000000  ack 1 = 1000001  win 65160 --| SYN-RECEIVED\n"
		" 1                          |                         mss 1460 sackOK ts 77 ecr 1 wscale 8  rtt 40.0 ms   |\n"
		" 1   40.100 ms              |-- ACK  seq 1  ack 1 = 5000001  win 64256  rtt 100 us ---------------------->| ESTABLISHED\n"
		" 1   41.000 ms              |-- PSH-ACK  seq 1  ack 1  len 78  win 64256 -------------------------------->|\n"
		" 1   81.000 ms              |<---------------- PSH-ACK  seq 1  ack 79  len 1000  win 76800  rtt 40.0 ms --|\n"
		" 1   81.050 ms              |-- ACK  seq 79  ack 1001  win 64256  rtt 50.0 us --------------------------->|\n"
		" 1   82.000 ms   FIN-WAIT-1 |-- FIN-ACK  seq 79  ack 1001  win 64256 ------------------------------------>| CLOSE-WAIT\n"
		" 1  122.000 ms    TIME-WAIT |<----------------------- FIN-ACK  seq 1001  ack 80  win 76800  rtt 40.0 ms --| LAST-ACK\n"
		" 1  122.100 ms              |-- ACK  seq 80  ack 1002  win 64256  rtt 100 us ---------------------------->| CLOSED\n"
		" 1  122.100 ms closed-by-both: both sides closed, all octets delivered  after 122 ms  client sent 78 octets\n"
		" 1             server sent 1000 octets  rtt 40.0 ms\n");
}

static void a_lost_syn_is_crossed_out_and_sent_again(void **state)
{
	(void)state;
	talk t = drawn(true, false, 100);
	SAY(&t, A, 0, SYN, .window = 64240, .tsval = 10, .lost = "lost", .way = HF_WAY_LEAVING,
	    .cause = HF_SENT_SYN);
	SAY(&t, A, 1000000, SYN, .window = 64240, .tsval = 1010, .way = HF_WAY_LEAVING,
	    .cause = HF_SENT_SYN_AGAIN);
	SAY(&t, B, 1040000, SYN | ACK, .ack = 1, .window = 65160, .tsval = 5, .tsecr = 1010);
	done(&t);
	assert_string_equal(
		out.text,
		" 1 client 10.0.0.1:49152 ──────────────────────────────────────────────────────── server 10.0.0.2:80\n"
		" 1    0.000 ms     SYN-SENT ├── SYN  seq 0 = 1000000  win 64240  ts 10 ecr 0 ─────✗   │\n"
		" 1                          │   lost on the way                                       │\n"
		" 1 1000.000 ms              ├── SYN  seq 0 = 1000000  win 64240  ts 1010 ecr 0 ──────▶│\n"
		" 1                          │   retransmitted: timeout (try 2, 1.00 s after the       │\n"
		" 1                          │   first)                                                │\n"
		" 1 1040.000 ms  ESTABLISHED │◀─────────── SYN-ACK  seq 0 = 5000000  ack 1 = 1000001 ──┤ SYN-RECEIVED\n"
		" 1                          │                 win 65160  ts 5 ecr 1010  rtt 40.0 ms   │\n"
		" 1                          │                                         answers SYN 2   │\n");
}

static void a_closed_port_refuses(void **state)
{
	(void)state;
	talk t = drawn(true, false, 100);
	SAY(&t, A, 0, SYN, .window = 64240);
	SAY(&t, B, 300, RST | ACK, .seq = 0U - ISN_B, .ack = 1);
	done(&t);
	assert_string_equal(
		out.text,
		" 1 client 10.0.0.1:49152 ──────────────────────────────────────────────────────── server 10.0.0.2:80\n"
		" 1    0.000 ms     SYN-SENT ├── SYN  seq 0 = 1000000  win 64240 ─────────────────────▶│\n"
		" 1    0.300 ms       CLOSED │◀─────────────────────────────── RST-ACK  seq 0  ack 1 ──┤\n"
		" 1    0.300 ms refused-by-peer: the peer answered the SYN with a reset  after 300 us\n"
		" 1             client sent 0 octets  server sent 0 octets\n");
}

static void both_open_at_once(void **state)
{
	(void)state;
	talk t = drawn(false, false, 100);
	SAY(&t, A, 0, SYN, .window = 100);
	SAY(&t, B, 10, SYN, .window = 100);
	SAY(&t, A, 20, SYN | ACK, .ack = 1, .window = 100);
	SAY(&t, B, 30, SYN | ACK, .ack = 1, .window = 100);
	done(&t);
	assert_string_equal(
		out.text,
		" 1 client 10.0.0.1:49152 -------------------------------------------------------- server 10.0.0.2:80\n"
		" 1    0.000 ms     SYN-SENT |-- SYN  seq 0 = 1000000  win 100 ----------------------->|\n"
		" 1    0.010 ms SYN-RECEIVED |<----------------------- SYN  seq 0 = 5000000  win 100 --| SYN-SENT\n"
		" 1    0.020 ms              |-- SYN-ACK  seq 0 = 1000000  ack 1 = 5000001  win 100 -->| ESTABLISHED\n"
		" 1    0.030 ms  ESTABLISHED |<-- SYN-ACK  seq 0 = 5000000  ack 1 = 1000001  win 100 --|\n");
}

static void what_arrives_broken_is_crossed_out_at_the_rail(void **state)
{
	(void)state;
	talk t = drawn(false, false, 100);
	talk_open(&t);
	out.len = 0;
	SAY(&t, B, 50000, ACK, 1, 1, 100, .window = 300, .corrupt = true);
	SAY(&t, A, 60000, ACK, 1, 1, 100, .window = 502, .lost = "queue-full");
	done(&t);
	assert_string_equal(
		out.text,
		" 1   50.000 ms              |X--------------- ACK  seq 1  ack 1  len 100  win 76800 --|\n"
		" 1                          |         dropped: tcp-checksum (TCP checksum is wrong)   |\n"
		" 1   60.000 ms              |-- ACK  seq 1  ack 1  len 100  win 64256 ------------X   |\n"
		" 1                          |   lost on the way: queue-full                           |\n");
}

/* Segments of a download, each acknowledged. */
static void talk_bulk(talk *t, uint32_t first, uint32_t count)
{
	for (uint32_t i = first; i < first + count; i++) {
		SAY(t, B, 50000 + i * 20, ACK, 1 + i * 1000, 1, 1000, .window = 300);
		SAY(t, A, 50010 + i * 20, ACK, 1, 1001 + i * 1000, .window = 502);
	}
}

static void bulk_is_folded_until_something_happens(void **state)
{
	(void)state;
	talk t = drawn(true, false, 100);
	talk_open(&t);
	out.len = 0;
	talk_bulk(&t, 0, 102);
	SAY(&t, B, 60000, FIN | ACK, 102001, 1, .window = 300);
	done(&t);
	assert_string_equal(
		out.text,
		" 1   50.000 ms              │◀────────────── ACK  seq 1  ack 1  len 1000  win 76800 ──┤\n"
		" 1   50.010 ms              ├── ACK  seq 1  ack 1001  win 64256  rtt 10.0 us ────────▶│\n"
		" 1   50.020 ms              │◀─────────── ACK  seq 1001  ack 1  len 1000  win 76800 ──┤\n"
		" 1   50.030 ms              ├── ACK  seq 1  ack 2001  win 64256  rtt 10.0 us ────────▶│\n"
		" 1   50.040 ms              │··· client: 100 ACKs  server: 100 segments, 97.7 KiB ··· │\n"
		" 1                          │             ··· in 1.99 ms  402 Mbit/s ···              │\n"
		" 1   60.000 ms   CLOSE-WAIT │◀─────────────── FIN-ACK  seq 102001  ack 1  win 76800 ──┤ FIN-WAIT-1\n");
}

static void a_single_folded_segment_is_drawn_after_all(void **state)
{
	(void)state;
	talk t = drawn(false, false, 100);
	talk_open(&t);
	talk_bulk(&t, 0, 2);
	out.len = 0;
	out.text[0] = '\0';
	SAY(&t, B, 60000, ACK, 2001, 1, 1000, .window = 300);
	assert_string_equal(out.text, "");
	done(&t);
	assert_string_equal(
		out.text,
		" 1   60.000 ms              |<----------- ACK  seq 2001  ack 1  len 1000  win 76800 --|\n");
}

static void a_pause_ends_a_fold_and_so_does_a_second(void **state)
{
	(void)state;
	talk t = drawn(false, false, 100);
	talk_open(&t);
	talk_bulk(&t, 0, 10);
	SAY(&t, B, 250000, ACK, 10001, 1, 1000, .window = 300); /* 199.81 ms of silence */
	out.len = 0;
	out.text[0] = '\0';
	SAY(&t, B, 449999, ACK, 11001, 1, 1000, .window = 300);
	assert_string_equal(out.text, "");
	SAY(&t, B, 649999, ACK, 12001, 1, 1000, .window = 300);
	assert_non_null(strstr(out.text, "server: 10 segments, 9.8 KiB"));
	assert_non_null(strstr(out.text, "seq 12001"));
	out.len = 0;
	for (uint32_t i = 0; i < 14; i++)
		SAY(&t, B, 700000 + i * 100000, ACK, 13001 + i * 1000, 1, 1000, .window = 300);
	assert_non_null(strstr(out.text, "server: 10 segments, 9.8 KiB"));
	done(&t);
}

static void troubles_of_a_bad_path_are_drawn_at_first_and_counted_later(void **state)
{
	(void)state;
	talk t = drawn(false, false, 100);
	talk_open(&t);
	talk_bulk(&t, 0, 20);
	size_t drawn_lines = 0;
	for (uint32_t i = 0; i < 100; i++)
		SAY(&t, B, 60000 + i * 10, ACK, 1, 1, 1000, .window = 300);
	done(&t);
	for (const char *at = out.text; (at = strstr(at, "   retransmitted   ")); at++)
		drawn_lines++;
	assert_int_equal(drawn_lines, 12);
	assert_non_null(strstr(out.text, "server: 88 segments"));
	assert_non_null(strstr(out.text, "88 retransmitted"));
}

static void two_flows_are_told_apart_by_their_numbers(void **state)
{
	(void)state;
	talk t = drawn(false, false, 100);
	SAY(&t, A, 0, SYN, .window = 100);
	assert_true(hf_addr_parse("fd00:1234:5678:9abc:def0:1234:5678:9abc", &t.end[A].addr));
	assert_true(hf_addr_parse("fd00:1234:5678:9abc:def0:1234:5678:9abd", &t.end[B].addr));
	SAY(&t, A, 5000, SYN, .window = 100);
	t.end[A].addr = hf_addr_v4(10, 0, 0, 1);
	t.end[B].addr = hf_addr_v4(10, 0, 0, 2);
	SAY(&t, B, 6000, SYN | ACK, .ack = 1, .window = 100);
	assert_true(hf_tracker_verdict(t.tracker, t.end, HF_WHY_USER_TIMEOUT,
				       (hf_time){ HF_SEC(12) }, &t.step));
	hf_ladder_step(ladder, &t.step);
	done(&t);
	assert_string_equal(
		out.text,
		" 1 client 10.0.0.1:49152 -------------------------------------------------------- server 10.0.0.2:80\n"
		" 1    0.000 ms     SYN-SENT |-- SYN  seq 0 = 1000000  win 100 ----------------------->|\n"
		"\n"
		" 2 client [fd00:1234:5678:9abc:def0:1234:5678:9abc]:49152\n"
		" 2                                               server [fd00:1234:5678:9abc:def0:1234:5678:9abd]:80\n"
		" 2    0.000 ms     SYN-SENT |-- SYN  seq 0 = 1000000  win 100 ----------------------->|\n"
		" 1    6.000 ms  ESTABLISHED |<-- SYN-ACK  seq 0 = 5000000  ack 1 = 1000001  win 100 --| SYN-RECEIVED\n"
		" 1                          |                                           rtt 6.00 ms   |\n"
		" 1    12.000 s user-timeout: the user timeout ran out  after 12.0 s  client sent 0 octets\n"
		" 1             server sent 0 octets\n");
}

static const char *syn_at_width(unsigned width)
{
	talk t = drawn(false, false, width);
	SAY(&t, A, 0, SYN, .window = 64240, .mss = 1460, .wscale = 7, .tsval = 1);
	done(&t);
	return out.text;
}

static void words_stay_on_the_arrow_up_to_its_last_column(void **state)
{
	(void)state;
	/* Of a line, 43 columns are margins and rails, and 6 are the arrow's own. */
	const unsigned numbers = 31, all = 68;
	assert_non_null(strstr(syn_at_width(numbers + 49), "win 64240 ->|"));
	assert_null(strstr(syn_at_width(numbers + 48), "win 64240 -"));
	assert_non_null(strstr(syn_at_width(all + 49), "wscale 7 ->|"));
	assert_null(strstr(syn_at_width(all + 48), "wscale 7 -"));
}

static void what_was_folded_of_a_flow_is_shown_before_its_place_is_taken(void **state)
{
	(void)state;
	talk t = drawn(false, false, 100);
	hf_step end;
	talk_open(&t);
	talk_bulk(&t, 0, 2);
	SAY(&t, B, 50100, ACK, 2001, 1, 1000, .window = 300);
	assert_true(hf_tracker_verdict(t.tracker, t.end, HF_WHY_STACK_FREED, (hf_time){ 0 }, &end));
	out.len = 0;
	SAY(&t, A, 60000, SYN, 77777, .window = 64240);
	assert_int_equal(strncmp(out.text, " 1   50.100 ms ", 15), 0);
	assert_non_null(strstr(out.text, "... server: 1 segment, 1000 octets ..."));
	assert_non_null(strstr(out.text, "\n 2 client 10.0.0.1:49152"));
	done(&t);
}

/* Columns of a line in UTF-8, without its colours. */
static unsigned columns(const char *at, const char *end)
{
	unsigned n = 0;
	for (; at < end; at++) {
		if (*at == '\033')
			at = strchr(at, 'm');
		else if (((unsigned char)*at & 0xc0) != 0x80)
			n++;
	}
	return n;
}

static void no_line_is_wider_than_the_terminal(void **state)
{
	(void)state;
	for (unsigned width = 60; width <= 180; width++) {
		unsigned widest = width < 72 ? 72 : width > 160 ? 160 : width;
		talk t = drawn(true, true, width);
		talk_request_and_close(&t);
		t.end[A].port++;
		SAY(&t, A, 20000000, SYN, .window = 64240, .mss = 1460, .tsval = UINT32_MAX);
		SAY(&t, A, 21000000, SYN, .window = 64240, .mss = 1460, .tsval = UINT32_MAX,
		    .lost = "filtered");
		talk_bulk(&t, 0, 30);
		done(&t);
		for (const char *at = out.text, *end; (end = strchr(at, '\n')); at = end + 1)
			assert_true(columns(at, end) <= widest);
	}
}

static void colour_ends_with_each_line(void **state)
{
	(void)state;
	talk t = drawn(true, true, 100);
	talk_request_and_close(&t);
	done(&t);
	bool coloured = false;
	for (const char *at = out.text; *at; at++) {
		if (*at == '\n')
			assert_false(coloured);
		if (*at == '\033')
			coloured = strncmp(at, "\033[0m", 4) != 0;
	}
	assert_non_null(strstr(out.text, "\033[0;32m"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_connection_in_unicode),
		cmocka_unit_test(the_same_in_ascii_on_a_narrow_terminal),
		cmocka_unit_test(the_same_on_a_wide_terminal_has_everything_on_the_arrow),
		cmocka_unit_test(a_lost_syn_is_crossed_out_and_sent_again),
		cmocka_unit_test(a_closed_port_refuses),
		cmocka_unit_test(both_open_at_once),
		cmocka_unit_test(what_arrives_broken_is_crossed_out_at_the_rail),
		cmocka_unit_test(bulk_is_folded_until_something_happens),
		cmocka_unit_test(a_single_folded_segment_is_drawn_after_all),
		cmocka_unit_test(a_pause_ends_a_fold_and_so_does_a_second),
		cmocka_unit_test(troubles_of_a_bad_path_are_drawn_at_first_and_counted_later),
		cmocka_unit_test(two_flows_are_told_apart_by_their_numbers),
		cmocka_unit_test(words_stay_on_the_arrow_up_to_its_last_column),
		cmocka_unit_test(what_was_folded_of_a_flow_is_shown_before_its_place_is_taken),
		cmocka_unit_test(no_line_is_wider_than_the_terminal),
		cmocka_unit_test(colour_ends_with_each_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
