//! The page of what to learn next: the decision as it stands, and the lessons by their worth.

use std::fmt::Write;

use super::doubt;
use super::figure::{SHOWN, bars, worth_text};
use super::run::{ArmFound, Found, Kind, Lesson};
use crate::report::palette;
use crate::report::svg::escape;
use crate::report::words;

/// Writes the page: one HTML text without script and without any request.
pub fn page(found: &Found) -> String {
    let css = format!("{}{}{}", palette::rules(), include_str!("../../templates/report.css"), CSS);
    let mut body = format!(
        "<p class=\"kick\"><span>{}</span><span>What to learn next</span><span class=\"ru\">Research and trial design, \
         never bedside advice</span></p><h1>{}</h1>",
        escape(&found.title),
        escape(&headline(found))
    );
    for sentence in answers(found) {
        let _ = write!(body, "<p class=\"lead\">{}</p>", escape(&sentence));
    }
    body.push_str(&arms(found));
    body.push_str(&lessons(found));
    body.push_str(&doubt::section(found));
    body.push_str(&small_print(found));
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width,initial-scale=1\"><title>{}</title><style>{css}</style></head>\
         <body><main>{body}</main></body></html>\n",
        escape(&format!("{}: what to learn next", found.title))
    )
}

const CSS: &str = "\n.reach { stroke: var(--ink); stroke-width: 1.5; }\n\
.cmd { white-space: pre-wrap; font-size: 12.5px; overflow-wrap: anywhere; }\n\
.learn { width: 100%; }\n";

fn unit(found: &Found) -> String {
    if found.unit.is_empty() {
        "units of the utility".to_string()
    } else {
        quality(&found.unit, &found.utility)
    }
}

/// "quality-adjusted years" where the unit alone would be years.
fn quality(unit: &str, utility: &str) -> String {
    if utility.to_lowercase().contains(&unit.to_lowercase()) {
        words::inner(utility)
    } else {
        unit.replace('_', " ")
    }
}

fn everything(found: &Found) -> Option<&Lesson> {
    found.lessons.iter().find(|one| one.kind == Kind::Everything)
}

/// The answer in one sentence.
pub fn headline(found: &Found) -> String {
    let worth = everything(found).map_or(0.0, |one| one.worth);
    let best = found.best().map_or(String::new(), |arm| arm.title.clone());
    if worth == 0.0 {
        return format!(
            "{best} is best whatever is uncertain: nothing that could be learned would change the choice"
        );
    }
    format!(
        "{best} is the best choice today; to know everything would add {} {} per patient",
        worth_text(worth),
        unit(found)
    )
}

/// What stands behind the answer, a sentence each.
pub fn answers(found: &Found) -> Vec<String> {
    let mut all = vec![format!(
        "The decision is between {}, judged by {} on day {}. {} patients live with {}; in each member it may be another \
         arm that is best.",
        words::list(&found.arms.iter().map(|arm| words::inner(&arm.title)).collect::<Vec<_>>()),
        words::inner(&found.utility),
        words::as_printed(found.at_day),
        words::count(found.patients),
        found.members
    )];
    let first = found.lessons.iter().find(|one| one.kind == Kind::Parameter && one.worth > 2.0 * one.error);
    if let Some(first) = first {
        all.push(format!(
            "Of single parameters most is to be had from “{}”: {} of {} per patient.",
            first.title,
            worth_text(first.worth),
            worth_text(everything(found).map_or(0.0, |one| one.worth))
        ));
    } else {
        all.push("No single parameter is worth more than twice its own error.".into());
    }
    let trial = found.lessons.iter().filter(|one| one.kind == Kind::Trial);
    if let Some(trial) = trial.max_by_key(|one| one.n_per_arm) {
        all.push(format!(
            "A further trial of these arms with {} patients in each would be worth {}.",
            words::count(trial.n_per_arm.unwrap_or(0) as usize),
            worth_text(trial.worth)
        ));
    }
    all
}

