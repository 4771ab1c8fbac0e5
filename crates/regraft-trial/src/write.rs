//! Cards written as TOML: what a search has found becomes files like those written by hand. What is written here is
//! read to the same card, but for places in the text and free notes.

use std::fmt::Write;

use crate::days::repeated;
use crate::quantity::{Ladder, Number, Provenance, SWITCH, Setting, SettingValue};
use crate::regimen::{Choice, DayZero, Regimen, RuleTrigger, Start, Step, TreatmentRule};
use crate::trial_file::{Analysis, AnalysisRole, AnalysisSet, Arm, ArmRole, TrialFile, Visits};

/// A regimen card; values that are drawn per patient do not stand in regimens and are left out.
pub fn regimen(card: &Regimen) -> String {
    let mut out = Page::default();
    out.text("id", &card.id.text);
    out.text("title", &card.title);
    out.maybe("plain", card.plain.as_deref());
    out.text("therapy", &card.therapy.text);
    out.text("day_zero", if card.day_zero == DayZero::Graft { "graft" } else { "start" });
    out.maybe("summary", card.summary.as_deref());
    card.steps.iter().for_each(|step| write_step(&mut out, step));
    card.rules.iter().for_each(|rule| write_rule(&mut out, rule));
    out.text
}

/// A trial file, without what is set beside it from the evidence: published values, sizes, follow-up; and without its
/// `[search]` and `[design]`, which belong to the trial it was made from.
pub fn trial(file: &TrialFile) -> String {
    let mut out = Page::default();
    out.text("id", &file.id.text);
    out.text("title", &file.title);
    out.text("question", &file.question);
    out.maybe("summary", file.summary.as_deref());
    out.text("disease", &file.disease.text);
    out.text("population", &file.population.text);
    out.key("horizon_days", &number(file.horizon_days));
    out.text("time_zero", file.time_zero.word());
    out.maybe("why_time_zero", file.why_time_zero.as_deref());
    let grafted = file.analysis_set == AnalysisSet::Grafted;
    out.text("analysis_set", if grafted { "grafted" } else { "intention_to_treat" });
    out.provenance(file.provenance.as_ref());
    file.arms.iter().for_each(|arm| write_arm(&mut out, arm));
    write_visits(&mut out, &file.visits);
    file.analyses.iter().for_each(|analysis| write_analysis(&mut out, analysis));
    out.text
}

fn write_arm(out: &mut Page, arm: &Arm) {
    out.head("[[arm]]");
    out.text("id", &arm.id.text);
    out.text("title", &arm.title);
    out.text("role", if arm.role == ArmRole::Studied { "studied" } else { "comparator" });
    out.text("regimen", &arm.regimen.text);
    out.maybe("product", arm.product.as_ref().map(|product| product.text.as_str()));
    out.key("day_zero_at", &number(arm.day_zero_at));
    out.maybe("why_day_zero_at", arm.why_day_zero_at.as_deref());
}

fn write_visits(out: &mut Page, visits: &Visits) {
    out.head("[visits]");
    out.key("score_days", &numbers(&visits.score_days));
    out.key("imaging_days", &numbers(&visits.imaging_days));
    if !visits.labs.is_empty() {
        let lab = |lab: &crate::trial_file::LabVisits| {
            let [from, to, every] = [lab.from_day, lab.to_day, lab.every_days].map(number);
            format!("{{ from_day = {from}, to_day = {to}, every_days = {every} }}")
        };
        let labs: Vec<String> = visits.labs.iter().map(lab).collect();
        out.key("labs", &format!("[{}]", labs.join(", ")));
    }
}

fn write_analysis(out: &mut Page, analysis: &Analysis) {
    out.head("[[analysis]]");
    out.text("endpoint", &analysis.endpoint.text);
    out.text("method", analysis.method.word());
    let role = match analysis.role {
        AnalysisRole::Primary => "primary",
        AnalysisRole::Benefit => "benefit",
        AnalysisRole::Harm => "harm",
        AnalysisRole::Engraftment => "engraftment",
    };
    out.text("role", role);
    out.maybe("title", analysis.title.as_deref());
    if !analysis.arms.is_empty() {
        let arms: Vec<String> = analysis.arms.iter().map(|arm| quoted(&arm.text)).collect();
        out.key("arms", &format!("[{}]", arms.join(", ")));
    }
    out.maybe("versus", analysis.versus.as_ref().map(|versus| versus.text.as_str()));
    if !analysis.at_days.is_empty() {
        out.key("at_days", &numbers(&analysis.at_days));
    }
    if analysis.as_published {
        out.key("as_published", "true");
    }
    out.key("level", &number(analysis.level));
}

