/* SPDX-License-Identifier: BSD-2-Clause */
/* What SYN and SYN-ACK say of ECN, in every combination (RFC 3168 6.1.1, RFC 9768 3.1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tcp/ecn/handshake.h"

#define NONE HF_ECN_MODE_NONE
#define CLASSIC HF_ECN_MODE_CLASSIC
#define ACCURATE HF_ECN_MODE_ACCURATE

static const hf_ip_ecn marks[] = { HF_IP_NOT_ECT, HF_IP_ECT1, HF_IP_ECT0, HF_IP_CE };

/* (AE, CWR, ECE) as the RFC writes them: 0b111 is all three. */
static uint16_t bits(unsigned ae_cwr_ece)
{
	return (uint16_t)((ae_cwr_ece & 4 ? HF_TCP_AE : 0) | (ae_cwr_ece & 2 ? HF_TCP_CWR : 0) |
			  (ae_cwr_ece & 1 ? HF_TCP_ECE : 0));
}

static void each_number_has_its_bits(void **state)
{
	(void)state;
	for (unsigned ace = 0; ace < 8; ace++) {
		assert_int_equal(hf_ecn_ace_flags(ace), bits(ace));
		assert_int_equal(hf_ecn_ace_flags(ace + 8), bits(ace));
		assert_int_equal(hf_ecn_ace(bits(ace)), ace);
		assert_int_equal(hf_ecn_ace((uint16_t)(bits(ace) | HF_TCP_ACK | HF_TCP_PSH)), ace);
	}
}

/* Linux's tcp_ecn 0 to 5, in its order. */
static void each_policy_asks_and_accepts_as_linux_does(void **state)
{
	static const struct {
		hf_ecn_policy policy;
		hf_ecn_mode asks, accepts;
	} rows[] = {
		{ HF_ECN_OFF, NONE, NONE },
		{ HF_ECN_REQUEST, CLASSIC, CLASSIC },
		{ HF_ECN_ACCEPT, NONE, CLASSIC },
		{ HF_ECN_ACCURATE, ACCURATE, ACCURATE },
		{ HF_ECN_ACCURATE_CLASSIC, CLASSIC, ACCURATE },
		{ HF_ECN_ACCURATE_ACCEPT, NONE, ACCURATE },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(rows[i].policy, i + 1);
		assert_int_equal(hf_ecn_requests(rows[i].policy), rows[i].asks);
		assert_int_equal(hf_ecn_accepts(rows[i].policy), rows[i].accepts);
	}
	assert_int_equal(hf_ecn_requests(HF_ECN_DEFAULT), NONE);
	assert_int_equal(hf_ecn_accepts(HF_ECN_DEFAULT), CLASSIC);
	assert_int_equal(hf_ecn_syn_flags(NONE), bits(0));
	assert_int_equal(hf_ecn_syn_flags(CLASSIC), bits(3));
	assert_int_equal(hf_ecn_syn_flags(ACCURATE), bits(7));
}

/* What a server makes of a SYN: its row by (AE, CWR, ECE), its column by what it is ready for. */
static void a_server_enters_the_mode_of_the_table(void **state)
{
	static const hf_ecn_mode table[8][3] = {
		/* none    classic  accurate */
		{ NONE, NONE, NONE },        /* 000 */
		{ NONE, NONE, ACCURATE },    /* 001: reserved, as 111 (RFC 9768 3.1.3) */
		{ NONE, NONE, ACCURATE },    /* 010 */
		{ NONE, CLASSIC, CLASSIC },  /* 011: a classic SYN */
		{ NONE, NONE, ACCURATE },    /* 100 */
		{ NONE, NONE, ACCURATE },    /* 101 */
		{ NONE, NONE, ACCURATE },    /* 110 */
		{ NONE, CLASSIC, ACCURATE }, /* 111 */
	};

	(void)state;
	for (unsigned syn = 0; syn < 8; syn++)
		for (unsigned most = 0; most < 3; most++)
			for (unsigned m = 0; m < 4; m++) {
				bool broken = syn == 3 && marks[m] != HF_IP_NOT_ECT;

				assert_int_equal(
					hf_ecn_answer((hf_ecn_mode)most, bits(syn), marks[m]),
					broken ? NONE : table[syn][most]);
			}
}

