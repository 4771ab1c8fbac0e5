//! Reading an endpoint card.

use regraft_model::Diagnostic;

use super::{
    After, Baseline, Clock, Direction, Endpoint, EndpointKind, EventKind, EventRule, Measured, Side, Toward,
};
use crate::codes;
use crate::name::Name;
use crate::quantity::refuse_twice;
use crate::reader::{Bound, Reader};

pub(super) fn read(reader: &mut Reader<'_>) -> Endpoint {
    let clocks = [("time_zero", Clock::TimeZero), ("day_zero", Clock::DayZero)];
    let directions = [("harm", Direction::Harm), ("benefit", Direction::Benefit)];
    let endpoint = Endpoint {
        id: reader.identifier("id"),
        title: reader.text("title").text,
        event_title: reader.optional_text("event_title").map(|title| title.text),
        definition: reader.text("definition").text,
        provenance: reader.provenance(),
        kind: read_kind(reader),
        clock: reader.optional_word("clock", &clocks).unwrap_or(Clock::TimeZero),
        direction: reader.word("direction", &directions).unwrap_or(Direction::Harm),
        unit: reader.optional_text("unit").map(|unit| unit.text),
        verb: reader.optional_text("verb").map(|verb| verb.text),
        plain: reader.optional_text("plain").map(|plain| plain.text),
    };
    for key in ["note", "summary"] {
        reader.optional_text(key);
    }
    if endpoint.event_title.is_some() && !matches!(endpoint.kind, EndpointKind::TimeToEvent { .. }) {
        let message =
            "`event_title` names what ends the state of a `time_to_event`; this counts what its title says";
        reader.report(Diagnostic::error(codes::CONTRADICTION, reader.span_of("event_title"), message));
    }
    refuse_twice(
        reader.page(),
        endpoint.kind.rules().iter().filter_map(|rule| rule.id.as_ref()),
        "names two events",
    );
    endpoint
}

const KINDS: [(&str, &str); 5] = [
    ("time_to_event", "time_to_event"),
    ("change", "change"),
    ("mean", "mean"),
    ("annual_rate", "annual_rate"),
    ("proportion", "proportion"),
];

fn read_kind(reader: &mut Reader<'_>) -> EndpointKind {
    match reader.word("kind", &KINDS).unwrap_or("time_to_event") {
        "change" => EndpointKind::Change { of: read_measured(reader, "this endpoint") },
        "mean" => EndpointKind::Mean { of: read_measured(reader, "this endpoint") },
        "annual_rate" => EndpointKind::AnnualRate {
            events: read_events(reader),
            from_day: reader.optional_number("from_day", Bound::Later).unwrap_or(0.0),
            to_day: reader.optional_number("to_day", Bound::Length),
        },
        "proportion" => EndpointKind::Proportion {
            events: read_events(reader),
            by_day: reader.optional_number("by_day", Bound::Length),
        },
        _ => EndpointKind::TimeToEvent {
            events: read_events(reader),
            competing: read_others(reader, "competing"),
            censor: read_others(reader, "censor"),
        },
    }
}

fn read_events(reader: &mut Reader<'_>) -> Vec<EventRule> {
    let events = read_others(reader, "event");
    if !reader.has("event") {
        reader.report(Diagnostic::error(codes::EMPTY, reader.span(), "this endpoint has no `[[event]]`"));
    }
    events
}

fn read_others(reader: &mut Reader<'_>, key: &'static str) -> Vec<EventRule> {
    reader.tables(key).into_iter().filter_map(|table| read_rule(table, false)).collect()
}

const EVENT_TYPES: [(&str, &str); 10] = [
    ("score_worsening", "score_worsening"),
    ("score_improvement", "score_improvement"),
    ("model_event", "model_event"),
    ("new_count", "new_count"),
    ("above", "above"),
    ("below", "below"),
    ("death", "death"),
    ("decision", "decision"),
    ("no_graft", "no_graft"),
    ("all", "all"),
];

