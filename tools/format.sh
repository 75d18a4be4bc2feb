#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Lays out every C file by .clang-format, in place.
set -eu
cd "$(dirname "$0")/.."
. tools/gates/common.sh
formatter=$(clang_format) || { echo "clang-format 14 is missing" >&2; exit 1; }
c_files . | xargs "$formatter" -i
