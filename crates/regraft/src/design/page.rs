//! The page of a design: the answer in sentences, power and duration against size, looks, what was assumed.

use std::fmt::Write;

use super::answer::{Answer, AtSize};
use crate::report::axis::{Scale, round_ticks, tick_text};
use crate::report::palette;
use crate::report::plot::{Frame, band};
use crate::report::stack::{Bar, PARAMETERS, PATIENTS_AND_CHANCE, Stack, not_split};
use crate::report::svg::{Anchor, PathData, Svg, escape};
use crate::report::words;

/// What this page needs beside the report's style.
const CSS: &str = "\n.assured { stroke: var(--c); stroke-width: 1.5; opacity: .6; fill: none; stroke-dasharray: 2 3; }\n\
.member-band { opacity: .35; }\n.by-formula { stroke: var(--ink2); stroke-width: 1.5; stroke-dasharray: 5 4; fill: none; }\n\
.two.even { grid-template-columns: 1fr 1fr; }\n\
pre { white-space: pre-wrap; }\n.tests td { white-space: nowrap; }\n.tests .own th, .tests .own td { font-weight: 650; }\n\
@media (max-width: 720px) { .two.even { grid-template-columns: 1fr; } }\n";

/// Writes the page: one HTML text without script and without any request. `command` repeats it.
pub fn page(found: &Answer, command: &str) -> String {
    let css = format!("{}{}{CSS}", palette::rules(), include_str!("../../templates/report.css"));
    let mut body = String::new();
    let _ = write!(
        body,
        "<p class=\"kick\"><span>{}</span><span>Design of a trial, simulated</span><span>{}</span><span class=\"ru\">Research, not advice</span></p><h1>{}</h1>",
        escape(&found.title),
        escape(&found.endpoint_title),
        escape(&headline(found))
    );
    for sentence in sentences(found) {
        let _ = write!(body, "<p class=\"lead\">{}</p>", escape(&sentence));
    }
    body.push_str(&figures(found));
    body.push_str(&doubt(found));
    body.push_str(&sizes(found));
    body.push_str(&looks(found));
    body.push_str(&other_tests(found));
    body.push_str(&design(found));
    body.push_str(&small_print(found, command));
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width,initial-scale=1\"><title>{}</title><style>{css}</style></head>\
         <body><main>{body}</main></body></html>\n",
        escape(&format!("{}: design", found.title))
    )
}

/// A share in percent: one decimal where it needs one.
fn percent(share: f64) -> String {
    let tenths = (1000.0 * share).round();
    if tenths == 0.0 && share > 0.0 {
        return words::level(0.001).replace("0.1", "< 0.1");
    }
    words::level(tenths / 1000.0)
}

fn years(days: f64) -> String {
    format!("{} years", words::fixed(days / 365.25, 1))
}

/// The answer in one sentence: the heading of the page.
pub fn headline(found: &Answer) -> String {
    if found.identical_arms {
        return format!(
            "With identical arms and {} patients each, {} of trials find a difference",
            found.n_per_arm,
            percent(found.power)
        );
    }
    let of_100 = match (100.0 * found.power).round() {
        // Some find it and some do not: that is neither all nor none.
        100.0 if found.power < 1.0 => "more than 99".to_string(),
        0.0 if found.power > 0.0 => "fewer than 1".to_string(),
        of_100 => words::fixed(of_100, 0),
    };
    format!(
        "With {} patients in each arm, {of_100} of 100 such trials would find a difference",
        words::count(found.n_per_arm)
    )
}

fn sentences(found: &Answer) -> Vec<String> {
    let mut all = vec![format!(
        "{} simulated trials of {} patients ({} treated, {} control) have a power of {} (standard error {}), {} in favor of the treated arm.",
        words::count(found.trials),
        found.n_treated + found.n_control,
        found.n_treated,
        found.n_control,
        percent(found.power),
        percent(found.mc_error),
        percent(found.power_in_favor)
    )];
    all.push(format!(
        "Where both arms do what the control arm does, {} of them still find a difference (standard error {}); {} are allowed.",
        percent(found.type_one_error),
        percent(found.type_one_mc_error),
        percent(found.alpha)
    ));
    all.push(match found.n_per_arm_for_target {
        _ if found.identical_arms => "No size is looked for where the arms are alike.".to_string(),
        Some(n) => format!("A power of {} takes {n} patients in each arm.", percent(found.target_power)),
        None => format!("No size that was looked at has a power of {}.", percent(found.target_power)),
    });
    all.push(format!(
        "From the first patient to the final answer it takes {} ({} to {} in four of five trials), {} of them until the last patient has entered.",
        years(found.duration_days),
        words::fixed(found.duration_low_days / 365.25, 1),
        words::fixed(found.duration_high_days / 365.25, 1),
        years(found.enrollment_days)
    ));
    all.extend(assurance(found));
    all
}

