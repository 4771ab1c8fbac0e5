//! What the other cards say in words: steps and rules, entry conditions, measures, events.

use regraft::report::grade_word;
use regraft_trial::Card;
use regraft_trial::disease::Disease;
use regraft_trial::drug::{Drug, GiveMode};
use regraft_trial::endpoint::{
    Clock, Direction, Endpoint, EndpointKind, EventKind, EventRule, Measured, Side, Toward,
};
use regraft_trial::population::Population;
use regraft_trial::product::Product;
use regraft_trial::quantity::Number;
use regraft_trial::regimen::{Choice, Regimen, RuleTrigger, Start, Step, TreatmentRule};
use regraft_trial::sensitivities::Sensitivities;

use super::section;
use crate::words::{series, short};

/// The words of a card that is no trial.
pub fn words_of(card: &Card) -> String {
    match card {
        Card::Disease(card) => disease(card),
        Card::Population(card) => population(card),
        Card::Sensitivities(card) => sensitivities(card),
        Card::Drug(card) => drug(card),
        Card::Product(card) => product(card),
        Card::Regimen(card) => regimen(card),
        Card::Endpoint(card) => endpoint(card),
        Card::Trial(_) => String::new(),
    }
}

fn disease(card: &Disease) -> String {
    let scores = card.scores.iter().map(|one| format!("{}: {} (score)", one.name.text, one.title));
    let counts = card.counts.iter().map(|one| format!("{}: {} (count)", one.name.text, one.title));
    let labs = card.labs.iter().map(|one| format!("{}: {} in {}", one.name.text, one.title, one.unit));
    let grades: Vec<String> = card
        .grades
        .iter()
        .map(|one| {
            let source = one.source.as_ref().map(|source| format!(" [{source}]")).unwrap_or_default();
            format!("{}: {} ({}){source}", one.therapy.text, grade_word(&one.grade), one.why)
        })
        .collect();
    section("model", std::slice::from_ref(&card.model.text))
        + &section("measured", &scores.chain(counts).chain(labs).collect::<Vec<_>>())
        + &section("how well therapies are proven", &grades)
        + &section("assumptions", &card.assumptions)
        + &section("not simulated", &card.not_simulated)
}

fn population(card: &Population) -> String {
    let entry: Vec<String> =
        card.eligible.iter().map(|one| format!("{}: {}", one.name.text, one.when.text)).collect();
    let limit = format!("at most {} are screened per patient found", card.max_screened_per_patient);
    section("disease", std::slice::from_ref(&card.disease.text))
        + &section("who may enter, asked in this order", &[entry, vec![limit]].concat())
}

fn drug(card: &Drug) -> String {
    let (target, unit) = (&card.give.target.text, &card.give.unit.text);
    let unit = if unit.is_empty() { String::new() } else { format!(" in {unit}") };
    let words = match card.give.mode {
        GiveMode::Add => format!("is added to {target}{unit}"),
        GiveMode::Set => format!("sets {target}{unit} while it is given, 0 afterwards"),
    };
    section("a dose", &[words])
}

fn sensitivities(card: &Sensitivities) -> String {
    let kills = card.kills.iter().map(|kill| {
        let of = kill.of.as_ref().map(|of| format!(", a share of {}", of.text)).unwrap_or_default();
        format!("{}: {}{of}", kill.name.text, kill.title)
    });
    let cells = card
        .cells
        .iter()
        .map(|cell| format!("{}: {} of {}", cell.population.text, short(cell.value.middle), cell.of.text));
    section("kill rates, to which a drug gives its strength", &kills.collect::<Vec<_>>())
        + &section("sensitivity of the populations", &cells.collect::<Vec<_>>())
}

fn product(card: &Product) -> String {
    let about = format!("{} from {}, donor: {}", card.kind, card.source_tissue, card.donor);
    let tests: Vec<String> =
        card.release.iter().map(|one| format!("{}: {}", one.name.text, one.when.text)).collect();
    section("cells", &[about]) + &section("release tests; where one fails there is no graft", &tests)
}

fn regimen(card: &Regimen) -> String {
    section("steps; days count from day zero", &card.steps.iter().map(step).collect::<Vec<_>>())
        + &section("rules", &card.rules.iter().map(rule).collect::<Vec<_>>())
}

fn step(step: &Step) -> String {
    let what = match &step.drug {
        Some(drug) => format!(", {}{}", drug.text, dose(step.dose.as_ref())),
        None if step.one_of.is_empty() => String::new(),
        None => format!(", {}", one_of(&step.one_of)),
    };
    let over = step.infusion_hours.map(|hours| format!(" over {} h", short(hours))).unwrap_or_default();
    let until = step.until_day.map(|day| format!(" until day {}", short(day))).unwrap_or_default();
    let label = step.label.as_ref().map(|label| format!(", {label}")).unwrap_or_default();
    let kind = step.kind.word().replace('_', " ");
    format!("day {}: {kind}{label}{what}{over}{until}", series(&step.days))
}

fn dose(dose: Option<&Number>) -> String {
    dose.map(|dose| format!(" {} {}", short(dose.value), dose.unit).trim_end().to_string())
        .unwrap_or_default()
}

/// `one of natalizumab 21 %, …`.
fn one_of(choices: &[Choice]) -> String {
    let sum: f64 = choices.iter().map(|choice| choice.weight).sum();
    let share = |choice: &Choice| format!("{} {:.0} %", choice.drug.text, 100.0 * choice.weight / sum);
    format!("one of {}", choices.iter().map(share).collect::<Vec<_>>().join(", "))
}

