//! The equations of a model file as a list: rules, rates of change, events, each with its comment.

use regraft_model::syntax::{Assigned, EventText, ModelText, Statement};

use super::expression::{equation, print};
use super::text::{Assignment, File, plain};

/// All equations of a file; models without any are left out.
pub fn list(file: &File) -> String {
    let several = file.parsed.models.iter().filter(|model| !of_model(file, model).is_empty()).count() > 1;
    let mut text = String::new();
    for model in &file.parsed.models {
        let equations = of_model(file, model);
        if several && !equations.is_empty() {
            text.push_str(&format!("### `{}`\n\n", model.name.text));
        }
        text.push_str(&equations);
    }
    text
}

fn of_model(file: &File, model: &ModelText) -> String {
    let assignments = file.assignments(model);
    let units = file.units(model);
    let part = |title: &str, assigned: Assigned| {
        let all = assignments.iter().filter(|one| one.assigned == assigned);
        let items: String =
            all.map(|one| item(file, one, units.get(one.name.text.as_str()).copied())).collect();
        if items.is_empty() { String::new() } else { format!("**{title}**\n\n{items}") }
    };
    let events: String = model.statements.iter().filter_map(|statement| event(file, statement)).collect();
    let events = if events.is_empty() { events } else { format!("**Events**\n\n{events}") };
    part("Rules", Assigned::Rule) + &part("Rates of change", Assigned::Rate) + &events
}

fn item(file: &File, one: &Assignment<'_>, unit: Option<&str>) -> String {
    let name = &one.name.text;
    let rate = one.assigned == Assigned::Rate;
    let left = if rate { format!("d {name} / dt") } else { name.clone() };
    let unit = unit.filter(|_| !rate).map(|unit| format!(" ({unit})")).unwrap_or_default();
    let comment = if one.comment.is_empty() { String::new() } else { format!(": {}", plain(&one.comment)) };
    block(&format!("`{name}`{unit}{comment}"), &equation(file, &left, one.value))
}

/// A list item with lines of code under it.
fn block(head: &str, code: &str) -> String {
    let code: String = code.lines().map(|line| format!("  {line}\n")).collect();
    format!("- {head}\n\n  ```text\n{code}  ```\n\n")
}

fn event(file: &File, statement: &Statement) -> Option<String> {
    let Statement::Event { name, span, event } = statement else { return None };
    let title = name.as_ref().map_or("event", |name| &name.text);
    let comment = file.comment(name.as_ref().map_or(*span, |name| name.span));
    let comment = if comment.is_empty() { comment } else { format!(": {}", plain(&comment)) };
    Some(block(&format!("`{title}`{comment}"), &event_code(file, event)))
}

fn event_code(file: &File, event: &EventText) -> String {
    let mut code = format!("when {}", print(file, &event.trigger));
    if let Some(delay) = &event.delay {
        code.push_str(&format!(", after {}", print(file, delay)));
    }
    for (name, value) in &event.assignments {
        code.push_str(&format!("\n    {} becomes {}", name.text, print(file, value)));
    }
    code
}
