//! Engines: patients on lanes, a new patient as soon as one is done.

use regraft_model::Target;
use regraft_ode::{Counters, Failure, Integrator, LaneOutcome};
use regraft_tape::Rows;

use crate::course::{Course, Halt, Record};
use crate::diagnose::{Standing, diagnose};
use crate::draws::PatientDraws;
use crate::events::{EventStates, same_moment};
use crate::initial::{Given, start_values};
use crate::kernel::{self, Kernel};
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
    first_steps: Vec<(usize, f64)>,
    /// The kind of the last restart, until its first step is accepted.
    restarted: Option<usize>,
}

/// One engine with its lanes.
struct Worker<'a> {
    setting: &'a Setting<'a>,
    integrator: Integrator<Kernel<'a>>,
    seats: Vec<Option<Seat<'a>>>,
    outcomes: Vec<LaneOutcome>,
    y: Vec<f64>,
    within: Within,
    records: Vec<Record>,
}

/// What the engines of a thread need in turn, while each has its rounds.
#[derive(Default)]
struct Work {
    step: regraft_ode::Work,
    kernel: kernel::Work,
}

/// Rounds that an engine goes through before the next has its turn: what it works on then stays in the nearer caches
/// though all engines together are larger than they. It is also how often it is asked whether to give up.
const ROUNDS_AT_ONCE: u32 = 16;

/// Simulates what `next` gives, at most `n_at_once` patients side by side, until it gives no more.
/// `None` if `watch` said to give up.
pub(crate) fn work<'a>(
    setting: &'a Setting<'a>,
    n_at_once: usize,
    mut next: impl FnMut() -> Option<Job<'a>>,
    watch: &dyn Watch,
) -> Option<Vec<Record>> {
    let width = setting.routines.width;
    let mut left = n_at_once.clamp(1, setting.options.lanes);
    let (mut workers, mut shared) = (Vec::new(), Work::default());
    while left > 0 {
        let n_seats = left.min(width);
        let mut worker = Worker::new(setting, n_seats, &mut next, watch);
        shared = Work::default();
        worker.swap_work(&mut shared);
        workers.push(worker);
        left -= n_seats;
    }
    while workers.iter().any(Worker::is_busy) {
        if watch.cancelled() {
            return None;
        }
        for worker in &mut workers {
            worker.swap_work(&mut shared);
            (0..ROUNDS_AT_ONCE).for_each(|_| worker.round(&mut next, watch));
            worker.swap_work(&mut shared);
        }
    }
    Some(workers.into_iter().flat_map(|worker| worker.records).collect())
}

