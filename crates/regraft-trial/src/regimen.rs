//! A regimen: what is given on which day, and the rules by which treatment reacts to the patient.

use regraft_model::{Diagnostic, SourceId, Sources, Span};

use crate::codes;
use crate::quantity::{Name, Number, Provenance, Setting, refuse_twice};
use crate::reader::{Bound, Reader, read_text};

/// A regimen card. Days count from the regimen's day zero.
#[derive(Debug, Clone, PartialEq)]
pub struct Regimen {
    /// Identifier.
    pub id: Name,
    /// Title for people.
    pub title: String,
    /// The therapy, as graded by diseases.
    pub therapy: Name,
    /// What happens on day zero.
    pub day_zero: DayZero,
    /// A few words for the catalogue.
    pub summary: Option<String>,
    /// Steps, in the order of the card.
    pub steps: Vec<Step>,
    /// Rules, in the order of the card: the order in which they act at one moment.
    pub rules: Vec<TreatmentRule>,
}

/// What happens on a regimen's day zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayZero {
    /// The graft is infused.
    Graft,
    /// The treatment starts.
    Start,
}

/// What a step is, in words of the ward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepKind {
    /// Mobilisation of stem cells.
    Mobilise,
    /// Their collection.
    Collect,
    /// Processing of the product.
    Process,
    /// Conditioning.
    Condition,
    /// Cover against reactions (steroids with ATG).
    Cover,
    /// Supportive care.
    Support,
    /// Infusion of the product.
    Infuse,
    /// A treatment over time.
    Treat,
    /// The end of a treatment.
    StopTreatment,
    /// Follow-up; nothing is given.
    FollowUp,
}

impl StepKind {
    /// The word of the card.
    pub fn word(self) -> &'static str {
        STEP_KINDS.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }
}

const STEP_KINDS: [(&str, StepKind); 10] = [
    ("mobilise", StepKind::Mobilise),
    ("collect", StepKind::Collect),
    ("process", StepKind::Process),
    ("condition", StepKind::Condition),
    ("cover", StepKind::Cover),
    ("support", StepKind::Support),
    ("infuse", StepKind::Infuse),
    ("treat", StepKind::Treat),
    ("stop_treatment", StepKind::StopTreatment),
    ("follow_up", StepKind::FollowUp),
];

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Identifier, where written; names the stream of a choice.
    pub id: Option<Name>,
    /// What it is.
    pub kind: StepKind,
    /// Days on which it happens, ascending; parts of a day are hours.
    pub days: Vec<f64>,
    /// The drug given.
    pub drug: Option<Name>,
    /// The dose on each day; the drug's usual dose where not written.
    pub dose: Option<Number>,
    /// Length of each infusion, hours; `None` for a bolus.
    pub infusion_hours: Option<f64>,
    /// One of these drugs per patient, in place of `drug`.
    pub one_of: Vec<Choice>,
    /// Day on which a drug that is set while given ends.
    pub until_day: Option<f64>,
    /// What is set in the model on each day.
    pub set: Vec<Setting>,
    /// Words for the timeline.
    pub label: Option<String>,
    /// Source and grounds, if stated.
    pub provenance: Option<Provenance>,
    /// Where the step stands.
    pub span: Span,
}

/// One of the drugs from which a patient's treatment is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// The drug.
    pub drug: Name,
    /// Its weight, ≥ 0.
    pub weight: f64,
    /// The dose; the drug's usual dose where not written.
    pub dose: Option<Number>,
}

/// When a rule is asked.
#[derive(Debug, Clone, PartialEq)]
pub enum RuleTrigger {
    /// When this event of the model happens.
    Event(Name),
    /// Every so many days, > 0.
    EveryDays(f64),
}

/// Treatment that reacts to the patient.
#[derive(Debug, Clone, PartialEq)]
pub struct TreatmentRule {
    /// Identifier.
    pub id: Name,
    /// Title for people.
    pub title: String,
    /// When it is asked; `None` where the card lacks it.
    pub trigger: Option<RuleTrigger>,
    /// First day on which it listens; the start of the arm where not written.
    pub from_day: Option<f64>,
    /// Last day on which it listens; the end of the trial where not written.
    pub to_day: Option<f64>,
    /// It acts only where this holds (model's language).
    pub when: Option<Name>,
    /// Once this holds when the rule is asked, the rule is over (model's language).
    pub until: Option<Name>,
    /// Single doses.
    pub give: Vec<RuleDose>,
    /// A treatment that starts.
    pub start: Option<Start>,
    /// Drugs that are set while given and now end.
    pub stop: Vec<Name>,
    /// What is set in the model.
    pub set: Vec<Setting>,
    /// Word written to the decision log when it acts; endpoints may end or censor at it.
    pub marks: Option<Name>,
    /// After acting it is deaf for so many days.
    pub refractory_days: f64,
    /// It acts at most so many times.
    pub max_times: Option<u32>,
    /// Source and grounds, if stated.
    pub provenance: Option<Provenance>,
    /// Where the rule stands.
    pub span: Span,
}

