//! The search itself: one screening, many candidates, and the frontier lived again by other patients.

use std::collections::BTreeMap;
use std::time::Instant;

use regraft_stats::Seed;
use regraft_stats::frontier::{Bounds, Nsga, Scored, dominates, non_dominated, nsga2, spread_out};
use regraft_trial::search::{Measure, Values};

use super::candidate::Fate;
use super::found::{Beside, Found, ObjectiveFound, Point, Valued, VariableFound};
use super::prepare::PreparedSearch;
use super::value::{By, Objective};
use crate::study::{Lived, Patients, RunOptions, StudyError, Watch, live};

/// How long and how wide it is searched.
#[derive(Debug, Clone)]
pub struct SearchOptions {
    /// Patients, seed, threads and engine of the search.
    pub run: RunOptions,
    /// Regimens that live together.
    pub population: usize,
    /// Regimens tried in all.
    pub evaluations: usize,
    /// Most points of the frontier that are lived again and written.
    pub points: usize,
    /// Other patients who live them.
    pub patients_again: usize,
    /// By what candidates are judged. With one set of parameters it is the mean.
    pub by: By,
    /// Share of the members whose end is shown: that of `by`, where it is one.
    pub worst_share: f64,
    /// Options that decide which library a command has and how it is used, as typed, each after a space.
    pub choices: String,
    /// Folder of the search, as it stands in commands.
    pub folder: String,
}

/// A search that is done, with the seconds it took.
#[derive(Debug)]
pub struct Searched {
    /// What was found.
    pub found: Found,
    /// Seconds of the search alone, screening and what was lived again apart.
    pub search_seconds: f64,
    /// Seconds in all.
    pub seconds: f64,
}

/// Searches the space, lives the frontier again in other patients, and sets the regimens of the library beside it.
///
/// # Errors
/// [`StudyError`]: too few eligible, stopped by the user; [`StudyError::Usage`] where no regimen of the space can be
/// tried.
pub fn run(
    search: &PreparedSearch,
    options: &SearchOptions,
    watch: &dyn Watch,
) -> Result<Searched, StudyError> {
    let start = Instant::now();
    let n_members = search.prepared.members.as_ref().map_or(1, |members| members.n_members());
    let fewest = options.run.patients.min(options.patients_again);
    if matches!(options.by, By::Worst(_)) && fewest < 2 * n_members {
        return Err(StudyError::Usage(format!(
            "{fewest} patients are fewer than two for each of {n_members} draws, so nothing tells the worst of them: take --patients {0} and --again {0} or more, or fewer draws",
            2 * n_members
        )));
    }
    let quiet = Still(watch);
    watch.stage("screening", options.run.patients as u64);
    let patients = Patients::screen(&search.prepared, &options.run, watch)?;
    let began = Instant::now();
    watch.stage("searching, regimens", options.evaluations as u64);
    let tried = tried(search, options, &patients, watch, &quiet)?;
    let search_seconds = began.elapsed().as_secs_f64();
    let taken = taken(search, &tried, options.points)?;
    let again = RunOptions {
        seed: options.run.seed.wrapping_add(1),
        patients: options.patients_again,
        ..options.run.clone()
    };
    watch.stage("screening other patients", again.patients as u64);
    let others = Patients::screen(&search.prepared, &again, watch)?;
    let rest = taken.len() + search.own_arms + search.compared.len();
    watch.stage("living the frontier again, regimens", rest as u64);
    let judge = Again { search, others: &others, options: &again, worst: options.worst_share };
    let frontier = lived_again(&judge, &tried.points, &taken, watch, &quiet)?;
    let beside = beside(&judge, watch, &quiet)?;
    let found = gather(search, options, &patients, tried, frontier, beside);
    Ok(Searched { found, search_seconds, seconds: start.elapsed().as_secs_f64() })
}

/// Passes on the wish to stop, not the progress of the parts.
struct Still<'a>(&'a dyn Watch);