impl<'a> Worker<'a> {
    /// An engine with its first patients.
    fn new(
        setting: &'a Setting<'a>,
        n_seats: usize,
        next: &mut impl FnMut() -> Option<Job<'a>>,
        watch: &dyn Watch,
    ) -> Worker<'a> {
        let kernel = Kernel::new(&setting.tapes, &setting.routines, &setting.infused);
        let mut worker = Worker {
            setting,
            integrator: Integrator::new(kernel, setting.tolerances(), setting.control()),
            seats: (0..n_seats).map(|_| None).collect(),
            outcomes: vec![LaneOutcome::Idle; setting.routines.width],
            y: vec![0.0; setting.tapes.n_states],
            within: Within::new(setting),
            records: Vec::new(),
        };
        (0..n_seats).for_each(|lane| worker.fill(lane, next, watch));
        worker
    }

    /// Gives its working memory for another one's, or for none.
    fn swap_work(&mut self, work: &mut Work) {
        self.integrator.swap_work(&mut work.step);
        self.integrator.system.swap_work(&mut work.kernel);
    }

    /// Whether anyone is on a lane.
    fn is_busy(&self) -> bool {
        self.seats.iter().any(Option::is_some)
    }

    /// One step attempt in every lane, and what follows from it.
    fn round(&mut self, next: &mut impl FnMut() -> Option<Job<'a>>, watch: &dyn Watch) {
        if !self.is_busy() {
            return;
        }
        self.outcomes.copy_from_slice(self.integrator.advance());
        self.write_within_steps();
        for lane in 0..self.seats.len() {
            if self.follow(lane) {
                watch.patients_done(1);
                self.fill(lane, next, watch);
            }
        }
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
            Start::Fresh => EventStates::fresh(setting.program, &mut scene, &setting.conditions),
            Start::From(_) => EventStates::resumed(&mut scene, &setting.conditions),
        };
        let mut course = Course::new(setting, job.row, draws, events);
        let outcome = match not_finite {
            Some(target) => Err(Halt::Failed(Cause::StartNotFinite(target))),
            None => course.moment(&mut scene),
        };
        let first_steps = Vec::new();
        self.seats[lane] =
            Some(Seat { course, job, next_output: 0, under_way: false, first_steps, restarted: None });
        let over = self.after_moment(lane, t, outcome) || self.is_broken_at_rest(lane, t);
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
        let used = match setting.start {
            Start::Fresh => vec![0; setting.program.streams.len()],
            Start::From(snapshots) => snapshots.draws_of(row).to_vec(),
        };
        let number = setting.patients.numbers[row];
        let mut draws = PatientDraws::new(number, &setting.streams, used);
        match setting.start {
            Start::Fresh => {
                let entries = Some(&setting.own.entries[..]);
                let given = Given { by: &setting.overridden, entries, values };
                start_values(kernel, lane, setting.plan.start, given, &mut draws, &mut self.y);
            }
            Start::From(snapshots) if snapshots.usable[row] => {
                self.y.copy_from_slice(snapshots.states_of(row));
                let parameters = snapshots.parameters_of(row);
                for &parameter in &setting.own.parameters {
                    kernel.set_parameter(lane, parameter, parameters[parameter as usize]);
                }
                for (&target, &value) in setting.patients.overrides.iter().zip(values) {
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
        let is_lost = |&p: &u32| !self.integrator.system.parameter(lane, p).is_finite();
        let own = &self.setting.own;
        let parameter = || match own.common_is_finite {
            true => own.parameters.iter().copied().find(is_lost),
            false => (0..own.common.len() as u32).find(is_lost),
        };
        state.map(|state| Target::State(state as u32)).or_else(|| parameter().map(Target::Parameter))
    }

    /// Hands a lane's first state to the integrator.
    fn begin(&mut self, lane: usize, t: f64) {
        let seat = self.seats[lane].as_mut().expect("a patient was just seated here");
        seat.under_way = true;
        let y = self.setting.routines.of_states(&self.y);
        self.integrator.start(lane, t, &y, seat.course.next_stop(), None);
    }

    /// Follows up on the last step of a lane. Says whether the patient is done.
    fn follow(&mut self, lane: usize) -> bool {
        match self.outcomes[lane] {
            LaneOutcome::Idle | LaneOutcome::Rejected => false,
            LaneOutcome::Accepted { .. } => {
                self.note_first_step(lane);
                false
            }
            LaneOutcome::Stopped { to, .. } => {
                self.note_first_step(lane);
                self.change(lane, to, Course::moment)
            }
            LaneOutcome::Root { to, .. } => {
                self.note_first_step(lane);
                self.change(lane, to, Course::at_root)
            }
            LaneOutcome::Failed { at, failure } => {
                let cause = self.cause(lane, at, failure);
                self.finish(lane, Halt::Failed(cause).status(at));
                true
            }
        }
    }

    /// Why the integrator gave up on a lane.
    fn cause(&self, lane: usize, time: f64, failure: Failure) -> Cause {
        let mut states = vec![0.0; self.setting.tapes.n_states];
        copy_states(self.setting, &self.integrator, lane, &mut states);
        let step = self.integrator.next_step(lane);
        let standing = Standing { time, states: &states, parameters: &self.parameters(lane), step };
        diagnose(self.setting.program, failure, &standing)
    }

    /// Parameters of a lane, `[parameter]`.
    fn parameters(&self, lane: usize) -> Vec<f64> {
        let n_parameters = self.setting.program.parameters.len() as u32;
        (0..n_parameters).map(|index| self.integrator.system.parameter(lane, index)).collect()
    }

    /// Ends a course in which a rate is no number because of what a state at rest is multiplied with, such as 1/p
    /// with p = 0 in this patient: that rate is not computed any more, and it must not look as if it could be. Says
    /// whether it is so. `y` holds the states.
    fn is_broken_at_rest(&mut self, lane: usize, t: f64) -> bool {
        if self.integrator.system.is_sound_at_rest(lane) {
            return false;
        }
        let standing = Standing { time: t, states: &self.y, parameters: &self.parameters(lane), step: 0.0 };
        let cause = diagnose(self.setting.program, Failure::NotFinite, &standing);
        let is_broken = matches!(cause, Cause::RateNotFinite { .. });
        if is_broken {
            self.finish(lane, Halt::Failed(cause).status(t));
        }
        is_broken
    }

    /// Remembers the step the integrator would have liked after a restart.
    fn note_first_step(&mut self, lane: usize) {
        let Some(seat) = &mut self.seats[lane] else { return };
        if let Some(kind) = seat.restarted.take() {
            let h = self.integrator.next_step(lane);
            match seat.first_steps.iter_mut().find(|known| known.0 == kind) {
                Some(known) => known.1 = h,
                None => seat.first_steps.push((kind, h)),
            }
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
        copy_states(self.setting, &self.integrator, lane, &mut self.y);
        let mut scene = Scene::new(&mut self.integrator.system, lane, t, &mut self.y);
        let outcome = what(&mut seat.course, &mut scene);
        let touched = scene.touched();
        if self.after_moment(lane, t, outcome) || touched && self.is_broken_at_rest(lane, t) {
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
            for (row, &state) in self.setting.routines.states.iter().enumerate() {
                self.integrator.set_state(lane, row, self.y[state as usize]);
            }
            let kind = seat.course.cause_of_restart();
            seat.restarted = Some(kind);
            // The first of its kind begins like the last of any other: an estimate takes two evaluations of the
            // rates, a step that is too long one attempt.
            let known = seat.first_steps.iter().find(|known| known.0 == kind).or(seat.first_steps.last());
            self.integrator.restart(lane, known.map(|known| known.1));
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

    /// Writes the outputs inside the last step of every lane by its dense output: before its end, and at it where
    /// nothing happens there. One output of each lane at a time, all lanes together.
    fn write_within_steps(&mut self) {
        let (width, lanes) = (self.setting.outputs.observables.len(), self.setting.routines.width);
        while self.find_due() {
            self.integrator.interpolate_all(&self.within.t);
            let (system, states) = self.integrator.interpolated();
            system.outputs(&self.within.t, states, &mut self.within.values);
            for (lane, seat) in self.seats.iter_mut().enumerate() {
                if let Some(seat) = seat.as_mut().filter(|_| self.within.due[lane]) {
                    let row = &mut seat.job.values[seat.next_output * width..][..width];
                    let column = self.within.values[lane..].iter().step_by(lanes);
                    row.iter_mut().zip(column).for_each(|(to, &value)| *to = value);
                    seat.next_output += 1;
                }
            }
        }
    }

    /// Notes the next output inside the last step of each lane; whether there is any.
    fn find_due(&mut self) -> bool {
        let times = &self.setting.outputs.times;
        let mut any = false;
        for (lane, seat) in self.seats.iter().enumerate() {
            let next = seat.as_ref().and_then(|seat| times.get(seat.next_output));
            let due = next.filter(|&&time| match self.outcomes[lane] {
                LaneOutcome::Accepted { to, .. } => time <= to,
                LaneOutcome::Stopped { to, .. } | LaneOutcome::Root { to, .. } => time < to,
                _ => false,
            });
            self.within.due[lane] = due.is_some();
            if let Some(&time) = due {
                self.within.t[lane] = time;
                any = true;
            }
        }
        any
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
        if failed {
            seat.job.parameters.fill(f64::NAN);
        } else {
            seat.job.parameters.copy_from_slice(&self.setting.own.common);
            for &parameter in &self.setting.own.parameters {
                seat.job.parameters[parameter as usize] = self.integrator.system.parameter(lane, parameter);
            }
        }
        seat.job.draws.copy_from_slice(seat.course.draws.used());
        let counters = if seat.under_way { self.integrator.counters(lane) } else { Counters::default() };
        self.integrator.release(lane);
        self.records.push(seat.course.close(status, counters));
    }
}

/// Outputs inside the steps of all lanes.
struct Within {
    /// Whether a lane has one.
    due: Vec<bool>,
    /// When, `[lane]`.
    t: Rows,
    /// `[output][lane]`
    values: Rows,
}

impl Within {
    fn new(setting: &Setting) -> Within {
        let lanes = setting.routines.width;
        Within {
            due: vec![false; lanes],
            t: Rows::new(1, lanes),
            values: Rows::new(setting.outputs.observables.len(), lanes),
        }
    }
}

/// Copies the present states of a lane, those at rest too.
fn copy_states(setting: &Setting, integrator: &Integrator<Kernel>, lane: usize, y: &mut [f64]) {
    y.fill(0.0);
    for (row, &state) in setting.routines.states.iter().enumerate() {
        y[state as usize] = integrator.state(lane, row);
    }
}

/// One patient's values at one time, `[observable]`.
fn row_of<'v>(values: &'v mut [f64], time: usize, setting: &Setting) -> &'v mut [f64] {
    let width = setting.outputs.observables.len();
    &mut values[time * width..(time + 1) * width]
}
