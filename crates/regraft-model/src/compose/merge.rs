//! Joining names that mean the same, settling who wins, building the model.
//!
//! The name nearest to the main model is the name. A statement of an outer model wins
//! over one of an inner model, so a model gives its sub-models their values; two
//! statements of the same model, or of two sub-models side by side, must not disagree.

use std::collections::BTreeMap;

use super::instance::{Facts, SymbolId, What};
use super::resolve::{Context, Meaning, ambiguous, resolve, unknown};
use super::unit_scope::read_unit;
use crate::code;
use crate::diag::{Diagnostic, nearest};
use crate::model::{
    DeclaredUnit, Event, EventAssignment, Expression, Function, Kind, Model, Participant, Quantity,
    QuantityId, Reaction, Rule, Stoichiometry,
};
use crate::source::Span;
use crate::syntax::{Assigned, Declared, EventText, ExpressionText, Name, ParticipantText, TermText};
use crate::units::UnitTable;

/// Builds the model from everything that was said.
pub(super) fn merge(facts: &Facts, functions: &[Function], problems: &mut Vec<Diagnostic>) -> Model {
    let classes = Classes::new(facts);
    report_strangers(facts, problems);
    let mut merge = Merge { facts, functions, classes, problems };
    let mut model = Model { units: merge.all_units(), ..Model::default() };
    model.time_unit = merge.time_unit();
    model.quantities = merge.quantities();
    model.reactions = merge.reactions();
    model.events = merge.events();
    model
}

/// Symbols joined by `is` and by arguments.
struct Classes {
    /// Quantity of each symbol.
    quantity: Vec<QuantityId>,
    /// Symbol that gives each quantity its name.
    namesake: Vec<SymbolId>,
}

impl Classes {
    fn new(facts: &Facts) -> Self {
        let mut parent: Vec<SymbolId> = (0..facts.symbols.len()).collect();
        for (left, right) in &facts.same {
            let (left, right) = (root(&mut parent, *left), root(&mut parent, *right));
            let depth = |symbol: SymbolId| facts.symbols[symbol].depth;
            let (loser, winner) = if depth(left) < depth(right) { (right, left) } else { (left, right) };
            parent[loser] = winner;
        }
        let mut namesake = Vec::new();
        let mut of_root = BTreeMap::new();
        let mut quantity = Vec::with_capacity(parent.len());
        for symbol in 0..facts.symbols.len() {
            let root = root(&mut parent, symbol);
            let id = *of_root.entry(root).or_insert_with(|| {
                namesake.push(root);
                namesake.len() as QuantityId - 1
            });
            quantity.push(id);
        }
        Classes { quantity, namesake }
    }
}

fn root(parent: &mut [SymbolId], mut symbol: SymbolId) -> SymbolId {
    while parent[symbol] != symbol {
        parent[symbol] = parent[parent[symbol]];
        symbol = parent[symbol];
    }
    symbol
}

/// A path into a sub-model that the sub-model does not know.
fn report_strangers(facts: &Facts, problems: &mut Vec<Diagnostic>) {
    for symbol in facts.symbols.iter().filter(|symbol| !symbol.at_home) {
        let known = facts.symbols.iter().filter(|s| s.at_home).map(|s| s.name.as_str());
        problems.push(unknown(&symbol.name, nearest(&symbol.name, known).map(str::to_string), symbol.span));
    }
}

/// A value that some model gives to a quantity.
#[derive(Clone, Copy)]
struct Given<'a> {
    assigned: Assigned,
    text: &'a ExpressionText,
    scope: usize,
    depth: u32,
    span: Span,
}

/// What is said about one quantity.
#[derive(Default)]
struct Said<'a> {
    declared: Declared,
    reaction: Option<Span>,
    inside: Option<(u32, SymbolId)>,
    given: Vec<Given<'a>>,
    units: Vec<(u32, DeclaredUnit)>,
    label: Option<(u32, &'a str)>,
    /// Depth at which `const` or `var` was said outermost, and which.
    constant: Option<(u32, bool)>,
}

struct Merge<'a, 'b> {
    facts: &'b Facts<'a>,
    functions: &'b [Function],
    classes: Classes,
    problems: &'b mut Vec<Diagnostic>,
}

