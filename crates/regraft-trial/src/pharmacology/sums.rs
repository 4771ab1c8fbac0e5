//! The drugs module: instances, kill rates shared by populations, one kill rate per population, functions.

use std::collections::{BTreeMap, BTreeSet};

use super::instance::{STRENGTH, block_name, effect_name, inflow_unit, kill_name, model_name};
use super::writer::{Declarations, number, rule, units};
use crate::constant::ModelUnit;
use crate::drug::{Drug, Effect, EffectKind};
use crate::name::Name;
use crate::sensitivities::{Kill, Sensitivities, Sensitivity};
use crate::targets::{FUNCTIONS, ORGAN, PATIENT_FACTORS, POPULATIONS, population_words, rate_name};

pub(super) fn module(
    drugs: &[&Drug],
    sensitivities: &BTreeMap<String, Sensitivities>,
    blocks: &BTreeSet<String>,
) -> String {
    let used: Vec<Used<'_>> = sensitivities.values().filter_map(|card| Used::of(card, drugs)).collect();
    let module = Module { drugs, used };
    let used_units = [ModelUnit::ratio(), ModelUnit::per_day(), ModelUnit::kilogram(), inflow_unit()];
    let parts = [
        units(&used_units),
        instances(drugs),
        patient(),
        module.sensitivity_lines(),
        module.names(),
        module.shared(),
        module.populations(),
        module.functions(),
        module.blocks(blocks),
        PRIMING.to_string(),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    format!("model drugs_module()\n\n{}end\n", parts.join("\n"))
}

/// What steroid and immunomodulators leave of ordinary priming.
const PRIMING: &str = "\
\x20 // IAo: what steroid and immunomodulator leave of ordinary priming
  priming_factor := 1 - 0.3*steroid_effect - 0.3*immunomodulator_effect;  priming_factor has ratio;
";

fn instances(drugs: &[&Drug]) -> String {
    drugs.iter().map(|drug| format!("  {}: {}();\n", drug.id.text, model_name(drug))).collect()
}

fn patient() -> String {
    let mut lines = Declarations::default();
    for (name, words) in PATIENT_FACTORS {
        lines.add(name, "1", &ModelUnit::ratio(), words);
    }
    format!("  // Of the patient.\n  weight = 70;  // weight, kg: body weight\n{}", lines.text())
}

/// A card of sensitivities and the drugs that name it.
struct Used<'a> {
    card: &'a Sensitivities,
    drugs: Vec<&'a Drug>,
}

impl<'a> Used<'a> {
    fn of(card: &'a Sensitivities, drugs: &[&'a Drug]) -> Option<Self> {
        let names =
            |drug: &&&Drug| drug.kill.as_ref().is_some_and(|kill| kill.sensitivities.text == card.id.text);
        let drugs: Vec<&Drug> = drugs.iter().filter(names).copied().collect();
        (!drugs.is_empty()).then_some(Used { card, drugs })
    }

    /// Drugs that have this kill rate.
    fn with(&self, kill: &str) -> Vec<&'a Drug> {
        let has = |drug: &&&Drug| {
            drug.kill.iter().flat_map(|kill| &kill.strengths).any(|strength| strength.kill.text == kill)
        };
        self.drugs.iter().filter(has).copied().collect()
    }

    /// `cytotoxic_lymphoid`.
    fn shared_name(&self, kill: &str) -> String {
        format!("{}_{kill}", self.card.id.text)
    }

    /// What this card's drugs do to a population.
    fn terms(&self, population: &str) -> Vec<String> {
        let mut terms = Vec::new();
        let overriding = |drug: &Drug| own_sensitivity(drug, population).is_some();
        if let Some(cell) = self.card.cells.iter().find(|cell| cell.population.text == population) {
            let plain: Vec<&Drug> =
                self.with(&cell.of.text).into_iter().filter(|drug| !overriding(drug)).collect();
            let all = plain.len() == self.with(&cell.of.text).len();
            let name = sensitivity_name(self.card, cell);
            if all && !plain.is_empty() {
                terms.push(times(&cell.patient_factors, &name, &self.shared_name(&cell.of.text)));
            } else if !plain.is_empty() {
                let kill = self.card.kill(&cell.of.text);
                terms.push(times(&cell.patient_factors, &name, &sum_of(kill, &cell.of.text, &plain)));
            }
        }
        for drug in &self.drugs {
            let Some(own) = own_sensitivity(drug, population) else { continue };
            let kill = self.card.kill(&own.of.text);
            let sum = sum_of(kill, &own.of.text, &[drug]);
            terms.push(times(&own.patient_factors, &number(own.value.middle), &sum));
        }
        terms
    }
}

