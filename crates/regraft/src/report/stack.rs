//! Bars of equal length cut into parts: where the doubt of numbers comes from, on every page that tells it.

use super::measure;
use super::svg::{Anchor, Svg, escape};
use super::words;

/// A part of a doubt. Its shade is the same on every page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// For people.
    pub name: &'static str,
    /// Number of the shade, from 1.
    shade: usize,
}

/// The numbers of the model may be wrong.
pub const PARAMETERS: Part = Part { name: "uncertain parameters", shade: 1 };
/// Others would have entered.
pub const PATIENTS: Part = Part { name: "patients who differ", shade: 2 };
/// The same patients could have fared otherwise.
pub const CHANCE: Part = Part { name: "chance", shade: 3 };
/// Other patients, with other fates.
pub const PATIENTS_AND_CHANCE: Part = Part { name: "patients and chance", shade: 3 };
/// Center, era and definition of a trial.
pub const TRIAL: Part = Part { name: "effect of a trial", shade: 4 };

/// What a page says where it cannot tell how much lies in the parameters.
pub fn not_split(why: &str) -> String {
    format!("Uncertain parameters: not split here, since {why}")
}

/// The same as a paragraph of a page.
pub fn why_not_split(why: &str) -> String {
    format!("<p class=\"side\">{}.</p>", escape(&not_split(why)))
}

/// One bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// What it is of.
    pub label: String,
    /// Share of each part, adding up to 1.
    pub shares: Vec<f64>,
    /// Interval of the first of them, where it is known.
    pub ends: Option<(f64, f64)>,
}

/// Bars with the same parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    /// What is shown, for those who do not see it.
    pub title: String,
    /// The parts, in the order in which they are stacked.
    pub parts: Vec<Part>,
    /// From top to bottom.
    pub bars: Vec<Bar>,
}

/// Height of a bar.
const HEIGHT: f64 = 16.0;

/// Height of a line of its name.
const LINE: f64 = 17.0;

/// A share is written in its part where it has so much room.
const ROOM: f64 = 40.0;

impl Stack {
    /// The drawing for a desk and the one for a phone, in one text; nothing without bars.
    pub fn draw(&self, id: &str) -> String {
        let (wide, narrow) = self.apart(id);
        wide + &narrow
    }

    /// The drawing for a desk, and the one for a phone.
    pub fn apart(&self, id: &str) -> (String, String) {
        if self.bars.is_empty() {
            return (String::new(), String::new());
        }
        (self.drawn("wide", &format!("{id}-w")), self.drawn("narrow", &format!("{id}-n")))
    }

    fn drawn(&self, class: &'static str, id: &str) -> String {
        let narrow = class == "narrow";
        let width = if narrow { 354.0 } else { 1000.0 };
        let bar_at = if narrow { 0.0 } else { 520.0 };
        let mut svg = Svg::new(id, class, width, 0.0);
        let mut y = self.legend(&mut svg, width) + 22.0;
        for bar in &self.bars {
            // Beside the bar a name has one line, above it as many as it needs.
            let (room, most) = if narrow { (width, 3) } else { (bar_at - 16.0, 1) };
            let name = measure::wrap(&bar.label, 13.0, false, room, most);
            svg.lines((0.0, y + 12.0), Anchor::Start, "t", &name, LINE);
            if narrow {
                y += 2.0 + LINE * name.len() as f64;
            }
            self.bar(&mut svg, bar, (bar_at, y), width - bar_at);
            y += 30.0;
        }
        svg.set_height(y);
        let told: Vec<String> = self.bars.iter().map(|bar| self.told(bar)).collect();
        svg.finish(&self.title, &told.join(" "))
    }

    /// A bar with its shares, and under it the interval of the first.
    fn bar(&self, svg: &mut Svg, bar: &Bar, (left, y): (f64, f64), length: f64) {
        let mut x = left;
        for (part, share) in self.parts.iter().zip(&bar.shares) {
            let own = share * length;
            svg.rect((x, y), (own, HEIGHT), 0.0, &format!("part{}", part.shade));
            if own >= ROOM {
                let text = format!("{} %", words::fixed(100.0 * share, 0));
                svg.text((x + 6.0, y + 12.5), Anchor::Start, &format!("tk2 on{}", part.shade), &text);
            }
            x += own;
        }
        let Some((low, high)) = bar.ends else { return };
        let (from, to, below) = (left + low * length, left + high * length, y + HEIGHT + 4.0);
        svg.line((from, below), (to, below), "whisker");
        for end in [from, to] {
            svg.line((end, below - 2.5), (end, below + 2.5), "whisker");
        }
    }

    /// Names of the parts, in as many lines as they need; gives the height of the last.
    fn legend(&self, svg: &mut Svg, width: f64) -> f64 {
        let (mut x, mut y) = (0.0, 12.0);
        for part in &self.parts {
            let room = measure::width(part.name, 13.0, false) + 36.0;
            if width < x + room - 18.0 && 0.0 < x {
                (x, y) = (0.0, y + 20.0);
            }
            svg.rect((x, y - 10.0), (11.0, 11.0), 0.0, &format!("part{}", part.shade));
            svg.text((x + 17.0, y), Anchor::Start, "t", part.name);
            x += room;
        }
        y
    }

    /// A bar in words.
    fn told(&self, bar: &Bar) -> String {
        let percent = |share: f64| words::fixed(100.0 * share, 0);
        let ends = bar.ends.map(|(low, high)| format!(" ({} to {})", percent(low), percent(high)));
        let named = |(place, (part, share)): (usize, (&Part, &f64))| {
            let ends = ends.as_deref().filter(|_| place == 0).unwrap_or_default();
            format!("{} {} %{ends}", part.name, percent(*share))
        };
        let named: Vec<String> = self.parts.iter().zip(&bar.shares).enumerate().map(named).collect();
        format!("{}: {}.", bar.label, words::list(&named))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack() -> Stack {
        let bar =
            |label: &str, shares: [f64; 3], ends| Bar { label: label.into(), shares: shares.to_vec(), ends };
        Stack {
            title: "Parts".into(),
            parts: vec![PARAMETERS, PATIENTS, CHANCE],
            bars: vec![
                bar("relapse", [0.5, 0.2, 0.3], Some((0.4, 0.6))),
                bar("death", [0.0, 0.01, 0.99], None),
            ],
        }
    }

    #[test]
    fn bars_are_cut_and_told() {
        let drawn = stack().draw("parts");
        assert_eq!(drawn.matches("<svg").count(), 2);
        assert!(drawn.contains(
            "relapse: uncertain parameters 50 % (40 to 60), patients who differ 20 % and chance 30 %."
        ));
        // A share without room is told, not written into its part.
        assert!(drawn.contains(">99 %<") && !drawn.contains(">1 %<"));
        assert_eq!(drawn.matches("class=\"whisker\"").count(), 6, "three lines of one interval, twice");
    }

    #[test]
    fn without_bars_there_is_no_drawing() {
        assert_eq!(Stack { bars: Vec::new(), ..stack() }.draw("parts"), "");
    }
}
