# SPDX-License-Identifier: Apache-2.0
"""What the library costs a compiler and a program file."""

import os
import subprocess
import tempfile
from statistics import median

from compare import Figure

EVENT = """
struct payload_{i} {{
  std::string_view id{{}};
  std::string_view text{{}};
  int count = 0;
  double ratio = 0;
  using payload_fields = innate::fields<innate::field<"id", &payload_{i}::id>, innate::field<"text", &payload_{i}::text>,
                                        innate::field<"count", &payload_{i}::count>, innate::field<"ratio", &payload_{i}::ratio>>;
}};
using event_{i} = innate::event<"shop.{{id}}.e{i}.created", payload_{i}>;
std::error_code send_{i}(innate::connection& nc, std::string_view id, const payload_{i}& p) {{
  return nc.try_publish<event_{i}>("id"_p = id, p);
}}
int take_{i}(innate::event_subscription<event_{i}>& sub) {{
  const auto ev = sub.try_next();
  return ev ? (*ev)->count : 0;
}}
"""


class Compiler:
    def __init__(self, root):
        self.root, self.work = root, tempfile.TemporaryDirectory()
        self.base = ["g++", "-std=c++20", "-DASIO_STANDALONE", "-DNDEBUG", "-I" + os.path.join(root, "include"),
                     "-isystem", os.environ["INNATE_ASIO"], "-pthread"]

    def out(self, name):
        return os.path.join(self.work.name, name)

    def write(self, name, text):
        with open(self.out(name), "w") as file:
            file.write(text)
        return self.out(name)

    def cpu(self, *arguments):
        """Seconds of CPU that one compilation takes, without any cache of compilations."""
        process = subprocess.Popen(self.base + list(arguments), env={**os.environ, "CCACHE_DISABLE": "1"})
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise RuntimeError("cannot compile " + " ".join(arguments))
        return usage.ru_utime + usage.ru_stime

    def program(self, source, name, *flags):
        return self.cpu(*flags, os.path.join(self.root, source), "-o", self.out(name))

    def minimal(self, pairs):
        """Ratios to a bare Asio loop of a minimal program, and of one whose connection is compiled apart; the loop's seconds."""
        apart = "-DINNATE_SEPARATE_COMPILATION"
        library = self.out("library.o")
        self.cpu("-O2", apart, "-c", self.write("library.cpp", "#include <innate/src.hpp>\n"), "-o", library)
        whole, part, bare = [], [], []
        for _ in range(pairs):
            bare.append(self.program("bench/compile/bare_asio.cpp", "bare", "-O2"))
            whole.append(self.program("examples/first_program.cpp", "minimal", "-O2") / bare[-1])
            part.append(self.program("examples/first_program.cpp", "part", "-O2", apart, library) / bare[-1])
        return Figure(whole), Figure(part), median(bare)

    def sizes(self):
        """Bytes of the stripped minimal program, and of the same on raw sockets."""
        self.program("examples/first_program.cpp", "minimal", "-O2", "-s")
        self.program("bench/compile/raw_sockets.cpp", "raw", "-O2", "-s")
        return os.path.getsize(self.out("minimal")), os.path.getsize(self.out("raw"))

    def header(self, name):
        """Seconds to parse one header."""
        return self.cpu("-fsyntax-only", self.write("header.cpp", f"#include <{name}>\n"))

    def public_headers(self):
        folder = os.path.join(self.root, "include/innate")
        return ["innate/" + name for name in sorted(os.listdir(folder)) if name.endswith(".hpp") and name != "src.hpp"]

    def one_more_event(self, runs):
        """Seconds that one more event with four fields, published and received, adds to a translation unit."""
        few, more = 5, 25
        return Figure((self._events(more) - self._events(few)) / (more - few) for _ in range(runs))

    def _events(self, count):
        head = "#include <innate/innate.hpp>\n#include <innate/typed.hpp>\nusing namespace innate::literals;\n"
        source = self.write("events.cpp", head + "".join(EVENT.format(i=i) for i in range(count)))
        return self.cpu("-O2", "-c", source, "-o", self.out("events.o"))
