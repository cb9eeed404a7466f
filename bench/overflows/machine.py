# SPDX-License-Identifier: Apache-2.0
"""Loads the compiled images, executes them until the stack runs out, and keeps what was called and never returned."""
import bisect
import struct

from emulator import Emulator, FETCH_UNMAPPED, READ_UNMAPPED, WRITE_UNMAPPED

PAGE = 0x1000


class Image:
    """A PE image, relocated to where it is loaded."""

    def __init__(self, name, path, base):
        self.name, self.path, self.base = name, path, base
        self.file = data = open(path, "rb").read()
        pe = struct.unpack_from("<I", data, 0x3C)[0]
        sections, self.timestamp, optional = *struct.unpack_from("<HI", data, pe + 6), struct.unpack_from("<H", data, pe + 20)[0]
        self.wide = struct.unpack_from("<H", data, pe + 24)[0] == 0x20B
        self.entry = struct.unpack_from("<I", data, pe + 40)[0]
        self.preferred = struct.unpack_from("<Q", data, pe + 48)[0] if self.wide else struct.unpack_from("<I", data, pe + 52)[0]
        self.size = struct.unpack_from("<I", data, pe + 80)[0]
        self.checksum = struct.unpack_from("<I", data, pe + 88)[0]
        self.directories = pe + 24 + (112 if self.wide else 96)
        self.memory = memory = bytearray(self.size)
        headers = struct.unpack_from("<I", data, pe + 84)[0]
        memory[:headers] = data[:headers]
        self.sections = []
        for i in range(sections):
            at = pe + 24 + optional + 40 * i
            size, rva, raw, pointer = struct.unpack_from("<IIII", data, at + 8)
            flags = struct.unpack_from("<I", data, at + 36)[0]
            memory[rva:rva + min(raw, size)] = data[pointer:pointer + min(raw, size)]
            self.sections.append((rva, max(size, raw), flags))
        self.relocate()
        self.exports = self.read_exports()
        self.symbols = []
        self.pdb = self.read_pdb()

    def directory(self, number):
        return struct.unpack_from("<II", self.file, self.directories + 8 * number)

    def u32(self, rva):
        return struct.unpack_from("<I", self.memory, rva)[0]

    def text(self, rva):
        return self.memory[rva:self.memory.index(0, rva)].decode()

    def relocate(self):
        at, size = self.directory(5)
        end, delta = at + size, self.base - self.preferred
        while at < end:
            page, block = struct.unpack_from("<II", self.memory, at)
            for i in range(at + 8, at + block, 2):
                entry = struct.unpack_from("<H", self.memory, i)[0]
                where = page + (entry & 0xFFF)
                if entry >> 12 == 3:
                    struct.pack_into("<I", self.memory, where, (self.u32(where) + delta) & 0xFFFFFFFF)
                elif entry >> 12 == 10:
                    value = struct.unpack_from("<Q", self.memory, where)[0]
                    struct.pack_into("<Q", self.memory, where, (value + delta) & (1 << 64) - 1)
            at += block
        struct.pack_into("<Q" if self.wide else "<I", self.memory, struct.unpack_from("<I", self.memory, 0x3C)[0] + (48 if self.wide else 52), self.base)

    def read_exports(self):
        at, size = self.directory(0)
        if not size:
            return {}
        _, count, functions, names, ordinals = struct.unpack_from("<IIIII", self.memory, at + 20)
        return {self.text(self.u32(names + 4 * i)): self.base + self.u32(functions + 4 * struct.unpack_from("<H", self.memory, ordinals + 2 * i)[0])
                for i in range(count)}

    def bind(self, exports):
        at, size = self.directory(1)
        width = 8 if self.wide else 4
        while size and self.u32(at + 12):
            slot, names = self.u32(at + 16), self.u32(at) or self.u32(at + 16)
            while self.u32(names):
                struct.pack_into("<Q" if self.wide else "<I", self.memory, slot, exports[self.text(self.u32(names) + 2)])
                slot, names = slot + width, names + width
            at += 20

    def read_pdb(self):
        """(name, guid and age) of the PDB that belongs to the image."""
        at, size = self.directory(6)
        for i in range(0, size, 28):
            if self.u32(at + i + 12) == 2:
                rva = self.u32(at + i + 20)
                a, b, c = struct.unpack_from("<IHH", self.memory, rva + 4)
                tail = self.memory[rva + 12:rva + 20].hex().upper()
                return self.text(rva + 24).replace("\\", "/").split("/")[-1], f"{a:08X}{b:04X}{c:04X}{tail}{self.u32(rva + 20):X}"
        return None

    def contains(self, address):
        return self.base <= address < self.base + self.size

    def symbol(self, address):
        rva = address - self.base
        i = bisect.bisect_right(self.symbols, (rva, "\x7f")) - 1
        return f"{self.name}!{self.symbols[i][1]}+0x{rva - self.symbols[i][0]:x}" if i >= 0 else f"{self.name}+0x{rva:x}"