impl<'a, 'b> Merge<'a, 'b> {
    /// Units of all models; one name must not mean two units.
    fn all_units(&mut self) -> UnitTable {
        let mut all = UnitTable::new();
        for scope in &self.facts.scopes {
            for (name, unit) in &scope.units {
                match all.get(name) {
                    Some(other) if !unit.is_same(other) => {
                        let message =
                            format!("unit `{name}` means {other} in one model and {unit} in another");
                        let span = scope.unit_places[name];
                        self.problems.push(Diagnostic::error(code::DUPLICATE, span, message));
                    }
                    _ => {
                        all.insert(name.clone(), *unit);
                    }
                }
            }
        }
        all
    }

    fn time_unit(&self) -> Option<DeclaredUnit> {
        const NAME: &str = "time_unit";
        let scope = self.facts.scopes.iter().find(|scope| scope.units.contains_key(NAME))?;
        Some(DeclaredUnit { text: NAME.to_string(), unit: scope.units[NAME], span: scope.unit_places[NAME] })
    }

    fn quantities(&mut self) -> Vec<Quantity> {
        let said = self.said();
        let ids = 0..self.classes.namesake.len();
        ids.map(|id| self.quantity(id, &said[id])).collect()
    }

    fn said(&mut self) -> Vec<Said<'a>> {
        let mut said: Vec<Said> = Vec::new();
        said.resize_with(self.classes.namesake.len(), Said::default);
        for fact in &self.facts.facts {
            let depth = self.facts.scopes[fact.scope].depth;
            let entry = &mut said[self.classes.quantity[fact.symbol] as usize];
            match &fact.what {
                What::Declared(words) => add_words(entry, words, depth),
                What::Inside(inside) => replace_if_outer(&mut entry.inside, depth, *inside),
                What::Assigned(assigned, text) => entry.given.push(Given {
                    assigned: *assigned,
                    text,
                    scope: fact.scope,
                    depth,
                    span: fact.span,
                }),
                What::Unit(text) => {
                    let unit = read_unit(text, &self.facts.scopes[fact.scope].units, self.problems);
                    entry.units.extend(unit.map(|unit| (depth, unit)));
                }
                What::Label(text) => replace_if_outer(&mut entry.label, depth, *text),
                What::Reaction => match entry.reaction {
                    None => entry.reaction = Some(fact.span),
                    Some(first) => {
                        let problem =
                            Diagnostic::error(code::DUPLICATE, fact.span, "reaction is defined twice");
                        self.problems.push(problem.with_label(first, "first defined here"));
                    }
                },
            }
        }
        said
    }

    fn quantity(&mut self, id: usize, said: &Said<'a>) -> Quantity {
        let symbol = &self.facts.symbols[self.classes.namesake[id]];
        let (name, span) = (symbol.name.clone(), symbol.span);
        let kind = self.kind(&name, span, said);
        let unit = self.unit(&name, said).or_else(|| self.unit_of_number(said));
        let rule = self.winning_rule(&name, said);
        let start = self.winning_start(&name, said, rule);
        let initial = start.map(|given| self.expression(given.text, given.scope, given.span, true));
        let rule = match rule {
            None => Rule::None,
            Some(given) => {
                let value = self.expression(given.text, given.scope, given.span, false);
                if given.assigned == Assigned::Rule { Rule::Assignment(value) } else { Rule::Rate(value) }
            }
        };
        let rule = match (kind, rule) {
            (Kind::Reaction, Rule::None) => Rule::Assignment(Expression::number(0.0, span)),
            (_, rule) => rule,
        };
        let label = said.label.map(|(_, text)| text.to_string()).unwrap_or_default();
        let constant = said.constant.is_some_and(|(_, constant)| constant);
        Quantity { name, span, label, unit, kind, constant, initial, rule }
    }

    fn kind(&mut self, name: &str, span: Span, said: &Said) -> Kind {
        let words = said.declared;
        let kinds = [
            (said.reaction.is_some(), "a reaction"),
            (words.species, "a species"),
            (words.compartment, "a compartment"),
        ];
        let are: Vec<&str> = kinds.iter().filter(|(is, _)| *is).map(|(_, what)| *what).collect();
        if are.len() > 1 {
            let message = format!("`{name}` is used as {}", are.join(" and as "));
            self.problems.push(Diagnostic::error(code::KIND, span, message));
        }
        if said.reaction.is_some() {
            return Kind::Reaction;
        }
        let compartment = said.inside.map(|(_, symbol)| self.classes.quantity[symbol]);
        if words.species || compartment.is_some() {
            let boundary = words.boundary || said.constant.is_some_and(|(_, constant)| constant);
            return Kind::Species { compartment, boundary, substance_only: words.substance_only };
        }
        if words.compartment { Kind::Compartment } else { Kind::Parameter }
    }

    /// The outermost unit; all that are given must be the same.
    fn unit(&mut self, name: &str, said: &Said) -> Option<DeclaredUnit> {
        let (_, first) = said.units.iter().min_by_key(|(depth, _)| *depth)?;
        for (_, other) in &said.units {
            if !other.unit.is_same(&first.unit) {
                let message = format!(
                    "`{name}` has the unit `{}` ({}) here and `{}` ({}) elsewhere",
                    other.text, other.unit, first.text, first.unit
                );
                let problem = Diagnostic::error(code::UNIT_MISMATCH, other.span, message);
                self.problems.push(problem.with_label(first.span, "the other unit"));
            }
        }
        Some(first.clone())
    }

    /// `x = 5 mL` gives `x` the unit mL.
    fn unit_of_number(&mut self, said: &Said<'a>) -> Option<DeclaredUnit> {
        said.given.iter().find_map(|given| match given.text.terms.as_slice() {
            [(TermText::Number(_, Some(unit)), _)] if given.assigned == Assigned::Start => {
                // A wrong unit is reported where the value itself is read.
                read_unit(unit, &self.facts.scopes[given.scope].units, &mut Vec::new())
            }
            _ => None,
        })
    }

    /// The outermost rule or rate rule.
    fn winning_rule(&mut self, name: &str, said: &Said<'a>) -> Option<Given<'a>> {
        let rules = || said.given.iter().filter(|given| given.assigned != Assigned::Start);
        let depth = rules().map(|given| given.depth).min()?;
        let outermost: Vec<&Given> = rules().filter(|given| given.depth == depth).collect();
        for other in &outermost[1..] {
            let (code, message) = if other.assigned == outermost[0].assigned {
                (code::DUPLICATE, format!("`{name}` has two {}", word(other.assigned)))
            } else {
                (code::CONFLICT, format!("`{name}` has an assignment rule and a rate rule"))
            };
            let problem = Diagnostic::error(code, other.span, message);
            self.problems.push(problem.with_label(outermost[0].span, "the other one"));
        }
        Some(*outermost[0])
    }

    /// The outermost starting value. An assignment rule leaves no room for one, except that
    /// the default of a sub-model gives way to the rule of another.
    fn winning_start(&mut self, name: &str, said: &Said<'a>, rule: Option<Given<'a>>) -> Option<Given<'a>> {
        let starts = || said.given.iter().filter(|given| given.assigned == Assigned::Start);
        let depth = starts().map(|given| given.depth).min()?;
        let mut outermost: Vec<&Given> = starts().filter(|given| given.depth == depth).collect();
        if let Some(rule) = rule {
            if rule.assigned == Assigned::Rule {
                if depth < rule.depth || outermost.iter().any(|start| start.scope == rule.scope) {
                    let message = format!("`{name}` has a starting value and an assignment rule");
                    let problem = Diagnostic::error(code::CONFLICT, outermost[0].span, message);
                    self.problems.push(problem.with_label(rule.span, "the rule"));
                }
                return None;
            }
            if outermost.iter().any(|start| start.scope == rule.scope) {
                outermost.retain(|start| start.scope == rule.scope);
            }
        }
        for other in &outermost[1..] {
            if other.scope == outermost[0].scope || !same_number(other.text, outermost[0].text) {
                let message = format!("`{name}` has two starting values");
                let problem = Diagnostic::error(code::DUPLICATE, other.span, message);
                let problem = problem.with_label(outermost[0].span, "the other one");
                self.problems.push(if other.scope == outermost[0].scope {
                    problem
                } else {
                    problem.with_help("give it a value in the model that joins the two")
                });
            }
        }
        Some(*outermost[0])
    }

    fn reactions(&mut self) -> Vec<Reaction> {
        let facts = self.facts;
        let reactions = facts.reactions.iter().map(|fact| Reaction {
            quantity: self.classes.quantity[fact.symbol],
            reactants: self.participants(&fact.reactants, fact.scope),
            products: self.participants(&fact.products, fact.scope),
        });
        reactions.collect()
    }

    fn participants(&mut self, side: &[(SymbolId, &ParticipantText)], scope: usize) -> Vec<Participant> {
        side.iter()
            .map(|(symbol, text)| Participant {
                species: self.classes.quantity[*symbol],
                stoichiometry: self.stoichiometry(text, scope),
                boundary: text.boundary,
                span: text.species.span,
            })
            .collect()
    }

    fn stoichiometry(&mut self, text: &ParticipantText, scope: usize) -> Stoichiometry {
        match &text.stoichiometry {
            None => Stoichiometry::Number(1.0),
            Some((TermText::Number(value, _), _)) => Stoichiometry::Number(*value),
            Some((TermText::Name(name), span)) => match self.target(name, *span, scope) {
                Some(id) => Stoichiometry::Quantity(id),
                None => Stoichiometry::Number(0.0),
            },
            Some((_, span)) => {
                let message = "a stoichiometry is a number or a name";
                self.problems.push(Diagnostic::error(code::SYNTAX, *span, message));
                Stoichiometry::Number(0.0)
            }
        }
    }

    fn events(&mut self) -> Vec<Event> {
        let facts = self.facts;
        facts.events.iter().map(|fact| self.event(&fact.name, fact.event, fact.scope, fact.span)).collect()
    }

    fn event(&mut self, name: &str, text: &EventText, scope: usize, span: Span) -> Event {
        let assignments =
            text.assignments.iter().filter_map(|(target, value)| self.event_assignment(target, value, scope));
        let assignments = assignments.collect();
        let mut optional = |text: &Option<ExpressionText>| {
            text.as_ref().map(|text| self.expression(text, scope, span, false))
        };
        Event {
            name: name.to_string(),
            span,
            delay: optional(&text.delay),
            priority: optional(&text.priority),
            trigger: self.expression(&text.trigger, scope, span, false),
            true_before_start: text.true_before_start.unwrap_or(true),
            persistent: text.persistent.unwrap_or(true),
            values_from_trigger: text.from_trigger.unwrap_or(true),
            assignments,
        }
    }

    fn event_assignment(
        &mut self,
        target: &Name,
        value: &ExpressionText,
        scope: usize,
    ) -> Option<EventAssignment> {
        let value = self.expression(value, scope, target.span, true);
        let id = self.target(&target.text, target.span, scope)?;
        Some(EventAssignment { target: id, span: target.span, value })
    }

    /// The quantity of that name as seen from `scope`; a stranger is reported.
    fn target(&mut self, name: &str, span: Span, scope: usize) -> Option<QuantityId> {
        let problem = match meaning(self.facts, &self.classes, scope, name) {
            Meaning::Quantity(id) => return Some(id),
            Meaning::Unknown(near) => unknown(name, near, span),
            Meaning::Ambiguous(names) => ambiguous(name, &names, span),
        };
        self.problems.push(problem);
        None
    }

    fn expression(&mut self, text: &ExpressionText, scope: usize, span: Span, draws: bool) -> Expression {
        let (facts, classes) = (self.facts, &self.classes);
        let lookup = |name: &str| meaning(facts, classes, scope, name);
        let units = &facts.scopes[scope].units;
        let context = Context { lookup: &lookup, arguments: &[], functions: self.functions, units, draws };
        resolve(text, span, &context, self.problems)
    }
}

