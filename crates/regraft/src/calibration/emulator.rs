//! A published number as a function of the uncertain parameters: fitted to cohorts in which every patient belongs to a
//! member with parameters of their own.
//!
//! What a member adds to a statistic is its pseudo-value ([`crate::findings::pseudo`]), whose mean is the statistic at the
//! member's parameters. So one cohort of thousands of patients says how the statistic depends on all parameters at
//! once, whatever it is: a share, a point of a survival curve, a rate, a ratio of hazards.

pub mod polynomial;

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};
use regraft_ode::math;

use super::targets::Kind;

/// Pseudo-values of one target over members.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct Responses {
    /// Row of the design of each member that had patients.
    pub members: Vec<usize>,
    /// Pseudo-value of each, a natural number (of ratios its logarithm).
    pub values: Vec<f64>,
    /// Patients of each.
    pub weights: Vec<f64>,
    /// The statistic of the whole cohort.
    pub whole: f64,
}

impl Responses {
    /// Standard deviation between patients: √(Σ w (y − ȳ)² / (number − 1)), a member of w patients having the variance σ²/w.
    pub fn patient_sd(&self) -> f64 {
        let n = self.values.len() as f64;
        let weight: f64 = self.weights.iter().sum();
        let mean = self.values.iter().zip(&self.weights).map(|(y, w)| y * w).sum::<f64>() / weight;
        let square: f64 =
            self.values.iter().zip(&self.weights).map(|(y, w)| w * (y - mean) * (y - mean)).sum();
        (square / (n - 1.0).max(1.0)).sqrt()
    }
}

/// A fitted function: linked mean = that of the earlier stage + b₀ + Σ b x, over the parameters that act, squares and products of those that act most.
#[derive(Debug, Clone, PartialEq)]
pub struct Emulator {
    kind: Kind,
    /// The function of an earlier stage, which this one corrects.
    base: Option<Box<Emulator>>,
    terms: Vec<Term>,
    coefficients: DVector<f64>,
    /// Covariance of the coefficients.
    covariance: DMatrix<f64>,
    /// Standard deviation between patients on the natural scale.
    pub patient_sd: f64,
}

/// A term: 1, a feature, or the product of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Term {
    One,
    Linear(usize),
    Product(usize, usize),
}

impl Term {
    fn of(self, features: &[f64]) -> f64 {
        match self {
            Term::One => 1.0,
            Term::Linear(a) => features[a],
            Term::Product(a, b) => features[a] * features[b],
        }
    }

    fn slope(self, features: &[f64], by: usize) -> f64 {
        let one = |at: usize| if at == by { 1.0 } else { 0.0 };
        match self {
            Term::One => 0.0,
            Term::Linear(a) => one(a),
            Term::Product(a, b) => one(a) * features[b] + features[a] * one(b),
        }
    }
}

/// Features whose squares and products are tried. Chosen: their products are as many terms as there are parameters.
const STRONGEST: usize = 7;

/// Variance of a coefficient before it is fitted, linked, of means in units of the variance between patients.
/// Assumed: one standard deviation of a parameter moves a share by log odds of 0.3.
const VARIANCE: f64 = 0.1;

/// Rounds in which the variance of each coefficient is fitted to what it turned out to be. After so many a
/// coefficient that says nothing is a thousandth of its noise.
const ROUNDS: usize = 12;

/// A term is kept where its coefficient stands out of its noise by so many standard errors. Chosen: of a hundred
/// parameters that do nothing a quarter of one stays; a small effect that is left out moves less than its noise would.
const STANDS_OUT: f64 = 3.0;

/// Least variance of a coefficient, relative to [`VARIANCE`].
const LEAST: f64 = 1e-7;

/// What is fitted: features of the members `[member][feature]` and pseudo-values.
struct Data<'a> {
    kind: Kind,
    x: Vec<Vec<f64>>,
    /// What the function of the earlier stage says, linked, `[member]`; nothing in the first.
    offsets: Option<Vec<f64>>,
    responses: &'a Responses,
}

