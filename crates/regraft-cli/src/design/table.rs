//! The answer about a design as text for a terminal.

use std::fmt::Write;

use regraft::design::{Answer, AtSize};

use crate::words;

/// Power and its errors, duration, the curve, the design and what of it was assumed.
pub fn table(found: &Answer) -> String {
    let mut text = format!(
        "{}\n\n{}, seed {}: {} trials at each size, drawn from {} virtual patients\n{} against {}: {}\n\n",
        regraft::design::headline(found),
        found.trial,
        found.seed,
        found.trials,
        found.pool,
        found.treated,
        found.control,
        found.endpoint_title
    );
    text.push_str(&numbers(found));
    text.push_str(&curve(found));
    text.push_str(&other_tests(found));
    text.push_str("\nDesign\n");
    let width = found.design.iter().map(|line| line.what.chars().count()).max().unwrap_or(0);
    for line in &found.design {
        let assumed = match (line.from, line.source.as_deref()) {
            ("assumed", _) => " (assumed)".to_string(),
            (_, Some(source)) => format!(" ({source})"),
            _ => String::new(),
        };
        let _ = writeln!(text, "  {:width$}  {}{assumed}", line.what, line.value);
    }
    text.push('\n');
    for note in &found.notes {
        let _ = writeln!(text, "{}", words::wrap(note, words::WIDTH));
    }
    text
}

/// The same trials with their p-values from elsewhere.
fn other_tests(found: &Answer) -> String {
    if found.other_tests.is_empty() {
        return String::new();
    }
    let mut text = "\nThe same trials, tested otherwise\n".to_string();
    let width = found.other_tests.iter().map(|other| other.title.chars().count()).max().unwrap_or(0);
    let width = width.max(found.inference_title.chars().count());
    let _ = writeln!(text, "  {:width$}  {:>14}  {:>14}", "", "type I error", "power");
    let mut row = |title: &str, level: (f64, f64), power: (f64, f64)| {
        let (level, power) = (with_error(level.0, level.1), with_error(power.0, power.1));
        let _ = writeln!(text, "  {title:width$}  {level:>14}  {power:>14}");
    };
    let level = (found.type_one_error, found.type_one_mc_error);
    row(&found.inference_title, level, (found.power, found.mc_error));
    for other in &found.other_tests {
        let level = (other.type_one_error, other.type_one_mc_error);
        row(&other.title, level, (other.power, other.mc_error));
    }
    text
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

fn with_error(share: f64, error: f64) -> String {
    format!("{:.1} ± {:.1} %", 100.0 * share, 100.0 * error)
}

fn numbers(found: &Answer) -> String {
    let mut lines = vec![
        ("size".to_string(), size(found)),
        ("power".to_string(), power(found)),
        (
            "type I error".to_string(),
            format!(
                "{} (nominal {})",
                with_error(found.type_one_error, found.type_one_mc_error),
                percent(found.alpha)
            ),
        ),
    ];
    lines.push(("assurance".into(), assurance(found)));
    let size = match found.n_per_arm_for_target {
        Some(n) => format!("{n} per arm"),
        None if found.identical_arms => "not looked for".into(),
        None => "no size looked at has it".into(),
    };
    lines.push((format!("power {}", percent(found.target_power)), size));
    if found.members > 1 && !found.identical_arms {
        let size = found.n_per_arm_for_assurance.map(|n| format!("{n} per arm"));
        let size = size.unwrap_or("no size looked at has it".into());
        lines.push((format!("assurance {}", percent(found.target_power)), size));
    }
    let days = |days: f64| format!("{:.1} y", days / 365.25);
    lines.push((
        "duration".into(),
        format!(
            "{} ({} to {}), enrolment {}",
            days(found.duration_days),
            days(found.duration_low_days),
            days(found.duration_high_days),
            days(found.enrollment_days)
        ),
    ));
    lines.push(("effect".into(), effect(found)));
    if found.looks.len() > 1 {
        let look = |look: &regraft::design::Look| {
            format!(
                "{} of the information: |Z| > {:.3}, {} end",
                percent(look.information),
                look.critical,
                percent(look.ended)
            )
        };
        lines.push(("looks".into(), found.looks.iter().map(look).collect::<Vec<_>>().join("\n")));
    }
    let width = lines.iter().map(|(what, _)| what.chars().count()).max().unwrap_or(0);
    let line = |(what, value): (String, String)| {
        let value = value.replace('\n', &format!("\n{}", " ".repeat(width + 4)));
        format!("  {what:width$}  {value}\n")
    };
    lines.into_iter().map(line).collect()
}

/// The mean over members, its interval, and how far the members lie apart.
fn assurance(found: &Answer) -> String {
    let mut text = percent(found.assurance);
    if let Some((low, high)) = found.assurance_ci_low.zip(found.assurance_ci_high) {
        let _ = write!(text, " ({} to {})", percent(low), percent(high));
    }
    if let Some((low, high)) = found.assurance_low.zip(found.assurance_high) {
        let ends = format!("from {} to {}", percent(low), percent(high));
        let _ = write!(text, "; four of five of {} members have a power {ends}", found.members);
    }
    text
}

fn size(found: &Answer) -> String {
    let stopped = if found.looks.len() > 1 {
        format!("; {:.0} had entered when the trial ended, on average", found.patients_at_end)
    } else {
        String::new()
    };
    format!("{} per arm: {} treated, {} control{stopped}", found.n_per_arm, found.n_treated, found.n_control)
}

fn power(found: &Answer) -> String {
    let formula = found.power_by_formula.map(|value| format!("; by formula {}", percent(value)));
    format!(
        "{}, of it {} in favor of {}{}",
        with_error(found.power, found.mc_error),
        percent(found.power_in_favor),
        found.treated,
        formula.unwrap_or_default()
    )
}

fn effect(found: &Answer) -> String {
    let effect = &found.effect;
    let number =
        |value: Option<f64>| value.map_or("–".to_string(), |value| format!("{value:.3}").replace('-', "−"));
    format!(
        "{} {}; {} {}, {} {}",
        effect.measure.replace('_', " "),
        number(effect.value),
        found.treated,
        number(effect.treated),
        found.control,
        number(effect.control)
    )
}

fn curve(found: &Answer) -> String {
    let formula = found.curve.iter().any(|at| at.formula.is_some());
    let mut text = String::from("\n  per arm           power     ");
    let assured = found.curve.iter().any(|at| at.assurance.is_some());
    text.push_str(if assured { "assurance  " } else { "" });
    text.push_str(if formula { "by formula  " } else { "" });
    text.push_str("duration  information\n");
    for at in &found.curve {
        text.push_str(&line(at, formula));
    }
    text
}

fn line(at: &AtSize, formula: bool) -> String {
    let by_formula = match at.formula {
        Some(value) => format!("{:>10}  ", percent(value)),
        None if formula => format!("{:>10}  ", "–"),
        None => String::new(),
    };
    let assured = at.assurance.map_or(String::new(), |value| format!("{:>9}  ", percent(value)));
    format!(
        "  {:>7}  {:>15}  {assured}{by_formula}{:>8}  {:>11.0}\n",
        at.n_per_arm,
        with_error(at.power, at.mc_error),
        format!("{:.1} y", at.duration_days / 365.25),
        at.information
    )
}
