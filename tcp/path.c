/* SPDX-License-Identifier: BSD-2-Clause */
/* What is known of a path's MTU beyond the link's: reports, silence, and forgetting both. */
#include "tcp/path.h"

#include "tcp/hs/fast_open.h"
#include "tcp/hs/negotiate.h"
#include "tcp/tx/build.h"

#define LEAST_V6 1280u /* what every link carries (RFC 8200 5) */
#define EVERYBODY_TAKES 576u

static bool is_v4(const hf_tcb *c)
{
	return hf_addr_is_v4(&c->flow.local);
}

static hf_path *need(hf_tcb *c, const hf_tcp_env *env)
{
	if (!c->path)
		c->path = hf_mem_new(env->mem, sizeof(*c->path));
	return c->path;
}

void hf_path_release(hf_tcb *c, const hf_tcp_env *env)
{
	hf_mem_free(env->mem, c->path, c->path ? sizeof(*c->path) : 0);
}

/** What link and reports allow. */
static uint32_t allowed(const hf_tcb *c, const hf_tcp_env *env)
{
	uint32_t mtu = env->config->mtu;

	return c->path && c->path->told > 0 && c->path->told < mtu ? c->path->told : mtu;
}

/** The same, as far as the peer takes it: what a search can reach. */
static uint32_t ceiling(const hf_tcb *c, const hf_tcp_env *env)
{
	uint32_t mtu = allowed(c, env), peer = hf_packet_headers(c) + c->snd.peer_mss;

	if (c->settings->mss > 0 && c->settings->mss < c->snd.peer_mss)
		peer = hf_packet_headers(c) + c->settings->mss;
	return mtu < peer ? mtu : peer;
}

/** Cuts segments for what is known now. */
static void settle(hf_tcb *c, const hf_tcp_env *env)
{
	const hf_path *p = c->path;
	uint32_t mtu = allowed(c, env), before = c->pmtu;

	c->pmtu = p && p->is_probing && p->search.low < mtu ? p->search.low : mtu;
	hf_update_mss(c);
	if (c->snd.acked_len > c->snd.mss)
		c->snd.acked_len = c->snd.mss;
	if (c->pmtu < before)
		hf_tx_mtu_shrank(c);
}

/* ---- Reports ---- */

/** RFC 1191 7.1: likely MTUs, for routers that do not say theirs. */
static uint32_t next_lower_mtu(uint32_t mtu)
{
	static const uint16_t plateau[] = { 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508 };

	for (unsigned i = 0; i < sizeof(plateau) / sizeof(plateau[0]); i++)
		if (plateau[i] < mtu)
			return plateau[i];
	return mtu;
}

static void set_told(hf_tcb *c, const hf_tcp_env *env, uint32_t mtu, hf_time until)
{
	hf_path *p = need(c, env);

	if (!p) { /* without memory it holds for the connection's life */
		c->pmtu = mtu;
		hf_update_mss(c);
		hf_tx_mtu_shrank(c);
		return;
	}
	p->told = mtu;
	p->told_until = until;
	if (p->is_probing)
		hf_plpmtu_told(&p->search, mtu);
	settle(c, env);
}

static void believe(hf_tcb *c, const hf_tcp_env *env, uint32_t mtu, hf_effects *fx)
{
	bool is_tiny = is_v4(c) && mtu < env->config->min_pmtu;

	if (is_tiny) { /* forged, or of a path where routers must cut */
		mtu = env->config->min_pmtu;
		if (need(c, env))
			c->path->may_fragment = true;
	}
	if (mtu >= c->pmtu)
		return;
	set_told(c, env, mtu, hf_time_add(env->now, env->config->mtu_expires));
	fx->path_mtu = mtu;
	hf_fast_open_too_big(c);
}

/** The probe alone did not fit: smaller segments than what is in use are not needed. */
static bool probe_did_not_fit(hf_tcb *c, hf_seq quoted, uint32_t mtu)
{
	hf_path *p = c->path;

	if (!p || p->search.probed == 0 || !hf_seq_eq(quoted, p->probe_seq) ||
	    mtu < p->search.low || mtu >= p->search.probed)
		return false;
	hf_plpmtu_inconclusive(&p->search);
	hf_plpmtu_told(&p->search, mtu);
	hf_tx_mtu_shrank(c);
	return true;
}

void hf_path_too_big(hf_tcb *c, const hf_tcp_env *env, hf_seq quoted, uint32_t mtu, hf_effects *fx)
{
	if (mtu == 0 && is_v4(c))
		mtu = next_lower_mtu(c->pmtu);
	if (!is_v4(c) && mtu < LEAST_V6) {
		fx->reason = HF_WHY_ICMP_MTU; /* RFC 8201 4: discarded */
		return;
	}
	if (probe_did_not_fit(c, quoted, mtu))
		return;
	/* RFC 5927 7.2: as large ones have arrived; is this one late? */
	if (c->snd.acked_len > 0 && mtu < c->snd.acked_len + hf_packet_overhead(c) &&
	    need(c, env)) {
		c->path->pending = mtu;
		c->path->pending_seq = quoted;
		fx->reason = HF_WHY_ICMP_UNCONFIRMED;
		return;
	}
	believe(c, env, mtu, fx);
}

