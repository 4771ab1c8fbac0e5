//! Finds room for labels: none on another, none on a curve.

/// An upright box in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Left edge.
    pub left: f64,
    /// Upper edge.
    pub top: f64,
    /// Right edge.
    pub right: f64,
    /// Lower edge.
    pub bottom: f64,
}

impl Area {
    /// The box of the given size with this upper left corner.
    pub fn sized(left: f64, top: f64, width: f64, height: f64) -> Self {
        Self { left, top, right: left + width, bottom: top + height }
    }

    fn holds(&self, point: (f64, f64)) -> bool {
        self.left - 3.0 <= point.0
            && point.0 <= self.right + 3.0
            && self.top - 2.0 <= point.1
            && point.1 <= self.bottom + 2.0
    }

    fn overlap(&self, other: &Area) -> f64 {
        let width = self.right.min(other.right) - self.left.max(other.left);
        let height = self.bottom.min(other.bottom) - self.top.max(other.top);
        if 0.0 < width && 0.0 < height { width * height } else { 0.0 }
    }

    fn beyond(&self, frame: &Area) -> f64 {
        let out = |inside: f64| (-inside).max(0.0);
        out(self.left - frame.left)
            + out(frame.right - self.right)
            + out(self.top - frame.top)
            + out(frame.bottom - self.bottom)
    }
}

/// What is already drawn in a figure.
#[derive(Debug)]
pub struct Occupied {
    frame: Area,
    boxes: Vec<Area>,
    points: Vec<(f64, f64)>,
}

impl Occupied {
    /// Nothing drawn yet; labels stay within `frame`.
    pub fn within(frame: Area) -> Self {
        Self { frame, boxes: Vec::new(), points: Vec::new() }
    }

    /// A label or marker.
    pub fn add(&mut self, area: Area) {
        self.boxes.push(area);
    }

    /// A curve, sampled every few pixels.
    pub fn add_curve(&mut self, points: &[(f64, f64)]) {
        for pair in points.windows(2) {
            let length = (pair[1].0 - pair[0].0).hypot(pair[1].1 - pair[0].1);
            let samples = if length.is_finite() { (length / 4.0).ceil().max(1.0) as usize } else { 0 };
            for sample in 0..samples {
                let share = sample as f64 / samples as f64;
                let at = |from: f64, to: f64| from + share * (to - from);
                self.points.push((at(pair[0].0, pair[1].0), at(pair[0].1, pair[1].1)));
            }
        }
    }

    /// Takes the best of the proposed boxes (the first among equals) and keeps it.
    pub fn take(&mut self, proposed: &[Area]) -> Area {
        let cost = |area: &Area| {
            let hits = self.points.iter().filter(|&&point| area.holds(point)).count() as f64;
            let covered: f64 = self.boxes.iter().map(|other| area.overlap(other)).sum();
            hits * 4.0 + covered + area.beyond(&self.frame) * 50.0
        };
        let mut best = proposed[0];
        for area in &proposed[1..] {
            if cost(area) < cost(&best) - 0.5 {
                best = *area;
            }
        }
        self.boxes.push(best);
        best
    }

    /// Places a label of the given size beside a point: right, left, above, below and around.
    pub fn beside(&mut self, point: (f64, f64), size: (f64, f64), gap: f64) -> Area {
        let (x, y) = point;
        let (width, height) = size;
        let mut proposed = Vec::new();
        for lift in [0.0, 0.7, -0.7, 1.4, -1.4, 2.4, -2.4, 3.6, -3.6] {
            let top = y - height / 2.0 - lift * height;
            proposed.push(Area::sized(x + gap, top, width, height));
            proposed.push(Area::sized(x - gap - width, top, width, height));
        }
        for lift in [1.0, 1.8, 2.8] {
            let off = gap * lift;
            proposed.push(Area::sized(x - width / 2.0, y - off - height, width, height));
            proposed.push(Area::sized(x - width / 2.0, y + off, width, height));
        }
        self.take(&proposed)
    }
}

/// Moves labels of the given heights apart, as little as possible, between `top` and `bottom`.
///
/// `centers` are the wished middles, in any order; they come back moved.
pub fn spread(centers: &mut [f64], heights: &[f64], top: f64, bottom: f64) {
    let mut order: Vec<usize> = (0..centers.len()).collect();
    order.sort_by(|&a, &b| centers[a].total_cmp(&centers[b]));
    for _ in 0..60 {
        for pair in order.windows(2) {
            let gap = (heights[pair[0]] + heights[pair[1]]) / 2.0;
            let lack = gap - (centers[pair[1]] - centers[pair[0]]);
            if 0.0 < lack {
                centers[pair[0]] -= lack / 2.0;
                centers[pair[1]] += lack / 2.0;
            }
        }
        for label in 0..centers.len() {
            let half = heights[label] / 2.0;
            centers[label] = centers[label].min(bottom - half).max(top + half);
        }
    }
}
