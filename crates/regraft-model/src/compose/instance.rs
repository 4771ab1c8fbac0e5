//! Walking the main model and its sub-models: who says what about which name.

use std::collections::BTreeMap;

use super::unit_scope::{UnitPlaces, declared_units, is_default_unit};
use crate::code;
use crate::diag::{Diagnostic, nearest};
use crate::source::Span;
use crate::syntax::{
    Assigned, Declared, EventText, ExpressionText, FileText, ModelText, Name, ParticipantText, Statement,
};
use crate::units::UnitTable;

/// Most instances of sub-models.
const MAX_INSTANCES: usize = 4096;
/// Deepest nesting of sub-models.
const MAX_DEPTH: usize = 64;
/// Most names in a model.
const MAX_SYMBOLS: usize = 1 << 20;

/// Index into [`Facts::symbols`].
pub(super) type SymbolId = usize;

/// Models by name.
pub(super) struct Catalog<'a> {
    models: BTreeMap<&'a str, &'a ModelText>,
}

impl<'a> Catalog<'a> {
    pub(super) fn new(files: &'a [FileText], problems: &mut Vec<Diagnostic>) -> Self {
        let mut models: BTreeMap<&str, &ModelText> = BTreeMap::new();
        for model in files.iter().flat_map(|file| &file.models) {
            if let Some(first) = models.get(model.name.text.as_str()) {
                let message = format!("model `{}` is defined twice", model.name.text);
                let problem = Diagnostic::error(code::DUPLICATE, model.name.span, message);
                problems.push(problem.with_label(first.name.span, "first defined here"));
                continue;
            }
            models.insert(&model.name.text, model);
        }
        Catalog { models }
    }
}

/// A full name that some model mentions.
pub(super) struct Symbol {
    /// Path through the sub-models, joined by `.`.
    pub name: String,
    /// Where it first appears.
    pub span: Span,
    /// Number of sub-models on the path.
    pub depth: usize,
    /// Whether the model it belongs to mentions it; a path into a sub-model alone does not make it.
    pub at_home: bool,
}

/// One instance of a model.
pub(super) struct Scope {
    /// Path of the instance with a `.` at the end; empty for the main model.
    pub prefix: String,
    /// Number of sub-models on the path.
    pub depth: u32,
    /// Units that the model declares.
    pub units: UnitTable,
    /// Where each is declared.
    pub unit_places: UnitPlaces,
}

/// What a statement says about a name.
pub(super) enum What<'a> {
    Declared(Declared),
    Inside(SymbolId),
    Assigned(Assigned, &'a ExpressionText),
    Unit(&'a Name),
    Label(&'a str),
    Reaction,
}

/// One thing that one instance says about one name.
pub(super) struct Fact<'a> {
    pub symbol: SymbolId,
    pub scope: usize,
    pub span: Span,
    pub what: What<'a>,
}

/// A reaction of an instance.
pub(super) struct ReactionFact<'a> {
    pub symbol: SymbolId,
    pub scope: usize,
    pub reactants: Vec<(SymbolId, &'a ParticipantText)>,
    pub products: Vec<(SymbolId, &'a ParticipantText)>,
}

/// An event of an instance.
pub(super) struct EventFact<'a> {
    pub name: String,
    pub scope: usize,
    pub span: Span,
    pub event: &'a EventText,
}

/// Everything that all instances say.
#[derive(Default)]
pub(super) struct Facts<'a> {
    pub symbols: Vec<Symbol>,
    pub index: BTreeMap<String, SymbolId>,
    pub scopes: Vec<Scope>,
    pub facts: Vec<Fact<'a>>,
    pub reactions: Vec<ReactionFact<'a>>,
    pub events: Vec<EventFact<'a>>,
    /// Names that mean the same; the second wins.
    pub same: Vec<(SymbolId, SymbolId)>,
}

/// Walks `main` and all its sub-models.
pub(super) fn gather<'a>(
    main: &'a ModelText,
    catalog: &Catalog<'a>,
    problems: &mut Vec<Diagnostic>,
) -> Facts<'a> {
    let mut walk = Walk { catalog, facts: Facts::default(), problems, path: Vec::new(), labels: Vec::new() };
    walk.instance(main, String::new(), 0);
    walk.labels();
    walk.facts
}

struct Walk<'a, 'b> {
    catalog: &'b Catalog<'a>,
    facts: Facts<'a>,
    problems: &'b mut Vec<Diagnostic>,
    /// Names of the models that are being walked, outermost first.
    path: Vec<&'a str>,
    /// Display names with the scope in which they are given.
    labels: Vec<(usize, &'a Name, &'a str)>,
}

