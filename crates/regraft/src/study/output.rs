//! The files of a run.

use jiff::Timestamp;

use super::{ArmRun, Entered, Prepared, RunOptions};
use crate::findings::Findings;
use crate::library::Library;
use crate::outcomes::Outcome;
use crate::report::{self, data::ReportData};
use crate::run_folder::manifest::{FileHash, Manifest, ManifestArm};
use crate::run_folder::{Column, RunFolder, Table, WriteError};

/// Version of the random streams: the same number gives the same draws.
const STREAM_VERSION: u32 = 1;

/// A finished run.
#[derive(Debug)]
pub struct Run {
    /// Estimates.
    pub findings: Findings,
    /// What the report shows.
    pub report: ReportData,
    manifest: Manifest,
    tables: Vec<(&'static str, Table)>,
}

impl Run {
    #[allow(clippy::too_many_arguments)] // one call site, all of a run's parts
    pub(super) fn new(
        trial: &Prepared,
        library: &Library,
        options: &RunOptions,
        entered: Entered,
        arms: Vec<ArmRun>,
        outcomes: Vec<Vec<Outcome>>,
        findings: Findings,
        report: ReportData,
        simulation_seconds: f64,
    ) -> Run {
        let manifest = manifest(trial, library, options, &entered, &findings, simulation_seconds);
        let tables = vec![
            ("patients.parquet", patients(&entered)),
            ("outcomes.parquet", outcome_table(trial, &entered, &outcomes)),
            ("events.parquet", events(trial, &arms)),
            ("decisions.parquet", decisions(trial, &entered, &arms)),
            ("observables.parquet", observables(trial, &arms)),
            ("failures.parquet", failures(trial, &entered, &arms)),
        ];
        Run { findings, report, manifest, tables }
    }

    /// The findings as one JSON object.
    pub fn findings_json(&self) -> String {
        serde_json::to_string_pretty(&self.findings).expect("findings hold only numbers, texts and lists")
    }

    /// Writes every file of the run, the manifest last.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn write(&self, folder: &RunFolder) -> Result<(), WriteError> {
        let mut written: Vec<&str> = Vec::new();
        for (name, table) in &self.tables {
            folder.table(name, table)?;
            written.push(name);
        }
        folder.text("findings.json", &(self.findings_json() + "\n"))?;
        let page = report::render(&self.report).expect("the shipped template renders every report");
        folder.text("report.html", &page)?;
        written.extend(["findings.json", "report.html"]);
        let mut manifest = self.manifest.clone();
        for name in written {
            manifest.outputs.push(FileHash { path: name.to_string(), blake3: folder.hash(name)? });
        }
        manifest.written = Timestamp::now().to_string();
        let text =
            serde_json::to_string_pretty(&manifest).expect("a manifest holds only numbers, texts and lists");
        folder.text("manifest.json", &(text + "\n"))
    }
}

fn manifest(
    trial: &Prepared,
    library: &Library,
    options: &RunOptions,
    entered: &Entered,
    findings: &Findings,
    simulation_seconds: f64,
) -> Manifest {
    let arm = |arm: &crate::findings::ArmCount| ManifestArm {
        id: arm.id.clone(),
        patients: arm.n,
        failed: arm.failed,
    };
    Manifest {
        format: 1,
        version: findings.version.clone(),
        stream_version: STREAM_VERSION,
        trial: trial.id.clone(),
        seed: options.seed,
        patients: options.patients,
        screened: entered.screened,
        relative_tolerance: super::cohort::sim_options(regraft_stats::Seed(options.seed), options)
            .relative_tolerance,
        arms: findings.arms.iter().map(arm).collect(),
        inputs: inputs(trial, library),
        outputs: Vec::new(),
        written: String::new(),
        simulation_seconds,
        command: options.command.clone(),
    }
}

