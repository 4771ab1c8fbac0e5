//! Arms of one trial against each other: sign and size of differences, and whether the trial's own test rejects.

use regraft_stats::Z90;
use regraft_trial::evidence::Use;
use regraft_trial::pack::{Pack, PackRow};
use regraft_trial::vocabulary::Vocabulary;
use serde::Serialize;

use super::effect::Trials;
use super::group::{Group, Lowered};
use super::map::{self, Target};
use super::predict::{Pair, pair};
use super::read_p::{asked, is_test, verdict};
use super::simulate::Cohort;
use super::view::{View, variance};

/// A difference between two arms.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BetweenRow {
    /// The trial.
    pub trial_id: String,
    /// Name of the outcome.
    pub outcome: String,
    /// When.
    pub time_value: Option<f64>,
    /// Unit of time.
    pub time_unit: String,
    /// Unit.
    pub unit: String,
    /// The first arm.
    pub arm_id: String,
    /// The arm that is taken off.
    pub versus: String,
    /// Use of the rows.
    #[serde(rename = "use")]
    pub usage: &'static str,
    /// Published difference.
    pub observed: Option<f64>,
    /// Median of simulated trials.
    pub predicted: f64,
    /// The difference in the simulated patients, who live both arms with the same fate: without chance or a trial's own
    /// effect. Null where they give no number.
    pub expected: Option<f64>,
    /// Lower end of the central 90 %.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Whether the published one lies in it.
    pub inside: Option<bool>,
    /// Whether the published and the expected one have the same sign; null where nothing is published or it is 0.
    pub sign_right: Option<bool>,
    /// Whether the published difference is greater than chance alone would make it in nine of ten such trials without a
    /// difference; null where nothing is published or chance has no width.
    pub clear: Option<bool>,
    /// Share of simulated trials whose two-sided test at 5 % rejects.
    pub rejects: f64,
}

/// A test of a randomised trial of which the pack says how it ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrialTest {
    /// The trial.
    pub trial_id: String,
    /// Name of the outcome.
    pub outcome: String,
    /// When.
    pub time_value: Option<f64>,
    /// Unit of time.
    pub time_unit: String,
    /// The first arm.
    pub arm_id: String,
    /// The second.
    pub versus: String,
    /// Use of the row.
    #[serde(rename = "use")]
    pub usage: &'static str,
    /// Whether the trial's test rejected.
    pub rejected: bool,
    /// Share of simulated trials in which it does.
    pub probability: f64,
}

/// The word of a use.
pub fn word_of(usage: Option<Use>) -> &'static str {
    match usage {
        Some(Use::Calibrate) => "calibrate",
        Some(Use::Validate) => "validate",
        Some(Use::Context) => "context",
        None => "",
    }
}

/// Two arms without a trial's own effect.
struct Still {
    /// The difference in all patients of the cohort.
    expected: Option<f64>,
    /// Standard deviation of differences by chance alone, in trials of that size.
    chance: f64,
}

/// What is compared: a group simulated.
pub struct Comparison<'a> {
    pub vocabulary: &'a Vocabulary,
    pub pack: &'a Pack,
    pub group: &'a Group,
    pub lowered: &'a Lowered,
    pub cohort: &'a Cohort,
    pub trials: &'a Trials,
}

