/* SPDX-License-Identifier: BSD-2-Clause */
/* A day among enemies: every octet of a thousand allies' is right, and nothing grows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "hostile_day.h"

#define HOURS 24          /* unless the first argument says how many */
#define FIRST_PORT 10000  /* of the allies: their numbers follow */
#define LOOK HF_SEC(20)   /* how often what the server holds is looked at */
#define ATTACK HF_SEC(10) /* between two attacks, at most */

#define HALF_OPEN 512
#define TIME_WAITS 2048
#define CONNECTIONS 1000
#define MEMORY ((size_t)24 << 20)

static unsigned hours = HOURS;

static hf_lab_random chance_of(const struct day *d, const char *what)
{
	return hf_lab_random_of(hf_lab_seed(d->lab), what);
}

/* ---- Allies ---- */

/* Some thousand octets each way, in pieces, with up to ten minutes between two of them. */
static hf_lab_talk_plan draw_plan(hf_lab_random *r, uint64_t sends, uint64_t receives)
{
	return (hf_lab_talk_plan){
		.send_key = sends,
		.receive_key = receives,
		.send = 1 + hf_lab_random_below(r, 40000),
		.write_chunk = 1000 + (uint32_t)hf_lab_random_below(r, 5000),
		.write_pause = (hf_ns)hf_lab_random_below(r, (uint64_t)HF_SEC(600)),
	};
}

static void begin(void *ctx)
{
	struct ally *a = ctx;
	struct day *d = a->day;
	hf_endpoint remote = { hf_lab_address(d->server, 4), SERVER_PORT };
	hf_conn_options options = { .size = sizeof(options),
				    .local.port = (uint16_t)(FIRST_PORT + a->number) };

	a->has_begun = true;
	assert_int_equal(hf_lab_talk_open(&a->out, d->host[a->number % ALLY_HOSTS], &remote,
					  &options, &a->sends),
			 HF_OK);
}

static void arrange_allies(struct day *d)
{
	hf_lab_random r = chance_of(d, "allies");

	for (unsigned i = 0; i < ALLIES; i++) {
		struct ally *a = &d->ally[i];

		a->day = d;
		a->number = i;
		a->sends = draw_plan(&r, 2 * i, 2 * i + 1);
		a->answers = draw_plan(&r, 2 * i + 1, 2 * i);
		hf_lab_after(d->lab, (hf_ns)hf_lab_random_below(&r, (uint64_t)d->length), begin, a);
	}
}

static bool is_ally(const hf_addr *a)
{
	return a->octet[12] == 10;
}

/* The server's application: allies get their answer, guests a page and ten minutes. */
static void accepted(void *ctx, hf_lab_server *server, hf_conn conn)
{
	struct day *d = ctx;
	hf_lab_talk_plan page = { .send = 2000, .ending = HF_LAB_LAST, .abort_after = HF_SEC(600) };
	hf_conn_info info;

	assert_int_equal(hf_conn_info_get(hf_lab_stack(server->app.host), conn, &info), HF_OK);
	if (is_ally(&info.remote.addr)) {
		struct ally *a = &d->ally[info.remote.port - FIRST_PORT];

		hf_lab_talk_on(&a->in, server->app.host, conn, &a->answers);
		return;
	}
	for (unsigned i = 0; i < GUESTS; i++) {
		hf_lab_talk *t = &d->guest[d->next_guest++ % GUESTS];

		if (t->app.attached)
			continue;
		d->guests++;
		memset(t, 0, sizeof(*t));
		hf_lab_talk_on(t, server->app.host, conn, &page);
		return;
	}
	fail_msg("more guests than the server may have connections");
}

/* ---- The net ---- */

static void swallow(void *ctx, hf_lab_node *self, hf_lab_link *link, const hf_lab_packet *packet)
{
	struct day *d = ctx;

	(void)self;
	(void)link;
	d->nowhere_octets += packet->len;
}

static void join(struct day *d, hf_lab_node *node, const char *prefix, const hf_lab_path *path)
{
	hf_lab_link *link;

	assert_int_equal(hf_lab_link_add(hf_lab_name(node), node, d->router, path, &link), HF_OK);
	assert_int_equal(hf_lab_route_add(d->router, prefix, link), HF_OK);
}

static void build(struct day *d, uint64_t seed)
{
	hf_config config = { .mtu = 1500,
			     .memory_limit = MEMORY,
			     .max_connections = CONNECTIONS,
			     .max_half_open = HALF_OPEN,
			     .max_time_wait = TIME_WAITS,
			     .send_buffer = 65536,
			     .receive_buffer = 65536 };
	hf_lab_path wire = { .rate = 100000000, .delay = HF_MS(1), .queue_octets = 1 << 20 };
	hf_lab_path far = { .rate = 20000000,
			    .delay = HF_MS(20),
			    .loss = 5000,
			    .reorder = 5000,
			    .reorder_delay = HF_MS(5) };

	d->lab = hf_lab_new(seed);
	assert_int_equal(hf_lab_router_add(d->lab, "router", "10.0.0.254", NULL, &d->router),
			 HF_OK);
	assert_int_equal(hf_lab_host_add(d->lab, "server", "10.0.0.1/24", &config, &d->server),
			 HF_OK);
	join(d, d->server, "10.0.0.0/24", &wire);
	config = (hf_config){ .mtu = 1500 };
	assert_int_equal(hf_lab_host_add(d->lab, "allies 1", "10.0.1.1/24", &config, &d->host[0]),
			 HF_OK);
	join(d, d->host[0], "10.0.1.0/24", &far);
	config.no_timestamps = 1;
	assert_int_equal(hf_lab_host_add(d->lab, "allies 2", "10.0.2.1/24", &config, &d->host[1]),
			 HF_OK);
	join(d, d->host[1], "10.0.2.0/24", &far);
	join(d, hf_lab_raw_add(d->lab, "nowhere", swallow, d), "0.0.0.0/0", NULL);
	enemy_new(d, seed);
	d->listener = (hf_lab_server){ .accepted = accepted, .ctx = d };
	assert_int_equal(hf_lab_server_open(&d->listener, d->server,
					    &(hf_endpoint){ .port = SERVER_PORT }, NULL),
			 HF_OK);
}

