#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
# Traces each requirement of RFC 9293 from docs/rfc9293.tsv to the code that cites it and the tests that name it.
"""
usage: trace-rfc9293.py [--write | --check | --open] [ROOT]

Without an option the page docs/rfc9293.md is printed; --write writes it. --open lists what is not traced yet. --check is
the gate: it fails where an id is unknown, where a requirement that is held is cited by no code or named by no test (by
no drill, if it can be seen on the wire), and where the page is not what this tool makes. A requirement whose note
begins with "declined" is not held, and the note says why.

An id counts wherever it stands in a comment, written out: MUST-10. A citation belongs to the function around it, or
else to the function, field or constant that it is written at.
"""
import re
import sys
from pathlib import Path

ID = re.compile(r"\b(?:MUST|SHLD|MAY|REC|U)-\d+\b")
CODE = ["base", "wire", "tcp", "stack"]
INTERFACE = ["include/handfast"]
APPLICATION = ["bridge", "cmd", "io"]
TESTS = ["tests/unit", "tests/sim", "tests/io", "tests/tools"]
NO_TEST = {"tests/tools/test_gates.sh"}  # its examples are no tests of the stack
LEVELS = [
    ("MUST and MUST NOT", ["MUST", "MUST NOT"]),
    ("SHOULD and SHOULD NOT", ["SHOULD", "SHOULD NOT", "RECOMMENDED"]),
    ("MAY", ["MAY"]),
]

CALLABLE = re.compile(r"^[A-Za-z_][^;=]*?\b(\w+)\(")
MACRO = re.compile(r"^#\s*define (\w+)")
ROW = re.compile(r"^\s*X\((\w+)")
FIELD = re.compile(r"(\w+)(?:\[[^]]*\])*(?:\s*=[^,;]*)?\s*[,;]")
COMMENT = re.compile(r"^\s*(/\*|\*|//|#(?!\s*define))")


def fail(text):
    print(text, file=sys.stderr)
    sys.exit(1)


class Requirement:
    def __init__(self, line):
        fields = line.split("\t")
        if len(fields) != 6:
            fail(f"docs/rfc9293.tsv: not six columns: {line}")
        self.id, self.section, self.level, self.seen, self.text, self.note = fields
        self.declined = self.note.startswith("declined")
        self.code = {}
        self.interface = {}
        self.tests = {}
        self.drills = []


def read_table(root):
    lines = (root / "docs/rfc9293.tsv").read_text().splitlines()[1:]
    table = {}
    for line in lines:
        r = Requirement(line)
        if r.id in table:
            fail(f"docs/rfc9293.tsv: {r.id} stands there twice")
        table[r.id] = r
    return table


def name_at(code):
    """What a line that is not inside a function declares: a macro, a row of a list, a function, a field."""
    for pattern in (MACRO, ROW, CALLABLE):
        if m := pattern.match(code):
            return m[1]
    m = FIELD.search(code)
    return m[1] if m else ""


def citations(path):
    """Yields (id, name) for each id in a source; the name is empty where there is none."""
    waiting, candidate, function = [], "", ""
    for line in path.read_text().splitlines():
        ids = ID.findall(line)
        code = re.split(r"/\*|//", line)[0]
        if line.startswith("{"):
            function = candidate
        if line.startswith("}"):
            function = candidate = ""
        if m := CALLABLE.match(line):
            candidate = m[1]
        if function:
            yield from ((i, function) for i in ids)
            continue
        if COMMENT.match(line) or not code.strip():
            waiting += ids
            continue
        name = name_at(code)
        yield from ((i, name) for i in waiting + ids)
        waiting = []
    yield from ((i, "") for i in waiting)


def sources(root, folders, suffixes):
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in suffixes and str(path.relative_to(root)) not in NO_TEST:
                yield path


def note(places, path, name):
    names = places.setdefault(path, [])
    if name and name not in names:
        names.append(name)


