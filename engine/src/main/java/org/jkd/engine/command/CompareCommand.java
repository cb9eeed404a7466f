// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jkd.cpu.Arch;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;
import org.jkd.image.Memory;

/** {@code c Range Address}: the bytes in which two ranges differ. */
final class CompareCommand extends Command {
  private static final int CHUNK = 0x4000;

  @Override
  public Result run(Arguments arguments, Session session) {
    if (arguments.atEnd()) {
      throw arguments.error(Kind.SYNTAX);
    }
    Range range = arguments.range(0, 1, 1);
    arguments.eat(",");
    if (arguments.atEnd()) {
      throw arguments.error(Kind.SYNTAX);
    }
    long other = arguments.address();
    arguments.end();
    return new Compared(session.arch(), session.memory().memory(), range, other);
  }

  /** A byte that differs; -1 stands for one that cannot be read. */
  record Difference(long address, int value, long otherAddress, int otherValue) {}

  /** Two ranges. */
  record Compared(Arch arch, Memory memory, Range range, long other) implements Result {

    private Iterable<Difference> differences() {
      return () ->
          LongStream.iterate(0, at -> at < range.count(), at -> at + CHUNK)
              .boxed()
              .flatMap(this::differences)
              .iterator();
    }

    private Stream<Difference> differences(long at) {
      int length = (int) Math.min(CHUNK, range.count() - at);
      MemoryBlock a = MemoryBlock.read(memory, range.start() + at, length);
      MemoryBlock b = MemoryBlock.read(memory, other + at, length);
      return LongStream.range(0, length)
          .mapToObj(i ->
              new Difference(
                  a.address((int) i), value(a, (int) i), b.address((int) i), value(b, (int) i)))
          .filter(d -> d.value != d.otherValue || d.value < 0);
    }

    private static int value(MemoryBlock block, int at) {
      return block.has(at, 1) ? (int) block.number(at, 1) : -1;
    }

    @Override
    public void text(TextOut out) {
      for (Difference d : differences()) {
        out.line(
            Hex.address(arch, arch.address(d.address))
                + "  "
                + hex(d.value)
                + " - "
                + Hex.address(arch, arch.address(d.otherAddress))
                + "  "
                + hex(d.otherValue));
      }
    }

    private static String hex(int value) {
      return value < 0 ? "??" : Hex.pad(value, 2);
    }

    @Override
    public void json(JsonOut out) {
      out.objects(
          "differences",
          differences(),
          (o, d) ->
              o.address("address", d.address)
                  .number("value", d.value)
                  .address("otherAddress", d.otherAddress)
                  .number("otherValue", d.otherValue));
    }
  }
}
