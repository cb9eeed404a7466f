// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Disassembles a file with GNU objdump and compares every instruction with what {@link Decoder} and
 * {@link KdFormatter} make of the same bytes.
 */
final class ObjdumpComparison {
  /** One line of objdump. */
  private record Line(long address, int offset, int length, String text) {}

  private static final int LOOK_AHEAD = 16;
  private static final Set<String> PREFIXES =
      Set.of(
          "data16",
          "data32",
          "addr16",
          "addr32",
          "lock",
          "rep",
          "repz",
          "repnz",
          "cs",
          "ds",
          "es",
          "ss",
          "fs",
          "gs",
          "bnd",
          "notrack",
          "xacquire",
          "xrelease");
  private static final byte WAIT = (byte) 0x9b;
  private static final int BATCH = 1024;

  /** A class of disagreement: how often, and the first example. */
  static final class Difference {
    int count;
    String example = "";
  }

  private final boolean is64;
  private final Decoder decoder;
  private final KdFormatter formatter = new KdFormatter(Symbolizer.NONE, KdFormatter.Style.CURRENT);
  private final Instruction instruction = new Instruction();
  private final StringBuilder text = new StringBuilder();

  long instructions;
  long waits;
  long refusedByObjdump;
  long acceptedAlone;
  long illegal;
  long wrongLength;
  long wrongText;
  final Map<String, Difference> differences = new TreeMap<>();

  ObjdumpComparison(Arch arch) {
    is64 = arch == Arch.X64;
    decoder = new Decoder(arch);
  }

  /** Compares up to {@code limit} instructions of a file; {@code raw} takes it as plain bytes. */
  void compare(Path file, long limit, boolean raw) throws IOException {
    List<String> command = new ArrayList<>(List.of("objdump", "-w", "-z", "-M", "intel"));
    command.addAll(
        raw ? List.of("-D", "-b", "binary", "-m", is64 ? "i386:x86-64" : "i386") : List.of("-d"));
    command.add(file.toString());
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    long end = instructions + refusedByObjdump + limit;
    try (BufferedReader in =
        new BufferedReader(
            new java.io.InputStreamReader(process.getInputStream(), StandardCharsets.ISO_8859_1),
            1 << 16)) {
      byte[] code = new byte[(BATCH + LOOK_AHEAD) * LOOK_AHEAD];
      int used = 0;
      List<Line> lines = new ArrayList<>();
      long expected = -1;
      for (String s = in.readLine(); s != null; s = in.readLine()) {
        int colon = s.indexOf(":\t");
        int tab = s.indexOf('\t', colon + 2);
        if (colon < 0 || tab < 0 || s.charAt(0) == '<') {
          continue;
        }
        long address = Long.parseUnsignedLong(s, firstDigit(s), colon, 16);
        boolean gap = address != expected;
        if (gap || lines.size() >= BATCH) {
          int done = check(lines, code, used, gap ? 0 : LOOK_AHEAD);
          int keepFrom = done < lines.size() ? lines.get(done).offset : used;
          System.arraycopy(code, keepFrom, code, 0, used - keepFrom);
          used -= keepFrom;
          List<Line> kept = new ArrayList<>();
          for (Line l : lines.subList(done, lines.size())) {
            kept.add(new Line(l.address, l.offset - keepFrom, l.length, l.text));
          }
          lines = kept;
          if (instructions + refusedByObjdump >= end) {
            break;
          }
        }
        int length = 0;
        for (int i = colon + 2; i + 1 < tab && s.charAt(i) != ' '; i += 3) {
          code[used + length++] = (byte) Integer.parseInt(s, i, i + 2, 16);
        }
        lines.add(new Line(address, used, length, s.substring(tab + 1)));
        used += length;
        expected = address + length;
      }
      check(lines, code, used, 0);
    } finally {
      process.destroy();
    }
  }

  private static int firstDigit(String s) {
    int i = 0;
    while (s.charAt(i) == ' ') {
      i++;
    }
    return i;
  }

  /** Checks all lines but the last few; how many were checked. */
  private int check(List<Line> lines, byte[] code, int used, int keep) {
    int count = Math.max(0, lines.size() - keep);
    for (int i = 0; i < count; i++) {
      check(lines.get(i), code, used);
    }
    return count;
  }

