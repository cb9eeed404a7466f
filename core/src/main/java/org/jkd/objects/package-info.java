// SPDX-License-Identifier: Apache-2.0
/**
 * Structures of the target read by the names of their fields, so that one command serves every
 * version of Windows whose symbols are there.
 *
 * <p>{@link org.jkd.objects.Structures} joins the types of a module and a memory; {@link
 * org.jkd.objects.Structure} is one structure at one address. A number that the dump does not hold
 * is empty, and so is a field that this version does not have; a whole type that the symbols do not
 * describe is a {@link org.jkd.objects.MissingTypeException}, which names it.
 */
@NullMarked
package org.jkd.objects;

import org.jspecify.annotations.NullMarked;
