#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The planting of faults: it explains itself, and its lists speak of code that there is.
set -u
cd "$1" || exit 1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
count=0
bad=0

# tell STATUS NAME: one TAP line.
tell() {
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
		return
	fi
	echo "not ok $count - $2"
	sed 's/^/# /' "$dir/out"
	bad=1
}

# lists ROOT: the faults that can be made there, three of the generated ones.
lists() {
	python3 "$1/tools/mutate.py" --list --count 3 >"$dir/out" 2>&1
}

python3 tools/mutate.py --help >"$dir/out" 2>&1 && grep -q 'under 95 %' "$dir/out"
tell $? "it explains itself"
lists . && [ "$(wc -l <"$dir/out")" = $(($(grep -c '^tcp/\|^stack/' tools/mutants.txt) + 4)) ]
tell $? "those by hand come first, then as many as are asked for"
mkdir "$dir/copy"
cp -r tcp stack tools "$dir/copy"
echo 'tcp/paws.c|there is no such text|;|nothing' >>"$dir/copy/tools/mutants.txt"
! lists "$dir/copy" && grep -q 'mutants.txt: the text does not stand in tcp/paws.c just once' "$dir/out"
tell $? "a fault by hand whose line is gone is noticed"
cp tools/mutants.txt "$dir/copy/tools"
echo 'tcp/paws.c | there is no such line | ; | nothing' >>"$dir/copy/tools/mutants-alive.txt"
! lists "$dir/copy" && grep -q 'mutants-alive.txt: cannot be made in tcp/paws.c' "$dir/out"
tell $? "an explanation whose line is gone is noticed"

cp tools/mutants-alive.txt "$dir/copy/tools"
cat >>"$dir/copy/tcp/paws.c" <<'EOF'
	return aa < bb ? aa : bb;
	return cc > 0 && aa < bb ? aa : bb;
	return aa > bb ? aa - bb : 0;
	return aa < bb ? bb : cc;
	if (aa > bb)
		aa = (uint8_t)bb;
	if (aa > cc)
		aa = bb;
	if (dd > bb)
		dd = bb;
	else
		dd = cc;
EOF
python3 "$dir/copy/tools/mutate.py" --list --count 0 --only tcp/paws >"$dir/out" 2>&1 &&
	[ "$(grep -c 'widened.*\(aa\|cc\|dd\) [<>]' "$dir/out")" = 4 ] &&
	grep -q 'became .return cc >= 0 && aa < bb ? aa : bb;.' "$dir/out" &&
	grep -q 'became .return aa <= bb ? bb : cc;.' "$dir/out" &&
	grep -q 'became .if (aa >= cc).' "$dir/out" && grep -q 'became .if (dd >= bb).' "$dir/out"
tell $? "a bound that is moved to where its sides are equal is no fault"

echo "1..$count"
exit $bad
