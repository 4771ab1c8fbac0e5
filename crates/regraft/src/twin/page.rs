//! The page of a twin, in the style of a run's report.

use std::fmt::Write;

use super::answer::{Outcome, Regimen, Role, Twin, Value};
use super::doubt;
use crate::report::arms::{ArmStyle, Arms};
use crate::report::axis::Scale;
use crate::report::data::Fan;
use crate::report::svg::{Svg, escape};
use crate::report::{fans, grade, palette, words};

/// Writes the page: one HTML text without script and without any request.
pub fn page(twin: &Twin) -> String {
    let css = format!("{}{}{CSS}", palette::rules(), include_str!("../../templates/report.css"));
    let arms = Arms::drawn(&twin.arms);
    let mut body = head(twin, &arms);
    body.push_str(&who(twin));
    body.push_str(&outcomes(twin, &arms));
    let scores: Vec<Fan> = twin.scores.iter().map(|score| score.fan.clone()).collect();
    body.push_str(&doubt::section(twin, &arms));
    body.push_str(&over_time("Scores over time", &scores, &arms, "score"));
    body.push_str(&over_time("Laboratory values over time", &twin.labs, &arms, "lab"));
    body.push_str(&small_print(twin));
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width,initial-scale=1\"><title>{}</title><style>{css}</style></head>\
         <body><main>{body}</main></body></html>\n",
        escape(&format!("{}: one patient", twin.disease_title))
    )
}

/// What this page needs beside the report's style.
const CSS: &str = "\n.warn { border-left: 3px solid var(--ink); padding: 2px 0 2px 16px; margin: 26px 0 0; }\n\
.warn p { margin: 0 0 6px; font-weight: 650; }\n\
.find td.strip { width: 150px; }\n\
.find td small, .find td .d { display: block; font-size: 12.5px; color: var(--ink3); white-space: nowrap; }\n\
.find thead th.c { color: var(--c); }\n\
.find thead th, .find thead th:last-child { white-space: normal; max-width: 190px; }\n\
.find th[scope=row] { min-width: 200px; }\n\
.find tbody td:nth-child(5), .find tbody td:last-child, .find thead th:nth-child(5), .find thead th:last-child { text-align: right; }\n\
.find thead th:first-child { text-align: left; }\n\
.find thead th small { margin-top: 2px; }\n\
pre code { white-space: pre-wrap; }\n\
@media (max-width: 720px) { .find td.strip { grid-column: 1 / -1; } .find tbody td:nth-child(5), .find tbody td:last-child { text-align: left; } }\n\
.facts th, .facts td { text-align: left; }\n";

/// Follow-up as "5 years".
fn follow_up(twin: &Twin) -> String {
    words::follow_up(twin.horizon_days)
}

fn head(twin: &Twin, arms: &Arms) -> String {
    let mut html = format!(
        "<p class=\"kick\"><span>{}</span><span>One patient, {} followed</span><span class=\"ru\">Research, not advice</span></p>",
        escape(&twin.disease_title),
        follow_up(twin)
    );
    let _ = write!(html, "<h1>{}</h1>", escape(&headline(twin)));
    let intervals = match (twin.drawn.members, twin.holds_parameters()) {
        (0..=1, false) => "say how far so few of them may lie from many, not how wrong the model may be".to_string(),
        (0..=1, true) => {
            "hold how far so few of them may lie from many, and the doubt about the parameters; that the model itself is \
             wrong is in none"
                .to_string()
        }
        (n, _) => format!(
            "hold how far so few of them may lie from many, and how far the {} members of the posterior lie apart, by whose \
             parameters they live; that the model itself is wrong is in none",
            words::count(n)
        ),
    };
    let _ = write!(
        html,
        "<p class=\"lead\">{} simulated people who are like this patient live every regimen below with the same fate. \
         Numbers are shares of these people; the intervals {intervals}.</p>",
        words::count(twin.drawn.twins)
    );
    html.push_str("<ul class=\"gr\">");
    for (regimen, arm) in twin.regimens.iter().zip(arms.all()) {
        let _ = write!(
            html,
            "<li><span class=\"sw cb {}\"></span><span><b class=\"c {}\">{}</b>{}<small>{}Evidence {}: {}</small></span></li>",
            arm.class,
            arm.class,
            escape(&regimen.title),
            regimen
                .product
                .as_ref()
                .map_or(String::new(), |product| format!(", {}", escape(&words::inner(product)))),
            grade::draw(&regimen.grade),
            escape(&grade::word(&regimen.grade)),
            escape(&words::sentence(&regimen.why))
        );
    }
    html + "</ul>"
}

