#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
# Plants generated faults into tcp/, one at a time, and counts how many of them the tests notice.
"""
usage: mutate.py [--count N] [--jobs N] [--list] [--only PART]

A fault is one change of one line of C: a comparison turned or widened, a condition made constant, `and` for `or`, a
statement left out, plus for minus, a smaller for a larger. All that can be made are enumerated; of them N (240) are
taken, chosen by a hash of file, line and change, so that the choice stays as it is when other code changes. Each is
built in a copy and the drills, the unit tests and the simulation run until one fails: the fault is killed. What does
not build is no fault and is replaced by the next. A fault that survives must stand, with the reason, in
tools/mutants-alive.txt: FILE | LINE | WHAT IT BECOMES | reason. Prints TAP, and at last the share that was killed.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
WORK = os.path.join(ROOT, "build", "mutate")
ALIVE = os.path.join(ROOT, "tools", "mutants-alive.txt")
LEAST_KILLED = 95  # per cent, of all
TIMEOUT = 60  # seconds that one test may take: a fault may make it run for ever

# (what it is called, what is searched, what it becomes)
SWAPS = [
    ("widened", r" < (?!<)", " <= "),
    ("widened", r" > (?!>)", " >= "),
    ("narrowed", r" <= ", " < "),
    ("narrowed", r" >= ", " > "),
    ("turned", r" == ", " != "),
    ("turned", r" != ", " == "),
    ("widened", r"\bhf_seq_lt\(", "hf_seq_leq("),
    ("narrowed", r"\bhf_seq_leq\(", "hf_seq_lt("),
    ("swapped", r"\bhf_seq_max\(", "hf_seq_min("),
    ("swapped", r"\bhf_seq_min\(", "hf_seq_max("),
    ("or for and", r" && ", " || "),
    ("and for or", r" \|\| ", " && "),
    ("minus for plus", r" \+ ", " - "),
    ("plus for minus", r" - ", " + "),
    ("minus for plus", r" \+= ", " -= "),
    ("plus for minus", r" -= ", " += "),
    ("turned", r"\btrue\b", "false"),
    ("turned", r"\bfalse\b", "true"),
    ("not turned", r"\(!(?=[a-z(])", "("),
]
CONDITION = re.compile(r"^(\t+(?:\} else )?(?:if|while) \()(.*)(\)(?: \{)?)$")
STATEMENT = re.compile(r"^\t+(?!return|break|continue|goto|case|default|static|const|else|extern)[a-z_][\w>.\-\[\]*]*"
                       r"(?:\(.*\)| [-+|&]?= .*|\+\+|--);(?: /\*.*\*/)?$")
DECLARATION = re.compile(r"^\t+(?:const |static |struct |unsigned |u?int\d*_t |bool |size_t |hf_\w+ \**\w+(?: =|;|,)|hf_\w+ \*)")


class Mutant:
    def __init__(self, path, number, before, after, kind):
        self.path, self.number, self.before, self.after, self.kind = path, number, before, after, kind
        text = f"{path}|{before.strip()}|{after.strip()}"
        self.rank = hashlib.sha256(text.encode()).hexdigest()

    def name(self):
        became = self.after.strip() or "nothing"
        return f"{self.path}:{self.number} {self.kind}: `{self.before.strip()}` became `{became}`"

    def key(self):
        return (self.path, self.before.strip(), self.after.strip())


def code_of(line):
    """The line without its closing comment."""
    return re.sub(r"\s*/\*.*\*/\s*$", "", line)


def mutants_of_line(path, number, line):
    code = code_of(line)
    if code.startswith(("#", "/", " *", "static const", "_Static")) or '"' in code or not code.startswith("\t"):
        return
    if m := CONDITION.match(code):
        if m[2] not in ("0", "1"):
            yield Mutant(path, number, line, m[1] + "0 && (" + m[2] + ")" + m[3], "never")
            if "while" not in m[1]:
                yield Mutant(path, number, line, m[1] + "1 || (" + m[2] + ")" + m[3], "always")
    elif STATEMENT.match(code) and not DECLARATION.match(code):
        yield Mutant(path, number, line, re.match(r"\t+", code)[0] + ";", "left out")
    for kind, find, become in SWAPS:
        for m in re.finditer(find, code):
            yield Mutant(path, number, line, code[:m.start()] + become + code[m.end():], kind)


def mutants_of_file(path):
    comment = False
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        for number, line in enumerate(file.read().split("\n"), 1):
            was = comment
            if "/*" in line and "*/" not in line[line.rfind("/*"):]:
                comment = True
            elif "*/" in line:
                comment = False
            if not was and not comment:
                yield from mutants_of_line(path, number, line)


def all_mutants(only):
    found = []
    for folder, _, files in sorted(os.walk(os.path.join(ROOT, "tcp"))):
        for name in sorted(files):
            path = os.path.relpath(os.path.join(folder, name), ROOT)
            if name.endswith(".c") and only in path:
                found += mutants_of_file(path)
    unique = {}
    for m in found:
        unique.setdefault((m.key(), m.number), m)
    return sorted(unique.values(), key=lambda m: (m.rank, m.number))


def read_alive():
    alive = {}
    if os.path.exists(ALIVE):
        with open(ALIVE, encoding="utf-8") as file:
            for line in file:
                if line.strip() and not line.startswith("#"):
                    path, before, after, reason = line.rstrip("\n").split(" | ")
                    alive[(path, before, after)] = reason
    return alive


class Copy:
    """A copy of the project with a build of its own."""

    def __init__(self, number):
        self.source = os.path.join(WORK, f"source{number}")
        self.build = os.path.join(WORK, f"build{number}")
        shutil.rmtree(self.source, ignore_errors=True)
        skipped = shutil.ignore_patterns("build", ".git")
        shutil.copytree(ROOT, self.source, ignore=skipped, symlinks=True)
        if not os.path.exists(os.path.join(self.build, "build.ninja")):
            args = ["-Dcommand=false", "-Dnet_tests=false", "--buildtype=plain", "-Dc_args=-O1 -w"]
            if shutil.which("mold"):
                args.append("-Dc_link_args=-fuse-ld=mold")
            self.must(["meson", "setup", self.build, self.source] + args)
        self.must(["ninja", "--quiet", "-C", self.build])
        self.tests = self.list_tests()

    def must(self, command):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")

    def list_tests(self):
        """Quick ones first: what kills most, and fastest, is run before the rest."""
        told = subprocess.run(["meson", "introspect", "--tests", self.build], capture_output=True, text=True, check=True)
        tests = [t for t in json.loads(told.stdout) if "--mutate" not in t["cmd"]]
        order = {"drill": 0, "unit": 1, "sim": 2}
        suite = lambda t: order.get(t["suite"][-1].split(":")[-1], 3)
        return sorted((t for t in tests if suite(t) < 3), key=suite)

    def first_failure(self):
        for test in self.tests:
            env = dict(os.environ, **test["env"])
            try:
                done = subprocess.run(test["cmd"], cwd=test["workdir"] or self.build, env=env, timeout=TIMEOUT,
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            except subprocess.TimeoutExpired:
                return test["name"] + " (for ever)"
            if done.returncode not in (0, 77):
                return test["name"]
        return None

    def write(self, mutant, line):
        path = os.path.join(self.source, mutant.path)
        with open(path, encoding="utf-8") as file:
            lines = file.read().split("\n")
        lines[mutant.number - 1] = line
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(lines))

    def judge(self, mutant):
        """None: does not build. Else the name of the test that noticed, or an empty string."""
        self.write(mutant, mutant.after)
        try:
            if subprocess.run(["ninja", "--quiet", "-C", self.build], capture_output=True, check=False).returncode:
                return None
            return self.first_failure() or ""
        finally:
            self.write(mutant, mutant.before)


class Run:
    def __init__(self, count, alive):
        self.count, self.alive = count, alive
        self.lock = threading.Lock()
        self.number = self.killed = self.explained = self.unexplained = 0

    def done(self):
        return self.number >= self.count

    def note(self, mutant, noticed):
        with self.lock:
            if noticed is None or self.done():
                return
            self.number += 1
            if noticed:
                self.killed += 1
                print(f"ok {self.number} - {mutant.name()}: noticed by {noticed}", flush=True)
            elif mutant.key() in self.alive:
                self.explained += 1
                print(f"ok {self.number} - {mutant.name()}: nobody can notice: {self.alive[mutant.key()]}", flush=True)
            else:
                self.unexplained += 1
                print(f"not ok {self.number} - {mutant.name()}: nobody noticed", flush=True)

    def work(self, copy, mutants):
        while not self.done():
            with self.lock:
                mutant = next(mutants, None)
            if mutant is None:
                return
            self.note(mutant, copy.judge(mutant))


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--count", type=int, default=240)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", default="")
    parser.add_argument("--list", action="store_true")
    args = parser.parse_args()
    mutants = all_mutants(args.only)
    if args.list:
        for m in mutants[:args.count]:
            print(m.name())
        print(f"{len(mutants)} can be made")
        return 0
    os.makedirs(WORK, exist_ok=True)
    copies = [Copy(i) for i in range(args.jobs)]
    if failure := copies[0].first_failure():
        sys.exit(f"without any fault {failure} fails")
    run = Run(args.count, read_alive())
    source = iter(mutants)
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for future in [pool.submit(run.work, copy, source) for copy in copies]:
            future.result()
    share = 100 * run.killed / max(run.number, 1)
    print(f"# {run.number} faults: {run.killed} killed ({share:.1f} %), {run.explained} explained, "
          f"{run.unexplained} unexplained")
    print(f"1..{run.number}")
    return 0 if run.number and share >= LEAST_KILLED and run.unexplained == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
