// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jkd.engine.command.Arguments;
import org.jkd.engine.command.CommandException;
import org.jkd.engine.command.Result;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.Text;
import org.jkd.objects.Structure;
import org.jkd.target.Processor;

/** {@code !cpuinfo}, {@code !cpuid}, {@code !sysinfo cpuinfo}: make and features of processors. */
public final class CpuInfoCommand extends SystemCommand {
  private static final int VENDOR = 12;

  @Override
  Result run(Arguments arguments, Nt nt) {
    if (arguments.name().equals("!sysinfo")) {
      return sysinfo(arguments, nt);
    }
    List<Processor> processors =
        arguments.atEnd()
            ? nt.kernel().processors()
            : List.of(ProcessorCommand.processor(arguments, nt));
    List<Cpu> found = cpus(nt, processors);
    boolean withFeatures = arguments.name().equals("!cpuinfo");
    List<String> lines = new ArrayList<>();
    lines.add(
        withFeatures
            ? "CP  F/M/S Manufacturer  MHz PRCB Signature    MSR 8B Signature Features"
            : "CP  F/M/S  Manufacturer     MHz");
    for (Cpu cpu : found) {
      lines.add(withFeatures ? cpu.features() : cpu.make());
    }
    return answer(lines, found);
  }

  private static Answer answer(List<String> lines, List<Cpu> found) {
    return new Answer(
        lines,
        o ->
            o.objects(
                "processors",
                found,
                (j, c) -> {
                  j.number("number", c.number()).number("family", c.family());
                  j.number("model", c.model()).number("stepping", c.stepping());
                  j.text("vendor", c.vendor());
                  c.mhz().ifPresent(v -> j.number("mhz", v));
                  c.bits().ifPresent(v -> j.address("features", v));
                }));
  }

  private static List<Cpu> cpus(Nt nt, List<Processor> processors) {
    List<Cpu> found = new ArrayList<>();
    for (Processor p : processors) {
      if (p.prcb().isEmpty()) {
        continue;
      }
      Structure prcb = ProcessorCommand.prcb(nt, p);
      OptionalLong step = prcb.number("CpuStep");
      OptionalLong type = prcb.number("CpuType");
      if (step.isPresent() && type.isPresent()) {
        long bits = step.getAsLong();
        found.add(
            new Cpu(
                p.number(),
                type.getAsLong(),
                bits >>> 8 & 0xff,
                bits & 0xff,
                prcb.characters("VendorString", VENDOR),
                prcb.number("MHz"),
                prcb.number("UpdateSignature"),
                prcb.number("FeatureBits")));
      }
    }
    if (found.isEmpty()) {
      throw new CommandException(
          "The dump does not hold the control block of any processor that was asked for");
    }
    return found;
  }

  /** {@code !sysinfo}: what of it a dump holds without the firmware's tables. */
  private static Result sysinfo(Arguments arguments, Nt nt) {
    String topic = arguments.word();
    arguments.end();
    if (!topic.equals("cpuinfo")) {
      throw new CommandException(
          topic.equals("machineid") || topic.equals("smbios")
              ? "sysinfo: could not find necessary interfaces.\n"
                  + "sysinfo: the firmware's tables are in no part of a dump that jkd reads"
              : "Usage: !sysinfo cpuinfo | machineid");
    }
    List<Cpu> found = cpus(nt, nt.kernel().processors());
    List<String> lines = new ArrayList<>();
    lines.add("[CPU Information]");
    Cpu first = found.getFirst();
    lines.add("~MHz = REG_DWORD " + Nt.decimal(first.mhz()));
    lines.add(
        "Identifier = REG_SZ "
            + (nt.isX86() ? "x86" : first.vendor().equals("AuthenticAMD") ? "AMD64" : "Intel64")
            + " Family "
            + first.family()
            + " Model "
            + first.model()
            + " Stepping "
            + first.stepping());
    lines.add("VendorIdentifier = REG_SZ " + first.vendor());
    return answer(lines, found);
  }

  /**
   * A processor.
   *
   * @param signature of the microcode: in the upper half the revision
   */
  record Cpu(
      int number,
      long family,
      long model,
      long stepping,
      String vendor,
      OptionalLong mhz,
      OptionalLong signature,
      OptionalLong bits) {
    private String id() {
      return Text.right(Integer.toString(number), 2)
          + " "
          + Text.right(family + "," + model + "," + stepping, 6);
    }

    String make() {
      return id() + "  " + Text.left(vendor, 12) + " " + Text.right(Nt.decimal(mhz), 7);
    }

    String features() {
      return id()
          + " "
          + Text.left(vendor, 12)
          + " "
          + Text.right(Nt.decimal(mhz), 4)
          + " "
          + (signature.isPresent() ? Hex.pad(signature.getAsLong(), 16) : "?".repeat(16))
          + " ".repeat(19)
          + (bits.isPresent() ? Hex.pad(bits.getAsLong(), 8) : "????????");
    }
  }
}
