// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.engine.expr.Evaluator;
import org.jkd.engine.expr.ExpressionException;
import org.jkd.engine.expr.NamePattern;
import org.jkd.engine.render.Hex;
import org.jkd.image.MemoryReader;
import org.jkd.symbols.LocalVariable;
import org.jkd.symbols.ModuleIdentity;
import org.jkd.symbols.Types;
import org.jkd.symbols.Types.StructType;

/**
 * {@code dt [-r[N]] [-b] [-v] [-a[N]] [-c] [-o] [-p] [Module!]Type [[-y] Field ...] [Address] [-l
 * Field]}: a type's fields, with their values when an address is given. A type with wildcards lists
 * names.
 */
final class TypeCommand extends Command {
  private static final List<LocalVariable> NO_VARIABLES = List.of();
  private static final int ALL_LEVELS = 9;
  private static final int ALL_ELEMENTS = Integer.MAX_VALUE;

  @Override
  public Result run(Arguments arguments, Session session) {
    return new Request(arguments, session).run();
  }

  /** One command as it is read. */
  private static final class Request {
    private final Arguments arguments;
    private final Session session;
    private final List<TypeView.Wanted> wanted = new ArrayList<>();
    private final List<String> heading = new ArrayList<>();
    private OptionalLong address = OptionalLong.empty();
    private String list = "";
    private int levels;
    private boolean pointers;
    private boolean verbose;
    private int elements;
    private boolean offsets = true;
    private boolean compact;
    private boolean physical;
    private boolean prefix;
    private long size = -1;

    Request(Arguments arguments, Session session) {
      this.arguments = arguments;
      this.session = session;
    }

    Result run() {
      while (arguments.peek() == '-') {
        option();
      }
      String name = typeName();
      if (name.isEmpty()) {
        throw arguments.error(ExpressionException.Kind.SYNTAX);
      }
      if (!new NamePattern(name).isLiteral() && name.indexOf('<') < 0) {
        while (arguments.peek() == '-') {
          option();
        }
        return names(name);
      }
      Optional<TypeFinder.Found> variable = local(name);
      TypeFinder.Found found = variable.orElseGet(() -> followed(TypeFinder.find(session, name)));
      address = found.address();
      if (!heading.isEmpty() && address.isEmpty()) {
        return new Lines(heading); // a register holds it, or nothing does: there is no more to show
      }
      while (!arguments.atEnd()) {
        if (arguments.text().startsWith("-n ", arguments.position())) {
          arguments.word();
          wanted.add(new TypeView.Wanted(arguments.word(), prefix));
        } else if (arguments.peek() == '-') {
          option();
        } else {
          field(found);
        }
      }
      return show(found);
    }

    /**
     * A variable of the current frame; where it is a pointer, what it points at, as kd shows it.
     */
    private Optional<TypeFinder.Found> local(String name) {
      boolean ofModule = name.indexOf('!') >= 0 || name.startsWith("_");
      if (ofModule || session.arch() == Arch.ARM64 || !session.hasFrame()) {
        return Optional.empty();
      }
      FrameScope scope = session.frameScope();
      for (LocalVariable v : scope.module().isPresent() ? scope.variables() : NO_VARIABLES) {
        if (v.name().equals(name)) {
          return variable(scope, v);
        }
      }
      return Optional.empty();
    }

    /** What a variable points at, if it points at a structure; else the type or variable itself. */
    private TypeFinder.Found followed(TypeFinder.Found found) {
      boolean pointer =
          found.address().isPresent()
              && found.type() instanceof Types.Pointer p
              && p.target() instanceof Types.StructRef;
      if (!pointer) {
        return found;
      }
      long at = found.address().getAsLong();
      heading.add(new TypeValues(session, session.memory()).text(found.type(), at));
      return new TypeFinder.Found(
          found.name(),
          found.module(),
          found.types(),
          ((Types.Pointer) found.type()).target(),
          session.memory().pointer(at));
    }

    private Optional<TypeFinder.Found> variable(FrameScope scope, LocalVariable v) {
      ModuleIdentity module = scope.module().orElseThrow();
      Types types = session.debuggee().symbols().symbols(module).types();
      OptionalLong at = scope.address(v);
      String place = at.isPresent() ? Hex.prefixed(session.arch(), at.getAsLong()) : scope.place(v);
      heading.add(
          "Local var @ "
              + (place.isEmpty() ? "<unavail>" : place.replace("@", ""))
              + " Type "
              + Types.withoutKeyword(Types.spelled(v.type())).replace(" *", "*"));
      if (v.type() instanceof Types.Pointer p && p.target() instanceof Types.StructRef) {
        heading.add(scope.value(v));
        OptionalLong to = scope.number(v);
        return Optional.of(new TypeFinder.Found(v.name(), module, types, p.target(), to));
      }
      if (at.isEmpty()) {
        heading.add(scope.value(v));
      }
      return Optional.of(new TypeFinder.Found(v.name(), module, types, v.type(), at));
    }

