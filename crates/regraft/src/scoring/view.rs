//! An arm as one target of a row looks at it, and what one trial finds in it.

use regraft_ode::math;
use regraft_stats::{Stream, Survival, Z90, count_endings, kaplan_meier_of, median_time, quantile, wilson};
use regraft_trial::trial_file::Method;

use super::effect::{Effects, Trials};
use super::group::{Places, YEAR};
use super::map::{Stat, Target, Window};
use super::moved::AT_VISIT;
use super::simulate::Cohort;
use crate::findings::statistic::{Sample, Seen, statistics};
use crate::outcomes::Outcome;
use crate::outcomes::nearest_visit;

/// Most patients of a trial that are drawn one by one: more move its result by less than the trial's own effect.
pub(super) const MOST_DRAWN: usize = 1500;

/// Level of the intervals.
pub const LEVEL: f64 = 0.90;

/// An arm as one target looks at it.
#[derive(Debug, Clone)]
pub struct View<'a> {
    pub(super) target: &'a Target,
    pub(super) outcome: &'a Outcome,
    less: Option<&'a Outcome>,
    /// The value at visits, the first of them the entry; of a score.
    values: &'a Outcome,
    pub(super) zero: f64,
    pub(super) arm: usize,
    /// All patients.
    pub(super) rows: Vec<usize>,
    /// The share in all patients and how many count; for a share.
    share: (f64, usize),
    /// Patients of a trial behind a share: those of the row, fewer where follow-up was short.
    size: usize,
    /// Mean at entry, by which a change in per cent is divided; 1 for all else.
    start: f64,
    /// Spread between patients; for a score.
    spread: f64,
    /// How far each member lies from the mean of them: of a share or score itself, else of its logarithm.
    pub(super) members: Vec<f64>,
}

/// What one trial finds in one arm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drawn {
    /// In the unit of the row.
    pub value: f64,
    /// The same in the unit of the statistic.
    pub raw: f64,
    /// Variance of `raw` as the trial's own analysis would estimate it; NaN where it has none.
    pub variance: f64,
    /// Patients.
    pub n: usize,
}

