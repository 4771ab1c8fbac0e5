//! The sub-model of one drug: constants, compartments, concentration, effects, rates of change.

use super::writer::{Declarations, plain, rule, units};
use crate::constant::ModelUnit;
use crate::drug::{Drug, Effect, EffectKind, Form, Kinetics, Strength};
use crate::sensitivities::Sensitivities;
use crate::targets::population_words;

/// Name of the effect in the drug's text: `myeloid_kill`, `steroid_level`, `g_csf_inflow`.
pub(super) fn effect_name(target: &str, kind: &EffectKind) -> String {
    match kind {
        EffectKind::Function { .. } => format!("{target}_level"),
        EffectKind::Block { .. } => block_name(target),
        EffectKind::Inflow { .. } => format!("{target}_inflow"),
        _ => kill_name(target),
    }
}

/// Name of a named block, in the drug's text and in the module: `entry_block`.
pub(super) fn block_name(target: &str) -> String {
    format!("{target}_block")
}

/// Name of a kill rate in the drug's text.
pub(super) fn kill_name(kill: &str) -> String {
    format!("{kill}_kill")
}

/// Name of what a drug adds to the block of priming, before it is shared with others.
pub(super) const STRENGTH: &str = "block_strength";

/// Name of the drug's sub-model; an instance may not have the name of its model.
pub(super) fn model_name(drug: &Drug) -> String {
    format!("{}_drug", drug.id.text)
}

pub(super) fn model(drug: &Drug, kinetics: &Kinetics, sensitivities: Option<&Sensitivities>) -> String {
    let mut writer = Writer { drug, kinetics, units: vec![ModelUnit::ratio(), ModelUnit::per_day()] };
    let (constants, states) = (writer.constants(), writer.states());
    let rules = writer.rules(sensitivities);
    let changes = writer.changes();
    let class = drug.class.as_ref().map(|class| format!(", {class}")).unwrap_or_default();
    let title = plain(&format!("{}{class}", drug.title));
    let units = units(&writer.units);
    let weight =
        if writer.grows() { "  weight = 70;  // weight, kg: body weight, from the patient\n\n" } else { "" };
    format!(
        "// {title}.\nmodel {}()\n\n{units}\n{weight}{constants}\n{states}\n{rules}\n{changes}end\n",
        model_name(drug)
    )
}

struct Writer<'a> {
    drug: &'a Drug,
    kinetics: &'a Kinetics,
    units: Vec<ModelUnit>,
}

