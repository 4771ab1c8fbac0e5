//! `[kill]` and `[effects.…]`: what a drug does to cells and to body functions.

use regraft_model::{Diagnostic, Span};

use super::kinetics::Kinetics;
use crate::codes;
use crate::constant::{About, AmountUnit, Constant, ModelUnit};
use crate::name::Name;
use crate::reader::{Bound, Reader, is_identifier};
use crate::sensitivities::{Sensitivity, read_cell, read_factors};
use crate::targets::{FUNCTIONS, functions, population_words, unknown_target};

/// The drug's strength in the kill rates of a card of sensitivities.
#[derive(Debug, Clone, PartialEq)]
pub struct Kill {
    /// The card of sensitivities.
    pub sensitivities: Name,
    /// Area under the concentration curve at which the log-kills are stated.
    pub reference_exposure: Option<Constant>,
    /// Level at half of the largest kill rates.
    pub half_effect: Option<Constant>,
    /// One strength per kill rate.
    pub strengths: Vec<Strength>,
}

/// How strong a drug is in one kill rate.
#[derive(Debug, Clone, PartialEq)]
pub struct Strength {
    /// The kill rate, of the card of sensitivities.
    pub kill: Name,
    /// In which form.
    pub form: Form,
    /// The number.
    pub constant: Constant,
}

/// How a kill rate follows from the level of the drug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Log-kill over reference exposure, times concentration.
    LogKill,
    /// Largest rate times level over (level + half effect).
    Saturable,
    /// A share of another kill rate of the same drug.
    Share,
}

/// One effect of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// The population or function.
    pub target: Name,
    /// What is done to it.
    pub kind: EffectKind,
    /// Factors of the patient that multiply it.
    pub patient_factors: Vec<Name>,
}

/// What is done.
#[derive(Debug, Clone, PartialEq)]
pub enum EffectKind {
    /// In place of the population's entry in the card of sensitivities.
    Sensitivity(Sensitivity),
    /// A kill proportional to the concentration.
    LogKill {
        /// Natural log of the kill at the reference exposure.
        log_kill: Constant,
        /// That exposure.
        reference_exposure: Constant,
    },
    /// A kill that saturates with the level.
    Saturable {
        /// Largest rate.
        maximum_rate: Constant,
        /// Level at half of it.
        half_effect: Constant,
    },
    /// A function that saturates with the level.
    Function {
        /// Largest share; 1 where the function has none.
        maximum: Option<Constant>,
        /// Level at half of the effect.
        half_effect: Constant,
    },
    /// A named block: the share of something in the model that the drug takes away, saturating with the level.
    Block {
        /// Largest share.
        maximum: Constant,
        /// Level at half of it.
        half_effect: Constant,
    },
    /// What leaves the depot reaches a pool of the model.
    Inflow {
        /// Amount absorbed per concentration reached.
        apparent_volume: Constant,
    },
}

impl Effect {
    /// The constants that the drug's own text holds.
    pub fn constants(&self) -> Vec<&Constant> {
        match &self.kind {
            EffectKind::Sensitivity(_) => Vec::new(),
            EffectKind::LogKill { log_kill, reference_exposure } => vec![log_kill, reference_exposure],
            EffectKind::Saturable { maximum_rate, half_effect } => vec![maximum_rate, half_effect],
            EffectKind::Function { maximum, half_effect } => maximum.iter().chain([half_effect]).collect(),
            EffectKind::Block { maximum, half_effect } => vec![maximum, half_effect],
            EffectKind::Inflow { apparent_volume } => vec![apparent_volume],
        }
    }
}

/// A constant's key, unit and meaning inside a table of the card.
struct Field<'a> {
    key: &'static str,
    name: &'a str,
    meaning: &'a str,
    unit: ModelUnit,
    bound: Bound,
}

fn field(table: &mut Reader<'_>, path: &str, field: Field<'_>) -> Option<Constant> {
    let path = format!("{path}.{}", field.key);
    let about = About { name: field.name, path: &path, meaning: field.meaning, unit: field.unit };
    Constant::optional(table, field.key, field.bound, about)
}

fn exposure<'a>(name: &'a str, kinetics: &Kinetics) -> Field<'a> {
    let meaning = "AUC at which the log-kills are stated";
    let unit = kinetics.amount.exposure();
    Field { key: "reference_exposure", name, meaning, unit, bound: Bound::Positive }
}

fn half<'a>(name: &'a str, kinetics: &Kinetics) -> Field<'a> {
    let (meaning, unit) = ("ec: level at half effect", kinetics.level_unit());
    Field { key: "half_effect", name, meaning, unit, bound: Bound::Positive }
}

