#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every known attack is answered by a test that is run, or by a reason, and the page about them is true.
set -eu
. "$(dirname "$0")/common.sh"
need python3
python3 "$(dirname "$0")/../attacks.py" --check "$1"
