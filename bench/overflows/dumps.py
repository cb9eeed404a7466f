# SPDX-License-Identifier: Apache-2.0
"""Writes what the machine left as kernel dumps: the complete form and the small one."""
import struct

PAGE = 0x1000


class Layout:
    """Where the structures that a debugger asks for lie: Windows Server 2003 on x86, Windows 7 SP1 on x64."""

    def __init__(self, wide):
        self.wide = wide
        self.pcr = 0xFFFFF80003C0E000 if wide else 0xFFDFF000
        self.tss, self.gdt, self.idt = self.pcr + 0x4000, self.pcr + 0x3000, self.pcr + 0x5000
        self.thread = 0xFFFFFA800A1B2060 if wide else 0x86A1B020
        self.process = 0xFFFFFA8009C0EB30 if wide else 0x86C0E830
        self.data = 0xFFFFF80003B00000 if wide else 0x80C00000
        self.fault_stack = 0xFFFFF88002175000 if wide else 0x80049000
        self.dpc_stack = 0xFFFFF80003C20000 if wide else 0x8089C000
        self.pool = 0xFFFFFA800B000000 if wide else 0x87000000


class Virtual(dict):
    """Pages by address."""

    def page(self, address):
        return self.setdefault(address & -PAGE, bytearray(PAGE))

    def raw(self, address, data):
        for i, b in enumerate(data):
            self.page(address + i)[address + i & PAGE - 1] = b

    def number(self, address, value, size):
        self.raw(address, (value & (1 << 8 * size) - 1).to_bytes(size, "little"))

    def get(self, address, size):
        return bytes(self[address + i & -PAGE][address + i & PAGE - 1] if address + i & -PAGE in self else 0 for i in range(size))


