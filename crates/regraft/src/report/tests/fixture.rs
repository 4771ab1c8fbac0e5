//! Data for drawing only: plausible shapes by formula, no output of any model.

use crate::findings::{ArmCount, CiKind, Finding, Findings, Published, Verdict};
use crate::report::data::*;
use crate::report::words::{MONTH_DAYS, YEAR_DAYS};

/// An estimate with its intervals; everything else plain.
pub fn finding(endpoint: &str, title: &str, arm: &str, day: f64, role: &str, direction: &str) -> Finding {
    Finding {
        endpoint: endpoint.to_owned(),
        title: title.to_owned(),
        definition: format!("{title}, as the trial counted it"),
        method: if direction == "benefit" { "kaplan_meier" } else { "cumulative_incidence" }.to_owned(),
        arm: arm.to_owned(),
        versus: None,
        time_days: Some(day),
        estimate: None,
        ci_low: None,
        ci_high: None,
        ci_level: 0.95,
        unit: "percent".to_owned(),
        predicted_low: None,
        predicted_high: None,
        parts: None,
        published: Vec::new(),
        verdict: Verdict::NotJudged,
        reason: None,
        role: role.to_owned(),
        direction: direction.to_owned(),
        n: 1000,
    }
}

trait Fill {
    fn with(self, value: f64, error: f64, trial: f64) -> Self;
    fn in_unit(self, unit: &str) -> Self;
    fn against(self, arm: &str) -> Self;
    fn beside(self, source: &str, value: f64, interval: Option<(f64, f64)>, kind: CiKind) -> Self;
}

impl Fill for Finding {
    fn with(mut self, value: f64, error: f64, trial: f64) -> Self {
        let percent = self.unit == "percent" && self.versus.is_none();
        let held = |end: f64| if percent { end.clamp(0.0, 100.0) } else { end };
        self.estimate = Some(value);
        (self.ci_low, self.ci_high) = (Some(held(value - error)), Some(held(value + error)));
        (self.predicted_low, self.predicted_high) = (Some(held(value - trial)), Some(held(value + trial)));
        self
    }

    fn in_unit(mut self, unit: &str) -> Self {
        self.unit = unit.to_owned();
        self
    }

    fn against(mut self, arm: &str) -> Self {
        self.versus = Some(arm.to_owned());
        self
    }

    fn beside(mut self, source: &str, value: f64, interval: Option<(f64, f64)>, kind: CiKind) -> Self {
        self.published.push(Published {
            trial_id: source.to_owned(),
            arm_id: self.arm.clone(),
            outcome: String::new(),
            line: 2,
            n: None,
            value,
            ci_low: interval.map(|pair| pair.0),
            ci_high: interval.map(|pair| pair.1),
            ci_level: interval.map(|_| 0.95),
            ci_kind: kind,
            source: source.to_owned(),
            note: String::new(),
        });
        self.verdict = match (interval, self.estimate) {
            (Some((low, high)), Some(value)) if low <= value && value <= high => Verdict::Inside,
            (Some(_), Some(_)) => Verdict::Outside,
            _ => Verdict::NotJudged,
        };
        self
    }
}

fn published(arm: &str, day: f64, value: f64, interval: Option<(f64, f64)>, source: &str) -> PublishedPoint {
    PublishedPoint {
        arm: arm.to_owned(),
        day,
        value,
        low: interval.map(|pair| pair.0),
        high: interval.map(|pair| pair.1),
        ci_kind: if interval.is_some() { CiKind::Wilson } else { CiKind::None },
        source: source.to_owned(),
    }
}

/// A curve that moves at visits every half year from `first` on, saturating at `end` percent.
fn curve(arm: &str, first: f64, end: f64, rate: f64, trial: usize) -> CurveArm {
    let mut days = Vec::new();
    let mut estimate = Vec::new();
    for step in 0..400 {
        let day = f64::from(step) * 5.0 * YEAR_DAYS / 400.0;
        let visits = ((day - first) / 182.6).max(-1.0).floor() + 1.0;
        let into = ((day - first).rem_euclid(182.6) / 40.0).min(1.0);
        let done = (visits - 1.0 + into).max(0.0);
        days.push(day);
        estimate.push(if day < first { 0.0 } else { end * (1.0 - (-rate * done).exp()) });
    }
    banded(arm, days, estimate, 1000, trial)
}

