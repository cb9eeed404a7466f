// SPDX-License-Identifier: Apache-2.0
/**
 * Commands: one class per family, from parsed arguments to a result record.
 *
 * <p>A line goes through {@link org.jkd.engine.command.CommandLine}, which cuts it at semicolons;
 * {@link org.jkd.engine.command.CommandTable} finds the family of each command; the {@link
 * org.jkd.engine.command.Command} reads its {@link org.jkd.engine.command.Arguments}, asks the
 * {@link org.jkd.engine.command.Session} and answers with a {@link org.jkd.engine.command.Result},
 * which knows how it looks as text and as JSON but not where that goes. {@link
 * org.jkd.engine.command.Interpreter} drives all of it. Nothing here prints.
 *
 * <p>A new family is a class that extends {@code Command} and a line in {@code CommandTable}.
 */
@NullMarked
package org.jkd.engine.command;

import org.jspecify.annotations.NullMarked;
