//! The page of a search: the frontier drawn and in numbers, what its points are made of, and what stands beside it.

use std::fmt::Write;

use super::figure;
use super::found::{Found, Point, Valued};
use crate::report::palette;
use crate::report::stack::{Bar, PARAMETERS, PATIENTS_AND_CHANCE, Stack, not_split};
use crate::report::svg::escape;
use crate::report::words;

/// Writes the page: one HTML text without script and without any request.
pub fn page(found: &Found) -> String {
    let css = format!("{}{}{}", palette::rules(), include_str!("../../templates/report.css"), CSS);
    let mut body = format!(
        "<p class=\"kick\"><span>{}</span><span>Search for a protocol</span><span class=\"ru\">Research, not \
         advice</span></p><h1>{}</h1>",
        escape(&found.title),
        escape(&headline(found))
    );
    for sentence in answers(found) {
        let _ = write!(body, "<p class=\"lead\">{}</p>", escape(&sentence));
    }
    body.push_str(&frontier(found));
    body.push_str(&shown(found));
    body.push_str(&doubt(found));
    body.push_str(&made_of(found));
    body.push_str(&beside(found));
    body.push_str(&small_print(found));
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width,initial-scale=1\"><title>{}</title><style>{css}</style></head>\
         <body><main class=\"a1\">{body}</main></body></html>\n",
        escape(&format!("{}: search for a protocol", found.title))
    )
}

/// What this page needs beside the report's style.
const CSS: &str = "\n.tried { fill: var(--ink3); opacity: .35; }\n\
.other-end { stroke: var(--c); stroke-width: 1.25; stroke-dasharray: 2 3; opacity: .8; }\n\
.reach { stroke: var(--c); stroke-width: 1.25; opacity: .4; }\n\
svg .on { font-size: 11px; font-weight: 650; fill: var(--paper); }\n\
svg .on.faint { fill: var(--ink); }\n\
.front { width: 100%; }\n\
.front td { white-space: nowrap; }\n\
.front .w { white-space: normal; min-width: 120px; }\n\
.front th[scope=row] { font-weight: 650; }\n\
.front.names th[scope=row] { font-weight: 400; min-width: 210px; }\n\
.front small { display: block; font-size: 12.5px; color: var(--ink3); }\n\
.front tr.beaten td, .front tr.beaten th { color: var(--ink3); }\n\
.cmd { white-space: pre-wrap; font-size: 12.5px; overflow-wrap: anywhere; }\n\
.few { display: none; }\n\
@media (max-width: 720px) { .few { display: block; } }\n";

/// How many hold, and where the trial's own regimen stands.
pub fn headline(found: &Found) -> String {
    let held = found.frontier.iter().filter(|point| point.beaten_by.is_empty()).count();
    let points = words::plural(held, "regimen", "regimens");
    let own = found.beside.iter().find(|one| one.varied);
    let own = own.map_or(String::new(), |own| match own.beaten_by.as_slice() {
        [] => "; the trial's own is beaten by none of them".to_string(),
        [one] => format!("; one of them, {one}, beats the trial's own"),
        many => format!("; {} of them beat the trial's own", many.len()),
    });
    format!(
        "{points} that no other beats in {} at once{own}",
        words::plural(found.objectives.len(), "aim", "aims")
    )
}

fn answers(found: &Found) -> Vec<String> {
    let aims: Vec<String> = found
        .objectives
        .iter()
        .map(|one| format!("{} {}", if one.maximize { "raise" } else { "lower" }, words::inner(&one.title)))
        .collect();
    let varied: Vec<String> = found.variables.iter().map(|one| one.title.clone()).collect();
    let lived = match &found.members {
        None => String::new(),
        Some(title) if found.n_members > 1 => {
            let mean = "the mean".to_string();
            let (judged, shown) =
                if found.judged_by == "worst" { (worst(found), mean) } else { (mean, worst(found)) };
            format!(
                " They live with {title}: regimens are judged by {judged} of these; {shown} stands beside it."
            )
        }
        Some(title) => format!(" They live with the {title}."),
    };
    let fell = found.frontier.iter().filter(|point| !point.beaten_by.is_empty()).count();
    let fell = match fell {
        0 => "All of them stayed unbeaten there.".to_string(),
        n => format!(
            "{} beaten there and drawn pale: luck of the search had lifted them.",
            if n == 1 { "One was".into() } else { format!("{n} were") }
        ),
    };
    vec![
        format!(
            "The regimen of arm {} was varied to {}. What was varied: {}.",
            found.arm,
            words::list(&aims),
            varied.join("; ")
        ),
        format!(
            "{} regimens were lived by the same {} patients; the best were lived again by {} others, from whom every number \
             here comes. {fell}{lived}",
            words::count(found.evaluations),
            words::count(found.patients),
            words::count(found.patients_again)
        ),
    ]
}

