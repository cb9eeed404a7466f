// SPDX-License-Identifier: Apache-2.0
/**
 * User-mode minidumps (MDMP). {@link org.jkd.dump.mini.MiniDump} opens one; its parts are records.
 * The layouts are those of minidumpapiset.h in the Windows SDK. A stream that is cut off or
 * contradicts itself costs that stream and leaves a note; only a broken header or directory makes a
 * file unreadable.
 */
@NullMarked
package org.jkd.dump.mini;

import org.jspecify.annotations.NullMarked;
