//! From a pack to groups of arms that are simulated together, with the rows that are read in them.

use std::collections::BTreeSet;
use std::path::Path;

use regraft_model::{Diagnostic, nearest};
use regraft_trial::evidence::Use;
use regraft_trial::pack::{Pack, PackRow};
use regraft_trial::vocabulary::Table;

use super::baseline;
use super::group::{self, Group, GroupArm};
use super::map::{self, MappedArm, Subgroup, Target};
use super::read_p;
use crate::library::Library;
use crate::study::StudyError;

/// Rows that are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Those that may be fitted.
    Calibrate,
    /// Those kept for validation.
    Validate,
    /// Both, and those of which nothing is said.
    All,
}

impl Asked {
    /// The word of the command.
    pub fn word(self) -> &'static str {
        match self {
            Asked::Calibrate => "calibrate",
            Asked::Validate => "validate",
            Asked::All => "all",
        }
    }

    fn wants(self, usage: Option<Use>) -> bool {
        match (self, usage) {
            (Asked::All, _)
            | (Asked::Calibrate, Some(Use::Calibrate))
            | (Asked::Validate, Some(Use::Validate)) => true,
            (_, None) => true,
            (_, Some(_)) => false,
        }
    }
}

/// A pack ready to be scored.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub(super) evidence: String,
    /// Whether it is the evidence of the program.
    is_built_in: bool,
    pub(super) asked: Asked,
    pub(super) pack: Pack,
    /// Why a row is not simulated, `[row]`; `None` where it is.
    pub(super) skipped: Vec<Option<String>>,
    /// Mapped arms, `[arm]`.
    pub(super) arms: Vec<Result<MappedArm, String>>,
    pub(super) groups: Vec<Group>,
    /// Rows kept for another use, which are not opened.
    pub(super) unopened: usize,
    /// Whether published numbers are set beside predictions without a trial's own effect.
    pub(super) with_misses: bool,
    /// The members with whom patients live, for people.
    pub(super) posterior: Option<String>,
    /// Hashes of all texts of the library.
    pub(super) inputs: Vec<(String, String)>,
}

impl Prepared {
    /// Whether a group's trial is of the built-in evidence and all its arms are marked as those that may be fitted: its
    /// words were read when the rules were made.
    pub(super) fn may_be_fitted(&self, group: &Group) -> bool {
        let marked = |arm: &GroupArm| self.pack.arms[arm.arm].usage == Some(Use::Calibrate);
        self.is_built_in && group.arms.iter().all(marked)
    }

    /// Without the trials that are named; of the others it is asked how far their numbers lie from what is predicted.
    pub(crate) fn unseen(mut self, seen: &BTreeSet<String>) -> Prepared {
        self.groups.retain(|group| !seen.contains(&group.trial_id));
        self.with_misses = true;
        self
    }
}

/// Reads a pack and finds what can be simulated of it.
///
/// Problems are in the list, all at once; `None` if any of them is an error. Rows of another use than `asked` are
/// counted and not opened.
///
/// # Errors
/// [`StudyError::Library`] if the folder or a table cannot be read.
pub fn prepare(
    library: &mut Library,
    evidence: Option<&Path>,
    asked: Asked,
) -> Result<(Option<Prepared>, Vec<Diagnostic>), StudyError> {
    let mut problems = library.diagnostics.clone();
    let (mut pack, found) = library.read_pack(evidence)?;
    problems.extend(found);
    problems.extend(unknown_ids(library));
    if problems.iter().any(Diagnostic::is_error) {
        return Ok((None, problems));
    }
    let all = pack.rows.len();
    let own_use = |pack: &Pack, row: &PackRow| {
        row.usage.or_else(|| pack.arm_of(row).and_then(|arm| pack.arms[arm].usage))
    };
    let kept: Vec<PackRow> =
        pack.rows.iter().filter(|row| asked.wants(own_use(&pack, row))).cloned().collect();
    pack.rows = kept;
    for index in 0..pack.rows.len() {
        pack.rows[index].usage = own_use(&pack, &pack.rows[index]);
    }
    let arms: Vec<Result<MappedArm, String>> =
        pack.arms.iter().map(|arm| map::map_arm(&library.vocabulary, arm)).collect();
    let mut planner = Planner { library, pack: &pack, arms: &arms, skipped: vec![None; pack.rows.len()] };
    let groups = planner.groups();
    let skipped = planner.skipped;
    let is_built_in = evidence.is_none();
    let evidence = evidence.map_or("built in".to_string(), |folder| folder.display().to_string());
    let unopened = all - pack.rows.len();
    let inputs = library.hashes(|_| true);
    let posterior = library.members.as_ref().map(|members| members.title.clone());
    let prepared = Prepared {
        evidence,
        is_built_in,
        asked,
        pack,
        skipped,
        arms,
        groups,
        unopened,
        with_misses: false,
        posterior,
        inputs,
    };
    Ok((Some(prepared), problems))
}

