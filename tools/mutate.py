#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
# Plants generated faults into tcp/, one at a time, and counts how many of them the tests notice.
"""
usage: mutate.py [--count N] [--seed TEXT] [--jobs N] [--only PART] [--list] [--survivors]

A fault is one change of one line of C: a comparison turned or widened, a condition made constant, `and` for `or`, a
statement left out, plus for minus, a smaller for a larger. All that can be made are enumerated; of them N (240; 0 is
all) are taken, from each file in proportion to how many it offers, chosen by a hash of seed, file, line and change, so
that the choice stays as it is when other code changes. What does not build, or compiles to the same code, is no fault
and is replaced by the next; nor is one where `a < b ? a : b` or the like has `<=`, for where a == b both say the same.
First of all come the faults written by hand in tools/mutants.txt.

The project is built once, its core as a shared library. For each fault one file is compiled and a core linked with
it, which the tests then load in place of the sound one; the drills, the unit tests and short simulations run until one
fails: the fault is killed. A fault that survives must stand, with the reason, in tools/mutants-alive.txt:
FILE | LINE | WHAT IT BECOMES | reason. Prints TAP (with --survivors only what lives), and at last the share that was
killed; fails if that is under 95 % (of 200 or more), if a fault by hand lives, or if one lives that is not explained.
"""
import argparse
import concurrent.futures
import hashlib
import itertools
import json
import os
import re
import resource
import shlex
import shutil
import subprocess
import sys
import threading

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
WORK = os.path.join(ROOT, "build", "mutate")
BY_HAND = os.path.join(ROOT, "tools", "mutants.txt")
ALIVE = os.path.join(ROOT, "tools", "mutants-alive.txt")
LEAST_KILLED = 95  # per cent, of all
FEW = 200  # of fewer faults the share says nothing
# A fault may make a test run for ever. What counts is the processor's time: a machine that does other things too must
# not make anything look noticed.
MOST_SECONDS = 20
MOST_SECONDS_SIM = 90  # of one that simulates networks
ASLEEP = 600  # seconds on the clock, for one that waits for ever
MOLD = ["-fuse-ld=mold"] if shutil.which("mold") else []  # links quickest
TOO_LONG = ("goodput", "two_ends_second_half")
CONVERSATIONS = 1000  # of the simulation of two ends
SIM = 3  # the turn of simulations: the last

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
        self.by_hand = False

    def rank(self, seed):
        text = f"{seed}|{self.path}|{self.before.strip()}|{self.after.strip()}"
        return hashlib.sha256(text.encode()).hexdigest()

    def name(self):
        became = self.after.strip() or "nothing"
        return f"{self.path}:{self.number} {self.kind}: `{self.before.strip()}` became `{became}`".replace("#", "no.")

    def key(self):
        return (self.path, self.before.strip(), self.after.strip())


def code_of(line):
    """The line without its closing comment."""
    return re.sub(r"\s*/\*.*\*/\s*$", "", line)


def without_casts(text):
    return re.sub(r"\((?:u?int\d*_t|hf_ns|size_t)\)", "", text)


def equal_sides(line, following):
    """Where the comparison of a bound stands, `if (a > b) a = b;` or `a < b ? a : b`, or of a distance: both its sides
    say the same where a == b. -1: it is none."""
    bare = [without_casts(code_of(text).strip()) for text in (line, *following)]
    end = line.find(" ? ") if " ? " in line else len(line)
    place = max(line.rfind(op, 0, end) for op in (" < ", " > ", " <= ", " >= "))
    if m := re.match(r"(?:\} )?(?:else )?if \(([^&|?]+?) [<>]=? ([^&|?]+)\)$", bare[0]):
        alike = bare[1] in (f"{m[1]} = {m[2]};", f"{m[2]} = {m[1]};") and not bare[2].startswith("else")
        return place if alike else -1
    if not (m := re.match(r"(.+) \? ([^?:]+) : ([^?:]+);$", bare[0])):
        return -1
    for a, b in ((m[2], m[3]), (m[3], m[2])):
        sides = a.strip("()").split(" - ")
        if len(sides) != 2 or b not in ("0", f"{sides[1]} - {sides[0]}"):
            sides = [a, b]
        for left, right in (sides, reversed(sides)):
            if re.search(rf"(?:^|[ (]){re.escape(left)} [<>]=? {re.escape(right)}$", m[1]):
                return place
    return -1


def mutants_of_line(path, number, line, following):
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
    bound = equal_sides(code, following)
    for kind, find, become in SWAPS:
        for m in re.finditer(find, code):
            if m.start() == bound and kind in ("widened", "narrowed"):
                continue
            yield Mutant(path, number, line, code[:m.start()] + become + code[m.end():], kind)


def mutants_of_file(path):
    comment = False
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        lines = file.read().split("\n")
        for number, line in enumerate(lines, 1):
            was = comment
            if "/*" in line and "*/" not in line[line.rfind("/*"):]:
                comment = True
            elif "*/" in line:
                comment = False
            if not was and not comment:
                yield from mutants_of_line(path, number, line, (lines + ["", ""])[number:number + 2])


