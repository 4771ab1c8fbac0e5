//! The case: BEAM and rabbit ATG with G-CSF, a graft, and prednisone, over five years.
//!
//! Doses of the transplant are those of the reference trajectories, [`GRAFT_DAY`] days later, so that the
//! course starts at time 0. Prednisone is taken by mouth every day for 180 days and tapered; in the variant
//! the same amounts flow in steadily.

use anyhow::{Result, bail, ensure};
use regraft_model::{Found, Program, Target};
use regraft_sim::{Action, Amount, Body, Dose, Engine, Options, Outputs, Patients, Plan};
use regraft_stats::Seed;

use crate::arguments::Arguments;
use crate::copies::Copies;
use crate::model::{Events, immune_core, rows, state, target};
use crate::patients::Recipe;

/// Day of the graft in the case; the reference has it on day 0.
const GRAFT_DAY: f64 = 10.0;
/// End of follow-up: five years after the graft, days.
const END: f64 = GRAFT_DAY + 1825.0;
/// First output and the days between outputs; never at the time of a dose, so that there is no before or after.
const OUTPUTS: (f64, f64) = (0.25, 30.0);
/// Prednisone: first day after the graft, days, mg a day.
const TAPER: [(f64, f64, f64); 3] = [(1.0, 60.0, 40.0), (61.0, 60.0, 20.0), (121.0, 60.0, 10.0)];
/// Where prednisone goes.
const PREDNISONE: &str = "drugs.prednisone.depot";

/// A model, a plan and a recipe for patients.
pub struct Case {
    /// The immune core, once or several times.
    pub program: Program,
    /// Doses until [`END`].
    pub plan: Plan,
    /// Every state every 30 days.
    pub outputs: Outputs,
    recipe: Recipe,
    copies: Copies,
}

impl Case {
    /// The case of `--case`, `--events`, `--copies`.
    pub fn read(arguments: &Arguments) -> Result<Case> {
        let single = immune_core(&Events::read(arguments.text("events").unwrap_or("0")))?;
        let doses = doses(&single, arguments.text("case").unwrap_or("bolus"))?;
        let copies = Copies::of(&single, arguments.number("copies", 1)?)?;
        let program = copies.program(&single);
        let states = 0..program.states.len() as u32;
        Ok(Case {
            plan: Plan { start: 0.0, end: END, doses: copies.doses(&doses), ..Plan::default() },
            outputs: Outputs { times: output_times(), observables: states.map(Found::State).collect() },
            recipe: Recipe::read(&single)?,
            program,
            copies,
        })
    }

    /// Patients `from` to `to`.
    pub fn patients(&self, from: usize, to: usize) -> Patients {
        self.copies.patients(&self.recipe.patients(from, to))
    }

    /// Options of `--rtol`, `--lanes`, `--threads`, `--instructions`.
    pub fn options(&self, arguments: &Arguments) -> Result<Options> {
        let standard = Options::new(Seed(1));
        Ok(Options {
            relative_tolerance: arguments.number("rtol", standard.relative_tolerance)?,
            lanes: arguments.number("lanes", standard.lanes)?,
            threads: Some(arguments.number("threads", 1)?),
            engine: engine(arguments.text("instructions").unwrap_or("best"))?,
            ..standard
        })
    }
}

/// An instruction set by name, as machine code or, with `-tape`, interpreted.
fn engine(name: &str) -> Result<Engine> {
    let (set, machine_code) = match name.strip_suffix("-tape") {
        Some(set) => (set, false),
        None => (name, true),
    };
    let body = match set {
        "best" => Body::best(),
        "avx512" => Body::Avx512,
        "avx2" => Body::Avx2,
        "portable" => Body::Portable,
        _ => bail!("no instructions `{name}`: there are best, avx512, avx2, portable, and each with -tape"),
    };
    ensure!(body.is_available(), "this machine has no {set}");
    Ok(Engine { body, machine_code: machine_code && body != Body::Portable })
}

fn output_times() -> Vec<f64> {
    (0..).map(|index| OUTPUTS.0 + OUTPUTS.1 * f64::from(index)).take_while(|time| *time <= END).collect()
}

/// All doses in order of time.
fn doses(program: &Program, case: &str) -> Result<Vec<Dose>> {
    let mut doses = transplant(program)?;
    let amount = state(program, PREDNISONE)?;
    doses.extend(match case {
        "bolus" => tablets(amount),
        "infusion" => infusions(amount),
        _ => bail!("no case `{case}`: there are bolus and infusion"),
    });
    doses.sort_by(|a, b| a.time.total_cmp(&b.time));
    Ok(doses)
}

fn transplant(program: &Program) -> Result<Vec<Dose>> {
    let table = rows("tests/reference/trajectories/doses.csv")?;
    let own = table.iter().filter(|row| row[0] == "beam_atg");
    own.map(|row| {
        let amount = Amount::fixed(row[6].parse()?);
        let action = match (row[4].as_str(), target(program, &row[5])?) {
            ("add", Target::State(state)) => Action::Add { state, amount },
            (kind, other) => bail!("a dose of kind {kind} into {other:?}"),
        };
        Ok(Dose::new(row[1].parse::<f64>()? + GRAFT_DAY, action))
    })
    .collect()
}

/// One tablet a day.
fn tablets(state: u32) -> Vec<Dose> {
    let day = |start: f64, day: i32| GRAFT_DAY + start + f64::from(day);
    let part = |(start, days, mg): (f64, f64, f64)| {
        let action = Action::Add { state, amount: Amount::fixed(mg) };
        (0..days as i32).map(move |index| Dose::new(day(start, index), action))
    };
    TAPER.into_iter().flat_map(part).collect()
}

/// The same amounts, flowing in.
fn infusions(state: u32) -> Vec<Dose> {
    let part = |(start, days, mg): (f64, f64, f64)| {
        let amount = Amount::fixed(mg * days);
        Dose::new(GRAFT_DAY + start, Action::Infuse { state, amount, duration_days: days })
    };
    TAPER.into_iter().map(part).collect()
}
