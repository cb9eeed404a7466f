// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Register;
import org.jkd.cpu.TaskState;
import org.jkd.cpu.TrapFrame;
import org.jkd.dump.DumpFile;
import org.jkd.image.Bytes;
import org.jkd.image.PageTables;
import org.jkd.image.PageWalk;
import org.jkd.image.Unreadable;
import org.jkd.sample.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every dump of the corpus, in every form, against the truth that was recorded while it crashed.
 */
class CorpusDumpsTest {
  static List<Corpus.Case> cases() throws IOException {
    return Corpus.cases();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void machineIsAsRecorded(Corpus.Case c) throws IOException {
    KernelTarget target = KernelTarget.open(c.dump());

    BugCheck bugCheck = target.bugCheck();
    assertThat(bugCheck.plainCode()).isEqualTo(c.number("bugcheck", "code"));
    List<Long> parameters = new ArrayList<>();
    c.truth().get("bugcheck").get("parameters").list().forEach(p -> parameters.add(Corpus.hex(p)));
    assertThat(bugCheck.parameters()).isEqualTo(parameters);

    KernelThread thread = target.currentThread().orElseThrow();
    assertThat(thread.address()).isEqualTo(c.number("thread", "address"));
    assertThat(thread.stackBase()).hasValue(c.number("thread", "stack_base"));
    assertThat(thread.stackLimit()).hasValue(c.number("thread", "stack_limit"));
    assertThat(thread.process()).hasValue(c.number("thread", "process"));
    String image = c.truth().get("thread").get("image").text();
    // The process keeps 14 characters and a NUL on x64; that is all of the name there is.
    assertThat(target.currentProcess().orElseThrow().imageName())
        .isEqualTo(
            target.arch() == Arch.X64 ? image.substring(0, Math.min(14, image.length())) : image);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void modulesAreAsRecorded(Corpus.Case c) throws IOException {
    KernelTarget target = KernelTarget.open(c.dump());
    List<String> wanted = new ArrayList<>();
    for (Json m : c.truth().get("modules").list()) {
      long base = Corpus.hex(m.get("base"));
      boolean user = target.arch().pointerSize() == 8 ? base > 0 : base < 0x8000_0000L;
      if (!user) {
        String name = m.get("name").text();
        // Small dumps list every kernel as ntoskrnl.exe, as real ones do.
        boolean renamed = c.isSmall() && name.equals("nt");
        wanted.add(
            line(
                name,
                renamed ? "ntoskrnl.exe" : m.get("file").text(),
                base,
                Corpus.hex(m.get("size")),
                Corpus.hex(m.get("timestamp"))));
      }
    }
    assertThat(target.modules())
        .extracting(m -> line(m.name(), m.imageName(), m.base(), m.size(), m.timestamp()))
        .containsExactlyInAnyOrderElementsOf(wanted);
  }

  private static String line(String name, String file, long base, long size, long timestamp) {
    return String.format("%s %s %x %x %x", name, file, base, size, timestamp);
  }

  /** A word that was there at the crash and is not in the dump must have a reason, no value. */
  @ParameterizedTest
  @MethodSource("cases")
  void everyReturnAddressIsInItsSlot(Corpus.Case c) throws IOException {
    KernelTarget target = KernelTarget.open(c.dump());
    int read = 0;
    for (Json frame : c.truth().get("frames").list()) {
      if (frame.get("slot").isNull() || frame.get("stack").text().equals("user")) {
        continue;
      }
      long slot = Corpus.hex(frame.get("slot"));
      OptionalLong word = target.reader().pointer(slot);
      if (word.isEmpty()) {
        assertThat(c.isSmall()).as("slot %x", slot).isTrue();
        assertThat(target.memory().whyUnreadable(slot)).isInstanceOf(Unreadable.NoBlock.class);
      } else if (frame.get("slot_intact").isTrue()) {
        assertThat(word).as("slot %x", slot).hasValue(Corpus.hex(frame.get("return")));
        read++;
      }
    }
    if (!c.isSmall()) {
      assertThat(read).isPositive();
    }
  }

  /** The stack that the case is about is found as one of its kind, with its bounds. */
  @ParameterizedTest
  @MethodSource("cases")
  void stackClassesHoldTheStack(Corpus.Case c) throws IOException {
    KernelTarget target = KernelTarget.open(c.dump());
    Json stack = c.truth().get("stack");
    long base = Corpus.hex(stack.get("base"));
    Optional<StackClass> found = target.stackAt(base - 4);
    assertThat(found).isPresent();
    assertThat(found.orElseThrow().base()).isEqualTo(base);
    assertThat(found.orElseThrow().limit()).isEqualTo(Corpus.hex(stack.get("limit")));
    assertThat(found.orElseThrow().kind().text()).isEqualToIgnoringCase(stack.get("name").text());
  }

  /** On x86 the segment of the interrupted task keeps the registers of the overflow. */
  @ParameterizedTest
  @MethodSource("cases")
  void interruptedTaskIsTheOneThatFaulted(Corpus.Case c) throws IOException {
    KernelTarget target = KernelTarget.open(c.dump());
    if (target.arch().pointerSize() == 8 || target.bugCheck().plainCode() != 0x7f) {
      return;
    }
    Optional<CpuContext> found = target.taskState(0x28).map(TaskState::context);
    if (c.isSmall() && found.isEmpty()) {
      return;
    }
    CpuContext context = found.orElseThrow();
    assertThat(context.ip()).isEqualTo(c.number("fault", "ip"));
    assertThat(context.sp()).isEqualTo(c.number("fault", "sp"));
    assertThat(context.bp()).isEqualTo(c.number("fault", "bp"));
  }

  @Test
  void oneCaseKeepsItsDebuggerDataEncoded() throws IOException {
    long encoded = 0;
    for (Corpus.Case c : Corpus.cases()) {
      KernelTarget target = KernelTarget.open(c.dump());
      assertThat(target.debuggerData()).as(c.toString()).isPresent();
      encoded += target.debuggerData().orElseThrow().encoded() ? 1 : 0;
    }
    assertThat(encoded).isEqualTo(1);
  }

  /** A trap frame leads to the place that the trap returns to. */
  @ParameterizedTest
  @MethodSource("cases")
  void trapFramesHoldTheInterruptedPlace(Corpus.Case c) throws IOException {
    KernelTarget target = KernelTarget.open(c.dump());
    List<Json> frames = new ArrayList<>(c.truth().get("frames").list());
    int threadFrames = frames.size();
    frames.addAll(c.truth().get("bugcheck_stack_frames").list());
    int seen = 0;
    for (int i = 0; i < frames.size(); i++) {
      Json frame = frames.get(i);
      if (!frame.names().contains("trap_frame") || !frame.get("slot_intact").isTrue()) {
        continue;
      }
      long address = Corpus.hex(frame.get("trap_frame"));
      Optional<TrapFrame> trap = target.trapFrame(address);
      if (trap.isEmpty()) {
        assertThat(c.isSmall()).as("%x", address).isTrue();
        continue;
      }
      CpuContext context = trap.orElseThrow().context();
      seen++;
      assertThat(context.ip()).isEqualTo(Corpus.hex(frame.get("return")));
      boolean user =
          Long.compareUnsigned(context.ip(), 0x8000_0000L) < 0 || context.ip() >>> 40 == 7;
      assertThat(trap.orElseThrow().fromUser()).as("%x", address).isEqualTo(user);
      if (i >= threadFrames) {
        assertThat(context.sp()).isEqualTo(c.number("fault", "sp"));
        assertThat(context.bp()).isEqualTo(c.number("fault", "bp"));
        Json registers = c.truth().get("registers");
        assertThat(context.get(Register.RAX)).isEqualTo(Corpus.hex(registers.get("rax")));
        assertThat(context.get(Register.RCX)).isEqualTo(Corpus.hex(registers.get("rcx")));
        assertThat(context.get(Register.R11)).isEqualTo(Corpus.hex(registers.get("r11")));
        assertThat(context.knows(Register.RBX)).isFalse();
      }
    }
    if (!c.isSmall()) {
      assertThat(seen).isPositive();
    }
  }

  /** The systems map their page tables into themselves, which proves the walks entry by entry. */
  @ParameterizedTest
  @MethodSource("cases")
  void entriesLieWhereTheSystemSeesThem(Corpus.Case c) throws IOException {
    KernelTarget target = KernelTarget.open(c.dump());
    if (c.isSmall()) {
      assertThat(target.pageTables()).isEmpty();
      return;
    }
    PageTables tables = target.pageTables().orElseThrow();
    assertThat(tables.mode()).hasToString(c.truth().get("paging").text().toUpperCase(Locale.ROOT));
    for (LoadedModule module : target.modules()) {
      for (PageWalk.Step step : tables.walk(module.base()).steps()) {
        if (step.virtualAddress().isPresent()) {
          assertThat(
                  target
                      .reader()
                      .number(step.virtualAddress().getAsLong(), tables.mode().entrySize()))
              .isEqualTo(step.contents());
        }
      }
    }
  }

  /** Without the header's address of it, the block is found by searching. */
  @Test
  void debuggerDataIsFoundAgain() throws IOException {
    for (Corpus.Case c : Corpus.cases()) {
      if (c.isSmall()) {
        continue;
      }
      KernelTarget whole = KernelTarget.open(c.dump());
      byte[] dump = Files.readAllBytes(c.dump());
      int field = whole.arch() == Arch.X64 ? 0x80 : 0x60;
      System.arraycopy(new byte[8], 0, dump, field, whole.arch().pointerSize());
      KernelTarget found = KernelTarget.of(DumpFile.open(Bytes.of("test.dmp", dump)));
      if (whole.debuggerData().orElseThrow().encoded()) {
        assertThat(found.debuggerData()).isEmpty();
      } else {
        assertThat(found.debuggerData().map(DebuggerData::address))
            .isEqualTo(whole.debuggerData().map(DebuggerData::address));
      }
      assertThat(found.currentThread()).as(c.toString()).isEqualTo(whole.currentThread());
    }
  }
}
