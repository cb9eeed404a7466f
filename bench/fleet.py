#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a fleet of dumps for `jkd triage`: fleet.py OUT COUNT BROKEN DUMP...

Each is a copy of one of the dumps with another time of crash; BROKEN of them are broken in a way that no reader can overlook:
cut to a part of their length, without the signature, or with a header whose sizes exceed the file. OUT/broken.txt lists these.
"""
import os
import random
import struct
import sys

DAY = 864_000_000_000  # in units of 100 ns


def main() -> None:
    out, count, broken = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    sources = [open(name, "rb").read() for name in sys.argv[4:]]
    rng = random.Random(1)
    os.makedirs(out, exist_ok=True)
    chosen = set(rng.sample(range(count), broken))
    listed = []
    for i in range(count):
        data = bytearray(sources[i % len(sources)])
        wide = data[4:8] == b"DU64"
        at = 0xFA8 if wide else 0xFC0
        if data[:4] == b"PAGE":
            time = struct.unpack_from("<Q", data, at)[0]
            struct.pack_into("<Q", data, at, time + rng.randrange(60) * DAY)
        name = "d%05d.dmp" % i
        if i in chosen:
            kind = ("cut", "signature", "sizes")[len(listed) % 3]
            if kind == "cut":
                del data[rng.randrange(16, len(data) * 7 // 10):]
            elif kind == "signature":
                data[rng.randrange(4)] ^= 0x20
            else:
                lie(data, wide)
            listed.append("%s %s" % (name, kind))
        with open(os.path.join(out, name), "wb") as file:
            file.write(data)
    with open(os.path.join(out, "broken.txt"), "w", encoding="ascii") as file:
        file.write("\n".join(listed) + "\n")


def lie(data: bytearray, wide: bool) -> None:
    """Sizes and places that exceed the file: of a user minidump its directory's, of others those behind the header."""
    if data[:4] == b"MDMP":
        struct.pack_into("<I", data, 12, 0x7FFFFFF0)
        return
    header = 0x2000 if wide else 0x1000
    for at in range(header + 8, header + 0x40, 4):
        if struct.unpack_from("<I", data, at)[0]:
            struct.pack_into("<I", data, at, 0x7FFFFFF0)


if __name__ == "__main__":
    main()
