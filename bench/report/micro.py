# SPDX-License-Identifier: Apache-2.0
"""Single operations in memory: nanoseconds by Google Benchmark, instructions by callgrind."""

import json
import os
import re
import subprocess

from compare import Figure
from tables import Line, number, spread

REACH = {"parse/MSG": (19, 200), "parse/HMSG": (20, None)}  # nanoseconds, instructions


def program(programs):
    return programs.path("micro/micro")


def available(programs):
    return os.path.exists(program(programs))


def run(programs, pattern, repetitions):
    """Name of each operation, and what its repetitions took."""
    command = [program(programs), "--benchmark_format=json", f"--benchmark_filter={pattern}", "--benchmark_min_time=0.05",
               f"--benchmark_repetitions={repetitions}"]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=600).stdout)
    found = {}
    for one in told["benchmarks"]:
        if one["run_type"] == "iteration":
            found.setdefault(one["run_name"], []).append(one)
    return found


def instructions(programs, name):
    """Of one operation; none without valgrind."""
    counts = []
    for times in ("2000", "12000"):
        command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program(programs), "--run", name, times]
        try:
            told = subprocess.run(command, capture_output=True, text=True, timeout=300)
        except OSError:
            return None
        counts.append(int(re.search(r"Collected : (\d+)", told.stderr).group(1)))
    return (counts[1] - counts[0]) / 10_000


def line(programs, name, repetitions):
    """One line of the table of figures."""
    figure = Figure(one["cpu_time"] for one in run(programs, f"^{name}$", repetitions)[name])
    nanoseconds, at_most = REACH[name]
    counted = instructions(programs, name)
    shown = f"{spread(figure)} ns"
    reach, verdict = f"≤ {nanoseconds} ns", figure.verdict(nanoseconds)
    if counted is not None:
        shown += f", {number(counted)} instructions"
    if at_most:
        reach += f", ≤ {at_most} instructions"
        if counted is None or counted > at_most:
            verdict = "not met"
    return Line(f"{name.replace('/', ' ')}, in memory", "–", shown, "–", reach, verdict)


def table(programs):
    """Every operation once."""
    for name, runs in run(programs, ".", 1).items():
        speed = runs[0].get("bytes_per_second")
        yield f"`{name}`", f"{number(runs[0]['cpu_time'])} ns", f"{number(speed / 1e9)} GB/s" if speed else "–"