fn rule(rule: &TreatmentRule) -> String {
    let mut parts = vec![match &rule.trigger {
        Some(RuleTrigger::Event(event)) => format!("at {}", event.text),
        Some(RuleTrigger::EveryDays(1.0)) => "daily".to_string(),
        Some(RuleTrigger::EveryDays(days)) => format!("every {} days", short(*days)),
        None => String::new(),
    }];
    parts.extend(rule.from_day.map(|day| format!("from day {}", short(day))));
    parts.extend(rule.to_day.map(|day| format!("to day {}", short(day))));
    parts.extend(rule.when.as_ref().map(|when| format!("if {}", when.text)));
    parts.extend(rule.until.as_ref().map(|until| format!("until {}", until.text)));
    parts.extend(rule.stop.iter().map(|drug| format!("stop {}", drug.text)));
    parts.extend(rule.give.iter().map(|given| {
        let after = match given.after_days.as_slice() {
            [] | [0.0] => String::new(),
            days => format!(" after {} days", series(days)),
        };
        format!("give {}{}{after}", given.drug.text, dose(given.dose.as_ref()))
    }));
    parts.extend(rule.start.as_ref().map(|start| match start {
        Start::Drug { drug, dose: written } => format!("start {}{}", drug.text, dose(written.as_ref())),
        Start::OneOf(choices) => format!("start {}", one_of(choices)),
        Start::Regimen(regimen) => format!("start the regimen {}", regimen.text),
    }));
    parts.extend(rule.max_times.map(|times| match times {
        1 => "once".to_string(),
        times => format!("at most {times} times"),
    }));
    parts.extend(rule.marks.as_ref().map(|mark| format!("noted as {}", mark.text)));
    parts.retain(|part| !part.is_empty());
    format!("{}: {}; {}", rule.id.text, rule.title, parts.join(", "))
}

fn endpoint(card: &Endpoint) -> String {
    let kind = match &card.kind {
        EndpointKind::TimeToEvent { .. } => "time to the first event".to_string(),
        EndpointKind::Change { of } => format!("change of {} from entry", measured(of)),
        EndpointKind::Mean { of } => format!("mean of {}", measured(of)),
        EndpointKind::AnnualRate { .. } => "events per patient and year".to_string(),
        EndpointKind::Proportion { .. } => "share of patients with an event".to_string(),
    };
    let direction = match card.direction {
        Direction::Harm => "a harm",
        Direction::Benefit => "a benefit",
    };
    let clock = match card.clock {
        Clock::TimeZero => "the trial's time zero",
        Clock::DayZero => "day zero of the arm's regimen",
    };
    let what = format!("{kind}; {direction}; counted from {clock}");
    let list = |rules: &[EventRule]| rules.iter().map(event).collect::<Vec<_>>();
    let (events, competing, censor) = match &card.kind {
        EndpointKind::TimeToEvent { events, competing, censor } => {
            (list(events), list(competing), list(censor))
        }
        EndpointKind::AnnualRate { events, .. } | EndpointKind::Proportion { events, .. } => {
            (list(events), Vec::new(), Vec::new())
        }
        EndpointKind::Change { .. } | EndpointKind::Mean { .. } => Default::default(),
    };
    section("what is computed", &[what])
        + &section("events", &events)
        + &section("make it impossible (competing)", &competing)
        + &section("end the observation (censoring)", &censor)
}

fn measured(of: &Measured) -> &str {
    let (Measured::Lab(name) | Measured::Score(name) | Measured::Observable(name)) = of;
    &name.text
}

fn event(rule: &EventRule) -> String {
    let words = match &rule.kind {
        EventKind::ScoreChange { score, toward, by, confirmed_after_days, .. } => {
            let side = if *toward == Toward::Worse { "worse" } else { "better" };
            let confirmed = confirmed_after_days
                .map(|days| format!(", confirmed after {} days", short(days)))
                .unwrap_or_default();
            format!("{} {side} by {}{confirmed}", score.text, short(*by))
        }
        EventKind::ModelEvent { event } => format!("{} of the model", event.text),
        EventKind::NewCount { count, at_least, each } => {
            let items = count.text.replace('_', " ");
            if *each { format!("each of the {items}") } else { format!("{at_least} or more {items}") }
        }
        EventKind::Threshold { of, side, value, for_days, .. } => {
            let side = if *side == Side::Above { "above" } else { "below" };
            let days =
                if *for_days > 0.0 { format!(" for {} days", short(*for_days)) } else { String::new() };
            format!("{} {side} {}{days}", measured(of), short(*value))
        }
        EventKind::Death { within_days: Some(days) } => format!("death within {} days", short(*days)),
        EventKind::Death { within_days: None } => "death".to_string(),
        EventKind::Decision { marks } => format!("treatment noted as {}", marks.text.replace('_', " ")),
        EventKind::NoGraft => "no graft".to_string(),
        EventKind::All { of, for_days } => {
            let parts: Vec<String> = of.iter().map(event).collect();
            let days =
                if *for_days > 0.0 { format!(", for {} days", short(*for_days)) } else { String::new() };
            format!("at one visit: {}{days}", parts.join("; "))
        }
    };
    let words = if rule.absent { format!("not: {words}") } else { words };
    let earliest = if rule.earliest_day > 0.0 {
        format!(", from day {} on", short(rule.earliest_day))
    } else {
        String::new()
    };
    format!("{words}{earliest}")
}
