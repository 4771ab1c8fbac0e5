//! Whether everything has a value, one way to get it, and no value needs itself.

use super::order::topological;
use crate::code;
use crate::diag::Diagnostic;
use crate::model::{
    Expression, Kind, Model, Participant, Quantity, QuantityId, Rule, Stoichiometry, TermKind,
};
use crate::program::Unary;

/// Problems of values, rules and loops. A model without errors here can be lowered.
pub fn structure(model: &Model) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let used = used_quantities(model);
    for (id, quantity) in model.quantities.iter().enumerate() {
        problems.extend(missing_value(quantity, used[id]));
        problems.extend(wrong_rule(quantity));
    }
    problems.extend(jumping_sizes(model));
    problems.extend(wrong_participants(model));
    problems.extend(wrong_targets(model));
    problems.extend(loops(model));
    problems
}

/// Whether the size of a compartment changes other than by events.
pub fn changes_by_itself(quantity: &Quantity) -> bool {
    !matches!(quantity.rule, Rule::None)
}

/// Compartments with concentrations in them whose rule may jump: amounts are followed over events alone.
fn jumping_sizes(model: &Model) -> Vec<Diagnostic> {
    let holds_concentrations = |id: QuantityId| {
        let mut species = model.quantities.iter().filter(|quantity| quantity.volume() == Some(id));
        species.any(|quantity| quantity.assignment().is_none())
    };
    let mut problems = Vec::new();
    for (id, quantity) in (0..).zip(&model.quantities) {
        let may_jump = |rule: &Expression| may_jump(model, rule, &mut Vec::new());
        if quantity.kind == Kind::Compartment
            && quantity.assignment().is_some_and(may_jump)
            && holds_concentrations(id)
        {
            let message = format!("where the size of `{}` jumps, amounts in it do not stay", quantity.name);
            let problem = Diagnostic::warning(code::JUMPING_SIZE, quantity.span, message);
            problems.push(problem.with_help("set the size in an event: that keeps the amounts"));
        }
    }
    problems
}

/// Whether a rule, or one that it reads, chooses between values or rounds to whole numbers. `seen` are the rules that
/// were looked at.
fn may_jump(model: &Model, rule: &Expression, seen: &mut Vec<QuantityId>) -> bool {
    rule.terms.iter().any(|term| match &term.kind {
        TermKind::Select { .. } | TermKind::Unary(Unary::Floor | Unary::Ceil, _) => true,
        TermKind::Call(function, _) => may_jump(model, &model.functions[*function as usize].body, seen),
        TermKind::Quantity(id) if !seen.contains(id) => {
            seen.push(*id);
            model.quantity(*id).assignment().is_some_and(|rule| may_jump(model, rule, seen))
        }
        _ => false,
    })
}

fn used_quantities(model: &Model) -> Vec<bool> {
    let mut used = vec![false; model.quantities.len()];
    for expression in all_expressions(model) {
        for term in &expression.terms {
            if let TermKind::Quantity(id) | TermKind::RateOf(id) = term.kind {
                used[id as usize] = true;
            }
        }
    }
    for participant in model.reactions.iter().flat_map(|r| r.reactants.iter().chain(&r.products)) {
        if let Stoichiometry::Quantity(id) = participant.stoichiometry {
            used[id as usize] = true;
        }
    }
    used
}

/// Every expression of the model.
fn all_expressions(model: &Model) -> impl Iterator<Item = &Expression> {
    let of_quantities = model.quantities.iter().flat_map(|q| {
        let rule = match &q.rule {
            Rule::None => None,
            Rule::Assignment(value) | Rule::Rate(value) => Some(value),
        };
        q.initial.iter().chain(rule)
    });
    let of_events = model.events.iter().flat_map(|e| {
        let values = e.assignments.iter().map(|a| &a.value);
        [&e.trigger].into_iter().chain(&e.delay).chain(&e.priority).chain(values)
    });
    of_quantities.chain(of_events)
}

fn missing_value(quantity: &Quantity, used: bool) -> Option<Diagnostic> {
    if quantity.initial.is_some() || matches!(quantity.rule, Rule::Assignment(_)) {
        return None;
    }
    let name = &quantity.name;
    let problem = match quantity.kind {
        Kind::Species { .. } => {
            let message = format!("species `{name}` has no starting value; 0 is used");
            Diagnostic::warning(code::ASSUMED, quantity.span, message)
        }
        Kind::Compartment => {
            let message = format!("compartment `{name}` has no size; 1 is used");
            Diagnostic::warning(code::ASSUMED, quantity.span, message)
        }
        _ if !used && matches!(quantity.rule, Rule::None) => {
            let message = format!("`{name}` has no value and is not used");
            Diagnostic::warning(code::NO_VALUE, quantity.span, message)
        }
        _ => Diagnostic::error(code::NO_VALUE, quantity.span, format!("`{name}` has no value")),
    };
    Some(problem.with_help(format!("write `{name} = …`")))
}

