// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.util.OptionalLong;

/**
 * A process as its EPROCESS describes it.
 *
 * @param imageName the file name, cut off after 14 or 15 characters unless symbols tell where the
 *     whole one is; empty when not known
 * @param directoryTableBase the value of CR3 in its address space
 */
public record KernelProcess(
    long address,
    String imageName,
    OptionalLong processId,
    OptionalLong parentId,
    OptionalLong directoryTableBase,
    OptionalLong peb) {}
