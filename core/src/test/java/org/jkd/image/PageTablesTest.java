// SPDX-License-Identifier: Apache-2.0
package org.jkd.image;

import static org.assertj.core.api.Assertions.assertThat;

import org.jkd.image.PageWalk.Mapped;
import org.jkd.image.PageWalk.Unmapped;
import org.jkd.image.PageWalk.Via;
import org.jkd.image.Unreadable.Level;
import org.junit.jupiter.api.Test;

/** Translations worked out by hand from the processor manuals' figures and dump-formats.md, 2. */
class PageTablesTest {
  private static PageTables tables(Pages pages, PagingMode mode, long cr3) {
    return new PageTables(pages, mode, cr3, PageTables.Settings.of(mode));
  }

  private static Unreadable why(PageTables tables, long address) {
    return ((Unmapped) tables.walk(address).outcome()).reason();
  }

  @Test
  void x86SmallAndLargePages() {
    Pages pages = new Pages();
    pages.put4(0x1000 + 0x200 * 4, 0x2063); // 80000000: table at 2000
    pages.put4(0x2000 + 4, 0x5063); // 80001000: page 5000
    pages.put4(0x1000 + 0x201 * 4, 0x0040_00e3 | 0x5 << 13); // 80400000: 4 MB at 5_00400000
    PageTables tables = tables(pages, PagingMode.X86, 0x1018);
    assertThat(tables.translate(0x8000_1234L)).isEqualTo(0x5234);
    assertThat(tables.translate(0x8000_1fffL)).isEqualTo(0x5fff);
    assertThat(tables.walk(0x8047_8abcL).outcome())
        .isEqualTo(new Mapped(0x5_0047_8abcL, 0x40_0000, Via.LARGE));
    assertThat(tables.translate(0x8000_2000L)).isEqualTo(PageTables.NONE);
    assertThat(why(tables, 0x8000_2000L)).isEqualTo(new Unreadable.NotPresent(Level.PTE, 0));
    assertThat(why(tables, 0x9000_0000L)).isEqualTo(new Unreadable.NotPresent(Level.PDE, 0));
    assertThat(why(tables, 0x1_0000_0000L)).isEqualTo(new Unreadable.NotAnAddress());
  }

  @Test
  void entriesAppearInTheAddressSpaceWhereKdShowsThem() {
    // 80002000 in the two modes of x86: PDE c0300800, PTE c0200008; PAE PDE c0602000, PTE c0400010.
    Pages pages = new Pages();
    pages.put4(0x1000 + 0x200 * 4, 0x2063).put4(0x2008, 0x5063);
    PageWalk walk = tables(pages, PagingMode.X86, 0x1000).walk(0x8000_2000L);
    assertThat(walk.steps().get(0).virtualAddress()).hasValue(0xc030_0800L);
    assertThat(walk.steps().get(1).virtualAddress()).hasValue(0xc020_0008L);
    assertThat(walk.steps().get(1).physicalAddress()).isEqualTo(0x2008);
    assertThat(walk.steps().get(1).contents()).hasValue(0x5063);

    Pages pae = new Pages();
    pae.put8(0x1000 + 2 * 8, 0x2001).put8(0x2000, 0x3063).put8(0x3010, 0x5063);
    PageWalk wide = tables(pae, PagingMode.PAE, 0x1000).walk(0x8000_2000L);
    assertThat(wide.steps().get(0).virtualAddress()).isEmpty();
    assertThat(wide.steps().get(1).virtualAddress()).hasValue(0xc060_2000L);
    assertThat(wide.steps().get(2).virtualAddress()).hasValue(0xc040_0010L);

    // The system's address space on x64 without randomisation: PXE of f800000000000 is
    // fffff6fb7dbedf80.
    Pages x64 = new Pages();
    x64.put8(0x1000 + 0x1f0 * 8, 0x2063).put8(0x2000, 0x3063).put8(0x3000, 0x4063);
    PageWalk deep = tables(x64, PagingMode.X64, 0x1000).walk(0xffff_f800_0000_0000L);
    assertThat(deep.steps())
        .extracting(s -> s.virtualAddress().orElse(0))
        .containsExactly(
            0xffff_f6fb_7dbe_df80L,
            0xffff_f6fb_7dbf_0000L,
            0xffff_f6fb_7e00_0000L,
            0xffff_f6fc_0000_0000L);
  }

  @Test
  void paeIgnoresBitsAboveTheFrame() {
    Pages pages = new Pages();
    pages.put8(0x1020 + 3 * 8, 0x2001);
    pages.put8(0x2000 + 8, 0x8000_0000_0000_3063L); // c0200000
    pages.put8(0x3000, 0x8000_0001_2345_6063L); // no-execute, page 1_23456000
    pages.put8(0x2000 + 16, 0x0000_0001_2360_00e3L); // c0400000: 2 MB
    PageTables tables = tables(pages, PagingMode.PAE, 0x1020);
    assertThat(tables.translate(0xc020_0010L)).isEqualTo(0x1_2345_6010L);
    assertThat(tables.walk(0xc041_2345L).outcome())
        .isEqualTo(new Mapped(0x1_2361_2345L, 0x20_0000, Via.LARGE));
  }