fn frontier(found: &Found) -> String {
    let mut html = String::from("<section><h2>The frontier</h2><figure><div class=\"pairs\">");
    let n = found.objectives.len();
    // With few aims all pairs, with many the first against each other.
    let pairs: Vec<(usize, usize)> = match n {
        1 => vec![(0, 0)],
        2..=3 => (0..n).flat_map(|up| (up + 1..n).map(move |across| (up, across))).collect(),
        _ => (1..n).map(|across| (0, across)).collect(),
    };
    for (up, across) in pairs {
        let _ = write!(html, "<div class=\"panel\">{}</div>", figure::against(found, up, across));
    }
    let _ = write!(
        html,
        "</div><p class=\"cap\">Discs: points of the frontier, by their number; pale where another point beats it in the \
         patients it was lived again by. Lines: two standard errors of {} patients either way. Diamonds: the arms of the \
         trial; squares: regimens of the library, by their letter in the table below. Small dots: what was tried, in the \
         patients of the search; what lies farther out stands at the edge.{}</p></figure>",
        words::count(found.patients_again),
        ends(found)
    );
    html.push_str(&table(found));
    html.push_str("</section>");
    html
}

/// "the value that one draw in ten is worse than".
fn worst(found: &Found) -> String {
    let share = 100.0 * found.worst_share;
    match share.round() as usize {
        10 => "the value that one draw in ten is worse than".into(),
        _ => format!("the value that {} % of the draws are worse than", words::as_printed(share)),
    }
}

/// What the lines to small dots are, where there are members.
fn ends(found: &Found) -> String {
    if found.n_members < 2 {
        return String::new();
    }
    match found.judged_by {
        "worst" => {
            " Discs stand at the worst end over draws of the parameters; a line leads to the mean.".into()
        }
        _ => format!(" A dotted line leads from each disc to {}.", worst(found)),
    }
}

fn heads(objectives: &[super::ObjectiveFound]) -> String {
    let one = |objective: &super::ObjectiveFound| {
        let better = if objective.maximize { "more is better" } else { "less is better" };
        let unit = words::unit_suffix(&objective.unit, false);
        format!(
            "<th>{}<small>{}{better}</small></th>",
            escape(&objective.title),
            escape(&comma(unit.trim_start_matches('\u{a0}')))
        )
    };
    objectives.iter().map(one).collect()
}

fn comma(unit: &str) -> String {
    if unit.is_empty() { String::new() } else { format!("{unit}, ") }
}

fn cells(found: &Found, objectives: &[super::ObjectiveFound], values: &[Valued]) -> String {
    let one = |(valued, objective): (&Valued, &super::ObjectiveFound)| {
        let Some(value) = valued.value else { return "<td>–</td>".to_string() };
        let decimals = words::decimals(&objective.unit, value);
        let error = valued.error.filter(|error| *error > 0.0);
        let error = error.map(|error| format!(" ± {}", words::fixed(error, decimals)));
        let share = words::as_printed(100.0 * found.worst_share);
        let end = valued.worst.map(|end| {
            let end = words::fixed(end, words::decimals(&objective.unit, end));
            let is_aim = found.objectives.contains(objective);
            let end = if found.judged_by == "worst" && is_aim { format!("<b>{end}</b>") } else { end };
            format!("<small>worst {share} %: {end}</small>")
        });
        format!(
            "<td>{}{}{}</td>",
            words::fixed(value, decimals),
            error.unwrap_or_default(),
            end.unwrap_or_default()
        )
    };
    values.iter().zip(objectives).map(one).collect()
}

fn table(found: &Found) -> String {
    let mut html = format!(
        "<div class=\"scroll\"><table class=\"front\"><caption>Mean ± standard error of {} patients</caption><thead><tr>\
         <th>Point</th>{}<th>Beaten by</th></tr></thead><tbody>",
        words::count(found.patients_again),
        heads(&found.objectives)
    );
    for (number, point) in found.frontier.iter().enumerate() {
        let class = if point.beaten_by.is_empty() { "" } else { " class=\"beaten\"" };
        let _ = write!(
            html,
            "<tr{class}><th scope=\"row\">{}</th>{}<td>{}</td></tr>",
            number + 1,
            cells(found, &found.objectives, &point.objectives),
            named(&point.beaten_by)
        );
    }
    html.push_str("</tbody></table></div>");
    html
}

