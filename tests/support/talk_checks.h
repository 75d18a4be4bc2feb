/* SPDX-License-Identifier: BSD-2-Clause */
/* A conversation for each test of the flow tracker, and what is asked of its last step. */
#ifndef HF_TESTS_TALK_CHECKS_H
#define HF_TESTS_TALK_CHECKS_H

/* cmocka.h comes first, with the headers that it wants before it. */
#include "tests/support/talk.h"

static inline void assert_states(const talk *t, hf_state client, hf_state server)
{
	assert_string_equal(hf_state_name(t->step.flow->end[HF_CLIENT].state),
			    hf_state_name(client));
	assert_string_equal(hf_state_name(t->step.flow->end[HF_SERVER].state),
			    hf_state_name(server));
}

static inline void assert_marks(const hf_step *s, uint32_t marks)
{
	assert_int_equal(s->marks, marks);
}

static inline int start(void **state)
{
	static talk t;
	t = talk_start(4);
	*state = &t;
	return t.tracker ? 0 : -1;
}

static inline int stop(void **state)
{
	talk *t = *state;
	hf_tracker_free(t->tracker);
	return 0;
}

#endif
