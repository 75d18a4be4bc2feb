/* SPDX-License-Identifier: BSD-2-Clause */
/* What an end does: the columns of the list, judged by its numbers, and what follows from a row. */

/* ---- What the columns of the list mean ---- */

inline judge_cookie() {
	if
	:: COOKIE_FOR(N(Seq - 1)) == N(Ack - 1) -> Number = N_NEXT; Acks = K_GOOD
	:: else ->
		if
		:: COOKIE_FOR(Seq) == N(Ack - 1) -> Number = N_AGAIN; Acks = K_GOOD
		:: else
		fi
	fi
}

inline judge_number() {
	if
	:: state[End] == S_SYN_RECEIVED || state[End] == S_CROSSED || IS_OPEN(End) ->
		if
		:: Seq == irs[End] -> Number = N_AGAIN
		:: Seq == nxt[End] -> Number = N_NEXT
		:: Seq != irs[End] && Seq != nxt[End] && N(Seq - nxt[End]) < WINDOW -> Number = N_INSIDE
		:: else
		fi
	:: else
	fi
}

inline judge() {
	Number = N_OUTSIDE;
	Acks = K_BAD;
	if
	:: state[End] == S_AWAITED -> judge_cookie()
	:: else ->
		judge_number();
		if
		:: N(Ack - iss[End] - 1) <= said[End] -> Acks = K_GOOD
		:: else
		fi
	fi;
#ifdef MUTANT_ANY_ACK
	if
	:: state[End] == S_SYN_RECEIVED -> Acks = K_GOOD
	:: else
	fi;
#endif
#ifdef MUTANT_ANY_SYN_ACK
	if
	:: state[End] == S_SYN_SENT && Kind == M_SYN_ACK -> Acks = K_GOOD
	:: else
	fi;
#endif
#ifdef MUTANT_ANY_CROSSING
	if
	:: state[End] == S_CROSSED && Kind == M_SYN_ACK -> Number = N_AGAIN; Acks = K_GOOD
	:: else
	fi;
#endif
#ifdef MUTANT_ANY_COOKIE
	if
	:: state[End] == S_AWAITED -> Number = N_NEXT; Acks = K_GOOD
	:: else
	fi;
#endif
	skip
}

/* ---- What an end does ---- */

/* What it keeps of the peer's SYN. */
inline hold(peers) {
	irs[End] = N(peers);
	nxt[End] = N(peers + 1);
	mate[16 * End + iss[End]] = N(peers) + 1
}

inline forget() {
	iss[End] = 0;
	irs[End] = 0;
	nxt[End] = 0;
	said[End] = false;
#ifdef LIVE
	heard[End] = false;
	spent[End] = false;
	tries[End] = 0;
#endif
	skip
}

inline leave() {
	state[End] = (To == S_CLOSED -> HOME(End) : To);
	forget()
}

inline establish() {
	assert(mate[16 * (1 - End) + irs[End]] == iss[End] + 1);
	assert(!IS_OPEN(1 - End) || irs[End] == iss[1 - End] && irs[1 - End] == iss[End]);
#ifdef REACH
	assert(!IS_OPEN(1 - End));
#endif
#ifdef LIVE
	met[End] = iss[End] + 1;
	tries[End] = 0;
#endif
	skip
}

inline take_text() {
	if
	:: Kind == M_TEXT && Acks == K_GOOD && Number != N_OUTSIDE && Number != N_AGAIN ->
		assert(!IS_OLD(Seq, 1 - End));
		if
		:: Number == N_NEXT -> nxt[End] = N(nxt[End] + 1)
		:: else
		fi
	:: else
	fi
}

inline take_ack() {
#ifdef LIVE
	if
	:: said[End] && Acks == K_GOOD && (Number == N_NEXT || Number == N_INSIDE) &&
	   (Kind == M_ACK || Kind == M_TEXT) && Ack == N(iss[End] + 2) ->
		heard[End] = true;
		tries[End] = 0
	:: else
	fi;
#endif
	skip
}

inline act() {
	if
	:: From != To && (To == S_CLOSED || To == S_LISTEN) -> leave()
	:: From == S_LISTEN && To == S_SYN_RECEIVED ->
		iss[End] = ISS(End, records);
		records++;
		state[End] = To;
		hold(Seq)
	:: From == S_SYN_SENT && To == S_CROSSED ->
		state[End] = To;
		hold(Seq)
	:: To == S_AWAITED && Answer == A_SYN_ACK ->
		assert(COOKIE_FOR(Seq) != NO_COOKIE);
		iss[End] = COOKIE_FOR(Seq);
		state[End] = To;
		hold(Seq)
	:: To == S_ESTABLISHED ->
		state[End] = To;
		if
		:: From == S_SYN_SENT -> hold(Seq)
		:: From == S_AWAITED ->
			iss[End] = N(Ack - 1);
			hold(Seq - (Number == N_NEXT))
		:: else
		fi;
		if
		:: From != S_ESTABLISHED -> establish()
		:: else
		fi;
		take_ack();
		take_text()
	:: else
	fi
}

#define F_ZERO 0
#define F_ISS iss[End]
#define F_SND_UNA iss[End] + 1
#define F_SND_NXT iss[End] + 1 + said[End]
#define F_RCV_NXT nxt[End]
#define F_SEG_ACK Ack
#define F_SEG_END Seq + 1

inline reply() {
#ifdef LIVE
	if
	:: Answer == A_LIMITED && spent[End] -> Answer = A_NOTHING
#ifndef MUTANT_UNLIMITED
	:: Answer == A_LIMITED && !spent[End] -> spent[End] = true
#endif
	:: else
	fi;
#endif
#define A(an, message, seq_, ack_) \
	:: Answer == A_##an -> put(1 - End, M_##message, F_##seq_, F_##ack_)
	if
	ANSWERS(A)
	:: Answer == A_NOTHING
	fi;
	if
	:: state[End] == S_AWAITED -> forget() /* a cookie is kept by who got it */
	:: else
	fi
}

#define T(state_, message, number_, ack_, after, an) \
	:: state[End] == S_##state_ && Kind == M_##message && \
	   (N_##number_ == N_ANY || Number == N_##number_) && (K_##ack_ == K_ANY || Acks == K_##ack_) -> \
		To = S_##after; Answer = A_##an

inline arrives() {
	From = state[End];
	judge();
	if
	TRANSITIONS(T)
	fi;
	if
	:: From == S_LISTEN && To == S_SYN_RECEIVED && records == RECORDS /* as if lost */
	:: else ->
		act();
		reply()
	fi
}

#define W_AGAIN(state_, message, seq_, ack_, after) \
	:: state[End] == S_##state_ -> put(1 - End, M_##message, F_##seq_, F_##ack_)
#define W_END(state_, message, seq_, ack_, after) :: state[End] == S_##state_ -> To = S_##after

inline says_again() {
	if
	:: IS_OPEN(End) -> said[End] = true
	:: else
	fi;
	if
	TIMEOUTS(W_AGAIN)
	fi
}

inline gives_up() {
	if
	TIMEOUTS(W_END)
	fi;
	leave()
}

inline begins() {
	state[End] = S_SYN_SENT;
	iss[End] = ISS(End, (End == 0 -> opens : 0));
	if
	:: End == 0 -> opens++
	:: else -> records++
	fi;
	put(1 - End, M_SYN, F_ISS, F_ZERO)
}

#define MAY_OPEN(of) \
	(state[of] == S_CLOSED && ((of) == 0 -> opens < OPENS : ROLE == OPENER && records == 0))
