//! Decisions under uncertainty: what is signal among members of a posterior, and what it is worth to know more.

/// Estimates of members with the luck of few patients taken out: pulled to their mean until their variance is that of
/// the truth.
///
/// Each member comes as `[estimate, estimate in one half of its patients, estimate in the other]`. The halves differ by
/// luck alone, whose variance in the whole is the mean of (a − b)²/4; what is left of the variance between members is
/// signal: x' = x̄ + √(signal/total) · (x − x̄). Ascending; empty where there is nobody.
pub fn without_luck(members: &[[f64; 3]]) -> Vec<f64> {
    let n = members.len() as f64;
    let mean = members.iter().map(|member| member[0]).sum::<f64>() / n;
    let total = members.iter().map(|member| (member[0] - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    let luck = members.iter().map(|member| (member[1] - member[2]).powi(2) / 4.0).sum::<f64>() / n;
    let keep = if total > 0.0 { ((total - luck).max(0.0) / total).sqrt() } else { 0.0 };
    let mut pulled: Vec<f64> = members.iter().map(|member| mean + keep * (member[0] - mean)).collect();
    pulled.sort_by(f64::total_cmp);
    pulled
}
