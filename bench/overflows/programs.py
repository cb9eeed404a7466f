# SPDX-License-Identifier: Apache-2.0
"""Writes drivers at random: functions with every kind of frame, which call one another, the kernel and other drivers."""
import random

SIZES = (4, 8, 12, 20, 24, 36, 48, 64, 96, 132, 200, 264)
BIG = (520, 708, 1040)
HUGE = 4200


class Signature:
    def __init__(self, rng, number, wide, gcc):
        self.number = number
        self.result = rng.choice(["u32"] * 6 + ["u64", "Triple", "void"])
        self.arguments = [rng.choice(["u32"] * 5 + ["void *"] * 4 + ["uptr", "u64", "u8", "u16", "Triple", "Text *"]) for _ in range(rng.choice([0, 1, 1, 2, 2, 3, 3, 4, 5, 7]))]
        self.variadic = bool(self.arguments) and rng.random() < 0.12
        self.convention = "CDE" if self.variadic else rng.choice(["STD", "STD", "STD", "CDE", "CDE", "FAST"])
        self.register_arguments = self.convention == "CDE" and not self.variadic and not wide and gcc and rng.random() < 0.3

    def declare(self, name):
        extra = ", ..." if self.variadic else ""
        text = ", ".join(f"{t} a{i}" for i, t in enumerate(self.arguments)) + extra or "void"
        attribute = "__attribute__((regparm(3))) " if self.register_arguments else ""
        return f"{attribute}{self.result} {self.convention} {name}({text})"

    def pointer(self, name):
        extra = ", ..." if self.variadic else ""
        text = ", ".join(self.arguments) + extra or "void"
        attribute = "__attribute__((regparm(3))) " if self.register_arguments else ""
        return f"{attribute}{self.result} ({self.convention} *{name})({text})"


    def decorated(self, name, wide):
        if wide:
            return name
        size = sum({"u64": 8, "Triple": 12}.get(a, 4) for a in self.arguments)
        return {"CDE": name, "STD": f"_{name}@{size}", "FAST": f"@{name}@{size}"}[self.convention]


class Function:
    def __init__(self, name, signature, exported=False, static=True):
        self.name, self.signature, self.exported, self.static = name, signature, exported, static


