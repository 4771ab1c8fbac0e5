//! The page of who benefits, in the style of a run's report.

use std::fmt::Write;

use super::answer::{Answer, Group, Value};
use super::known::Known;
use crate::findings::Parts;
use crate::report::axis::Scale;
use crate::report::doubt::stacked;
use crate::report::stack::why_not_split;
use crate::report::svg::{Svg, escape};
use crate::report::{grade, palette, words};

/// Writes the page: one HTML text without script and without any request.
pub fn page(answer: &Answer) -> String {
    let css = format!("{}{}{CSS}", palette::rules(), include_str!("../../templates/report.css"));
    let title = format!("{}: who benefits", answer.trial);
    let parts = [
        head(answer),
        rule(answer),
        sets(answer),
        doubt(answer),
        known(answer),
        subgroups(answer),
        small_print(answer),
    ];
    let body = parts.concat();
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width,initial-scale=1\"><title>{}</title><style>{css}</style></head>\
         <body><main class=\"a1\">{body}</main></body></html>\n",
        escape(&title)
    )
}

const CSS: &str = "\n.bt { width: 100%; } .bt th, .bt td { padding: 8px 14px 8px 0; }\n\
.bt td small, .bt th small { display: block; font-size: 12.5px; color: var(--ink3); font-weight: 400; }\n\
.bt td.w { width: 210px; text-align: left; } .bt th.w { text-align: left; } .bt td small { white-space: nowrap; }\n\
.bt td.w2, .bt th.w2 { text-align: left; min-width: 190px; } .bt td.w2 small { white-space: normal; }\n\
.plain + .scroll { margin-top: 18px; }\n\
@media (max-width: 720px) { .bt { font-size: 13px; } .bt td.w, .bt th.w { display: none; } .bt th, .bt td { padding-right: 9px; }\n\
.bt td small { white-space: normal; } .bt td.w2, .bt th.w2 { min-width: 150px; overflow-wrap: anywhere; } }\n";

impl Answer {
    /// A gain or harm as text: patients of 100 where they are counted, else the value.
    fn number(&self, value: f64) -> String {
        if self.in_patients { words::signed(100.0 * value, 1) } else { words::signed(value, 2) }
    }

    fn cell(&self, value: &Value) -> String {
        let Some(estimate) = value.estimate else { return "–".into() };
        let interval = value.low.zip(value.high);
        let interval = interval.map_or(String::new(), |(low, high)| {
            format!("<small>{} to {}</small>", self.number(low), self.number(high))
        });
        format!("{}{interval}", self.number(estimate))
    }

    /// Harm is always counted in patients.
    fn harm_cell(value: &Value) -> String {
        let text = |number: f64| words::signed(100.0 * number, 1);
        let Some(estimate) = value.estimate else { return "–".into() };
        let interval = value.low.zip(value.high);
        let interval = interval
            .map_or(String::new(), |(low, high)| format!("<small>{} to {}</small>", text(low), text(high)));
        format!("{}{interval}", text(estimate))
    }
}

/// The conditions of a leaf with titles and signs for people: "EDSS ≤ 3.75 and age > 40".
fn conditions(answer: &Answer, conditions: &[String]) -> String {
    let told = |condition: &String| {
        let (name, rest) = condition.split_once(' ').unwrap_or((condition, ""));
        let title = answer.subgroups.iter().find(|one| one.name == name).map(|one| words::inner(&one.title));
        format!("{} {}", title.unwrap_or(name.to_string()), rest.replace("<=", "≤").replace(">=", "≥"))
    };
    let all: Vec<String> = conditions.iter().map(told).collect();
    all.join(" and ")
}

impl Answer {
    /// The answer in one sentence: the heading of the page.
    pub fn headline(&self) -> String {
        let gain = |group: &Group| group.benefit.estimate.map_or("–".into(), |gain| self.plainly(gain));
        let everyone = gain(&self.all);
        let of = if self.in_patients { " of 100" } else { "" };
        let arm = words::inner(&self.arm.1);
        let size = |leaf: &&super::Leaf| leaf.group.benefit.estimate.unwrap_or(f64::MIN);
        let best = self.leaves.iter().max_by(|a, b| size(a).total_cmp(&size(b)));
        match best.filter(|_| self.leaves.len() > 1) {
            None => format!("Mean gain from {arm}: {everyone}{of}; no short rule tells who gains more"),
            Some(best) => format!(
                "Mean gain from {arm}: {everyone}{of}; largest where {}: {}{of}",
                conditions(self, &best.conditions),
                gain(&best.group)
            ),
        }
    }

