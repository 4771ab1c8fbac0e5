//! Reading a regimen card.

use regraft_model::Diagnostic;

use super::{
    Choice, DayZero, Regimen, RuleDose, RuleTrigger, STEP_KINDS, Start, Step, StepKind, TreatmentRule,
};
use crate::codes;
use crate::quantity::refuse_twice;
use crate::reader::{Bound, Reader};

pub(super) fn read(reader: &mut Reader<'_>) -> Regimen {
    let day_zero = reader.word("day_zero", &[("graft", DayZero::Graft), ("start", DayZero::Start)]);
    let regimen = Regimen {
        id: reader.identifier("id"),
        title: reader.text("title").text,
        plain: reader.optional_text("plain").map(|plain| plain.text),
        therapy: reader.identifier("therapy"),
        day_zero: day_zero.unwrap_or(DayZero::Start),
        summary: reader.optional_text("summary").map(|summary| summary.text),
        steps: reader.tables("step").into_iter().filter_map(read_step).collect(),
        rules: reader.tables("rule").into_iter().map(read_rule).collect(),
    };
    reader.optional_text("note");
    refuse_twice(reader.page(), regimen.steps.iter().filter_map(|step| step.id.as_ref()), "is a step twice");
    refuse_twice(reader.page(), regimen.rules.iter().map(|rule| &rule.id), "is a rule twice");
    if regimen.steps.is_empty() && !reader.has("step") {
        reader.report(Diagnostic::error(codes::EMPTY, regimen.id.span, "this regimen has no step"));
    }
    regimen
}

fn read_step(mut table: Reader<'_>) -> Option<Step> {
    table.refuse_both("drug", "one_of");
    table.refuse_both("dose", "one_of");
    let kind = table.word("kind", &STEP_KINDS);
    let step = Step {
        id: table.optional_identifier("id"),
        kind: kind.unwrap_or(StepKind::FollowUp),
        days: read_days(&mut table),
        drug: table.optional_text("drug"),
        dose: table.optional_quantity("dose", Bound::NotNegative),
        infusion_hours: table.optional_number("infusion_hours", Bound::Positive),
        one_of: read_choices(&mut table),
        until_day: table.optional_number("until_day", Bound::Day),
        set: table.settings("set"),
        needs_graft: table.optional_flag("needs_graft"),
        label: table.optional_text("label").map(|label| label.text),
        provenance: table.optional_provenance(),
        span: table.span(),
    };
    table.optional_text("note");
    check_step(&table, &step);
    table.finish();
    kind.map(|_| step)
}

/// `days = […]`, or every so many days from one day to another.
fn read_days(table: &mut Reader<'_>) -> Vec<f64> {
    table.refuse_both("days", "every_days");
    let listed = table.optional_numbers("days", Bound::Day);
    let every = table.optional_number("every_days", Bound::Length);
    let from = table.optional_number("from_day", Bound::Day);
    let to = table.optional_number("to_day", Bound::Day);
    let mut days = match (listed, every, from, to) {
        (Some(days), ..) => days,
        (None, Some(every), Some(from), Some(to)) if from <= to => {
            table.moments("every_days", from, to, every)
        }
        (None, Some(_), Some(from), Some(to)) => {
            table.refuse_reversed(from, to);
            Vec::new()
        }
        _ if table.has("days") => Vec::new(),
        _ => {
            let problem = Diagnostic::error(codes::MISSING_KEY, table.span(), "`step` lacks `days`");
            table.report(problem.with_help("or all of `from_day`, `to_day` and `every_days`"));
            Vec::new()
        }
    };
    days.sort_by(f64::total_cmp);
    days
}

fn read_choices(table: &mut Reader<'_>) -> Vec<Choice> {
    let written = table.has("one_of");
    let choices: Vec<Choice> = table.tables("one_of").into_iter().map(read_choice).collect();
    if written && !choices.iter().any(|choice| choice.weight > 0.0) {
        table.report(Diagnostic::error(
            codes::EMPTY,
            table.span(),
            "`one_of` holds no drug with a weight above 0",
        ));
    }
    refuse_twice(table.page(), choices.iter().map(|choice| &choice.drug), "is a choice twice");
    choices
}

fn read_choice(mut table: Reader<'_>) -> Choice {
    let choice = Choice {
        drug: table.text("drug"),
        weight: table.number("weight", Bound::NotNegative),
        dose: table.optional_quantity("dose", Bound::NotNegative),
    };
    table.finish();
    choice
}

