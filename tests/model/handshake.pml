/* SPDX-License-Identifier: BSD-2-Clause */
/* The handshake between two ends, over a network that loses, doubles, reorders and remembers. */

/*
 * Theory of operation
 *
 * What an end does with a message, and what it says again when none comes, is transitions.h, the
 * list that test_model.c holds the stack to. The model adds the numbers that an end keeps (ends.pml),
 * the calls that open, and the network. End 0 may open; end 1 is what ROLE says: CLOSED, a LISTENER,
 * one that gives out COOKIES, or an OPENER, so that both open. Either end that is ESTABLISHED says
 * one octet of text.
 *
 * Before, there was a conversation between the same ports, in which each end used three numbers
 * from old[] on; either may have opened it. Where they lie is chosen in the beginning: anywhere but
 * on the new numbers. WINDOW is the reach of the receive window.
 *
 * The network comes in two forms, for two kinds of questions.
 *
 * SAFE asks whether anything wrong can happen at all. What was said once may arrive at any time, as
 * often as it likes, or never: a set that only grows. So loss, doubling, reordering and delay have
 * no bound, nor has the number of retransmissions; ends may give up at any time. All messages of the
 * earlier conversation are in the set, and resets of any number arrive from anywhere. It is wrong if
 * an end becomes ESTABLISHED whose peer has not held the same pair of initial numbers; if both are
 * ESTABLISHED with different ones; if text of the earlier conversation is taken.
 *
 * LIVE asks whether it ends well. The network is a bag with ROOM for so many messages (more are
 * lost), in which OLD_ONES of the earlier conversation are at first; any is lost, DOUBLES are
 * doubled. An end repeats what it said TRIES times before it gives up. It is wrong if nothing can
 * happen any more and it is no rest (a deadlock); if at rest one end is ESTABLISHED without the
 * other; if, though timers and the network go on (weak fairness), an end stays half-open for ever
 * or rest never comes; if messages answer each other for ever while no time passes.
 *
 * MUTANT_... plants a fault that must be found. NEAR lifts an assumption, see below. REACH claims
 * that no handshake is ever complete, which must be found false, or the model would show nothing.
 */

#include "transitions.h"

#define CLOSED 0
#define LISTENER 1
#define COOKIES 2
#define OPENER 3

#ifndef OPENS
#define OPENS 1 /* how often end 0 may open, each time with a number of its own */
#endif
#ifndef RECORDS
#define RECORDS 2 /* how often end 1 may answer a SYN with a number of its own */
#endif
#ifndef ROOM
#ifdef SAFE
#define ROOM 40 /* more than are ever said: that is asserted */
#else
#define ROOM 3
#endif
#endif
#ifndef TRIES
#define TRIES 1
#endif
#ifndef DOUBLES
#define DOUBLES 1
#endif
#ifndef OLD_ONES
#define OLD_ONES 1 /* OLD_SYNS: of its SYNs alone */
#endif

/* ---- Numbers ---- */

#define N(x) ((x) & 15)
#define WINDOW 4

/* Every initial number has two more for itself: that of the octet of text and the next. */
#define ISS(of, n) N(2 + 3 * (n))
#define COUNT(of) \
	((of) == 0 -> OPENS : (ROLE == OPENER -> 1 : (ROLE == COOKIES -> OPENS + 1 : RECORDS)))

/* Cookies: a number for each SYN that is, one for the old. No other SYN was ever answered. */
#ifdef MUTANT_OLD_COOKIES /* good for ever */
#define OLD_COOKIE old[1]
#else
#define OLD_COOKIE ISS(1, OPENS)
#endif
#define NO_COOKIE 255
#define COOKIE_FOR(irs) \
	(irs == ISS(0, 0) -> ISS(1, 0) : \
	 (OPENS > 1 && irs == ISS(0, 1) -> ISS(1, 1) : (irs == old[0] -> OLD_COOKIE : NO_COOKIE)))

byte state[2], iss[2], irs[2], nxt[2];
bool said[2]; /* the octet of text */
byte opens, records;
byte old[2];   /* where the earlier conversation began */
byte mate[32]; /* for each end and number that it began with: 1 + that of its peer which it held */
#ifdef LIVE
bool heard[2]; /* the octet was acknowledged */
bool spent[2]; /* the limited answer went */
byte tries[2];
byte met[2]; /* 1 + the number with which it was ESTABLISHED last */
byte doubles;
bool ended;
bool stopped; /* no time passes */
#endif

/* In order, so that one bag is one state. */
short net[ROOM];
byte n;

#define MESSAGE(receiver, kind, seq, ack) ((receiver) << 11 | (kind) << 8 | N(seq) << 4 | N(ack))

byte at;    /* which message: a choice */
byte which; /* which of its numbers */

/* Of use on the way only; no part of a state. */
hidden byte End, Kind, Seq, Ack, Number, Acks, From, To, Answer, Place, Hole;
hidden short Message;

