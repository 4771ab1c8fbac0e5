//! How long the patients of an arm were followed, and what is lost of a late estimate by it.

use regraft_ode::math;
use regraft_trial::pack::days_of;
use regraft_trial::vocabulary::normal;

/// Shares of patients still followed, by day.
#[derive(Debug, Clone, PartialEq)]
pub struct FollowUp {
    /// Day and share that is followed longer, ascending days.
    knots: Vec<(f64, f64)>,
    /// Days in which the share behind the last knot halves; none where nobody is followed longer.
    half: Option<f64>,
}

/// Steps of the sum over time.
const STEPS: usize = 64;

impl FollowUp {
    /// What a text says: `median 47 months`, `median 2 y (IQR 1-4)`, `31 (1-144) months`, `mean 18.8 mo (7-36)`.
    ///
    /// `None` where it names neither a median, a mean nor a range: then all are followed to the end (`54 wk`).
    /// With a middle alone, and behind an upper quartile, who is still followed halves in equal times; between stated
    /// numbers the share falls evenly. A mean with a small standard deviation (`87 wk mean (SD 37)`) is that of a trial
    /// with an end, see [`FollowUp::to_an_end`].
    pub fn read(text: &str) -> Option<FollowUp> {
        let plain = normal(&text.replace('–', "-"));
        let words: Vec<&str> = plain.split_whitespace().collect();
        let number = |at: usize| words.get(at).and_then(|word| word.parse::<f64>().ok());
        let first = (0..words.len()).find(|at| number(*at).is_some())?;
        let unit = words[first..].iter().find_map(|word| days_of(word))?;
        let middle_is_said = words.iter().any(|word| ["median", "mean"].contains(word));
        let quartiles = words.iter().any(|word| *word == "iqr" || word.starts_with("interquartile"));
        // The range stands behind the middle: two numbers one after the other, the first the smaller one.
        let pair = (first + 1..words.len()).find_map(|at| number(at).zip(number(at + 1)));
        let pair = pair.filter(|(low, high)| low < high);
        let middle = number(first)? * unit;
        if middle <= 0.0 || !(middle_is_said || pair.is_some()) {
            return None;
        }
        let pair = pair
            .map(|(low, high)| (low * unit, high * unit))
            .filter(|(low, high)| *low <= middle && middle <= *high);
        if pair.is_none() && words.contains(&"mean") {
            let sd = words.iter().position(|word| *word == "sd").and_then(|at| number(at + 1));
            if let Some(found) = sd.and_then(|sd| FollowUp::to_an_end(middle, sd * unit)) {
                return Some(found);
            }
        }
        let (knots, half) = match pair {
            Some((low, high)) if quartiles => (
                vec![(0.0, 1.0), (low, 0.75), (middle, 0.5), (high, 0.25)],
                Some(high - middle).filter(|half| *half > 0.0),
            ),
            Some((low, high)) => (vec![(low, 1.0), (middle, 0.5), (high, 0.0)], None),
            None if words.contains(&"median") => (vec![(0.0, 1.0)], Some(middle)),
            None => (vec![(0.0, 1.0)], Some(middle * std::f64::consts::LN_2)),
        };
        Some(FollowUp { knots, half })
    }

    /// Follow-up of a trial with an end T that a share p reaches, while the others are lost evenly before: mean
    /// T (1 + p)/2 and mean square T² (1 + 2p)/3. With c = 1 + (sd/mean)² the two give ¾ c (1 + p)² = 1 + 2p.
    ///
    /// `None` for a spread wider than that of an even loss of all, sd > mean/√3, or none at all.
    fn to_an_end(mean: f64, sd: f64) -> Option<FollowUp> {
        let c = 0.75 * (1.0 + (sd / mean).powi(2));
        if !(c > 0.75 && c < 1.0) {
            return None;
        }
        let p = (1.0 - c + (1.0 - c).sqrt()) / c;
        let end = 2.0 * mean / (1.0 + p);
        Some(FollowUp { knots: vec![(0.0, 1.0), (end, p)], half: Some(f64::INFINITY) })
    }

    /// The day that a share of patients is followed longer than; `share` in (0, 1].
    pub fn day_of_share(&self, share: f64) -> f64 {
        let mut last = (0.0, 1.0);
        for knot in &self.knots {
            if knot.1 <= share && knot.1 < last.1 {
                return last.0 + (knot.0 - last.0) * (last.1 - share) / (last.1 - knot.1);
            }
            last = *knot;
        }
        let halves = math::ln(last.1 / share) / std::f64::consts::LN_2;
        self.half.map_or(last.0, |half| last.0 + half * halves)
    }

    /// Share of patients that is followed longer than `day`.
    pub fn share(&self, day: f64) -> f64 {
        let mut last = (0.0, 1.0);
        for knot in &self.knots {
            if day < knot.0 {
                let part = (day - last.0) / (knot.0 - last.0);
                return last.1 + part * (knot.1 - last.1);
            }
            last = *knot;
        }
        let halved = |half: f64| math::exp(-std::f64::consts::LN_2 * (day - last.0) / half);
        last.1 * self.half.map_or(1.0, halved)
    }

