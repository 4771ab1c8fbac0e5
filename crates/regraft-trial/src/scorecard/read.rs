//! Reading a scorecard.

use regraft_model::Diagnostic;

use super::{Absent, Group, Normal, People, QuantitySpec, Scorecard, SimulationSpec};
use crate::codes;
use crate::disease::Scale;
use crate::population::Trait;
use crate::quantity::refuse_twice;
use crate::reader::{Bound, Reader, with_nearest};

pub(super) fn read(reader: &mut Reader<'_>) -> Scorecard {
    let card = Scorecard {
        id: reader.identifier("id"),
        title: reader.text("title").text,
        summary: reader.optional_text("summary").map(|summary| summary.text),
        simulations: reader.tables("simulation").into_iter().map(read_simulation).collect(),
        groups: reader.tables("group").into_iter().map(read_group).collect(),
        quantities: reader.tables("quantity").into_iter().map(read_quantity).collect(),
        absent: reader.tables("not_in_model").into_iter().map(read_absent).collect(),
        normals: reader.tables("normal").into_iter().map(read_normal).collect(),
    };
    let page = reader.page();
    refuse_twice(page, card.simulations.iter().map(|one| &one.id), "is a simulation twice");
    refuse_twice(page, card.groups.iter().map(|one| &one.name), "is a group twice");
    let absent = card.absent.iter().map(|one| &one.quantity);
    refuse_twice(page, card.quantities.iter().map(|one| &one.id).chain(absent), "is a quantity twice");
    refuse_twice(page, card.normals.iter().map(|one| &one.quantity), "has a normal range twice");
    for group in &card.groups {
        refuse_unknown_simulation(reader, &card, group);
    }
    card
}

fn refuse_unknown_simulation(reader: &Reader<'_>, card: &Scorecard, group: &Group) {
    let People::Simulated(name) = &group.people else { return };
    let known = card.simulations.iter().map(|one| one.id.text.as_str());
    if !name.is_missing() && known.clone().all(|id| id != name.text) {
        let message = format!("unknown simulation `{}`", name.text);
        let problem = Diagnostic::error(codes::UNKNOWN_SIMULATION, name.span, message);
        reader.report(with_nearest(problem, &name.text, known));
    }
}

fn read_simulation(mut table: Reader<'_>) -> SimulationSpec {
    let simulation = SimulationSpec {
        id: table.identifier("id"),
        title: table.text("title").text,
        trial: table.text("trial"),
        arm: table.text("arm"),
        regimen: table.optional_text("regimen"),
        product: table.optional_text("product"),
        population: table.optional_text("population"),
        horizon_days: table.number("horizon_days", Bound::Length),
        set: table.settings("set"),
        traits: table.tables("trait").into_iter().map(Trait::read).collect(),
        why: table.text("why").text,
        span: table.span(),
    };
    table.finish();
    simulation
}

fn read_group(mut table: Reader<'_>) -> Group {
    table.refuse_both("simulation", "not_simulated");
    let name = table.text("name");
    let reason = table.optional_text("not_simulated");
    let people = match reason {
        Some(reason) => {
            table.optional_text("simulation");
            People::NotSimulated(reason.text)
        }
        None => People::Simulated(table.text("simulation")),
    };
    table.finish();
    Group { name, people }
}

fn read_quantity(mut table: Reader<'_>) -> QuantitySpec {
    let quantity = QuantitySpec {
        id: table.identifier("id"),
        title: table.text("title").text,
        unit: table.unit(),
        observable: table.text("observable"),
        scale: table
            .optional_word("scale", &[("linear", Scale::Linear), ("log", Scale::Log)])
            .unwrap_or(Scale::Linear),
    };
    table.finish();
    quantity
}

fn read_absent(mut table: Reader<'_>) -> Absent {
    let absent = Absent { quantity: table.text("quantity"), why: table.text("why").text };
    table.finish();
    absent
}

fn read_normal(mut table: Reader<'_>) -> Normal {
    let normal = Normal { quantity: table.text("quantity"), low: table.quantity("low", Bound::Positive) };
    table.finish();
    normal
}
