// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.Test;

/** Stack depth against what compilers recorded, for the images in the shared data. */
class DepthOracleTest {
  private static final List<String> X86 =
      List.of(
          "seh/x86/nested_collided.exe",
          "seh/x86/xframe_eh_dll.dll",
          "seh/x86/xframe_eh_exe.exe",
          "mozilla/basic32-min.dll",
          "sentry/crash.exe",
          "lldb/test-pdb.exe",
          "syzygy/pdb_test_dll.dll");

  /** A conformance test of exceptions, of which little is reached but by the dispatcher. */
  private static final String EXOTIC = "seh/x86/xcpt4.exe";

  private static final List<String> X64 =
      List.of(
          "breakpad/dump_syms_regtest64.exe",
          "mozilla/basic64.dll",
          "mozilla/basic-opt64.dll",
          "seh/x64/nested_collided.exe",
          "seh/x64/xcpt4.exe",
          "seh/x64/xframe_eh_dll.dll",
          "seh/x64/xframe_eh_exe.exe",
          "breakpad/pe_only_symbol_test.dll",
          "../images/rizin-symstore/Wdf01000.sys/a9a9d36ed1000/Wdf01000.sys",
          "../images/rizin-symstore/amdppm.sys/c9c030003b000/amdppm.sys");

  private static Path folder() {
    Optional<Path> data = SharedFolder.find("data/pdb");
    assumeTrue(data.isPresent(), "needs ../shared/data/pdb");
    return data.get();
  }

  private static Path pdb(Path image) {
    String file = image.getFileName().toString();
    return image.resolveSibling(file.substring(0, file.lastIndexOf('.')) + ".pdb");
  }

  @Test
  void x86AgreesWithFpoAndFrameData() throws IOException {
    Path folder = folder();
    DepthOracle.Score total = new DepthOracle.Score("x86");
    for (String name : X86) {
      Path image = folder.resolve(name);
      DepthOracle.Score score = DepthOracle.x86(image, pdb(image));
      System.out.println(score);
      total.add(score);
    }
    System.out.println(total);
    System.out.println(DepthOracle.x86(folder.resolve(EXOTIC), pdb(folder.resolve(EXOTIC))));
    assertTrue(total.judged() > 6000);
    assertTrue(total.agree >= 0.97 * total.judged(), () -> "" + total.complaints);
    assertTrue(total.differ <= 0.002 * total.judged(), () -> "" + total.complaints);
  }

  @Test
  void x64AgreesWithUnwindCodes() throws IOException {
    Path folder = folder();
    DepthOracle.Score total = new DepthOracle.Score("x64");
    for (String name : X64) {
      DepthOracle.Score score = DepthOracle.x64(folder.resolve(name));
      System.out.println(score);
      total.add(score);
    }
    System.out.println(total);
    assertTrue(total.judged() > 20_000);
    assertTrue(total.agree >= 0.995 * total.judged(), () -> "" + total.complaints);
    assertEquals(0, total.differ, () -> "" + total.complaints);
  }
}
