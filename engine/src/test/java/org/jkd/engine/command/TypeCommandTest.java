// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jkd.sample.Json;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.XZInputStream;

/** {@code dt} on a real dump with the kernel's types in an ISF file and a driver's in its PDB. */
class TypeCommandTest {
  private static final String ISF =
      "data/symbols/ntkrnlmp.pdb/5278AFF86C341677D7D7835C85B7B844-1.json.xz";

  private static Session session;

  @BeforeAll
  static void open() throws IOException {
    Optional<Path> dump = SharedFolder.find("data/kernel/rizin_triage_x64.dmp");
    Optional<Path> symbols = SharedFolder.find("data/symbols");
    Optional<Path> images = SharedFolder.find("data/images/rizin-symstore");
    assumeTrue(
        dump.isPresent() && symbols.isPresent() && images.isPresent(), "needs ../shared/data");
    session =
        new Session(
            Debuggee.open(
                dump.orElseThrow(),
                symbols.orElseThrow() + ";srv*" + images.orElseThrow(),
                images.orElseThrow().toString()));
  }

  private static List<String> answer(String command) {
    StringBuilder out = new StringBuilder();
    new Interpreter(session, out).run(command);
    return out.toString().lines().toList();
  }

  /** The rows as the JSON file says them, sorted, made without the reader. */
  private static List<String> rows(Json types, String struct) {
    Json fields = types.get("user_types").get(struct).get("fields");
    List<String> rows = new ArrayList<>();
    for (String name : fields.names()) {
      rows.add(
          String.format(
              Locale.ROOT,
              "   +0x%03x %-16s : %s",
              fields.get(name).get("offset").number(),
              name,
              type(fields.get(name).get("type"))));
    }
    return rows.stream().sorted().toList();
  }

  private static String type(Json type) {
    String kind = type.get("kind").text();
    return switch (kind) {
      case "base" ->
          switch (type.get("name").text()) {
            case "unsigned char" -> "UChar";
            case "char" -> "Char";
            case "short" -> "Int2B";
            case "unsigned short" -> "Uint2B";
            case "int", "long" -> "Int4B";
            case "unsigned int", "unsigned long" -> "Uint4B";
            case "long long" -> "Int8B";
            case "unsigned long long" -> "Uint8B";
            case "wchar" -> "Wchar";
            default -> "Void";
          };
      case "pointer" -> "Ptr64 " + type(type.get("subtype"));
      case "array" -> "[" + type.get("count").number() + "] " + type(type.get("subtype"));
      case "bitfield" -> {
        long bits = type.get("bit_length").number();
        yield "Pos "
            + type.get("bit_position").number()
            + ", "
            + bits
            + (bits == 1 ? " Bit" : " Bits");
      }
      case "function" -> "<function>";
      default -> type.get("name").text();
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"_KTHREAD", "_EPROCESS", "_KPRCB", "_DRIVER_OBJECT", "_MMPTE_HARDWARE"})
  void layoutsAreThoseOfTheFile(String struct) throws IOException {
    try (InputStream raw = Files.newInputStream(SharedFolder.find(ISF).orElseThrow());
        InputStream text = new XZInputStream(raw)) {
      Json types = Json.parse(new String(text.readAllBytes(), StandardCharsets.UTF_8));
      assertThat(answer("dt nt!" + struct).stream().sorted().toList())
          .isEqualTo(rows(types, struct))
          .hasSizeGreaterThan(5);
    }
  }

  @Test
  void valuesAreThoseOfTheDump() {
    // The process and thread that crashed, by the dump's own header and by !thread.
    assertThat(answer("dt nt!_EPROCESS @$proc ImageFileName UniqueProcessId"))
        .containsExactly(
            "   +0x5a8 ImageFileName    : [15]  \"System\"",
            "   +0x440 UniqueProcessId  : 0x00000000`00000004 Void");
    assertThat(answer("dt nt!_KTHREAD Header.Type State @$thread"))
        .containsExactly(
            "   +0x000 Header           : ",
            "      +0x000 Type             : 0x6 ''",
            "   +0x184 State            : 0x2 ''");
    assertThat(answer("dt nt!_KTHREAD @$thread Header.WaitListHead").getLast())
        .matches(" {6}\\+0x008 WaitListHead {5}: _LIST_ENTRY \\[ 0x[0-9a-f]{8}`[0-9a-f]{8} - .* ]");
  }