void hf_path_remembered(hf_tcb *c, const hf_tcp_env *env, uint32_t mtu, hf_time until)
{
	hf_path *p = mtu < c->pmtu ? need(c, env) : NULL;

	if (!p)
		return;
	p->told = mtu;
	p->told_until = until;
	c->pmtu = mtu;
}

/** RFC 1191 6.3, RFC 8201 4: the path may carry more by now. */
void hf_path_age(hf_tcb *c, const hf_tcp_env *env)
{
	hf_path *p = c->path;

	if (!p || p->told == 0 || hf_time_before(env->now, p->told_until))
		return;
	p->told = 0;
	p->may_fragment = false;
	p->search.ceiling = ceiling(c, env);
	hf_plpmtu_raise(&p->search);
	settle(c, env);
}

/* ---- Silence ---- */

static bool may_probe(const hf_tcb *c)
{
	return c->settings->discovery != HF_PATH_MTU_OFF;
}

/** Text of segments that are believed to get through anywhere. */
static uint32_t base_mss(const hf_tcb *c, const hf_tcp_env *env)
{
	uint32_t least = is_v4(c) ? 0 : LEAST_V6 - hf_packet_overhead(c);

	return env->config->base_mss < least ? least : env->config->base_mss;
}

static void search_from(hf_tcb *c, const hf_tcp_env *env, uint32_t mss)
{
	hf_path *p = c->path;

	hf_plpmtu_begin(&p->search, mss + hf_packet_overhead(c), ceiling(c, env));
	p->is_probing = true;
}

void hf_path_start(hf_tcb *c, const hf_tcp_env *env)
{
	uint32_t base;

	hf_update_mss(c);
	base = base_mss(c, env);
	if (env->config->mtu_probing != HF_MTU_PROBING_ALWAYS || !may_probe(c) ||
	    base >= c->snd.mss || !need(c, env))
		return;
	search_from(c, env, base);
	settle(c, env);
}

/** RFC 4821 7.7, as Linux does it: the base, and then half of what did not help either. */
static uint32_t smaller_mss(const hf_tcb *c, const hf_tcp_env *env, uint32_t len)
{
	uint32_t mss = base_mss(c, env), floor = env->config->mtu_probe_floor;

	if (mss >= len)
		mss = len / 2;
	if (!is_v4(c))
		floor = LEAST_V6 - hf_packet_overhead(c);
	return mss < floor ? floor : mss;
}

/**
 * Transmissions of a segment that may go unanswered; where it is no larger than the base the
 * silence has likely another cause.
 */
static uint8_t most_unanswered(const hf_tcb *c, const hf_tcp_env *env, uint32_t len)
{
	return len > base_mss(c, env) ? HF_PLPMTU_MAX_PROBES : 2 * HF_PLPMTU_MAX_PROBES;
}

/** Its size may be the reason: a packet that any host takes (RFC 791 3.1) has another. */
static bool is_suspect(const hf_tcb *c, uint32_t len)
{
	return len >= c->snd.mss || len + hf_packet_overhead(c) > EVERYBODY_TAKES;
}

/** The largest packet of which it is known that it has got through. */
static uint32_t proved(const hf_tcb *c)
{
	uint32_t size = c->snd.acked_len + hf_packet_overhead(c);
	const hf_path *p = c->path;

	/* Known from before the last black hole: what arrived then is forgotten by now. */
	if (p->is_probing && p->search.favourite > size && p->search.favourite <= p->search.high)
		size = p->search.favourite;
	return size;
}

/** Large segments vanish without a word: RFC 8899 4.3. */
static void black_hole(hf_tcb *c, const hf_tcp_env *env)
{
	uint32_t len = hf_sent_at(&c->tx->sent, 0)->len;
	uint32_t mss = smaller_mss(c, env, len), favourite;

	if (env->config->mtu_probing == HF_MTU_PROBING_OFF || !may_probe(c) ||
	    !is_suspect(c, len) || c->retransmits + 1 < most_unanswered(c, env, len) ||
	    len <= mss || !need(c, env))
		return;
	favourite = proved(c);
	search_from(c, env, mss);
	c->path->search.favourite = favourite;
	settle(c, env);
}

void hf_path_timed_out(hf_tcb *c, const hf_tcp_env *env, hf_effects *fx)
{
	hf_path *p = c->path;

	if (p && p->search.probed > 0) {
		if (hf_seq_eq(p->probe_seq, c->snd.una))
			hf_plpmtu_lost(&p->search); /* RFC 4821 7.6.3 */
		else
			hf_plpmtu_inconclusive(&p->search);
	}
	if (p && p->pending > 0) {
		believe(c, env, p->pending, fx);
		p->pending = 0;
	}
	black_hole(c, env);
}

/* ---- Probes ---- */

/** Enough that follows it, for its loss to be noticed without a time-out (RFC 4821 7.4). */
#define FOLLOWING 4u
#define LEAST_WINDOW 11u /* segments; as Linux: a probe must not be a large part of it */

