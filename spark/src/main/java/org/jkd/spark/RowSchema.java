// SPDX-License-Identifier: Apache-2.0
package org.jkd.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jkd.triage.Column;
import org.jkd.triage.Rows;
import org.jkd.triage.TriageRow;

/**
 * The columns of a triage row as Spark's, and behind them the row as the line of JSON that it is.
 */
final class RowSchema {
  /** The column that holds the whole row as {@code jkd triage --out FILE.jsonl} writes it. */
  static final String JSON = "json";

  private RowSchema() {}

  static StructType type() {
    List<StructField> fields = new ArrayList<>();
    for (Column column : Column.ALL) {
      fields.add(DataTypes.createStructField(column.name(), type(column.type()), true));
    }
    fields.add(DataTypes.createStructField(JSON, DataTypes.StringType, false));
    return DataTypes.createStructType(fields);
  }

  private static DataType type(Column.Type type) {
    return switch (type) {
      case TEXT -> DataTypes.StringType;
      case NUMBER -> DataTypes.LongType;
      case FRACTION -> DataTypes.DoubleType;
      case TEXTS -> DataTypes.createArrayType(DataTypes.StringType);
    };
  }

  static Row row(TriageRow row) {
    Map<String, Object> known = Rows.of(row);
    Object[] values = new Object[Column.ALL.size() + 1];
    for (int i = 0; i < Column.ALL.size(); i++) {
      Object value = known.get(Column.ALL.get(i).name());
      values[i] = value instanceof List<?> list ? list.toArray(new String[0]) : value;
    }
    values[values.length - 1] = row.json();
    return RowFactory.create(values);
  }
}
