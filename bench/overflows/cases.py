# SPDX-License-Identifier: Apache-2.0
"""Builds, executes and writes cases: cases.py OUTPUT [x86|x64] [first seed] [count]."""
import json
import os
import random
import re
import shutil
import subprocess
import sys
import traceback

import dumps
from machine import Frame, Image, Machine, PAGE
from programs import Writer

HERE = os.path.dirname(os.path.abspath(__file__))
CLANG, LINK = "clang-19", "lld-link-19"
TARGET = {False: "i686-pc-windows-msvc", True: "x86_64-pc-windows-msvc"}
GCC = {False: "i686-w64-mingw32-gcc", True: "x86_64-w64-mingw32-gcc"}
CLANG_STYLES = {
    False: ["/O2 /Oy-", "/O2 /Oy", "/O1 /Oy-", "/O1 /Oy", "/Od", "/O2 /Oy- /GS", "/O2 /Oy /GS", "/O2 /Oy /Gs128", "/O1 /Oy- /Gs256", "/O2 /Oy /hotpatch",
            "/O2 /Oy- /guard:cf", "/O2 /Oy /guard:cf", "/O2 /Oy /clang:-mretpoline", "/O2 /Oy /clang:-fno-optimize-sibling-calls", "/O2 /Oy- /arch:IA32", "/O2 /Oy /clang:-mstackrealign",
            "/O2 /Oy -mllvm -hot-cold-split=true", "/O1 /Oy -mllvm -enable-shrink-wrap=true", "/O2 /Oy /clang:-Oz"],
    True: ["/O2", "/O1", "/Od", "/O2 /GS", "/O2 /Oy-", "/O2 /guard:cf", "/O2 /Gs128", "/O2 /hotpatch", "/O2 -mllvm -hot-cold-split=true", "/O1 /GS", "/O2 /clang:-Oz", "/O2 /clang:-mretpoline",
           "/O2 /clang:-fno-optimize-sibling-calls"]}
GCC_STYLES = {
    False: ["-O2 -fomit-frame-pointer", "-O2 -fno-omit-frame-pointer", "-Os", "-O1", "-O0", "-O3 -fomit-frame-pointer", "-O2 -fomit-frame-pointer -maccumulate-outgoing-args",
            "-O2 -fomit-frame-pointer -mno-accumulate-outgoing-args -mpreferred-stack-boundary=2", "-O2 -mstackrealign", "-Os -fomit-frame-pointer -mpreferred-stack-boundary=2"],
    True: ["-O2", "-Os", "-O1", "-O0", "-O3", "-O2 -fno-omit-frame-pointer", "-O2 -fno-shrink-wrap"]}
PRODUCTS = "ash birch cedar elm fir hazel larch maple oak pine rowan willow".split()


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(" ".join(command) + "\n" + done.stderr[:3000] + done.stdout[:1000])


class Builder:
    def __init__(self, folder, wide, seed):
        self.folder, self.wide, self.seed = folder, wide, seed
        self.rng = random.Random(f"{seed}/{wide}")
        self.libraries = []
        os.makedirs(folder, exist_ok=True)
        self.bits = "64" if wide else "86"

    def assemble(self, name):
        out = f"{self.folder}/{name}.obj"
        run(CLANG, f"--target={TARGET[self.wide]}", "-g0", "-c", f"{HERE}/{name}.s", "-o", out)
        return out

    def clang(self, source, style, out):
        run(CLANG, "--driver-mode=cl", f"--target={TARGET[self.wide]}", "/c", "/Z7", "/Zl", "/Zc:threadSafeInit-", "/GR-", "/EHs-c-", "/w", "/I" + HERE,
            *(["/GS-"] if "/GS" not in style.split() else []), *style.split(), "/clang:-fno-builtin-memset", source, "/Fo" + out)

    def gcc(self, source, style, out):
        compiler = GCC[self.wide]
        if source.endswith("cpp"):
            compiler = compiler.replace("gcc", "g++")
        run(compiler, "-c", "-w", "-ffreestanding", "-fno-ident", "-fno-exceptions" if source.endswith("cpp") else "-fno-common", *(["-fno-rtti"] if source.endswith("cpp") else []),
            "-mno-sse" if not self.wide else "-mno-avx", *style.split(), "-I" + HERE, source, "-o", out)

    def link(self, name, file_name, objects, entry, extra=()):
        out = f"{self.folder}/{file_name}"
        stem = file_name.rsplit(".", 1)[0]
        run(LINK, "/nologo", "/driver", "/subsystem:native", "/nodefaultlib", "/dll", f"/machine:{'x64' if self.wide else 'x86'}", f"/entry:{entry}", "/debug", f"/pdb:{self.folder}/{stem}.pdb",
            "/pdbaltpath:" + stem + ".pdb", f"/timestamp:{0x4B000000 + self.rng.randrange(1 << 24)}", "/base:0x10000" if not self.wide else "/base:0x140000000",
            f"/map:{self.folder}/{stem}.map", f"/implib:{self.folder}/{stem}.lib", f"/out:{out}", "/opt:ref", *(["/safeseh:no"] if not self.wide else []), *extra, *objects, *self.libraries)
        return out

    def symbols(self, image, stem):
        base = image.preferred
        found = []
        for line in open(f"{self.folder}/{stem}.map", errors="replace"):
            m = re.match(r"\s*[0-9a-f]{4}:[0-9a-f]{8}\s+(\S+)\s+([0-9a-f]{8,16})\s", line)
            if m:
                found.append((int(m[2], 16) - base, m[1]))
        image.symbols = sorted(found)
        image.by_name = {n: image.base + a for a, n in found}


