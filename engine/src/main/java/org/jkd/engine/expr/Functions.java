// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.expr;

import java.util.Locale;
import java.util.OptionalLong;
import org.jkd.engine.expr.ExpressionException.Kind;

/** The functions of MASM expressions: {@code $vvalid(address, length)} and the like. */
final class Functions {
  /** {@code $vvalid} looks at no more than this many pages. */
  private static final long MAX_VALID_CHECK = 1 << 30;

  private static final long PAGE = 0x1000;

  private final Evaluator in;
  private final ExpressionContext context;

  Functions(Evaluator in, ExpressionContext context) {
    this.in = in;
    this.context = context;
  }

  /** Evaluates a call; the evaluator stands before the opening parenthesis. */
  long call(String name) {
    int start = in.position() - name.length();
    in.eat('(');
    long value =
        switch (name.toLowerCase(Locale.ROOT)) {
          case "$vvalid" -> valid();
          case "$iment" -> entryPoint(start);
          case "$scmp" -> compare(false);
          case "$sicmp" -> compare(true);
          case "$spat" -> matches();
          case "$fnsucc" -> succeeded();
          default -> throw in.error(Kind.RESOLVE, start);
        };
    in.skipBlanks();
    if (!in.eat(')')) {
      throw in.error(Kind.SYNTAX, in.position());
    }
    return value;
  }

  /**
   * {@code $fnsucc(function, value, flag)}: whether a returned value means success. Without the
   * function's return type the rule of status codes counts, by which most of the kernel goes:
   * negative numbers are failures.
   */
  private long succeeded() {
    in.masm();
    comma();
    long value = in.masm();
    comma();
    in.masm();
    return (int) value >= 0 ? 1 : 0;
  }

  private void comma() {
    in.skipBlanks();
    if (!in.eat(',')) {
      throw in.error(Kind.SYNTAX, in.position());
    }
  }

  private long valid() {
    long address = context.arch().address(in.masm());
    comma();
    long length = in.masm();
    if (length <= 0 || length > MAX_VALID_CHECK) {
      return 0;
    }
    for (long at = address; at - address < length; at = (at | (PAGE - 1)) + 1) {
      if (context.read(at, 1).isEmpty()) {
        return 0;
      }
    }
    return context.read(address + length - 1, 1).isPresent() ? 1 : 0;
  }

  /** AddressOfEntryPoint of the PE image at an address. */
  private long entryPoint(int start) {
    long base = context.arch().address(in.masm());
    OptionalLong header = context.read(base + 0x3c, 4);
    OptionalLong entry =
        header.isPresent()
            ? context.read(base + header.getAsLong() + 0x28, 4)
            : OptionalLong.empty();
    if (entry.isEmpty()) {
      throw in.error(Kind.MEMORY, start);
    }
    return base + entry.getAsLong();
  }

  private long compare(boolean ignoreCase) {
    String a = in.string();
    comma();
    String b = in.string();
    int order = ignoreCase ? a.compareToIgnoreCase(b) : a.compareTo(b);
    return Integer.signum(order);
  }

  private long matches() {
    String text = in.string();
    comma();
    return new NamePattern(in.string()).matches(text) ? 1 : 0;
  }
}
