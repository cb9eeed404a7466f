// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;
import org.jkd.target.BugCheck;

/**
 * What {@code !analyze} says. Blame goes where kd puts it, to the function that was hit; who used
 * an overflowed stack up is another question, which {@code !stackusage} and {@code !stages} answer.
 *
 * @param stackLimit of the thread, if its stack ran out
 * @param task the registers of the interrupted task after a double fault on x86
 * @param trapFrame the first trap frame of the walk
 * @param interrupted the registers in it
 * @param victim the symbol of the innermost rebuilt frame
 */
record Analysis(
    Arch arch,
    boolean verbose,
    BugCheck bugCheck,
    int processor,
    String process,
    long thread,
    OptionalLong stackLimit,
    String verdict,
    Optional<RegisterBlock> task,
    OptionalLong trapFrame,
    Optional<RegisterBlock> interrupted,
    Backtrace stack,
    String victim,
    String module,
    String imageName,
    String bucket)
    implements Result {
  private static final String RULE = "*".repeat(79);
  private static final String EMPTY = "*" + " ".repeat(77) + "*";

  @Override
  public void text(TextOut out) {
    out.line(RULE).line(EMPTY);
    out.line("*" + " ".repeat(24) + "Bugcheck Analysis" + " ".repeat(36) + "*");
    out.line(EMPTY).line(RULE).end();
    if (verbose) {
      details(out);
    } else {
      brief(out);
    }
    out.line("Followup:     MachineOwner");
    out.line("---------");
  }

  private void brief(TextOut out) {
    out.line("Use !analyze -v to get detailed debugging information.").end();
    StringBuilder line = new StringBuilder("BugCheck ");
    line.append(Long.toHexString(bugCheck.plainCode()).toUpperCase(Locale.ROOT)).append(", {");
    for (int i = 1; i <= 4; i++) {
      line.append(i > 1 ? ", " : "").append(Long.toHexString(bugCheck.parameter(i)));
    }
    out.line(line.append('}').toString()).end();
    out.line("Probably caused by : " + imageName + " ( " + victim.replace("+0x", "+") + " )").end();
  }

  private void details(TextOut out) {
    new BugCheckText(arch, bugCheck).text(out);
    out.end().line("Debugging Details:").line("------------------").end().end();
    String code = Long.toHexString(bugCheck.plainCode());
    field(out, "BUGCHECK_CODE:  " + code);
    for (int i = 1; i <= 4; i++) {
      field(out, "BUGCHECK_P" + i + ": " + Long.toHexString(bugCheck.parameter(i)));
    }
    field(out, "FAULTING_THREAD:  " + Hex.plain(arch, thread));
    boolean isTrap = bugCheck.plainCode() == 0x7f;
    String first = isTrap ? "_" + Long.toHexString(bugCheck.parameter(1)) : "";
    field(out, "BUGCHECK_STR:  0x" + code + first);
    if (task.isPresent()) {
      registers(out, "TSS:  00000028 -- (.tss 0x28)", task.get());
    } else if (trapFrame.isPresent() && interrupted.isPresent()) {
      String address = Hex.plain(arch, trapFrame.getAsLong());
      String title = "TRAP_FRAME:  " + address + " -- (.trap 0x" + address + ")";
      registers(out, title, interrupted.get());
    }
    if (!process.isEmpty()) {
      field(out, "PROCESS_NAME:  " + process);
    }
    if (stackLimit.isPresent()) {
      field(
          out,
          "STACK_OVERFLOW: Stack Limit: "
              + Hex.plain(arch, stackLimit.getAsLong())
              + ". Use (kF) and (!stackusage) to investigate stack usage.");
    }
    out.line("STACK_TEXT:  ");
    stack.rows(out);
    out.end();
    if (!victim.isEmpty()) {
      field(out, "SYMBOL_NAME:  " + victim.replace("+0x", "+"));
      field(out, "MODULE_NAME: " + module);
      field(out, "IMAGE_NAME:  " + imageName);
    }
    field(out, "STACK_COMMAND:  " + stackCommand());
    field(out, "FAILURE_BUCKET_ID:  " + bucket);
    field(out, "OSPLATFORM_TYPE:  " + arch.name().toLowerCase(Locale.ROOT));
  }

  private String stackCommand() {
    if (task.isPresent()) {
      return ".tss 0x28 ; kb";
    }
    return trapFrame.isPresent()
        ? ".trap 0x" + Hex.plain(arch, trapFrame.getAsLong()) + " ; kb"
        : ".thread ; .cxr ; kb";
  }

  private static void field(TextOut out, String line) {
    out.line(line).end();
  }

  private static void registers(TextOut out, String title, RegisterBlock block) {
    out.line(title);
    block.text(out);
    out.line("Resetting default scope").end();
  }

  @Override
  public void json(JsonOut out) {
    new BugCheckText(arch, bugCheck).json(out);
    out.number("processor", processor).address("thread", thread).optional("process", process);
    if (stackLimit.isPresent()) {
      out.address("stackLimit", stackLimit.getAsLong());
    }
    out.text("verdict", verdict).optional("symbol", victim).optional("module", module);
    out.optional("image", imageName).text("bucket", bucket);
    out.text("stackCommand", stackCommand());
    stack.json(out);
  }
}
