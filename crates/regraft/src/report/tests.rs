//! The page as a whole: whole markup, no broken number, nothing dropped, the same bytes twice.

mod fixture;

use std::path::Path;

use super::data::{CurveArm, ReportData};
use super::{palette, render, words};
use crate::findings::{Finding, Parts};
use fixture::{bare, empty, halt, mist};

/// Elements without an end tag.
const VOID: [&str; 3] = ["meta", "br", "!doctype"];

/// Reads all tags of a page and says where they do not match.
fn unbalanced(page: &str) -> Option<String> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let end = tag_end(rest)?;
        let tag = &rest[..end];
        rest = &rest[end + 1..];
        let name = tag.trim_start_matches('/').split([' ', '\n', '/']).next().unwrap_or("");
        if let Some(problem) = bad_attributes(tag) {
            return Some(problem);
        }
        if tag.starts_with('/') {
            let last = open.pop();
            if last != Some(name) {
                return Some(format!("</{name}> closes {last:?}"));
            }
        } else if !tag.ends_with('/') && !VOID.contains(&name) {
            open.push(name);
        }
        if name == "style" && !tag.starts_with('/') {
            rest = &rest[rest.find("</style>")?..];
        }
    }
    open.last().map(|name| format!("<{name}> is never closed"))
}

/// Where a tag ends, minding quotes.
fn tag_end(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.char_indices().find_map(|(place, letter)| {
        quoted ^= letter == '"';
        (letter == '>' && !quoted).then_some(place)
    })
}

fn bad_attributes(tag: &str) -> Option<String> {
    let quotes = tag.matches('"').count();
    (quotes % 2 == 1 || tag.contains('<')).then(|| format!("bad attributes in <{tag}>"))
}

/// The text that a reader sees, without tags and styles.
fn visible(page: &str) -> String {
    let body = &page[page.find("<body>").expect("every page has a body")..];
    let mut text = String::new();
    let mut inside = false;
    for letter in body.chars() {
        match letter {
            '<' => inside = true,
            '>' => {
                inside = false;
                text.push(' ');
            }
            letter if !inside => text.push(letter),
            _ => {}
        }
    }
    text
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace("&#x2f;", "/")
        .replace("&amp;", "&")
}

/// Renders and checks what must hold for any data.
fn page(data: &ReportData) -> String {
    let page = render(data).expect("the template fits its content");
    assert_eq!(unbalanced(&page), None);
    let words = visible(&page);
    for broken in ["NaN", "inf ", "Infinity", "Some(", "undefined"] {
        assert!(!words.contains(broken), "`{broken}` is on the page: {}", around(&words, broken));
    }
    for attribute in ["\"NaN", "\"inf", "\"-inf", ",NaN", "NaN,"] {
        assert!(!page.contains(attribute), "`{attribute}` is in an attribute: {}", around(&page, attribute));
    }
    for asked in ["<script", "<link", "<img", "<iframe", "http:", "https:", "url(", "@import", "javascript:"]
    {
        assert!(!page.contains(asked), "the page asks for something: {}", around(&page, asked));
    }
    assert_eq!(doubled_id(&page), None);
    page
}

fn around(text: &str, word: &str) -> String {
    let place = text.find(word).unwrap_or(0);
    text.chars().skip(text[..place].chars().count().saturating_sub(60)).take(140).collect()
}

fn doubled_id(page: &str) -> Option<&str> {
    let mut ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    ids.sort_unstable();
    ids.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}

#[test]
fn a_trial_of_two_arms_is_a_whole_page() {
    let page = page(&mist());
    for part in
        ["What is done to the patients", "Figure 6", "Patient 815", "Neutrophils", "Wilson", "Research use"]
    {
        assert!(page.contains(part), "`{part}` is missing");
    }
}

#[test]
fn a_trial_of_one_arm_reads_well_without_a_comparator() {
    let page = page(&halt());
    let words = visible(&page);
    assert!(!page.contains("class=\"sw cb a2\""), "the comparator's colour without a comparator");
    assert!(!words.contains("each treated both ways") && !words.contains("Difference"));
    assert!(words.contains("a trial of 24 would show"));
    assert!(words.contains("HALT-MS found 69.2 (50.2 to 82.1, printed): the simulated value lies inside"));
}

#[test]
fn the_answer_calls_each_interval_by_its_name() {
    let words = visible(&page(&mist()));
    let words: String = words.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "In 1,000 virtual patients, each treated both ways, 23 of 100 progressed within 5 years with transplant and 91 with drugs: 69 fewer",
        "(simulation error 66 to 71, 95\u{a0}%; a trial of 55 a side would show 55 to 82)",
        "Doubt about the parameters is not yet included",
    ] {
        let part: String = part.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(&part), "`{part}` is missing: {}", around(&words, "In 1,000 virtual"));
    }
}

