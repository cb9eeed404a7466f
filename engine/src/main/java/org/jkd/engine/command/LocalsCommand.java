// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.engine.expr.NamePattern;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.Text;
import org.jkd.engine.render.TextOut;
import org.jkd.symbols.LocalVariable;
import org.jkd.symbols.SymbolStatus;
import org.jkd.symbols.Types;

/** {@code dv [/i /t /v /V /a /n /z] [Pattern]}: the variables of the current frame. */
final class LocalsCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    String letters = "";
    while (arguments.peek() == '/') {
      letters += arguments.word().substring(1);
    }
    NamePattern pattern = new NamePattern(arguments.atEnd() ? "*" : arguments.word());
    arguments.end();
    FrameScope scope = session.frameScope();
    if (scope.symbols().map(s -> s.status() != SymbolStatus.PRIVATE).orElse(true)) {
      throw new CommandException(
          "Unable to enumerate locals, Win32 error 0n87\n"
              + "Private symbols (symbols.pri) are required for locals.");
    }
    List<LocalVariable> variables =
        scope.variables().stream().filter(v -> pattern.matches(v.name())).toList();
    if (letters.indexOf('a') >= 0) {
      variables = scope.byAddress(variables);
    } else if (letters.indexOf('n') >= 0) {
      variables = variables.stream().sorted(Comparator.comparing(LocalVariable::name)).toList();
    } else if (letters.indexOf('z') >= 0) {
      variables =
          variables.stream().sorted(Comparator.comparingLong(v -> v.type().size())).toList();
    }
    List<Row> rows = new ArrayList<>();
    for (LocalVariable v : variables) {
      rows.add(
          new Row(
              v.name(),
              Types.spelled(v.type()),
              v.parameter(),
              scope.address(v),
              scope.place(v),
              scope.value(v)));
    }
    return new Locals(session.arch(), letters, List.copyOf(rows));
  }

  /**
   * A variable.
   *
   * @param address empty when it is in a register, in parts or nowhere
   * @param place by its register
   */
  record Row(
      String name,
      String type,
      boolean parameter,
      OptionalLong address,
      String place,
      String value) {}

  /** The variables; {@code letters} are the options. */
  record Locals(Arch arch, String letters, List<Row> rows) implements Result {
    @Override
    public void text(TextOut out) {
      for (Row row : rows) {
        StringBuilder line = new StringBuilder();
        if (letters.indexOf('i') >= 0) {
          line.append(row.parameter ? "prv param  " : "prv local  ");
        }
        boolean places = letters.indexOf('v') >= 0 || letters.indexOf('V') >= 0;
        if (places) {
          int width = arch == Arch.X86 ? 8 : 17;
          String at =
              row.address.isPresent()
                  ? Hex.address(arch, row.address.getAsLong())
                  : row.place.isEmpty() ? "<unavail>" : row.place;
          line.append(Text.left(at, width)).append(' ');
          if (letters.indexOf('V') >= 0) {
            line.append(Text.left(row.place, 12)).append(' ');
          }
        }
        boolean typed = letters.indexOf('t') >= 0;
        line.append(typed ? row.type + " " + row.name : Text.right(row.name, 16));
        out.line(line.append(" = ").append(row.value).toString());
      }
    }

    @Override
    public void json(JsonOut out) {
      out.objects(
          "variables",
          rows,
          (o, r) -> {
            o.text("name", r.name).text("type", r.type).flag("parameter", r.parameter);
            if (r.address.isPresent()) {
              o.address("address", r.address.getAsLong());
            }
            o.optional("place", r.place).text("value", r.value);
          });
    }
  }
}