/// What the doubt of the parameters makes of the power.
fn assurance(found: &Answer) -> Option<String> {
    let (from, to) = found.assurance_ci_low.zip(found.assurance_ci_high)?;
    let (low, high) = found.assurance_low.zip(found.assurance_high)?;
    let size = match found.n_per_arm_for_assurance {
        Some(n) => format!("An assurance of {} takes {n} patients in each arm.", percent(found.target_power)),
        None => format!("No size that was looked at has an assurance of {}.", percent(found.target_power)),
    };
    Some(format!(
        "If the parameters are as uncertain as the posterior says, the power is {} on average over its {} members \
         ({} to {}): the assurance. In four of five members the power lies from {} to {}. {size}",
        percent(found.assurance),
        found.members,
        percent(from),
        percent(to),
        percent(low),
        percent(high)
    ))
}

/// Where a drawing stands, for a desk and for a phone.
const PLACES: [(f64, Frame, &str); 2] = [
    (500.0, Frame { left: 48.0, right: 484.0, top: 30.0, bottom: 300.0 }, "wide"),
    (354.0, Frame { left: 42.0, right: 340.0, top: 30.0, bottom: 250.0 }, "narrow"),
];

fn figures(found: &Answer) -> String {
    let mut power = String::new();
    let mut duration = String::new();
    let mut spread = String::new();
    for place in PLACES {
        power.push_str(&draw_power(found, place));
        duration.push_str(&draw_duration(found, place));
        if !found.power_by_member.is_empty() {
            spread.push_str(&draw_members(found, place));
        }
    }
    let (assured, members) = if spread.is_empty() {
        ("", String::new())
    } else {
        (
            " Dotted: mean over the members of the posterior (the assurance). Pale band: four of five of them.",
            format!(
                "<figure class=\"a1\"><p class=\"ft\">Power of each member of the posterior</p>{spread}<p class=\"cap\">One dot \
                 is one member, a complete set of the uncertain parameters, with {} patients in each arm; lowest power first. \
                 Line: their mean.</p></figure>",
                words::count(found.n_per_arm)
            ),
        )
    };
    let formula = if found.curve.iter().any(|at| at.formula.is_some()) {
        " Dashed: by formula, from the effect in the whole pool and the information of each size."
    } else {
        ""
    };
    format!(
        "<section><h2>Power and duration against size</h2><div class=\"two even\">\
         <figure class=\"a1\"><p class=\"ft\">Power</p>{power}<p class=\"cap\">Line: share of trials that find a difference. \
         Band: 95 % interval of the simulation, of trials and pool together. Ring: the size asked for.{formula}{assured}</p></figure>\
         <figure class=\"a1\"><p class=\"ft\">Duration</p>{duration}<p class=\"cap\">Mean time from the first patient to the \
         end of the trial.</p></figure>{members}</div></section>"
    )
}

/// Where the doubt whether such a trial rejects comes from.
fn doubt(found: &Answer) -> String {
    let Some(split) = &found.split else {
        return format!(
            "<section><h2>Where the doubt comes from</h2><p class=\"side\">{}. The power above is that of these parameters; with \
             <code>--posterior ensemble</code> it is averaged over draws of the posterior.</p></section>",
            not_split(if found.members > 1 {
                "all trials find the same"
            } else {
                "all patients live with the same"
            })
        );
    };
    let stack = Stack {
        title: "Where the doubt whether a trial rejects comes from".into(),
        parts: vec![PARAMETERS, PATIENTS_AND_CHANCE],
        bars: vec![Bar {
            label: format!("Whether a trial of {} in each arm finds a difference", found.n_per_arm),
            shares: vec![split.parameters, split.patients_and_chance],
            ends: Some((split.parameters_low, split.parameters_high)),
        }],
    };
    format!(
        "<section><h2>Where the doubt comes from</h2>{}<p class=\"cap\">Shares of the variance of a trial's answer, found or not \
         found. What lies in the parameters no larger trial takes away. Below the bar: 90&nbsp;% interval, by the number of members; what \
         the size of the pool and the number of trials add is taken off.</p></section>",
        stack.draw("doubt")
    )
}

