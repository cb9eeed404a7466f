// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.util.OptionalLong;

/**
 * A process as its EPROCESS describes it.
 *
 * @param imageName at most 15 characters of the file name; empty when not known
 * @param directoryTableBase the value of CR3 in its address space
 */
public record KernelProcess(
    long address,
    String imageName,
    OptionalLong processId,
    OptionalLong parentId,
    OptionalLong directoryTableBase,
    OptionalLong peb) {}
