// SPDX-License-Identifier: Apache-2.0
package org.jkd.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Programs for Windows that tests compile with clang, with their PDBs, below {@code target}. */
public record ClangSample(Path image, Path pdb) {
  private static final List<String> VERSIONS = List.of("", "-19", "-20", "-18");

  /** A program under its plain name or with a version behind it; empty when there is none. */
  public static Optional<ExternalTool> tool(String name) throws IOException {
    for (String version : VERSIONS) {
      ExternalTool tool = new ExternalTool(name + version);
      if (tool.isThere()) {
        return Optional.of(tool);
      }
    }
    return Optional.empty();
  }

  /**
   * Compiles and links a source file of the test resources; the test is skipped when the tools are
   * missing.
   *
   * @param source its name below the folder {@code private}
   * @param target {@code i686} or {@code x86_64}
   * @param options of the compiler
   */
  public static ClangSample build(String source, String target, String... options)
      throws IOException {
    Optional<ExternalTool> clang = tool("clang");
    Optional<ExternalTool> linker = tool("lld-link");
    assumeTrue(clang.isPresent() && linker.isPresent(), "needs clang and lld-link in PATH");
    String plain = source.substring(0, source.indexOf('.'));
    String name = plain + "-" + target + "-" + String.join("", options).replace("/", "");
    Path folder = Files.createDirectories(Path.of("target", "private").toAbsolutePath());
    Path object = folder.resolve(name + ".obj");
    Path image = folder.resolve(name + ".exe");
    Path pdb = folder.resolve(name + ".pdb");
    List<String> compile =
        new ArrayList<>(
            List.of(
                "--driver-mode=cl",
                "--target=" + target + "-pc-windows-msvc",
                "/Z7",
                "/GS-",
                "/GR-",
                "/c",
                "/Fo" + object));
    compile.addAll(List.of(options));
    // Without the two dashes a path like /Users/x.cpp is read as an option.
    compile.addAll(List.of("--", resource(source).toString()));
    var unused = clang.get().lines(compile.toArray(String[]::new)).orElseThrow();
    unused =
        linker
            .get()
            .lines(
                "/debug",
                "/nodefaultlib",
                "/entry:entry",
                "/subsystem:console",
                "/out:" + image,
                "/pdb:" + pdb,
                object.toString())
            .orElseThrow();
    return new ClangSample(image, pdb);
  }

  private static Path resource(String source) {
    return Path.of(
        Objects.requireNonNull(ClangSample.class.getResource("/private/" + source)).getPath());
  }
}
