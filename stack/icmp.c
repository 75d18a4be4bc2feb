/* SPDX-License-Identifier: BSD-2-Clause */
/* ICMP for this host: pings are answered, errors reach the connection that they are about. */
#include "stack/keys.h"

#include "tcp/hs/isn.h"

static hf_reason answer_echo(hf_stack *s, const hf_ip *ip, const hf_icmp *m)
{
	hf_ip back = {
		.src = ip->dst,
		.dst = ip->src,
		.version = ip->version,
		.protocol = ip->protocol,
		.ttl = s->config.ttl,
		.traffic_class = ip->traffic_class,
	};
	size_t at = hf_ip_header_len(&back), len = hf_icmp_echo_len(m->body.len);
	hf_reply r = { .len = (uint32_t)(at + len), .cause = HF_SENT_ECHO_REPLY, .dst = ip->src };
	uint8_t *octets;

	/* RFC 1122 3.2.2.6, RFC 4443 4.2: a ping to many may go unanswered. */
	if (s->config.no_echo_reply || r.len > s->config.mtu || hf_addr_is_multicast(&ip->dst))
		return HF_WHY_ICMP_TYPE;
	octets = hf_mem_raw(&s->mem, r.len);
	if (!octets)
		return HF_WHY_NO_BUFFER;
	hf_ip_emit(&back, len, octets);
	hf_icmp_emit_echo_reply(&back, m->body, octets + at);
	hf_reply_packet(s, &r, octets);
	hf_mem_free(&s->mem, octets, r.len);
	return HF_WHY_NONE;
}

/**
 * A half-open record quits when its SYN-ACK meets a hard error (RFC 9293 SHLD-26); in TIME-WAIT
 * nothing is left to be done. As with connections, what is quoted must have been sent.
 */
static hf_reason report_to_record(hf_stack *s, uint32_t value, const hf_icmp_report *r)
{
	uint32_t number = hf_value_number(value);
	hf_half_open *h;

	if (hf_value_kind(value) == HF_KIND_TIME_WAIT)
		return hf_seq_eq(r->quoted, hf_time_wait_at(s, number)->snd_nxt) ?
			       r->reason :
			       HF_WHY_ICMP_QUOTE_SEQ;
	h = hf_half_open_at(s, number);
	if (!hf_seq_eq(r->quoted, h->iss))
		return HF_WHY_ICMP_QUOTE_SEQ;
	if (!hf_icmp_is_hard(r->reason) || h->flags & HF_HALF_OPEN_ACKED)
		return r->reason;
	if (h->auth != 0)
		return HF_WHY_ICMP_SIGNED; /* RFC 5925 7.8 */
	hf_half_open_remove(s, number);
	s->ends[r->reason]++;
	return r->reason;
}

/**
 * RFC 1122 3.2.2, MUST-54: an error goes to the transport that it quotes; it must quote what we
 * sent from here.
 */
static hf_reason report_error(hf_stack *s, const hf_ip *ip, const hf_icmp *m)
{
	const hf_icmp_quote *q = &m->quote;
	hf_flow f = { q->src, q->dst, q->src_port, q->dst_port };
	hf_icmp_report report = { m->error, q->seq, m->mtu };
	hf_tcp_env env = hf_stack_env(s);
	hf_effects fx = { 0 };
	uint32_t value;
	hf_tcb *c;

	if (q->protocol != HF_IPPROTO_TCP || !hf_addr_equal(&q->src, &ip->dst))
		return HF_WHY_ICMP_QUOTE;
	value = hf_flows_find(s, &f, hf_flow_hash(&s->table_key, &f));
	if (value == HF_SLOT_FREE)
		return HF_WHY_ICMP_QUOTE;
	if (hf_value_kind(value) != HF_KIND_CONN)
		return report_to_record(s, value, &report);
	c = hf_conn_wake(s, hf_value_number(value));
	if (!c)
		return HF_WHY_NO_BUFFER;
	if (ip->ttl < c->settings->min_ttl)
		return HF_WHY_IP_TTL; /* RFC 5082 3: related messages too */
	if (hf_auth_ignores(c, m))
		return HF_WHY_ICMP_SIGNED;
	hf_tcp_icmp(c, &env, &report, &fx);
	hf_conn_apply(s, c, &fx);
	return fx.reason;
}

/** Source quench goes nowhere (MUST-55). */
hf_reason hf_arrives_icmp(hf_stack *s, const hf_ip *ip)
{
	hf_icmp m;
	hf_reason why = hf_icmp_parse(ip, &m);

	if (why != HF_WHY_NONE)
		return why;
	switch (m.kind) {
	case HF_ICMP_ECHO_REQUEST:
		return answer_echo(s, ip, &m);
	case HF_ICMP_ERROR:
		return m.error == HF_WHY_ICMP_SOURCE_QUENCH ? m.error : report_error(s, ip, &m);
	case HF_ICMP_NEIGHBOUR:
		return hf_arrives_nd(s, ip, &m);
	case HF_ICMP_REDIRECT:
		return HF_WHY_ICMP_REDIRECT;
	case HF_ICMP_ECHO_REPLY:
	case HF_ICMP_OTHER:
		break;
	}
	return HF_WHY_ICMP_TYPE;
}
