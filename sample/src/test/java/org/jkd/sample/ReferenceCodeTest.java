// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The machine code of the case, seen by a disassembler that nobody here wrote. */
class ReferenceCodeTest {
  private static final Pattern LINE =
      Pattern.compile("^\\s*([0-9a-f]+):\\t((?:[0-9a-f]{2} )+) *\\t(\\S+) *(.*)$");
  private static final Set<String> HAND_WRITTEN = Set.of("8088c798", "8088978c", "8082e811");

  private record Line(long address, int size, String name, String operands) {}

  /** An image: where its code was linked for and where it is loaded, and what was disassembled. */
  private static final class Code {
    final Path file;
    final long shift;
    final TreeMap<Long, Line> lines = new TreeMap<>();

    Code(Path file, long loaded, long linked) {
      this.file = file;
      shift = loaded - linked;
    }

    Line at(long address) throws IOException, InterruptedException {
      if (!lines.containsKey(address)) {
        Tool.Result result =
            Tool.run(
                "objdump",
                "-d",
                "-M",
                "intel",
                "--insn-width=12",
                "--start-address=" + (address - shift),
                "--stop-address=" + (address - shift + 0x1400),
                file.toString());
        assertThat(result.exit()).as(result.text()).isZero();
        for (String text : result.text().split("\n")) {
          Matcher matcher = LINE.matcher(text);
          if (matcher.matches()) {
            long place = Long.parseLong(matcher.group(1), 16) + shift;
            int size = matcher.group(2).length() / 3;
            lines.put(place, new Line(place, size, matcher.group(3), matcher.group(4)));
          }
        }
      }
      Line line = lines.get(address);
      if (line == null) {
        throw new AssertionError("no instruction at " + Long.toHexString(address));
      }
      return line;
    }
  }

  @TempDir static Path folder;

  @BeforeAll
  static void write() throws IOException {
    ReferenceCase.writeTo(folder);
  }

  private static List<Path> files(String below) throws IOException {
    try (Stream<Path> paths = Files.walk(folder.resolve(below))) {
      return paths.filter(Files::isRegularFile).toList();
    }
  }

  private static Map<String, Code> images() throws IOException {
    Map<String, Code> images = new HashMap<>();
    long[] bases = {
      0x80800000L,
      0xbae15000L,
      0xf7a2d000L,
      0xb958d000L,
      0xb80ba000L,
      0xb76f4000L,
      0xb8d89000L,
      0xb7682000L
    };
    String[] names = {
      "ntkrnlmp.exe",
      "Ntfs.sys",
      "fltmgr.sys",
      "BabyHog.sys",
      "BossHog.sys",
      "BossHog01.sys",
      "MamaHog.sys",
      "daddyHog.sys"
    };
    for (Path path : files(ReferenceCase.IMAGES)) {
      for (int i = 0; i < names.length; i++) {
        if (path.endsWith(names[i])) {
          String module = i == 0 ? "nt" : names[i].replace(".sys", "");
          images.put(module, new Code(path, bases[i], i == 0 ? 0x400000 : 0x10000));
        }
      }
    }
    return images;
  }

  private static Code image(Map<String, Code> images, String module) {
    Code code = images.get(module);
    if (code == null) {
      throw new AssertionError("no image of " + module);
    }
    return code;
  }

  /** How much stack a function has used below its frame pointer when it reaches a place. */
  private static int depth(Code code, long start, long until)
      throws IOException, InterruptedException {
    int pushed = 0;
    int base = 0;
    long at = start;
    for (int steps = 0; steps < 5000; steps++) {
      Line line = code.at(at);
      boolean call = line.name().equals("call");
      if (call ? at + line.size() == until : at == until) {
        return pushed - base;
      }
      String operands = line.operands();
      at += line.size();
      switch (line.name()) {
        case "push" -> pushed += 4;
        case "pop" -> pushed -= 4;
        case "call" -> pushed -= popped(code, target(line, code));
        case "jmp" -> at = target(line, code);
        case "mov" -> base = operands.equals("ebp,esp") ? pushed : base;
        case "sub", "add" -> {
          if (operands.startsWith("esp,")) {
            int amount = (int) Long.parseLong(operands.substring(6), 16);
            pushed += line.name().equals("sub") ? amount : -amount;
          }
        }
        case "ret", "leave" -> throw new AssertionError("left before " + Long.toHexString(until));
        default -> assertThat(operands).doesNotStartWith("esp");
      }
    }
    throw new AssertionError("no way to " + Long.toHexString(until));
  }

  private static long target(Line line, Code code) {
    return Long.parseLong(line.operands().replaceAll("^0x| .*", ""), 16) + code.shift;
  }

  private static int popped(Code code, long function) throws IOException, InterruptedException {
    long at = function;
    for (Line line = code.at(at); !line.name().equals("ret"); line = code.at(at)) {
      at = line.name().equals("jmp") ? target(line, code) : at + line.size();
    }
    String operands = code.at(at).operands();
    return operands.isEmpty() ? 0 : Integer.parseInt(operands.substring(2), 16);
  }

