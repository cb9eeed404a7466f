// SPDX-License-Identifier: Apache-2.0
/**
 * The commands that show what the system consists of: processes, threads, processors, requests,
 * devices, objects, memory.
 *
 * <p>Each is a {@link org.jkd.engine.system.SystemCommand}. It reads the kernel's structures by the
 * names of their fields through {@link org.jkd.engine.system.Nt}, which also finds the kernel's
 * variables, and gives an {@link org.jkd.engine.system.Answer}. What a command needs and the
 * symbols or the dump do not have is named in one line.
 */
@NullMarked
package org.jkd.engine.system;

import org.jspecify.annotations.NullMarked;
