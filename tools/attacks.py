#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
# Makes the page of known attacks from their catalogue, and sees that each is answered by a test that is run.
"""
usage: attacks.py [--write | --check | --open] [ROOT]

Without an option the page docs/attacks.md is printed; --write writes it. --open lists the attacks that no test answers
yet. --check is the gate: it fails where a row of tests/attacks/catalogue.txt is incomplete, where a test does not exist,
is not run or does not have the attack's name at its top, where a file of tests/attacks is no row's test, and where the
page is not what this tool makes.

Scripts below tests/attacks are run because the folder is; any other test is, if the meson.build beside it names it.
"""
import re
import sys
from pathlib import Path

FOLDER = "tests/attacks"
CATALOGUE = f"{FOLDER}/catalogue.txt"
PAGE = "docs/attacks.md"
FIELDS = ["attack", "reference", "how", "tests", "outcome", "does not apply"]
TOP = 50  # lines of a test in which it says which attacks it answers
COMMENT = re.compile(r"^\s*(//|/\*|\*|#)?\s*|\s*\*/\s*$")


def fail(text):
    print(text, file=sys.stderr)
    sys.exit(1)


class Row:
    def __init__(self, group, at):
        self.group, self.at = group, at
        self.fields = {}

    def __getattr__(self, field):
        return self.fields.get(field.replace("_", " "), "")

    @property
    def paths(self):
        """The tests' paths from the root."""
        return [t if t.startswith("tests/") else f"{FOLDER}/{t}" for t in self.tests.split()]


def read_catalogue(root):
    """Returns the groups (name: title) and the rows, in their order."""
    groups, rows = {}, []
    for number, line in enumerate((root / CATALOGUE).read_text().splitlines(), 1):
        at = f"{CATALOGUE}:{number}"
        if not line.strip() or line.startswith("#"):
            continue
        if m := re.match(r"\[(\w+)\] (.+)$", line):
            groups[m[1]] = m[2]
            continue
        field, colon, value = line.partition(":")
        if not colon or field not in FIELDS:
            fail(f"{at}: neither a group nor a field: {line}")
        if field == "attack":
            if not groups:
                fail(f"{at}: an attack before the first group")
            rows.append(Row(list(groups)[-1], at))
        if not rows or field in rows[-1].fields:
            fail(f"{at}: `{field}` stands there twice, or before its attack")
        rows[-1].fields[field] = value.strip()
    return groups, rows


def words_at_top(path):
    """The first lines of a test without the marks of comments, as one line."""
    lines = path.read_text().splitlines()[:TOP]
    return " ".join(" ".join(COMMENT.sub("", line) for line in lines).split())


def is_run(root, path):
    if path.suffix == ".pkt":
        return FOLDER in str(path)
    name = re.sub(r"^test_", "", path.stem)
    build = path.parent / "meson.build"
    return build.exists() and f"'{name}'" in build.read_text()


def faults_of(root, row):
    for field in ("attack", "reference", "how"):
        if not row.fields.get(field):
            yield f"`{field}` is missing"
    if row.does_not_apply:
        if row.tests or row.outcome:
            yield "it does not apply, and yet has a test or an outcome"
        return
    if not row.tests:
        yield "no test answers it, and no reason says why"
    if not row.outcome:
        yield "`outcome` is missing"
    for name in row.paths:
        path = root / name
        if not path.is_file():
            yield f"there is no {name}"
        elif not is_run(root, path):
            yield f"{name} is not run"
        elif row.attack not in words_at_top(path):
            yield f"{name} does not say at its top that it answers this attack"


def is_test(path):
    return path.suffix == ".pkt" or path.name.startswith("test_")


def complaints(root, groups, rows):
    seen = set()
    for row in rows:
        if row.attack in seen:
            yield f"{row.at}: {row.attack} stands there twice"
        seen.add(row.attack)
        yield from (f"{row.at}: {row.attack}: {fault}" for fault in faults_of(root, row))
    answered = {name for row in rows for name in row.paths}
    for path in sorted((root / FOLDER).rglob("*")):
        name = str(path.relative_to(root))
        if is_test(path) and name not in answered:
            yield f"{name} is no row's test in {CATALOGUE}"
    at = root / PAGE
    if not at.exists() or at.read_text() != page(groups, rows):
        yield f"{PAGE} is not up to date: run tools/attacks.py --write"


def line_of(row):
    tests = "<br>".join(f"`{t}`" for t in row.tests.split())
    outcome = row.outcome
    if row.does_not_apply:
        tests, outcome = "–", f"Does not apply: {row.does_not_apply}"
    return f"| {row.attack} | {row.reference} | {row.how} | {tests or 'open'} | {outcome} |"


def page(groups, rows):
    spared = sum(bool(r.does_not_apply) for r in rows)
    answered = sum(bool(r.tests) for r in rows)
    tests = {name for row in rows for name in row.paths}
    out = [
        "# Known attacks",
        "",
        f"Made by `tools/attacks.py` from `{CATALOGUE}`; `make test` sees that it is true.",
        "",
        f"{len(rows)} attacks on TCP stacks that are known by name: {answered} are shown to fail, by {len(tests)} tests that",
        f"make the attack and say what must hold; {spared} do not apply. Tests lie below `{FOLDER}/`, or where their path says.",
        "",
        "A test shows that nothing crashes, that no stream is lost or altered, that memory, work and answers stay bounded, and",
        "that no answer betrays anything. Bounds are counts of segments, steps and octets, never of wall time. All of it runs with",
        "the address and undefined-behaviour sanitizers too, and each expectation of a script is changed once to see it fail.",
    ]
    for group, title in groups.items():
        out += ["", f"## {title}", "", "| attack | reference | what is done | tests | outcome |", "|---|---|---|---|---|"]
        out += [line_of(r) for r in rows if r.group == group]
    return "\n".join(out) + "\n"


def main(arguments):
    options = [a for a in arguments if a.startswith("--")]
    root = Path(next((a for a in arguments if not a.startswith("--")), Path(__file__).parent.parent))
    groups, rows = read_catalogue(root)
    if options == ["--check"]:
        found = list(complaints(root, groups, rows))
        print("\n".join(found), end="\n" if found else "")
        return bool(found)
    if options == ["--open"]:
        for row in rows:
            if not row.tests and not row.does_not_apply:
                print(f"[{row.group}] {row.attack}")
    elif options == ["--write"]:
        (root / PAGE).write_text(page(groups, rows))
    elif not options:
        print(page(groups, rows), end="")
    else:
        fail(__doc__)
    return 0


sys.exit(main(sys.argv[1:]))
