# SPDX-License-Identifier: Apache-2.0
"""Puts the table into the marked block of the README."""

import os

import tables

BEGIN, END = "<!-- tools/bench --readme writes from here -->", "<!-- to here -->"


def block(bench):
    yield BEGIN
    yield f"`./tools/bench{' --long' if bench.how.long else ''}`, on " + "; ".join(f"{name}: {value}" for name, value in bench.machine) + ".\n"
    yield from tables.the_table(bench.lines)
    yield f"\n{tables.count_verdicts(bench.lines)}."
    yield END


def rewrite(bench):
    path = os.path.join(bench.how.root, "README.md")
    with open(path) as file:
        text = file.read()
    before, rest = text.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    with open(path, "w") as file:
        file.write(before + "\n".join(block(bench)) + after)
