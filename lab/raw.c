/* SPDX-License-Identifier: BSD-2-Clause */
/* Raw ends: nodes that are a callback. */
#include "lab/parts.h"

struct raw {
	hf_lab_node node;
	hf_lab_input input;
	void *ctx;
};

static void raw_arrive(hf_lab_node *self, hf_lab_parcel *parcel)
{
	struct raw *raw = (struct raw *)self;

	hf_lab_show(parcel, HF_LAB_ARRIVED, HF_WHY_NONE, HF_CLOSED);
	if (raw->input != NULL)
		raw->input(raw->ctx, self, parcel->link, &parcel->packet);
	hf_lab_parcel_free(self->lab, parcel);
}

static size_t raw_close(hf_lab_node *self)
{
	(void)self;
	return 0;
}

hf_lab_node *hf_lab_raw_add(hf_lab *lab, const char *name, hf_lab_input input, void *ctx)
{
	struct raw *raw = hf_lab_grab(sizeof(*raw));

	raw->node.arrive = raw_arrive;
	raw->node.close = raw_close;
	raw->input = input;
	raw->ctx = ctx;
	hf_lab_node_init(lab, &raw->node, name, HF_LAB_PORTS);
	return &raw->node;
}

void hf_lab_send(hf_lab_node *from, hf_lab_link *link, const void *octets, size_t len)
{
	hf_lab_link_send(link, from, hf_lab_parcel_of(from->lab, octets, len));
}