/* ---- What must hold ---- */

static bool is_over(const struct day *d)
{
	return hf_lab_now(d->lab).ns >= d->length;
}

static void look(void *ctx)
{
	struct day *d = ctx;
	hf_stats s;

	hf_stack_stats(hf_lab_stack(d->server), &s);
	assert_true(s.half_open <= HALF_OPEN);
	assert_true(s.time_wait <= TIME_WAITS);
	assert_true(s.connections <= CONNECTIONS);
	assert_true(s.memory <= MEMORY);
	d->memory_most = s.memory > d->memory_most ? s.memory : d->memory_most;
	d->half_open_most = s.half_open > d->half_open_most ? s.half_open : d->half_open_most;
	d->connections_most = s.connections > d->connections_most ? s.connections :
								    d->connections_most;
	if (!is_over(d))
		hf_lab_after(d->lab, LOOK, look, d);
}

static void attack(void *ctx)
{
	struct day *d = ctx;

	enemy_attacks(d);
	if (!is_over(d))
		hf_lab_after(d->lab, (hf_ns)hf_lab_random_below(&d->enemy.chance, (uint64_t)ATTACK),
			     attack, d);
}

static void check_ally(const struct ally *a)
{
	if (a->out.reason == HF_WHY_CLOSED_BY_BOTH && a->in.reason == HF_WHY_CLOSED_BY_BOTH &&
	    a->out.wrong == 0 && a->in.wrong == 0 && a->out.received == a->answers.send &&
	    a->in.received == a->sends.send)
		return;
	fail_msg("ally %u: %s and %s; wrong from %llu and %llu; %llu of %llu and %llu of %llu "
		 "octets",
		 a->number, hf_reason_name(a->out.reason), hf_reason_name(a->in.reason),
		 (unsigned long long)a->out.wrong, (unsigned long long)a->in.wrong,
		 (unsigned long long)a->out.received, (unsigned long long)a->answers.send,
		 (unsigned long long)a->in.received, (unsigned long long)a->sends.send);
}

static void check_end(struct day *d)
{
	/* Each sort of attack came through to what refuses it. */
	static const hf_reason met[] = { HF_WHY_TCP_OPTION,     HF_WHY_IP_FRAGMENT,
					 HF_WHY_RST_CHALLENGED, HF_WHY_SYN_CHALLENGED,
					 HF_WHY_ACK_UNSENT,     HF_WHY_ACK_TOO_OLD,
					 HF_WHY_LISTEN_ACK,     HF_WHY_ICMP_QUOTE_SEQ,
					 HF_WHY_NO_LISTENER };
	hf_stats s;

	for (unsigned i = 0; i < ALLIES; i++)
		check_ally(&d->ally[i]);
	hf_stack_stats(hf_lab_stack(d->server), &s);
	assert_int_equal(s.connections, 0);
	assert_int_equal(s.half_open, 0);
	assert_int_equal(s.time_wait, 0);
	assert_int_equal(s.buffers, 0);
	for (size_t i = 0; i < sizeof(met) / sizeof(met[0]); i++)
		assert_true(s.reasons[met[i]] > 0);
	assert_true(d->half_open_most > HALF_OPEN / 2);
	assert_true(d->guests > 0);
	assert_true(d->nowhere_octets <= 3 * d->enemy.spoofed_octets);
	assert_true(hf_lab_counted(d->lab).spins == 0);
	assert_true(hf_lab_counted(d->lab).overruns == 0);
	print_message("# %llu attacks of %llu packets, %llu octets; to nowhere went %llu of %llu\n",
		      (unsigned long long)d->enemy.attacks, (unsigned long long)d->enemy.packets,
		      (unsigned long long)d->enemy.octets, (unsigned long long)d->nowhere_octets,
		      (unsigned long long)d->enemy.spoofed_octets);
	print_message("# at most %zu octets, %u half-open, %u connections; %zu octets at the end; "
		      "%u guests\n",
		      d->memory_most, d->half_open_most, d->connections_most, s.memory, d->guests);
}

static void a_day_among_enemies_harms_no_ally(void **state)
{
	struct day *d = calloc(1, sizeof(*d));

	(void)state;
	assert_non_null(d);
	d->length = HF_SEC(3600) * hours;
	build(d, 1);
	arrange_allies(d);
	attack(d);
	look(d);
	hf_lab_run_until(d->lab, (hf_time){ d->length });
	assert_true(hf_lab_run_idle(d->lab, (hf_time){ d->length + HF_SEC(3600) * HOURS }));
	check_end(d);
	assert_int_equal(hf_lab_free(d->lab), 0);
	free(d);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_day_among_enemies_harms_no_ally),
	};

	if (argc > 1)
		hours = (unsigned)strtoul(argv[1], NULL, 10);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
