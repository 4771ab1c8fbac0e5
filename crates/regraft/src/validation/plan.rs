//! From a scorecard and the rows of the table to simulations with the quantities that are read in them.

use std::collections::BTreeSet;

use regraft_model::{Diagnostic, Found, nearest};
use regraft_trial::evidence::Use;
use regraft_trial::evidence::reconstitution::{CourseRow, Measure, RowKind};
use regraft_trial::scorecard::{People, QuantitySpec, Scorecard, SimulationSpec};
use regraft_trial::{codes, disease};

use crate::library::Library;
use crate::study::{self, StudyError, near_or_known};

/// A comparison ready to run.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub(super) card: Scorecard,
    pub(super) rows: Vec<PlannedRow>,
    pub(super) simulations: Vec<PlannedSimulation>,
    pub(super) clinical_rows: usize,
    pub(super) unopened_rows: usize,
    /// Hashes of all texts of the library.
    pub(super) inputs: Vec<(String, String)>,
}

impl Prepared {
    /// The uncertain parameters with which the patients live, in words.
    pub(super) fn posterior(&self) -> Option<String> {
        self.simulations.iter().find_map(|one| one.study.posterior())
    }
}

/// A row and where it is simulated, or why it is not.
#[derive(Debug, Clone)]
pub(super) struct PlannedRow {
    pub row: CourseRow,
    pub place: Result<Place, String>,
}

/// Where a row is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Index of the simulation.
    pub simulation: usize,
    /// Index of the quantity in it.
    pub quantity: usize,
    /// Index of the row's task in it.
    pub task: usize,
}

/// One simulation.
#[derive(Debug, Clone)]
pub(super) struct PlannedSimulation {
    pub id: String,
    pub spec: SimulationSpec,
    pub study: study::Prepared,
    pub quantities: Vec<Quantity>,
    pub tasks: Vec<Task>,
}

/// Something that is measured in every patient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Task {
    pub quantity: usize,
    pub measure: Measure,
    /// Threshold, or lower end of the normal range: > 0.
    pub level: Option<f64>,
    pub day: Option<f64>,
}

/// A quantity that is read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Quantity {
    pub id: String,
    pub title: String,
    pub unit: String,
    pub log_scale: bool,
    pub reading: Reading,
    pub normal: Option<f64>,
}

/// Where its values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Laboratory value of the disease card, with the error of the measurement.
    Lab(usize),
    /// Quantity of the model, without error.
    Other(usize),
}

/// Reads a scorecard of the library and finds everything that it names.
///
/// Problems are in the list, all at once; `None` if any of them is an error.
///
/// # Errors
/// [`StudyError::Usage`] if there is no such scorecard.
pub fn prepare(library: &mut Library, id: &str) -> Result<(Option<Prepared>, Vec<Diagnostic>), StudyError> {
    let Some(card) = library.scorecards.get(id).cloned() else {
        let near = near_or_known(id, library.scorecards.keys().map(String::as_str));
        return Err(StudyError::Usage(format!("there is no scorecard `{id}`{near}")));
    };
    let mut problems = library.diagnostics.clone();
    let all = library.reconstitution.clone();
    let (opened, kept): (Vec<CourseRow>, Vec<CourseRow>) =
        all.into_iter().partition(|row| row.usage != Use::Validate);
    let (clinical, rows): (Vec<CourseRow>, Vec<CourseRow>) =
        opened.into_iter().partition(|row| row.kind == RowKind::Clinical);
    warn_of_groups(&card, &rows, &mut problems);
    let mut planner = Planner { card: &card, simulations: Vec::new() };
    planner.lower(library, &rows, &mut problems);
    let rows = rows.into_iter().map(|row| planner.place(row)).collect();
    let simulations = planner.simulations.into_iter().flatten().collect();
    let inputs = library.hashes(|_| true);
    remove_repeats(library, &mut problems);
    let prepared = Prepared {
        rows,
        simulations,
        clinical_rows: clinical.len(),
        unopened_rows: kept.len(),
        inputs,
        card,
    };
    let broken = problems.iter().any(Diagnostic::is_error);
    Ok(((!broken).then_some(prepared), problems))
}

