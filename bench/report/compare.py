# SPDX-License-Identifier: Apache-2.0
"""Pairs of runs, and what can be said of them without assuming a distribution."""

from math import comb
from statistics import median

from programs import LOOP


def interval(values):
    """The 95 % interval of the median by order statistics; with fewer than six values their whole range."""
    ordered, n = sorted(values), len(values)
    below, rank = 0.0, 0
    while True:
        below += comb(n, rank) / 2**n
        if below > 0.025:
            break
        rank += 1
    rank = max(rank, 1)
    return ordered[rank - 1], ordered[n - rank]


class Figure:
    """Median and interval of one quantity over the pairs."""

    def __init__(self, values):
        self.values = list(values)
        self.median = median(self.values)
        self.low, self.high = interval(self.values)

    def verdict(self, reach):
        if self.high <= reach:
            return "met"
        return "not met" if self.low > reach else "open"


METRICS = {
    "cpu": lambda run: run["cpu_s"] / run["messages"] * 1e9,
    "p50": lambda run: run["p50_us"],
}


class Comparison:
    """What the pairs of one row gave."""

    def __init__(self, row):
        self.row = row
        self.ours, self.base, self.peers = [], [], {}

    def seen_as(self, row):
        """The same runs, for a row that reads another metric of them."""
        other = Comparison(row)
        other.ours, other.base, other.peers = self.ours, self.base, self.peers
        return other

    def is_of(self, row):
        return (self.row.server, self.row.ours, self.row.base) == (row.server, row.ours, row.base)

    @property
    def metric(self):
        return METRICS[self.row.metric]

    def against(self, runs):
        """`runs` compared with the base pair by pair: ratios, or what is added."""
        pairs = zip(runs, self.base)
        if self.row.kind == "ratio":
            return Figure(self.metric(a) / self.metric(b) for a, b in pairs)
        return Figure(self.metric(a) - self.metric(b) for a, b in pairs)

    @property
    def figure(self):
        return self.against(self.ours)

    def absolute(self, runs):
        return median(self.metric(run) for run in runs)


def measure(row, programs, pairs, peers):
    """Runs base and ours in turns; peers join every third pair, because they take long."""
    done = Comparison(row)
    for i in range(pairs):
        order = (("base", row.base), ("ours", row.ours))
        for name, side in order if i % 2 == 0 else reversed(order):
            getattr(done, name).append(programs.run(side.client, side.scenario, row.server, side.arguments(row.count)))
        for peer in row.peers if i % 3 == 0 else ():
            if peer in peers:
                count = row.count if peer == LOOP else row.peer_count
                run = programs.run(peer, row.base.scenario, row.server, row.base.arguments(count))
                done.peers.setdefault(peer, []).append((i, run))
    return done


def peer_figure(done, peer):
    """A peer's runs against the base runs of the pairs they took part in."""
    metric = done.metric
    return median(metric(run) / metric(done.base[i]) for i, run in done.peers[peer])
