/* SPDX-License-Identifier: BSD-2-Clause */
/* The names that code in a script can ask for: a connection's figures and Linux's constants. */
#ifndef HF_DRILL_FIGURES_H
#define HF_DRILL_FIGURES_H

#include <handfast/info.h>

#include "drill/code.h"

/** The value of `name`; `info` NULL: only whether it is known counts. False: it is not. */
bool hf_figure_find(const hf_conn_info *info, const char *name, hf_datum *out);

#endif
