//! A regimen: what is given on which day, and the rules by which treatment reacts to the patient.

mod read;

use regraft_model::{Diagnostic, SourceId, Sources, Span};

use crate::name::Name;
use crate::quantity::{Number, Provenance, Setting};
use crate::reader::read_text;

/// A regimen card. Days count from the regimen's day zero.
#[derive(Debug, Clone, PartialEq)]
pub struct Regimen {
    /// Identifier.
    pub id: Name,
    /// Title for people.
    pub title: String,
    /// What it is in words that everyone knows, for pages read together with a physician.
    pub plain: Option<String>,
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

pub(crate) const STEP_KINDS: [(&str, StepKind); 10] = [
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
    /// Whether it waits for a released product; where not written, whatever comes after the collection does.
    pub needs_graft: Option<bool>,
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
    /// Whether it waits for a released product; where not written, rules that `give` something
    /// `every_days` do.
    pub needs_graft: Option<bool>,
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
        read_text(sources, id, read::read)
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

    /// Identifiers of drugs whose quantities (`drugs.ID.…`) steps and rules set, as a background goes on or ends.
    pub fn set_drugs(&self) -> Vec<&str> {
        let settings = self.steps.iter().flat_map(|step| &step.set);
        let settings = settings.chain(self.rules.iter().flat_map(|rule| &rule.set));
        settings.filter_map(|setting| setting.target.text.strip_prefix("drugs.")?.split('.').next()).collect()
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
