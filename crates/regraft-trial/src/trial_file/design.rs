//! How a trial would be run and analysed: `[design]` of a trial file, for `regraft design`.
//!
//! Every key may be missing; what is then assumed is decided, and said, where the design is planned.

use regraft_model::{Diagnostic, Span};

use crate::codes;
use crate::days::number_words;
use crate::name::Name;
use crate::quantity::Provenance;
use crate::reader::{Bound, Reader, with_nearest};

/// `[design]` as written.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    /// The endpoint of the primary analysis.
    pub endpoint: Option<Name>,
    /// How it is analysed.
    pub test: Option<Test>,
    /// From what the p-value of the test comes.
    pub inference: Option<Inference>,
    /// The arm that is studied.
    pub treated: Option<Name>,
    /// The arm it is compared with.
    pub control: Option<Name>,
    /// Day of the endpoint's clock of a response or of the last visit that is compared.
    pub at_day: Option<f64>,
    /// Type I error that is allowed, of both sides together where there are two.
    pub alpha: Option<f64>,
    /// 1 or 2.
    pub sides: Option<u32>,
    /// Patients allocated to the treated arm and to the control arm in one block.
    pub allocation: Option<(u32, u32)>,
    /// Patients who enter per year, of all centres together.
    pub patients_per_year: Option<f64>,
    /// When observation ends.
    pub follow_up: Option<FollowUpRule>,
    /// Of each patient, or after the last one entered, days.
    pub follow_up_days: Option<f64>,
    /// Hazard of leaving the trial, per year.
    pub drop_out_per_year: Option<f64>,
    /// Share of visits that do not take place.
    pub missed_visits: Option<f64>,
    /// A visit takes place within so many days before or after its planned day.
    pub visit_window_days: Option<f64>,
    /// Interim looks, shares of the information at the end, ascending.
    pub looks: Vec<f64>,
    /// How the type I error is spent over the looks.
    pub spending: Option<SpendingRule>,
    /// Marks of decisions of treatment that are intercurrent events.
    pub rescue_marks: Vec<Name>,
    /// How these are handled.
    pub rescue: Option<RescueRule>,
    /// Hazard with which patients of the control arm change to the studied treatment outside the protocol, per year.
    pub cross_over_per_year: Option<f64>,
    /// No such change before this day.
    pub cross_over_from_day: Option<f64>,
    /// Grounds of these numbers.
    pub provenance: Option<Provenance>,
    /// Grounds of some of them alone.
    pub grounds: Vec<Ground>,
    /// Where it stands.
    pub span: Span,
}

/// Grounds of some keys of the design, in place of those of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Ground {
    /// The keys, each written in the table.
    pub keys: Vec<Name>,
    /// Their source.
    pub provenance: Provenance,
}

impl Design {
    /// Where the value of a key comes from: its own grounds, else those of the table.
    pub fn provenance_of(&self, key: &str) -> Option<&Provenance> {
        let own = self.grounds.iter().find(|ground| ground.keys.iter().any(|name| name.text == key));
        own.map(|ground| &ground.provenance).or(self.provenance.as_ref())
    }

    /// Numbers that are written: key, unit, value.
    pub fn numbers(&self) -> Vec<(&'static str, &'static str, f64)> {
        let one = |key, unit, value: Option<f64>| value.map(|value| (key, unit, value));
        let allocation = self.allocation.iter();
        let allocation = allocation.flat_map(|(a, b)| [f64::from(*a), f64::from(*b)]);
        [
            one("at_day", "day", self.at_day),
            one("alpha", "", self.alpha),
            one("sides", "", self.sides.map(f64::from)),
            one("patients_per_year", "1/year", self.patients_per_year),
            one("follow_up_days", "day", self.follow_up_days),
            one("drop_out_per_year", "1/year", self.drop_out_per_year),
            one("missed_visits", "", self.missed_visits),
            one("visit_window_days", "day", self.visit_window_days),
            one("cross_over_per_year", "1/year", self.cross_over_per_year),
            one("cross_over_from_day", "day", self.cross_over_from_day),
        ]
        .into_iter()
        .flatten()
        .chain(allocation.map(|share| ("allocation", "", share)))
        .chain(self.looks.iter().map(|look| ("looks", "", *look)))
        .collect()
    }
}