fn banded(arm: &str, days: Vec<f64>, estimate: Vec<f64>, cohort: usize, trial: usize) -> CurveArm {
    let side = |n: usize, sign: f64| -> Vec<f64> {
        let spread = |p: f64| 196.0 * ((p / 100.0) * (1.0 - p / 100.0) / n as f64).sqrt();
        estimate.iter().map(|&p| (p + sign * spread(p)).clamp(0.0, 100.0)).collect()
    };
    let at_risk = (0..=5).map(|year| {
        let day = f64::from(year) * YEAR_DAYS;
        let place = days.partition_point(|&known| known < day).min(estimate.len() - 1);
        let free = 1.0 - (estimate[place] / 100.0).min(1.0);
        let free = if estimate[0] > 50.0 { 1.0 - free } else { free };
        let left = 1.0 - 0.2 * f64::from(year);
        (day, (cohort as f64 * free) as usize, Some((trial as f64 * free * left) as usize))
    });
    CurveArm {
        arm: arm.to_owned(),
        low: side(cohort, -1.0),
        high: side(cohort, 1.0),
        predicted_low: side(trial, -1.0),
        predicted_high: side(trial, 1.0),
        at_risk: at_risk.collect(),
        days,
        estimate,
    }
}

fn score(arm: &str, start: f64, drop: f64, rise: f64) -> CurveArm {
    let days: Vec<f64> = (0..=10).map(|visit| f64::from(visit) * 182.6).collect();
    let estimate: Vec<f64> = days
        .iter()
        .map(|day| start - drop * (1.0 - (-day / 90.0).exp()) + rise * (1.0 - (-day / 800.0).exp()))
        .collect();
    let near = |off: f64| estimate.iter().map(|value| value + off).collect();
    CurveArm {
        arm: arm.to_owned(),
        low: near(-0.05),
        high: near(0.05),
        predicted_low: near(-0.22),
        predicted_high: near(0.22),
        at_risk: Vec::new(),
        days,
        estimate,
    }
}

fn fan(lab: &str, title: &str, unit: &str, before: f64, lowest: f64, back_days: f64) -> Fan {
    let log_scale = matches!(lab, "anc" | "platelets");
    let days: Vec<f64> = (-8..=15)
        .map(f64::from)
        .chain((1..=120).map(|step| 15.0 + (5.0 * YEAR_DAYS - 15.0) * (f64::from(step) / 120.0).powi(3)))
        .collect();
    let level = |day: f64| {
        let fall = 1.0 / (1.0 + ((day + 1.0) * 1.4).exp());
        let rise = if day < 3.0 { 0.0 } else { 1.0 - (-((day - 3.0) / back_days).powi(2)).exp() };
        lowest + (before - lowest) * (fall + (1.0 - fall) * rise)
    };
    let spread = [0.62, 0.84, 1.0, 1.18, 1.5];
    Fan {
        arm: "hsct".to_owned(),
        lab: lab.to_owned(),
        title: title.to_owned(),
        unit: unit.to_owned(),
        log_scale,
        threshold: match lab {
            "anc" => Some(0.5),
            "platelets" => Some(20.0),
            _ => None,
        },
        quantiles: days.iter().map(|&day| spread.map(|times| times * level(day))).collect(),
        days,
        before: Some(before),
        measured: match lab {
            "anc" => vec![published("hsct", 9.0, 0.5, None, "Traynor 2000")],
            "cd4" => vec![published("hsct", 730.0, 388.0, None, "Storek 2008")],
            _ => Vec::new(),
        },
    }
}

fn step(kind: &str, text: &str, days: &[f64]) -> Step {
    Step {
        kind: kind.to_owned(),
        text: text.to_owned(),
        days: days.to_vec(),
        until_day: None,
        by_rule: false,
    }
}