    /// What the gain is, in words.
    pub fn gain(&self) -> &'static str {
        match (self.more_is_worse, self.in_patients) {
            (true, true) => "how many fewer of 100 have it",
            (true, false) => "how much less it is",
            (false, true) => "how many more of 100 reach it",
            (false, false) => "how much more it is",
        }
    }

    /// A number in a sentence: patients of 100, or in the unit of the endpoint.
    fn plainly(&self, value: f64) -> String {
        if self.in_patients { words::per_hundred(100.0 * value) } else { words::fixed(value, 2) }
    }
}

fn head(answer: &Answer) -> String {
    let headline = answer.headline();
    let harms: Vec<String> = answer.harms.iter().map(|harm| words::inner(&harm.1)).collect();
    format!(
        "<p class=\"kick\"><span>{}</span><span>{} against {}</span><span class=\"ru\">Research, not advice</span></p><h1>{}</h1>\
         <p class=\"lead\">Every one of {} patients lived both arms with the same fate. The gain is in {} by {}: {}. The harm is {}; one \
         counts as much as {} of the gain. The effect in one patient is mostly chance, so only means are shown.</p>",
        escape(&answer.title),
        escape(&answer.arm.1),
        escape(&words::inner(&answer.versus.1)),
        escape(&headline),
        words::count(answer.n),
        escape(&words::inner(&answer.endpoint.1)),
        words::follow_up(answer.day),
        answer.gain(),
        escape(&words::list(&harms)),
        words::as_printed(answer.harm_weight)
    )
}

/// Mean effects of one group as a row.
fn row(answer: &Answer, name: &str, group: &Group, extra: &str) -> String {
    format!(
        "<tr><th scope=\"row\">{name}<small>{}</small></th><td>{}</td><td>{}</td><td>{}</td>{extra}</tr>",
        words::plural(group.n, "patient", "patients"),
        answer.cell(&group.benefit),
        Answer::harm_cell(&group.harm),
        answer.cell(&group.net)
    )
}

const COLUMNS: &str =
    "<thead><tr><th>Group</th><th>Gain</th><th>Harm added, of 100</th><th>Gain less weighted harm</th>";

fn rule(answer: &Answer) -> String {
    let mut html = format!(
        "<section><h2>The rule</h2><div class=\"scroll\"><table class=\"bt\">{COLUMNS}<th class=\"w\">Stated by the rule</th></tr></thead><tbody>"
    );
    html.push_str(&row(answer, "Everyone", &answer.all, "<td class=\"w\"></td>"));
    if answer.leaves.len() > 1 {
        for leaf in &answer.leaves {
            let stated = format!("<td class=\"w\">{}</td>", answer.number(leaf.stated));
            html.push_str(&row(answer, &escape(&conditions(answer, &leaf.conditions)), &leaf.group, &stated));
        }
    }
    html.push_str("</tbody></table></div>");
    let found = &answer.performance;
    let _ = write!(
        html,
        "<h3>In patients who did not make it</h3><p class=\"cap\">{} folds by patient. The rule explains {} % of the variance of single \
         effects. Treating all gives {}, treating the {} % for whom it states a gain gives {}; difference {} ({} to {}). {}</p>{}",
        found.folds,
        words::fixed(100.0 * found.explained, 1),
        found.treat_all.estimate.map_or("–".into(), |value| answer.number(value)),
        words::fixed(100.0 * found.treated_by_rule, 0),
        found.treat_by_rule.estimate.map_or("–".into(), |value| answer.number(value)),
        found.rule_minus_all.estimate.map_or("–".into(), |value| answer.number(value)),
        found.rule_minus_all.low.map_or("–".into(), |value| answer.number(value)),
        found.rule_minus_all.high.map_or("–".into(), |value| answer.number(value)),
        found.calibration_slope.map_or(
            "All are predicted alike, so there is nothing to calibrate.".into(),
            |slope| format!(
                "Calibration slope {}: a unit predicted is so much found.",
                words::fixed(slope, 2)
            )
        ),
        calibration(answer)
    );
    html + "</section>"
}