impl Writer<'_> {
    fn has(&self, name: &str) -> bool {
        self.kinetics.has(name)
    }

    /// Whether clearance or volumes grow with the weight.
    fn grows(&self) -> bool {
        self.has("clearance_exponent") || self.has("volume_exponent")
    }

    fn unit(&mut self, unit: ModelUnit) -> ModelUnit {
        self.units.push(unit.clone());
        unit
    }

    fn constants(&mut self) -> String {
        let mut lines = Declarations::default();
        for constant in self.drug.constants() {
            self.units.push(constant.unit.clone());
            lines.constant(&constant.name, constant);
        }
        if self.kinetics.has_central() || self.has("absorption_rate") {
            let unit = self.unit(self.kinetics.amount.per_day());
            lines.add("daily_dose", "0", &unit, "steady inflow, per day");
        }
        lines.text()
    }

    fn states(&mut self) -> String {
        let mut lines = Declarations::default();
        let unit = self.unit(self.kinetics.amount.amount());
        if self.has("absorption_rate") {
            lines.add("depot", "0", &unit, "drug in the depot; doses enter here");
        }
        if self.kinetics.has_central() {
            let doses = if self.has("absorption_rate") { "" } else { "; doses enter here" };
            lines.add("amount", "0", &unit, &format!("A: drug in the central compartment{doses}"));
        }
        if self.has("peripheral_volume") || self.has("outward_rate") {
            lines.add("peripheral_amount", "0", &unit, "A2: drug in the peripheral compartment");
        }
        if self.has("deep_volume") {
            lines.add("deep_amount", "0", &unit, "A3: drug in the deep compartment");
        }
        if self.has("induction_maximum") {
            lines.add(
                "induction",
                "1",
                &ModelUnit::ratio(),
                "enzyme that clears the drug, 1 before it is induced",
            );
        }
        lines.text()
    }

    fn rules(&mut self, sensitivities: Option<&Sensitivities>) -> String {
        let mut text = self.size_rules();
        if self.has("distribution_volume") {
            let active = if self.has("active_share") { "active_share*" } else { "" };
            let unit = self.unit(self.kinetics.amount.concentration());
            let expression = format!("{active}amount/{}", self.volume("distribution_volume"));
            text += &rule("concentration", &expression, &unit.name, "C: concentration");
            if self.kinetics.prodrug {
                let comment = "C*E: what acts, in units of the concentration before induction";
                text += &rule("active_concentration", "concentration*induction", &unit.name, comment);
            }
        }
        for strength in self.drug.kill.iter().flat_map(|kill| &kill.strengths) {
            text += &self.strength(strength, sensitivities);
        }
        for effect in &self.drug.effects {
            text += &self.effect(effect);
        }
        text
    }

    /// Clearance, flows and volumes of this patient, where they grow with the weight.
    fn size_rules(&mut self) -> String {
        let mut text = String::new();
        for (key, exponent) in [
            ("clearance", "clearance_exponent"),
            ("renal_clearance", "clearance_exponent"),
            ("saturable_clearance", "clearance_exponent"),
            ("peripheral_flow", "clearance_exponent"),
            ("deep_flow", "clearance_exponent"),
            ("distribution_volume", "volume_exponent"),
            ("peripheral_volume", "volume_exponent"),
            ("deep_volume", "volume_exponent"),
        ] {
            let Some(constant) = self.kinetics.constant(key).filter(|_| self.has(exponent)) else { continue };
            let name = format!("patient_{key}");
            let expression = format!("{key}*(weight/reference_weight)^{exponent}");
            let comment = format!("{} of this patient", key.replace('_', " "));
            text += &rule(&name, &expression, &constant.unit.name, &comment);
        }
        text
    }

    fn sized(&self, key: &str, exponent: &str) -> String {
        if self.has(exponent) { format!("patient_{key}") } else { key.to_string() }
    }

    fn volume(&self, key: &str) -> String {
        self.sized(key, "volume_exponent")
    }

    fn flow(&self, key: &str) -> String {
        self.sized(key, "clearance_exponent")
    }

    fn level(&self) -> &'static str {
        match (self.has("distribution_volume"), self.kinetics.prodrug) {
            (true, true) => "active_concentration",
            (true, false) => "concentration",
            (false, _) => "amount",
        }
    }

    fn strength(&self, strength: &Strength, sensitivities: Option<&Sensitivities>) -> String {
        let (kill, constant) = (&strength.kill.text, &strength.constant.name);
        let card = sensitivities.and_then(|card| card.kill(kill));
        let words = card.map_or(kill.replace('_', " "), |card| card.title.clone());
        let level = self.level();
        let (expression, symbol) = match strength.form {
            Form::LogKill => (format!("{constant}/reference_exposure*{level}"), "log-kill/AUC*C"),
            Form::Saturable => (format!("{constant}*{level}/({level} + half_effect)"), "kmax*C/(C+ec)"),
            Form::Share => {
                let whole = card.and_then(|card| card.of.as_ref()).map_or(kill.clone(), |of| of.text.clone());
                (format!("{constant}*{}", kill_name(&whole)), "share of another kill rate")
            }
        };
        rule(&kill_name(kill), &expression, "per_day", &format!("{symbol}: kill rate of {words}"))
    }

    fn effect(&mut self, effect: &Effect) -> String {
        let (target, level) = (&effect.target.text, self.level());
        let name = effect_name(target, &effect.kind);
        let words = population_words(target).unwrap_or_default();
        match &effect.kind {
            EffectKind::Sensitivity(_) => String::new(),
            EffectKind::LogKill { log_kill, reference_exposure } => {
                let expression = format!("{}/{}*{level}", log_kill.name, reference_exposure.name);
                rule(&name, &expression, "per_day", &format!("log-kill/AUC*C: kill rate of {words}"))
            }
            EffectKind::Saturable { maximum_rate, half_effect } => {
                let expression = format!("{}*{level}/({level} + {})", maximum_rate.name, half_effect.name);
                rule(&name, &expression, "per_day", &format!("kmax*C/(C+ec): kill rate of {words}"))
            }
            EffectKind::Function { half_effect, maximum } => {
                let comment = "level relative to that at half effect";
                let relative = rule(&name, &format!("{level}/{}", half_effect.name), "ratio", comment);
                let part = maximum.as_ref().map(|maximum| {
                    let expression = format!("{}*{name}", maximum.name);
                    rule(STRENGTH, &expression, "ratio", "the same times the largest share blocked")
                });
                relative + &part.unwrap_or_default()
            }
            EffectKind::Block { maximum, half_effect } => {
                let expression = format!("{}*{level}/({level} + {})", maximum.name, half_effect.name);
                let comment = format!("m*C/(C+ec): share of {} that is blocked", target.replace('_', " "));
                rule(&name, &expression, "ratio", &comment)
            }
            EffectKind::Inflow { apparent_volume } => {
                let unit = self.unit(inflow_unit());
                let expression = format!("absorption_rate*depot/{}", apparent_volume.name);
                rule(&name, &expression, &unit.name, "ka*depot/V: drug that reaches the blood")
            }
        }
    }

    fn changes(&self) -> String {
        let mut text = String::new();
        if self.has("absorption_rate") {
            text += "  depot' = daily_dose - absorption_rate*depot;\n";
        }
        if self.kinetics.has_central() {
            text += &format!("  amount' = {};\n", self.central());
        }
        if self.has("outward_rate") {
            text += "  peripheral_amount' = outward_rate*amount - return_rate*peripheral_amount;\n";
        }
        for (volume, flow, state) in COMPARTMENTS {
            if self.has(volume) {
                let (v1, v2) = (self.volume("distribution_volume"), self.volume(volume));
                text += &format!("  {state}' = {}*(amount/{v1} - {state}/{v2});\n", self.flow(flow));
            }
        }
        if self.has("induction_maximum") {
            text += "  induction' = induction_rate*(1 + induction_maximum*concentration/(concentration + induction_half_effect) - induction);\n";
        }
        text
    }

    /// All clearances over the volume: a part that is induced, one that is not, and one that saturates.
    fn cleared(&self, induced: &str) -> String {
        let volume = self.volume("distribution_volume");
        let mut parts = vec![format!("{}{induced}", self.flow("clearance"))];
        if self.has("renal_clearance") {
            parts.push(self.flow("renal_clearance"));
        }
        if self.has("saturable_clearance") {
            let level =
                if self.has("active_share") { format!("amount/{volume}") } else { "concentration".into() };
            let flow = self.flow("saturable_clearance");
            parts.push(format!("{flow}*half_saturation/(half_saturation + {level})"));
        }
        match parts.as_slice() {
            [alone] => format!("{alone}/{volume}"),
            _ => format!("({})/{volume}", parts.join(" + ")),
        }
    }

    /// Rate of change of the central compartment.
    fn central(&self) -> String {
        let input = match (self.has("absorption_rate"), self.has("bioavailability")) {
            (true, true) => "bioavailability*absorption_rate*depot",
            (true, false) => "absorption_rate*depot",
            (false, _) => "daily_dose",
        };
        let induced = if self.has("induction_maximum") { "*induction" } else { "" };
        let eliminated =
            if self.has("clearance") { self.cleared(induced) } else { format!("elimination_rate{induced}") };
        let mut text = if self.has("outward_rate") {
            format!("{input} - ({eliminated} + outward_rate)*amount + return_rate*peripheral_amount")
        } else {
            format!("{input} - {eliminated}*amount")
        };
        for (volume, flow, state) in COMPARTMENTS {
            if self.has(volume) {
                let (v1, v2) = (self.volume("distribution_volume"), self.volume(volume));
                text += &format!(" - {}*(amount/{v1} - {state}/{v2})", self.flow(flow));
            }
        }
        text
    }
}

/// Volume, flow and state of the compartments beside the central one.
const COMPARTMENTS: [(&str, &str, &str); 2] = [
    ("peripheral_volume", "peripheral_flow", "peripheral_amount"),
    ("deep_volume", "deep_flow", "deep_amount"),
];

/// Unit of G-CSF that reaches the blood.
pub(super) fn inflow_unit() -> ModelUnit {
    ModelUnit::new("ng_per_mL_per_day", "ng/mL/day", "1e-6 gram/litre/86400 second")
}