/// What several simulations tell of the same model or expression is told once.
fn remove_repeats(library: &Library, problems: &mut Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    problems.retain(|problem| {
        let span = problem.labels[0].span;
        let path = library.sources.get(span.source).path.clone();
        seen.insert((path, span.start, problem.code, problem.message.clone()))
    });
}

/// Groups of the table that the scorecard does not name, and the other way round.
fn warn_of_groups(card: &Scorecard, rows: &[CourseRow], problems: &mut Vec<Diagnostic>) {
    let mut told: Vec<&str> = Vec::new();
    for row in rows {
        let known = card.groups.iter().any(|group| group.name.text == row.group);
        if !known && !told.contains(&row.group.as_str()) {
            told.push(&row.group);
            let message = format!("scorecard `{}` does not name the group `{}`", card.id.text, row.group);
            problems.push(Diagnostic::warning(codes::NO_ROW, row.span, message));
        }
    }
    for group in &card.groups {
        let name = &group.name;
        if rows.iter().all(|row| row.group != name.text) {
            let message = format!("no row of the table has the group `{}`", name.text);
            let problem = Diagnostic::warning(codes::NO_ROW, name.span, message);
            problems.push(match nearest(&name.text, rows.iter().map(|row| row.group.as_str())) {
                Some(near) => problem.with_help(format!("did you mean `{near}`?")),
                None => problem,
            });
        }
    }
    let absent = card.absent.iter().map(|absent| &absent.quantity);
    for name in card.normals.iter().map(|normal| &normal.quantity).chain(absent) {
        if rows.iter().all(|row| row.quantity_id != name.text) {
            let message = format!("no row of the table has the quantity `{}`", name.text);
            problems.push(Diagnostic::warning(codes::NO_ROW, name.span, message));
        }
    }
}

struct Planner<'a> {
    card: &'a Scorecard,
    /// As the scorecard lists them; `None` where no row is simulated in it, or it has errors.
    simulations: Vec<Option<PlannedSimulation>>,
}

impl Planner<'_> {
    /// Index of the simulation of a group, or why there is none.
    fn simulation_of(&self, group: &str) -> Result<usize, String> {
        let known = self.card.groups.iter().find(|known| known.name.text == group);
        let Some(known) = known else { return Err("the scorecard does not name this group".into()) };
        match &known.people {
            People::NotSimulated(reason) => Err(reason.clone()),
            People::Simulated(name) => {
                let found = self.card.simulations.iter().position(|one| one.id.text == name.text);
                found.ok_or_else(|| format!("the scorecard has no simulation `{}`", name.text))
            }
        }
    }

    /// Lowers the simulations that rows ask for.
    fn lower(&mut self, library: &mut Library, rows: &[CourseRow], problems: &mut Vec<Diagnostic>) {
        for (index, spec) in self.card.simulations.iter().enumerate() {
            let asked = rows.iter().filter(|row| self.simulation_of(&row.group) == Ok(index));
            let days: Vec<f64> = asked.clone().filter_map(|row| row.time_days).collect();
            let (trial, found) = spec.trial(&library.cards, &library.sources, &days);
            problems.extend(found);
            let more = self.card.conditions();
            let lowered =
                trial.and_then(|trial| study::lower_resolved(library, &spec.id.text, trial, &more, problems));
            let planned = |study| PlannedSimulation {
                id: spec.id.text.clone(),
                spec: spec.clone(),
                study,
                quantities: Vec::new(),
                tasks: Vec::new(),
            };
            self.simulations.push(lowered.map(planned).filter(|_| asked.count() > 0));
        }
        // Indices of simulations without rows are not used, so those that stay keep their order.
    }

    fn place(&mut self, row: CourseRow) -> PlannedRow {
        let place = self.find(&row);
        PlannedRow { row, place }
    }

    fn find(&mut self, row: &CourseRow) -> Result<Place, String> {
        if let Some(absent) = self.card.absent(&row.quantity_id) {
            return Err(format!("not in the model: {}", absent.why));
        }
        let index = self.simulation_of(&row.group)?;
        let simulation = self.simulations[..index].iter().flatten().count();
        let card = self.card;
        let Some(planned) = &mut self.simulations[index] else {
            return Err("the simulation has errors".into());
        };
        let measure = row.measure.ok_or("the source gives words alone")?;
        if row.quantity_id.is_empty() {
            return Err("the quantity has no name in the model".into());
        }
        let quantity = planned.quantity(card, &row.quantity_id)?;
        let read = &planned.quantities[quantity];
        let level = level(row, measure, read)?;
        if row.time_days.is_some_and(|day| day > planned.spec.horizon_days) {
            return Err(format!("the simulation ends on day {}", planned.spec.horizon_days));
        }
        planned.tasks.push(Task { quantity, measure, level, day: row.time_days });
        Ok(Place { simulation, quantity, task: planned.tasks.len() - 1 })
    }
}