/// Predicted against found, out of fold.
fn calibration(answer: &Answer) -> String {
    let quarters = &answer.performance.quarters;
    if quarters.len() < 2 {
        return String::new();
    }
    let all = quarters
        .iter()
        .flat_map(|one| [Some(one.predicted), one.found.estimate, one.found.low, one.found.high])
        .flatten();
    let (low, high) =
        all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
    let pad = 0.05 * (high - low).max(1e-9);
    let (x, y) = (
        Scale::linear((low - pad, high + pad), (46.0, 350.0)),
        Scale::linear((low - pad, high + pad), (230.0, 10.0)),
    );
    let mut svg = Svg::new("calibration", "", 360.0, 268.0);
    svg.line((46.0, 230.0), (350.0, 230.0), "ax");
    svg.line((46.0, 230.0), (46.0, 10.0), "ax");
    svg.line((x.at(low), y.at(low)), (x.at(high), y.at(high)), "mark");
    for one in quarters {
        let at = x.at(one.predicted);
        if let Some((low, high)) = one.found.low.zip(one.found.high) {
            svg.line((at, y.at(low)), (at, y.at(high)), "strip-error s");
        }
        if let Some(estimate) = one.found.estimate {
            svg.circle((at, y.at(estimate)), 5.0, "f ring");
        }
    }
    for value in [low, high] {
        svg.text((x.at(value), 246.0), crate::report::svg::Anchor::Middle, "tick", &answer.number(value));
        svg.text((40.0, y.at(value) + 4.0), crate::report::svg::Anchor::End, "tick", &answer.number(value));
    }
    svg.text((350.0, 263.0), crate::report::svg::Anchor::End, "tick", "predicted");
    svg.text((52.0, 20.0), crate::report::svg::Anchor::Start, "tick", "found");
    let texts: Vec<String> = quarters
        .iter()
        .map(|one| {
            format!(
                "predicted {}, found {}",
                answer.number(one.predicted),
                one.found.estimate.map_or("–".into(), |v| answer.number(v))
            )
        })
        .collect();
    format!(
        "<figure style=\"max-width:430px;margin-top:14px\"><p class=\"pt\"><b>Calibration, out of fold</b></p>{}</figure>",
        svg.finish("Calibration", &texts.join("; "))
    )
}

fn sets(answer: &Answer) -> String {
    let mut html = String::new();
    for set in &answer.sets {
        let _ = write!(
            html,
            "<section><h2>If only these may enter: {}</h2><table class=\"plain\"><thead><tr><th>Rule</th><th class=\"n\">Turned away</th><th class=\"n\">Left</th></tr></thead><tbody><tr><th scope=\"row\">everyone in the cohort</th><td class=\"n\"></td><td class=\"n\">{}</td></tr>",
            escape(&set.rule),
            words::count(answer.n)
        );
        for step in &set.steps {
            let _ = write!(
                html,
                "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
                escape(&step.rule),
                words::count(step.turned_away),
                words::count(step.left)
            );
        }
        let _ = write!(
            html,
            "</tbody></table><div class=\"scroll\"><table class=\"bt\">{COLUMNS}</tr></thead><tbody>"
        );
        html.push_str(&row(answer, "may enter", &set.inside, ""));
        html.push_str(&row(answer, "turned away", &set.outside, ""));
        html.push_str("</tbody></table></div></section>");
    }
    html
}

/// Where the doubt of the means of groups comes from.
fn doubt(answer: &Answer) -> String {
    let of = |name: String, group: &Group| {
        let part = |what: &str, value: &Value| Some((format!("{what}, {name}"), value.parts.clone()?));
        [part("Gain", &group.benefit), part("Harm", &group.harm)].into_iter().flatten().collect::<Vec<_>>()
    };
    let mut named: Vec<(String, Parts)> = of("everyone".into(), &answer.all);
    for set in &answer.sets {
        named.extend(of(format!("if {}", set.rule), &set.inside));
    }
    for leaf in answer.leaves.iter().filter(|leaf| !leaf.conditions.is_empty()) {
        named.extend(of(conditions(answer, &leaf.conditions), &leaf.group));
    }
    let bars = stacked("Where the doubt of the means comes from", &named).draw("doubt");
    let why = answer.not_split.as_deref().map_or(String::new(), why_not_split);
    if bars.is_empty() && why.is_empty() {
        return String::new();
    }
    let caption = if bars.is_empty() {
        ""
    } else {
        "<p class=\"cap\">Shares of the variance that the intervals of these groups hold. Patients and chance shrink with the number \
         of patients, the parameters do not. Below a bar: the 90&nbsp;% interval of the share of the parameters, by the number of \
         people who lived with draws. A group in which too few did so has no bar.</p>"
    };
    format!("<section><h2>Where the doubt comes from</h2>{bars}{caption}{why}</section>")
}

