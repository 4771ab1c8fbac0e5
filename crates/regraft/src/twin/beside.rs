//! Lives beside those of the twins, from which is told where the doubt of the answer comes from.
//!
//! The twins live with the mean of the posterior. Beside them the same people live with draws of it, where they are like
//! the patient with these, too: a person several times, each time with another draw. And some of the twins live once
//! more from entry on with another fate (`docs/design/twin.md`).

use std::time::Instant;

use super::Question;
use super::cases::{Cases, Lived};
use super::draw::draw_alike;
use crate::findings::parts::FEWEST;
use crate::library::Library;
use crate::outcomes::Outcome;
use crate::run_folder::manifest::ManifestDoubt;
use crate::study::{
    Prepared, StudyError, Watch, fates, is_ensemble, told, too_few, with_draws, with_other_fate,
};

/// What was lived beside the twins.
#[derive(Debug)]
pub struct Beside {
    /// Outcomes of the first twins with another fate, `[arm][endpoint]`; why there are none, for people.
    pub again: Result<Vec<Vec<Outcome>>, String>,
    /// People with a draw each; why there are none, for people.
    pub drawn: Result<Drawn, String>,
    seconds: f64,
}

/// People with a draw each.
#[derive(Debug)]
pub struct Drawn {
    /// Their numbers; several may be one person with several draws.
    pub numbers: Vec<u64>,
    /// How they lived, `[arm][endpoint]`.
    pub outcomes: Vec<Vec<Outcome>>,
    /// What each counts: 1.
    pub alike: Vec<f64>,
    /// Values of the parameters that act, `[person, parameter]`.
    pub values: Vec<f64>,
    /// Number of these parameters.
    pub width: usize,
    /// Draws that were given out.
    n_draws: usize,
}

/// Lives with a draw at most for each twin, so that a quick question stays quick. Chosen: 400 twins have 1,024 of them.
const PER_TWIN: usize = 3;

/// Lives what is needed beside the twins.
///
/// # Errors
/// [`StudyError::Cancelled`]. That people cannot be found or solved is a reason, no error.
pub fn live(
    library: &Library,
    question: &Question,
    lived: &Lived,
    watch: &dyn Watch,
) -> Result<Beside, StudyError> {
    let start = Instant::now();
    let again = told(again(question, lived, watch))?;
    let drawn = told(drawn(library, question, lived, watch))?;
    Ok(Beside { again, drawn, seconds: start.elapsed().as_secs_f64() })
}

fn again(
    question: &Question,
    lived: &Lived,
    watch: &dyn Watch,
) -> Result<Result<Vec<Vec<Outcome>>, String>, StudyError> {
    let (trial, options) = (&question.trial, question.options());
    if options.doubt == 0 {
        return Ok(Err("nobody lived once more (--doubt 0)".into()));
    }
    let entered = &lived.likes.entered;
    let twins = entered.cohort.numbers.len();
    if twins < FEWEST {
        return Ok(Err(format!("{twins} twins are too few to tell patients from chance; it takes {FEWEST}")));
    }
    // Their fates were chosen by what was measured, so another fate would be no fate of theirs.
    if question.rows.iter().any(|row| row.day > entered.day) {
        return Ok(Err("measurements under treatment have chosen the fates of the twins".into()));
    }
    let other = with_other_fate(trial, &entered.first(fates(&options)), question.seed());
    let cases = Cases::of(trial, &other, &options, watch)?;
    Ok(Ok(cases.arms.into_iter().map(|arm| arm.outcomes).collect()))
}

fn drawn(
    library: &Library,
    question: &Question,
    lived: &Lived,
    watch: &dyn Watch,
) -> Result<Result<Drawn, String>, StudyError> {
    if is_ensemble(&question.trial) {
        return Ok(Err("the twins live with draws themselves".into()));
    }
    let twins = lived.likes.weights.len();
    let wanted = question.asked.doubt.min(PER_TWIN * twins);
    let (trial, n_draws) = match with_draws(&question.trial, library, wanted) {
        Ok(other) => other,
        Err(reason) => return Ok(Err(reason)),
    };
    if let Some(reason) = too_few(&trial, wanted) {
        return Ok(Err(reason));
    }
    watch.stage("finding such people with draws", wanted as u64);
    let rounds = wanted.div_ceil(twins);
    let mut drawn: Option<Drawn> = None;
    for round in 0..rounds {
        let members = trial.members.as_ref().expect("they were bound").turned(round * n_draws / rounds);
        let trial = Prepared { members: Some(members), ..trial.clone() };
        let found = drawn.as_ref().map_or(0, |drawn| drawn.alike.len());
        let question = Question { trial, ..question.clone() };
        let more = once(&question, lived, twins.min(wanted - found), n_draws, watch)?;
        match &mut drawn {
            None => drawn = Some(more),
            Some(drawn) => drawn.append(more),
        }
    }
    let found = drawn.as_ref().map_or(0, |drawn| drawn.alike.len());
    Ok(match (too_few(&trial, found), drawn) {
        (None, Some(drawn)) => Ok(drawn),
        (reason, _) => Err(reason.unwrap_or_default()),
    })
}

/// People of the same numbers as the twins, as many as are wanted or can be found with these draws.
fn once(
    question: &Question,
    lived: &Lived,
    wanted: usize,
    n_draws: usize,
    watch: &dyn Watch,
) -> Result<Drawn, StudyError> {
    // Half as many again as would do if draws found people like this one as often as the mean does.
    let most = 3 * (lived.likes.tried * wanted).div_ceil(2 * lived.likes.weights.len());
    let entered = draw_alike(question, wanted, most, watch)?;
    let cases = Cases::of(&question.trial, &entered, &question.options(), watch)?;
    let members = question.trial.members.as_ref().expect("they were bound");
    let (values, width) = members.draws_of(&cases.cohort.numbers);
    let alike = vec![1.0; cases.cohort.numbers.len()];
    let outcomes = cases.arms.into_iter().map(|arm| arm.outcomes).collect();
    Ok(Drawn { numbers: cases.cohort.numbers, outcomes, alike, values, width, n_draws })
}

impl Drawn {
    fn append(&mut self, more: Drawn) {
        let n = more.numbers.len();
        self.numbers.extend(more.numbers);
        self.alike.extend(more.alike);
        self.values.extend(more.values);
        let arms = self.outcomes.iter_mut().flatten().zip(more.outcomes.iter().flatten());
        arms.for_each(|(all, more)| all.append(more, n));
    }
}

impl Beside {
    /// What the manifest says of it.
    pub fn manifest(&self, question: &Question) -> ManifestDoubt {
        let drawn = self.drawn.as_ref().ok();
        let again = self.again.as_ref().ok().and_then(|arms| arms.first()).and_then(|arm| arm.first());
        ManifestDoubt {
            with_mean: 0,
            with_draws: drawn.map_or(0, |drawn| drawn.numbers.len()),
            draws: drawn.map_or(0, |drawn| drawn.n_draws),
            parameters: drawn.map_or(0, |drawn| drawn.width),
            other_fate: again.map_or(0, Outcome::n_patients),
            not_split: self.not_split(question).filter(|_| question.asked.doubt > 0),
            seconds: self.seconds,
        }
    }

    /// Why the parameters, or patients and chance, are not told apart; for people.
    pub fn not_split(&self, question: &Question) -> Option<String> {
        let drawn = self.drawn.as_ref().err().filter(|_| !is_ensemble(&question.trial));
        self.again.as_ref().err().or(drawn).cloned()
    }
}
