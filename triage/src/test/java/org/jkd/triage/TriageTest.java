// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.jkd.engine.command.SymbolPlaces;
import org.jkd.sample.ReferenceCase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The row of one dump, whole and in every way damaged. */
class TriageTest {
  @TempDir static Path sample;
  @TempDir Path folder;

  @BeforeAll
  static void write() throws IOException {
    SampleDumps.write(sample);
  }

  private TriageRow small(byte[] bytes) throws IOException {
    return SampleDumps.row(SampleDumps.triage(sample), Files.write(folder.resolve("x.dmp"), bytes));
  }

  private static byte[] bytes(String name) throws IOException {
    return Files.readAllBytes(sample.resolve(name));
  }

  @Test
  void the_reference_case_has_a_complete_row() throws IOException {
    TriageRow row =
        SampleDumps.row(SampleDumps.triage(sample), sample.resolve(ReferenceCase.BITMAP));

    assertThat(row.failure()).isEqualTo(TriageRow.Failure.NONE);
    assertThat(row.system().arch()).isEqualTo("x86");
    assertThat(row.system().os()).isEqualTo("Windows Server 2003");
    assertThat(row.stop().code()).isEqualTo("0x7f");
    assertThat(row.stop().name()).isEqualTo("UNEXPECTED_KERNEL_MODE_TRAP");
    assertThat(row.stop().parameters()).startsWith("0x8");
    assertThat(row.stop().process()).isEqualTo("StackHog.exe");
    assertThat(row.stack().outcome()).isEqualTo("overflow");
    assertThat(row.stack().coverage().orElse(0)).isGreaterThan(0.8);
    // The product's 50 frames were added up by hand when the case was published: 4496 bytes.
    assertThat(row.driver().product()).isEqualTo("StackHog");
    assertThat(row.driver().module()).isEqualTo("BossHog01");
    assertThat(row.stack().frames())
        .hasSize(Limits.USUAL.frames())
        .hasSameSizeAs(row.stack().trusts());
    assertThat(row.buckets().overflow()).startsWith("overflow_");
    assertThat(row.identity().digest()).hasSize(64);
  }

  @Test
  void the_digest_is_that_of_every_other_tool() throws Exception {
    TriageRow row = small("abc".getBytes(java.nio.charset.StandardCharsets.US_ASCII));

    // FIPS 180-4's own example.
    assertThat(row.identity().digest())
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assertThat(row.failure().category()).isEqualTo(Category.NOT_A_DUMP);
  }

  @Test
  void a_dump_that_is_cut_off_is_truncated_wherever_it_ends() throws IOException {
    for (String name : new String[] {ReferenceCase.BITMAP, ReferenceCase.SMALL}) {
      byte[] whole = bytes(name);
      for (double share : new double[] {0.001, 0.01, 0.3, 0.6, 0.9, 0.999}) {
        TriageRow row = small(Arrays.copyOf(whole, (int) (whole.length * share)));
        assertThat(row.failure().category())
            .as(name + " " + share)
            .isIn(Category.TRUNCATED, Category.DAMAGED);
      }
    }
  }

  @Test
  void what_a_truncated_dump_still_tells_is_in_its_row() throws IOException {
    byte[] whole = bytes(ReferenceCase.BITMAP);
    TriageRow row = small(Arrays.copyOf(whole, whole.length - 0x1000));

    assertThat(row.failure().category()).isEqualTo(Category.TRUNCATED);
    assertThat(row.stop().code()).isEqualTo("0x7f");
  }

  @Test
  void a_header_that_lies_is_damage() throws IOException {
    // The bitmap header behind the page of a 32-bit dump: first page, pages and bits from 0x20 on.
    for (int field : new int[] {0x20, 0x28, 0x30}) {
      for (long lie : new long[] {-1, 0, 5, 1L << 40}) {
        byte[] dump = bytes(ReferenceCase.BITMAP);
        ByteBuffer.wrap(dump).order(ByteOrder.LITTLE_ENDIAN).putLong(0x1000 + field, lie);
        assertThat(small(dump).failure().category())
            .as(field + " is " + lie)
            .isIn(Category.DAMAGED, Category.TRUNCATED);
      }
    }
  }

  @Test
  void an_empty_file_is_no_dump() throws IOException {
    assertThat(small(new byte[0]).failure().category()).isEqualTo(Category.NOT_A_DUMP);
  }

  @Test
  void an_interrupt_ends_the_work_and_says_so() throws IOException {
    Path file = sample.resolve(ReferenceCase.BITMAP);
    DumpSource source = DumpSource.of(file);
    Triage triage = SampleDumps.triage(sample);
    DumpSource interrupting =
        new DumpSource(
            source.key(),
            source.path(),
            "",
            source.modified(),
            arena -> {
              var bytes = source.content().open(arena);
              Thread.currentThread().interrupt();
              return bytes;
            });

    TriageRow row = triage.row(interrupting).orElseThrow();

    assertThat(Thread.interrupted()).isTrue();
    assertThat(row.failure().category()).isEqualTo(Category.TIME_LIMIT);
  }

  @Test
  void errors_of_the_machine_become_categories() throws IOException {
    DumpSource source = DumpSource.of(sample.resolve(ReferenceCase.SMALL));
    assertThat(failing(source, new StackOverflowError())).isEqualTo(Category.TOO_DEEP);
    assertThat(failing(source, new OutOfMemoryError())).isEqualTo(Category.OUT_OF_MEMORY);
    assertThat(failing(source, new InternalError())).isEqualTo(Category.UNREADABLE);
    assertThat(failing(source, new NoClassDefFoundError())).isEqualTo(Category.INTERNAL_ERROR);
    assertThat(failing(source, new AssertionError())).isEqualTo(Category.INTERNAL_ERROR);
  }

  private Category failing(DumpSource source, Error error) {
    return SampleDumps.triage(sample)
        .row(
            new DumpSource(
                source.key(),
                source.path(),
                "",
                "",
                arena -> {
                  throw error;
                }))
        .orElseThrow()
        .failure()
        .category();
  }

  @Test
  void dumps_of_systems_that_stopped_before_a_time_have_no_row() throws IOException {
    Path file = sample.resolve(ReferenceCase.SMALL);
    TriageRow row = SampleDumps.row(SampleDumps.triage(sample), file);
    java.time.Instant stopped = java.time.Instant.parse(row.system().time());
    SymbolPlaces none = SymbolPlaces.of("", "").shared();

    assertThat(new Triage(none, Limits.USUAL, Optional.of(stopped)).row(DumpSource.of(file)))
        .isPresent();
    assertThat(
            new Triage(none, Limits.USUAL, Optional.of(stopped.plusSeconds(1)))
                .row(DumpSource.of(file)))
        .isEmpty();
  }

  @Test
  void a_row_survives_json() throws IOException {
    TriageRow row =
        SampleDumps.row(SampleDumps.triage(sample), sample.resolve(ReferenceCase.SMALL));
    assertThat(Rows.parse(row.json())).isEqualTo(Rows.of(row));
  }
}
