//! probe
use regraft_model::{Sources, Target, evaluate, lower, read_antimony};
fn main() {
    let mut tally = std::collections::BTreeMap::new();
    let (mut ok, mut low, mut n) = (0, 0, 0);
    let args: Vec<String> = std::env::args().skip(1).collect();
    let verbose = args.len() < 3;
    let mut out = String::new();
    for path in &args {
        n += 1;
        let text = std::fs::read_to_string(path).unwrap();
        let mut sources = Sources::default();
        let id = sources.add(path.clone(), text);
        let t = std::time::Instant::now();
        let (model, problems) = read_antimony(&mut sources, id, &mut |_, _| None);
        let t1 = t.elapsed();
        let errors: Vec<_> = problems.iter().filter(|p| p.is_error()).collect();
        let lowered = lower(&model);
        if t.elapsed().as_secs_f64() > 0.5 {
            println!("SLOW {path} {:?} {:?}", t1, t.elapsed());
        }
        if verbose {
            for p in &problems {
                println!("{}", p.render(&sources));
            }
        }
        for p in &problems {
            *tally.entry((p.code, p.is_error())).or_insert(0) += 1;
        }
        if errors.is_empty() {
            ok += 1;
        }
        let Ok(p) = lowered else {
            println!("FAIL {}", errors.first().map(|p| p.render(&sources)).unwrap_or_default());
            continue;
        };
        low += 1;
        if errors.iter().any(|e| e.code == "M001") {
            println!("PARTLY {}", errors[0].render(&sources));
            continue;
        }
        if verbose {
            println!(
                "{}: states {} parameters {} observables {} nodes {} jac {} events {} streams {:?}",
                p.name,
                p.states.len(),
                p.parameters.len(),
                p.observables.len(),
                p.nodes.len(),
                p.jacobian.len(),
                p.events.len(),
                p.streams
            );
        }
        let mut y = vec![f64::NAN; p.states.len()];
        let mut k = vec![f64::NAN; p.parameters.len()];
        let mut draw = |_, _, _, _| 0.5;
        for (t, node) in &p.initial {
            let v = evaluate(&p, *node, 0.0, &y, &k, &mut draw);
            match t {
                Target::State(i) => y[*i as usize] = v,
                Target::Parameter(i) => k[*i as usize] = v,
            }
        }
        if verbose {
            let yy: Vec<f64> = y.iter().map(|y| y.abs() * 1.37 + 0.013).collect();
            let kk: Vec<f64> = k.iter().map(|y| if *y == 0.0 { 0.02 } else { *y }).collect();
            let nz = |y: &[f64], k: &[f64]| {
                p.jacobian
                    .iter()
                    .filter(|e| evaluate(&p, e.node, 0.0, y, k, &mut |_, _, _, _| 0.5) != 0.0)
                    .count()
            };
            println!("nonzero at start {}, generic {}", nz(&y, &k), nz(&yy, &kk));
        }
        out.push_str(&format!("# {path}\n"));
        for (i, s) in p.states.iter().enumerate() {
            out.push_str(&format!(
                "{} {:e} {:e}\n",
                s.name,
                y[i],
                evaluate(&p, p.derivatives[i], 0.0, &y, &k, &mut draw)
            ));
        }
        for (i, s) in p.parameters.iter().enumerate() {
            out.push_str(&format!("{} {:e}\n", s.name, k[i]));
        }
        for (i, s) in p.observables.iter().enumerate() {
            out.push_str(&format!(
                "{} {:e}\n",
                s.name,
                evaluate(&p, p.observable_nodes[i], 0.0, &y, &k, &mut draw)
            ));
        }
    }
    std::fs::write("/tmp/work/model_values.txt", out).unwrap();
    println!("read {ok} lowered {low} of {n} {tally:?}");
}