class Snapshot:
    """The memory and registers of the stopped machine, with the kernel's own structures added."""

    def __init__(self, wide, modules, thread, fault, registers, bug_check, current):
        """`thread`: (limit, base, initial, trap frame); `registers`: at the fault; `current`: (ip, sp, bp) of the bug check."""
        self.wide, self.modules, self.layout = wide, modules, Layout(wide)
        self.memory = Virtual()
        self.thread, self.fault, self.registers = thread, fault, registers
        self.bug_check, self.current = bug_check, current
        self.width = 8 if wide else 4

    def pointer(self, at, value):
        self.memory.number(at, value, self.width)

    def extend(self, value):
        return value if self.wide or value < 1 << 31 else value | 0xFFFFFFFF00000000

    def empty(self, head):
        self.pointer(head, head)
        self.pointer(head + self.width, head)

    def build(self):
        w, m, l = self.wide, self.memory, self.layout
        for page in range(6):
            m.page(l.pcr + page * PAGE)
        data = l.data
        self.lists = data + 0x1000
        self.module_list()
        self.processes(data + 0x1100)
        self.processor(data)
        self.debugger_data(data)

    def module_list(self):
        w, m, head = self.wide, self.memory, self.lists
        self.empty(head)
        last, at = head, self.layout.data + 0x2000
        for module in self.modules:
            self.pointer(last, at)
            self.pointer(at, head)
            self.pointer(at + self.width, last)
            self.pointer(head + self.width, at)
            self.pointer(at + (0x30 if w else 0x18), module.base)
            self.pointer(at + (0x38 if w else 0x1C), module.base + module.entry)
            m.number(at + (0x40 if w else 0x20), module.size, 4)
            text = at + 0xA0
            for field, name in ((0x48 if w else 0x24, "\\SystemRoot\\system32\\drivers\\" + module.file_name), (0x58 if w else 0x2C, module.file_name)):
                raw = name.encode("utf-16-le")
                m.raw(text, raw + b"\0\0")
                m.number(at + field, len(raw), 2)
                m.number(at + field + 2, len(raw) + 2, 2)
                self.pointer(at + field + self.width, text)
                text += 0x100
            m.number(at + (0x78 if w else 0x40), module.checksum, 4)
            m.number(at + (0x80 if w else 0x44), module.timestamp, 4)
            last, at = at, at + 0x400

    def processes(self, head):
        w, m, l = self.wide, self.memory, self.layout
        limit, base, initial, trap_frame = self.thread
        thread, process = l.thread, l.process
        m.number(process, 3, 1)
        self.empty(head)
        links = process + (0x188 if w else 0x98)
        for at, value in ((head, links), (head + self.width, links), (links, head), (links + self.width, head), (process + (0x180 if w else 0x94), 0x5D8)):
            self.pointer(at, value)
        m.raw(process + (0x2E0 if w else 0x164), b"Subject.exe\0")
        m.number(thread, 6, 1)
        m.number(thread + (0x164 if w else 0x4C), 2, 1)
        for at, value in ((0x28 if w else 0x18, initial), (0x30 if w else 0x1C, limit), (0x278 if w else 0x158, base), (0x38 if w else 0x20, limit + 0x100),
                          (0x1D8 if w else 0x110, trap_frame), (0x70 if w else 0x38, process), (0x210 if w else 0x128, process),
                          (0x3B0 if w else 0x1E4, 0x5D8), (0x3B8 if w else 0x1E8, 0x5DC)):
            self.pointer(thread + at, value)

    def processor(self, data):
        w, m, l = self.wide, self.memory, self.layout
        pcr, prcb = l.pcr, l.pcr + (0x180 if w else 0x120)
        self.pointer(data + 0x1200, prcb)
        self.pointer(prcb + (8 if w else 4), l.thread)
        special = prcb + (0x40 if w else 0x1C + 0x2CC)
        self.pointer(special, 0x80050031 if w else 0x8001003B)
        self.pointer(special + self.width, self.fault["address"])
        if w:
            for at, value in ((0, l.gdt), (8, l.tss), (0x18, pcr), (0x20, prcb), (0x38, l.idt)):
                self.pointer(pcr + at, value)
            m.number(l.tss + 0x24, l.fault_stack, 8)
            m.number(l.idt + 8 * 16 + 4, 1, 1)
        else:
            for at, value in ((0x1C, pcr), (0x20, prcb), (0x38, l.idt), (0x3C, l.gdt), (0x40, l.tss)):
                self.pointer(pcr + at, value)
            m.number(pcr + 0x51, 0, 1)
            m.raw(l.gdt, bytes(0x400))
            self.descriptor(l.gdt + 0x28, l.tss)
            self.descriptor(l.gdt + 0x50, l.tss + 0x800)
            self.task(l.tss, self.registers["eip"], self.registers["esp"], self.registers)
            m.number(l.tss + 0x804, l.fault_stack, 4)
            self.task(l.tss + 0x800, 0, l.fault_stack, {})
            m.number(l.tss + 0x800, 0x28, 2)
        for page in range(1, 4):
            m.page(l.fault_stack - page * PAGE)

    def task(self, at, ip, sp, registers):
        m = self.memory
        m.number(at + 0x20, ip, 4)
        m.number(at + 0x24, registers.get("eflags", 2) | 0x10002, 4)
        for i, name in enumerate(("eax", "ecx", "edx", "ebx")):
            m.number(at + 0x28 + 4 * i, registers.get(name, 0), 4)
        m.number(at + 0x38, sp, 4)
        for i, name in enumerate(("ebp", "esi", "edi")):
            m.number(at + 0x3C + 4 * i, registers.get(name, 0), 4)
        for i, value in enumerate((0x23, 8, 0x10, 0x23, 0x30)):
            m.number(at + 0x48 + 4 * i, value, 4)

    def descriptor(self, at, base):
        m = self.memory
        m.number(at, 0x20AB, 2)
        m.number(at + 2, base, 2)
        m.number(at + 4, base >> 16, 1)
        m.number(at + 5, 0x8B, 1)
        m.number(at + 7, base >> 24, 1)

    def debugger_data(self, data):
        m = self.memory
        m.raw(data + 0x10, b"KDBG")
        m.number(data + 0x14, 0x340, 4)
        head = data + 0x1300
        self.empty(head)
        for at, value in ((0, head), (8, head), (0x18, self.modules[0].base), (0x48, self.lists), (0x50, data + 0x1100), (0x218, data + 0x1200)):
            m.number(data + at, self.extend(value), 8)
        offsets = ({0x29C: 0x38, 0x29E: 0x28, 0x2A0: 0x70, 0x2A2: 0x164, 0x2AE: 0x28, 0x2B4: 8, 0x2BC: 0x120, 0x2BE: 0x24, 0x2E4: 0x20, 0x2E6: 0x180, 0x2F2: 0x40}
                   if self.wide else
                   {0x29C: 0x20, 0x29E: 0x18, 0x2A0: 0x38, 0x2A2: 0x4C, 0x2AE: 0x18, 0x2B4: 4, 0x2BC: 0x1C, 0x2BE: 0x10, 0x2E4: 0x20, 0x2E6: 0x120, 0x2EC: 4, 0x2EE: 8, 0x2F2: 0x2E8})
        for at, value in offsets.items():
            m.number(data + at, value, 2)

    def context(self):
        ip, sp, bp = self.current
        if self.wide:
            c = bytearray(0x4D0)
            struct.pack_into("<I", c, 0x30, 0x10001F)
            struct.pack_into("<H", c, 0x38, 0x10)
            struct.pack_into("<H", c, 0x42, 0x18)
            struct.pack_into("<I", c, 0x44, 0x10246)
            struct.pack_into("<QQ", c, 0x98, sp, bp)
            struct.pack_into("<Q", c, 0xF8, ip)
        else:
            c = bytearray(0x2CC)
            struct.pack_into("<I", c, 0, 0x1001F)
            struct.pack_into("<III", c, 0x90, 0x30, 0x23, 0x23)
            struct.pack_into("<IIIIII", c, 0xB4, bp, ip, 8, 0x10246, sp, 0x10)
        return bytes(c)

    def header(self):
        w = self.wide
        h = bytearray(b"PAGE" * (0x800 if w else 0x400))
        h[4:8] = b"DU64" if w else b"DUMP"
        put = lambda at, value, size: h.__setitem__(slice(at, at + size), (value & (1 << 8 * size) - 1).to_bytes(size, "little"))
        pointer = lambda at32, at64, value: put(at64 if w else at32, value, self.width)
        put(8, 15, 4)
        put(0xC, 7601 if w else 3790, 4)
        pointer(0x18, 0x20, self.lists)
        pointer(0x1C, 0x28, self.layout.data + 0x1100)
        put(0x30 if w else 0x20, 0x8664 if w else 0x14C, 4)
        put(0x34 if w else 0x24, 1, 4)
        put(0x38 if w else 0x28, self.bug_check[0], 4)
        for i in range(4):
            pointer(0x2C + 4 * i, 0x40 + 8 * i, self.bug_check[1 + i])
        put(0x60 if w else 0x3C, 0, 1)
        if not w:
            put(0x5C, 0, 1)
        pointer(0x60, 0x80, self.layout.data)
        c = self.context()
        at = 0x348 if w else 0x320
        h[at:at + (0xBB8 if w else 0x4B0)] = bytes(0xBB8 if w else 0x4B0)
        h[at:at + len(c)] = c
        at = 0xF00 if w else 0x7D0
        h[at:at + (0x98 if w else 0x50)] = bytes(0x98 if w else 0x50)
        put(at, 0x80000003, 4)
        pointer(at + 0xC, at + 0x10, self.current[0])
        put(0x1040 if w else 0xF94, 1, 4)
        put(0x1044 if w else 0xF98, 0x100, 4)
        put(0x1048 if w else 0xF9C, 0, 4)
        put(0xFA8 if w else 0xFC0, 0x1CB000000000000, 8)
        put(0x1030 if w else 0xFB8, 0x100000000, 8)
        return h, put, pointer

    def complete(self, path):
        """All pages, with page tables that map them."""
        w = self.wide
        frames, first = [], 0x40
        def add(page):
            frames.append(page)
            return first + len(frames) - 1
        flags, entry, bits = 0x63, 8 if w else 4, 9 if w else 10
        shifts = (39, 30, 21, 12) if w else (22, 12)
        root = bytearray(PAGE)
        root_frame = add(root)
        tables = {root_frame: root}
        def slot(table, index, value=None):
            if value is None:
                return int.from_bytes(table[index * entry:(index + 1) * entry], "little")
            table[index * entry:(index + 1) * entry] = value.to_bytes(entry, "little")
        slot(root, 0x1ED if w else 0x300, root_frame << 12 | flags)
        for address in sorted(self.memory):
            table = root
            for shift in shifts[:-1]:
                index = address >> shift & (1 << bits) - 1
                value = slot(table, index)
                if not value:
                    new = bytearray(PAGE)
                    frame = add(new)
                    tables[frame] = new
                    value = frame << 12 | flags
                    slot(table, index, value)
                table = tables[value >> 12 & 0xFFFFFFFFF]
            slot(table, address >> 12 & (1 << bits) - 1, add(self.memory[address]) << 12 | flags | 0x100)
        h, put, pointer = self.header()
        pointer(0x10, 0x10, root_frame << 12)
        if w:
            put(0x88, 1, 4), put(0x8C, 0, 4), put(0x90, len(frames), 8), put(0x98, first, 8), put(0xA0, len(frames), 8)
        else:
            put(0x64, 1, 4), put(0x68, len(frames), 4), put(0x6C, first, 4), put(0x70, len(frames), 4)
        put(0xF98 if w else 0xF88, 1, 4)
        put(0x1038 if w else 0xF8C, 0, 4)
        put(0xFA0, len(h) + PAGE * len(frames), 8)
        with open(path, "wb") as out:
            out.write(h)
            for page in frames:
                out.write(page)

    def small(self, path, stack, blocks):
        """A small dump; `stack`: (from, to), `blocks`: (address, size) of further memory."""
        w, m = self.wide, self.memory
        h, put_header, _ = self.header()
        size = 0x40000 if w else 0x10000
        body = bytearray(0x80 if w else 0x68)
        def put(at, value, n):
            if len(body) < at + n:
                body.extend(bytes(at + n - len(body)))
            body[at:at + n] = (value & (1 << 8 * n) - 1).to_bytes(n, "little")
        def begin():
            body.extend(bytes(-len(body) % 8))
            return len(h) + len(body)
        def add(field, data):
            put(field, begin(), 4)
            body.extend(data)
        put(0, 2, 4), put(0xC, 0x348 if w else 0x320, 4), put(0x10, 0xF00 if w else 0x7D0, 4), put(0x44, 0xFFFFFFFF, 4)
        l = self.layout
        add(0x1C, m.get(l.pcr + (0x180 if w else 0x120), 0x2C00 if w else 0xC00))
        add(0x20, m.get(l.process, 0x500 if w else 0x280))
        add(0x24, m.get(l.thread, 0x4A0 if w else 0x260))
        add(0x28, m.get(stack[0], stack[1] - stack[0]))
        put(0x2C, stack[1] - stack[0], 4)
        put(0x48, stack[0], self.width)
        add(0x70 if w else 0x58, m.get(l.data, 0x340))
        put(0x74 if w else 0x5C, 0x340, 4)
        stride = 0x90 if w else 0x4C
        listed = begin()
        pool = listed + stride * len(self.modules)
        body.extend(bytes(stride * len(self.modules)))
        for i, module in enumerate(self.modules):
            name = begin()
            at = listed - len(h) + stride * i
            put(at, name, 4)
            at += 8 if w else 4
            for field, value, n in ((0x30 if w else 0x18, module.base, self.width), (0x38 if w else 0x1C, module.base + module.entry, self.width),
                                    (0x40 if w else 0x20, module.size, 4), (0x78 if w else 0x40, module.checksum, 4), (0x80 if w else 0x44, module.timestamp, 4)):
                put(at + field, value, n)
            body.extend(len(module.file_name).to_bytes(4, "little") + module.file_name.encode("utf-16-le") + b"\0\0")
        begin()
        put(0x30, listed, 4), put(0x34, len(self.modules), 4), put(0x38, pool, 4), put(0x3C, begin() - pool, 4)
        places = []
        for address, count in blocks:
            places.append(begin())
            body.extend(m.get(address, count))
        table = begin()
        for (address, count), place in zip(blocks, places):
            body.extend(address.to_bytes(self.width, "little") + place.to_bytes(4, "little") + count.to_bytes(4, "little"))
        at = 0x78 if w else 0x60
        put(at, table, 4), put(at + 4, len(blocks), 4), put(4, size, 4), put(8, size - 4, 4)
        room = size - len(h) - 4
        assert len(body) <= room, f"the small dump needs {len(body)} bytes"
        body.extend(bytes(room - len(body)) + b"TRGD")
        put_header(0xF98 if w else 0xF88, 4, 4)
        put_header(0x1038 if w else 0xF8C, 0x43F | 0x800 | 0x40, 4)
        put_header(0xFA0, size, 8)
        with open(path, "wb") as out:
            out.write(h + body)
