/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of options, and the block of settings that they stand in. */
#include "tcp/settings.h"

#define KEEPALIVE_INTERVAL HF_SEC(75)
#define KEEPALIVE_PROBES 9
#define BUFFER_MAX (INT64_C(1) << 30) /* half of what sequence numbers can tell apart */
#define DEFAULT_ADVICE HF_SEC(300)    /* RFC 9293 3.9.1.1: five minutes */
#define FAST_OPEN_MAX 4096
#define FLOW_LABEL_MAX 0xfffff /* 20 bits (RFC 6437 2) */
#define LEAST_MSS 48
#define MOST_MSS (65535 - 40)

/* TIME is any int64_t. */
typedef enum kind { NOT_KEPT, FLAG, TIME, OCTETS, SHORT, COUNT } kind;

/** One option: where it stands, and which values it takes besides `also`. */
typedef struct row {
	kind kind;
	uint32_t at; /* offset; FLAG: the bit */
	int64_t least, most, also;
} row;

#define AT(field) ((uint32_t)offsetof(hf_settings, field))

static const row rows[HF_OPTION_COUNT] = {
	[HF_OPTION_NO_DELAY] = { FLAG, HF_SET_NO_DELAY, 0, 1, 0 },
	/*
	 * Off (MUST-24, MUST-25); who switches it on says for how long (MUST-27), so that no
	 * default is shorter than two hours (MUST-28).
	 */
	[HF_OPTION_KEEPALIVE] = { TIME, AT(keepalive), HF_SEC(1), INT64_MAX, 0 },
	[HF_OPTION_USER_TIMEOUT] = { TIME, AT(user_timeout), 0, INT64_MAX, 0 },
	[HF_OPTION_TRAFFIC_CLASS] = { COUNT, AT(traffic_class), 0, UINT8_MAX, 0 },
	[HF_OPTION_TTL] = { COUNT, AT(ttl), 1, UINT8_MAX, 1 },
	[HF_OPTION_CORK] = { FLAG, HF_SET_CORK, 0, 1, 0 },
	[HF_OPTION_KEEPALIVE_INTERVAL] = { TIME, AT(keepalive_interval), HF_SEC(1), INT64_MAX,
					   HF_SEC(1) },
	[HF_OPTION_KEEPALIVE_PROBES] = { COUNT, AT(keepalive_probes), 1, 127, 1 },
	[HF_OPTION_KEEPALIVE_OCTET] = { FLAG, HF_SET_KEEPALIVE_OCTET, 0, 1, 0 },
	[HF_OPTION_SYN_RETRIES] = { COUNT, AT(syn_retries), 1, 127, 1 },
	[HF_OPTION_RETRIES] = { COUNT, AT(retries), 1, UINT8_MAX, 1 },
	[HF_OPTION_TROUBLE_RETRIES] = { COUNT, AT(trouble_retries), 1, UINT8_MAX, 1 },
	[HF_OPTION_MSS] = { SHORT, AT(mss), LEAST_MSS, MOST_MSS, 0 },
	[HF_OPTION_DEFER_ACCEPT] = { TIME, AT(defer_accept), 0, INT64_MAX, 0 },
	[HF_OPTION_FIN_WAIT_2] = { TIME, AT(fin_wait_2), 0, INT64_MAX, -1 },
	[HF_OPTION_LINGER] = { TIME, AT(linger), 0, INT64_MAX, -1 },
	[HF_OPTION_WINDOW_CLAMP] = { OCTETS, AT(window_clamp), 0, BUFFER_MAX, 0 },
	[HF_OPTION_RECEIVE_LOW] = { OCTETS, AT(receive_low), 0, BUFFER_MAX, 0 },
	[HF_OPTION_UNSENT_LOW] = { OCTETS, AT(unsent_low), 0, BUFFER_MAX, 0 },
	[HF_OPTION_SEND_BUFFER] = { OCTETS, AT(send_buffer), 0, BUFFER_MAX, 0 },
	[HF_OPTION_RECEIVE_BUFFER] = { OCTETS, AT(receive_buffer), 0, BUFFER_MAX, 0 },
	[HF_OPTION_USER_TIMEOUT_OPTION] = { FLAG, HF_SET_USER_TIMEOUT_OPTION, 0, 1, 0 },
	[HF_OPTION_NO_SOFT_ERRORS] = { FLAG, HF_SET_NO_SOFT_ERRORS, 0, 1, 0 },
	[HF_OPTION_URGENT_APART] = { FLAG, HF_SET_URGENT_APART, 0, 1, 0 },
	[HF_OPTION_FAST_OPEN] = { OCTETS, AT(fast_open), 0, FAST_OPEN_MAX, 0 },
	[HF_OPTION_MIN_TTL] = { COUNT, AT(min_ttl), 0, UINT8_MAX, 0 },
	[HF_OPTION_FLOW_LABEL] = { TIME, AT(flow_label), 0, FLOW_LABEL_MAX, -1 },
	[HF_OPTION_PATH_MTU_DISCOVERY] = { COUNT, AT(discovery), 0, HF_PATH_MTU_PROBE, 0 },
	[HF_OPTION_CONGESTION] = { COUNT, AT(congestion), HF_CONGESTION_DEFAULT, HF_CONGESTION_BBR,
				   0 },
	[HF_OPTION_MAX_PACING_RATE] = { TIME, AT(max_pacing_rate), 0, INT64_MAX, 0 },
	[HF_OPTION_PACING] = { FLAG, HF_SET_PACING, 0, 1, 0 },
	[HF_OPTION_FAST_OPEN_NO_COOKIE] = { FLAG, HF_SET_FAST_OPEN_NO_COOKIE, 0, 1, 0 },
	[HF_OPTION_QUICK_ACK] = { NOT_KEPT, 0, 0, 1, 0 },
};

