// SPDX-License-Identifier: Apache-2.0
/**
 * The triage of many dumps on Apache Spark. {@link org.jkd.spark.Triage} is what {@code
 * spark-submit} starts: it lists the input, hands files to the executors, and writes tables. {@link
 * org.jkd.spark.DumpTask} is what an executor does with one file, by way of {@code
 * org.jkd.triage.FileTriage}; there is no second implementation of anything. {@link
 * org.jkd.spark.RowSchema} turns the columns of a triage row into Spark's.
 */
@NullMarked
package org.jkd.spark;

import org.jspecify.annotations.NullMarked;