/// What else the points and the arms of the trial do: objectives of the file that no regimen was chosen by.
fn shown(found: &Found) -> String {
    if found.shown.is_empty() {
        return String::new();
    }
    let names: Vec<String> =
        found.shown.iter().map(|one| format!("<code>{}</code>", escape(&one.name))).collect();
    let mut html = format!(
        "<section><h2>What else they do</h2><p class=\"lead\">The file names more than was aimed at. No regimen was chosen by these; \
         <code>--objective</code> makes an aim of {}.</p><div class=\"scroll\"><table class=\"front names\"><thead><tr>\
         <th>Regimen</th>{}</tr></thead><tbody>",
        words::list(&names),
        heads(&found.shown)
    );
    let points =
        found.frontier.iter().enumerate().map(|(number, point)| {
            (format!("Point {}", number + 1), !point.beaten_by.is_empty(), &point.shown)
        });
    let arms =
        found.beside.iter().filter(|one| one.own_arm).map(|one| (escape(&one.title), false, &one.shown));
    for (title, beaten, values) in points.chain(arms) {
        let class = if beaten { " class=\"beaten\"" } else { "" };
        let _ = write!(
            html,
            "<tr{class}><th scope=\"row\">{title}</th>{}</tr>",
            cells(found, &found.shown, values)
        );
    }
    html.push_str("</tbody></table></div></section>");
    html
}

/// Where the doubt of the values comes from: of the trial's own regimen and of the first point that holds.
fn doubt(found: &Found) -> String {
    let own = found.beside.iter().find(|one| one.varied).map(|one| (one.title.clone(), &one.objectives));
    let holds = |(_, point): &(usize, &Point)| point.beaten_by.is_empty();
    let first = found.frontier.iter().enumerate().find(holds);
    let first = first.map(|(place, point)| (format!("point {}", place + 1), &point.objectives));
    let bars = |(name, values): (String, &Vec<Valued>)| {
        let bar = |(valued, objective): (&Valued, &super::ObjectiveFound)| {
            let split = valued.split?;
            Some(Bar {
                label: format!("{}, {}", objective.title, words::inner(&name)),
                shares: vec![split.parameters, split.patients_and_chance],
                ends: Some((split.parameters_low, split.parameters_high)),
            })
        };
        values.iter().zip(&found.objectives).filter_map(bar).collect::<Vec<Bar>>()
    };
    let stack = Stack {
        title: "Where the doubt of the values comes from".into(),
        parts: vec![PARAMETERS, PATIENTS_AND_CHANCE],
        bars: own.into_iter().chain(first).flat_map(bars).collect(),
    };
    let told = if !stack.bars.is_empty() {
        format!(
            "{}<p class=\"cap\">Shares of the variance of a mean over {} patients. What lies in the parameters no larger cohort takes \
             away, and it is not in the standard errors above. Below a bar: 90&nbsp;% interval of the share, by the number of draws.</p>",
            stack.draw("doubt"),
            words::count(found.patients_again)
        )
    } else if found.n_members > 1 {
        format!(
            "<p class=\"side\">{}.</p>",
            not_split("draws have too few patients each to be told from luck")
        )
    } else {
        format!(
            "<p class=\"side\">{}; with <code>--posterior ensemble</code> they are. The standard errors hold patients and chance.</p>",
            not_split("all patients live with the same")
        )
    };
    format!("<section><h2>Where the doubt comes from</h2>{told}</section>")
}

fn named(ids: &[String]) -> String {
    if ids.is_empty() { "–".to_string() } else { escape(&ids.join(", ")) }
}

fn made_of(found: &Found) -> String {
    let mut html = format!(
        "<section><h2>What the points are made of</h2><figure>{}<p class=\"cap\">One row is one point. The dotted line is \
         what the card has.{}</p></figure>",
        figure::made_of(found),
        choice_words(found)
    );
    let heads: String =
        found.variables.iter().map(|one| format!("<th>{}</th>", escape(&one.title))).collect();
    let _ = write!(
        html,
        "<div class=\"scroll\"><table class=\"front\"><thead><tr><th>Point</th>{heads}</tr></thead><tbody>"
    );
    let card: String = found
        .variables
        .iter()
        .enumerate()
        .map(|(place, variable)| match variable.card {
            Some(card) => {
                format!("<td{}>{}</td>", wide(found, place), escape(&figure::of_variable(found, place, card)))
            }
            None => "<td>–</td>".to_string(),
        })
        .collect();
    let _ = write!(html, "<tr><th scope=\"row\">The card</th>{card}</tr>");
    for (number, point) in found.frontier.iter().enumerate() {
        let values = point.values.iter().enumerate();
        let cells: String = values
            .map(|(place, value)| {
                format!(
                    "<td{}>{}</td>",
                    wide(found, place),
                    escape(&figure::of_variable(found, place, *value))
                )
            })
            .collect();
        let _ = write!(html, "<tr><th scope=\"row\">{}</th>{cells}</tr>", number + 1);
    }
    let _ = write!(
        html,
        "</tbody></table></div><details class=\"data\"><summary>Commands that run the points</summary><p class=\"cap\">\
         Each runs the point beside the arms of the trial, in the same patients as here, and gives the same numbers.\
         </p><pre class=\"cmd\">{}</pre></details></section>",
        escape(
            &found.frontier.iter().map(|point: &Point| point.command.clone()).collect::<Vec<_>>().join("\n")
        )
    );
    html
}

