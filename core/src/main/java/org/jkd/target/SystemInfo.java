// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;

/**
 * What {@code vertarget} tells about the system.
 *
 * @param checked true for a checked build
 * @param buildLab for instance {@code 7601.17514.amd64fre.win7sp1_rtm.101119-1850}
 * @param servicePack as the system spells it, for instance {@code Service Pack 3}
 * @param systemTime FILETIME: 100 ns since 1601, UTC
 * @param upTime 100 ns
 * @param productType 1 workstation, 2 domain controller, 3 server
 */
public record SystemInfo(
    Arch arch,
    int build,
    boolean checked,
    int processors,
    Optional<String> buildLab,
    Optional<String> servicePack,
    OptionalLong kernelBase,
    OptionalLong loadedModuleList,
    OptionalLong systemTime,
    OptionalLong upTime,
    OptionalLong productType,
    OptionalLong suiteMask) {

  private static final int CHECKED = 0xc;

  static SystemInfo read(KernelCore core) {
    return new SystemInfo(
        core.arch(),
        core.build(),
        core.header().majorVersion() == CHECKED,
        core.header().processors().orElse(1),
        text(core, core.debuggerAddress(DebuggerData.BUILD_LAB)),
        servicePack(core),
        core.kernelBase(),
        core.header().loadedModuleList(),
        core.header().systemTime(),
        core.header().systemUpTime(),
        core.header().productType(),
        core.header().suiteMask());
  }

  /** CmNtCSDVersion: the service pack's number in the second byte, as in 0x300 for SP 3. */
  private static Optional<String> servicePack(KernelCore core) {
    OptionalLong place = core.debuggerAddress(DebuggerData.CSD_VERSION);
    OptionalLong value = place.isPresent() ? core.reader().u32(place.getAsLong()) : place;
    long number = value.orElse(0) >>> 8 & 0xff;
    return number == 0 || number > 9 ? Optional.empty() : Optional.of("Service Pack " + number);
  }

  /** A string of printable characters up to a NUL; read byte by byte because it may end a page. */
  private static Optional<String> text(KernelCore core, OptionalLong address) {
    int max = 128;
    if (address.isEmpty()) {
      return Optional.empty();
    }
    byte[] bytes = new byte[max];
    int got = core.reader().memory().read(address.getAsLong(), bytes, 0, max);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < got && bytes[i] != 0; i++) {
      if (bytes[i] < 0x20) {
        return Optional.empty();
      }
      text.append((char) bytes[i]);
    }
    return text.isEmpty() ? Optional.empty() : Optional.of(text.toString());
  }
}
