# SPDX-License-Identifier: Apache-2.0
"""Plots as SVG, written by hand."""

from html import escape
from math import ceil, floor, log10

from compare import peer_figure

COLOURS = {"innate": "#0b6e4f", "floor": "#777777", "nats.c": "#c8553d", "nats.go": "#2f6690", "nats.js": "#d9a404",
           "nats_asio": "#4aa3a2", "bare Asio": "#7a5195"}
STYLE = "<style>text{font:12px sans-serif;fill:#222}.s{fill:#666}</style>"


def document(width, height, parts):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
            f'<rect width="100%" height="100%" fill="white"/>{STYLE}{"".join(parts)}</svg>\n')


def text(x, y, words, anchor="start", kind=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">{escape(words)}</text>'


def line(x1, y1, x2, y2, colour="#ddd", width=1):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}"/>'


def dot(x, y, colour):
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'


def legend(names, x, y):
    for name in names:
        yield dot(x, y - 4, COLOURS[name])
        yield text(x + 8, y, name)
        x += 74


def scale(low, high, left, width):
    """A logarithmic axis: its place of a value, and the values to write at it."""
    first, last = log10(low) - 0.1, log10(high) + 0.1
    steps = (1, 2, 5) if last - first < 3.5 else (1,)
    marks = [m * 10.0**e for e in range(floor(first), ceil(last)) for m in steps]
    return (lambda v: left + (log10(v) - first) / (last - first) * width), [m for m in marks if first <= log10(m) <= last]


def short(value):
    return f"{value:g}" if value < 1000 else f"{value / 1000:g}k" if value < 1e6 else f"{value / 1e6:g}M"


def axis(place, marks, top, bottom):
    for mark in marks:
        yield line(place(mark), top, place(mark), bottom)
        yield text(place(mark), bottom + 14, short(mark), "middle", "s")


def ratios(done):
    """Each ratio with its interval, the figure to reach as a tick, the peers as dots."""
    done = [d for d in done if d.row.kind == "ratio" and d.row.base.client == "floor"]
    if not done:
        return None
    left, width, step, top = 330, 520, 22, 46
    shown = [v for d in done for v in (d.figure.low, d.figure.high, *(peer_figure(d, p) for p in d.peers))]
    place, marks = scale(min([0.9, *shown]), max([2, *shown]), left, width)
    bottom = top + step * len(done)
    parts = [text(10, 18, "CPU per message, or p50, as a ratio to the floor"), *legend(COLOURS, 340, 36),
             *axis(place, marks, top, bottom)]
    for i, d in enumerate(done):
        y = top + step * i + step / 2
        parts.append(text(left - 8, y + 4, d.row.name.replace("`", ""), "end"))
        if d.row.reach:
            parts.append(line(place(d.row.reach), y - 9, place(d.row.reach), y + 9, "#000", 2))
        parts += [dot(place(peer_figure(d, p)), y, COLOURS[p]) for p in d.peers]
        parts += [line(place(d.figure.low), y, place(d.figure.high), y, COLOURS["innate"], 3),
                  dot(place(d.figure.median), y, COLOURS["innate"])]
    parts += [line(place(1), top, place(1), bottom, COLOURS["floor"], 2),
              text(left, bottom + 32, "black tick: the figure to reach; grey line: the floor", kind="s")]
    return document(left + width + 30, bottom + 44, parts)


def sizes(done, scenario):
    """CPU nanoseconds a message by payload size, one row of dots a size."""
    rows = [d for d in done if d.row.base.client == "floor" and d.row.base.scenario == scenario and d.row.peers]
    rows = [d for d in rows if d.row.server in ("sink", "source") and "headers" not in d.row.name]
    if not rows:
        return None
    left, width, step, top = 330, 520, 26, 46
    values = [{"floor": d.absolute(d.base), "innate": d.absolute(d.ours),
               **{p: d.absolute([run for _, run in runs]) for p, runs in d.peers.items()}} for d in rows]
    every = [v for row in values for v in row.values()]
    place, marks = scale(min(every), max(every), left, width)
    bottom = top + step * len(rows)
    parts = [text(10, 18, f"{scenario}: CPU of the client process per message, ns"), *legend(COLOURS, 340, 36),
             *axis(place, marks, top, bottom)]
    for i, (d, row) in enumerate(zip(rows, values)):
        y = top + step * i + step / 2
        parts.append(text(left - 8, y + 4, d.row.name.replace("`", ""), "end"))
        parts += [dot(place(v), y, COLOURS[name]) for name, v in row.items()]
    return document(left + width + 30, bottom + 30, parts)
