// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jkd.code.CodeImage;
import org.jkd.code.CodeSpace;
import org.jkd.code.Depth;
import org.jkd.code.FunctionCode;
import org.jkd.code.StackState;
import org.jkd.cpu.Decoder;
import org.jkd.cpu.Instruction;
import org.jkd.cpu.KdFormatter;
import org.jkd.cpu.Symbolizer;
import org.jkd.engine.diagnosis.BigFrame;
import org.jkd.stack.rebuild.RebuiltFrame;

/**
 * Says which instructions make a frame large: those from the function's entry on that move the
 * stack pointer down, in the order of their addresses, up to the place where the frame stands.
 */
final class FrameExplainer {
  /** Instructions that are looked at; frames are made near the entry. */
  private static final int MAX_INSTRUCTIONS = 64;

  private static final int MAX_CODE_LINES = 24;

  private final CodeSpace space;
  private final KdFormatter formatter;

  FrameExplainer(CodeSpace space, Symbolizer symbols) {
    this.space = space;
    this.formatter = new KdFormatter(symbols, KdFormatter.Style.CURRENT);
  }

  BigFrame explain(RebuiltFrame frame) {
    Optional<FunctionCode> function = space.functionAt(frame.ip());
    return function.isEmpty()
        ? new BigFrame(frame, List.of(), List.of())
        : explain(frame, function.get());
  }

  private BigFrame explain(RebuiltFrame frame, FunctionCode function) {
    List<String> where = new ArrayList<>();
    List<String> code = new ArrayList<>();
    long[] addresses = function.instructions();
    Decoder decoder = new Decoder(space.arch());
    Instruction instruction = new Instruction();
    byte[] bytes = new byte[Decoder.MAX_LENGTH];
    int saved = 0;
    int pushes = 0;
    boolean called = false;
    for (int i = 0; i + 1 < Math.min(addresses.length, MAX_INSTRUCTIONS); i++) {
      long address = addresses[i];
      int length = decode(function.image(), decoder, address, bytes, instruction);
      if (length == 0 || address + length != addresses[i + 1]) {
        break;
      }
      if (code.size() < MAX_CODE_LINES) {
        StringBuilder line = new StringBuilder();
        formatter.line(instruction, bytes, 0, line);
        code.add(line.toString());
      }
      int grown = -instruction.stackDelta();
      switch (instruction.stackEffect()) {
        case PUSH -> {
          if (where.isEmpty() && !called) {
            saved += grown;
            pushes++;
          }
        }
        case ADJUST, ENTER -> {
          if (grown > 0) {
            where.add("locals " + grown + ": " + text(instruction) + " at " + hex(address));
          }
        }
        case ALIGN -> where.add("alignment: " + text(instruction) + " at " + hex(address));
        case CALL -> called = true;
        case NONE, POP, RETURN, LEAVE, ASSIGN -> {}
      }
    }
    if (pushes > 0) {
      where.addFirst("pushed on entry " + saved + ": " + pushes + " pushes");
    }
    int depth = depth(function, frame.ip());
    if (depth > 0) {
      where.add(
          "stack in use at "
              + Long.toHexString(frame.ip())
              + ": "
              + depth
              + " bytes below the return address");
    }
    return new BigFrame(frame, List.copyOf(where), List.copyOf(code));
  }

  private String text(Instruction instruction) {
    StringBuilder text = new StringBuilder();
    formatter.instruction(instruction, text);
    return text.toString().strip().replaceAll(" +", " ");
  }

  private static String hex(long address) {
    return Long.toHexString(address);
  }

  private int depth(FunctionCode function, long address) {
    Optional<StackState> state = function.stateAt(address);
    return state.isPresent() && state.get().depth() instanceof Depth.Exact exact
        ? exact.bytes()
        : 0;
  }

  private static int decode(
      CodeImage image, Decoder decoder, long address, byte[] bytes, Instruction out) {
    int read = image.read(address, bytes, 0, bytes.length);
    return read <= 0 ? 0 : decoder.decode(bytes, 0, read, address, out);
  }
}