class Writer:
    """One driver."""

    def __init__(self, seed, prefix, wide, cpp, gcc, seh, imports, style):
        self.rng = random.Random(f"{seed}/{prefix}")
        self.prefix, self.wide, self.cpp, self.gcc, self.seh = prefix, wide, cpp, gcc, seh
        self.imports, self.style = imports, style
        self.signatures = [Signature(self.rng, i, wide, gcc) for i in range(self.rng.randint(3, 6))]
        self.functions = []
        for i in range(self.rng.randint(10, 22)):
            signature = self.rng.choice(self.signatures)
            exported = i < 2 and not signature.register_arguments
            self.functions.append(Function(f"{prefix}{self.word()}{i}", signature, exported, not exported and self.rng.random() < 0.7))
        self.callbacks = [f"{prefix}{self.word()}Callback{i}" for i in range(self.rng.randint(2, 4))]
        self.dispatches = [f"{prefix}{self.word()}Dispatch{i}" for i in range(self.rng.randint(2, 4))]
        self.completions = [f"{prefix}{self.word()}Done{i}" for i in range(2)]
        self.classes = self.rng.randint(2, 3) if cpp else 0
        self.methods = [self.plain_signature() for _ in range(4)] if cpp else []
        self.unique = 0

    def plain_signature(self):
        while True:
            s = Signature(self.rng, 0, self.wide, self.gcc)
            if not s.variadic and not s.register_arguments:
                return s

    def word(self):
        return self.rng.choice("Open Map Query Flush Cache Lookup Merge Split Verify Encode Decode Resolve Attach Pend Start Finish Route Copy Check Update".split())

    def exports(self):
        return [f for f in self.functions if f.exported]

    # expressions

    def value(self, names):
        r = self.rng
        k = r.random()
        if k < 0.5:
            return r.choice(names)
        if k < 0.65:
            return str(r.choice([0, 1, 3, 16, 0x40, 0x1234, 0x80000005, 0xC000000D]))
        if k < 0.8:
            return f"({r.choice(names)} + {r.randint(1, 99)})"
        return f"({r.choice(names)} ^ {r.choice(names)})"

    def argument(self, kind, names, buffers):
        r = self.rng
        if kind == "void *":
            return r.choice(buffers) if buffers and r.random() < 0.7 else f"&{self.prefix}State"
        if kind == "Text *":
            return f"&{self.prefix}Name"
        if kind == "Triple":
            return f"{self.prefix}Make({self.value(names)})"
        if kind == "u64":
            return f"((u64){self.value(names)} << 32 | {self.value(names)})"
        return f"({kind}){self.value(names)}"

    def invoke(self, target, signature, names, buffers):
        arguments = [self.argument(a, names, buffers) for a in signature.arguments]
        if signature.variadic:
            arguments += [self.value(names) for _ in range(self.rng.randint(0, 4))]
        return f"{target}({', '.join(arguments)})"

    def use(self, call, result, into):
        if result == "void":
            return f"{call};"
        if result == "Triple":
            return f"{{ Triple t = {call}; {into} ^= t.x + t.z; }}"
        return f"{into} ^= (u32){call};" if self.rng.random() < 0.85 else f"(void){call};"

    def down(self, statement):
        k = self.rng.random()
        if k < 0.85:
            return f"if (Deeper()) {{ KeMeter.depth++; {statement} KeMeter.depth--; }}"
        return f"for (n = Draw() % 3; n; n--) if (Deeper()) {{ KeMeter.depth++; {statement} KeMeter.depth--; }}"

    def any_call(self, names, buffers, into, own):
        """A statement with a call that may go deep."""
        r = self.rng
        choices = ["direct"] * 8 + ["table"] * 4 + ["driver"] * 3 + ["service"] * 3 + ["callback"] * 3 + ["import"] * 3 + ["page"] + ["complete"] + ["stub"] * 3
        if self.cpp:
            choices += ["virtual"] * 6
        kind = r.choice(choices)
        if kind == "import" and self.imports:
            f = r.choice(self.imports)
            return self.use(self.invoke(f.name, f.signature, names, buffers), f.signature.result, into)
        if kind == "table":
            s = r.choice([s for s in self.signatures if any(f.signature is s for f in self.functions)])
            count = sum(f.signature is s for f in self.functions)
            return self.use(self.invoke(f"{self.prefix}Table{s.number}[{r.choice(names)} % {count}]", s, names, buffers), s.result, into)
        if kind == "driver":
            return (f"{{ Request *r = IoBuildRequest(device, Draw() & 7, (uptr){into}, {self.value(names)}); r->at[-1].completion = (Draw() & 3) ? 0 : {r.choice(self.completions)}; "
                    f"{into} += IofCallDriver(IoDeviceByNumber({self.value(names)} + Draw()), r); IoReleaseRequest(r); }}")
        if kind == "service":
            buffer = r.choice(buffers) if buffers else f"&{self.prefix}State"
            return r.choice([
                f"{into} += ZwOpenThing(&{self.prefix}Name, {self.value(names)}, {r.choice(names)}, &handle, 3, {buffer});",
                f"{into} += ZwTransfer(handle + {r.choice(names)} % 64, {buffer}, {self.value(names)});",
                f"{into} += ZwControl(handle, {self.value(names)}, {buffer}, 8, {buffer}, {self.value(names)} & 31, 0, 0, 0, 0);",
                f"{into} += ZwForget(handle + {r.choice(names)});"])
        if kind == "callback":
            return r.choice([
                f"{into} += ExForEach({self.prefix}Objects, 1 + ({r.choice(names)} & 1), {r.choice(self.callbacks)}, &{self.prefix}State);",
                f"{into} ^= KeSynchronize(&{self.prefix}State.lock, {r.choice(self.callbacks)}, &{self.prefix}State, {self.value(names)});",
                f"{into} += KeUserlessCallout({r.choice(self.callbacks)}, &{self.prefix}State, 0x3000);"])
        if kind == "page":
            return f"{into} += CcTouchView({self.value(names)}, {r.randint(0, 4000)});"
        if kind == "complete":
            return f"{{ Request *r = IoBuildRequest(device, 1, 0, 0); r->at--; r->at->completion = {r.choice(self.completions)}; IofCompleteRequest(r, 1); IoReleaseRequest(r); }}"
        if kind == "stub" and self.style.get("stubs"):
            return f"{into} += {r.choice(self.style['stubs'])}({r.choice(self.callbacks)}, &{self.prefix}State, {self.value(names)});"
        if kind == "virtual" and self.cpp:
            m = r.randrange(len(self.methods))
            return self.use(self.invoke(f"{self.prefix}Shapes[{r.choice(names)} % {self.classes}]->Method{m}", self.methods[m], names, buffers), self.methods[m].result, into)
        f = r.choice(self.functions)
        return self.use(self.invoke(f.name, f.signature, names, buffers), f.signature.result, into)

    def body(self, arguments, result, own, device=None, request=None):
        """The statements of a function."""
        r = self.rng
        names, buffers, head, text = [], [], [], []
        out = text.append
        small = r.random() < 0.2
        for i, a in enumerate(arguments):
            if a in ("u32", "u8", "u16"):
                names.append(f"(u32)a{i}")
            elif a in ("uptr", "u64"):
                names.append(f"(u32)a{i}")
            elif a == "void *":
                names.append(f"(u32)(uptr)a{i}")
            elif a == "Triple":
                names.append(f"a{i}.y")
            elif a == "Text *":
                names.append(f"a{i}->length")
        count = r.randint(1, 2) if small else r.choice([2, 3, 4, 6, 9])
        for i in range(count):
            head.append(f"u32 v{i} = {r.choice(names) if names else r.randint(1, 999)} {r.choice('+^|')} {r.randint(1, 0xffff)};")
        names += [f"v{i}" for i in range(count)]
        head.append("u32 n = 0; uptr handle = 4; Device *device = " + (device or "0") + "; (void)n; (void)handle; (void)device;")
        if not small:
            for i in range(r.choice([0, 1, 1, 1, 2])):
                size = r.choice(SIZES) if r.random() < 0.9 else (r.choice(BIG) if r.random() < 0.93 else HUGE)
                align = f"__attribute__((aligned({r.choice([16, 32, 64])}))) " if r.random() < 0.1 else ""
                head.append(f"{align}u8 b{i}[{size}];")
                out(f"RtlTouch(b{i}, {min(size, r.choice([1, 4, 9, size // 3 + 1, size]))});")
                buffers.append(f"b{i}")
            if r.random() < 0.15:
                head.append("Triple pair;")
                out(f"pair = {self.prefix}Make({self.value(names)}); v0 += pair.y;")
        into = lambda: f"v{r.randrange(count)}"
        def calls():
            if r.random() < 0.25:
                return self.simple(names, buffers, into())
            return self.down(self.any_call(names, buffers, into(), own))
        for _ in range(r.randint(1, 2) if small else r.randint(2, 5)):
            k = r.random()
            if k < 0.45:
                out(calls())
            elif k < 0.55:
                out(f"if ({self.value(names)} & {r.choice([1, 2, 5])}) {{ {calls()} }} else {{ {calls()} }}")
            elif k < 0.63:
                cases = " ".join(f"case {i}: {calls()} {'break;' if r.random() < 0.8 else '/* falls */'}" for i in range(r.choice([3, 5, 7])))
                out(f"switch ({self.value(names)} % 9) {{ {cases} default: {into()} ^= 5; }}")
            elif k < 0.72:
                out(f"for (n = 0; n < {r.randint(2, 6)}; n++) {{ {' '.join(f'v{i} = v{i} * {r.choice([3, 5, 17, 33])} + v{(i + 1) % count};' for i in range(count))} }}")
            elif k < 0.77 and not small:
                out(f"{{ u8 *room = (u8 *)__builtin_alloca(16 + ({self.value(names)} & {r.choice([31, 63, 127])})); RtlTouch(room, 13); {self.down(self.any_call(names, buffers + ['room'], into(), own))} {into()} += room[3]; }}")
            elif k < 0.85 and self.seh:
                inner = f"{calls()}"
                out(r.choice([f"__try {{ {inner} }} __except (1) {{ v0 = 0xC0000005; }}", f"__try {{ {inner} }} __finally {{ v0++; {calls()} }}"]))
            elif k < 0.9 and not small:
                out(f"if (__builtin_expect((Draw() & 63) == 7, 0)) {{ {self.prefix}Cold({self.value(names)}, &{self.prefix}State); {self.simple(names, buffers, into())} }}")
            elif k < 0.93:
                out(f"if ((Draw() & 0xff) == 3 && KeMeter.depth > 12) ExRaise({self.value(names)}, {r.choice(self.callbacks)}, &{self.prefix}State);")
            elif k < 0.945:
                out(f"if ((Draw() & 0x7f) == 3 && KeMeter.depth > 12) {self.prefix}Fail({self.value(names)});")
            else:
                out(self.simple(names, buffers, into()))
        mix = " ^ ".join(f"v{i}" for i in range(count))
        if r.random() < 0.2:
            targets = [f for f in self.functions if f.signature.result == result and not (result == "Triple")]
            if targets and r.random() < 0.8:
                f = r.choice(targets)
                call = self.invoke(f.name, f.signature, names, [])
                out(f"if ((Draw() & 1) && Deeper()) {{ {'return ' if result != 'void' else ''}{call}; {'return;' if result == 'void' else ''} }}")
            elif result == "u32" and request:
                out(f"if (Deeper()) {{ {request}->at[-1] = *{request}->at; return IofCallDriver(device->lower ? device->lower : IoDeviceByNumber({mix}), {request}); }}")
        last = {"void": "(void)(" + mix + ");", "u64": f"return (u64)({mix}) << 8;", "Triple": f"return {self.prefix}Make({mix});"}.get(result, f"return {mix};")
        return "  " + "\n  ".join(head) + "\n  " + "\n  ".join(text) + "\n  " + last

    def simple(self, names, buffers, into):
        """A statement whose calls return soon."""
        r = self.rng
        choices = [f"{into} += RtlMix({self.value(names)}, {self.value(names)});",
                   f"{into} ^= DbgNote(1, \"x%x y%x\", {self.value(names)}, {self.value(names)});",
                   f"{{ void *p = ExAllocatePool(1, 24 + ({self.value(names)} & 63), 0x31415926); {into} += RtlTouch(p, 9); ExFreePool(p); }}",
                   f"{into} = ({into} << 3 | {into} >> 29) + {self.value(names)};"]
        if buffers:
            b = r.choice(buffers)
            choices += [f"{into} += RtlHashBytes({b}, 6);", f"{into} += RtlTouch({b}, 3);", f"memset({b}, {into}, sizeof {b} < 9 ? 1 : 9);" if b != "room" else "room[0]++;"]
        return r.choice(choices)

    def define(self, declaration, body, attributes=""):
        return f"{attributes}{declaration} {{\n{body}\n}}\n"

    def source(self):
        p, r = self.prefix, self.rng
        parts = ['#include "nt.h"\n', "typedef struct Triple { u32 x, y, z; } Triple;\n"]
        c = 'extern "C" ' if self.cpp else ""
        link = 'extern "C" ' if self.cpp else "extern "
        parts.append(f"static Text {p}Name = {{10, 12, (u16 *)0}};\nstatic struct {{ u32 lock, a, b; void *q[8]; }} {p}State;\nstatic void *{p}Objects[4];\n")
        parts.append(f"static NOINLINE Triple {p}Make(u32 s) {{ Triple t; t.x = s; t.y = s * 5; t.z = s ^ 9; return t; }}\n")
        if r.random() < 0.5:
            parts[-1] = parts[-1].replace("NOINLINE ", "__inline ")
        for stub in self.style.get("stubs", []):
            parts.append(f"{link}u32 STD {stub}(Callback body, void *context, u32 value);\n")
        for f in self.imports:
            parts.append(f"{c}__declspec(dllimport) {f.signature.declare(f.name)};\n")
        for f in self.functions:
            prefix = (c + "NOINLINE " if self.gcc else f"{c}__declspec(dllexport) ") if f.exported else ("static NOINLINE " if f.static and r.random() < 0.8 else "static " if f.static else (c + "NOINLINE "))
            f.prefix = prefix
            parts.append(f"{prefix}{f.signature.declare(f.name)};\n")
        parts.append(f"static NORETURN void {p}Fail(u32 s);\nstatic void {p}Cold(u32 a0, void *a1);\n")
        for name in self.callbacks:
            parts.append(f"static u32 STD {name}(void *a0, u32 a1);\n")
        for name in self.completions:
            parts.append(f"static u32 STD {name}(Device *d, Request *q, void *a2);\n")
        for s in self.signatures:
            members = [f.name for f in self.functions if f.signature is s]
            if members:
                parts.append(f"typedef {s.pointer(f'{p}Type{s.number}')};\nstatic {r.choice(['', 'const '])}{p}Type{s.number} {p}Table{s.number}[] = {{{', '.join(members)}}};\n")
        if self.cpp:
            parts.append(self.shapes())
        parts.append(self.define(f"static COLD NOINLINE void {p}Cold(u32 a0, void *a1)", self.body(["u32", "void *"], "void", None)))
        parts.append(f"static NOINLINE NORETURN void {p}Fail(u32 s) {{\n  u8 b0[36]; RtlTouch(b0, 8);\n  for (;;) if (Deeper()) {{ KeMeter.depth++; {r.choice(self.callbacks)}(b0, s++); KeMeter.depth--; }}\n}}\n")
        order = self.functions[:]
        r.shuffle(order)
        for f in order:
            parts.append(self.define(f"{f.prefix}{f.signature.declare(f.name)}", self.body(f.signature.arguments, f.signature.result, f)))
        for name in self.callbacks:
            parts.append(self.define(f"static u32 STD {name}(void *a0, u32 a1)", self.body(["void *", "u32"], "u32", None)))
        for name in self.completions:
            parts.append(self.define(f"static u32 STD {name}(Device *d, Request *q, void *a2)", self.body(["x", "x", "void *"], "u32", None, "d")))
        for name in self.dispatches:
            parts.append(self.define(f"static u32 STD {name}(Device *d, Request *q)", self.body([], "u32", None, "d", "q")))
        if self.cpp:
            parts.append(self.shape_bodies())
        majors = " ".join(f"driver->major[{i}] = {r.choice(self.dispatches)};" for i in range(8))
        parts.append(f"NTAPI Callback KiDeferred[32]; NTAPI void *KiDeferredContext[32]; NTAPI u32 KiDeferredCount;\n"
                     f"{c}u32 STD DriverEntry(Driver *driver, void *registry) {{\n  Device *lower = registry ? IoDeviceByNumber({r.randint(0, 9)}) : 0;\n  {majors}\n"
                     f"  IoCreateDevice(driver, 64, lower);{' IoCreateDevice(driver, 32, 0);' if r.random() < 0.4 else ''}\n"
                     f"  KiDeferred[KiDeferredCount] = {r.choice(self.callbacks)}; KiDeferredContext[KiDeferredCount++] = &{p}State;\n  return 0;\n}}\n")
        return "\n".join(parts)

    def shapes(self):
        p = self.prefix
        lines = [f"struct {p}Shape {{ u32 tag;"]
        for i, s in enumerate(self.methods):
            convention = "" if self.rng.random() < 0.7 else "STD "
            s.method = convention
            text = ", ".join(f"{t} a{j}" for j, t in enumerate(s.arguments))
            lines.append(f"  virtual {s.result} {convention}Method{i}({text}) = 0;")
        lines.append("};")
        for k in range(self.classes):
            lines.append(f"struct {p}Shape{k} : {p}Shape {{ u32 extra[{self.rng.randint(1, 5)}];")
            for i, s in enumerate(self.methods):
                text = ", ".join(f"{t} a{j}" for j, t in enumerate(s.arguments))
                lines.append(f"  {s.result} {s.method}Method{i}({text});")
            lines.append(f"}};\nstatic {p}Shape{k} {p}Object{k};")
        lines.append(f"static {p}Shape *{p}Shapes[] = {{{', '.join(f'&{p}Object{k}' for k in range(self.classes))}}};")
        return "\n".join(lines) + "\n"

    def shape_bodies(self):
        p, parts = self.prefix, []
        for k in range(self.classes):
            for i, s in enumerate(self.methods):
                text = ", ".join(f"{t} a{j}" for j, t in enumerate(s.arguments))
                parts.append(self.define(f"{s.result} {s.method}{p}Shape{k}::Method{i}({text})", self.body(s.arguments, s.result, None)))
        return "\n".join(parts)