  private void check(Line line, byte[] code, int used) {
    String theirs = line.text;
    if (theirs.contains("(bad)")
        || theirs.contains("{bad")
        || theirs.contains("bad}")
        || theirs.contains("{evex}")
        || isPrefixAlone(theirs)) {
      refusedByObjdump++;
      if (decoder.decode(code, line.offset, used, line.address, instruction) > 0) {
        acceptedAlone++;
        if (acceptedAlone % 97 == 1) {
          note("accepted", line, code, instruction.mnemonicText());
        }
      }
      return;
    }
    instructions++;
    int at = line.offset;
    while (code[at] == WAIT && line.offset + line.length - at > 1) {
      // objdump draws wait and an x87 instruction together into one (fstcw); kd and jkd do not.
      if (decoder.decode(code, at, used, line.address, instruction) != 1) {
        wrongLength++;
        note("wait", line, code, "");
        return;
      }
      waits++;
      at++;
    }
    int length =
        decoder.decode(code, at, used, line.address + at - line.offset, instruction)
            + at
            - line.offset;
    if (length == 0 && isIllegal(theirs)) {
      illegal++;
      return;
    }
    if (length != line.length) {
      wrongLength++;
      String mnemonic = theirs.split("\\s", 2)[0];
      note("length " + length + " for " + line.length + ": " + mnemonic, line, code, "");
      return;
    }
    text.setLength(0);
    formatter.instruction(instruction, text);
    String ours = ObjdumpDialect.fromKd(text.toString(), is64);
    String expected = ObjdumpDialect.fromObjdump(theirs, is64);
    if (at != line.offset) {
      ours = ours.replaceFirst("^fn", "f");
      expected = expected.replaceFirst("^fn", "f");
    }
    if (!expected.contains(" ptr ") && expected.startsWith("mov ")) {
      ours = ours.replaceFirst("[a-z]+ ptr ", ""); // moffs forms: objdump leaves the size out
    }
    if (!ours.equals(expected)) {
      wrongText++;
      note(
          "text: " + expected.split(" ", 2)[0] + " / " + ours.split(" ", 2)[0],
          line,
          code,
          " <> " + ours + " <> " + expected);
    }
  }

  private void note(String kind, Line line, byte[] code, String detail) {
    Difference d = differences.computeIfAbsent(kind, _ -> new Difference());
    d.count++;
    if (d.count == 1) {
      byte[] bytes = Arrays.copyOfRange(code, line.offset, line.offset + line.length);
      d.example =
          Long.toHexString(line.address)
              + " "
              + java.util.HexFormat.of().formatHex(bytes)
              + " "
              + line.text
              + detail;
    }
  }

  /** objdump shows prefixes that nothing valid follows as instructions of their own. */
  private static boolean isPrefixAlone(String text) {
    for (String word : text.trim().split("\\s+")) {
      if (!word.startsWith("rex") && !PREFIXES.contains(word)) {
        return word.equals(".byte");
      }
    }
    return true;
  }

  /**
   * Forms that objdump shows although processors refuse them: lock without a memory destination,
   * segment registers that do not exist, cs as destination.
   */
  private static boolean isIllegal(String text) {
    return text.contains("lock ")
        || text.contains("?")
        || text.contains("mov") && text.contains(" cs,");
  }

  /** A short table: totals and the most frequent classes. */
  String report(int classes) {
    StringBuilder out = new StringBuilder();
    out.append(is64 ? "x64: " : "x86: ")
        .append(instructions)
        .append(" instructions, ")
        .append(refusedByObjdump)
        .append(" refused by objdump (")
        .append(acceptedAlone)
        .append(" accepted), refused as illegal ")
        .append(illegal)
        .append(", wrong length ")
        .append(wrongLength)
        .append(", wrong text ")
        .append(wrongText)
        .append('\n');
    differences.entrySet().stream()
        .sorted((a, b) -> b.getValue().count - a.getValue().count)
        .limit(classes)
        .forEach(e ->
            out.append(String.format("%8d  ", e.getValue().count))
                .append(e.getKey())
                .append("   ")
                .append(e.getValue().example)
                .append('\n'));
    return out.toString();
  }
}
