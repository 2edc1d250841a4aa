# SPDX-License-Identifier: Apache-2.0
"""Lines of the table that are counted rather than compared in pairs."""

from programs import CLIENTS
from tables import Line, spread

NO_MORE_THAN = 100  # allocations in a whole measured run: what does not grow with its messages


def verdict(good):
    return "met" if good else "not met"


def allocations(done):
    """Over all runs that have a figure to reach: the worst of them."""
    rows = [d for d in done if d.row.reach is not None]
    if not rows:
        return None
    worst = max(rows, key=lambda d: min(run["allocations"] / run["messages"] for run in d.ours))
    run = min(worst.ours, key=lambda run: run["allocations"])
    each = run["allocations"] / run["messages"]
    ours = "0" if run["allocations"] <= NO_MORE_THAN else f"{each:.2g} a message ({worst.row.name})"
    return Line("heap allocations, all of the above", "0", ours, "–", "0", verdict(run["allocations"] <= NO_MORE_THAN))


def subscriptions(programs, peers, count):
    """Memory and threads of a connection with so many subscriptions."""
    ours = programs.run("innate", "subscriptions", "source", {"subscriptions": count})
    others = []
    for peer in CLIENTS:
        if peer not in peers or (count > 1000 and peer == "nats.c"):  # that one has a thread for each
            continue
        run = programs.run(peer, "subscriptions", "source", {"subscriptions": count})
        others.append(f"{peer} {run['added_kib'] / 1024:.1f} MB, {run['threads']} threads")
    threads = ours["threads"] - 1
    shown = f"{ours['added_kib'] / 1024:.2f} MB, {threads} threads besides the program's"
    line = Line(f"{count:,} subscriptions".replace(",", " "), "–", shown, "; ".join(others) or "–", "–", "–")
    if count == 1000:
        line.reach, line.verdict = "≤ 0.25 MB, 0 threads", verdict(ours["added_kib"] <= 256 and threads == 0)
    return line


def idle(programs):
    run = programs.run("innate", "idle", "sink", {})
    return Line("an idle connection", "–", f"{run['rss_kib']} KiB RSS, {run['anon_kib']} KiB of it anonymous", "–", "–", "–")


def size(compiler):
    ours, raw = compiler.sizes()
    return Line("stripped minimal pub/sub program, no TLS", f"raw sockets: {raw / 1000:.0f} KB", f"{ours / 1000:.0f} KB", "–",
                "≤ 400 KB", verdict(ours <= 400_000))


def minimal_program(compiler, pairs):
    whole, part, seconds = compiler.minimal(pairs)
    bare = f"bare Asio loop: {seconds:.1f} s"
    name = "compile a minimal program, g++ -O2"
    return (Line(name, bare, spread(whole), "–", "≤ 2", whole.verdict(2.0)),
            Line(name + ", the connection compiled apart", bare, spread(part), "–", "–", "–"))


def one_more_event(compiler, runs):
    figure = compiler.one_more_event(runs)
    return Line("compile one more event, g++ -O2", "–", f"{figure.median * 1000:.0f} ms", "–", "–", "–")
