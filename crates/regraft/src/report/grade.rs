//! The evidence grade as four squares, filled from the left, always with its word beside it.

use std::fmt::Write;

/// How a grade is drawn.
enum Look {
    /// Filled squares, in halves.
    Halves(u8),
    /// One struck square.
    Negative,
    /// Four dashed squares.
    Extrapolated,
}

fn look(grade: &str) -> Look {
    match grade {
        "strong" => Look::Halves(8),
        "strong_moderate" => Look::Halves(7),
        "moderate" => Look::Halves(6),
        "moderate_weak" => Look::Halves(5),
        "weak" => Look::Halves(4),
        "weak_conflicting" => Look::Halves(3),
        "conflicting" => Look::Halves(2),
        "negative" => Look::Negative,
        _ => Look::Extrapolated,
    }
}

/// The word of a grade.
pub fn word(grade: &str) -> String {
    match grade {
        "strong_moderate" => "strong to moderate".to_owned(),
        "moderate_weak" => "moderate to weak".to_owned(),
        "weak_conflicting" => "weak, conflicting".to_owned(),
        "none" | "" => "extrapolated".to_owned(),
        grade => grade.replace('_', " "),
    }
}

/// The picture of a grade.
pub fn draw(grade: &str) -> String {
    let mut squares = String::new();
    match look(grade) {
        Look::Halves(halves) => (0..4).for_each(|place| filled(&mut squares, place, halves)),
        Look::Extrapolated => (0..4).for_each(|place| square(&mut squares, place, 9.5, "ge dashed")),
        Look::Negative => {
            square(&mut squares, 0, 9.5, "ge");
            squares.push_str("<line x1=\"0.75\" y1=\"10.75\" x2=\"10.25\" y2=\"1.25\" class=\"strike\"/>");
        }
    }
    let label = super::svg::escape(&format!("grade: {}", word(grade)));
    format!("<svg class=\"grade\" viewBox=\"0 0 52 12\" role=\"img\" aria-label=\"{label}\">{squares}</svg>")
}

fn filled(squares: &mut String, place: u8, halves: u8) {
    match halves.saturating_sub(2 * place) {
        0 => square(squares, place, 9.5, "ge"),
        1 => {
            square(squares, place, 9.5, "ge");
            square(squares, place, 4.75, "gf");
        }
        _ => square(squares, place, 9.5, "gf"),
    }
}

fn square(squares: &mut String, place: u8, width: f64, class: &str) {
    let x = 0.75 + 13.0 * f64::from(place);
    write!(squares, "<rect x=\"{x}\" y=\"1.25\" width=\"{width}\" height=\"9.5\" class=\"{class}\"/>")
        .expect("a String takes every write");
}