impl Watch for Still<'_> {
    fn stage(&self, _what: &str, _patients: u64) {}
    fn advance(&self, _patients: u64) {}
    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}

/// Everything that was tried.
struct Tried {
    points: Vec<Scored>,
    reasons: BTreeMap<String, usize>,
}

fn tried(
    search: &PreparedSearch,
    options: &SearchOptions,
    patients: &Patients,
    watch: &dyn Watch,
    quiet: &dyn Watch,
) -> Result<Tried, StudyError> {
    let settings = Nsga {
        population: options.population,
        evaluations: options.evaluations,
        seed: Seed(options.run.seed),
    };
    let (mut failure, mut reasons) = (None, BTreeMap::new());
    let mut evaluate = |candidates: &[Vec<f64>]| {
        let mut scored = Vec::with_capacity(candidates.len());
        for values in candidates {
            match score(search, values, patients, options, quiet) {
                Ok((one, why)) => {
                    why.into_iter().for_each(|why| *reasons.entry(why).or_insert(0) += 1);
                    scored.push(one);
                }
                Err(error) => {
                    failure = Some(error);
                    return None;
                }
            }
            watch.advance(1);
        }
        Some(scored)
    };
    let points = nsga2(&bounds(search), &start(search), settings, &mut evaluate);
    failure.map_or(Ok(Tried { points, reasons }), Err)
}

/// The bounds of every variable.
fn bounds(search: &PreparedSearch) -> Vec<Bounds> {
    let of = |variable: &regraft_trial::search::Variable| {
        let (low, high, step) = variable.range();
        Bounds { low, high, step, is_choice: matches!(variable.values, Values::Products(_)) }
    };
    search.space.variables.iter().map(of).collect()
}

/// The card's own values, where it has some that lie in the space.
fn start(search: &PreparedSearch) -> Vec<Vec<f64>> {
    let own = search.space.values_of(&search.base, search.shelf());
    let known = own.iter().all(|value| value.is_finite());
    known.then_some(own).into_iter().collect()
}

/// Values with what was found of them; with the reason where they were refused.
fn score(
    search: &PreparedSearch,
    values: &[f64],
    patients: &Patients,
    options: &SearchOptions,
    watch: &dyn Watch,
) -> Result<(Scored, Option<String>), StudyError> {
    let n = search.n_aims;
    match search.try_out(values, patients, &options.run, watch)? {
        Fate::Refused(violation, why) => {
            let scored = Scored { at: values.to_vec(), objectives: vec![f64::NAN; n], violation };
            Ok((scored, Some(why)))
        }
        Fate::Lived(lived) => {
            let judge = search.judge(&lived, values);
            let found = judge.judged(options.by, patients.members.as_deref(), &search.maximize());
            let objectives = minimized(search, &found[..n]);
            Ok((Scored { at: values.to_vec(), objectives, violation: 0.0 }, None))
        }
    }
}

/// What is to be large with its sign changed; changing it again gives the values back.
fn minimized(search: &PreparedSearch, values: &[f64]) -> Vec<f64> {
    search.maximize().iter().zip(values).map(|(up, value)| if *up { -value } else { *value }).collect()
}

/// Places of the points of the frontier that are taken, best of the first objective first.
fn taken(search: &PreparedSearch, tried: &Tried, most: usize) -> Result<Vec<usize>, StudyError> {
    let points = &tried.points;
    let whole = |place: &usize| {
        points[*place].violation == 0.0 && points[*place].objectives.iter().all(|value| value.is_finite())
    };
    let mut best: Vec<usize> = non_dominated(points).into_iter().filter(whole).collect();
    if best.is_empty() {
        return Err(StudyError::Usage(nothing_tried(search, tried)));
    }
    // Equal values of all objectives: one stands for all.
    let mut seen: Vec<&[f64]> = Vec::new();
    best.retain(|place| {
        let new = !seen.contains(&points[*place].objectives.as_slice());
        seen.push(&points[*place].objectives);
        new
    });
    let mut taken = spread_out(points, &best, most);
    taken.sort_by(|a, b| points[*a].objectives[0].total_cmp(&points[*b].objectives[0]).then(a.cmp(b)));
    Ok(taken)
}

