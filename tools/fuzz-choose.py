#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
# Chooses, from what libFuzzer's merge has noted of many inputs, a few that reach most branches that any of them reaches.
"""
usage: fuzz-choose.py CONTROL-FILE DIRECTORY

CONTROL-FILE is what `-merge=1 -merge_control_file=` leaves behind. The chosen inputs are copied to DIRECTORY, under
names that are hashes of them: no more than 60, of no more than 24,000 octets together. libFuzzer's own choice also keeps
inputs that take a branch more often than others: ten times as many.
"""
import hashlib
import os
import shutil
import sys

INPUTS = 60
OCTETS = 24000
COUNTERS = 8  # features that libFuzzer makes of one branch: how often it was taken, in powers of two


def read(path):
    """The inputs, each with its octets and the branches that it takes."""
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    names = lines[2 : 2 + int(lines[0])]
    inputs = []
    for line in lines[2 + len(names) :]:
        word, number, *features = line.split()
        if word == "FT":
            name = names[int(number)]
            inputs.append((os.path.getsize(name), name, {int(f) // COUNTERS for f in features}))
    return inputs


def choose(inputs):
    """Each time the one that adds most for its octets."""
    left = set().union(*(branches for _, _, branches in inputs))
    chosen, octets = [], 0
    while left and len(chosen) < INPUTS:
        best = max(inputs, key=lambda i: (len(i[2] & left) / (100 + i[0]), -i[0], i[1]))
        octets += best[0]
        if octets > OCTETS:
            break
        chosen.append(best[1])
        left -= best[2]
    return chosen


def main(control, directory):
    for name in choose(read(control)):
        with open(name, "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()[:16]
        shutil.copy(name, os.path.join(directory, digest))


main(*sys.argv[1:])
