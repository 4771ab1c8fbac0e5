//! Repeated measurements: a table with the columns `day`, `what` and `value`.

use regraft_model::{Diagnostic, SourceId, Sources, Span, nearest};

use super::facts::{Facts, range};
use super::weigh::Reading;
use crate::report::words::as_printed;
use crate::study::Prepared;
use crate::study::before::run_in_days;

/// One measurement.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Days from the decision; below 0 before it, above 0 under the first regimen.
    pub day: f64,
    /// Name of the score or laboratory value.
    pub what: String,
    /// The value.
    pub value: f64,
    /// What it says of a candidate.
    pub reading: Reading,
}

/// A cell with its place.
struct Cell<'a> {
    text: &'a str,
    span: Span,
}

const COLUMNS: [&str; 3] = ["day", "what", "value"];

/// Reads the table; what is wrong is in the list, at its place.
pub fn read(
    trial: &Prepared,
    facts: &Facts,
    table: Option<&(String, String)>,
    words: &mut Sources,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Row> {
    let Some((path, text)) = table else { return Vec::new() };
    let source = words.add(path.as_str(), text.as_str());
    let mut lines = cells(source, text);
    if lines.is_empty() {
        problems.push(Diagnostic::error("W010", Span::new(source, 0, 0), "the table is empty"));
        return Vec::new();
    }
    let head = lines.remove(0);
    if let [only] = head.as_slice()
        && let Some(mark) = [';', '\t'].into_iter().find(|mark| only.text.contains(*mark))
    {
        let name = if mark == ';' { "semicolons" } else { "tabs" };
        let message = format!("the columns stand between {name}");
        let help = "write commas between them, and points in numbers: `day,what,value`";
        problems.push(Diagnostic::error("W010", only.span, message).with_help(help));
        return Vec::new();
    }
    if lines.is_empty() {
        problems.push(Diagnostic::error(
            "W010",
            head[0].span,
            "there is no measurement below the first line",
        ));
    }
    let place = columns(&head, problems);
    for (name, _) in COLUMNS.iter().zip(&place).filter(|(_, place)| place.is_none()) {
        let span = head.first().map_or(Span::new(source, 0, 0), |cell| cell.span);
        problems.push(Diagnostic::error("W010", span, format!("the column `{name}` is missing")));
    }
    let [Some(day), Some(what), Some(value)] = place else { return Vec::new() };
    let span = span_of(trial, facts);
    lines
        .iter()
        .filter_map(|line| row(trial, line, (head.len(), span), [day, what, value], problems))
        .collect()
}

/// The column of each name. What is unknown is in the list, and its cells are judged as what was probably meant.
fn columns(head: &[Cell<'_>], problems: &mut Vec<Diagnostic>) -> [Option<usize>; 3] {
    let mut place = [None; 3];
    let known = |text: &str| COLUMNS.iter().position(|name| *name == text);
    for (column, cell) in head.iter().enumerate() {
        match known(cell.text) {
            Some(known) if place[known].is_none() => place[known] = Some(column),
            Some(_) => {
                let message = format!("column `{}` is there twice", cell.text);
                problems.push(Diagnostic::error("W010", cell.span, message));
            }
            None => {}
        }
    }
    for (column, cell) in head.iter().enumerate().filter(|(_, cell)| known(cell.text).is_none()) {
        let problem = Diagnostic::error("W010", cell.span, format!("unknown column `{}`", cell.text));
        let near = nearest(cell.text, COLUMNS);
        problems.push(match near {
            Some(near) => problem.with_help(format!("did you mean `{near}`?")),
            None => problem.with_help("columns are day, what, value"),
        });
        if let Some(meant) = near.and_then(known).filter(|meant| place[*meant].is_none()) {
            place[meant] = Some(column);
        }
    }
    place
}

/// Cells of all lines that are not empty and no comments.
fn cells(source: SourceId, text: &str) -> Vec<Vec<Cell<'_>>> {
    let text_start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let (mut start, mut found) = (text_start, Vec::new());
    for line in text[text_start..].split('\n') {
        let mut at = start;
        start += line.len() + 1;
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let mut row = Vec::new();
        for cell in line.split(',') {
            let (shown, lead) = bare(cell);
            row.push(Cell { text: shown, span: Span::new(source, at + lead, at + lead + shown.len()) });
            at += cell.len() + 1;
        }
        found.push(row);
    }
    found
}

/// A cell without blanks and quotes around it, and how far in that begins.
fn bare(cell: &str) -> (&str, usize) {
    let shown = cell.trim();
    let lead = cell.len() - cell.trim_start().len();
    match shown.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inside) => {
            let own = inside.trim();
            (own, lead + 1 + inside.len() - inside.trim_start().len())
        }
        None => (shown, lead),
    }
}

