//! How each arm is named and coloured: the first studied arm blue, the comparator orange, a third
//! arm green, a fourth purple; more arms than that have no hue and are told apart by their names.

use super::data::ReportData;
use super::words::inner;

/// One arm as the drawings see it.
#[derive(Debug, Clone, PartialEq)]
pub struct ArmStyle {
    /// Id.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// Short name for labels.
    pub short: String,
    /// Class that sets the hue.
    pub class: &'static str,
    /// Whether the others are compared with it.
    pub comparator: bool,
    /// Patients simulated.
    pub n: usize,
    /// Patients that could not be solved.
    pub failed: usize,
}

impl ArmStyle {
    /// The short name within a sentence.
    pub fn inner(&self) -> String {
        inner(&self.short)
    }
}

/// All arms of a run, in order.
#[derive(Debug, Clone)]
pub struct Arms {
    arms: Vec<ArmStyle>,
}

impl Arms {
    /// Names and colours of the arms of `data`; arms that only the findings know are added.
    pub fn of(data: &ReportData) -> Self {
        let mut arms: Vec<ArmStyle> = data.arms.iter().map(named).collect();
        for count in &data.findings.arms {
            match arms.iter_mut().find(|arm| arm.id == count.id) {
                Some(arm) => (arm.n, arm.failed) = (count.n, count.failed),
                None => arms.push(ArmStyle {
                    n: count.n,
                    failed: count.failed,
                    ..plain(&count.id, &count.title, None)
                }),
            }
        }
        tell_apart(&mut arms);
        colour(&mut arms);
        Self { arms }
    }

    /// Names and colours of arms that belong to no run.
    pub fn drawn(arms: &[super::data::Arm]) -> Self {
        let mut arms: Vec<ArmStyle> = arms.iter().map(named).collect();
        tell_apart(&mut arms);
        colour(&mut arms);
        Self { arms }
    }

    /// The arms in order; the first is the studied one.
    pub fn all(&self) -> &[ArmStyle] {
        &self.arms
    }

    /// The studied arm.
    pub fn studied(&self) -> Option<&ArmStyle> {
        self.arms.iter().find(|arm| !arm.comparator).or(self.arms.first())
    }

    /// The comparator, if the trial has one.
    pub fn comparator(&self) -> Option<&ArmStyle> {
        self.arms.iter().find(|arm| arm.comparator)
    }

    /// The arm of this id; an unknown id is drawn in ink under its own name.
    pub fn get(&self, id: &str) -> ArmStyle {
        let known = self.arms.iter().find(|arm| arm.id == id).cloned();
        known.unwrap_or_else(|| plain(id, &id.replace('_', " "), None))
    }

    /// Place of the arm in the order of the trial.
    pub fn place(&self, id: &str) -> usize {
        self.arms.iter().position(|arm| arm.id == id).unwrap_or(self.arms.len())
    }
}

fn named(arm: &super::data::Arm) -> ArmStyle {
    let comparator = arm.role == "comparator";
    ArmStyle { comparator, ..plain(&arm.id, &arm.title, arm.short.as_deref()) }
}

fn plain(id: &str, title: &str, short: Option<&str>) -> ArmStyle {
    let title = if title.is_empty() { id } else { title };
    ArmStyle {
        id: id.to_owned(),
        title: title.to_owned(),
        short: short.filter(|short| !short.is_empty()).unwrap_or_else(|| shortened(title)).to_owned(),
        class: "a0",
        comparator: false,
        n: 0,
        failed: 0,
    }
}

/// The head of a long title: "Transplant" of "Transplant, cyclophosphamide 200 mg/kg + ATG".
fn shortened(title: &str) -> &str {
    let head = title.split([',', '(', ':']).next().unwrap_or(title).trim();
    if 24 < title.chars().count() && !head.is_empty() { head } else { title }
}

/// Gives an arm its whole title again where the head of it is how another arm's begins: of "Cyclophosphamide and ATG" and
/// "Cyclophosphamide, rituximab and ATG" the head of the second names neither.
fn tell_apart(arms: &mut [ArmStyle]) {
    let titles: Vec<String> = arms.iter().map(|arm| arm.title.clone()).collect();
    for (place, arm) in arms.iter_mut().enumerate() {
        let cut = arm.short != arm.title && arm.short == shortened(&arm.title);
        let others = titles.iter().enumerate().filter(|(other, _)| *other != place);
        if cut && others.map(|(_, title)| title).any(|title| title.starts_with(&arm.short)) {
            arm.short.clone_from(&arm.title);
        }
    }
}

fn colour(arms: &mut [ArmStyle]) {
    let mut studied = ["a1", "a3", "a4"].into_iter();
    let mut compared = ["a2"].into_iter();
    for arm in arms {
        let hue =
            if arm.comparator { compared.next().or_else(|| studied.next_back()) } else { studied.next() };
        arm.class = hue.unwrap_or("a0");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shorts(titles: &[&str]) -> Vec<String> {
        let mut arms: Vec<ArmStyle> = titles.iter().map(|title| plain("arm", title, None)).collect();
        tell_apart(&mut arms);
        arms.into_iter().map(|arm| arm.short).collect()
    }

    #[test]
    fn a_head_that_names_one_arm_stands_for_it() {
        let titles = ["Transplant, cyclophosphamide 200 mg/kg + ATG", "Drugs go on"];
        assert_eq!(shorts(&titles), ["Transplant", "Drugs go on"]);
    }

    #[test]
    fn arms_that_begin_alike_keep_their_titles() {
        let titles = [
            "Cyclophosphamide and ATG",
            "Cyclophosphamide, rituximab and ATG",
            "Cyclophosphamide and ATG, half of each",
        ];
        assert_eq!(shorts(&titles), titles);
    }
}