/// How the primary endpoint is analysed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Test {
    /// Log-rank test of the time to the event.
    LogRank,
    /// Cox's hazard ratio.
    Cox,
    /// Ratio of subdistribution hazards, competing events competing.
    FineGray,
    /// Shares with the event by a day.
    ChiSquare,
    /// Odds ratio (logistic regression on the arm).
    Logistic,
    /// Mixed model for repeated measures: difference at the last visit.
    Mmrm,
    /// Negative binomial regression of the numbers of events.
    NegativeBinomial,
}

impl Test {
    /// All of them.
    pub const ALL: [Test; 7] = [
        Test::LogRank,
        Test::Cox,
        Test::FineGray,
        Test::ChiSquare,
        Test::Logistic,
        Test::Mmrm,
        Test::NegativeBinomial,
    ];

    /// The word of the card.
    pub fn word(self) -> &'static str {
        TESTS.iter().find(|(_, test)| *test == self).map_or("", |(word, _)| word)
    }
}

const TESTS: [(&str, Test); 7] = [
    ("log_rank", Test::LogRank),
    ("cox", Test::Cox),
    ("fine_gray", Test::FineGray),
    ("chi_square", Test::ChiSquare),
    ("logistic", Test::Logistic),
    ("mmrm", Test::Mmrm),
    ("negative_binomial", Test::NegativeBinomial),
];

/// From what the p-value of a test comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inference {
    /// The estimate over its standard error.
    Wald,
    /// The estimate over its standard error as Kenward and Roger widen it.
    KenwardRoger,
    /// The gain of the likelihood by the difference.
    LikelihoodRatio,
    /// The score of no difference over its standard error under random allocation.
    Score,
    /// Pearson's chi-square: the score of shares over its standard error in two endless populations.
    Pearson,
    /// Where the score lies among those of random ways to deal the groups.
    Permutation,
    /// Fisher's exact test, the table that was seen counted half.
    MidP,
    /// Fisher's exact test.
    Exact,
}

const INFERENCES: [(&str, Inference); 8] = [
    ("wald", Inference::Wald),
    ("kenward_roger", Inference::KenwardRoger),
    ("likelihood_ratio", Inference::LikelihoodRatio),
    ("score", Inference::Score),
    ("pearson", Inference::Pearson),
    ("permutation", Inference::Permutation),
    ("mid_p", Inference::MidP),
    ("exact", Inference::Exact),
];

impl Inference {
    /// The word of the card.
    pub fn word(self) -> &'static str {
        INFERENCES.iter().find(|(_, one)| *one == self).map_or("", |(word, _)| word)
    }
}

impl Test {
    /// Where its p-value may come from; first what is taken where nothing is written.
    pub fn inferences(self) -> &'static [Inference] {
        use Inference::{Exact, KenwardRoger, LikelihoodRatio, MidP, Pearson, Permutation, Score, Wald};
        match self {
            Test::LogRank => &[Score, Permutation],
            Test::Cox | Test::Logistic => &[LikelihoodRatio, Wald],
            Test::FineGray => &[Score, Wald, Permutation],
            Test::ChiSquare => &[Score, Pearson, MidP, Exact],
            Test::Mmrm => &[KenwardRoger, Wald],
            Test::NegativeBinomial => &[Score, LikelihoodRatio, Wald, Permutation],
        }
    }
}

/// When observation ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FollowUpRule {
    /// Each patient is followed equally long.
    Fixed,
    /// The trial closes for everyone so long after the last patient entered.
    CommonClose,
}

/// How the type I error is spent over the looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpendingRule {
    /// As O'Brien and Fleming: hardly any early.
    OBrienFleming,
    /// As Pocock: evenly.
    Pocock,
}

/// How a rescue is handled in the primary analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RescueRule {
    /// What is seen counts, whatever was given.
    TreatmentPolicy,
    /// What is seen after it does not count.
    Censor,
    /// It counts as the event, or as no response.
    Failure,
}

