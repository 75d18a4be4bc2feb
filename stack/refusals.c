/* SPDX-License-Identifier: BSD-2-Clause */
/* Resets for segments that nobody waits for, as many as the settings allow (RFC 9293 3.10.7.1). */
#include "stack/handshakes.h"

/*
 * Theory of operation
 *
 * Whoever sends such segments decides how many resets leave, and to whom; so they are limited, as
 * RFC 5961 limits challenge ACKs. One limit for all would be an oracle: who spends it with segments
 * in somebody else's name sees by the resets that he gets himself whether the others were sent, and
 * learns of connections and ports that are not his ("off-path" and "idle" scans). So each prefix of
 * senders spends from one of 64 buckets, which a keyed hash chooses. A bucket is one number, the
 * time at which it will be full again; nothing is random.
 */

#define BURST HF_SEC(1) /* a full bucket holds the resets of one second */

uint64_t hf_prefix_hash(const hf_stack *s, const hf_addr *remote)
{
	uint8_t octets[sizeof(hf_addr) + 1] = { 0 };
	size_t kept = hf_addr_is_v4(remote) ? 15 : 8;

	memcpy(octets, remote, kept);
	octets[sizeof(hf_addr)] = (uint8_t)kept; /* no other use of the key has this length */
	return hf_siphash(&s->table_key, octets, sizeof(octets));
}

/** Takes a reset out of the bucket of `to`, if there is one. */
static bool may_reset(hf_stack *s, const hf_addr *to)
{
	hf_time *full_at = &s->reset_buckets[hf_prefix_hash(s, to) % HF_RESET_BUCKETS];
	hf_time since = hf_time_before(*full_at, s->now) ? s->now : *full_at;
	hf_time then = hf_time_add(since, HF_SEC(1) / s->config.reset_rate);

	if (hf_time_diff(then, s->now) > BURST)
		return false;
	*full_at = then;
	return true;
}

hf_reason hf_refuse(hf_stack *s, const hf_flow *f, const hf_segment *g, hf_reason why)
{
	hf_reset r = hf_reset_for(g);
	hf_sending out = hf_reset_sending(&r, HF_SENT_RST);
	hf_signer by;

	if (s->config.silent_to_closed_ports && why != HF_WHY_LISTEN_ACK)
		return why;
	if (!may_reset(s, &f->remote))
		return HF_WHY_RESET_LIMIT;
	out.traffic_class = g->ip->traffic_class; /* as Linux does; ECN's part is cut off */
	out.flow_label = hf_answer_label(s, f, 0);
	if (hf_signer_of_answer(f, g, &by))
		out.signer = &by;
	hf_reply_segment(s, f, &out, HF_CLOSED);
	return why;
}