  @Test
  void everyFrameHasTheSizeThatItsCodeGivesIt() throws IOException, InterruptedException {
    Map<String, Code> images = images();
    Map<String, Long> starts = new HashMap<>();
    for (String[] symbol : SharedTable.rows("symbols.tsv")) {
      starts.put(symbol[0], Long.parseLong(symbol[1], 16));
    }
    List<String[]> rows = SharedTable.rows("frames.tsv");
    Set<String> seen = new HashSet<>();
    List<String> wrong = new ArrayList<>();
    for (int i = 1; i < rows.size() - 1; i++) {
      String resume = rows.get(i - 1)[2];
      if (!seen.add(resume) || HAND_WRITTEN.contains(resume)) {
        continue;
      }
      String[] symbol = rows.get(i)[3].split("!|\\+");
      long address = Long.parseLong(resume, 16);
      Code code = image(images, symbol[0]);
      Long known = starts.get(rows.get(i)[3].replaceAll("\\+0x[0-9a-f]+$", ""));
      boolean product = symbol[0].contains("Hog");
      long start = product || known == null ? startBefore(code, address) : known;
      int owned = Integer.parseInt(rows.get(i)[0], 16) - 8;
      int expected = resume.equals("808b64a6") ? owned - 0x74 - 0x10 : owned;
      int depth = depth(code, start, address);
      if (depth != expected) {
        wrong.add(resume + " depth " + depth + " expected " + expected);
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(seen).hasSize(70);
  }

  /** The nearest place before an address where a function begins after padding or a return. */
  private static long startBefore(Code code, long address) throws IOException {
    byte[] file = Files.readAllBytes(code.file);
    long linked = code.file.endsWith("ntkrnlmp.exe") ? 0x400000 : 0x10000;
    int at = (int) (address - code.shift - linked) - 0x1000 + 0x400;
    while (!(file[at] == 0x55
        && file[at + 1] == (byte) 0x8b
        && file[at + 2] == (byte) 0xec
        && (file[at - 1] == (byte) 0xcc || file[at - 3] == (byte) 0xc2))) {
      at--;
    }
    return at - 0x400 + 0x1000 + linked + code.shift;
  }

  @Test
  void theExpectedInstructionsStandWhereTheArticleShowsThem()
      throws IOException, InterruptedException {
    Map<String, Code> images = images();
    Code baby = image(images, "BabyHog");
    Line call = baby.at(0xb958ecd9L);
    assertThat(call.name()).isEqualTo("call");
    assertThat(call.size()).isEqualTo(6);
    DumpUnderTest dump = new DumpUnderTest(folder.resolve(ReferenceCase.COMPLETE));
    assertThat(dump.u32(0xb958ecd9L)).isEqualTo(0x609015ffL);
    assertThat(dump.u32(0xb958ecddL) & 0xffff).isEqualTo(0xb959L);
    assertThat(dump.u32(0xb9596090L)).isEqualTo(0xb8d8c0d0L);
    long[] prologue = {
      0x6aec8b55L,
      0xe24068ffL,
      0x0868b8d9L,
      0x64b8d9b2L,
      0x000000a1L,
      0x89645000L,
      0x00000025L,
      0x70c48100L
    };
    for (int i = 0; i < prologue.length; i++) {
      assertThat(dump.u32(0xb8d8c0d0L + 4L * i)).as("dword %d", i).isEqualTo(prologue[i]);
    }
  }

  @Test
  void imagesAreReadByOtherTools() throws IOException, InterruptedException {
    for (Path image : files(ReferenceCase.IMAGES)) {
      Tool.Result result =
          Tool.run(
              "llvm-readobj",
              "--file-headers",
              "--sections",
              "--coff-exports",
              "--coff-imports",
              "--coff-debug-directory",
              "--coff-resources",
              "--coff-basereloc",
              image.toString());
      assertThat(result.exit()).as(result.text()).isZero();
      assertThat(result.text())
          .contains("PDBSignature: 0x53445352")
          .contains("VERSIONINFO")
          .doesNotContain("warning")
          .doesNotContain("error");
    }
  }

  @Test
  void symbolFilesAreReadByOtherTools() throws IOException, InterruptedException {
    for (Path pdb : files(ReferenceCase.SYMBOLS)) {
      Tool.Result result = Tool.run("llvm-pdbutil", "dump", "-all", pdb.toString());
      assertThat(result.exit()).as(result.text()).isZero();
      assertThat(result.text())
          .contains("S_PUB32")
          .doesNotContain("error:")
          .doesNotContainPattern("\\bInvalid\\b"); // a field is named InvalidAttributes
      if (pdb.endsWith("ntkrnlmp.pdb")) {
        assertThat(result.text())
            .contains("`@IofCallDriver@8`")
            .containsPattern("LF_STRUCTURE .*`_KTHREAD`\\s+.*\\s+.*sizeof 440")
            .containsPattern("forward ref \\(-> 0x1");
      }
    }
  }
}
