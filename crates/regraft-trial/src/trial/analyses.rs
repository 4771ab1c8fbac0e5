//! Checks of analyses: arms, methods, what endpoints measure, published rows.

use regraft_model::Diagnostic;

use super::{Search, Trial};
use crate::codes;
use crate::endpoint::{Clock, Endpoint, EndpointKind, EventKind, Measured};
use crate::name::Name;
use crate::reader::with_nearest;
use crate::trial_file::{Analysis, Method, PublishedRef};

impl Search<'_> {
    pub(super) fn check_analyses(&mut self, trial: &Trial) {
        for analysis in &trial.file.analyses {
            self.check_arms(trial, analysis);
            if let Some(endpoint) = trial.endpoints.get(&analysis.endpoint.text) {
                self.check_method(analysis, endpoint);
                self.check_clock(trial, analysis, endpoint);
            }
            for published in &analysis.published {
                self.check_published(trial, published);
            }
        }
        self.check_design(trial);
        for endpoint in trial.endpoints.values() {
            self.check_measures(trial, endpoint);
        }
    }

    fn check_arms(&mut self, trial: &Trial, analysis: &Analysis) {
        for name in analysis.arms.iter().chain(&analysis.versus) {
            self.check_arm(trial, name);
        }
        if let Some(versus) = &analysis.versus
            && analysis.arms.iter().any(|arm| arm.text == versus.text)
        {
            let message = format!("arm `{}` is compared with itself", versus.text);
            self.error(codes::CONTRADICTION, versus.span, message);
        }
    }

    pub(super) fn check_arm(&mut self, trial: &Trial, name: &Name) {
        let mut known = trial.file.arms.iter().map(|arm| arm.id.text.as_str());
        if !known.any(|id| id == name.text) {
            let problem =
                Diagnostic::error(codes::UNKNOWN_ARM, name.span, format!("unknown arm `{}`", name.text));
            let known = trial.file.arms.iter().map(|arm| arm.id.text.as_str());
            self.problems.push(with_nearest(problem, &name.text, known));
        }
    }

    fn check_method(&mut self, analysis: &Analysis, endpoint: &Endpoint) {
        let fits = match analysis.method {
            Method::KaplanMeier
            | Method::KaplanMeierComplement
            | Method::CumulativeIncidence
            | Method::HazardRatio
            | Method::MedianDay => matches!(endpoint.kind, EndpointKind::TimeToEvent { .. }),
            Method::MeanChange => matches!(endpoint.kind, EndpointKind::Change { .. }),
            Method::Mean => matches!(endpoint.kind, EndpointKind::Mean { .. }),
            Method::AnnualRate | Method::RateRatio => {
                matches!(endpoint.kind, EndpointKind::AnnualRate { .. })
            }
            Method::Proportion => {
                matches!(endpoint.kind, EndpointKind::Proportion { .. } | EndpointKind::TimeToEvent { .. })
            }
        };
        if !fits {
            let (method, id) = (analysis.method.word(), &endpoint.id.text);
            self.error(
                codes::CONTRADICTION,
                analysis.span,
                format!("`{method}` does not suit the endpoint `{id}`"),
            );
        }
    }

    /// A clock that starts at the graft in one arm and elsewhere in the other gives immortal time.
    fn check_clock(&mut self, trial: &Trial, analysis: &Analysis, endpoint: &Endpoint) {
        if endpoint.clock != Clock::DayZero {
            return;
        }
        let counted = |id: &str| {
            analysis.arms.is_empty() || analysis.arms.iter().chain(&analysis.versus).any(|arm| arm.text == id)
        };
        let days: Vec<f64> = trial
            .arms
            .iter()
            .filter(|arm| counted(&arm.arm.id.text))
            .map(|arm| arm.arm.day_zero_at)
            .collect();
        if days.iter().any(|day| *day != days[0]) {
            let message =
                format!("`{}` counts from day zero, which differs between these arms", endpoint.id.text);
            let problem = Diagnostic::error(codes::CLOCKS, analysis.span, message);
            self.problems
                .push(problem.with_help("analyse one arm, or let the endpoint count from time zero"));
        }
    }

    fn check_published(&mut self, trial: &Trial, published: &PublishedRef) {
        if let Some(arm) = &published.arm {
            return self.check_arm(trial, arm);
        }
        if trial.published_arm(published).is_none() {
            let row = format!("{}/{}", published.row.trial_id.text, published.row.arm_id.text);
            let message = format!("no arm of this trial has the evidence `{row}`");
            let problem = Diagnostic::error(codes::UNKNOWN_ARM, published.row.span, message);
            self.problems.push(problem.with_help("name the arm: `arm = \"…\"`"));
        }
    }

    fn check_measures(&mut self, trial: &Trial, endpoint: &Endpoint) {
        if let Some(of) = endpoint.kind.measured() {
            self.check_measured(trial, of);
        }
        for rule in endpoint.kind.rules() {
            match &rule.kind {
                EventKind::ScoreChange { score, .. } => self.check_score(trial, score),
                EventKind::Threshold { of, .. } => self.check_measured(trial, of),
                EventKind::NewCount { count, .. } => {
                    let known: Vec<&Name> = trial.disease.counts.iter().map(|count| &count.name).collect();
                    self.check_measure(count, "count", &known);
                }
                EventKind::Decision { marks } => self.check_mark(marks),
                _ => {}
            }
        }
    }

    fn check_measured(&mut self, trial: &Trial, of: &Measured) {
        match of {
            Measured::Score(score) => self.check_score(trial, score),
            Measured::Lab(lab) => {
                let known: Vec<&Name> = trial.disease.labs.iter().map(|lab| &lab.name).collect();
                self.check_measure(lab, "laboratory value", &known);
            }
            Measured::Observable(_) => {}
        }
    }

    fn check_score(&mut self, trial: &Trial, score: &Name) {
        let known: Vec<&Name> = trial.disease.scores.iter().map(|score| &score.name).collect();
        self.check_measure(score, "score", &known);
    }

    fn check_measure(&mut self, name: &Name, word: &str, known: &[&Name]) {
        if !name.is_missing() && !known.iter().any(|one| one.text == name.text) {
            let message = format!("unknown {word} `{}`", name.text);
            let problem = Diagnostic::error(codes::UNKNOWN_MEASURE, name.span, message);
            self.problems.push(with_nearest(problem, &name.text, known.iter().map(|one| one.text.as_str())));
        }
    }

    /// A mark must be made by some rule of the library; a trial whose regimens never make it just never sees it.
    pub(super) fn check_mark(&mut self, marks: &Name) {
        let rules = self.cards.regimens.values().flat_map(|regimen| &regimen.rules);
        let known: Vec<&str> =
            rules.filter_map(|rule| rule.marks.as_ref()).map(|mark| mark.text.as_str()).collect();
        if !marks.is_missing() && !known.contains(&marks.text.as_str()) {
            let message = format!("no rule makes the mark `{}`", marks.text);
            let problem = Diagnostic::error(codes::UNKNOWN_MARK, marks.span, message);
            self.problems.push(with_nearest(problem, &marks.text, known));
        }
    }
}

impl Trial {
    /// Position of the arm beside which a published value stands: the arm it names, else the arm
    /// whose `evidence` is the row's trial and arm.
    pub fn published_arm(&self, published: &PublishedRef) -> Option<usize> {
        let row = format!("{}/{}", published.row.trial_id.text, published.row.arm_id.text);
        self.file.arms.iter().position(|arm| match &published.arm {
            Some(name) => arm.id.text == name.text,
            None => arm.evidence.as_ref().is_some_and(|evidence| evidence.text == row),
        })
    }
}
