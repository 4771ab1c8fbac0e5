//! Values counted up: exact while few of them differ, in narrow bins once more do.
//!
//! The state depends on the values alone, never on their order, so a cohort may come in pieces of any size.

use regraft_stats::quantile;

/// Counts of values, of `N` kinds each.
///
/// Up to `most` different values stand for themselves. Beyond, bins are twice as wide until no more than that
/// many are left. A bin stands for the middle between its least and its largest value, so one that holds a
/// single value (the day of a visit, a step of a scale) is exact.
#[derive(Debug, Clone)]
pub struct Bins<const N: usize> {
    width: Width,
    most: usize,
    /// Last bits of the values' keys that are left out.
    dropped: u32,
    /// By key, ascending.
    bins: Vec<(u64, Bin<N>)>,
    /// Values and kinds that are in no bin yet.
    waiting: Vec<(f64, usize)>,
}

/// Values that wait until they are put into bins together. Chosen: enough that the bins are gone through rarely, few
/// enough that thousands of counts take some megabytes.
const WAITING: usize = 256;

/// How wide the bins are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// The same everywhere; for values ≥ 0, of which 2⁻²⁰ is told apart.
    Same,
    /// A share of the value.
    Share,
}

#[derive(Debug, Clone, PartialEq)]
struct Bin<const N: usize> {
    low: f64,
    high: f64,
    counts: [u32; N],
}

impl<const N: usize> Bins<N> {
    /// No values yet; at most `most` ≥ 1 bins.
    pub fn new(width: Width, most: usize) -> Self {
        Bins { width, most, dropped: 0, bins: Vec::new(), waiting: Vec::new() }
    }

    /// Counts a value (not NaN) of one kind.
    pub fn add(&mut self, value: f64, kind: usize) {
        // Adding 0 turns −0 into 0.
        self.waiting.push((value + 0.0, kind));
        if self.waiting.len() == WAITING {
            (self.dropped, self.bins) = self.settled();
            self.waiting.clear();
        }
    }

    /// The bits left out, and the bins, of all values.
    fn settled(&self) -> (u32, Vec<(u64, Bin<N>)>) {
        let more = self.waiting.iter().map(|(value, kind)| {
            let mut counts = [0; N];
            counts[*kind] = 1;
            (shifted(self.width.key(*value), self.dropped), Bin { low: *value, high: *value, counts })
        });
        let mut all: Vec<(u64, Bin<N>)> = self.bins.iter().cloned().chain(more).collect();
        // The bins are in order already, which a stable sort makes use of.
        all.sort_by_key(|(key, _)| *key);
        join(&mut all);
        let more = bits_to_drop(&all, self.most);
        if more > 0 {
            all.iter_mut().for_each(|(key, _)| *key = shifted(*key, more));
            join(&mut all);
        }
        (self.dropped + more, all)
    }

    /// Values, ascending, and how often each kind has them.
    pub fn rows(&self) -> impl Iterator<Item = (f64, [usize; N])> + use<N> {
        let middle = |bin: &Bin<N>| if bin.low == bin.high { bin.low } else { 0.5 * (bin.low + bin.high) };
        let row = move |(_, bin): (u64, Bin<N>)| (middle(&bin), bin.counts.map(|count| count as usize));
        self.settled().1.into_iter().map(row)
    }
}

impl<const N: usize> PartialEq for Bins<N> {
    fn eq(&self, other: &Self) -> bool {
        (self.width, self.most) == (other.width, other.most) && self.settled() == other.settled()
    }
}

impl Bins<1> {
    /// Least and largest value of each bin, ascending, and how many it holds.
    fn ranges(&self) -> Vec<(f64, f64, usize)> {
        let range = |(_, bin): (u64, Bin<1>)| (bin.low, bin.high, bin.counts[0] as usize);
        self.settled().1.into_iter().map(range).collect()
    }
}

/// Neighbors of one key as one bin.
fn join<const N: usize>(bins: &mut Vec<(u64, Bin<N>)>) {
    bins.dedup_by(|(next, more), (kept, bin)| {
        let same = next == kept;
        if same {
            bin.low = bin.low.min(more.low);
            bin.high = bin.high.max(more.high);
            bin.counts.iter_mut().zip(more.counts).for_each(|(count, more)| *count += more);
        }
        same
    });
}

