/* SPDX-License-Identifier: BSD-2-Clause */
/* Control messages, as they came along with octets, held against what a script says of them. */
#include "drill/control.h"

#include <stdlib.h>
#include <string.h>

#include "drill/names.h"

#define SECOND INT64_C(1000000000)

/* By their numbers on the wire, from 1; where there is no figure, the stack does not know it. */
static const struct {
	const char *attribute, *figure;
} attributes[] = {
	{ "TCP_NLA_BUSY", "tcpi_busy_time" },
	{ "TCP_NLA_RWND_LIMITED", "tcpi_rwnd_limited" },
	{ "TCP_NLA_SNDBUF_LIMITED", "tcpi_sndbuf_limited" },
	{ "TCP_NLA_DATA_SEGS_OUT", "tcpi_data_segs_out" },
	{ "TCP_NLA_TOTAL_RETRANS", "tcpi_total_retrans" },
	{ "TCP_NLA_PACING_RATE", "tcpi_pacing_rate" },
	{ "TCP_NLA_DELIVERY_RATE", "tcpi_delivery_rate" },
	{ "TCP_NLA_SND_CWND", "tcpi_snd_cwnd" },
	{ "TCP_NLA_REORDERING", "tcpi_reordering" },
	{ "TCP_NLA_MIN_RTT", "tcpi_min_rtt" },
	{ "TCP_NLA_RECUR_RETRANS", "tcpi_retransmits" },
	{ "TCP_NLA_DELIVERY_RATE_APP_LMT", "tcpi_delivery_rate_app_limited" },
	{ "TCP_NLA_SNDQ_SIZE", NULL },
	{ "TCP_NLA_CA_STATE", "tcpi_ca_state" },
	{ "TCP_NLA_SND_SSTHRESH", "tcpi_snd_ssthresh" },
	{ "TCP_NLA_DELIVERED", "tcpi_delivered" },
	{ "TCP_NLA_DELIVERED_CE", "tcpi_delivered_ce" },
	{ "TCP_NLA_BYTES_SENT", "tcpi_bytes_sent" },
	{ "TCP_NLA_BYTES_RETRANS", "tcpi_bytes_retrans" },
	{ "TCP_NLA_DSACK_DUPS", "tcpi_dsack_dups" },
	{ "TCP_NLA_REORD_SEEN", "tcpi_reord_seen" },
	{ "TCP_NLA_SRTT", NULL },
	{ "TCP_NLA_TIMEOUT_REHASH", "tcpi_rehash" },
	{ "TCP_NLA_BYTES_NOTSENT", "tcpi_notsent_bytes" },
	{ "TCP_NLA_EDT", NULL },
	{ "TCP_NLA_TTL", NULL },
	{ "TCP_NLA_REHASH", "tcpi_rehash" },
};

#define ATTRIBUTES (sizeof(attributes) / sizeof(attributes[0]))

const char *hf_control_figure(const char *attribute)
{
	for (size_t i = 0; i < ATTRIBUTES; i++) {
		if (strcmp(attributes[i].attribute, attribute) == 0)
			return attributes[i].figure;
	}
	return NULL;
}

const char *hf_control_attribute(unsigned n)
{
	return n >= 1 && n <= ATTRIBUTES ? attributes[n - 1].attribute : NULL;
}

void hf_control_add(hf_control *m, const char *name, int64_t value)
{
	if (m->fields == HF_CONTROL_FIELDS)
		return;
	m->name[m->fields] = name;
	m->value[m->fields++] = value;
}

void hf_control_set_error(hf_control *m, const hf_control_error *e)
{
	hf_control_add(m, "ee_errno", e->error);
	hf_control_add(m, "ee_origin", e->origin);
	hf_control_add(m, "ee_type", e->type);
	hf_control_add(m, "ee_code", e->code);
	hf_control_add(m, "ee_info", e->info);
	hf_control_add(m, "ee_data", e->data);
}

/* ---- Comparing ---- */

