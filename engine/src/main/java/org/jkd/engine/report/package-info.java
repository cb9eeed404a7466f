// SPDX-License-Identifier: Apache-2.0
/**
 * The report on one crash in its three forms: text, JSON and a self-contained page.
 *
 * <p>{@link org.jkd.engine.report.StackReport} is what all three are made from.
 */
@NullMarked
package org.jkd.engine.report;

import org.jspecify.annotations.NullMarked;