/// Why no regimen is left: reasons of refusals, and aims that no regimen has a number of.
fn nothing_tried(search: &PreparedSearch, tried: &Tried) -> String {
    let lived: Vec<&Scored> = tried.points.iter().filter(|point| point.violation == 0.0).collect();
    let refused = tried.reasons.iter().map(|(why, n)| format!("{n} refused: {why}"));
    let unknown = |place: usize| lived.iter().all(|point| !point.objectives[place].is_finite());
    let silent = (0..search.n_aims).filter(|place| !lived.is_empty() && unknown(*place));
    let silent = silent.map(|place| {
        let name = &search.space.objectives[place].name.text;
        format!("none of the {} that were lived has a number for the aim `{name}` (nobody is followed until its day, or counts)", lived.len())
    });
    let why: Vec<String> = refused.chain(silent).collect();
    format!("no regimen of the space of `{}` could be judged: {}", search.id, why.join("; "))
}

/// Values of the search and of the other patients, point by point.
type LivedAgain = (Scored, Vec<Valued>);

/// The other patients, and how what they live is judged.
struct Again<'a> {
    search: &'a PreparedSearch,
    others: &'a Patients,
    options: &'a RunOptions,
    /// Share of the members whose end is shown.
    worst: f64,
}

impl Again<'_> {
    fn valued(&self, lived: &Lived, variables: &[f64]) -> Vec<Valued> {
        let judge = self.search.judge(lived, variables);
        judge.valued(self.worst, self.others.members.as_deref(), &self.search.maximize())
    }
}

fn lived_again(
    again: &Again<'_>,
    points: &[Scored],
    taken: &[usize],
    watch: &dyn Watch,
    quiet: &dyn Watch,
) -> Result<Vec<LivedAgain>, StudyError> {
    let mut found = Vec::new();
    for place in taken {
        let point = &points[*place];
        let valued = match again.search.try_out(&point.at, again.others, again.options, quiet)? {
            Fate::Lived(lived) => again.valued(&lived, &point.at),
            Fate::Refused(..) => vec![NOTHING; again.search.objectives.len()],
        };
        found.push((point.clone(), valued));
        watch.advance(1);
    }
    Ok(found)
}

const NOTHING: Valued = Valued { value: None, error: None, worst: None, split: None };

/// The trial's own arms, then the regimens that are set beside, all lived by the same patients.
fn beside(
    again: &Again<'_>,
    watch: &dyn Watch,
    quiet: &dyn Watch,
) -> Result<Vec<(Beside, Option<String>)>, StudyError> {
    let Again { search, others, options, .. } = *again;
    let mut all = Vec::new();
    let own = search.space.values_of(&search.base, search.shelf());
    for (place, arm) in search.prepared.trial.arms[..search.own_arms].iter().enumerate() {
        let nan = vec![f64::NAN; own.len()];
        let varied = arm.arm.id.text == search.space.arm.text;
        let variables = if varied { &own } else { &nan };
        let lived = live(&search.prepared, place, others, options, quiet)?;
        let product = arm.product.as_ref().map(|product| product.id.text.clone());
        let title = arm.arm.title.clone();
        let (mut one, why) = one_beside(again, lived, variables, (title, &arm.regimen.id.text, product));
        (one.own_arm, one.varied) = (true, varied);
        all.push((one, why));
        watch.advance(1);
    }
    for one in &search.compared {
        let people = others.in_trial(&one.prepared, options, quiet)?;
        let arm = one.prepared.protocol.arms.len() - 1;
        let lived = live(&one.prepared, arm, &people, options, quiet)?;
        let names = (one.title.clone(), &one.regimen, one.product.clone());
        let again = Again { others: &people, ..*again };
        all.push(one_beside(&again, lived, &one.variables, names));
        watch.advance(1);
    }
    Ok(all)
}