fn arms(found: &Found) -> String {
    let mut html = String::from(
        "<section><h2>The decision as it stands</h2><div class=\"scroll\"><table class=\"learn\"><thead><tr><th>Arm</th>\
         <th>Mean utility less cost ± error</th><th>Against the best (95&nbsp;% interval)</th><th>SD between patients</th><th>SD between members</th><th>Best in</th></tr></thead><tbody>",
    );
    for arm in &found.arms {
        let _ = write!(
            html,
            "<tr><th scope=\"row\">{}</th><td>{} ± {}</td><td>{}</td><td>{}</td><td>{}</td><td>{} of members</td></tr>",
            escape(&arm.title),
            words::fixed(arm.mean, 3),
            words::fixed(arm.error, 3),
            against_best(arm),
            words::fixed(arm.between_patients, 2),
            words::fixed(arm.between_members, 3),
            words::percent(100.0 * arm.best)
        );
    }
    html.push_str("</tbody></table></div></section>");
    html
}

/// What it gives less than the best arm, with its interval.
fn against_best(arm: &ArmFound) -> String {
    let Some(difference) = &arm.against_best else { return "best on average".into() };
    let three = |value: f64| words::fixed(value, 3);
    let ends = difference.low.zip(difference.high);
    let ends = ends.map(|(low, high)| format!(" ({} to {})", three(low), three(high)));
    three(difference.value) + &ends.unwrap_or_default()
}

fn lessons(found: &Found) -> String {
    let mut html = format!(
        "<section><h2>What it is worth to know</h2><figure>{}{}<p class=\"cap\">Worth per patient in {}: dark everything, \
         brown further trials of these arms, blue one parameter known exactly. Lines: two standard errors either way, of draws and patients together.{}</p>\
         </figure>",
        bars(found, false),
        bars(found, true),
        escape(&unit(found)),
        if found.lessons.len() > SHOWN { " The first of them; all stand in the table." } else { "" }
    );
    let _ = write!(
        html,
        "<div class=\"scroll\"><table class=\"learn\"><thead><tr><th>What is learned</th><th>Worth ± error</th><th>Of it by few patients</th><th>Share \
         of everything</th><th>If measured</th></tr></thead><tbody>"
    );
    let whole = everything(found).map_or(0.0, |one| one.worth);
    for one in &found.lessons {
        let share = if whole > 0.0 { words::percent(100.0 * one.worth / whole) } else { "–".to_string() };
        let _ = write!(
            html,
            "<tr><th scope=\"row\">{}</th><td>{} ± {}</td><td>{}</td><td>{share}</td><td>{}</td></tr>",
            escape(&one.title),
            worth_text(one.worth),
            worth_text(one.error),
            worth_text(one.error_by_patients),
            one.measured.map_or("–".to_string(), worth_text)
        );
    }
    html.push_str("</tbody></table></div></section>");
    html
}

fn small_print(found: &Found) -> String {
    let items = [
        "A worth is a mean over the doubt of the parameters, so it has no part in patients and chance: their luck is taken out. What is uncertain of a worth is its error, by the finite number of draws and of patients in each: “of it by few patients” is what more --patients would take away, the rest takes more --members.".to_string(),
        "Everything: what one gained by knowing all parameters before choosing (expected value of perfect information). A parameter: the same for it alone, by regression on it (Strong 2014). If measured: a measurement whose standard error is as large as the parameter's spread is now (Jalal 2018).".to_string(),
        "A trial: its result is simulated in each member, with other patients, and the choice is made after it (Strong 2015). What a trial adds of its own beyond its patients is not in it, so large trials are worth somewhat less than shown.".to_string(),
        format!("The luck of few patients in each member is taken out: without that the best of several noisy arms looks better than any is. {} had enough patients.", words::plural(found.n_members, "member", "members")),
        "What is worth little for this decision may be worth much for another.".to_string(),
        "One who died keeps the last value that was seen: right for sums such as quality-adjusted years.".to_string(),
    ];
    let list: String = items.iter().map(|item| format!("<li>{}</li>", escape(item))).collect();
    format!(
        "<section><h2>How to read it</h2><ul class=\"as\">{list}</ul><pre class=\"cmd\">{}</pre><p class=\"cap\">regraft \
         {}, seed {}</p></section>",
        escape(&found.command),
        escape(&found.version),
        found.seed
    )
}
