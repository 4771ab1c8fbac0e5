//! One patient's course: what is due when, and what is done at each moment.

use regraft_model::Target;
use regraft_ode::Counters;

use crate::draws::PatientDraws;
use crate::events::{EventStates, same_moment};
use crate::plan::Action;
use crate::result::{Cause, Decision, DecisionKind, Happening, SolveStatus};
use crate::rules::RuleState;
use crate::scene::Scene;
use crate::setting::Setting;
use crate::switches::SwitchStates;

/// Why a course ends before the plan does.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Halt {
    /// As planned, by an event or an action.
    Stopped(Option<u32>),
    /// It cannot go on.
    Failed(Cause),
}

impl From<Cause> for Halt {
    fn from(cause: Cause) -> Halt {
        Halt::Failed(cause)
    }
}

impl Halt {
    /// The status of a patient whose course ends so at `day`.
    pub fn status(self, day: f64) -> SolveStatus {
        match self {
            Halt::Stopped(event) => SolveStatus::Stopped { day, event },
            Halt::Failed(cause) => SolveStatus::Failed { day, cause },
        }
    }
}

/// A constant input into a state.
#[derive(Debug, Clone, Copy)]
struct Infusion {
    state: u32,
    rate: f64,
    end: f64,
}

/// An action a rule has decided upon, still to be done.
#[derive(Debug, Clone, Copy)]
struct Ordered {
    due: f64,
    action: Action,
}

/// What was recorded of one patient.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Record {
    pub row: usize,
    pub status: SolveStatus,
    pub events: Vec<Happening>,
    pub decisions: Vec<Decision>,
    pub counters: Counters,
}

/// Events and rules that may happen at one moment before the patient is given up.
const MOST_AT_ONCE: usize = 1000;

/// One patient on the way through the plan.
pub(crate) struct Course<'a> {
    setting: &'a Setting<'a>,
    row: usize,
    factors: &'a [f64],
    pub draws: PatientDraws,
    events: EventStates,
    switches: SwitchStates,
    rules: Vec<RuleState>,
    next_dose: usize,
    next_visit: usize,
    infusions: Vec<Infusion>,
    ordered: Vec<Ordered>,
    /// A moment at which conditions are looked at once more.
    look_again: f64,
    /// What was done last, for the step size after it.
    cause_of_restart: usize,
    happened: Vec<Happening>,
    decided: Vec<Decision>,
}