/// A dose given by a rule.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleDose {
    /// The drug.
    pub drug: Name,
    /// The dose; the drug's usual dose where not written.
    pub dose: Option<Number>,
    /// Days after the trigger, each ≥ 0.
    pub after_days: Vec<f64>,
    /// Length of each infusion, hours.
    pub infusion_hours: Option<f64>,
    /// Where it stands.
    pub span: Span,
}

/// What a rule starts.
#[derive(Debug, Clone, PartialEq)]
pub enum Start {
    /// A drug that is set while given.
    Drug {
        /// The drug.
        drug: Name,
        /// The dose; the drug's usual dose where not written.
        dose: Option<Number>,
    },
    /// One of these drugs per patient.
    OneOf(Vec<Choice>),
    /// The steps of another regimen, the earliest on the day of the trigger.
    Regimen(Name),
}

impl Regimen {
    /// Reads a regimen card. Parsing never fails: what is wrong is in the list.
    pub fn read(sources: &Sources, id: SourceId) -> (Self, Vec<Diagnostic>) {
        read_text(sources, id, read)
    }

    /// Day of the earliest step, if there is a step.
    pub fn first_day(&self) -> Option<f64> {
        let days = self.steps.iter().flat_map(|step| step.days.iter().copied());
        days.min_by(f64::total_cmp)
    }

    /// Identifiers of all drugs that a step or rule may give, each once, in the order of the card.
    pub fn drugs(&self) -> Vec<&Name> {
        let mut found: Vec<&Name> = Vec::new();
        let in_steps =
            self.steps.iter().flat_map(|step| step.drug.iter().chain(step.one_of.iter().map(|c| &c.drug)));
        for name in in_steps.chain(self.rules.iter().flat_map(TreatmentRule::drugs)) {
            if !found.iter().any(|known| known.text == name.text) {
                found.push(name);
            }
        }
        found
    }
}

impl TreatmentRule {
    /// Every mention of a drug in the rule.
    pub fn drugs(&self) -> Vec<&Name> {
        let started: Vec<&Name> = match &self.start {
            Some(Start::Drug { drug, .. }) => vec![drug],
            Some(Start::OneOf(choices)) => choices.iter().map(|choice| &choice.drug).collect(),
            Some(Start::Regimen(_)) | None => Vec::new(),
        };
        self.give.iter().map(|dose| &dose.drug).chain(started).chain(&self.stop).collect()
    }
}

fn read(reader: &mut Reader<'_>) -> Regimen {
    let day_zero = reader.word("day_zero", &[("graft", DayZero::Graft), ("start", DayZero::Start)]);
    let regimen = Regimen {
        id: reader.identifier("id"),
        title: reader.text("title").text,
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
        until_day: table.optional_number("until_day", Bound::Finite),
        set: table.settings("set"),
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
    let listed = table.optional_numbers("days", Bound::Finite);
    let every = table.optional_number("every_days", Bound::Positive);
    let from = table.optional_number("from_day", Bound::Finite);
    let to = table.optional_number("to_day", Bound::Finite);
    let mut days = match (listed, every, from, to) {
        (Some(days), ..) => days,
        (None, Some(every), Some(from), Some(to)) => repeated(from, to, every),
        _ => {
            let problem = Diagnostic::error(codes::MISSING_KEY, table.span(), "`step` lacks `days`");
            table.report(problem.with_help("or all of `from_day`, `to_day` and `every_days`"));
            Vec::new()
        }
    };
    days.sort_by(f64::total_cmp);
    days
}

/// `from`, `from + every`, … up to and with `to`. At most [`MOST_REPEATS`].
pub(crate) fn repeated(from: f64, to: f64, every: f64) -> Vec<f64> {
    let last = ((to - from) / every + REPEAT_SLACK).floor();
    if last < 0.0 {
        return Vec::new();
    }
    (0..=(last.min(MOST_REPEATS) as u32)).map(|index| from + every * f64::from(index)).collect()
}

/// Rounding of `(to - from) / every` must not lose the last day.
const REPEAT_SLACK: f64 = 1e-9;

/// More moments than a patient's life has days; keeps a slip of the pen from filling the memory.
const MOST_REPEATS: f64 = 100_000.0;

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
        from_day: table.optional_number("from_day", Bound::Finite),
        to_day: table.optional_number("to_day", Bound::Finite),
        when: table.optional_text("when"),
        until: table.optional_text("until"),
        give: table.tables("give").into_iter().map(read_rule_dose).collect(),
        start: read_start(&mut table),
        stop: table.texts("stop"),
        set: table.settings("set"),
        marks: table.optional_identifier("marks"),
        refractory_days: table.optional_number("refractory_days", Bound::NotNegative).unwrap_or(0.0),
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
    let every = table.optional_number("every_days", Bound::Positive);
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
        after_days: table.optional_numbers("after_days", Bound::NotNegative).unwrap_or(vec![0.0]),
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
    if let (Some(from), Some(to)) = (rule.from_day, rule.to_day)
        && from > to
    {
        let message = format!("`from_day` {from} is after `to_day` {to}");
        table.report(Diagnostic::error(codes::OUT_OF_RANGE, rule.span, message));
    }
}
