// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.ArrayList;
import java.util.List;

/**
 * Explains one word of a stack to people: what it is, and why it is no frame if it looks like one.
 */
final class Explanation {
  /** Links that are followed before a chain counts as long. */
  private static final int MAX_LINKS = 64;

  private final Segment segment;
  private final WordJudge judge;
  private final Names names;
  private final RebuiltStack stack;

  Explanation(Segment segment, WordJudge judge, Names names, RebuiltStack stack) {
    this.segment = segment;
    this.judge = judge;
    this.names = names;
    this.stack = stack;
  }

  List<String> of(List<WordNote> notes, long address) {
    List<String> lines = new ArrayList<>();
    int index = segment.index(address);
    if (index < 0) {
      lines.add(hex(address) + " is not on the stack that was rebuilt");
      return lines;
    }
    WordNote note = notes.get(index);
    lines.add(
        hex(address)
            + (note.value().isPresent() ? " holds " + hex(note.value().getAsLong()) : "")
            + ": "
            + note.text());
    if (note.frame().isPresent() && note.frame().getAsInt() < stack.frames().size()) {
      RebuiltFrame frame = stack.frames().get(note.frame().getAsInt());
      lines.add(
          "frame "
              + WordNotes.number(frame.index())
              + " is "
              + frame.symbol()
              + ", trust "
              + frame.trust().text());
    }
    returnAddress(lines, address);
    if (segment.width() == 4 && segment.knows(address)) {
      links(lines, address);
    }
    return lines;
  }

  private void returnAddress(List<String> lines, long address) {
    if (!segment.knows(address)) {
      return;
    }
    long word = segment.wordAt(address);
    WordJudge.Word judged = judge.word(word);
    if (judged.shape() == WordJudge.Shape.NO_CALL) {
      lines.add(names.symbol(word) + " is code, but no call precedes it");
    } else if (judged.proven()) {
      lines.add("a call precedes " + names.symbol(word) + ", so it was a return address once");
      boolean live =
          stack.frames().stream()
              .anyMatch(f -> f.slot().isPresent() && f.slot().getAsLong() == address);
      if (!live) {
        lines.add("no chain of rules from a frame that is sure leads to it: residue");
      }
    }
  }

  /** Follows saved frame pointers from a word. */
  private void links(List<String> lines, long address) {
    long at = address;
    int links = 0;
    while (links < MAX_LINKS && segment.knows(at) && segment.contains(segment.wordAt(at))) {
      long next = segment.wordAt(at);
      if (Long.compareUnsigned(next, at) <= 0) {
        break;
      }
      at = next;
      links++;
    }
    if (links == 0) {
      return;
    }
    String last =
        !segment.knows(at)
            ? "cannot be read"
            : "holds " + hex(segment.wordAt(at)) + ", no address further up this stack";
    lines.add(
        "read as a saved frame pointer it starts a chain of "
            + links
            + (links == 1 ? " link" : " links")
            + (links == MAX_LINKS ? " and more" : ": " + hex(at) + " " + last));
    long first = segment.wordAt(address);
    if (segment.knows(first + 4)) {
      long word = segment.wordAt(first + 4);
      lines.add(
          "above its target lies "
              + hex(word)
              + (judge.word(word).proven() ? ", a return address" : ", which no call precedes"));
    }
  }

  private static String hex(long value) {
    return Long.toHexString(value);
  }
}
