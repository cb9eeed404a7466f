// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import java.util.ArrayList;
import java.util.List;

/** Collects the variables of the scopes that a walk goes through, with their places. */
final class VariableReader implements ScopeReader.Visitor {
  private static final int MAX_NAME = 4096;
  private static final int PARAMETER = 1;
  private static final int EBP = 22;

  /** Flags of S_LOCAL: a global or static variable that is kept in a register for a while. */
  private static final int GLOBAL = 0x600;

  /** Flag of a place that only a part of a structure was spilled to. */
  private static final int SPILLED_PART = 1;

  private final MsfStream s;
  private final int segment;
  private final long offset;

  /** How many of the variables in old records are parameters. */
  private final int parameters;

  private int oldRecords;
  private int calls;

  /** True when the places that follow belong to a variable that is left out. */
  private boolean skipped;

  private final List<Found> found = new ArrayList<>();

  /**
   * A variable.
   *
   * @param ranged true when its places have ranges of code
   * @param inlines how many inlined calls lie around it
   */
  private record Found(Variable variable, boolean ranged, int inlines) {}

  /**
   * @param segment of the address that was asked about
   * @param offset of the address in its section
   */
  VariableReader(MsfStream s, int segment, long offset, int parameters) {
    this.s = s;
    this.segment = segment;
    this.offset = offset;
    this.parameters = parameters;
  }

  /** The variables of one function: of the innermost inlined call, or of one further out. */
  List<Variable> result(int inlined) {
    int wanted = calls - inlined;
    return found.stream().filter(f -> f.inlines == wanted).map(Found::variable).toList();
  }

  @Override
  public void enter(long record, Annotations.Row row) {
    calls++;
  }

  @Override
  public void record(long p, int kind, int inlines) {
    long end = p + 2 + s.u16(p);
    switch (kind) {
      case CodeView.S_LOCAL -> {
        int flags = s.u16(p + 8);
        skipped = (flags & GLOBAL) != 0;
        if (!skipped) {
          add(name(p + 10, end), s.i32(p + 4), (flags & PARAMETER) != 0, true, inlines);
        }
      }
      case CodeView.S_DEFRANGE_REGISTER -> {
        if (covers(p + 8, end)) {
          place(new Variable.InRegister(s.u16(p + 4), Variable.WHOLE));
        }
      }
      case CodeView.S_DEFRANGE_SUBFIELD_REGISTER -> {
        if (covers(p + 12, end)) {
          place(new Variable.InRegister(s.u16(p + 4), s.i32(p + 8) & 0xfff));
        }
      }
      case CodeView.S_DEFRANGE_FRAMEPOINTER_REL -> {
        if (covers(p + 8, end)) {
          place(new Variable.FrameRelative(s.i32(p + 4), Variable.WHOLE));
        }
      }
      case CodeView.S_DEFRANGE_FRAMEPOINTER_REL_FULL_SCOPE ->
          place(new Variable.FrameRelative(s.i32(p + 4), Variable.WHOLE));
      case CodeView.S_DEFRANGE_REGISTER_REL -> {
        if (covers(p + 12, end)) {
          int flags = s.u16(p + 6);
          int part = (flags & SPILLED_PART) != 0 ? flags >>> 4 : Variable.WHOLE;
          place(new Variable.Relative(s.u16(p + 4), s.i32(p + 8), part));
        }
      }
      case CodeView.S_REGREL32 ->
          old(
              name(p + 14, end),
              s.i32(p + 8),
              new Variable.Relative(s.u16(p + 12), s.i32(p + 4), Variable.WHOLE),
              inlines);
      case CodeView.S_BPREL32 ->
          old(
              name(p + 12, end),
              s.i32(p + 8),
              new Variable.Relative(EBP, s.i32(p + 4), Variable.WHOLE),
              inlines);
      case CodeView.S_REGISTER ->
          old(
              name(p + 10, end),
              s.i32(p + 4),
              new Variable.InRegister(s.u16(p + 8), Variable.WHOLE),
              inlines);
      case CodeView.S_LDATA32, CodeView.S_GDATA32 -> {
        String name = name(p + 14, end);
        // Jump tables have records without a name.
        skipped = name.isEmpty();
        if (!skipped) {
          add(name, s.i32(p + 4), false, false, inlines);
          place(new Variable.Static(s.u16(p + 12), s.u32(p + 8), Variable.WHOLE));
        }
      }
      default ->
          // Types, constants, call sites and the like are no variables; places behind a file's own
          // static variable (S_FILESTATIC) are not those of the variable before it.
          skipped = true;
    }
  }

  private String name(long at, long end) {
    return at < end ? s.string(at, (int) Math.min(MAX_NAME, end - at)) : "";
  }

  private void add(String name, int type, boolean parameter, boolean ranged, int inlines) {
    found.add(new Found(new Variable(name, type, parameter, List.of()), ranged, inlines));
  }

  /**
   * A variable of a record without flags: of those the parameters come first. Microsoft's compilers
   * since 2012 describe optimized code in new records and then say what is in one place for good a
   * second time in old ones, for readers that do not know better.
   */
  private void old(String name, int type, Variable.Place place, int inlines) {
    boolean parameter = oldRecords++ < parameters;
    boolean repeated =
        found.stream()
            .anyMatch(f -> f.ranged && f.inlines == inlines && f.variable.name().equals(name));
    skipped = repeated;
    if (!repeated) {
      add(name, type, parameter, false, inlines);
      place(place);
    }
  }

  /**
   * Gives a place to the variable that was added last. Several may hold the whole of it, a register
   * and the stack slot that it was loaded from: the first one counts, which is the narrower one.
   */
  private void place(Variable.Place place) {
    if (found.isEmpty() || skipped) {
      return;
    }
    Found last = found.removeLast();
    List<Variable.Place> places = new ArrayList<>(last.variable.places());
    if (place.part() == Variable.WHOLE && places.stream().allMatch(p -> p.part() >= 0)) {
      places.clear();
    }
    if (places.stream().noneMatch(p -> p.part() == Variable.WHOLE || p.part() == place.part())) {
      places.add(place);
    }
    Variable v = last.variable;
    found.add(
        new Found(
            new Variable(v.name(), v.type(), v.parameter(), List.copyOf(places)),
            last.ranged,
            last.inlines));
  }

  /** True when a range with its gaps holds the address; gaps fill the record to its end. */
  private boolean covers(long at, long end) {
    if (at + 8 > end || s.u16(at + 4) != segment) {
      return false;
    }
    long within = offset - s.u32(at);
    if (within < 0 || within >= s.u16(at + 6)) {
      return false;
    }
    for (long gap = at + 8; gap + 4 <= end; gap += 4) {
      long inGap = within - s.u16(gap);
      if (inGap >= 0 && inGap < s.u16(gap + 2)) {
        return false;
      }
    }
    return true;
  }
}