pub(super) fn read(reader: &mut Reader<'_>, horizon_days: f64) -> Option<Design> {
    let mut table = reader.optional_table("design")?;
    let tests = TESTS;
    let rules = [("fixed", FollowUpRule::Fixed), ("common_close", FollowUpRule::CommonClose)];
    let spending = [("obrien_fleming", SpendingRule::OBrienFleming), ("pocock", SpendingRule::Pocock)];
    let rescues = [
        ("treatment_policy", RescueRule::TreatmentPolicy),
        ("censor", RescueRule::Censor),
        ("failure", RescueRule::Failure),
    ];
    let design = Design {
        endpoint: table.optional_text("endpoint"),
        test: table.optional_word("test", &tests),
        inference: table.optional_word("inference", &INFERENCES),
        treated: table.optional_text("treated"),
        control: table.optional_text("control"),
        at_day: table.optional_number("at_day", Bound::NotNegative),
        alpha: table.optional_number("alpha", Bound::Level),
        sides: read_sides(&mut table),
        allocation: read_allocation(&mut table),
        patients_per_year: table.optional_number("patients_per_year", Bound::Positive),
        follow_up: table.optional_word("follow_up", &rules),
        follow_up_days: table.optional_number("follow_up_days", Bound::Length),
        drop_out_per_year: table.optional_number("drop_out_per_year", Bound::NotNegative),
        missed_visits: table.optional_number("missed_visits", Bound::Share),
        visit_window_days: table.optional_number("visit_window_days", Bound::NotNegative),
        looks: read_looks(&mut table),
        spending: table.optional_word("spending", &spending),
        rescue_marks: table.texts("rescue_marks"),
        rescue: table.optional_word("rescue", &rescues),
        cross_over_per_year: table.optional_number("cross_over_per_year", Bound::NotNegative),
        cross_over_from_day: table.optional_number("cross_over_from_day", Bound::Later),
        provenance: table.optional_provenance(),
        grounds: read_grounds(&mut table),
        span: table.span(),
    };
    table.optional_text("note");
    refuse_beyond(&table, "at_day", design.at_day, horizon_days);
    refuse_beyond(&table, "follow_up_days", design.follow_up_days, horizon_days);
    refuse_beyond(&table, "visit_window_days", design.visit_window_days, WIDEST_WINDOW);
    refuse_idle(&table, &design);
    refuse_inference(&table, &design);
    table.finish();
    Some(design)
}

/// Widest window around a visit, days. Chosen: wider windows of neighboring visits would meet.
const WIDEST_WINDOW: f64 = 28.0;

fn refuse_beyond(table: &Reader<'_>, key: &'static str, value: Option<f64>, most: f64) {
    if let Some(value) = value.filter(|value| *value > most) {
        let message =
            format!("`{key}` is {}, at most {} is possible here", number_words(value), number_words(most));
        table.report(Diagnostic::error(codes::OUT_OF_RANGE, table.span_of(key), message));
    }
}

/// Keys that do nothing without another one.
fn refuse_idle(table: &Reader<'_>, design: &Design) {
    let idle = |key: &str, other: &str| {
        let message = format!("`{key}` does nothing without `{other}`");
        table.report(Diagnostic::error(codes::CONTRADICTION, table.span_of(key), message));
    };
    if design.inference.is_some() && design.test.is_none() && !table.has("test") {
        idle("inference", "test");
    }
    if design.spending.is_some() && design.looks.is_empty() {
        idle("spending", "looks");
    }
    if design.rescue.is_some() && design.rescue_marks.is_empty() {
        idle("rescue", "rescue_marks");
    }
    if design.cross_over_from_day.is_some() && design.cross_over_per_year.is_none() {
        idle("cross_over_from_day", "cross_over_per_year");
    }
}