def trace(root, table):
    """Fills in where each requirement is cited and named. Returns complaints about ids that are not in the table."""
    unknown = []

    def each(folders, suffixes):
        for path in sources(root, folders, suffixes):
            at = str(path.relative_to(root))
            for i, name in citations(path):
                if i in table:
                    yield table[i], at, name
                else:
                    unknown.append(f"{at}: {i} is no requirement of RFC 9293")

    for r, at, name in each(CODE, {".c", ".h"}):
        note(r.code, at, name)
    for r, at, name in each(INTERFACE, {".h"}):
        note(r.interface, at, name)
    for r, at, name in each(APPLICATION, {".c", ".h"}):
        if r.seen == "application":
            note(r.code, at, name)
    for r, at, name in each(TESTS, {".c", ".h", ".sh"}):
        note(r.tests, at, name)
    for r, at, _ in each(["tests/drill"], {".pkt"}):
        at = at.removeprefix("tests/drill/").removesuffix(".pkt")
        if at not in r.drills:
            r.drills.append(at)
    return unknown


def holes(table):
    """What a requirement that is held still lacks."""
    for r in table.values():
        if r.declined:
            continue
        if not r.code:
            yield f"{r.id} is cited by no line of code: {r.text}"
        if not r.tests and not r.drills:
            yield f"{r.id} is named by no test: {r.text}"
        elif r.seen == "wire" and not r.drills:
            yield f"{r.id} can be seen on the wire, but no drill names it: {r.text}"


def places(found):
    return "<br>".join(f"`{at}`" + (" " + ", ".join(names) if names else "") for at, names in found.items())


def shorten(r):
    tests = {at.removeprefix("tests/"): names for at, names in r.tests.items()}
    own = [d.removeprefix("rfc9293/") for d in r.drills if d.startswith("rfc9293/")]
    others = [d for d in r.drills if not d.startswith("rfc9293/")]
    parts = [f"*{d}*" for d in own + others]
    return "<br>".join(filter(None, [", ".join(parts), places(tests)]))


def row(r):
    text = r.text + (f" *{r.note[:1].upper()}{r.note[1:]}.*" if r.note else "")
    return f"| {r.id} | {r.section} | {text} | {places(r.code | r.interface)} | {shorten(r)} |"


def page(table):
    numbered = [r for r in table.values() if not r.id.startswith("U-")]
    held = sum(not r.declined for r in numbered)
    drills = {d for r in table.values() for d in r.drills}
    out = [
        "# RFC 9293, requirement by requirement",
        "",
        "Made by `tools/trace-rfc9293.py` from the table `docs/rfc9293.tsv`, the comments in the code and the tests;",
        "`make test` sees that it is true.",
        "",
        f"RFC 9293 numbers {len(numbered)} requirements: {held} are held, {len(numbered) - held} declined.",
        f"{len(table) - len(numbered)} more of its normative sentences have no number and are called U here.",
        f"{len(drills)} drills and the unit tests named below show that they hold.",
        "",
        "*Where* names files and in them functions, fields or constants. Under *tests*, names in italics are drills:",
        "those without a folder lie in `tests/drill/rfc9293/`, the others in their folder of `tests/drill/`; files are of `tests/`.",
    ]
    for title, levels in LEVELS:
        out += ["", f"## {title}", "", "| id | section | requirement | where | tests |", "|---|---|---|---|---|"]
        out += [row(r) for r in table.values() if r.level in levels]
    return "\n".join(out) + "\n"


def complaints(root, table, unknown):
    yield from unknown
    yield from holes(table)
    at = root / "docs/rfc9293.md"
    if not at.exists() or at.read_text() != page(table):
        yield "docs/rfc9293.md is not up to date: run tools/trace-rfc9293.py --write"


def main(arguments):
    options = [a for a in arguments if a.startswith("--")]
    root = Path(next((a for a in arguments if not a.startswith("--")), Path(__file__).parent.parent))
    table = read_table(root)
    unknown = trace(root, table)
    if options == ["--check"]:
        found = list(complaints(root, table, unknown))
        print("\n".join(found), end="\n" if found else "")
        return bool(found)
    if options == ["--open"]:
        print("\n".join(unknown + list(holes(table))))
    elif options == ["--write"]:
        (root / "docs/rfc9293.md").write_text(page(table))
    elif not options:
        print(page(table), end="")
    else:
        fail(__doc__)
    return 0


sys.exit(main(sys.argv[1:]))
