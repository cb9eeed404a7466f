// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The procedures in the output of {@code llvm-pdbutil dump -symbols -sym-data} with their
 * variables, taken apart without any code of the reader.
 */
final class DumpedScopes {
  private static final Pattern HEAD =
      Pattern.compile("^\\s+\\d+ \\| (S_[A-Z0-9_]+) \\[size = \\d+](?: `(.*?)`)?(.*)$");
  private static final Pattern CODE = Pattern.compile("addr = (\\d+):(\\d+), code size = (\\d+)");
  private static final Pattern BLOCK = Pattern.compile("code size = (\\d+), addr = (\\d+):(\\d+)");
  private static final Pattern TYPE =
      Pattern.compile("type ?= ?`?0x([0-9A-F]+)(?: \\((.*?)\\))?[,`]");
  private static final Pattern RANGE =
      Pattern.compile(
          "range start = (\\d+):(\\d+), length = (\\d+)|range = \\[(\\d+):(\\d+),\\+(\\d+)\\)");
  private static final Pattern BYTES = Pattern.compile("[0-9A-F]{4}: ([0-9A-F ]+?)  +\\|");
  private static final Pattern REGISTER = Pattern.compile("[Rr]egister = (\\w+)");
  private static final Pattern OFFSET = Pattern.compile("(?<!code )offset = (-?\\d+)");
  private static final Pattern PART = Pattern.compile("offset in parent = (\\d+)");
  private static final Pattern BASES =
      Pattern.compile("local fp reg = (\\w+), param fp reg = (\\w+)");
  private static final Pattern STATIC = Pattern.compile("addr = (\\d+):(\\d+)");
  private static final Pattern STEP = Pattern.compile("code (end )?0x([0-9A-F]+)");

  /**
   * A procedure.
   *
   * @param scope of its own, with the offset and size of its code
   */
  record Procedure(String name, int segment, Scope scope) {}

  /** Code that a scope consists of, as pairs of start and end in the section. */
  record Piece(long start, long end) {}

  /** A block, an inlined call or a procedure with what is declared in it. */
  static final class Scope {
    final boolean call;
    final List<Piece> pieces = new ArrayList<>();
    final List<Object> content = new ArrayList<>();
    private String localBase = "NONE";
    private String parameterBase = "NONE";

    Scope(boolean call) {
      this.call = call;
    }

    boolean holds(long offset) {
      return pieces.stream().anyMatch(p -> offset >= p.start && offset < p.end);
    }

    /** The variables of this scope's function at an offset. */
    List<Variable> variables(long offset) {
      List<Variable> result = new ArrayList<>();
      for (Object o : content) {
        if (o instanceof Variable v) {
          result.add(v);
        } else if (o instanceof Scope s && !s.call && s.holds(offset)) {
          result.addAll(s.variables(offset));
        }
      }
      return result;
    }

    /** The inlined calls that hold an offset, the innermost first. */
    List<Scope> calls(long offset) {
      List<Scope> result = new ArrayList<>();
      for (Object o : content) {
        if (o instanceof Scope s && s.holds(offset)) {
          result.addAll(0, s.calls(offset));
          if (s.call) {
            result.add(s);
          }
        }
      }
      return result;
    }
  }

  /** Where a variable is in a range of code; {@code first} is −1 for all of the function. */
  private record Place(String where, String part, long first, long end, List<Piece> gaps) {
    boolean holds(long offset) {
      return first < 0
          || offset >= first
              && offset < end
              && gaps.stream().noneMatch(g -> offset >= g.start && offset < g.end);
    }
  }

  /** A variable; {@code old} for the records without ranges. */
  record Variable(
      String name, int type, String typeName, boolean flagged, boolean old, List<Object> places) {
    /** Its places at an offset: registers with offsets, parts with {@code @} and their offset. */
    List<String> at(long offset) {
      List<String> parts = new ArrayList<>();
      for (Object o : places) {
        Place p = (Place) o;
        if (p.holds(offset)) {
          if (p.part.isEmpty()) {
            return List.of(p.where);
          }
          if (parts.stream().noneMatch(other -> other.endsWith("@" + p.part))) {
            parts.add(p.where + "@" + p.part);
          }
        }
      }
      return parts;
    }
  }

