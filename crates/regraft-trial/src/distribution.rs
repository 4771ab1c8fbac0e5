//! How a card writes a distribution: `{ kind = "normal", mean = 36, sd = 8.6, low = 18, high = 55 }`.

use regraft_model::{Diagnostic, Span};
use regraft_stats::{Distribution, Sampler};

use crate::codes;
use crate::reader::{Bound, Reader};

/// A distribution as written, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct DistributionSpec {
    /// The word of the card: `normal`, `lognormal`, `uniform`, `bernoulli`, `constant`, `beta`,
    /// `triangular`, `discrete`, `zero_or_lognormal`.
    pub kind: &'static str,
    /// The parameters as written, `(key, value)`, in the order of the family.
    pub parameters: Vec<(&'static str, f64)>,
    /// The values of a `discrete` distribution, by category; empty for the others.
    pub categories: Vec<f64>,
    /// The distribution, truncated where the card says so.
    pub distribution: Distribution,
    /// Where it stands.
    pub span: Span,
}

impl DistributionSpec {
    /// A distribution that no card writes: of a kind with its parameters, the first as `family` takes them, then
    /// `low` and `high`. `None` where they give no distribution.
    pub fn of(kind: &'static str, parameters: &[(&'static str, f64)], span: Span) -> Option<Self> {
        let bound = |key: &str| parameters.iter().find(|(known, _)| *known == key).map(|(_, value)| *value);
        let cut = matches!(kind, "normal" | "lognormal" | "beta");
        let own = parameters.iter().filter(|(key, _)| !cut || !matches!(*key, "low" | "high"));
        let mut distribution = family(kind, &own.map(|(_, value)| *value).collect::<Vec<_>>());
        if cut && (bound("low").is_some() || bound("high").is_some()) {
            let (low, high) = (bound("low"), bound("high"));
            distribution =
                distribution.truncated(low.unwrap_or(f64::NEG_INFINITY), high.unwrap_or(f64::INFINITY));
        }
        distribution.check().ok()?;
        Some(DistributionSpec {
            kind,
            parameters: parameters.to_vec(),
            categories: Vec::new(),
            distribution,
            span,
        })
    }

    /// The value that has the rank of the standard normal `z`.
    pub fn from_normal(&self, z: f64) -> f64 {
        self.value_of(self.distribution.from_normal(z))
    }

    /// [`from_normal`](Self::from_normal) for many draws, to the bit: what does not depend on a draw is computed once.
    pub fn sampler(&self) -> impl Fn(f64) -> f64 {
        let sampler = Sampler::new(&self.distribution);
        move |z| self.value_of(sampler.from_normal(z))
    }

    /// What is drawn as a value: that of a category, else itself.
    pub(crate) fn value_of(&self, drawn: f64) -> f64 {
        match self.kind {
            "discrete" => self.categories.get(drawn as usize).copied().unwrap_or(f64::NAN),
            _ => drawn,
        }
    }

    /// The value of which the share `rank`, in (0, 1), of all values lies below.
    pub fn at_rank(&self, rank: f64) -> f64 {
        self.value_of(self.distribution.quantile(rank))
    }

    /// Whether practically everyone (all but one in 10¹⁵) has a value above 0.
    pub(crate) fn is_positive(&self) -> bool {
        const FAR_BELOW: f64 = -8.0; // standard normal: 6e-16 lie below
        let above = |value: f64| value.is_nan() || value > 0.0; // what is missing was reported
        match self.kind {
            "discrete" => self.categories.iter().all(|value| above(*value)),
            _ => above(self.from_normal(FAR_BELOW)),
        }
    }

    /// Reads the distribution of `key`; what is wrong is reported.
    pub(crate) fn read(reader: &mut Reader<'_>, key: &'static str) -> Self {
        let Some(mut table) = reader.table(key) else { return Self::unknown(reader.span()) };
        let span = table.span();
        let kind = table.word("kind", &KINDS);
        let spec = kind.map_or(Self::unknown(span), |kind| read_family(&mut table, kind));
        if kind.is_some() {
            table.finish();
            spec.check(reader);
        }
        spec
    }

    fn unknown(span: Span) -> Self {
        let distribution = Distribution::Constant { value: f64::NAN };
        DistributionSpec {
            kind: "constant",
            parameters: Vec::new(),
            categories: Vec::new(),
            distribution,
            span,
        }
    }

    fn check(&self, reader: &Reader<'_>) {
        // A missing parameter is NaN and already reported.
        if self.parameters.iter().any(|(_, value)| value.is_nan()) {
            return;
        }
        if let Some(message) =
            self.wide_beta().or(self.distribution.check().err().map(|error| error.to_string()))
        {
            reader.report(Diagnostic::error(codes::DISTRIBUTION, self.span, message));
        }
    }

    /// A beta distribution of mean m has a standard deviation below √(m (1 − m)).
    fn wide_beta(&self) -> Option<String> {
        let [("mean", mean), ("sd", sd), ..] = self.parameters.as_slice() else { return None };
        let limit = (mean * (1.0 - mean)).sqrt();
        (self.kind == "beta" && *sd >= limit)
            .then(|| format!("a beta distribution of mean {mean} has an sd below {limit:.3}, not {sd}"))
    }
}