/// The level that a measure compares with; a reason where units disagree or it is not known.
fn level(row: &CourseRow, measure: Measure, quantity: &Quantity) -> Result<Option<f64>, String> {
    let own = &quantity.unit;
    let (what, unit) = match measure {
        Measure::ValueAt => ("value", &row.unit),
        _ => ("threshold", &row.threshold_unit),
    };
    if !unit.is_empty() && unit != own {
        return Err(format!("the {what} is in {unit}, the simulated quantity in {own}"));
    }
    if matches!(measure, Measure::DaysToNormal | Measure::NormalUntil) {
        let normal = quantity.normal;
        return normal
            .map(Some)
            .ok_or_else(|| format!("the scorecard has no normal range of `{}`", quantity.id));
    }
    Ok(row.threshold)
}

impl PlannedSimulation {
    /// Index of a quantity of the table, added where it is new: of the scorecard, a laboratory value, or a name of
    /// the model.
    fn quantity(&mut self, card: &Scorecard, id: &str) -> Result<usize, String> {
        if let Some(known) = self.quantities.iter().position(|known| known.id == id) {
            return Ok(known);
        }
        let normal = card.normal(id).map(|normal| normal.low.value);
        let labs = &self.study.trial.disease.labs;
        let is_lab = |lab: &disease::Lab| lab.measured_as.as_deref() == Some(id) || lab.name.text == id;
        let quantity = if let Some(spec) = card.quantities.iter().find(|spec| spec.id.text == id) {
            let reading = self.other(&spec.in_model())?;
            of_spec(spec, reading, normal)
        } else if let Some(index) = labs.iter().position(is_lab) {
            of_lab(&labs[index], id, Reading::Lab(index), normal)
        } else {
            let reading = self.other(id)?;
            let unit = self.unit_of(id);
            let (id, title) = (id.to_string(), id.replace('_', " "));
            Quantity { id, title, unit, log_scale: false, reading, normal }
        };
        self.quantities.push(quantity);
        Ok(self.quantities.len() - 1)
    }

    /// A quantity of the model, read without error.
    fn other(&mut self, name: &str) -> Result<Reading, String> {
        let found = match self.study.program.find(name) {
            Ok(Found::Event(_)) => return Err(format!("`{name}` is an event of the model and has no value")),
            Ok(found) => found,
            Err(_) => {
                return Err(format!(
                    "the model has no `{name}`, and the disease card no such laboratory value"
                ));
            }
        };
        let columns = &mut self.study.columns;
        let column = columns.iter().position(|known| *known == found).unwrap_or_else(|| {
            columns.push(found);
            columns.len() - 1
        });
        self.study.readings.others.push(column);
        Ok(Reading::Other(self.study.readings.others.len() - 1))
    }

    fn unit_of(&self, name: &str) -> String {
        let program = &self.study.program;
        let quantity = match program.find(name) {
            Ok(Found::State(index)) => &program.states[index as usize],
            Ok(Found::Parameter(index)) => &program.parameters[index as usize],
            Ok(Found::Observable(index)) => &program.observables[index as usize],
            _ => return String::new(),
        };
        quantity.unit.clone()
    }
}

fn of_spec(spec: &QuantitySpec, reading: Reading, normal: Option<f64>) -> Quantity {
    Quantity {
        id: spec.id.text.clone(),
        title: spec.title.clone(),
        unit: spec.unit.clone(),
        log_scale: spec.scale == disease::Scale::Log,
        reading,
        normal,
    }
}

fn of_lab(lab: &disease::Lab, id: &str, reading: Reading, normal: Option<f64>) -> Quantity {
    Quantity {
        id: id.to_string(),
        title: lab.title.clone(),
        unit: lab.unit.clone(),
        log_scale: lab.scale == disease::Scale::Log,
        reading,
        normal,
    }
}