def all_mutants(only, seed):
    """All that can be made, so ordered that whatever is taken from the front has its share of every file."""
    placed = []
    for folder, _, files in sorted(os.walk(os.path.join(ROOT, "tcp"))):
        for name in sorted(files):
            path = os.path.relpath(os.path.join(folder, name), ROOT)
            if name.endswith(".c") and only in path:
                unique = {(m.key(), m.number): m for m in mutants_of_file(path)}.values()
                ranked = sorted(unique, key=lambda m: (m.rank(seed), m.number))
                placed += [((i + 0.5) / len(ranked), path, m) for i, m in enumerate(ranked)]
    return [m for _, _, m in sorted(placed, key=lambda p: p[:2])]


def mutants_by_hand(only):
    with open(BY_HAND, encoding="utf-8") as file:
        for row in file.read().splitlines():
            if row.startswith("#"):
                continue
            path, text, becomes, wrong = re.match(r"([^|]+)\|(.+)\|([^|].*)\|([^|]+)$", row).groups()
            if only in path:
                yield mutant_by_hand(path, text, becomes, wrong)


def mutant_by_hand(path, text, becomes, wrong):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        found = [(i, line) for i, line in enumerate(file.read().split("\n"), 1) if text in line]
    if len(found) != 1:
        sys.exit(f"{BY_HAND}: the text does not stand in {path} just once: {text}")
    mutant = Mutant(path, found[0][0], found[0][1], found[0][1].replace(text, becomes, 1), wrong)
    mutant.by_hand = True
    return mutant