fn arms() -> Vec<Arm> {
    let hsct = vec![
        step("mobilise", "Cyclophosphamide 2 g/m²", &[-35.0]),
        Step { until_day: Some(-24.0), ..step("mobilise", "G-CSF 10 µg/kg/day", &[-30.0]) },
        step("collect", "Apheresis, at least 2 × 10⁶ CD34+/kg", &[-25.0, -24.0]),
        step("condition", "Cyclophosphamide 50 mg/kg/day × 4", &[-5.0, -4.0, -3.0, -2.0]),
        step("condition", "Rabbit ATG 6 mg/kg over 5 days", &[-5.0, -4.0, -3.0, -2.0, -1.0]),
        step("cover", "Methylprednisolone 1 g with each ATG dose", &[-5.0, -4.0, -3.0, -2.0, -1.0]),
        step("infuse", "Own stem cells, unselected", &[0.0]),
        Step {
            by_rule: true,
            until_day: Some(12.0),
            ..step("support", "G-CSF 5 µg/kg/day until ANC has recovered", &[5.0])
        },
        Step { by_rule: true, ..step("rule", "Relapse: methylprednisolone 1 g × 3", &[]) },
    ];
    let dmt = vec![
        Step {
            until_day: Some(5.0 * YEAR_DAYS),
            ..step("treat", "Continued disease-modifying drug of at least the same efficacy", &[0.0])
        },
        Step { by_rule: true, ..step("rule", "Relapse: methylprednisolone 1 g × 3", &[]) },
    ];
    let arm = |id: &str, title: &str, short: &str, role: &str, graft: Option<f64>, steps| Arm {
        id: id.to_owned(),
        title: title.to_owned(),
        role: role.to_owned(),
        regimen: title.to_owned(),
        graft_day: graft,
        steps,
        n_published: Some(55),
        short: Some(short.to_owned()),
    };
    vec![
        arm(
            "hsct",
            "Transplant, cyclophosphamide 200 mg/kg + ATG",
            "Transplant",
            "studied",
            Some(48.0),
            hsct,
        ),
        arm("dmt", "Continued drugs", "Drugs", "comparator", None, dmt),
    ]
}

