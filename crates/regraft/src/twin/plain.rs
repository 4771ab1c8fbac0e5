//! One sheet in plain language, to be read together with a physician: what is done, what may get better, what may go
//! wrong, what is not known. Every number is of 100 people over the same time.
//!
//! Benefit is drawn as numbers only where the therapy was studied, not refuted, in people like this one; harm always.

mod icons;
mod steps;

use std::fmt::Write;

use super::answer::{Fact, Outcome, Regimen, Role, Twin};
use crate::report::arms::{ArmStyle, Arms};
use crate::report::palette;
use crate::report::svg::escape;
use crate::report::words;
use regraft_trial::duration::DURATION;

/// Regimens that fit on one sheet.
pub const MOST_REGIMENS: usize = 3;
/// Benefits drawn.
const BENEFITS: usize = 2;
/// Harms drawn; with three regimens fewer.
const HARMS: usize = 6;

/// Writes the sheet: one HTML text without script and without any request. Regimens beyond [`MOST_REGIMENS`] are left
/// out; the command refuses them.
pub fn page(twin: &Twin) -> String {
    let arms = Arms::drawn(&twin.arms);
    let shown = twin.regimens.len().min(MOST_REGIMENS);
    let sheet = Sheet { twin, arms: &arms, shown };
    let title = format!("For research on how to communicate: what may happen in {}", time(twin.horizon_days));
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width,initial-scale=1\"><title>{}</title><style>{}{CSS}</style></head><body><main>\
         <h1>{}</h1>{}{}{}{}{}{}</main></body></html>\n",
        escape(&title),
        palette::rules(),
        escape(&title),
        sheet.who(),
        sheet.done(),
        sheet.benefits(),
        sheet.harms(),
        sheet.not_known(),
        sheet.end()
    )
}

const CSS: &str = include_str!("../../templates/plain.css");

/// "5 years", "8 months", "12 weeks".
fn time(days: f64) -> String {
    match days {
        days if days >= 700.0 => format!("{:.0} years", days / words::YEAR_DAYS),
        days if (350.0..380.0).contains(&days) => "1 year".into(),
        days if days >= 85.0 => format!("{:.0} months", days / words::MONTH_DAYS),
        days => format!("{:.0} weeks", (days / 7.0).max(1.0)),
    }
}

/// What the sheet shows.
struct Sheet<'a> {
    twin: &'a Twin,
    arms: &'a Arms,
    /// Regimens shown.
    shown: usize,
}

