// SPDX-License-Identifier: Apache-2.0
/**
 * What {@code --redact} takes out of every answer.
 *
 * <p>{@link org.jkd.engine.redact.Redaction} turns a text into one without names of people,
 * machines and folders; {@link org.jkd.engine.redact.LearnedNames} finds in a dump which names
 * those are; {@link org.jkd.engine.redact.RedactedLines} does it for text that is written in
 * pieces.
 */
@NullMarked
package org.jkd.engine.redact;

import org.jspecify.annotations.NullMarked;
