# SPDX-License-Identifier: Apache-2.0
"""Instructions of the user's part for one message, counted by callgrind: the difference of a long and a short run."""

import re
import shutil

PATHS = (
    ("publish 16 B, `try_publish`", "sink", "publish", {"size": 16}, {"mode": "try"}),
    ("publish 16 B, awaited", "sink", "publish", {"size": 16}, {"mode": "await"}),
    ("publish 1 KiB, `try_publish`", "sink", "publish", {"size": 1024}, {"mode": "try"}),
    ("receive 16 B, `next`", "source", "receive", {"size": 16}, {"mode": "next"}),
    ("receive 16 B, `try_next`", "source", "receive", {"size": 16}, {"mode": "try_next"}),
    ("receive 16 B, callback", "source", "receive", {"size": 16}, {"mode": "callback"}),
    ("receive 16 B with headers, `next`", "source", "receive", {"size": 16, "form": "headers"}, {"mode": "next"}),
    ("typed publish of `agent.inbox`", "sink", "typed_publish", {}, {"mode": "typed"}),
    ("typed receive of `agent.inbox`", "source", "typed_receive", {}, {"mode": "typed"}),
)
WITHOUT_LIBRARY = {"publish", "receive"}


def available():
    return shutil.which("valgrind") is not None


def collected(programs, client, scenario, server, arguments, count):
    tool = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")
    told = programs.run(client, scenario, server, {"count": count, **arguments}, under=tool)["stderr"]
    return int(re.search(r"Collected : (\d+)", told).group(1))


def per_message(programs, client, scenario, server, arguments):
    few, more = 20_000, 120_000
    counts = [collected(programs, client, scenario, server, arguments, n) for n in (few, more)]
    return (counts[1] - counts[0]) / ((more - few) * 1.1)  # a tenth is warm-up


def measure(programs, peers, wanted):
    """Rows of name, innate, floor and nats.c, where they have the scenario."""
    for name, server, scenario, common, own in PATHS:
        if not wanted("instructions: " + name):
            continue
        row = [name, per_message(programs, "innate", scenario, server, {**common, **own}), None, None]
        if scenario in WITHOUT_LIBRARY:
            row[2] = per_message(programs, "floor", scenario, server, common)
            if "nats.c" in peers:
                row[3] = per_message(programs, "nats.c", scenario, server, common)
        yield row
