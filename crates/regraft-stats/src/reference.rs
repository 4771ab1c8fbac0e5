//! Reads the reference tables made by R, for the tests.

use std::collections::BTreeMap;

/// One row of a table: text by column name.
pub(crate) struct Row {
    table: String,
    cells: BTreeMap<String, String>,
}

impl Row {
    pub fn text(&self, column: &str) -> &str {
        self.cells.get(column).unwrap_or_else(|| panic!("{} has no column {column}", self.table))
    }

    pub fn number(&self, column: &str) -> f64 {
        self.text(column).parse().unwrap_or_else(|_| panic!("{}: {column} is a number", self.table))
    }

    /// Table and inputs, for messages.
    pub fn describe(&self) -> String {
        format!("{} {:?}", self.table, self.cells)
    }

    /// Fails unless `found` is the column's number within the tolerance; NaN is the same as NaN.
    pub fn agrees(&self, column: &str, found: f64, tolerance: Tolerance) {
        let expected = self.number(column);
        let allowed = match tolerance {
            Tolerance::Relative(share) => share * expected.abs(),
            Tolerance::Mixed(share) => share * expected.abs().max(1.0),
        };
        let same = (found.is_nan() && expected.is_nan()) || found == expected;
        assert!(
            same || (found - expected).abs() <= allowed,
            "{column}: found {found:e}, R has {expected:e}, in {}",
            self.describe()
        );
    }
}

/// How close is close.
#[derive(Clone, Copy)]
pub(crate) enum Tolerance {
    /// A share of the expected value.
    Relative(f64),
    /// A share of the expected value or of 1, whichever is larger.
    Mixed(f64),
}

/// The rows of `tests/reference/statistics/<name>.csv`.
pub(crate) fn table(name: &str) -> Vec<Row> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/reference/statistics");
    let path = format!("{folder}/{name}.csv");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut lines = text.lines();
    let columns: Vec<&str> = lines.next().expect("a table has a head").split(',').collect();
    let rows: Vec<Row> = lines.map(|line| row(name, &columns, line)).collect();
    assert!(!rows.is_empty(), "{path} has rows");
    rows
}

fn row(table: &str, columns: &[&str], line: &str) -> Row {
    let cells: Vec<&str> = line.split(',').collect();
    assert_eq!(cells.len(), columns.len(), "{table}: {line}");
    let cells =
        columns.iter().zip(cells).map(|(column, cell)| (column.to_string(), cell.to_owned())).collect();
    Row { table: table.to_owned(), cells }
}

/// The different entries of a column, in order of appearance.
pub(crate) fn distinct(rows: &[Row], column: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for row in rows {
        if !found.iter().any(|seen| seen == row.text(column)) {
            found.push(row.text(column).to_owned());
        }
    }
    found
}