impl<'a> Course<'a> {
    /// A patient before the first moment.
    pub fn new(setting: &'a Setting<'a>, row: usize, draws: PatientDraws, events: EventStates) -> Course<'a> {
        Course {
            setting,
            row,
            factors: setting.patients.factors_of(row),
            draws,
            events,
            switches: SwitchStates::new(&setting.switches),
            rules: vec![RuleState::new(); setting.plan.rules.len()],
            next_dose: 0,
            next_visit: 0,
            infusions: Vec::new(),
            ordered: Vec::new(),
            look_again: f64::INFINITY,
            cause_of_restart: 0,
            happened: Vec::new(),
            decided: Vec::new(),
        }
    }

    /// The record of a course that is over.
    pub fn close(self, status: SolveStatus, counters: Counters) -> Record {
        Record { row: self.row, status, events: self.happened, decisions: self.decided, counters }
    }

    /// Does everything that is due now, in the order stated at [`Plan`](crate::Plan).
    pub fn moment(&mut self, scene: &mut Scene) -> Result<(), Halt> {
        self.look_again = f64::INFINITY;
        self.attend(scene).map(|_| ())
    }

    /// The same at a root. One that changed no condition is looked at again a moment later, because a
    /// comparison may be exactly at its limit.
    pub fn at_root(&mut self, scene: &mut Scene) -> Result<(), Halt> {
        let changed = self.attend(scene)?;
        self.look_again = if changed { f64::INFINITY } else { soon(scene) };
        Ok(())
    }

    /// Does everything that is due now. Says whether any condition of an event changed.
    fn attend(&mut self, scene: &mut Scene) -> Result<bool, Halt> {
        self.end_infusions(scene);
        self.give_doses(scene)?;
        self.give_ordered(scene)?;
        let mut changed = self.settle(scene)?;
        if self.visit(scene)? {
            changed |= self.settle(scene)?;
        }
        if let Some(switch) = self.switches.update(&self.setting.switches, &self.setting.tapes, scene) {
            let (states, events) = (self.setting.program.states.len(), self.setting.program.events.len());
            self.cause_of_restart = 3 * states + 1 + events + switch;
            // Roundoff may have put the stop just before the jump, where a condition still is what it was.
            if events > 0 && !changed {
                self.look_again = soon(scene);
            }
        }
        scene.sync();
        Ok(changed)
    }

    /// The next moment at which something is due; the end of the plan if nothing is.
    pub fn next_stop(&self) -> f64 {
        let dose = self.setting.doses.get(self.next_dose).map_or(f64::INFINITY, |dose| dose.time);
        let visit = self.setting.visits.get(self.next_visit).map_or(f64::INFINITY, |visit| visit.0);
        let infusions = self.infusions.iter().map(|infusion| infusion.end);
        let ordered = self.ordered.iter().map(|ordered| ordered.due);
        let own = [self.events.next_due(), self.look_again, self.switches.next()];
        let all = [self.setting.plan.end, dose, visit].into_iter().chain(own);
        all.chain(infusions).chain(ordered).fold(f64::INFINITY, f64::min)
    }

    /// A number for what was done last; steps after the same kind of thing are of like size.
    pub fn cause_of_restart(&self) -> usize {
        self.cause_of_restart
    }

    fn end_infusions(&mut self, scene: &mut Scene) {
        let now = scene.t() + same_moment(scene.t());
        let over: Vec<Infusion> =
            self.infusions.iter().filter(|infusion| infusion.end <= now).copied().collect();
        self.infusions.retain(|infusion| infusion.end > now);
        for infusion in over {
            self.set_rate(infusion.state, scene);
            self.cause_of_restart = 2 * self.setting.program.states.len() + infusion.state as usize;
        }
    }

    /// The sum of the infusions that run, in the order in which they began.
    fn set_rate(&self, state: u32, scene: &mut Scene) {
        let running = self.infusions.iter().filter(|infusion| infusion.state == state);
        scene.set_input(state, running.map(|infusion| infusion.rate).sum());
    }

    fn give_doses(&mut self, scene: &mut Scene) -> Result<(), Halt> {
        let now = scene.t() + same_moment(scene.t());
        while let Some(dose) = self.setting.doses.get(self.next_dose).filter(|dose| dose.time <= now) {
            self.next_dose += 1;
            let given = dose.given_if.is_none_or(|factor| self.factors[factor as usize] != 0.0);
            let over = dose.until_rule.is_some_and(|rule| self.rules[rule as usize].has_acted());
            if given && !over {
                self.perform(dose.action, scene)?;
            }
        }
        Ok(())
    }

    fn give_ordered(&mut self, scene: &mut Scene) -> Result<(), Halt> {
        let now = scene.t() + same_moment(scene.t());
        let due: Vec<Ordered> = self.ordered.iter().filter(|ordered| ordered.due <= now).copied().collect();
        self.ordered.retain(|ordered| ordered.due > now);
        due.into_iter().try_for_each(|ordered| self.perform(ordered.action, scene))
    }

    fn perform(&mut self, action: Action, scene: &mut Scene) -> Result<(), Halt> {
        let n_states = self.setting.program.states.len();
        match action {
            Action::Add { state, amount } => {
                let target = Target::State(state);
                let value = scene.get(target) + amount.of(self.factors);
                scene.set(target, finite(target, value)?);
                self.cause_of_restart = state as usize;
            }
            Action::Infuse { state, amount, duration_days } => {
                let rate = finite(Target::State(state), amount.of(self.factors) / duration_days)?;
                self.infusions.push(Infusion { state, rate, end: scene.t() + duration_days });
                self.set_rate(state, scene);
                self.cause_of_restart = n_states + state as usize;
            }
            Action::Set { target, value } => {
                scene.set(target, finite(target, value.of(self.factors))?);
                self.cause_of_restart = 3 * n_states;
            }
            Action::Scale { target, factor } => {
                scene.set(target, finite(target, scene.get(target) * factor.of(self.factors))?);
                self.cause_of_restart = 3 * n_states;
            }
            Action::SetBetween { target, above, to, value } => {
                let now = scene.get(target);
                if above < now && now <= to {
                    scene.set(target, finite(target, value.of(self.factors))?);
                    self.cause_of_restart = 3 * n_states;
                }
            }
            Action::Stop => return Err(Halt::Stopped(None)),
        }
        Ok(())
    }

    /// Lets the program's events happen until none is due. Says whether any condition changed.
    fn settle(&mut self, scene: &mut Scene) -> Result<bool, Halt> {
        let setting = self.setting;
        let mut changed = false;
        for count in 0.. {
            let (program, tapes, conditions) = (setting.program, &setting.tapes, &setting.conditions);
            changed |= self.events.notice(program, tapes, conditions, scene, &mut self.draws)?;
            let Some(event) = self.events.happen(&setting.tapes, scene, &mut self.draws)? else { break };
            if count == MOST_AT_ONCE {
                return Err(Cause::EventsWithoutEnd { event }.into());
            }
            self.happened.push(Happening { patient: self.row as u32, time: scene.t(), event });
            self.cause_of_restart = 3 * setting.program.states.len() + 1 + event as usize;
            if setting.ends_course[event as usize] {
                return Err(Halt::Stopped(Some(event)));
            }
            setting.woken[event as usize].iter().try_for_each(|&rule| self.wake(rule, scene).map(|_| ()))?;
        }
        Ok(changed)
    }

    /// Wakes the rules whose time it is. Says whether any acted.
    fn visit(&mut self, scene: &mut Scene) -> Result<bool, Halt> {
        let now = scene.t() + same_moment(scene.t());
        let mut acted = false;
        while let Some(&(_, rule)) = self.setting.visits.get(self.next_visit).filter(|visit| visit.0 <= now) {
            self.next_visit += 1;
            acted |= self.wake(rule, scene)?;
        }
        Ok(acted)
    }

    /// Wakes a rule; does at once what it wants done at once. Says whether it acted.
    fn wake(&mut self, index: u32, scene: &mut Scene) -> Result<bool, Halt> {
        let rule = &self.setting.plan.rules[index as usize];
        let state = &mut self.rules[index as usize];
        let Some(kind) = state.wake(rule, scene, self.factors) else { return Ok(false) };
        self.decided.push(Decision { patient: self.row as u32, time: scene.t(), rule: index, kind });
        if kind != DecisionKind::Acted {
            return Ok(false);
        }
        for &(delay, action) in &rule.actions {
            if delay <= same_moment(scene.t()) {
                self.perform(action, scene)?;
            } else {
                self.ordered.push(Ordered { due: scene.t() + delay, action });
            }
        }
        Ok(true)
    }
}

/// A moment later, on the other side of a limit that is met exactly.
fn soon(scene: &Scene) -> f64 {
    scene.t() + 10.0 * same_moment(scene.t())
}

fn finite(target: Target, value: f64) -> Result<f64, Cause> {
    if value.is_finite() { Ok(value) } else { Err(Cause::DoseNotFinite(target)) }
}
