//! One engine: patients on lanes, a new patient as soon as one is done.

use regraft_model::Target;
use regraft_ode::{Counters, Integrator, LaneOutcome, StepControl, Tolerances};

use crate::course::{Course, Halt, Record};
use crate::draws::PatientDraws;
use crate::events::{EventStates, same_moment};
use crate::initial::start_values;
use crate::kernel::Kernel;
use crate::options::Watch;
use crate::patients::Start;
use crate::result::{Cause, SolveStatus};
use crate::scene::Scene;
use crate::setting::Setting;

/// A patient to be simulated, with the places where the results go.
pub(crate) struct Job<'a> {
    pub row: usize,
    /// `[time, observable]`, NaN until written.
    pub values: &'a mut [f64],
    /// `[state]`, `[parameter]`, `[stream]` at the end.
    pub states: &'a mut [f64],
    pub parameters: &'a mut [f64],
    pub draws: &'a mut [u32],
}

/// A patient on a lane.
struct Seat<'a> {
    course: Course<'a>,
    job: Job<'a>,
    next_output: usize,
    /// Whether the integrator has taken over.
    under_way: bool,
    /// First step after each kind of restart that has occurred, for the next of its kind.
    first_steps: Vec<Option<f64>>,
    /// The kind of the last restart, until its first step is accepted.
    restarted: Option<usize>,
}

/// One engine with its lanes.
pub(crate) struct Worker<'a> {
    setting: &'a Setting<'a>,
    integrator: Integrator<Kernel<'a>>,
    seats: Vec<Option<Seat<'a>>>,
    outcomes: Vec<LaneOutcome>,
    y: Vec<f64>,
    records: Vec<Record>,
}

/// Steps between two questions whether to give up.
const STEPS_BETWEEN_QUESTIONS: u32 = 16;

