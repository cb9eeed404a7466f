// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import java.util.Optional;
import org.jkd.cpu.CpuContext;
import org.jkd.image.Memory;

/** Takes single x64 frames off a stack by the unwind information of images. */
public final class VirtualUnwind {
  private final CodeSource code;
  private final X64Unwinder unwinder;
  private final AddressMap<Image> images = new AddressMap<>();

  private record Image(StackWords words, Optional<FunctionTable> functions) {}

  /**
   * A frame that was taken off.
   *
   * @param context the caller's registers, or those that were interrupted
   * @param slot where the instruction pointer was read
   * @param machineFrame true when the processor pushed it
   * @param leaf true when no entry covers the address, so that a function without a frame was
   *     assumed
   */
  public record Result(CpuContext context, long slot, boolean machineFrame, boolean leaf) {}

  public VirtualUnwind(Memory memory, CodeSource code) {
    this.code = code;
    this.unwinder = new X64Unwinder(new StackWords(memory));
  }

  /**
   * Takes off the frame of the function that stands at the context's instruction pointer.
   *
   * @param returned true when the instruction pointer is a return address
   * @return empty when the image's table is not at hand, or words that are needed are missing
   */
  public Optional<Result> unwind(CpuContext context, boolean returned) {
    CodeSource.Module module = code.at(context.ip() - (returned ? 1 : 0)).orElse(null);
    if (module == null) {
      return Optional.empty();
    }
    Image image = image(module);
    if (image.functions().isEmpty()) {
      return Optional.empty();
    }
    long rva = context.ip() - module.base();
    Optional<FunctionTable.Function> function =
        image.functions().get().at(returned ? rva - 1 : rva);
    X64State state = X64State.of(context);
    X64Unwinder.Outcome outcome =
        function.isPresent()
            ? unwinder.unwind(state, image.words(), module.base(), function.get())
            : unwinder.leaf(state);
    return switch (outcome) {
      case DONE, MACHINE_FRAME ->
          Optional.of(
              new Result(
                  state.toContext(),
                  unwinder.slot,
                  outcome == X64Unwinder.Outcome.MACHINE_FRAME,
                  function.isEmpty()));
      case BAD_INFORMATION, UNREADABLE -> Optional.empty();
    };
  }

  private Image image(CodeSource.Module module) {
    Image known = images.get(module.base());
    if (known == null) {
      StackWords bytes = new StackWords(module.image());
      known = new Image(bytes, FunctionTable.read(bytes, module.base(), module.size()));
      images.put(module.base(), known);
    }
    return known;
  }
}
