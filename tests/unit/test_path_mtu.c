/* SPDX-License-Identifier: BSD-2-Clause */
/* Probing the path MTU, black holes, and reports that must wait (RFC 4821, 8899, 5927 7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/peer.h"

#define ROUND HF_MS(20)
#define NO_LIMIT 100000u

/* A path to a peer that acknowledges, with SACK, what gets through. */
typedef struct path {
	peer *p;
	hf_conn c;
	uint32_t carries; /* octets a packet */
	uint32_t have;    /* all before this has arrived, relative */
	peer_range early[4];
	unsigned probes, lost_probes, timeouts;
	uint32_t largest; /* of the probes */
} path;

static void note_early(path *h, uint32_t from, uint32_t to)
{
	for (unsigned i = 0; i < 4; i++) {
		peer_range *r = &h->early[i];

		if (r->to == 0)
			*r = (peer_range){ from, to };
		else if (from <= r->to && to >= r->from)
			*r = (peer_range){ from < r->from ? from : r->from,
					   to > r->to ? to : r->to };
		else
			continue;
		return;
	}
}

static void take(path *h, uint32_t from, uint32_t to)
{
	if (from > h->have) {
		note_early(h, from, to);
		return;
	}
	if (to > h->have)
		h->have = to;
	for (unsigned i = 0; i < 4; i++)
		for (unsigned k = 0; k < 4; k++)
			if (h->early[k].to != 0 && h->early[k].from <= h->have) {
				if (h->early[k].to > h->have)
					h->have = h->early[k].to;
				h->early[k] = (peer_range){ 0 };
			}
}

static void answer(path *h)
{
	peer_line line = { .flags = ACK, .seq = 1, .ack = h->have };
	unsigned n = 0;

	for (unsigned i = 0; i < 4; i++)
		if (h->early[i].to != 0)
			line.sack[n++] = h->early[i];
	peer_say(h->p, line);
}

/* What has left meets the path; each segment that arrives is answered one round trip later. */
static void cross(path *h)
{
	const peer_seen *s, *batch[400];
	unsigned n = 0;

	while ((s = peer_next(h->p)) != NULL) {
		h->probes += s->cause == HF_SENT_MTU_PROBE;
		h->timeouts += s->cause == HF_SENT_TIMEOUT_RETRANSMIT;
		if (s->cause == HF_SENT_MTU_PROBE && s->ip.payload.len + 20 > h->largest)
			h->largest = (uint32_t)s->ip.payload.len + 20;
		if (s->ip.payload.len + 20 > h->carries) {
			h->lost_probes += s->cause == HF_SENT_MTU_PROBE;
			continue;
		}
		assert_true(n < 400);
		if (s->len > 0)
			batch[n++] = s;
	}
	peer_wait(h->p, ROUND);
	for (unsigned i = 0; i < n; i++) {
		take(h, batch[i]->seq, batch[i]->seq + batch[i]->len);
		answer(h);
	}
}

static void transfer(path *h, uint32_t octets)
{
	uint32_t end = h->have + octets;
	hf_time limit = hf_time_add(h->p->now, HF_SEC(300));

	for (uint32_t sent = h->have; h->have < end;) {
		size_t n = 0;
		uint8_t text[4096];

		if (sent < end) {
			size_t most = end - sent < sizeof(text) ? end - sent : sizeof(text);

			peer_pattern(text, sent, most);
			if (hf_conn_send(h->p->stack, h->c, text, most, &n) == HF_OK)
				sent += (uint32_t)n;
			peer_collect(h->p);
			if (n == sizeof(text))
				continue;
		}
		assert_true(hf_time_before(h->p->now, limit));
		cross(h);
	}
}

static hf_config settings(hf_mtu_probing how)
{
	hf_config config = peer_config(false);

	config.mtu_probing = how;
	return config;
}

static path new_path(const hf_config *config, uint32_t carries)
{
	path h = { .p = peer_new(config), .carries = carries, .have = 1 };

	h.p->offer.present |= HF_HAS(SACK_PERMITTED) | HF_HAS(WSCALE);
	h.p->offer.mss = 8960;
	h.p->offer.wscale = 7;
	h.p->window = 400; /* scaled: 51,200 octets */
	h.c = peer_handshake_passive(h.p);
	return h;
}