/// The primary outcome in one sentence: the heading of the page.
pub fn headline(twin: &Twin) -> String {
    let arms = Arms::drawn(&twin.arms);
    let primary = twin.outcomes.iter().find(|outcome| outcome.role == Role::Primary);
    let Some(outcome) = primary.or(twin.outcomes.first()) else { return "One patient".to_string() };
    let part = |(value, arm): (&Value, &ArmStyle)| {
        value.estimate.map(|estimate| format!("{} with {}", plainly(outcome, estimate), arm.inner()))
    };
    let parts: Vec<String> = outcome.values.iter().zip(arms.all()).filter_map(part).collect();
    let what = format!("{} {}", outcome.title, when(outcome));
    format!("{}: {}", what.trim_end(), parts.join("; "))
}

/// "by 5 years", "at day 100", "a year".
fn when(outcome: &Outcome) -> String {
    match outcome.kind {
        "probability" if words::states_time(&outcome.title) => String::new(),
        "probability" => format!("within {}", words::follow_up(outcome.day)),
        "rate" if outcome.title.contains("and year") => String::new(),
        "rate" => "events a year".to_string(),
        _ => format!("at {}", words::time(outcome.day)),
    }
}

/// "12 of 100", "0.31", "-0.5".
fn plainly(outcome: &Outcome, value: f64) -> String {
    match outcome.kind {
        "probability" => format!("{} of 100", words::per_hundred(100.0 * value)),
        _ => number(outcome, value),
    }
}

fn number(outcome: &Outcome, value: f64) -> String {
    match outcome.kind {
        "probability" => words::per_hundred(100.0 * value),
        _ => words::fixed(value, decimals(outcome, value)),
    }
}

/// Decimals of an estimate; the ends of its interval follow.
fn decimals(outcome: &Outcome, estimate: f64) -> usize {
    match outcome.kind {
        "probability" => words::decimals("percent", 100.0 * estimate),
        "rate" => 2,
        _ => {
            if estimate.abs() < 100.0 {
                2
            } else {
                0
            }
        }
    }
}

/// 100 for what is told in patients of 100.
fn scale(outcome: &Outcome) -> f64 {
    if outcome.kind == "probability" { 100.0 } else { 1.0 }
}

fn with_interval(outcome: &Outcome, value: &Value) -> (String, String) {
    let Some(estimate) = value.estimate else { return ("–".into(), String::new()) };
    let interval = value.low.zip(value.high).map_or(String::new(), |(low, high)| {
        words::interval(scale(outcome) * low, scale(outcome) * high, decimals(outcome, estimate))
    });
    (number(outcome, estimate), interval)
}

fn signed(outcome: &Outcome, value: &Value) -> (String, String) {
    let Some(estimate) = value.estimate else { return ("–".into(), String::new()) };
    let digits = decimals(outcome, estimate);
    let text = |number: f64| words::signed(scale(outcome) * number, digits);
    let interval = value
        .low
        .zip(value.high)
        .map_or(String::new(), |(low, high)| format!("{} to {}", text(low), text(high)));
    (text(estimate), interval)
}

fn who(twin: &Twin) -> String {
    let mut html = String::from("<section><h2>Who is asked about</h2>");
    if !twin.facts.is_empty() {
        html.push_str(
            "<div class=\"scroll\"><table class=\"plain facts\"><thead><tr><th>Known</th><th>Value</th><th>In the population</th>\
             <th>How it enters</th></tr></thead><tbody>",
        );
        for fact in &twin.facts {
            let (value, range) = fact.told();
            let range = range.unwrap_or("–".to_string());
            let how = match (fact.tolerance, fact.tolerance_is_share) {
                (None, _) => "fixed".to_string(),
                (Some(sd), true) => format!("twins taken by nearness, ± {} %", words::fixed(100.0 * sd, 0)),
                (Some(sd), false) => format!("twins taken by nearness, ± {}", words::as_printed(sd)),
            };
            let _ = write!(
                html,
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{range}{}</td><td>{how}</td></tr>",
                escape(&fact.title),
                escape(&value),
                if fact.inside { "" } else { " <b>outside</b>" }
            );
        }
        html.push_str("</tbody></table></div>");
    }
    if !twin.extrapolated.is_empty() {
        html.push_str("<div class=\"warn\"><p>Extrapolated</p><ul class=\"as\">");
        for line in &twin.extrapolated {
            let _ = write!(html, "<li>{}</li>", escape(&words::sentence(&words::capital(line))));
        }
        html.push_str("</ul></div>");
    }
    html + "</section>"
}