class Frame:
    __slots__ = ("slot", "word", "kind", "call", "entry", "trap_frame", "resume")

    def __init__(self, slot, word, kind, call, entry, trap_frame=None, resume=None):
        self.slot, self.word, self.kind, self.call, self.entry = slot, word, kind, call, entry
        self.trap_frame, self.resume = trap_frame, resume


def call_or_return(code, wide):
    """'call' or 'ret' if the instruction is one, 'iret', else None."""
    i = 0
    while i < len(code) and (code[i] in (0x2E, 0x3E, 0x64, 0x65, 0xF2, 0xF3, 0x66) or wide and 0x40 <= code[i] < 0x50):
        i += 1
    op = code[i]
    if op == 0xE8 or op == 0xFF and (code[i + 1] >> 3 & 7) == 2:
        return "call"
    if op in (0xC2, 0xC3):
        return "ret"
    return "iret" if op == 0xCF else None


class Machine:
    """Images, stacks and an emulator; `stacks` are (name, limit, base), the thread's first."""

    def __init__(self, wide, images, stacks):
        self.wide, self.images, self.stacks = wide, images, stacks
        self.width = 8 if wide else 4
        self.emulator = Emulator(wide)
        self.regions = []
        self.kinds = {}
        self.frames = []                     # live and stale; the live ones are those that lie on the current chain
        self.called = None
        self.returning = 0
        self.service = 0
        self.instructions = 0
        self.limit = 1 << 60
        self.paged = {}
        self.vectors = []
        self.interrupt = None
        self.stopped_for = None
        exports = {}
        for image in images:
            exports.update(image.exports)
        self.exports = exports
        for image in images:
            image.bind(exports)
            self.commit(image.base, image.size)
            self.emulator.write(image.base, image.memory)
        for _, limit, base in stacks:
            self.commit(limit, base - limit)
        self.emulator.on_instruction(self.step)

    def commit(self, address, size):
        size = (size + (address & PAGE - 1) + PAGE - 1) & -PAGE
        address &= -PAGE
        self.emulator.map(address, size)
        self.regions.append((address, size))

    def image_at(self, address):
        return next((i for i in self.images if i.contains(address)), None)

    def symbol(self, address):
        image = self.image_at(address)
        return image.symbol(address) if image else f"0x{address:x}"

    def step(self, address, size):
        self.instructions += 1
        if self.called is not None:
            sp = self.emulator.get(self.emulator.sp)
            call, length = self.called
            self.called = None
            if self.emulator.word(sp) == call + length:
                self.push(Frame(sp, call + length, "call", call, address))
        elif self.returning:
            used, self.returning = self.returning, 0
            top = self.frames[-1] if self.frames else None
            if top and top.slot != used and top.word == address and self.stack_of(used) is self.stack_of(top.slot):
                self.frames.pop()            # returned from another place than where the address was pushed
            self.drop_returned(self.emulator.get(self.emulator.sp))
        if address == self.service:
            sp = self.emulator.get(self.emulator.sp)
            self.push(Frame(sp, self.emulator.word(sp), "syscall", None, address, resume=self.emulator.word(sp + 3 * self.width)))
        if self.instructions > self.limit:
            self.emulator.stop()
        kind = self.kinds.get(address, 0)
        if kind == 0:
            kind = self.kinds[address] = call_or_return(self.emulator.read(address, size), self.wide)
        if kind == "call":
            self.called = (address, size)
        elif kind == "ret":
            self.returning = self.emulator.get(self.emulator.sp)
        elif kind == "iret":
            self.stopped_for = "iret"
            self.emulator.stop()
        if self.interrupt and self.instructions >= self.interrupt and kind is None:
            self.stopped_for = "interrupt"
            self.emulator.stop()

    def stack_of(self, address):
        return next((s for s in self.stacks if s[1] - 0x4000 <= address <= s[2]), None)

    def push(self, frame):
        self.drop_returned(frame.slot + 1)
        self.find_moved()
        self.frames.append(frame)

    def find_moved(self):
        """A tail call with other arguments moves its return address."""
        top = self.frames[-1] if self.frames else None
        if top and top.kind == "call" and self.emulator.word(top.slot) != top.word:
            for distance in range(self.width, 64, self.width):
                for slot in (top.slot + distance, top.slot - distance):
                    if self.mapped(slot) and self.emulator.word(slot) == top.word:
                        top.slot = slot
                        return

    def mapped(self, address):
        return any(limit <= address < base for _, limit, base in self.stacks)

    def drop_returned(self, sp):
        """Forgets the frames below a stack pointer, and those of stacks that were left for this one."""
        here = self.stack_of(sp)
        if any(self.stack_of(f.slot) is here for f in self.frames[-1:]) or any(self.stack_of(f.slot) is here for f in self.frames):
            while self.stack_of(self.frames[-1].slot) is not here:
                self.frames.pop()
            while self.frames and self.stack_of(self.frames[-1].slot) is here and self.frames[-1].slot < sp:
                self.frames.pop()

    def trap(self, handler, error=None):
        """What the processor does at a fault or interrupt in kernel mode."""
        e = self.emulator
        sp, ip, flags = e.get(e.sp), e.get(e.ip), e.get("eflags") | 2
        self.drop_returned(sp)
        if self.wide:
            old = sp
            sp &= -16
            words = [0x18, old, flags, 0x10, ip] + ([error] if error is not None else [])
        else:
            words = [flags, 8, ip] + ([error] if error is not None else [])
        slot = None
        for word in words:
            sp -= self.width
            e.set_word(sp, word)
            if word == ip and slot is None and word is ip:
                slot = sp
        self.push(Frame(slot, ip, "trap", None, handler, resume=e.get(e.sp)))
        self.vectors.append(e.vectors())
        e.set(e.sp, sp)
        e.set(e.ip, handler)
        self.called = None

    def interrupt_return(self):
        e = self.emulator
        sp = e.get(e.sp)
        ip = e.word(sp)
        if self.wide:
            new = e.word(sp + 24)
        else:
            new = sp + 12
        e.set("eflags", e.word(sp + 2 * self.width))
        if self.vectors and self.frames and self.frames[-1].kind == "trap":
            e.set_vectors(self.vectors.pop())
        e.set(e.sp, new)
        e.set(e.ip, ip)
        self.drop_returned(new)

    def fault(self, error):
        """True when the page could be brought in and the handler runs; false when the stack ran out."""
        e = self.emulator
        address = e.last_touch & -PAGE
        if address not in self.paged:
            return False
        content = self.paged.pop(address)
        self.commit(address, PAGE)
        e.write(address, content)
        e.write(self.exports_or("KiFaultAddress"), e.last_touch.to_bytes(self.width, "little"))
        self.trap(self.exports_or("KiTrap0E"), 2 if error == WRITE_UNMAPPED else 0)
        return True

    def exports_or(self, name):
        return self.entries[name]

    def run(self, start, limit):
        """Executes from an address; returns the reason: 'overflow', 'limit' or 'error n'."""
        e = self.emulator
        e.set(e.ip, start)
        self.limit = limit
        while self.instructions < limit:
            self.stopped_for = None
            error = e.run(e.get(e.ip), 0, 0)
            if error == 0 and self.stopped_for == "iret":
                self.interrupt_return()
            elif error == 0 and self.stopped_for == "interrupt":
                self.interrupt = None
                self.trap(self.entries["KiInterrupt"])
            elif error in (READ_UNMAPPED, WRITE_UNMAPPED):
                if self.fault(error):
                    continue
                low = self.stack_of(e.last_touch)
                return "overflow" if low and e.last_touch < low[1] else f"touched {e.last_touch:x}"
            elif error:
                return f"error {error}"
        return "limit"