class Case:
    def __init__(self, output, wide, seed):
        self.wide, self.seed = wide, seed
        self.name = f"unseen-{'x64' if wide else 'x86'}-{seed}"
        self.folder = os.path.join(output, self.name)
        self.work = os.path.join(output, "work", self.name)
        shutil.rmtree(self.work, ignore_errors=True)
        self.builder = Builder(self.work, wide, seed)
        self.rng = random.Random(f"case {seed} {wide}")
        self.layout = dumps.Layout(wide)
        self.images, self.styles = [], {}

    def load(self, name, file_name, base):
        path = f"{self.work}/{file_name}"
        image = Image(name, path, base)
        image.file_name = file_name
        self.builder.symbols(image, file_name.rsplit(".", 1)[0])
        self.images.append(image)
        return image

    def build(self):
        b, rng, wide = self.builder, self.rng, self.wide
        support = b.assemble("support" + b.bits)
        kernel = f"{b.folder}/nt.obj"
        style = rng.choice(["/O2 /Oy-", "/O2 /Oy", "/O1 /Oy-", "/O1 /Oy"] if not wide else ["/O2", "/O1", "/O2 /GS"])
        b.clang(f"{HERE}/nt.c", style, kernel)
        b.link("nt", "ntoskrnl.exe", [kernel, b.assemble("nt" + b.bits), support], "KiSystemStartup")
        b.libraries.append(f"{b.folder}/ntoskrnl.lib")
        base = 0xFFFFF80002A00000 if wide else 0x80800000
        self.load("nt", "ntoskrnl.exe", base + rng.randrange(16) * 0x10000)
        self.styles["nt"] = style
        stubs = b.assemble("stubs" + b.bits) if os.path.exists(f"{HERE}/stubs{b.bits}.s") else None
        names = re.findall(r"^(?:STUB|\.globl) (\w+)$", open(f"{HERE}/stubs{b.bits}.s").read(), re.M) if stubs else []
        imports, at = [], (0xFFFFF88000D00000 if wide else 0xF7000000)
        products = rng.sample(PRODUCTS, rng.randint(4, 7))
        for product in products:
            gcc = rng.random() < 0.3
            cpp = not gcc and rng.random() < 0.4
            style = rng.choice((GCC_STYLES if gcc else CLANG_STYLES)[wide])
            seh = not gcc and rng.random() < 0.5
            prefix = product[:2].capitalize()
            mine = rng.sample(imports, min(len(imports), 3))
            w = Writer(self.seed, prefix, wide, cpp, gcc, seh, mine, {"stubs": names if rng.random() < 0.6 else []})
            source = f"{b.folder}/{product}.{'cpp' if cpp else 'c'}"
            open(source, "w").write(w.source())
            (b.gcc if gcc else b.clang)(source, style, f"{b.folder}/{product}.obj")
            b.link(product, product + ".sys", [f"{b.folder}/{product}.obj", support] + ([stubs] if stubs else []), "DriverEntry",
                   [f"/export:{f.signature.decorated(f.name, wide)}" for f in w.exports()] if gcc else [])
            b.libraries.append(f"{b.folder}/{product}.lib")
            imports += [f for f in w.exports() if all(t != "Triple" for t in f.signature.arguments) and f.signature.result != "Triple"]
            self.load(product, product + ".sys", at)
            at += 0x40000 + rng.randrange(64) * PAGE
            self.styles[product] = ("gcc " if gcc else "clang ") + style + (" c++" if cpp else "") + (" seh" if seh else "")

    def execute(self):
        rng, wide, l = self.rng, self.wide, self.layout
        nt = self.images[0]
        stack_size = 0x6000 if wide else 0x3000
        base = (0xFFFFF88002700000 if wide else 0xB8000000) + rng.randrange(256) * 0x10000 + 0x8000
        limit = base - stack_size
        stacks = [("thread", limit, base), ("dpc", l.dpc_stack - (0x6000 if wide else 0x3000), l.dpc_stack)]
        m = self.machine = Machine(wide, self.images, stacks)
        e = m.emulator
        width = m.width
        for at, size in ((l.pcr, 0x6000), (l.thread, 0x1000), (l.process, 0x1000), (l.pool, 0x100000)):
            if not any(r[0] <= at & -PAGE < r[0] + r[1] for r in m.regions):
                m.commit(at, size)
        m.entries = {n: self.entry(nt, n) for n in ("KiTrap0E", "KiInterrupt", "KiFastCallEntry" if not wide else "KiSystemCall64", "KiFaultAddress", "KiUserReturn", "KiSystemService" if not wide else "KiServiceInternal", "KiThreadEntry")}
        put = lambda at, value, n=width: e.write(at, value.to_bytes(n, "little"))
        initial = base
        esp0 = base - 0x210 - 0x10
        if wide:
            from emulator import GS_BASE
            e.set_number(GS_BASE, l.pcr)
            put(l.pcr + 0x188, l.thread)
            put(l.pcr + 0x180 + 0x21C0, l.dpc_stack)
            put(l.pcr + 0x1A8, base - 0x40)
        else:
            e.fs_base(l.gdt, l.pcr)
            put(l.pcr + 0x124, l.thread)
            put(l.pcr + 0x40, l.tss)
            put(l.tss + 4, esp0)
            put(l.pcr, 0xFFFFFFFF)
            put(l.pcr + 0x120 + 0x948, l.dpc_stack)
        pool = nt.exports["ExpPool"]
        for i, value in enumerate((l.pool, l.pool, l.pool + 0xF0000)):
            put(pool + i * width, value)
        meter = nt.exports["KeMeter"]
        e.write(meter, bytes(20))
        # the drivers' entries, on the same stack
        stop = 0x1000
        for i, image in enumerate(self.images[1:]):
            driver = l.pool + 0xF0000 + i * 0x200
            e.set(e.sp, base - 0x400)
            if wide:
                e.set("rcx", driver)
                e.set("rdx", i)
                e.set(e.sp, base - 0x400 - 0x28)
            else:
                put(base - 0x400 + 4, driver)
                put(base - 0x400 + 8, i)
            put(e.get(e.sp), stop)
            e.set(e.ip, image.base + image.entry)
            error = e.run(e.get(e.ip), stop)
            if error or e.get(e.ip) != stop:
                raise RuntimeError(f"{image.name}: entry ended with {error} at {m.symbol(e.get(e.ip))}")
        m.frames.clear()
        m.called = None
        m.instructions = 0
        m.service = m.entries["KiServiceInternal"] if wide else 0
        views = nt.exports["MmPagedViews"]
        count = rng.choice([0, 6, 20])
        for i in range(64):
            if i < count:
                view = (0xFFFFF98000100000 if wide else 0xC1000000) + i * 0x10000
                m.paged[view] = bytes(rng.randrange(256) for _ in range(PAGE))
                put(views + rng.randrange(64) * width, view)
        for name, value in zip(("depth", "cap", "denied", "slack", "seed"), (0, rng.randint(4, 30), 0, rng.choice([4, 12, 40, 100]), rng.randrange(1 << 32))):
            put(meter + 4 * ("depth", "cap", "denied", "slack", "seed").index(name), value, 4)
        worker = rng.random() < 0.15
        self.worker = worker
        if rng.random() < 0.25:
            m.interrupt = rng.randrange(2000, 60000)
            put(self.entry(nt, "KiVector"), rng.randrange(64), 4)
        put(self.entry(nt, "KiUserService"), rng.randrange(4), 4)
        for n in "rbx rsi rdi r12 r13 r14 r15 rbp".split() if wide else "ebx esi edi ebp".split():
            e.set(n, rng.randrange(1 << 31))
        if worker:
            sp = base - (0x60 if wide else 0x230)
            e.set(e.sp, sp)
            put(sp, self.entry(nt, "PspSystemThread"))
            start = m.entries["KiThreadEntry"]
        else:
            start = m.entries["KiSystemCall64" if wide else "KiFastCallEntry"]
            e.set(e.sp, base - 0x100)
        self.stack = (limit, base)
        self.initial = initial
        reason = m.run(start, 4_000_000)
        self.reason = reason
        if reason != "overflow":
            raise RuntimeError(f"{reason} at {m.symbol(e.get(e.ip))} after {m.instructions}, sp {e.get(e.sp):x}, depth {int.from_bytes(e.read(meter, 4), 'little')}/{int.from_bytes(e.read(meter + 4, 4), 'little')}")
        m.drop_returned(e.get(e.sp))
        m.find_moved()

    def entry(self, image, name):
        if name in image.exports:
            return image.exports[name]
        for key in ("_" + name, name):
            if key in image.by_name:
                return image.by_name[key]
        found = [a for n, a in image.by_name.items() if n.lstrip("_@").split("@")[0] == name]
        if found:
            return found[0]
        raise KeyError(name)

    def truth(self):
        m, e, wide = self.machine, self.machine.emulator, self.wide
        registers = e.registers()
        sp, ip = registers[e.sp], registers[e.ip]
        limit, base = self.stack
        frames = []
        service = m.entries["KiSystemService" if not wide else "KiServiceInternal"]
        at, resume, here = ip, sp, m.stack_of(sp)
        # user boundary
        live = list(reversed(m.frames))
        if not self.worker:
            if wide:
                frame = base - 0x40 - 0x190
                live.append(Frame(frame + 0x168, 0x77A2101A, "syscall", None, m.entries["KiSystemCall64"]))
            else:
                frame = base - 0x29C
                live.append(Frame(frame + 0x68, 0x7C90EB94, "syscall", None, m.entries["KiFastCallEntry"]))
            self.trap_frame = frame
        else:
            self.trap_frame = 0
        totals = {}
        target = m.stack_of(live[0].slot)
        for f in live:
            kind, after = f.kind, f.slot + m.width
            if f.resume:
                after = f.resume
            elif f.entry == service:
                kind = "syscall"
                if not wide:
                    after = f.slot + 12
            stack = m.stack_of(f.slot)
            image = m.image_at(at)
            size = after - resume if m.stack_of(resume) == stack else None
            if size is not None and stack == target:
                name = image.name if image else "?"
                totals[name] = totals.get(name, 0) + size
            back = m.image_at(f.word)
            frames.append({"slot": hex(f.slot), "return": hex(f.word), "kind": kind, "stack": stack[0], "instruction": hex(at),
                           "symbol": m.symbol(at), "return_symbol": m.symbol(f.word) if back else hex(f.word), "callee_entry": hex(f.entry), "bytes": size,
                           "slot_intact": e.word(f.slot) == f.word})
            at, resume = f.word, after
        code = ["0x7f", "0x8", "0x80042000" if not wide else "0x80050031", "0x0" if not wide else "0x6f8", "0x0" if not wide else hex(ip)]
        return {
            "case": self.name, "arch": "x64" if wide else "x86", "seed": self.seed,
            "bugcheck": {"code": code[0], "parameters": code[1:]},
            "fault": {"ip": hex(ip), "sp": hex(sp), "bp": hex(registers["rbp" if wide else "ebp"]), "address": hex(e.last_touch), "symbol": m.symbol(ip), "sp_error_bit": None, "true_sp": None},
            "registers": {k: hex(v) for k, v in registers.items()}, "verdict": "kernel stack overflow",
            "thread": {"address": hex(self.layout.thread), "stack_base": hex(base), "stack_limit": hex(limit)},
            "stack": {"name": target[0], "base": hex(target[2]), "limit": hex(target[1])},
            "modules": [{"name": i.name, "file": i.file_name, "base": hex(i.base), "size": hex(i.size), "timestamp": hex(i.timestamp), "compiler": self.styles[i.name]} for i in m.images],
            "frames": frames, "totals": totals, "instructions": m.instructions}

    def double_fault(self, registers):
        """The frames of the double fault's handler on its own stack: (current registers), (address, bytes)."""
        nt, top = self.images[0], self.layout.fault_stack
        frame = bytearray(0x190)
        put = lambda at, value: frame.__setitem__(slice(at, at + 8), value.to_bytes(8, "little"))
        for at, name in ((0x30, "rax"), (0x38, "rcx"), (0x40, "rdx"), (0x48, "r8"), (0x50, "r9"), (0x58, "r10"), (0x60, "r11"), (0x158, "rbp"), (0x168, "rip"), (0x178, "eflags"), (0x180, "rsp")):
            put(at, registers[name])
        put(0x170, 0x10), put(0x188, 0x18)
        def after_call(name):
            start = self.entry(nt, name) - nt.base
            at = next(i for i in range(start, start + 200) if nt.memory[i] == 0xE8 and nt.memory[i + 5] == 0xCC)
            return nt.base + at + 5
        words = after_call("KiBugCheckDispatch").to_bytes(8, "little") + bytes(0x138) + after_call("KiDoubleFaultAbort").to_bytes(8, "little") + bytes(frame)
        sp = top - len(words)
        return (self.entry(nt, "KeBugCheckEx"), sp, top - 0x190 + 0x80), (sp, words)

    def write(self):
        m, e = self.machine, self.machine.emulator
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        truth = self.truth()
        json.dump(truth, open(f"{self.folder}/truth.json", "w"), indent=1)
        registers = e.registers()
        nt = self.images[0]
        limit, base = self.stack
        l = self.layout
        if self.wide:
            current, fault_words = self.double_fault(registers)
        else:
            current = (self.entry(nt, "KiTrap08") + 2, l.fault_stack - 0x20, 0)
        bug = [int(x, 16) for x in [truth["bugcheck"]["code"]] + truth["bugcheck"]["parameters"]]
        fault = {"address": e.last_touch}
        s = dumps.Snapshot(self.wide, m.images, (limit, base, self.initial if not self.wide else base - 0x40, self.trap_frame), fault, registers, bug, current)
        missing = {p for i in self.images[1:] for p in range(i.base, i.base + i.size, PAGE) if self.rng.random() < 0.03}
        for at, size in m.regions:
            for page in range(at, at + size, PAGE):
                content = e.read(page, PAGE)
                if page not in missing and (any(content) or at != l.pool):
                    s.memory[page] = bytearray(content)
        if self.wide:
            s.memory.raw(*fault_words)
        s.build()
        s.complete(f"{self.folder}/KERNEL.DMP")
        top = max(registers[e.sp] & -16, limit)
        stack = (top, base)
        if self.rng.random() < 0.3:
            stack = (top, min(base, top + (0x4000 if self.wide else 0x2800)))
        s.small(f"{self.folder}/MINI.DMP", stack, [(page, PAGE) for page in sorted({registers[e.ip] & -PAGE}) if page in s.memory])
        for image in self.images:
            stem = image.file_name.rsplit(".", 1)[0]
            folder = f"{self.folder}/images/{image.file_name}/{image.timestamp:08X}{image.size:x}"
            os.makedirs(folder)
            shutil.copy(image.path, folder)
            pdb, key = image.pdb
            folder = f"{self.folder}/symbols/{pdb}/{key}"
            os.makedirs(folder)
            shutil.copy(f"{self.work}/{stem}.pdb", folder)
        return truth


def main(argv):
    output, arch = argv[1], argv[2] if len(argv) > 2 else "x86"
    first, count = int(argv[3]) if len(argv) > 3 else 1, int(argv[4]) if len(argv) > 4 else 1
    for seed in range(first, first + count):
        case = Case(output, arch == "x64", seed)
        try:
            case.build()
            case.execute()
            truth = case.write()
            kinds = {}
            for f in truth["frames"]:
                kinds[f["kind"]] = kinds.get(f["kind"], 0) + 1
            print(case.name, len(truth["frames"]), kinds, truth["instructions"], truth["fault"]["symbol"], "lost", sum(not f["slot_intact"] for f in truth["frames"]), flush=True)
        except Exception as problem:
            print(case.name, "failed:", str(problem)[:1500], flush=True)
            if os.environ.get("TRACE"):
                traceback.print_exc()
        case.machine = None


if __name__ == "__main__":
    main(sys.argv)