fn findings() -> Findings {
    use CiKind::{None as NoInterval, Printed, Wilson};
    let five = 5.0 * YEAR_DAYS;
    let year = YEAR_DAYS;
    let f = finding;
    let progression = "Confirmed progression";
    let findings =
        vec![
            f("progression", progression, "hsct", five, "primary", "harm").with(22.7, 2.6, 17.0).beside(
                "MIST",
                10.0,
                Some((4.9, 21.0)),
                Wilson,
            ),
            f("progression", progression, "dmt", five, "primary", "harm").with(91.3, 1.8, 9.0),
            f("progression", progression, "hsct", five, "primary", "harm")
                .against("dmt")
                .with(-68.6, 2.8, 13.4),
            f("progression", progression, "hsct", five, "primary", "harm")
                .in_unit("hazard_ratio")
                .against("dmt")
                .with(0.08, 0.01, 0.05)
                .beside("MIST", 0.07, Some((0.02, 0.24)), Printed),
            f("relapse_free", "Relapse-free", "hsct", five, "benefit", "benefit")
                .with(73.1, 2.7, 11.0)
                .beside("Burt 2021", 80.1, Some((76.0, 83.7)), Wilson),
            f("relapse_free", "Relapse-free", "dmt", five, "benefit", "benefit").with(8.2, 1.7, 7.0),
            f("relapse_free", "Relapse-free", "hsct", five, "benefit", "benefit")
                .against("dmt")
                .with(64.9, 3.2, 13.5),
            f("neda", "NEDA-3", "hsct", five, "benefit", "benefit").with(61.8, 3.0, 13.0).beside(
                "MIST",
                78.0,
                Some((65.0, 87.0)),
                Wilson,
            ),
            f("neda", "NEDA-3", "dmt", five, "benefit", "benefit").with(0.0, 0.0, 0.0),
            f("neda", "NEDA-3", "hsct", five, "benefit", "benefit").against("dmt").with(61.8, 3.0, 14.0),
            f("fever", "Febrile neutropenia", "hsct", 30.0, "harm", "harm").with(57.7, 3.1, 12.8).beside(
                "Silfverberg 2024",
                68.0,
                Some((61.0, 74.5)),
                Wilson,
            ),
            f("fever", "Febrile neutropenia", "dmt", 30.0, "harm", "harm").with(1.9, 0.8, 3.4),
            f("toxicity", "Organ toxicity, grade 3 to 4", "hsct", 30.0, "harm", "harm").with(20.5, 2.5, 10.6),
            f("toxicity", "Organ toxicity, grade 3 to 4", "dmt", 30.0, "harm", "harm").with(0.0, 0.0, 0.0),
            f("autoimmunity", "New autoimmune disease", "hsct", five, "harm", "harm")
                .with(9.3, 1.8, 7.5)
                .beside("Daikeler 2011", 9.8, Some((7.1, 13.4)), Wilson),
            f("autoimmunity", "New autoimmune disease", "dmt", five, "harm", "harm").with(2.6, 1.0, 4.0),
            f("death", "Death from any cause", "hsct", 100.0, "harm", "harm").with(0.2, 0.2, 0.9),
            f("death", "Death from any cause", "dmt", 100.0, "harm", "harm").with(0.1, 0.1, 0.7),
            f("death", "Death from any cause", "hsct", five, "harm", "harm").with(1.3, 0.7, 3.0).beside(
                "MIST",
                0.0,
                Some((0.0, 6.5)),
                Wilson,
            ),
            f("death", "Death from any cause", "dmt", five, "harm", "harm").with(1.1, 0.6, 2.7),
            f("edss", "Mean EDSS", "hsct", year, "other", "harm")
                .in_unit("EDSS")
                .with(2.66, 0.05, 0.21)
                .beside("MIST", 2.36, None, NoInterval),
            f("edss", "Mean EDSS", "dmt", year, "other", "harm")
                .in_unit("EDSS")
                .with(4.19, 0.04, 0.2)
                .beside("MIST", 3.98, None, NoInterval),
            f("edss_change", "EDSS change", "hsct", year, "benefit", "harm")
                .in_unit("EDSS")
                .against("dmt")
                .with(-1.53, 0.03, 0.13)
                .beside("MIST", -1.7, Some((-2.03, -1.29)), Printed),
            f("anc", "Day of neutrophils above 0.5 G/L, median", "hsct", 0.0, "engraftment", "benefit")
                .in_unit("days")
                .with(8.5, 0.5, 1.0)
                .beside("Traynor 2000", 9.0, None, NoInterval),
            f("relapse_rate", "Relapses per patient-year", "hsct", five, "other", "harm")
                .in_unit("per_year")
                .with(0.09, 0.01, 0.04),
            Finding {
                reason: Some("no patient of the cohort was grafted twice".to_owned()),
                ..f("regraft", "Second graft", "hsct", five, "other", "harm")
            },
        ];
    let count = |id: &str, title: &str, failed| ArmCount {
        id: id.to_owned(),
        title: title.to_owned(),
        n: 1000,
        failed,
    };
    Findings {
        trial: "mist".to_owned(),
        seed: 7,
        version: "0.1.0".to_owned(),
        arms: vec![count("hsct", "Transplant", 3), count("dmt", "Continued drugs", 0)],
        findings,
    }
}

