// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.reference;

import java.util.ArrayList;
import java.util.List;
import org.jkd.sample.format.VirtualMemory;

/** The stack of devices over the volume, and the requests that are on their way through it. */
final class Requests {
  /** The driver object of the file system. */
  static final long NTFS_DRIVER = 0x8a7f2f38L;

  private static final int DEVICE_SIZE = 0xb8;
  private static final int DRIVER_SIZE = 0xa8;
  private static final int IRP_SIZE = 0x70;
  private static final int LOCATION_SIZE = 0x24;
  private static final int EXTENSION_SIZE = 0x2c;
  private static final int NODE_SIZE = 0x120;
  private static final int NODE_STARTED = 0x308;
  private static final int CREATE = 0;
  private static final int READ = 3;
  private static final int CLEANUP = 0x12;

  /** A driver with its device, from the file system upwards. */
  private record Driver(
      String module, String name, long object, long device, long dispatch, long create) {}

  private static final List<Driver> DRIVERS =
      List.of(
          new Driver(
              "Ntfs", "\\FileSystem\\Ntfs", NTFS_DRIVER, 0x8763f718L, 0xbae1afb6L, 0xbae5bb7eL),
          new Driver(
              "fltmgr", "\\FileSystem\\FltMgr", 0x8a7d10f0L, 0x8765b6a8L, 0xf7a2ebd6L, 0xf7a3c374L),
          new Driver(
              "BabyHog", "\\Driver\\BabyHog", 0x876a1320L, 0x87689020L, 0xb958f3e0L, 0xb958f690L),
          new Driver(
              "BossHog", "\\Driver\\BossHog", 0x8754f8d8L, 0x87544ac8L, 0xb80cf36fL, 0xb80cf36fL),
          new Driver(
              "BossHog01",
              "\\Driver\\BossHog01",
              0x87441b30L,
              0x8743c5d0L,
              0xb7709aeeL,
              0xb7709aeeL));

  private final VirtualMemory memory;
  private final KernelData data;
  private final NamedObjects names;
  private final List<Long> pending = new ArrayList<>();

  Requests(VirtualMemory memory, KernelData data, NamedObjects names) {
    this.memory = memory;
    this.data = data;
    this.names = names;
  }

  /** The requests that the overflowed thread has issued, in the order of issue. */
  List<Long> pending() {
    return pending;
  }

  /** Stores drivers, devices, request packets and file objects. */
  void store(List<SampleModule> modules) {
    for (int i = 0; i < DRIVERS.size(); i++) {
      driver(DRIVERS.get(i), modules);
      device(DRIVERS.get(i), i, i + 1 < DRIVERS.size() ? DRIVERS.get(i + 1).device() : 0);
      extension(DRIVERS.get(i).device(), i == 0 ? 0 : DRIVERS.get(i - 1).device(), 0);
    }
    controlDevice();
    request(StackBuilder.STAGES.get(1), CREATE, "\\Program Files\\StackHog\\policy.dat");
    request(StackBuilder.STAGES.get(2), CLEANUP, "\\Program Files\\StackHog\\policy.dat");
    request(StackBuilder.STAGES.get(3), READ, "\\Program Files\\StackHog");
    request(StackBuilder.STAGES.get(4), READ, "\\$Mft");
  }

  private void driver(Driver driver, List<SampleModule> modules) {
    long at = driver.object();
    SampleModule module =
        modules.stream()
            .filter(one -> one.spec().name().equals(driver.module()))
            .findFirst()
            .orElseThrow();
    memory.commit(at, DRIVER_SIZE);
    memory.u16(at, 4);
    memory.u16(at + 2, DRIVER_SIZE);
    memory.u32(at + 4, driver.device());
    memory.u32(at + 8, 0x92);
    memory.u32(at + 0xc, module.spec().base());
    memory.u32(at + 0x10, module.image().sizeOfImage());
    data.string(at + 0x1c, driver.name());
    names.name(at, "Driver", driver.name());
    memory.u32(at + 0x2c, module.spec().base() + module.image().entry());
    for (int major = 0; major < 28; major++) {
      long dispatch = major == CREATE ? driver.create() : driver.dispatch();
      boolean cleanup = major == CLEANUP && driver.module().equals("Ntfs");
      memory.u32(at + 0x38 + 4L * major, cleanup ? 0xbae5c80aL : dispatch);
    }
  }