/// Words of a choice may take several lines.
fn wide(found: &Found, variable: usize) -> &'static str {
    if found.variables[variable].words.is_empty() { "" } else { " class=\"w\"" }
}

/// What the letters of a choice mean.
fn choice_words(found: &Found) -> String {
    let choices = found.variables.iter().filter(|one| !one.words.is_empty());
    let one = |variable: &super::VariableFound| {
        let words = variable.words.iter().enumerate();
        let words: Vec<String> =
            words.map(|(place, word)| format!("{} {word}", figure::letters(place))).collect();
        format!(" {}: {}.", escape(&variable.title), escape(&words.join(", ")))
    };
    choices.map(one).collect()
}

fn beside(found: &Found) -> String {
    let mut html = format!(
        "<section><h2>Beside the frontier</h2><p class=\"lead\">The arms of the trial and the regimens that the library's \
         trials give in this disease, lived by the same {} patients. A value that is not known is left out of the \
         judgment.</p><div class=\"scroll\"><table class=\"front names\"><thead><tr><th>Regimen</th>{}<th>Beaten by</th>\
         <th>Beats</th></tr></thead><tbody>",
        words::count(found.patients_again),
        heads(&found.objectives)
    );
    for (number, one) in found.beside.iter().enumerate() {
        let own = if one.own_arm { "<small>an arm of the trial</small>" } else { "" };
        let _ = write!(
            html,
            "<tr><th scope=\"row\">{} {}{own}</th>{}<td>{}</td><td>{}</td></tr>",
            figure::letters(number),
            escape(&one.title),
            cells(found, &found.objectives, &one.objectives),
            few(&one.beaten_by),
            few(&one.beats)
        );
    }
    html.push_str("</tbody></table></div>");
    if !found.not_beside.is_empty() {
        let one = |(title, why): &(String, String)| format!("<li>{}: {}</li>", escape(title), escape(why));
        let list: String = found.not_beside.iter().map(one).collect();
        let _ = write!(
            html,
            "<details class=\"data\"><summary>{} could not be set beside it</summary><ul class=\"as\">{list}</ul></details>",
            words::plural(found.not_beside.len(), "regimen", "regimens")
        );
    }
    html.push_str("</section>");
    html
}

/// A few ids, or how many.
fn few(ids: &[String]) -> String {
    if ids.len() > 4 { format!("{} points", ids.len()) } else { named(ids) }
}

fn small_print(found: &Found) -> String {
    let mut items: Vec<String> = vec![
        "A regimen beats another if it is nowhere worse and somewhere better. With luck of few patients, values that differ by less than two standard errors tell nothing.".into(),
        "Every candidate was lived by the same patients with the same fates, so that differences are those of the regimens (common random numbers).".into(),
        "The search is NSGA-II: a population of regimens of which the unbeaten and the least crowded live on.".into(),
        "A point at a bound says that the bound counts. Nothing here was given to any patient.".into(),
    ];
    if found.refused > 0 {
        let reasons: Vec<String> = found.reasons.iter().map(|(why, n)| format!("{n} {why}")).collect();
        items.push(format!("Refused without being lived: {}.", reasons.join("; ")));
    }
    if found.n_members > 1 {
        items.push(format!(
            "The worst {} % is a quantile over draws of the parameters, after the luck of the few patients of each draw is taken out of their spread. Aims may be worst in different draws.",
            words::as_printed(100.0 * found.worst_share)
        ));
    }
    let list: String = items.iter().map(|item| format!("<li>{}</li>", escape(item))).collect();
    format!(
        "<section><h2>How to read it</h2><ul class=\"as\">{list}</ul><pre class=\"cmd\">{}</pre><p class=\"cap\">regraft \
         {}, seed {} for the search and the next for the patients after it</p></section>",
        escape(&found.command),
        escape(&found.version),
        found.seed
    )
}