static void compare_time(const hf_calling *c, const hf_control *m, const hf_expr *data)
{
	const hf_expr *s = hf_expr_field(data, "scm_sec"), *ns = hf_expr_field(data, "scm_nsec");
	int64_t wanted;

	if (s == NULL || ns == NULL || s->kind != HF_EXPR_INTEGER || ns->kind != HF_EXPR_INTEGER)
		return;
	wanted = s->value * SECOND + ns->value;
	if (llabs(m->time - wanted) > c->sockets->setup->tolerance)
		hf_call_mismatch(c, "nanoseconds of scm_timestamping", wanted, m->time);
}

static void compare_fields(const hf_calling *c, const hf_control *m, const hf_expr *data)
{
	for (const hf_expr *f = data->first; f != NULL; f = f->next) {
		unsigned i = 0;

		if (f->kind != HF_EXPR_FIELD || f->first->kind != HF_EXPR_INTEGER)
			continue;
		while (i < m->fields && strcmp(m->name[i], f->text) != 0)
			i++;
		if (i == m->fields) {
			c->answer->mismatch = hf_arena_format(
				c->sockets->arena, "this control message has no %s", f->text);
			return;
		}
		if (m->value[i] != f->first->value)
			hf_call_mismatch(c, f->text, f->first->value, m->value[i]);
	}
}

static void compare_number(const hf_calling *c, const hf_expr *message, const char *name,
			   int64_t got)
{
	const hf_expr *wanted = hf_expr_field(message, name);

	if (wanted != NULL && wanted->kind == HF_EXPR_INTEGER && wanted->value != got)
		hf_call_mismatch(c, name, wanted->value, got);
}

static void compare_one(const hf_calling *c, const hf_control *m, const hf_expr *message)
{
	const hf_expr *data = hf_expr_field(message, "cmsg_data");

	compare_number(c, message, "cmsg_level", m->level);
	compare_number(c, message, "cmsg_type", m->type);
	if (data == NULL || c->answer->mismatch != NULL)
		return;
	if (data->kind == HF_EXPR_STRUCT && m->has_time)
		compare_time(c, m, data);
	else if (data->kind == HF_EXPR_STRUCT && m->fields > 0 && m->name[0] != NULL)
		compare_fields(c, m, data);
	else if (data->kind == HF_EXPR_INTEGER && m->fields == 1)
		compare_number(c, message, "cmsg_data", m->value[0]);
	else if (data->kind != HF_EXPR_ELLIPSIS)
		c->answer->mismatch = "cmsg_data: something of another kind was expected";
}

void hf_control_compare(const hf_calling *c, const hf_control *messages, size_t count)
{
	const hf_expr *list = hf_expr_field(hf_call_arg(c, 1), "msg_control"), *e;
	size_t n = 0;

	if (list == NULL || list->kind != HF_EXPR_LIST)
		return;
	for (e = list->first; e != NULL && n < count; e = e->next)
		compare_one(c, &messages[n++], e);
	if (c->answer->mismatch == NULL && e != NULL)
		c->answer->mismatch = "a control message is missing";
	if (c->answer->mismatch == NULL && n < count)
		c->answer->mismatch = hf_arena_format(
			c->sockets->arena, "a control message too many: level %lld, type %lld",
			(long long)messages[n].level, (long long)messages[n].type);
}

/* ---- Sending ---- */

bool hf_control_read(const hf_calling *c, const hf_expr *e, hf_control *out)
{
	const hf_expr *level = hf_expr_field(e, "cmsg_level"),
		      *type = hf_expr_field(e, "cmsg_type");
	const hf_expr *data = hf_expr_field(e, "cmsg_data");

	*out = (hf_control){ 0 };
	if (level == NULL || type == NULL || data == NULL || level->kind != HF_EXPR_INTEGER ||
	    type->kind != HF_EXPR_INTEGER || data->kind != HF_EXPR_INTEGER) {
		hf_call_trouble(c,
				"a control message is {cmsg_level=, cmsg_type=, cmsg_data=NUMBER}");
		return false;
	}
	out->level = level->value;
	out->type = type->value;
	hf_control_add(out, NULL, data->value);
	return true;
}