fn own_sensitivity<'a>(drug: &'a Drug, population: &str) -> Option<&'a Sensitivity> {
    drug.effects.iter().find_map(|effect| match &effect.kind {
        EffectKind::Sensitivity(own) if own.population.text == population => Some(own),
        _ => None,
    })
}

fn sensitivity_name(card: &Sensitivities, cell: &Sensitivity) -> String {
    format!("{}_of_{}", card.id.text, cell.population.text)
}

/// `factor*sensitivity*what`.
fn times(factors: &[Name], sensitivity: &str, what: &str) -> String {
    let factors: String = factors.iter().map(|factor| format!("{}*", factor.text)).collect();
    format!("{factors}{sensitivity}*{what}")
}

/// `cytotoxic_sensitivity*(lymphoid_by_a + lymphoid_by_b)`.
fn sum_of(kill: Option<&Kill>, name: &str, drugs: &[&Drug]) -> String {
    let factors = kill.map_or(&[][..], |kill| &kill.patient_factors);
    let factors: String = factors.iter().map(|factor| format!("{}*", factor.text)).collect();
    let parts: Vec<String> = drugs.iter().map(|drug| by(&kill_name(name), drug)).collect();
    format!("{factors}{}", in_parentheses(&parts))
}

/// `(a + b)`, or `a` alone.
fn in_parentheses(parts: &[String]) -> String {
    if let [one] = parts { one.clone() } else { format!("({})", parts.join(" + ")) }
}

/// `lymphoid_kill_by_melphalan`.
fn by(what: &str, drug: &Drug) -> String {
    format!("{what}_by_{}", drug.id.text)
}

struct Module<'a> {
    drugs: &'a [&'a Drug],
    used: Vec<Used<'a>>,
}

impl Module<'_> {
    fn sensitivity_lines(&self) -> String {
        let mut text = String::new();
        for used in &self.used {
            let mut lines = Declarations::default();
            for cell in used.card.cells.iter().filter(|cell| !used.with(&cell.of.text).is_empty()) {
                let mut constant = cell.value.clone();
                constant.meaning = format!("{}, of the {} kill", cell.value.meaning, cell.of.text);
                lines.constant(&sensitivity_name(used.card, cell), &constant);
            }
            let title = super::writer::plain(&used.card.title);
            text += &format!("  // {title}: sensitivity of each population.\n{}", lines.text());
        }
        text
    }

    /// What the drugs do, by names that sums can use.
    fn names(&self) -> String {
        let mut text = String::new();
        for drug in self.drugs {
            let kills =
                drug.kill.iter().flat_map(|kill| kill.strengths.iter().map(|one| kill_name(&one.kill.text)));
            let own = drug.effects.iter().filter(|effect| !matches!(effect.kind, EffectKind::Sensitivity(_)));
            let own = own.map(|effect| effect_name(&effect.target.text, &effect.kind));
            for name in kills.chain(own) {
                text += &format!("  {}.{name} is {};\n", drug.id.text, by(&name, drug));
            }
            if drug
                .effects
                .iter()
                .any(|effect| matches!(&effect.kind, EffectKind::Function { maximum: Some(_), .. }))
            {
                text += &format!("  {}.{STRENGTH} is {};\n", drug.id.text, by(STRENGTH, drug));
            }
            if drug.kinetics.as_ref().is_some_and(|kinetics| kinetics.has("reference_weight")) {
                text += &format!("  {}.weight is weight;\n", drug.id.text);
            }
        }
        if text.is_empty() {
            text
        } else {
            format!("  // What the drugs above do, by names that the sums below can use.\n{text}")
        }
    }

    /// Kill rates that several populations share.
    fn shared(&self) -> String {
        let mut text = String::new();
        for used in &self.used {
            for kill in &used.card.kills {
                let drugs = used.with(&kill.name.text);
                if !drugs.is_empty() {
                    let sum = sum_of(Some(kill), &kill.name.text, &drugs);
                    let comment = format!("kill rate of {}", kill.title);
                    text += &rule(&used.shared_name(&kill.name.text), &sum, "per_day", &comment);
                }
            }
        }
        text
    }

    fn populations(&self) -> String {
        let names = POPULATIONS.iter().map(|(name, _)| *name).chain([ORGAN]);
        names.map(|population| self.population(population)).collect()
    }

    fn population(&self, population: &str) -> String {
        let mut terms: Vec<String> = self.used.iter().flat_map(|used| used.terms(population)).collect();
        for drug in self.drugs {
            terms.extend(drug.effects.iter().filter_map(|effect| own_kill(effect, population, drug)));
        }
        let words = population_words(population).unwrap_or_default();
        let what = if population == ORGAN { "injury" } else { "kill rate" };
        value(&rate_name(population), &terms, "per_day", &format!("{what} of {words}"))
    }

    /// Steroid, priming block, G-CSF.
    fn functions(&self) -> String {
        let mut text = String::new();
        for (function, words) in FUNCTIONS {
            let of = |drug: &&&Drug| drug.effects.iter().any(|effect| effect.target.text == function);
            let drugs: Vec<&Drug> = self.drugs.iter().filter(of).copied().collect();
            text += &match function {
                "steroid" => saturating("steroid_effect", "steroid_level", function, words, &drugs),
                "block" => block(&drugs),
                _ => {
                    let inflows: Vec<String> = drugs.iter().map(|drug| by("g_csf_inflow", drug)).collect();
                    value("filgrastim_inflow", &inflows, &inflow_unit().name, words)
                }
            };
        }
        text
    }
}