/// Cards, models and evidence that the trial names.
pub(super) fn inputs(trial: &Prepared, library: &Library) -> Vec<FileHash> {
    let used = used_paths(trial);
    let wanted = |path: &str| {
        path.starts_with("models/") || path.starts_with("evidence/") || used.iter().any(|u| u == path)
    };
    library.hashes(wanted).into_iter().map(|(path, blake3)| FileHash { path, blake3 }).collect()
}

fn used_paths(trial: &Prepared) -> Vec<String> {
    let card = |folder: &str, id: &str| format!("{folder}/{id}.toml");
    let mut used = vec![
        trial.path.clone(),
        card("diseases", &trial.trial.disease.id.text),
        card("populations", &trial.trial.population.id.text),
    ];
    for arm in &trial.trial.arms {
        used.push(card("regimens", &arm.regimen.id.text));
        used.extend(arm.product.as_ref().map(|product| card("products", &product.id.text)));
    }
    used.extend(trial.trial.started.keys().map(|id| card("regimens", id)));
    used.extend(trial.trial.drugs.keys().map(|id| card("drugs", id)));
    used.extend(trial.trial.endpoints.keys().map(|id| card("endpoints", id)));
    used
}

fn patients(entered: &Entered) -> Table {
    let cohort = &entered.cohort;
    let mut columns = vec![("patient", Column::Whole(cohort.numbers.iter().map(|n| *n as i64).collect()))];
    for (index, name) in cohort.names.iter().enumerate() {
        let values = (0..cohort.numbers.len()).map(|row| cohort.value(row, index)).collect();
        columns.push((name, Column::Number(values)));
    }
    Table::new(columns)
}

/// Columns of a long table: patient, arm, and what else.
#[derive(Default)]
struct Rows {
    patient: Vec<i64>,
    arm: Vec<String>,
    day: Vec<f64>,
    what: Vec<String>,
    value: Vec<f64>,
    status: Vec<i64>,
}

impl Rows {
    fn push(&mut self, patient: u64, arm: &str, day: f64, what: &str) {
        self.patient.push(patient as i64);
        self.arm.push(arm.to_string());
        self.day.push(day);
        self.what.push(what.to_string());
    }
}

fn outcome_table(trial: &Prepared, entered: &Entered, outcomes: &[Vec<Outcome>]) -> Table {
    let mut rows = Rows::default();
    let numbers = &entered.cohort.numbers;
    for (arm, outcomes) in outcomes.iter().enumerate() {
        for (endpoint, outcome) in outcomes.iter().enumerate() {
            let mut add = |patient: usize, day: f64, status: i64, value: f64| {
                rows.push(numbers[patient], &trial.arm_ids[arm], day, &trial.endpoint_ids[endpoint]);
                rows.status.push(status);
                rows.value.push(value);
            };
            match outcome {
                Outcome::Times(times) => {
                    let found = times.iter().enumerate().filter_map(|(p, t)| Some((p, t.as_ref()?)));
                    for (patient, found) in found {
                        add(patient, found.time, i64::from(found.status), f64::NAN);
                    }
                }
                Outcome::Rates(rates) => {
                    let found = rates.iter().enumerate().filter_map(|(p, r)| Some((p, r.as_ref()?)));
                    for (patient, counted) in found {
                        add(patient, counted.to - counted.from, 0, counted.days.len() as f64);
                    }
                }
                Outcome::Scores { days, values } => {
                    for (k, value) in values.iter().enumerate().filter(|(_, value)| value.is_finite()) {
                        add(k / days.len(), days[k % days.len()], 0, *value);
                    }
                }
            }
        }
    }
    Table::new(vec![
        ("patient", Column::Whole(rows.patient)),
        ("arm", Column::Text(rows.arm)),
        ("endpoint", Column::Text(rows.what)),
        ("time_days", Column::Number(rows.day)),
        ("status", Column::Whole(rows.status)),
        ("value", Column::Number(rows.value)),
    ])
}