/** Nothing is missing, and losses would be seen at once. */
static bool is_calm(const hf_tcb *c)
{
	const hf_tx *t = c->tx;

	return hf_tcb_is_synchronised(c) && t->recovery == HF_RECOVERY_NONE && t->sacked == 0 &&
	       t->lost == 0 && t->duplicate_acks == 0 && !t->tlp.is_out && !hf_tx_gathers(c) &&
	       c->congestion.cwnd >= LEAST_WINDOW * c->snd.mss;
}

hf_path_probe hf_path_wants_probe(hf_tcb *c, const hf_tcp_env *env, uint32_t *len)
{
	hf_plpmtu_rules rules = { env->config->mtu_probe_threshold,
				  env->config->mtu_probe_interval };
	hf_path *p = c->path;
	uint32_t size, with, flight = hf_tx_in_flight(c);

	if (!p || !p->is_probing || p->search.probed > 0 || !may_probe(c) || !is_calm(c))
		return HF_PATH_NO_PROBE;
	p->search.ceiling = ceiling(c, env);
	if (p->search.high > p->search.ceiling) /* HF_OPTION_MSS has become less */
		p->search.high = p->search.ceiling;
	size = hf_plpmtu_next(&p->search, &rules, env->now);
	if (size <= c->pmtu)
		return HF_PATH_NO_PROBE;
	*len = size - hf_packet_overhead(c) + hf_build_new_mss(c) - c->snd.mss;
	with = *len + FOLLOWING * c->snd.mss;
	if (hf_tx_unsent(c) < with || c->snd.wnd < with)
		return HF_PATH_NO_PROBE;
	if (flight + with <= c->snd.wnd && hf_tx_pipe(c) + *len <= c->congestion.cwnd)
		return HF_PATH_PROBE_NOW;
	return flight > 0 ? HF_PATH_PROBE_WAITS : HF_PATH_NO_PROBE;
}

void hf_path_probe_sent(hf_tcb *c, const hf_sending *out)
{
	hf_tcp_options options = out->options;
	hf_path *p = c->path;

	p->probe_seq = out->seq;
	p->probe_len = (uint16_t)out->len;
	p->search.probed = hf_packet_headers(c) + c->ip_options +
			   (uint32_t)hf_options_room(c, &options) + out->len;
}

static bool is_of_probe(const hf_path *p, hf_seq seq, uint32_t len)
{
	return p && p->search.probed > 0 &&
	       hf_seq_lt(seq, hf_seq_add(p->probe_seq, p->probe_len)) &&
	       hf_seq_lt(p->probe_seq, hf_seq_add(seq, len));
}

void hf_path_repeated(hf_tcb *c, hf_seq seq, uint32_t len)
{
	if (is_of_probe(c->path, seq, len))
		hf_plpmtu_inconclusive(&c->path->search);
}

/** The place in the list of the probe's segment, which was not acknowledged yet. */
static uint32_t place_of_probe(const hf_tcb *c)
{
	return hf_sent_find(&c->tx->sent, c->path->probe_seq);
}

static bool has_arrived(const hf_tcb *c)
{
	const hf_path *p = c->path;

	if (hf_seq_leq(hf_seq_add(p->probe_seq, p->probe_len), c->snd.una))
		return true;
	return hf_sent_at(&c->tx->sent, place_of_probe(c))->flags & HF_SENT_SACKED;
}

/** A search that has ended is of use to later connections too (RFC 4821 5.2). */
static void tell_found(hf_tcb *c, const hf_tcp_env *env, hf_effects *fx)
{
	hf_path *p = c->path;
	bool is_found = p->is_probing && p->search.is_complete;

	if (is_found && !p->is_told && p->search.low < p->search.ceiling)
		fx->path_mtu = c->pmtu;
	else if (is_found && !p->is_told)
		fx->path_mtu = env->config->mtu; /* what was remembered of it is over */
	p->is_told = is_found;
}

void hf_path_acked(hf_tcb *c, const hf_tcp_env *env, hf_effects *fx)
{
	hf_path *p = c->path;

	if (p->pending > 0 && hf_seq_lt(p->pending_seq, c->snd.una))
		p->pending = 0; /* it did fit */
	if (p->search.probed > 0 && has_arrived(c)) {
		hf_plpmtu_arrived(&p->search);
		settle(c, env);
	}
	tell_found(c, env, fx);
}

bool hf_path_probe_lost(hf_tcb *c, const hf_ack_news *n)
{
	hf_path *p = c->path;
	const hf_sent *s;
	uint32_t at;

	if (!p || p->search.probed == 0)
		return false;
	at = place_of_probe(c);
	s = hf_sent_at(&c->tx->sent, at);
	if (hf_tcb_has(c, HF_TCB_SACK) ? !(s->flags & HF_SENT_LOST) || n->lost != p->probe_len :
					 at != 0)
		return false;
	hf_plpmtu_lost(&p->search);
	if (!hf_tcb_has(c, HF_TCB_SACK)) {
		hf_tx_repeat_first(c);
		c->snd.recover = c->snd.nxt; /* the duplicates still to come are of this loss */
	}
	c->tx->rate.lost -= p->probe_len;
	return true;
}