fn curves() -> Vec<CurveFigure> {
    let mist =
        |year: f64, value, low, high| published("hsct", year * YEAR_DAYS, value, Some((low, high)), "MIST");
    let figure = |endpoint: &str, title: &str, method: &str, first, arms, published| CurveFigure {
        endpoint: endpoint.to_owned(),
        title: title.to_owned(),
        definition: format!("{title} as the trial counted it, at visits"),
        method: method.to_owned(),
        level: 0.95,
        earliest_day: first,
        arms,
        published,
    };
    let survival = |mut arm: CurveArm| {
        for values in
            [&mut arm.estimate, &mut arm.low, &mut arm.high, &mut arm.predicted_low, &mut arm.predicted_high]
        {
            values.iter_mut().for_each(|value| *value = 100.0 - *value);
        }
        std::mem::swap(&mut arm.low, &mut arm.high);
        std::mem::swap(&mut arm.predicted_low, &mut arm.predicted_high);
        arm
    };
    vec![
        figure(
            "progression",
            "Confirmed progression",
            "% of patients, 1 − Kaplan–Meier as in the publication",
            Some(12.0 * MONTH_DAYS),
            vec![curve("hsct", 340.0, 26.0, 0.25, 55), curve("dmt", 340.0, 91.5, 0.7, 55)],
            vec![
                mist(1.0, 1.8, 0.4, 9.6),
                mist(2.0, 1.8, 0.4, 9.6),
                mist(3.0, 5.2, 1.7, 14.2),
                mist(4.0, 9.7, 4.6, 20.8),
                mist(5.0, 9.7, 4.6, 20.8),
                published("dmt", 2.0 * YEAR_DAYS, 50.0, None, "MIST, median"),
            ],
        ),
        figure(
            "relapse_free",
            "Free of relapse",
            "% of patients, Kaplan–Meier",
            None,
            vec![survival(curve("hsct", 20.0, 31.0, 0.18, 55)), survival(curve("dmt", 20.0, 93.0, 0.4, 55))],
            vec![published("hsct", 5.0 * YEAR_DAYS, 80.1, Some((76.0, 83.7)), "Burt 2021")],
        ),
        figure(
            "autoimmunity",
            "New autoimmune disease",
            "% of patients, Aalen–Johansen",
            None,
            vec![curve("hsct", 60.0, 10.0, 0.2, 55), curve("dmt", 60.0, 3.0, 0.2, 55)],
            vec![published("hsct", 5.0 * YEAR_DAYS, 9.8, Some((7.1, 13.4)), "Daikeler 2011")],
        ),
    ]
}

fn lanes() -> Vec<PatientLanes> {
    let lane = |arm: &str, patient: u64, drift: f64, relapses: u64| {
        let score = (0..=60).map(|month| {
            let day = f64::from(month) * MONTH_DAYS;
            (day, (3.5 + drift * day / YEAR_DAYS).clamp(1.0, 6.5))
        });
        let mut events: Vec<(f64, String, String)> = Vec::new();
        for relapse in 0..relapses {
            let day = (patient as f64 * 37.0 + relapse as f64 * 311.0) % 1800.0;
            events.push((day, "relapse".to_owned(), "Relapse".to_owned()));
            events.push((day + 3.0, "pulse".to_owned(), "Methylprednisolone 1 g × 3".to_owned()));
        }
        for lesion in 0..relapses * 5 {
            events.push((
                (patient as f64 * 91.0 + lesion as f64 * 77.0) % 1820.0,
                "lesion".to_owned(),
                String::new(),
            ));
        }
        if arm == "hsct" {
            events.push((48.0, "graft".to_owned(), "Graft".to_owned()));
            events.push((54.0, "infection".to_owned(), "Febrile neutropenia".to_owned()));
        }
        events.push((200.0 + patient as f64, "infection".to_owned(), "Infection".to_owned()));
        PatientLane { arm: arm.to_owned(), score: score.collect(), events }
    };
    [(899, 5), (749, 25), (815, 50), (1027, 75), (922, 95)]
        .into_iter()
        .map(|(patient, percentile)| {
            let mut arms = vec![
                lane(
                    "hsct",
                    patient,
                    0.3 - f64::from(percentile) * 0.006,
                    2_u64.saturating_sub(percentile as u64 / 40),
                ),
                lane("dmt", patient, 0.5, 2 + percentile as u64 / 20),
            ];
            if percentile == 75 {
                arms[0].events.push((700.0, "autoimmunity".to_owned(), "Thyroid".to_owned()));
                arms[1].events.push((1500.0, "death".to_owned(), "Death".to_owned()));
            }
            PatientLanes {
                patient,
                description: "34 years, woman, EDSS 3.5, 2 relapses in the year before".to_owned(),
                chosen: format!("percentile {percentile} of gain"),
                arms,
            }
        })
        .collect()
}

