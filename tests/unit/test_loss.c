/* SPDX-License-Identifier: BSD-2-Clause */
/* What is lost, by itself: marks, what they take out of flight, and that each loss counts once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tcp/tcb.h"
#include "tests/unit/support.h"

#define MSS 1000u

typedef struct sender {
	struct heap heap;
	hf_mem mem;
	hf_tcb tcb;
	hf_tx tx;
} sender;

/* Three segments are in flight, sent a millisecond apart. */
static void begin(sender *s, bool sack)
{
	*s = (sender){ 0 };
	s->mem = heap_mem(&s->heap);
	s->tcb.tx = &s->tx;
	s->tcb.snd.mss = MSS;
	s->tcb.snd.nxt = (hf_seq){ 3 * MSS };
	hf_tcb_put(&s->tcb, HF_TCB_SACK, sack);
	for (uint32_t i = 0; i < 3; i++) {
		hf_sent sent = { .seq = { i * MSS }, .len = MSS, .at = { HF_MS(i) } };

		assert_true(hf_sent_reserve(&s->tx.sent, &s->mem));
		hf_sent_append(&s->tx.sent, sent);
	}
}

static void end(sender *s)
{
	hf_sent_release(&s->tx.sent, &s->mem);
	hf_mem_drain(&s->mem);
	assert_int_equal(s->heap.out, 0);
}

static void a_loss_counts_once_though_a_timeout_marks_it_again(void **state)
{
	(void)state;
	for (int sack = 0; sack < 2; sack++) {
		sender s;

		begin(&s, sack);
		hf_tx_mark_lost(&s.tx, 1);
		hf_tx_mark_lost(&s.tx, 1);
		assert_int_equal(s.tx.rate.lost, MSS);
		assert_int_equal(s.tx.lost, MSS);
		for (int i = 0; i < 2; i++) {
			hf_tx_mark_all_lost(&s.tcb, (hf_time){ HF_SEC(1) });
			assert_int_equal(s.tx.rate.lost, 3 * MSS);
			assert_int_equal(s.tx.lost, 3 * MSS);
			assert_int_equal(hf_tx_pipe(&s.tcb), 0);
		}
		end(&s);
	}
}

static void a_repetition_that_is_lost_too_is_one_more(void **state)
{
	sender s;

	(void)state;
	begin(&s, true);
	hf_tx_mark_lost(&s.tx, 0);
	hf_sent_mark(&s.tx.sent, 0, HF_SENT_LOST | HF_SENT_RETRANSMITTED | HF_SENT_TWICE);
	s.tx.retransmitted = MSS;
	assert_int_equal(hf_tx_pipe(&s.tcb), 3 * MSS);
	hf_tx_mark_lost(&s.tx, 0);
	assert_int_equal(s.tx.rate.lost, 2 * MSS);
	assert_int_equal(s.tx.lost, MSS);
	assert_int_equal(s.tx.retransmitted, 0);
	assert_int_equal(hf_tx_pipe(&s.tcb), 2 * MSS);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_loss_counts_once_though_a_timeout_marks_it_again),
		cmocka_unit_test(a_repetition_that_is_lost_too_is_one_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