  private final List<Procedure> procedures = new ArrayList<>();
  private final List<Scope> open = new ArrayList<>();

  /** Of the record at hand; the dumper leaves out gaps behind the first fifteen. */
  private List<Integer> bytes = List.of();

  DumpedScopes(List<String> dump) {
    List<String> record = new ArrayList<>();
    for (String line : dump) {
      if (HEAD.matcher(line).matches() || line.startsWith("  Mod ")) {
        take(record);
        record = new ArrayList<>();
      }
      record.add(line);
    }
    take(record);
  }

  List<Procedure> procedures() {
    return procedures;
  }

  private void take(List<String> lines) {
    Matcher head = HEAD.matcher(lines.isEmpty() ? "" : lines.getFirst());
    if (!head.matches()) {
      return;
    }
    String kind = head.group(1);
    String name = head.group(2) == null ? "" : head.group(2);
    String text = head.group(3) + " " + String.join(" ", lines.subList(1, lines.size()));
    bytes = bytes(lines);
    switch (kind) {
      case "S_GPROC32", "S_LPROC32", "S_GPROC32_ID", "S_LPROC32_ID" -> procedure(name, text);
      case "S_THUNK32" -> open.add(new Scope(true));
      case "S_BLOCK32" -> block(text);
      case "S_INLINESITE" -> call(lines);
      case "S_END", "S_INLINESITE_END", "S_PROC_ID_END" -> open.removeLast();
      case "S_FRAMEPROC" -> bases(text);
      case "S_LOCAL" -> {
        variable(name, text, text.contains("param"), false, List.of());
        if (text.contains("enreg ")) {
          // A global variable in a register; it is none of the function's own.
          open.getLast().content.add(open.getLast().content.removeLast().toString());
        }
      }
      case "S_REGREL32" -> variable(name, text, false, true, relative(register(text), text));
      case "S_BPREL32" -> variable(name, text, false, true, relative("ebp", text));
      case "S_REGISTER" -> variable(name, text, false, true, List.of(always(register(text))));
      case "S_LDATA32", "S_GDATA32" -> {
        Matcher at = STATIC.matcher(text);
        if (at.find() && !name.isEmpty()) {
          String where = "static " + Integer.parseInt(at.group(1)) + ":" + at.group(2);
          variable(name, text, false, true, List.of(always(where)));
        }
      }
      case "S_DEFRANGE_REGISTER" -> ranged(register(text), "", text);
      case "S_DEFRANGE_SUBFIELD_REGISTER" -> ranged(register(text), group(PART, text), text);
      case "S_DEFRANGE_FRAMEPOINTER_REL" -> ranged("base" + signed(text), "", text);
      case "S_DEFRANGE_FRAMEPOINTER_REL_FULL_SCOPE" -> place(always("base" + signed(text)));
      case "S_DEFRANGE_REGISTER_REL" ->
          ranged(
              register(text) + signed(text),
              text.contains("has spilled udt = true") ? group(PART, text) : "",
              text);
      default -> {
        if (!open.isEmpty()) {
          open.getLast().content.add(kind);
        }
      }
    }
  }

  private static List<Integer> bytes(List<String> lines) {
    StringBuilder hex = new StringBuilder();
    for (String line : lines) {
      Matcher m = BYTES.matcher(line);
      if (m.find()) {
        hex.append(m.group(1).replace(" ", ""));
      }
    }
    List<Integer> result = new ArrayList<>();
    for (int i = 0; i + 2 <= hex.length(); i += 2) {
      result.add(Integer.parseInt(hex, i, i + 2, 16));
    }
    return result;
  }

