#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What RFC 9293 asks of applications, held by those that are here: the command and the bridge.
set -u
cd "$1" || exit 1
count=0
bad=0

# never NAME PATTERN: nothing of the applications uses it.
never() {
	count=$((count + 1))
	if found=$(grep -rnE "$2" bridge cmd io --include='*.[ch]' --exclude=drill.c); then
		echo "not ok $count - $1"
		echo "$found" | sed 's/^/# /'
		bad=1
	else
		echo "ok $count - $1"
	fi
}

# SHLD-13
never "applications use no urgent data" 'hf_conn_(send_)?urgent|HF_OPTION_URGENT|MSG_OOB'
# SHLD-23
never "applications leave the Diffserv field as it is" 'HF_OPTION_TRAFFIC_CLASS'
echo "1..$count"
exit $bad
