// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real overflows of user stacks: the frame counts of the folder's README, and lldb's frames. */
class WineOverflowTest {
  private static final int LLDB_SECONDS = 30;

  @ParameterizedTest
  @CsvSource({
    "x86-O2ebp-so-big, 687",
    "x86-O2fpo-so-cycle3, 13454",
    "x86-O2gs-so-self, 130023",
    "x64-O2fpo-so-cycle3, 9287",
    "x64-O2gs-so-big, 672"
  })
  void overflowsAreWalkedWhole(String name, int frames) throws IOException {
    UserDump dump = dump(name);
    CallStack stack = walk(dump);
    assertEquals(frames, inApp(dump, stack).size());
    assertEquals(CallStack.End.RETURN_ADDRESS_ZERO, stack.end());
  }

  /** Every shape of frame that a compiler makes: alloca, aligned, SEH, switch, saved registers. */
  @ParameterizedTest
  @CsvSource({"x86-O2fpo-shapes", "x64-O2fpo-shapes"})
  void everyShapeOfFrameIsLeft(String name) throws IOException {
    UserDump dump = dump(name);
    List<String> names =
        inApp(dump, walk(dump)).stream().map(f -> dump.name(f.ip()).substring(4)).toList();
    assertEquals(
        List.of(
            "leaf_crash",
            "f_plain",
            "f_stdcall",
            "f_fastcall",
            "f_big",
            "f_alloca",
            "f_saved",
            "f_aligned",
            "f_seh",
            "f_switch",
            "frames_entry",
            "run",
            "start"),
        names);
  }

  @Test
  void aHundredThousandFramesTakeLessThanASecond() throws IOException {
    UserDump dump = dump("x86-O2gs-so-self");
    walk(dump); // loads the symbols
    long start = System.nanoTime();
    int frames = walk(dump).frames().size();
    long millis = (System.nanoTime() - start) / 1_000_000;
    assertTrue(frames > 130_000 && millis < 1000, frames + " frames in " + millis + " ms");
  }

  @Test
  void lldbSeesTheSameFramesWhereFramePointersAreKept() throws Exception {
    UserDump dump = dump("x86-O2ebp-so-big");
    List<Long> theirs = lldb("x86-O2ebp-so-big");
    List<Long> ours = walk(dump).frames().stream().map(Frame::ip).toList();
    assertEquals(theirs, ours.subList(0, theirs.size()));
    assertTrue(theirs.size() >= 687, theirs.size() + " frames from lldb");
  }

  @Test
  void lldbStopsWhereFrameDataIsNeeded() throws Exception {
    assertTrue(lldb("x86-O2fpo-shapes").size() < walk(dump("x86-O2fpo-shapes")).frames().size());
  }

  private static List<Frame> inApp(UserDump dump, CallStack stack) {
    return stack.frames().stream()
        .filter(f -> dump.code().at(f.ip()).filter(m -> m.name().equals("app")).isPresent())
        .toList();
  }

  private static CallStack walk(UserDump dump) {
    return dump.walk(dump.target().firstThread().orElseThrow(), StackWalker.MAX_FRAMES);
  }

  private static UserDump dump(String name) throws IOException {
    Path wine = wine();
    String flavour = name.substring(0, name.indexOf('-', 4));
    return UserDump.withImages(
        wine.resolve(name + ".dmp"), wine.resolve("bin").resolve(flavour).toString());
  }

  private static Path wine() {
    Optional<Path> wine = SharedFolder.find("data/wine");
    Assumptions.assumeTrue(wine.isPresent(), "needs ../shared/data/wine");
    return wine.orElseThrow();
  }

  private static List<Long> lldb(String name) throws IOException, InterruptedException {
    Path output = Files.createTempFile("lldb", ".txt");
    Process process;
    try {
      process =
          new ProcessBuilder(
                  "lldb", "--batch", "-c", wine().resolve(name + ".dmp").toString(), "-o", "bt")
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
    } catch (IOException e) {
      Assumptions.abort("needs lldb: " + e.getMessage());
      throw e;
    }
    Assumptions.assumeTrue(
        process.waitFor(LLDB_SECONDS, TimeUnit.SECONDS), "lldb did not answer in time");
    List<Long> frames = new ArrayList<>();
    Matcher m =
        Pattern.compile("frame #\\d+: 0x(\\w+)")
            .matcher(Files.readString(output, StandardCharsets.UTF_8));
    while (m.find()) {
      frames.add(Long.parseUnsignedLong(m.group(1), 16));
    }
    Files.delete(output);
    return frames;
  }
}
