#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
# Runs all drills against the kernel's TCP and writes docs/linux-differences.md.
"""
usage: tools/linux-differences.py HANDFAST [-jN] [--longest TIME]

The options are those of `handfast drill`. Three folders of scripts run at the same time, each with N (4) scripts at once;
what came of a folder is told as soon as it is done. It takes about ten minutes: time is real here.

Reasons stand in tests/drill/linux-differences.txt, a line each: `NAME | REASON`. NAME is a script
below tests/drill without `.pkt`, and may have `*` in it. `~EXPRESSION | REASON` fits by a regular
expression what is told as the difference: the script's line, ` => `, and the text. The first line
that fits counts. A difference without a reason is listed as unexplained.
"""

import collections
import concurrent.futures
import fnmatch
import json
import os
import platform
import re
import subprocess
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
DRILLS = "tests/drill"
FOLDERS_AT_ONCE = 3
REASONS = DRILLS + "/linux-differences.txt"
PAGE = "docs/linux-differences.md"

HEAD = """# Where Linux differs

`tools/linux-differences.py` writes this page: it runs each script of `tests/drill` with `handfast drill --tun`, which
holds it against the kernel's TCP too, in real time. All scripts pass on Handfast in virtual time; here is where the kernel
({kernel}) does something else, and why. The reasons stand in `tests/drill/linux-differences.txt`.

A difference is not a fault: RFCs leave choices, and many scripts show Handfast's choice to the last octet. A script ends at
its first difference, so that each is told once.

"""


def run(handfast, options, paths):
    command = [handfast, "drill", "--tun", "--json", "-j4", *options, *paths]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if not done.stdout:
        sys.exit(f"linux-differences: nothing could be run of {' '.join(paths)}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def run_folder(handfast, options, folder):
    cases = run(handfast, options, [folder])
    ends = collections.Counter(case["linux"]["end"] for case in cases)
    print(f"{folder}: " + ", ".join(f"{n} {end}" for end, n in sorted(ends.items())), file=sys.stderr, flush=True)
    return cases


def run_all(handfast, options):
    folders = sorted(os.path.join(DRILLS, name) for name in os.listdir(DRILLS) if os.path.isdir(os.path.join(DRILLS, name)))
    with concurrent.futures.ThreadPoolExecutor(FOLDERS_AT_ONCE) as pool:
        done = pool.map(lambda folder: run_folder(handfast, options, folder), folders)
        return [case for cases in done for case in cases]


def read_reasons():
    reasons = []
    with open(REASONS, encoding="utf-8") as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                name, reason = line.rsplit("|", 1)
                reasons.append((name.strip(), reason.strip()))
    return reasons


def name_of(case):
    return re.sub(r"\.pkt$", "", case["script"][len(DRILLS) + 1:])


def fits(case, pattern):
    linux = case["linux"]
    if pattern.startswith("~"):
        return re.search(pattern[1:], f"{linux.get('expected', '')} => {linux['text']}")
    return fnmatch.fnmatch(name_of(case), pattern)


def reason_for(case, reasons):
    return next((reason for pattern, reason in reasons if fits(case, pattern)), None)


def check_again(handfast, options, cases, reasons):
    """What has no reason may be the machine's: it is tried once more, with less going on beside it."""
    doubtful = [c["script"] for c in cases if c["linux"]["end"] == "differs" and not reason_for(c, reasons)]
    if not doubtful:
        return cases
    print(f"{len(doubtful)} without a reason are tried again", file=sys.stderr, flush=True)
    again = {case["script"]: case for case in run(handfast, options, doubtful)}
    return [again.get(case["script"], case) for case in cases]


def steady(text):
    """What is the same in the next run: a measured time is told to a tenth of a second."""
    return re.sub(r"(\d+\.\d)\d{5} s", r"\1 s", text).replace("|", "\\|")


def table(head, rows):
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""


def counts(cases):
    topics = collections.defaultdict(collections.Counter)
    for case in cases:
        topics[name_of(case).rpartition("/")[0]][case["linux"]["end"]] += 1
    rows = []
    total = collections.Counter()
    for topic, counter in sorted(topics.items()):
        rows.append([topic, *(str(counter[end]) for end in ("agrees", "differs", "not tried"))])
        total.update(counter)
    rows.append(["all", *(str(total[end]) for end in ("agrees", "differs", "not tried"))])
    return table(["scripts", "Linux agrees", "differs", "not tried"], rows)


def differences(cases, reasons):
    for case in cases:
        linux = case["linux"]
        where = f"line {linux['line']}" if "line" in linux else "after its last line"
        yield f"**{name_of(case)}**, {where}\\"
        if linux.get("expected"):
            yield f"`` {linux['expected']} ``\\"
        yield f"Linux: {steady(linux['text'])}\\"
        reason = reason_for(case, reasons)
        yield f"Why: {reason}" if reason else "Not explained yet."
        yield ""


def page(cases, reasons):
    differing = [case for case in cases if case["linux"]["end"] == "differs"]
    explained = [case for case in differing if reason_for(case, reasons)]
    open_ones = [case for case in differing if case not in explained]
    yield HEAD.format(kernel="Linux " + ".".join(platform.release().split(".")[:2]))
    yield f"## Counts\n\n{len(cases)} scripts, {len(differing)} differences, {len(explained)} of them explained.\n"
    yield from counts(cases)
    yield "## Differences\n"
    yield from differences(explained, reasons)
    if open_ones:
        yield "## Differences without explanation\n"
        yield from differences(open_ones, reasons)
    yield "## Not tried\n"
    untried = [case for case in cases if case["linux"]["end"] == "not tried"]
    yield from table(["script", "why"], ([name_of(c), steady(c["linux"]["text"])] for c in untried))


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    handfast = os.path.abspath(sys.argv[1])
    os.chdir(TOP)
    reasons = read_reasons()
    cases = run_all(handfast, sys.argv[2:])
    cases = check_again(handfast, sys.argv[2:], cases, reasons)
    with open(PAGE, "w", encoding="utf-8") as out:
        out.write("\n".join(page(cases, reasons)).rstrip("\n") + "\n")
    for pattern, _ in reasons:
        if not any(case["linux"]["end"] == "differs" and fits(case, pattern) for case in cases):
            print(f"linux-differences: nothing fits {pattern}", file=sys.stderr)


main()
