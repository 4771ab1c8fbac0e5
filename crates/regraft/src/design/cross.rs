//! Control patients who change to the studied treatment outside the protocol.
//!
//! From the day of the change on a patient lives as the same virtual patient does from entry in the treated arm: an
//! assumption, since a course that begins later was not simulated.

use super::pool::{PoolArm, Seen, Values};
use super::setting::{Enrolled, Group, Setting};
use crate::outcomes::{Counted, TimeToEvent};

fn treated<'a>(setting: &'a Setting<'_>) -> &'a PoolArm {
    &setting.pool.arms[Group::Treated as usize]
}

/// The end of observation of a patient who changes: their own before the change, that of the treated after it.
pub fn crossed_time(setting: &Setting<'_>, patient: &Enrolled, own: TimeToEvent) -> TimeToEvent {
    let change = patient.crosses - setting.pool.arms[Group::Control as usize].zero;
    if own.status != 0 && own.time <= change {
        return own;
    }
    let Seen::Times(all) = &treated(setting).seen else { return own };
    let Some(after) = all[patient.row] else { return own };
    if change >= own.time && own.status == 0 {
        return own;
    }
    TimeToEvent {
        time: change + after.time,
        known: change + after.known,
        until_known: after
            .until_known
            .map(|seen| regraft_stats::Survival { time: change + seen.time, ..seen }),
        ..after
    }
}

/// Events of a patient who changes.
pub fn crossed_counts(setting: &Setting<'_>, patient: &Enrolled, own: &Counted) -> Counted {
    let change = patient.crosses - setting.pool.arms[Group::Control as usize].zero;
    let Seen::Counts(all) = &treated(setting).seen else { return own.clone() };
    let Some(after) = &all[patient.row] else { return own.clone() };
    let before = own.days.iter().copied().filter(|day| *day <= change);
    let later = after.days.iter().map(|day| change + day).filter(|day| *day <= own.to);
    let days = before.chain(later).collect();
    Counted { days, ..own.clone() }
}

/// Value at a visit after the change: what the patient had at the change, and what the treated gain in the time since.
pub fn crossed_value(setting: &Setting<'_>, patient: &Enrolled, visit: usize) -> f64 {
    let side = |group: Group| &setting.pool.arms[group as usize];
    let (Seen::Values(own), Seen::Values(after)) = (&side(Group::Control).seen, &side(Group::Treated).seen)
    else {
        return f64::NAN;
    };
    let day = own.days[patient.row * own.planned.len() + visit];
    let gained = at(after, patient.row, day - patient.crosses) - after.baseline[patient.row];
    at(own, patient.row, patient.crosses) + gained
}

/// Value on a day after entry, by a line between the visits that took place; the last one after them.
fn at(values: &Values, row: usize, day: f64) -> f64 {
    let n = values.planned.len();
    let (mut from, mut value) = (0.0, values.baseline[row]);
    for visit in row * n..(row + 1) * n {
        let (to, next) = (values.days[visit], values.values[visit]);
        if !next.is_finite() {
            continue;
        }
        if to >= day {
            let share = if to > from { (day - from) / (to - from) } else { 1.0 };
            return value + share * (next - value);
        }
        (from, value) = (to, next);
    }
    value
}