impl Sheet<'_> {
    fn regimens(&self) -> impl Iterator<Item = (usize, &Regimen, &ArmStyle)> {
        let both = self.twin.regimens.iter().zip(self.arms.all()).enumerate();
        both.take(self.shown).map(|(place, (regimen, arm))| (place, regimen, arm))
    }

    fn who(&self) -> String {
        let facts: Vec<String> = self.twin.facts.iter().map(told).collect();
        let facts = if facts.is_empty() { "nothing else is told".to_string() } else { words::list(&facts) };
        format!(
            "<p class=\"who\">Read this with your doctor. <b>It does not tell you what to choose.</b> A computer made up \
             {} people who are like one person: {}. They all have this disease: {}. Each of them lived with each choice \
             below. The pictures count them.</p>",
            words::count(self.twin.drawn.twins),
            escape(&facts),
            escape(&words::inner(&self.twin.disease_title))
        )
    }

    fn done(&self) -> String {
        let mut html = format!("<section><h2>What is done</h2><div class=\"cols n{}\">", self.shown);
        for (place, regimen, arm) in self.regimens() {
            let drawn = &self.twin.arms[place];
            let _ = write!(
                html,
                "<div class=\"{}\"><h3>{}</h3><p class=\"small\">{}</p>{}</div>",
                arm.class,
                escape(&plain_name(regimen)),
                escape(&regimen.title),
                steps::draw(drawn, self.twin.horizon_days, &format!("steps-{place}"), arm.class)
            );
        }
        html + "</div></section>"
    }

    /// Outcomes that are counted in people and have plain words.
    fn counted(&self, is_harm: bool) -> Vec<&Outcome> {
        let wanted = |outcome: &&Outcome| {
            (outcome.role == Role::Harm) == is_harm
                && outcome.kind == "probability"
                && outcome.plain.is_some()
        };
        self.twin.outcomes.iter().filter(wanted).collect()
    }

    fn benefits(&self) -> String {
        let mut list = self.counted(false);
        list.retain(|outcome| !outcome.is_death);
        list.sort_by_key(|outcome| outcome.role != Role::Primary);
        list.truncate(BENEFITS);
        let mut html = "<section><h2>What the choices are for</h2>".to_string();
        if list.is_empty() {
            html.push_str(
                "<p>How well the choices work in this disease is told in points or blood values. These cannot be counted \
                 in people. Ask your doctor about them.</p>",
            );
            return html + "</section>";
        }
        html.push_str("<div class=\"cards\">");
        for (place, outcome) in list.iter().enumerate() {
            html.push_str(&self.card(outcome, &format!("b{place}"), true));
        }
        html + "</div></section>"
    }

    fn harms(&self) -> String {
        let mut list = self.counted(true);
        list.extend(self.counted(false).into_iter().filter(|outcome| outcome.is_death));
        let most = |outcome: &Outcome| {
            let shown = outcome.values.iter().take(self.shown).filter_map(|value| value.estimate);
            shown.fold(0.0, f64::max)
        };
        // Death first, then what is most frequent in any choice.
        list.sort_by(|a, b| b.is_death.cmp(&a.is_death).then(most(b).total_cmp(&most(a))));
        let mut seen: Vec<&str> = Vec::new();
        list.retain(|outcome| {
            let words = outcome.plain.as_deref().unwrap_or_default();
            let is_new = !seen.contains(&words);
            seen.push(words);
            is_new
        });
        let room = if self.shown > 2 { HARMS - 2 } else { HARMS };
        let is_rare = |outcome: &&Outcome| most(outcome) < 0.005 && !outcome.is_death;
        let (rare, mut common): (Vec<&Outcome>, Vec<&Outcome>) = list.into_iter().partition(is_rare);
        let rest = common.split_off(common.len().min(room));
        let mut html = "<section><h2>What may go wrong</h2><div class=\"cards\">".to_string();
        for (place, outcome) in common.iter().enumerate() {
            html.push_str(&self.card(outcome, &format!("h{place}"), false));
        }
        html.push_str("</div>");
        if !rest.is_empty() {
            let lines: Vec<String> = rest.iter().map(|outcome| self.line(outcome)).collect();
            let _ =
                write!(html, "<p class=\"small\">This may go wrong, too. {}</p>", escape(&lines.join(" ")));
        }
        if !rare.is_empty() {
            let names: Vec<String> =
                rare.iter().filter_map(|outcome| outcome.plain.as_deref()).map(words::inner).collect();
            let _ = write!(
                html,
                "<p class=\"small\">Fewer than 1 of 100 with any choice: {}.</p>",
                escape(&names.join("; "))
            );
        }
        html + "</section>"
    }

    /// "Shingles: 12 and 3 of 100.", "The mouth gets sore: 56 of 100 and not asked."
    fn line(&self, outcome: &Outcome) -> String {
        let shown: Vec<Option<f64>> =
            outcome.values.iter().take(self.shown).map(|value| value.estimate).collect();
        let what = outcome.plain.as_deref().unwrap_or(&outcome.title);
        if shown.iter().all(Option::is_some) {
            let numbers: Vec<String> = shown.into_iter().map(of_100).collect();
            return format!("{what}: {} of 100.", words::list(&numbers));
        }
        let number = |share: Option<f64>| match share {
            Some(_) => format!("{} of 100", of_100(share)),
            None => "not asked".to_string(),
        };
        format!("{what}: {}.", words::list(&shown.into_iter().map(number).collect::<Vec<_>>()))
    }

    /// One outcome with the people of each choice side by side.
    fn card(&self, outcome: &Outcome, id: &str, is_benefit: bool) -> String {
        let words = outcome.plain.as_deref().unwrap_or(&outcome.title);
        let better =
            if outcome.more_is_worse { "fewer dark people is better" } else { "more dark people is better" };
        let by = if outcome.day < self.twin.horizon_days - 40.0 {
            format!("by {}; {better}", time(outcome.day))
        } else {
            better.to_string()
        };
        let mut html = format!(
            "<figure class=\"card\"><figcaption><b>{}</b> <span>({by})</span></figcaption><div class=\"row n{}\">",
            escape(words),
            self.shown
        );
        for (place, regimen, arm) in self.regimens() {
            let value = outcome.values.get(place);
            let estimate = value.and_then(|value| value.estimate);
            let why = is_benefit.then(|| unknown(regimen)).flatten();
            let _ = write!(html, "<div class=\"{}\">", arm.class);
            match (why, estimate) {
                (Some(why), _) => {
                    let _ = write!(html, "<div class=\"unknown\"><b>not known</b><span>{why}</span></div>");
                }
                (None, None) => html.push_str(
                    "<div class=\"unknown\"><b>not asked</b><span>Only asked after cells are given.</span></div>",
                ),
                (None, Some(estimate)) => {
                    html.push_str(&icons::draw(estimate, words, &format!("{id}-{place}"), arm.class));
                    let range = value.and_then(|value| value.low.zip(value.high));
                    let range = range.filter(|(low, high)| of_100(Some(*low)) != of_100(Some(*high)));
                    let range = range.map_or(String::new(), |(low, high)| {
                        format!("<span>({} to {})</span>", of_100(Some(low)), of_100(Some(high)))
                    });
                    let _ = write!(
                        html,
                        "<p class=\"count\"><b>{} of 100</b> {range}</p>",
                        of_100(Some(estimate))
                    );
                }
            }
            html.push_str("</div>");
        }
        html + "</div></figure>"
    }

    fn not_known(&self) -> String {
        let mut html = "<section><h2>What is not known</h2><ul>".to_string();
        for (_, regimen, arm) in self.regimens() {
            let _ = write!(
                html,
                "<li><b class=\"c {}\">{}.</b> {}</li>",
                arm.class,
                escape(&plain_name(regimen)),
                proof(regimen)
            );
        }
        let outside: Vec<String> = self.twin.facts.iter().filter(|fact| !fact.inside).map(told).collect();
        if !outside.is_empty() {
            let _ = write!(
                html,
                "<li>This person is not like the people who were studied: {}.</li>",
                escape(&words::list(&outside))
            );
        }
        if self.twin.drawn.effective < 50.0 {
            html.push_str("<li>The computer found few people like this one. The numbers are rough.</li>");
        }
        if self.twin.drawn.members > 1 || self.twin.holds_parameters() {
            html.push_str("<li>The range holds doubt about what goes on in the body, too.</li>");
        }
        html.push_str(
            "<li>The numbers come from a computer. It can be wrong. The true number may be higher or lower than the \
             range that is shown.</li><li>Nobody can tell to which of the 100 people you will belong, or how you will \
             feel about it.</li></ul></section>",
        );
        html
    }

    fn end(&self) -> String {
        format!(
            "<footer>Made by regraft {} for research on how to talk about risk. It recommends nothing. Do not use it to \
             choose a treatment.</footer>",
            escape(&self.twin.version)
        )
    }
}