fn meaning(facts: &Facts, classes: &Classes, scope: usize, name: &str) -> Meaning {
    let prefix = &facts.scopes[scope].prefix;
    if let Some(symbol) = facts.index.get(&format!("{prefix}{name}")) {
        return Meaning::Quantity(classes.quantity[*symbol]);
    }
    let known = facts.symbols.iter().filter_map(|symbol| symbol.name.strip_prefix(prefix.as_str()));
    Meaning::Unknown(nearest(name, known).map(str::to_string))
}

fn add_words(said: &mut Said, words: &Declared, depth: u32) {
    said.declared.species |= words.species;
    said.declared.compartment |= words.compartment;
    said.declared.substance_only |= words.substance_only;
    said.declared.boundary |= words.boundary;
    if words.constant || words.variable {
        replace_if_outer(&mut said.constant, depth, words.constant);
    }
}

fn replace_if_outer<T>(slot: &mut Option<(u32, T)>, depth: u32, value: T) {
    if slot.as_ref().is_none_or(|(other, _)| depth <= *other) {
        *slot = Some((depth, value));
    }
}

fn same_number(a: &ExpressionText, b: &ExpressionText) -> bool {
    matches!((a.terms.as_slice(), b.terms.as_slice()),
        ([(TermText::Number(a, _), _)], [(TermText::Number(b, _), _)]) if a == b)
}

fn word(assigned: Assigned) -> &'static str {
    match assigned {
        Assigned::Start => "starting values",
        Assigned::Rule => "assignment rules",
        Assigned::Rate => "rate rules",
    }
}
