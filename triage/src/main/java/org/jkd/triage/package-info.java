// SPDX-License-Identifier: Apache-2.0
/**
 * One row for each of many dumps.
 *
 * <p>{@link org.jkd.triage.Triage} turns a file, or the members of an archive, into {@link
 * org.jkd.triage.TriageRow}s: a pure function of the bytes and of the symbols that it is given,
 * which a local pool of threads ({@link org.jkd.triage.Runner}) and other engines can run alike. A
 * dump that cannot be read, takes too long or wants too much memory makes a row with a {@link
 * org.jkd.triage.Category}, and nothing else happens to the others.
 *
 * <p>{@link org.jkd.triage.Column} is the one list of what a row holds; JSON, CSV, Parquet and the
 * readers of journals follow it. {@link org.jkd.triage.Journal} keeps rows over a kill.
 */
@NullMarked
package org.jkd.triage;

import org.jspecify.annotations.NullMarked;
