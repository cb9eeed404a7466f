// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jkd.code.CallSite;
import org.jkd.code.SavedRegister;
import org.jkd.code.StackState;
import org.jkd.cpu.Arch;
import org.jkd.cpu.Register;
import org.jspecify.annotations.Nullable;

/** Says of each word of a stack what it is, once the frames are known. */
final class WordNotes {
  /** More bytes of arguments than this are not believed. */
  private static final int MAX_ARGUMENTS = 64;

  private static final Map<Integer, String> X86_FIELDS =
      Map.ofEntries(
          Map.entry(0x00, "DbgEbp"),
          Map.entry(0x04, "DbgEip"),
          Map.entry(0x08, "DbgArgMark"),
          Map.entry(0x0c, "DbgArgPointer"),
          Map.entry(0x38, "SegDs"),
          Map.entry(0x3c, "Edx"),
          Map.entry(0x40, "Ecx"),
          Map.entry(0x44, "Eax"),
          Map.entry(0x48, "PreviousPreviousMode"),
          Map.entry(0x4c, "ExceptionList"),
          Map.entry(0x50, "SegFs"),
          Map.entry(0x54, "Edi"),
          Map.entry(0x58, "Esi"),
          Map.entry(0x5c, "Ebx"),
          Map.entry(0x60, "Ebp"),
          Map.entry(0x64, "ErrCode"),
          Map.entry(0x68, "Eip"),
          Map.entry(0x6c, "SegCs"),
          Map.entry(0x70, "EFlags"),
          Map.entry(0x74, "HardwareEsp"),
          Map.entry(0x78, "HardwareSegSs"));

  private static final Map<Integer, String> X64_FIELDS =
      Map.ofEntries(
          Map.entry(0x30, "Rax"),
          Map.entry(0x38, "Rcx"),
          Map.entry(0x40, "Rdx"),
          Map.entry(0x48, "R8"),
          Map.entry(0x50, "R9"),
          Map.entry(0x58, "R10"),
          Map.entry(0x60, "R11"),
          Map.entry(0xd0, "FaultAddress"),
          Map.entry(0x140, "Rbx"),
          Map.entry(0x148, "Rdi"),
          Map.entry(0x150, "Rsi"),
          Map.entry(0x158, "Rbp"),
          Map.entry(0x160, "ErrorCode"),
          Map.entry(0x168, "Rip"),
          Map.entry(0x170, "SegCs"),
          Map.entry(0x178, "EFlags"),
          Map.entry(0x180, "Rsp"),
          Map.entry(0x188, "SegSs"));

  private final Segment segment;
  private final CodeFacts code;
  private final WordJudge judge;
  private final Names names;
  private final boolean x86;
  private final Map<Long, WordNote> known = new HashMap<>();

  WordNotes(Segment segment, CodeFacts code, WordJudge judge, Names names, Arch arch) {
    this.segment = segment;
    this.code = code;
    this.judge = judge;
    this.names = names;
    this.x86 = arch == Arch.X86;
  }

  /** The notes on all words from the lowest address up. */
  List<WordNote> of(RebuiltStack stack) {
    List<RebuiltFrame> frames = stack.frames();
    for (int i = 0; i < frames.size(); i++) {
      frame(frames.get(i), i + 1 < frames.size() ? frames.get(i + 1) : null);
    }
    List<WordNote> notes = new ArrayList<>(segment.count());
    for (int i = 0; i < segment.count(); i++) {
      WordNote note = known.get(segment.address(i));
      notes.add(note != null ? note : other(i, owner(frames, segment.address(i))));
    }
    return notes;
  }

