//! What a result depends on: local derivatives and shares of its variance, over traits of a trial's population or
//! parameters of a model file.
//!
//! The result is that of one patient with given traits, averaged over a few fates that are the same in all of them, so
//! that chance makes no difference between two sets of traits.

use regraft_model::{Found, NameError, Program};
use regraft_stats::Seed;
use regraft_trial::distribution::DistributionSpec;
use serde::Serialize;

use super::ExploreError;
use super::indices::{Estimated, MOST_INPUTS, design, indices, samples};
use super::subject::usage;
use crate::study::Watch;

/// How an input is spread.
#[derive(Debug, Clone)]
pub enum Spread {
    /// Evenly between two values.
    Even(f64, f64),
    /// As a population draws it.
    Drawn(DistributionSpec),
}

impl Spread {
    fn value(&self, rank: f64) -> f64 {
        match self {
            Spread::Even(low, high) => low + rank * (high - low),
            Spread::Drawn(spec) => spec.at_rank(rank),
        }
    }
}

/// An input that is varied.
#[derive(Debug, Clone)]
pub struct Input {
    /// Name.
    pub name: String,
    /// Spread.
    pub spread: Spread,
}

/// How the question is answered.
#[derive(Debug, Clone)]
pub struct Design {
    /// Points of each of the two samples.
    pub samples: usize,
    /// Fates that are averaged over.
    pub fates: usize,
    /// Derivatives alone, without shares of variance.
    pub local: bool,
    /// Root of the draws.
    pub seed: u64,
    /// Threads.
    pub threads: Option<usize>,
}

/// The answer.
#[derive(Debug, Clone, Serialize)]
pub struct Sensitivity {
    /// What the result is, in words.
    pub result: String,
    /// Its value with every input at its middle.
    pub at_middle: f64,
    /// Its mean over the samples.
    pub mean: Option<f64>,
    /// Its standard deviation over the samples.
    pub sd: Option<f64>,
    /// Points of each sample; 0 where derivatives alone were asked for.
    pub samples: usize,
    /// Points that were left out because a result was missing.
    pub left_out: usize,
    /// Fates averaged over.
    pub fates: usize,
    /// What was held, in words.
    pub held: String,
    /// By input, the largest total index first.
    pub inputs: Vec<OfInput>,
}

/// What one input does.
#[derive(Debug, Clone, Serialize)]
pub struct OfInput {
    /// Name.
    pub name: String,
    /// Its 5 % quantile.
    pub low: f64,
    /// Its middle.
    pub middle: f64,
    /// Its 95 % quantile.
    pub high: f64,
    /// Change of the result, in percent of it, per percent of change of the input at its middle; none if either is 0.
    pub elasticity: Option<f64>,
    /// Change of the result over the middle half of the input, the others at their middle.
    pub swing: Option<f64>,
    /// First-order index.
    pub first: Option<Estimated>,
    /// Total index.
    pub total: Option<Estimated>,
}

/// Something that has a result for values of inputs, `[row][input]`.
pub trait Answers {
    /// The results, NaN where there is none.
    ///
    /// # Errors
    /// [`ExploreError`].
    fn results(
        &self,
        rows: &[Vec<f64>],
        design: &Design,
        watch: &dyn Watch,
    ) -> Result<Vec<f64>, ExploreError>;
    /// What the result is.
    fn words(&self) -> String;
    /// What is held while inputs vary.
    fn held(&self) -> String;
}

/// Relative step of a derivative.
const STEP: f64 = 0.01;
/// Ranks between which a swing is read.
const QUARTERS: (f64, f64) = (0.25, 0.75);