#[test]
fn the_doubt_is_split_or_it_is_said_why_not() {
    let why = "Uncertain parameters: not split here, since the library holds no draws of a posterior";
    let mut data = mist();
    data.how_split = why.into();
    let words = visible(&page(&data));
    assert!(words.contains(&format!("No finding is split here. {why}.")), "{}", around(&words, "No finding"));
    let parts = |parameters: Option<f64>| Parts {
        parameters,
        parameters_low: parameters.map(|_| 0.3),
        parameters_high: parameters.map(|_| 0.5),
        patients: 0.4,
        patients_low: 0.3,
        patients_high: 0.5,
        chance: 0.2,
        chance_low: 0.1,
        chance_high: 0.3,
        sd: 5.0,
        n: 55,
        reason: parameters.is_none().then(|| "no draws".to_string()),
    };
    data.findings.findings[0].parts = Some(parts(None));
    let drawn = page(&data);
    assert!(drawn.contains("patients who differ") && !drawn.contains(">uncertain parameters<"));
    assert!(
        visible(&drawn).contains(why) && visible(&drawn).contains("is not yet included in these intervals")
    );
    data.findings.findings[0].parts = Some(parts(Some(0.4)));
    let drawn = page(&data);
    assert_eq!(unbalanced(&drawn), None);
    assert!(drawn.contains(">uncertain parameters<") && drawn.contains(">40 %<"));
    assert!(visible(&drawn).contains("What a trial would show holds the doubt about the parameters"));
}

#[test]
fn without_a_difference_each_arm_has_its_own_interval() {
    let words = visible(&page(&bare()));
    let words: String = words.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "confirmed progression by 5 years happened in 23 of 100 with transplant (simulation error 20 to 25, 95 %; a trial of 55 a side would show 6 to 40) and 91 with continued drugs (",
        "Hazard ratio for progression, transplant against drugs at 5 years",
        "years from randomisation",
    ] {
        assert!(words.contains(part), "`{part}` is missing: {}", around(&words, "In 1,000 virtual"));
    }
    assert!(!words.contains("after the graft by day 145"), "a title with a time gets no second one");
}

#[test]
fn a_difference_is_read_with_the_sign_of_its_row() {
    let mut data = mist();
    for finding in data.findings.findings.iter_mut().filter(|finding| finding.versus.is_some()) {
        finding.method = "another_word".to_owned();
    }
    let words = visible(&page(&data));
    let words: String = words.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("+69 55 a side: 55 to 82"), "{}", around(&words, "No confirmed progression"));
}

#[test]
fn a_miss_is_in_the_title_and_the_counts_are_in_the_header() {
    let words = visible(&page(&mist()));
    assert!(
        words.contains(
            "Transplant prevents most confirmed progression, but fewer had it in the trial than here"
        )
    );
    assert!(words.contains(
        "In part. Of 8 published intervals 4 hold the simulated value and 4 do not; 3 could not be judged."
    ));
}

#[test]
fn every_finding_is_on_the_page() {
    for data in [mist(), halt(), bare()] {
        let words = unescaped(&visible(&page(&data)));
        for finding in &data.findings.findings {
            let title = words::inner(&finding.title);
            assert!(words.contains(&finding.title) || words.contains(&title), "`{title}` is missing");
            let value =
                finding.estimate.map(|value| words::fixed(value, words::decimals(&finding.unit, value)));
            let value = value.or(finding.reason.clone()).expect("the fixture says one of both");
            assert!(words.contains(&value), "`{value}` of `{}` is missing", finding.title);
        }
    }
}

#[test]
fn what_cannot_be_estimated_shows_its_reason() {
    let mut data = mist();
    for finding in &mut data.findings.findings {
        finding.estimate = None;
        finding.reason = Some("no events in <either> arm".to_owned());
    }
    let words = visible(&page(&data));
    assert!(words.contains("Confirmed progression could not be estimated"));
    assert!(words.contains("no events in &lt;either&gt; arm"));
}

#[test]
fn remarks_show_neither_p_values_nor_remembered_numbers() {
    let mut data = mist();
    data.findings.findings[0].published[0].note =
        "p<.001; rounded as printed (remembered exact value 9.71 agrees); audited 2026-11".to_owned();
    let words = visible(&page(&data));
    assert!(words.contains("rounded as printed"));
    assert!(!words.contains(".001") && !words.contains("9.71 agrees") && !words.contains("audited"));
}

#[test]
fn nothing_at_all_is_still_a_page() {
    let words = visible(&page(&empty()));
    assert!(words.contains("nothing could be estimated") && words.contains("0 entered"));
}