  @Test
  void x64GigabytePagesAndFiveLevels() {
    Pages pages = new Pages();
    long address = 0xffff_8000_1234_5678L; // indices 100, 0, 91, 145
    pages.put8(0x1000 + 0x100 * 8, 0x2063);
    pages.put8(0x2000, 0x40_4000_10e3L); // 1 GB at 40_40000000, with the PAT bit in the low part
    assertThat(tables(pages, PagingMode.X64, 0x1000).walk(address).outcome())
        .isEqualTo(new Mapped(0x40_5234_5678L, 0x4000_0000, Via.LARGE));

    Pages five = new Pages();
    five.put8(0x9000 + 0x1ff * 8, 0x1063);
    five.put8(0x1000 + 0x100 * 8, 0x2063);
    five.put8(0x2000, 0x40_4000_10e3L);
    PageTables tables = tables(five, PagingMode.X64_5, 0x9000);
    assertThat(tables.translate(address)).isEqualTo(0x40_5234_5678L);
    assertThat(tables.walk(address).steps().getFirst().level()).isEqualTo(Level.PML5E);
    assertThat(why(tables(pages, PagingMode.X64, 0x1000), 0x0000_8000_0000_0000L))
        .isEqualTo(new Unreadable.NotAnAddress());
    assertThat(why(tables, 0xff00_8000_0000_0000L))
        .isEqualTo(new Unreadable.NotPresent(Level.PML5E, 0));
  }

  /** One table for the address range at 0, its entries as given. */
  private static Pages x64(long... entries) {
    Pages pages = new Pages();
    pages.put8(0x1000, 0x2063).put8(0x2000, 0x3063).put8(0x3000, 0x4063);
    for (int i = 0; i < entries.length; i++) {
      pages.put8(0x4000 + i * 8, entries[i]);
    }
    return pages;
  }

  @Test
  void softwareEntriesSayWhereThePageIs() {
    Pages pages =
        x64(
            0x0000_0000_0700_08c0L, // transition, page 7000000
            0x0000_0000_0000_0080L, // demand zero, writable
            0x0001_2345_0000_0084L, // page file 2, page 12345
            0x0000_0000_0000_0000L,
            0xffff_ffff_0000_0480L, // prototype, to be found in the VAD
            0x0000_0000_5000_0480L); // prototype PTE at 5000
    pages.put8(0x4000 + 5 * 8 + 8, 0x0000_6000_0000_0400L);
    PageTables tables = tables(pages, PagingMode.X64, 0x1000);
    assertThat(tables.walk(0x0123).outcome())
        .isEqualTo(new Mapped(0x700_0123, 0x1000, Via.TRANSITION));
    assertThat(why(tables, 0x1000)).isEqualTo(new Unreadable.DemandZero(0x80));
    assertThat(why(tables, 0x2000)).isEqualTo(new Unreadable.PagedOut(2, 0x1_2345));
    assertThat(why(tables, 0x3000)).isEqualTo(new Unreadable.NotPresent(Level.PTE, 0));
    assertThat(why(tables, 0x4000)).isInstanceOf(Unreadable.Prototype.class);
    assertThat(why(tables, 0x5000).text()).contains("the entry at 5000 cannot be read");
  }

  @Test
  void prototypeEntriesAreFollowed() {
    // Page 0 is reached through the prototype PTE at 1010, which lies in page 1 (physical 8000).
    Pages pages =
        x64(0x0000_0000_1010_0480L, 0x8063, 0x0000_0000_1018_0480L, 0x0000_0000_1020_0480L);
    pages.put8(0x8010, 0x9121).put8(0x8018, 0xa880).put8(0x8020, 0x1_0000_0480L);
    PageTables tables = tables(pages, PagingMode.X64, 0x1000);
    assertThat(tables.walk(0x0456).outcome()).isEqualTo(new Mapped(0x9456, 0x1000, Via.PROTOTYPE));
    assertThat(tables.walk(0x2456).outcome()).isEqualTo(new Mapped(0xa456, 0x1000, Via.PROTOTYPE));
    assertThat(why(tables, 0x3000).text()).contains("mapped file");
  }

  @Test
  void prototypesThatLeadToThemselvesEnd() {
    Pages pages = x64(0x0000_0000_0000_0480L);
    assertThat(why(tables(pages, PagingMode.X64, 0x1000), 0x10))
        .isInstanceOf(Unreadable.Prototype.class);
  }

  @Test
  void frameOfAnAbsentPageMayHaveTheL1tfBit() {
    Pages pages = x64(0x0000_2000_0700_0880L);
    assertThat(tables(pages, PagingMode.X64, 0x1000).translate(0)).isEqualTo(0x700_0000);
    pages.put8(0x2000_0700_0000L, 1);
    assertThat(tables(pages, PagingMode.X64, 0x1000).translate(0)).isEqualTo(0x2000_0700_0000L);
  }

  @Test
  void missingPiecesAreToldApart() {
    Pages pages = new Pages();
    pages.put8(0x1000, 0x2063).put8(0x1008, 0xff_f063).put8(0x2000, 0x3063).put8(0x3000, 0x4063);
    pages.put8(0x4000, 0x77_7063);
    VirtualMemory memory = new VirtualMemory(pages, tables(pages, PagingMode.X64, 0x1000));
    assertThat(memory.whyUnreadable(0x10)).isEqualTo(new Unreadable.NotCaptured(0x77_7010));
    assertThat(memory.whyUnreadable(0x80_0000_0000L))
        .isEqualTo(new Unreadable.TableNotCaptured(Level.PPE, 0xff_f000));
    pages.put8(0x77_7000, 0x1122);
    assertThat(memory.whyUnreadable(0x10)).isInstanceOf(Unreadable.IsReadable.class);
    byte[] bytes = new byte[0x20];
    assertThat(memory.read(0xff0, bytes, 0, 0x20)).isEqualTo(0x10);
  }
}
