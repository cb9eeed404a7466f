// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.undecorate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jkd.image.Bytes;
import org.jkd.pdb.Pdb;
import org.jkd.sample.SharedFolder;
import org.jkd.testing.ExternalTool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Agreement with {@code llvm-undname}, on real names and on those of a source that has all kinds.
 */
class LlvmUndnameTest {
  private static final ExternalTool UNDNAME = new ExternalTool("llvm-undname-19");
  private static final ExternalTool CLANG = new ExternalTool("clang-19");
  private static final ExternalTool LINK = new ExternalTool("lld-link-19");
  private static final ExternalTool NM = new ExternalTool("llvm-nm-19");

  @TempDir Path folder = Path.of("");

  private static Set<String> publics(Path pdbFile) throws IOException {
    Set<String> names = new TreeSet<>();
    Pdb pdb = Pdb.open(Bytes.map(pdbFile));
    for (int i = 0; i < pdb.publics().count(); i++) {
      String name = pdb.name(pdb.publics(), i);
      if (name.startsWith("?")) {
        names.add(name);
      }
    }
    return names;
  }

  /** What the tool says of each name; nothing of those that it cannot read. */
  private Map<String, String> theirs(Collection<String> names) throws IOException {
    Path list = Files.write(folder.resolve("names.txt"), names);
    List<String> lines = UNDNAME.filter(list);
    Map<String, String> result = new HashMap<>();
    // A name, what it means, and an empty line; of a name without meaning the middle is missing.
    for (int i = 0; i < lines.size(); i++) {
      String name = lines.get(i);
      String meaning = i + 1 < lines.size() ? lines.get(i + 1) : "";
      result.put(name, meaning);
      i += meaning.isEmpty() ? 1 : 2;
    }
    return result;
  }

  /** The names on which we differ, with both meanings. */
  private record Difference(String name, String theirs, String ours) {
    /** LLVM leaves out the name of the calling convention regcall. */
    boolean isExplained() {
      return ours.replace("__regcall ", "").equals(theirs);
    }
  }

  private List<Difference> differences(Collection<String> names) throws IOException {
    Map<String, String> theirs = theirs(names);
    assertThat(theirs.keySet()).containsAll(names);
    List<Difference> result = new ArrayList<>();
    for (String name : names) {
      String ours = Undecorator.declaration(name).orElse("");
      if (!ours.equals(theirs.get(name))) {
        result.add(new Difference(name, theirs.getOrDefault(name, ""), ours));
      }
    }
    return result;
  }

  @Test
  void realNames() throws IOException {
    Optional<Path> pdbs = SharedFolder.find("data/pdb");
    assumeTrue(pdbs.isPresent() && UNDNAME.isThere(), "needs ../shared/data/pdb, llvm-undname-19");
    Set<String> names = new TreeSet<>();
    try (Stream<Path> files = Files.walk(pdbs.orElseThrow())) {
      for (Path p : files.filter(f -> f.toString().endsWith(".pdb")).toList()) {
        names.addAll(publics(p));
      }
    }
    assertThat(differences(names)).isEmpty();
    assertThat(names.size()).isGreaterThan(4000);
  }

  private void compile(String target, String... more) throws IOException {
    assumeTrue(
        UNDNAME.isThere() && CLANG.isThere() && LINK.isThere() && NM.isThere(),
        "needs clang-19, lld-link-19, llvm-nm-19 and llvm-undname-19");
    Path source;
    try {
      source =
          Path.of(Objects.requireNonNull(LlvmUndnameTest.class.getResource("names.cpp")).toURI());
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--driver-mode=cl",
                "--target=" + target + "-pc-windows-msvc",
                "-std:c++20",
                "-EHsc",
                "-GR",
                "-c",
                "-w",
                "-Fo" + folder.resolve("names.obj")));
    arguments.addAll(List.of(more));
    arguments.addAll(List.of("--", source.toString()));
    assertThat(CLANG.lines(arguments.toArray(String[]::new))).isPresent();
  }

  @ParameterizedTest
  @CsvSource({"x86_64, x64, -DMORE=1, 4000", "i686, x86, -DLESS, 700"})
  void namesOfAllKinds(String target, String machine, String option, int least) throws IOException {
    compile(target, option);
    LINK.lines(
        "-dll",
        "-noentry",
        "-force",
        "-nodefaultlib",
        "-debug",
        "-machine:" + machine,
        "-out:" + folder.resolve("names.dll"),
        folder.resolve("names.obj").toString());
    Set<String> names = publics(folder.resolve("names.pdb"));
    List<Difference> differences = differences(names);
    assertThat(differences).allMatch(Difference::isExplained);
    assertThat(names.size()).isGreaterThan(least);
    assertThat(differences.size()).isLessThanOrEqualTo(1);
  }

  /**
   * The references behind a namespace without a name are counted as clang counts them: with a name
   * instead, the same source gives the same declarations.
   */
  @Test
  void namespacesWithoutAName() throws IOException {
    compile("x86_64", "-DMORE=1", "-DANONYMOUS");
    Set<String> without = decorated();
    compile("x86_64", "-DMORE=1");
    Set<String> with = new TreeSet<>(theirs(decorated()).values());
    Set<String> ours =
        without.stream()
            .filter(n -> n.contains("?A0x"))
            .map(n -> Undecorator.declaration(n).orElse(n))
            .map(n -> n.replace("`anonymous namespace'", "hidden"))
            // The guards of functions that are seen in other files are made otherwise.
            .filter(n -> !n.contains("::$S1"))
            .collect(Collectors.toSet());
    assertThat(ours.size()).isGreaterThan(700);
    ours.removeAll(with);
    assertThat(ours).isEmpty();
  }

  private Set<String> decorated() throws IOException {
    return NM.lines("-j", folder.resolve("names.obj").toString()).orElseThrow().stream()
        .filter(n -> n.startsWith("?"))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