impl<'a> View<'a> {
    /// The view of `arm`; a reason where nothing can be seen.
    ///
    /// # Errors
    /// In words.
    pub fn new(
        cohort: &'a Cohort,
        arm: usize,
        place: Places,
        target: &'a Target,
    ) -> Result<View<'a>, String> {
        let outcomes = &cohort.outcomes[arm];
        let among = place.among.map(|among| chosen(&outcomes[among]));
        let counts = |row: &usize| among.as_ref().is_none_or(|among| among[*row]);
        let mut view = View {
            target,
            outcome: &outcomes[place.own],
            less: place.less.map(|less| &outcomes[less]),
            values: &outcomes[place.entry.unwrap_or(place.own)],
            zero: cohort.zeros[arm][place.own],
            arm,
            rows: (0..cohort.n_patients()).filter(counts).collect(),
            share: (0.0, 0),
            size: target.n,
            start: 1.0,
            spread: 0.0,
            members: vec![0.0; cohort.n_members],
        };
        if view.rows.len() < FEWEST_CHOSEN {
            return Err("hardly a simulated patient belongs to the group that the row counts".to_string());
        }
        if target.stat == Stat::PercentChange {
            view.start = view.mean_at_entry().ok_or("no simulated patient is seen at entry")?;
        }
        if target.stat.is_share() {
            let share = view.share_of(&view.rows);
            view.share = share.ok_or("no simulated patient is followed until that day")?;
            view.size = view.followed();
        } else if view.n_seen(&view.rows) == 0 {
            return Err("no simulated patient is seen at that time".to_string());
        }
        view.spread = sd(&view.scores(&view.rows));
        if cohort.n_members > 1 {
            let of_member = |member| cohort.rows_of(member).into_iter().filter(|row| counts(row)).collect();
            let rows: Vec<Vec<usize>> = (0..cohort.n_members).map(of_member).collect();
            view.members = view.deviations(&rows);
        }
        Ok(view)
    }

    /// Patients without censoring who would give a Kaplan–Meier estimate as much chance as those of the row with their
    /// follow-up; all of the row for other shares.
    fn followed(&self) -> usize {
        let Target { stat, n, day, complement, follow_up, .. } = self.target;
        let estimate = [Stat::KaplanMeier, Stat::KaplanMeierComplement, Stat::CumulativeIncidence];
        let Some(follow_up) = follow_up.as_ref().filter(|_| estimate.contains(stat)) else { return *n };
        let free =
            if (*stat == Stat::KaplanMeier) != *complement { self.share.0 } else { 1.0 - self.share.0 };
        follow_up.effective(*n, free, *day)
    }

    /// Mean of a score at entry; `None` where nobody has one or it is nothing.
    fn mean_at_entry(&self) -> Option<f64> {
        let Outcome::Scores { days, values } = self.outcome else { return None };
        let seen = self.rows.iter().map(|row| values[row * days.len()]).filter(|value| value.is_finite());
        let (sum, n) = seen.fold((0.0, 0.0), |(sum, n), value| (sum + value, n + 1.0));
        (n > 0.0 && sum != 0.0).then(|| sum / n)
    }

    /// How far members lie from their mean.
    ///
    /// A member has few patients, so that its own statistic is off by chance too: the variance that chance alone
    /// would give is taken off, and all deviations are drawn together accordingly (method of moments).
    fn deviations(&self, rows: &[Vec<usize>]) -> Vec<f64> {
        let found: Vec<Option<(f64, f64)>> = rows.iter().map(|rows| self.of_member(rows)).collect();
        let known: Vec<(f64, f64)> = found.iter().flatten().copied().collect();
        let n = known.len() as f64;
        if n < 2.0 {
            return vec![0.0; rows.len()];
        }
        let mean = known.iter().map(|(value, _)| value).sum::<f64>() / n;
        let seen = variance(&known.iter().map(|(value, _)| *value).collect::<Vec<_>>());
        let chance = known.iter().map(|(_, variance)| variance).sum::<f64>() / n;
        let keep = if seen > chance { ((seen - chance) / seen).sqrt() } else { 0.0 };
        found.iter().map(|one| one.map_or(0.0, |(value, _)| keep * (value - mean))).collect()
    }

    /// The statistic in some patients, on the scale of deviations, with its variance by chance.
    fn of_member(&self, rows: &[usize]) -> Option<(f64, f64)> {
        if self.target.stat.is_share() {
            let (share, n) = self.share_of(rows)?;
            let usual = (self.share.0 * self.share.1 as f64 + 0.5) / (self.share.1 as f64 + 1.0);
            return Some((share, usual * (1.0 - usual) / n as f64));
        }
        match self.outcome {
            Outcome::Scores { .. } => {
                let values = self.scores(rows);
                let n = values.len() as f64;
                let mean = values.iter().sum::<f64>() / n;
                (n > 0.0).then_some((mean, self.spread * self.spread / n))
            }
            Outcome::Rates(rates) => {
                let seen = rows.iter().filter_map(|row| rates[*row].as_ref()?.followed_to(f64::INFINITY));
                let (events, years) = seen.fold((0.5, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
                (years > 0.0).then(|| (math::ln(events / years), 1.0 / events))
            }
            Outcome::Times(_) if self.target.stat == Stat::MedianDay => {
                let day = self.median_day(rows)?;
                (day > 0.0).then(|| (math::ln(day), 1.57 / rows.len() as f64))
            }
            Outcome::Times(_) => {
                // Cumulative hazard: its logarithm has about the variance of one over the events.
                let last = self.day();
                let ends = self.sample(self.outcome, rows, &[]).times();
                let events =
                    ends.iter().filter(|end| end.status == 1 && end.time <= last).count() as f64 + 0.5;
                let time: f64 = ends.iter().map(|end| end.time.clamp(0.0, last)).sum();
                (time > 0.0).then(|| (math::ln(events / time), 1.0 / events))
            }
        }
    }

    pub(super) fn day(&self) -> f64 {
        let at_visit = self.target.window == Window::At && matches!(self.outcome, Outcome::Times(_));
        if at_visit { self.target.day + AT_VISIT } else { self.target.day }
    }

    fn n_seen(&self, rows: &[usize]) -> usize {
        match self.outcome {
            Outcome::Scores { .. } => self.scores(rows).len(),
            _ => self.sample(self.outcome, rows, &[]).n(None),
        }
    }

    pub(super) fn sample<'b>(
        &'b self,
        outcome: &'b Outcome,
        rows: &'b [usize],
        follow_up: &'b [f64],
    ) -> Sample<'b> {
        Sample { outcome, rows, follow_up, zero: self.zero }
    }

    /// The statistic of a share in some patients, with how many count.
    fn share_of(&self, rows: &[usize]) -> Option<(f64, usize)> {
        let of = |outcome: &Outcome| -> Option<f64> {
            let method = match self.target.stat {
                Stat::KaplanMeier => Method::KaplanMeier,
                Stat::KaplanMeierComplement => Method::KaplanMeierComplement,
                Stat::CumulativeIncidence => Method::CumulativeIncidence,
                _ => Method::Proportion,
            };
            let found = statistics(method, self.sample(outcome, rows, &[]), None, &[Some(self.day())]);
            found.into_iter().next()?.ok().map(|percent| percent / 100.0)
        };
        let own = of(self.outcome)?;
        let own = if self.target.complement { 1.0 - own } else { own };
        let less = self.less.map_or(Some(0.0), of)?;
        let n = self.sample(self.outcome, rows, &[]).n(None).max(1);
        Some(((own - less).clamp(0.0, 1.0), n))
    }

    /// Values of a score of some patients, NaN left out.
    fn scores(&self, rows: &[usize]) -> Vec<f64> {
        self.all_scores(rows).into_iter().filter(|value| value.is_finite()).collect()
    }

    /// A score of some patients at entry and on the day of the row, those left out who lack one of the two.
    pub(super) fn since_entry(&self, rows: &[usize]) -> Vec<(f64, f64)> {
        let Outcome::Scores { days, values } = self.values else { return Vec::new() };
        let entry = |row: &usize| values[row * days.len()];
        let both = rows.iter().map(entry).zip(self.all_scores(rows));
        both.filter(|(entry, value)| entry.is_finite() && value.is_finite()).collect()
    }

    /// Values of a score of some patients, NaN where one was not seen.
    fn all_scores(&self, rows: &[usize]) -> Vec<f64> {
        let Outcome::Scores { days, values } = self.outcome else { return Vec::new() };
        let Some(visit) = nearest_visit(days, self.target.day) else { return Vec::new() };
        let start = match self.target.window {
            Window::Slope if self.target.day > 1.5 * YEAR => nearest_visit(days, self.target.day - YEAR),
            _ => None,
        };
        let per_cent = self.target.stat == Stat::PercentChange;
        let start = if per_cent { Some(0) } else { start };
        let scale = if per_cent { 100.0 / self.start } else { 1.0 };
        let of = |row: &usize| {
            let at = |visit: usize| values[row * days.len() + visit];
            scale * (at(visit) - start.map_or(0.0, at))
        };
        rows.iter().map(of).collect()
    }

    /// The number in all patients of the cohort, in the unit of the row: without chance, trial or member. `None` where
    /// they give none, as a median that is not reached.
    pub(super) fn expected(&self) -> Option<f64> {
        let raw = match self.target.stat {
            stat if stat.is_share() => self.share.0,
            Stat::AnnualRate => self.rate(&self.rows, 0.0)?.0,
            Stat::MedianDay => self.median_day(&self.rows)?,
            stat if stat.compares() => return None,
            _ => self.mean(&self.rows, 0.0)?.0,
        };
        Some(self.value(raw)).filter(|value| value.is_finite())
    }

    /// What a trial finds with a member, an effect and patients drawn from `stream`; `None` without a number.
    pub(super) fn draw(&self, member: usize, shift: f64, stream: &Stream) -> Option<Drawn> {
        let own = self.move_of(member);
        if self.target.stat.is_share() {
            return Some(self.draw_share(own, shift, stream));
        }
        let drawn = self.drawn_rows(stream);
        let (raw, variance) = match self.target.stat {
            Stat::AnnualRate | Stat::RateRatio => self.rate(&drawn, own + shift)?,
            Stat::MedianDay => (self.median_day(&drawn)? * math::exp(own + shift), f64::NAN),
            _ => self.mean(&drawn, self.moved_by(member, shift))?,
        };
        Some(Drawn { value: self.value(raw), raw, variance, n: self.target.n })
    }

    /// Rows of the patients of one trial, drawn with replacement.
    pub(super) fn drawn_rows(&self, stream: &Stream) -> Vec<usize> {
        if self.rows.is_empty() {
            return Vec::new();
        }
        let row = |patient: u64| self.rows[stream.below(arm_index(self.arm, patient), self.rows.len())];
        (0..self.target.n.min(MOST_DRAWN) as u64).map(row).collect()
    }

    /// By how much a member moves the number, on its own scale.
    pub(super) fn move_of(&self, member: usize) -> f64 {
        self.members[member % self.members.len()]
    }

    /// By how much a member and a trial's effect move a mean.
    pub(super) fn moved_by(&self, member: usize, shift: f64) -> f64 {
        self.move_of(member) + shift * self.spread
    }

    /// Days until which patients of one trial are followed: to the day of the row, fewer of them where the arm states so.
    pub(super) fn followed_until(&self, patients: usize, stream: &Stream) -> Vec<f64> {
        let last = self.day();
        let stated = self.target.follow_up.as_ref().filter(|stated| stated.share(last) > 0.0);
        let until = |patient: usize| {
            let share = || stream.uniform(arm_index(self.arm, FOLLOWED + patient as u64));
            stated.map_or(last, |stated| stated.day_of_share(share()).min(last))
        };
        (0..patients).map(|patient| until(patient) + self.zero).collect()
    }

    fn value(&self, raw: f64) -> f64 {
        self.target.factor * (raw - self.target.zero) + self.target.offset
    }

    /// A published number in the unit of the statistic; `None` where the two do not belong together.
    pub(super) fn raw_of(&self, published: f64) -> Option<f64> {
        let raw = (published - self.target.offset) / self.target.factor + self.target.zero;
        // Of a share the complement is taken where it is counted.
        let turned = self.target.complement && !self.target.stat.is_share();
        Some(if turned { 1.0 - raw } else { raw }).filter(|raw| raw.is_finite())
    }

    /// How the number is formed.
    pub(super) fn stat(&self) -> Stat {
        self.target.stat
    }

    /// Patients of the row.
    pub(super) fn n(&self) -> usize {
        self.size
    }

    /// Spread between patients, of a score.
    pub(super) fn patient_spread(&self) -> f64 {
        self.spread
    }

    /// Variance between members: of a share or score itself, else of its logarithm.
    pub(super) fn member_variance(&self) -> f64 {
        self.members.iter().map(|own| own * own).sum::<f64>() / self.members.len() as f64
    }

    /// Shares of members on their logit: variance around that of all.
    pub(super) fn logit_variance(&self) -> f64 {
        let logit = |share: f64| math::ln(share / (1.0 - share));
        let middle = logit(self.smooth_share());
        let square = |own: &f64| (logit(self.member_share(*own)) - middle).powi(2);
        self.members.iter().map(square).sum::<f64>() / self.members.len() as f64
    }

    /// The share of a member that lies `own` from the mean: neither never nor always.
    fn member_share(&self, own: f64) -> f64 {
        let least = 0.5 / (self.share.1 as f64 + 1.0);
        (self.smooth_share() + own).clamp(least, 1.0 - least)
    }

    /// The share with half an event more of each kind: nobody of a thousand is not never.
    pub(super) fn smooth_share(&self) -> f64 {
        let of = self.share.1 as f64;
        (self.share.0 * of + 0.5) / (of + 1.0)
    }

    fn draw_share(&self, own: f64, shift: f64, stream: &Stream) -> Drawn {
        let n = self.size;
        let moved = shifted(self.member_share(own), shift);
        let events = binomial(stream, arm_index(self.arm, 0), n, moved);
        let raw = events / n as f64;
        Drawn { value: self.value(raw), raw, variance: raw * (1.0 - raw) / n as f64, n }
    }

    fn rate(&self, rows: &[usize], shift: f64) -> Option<(f64, f64)> {
        let Outcome::Rates(rates) = self.outcome else { return None };
        let seen: Vec<(f64, f64)> =
            rows.iter().filter_map(|row| rates[*row].as_ref()?.followed_to(f64::INFINITY)).collect();
        let years: f64 = seen.iter().map(|(_, years)| years).sum();
        if years <= 0.0 {
            return None;
        }
        let rate = seen.iter().map(|(events, _)| events).sum::<f64>() / years;
        let squares: f64 = seen.iter().map(|(events, own)| (events - rate * own).powi(2)).sum();
        let scale = math::exp(shift);
        Some((rate * scale, squares / (years * years) * scale * scale))
    }

    fn mean(&self, drawn: &[usize], shift: f64) -> Option<(f64, f64)> {
        let mut values = self.scores(drawn);
        if values.is_empty() {
            return None;
        }
        let n = values.len() as f64;
        let middle = if self.target.stat == Stat::Median {
            values.sort_by(f64::total_cmp);
            quantile(&values, 0.5)
        } else {
            values.iter().sum::<f64>() / n
        };
        Some((middle + shift, sd(&values).powi(2) / n))
    }

    fn median_day(&self, rows: &[usize]) -> Option<f64> {
        let Outcome::Times(_) = self.outcome else { return None };
        let times: Vec<Survival> = self.sample(self.outcome, rows, &[]).times();
        median_time(&kaplan_meier_of(&count_endings(&times), LEVEL))
    }

    /// The effect of a trial on this arm.
    pub(super) fn shift(&self, trials: &Trials, streams: &Effects, trial: usize) -> f64 {
        let spread = &trials.effect.spread;
        let size = match self.target.stat {
            // Effects of two arms apart by as much as shares make the spread of a ratio of hazards.
            stat if stat.is_share() || stat == Stat::HazardRatio => spread.share,
            Stat::AnnualRate | Stat::RateRatio => spread.rate,
            Stat::MedianDay => spread.time,
            _ => spread.mean,
        };
        streams.of(trials, trial, self.arm) * size
    }

    /// The same with every member at their mean.
    pub(super) fn at_the_mean(&self) -> View<'a> {
        View { members: vec![0.0], ..self.clone() }
    }

    /// The interval that chance alone gives a trial of this size, as a width in the row's unit.
    pub(super) fn chance(&self, median: f64) -> f64 {
        let n = self.target.n as f64;
        let Target { stat, factor, offset, .. } = self.target;
        if stat.is_share() && *factor != 0.0 {
            let share = ((median - offset) / factor).clamp(0.0, 1.0);
            let (low, high) = wilson(share * n, n, LEVEL);
            return factor.abs() * (high - low);
        }
        2.0 * Z90 * factor.abs() * self.spread / n.sqrt()
    }
}

