// SPDX-License-Identifier: Apache-2.0
/**
 * What a part of the program offers on the command line. The program finds its parts by {@link
 * java.util.ServiceLoader}, so that it need not know them and starts without them.
 */
@NullMarked
package org.jkd.engine.program;

import org.jspecify.annotations.NullMarked;