/// A p-value that the test does not have.
fn refuse_inference(table: &Reader<'_>, design: &Design) {
    let (Some(test), Some(inference)) = (design.test, design.inference) else { return };
    if !test.inferences().contains(&inference) {
        let message = format!("`{}` has no test by `{}`", test.word(), inference.word());
        let known: Vec<&str> = test.inferences().iter().map(|one| one.word()).collect();
        let problem = Diagnostic::error(codes::CONTRADICTION, table.span_of("inference"), message);
        table.report(problem.with_help(format!("its p-value may come from: {}", known.join(", "))));
    }
}

/// Reads `[[design.ground]]`; what names no key that is written, or one twice, is reported.
fn read_grounds(table: &mut Reader<'_>) -> Vec<Ground> {
    let entries = table.tables("ground");
    let mut seen: Vec<String> = Vec::new();
    let mut read = |mut entry: Reader<'_>| {
        let ground = Ground { keys: entry.texts("keys"), provenance: entry.provenance() };
        if ground.keys.is_empty() {
            let problem = Diagnostic::error(codes::EMPTY, entry.span(), "these grounds name no `keys`");
            entry.report(problem.with_help("name the keys of `[design]` whose values they explain"));
        }
        for name in &ground.keys {
            let key = &name.text;
            if !GROUNDED.contains(&key.as_str()) {
                let problem = Diagnostic::error(
                    codes::UNKNOWN_KEY,
                    name.span,
                    format!("`[design]` has no key `{key}`"),
                );
                entry.report(with_nearest(problem, key, GROUNDED));
            } else if !table.has(key) {
                let message = format!("`{key}` is not written in `[design]`, so it needs no grounds");
                entry.report(Diagnostic::error(codes::CONTRADICTION, name.span, message));
            } else if seen.contains(key) {
                let message = format!("`{key}` has grounds already");
                entry.report(Diagnostic::error(codes::DUPLICATE, name.span, message));
            }
            seen.push(key.clone());
        }
        entry.finish();
        ground
    };
    entries.into_iter().map(&mut read).collect()
}

/// Keys that may have grounds of their own.
const GROUNDED: [&str; 19] = [
    "endpoint",
    "test",
    "inference",
    "at_day",
    "alpha",
    "sides",
    "allocation",
    "patients_per_year",
    "follow_up",
    "follow_up_days",
    "drop_out_per_year",
    "missed_visits",
    "visit_window_days",
    "looks",
    "spending",
    "rescue_marks",
    "rescue",
    "cross_over_per_year",
    "cross_over_from_day",
];

fn read_sides(table: &mut Reader<'_>) -> Option<u32> {
    let sides = table.optional_count("sides")?;
    if sides > 2 {
        let message = format!("`sides` is {sides}, must be 1 or 2");
        table.report(Diagnostic::error(codes::OUT_OF_RANGE, table.span_of("sides"), message));
        return None;
    }
    Some(sides)
}

/// Largest share of one arm in a block. Chosen: no trial is more uneven.
const MOST_IN_BLOCK: f64 = 10.0;

fn read_allocation(table: &mut Reader<'_>) -> Option<(u32, u32)> {
    let found = table.optional_numbers("allocation", Bound::Positive)?;
    let whole = found.iter().all(|share| share.fract() == 0.0 && *share <= MOST_IN_BLOCK);
    if found.len() != 2 || !whole {
        let message = "`allocation` must be two whole numbers from 1 to 10: treated, control";
        table.report(Diagnostic::error(codes::OUT_OF_RANGE, table.span_of("allocation"), message));
        return None;
    }
    Some((found[0] as u32, found[1] as u32))
}

/// Most interim looks. Chosen: no trial has more.
const MOST_LOOKS: usize = 10;

fn read_looks(table: &mut Reader<'_>) -> Vec<f64> {
    let looks = table.optional_numbers("looks", Bound::Level).unwrap_or_default();
    let ascending = looks.windows(2).all(|pair| pair[0] < pair[1]);
    if !ascending || looks.len() > MOST_LOOKS {
        let message = format!("`looks` must be at most {MOST_LOOKS} shares of the information, ascending");
        table.report(Diagnostic::error(codes::OUT_OF_RANGE, table.span_of("looks"), message));
        return Vec::new();
    }
    looks
}

#[cfg(test)]
mod tests;