fn subgroups(answer: &Answer) -> String {
    let mut html = "<section><h2>One feature at a time</h2><p class=\"cap\">Patients on two sides of the median; the clearest difference \
                    first. Many are looked at, so a few differ by chance.</p><div class=\"scroll\"><table class=\"bt\"><thead><tr><th>Known at entry</th><th>Gain at or \
                    below</th><th>Gain above</th><th>Difference</th><th>Harm, difference of 100</th></tr></thead><tbody>"
        .to_string();
    for one in &answer.subgroups {
        let _ = write!(
            html,
            "<tr><th scope=\"row\">{}<small>{} at {}</small></th><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            escape(&one.title),
            escape(&one.name),
            crate::explore::digits(one.at),
            answer.cell(&one.low),
            answer.cell(&one.high),
            answer.cell(&one.difference),
            Answer::harm_cell(&one.harm_difference)
        );
    }
    html + "</tbody></table></div></section>"
}

/// Directions that rows of the evidence tell, beside what is found here of the same quantity.
fn known(answer: &Answer) -> String {
    let mut html = "<section><h2>Against what trials and cohorts found</h2><p class=\"cap\">Each direction is that of rows of the \
                    evidence, which may be fitted or are context; none is remembered. Beside it the same quantity of this cohort: those \
                    above the median minus the others, above 0 is better.</p><div class=\"scroll\"><table class=\"bt\"><thead><tr><th>Topic</th>\
                    <th class=\"w2\">What was found</th><th>Here</th><th class=\"w2\">Verdict</th></tr></thead><tbody>"
        .to_string();
    for topic in &answer.known {
        let feature = topic.feature.as_ref().map_or("not drawn here".to_string(), |feature| escape(feature));
        let head = format!("<th scope=\"row\">{}<small>{feature}</small></th>", escape(&topic.title));
        if topic.rows.is_empty() {
            let silent = words::sentence(&words::capital(topic.silent.as_deref().unwrap_or_default()));
            let _ = write!(html, "<tr>{head}<td class=\"w2\" colspan=\"3\">{}</td></tr>", escape(&silent));
        }
        for (place, row) in topic.rows.iter().enumerate() {
            let head = if place == 0 { head.as_str() } else { "<th></th>" };
            let found = row.found.as_ref().map_or("–".to_string(), |value| {
                if row.of.starts_with("harm") { Answer::harm_cell(value) } else { answer.cell(value) }
            });
            let verdict = topic.silent.as_deref().unwrap_or(Known::verdict(row));
            let verdict = escape(&words::capital(verdict));
            let verdict = if row.agrees == Some(false) { format!("<b>{verdict}</b>") } else { verdict };
            let _ = write!(
                html,
                "<tr>{head}<td class=\"w2\">{}: {}<small>{} ({}) [{}]</small></td><td>{found}</td><td class=\"w2\">{verdict}</td></tr>",
                escape(&words::capital(&row.therapy)),
                escape(&Known::direction(row)),
                escape(&words::capital(&row.why)),
                escape(&row.words),
                escape(&row.source)
            );
        }
    }
    html + "</tbody></table></div></section>"
}

/// What the intervals hold.
fn intervals(answer: &Answer) -> String {
    let held = answer.all.benefit.parameters.is_some();
    match answer.members {
        0..=1 if held => {
            "Intervals at 95 % of everyone and of groups hold how far so few patients may lie from many, and the doubt about the \
             parameters; those of single features and of the figures out of fold hold the former alone. That the model itself is \
             wrong is in none."
                .into()
        }
        0..=1 => {
            "Intervals at 95 % tell how far so few patients may lie from many, not how wrong the model may be.".into()
        }
        n => format!(
            "Intervals at 95 % hold how far so few patients may lie from many and how far the {} members of the posterior lie apart, \
             where they have patients enough to tell; that the model itself is wrong is in none.",
            words::count(n)
        ),
    }
}

fn small_print(answer: &Answer) -> String {
    format!(
        "<section><h2>How it was found</h2><ul class=\"as\"><li>{} screened, {} patients in both arms, {} left out: not solved, or without a \
         value in one of the arms, as after death.</li><li>Same fate is an assumption: means do not depend on it, and no share of patients who are \
         better off is told.</li><li>The rule was grown on half of the patients and its values come from the other half; it could use: {}.</li>\
         <li>{} Evidence grade of the arm: {}.</li></ul>\
         <h3>Repeat it</h3><pre><code>{}</code></pre></section><footer><p><b>regraft {}</b>, seed {}</p><p>Research and trial design. Not for \
         decisions on a patient.</p></footer>",
        words::count(answer.screened),
        words::count(answer.n),
        words::count(answer.left_out),
        escape(&answer.features.join(", ")),
        intervals(answer),
        escape(&grade::word(&answer.grade)),
        escape(&answer.command),
        escape(&answer.version),
        answer.seed
    )
}
