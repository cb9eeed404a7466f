// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import java.util.Optional;
import org.jkd.pe.RuntimeFunctions;
import org.jspecify.annotations.Nullable;

/**
 * Finds the function that an address belongs to: by the unwind table, by the starts that the
 * function map knows, and for code that no known flow reaches by reading on from what lies before.
 */
final class FunctionFinder {
  /** Functions before an address that are tried as the one that contains it. */
  private static final int MAX_CANDIDATES = 8;

  /** Functions before an address that are tried as the one whose exception handler contains it. */
  private static final int MAX_PARENTS = 32;

  /** A function's parts lie this close to its start, unless an index says otherwise. */
  private static final long MAX_SPAN = 1 << 20;

  /** Functions in a row of which nothing was known before. */
  private static final int MAX_GAP_STEPS = 64;

  private static final int MAX_PADDING = 64;

  private final CodeSpace space;

  FunctionFinder(CodeSpace space) {
    this.space = space;
  }

  /** The function of which an instruction covers the address. */
  Optional<FunctionCode> functionAt(CodeImage image, long address) {
    FunctionCode byTable = functionByTable(image, address);
    if (byTable != null) {
      return Optional.of(byTable);
    }
    FunctionMap map = image.functions();
    int nearest = map.floor(address);
    for (int i = nearest; i >= 0 && nearest - i < MAX_CANDIDATES; i--) {
      if (address - map.start(i) > MAX_SPAN) {
        break;
      }
      FunctionCode function = space.function(image, map.start(i));
      if (covers(function, address)) {
        FunctionCode jumper = jumperThatKeeps(image, map, map.start(i), address);
        return Optional.of(jumper != null ? jumper : outermost(image, function, i));
      }
    }
    return orphan(image, nearest, address);
  }

  private static boolean covers(FunctionCode function, long address) {
    FlowGraph graph = function.graph();
    for (int back = 0; back < 15; back++) {
      int i = graph.indexOf(address - back);
      if (i >= 0) {
        return graph.op(i).next() > address || back == 0;
      }
    }
    return false;
  }

  /**
   * A part that was moved away belongs to the function that jumps to it with its frame in place.
   */
  private @Nullable FunctionCode jumperThatKeeps(
      CodeImage image, FunctionMap map, long start, long address) {
    long jumper = map.sourcesAt(start) == FunctionMap.JUMP ? map.jumper(start) : 0;
    if (jumper == 0) {
      return null;
    }
    FunctionCode function = space.function(image, jumper);
    return covers(function, address) ? function : null;
  }

  /** A start that may be an inner label belongs to an earlier function whose flow runs into it. */
  private FunctionCode outermost(CodeImage image, FunctionCode function, int index) {
    FunctionMap map = image.functions();
    FunctionCode best = function;
    int bestIndex = index;
    for (int at = index - 1; at >= 0 && index - at <= MAX_CANDIDATES; at--) {
      if ((map.sources(bestIndex) & FunctionMap.CERTAIN) != 0
          || best.start() - map.start(at) > MAX_SPAN) {
        break;
      }
      // Other functions may lie between the parts of one.
      FunctionCode earlier = space.function(image, map.start(at));
      if (earlier.hasInstruction(best.start())) {
        best = earlier;
        bestIndex = at;
      }
    }
    return best;
  }

  private @Nullable FunctionCode functionByTable(CodeImage image, long address) {
    RuntimeFunctions table = space.runtimeFunctions(image);
    if (table == null) {
      return null;
    }
    RuntimeFunctions.Entry entry = UnwindDepth.root(table, address - image.base()).orElse(null);
    if (entry == null) {
      return null;
    }
    FunctionCode function = space.function(image, image.base() + entry.begin());
    if (covers(function, address)) {
      return function;
    }
    return adopt(function, address).orElse(function);
  }

  /**
   * Code that no known flow reaches. It is walked from where the flow before it ends: functions
   * without a symbol or a caller that is seen, and funclets that the exception dispatcher calls,
   * stand alone; anything else, such as an exception handler, belongs to the function before it.
   */
  private Optional<FunctionCode> orphan(CodeImage image, int nearest, long address) {
    FunctionMap map = image.functions();
    long from = 0;
    FunctionCode parent = null;
    boolean framed = false;
    for (int i = nearest; i >= 0 && nearest - i < MAX_PARENTS && !framed; i--) {
      if (address - map.start(i) > MAX_SPAN) {
        break;
      }
      FunctionCode before = space.function(image, map.start(i));
      from = Math.max(from, before.graph().endBefore(address));
      // Handlers run in a frame that a register holds; functions without one have none.
      framed = before.flow().hasFrame();
      if (framed || parent == null && (map.sources(i) & FunctionMap.STRONG) != 0) {
        parent = before;
      }
    }
    if (from == 0) {
      return Optional.empty();
    }
    for (int step = 0; step < MAX_GAP_STEPS && from <= address; step++) {
      from = skipPadding(image, from);
      if (from > address) {
        break;
      }
      FunctionCode found = space.function(image, from);
      if (covers(found, address) && found.flow().standsAlone()) {
        return Optional.of(found);
      }
      if (covers(found, address)) {
        break;
      }
      long end = found.graph().endOfRun(from);
      if (end <= from) {
        break;
      }
      from = end;
    }
    return parent == null ? Optional.empty() : adopt(parent, address);
  }

  private static long skipPadding(CodeImage image, long from) {
    long at = from;
    for (int i = 0; i < MAX_PADDING; i++) {
      int b = image.u8(at);
      if (b != 0xcc && b != 0x90) {
        break;
      }
      at++;
    }
    return at;
  }

  /** Reads straight on from the last instruction before the address that flow reached. */
  private Optional<FunctionCode> adopt(FunctionCode function, long address) {
    FlowGraph graph = function.graph();
    long at = function.start();
    for (int i = 0; i < graph.size() && graph.op(i).address < address; i++) {
      at = Math.max(at, graph.op(i).next());
    }
    CodeImage image = function.image();
    long from = at;
    while (at < address) {
      int b = image.u8(at);
      if (b == 0xcc || b == 0x90) {
        at++;
        from = at;
        continue;
      }
      Op op = space.op(image, at);
      if (op == null) {
        return Optional.empty();
      }
      at = op.next();
      if (op.endsFlow() && at <= address) {
        from = at;
      }
    }
    // An address inside an instruction is accepted: the caller asked what covers it.
    FlowGraph extended = FlowGraph.build(space, image, function.start(), new LongIntMap(4), 0);
    for (long orphan : graph.orphans()) {
      extended.addOrphan(orphan);
    }
    extended.addOrphan(from);
    FunctionCode result = space.extend(function, extended);
    if (!covers(result, address)) {
      return Optional.empty();
    }
    space.replace(function, result);
    return Optional.of(result);
  }
}