static void end_path(path *h)
{
	peer_free(h->p);
}

/* ---- Probing from the start ---- */

static void probing_starts_small_and_finds_the_link(void **state)
{
	hf_config config = settings(HF_MTU_PROBING_ALWAYS);
	path h = new_path(&config, NO_LIMIT);

	(void)state;
	assert_int_equal(peer_info(h.p, h.c).snd_mss, 1024);
	assert_int_equal(peer_info(h.p, h.c).pmtu, 1064);
	transfer(&h, 2000000);
	assert_int_equal(peer_info(h.p, h.c).pmtu, 1500);
	assert_int_equal(peer_info(h.p, h.c).snd_mss, 1460);
	assert_int_equal(h.probes, 7);
	assert_int_equal(h.lost_probes, 0);
	end_path(&h);
}

static void probing_finds_a_smaller_path_without_a_word_from_it(void **state)
{
	(void)state;
	for (uint32_t mtu = 1064; mtu < 1500; mtu += 37) {
		hf_config config = settings(HF_MTU_PROBING_ALWAYS);
		path h = new_path(&config, mtu);
		uint32_t found;

		transfer(&h, 2000000);
		found = peer_info(h.p, h.c).pmtu;
		assert_true(found <= mtu && found + 8 > mtu);
		/* Lost probes were no congestion, and no time-out was needed to notice. */
		assert_true(h.lost_probes > 0);
		assert_int_equal(h.timeouts, 0);
		assert_int_equal(peer_info(h.p, h.c).fast_recoveries, 0);
		assert_int_equal(peer_info(h.p, h.c).timeouts, 0);
		end_path(&h);
	}
}

static void the_search_begins_anew_after_ten_minutes(void **state)
{
	hf_config config = settings(HF_MTU_PROBING_ALWAYS);
	path h = new_path(&config, 1300);
	unsigned probes;

	(void)state;
	transfer(&h, 2000000);
	h.carries = NO_LIMIT;
	probes = h.probes;
	transfer(&h, 300000);
	assert_int_equal(h.probes, probes);
	peer_wait(h.p, HF_SEC(600));
	peer_ignore(h.p);
	transfer(&h, 2000000);
	assert_int_equal(peer_info(h.p, h.c).pmtu, 1500);
	end_path(&h);
}

static void a_probe_is_one_segment_of_new_text_and_fills_no_window(void **state)
{
	hf_config config = settings(HF_MTU_PROBING_ALWAYS);
	path h = new_path(&config, NO_LIMIT);
	const peer_seen *s;
	uint32_t end;
	bool is_found = false;

	(void)state;
	h.p->window = 40; /* scaled: 5 kB, too little for a probe and what must follow it */
	answer(&h);
	transfer(&h, 100000);
	assert_int_equal(h.probes, 0);
	h.p->window = 400; /* scaled: 51,200 octets */
	answer(&h);
	end = h.have;
	for (unsigned i = 0; i < 60 && !is_found; i++) {
		peer_app_send(h.p, h.c, end, 9000);
		end += 9000;
		while ((s = peer_next(h.p)) != NULL) {
			if (s->cause == HF_SENT_MTU_PROBE) {
				assert_int_equal(s->seq, h.have); /* nothing went before it again */
				assert_int_equal(s->len, 1242);
				peer_check_text(s);
				is_found = true;
			}
			h.have = s->seq + s->len;
		}
		peer_wait(h.p, ROUND);
		answer(&h);
	}
	assert_true(is_found);
	end_path(&h);
}

