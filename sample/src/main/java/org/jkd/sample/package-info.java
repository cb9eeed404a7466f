// SPDX-License-Identifier: Apache-2.0
/**
 * Writers of PE images, PDBs and dumps, the embedded reference case, and fixtures for the tests of
 * all modules. Nothing here uses the constants of the readers: a wrong offset must not cancel
 * itself out.
 */
@NullMarked
package org.jkd.sample;

import org.jspecify.annotations.NullMarked;
