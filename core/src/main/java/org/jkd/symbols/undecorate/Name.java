// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.undecorate;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** One part of a qualified name. */
sealed interface Name {
  /** The arguments of a template; null of what is none. */
  default @Nullable List<Argument> arguments() {
    return null;
  }

  /** The same name as that of a template's instance. */
  default Name with(List<Argument> arguments) throws Unreadable {
    throw new Unreadable("this name cannot be that of a template");
  }

  /** A name as it stands in the source. */
  record Simple(String text, @Nullable List<Argument> arguments) implements Name {
    @Override
    public Name with(List<Argument> other) {
      return new Simple(text, other);
    }
  }

  /** An operator or something that the compiler makes. */
  record Operator(Operators.Entry entry, @Nullable List<Argument> arguments) implements Name {
    @Override
    public Name with(List<Argument> other) {
      return new Operator(entry, other);
    }
  }

  /** A constructor or destructor; what it is called is the scope around it. */
  record Structor(boolean destructor, @Nullable List<Argument> arguments) implements Name {
    @Override
    public Name with(List<Argument> other) {
      return new Structor(destructor, other);
    }
  }

  /**
   * A conversion.
   *
   * @param target null until the function's type was read
   */
  record Conversion(@Nullable Type target, @Nullable List<Argument> arguments) implements Name {
    @Override
    public Name with(List<Argument> other) {
      return new Conversion(target, other);
    }
  }

  /** A literal operator, {@code operator ""_x}. */
  record Literal(String suffix, @Nullable List<Argument> arguments) implements Name {
    @Override
    public Name with(List<Argument> other) {
      return new Literal(suffix, other);
    }
  }

  /** A namespace without a name. */
  record Anonymous() implements Name {}

  /**
   * The inside of a function.
   *
   * @param number of the block in it
   */
  record Local(Declared function, long number) implements Name {}

  /** The flag of a static variable in a function; {@code index} 0 is not shown. */
  record Guard(boolean thread, long index) implements Name {}

  /** A thunk that calls through a table, {@code offset} bytes in it. */
  record VirtualCall(long offset) implements Name {}

  /** The run-time description of a base class. */
  record BaseClass(long offset, long tablePointer, long inTable, long flags) implements Name {}

  /** What runs before {@code main} for a variable, or after it. */
  record Initializer(boolean destructor, Declared of) implements Name {}
}