/// Two arms, everything filled.
pub fn mist() -> ReportData {
    let grade = |therapy: &str, grade: &str, why: &str| Grade {
        therapy: therapy.to_owned(),
        grade: grade.to_owned(),
        why: why.to_owned(),
    };
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    ReportData {
        findings: findings(),
        title: "Transplantation against continued drugs in relapsing MS".to_owned(),
        question: "In relapsing multiple sclerosis that is active despite treatment, does transplantation after cyclophosphamide 200 mg/kg and ATG prevent disability better than continued drugs?".to_owned(),
        disease: "Relapsing multiple sclerosis".to_owned(),
        horizon_days: 5.0 * YEAR_DAYS,
        time_zero: "randomisation, as published".to_owned(),
        analysis_set: "intention to treat, with mobilisation failures and deaths before the graft".to_owned(),
        command: "regraft run mist --patients 1000 --seed 7".to_owned(),
        arms: arms(),
        visits: "EDSS every 6 months, MRI every 12".to_owned(),
        curves: curves(),
        scores: vec![ScoreFigure {
            score: "edss".to_owned(),
            title: "EDSS".to_owned(),
            range: (1.0, 6.0),
            arms: vec![score("hsct", 3.4, 1.0, 0.9), score("dmt", 3.4, 0.0, 2.2)],
            published: vec![
                published("hsct", 0.0, 3.38, None, "MIST"),
                published("hsct", YEAR_DAYS, 2.36, None, "MIST"),
                published("dmt", 0.0, 3.31, None, "MIST"),
                published("dmt", YEAR_DAYS, 3.98, None, "MIST"),
            ],
        }],
        fans: vec![
            fan("anc", "Neutrophils", "G/L", 4.2, 0.06, 9.0),
            fan("platelets", "Platelets", "G/L", 250.0, 14.0, 16.0),
            fan("cd4", "CD4", "cells/µL", 850.0, 40.0, 900.0),
            fan("naive_cd4", "Naive CD4", "cells/µL", 400.0, 3.0, 1500.0),
            fan("cd8", "CD8", "cells/µL", 500.0, 30.0, 150.0),
            fan("cd19", "CD19", "cells/µL", 200.0, 2.0, 220.0),
            fan("treg", "Treg share", "% of CD4", 6.0, 4.0, 40.0),
            fan("igg", "IgG", "g/L", 11.0, 7.0, 1000.0),
        ],
        lanes: lanes(),
        lanes_rule: "the 5th, 25th, 50th, 75th and 95th percentile of EDSS on drugs minus EDSS after transplant at 5 years".to_owned(),
        screened: 1342,
        not_entered: vec![("No relapse in the year before".to_owned(), 231), ("EDSS outside 2.0 to 6.0".to_owned(), 111)],
        entered: 1000,
        failures: (0..3)
            .map(|failure| FailedPatient {
                patient: 39 + failure * 116,
                arm: "hsct".to_owned(),
                day: 3.25,
                cause: "the step size fell below the smallest allowed".to_owned(),
            })
            .collect(),
        grades: vec![
            grade("transplant, Cy 200 + ATG, relapsing MS", "strong_moderate", "one randomised trial of 110 patients against mostly older drugs"),
            grade("against modern high-efficacy drugs", "moderate", "observational; not simulated here"),
            grade("in progressive MS", "negative", "no effect seen"),
            grade("in children", "none", "no trial"),
        ],
        assumptions: texts(&[
            "Tolerance parameters are fitted to relapse curves of groups; no single patient identifies them",
            "One generic drug stands for the comparator arm",
            "No drop-out beyond that of the trial",
        ]),
        number_sources: vec![
            ("read".to_owned(), 24),
            ("calibrated".to_owned(), 66),
            ("remembered".to_owned(), 21),
            ("assumed".to_owned(), 18),
        ],
        how_split: String::new(),
        files: [("trials/mist.toml", 'a'), ("diseases/multiple_sclerosis_relapsing", 'b'), ("evidence/outcomes.csv", 'c')]
            .into_iter()
            .map(|(name, digit)| (name.to_owned(), digit.to_string().repeat(64)))
            .collect(),
        not_simulated: texts(&["fertility", "secondary cancer", "cost"]),
        misses: texts(&["All 227 who progressed after transplant are among the 232 whose autoreactive memory came back: the clone survives too often"]),
        decisions: vec![
            DecisionCount { arm: "hsct".to_owned(), rule: "G-CSF until ANC above 0.5 G/L".to_owned(), acted: 998, patients: 998 },
            DecisionCount { arm: "dmt".to_owned(), rule: "Relapse: methylprednisolone pulse".to_owned(), acted: 3120, patients: 917 },
        ],
        published_size: "55 a side".to_owned(),
        primary_verb: Some("progressed".to_owned()),
        visit_days: (1..=10).map(|visit| f64::from(visit) * 182.6).collect(),
        source_names: Vec::new(),
    }
}