impl Comparison<'_> {
    /// Differences of rows that are alike but for the arm, and tests whose end the pack tells.
    pub fn all(&self) -> (Vec<BetweenRow>, Vec<TrialTest>) {
        let (mut differences, mut tests) = (Vec::new(), Vec::new());
        for (place, (row, arm, target)) in self.group.targets.iter().enumerate() {
            if target.only_test {
                continue;
            }
            let row = &self.pack.rows[*row];
            let Some(versus) = self.versus(row, *arm) else { continue };
            if target.stat.compares() {
                tests.extend(self.test_of_ratio(place, row, *arm, versus, target));
                continue;
            }
            let Some(other) = self.partner(row, versus, target) else { continue };
            let Some((found, still)) = self.pair(place, other) else { continue };
            let second = &self.pack.rows[self.group.targets[other].0];
            differences.push(self.difference(row, second, &found, &still));
            let said = verdict(row).or_else(|| verdict(second)).or_else(|| self.elsewhere(row, target));
            tests.extend(
                said.filter(|_| self.group.is_randomised())
                    .map(|rejected| self.test(row, second, rejected, &found)),
            );
        }
        let told = |endpoint: &str| {
            let rows =
                self.group.targets.iter().filter(|(_, _, its)| !its.only_test && its.endpoint == endpoint);
            rows.map(|(row, _, _)| &self.pack.rows[*row])
                .any(|row| tests.iter().any(|test: &TrialTest| test.outcome == row.outcome))
        };
        let alone = self.group.targets.iter().enumerate().filter(|(_, (_, _, target))| target.only_test);
        let pairs: Vec<(usize, usize)> = alone
            .map(|(place, _)| place)
            .collect::<Vec<_>>()
            .chunks(2)
            .filter_map(|two| Some((*two.first()?, *two.get(1)?)))
            .collect();
        let more: Vec<TrialTest> = pairs
            .into_iter()
            .filter(|(own, _)| !told(&self.group.targets[*own].2.endpoint))
            .filter_map(|(own, other)| self.test_alone(own, other))
            .collect();
        tests.extend(more);
        (differences, tests)
    }

    /// The test of which a row tells the end alone.
    fn test_alone(&self, own: usize, other: usize) -> Option<TrialTest> {
        let row = &self.pack.rows[self.group.targets[own].0];
        let rejected = verdict(row)?;
        let (found, _) = self.pair(own, other)?;
        let versus = self.pack.arms[self.group.arms[self.group.targets[other].1].arm].arm_id.clone();
        Some(TrialTest { versus, ..self.test(row, row, rejected, &found) })
    }

    /// The arm of comparison of a row, where it gets something else; each pair of arms once.
    fn versus(&self, row: &PackRow, arm: usize) -> Option<usize> {
        let names: Vec<&str> =
            self.group.arms.iter().map(|own| self.pack.arms[own.arm].arm_id.as_str()).collect();
        let versus = self.group.versus(arm, &format!("{} {}", row.definition, row.arm_id), &names)?;
        let same = |arm: usize| (&self.group.arms[arm].mapped.regimen, &self.group.arms[arm].mapped.product);
        if same(arm) == same(versus) {
            return None;
        }
        let rank = |arm: usize| (self.group.arms[arm].mapped.role, arm);
        let ratio = self.group.targets.iter().any(|(_, own, target)| *own == arm && target.stat.compares());
        (rank(arm) < rank(versus) || ratio).then_some(versus)
    }

    /// The same outcome at the same time in the other arm.
    fn partner(&self, row: &PackRow, versus: usize, target: &Target) -> Option<usize> {
        self.group.targets.iter().position(|(other, arm, its)| {
            let other = &self.pack.rows[*other];
            *arm == versus
                && !its.only_test
                && other.outcome == row.outcome
                && other.unit == row.unit
                && its.day == target.day
                && its.endpoint == target.endpoint
                && its.stat == target.stat
        })
    }

    fn view(&self, place: usize) -> Option<View<'_>> {
        let (_, arm, target) = &self.group.targets[place];
        let at = self.lowered.places[place].as_ref().ok()?;
        View::new(self.cohort, *arm, *at, target).ok()
    }

    /// What trials find in two arms, and what is known of it without a trial's effect.
    fn pair(&self, place: usize, other: usize) -> Option<(Pair, Still)> {
        let (own, versus) = (self.view(place)?, self.view(other)?);
        let name = &self.group.trial_id;
        let found = pair(&own, &versus, self.trials, name, true);
        let alone = pair(&own.at_the_mean(), &versus.at_the_mean(), self.trials, name, false);
        let expected = own.expected().zip(versus.expected()).map(|(own, versus)| own - versus);
        let still = Still { expected, chance: variance(&alone.values).sqrt() };
        (!found.values.is_empty()).then_some((found, still))
    }

    fn difference(&self, row: &PackRow, other: &PackRow, found: &Pair, still: &Still) -> BetweenRow {
        let (low, predicted, high) = super::predict::ends_of(found.values.clone());
        let observed = row.value.zip(other.value).map(|(own, other)| own - other);
        let sign = still.expected.unwrap_or(predicted);
        let clear = |value: f64| (still.chance > 0.0).then(|| value.abs() > Z90 * still.chance);
        BetweenRow {
            trial_id: row.trial_id.clone(),
            outcome: row.outcome.clone(),
            time_value: row.time_value,
            time_unit: row.time_unit.clone(),
            unit: row.unit.clone(),
            arm_id: row.arm_id.clone(),
            versus: other.arm_id.clone(),
            usage: word_of(row.usage),
            observed,
            predicted,
            expected: still.expected,
            low,
            high,
            inside: observed.map(|value| low <= value && value <= high),
            sign_right: observed.filter(|value| *value != 0.0).map(|value| value * sign > 0.0),
            clear: observed.and_then(clear),
            rejects: share(&found.rejects),
        }
    }

    fn test(&self, row: &PackRow, other: &PackRow, rejected: bool, found: &Pair) -> TrialTest {
        TrialTest {
            trial_id: row.trial_id.clone(),
            outcome: row.outcome.clone(),
            time_value: row.time_value,
            time_unit: row.time_unit.clone(),
            arm_id: row.arm_id.clone(),
            versus: other.arm_id.clone(),
            usage: word_of(row.usage),
            rejected,
            probability: share(&found.rejects),
        }
    }

    /// The test behind a ratio or difference that the pack prints.
    fn test_of_ratio(
        &self,
        place: usize,
        row: &PackRow,
        arm: usize,
        versus: usize,
        target: &Target,
    ) -> Option<TrialTest> {
        let rejected = verdict(row).filter(|_| self.group.is_randomised())?;
        let at = *self.lowered.places[place].as_ref().ok()?;
        let own = View::new(self.cohort, arm, at, target).ok()?;
        let others = target.of_versus(row, &self.pack.arms[self.group.arms[versus].arm]);
        let other = View::new(self.cohort, versus, at, &others).ok()?;
        let found = pair(&own, &other, self.trials, &self.group.trial_id, true);
        let name = self.pack.arms[self.group.arms[versus].arm].arm_id.clone();
        let probability = share(&found.rejects);
        Some(TrialTest {
            trial_id: row.trial_id.clone(),
            outcome: row.outcome.clone(),
            time_value: row.time_value,
            time_unit: row.time_unit.clone(),
            arm_id: row.arm_id.clone(),
            versus: name,
            usage: word_of(row.usage),
            rejected,
            probability,
        })
    }

    /// An indicator or p-value row of the same trial that speaks of this outcome: its name without `detected`,
    /// `difference` and `p` is part of the outcome's, or maps to the same endpoint at the same time.
    fn elsewhere(&self, row: &PackRow, target: &Target) -> Option<bool> {
        let arms: Vec<usize> = self.group.arms.iter().map(|arm| arm.arm).collect();
        let speaks = |other: &&PackRow| {
            let own = is_test(other) && other.trial_id == row.trial_id;
            let (Some(arm), true) = (self.pack.arm_of(other), own) else {
                return false;
            };
            if !arms.contains(&arm) || other.verified == Some(false) {
                return false;
            }
            let mapped = self.group.arms.iter().find(|own| own.arm == arm).map(|own| &own.mapped);
            let Some(mapped) = mapped else { return false };
            let read = |asked: PackRow| {
                let asked = PackRow { unit: row.unit.clone(), ..asked };
                map::map_row(self.vocabulary, mapped, &self.pack.arms[arm], &asked).ok()
            };
            asked(other)
                .into_iter()
                .find_map(read)
                .is_some_and(|its| its.endpoint == target.endpoint && (its.day - target.day).abs() < 15.0)
        };
        self.pack.rows.iter().filter(speaks).find_map(verdict)
    }
}

fn share(rejects: &[bool]) -> f64 {
    rejects.iter().filter(|rejects| **rejects).count() as f64 / rejects.len().max(1) as f64
}
