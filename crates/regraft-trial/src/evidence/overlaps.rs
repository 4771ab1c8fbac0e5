//! The table of published trials that share patients.

use regraft_model::{Diagnostic, SourceId, Sources};

use super::table::read_rows;

/// Reads the table: groups of trials, each in the order of its rows. An empty text is no table and has no groups.
pub fn read(sources: &Sources, id: SourceId) -> (Vec<Vec<String>>, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    if sources.get(id).text.trim().is_empty() {
        return (Vec::new(), problems);
    }
    let columns = ["group", "trial_id", "why"];
    let rows = read_rows(sources, id, &columns, &mut problems, |row| {
        Some((row.text("group"), row.text("trial_id")))
    });
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for (group, trial) in rows {
        match groups.iter_mut().find(|(known, _)| *known == group) {
            Some((_, trials)) => trials.push(trial),
            None => groups.push((group, vec![trial])),
        }
    }
    (groups.into_iter().map(|(_, trials)| trials).collect(), problems)
}
