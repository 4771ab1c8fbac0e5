//! How wide a text will be, before anybody draws it.
//!
//! Widths are those of a common sans serif (Helvetica metrics, thousandths of the size), widened a
//! little so that the wider faces of the font list fit too.

/// Widths of ASCII 32 to 126, thousandths of the font size.
const WIDTHS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
    500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
    556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
    278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];
/// Room for faces wider than Helvetica (Inter, Segoe UI); chosen by looking.
const REGULAR: f64 = 1.13;
/// The same for the bold weight.
const BOLD: f64 = 1.24;

/// Width of `text` at `size`, in the same unit as `size`.
pub fn width(text: &str, size: f64, bold: bool) -> f64 {
    let thousandths: f64 = text.chars().map(letter).sum();
    thousandths / 1000.0 * size * if bold { BOLD } else { REGULAR }
}

fn letter(letter: char) -> f64 {
    let place = (letter as usize).checked_sub(32).and_then(|place| WIDTHS.get(place));
    place.map_or(600.0, |&width| f64::from(width))
}

/// Breaks `text` at spaces into lines of at most `room`; the last of `max_lines` is shortened.
pub fn wrap(text: &str, size: f64, bold: bool, room: f64, max_lines: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if width(&format!("{line} {word}"), size, bold) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    if max_lines < lines.len() {
        let rest = lines.split_off(max_lines.max(1) - 1).join(" ");
        lines.push(rest);
    }
    lines.into_iter().map(|line| shorten(&line, size, bold, room)).collect()
}

/// `text`, cut with an ellipsis if it is wider than `room`.
pub fn shorten(text: &str, size: f64, bold: bool, room: f64) -> String {
    if width(text, size, bold) <= room {
        return text.to_owned();
    }
    let room = room - width("…", size, bold);
    let mut cut = String::new();
    for letter in text.chars() {
        cut.push(letter);
        if room < width(&cut, size, bold) {
            cut.pop();
            break;
        }
    }
    format!("{}…", cut.trim_end_matches([' ', ',']))
}
