// SPDX-License-Identifier: Apache-2.0
package org.jkd.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Drivers that tests build with the compilers of MinGW. */
public final class MingwSample {
  private MingwSample() {}

  /**
   * Compiles and links a source file of the test resources; the test is skipped when the compiler
   * is missing.
   *
   * @param compiler {@code gcc} or {@code clang}
   * @param target {@code i686} or {@code x86_64}
   * @param source its name below the folder {@code mingw}
   * @param options of the compiler
   * @return the driver
   */
  public static Path build(
      Path folder, String compiler, String target, String source, String... options)
      throws IOException {
    boolean gcc = compiler.equals("gcc");
    String program = gcc ? target + "-w64-mingw32-gcc" : "clang-19";
    ExternalTool tool = new ExternalTool(program);
    assumeTrue(tool.isThere(), "needs " + program);
    Path driver = Files.createDirectories(folder).resolve("driver.sys");
    List<String> arguments = new ArrayList<>();
    if (!gcc) {
      assumeTrue(new ExternalTool("ld.lld-19").isThere(), "needs ld.lld-19");
      arguments.addAll(
          List.of("--target=" + target + "-w64-mingw32", "-fuse-ld=lld-19", "-ffreestanding"));
    }
    arguments.addAll(List.of(options));
    arguments.addAll(
        List.of(
            "-nostdlib",
            "-shared",
            "-Wl,-e," + (target.equals("i686") ? "_DriverEntry@8" : "DriverEntry"),
            "-Wl,--subsystem,native",
            "-o",
            driver.toString(),
            resource(source).toString()));
    if (tool.lines(arguments.toArray(String[]::new)).isEmpty()) {
      throw new IOException(program + " does not compile " + source);
    }
    return driver;
  }

  private static Path resource(String source) throws IOException {
    try {
      return Path.of(
          Objects.requireNonNull(MingwSample.class.getResource("/mingw/" + source)).toURI());
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
  }
}
