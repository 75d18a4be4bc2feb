/* SPDX-License-Identifier: BSD-2-Clause */
/* What an application may do to a connection, one call after another, as the fuzzed octets say. */
#include "hostile_peer.h"

#include <handfast/urgent.h>

static struct line *current(struct scene *s)
{
	return &s->line[s->at];
}

void app_drop(struct scene *s, struct line *l)
{
	if (l->is_held)
		assert_int_equal(hf_conn_close(s->p->stack, l->conn), HF_OK);
	l->is_held = false;
}

static void hold(struct scene *s, struct line *l, hf_conn c)
{
	hf_conn_info info = peer_info(s->p, c);

	app_drop(s, l);
	l->conn = c;
	l->is_held = l->is_known = true;
	l->got_end = false;
	l->host = info.local;
	l->iss.v = info.iss;
	l->irs.v = info.irs;
	l->read = l->queued = 0;
}

void app_open(struct scene *s, uint8_t how)
{
	struct line *l = current(s);
	hf_endpoint to = { s->p->self.addr, l->port };
	hf_conn_options options = { .size = sizeof(options),
				    .fast_open = how & 1,
				    .fast_open_no_cookie = how >> 1 & 1 };
	hf_conn c;

	if (s->at < FIRST_ACTIVE || l->is_held)
		return;
	if (hf_conn_open(s->p->stack, &to, &options, s->p->now, &c) == HF_OK)
		hold(s, l, c);
}

void app_accept(struct scene *s)
{
	hf_conn c;
	hf_conn_info info;

	if (hf_listener_accept(s->p->stack, s->p->listener, &c) != HF_OK)
		return;
	info = peer_info(s->p, c);
	for (unsigned i = 0; i < FIRST_ACTIVE; i++) {
		if (s->line[i].port == info.remote.port) {
			hold(s, &s->line[i], c);
			return;
		}
	}
	hf_conn_abort(s->p->stack, c);
}

/* ---- Sending ---- */

static hf_err lend(struct scene *s, struct line *l, size_t len, size_t *sent)
{
	uint8_t *room;
	hf_err err = hf_conn_reserve(s->p->stack, l->conn, len, &room, sent);

	if (err != HF_OK)
		return err;
	assert_true(*sent > 0 && *sent <= len);
	peer_pattern(room, PATTERN + l->queued, *sent);
	return hf_conn_commit(s->p->stack, l->conn, *sent);
}

void app_send(struct scene *s, uint8_t how, size_t len)
{
	static hf_err (*const ways[])(hf_stack *, hf_conn, const void *, size_t, size_t *) = {
		hf_conn_send,
		hf_conn_send_more,
		hf_conn_send_urgent,
	};
	struct line *l = current(s);
	size_t sent = 0;
	uint8_t *text;
	hf_err err;

	if (!l->is_held)
		return;
	if (how % 4 == 3) {
		err = len > 0 ? lend(s, l, len, &sent) : HF_ERR_INVALID;
	} else {
		text = malloc(len + 1);
		assert_non_null(text);
		peer_pattern(text, PATTERN + l->queued, len);
		err = ways[how % 4](s->p->stack, l->conn, text, len, &sent);
		free(text);
	}
	if (err != HF_OK)
		return;
	assert_true(sent <= len);
	l->queued += (uint32_t)sent;
}

/* ---- Receiving: every octet is the one that the peer has in this place ---- */

static void check_read(struct scene *s, struct line *l, const uint8_t *text, size_t len)
{
	uint32_t from = hf_seq_span(s->p->isn, l->irs) + 1 + l->read;

	assert_false(l->got_end && len > 0);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(text[i], peer_octet(from + (uint32_t)i));
	l->read += (uint32_t)len;
}

static void borrow(struct scene *s, struct line *l, size_t len)
{
	const uint8_t *text;
	size_t got;

	if (hf_conn_peek(s->p->stack, l->conn, &text, &got) != HF_OK)
		return;
	if (got == 0) {
		l->got_end = true;
		return;
	}
	got = got < len ? got : len;
	check_read(s, l, text, got);
	assert_int_equal(hf_conn_consume(s->p->stack, l->conn, got), HF_OK);
}

void app_receive(struct scene *s, uint8_t how, size_t len)
{
	struct line *l = current(s);
	uint8_t *room;
	size_t got = 0;

	if (!l->is_held || len == 0)
		return;
	/* Of a connection that the host opened, the peer's number is known by now. */
	l->irs.v = peer_info(s->p, l->conn).irs;
	if (how & 1) {
		borrow(s, l, len);
		return;
	}
	room = malloc(len);
	assert_non_null(room);
	if (hf_conn_receive(s->p->stack, l->conn, room, len, &got) == HF_OK) {
		assert_true(got <= len);
		check_read(s, l, room, got);
		l->got_end |= got == 0;
	}
	free(room);
}

/* ---- Ending, and settings ---- */

void app_end(struct scene *s, uint8_t how)
{
	struct line *l = current(s);
	size_t dropped = 0;

	if (!l->is_held)
		return;
	switch (how % 4) {
	case 0:
		hf_conn_shutdown(s->p->stack, l->conn);
		break;
	case 1:
		app_drop(s, l);
		break;
	case 2:
		assert_int_equal(hf_conn_abort(s->p->stack, l->conn), HF_OK);
		l->is_held = false;
		break;
	default:
		if (hf_conn_flush(s->p->stack, l->conn, &dropped) == HF_OK) {
			assert_true(dropped <= l->queued);
			l->queued -= (uint32_t)dropped;
		}
	}
}

/* What changes the octets of a stream, or keeps a closed connection for days, is left out. */
static bool may_be_set(hf_option option, int64_t value)
{
	switch (option) {
	case HF_OPTION_KEEPALIVE_OCTET:
	case HF_OPTION_URGENT_APART:
	case HF_OPTION_MIN_TTL:
		return false;
	case HF_OPTION_LINGER:
	case HF_OPTION_FIN_WAIT_2:
	case HF_OPTION_DEFER_ACCEPT:
		return value <= HF_SEC(600);
	default:
		return true;
	}
}

void app_set(struct scene *s)
{
	static const int64_t values[] = {
		0,           1,
		-1,          2,
		3,           48,
		100,         1460,
		4096,        65535,
		65536,       1 << 20,
		HF_MS(1),    HF_MS(100),
		HF_SEC(1),   HF_SEC(5),
		HF_SEC(600), INT64_MAX,
		INT64_MIN,   1 << 30,
		HF_SEC(2),   (1 << 30) + 1,
	};
	hf_option option = (hf_option)(fuzz_u8(&s->in) % HF_OPTION_COUNT);
	int64_t value = values[fuzz_u8(&s->in) % (sizeof(values) / sizeof(values[0]))], was, is;
	struct line *l = current(s);
	hf_err err;

	if (!may_be_set(option, value))
		return;
	if (!l->is_held) {
		hf_listener_set(s->p->stack, s->p->listener, option, value);
		return;
	}
	if (hf_conn_get(s->p->stack, l->conn, option, &was) != HF_OK)
		return;
	err = hf_conn_set(s->p->stack, l->conn, option, value);
	assert_int_equal(hf_conn_get(s->p->stack, l->conn, option, &is), HF_OK);
	if (err != HF_OK)
		assert_int_equal(is, was); /* a call that fails changes nothing */
}