const KINDS: [(&str, &str); 9] = [
    ("normal", "normal"),
    ("lognormal", "lognormal"),
    ("uniform", "uniform"),
    ("bernoulli", "bernoulli"),
    ("constant", "constant"),
    ("beta", "beta"),
    ("triangular", "triangular"),
    ("discrete", "discrete"),
    ("zero_or_lognormal", "zero_or_lognormal"),
];

fn read_family(table: &mut Reader<'_>, kind: &'static str) -> DistributionSpec {
    let span = table.span();
    if kind == "discrete" {
        return read_discrete(table);
    }
    let keys: &[(&'static str, Bound)] = match kind {
        "normal" => &[("mean", Bound::Finite), ("sd", Bound::NotNegative)],
        "lognormal" => &[("median", Bound::Positive), ("cv", Bound::NotNegative)],
        "zero_or_lognormal" => {
            &[("zero", Bound::Share), ("median", Bound::Positive), ("cv", Bound::NotNegative)]
        }
        "uniform" => &[("low", Bound::Finite), ("high", Bound::Finite)],
        "bernoulli" => &[("probability", Bound::Share)],
        "beta" => &[("mean", Bound::Share), ("sd", Bound::Positive)],
        "triangular" => &[("low", Bound::Finite), ("mode", Bound::Finite), ("high", Bound::Finite)],
        _ => &[("value", Bound::Finite)],
    };
    let mut parameters: Vec<(&'static str, f64)> =
        keys.iter().map(|(key, bound)| (*key, table.number(key, *bound))).collect();
    let values: Vec<f64> = parameters.iter().map(|(_, value)| *value).collect();
    let mut distribution = family(kind, &values);
    if matches!(kind, "normal" | "lognormal" | "beta" | "zero_or_lognormal") {
        distribution = read_bounds(table, distribution, &mut parameters);
    }
    // The bounds cut what is not 0.
    if let ("zero_or_lognormal", Some(zero)) = (kind, values.first()) {
        distribution = distribution.or_zero(*zero);
    }
    DistributionSpec { kind, parameters, categories: Vec::new(), distribution, span }
}

/// Optional `low` and `high`, by which the distribution is truncated.
fn read_bounds(
    table: &mut Reader<'_>,
    distribution: Distribution,
    parameters: &mut Vec<(&'static str, f64)>,
) -> Distribution {
    let low = table.optional_number("low", Bound::Finite);
    let high = table.optional_number("high", Bound::Finite);
    parameters.extend(low.map(|low| ("low", low)));
    parameters.extend(high.map(|high| ("high", high)));
    if low.is_none() && high.is_none() {
        return distribution;
    }
    distribution.truncated(low.unwrap_or(f64::NEG_INFINITY), high.unwrap_or(f64::INFINITY))
}

fn family(kind: &str, values: &[f64]) -> Distribution {
    match (kind, values) {
        ("normal", &[mean, sd]) => Distribution::Normal { mean, sd },
        ("lognormal", &[median, cv]) | ("zero_or_lognormal", &[_, median, cv]) => {
            Distribution::LogNormal { median, cv }
        }
        ("uniform", &[low, high]) => Distribution::Uniform { low, high },
        ("bernoulli", &[p]) => Distribution::Categorical { weights: vec![1.0 - p, p] },
        ("beta", &[mean, sd]) => beta_of(mean, sd),
        ("triangular", &[low, mode, high]) => Distribution::Triangular { low, mode, high },
        (_, values) => Distribution::Constant { value: values.first().copied().unwrap_or(f64::NAN) },
    }
}

/// α = m ν, β = (1 − m) ν with ν = m (1 − m) / sd² − 1: the beta distribution of that mean and standard deviation.
fn beta_of(mean: f64, sd: f64) -> Distribution {
    let size = mean * (1.0 - mean) / (sd * sd) - 1.0;
    Distribution::Beta { alpha: mean * size, beta: (1.0 - mean) * size }
}

fn read_discrete(table: &mut Reader<'_>) -> DistributionSpec {
    let span = table.span();
    for key in ["values", "weights"] {
        table.require(key);
    }
    let categories = table.optional_numbers("values", Bound::Finite).unwrap_or_default();
    let weights = table.optional_numbers("weights", Bound::NotNegative).unwrap_or_default();
    if categories.len() != weights.len() {
        let message = format!("{} values but {} weights", categories.len(), weights.len());
        table.report(Diagnostic::error(codes::DISTRIBUTION, span, message));
    }
    let parameters =
        categories.iter().map(|value| ("value", *value)).chain(weights.iter().map(|w| ("weight", *w)));
    let parameters = parameters.collect();
    DistributionSpec {
        kind: "discrete",
        parameters,
        categories,
        distribution: Distribution::Categorical { weights },
        span,
    }
}

#[cfg(test)]
mod tests;
