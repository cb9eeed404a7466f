# SPDX-License-Identifier: Apache-2.0
"""A thin layer over the library unicorn (https://www.unicorn-engine.org), as far as executing kernel code needs it."""
import ctypes
import ctypes.util
import struct

ARCH_X86, MODE_32, MODE_64 = 4, 4, 8
HOOK_CODE = 4
READ_UNMAPPED, WRITE_UNMAPPED, FETCH_UNMAPPED = 6, 7, 8
GENERAL32 = dict(eax=19, ebp=20, ebx=21, ecx=22, edi=23, edx=24, eflags=25, eip=26, esi=29, esp=30)
GENERAL64 = dict(rax=35, rbp=36, rbx=37, rcx=38, rdi=39, rdx=40, rip=41, rsi=43, rsp=44, eflags=25,
                 **{f"r{n}": 98 + n for n in range(8, 16)})
CR0, CR4, GDTR, GS_BASE = 50, 54, 243, 251
XMM0 = 122
CS, DS, ES, FS, SS = 11, 17, 28, 32, 49


def library():
    for name in ("libunicorn.so.2", ctypes.util.find_library("unicorn") or ""):
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    return None


class Fault(Exception):
    def __init__(self, code):
        super().__init__(f"unicorn stopped with error {code}")
        self.code = code


class Emulator:
    """Flat memory without paging: a virtual address is mapped or it is not."""
    CALLBACK = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint32, ctypes.c_void_p)
    TOUCHED = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p, ctypes.c_int, ctypes.c_uint64, ctypes.c_int, ctypes.c_int64, ctypes.c_void_p)

    def __init__(self, wide):
        self.wide = wide
        self.uc = library()
        self.handle = ctypes.c_void_p()
        self.check(self.uc.uc_open(ARCH_X86, MODE_64 if wide else MODE_32, ctypes.byref(self.handle)))
        self.names = GENERAL64 if wide else GENERAL32
        self.ip, self.sp = ("rip", "rsp") if wide else ("eip", "esp")
        self.keep = []
        self.last_touch = 0
        cr0, cr4 = self.number(CR0), self.number(CR4)
        self.set_number(CR0, (cr0 | 2) & ~4)
        self.set_number(CR4, cr4 | 0x600)
        touched = self.TOUCHED(self._touched)
        self.keep.append(touched)
        hook = ctypes.c_size_t()
        self.check(self.uc.uc_hook_add(self.handle, ctypes.byref(hook), ctypes.c_int(16 | 32 | 64), touched, None,
                                       ctypes.c_uint64(1), ctypes.c_uint64(0)))

    def _touched(self, _, kind, address, size, value, __):
        self.last_touch = address
        self.last_kind = kind
        return False

    @staticmethod
    def check(error):
        if error:
            raise Fault(error)

    def number(self, register):
        value = ctypes.c_uint64(0)
        self.check(self.uc.uc_reg_read(self.handle, register, ctypes.byref(value)))
        return value.value

    def set_number(self, register, value):
        self.check(self.uc.uc_reg_write(self.handle, register, ctypes.byref(ctypes.c_uint64(value))))

    def fs_base(self, table, base):
        """A descriptor table at an address, whose entry 30h is the data segment of the processor's control region."""
        entry = 0x40920000000FFF | (base & 0xFFFFFF) << 16 | (base >> 24) << 56
        for at, value in ((8, 0x00CF9A000000FFFF), (0x10, 0x00CF92000000FFFF), (0x20, 0x00CFF2000000FFFF), (0x30, entry)):
            self.write(table + at, value.to_bytes(8, "little"))
        register = struct.pack("<HxxxxxxQII", 0, table, 0x3FF, 0)
        self.check(self.uc.uc_reg_write(self.handle, GDTR, register))
        for segment, selector in ((CS, 8), (SS, 0x10), (DS, 0x20), (ES, 0x20), (FS, 0x30)):
            self.set_number(segment, selector)

    def vectors(self):
        values = []
        for i in range(6):
            value = ctypes.create_string_buffer(16)
            self.check(self.uc.uc_reg_read(self.handle, XMM0 + i, value))
            values.append(value.raw)
        return values

    def set_vectors(self, values):
        for i, value in enumerate(values):
            self.check(self.uc.uc_reg_write(self.handle, XMM0 + i, ctypes.create_string_buffer(value, 16)))

    def get(self, name):
        return self.number(self.names[name])

    def set(self, name, value):
        self.set_number(self.names[name], value)

    def registers(self):
        return {n: self.get(n) for n in self.names}

    def map(self, address, size):
        self.check(self.uc.uc_mem_map(self.handle, ctypes.c_uint64(address), ctypes.c_size_t(size), 7))

    def read(self, address, size):
        data = ctypes.create_string_buffer(size)
        self.check(self.uc.uc_mem_read(self.handle, ctypes.c_uint64(address), data, ctypes.c_size_t(size)))
        return data.raw

    def write(self, address, data):
        self.check(self.uc.uc_mem_write(self.handle, ctypes.c_uint64(address), bytes(data), ctypes.c_size_t(len(data))))

    def word(self, address):
        return int.from_bytes(self.read(address, 8 if self.wide else 4), "little")

    def set_word(self, address, value):
        self.write(address, value.to_bytes(8 if self.wide else 4, "little"))

    def on_instruction(self, callback):
        function = self.CALLBACK(lambda uc, address, size, user: callback(address, size))
        self.keep.append(function)
        hook = ctypes.c_size_t()
        self.check(self.uc.uc_hook_add(self.handle, ctypes.byref(hook), ctypes.c_int(HOOK_CODE), function, None,
                                       ctypes.c_uint64(1), ctypes.c_uint64(0)))

    def stop(self):
        self.uc.uc_emu_stop(self.handle)

    def run(self, start, until, count=0):
        """0, or the number of the error that stopped it."""
        return self.uc.uc_emu_start(self.handle, ctypes.c_uint64(start), ctypes.c_uint64(until), ctypes.c_uint64(0), ctypes.c_size_t(count))