impl Emulator {
    /// Fits the function; `features` are those of all members of the design, `acting` the features that can act. With
    /// the function of an earlier stage what is fitted is its correction, so that what a narrower design no longer
    /// shows stays as it was seen before.
    pub fn fit(
        kind: Kind,
        responses: &Responses,
        features: &[Vec<f64>],
        acting: &[usize],
        base: Option<Emulator>,
    ) -> Emulator {
        let linear: Vec<Term> =
            std::iter::once(Term::One).chain(acting.iter().map(|at| Term::Linear(*at))).collect();
        let x: Vec<Vec<f64>> = responses.members.iter().map(|member| features[*member].clone()).collect();
        let offsets = base.as_ref().map(|base| x.iter().map(|x| base.linked(x)).collect());
        let data = Data { kind, x, offsets, responses };
        let all: Vec<usize> = (0..responses.members.len()).collect();
        let first = data.relevant(&linear, &all);
        let mut order: Vec<usize> = (1..linear.len()).collect();
        order.sort_by(|a, b| first.coefficients[*b].abs().total_cmp(&first.coefficients[*a].abs()));
        let strongest: Vec<usize> = order.iter().take(STRONGEST).map(|at| acting[at - 1]).collect();
        let mut terms = linear.clone();
        for (place, a) in strongest.iter().enumerate() {
            terms.extend(strongest[..=place].iter().map(|b| Term::Product(*a, *b)));
        }
        let terms = data.standing_out(&terms, &all);
        let solved = data.solve(&terms, &data.variances(&terms), &all);
        Emulator {
            kind,
            base: base.map(Box::new),
            terms,
            coefficients: solved.coefficients,
            covariance: solved.covariance,
            patient_sd: responses.patient_sd(),
        }
    }

    /// The linked mean at these features.
    pub fn linked(&self, features: &[f64]) -> f64 {
        let own: f64 =
            self.terms.iter().zip(self.coefficients.iter()).map(|(term, b)| b * term.of(features)).sum();
        own + self.base.as_ref().map_or(0.0, |base| base.linked(features))
    }

    /// Its derivative by one feature.
    pub fn slope(&self, features: &[f64], by: usize) -> f64 {
        let terms = self.terms.iter().zip(self.coefficients.iter());
        let own: f64 = terms.map(|(term, b)| b * term.slope(features, by)).sum();
        own + self.base.as_ref().map_or(0.0, |base| base.slope(features, by))
    }

    /// Standard error of the linked mean there.
    pub fn error(&self, features: &[f64]) -> f64 {
        let row = DVector::from_iterator(self.terms.len(), self.terms.iter().map(|term| term.of(features)));
        (row.transpose() * &self.covariance * &row)[(0, 0)].max(0.0).sqrt()
    }

    /// The mean of pseudo-values at these features: natural, of ratios the logarithm.
    pub fn pseudo_mean(&self, features: &[f64]) -> f64 {
        if self.kind == Kind::Ratio { self.linked(features) } else { self.mean(features) }
    }

    /// The natural mean at these features (of ratios the ratio).
    pub fn mean(&self, features: &[f64]) -> f64 {
        self.kind.unlinked(self.linked(features))
    }
}

struct Solved {
    coefficients: DVector<f64>,
    covariance: DMatrix<f64>,
}

/// Newton steps of a fit; it has settled after far fewer.
const STEPS: usize = 12;

