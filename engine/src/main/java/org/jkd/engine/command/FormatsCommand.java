// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import org.jkd.engine.expr.ExpressionException;
import org.jkd.engine.render.CFloat;
import org.jkd.engine.render.CTime;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;

/** {@code .formats}: a number in all formats. */
final class FormatsCommand extends Command {

  @Override
  public Result run(Arguments arguments, Session session) {
    if (arguments.atEnd()) {
      throw arguments.error(ExpressionException.Kind.SYNTAX);
    }
    long value = EvaluateCommand.evaluate(arguments);
    return new Formats(value, !EvaluateCommand.isNarrow(session.arch(), value));
  }

  /**
   * A number.
   *
   * @param wide true if all rows show 64 bits
   */
  record Formats(long value, boolean wide) implements Result {
    @Override
    public void text(TextOut out) {
      out.line("Evaluate expression:")
          .line("  Hex:     " + hex())
          .line("  Decimal: " + decimal())
          .line("  Octal:   " + octal())
          .line("  Binary:  " + binary())
          .line("  Chars:   " + chars())
          .line("  Time:    " + time())
          .line("  Float:   " + floats())
          .line("  Double:  " + CFloat.shortest(Double.longBitsToDouble(doubleBits())));
    }

    private String hex() {
      return wide ? Hex.accent(value) : Hex.pad(value, 8);
    }

    private long decimal() {
      return wide ? value : (int) value;
    }

    private String octal() {
      String digits = Long.toOctalString(wide ? value : value & 0xffff_ffffL);
      int width = wide ? 22 : 11;
      return "0".repeat(Math.max(0, width - digits.length())) + digits;
    }

    private String binary() {
      StringBuilder text = new StringBuilder();
      int bits = wide ? 64 : 32;
      for (int bit = bits - 1; bit >= 0; bit--) {
        text.append(value >>> bit & 1);
        if (bit % 8 == 0 && bit > 0) {
          text.append(' ');
        }
      }
      return text.toString();
    }

    private String chars() {
      StringBuilder text = new StringBuilder();
      for (int shift = wide ? 56 : 24; shift >= 0; shift -= 8) {
        int c = (int) (value >>> shift & 0xff);
        text.append(c >= 0x20 && c < 0x7f ? (char) c : '.');
      }
      return text.toString();
    }

    /** Seconds since 1970 if 32 bits hold it, else a FILETIME; UTC, where kd shows local time. */
    private String time() {
      try {
        if (!wide || value >>> 32 == 0) {
          return (int) value < 0
              ? "***** Invalid"
              : CTime.text(LocalDateTime.ofEpochSecond(value, 0, ZoneOffset.UTC));
        }
        if (value < 0) {
          return "***** Invalid FILETIME";
        }
        return CTime.filetime(value);
      } catch (DateTimeException e) {
        return "***** Invalid";
      }
    }

    private String floats() {
      return "low "
          + CFloat.shortest(Float.intBitsToFloat((int) value))
          + " high "
          + CFloat.shortest(wide ? Float.intBitsToFloat((int) (value >>> 32)) : 0f);
    }

    private long doubleBits() {
      return wide ? value : value & 0xffff_ffffL;
    }

    @Override
    public void json(JsonOut out) {
      out.text("hex", hex())
          .number("decimal", decimal())
          .text("octal", octal())
          .text("binary", binary())
          .text("chars", chars())
          .text("time", time());
    }
  }
}
