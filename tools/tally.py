#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
# Counts test cases from Meson's logs and from TAP files, and names what failed and what was skipped.
"""
usage: tally.py NAME=FILE...

FILE is a testlog.json of Meson, or TAP (NAME.tap). A program that speaks TAP counts as its cases; any other
as one, by its exit status: 77 is a skip. A program that dies, times out, exits with an error after
cases that all passed, or breaks its plan counts as one failure more. A line `SKIP name: reason` gives
the reason for a skip. The last line is `N passed, N failed, N skipped`; the status is 1 if any
failed, or if nothing ran.
"""
import json
import re
import sys

CASE = re.compile(r"^(not )?ok\b *(\d+)? *(?:- *)?([^#]*?) *(?:# *(skip|todo)\S*[ :]*(.*))?$", re.IGNORECASE)
PLAN = re.compile(r"^1\.\.(\d+)")
REASON = re.compile(r"^#? *SKIP ([^:]+): *(.*)$")


class Tally:
    def __init__(self):
        self.passed = 0
        self.failed = []
        self.skipped = []

    def case(self, where, ok, name, skip, reason):
        label = f"{where}: {name}"
        if skip:
            self.skipped.append((label, reason or "no reason given"))
        elif ok:
            self.passed += 1
        else:
            self.failed.append(label)

    def tap(self, where, text):
        """Counts the cases in a TAP text. Returns how many there were, how many of them failed, how many were planned."""
        seen = bad = planned = 0
        reasons = {}
        for line in text.splitlines():
            if m := REASON.match(line):
                reasons[m[1].strip()] = m[2].strip()
            elif m := PLAN.match(line):
                planned += int(m[1])
            elif m := CASE.match(line):
                seen += 1
                skip = (m[4] or "").lower() == "skip"
                name = m[3] or (skip and m[5]) or f"case {m[2]}"
                reason = m[5] if m[3] else ""
                self.case(where, not m[1], name, skip, reasons.get(name, reason))
                bad += bool(m[1]) and not skip
        return seen, bad, planned

    def program(self, where, entry):
        where = f"{where}: {entry['name'].split(' / ')[-1]}"
        out = entry.get("stdout", "")
        seen, bad, planned = self.tap(where, out)
        status = entry["result"]
        if status in ("TIMEOUT", "INTERRUPT") or entry["returncode"] < 0 or status == "ERROR":
            self.failed.append(f"{where}: {status.lower()}, exit status {entry['returncode']}")
        elif seen == 0 and not planned:
            reason = REASON.search(out.strip().splitlines()[-1]) if out.strip() else None
            self.case(where, status in ("OK", "EXPECTEDFAIL"), "the program",
                      status == "SKIP", reason[2] if reason else "")
        elif planned and planned != seen:
            self.failed.append(f"{where}: {seen} cases of {planned} planned")
        elif entry["returncode"] != 0 and bad == 0 and status != "SKIP":
            self.failed.append(f"{where}: exit status {entry['returncode']}")


def main(arguments):
    tally = Tally()
    for argument in arguments:
        where, _, path = argument.partition("=")
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                if path.endswith(".tap"):
                    seen, _, planned = tally.tap(where, file.read())
                    if seen == 0 or planned not in (0, seen):
                        tally.failed.append(f"{where}: {seen} cases of {planned} planned")
                else:
                    for line in file:
                        tally.program(where, json.loads(line))
        except (OSError, ValueError, KeyError) as error:
            tally.failed.append(f"{where}: no result in {path} ({error})")
    for label, reason in tally.skipped:
        print(f"skipped  {label} ({reason})")
    for label in tally.failed:
        print(f"FAILED   {label}")
    print(f"{tally.passed} passed, {len(tally.failed)} failed, {len(tally.skipped)} skipped")
    return 1 if tally.failed or tally.passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