/* Timestamps and SACK blocks take room beside the text: the packet is what has a size. */
static void a_probe_s_options_count(void **state)
{
	hf_config config = settings(HF_MTU_PROBING_ALWAYS);
	path h = { .p = peer_new(&config), .carries = 1400, .have = 1 };
	uint32_t found;

	(void)state;
	peer_offer_all(h.p);
	h.p->window = 400;
	h.c = peer_handshake_passive(h.p);
	assert_int_equal(peer_info(h.p, h.c).pmtu, 1024 + 12 + 40);
	transfer(&h, 2000000);
	found = peer_info(h.p, h.c).pmtu;
	assert_true(found <= 1400 && found + 8 > 1400);
	assert_int_equal(peer_info(h.p, h.c).snd_mss, found - 52);
	end_path(&h);
}

/* ---- Black holes ---- */

static void a_black_hole_is_noticed_and_measured(void **state)
{
	static const uint32_t carries[] = { 1400, 1280, 1100, 600, 300 };

	(void)state;
	for (unsigned i = 0; i < sizeof(carries) / sizeof(carries[0]); i++) {
		hf_config config = settings(HF_MTU_PROBING_DEFAULT);
		path h;
		uint32_t found;

		if (carries[i] < 552)
			config.mtu_probe_floor = 48;
		h = new_path(&config, carries[i]);
		transfer(&h, 2000000);
		found = peer_info(h.p, h.c).pmtu;
		assert_true(found <= carries[i] && found + 8 > carries[i]);
		end_path(&h);
	}
}

static void a_path_that_becomes_a_black_hole_does_not_end_the_connection(void **state)
{
	path h = new_path(NULL, NO_LIMIT);

	(void)state;
	transfer(&h, 100000);
	assert_int_equal(peer_info(h.p, h.c).pmtu, 1500);
	assert_int_equal(h.probes, 0); /* nothing is probed while all goes well */
	h.carries = 1200;
	transfer(&h, 2000000);
	assert_true(peer_info(h.p, h.c).pmtu > 1192 && peer_info(h.p, h.c).pmtu <= 1200);
	end_path(&h);
}

/* What is in flight probes a window that has closed: if that is too large, no answer ever comes. */
static void a_black_hole_behind_a_closed_window_is_noticed(void **state)
{
	path h = new_path(NULL, 1200);
	uint32_t len = 1460;

	(void)state;
	peer_app_send(h.p, h.c, 1, 1460);
	assert_int_equal(peer_expect(h.p, ACK)->len, 1460);
	h.p->window = 0;
	PEER_SAY(h.p, .flags = ACK, .seq = 1, .ack = 1);
	for (unsigned i = 0; i < 6 && len > 1200 - 40; i++) {
		const peer_seen *s;

		peer_wait_for_output(h.p, HF_SEC(60));
		s = peer_expect(h.p, ACK);
		assert_int_equal(s->seq, 1);
		assert_int_equal(s->cause, HF_SENT_WINDOW_PROBE);
		len = s->len;
	}
	assert_true(len <= 1200 - 40);
	peer_ignore(h.p);
	end_path(&h);
}

static void an_outage_is_no_black_hole_for_long(void **state)
{
	path h = new_path(NULL, NO_LIMIT);
	hf_time broken;

	(void)state;
	transfer(&h, 300000);
	h.carries = 0;
	peer_app_send(h.p, h.c, h.have, 30000);
	broken = h.p->now;
	while (hf_time_diff(h.p->now, broken) < HF_SEC(3))
		cross(&h);
	assert_int_equal(peer_info(h.p, h.c).pmtu, 1064);
	h.carries = NO_LIMIT;
	while (h.have % 1000 != 1 || peer_info(h.p, h.c).in_flight > 0)
		cross(&h);
	transfer(&h, 300000);
	/* One probe, of the size that had worked before. */
	assert_int_equal(h.probes, 1);
	assert_int_equal(peer_info(h.p, h.c).pmtu, 1500);
	end_path(&h);
}

static void a_long_outage_does_not_make_segments_tiny(void **state)
{
	path h = new_path(NULL, 0);

	(void)state;
	peer_app_send(h.p, h.c, 1, 1460);
	peer_wait(h.p, HF_SEC(300));
	assert_int_equal(peer_info(h.p, h.c).snd_mss, 512);
	end_path(&h);
}