/// Answers a question about some inputs.
///
/// # Errors
/// [`ExploreError`].
pub fn sensitivity(
    model: &dyn Answers,
    inputs: &[Input],
    asked: &Design,
    watch: &dyn Watch,
) -> Result<Sensitivity, ExploreError> {
    if inputs.is_empty() || inputs.len() > MOST_INPUTS {
        return Err(usage(format!("{} inputs were named: 1 to {MOST_INPUTS} can be varied", inputs.len())));
    }
    let middle: Vec<f64> = inputs.iter().map(|input| input.spread.value(0.5)).collect();
    let mut rows = vec![middle.clone()];
    for (index, input) in inputs.iter().enumerate() {
        let (low, high) = (input.spread.value(QUARTERS.0), input.spread.value(QUARTERS.1));
        for value in [middle[index] * (1.0 - STEP), middle[index] * (1.0 + STEP), low, high] {
            let mut row = middle.clone();
            row[index] = value;
            rows.push(row);
        }
    }
    let around = model.results(&rows, asked, watch)?;
    let mut found: Vec<OfInput> = inputs
        .iter()
        .enumerate()
        .map(|(index, input)| {
            of_input(input, middle[index], around[0], &around[1 + 4 * index..5 + 4 * index])
        })
        .collect();
    let mut answer = Sensitivity {
        result: model.words(),
        at_middle: around[0],
        mean: None,
        sd: None,
        samples: 0,
        left_out: 0,
        fates: asked.fates,
        held: model.held(),
        inputs: Vec::new(),
    };
    if !asked.local {
        globally(model, inputs, asked, watch, &mut found, &mut answer)?;
        let total = |input: &OfInput| input.total.map_or(f64::MIN, |total| total.value);
        found.sort_by(|a, b| total(b).total_cmp(&total(a)));
    } else {
        let swing = |input: &OfInput| input.swing.map_or(f64::MIN, f64::abs);
        found.sort_by(|a, b| swing(b).total_cmp(&swing(a)));
    }
    answer.inputs = found;
    Ok(answer)
}

fn of_input(input: &Input, middle: f64, at_middle: f64, around: &[f64]) -> OfInput {
    let slope = (around[1] - around[0]) / (2.0 * STEP);
    let finite = |value: f64| value.is_finite().then_some(value);
    OfInput {
        name: input.name.clone(),
        low: input.spread.value(0.05),
        middle,
        high: input.spread.value(0.95),
        elasticity: if middle == 0.0 || at_middle == 0.0 { None } else { finite(slope / at_middle) },
        swing: finite(around[3] - around[2]),
        first: None,
        total: None,
    }
}

fn globally(
    model: &dyn Answers,
    inputs: &[Input],
    asked: &Design,
    watch: &dyn Watch,
    found: &mut [OfInput],
    answer: &mut Sensitivity,
) -> Result<(), ExploreError> {
    let (a, b) = samples(asked.samples, inputs.len(), asked.seed);
    let to_values = |row: &Vec<f64>| -> Vec<f64> {
        row.iter().zip(inputs).map(|(rank, input)| input.spread.value(*rank)).collect()
    };
    let rows: Vec<Vec<f64>> = design(&a, &b).iter().map(to_values).collect();
    let results = model.results(&rows, asked, watch)?;
    let own: Vec<f64> =
        results[..2 * asked.samples].iter().copied().filter(|value| value.is_finite()).collect();
    let n = own.len() as f64;
    let mean = own.iter().sum::<f64>() / n;
    let variance = own.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / n;
    answer.mean = mean.is_finite().then_some(mean);
    answer.sd = variance.is_finite().then_some(variance.sqrt());
    answer.samples = asked.samples;
    let missing =
        |point: &usize| (0..inputs.len() + 2).any(|w| !results[w * asked.samples + point].is_finite());
    answer.left_out = (0..asked.samples).filter(missing).count();
    for (input, index) in
        found.iter_mut().zip(indices(&results, asked.samples, Seed(asked.seed)).unwrap_or_default())
    {
        (input.first, input.total) = (Some(index.first), Some(index.total));
    }
    Ok(())
}

/// Something that has a value.
pub(super) fn readable(program: &Program, name: &str) -> Result<Found, ExploreError> {
    match program.find(name) {
        Ok(Found::Event(_)) => Err(usage(format!("`{name}` is an event of the model and has no value"))),
        Ok(found) => Ok(found),
        Err(NameError::Unknown(Some(near))) => {
            Err(usage(format!("there is no endpoint or quantity `{name}`: did you mean `{near}`?")))
        }
        Err(NameError::Unknown(None)) => Err(usage(format!("there is no endpoint or quantity `{name}`"))),
        Err(NameError::Ambiguous(names)) => Err(usage(format!(
            "`{name}` is the last part of several names of the model: write one of {}",
            names.join(", ")
        ))),
    }
}

/// Rows times fates simulated together: bounds memory, moves no result.
pub(super) const TOGETHER: usize = 2048;

/// Means over the fates of each row; NaN where one is missing.
pub(super) fn means(values: &[f64], fates: usize) -> impl Iterator<Item = f64> + '_ {
    values.chunks(fates).map(|row| row.iter().sum::<f64>() / row.len() as f64)
}