/// How many last bits must go so that no more than `most` keys differ; the keys ascend and all differ.
fn bits_to_drop<const N: usize>(bins: &[(u64, Bin<N>)], most: usize) -> u32 {
    if bins.len() <= most {
        return 0;
    }
    // Two neighbors differ until the highest bit in which they do is dropped.
    let mut differ = [0; 65];
    bins.windows(2)
        .for_each(|pair| differ[(u64::BITS - (pair[0].0 ^ pair[1].0).leading_zeros()) as usize] += 1);
    let (mut left, mut dropped) = (bins.len(), 0);
    while left > most && dropped < u64::BITS {
        dropped += 1;
        left -= differ[dropped as usize];
    }
    dropped
}

/// A key without its last bits.
fn shifted(key: u64, bits: u32) -> u64 {
    key.checked_shr(bits).unwrap_or(0)
}

impl Width {
    /// Whole numbers in the order of the values: the digits of the value, or of its logarithm so to speak.
    fn key(self, value: f64) -> u64 {
        let bits = value.to_bits();
        match self {
            Width::Same => (value * f64::from(1 << 20)) as u64,
            Width::Share if value.is_sign_negative() => !bits,
            Width::Share => bits | 1 << 63,
        }
    }
}

/// Quantiles of values that come one by one: exact up to 1,024 of them, beyond certainly within the width of
/// a bin (1.6 % of the value where all lie within a factor of 16, 3 % within one of 1,000), as a rule within a
/// tenth of that.
#[derive(Debug, Clone, PartialEq)]
pub enum Sketch {
    /// The values themselves, in the order in which they came.
    Exact(Vec<f64>),
    /// Too many: counted in bins.
    Counted(Bins<1>),
}

/// Values that are kept as they are. Chosen: a run of the usual 1,000 patients stays below it.
const EXACT: usize = 1024;

/// Bins beyond. Chosen: four doublings of a value have 64 bins each, and the fans of a trial, a thousand
/// laboratory days, stay at ten megabytes.
const MOST_BINS: usize = 256;

impl Default for Sketch {
    fn default() -> Sketch {
        Sketch::Exact(Vec::new())
    }
}

impl Sketch {
    /// Adds a value (not NaN).
    pub fn add(&mut self, value: f64) {
        match self {
            Sketch::Exact(values) if values.len() < EXACT => values.push(value),
            Sketch::Exact(values) => {
                let mut bins = Bins::new(Width::Share, MOST_BINS);
                std::mem::take(values).into_iter().for_each(|value| bins.add(value, 0));
                bins.add(value, 0);
                *self = Sketch::Counted(bins);
            }
            Sketch::Counted(bins) => bins.add(value, 0),
        }
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        matches!(self, Sketch::Exact(values) if values.is_empty())
    }

    /// Quantiles at each p of `at`, type 7; NaN for no values.
    pub fn quantiles<const K: usize>(&self, at: [f64; K]) -> [f64; K] {
        match self {
            Sketch::Exact(values) => {
                let mut sorted = values.clone();
                sorted.sort_by(f64::total_cmp);
                at.map(|p| quantile(&sorted, p))
            }
            Sketch::Counted(bins) => {
                let ranges = bins.ranges();
                at.map(|p| quantile_of(&ranges, p))
            }
        }
    }
}

/// Type 7 quantile of values counted up, (least, largest, how many) ascending; those of a bin are taken to lie
/// evenly between its ends.
fn quantile_of(ranges: &[(f64, f64, usize)], p: f64) -> f64 {
    let n: usize = ranges.iter().map(|(.., count)| count).sum();
    let ranked = |rank: usize| {
        let mut before = 0;
        for (low, high, count) in ranges {
            if rank < before + count {
                let share = (rank - before) as f64 / (count - 1).max(1) as f64;
                return low + share * (high - low);
            }
            before += count;
        }
        f64::NAN
    };
    let position = n.saturating_sub(1) as f64 * p;
    let pair = [ranked(position as usize), ranked(position.ceil() as usize)];
    quantile(&pair, position.fract())
}

#[cfg(test)]
mod tests;