impl<'a> Walk<'a, '_> {
    fn instance(&mut self, model: &'a ModelText, prefix: String, depth: u32) {
        let (units, unit_places) = declared_units(model, self.problems);
        let scope = self.facts.scopes.len();
        self.facts.scopes.push(Scope { prefix, depth, units, unit_places });
        self.path.push(&model.name.text);
        for name in &model.interface {
            self.symbol(scope, name);
        }
        let mut unnamed = (0, 0);
        for statement in &model.statements {
            self.statement(statement, scope, &mut unnamed);
        }
        self.path.pop();
    }

    fn statement(&mut self, statement: &'a Statement, scope: usize, unnamed: &mut (usize, usize)) {
        match statement {
            Statement::Declare { declared, name, compartment } => {
                let symbol = self.tell(scope, name, What::Declared(*declared));
                if let Some(compartment) = compartment {
                    let inside = self.tell(scope, compartment, What::Declared(compartment_word()));
                    self.facts.facts.push(Fact {
                        symbol,
                        scope,
                        span: name.span,
                        what: What::Inside(inside),
                    });
                }
            }
            Statement::Assign { assigned, name, value } => {
                self.tell(scope, name, What::Assigned(*assigned, value));
            }
            Statement::Reaction { name, span, reactants, products, rate } => {
                let name = name.clone().unwrap_or_else(|| given_name("_J", &mut unnamed.0, *span));
                self.reaction(scope, name, (reactants, products), rate.as_ref());
            }
            Statement::Event { name, span, event } => {
                let name = name.clone().unwrap_or_else(|| given_name("_E", &mut unnamed.1, *span));
                self.event(scope, &name, event);
            }
            Statement::Submodel { instance, model, arguments } => {
                self.submodel(scope, instance, model, arguments)
            }
            Statement::Same { left, right } => {
                let pair = (self.symbol(scope, left), self.symbol(scope, right));
                self.facts.same.push(pair);
            }
            Statement::Label { name, text } => self.labels.push((scope, name, text)),
            Statement::HasUnit { name, unit } => {
                self.tell(scope, name, What::Unit(unit));
            }
            Statement::Unit { .. } => {}
        }
    }

    fn reaction(
        &mut self,
        scope: usize,
        name: Name,
        sides: (&'a [ParticipantText], &'a [ParticipantText]),
        rate: Option<&'a ExpressionText>,
    ) {
        let reactants = self.participants(scope, sides.0);
        let products = self.participants(scope, sides.1);
        let symbol = self.tell(scope, &name, What::Reaction);
        match rate {
            Some(rate) => {
                self.tell(scope, &name, What::Assigned(Assigned::Rule, rate));
            }
            None => {
                let message = format!("reaction `{}` has no rate and does nothing", name.text);
                self.problems.push(Diagnostic::warning(code::NO_RATE, name.span, message));
            }
        }
        self.facts.reactions.push(ReactionFact { symbol, scope, reactants, products });
    }

    fn participants(
        &mut self,
        scope: usize,
        side: &'a [ParticipantText],
    ) -> Vec<(SymbolId, &'a ParticipantText)> {
        let word = |boundary| Declared { species: true, boundary, ..Declared::default() };
        side.iter().map(|p| (self.tell(scope, &p.species, What::Declared(word(p.boundary))), p)).collect()
    }

    fn event(&mut self, scope: usize, name: &Name, event: &'a EventText) {
        let full = format!("{}{}", self.facts.scopes[scope].prefix, name.text);
        if let Some(first) = self.facts.events.iter().find(|other| other.name == full) {
            let message = format!("event `{}` is defined twice", name.text);
            let problem = Diagnostic::error(code::DUPLICATE, name.span, message);
            self.problems.push(problem.with_label(first.span, "first defined here"));
            return;
        }
        self.facts.events.push(EventFact { name: full, scope, span: name.span, event });
    }

    fn submodel(&mut self, scope: usize, instance: &'a Name, model: &'a Name, arguments: &'a [Name]) {
        let bound: Vec<SymbolId> = arguments.iter().map(|name| self.symbol(scope, name)).collect();
        let Some(text) = self.known_model(scope, instance, model, arguments.len()) else { return };
        let prefix = format!("{}{}.", self.facts.scopes[scope].prefix, instance.text);
        let depth = self.facts.scopes[scope].depth + 1;
        self.instance(text, prefix.clone(), depth);
        for (inner, outer) in text.interface.iter().zip(bound) {
            if let Some(inner) = self.facts.index.get(&format!("{prefix}{}", inner.text)) {
                self.facts.same.push((*inner, outer));
            }
        }
    }

    /// The model of that name if it can be put here; else the reason is reported.
    fn known_model(
        &mut self,
        scope: usize,
        instance: &Name,
        model: &Name,
        given: usize,
    ) -> Option<&'a ModelText> {
        let catalog = self.catalog;
        let Some(text) = catalog.models.get(model.text.as_str()).copied() else {
            let problem =
                Diagnostic::error(code::UNKNOWN_MODEL, model.span, format!("unknown model `{}`", model.text));
            let near = nearest(&model.text, catalog.models.keys().copied());
            self.problems.push(match near {
                Some(near) => problem.with_help(format!("did you mean `{near}`?")),
                None => problem.with_help("models come from this text or from `import \"…\"`"),
            });
            return None;
        };
        let prefix = format!("{}{}.", self.facts.scopes[scope].prefix, instance.text);
        let problem = if self.path.contains(&model.text.as_str()) {
            let message = format!("model `{}` contains itself", model.text);
            Some(Diagnostic::error(code::RECURSION, model.span, message))
        } else if self.is_full() {
            let message = format!(
                "more than {MAX_INSTANCES} sub-models or {MAX_SYMBOLS} names, or nested more than {MAX_DEPTH} deep"
            );
            Some(Diagnostic::error(code::LIMIT, model.span, message))
        } else if self.facts.scopes.iter().any(|scope| scope.prefix == prefix) {
            let message = format!("sub-model `{}` is defined twice", instance.text);
            Some(Diagnostic::error(code::DUPLICATE, instance.span, message))
        } else if given > 0 && given != text.interface.len() {
            let message =
                format!("model `{}` takes {} arguments, {given} given", model.text, text.interface.len());
            let names: Vec<&str> = text.interface.iter().map(|n| n.text.as_str()).collect();
            let problem = Diagnostic::error(code::ARGUMENT_COUNT, model.span, message);
            Some(problem.with_help(format!("its arguments are: {}", names.join(", "))))
        } else {
            return Some(text);
        };
        self.problems.extend(problem);
        None
    }

    fn is_full(&self) -> bool {
        self.facts.scopes.len() >= MAX_INSTANCES
            || self.path.len() >= MAX_DEPTH
            || self.facts.symbols.len() >= MAX_SYMBOLS
    }

    fn tell(&mut self, scope: usize, name: &Name, what: What<'a>) -> SymbolId {
        let symbol = self.symbol(scope, name);
        self.facts.facts.push(Fact { symbol, scope, span: name.span, what });
        symbol
    }

    /// A display name makes no quantity. Those of units and events have no use here.
    fn labels(&mut self) {
        for (scope, name, text) in std::mem::take(&mut self.labels) {
            let full = format!("{}{}", self.facts.scopes[scope].prefix, name.text);
            if let Some(symbol) = self.facts.index.get(&full) {
                self.facts.facts.push(Fact {
                    symbol: *symbol,
                    scope,
                    span: name.span,
                    what: What::Label(text),
                });
                continue;
            }
            let is_unit =
                self.facts.scopes[scope].units.contains_key(&name.text) || is_default_unit(&name.text);
            if !is_unit && !self.facts.events.iter().any(|event| event.name == full) {
                let message = format!("display name for `{}`, which the model does not have", name.text);
                self.problems.push(Diagnostic::warning(code::UNKNOWN_NAME, name.span, message));
            }
        }
    }

    /// The symbol of `name` as seen from `scope`.
    fn symbol(&mut self, scope: usize, name: &Name) -> SymbolId {
        let full = format!("{}{}", self.facts.scopes[scope].prefix, name.text);
        let at_home = !name.text.contains('.');
        if let Some(symbol) = self.facts.index.get(&full) {
            self.facts.symbols[*symbol].at_home |= at_home;
            return *symbol;
        }
        let depth = full.matches('.').count();
        self.facts.symbols.push(Symbol { name: full.clone(), span: name.span, depth, at_home });
        self.facts.index.insert(full, self.facts.symbols.len() - 1);
        self.facts.symbols.len() - 1
    }
}

fn compartment_word() -> Declared {
    Declared { compartment: true, ..Declared::default() }
}

/// A name for what has none, as libAntimony gives it: `_J0`, `_E0`, …
fn given_name(letter: &str, count: &mut usize, span: Span) -> Name {
    let text = format!("{letter}{count}");
    *count += 1;
    Name { text, span }
}
