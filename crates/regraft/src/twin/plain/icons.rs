//! A hundred people: those it happens to are dark.

use crate::report::svg::{PathData, Svg};

/// People in a row.
const ROW: usize = 10;
/// Width and height of a person's place, pixels of the view box.
const STEP: f64 = 10.0;

/// Draws 100 people, of whom the share `estimate` is filled; people fill from the top left.
pub fn draw(estimate: f64, what: &str, id: &str, class: &str) -> String {
    let filled = (100.0 * estimate).round().clamp(0.0, 100.0) as usize;
    let (mut dark, mut pale) = (PathData::default(), PathData::default());
    for person in 0..100 {
        let corner = (STEP * (person % ROW) as f64, STEP * (person / ROW) as f64);
        stand(if person < filled { &mut dark } else { &mut pale }, corner);
    }
    let side = STEP * ROW as f64;
    let mut svg = Svg::new(id, "", side, side);
    svg.path(&pale, &format!("pale {class}"));
    svg.path(&dark, &format!("dark {class}"));
    svg.finish(what, &format!("{filled} of 100 people"))
}

/// A head and a body.
fn stand(path: &mut PathData, (x, y): (f64, f64)) {
    let (middle, head) = (x + 0.5 * STEP, 1.7);
    let corners = (0..8).map(|place| {
        let turn = std::f64::consts::PI * (0.125 + 0.25 * f64::from(place));
        (middle + head * turn.cos(), y + 2.5 + head * turn.sin())
    });
    path.closed(&corners.collect::<Vec<_>>());
    let body = [(-2.4, 9.2), (-2.4, 6.1), (-1.3, 4.8), (1.3, 4.8), (2.4, 6.1), (2.4, 9.2)];
    path.closed(&body.map(|(dx, dy)| (middle + dx, y + dy)));
}

#[cfg(test)]
mod tests {
    use super::draw;

    /// Closed shapes in the paths of a class: two for each person.
    fn people(svg: &str, class: &str) -> usize {
        let paths = svg.split("<path ").filter(|path| path.contains(&format!("class=\"{class} a1\"")));
        paths.map(|path| path.matches('Z').count()).sum::<usize>() / 2
    }

    #[test]
    fn there_are_always_a_hundred() {
        for (share, dark) in [(0.0, 0), (0.004, 0), (0.126, 13), (1.0, 100)] {
            let svg = draw(share, "falls ill", "x", "a1");
            assert_eq!((people(&svg, "dark"), people(&svg, "pale")), (dark, 100 - dark), "{share}");
            assert!(svg.contains(&format!("{dark} of 100 people")));
        }
    }
}