fn wrong_rule(quantity: &Quantity) -> Option<Diagnostic> {
    let word = match &quantity.rule {
        Rule::None => return None,
        Rule::Assignment(_) => "an assignment rule",
        Rule::Rate(_) => "a rate rule",
    };
    let wrong = quantity.constant && quantity.kind != Kind::Reaction;
    let message = format!("`{}` is constant and has {word}", quantity.name);
    wrong.then(|| Diagnostic::error(code::NOT_ASSIGNABLE, quantity.span, message))
}

/// Species that a rule determines and reactions would change too.
fn wrong_participants(model: &Model) -> Vec<Diagnostic> {
    let participants = model.reactions.iter().flat_map(|r| r.reactants.iter().chain(&r.products));
    let wrong = participants.filter_map(|participant: &Participant| {
        let quantity = model.quantity(participant.species);
        let Kind::Species { boundary: false, .. } = quantity.kind else { return None };
        if matches!(quantity.rule, Rule::None) {
            return None;
        }
        let message = format!("`{}` follows a rule and is changed by a reaction", quantity.name);
        let problem = Diagnostic::error(code::CONFLICT, participant.span, message);
        Some(problem.with_help(format!("write `${}` if the reaction shall not change it", quantity.name)))
    });
    wrong.collect()
}

fn wrong_targets(model: &Model) -> Vec<Diagnostic> {
    let assignments = model.events.iter().flat_map(|e| &e.assignments);
    let wrong = assignments.filter_map(|assignment| {
        let quantity = model.quantity(assignment.target);
        let why = match quantity.rule {
            Rule::Assignment(_) if quantity.kind == Kind::Reaction => "is the rate of a reaction",
            Rule::Assignment(_) => "follows an assignment rule",
            _ if quantity.constant => "is constant",
            _ => return None,
        };
        let message = format!("an event cannot assign `{}`: it {why}", quantity.name);
        Some(Diagnostic::error(code::NOT_ASSIGNABLE, assignment.span, message))
    });
    wrong.collect()
}

/// Rules that need each other, then starting values that need each other.
fn loops(model: &Model) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let rules = rule_needs(model);
    for cycle in topological(&rules).1 {
        problems.push(loop_problem(model, &cycle, "rules need each other"));
    }
    if problems.is_empty() {
        for cycle in topological(&start_needs(model, rules)).1 {
            problems.push(loop_problem(model, &cycle, "starting values need each other"));
        }
    }
    problems
}

fn loop_problem(model: &Model, cycle: &[usize], what: &str) -> Diagnostic {
    let names = cycle.iter().chain(cycle.first()).map(|id| model.quantities[*id].name.as_str());
    let chain = names.collect::<Vec<_>>().join(" → ");
    let span = model.quantities[cycle[0]].span;
    Diagnostic::error(code::LOOP, span, format!("{what}: {chain}"))
}

/// What the assignment rule of each quantity needs; empty for what has none.
pub fn rule_needs(model: &Model) -> Vec<Vec<usize>> {
    let changed_by = changed_by(model);
    let needs = model.quantities.iter().map(|quantity| match &quantity.rule {
        Rule::Assignment(value) => expression_needs(value, model, &changed_by),
        _ => Vec::new(),
    });
    needs.collect()
}

/// As [`rule_needs`], and what the starting value of each quantity needs.
fn start_needs(model: &Model, mut needs: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
    let changed_by = changed_by(model);
    for (id, quantity) in model.quantities.iter().enumerate() {
        if let (Some(value), None) = (&quantity.initial, quantity.assignment()) {
            needs[id] = expression_needs(value, model, &changed_by);
        }
    }
    needs
}

fn expression_needs(value: &Expression, model: &Model, changed_by: &[Vec<QuantityId>]) -> Vec<usize> {
    let mut needs = Vec::new();
    for term in &value.terms {
        match term.kind {
            TermKind::Quantity(id) => needs.push(id as usize),
            TermKind::RateOf(id) => needs.extend(rate_needs(id, model, changed_by)),
            _ => {}
        }
    }
    needs.sort_unstable();
    needs.dedup();
    needs
}

/// What the rate of change of a quantity needs.
fn rate_needs(id: QuantityId, model: &Model, changed_by: &[Vec<QuantityId>]) -> Vec<usize> {
    let quantity = model.quantity(id);
    let mut needs: Vec<usize> = changed_by[id as usize].iter().map(|r| *r as usize).collect();
    needs.extend(quantity.volume().map(|v| v as usize));
    if let Rule::Rate(value) | Rule::Assignment(value) = &quantity.rule {
        needs.extend(value.names().map(|(id, _)| id as usize));
    }
    needs
}

/// Reactions, and their stoichiometries, that change each quantity.
fn changed_by(model: &Model) -> Vec<Vec<QuantityId>> {
    let mut changed_by = vec![Vec::new(); model.quantities.len()];
    for reaction in &model.reactions {
        for participant in reaction.reactants.iter().chain(&reaction.products) {
            let list: &mut Vec<QuantityId> = &mut changed_by[participant.species as usize];
            list.push(reaction.quantity);
            if let Stoichiometry::Quantity(id) = participant.stoichiometry {
                list.push(id);
            }
        }
    }
    changed_by
}
