//! The credibility of a trial's predictions, written after ASME V&V 40 (2018) and the guidance of the FDA on
//! computational models of 2023: the question, what the model is for, how much hangs on it, and what was
//! done to trust it. It is filled from what other commands wrote; what is missing is named.

use std::fmt::Write;

use regraft_trial::trial_file::ArmRole;
use regraft_trial::{Trial, UncertainParameter};
use serde_json::Value;

use crate::calibration::LITTLE;
use crate::library::Library;
use crate::study::given::RELATIVE_TOLERANCE;
use crate::study::{Prepared, number_sources};

/// How much a decision leans on the model, or what a wrong one does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Degree {
    /// Little.
    Low,
    /// Something.
    Medium,
    /// Much.
    High,
}

impl Degree {
    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Degree::Low => "low",
            Degree::Medium => "medium",
            Degree::High => "high",
        }
    }
}

/// What a dossier is made from, beside the trial.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Artefacts {
    /// `scorecard.json` of `regraft validate`.
    pub scorecard: Option<Value>,
    /// `calibration.json` of `regraft calibrate`.
    pub calibration: Option<Value>,
    /// `tests.json` of the repository's tests.
    pub tests: Option<Value>,
    /// How much the decision leans on the model.
    pub influence: Option<Degree>,
    /// What a wrong decision does.
    pub consequence: Option<Degree>,
}

/// A dossier under way.
struct Dossier<'a> {
    trial: &'a Prepared,
    library: &'a Library,
    from: &'a Artefacts,
    text: String,
    missing: Vec<String>,
}

/// The dossier of a trial in Markdown.
pub fn dossier(trial: &Prepared, library: &Library, from: &Artefacts) -> String {
    let mut dossier = Dossier { trial, library, from, text: String::new(), missing: Vec::new() };
    dossier.question();
    dossier.risk();
    dossier.verification();
    dossier.validation();
    dossier.uncertainty();
    dossier.applicability();
    dossier.what_is_missing();
    dossier.text
}

