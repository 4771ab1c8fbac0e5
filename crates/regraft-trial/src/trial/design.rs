//! Checks of a trial's design: its endpoint is analysed, its arms are there, its test suits.

use regraft_model::Diagnostic;

use super::{Search, Trial};
use crate::codes;
use crate::endpoint::{Endpoint, EndpointKind};
use crate::reader::with_nearest;
use crate::trial_file::{Design, RescueRule, Test};

impl Search<'_> {
    pub(super) fn check_design(&mut self, trial: &Trial) {
        let Some(design) = &trial.file.design else { return };
        for name in design.treated.iter().chain(&design.control) {
            self.check_arm(trial, name);
        }
        if let (Some(treated), Some(control)) = (&design.treated, &design.control)
            && treated.text == control.text
        {
            let message = format!("arm `{}` is compared with itself", control.text);
            self.error(codes::CONTRADICTION, control.span, message);
        }
        for mark in &design.rescue_marks {
            self.check_mark(mark);
        }
        self.check_design_endpoint(trial, design);
        self.check_idle(design);
    }

    /// Keys that the test of the design does not know.
    fn check_idle(&mut self, design: &Design) {
        let Some(test) = design.test else { return };
        if let (Some(_), false) = (design.at_day, test.looks_at_a_day()) {
            let message = format!("`at_day` does nothing for `{}`, which looks at all times", test.word());
            self.error(codes::CONTRADICTION, design.span, message);
        }
        if design.rescue == Some(RescueRule::Failure) && !test.looks_at_events() {
            let message =
                format!("`rescue = \"failure\"` means nothing for `{}`, which has no event", test.word());
            self.error(codes::CONTRADICTION, design.span, message);
        }
    }

    fn check_design_endpoint(&mut self, trial: &Trial, design: &Design) {
        let Some(name) = &design.endpoint else { return };
        let analysed = |id: &str| trial.file.analyses.iter().any(|analysis| analysis.endpoint.text == id);
        if !analysed(&name.text) {
            let message = format!("no analysis of this trial looks at the endpoint `{}`", name.text);
            let problem = Diagnostic::error(codes::UNKNOWN_ENDPOINT, name.span, message);
            let known = trial.file.analyses.iter().map(|analysis| analysis.endpoint.text.as_str());
            self.problems.push(with_nearest(problem, &name.text, known));
            return;
        }
        let endpoint = trial.endpoints.get(&name.text);
        if let (Some(test), Some(endpoint)) = (design.test, endpoint)
            && !test.suits(endpoint)
        {
            let message = format!("`{}` does not suit the endpoint `{}`", test.word(), name.text);
            let known = Test::all_that_suit(endpoint).join(", ");
            let problem = Diagnostic::error(codes::CONTRADICTION, name.span, message);
            self.problems.push(problem.with_help(format!("what suits it: {known}")));
        }
    }
}

impl Test {
    /// Whether an endpoint gives what the test needs.
    pub fn suits(self, endpoint: &Endpoint) -> bool {
        match self {
            Test::LogRank | Test::Cox | Test::FineGray => {
                matches!(endpoint.kind, EndpointKind::TimeToEvent { .. })
            }
            Test::ChiSquare | Test::Logistic => {
                matches!(endpoint.kind, EndpointKind::TimeToEvent { .. } | EndpointKind::Proportion { .. })
            }
            Test::Mmrm => matches!(endpoint.kind, EndpointKind::Change { .. } | EndpointKind::Mean { .. }),
            Test::NegativeBinomial => matches!(endpoint.kind, EndpointKind::AnnualRate { .. }),
        }
    }

    /// Whether it compares what is seen on one day.
    pub fn looks_at_a_day(self) -> bool {
        matches!(self, Test::ChiSquare | Test::Logistic | Test::Mmrm)
    }

    /// Whether it asks whether, or when, a patient has an event.
    pub fn looks_at_events(self) -> bool {
        !matches!(self, Test::Mmrm | Test::NegativeBinomial)
    }

    /// Words of all tests that suit an endpoint.
    pub fn all_that_suit(endpoint: &Endpoint) -> Vec<&'static str> {
        Test::ALL.into_iter().filter(|test| test.suits(endpoint)).map(Test::word).collect()
    }
}