  private void frame(RebuiltFrame frame, @Nullable RebuiltFrame next) {
    if (frame.trapFrame().isPresent()) {
      trapFrame(frame, frame.trapFrame().getAsLong());
    }
    if (next == null || next.slot().isEmpty()) {
      return;
    }
    long slot = next.slot().getAsLong();
    int index = frame.index();
    if (next.trapFrame().isEmpty()) {
      put(slot, WordNote.Kind.RETURN, index, "return address of frame " + number(index));
      Optional<CallSite> call = code.callBefore(next.ip());
      int bytes = call.map(CallSite::popped).orElse(0);
      for (int at = 0; at < Math.min(bytes, MAX_ARGUMENTS); at += segment.width()) {
        put(
            slot + segment.width() + at,
            WordNote.Kind.ARGUMENT,
            index,
            "argument " + (at / segment.width() + 1) + " of frame " + number(index));
      }
    }
    Optional<StackState> layout = code.layout(frame.ip(), frame.slot().isPresent());
    if (layout.isEmpty() || next.trapFrame().isPresent()) {
      return;
    }
    for (SavedRegister saved : layout.get().saved()) {
      String register = name(saved.register(), x86);
      boolean link = x86 && saved.register() == Register.RBP;
      put(
          slot + saved.offset(),
          link ? WordNote.Kind.LINK : WordNote.Kind.SAVED_REGISTER,
          index,
          (link ? "frame link" : "saved " + register) + " of frame " + number(index));
    }
  }

  /** A frame's number as {@code !stackrecon} prints it and {@code -why} takes it. */
  static String number(int frame) {
    return String.format(Locale.ROOT, "%02x", frame);
  }

  /** A register as its architecture calls it. */
  static String name(Register register, boolean x86) {
    String lower = register.name().toLowerCase(Locale.ROOT);
    return x86 ? "e" + lower.substring(1) : lower;
  }

  private void trapFrame(RebuiltFrame frame, long address) {
    int size = x86 ? 0x74 : 0x190;
    Map<Integer, String> fields = x86 ? X86_FIELDS : X64_FIELDS;
    for (int at = 0; at < size; at += segment.width()) {
      String field = fields.getOrDefault(at, "+" + Integer.toHexString(at));
      put(
          address + at,
          WordNote.Kind.TRAP_FRAME,
          frame.index(),
          "trap frame " + Long.toHexString(address) + " " + field);
    }
  }

  private void put(long address, WordNote.Kind kind, int frame, String text) {
    if (segment.index(address) >= 0) {
      known.putIfAbsent(
          address, new WordNote(address, value(address), kind, OptionalInt.of(frame), text));
    }
  }

  private OptionalLong value(long address) {
    return segment.knows(address) ? OptionalLong.of(segment.wordAt(address)) : OptionalLong.empty();
  }

  private WordNote other(int i, OptionalInt owner) {
    long address = segment.address(i);
    if (!segment.knows(i)) {
      return new WordNote(
          address, OptionalLong.empty(), WordNote.Kind.UNREADABLE, owner, "not in the dump");
    }
    long word = segment.word(i);
    String in = owner.isPresent() ? " in frame " + number(owner.getAsInt()) : "";
    WordNote.Kind kind = WordNote.Kind.DATA;
    String text = "data" + in;
    if (judge.word(word).proven()) {
      kind = WordNote.Kind.RESIDUE;
      text = "residue" + in + ": " + names.symbol(word);
    } else if (code.place(word) == CodeFacts.Place.CODE) {
      kind = WordNote.Kind.CODE;
      text = "code address" + in + ": " + names.symbol(word);
    } else if (segment.contains(word)) {
      kind = WordNote.Kind.STACK;
      text = "stack address" + in;
    }
    return new WordNote(address, OptionalLong.of(word), kind, owner, text);
  }

  /** The frame whose own bytes an address is part of. */
  private OptionalInt owner(List<RebuiltFrame> frames, long address) {
    int low = 0;
    int high = frames.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      OptionalLong slot = frames.get(middle).slot();
      if (slot.isEmpty() || Long.compareUnsigned(slot.getAsLong(), address) < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    if (high < 0 || high + 1 >= frames.size()) {
      return OptionalInt.empty();
    }
    RebuiltFrame frame = frames.get(high);
    OptionalLong end = frames.get(high + 1).slot();
    boolean owns =
        end.isPresent()
            && end.getAsLong() + segment.width() - address <= frame.bytes()
            && Long.compareUnsigned(end.getAsLong(), address) >= 0;
    return owns ? OptionalInt.of(frame.index()) : OptionalInt.empty();
  }
}