/// An event, or a part of one that asks for several things at one visit.
fn read_rule(mut table: Reader<'_>, part: bool) -> Option<EventRule> {
    let word = table.word("type", &EVENT_TYPES)?;
    let id = table.optional_identifier("id");
    let title = table.optional_text("title").map(|title| title.text);
    let kind = match word {
        "score_worsening" => read_score_change(&mut table, Toward::Worse),
        "score_improvement" => read_score_change(&mut table, Toward::Better),
        "model_event" => EventKind::ModelEvent { event: table.text("event") },
        "new_count" => EventKind::NewCount {
            count: table.text("count"),
            at_least: table.optional_count("at_least").unwrap_or(1),
            each: table.flag("each", false),
        },
        "above" => read_threshold(&mut table, Side::Above),
        "below" => read_threshold(&mut table, Side::Below),
        "death" => EventKind::Death { within_days: table.optional_number("within_days", Bound::Length) },
        "decision" => EventKind::Decision { marks: table.text("marks") },
        "all" => read_all(&mut table),
        _ => EventKind::NoGraft,
    };
    if part {
        refuse_in_part(&table, &kind);
    }
    let earliest_day = table.optional_number("earliest_day", Bound::Day).unwrap_or(0.0);
    let happens =
        matches!(kind, EventKind::ModelEvent { .. } | EventKind::Decision { .. } | EventKind::Death { .. });
    let absent = part && happens && table.flag("absent", false);
    let rule = EventRule { id, title, kind, earliest_day, absent, span: table.span() };
    table.finish();
    Some(rule)
}

fn read_all(table: &mut Reader<'_>) -> EventKind {
    let of: Vec<EventRule> =
        table.tables("of").into_iter().filter_map(|part| read_rule(part, true)).collect();
    if !table.has("of") {
        let problem = Diagnostic::error(codes::EMPTY, table.span(), "`all` has no `[[event.of]]`");
        table.report(problem.with_help("write each thing that must hold at the visit as a part"));
    }
    EventKind::All { of, for_days: table.optional_number("for_days", Bound::Later).unwrap_or(0.0) }
}

/// A part holds or does not hold at a visit: it knows no time of its own.
fn refuse_in_part(table: &Reader<'_>, kind: &EventKind) {
    let timed = match kind {
        EventKind::All { .. } => Some("`all`"),
        EventKind::NoGraft => Some("`no_graft`"),
        EventKind::ScoreChange { confirmed_after_days: Some(_), .. } => Some("`confirmed_after_days`"),
        EventKind::Threshold { for_days, .. } if *for_days > 0.0 => Some("`for_days`"),
        EventKind::Threshold { after: After::Nadir, .. } => Some("`after = \"nadir\"`"),
        _ => None,
    };
    if let Some(word) = timed {
        let message = format!("{word} has no place in a part of `all`, which asks for one visit");
        table.report(Diagnostic::error(codes::CONTRADICTION, table.span(), message));
    }
}

fn read_score_change(table: &mut Reader<'_>, toward: Toward) -> EventKind {
    table.refuse_both("baseline", "baseline_day");
    let day = table.optional_number("baseline_day", Bound::Day);
    let word = table.optional_word("baseline", &[("entry", Baseline::Entry)]);
    EventKind::ScoreChange {
        score: table.text("score"),
        toward,
        by: table.number("by", Bound::Positive),
        high_baseline: table.optional_number("high_baseline", Bound::Finite),
        by_at_high_baseline: table.optional_number("by_at_high_baseline", Bound::Positive),
        confirmed_after_days: table.optional_number("confirmed_after_days", Bound::Length),
        baseline: day.map(Baseline::Day).or(word).unwrap_or(Baseline::Entry),
    }
}

/// A score, a laboratory value or a quantity of the model.
fn read_measured(table: &mut Reader<'_>, whole: &str) -> Measured {
    for (one, other) in [("lab", "observable"), ("lab", "score"), ("score", "observable")] {
        table.refuse_both(one, other);
    }
    let lab = table.optional_text("lab").map(Measured::Lab);
    let score = table.optional_text("score").map(Measured::Score);
    let observable = table.optional_text("observable").map(Measured::Observable);
    lab.or(score).or(observable).unwrap_or_else(|| {
        let message = format!("{whole} lacks `score`, `lab` or `observable`");
        table.report(Diagnostic::error(codes::MISSING_KEY, table.span(), message));
        Measured::Lab(Name::missing(table.span()))
    })
}

fn read_threshold(table: &mut Reader<'_>, side: Side) -> EventKind {
    let afters = [
        ("time_zero", After::TimeZero),
        ("day_zero", After::DayZero),
        ("graft", After::DayZero),
        ("nadir", After::Nadir),
    ];
    EventKind::Threshold {
        of: read_measured(table, "a threshold"),
        side,
        value: table.number("value", Bound::Finite),
        for_days: table.optional_number("for_days", Bound::Later).unwrap_or(0.0),
        after: table.optional_word("after", &afters).unwrap_or(After::TimeZero),
    }
}
