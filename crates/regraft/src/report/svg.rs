//! Writes one drawing as SVG: escaped texts, short numbers, a title and a description for those
//! who cannot see it. A shape with a coordinate that is not a number is left out.

use std::fmt::Write;

/// Which point of a text stands at its x.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// Its first letter.
    Start,
    /// Its middle.
    Middle,
    /// Its last letter.
    End,
}

impl Anchor {
    fn attribute(self) -> &'static str {
        match self {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        }
    }
}

/// A drawing in the making; units are the pixels of its view box.
pub struct Svg {
    id: String,
    class: &'static str,
    width: f64,
    height: f64,
    body: String,
}

impl Svg {
    /// An empty drawing. `id` is unique on the page; `class` is `wide`, `narrow` or empty.
    pub fn new(id: &str, class: &'static str, width: f64, height: f64) -> Self {
        Self { id: id.to_owned(), class, width, height, body: String::new() }
    }

    /// Makes the drawing as high as it turned out to be.
    pub fn set_height(&mut self, height: f64) {
        self.height = height;
    }

    /// A straight line.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), class: &str) {
        if !finite(&[from.0, from.1, to.0, to.1]) {
            return;
        }
        self.write(format_args!(
            "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" class=\"{class}\"/>",
            short(from.0),
            short(from.1),
            short(to.0),
            short(to.1)
        ));
    }

    /// A path made with [`PathData`]; nothing if it is empty.
    pub fn path(&mut self, path: &PathData, class: &str) {
        if !path.text.is_empty() {
            self.write(format_args!("<path d=\"{}\" class=\"{class}\"/>", path.text));
        }
    }

    /// A rectangle from its upper left corner.
    pub fn rect(&mut self, corner: (f64, f64), size: (f64, f64), radius: f64, class: &str) {
        if !finite(&[corner.0, corner.1, size.0, size.1]) || size.0 < 0.0 || size.1 < 0.0 {
            return;
        }
        let round = if 0.0 < radius { format!(" rx=\"{}\"", short(radius)) } else { String::new() };
        self.write(format_args!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"{round} class=\"{class}\"/>",
            short(corner.0),
            short(corner.1),
            short(size.0),
            short(size.1)
        ));
    }

    /// A circle.
    pub fn circle(&mut self, center: (f64, f64), radius: f64, class: &str) {
        if !finite(&[center.0, center.1]) {
            return;
        }
        self.write(format_args!(
            "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" class=\"{class}\"/>",
            short(center.0),
            short(center.1),
            short(radius)
        ));
    }

    /// One line of text.
    pub fn text(&mut self, at: (f64, f64), anchor: Anchor, class: &str, text: &str) {
        self.text_with(at, anchor, class, text, "");
    }

    /// One line of text with a smaller, lighter end.
    pub fn text_with(&mut self, at: (f64, f64), anchor: Anchor, class: &str, text: &str, small: &str) {
        if !finite(&[at.0, at.1]) || (text.is_empty() && small.is_empty()) {
            return;
        }
        let small = match small {
            "" => String::new(),
            small => format!(" <tspan class=\"sub\">{}</tspan>", escape(small)),
        };
        self.write(format_args!(
            "<text x=\"{}\" y=\"{}\"{} class=\"{class}\">{}{small}</text>",
            short(at.0),
            short(at.1),
            anchor.attribute(),
            escape(text)
        ));
    }

    /// Several lines of text under each other.
    pub fn lines(&mut self, at: (f64, f64), anchor: Anchor, class: &str, lines: &[String], step: f64) {
        for (row, line) in lines.iter().enumerate() {
            self.text((at.0, at.1 + step * row as f64), anchor, class, line);
        }
    }

    /// Puts the shapes of another drawing on top of this one.
    pub fn append(&mut self, other: Svg) {
        self.body.push_str(&other.body);
    }

    /// Draws a group that says `tip` when pointed at.
    pub fn tipped(&mut self, tip: &str, draw: impl FnOnce(&mut Self)) {
        self.write(format_args!("<g><title>{}</title>", escape(tip)));
        draw(self);
        self.body.push_str("</g>");
    }

    /// The finished drawing, with its name and its main numbers in words.
    pub fn finish(self, title: &str, description: &str) -> String {
        let Self { id, class, width, height, body } = self;
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        format!(
            "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\"{class}>\
             <title id=\"{id}-t\">{}</title><desc id=\"{id}-d\">{}</desc>{body}</svg>",
            short(width),
            short(height),
            escape(title),
            escape(description)
        )
    }

    fn write(&mut self, arguments: std::fmt::Arguments<'_>) {
        self.body.write_fmt(arguments).expect("a String takes every write");
    }
}

/// The `d` of a path, point by point.
#[derive(Debug, Default)]
pub struct PathData {
    text: String,
}

impl PathData {
    /// A line through points; points that are not numbers are left out.
    pub fn through(points: &[(f64, f64)]) -> Self {
        let mut path = Self::default();
        for &point in points {
            path.to(point);
        }
        path
    }

    /// The same, closed to an area.
    pub fn around(points: &[(f64, f64)]) -> Self {
        let mut path = Self::through(points);
        if !path.text.is_empty() {
            path.text.push('Z');
        }
        path
    }

    /// Adds a closed shape with these corners; nothing if one of them is not a number.
    pub fn closed(&mut self, corners: &[(f64, f64)]) {
        if corners.iter().any(|corner| !finite(&[corner.0, corner.1])) {
            return;
        }
        for (place, corner) in corners.iter().enumerate() {
            let command = if place == 0 { 'M' } else { 'L' };
            write!(self.text, "{command}{},{}", short(corner.0), short(corner.1))
                .expect("a String takes every write");
        }
        self.text.push('Z');
    }

    fn to(&mut self, point: (f64, f64)) {
        if finite(&[point.0, point.1]) {
            let command = if self.text.is_empty() { 'M' } else { 'L' };
            write!(self.text, "{command}{},{}", short(point.0), short(point.1))
                .expect("a String takes every write");
        }
    }
}

fn finite(numbers: &[f64]) -> bool {
    numbers.iter().all(|number| number.is_finite())
}

/// A coordinate with one decimal, without a useless `.0`.
pub fn short(number: f64) -> String {
    let text = format!("{number:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Text made safe inside markup and attributes.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            letter if letter.is_control() => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe
}