    private Result show(TypeFinder.Found found) {
      TypeView view =
          new TypeView(
              session,
              found.module().name(),
              found.types(),
              new TypeView.Options(levels, pointers, verbose, elements, offsets, compact),
              memory());
      if (!list.isEmpty() && found.type() instanceof Types.StructRef ref) {
        if (address.isEmpty()) {
          throw new CommandException("dt -l needs the address of the first entry");
        }
        return view.list(found.name(), ref, wanted, address.getAsLong(), list);
      }
      TypeRows shown =
          heading.isEmpty() && address.isPresent() && address.equals(found.address())
              ? view.variable(found, wanted)
              : view.show(found.name(), found.type(), wanted, address);
      if (shown.rows().stream().allMatch(r -> r.kind() == TypeRows.Kind.LINE)
          && !wanted.isEmpty()) {
        throw new CommandException("Cannot find specified field members.");
      }
      return heading.isEmpty() ? shown : shown.below(heading);
    }

    private MemoryReader memory() {
      if (!physical) {
        return session.memory();
      }
      return new MemoryReader(
          session
              .physical()
              .orElseThrow(() -> new CommandException("The dump holds no physical memory")),
          session.arch().pointerSize());
    }

    private void option() {
      String word = arguments.word();
      String rest = word.length() > 2 ? word.substring(2) : "";
      switch (word.length() > 1 ? word.charAt(1) : ' ') {
        case 'r' -> {
          levels = rest.isEmpty() ? ALL_LEVELS : Math.max(0, Character.digit(rest.charAt(0), 10));
          pointers = true;
        }
        case 'b' -> levels = ALL_LEVELS;
        case 'v' -> verbose = true;
        case 'a' -> elements = rest.isEmpty() ? ALL_ELEMENTS : count(rest);
        case 'c' -> compact = !rest.equals("-");
        case 'o' -> offsets = false;
        case 'p' -> physical = true;
        case 'l' -> list = arguments.word();
        case 's' -> size = arguments.expression();
        case 'y' -> {
          prefix = true;
          // Letters behind it are further options, as in -yoi.
          offsets &= rest.indexOf('o') < 0;
          wanted.add(new TypeView.Wanted(arguments.word(), true));
        }
        default -> {
          // -d -e -h -i -k -m -n -t change how much is printed, not what is found.
        }
      }
    }

    private int count(String text) {
      try {
        return Math.max(1, Integer.parseInt(text));
      } catch (NumberFormatException e) {
        throw arguments.error(ExpressionException.Kind.SYNTAX);
      }
    }

    /** The next word; the arguments of a template may hold blanks. */
    private String typeName() {
      StringBuilder name = new StringBuilder(arguments.word());
      if (List.of("struct", "class", "union", "enum").contains(name.toString())) {
        name.setLength(0);
        name.append(arguments.word());
      }
      while (!arguments.atEnd() && open(name)) {
        name.append(' ').append(arguments.word());
      }
      return name.toString();
    }

    private static boolean open(StringBuilder name) {
      return name.chars().filter(c -> c == '<').count()
          > name.chars().filter(c -> c == '>').count();
    }

    private void field(TypeFinder.Found found) {
      int at = arguments.position();
      String word = arguments.word();
      if (!hasField(found, word)) {
        OptionalLong value = value(at);
        if (value.isPresent()) {
          address = value;
          return;
        }
      }
      wanted.add(new TypeView.Wanted(word, prefix));
    }

    private static boolean hasField(TypeFinder.Found found, String word) {
      String first = word.split("[.\\[]", 2)[0];
      Optional<StructType> struct =
          found.type() instanceof Types.StructRef ref
              ? found.types().struct(ref.name())
              : Optional.empty();
      return struct.stream()
          .flatMap(s -> s.fields().stream())
          .anyMatch(f -> f.name().equals(first));
    }

    /**
     * Evaluates the word that starts at a place if it is an expression; else takes it as a word.
     */
    private OptionalLong value(int at) {
      int after = arguments.position();
      Evaluator evaluator = new Evaluator(arguments.text(), at, session);
      try {
        long value = evaluator.expression();
        if (evaluator.position() >= after) {
          arguments.back(evaluator.position());
          return OptionalLong.of(session.arch().address(value));
        }
      } catch (ExpressionException e) {
        // No expression, so it must be the name of a field; if there is none, that is said.
        return OptionalLong.empty();
      }
      return OptionalLong.empty();
    }

    private Result names(String pattern) {
      int bang = pattern.indexOf('!');
      NamePattern inModule = new NamePattern(bang < 0 ? "*" : pattern.substring(0, bang));
      NamePattern inName = new NamePattern(pattern.substring(bang + 1));
      List<String> lines = new ArrayList<>();
      for (ModuleIdentity module : session.debuggee().symbols().modules()) {
        if (inModule.matches(module.name())) {
          Types types = session.debuggee().symbols().symbols(module).types();
          for (String name : types.names(inName::matches)) {
            String shown = module.name() + "!" + name;
            if (!verbose && size < 0) {
              lines.add("          " + shown);
              continue;
            }
            long bytes = types.named(name).map(Types.Type::size).orElse(0L);
            if (size < 0 || bytes == size) {
              lines.add(String.format(java.util.Locale.ROOT, "          %03x   %s", bytes, shown));
            }
          }
        }
      }
      return new Lines(lines);
    }
  }
}