fn row(
    trial: &Prepared,
    line: &[Cell<'_>],
    (names, span): (usize, (f64, f64)),
    [day, what, value]: [usize; 3],
    problems: &mut Vec<Diagnostic>,
) -> Option<Row> {
    let (Some(day), Some(what), Some(value)) = (line.get(day), line.get(what), line.get(value)) else {
        let message = format!("this line has {} cells, too few", line.len());
        problems.push(Diagnostic::error("W010", line[0].span, message));
        return None;
    };
    if let Some(more) = line.get(names) {
        let message = format!("this line has {} cells, the first line names {names}", line.len());
        problems.push(Diagnostic::error("W010", more.span, message));
    }
    let before = problems.len();
    let mut number = |cell: &Cell<'_>| {
        let read = cell.text.parse::<f64>().ok().filter(|number| number.is_finite());
        if read.is_none() {
            problems.push(Diagnostic::error("W011", cell.span, format!("`{}` is no number", cell.text)));
        }
        read.unwrap_or(f64::NAN)
    };
    let (at, read) = (number(day), number(value));
    let found = reading(trial, what, problems);
    let (first, last) = span;
    if at < first || at > last {
        let message = format!("day {} is not simulated", as_printed(at));
        let help = format!("days go from {} to {}, 0 is the decision", as_printed(first), as_printed(last));
        problems.push(Diagnostic::error("W012", day.span, message).with_help(help));
    }
    let name = what.text.to_string();
    let set_at_entry = trial.recipe.columns().iter().any(|column| column.name == format!("entry_{name}"));
    if set_at_entry && at < 0.0 {
        let message = format!("`{name}` before day 0 says nothing here: this population sets it on day 0");
        problems.push(
            Diagnostic::error("W012", day.span, message)
                .with_help(format!("give today's as `--set {name}=…`")),
        );
    }
    let (reading, low, high) = found?;
    if read < low || read > high {
        let message = format!("`{name}` is {}", as_printed(read));
        let help = match high.is_finite() {
            true => format!("it goes from {} to {}", as_printed(low), as_printed(high)),
            false => format!("it is {} or more", as_printed(low)),
        };
        problems.push(Diagnostic::error("W011", value.span, message).with_help(help));
    }
    (problems.len() == before).then_some(Row { day: at, what: name, value: read, reading })
}

/// First and last day that are simulated; of a time before entry that differs between people, the longest: who falls
/// ill later has no value on the day, so is not like the patient.
fn span_of(trial: &Prepared, facts: &Facts) -> (f64, f64) {
    let longest = |name: &str| {
        let place = trial.recipe.columns().iter().position(|column| column.name == name)?;
        let known = facts.fixed().into_iter().find(|(column, _)| *column == place).map(|(_, value)| value);
        Some(known.unwrap_or_else(|| range(&trial.recipe.columns()[place].distribution).1))
    };
    let before = trial.protocol.run_in.as_ref().map_or(0.0, |phase| {
        run_in_days(phase, phase.days_of.as_deref().and_then(longest).unwrap_or_default())
    });
    (-before, trial.protocol.horizon_days)
}

/// What a name reads, with its lowest and highest value.
fn reading(trial: &Prepared, what: &Cell<'_>, problems: &mut Vec<Diagnostic>) -> Option<(Reading, f64, f64)> {
    let disease = &trial.trial.disease;
    if let Some(place) = disease.scores.iter().position(|score| score.name.text == what.text) {
        let card = &disease.scores[place];
        return Some((Reading::score(trial, place, None), card.low, card.high));
    }
    if let Some(place) = disease.labs.iter().position(|lab| lab.name.text == what.text) {
        return Some((Reading::lab(trial, place, None), 0.0, f64::INFINITY));
    }
    let scores = disease.scores.iter().map(|score| score.name.text.as_str());
    let names: Vec<&str> = scores.chain(disease.labs.iter().map(|lab| lab.name.text.as_str())).collect();
    let message = format!("`{}` is no score or laboratory value of this disease", what.text);
    let problem = Diagnostic::error("W011", what.span, message);
    problems.push(match nearest(what.text, names.iter().copied()) {
        Some(near) => problem.with_help(format!("did you mean `{near}`?")),
        None => problem.with_help(format!("known are {}", names.join(", "))),
    });
    None
}