#define HOME(of) \
	((of) == 0 || ROLE == CLOSED || ROLE == OPENER -> S_CLOSED : \
	 (ROLE == LISTENER -> S_LISTEN : S_AWAITED))
#define IS_OPENING(of) \
	(state[of] == S_SYN_SENT || state[of] == S_SYN_RECEIVED || state[of] == S_CROSSED)
#define IS_OPEN(of) (state[of] == S_ESTABLISHED)
#define IS_OLD(x, of) (N((x) - old[of]) < 3)

/* ---- The network ---- */

inline put(receiver, what, number_, acknowledged) {
	Message = MESSAGE(receiver, what, number_, acknowledged);
	Place = 0;
	do
	:: Place < n && net[Place] < Message -> Place++
	:: else -> break
	od;
	if
#ifdef SAFE
	:: what == M_RST || what == M_RST_ACK /* they come anyway */
	:: else ->
		if
		:: Place < n && net[Place] == Message
		:: else ->
			assert(n < ROOM);
#else
	:: n == ROOM /* lost */
	:: else ->
		if
		:: true ->
#endif
			Hole = n;
			do
			:: Hole > Place -> net[Hole] = net[Hole - 1]; Hole--
			:: else -> break
			od;
			net[Place] = Message;
			n++
		fi
	fi
}

inline choose() {
	at = 0;
	do
	:: at + 1 < n -> at++
	:: break
	od
}

/* Takes the chosen one out. */
inline take() {
	Message = net[at];
	Place = at;
	do
	:: Place + 1 < n -> net[Place] = net[Place + 1]; Place++
	:: else -> break
	od;
	n--;
	net[n] = 0
}

inline read() {
	End = Message >> 11;
	Kind = Message >> 8 & 7;
	Seq = Message >> 4 & 15;
	Ack = Message & 15
}

#include "ends.pml"

/* ---- The earlier conversation ---- */

/*
 * Its numbers are not those of now: initial numbers go up, and a conversation that follows another
 * begins above it. And if an end opens, no SYN of its peer is under way that is so recent that the
 * peer's number of now lies within a window of it: the clock of RFC 9293 3.4.1 is faster than the
 * windows are large. NEAR lets it be, to show what the assumption is for.
 */
#define IS_FREE(x, of) (N((x) - ISS(of, 0) + 2) > 3 * (COUNT(of) - 1) + 4)
#ifdef NEAR
#define IS_FAR(x, of) true
#else
#define IS_FAR(x, of) ((of) == 0 && ROLE != OPENER || N(ISS(of, 0) - (x)) >= WINDOW)
#endif

inline place(e_) {
	at = 11;
#ifdef SAFE
	if
	:: OLD_ONES > 0 ->
		at = 0;
		do
		:: at < 15 -> at++
		:: break
		od
	:: else
	fi;
#else
	if /* far; new numbers lie in an old window; old numbers in the new window */
	:: at = 11
	:: OLD_ONES > 0 -> at = 15
	:: OLD_ONES > 0 -> at = ISS(e_, COUNT(e_))
	fi;
#endif
	old[e_] = (IS_FREE(at, e_) && IS_FAR(at, e_) -> at : 11); /* 11 always is */
	at = 0
}

/* Any message of it: to `at`, and which numbers by the bits of `which`. */
inline recall() {
	if
	:: at = 0
	:: at = 1
	fi;
	if
	:: which = 0
#ifndef OLD_SYNS
	:: which = 1
	:: which = 2
	:: which = 6
	:: which = 8
#endif
#ifdef SAFE
	:: which = 3
	:: which = 4
	:: which = 5
	:: which = 7
	:: which = 9
#endif
	fi
}

#define OLD_MESSAGE(what, seq_, ack_) MESSAGE(at, M_##what, old[1 - at] + (seq_), old[at] + (ack_))

inline remember() {
	if
	:: which == 0 -> Message = MESSAGE(at, M_SYN, old[1 - at], 0)
	:: which == 1 -> Message = OLD_MESSAGE(SYN_ACK, 0, 1)
	:: which == 2 -> Message = OLD_MESSAGE(ACK, 1, 1)
	:: which == 3 -> Message = OLD_MESSAGE(ACK, 1, 2)
	:: which == 4 -> Message = OLD_MESSAGE(ACK, 2, 1)
	:: which == 5 -> Message = OLD_MESSAGE(ACK, 2, 2)
	:: which == 6 -> Message = OLD_MESSAGE(TEXT, 1, 1)
	:: which == 7 -> Message = OLD_MESSAGE(TEXT, 1, 2)
	:: which == 8 -> Message = OLD_MESSAGE(RST, 1, 0)
	:: which == 9 -> Message = OLD_MESSAGE(RST, 2, 0)
	fi;
	read()
}

inline tidy() {
	at = 0;
	which = 0
}

inline begin() {
	state[0] = HOME(0);
	state[1] = HOME(1);
	place(0);
	place(1)
}

#ifdef SAFE

/* ---- Anything at any time ---- */

