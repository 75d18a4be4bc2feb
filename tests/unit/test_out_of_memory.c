/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that is refused: the call fails or the luxury is left out, and what there was stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <handfast/urgent.h>

#include "tests/support/complaint.h"
#include "tests/unit/transfer.h"

static const report too_big4 = { 3, 4, 0 };

static void text_that_was_taken_is_sent_though_the_next_is_refused(void **state)
{
	static const uint8_t text[60000];
	size_t sent = 7;
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	p->window = 0;
	acknowledge(p, 1);
	peer_app_send(p, c, 1, 3 * MSS);
	peer_expect_nothing(p);
	p->heap.refuses = true;
	assert_int_equal(hf_conn_send(p->stack, c, text, sizeof(text), &sent), HF_ERR_NO_MEMORY);
	assert_int_equal(sent, 7);
	assert_int_equal(peer_info(p, c).unsent, 3 * MSS);
	p->heap.refuses = false;
	p->window = 10 * MSS;
	acknowledge(p, 1);
	EXPECT_SEGMENTS(p, 1, 3);
	peer_free(p);
}

/* Nothing can note what leaves: it is tried again one time-out later, corked or not. */
static void a_segment_that_cannot_be_noted_leaves_later(void **state)
{
	(void)state;
	for (int corked = 0; corked < 2; corked++) {
		uint8_t text[MSS];
		size_t sent;
		hf_conn c;
		peer *p = transfer(PLAIN, &c);

		assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_CORK, corked), HF_OK);
		peer_pattern(text, 1, sizeof(text));
		assert_int_equal(hf_conn_send(p->stack, c, text, sizeof(text), &sent), HF_OK);
		assert_int_equal(sent, MSS);
		p->heap.refuses = true;
		peer_expect_nothing(p);
		p->heap.refuses = false;
		peer_wait_for_output(p, HF_SEC(2));
		EXPECT_TEXT(p, 1, MSS);
		peer_free(p);
	}
}

/* A report holds for the connection's life if nothing can note for how long. */
static void a_report_is_believed_without_memory(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	const peer_seen *s;

	(void)state;
	peer_app_send(p, c, 1, 4 * MSS);
	s = peer_expect(p, ACK);
	p->heap.refuses = true;
	complain(p, too_big4, 640, s);
	p->heap.refuses = false;
	assert_int_equal(peer_info(p, c).pmtu, 640);
	assert_int_equal(peer_info(p, c).snd_mss, 600);
	peer_ignore(p);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1 + 4 * MSS);
	peer_wait(p, HF_SEC(3600));
	peer_app_send(p, c, 1 + 4 * MSS, MSS);
	EXPECT_TEXT(p, 1 + 4 * MSS, 600);
	peer_free(p);
}

/* What of it is done depends on the memory; that the stack lives and gives all back does not. */
static void converse(peer *p)
{
	uint8_t text[5000] = { 0 };
	size_t n;
	hf_conn c;

	PEER_SAY(p, .flags = SYN);
	peer_collect(p);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	if (hf_listener_accept(p->stack, p->listener, &c) != HF_OK)
		return;
	(void)hf_conn_set(p->stack, c, HF_OPTION_CONGESTION, HF_CONGESTION_BBR);
	(void)hf_conn_set(p->stack, c, HF_OPTION_USER_TIMEOUT, HF_SEC(100));
	(void)hf_conn_send(p->stack, c, text, sizeof(text), &n);
	for (const peer_seen *s; (s = peer_next(p)) != NULL;)
		if (s->len > 1000)
			complain(p, too_big4, 800, s);
	PEER_SAY(p, .flags = ACK | URG, .seq = 1001, .ack = 1, .len = 1000, .urgent = 5);
	PEER_SAY(p, .flags = ACK, .seq = 1001, .ack = 1, .len = 1000);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 1000, .sack = { { 1000, 2000 } });
	(void)hf_conn_send_urgent(p->stack, c, text, 10, &n);
	peer_wait(p, HF_SEC(5));
	PEER_SAY(p, .flags = ACK, .seq = 2001, .ack = 3001);
	(void)hf_conn_consume(p->stack, c, 1);
	peer_wait(p, HF_SEC(1));
	p->self.port++; /* to whom a smaller MTU is known by now */
	PEER_SAY(p, .flags = SYN);
	peer_collect(p);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 10);
	p->self.port--;
	(void)hf_conn_shutdown(p->stack, c);
	peer_collect(p);
	PEER_SAY(p, .flags = FIN | ACK, .seq = 2001, .ack = 5011);
	(void)hf_conn_close(p->stack, c);
	peer_wait(p, HF_SEC(200));
}

static void whichever_allocation_is_refused_the_stack_lives(void **state)
{
	(void)state;
	for (int for_good = 0; for_good < 2; for_good++) {
		bool was_refused = true;

		for (unsigned n = 1; was_refused; n++) {
			hf_config config = peer_config(false);
			peer *p;

			config.mtu_probing = HF_MTU_PROBING_ALWAYS;
			p = peer_new(&config);
			peer_offer_all(p);
			peer_listen(p);
			p->heap.refuses_in = n;
			p->heap.for_good = for_good;
			converse(p);
			was_refused = p->heap.refuses_in == 0;
			p->heap.refuses_in = 0;
			p->heap.refuses = false;
			peer_free(p);
			assert_true(n < 1000);
		}
	}
}

static void a_module_that_has_no_memory_leaves_the_one_before(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	int64_t before, value;

	(void)state;
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_CONGESTION, HF_CONGESTION_RENO), HF_OK);
	assert_int_equal(hf_conn_get(p->stack, c, HF_OPTION_CONGESTION, &before), HF_OK);
	p->heap.refuses = true;
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_CONGESTION, HF_CONGESTION_BBR),
			 HF_ERR_NO_MEMORY);
	p->heap.refuses = false;
	assert_int_equal(hf_conn_get(p->stack, c, HF_OPTION_CONGESTION, &value), HF_OK);
	assert_int_equal(value, before);
	assert_int_equal(peer_info(p, c).congestion, HF_CONGESTION_RENO);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_that_was_taken_is_sent_though_the_next_is_refused),
		cmocka_unit_test(a_segment_that_cannot_be_noted_leaves_later),
		cmocka_unit_test(a_report_is_believed_without_memory),
		cmocka_unit_test(whichever_allocation_is_refused_the_stack_lives),
		cmocka_unit_test(a_module_that_has_no_memory_leaves_the_one_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