#[test]
fn markup_in_the_data_stays_text() {
    let mut data = mist();
    let evil = "<b onclick=\"x\">'&amp;</b><script>";
    data.question = evil.to_owned();
    data.arms[0].title = evil.to_owned();
    data.arms[0].short = Some(evil.to_owned());
    data.arms[0].steps[0].text = evil.to_owned();
    data.curves[0].title = evil.to_owned();
    data.curves[0].published[0].source = evil.to_owned();
    data.lanes[0].arms[0].events[0].2 = evil.to_owned();
    data.findings.findings[0].title = evil.to_owned();
    data.findings.findings[0].published[0].note = evil.to_owned();
    data.grades[0].grade = evil.to_owned();
    data.fans[0].title = evil.to_owned();
    data.command = evil.to_owned();
    data.not_entered[0].0 = evil.to_owned();
    data.number_sources[0].0 = evil.to_owned();
    assert!(page(&data).contains("&lt;b onclick="));
}

fn spoil(values: &mut [f64], with: f64) {
    if let Some(value) = values.get_mut(3) {
        *value = with;
    }
}

fn spoil_curve(arm: &mut CurveArm, with: f64) {
    for values in [&mut arm.days, &mut arm.estimate, &mut arm.low, &mut arm.predicted_high] {
        spoil(values, with);
    }
    arm.at_risk.iter_mut().take(1).for_each(|row| row.0 = with);
}

fn spoil_finding(finding: &mut Finding, with: f64) {
    finding.estimate = Some(with);
    (finding.ci_low, finding.predicted_high) = (Some(with), Some(with));
    finding
        .published
        .iter_mut()
        .for_each(|published| (published.value, published.ci_high) = (with, Some(with)));
}

#[test]
fn numbers_that_are_none_are_never_drawn() {
    for with in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut data = mist();
        data.curves.iter_mut().flat_map(|curve| &mut curve.arms).for_each(|arm| spoil_curve(arm, with));
        data.scores[0].arms.iter_mut().for_each(|arm| spoil_curve(arm, with));
        data.curves[0].published.iter_mut().for_each(|point| (point.value, point.low) = (with, Some(with)));
        data.scores[0].published[0].day = with;
        data.findings.findings.iter_mut().step_by(2).for_each(|finding| spoil_finding(finding, with));
        data.findings.findings[1].time_days = Some(with);
        data.fans.iter_mut().for_each(|fan| {
            spoil(&mut fan.days, with);
            fan.quantiles[5] = [with; 5];
            (fan.before, fan.threshold) = (Some(with), Some(with));
        });
        data.fans[0].measured[0].value = with;
        data.lanes[0].arms[0].score[2].1 = with;
        data.lanes[0].arms[0].events[0].0 = with;
        data.arms[0].steps[0].days[0] = with;
        data.arms[0].graft_day = Some(with);
        data.visit_days[0] = with;
        data.failures[0].day = with;
        page(&data);
    }
}

#[test]
fn a_time_that_is_none_is_never_drawn() {
    for horizon in [f64::NAN, 0.0, -1.0, f64::INFINITY, 20.0, 90.0, 400.0, 20.0 * words::YEAR_DAYS] {
        page(&ReportData { horizon_days: horizon, ..mist() });
    }
}

#[test]
fn four_arms_and_long_titles_fit() {
    let mut data = mist();
    for (id, role) in
        [("third", "studied"), ("fourth", "studied"), ("fifth", "studied"), ("sixth", "comparator")]
    {
        let mut arm = data.arms[0].clone();
        (arm.id, arm.role, arm.short) = (id.to_owned(), role.to_owned(), None);
        arm.title =
            format!("A {id} arm with a title so long that no label of any drawing could ever hold it whole");
        data.arms.push(arm);
        for curve in &mut data.curves {
            let mut copy = curve.arms[0].clone();
            copy.arm = id.to_owned();
            curve.arms.push(copy);
        }
        let copies: Vec<Finding> =
            data.findings.findings.iter().filter(|finding| finding.arm == "hsct").cloned().collect();
        data.findings
            .findings
            .extend(copies.into_iter().map(|finding| Finding { arm: id.to_owned(), ..finding }));
    }
    let page = page(&data);
    for hue in ["a1", "a2", "a3", "a4", "a0"] {
        assert!(page.contains(&format!("curve s {hue}")), "no curve in {hue}");
    }
}

#[test]
fn empty_series_leave_no_hole() {
    let mut data = mist();
    data.curves[0].arms.iter_mut().for_each(|arm| {
        *arm = CurveArm {
            days: Vec::new(),
            estimate: Vec::new(),
            low: Vec::new(),
            high: Vec::new(),
            predicted_low: Vec::new(),
            predicted_high: Vec::new(),
            at_risk: Vec::new(),
            arm: arm.arm.clone(),
        };
    });
    data.scores[0].arms.clear();
    data.fans[0].days.clear();
    data.lanes[0].arms.iter_mut().for_each(|lane| {
        lane.score.clear();
        lane.events.clear();
    });
    assert!(page(&data).contains("no curve could be estimated"));
}