/// Two arms without what a run may leave out: no short names, no verb, no differences in percent,
/// outcomes of one arm only, a rule without an end, a follow-up that is no whole number of years.
pub fn bare() -> ReportData {
    let mut data = mist();
    data.horizon_days = 1875.0;
    data.primary_verb = None;
    data.arms.iter_mut().for_each(|arm| arm.short = None);
    data.time_zero = "Time counts from randomisation. The published hazard ratio compares the randomised groups, so both clocks start at randomisation; a clock that starts at the graft in one arm alone would give that arm time in which nobody can progress.".to_owned();
    data.findings.findings.retain(|finding| finding.unit != "percent" || finding.versus.is_none());
    data.findings.findings.retain(|finding| finding.endpoint != "fever" || finding.arm == "hsct");
    let competing = |finding: &Finding| Finding {
        title: "Confirmed progression, death competing".to_owned(),
        method: "aalen_johansen".to_owned(),
        role: "benefit".to_owned(),
        published: Vec::new(),
        ..finding.clone()
    };
    let more: Vec<Finding> = data.findings.findings[..2].iter().map(competing).collect();
    data.findings.findings.extend(more);
    for year in 1..5 {
        let at =
            |finding: &Finding| Finding { time_days: Some(f64::from(year) * YEAR_DAYS), ..finding.clone() };
        let early: Vec<Finding> = data.findings.findings[..2].iter().map(at).collect();
        data.findings.findings.splice(0..0, early);
    }
    let ratio = data.findings.findings.iter_mut().find(|finding| finding.unit == "hazard_ratio");
    ratio.expect("the fixture has one").title = "Progression, transplant against drugs".to_owned();
    data.findings.findings.push(Finding {
        time_days: Some(145.0),
        ..finding("trm", "Death by day 100 after the graft", "hsct", 145.0, "harm", "harm")
            .with(0.4, 0.3, 1.9)
    });
    for number in 0..4 {
        let mut copy = data.curves[1 + number % 2].clone();
        copy.endpoint = format!("copy_{number}");
        copy.title = format!("Endpoint number {number}");
        data.curves.push(copy);
    }
    for arm in &mut data.arms {
        for step in arm.steps.iter_mut().filter(|step| step.kind == "rule") {
            (step.days, step.until_day) = (vec![0.0], Some(1875.0 - arm.graft_day.unwrap_or(0.0)));
        }
    }
    data.visits =
        "EDSS at months 6, 12, 18, 24, 30, 36, 42, 48, 54, 60; new lesions at months 6, 12, 24, 36, 48, 60"
            .to_owned();
    data.visit_days = (0..=10).map(|visit| f64::from(visit) * 182.625).collect();
    data
}

