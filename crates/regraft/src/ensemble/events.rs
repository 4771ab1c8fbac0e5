//! The event table as the field writes it: doses, further doses, steady states and resets.

use std::collections::BTreeMap;
use std::io::Result;

use regraft_model::{Diagnostic, Model, Program, SourceId};
use regraft_sim::Patients;

use self::heading::Heading;
use self::row::Row;
use super::codes;
use super::dose::{Dose, Steady};
use super::sheet::{Reader, Sheet};
use courses::Courses;

mod courses;
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

/// The events of all patients, by time. Patients with the same events share them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Events {
    /// Those of every patient, where the table has no ID.
    shared: bool,
    /// Lists of events that differ from each other; the first is that of who is not named.
    lists: Vec<Vec<Record>>,
    /// Which list is whose.
    own: BTreeMap<u64, u32>,
    /// Patients in the order in which the table names them.
    order: Vec<u64>,
}

impl Events {
    /// The same events for every patient; times must not go back.
    pub fn shared(records: Vec<Record>) -> Events {
        Events { shared: true, lists: vec![records], ..Events::default() }
    }

    /// The events of one patient.
    pub fn of(&self, patient: u64) -> &[Record] {
        self.list(self.list_of(patient))
    }

    /// The events of a list.
    pub(super) fn list(&self, list: u32) -> &[Record] {
        self.lists.get(list as usize).map_or(&[], Vec::as_slice)
    }

    /// Number of the list of events of one patient: the same for all who have the same events.
    pub fn list_of(&self, patient: u64) -> u32 {
        self.own.get(&patient).copied().unwrap_or(0)
    }

    /// The patients that the table names, in the order in which they come; none without ID.
    pub fn patients(&self) -> &[u64] {
        &self.order
    }
}

/// Reads an event table as comma-separated text.
///
/// # Errors
/// What the reader reports.
pub fn read_events(
    id: SourceId,
    reader: Reader,
    model: &Model,
    program: &Program,
    patients: Option<&Patients>,
) -> Result<(Events, Vec<Diagnostic>)> {
    let mut problems = Vec::new();
    let mut events = Events::default();
    if let Some(sheet) = Sheet::read(id, reader, &mut problems)?
        && let Some(heading) = Heading::read(&sheet, program, &mut problems)
    {
        let mut reading = Reading::new(&heading, model, program, patients);
        sheet.rows(&mut problems, |cells, problems| {
            reading.row(&Row::new(&heading, cells, program), problems);
        })?;
        events = reading.courses.finish(heading.has_id());
    }
    Ok((events, problems))
}

/// A table half read.
struct Reading<'a> {
    program: &'a Program,
    refusals: refusals::Refusals<'a>,
    /// Sorted.
    known: Option<Vec<u64>>,
    courses: Courses,
}

impl<'a> Reading<'a> {
    fn new(
        heading: &Heading,
        model: &'a Model,
        program: &'a Program,
        patients: Option<&Patients>,
    ) -> Reading<'a> {
        let known = patients.filter(|_| heading.has_id()).map(|patients| {
            let mut numbers = patients.numbers.clone();
            numbers.sort_unstable();
            numbers
        });
        let refusals = refusals::Refusals::new(model, program);
        Reading { program, refusals, known, courses: Courses::default() }
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
        let (Some(time), Some(what), true) = (time, what, after == before) else { return };
        debug_assert!(what.dose().is_none_or(|dose| (dose.state as usize) < self.program.states.len()));
        self.courses.add(Record { time, what });
    }

    /// The patient of a row; its course is then the one that is added to.
    fn patient(&mut self, row: &Row, problems: &mut Vec<Diagnostic>) -> Option<u64> {
        let cell = row.id()?;
        let number = cell.patient(problems)?;
        if self.known.as_ref().is_some_and(|known| known.binary_search(&number).is_err()) {
            let message = format!("patient {number} is not in the table of parameters");
            problems.push(Diagnostic::error(codes::UNKNOWN_PATIENT, cell.span, message));
        }
        self.courses.turn_to(number);
        Some(number)
    }

    /// The time of a row; it must not go back for a patient.
    fn time(&mut self, row: &Row, patient: Option<u64>, problems: &mut Vec<Diagnostic>) -> Option<f64> {
        let (time, span) = row.time(problems)?;
        if row.id().is_some() && patient.is_none() {
            return Some(time);
        }
        if let Some(last) = self.courses.last_time(time).filter(|last| time < *last) {
            let message = format!("time goes back from {last} to {time}");
            let problem = Diagnostic::error(codes::TIME_BACK, span, message);
            problems.push(
                problem.with_help("sort each patient's rows by time; EVID 3 resets without going back"),
            );
        }
        Some(time)
    }
}