#[test]
fn the_same_data_give_the_same_bytes() {
    assert_eq!(render(&mist()).expect("renders"), render(&mist()).expect("renders"));
}

#[test]
fn drawings_have_a_name_a_description_and_two_sizes() {
    let page = page(&mist());
    let drawings = page.matches("role=\"img\"").count();
    assert_eq!(drawings, page.matches("<desc").count() + page.matches("aria-label=\"grade").count());
    let lost = "<desc";
    assert!(
        !page
            .split(lost)
            .skip(1)
            .any(|rest| rest.split('>').nth(1).is_some_and(|text| text.starts_with("</desc")))
    );
    assert!(0 < page.matches("class=\"wide\"").count());
    assert!(page.matches("class=\"wide\"").count() <= page.matches("class=\"narrow\"").count() + 1);
    assert_eq!(page.matches("<table").count(), page.matches("<caption").count());
}

/// Relative luminance of a colour `#rrggbb` [WCAG 2.1].
fn luminance(colour: &str) -> f64 {
    let channel = |place: usize| {
        let value = u8::from_str_radix(&colour[place..place + 2], 16).expect("two hexadecimal digits");
        let share = f64::from(value) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn every_text_colour_has_a_contrast_of_four_and_a_half() {
    let of = |name: &str| {
        palette::PALETTE.iter().find(|colour| colour.name == name).expect("a colour of the palette")
    };
    let on_paper = ["ink", "ink2", "ink3", "arm1", "arm2", "arm3", "arm4"].map(|text| (text, "paper"));
    let on_wash = ["ink", "ink2"].map(|text| (text, "wash"));
    let on_parts =
        [("part1-text", "part1"), ("part2-text", "part2"), ("part3-text", "part3"), ("part4-text", "part4")];
    for (text, ground) in on_paper.into_iter().chain(on_wash).chain(on_parts) {
        let (text, ground) = (of(text), of(ground));
        let pairs = [(text.light, ground.light), (text.dark, ground.dark), (text.print, ground.print)];
        for (one, other) in pairs {
            let ratio = contrast(one, other);
            assert!(4.5 <= ratio, "{} on {}: {ratio:.2}", text.name, ground.name);
        }
    }
}

#[test]
fn all_classes_of_drawings_are_styled() {
    let css = include_str!("../../templates/report.css");
    let page = page(&mist());
    let mut classes: Vec<&str> = page
        .split("class=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .flat_map(|names| names.split(' '))
        .collect();
    classes.sort_unstable();
    classes.dedup();
    let plain =
        ["plain", "wide", "again", "empty", "", "trial", "out", "in", "na", "wide-table", "cb", "pairs"];
    for class in classes.into_iter().filter(|class| !plain.contains(class)) {
        assert!(css.contains(&format!(".{class}")), "class `{class}` has no rule");
    }
}

#[test]
fn numbers_are_written_in_one_way() {
    assert_eq!(words::fixed(-1.53, 2), "\u{2212}1.53");
    assert_eq!(words::fixed(-0.001, 1), "0.0");
    assert_eq!(words::fixed(1_234_567.0, 0), "1,234,567");
    assert_eq!(words::interval(60.2, 77.4, 0), "60 to 77");
    assert_eq!(words::per_hundred(9.34), "9.3");
    assert_eq!(words::per_hundred(9.96), "10");
    assert_eq!(words::per_hundred(22.7), "23");
    assert_eq!(words::per_hundred(0.0), "0");
    assert_eq!(words::as_printed(69.2), "69.2");
    assert_eq!(words::as_printed(10.0), "10");
    assert_eq!(words::fixed(f64::NAN, 1), words::MISSING);
}

#[test]
fn times_are_written_as_people_say_them() {
    for (days, text) in [
        (30.0, "day 30"),
        (100.0, "day 100"),
        (182.6, "6 months"),
        (365.0, "12 months"),
        (730.5, "2 years"),
        (1826.25, "5 years"),
        (1826.0, "5 years"),
        (8.5, "day 8.5"),
        (0.0, "day 0"),
    ] {
        assert_eq!(words::time(days), text);
    }
}

/// Writes the pages to look at, if asked to.
#[test]
fn pages_are_written_where_asked() {
    let Ok(folder) = std::env::var("REGRAFT_REPORT_OUT") else { return };
    for (name, data) in [("mist", mist()), ("halt", halt()), ("bare", bare()), ("empty", empty())] {
        let path = Path::new(&folder).join(format!("{name}.html"));
        std::fs::write(&path, render(&data).expect("renders")).expect("the folder can be written");
    }
}
