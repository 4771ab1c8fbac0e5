//! Values counted in classes by size, so that quantiles are known to 0.4 % in constant memory.
//!
//! As DDSketch (Masson, Rim and Lee, PVLDB 12, 2019), with classes that can be read from the bits of a number: its exponent
//! and the first 7 bits behind its point, so 128 classes for each power of two. A class is at most 1/128 wide
//! relative to its lower end, its middle at most 1/256 = 0.39 % from any number in it. Counts do not depend on
//! the order of the values.

/// Bits of a number behind those that say its class.
const SHIFT: u32 = 45;
/// Classes kept below the largest magnitude: 40 powers of two, 10⁻¹².
const WIDTH: i32 = 40 << 7;
/// Classes added at once at an end.
const ROOM: i32 = 32;

/// Counts of numbers by class.
#[derive(Debug, Clone, Default)]
pub(super) struct Sketch {
    /// Zeros, and what is too small beside the largest magnitude.
    zeros: u64,
    /// Class of the largest magnitude; 0 while there is none.
    top: i32,
    negative: Classes,
    positive: Classes,
}

/// Counts of the classes `first`, `first` + 1, …
#[derive(Debug, Clone, Default)]
struct Classes {
    first: i32,
    counts: Vec<u32>,
}

impl Sketch {
    /// Adds a finite number.
    pub fn add(&mut self, value: f64) {
        let class = (value.abs().to_bits() >> SHIFT) as i32;
        if value == 0.0 || class <= self.top - WIDTH {
            self.zeros += 1;
            return;
        }
        if class > self.top {
            self.top = class;
            self.zeros += self.negative.drop_below(class - WIDTH) + self.positive.drop_below(class - WIDTH);
        }
        if value < 0.0 { self.negative.add(class) } else { self.positive.add(class) }
    }

    /// About the value of a rank, from 0, by size.
    pub fn at(&self, rank: u64) -> f64 {
        let (negative, zeros) = (self.negative.total(), self.zeros);
        if rank < negative {
            return -self.negative.at(negative - 1 - rank);
        }
        if rank < negative + zeros {
            return 0.0;
        }
        self.positive.at(rank - negative - zeros)
    }
}

impl Classes {
    fn add(&mut self, class: i32) {
        let count = self.place(class);
        // More than four thousand million patients in one class stay what they were.
        *count = count.saturating_add(1);
    }

    /// The count of a class, with room made for it.
    fn place(&mut self, class: i32) -> &mut u32 {
        if self.counts.is_empty() {
            self.first = class;
        }
        let place = class - self.first;
        if place < 0 {
            let more = (ROOM - place) as usize;
            self.counts.splice(0..0, std::iter::repeat_n(0, more));
            self.first -= more as i32;
        } else if place as usize >= self.counts.len() {
            self.counts.resize((place + ROOM) as usize, 0);
        }
        &mut self.counts[(class - self.first) as usize]
    }

    /// Takes away the classes up to `last`, and gives how many numbers were in them.
    fn drop_below(&mut self, last: i32) -> u64 {
        let n = (last + 1 - self.first).clamp(0, self.counts.len() as i32) as usize;
        self.first += n as i32;
        self.counts.drain(..n).map(u64::from).sum()
    }

    fn total(&self) -> u64 {
        self.counts.iter().map(|count| u64::from(*count)).sum()
    }

    /// Middle of the class that holds a rank, from 0, by magnitude.
    fn at(&self, rank: u64) -> f64 {
        let mut left = rank;
        for (place, &count) in self.counts.iter().enumerate() {
            if left < u64::from(count) {
                return middle(self.first + place as i32);
            }
            left -= u64::from(count);
        }
        f64::NAN
    }
}

fn middle(class: i32) -> f64 {
    let edge = |class: i32| f64::from_bits((class as u64) << SHIFT);
    // The largest class ends at infinity.
    let upper = edge(class + 1);
    if upper.is_finite() { 0.5 * edge(class) + 0.5 * upper } else { edge(class) }
}