  @Test
  void subFieldsAreFoundByPathPrefixAndPattern() {
    assertThat(answer("dt nt!_KTHREAD Header.Sig*"))
        .containsExactly(
            "   +0x000 Header           : ",
            "      +0x001 Signalling       : UChar",
            "      +0x004 SignalState      : Int4B");
    assertThat(answer("dt nt!_ETHREAD Tcb.Header.SignalState"))
        .containsExactly(
            "   +0x000 Tcb              : ",
            "      +0x000 Header           : ",
            "         +0x004 SignalState      : Int4B");
    assertThat(answer("dt nt!_KTHREAD -y Init"))
        .containsExactly("   +0x028 InitialStack     : Ptr64 Void");
    assertThat(answer("dt -o nt!_LIST_ENTRY Flink"))
        .containsExactly("   Flink            : Ptr64 _LIST_ENTRY");
    assertThat(answer("dt nt!_KTHREAD NoSuchField"))
        .containsExactly("Cannot find specified field members.");
    assertThat(answer("dt nt!_NO_SUCH_TYPE")).containsExactly("Symbol nt!_NO_SUCH_TYPE not found.");
  }

  @Test
  void levelsArraysAndHeadings() {
    assertThat(answer("dt -v nt!_KDPC DpcListEntry"))
        .containsExactly(
            "struct _KDPC, 11 elements, 0x40 bytes",
            "   +0x008 DpcListEntry     : struct _SINGLE_LIST_ENTRY, 1 elements, 0x8 bytes");
    assertThat(answer("dt -b nt!_KDPC DpcListEntry"))
        .containsExactly(
            "   +0x008 DpcListEntry     : _SINGLE_LIST_ENTRY",
            "      +0x000 Next             : Ptr64 _SINGLE_LIST_ENTRY");
    // Of pointers -b shows no more than the pointer, -r follows it.
    assertThat(answer("dt -r2 nt!_KDPC DpcListEntry"))
        .containsExactly(
            "   +0x008 DpcListEntry     : _SINGLE_LIST_ENTRY",
            "      +0x000 Next             : Ptr64 _SINGLE_LIST_ENTRY",
            "         +0x000 Next             : Ptr64 _SINGLE_LIST_ENTRY");
    assertThat(answer("dt -a2 nt!_KTHREAD WaitBlock"))
        .containsExactly(
            "   +0x140 WaitBlock        : [4] ", "    [00] _KWAIT_BLOCK", "    [01] _KWAIT_BLOCK");
    assertThat(answer("dt -c nt!_LIST_ENTRY"))
        .containsExactly("   +0x000 Flink : Ptr64 _LIST_ENTRY +0x008 Blink : Ptr64 _LIST_ENTRY");
  }

  @Test
  void namesAreListedAndEnumerationsShowTheirValues() {
    assertThat(answer("dt nt!_ktrap*")).containsExactly("          nt!_KTRAP_FRAME");
    assertThat(answer("dt -v nt!_ktrap*")).containsExactly("          190   nt!_KTRAP_FRAME");
    assertThat(answer("dt nt!_POOL_TYPE"))
        .contains("   PagedPool = 0n1", "   NonPagedPoolNx = 0n512");
  }

  @Test
  void listsAreWalkedToTheirEndOrToWhatCannotBeRead() {
    List<String> lines = answer("dt nt!_EPROCESS -l ActiveProcessLinks.Flink -y ImageFileN @$proc");
    assertThat(lines.getFirst()).startsWith("ActiveProcessLinks.Flink at 0x");
    assertThat(lines.get(2)).isEqualTo("   +0x5a8 ImageFileName    : [15]  \"System\"");
    assertThat(lines.stream().filter(l -> l.startsWith("ActiveProcessLinks"))).hasSize(6);
  }

  @Test
  void aDriversPdbTellsWhatFunctionsReturn() {
    assertThat(answer("dt amdppm!_DRIVER_OBJECT").stream().map(String::strip))
        .contains(
            "+0x008 DeviceObject     : Ptr64 _DEVICE_OBJECT",
            "+0x058 DriverInit       : Ptr64     long",
            "+0x060 DriverStartIo    : Ptr64     void",
            "+0x070 MajorFunction    : [28] Ptr64     long");
    // A typedef, and a structure under the name without its underscore.
    assertThat(answer("dt amdppm!DRIVER_OBJECT DriverSize"))
        .containsExactly("   +0x020 DriverSize       : Uint4B");
  }
}