  private void procedure(String name, String text) {
    open.clear();
    Scope scope = new Scope(true);
    Matcher code = CODE.matcher(text);
    if (code.find()) {
      long start = Long.parseLong(code.group(2));
      scope.pieces.add(new Piece(start, start + Long.parseLong(code.group(3))));
      procedures.add(new Procedure(name, Integer.parseInt(code.group(1)), scope));
    }
    open.add(scope);
  }

  private void block(String text) {
    Scope scope = new Scope(false);
    Matcher code = BLOCK.matcher(text);
    if (code.find()) {
      long start = Long.parseLong(code.group(3));
      scope.pieces.add(new Piece(start, start + Long.parseLong(code.group(1))));
    }
    open.getLast().content.add(scope);
    open.add(scope);
  }

  private void call(List<String> lines) {
    Scope scope = new Scope(true);
    long base = open.getFirst().pieces.getFirst().start;
    long start = -1;
    for (String line : lines.subList(2, lines.size())) {
      Matcher step = STEP.matcher(line);
      while (step.find()) {
        long at = base + Long.parseLong(step.group(2), 16);
        if (start >= 0) {
          scope.pieces.add(new Piece(start, at));
        }
        start = step.group(1) == null ? at : -1;
      }
    }
    open.getLast().content.add(scope);
    open.add(scope);
  }

  private void bases(String text) {
    Matcher bases = BASES.matcher(text);
    if (bases.find()) {
      open.getFirst().localBase = bases.group(1).toLowerCase(Locale.ROOT);
      open.getFirst().parameterBase = bases.group(2).toLowerCase(Locale.ROOT);
    }
  }

  private void variable(
      String name, String text, boolean flagged, boolean old, List<Place> places) {
    Matcher type = TYPE.matcher(text + ",");
    if (open.isEmpty() || !type.find()) {
      return;
    }
    open.getLast()
        .content
        .add(
            new Variable(
                name,
                Integer.parseUnsignedInt(type.group(1), 16),
                type.group(2),
                flagged,
                old,
                new ArrayList<>(places)));
  }

  private void ranged(String where, String part, String text) {
    Matcher range = RANGE.matcher(text);
    if (!range.find()) {
      return;
    }
    int at = range.group(1) == null ? 5 : 2;
    long start = Long.parseLong(range.group(at));
    int head = text.contains("in parent = ") ? 16 : 12;
    List<Piece> gaps = new ArrayList<>();
    for (int i = head; i + 4 <= bytes.size(); i += 4) {
      long from = start + bytes.get(i) + (bytes.get(i + 1) << 8);
      gaps.add(new Piece(from, from + bytes.get(i + 2) + (bytes.get(i + 3) << 8)));
    }
    place(new Place(where, part, start, start + Long.parseLong(range.group(at + 1)), gaps));
  }

  private void place(Place place) {
    List<Object> content = open.getLast().content;
    if (content.getLast() instanceof Variable v) {
      v.places.add(place);
    }
  }

  /** What {@code base} stands for in the places of a procedure's variables. */
  static String base(Procedure procedure, boolean parameter) {
    Scope scope = procedure.scope;
    return (parameter ? scope.parameterBase : scope.localBase).replace("vframe", "$vframe");
  }

  private static Place always(String where) {
    return new Place(where, "", -1, 0, List.of());
  }

  private static List<Place> relative(String register, String text) {
    return List.of(always(register + signed(text)));
  }

  private static String register(String text) {
    return group(REGISTER, text).toLowerCase(Locale.ROOT).replace("vframe", "$vframe");
  }

  private static String signed(String text) {
    // Negative offsets of S_REGREL32 are printed without their sign.
    String offset = String.valueOf((int) Long.parseLong(group(OFFSET, text)));
    return (offset.startsWith("-") ? "" : "+") + offset;
  }

  private static String group(Pattern pattern, String text) {
    Matcher m = pattern.matcher(text);
    return m.find() ? m.group(1) : "";
  }
}
