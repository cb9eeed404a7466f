// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Decoder;
import org.jkd.cpu.Instruction;
import org.jkd.cpu.Register;
import org.jkd.image.Bytes;
import org.jkd.image.Memory;
import org.jkd.image.Unreadable;
import org.jkd.pe.LoadedImage;
import org.jkd.pe.PeImage;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The unwinder against the code itself: in a prologue the return address lies as many bytes above
 * RSP as the instructions so far have taken, in an epilogue as many as those to come will give
 * back. Images of several compilers; the two drivers of Windows 10 have version 2 information.
 */
class RealImageUnwindTest {
  private static final long BASE = 0x7ff6_0000_0000L;
  private static final long RSP = 0x10_0000L;

  /** A stack on which every word is its own address, so that a return address is its slot. */
  private static final Memory STACK =
      new Memory() {
        @Override
        public int read(long address, byte[] target, int at, int length) {
          for (int i = 0; i < length; i++) {
            long word = address + i & ~7L;
            target[at + i] = (byte) (word >>> 8 * (address + i & 7));
          }
          return length;
        }

        @Override
        public Unreadable whyUnreadable(long address) {
          return new Unreadable.IsReadable();
        }
      };

  @ParameterizedTest
  @CsvSource({
    "data/images/rizin-symstore/amdppm.sys/c9c030003b000/amdppm.sys, 100",
    "data/images/rizin-symstore/Wdf01000.sys/a9a9d36ed1000/Wdf01000.sys, 1000",
    "data/pdb/mozilla/basic64.dll, 500",
    "data/pdb/mozilla/basic-opt64.dll, 300",
    "data/pdb/seh/x64/xcpt4.exe, 50",
    "data/pdb/breakpad/dump_syms_regtest64.exe, 100"
  })
  void prologuesAndEpiloguesAreWhatTheirCodeSays(String name, int atLeast) throws IOException {
    Optional<Path> file = SharedFolder.find(name);
    Assumptions.assumeTrue(file.isPresent(), "needs ../shared/" + name);
    Check check = new Check(PeImage.ofFile(Bytes.map(file.orElseThrow())));
    check.all();
    assertEquals(List.of(), check.wrong.subList(0, Math.min(20, check.wrong.size())));
    assertTrue(check.prologs > atLeast, check.prologs + " places in prologues");
    assertTrue(check.epilogs > atLeast, check.epilogs + " places in epilogues");
  }

  private static final class Check {
    private final PeImage image;
    private final StackWords code;
    private final FunctionTable functions;
    private final X64Unwinder unwinder = new X64Unwinder(new StackWords(STACK));
    private final Decoder decoder = new Decoder(Arch.X64);
    private final List<String> wrong = new ArrayList<>();
    private int prologs;
    private int epilogs;

    Check(PeImage image) {
      this.image = image;
      LoadedImage loaded = image.loadedAt(BASE);
      this.code = new StackWords(loaded);
      this.functions =
          FunctionTable.read(code, BASE, image.sizeOfImage())
              .orElseThrow(() -> new AssertionError("no function table"));
    }

    void all() {
      for (int i = 0; i < functions.size(); i++) {
        FunctionTable.Function f = functions.entry(i);
        byte[] bytes = image.bytes(f.begin(), (int) (f.end() - f.begin())).orElseThrow();
        if ((f.unwind() & 1) == 0 && (code.u8(BASE + f.unwind()) >> 3 & 4) == 0) {
          prolog(f, bytes);
        }
        epilogs(f, bytes);
      }
    }

    private void prolog(FunctionTable.Function f, byte[] bytes) {
      int prolog = code.u8(BASE + f.unwind() + 1);
      int frame = code.u8(BASE + f.unwind() + 3) & 15;
      long taken = 0;
      long frameAt = 0; // RSP − frame register's value at entry, once it is set
      boolean frameSet = false;
      Instruction instruction = new Instruction();
      for (int at = 0; at <= prolog && at < bytes.length; ) {
        long slot = RSP + taken;
        CpuContext context = context(f.begin() + at);
        if (frameSet) {
          context = context.with(Register.values()[frame], slot - frameAt);
        }
        expect("prolog", f, at, context, slot);
        prologs++;
        int length = decoder.decode(bytes, at, bytes.length, BASE + f.begin() + at, instruction);
        if (length <= 0 || at == prolog) {
          return;
        }
        String mnemonic = instruction.mnemonicText();
        if (mnemonic.equals("push")) {
          taken += 8;
        } else if (mnemonic.equals("sub") && instruction.isRegister(0, Instruction.RSP)) {
          if (instruction.operandCount() < 2 || isRegister(instruction, 1)) {
            return; // sub rsp, rax behind __chkstk
          }
          taken += instruction.immediate(1);
        } else if (frame != 0 && instruction.isRegister(0, frame)) {
          frameSet = true;
          frameAt = taken - (mnemonic.equals("lea") ? instruction.displacement(1) : 0);
        } else if ((instruction.registersWritten() & 1 << Instruction.RSP) != 0) {
          return;
        }
        at += length;
      }
    }

    private static boolean isRegister(Instruction instruction, int operand) {
      for (int r = 0; r < 16; r++) {
        if (instruction.isRegister(operand, r)) {
          return true;
        }
      }
      return false;
    }

    /** Where a {@code ret} stands, and the {@code pop}s and the {@code add rsp} before it. */
    private void epilogs(FunctionTable.Function f, byte[] bytes) {
      List<int[]> run = new ArrayList<>(); // offset, bytes given back
      Instruction instruction = new Instruction();
      for (int at = 0; at < bytes.length; ) {
        int length = decoder.decode(bytes, at, bytes.length, BASE + f.begin() + at, instruction);
        if (length <= 0) {
          return;
        }
        String mnemonic = instruction.mnemonicText();
        if (mnemonic.equals("ret")) {
          run.add(new int[] {at, 0});
          long give = 0;
          for (int i = run.size() - 1; i >= 0; i--) {
            give += run.get(i)[1];
            expect("epilog", f, run.get(i)[0], context(f.begin() + run.get(i)[0]), RSP + give);
            epilogs++;
          }
          run.clear();
        } else if (mnemonic.equals("pop")) {
          run.add(new int[] {at, 8});
        } else {
          run.clear();
          if (mnemonic.equals("add")
              && instruction.isRegister(0, Instruction.RSP)
              && !isRegister(instruction, 1)) {
            run.add(new int[] {at, (int) instruction.immediate(1)});
          }
        }
        at += length;
      }
    }

    private static CpuContext context(long rva) {
      CpuContext context = CpuContext.unknown(Arch.X64).with(Register.RIP, BASE + rva);
      for (int i = 0; i < 16; i++) {
        context = context.with(Register.values()[i], 0x5000_0000L + i * 0x1_0000L);
      }
      return context.with(Register.RSP, RSP);
    }

    private void expect(
        String where, FunctionTable.Function f, int at, CpuContext context, long slot) {
      X64State state = X64State.of(context);
      X64Unwinder.Outcome outcome = unwinder.unwind(state, code, BASE, f);
      if (outcome != X64Unwinder.Outcome.MACHINE_FRAME
          && (outcome != X64Unwinder.Outcome.DONE || unwinder.slot != slot)) {
        wrong.add(
            "%s of %x at +%x: %s, slot %x instead of %x"
                .formatted(where, f.begin(), at, outcome, unwinder.slot, slot));
      }
    }
  }
}
