// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jkd.cpu.Arch;
import org.jkd.dump.Dump;
import org.jkd.dump.TaggedRecord;
import org.jkd.image.Bytes;
import org.jkd.sample.Json;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Ten small dumps of real machines against facts that another program read from them. */
class RealDumpsTest {
  private static final long FILETIME_OF_EPOCH = 116_444_736_000_000_000L;

  record Real(String name, Path dump, Json facts) {
    @Override
    public String toString() {
      return name;
    }

    long hex(String field) {
      return Corpus.hex(facts.get(field));
    }
  }

  static List<Real> dumps() throws IOException {
    Optional<Path> folder = SharedFolder.find("data/kernel");
    assumeTrue(folder.isPresent(), "needs ../shared/data/kernel");
    Json facts = Json.of(folder.orElseThrow().resolve("facts.json"));
    List<Real> dumps = new ArrayList<>();
    for (String name : facts.names()) {
      dumps.add(new Real(name, folder.orElseThrow().resolve(name), facts.get(name)));
    }
    return dumps;
  }

  @ParameterizedTest
  @MethodSource("dumps")
  void headerIsAsTheOtherReaderSawIt(Real real) throws IOException {
    KernelTarget target = KernelTarget.open(real.dump());
    assertThat(target.bugCheck().code()).isEqualTo(real.hex("bugcheck"));
    List<Long> parameters = new ArrayList<>();
    real.facts().get("params").list().forEach(p -> parameters.add(Corpus.hex(p)));
    assertThat(target.bugCheck().parameters()).isEqualTo(parameters);
    assertThat(target.system().build()).isEqualTo((int) real.facts().get("build").number());
    assertThat(target.system().processors()).isEqualTo((int) real.facts().get("cpus").number());
    assertThat(target.arch().name().toLowerCase(Locale.ROOT))
        .isEqualTo(real.facts().get("machine").text());
    assertThat(target.header().directoryTableBase()).hasValue(real.hex("dtb"));
    assertThat(target.header().debuggerData()).hasValue(real.hex("KdDebuggerDataBlock"));
    assertThat(target.header().requiredDumpSpace()).hasValue(real.facts().get("required").number());
    assertThat(target.header().comment()).isEmpty();
    long time = target.system().systemTime().orElseThrow() - FILETIME_OF_EPOCH;
    Instant instant = Instant.ofEpochSecond(time / 10_000_000).truncatedTo(ChronoUnit.SECONDS);
    assertThat(instant).hasToString(real.facts().get("time").text());
    for (Json lab : real.facts().get("buildlab").list()) {
      assertThat(target.system().buildLab()).contains(lab.text());
    }
    if (real.facts().names().contains("rip")) {
      assertThat(target.context().ip()).isEqualTo(real.hex("rip"));
      assertThat(target.context().sp()).isEqualTo(real.hex("rsp"));
    }
  }

  @ParameterizedTest
  @MethodSource("dumps")
  void driversAreAsTheOtherReaderSawThem(Real real) throws IOException {
    KernelTarget target = KernelTarget.open(real.dump());
    List<String> wanted = new ArrayList<>();
    for (Json m : real.facts().get("modules").list()) {
      wanted.add(
          line(
              m.get("name").text(),
              Corpus.hex(m.get("base")),
              Corpus.hex(m.get("size")),
              Corpus.hex(m.get("timestamp")),
              Corpus.hex(m.get("checksum"))));
    }
    assertThat(target.modules())
        .extracting(m -> line(m.imagePath(), m.base(), m.size(), m.timestamp(), m.checksum()))
        .isEqualTo(wanted);
    assertThat(target.modules()).extracting(LoadedModule::name).doesNotHaveDuplicates();
    assertThat(target.kernel().orElseThrow().imageName()).isEqualTo("ntoskrnl.exe");
  }

  private static String line(String path, long base, long size, long timestamp, long checksum) {
    return String.format("%s %x %x %x %x", path, base, size, timestamp, checksum);
  }

  /** The stack is held from the stack pointer to the base that the thread itself names. */
  @ParameterizedTest
  @MethodSource("dumps")
  void everyWordOfTheCapturedStackIsReadable(Real real) throws IOException {
    KernelTarget target = KernelTarget.open(real.dump());
    Dump.TriageDump dump = (Dump.TriageDump) target.dump();
    long from = real.hex("TopOfStack");
    long size = Corpus.hex(real.facts().get("triage").get("SizeOfCallStack"));
    for (long at = from; at < from + size; at += 8) {
      assertThat(target.reader().pointer(at)).as("%x", at).isPresent();
    }
    assertThat(dump.triage().valid()).isTrue();
    KernelThread thread = target.currentThread().orElseThrow();
    assertThat(thread.state()).hasValue(KernelThread.RUNNING);
    // Bug checks on the stack of a processor leave the thread's own stack out.
    if (thread.onStack(from)) {
      assertThat(thread.stackBase()).hasValue(from + size);
    } else {
      assertThat(target.stackAt(from)).isPresent();
    }
    KernelProcess process = target.currentProcess().orElseThrow();
    if (target.arch() == Arch.X64) {
      assertThat(process.imageName()).matches("System|[A-Za-z0-9_.-]+");
      assertThat(thread.processId()).isEqualTo(process.processId()).isPresent();
    }
  }

  /**
   * The walk over the records is right when it ends at the end of the file, or, in the files that
   * have more memory behind the records, at zeros.
   */
  @ParameterizedTest
  @MethodSource("dumps")
  void taggedRecordsAreWalkedToTheirEnd(Real real) throws IOException {
    KernelTarget target = KernelTarget.open(real.dump());
    Bytes file = target.dump().file();
    List<TaggedRecord> records = target.dump().taggedRecords();
    assertThat(records).hasSizeGreaterThan(10);
    TaggedRecord last = records.getLast();
    long end = last.offset() + last.size();
    if (file.size() - end > 0x20) {
      assertThat(file.copy(end, 0x20)).containsOnly(0);
    }
  }
}