/// Ids of the vocabulary that the library does not have.
fn unknown_ids(library: &Library) -> Vec<Diagnostic> {
    let cards = &library.cards;
    let mut problems = Vec::new();
    let mut check = |table: Table, key: &str, known: Vec<&str>| {
        for rule in library.vocabulary.all(table) {
            let Some(id) = rule.gives(key) else { continue };
            if !known.contains(&id) {
                let message = format!("the library has no {key} `{id}`");
                let problem = Diagnostic::error(regraft_trial::codes::EVIDENCE_CELL, rule.span, message);
                problems.push(match nearest(id, known.iter().copied()) {
                    Some(near) => problem.with_help(format!("did you mean `{near}`?")),
                    None => problem,
                });
            }
        }
    };
    check(Table::Disease, "disease", cards.diseases.keys().map(String::as_str).collect());
    check(Table::Population, "population", cards.populations.keys().map(String::as_str).collect());
    check(Table::Regimen, "regimen", cards.regimens.keys().map(String::as_str).collect());
    check(Table::Product, "product", cards.products.keys().map(String::as_str).collect());
    check(Table::Endpoint, "among", cards.endpoints.keys().map(String::as_str).collect());
    check(Table::Endpoint, "regimen", cards.regimens.keys().map(String::as_str).collect());
    check(Table::Endpoint, "product", cards.products.keys().map(String::as_str).collect());
    check(Table::Endpoint, "population", cards.populations.keys().map(String::as_str).collect());
    check(Table::Endpoint, "less", cards.endpoints.keys().map(String::as_str).collect());
    check(Table::Endpoint, "endpoint", cards.endpoints.keys().map(String::as_str).collect());
    problems
}

struct Planner<'a> {
    library: &'a Library,
    pack: &'a Pack,
    arms: &'a [Result<MappedArm, String>],
    skipped: Vec<Option<String>>,
}

