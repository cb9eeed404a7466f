// SPDX-License-Identifier: Apache-2.0
/**
 * The system in the dump: processors, processes, threads, stacks and their classes, modules, bug
 * check.
 */
@NullMarked
package org.jkd.target;

import org.jspecify.annotations.NullMarked;