void hf_settings_init(hf_settings *s, const hf_config *config)
{
	*s = (hf_settings){
		.holders = 1,
		.flags = config->pacing == HF_CHOICE_ON ? HF_SET_PACING : 0,
		.congestion = (uint8_t)config->congestion,
		.keepalive_interval = KEEPALIVE_INTERVAL,
		.keepalive_probes = KEEPALIVE_PROBES,
		.linger = -1,
		.syn_retries = config->syn_retries,
		.retries = config->data_retries,
		.trouble_retries = config->trouble_retries,
		.ttl = config->ttl,
		.discovery = config->no_path_mtu_discovery ? HF_PATH_MTU_OFF : HF_PATH_MTU_WANT,
		.flow_label = config->no_flow_labels ? 0 : -1,
	};
}

hf_settings *hf_settings_hold(hf_settings *s)
{
	s->holders++;
	return s;
}

void hf_settings_drop(hf_settings *s, hf_mem *m)
{
	if (s && --s->holders == 0)
		hf_mem_free(m, s, sizeof(*s));
}

static const row *row_of(hf_option option)
{
	return (unsigned)option < HF_OPTION_COUNT && rows[option].kind != NOT_KEPT ? &rows[option] :
										     NULL;
}

static bool accepts(const row *r, int64_t value)
{
	return value == r->also || (value >= r->least && value <= r->most);
}

/** The block itself if nobody else holds it, or a copy. NULL: no memory. */
static hf_settings *own(hf_settings *s, hf_mem *m)
{
	hf_settings *copy;

	if (s->holders == 1)
		return s;
	copy = hf_mem_raw(m, sizeof(*copy));
	if (!copy)
		return NULL;
	*copy = *s;
	copy->holders = 1;
	s->holders--;
	return copy;
}

static void store(hf_settings *s, const row *r, int64_t value)
{
	uint8_t *at = (uint8_t *)s + r->at;
	uint32_t octets = (uint32_t)value;
	uint16_t small = (uint16_t)value;

	switch (r->kind) {
	case FLAG:
		s->flags = value ? s->flags | r->at : s->flags & ~r->at;
		break;
	case TIME:
		memcpy(at, &value, sizeof(value));
		break;
	case OCTETS:
		memcpy(at, &octets, sizeof(octets));
		break;
	case SHORT:
		memcpy(at, &small, sizeof(small));
		break;
	case COUNT:
		*at = (uint8_t)value;
		break;
	case NOT_KEPT:
		break;
	}
}

static int64_t load(const hf_settings *s, const row *r)
{
	const uint8_t *at = (const uint8_t *)s + r->at;
	int64_t value = 0;
	uint32_t octets;
	uint16_t small;

	switch (r->kind) {
	case FLAG:
		return hf_settings_has(s, r->at);
	case TIME:
		memcpy(&value, at, sizeof(value));
		return value;
	case OCTETS:
		memcpy(&octets, at, sizeof(octets));
		return octets;
	case SHORT:
		memcpy(&small, at, sizeof(small));
		return small;
	case COUNT:
		return *at;
	case NOT_KEPT:
		break;
	}
	return value;
}

hf_err hf_settings_set(hf_settings **s, hf_mem *m, hf_option option, int64_t value)
{
	const row *r = row_of(option);
	hf_settings *mine;

	if (!r || !accepts(r, value))
		return HF_ERR_INVALID;
	mine = own(*s, m);
	if (!mine)
		return HF_ERR_NO_MEMORY;
	store(mine, r, value);
	if (option == HF_OPTION_USER_TIMEOUT) {
		mine->flags |= HF_SET_USER_TIMEOUT_FIXED;
		mine->user_timeout_now = value;
	}
	*s = mine;
	return HF_OK;
}

bool hf_settings_get(const hf_settings *s, hf_option option, int64_t *value)
{
	const row *r = row_of(option);

	if (!r)
		return false;
	*value = load(s, r);
	return true;
}

hf_ns hf_settings_advice(const hf_settings *s)
{
	return s->user_timeout > 0 ? s->user_timeout : DEFAULT_ADVICE;
}

/** RFC 5482 3.1: USER_TIMEOUT = min(U_LIMIT, max(ADV_UTO, REMOTE_UTO, L_LIMIT)). */
void hf_settings_advised(hf_settings **s, hf_mem *m, const hf_config *config, hf_ns advised)
{
	hf_ns timeout = hf_settings_advice(*s);
	hf_settings *mine;

	if (timeout < advised)
		timeout = advised;
	if (timeout < config->least_user_timeout)
		timeout = config->least_user_timeout;
	if (timeout > config->most_user_timeout)
		timeout = config->most_user_timeout;
	if ((*s)->flags & HF_SET_USER_TIMEOUT_FIXED || (*s)->user_timeout_now == timeout)
		return;
	mine = own(*s, m);
	if (!mine)
		return;
	mine->user_timeout_now = timeout;
	*s = mine;
}
