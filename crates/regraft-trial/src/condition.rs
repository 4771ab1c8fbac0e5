//! Expressions of the model's language that stand in cards: what the study adds to the model as
//! observables before it is lowered, and the names under which the plan finds them again.

use regraft_model::Span;

use crate::name::Name;
use crate::trial::Trial;

/// An expression that becomes an observable of the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Name of the observable: snake_case, unique in the trial, for example
    /// `rule_ahsct_cy200_atg_gcsf_until_recovery_until`.
    pub name: String,
    /// The expression.
    pub expression: String,
    /// Where it stands.
    pub span: Span,
}

impl Condition {
    pub(crate) fn new(name: String, expression: &Name) -> Self {
        Condition { name, expression: expression.text.clone(), span: expression.span }
    }
}

/// Name of the observable of an entry condition.
pub fn eligibility_name(population: &str, index: usize) -> String {
    format!("eligible_{population}_{}", index + 1)
}

/// Name of the observable of a release test.
pub fn release_name(product: &str, index: usize) -> String {
    format!("release_{product}_{}", index + 1)
}

/// Name of the observable of a rule's `when` or `until`.
pub fn rule_name(regimen: &str, rule: &str, part: &str) -> String {
    format!("rule_{regimen}_{rule}_{part}")
}

/// The model's name for what a score, count or laboratory value reads: the name as written, or
/// the observable that is added for an expression.
pub fn measure_name(name: &Name, written: &Name) -> String {
    if is_plain_name(&written.text) { written.text.clone() } else { format!("measure_{}", name.text) }
}

/// As [`measure_name`], for a threshold in rule `index` of an endpoint.
pub fn threshold_name(endpoint: &str, index: usize, written: &Name) -> String {
    if is_plain_name(&written.text) {
        written.text.clone()
    } else {
        format!("threshold_{endpoint}_{}", index + 1)
    }
}

/// Whether the text is a name and not an expression: words of letters, digits and `_`, joined by `.`.
pub(crate) fn is_plain_name(text: &str) -> bool {
    let word = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    text.split('.').all(word)
}

impl Trial {
    /// All expressions that the study adds to the model, each under its own name, in a fixed order.
    pub fn conditions(&self) -> Vec<Condition> {
        let mut all = self.measures();
        let eligible = self.population.eligible.iter().enumerate();
        all.extend(
            eligible.map(|(i, one)| Condition::new(eligibility_name(&self.population.id.text, i), &one.when)),
        );
        for product in self.arms.iter().filter_map(|arm| arm.product.as_ref()) {
            let tests = product.release.iter().enumerate();
            all.extend(tests.map(|(i, test)| Condition::new(release_name(&product.id.text, i), &test.when)));
        }
        for regimen in self.arms.iter().map(|arm| &arm.regimen) {
            for rule in &regimen.rules {
                let parts = [("when", &rule.when), ("until", &rule.until)];
                let written = parts.into_iter().filter_map(|(part, text)| Some((part, text.as_ref()?)));
                let name = |part| rule_name(&regimen.id.text, &rule.id.text, part);
                all.extend(written.map(|(part, text)| Condition::new(name(part), text)));
            }
        }
        all.extend(self.thresholds());
        // Two arms may share a regimen or a product.
        let mut seen = std::collections::BTreeSet::new();
        all.retain(|condition| !condition.expression.is_empty() && seen.insert(condition.name.clone()));
        all
    }

    fn measures(&self) -> Vec<Condition> {
        let disease = &self.disease;
        let scores = disease.scores.iter().map(|score| (&score.name, &score.observable));
        let counts = disease.counts.iter().map(|count| (&count.name, &count.cumulative));
        let labs = disease.labs.iter().map(|lab| (&lab.name, &lab.observable));
        let expressions =
            scores.chain(counts).chain(labs).filter(|(_, written)| !is_plain_name(&written.text));
        expressions.map(|(name, written)| Condition::new(measure_name(name, written), written)).collect()
    }

    /// Expressions of the model that endpoints read.
    fn thresholds(&self) -> Vec<Condition> {
        let mut found = Vec::new();
        for endpoint in self.endpoints.values() {
            for (index, written) in endpoint.kind.observables() {
                if !is_plain_name(&written.text) {
                    found.push(Condition::new(threshold_name(&endpoint.id.text, index, written), written));
                }
            }
        }
        found
    }
}
