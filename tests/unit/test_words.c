/* SPDX-License-Identifier: BSD-2-Clause */
/* The lists of words: every entry has a name of its own and a sentence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <handfast/types.h>

/* Small letters, digits and single hyphens between them. */
static void assert_is_name(const char *name)
{
	size_t len = strlen(name);

	assert_true(len > 0);
	assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-"), len);
	assert_true(name[0] != '-' && name[len - 1] != '-');
	assert_null(strstr(name, "--"));
}

static void every_error_has_a_name_of_its_own_and_a_sentence(void **state)
{
	(void)state;
	for (hf_err e = 0; e < HF_ERR_COUNT; e++) {
		assert_is_name(hf_err_name(e));
		assert_true(strlen(hf_err_text(e)) > 0);
		for (hf_err other = 0; other < e; other++)
			assert_string_not_equal(hf_err_name(e), hf_err_name(other));
	}
}

static void every_reason_has_a_name_of_its_own_and_a_sentence(void **state)
{
	(void)state;
	for (hf_reason r = 0; r < HF_REASON_COUNT; r++) {
		assert_is_name(hf_reason_name(r));
		assert_true(strlen(hf_reason_text(r)) > 0);
		for (hf_reason other = 0; other < r; other++)
			assert_string_not_equal(hf_reason_name(r), hf_reason_name(other));
	}
}

static void every_cause_but_none_has_a_name_of_its_own(void **state)
{
	(void)state;
	assert_string_equal(hf_cause_name(HF_SENT_NONE), "");
	for (hf_cause c = 1; c < HF_CAUSE_COUNT; c++) {
		assert_is_name(hf_cause_name(c));
		for (hf_cause other = 0; other < c; other++)
			assert_string_not_equal(hf_cause_name(c), hf_cause_name(other));
	}
}

/* RFC 9293, 3.3.2. */
static void the_states_have_the_names_of_the_standard(void **state)
{
	(void)state;
	assert_int_equal(HF_STATE_COUNT, 11);
	assert_string_equal(hf_state_name(HF_CLOSED), "CLOSED");
	assert_string_equal(hf_state_name(HF_LISTEN), "LISTEN");
	assert_string_equal(hf_state_name(HF_SYN_SENT), "SYN-SENT");
	assert_string_equal(hf_state_name(HF_SYN_RECEIVED), "SYN-RECEIVED");
	assert_string_equal(hf_state_name(HF_ESTABLISHED), "ESTABLISHED");
	assert_string_equal(hf_state_name(HF_FIN_WAIT_1), "FIN-WAIT-1");
	assert_string_equal(hf_state_name(HF_FIN_WAIT_2), "FIN-WAIT-2");
	assert_string_equal(hf_state_name(HF_CLOSE_WAIT), "CLOSE-WAIT");
	assert_string_equal(hf_state_name(HF_CLOSING), "CLOSING");
	assert_string_equal(hf_state_name(HF_LAST_ACK), "LAST-ACK");
	assert_string_equal(hf_state_name(HF_TIME_WAIT), "TIME-WAIT");
}

static void entries_stand_at_their_own_number(void **state)
{
	(void)state;
	assert_int_equal(HF_OK, 0);
	assert_int_equal(HF_WHY_NONE, 0);
	assert_string_equal(hf_err_name(HF_ERR_NO_ROUTE), "no-route");
	assert_string_equal(hf_err_name(HF_ERR_BAD_SECRET), "bad-secret");
	assert_string_equal(hf_reason_name(HF_WHY_RST_CHALLENGED), "rst-challenged");
	assert_string_equal(hf_reason_section(HF_WHY_RST_CHALLENGED), "RFC 5961 3.2");
	assert_string_equal(hf_reason_name(HF_WHY_STACK_FREED), "stack-freed");
	assert_string_equal(hf_reason_section(HF_WHY_STACK_FREED), "");
	assert_string_equal(hf_cause_name(HF_SENT_FAST_RETRANSMIT), "fast-retransmit");
}

static void a_number_outside_its_list_is_unknown(void **state)
{
	(void)state;
	assert_string_equal(hf_err_name(HF_ERR_COUNT), "unknown");
	assert_string_equal(hf_err_text(HF_ERR_COUNT), "unknown");
	assert_string_equal(hf_reason_name(HF_REASON_COUNT), "unknown");
	assert_string_equal(hf_reason_text(HF_REASON_COUNT), "unknown");
	assert_string_equal(hf_reason_section(HF_REASON_COUNT), "");
	assert_string_equal(hf_cause_name(HF_CAUSE_COUNT), "unknown");
	assert_string_equal(hf_state_name(HF_STATE_COUNT), "unknown");
	assert_string_equal(hf_state_name((hf_state)-1), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_error_has_a_name_of_its_own_and_a_sentence),
		cmocka_unit_test(every_reason_has_a_name_of_its_own_and_a_sentence),
		cmocka_unit_test(every_cause_but_none_has_a_name_of_its_own),
		cmocka_unit_test(the_states_have_the_names_of_the_standard),
		cmocka_unit_test(entries_stand_at_their_own_number),
		cmocka_unit_test(a_number_outside_its_list_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
