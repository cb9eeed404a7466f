// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import java.util.Optional;
import org.jkd.image.Memory;
import org.jkd.symbols.ModuleSymbols;

/** What a walk wants to know about code: the module at an address, its symbols, its bytes. */
public interface CodeSource {
  /** The loaded module that contains an address. */
  Optional<Module> at(long address);

  /** A loaded module. */
  interface Module {
    /** The debugger's name. */
    String name();

    /** Address of the first byte. */
    long base();

    /** Bytes. */
    long size();

    /** The module's symbols, loaded on first use. */
    ModuleSymbols symbols();

    /**
     * The module's bytes at the addresses where it is loaded: the target's memory, and where that
     * has a gap the image file, if there is one.
     */
    Memory image();
  }
}
