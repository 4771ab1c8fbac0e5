//! The vocabulary of the evidence: rules that turn the words of a published table into ids of the library.
//!
//! A rule asks for words in fields of a row and gives a disease, a population, a regimen, a product, a trait or an
//! endpoint. Rules know no trial: what they may ask for is listed in [`FIELDS`], and neither the trial's nor the
//! arm's name is in it.

mod words;

use std::collections::BTreeMap;

use regraft_model::{Diagnostic, SourceId, Sources, Span, nearest};

use crate::codes;
use crate::evidence::table::{Row, read_rows};

use words::{Clause, read_clauses};
pub use words::{Facts, normal};

/// What rules of a table give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// A list of words under a name, for `@name` in other rules.
    Words,
    /// A disease of the library.
    Disease,
    /// A population, from which the cohort is drawn.
    Population,
    /// A regimen.
    Regimen,
    /// A product, where the regimen gives cells.
    Product,
    /// A trait or score of the population that a word of `baseline` states.
    Baseline,
    /// When and where an arm was transplanted.
    Setting,
    /// An endpoint with its method.
    Endpoint,
}

const TABLES: [(&str, Table, &[&str]); 8] = [
    ("words", Table::Words, &["words"]),
    ("disease", Table::Disease, &["disease", "skip"]),
    ("population", Table::Population, &["population"]),
    ("regimen", Table::Regimen, &["regimen", "cells", "role", "wait", "skip"]),
    ("product", Table::Product, &["product", "skip"]),
    ("baseline", Table::Baseline, &["trait", "score", "factor", "value"]),
    ("setting", Table::Setting, &["before", "center_factor"]),
    (
        "endpoint",
        Table::Endpoint,
        &[
            "endpoint",
            "method",
            "complement",
            "factor",
            "offset",
            "times",
            "less",
            "among",
            "among_day",
            "window",
            "day",
            "latest",
            "plus",
            "zero",
            "population",
            "regimen",
            "product",
            "age",
            "skip",
        ],
    ),
];

/// Fields of a row that a rule may ask for.
pub const FIELDS: [&str; 24] = [
    "id",
    "kind",
    "disease",
    "subtype",
    "design",
    "therapy",
    "regimen",
    "conditioning",
    "intensity",
    "atg",
    "dose",
    "mobilisation",
    "graft",
    "background",
    "baseline",
    "remarks",
    "treatment",
    "people",
    "outcome",
    "definition",
    "unit",
    "note",
    "method",
    "time",
];

/// One rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// What it gives.
    pub table: Table,
    /// Rules of a higher priority are asked first; equal ones in the order of the file.
    pub priority: i64,
    clauses: Vec<Clause>,
    gives: BTreeMap<String, String>,
    /// The grounds.
    pub why: String,
    /// Line of the file, from 1.
    pub line: usize,
    /// Where it stands.
    pub span: Span,
}

impl Rule {
    /// What the rule gives under a key.
    pub fn gives(&self, key: &str) -> Option<&str> {
        self.gives.get(key).map(String::as_str)
    }

    /// The same as a number.
    pub fn number(&self, key: &str) -> Option<f64> {
        self.gives(key).and_then(|text| text.parse().ok())
    }

    fn holds(&self, facts: &Facts) -> bool {
        self.clauses.iter().all(|clause| clause.holds(facts))
    }
}

/// All rules, those of a higher priority first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Vocabulary {
    rules: Vec<Rule>,
}

impl Vocabulary {
    /// Reads the rules. What cannot be read is in the list; the other rules are kept.
    pub fn read(sources: &Sources, id: SourceId) -> (Vocabulary, Vec<Diagnostic>) {
        let mut problems = Vec::new();
        let columns = ["table", "priority", "when", "gives", "why"];
        let written = read_rows(sources, id, &columns, &mut problems, read_rule);
        let mut lists = BTreeMap::new();
        let (words, others): (Vec<Written>, Vec<Written>) =
            written.into_iter().partition(|rule| rule.table == Table::Words);
        for list in words {
            lists.insert(list.when.clone(), list.gives.trim_start_matches("words=").to_string());
        }
        let mut rules: Vec<Rule> = Vec::new();
        for written in others {
            match written.into_rule(&lists) {
                Ok(rule) => rules.push(rule),
                Err(found) => problems.extend(found),
            }
        }
        rules.sort_by_key(|rule| -rule.priority);
        (Vocabulary { rules }, problems)
    }

    /// The first rule of a table that holds.
    pub fn best(&self, table: Table, facts: &Facts) -> Option<&Rule> {
        self.all(table).find(|rule| rule.holds(facts))
    }

    /// Every rule of a table that holds, in order.
    pub fn matching<'a>(&'a self, table: Table, facts: &'a Facts) -> impl Iterator<Item = &'a Rule> {
        self.all(table).filter(|rule| rule.holds(facts))
    }

    /// The rules of a table, in the order in which they are asked.
    pub fn all(&self, table: Table) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |rule| rule.table == table)
    }
}

/// A rule as its row writes it.
struct Written {
    table: Table,
    priority: i64,
    when: String,
    gives: String,
    why: String,
    line: usize,
    span: Span,
}

fn read_rule(row: &mut Row<'_>) -> Option<Written> {
    let word = row.text("table");
    let Some((_, table, _)) = TABLES.iter().find(|(known, _, _)| *known == word) else {
        let known: Vec<String> = TABLES.iter().map(|(known, _, _)| format!("`{known}`")).collect();
        row.wrong("table", &word, &known.join(", "));
        return None;
    };
    let priority = row.text("priority");
    let number = if priority.is_empty() { Ok(0) } else { priority.parse::<i64>() };
    let Ok(number) = number else {
        row.wrong("priority", &priority, "a whole number");
        return None;
    };
    let why = row.text("why");
    if why.is_empty() {
        row.wrong("why", "", "the grounds of the rule");
    }
    let (when, gives) = (row.text("when"), row.text("gives"));
    Some(Written { table: *table, priority: number, when, gives, why, line: row.line, span: row.span })
}

impl Written {
    fn into_rule(self, lists: &BTreeMap<String, String>) -> Result<Rule, Vec<Diagnostic>> {
        let mut problems = Vec::new();
        let error = |message: String| Diagnostic::error(codes::EVIDENCE_CELL, self.span, message);
        let (clauses, found) = read_clauses(&self.when, lists);
        problems.extend(found.into_iter().map(error));
        let allowed =
            TABLES.iter().find(|(_, table, _)| *table == self.table).map_or(&[][..], |(_, _, keys)| keys);
        let mut gives = BTreeMap::new();
        for part in self.gives.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let Some((key, value)) = part.split_once('=') else {
                problems.push(error(format!("`{part}` is not `key = value`")));
                continue;
            };
            let (key, value) = (key.trim(), value.trim());
            if allowed.contains(&key) {
                gives.insert(key.to_string(), value.to_string());
            } else {
                let problem = error(format!("this table gives no `{key}`"));
                problems.push(match nearest(key, allowed.iter().copied()) {
                    Some(near) => problem.with_help(format!("did you mean `{near}`?")),
                    None => problem.with_help(format!("allowed here: {}", allowed.join(", "))),
                });
            }
        }
        if gives.is_empty() && problems.is_empty() {
            problems.push(error("this rule gives nothing".to_string()));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let Written { table, priority, why, line, span, .. } = self;
        Ok(Rule { table, priority, clauses, gives, why, line, span })
    }
}

#[cfg(test)]
mod tests;
