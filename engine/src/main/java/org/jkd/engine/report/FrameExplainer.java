// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.report;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jkd.code.CallSite;
import org.jkd.code.CodeImage;
import org.jkd.code.CodeSpace;
import org.jkd.code.Depth;
import org.jkd.code.FunctionCode;
import org.jkd.code.StackState;
import org.jkd.code.StackUse;
import org.jkd.cpu.Decoder;
import org.jkd.cpu.Instruction;
import org.jkd.cpu.KdFormatter;
import org.jkd.cpu.Symbolizer;
import org.jkd.engine.diagnosis.BigFrame;
import org.jkd.stack.rebuild.RebuiltFrame;

/**
 * Says which instructions make a frame large: what of the stack is in use where the frame stands,
 * and what took it.
 */
final class FrameExplainer {
  private static final int MAX_CODE_LINES = 24;

  private final CodeSpace space;
  private final KdFormatter formatter;
  private final Decoder decoder;
  private final Instruction instruction = new Instruction();
  private final byte[] bytes = new byte[Decoder.MAX_LENGTH];

  FrameExplainer(CodeSpace space, Symbolizer symbols) {
    this.space = space;
    this.formatter = new KdFormatter(symbols, KdFormatter.Style.CURRENT);
    this.decoder = new Decoder(space.arch());
  }

  BigFrame explain(RebuiltFrame frame) {
    return space
        .functionAt(frame.ip())
        .map(function -> explain(frame, function))
        .orElseGet(() -> new BigFrame(frame, List.of(), List.of()));
  }

  private BigFrame explain(RebuiltFrame frame, FunctionCode function) {
    long at = place(frame, function);
    List<String> where = new ArrayList<>();
    Map<StackUse.Kind, Integer> sums = new EnumMap<>(StackUse.Kind.class);
    Map<StackUse.Kind, Integer> counts = new EnumMap<>(StackUse.Kind.class);
    long last = function.start();
    for (StackUse use : function.stackUses(at)) {
      boolean locals = use.kind() == StackUse.Kind.LOCALS;
      if (locals && use.bytes() <= space.arch().pointerSize()) {
        // One word: a push, as of an exception handler's record.
        sums.merge(use.kind(), use.bytes(), Integer::sum);
        counts.merge(use.kind(), 1, Integer::sum);
        last = Math.max(last, use.instruction());
      } else if (locals
          || use.kind() == StackUse.Kind.ALIGNMENT
          || use.kind() == StackUse.Kind.HELPER) {
        where.add(large(use, function.image()));
        last = Math.max(last, use.instruction());
      } else {
        sums.merge(use.kind(), use.bytes(), Integer::sum);
        counts.merge(use.kind(), 1, Integer::sum);
      }
    }
    if (sums.containsKey(StackUse.Kind.LOCALS)) {
      where.addFirst(small("pushed values", StackUse.Kind.LOCALS, sums, counts));
    }
    if (sums.containsKey(StackUse.Kind.SAVED_REGISTER)) {
      where.addFirst(small("saved registers", StackUse.Kind.SAVED_REGISTER, sums, counts));
    }
    if (sums.containsKey(StackUse.Kind.ARGUMENTS)) {
      where.add(small("arguments of the call", StackUse.Kind.ARGUMENTS, sums, counts));
    }
    int depth = depth(function, at);
    if (depth > 0 && !where.isEmpty()) {
      where.add("in use at " + hex(at) + ": " + depth + " and the return address");
    }
    return new BigFrame(frame, List.copyOf(where), code(function, last));
  }

  /** Where the function stood: at the call before the return address, or where it was stopped. */
  private long place(RebuiltFrame frame, FunctionCode function) {
    if (frame.slot().isPresent() && frame.trapFrame().isEmpty()) {
      Optional<CallSite> site = space.callSite(frame.ip());
      if (site.isPresent()) {
        return site.get().instruction();
      }
    }
    return function.instructionAt(frame.ip()).orElse(frame.ip());
  }

  private String large(StackUse use, CodeImage image) {
    String kind =
        switch (use.kind()) {
          case LOCALS -> "locals ";
          case ALIGNMENT -> "alignment up to ";
          case HELPER -> "frame helper ";
          case SAVED_REGISTER, ARGUMENTS -> "";
        };
    return kind
        + use.bytes()
        + ": "
        + text(image, use.instruction())
        + " at "
        + hex(use.instruction());
  }

  private static String small(
      String what,
      StackUse.Kind kind,
      Map<StackUse.Kind, Integer> sums,
      Map<StackUse.Kind, Integer> counts) {
    int count = counts.getOrDefault(kind, 0);
    return what
        + " "
        + sums.getOrDefault(kind, 0)
        + ": "
        + count
        + (count == 1 ? " instruction" : " instructions");
  }

  /** The instructions from the entry to the last one that makes the frame, as kd prints them. */
  private List<String> code(FunctionCode function, long last) {
    List<String> code = new ArrayList<>();
    long address = function.start();
    while (address <= last && code.size() < MAX_CODE_LINES) {
      int length = decode(function.image(), address);
      if (length == 0) {
        break;
      }
      StringBuilder line = new StringBuilder();
      formatter.line(instruction, bytes, 0, line);
      code.add(line.toString());
      address += length;
    }
    return code;
  }

  private String text(CodeImage image, long address) {
    if (decode(image, address) == 0) {
      return "code that cannot be read";
    }
    StringBuilder text = new StringBuilder();
    formatter.instruction(instruction, text);
    return text.toString().strip().replaceAll(" +", " ");
  }

  private static String hex(long address) {
    return Long.toHexString(address);
  }

  private static int depth(FunctionCode function, long address) {
    Optional<StackState> state = function.stateAt(address);
    return state.isPresent() && state.get().depth() instanceof Depth.Exact exact
        ? exact.bytes()
        : 0;
  }

  private int decode(CodeImage image, long address) {
    int read = image.read(address, bytes, 0, bytes.length);
    return read <= 0 ? 0 : decoder.decode(bytes, 0, read, address, instruction);
  }
}