impl Data<'_> {
    /// The inverse link; pseudo-values of ratios are logarithms already.
    fn mean(&self, linked: f64) -> f64 {
        match self.kind {
            Kind::Share => 1.0 / (1.0 + math::exp(-linked)),
            Kind::Rate => math::exp(linked.min(30.0)),
            Kind::Mean | Kind::Ratio => linked,
        }
    }

    /// Derivative of the mean by the linked mean; the weight of Newton's step for the canonical link.
    fn weight(&self, mean: f64) -> f64 {
        match self.kind {
            Kind::Share => (mean * (1.0 - mean)).max(1e-9),
            Kind::Rate => mean.max(1e-9),
            Kind::Mean | Kind::Ratio => 1.0,
        }
    }

    fn offset(&self, row: usize) -> f64 {
        self.offsets.as_ref().map_or(0.0, |offsets| offsets[row])
    }

    /// The start of the intercept: half a patient is added where nothing happened.
    fn start(&self) -> f64 {
        if self.offsets.is_some() {
            return 0.0;
        }
        let weight: f64 = self.responses.weights.iter().sum();
        let whole = self.responses.whole;
        match self.kind {
            Kind::Share => {
                let share = (whole * weight + 0.5) / (weight + 1.0);
                math::ln(share / (1.0 - share))
            }
            Kind::Rate => math::ln(whole.max(0.5 / weight)),
            Kind::Mean | Kind::Ratio => whole,
        }
    }

    /// Spread of the residuals: of a share or rate that of the canonical family (1), else estimated.
    fn dispersion(&self) -> f64 {
        match self.kind {
            Kind::Share => 1.0,
            Kind::Rate => {
                let sd = self.responses.patient_sd();
                (sd * sd / self.responses.whole.max(1e-9)).max(1e-9)
            }
            Kind::Mean | Kind::Ratio => {
                let sd = self.responses.patient_sd();
                (sd * sd).max(1e-12)
            }
        }
    }

    /// Penalized quasi-likelihood with the canonical link: Newton's method on
    /// Σ w x (y − μ)/φ − (b − b₀)/v = 0, b₀ the start of the intercept and 0 elsewhere.
    fn solve(&self, terms: &[Term], variances: &[f64], rows: &[usize]) -> Solved {
        let p = terms.len();
        let (start, dispersion) = (self.start(), self.dispersion());
        let design = DMatrix::from_fn(rows.len(), p, |r, t| terms[t].of(&self.x[rows[r]]));
        let prior = DVector::from_fn(p, |t, _| 1.0 / variances[t]);
        let canonical = matches!(self.kind, Kind::Share | Kind::Rate);
        let mut b = DVector::zeros(p);
        b[0] = start;
        let mut information = DMatrix::identity(p, p);
        for _ in 0..STEPS {
            let mut linked = &design * &b;
            for (r, row) in rows.iter().enumerate() {
                linked[r] += self.offset(*row);
            }
            let mut gradient = DVector::zeros(p);
            let mut weighted = design.clone();
            for (r, row) in rows.iter().enumerate() {
                let mean = self.mean(linked[r]);
                let w = self.responses.weights[*row] / dispersion;
                let residual = w * (self.responses.values[*row] - mean);
                gradient.axpy(residual, &design.row(r).transpose(), 1.0);
                weighted.row_mut(r).scale_mut(w * self.weight(mean));
            }
            information = design.transpose() * weighted;
            for t in 0..p {
                let center = if t == 0 { start } else { 0.0 };
                gradient[t] -= prior[t] * (b[t] - center);
                information[(t, t)] += prior[t];
            }
            let Some(cholesky) = Cholesky::<f64, Dyn>::new(information.clone()) else { break };
            let step = cholesky.solve(&gradient);
            // Far steps of a saturated link are cut; the fit goes on from there.
            let longest = step.amax();
            b.axpy(if longest > 3.0 && canonical { 3.0 / longest } else { 1.0 }, &step, 1.0);
            if longest < 1e-9 * (1.0 + b.amax()) {
                break;
            }
        }
        let covariance = Cholesky::<f64, Dyn>::new(information)
            .map_or_else(|| DMatrix::identity(p, p), |cholesky| cholesky.inverse());
        Solved { coefficients: b, covariance }
    }

    /// The terms that stand out of their noise, the intercept first.
    fn standing_out(&self, terms: &[Term], rows: &[usize]) -> Vec<Term> {
        let found = self.relevant(terms, rows);
        let stands = |t: &usize| {
            let noise = found.covariance[(*t, *t)].sqrt();
            *t == 0 || found.coefficients[*t].abs() > STANDS_OUT * noise
        };
        // A coefficient of which little is left has little noise left too: what remains is judged once more by itself.
        let kept: Vec<Term> = (0..terms.len()).filter(stands).map(|t| terms[t]).collect();
        let again = self.solve(&kept, &self.variances(&kept), rows);
        let stands = |t: &usize| {
            *t == 0 || again.coefficients[*t].abs() > STANDS_OUT * again.covariance[(*t, *t)].sqrt()
        };
        (0..kept.len()).filter(stands).map(|t| kept[t]).collect()
    }

    /// Variances of coefficients before they are fitted.
    fn variances(&self, terms: &[Term]) -> Vec<f64> {
        let unit = if matches!(self.kind, Kind::Mean | Kind::Ratio) { self.dispersion() } else { 1.0 };
        terms.iter().map(|term| if *term == Term::One { 100.0 * unit } else { VARIANCE * unit }).collect()
    }

    /// The fit with a variance of its own for every coefficient, made as likely as can be: automatic relevance
    /// determination \[MacKay1992\], v = b²/(1 − C/v) with C the variance that is left. What says nothing goes to 0.
    fn relevant(&self, terms: &[Term], rows: &[usize]) -> Solved {
        let unit = if matches!(self.kind, Kind::Mean | Kind::Ratio) { self.dispersion() } else { 1.0 };
        let mut variances = self.variances(terms);
        let mut solved = self.solve(terms, &variances, rows);
        for _ in 0..ROUNDS {
            for t in 1..terms.len() {
                let b = solved.coefficients[t];
                let known = (1.0 - solved.covariance[(t, t)] / variances[t]).max(1e-3);
                variances[t] = (b * b / known).clamp(LEAST * VARIANCE * unit, 100.0 * VARIANCE * unit);
            }
            solved = self.solve(terms, &variances, rows);
        }
        solved
    }
}

#[cfg(test)]
mod tests;
