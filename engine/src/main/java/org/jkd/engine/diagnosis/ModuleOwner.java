// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.diagnosis;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Whom a module comes from.
 *
 * @param module the debugger's module name
 * @param company the version resource's company, or empty
 * @param product the version resource's product, or empty
 * @param origin Microsoft's, somebody else's, or not known
 * @param reason what the origin rests on, for people
 * @param build which build of it: its file version or the date in its header, or empty
 */
public record ModuleOwner(
    String module, String company, String product, Origin origin, String reason, String build) {

  /** Where a module comes from. */
  public enum Origin {
    MICROSOFT,
    THIRD_PARTY,
    UNKNOWN
  }

  /**
   * Drivers and kernel modules that come with Windows, in lower case; used only where a module has
   * no version resource to ask, and said so.
   */
  private static final Set<String> INBOX =
      Set.of(
          "nt",
          "hal",
          "ntfs",
          "fltmgr",
          "classpnp",
          "atapi",
          "ataport",
          "disk",
          "partmgr",
          "ftdisk",
          "volmgr",
          "volmgrx",
          "volsnap",
          "mountmgr",
          "ndis",
          "tcpip",
          "netio",
          "afd",
          "storport",
          "scsiport",
          "ntdll",
          "win32k",
          "win32kbase",
          "win32kfull",
          "ks",
          "ksthunk",
          "hdaudbus",
          "hdaudio",
          "usbaudio",
          "drmk",
          "mmcss",
          "condrv",
          "bthport",
          "bthusb",
          "basicdisplay",
          "basicrender",
          "monitor",
          "cdd",
          "portcls",
          "usbport",
          "usbhub",
          "usbehci",
          "usbxhci",
          "usbhub3",
          "pci",
          "acpi",
          "wdf01000",
          "wdfldr",
          "ksecdd",
          "cng",
          "mup",
          "rdbss",
          "mrxsmb",
          "mrxsmb10",
          "mrxsmb20",
          "srv",
          "srv2",
          "srvnet",
          "npfs",
          "msfs",
          "fastfat",
          "exfat",
          "cdfs",
          "udfs",
          "refs",
          "fileinfo",
          "luafv",
          "bowser",
          "http",
          "dxgkrnl",
          "dxgmms1",
          "dxgmms2",
          "watchdog",
          "videoprt",
          "tdi",
          "netbt",
          "ipsec",
          "fvevol",
          "rdyboost",
          "iorate",
          "ci",
          "clfs",
          "tm",
          "kdcom",
          "bootvid",
          "pshed",
          "intelppm",
          "amdppm",
          "processr",
          "kernel32",
          "kernelbase",
          "user32",
          "gdi32",
          "advapi32",
          "rpcrt4",
          "stornvme",
          "storahci",
          "spaceport",
          "msrpc",
          "wfplwfs",
          "fwpkclnt",
          "hidclass",
          "hidusb",
          "kbdclass",
          "mouclass",
          "i8042prt",
          "usbccgp",
          "redbook",
          "cdrom",
          "crashdmp",
          "dump_diskdump",
          "werkernel",
          "pdc",
          "cea",
          "verifier",
          "nwifi",
          "vwififlt",
          "tunnel");

  /** Other modules of the same vendor, product or name stem are one product. */
  public static ModuleOwner of(String module, String path, String company, String product) {
    if (!company.isBlank()) {
      boolean microsoft = company.toLowerCase(Locale.ROOT).contains("microsoft");
      return new ModuleOwner(
          module,
          company.strip(),
          product.strip(),
          microsoft ? Origin.MICROSOFT : Origin.THIRD_PARTY,
          "version resource: " + company.strip(),
          "");
    }
    if (module.isEmpty()) {
      return new ModuleOwner(module, "", "", Origin.UNKNOWN, "code outside all modules", "");
    }
    if (INBOX.contains(module.toLowerCase(Locale.ROOT))) {
      return new ModuleOwner(
          module, "", "", Origin.MICROSOFT, "by its name; no version resource could be read", "");
    }
    return new ModuleOwner(
        module,
        "",
        "",
        Origin.THIRD_PARTY,
        "no module of that name comes with Windows; no version resource could be read"
            + (path.isEmpty() ? "" : " (" + path + ")"),
        "");
  }

  /** The same with the build of the module. */
  public ModuleOwner withBuild(String newBuild) {
    return new ModuleOwner(module, company, product, origin, reason, newBuild);
  }

  /** What a product is called: its name, else its company, else the module. */
  public String productKey() {
    return !product.isEmpty() ? product : !company.isEmpty() ? company : module;
  }

  /**
   * The bytes of a product.
   *
   * @param name the product's name, else the company's, else the module's
   * @param company who made it, if known
   * @param modules its modules that have frames
   * @param bytes of all of them
   * @param frames of all of them
   */
  public record ProductUsage(
      String name, String company, Origin origin, List<String> modules, long bytes, int frames) {}

  /** Groups module rows by product, largest first. */
  public static List<ProductUsage> products(
      List<StackUsage.Row> modules, Map<String, ModuleOwner> owners) {
    Map<String, ProductUsage> products = new LinkedHashMap<>();
    for (StackUsage.Row row : modules) {
      ModuleOwner owner = owners.get(row.name());
      if (owner == null) {
        owner = of(row.name().startsWith("(") ? "" : row.name(), "", "", "");
      }
      String key = owner.productKey().isEmpty() ? row.name() : owner.productKey();
      ProductUsage one =
          new ProductUsage(
              key, owner.company(), owner.origin(), List.of(row.name()), row.bytes(), row.frames());
      products.merge(owner.origin() + "|" + key, one, ModuleOwner::merge);
    }
    return products.values().stream()
        .sorted(Comparator.comparingLong(ProductUsage::bytes).reversed())
        .toList();
  }

  private static ProductUsage merge(ProductUsage a, ProductUsage b) {
    List<String> modules = new ArrayList<>(a.modules());
    modules.addAll(b.modules());
    return new ProductUsage(
        a.name(),
        a.company(),
        a.origin(),
        List.copyOf(modules),
        a.bytes() + b.bytes(),
        a.frames() + b.frames());
  }
}
