/* SPDX-License-Identifier: BSD-2-Clause */
/* Bulk transfers over one bottleneck, each from a host of its own. */
#include "lab/bulk.h"

#include <stdio.h>
#include <stdlib.h>

#define BUFFERS (UINT32_C(16) << 20)
#define CHUNK 65536
#define PORT 80
#define FLOW_OCTET 14 /* of an address, 10.0.N.1: the flow's number, from 1 */

static void must(hf_err err)
{
	if (err == HF_OK)
		return;
	fprintf(stderr, "lab: a bulk transfer cannot be set up\n");
	abort();
}

static void accepted(void *ctx, hf_lab_server *server, hf_conn conn)
{
	hf_lab_talk_plan plan = { .ending = HF_LAB_LAST, .read_chunk = CHUNK };
	hf_lab_bulk *b = ctx;
	hf_conn_info info;

	(void)server;
	must(hf_conn_info_get(hf_lab_stack(b->to), conn, &info));
	plan.receive_key = info.remote.addr.octet[FLOW_OCTET];
	hf_lab_talk_on(&b->flow[plan.receive_key - 1].in, b->to, conn, &plan);
}

/** The receiver's window is wide from the start: the sender alone decides. */
void hf_lab_bulk_new(hf_lab_bulk *b, uint64_t seed, const hf_lab_path *path)
{
	hf_config config = { .mtu = 1500, .receive_buffer = BUFFERS };
	hf_listener_options wide = { .size = sizeof(wide), .receive_buffer = BUFFERS };

	*b = (hf_lab_bulk){ .lab = hf_lab_new(seed) };
	must(hf_lab_host_add(b->lab, "to", "10.0.0.1/24", &config, &b->to));
	must(hf_lab_router_add(b->lab, "router", "10.0.0.254", NULL, &b->router));
	must(hf_lab_link_add("wire", b->router, b->to, path, &b->bottleneck));
	must(hf_lab_route_add(b->router, "10.0.0.0/24", b->bottleneck));
	b->server = (hf_lab_server){ .accepted = accepted, .ctx = b };
	must(hf_lab_server_open(&b->server, b->to, &(hf_endpoint){ .port = PORT }, &wide));
}

hf_err hf_lab_bulk_add(hf_lab_bulk *b, const hf_lab_bulk_plan *plan)
{
	hf_lab_bulk_flow *f = &b->flow[b->count];
	hf_config config = plan->config;
	hf_lab_path own = { .delay = plan->delay };
	char name[HF_LAB_NAME], address[32], net[32];
	hf_lab_link *link;

	if (b->count == HF_LAB_BULK_FLOWS)
		return HF_ERR_LIMIT;
	b->count++;
	config.mtu = 1500;
	config.send_buffer = BUFFERS;
	config.congestion = plan->module;
	snprintf(name, sizeof(name), "from %u", b->count);
	snprintf(address, sizeof(address), "10.0.%u.1/24", b->count);
	snprintf(net, sizeof(net), "10.0.%u.0/24", b->count);
	f->plan = *plan;
	must(hf_lab_host_add(b->lab, name, address, &config, &f->from));
	must(hf_lab_link_add(name, f->from, b->router, &own, &link));
	must(hf_lab_route_add(b->router, net, link));
	return HF_OK;
}

static void begin(hf_lab_bulk *b, unsigned i)
{
	hf_lab_talk_plan plan = { .send_key = i + 1, .send = UINT64_MAX, .write_chunk = CHUNK };
	hf_endpoint remote = { .port = PORT, .addr = hf_lab_address(b->to, 4) };
	hf_lab_bulk_flow *f = &b->flow[i];

	f->has_begun = true;
	must(hf_lab_talk_open(&f->out, f->from, &remote, NULL, &plan));
	must(hf_conn_set(hf_lab_stack(f->from), f->out.app.conn, HF_OPTION_MAX_PACING_RATE,
			 f->plan.max_pacing_rate));
}

/* The flow that begins next, before `until`; NULL: none. */
static hf_lab_bulk_flow *next_to_begin(hf_lab_bulk *b, hf_ns until)
{
	hf_lab_bulk_flow *next = NULL;

	for (unsigned i = 0; i < b->count; i++) {
		hf_lab_bulk_flow *f = &b->flow[i];

		if (!f->has_begun && f->plan.begins < until &&
		    (next == NULL || f->plan.begins < next->plan.begins))
			next = f;
	}
	return next;
}

void hf_lab_bulk_run(hf_lab_bulk *b, hf_ns until)
{
	for (hf_lab_bulk_flow *f; (f = next_to_begin(b, until)) != NULL;) {
		hf_lab_run_until(b->lab, (hf_time){ f->plan.begins });
		begin(b, (unsigned)(f - b->flow));
	}
	hf_lab_run_until(b->lab, (hf_time){ until });
}

hf_conn_info hf_lab_bulk_info(const hf_lab_bulk *b, unsigned flow)
{
	const hf_lab_bulk_flow *f = &b->flow[flow];
	hf_conn_info info = { .state = HF_CLOSED };

	if (f->has_begun)
		must(hf_conn_info_get(hf_lab_stack(f->from), f->out.app.conn, &info));
	return info;
}

uint64_t hf_lab_bulk_delivered(const hf_lab_bulk *b, unsigned flow)
{
	return b->flow[flow].in.wrong == 0 ? hf_lab_bulk_info(b, flow).delivered : 0;
}

void hf_lab_bulk_free(hf_lab_bulk *b)
{
	hf_lab_free(b->lab);
	b->lab = NULL;
}
