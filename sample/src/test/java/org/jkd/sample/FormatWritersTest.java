// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.jkd.sample.format.PdbWriter;
import org.jkd.sample.format.PeTables;
import org.jkd.sample.format.PeWriter;
import org.jkd.sample.format.UnwindWriter;
import org.jkd.sample.format.UnwindWriter.Step;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FormatWritersTest {
  private static final byte[] GUID = HexFormat.of().parseHex("00112233445566778899aabbccddeeff");

  @TempDir Path folder;

  private static PeWriter image64() {
    PeWriter image = new PeWriter(true, 0x1_4000_0000L, 0xffff_f800_1000_0000L, 0x4f000000);
    PeWriter.Section text = image.section(".text", 0x1000, 0x1000, PeWriter.CODE);
    text.content()
        .raw(0, HexFormat.of().parseHex("4055564883ec20488d6c2420e8000000004883c4205e5dc3"));
    text.content().grow(0x100);
    PeWriter.Section data = image.section(".rdata", 0x2000, 0x1000, PeWriter.READ_ONLY);
    PeTables.Imports imports =
        new PeTables.Imports(0x2000, true, List.of("a.dll!One", "a.dll!Two", "b.dll!Three"));
    data.content().grow(0x40).u64(0x38, 0xffff_f800_1000_1000L);
    image.relocate(0x2038);
    image.imports(data, imports);
    image.exports(
        data,
        "x.dll",
        List.of(new PeTables.Export("Zeta", 1, 0x1000), new PeTables.Export("Alpha", 3, 0x1010)));
    image.debug(data, GUID, 2, "x.pdb");
    UnwindWriter unwind = new UnwindWriter(data);
    int main =
        unwind.function(
            0x1000,
            0x1018,
            12,
            5,
            0x20,
            List.of(Step.push(2, 5), Step.push(3, 6), Step.allocate(7, 0x20), Step.frame(12)));
    unwind.function(0x1020, 0x1040, 7, 0, 0, List.of(Step.allocate(7, 0x1238)));
    unwind.chained(0x1040, 0x1050, 0x1000, 0x1018, main);
    unwind.finish(image, 0x3000);
    image.relocations(0x4000);
    return image.dll();
  }

  @Test
  void a64BitImageIsUnderstoodWithItsUnwindData() throws IOException, InterruptedException {
    Path file = folder.resolve("x.dll");
    Files.write(file, image64().file());
    Tool.Result result =
        Tool.run(
            "llvm-readobj",
            "--unwind",
            "--coff-exports",
            "--coff-imports",
            "--coff-basereloc",
            "--coff-debug-directory",
            file.toString());
    assertThat(result.exit()).as(result.text()).isZero();
    assertThat(result.text())
        .contains("ALLOC_LARGE size=4664")
        .contains("SET_FPREG reg=RBP, offset=0x20")
        .contains("PUSH_NONVOL reg=RSI")
        .contains("Chained")
        .containsPattern("Name: Alpha\\s+RVA: 0x1010")
        .containsPattern("Symbol: Three")
        .contains("PDBGUID: (00 11 22 33 44 55 66 77 88 99 AA BB CC DD EE FF)")
        .contains("Address: 0x2038");
  }

  @Test
  void theFileIsLinkedAtItsPreferredBaseAndTheMappingAtItsLoadBase() {
    PeWriter image = image64();
    byte[] mapped = image.mapped();
    assertThat(mapped).hasSize(image.sizeOfImage());
    assertThat(HexFormat.of().formatHex(mapped, 0x2038, 0x2040)).isEqualTo("0010001000f8ffff");
    byte[] file = image.file();
    assertThat(HexFormat.of().formatHex(file, 0x400 + 0x200 + 0x38, 0x400 + 0x200 + 0x40))
        .isEqualTo("0010004001000000");
  }

  @Test
  void aPrivatePdbIsUnderstoodWithItsFrames() throws IOException, InterruptedException {
    String program = "$T0 .raSearch = $eip $T0 ^ = $esp $T0 4 + =";
    PdbWriter pdb =
        new PdbWriter(GUID, 3, 0x4f000000, false, image64().sectionHeaders())
            .add(new PdbWriter.Public("_Function@8", 1, 0x10, true))
            .add(new PdbWriter.Public("_Variable", 2, 0x20, false))
            .add(new PdbWriter.Procedure("Function", 1, 0x10, 0x40, 6, 0x3c))
            .add(new PdbWriter.Procedure("Another", 1, 0x50, 0x20, 3, 0x1c))
            .add(new PdbWriter.Fpo(0x1010, 0x40, 2, 2, 6, 3, true, 3))
            .add(new PdbWriter.FrameData(0x1010, 0x40, 8, 8, 0, program, 6, 12, 4));
    Path file = folder.resolve("x.pdb");
    Files.write(file, pdb.file());
    Tool.Result result = Tool.run("llvm-pdbutil", "dump", "-all", file.toString());
    assertThat(result.exit()).as(result.text()).isZero();
    assertThat(result.text())
        .contains("Age: 3")
        .contains("{33221100-5544-7766-8899-AABBCCDDEEFF}")
        .containsPattern("S_GPROC32 .*`Function`")
        .containsPattern("S_PROCREF .*`Another`")
        .containsPattern("S_PUB32 .*`_Function@8`")
        .contains(program);
    Tool.Result frames = Tool.run("llvm-pdbutil", "dump", "-fpo", file.toString());
    assertThat(frames.text()).containsPattern("1010 +\\| +64 +\\| +2 +\\| +2");
  }
}