/* A reset, of every class of numbers. */
inline reset_from_nowhere() {
	if
	:: which == 0 -> Seq = irs[End]
	:: which == 1 -> Seq = nxt[End]
	:: which == 2 -> Seq = N(nxt[End] + 1)
	:: else -> Seq = N(nxt[End] + WINDOW)
	fi;
	Kind = (which < 4 -> M_RST : M_RST_ACK);
	Ack = N(iss[End] + 1)
}

active proctype any() {
	atomic { begin() };
	do
	:: atomic { n > 0 -> choose(); d_step { Message = net[at]; read(); arrives(); tidy() } }
	:: atomic { OLD_ONES > 0 -> recall(); d_step { remember(); arrives(); tidy() } }
	:: atomic {
		if
		:: at = 0
		:: at = 1
		fi;
		if
		:: which = 0
		:: which = 1
		:: which = 2
		:: which = 3
		:: which = 4
		fi;
		d_step { End = at; reset_from_nowhere(); arrives(); tidy() } }
	:: d_step { MAY_OPEN(0) -> End = 0; begins() }
	:: d_step { MAY_OPEN(1) -> End = 1; begins() }
	:: d_step { IS_OPENING(0) || IS_OPEN(0) -> End = 0; says_again() }
	:: d_step { IS_OPENING(1) || IS_OPEN(1) -> End = 1; says_again() }
	:: d_step { IS_OPENING(0) || IS_OPEN(0) -> End = 0; gives_up() }
	:: d_step { IS_OPENING(1) || IS_OPEN(1) -> End = 1; gives_up() }
	:: d_step { state[1] == S_AWAITED -> state[1] = S_COOKIE }
	od
}

#else

/* ---- To the end ---- */

/* Its peer has been ESTABLISHED in the same conversation; what breaks it off later is not asked. */
#define IS_ALONE(of) (IS_OPEN(of) && met[1 - (of)] != irs[of] + 1)
#define IS_HALF_OPEN (IS_OPENING(0) || IS_OPENING(1) || IS_ALONE(0) || IS_ALONE(1))

#ifdef MUTANT_SILENT /* has nothing to say once it is ESTABLISHED */
#define WAITS(of) IS_OPENING(of)
#else
#define WAITS(of) (IS_OPENING(of) || IS_OPEN(of) && !heard[of])
#endif
#define IS_AT_REST (n == 0 && !WAITS(0) && !WAITS(1) && state[1] != S_AWAITED)

#ifdef MUTANT_NO_SYN_TIMER
#define HAS_TIMER(of) (WAITS(of) && state[of] != S_SYN_SENT)
#elif defined(MUTANT_NO_RECORD_TIMER)
#define HAS_TIMER(of) (WAITS(of) && state[of] != S_SYN_RECEIVED)
#else
#define HAS_TIMER(of) WAITS(of)
#endif

inline times_out(x) {
	End = x;
	if
	:: tries[End] < TRIES ->
		tries[End]++;
		says_again()
	:: else -> gives_up()
	fi
}

proctype timer(byte x) {
	do
	:: d_step { !stopped && HAS_TIMER(x) -> times_out(x) }
	:: ended -> break
	od
}

/* Half a second, or the time of the cookies, is over. */
proctype clock() {
	do
	:: d_step { !stopped && spent[0] -> spent[0] = false }
	:: d_step { !stopped && spent[1] -> spent[1] = false }
	:: d_step { !stopped && state[1] == S_AWAITED -> state[1] = S_COOKIE }
	:: ended -> break
	od
}

active proctype network() {
	byte k;

	atomic {
		begin();
		do
		:: k < OLD_ONES ->
			recall();
			d_step { remember(); put(End, Kind, Seq, Ack); tidy(); k++ }
		:: break
		od;
		k = 0;
		if
		:: ROLE != COOKIES -> old[0] = 0; old[1] = 0 /* are not asked for again */
		:: else
		fi;
		run timer(0);
		run timer(1);
		run clock()
	};
	do
	:: d_step { MAY_OPEN(0) -> End = 0; begins() }
	:: d_step { MAY_OPEN(1) -> End = 1; begins() }
	:: atomic { n > 0 -> choose(); d_step { take(); read(); arrives(); tidy() } }
	:: atomic { n > 0 -> choose(); d_step { take(); tidy() } }
	:: atomic {
		n > 0 && n < ROOM && doubles < DOUBLES -> choose();
		d_step { doubles++; Message = net[at]; read(); put(End, Kind, Seq, Ack); tidy() } }
#ifdef STOP
	:: d_step { !stopped -> stopped = true }
	:: stopped && n == 0 -> stopped = false; goto over
#endif
	:: d_step { IS_AT_REST && !stopped -> ended = true } -> break
	od;
	assert(!IS_ALONE(0) && !IS_ALONE(1));
over:	skip
}

ltl comes_to_rest { <> ended }
ltl is_not_half_open_for_ever { [] <> !IS_HALF_OPEN }
ltl dies_down { [] (stopped -> <> !stopped) }

#endif