static void a_syn_ack_tells_mode_and_mark(void **state)
{
	static const unsigned accurate[] = { 2, 3, 4, 6 }; /* RFC 9768 table 2, top */

	(void)state;
	for (unsigned m = 0; m < 4; m++) {
		hf_ip_ecn back;

		assert_int_equal(hf_ecn_syn_ack_flags(NONE, marks[m]), bits(0));
		assert_int_equal(hf_ecn_syn_ack_flags(CLASSIC, marks[m]), bits(1));
		assert_int_equal(hf_ecn_syn_ack_flags(ACCURATE, marks[m]), bits(accurate[m]));
		assert_int_equal(hf_ecn_encode(marks[m]), accurate[m]);
		assert_true(hf_ecn_decode(accurate[m], &back));
		assert_int_equal(back, marks[m]);
	}
	for (unsigned ace = 0; ace < 8; ace++) {
		bool known = ace == 2 || ace == 3 || ace == 4 || ace == 6;
		hf_ip_ecn out;

		assert_int_equal(hf_ecn_decode(ace, &out), known);
	}
}

static void a_client_enters_the_mode_of_the_table(void **state)
{
	static const hf_ecn_mode table[8][3] = {
		/* none    classic  accurate: what was asked for */
		{ NONE, NONE, NONE },        /* 000 */
		{ NONE, CLASSIC, CLASSIC },  /* 001 */
		{ NONE, NONE, ACCURATE },    /* 010 */
		{ NONE, NONE, ACCURATE },    /* 011 */
		{ NONE, NONE, ACCURATE },    /* 100 */
		{ NONE, CLASSIC, ACCURATE }, /* 101: reserved (RFC 9768 3.1.3) */
		{ NONE, NONE, ACCURATE },    /* 110 */
		{ NONE, NONE, NONE },        /* 111: broken, it mirrors */
	};

	(void)state;
	for (unsigned syn_ack = 0; syn_ack < 8; syn_ack++)
		for (unsigned asked = 0; asked < 3; asked++)
			assert_int_equal(hf_ecn_agreed((hf_ecn_mode)asked, bits(syn_ack)),
					 table[syn_ack][asked]);
}

/* Both ends by the same functions: they end up in the same mode, whatever their policies. */
static void both_ends_agree(void **state)
{
	(void)state;
	for (hf_ecn_policy a = HF_ECN_OFF; a <= HF_ECN_ACCURATE_ACCEPT; a++)
		for (hf_ecn_policy b = HF_ECN_OFF; b <= HF_ECN_ACCURATE_ACCEPT; b++)
			for (unsigned m = 0; m < 4; m++) {
				hf_ecn_mode asks = hf_ecn_requests(a), most = hf_ecn_accepts(b);
				uint16_t syn = hf_ecn_syn_flags(asks);
				hf_ecn_mode server = hf_ecn_answer(most, syn, marks[m]);
				uint16_t syn_ack = hf_ecn_syn_ack_flags(server, marks[m]);

				assert_int_equal(hf_ecn_agreed(asks, syn_ack), server);
				assert_true(server <= asks && server <= most);
				if (marks[m] == HF_IP_NOT_ECT)
					assert_int_equal(server, asks < most ? asks : most);
			}
}

static void only_two_kinds_of_syn_conflict(void **state)
{
	(void)state;
	for (unsigned entered = 0; entered < 3; entered++)
		for (unsigned syn = 0; syn < 8; syn++) {
			bool conflict = syn != 0 && (entered == ACCURATE ? syn == 3 :
						     entered == CLASSIC  ? syn != 3 :
									   false);

			assert_int_equal(
				hf_ecn_syns_conflict((hf_ecn_mode)entered, ACCURATE, bits(syn)),
				conflict);
			/* Who knows classic ECN only cannot tell the two apart. */
			assert_false(
				hf_ecn_syns_conflict((hf_ecn_mode)entered, CLASSIC, bits(syn)));
		}
}

static void only_routers_of_rfc_3168_are_believed(void **state)
{
	(void)state;
	for (unsigned sent = 0; sent < 4; sent++)
		for (unsigned came = 0; came < 4; came++) {
			hf_ip_ecn s = marks[sent], c = marks[came];
			/* RFC 3168 18: not-ECT and CE never change; ECT may become CE. */
			bool bad = s == HF_IP_NOT_ECT ? c != s :
				   s == HF_IP_CE      ? c != s :
							c == HF_IP_NOT_ECT;

			assert_int_equal(hf_ecn_is_mangled(s, c), bad);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_number_has_its_bits),
		cmocka_unit_test(each_policy_asks_and_accepts_as_linux_does),
		cmocka_unit_test(a_server_enters_the_mode_of_the_table),
		cmocka_unit_test(a_syn_ack_tells_mode_and_mark),
		cmocka_unit_test(a_client_enters_the_mode_of_the_table),
		cmocka_unit_test(both_ends_agree),
		cmocka_unit_test(only_two_kinds_of_syn_conflict),
		cmocka_unit_test(only_routers_of_rfc_3168_are_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
