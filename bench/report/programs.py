# SPDX-License-Identifier: Apache-2.0
"""The programs that are measured, and the servers they talk to."""

import json
import os
import shutil
import socket
import subprocess
import time

CLIENTS = ("nats.c", "nats.go", "nats.js", "nats_asio")
LOOP = "bare Asio"  # no client, but what an event loop adds to the walk floor


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Programs:
    """Starts each server when it is first needed; `close` ends those it started."""

    def __init__(self, root, build):
        self.root, self.build = root, build
        self.server_binary = os.environ.get("INNATE_NATS_SERVER") or shutil.which("nats-server")
        self._started, self._ports = [], {}

    def path(self, name):
        return os.path.join(self.build, "bench", name)

    # --- clients

    def command(self, client):
        if client == "nats.js":
            return ["node", os.path.join(self.root, "bench/peers/nats_js.mjs")]
        return [self.path({"innate": "innate_client", "nats.c": "nats_c_client", "nats.c counted": "nats_c_counted",
                           "nats.go": "nats_go_client", "nats_asio": "nats_asio_client", "bare Asio": "asio_loop"}.get(client, client))]

    def peers(self):
        """The peers that run here, with their versions."""
        found = {}
        for peer in (*CLIENTS, LOOP):
            try:
                asked = subprocess.run(self.command(peer) + ["version"], capture_output=True, text=True, timeout=60)
            except OSError:
                continue
            if asked.returncode == 0:
                found[peer] = asked.stdout.strip()
        return found

    def run(self, client, scenario, server, arguments, under=()):
        """One run of a client: the line it prints, as a dictionary."""
        port = ["--port", str(self.port(server))] if server else []
        words = [word for name, value in arguments.items() for word in ("--" + name, str(value))]
        command = [*under, *self.command(client), scenario, *port, *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)} failed: {done.stderr.strip()[-2000:]}")
        result = json.loads(done.stdout)
        result["stderr"] = done.stderr
        return result

    # --- servers

    def port(self, server):
        if server not in self._ports:
            self._ports[server] = {"sink": self._loopback, "source": self._loopback, "server": self._nats_server}[server](server)
        return self._ports[server]

    def _start(self, command, **how):
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, **how)
        self._started.append(process)
        return process

    def _start_and_hear(self, command):
        """Starts a server of ours and returns the line that it prints when it is ready."""
        line = self._start(command, stdout=subprocess.PIPE, text=True).stdout.readline()
        if not line:
            raise RuntimeError(f"{' '.join(command)} ended before it was ready")
        return line

    def _loopback(self, name):
        return int(self._start_and_hear([self.path(name)]))

    def _nats_server(self, _):
        if not self.server_binary:
            raise RuntimeError("there is no nats-server: run tools/deps")
        port = free_port()
        self._start([self.server_binary, "-a", "127.0.0.1", "-p", str(port)], stderr=subprocess.DEVNULL)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        for helper in ("replier", "feeder"):
            self._start_and_hear([self.path(helper), "--port", str(port)])
        return port

    def close(self):
        for process in reversed(self._started):
            process.terminate()
            process.wait()
        self._started, self._ports = [], {}