/// One arm, event-free survival, as in a single-arm trial; 90 % intervals.
pub fn halt() -> ReportData {
    use CiKind::Printed;
    let five = 5.0 * YEAR_DAYS;
    let mut data = mist();
    let falling = |end: f64| {
        let days: Vec<f64> = (0..=200).map(|step| f64::from(step) * five / 200.0).collect();
        let estimate = days.iter().map(|day| end + (100.0 - end) * (-day / 700.0).exp()).collect();
        banded("beam", days, estimate, 1000, 24)
    };
    type Endpoint<'a> = (&'a str, &'a str, f64, f64, (f64, f64));
    let endpoints: [Endpoint<'_>; 3] = [
        ("event_free", "Event-free survival", 60.0, 69.2, (50.2, 82.1)),
        ("relapse_free", "Relapse-free survival", 84.0, 86.9, (69.5, 94.7)),
        ("progression_free", "Progression-free survival", 66.0, 91.3, (74.7, 97.2)),
    ];
    data.findings.trial = "halt_ms".to_owned();
    data.findings.arms =
        vec![ArmCount { id: "beam".to_owned(), title: "BEAM + ATG".to_owned(), n: 1000, failed: 0 }];
    data.findings.findings = endpoints
        .iter()
        .map(|(id, title, end, value, interval)| {
            finding(id, title, "beam", five, "primary", "benefit").with(end + 3.0, 2.9, 18.0).beside(
                "HALT-MS",
                *value,
                Some(*interval),
                Printed,
            )
        })
        .collect();
    data.findings
        .findings
        .push(finding("fever", "Febrile neutropenia", "beam", 30.0, "harm", "harm").with(81.0, 2.0, 15.0));
    data.findings
        .findings
        .push(finding("death", "Death from any cause", "beam", five, "harm", "harm").with(2.2, 0.9, 6.0));
    data.curves = endpoints
        .iter()
        .map(|(id, title, end, value, interval)| CurveFigure {
            endpoint: (*id).to_owned(),
            title: (*title).to_owned(),
            definition: format!("no event of {title}"),
            method: "% of patients, Kaplan–Meier".to_owned(),
            level: 0.9,
            earliest_day: None,
            arms: vec![falling(*end)],
            published: vec![PublishedPoint {
                ci_kind: Printed,
                ..published("beam", five, *value, Some(*interval), "HALT-MS")
            }],
        })
        .collect();
    let mut arm = data.arms.swap_remove(0);
    (arm.id, arm.title, arm.short) =
        ("beam".to_owned(), "BEAM + ATG, CD34-selected graft".to_owned(), Some("BEAM + ATG".to_owned()));
    arm.graft_day = Some(0.0);
    data.arms = vec![arm];
    data.fans.iter_mut().for_each(|fan| fan.arm = "beam".to_owned());
    for patient in &mut data.lanes {
        patient.arms.truncate(1);
        patient.arms[0].arm = "beam".to_owned();
    }
    data.scores.clear();
    data.failures.clear();
    data.misses.clear();
    data.decisions.clear();
    data.primary_verb = None;
    data.title = "BEAM + ATG in relapsing MS".to_owned();
    data.question =
        "How many patients stay without an event for five years after BEAM, ATG and a CD34-selected graft?"
            .to_owned();
    data.time_zero = "graft, as published".to_owned();
    data.published_size = "24".to_owned();
    data.command = "regraft run halt_ms --patients 1000 --seed 7".to_owned();
    data
}

/// Nothing at all.
pub fn empty() -> ReportData {
    let mut data = mist();
    data.findings.findings.clear();
    data.findings.arms.clear();
    data.arms.clear();
    data.curves.clear();
    data.scores.clear();
    data.fans.clear();
    data.lanes.clear();
    data.not_entered.clear();
    data.failures.clear();
    data.grades.clear();
    data.assumptions.clear();
    data.number_sources.clear();
    data.files.clear();
    data.not_simulated.clear();
    data.misses.clear();
    data.decisions.clear();
    data.visit_days.clear();
    (data.screened, data.entered) = (0, 0);
    data.published_size.clear();
    data.visits.clear();
    data
}