/// First index of the draws of an arm that say how long its patients are followed; the patients themselves stand before.
const FOLLOWED: u64 = 1 << 31;

/// Index of a draw of an arm: each arm has 2³² of its own.
fn arm_index(arm: usize, draw: u64) -> u64 {
    ((arm as u64) << 32) | draw
}

/// A share moved on its logit.
pub(super) fn shifted(share: f64, shift: f64) -> f64 {
    let odds = share / (1.0 - share) * math::exp(shift);
    odds / (1.0 + odds)
}

/// Number of `n` with probability `p`: by inversion of one uniform; beyond a hundred of both kinds the normal
/// distribution stands in.
pub(super) fn binomial(stream: &Stream, index: u64, n: usize, p: f64) -> f64 {
    let (size, q) = (n as f64, 1.0 - p);
    if size * p * q > 100.0 {
        return (size * p + (size * p * q).sqrt() * stream.normal(index)).round().clamp(0.0, size);
    }
    if p > 0.5 {
        return size - binomial(stream, index, n, q);
    }
    let uniform = stream.uniform(index);
    let mut mass = math::exp(size * math::ln(q));
    let (mut below, mut k) = (mass, 0.0);
    while below < uniform && k < size {
        k += 1.0;
        mass *= (size - k + 1.0) / k * p / q;
        below += mass;
    }
    k
}

/// Fewer simulated patients than this are no group. Chosen: of so many a share is known to a tenth.
const FEWEST_CHOSEN: usize = 20;

/// Who had the event, `[patient]`.
fn chosen(outcome: &Outcome) -> Vec<bool> {
    outcome.by_day(f64::INFINITY, false).into_iter().map(|came| came > 0.5).collect()
}

/// Variance between values; 0 for fewer than two.
pub(super) fn variance(values: &[f64]) -> f64 {
    if values.len() < 2 { 0.0 } else { regraft_stats::variance(values) }
}

/// Standard deviation; 0 for fewer than two values.
pub(super) fn sd(values: &[f64]) -> f64 {
    variance(values).sqrt()
}