impl Dossier<'_> {
    fn trial(&self) -> &Trial {
        &self.trial.trial
    }

    fn heading(&mut self, text: &str) {
        let _ = writeln!(self.text, "## {text}\n");
    }

    fn line(&mut self, text: &str) {
        let _ = writeln!(self.text, "{text}");
    }

    fn missing(&mut self, text: &str) {
        let _ = writeln!(self.text, "**Missing:** {text}\n");
        self.missing.push(text.to_string());
    }

    fn question(&mut self) {
        let file = &self.trial().file;
        let (title, question) = (file.title.clone(), file.question.clone());
        let arms: Vec<String> = self
            .trial()
            .arms
            .iter()
            .map(|arm| format!("{} ({})", arm.arm.title, arm.regimen.title))
            .collect();
        let population = self.trial().population.title.clone();
        let _ = writeln!(self.text, "# Credibility of the predictions of `{}`\n", self.trial.id);
        self.line(&format!("{title}\n"));
        self.heading("Question of interest");
        self.line(&format!("{question}\n"));
        self.heading("Context of use");
        self.line("For research and the design of trials; never for the treatment of a patient.");
        self.line(&format!("Population: {population}."));
        self.line(&format!("Compared: {}.", arms.join("; ")));
        let horizon = self.trial().file.horizon_days;
        self.line(&format!("Horizon: {:.1} years.\n", horizon / 365.25));
    }

    fn risk(&mut self) {
        self.heading("Model risk");
        match (self.from.influence, self.from.consequence) {
            (Some(influence), Some(consequence)) => {
                let risk = match influence as u8 + consequence as u8 {
                    0 | 1 => Degree::Low,
                    2 => Degree::Medium,
                    _ => Degree::High,
                };
                self.line(&format!(
                    "Influence of the model on the decision: {}. Consequence of a wrong decision: {}. Risk: **{}**.\n",
                    influence.word(),
                    consequence.word(),
                    risk.word()
                ));
            }
            _ => self.missing(
                "how much the decision leans on the model (`--influence`) and what a wrong one does (`--consequence`): only the user knows both",
            ),
        }
    }

    fn verification(&mut self) {
        self.heading("Verification: is the model solved right?");
        let version = env!("CARGO_PKG_VERSION");
        self.line(&format!("* regraft {version}; relative tolerance of the integration {RELATIVE_TOLERANCE:e} and absolute ones by the size of each state; the same seed gives the same bits whatever the threads."));
        self.line("* Trajectories are held against CVODE of libRoadRunner, statistics against R and Python, the model language against its own reference implementation, in the repository's tests.");
        match self.from.tests.clone() {
            Some(tests) => {
                let count = |key: &str| tests[key].as_u64().map_or("?".to_string(), |n| n.to_string());
                self.line(&format!(
                    "* Tests of the repository: {} in Rust and {} in Python passed, {} failed, at version {}.\n",
                    count("rust_passed"),
                    count("python_passed"),
                    count("failed"),
                    tests["version"].as_str().unwrap_or("?")
                ));
            }
            None => self.missing("the counts of the repository's tests (`--tests target/tests.json`, written by `cargo xtask test`)"),
        }
    }

    fn validation(&mut self) {
        self.heading("Validation: does it reproduce what happened?");
        let disease = self.trial().disease.id.text.clone();
        let Some(card) = self.from.scorecard.clone() else {
            self.missing("the scorecard (`--scorecard scorecard.json`, written by `regraft validate`)");
            return;
        };
        self.line("Shares of published numbers inside the 90 % interval of a trial of their size; rows kept for validation were never fitted.\n");
        self.line("| rows | trials | rows inside | mean over trials | median width |\n|---|---|---|---|---|");
        let mut shown = 0;
        for list in ["coverage", "by_disease"] {
            for row in card["summary"][list].as_array().into_iter().flatten() {
                let of = row["of"].as_str().unwrap_or("");
                if list == "by_disease" && !of.contains(disease.as_str()) {
                    continue;
                }
                shown += usize::from(list == "by_disease");
                let percent =
                    |key: &str| row[key].as_f64().map_or("–".into(), |v| format!("{:.0} %", 100.0 * v));
                let width = row["median_width_ratio"].as_f64().map_or("–".into(), |v| format!("{v:.1}"));
                let line = format!(
                    "| {of} | {} | {} of {} ({}) | {} | {width} |",
                    row["trials"],
                    row["inside"],
                    row["rows"],
                    percent("by_row"),
                    percent("by_trial")
                );
                self.line(&line);
            }
        }
        self.line("");
        if !has_validate_rows(&card) {
            self.missing(
                "rows kept for validation in the scorecard: what it holds may have been fitted, and agreement with that is no validation",
            );
        }
        if shown == 0 {
            self.missing(&format!("published numbers of `{disease}` in the scorecard"));
        }
        for row in card["summary"]["between"].as_array().into_iter().flatten() {
            let brier = row["brier"].as_f64().map_or("–".into(), |v| format!("{v:.2}"));
            let line = format!(
                "* Differences between arms, {}: the sign is right in {} of {}; Brier score of the trials' own tests {brier} ({} trials).",
                row["of"].as_str().unwrap_or(""),
                row["sign_right"],
                row["differences"],
                row["trials"]
            );
            self.line(&line);
        }
        self.line("");
    }

    fn uncertainty(&mut self) {
        self.heading("Uncertainty");
        self.line("Numbers of the cards behind this trial, by origin:\n");
        self.line("| origin | numbers |\n|---|---|");
        for (origin, count) in number_sources(self.trial) {
            self.line(&format!("| {origin} | {count} |"));
        }
        self.line("");
        match &self.trial.members {
            Some(members) => {
                let title = members.members().title.clone();
                self.line(&format!("Uncertain parameters of these predictions: {title}.\n"));
            }
            None => self
                .missing("a posterior of the uncertain parameters: these predictions are those of the cards"),
        }
        let Some(calibration) = self.from.calibration.clone() else {
            self.missing("what the published numbers identify (`--calibration calibration.json`, written by `regraft calibrate`)");
            return;
        };
        let acting: Vec<String> = self.acting();
        let rows: Vec<&Value> =
            calibration["identified"]["parameters"].as_array().into_iter().flatten().collect();
        let own = rows.iter().filter(|row| acting.iter().any(|name| row["name"] == name.as_str()));
        let (mut known, mut prior) = (Vec::new(), Vec::new());
        for row in own {
            let title = row["title"].as_str().unwrap_or("").to_string();
            let shrinkage = row["shrinkage"].as_f64().unwrap_or(0.0);
            if shrinkage >= LITTLE { known.push((title, shrinkage)) } else { prior.push(title) }
        }
        known.sort_by(|a, b| b.1.total_cmp(&a.1));
        let known: Vec<String> = known
            .into_iter()
            .map(|(title, shrinkage)| format!("{title} ({:.0} %)", 100.0 * shrinkage))
            .collect();
        self.line(&format!(
            "Of the uncertain parameters that act here published numbers say something of {} (shrinkage): {}.\n",
            known.len(),
            if known.is_empty() { "none".to_string() } else { known.join("; ") }
        ));
        self.line(&format!(
            "**Rests on what was believed, not on data** ({} parameters): {}.\n",
            prior.len(),
            if prior.is_empty() { "none".to_string() } else { prior.join("; ") }
        ));
    }

    /// Names of the uncertain parameters that act in the trial.
    fn acting(&self) -> Vec<String> {
        match &self.trial.members {
            Some(members) => {
                let parameters = &members.members().parameters;
                members.acting().into_iter().map(|at| parameters[at].name.text.clone()).collect()
            }
            None => {
                let trial = &self.trial.trial;
                let given: Vec<&str> = trial.drugs.keys().map(String::as_str).collect();
                let acts = |parameter: &&UncertainParameter| {
                    parameter.acts_in(&trial.disease.id.text, given.iter().copied())
                };
                let own = self.library.uncertain_parameters().filter(acts);
                own.map(|parameter| parameter.name.text.clone()).collect()
            }
        }
    }

    fn applicability(&mut self) {
        self.heading("Applicability: is the evidence of this context?");
        self.line("| arm | role | evidence of its therapy in this disease | published rows beside it |\n|---|---|---|---|");
        let mut without = Vec::new();
        for (index, arm) in self.trial.trial.arms.iter().enumerate() {
            let grade = self.trial.trial.grade(arm);
            let word =
                grade.map_or("none: extrapolated".into(), |grade| crate::report::grade::word(&grade.grade));
            let beside: usize = self
                .trial
                .analyses
                .iter()
                .map(|plan| plan.published.iter().filter(|(of, ..)| *of == index).count())
                .sum();
            let role = if arm.arm.role == ArmRole::Studied { "studied" } else { "comparator" };
            let _ = writeln!(self.text, "| {} | {role} | {word} | {beside} |", arm.arm.title);
            if grade.is_none() || beside == 0 {
                without.push(arm.arm.title.clone());
            }
        }
        self.line("");
        if !without.is_empty() {
            self.missing(&format!("evidence of this context for: {}", without.join("; ")));
        }
    }

    fn what_is_missing(&mut self) {
        self.heading("What is missing");
        let missing = std::mem::take(&mut self.missing);
        if missing.is_empty() {
            self.line("Nothing that this dossier asks for.");
        }
        for one in missing {
            self.line(&format!("* {one}"));
        }
    }
}

/// Whether a scorecard holds rows that were never fitted.
fn has_validate_rows(card: &Value) -> bool {
    let coverage = card["summary"]["coverage"].as_array().into_iter().flatten();
    coverage.into_iter().any(|row| row["of"] == "validate" && row["rows"].as_u64().unwrap_or(0) > 0)
}

#[cfg(test)]
mod tests;
