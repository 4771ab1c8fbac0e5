//! `[design]` and `[search]` of a trial in words; their numbers stand with all others, each with its source.

use regraft_trial::search::{Aim, Change, Measure, Selection, Values, Variable};
use regraft_trial::trial_file::{Design, FollowUpRule, RescueRule, SpendingRule, TrialFile};

use super::names::{method, spaced};
use crate::words::{short, time};

/// How the trial would be run and analysed; empty where the file does not say it.
pub fn design(file: &TrialFile) -> Vec<String> {
    let Some(design) = &file.design else { return Vec::new() };
    let mut lines = vec![analysis(design)];
    lines.extend(error(design));
    lines.extend(patients(design));
    lines.extend(visits(design));
    lines.extend(looks(design));
    lines.extend(changes(design));
    lines.retain(|line| !line.is_empty());
    lines.push("what is not written is assumed, and `regraft design` says so".into());
    lines
}

fn analysis(design: &Design) -> String {
    let mut parts = Vec::new();
    parts.extend(design.endpoint.as_ref().map(|endpoint| endpoint.text.clone()));
    parts.extend(design.test.map(|test| spaced(test.word())));
    parts.extend(design.inference.map(|inference| format!("by {}", spaced(inference.word()))));
    let arms = design.treated.as_ref().zip(design.control.as_ref());
    parts.extend(arms.map(|(treated, control)| format!("{} against {}", treated.text, control.text)));
    parts.extend(design.at_day.map(|day| format!("compared at {}", time(day))));
    parts.join(", ")
}

fn error(design: &Design) -> Option<String> {
    let sides = design.sides.map(|sides| if sides == 1 { " on one side" } else { " on two sides" });
    let alpha = design.alpha.map(|alpha| format!("type I error {}", percent(alpha)));
    match (alpha, sides) {
        (Some(alpha), sides) => Some(format!("{alpha}{}", sides.unwrap_or_default())),
        (None, Some(sides)) => Some(format!("tested{sides}")),
        (None, None) => None,
    }
}

fn patients(design: &Design) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(design.patients_per_year.map(|rate| format!("{} patients enter in a year", short(rate))));
    lines.extend(
        design.allocation.map(|(treated, control)| format!("{treated} treated to {control} control")),
    );
    let days = design.follow_up_days.map(short);
    let follow_up = match (design.follow_up, days) {
        (Some(FollowUpRule::CommonClose), Some(days)) => {
            Some(format!("everyone is followed until {days} days after the last entry"))
        }
        (_, Some(days)) => Some(format!("each patient is followed for {days} days")),
        (Some(FollowUpRule::CommonClose), None) => Some("everyone is followed until a common close".into()),
        _ => None,
    };
    lines.extend(follow_up);
    lines.extend(design.drop_out_per_year.map(|hazard| {
        let share = 1.0 - (-hazard).exp();
        format!("hazard of leaving {} a year: {} leave in one", short(hazard), percent(share))
    }));
    lines
}

fn visits(design: &Design) -> Vec<String> {
    let missed = design.missed_visits.map(|share| format!("{} of the visits are missed", percent(share)));
    let window = design
        .visit_window_days
        .map(|days| format!("a visit lies within {} days of its planned day", short(days)));
    missed.into_iter().chain(window).collect()
}

fn looks(design: &Design) -> Option<String> {
    let like = match design.spending {
        Some(SpendingRule::Pocock) => "Pocock",
        _ => "O'Brien and Fleming",
    };
    (!design.looks.is_empty()).then(|| {
        format!(
            "looks at {} of the information, error spent as {like}",
            design.looks.iter().map(|share| percent(*share)).collect::<Vec<_>>().join(", ")
        )
    })
}