static void without_probing_a_black_hole_is_the_end(void **state)
{
	hf_config config = settings(HF_MTU_PROBING_OFF);
	path h = new_path(&config, 1200);

	(void)state;
	peer_app_send(h.p, h.c, 1, 1460);
	for (unsigned i = 0; i < 60; i++) {
		const peer_seen *s;

		while ((s = peer_next(h.p)) != NULL)
			assert_int_equal(s->len, 1460);
		peer_wait(h.p, HF_SEC(20));
	}
	assert_int_equal(peer_state(h.p, h.c), HF_CLOSED);
	assert_true(peer_events(h.p) & HF_EVENT_CLOSED);
	assert_int_equal(h.p->event.reason, HF_WHY_DATA_TIMEOUT);
	end_path(&h);
}

static void the_next_connection_knows_what_one_has_found(void **state)
{
	path h = new_path(NULL, 1300);
	uint32_t found;
	hf_conn second;

	(void)state;
	transfer(&h, 2000000);
	found = peer_info(h.p, h.c).pmtu;
	assert_true(found < 1300);
	h.p->self.port++;
	second = peer_handshake_passive(h.p);
	assert_int_equal(peer_info(h.p, second).pmtu, found);
	peer_wait(h.p, HF_SEC(600));
	h.p->self.port++;
	assert_int_equal(peer_info(h.p, peer_handshake_passive(h.p)).pmtu, 1500);
	end_path(&h);
}

/* RFC 1191 6.3: what goes on as before does not make what was found younger. */
static void what_one_has_found_is_not_found_again_with_each_ack(void **state)
{
	path h = new_path(NULL, 1300);

	(void)state;
	transfer(&h, 2000000);
	assert_true(peer_info(h.p, h.c).pmtu < 1300);
	peer_wait(h.p, HF_SEC(400));
	transfer(&h, 5000);
	peer_wait(h.p, HF_SEC(200));
	h.p->self.port++;
	assert_int_equal(peer_info(h.p, peer_handshake_passive(h.p)).pmtu, 1500);
	end_path(&h);
}

/* A path that has been found to carry all of the link's MTU has nothing to be remembered for. */
static void what_one_has_found_is_taken_back_when_the_path_is_whole_again(void **state)
{
	hf_config config = settings(HF_MTU_PROBING_ALWAYS);
	path h;
	uint32_t found;

	(void)state;
	config.mtu_probe_interval = HF_SEC(60);
	h = new_path(&config, 1300);
	transfer(&h, 2000000);
	found = peer_info(h.p, h.c).pmtu;
	assert_true(found <= 1300);
	h.carries = NO_LIMIT;
	peer_wait(h.p, HF_SEC(60));
	peer_ignore(h.p);
	transfer(&h, 2000000);
	assert_int_equal(peer_info(h.p, h.c).pmtu, 1500);
	/* Another can reach as far. */
	h.p->self.port++;
	h.c = peer_handshake_passive(h.p);
	h.have = 1;
	transfer(&h, 2000000);
	assert_int_equal(peer_info(h.p, h.c).pmtu, 1500);
	end_path(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(probing_starts_small_and_finds_the_link),
		cmocka_unit_test(probing_finds_a_smaller_path_without_a_word_from_it),
		cmocka_unit_test(the_search_begins_anew_after_ten_minutes),
		cmocka_unit_test(a_probe_is_one_segment_of_new_text_and_fills_no_window),
		cmocka_unit_test(a_probe_s_options_count),
		cmocka_unit_test(a_black_hole_is_noticed_and_measured),
		cmocka_unit_test(a_path_that_becomes_a_black_hole_does_not_end_the_connection),
		cmocka_unit_test(a_black_hole_behind_a_closed_window_is_noticed),
		cmocka_unit_test(an_outage_is_no_black_hole_for_long),
		cmocka_unit_test(a_long_outage_does_not_make_segments_tiny),
		cmocka_unit_test(without_probing_a_black_hole_is_the_end),
		cmocka_unit_test(the_next_connection_knows_what_one_has_found),
		cmocka_unit_test(what_one_has_found_is_not_found_again_with_each_ack),
		cmocka_unit_test(what_one_has_found_is_taken_back_when_the_path_is_whole_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