impl Kill {
    pub(super) fn read(reader: &mut Reader<'_>, kinetics: &Kinetics) -> Option<Self> {
        let mut table = reader.optional_table("kill")?;
        let sensitivities = table.text("sensitivities");
        let reference_exposure = field(&mut table, "kill", exposure("reference_exposure", kinetics));
        let half_effect = field(&mut table, "kill", half("half_effect", kinetics));
        let mut strengths = Vec::new();
        for (key, form) in
            [("log_kill", Form::LogKill), ("maximum_rate", Form::Saturable), ("share", Form::Share)]
        {
            let Some(mut inner) = table.optional_table(key) else { continue };
            for (kill, span, value) in inner.entries() {
                let constant = strength(&inner, &kill, form, key, (span, value));
                strengths.extend(constant.map(|constant| Strength { kill, form, constant }));
            }
        }
        need(&table, "log_kill", "reference_exposure", kinetics);
        need(&table, "maximum_rate", "half_effect", kinetics);
        table.finish();
        Some(Kill { sensitivities, reference_exposure, half_effect, strengths })
    }
}

type Written<'t> = (Span, &'t toml::de::DeValue<'t>);

fn strength<'t>(
    table: &Reader<'t>,
    kill: &Name,
    form: Form,
    key: &str,
    (span, value): Written<'t>,
) -> Option<Constant> {
    let words = kill.text.replace('_', " ");
    let (name, meaning, unit, bound) = match form {
        Form::LogKill => (
            format!("{}_log_kill", kill.text),
            format!("natural log of the {words} kill at that exposure"),
            ModelUnit::ratio(),
            Bound::NotNegative,
        ),
        Form::Saturable => (
            format!("{}_maximum_rate", kill.text),
            format!("kmax: largest {words} kill rate"),
            ModelUnit::per_day(),
            Bound::NotNegative,
        ),
        Form::Share => (
            format!("{}_share", kill.text),
            format!("share that acts on the {words}"),
            ModelUnit::ratio(),
            Bound::Share,
        ),
    };
    let path = format!("kill.{key}.{}", kill.text);
    let about = About { name: &name, path: &path, meaning: &meaning, unit };
    Constant::of_value(table.page(), span, value, bound, about)
}

/// Strengths of one form need one number that they share; without them it does nothing.
fn need(table: &Reader<'_>, strengths: &str, shared: &str, kinetics: &Kinetics) {
    if table.has(strengths) && !table.has(shared) {
        let message = format!("`{strengths}` needs `{shared}`");
        table.report(Diagnostic::error(codes::MISSING_KEY, table.span_of(strengths), message));
    }
    if table.has(shared) && !table.has(strengths) {
        let message = format!("`{shared}` does nothing without `{strengths}`");
        table.report(Diagnostic::error(codes::CONTRADICTION, table.span_of(shared), message));
    }
    if strengths == "log_kill" && table.has(strengths) {
        need_volume(table, strengths, kinetics);
    }
}

fn need_volume(table: &Reader<'_>, key: &str, kinetics: &Kinetics) {
    if !kinetics.has("distribution_volume") && kinetics.amount != AmountUnit::Gray {
        let message = format!("`{key}` needs a `distribution_volume`: it acts by the concentration");
        table.report(Diagnostic::error(codes::MISSING_KEY, table.span_of(key), message));
    }
}

/// The effects of a card.
pub(super) fn read_effects(reader: &mut Reader<'_>, kinetics: &Kinetics) -> Vec<Effect> {
    let Some(mut all) = reader.optional_table("effects") else { return Vec::new() };
    let mut found = Vec::new();
    for (target, span, value) in all.entries() {
        let Some(table) = all.page().as_table(&target.text, span, value) else { continue };
        found.extend(read_effect(table, target, kinetics));
    }
    found
}

fn read_effect(mut table: Reader<'_>, target: Name, kinetics: &Kinetics) -> Option<Effect> {
    let function = FUNCTIONS.iter().find(|(name, _)| *name == target.text);
    let population = population_words(&target.text).is_some();
    let named = function.is_none() && !population;
    if named && !(table.has("maximum") && is_identifier(&target.text)) {
        refuse_unknown(&table, &target);
        return None;
    }
    if function.is_none() && table.has("of") {
        let kind = EffectKind::Sensitivity(read_cell(table, target.clone())?);
        return Some(Effect { target, kind, patient_factors: Vec::new() });
    }
    let path = format!("effects.{}", target.text);
    let kind = match target.text.as_str() {
        "g_csf" => read_inflow(&mut table, &path, kinetics),
        _ if function.is_some() => read_function(&mut table, &path, &target.text, kinetics),
        _ if named => read_block(&mut table, &path, &target.text, kinetics),
        _ => read_own_kill(&mut table, &path, &target.text, kinetics),
    };
    let patient_factors = if population { read_factors(&mut table) } else { Vec::new() };
    table.finish();
    kind.map(|kind| Effect { target, kind, patient_factors })
}

