/* SPDX-License-Identifier: BSD-2-Clause */
/* What the handshake does with each event: for the model, and for a test that asks the stack. */
#ifndef HF_TESTS_MODEL_TRANSITIONS_H
#define HF_TESTS_MODEL_TRANSITIONS_H

/*
 * The model includes this file and does what it says; test_model.c includes it and asks the stack
 * for every case. Nothing else says what an end does with a message.
 *
 * state: CROSSED is SYN-RECEIVED of an active open. COOKIE listens and gives out cookies, AWAITED
 *     the same as long as an answer to one may come.
 * message: TEXT is an ACK with one octet.
 * number, SEG.SEQ: AGAIN that of the peer's SYN, NEXT it is RCV.NXT, INSIDE further on in the
 *     window, OUTSIDE of it. AWAITED knows none: AGAIN and NEXT are those for which its cookie is.
 * acknowledgement, SEG.ACK: GOOD of our SYN or of what was sent since, of a genuine cookie; or BAD.
 * answer: LIMITED is an ACK too, but at most once in half a second.
 */

#define S_CLOSED 1
#define S_LISTEN 2
#define S_COOKIE 3
#define S_AWAITED 4
#define S_SYN_SENT 5
#define S_SYN_RECEIVED 6
#define S_CROSSED 7
#define S_ESTABLISHED 8

#define M_SYN 1
#define M_SYN_ACK 2
#define M_ACK 3
#define M_TEXT 4
#define M_RST 5
#define M_RST_ACK 6

#define N_ANY 0
#define N_AGAIN 1
#define N_NEXT 2
#define N_INSIDE 3
#define N_OUTSIDE 4

#define K_ANY 0
#define K_GOOD 1
#define K_BAD 2

#define A_NOTHING 0
#define A_SYN_ACK 1
#define A_ACK 2
#define A_LIMITED 3
#define A_RESET 4
#define A_REFUSAL 5

/* A(answer, message, its number, its acknowledgement), in the words of RFC 9293. */
#define ANSWERS(A)                                                                                 \
	A(SYN_ACK, SYN_ACK, ISS, RCV_NXT)                                                          \
	A(ACK, ACK, SND_NXT, RCV_NXT)                                                              \
	A(LIMITED, ACK, SND_NXT, RCV_NXT)                                                          \
	A(RESET, RST, SEG_ACK, ZERO)                                                               \
	A(REFUSAL, RST_ACK, ZERO, SEG_END)

/*
 * W(state, message, its number, its acknowledgement, state after giving up): what is said again
 * while nothing comes. ESTABLISHED has said one octet of text.
 */
#define TIMEOUTS(W)                                                                                \
	W(SYN_SENT, SYN, ISS, ZERO, CLOSED)                                                        \
	W(SYN_RECEIVED, SYN_ACK, ISS, RCV_NXT, LISTEN)                                             \
	W(CROSSED, SYN_ACK, ISS, RCV_NXT, CLOSED)                                                  \
	W(ESTABLISHED, TEXT, SND_UNA, RCV_NXT, CLOSED)