impl<'a> Worker<'a> {
    /// An engine for at most `n_patients` patients.
    pub fn new(setting: &'a Setting<'a>, n_patients: usize) -> Worker<'a> {
        let options = setting.options;
        let lanes = if n_patients <= 1 { 1 } else { options.lanes.min(n_patients.next_multiple_of(8)) };
        let kernel = Kernel::new(&setting.tapes, lanes, setting.infused.clone());
        let tolerances = Tolerances {
            relative: options.relative_tolerance,
            absolute: setting.absolute_tolerances.clone(),
        };
        let control = StepControl {
            max_steps: options.max_steps,
            floor: options.floors.clone(),
            ..StepControl::default()
        };
        Worker {
            setting,
            integrator: Integrator::new(kernel, tolerances, control),
            seats: (0..lanes).map(|_| None).collect(),
            outcomes: vec![LaneOutcome::Idle; lanes],
            y: vec![0.0; setting.tapes.n_states],
            records: Vec::new(),
        }
    }

    /// Simulates what `next` gives, at most `n_at_once` patients side by side, until it gives no more.
    /// `None` if `watch` said to give up.
    pub fn work(
        mut self,
        n_at_once: usize,
        mut next: impl FnMut() -> Option<Job<'a>>,
        watch: &dyn Watch,
    ) -> Option<Vec<Record>> {
        let n_seats = n_at_once.clamp(1, self.seats.len());
        for lane in 0..n_seats {
            self.fill(lane, &mut next, watch);
        }
        let mut steps = 0u32;
        while self.seats.iter().any(Option::is_some) {
            if steps.is_multiple_of(STEPS_BETWEEN_QUESTIONS) && watch.cancelled() {
                return None;
            }
            steps = steps.wrapping_add(1);
            self.outcomes.copy_from_slice(self.integrator.advance());
            for lane in 0..n_seats {
                if self.follow(lane) {
                    watch.patients_done(1);
                    self.fill(lane, &mut next, watch);
                }
            }
        }
        Some(self.records)
    }

    /// Seats patients on a free lane until one is under way.
    fn fill(&mut self, lane: usize, next: &mut impl FnMut() -> Option<Job<'a>>, watch: &dyn Watch) {
        while let Some(job) = next() {
            if !self.seat(lane, job) {
                return;
            }
            watch.patients_done(1);
        }
    }

    /// Starts a patient on a free lane. Says whether the course is already over.
    fn seat(&mut self, lane: usize, job: Job<'a>) -> bool {
        let setting = self.setting;
        let t = setting.plan.start;
        let Some(draws) = self.load(lane, &job) else {
            let course = Course::new(setting, job.row, PatientDraws::default(), EventStates::default());
            self.records.push(course.close(SolveStatus::NotStarted, Counters::default()));
            job.states.fill(f64::NAN);
            job.parameters.fill(f64::NAN);
            return true;
        };
        let not_finite = self.not_finite(lane);
        let mut scene = Scene::new(&mut self.integrator.system, lane, t, &mut self.y);
        scene.sync();
        let events = match setting.start {
            Start::Fresh => EventStates::fresh(setting.program, &mut scene, &setting.tapes),
            Start::From(_) => EventStates::resumed(&mut scene, &setting.tapes),
        };
        let mut course = Course::new(setting, job.row, draws, events);
        let outcome = match not_finite {
            Some(target) => Err(Halt::Failed(Cause::StartNotFinite(target))),
            None => course.moment(&mut scene),
        };
        let first_steps = vec![None; Course::n_causes(setting)];
        self.seats[lane] =
            Some(Seat { course, job, next_output: 0, under_way: false, first_steps, restarted: None });
        let over = self.after_moment(lane, t, outcome);
        if !over {
            self.begin(lane, t);
        }
        over
    }

    /// Puts a patient's starting values into a lane. `None` if there is nothing to start from.
    fn load(&mut self, lane: usize, job: &Job) -> Option<PatientDraws> {
        let setting = self.setting;
        let row = job.row;
        let kernel = &mut self.integrator.system;
        for &state in &setting.infused {
            kernel.set_input(lane, state, 0.0);
        }
        let values = setting.patients.values_of(row);
        let overrides = setting.patients.overrides.iter().copied().zip(values.iter().copied());
        let used = match setting.start {
            Start::Fresh => vec![0; setting.program.streams.len()],
            Start::From(snapshots) => snapshots.draws_of(row).to_vec(),
        };
        let number = setting.patients.numbers[row];
        let mut draws = PatientDraws::new(setting.options.seed, number, &setting.program.streams, used);
        match setting.start {
            Start::Fresh => {
                let overrides: Vec<(Target, f64)> = overrides.collect();
                start_values(kernel, lane, setting.plan.start, &overrides, &mut draws, &mut self.y);
            }
            Start::From(snapshots) if snapshots.usable[row] => {
                self.y.copy_from_slice(snapshots.states_of(row));
                for (parameter, &value) in snapshots.parameters_of(row).iter().enumerate() {
                    kernel.set_parameter(lane, parameter as u32, value);
                }
                for (target, value) in overrides {
                    match target {
                        Target::State(state) => self.y[state as usize] = value,
                        Target::Parameter(parameter) => kernel.set_parameter(lane, parameter, value),
                    }
                }
            }
            Start::From(_) => return None,
        }
        kernel.refresh(lane);
        Some(draws)
    }

    /// The first starting value of a lane that is not finite.
    fn not_finite(&self, lane: usize) -> Option<Target> {
        let state = self.y.iter().position(|value| !value.is_finite());
        let n_parameters = self.setting.program.parameters.len() as u32;
        let parameter =
            || (0..n_parameters).find(|&p| !self.integrator.system.parameter(lane, p).is_finite());
        state.map(|state| Target::State(state as u32)).or_else(|| parameter().map(Target::Parameter))
    }

    /// Hands a lane's first state to the integrator.
    fn begin(&mut self, lane: usize, t: f64) {
        let seat = self.seats[lane].as_mut().expect("a patient was just seated here");
        seat.under_way = true;
        self.integrator.start(lane, t, &self.y, seat.course.next_stop(), None);
    }

    /// Follows up on the last step of a lane. Says whether the patient is done.
    fn follow(&mut self, lane: usize) -> bool {
        match self.outcomes[lane] {
            LaneOutcome::Idle | LaneOutcome::Rejected => false,
            LaneOutcome::Accepted { to, .. } => {
                self.note_first_step(lane);
                self.write_within(lane, to, true);
                false
            }
            LaneOutcome::Stopped { to, .. } => {
                self.note_first_step(lane);
                self.write_within(lane, to, false);
                self.change(lane, to, Course::moment)
            }
            LaneOutcome::Root { to, .. } => {
                self.note_first_step(lane);
                self.write_within(lane, to, false);
                self.change(lane, to, Course::at_root)
            }
            LaneOutcome::Failed { at, failure } => {
                self.finish(lane, Halt::Failed(Cause::Solver(failure)).status(at));
                true
            }
        }
    }

    /// Remembers the step the integrator would have liked after a restart.
    fn note_first_step(&mut self, lane: usize) {
        let Some(seat) = &mut self.seats[lane] else { return };
        if let Some(kind) = seat.restarted.take() {
            seat.first_steps[kind] = Some(self.integrator.next_step(lane));
        }
    }

    /// Lets something happen at a lane's present time and goes on from there. Says whether the patient is done.
    fn change(
        &mut self,
        lane: usize,
        t: f64,
        what: impl FnOnce(&mut Course<'a>, &mut Scene) -> Result<(), Halt>,
    ) -> bool {
        let Some(seat) = &mut self.seats[lane] else { return false };
        self.integrator.copy_state(lane, &mut self.y);
        let mut scene = Scene::new(&mut self.integrator.system, lane, t, &mut self.y);
        let outcome = what(&mut seat.course, &mut scene);
        let touched = scene.touched();
        if self.after_moment(lane, t, outcome) {
            return true;
        }
        self.go_on(lane, touched);
        false
    }

    /// Tells the integrator what has changed.
    fn go_on(&mut self, lane: usize, touched: bool) {
        let Some(seat) = &mut self.seats[lane] else { return };
        self.integrator.set_stop(lane, seat.course.next_stop());
        if touched {
            for (state, &value) in self.y.iter().enumerate() {
                self.integrator.set_state(lane, state, value);
            }
            let kind = seat.course.cause_of_restart();
            seat.restarted = Some(kind);
            self.integrator.restart(lane, seat.first_steps[kind]);
        }
    }

    /// Writes the outputs due at `t`, after everything that happened there, and ends the course if it is over.
    /// Says whether it is.
    fn after_moment(&mut self, lane: usize, t: f64, outcome: Result<(), Halt>) -> bool {
        let at_end = self.setting.plan.end - t <= same_moment(t);
        let failed = matches!(outcome, Err(Halt::Failed(_)));
        if !failed {
            let until = if at_end && outcome.is_ok() { self.setting.plan.end } else { t };
            self.write_now(lane, t, until);
        }
        let status = match outcome {
            Err(halt) => halt.status(t),
            Ok(()) if at_end => SolveStatus::Finished,
            Ok(()) => return false,
        };
        self.finish(lane, status);
        true
    }

    /// Writes outputs inside the last step by its dense output: before `to`, or also at it.
    fn write_within(&mut self, lane: usize, to: f64, also_at: bool) {
        let Some(seat) = &mut self.seats[lane] else { return };
        let times = &self.setting.outputs.times;
        while let Some(&time) =
            times.get(seat.next_output).filter(|&&time| time < to || (also_at && time == to))
        {
            self.integrator.interpolate(lane, time, &mut self.y);
            let mut scene = Scene::new(&mut self.integrator.system, lane, time, &mut self.y);
            scene.write_outputs(row_of(seat.job.values, seat.next_output, self.setting));
            seat.next_output += 1;
        }
    }

    /// Writes the outputs up to `until` from the present states.
    fn write_now(&mut self, lane: usize, t: f64, until: f64) {
        let Some(seat) = &mut self.seats[lane] else { return };
        let mut scene = Scene::new(&mut self.integrator.system, lane, t, &mut self.y);
        while self.setting.outputs.times.get(seat.next_output).is_some_and(|&time| time <= until) {
            scene.write_outputs(row_of(seat.job.values, seat.next_output, self.setting));
            seat.next_output += 1;
        }
    }

    /// Ends a course: notes where the patient stands and frees the lane. `y` holds the states, unless it failed.
    fn finish(&mut self, lane: usize, status: SolveStatus) {
        let Some(seat) = self.seats[lane].take() else { return };
        let failed = matches!(status, SolveStatus::Failed { .. });
        for (to, &value) in seat.job.states.iter_mut().zip(&self.y) {
            *to = if failed { f64::NAN } else { value };
        }
        for (parameter, to) in seat.job.parameters.iter_mut().enumerate() {
            *to = if failed { f64::NAN } else { self.integrator.system.parameter(lane, parameter as u32) };
        }
        seat.job.draws.copy_from_slice(seat.course.draws.used());
        let counters = if seat.under_way { self.integrator.counters(lane) } else { Counters::default() };
        self.integrator.release(lane);
        self.records.push(seat.course.close(status, counters));
    }
}

/// One patient's values at one time, `[observable]`.
fn row_of<'v>(values: &'v mut [f64], time: usize, setting: &Setting) -> &'v mut [f64] {
    let width = setting.outputs.observables.len();
    &mut values[time * width..(time + 1) * width]
}
