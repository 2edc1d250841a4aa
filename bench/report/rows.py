# SPDX-License-Identifier: Apache-2.0
"""What is compared with what, and the figures to reach."""

from dataclasses import dataclass, field

from programs import CLIENTS, LOOP


@dataclass(frozen=True)
class Side:
    client: str
    scenario: str
    extra: dict = field(default_factory=dict)

    def arguments(self, count):
        return {"count": count, **self.extra}


@dataclass(frozen=True)
class Row:
    name: str
    server: str  # sink, source, server (a real nats-server) or none
    ours: Side
    base: Side
    base_name: str
    count: int  # messages a run
    kind: str = "ratio"  # or "added": nanoseconds more than the base
    metric: str = "cpu"
    reach: float = None
    peers: tuple = ()
    peer_count: int = 0
    in_short: bool = True


def shown(size):
    return f"{size} B" if size < 1024 else f"{size >> 10} KiB" if size < 1 << 20 else f"{size >> 20} MiB"


def publish(size, count, reach=None, mode="try", server="sink", peers=CLIENTS, **how):
    names = {"try": "`try_publish`", "await": "awaited", "headers": "two headers", "owned": "owned payload"}
    to = "" if server == "sink" else " through nats-server"
    return Row(f"publish {shown(size)}{to}, {names[mode]}", server, Side("innate", "publish", {"size": size, "mode": mode}),
               Side("floor", "publish", {"size": size, "form": "headers" if mode == "headers" else "plain"}), "encode floor", count, reach=reach, peers=peers,
               peer_count=max(count // 5, 20), **how)


def receive(size, count, reach=None, mode="next", form="plain", server="source", peers=(*CLIENTS, LOOP), **how):
    names = {"next": "`next`", "try_next": "`try_next`", "next_batch": "`next_batch`", "callback": "callback"}
    sized = shown(size) + (" with headers" if form == "headers" else "") + ("" if server == "source" else " through nats-server")
    return Row(f"receive {sized}, {names[mode]}", server,
               Side("innate", "receive", {"size": size, "mode": mode, "form": form}),
               Side("floor", "receive", {"size": size, "form": form}), "walk floor", count, reach=reach, peers=peers,
               peer_count=max(count // 10, 20), **how)


def request(name, metric, reach, size=16):
    return Row(name, "server", Side("innate", "request", {"size": size}), Side("floor", "request", {"size": size}),
               "raw requester", 3000, metric=metric, reach=reach, peers=CLIENTS, peer_count=2000)


def dispatch(name, extra, **how):
    return Row(name, "source", Side("innate", "dispatch", extra), Side("innate", "dispatch"), "one subscription", 500_000, **how)


def typed(scenario, reach):
    what = scenario.replace("_", " ")
    return Row(f"{what} of `agent.inbox`", "sink" if scenario == "typed_publish" else "source",
               Side("innate", scenario, {"mode": "typed"}), Side("innate", scenario, {"mode": "plain"}), "plain, same bytes",
               500_000, kind="added", reach=reach)


def route(templates, client="innate"):
    extra = {} if client == "route_400" else {"templates": templates}
    return Row(f"router, {templates} templates", None, Side(client, "route", extra), Side("innate", "route", {"templates": 4}),
               "router, 4 templates", 1_000_000)


# In the order of the table: first what has a figure to reach, then what is shown besides.
ROWS = (
    publish(16, 3_000_000, 2.0),
    publish(16, 3_000_000, 3.0, mode="await", peers=()),
    publish(128, 1_500_000, 1.6),
    publish(1 << 10, 600_000, 1.2),
    publish(16 << 10, 60_000, 1.1),
    receive(16, 2_000_000, 4.0),
    receive(16, 2_000_000, 3.0, mode="try_next", peers=()),
    receive(16, 2_000_000, 3.0, mode="next_batch", peers=()),
    receive(16, 2_000_000, 3.0, mode="callback", peers=()),
    receive(128, 1_000_000, 3.0),
    receive(1 << 10, 600_000, 1.5),
    receive(16 << 10, 50_000, 1.2),
    request("request 16 B through nats-server, p50", "p50", 1.1),
    request("request 16 B through nats-server, CPU", "cpu", 1.5),
    typed("typed_publish", 45),
    typed("typed_receive", 150),
    dispatch("100 000 subscriptions, traffic on one", {"subscriptions": 100_000}, reach=1.2),
    dispatch("100 000 subscriptions, traffic at random", {"subscriptions": 100_000, "spread": "random"}, kind="added", reach=150),
    # Without a figure.
    publish(16, 1_000_000, mode="headers", peers=()),
    publish(16 << 10, 20_000, mode="owned", peers=()),
    publish(1 << 20, 400, mode="owned", peers=()),
    publish(1 << 20, 400),
    receive(16, 1_000_000, form="headers"),
    receive(1 << 20, 400),
    Row("request 16 B, 64 in flight", "server", Side("innate", "request", {"in-flight": 64}), Side("innate", "request"),
        "one at a time", 5000),
    dispatch("10 000 subscriptions, traffic at random", {"subscriptions": 10_000, "spread": "random"}, kind="added"),
    Row("fan-out to 16 subscriptions", "server", Side("innate", "fan_out"), Side("floor", "receive"), "walk floor", 200_000),
    Row("`shared_handle` from 4 threads", "sink", Side("innate", "shared"), Side("innate", "publish"), "`try_publish`", 500_000),
    route(40),
    route(400, "route_400"),
    publish(16, 500_000, server="server", in_short=False),
    publish(1 << 10, 100_000, server="server", in_short=False),
    receive(16, 500_000, server="server", in_short=False, peers=("nats.c", "nats.go")),
    receive(1 << 10, 100_000, server="server", in_short=False, peers=("nats.c", "nats.go")),
)