/// Axes of a drawing: patients per arm along, something up.
struct Axes {
    x: Scale,
    y: Scale,
    frame: Frame,
}

fn axes(svg: &mut Svg, found: &Answer, frame: Frame, up: &[f64], unit: &str) -> Axes {
    let most = found.curve.iter().map(|at| at.n_per_arm).max().unwrap_or(1) as f64;
    let ticks = round_ticks(0.0, most);
    let x = Scale::linear((0.0, ticks[ticks.len() - 1]), (frame.left, frame.right));
    let y = Scale::linear((up[0], up[up.len() - 1]), (frame.bottom, frame.top));
    frame.draw_values(svg, &y, up, "tick", unit);
    for tick in &ticks {
        let at = x.at(*tick);
        svg.line((at, frame.bottom), (at, frame.bottom + 4.0), "ax");
        svg.text((at, frame.bottom + 18.0), Anchor::Middle, "tick", &tick_text(*tick));
    }
    svg.text((frame.right, frame.bottom + 38.0), Anchor::End, "lab", "patients in each arm");
    Axes { x, y, frame }
}

fn draw_power(found: &Answer, (width, frame, class): (f64, Frame, &'static str)) -> String {
    let mut svg = Svg::new(&format!("power-{class}"), class, width, frame.bottom + 46.0);
    let top = found.curve.iter().map(|at| at.power + 1.96 * at.mc_error).fold(0.0, f64::max);
    let up = if found.identical_arms {
        round_ticks(0.0, (120.0 * top).ceil().max(8.0))
    } else {
        vec![0.0, 25.0, 50.0, 75.0, 100.0]
    };
    let axes = axes(&mut svg, found, frame, &up, " %");
    let at = |size: &AtSize, value: f64| (axes.x.at(size.n_per_arm as f64), axes.y.within(100.0 * value));
    let of = |value: fn(&AtSize) -> Option<f64>| -> Vec<(f64, f64)> {
        found.curve.iter().filter_map(|size| value(size).map(|value| at(size, value))).collect()
    };
    band(&mut svg, &of(|size| size.assurance_low), &of(|size| size.assurance_high), "f2 member-band");
    svg.path(&PathData::through(&of(|size| size.assurance)), "assured");
    let ends = |sign: f64| -> Vec<(f64, f64)> {
        found.curve.iter().map(|size| at(size, size.power + sign * 1.96 * size.mc_error)).collect()
    };
    band(&mut svg, &ends(-1.0), &ends(1.0), "f error-band");
    let goal = if found.identical_arms { found.alpha } else { found.target_power };
    let y = axes.y.at(100.0 * goal);
    svg.line((axes.frame.left, y), (axes.frame.right, y), "mark");
    if let Some(n) = found.n_per_arm_for_target {
        let x = axes.x.at(n as f64);
        svg.line((x, y), (x, axes.frame.bottom), "mark");
        svg.text((x + 6.0, axes.frame.bottom - 8.0), Anchor::Start, "an halo", &words::count(n));
    }
    let formula: Vec<(f64, f64)> =
        found.curve.iter().filter_map(|size| size.formula.map(|value| at(size, value))).collect();
    svg.path(&PathData::through(&formula), "by-formula");
    let line: Vec<(f64, f64)> = found.curve.iter().map(|size| at(size, size.power)).collect();
    svg.path(&PathData::through(&line), "s curve");
    for (size, point) in found.curve.iter().zip(&line) {
        let tip = format!("{} per arm: {}", size.n_per_arm, percent(size.power));
        svg.tipped(&tip, |svg| {
            if size.n_per_arm == found.n_per_arm {
                svg.circle(*point, 5.5, "pub");
            } else {
                svg.circle(*point, 3.0, "f");
            }
        });
    }
    let words: Vec<String> =
        found.curve.iter().map(|size| format!("{}: {}", size.n_per_arm, percent(size.power))).collect();
    svg.finish("Power against patients in each arm", &words.join("; "))
}

/// The power of every member, ascending.
fn draw_members(found: &Answer, (width, frame, class): (f64, Frame, &'static str)) -> String {
    let mut svg = Svg::new(&format!("members-{class}"), class, width, frame.bottom + 46.0);
    let n = found.power_by_member.len() as f64;
    let x = Scale::linear((0.0, 100.0), (frame.left, frame.right));
    let y = Scale::linear((0.0, 100.0), (frame.bottom, frame.top));
    frame.draw_values(&mut svg, &y, &[0.0, 25.0, 50.0, 75.0, 100.0], "tick", " %");
    for tick in [0.0, 25.0, 50.0, 75.0, 100.0] {
        svg.line((x.at(tick), frame.bottom), (x.at(tick), frame.bottom + 4.0), "ax");
        svg.text((x.at(tick), frame.bottom + 18.0), Anchor::Middle, "tick", &tick_text(tick));
    }
    svg.text((frame.right, frame.bottom + 38.0), Anchor::End, "lab", "share of the members, %");
    let mean = y.at(100.0 * found.assurance);
    svg.line((frame.left, mean), (frame.right, mean), "mark");
    svg.text((frame.left + 6.0, mean - 6.0), Anchor::Start, "an halo", &percent(found.assurance));
    for (place, power) in found.power_by_member.iter().enumerate() {
        svg.circle((x.at(100.0 * (place as f64 + 0.5) / n), y.at(100.0 * power)), 3.0, "f");
    }
    let words: Vec<String> = found.power_by_member.iter().map(|power| percent(*power)).collect();
    svg.finish("Power of each member of the posterior", &words.join(", "))
}

fn draw_duration(found: &Answer, (width, frame, class): (f64, Frame, &'static str)) -> String {
    let mut svg = Svg::new(&format!("duration-{class}"), class, width, frame.bottom + 46.0);
    let years = |size: &AtSize| size.duration_days / 365.25;
    let most = found.curve.iter().map(years).fold(0.0, f64::max);
    let up = round_ticks(0.0, most.max(0.1));
    let axes = axes(&mut svg, found, frame, &up, " y");
    let line: Vec<(f64, f64)> = found
        .curve
        .iter()
        .map(|size| (axes.x.at(size.n_per_arm as f64), axes.y.within(years(size))))
        .collect();
    svg.path(&PathData::through(&line), "s curve");
    for (size, point) in found.curve.iter().zip(&line) {
        if size.n_per_arm == found.n_per_arm {
            svg.circle(*point, 5.5, "pub");
        }
    }
    let words: Vec<String> =
        found.curve.iter().map(|size| format!("{}: {:.1} years", size.n_per_arm, years(size))).collect();
    svg.finish("Duration against patients in each arm", &words.join("; "))
}

fn sizes(found: &Answer) -> String {
    let formula = found.curve.iter().any(|at| at.formula.is_some());
    let mut html = String::from(
        "<section><h2>Sizes</h2><div class=\"scroll\"><table><thead><tr><th>Size of an arm</th><th>power</th>\
         <th>error</th><th>in favor</th>",
    );
    let assured = found.curve.iter().any(|at| at.assurance.is_some());
    if assured {
        html.push_str("<th>assurance</th><th>four of five members</th>");
    }
    if formula {
        html.push_str("<th>by formula</th>");
    }
    let information = if found.test == "log_rank" || found.test == "cox" || found.test == "fine_gray" {
        "events"
    } else {
        "patients"
    };
    let _ = write!(html, "<th>years</th><th>{information}</th></tr></thead><tbody>");
    for at in &found.curve {
        let bold =
            |text: String| if at.n_per_arm == found.n_per_arm { format!("<b>{text}</b>") } else { text };
        let _ = write!(
            html,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td>",
            bold(words::count(at.n_per_arm)),
            bold(percent(at.power)),
            percent(at.mc_error),
            percent(at.in_favor)
        );
        if let (Some(mean), Some(low), Some(high)) = (at.assurance, at.assurance_low, at.assurance_high) {
            let _ = write!(
                html,
                "<td>{}</td><td>{} to {}</td>",
                bold(percent(mean)),
                percent(low),
                percent(high)
            );
        }
        if formula {
            let _ = write!(html, "<td>{}</td>", at.formula.map_or("–".to_string(), percent));
        }
        let duration = words::fixed(at.duration_days / 365.25, 1);
        let _ = write!(html, "<td>{duration}</td><td>{}</td></tr>", words::fixed(at.information, 0));
    }
    html.push_str(
        "</tbody></table></div><p class=\"cap\">Error: standard error of the power, of trials and pool together. In favor: trials that \
         find the treated better. Years, events and patients: means at the end of the trial.</p></section>",
    );
    html
}

fn looks(found: &Answer) -> String {
    if found.looks.len() < 2 {
        return String::new();
    }
    let sign = if found.sides == 2 { "|Z|" } else { "Z" };
    let mut html = format!(
        "<section><h2>Looks</h2><div class=\"scroll\"><table><thead><tr><th>Information</th><th>stops where {sign} is above</th>\
         <th>trials that end here</th></tr></thead><tbody>"
    );
    for look in &found.looks {
        let _ = write!(
            html,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>",
            percent(look.information),
            words::fixed(look.critical, 3),
            percent(look.ended)
        );
    }
    html.push_str(
        "</tbody></table></div><p class=\"cap\">The last critical value is that of a trial whose information is as planned; \
         each trial takes the one that spends what is left at the information it has.</p></section>",
    );
    html
}

/// The same trials with their p-values from elsewhere.
fn other_tests(found: &Answer) -> String {
    if found.other_tests.is_empty() {
        return String::new();
    }
    let with_error = |(share, error): (f64, f64)| {
        format!("{} ± {} %", words::fixed(100.0 * share, 1), words::fixed(100.0 * error, 1))
    };
    let row = |title: &str, level: (f64, f64), power: (f64, f64), class: &str| {
        format!(
            "<tr{class}><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>",
            escape(&words::capital(title)),
            with_error(level),
            with_error(power)
        )
    };
    let level = (found.type_one_error, found.type_one_mc_error);
    let own = row(&found.inference_title, level, (found.power, found.mc_error), " class=\"own\"");
    let others = found.other_tests.iter().map(|other| {
        let level = (other.type_one_error, other.type_one_mc_error);
        row(&other.title, level, (other.power, other.mc_error), "")
    });
    let others: String = others.collect();
    format!(
        "<section><h2>The same trials, tested otherwise</h2><div class=\"scroll\"><table class=\"tests\"><thead><tr><th>Test</th>\
         <th>type I error</th><th>power</th></tr></thead><tbody>{own}{others}</tbody></table></div><p class=\"cap\">Bold: the test of this design. Nominal type I error {}. \
         Where a test rejects more often than that its power is not to be had. <code>inference</code> in <code>[design]</code> of the trial \
         file chooses.</p></section>",
        percent(found.alpha)
    )
}

fn design(found: &Answer) -> String {
    let mut html = String::from(
        "<section><h2>How the trial is run</h2><div class=\"scroll\"><table class=\"plain\"><thead><tr><th>What</th>\
         <th>how</th><th>from</th></tr></thead><tbody>",
    );
    for line in &found.design {
        let from = match (line.from, line.source.as_deref()) {
            ("file", Some(source)) => format!("the trial's design, {source}"),
            ("file", None) => "the trial's design".to_string(),
            ("trial", _) => "the trial".to_string(),
            _ => "assumed".to_string(),
        };
        let _ = write!(
            html,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>",
            escape(&words::capital(&line.what)),
            escape(&line.value),
            escape(&from)
        );
    }
    html.push_str("</tbody></table></div>");
    if let Some(why) = &found.why {
        let source = found.source.as_deref().unwrap_or_default();
        let _ = write!(
            html,
            "<p class=\"cap\">{}. <code>{}</code></p>",
            escape(&words::capital(why)),
            escape(source)
        );
    }
    html.push_str("</section>");
    html
}

fn small_print(found: &Answer, command: &str) -> String {
    let effect = &found.effect;
    let number = |value: Option<f64>| value.map_or("–".to_string(), three_digits);
    let mut items = vec![
        format!(
            "{} virtual patients live both arms once; every trial draws different ones into its arms, from a stream of its own.",
            words::count(found.pool)
        ),
        format!(
            "In the whole pool the {} is {}: {} in the treated arm, {} in the control arm.",
            effect.measure.replace('_', " "),
            number(effect.value),
            number(effect.treated),
            number(effect.control)
        ),
        format!("Parameters: {}.", found.posterior.as_deref().unwrap_or("as the cards say")),
    ];
    items.extend(found.notes.iter().cloned());
    let list: String = items.iter().map(|item| format!("<li>{}</li>", escape(item))).collect();
    format!(
        "<section><h2>How to read it</h2><ul class=\"as\">{list}</ul><h3>Command</h3><pre>{}</pre></section>\
         <footer><p><b>Research and trial design, never bedside advice.</b></p><p>regraft {}, seed {}</p></footer>",
        escape(command),
        escape(&found.version),
        found.seed
    )
}

fn three_digits(value: f64) -> String {
    words::fixed(value, if value.abs() < 10.0 { 3 } else { 1 })
}
