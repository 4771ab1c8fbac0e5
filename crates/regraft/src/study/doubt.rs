//! Lives beside those of the run, from which is told where the doubt of its findings comes from.

use std::sync::Arc;
use std::time::Instant;

use super::fates::is_ensemble;
use super::{Prepared, Record, RunOptions, SIZES, Sizes, StudyError, Watch, in_threads, simulate};
use crate::findings::Findings;
use crate::findings::parts::{self, Doubt, Lives, Members};
use crate::library::Library;
use crate::posterior::{BoundMembers, PosteriorUse};
use crate::run_folder::manifest::ManifestDoubt;

/// Patients who live once more with a draw of the posterior each. Chosen: the share of the parameters is then known to
/// about a tenth, and a larger cohort costs no more of it (`docs/design/intervals.md`).
pub const DOUBT: usize = 1024;

/// Patients who live once more with another fate. Chosen: the share of chance is then known to a twentieth.
const FATES: usize = 512;

/// How many of the first patients of a run live once more with another fate.
pub(crate) fn fates(options: &RunOptions) -> usize {
    FATES.min(options.doubt)
}

/// What was lived beside the run.
pub(super) struct Beside {
    /// The people with the mean of the posterior, where those of the run live with its draws.
    mean: Option<Record>,
    /// The same people with a draw each; why not, for people.
    members: Result<Drawn, String>,
    seconds: f64,
}

/// People with a draw each.
struct Drawn {
    record: Record,
    /// Draws that were given out.
    n_draws: usize,
    /// Values of the parameters that act, `[patient, parameter]`.
    values: Vec<f64>,
    width: usize,
}

/// Lives what is needed beside the run.
///
/// # Errors
/// As [`super::run`], but that a cohort cannot be found or solved with draws is a reason, no error.
pub(super) fn live(
    trial: &Prepared,
    library: &Library,
    options: &RunOptions,
    watch: &dyn Watch,
) -> Result<Beside, StudyError> {
    let start = Instant::now();
    let options = RunOptions { patients: options.doubt.min(options.patients), ..options.clone() };
    let mean = match is_ensemble(trial).then(|| bound(trial, library, PosteriorUse::Point)).flatten() {
        Some(mean) if options.patients > 0 => {
            let sizes = Sizes { again: fates(&options), ..SIZES };
            Some(simulate(&mean, &options, sizes, None, watch)?.0)
        }
        _ => None,
    };
    let members = told(drawn(trial, library, &options, watch))?;
    Ok(Beside { mean, members, seconds: start.elapsed().as_secs_f64() })
}

/// What was lived beside, or why it was not, for people; an error only where the user stopped it.
pub(crate) fn told<T>(lived: Result<Result<T, String>, StudyError>) -> Result<Result<T, String>, StudyError> {
    match lived {
        Err(StudyError::Cancelled) => Err(StudyError::Cancelled),
        Err(error) => Ok(Err(error.to_string())),
        Ok(lived) => Ok(lived),
    }
}

/// The trial whose patients live with other parameters; `None` without a posterior.
fn bound(trial: &Prepared, library: &Library, choice: PosteriorUse) -> Option<Prepared> {
    let members = Arc::new(library.members_of(choice)?);
    let (bound, _) = BoundMembers::new(members, &trial.program, &trial.trial);
    Some(Prepared { members: Some(bound), ..trial.clone() })
}

/// The people of the run with a draw each.
fn drawn(
    trial: &Prepared,
    library: &Library,
    options: &RunOptions,
    watch: &dyn Watch,
) -> Result<Result<Drawn, String>, StudyError> {
    let (other, n_draws) = match with_draws(trial, library, options.patients) {
        Ok(other) => other,
        Err(reason) => return Ok(Err(reason)),
    };
    if let Some(reason) = too_few(&other, options.patients) {
        return Ok(Err(reason));
    }
    let (record, _) = simulate(&other, options, SIZES, None, watch)?;
    let members = other.members.as_ref().expect("they were bound");
    let (values, width) = members.draws_of(&record.cohort.numbers);
    Ok(Ok(Drawn { n_draws, values, width, record }))
}

/// The trial whose people live with a draw of the posterior each, and the number of draws that `n` people need; why
/// not, for people.
pub(crate) fn with_draws(trial: &Prepared, library: &Library, n: usize) -> Result<(Prepared, usize), String> {
    if n == 0 {
        return Err("nobody lived once more (--doubt 0)".into());
    }
    let n_draws = library.posterior.as_ref().map_or(0, |posterior| posterior.n_draws().min(n));
    let Some(other) = bound(trial, library, PosteriorUse::Ensemble(n_draws)).filter(|_| n_draws > 1) else {
        return Err("the library holds no draws of a posterior".into());
    };
    if trial.members.is_none() {
        return Err("patients live as the cards say (--posterior none)".into());
    }
    Ok((other, n_draws))
}

/// Why so many people with a draw each say nothing of the parameters that act.
pub(crate) fn too_few(trial: &Prepared, n: usize) -> Option<String> {
    let acting = trial.members.as_ref().map_or(0, |members| members.acting().len());
    let needed = 3 * acting;
    (n < needed).then(|| {
        format!(
            "{n} patients are too few for the {acting} uncertain parameters that act here; it takes {needed}"
        )
    })
}

impl Beside {
    /// Says of each finding where its doubt comes from.
    pub(super) fn split(
        &self,
        trial: &Prepared,
        options: &RunOptions,
        record: &Record,
        findings: &mut Findings,
    ) {
        let mean = self.mean.as_ref().unwrap_or(record);
        let n = options.doubt.min(mean.cohort.numbers.len());
        fn lives(record: &Record, n: usize) -> Lives<'_> {
            Lives { numbers: &record.cohort.numbers[..n], outcomes: &record.outcomes }
        }
        let members = self.members.as_ref().map_err(Clone::clone).map(|drawn| Members {
            lives: lives(&drawn.record, drawn.record.cohort.numbers.len()),
            draws: drawn.values.clone(),
            width: drawn.width,
        });
        let doubt = Doubt {
            mean: lives(mean, n),
            again: &mean.again,
            members,
            sizes: &trial.published_sizes,
            n_patients: record.n_patients,
        };
        let found = in_threads(options.threads, &trial.analyses, |plan| parts::parts(plan, &doubt));
        let mut rest = &mut findings.findings[..];
        for (plan, parts) in trial.analyses.iter().zip(found) {
            let (own, after) = rest.split_at_mut(parts.len());
            parts::add(own, plan, parts, &trial.published_sizes);
            rest = after;
        }
    }

    /// What the manifest says of it.
    pub(super) fn manifest(&self, options: &RunOptions, record: &Record) -> ManifestDoubt {
        let again = &self.mean.as_ref().unwrap_or(record).again;
        let drawn = self.members.as_ref().ok();
        ManifestDoubt {
            with_mean: self.mean.as_ref().map_or(0, |mean| mean.n_patients),
            with_draws: drawn.map_or(0, |drawn| drawn.record.n_patients),
            draws: drawn.map_or(0, |drawn| drawn.n_draws),
            parameters: drawn.map_or(0, |drawn| drawn.width),
            other_fate: again.first().and_then(|arm| arm.first()).map_or(0, |one| one.n_patients()),
            not_split: self.members.as_ref().err().cloned().filter(|_| options.doubt > 0),
            seconds: self.seconds,
        }
    }
}
