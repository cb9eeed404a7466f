// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.crash;

import java.util.ArrayList;
import java.util.List;
import org.jkd.sample.format.Blob;
import org.jkd.sample.format.PeTables;
import org.jkd.sample.format.PeWriter;
import org.jkd.sample.format.UnwindWriter;
import org.jkd.sample.format.VirtualMemory;

/**
 * A driver of a few functions. They are exported, so that a debugger can name them with no symbol
 * file at all.
 */
public final class SmallModule {
  private static final int CODE_RVA = 0x1000;
  private static final int SLOT = 0x80;
  private static final int DATA_SIZE = 0x4000;

  /** Where in the data the addresses of other modules' functions are kept. */
  private static final int IMPORTS = 0x2000;

  private final boolean wide;
  private final String name;
  private final String file;
  private final long base;
  private final List<Function> functions = new ArrayList<>();
  private final List<Function> imports = new ArrayList<>();
  private boolean resident = true;
  private int size;

  SmallModule(boolean wide, String name, String file, long base) {
    this.wide = wide;
    this.name = name;
    this.file = file;
    this.base = base;
  }

  /** How a function begins. */
  enum Prologue {
    /** Reserves its frame; on x86 behind a frame pointer. */
    PLAIN,
    /** Entered by the processor with an error code: builds the rest of a trap frame. */
    TRAP
  }

  /** A function; its calls follow each other in its body. */
  public final class Function {
    private final String name;
    private final int frame;
    private final Prologue prologue;
    private final long address;
    private final List<Function> calls = new ArrayList<>();

    private Function(String name, int frame, Prologue prologue, long address) {
      this.name = name;
      this.frame = frame;
      this.prologue = prologue;
      this.address = address;
    }

    /** Where it begins. */
    public long address() {
      return address;
    }

    /** Bytes that it reserves for itself. */
    int frame() {
      return frame;
    }

    Prologue prologue() {
      return prologue;
    }

    /** Makes it call another function; repeated calls of one function share a call site. */
    public Function calls(Function other) {
      if (!calls.contains(other)) {
        calls.add(other);
      }
      return this;
    }

    /** Where it goes on after it called another function, which it does from now on. */
    long returnFrom(Function other) {
      calls(other);
      return address + prologueSize() + 7L * calls.indexOf(other) + (near(other) ? 5 : 6);
    }

    /** An instruction of its body that can be interrupted. */
    public long body() {
      return address + prologueSize();
    }

    /** True for a function of the same module; others are called through a slot. */
    private boolean near(Function other) {
      return functions.contains(other);
    }

    private int prologueSize() {
      return prologue == Prologue.TRAP ? wide ? 16 : 10 : wide ? 7 : 9;
    }

    private byte[] code() {
      Blob code = new Blob();
      if (prologue == Prologue.TRAP) {
        // push rbp; sub rsp,158h; lea rbp,[rsp+80h]
        hex(code, wide ? "55 4881ec58010000 488dac2480000000" : "6a00 66c74424020000 9090");
        code.grow(prologueSize());
      } else if (wide) {
        hex(code, "4881ec").add32(frame);
      } else {
        hex(code, "55 8bec 81ec").add32(frame);
      }
      for (Function other : calls) {
        if (near(other)) {
          code.add8(0xe8).add32(other.address - (address + code.size() + 4));
          hex(code, "6690");
        } else {
          long next = address + code.size() + 6;
          code.add8(0xff).add8(0x15).add32(wide ? slot(other) - next : slot(other)).add8(0x90);
        }
      }
      hex(code, wide ? "4881c4" : "8be5 5d c3");
      if (wide) {
        code.add32(frame);
        hex(code, "c3");
      }
      if (code.size() > SLOT) {
        throw new IllegalStateException(name + " calls too many functions");
      }
      return code.bytes();
    }

    private List<UnwindWriter.Step> unwind() {
      return prologue == Prologue.TRAP
          ? List.of(
              UnwindWriter.Step.machineFrame(true),
              UnwindWriter.Step.push(1, 5),
              UnwindWriter.Step.allocate(8, 0x158),
              UnwindWriter.Step.frame(16))
          : List.of(UnwindWriter.Step.allocate(7, frame));
    }
  }

  /** The slot that holds the address of another module's function. */
  private long slot(Function other) {
    if (!imports.contains(other)) {
      imports.add(other);
    }
    return data() + IMPORTS + 8L * imports.indexOf(other);
  }

  private static Blob hex(Blob code, String bytes) {
    String digits = bytes.replace(" ", "");
    for (int i = 0; i < digits.length(); i += 2) {
      code.add8(Integer.parseInt(digits.substring(i, i + 2), 16));
    }
    return code;
  }

  /**
   * Adds a function.
   *
   * @param frame bytes that it reserves; on x64 8 more than a multiple of 16
   */
  public Function function(String functionName, int frame) {
    return add(functionName, frame, Prologue.PLAIN);
  }

  /** Adds a handler that the processor enters with an error code. */
  public Function trapHandler(String functionName) {
    return add(functionName, 0x158, Prologue.TRAP);
  }

  private Function add(String functionName, int frame, Prologue prologue) {
    long address = base + CODE_RVA + (long) SLOT * functions.size();
    Function function = new Function(functionName, frame, prologue, address);
    functions.add(function);
    return function;
  }

  /** Takes the whole image out of memory, as a dump of a trimmed driver has it. */
  public SmallModule notResident() {
    resident = false;
    return this;
  }

  String file() {
    return file;
  }

  long base() {
    return base;
  }

  int size() {
    return size;
  }

  /** The address of the module's data, {@link #DATA_SIZE} bytes. */
  long data() {
    return base + 0x8000;
  }

  /** Maps the image into memory. */
  void load(VirtualMemory memory) {
    PeWriter image = new PeWriter(wide, base, base, 0x4a5bc000 + name.hashCode() % 0x1000);
    PeWriter.Section text = image.section(".text", CODE_RVA, 0x1000, PeWriter.CODE);
    PeWriter.Section read = image.section(".rdata", 0x4000, 0x1000, PeWriter.READ_ONLY);
    UnwindWriter unwind = new UnwindWriter(read);
    List<PeTables.Export> exports = new ArrayList<>();
    for (Function function : functions) {
      int rva = (int) (function.address - base);
      text.content().grow(rva - CODE_RVA).add(function.code());
      int end = CODE_RVA + text.content().size();
      if (wide) {
        boolean trap = function.prologue == Prologue.TRAP;
        unwind.function(
            rva, end, function.prologueSize(), trap ? 5 : 0, trap ? 0x80 : 0, function.unwind());
      }
      exports.add(new PeTables.Export(function.name, exports.size() + 1, rva));
    }
    if (wide) {
      unwind.finish(image, 0x6000);
    }
    image.section(".data", 0x8000, DATA_SIZE, PeWriter.DATA);
    image.exports(read, file, exports);
    size = image.sizeOfImage();
    if (resident) {
      memory.raw(base, image.mapped());
      for (Function other : imports) {
        memory.u32(slot(other), other.address);
        if (wide) {
          memory.u32(slot(other) + 4, other.address >>> 32);
        }
      }
    }
  }
}