fn write_step(out: &mut Page, step: &Step) {
    out.head("[[step]]");
    out.maybe("id", step.id.as_ref().map(|id| id.text.as_str()));
    out.text("kind", step.kind.word());
    out.maybe("label", step.label.as_deref());
    out.maybe("drug", step.drug.as_ref().map(|drug| drug.text.as_str()));
    out.days(&step.days);
    out.quantity("dose", step.dose.as_ref());
    out.number("infusion_hours", step.infusion_hours);
    out.number("until_day", step.until_day);
    if !step.one_of.is_empty() {
        out.key("one_of", &choices(&step.one_of));
    }
    out.settings(&step.set);
    out.flag("needs_graft", step.needs_graft);
    out.provenance(step.provenance.as_ref());
}

fn write_rule(out: &mut Page, rule: &TreatmentRule) {
    out.head("[[rule]]");
    out.text("id", &rule.id.text);
    out.text("title", &rule.title);
    match &rule.trigger {
        Some(RuleTrigger::Event(event)) => out.text("on_event", &event.text),
        Some(RuleTrigger::EveryDays(every)) => out.key("every_days", &number(*every)),
        None => {}
    }
    out.number("from_day", rule.from_day);
    out.number("to_day", rule.to_day);
    out.maybe("when", rule.when.as_ref().map(|when| when.text.as_str()));
    out.maybe("until", rule.until.as_ref().map(|until| until.text.as_str()));
    if !rule.give.is_empty() {
        let give: Vec<String> = rule.give.iter().map(given).collect();
        out.key("give", &format!("[{}]", give.join(", ")));
    }
    match &rule.start {
        Some(Start::Drug { drug, dose }) => {
            let dose = dose.as_ref().map(|dose| format!(", dose = {}", quantity(dose))).unwrap_or_default();
            out.key("start", &format!("{{ drug = {}{dose} }}", quoted(&drug.text)));
        }
        Some(Start::OneOf(options)) => out.key("start", &format!("{{ one_of = {} }}", choices(options))),
        Some(Start::Regimen(name)) => out.key("start", &format!("{{ regimen = {} }}", quoted(&name.text))),
        None => {}
    }
    if !rule.stop.is_empty() {
        let stop: Vec<String> = rule.stop.iter().map(|name| quoted(&name.text)).collect();
        out.key("stop", &format!("[{}]", stop.join(", ")));
    }
    out.settings(&rule.set);
    out.flag("needs_graft", rule.needs_graft);
    out.maybe("marks", rule.marks.as_ref().map(|marks| marks.text.as_str()));
    if rule.refractory_days != 0.0 {
        out.key("refractory_days", &number(rule.refractory_days));
    }
    if let Some(most) = rule.max_times {
        out.key("max_times", &most.to_string());
    }
    out.provenance(rule.provenance.as_ref());
}

fn given(dose: &crate::regimen::RuleDose) -> String {
    let mut parts = vec![format!("drug = {}", quoted(&dose.drug.text))];
    parts.extend(dose.dose.as_ref().map(|dose| format!("dose = {}", quantity(dose))));
    if dose.after_days != [0.0] {
        parts.push(format!("after_days = {}", numbers(&dose.after_days)));
    }
    parts.extend(dose.infusion_hours.map(|hours| format!("infusion_hours = {}", number(hours))));
    format!("{{ {} }}", parts.join(", "))
}

fn choices(options: &[Choice]) -> String {
    let one = |choice: &Choice| {
        let dose = choice.dose.as_ref().map(|dose| format!(", dose = {}", quantity(dose)));
        let (drug, weight) = (quoted(&choice.drug.text), number(choice.weight));
        format!("{{ drug = {drug}, weight = {weight}{} }}", dose.unwrap_or_default())
    };
    format!("[{}]", options.iter().map(one).collect::<Vec<_>>().join(", "))
}

