// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jkd.image.Bytes;
import org.jkd.pdb.Pdb;
import org.jkd.sample.SharedFolder;
import org.jkd.testing.ExternalTool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecorationTest {
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "_KeBugCheckEx@20, KeBugCheckEx",
        "@IofCallDriver@8, IofCallDriver",
        "__SEH_prolog, _SEH_prolog",
        "KiTrap0E, KiTrap0E",
        "__imp__KeBugCheckEx@20, _imp__KeBugCheckEx",
        "__imp_@IofCallDriver@8, _imp_IofCallDriver",
        "__real@3f800000, _real",
        "_, _",
        "?Create@Device@Quill@@QAEHXZ, Quill::Device::Create",
        "??0Device@Quill@@QAE@XZ, Quill::Device::Device",
        "??1Device@Quill@@QAE@XZ, Quill::Device::~Device",
        "??2@YAPAXI@Z, operator new",
        "??4Device@Quill@@QAEAAV01@ABV01@@Z, Quill::Device::operator=",
        "?enable@?2??VF_ASSERT_IRQL@@YGXXZ@4KA, `VF_ASSERT_IRQL'::`3'::enable",
        "?enable@?2??VF_ASSERT_IRQL@@9@9, `VF_ASSERT_IRQL'::`3'::enable",
        "??_C@_03BLEJJJBH@sin?$AA@, `string'",
        "?f@?$list@H@@QAEXXZ, ?f@?$list@H@@QAEXXZ",
      })
  void namesAreShownAsKdShowsThem(String decorated, String shown) {
    assertThat(Decoration.shown(decorated)).isEqualTo(shown);
  }

  @ParameterizedTest
  @CsvSource({"_KeBugCheckEx@20, 20", "@IofCallDriver@8, 8", "__SEH_prolog, -1", "?f@@YAXXZ, -1"})
  void stdcallNamesTellTheirArguments(String decorated, int bytes) {
    assertThat(Decoration.argumentBytes(decorated)).isEqualTo(bytes);
  }

  @Test
  void literalsOfALinkWithCodeGenerationHaveATag() {
    assertThat(Decoration.shown("??_C@_00CNPNBAHC@?$AA@FNODOBFM@"))
        .isEqualTo(" ?? ::FNODOBFM::`string'");
  }

  /** Scopes and names of real C++ symbols are those that LLVM finds. */
  @Test
  void scopesAreThoseOfLlvm() throws IOException {
    Optional<Path> folder = SharedFolder.find("data/pdb");
    ExternalTool undname = new ExternalTool("llvm-undname");
    assumeTrue(
        folder.isPresent() && undname.isThere(), "needs ../shared/data/pdb and llvm-undname");
    Set<String> names = new TreeSet<>();
    try (Stream<Path> files = Files.walk(folder.orElseThrow())) {
      for (Path p : files.filter(f -> f.toString().endsWith(".pdb")).toList()) {
        Pdb pdb = Pdb.open(Bytes.map(p));
        for (int i = 0; i < pdb.publics().count(); i++) {
          names.add(pdb.name(pdb.publics(), i));
        }
      }
    }
    List<String> understood =
        names.stream()
            .filter(n -> n.startsWith("?") && !n.startsWith("??_C@"))
            // Of a scope inside a function LLVM prints the function's whole declaration.
            .filter(n -> !n.matches(".*@\\?\\d\\?\\?.*"))
            .filter(n -> !Decoration.shown(n).equals(n))
            .toList();
    // The tool prints each name and below it what it means.
    List<String> lines = undname.lines(understood.toArray(String[]::new)).orElseThrow();
    Map<String, String> theirs = new HashMap<>();
    for (int i = 0; i + 1 < lines.size(); i++) {
      theirs.putIfAbsent(lines.get(i), lines.get(i + 1));
    }
    for (String name : understood) {
      assertThat(theirs.getOrDefault(name, "").replace("dtor'", "destructor'").replace(" ", ""))
          .as(name)
          .contains(Decoration.shown(name).replace(" ", ""));
    }
    assertThat(understood).hasSizeGreaterThan(500);
  }
}
