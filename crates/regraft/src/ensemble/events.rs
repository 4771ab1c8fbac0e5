//! The event table as the field writes it: doses, further doses, steady states and resets.

use std::collections::BTreeMap;

use regraft_model::{Diagnostic, Model, Program, SourceId, Sources};
use regraft_sim::Patients;

use self::heading::Heading;
use self::row::Row;
use super::codes;
use super::dose::{Dose, Steady};
use super::sheet::Sheet;

mod heading;
mod refusals;
mod row;

/// What a row does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum What {
    /// All states go back to their starting values; infusions end, doses still to come do not come (EVID 3).
    Reset,
    /// A dose (EVID 1).
    Dose(Dose),
    /// A reset, then a dose (EVID 4).
    ResetAndDose(Dose),
}

impl What {
    /// The dose, if one is given.
    pub fn dose(&self) -> Option<&Dose> {
        match self {
            What::Reset => None,
            What::Dose(dose) | What::ResetAndDose(dose) => Some(dose),
        }
    }

    /// Whether what was before is wiped out.
    pub fn is_reset(&self) -> bool {
        matches!(self, What::Reset | What::ResetAndDose(_))
    }
}

/// A row that does something.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Record {
    /// When, in the model's time unit, 0 or more.
    pub time: f64,
    /// What.
    pub what: What,
}

impl Record {
    /// Whether what was before is wiped out, by a reset or a steady state that replaces.
    pub fn wipes(&self) -> bool {
        self.what.is_reset() || self.what.dose().is_some_and(|dose| dose.steady == Steady::Replace)
    }
}

/// The events of all patients, by time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Events {
    /// Those of every patient, where the table has no ID.
    shared: Option<Vec<Record>>,
    own: BTreeMap<u64, Vec<Record>>,
    order: Vec<u64>,
}

impl Events {
    /// The same events for every patient; times must not go back.
    pub fn shared(records: Vec<Record>) -> Events {
        Events { shared: Some(records), ..Events::default() }
    }

    /// The events of one patient.
    pub fn of(&self, patient: u64) -> &[Record] {
        match &self.shared {
            Some(records) => records,
            None => self.own.get(&patient).map_or(&[], Vec::as_slice),
        }
    }

    /// The patients that the table names, in the order in which they come; none without ID.
    pub fn patients(&self) -> &[u64] {
        &self.order
    }
}

/// Reads an event table for `program`, which `model` was lowered to.
///
/// With `patients`, an ID that is not among them is a problem. Gives all problems; rows with errors are
/// left out. What the columns mean: `docs/reference/event-table.md`.
pub fn read_events(
    sources: &Sources,
    id: SourceId,
    model: &Model,
    program: &Program,
    patients: Option<&Patients>,
) -> (Events, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let mut events = Events::default();
    if let Some(sheet) = Sheet::read(id, &sources.get(id).text, &mut problems)
        && let Some(heading) = Heading::read(&sheet, program, &mut problems)
    {
        let mut reading = Reading::new(&heading, model, program, patients);
        sheet.rows(&mut problems, |cells, problems| {
            reading.row(&Row::new(&heading, cells, program), problems);
        });
        events = reading.events;
    }
    (events, problems)
}

/// A table half read.
struct Reading<'a> {
    program: &'a Program,
    refusals: refusals::Refusals<'a>,
    known: Option<Vec<u64>>,
    has_id: bool,
    /// Time of the last row, by patient.
    last: BTreeMap<Option<u64>, f64>,
    events: Events,
}

impl<'a> Reading<'a> {
    fn new(
        heading: &Heading,
        model: &'a Model,
        program: &'a Program,
        patients: Option<&Patients>,
    ) -> Reading<'a> {
        let has_id = heading.has_id();
        let known = patients.map(|patients| {
            let mut numbers = patients.numbers.clone();
            numbers.sort_unstable();
            numbers
        });
        let events = if has_id { Events::default() } else { Events::shared(Vec::new()) };
        let refusals = refusals::Refusals::new(model, program);
        Reading { program, refusals, known, has_id, last: BTreeMap::new(), events }
    }

    fn row(&mut self, row: &Row, problems: &mut Vec<Diagnostic>) {
        let before = problems.iter().filter(|problem| problem.is_error()).count();
        let patient = self.patient(row, problems);
        let time = self.time(row, patient, problems);
        let what = row.what(problems);
        if let Some(what) = &what {
            self.refusals.look(what, row.what_span(), problems);
        }
        let after = problems.iter().filter(|problem| problem.is_error()).count();
        if let (Some(patient), true) = (patient, self.has_id)
            && !self.events.own.contains_key(&patient)
        {
            self.events.own.insert(patient, Vec::new());
            self.events.order.push(patient);
        }
        let (Some(time), Some(what), true) = (time, what, after == before) else { return };
        debug_assert!(what.dose().is_none_or(|dose| (dose.state as usize) < self.program.states.len()));
        let record = Record { time, what };
        match (&mut self.events.shared, patient) {
            (Some(shared), _) => shared.push(record),
            (None, Some(patient)) => self.events.own.entry(patient).or_default().push(record),
            (None, None) => {}
        }
    }

    fn patient(&self, row: &Row, problems: &mut Vec<Diagnostic>) -> Option<u64> {
        let cell = row.id()?;
        let number = cell.patient(problems)?;
        if self.known.as_ref().is_some_and(|known| known.binary_search(&number).is_err()) {
            let message = format!("patient {number} is not in the table of parameters");
            problems.push(Diagnostic::error(codes::UNKNOWN_PATIENT, cell.span, message));
        }
        Some(number)
    }

    /// The time of a row; it must not go back for a patient.
    fn time(&mut self, row: &Row, patient: Option<u64>, problems: &mut Vec<Diagnostic>) -> Option<f64> {
        let (time, span) = row.time(problems)?;
        let last = self.last.entry(patient).or_insert(time);
        if time < *last {
            let message = format!("time goes back from {last} to {time}");
            let problem = Diagnostic::error(codes::TIME_BACK, span, message);
            problems.push(
                problem.with_help("sort each patient's rows by time; EVID 3 resets without going back"),
            );
        }
        *last = time;
        Some(time)
    }
}