fn one_beside(
    again: &Again<'_>,
    lived: Result<Lived, String>,
    variables: &[f64],
    (title, regimen, product): (String, &String, Option<String>),
) -> (Beside, Option<String>) {
    let (mut objectives, why) = match lived {
        Ok(lived) => (again.valued(&lived, variables), None),
        Err(why) => (vec![NOTHING; again.search.objectives.len()], Some(why)),
    };
    let shown = objectives.split_off(again.search.n_aims);
    let beside = Beside {
        title,
        regimen: regimen.clone(),
        product,
        own_arm: false,
        varied: false,
        objectives,
        shown,
        beaten_by: Vec::new(),
        beats: Vec::new(),
    };
    (beside, why)
}

fn gather(
    search: &PreparedSearch,
    options: &SearchOptions,
    patients: &Patients,
    tried: Tried,
    frontier: Vec<LivedAgain>,
    beside: Vec<(Beside, Option<String>)>,
) -> Found {
    let refused = tried.points.iter().filter(|point| point.violation > 0.0).count();
    let mut reasons: Vec<(String, usize)> = tried.reasons.into_iter().collect();
    reasons.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let lived = tried.points.iter().filter(|point| point.violation == 0.0);
    let candidates = lived.map(|point| (point.at.clone(), minimized(search, &point.objectives))).collect();
    let mut not_beside = search.not_compared.clone();
    let (mut whole, mut points) = (Vec::new(), points(search, options, frontier));
    for (one, why) in beside {
        match why {
            Some(why) => not_beside.push((one.title, why)),
            None => whole.push(one),
        }
    }
    let judged_by = match options.by {
        By::Worst(_) if patients.members.is_some() => "worst",
        _ => "mean",
    };
    judge(search, judged_by, &mut points, &mut whole);
    let mut aims = objectives(search);
    let shown = aims.split_off(search.n_aims);
    let file = &search.prepared.trial.file;
    let bound = search.prepared.members.as_ref();
    Found {
        version: env!("CARGO_PKG_VERSION").to_string(),
        trial: search.id.clone(),
        title: file.title.clone(),
        arm: search.space.arm.text.clone(),
        seed: options.run.seed,
        patients: patients.n(),
        patients_again: options.patients_again,
        members: bound.map(|bound| bound.members().title.clone()),
        n_members: bound.map_or(1, |bound| bound.n_members()),
        worst_share: options.worst_share,
        judged_by,
        evaluations: tried.points.len() - refused,
        refused,
        reasons,
        variables: variables(search),
        objectives: aims,
        shown,
        frontier: points,
        beside: whole,
        not_beside,
        candidates,
        command: options.run.command.clone(),
    }
}

fn points(search: &PreparedSearch, options: &SearchOptions, frontier: Vec<LivedAgain>) -> Vec<Point> {
    let one = |(place, (searched, mut objectives)): (usize, LivedAgain)| {
        let shown = objectives.split_off(search.n_aims);
        let id = format!("p{:02}", place + 1);
        let folder = format!("protocols/{id}");
        let trial_file = format!("{folder}/trials/{}_{id}.toml", search.id);
        let at = &options.folder;
        let command = format!(
            "regraft run {at}/{trial_file} --library {at}/{folder} --patients {} --seed {}{}",
            options.patients_again,
            options.run.seed.wrapping_add(1),
            options.choices
        );
        Point {
            values: searched.at.clone(),
            searched: minimized(search, &searched.objectives),
            objectives,
            shown,
            beaten_by: Vec::new(),
            trial_file,
            command,
            id,
        }
    };
    frontier.into_iter().enumerate().map(one).collect()
}