fn events(trial: &Prepared, arms: &[ArmRun]) -> Table {
    let mut rows = Rows::default();
    for (arm, run) in arms.iter().enumerate() {
        for patient in &run.observed {
            for (day, event) in &patient.events {
                rows.push(
                    patient.patient,
                    &trial.arm_ids[arm],
                    *day,
                    &trial.program.events[*event as usize].name,
                );
            }
        }
    }
    long(rows, "event")
}

fn decisions(trial: &Prepared, entered: &Entered, arms: &[ArmRun]) -> Table {
    let mut rows = Rows::default();
    let mut kinds = Vec::new();
    for (arm, run) in arms.iter().enumerate() {
        for (row, day, rule, kind) in &run.decisions {
            let id = &trial.protocol.arms[arm].rules[*rule as usize].id;
            rows.push(entered.cohort.numbers[*row as usize], &trial.arm_ids[arm], *day, id);
            kinds.push(word(*kind).to_string());
        }
    }
    Table::new(vec![
        ("patient", Column::Whole(rows.patient)),
        ("arm", Column::Text(rows.arm)),
        ("day", Column::Number(rows.day)),
        ("rule", Column::Text(rows.what)),
        ("decision", Column::Text(kinds)),
    ])
}

fn word(kind: regraft_sim::DecisionKind) -> &'static str {
    use regraft_sim::DecisionKind;
    match kind {
        DecisionKind::Acted => "acted",
        DecisionKind::ConditionFalse => "condition_false",
        DecisionKind::Ended => "ended",
        DecisionKind::Refractory => "refractory",
        DecisionKind::Exhausted => "exhausted",
    }
}

fn observables(trial: &Prepared, arms: &[ArmRun]) -> Table {
    let mut rows = Rows::default();
    for (arm, run) in arms.iter().enumerate() {
        let id = &trial.arm_ids[arm];
        for patient in &run.observed {
            let mut add = |name: &str, days: &[f64], values: &mut dyn Iterator<Item = f64>| {
                for (day, value) in
                    days.iter().zip(values).filter(|(day, v)| v.is_finite() && **day <= patient.end)
                {
                    rows.push(patient.patient, id, *day, name);
                    rows.value.push(value);
                }
            };
            for (index, score) in trial.readings.scores.iter().enumerate() {
                add(&score.name, &run.grid.score_days, &mut patient.score(index).iter().copied());
            }
            for (index, count) in trial.readings.counts.iter().enumerate() {
                add(&count.name, &run.grid.imaging_days, &mut patient.count(index).iter().map(|n| *n as f64));
            }
            for (index, lab) in trial.readings.labs.iter().enumerate() {
                add(&lab.name, &run.grid.lab_days, &mut patient.lab(index).iter().copied());
            }
        }
    }
    let values = std::mem::take(&mut rows.value);
    let Rows { patient, arm, day, what, .. } = rows;
    Table::new(vec![
        ("patient", Column::Whole(patient)),
        ("arm", Column::Text(arm)),
        ("day", Column::Number(day)),
        ("observable", Column::Text(what)),
        ("value", Column::Number(values)),
    ])
}

fn failures(trial: &Prepared, entered: &Entered, arms: &[ArmRun]) -> Table {
    let mut rows = Rows::default();
    for failure in &entered.failures {
        rows.push(failure.patient, "before entry", failure.day, &failure.cause);
    }
    for (arm, run) in arms.iter().enumerate() {
        for failure in &run.failures {
            rows.push(failure.patient, &trial.arm_ids[arm], failure.day, &failure.cause);
        }
    }
    long(rows, "cause")
}

fn long(rows: Rows, what: &str) -> Table {
    Table::new(vec![
        ("patient", Column::Whole(rows.patient)),
        ("arm", Column::Text(rows.arm)),
        ("day", Column::Number(rows.day)),
        (what, Column::Text(rows.what)),
    ])
}