impl Module<'_> {
    /// Blocks that the model reads by name, and those that drugs have.
    ///
    /// Drugs that block the same thing leave the product of what each leaves (Bliss independence).
    fn blocks(&self, read: &BTreeSet<String>) -> String {
        let own =
            |drug: &&Drug| drug.effects.iter().filter(|effect| is_block(effect)).cloned().collect::<Vec<_>>();
        let written = self.drugs.iter().flat_map(own).map(|effect| effect.target.text);
        let names: BTreeSet<String> = read.iter().cloned().chain(written).collect();
        names.iter().map(|name| self.block(name)).collect()
    }

    fn block(&self, target: &str) -> String {
        let has = |drug: &&&Drug| drug.effects.iter().any(|e| is_block(e) && e.target.text == target);
        let name = block_name(target);
        let shares: Vec<String> = self.drugs.iter().filter(has).map(|drug| by(&name, drug)).collect();
        let comment = format!("share of {} that is blocked", target.replace('_', " "));
        match shares.as_slice() {
            [] | [_] => value(&name, &shares, "ratio", &comment),
            several => {
                let left: Vec<String> = several.iter().map(|share| format!("(1 - {share})")).collect();
                rule(&name, &format!("1 - {}", left.join("*")), "ratio", &comment)
            }
        }
    }
}

fn is_block(effect: &Effect) -> bool {
    matches!(effect.kind, EffectKind::Block { .. })
}

/// A kill of its own of one drug.
fn own_kill(effect: &Effect, population: &str, drug: &Drug) -> Option<String> {
    let own = matches!(effect.kind, EffectKind::LogKill { .. } | EffectKind::Saturable { .. });
    let factors: String = effect.patient_factors.iter().map(|factor| format!("{}*", factor.text)).collect();
    (own && effect.target.text == population)
        .then(|| format!("{factors}{}", by(&kill_name(population), drug)))
}

/// The sum of terms; without any the constant 0.
fn value(name: &str, terms: &[String], unit: &str, comment: &str) -> String {
    if terms.is_empty() {
        return format!("  {name} = 0;  {name} has {unit};  // {comment}: no drug acts on it\n");
    }
    rule(name, &terms.join(" + "), unit, comment)
}

/// Drugs of one kind share their effect: levels relative to half effect add up.
fn saturating(name: &str, level: &str, function: &str, words: &str, drugs: &[&Drug]) -> String {
    if drugs.is_empty() {
        return value(name, &[], "ratio", words);
    }
    let levels: Vec<String> = drugs.iter().map(|drug| by(&format!("{function}_level"), drug)).collect();
    let comment = "levels relative to that at half effect, of all drugs of this kind";
    rule(level, &levels.join(" + "), "ratio", comment)
        + &rule(name, &format!("{level}/(1 + {level})"), "ratio", &format!("{words}, 0 to 1"))
}

fn block(drugs: &[&Drug]) -> String {
    let effect = "immunomodulator_effect";
    let shared = saturating(effect, "immunomodulator_level", "block", "EIS: immunomodulator effect", drugs);
    let parts: Vec<String> = drugs.iter().map(|drug| by(STRENGTH, drug)).collect();
    let comment = "share of priming that is blocked";
    if parts.is_empty() {
        return shared + &value("immunomodulator_block", &[], "ratio", comment);
    }
    let weighted = format!("{}/(1 + immunomodulator_level)", in_parentheses(&parts));
    shared + &rule("immunomodulator_block", &weighted, "ratio", comment)
}
