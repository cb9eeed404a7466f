// SPDX-License-Identifier: Apache-2.0
/**
 * What results are written with: kd's text on one side, JSON on the other.
 *
 * <p>{@link org.jkd.engine.render.TextOut} knows how kd writes addresses and columns, {@link
 * org.jkd.engine.render.JsonOut} how jkd/1 writes them. Neither knows where the characters go.
 */
@NullMarked
package org.jkd.engine.render;

import org.jspecify.annotations.NullMarked;