fn outcomes(twin: &Twin, arms: &Arms) -> String {
    let part = |title: &str, note: &str, wanted: &dyn Fn(&Outcome) -> bool| {
        let list: Vec<(usize, &Outcome)> =
            twin.outcomes.iter().enumerate().filter(|(_, outcome)| wanted(outcome)).collect();
        if list.is_empty() { String::new() } else { table(arms, title, note, &list) }
    };
    let benefit = |outcome: &Outcome| outcome.role != Role::Harm;
    let harm = |outcome: &Outcome| outcome.role == Role::Harm;
    let note = "Patients of 100 where nothing else is said. Under each value the 95 % interval; the last columns are \
                differences in the same people. The pictures of patients of 100 go from 0 to 100, others have a scale of \
                their own.";
    part("Benefit", note, &benefit) + &part("Harm", note, &harm)
}

fn table(arms: &Arms, title: &str, note: &str, list: &[(usize, &Outcome)]) -> String {
    let mut html = format!(
        "<section><h2>{title}</h2><p class=\"cap\">{note}</p><table class=\"find\"><thead><tr><th>Outcome</th><th></th>"
    );
    let last = arms.all().len().saturating_sub(1);
    for arm in arms.all() {
        let _ = write!(html, "<th class=\"c {}\">{}</th>", arm.class, escape(&arm.short));
    }
    let versus = arms.all().get(last).map_or(String::new(), |arm| arm.inner());
    for arm in arms.all().iter().take(last) {
        let _ = write!(html, "<th>{}<small>minus {}</small></th>", escape(&arm.short), escape(&versus));
    }
    html.push_str("</tr></thead><tbody>");
    for (place, outcome) in list {
        let unit = match outcome.kind {
            "probability" => String::new(),
            "rate" => String::new(),
            "change" => format!("change{}", with_space(&outcome.unit)),
            _ => format!("mean{}", with_space(&outcome.unit)),
        };
        let more =
            [when(outcome), unit].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ");
        let _ = write!(
            html,
            "<tr title=\"{}\"><th scope=\"row\">{}<small>{}</small></th><td class=\"strip\">{}</td>",
            escape(&outcome.definition),
            escape(&outcome.title),
            escape(&more),
            strip(outcome, arms, &format!("strip-{place}"))
        );
        for (value, arm) in outcome.values.iter().zip(arms.all()) {
            let (text, interval) = with_interval(outcome, value);
            let _ = write!(
                html,
                "<td data-l=\"{}\">{text}<span class=\"d\">{interval}</span></td>",
                escape(&arm.short)
            );
        }
        for (value, arm) in outcome.differences.iter().zip(arms.all()).take(last) {
            let (text, interval) =
                value.as_ref().map_or(("–".into(), String::new()), |value| signed(outcome, value));
            let label = format!("{} minus {versus}", arm.short);
            let _ = write!(
                html,
                "<td data-l=\"{}\">{text}<span class=\"d\">{interval}</span></td>",
                escape(&label)
            );
        }
        html.push_str("</tr>");
    }
    html + "</tbody></table></section>"
}

fn with_space(unit: &str) -> String {
    if unit.is_empty() { String::new() } else { format!(" in {}", words::printed_units(unit)) }
}

