// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.diagnosis;

import java.util.List;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;

/**
 * What crashed.
 *
 * @param file the dump's file name
 * @param system the system in one line, as kd's banner has it
 * @param code bug check code as it stands in the dump
 * @param parameters its parameters
 * @param process image name of the process the thread belongs to, or empty
 * @param processAddress its address
 * @param thread the thread whose stack the report is about
 * @param processor the processor it ran on
 */
public record Subject(
    String file,
    String system,
    Arch arch,
    long code,
    List<Long> parameters,
    String process,
    OptionalLong processAddress,
    OptionalLong thread,
    int processor) {}