impl Planner<'_> {
    fn groups(&mut self) -> Vec<Group> {
        let mut known: Vec<(String, GroupArm)> = Vec::new();
        for (index, mapped) in self.arms.iter().enumerate() {
            let Ok(mapped) = mapped else { continue };
            let arm = &self.pack.arms[index];
            let stated = baseline::stated(&self.library.vocabulary, arm);
            let n = arm.n.filter(|n| *n > 0.0).unwrap_or(1.0);
            known.push((arm.trial_id.clone(), GroupArm { arm: index, mapped: mapped.clone(), n, stated }));
        }
        let mut groups: Vec<Group> = group::keys(&known)
            .into_values()
            .map(|members| Group {
                trial_id: known[members[0]].0.clone(),
                arms: members.iter().map(|member| known[*member].1.clone()).collect(),
                subgroup: Subgroup::default(),
                targets: Vec::new(),
            })
            .collect();
        groups.sort_by_key(|group| group.arms.iter().map(|arm| arm.arm).min());
        for row in 0..self.pack.rows.len() {
            if let Err(reason) = self.place(row, &mut groups) {
                self.skipped[row] = Some(reason);
                self.place_test(row, &mut groups);
            }
        }
        groups.retain(|group| !group.targets.is_empty());
        groups
    }

    /// Puts a row into its group.
    fn place(&self, index: usize, groups: &mut Vec<Group>) -> Result<(), String> {
        let row = &self.pack.rows[index];
        if row.usage == Some(Use::Context) {
            return Err("context: neither fitted nor compared".to_string());
        }
        if row.verified == Some(false) {
            return Err("remembered, not read in its source".to_string());
        }
        if row.day().is_some_and(|day| day <= 0.0) {
            return Err("a row at time 0 is not scored".to_string());
        }
        let arm = self.pack.arm_of(row).ok_or("the table of arms has no such arm")?;
        let mapped = self.arms[arm].as_ref().map_err(Clone::clone)?;
        let target = map::map_row(&self.library.vocabulary, mapped, &self.pack.arms[arm], row)?;
        let of_arm = |group: &Group| group.arms.iter().any(|own| own.arm == arm);
        let found = match groups.iter().position(|group| of_arm(group) && group.subgroup == target.subgroup) {
            Some(found) => found,
            None => {
                let whole =
                    groups.iter().find(|group| of_arm(group)).ok_or("its arm stands in no simulation")?;
                groups.push(whole.of_subgroup(&target.subgroup));
                groups.len() - 1
            }
        };
        let group = &mut groups[found];
        let place =
            group.arms.iter().position(|own| own.arm == arm).ok_or("its arm stands in no simulation")?;
        if target.stat.compares() && group.arms.len() < 2 {
            return Err("the arm of comparison is not in the pack, or not simulated".to_string());
        }
        group.targets.push((index, place, target));
        Ok(())
    }

    /// Puts the test of which a row tells how it ended into its group: in the row's arm and the one it is compared with,
    /// by the outcome that is left of the row's name or stands in its definition.
    fn place_test(&self, index: usize, groups: &mut [Group]) {
        let row = &self.pack.rows[index];
        let is_test = read_p::is_test(row) && row.usage != Some(Use::Context) && row.verified != Some(false);
        let Some(arm) = self.pack.arm_of(row).filter(|_| is_test) else { return };
        let of_arm = |group: &&mut Group| {
            group.subgroup == Subgroup::default() && group.arms.iter().any(|own| own.arm == arm)
        };
        let Some(group) = groups.iter_mut().find(of_arm).filter(|group| group.is_randomised()) else {
            return;
        };
        let Some(place) = group.arms.iter().position(|own| own.arm == arm) else { return };
        let names: Vec<&str> = group.arms.iter().map(|own| self.pack.arms[own.arm].arm_id.as_str()).collect();
        let Some(versus) = group.versus(place, &format!("{} {}", row.definition, row.arm_id), &names) else {
            return;
        };
        let Some((own, other)) = read_p::asked(row).iter().find_map(|asked| {
            Some((self.tested(asked, &group.arms[place])?, self.tested(asked, &group.arms[versus])?))
        }) else {
            return;
        };
        if own.subgroup == Subgroup::default() && own.endpoint == other.endpoint {
            group.targets.push((index, place, own));
            group.targets.push((index, versus, other));
        }
    }

    /// What a test reads in an arm; a ratio or difference is none of one arm.
    fn tested(&self, row: &PackRow, arm: &GroupArm) -> Option<Target> {
        let pack_arm = &self.pack.arms[arm.arm];
        let target = map::map_row(&self.library.vocabulary, &arm.mapped, pack_arm, row).ok()?;
        let n = pack_arm.n.filter(|n| *n >= 1.0).map_or(target.n, |n| n as usize);
        (!target.stat.compares()).then_some(Target { n, only_test: true, ..target })
    }
}
