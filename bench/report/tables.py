# SPDX-License-Identifier: Apache-2.0
"""The table of figures to reach, and tables beside it, as Markdown."""

from dataclasses import dataclass

from compare import peer_figure


@dataclass
class Line:
    """One line of the table."""

    name: str
    base: str
    ours: str
    peers: str
    reach: str
    verdict: str


def number(value):
    if value is None:
        return "–"
    digits = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    return f"{value:,.{digits}f}".replace(",", " ")


def nanoseconds(value):
    return f"{number(value)} ns" if value < 10_000 else f"{number(value / 1000)} µs"


def spread(figure):
    return f"{number(figure.median)} [{number(figure.low)}–{number(figure.high)}]"


def absolute(done, runs):
    value = done.absolute(runs)
    return f"{number(value)} µs" if done.row.metric == "p50" else nanoseconds(value)


def line_of(done):
    """A comparison as a line."""
    row, figure = done.row, done.figure
    ours = spread(figure) if row.kind == "ratio" else f"+{spread(figure)} ns"
    peers = ", ".join(f"{peer} {number(peer_figure(done, peer))}" for peer in done.peers)
    if row.reach is None:
        reach, verdict = "–", "–"
    else:
        reach = f"≤ {row.reach:g}" if row.kind == "ratio" else f"≤ +{row.reach:g} ns"
        verdict = figure.verdict(row.reach)
    return Line(row.name, f"{row.base_name}: {absolute(done, done.base)}", f"{ours} ({absolute(done, done.ours)})",
                peers or "–", reach, verdict)


def grid(heads, rows):
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield "| " + " | ".join(str(cell) for cell in row) + " |"


def the_table(lines):
    return grid(("", "compared with", "innate [95 %]", "peers", "reach", ""),
                ((l.name, l.base, l.ours, l.peers, l.reach, l.verdict) for l in lines))


def count_verdicts(lines):
    counted = {kind: sum(l.verdict == kind for l in lines) for kind in ("met", "not met", "open")}
    text = f"{counted['met']} figures met, {counted['not met']} not met"
    return text + (f", {counted['open']} open (the interval holds the figure)" if counted["open"] else "")
