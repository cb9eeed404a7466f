#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a PDB of more than 100 MB for benchmarks: big_pdb.py DIR [FILES [FUNCTIONS]].

Writes C++ sources with a structure and a function each, inlined calls and locals, compiles them with
clang (as clang-cl) for x64 and links them with lld-link. DIR then has big.exe, big.pdb and addresses.txt,
1,000 addresses (RVAs) spread evenly over the code.
"""
import concurrent.futures
import os
import random
import shutil
import struct
import subprocess
import sys


def tool(name):
    for candidate in (name, name + "-19", name + "-20", name + "-18"):
        if shutil.which(candidate):
            return candidate
    sys.exit(name + " is not in PATH")


def source(index, functions, rng):
    lines = ['#include "big.h"', "namespace subsystem_%02d {" % index]
    for f in range(functions):
        owner = "ConnectionDispatcherContext_%02d_%04d" % (index, f)
        lines.append("struct %s : BaseContext {" % owner)
        for m in range(50):
            kind = ("int", "unsigned long long", "BaseContext *", "unsigned char", "short")[(f + m) % 5]
            lines.append("  %s configurationParameterNumber%02dOfDispatcher;" % (kind, m))
        lines.append("  int evaluateAllParameters(int depth, BaseContext *other);")
        lines.append("};")
        member = "configurationParameterNumber%02dOfDispatcher" % rng.randrange(0, 20, 5)
        lines.append("int %s::evaluateAllParameters(int depth, BaseContext *other) {" % owner)
        lines.append("  int localAccumulator = weightOf(depth, other->priority);")
        lines.append("  for (int i = 0; i < depth; i++)")
        lines.append("    localAccumulator += weightOf(i ^ %d, priority) + sink;" % rng.randrange(1 << 20))
        lines.append("  if (localAccumulator & %d)" % rng.randrange(1, 64))
        lines.append("    sink = localAccumulator + (int)(long long)%s;" % member)
        lines.append("  return localAccumulator * %d;" % rng.randrange(3, 99))
        lines.append("}")
        lines.append("")
    lines.append("}")
    return "\n".join(lines)


HEADER = """#pragma once
extern volatile int sink;
struct BaseContext { int priority; BaseContext *next; };
__forceinline int weightOf(int depth, int priority) {
  int weight = depth * priority;
  return weight > 100 ? weight - 100
                      : weight;
}
"""


def code_section(image):
    with open(image, "rb") as f:
        data = f.read(4096)
    pe = struct.unpack_from("<I", data, 60)[0]
    table = pe + 24 + struct.unpack_from("<H", data, pe + 20)[0]
    size, start = struct.unpack_from("<II", data, table + 8)
    return start, size


def main():
    folder = sys.argv[1]
    files = int(sys.argv[2]) if len(sys.argv) > 2 else 52
    functions = int(sys.argv[3]) if len(sys.argv) > 3 else 500
    os.makedirs(folder, exist_ok=True)
    rng = random.Random(7)
    with open(os.path.join(folder, "big.h"), "w") as f:
        f.write(HEADER)
    with open(os.path.join(folder, "main.cpp"), "w") as f:
        f.write("volatile int sink; extern \"C\" int entry() { return sink; }\n")
    names = ["main.cpp"]
    for i in range(files):
        names.append("big%02d.cpp" % i)
        with open(os.path.join(folder, names[-1]), "w") as f:
            f.write(source(i, functions, rng))
    clang = tool("clang")

    def compile_one(name):
        subprocess.check_call(
            [clang, "--driver-mode=cl", "--target=x86_64-pc-windows-msvc", "/Z7", "/O1", "/GS-", "/GR-", "/c", name],
            cwd=folder)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(compile_one, names))
    objects = [n.replace(".cpp", ".obj") for n in names]
    subprocess.check_call(
        [tool("lld-link"), "/debug", "/nodefaultlib", "/entry:entry", "/subsystem:console", "/opt:noref", "/opt:noicf",
         "/out:big.exe", "/pdb:big.pdb"] + objects, cwd=folder)
    start, size = code_section(os.path.join(folder, "big.exe"))
    with open(os.path.join(folder, "addresses.txt"), "w") as f:
        for i in range(1000):
            f.write("0x%x\n" % (start + size * i // 1000 + 3))
    print(os.path.getsize(os.path.join(folder, "big.pdb")), "bytes in", os.path.join(folder, "big.pdb"))


if __name__ == "__main__":
    main()
