//! One row of an event table.

use regraft_model::{Diagnostic, Found, NameError, Program, Span};

use super::heading::{Heading, Item};
use super::{Dose, Steady, What, codes};
use crate::ensemble::dose::Given;
use crate::ensemble::sheet::{Cell, whole};

/// The cells of a row, under their heading.
pub(super) struct Row<'a> {
    heading: &'a Heading,
    cells: &'a [Cell<'a>],
    program: &'a Program,
}

/// Most further doses that a row may order.
const MOST_ADDITIONAL: f64 = 1e6;

impl<'a> Row<'a> {
    pub fn new(heading: &'a Heading, cells: &'a [Cell<'a>], program: &'a Program) -> Row<'a> {
        Row { heading, cells, program }
    }

    /// The cell that names the patient.
    pub fn id(&self) -> Option<&Cell<'a>> {
        self.cell(Item::Id)
    }

    /// The time, with its place.
    pub fn time(&self, problems: &mut Vec<Diagnostic>) -> Option<(f64, Span)> {
        let cell = self.cell(Item::Time)?;
        if cell.is_missing() {
            problems.push(Diagnostic::error(codes::NOT_A_NUMBER, cell.span, "the row has no time"));
        }
        let time = self.at_least_zero(Item::Time, problems)?;
        Some((time, cell.span))
    }

    /// Place to point at when the row as a whole is meant: the kind of event, else the amount.
    pub fn what_span(&self) -> Span {
        self.span(if self.heading.position(Item::Steady).is_some() { Item::Steady } else { Item::Event })
    }

    /// What the row does; `None` if nothing, or if it cannot be read.
    pub fn what(&self, problems: &mut Vec<Diagnostic>) -> Option<What> {
        let kind = match self.number(Item::Event, problems) {
            Some(kind) => kind,
            None if self.gives(problems) => 1.0,
            None => 0.0,
        };
        match kind {
            1.0 => self.dose(problems).map(What::Dose),
            3.0 => {
                self.no_dose(problems);
                Some(What::Reset)
            }
            4.0 => self.dose(problems).map(What::ResetAndDose),
            0.0 | 2.0 => {
                self.no_dose(problems);
                None
            }
            other => {
                let message = format!("EVID is {other}, must be 0, 1, 2, 3 or 4");
                problems.push(Diagnostic::error(codes::OUT_OF_RANGE, self.span(Item::Event), message));
                None
            }
        }
    }

    /// Whether there is an amount or a rate, where the table does not say what sort of row it is.
    fn gives(&self, problems: &mut Vec<Diagnostic>) -> bool {
        let is_some = |item, problems: &mut Vec<Diagnostic>| {
            self.cell(item).is_some_and(|_| self.number(item, problems).is_some_and(|value| value != 0.0))
        };
        // The cells are read again, with their problems, when the dose is.
        is_some(Item::Amount, &mut Vec::new()) || is_some(Item::Rate, problems)
    }

    fn no_dose(&self, problems: &mut Vec<Diagnostic>) {
        if self.number(Item::Amount, problems).is_some_and(|amount| amount != 0.0) {
            let problem = Diagnostic::error(
                codes::CONTRADICTION,
                self.span(Item::Amount),
                "an amount in a row that gives nothing",
            );
            problems.push(problem.with_help("EVID is 1 for a dose, 4 for a reset and a dose"));
        }
        let compartment = self.cell(Item::Compartment);
        if compartment.is_some_and(|cell| cell.text.starts_with('-')) {
            let message = "a compartment cannot be turned off";
            problems.push(Diagnostic::error(codes::NOT_POSSIBLE, self.span(Item::Compartment), message));
        }
    }

    fn dose(&self, problems: &mut Vec<Diagnostic>) -> Option<Dose> {
        let before = problems.len();
        let state = self.state(problems)?;
        let interval = self.at_least_zero(Item::Interval, problems).unwrap_or(0.0);
        let additional = self.additional(interval, problems);
        let steady = self.steady(problems);
        let lag = self.at_least_zero_for(Item::Lag, state, problems).unwrap_or(0.0);
        let given = self.given(state, interval, steady, problems)?;
        let dose = Dose { state, given, interval, additional, lag, steady };
        self.check_steady(&dose, problems);
        (problems.len() == before).then_some(dose)
    }

    /// The state that receives a dose: a number from 1 or a name; the first if nothing is said.
    fn state(&self, problems: &mut Vec<Diagnostic>) -> Option<u32> {
        let n_states = self.program.states.len();
        if n_states == 0 {
            let message = "the model has no states that could receive a dose";
            problems.push(Diagnostic::error(codes::UNKNOWN_COMPARTMENT, self.span(Item::Amount), message));
            return None;
        }
        let cell = match self.cell(Item::Compartment) {
            Some(cell) if !cell.is_missing() => cell,
            _ => return Some(0),
        };
        let wrong = match cell.text.parse::<f64>() {
            Ok(0.0) => return Some(0),
            Ok(number) if whole(number) && number >= 1.0 && number <= n_states as f64 => {
                return Some(number as u32 - 1);
            }
            Ok(_) => {
                let message = format!("CMT is `{}`, the model has states 1 to {n_states}", cell.text);
                Diagnostic::error(codes::UNKNOWN_COMPARTMENT, cell.span, message)
            }
            Err(_) => match self.named_state(cell) {
                Ok(state) => return Some(state),
                Err(problem) => problem,
            },
        };
        problems.push(wrong);
        None
    }

    fn named_state(&self, cell: &Cell) -> Result<u32, Diagnostic> {
        let wrong = |message| Diagnostic::error(codes::UNKNOWN_COMPARTMENT, cell.span, message);
        match self.program.find(cell.text) {
            Ok(Found::State(state)) => Ok(state),
            Ok(_) => {
                let problem = wrong(format!("`{}` is no state, it cannot receive a dose", cell.text));
                Err(problem.with_help("a state has a rate rule or is changed by reactions"))
            }
            Err(NameError::Unknown(near)) => {
                let problem = wrong(format!("the model has no state `{}`", cell.text));
                Err(match near {
                    Some(near) => problem.with_help(format!("did you mean `{near}`?")),
                    None => problem,
                })
            }
            Err(NameError::Ambiguous(all)) => {
                Err(wrong(format!("several things are called `{}`", cell.text))
                    .with_help(format!("write one of `{}`", all.join("`, `"))))
            }
        }
    }

    fn additional(&self, interval: f64, problems: &mut Vec<Diagnostic>) -> u64 {
        let additional = self.at_least_zero(Item::Additional, problems).unwrap_or(0.0);
        let wrong = if !whole(additional) || additional > MOST_ADDITIONAL {
            "ADDL must be a whole number, at most 1000000"
        } else if additional > 0.0 && interval == 0.0 {
            "ADDL without II: how far apart are the further doses?"
        } else {
            return additional as u64;
        };
        problems.push(Diagnostic::error(codes::CONTRADICTION, self.span(Item::Additional), wrong));
        0
    }

    fn steady(&self, problems: &mut Vec<Diagnostic>) -> Steady {
        match self.number(Item::Steady, problems) {
            None | Some(0.0) => Steady::No,
            Some(1.0) => Steady::Replace,
            Some(2.0) => Steady::Add,
            Some(other) => {
                let message = format!("SS is {other}, must be 0, 1 or 2");
                problems.push(Diagnostic::error(codes::OUT_OF_RANGE, self.span(Item::Steady), message));
                Steady::No
            }
        }
    }

    /// Amount, rate and duration; bioavailability multiplies the amount, so that at a given rate the
    /// infusion is shorter, and in a given duration the rate is lower.
    fn given(
        &self,
        state: u32,
        interval: f64,
        steady: Steady,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<Given> {
        let nominal = self.at_least_zero(Item::Amount, problems).unwrap_or(0.0);
        let available = self.at_least_zero_for(Item::Bioavailability, state, problems).unwrap_or(1.0);
        let amount = nominal * available;
        let rate = self.number(Item::Rate, problems).unwrap_or(0.0);
        if nominal == 0.0 && steady != Steady::No && interval == 0.0 && rate != 0.0 {
            let rate = if rate == -1.0 { self.modelled(Item::ModelledRate, state, problems)? } else { rate };
            return self.positive_rate(rate, problems).map(|rate| Given::Constant { rate });
        }
        if rate == 0.0 {
            return Some(Given::Bolus { amount });
        }
        let (rate, duration) = if rate == -1.0 {
            let rate = self.modelled(Item::ModelledRate, state, problems)?;
            (rate, amount / rate)
        } else if rate == -2.0 {
            let duration = self.modelled(Item::ModelledDuration, state, problems)?;
            (amount / duration, duration)
        } else {
            let rate = self.positive_rate(rate, problems)?;
            (rate, amount / rate)
        };
        Some(if amount == 0.0 { Given::Bolus { amount } } else { Given::Infusion { rate, duration } })
    }

    fn positive_rate(&self, rate: f64, problems: &mut Vec<Diagnostic>) -> Option<f64> {
        if rate > 0.0 {
            return Some(rate);
        }
        let message = format!("RATE is {rate}, must be 0 or more, -1 (rate from a column) or -2 (duration)");
        problems.push(Diagnostic::error(codes::OUT_OF_RANGE, self.span(Item::Rate), message));
        None
    }

    /// The rate or duration that RATE -1 or -2 asks for.
    fn modelled(&self, item: Item, state: u32, problems: &mut Vec<Diagnostic>) -> Option<f64> {
        let (word, sign) = if item == Item::ModelledRate { ("rate", -1) } else { ("duration", -2) };
        let Some(column) = self.heading.position_for(item, state + 1) else {
            let message = format!("RATE is {sign}, but no column gives the {word}");
            let problem = Diagnostic::error(codes::CONTRADICTION, self.span(Item::Rate), message);
            let short = &word[..3];
            problems.push(problem.with_help(format!("name it `{short}` or `{short}{}`", state + 1)));
            return None;
        };
        let cell = &self.cells[column];
        let known = problems.len();
        let value = cell.number(&self.heading.names[column], problems).filter(|value| *value > 0.0);
        if value.is_none() && problems.len() == known {
            let message = format!("the {word} is `{}`, must be above 0", cell.text);
            problems.push(Diagnostic::error(codes::OUT_OF_RANGE, cell.span, message));
        }
        value
    }

    fn check_steady(&self, dose: &Dose, problems: &mut Vec<Diagnostic>) {
        if dose.steady == Steady::No {
            return;
        }
        let wrong = match dose.given {
            Given::Constant { .. } if dose.lag > 0.0 => "a constant infusion in steady state has no lag time",
            Given::Constant { .. } => return,
            _ if dose.interval == 0.0 => "SS without II: how far apart are the doses?",
            Given::Infusion { duration, .. } if duration / dose.interval > MOST_ADDITIONAL => {
                "the infusion is too long for its interval"
            }
            _ if dose.lag / dose.interval > MOST_ADDITIONAL => "the lag time is too long for the interval",
            _ => return,
        };
        problems.push(Diagnostic::error(codes::CONTRADICTION, self.span(Item::Steady), wrong));
    }

    fn cell(&self, item: Item) -> Option<&Cell<'a>> {
        self.heading.position(item).map(|column| &self.cells[column])
    }

    /// The place of an item; of the row's first cell where the table does not have it.
    fn span(&self, item: Item) -> Span {
        self.cell(item).unwrap_or(&self.cells[0]).span
    }

    fn number(&self, item: Item, problems: &mut Vec<Diagnostic>) -> Option<f64> {
        let column = self.heading.position(item)?;
        self.cells[column].number(&self.heading.names[column], problems)
    }

    fn at_least_zero(&self, item: Item, problems: &mut Vec<Diagnostic>) -> Option<f64> {
        self.not_negative(self.heading.position(item)?, problems)
    }

    fn at_least_zero_for(&self, item: Item, state: u32, problems: &mut Vec<Diagnostic>) -> Option<f64> {
        self.not_negative(self.heading.position_for(item, state + 1)?, problems)
    }

    fn not_negative(&self, column: usize, problems: &mut Vec<Diagnostic>) -> Option<f64> {
        let (cell, name) = (&self.cells[column], &self.heading.names[column]);
        let value = cell.number(name, problems)?;
        if value < 0.0 {
            let message = format!("column `{name}` holds {value}, must be 0 or more");
            problems.push(Diagnostic::error(codes::OUT_OF_RANGE, cell.span, message));
            return None;
        }
        Some(value)
    }
}
