/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzz targets: TCP headers with their options, and the check of a SYN cookie. */
#include "targets.h"
#include "tcp/ecn/option.h"
#include "tcp/hs/fast_open.h"
#include "tcp/hs/syn_cookie.h"

static void look_at_options(const hf_tcp *t, hf_view segment)
{
	const hf_tcp_options *o = &t->options;
	hf_fast_open_option cookie = hf_fast_open_read(o);
	uint32_t counter;

	assert_true(o->sack_count <= HF_SACK_BLOCKS);
	assert_true(cookie.cookie.len <= HF_COOKIE_MAX);
	for (int i = 0; i < HF_ECN_COUNTERS; i++)
		if (hf_ecn_option_read(o, (hf_ecn_counter)i, &counter))
			assert_true(counter < UINT32_C(1) << 24);
	fuzz_is_inside(o->raw, segment);
	fuzz_is_inside(o->fast_open, segment);
	fuzz_is_inside(o->md5, segment);
	fuzz_is_inside(o->ao, segment);
	fuzz_is_inside(o->acc_ecn, segment);
	fuzz_is_inside(o->experiment, segment);
}

/* What was understood, written, is understood as the same, and written the same. */
static void write_again(const hf_ip *ip, const hf_tcp *t)
{
	uint8_t first[HF_TCP_HEADER_MAX], second[HF_TCP_HEADER_MAX];
	hf_ip other = *ip;
	hf_tcp again;
	size_t len = hf_tcp_emit(t, first);

	assert_int_equal(len, hf_tcp_header_len(t));
	assert_true(len % 4 == 0 && len <= sizeof(first));
	other.payload = (hf_view){ first, len };
	assert_int_equal(hf_tcp_parse(&other, true, &again), HF_WHY_NONE);
	assert_int_equal(again.src_port, t->src_port);
	assert_int_equal(again.dst_port, t->dst_port);
	assert_int_equal(again.seq.v, t->seq.v);
	assert_int_equal(again.ack.v, t->ack.v);
	assert_int_equal(again.flags, t->flags);
	assert_int_equal(again.window, t->window);
	assert_int_equal(again.urgent, t->urgent);
	assert_int_equal(hf_tcp_emit(&again, second), len);
	assert_memory_equal(first, second, len);
}

static void look(const hf_ip *ip, bool is_trusted)
{
	hf_tcp t;

	if (hf_tcp_parse(ip, is_trusted, &t) != HF_WHY_NONE)
		return;
	fuzz_is_inside(t.payload, ip->payload);
	assert_true(t.payload.at + t.payload.len == ip->payload.at + ip->payload.len);
	look_at_options(&t, ip->payload);
	write_again(ip, &t);
}

/* As it is, and with the checksum that it should have. */
static void one_segment(hf_view input)
{
	bool is_v4 = fuzz_u8(&input) & 1;
	uint8_t *segment = fuzz_copy(input);
	hf_ip ip = { .version = is_v4 ? 4 : 6, .protocol = HF_IPPROTO_TCP, .payload = input };

	ip.src = is_v4 ? hf_addr_v4(192, 0, 2, 2) : (hf_addr){ { 0xfe, 0x80, [15] = 2 } };
	ip.dst = is_v4 ? hf_addr_v4(192, 0, 2, 1) : (hf_addr){ { 0xfe, 0x80, [15] = 1 } };
	look(&ip, false);
	look(&ip, true);
	if (input.len >= HF_TCP_HEADER) {
		hf_put16(segment + HF_TCP_CHECKSUM_AT, 0);
		hf_tcp_checksum(&ip, segment, input.len);
		ip.payload.at = segment;
		look(&ip, false);
	}
	free(segment);
}

const fuzz_target fuzz_tcp = { "tcp", one_segment };

/* ---- Cookies ---- */

static hf_half_open any_record(hf_view *in)
{
	hf_half_open h = { .irs = { fuzz_u32(in) },
			   .peer_mss = fuzz_u16(in),
			   .wscale = fuzz_u8(in) % 15,
			   .flags = fuzz_u8(in) };

	h.flags &= HF_HALF_OPEN_OPTIONS | HF_HALF_OPEN_MODE | HF_HALF_OPEN_HEARD;
	if (!(h.flags & HF_TCB_WSCALE))
		h.wscale = 0;
	hf_syn_cookie_reduce(&h);
	return h;
}

/* The last ACK, in which any field may be wrong. False: in which one is. */
static bool any_answer(hf_view *in, const hf_half_open *h, hf_syn_cookie cookie, hf_segment *g,
		       hf_tcp_options *o)
{
	uint32_t seq = fuzz_u32(in), ack = fuzz_u32(in), tsecr = fuzz_u32(in);

	*g = (hf_segment){ .seq = hf_seq_add(h->irs, 1 + seq),
			   .ack = hf_seq_add(cookie.iss, 1 + ack),
			   .flags = HF_TCP_ACK | (fuzz_u16(in) & HF_TCP_FLAGS),
			   .text = fuzz_take(in, 2),
			   .options = o };
	*o = (hf_tcp_options){ .present = 0 };
	if (h->flags & HF_TCB_TIMESTAMPS) {
		o->present = HF_HAS(TIMESTAMPS);
		o->tsecr = cookie.tsval + tsecr;
	}
	return seq == 0 && ack == 0 && tsecr == 0 && !(g->flags & (HF_TCP_SYN | HF_TCP_RST));
}

static void one_cookie(hf_view input)
{
	hf_syn_cookie_keys keys = { .key = { { fuzz_u64(&input), fuzz_u64(&input) },
					     { fuzz_u64(&input), fuzz_u64(&input) } },
				    .count = 1 + fuzz_u8(&input) % 2 };
	hf_flow f = { .local = hf_addr_v4(192, 0, 2, 1),
		      .remote = hf_addr_v4(192, 0, 2, 2),
		      .local_port = 80,
		      .remote_port = fuzz_u16(&input) };
	hf_syn_cookie_time now = { fuzz_u32(&input), fuzz_u32(&input) };
	hf_half_open h = any_record(&input), kept;
	hf_syn_cookie cookie = hf_syn_cookie_make(&keys, &f, &h, now);
	uint32_t periods = fuzz_u8(&input) % 4;
	hf_tcp_options options;
	hf_segment g;
	bool is_right = any_answer(&input, &h, cookie, &g, &options);

	now.period += periods;
	if (!hf_syn_cookie_check(&keys, &f, &g, now, &kept)) {
		assert_false(is_right && periods < 2);
		return;
	}
	/* What comes out can be kept; of what was told, nothing is lost. */
	assert_true(kept.wscale <= 14 && kept.peer_mss >= 48 && kept.peer_mss <= 8960);
	assert_int_equal(kept.iss.v, g.ack.v - 1);
	if (!is_right || periods >= 2) /* a guess may be lucky: one in 2^27 is */
		return;
	assert_int_equal(kept.irs.v, h.irs.v);
	assert_int_equal(kept.peer_mss, h.peer_mss);
	assert_int_equal(kept.wscale, h.wscale);
	assert_int_equal(kept.flags, h.flags);
}

const fuzz_target fuzz_syn_cookie = { "syn_cookie", one_cookie };
