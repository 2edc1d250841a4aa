# SPDX-License-Identifier: Apache-2.0
"""Measures and reports; called by tools/bench."""

import argparse
import json
import os
import re
import time

import compare
import fixed
import instructions
import machine
import micro
import plots
import readme
import tables
from compiled import Compiler
from programs import LOOP, Programs
from rows import ROWS, Side

PAIRS = {"short": (25, 5), "long": (35, 9)}  # of rows with and without a figure
COMPILATIONS = {"short": 2, "long": 15}


def options():
    parser = argparse.ArgumentParser(prog="tools/bench", description="Measures innate beside the floor and its peers.")
    parser.add_argument("--long", action="store_true", help="more pairs, instructions by callgrind, every public header")
    parser.add_argument("--only", metavar="PATTERN", default="", help="only what has a name that this regular expression finds")
    parser.add_argument("--pairs", type=int, help="pairs of runs in place of 25, or 35 with --long")
    parser.add_argument("--readme", action="store_true", help="write the table into the README as well")
    parser.add_argument("--smoke", action="store_true", help="only whether every program still runs, with few messages")
    parser.add_argument("--root", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--build", required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


class Bench:
    def __init__(self, how):
        self.how, self.mode = how, "long" if how.long else "short"
        self.programs = Programs(how.root, how.build)
        self.peers = self.programs.peers()
        self.machine = list(machine.describe(self.programs, self.peers))
        self.done, self.lines = [], []

    def wanted(self, name):
        return re.search(self.how.only, name) is not None

    def say(self, line):
        self.lines.append(line)
        print(f"  {line.name}: {line.ours}" + (f" {line.verdict}" if line.verdict != "–" else ""), flush=True)

    def compare(self):
        with_figure, without = (self.how.pairs,) * 2 if self.how.pairs else PAIRS[self.mode]
        for row in ROWS:
            if not self.wanted(row.name) or not (row.in_short or self.how.long):
                continue
            try:
                same = next((d.seen_as(row) for d in self.done if d.is_of(row)), None)
                pairs = with_figure if row.reach else without
                self.done.append(same or compare.measure(row, self.programs, pairs, self.peers))
                self.say(tables.line_of(self.done[-1]))
            except RuntimeError as failed:
                print(failed, flush=True)
                self.say(tables.Line(row.name, row.base_name, "failed", "–", "–", "not met"))

    def count(self):
        compiler, runs = Compiler(self.how.root), COMPILATIONS[self.mode]
        repeat = self.how.pairs or PAIRS[self.mode][0]
        counted = (
            ("parse MSG", lambda: micro.line(self.programs, "parse/MSG", repeat)),
            ("parse HMSG", lambda: micro.line(self.programs, "parse/HMSG", repeat)),
            ("heap allocations", lambda: fixed.allocations(self.done)),
            ("1 000 subscriptions", lambda: fixed.subscriptions(self.programs, self.peers, 1_000)),
            ("100 000 subscriptions", lambda: fixed.subscriptions(self.programs, self.peers, 100_000)),
            ("an idle connection", lambda: fixed.idle(self.programs)),
            ("stripped minimal program", lambda: fixed.size(compiler)),
            ("compile a minimal program", lambda: fixed.minimal_program(compiler, runs)),
            ("compile one more event", lambda: fixed.one_more_event(compiler, max(1, runs // 3))),
        )
        for name, make in counted:
            built = micro.available(self.programs) or not name.startswith("parse")
            made = make() if built and self.wanted(name) else None
            for line in made if isinstance(made, tuple) else (made,):
                if line:
                    self.say(line)
        headers = compiler.public_headers() if self.how.long else ["innate/innate.hpp", "innate/typed.hpp"]
        wanted = [name for name in ("asio.hpp", *headers) if self.wanted("parse " + name)]
        return [(f"`{name}`", f"{compiler.header(name):.2f} s") for name in wanted]

    def instructions(self):
        if not self.how.long or not instructions.available():
            return []
        return list(instructions.measure(self.programs, self.peers, self.wanted))

    def operations(self):
        if not self.how.long or not micro.available(self.programs) or not self.wanted("operations"):
            return []
        return list(micro.table(self.programs))

    def details(self):
        for d in self.done:
            run = d.ours[len(d.ours) // 2]
            per = lambda name: tables.number(run.get(name, 0) / run["messages"])
            yield (d.row.name, tables.number(run["messages"] / run["wall_s"] / 1e6), tables.number(run["user_s"] / run["messages"] * 1e9),
                   tables.number(run["sys_s"] / run["messages"] * 1e9), f"{run['allocations'] / run['messages']:.2g}", per("reads"),
                   per("writes"), per("waits"), f"{run['rss_kib'] / 1024:.1f}",
                   " / ".join(tables.number(run[p]) for p in ("p50_us", "p90_us", "p99_us")) if "p50_us" in run else "–")


def report(bench, headers, counted, operations, seconds):
    yield "# innate, measured\n"
    yield from tables.grid(("", ""), bench.machine)
    yield "\n## Figures to reach\n"
    yield from tables.the_table(bench.lines)
    yield f"\n{tables.count_verdicts(bench.lines)}.\n"
    yield EXPLANATION
    yield "![ratios](ratios.svg)\n\n![publish](publish.svg)\n\n![receive](receive.svg)\n"
    yield "## One run of each in detail\n"
    yield from tables.grid(("", "M messages/s", "user ns", "system ns", "allocations", "reads", "writes", "waits", "RSS MB",
                            "p50 / p90 / p99 µs"), bench.details())
    if counted:
        yield "\n## Instructions a message, by callgrind, without the kernel's\n"
        yield from tables.grid(("", "innate", "floor", "nats.c"), ([row[0], *map(tables.number, row[1:])] for row in counted))
    if operations:
        yield "\n## Single operations in memory\n"
        yield from tables.grid(("", "", ""), operations)
    if headers:
        yield "\n## CPU to parse a header, g++ -fsyntax-only\n"
        yield from tables.grid(("", ""), headers)
    yield f"\nMeasured in {seconds:.0f} s by `./tools/bench{' --long' if bench.how.long else ''}`."


EXPLANATION = """
CPU is user and system time of the client process for one message, on loopback, against servers that do next to nothing for it:
one discards what it gets, one replays frames encoded before. A client that is faster still waits for them, which costs no CPU.
Runs are made in turns, ours and what it is compared with; the figure is the median over the pairs of their ratio (or of what is
added), in brackets the 95 % interval of that median by order statistics. A figure is met when the whole interval lies below it.
The encode floor is a loop that encodes each PUB and writes 32 KiB at a time; the walk floor reads 64 KiB at a time and only finds
where frames end.
"""


def write(bench, name, text):
    if text:
        with open(os.path.join(bench.how.build, name), "w") as file:
            file.write(text)


def smoke(how):
    """Each program once, with few messages: measures nothing."""
    programs = Programs(how.root, how.build)
    try:
        for row in ROWS:
            sides = [row.ours, row.base] if row.ours.client != "route_400" else []  # not built for this
            if LOOP in row.peers:
                sides.append(Side(LOOP, row.base.scenario, row.base.extra))
            for side in sides:
                programs.run(side.client, side.scenario, row.server, side.arguments(max(row.count // 1000, 20)))
        for scenario, server in (("subscriptions", "source"), ("idle", "sink")):
            programs.run("innate", scenario, server, {})
    finally:
        programs.close()


def main():
    began = time.monotonic()
    how = options()
    if how.smoke:
        smoke(how)
        return
    bench = Bench(how)
    try:
        print("comparing", flush=True)
        bench.compare()
        print("counting", flush=True)
        headers = bench.count()
        counted, operations = bench.instructions(), bench.operations()
    finally:
        bench.programs.close()
    text = "\n".join(report(bench, headers, counted, operations, time.monotonic() - began)) + "\n"
    write(bench, "report.md", text)
    write(bench, "results.json", json.dumps([{"name": d.row.name, "ours": d.ours, "base": d.base, "peers": d.peers} for d in bench.done]))
    write(bench, "ratios.svg", plots.ratios(bench.done))
    write(bench, "publish.svg", plots.sizes(bench.done, "publish"))
    write(bench, "receive.svg", plots.sizes(bench.done, "receive"))
    print("\n" + "\n".join(tables.the_table(bench.lines)))
    print(f"\n{tables.count_verdicts(bench.lines)}; report: {os.path.relpath(os.path.join(bench.how.build, 'report.md'))}")
    if bench.how.readme:
        readme.rewrite(bench)


main()
