//! What the columns of an event table mean.

use regraft_model::{Diagnostic, Program, nearest};

use super::codes;
use crate::ensemble::sheet::{Cell, Sheet};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    Id,
    Time,
    Amount,
    Event,
    Compartment,
    Rate,
    Additional,
    Interval,
    Steady,
    Lag,
    Bioavailability,
    ModelledRate,
    ModelledDuration,
    /// Measured values, which a simulation does not need.
    Ignored,
}

/// Names of the columns, in any case. The last four kinds may end in the number of a compartment.
const NAMES: [(&str, Item); 27] = [
    ("id", Item::Id),
    ("time", Item::Time),
    ("amt", Item::Amount),
    ("evid", Item::Event),
    ("cmt", Item::Compartment),
    ("rate", Item::Rate),
    ("addl", Item::Additional),
    ("ii", Item::Interval),
    ("ss", Item::Steady),
    ("dv", Item::Ignored),
    ("mdv", Item::Ignored),
    ("lag", Item::Lag),
    ("alag", Item::Lag),
    ("lagt", Item::Lag),
    ("tlag", Item::Lag),
    ("lagtime", Item::Lag),
    ("f", Item::Bioavailability),
    ("bio", Item::Bioavailability),
    ("bioav", Item::Bioavailability),
    ("bioavailability", Item::Bioavailability),
    ("rat", Item::ModelledRate),
    ("r", Item::ModelledRate),
    ("modelled_rate", Item::ModelledRate),
    ("dur", Item::ModelledDuration),
    ("d", Item::ModelledDuration),
    ("duration", Item::ModelledDuration),
    ("modelled_duration", Item::ModelledDuration),
];

/// Where to find what.
pub(super) struct Heading {
    /// Item, compartment from 1 where the name ends in one, position.
    columns: Vec<(Item, Option<u32>, usize)>,
    /// Names as written, by position.
    pub names: Vec<String>,
}

impl Heading {
    /// Reads a heading; `None`, with problems, if a column is lacking without which no row can be read.
    pub fn read(sheet: &Sheet, program: &Program, problems: &mut Vec<Diagnostic>) -> Option<Heading> {
        let cells = sheet.heading();
        let names = cells.iter().map(|cell| cell.text.to_string()).collect();
        let mut heading = Heading { columns: Vec::new(), names };
        for (position, cell) in cells.iter().enumerate() {
            let Some((item, compartment)) = meaning(cell.text) else {
                problems.push(unknown(cell));
                continue;
            };
            if compartment.is_some_and(|number| number as usize > program.states.len()) {
                let message =
                    format!("column `{}`: the model has {} states", cell.text, program.states.len());
                problems.push(Diagnostic::error(codes::UNKNOWN_COMPARTMENT, cell.span, message));
            }
            heading.report_double(&cells, cell, item, compartment, problems);
            heading.columns.push((item, compartment, position));
        }
        let lacking: Vec<&str> = [("TIME", Item::Time), ("AMT", Item::Amount)]
            .into_iter()
            .filter(|(_, item)| heading.position(*item).is_none())
            .map(|(name, _)| name)
            .collect();
        for name in &lacking {
            let message = format!("the table lacks column `{name}`");
            problems.push(Diagnostic::error(codes::MISSING_COLUMN, sheet.span, message));
        }
        lacking.is_empty().then_some(heading)
    }

    /// Whether rows name their patient.
    pub fn has_id(&self) -> bool {
        self.position(Item::Id).is_some()
    }

    /// Position of the column that holds an item.
    pub fn position(&self, item: Item) -> Option<usize> {
        self.columns.iter().find(|column| column.0 == item).map(|column| column.2)
    }

    /// Position of the column that holds an item of a dose into a compartment (from 1): the column with
    /// that number, else the one without a number.
    pub fn position_for(&self, item: Item, compartment: u32) -> Option<usize> {
        let of = |number: Option<u32>| {
            self.columns.iter().find(|column| column.0 == item && column.1 == number).map(|column| column.2)
        };
        of(Some(compartment)).or_else(|| of(None))
    }

    /// Two columns, such as `lag` and `alag`, that would say the same thing.
    fn report_double(
        &self,
        cells: &[Cell],
        cell: &Cell,
        item: Item,
        compartment: Option<u32>,
        problems: &mut Vec<Diagnostic>,
    ) {
        let earlier = self.columns.iter().find(|column| (column.0, column.1) == (item, compartment));
        let Some(&(_, _, position)) = earlier.filter(|_| item != Item::Ignored) else { return };
        let first = &cells[position];
        if !first.text.eq_ignore_ascii_case(cell.text) {
            let message = format!("columns `{}` and `{}` mean the same", first.text, cell.text);
            let problem = Diagnostic::error(codes::DUPLICATE_COLUMN, cell.span, message);
            problems.push(problem.with_label(first.span, "first here"));
        }
    }
}

/// The item of a column's name, with the compartment it is for.
fn meaning(name: &str) -> Option<(Item, Option<u32>)> {
    let name = name.to_ascii_lowercase();
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let find = |name: &str| NAMES.iter().find(|(known, _)| *known == name).map(|(_, item)| *item);
    let numbered = |item: &Item| {
        matches!(item, Item::Lag | Item::Bioavailability | Item::ModelledRate | Item::ModelledDuration)
    };
    match name[stem.len()..].parse::<u32>() {
        Ok(0) => None,
        Ok(number) => find(stem).filter(numbered).map(|item| (item, Some(number))),
        Err(_) => find(&name).map(|item| (item, None)),
    }
}

/// A column that is near to a known one is taken for a mistake; any other is left aside, and said so.
fn unknown(cell: &Cell) -> Diagnostic {
    let known = NAMES.iter().map(|(name, _)| *name).filter(|name| name.len() > 1);
    match nearest(&cell.text.to_ascii_lowercase(), known) {
        Some(near) => {
            let message = format!("unknown column `{}`", cell.text);
            let problem = Diagnostic::error(codes::UNKNOWN_COLUMN, cell.span, message);
            problem.with_help(format!("did you mean `{}`?", near.to_ascii_uppercase()))
        }
        None => {
            let message = format!("column `{}` is not used", cell.text);
            let problem = Diagnostic::warning(codes::UNKNOWN_COLUMN, cell.span, message);
            problem.with_help("what differs between patients belongs in the table of parameters")
        }
    }
}
