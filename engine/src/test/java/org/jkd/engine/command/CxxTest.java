// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jkd.engine.testing.Transcript;
import org.jkd.sample.ReferenceCase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** C++ expressions over the types of the sample's kernel. */
class CxxTest {
  @TempDir static Path folder;

  private static Debuggee sample;

  @BeforeAll
  static void writeSample() throws IOException {
    ReferenceCase.writeTo(folder);
    sample =
        Debuggee.open(
            folder.resolve(ReferenceCase.COMPLETE),
            folder.resolve(ReferenceCase.SYMBOLS).toString(),
            folder.resolve(ReferenceCase.IMAGES).toString());
  }

  static List<Transcript> transcript() throws IOException {
    return Transcript.of(CxxTest.class, "cxx.txt");
  }

  @ParameterizedTest
  @MethodSource("transcript")
  void expressions_have_the_type_and_value_that_c_gives_them(Transcript step) {
    StringBuilder out = new StringBuilder();
    new Interpreter(new Session(sample), out).run(step.command());
    assertThat(out).hasToString(step.answer());
  }
}
