//! Memory: what the engine allocates per lane, and the largest size of the process.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use regraft_sim::{Options, Outputs, Start, simulate};
use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::case::Case;

/// The system's allocator, with a count of the bytes in use and the largest such count.
pub struct Counting;

static IN_USE: AtomicUsize = AtomicUsize::new(0);
static LARGEST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed on to the system's allocator; the counters touch no memory of it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let in_use = IN_USE.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        LARGEST.fetch_max(in_use, Ordering::Relaxed);
        // SAFETY: as asked by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as asked by the caller.
        unsafe { System.dealloc(place, layout) }
    }
}

/// `lane`: bytes of working memory per lane, from two runs that differ in lanes alone.
///
/// The same patients are simulated, without outputs, with few lanes and with many; the difference of the largest
/// allocations over the difference of lanes is what one lane needs.
pub fn command(arguments: &Arguments) -> Result<Value> {
    let case = Case::read(arguments)?;
    let (few, many) = (32, 256);
    let patients = case.patients(0, many);
    let largest = |lanes: usize| -> Result<usize> {
        let options = Options { lanes, ..case.options(arguments)? };
        let outputs = Outputs::default();
        let before = IN_USE.load(Ordering::Relaxed);
        LARGEST.store(before, Ordering::Relaxed);
        simulate(&case.program, &patients, Start::Fresh, &case.plan, &outputs, &options, &())?;
        Ok(LARGEST.load(Ordering::Relaxed) - before)
    };
    let (small, large) = (largest(few)?, largest(many)?);
    Ok(json!({ "lanes": [few, many], "bytes": [small, large],
        "bytes_per_lane": large.saturating_sub(small) as f64 / (many - few) as f64 }))
}

/// The largest resident size of this process so far, bytes; `None` where the system does not tell.
pub fn resident_peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(1024 * kibibytes)
}
