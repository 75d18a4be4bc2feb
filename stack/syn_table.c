/* SPDX-License-Identifier: BSD-2-Clause */
/* The SYN table's room: shares of listeners and prefixes, pressure, and who makes way. */
#include "stack/handshakes.h"

/*
 * Theory of operation
 *
 * The table is bounded, and a SYN costs its sender nothing. So no listener and no prefix of senders
 * (IPv4 /24, IPv6 /64) may have all of it: each has a share, in percent of the table. Listeners
 * count their records themselves. Prefixes are counted in two rows of counters, where each has a
 * place by a keyed hash: nobody outside can look for prefixes that share one. The lesser of the two
 * counts: who is refused wrongly must share both places with prefixes that are over their share, of
 * which there are few. A full table is seen before anything is hashed: a flood pays for it once.
 *
 * Under pressure, when more than half of the table is in use, records that go unanswered are given
 * up after fewer retransmissions, as Linux does: peers that exist answer the first or the second.
 *
 * A SYN that finds the table full, or its share used up, gets a cookie. If cookies are off, or it
 * is signed or follows on a connection, another record of a full table makes way for it: the oldest
 * or any, as the settings say. Signatures are verified before; whoever signs needs no share.
 *
 * The oldest is found by a hand that goes round the table: of the next few records that one goes
 * which was repeated most often, and among equals the oldest; signed ones come last. The new record
 * takes its place, and the hand goes on behind it: it meets records in the order of their age, but
 * for those that took the place of one that had left by itself.
 */

#define LOOKED_AT 4u /* records, before one goes */

/** What the half of the table that a flood takes first is left with: gone after 7 s. */
#define PRESSED_RETRIES 2

typedef struct places {
	uint32_t at[HF_SYN_ROWS];
} places;

static places places_of(const hf_stack *s, const hf_addr *remote)
{
	uint64_t hash = hf_prefix_hash(s, remote);

	return (places){ { (uint32_t)hash % HF_SYN_PLACES,
			   (uint32_t)(hash >> 32) % HF_SYN_PLACES } };
}

/** Records; all of the table is no limit of its own. */
static uint32_t share(const hf_stack *s, uint8_t percent)
{
	uint32_t records = (uint32_t)((uint64_t)s->config.max_half_open * percent / 100);

	if (percent == 100)
		return UINT32_MAX;
	return records > 0 ? records : 1;
}

static bool listener_has_its_share(const hf_stack *s, uint32_t listener)
{
	return s->listeners.used > 1 &&
	       hf_listen_at(s, listener)->half_opens >= share(s, s->config.listener_share);
}

static bool prefix_has_its_share(const hf_stack *s, const hf_addr *remote)
{
	uint32_t most = share(s, s->config.prefix_share);
	places p;

	if (s->half_opens.used < most)
		return false;
	p = places_of(s, remote);
	for (unsigned row = 0; row < HF_SYN_ROWS; row++)
		if (s->syn_table.prefixes[row][p.at[row]] < most)
			return false;
	return true;
}

static void count(hf_stack *s, const hf_half_open *h, uint32_t by)
{
	places p = places_of(s, &h->remote);

	hf_listen_at(s, h->listener)->half_opens += by;
	for (unsigned row = 0; row < HF_SYN_ROWS; row++)
		s->syn_table.prefixes[row][p.at[row]] += by;
	s->states[HF_SYN_RECEIVED] += by;
}

void hf_syn_table_entered(hf_stack *s, const hf_half_open *h)
{
	count(s, h, 1);
}

void hf_syn_table_left(hf_stack *s, const hf_half_open *h)
{
	count(s, h, UINT32_MAX); /* one less */
}

static bool is_pressed(const hf_stack *s)
{
	return s->half_opens.used > s->config.max_half_open / 2;
}

uint8_t hf_syn_table_retries(const hf_stack *s, const hf_half_open *h, uint8_t retries)
{
	return is_pressed(s) && !hf_half_open_is_proven(h) && retries > PRESSED_RETRIES ?
		       PRESSED_RETRIES :
		       retries;
}

bool hf_reflection_is_bounded(const hf_stack *s)
{
	hf_reflection r = s->config.reflection;

	return r == HF_REFLECTION_ALWAYS || (r == HF_REFLECTION_PRESSED && is_pressed(s));
}

/** Is `a` to go before `b`? */
static bool goes_before(const hf_half_open *a, const hf_half_open *b)
{
	bool a_signed = a->auth != 0, b_signed = b->auth != 0;

	if (a_signed != b_signed)
		return b_signed;
	if (a->retransmits != b->retransmits)
		return a->retransmits > b->retransmits;
	return hf_time_before(a->due, b->due);
}

/** All numbers below the table's size are records, for it is full. */
static uint32_t oldest(hf_stack *s)
{
	uint32_t max = s->config.max_half_open, best = s->syn_table.hand;

	for (uint32_t i = 1; i < LOOKED_AT; i++) {
		uint32_t number = (s->syn_table.hand + i) % max;

		if (goes_before(hf_half_open_at(s, number), hf_half_open_at(s, best)))
			best = number;
	}
	s->syn_table.hand = (best + 1) % max;
	return best;
}

static uint32_t any(hf_stack *s)
{
	uint64_t n = s->syn_table.drawn++;

	return (uint32_t)(hf_siphash(&s->table_key, &n, sizeof(n)) % s->config.max_half_open);
}

/** Forgets a record of a full table. */
static void make_way(hf_stack *s)
{
	bool is_random = s->config.syn_replacement == HF_SYN_REPLACEMENT_RANDOM;

	hf_half_open_remove(s, is_random ? any(s) : oldest(s));
	s->ends[HF_WHY_HALF_OPEN_REPLACED]++;
}

/**
 * Another makes way for a SYN that gets no cookie, unless only because it cannot be kept in one: a
 * flood of such SYNs would be worth while.
 */
static bool may_replace(const hf_stack *s, const hf_syn *syn)
{
	if (s->config.syn_replacement == HF_SYN_REPLACEMENT_NONE)
		return false;
	return s->config.syn_cookies == HF_SYN_COOKIES_OFF || syn->segment->key || syn->used;
}

hf_reason hf_syn_table_admit(hf_stack *s, const hf_syn *syn)
{
	bool is_full = s->half_opens.used == s->config.max_half_open;

	if (s->config.syn_cookies == HF_SYN_COOKIES_ALWAYS || (is_full && !may_replace(s, syn)))
		return HF_WHY_SYN_TABLE_FULL;
	if (!syn->segment->key && listener_has_its_share(s, syn->listener))
		return HF_WHY_SYN_LISTENER_SHARE;
	if (!syn->segment->key && prefix_has_its_share(s, &syn->flow->remote))
		return HF_WHY_SYN_PREFIX_SHARE;
	if (is_full)
		make_way(s);
	return HF_WHY_NONE;
}