  private void device(Driver driver, int depth, long above) {
    names.header(driver.device(), "Device");
    long at = driver.device();
    memory.commit(at, DEVICE_SIZE);
    memory.u16(at, 3);
    memory.u16(at + 2, DEVICE_SIZE);
    memory.u32(at + 8, driver.object());
    memory.u32(at + 0x10, above);
    memory.u32(at + 0x1c, 0x40010);
    memory.u32(at + 0x28, at + DEVICE_SIZE);
    memory.u32(at + 0x2c, 8);
    memory.u8(at + 0x30, depth + 7L);
  }

  /** What the I/O manager keeps beside a device object. */
  private void extension(long device, long below, long node) {
    long at = data.allocate(EXTENSION_SIZE, "Devi");
    memory.u16(at, 0xd);
    memory.u32(at + 4, device);
    memory.u32(at + 0x14, node);
    memory.u32(at + 0x18, below);
    memory.u32(device + 0xb0, at);
  }

  /** The device over which a service talks to its driver: a stack of two with a node. */
  private void controlDevice() {
    Driver boss = DRIVERS.get(3);
    long manager = data.allocate(0x28 + DRIVER_SIZE, "Driv") + 0x28;
    memory.u16(manager, 4);
    memory.u16(manager + 2, DRIVER_SIZE);
    data.string(manager + 0x1c, "\\Driver\\PnpManager");
    names.name(manager, "Driver", "\\Driver\\PnpManager");
    long physical = device(manager, "\\Device\\0000002a", 2, 0);
    memory.u32(manager + 4, physical);
    long function = device(boss.object(), "\\Device\\BossHog", 3, 0);
    memory.u32(physical + 0x10, function);
    memory.u32(boss.device() + 0xc, function);
    long node = data.allocate(NODE_SIZE, "PpDn");
    memory.u32(node + 0x18, NODE_STARTED);
    memory.u32(node + 0x88, physical);
    data.string(node + 0x94, "ROOT\\LEGACY_BOSSHOG\\0000");
    data.string(node + 0x9c, "BossHog");
    extension(physical, 0, node);
    extension(function, physical, 0);
  }

  private long device(long driver, String name, int size, long above) {
    long at = data.allocate(0x28 + DEVICE_SIZE + 0x40, "Devi") + 0x28;
    memory.u16(at, 3);
    memory.u16(at + 2, DEVICE_SIZE + 0x40);
    memory.u32(at + 8, driver);
    memory.u32(at + 0x10, above);
    memory.u32(at + 0x1c, 0x1040);
    memory.u32(at + 0x28, at + DEVICE_SIZE);
    memory.u32(at + 0x2c, 0x22);
    memory.u8(at + 0x30, size);
    names.name(at, "Device", name);
    return at;
  }

  private void request(StackBuilder.Stage stage, int major, String name) {
    long irp = stage.irp();
    int count = DRIVERS.size() + 1;
    memory.commit(irp, IRP_SIZE + (long) count * LOCATION_SIZE);
    memory.u16(irp, 6);
    memory.u16(irp + 2, IRP_SIZE + count * LOCATION_SIZE);
    memory.u32(irp + 8, major == READ ? 0x43 : 0x884);
    memory.u8(irp + 0x22, count);
    memory.u8(irp + 0x23, 1);
    memory.u32(irp + 0x50, Processors.THREAD);
    memory.u32(irp + 0x60, irp + IRP_SIZE);
    memory.u32(irp + 0x64, stage.fileObject());
    for (int i = 0; i < DRIVERS.size(); i++) {
      long location = irp + IRP_SIZE + (long) i * LOCATION_SIZE;
      memory.u8(location, major);
      memory.u8(location + 3, i == 1 && major == CREATE ? 0xe0 : 0);
      if (major == READ) {
        memory.u32(location + 4, 0x1000);
        memory.u32(location + 0xc, 0x4000L * stage.irp() & 0xfff_f000L);
      }
      memory.u32(location + 0x14, DRIVERS.get(i).device());
      memory.u32(location + 0x18, stage.fileObject());
      memory.u32(location + 0x1c, i == 1 && major == CREATE ? 0xb958ee80L : 0);
    }
    pending.add(irp);
    long file = stage.fileObject();
    memory.commit(file, 0x70);
    names.header(file, "File");
    memory.u16(file, 5);
    memory.u16(file + 2, 0x70);
    memory.u32(file + 4, DRIVERS.getFirst().device());
    data.string(file + 0x30, name);
  }
}