fn changes(design: &Design) -> Vec<String> {
    let mut lines = Vec::new();
    if !design.rescue_marks.is_empty() {
        let marks: Vec<&str> = design.rescue_marks.iter().map(|mark| mark.text.as_str()).collect();
        let rule = match design.rescue {
            Some(RescueRule::Censor) => "what is seen after it does not count",
            Some(RescueRule::Failure) => "it counts as failure",
            _ => "whatever is given counts",
        };
        lines.push(format!("rescue ({}): {rule}", marks.join(", ")));
    }
    lines.extend(design.cross_over_per_year.map(|hazard| {
        let from = design.cross_over_from_day.map(|day| format!(", from day {} on", short(day)));
        format!(
            "controls change to the studied treatment at a hazard of {} a year{}",
            short(hazard),
            from.unwrap_or_default()
        )
    }));
    lines
}

fn percent(share: f64) -> String {
    format!("{} %", short((1000.0 * share).round() / 10.0))
}

/// What may be varied and by what it is judged; empty where the file does not say it.
pub fn search(file: &TrialFile) -> Vec<String> {
    let Some(space) = &file.search else { return Vec::new() };
    let mut lines = vec![format!("varied: the regimen of arm {}", space.arm.text)];
    lines.extend(space.variables.iter().map(variable));
    lines.extend(
        space.constraints.iter().map(|one| format!("must hold: {} ({})", one.name.text, one.when.text)),
    );
    lines.extend(space.objectives.iter().map(|one| {
        let aim = if one.aim == Aim::Maximize { "to be raised" } else { "to be lowered" };
        let what = match &one.measure {
            Measure::Formula(formula) => formula.text.clone(),
            Measure::Endpoint { endpoint, method: how, at_day } => {
                let how = how.map(|how| format!(", {}", method(how))).unwrap_or_default();
                let day = at_day.map(|day| format!(", at {}", time(day))).unwrap_or_default();
                format!("{}{how}{day}", endpoint.text)
            }
        };
        format!("{aim}: {}, {} ({what})", one.name.text, one.title)
    }));
    let beside = space.compare.iter().map(|one| {
        let product = one.product.as_ref().map(|product| format!(" with {}", product.text));
        format!("{}{}", one.regimen.text, product.unwrap_or_default())
    });
    let beside: Vec<String> = beside.collect();
    lines.push(match beside.as_slice() {
        [] => "beside: the regimens of the library's trials in this disease".to_string(),
        some => format!("beside: {}", some.join(", ")),
    });
    lines
}

fn variable(one: &Variable) -> String {
    let change = match &one.change {
        Change::Dose => "is each dose".to_string(),
        Change::DoseTimes => "multiplies each dose".into(),
        Change::ShiftDays => "moves days later".into(),
        Change::Repeats => "is the number of times".into(),
        Change::EveryDays => "is the distance of days".into(),
        Change::StretchTimes => "multiplies the length".into(),
        Change::Given => "given or left out".into(),
        Change::Set(name) => format!("sets {}", name.text),
        Change::SetTimes(name) => format!("multiplies {}", name.text),
        Change::Product => "chooses the product".into(),
    };
    let unit = one.unit.as_ref().map_or(one.change.unit(), |unit| unit.text.as_str());
    let values = match &one.values {
        Values::Products(products) => {
            let names: Vec<&str> = products.iter().map(|name| name.text.as_str()).collect();
            format!("one of {}", names.join(", "))
        }
        Values::Range { low, high, step } => {
            let step = if *step > 0.0 { format!(" in steps of {}", short(*step)) } else { String::new() };
            format!("{} to {}{step} {unit}", short(*low), short(*high)).trim_end().to_string()
        }
    };
    format!("{}: {}; {change}, {values}{}", one.name.text, one.title, of(&one.of))
}

fn of(selection: &Selection) -> String {
    let names = |list: &[regraft_trial::name::Name]| {
        list.iter().map(|name| name.text.clone()).collect::<Vec<_>>().join(", ")
    };
    let mut parts = Vec::new();
    for (word, list) in
        [("steps", &selection.steps), ("drugs", &selection.drugs), ("rules", &selection.rules)]
    {
        if !list.is_empty() {
            parts.push(format!("{word} {}", names(list)));
        }
    }
    if !selection.kinds.is_empty() {
        let kinds: Vec<&str> = selection.kinds.iter().map(|kind| kind.word()).collect();
        parts.push(format!("steps that {}", kinds.join(", ")));
    }
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join("; ")) }
}