fn plain_name(regimen: &Regimen) -> String {
    regimen.plain.clone().unwrap_or_else(|| regimen.title.clone())
}

/// "12", "fewer than 1", "0".
fn of_100(estimate: Option<f64>) -> String {
    match estimate {
        None => "not known".into(),
        Some(share) if share > 0.0 && share < 0.005 => "fewer than 1".into(),
        // As many as are drawn: a half goes up.
        Some(share) => format!("{:.0}", (100.0 * share).round()),
    }
}

/// "Age 34", "a woman".
fn told(fact: &Fact) -> String {
    match fact.name.as_str() {
        "female" if fact.value >= 0.5 => "a woman".into(),
        "female" => "a man".into(),
        DURATION => {
            let unit = if fact.value == 1.0 { fact.unit.clone() } else { format!("{}s", fact.unit) };
            format!("ill for {} {unit}", words::as_printed(fact.value))
        }
        _ if fact.range == Some((0.0, 1.0)) && fact.unit.is_empty() && matches!(fact.value, 0.0 | 1.0) => {
            format!("{}: {}", words::inner(&fact.title), if fact.value == 1.0 { "yes" } else { "no" })
        }
        _ => {
            let unit = match fact.unit.as_str() {
                "" | "points" => String::new(),
                "year" => " years".into(),
                unit => format!(" {}", words::printed_units(unit)),
            };
            format!("{} {}{unit}", words::inner(&fact.title), words::as_printed(fact.value))
        }
    }
}

/// Why benefit is not told in numbers; `None` where it is.
fn unknown(regimen: &Regimen) -> Option<&'static str> {
    if regimen.benefit_is_known() {
        return None;
    }
    Some(match regimen.grade.as_str() {
        _ if regimen.gives_nothing => "Nobody like this person was studied.",
        "negative" => "A good study looked for help and found none.",
        "none" | "" => "It was not studied in this disease.",
        _ => "Nobody like this person was studied.",
    })
}

/// How well a choice is proven, in plain words.
fn proof(regimen: &Regimen) -> &'static str {
    if let Some(why) = unknown(regimen) {
        return why;
    }
    match regimen.grade.as_str() {
        "none" | "" => "Nothing is given, so there is nothing to prove.",
        "strong" => "Several good studies show what it does.",
        "strong_moderate" | "moderate" => "There are some good studies. More would help.",
        "moderate_weak" | "weak" => "There are only small or weak studies.",
        _ => "The studies do not agree.",
    }
}

#[cfg(test)]
mod tests;
