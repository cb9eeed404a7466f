// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.undecorate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names whose meaning is known, and names that were made to do harm. */
class UndecoratorTest {
  private static final int LONGEST = 1 << 17;

  private static List<String[]> known() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(UndecoratorTest.class.getResourceAsStream("names.tsv"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(l -> !l.startsWith("#"))
          .map(l -> l.split("\t", -1))
          .toList();
    }
  }

  @Test
  void knownNames() throws IOException {
    List<String[]> known = known();
    assertThat(known).hasSizeGreaterThan(190);
    SoftAssertions all = new SoftAssertions();
    for (String[] k : known) {
      all.assertThat(Undecorator.declaration(k[0]).orElse("")).as(k[0]).isEqualTo(k[1]);
      all.assertThat(Undecorator.name(k[0]).orElse("")).as(k[0]).isEqualTo(k[2]);
    }
    all.assertAll();
  }

  /** Where llvm-undname says nothing, or something that cannot be. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "?f@@YA?A_PXZ|auto __cdecl f(void)",
        "?f@@YA?A_TXZ|decltype(auto) __cdecl f(void)",
        "?f@@YAX_L_M@Z|void __cdecl f(__int128, unsigned __int128)",
        "?f@@YwHH@Z|int __regcall f(int)",
        // There is an adjustor because the function is virtual.
        "?f@C@@G7EAAXXZ|[thunk]: private: virtual void __cdecl C::f`adjustor{8}'(void)",
        // Microsoft's compilers count a namespace without a name, clang (capital letters) does not.
        "?f@N@?A0x1a2b3c4d@@YAXV12@@Z|void __cdecl `anonymous namespace'::N::f(class `anonymous"
            + " namespace'::N)",
        "?f@N@?A0x1A2B3C4D@M@@YAXV12@@Z|void __cdecl M::`anonymous namespace'::N::f(class M::N)",
      })
  void beyondLlvm(String decorated, String declaration) {
    assertThat(Undecorator.declaration(decorated)).contains(declaration);
  }

  /** Cut at every place and with every bit of it turned once, a name gives a text or none. */
  @Test
  void damagedNames() throws IOException {
    Random random = new Random(7);
    int read = 0;
    for (String[] k : known()) {
      String name = k[0];
      for (int i = 0; i < name.length(); i++) {
        read += bounded(name.substring(0, i));
        char[] turned = name.toCharArray();
        turned[i] ^= (char) (1 << random.nextInt(7));
        read += bounded(new String(turned));
        read += bounded(name.substring(0, i) + name.substring(random.nextInt(name.length())));
      }
    }
    assertThat(read).isPositive();
  }

  private static int bounded(String name) {
    int read = 0;
    for (Style style : Style.values()) {
      String s =
          (style == Style.NAME ? Undecorator.name(name) : Undecorator.declaration(name)).orElse("");
      assertThat(s.length()).isLessThanOrEqualTo(LONGEST);
      read += s.isEmpty() ? 0 : 1;
    }
    return read;
  }

  /** Every type stands for two of the one before: 2 to the power of 40 letters out of 300. */
  @Test
  void referencesDoNotMultiplyForEver() {
    StringBuilder types = new StringBuilder("PAH");
    for (int i = 0; i < 9; i++) {
      types.append("P6AX").append(String.valueOf(i).repeat(30)).append("@Z");
    }
    assertThat(Undecorator.declaration("?f@@YAX" + types + "@Z")).isEmpty();
    assertThat(Undecorator.name("?f@@YAX" + types + "@Z")).contains("f");
    assertThat(Undecorator.name("??$f@P6AX" + types + "@Z@@YAXXZ")).isEmpty();
  }

  /** What nests deeper than any compiler writes ends with the stack of a small thread unharmed. */
  @Test
  void depthHasALimit() throws InterruptedException {
    List<String> deep =
        List.of(
            "?f@@YAX" + "PA".repeat(1 << 16),
            "?f@@YAX" + "P6AX".repeat(1 << 16),
            "?f@@YAX" + "V?$A@".repeat(1 << 16),
            "??$f@" + "$1?".repeat(1 << 16),
            "??$f@" + "$E?".repeat(1 << 16),
            "?x" + "@?1?".repeat(1 << 16),
            "??" + "__E?".repeat(1 << 16),
            "?f@@YAX" + "Y0A@".repeat(1 << 16),
            "?f@@YAX" + "P8A@@AAX".repeat(1 << 16),
            "?" + "?$".repeat(1 << 16),
            "??__E".repeat(1 << 16));
    boolean[] survived = {false};
    Thread small =
        new Thread(
            null,
            () -> {
              deep.forEach(d -> assertThat(Undecorator.declaration(d)).isEmpty());
              survived[0] = true;
            },
            "small",
            512 << 10);
    small.start();
    small.join();
    assertThat(survived[0]).isTrue();
    assertThat(Undecorator.declaration("?f@@YAX" + "PA".repeat(120) + "H@Z"))
        .contains("void __cdecl f(int " + "*".repeat(120) + ")");
  }
}
