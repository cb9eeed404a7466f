// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.dump.mini.MiniDump;
import org.jkd.dump.mini.MiniMisc;
import org.jkd.dump.mini.MiniSystem;
import org.jkd.engine.render.CTime;
import org.jkd.engine.render.Hex;
import org.jkd.target.KernelTarget;
import org.jkd.target.SystemInfo;

/** The lines about the system that open a session and that {@code vertarget} repeats. */
public final class SystemLines {
  private static final int WINDOWS_NT = 2;
  private static final long TICKS_PER_SECOND = 10_000_000L;

  private SystemLines() {}

  /** Version, product, build, kernel base and times, as far as the dump tells them. */
  public static List<String> of(KernelTarget kernel) {
    SystemInfo system = kernel.system();
    List<String> lines = new ArrayList<>();
    String processors = system.processors() > 1 ? "MP (" + system.processors() + " procs) " : "UP ";
    lines.add(
        product(system)
            + " Kernel Version "
            + system.build()
            + (system.servicePack().isPresent() ? " (" + system.servicePack().get() + ")" : "")
            + " "
            + processors
            + (system.checked() ? "Checked" : "Free")
            + " "
            + machine(system.arch()));
    String suite = suite(system.suiteMask().orElse(0));
    if (system.productType().isPresent()) {
      lines.add(
          "Product: "
              + productType(system.productType().getAsLong())
              + (suite.isEmpty() ? "" : ", suite:" + suite));
    }
    if (system.buildLab().isPresent()) {
      lines.add("Built by: " + system.buildLab().get());
    }
    OptionalLong base = base(kernel, system);
    if (base.isPresent()) {
      String list =
          system.loadedModuleList().isPresent()
              ? " PsLoadedModuleList = "
                  + Hex.prefixed(system.arch(), system.loadedModuleList().getAsLong())
              : "";
      lines.add("Kernel base = " + Hex.prefixed(system.arch(), base.getAsLong()) + list);
    }
    lines.addAll(times(system));
    return lines;
  }

  private static OptionalLong base(KernelTarget kernel, SystemInfo system) {
    if (system.kernelBase().isPresent() || kernel.kernel().isEmpty()) {
      return system.kernelBase();
    }
    return OptionalLong.of(kernel.kernel().get().base());
  }

  /** The two lines of {@code .time}; UTC, because no dump tells the debugger's time zone. */
  static List<String> times(SystemInfo system) {
    List<String> lines = new ArrayList<>();
    if (system.systemTime().isPresent()) {
      String moment = CTime.filetime(system.systemTime().getAsLong());
      lines.add("Debug session time: " + moment + " (UTC + 0:00)");
    }
    if (system.upTime().isPresent()) {
      lines.add("System Uptime: " + span(system.upTime().getAsLong()));
    }
    return lines;
  }

  /** Version and product of the system on which a minidump was written. */
  static List<String> of(MiniDump dump) {
    MiniSystem system = dump.system();
    if (system.platformId() != WINDOWS_NT) {
      return List.of("Not a Windows system (platform 0x" + Hex.pad(system.platformId(), 4) + ")");
    }
    String suite = suite(system.suiteMask());
    return List.of(
        product((int) system.build(), system.productType() > 1)
            + " Version "
            + system.build()
            + (system.servicePack().isEmpty() ? "" : " (" + system.servicePack() + ")")
            + (system.processors() > 1 ? " MP (" + system.processors() + " procs)" : " UP")
            + " Free "
            + machine(system.arch()),
        "Product: "
            + productType(system.productType())
            + (suite.isEmpty() ? "" : ", suite:" + suite));
  }

  /** When a minidump was written, and since when its process ran; in UTC. */
  static List<String> times(MiniDump dump) {
    List<String> lines = new ArrayList<>();
    String moment = CTime.text(LocalDateTime.ofEpochSecond(dump.timestamp(), 0, ZoneOffset.UTC));
    lines.add("Debug session time: " + moment + " (UTC + 0:00)");
    MiniMisc misc = dump.misc();
    if (misc.createTime().isPresent() && dump.timestamp() >= misc.createTime().getAsLong()) {
      long seconds = dump.timestamp() - misc.createTime().getAsLong();
      lines.add("Process Uptime: " + span(seconds * TICKS_PER_SECOND));
    }
    misc.kernelTime().ifPresent(t -> lines.add("  Kernel time: " + span(t * TICKS_PER_SECOND)));
    misc.userTime().ifPresent(t -> lines.add("  User time: " + span(t * TICKS_PER_SECOND)));
    return lines;
  }

  /** For instance {@code 0 days 0:02:20.721}. */
  private static String span(long ticks) {
    long seconds = ticks / TICKS_PER_SECOND;
    long millis = ticks % TICKS_PER_SECOND / 10_000;
    return seconds / 86_400
        + " days "
        + seconds / 3600 % 24
        + ":"
        + two(seconds / 60 % 60)
        + ":"
        + two(seconds % 60)
        + "."
        + String.valueOf(1000 + millis).substring(1);
  }

  private static String two(long n) {
    return (n < 10 ? "0" : "") + n;
  }

  /** The product's name by its build number, for instance {@code Windows 10}. */
  public static String product(SystemInfo system) {
    return product(system.build(), system.productType().orElse(1) != 1);
  }

  private static String product(int build, boolean server) {
    if (build >= 22000) {
      return server ? "Windows Server" : "Windows 11";
    }
    if (build >= 10240) {
      return "Windows 10";
    }
    if (build >= 9600) {
      return "Windows 8.1";
    }
    if (build >= 9200) {
      return "Windows 8";
    }
    if (build >= 7600) {
      return "Windows 7";
    }
    if (build >= 6000) {
      return server ? "Windows Server 2008/Windows Vista" : "Windows Vista";
    }
    if (build >= 3790) {
      return "Windows Server 2003";
    }
    return build >= 2600 ? "Windows XP" : "Windows 2000";
  }

  private static String machine(Arch arch) {
    return switch (arch) {
      case X86 -> "x86 compatible";
      case X64 -> "x64";
      case ARM64 -> "ARM 64-bit (AArch64)";
    };
  }

  private static String productType(long type) {
    return switch ((int) type) {
      case 1 -> "WinNt";
      case 2 -> "LanManNt";
      case 3 -> "Server";
      default -> "<" + type + ">";
    };
  }

  private static String suite(long mask) {
    String[] names = {
      "SmallBusiness",
      "Enterprise",
      "BackOffice",
      "CommunicationServer",
      "TerminalServer",
      "SmallBusinessRestricted",
      "EmbeddedNT",
      "DataCenter",
      "SingleUserTS",
      "Personal",
      "Blade"
    };
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < names.length; i++) {
      if ((mask >>> i & 1) == 1) {
        text.append(' ').append(names[i]);
      }
    }
    return text.toString();
  }
}