/// Who beats whom in the other patients, in the objectives that are known of both.
fn judge(search: &PreparedSearch, by: &str, points: &mut [Point], beside: &mut [Beside]) {
    let maximize = search.maximize();
    let beats = |a: &[Valued], b: &[Valued], maximize: &[bool]| beats(by, a, b, maximize);
    let of_points: Vec<Vec<Valued>> = points.iter().map(|point| point.objectives.clone()).collect();
    let ids: Vec<String> = points.iter().map(|point| point.id.clone()).collect();
    let who = |beats: &dyn Fn(&[Valued]) -> bool| -> Vec<String> {
        of_points.iter().zip(&ids).filter(|(other, _)| beats(other)).map(|(_, id)| id.clone()).collect()
    };
    for (point, own) in points.iter_mut().zip(&of_points) {
        point.beaten_by = who(&|other| beats(other, own, &maximize));
    }
    for one in beside {
        one.beaten_by = who(&|other| beats(other, &one.objectives, &maximize));
        one.beats = who(&|other| beats(&one.objectives, other, &maximize));
    }
}

/// Whether `a` is nowhere worse than `b` and somewhere better, where both are known; what is known in nothing beats
/// nobody.
fn beats(by: &str, a: &[Valued], b: &[Valued], maximize: &[bool]) -> bool {
    let known = a.iter().zip(b).zip(maximize).filter_map(|((a, b), up)| {
        let (a, b) = (a.judged(by)?, b.judged(by)?);
        Some(if *up { (-a, -b) } else { (a, b) })
    });
    let (a, b): (Vec<f64>, Vec<f64>) = known.unzip();
    let scored = |objectives| Scored { at: Vec::new(), objectives, violation: 0.0 };
    dominates(&scored(a), &scored(b))
}

fn variables(search: &PreparedSearch) -> Vec<VariableFound> {
    let own = search.space.values_of(&search.base, search.shelf());
    let words = |values: &Values| match values {
        Values::Range { .. } => Vec::new(),
        Values::Products(products) => {
            let title = |id: &str| search.cards.products.get(id).map_or(id.to_string(), |p| p.title.clone());
            products.iter().map(|name| title(&name.text)).collect()
        }
    };
    let one = |(variable, own): (&regraft_trial::search::Variable, &f64)| {
        let (low, high, _) = variable.range();
        VariableFound {
            name: variable.name.text.clone(),
            title: variable.title.clone(),
            unit: variable.unit_in(&search.base, search.shelf()),
            low,
            high,
            card: Some(*own).filter(|value| value.is_finite()),
            words: words(&variable.values),
        }
    };
    search.space.variables.iter().zip(&own).map(one).collect()
}

fn objectives(search: &PreparedSearch) -> Vec<ObjectiveFound> {
    let maximize = search.maximize();
    let one = |(place, objective): (usize, &regraft_trial::search::Objective)| {
        let (endpoint, method, at_day) = match (&objective.measure, &search.objectives[place]) {
            (Measure::Endpoint { endpoint, at_day, .. }, Objective::Endpoint { method, .. }) => {
                (Some(endpoint.text.clone()), method.word().to_string(), *at_day)
            }
            (Measure::Formula(formula), _) => (None, formula.text.clone(), None),
            (Measure::Endpoint { endpoint, at_day, .. }, Objective::Formula) => {
                (Some(endpoint.text.clone()), String::new(), *at_day)
            }
        };
        let of_endpoint = |id: &String| {
            let analyses = search.prepared.analyses.iter();
            let same = analyses.filter(|plan| plan.endpoint_id == *id && plan.method.word() == method);
            same.map(|plan| plan.unit.clone()).next().unwrap_or_default()
        };
        ObjectiveFound {
            name: objective.name.text.clone(),
            title: objective.title.clone(),
            unit: endpoint.as_ref().map_or(objective.unit.clone(), of_endpoint),
            endpoint,
            method,
            at_day,
            maximize: maximize[place],
        }
    };
    search.space.objectives.iter().enumerate().map(one).collect()
}