/// A number with unit and source, as a card writes it.
fn quantity(number: &Number) -> String {
    entry("value", number, &format!(", unit = {}", quoted(&number.unit)))
}

fn entry(key: &str, of: &Number, unit: &str) -> String {
    let why = of.why.as_ref().map(|why| format!(", why = {}", quoted(why))).unwrap_or_default();
    format!("{{ {key} = {}{unit}, source = {}{why} }}", number(of.value), quoted(&of.source))
}

fn ladder_entry(ladder: &Ladder) -> String {
    let values: Vec<f64> = ladder.rungs.iter().map(|rung| rung.value).collect();
    let of = &ladder.rungs[0];
    let why = of.why.as_ref().map(|why| format!(", why = {}", quoted(why))).unwrap_or_default();
    let (step, unit) = (if ladder.down { "down" } else { "up" }, quoted(&of.unit));
    let source = quoted(&of.source);
    format!("{{ ladder = {}, step = \"{step}\", unit = {unit}, source = {source}{why} }}", numbers(&values))
}

/// The shortest text that is read to the same number.
fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 { format!("{value:.0}") } else { format!("{value:?}") }
}

fn numbers(values: &[f64]) -> String {
    format!("[{}]", values.iter().map(|value| number(*value)).collect::<Vec<_>>().join(", "))
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut safe = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => safe.push_str("\\\""),
            '\\' => safe.push_str("\\\\"),
            '\n' => safe.push_str("\\n"),
            '\t' => safe.push_str("\\t"),
            '\r' => safe.push_str("\\r"),
            letter => safe.push(letter),
        }
    }
    safe.push('"');
    safe
}

/// A text in the making.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn key(&mut self, key: &str, value: &str) {
        writeln!(self.text, "{key} = {value}").expect("a String takes every write");
    }

    fn head(&mut self, head: &str) {
        writeln!(self.text, "\n{head}").expect("a String takes every write");
    }

    fn text(&mut self, key: &str, text: &str) {
        self.key(key, &quoted(text));
    }

    fn maybe(&mut self, key: &str, text: Option<&str>) {
        text.into_iter().for_each(|text| self.text(key, text));
    }

    fn number(&mut self, key: &str, value: Option<f64>) {
        value.into_iter().for_each(|value| self.key(key, &number(value)));
    }

    fn quantity(&mut self, key: &str, of: Option<&Number>) {
        of.into_iter().for_each(|of| self.key(key, &quantity(of)));
    }

    fn flag(&mut self, key: &str, value: Option<bool>) {
        value.into_iter().for_each(|value| self.key(key, if value { "true" } else { "false" }));
    }

    fn provenance(&mut self, of: Option<&Provenance>) {
        if let Some(of) = of {
            self.text("source", &of.source);
            self.maybe("why", of.why.as_deref());
        }
    }

    /// Days that repeat as such, others one by one.
    fn days(&mut self, days: &[f64]) {
        if let [first, second, .., last] = *days {
            let every = second - first;
            if days.len() > 3 && every > 0.0 && repeated(first, last, every).as_deref() == Ok(days) {
                self.key("from_day", &number(first));
                self.key("to_day", &number(last));
                return self.key("every_days", &number(every));
            }
        }
        self.key("days", &numbers(days));
    }

    fn settings(&mut self, settings: &[Setting]) {
        let one = |setting: &Setting| {
            let value = match &setting.value {
                SettingValue::Fixed(fixed) if fixed.source == SWITCH => number(fixed.value),
                SettingValue::Fixed(fixed) => quantity(fixed),
                SettingValue::Times(times) => entry("times", times, ""),
                SettingValue::Ladder(ladder) => ladder_entry(ladder),
                SettingValue::PerPatient(_) => return None,
            };
            Some(format!("{} = {value}", quoted(&setting.target.text)))
        };
        let all: Vec<String> = settings.iter().filter_map(one).collect();
        if !all.is_empty() {
            self.key("set", &format!("{{ {} }}", all.join(", ")));
        }
    }
}

#[cfg(test)]
mod tests;