fn refuse_unknown(table: &Reader<'_>, target: &Name) {
    let message = format!("there is no population or function `{}`", target.text);
    table.report(unknown_target(target, message, functions()));
}

fn read_own_kill(
    table: &mut Reader<'_>,
    path: &str,
    target: &str,
    kinetics: &Kinetics,
) -> Option<EffectKind> {
    let words = population_words(target).unwrap_or_default();
    let name = |end: &str| format!("{target}_{end}");
    table.refuse_both("log_kill", "maximum_rate");
    if table.has("log_kill") {
        need_volume(table, "log_kill", kinetics);
        let (meaning, name_of) = (format!("natural log of the kill, {words}"), name("log_kill"));
        let unit = ModelUnit::ratio();
        let log_kill =
            Field { key: "log_kill", name: &name_of, meaning: &meaning, unit, bound: Bound::NotNegative };
        let log_kill = field(table, path, log_kill);
        table.require("reference_exposure");
        let exposure_name = name("reference_exposure");
        let reference_exposure = field(table, path, exposure(&exposure_name, kinetics));
        return Some(EffectKind::LogKill { log_kill: log_kill?, reference_exposure: reference_exposure? });
    }
    table.require("maximum_rate");
    table.require("half_effect");
    let (meaning, name_of) = (format!("kmax: largest kill rate, {words}"), name("maximum_rate"));
    let unit = ModelUnit::per_day();
    let rate =
        Field { key: "maximum_rate", name: &name_of, meaning: &meaning, unit, bound: Bound::NotNegative };
    let maximum_rate = field(table, path, rate);
    let half_name = name("half_effect");
    let half_effect = field(table, path, half(&half_name, kinetics));
    Some(EffectKind::Saturable { maximum_rate: maximum_rate?, half_effect: half_effect? })
}

fn read_function(
    table: &mut Reader<'_>,
    path: &str,
    target: &str,
    kinetics: &Kinetics,
) -> Option<EffectKind> {
    let mut maximum = None;
    if target == "block" {
        table.require("maximum");
        let (meaning, unit) = ("largest share of priming that is blocked", ModelUnit::ratio());
        maximum = field(
            table,
            path,
            Field { key: "maximum", name: "maximum_block", meaning, unit, bound: Bound::Share },
        );
        maximum.as_ref()?;
    }
    table.require("half_effect");
    let name = format!("{target}_half_effect");
    let half_effect = field(table, path, half(&name, kinetics))?;
    Some(EffectKind::Function { maximum, half_effect })
}

/// `[effects.NAME]` of a name that is neither a population nor a function: a share taken away of whatever the
/// model reads as `drugs.NAME_block`.
fn read_block(table: &mut Reader<'_>, path: &str, target: &str, kinetics: &Kinetics) -> Option<EffectKind> {
    table.require("half_effect");
    let meaning = format!("largest share of {} that is blocked", target.replace('_', " "));
    let (name, unit) = (format!("{target}_maximum"), ModelUnit::ratio());
    let maximum = field(
        table,
        path,
        Field { key: "maximum", name: &name, meaning: &meaning, unit, bound: Bound::Share },
    );
    let name = format!("{target}_half_effect");
    let half_effect = field(table, path, half(&name, kinetics));
    Some(EffectKind::Block { maximum: maximum?, half_effect: half_effect? })
}

fn read_inflow(table: &mut Reader<'_>, path: &str, kinetics: &Kinetics) -> Option<EffectKind> {
    if kinetics.has_central() || !kinetics.has("absorption_rate") {
        let message =
            "`g_csf` is a pool of the model that the drug fills from its depot: give `absorption_rate` alone";
        table.report(Diagnostic::error(codes::CONTRADICTION, table.span(), message));
    }
    table.require("apparent_volume");
    let meaning = "amount absorbed per concentration reached";
    let unit = ModelUnit::liter();
    let about =
        Field { key: "apparent_volume", name: "apparent_volume", meaning, unit, bound: Bound::Positive };
    Some(EffectKind::Inflow { apparent_volume: field(table, path, about)? })
}