/* T(state, message, number, acknowledgement, state after, answer). ANY: the whole column. */
#define TRANSITIONS(T)                                                                             \
	T(CLOSED, SYN, ANY, ANY, CLOSED, REFUSAL)                                                  \
	T(CLOSED, SYN_ACK, ANY, ANY, CLOSED, RESET)                                                \
	T(CLOSED, ACK, ANY, ANY, CLOSED, RESET)                                                    \
	T(CLOSED, TEXT, ANY, ANY, CLOSED, RESET)                                                   \
	T(CLOSED, RST, ANY, ANY, CLOSED, NOTHING)                                                  \
	T(CLOSED, RST_ACK, ANY, ANY, CLOSED, NOTHING)                                              \
                                                                                                   \
	T(LISTEN, SYN, ANY, ANY, SYN_RECEIVED, SYN_ACK)                                            \
	T(LISTEN, SYN_ACK, ANY, ANY, LISTEN, RESET)                                                \
	T(LISTEN, ACK, ANY, ANY, LISTEN, RESET)                                                    \
	T(LISTEN, TEXT, ANY, ANY, LISTEN, RESET)                                                   \
	T(LISTEN, RST, ANY, ANY, LISTEN, NOTHING)                                                  \
	T(LISTEN, RST_ACK, ANY, ANY, LISTEN, NOTHING)                                              \
                                                                                                   \
	T(COOKIE, SYN, ANY, ANY, AWAITED, SYN_ACK)                                                 \
	T(COOKIE, SYN_ACK, ANY, ANY, COOKIE, RESET)                                                \
	T(COOKIE, ACK, ANY, ANY, COOKIE, RESET)                                                    \
	T(COOKIE, TEXT, ANY, ANY, COOKIE, RESET)                                                   \
	T(COOKIE, RST, ANY, ANY, COOKIE, NOTHING)                                                  \
	T(COOKIE, RST_ACK, ANY, ANY, COOKIE, NOTHING)                                              \
                                                                                                   \
	T(AWAITED, SYN, ANY, ANY, AWAITED, SYN_ACK)                                                \
	T(AWAITED, SYN_ACK, ANY, ANY, AWAITED, NOTHING)                                            \
	T(AWAITED, ACK, AGAIN, GOOD, ESTABLISHED, ACK)                                             \
	T(AWAITED, ACK, NEXT, GOOD, ESTABLISHED, NOTHING)                                          \
	T(AWAITED, ACK, INSIDE, GOOD, AWAITED, NOTHING)                                            \
	T(AWAITED, ACK, OUTSIDE, GOOD, AWAITED, NOTHING)                                           \
	T(AWAITED, ACK, ANY, BAD, AWAITED, NOTHING)                                                \
	T(AWAITED, TEXT, AGAIN, GOOD, ESTABLISHED, ACK)                                            \
	T(AWAITED, TEXT, NEXT, GOOD, ESTABLISHED, ACK)                                             \
	T(AWAITED, TEXT, INSIDE, GOOD, AWAITED, NOTHING)                                           \
	T(AWAITED, TEXT, OUTSIDE, GOOD, AWAITED, NOTHING)                                          \
	T(AWAITED, TEXT, ANY, BAD, AWAITED, NOTHING)                                               \
	T(AWAITED, RST, ANY, ANY, AWAITED, NOTHING)                                                \
	T(AWAITED, RST_ACK, ANY, ANY, AWAITED, NOTHING)                                            \
                                                                                                   \
	T(SYN_SENT, SYN, ANY, ANY, CROSSED, SYN_ACK)                                               \
	T(SYN_SENT, SYN_ACK, ANY, GOOD, ESTABLISHED, ACK)                                          \
	T(SYN_SENT, SYN_ACK, ANY, BAD, SYN_SENT, RESET)                                            \
	T(SYN_SENT, ACK, ANY, GOOD, SYN_SENT, NOTHING)                                             \
	T(SYN_SENT, ACK, ANY, BAD, SYN_SENT, RESET)                                                \
	T(SYN_SENT, TEXT, ANY, GOOD, SYN_SENT, NOTHING)                                            \
	T(SYN_SENT, TEXT, ANY, BAD, SYN_SENT, RESET)                                               \
	T(SYN_SENT, RST, ANY, ANY, SYN_SENT, NOTHING)                                              \
	T(SYN_SENT, RST_ACK, ANY, GOOD, CLOSED, NOTHING)                                           \
	T(SYN_SENT, RST_ACK, ANY, BAD, SYN_SENT, NOTHING)                                          \
                                                                                                   \
	T(SYN_RECEIVED, SYN, AGAIN, ANY, SYN_RECEIVED, SYN_ACK)                                    \
	T(SYN_RECEIVED, SYN, NEXT, ANY, LISTEN, NOTHING)                                           \
	T(SYN_RECEIVED, SYN, INSIDE, ANY, LISTEN, NOTHING)                                         \
	T(SYN_RECEIVED, SYN, OUTSIDE, ANY, SYN_RECEIVED, LIMITED)                                  \
	T(SYN_RECEIVED, SYN_ACK, AGAIN, ANY, SYN_RECEIVED, LIMITED)                                \
	T(SYN_RECEIVED, SYN_ACK, NEXT, ANY, LISTEN, NOTHING)                                       \
	T(SYN_RECEIVED, SYN_ACK, INSIDE, ANY, LISTEN, NOTHING)                                     \
	T(SYN_RECEIVED, SYN_ACK, OUTSIDE, ANY, SYN_RECEIVED, LIMITED)                              \
	T(SYN_RECEIVED, ACK, AGAIN, ANY, SYN_RECEIVED, LIMITED)                                    \
	T(SYN_RECEIVED, ACK, NEXT, GOOD, ESTABLISHED, NOTHING)                                     \
	T(SYN_RECEIVED, ACK, NEXT, BAD, SYN_RECEIVED, RESET)                                       \
	T(SYN_RECEIVED, ACK, INSIDE, GOOD, ESTABLISHED, NOTHING)                                   \
	T(SYN_RECEIVED, ACK, INSIDE, BAD, SYN_RECEIVED, RESET)                                     \
	T(SYN_RECEIVED, ACK, OUTSIDE, ANY, SYN_RECEIVED, LIMITED)                                  \
	T(SYN_RECEIVED, TEXT, AGAIN, ANY, SYN_RECEIVED, LIMITED)                                   \
	T(SYN_RECEIVED, TEXT, NEXT, GOOD, ESTABLISHED, ACK)                                        \
	T(SYN_RECEIVED, TEXT, NEXT, BAD, SYN_RECEIVED, RESET)                                      \
	T(SYN_RECEIVED, TEXT, INSIDE, GOOD, ESTABLISHED, ACK)                                      \
	T(SYN_RECEIVED, TEXT, INSIDE, BAD, SYN_RECEIVED, RESET)                                    \
	T(SYN_RECEIVED, TEXT, OUTSIDE, ANY, SYN_RECEIVED, LIMITED)                                 \
	T(SYN_RECEIVED, RST, AGAIN, ANY, SYN_RECEIVED, NOTHING)                                    \
	T(SYN_RECEIVED, RST, NEXT, ANY, LISTEN, NOTHING)                                           \
	T(SYN_RECEIVED, RST, INSIDE, ANY, SYN_RECEIVED, LIMITED)                                   \
	T(SYN_RECEIVED, RST, OUTSIDE, ANY, SYN_RECEIVED, NOTHING)                                  \
	T(SYN_RECEIVED, RST_ACK, AGAIN, ANY, SYN_RECEIVED, NOTHING)                                \
	T(SYN_RECEIVED, RST_ACK, NEXT, ANY, LISTEN, NOTHING)                                       \
	T(SYN_RECEIVED, RST_ACK, INSIDE, ANY, SYN_RECEIVED, LIMITED)                               \
	T(SYN_RECEIVED, RST_ACK, OUTSIDE, ANY, SYN_RECEIVED, NOTHING)                              \
                                                                                                   \
	T(CROSSED, SYN, AGAIN, ANY, CROSSED, SYN_ACK)                                              \
	T(CROSSED, SYN, NEXT, ANY, CROSSED, LIMITED)                                               \
	T(CROSSED, SYN, INSIDE, ANY, CROSSED, LIMITED)                                             \
	T(CROSSED, SYN, OUTSIDE, ANY, CROSSED, LIMITED)                                            \
	T(CROSSED, SYN_ACK, AGAIN, GOOD, ESTABLISHED, ACK)                                         \
	T(CROSSED, SYN_ACK, AGAIN, BAD, CROSSED, LIMITED)                                          \
	T(CROSSED, SYN_ACK, NEXT, ANY, CROSSED, LIMITED)                                           \
	T(CROSSED, SYN_ACK, INSIDE, ANY, CROSSED, LIMITED)                                         \
	T(CROSSED, SYN_ACK, OUTSIDE, ANY, CROSSED, LIMITED)                                        \
	T(CROSSED, ACK, AGAIN, ANY, CROSSED, LIMITED)                                              \
	T(CROSSED, ACK, NEXT, GOOD, ESTABLISHED, NOTHING)                                          \
	T(CROSSED, ACK, NEXT, BAD, CROSSED, RESET)                                                 \
	T(CROSSED, ACK, INSIDE, GOOD, ESTABLISHED, NOTHING)                                        \
	T(CROSSED, ACK, INSIDE, BAD, CROSSED, RESET)                                               \
	T(CROSSED, ACK, OUTSIDE, ANY, CROSSED, LIMITED)                                            \
	T(CROSSED, TEXT, AGAIN, ANY, CROSSED, ACK)                                                 \
	T(CROSSED, TEXT, NEXT, GOOD, ESTABLISHED, ACK)                                             \
	T(CROSSED, TEXT, NEXT, BAD, CROSSED, RESET)                                                \
	T(CROSSED, TEXT, INSIDE, GOOD, ESTABLISHED, ACK)                                           \
	T(CROSSED, TEXT, INSIDE, BAD, CROSSED, RESET)                                              \
	T(CROSSED, TEXT, OUTSIDE, ANY, CROSSED, ACK)                                               \
	T(CROSSED, RST, AGAIN, ANY, CROSSED, NOTHING)                                              \
	T(CROSSED, RST, NEXT, ANY, CLOSED, NOTHING)                                                \
	T(CROSSED, RST, INSIDE, ANY, CROSSED, LIMITED)                                             \
	T(CROSSED, RST, OUTSIDE, ANY, CROSSED, NOTHING)                                            \
	T(CROSSED, RST_ACK, AGAIN, ANY, CROSSED, NOTHING)                                          \
	T(CROSSED, RST_ACK, NEXT, ANY, CLOSED, NOTHING)                                            \
	T(CROSSED, RST_ACK, INSIDE, ANY, CROSSED, LIMITED)                                         \
	T(CROSSED, RST_ACK, OUTSIDE, ANY, CROSSED, NOTHING)                                        \
                                                                                                   \
	T(ESTABLISHED, SYN, ANY, ANY, ESTABLISHED, LIMITED)                                        \
	T(ESTABLISHED, SYN_ACK, ANY, ANY, ESTABLISHED, LIMITED)                                    \
	T(ESTABLISHED, ACK, AGAIN, ANY, ESTABLISHED, LIMITED)                                      \
	T(ESTABLISHED, ACK, NEXT, GOOD, ESTABLISHED, NOTHING)                                      \
	T(ESTABLISHED, ACK, NEXT, BAD, ESTABLISHED, LIMITED)                                       \
	T(ESTABLISHED, ACK, INSIDE, GOOD, ESTABLISHED, NOTHING)                                    \
	T(ESTABLISHED, ACK, INSIDE, BAD, ESTABLISHED, LIMITED)                                     \
	T(ESTABLISHED, ACK, OUTSIDE, ANY, ESTABLISHED, LIMITED)                                    \
	T(ESTABLISHED, TEXT, AGAIN, ANY, ESTABLISHED, ACK)                                         \
	T(ESTABLISHED, TEXT, NEXT, GOOD, ESTABLISHED, ACK)                                         \
	T(ESTABLISHED, TEXT, NEXT, BAD, ESTABLISHED, LIMITED)                                      \
	T(ESTABLISHED, TEXT, INSIDE, GOOD, ESTABLISHED, ACK)                                       \
	T(ESTABLISHED, TEXT, INSIDE, BAD, ESTABLISHED, LIMITED)                                    \
	T(ESTABLISHED, TEXT, OUTSIDE, ANY, ESTABLISHED, ACK)                                       \
	T(ESTABLISHED, RST, AGAIN, ANY, ESTABLISHED, NOTHING)                                      \
	T(ESTABLISHED, RST, NEXT, ANY, CLOSED, NOTHING)                                            \
	T(ESTABLISHED, RST, INSIDE, ANY, ESTABLISHED, LIMITED)                                     \
	T(ESTABLISHED, RST, OUTSIDE, ANY, ESTABLISHED, NOTHING)                                    \
	T(ESTABLISHED, RST_ACK, AGAIN, ANY, ESTABLISHED, NOTHING)                                  \
	T(ESTABLISHED, RST_ACK, NEXT, ANY, CLOSED, NOTHING)                                        \
	T(ESTABLISHED, RST_ACK, INSIDE, ANY, ESTABLISHED, LIMITED)                                 \
	T(ESTABLISHED, RST_ACK, OUTSIDE, ANY, ESTABLISHED, NOTHING)

#endif