fn check_step(table: &Reader<'_>, step: &Step) {
    let gives = step.drug.is_some() || !step.one_of.is_empty();
    for key in ["dose", "infusion_hours", "until_day"] {
        if table.has(key) && !gives {
            let message = format!("`{key}` without a drug does nothing");
            table.report(Diagnostic::error(codes::CONTRADICTION, step.span, message));
        }
    }
    if step.kind == StepKind::StopTreatment && step.drug.is_none() {
        table.report(Diagnostic::error(codes::MISSING_KEY, step.span, "`stop_treatment` lacks `drug`"));
    }
    if table.lists_nothing("days") {
        table.report(Diagnostic::error(codes::EMPTY, table.span_of("days"), "`days` is empty"));
    }
    let first = step.days.first().copied().unwrap_or(f64::NEG_INFINITY);
    if step.until_day.is_some_and(|until| until <= first) {
        let message = format!("`until_day` is not after the first day {first}");
        table.report(Diagnostic::error(codes::OUT_OF_RANGE, step.span, message));
    }
}

fn read_rule(mut table: Reader<'_>) -> TreatmentRule {
    let rule = TreatmentRule {
        id: table.identifier("id"),
        title: table.text("title").text,
        trigger: read_trigger(&mut table),
        from_day: table.optional_number("from_day", Bound::Day),
        to_day: table.optional_number("to_day", Bound::Day),
        when: table.optional_text("when"),
        until: table.optional_text("until"),
        give: table.tables("give").into_iter().map(read_rule_dose).collect(),
        start: read_start(&mut table),
        stop: table.texts("stop"),
        set: table.settings("set"),
        needs_graft: table.optional_flag("needs_graft"),
        marks: table.optional_identifier("marks"),
        refractory_days: table.optional_number("refractory_days", Bound::Later).unwrap_or(0.0),
        max_times: table.optional_count("max_times"),
        provenance: table.optional_provenance(),
        span: table.span(),
    };
    table.optional_text("note");
    check_rule(&table, &rule);
    table.finish();
    rule
}

fn read_trigger(table: &mut Reader<'_>) -> Option<RuleTrigger> {
    table.refuse_both("on_event", "every_days");
    let event = table.optional_text("on_event");
    let every = table.optional_number("every_days", Bound::Length);
    let trigger = event.map(RuleTrigger::Event).or(every.map(RuleTrigger::EveryDays));
    if trigger.is_none() && !table.has("on_event") && !table.has("every_days") {
        let problem =
            Diagnostic::error(codes::MISSING_KEY, table.span(), "`rule` lacks `on_event` or `every_days`");
        table.report(problem);
    }
    trigger
}

fn read_rule_dose(mut table: Reader<'_>) -> RuleDose {
    let dose = RuleDose {
        drug: table.text("drug"),
        dose: table.optional_quantity("dose", Bound::NotNegative),
        after_days: table.optional_numbers("after_days", Bound::Later).unwrap_or(vec![0.0]),
        infusion_hours: table.optional_number("infusion_hours", Bound::Positive),
        span: table.span(),
    };
    table.finish();
    dose
}

fn read_start(rule: &mut Reader<'_>) -> Option<Start> {
    let mut table = rule.optional_table("start")?;
    for (one, other) in [("drug", "one_of"), ("drug", "regimen"), ("one_of", "regimen")] {
        table.refuse_both(one, other);
    }
    let drug = table.optional_text("drug");
    let dose = table.optional_quantity("dose", Bound::NotNegative);
    let choices = read_choices(&mut table);
    let regimen = table.optional_text("regimen");
    let start = match (drug, regimen) {
        (Some(drug), _) => Some(Start::Drug { drug, dose }),
        (None, Some(regimen)) => Some(Start::Regimen(regimen)),
        (None, None) if !choices.is_empty() => Some(Start::OneOf(choices)),
        (None, None) => {
            let message = "`start` lacks `drug`, `one_of` or `regimen`";
            table.report(Diagnostic::error(codes::MISSING_KEY, table.span(), message));
            None
        }
    };
    table.finish();
    start
}

fn check_rule(table: &Reader<'_>, rule: &TreatmentRule) {
    let acts = !rule.give.is_empty() || !rule.set.is_empty() || !rule.stop.is_empty();
    if !acts && rule.start.is_none() && rule.marks.is_none() {
        let message = format!("rule `{}` does nothing", rule.id.text);
        let problem = Diagnostic::error(codes::EMPTY, rule.span, message);
        table.report(problem.with_help("it needs `give`, `start`, `stop`, `set` or `marks`"));
    }
    if let (Some(from), Some(to)) = (rule.from_day, rule.to_day) {
        table.refuse_reversed(from, to);
    }
}