def read_alive(only, mutants):
    """The explained ones. Each is one that can still be made: an explanation does not outlive its line."""
    alive = {}
    with open(ALIVE, encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                path, before, after, reason = line.rstrip("\n").split(" | ")
                if only in path:
                    alive[(path, before, after)] = reason
    for path, before, after in alive.keys() - {m.key() for m in mutants}:
        sys.exit(f"{ALIVE}: cannot be made in {path}: {before} | {after}")
    return alive


class Build:
    """The sound build: its tests, how its objects are compiled, and what its core is linked of."""

    def __init__(self):
        self.folder = os.path.join(WORK, "sound")
        if not os.path.exists(os.path.join(self.folder, "build.ninja")):
            shutil.rmtree(WORK, ignore_errors=True)
            self.must(["meson", "setup", self.folder, ROOT, "-Dshared_core=true", "-Dcommand=false", "-Dnet_tests=false",
                       "--buildtype=plain", "-Dc_args=-O1 -w", "-Dc_link_args=" + " ".join(MOLD)])
        self.must(["ninja", "--quiet", "-C", self.folder])
        with open(os.path.join(self.folder, "compile_commands.json"), encoding="utf-8") as file:
            entries = [e for e in json.load(file) if "handfast-core.so.p" in e["output"]]
        self.compilers = {self.path_of(e): e for e in entries}
        self.tests = self.list_tests()

    def path_of(self, entry):
        return os.path.relpath(os.path.join(self.folder, entry["file"]), ROOT)

    def must(self, command):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")

    def list_tests(self):
        """Quick ones first: what kills most, and fastest, is run before the rest."""
        told = subprocess.run(["meson", "introspect", "--tests", self.folder], capture_output=True, text=True, check=True)
        order = {"drill": 0, "unit": 1, "sim": SIM}
        tests = []
        for test in json.loads(told.stdout):
            test["turn"] = order.get(test["suite"][-1].split(":")[-1])
            if test["turn"] is None or "--mutate" in test["cmd"] or test["name"] in TOO_LONG:
                continue
            if test["name"].startswith("event_matrix"):
                test["turn"] = 2
            if test["name"] == "two_ends_first_half":
                test["cmd"][-1] = str(CONVERSATIONS)
            tests.append(test)
        return sorted(tests, key=lambda t: t["turn"])


class Plant:
    """Makes cores with a fault, one at a time, and runs the tests with each."""

    def __init__(self, build, number):
        self.build = build
        self.folder = os.path.join(WORK, f"plant{number}")
        os.makedirs(self.folder, exist_ok=True)
        self.core = os.path.join(self.folder, "libhandfast-core.so")
        self.sound = {}  # path: what the file compiles to without a fault
        self.kills = {}  # name of a test: how many it killed

    def compile(self, path, text):
        """The object's octets, or None if it does not build."""
        source = os.path.join(self.folder, os.path.basename(path))
        target = source + ".o"
        with open(source, "w", encoding="utf-8") as file:
            file.write(text)
        entry = self.build.compilers[path]
        command = shlex.split(entry["command"])
        command[command.index("-o") + 1] = target
        command[-1] = source
        if subprocess.run(command, cwd=entry["directory"], capture_output=True, check=False).returncode:
            return None
        with open(target, "rb") as file:
            return file.read()

    def link(self, path):
        objects = [os.path.join(self.build.folder, e["output"]) for p, e in self.build.compilers.items() if p != path]
        self.build.must(["cc", "-shared", "-o", self.core, os.path.join(self.folder, os.path.basename(path) + ".o")]
                        + MOLD + objects)

    def run(self, test, env):
        with subprocess.Popen(test["cmd"], cwd=test["workdir"] or self.build.folder, env=env,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            most = MOST_SECONDS_SIM if test["turn"] == SIM else MOST_SECONDS
            resource.prlimit(process.pid, resource.RLIMIT_CPU, (most, most))
            try:
                return process.wait(ASLEEP)
            except subprocess.TimeoutExpired:
                process.kill()
                return "for ever"

    def first_failure(self):
        for test in sorted(self.build.tests, key=lambda t: (t["turn"], -self.kills.get(t["name"], 0))):
            env = dict(os.environ, LD_PRELOAD=self.core, **test["env"])
            if self.run(test, env) not in (0, 77):
                self.kills[test["name"]] = self.kills.get(test["name"], 0) + 1
                return test["name"]
        return ""

    def without_fault(self):
        path = "tcp/state.c"
        with open(os.path.join(ROOT, path), encoding="utf-8") as file:
            self.compile(path, file.read())
        self.link(path)
        return self.first_failure()

    def judge(self, mutant):
        """None: no fault. Else the name of the test that noticed, or an empty string."""
        with open(os.path.join(ROOT, mutant.path), encoding="utf-8") as file:
            text = file.read()
        if mutant.path not in self.sound:
            self.sound[mutant.path] = self.compile(mutant.path, text)
        lines = text.split("\n")
        if lines[mutant.number - 1] != mutant.before:
            return None
        lines[mutant.number - 1] = mutant.after
        made = self.compile(mutant.path, "\n".join(lines))
        if made is None or made == self.sound[mutant.path]:
            return None
        self.link(mutant.path)
        return self.first_failure()


class Run:
    def __init__(self, alive, survivors_only):
        self.alive, self.survivors_only = alive, survivors_only
        self.lock = threading.Lock()
        self.number = self.killed = self.explained = self.unexplained = 0

    def say(self, text):
        if not self.survivors_only or "noticed by" not in text:
            print(text, flush=True)

    def note(self, mutant, noticed):
        self.number += 1
        if noticed:
            self.killed += 1
            self.say(f"ok {self.number} - {mutant.name()}: noticed by {noticed}")
        elif mutant.key() in self.alive and not mutant.by_hand:
            self.explained += 1
            self.say(f"ok {self.number} - {mutant.name()}: nobody can notice: {self.alive[mutant.key()]}")
        else:
            self.unexplained += 1
            self.say(f"not ok {self.number} - {mutant.name()}: nobody noticed")

    def plant(self, plants, mutants, count):
        """Takes faults in their order until `count` were faults indeed, whichever plant judges which."""
        end = self.number + count
        idle = list(plants)

        def judge(mutant):
            with self.lock:
                plant = idle.pop()
            try:
                return mutant, plant.judge(mutant)
            finally:
                with self.lock:
                    idle.append(plant)

        with concurrent.futures.ThreadPoolExecutor(len(plants)) as pool:
            source = iter(mutants)
            waiting = [pool.submit(judge, m) for m in itertools.islice(source, len(plants))]
            while waiting:
                mutant, noticed = waiting.pop(0).result()
                if noticed is not None and self.number < end:
                    self.note(mutant, noticed)
                if self.number < end:
                    waiting += [pool.submit(judge, m) for m in itertools.islice(source, 1)]


def main():
    parser = argparse.ArgumentParser(usage=__doc__.replace("usage: ", "", 1).strip().replace("%", "%%"))
    parser.add_argument("--count", type=int, default=240)
    parser.add_argument("--seed", default="")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", default="")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--survivors", action="store_true")
    args = parser.parse_args()
    mutants = all_mutants(args.only, args.seed)
    by_hand = list(mutants_by_hand(args.only))
    alive = read_alive(args.only, mutants)
    count = args.count or len(mutants)
    if args.list:
        for m in by_hand + mutants[:count]:
            print(m.name())
        print(f"{len(mutants)} can be made")
        return 0
    build = Build()
    plants = [Plant(build, i) for i in range(args.jobs)]
    if failure := plants[0].without_fault():
        sys.exit(f"without any fault {failure} fails")
    run = Run(alive, args.survivors)
    run.plant(plants, by_hand, len(by_hand))
    run.plant(plants, mutants, count)
    share = 100 * run.killed / max(run.number, 1)
    print(f"# {run.number} faults: {run.killed} killed ({share:.1f} %), {run.explained} explained, "
          f"{run.unexplained} unexplained")
    print(f"1..{run.number}")
    enough = share >= LEAST_KILLED or 0 < run.number < FEW
    return 0 if enough and run.unexplained == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