    /// Patients without censoring whose share on `day` would vary as much as the Kaplan–Meier estimate of `n` patients
    /// followed like this, where `free` of all are free of the event then.
    ///
    /// All of them where `day` lies behind all follow-up: the two numbers then do not belong together.
    ///
    /// Greenwood's variance under a constant hazard λ = −ln(S)/t:
    /// Var(S) = S² ∫ λ e^(λu) / (n G(u)) du, with the share G followed longer than u, of whom one is left at least.
    /// Without censoring it is S (1 − S) / n.
    pub fn effective(&self, n: usize, free: f64, day: f64) -> usize {
        let size = n as f64;
        if self.share(day) <= 0.0 {
            return n;
        }
        let free = free.clamp(0.5 / size.max(1.0), 1.0 - 0.5 / size.max(1.0)).clamp(0.01, 0.999);
        let hazard = -math::ln(free) / day;
        let step = day / STEPS as f64;
        let sum: f64 = (0..STEPS)
            .map(|k| {
                let u = (k as f64 + 0.5) * step;
                let followed = self.share(u).max(1.0 / (size * math::exp(-hazard * u)).max(1.0)).min(1.0);
                hazard * math::exp(hazard * u) / followed * step
            })
            .sum();
        let whole = 1.0 / free - 1.0;
        ((size * whole / sum).round().clamp(1.0, size)) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::FollowUp;

    #[test]
    fn texts_say_how_long_patients_were_followed() {
        assert_eq!(FollowUp::read("54 wk"), None);
        assert_eq!(FollowUp::read("until death"), None);
        assert_eq!(FollowUp::read("up to 5 y"), None);
        let middle = FollowUp::read("47 months mean").expect("a mean");
        assert!((middle.share(47.0 * 30.4375) - (-1.0_f64).exp()).abs() < 1e-9);
        let median = FollowUp::read("median 5.5 y").expect("a median");
        assert!((median.share(11.0 * 365.25) - 0.25).abs() < 1e-9);
        let range = FollowUp::read("31 (1-144) months").expect("a range");
        assert_eq!((range.share(20.0), range.share(144.0 * 30.4375)), (1.0, 0.0));
        let quartiles = FollowUp::read("median 2 y (IQR 1-4)").expect("quartiles");
        assert!((quartiles.share(4.0 * 365.25) - 0.25).abs() < 1e-9);
        assert!((quartiles.share(6.0 * 365.25) - 0.125).abs() < 1e-9);
    }

    #[test]
    fn a_mean_with_its_spread_is_that_of_a_trial_with_an_end() {
        let followed = FollowUp::read("87 wk mean (SD 37)").expect("a mean");
        // Mean and standard deviation by the quantiles, cut at the end as a trial would.
        let end = 2.0 * 87.0 * 7.0 / (1.0 + followed.share(1e6));
        let days: Vec<f64> =
            (0..10_000).map(|k| followed.day_of_share((f64::from(k) + 0.5) / 1e4).min(end)).collect();
        let mean = days.iter().sum::<f64>() / 1e4 / 7.0;
        let sd = (days.iter().map(|day| (day / 7.0 - mean).powi(2)).sum::<f64>() / 1e4).sqrt();
        assert!((mean - 87.0).abs() < 0.1 && (sd - 37.0).abs() < 0.1, "{mean} {sd}");
        assert!((followed.share(104.0 * 7.0) - 0.56).abs() < 0.01);
        let wide = FollowUp::read("mean 47 months (SD 40)").expect("a mean alone");
        assert!((wide.share(47.0 * 30.4375) - (-1.0_f64).exp()).abs() < 1e-9);
    }

    #[test]
    fn days_of_shares_turn_shares_of_days_round() {
        for text in ["median 5.5 y", "31 (1-144) months", "median 2 y (IQR 1-4)", "87 wk mean (SD 37)"] {
            let followed = FollowUp::read(text).expect("follow-up");
            for share in [0.97, 0.8, 0.6] {
                let day = followed.day_of_share(share);
                assert!((followed.share(day) - share).abs() < 1e-9, "{text} {share}: {day}");
            }
        }
    }

    #[test]
    fn late_estimates_stand_on_fewer_patients() {
        let followed = FollowUp::read("median 5 y").expect("a median");
        let year = 365.25;
        // Halved every five years. Greenwood by numerical integration (scipy.integrate.quad).
        for (day, wanted) in [(2.0 * year, 172), (5.0 * year, 136), (8.0 * year, 106)] {
            let found = followed.effective(200, 0.7, day);
            assert!(found.abs_diff(wanted) <= 2, "{day}: {found}");
        }
        assert_eq!(followed.effective(200, 0.7, 1.0), 200);
        let range = FollowUp::read("26 (0-78) months").expect("a range");
        assert_eq!(range.effective(53, 0.7, 10.0 * year), 53, "behind all follow-up");
    }
}
