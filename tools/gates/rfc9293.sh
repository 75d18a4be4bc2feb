#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every requirement of RFC 9293 that is claimed is cited by code and named by a test, and the page about it is true.
set -eu
. "$(dirname "$0")/common.sh"
need python3
python3 "$(dirname "$0")/../trace-rfc9293.py" --check "$1"
