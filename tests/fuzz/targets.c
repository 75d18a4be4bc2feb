/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of fuzz targets. */
#include "targets.h"

const fuzz_target *const fuzz_targets[] = {
	&fuzz_ether,  &fuzz_arp,        &fuzz_ipv4,       &fuzz_ipv6,      &fuzz_icmp,   &fuzz_nd,
	&fuzz_tcp,    &fuzz_syn_cookie, &fuzz_address,    &fuzz_observe,   &fuzz_frames, &fuzz_peer,
	&fuzz_ends,   &fuzz_drill_text, &fuzz_drill_code, &fuzz_drill_run,
#ifdef HF_FUZZ_COMMAND
	&fuzz_pcapng, &fuzz_key_file,   &fuzz_options,    &fuzz_answer,
#endif
	NULL,
};

const fuzz_target *fuzz_find(const char *name)
{
	for (unsigned i = 0; fuzz_targets[i] != NULL; i++)
		if (strcmp(fuzz_targets[i]->name, name) == 0)
			return fuzz_targets[i];
	return NULL;
}