/// All regimens of one outcome on one axis.
fn strip(outcome: &Outcome, arms: &Arms, id: &str) -> String {
    let all = outcome.values.iter().flat_map(|value| [value.estimate, value.low, value.high]).flatten();
    let (mut low, mut high) =
        if outcome.kind == "probability" { (0.0, 1.0) } else { (f64::INFINITY, f64::NEG_INFINITY) };
    all.for_each(|value| (low, high) = (low.min(value), high.max(value)));
    if low >= high {
        (low, high) = (low.min(0.0), high.max(low.min(0.0) + 1.0));
    }
    if !(low.is_finite() && high.is_finite()) {
        return String::new();
    }
    let (width, step) = (150.0, 11.0);
    let height = step * outcome.values.len() as f64 + 4.0;
    let x = Scale::linear((low, high), (6.0, width - 6.0));
    let mut svg = Svg::new(id, "", width, height);
    svg.line((6.0, height - 1.0), (width - 6.0, height - 1.0), "hair");
    let mut texts = Vec::new();
    for (place, (value, arm)) in outcome.values.iter().zip(arms.all()).enumerate() {
        let y = 6.0 + step * place as f64;
        if let Some((low, high)) = value.low.zip(value.high) {
            svg.line((x.within(low), y), (x.within(high), y), &format!("strip-error s {}", arm.class));
        }
        if let Some(estimate) = value.estimate {
            svg.circle((x.within(estimate), y), 4.0, &format!("f {}", arm.class));
            texts.push(format!("{}: {}", arm.title, plainly(outcome, estimate)));
        }
    }
    svg.finish(&outcome.title, &texts.join("; "))
}

fn over_time(title: &str, list: &[Fan], arms: &Arms, id: &str) -> String {
    let panels = fans::panels(list);
    if panels.is_empty() {
        return String::new();
    }
    let mut html = format!(
        "<section><h2>{title}</h2><p class=\"cap\">Line: the median twin; dark band: half of the twins; pale band: nine of ten. \
         Days and years from the decision share the axis.</p><div class=\"panels\">"
    );
    for (place, panel) in panels.iter().enumerate() {
        let _ = write!(
            html,
            "<figure class=\"panel\"><p class=\"pt\"><b>{}</b><span>{}</span></p>{}</figure>",
            escape(panel.title()),
            escape(&words::printed_units(&panel.unit())),
            panel.draw(arms, &format!("{id}-{place}"))
        );
    }
    html + "</div></section>"
}

fn small_print(twin: &Twin) -> String {
    let drawn = &twin.drawn;
    let mut html = String::from("<section><h2>How the twins were found</h2><ul class=\"as\">");
    let measured = match twin.measurements {
        0 => String::new(),
        n => format!("; {} sharpened them", words::plural(n, "measurement", "measurements")),
    };
    let lines = [
        format!("Drawn from: {} ({}), {}", twin.population.title, twin.population.id, twin.population.why),
        format!(
            "{} candidates, {} met the entry conditions, {} are like the patient and are worth {} of equal weight{measured}",
            words::count(drawn.candidates),
            words::count(drawn.eligible),
            words::count(drawn.twins),
            words::fixed(drawn.effective, 0)
        ),
        members(drawn),
        format!("Visits and endpoints are those of the trial {}", twin.population.pattern),
        "Who dies is counted in no later score; a death makes later events impossible, and they are counted as not having come".into(),
    ];
    let lines = lines.iter().filter(|line| !line.is_empty());
    for line in lines.map(|line| words::sentence(line)).chain(twin.regimens.iter().filter_map(studied)) {
        let _ = write!(html, "<li>{}</li>", escape(&line));
    }
    html.push_str("</ul><div class=\"cols\"><div><h3>What carries the numbers</h3><ul class=\"as\">");
    for line in &twin.assumptions {
        let _ = write!(html, "<li>{}</li>", escape(&words::sentence(line)));
    }
    html.push_str("</ul></div><div><h3>What is not simulated</h3><ul class=\"as\">");
    for line in &twin.not_simulated {
        let _ = write!(html, "<li>{}</li>", escape(&words::sentence(line)));
    }
    let _ = write!(
        html,
        "</ul></div></div><h3>Repeat it</h3><pre><code>{}</code></pre></section><footer><p><b>regraft {}</b>, seed {}</p>\
         <p>Research and trial design. Not for decisions on a patient.</p></footer>",
        escape(&twin.command),
        escape(&twin.version),
        twin.seed
    );
    html
}

/// How the facts weigh the members of the posterior.
fn members(drawn: &super::Drawn) -> String {
    drawn.effective_members.map_or(String::new(), |effective| {
        format!(
            "The twins belong to {} members of the posterior, which are worth {} of equal weight after the facts: where people like \
             this one are rare, a member counts less",
            drawn.members,
            words::fixed(effective, 0)
        )
    })
}

fn studied(regimen: &Regimen) -> Option<String> {
    let list = regimen.studied_in.join(", ");
    (!list.is_empty()).then(|| format!("{} was studied in: {list}.", regimen.title))
}
