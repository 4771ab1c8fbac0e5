//! Estimates from patients in groups who share something: how far the groups differ in truth, and how far by luck.

/// What moves an estimate from patients of several groups.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Doubt {
    /// Variance of what is estimated between groups, luck of their few patients taken out; ≥ 0.
    pub between: f64,
    /// Standard error of that variance, by the number of groups and of their patients.
    pub between_error: f64,
    /// Variance of the estimate by the finite number of patients and of groups.
    pub error: f64,
}

impl Doubt {
    /// Variance with which one more group, or the truth if it is one of them, is told.
    pub fn total(&self) -> f64 {
        self.between + self.error
    }
}

/// Splits the doubt of an estimate from patients of several groups.
///
/// * `estimate` from everyone, `without` each group, which holds the share `shares` of all weight (adding up to 1);
/// * `luck`, the variance that the estimate would have if groups were alike: that of independent patients;
/// * `n`, their (effective) number.
///
/// The variance of the estimate is that of the delete-a-group jackknife for unequal groups \[Busing1999\]. What it has
/// above `luck` comes from the groups; for the mean of balanced groups the result is the variance component of the
/// one-way analysis of variance. Where it hangs on a few groups, as of rare events, it counts as none below its own
/// standard error: a few patients would else look like the doubt of all groups. `None` where groups have hardly more than one patient each, or a value is no number:
/// then groups cannot be told from patients.
pub fn doubt(estimate: f64, without: &[f64], shares: &[f64], luck: f64, n: f64) -> Option<Doubt> {
    let groups = shares.len() as f64;
    let known = without.iter().all(|value| value.is_finite()) && estimate.is_finite() && luck.is_finite();
    let whole = shares.iter().all(|share| (0.0..1.0).contains(share));
    if !known || !whole || groups < 3.0 || n < LEAST_EACH * groups {
        return None;
    }
    let of_shares = || shares.iter().zip(without);
    let center = groups * estimate - of_shares().map(|(share, value)| (1.0 - share) * value).sum::<f64>();
    let square = |(share, value): (&f64, &f64)| {
        let times = 1.0 / share;
        let pseudo = times * estimate - (times - 1.0) * value;
        (pseudo - center) * (pseudo - center) / (times - 1.0)
    };
    let squares: Vec<f64> = of_shares().filter(|(share, _)| **share > 0.0).map(square).collect();
    let variance = squares.iter().sum::<f64>() / groups;
    let scatter = squares.iter().map(|one| (one - variance) * (one - variance)).sum::<f64>();
    let own_error = (scatter / (groups - 1.0) / groups).sqrt();
    let effective = 1.0 / shares.iter().map(|share| share * share).sum::<f64>();
    let to_groups = effective * (n - 1.0) / (n - groups);
    let between = (variance - luck) * to_groups;
    // Twice what normal groups would show: then a few groups carry it all.
    let hangs_on_few = own_error > 2.0 * (2.0 / groups).sqrt() * variance;
    let between = if hangs_on_few && variance - luck < own_error { 0.0 } else { between.max(0.0) };
    Some(Doubt { between, between_error: own_error * to_groups, error: variance.max(luck) })
}

/// Patients of a group at least: with fewer the variance between groups is hardly known.
const LEAST_EACH: f64 = 1.5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::mean_interval;

    fn table(text: &str) -> Vec<Vec<String>> {
        text.lines().skip(1).map(|line| line.split(',').map(str::to_string).collect()).collect()
    }

    fn expected(data: &str, what: &str) -> Option<f64> {
        let rows = table(include_str!("../../../tests/reference/clustered/found.csv"));
        let row = rows.into_iter().find(|row| row[0] == data && row[1] == what)?;
        row[2].parse().ok()
    }

    /// The mean of a table: its doubt.
    fn of(data: &str) -> (f64, Doubt, f64) {
        let rows = table(include_str!("../../../tests/reference/clustered/data.csv"));
        let rows: Vec<(usize, f64)> = rows
            .iter()
            .filter(|row| row[0] == data)
            .map(|row| (row[1].parse().expect("a group"), row[2].parse().expect("a number")))
            .collect();
        let n = rows.len() as f64;
        let groups = 1 + rows.iter().map(|(group, _)| *group).max().expect("rows");
        let values: Vec<f64> = rows.iter().map(|(_, value)| *value).collect();
        let mean = values.iter().sum::<f64>() / n;
        let squares = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>();
        let luck = squares / (n - 1.0) / n;
        let without = |group: usize| {
            let rest: Vec<f64> =
                rows.iter().filter(|(own, _)| *own != group).map(|(_, value)| *value).collect();
            rest.iter().sum::<f64>() / rest.len() as f64
        };
        let share = |group: usize| rows.iter().filter(|(own, _)| *own == group).count() as f64 / n;
        let without: Vec<f64> = (0..groups).map(without).collect();
        let shares: Vec<f64> = (0..groups).map(share).collect();
        (mean, doubt(mean, &without, &shares, luck, n).expect("there are patients enough"), luck)
    }

    #[test]
    fn it_agrees_with_the_analysis_of_variance() {
        for data in ["balanced", "no_between", "unequal"] {
            let (mean, found, luck) = of(data);
            assert!((mean - expected(data, "mean").expect("a row")).abs() < 1e-9);
            let variance = expected(data, "variance_of_mean").expect("a row");
            assert!(
                (found.error - variance.max(luck)).abs() < 1e-9,
                "{data}: {} and {variance}",
                found.error
            );
            if let Some(between) = expected(data, "between") {
                assert!((found.between - between).abs() < 1e-9, "{data}: {} and {between}", found.between);
            }
        }
        let (_, unequal, _) = of("unequal");
        // Drawn with 0.25; twenty groups know it to a third.
        assert!((unequal.between - 0.25).abs() < 0.2, "{}", unequal.between);
    }

    #[test]
    fn without_groups_the_interval_is_that_of_independent_patients() {
        let (_, found, luck) = of("no_between");
        // Drawn with 0; twenty groups of eight know it to 0.05, a twentieth of the variance of a patient.
        assert!(found.between < 0.06 && found.error < 1.5 * luck, "{found:?} and {luck}");
        // One event of 300 patients in 30 groups: it says nothing of what groups differ by.
        let (rare, without) = (1.0 / 300.0, |group: usize| if group == 0 { 0.0 } else { 1.0 / 290.0 });
        let without: Vec<f64> = (0..30).map(without).collect();
        let rare =
            doubt(rare, &without, &[1.0 / 30.0; 30], 0.9 * rare / 300.0, 300.0).expect("patients enough");
        assert_eq!(rare.between, 0.0);
        let values = [1.0, 2.0, 3.0];
        assert!(mean_interval(&values, 0.95).low.is_finite());
        assert_eq!(doubt(0.5, &[0.5; 4], &[0.25; 4], 0.1, 4.0), None, "one patient in each group");
        assert_eq!(doubt(0.5, &[0.5, f64::NAN, 0.5], &[0.3, 0.3, 0.4], 0.1, 90.0), None);
    }
}
