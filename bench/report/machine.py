# SPDX-License-Identifier: Apache-2.0
"""Which machine, which versions."""

import os
import platform
import re
import subprocess

from programs import CLIENTS


def first_line(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=60).stdout.splitlines()[0].strip()
    except (OSError, IndexError):
        return "none"


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def asio_version():
    number = re.search(r"#define ASIO_VERSION (\d+)", read(os.path.join(os.environ["INNATE_ASIO"], "asio/version.hpp")))
    n = int(number.group(1))
    return f"{n // 100000}.{n // 100 % 1000}.{n % 100}"


def describe(programs, peers):
    """Pairs of a name and what there is."""
    model = re.search(r"model name\s*: (.*)", read("/proc/cpuinfo"))
    system = re.search(r'PRETTY_NAME="(.*)"', read("/etc/os-release"))
    yield "processor", f"{model.group(1) if model else platform.machine()}, {os.cpu_count()} cores"
    yield "system", f"{system.group(1) if system else platform.system()}, Linux {platform.release().split('-')[0]}"
    yield "load before", " ".join(f"{load:.1f}" for load in os.getloadavg())
    yield "compiler", first_line("g++", "--version") + ", -O2 -DNDEBUG"
    yield "Asio", asio_version()
    yield "nats-server", first_line(programs.server_binary or "nats-server", "--version").removeprefix("nats-server: ")
    for peer in CLIENTS:
        yield peer, peers.get(peer, "not installed, skipped")
